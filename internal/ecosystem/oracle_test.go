package ecosystem

import (
	"archive/zip"
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "record the answers of the installed oracles in testdata")

// An oracle is the native implementation of one ecosystem's order: a program
// that answers each line "a TAB b" with -1, 0 or 1 (or <, =, >), or with x if
// the ecosystem refuses one of the versions.
type oracle struct {
	typ     string
	source  string   // what is asked, for the head of the recorded table
	needs   []string // programs and files; missing ones skip the test
	probe   []string // a command that fails if a library is missing
	command []string
	// shared reports whether the native order and ours are meant to agree
	// on the version; nil means on all that the oracle takes.
	shared func(string) bool
	// ordered is the share of the real versions, in percent, that must
	// have a place in our order, so that a rule that became too strict is
	// seen; 0 where what is collected may not be versions.
	ordered float64
	// lenient says that the oracle orders everything, so that what we
	// refuse it cannot confirm.
	lenient bool
	// traps says that no real versions are at hand: it is asked for what
	// TestCompare expects alone.
	traps bool
}

const (
	npmSemver = "/usr/lib/node_modules/npm/node_modules/semver"
	debSemver = "/usr/share/nodejs/semver"
	mavenJars = "/usr/share/java/maven-artifact-3.x.jar:/usr/share/java/commons-lang3.jar"
)

func oracles() []oracle {
	semver := npmSemver
	if _, err := os.Stat(semver); err != nil {
		semver = debSemver
	}
	node := func(typ, mode string) oracle {
		return oracle{
			typ: typ, source: "npm's semver, " + mode,
			needs:   []string{"node", semver},
			command: []string{"node", "testdata/oracle/npm.js", semver, mode},
		}
	}
	// In loose mode npm reads 1.2.34.0 as 1.2.3-4.0. We do not follow it
	// there: a fourth part is a part.
	npm := node("npm", "loose")
	npm.shared = regexp.MustCompile(`^[=v]*\d+\.\d+\.\d+(?:[^.\d].*)?$`).MatchString
	golang, bitnami := node("golang", "strict"), node("bitnami", "strict")
	golang.ordered, bitnami.ordered = 100, 99.9
	return []oracle{
		{
			typ: "deb", source: "Dpkg::Version of dpkg 1.21.22",
			needs: []string{"perl"}, probe: []string{"perl", "-MDpkg::Version", "-e", "1"},
			command: []string{"perl", "testdata/oracle/deb.pl"},
			ordered: 100,
		},
		{
			typ: "rpm", source: "rpm.vercmp of rpm 4.18.0",
			needs: []string{"rpm", "sh"}, command: []string{"sh", "testdata/oracle/rpm.sh"},
			ordered: 100,
			lenient: true,
		},
		{
			typ: "apk", source: "apk version -t of apk-tools 2.14.10",
			needs: []string{"apk", "sh"}, command: []string{"sh", "testdata/oracle/apk.sh"},
			ordered: 99.5,
		},
		{
			typ: "pypi", source: "python packaging 23.0",
			needs: []string{"/usr/bin/python3"}, probe: []string{"/usr/bin/python3", "-c", "import packaging.version"},
			command: []string{"/usr/bin/python3", "testdata/oracle/pypi.py"},
			ordered: 99,
		},
		npm, golang, node("cargo", "strict"), bitnami,
		{
			typ: "gem", source: "Gem::Version of RubyGems 3.3.15",
			needs: []string{"ruby"}, command: []string{"ruby", "testdata/oracle/gem.rb"},
		},
		{
			typ: "composer", source: "composer/semver 3.3.2",
			needs:   []string{"php", "/usr/share/php/Composer/Semver/autoload.php"},
			command: []string{"php", "-d", "include_path=/usr/share/php", "testdata/oracle/composer.php"},
		},
		{
			typ: "maven", source: "ComparableVersion of maven-artifact 3.8.7, which is that of 3.9",
			needs:   []string{"java", "/usr/share/java/maven-artifact-3.x.jar", "/usr/share/java/commons-lang3.jar"},
			command: []string{"java", "-cp", mavenJars, "testdata/oracle/Maven.java"},
			shared:  isMaven,
			lenient: true,
		},
		{
			typ: "alpm", source: "alpm_pkg_vercmp of libalpm 13.0.2",
			needs: []string{"/usr/bin/python3"}, probe: []string{"/usr/bin/python3", "-c", "import ctypes; ctypes.CDLL('libalpm.so.13')"},
			command: []string{"/usr/bin/python3", "testdata/oracle/alpm.py"},
			lenient: true, traps: true,
		},
		{
			typ: "cran", source: "package_version of R 4.2.2",
			needs: []string{"Rscript"}, command: []string{"Rscript", "--vanilla", "testdata/oracle/cran.R"},
			traps: true,
		},
		{
			typ: "hackage", source: "Distribution.Version of Cabal 3.4.1.0",
			needs: []string{"runghc"}, probe: []string{"ghc", "-package", "Cabal", "-e", "return ()"},
			command: []string{"runghc", "--ghc-arg=-package", "--ghc-arg=Cabal", "testdata/oracle/hackage.hs"},
			traps:   true,
		},
	}
}

// ask returns the oracle's answers to the pairs: '<', '=', '>' or 'x'.
func (o oracle) ask(t *testing.T, pairs [][2]string) []byte {
	t.Helper()
	for _, need := range o.needs {
		if _, err := exec.LookPath(need); err == nil {
			continue
		}
		if _, err := os.Stat(need); err != nil {
			t.Skipf("no %s on this machine", need)
		}
	}
	if o.probe != nil && exec.CommandContext(t.Context(), o.probe[0], o.probe[1:]...).Run() != nil {
		t.Skipf("%q fails on this machine", o.probe)
	}
	var in strings.Builder
	for _, p := range pairs {
		fmt.Fprintf(&in, "%s\t%s\n", p[0], p[1])
	}
	cmd := exec.CommandContext(t.Context(), o.command[0], o.command[1:]...)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("running %q: %v", o.command, err)
	}
	var answers []byte
	for line := range strings.Lines(string(out)) {
		switch line = strings.TrimSpace(line); line {
		case "-1", "<":
			answers = append(answers, '<')
		case "0", "=":
			answers = append(answers, '=')
		case "1", ">":
			answers = append(answers, '>')
		case "x":
			answers = append(answers, 'x')
		case "":
		default:
			t.Fatalf("oracle %s answers %q", o.typ, line)
		}
	}
	if len(answers) != len(pairs) {
		t.Fatalf("oracle %s gave %d answers to %d questions", o.typ, len(answers), len(pairs))
	}
	return answers
}

// sign writes the result of Compare as an oracle would.
func sign(typ, a, b string) byte {
	c, err := Compare(typ, a, b)
	switch {
	case errors.Is(err, ErrSyntax):
		return 'x'
	case c < 0:
		return '<'
	case c > 0:
		return '>'
	}
	return '='
}

// TestOracle compares Compare with the native implementations: on the real
// versions of the advisories that ASSAY_ADVISORIES names and of this machine,
// and on strings made from them by small changes. Real versions must be
// ordered whenever the oracle orders them; changed ones may be refused.
func TestOracle(t *testing.T) {
	dir := os.Getenv("ASSAY_ADVISORIES")
	if dir == "" {
		t.Skip("ASSAY_ADVISORIES does not name a folder of advisories")
	}
	for _, o := range oracles() {
		t.Run(o.typ, func(t *testing.T) {
			t.Parallel()
			if o.traps {
				t.Skip("no real versions at hand")
			}
			versions := realVersions(t, dir, o.typ)
			if len(versions) < 100 {
				t.Fatalf("only %d versions of %s", len(versions), o.typ)
			}
			checkOrdered(t, o, versions)
			rnd := rand.New(rand.NewPCG(1, 2))
			pairs := pairsOf(rnd, o.typ, versions)
			answers := o.ask(t, pairs)
			differ, refused, both := o.disagreements(pairs, answers)
			report(t, "real", pairs, differ)
			report(t, "refused real", pairs, refused)

			most := 40_000
			if o.typ == "apk" {
				most = 2_000 // two processes for each pair
			}
			var changed [][2]string
			for len(changed) < most {
				p := pairs[rnd.IntN(len(pairs))]
				a, b := change(rnd, p[0]), change(rnd, p[rnd.IntN(2)])
				if a != "" && b != "" {
					changed = append(changed, [2]string{a, b})
				}
			}
			differ, _, bothChanged := o.disagreements(changed, o.ask(t, changed))
			report(t, "changed", changed, differ)
			t.Logf("%s: %d real versions; ordered by both: %d of %d pairs, %d of %d changed pairs",
				o.typ, len(versions), both, len(pairs), bothChanged, len(changed))
			if *update {
				record(t, o, pairs, answers, rnd)
			}
		})
	}
}

func checkOrdered(t *testing.T, o oracle, versions []string) {
	t.Helper()
	var refused []string
	for _, v := range versions {
		if sign(o.typ, v, v) == 'x' {
			refused = append(refused, v)
		}
	}
	if percent := 100 - 100*float64(len(refused))/float64(len(versions)); percent < o.ordered {
		t.Errorf("%.2f%% of %d versions can be ordered, want %.1f%%; not %q",
			percent, len(versions), o.ordered, refused[:min(len(refused), 20)])
	}
}

// disagreements returns the pairs that the oracle and Compare order
// differently, those that only the oracle orders, and how many both order.
func (o oracle) disagreements(pairs [][2]string, answers []byte) (differ, refused []string, both int) {
	for i, p := range pairs {
		if answers[i] == 'x' || o.shared != nil && (!o.shared(p[0]) || !o.shared(p[1])) {
			continue
		}
		switch got := sign(o.typ, p[0], p[1]); got {
		case answers[i]:
			both++
		case 'x':
			refused = append(refused, fmt.Sprintf("%q %q", p[0], p[1]))
		default:
			differ = append(differ, fmt.Sprintf("%q %c %q, want %c", p[0], got, p[1], answers[i]))
		}
	}
	return differ, refused, both + len(differ)
}

func report(t *testing.T, what string, pairs [][2]string, wrong []string) {
	t.Helper()
	if len(wrong) > 0 {
		t.Errorf("%s: %d of %d pairs:\n%s", what, len(wrong), len(pairs),
			strings.Join(wrong[:min(20, len(wrong))], "\n"))
	}
}

// pairsOf pairs each version with its neighbours in our own order, where
// mistakes are, and with strangers.
func pairsOf(rnd *rand.Rand, typ string, versions []string) [][2]string {
	sorted := slices.Clone(versions)
	slices.SortStableFunc(sorted, func(a, b string) int {
		c, _ := Compare(typ, a, b)
		return c
	})
	var pairs [][2]string
	for i, v := range sorted {
		for _, d := range []int{1, 2, 5} {
			if i+d < len(sorted) {
				pairs = append(pairs, [2]string{v, sorted[i+d]})
			}
		}
		pairs = append(pairs, [2]string{v, sorted[rnd.IntN(len(sorted))]})
	}
	for i := range pairs {
		if rnd.IntN(2) == 0 {
			pairs[i][0], pairs[i][1] = pairs[i][1], pairs[i][0]
		}
	}
	const most = 200_000
	rnd.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	return pairs[:min(most, len(pairs))]
}

// change returns v with one to three small changes; no spaces come in, since
// the oracles differ in what they do with those.
func change(rnd *rand.Rand, v string) string {
	bits := []string{
		"0", "1", "00", "10", "a", "b", "rc", "p", "x", "alpha", "beta", "pre", "dev", "post", "r1",
		".", "-", "~", "^", "+", "_", ":", ".0", "-0", ".rc", "_p1", "sp", "final", "SNAPSHOT", "!",
	}
	b := []byte(v)
	for range 1 + rnd.IntN(3) {
		i := rnd.IntN(len(b) + 1)
		switch rnd.IntN(3) {
		case 0:
			b = slices.Insert(b, i, []byte(bits[rnd.IntN(len(bits))])...)
		case 1:
			b = slices.Delete(b, i, min(i+1, len(b)))
		case 2:
			b = append(b, bits[rnd.IntN(len(bits))]...)
		}
	}
	return string(b)
}

// record writes some hundred of the answers to testdata, the refused ones
// among them.
func record(t *testing.T, o oracle, pairs [][2]string, answers []byte, rnd *rand.Rand) {
	t.Helper()
	const most = 300
	var lines []string
	for _, i := range rnd.Perm(len(pairs)) {
		p := pairs[i]
		shared := o.shared == nil || o.shared(p[0]) && o.shared(p[1])
		refusal := answers[i] == 'x' && sign(o.typ, p[0], p[1]) != 'x'
		if len(lines) < most && shared && !refusal {
			lines = append(lines, fmt.Sprintf("%s\t%c\t%s\n", p[0], answers[i], p[1]))
		}
	}
	slices.Sort(lines)
	text := "# Answers of " + o.source + ", recorded by go test -run TestOracle -update.\n" + strings.Join(lines, "")
	if err := os.WriteFile("testdata/"+o.typ+".txt", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRecorded compares Compare with the answers in testdata/TYPE.txt, lines
// of "a TAB answer TAB b" where x says that one of them is refused.
func TestRecorded(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded answers: %v", err)
	}
	for _, file := range files {
		typ := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for line := range strings.Lines(string(text)) {
				if strings.HasPrefix(line, "#") {
					continue
				}
				fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
				if len(fields) != 3 || len(fields[1]) != 1 {
					t.Fatalf("line %q is not three fields", line)
				}
				n++
				a, want, b := fields[0], fields[1][0], fields[2]
				if got := sign(typ, a, b); got != want {
					t.Errorf("%q %c %q, want %c", a, got, b, want)
				}
				mirror := map[byte]byte{'<': '>', '>': '<', '=': '=', 'x': 'x'}
				if got := sign(typ, b, a); got != mirror[want] {
					t.Errorf("%q %c %q, want %c", b, got, a, mirror[want])
				}
			}
			if n < 60 {
				t.Errorf("only %d recorded answers", n)
			}
		})
	}
}

// realVersions collects the versions of an ecosystem that occur in the
// advisories below dir and in what this machine has installed.
func realVersions(t *testing.T, dir, typ string) []string {
	t.Helper()
	seen := map[string]bool{}
	add := func(vs ...string) {
		for _, v := range vs {
			if v != "" && len(v) < 100 && !strings.ContainsAny(v, " \t\n<>") {
				seen[v] = true
			}
		}
	}
	requirement := regexp.MustCompile(`[<>=~^]\s*(v?[0-9][^\s'",|\])]*)`)
	token := regexp.MustCompile(`\bv?[0-9]+\.[0-9][0-9A-Za-z.+_-]*[0-9A-Za-z]`)
	switch typ {
	case "deb":
		line := regexp.MustCompile(`(?m)^\t\[[a-z]+\] - \S+ (\S+)`)
		add(submatches(line, readFile(t, filepath.Join(dir, "distro/debian/DSA-list.txt")))...)
		add(fields("Version: ", readFile(t, filepath.Join(dir, "inventory/debian-12-dpkg-status")))...)
		if out, err := exec.CommandContext(t.Context(), "apt-cache", "dumpavail").Output(); err == nil {
			add(fields("Version: ", string(out))...)
		}
	case "rpm":
		add(osvVersions(t, filepath.Join(dir, "osv/AlmaLinux/all.zip"))...)
		evr := regexp.MustCompile(`(?:evr_string"[^>]*>|"(?:fixed|introduced)": ?")([0-9][^<"\s]*-[^<"\s]*)`)
		add(submatches(evr, zipText(t, filepath.Join(dir, "distro/azurelinux/cbl-mariner-1.0-oval.zip")))...)
		add(submatches(evr, zipText(t, filepath.Join(dir, "feed-samples/feed-samples.zip")))...)
	case "apk":
		key := regexp.MustCompile(`"([^"\s]*[0-9][^"\s]*)": ?\[`)
		add(submatches(key, zipText(t, filepath.Join(dir, "distro/alpine/secdb.zip")))...)
	case "pypi":
		add(osvVersions(t, filepath.Join(dir, "osv/PyPI/all.zip"))...)
	case "golang":
		add(osvVersions(t, filepath.Join(dir, "osv/Go/all.zip"))...)
	case "bitnami":
		add(osvVersions(t, filepath.Join(dir, "osv/Bitnami/all.zip"))...)
	case "npm":
		text := zipText(t, filepath.Join(dir, "lang/nodejs-security-wg.zip")) +
			readFile(t, filepath.Join(dir, "inventory/npm-package-lock.json")) +
			readFile(t, filepath.Join(dir, "lang/retirejs-jsrepository.json"))
		add(submatches(requirement, text)...)
		add(token.FindAllString(text, -1)...)
	case "cargo":
		add(submatches(requirement, zipText(t, filepath.Join(dir, "lang/rustsec.zip")))...)
		add(token.FindAllString(zipText(t, filepath.Join(dir, "lang/rustsec.zip")), -1)...)
	case "gem":
		text := zipText(t, filepath.Join(dir, "lang/rubysec.zip"))
		add(submatches(requirement, text)...)
		add(token.FindAllString(text, -1)...)
	case "composer":
		text := zipText(t, filepath.Join(dir, "lang/friendsofphp.zip"))
		add(submatches(requirement, text)...)
		add(token.FindAllString(text, -1)...)
		branch := regexp.MustCompile(`(?m)^    '?([0-9][^:'\s]*)'?:$`)
		for _, b := range submatches(branch, text) {
			add(b + "-dev")
		}
	case "maven":
		add(mavenVersions(t)...)
		add(osvVersions(t, filepath.Join(dir, "osv/Bitnami/all.zip"))...)
		add(osvVersions(t, filepath.Join(dir, "osv/PyPI/all.zip"))...)
		for _, file := range []string{"lang/rubysec.zip", "lang/friendsofphp.zip"} {
			add(token.FindAllString(zipText(t, filepath.Join(dir, file)), -1)...)
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// mavenVersions returns the versions in the names of the folders and jars of
// the Maven repository of Debian's packages.
func mavenVersions(t *testing.T) []string {
	t.Helper()
	var out []string
	name := regexp.MustCompile(`-([0-9][^/]*)\.(?:jar|pom)$`)
	for _, root := range []string{"/usr/share/maven-repo", "/usr/share/java", "/usr/share/maven"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil //nolint:nilerr // the folder may not exist
			}
			out = append(out, submatches(name, path)...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func submatches(re *regexp.Regexp, text string) []string {
	var out []string
	for _, m := range re.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// fields returns what follows prefix on the lines that start with it.
func fields(prefix, text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, prefix); ok {
			out = append(out, strings.TrimSpace(value))
		}
	}
	return out
}

// zipText returns the files of an archive, one after the other.
func zipText(t *testing.T, path string) string {
	t.Helper()
	var out strings.Builder
	eachFile(t, path, func(name string, r io.Reader) {
		if _, err := io.Copy(&out, r); err != nil {
			t.Fatalf("reading %s: %v", name, err)
		}
		out.WriteByte('\n')
	})
	return out.String()
}

func eachFile(t *testing.T, path string, yield func(name string, r io.Reader)) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		yield(f.Name, bufio.NewReader(r))
		r.Close()
	}
}

// osvVersions returns the listed versions and the range ends of an archive of
// OSV records, but for those of GIT ranges.
func osvVersions(t *testing.T, path string) []string {
	t.Helper()
	var out []string
	eachFile(t, path, func(name string, r io.Reader) {
		if !strings.HasSuffix(name, ".json") {
			return
		}
		var record struct {
			Affected []struct {
				Versions []string
				Ranges   []struct {
					Type   string
					Events []map[string]string
				}
			}
		}
		if err := json.NewDecoder(r).Decode(&record); err != nil {
			t.Fatalf("reading %s: %v", name, err)
		}
		for _, a := range record.Affected {
			out = append(out, a.Versions...)
			for _, r := range a.Ranges {
				for _, e := range r.Events {
					if r.Type != "GIT" {
						out = append(out, slices.Collect(maps.Values(e))...)
					}
				}
			}
		}
	})
	return out
}

// TestTransitive sorts real versions and checks that what is further apart
// is ordered the same way. With keys that is so by construction; Maven has
// none, and its own comparison is not transitive where a part is a letter in
// some versions only ("2.x-2.12.1"): those recorded have no such ring.
func TestTransitive(t *testing.T) {
	t.Parallel()
	versions := recordedVersions(t, "maven")
	slices.Sort(versions)
	versions = slices.Compact(versions)
	slices.SortStableFunc(versions, func(a, b string) int {
		c, err := Compare("maven", a, b)
		if err != nil {
			t.Fatal(err)
		}
		return c
	})
	for i, a := range versions {
		for _, b := range versions[i:min(len(versions), i+200)] {
			if c, _ := Compare("maven", a, b); c > 0 {
				t.Errorf("%q was sorted before %q but compares as %d", a, b, cmp.Compare(c, 0))
			}
		}
	}
}

// recordedVersions returns the versions of testdata/TYPE.txt.
func recordedVersions(tb testing.TB, typ string) []string {
	tb.Helper()
	text, err := os.ReadFile("testdata/" + typ + ".txt")
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) == 3 && fields[1] != "x" {
			out = append(out, fields[0], fields[2])
		}
	}
	return out
}
