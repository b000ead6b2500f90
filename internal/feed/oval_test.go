package feed

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ovalSays reads one definition of Oracle with these conditions, and says of
// each package what it states, and what was rejected.
func ovalSays(t *testing.T, table ovalTable, criteria string) []string {
	t.Helper()
	var d ovalDefinition
	text := `<definition id="oval:com.oracle.elsa:def:1"><metadata><title>ELSA-2099-1: x</title>` +
		`<reference source="elsa" ref_id="ELSA-2099-1"/></metadata>` + criteria + `</definition>`
	if err := xml.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range table.definition(d, "oracle.xml") {
		if o.err != nil {
			out = append(out, "rejected "+o.err.Error())
			continue
		}
		for _, a := range o.record.Advisory.Affected {
			line := a.String() + " " + a.Name
			for _, r := range a.Ranges {
				line += " " + r.String()
			}
			if len(a.Arches) > 0 {
				line += " " + strings.Join(a.Arches, ",")
			}
			out = append(out, line)
		}
	}
	return out
}

func TestOVALConditions(t *testing.T) {
	t.Parallel()
	const on8 = `<criterion comment="Oracle Linux 8 is installed"/>`
	const glibc = `<criterion comment="glibc is earlier than 0:2.28-251.0.2.el8_10.2"/>`
	const range8 = "rpm:ol:8 glibc < 2.28-251.0.2.el8_10.2"
	table := ovalTable{
		tests: map[string]ovalTest{"never": {none: true}, "with": {"o", "s", false}}, objects: map[string]string{"o": "glibc"},
		states: map[string]ovalState{"s": {EVR: ovalValue{"less than", "0:2.28-251.0.2.el8_10.2"}}},
	}
	for _, tt := range []struct {
		name, criteria string
		want           []string
	}{
		{
			// ELSA-2024-3344 repairs glibc.i686 and glibc.x86_64 of one machine.
			"libraries of 32 bits on a machine of 64", `<criteria operator="AND">` + on8 + `<criterion comment="Oracle Linux arch is x86_64"/>` + glibc + `</criteria>`,
			[]string{range8 + " i386,i486,i586,i686,x86_64"},
		},
		{
			"a machine of 32 bits", `<criteria operator="AND">` + on8 + `<criterion comment="Oracle Linux arch is i386"/>` + glibc + `</criteria>`,
			[]string{range8 + " i386,i486,i586,i686"},
		},
		{
			"another machine", `<criteria operator="AND">` + on8 + `<criterion comment="Oracle Linux arch is aarch64"/>` + glibc + `</criteria>`,
			[]string{range8 + " aarch64"},
		},
		{"by its test", `<criteria>` + on8 + `<criterion comment="x" test_ref="with"/></criteria>`, []string{range8}},
		{"a version that is not tested", `<criteria>` + on8 + `<criterion comment="kernel-default-4.12.14-150.72.1 is installed"/></criteria>`, []string{"rpm:ol:8 kernel-default < 4.12.14-150.72.1"}},
		{
			"a package that is only there", `<criteria>` + on8 + `<criterion comment="kernel-default-base is installed"/></criteria>`,
			[]string{`rejected ELSA-2099-1: a condition that cannot be resolved: "kernel-default-base is installed"`},
		},
		{
			"negated in the other spelling", `<criteria>` + on8 + `<criterion comment="glibc is earlier than 0:1-1" negate="1"/></criteria>`,
			[]string{`rejected ELSA-2099-1: a condition that is negated: "glibc is earlier than 0:1-1"`},
		},
		{
			"a group that is negated", `<criteria negate="1">` + on8 + glibc + `</criteria>`,
			[]string{`rejected ELSA-2099-1: a condition that is negated`},
		},
		{
			"a test that holds where there is none", `<criteria>` + on8 + `<criterion comment="glibc is earlier than 0:1-1" test_ref="never"/></criteria>`,
			[]string{`rejected ELSA-2099-1: a condition that is negated: "glibc is earlier than 0:1-1"`},
		},
		{
			"exactly one of several", `<criteria operator="ONE">` + on8 + glibc + `</criteria>`,
			[]string{`rejected ELSA-2099-1: conditions joined by an operator that is not resolved: "ONE"`},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, ovalSays(t, table, tt.criteria)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestOVALTests reads what a test says of how many packages must be so.
func TestOVALTests(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		attributes string
		none       bool
	}{
		{`check="at least one"`, false},
		{`check="none satisfy"`, true},
		{`check="all" check_existence="none_exist"`, true},
	} {
		table := ovalTable{tests: map[string]ovalTest{}}
		in := `<tests><rpminfo_test id="t" ` + tt.attributes + `><object object_ref="o"/></rpminfo_test></tests>`
		_ = table.read(t.Context(), newXML(bufio.NewReader(strings.NewReader(in)), standard.record)) // io.EOF
		if got := table.tests["t"]; got.none != tt.none || got.object != "o" {
			t.Errorf("%s: %+v", tt.attributes, got)
		}
	}
}

// TestOVALWork checks that conditions which multiply are given up, and said so.
func TestOVALWork(t *testing.T) {
	t.Parallel()
	many := func(name string) string {
		var b strings.Builder
		b.WriteString(`<criteria operator="OR">`)
		for i := range 50_000 {
			fmt.Fprintf(&b, `<criterion comment="%s-%d is earlier than 0:1-1"/>`, name, i)
		}
		return b.String() + `</criteria>`
	}
	var c ovalCriteria
	if err := xml.Unmarshal([]byte(`<criteria operator="AND">`+many("a")+many("b")+`</criteria>`), &c); err != nil {
		t.Fatal(err)
	}
	e := ovalEval{rejects: &rejects{id: "x"}, table: &ovalTable{}}
	if got := e.criteria(c, 0); len(got) > 0 || e.work > maxWork+1 || len(e.parts) == 0 {
		t.Errorf("%d terms after %d comparisons, %d parts rejected", len(got), e.work, len(e.parts))
	}
}
