package report

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/scan"
)

// layer is what people are told of a layer.
type layer struct {
	number int    // from 1, lowest first
	short  string // the beginning of its digest
	step   string // the build step, without what every step begins with
}

// layerIndex finds layers by their digest and by their diff ID.
type layerIndex map[string]layer

func layersOf(d Document) layerIndex {
	out := layerIndex{}
	for i, l := range d.Report.Target.Layers {
		v := layer{number: i + 1, step: buildStep(l)}
		for _, digest := range []string{l.DiffID, l.Digest} {
			if digest != "" {
				v.short = shortDigest(digest)
				out[digest] = v
			}
		}
	}
	return out
}

// shortDigest returns the first 12 digits, by which people know a digest.
func shortDigest(s string) string {
	_, hex, ok := strings.Cut(s, ":")
	if !ok {
		hex = s
	}
	return hex[:min(12, len(hex))]
}

// shellForm is how builders write a step that a shell runs, with the build
// arguments before it: |1 VERSION=2 /bin/sh -c apt-get update.
var shellForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(RUN )?(\|\d+ .*?)?/bin/(ba)?sh -c `) })

// wholeDigest is what a step that adds a file of an archive names it by.
var wholeDigest = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[0-9a-f]{64}`) })

// buildStep shortens the history of a layer to what an author wrote.
// Source: OCI image specification, "Image Configuration", history.created_by;
// BuildKit and docker's classic builder for what they put around it.
func buildStep(l scan.Layer) string {
	s := strings.TrimSpace(l.CreatedBy)
	if s == "" {
		return l.Name
	}
	s = strings.TrimSpace(strings.TrimSuffix(s, "# buildkit"))
	s = wholeDigest().ReplaceAllStringFunc(s, shortDigest)
	if rest, ok := strings.CutPrefix(s, "/bin/sh -c #(nop) "); ok {
		return strings.TrimSpace(rest)
	}
	if m := shellForm().FindString(s); m != "" {
		return "RUN " + strings.TrimSpace(s[len(m):])
	}
	return s
}

// noFix says why there is no version to upgrade to.
func noFix(s advisory.State) string {
	switch s {
	case advisory.WillNotFix:
		return "will not be fixed"
	case advisory.FixDeferred:
		return "fix deferred"
	case advisory.EndOfLife:
		return "end of life"
	case advisory.UnderInvestigation:
		return "under investigation"
	case advisory.FixNeedsPro:
		return "the fix needs Ubuntu Pro"
	}
	return "no fix known"
}

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// percent writes a probability for people.
func percent(p float64) string {
	switch {
	case p > 0 && p < 0.001:
		return "<0.1%"
	case p > 0.999 && p < 1:
		return ">99.9%"
	}
	return strconv.FormatFloat(p*100, 'f', 1, 64) + "%"
}

// plural writes a number with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// starterText says that a database is the small one, and how to get a full one.
func starterText(db *scan.Database) string {
	dated := ""
	if !db.Built.IsZero() {
		dated = ", dated " + day(db.Built)
	}
	return "Only the starter set of advisories was asked" + dated + ": a few hundred well-known vulnerabilities. " +
		"For all of them get the feeds with assay db update, or build a database of files with assay db build."
}

// kinds are targets in words.
var kinds = map[string]string{
	"image": "image", "directory": "directory", "host": "this host", "function": "function",
	"source": "source tree", "sbom": "SBOM",
}

// noteWords are how notes of one kind begin.
func noteWords(kind string, n int) string {
	switch kind {
	case "upstream-only":
		return plural(n, "match", "matches") + " left out (--upstream shows them)"
	default:
		return plural(n, "package", "packages") + " not judged"
	}
}

// headline returns what is wrong in one line: the summary, else the first line
// of the description that is no heading, up to the end of its first sentence.
func headline(f *finding.Finding) string {
	if f.Summary != "" {
		return strings.TrimSuffix(f.Summary, ".")
	}
	if f.Description == f.Title {
		return ""
	}
	for line := range strings.Lines(f.Description) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.Trim(line, "-=*`~") == "" {
			continue
		}
		if i := strings.Index(line, ". "); i > 0 {
			line = line[:i]
		}
		return strings.TrimSuffix(line, ".")
	}
	return ""
}

// score writes a score for people; a dash if nobody gave one.
func scoreText(s finding.Score) string {
	if !scored(s) {
		return "-"
	}
	return fmt.Sprintf("%.1f", s.Value)
}
