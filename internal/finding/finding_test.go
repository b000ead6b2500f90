package finding

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

var (
	npm      = advisory.Ecosystem{Type: "npm"}
	golang   = advisory.Ecosystem{Type: "golang"}
	debian11 = advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "11"}
	ubuntu   = advisory.Ecosystem{Type: "deb", Distro: "ubuntu", Release: "22.04"}

	bullseye = inventory.OS{ID: "debian", VersionID: "11"}

	image = resource.Resource{
		Type: resource.Image, ID: "arn:aws:ecr:eu-central-1:111122223333:repository/app/sha256:" + strings.Repeat("ab", 32),
		Account: "111122223333", Region: "eu-central-1",
	}
	now = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
)

func day(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }

// knowledge is a database in memory.
type knowledge struct {
	*vulndb.DB
	enrich *vulndb.Enrichments
}

func (k knowledge) Enrichment(cve string) (advisory.Enrichment, bool, error) {
	return k.enrich.Lookup(cve)
}

// know builds a database in memory.
func know(tb testing.TB, list []*advisory.Advisory, enrich ...*advisory.Enrichment) knowledge {
	tb.Helper()
	b := vulndb.NewBuilder(vulndb.BuildOptions{})
	for _, a := range list {
		if err := b.Add(a); err != nil {
			tb.Fatal(err)
		}
	}
	for _, e := range enrich {
		if err := b.Enrich(e); err != nil {
			tb.Fatal(err)
		}
	}
	var data, rest bytes.Buffer
	if _, err := b.Write(&data, &rest); err != nil {
		tb.Fatal(err)
	}
	db, err := vulndb.OpenBytes(data.Bytes())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	e, err := vulndb.OpenEnrichmentBytes(rest.Bytes())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	return knowledge{db, e}
}

// find matches packages and makes findings of the matches.
func find(tb testing.TB, k knowledge, os inventory.OS, packages ...inventory.Package) []Finding {
	tb.Helper()
	inv := inventory.Inventory{OS: os, Packages: packages}
	inv.Sort()
	res, err := match.Inventory(tb.Context(), inv, k, match.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	list, err := New(tb.Context(), image, res.Matches, k, now)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// about is an advisory on one package; names are its id and its aliases.
func about(e advisory.Ecosystem, name, fixed string, names ...string) *advisory.Advisory {
	f := advisory.Affected{Ecosystem: e, Name: name, Ranges: []advisory.Range{{Fixed: fixed}}}
	if e.Distro != "" {
		f.NameKind = advisory.SourceName
	}
	return &advisory.Advisory{
		Source: "osv", ID: names[0], Aliases: names[1:], Kind: advisory.Vulnerability, Affected: []advisory.Affected{f},
	}
}

func pkg(typ, name, version string) inventory.Package {
	return inventory.Package{Type: typ, Name: name, Version: version}
}

// TestNew has one finding in full. That the name of it is a constant here is
// the promise that it stays the same from one release to the next.
func TestNew(t *testing.T) {
	t.Parallel()
	own := about(debian11, "xorg-server", "2:1.20.11-1+deb11u6", "DEBIAN-CVE-2023-1393", "CVE-2023-1393")
	own.Details, own.Published, own.Modified = "What the publisher says.", day(2), day(4)
	own.Affected[0].Urgency = "medium"
	own.References = []advisory.Reference{{URL: "https://example.org/b"}, {URL: "https://example.org/a"}}
	dsa := about(debian11, "xorg-server", "2:1.20.11-1+deb11u6", "DSA-5380-1")
	dsa.Source, dsa.Kind, dsa.Upstream, dsa.Summary, dsa.Published = "debian-dsa", advisory.Notice, []string{"CVE-2023-1393"}, "xorg-server - security update", day(3)
	vector := "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"
	nvd := advisory.Severity{Source: "NVD", Version: "3.1", Vector: vector, Score: 7.8, Label: "high"}
	k := know(t, []*advisory.Advisory{own, dsa}, &advisory.Enrichment{
		CVE: "CVE-2023-1393", Description: "What the assigner says.", CWEs: []string{"CWE-416"}, Severities: []advisory.Severity{nvd},
		References: []advisory.Reference{{URL: "https://example.org/a"}, {URL: "https://example.org/c"}},
		EPSS:       &advisory.EPSS{Score: 0.25, Percentile: 0.5, Date: day(5)}, KEV: &advisory.KEV{Added: day(6), Due: day(7)}, Exploitation: "poc",
	})
	server := pkg("deb", "xserver-xorg-core", "2:1.20.11-1+deb11u5")
	server.SourceName, server.SourceVersion = "xorg-server", server.Version
	common := server
	common.Name = "xserver-common"
	list := find(t, k, bullseye, server, common)
	if len(list) != 1 {
		t.Fatalf("%d findings, want 1", len(list))
	}
	got := list[0]
	for i := range got.Packages {
		got.Packages[i].Match = match.Match{}
	}
	const fixed = "2:1.20.11-1+deb11u6"
	want := Finding{
		ARN:      "arn:aws:inspector2:eu-central-1:111122223333:finding/c50e3800344827594c95ea8eeaeca6ba",
		Resource: image, Vulnerability: "CVE-2023-1393", Aliases: []string{"DEBIAN-CVE-2023-1393"}, Kind: advisory.Vulnerability,
		Title:   "CVE-2023-1393 - xserver-common, xserver-xorg-core",
		Summary: "xorg-server - security update", Description: "What the publisher says.",
		Severity: High,
		Score: Score{
			Value: 7.8, Version: "3.1", Vector: vector, Source: "NVD",
			Reasons: []Reason{{Metric: "Base score", Text: "CVSS 3.1 base score by NVD", Delta: 7.8}},
		},
		Scores: []advisory.Severity{nvd}, CWEs: []string{"CWE-416"},
		References: []string{"https://example.org/a", "https://example.org/b", "https://example.org/c"},
		Source:     "DEBIAN_CVE", SourceURL: "https://security-tracker.debian.org/tracker/CVE-2023-1393", VendorLabel: "medium",
		Published: day(2), Modified: day(4), Related: []string{"DEBIAN-CVE-2023-1393", "DSA-5380-1"},
		Packages: []Package{
			{Package: common, Fixed: fixed, Remediation: "apt-get update && apt-get install --only-upgrade xserver-common"},
			{Package: server, Fixed: fixed, Remediation: "apt-get update && apt-get install --only-upgrade xserver-xorg-core"},
		},
		Fix: FixYes, EPSS: &advisory.EPSS{Score: 0.25, Percentile: 0.5, Date: day(5)}, KEV: &advisory.KEV{Added: day(6), Due: day(7)},
		Exploitation: "poc", Observed: now, Confidence: match.High,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("finding (-want +got):\n%s", diff)
	}
}

// One vulnerability of a resource is one finding, whatever has it; the gravest
// comes first.
func TestGroupingAndOrder(t *testing.T) {
	t.Parallel()
	rated := func(a *advisory.Advisory, vector string) *advisory.Advisory {
		a.Severities = []advisory.Severity{{Source: "GHSA", Version: "3.1", Vector: vector}}
		return a
	}
	k := know(t, []*advisory.Advisory{
		rated(about(npm, "a", "2.0.0", "GHSA-1", "CVE-2099-0003"), "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), // 9.8
		rated(about(npm, "a", "2.0.0", "GHSA-2", "CVE-2099-0001"), "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"), // 7.5
		rated(about(npm, "b", "3.0.0", "GHSA-3", "CVE-2099-0002"), "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"), // 7.5
		rated(about(npm, "b", "3.0.0", "GHSA-4", "CVE-2099-0005"), "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"), // 10
		about(npm, "b", "3.0.0", "GHSA-5", "CVE-2099-0004"),
		about(golang, "example.org/a", "2.0.0", "GO-1", "CVE-2099-0001"),
	})
	var got []string
	for _, f := range find(t, k, inventory.OS{}, pkg("npm", "a", "1.0.0"), pkg("npm", "a", "1.5.0"), pkg("npm", "b", "1.0.0"), pkg("golang", "example.org/a", "v1.0.0")) {
		line := fmt.Sprintf("%s %s %v:", f.Vulnerability, f.Severity, f.Score.Value)
		for _, p := range f.Packages {
			line += " " + p.Name + "@" + p.Version
		}
		got = append(got, line)
	}
	want := []string{
		"CVE-2099-0005 CRITICAL 10: b@1.0.0",
		"CVE-2099-0003 CRITICAL 9.8: a@1.0.0 a@1.5.0",
		"CVE-2099-0001 HIGH 7.5: example.org/a@v1.0.0 a@1.0.0 a@1.5.0",
		"CVE-2099-0002 HIGH 7.5: b@1.0.0",
		"CVE-2099-0004 UNTRIAGED 0: b@1.0.0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestNoMatches(t *testing.T) {
	t.Parallel()
	list, err := New(t.Context(), image, nil, know(t, nil), now)
	if err != nil || len(list) != 0 {
		t.Errorf("New of no matches = %v, %v", list, err)
	}
}

// TestARN holds that a name is made of the resource and the vulnerability and
// of nothing else, and has the form that clients expect.
// Source: Amazon Inspector API, type FindingArn.
func TestARN(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^arn:aws:inspector2:eu-central-1:111122223333:finding/[0-9a-f]{32}$`)
	name := ARN(image, "CVE-2023-1393")
	if !form.MatchString(name) {
		t.Errorf("%s is not the name of a finding", name)
	}
	same := image
	same.Name, same.Platform, same.Tags, same.Digest, same.Created = "other", "DEBIAN_12", []string{"latest"}, "sha256:00", "2026-01-01T00:00:00Z"
	if got := ARN(same, "CVE-2023-1393"); got != name {
		t.Errorf("what may change on a resource changes the name: %s and %s", name, got)
	}
	seen := map[string]string{name: "the first"}
	add := func(what, arn string) {
		if other, ok := seen[arn]; ok {
			t.Errorf("%s and %s share a name", what, other)
		}
		seen[arn] = what
	}
	add("another vulnerability", ARN(image, "CVE-2023-1394"))
	for _, change := range []func(*resource.Resource){
		func(r *resource.Resource) { r.ID += "0" },
		func(r *resource.Resource) { r.Account = "444455556666" },
		func(r *resource.Resource) { r.Region = "us-east-1" },
		func(r *resource.Resource) { r.Type = resource.Function },
	} {
		r := image
		change(&r)
		add(fmt.Sprintf("%+v", r), ARN(r, "CVE-2023-1393"))
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	if got, want := title("CVE-2099-0001", []string{"libexample", "libother"}), "CVE-2099-0001 - libexample, libother"; got != want {
		t.Errorf("title = %q, want %q", got, want)
	}
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf("kernel-modules-%03d", i))
	}
	got := title("CVE-2099-0001", many)
	if n := utf8.RuneCountInString(got); n > maxTitle || n < maxTitle-50 {
		t.Errorf("a long title has %d characters, want nearly %d", n, maxTitle)
	}
	if !strings.HasPrefix(got, "CVE-2099-0001 - kernel-modules-000, kernel-modules-001, ") || !regexp.MustCompile(` and \d+ more$`).MatchString(got) {
		t.Errorf("title = %q", got)
	}
	if got := title("CVE-2099-0001", []string{strings.Repeat("ä", 3000)}); utf8.RuneCountInString(got) != maxTitle {
		t.Errorf("a title with one long name has %d characters, want %d", utf8.RuneCountInString(got), maxTitle)
	}
}

func TestDescription(t *testing.T) {
	t.Parallel()
	publisher := func(details, summary string) *advisory.Advisory {
		a := about(npm, "a", "2.0.0", "GHSA-1", "CVE-2099-0001")
		a.Details, a.Summary = details, summary
		return a
	}
	notice := about(npm, "a", "2.0.0", "ALSA-1")
	notice.Kind, notice.Upstream, notice.Details = advisory.Notice, []string{"CVE-2099-0001"}, "of the notice"
	long := strings.Repeat("wörter ", 200) // 1,400 characters
	for _, tt := range []struct {
		name string
		list []*advisory.Advisory
		e    advisory.Enrichment
		want string
	}{
		{"details", []*advisory.Advisory{publisher(" details\n", "summary"), notice}, advisory.Enrichment{Description: "of the CVE"}, "details"},
		{"summary", []*advisory.Advisory{publisher("", "summary"), notice}, advisory.Enrichment{Description: "of the CVE"}, "summary"},
		{"blank details", []*advisory.Advisory{publisher(" \n", "summary")}, advisory.Enrichment{}, "summary"},
		{"of the CVE", []*advisory.Advisory{publisher("", ""), notice}, advisory.Enrichment{Description: "of the CVE", Title: "title"}, "of the CVE"},
		{"title of the CVE", []*advisory.Advisory{publisher("", ""), notice}, advisory.Enrichment{Title: "title"}, "title"},
		{"notice", []*advisory.Advisory{publisher("", ""), notice}, advisory.Enrichment{}, "of the notice"},
		{"nothing", []*advisory.Advisory{publisher("", "")}, advisory.Enrichment{}, "CVE-2099-0001 - a"},
		{"too long", []*advisory.Advisory{publisher(long, "")}, advisory.Enrichment{}, strings.TrimSpace(strings.Repeat("wörter ", 146)) + "…"},
		{"exactly as long as may be", []*advisory.Advisory{publisher(strings.Repeat("ö", 1024), "")}, advisory.Enrichment{}, strings.Repeat("ö", 1024)},
		{"too long without a blank", []*advisory.Advisory{publisher(strings.Repeat("ö", 1025), "")}, advisory.Enrichment{}, strings.Repeat("ö", 1023) + "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.e.CVE = "CVE-2099-0001"
			got := find(t, know(t, tt.list, &tt.e), inventory.OS{}, pkg("npm", "a", "1.0.0"))[0].Description
			if got != tt.want {
				t.Errorf("description = %q, want %q", got, tt.want)
			}
			if n := utf8.RuneCountInString(got); n > 1024 {
				t.Errorf("%d characters", n)
			}
		})
	}
}

// The summary is one line, whoever gives it.
func TestSummary(t *testing.T) {
	t.Parallel()
	publisher := about(npm, "a", "2.0.0", "GHSA-1", "CVE-2099-0001")
	publisher.Summary = "of the\npublisher "
	silent := about(npm, "a", "2.0.0", "GHSA-1", "CVE-2099-0001")
	long := about(npm, "a", "2.0.0", "GHSA-1", "CVE-2099-0001")
	long.Summary = strings.Repeat("ö", 201)
	titled := advisory.Enrichment{CVE: "CVE-2099-0001", Title: "of the CVE"}
	for _, tt := range []struct {
		a    *advisory.Advisory
		e    *advisory.Enrichment
		want string
	}{
		{publisher, &titled, "of the publisher"},
		{silent, &titled, "of the CVE"},
		{silent, &advisory.Enrichment{CVE: "CVE-2099-0001"}, ""},
		{long, &titled, strings.Repeat("ö", 199) + "…"},
	} {
		got := find(t, know(t, []*advisory.Advisory{tt.a}, tt.e), inventory.OS{}, pkg("npm", "a", "1.0.0"))[0].Summary
		if got != tt.want {
			t.Errorf("summary = %q, want %q", got, tt.want)
		}
	}
}

// What packages of several kinds have in common is told by the distribution
// first, and then in the order of ids; the gravest kind and the best confidence
// of them count.
func TestSeveralPackages(t *testing.T) {
	t.Parallel()
	text := func(a *advisory.Advisory, s string) *advisory.Advisory {
		a.Details = s
		return a
	}
	first := text(about(npm, "z", "2.0.0", "GHSA-1", "CVE-2099-0001"), "of GHSA-1")
	second := text(about(npm, "a", "2.0.0", "GHSA-2", "CVE-2099-0001"), "of GHSA-2")
	second.Kind = advisory.Informational
	own := text(about(ubuntu, "u", "2.0.0", "UBUNTU-CVE-2099-0001", "CVE-2099-0001"), "of Ubuntu")
	guess := pkg("npm", "a", "1.0.0")
	guess.Evidence = inventory.Filename
	other := pkg("npm", "z", "1.0.0")
	k := know(t, []*advisory.Advisory{first, second, own})

	f := find(t, k, inventory.OS{}, guess, other)[0]
	if f.Description != "of GHSA-1" || f.Kind != advisory.Vulnerability || f.Confidence != match.High {
		t.Errorf("described by %q, kind %s, confidence %s", f.Description, f.Kind, f.Confidence)
	}
	f = find(t, k, inventory.OS{ID: "ubuntu", VersionID: "22.04"}, guess, other, pkg("deb", "u", "1.0.0"))[0]
	if f.Description != "of Ubuntu" || f.Source != "UBUNTU_CVE" || f.Title != "CVE-2099-0001 - u, a, z" {
		t.Errorf("described by %q, source %s, title %s", f.Description, f.Source, f.Title)
	}
	if want := []string{"GHSA-1", "GHSA-2", "UBUNTU-CVE-2099-0001"}; !slices.Equal(f.Related, want) || !slices.Equal(f.Aliases, want) {
		t.Errorf("related %v, aliases %v; want %v", f.Related, f.Aliases, want)
	}
	f = find(t, k, inventory.OS{}, guess)[0]
	if f.Kind != advisory.Informational || f.Confidence != match.Medium {
		t.Errorf("kind %s, confidence %s", f.Kind, f.Confidence)
	}
}

// What the publisher does not say, the record of the CVE does.
func TestDates(t *testing.T) {
	t.Parallel()
	k := know(t, []*advisory.Advisory{about(npm, "a", "2.0.0", "GHSA-1", "CVE-2099-0001")},
		&advisory.Enrichment{CVE: "CVE-2099-0001", Published: day(1), Modified: day(2)})
	f := find(t, k, inventory.OS{}, pkg("npm", "a", "1.0.0"))[0]
	if !f.Published.Equal(day(1)) || !f.Modified.Equal(day(2)) {
		t.Errorf("published %v, modified %v", f.Published, f.Modified)
	}
}

func TestFix(t *testing.T) {
	t.Parallel()
	k := know(t, []*advisory.Advisory{
		about(npm, "repaired", "2.0.0", "GHSA-1", "CVE-2099-0001"),
		about(npm, "open", "", "GHSA-2", "CVE-2099-0001"),
	})
	for _, tt := range []struct {
		names []string
		want  Fix
	}{
		{[]string{"repaired"}, FixYes},
		{[]string{"open"}, FixNo},
		{[]string{"repaired", "open"}, FixPartial},
	} {
		var list []inventory.Package
		for _, n := range tt.names {
			list = append(list, pkg("npm", n, "1.0.0"))
		}
		f := find(t, k, inventory.OS{}, list...)[0]
		if f.Fix != tt.want {
			t.Errorf("fix of %v is %s, want %s", tt.names, f.Fix, tt.want)
		}
		for _, p := range f.Packages {
			if (p.Fixed == "") != (p.Remediation == "") {
				t.Errorf("%s: fixed in %q, remediation %q", p.Name, p.Fixed, p.Remediation)
			}
		}
	}
}

// TestDeterminism holds that the order of matches, and of what they rest on,
// changes nothing.
func TestDeterminism(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	var list []*advisory.Advisory
	for i := range 80 {
		a := about(npm, fmt.Sprintf("p%d", r.IntN(6)), "2.0.0", fmt.Sprintf("GHSA-%d", i), fmt.Sprintf("CVE-2099-%04d", r.IntN(15)))
		a.Severities = []advisory.Severity{{Source: "GHSA", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", Label: []string{"high", "low"}[r.IntN(2)]}}
		a.Details, a.CWEs = fmt.Sprintf("text %d", i), []string{fmt.Sprintf("CWE-%d", i%9)}
		a.Kind = []advisory.Kind{advisory.Vulnerability, advisory.Vulnerability, advisory.Unmaintained, advisory.Malware}[r.IntN(4)]
		list = append(list, a)
	}
	k := know(t, list)
	inv := inventory.Inventory{}
	for i := range 30 {
		p := pkg("npm", fmt.Sprintf("p%d", i%6), fmt.Sprintf("1.0.%d", i))
		p.Evidence = []inventory.Evidence{inventory.Manifest, inventory.Filename}[i%2]
		inv.Packages = append(inv.Packages, p)
	}
	inv.Sort()
	res, err := match.Inventory(t.Context(), inv, k, match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := New(t.Context(), image, res.Matches, k, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 10 {
		t.Fatalf("only %d findings", len(want))
	}
	for range 10 {
		mixed := slices.Clone(res.Matches)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		given := slices.Clone(mixed)
		got, err := New(t.Context(), image, mixed, k, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("findings of the same in another order (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(given, mixed); diff != "" {
			t.Fatalf("the matches were changed (-want +got):\n%s", diff)
		}
	}
}

// broken is knowledge that cannot be read.
type broken struct {
	knowledge
	advisory, enrichment error
}

func (b broken) Advisory(r advisory.Ref) (advisory.Advisory, error) {
	if b.advisory != nil {
		return advisory.Advisory{}, b.advisory
	}
	return b.knowledge.Advisory(r)
}

func (b broken) Enrichment(string) (advisory.Enrichment, bool, error) {
	return advisory.Enrichment{}, false, b.enrichment
}

func TestErrors(t *testing.T) {
	t.Parallel()
	k := know(t, []*advisory.Advisory{about(npm, "a", "2.0.0", "GHSA-1", "CVE-2099-0001")})
	res, err := match.Inventory(t.Context(), inventory.Inventory{Packages: []inventory.Package{pkg("npm", "a", "1.0.0")}}, k, match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	damaged := errors.New("damaged")
	for _, b := range []broken{{knowledge: k, advisory: damaged}, {knowledge: k, enrichment: damaged}} {
		if _, err := New(t.Context(), image, res.Matches, b, now); !errors.Is(err, damaged) || err.Error() != "describing CVE-2099-0001: damaged" {
			t.Errorf("New = %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(ctx, image, res.Matches, k, now); !errors.Is(err, context.Canceled) {
		t.Errorf("with the context ended: %v", err)
	}
	// A match that does not say why is still a finding.
	res.Matches[0].Why = nil
	list, err := New(t.Context(), image, res.Matches, k, now)
	if err != nil || len(list) != 1 || list[0].Source != "NVD" || list[0].SourceURL != "https://nvd.nist.gov/vuln/detail/CVE-2099-0001" {
		t.Errorf("New = %+v, %v", list, err)
	}
}
