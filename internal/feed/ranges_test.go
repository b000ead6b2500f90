package feed

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
)

// osvEvents reads "+1 -2 =3 <4": introduced, fixed, last affected, limit.
func osvEvents(s string) []osvEvent {
	var list []osvEvent
	for f := range strings.FieldsSeq(s) {
		var e osvEvent
		*map[byte]*string{'+': &e.Introduced, '-': &e.Fixed, '=': &e.LastAffected, '<': &e.Limit}[f[0]] = f[1:]
		list = append(list, e)
	}
	return list
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		typ, events string
		want        string // ranges, separated by semicolons
		odd         string
	}{
		{"npm", "+0", "all versions", ""},
		{"npm", "+0 -1.0.0", "< 1.0.0", ""},
		{"npm", "+0 =1.0.0", "<= 1.0.0", ""},
		{"npm", "+1.0.0 =1.0.0", ">= 1.0.0, <= 1.0.0", ""},
		{"npm", "=1.0.0 +1.0.0", ">= 1.0.0, <= 1.0.0", ""},
		{"npm", "+1.0.0 -2.0.0 +3.0.0", ">= 1.0.0, < 2.0.0; >= 3.0.0", ""},
		// In the order of the versions, whatever order they are written in.
		{"npm", "-10.0.0 +9.0.0 -2.0.0 +0", "< 2.0.0; >= 9.0.0, < 10.0.0", ""},
		{"npm", "+0 +1.0.0 -2.0.0", "< 2.0.0", ""},
		// Lists of pairs: in no order (PYSEC-2023-72), overlapping
		// (PYSEC-2021-114), touching.
		{"npm", "+0 -3.1.1 +3.2.0 -3.2.2 +3.1.1 -3.2.0", "< 3.2.2", ""},
		{"npm", "+2.11.0 -2.11.7 +0 -2.11.6 +2.12.0 -2.12.4", "< 2.11.7; >= 2.12.0, < 2.12.4", ""},
		{"npm", "+1.0.0 =2.0.0 +2.0.0 -3.0.0", ">= 1.0.0, < 3.0.0", ""},
		// A pair that is not in order is none: BIT-redis-2025-21605.
		{
			"npm", "+2.6.0 -6.2.18 +7.0.0 -7.2.8 +7.3.0 -6.2.18 +7.2.0 -7.2.8 +7.4.0 -7.4.3",
			">= 2.6.0, < 6.2.18; >= 7.0.0, < 7.2.8; >= 7.3.0, < 7.4.3", "fixed 6.2.18, fixed 7.2.8",
		},
		{"npm", "+2.0.0 -1.0.0", ">= 2.0.0", "fixed 1.0.0"},
		// Nothing inside.
		{"npm", "+0 -0", "", ""},
		{"npm", "+1.0.0 -1.0.0", "", "introduced and fixed 1.0.0"},
		{"npm", "+0 -1.0.0 +2.0.0 -2.0.0", "< 1.0.0", "introduced and fixed 2.0.0"},
		{"npm", "-1.0.0", "", "fixed 1.0.0"},
		{"npm", "=1.0.0", "", "last_affected 1.0.0"},
		{"npm", "", "", ""},
		// Versions without an order are taken as they are written.
		{"npm", "+one -two", ">= one, < two", ""},
		{"npm", "+2.0.0 -one +1.0.0 -1.1.0", ">= 2.0.0, < one; >= 1.0.0, < 1.1.0", ""},
		{"npm", "-one +1.0.0", ">= 1.0.0", "fixed one"},
		{"npm", "+0 -one <2.0.0", "< one", "limit 2.0.0"},
		{"npm", "-one +0 -0 +0", "all versions", "fixed one"},
		// Limits.
		{"npm", "+1.0.0 <2.0.0", ">= 1.0.0, < 2.0.0", ""},
		{"npm", "+1.0.0 -3.0.0 <2.0.0", ">= 1.0.0, < 2.0.0", ""},
		{"npm", "+1.0.0 -1.5.0 +2.5.0 -3.0.0 <2.0.0 <1.0.0", ">= 1.0.0, < 1.5.0", ""},
		{"npm", "+1.0.0 =2.0.0 <2.0.0 <*", ">= 1.0.0, <= 2.0.0", ""},
		// The order is that of the ecosystem.
		{"deb", "+1:1.0 -2:0.5", ">= 1:1.0, < 2:0.5", ""},
		{"pypi", "+1.0 -1.0.post1", ">= 1.0, < 1.0.post1", ""},
		{"maven", "-1.0 +1.0-beta-1", ">= 1.0-beta-1, < 1.0", ""},
	} {
		list, odd := intervals(tt.typ, osvEvents(tt.events))
		var got []string
		for _, r := range list {
			got = append(got, r.String())
		}
		if diff := gocmp.Diff(tt.want+" | "+tt.odd, strings.Join(got, "; ")+" | "+strings.Join(odd, ", ")); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.typ, tt.events, diff)
		}
	}
}

// evaluate is the evaluation of the OSV schema, word by word, with versions
// that are numbers. Source: OSV schema, "Evaluation".
func evaluate(events []osvEvent, version int) bool {
	num := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			panic(err)
		}
		return n
	}
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b osvEvent) int {
		at := func(e osvEvent) int { return num(cmp.Or(e.Introduced, e.Fixed, e.LastAffected)) }
		return cmp.Compare(at(a), at(b))
	})
	vulnerable := false
	for _, e := range sorted {
		switch {
		case e.Introduced != "" && version >= num(e.Introduced):
			vulnerable = true
		case e.Fixed != "" && version >= num(e.Fixed):
			vulnerable = false
		case e.LastAffected != "" && version > num(e.LastAffected):
			vulnerable = false
		}
	}
	return vulnerable
}

// inside is the plain meaning of ranges.
func inside(list []advisory.Range, version int) bool {
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	return slices.ContainsFunc(list, func(r advisory.Range) bool {
		return version >= num(r.Introduced) && (r.Fixed == "" || version < num(r.Fixed)) &&
			(r.LastAffected == "" || version <= num(r.LastAffected))
	})
}

// TestIntervalsEvaluate compares the intervals with the evaluation that the
// schema defines. They never lose a version of it. They have others only where
// the events are a list of pairs, and then those of the pairs.
func TestIntervalsEvaluate(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	exact := 0
	for range 20_000 {
		var events []osvEvent
		used := map[string]bool{} // what the schema says of two events at one version depends on the sort
		for range 1 + r.IntN(6) {
			v := strconv.Itoa(1 + r.IntN(30))
			if used[v] {
				continue
			}
			used[v] = true
			events = append(events, []osvEvent{{Introduced: v}, {Fixed: v}, {LastAffected: v}, {Introduced: v}}[r.IntN(4)])
		}
		list, _ := intervals("generic", events)
		same := true
		for v := range 33 {
			want, got := evaluate(events, v), inside(list, v)
			if want && !got {
				t.Fatalf("%v becomes %v, which loses %d", events, list, v)
			}
			same = same && want == got
		}
		if same {
			exact++
			continue
		}
		for i, e := range events {
			if (e.Introduced != "") != (i%2 == 0) {
				t.Fatalf("%v becomes %v, which has too much", events, list)
			}
		}
		for v := range 33 {
			pair := false
			for i := 0; i < len(events); i += 2 {
				pair = pair || evaluate(events[i:min(i+2, len(events))], v)
			}
			if got := inside(list, v); got != pair {
				t.Fatalf("%v becomes %v, and %d is %v", events, list, v, got)
			}
		}
	}
	if exact < 10_000 {
		t.Errorf("only %d are compared with the schema", exact)
	}
}

// TestUnion compares joined ranges with the ranges, version by version, and
// wants them sorted and apart.
func TestUnion(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	for range 20_000 {
		var list []advisory.Range
		for range r.IntN(6) {
			from := 1 + r.IntN(20)
			g := advisory.Range{Introduced: strconv.Itoa(from)}
			end := strconv.Itoa(from + 1 + r.IntN(8))
			switch r.IntN(8) {
			case 0:
			case 1, 2, 3:
				g.LastAffected = end
			default:
				g.Fixed = end
			}
			list = append(list, g)
		}
		got := union("generic", list)
		for v := range 40 {
			if inside(got, v) != inside(list, v) {
				t.Fatalf("%v becomes %v, which differs at %d", list, got, v)
			}
		}
		for i := 1; i < len(got); i++ {
			end, _ := strconv.Atoi(cmp.Or(got[i-1].Fixed, got[i-1].LastAffected))
			if from, _ := strconv.Atoi(got[i].Introduced); end == 0 || from <= end {
				t.Fatalf("%v becomes %v", list, got)
			}
		}
	}
}

func TestModuleNames(t *testing.T) {
	t.Parallel()
	modular := advisory.Affected{Ecosystem: advisory.Ecosystem{Type: "rpm"}, Ranges: []advisory.Range{{Fixed: "1-1.module+el8"}}}
	plain := advisory.Affected{Ecosystem: advisory.Ecosystem{Type: "rpm"}, Ranges: []advisory.Range{{Fixed: "1-1.el8"}}}
	for _, tt := range []struct {
		p       advisory.Affected
		summary string
		want    string
	}{
		{plain, "Moderate: nodejs:18 security update", ""},
		{modular, "Moderate: nodejs:18 security update", "nodejs:18"},
		{modular, "Moderate: virt:rhel and virt-devel:rhel security update", "virt-devel:rhel,virt:rhel"},
		{modular, "ALSA-2024:1 of (go-toolset:rhel8)", "go-toolset:rhel8"},
		{modular, "Moderate: mysql security update", "mysql"},
		{modular, "mysql security update", "mysql"},
		{modular, "", ""},
	} {
		if got := strings.Join(moduleNames(tt.p, tt.summary), ","); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.summary, got, tt.want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ got, want any }{
		{clip("héé", 2), "h"},
		{clip("héé", 3), "hé"},
		{clip("abc", 3), "abc"},
		{oneLine(" a\n\tb "), "a b"},
		{isID("CVE-2099-1"), true},
		{isID("a b"), false},
		{isID(""), false},
		{isName(" "), false},
		{isName("a\x00"), false},
		{isName("a b é"), true},
		{isCVE("CVE-2024-3094"), true},
		{isCVE("CVE-2024-309"), false},
		{isCVE("CVE-20x4-3094"), false},
		{isCVE("CVE-2024-12345678901234"), true},
		{isCVE("CVE-2024-123456789012345"), false},
		{isCVE("CVE-2024-0001"), true},
		{isCVE("CVE-2024-00001"), false},
		{isCWE("CWE-79"), true},
		{isCWE("CWE-x"), false},
		{isURL("https://example.org/"), true},
		{isURL("file:///etc/passwd"), false},
		{isURL("https://a b"), false},
		{publisherOf("GHSA-x").name, "GHSA"},
		{publisherOf("FOO-1").name, "FOO"},
		{publisherOf("-1").name, "-1"},
		{flawID("UBUNTU-CVE-2024-3094"), "CVE-2024-3094"},
		{flawID("USN-1-1"), "USN-1-1"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %v, want %v", tt.got, tt.want)
		}
	}
	for s, want := range map[string]string{
		"2024-01-02T03:04:05Z": "2024-01-02T03:04:05Z", "2024-01-02T03:04:05+01:00": "2024-01-02T02:04:05Z", "2024-01-02": "2024-01-02T00:00:00Z",
		"2024-01-02T03:04:05.5": "2024-01-02T03:04:05.5Z", "2025-08-20T00:00:00+0000": "2025-08-20T00:00:00Z", "soon": "", "": "0001-01-01T00:00:00Z",
	} {
		got, ok := parseDate(s)
		if ok != (want != "") || ok && got.Format("2006-01-02T15:04:05.999Z07:00") != want {
			t.Errorf("%q: %v, %v; want %q", s, got, ok, want)
		}
	}
	for entry, want := range map[string]string{
		"CVE-2018-3620 CVE-2018-3646 XSA-273":    "[CVE-2018-3620 CVE-2018-3646] [XSA-273]",
		"CVE-2017-2616 (+ regression fix)":       "[CVE-2017-2616] []",
		"CVE_2019-2426":                          "[CVE-2019-2426] []",
		"CVE 2018-16859 CVE-2017-8073.patch":     "[CVE-2018-16859 CVE-2017-8073] []",
		"CVE-????-????? XPTI":                    "[] []",
		"XSA-1 ZBX-11023":                        "[XSA-1] [ZBX-11023]",
		"CVE-2017-17434-1 GHSA-aaaa-bbbb-cc1c (": "[CVE-2017-17434] [GHSA-aaaa-bbbb-cc1c]",
	} {
		flaws, related := secdbIDs(entry)
		if got := fmt.Sprint(flaws, " ", related); got != want {
			t.Errorf("%q: %s, want %s", entry, got, want)
		}
	}
}
