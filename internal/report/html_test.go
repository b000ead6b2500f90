package report

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// TestHTMLIsSafe reads pages with a parser: whatever names, paths and addresses
// hold, the page has the elements of an honest one and loads nothing.
func TestHTMLIsSafe(t *testing.T) {
	t.Parallel()
	attack := document()
	for i := range attack.Findings {
		f := &attack.Findings[i]
		f.SourceURL = []string{"javascript:alert(1)", "https://e.example/\"onclick=alert(1)", "data:text/html,x"}[i%3]
		f.Packages[0].Name = `</style></table><script src="//e.example/x.js"></script><img src=x onerror=alert(1)>`
		f.Packages[0].Remediation = "</code><iframe src=//e.example></iframe>"
	}
	attack.Report.Target.Name = "</title><script>alert(1)</script>"
	attack.Report.Inventory.Problems[0].Path = "<svg onload=alert(1)>"
	plain, inv := hostile(), hostile()
	other := excepted()
	attack.Suppressed, attack.Ended = other.Suppressed, other.Ended
	for i := range attack.Suppressed {
		s := &attack.Suppressed[i]
		s.Reason, s.Source, s.Justification = "<script>alert(1)</script>", "</ul><img src=x>", "<b>"
	}
	attack.Ended[0].Packages[0].Name = "<script>alert(1)</script>"
	inv.Findings, inv.Report.Database = nil, nil
	// The template writes < and > of foreign text as references, so that each of
	// them begins or ends a tag.
	value := `="[^"<>]*"`
	allowed := regexp.MustCompile(`^<(!doctype html|/?(html|head|body|title|header|main|footer|section|h1|h2|p|a|dl|div|dt|dd|code|ul|li|span|` +
		`table|thead|tbody|tr|th|td)( (class|id|lang|rel|aria-label|aria-labelledby|aria-hidden|role|tabindex|scope|` +
		`style="flex-grow:[0-9]+"|href="(https://|#)[^"<>]*")` + `(` + value + `)?)*|meta( [a-z-]+` + value + `)+)>$`)
	for name, d := range map[string]Document{"attack": attack, "hostile": plain, "inventory": inv} {
		text := string(written(t, "html", d))
		before, rest, ok := strings.Cut(text, "<style>\n"+sharedStyle+htmlStyle+"</style>\n")
		if !ok {
			t.Fatalf("%s: the style sheet is not as it was written", name)
		}
		text = before + rest
		for _, tag := range regexp.MustCompile(`<[^>]*>?`).FindAllString(text, -1) {
			if !allowed.MatchString(tag) {
				t.Errorf("%s has %s", name, tag)
			}
		}
		text = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, "")
		if i := strings.IndexFunc(text, func(r rune) bool {
			return r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == '<' || r == '>'
		}); i >= 0 {
			t.Errorf("%s: a character that is not to be there: %q", name, text[i:min(len(text), i+40)])
		}
	}
}

// TestHTMLStyle checks that the style sheet names nothing to load.
func TestHTMLStyle(t *testing.T) {
	t.Parallel()
	if at := regexp.MustCompile(`@import|url\(|</`).FindString(sharedStyle + htmlStyle); at != "" {
		t.Errorf("the style sheets have %s", at)
	}
}

// TestHTMLSays checks the sentences on which people rely.
func TestHTMLSays(t *testing.T) {
	t.Parallel()
	old, young, starter, empty, many, named := clear(), clear(), clear(), clear(), document(), document()
	old.Scanned = old.Report.Database.Built.Add(11*24*time.Hour + time.Hour)
	young.Scanned = young.Report.Database.Built.Add(time.Hour)
	starter.Report.Database.Starter = true
	empty.Report.Inventory.Packages = nil
	for range 30 {
		many.Report.Inventory.Problems = append(many.Report.Inventory.Problems, inventory.Problem{Reason: "no"})
	}
	named.Base = &Base{Name: "main.json", Gone: []string{"CVE-2099-1"}}
	for _, tt := range []struct {
		name string
		d    Document
		want string
	}{
		{"old", old, "The advisory database is 11 days old"},
		{"old fact", old, "2026-08-01, 11 days old"},
		{"scanned", old, "2026-08-12 01:00 UTC"},
		{"young", young, "2026-08-01, less than a day old"},
		{"starter", starter, "Most vulnerabilities were not looked for"},
		{"clear", clear(), "No known vulnerabilities in 11 packages"},
		{"empty", empty, "No packages were found"},
		{"inventory", inventoryOnly(), `<h2 id="result">11 packages</h2>`},
		{"problems", document(), "Not read, so that packages may be missing: 2 problems"},
		{"many", many, `<a href="#all-unread">All of them</a>`},
		{"all", many, `<h2 id="all-unread">`},
		{"base", named, "10 new since main.json · 0 known · 1 gone: CVE-2099-1."},
		{"lacking", document(), "The database lacks advisories for packages of this target"},
		{"kept findings alone", Document{Findings: document().Findings}, "10 findings in 10 packages"},
		{"zero", Document{}, "Unnamed target"},
		{"layer", document(), "layer 2: RUN npm ci"},
		{"owner", document(), "(installed by python3-requests)"},
		{"upgrade", document(), "<td>3 of 3</td>"},
	} {
		if text := string(written(t, "html", tt.d)); !strings.Contains(text, tt.want) {
			t.Errorf("%s: the page does not say %q", tt.name, tt.want)
		}
	}
	if text := string(written(t, "html", young)); strings.Contains(text, `class="told`) {
		t.Error("a young database is warned of")
	}
}

// TestNotesOf checks that notes with the same reason are told as one.
func TestNotesOf(t *testing.T) {
	t.Parallel()
	d := Document{}
	d.Report.Result.Notes = []match.Note{
		{Kind: match.NoData, Subject: "cargo", Reason: "none", Count: 2},
		{Kind: match.Unassessed, Subject: "a", Reason: "no version", Count: 1},
		{Kind: match.NoData, Subject: "hex", Reason: "none", Count: 3},
	}
	got := notesOf(d)
	if len(got) != 2 || got[0] != (note{"5 packages not judged: none (cargo, hex)", true}) || got[1].lacking {
		t.Errorf("got %+v", got)
	}
}
