package finding

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/cvss"
	"github.com/assay-project/assay/internal/ecosystem"
)

// severities are in ascending order.
var severities = []Severity{Untriaged, Informational, Low, Medium, High, Critical}

func (s Severity) rank() int { return slices.Index(severities, s) }

// AtLeast tells whether s is t or above; Untriaged is below all others.
func (s Severity) AtLeast(t Severity) bool { return s.rank() >= t.rank() }

// Band returns the severity of a score from 0 to 10.
// Source: Amazon Inspector User Guide, "Severity levels for findings".
func Band(score float64) Severity {
	switch {
	case score >= 9:
		return Critical
	case score >= 7:
		return High
	case score >= 4:
		return Medium
	case score > 0:
		return Low
	}
	return Informational
}

// words gives a publisher's word a severity where there is no score at all.
var words = map[string]Severity{
	"critical": Critical, "very high": Critical,
	"high": High, "important": High, "urgent": High,
	"medium": Medium, "moderate": Medium,
	"low": Low, "minor": Low,
	"negligible": Informational, "unimportant": Informational, "none": Informational, "informational": Informational,
}

// unrated are the words by which a publisher says that it has not rated yet.
// Sources: Debian security tracker, "Severity levels"; Ubuntu, "CVE priority".
var unrated = []string{"not yet assigned", "untriaged", "unknown", "end-of-life"}

// A party is who rates a vulnerability. The first is heard first: the vendor of
// the package, who knows its build, the assigner of the CVE, NVD, CISA, and the
// databases of language ecosystems, which mostly repeat the others.
type party int

const (
	vendor party = iota
	assigner
	nvd
	cisa
	database
)

// partyOf tells who rates in the record of a CVE. Besides NVD and CISA only
// its assigner does.
func partyOf(source string) party {
	switch {
	case strings.EqualFold(source, "NVD"):
		return nvd
	case strings.EqualFold(source, "CISA-ADP"):
		return cisa
	}
	return assigner
}

// party tells who rates in an advisory.
func (a statement) party(source string) party {
	if a.distro != "" {
		return vendor
	}
	if p := partyOf(source); p != assigner || source == "CNA" {
		return p
	}
	return database
}

// A rating is what one party says.
type rating struct {
	advisory.Severity
	party party
}

// scale orders ratings by what they say it in. Amazon scores by CVSS 3 and
// never converts 4.0, which counts only if there is nothing older.
func (r rating) scale() int {
	switch {
	case r.Version == "3.1", r.Version == "3.0":
		return 0
	case r.Version == "2.0":
		return 1
	case r.Version != "":
		return 2
	case r.Score > 0:
		return 3
	}
	return 4 // a word only
}

func compareRatings(a, b rating) int {
	return cmp.Or(
		cmp.Compare(a.scale(), b.scale()),
		cmp.Compare(a.party, b.party),
		cmp.Compare(b.Version, a.Version), // 3.1 before 3.0
		cmp.Compare(b.Score, a.Score),
		cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.Vector, b.Vector),
		cmp.Compare(a.Label, b.Label),
	)
}

// clean computes the score of a vector, and drops what says nothing.
func clean(s advisory.Severity) (advisory.Severity, bool) {
	version, score, err := "", 0.0, error(nil)
	if s.Vector != "" {
		version, score, err = cvss.Base(s.Vector)
	}
	switch {
	case s.Vector != "" && err == nil:
		s.Version, s.Score = version, score
	default:
		s.Version, s.Vector = "", "" // a vector that cannot be read rates nothing
	}
	if !(s.Score >= 0 && s.Score <= 10) {
		s.Score = 0
	}
	s.Score = math.Round(s.Score*10) / 10
	return s, s.Vector != "" || s.Score > 0 || s.Label != ""
}

// rate collects every rating, computes missing base scores, and decides the
// finding's score and severity.
func rate(f *Finding, list []statement, e advisory.Enrichment) {
	var ratings, labels []rating
	for _, a := range list {
		for _, s := range a.Severities {
			// A notice rates the update as a whole, not each flaw in it.
			if a.Kind == advisory.Notice {
				s.Version, s.Vector, s.Score = "", "", 0
			}
			if s, ok := clean(s); ok {
				ratings = append(ratings, rating{s, a.party(s.Source)})
			}
		}
		for _, word := range urgencies(a) {
			labels = append(labels, rating{advisory.Severity{Label: word}, a.party("")})
		}
	}
	labels = append(labels, ratings...)
	for _, s := range e.Severities {
		if s, ok := clean(s); ok {
			ratings = append(ratings, rating{s, partyOf(s.Source)})
		}
	}
	slices.SortFunc(ratings, compareRatings)
	for _, r := range ratings {
		f.Scores = append(f.Scores, r.Severity)
	}
	f.Scores = slices.Compact(f.Scores)
	f.VendorLabel = label(labels)
	f.Score, f.Severity = decideScore(f)
	f.Rescore(ReachUnknown)
}

// urgencies returns the words that an advisory has for the packages that were
// matched.
func urgencies(a statement) []string {
	var out []string
	for i := range a.Affected {
		aff := &a.Affected[i]
		if aff.Urgency == "" {
			continue
		}
		name, place := ecosystem.NormalName(aff.Type, aff.Name), aff.String()
		for _, w := range a.why {
			if w.Ecosystem == place && ecosystem.NormalName(aff.Type, w.Name) == name {
				out = append(out, aff.Urgency)
				break
			}
		}
	}
	return out
}

// label returns the word of the party that is heard first, the gravest if it
// has several.
func label(list []rating) string {
	list = slices.DeleteFunc(slices.Clone(list), func(r rating) bool {
		return r.Label == "" || slices.Contains(unrated, r.Label)
	})
	if len(list) == 0 {
		return ""
	}
	return slices.MinFunc(list, func(a, b rating) int {
		return cmp.Or(
			cmp.Compare(a.party, b.party),
			cmp.Compare(words[b.Label].rank(), words[a.Label].rank()),
			cmp.Compare(a.Label, b.Label),
		)
	}).Label
}

// decideScore picks the rating that counts, and says why.
func decideScore(f *Finding) (Score, Severity) {
	switch f.Kind {
	case advisory.Unsupported, advisory.Unmaintained, advisory.Informational:
		return Score{Reasons: []Reason{{Metric: "Kind", Text: "the advisory informs and states no vulnerability"}}}, Informational
	case advisory.Malware:
		return Score{
			Value: 10, Source: "Assay",
			Reasons: []Reason{{Metric: "Kind", Text: "the package itself is malicious", Delta: 10}},
		}, Critical
	}
	// Findings of Ubuntu go by Ubuntu's own word and have no score.
	// Source: Amazon Inspector User Guide, "Severity levels for findings".
	if s, ok := words[f.VendorLabel]; ok && ofUbuntu(f) {
		return Score{Reasons: []Reason{{Metric: "Vendor severity", Text: "Ubuntu rates it " + f.VendorLabel}}}, s
	}
	for _, s := range f.Scores {
		if s.Vector == "" && s.Score == 0 {
			continue
		}
		who := cmp.Or(s.Source, "the publisher")
		text := "score stated by " + who
		if s.Version != "" {
			text = fmt.Sprintf("CVSS %s base score by %s", s.Version, who)
		}
		return Score{
			Value: s.Score, Version: s.Version, Vector: s.Vector, Source: s.Source,
			Reasons: []Reason{{Metric: "Base score", Text: text, Delta: s.Score}},
		}, Band(s.Score)
	}
	for _, word := range append([]string{f.VendorLabel}, labelsOf(f.Scores)...) {
		if s, ok := words[word]; ok {
			return Score{Reasons: []Reason{{Metric: "Vendor severity", Text: "it is rated " + word + " and nobody gives a score"}}}, s
		}
	}
	return Score{Reasons: []Reason{{Metric: "Base score", Text: "nobody has rated it yet"}}}, Untriaged
}

func labelsOf(list []advisory.Severity) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.Label)
	}
	return out
}

// ofUbuntu tells whether all packages of a finding are Ubuntu's.
func ofUbuntu(f *Finding) bool {
	for _, p := range f.Packages {
		if len(p.Match.Why) == 0 || distroOf(p.Match.Why[0]) != "ubuntu" {
			return false
		}
	}
	return len(f.Packages) > 0
}
