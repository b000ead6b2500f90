package feed

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
)

// TestJoin joins what is said of one package in one release.
func TestJoin(t *testing.T) {
	t.Parallel()
	in := func(state advisory.State, arch string, ranges ...advisory.Range) advisory.Affected {
		return advisory.Affected{
			Ecosystem: advisory.Ecosystem{Type: "rpm", Distro: "rhel", Release: "9"}, Name: "samba", State: state, Arches: archList(arch), Ranges: ranges,
		}
	}
	before := func(fixed string) advisory.Range { return advisory.Range{Fixed: fixed} }
	from := advisory.Range{Introduced: "2-1"}
	for _, tt := range []struct {
		name       string
		list, want []advisory.Affected
		many       manyFixes
	}{
		{"two repairs of a notice", []advisory.Affected{in("", "", before("1-1")), in("", "", before("2-1"))}, []advisory.Affected{in("", "", before("2-1"))}, lastFix},
		{"two repairs of a flaw", []advisory.Affected{in("", "", before("2-1")), in("", "", before("1-1"))}, []advisory.Affected{in("", "", before("1-1"))}, firstFix},
		{
			"a repair outweighs the rest",
			[]advisory.Affected{in(advisory.NotAffected, ""), in(advisory.WillNotFix, "", advisory.Range{}), in("", "", before("1-1"))},
			[]advisory.Affected{in("", "", before("1-1"))},
			firstFix,
		},
		{
			"architectures with one repair, and one with its own",
			[]advisory.Affected{in("", "x86_64", before("1-1")), in("", "s390x", before("2-1")), in("", "aarch64", before("1-1"))},
			[]advisory.Affected{
				{Ecosystem: advisory.Ecosystem{Type: "rpm", Distro: "rhel", Release: "9"}, Name: "samba", Arches: []string{"aarch64", "x86_64"}, Ranges: []advisory.Range{before("1-1")}},
				in("", "s390x", before("2-1")),
			},
			firstFix,
		},
		{"a build that is not affected, and all", []advisory.Affected{in(advisory.NotAffected, "", from), in(advisory.NotAffected, "")}, []advisory.Affected{in(advisory.NotAffected, "")}, firstFix},
		{"two builds that are not affected", []advisory.Affected{in(advisory.NotAffected, "", from), in(advisory.NotAffected, "", advisory.Range{Introduced: "1-1"})}, []advisory.Affected{in(advisory.NotAffected, "", advisory.Range{Introduced: "1-1"})}, firstFix},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, join(tt.list, tt.many)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
