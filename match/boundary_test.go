package match_test

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/feed"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// A judge is the native evaluator of the requirements of one ecosystem: a program
// that answers each line "version TAB op TAB introduced TAB op TAB end" with 1 if
// the version is inside, 0 if it is not, and x if the ecosystem refuses one of the
// versions. An op is >, >=, <, <= or, for an end that is not there, "-".
type judge struct {
	where    advisory.Ecosystem
	os       inventory.OS
	needs    []string // programs and files; if one is missing the recorded table judges
	command  []string // none: the recorded table judges
	suffixes []string // that make a version a little earlier or later
	// least is how many checks there must be, so that it is seen when the
	// bundle is not read; 0 where it has no ranges.
	least int
	// shared matches the versions on which the native order and ours are meant to
	// agree; nil for all.
	shared *regexp.Regexp
}

func judges() map[string]judge {
	semver := "/usr/lib/node_modules/npm/node_modules/semver"
	if _, err := os.Stat(semver); err != nil {
		semver = "/usr/share/nodejs/semver"
	}
	node := func(e advisory.Ecosystem, mode string, least int) judge {
		return judge{
			where: e, needs: []string{"node", semver}, command: []string{"node", "testdata/boundary/npm.js", semver, mode},
			suffixes: []string{"-0", "-rc.1", "-alpha", "+build"}, least: least, shared: regexp.MustCompile(`^v?\d+\.\d+\.\d+([-+].*)?$`),
		}
	}
	jars := "/usr/share/java/maven-artifact-3.x.jar:/usr/share/java/commons-lang3.jar"
	return map[string]judge{
		"apk": {where: alpine, os: onAlpine},
		"deb": {
			where: debian11, os: bullseye, needs: []string{"perl", "/usr/share/perl5/Dpkg/Version.pm"}, command: []string{"perl", "testdata/boundary/deb.pl"},
			suffixes: []string{"~", "~rc1", "+b1", ".1"}, least: 40_000,
		},
		"rpm": {
			where: alma9, os: onAlma9, needs: []string{"rpm", "sh"}, command: []string{"sh", "testdata/boundary/rpm.sh"},
			suffixes: []string{"~rc1", "^git1", ".1"}, least: 30_000,
		},
		"pypi": {
			where: pypi, needs: []string{"/usr/bin/python3", "/usr/lib/python3/dist-packages/packaging"}, command: []string{"/usr/bin/python3", "testdata/boundary/pypi.py"},
			suffixes: []string{"rc1", "a1", ".dev1", ".post1", "+local", ".0"}, least: 10_000,
		},
		"gem": {
			where: gem, needs: []string{"ruby"}, command: []string{"ruby", "testdata/boundary/gem.rb"},
			suffixes: []string{".pre", ".rc1", ".1", ".0", "-rc1"}, least: 5_000,
		},
		"composer": {
			where: composer, needs: []string{"php", "/usr/share/php/Composer/Semver/autoload.php"},
			command:  []string{"php", "-d", "include_path=/usr/share/php", "testdata/boundary/composer.php"},
			suffixes: []string{"-beta1", "-RC1", "-alpha", "-dev", "-p1", ".1"}, least: 10_000,
		},
		"maven": {
			where: maven, needs: []string{"java", "/usr/share/java/maven-artifact-3.x.jar", "/usr/share/java/commons-lang3.jar"},
			command:  []string{"java", "-cp", jars, "testdata/boundary/Maven.java"},
			suffixes: []string{"-SNAPSHOT", "-rc1", "-alpha-1", ".1", "-sp"},
		},
		"nuget":   {where: nuget},
		"npm":     node(npm, "loose", 5_000),
		"golang":  node(golang, "strict", 20_000),
		"cargo":   node(cargo, "strict", 5_000),
		"bitnami": node(bitnami, "strict", 20_000),
	}
}

// mostRanges bounds the ranges of one ecosystem, evenly spread.
const mostRanges = 8000

// TestBoundary holds that a version at an end of a range of a real advisory, one
// step below or above it, or a pre-release of it, is inside exactly if the
// ecosystem's own evaluator says so. Each goes through the whole of matching,
// from a database.
func TestBoundary(t *testing.T) {
	t.Parallel()
	ranges := realRanges(t)
	all := judges()
	for _, typ := range slices.Sorted(maps.Keys(all)) {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			j := all[typ]
			var checks []check
			for i, r := range some(ranges[typ], mostRanges) {
				for _, v := range j.around(r) {
					checks = append(checks, check{fmt.Sprintf("p%d", i), v, r})
				}
			}
			answers, native := j.ask(t, checks)
			if !native {
				checks, answers = recorded(t, typ)
			}
			compareChecks(t, typ, j, checks, answers)
			if native && len(checks) < j.least {
				t.Errorf("only %d checks: the bundle is not read", len(checks))
			}
		})
	}
}

// A check is one version against one range of the package of that name.
type check struct {
	name, version string
	advisory.Range
}

func (c check) line() string {
	from, to, end := "-", "-", ""
	switch {
	case c.Introduced != "" && c.After:
		from = ">"
	case c.Introduced != "":
		from = ">="
	}
	switch {
	case c.Fixed != "":
		to, end = "<", c.Fixed
	case c.LastAffected != "":
		to, end = "<=", c.LastAffected
	}
	return strings.Join([]string{c.version, from, c.Introduced, to, end}, "\t") + "\n"
}

// realRanges returns the ranges of the bundle by type, each once, sorted.
func realRanges(t *testing.T) map[string][]advisory.Range {
	t.Helper()
	root := os.Getenv("ASSAY_ADVISORIES")
	if root == "" {
		t.Skip("ASSAY_ADVISORIES names no folder of real advisories")
	}
	var paths []string
	for _, p := range []string{"osv/PyPI", "osv/Go", "osv/AlmaLinux", "osv/Bitnami", "lang", "distro"} {
		paths = append(paths, filepath.Join(root, p))
	}
	sources, _, err := feed.Find(t.Context(), paths)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]map[advisory.Range]bool{}
	for _, s := range sources {
		for r, err := range feed.Read(t.Context(), s) {
			var rejected *feed.Rejected
			if errors.As(err, &rejected) || err == nil && r.Advisory == nil {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for i := range r.Advisory.Affected {
				f := &r.Advisory.Affected[i]
				if found[f.Type] == nil {
					found[f.Type] = map[advisory.Range]bool{}
				}
				for _, r := range f.Ranges {
					found[f.Type][r] = true
				}
			}
		}
	}
	// Nothing in the bundle is of Maven: its recorded versions serve as ends.
	found["maven"] = map[advisory.Range]bool{}
	for _, l := range table(t, "maven") {
		r := advisory.Range{Introduced: l[0], Fixed: l[2]}
		if l[1] == ">" {
			r = advisory.Range{Introduced: l[2], After: true, LastAffected: l[0]}
		}
		found["maven"][r] = true
	}
	out := map[string][]advisory.Range{}
	for typ, set := range found {
		delete(set, advisory.Range{})
		list := slices.Collect(maps.Keys(set))
		slices.SortFunc(list, func(a, b advisory.Range) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		out[typ] = list
	}
	return out
}

var lastNumber = regexp.MustCompile(`^(.*?)(\d{1,9})(\D*)$`)

// around returns the ends of a range, one step below and above each, and what is
// before or after them by a suffix.
func (j judge) around(r advisory.Range) []string {
	seen := map[string]bool{}
	for _, end := range []string{r.Introduced, r.Fixed, r.LastAffected} {
		if end == "" {
			continue
		}
		seen[end] = true
		if m := lastNumber.FindStringSubmatch(end); m != nil {
			n, _ := strconv.Atoi(m[2]) // nine digits
			seen[m[1]+strconv.Itoa(n+1)+m[3]] = true
			if n > 0 {
				seen[m[1]+strconv.Itoa(n-1)+m[3]] = true
			}
		}
		for _, s := range j.suffixes {
			seen[end+s] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// ask returns the answers of the native evaluator, all in one run; false if it is
// not on this machine.
func (j judge) ask(t *testing.T, checks []check) ([]byte, bool) {
	t.Helper()
	if len(j.command) == 0 {
		return nil, false
	}
	for _, need := range j.needs {
		_, err := exec.LookPath(need)
		if _, serr := os.Stat(need); err != nil && serr != nil {
			t.Logf("no %s on this machine: the recorded table judges", need)
			return nil, false
		}
	}
	var in strings.Builder
	for _, c := range checks {
		in.WriteString(c.line())
	}
	cmd := exec.CommandContext(t.Context(), j.command[0], j.command[1:]...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(in.String()), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("running %q: %v", j.command, err)
	}
	var answers []byte
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" {
			answers = append(answers, line[0])
		}
	}
	if len(answers) != len(checks) {
		t.Fatalf("%q gave %d answers to %d questions", j.command, len(answers), len(checks))
	}
	return answers, true
}

// table reads the pairs of versions that internal/ecosystem has recorded.
func table(t *testing.T, typ string) [][3]string {
	t.Helper()
	f, err := os.Open("../internal/ecosystem/testdata/" + typ + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out [][3]string
	for s := bufio.NewScanner(f); s.Scan(); {
		l := strings.Split(s.Text(), "\t")
		if len(l) == 3 && l[1] != "x" {
			out = append(out, [3]string(l))
		}
	}
	return out
}

// recorded asks of each recorded pair whether the first version is in each range
// that ends or begins at the second.
func recorded(t *testing.T, typ string) ([]check, []byte) {
	t.Helper()
	var checks []check
	var answers []byte
	for i, l := range table(t, typ) {
		for k, r := range []advisory.Range{{Fixed: l[2]}, {LastAffected: l[2]}, {Introduced: l[2]}, {Introduced: l[2], After: true}} {
			in := []string{"<", "<=", ">=", ">"}[k]
			checks = append(checks, check{fmt.Sprintf("p%d-%d", i, k), l[0], r})
			if strings.Contains(in, l[1]) {
				answers = append(answers, '1')
			} else {
				answers = append(answers, '0')
			}
		}
	}
	return checks, answers
}

// compareChecks matches all versions and compares with the answers.
func compareChecks(t *testing.T, typ string, j judge, checks []check, answers []byte) {
	t.Helper()
	var list []*advisory.Advisory
	inv := inventory.Inventory{OS: j.os}
	for i, c := range checks {
		if i == 0 || checks[i-1].name != c.name {
			list = append(list, flaw(names("CVE-2099-"+c.name), affects(j.where, c.name, c.Range)))
		}
		inv.Packages = append(inv.Packages, inventory.Package{Type: typ, Name: c.name, Version: c.version})
	}
	inv.Sort()
	res, err := match.Inventory(t.Context(), inv, database(t, list...), match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	inside, unsure := map[[2]string]bool{}, map[[2]string]bool{}
	for _, m := range res.Matches {
		inside[[2]string{m.Package.Name, m.Package.Version}] = true
		if m.Unsure != "" {
			unsure[[2]string{m.Package.Name, m.Package.Version}] = true
		}
	}
	var wrong []string
	judged, refused, both := 0, 0, 0
	for i, c := range checks {
		key := [2]string{c.name, c.version}
		if answers[i] == 'x' || unsure[key] || !j.shares(c) {
			continue
		}
		if _, err := ecosystem.Compare(typ, c.version, c.version); err != nil {
			refused++
			continue
		}
		judged++
		if answers[i] == '1' {
			both++
		}
		if inside[key] != (answers[i] == '1') {
			wrong = append(wrong, fmt.Sprintf("%s in %s: %v", c.version, c.Range, inside[key]))
		}
	}
	t.Logf("%s: %d advisories, %d checks, %d judged, %d of them inside, %d refused here, %d wrong", typ, len(list), len(checks), judged, both, refused, len(wrong))
	if len(wrong) > 0 {
		t.Errorf("%d of %d are wrong:\n%s", len(wrong), judged, strings.Join(wrong[:min(20, len(wrong))], "\n"))
	}
	if judged == 0 || both == 0 || both == judged {
		t.Errorf("%d of %d are inside: nothing is tested", both, judged)
	}
}

// shares tells whether the order of all versions of a check is meant to be the
// native one.
func (j judge) shares(c check) bool {
	for _, v := range []string{c.version, c.Introduced, c.Fixed, c.LastAffected} {
		if j.shared != nil && v != "" && !j.shared.MatchString(v) {
			return false
		}
	}
	return true
}
