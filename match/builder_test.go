package match_test

import (
	"testing"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
)

// TestBuilders: packages that the distribution itself did not build are known
// elsewhere, or said not to be assessed.
func TestBuilders(t *testing.T) {
	t.Parallel()
	by := func(vendor string, p inventory.Package) inventory.Package {
		p.Vendor = vendor
		return p
	}
	const redhat, fedora = "Red Hat, Inc.", "Fedora Project"
	in := func(distro, release, name, fixed string) *advisory.Advisory {
		return notice("X-2099:1", names("CVE-2099-0001"), affects(advisory.Ecosystem{Type: "rpm", Distro: distro, Release: release}, name, before(fixed)))
	}
	epel9 := notice("FEDORA-EPEL-2099-1", names("CVE-2099-0002"), affects(advisory.Ecosystem{Type: "rpm", Distro: "epel", Release: "9"}, "htop", before("3.3.0-1.el9")))
	epel7 := notice("FEDORA-EPEL-2014-4901", names("CVE-2014-8501"), affects(advisory.Ecosystem{Type: "rpm", Distro: "epel", Release: "7"}, "mingw-binutils", before("2.25-1.el7")))
	rhel9, rhel7 := inventory.OS{ID: "rhel", VersionID: "9.4"}, inventory.OS{ID: "rhel", VersionID: "7.9"}
	extras := in("rhel", "rhel_extras:7", "docker", "2:1.13.1-109.gitcccb291.el7")
	extras.Affected[0].Repo = "cpe:/a:redhat:rhel_extras:7"
	run(t, []ruleTest{
		{
			name: "of EPEL", os: rhel9, packages: []inventory.Package{by(fedora, rpm("htop", "3.2.1-1.el9")), by(redhat, rpm("bash", "5.1.8-9.el9"))},
			advisories: []*advisory.Advisory{epel9, in("rhel", "9", "other", "1-1.el9")},
			want:       []string{"htop@3.2.1-1.el9 CVE-2099-0002 fixed in 3.3.0-1.el9"},
		},
		{
			name: "of EPEL on a relative", os: inventory.OS{ID: "rocky", VersionID: "9.4"}, packages: []inventory.Package{by(fedora, rpm("htop", "3.2.1-1.el9"))},
			advisories: []*advisory.Advisory{epel9, in("rocky", "9", "other", "1-1.el9")},
			want:       []string{"htop@3.2.1-1.el9 CVE-2099-0002 fixed in 3.3.0-1.el9"},
		},
		{
			name: "of EPEL on Amazon Linux 2", os: onAmazon2, packages: []inventory.Package{by(fedora, rpm("mingw-binutils", "2.24-1.el7"))},
			advisories: []*advisory.Advisory{epel7, in("amzn", "2", "other", "1-1.amzn2")},
			want:       []string{"mingw-binutils@2.24-1.el7 CVE-2014-8501 fixed in 2.25-1.el7"},
		},
		{
			name: "of EPEL without its advisories", os: rhel9, packages: []inventory.Package{by(fedora, rpm("htop", "3.2.1-1.el9")), by(fedora, rpm("jq", "1.6-1.el9"))},
			advisories: []*advisory.Advisory{in("rhel", "9", "htop", "3.3.0-1.el9")},
			want:       []string{"unsupported-platform rpm:epel:9 x2"},
		},
		{
			name: "what is said of EPEL is not about the distribution", os: rhel9, packages: []inventory.Package{by(redhat, rpm("htop", "3.2.1-1.el9")), rpm("htop", "3.2.1-2.el9")},
			advisories: []*advisory.Advisory{epel9, in("rhel", "9", "other", "1-1.el9")}, want: nil,
		},
		{
			name: "of others", os: rhel9, packages: []inventory.Package{by("Docker", rpm("docker-ce", "26.0.0-1.el9")), by("Docker", rpm("docker-ce-cli", "26.0.0-1.el9")), rpm("local", "1-1")},
			advisories: []*advisory.Advisory{in("rhel", "9", "other", "1-1.el9")}, want: []string{"no-data rpm of Docker x2"},
		},
		{
			name: "of products of Red Hat", os: rhel9, packages: []inventory.Package{
				by(redhat, rpm("python3-nova", "25.2.2-17.1.el9ost")), by(redhat, rpm("cri-o", "1.27.3-2.rhaos4.14.git03502b6.el9")), by(redhat, rpm("jbcs-httpd24-httpd", "2.4.57-10.el8jbcs")),
				by(redhat, rpm("sudo", "1.9.5p2-10.el9_3")), by(redhat, rpm("nodejs", "1:18.19.0-1.module+el9.3.0+20973+31f0d1bb")), by(redhat, rpm("kernel-alt", "4.14.0-115.el7a")),
			},
			advisories: []*advisory.Advisory{in("rhel", "9", "other", "1-1.el9")},
			want:       []string{"no-data rpm of el8jbcs x1", "no-data rpm of el9ost x1", "no-data rpm of rhaos4 x1"},
		},
		{
			name: "of the extras", os: rhel7, packages: []inventory.Package{by(redhat, rpm("docker", "2:1.13.1-102.git7f2769b.el7")), by(redhat, rpm("docker", "2:1.13.1-109.gitcccb291.el7"))},
			advisories: []*advisory.Advisory{extras, in("rhel", "7", "other", "1-1.el7")},
			want:       []string{"docker@2:1.13.1-102.git7f2769b.el7 CVE-2099-0001 fixed in 2:1.13.1-109.gitcccb291.el7"},
		},
		{
			name: "other distributions take what there is", os: inventory.OS{ID: "fedora", VersionID: "40"}, packages: []inventory.Package{by(fedora, rpm("htop", "3.2.1-1.fc40"))},
			advisories: []*advisory.Advisory{in("fedora", "40", "htop", "3.3.0-1.fc40")}, want: []string{"htop@3.2.1-1.fc40 CVE-2099-0001 fixed in 3.3.0-1.fc40"},
		},
	})
}
