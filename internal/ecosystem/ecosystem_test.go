package ecosystem

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/semver"
)

// A trap is a pair of versions that a naive comparison gets wrong. The answer
// is '<', '=', '>', or 'x' if one of the two has no place in the order.
type trap struct {
	typ, a string
	want   byte
	b      string
}

func traps() []trap {
	return []trap{
		// Debian Policy 5.6.12 and its example of the tilde.
		{"deb", "1.0~~", '<', "1.0~~a"},
		{"deb", "1.0~~a", '<', "1.0~"},
		{"deb", "1.0~", '<', "1.0"},
		{"deb", "1.0", '<', "1.0a"},
		{"deb", "1.0a", '<', "1.0+"},
		{"deb", "1.0+", '<', "1.0."},
		{"deb", "1:1.0", '>', "2.0"},
		{"deb", "0:1.0", '=', "1.0"},
		{"deb", "1.0-0", '=', "1.0"},
		{"deb", "1.0-0~1", '<', "1.0"},
		{"deb", "1.0.", '=', "1.0.0"},
		{"deb", "1.09", '=', "1.9"},
		{"deb", "1.10", '>', "1.9"},
		{"deb", "1.2-3-1", '>', "1.2-2-9"},
		{"deb", "2:1.20.11-1+deb11u6", '>', "2:1.20.11-1"},
		{"deb", "7.6p2-4", '>', "7.6-0"},
		{"deb", "1.0Z", '<', "1.0a"},
		{"deb", "99999999999999999999.0", '>', "9999999999999999999.0"},
		{"deb", "<unfixed>", 'x', "1.0"},
		{"deb", "1.0-", 'x', "1.0"},
		{"deb", ":1.0", 'x', "1.0"},
		{"deb", "a:1.0", 'x', "1.0"},
		{"deb", "1.0_1", 'x', "1.0"},
		{"deb", "", 'x', "1.0"},

		{"hackage", "1.2.10", '>', "1.2.9"},
		{"hackage", "1.0", '<', "1.0.0"},
		{"hackage", "2.0.1", '<', "2.0.1.0"},
		{"hackage", "0", '<', "0.0"},
		{"hackage", "1.10", '>', "1.9.9.9"},
		{"hackage", "20240101", '>', "3"},
		{"hackage", "1.0-a", '=', "1.0"},
		{"hackage", "1.0-a-b2", '<', "1.0.0-a"},
		{"hackage", "1.0-", 'x', "1.0"},
		{"hackage", "1.0--a", 'x', "1.0"},
		{"hackage", "1.0a", 'x', "1.0"},
		{"hackage", "v1.0", 'x', "1.0"},
		{"hackage", "1..0", 'x', "1.0"},
		{"hackage", "1.2.*", 'x', "1.0"},

		// The rows of vercmp(8).
		{"alpm", "1.0a", '<', "1.0b"},
		{"alpm", "1.0b", '<', "1.0beta"},
		{"alpm", "1.0beta", '<', "1.0p"},
		{"alpm", "1.0p", '<', "1.0pre"},
		{"alpm", "1.0pre", '<', "1.0rc"},
		{"alpm", "1.0rc", '<', "1.0"},
		{"alpm", "1.0", '<', "1.0.a"},
		{"alpm", "1.0.a", '<', "1.0.1"},
		{"alpm", "1", '<', "1.0"},
		{"alpm", "1.0", '<', "1.1"},
		{"alpm", "2.0", '<', "1:1.0"},
		{"alpm", "0:1.0-1", '=', "1.0-1"},
		{"alpm", "1.0-1", '<', "1.0-2"},
		{"alpm", "1.0-1.1", '>', "1.0-1"},
		{"alpm", "1.0~rc1-1", '>', "1.0-1"},
		{"alpm", "1.0^1-1", '>', "1.0-1"},
		{"alpm", "1.0_1", '=', "1.0+1"},
		{"alpm", "1.0..1", '>', "1.0.9"},
		{"alpm", "1.1.1.w-1", '>', "1.1.1-1"},
		{"alpm", "9.6p1-1", '<', "9.6-1"},
		{"alpm", "010-1", '=', "10-1"},
		{"alpm", "r123.abc-1", '<', "1-1"},
		{"alpm", "r12a3-1", '<', "r12.a3-1"},
		{"alpm", "a1-1", '>', "a-1"},

		{"cran", "1.0", '=', "1.0.0"},
		{"cran", "1.0", '<', "1.0.1"},
		{"cran", "0", '<', "0.0.1"},
		{"cran", "1.0-0", '=', "1.0.0"},
		{"cran", "0.1-3", '<', "0.1.4"},
		{"cran", "7.3-51.5", '>', "7.3-51"},
		{"cran", "7.3-51.5", '<', "7.3-51.5-1"},
		{"cran", "1.7.1", '<', "1.8.8"},
		{"cran", "1.10", '>', "1.9"},
		{"cran", "2024.01.2", '=', "2024.1.2"},
		{"cran", "0.12.0-17", '>', "0.12.0.9"},
		{"cran", "1.0.", 'x', "1.0"},
		{"cran", "1.0-rc1", 'x', "1.0"},
		{"cran", "v1.0", 'x', "1.0"},
		{"cran", "1..0", 'x', "1.0"},
		{"cran", "1.0_1", 'x', "1.0"},

		{"rpm", "1.0~rc1", '<', "1.0"},
		{"rpm", "1.0", '<', "1.0^git1"},
		{"rpm", "1.0^git1", '<', "1.0.1"},
		{"rpm", "1.0^git1", '<', "1.0a1"},
		{"rpm", "1.0^git1~pre", '<', "1.0^git1"},
		{"rpm", "1.0a", '<', "1.0.1"},
		{"rpm", "1.0.", '=', "1.0"},
		{"rpm", "1_0", '=', "1.0"},
		{"rpm", "1.010", '=', "1.10"},
		{"rpm", "1.0aa", '>', "1.0a"},
		{"rpm", "1.0a1", '=', "1.0.a.1"},
		{"rpm", "1.0-3.el8", '<', "1.0-3.el8_4"},
		{"rpm", "1.0-3.el8_4", '<', "1.0-3.el9"},
		{"rpm", "1.0-1.module_el8.5.0+108+00865455", '<', "1.0-1.module_el8.5.0+2635+e4386a39"},
		{"rpm", "1:1.0-1", '>', "2.0-1"},
		{"rpm", "0:1.0-1", '=', "1.0-1"},
		{"rpm", "1.0", '<', "1.0-1"},
		{"rpm", "1.0-.", '>', "1.0"},
		{"rpm", "1.0-~1", '>', "1.0"},
		{"rpm", "1.0-258", '<', "1.0-258.el8"},
		{"rpm", "20230101", '<', "20230101.1"},

		{"apk", "1.2.3-r0", '<', "1.2.3-r1"},
		{"apk", "1.2.3-r9", '<', "1.2.3-r10"},
		{"apk", "1.2.3", '<', "1.2.3-r0"},
		{"apk", "1.0_alpha", '<', "1.0_beta"},
		{"apk", "1.0_beta", '<', "1.0_pre"},
		{"apk", "1.0_pre", '<', "1.0_rc"},
		{"apk", "1.0_rc1", '<', "1.0"},
		{"apk", "1.0", '<', "1.0_cvs"},
		{"apk", "1.0_git20200101", '<', "1.0_p1"},
		{"apk", "1.0_p1", '<', "1.0a"},
		{"apk", "1.0_p9", '<', "1.0_p10"},
		{"apk", "1.0a", '<', "1.0.1"},
		{"apk", "1.01", '<', "1.1"},
		{"apk", "1.001", '<', "1.01"},
		{"apk", "1.0", '<', "1.01"},
		{"apk", "01.1", '=', "1.1"},
		{"apk", "1.1.1k-r0", '>', "1.1.1-r5"},
		{"apk", "1.11-20-r0", 'x', "1.11"},
		{"apk", "1.0_foo", 'x', "1.0"},
		{"apk", "1.0ab", 'x', "1.0"},
		{"apk", "1.0-1", 'x', "1.0"},
		{"apk", "1.0-r1.2", 'x', "1.0"},
		{"apk", "1.123456789012345678", 'x', "1.0"},

		{"npm", "1.0.0-alpha", '<', "1.0.0-alpha.1"},
		{"npm", "1.0.0-alpha.1", '<', "1.0.0-alpha.beta"},
		{"npm", "1.0.0-beta.2", '<', "1.0.0-beta.11"},
		{"npm", "1.0.0-beta.11", '<', "1.0.0-rc.1"},
		{"npm", "1.0.0-rc.1", '<', "1.0.0"},
		{"npm", "1.0.0-1", '<', "1.0.0--"},
		{"npm", "1.0.0-1", '<', "1.0.0-a"},
		{"npm", "1.0.0+build1", '=', "1.0.0+build2"},
		{"npm", "v1.2.3", '=', "=1.2.3"},
		{"npm", "1.2.3beta", '=', "1.2.3-beta"},
		{"npm", "1.10.0", '>', "1.9.9"},
		{"cargo", "1.0.0-", 'x', "1.0.0"},
		{"npm", "1.0.0-a..b", 'x', "1.0.0"},
		{"npm", "latest", 'x', "1.0.0"},
		{"npm", "1.x", 'x', "1.0.0"},
		{"npm", "npm:other@1.2.3", 'x', "1.0.0"},
		{"cargo", "1.1.1h", 'x', "1.1.1"},
		{"cargo", "0.0.0-0", '<', "0.0.0"},
		{"bitnami", "1.21.0-0", '<', "1.21.0"},
		{"bitnami", "nightly.2026-03-10.0", 'x', "1.0.0"},

		{"golang", "v1.2.3", '=', "1.2.3"},
		{"golang", "v2.0.0+incompatible", '=', "2.0.0"},
		{"golang", "v0.0.0-20190424203555-c05e17bb3b2d", '<', "v0.0.0-20190813141303-74dc4d7220e7"},
		{"golang", "v1.2.4-0.20190424203555-c05e17bb3b2d", '<', "v1.2.4"},
		{"golang", "v1.2.4-0.20190424203555-c05e17bb3b2d", '>', "v1.2.3"},
		{"golang", "v1.2.4-rc.1.0.20190424203555-c05e17bb3b2d", '>', "v1.2.4-rc.1"},
		{"golang", "(devel)", 'x', "1.0.0"},

		{"pypi", "1.0.dev1", '<', "1.0a1.dev1"},
		{"pypi", "1.0a1.dev1", '<', "1.0a1"},
		{"pypi", "1.0a1", '<', "1.0a1.post1"},
		{"pypi", "1.0a9", '<', "1.0a10"},
		{"pypi", "1.0a2", '<', "1.0b1"},
		{"pypi", "1.0b2", '<', "1.0rc1"},
		{"pypi", "1.0rc2", '<', "1.0"},
		{"pypi", "1.0", '<', "1.0.post1.dev1"},
		{"pypi", "1.0.post1.dev1", '<', "1.0.post1"},
		{"pypi", "1.0", '<', "1.0+abc"},
		{"pypi", "1.0+abc", '<', "1.0+5"},
		{"pypi", "1.0+abc.5", '<', "1.0+abc.7"},
		{"pypi", "1.0+abc", '<', "1.0+abc.5"},
		{"pypi", "1.0+cu118", '<', "1.0.post1"},
		{"pypi", "1!1.0", '>', "2024.1"},
		{"pypi", "1.0", '=', "1.0.0.0"},
		{"pypi", "V1.0-ALPHA.1", '=', "1.0a1"},
		{"pypi", "1.0c1", '=', "1.0-preview_1"},
		{"pypi", "1.0-1", '=', "1.0.post1"},
		{"pypi", "1.0-r1", '=', "1.0.rev1"},
		{"pypi", "1.0+ubuntu-1", '=', "1.0+Ubuntu.1"},
		{"pypi", "1.0a", '=', "1.0a0"},
		{"pypi", "1.0a-", '=', "1.0a0"},
		{"pypi", "2004d", 'x', "2004"},
		{"pypi", "0.1-bulbasaur", 'x', "0.1"},
		{"pypi", "1.0.", 'x', "1.0"},
		{"pypi", "1.0+", 'x', "1.0"},
		{"pypi", "1.0+a+b", 'x', "1.0"},

		{"gem", "1.0.a", '<', "1.0"},
		{"gem", "1.0.a", '=', "1.a"},
		{"gem", "1.0.a2", '<', "1.0.a10"},
		{"gem", "1.0-rc1", '=', "1.0.pre.rc1"},
		{"gem", "1.0-rc1", '<', "1.0.rc1"},
		{"gem", "1.0.rc1", '<', "1.0.0.1"},
		{"gem", "1.0.0", '=', "1"},
		{"gem", "1.a.0.b", '<', "1.a"},
		{"gem", "1.a.0.0.b", '>', "1.a.0.b"},
		{"gem", "1.a.0.1", '>', "1.a"},
		{"gem", "1.0.A", '<', "1.0.a"},
		{"gem", "01.002", '=', "1.2"},
		{"gem", "1.15.0-x86_64-linux", 'x', "1.15.0"},
		{"gem", "1..0", 'x', "1.0"},
		{"gem", "v1.0", 'x', "1.0"},
		{"gem", "1a", 'x', "1.0"},

		{"composer", "1.0", '=', "1.0.0.0"},
		{"composer", "v1.0", '=', "1.0"},
		{"composer", "1.0-dev", '<', "1.0-alpha1"},
		{"composer", "1.0-alpha1", '<', "1.0-beta1"},
		{"composer", "1.0-b2", '<', "1.0-beta10"},
		{"composer", "1.0-beta1", '<', "1.0-RC1"},
		{"composer", "1.0-RC1-dev", '<', "1.0-RC1"},
		{"composer", "1.0RC1", '=', "1.0-rc.1"},
		{"composer", "2.1.0-beta0", '<', "2.1.0"},
		{"composer", "1.0", '<', "1.0-p1"},
		{"composer", "1.0-p1", '=', "1.0-patch1"},
		{"composer", "1.0-p1", '<', "1.0.1"},
		{"composer", "1.0-stable", '=', "1.0"},
		{"composer", "1.0-stable-dev", '=', "1.0"},
		{"composer", "1.0@dev", '=', "1.0"},
		{"composer", "1.0+build", '=', "1.0"},
		{"composer", "1.0 as 2.0", '=', "1.0"},
		{"composer", "1.x-dev", '>', "1.999"},
		{"composer", "1.x-dev", '<', "2.0"},
		{"composer", "20100102", '<', "20100103"},
		{"composer", "20100102-203040-p1", '>', "20100102-203040"},
		{"composer", "2010-01-02", '=', "2010:01:02"},
		{"composer", "dev-master", 'x', "1.0"},
		{"composer", "DEV-feature", 'x', "1.0"},
		{"composer", "master", 'x', "1.0"},
		{"composer", "1.0-foo", 'x', "1.0"},
		{"composer", "1.0.0.0.0", 'x', "1.0"},
		{"composer", "feature-dev", 'x', "1.0"},

		// Maven POM Reference, "Version Order Specification".
		{"maven", "1.0-alpha-1", '<', "1.0-beta-1"},
		{"maven", "1.0-a1", '=', "1.0-alpha-1"},
		{"maven", "1.0-beta-1", '<', "1.0-milestone-1"},
		{"maven", "1.0-m1", '<', "1.0-rc1"},
		{"maven", "1.0-rc1", '=', "1.0-CR1"},
		{"maven", "1.0-rc1", '<', "1.0-SNAPSHOT"},
		{"maven", "1.0-SNAPSHOT", '<', "1.0"},
		{"maven", "1.0", '=', "1.0.Final"},
		{"maven", "1.0", '=', "1-ga"},
		{"maven", "1.0", '<', "1.0-sp1"},
		{"maven", "1.0-sp1", '<', "1.0-whatever"},
		{"maven", "1.0-whatever", '<', "1.0-1"},
		{"maven", "1.0-1", '<', "1.0.1"},
		{"maven", "1.0.0.RC1", '<', "1.0.0-RC2"},
		{"maven", "1-0.alpha", '<', "1"},
		{"maven", "2.0.0.v20120101", '<', "2.0.0.v20120102"},
		{"maven", "31.1-jre", '>', "31.1-android"},
		{"maven", "1.0.0.Final-redhat-1", '>', "1.0.0.Final"},
		{"maven", "1.0.10", '>', "1.0.9"},
		{"maven", "1.01", '=', "1.1"},
		{"maven", "1-x.1", '>', "1-x1"},
	}
}

// ownTraps are those of which no native implementation can be asked.
func ownTraps() []trap {
	return []trap{
		{"deb", " 1.0\n", '=', "1.0"},
		{"deb", strings.Repeat("1", maxVersion+1), 'x', "1.0"},
		{"rpm", "", 'x', "1.0"},
		{"rpm", "1.0 beta", 'x', "1.0"},
		{"rpm", "-1", 'x', "1.0"},
		{"npm", "1.2", '=', "1.2.0.0"},
		{"npm", "1.2.0.1", '>', "1.2"},
		{"npm", "1.2-rc1", '<', "1.2.0"},
		{"swift", "5.9", '=', "5.9.0"},
		{"hex", "1.0.0-rc.1", '<', "1.0.0"},
		{"pub", "1.0.0+1", '>', "1.0.0"},
		{"pub", "1.0.0+1", '<', "1.0.0+2"},
		{"pub", "1.0.0-a+1", '<', "1.0.0"},
		{"golang", "go1.22rc1", '=', "1.22.0-rc.1"},
		{"golang", "go1.22", '=', "1.22.0"},
		{"golang", "go1.22rc1", '<', "go1.22"},
		{"golang", "go1.22beta2", '<', "go1.22rc1"},
		{"golang", "go1.22.0", '>', "1.22.0-0"},
		{"golang", "1.22rc1", '=', "go1.22rc1"},
		{"golang", "go1.21.3-bigcorp", '=', "go1.21.3"},
		{"golang", "go1.21.3 X:boringcrypto", '=', "go1.21.3"},
		{"golang", "devel go1.23-abcdef", 'x', "go1.22"},
		{"golang", "go1.9.2rc2", '<', "go1.9.2"},
		{"golang", "gopher", 'x', "go1.22"},
		{"maven", "${project.version}", 'x', "1.0"},
		{"maven", "unspecified", 'x', "1.0"},
		{"maven", "${v1}", 'x', "1.0"},
		{"generic", "1.1.1k", '>', "1.1.1"},
		{"generic", "1.1.1k", '<', "1.1.1l"},
		{"generic", "1.0.2zh", '>', "1.0.2z"},
		{"generic", "1.1.1k", '<', "1.1.2"},
		{"generic", "3.0.0-alpha1", '<', "3.0.0"},
		{"generic", "3.0", '=', "3.0.0"},
		{"generic", "8.9p1", '>', "8.9"},
		{"generic", "1.8.0_302", '>', "1.8.0_292"},
		{"generic", "3.12.0rc2", '<', "3.12.0"},
		{"generic", "v2.0", '=', "2.0"},
		{"generic", "unknown", 'x', "1.0"},
		{"alpm", "-1", 'x', "1.0"},
		{"alpm", "1.0 1", 'x', "1.0"},
		{"alpm", "", 'x', "1.0"},
		{"julia", "1.0", '=', "1.0.0"},
		{"julia", "v1.10.17", '>', "1.9.2"},
		{"julia", "0.11.3+0", '>', "0.11.3"},
		{"julia", "0.11.3+0", '<', "0.11.3+1"},
		{"julia", "2.28.2+10", '>', "2.28.2+9"},
		{"julia", "7.1.2023+0", '<', "7.1.2028+0"},
		{"julia", "1.0.0-rc1+5", '<', "1.0.0"},
		{"julia", "1.0rc1", '=', "1.0.0-rc1"},
		{"julia", "1.0.0-DEV.123", '<', "1.0.0-alpha"},
		{"julia", "1.0.0-2", '<', "1.0.0-a"},
		{"julia", "main", 'x', "1.0.0"},
		{"bioconductor", "1.38.3", '<', "1.40.0"},
		{"no such type", "1.0", 'x', "1.0"},
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	mirror := map[byte]byte{'<': '>', '>': '<', '=': '=', 'x': 'x'}
	for _, tt := range slices.Concat(traps(), ownTraps()) {
		t.Run(tt.typ+"/"+tt.a+"/"+tt.b, func(t *testing.T) {
			t.Parallel()
			if got := sign(tt.typ, tt.a, tt.b); got != tt.want {
				t.Errorf("%s %q %c %q, want %c", tt.typ, tt.a, got, tt.b, tt.want)
			}
			if got := sign(tt.typ, tt.b, tt.a); got != mirror[tt.want] {
				t.Errorf("%s %q %c %q, want %c", tt.typ, tt.b, got, tt.a, mirror[tt.want])
			}
		})
	}
}

// TestTrapsByOracle asks the native implementations for the answers that
// TestCompare expects.
func TestTrapsByOracle(t *testing.T) {
	t.Parallel()
	for _, o := range oracles() {
		t.Run(o.typ, func(t *testing.T) {
			t.Parallel()
			var rows []trap
			var pairs [][2]string
			for _, tt := range traps() {
				if tt.typ == o.typ && tt.a != "" {
					rows = append(rows, tt)
					pairs = append(pairs, [2]string{tt.a, tt.b})
				}
			}
			for i, answer := range o.ask(t, pairs) {
				if tt := rows[i]; answer != tt.want && (!o.lenient || tt.want != 'x') {
					t.Errorf("oracle: %q %c %q, table says %c", tt.a, answer, tt.b, tt.want)
				}
			}
		})
	}
}

func TestSyntaxErrorNamesTheVersion(t *testing.T) {
	t.Parallel()
	_, err := Compare("deb", "1.0", "<unfixed>")
	want := `ordering deb version "<unfixed>": version has no place in the order of its ecosystem`
	if !errors.Is(err, ErrSyntax) || err.Error() != want {
		t.Errorf("Compare: %v, want %s", err, want)
	}
	if _, err := AppendKey(nil, "maven", "1.0"); !errors.Is(err, ErrSyntax) {
		t.Errorf("AppendKey of maven: %v, want ErrSyntax", err)
	}
	if _, err := AppendKey(nil, "deb", strings.Repeat("x_", 5000)); len(err.Error()) > 300 {
		t.Errorf("error of a long version has %d bytes", len(err.Error()))
	}
	dst, err := AppendKey([]byte("abc"), "npm", "1.2.3-!")
	if string(dst) != "abc" || err == nil {
		t.Errorf("AppendKey returns %q, %v; want dst as it was and an error", dst, err)
	}
}

func TestCompareEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typ, version, end string
		want              int
	}{
		{"pypi", "2.0+cu118", "2.0", 0},
		{"pypi", "2.0+cu118", "2.0.0", 0},
		{"pypi", "2.0", "2.0+cu118", -1},
		{"pypi", "2.0+cu118.1", "2.0+cu118", 1},
		{"pypi", "2.0.post1+x", "2.0", 1},
		{"pypi", "2.0.post1+x", "2.0.post1", 0},
		{"pypi", "2.1+x", "2.0", 1},
		{"pypi", "2.0rc1+x", "2.0", -1},
		{"rpm", "2.0-3.el9", "2.0", 0},
		{"rpm", "1:2.0-3.el9", "1:2.0", 0},
		{"rpm", "1:2.0-3.el9", "2.0", 1},
		{"rpm", "2.0.1-3.el9", "2.0", 1},
		{"rpm", "2.0-3.el9", "2.0-3", 1},
		{"rpm", "2.0-258.el9", "2.0-258", 1},
		{"rpm", "2.258-1", "2.258", 0},
		{"rpm", "2.258.1-1", "2.258", 1},
		{"rpm", "2.0", "2.0-3.el9", -1},
		{"rpm", "2.0-~3", "2.0", 0},
		{"deb", "2.0-1", "2.0", 1},
		{"npm", "2.0.0+x", "2.0.0", 0},
	} {
		t.Run(tt.typ+"/"+tt.version+"/"+tt.end, func(t *testing.T) {
			t.Parallel()
			key, err := AppendKey(nil, tt.typ, tt.version)
			if err != nil {
				t.Fatal(err)
			}
			end, err := AppendKey(nil, tt.typ, tt.end)
			if err != nil {
				t.Fatal(err)
			}
			if got := CompareEnd(tt.typ, key, end); got != tt.want {
				t.Errorf("CompareEnd(%s, %s) = %d, want %d", tt.version, tt.end, got, tt.want)
			}
		})
	}
}

func TestNumbersSortAsBytes(t *testing.T) {
	t.Parallel()
	digits := []string{
		"", "1", "9", "10", "207", "208", "255", "256", "65535", "65536", "16777216",
		"4294967295", "4294967296", "9999999999999999999", "10000000000000000000",
		"18446744073709551616", "99999999999999999999", "1" + strings.Repeat("0", 300),
	}
	var last []byte
	for i, d := range digits {
		key := appendNumber(nil, d)
		if zero := appendNumber(nil, "000"+d); !bytes.Equal(key, zero) {
			t.Errorf("key of 000%s is % x, of %s % x", d, zero, d, key)
		}
		if i > 0 && (bytes.Compare(last, key) >= 0 || bytes.HasPrefix(key, last)) {
			t.Errorf("key of %s, % x, does not sort after % x of %s", d, key, last, digits[i-1])
		}
		last = key
	}
}

func TestNormalName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ typ, name, want string }{
		{"pypi", "Friendly.-_.Bard", "friendly-bard"},
		{"pypi", "zope.interface", "zope-interface"},
		{"pypi", "a--b", "a-b"},
		{"pypi", "requests", "requests"},
		{"nuget", "Newtonsoft.Json", "newtonsoft.json"},
		{"composer", "Symfony/HTTP-Kernel", "symfony/http-kernel"},
		{"npm", "JSONStream", "JSONStream"},
		{"npm", "@Types/node", "@Types/node"},
		{"golang", "github.com/Masterminds/semver", "github.com/Masterminds/semver"},
		{"maven", "org.Foo:Bar", "org.Foo:Bar"},
		{"cargo", "serde_json", "serde_json"},
		{"gem", "RedCloth", "RedCloth"},
		{"swift", "https://github.com/Apple/swift-nio.git", "github.com/apple/swift-nio"},
		{"swift", "git@github.com/apple/swift-nio/", "github.com/apple/swift-nio"},
		{"unknown", "A_b", "A_b"},
	} {
		if got := NormalName(tt.typ, tt.name); got != tt.want {
			t.Errorf("NormalName(%s, %s) = %s, want %s", tt.typ, tt.name, got, tt.want)
		}
	}
}

func TestFromOSV(t *testing.T) {
	t.Parallel()
	type osv struct {
		Type, Distro, Release string
		OK                    bool
	}
	for name, want := range map[string]osv{
		"PyPI":           {"pypi", "", "", true},
		"crates.io":      {"cargo", "", "", true},
		"Go":             {"golang", "", "", true},
		"Packagist":      {"composer", "", "", true},
		"RubyGems":       {"gem", "", "", true},
		"NuGet":          {"nuget", "", "", true},
		"Maven":          {"maven", "", "", true},
		"npm":            {"npm", "", "", true},
		"Bitnami":        {"bitnami", "", "", true},
		"CRAN":           {"cran", "", "", true},
		"Bioconductor":   {"bioconductor", "", "", true},
		"Hackage":        {"hackage", "", "", true},
		"Julia":          {"julia", "", "", true},
		"SwiftURL":       {"swift", "", "", true},
		"Hex":            {"hex", "", "", true},
		"Pub":            {"pub", "", "", true},
		"GitHub Actions": {"github", "", "", true},
		"VSCode":         {"vscode-extension", "", "", true},

		"Debian":                              {"deb", "debian", "", true},
		"Debian:12":                           {"deb", "debian", "12", true},
		"Ubuntu:22.04:LTS":                    {"deb", "ubuntu", "22.04", true},
		"Ubuntu:23.10":                        {"deb", "ubuntu", "23.10", true},
		"Ubuntu:Pro:22.04:LTS":                {"deb", "ubuntu", "Pro:22.04", true},
		"Alpine:v3.18":                        {"apk", "alpine", "3.18", true},
		"Alpine:edge":                         {"apk", "alpine", "edge", true},
		"Wolfi":                               {"apk", "wolfi", "", true},
		"Chainguard":                          {"apk", "chainguard", "", true},
		"AlmaLinux:9":                         {"rpm", "almalinux", "9", true},
		"Rocky Linux:9":                       {"rpm", "rocky", "9", true},
		"Red Hat:enterprise_linux:9::baseos":  {"rpm", "rhel", "9", true},
		"Red Hat:rhel_eus:9.2::appstream":     {"rpm", "rhel", "rhel_eus:9.2", true},
		"Red Hat:openshift:4.12::el8":         {"rpm", "rhel", "openshift:4.12", true},
		"SUSE:Linux Enterprise Server 15 SP5": {"rpm", "sles", "15.5", true},
		"SUSE:Linux Enterprise Server 12":     {"rpm", "sles", "12", true},
		"SUSE:Linux Enterprise Micro 5.1":     {"rpm", "sles", "Linux Enterprise Micro 5.1", true},
		"SUSE:Linux Enterprise Server 16.0":   {"rpm", "sles", "16.0", true},
		"SUSE:Real Time Module 15 SP5":        {"rpm", "sles", "15.5", true},
		"SUSE:Package Hub 15 SP5":             {"rpm", "sles", "15.5", true},
		"SUSE:Linux Enterprise Module for Web and Scripting 12": {"rpm", "sles", "Module:12", true},
		"SUSE:Linux Enterprise Module for Public Cloud 15":      {"rpm", "sles", "15", true},
		"SUSE:Linux Enterprise Server 12 SP5-LTSS":              {"rpm", "sles", "12.5", true},
		"Red Hat:enterprise_linux:10.0":                         {"rpm", "rhel", "10", true},
		"Red Hat:enterprise_linux:10.1::appstream": {
			"rpm", "rhel", "10", true,
		},
		"Red Hat:rhel_els:7": {"rpm", "rhel", "7", true},
		"SUSE:Linux Enterprise Server 15 SP2-LTSS": {
			"rpm", "sles", "15.2", true,
		},
		"SUSE:Linux Enterprise Server 15-LTSS":               {"rpm", "sles", "15", true},
		"SUSE:Linux Enterprise Module for Basesystem 15 SP4": {"rpm", "sles", "15.4", true},
		"openSUSE:Leap 15.5":                                 {"rpm", "opensuse-leap", "15.5", true},
		"openSUSE:Tumbleweed":                                {"rpm", "opensuse-tumbleweed", "", true},
		"openEuler:22.03-LTS-SP1":                            {"rpm", "openEuler", "22.03-LTS-SP1", true},
		"Photon OS:3.0":                                      {"rpm", "photon", "3.0", true},
		"Mageia:9":                                           {"rpm", "mageia", "9", true},

		"Android":  {},
		"GIT":      {},
		"OSS-Fuzz": {},
		"":         {},
	} {
		var got osv
		got.Type, got.Distro, got.Release, got.OK = FromOSV(name)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("FromOSV(%q) (-want +got):\n%s", name, diff)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ typ, version, first, last string }{
		{"github", "v4", "4.0.0", "4" + spanEnd + spanEnd},
		{"github", "4", "4.0.0", "4" + spanEnd + spanEnd},
		{"github", "4.*.*", "4.0.0", "4" + spanEnd + spanEnd},
		{"github", "v4.1", "4.1.0", "4.1" + spanEnd},
		{"github", "4.1.*", "4.1.0", "4.1" + spanEnd},
		{"github", "v4.1.2", "", ""},
		{"github", "v4.1.2.3", "", ""},
		{"github", "v4-beta", "", ""},
		{"github", "v4.", "", ""},
		{"github", "v", "", ""},
		{"github", "", "", ""},
		{"github", "main", "", ""},
		{"npm", "4", "", ""},
		{"no such type", "4", "", ""},
	} {
		first, last, ok := Span(tt.typ, tt.version)
		if first != tt.first || last != tt.last || ok != (first != "") {
			t.Errorf("Span(%s, %q) = %q, %q, %t; want %q, %q", tt.typ, tt.version, first, last, ok, tt.first, tt.last)
		}
		if !ok {
			continue
		}
		for _, v := range []string{first, "4.1.999999999999"} {
			if c, err := Compare(tt.typ, v, last); err != nil || c >= 0 {
				t.Errorf("%s is not below the last of %s: %d, %v", v, tt.version, c, err)
			}
		}
	}
}

// TestTables checks what the two tables say of each other.
func TestTables(t *testing.T) {
	t.Parallel()
	for name, n := range osvNames {
		if !Known(n.typ) {
			t.Errorf("OSV ecosystem %q has the unknown type %q", name, n.typ)
		}
		if Language(n.typ) && n.distro != "" {
			t.Errorf("OSV ecosystem %q is a distribution with packages of a language", name)
		}
	}
	for typ, e := range ecosystems {
		if e.order == orderNone {
			t.Errorf("%s has no order", typ)
		}
		if _, err := AppendKey(nil, typ, "1.0"); (err == nil) != HasKey(typ) {
			t.Errorf("HasKey(%s) = %t, but the key of 1.0 says %v", typ, HasKey(typ), err)
		}
	}
	if Known("rust") || Language("deb") || !Language("cargo") || HasKey("rust") {
		t.Error("Known, Language or HasKey is wrong of rust, deb or cargo")
	}
}

func TestCompareAllocatesNothing(t *testing.T) {
	// Not parallel: other tests would be counted too.
	for typ, v := range benchVersions() {
		if n := testing.AllocsPerRun(100, func() {
			if _, err := Compare(typ, v[0], v[1]); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("Compare of %s allocates %v times", typ, n)
		}
		if !HasKey(typ) {
			continue
		}
		buf := make([]byte, 0, 256)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := AppendKey(buf, typ, v[0]); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("AppendKey of %s allocates %v times", typ, n)
		}
	}
}

// FuzzCompare checks the laws of an order for each type, agreement of keys and
// Compare, and for deb, rpm and Go agreement with a second, direct way.
func FuzzCompare(f *testing.F) {
	types := Types()
	for _, tt := range slices.Concat(traps(), ownTraps()) {
		if i := slices.Index(types, tt.typ); i >= 0 {
			f.Add(uint8(i), tt.a, tt.b, tt.a+".1")
		}
	}
	f.Fuzz(func(t *testing.T, n uint8, a, b, c string) {
		typ := types[int(n)%len(types)]
		if once := NormalName(typ, a); NormalName(typ, once) != once {
			t.Errorf("NormalName of %s is not stable: %q, %q, %q", typ, a, once, NormalName(typ, once))
		}
		_, errA := Compare(typ, a, a)
		ab, err := Compare(typ, a, b)
		ba, errBA := Compare(typ, b, a)
		if (err == nil) != (errBA == nil) || err == nil && errA != nil {
			t.Fatalf("Compare(%s, %q, %q) gives errors %v, %v, %v", typ, a, b, err, errBA, errA)
		}
		if err != nil {
			if !errors.Is(err, ErrSyntax) || !errors.Is(errBA, ErrSyntax) {
				t.Fatalf("Compare(%s, %q, %q): %v, which is not ErrSyntax", typ, a, b, err)
			}
			return
		}
		if aa, _ := Compare(typ, a, a); aa != 0 {
			t.Errorf("Compare(%s, %q, itself) = %d", typ, a, aa)
		}
		if ab != -ba {
			t.Errorf("Compare(%s, %q, %q) = %d, the other way round %d", typ, a, b, ab, ba)
		}
		if spaced, _ := Compare(typ, " "+a+"\n", b); spaced != ab {
			t.Errorf("Compare(%s, %q, %q) = %d, with space %d", typ, a, b, ab, spaced)
		}
		checkKeys(t, typ, a, b, ab)
		checkReference(t, typ, strings.TrimSpace(a), strings.TrimSpace(b), ab)
		if ac, err := Compare(typ, a, c); err == nil && HasKey(typ) {
			bc, _ := Compare(typ, b, c)
			if ab <= 0 && bc <= 0 && ac > 0 || ab >= 0 && bc >= 0 && ac < 0 {
				t.Errorf("%s: %q %d %q %d %q, but the ends %d", typ, a, ab, b, bc, c, ac)
			}
		}
	})
}

func checkKeys(t *testing.T, typ, a, b string, want int) {
	t.Helper()
	ka, err := AppendKey([]byte("pre"), typ, a)
	if !HasKey(typ) {
		if err == nil {
			t.Errorf("AppendKey(%s, %q) succeeds without keys", typ, a)
		}
		return
	}
	kb, errB := AppendKey([]byte("pre"), typ, b)
	if err != nil || errB != nil {
		t.Fatalf("AppendKey(%s) of %q and %q: %v, %v; Compare has no error", typ, a, b, err, errB)
	}
	if got := bytes.Compare(ka, kb); got != want {
		t.Errorf("keys of %s %q and %q compare as %d, Compare says %d", typ, a, b, got, want)
	}
	if !bytes.HasPrefix(ka, []byte("pre")) {
		t.Errorf("AppendKey(%s, %q) lost what was in dst", typ, a)
	}
	end := CompareEnd(typ, ka[3:], kb[3:])
	if end != want && (want < 0 || end != 0) {
		t.Errorf("CompareEnd of %s %q and %q is %d, Compare says %d", typ, a, b, end, want)
	}
	if want > 0 && end == 0 && typ != "pypi" && typ != "rpm" && typ != "alpm" {
		t.Errorf("CompareEnd of %s %q and %q is 0", typ, a, b)
	}
	if typ == "pypi" && want > 0 && (end == 0) != (!strings.Contains(b, "+") && publicEqual(a, b)) {
		t.Errorf("CompareEnd of pypi %q and %q is %d", a, b, end)
	}
}

// publicEqual compares two Python versions without their local parts.
func publicEqual(a, b string) bool {
	a, _, _ = strings.Cut(a, "+")
	b, _, _ = strings.Cut(b, "+")
	c, err := Compare("pypi", a, b)
	return err == nil && c == 0
}

// checkReference compares with implementations that walk both versions at
// once and know no keys.
func checkReference(t *testing.T, typ, a, b string, got int) {
	t.Helper()
	want := got
	switch typ {
	case "deb":
		want = referenceDeb(a, b)
	case "rpm":
		want = referenceRPM(a, b)
	case "golang", "cargo":
		va, vb := "v"+strings.TrimPrefix(a, "v"), "v"+strings.TrimPrefix(b, "v")
		if semver.IsValid(va) && semver.IsValid(vb) {
			want = semver.Compare(va, vb)
		}
	}
	if got != want {
		t.Errorf("Compare(%s, %q, %q) = %d, the reference says %d", typ, a, b, got, want)
	}
}

func referenceDeb(a, b string) int {
	split := func(v string) (epoch, upstream, revision string) {
		epoch, upstream, ok := strings.Cut(v, ":")
		if !ok {
			epoch, upstream = "", v
		}
		if i := strings.LastIndex(upstream, "-"); i >= 0 {
			upstream, revision = upstream[:i], upstream[i+1:]
		}
		return epoch, upstream, revision
	}
	weight := func(s string, i int) int {
		switch {
		case i >= len(s) || isDigit(s[i]):
			return 0
		case s[i] == '~':
			return -1
		case isLetter(s[i]):
			return int(s[i])
		}
		return int(s[i]) + 256
	}
	part := func(a, b string) int {
		for a != "" || b != "" {
			i, j := 0, 0
			for i < len(a) && !isDigit(a[i]) || j < len(b) && !isDigit(b[j]) {
				if d := weight(a, i) - weight(b, j); d != 0 {
					return max(-1, min(1, d))
				}
				i, j = i+1, j+1
			}
			a, b = a[min(i, len(a)):], b[min(j, len(b)):]
			na, nb := digitsEnd(a, 0), digitsEnd(b, 0)
			if c := referenceNumber(a[:na], b[:nb]); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
		}
		return 0
	}
	ea, ua, ra := split(a)
	eb, ub, rb := split(b)
	if c := referenceNumber(ea, eb); c != 0 {
		return c
	}
	if c := part(ua, ub); c != 0 {
		return c
	}
	return part(ra, rb)
}

func referenceNumber(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return max(-1, min(1, len(a)-len(b)))
	}
	return strings.Compare(a, b)
}

func referenceRPM(a, b string) int {
	split := func(v string) (out [3]string, release bool) {
		if i := digitsEnd(v, 0); i < len(v) && v[i] == ':' {
			out[0], v = v[:i], v[i+1:]
		}
		out[1] = v
		if i := strings.LastIndex(v, "-"); i >= 0 {
			out[1], out[2] = v[:i], v[i+1:]
			return out, true
		}
		return out, false
	}
	sa, releaseA := split(a)
	sb, releaseB := split(b)
	if c := referenceNumber(sa[0], sb[0]); c != 0 {
		return c
	}
	if c := referenceRPMPart(sa[1], sb[1]); c != 0 {
		return c
	}
	switch {
	case releaseA && !releaseB:
		return 1
	case !releaseA && releaseB:
		return -1
	}
	return referenceRPMPart(sa[2], sb[2])
}

func referenceRPMPart(a, b string) int {
	matters := func(c rune) bool { return c < 128 && (isDigit(byte(c)) || isLetter(byte(c))) || c == '~' || c == '^' }
	skip := func(s string) string {
		return strings.TrimLeftFunc(s, func(c rune) bool { return !matters(c) })
	}
	for {
		a, b = skip(a), skip(b)
		for _, special := range []byte{'~', '^'} {
			pa, pb := a != "" && a[0] == special, b != "" && b[0] == special
			switch {
			case pa && pb:
				return referenceRPMPart(a[1:], b[1:])
			case !pa && !pb:
				continue
			case special == '^' && a == "":
				return -1
			case special == '^' && b == "":
				return 1
			case pa:
				return -1
			default:
				return 1
			}
		}
		switch {
		case a == "" && b == "":
			return 0
		case a == "":
			return -1
		case b == "":
			return 1
		}
		end := lettersEnd
		if isDigit(a[0]) {
			end = digitsEnd
		}
		i, j := end(a, 0), end(b, 0)
		if j == 0 {
			if isDigit(a[0]) {
				return 1
			}
			return -1
		}
		c := strings.Compare(a[:i], b[:j])
		if isDigit(a[0]) {
			c = referenceNumber(a[:i], b[:j])
		}
		if c != 0 {
			return c
		}
		a, b = a[i:], b[j:]
	}
}

// benchVersions has two versions of usual length per type.
func benchVersions() map[string][2]string {
	return map[string][2]string{
		"alpm":     {"1:3.0.7rc1-1", "1:3.0.7-2"},
		"apk":      {"1.1.1k-r0", "1.1.1l-r2"},
		"composer": {"v4.2.0-beta2", "4.2.12"},
		"cran":     {"7.3-51.5", "7.3-60"},
		"deb":      {"2:1.20.11-1+deb11u6", "2:1.20.11-1+deb11u10"},
		"gem":      {"6.0.4.rc1", "6.0.4.1"},
		"generic":  {"1.1.1k", "1.1.1w"},
		"golang":   {"v0.0.0-20220722155237-a158d28d115b", "v0.17.0"},
		"hackage":  {"0.4.0.0", "2.0.1.0"},
		"julia":    {"7.1.2023+0", "7.1.2028+0"},
		"maven":    {"2.14.1", "2.15.0-rc1"},
		"npm":      {"4.17.15", "4.17.21"},
		"nuget":    {"13.0.1-beta2", "13.0.1"},
		"pypi":     {"2.28.1", "2.31.0rc1"},
		"rpm":      {"1:3.0.7-16.el9_2", "1:3.0.7-18.el9_2.1"},
	}
}

// BenchmarkKey promises some 150 ns per key and no allocation.
func BenchmarkKey(b *testing.B) {
	versions := benchVersions()
	for _, typ := range slices.Sorted(maps.Keys(versions)) {
		if !HasKey(typ) {
			continue
		}
		b.Run(typ, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 256)
			for b.Loop() {
				if _, err := AppendKey(buf, typ, versions[typ][0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompare promises no allocation; two keys and a comparison are the
// price, but for Maven.
func BenchmarkCompare(b *testing.B) {
	versions := benchVersions()
	for _, typ := range slices.Sorted(maps.Keys(versions)) {
		b.Run(typ, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Compare(typ, versions[typ][0], versions[typ][1]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCompareEnd promises 8 to 12 ns, the price of half a range test.
func BenchmarkCompareEnd(b *testing.B) {
	for _, typ := range []string{"deb", "rpm", "pypi"} {
		b.Run(typ, func(b *testing.B) {
			v := benchVersions()[typ]
			key, _ := AppendKey(nil, typ, v[0])
			end, _ := AppendKey(nil, typ, v[1])
			for b.Loop() {
				CompareEnd(typ, key, end)
			}
		})
	}
}

func TestLater(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ typ, a, b, want string }{
		{"npm", "1.10.0", "1.9.0", "1.10.0"},
		{"npm", "1.9.0", "1.10.0", "1.10.0"},
		{"npm", "", "1.0.0", "1.0.0"},
		{"npm", "1.0.0", "", "1.0.0"},
		{"npm", "1.0.0", "soon", "1.0.0"},
		{"deb", "1.0-1", "1:0.5-1", "1:0.5-1"},
	} {
		if got := Later(tt.typ, tt.a, tt.b); got != tt.want {
			t.Errorf("Later(%s, %q, %q) = %q, want %q", tt.typ, tt.a, tt.b, got, tt.want)
		}
	}
}

func ExampleCompare() {
	c, _ := Compare("deb", "1:1.0", "2.0")
	fmt.Println(c)
	_, err := Compare("pypi", "1.0", "0.1-bulbasaur")
	fmt.Println(errors.Is(err, ErrSyntax))
	// Output:
	// 1
	// true
}
