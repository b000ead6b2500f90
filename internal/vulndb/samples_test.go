package vulndb

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/advisory"
)

var (
	npm     = advisory.Ecosystem{Type: "npm"}
	pypi    = advisory.Ecosystem{Type: "pypi"}
	maven   = advisory.Ecosystem{Type: "maven"}
	debian  = advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "12"}
	almaOld = advisory.Ecosystem{Type: "rpm", Distro: "almalinux", Release: "8"}
	almaNew = advisory.Ecosystem{Type: "rpm", Distro: "almalinux", Release: "9"}
)

func day(d int) time.Time { return time.Date(2024, 1, d, 12, 30, 5, 0, time.UTC) }

// about is a short advisory about one package.
func about(id string, e advisory.Ecosystem, name, fixed string, aliases ...string) *advisory.Advisory {
	return &advisory.Advisory{
		Source: "osv", ID: id, Kind: advisory.Vulnerability, Aliases: aliases,
		Affected: []advisory.Affected{{Ecosystem: e, Name: name, Ranges: []advisory.Range{{Fixed: fixed}}}},
	}
}

// full has something in every field.
func full() *advisory.Advisory {
	return &advisory.Advisory{
		Source: "osv", ID: "GHSA-aaaa-bbbb-cccc", Release: "9",
		Aliases: []string{"CVE-2024-1111"}, Related: []string{"CVE-2024-2222"}, Upstream: []string{"CVE-2024-3333"},
		Kind: advisory.Vulnerability, Summary: "one line", Details: strings.Repeat("# Text\nwith lines\n", 9),
		Published: day(1), Modified: day(2), CWEs: []string{"CWE-79", "CWE-1321"},
		References: []advisory.Reference{{Type: "FIX", URL: "https://example.org/fix"}, {URL: "https://example.org/"}},
		Severities: []advisory.Severity{
			{Source: "NVD", Version: "2.0", Vector: "AV:N/AC:L/Au:N/C:P/I:P/A:P", Score: 7.5},
			{Source: "GHSA", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: 9.8, Label: "critical"},
			{Source: "odd", Score: 1.0 / 3},
		},
		Affected: []advisory.Affected{
			{
				Ecosystem: almaNew, Name: "nodejs", NameKind: advisory.SourceName, Module: "nodejs:18",
				Arches: []string{"aarch64", "x86_64"},
				Ranges: []advisory.Range{
					{Introduced: "1:2.0-1", Fixed: "1:2.4-3.el9"},
					{Introduced: "1:3.0-1", After: true, LastAffected: "1:3.1-1"},
					{Introduced: "1:4.0-1"},
				},
				Versions: []string{"1:5.0-1", "1:5.0-2"}, State: advisory.WillNotFix, Urgency: "low",
				Symbols: []string{"example.org/a Parse"}, Skipped: 2,
				Repo: "cpe:/a:redhat:enterprise_linux:9::appstream", Platforms: []string{"linux:linux_kernel", "microsoft:windows"},
			},
			{Ecosystem: almaNew, Name: "npm"},
			{Ecosystem: pypi, Name: "Flask_Login", Versions: []string{"0.1", "0.2", "1.0"}},
		},
	}
}

// samples is a set with all traps.
func samples() []*advisory.Advisory {
	withdrawn := about("GHSA-with-draw-nnnn", npm, "left-pad", "9", "CVE-2024-1111")
	withdrawn.Withdrawn = day(9)
	notice := &advisory.Advisory{
		Source: "osv", ID: "ALSA-2024:1", Release: "8", Kind: advisory.Notice, Upstream: []string{"CVE-2024-4444", "CVE-2024-1111"},
		Affected: []advisory.Affected{{Ecosystem: almaOld, Name: "nodejs", Ranges: []advisory.Range{{Fixed: "1:2.4-3.el8"}}}},
	}
	again := &advisory.Advisory{
		Source: "osv", ID: "ALSA-2024:1", Release: "9", Kind: advisory.Notice, Upstream: []string{"CVE-2024-4444"},
		Affected: []advisory.Affected{{Ecosystem: almaNew, Name: "nodejs", Ranges: []advisory.Range{{Fixed: "1:2.4-3.el9"}}}},
	}
	return []*advisory.Advisory{
		full(), withdrawn, notice, again,
		about("GHSA-dddd-eeee-ffff", npm, "lodash", "4.17.21", "CVE-2021-23337"),
		about("PYSEC-2024-7", pypi, "flask-login", "1.1"),
		about("GHSA-maav-maav-maav", maven, "org.example:a", "1.0-beta"),
		about("GHSA-badd-badd-badd", npm, "bad", "no version"),
		{Source: "debian-dsa", ID: "DSA-1-1", Kind: advisory.Notice, Affected: []advisory.Affected{
			{Ecosystem: debian, Name: "openssl", NameKind: advisory.SourceName, Ranges: []advisory.Range{{Fixed: "3.0.11-1~deb12u2"}}},
			{Ecosystem: debian, Name: "gone", NameKind: advisory.SourceName, State: advisory.EndOfLife},
		}},
	}
}

// build makes a database of a list.
func build(tb testing.TB, list []*advisory.Advisory) ([]byte, Stats) {
	tb.Helper()
	b := NewBuilder(BuildOptions{Built: time.Unix(1e9, 0)})
	for _, a := range list {
		if err := b.Add(a); err != nil {
			tb.Fatal(err)
		}
	}
	var db bytes.Buffer
	stats, err := b.Write(&db, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return db.Bytes(), stats
}

func open(tb testing.TB, data []byte) *DB {
	tb.Helper()
	db, err := OpenBytes(data)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// random makes n advisories that have much in common.
func random(r *rand.Rand, n int) []*advisory.Advisory {
	ecos := []advisory.Ecosystem{npm, pypi, debian, almaNew, maven}
	pick := func(format string, n int) string { return fmt.Sprintf(format, r.IntN(n)) }
	some := func(n int, format string, of int) []string {
		var list []string
		for range r.IntN(n) {
			list = append(list, pick(format, of))
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	var list []*advisory.Advisory
	for range n {
		a := &advisory.Advisory{
			Source: pick("s%d", 2), ID: pick("X-%d", 2*n), Release: pick("%d", 2), Kind: kinds[r.IntN(len(kinds))],
			Aliases: some(3, "CVE-2024-1%03d", 3*n), Upstream: some(4, "CVE-2024-1%03d", 3*n),
			Summary: pick("summary %d", 9), Modified: day(1 + r.IntN(20)), Published: time.Unix(1e9, 0).UTC().AddDate(0, 0, r.IntN(5)-2),
		}
		if r.IntN(9) == 0 {
			a.Withdrawn = day(1)
		}
		for range r.IntN(4) {
			f := advisory.Affected{
				Ecosystem: ecos[r.IntN(len(ecos))], Name: pick("Name_%d", n), NameKind: advisory.NameKind(r.IntN(2)),
				State: states[r.IntN(len(states))], Versions: some(5, "1.%d", 30), Skipped: r.IntN(2),
			}
			if r.IntN(4) == 0 {
				f.Module, f.Arches = pick("m:%d", 3), some(3, "a%d", 3)
			}
			if r.IntN(4) == 0 {
				f.Repo, f.Platforms = pick("r%d", 3), some(3, "p%d", 3)
			}
			for range r.IntN(3) {
				f.Ranges = append(f.Ranges, advisory.Range{Introduced: pick("1.%d", 20), Fixed: pick("2.%d", 20)})
			}
			a.Affected = append(a.Affected, f)
		}
		list = append(list, a)
	}
	return list
}

// older returns an edition of an advisory that was modified before, with words,
// names and versions of its own.
func older(a *advisory.Advisory) *advisory.Advisory {
	o := *a
	o.Modified = day(1).AddDate(-1, 0, 0)
	o.Summary, o.Aliases = "before", []string{"OLD-1"}
	o.Severities = []advisory.Severity{{Label: "word of before"}}
	o.Affected = []advisory.Affected{{
		Ecosystem: advisory.Ecosystem{Type: "gem"}, Name: "before", Module: "before:1", Arches: []string{"vax"}, Repo: "tape", Platforms: []string{"dec:vms"}, Versions: []string{"0.0.0.7"},
		Ranges: []advisory.Range{{Introduced: "0.0.0.8", Fixed: "0.0.0.9"}},
	}}
	return &o
}

// smallFiles returns a database and an enrichment file.
func smallFiles(tb testing.TB) (db, enrich []byte) {
	tb.Helper()
	b := NewBuilder(BuildOptions{Built: day(3), Label: "small"})
	b.Feed(advisory.Feed{Name: "osv", File: "all.zip"})
	for _, a := range samples() {
		if err := b.Add(a); err != nil {
			tb.Fatal(err)
		}
	}
	for _, e := range enrichments() {
		if err := b.Enrich(e); err != nil {
			tb.Fatal(err)
		}
	}
	var d, e bytes.Buffer
	if _, err := b.Write(&d, &e); err != nil {
		tb.Fatal(err)
	}
	return d.Bytes(), e.Bytes()
}
