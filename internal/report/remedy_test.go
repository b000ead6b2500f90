package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

func TestRemedies(t *testing.T) {
	t.Parallel()
	r := RemediesOf(document())
	var upgrades, commands []string
	for _, u := range r.Upgrades {
		upgrades = append(upgrades, fmt.Sprintf("%s %s %s %d %v", u.Name, u.From, u.To, len(u.Closes), u.InBase))
	}
	for _, c := range r.Commands {
		commands = append(commands, c.Place+": "+c.Text)
	}
	if d := cmp.Diff([]string{
		"org.apache.logging.log4j:log4j-core 2.14.1 2.17.0 3 false",
		"@babel/traverse 7.22.8 7.23.2 1 false",
		"libc-bin 2.36-9+deb12u1 2.36-9+deb12u3 1 true",
		"libc6 2.36-9+deb12u1 2.36-9+deb12u3 1 true",
		"libssl3 3.0.11-1~deb12u1 3.0.11-1~deb12u2 1 true",
		"lodash 4.17.20 4.17.21 1 false",
	}, upgrades); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		"srv/app/shop.war: in the build file set org.apache.logging.log4j:log4j-core to 2.17.0",
		"srv/app: npm install @babel/traverse@7.23.2 lodash@4.17.21",
		": apt-get update && apt-get install --only-upgrade libc-bin libc6 libssl3",
	}, commands); d != "" {
		t.Error(d)
	}
	if r.Base == nil || r.Base.Upgrades != 3 || r.Base.Findings != 2 {
		t.Errorf("base image %+v", r.Base)
	}
	if d := cmp.Diff([]Left{
		{"GHSA-9x64-5r7x-2q53", "npm", "flatmap-stream", "0.1.1", "the package itself is malicious: remove it"},
		{"OSV-2099-0001", "pypi", "requests", "2.28.1", "no fix known"},
		{"CVE-2011-4116", "deb", "perl-base", "5.36.0-7+b1", "will not be fixed"},
	}, r.Left, cmp.Transformer("sort", func(l []Left) []Left {
		l = slices.Clone(l)
		slices.SortFunc(l, func(a, b Left) int { return strings.Compare(a.Name, b.Name) })
		return l
	})); d != "" {
		t.Error(d)
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		os   inventory.OS
		p    inventory.Package
		to   string
		want string
	}{
		{inventory.OS{ID: "almalinux", VersionID: "9.4"}, inventory.Package{Type: "rpm", Name: "curl"}, "1-2", "dnf upgrade curl"},
		{inventory.OS{ID: "amzn", VersionID: "2"}, inventory.Package{Type: "rpm", Name: "curl"}, "1-2", "yum update curl"},
		{inventory.OS{ID: "amzn", VersionID: "2023"}, inventory.Package{Type: "rpm", Name: "curl"}, "1-2", "dnf upgrade curl"},
		{inventory.OS{ID: "sles", VersionID: "15.6"}, inventory.Package{Type: "rpm", Name: "curl"}, "1-2", "zypper update curl"},
		{inventory.OS{ID: "azurelinux", VersionID: "3.0"}, inventory.Package{Type: "rpm", Name: "curl"}, "1-2", "tdnf update curl"},
		{inventory.OS{ID: "alpine"}, inventory.Package{Type: "apk", Name: "musl"}, "1-r2", "apk add --upgrade musl"},
		{inventory.OS{ID: "debian"}, inventory.Package{Type: "deb", Name: "x-"}, "1", "upgrade x- to 1"},
		{inventory.OS{}, inventory.Package{Type: "npm", Name: "$(id)"}, "1", "npm install '$(id)@1'"},
		{inventory.OS{}, inventory.Package{Type: "npm", Name: "--unsafe"}, "1", "upgrade --unsafe to 1"},
		{inventory.OS{}, inventory.Package{Type: "pypi", Name: "a"}, "1.0", "pip install --upgrade 'a>=1.0'"},
		{inventory.OS{}, inventory.Package{Type: "golang", Name: "example.com/a"}, "1.0.0", "go get example.com/a@v1.0.0"},
		{inventory.OS{}, inventory.Package{Type: "golang", Name: "stdlib"}, "1.26.1", "build with Go 1.26.1 or later"},
		{inventory.OS{}, inventory.Package{Type: "gem", Name: "rack"}, "1", "bundle update rack"},
		{inventory.OS{}, inventory.Package{Type: "cargo", Name: "time"}, "0.2.23", "cargo update -p time --precise 0.2.23"},
		{inventory.OS{}, inventory.Package{Type: "composer", Name: "a/b"}, "1.2", "composer require 'a/b:^1.2'"},
		{inventory.OS{}, inventory.Package{Type: "maven", Name: "a:b"}, "1", "in the build file set a:b to 1"},
		{inventory.OS{}, inventory.Package{Type: "nuget", Name: "A.B"}, "1", "dotnet add package A.B --version 1"},
		{inventory.OS{}, inventory.Package{Type: "generic", Name: "nginx"}, "1.20", "upgrade nginx to 1.20"},
	} {
		d := Document{Findings: []finding.Finding{{Vulnerability: "CVE-1", Packages: []finding.Package{{Package: tt.p, Fixed: tt.to}}}}}
		d.Report.Inventory.OS = tt.os
		if got := RemediesOf(d).Commands; len(got) != 1 || got[0].Text != tt.want {
			t.Errorf("%s on %s: %+v, want %s", tt.p.Name, tt.os.ID, got, tt.want)
		}
	}
}

// TestPlaceOfDistribution checks that a package manager works where a
// distribution is installed, not in what describes it.
func TestPlaceOfDistribution(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"urllib3-1.26.12.egg-info/PKG-INFO":                            "",
		"code/idna-3.3.dist-info/METADATA":                             "code",
		"opt/venv/lib/python3.11/site-packages/a-1.dist-info/METADATA": "opt/venv/lib/python3.11/site-packages",
		"requirements.txt":                                             "requirements.txt",
	} {
		p := finding.Package{Package: inventory.Package{Type: "pypi", Name: "a", Path: path}}
		if got := placeOf(&p, upgraders["pypi"]); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestUnclosed(t *testing.T) {
	t.Parallel()
	for state, want := range map[advisory.State]string{
		advisory.WillNotFix: "will not be fixed", advisory.EndOfLife: "end of life", advisory.FixNeedsPro: "the fix needs Ubuntu Pro",
		"": "no fix known",
	} {
		if got := unclosed(&finding.Finding{}, &finding.Package{Match: match.Match{State: state}}); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
}

// open returns the findings that upgrades leave open in packages that an upgrade
// could close.
func open(d Document, list []Upgrade) []string {
	var out []string
	for i := range d.Findings {
		f := &d.Findings[i]
		for j := range f.Packages {
			p := &f.Packages[j]
			if unclosed(f, p) != "" {
				continue
			}
			closed := slices.ContainsFunc(list, func(u Upgrade) bool {
				if u.Type != p.Type || u.Name != p.Name || u.From != p.Version || u.Place != placeOf(p, u.manager) {
					return false
				}
				c, err := ecosystem.Compare(p.Type, u.To, p.Fixed)
				return err == nil && c >= 0
			})
			if !closed {
				out = append(out, f.Vulnerability)
			}
		}
	}
	return out
}

// TestRemediesAreMinimal checks on random findings that the upgrades close all
// that upgrades can, that none can be left out, and that no lower version would
// do.
func TestRemediesAreMinimal(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var d Document
		for i := range 1 + r.IntN(20) {
			f := finding.Finding{Vulnerability: fmt.Sprintf("CVE-%d", i)}
			for range 1 + r.IntN(3) {
				typ := []string{"npm", "deb", "pypi"}[r.IntN(3)]
				p := finding.Package{Package: inventory.Package{
					Type: typ, Name: fmt.Sprintf("p%d", r.IntN(4)), Version: fmt.Sprintf("%d.0", r.IntN(2)), Path: []string{"a", "b"}[r.IntN(2)],
				}}
				if r.IntN(4) > 0 {
					p.Fixed = fmt.Sprintf("2.%d", r.IntN(12))
				}
				f.Packages = append(f.Packages, p)
			}
			d.Findings = append(d.Findings, f)
		}
		list := RemediesOf(d).Upgrades
		if left := open(d, list); len(left) > 0 {
			t.Fatalf("seed %d: %v are left open", seed, left)
		}
		for i := range list {
			if len(open(d, slices.Delete(slices.Clone(list), i, i+1))) == 0 {
				t.Fatalf("seed %d: without %+v all is closed, too", seed, list[i])
			}
			lower := slices.Clone(list)
			var minor int
			if _, err := fmt.Sscanf(lower[i].To, "2.%d", &minor); err != nil {
				t.Fatal(err)
			}
			lower[i].To = fmt.Sprintf("2.%d", minor-1)
			if minor == 0 {
				lower[i].To = "1.9"
			}
			if len(open(d, lower)) == 0 {
				t.Fatalf("seed %d: a lower version than %+v would do", seed, list[i])
			}
		}
	}
}

// TestDisorder checks that a version without a place in the order is not said to
// be closed by another.
func TestDisorder(t *testing.T) {
	t.Parallel()
	p := inventory.Package{Type: "npm", Name: "a", Version: "1.0.0"}
	d := Document{Findings: []finding.Finding{
		{Vulnerability: "CVE-1", Packages: []finding.Package{{Package: p, Fixed: "2.0.0"}}},
		{Vulnerability: "CVE-2", Packages: []finding.Package{{Package: p, Fixed: "no version"}}},
	}}
	r := RemediesOf(d)
	if len(r.Upgrades) != 1 || !slices.Equal(r.Upgrades[0].Closes, []string{"CVE-1"}) || len(r.Left) != 1 || r.Left[0].Vulnerability != "CVE-2" {
		t.Errorf("%+v", r)
	}
}
