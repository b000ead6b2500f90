package feed

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// redHatCVE is a record of Red Hat's security data by CVE, which came before
// its CSAF documents: one CVE in full, or an entry of the list of all, which
// has upper-case keys and no products.
// Source: Red Hat, "Security Data API", "CVE" and "List all CVEs".
type redHatCVE struct {
	Name     string `json:"name"`
	Severity text   `json:"threat_severity"`
	Public   text   `json:"public_date"`
	CVSS3    struct {
		Vector text `json:"cvss3_scoring_vector"`
	} `json:"cvss3"`
	CVSS struct {
		Vector text `json:"cvss_scoring_vector"`
	} `json:"cvss"`
	Details  []text                    `json:"details"`
	Releases oneOrMany[redHatRepaired] `json:"affected_release"`
	States   oneOrMany[redHatState]    `json:"package_state"`
	Bugzilla bugzilla                  `json:"bugzilla"`

	ListID      string `json:"CVE"`
	ListVector3 text   `json:"cvss3_scoring_vector"`
	ListVector2 text   `json:"cvss_scoring_vector"`
	ListWord    text   `json:"severity"`
	// CWE takes both "cwe" and the "CWE" of the list: keys of JSON are matched
	// without regard to case.
	CWE text `json:"cwe"`
}

type redHatRepaired struct {
	CPE      text `json:"cpe"`
	Advisory text `json:"advisory"`
	Package  text `json:"package"`
}

type redHatState struct {
	CPE     text `json:"cpe"`
	State   text `json:"fix_state"`
	Package text `json:"package_name"`
}

// oneOrMany is a list that is written without brackets when it has one
// element.
type oneOrMany[T any] []T

// UnmarshalJSON takes a list or one element.
func (l *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, (*[]T)(l))
	}
	var one T
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	err := json.Unmarshal(data, &one)
	*l = []T{one}
	return err
}

// bugzilla is the entry of a flaw; the list has its number alone.
type bugzilla struct{ title text }

// UnmarshalJSON takes what has a title, and never fails.
func (b *bugzilla) UnmarshalJSON(data []byte) error {
	var entry struct {
		Description text `json:"description"`
	}
	if json.Unmarshal(data, &entry) == nil {
		b.title = entry.Description
	}
	return nil
}

// isRedHatCVE recognises both forms.
func isRedHatCVE(keys map[string]string) bool {
	if _, ok := keys["public_date"]; !ok {
		return false
	}
	for _, k := range []string{"threat_severity", "bugzilla", "csaw", "CVE"} {
		if _, ok := keys[k]; ok {
			return true
		}
	}
	return false
}

func readRedHatCVE(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseRedHatCVE)
}

// redHatStates maps the words for packages without a repair.
// Source: Red Hat, "Security Data API", "package_state".
var redHatStates = map[string]advisory.State{
	"affected":             advisory.Stated,
	"fix deferred":         advisory.FixDeferred,
	"new":                  advisory.UnderInvestigation,
	"not affected":         advisory.NotAffected,
	"out of support scope": advisory.EndOfLife,
	"under investigation":  advisory.UnderInvestigation,
	"will not fix":         advisory.WillNotFix,
}

var cwePattern = pattern(`CWE-[0-9]+`)

func parseRedHatCVE(doc document) []outcome {
	var c redHatCVE
	err := json.Unmarshal(doc.data, &c)
	mistyped, isType := errors.AsType[*json.UnmarshalTypeError](err)
	id := cmp.Or(c.Name, c.ListID)
	rej := rejects{id: cmp.Or(printable(id), doc.name)}
	switch {
	case err != nil && !isType:
		return refused(rej.id, rejectJSON, err.Error())
	case !isCVE(id):
		return refused(rej.id, rejectCVE, id)
	case isType:
		rej.add(rejectType, mistyped.Field)
	}
	word := string(cmp.Or(c.Severity, c.ListWord))
	ratings := rated("Red Hat", word, string(cmp.Or(c.CVSS3.Vector, c.ListVector3, c.CVSS.Vector, c.ListVector2)))
	cwes := cweIDs(cwePattern().FindAllString(string(c.CWE), maxSeverities))
	if c.Name == "" {
		// The entry of a list names repaired versions without products, so that
		// only the rating is of use.
		return rej.outcomes(outcome{record: Record{Enrichment: &advisory.Enrichment{
			CVE: id, Published: rej.date(string(c.Public)), Severities: ratings, CWEs: cwes,
		}}})
	}
	a := &advisory.Advisory{
		Source:     RedHatCVE,
		ID:         id,
		Kind:       advisory.Vulnerability,
		Summary:    clip(oneLine(string(c.Bugzilla.title)), maxSummary),
		Published:  rej.date(string(c.Public)),
		CWEs:       cwes,
		Severities: ratings,
		References: []advisory.Reference{{Type: "ADVISORY", URL: "https://access.redhat.com/security/cve/" + id}},
	}
	if len(c.Details) > 0 {
		a.Details = clip(string(c.Details[len(c.Details)-1]), maxDetails)
	}
	a.Affected = join(rej.redHatPackages(c), firstFix)
	return rej.done(a)
}

// redHatPackages returns what is said of source packages.
func (r *rejects) redHatPackages(c redHatCVE) []advisory.Affected {
	var out []advisory.Affected
	for _, f := range c.Releases {
		var ok bool
		a := advisory.Affected{NameKind: advisory.SourceName}
		if a.Ecosystem, a.Repo, ok = redHatProduct(string(f.CPE)); !ok {
			r.add(rejectRelease, string(f.CPE))
			continue
		}
		name, evr, ok := nevr(string(f.Package))
		if !ok {
			// A module, a container image, or an update of another kind.
			r.add(rejectSystem, string(f.Package))
			continue
		}
		a.Name, a.Ranges = name, fixedIn(evr)
		out = append(out, a)
	}
	for _, s := range c.States {
		state, known := redHatStates[strings.ToLower(string(s.State))]
		a := advisory.Affected{NameKind: advisory.SourceName, State: state, Name: string(s.Package), Ranges: allVersions()}
		var ok bool
		a.Ecosystem, a.Repo, ok = redHatProduct(string(s.CPE))
		if module, name, ok := strings.Cut(a.Name, "/"); ok {
			a.Module, a.Name = module, name
		}
		switch {
		case !ok:
			r.add(rejectRelease, string(s.CPE))
			continue
		case !known:
			r.add(rejectStatus, string(s.State))
			continue
		case !isName(a.Name) || strings.Contains(a.Name, "/"):
			r.add(rejectSystem, string(s.Package))
			continue
		case a.Module != "" && (!isName(a.Module) || !strings.Contains(a.Module, ":")):
			r.add(rejectModule, a.Module)
			continue
		case state == advisory.NotAffected:
			a.Ranges = nil
		}
		out = append(out, a)
	}
	return out
}
