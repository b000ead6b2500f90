package match_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// bundle reads some of the real advisories, or skips.
func bundle(t *testing.T) ([]*advisory.Advisory, *vulndb.DB) {
	t.Helper()
	root := os.Getenv("ASSAY_ADVISORIES")
	if root == "" {
		t.Skip("ASSAY_ADVISORIES names no folder of real advisories")
	}
	return load(t, root, "osv/PyPI", "osv/Go", "osv/AlmaLinux", "distro/debian", "distro/alpine")
}

// samples reads the samples of the feeds of distributions, or skips.
func samples(t *testing.T) *vulndb.DB {
	t.Helper()
	root := os.Getenv("ASSAY_ADVISORIES")
	if root == "" {
		t.Skip("ASSAY_ADVISORIES names no folder of real advisories")
	}
	z, err := zip.OpenReader(filepath.Join(root, "feed-samples", "feed-samples.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	dir := t.TempDir()
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
	_, db := load(t, dir, "amazon/input", "debian/input/debian.json", "fedora", "mariner", "oracle", "photon", "rhel/csaf/advisories", "rhel/vex", "rocky", "sles", "ubuntu")
	return db
}

// load reads folders of advisories.
func load(t *testing.T, root string, folders ...string) ([]*advisory.Advisory, *vulndb.DB) {
	t.Helper()
	var paths []string
	for _, p := range folders {
		paths = append(paths, filepath.Join(root, p))
	}
	sources, _, err := feed.Find(t.Context(), paths)
	if err != nil {
		t.Fatal(err)
	}
	b := vulndb.NewBuilder(vulndb.BuildOptions{})
	var list []*advisory.Advisory
	for _, s := range sources {
		for r, err := range feed.Read(t.Context(), s) {
			var rejected *feed.Rejected
			if errors.As(err, &rejected) || err == nil && r.Advisory == nil {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Add(r.Advisory); err != nil {
				t.Fatal(err)
			}
			list = append(list, r.Advisory)
		}
	}
	var buf bytes.Buffer
	if _, err := b.Write(&buf, nil); err != nil {
		t.Fatal(err)
	}
	db, err := vulndb.OpenBytes(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return list, db
}

// TestBundle matches with real advisories.
func TestBundle(t *testing.T) {
	t.Parallel()
	list, db := bundle(t)
	t.Run("ends", func(t *testing.T) { testEnds(t, list, db) })
	t.Run("truth", func(t *testing.T) { testTruth(t, db) })
}

// testEnds goes through ends of ranges: the package at just that version has
// exactly the advisories that a plain reading of the records, by the
// comparison of versions and without any database, gives it.
func testEnds(t *testing.T, list []*advisory.Advisory, db *vulndb.DB) {
	t.Helper()
	type about struct {
		advisory.Ecosystem
		name string
	}
	type stated struct {
		*advisory.Affected
		id string
	}
	byName := map[about][]stated{}
	guessed := map[string]bool{}
	for _, a := range list {
		for i := range a.Affected {
			f := &a.Affected[i]
			if !a.Withdrawn.IsZero() || f.Distro == "debian" || f.Distro == "alpine" {
				continue
			}
			// A module without a stream is guessed; the rules have tests for it.
			if f.Module != "" && !strings.Contains(f.Module, ":") {
				guessed[a.ID] = true
				continue
			}
			key := about{f.Ecosystem, ecosystem.NormalName(f.Type, f.Name)}
			byName[key] = append(byName[key], stated{f, a.ID})
		}
	}
	packages, found := 0, 0
	for key, all := range byName {
		inv := inventory.Inventory{OS: inventory.OS{ID: key.Distro, VersionID: key.Release}}
		for _, s := range all {
			for _, r := range s.Ranges {
				for _, version := range []string{r.Introduced, r.Fixed, r.LastAffected} {
					// A few ends are no versions, and packages of that version are noted.
					if _, err := ecosystem.Compare(key.Type, version, version); err == nil {
						p := inventory.Package{Type: key.Type, Name: key.name, Version: version, Module: s.Module}
						if key.Type == "rpm" {
							p.SourceName = "another" // what is built around a kernel is not reported, and there is a rule's test for it
						}
						inv.Packages = append(inv.Packages, p)
					}
				}
			}
		}
		inv.Sort()
		inv.Packages = some(inv.Packages, 12)
		packages += len(inv.Packages)
		res, err := match.Inventory(t.Context(), inv, db, match.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Notes) > 0 {
			t.Errorf("%s %s: %+v", key.Ecosystem, key.name, res.Notes)
		}
		got := map[inventory.Package][]string{}
		for _, m := range res.Matches {
			for _, w := range m.Why {
				if !guessed[w.Advisory] {
					got[m.Package] = append(got[m.Package], w.Advisory)
				}
			}
		}
		for _, p := range inv.Packages {
			var want []string
			for _, s := range all {
				if s.Module == p.Module && affectedByReading(s.Affected, p.Version) {
					want = append(want, s.id)
				}
			}
			slices.Sort(want)
			slices.Sort(got[p])
			want, have := slices.Compact(want), slices.Compact(got[p])
			found += len(want)
			if d := diff.Diff(want, have); d != "" {
				t.Errorf("%s %s %s %s (-by reading +by matching):\n%s", key.Ecosystem, p.Name, p.Version, p.Module, d)
			}
		}
	}
	t.Logf("%d packages at the ends of ranges have %d advisories", packages, found)
	if packages < 10_000 {
		t.Errorf("only %d packages: the bundle is not read", packages)
	}
}

// some returns n of a list, evenly spread.
func some[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	out := make([]T, 0, n)
	for i := range n {
		out = append(out, list[i*len(list)/n])
	}
	return out
}

// affectedByReading evaluates a record by comparing versions alone.
func affectedByReading(f *advisory.Affected, version string) bool {
	if slices.Contains(f.Versions, version) {
		return true
	}
	compare := func(end string) int {
		c, err := ecosystem.Compare(f.Type, version, end)
		if err != nil {
			return cmp.Compare(version, end)
		}
		return c
	}
	for _, r := range f.Ranges {
		c := 1
		if r.Introduced != "" {
			c = compare(r.Introduced)
		}
		in := c > 0 || c == 0 && !r.After
		if r.Fixed != "" {
			in = in && compare(r.Fixed) < 0
		}
		if r.LastAffected != "" {
			in = in && compare(r.LastAffected) <= 0
		}
		if in {
			return true
		}
	}
	return false
}

// testTruth has packages of which it is known what they have and what they do
// not.
func testTruth(t *testing.T, db *vulndb.DB) {
	t.Helper()
	checkTruth(t, db, []truth{
		{p: pkg("pypi", "Django", "2.2.0"), has: names("CVE-2020-7471", "CVE-2019-14234"), lack: names("CVE-2018-14574")},
		{p: pkg("pypi", "Jinja2", "2.11.2"), has: names("CVE-2020-28493"), lack: names("CVE-2019-10906")},
		{p: pkg("pypi", "jinja2", "2.11.3"), lack: names("CVE-2020-28493")},
		{p: pkg("pypi", "gevent", "23.9.0"), has: names("CVE-2023-41419")},
		{p: pkg("golang", "golang.org/x/text", "v0.3.6"), has: names("CVE-2021-38561", "CVE-2022-32149")},
		{p: pkg("golang", "golang.org/x/text", "v0.3.7"), has: names("CVE-2022-32149"), lack: names("CVE-2021-38561")},
		{p: pkg("golang", "stdlib", "go1.21.2"), has: names("CVE-2023-39325")},
		{p: pkg("golang", "stdlib", "go1.21.3"), lack: names("CVE-2023-39325")},
		{os: bullseye, p: from(deb("xserver-xorg-core", "2:1.20.11-1+deb11u5"), "xorg-server", "2:1.20.11-1+deb11u5"), has: names("CVE-2023-1393"), lack: names("CVE-2023-0494")},
		{os: buster, p: from(deb("python3-django", "1:1.11.28-1~deb10u1"), "python-django", "1:1.11.28-1~deb10u1"), has: names("CVE-2020-13254"), lack: names("CVE-2020-7471")},
		{os: onAlpine, p: from(inventory.Package{Type: "apk", Name: "libssl1.1", Version: "1.1.1d-r2"}, "openssl", "1.1.1d-r2"), has: names("CVE-2019-1551"), lack: names("CVE-2019-1547")},
		{os: onAlma9, p: rpm("nodejs", "1:16.19.1-2.el9_2"), has: names("CVE-2023-32002")},
		{os: onAlma9, p: rpm("nodejs", "1:16.20.2-1.el9_2"), lack: names("CVE-2023-32002")},
		{os: onAlma9, p: labelled(rpm("nodejs", "1:18.14.2-2.module_el9.1.0+13+d9a595ea"), "nodejs:18"), has: names("CVE-2023-32002")},
	})
}

// TestSamples reads real advisories of the other distributions, and matches
// packages of which it is known what they have and what they do not: from the
// file of the publisher to the answer.
func TestSamples(t *testing.T) {
	t.Parallel()
	db := samples(t)
	on := func(id, version string) inventory.OS { return inventory.OS{ID: id, VersionID: version} }
	arch := func(p inventory.Package, arch string) inventory.Package {
		p.Arch = arch
		return p
	}
	withKernel := func(p inventory.Package) inventory.Package { return from(p, "kernel-default", "") }
	checkTruth(t, db, []truth{
		// Amazon: the page of ALAS-2018-939.
		{os: on("amzn", "2"), p: rpm("kernel", "4.9.76-38.78.amzn2"), has: names("CVE-2017-5715", "CVE-2017-5754")},
		{os: on("amzn", "2"), p: rpm("kernel", "4.9.76-38.79.amzn2"), lack: names("CVE-2017-5715", "CVE-2017-5754")},
		// Debian: the tracker.
		{os: on("debian", "11"), p: deb("chromium", "97.0.4692.99-1~deb11u2"), has: names("CVE-2022-0456")},
		{os: on("debian", "11"), p: deb("chromium", "98.0.4758.80-1~deb11u1"), lack: names("CVE-2022-0456")},
		{os: on("debian", "10"), p: deb("chromium", "90.0.4430.212-1~deb10u1"), has: names("CVE-2022-0456")},
		{os: on("debian", "10"), p: deb("prototypejs", "1.5.0-1"), has: names("CVE-2008-7220"), lack: names("CVE-2007-2383")},
		// Oracle: a repair that has another version on each machine, and libraries
		// of 32 bits; two rebuilds of one update; Ksplice.
		{os: on("ol", "7.9"), p: rpm("rsyslog", "8.24.0-57.0.1.el7_9.2"), has: names("CVE-2022-24903")},
		{os: on("ol", "7.9"), p: arch(rpm("rsyslog", "8.24.0-57.0.1.el7_9.2"), "i686"), has: names("CVE-2022-24903")},
		{os: on("ol", "7.9"), p: rpm("rsyslog", "8.24.0-57.0.1.el7_9.3"), lack: names("CVE-2022-24903")},
		{os: on("ol", "7.9"), p: arch(rpm("rsyslog", "8.24.0-57.0.1.el7_9.3"), "aarch64"), has: names("CVE-2022-24903")},
		{os: on("ol", "8.9"), p: rpm("osbuild", "110-1.el8"), has: names("CVE-2024-2307")},
		{os: on("ol", "8.9"), p: rpm("osbuild", "110-1.0.1.el8"), lack: names("CVE-2024-2307")},
		{os: on("ol", "8.9"), p: arch(rpm("openssl-libs", "2:1.1.1g-12.ksplice1.el8_3"), "i686"), has: names("CVE-2021-3449")},
		{os: on("ol", "8.9"), p: rpm("openssl-libs", "1:1.1.1g-12.el8_3"), lack: names("CVE-2021-3449")},
		// Red Hat: the main stream beside those of longer support, streams of a
		// module, the extended life phase, and a source package that is not affected
		// where packages that were built from it are.
		{os: on("rhel", "9.3"), p: rpm("sudo", "1.9.5p2-9.el9"), has: names("CVE-2023-28486")},
		{os: on("rhel", "9.3"), p: rpm("sudo", "1.9.5p2-10.el9_3"), lack: names("CVE-2023-28486")},
		{os: on("rhel", "9.2"), p: rpm("sudo", "1.9.5p2-9.el9_2.2"), lack: names("CVE-2023-28486")},
		{os: on("rhel", "9.2"), p: rpm("sudo", "1.9.5p2-9.el9_2.1"), has: names("CVE-2023-28486")},
		{os: on("rhel", "9.0"), p: rpm("sudo", "1.9.5p2-7.el9_0.4"), lack: names("CVE-2023-28486")},
		{os: on("rhel", "8.8"), p: labelled(rpm("ruby", "2.7.6-138.module+el8.6.0+16148+54ec0cff"), "ruby:2.7"), has: names("CVE-2021-33621")},
		{os: on("rhel", "8.8"), p: labelled(rpm("ruby", "2.7.8-139.module+el8.8.0+18745+f1bef313"), "ruby:2.7"), lack: names("CVE-2021-33621")},
		{os: on("rhel", "8.8"), p: labelled(rpm("ruby", "2.5.9-110.module+el8.6.0+15956+aa803fc1"), "ruby:2.5"), has: names("CVE-2021-33621")},
		{os: on("rhel", "8.8"), p: labelled(rpm("ruby", "2.6.10-109.module+el8.6.0+1"), "ruby:2.6"), lack: names("CVE-2021-33621")},
		{os: on("rhel", "6.10"), p: from(rpm("bind", "32:9.8.2-0.68.rc1.el6_10.16"), "bind", "9.8.2-0.68.rc1.el6_10.16"), has: names("CVE-2021-25220")},
		{os: on("rhel", "6.10"), p: from(rpm("bind", "32:9.8.2-0.68.rc1.el6_10.17"), "bind", "9.8.2-0.68.rc1.el6_10.17"), lack: names("CVE-2021-25220")},
		{os: on("rhel", "6.10"), p: from(rpm("bind-chroot", "32:9.8.2-0.68.rc1.el6_10.16"), "bind", "9.8.2-0.68.rc1.el6_10.16"), lack: names("CVE-2021-25220")},
		{os: on("rhel", "8.8"), p: rpm("samba", "4.17.5-2.el8"), lack: names("CVE-2023-4154")},
		// Rocky: modules in the release alone.
		{os: on("rocky", "8.4"), p: from(rpm("java-11-openjdk-headless", "1:11.0.12.0.7-0.el8_4"), "java-11-openjdk", "11.0.12.0.7-0.el8_4"), has: names("CVE-2021-35550")},
		{os: on("rocky", "9.4"), p: from(rpm("ruby-libs", "3.3.0-1.module+el9.4.0+1"), "ruby", "3.3.0-1.module+el9.4.0+1"), has: names("CVE-2024-27280")},
		{os: on("rocky", "9.4"), p: from(rpm("ruby-libs", "3.0.4-160.el9_0"), "ruby", "3.0.4-160.el9_0"), lack: names("CVE-2024-27280")},
		// SUSE: the plain server, one that has long-term support alone, and what is
		// not affected.
		{os: on("sles", "15"), p: rpm("krb5", "1.15.2-4.22"), has: names("CVE-2010-1323")},
		{os: on("sles", "15"), p: rpm("krb5", "1.15.2-4.25"), lack: names("CVE-2010-1323")},
		{os: on("sles", "15"), p: withKernel(rpm("kernel-default", "4.12.14-150.69.1")), has: names("CVE-2021-29154"), lack: names("CVE-1999-0524")},
		{os: on("sles", "15"), p: withKernel(rpm("kernel-default", "4.12.14-150.72.1")), lack: names("CVE-2021-29154")},
		{os: on("sles", "15.1"), p: withKernel(rpm("kernel-default", "4.12.14-197.86.1")), has: names("CVE-2021-29154")},
		// Azure Linux: both operators, and no epoch.
		{os: on("mariner", "2.0"), p: rpm("golang", "1.20.6-1.cm2"), has: names("CVE-2023-29404")},
		{os: on("mariner", "2.0"), p: rpm("golang", "1.20.7-1.cm2"), lack: names("CVE-2023-29404")},
		{os: on("mariner", "2.0"), p: from(rpm("glibc-devel", "2.35-4.cm2"), "glibc", "2.35-4.cm2"), lack: names("CVE-2023-0687")}, // Not Applicable
		{os: on("mariner", "2.0"), p: from(rpm("bind-libs", "9.16.33-1.cm2"), "bind", "9.16.33-1.cm2"), has: names("CVE-2022-3736")},
		{os: on("mariner", "2.0"), p: from(rpm("bind-libs", "9.16.33-2.cm2"), "bind", "9.16.33-2.cm2"), lack: names("CVE-2022-3736")},
		{os: on("azurelinux", "3.0"), p: rpm("freeglut", "3.2.2-1.azl3"), has: names("CVE-2024-24258")},
		{os: on("azurelinux", "3.0"), p: rpm("freeglut", "3.4.0-1.azl3"), lack: names("CVE-2024-24258")},
		// Photon OS.
		{os: on("photon", "4.0"), p: rpm("curl", "7.88.1-3.ph4"), has: names("CVE-2023-38545")},
		{os: on("photon", "4.0"), p: rpm("curl", "7.88.1-4.ph4"), lack: names("CVE-2023-38545")},
		// Ubuntu: repairs for all, and those that need Ubuntu Pro.
		{os: onUbuntu, p: from(deb("libwayland-client0", "1.20.0-1"), "wayland", "1.20.0-1"), has: names("CVE-2021-3782")},
		{os: onUbuntu, p: from(deb("libwayland-client0", "1.20.0-1ubuntu0.1"), "wayland", "1.20.0-1ubuntu0.1"), lack: names("CVE-2021-3782")},
		{os: onUbuntu, p: deb("netty", "1:4.1.48-4+deb11u1build0.22.04.1"), has: names("CVE-2022-24823")},
		{os: onUbuntu, p: deb("netty", "1:4.1.48-4+deb11u2ubuntu0.1~esm1"), lack: names("CVE-2022-24823")},
		{os: on("ubuntu", "14.04"), p: deb("unzip", "6.0-9ubuntu1.5"), has: names("CVE-2014-9913")},
	})
}

// truth is a package of which it is known what it has and what it does not.
type truth struct {
	os        inventory.OS
	p         inventory.Package
	has, lack []string
}

func checkTruth(t *testing.T, db *vulndb.DB, list []truth) {
	t.Helper()
	for _, tt := range list {
		name := tt.p.Name + "/" + tt.p.Version
		if tt.os.ID != "" {
			name = tt.os.ID + "/" + tt.os.VersionID + "/" + name + "/" + tt.p.Arch
		}
		t.Run(name, func(t *testing.T) {
			res, err := match.Inventory(t.Context(), inventory.Inventory{OS: tt.os, Packages: []inventory.Package{tt.p}}, db, match.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range res.Matches {
				got = append(got, m.Vulnerability)
			}
			for _, id := range tt.has {
				if !slices.Contains(got, id) {
					t.Errorf("it has not %s, but %s, and %+v", id, got, res.Notes)
				}
			}
			for _, id := range tt.lack {
				if slices.Contains(got, id) {
					t.Errorf("it has %s", id)
				}
			}
			for _, n := range res.Notes {
				t.Errorf("%+v", n)
			}
		})
	}
}
