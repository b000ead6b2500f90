package feed

import (
	"encoding/xml"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
)

// TestUpdateFlaws checks where an update names its flaws. The second title is
// that of the bug in RHSA-2014:1801.
func TestUpdateFlaws(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, typ, references string
		want                  []string
		kind                  advisory.Kind // empty if it is refused
	}{
		{"a list of flaws", "security", `<reference type="cve" id="CVE-2014-3675" href="https://example.com/1"/>`, []string{"CVE-2014-3675"}, advisory.Notice},
		{
			"the title of a bug", "security",
			`<reference type="bugzilla" id="1148230" href="https://bugzilla.redhat.com/show_bug.cgi?id=1148230" title="CVE-2014-3675 shim: out-of-bounds memory read flaw in DHCPv6 packet processing"/>`,
			[]string{"CVE-2014-3675"},
			advisory.Notice,
		},
		{"a flaw repaired by the way", "bugfix", `<reference type="bugzilla" id="1" title="CVE-2014-3675 CVE-2014-3676 shim [fedora-all]"/>`, []string{"CVE-2014-3675", "CVE-2014-3676"}, advisory.Notice},
		{"a bug that is no flaw", "security", `<reference type="bugzilla" id="1" title="shim-15 is available"/>`, nil, advisory.Vulnerability},
		{"no flaw at all", "bugfix", `<reference type="bugzilla" id="1" title="shim-15 is available"/>`, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var u updateInfo
			text := `<update type="` + tt.typ + `"><id>FEDORA-2099-1</id><references>` + tt.references + `</references><pkglist><collection>` +
				`<package name="shim" version="15" release="1.fc40" arch="x86_64"/></collection></pkglist></update>`
			if err := xml.Unmarshal([]byte(text), &u); err != nil {
				t.Fatal(err)
			}
			out := parseUpdate(u, "updateinfo.xml")
			if len(out) != 1 || (out[0].record.Advisory == nil) != (tt.kind == "") {
				t.Fatalf("%+v", out)
			}
			if tt.kind == "" {
				return
			}
			a := out[0].record.Advisory
			if diff := cmp.Diff(tt.want, a.Upstream); diff != "" || a.Kind != tt.kind {
				t.Errorf("kind %s, flaws (-want +got):\n%s", a.Kind, diff)
			}
		})
	}
}
