package feed

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// rangesText writes ranges for a test.
func rangesText(list []advisory.Range) string {
	var out []string
	for _, r := range list {
		out = append(out, r.String())
	}
	return strings.Join(out, " or ")
}

// TestRequire has what each kind of requirement holds.
// Sources: as for the grammars.
func TestRequire(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		g          grammar
		text, want string // "?" if it is not understood
	}{
		{npmGrammar, "*", "all versions"},
		{npmGrammar, "", "all versions"},
		{npmGrammar, ">1.0.0", "> 1.0.0"},
		{npmGrammar, "<1.0.0 || > 2.0.0 <=2.5.0", "< 1.0.0 or > 2.0.0, <= 2.5.0"},
		{npmGrammar, "1.2.3", ">= 1.2.3, <= 1.2.3"},
		{npmGrammar, "=v1.2.3-rc.1", ">= 1.2.3-rc.1, <= 1.2.3-rc.1"},
		{npmGrammar, "0.1.x || 0.2.x", ">= 0.1.0, < 0.2.0-0 or >= 0.2.0, < 0.3.0-0"},
		{npmGrammar, "<= 1.2", "< 1.3.0-0"},
		{npmGrammar, ">1.2", ">= 1.3.0-0"},
		{npmGrammar, "^0.2.3", ">= 0.2.3, < 0.3.0-0"},
		{npmGrammar, "^0.0.3", ">= 0.0.3, < 0.0.4-0"},
		{npmGrammar, "^1.2", ">= 1.2, < 2.0.0-0"},
		{npmGrammar, "~1.2.3-pre", ">= 1.2.3-pre, < 1.3.0-0"},
		{npmGrammar, "~1", ">= 1, < 2.0.0-0"},
		{npmGrammar, ">=2 <1", ""},
		{npmGrammar, "1.0.0 - 2.0.0", "?"},
		{npmGrammar, "latest", "?"},
		{cargoGrammar, "1.2.3", ">= 1.2.3, < 2.0.0-0"},
		{cargoGrammar, "=1.2.3", ">= 1.2.3, <= 1.2.3"},
		{cargoGrammar, ">= 0.9.1, < 0.10", ">= 0.9.1, < 0.10.0"},
		{nodeGrammar, "6.x || 8.x", ">= 6.0.0, < 7.0.0-dev or >= 8.0.0, < 9.0.0-dev"},
		{nodeGrammar, "<= 4", "< 5.0.0-dev"},
		{gemGrammar, "~> 2.3.10", ">= 2.3.10, < 2.4.a"},
		{gemGrammar, "~> 2.3", ">= 2.3, < 3.a"},
		{gemGrammar, "~> 2", ">= 2, < 3.a"},
		{gemGrammar, "~> 4.2.5, >= 4.2.5.1", ">= 4.2.5.1, < 4.3.a"},
		{gemGrammar, "~> 3.2.0-rc", ">= 3.2.0-rc, < 3.3.a"},
		{gemGrammar, "= 1.0.0", ">= 1.0.0, <= 1.0.0"},
		{gemGrammar, "!= 1.0.0", "< 1.0.0 or > 1.0.0"},
		{gemGrammar, "", "?"},
		{composerGrammar, ">=2.0.0,<2.1.0", ">= 2.0.0-dev, < 2.1.0"},
		{composerGrammar, ">=2.0.0-beta1,<=2.1.0", ">= 2.0.0-beta1, <= 2.1.0"},
		{composerGrammar, ">2.0.0", "> 2.0.0"},
		{composerGrammar, "~1.2.3", ">= 1.2.3-dev, < 1.3-dev"},
		{composerGrammar, "dev-main", "?"},
	} {
		set, ok := tt.g.require(tt.text)
		got := rangesText(ranges(set))
		if !ok {
			got = "?"
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %q (-want +got):\n%s", tt.g.typ, tt.text, diff)
		}
	}
}

// insideRanges reports whether a version is in ranges.
func insideRanges(typ string, list []advisory.Range, version string) bool {
	for _, r := range list {
		after := r.Introduced == "" || compare(typ, version, r.Introduced) > 0 || !r.After && compare(typ, version, r.Introduced) == 0
		c := 0
		if end := r.Fixed + r.LastAffected; end != "" {
			c = compare(typ, version, end)
		} else {
			c = -1
		}
		if after && (c < 0 || c == 0 && r.LastAffected != "") {
			return true
		}
	}
	return false
}

// TestTraps has the versions at the ends of requirements of real records: those
// of a list of alternatives are no interval, ">" is exclusive, and a
// pre-release of the version that has the repair is affected.
func TestTraps(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name               string
		g                  grammar
		good, bad          []string // that repair or never had it; else that have it
		affected, unharmed string
	}{
		{
			"RubySec: alternatives", gemGrammar,
			[]string{"~> 2.3.10", ">= 3.0.2", "< 2.0"},
			nil,
			"2.0 2.3.9 2.3.10.rc1 2.4 2.4.0.rc1 3.0.1 3.0.2.pre", "1.9.9 2.0.rc1 2.3.10 2.3.99 3.0.2 4",
		},
		{
			"security-wg: exclusive", npmGrammar, nil,
			[]string{">1.0.0 <=2.1.1"},
			"1.0.1 2.1.1 1.0.1-rc.1", "1.0.0 2.1.2 1.0.0-rc.1",
		},
		{
			"Composer: pre-release of the repair", composerGrammar, nil,
			[]string{">=2.0.0,<2.1.0"},
			"2.0.0 2.0.0-alpha1 2.1.0-beta0 2.1.0-RC1 2.0.9", "2.1.0 1.9.9 2.1.0-p1",
		},
		{
			"Node.js: lines without those repaired", nodeGrammar,
			[]string{"^6.9.0"},
			[]string{"6.x || 7.x"},
			"6.0.0 6.8.1 7.0.0 7.10.1", "5.12.0 6.9.0 6.17.1 8.0.0",
		},
		{
			"RustSec: sets", cargoGrammar,
			[]string{"^0.8.4", ">= 0.9.1", "< 0.2.0"},
			nil,
			"0.2.0 0.8.3 0.9.0 0.9.0-alpha.1", "0.1.9 0.8.4 0.8.9 0.9.1 1.0.0",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bad, good := whole, []span(nil)
			var odd, more []string
			if tt.bad != nil {
				bad, odd = tt.g.anyOf(tt.bad)
			}
			good, more = tt.g.anyOf(tt.good)
			if len(odd)+len(more) > 0 {
				t.Fatal(odd, more)
			}
			list := ranges(tt.g.both(bad, tt.g.not(good)))
			for _, want := range []bool{true, false} {
				versions := map[bool]string{true: tt.affected, false: tt.unharmed}[want]
				for v := range strings.FieldsSeq(versions) {
					if got := insideRanges(tt.g.typ, list, v); got != want {
						t.Errorf("%s: %v, want %v in %s", v, got, want, rangesText(list))
					}
				}
			}
		})
	}
}

// FuzzRequire checks the algebra: a version is in a set or in what is not of
// it, and what is written as ranges holds the same versions.
func FuzzRequire(f *testing.F) {
	for _, seed := range []string{"~> 2.3.10", ">=1 <2 || ^0.2.3", "6.x", "<= 4.0.0-rc1", "!= 1", "*", "=v1.2-3", ">> 1"} {
		f.Add(seed, "1.2.3")
	}
	f.Fuzz(func(t *testing.T, text, version string) {
		for _, g := range []grammar{npmGrammar, cargoGrammar, nodeGrammar, gemGrammar, rubyGrammar, composerGrammar} {
			set, ok := g.require(text)
			if !ok {
				continue
			}
			if got := union(g.typ, ranges(set)); cmp.Diff(got, ranges(set)) != "" {
				t.Errorf("%s %q: overlapping or not in order: %v", g.typ, text, got)
			}
			if _, err := ecosystem.Compare(g.typ, version, version); err != nil {
				continue
			}
			in, out := insideRanges(g.typ, ranges(set), version), insideRanges(g.typ, ranges(g.not(set)), version)
			if in == out {
				t.Errorf("%s %q: %q is in it: %v, and in what is not: %v", g.typ, text, version, in, out)
			}
			if again := g.not(g.not(set)); fmt.Sprint(again) != fmt.Sprint(set) {
				t.Errorf("%s %q: twice the opposite is %v and not %v", g.typ, text, again, set)
			}
		}
	})
}
