package report

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// hostile returns a document whose every text would like to run a terminal,
// turn the text around, break lines, or begin a formula.
func hostile() Document {
	d := document()
	poison(reflect.ValueOf(&d).Elem(), map[uintptr]bool{})
	return d
}

const poisonText = "=\x1b[2J\u009b31m\x9b\u202e日本語\r\n\t\x00\"']<b>"

// poison appends to every string that is no word of ours; digests, vectors and
// the like are foreign, too.
func poison(v reflect.Value, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.String:
		switch v.Interface().(type) {
		case finding.Severity, match.NoteKind, match.Confidence, finding.Fix, advisory.Kind, advisory.State, inventory.Evidence:
			return
		}
		if v.CanSet() && v.Type().Name() == "string" && v.Len() > 0 {
			v.SetString(v.String() + poisonText)
		}
	case reflect.Struct:
		if v.Type().Name() == "Time" || v.Type().Name() == "Resource" {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "ARN" {
				continue // made by us
			}
			poison(v.Field(i), seen)
		}
	case reflect.Slice:
		if v.Len() == 0 || seen[v.Pointer()] {
			return
		}
		seen[v.Pointer()] = true
		for i := range v.Len() {
			poison(v.Index(i), seen)
		}
	case reflect.Pointer:
		if !v.IsNil() && !seen[v.Pointer()] {
			seen[v.Pointer()] = true
			poison(v.Elem(), seen)
		}
	}
}

var colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// TestTableIsSafeAndFits checks each line of each report at each width: no
// character that a terminal obeys but our own colours, and no line too long.
func TestTableIsSafeAndFits(t *testing.T) {
	t.Parallel()
	bare := hostile()
	bare.Report.Database, bare.Findings = nil, nil
	for name, d := range map[string]Document{
		"image": document(), "clear": clear(), "inventory": inventoryOnly(), "hostile": hostile(), "bare": bare,
	} {
		for _, columns := range []int{60, 61, 72, 80, 100, 120, 200} {
			for _, d.Color = range []bool{false, true} {
				d.Width = columns
				text := string(written(t, "table", d))
				if d.Color != strings.Contains(text, "\x1b[") {
					t.Errorf("%s: colours %t: %t", name, d.Color, !d.Color)
				}
				text = colour.ReplaceAllString(text, "")
				for line := range strings.Lines(text) {
					line = strings.TrimSuffix(line, "\n")
					if w := width(line); w > columns {
						t.Errorf("%s: %d columns, not %d: %q", name, w, columns, line)
					}
					if strings.TrimRight(line, " ") != line {
						t.Errorf("%s at %d: blanks at the end: %q", name, columns, line)
					}
					if i := strings.IndexFunc(line, func(r rune) bool {
						return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
					}); i >= 0 {
						t.Errorf("%s: control character: %q", name, line)
					}
				}
			}
		}
	}
}

// TestTableColumnsAlign checks that a column begins at the same place in all
// rows, wide characters before it or not.
func TestTableColumnsAlign(t *testing.T) {
	t.Parallel()
	d := inventoryOnly()
	d.Report.Inventory.Packages = []inventory.Package{
		{Type: "npm", Name: "日本語パッケージ", Version: "1.0", Path: "here"},
		{Type: "npm", Name: "e\u0301", Version: "版", Path: "here"},
		{Type: "npm", Name: "plain", Version: "2.0.0", Path: "here"},
	}
	var at []int
	for line := range strings.Lines(string(written(t, "table", d))) {
		if before, _, ok := strings.Cut(line, "here"); ok {
			at = append(at, width(before))
		}
	}
	if len(at) != 3 || at[0] != at[1] || at[1] != at[2] {
		t.Errorf("the last column begins at %v", at)
	}
}

// TestTableSays checks the sentences on which people rely.
func TestTableSays(t *testing.T) {
	t.Parallel()
	starter := clear()
	starter.Report.Database.Starter = true
	empty := clear()
	empty.Report.Inventory.Packages = nil
	filtered := document()
	filtered.Findings = nil
	many := document()
	for range 30 {
		many.Report.Inventory.Problems = append(many.Report.Inventory.Problems, inventory.Problem{Reason: "no"})
	}
	for _, tt := range []struct {
		name string
		d    Document
		want []string
		not  []string
	}{
		{
			"findings", document(),
			[]string{
				"10 findings in 10 of 11 packages", "4 critical · 3 high · 1 medium · 1 informational · 1 untriaged",
				"3 known to be exploited (KEV)", "will not be fixed", "unsure", "malware",
				"Not read, so that packages may be missing: 2 problems", "broken.jar in layer 3c9d1f6b8e2a: zip: not a valid zip file",
				"1 package not judged: the package states no version (npm/left-pad)",
				"2 matches left out (--upstream shows them)", "1 more vulnerability is not among those asked for",
				"starter set of advisories was asked, dated 2026-08-01", "assay db update",
				"→ upgrade to 2.17.0 closes all 3", "install --only-upgrade libc-bin libc6", "KEV ransomware", "94.4%", "<0.1%",
			},
			[]string{"No known"},
		},
		{"nothing", clear(), []string{"No known vulnerabilities in 11 packages"}, []string{"starter", "finding"}},
		{"nothing in the starter set", starter, []string{"No known vulnerabilities in 11 packages", "starter set"}, nil},
		{"no packages", empty, []string{"No packages were found"}, []string{"No known"}},
		{"filtered", filtered, []string{"No findings of those asked for", "11 other vulnerabilities were found"}, []string{"No known"}},
		{"inventory", inventoryOnly(), []string{"11 packages", "4 deb · 4 npm · 2 maven · 1 pypi", "left-pad"}, []string{"No known", "starter"}},
		{"many problems", many, []string{"32 problems", "and 22 more, which -o json lists"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Join(strings.Fields(string(written(t, "table", tt.d))), " ")
			for _, s := range tt.want {
				if !strings.Contains(text, s) {
					t.Errorf("%q is missing in\n%s", s, text)
				}
			}
			for _, s := range tt.not {
				if strings.Contains(text, s) {
					t.Errorf("%q is in\n%s", s, text)
				}
			}
		})
	}
}

func TestUpgradeOf(t *testing.T) {
	t.Parallel()
	make1 := func(typ string, fixes ...string) *group {
		g := &group{typ: typ}
		for _, f := range fixes {
			p := finding.Package{Package: inventory.Package{Type: typ, Name: "p"}, Fixed: f}
			if f != "" {
				p.Remediation = "get p " + f
			}
			g.add(&finding.Finding{}, &p)
		}
		return g
	}
	for _, tt := range []struct {
		name string
		g    *group
		want upgrade
	}{
		{"none", make1("npm", "", ""), upgrade{}},
		{"highest", make1("npm", "1.9.0", "1.10.0", "1.2.0"), upgrade{"1.10.0", 3, "get p 1.10.0"}},
		{"some cannot be closed", make1("deb", "", "1:2.0-1", "3.0-1"), upgrade{"1:2.0-1", 2, "get p 1:2.0-1"}},
		{"no order", make1("deb", "1.0-1", "no version"), upgrade{"1.0-1", 1, "get p 1.0-1"}},
	} {
		if d := cmp.Diff(tt.want, upgradeOf(tt.g), cmp.AllowUnexported(upgrade{})); d != "" {
			t.Errorf("%s:\n%s", tt.name, d)
		}
	}
}

func TestBuildStep(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ createdBy, want string }{
		{"/bin/sh -c #(nop)  CMD [\"bash\"]", `CMD ["bash"]`},
		{"/bin/sh -c apt-get update", "RUN apt-get update"},
		{"RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update"},
		{"|2 A=1 B=two words /bin/sh -c make", "RUN make"},
		{"RUN |1 A=1 /bin/bash -c make # buildkit", "RUN make"},
		{"COPY /src /dst # buildkit", "COPY /src /dst"},
		{"bazel build ...", "bazel build ..."},
		{"", "layer.zip"},
	} {
		if got := buildStep(scan.Layer{CreatedBy: tt.createdBy, Name: "layer.zip"}); got != tt.want {
			t.Errorf("%q gives %q, want %q", tt.createdBy, got, tt.want)
		}
	}
}

func TestHeadline(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ description, want string }{
		{"Title of it", ""}, // says nothing new
		{"### Impact\n\nA flaw in x. More of it.", "A flaw in x"},
		{"One line.", "One line"},
		{"", ""},
	} {
		if got := headline(&finding.Finding{Title: "Title of it", Description: tt.description}); got != tt.want {
			t.Errorf("%q gives %q, want %q", tt.description, got, tt.want)
		}
	}
	if got := headline(&finding.Finding{Summary: "Short and clear.", Description: "Long."}); got != "Short and clear" {
		t.Errorf("a summary gives %q", got)
	}
}
