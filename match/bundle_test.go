package match_test

import (
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
	var paths []string
	for _, p := range []string{"osv/PyPI", "osv/Go", "osv/AlmaLinux", "distro/debian", "distro/alpine"} {
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
	for _, tt := range []struct {
		os        inventory.OS
		p         inventory.Package
		has, lack []string
	}{
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
	} {
		t.Run(tt.p.Name+"/"+tt.p.Version, func(t *testing.T) {
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
					t.Errorf("it has not %s, but %s", id, got)
				}
			}
			for _, id := range tt.lack {
				if slices.Contains(got, id) {
					t.Errorf("it has %s", id)
				}
			}
		})
	}
}
