package match_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// Each way in which a package may have a vulnerability or not has its reason.
func TestExplain(t *testing.T) {
	t.Parallel()
	lodash := flaw(names("GHSA-jf85-cpcp-j695", "CVE-2019-10744"), affects(npm, "lodash", before("4.17.12")))
	gone := flaw(names("PYSEC-2019-144", "CVE-2018-20998"), affects(pypi, "arrayfire", before("3.6.0")))
	gone.Withdrawn = day(1)
	never := affects(debian11, "xorg-server")
	never.State = advisory.NotAffected
	wont := affects(debian11, "xorg-server", advisory.Range{})
	wont.State = advisory.WillNotFix
	server := func(version string) inventory.Package {
		return from(deb("xserver-common", version), "xorg-server", version)
	}
	modular := affects(alma9, "nodejs", before("1:18.17.1-1.module_el9.2.0+36+853e48f5"))
	modular.Module = "nodejs:18"
	upstream := flaw(names("PYSEC-2020-35", "CVE-2020-7471"), affects(pypi, "django", between("2.2", "2.2.10")))
	pro := flaw(names("UBUNTU-CVE-2022-24823", "CVE-2022-24823"), advisory.Affected{
		Ecosystem: pro22, Name: "netty", NameKind: advisory.SourceName, Ranges: []advisory.Range{before("1:4.1.48-4+deb11u2ubuntu0.1~esm1")},
	}, advisory.Affected{Ecosystem: ubuntu22, Name: "netty", NameKind: advisory.SourceName})
	ended := &advisory.Advisory{Source: "endoflife", ID: "EOL-debian-10", Kind: advisory.Unsupported, Affected: []advisory.Affected{
		{Ecosystem: advisory.Ecosystem{Type: "platform"}, Name: "debian", Versions: []string{"10"}},
	}}
	for _, tt := range []struct {
		name     string
		os       inventory.OS
		packages []inventory.Package
		list     []*advisory.Advisory
		id       string
		want     []string // the answer and its reason, then those of the packages
	}{
		{
			name: "in the range, asked by an alias in any case", id: "ghsa-JF85-cpcp-j695", packages: []inventory.Package{pkg("npm", "lodash", "4.17.11")}, list: []*advisory.Advisory{lodash},
			want: []string{
				"affected: 4.17.11 is in the range < 4.17.12; repaired in 4.17.12, by GHSA-jf85-cpcp-j695",
				"lodash 4.17.11 affected: 4.17.11 is in the range < 4.17.12; repaired in 4.17.12, by GHSA-jf85-cpcp-j695",
				"  GHSA-jf85-cpcp-j695 on npm lodash: < 4.17.12: affected, repaired in 4.17.12",
			},
		},
		{
			name: "repaired", id: "CVE-2019-10744", packages: []inventory.Package{pkg("npm", "lodash", "4.17.21")}, list: []*advisory.Advisory{lodash},
			want: []string{
				"not-affected: repaired in 4.17.12, and 4.17.21 is not below it", "lodash 4.17.21 not-affected: repaired in 4.17.12, and 4.17.21 is not below it",
				"  GHSA-jf85-cpcp-j695 on npm lodash: < 4.17.12: repaired in 4.17.12",
			},
		},
		{
			name: "not in the range", id: "CVE-2020-7471", packages: []inventory.Package{pkg("pypi", "Django", "2.1")}, list: []*advisory.Advisory{upstream},
			want: []string{
				"not-affected: no range holds the version", "Django 2.1 not-affected: no range holds the version",
				"  PYSEC-2020-35 on pypi Django: >= 2.2, < 2.2.10: no range holds the version",
			},
		},
		{
			name: "not installed", id: "CVE-2019-10744", packages: []inventory.Package{pkg("npm", "underscore", "1.0.0")}, list: []*advisory.Advisory{lodash},
			want: []string{"not-affected: not installed: advisories are about npm lodash"},
		},
		{
			name: "the publisher says no", id: "CVE-2023-1393", os: bullseye, packages: []inventory.Package{server("2:1.20.11-1")}, list: []*advisory.Advisory{notice("DSA-5380-1", names("CVE-2023-1393"), never)},
			want: []string{
				"not-affected: the publisher says that it is not affected", "xserver-common 2:1.20.11-1 not-affected: the publisher says that it is not affected",
				"  DSA-5380-1 on deb:debian:11 xorg-server: all versions: the publisher says that it is not affected",
			},
		},
		{
			name: "the publisher repairs it not", id: "CVE-2023-1393", os: bullseye, packages: []inventory.Package{server("2:1.20.11-1")}, list: []*advisory.Advisory{flaw(names("CVE-2023-1393"), wont)},
			want: []string{
				"affected: all versions are affected; the publisher's position: will-not-fix, by CVE-2023-1393",
				"xserver-common 2:1.20.11-1 affected: all versions are affected; the publisher's position: will-not-fix, by CVE-2023-1393",
				"  CVE-2023-1393 on deb:debian:11 xorg-server: all versions: affected: will-not-fix",
			},
		},
		{
			name: "no feed for the platform", id: "CVE-2023-1393", os: inventory.OS{ID: "debian", VersionID: "13"}, packages: []inventory.Package{server("2:1.20.11-1")}, list: []*advisory.Advisory{xorg()},
			want: []string{
				"unknown: the database has no advisories for this distribution and release (deb:debian:13); advisories about it are for deb:debian:11",
				"xserver-common 2:1.20.11-1 unknown: the database has no advisories for this distribution and release (deb:debian:13); advisories about it are for deb:debian:11",
			},
		},
		{
			name: "another release", id: "CVE-2023-1393", os: buster, packages: []inventory.Package{server("2:1.20.4-1")},
			list: []*advisory.Advisory{xorg(), notice("DSA-4629-1", names("CVE-2020-7471"), affects(debian10, "python-django", before("1:1.11.28-1~deb10u1")))},
			want: []string{
				"not-affected: no advisory for deb:debian:10 names it; advisories about it are for deb:debian:11",
				"xserver-common 2:1.20.4-1 not-affected: no advisory for deb:debian:10 names it; advisories about it are for deb:debian:11",
			},
		},
		{
			name: "a version that cannot be compared", id: "CVE-2019-10744", packages: []inventory.Package{pkg("npm", "lodash", "latest")}, list: []*advisory.Advisory{lodash},
			want: []string{
				"unknown: the version has no place in the order of its ecosystem: latest", "lodash latest unknown: the version has no place in the order of its ecosystem: latest",
				"  GHSA-jf85-cpcp-j695 on npm lodash: < 4.17.12: the version has no place in the order of its ecosystem: latest",
			},
		},
		{
			name: "only upstream says so", id: "CVE-2020-7471", os: buster,
			packages: []inventory.Package{owned(pkg("pypi", "Django", "2.2.1"), "python3-django"), from(deb("python3-django", "1:2.2.1-1"), "python-django", "1:2.2.1-1")},
			list:     []*advisory.Advisory{upstream, notice("DSA-4598-1", names("CVE-2019-19844"), affects(debian10, "python-django", before("1:1.11.27-1~deb10u1")))},
			want: []string{
				"not-affected: only upstream says so; the package python3-django of the distribution installed it, whose own advisories count",
				"Django 2.2.1 reported-elsewhere: only upstream says so; the package python3-django of the distribution installed it, whose own advisories count",
				"  PYSEC-2020-35 on pypi Django: >= 2.2, < 2.2.10: affected, repaired in 2.2.10",
			},
		},
		{
			name: "the headers of a kernel", id: "CVE-2022-2873", os: bullseye, packages: []inventory.Package{from(deb("linux-libc-dev", "5.10.140-1"), "linux", "5.10.140-1")},
			list: []*advisory.Advisory{notice("DSA-5324-1", names("CVE-2022-2873"), affects(debian11, "linux", before("5.10.162-1")))},
			want: []string{
				"not-affected: it is built from the kernel's source and has none of its code: the kernel's own package counts",
				"linux-libc-dev 5.10.140-1 reported-elsewhere: it is built from the kernel's source and has none of its code: the kernel's own package counts",
				"  DSA-5324-1 on deb:debian:11 linux: < 5.10.162-1: affected, repaired in 5.10.162-1",
			},
		},
		{
			name: "another module stream", id: "CVE-2023-32002", os: onAlma9, packages: []inventory.Package{rpm("nodejs", "1:16.20.2-1.el9_2")}, list: []*advisory.Advisory{notice("ALSA-2023:5363", names("CVE-2023-32002"), modular)},
			want: []string{
				"not-affected: it is about another architecture, module stream or rebuild of the package",
				"nodejs 1:16.20.2-1.el9_2 not-affected: it is about another architecture, module stream or rebuild of the package",
				"  ALSA-2023:5363 on rpm:almalinux:9 nodejs: < 1:18.17.1-1.module_el9.2.0+36+853e48f5: it is about another architecture, module stream or rebuild of the package",
			},
		},
		{
			name: "repaired by Ubuntu Pro", id: "CVE-2022-24823", os: withPro, packages: []inventory.Package{deb("netty", "1:4.1.48-4+deb11u2ubuntu0.1~esm1")}, list: []*advisory.Advisory{pro},
			want: []string{
				"not-affected: repaired in 1:4.1.48-4+deb11u2ubuntu0.1~esm1, which needs Ubuntu Pro and is installed",
				"netty 1:4.1.48-4+deb11u2ubuntu0.1~esm1 not-affected: repaired in 1:4.1.48-4+deb11u2ubuntu0.1~esm1, which needs Ubuntu Pro and is installed",
				"  UBUNTU-CVE-2022-24823 on deb:ubuntu:22.04 netty: all versions: affected, no repair is stated",
				"  UBUNTU-CVE-2022-24823 on deb:ubuntu:Pro:22.04 netty: < 1:4.1.48-4+deb11u2ubuntu0.1~esm1: repaired in 1:4.1.48-4+deb11u2ubuntu0.1~esm1",
			},
		},
		{
			name: "a repair that needs Ubuntu Pro", id: "UBUNTU-CVE-2022-24823", os: onUbuntu, packages: []inventory.Package{deb("netty", "1:4.1.48-4")}, list: []*advisory.Advisory{pro},
			want: []string{
				"affected: all versions are affected; the repair needs Ubuntu Pro, by UBUNTU-CVE-2022-24823",
				"netty 1:4.1.48-4 affected: all versions are affected; the repair needs Ubuntu Pro, by UBUNTU-CVE-2022-24823",
				"  UBUNTU-CVE-2022-24823 on deb:ubuntu:22.04 netty: all versions: affected, no repair is stated",
				"  UBUNTU-CVE-2022-24823 on deb:ubuntu:Pro:22.04 netty: < 1:4.1.48-4+deb11u2ubuntu0.1~esm1: affected, repaired in 1:4.1.48-4+deb11u2ubuntu0.1~esm1",
			},
		},
		{
			name: "withdrawn", id: "PYSEC-2019-144", packages: []inventory.Package{pkg("pypi", "arrayfire", "3.5.0")}, list: []*advisory.Advisory{gone},
			want: []string{"not-affected: the advisory PYSEC-2019-144 was withdrawn", "arrayfire 3.5.0 not-affected: the advisory PYSEC-2019-144 was withdrawn"},
		},
		{
			name: "the operating system itself", id: "EOL-debian-10", os: buster, list: []*advisory.Advisory{ended},
			want: []string{
				"affected: 10 is one of the versions that are listed; no repair is stated, by EOL-debian-10",
				"debian 10 affected: 10 is one of the versions that are listed; no repair is stated, by EOL-debian-10",
				"  EOL-debian-10 on platform debian: listed: 10: affected, no repair is stated",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x, err := match.Explain(t.Context(), inventory.Inventory{OS: tt.os, Packages: tt.packages}, database(t, tt.list...), tt.id)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{string(x.Answer) + ": " + x.Reason}
			for _, p := range x.Packages {
				got = append(got, fmt.Sprintf("%s %s %s: %s", p.Package.Name, p.Package.Version, p.Answer, p.Reason))
				for _, e := range p.Evidence {
					got = append(got, fmt.Sprintf("  %s on %s %s: %s: %s", e.Advisory, e.Ecosystem, e.Name, e.Stated, e.Says))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("explanation (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExplainErrors(t *testing.T) {
	t.Parallel()
	db := database(t, xorg())
	if _, err := match.Explain(t.Context(), inventory.Inventory{}, db, "CVE-2099-0001"); !errors.Is(err, match.ErrUnknown) {
		t.Errorf("of an id that nobody knows: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	inv := inventory.Inventory{OS: bullseye, Packages: []inventory.Package{deb("xorg-server", "1")}}
	if _, err := match.Explain(ctx, inv, db, "CVE-2023-1393"); !errors.Is(err, context.Canceled) {
		t.Errorf("with the context ended: %v", err)
	}
	if _, err := match.Explain(t.Context(), inv, failing{db, "xorg-server"}, "CVE-2023-1393"); !errors.Is(err, errBroken) {
		t.Errorf("with the database damaged: %v", err)
	}
}

// TestExplainAgrees holds that what is explained is what is matched: a package is
// affected exactly if it has a match, and each name of a flaw asks for the same.
func TestExplainAgrees(t *testing.T) {
	t.Parallel()
	asked := 0
	for seed := range uint64(8) {
		list, inv := world(rand.New(rand.NewPCG(seed, 3)))
		db := database(t, list...)
		res, err := match.Inventory(t.Context(), inv, db, match.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			for _, id := range slices.Concat(a.Aliases, a.Upstream, names(strings.ToLower(a.ID))) {
				var want []inventory.Package
				for _, m := range res.Matches {
					named := append(slices.Clone(m.Aliases), m.Vulnerability)
					if slices.ContainsFunc(named, func(s string) bool { return strings.EqualFold(s, id) }) ||
						slices.ContainsFunc(m.Why, func(w match.Why) bool { return strings.EqualFold(w.Advisory, id) }) {
						want = append(want, m.Package)
					}
				}
				x, err := match.Explain(t.Context(), inv, db, id)
				if err != nil {
					t.Fatal(err)
				}
				var got []inventory.Package
				for _, p := range x.Packages {
					if p.Answer == match.Affected {
						got = append(got, p.Package)
					}
				}
				asked++
				slices.SortFunc(want, inventory.Compare)
				want = slices.Compact(want)
				if a.Kind == advisory.Notice && strings.EqualFold(a.ID, id) {
					continue // it asks for several flaws, of which an advisory of its own may tell
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("seed %d: packages with %s (-matched +explained):\n%s", seed, id, diff)
				}
			}
		}
	}
	if asked < 400 {
		t.Errorf("only %d questions", asked)
	}
}
