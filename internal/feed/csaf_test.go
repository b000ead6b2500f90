package feed

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The CPEs are those of Red Hat's documents; since RHEL 10 that of the main
// stream has the minor release.
func TestRedHatProduct(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ cpe, release, repo string }{
		{"cpe:/o:redhat:enterprise_linux:9::baseos", "9", ""},
		{"cpe:/a:redhat:enterprise_linux:8::appstream", "8", ""},
		{"cpe:/o:redhat:enterprise_linux:10", "10", ""},
		{"cpe:/o:redhat:enterprise_linux:10.0", "10", ""},
		{"cpe:/a:redhat:enterprise_linux:10.1::appstream", "10", ""},
		{"cpe:/o:redhat:rhel_els:7", "7", ""},
		{"cpe:/o:redhat:rhel_els:6", "6", ""},
		{"cpe:/o:redhat:rhel_eus:8.6::baseos", "8", "rhel_eus:8.6"},
		{"cpe:/o:redhat:rhel_aus:7.6::server", "7", "rhel_aus:7.6"},
		{"cpe:/a:redhat:rhel_eus:8.6", "8", "rhel_eus:8.6"},
		{"cpe:/o:redhat:rhel_eus:10.0", "10", "rhel_eus:10.0"},
		{"cpe:/a:redhat:openshift:4.16::el9", "openshift:4.16", "cpe:/a:redhat:openshift:4.16::el9"},
		{"cpe:/o:redhat:enterprise_linux", "", ""},
		{"cpe:/o:suse:sles:15:sp5", "", ""},
	} {
		e, repo, ok := redHatProduct(tt.cpe)
		if ok != (tt.release != "") || ok && (e.Distro != "rhel" || e.Release != tt.release || repo != tt.repo) {
			t.Errorf("%s: %+v %q %v", tt.cpe, e, repo, ok)
		}
	}
}

// vexOf is a document of Red Hat on one flaw in curl.
func vexOf(cpe, fixed, clean string) string {
	return strings.NewReplacer("CPE", cpe, "FIXED", fixed, "CLEAN", clean).Replace(`{
		"document": {"category": "csaf_vex", "publisher": {"namespace": "https://www.redhat.com"}, "tracking": {"id": "CVE-2099-1"}},
		"product_tree": {"branches": [
			{"product": {"product_id": "os", "product_identification_helper": {"cpe": "CPE"}}},
			{"product": {"product_id": "curl", "product_identification_helper": {"purl": "pkg:rpm/redhat/curl@FIXED?arch=x86_64"}}},
			{"product": {"product_id": "clean", "product_identification_helper": {"purl": "pkg:rpm/redhat/libcurlCLEAN?arch=x86_64"}}}
		], "relationships": [
			{"full_product_name": {"product_id": "os:curl"}, "product_reference": "curl", "relates_to_product_reference": "os"},
			{"full_product_name": {"product_id": "os:clean"}, "product_reference": "clean", "relates_to_product_reference": "os"}
		]},
		"vulnerabilities": [{"cve": "CVE-2099-1", "product_status": {"fixed": ["os:curl"], "known_not_affected": ["os:clean"]}}]
	}`)
}

// TestVEXStatements checks which stream a statement is of, and which versions one
// that a build is not affected clears.
func TestVEXStatements(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, doc string
		want      []string
	}{
		{
			"the main stream of RHEL 10", vexOf("cpe:/o:redhat:enterprise_linux:10.0", "8.12.1-2.el10", ""),
			[]string{"rpm:rhel:10 curl < 8.12.1-2.el10", "rpm:rhel:10 libcurl not-affected"},
		},
		{
			"a build that is not affected", vexOf("cpe:/o:redhat:enterprise_linux:9::baseos", "7.76.1-29.el9_4", "@7.76.1-29.el9_4"),
			[]string{"rpm:rhel:9 curl < 7.76.1-29.el9_4", "rpm:rhel:9 libcurl not-affected >= 7.76.1-29.el9_4"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, o := range parseCSAF(document{"vex.json", []byte(tt.doc)}) {
				if o.err != nil {
					t.Fatal(o.err)
				}
				for _, a := range o.record.Advisory.Affected {
					line := a.String() + " " + a.Name
					if a.State != "" {
						line += " " + string(a.State)
					}
					for _, r := range a.Ranges {
						line += " " + r.String()
					}
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
