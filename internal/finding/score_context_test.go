package finding

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/cvss"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
)

// Vectors by which well-known vulnerabilities are rated. Source: NVD, but for
// those of Red Hat.
const (
	log4Shell  = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H" // CVE-2021-44228
	heartbleed = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N" // CVE-2014-0160
	regresshn  = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H" // CVE-2024-6387, Red Hat
	looney     = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H" // CVE-2023-4911
	shellshock = "AV:N/AC:L/Au:N/C:C/I:C/A:C"                   // CVE-2014-6271
	zlib       = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" // CVE-2022-37434
	socks      = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H" // CVE-2023-38545, CISA
)

// baseScore is the score of a vector before anything is known of a resource.
func baseScore(t *testing.T, vector string) Score {
	t.Helper()
	version, value, err := cvss.Base(vector)
	if err != nil {
		t.Fatal(err)
	}
	return Score{
		Value: value, Version: version, Vector: vector, Source: "NVD",
		Reasons: []Reason{{Metric: "Base score", Text: "CVSS " + version + " base score by NVD", Delta: value}},
	}
}

var (
	quiet = Context{Unproven: true, EPSS: &advisory.EPSS{Score: 0.00043, Date: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}}
	idle  = Context{Usage: inventory.Idle}
	inner = Context{Reach: ReachNone}
	mute  = Context{Reach: ReachLocal}
)

func TestContextual(t *testing.T) {
	t.Parallel()
	all := Context{Unproven: true, EPSS: quiet.EPSS, Usage: inventory.Idle, Reach: ReachNone}
	for _, tt := range []struct {
		name, vector string
		in           Context
		want         string // value and vector; the base's if empty
		metrics      string
	}{
		{"nothing known", log4Shell, Context{}, "", ""},
		{"no path", log4Shell, inner, "9.6 CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "Attack Vector -0.4"},
		{"no path, critical", zlib, inner, "8.8 CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "Attack Vector -1"},
		{"connected networks", zlib, Context{Reach: ReachInternal}, "8.8 CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "Attack Vector -1"},
		{"nothing listens", zlib, mute, "8.4 CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "Attack Vector -1.4"},
		{"from the Internet", zlib, Context{Reach: ReachInternet}, "", ""},
		{"from few addresses", zlib, Context{Reach: ReachRestricted}, "", ""},
		{"local already", looney, mute, "", ""},
		{"somebody must take part", socks, inner, "", ""},
		{"a program that calls", zlib, Context{Reach: ReachNone, Usage: inventory.Idle, Client: true}, "", ""},
		{"open in a process that listens", zlib, Context{Reach: ReachNone, Usage: inventory.Listening}, "8.8 CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "Attack Vector -1"},
		{"open in a process that does not", zlib, Context{Reach: ReachNone, Usage: inventory.Loaded}, "", ""},

		{"idle", heartbleed, idle, "5.9 CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N", "Attack Complexity -1.6"},
		{"idle and complex already", regresshn, idle, "", ""},
		{"idle and local", looney, idle, "", ""},
		{"idle and somebody must take part", socks, idle, "", ""},
		{"in use", heartbleed, Context{Usage: inventory.Listening}, "", ""},

		{"unproven", regresshn, quiet, "7.4 " + regresshn + "/E:U", "Exploit Code Maturity -0.7"},
		{"unproven, local", looney, quiet, "7.1 " + looney + "/E:U", "Exploit Code Maturity -0.7"},
		{"unproven, but the publisher knows better", looney + "/E:F", quiet, "", ""},
		{"unproven, as the publisher says", looney + "/E:U/RL:O/RC:C", quiet, "7.1 " + looney + "/E:U", "Exploit Code Maturity -0.7"},
		{
			"everything", zlib, all, "6.9 CVSS:3.1/AV:A/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U",
			"Attack Vector -1, Attack Complexity -1.3, Exploit Code Maturity -0.6",
		},
		{
			"CVSS 2", shellshock, all, "5.8 AV:A/AC:H/Au:N/C:C/I:C/A:C/E:U/RL:ND/RC:ND",
			"Access Vector -1.7, Access Complexity -1.5, Exploitability -1",
		},
		{"CVSS 2, perhaps with somebody", v2Medium, inner, "", ""},
		{"CVSS 3.0", v30High, inner, "6.5 CVSS:3.0/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "Attack Vector -1"},
		{
			"CVSS 4.0", v40High, quiet, "6.6 " + v40High + "/E:U", "Exploit Maturity -2.1",
		},
		{"no impact", v31Nothing, quiet, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			base := baseScore(t, tt.vector)
			got := Contextual(base, tt.in)
			if tt.want == "" {
				if diff := cmp.Diff(base, got); diff != "" || len(got.Adjustments()) > 0 {
					t.Fatalf("the score was adjusted:\n%s", diff)
				}
				return
			}
			if said := fmt.Sprintf("%v %s", got.Value, got.Vector); said != tt.want {
				t.Errorf("got %s, want %s", said, tt.want)
			}
			var metrics []string
			for _, r := range got.Adjustments() {
				metrics = append(metrics, fmt.Sprintf("%s %v", r.Metric, r.Delta))
				if r.Text == "" {
					t.Errorf("%s is not explained", r.Metric)
				}
			}
			if said := strings.Join(metrics, ", "); said != tt.metrics {
				t.Errorf("adjusted by %s, want %s", said, tt.metrics)
			}
			if diff := cmp.Diff(base, got.Base()); diff != "" {
				t.Errorf("the base score (-want +got):\n%s", diff)
			}
		})
	}
}

// A score that is no vector's stays as it is.
func TestContextualWord(t *testing.T) {
	t.Parallel()
	for _, s := range []Score{
		{},
		{Reasons: []Reason{{Metric: "Vendor severity", Text: "Ubuntu rates it medium"}}},
		{Value: 10, Source: "Assay", Reasons: []Reason{{Metric: "Kind", Text: "the package itself is malicious", Delta: 10}}},
		{Value: 5.5, Source: "NVD", Reasons: []Reason{{Metric: "Base score", Delta: 5.5}}},
		{Value: 5.5, Source: "NVD", Vector: "CVSS:3.1/AV:X", Version: "3.1", Reasons: []Reason{{Metric: "Base score", Delta: 5.5}}},
	} {
		got := Contextual(s, Context{Unproven: true, Reach: ReachLocal, Usage: inventory.Idle})
		if diff := cmp.Diff(s, got); diff != "" {
			t.Errorf("adjusted (-want +got):\n%s", diff)
		}
	}
}

func TestUnproven(t *testing.T) {
	t.Parallel()
	epss := func(v float64) *advisory.EPSS { return &advisory.EPSS{Score: v} }
	for _, tt := range []struct {
		epss         *advisory.EPSS
		kev          *advisory.KEV
		exploitation string
		want         bool
	}{
		{epss(0.0004), nil, "none", true},
		{epss(0.0099), nil, "none", true},
		{epss(0.01), nil, "none", false},
		{nil, nil, "none", false},
		{epss(0.0004), nil, "", false},
		{epss(0.0004), nil, "poc", false},
		{epss(0.0004), nil, "active", false},
		{epss(0.0004), &advisory.KEV{}, "none", false},
		{epss(math.NaN()), nil, "none", false},
		{nil, nil, "", false},
	} {
		if got := Unproven(tt.epss, tt.kev, tt.exploitation); got != tt.want {
			t.Errorf("Unproven(%v, %v, %q) = %v", tt.epss, tt.kev, tt.exploitation, got)
		}
	}
}

// using returns a package of the operating system in some use.
func using(name string, u inventory.Usage) Package {
	return Package{Package: inventory.Package{Type: "deb", Name: name, Usage: u, Evidence: inventory.Database}}
}

func TestUsageOf(t *testing.T) {
	t.Parallel()
	wheel := using("requests", inventory.Idle)
	wheel.Type, wheel.Evidence = "pypi", inventory.Manifest
	binary := using("stdlib", inventory.Idle)
	binary.Type, binary.Evidence = "golang", inventory.Binary
	source := using("bpftool", inventory.Idle)
	source.SourceName = "linux"
	for _, tt := range []struct {
		name string
		list []Package
		want inventory.Usage
	}{
		{"none", nil, ""},
		{"idle", []Package{using("a", inventory.Idle), using("b", inventory.Idle)}, inventory.Idle},
		{"one is not known", []Package{using("a", inventory.Idle), using("b", "")}, ""},
		{"one is loaded", []Package{using("a", inventory.Idle), using("b", ""), using("c", inventory.Loaded)}, inventory.Loaded},
		{"one listens", []Package{using("a", inventory.Loaded), using("b", inventory.Listening)}, inventory.Listening},
		{"a word that is none", []Package{using("a", "asleep")}, ""},
		{"a kernel", []Package{using("linux-image-6.1.0-18-amd64", inventory.Idle)}, ""},
		{"another kernel", []Package{using("kernel-core", inventory.Idle)}, ""},
		{"of the source of the kernel", []Package{source}, ""},
		{"a module of an interpreter", []Package{wheel}, ""},
		{"an executable", []Package{binary}, inventory.Idle},
	} {
		if got := usageOf(tt.list); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestClients(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"curl": true, "libcurl4": true, "libcurl3-gnutls": true, "curl-minimal": true, "openssh-client": true, "openssh-clients": true,
		"git": true, "libapt-pkg6.0": true, "openssh-server": false, "git-daemon": false, "gitlab": false, "openssl": false, "": false,
	} {
		if got := clients([]Package{using(name, "")}); got != want {
			t.Errorf("%s is a client: %v", name, got)
		}
	}
	if clients([]Package{using("curl", ""), using("openssl", "")}) || clients(nil) {
		t.Error("not all of them are clients")
	}
	npm := using("git", "")
	npm.Type = "npm"
	if clients([]Package{npm}) {
		t.Error("an npm package of the name is a client")
	}
}

// Findings of machines only are adjusted, as often as one likes, and their
// severity stays.
func TestRescore(t *testing.T) {
	t.Parallel()
	for typ, want := range map[resource.Type]float64{
		resource.Instance: 6.9, resource.AzureInstance: 6.9, resource.Image: 9.8, resource.Function: 9.8, resource.Code: 9.8, "": 9.8,
	} {
		f := Finding{
			Resource: resource.Resource{Type: typ}, Severity: Critical, Score: baseScore(t, zlib), EPSS: quiet.EPSS, Exploitation: "none",
			Packages: []Package{using("zlib1g", inventory.Idle)},
		}
		f.Rescore(ReachNone)
		f.Rescore(ReachNone)
		if f.Score.Value != want || f.Severity != Critical {
			t.Errorf("%s: %v, %s", typ, f.Score.Value, f.Severity)
		}
		f.KEV = &advisory.KEV{}
		f.Packages[0].Usage = inventory.Listening
		f.Rescore(ReachUnknown)
		if diff := cmp.Diff(baseScore(t, zlib), f.Score); diff != "" {
			t.Errorf("%s: what is no longer known still adjusts (-want +got):\n%s", typ, diff)
		}
	}
}

// vectors are all base vectors of CVSS 2 and 3.1, and some of 3.0 and 4.0.
func vectors() []string {
	product := func(prefix string, metrics ...string) []string {
		out := []string{prefix}
		for _, m := range metrics {
			name, values, _ := strings.Cut(m, ":")
			var next []string
			for _, v := range out {
				for _, value := range values {
					next = append(next, v+"/"+name+":"+string(value))
				}
			}
			out = next
		}
		return out
	}
	var out []string
	for _, v := range product("", "AV:LAN", "AC:HML", "Au:MSN", "C:NPC", "I:NPC", "A:NPC") {
		out = append(out, v[1:])
	}
	out = append(out, product("CVSS:3.1", "AV:NALP", "AC:LH", "PR:NLH", "UI:NR", "S:UC", "C:HLN", "I:HLN", "A:HLN")...)
	out = append(out, product("CVSS:3.0", "AV:NALP", "AC:LH", "PR:N", "UI:NR", "S:UC", "C:HLN", "I:HL", "A:N")...)
	return append(out, product("CVSS:4.0", "AV:NALP", "AC:LH", "AT:NP", "PR:NL", "UI:NPA", "VC:HL", "VI:N", "VA:HN", "SC:HN", "SI:N", "SA:N")...)
}

// Whatever is known: the score is that of its vector, is at most the base score
// and 0 only if that is, and the reasons add up. Knowing less never lowers it,
// nor does a wider reach, an exploit, or a package in use.
func TestContextualProperties(t *testing.T) {
	t.Parallel()
	reaches := []Reach{ReachLocal, ReachNone, ReachInternal, ReachRestricted, ReachInternet, ReachUnknown} // each scores at least like the one before
	usages := []inventory.Usage{inventory.Idle, inventory.Listening, inventory.Loaded, ""}
	checked := 0
	for _, vector := range vectors() {
		base := baseScore(t, vector)
		score := func(in Context) float64 {
			got := Contextual(base, in)
			checked++
			if !(got.Value >= 0 && got.Value <= base.Value) || (got.Value == 0) != (base.Value == 0) || got.Value != math.Round(got.Value*10)/10 {
				t.Fatalf("%s scores %v by %+v, base %v", vector, got.Value, in, base.Value)
			}
			if _, value, err := cvss.With(got.Vector, stated(got.Vector)...); err != nil || math.Abs(value-got.Value) > 0.05 {
				t.Fatalf("%s scores %v by %+v, its vector %s %v, %v", vector, got.Value, in, got.Vector, value, err)
			}
			sum := 0.0
			for _, r := range got.Reasons {
				sum += r.Delta
			}
			if math.Abs(sum-got.Value) > 1e-9 {
				t.Fatalf("%s scores %v by %+v, its reasons %v", vector, got.Value, in, sum)
			}
			return got.Value
		}
		for _, usage := range usages {
			least := 0.0
			for _, reach := range reaches {
				known := score(Context{Reach: reach, Usage: usage})
				quiet := score(Context{Reach: reach, Usage: usage, Unproven: true})
				if known < least || quiet > known {
					t.Fatalf("%s scores %v from %q and %q, %v when unproven, and %v from nearer", vector, known, reach, usage, quiet, least)
				}
				least = known
				if running := score(Context{Reach: reach}); usage == inventory.Idle && running < known {
					t.Fatalf("%s scores %v when idle, %v when not known", vector, known, running)
				}
			}
		}
		if got := score(Context{Reach: ReachLocal, Usage: inventory.Idle, Client: true}); got != base.Value {
			t.Fatalf("%s scores %v where it is a client's", vector, got)
		}
		if got := score(Context{}); got != base.Value {
			t.Fatalf("%s scores %v by nothing", vector, got)
		}
	}
	t.Logf("%d scores", checked)
}

// Worse news never lowers a score: an entry in CISA's catalogue, an exploit, a
// higher forecast, or that one of them is no longer known.
func TestNewsNeverLower(t *testing.T) {
	t.Parallel()
	score := func(epss *advisory.EPSS, kev *advisory.KEV, exploitation string) float64 {
		f := Finding{
			Resource: resource.Resource{Type: resource.Instance}, Score: baseScore(t, zlib), EPSS: epss, KEV: kev, Exploitation: exploitation,
		}
		f.Rescore(ReachNone)
		return f.Score.Value
	}
	forecasts := []*advisory.EPSS{{Score: 0}, {Score: 0.0099}, {Score: 0.01}, {Score: 0.5}, {Score: 1}, nil}
	words := []string{"none", "poc", "active", ""}
	for i, epss := range forecasts {
		for j, word := range words {
			at := score(epss, nil, word)
			if listed := score(epss, &advisory.KEV{}, word); listed < at {
				t.Errorf("%v and %q: %v, in the catalogue %v", epss, word, at, listed)
			}
			for _, worse := range forecasts[i:] {
				for _, graver := range words[j:] {
					if got := score(worse, nil, graver); got < at {
						t.Errorf("%v and %q: %v, %v and %q: %v", epss, word, at, worse, graver, got)
					}
				}
			}
		}
	}
}

// stated returns the optional metric that a contextual vector may have.
func stated(vector string) []cvss.Metric {
	if e := cvss.Value(vector, "E"); e != "" {
		return []cvss.Metric{{Name: "E", Value: e}}
	}
	return nil
}

// TestDocumentedExamples computes the table of doc/score.md.
func TestDocumentedExamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../doc/score.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]func(*Context){
		"nothing":     func(*Context) {},
		"idle":        func(c *Context) { c.Usage = inventory.Idle },
		"loaded":      func(c *Context) { c.Usage = inventory.Loaded },
		"listening":   func(c *Context) { c.Usage = inventory.Listening },
		"unproven":    func(c *Context) { c.Unproven = true },
		"reach none":  func(c *Context) { c.Reach = ReachNone },
		"reach local": func(c *Context) { c.Reach = ReachLocal },
	}
	row := regexp.MustCompile("(?m)^\\| (CVE-[^|]+) \\| `([^`]+)` \\| ([^|]+) \\| ([0-9.]+) \\| ([0-9.]+) \\| `([^`]+)` \\|$")
	rows := row.FindAllStringSubmatch(string(text), -1)
	if len(rows) < 10 {
		t.Fatalf("%d examples", len(rows))
	}
	for _, r := range rows {
		var in Context
		for word := range strings.SplitSeq(r[3], ", ") {
			if known[word] == nil {
				t.Fatalf("%s: %q is nothing that can be known", r[1], word)
			}
			known[word](&in)
		}
		base := baseScore(t, r[2])
		got := Contextual(base, in)
		if said := fmt.Sprintf("%.1f %.1f %s", base.Value, got.Value, got.Vector); said != r[4]+" "+r[5]+" "+r[6] {
			t.Errorf("%s with %s: %s, documented %s %s %s", r[1], r[3], said, r[4], r[5], r[6])
		}
	}
}
