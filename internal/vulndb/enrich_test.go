package vulndb

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
)

// enrichments is what several sources say of a few CVEs.
func enrichments() []*advisory.Enrichment {
	return []*advisory.Enrichment{
		{CVE: "CVE-2021-44228", KEV: &advisory.KEV{Added: day(1), Due: day(15), Ransomware: true}},
		{CVE: "CVE-2021-44228", EPSS: &advisory.EPSS{Score: 0.94358, Percentile: 0.99957, Date: day(2), Model: "v2025.03.14"}},
		{CVE: "CVE-2021-44228", EPSS: &advisory.EPSS{Score: 0.9, Percentile: 0.9, Date: day(1), Model: "v2025.03.14"}},
		{
			CVE: "CVE-2021-44228", Title: "Old title", Description: "Old text", Published: day(3), Modified: day(4), Exploitation: "poc",
			Severities: []advisory.Severity{{Source: "CNA", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Score: 10, Label: "critical"}},
			CWEs:       []string{"CWE-502"}, References: []advisory.Reference{{URL: "https://b.example/"}},
		},
		{
			CVE: "CVE-2021-44228", Description: "New text", Published: day(2), Modified: day(5), Exploitation: "active",
			Severities: []advisory.Severity{
				{Source: "CNA", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Score: 10, Label: "critical"},
				{Source: "CISA-ADP", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Score: 10},
			},
			CWEs: []string{"CWE-20", "CWE-502"}, References: []advisory.Reference{{URL: "https://a.example/", Type: "FIX"}, {URL: "https://b.example/"}},
		},
		{CVE: "CVE-2024-0001", EPSS: &advisory.EPSS{Score: 1.0 / 3, Percentile: 0, Date: day(2), Model: "v4"}},
		{CVE: "CVE-2024-123456", Title: strings.Repeat("long ", 100)},
		{CVE: "CVE-2024-0001", Exploits: []advisory.Exploit{
			{Source: "metasploit", ID: "exploit/x/y", URL: "https://m.example/docs/y.rb", Published: day(3)},
			{Source: "exploit-db", ID: "50592", URL: "https://e.example/exploits/50592/raw", Published: day(2)},
			{Source: "exploit-db", ID: "50592", URL: "https://e.example/old/50592", Published: day(1)},
		}},
		{CVE: "CVE-2024-0001", Exploits: []advisory.Exploit{
			{Source: "exploit-db", ID: "50592", URL: "https://e.example/old/50592"},
			{Source: "exploit-db", ID: "1"},
		}},
	}
}

func buildEnrichment(tb testing.TB, list []*advisory.Enrichment) []byte {
	tb.Helper()
	b := NewBuilder(BuildOptions{Built: day(1)})
	for _, e := range list {
		if err := b.Enrich(e); err != nil {
			tb.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := b.Write(nil, &out); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func TestEnrichment(t *testing.T) {
	t.Parallel()
	list := enrichments()
	data := buildEnrichment(t, list)
	e, err := OpenEnrichmentBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Verify(); err != nil {
		t.Fatal(err)
	}
	want := map[string]advisory.Enrichment{
		"CVE-2021-44228": {
			CVE: "CVE-2021-44228", Title: "Old title", Description: "New text", Published: day(2), Modified: day(5),
			Severities: []advisory.Severity{list[4].Severities[1], list[4].Severities[0]},
			CWEs:       []string{"CWE-20", "CWE-502"},
			References: []advisory.Reference{{URL: "https://a.example/", Type: "FIX"}, {URL: "https://b.example/"}},
			KEV:        list[0].KEV, EPSS: list[1].EPSS, Exploitation: "active",
		},
		"CVE-2024-0001": {CVE: "CVE-2024-0001", EPSS: list[5].EPSS, Exploits: []advisory.Exploit{
			{Source: "exploit-db", ID: "1"}, list[7].Exploits[1], list[7].Exploits[0],
		}},
		"CVE-2024-123456": *list[6],
	}
	for cve, w := range want {
		got, ok, err := e.Lookup(cve)
		if diff := cmp.Diff(w, got); diff != "" || !ok || err != nil {
			t.Errorf("%s: %v, %v (-want +got):\n%s", cve, ok, err, diff)
		}
		got, ok, err = e.Brief(cve)
		w.Title, w.Description, w.References = "", "", nil
		if diff := cmp.Diff(w, got); diff != "" || !ok || err != nil {
			t.Errorf("brief %s: %v, %v (-want +got):\n%s", cve, ok, err, diff)
		}
	}
	for _, cve := range []string{"", "CVE-2024-00001", "CVE-2024-1234", "GHSA-aaaa-bbbb-cccc", "CVE-2024-9999999999999999999"} {
		if _, ok, err := e.Lookup(cve); ok || err != nil {
			t.Errorf("%q: %v, %v; want nothing", cve, ok, err)
		}
	}
	for range 20 {
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if !bytes.Equal(data, buildEnrichment(t, slices.Concat(list, list[:3]))) {
			t.Fatal("another order gives other bytes")
		}
	}
}

func TestEnrichRefuses(t *testing.T) {
	t.Parallel()
	b := NewBuilder(BuildOptions{})
	for _, e := range []advisory.Enrichment{
		{CVE: "GHSA-aaaa-bbbb-cccc"},
		{CVE: "CVE-2024-00001"},
		{CVE: "CVE-2024-12x4"},
		{CVE: "CVE-2024-1234", Exploitation: "maybe"},
		{CVE: "CVE-2024-1234", Exploits: []advisory.Exploit{{ID: "1"}}},
		{CVE: "CVE-2024-1234", Exploits: []advisory.Exploit{{Source: "exploit-db"}}},
	} {
		if err := b.Enrich(&e); !errors.Is(err, ErrRefused) {
			t.Errorf("%v: %v", e, err)
		}
	}
}

func TestCVEKey(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"CVE-1999-0001", "CVE-2024-9999", "CVE-2024-10000", "CVE-2024-1000001"} {
		k, ok := cveKey(id)
		if !ok || cveText(k) != id {
			t.Errorf("%s becomes %s, %v", id, cveText(k), ok)
		}
	}
}
