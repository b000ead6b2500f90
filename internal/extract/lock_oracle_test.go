package extract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// lockOracle asks a package manager what one of its lock files holds.
type lockOracle struct {
	name  string
	lock  string   // file
	files string   // the project, as an archive
	probe []string // a command that fails if the package manager is missing
	ask   []string // a command that prints one "name version" a line, or JSON for list
	list  func(t *testing.T, out []byte) []string
}

func lockOracles() []lockOracle {
	const bundler = `require "bundler"; p = Bundler::LockfileParser.new(File.read("Gemfile.lock"));` +
		` puts p.specs.reject { |s| s.source.instance_of?(Bundler::Source::Path) }.map { |s| "#{s.name} #{s.version}" }.uniq`
	const poetry = "from pathlib import Path\nfrom poetry.packages.locker import Locker\n" +
		"for p in Locker(Path('poetry.lock'), {}).locked_repository().packages:\n" +
		"  if p.source_type != 'directory': print(p.pretty_name, p.version.text)"
	return []lockOracle{
		{"npm", "package-lock.json", npmProject, []string{"npm", "--version"}, []string{"npm", "ls", "--package-lock-only", "--all", "--json", "--long", "--offline"}, listNPM},
		{"bundler", "Gemfile.lock", gemProject, []string{"ruby", "-e", `require "bundler"`}, []string{"ruby", "-e", bundler}, nil},
		{"composer", "composer.lock", composerProject, []string{"composer", "--version", "--no-interaction"}, []string{"composer", "show", "--locked", "--format=json", "--no-interaction", "--no-plugins"}, listComposer},
		{"poetry", "poetry.lock", poetryProject, []string{"/usr/bin/python3", "-c", "import poetry.packages.locker"}, []string{"/usr/bin/python3", "-c", poetry}, nil},
		{"cargo", "Cargo.lock", cargoProject, []string{"cargo", "--version"}, []string{"cargo", "metadata", "--offline", "--locked", "--format-version=1"}, listCargo},
	}
}

// nodeOracles are those that npm installs, in test/oracles, with projects there
// whose lock files the package managers wrote.
func nodeOracles(t *testing.T) []lockOracle {
	t.Helper()
	dir, err := filepath.Abs("../../test/oracles")
	if err != nil {
		t.Fatal(err)
	}
	node := func(name, lock, program string, arguments ...string) lockOracle {
		files, err := os.ReadFile(filepath.Join(dir, name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		probe := []string{"test", "-d", filepath.Join(dir, "node_modules")}
		return lockOracle{name, lock, string(files), probe, append([]string{"node", filepath.Join(dir, program)}, arguments...), nil}
	}
	pnpm10 := node("pnpm10", "pnpm-lock.yaml", "node_modules/pnpm/bin/pnpm.cjs", "list", "--lockfile-only", "--recursive", "--depth=Infinity", "--json")
	pnpm10.list = listPnpm
	yarn3 := node("yarn3", "yarn.lock", "node_modules/yarn3/bin/yarn.js", "info", "--all", "--recursive", "--json")
	yarn4 := node("yarn4", "yarn.lock", "node_modules/yarn4/bin/yarn.js", "info", "--all", "--recursive", "--json")
	yarn3.list, yarn4.list = listYarn, listYarn
	return []lockOracle{
		node("pnpm7", "pnpm-lock.yaml", "pnpm.cjs"), node("pnpm8", "pnpm-lock.yaml", "pnpm.cjs"), pnpm10,
		node("yarn1", "yarn.lock", "yarn.cjs"), node("yarn1-npm7", "yarn.lock", "yarn.cjs"), yarn3, yarn4,
	}
}

// TestLockOracles compares the packages of lock files with what the package
// managers themselves read there, those that are installed.
func TestLockOracles(t *testing.T) {
	t.Parallel()
	for _, o := range append(lockOracles(), nodeOracles(t)...) {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			if err := exec.CommandContext(t.Context(), o.probe[0], o.probe[1:]...).Run(); err != nil {
				t.Skipf("%s is not on this machine (npm ci in test/oracles installs pnpm and Yarn): %v", o.name, err)
			}
			dir := t.TempDir()
			for _, f := range txtar.Parse([]byte(o.files)).Files {
				name := filepath.Join(dir, f.Name)
				if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), o.ask[0], o.ask[1:]...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "COMPOSER_ALLOW_SUPERUSER=1",
				"YARN_ENABLE_NETWORK=0", "YARN_ENABLE_TELEMETRY=0", "YARN_IGNORE_PATH=1", "YARN_GLOBAL_FOLDER="+t.TempDir())
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if len(out) == 0 {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
			want := strings.Split(strings.TrimSpace(string(out)), "\n")
			if o.list != nil {
				want = o.list(t, out)
			}
			slices.Sort(want)
			data, err := os.ReadFile(filepath.Join(dir, o.lock))
			if err != nil {
				t.Fatal(err)
			}
			f := readBytes(o.lock, data)
			var got []string
			for _, p := range f.Packages {
				got = append(got, p.Name+" "+p.Version)
			}
			slices.Sort(got)
			if diff := gocmp.Diff(slices.Compact(want), got); diff != "" || len(f.Problems) > 0 {
				t.Errorf("problems %v (-%s +got):\n%s", f.Problems, o.name, diff)
			}
		})
	}
}

// npmNode is one package of the tree that npm prints.
type npmNode struct {
	Name, Version string
	Resolved      string
	Missing       bool
	Dependencies  map[string]npmNode
}

func listNPM(t *testing.T, out []byte) []string {
	t.Helper()
	var root npmNode
	if err := json.Unmarshal(out, &root); err != nil {
		t.Fatal(err)
	}
	var list []string
	var walk func(n npmNode)
	walk = func(n npmNode) {
		for name, d := range n.Dependencies {
			if d.Missing || d.Version == "" {
				continue
			}
			if d.Name != "" {
				name = d.Name
			}
			if !strings.HasPrefix(d.Resolved, "file:") {
				list = append(list, name+" "+d.Version)
			}
			walk(d)
		}
	}
	walk(root)
	return list
}

// pnpmTree is a project, or one package that it needs, as pnpm prints it.
type pnpmTree struct {
	From, Version                                       string
	Dependencies, DevDependencies, OptionalDependencies map[string]pnpmTree
}

func listPnpm(t *testing.T, out []byte) []string {
	t.Helper()
	var projects []pnpmTree
	if err := json.Unmarshal(out, &projects); err != nil {
		t.Fatal(err)
	}
	var list []string
	var walk func(n pnpmTree)
	walk = func(n pnpmTree) {
		for _, group := range []map[string]pnpmTree{n.Dependencies, n.DevDependencies, n.OptionalDependencies} {
			for name, d := range group {
				if !strings.HasPrefix(d.Version, "link:") && !strings.HasPrefix(d.Version, "file:") {
					list = append(list, cmp.Or(d.From, name)+" "+d.Version)
				}
				walk(d)
			}
		}
	}
	for _, p := range projects {
		walk(p)
	}
	return list
}

// listYarn reads what Yarn prints: a line for each package, by its locator.
// Source: Yarn, "Lexicon", section "Locator".
func listYarn(t *testing.T, out []byte) []string {
	t.Helper()
	var list []string
	d := json.NewDecoder(bytes.NewReader(out))
	for d.More() {
		var p struct {
			Value    string
			Children struct{ Version string }
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		at := strings.IndexByte(p.Value[1:], '@') + 1
		name, reference := p.Value[:at], p.Value[at+1:]
		protocol, _, _ := strings.Cut(reference, ":")
		beside := protocol == "file" && !strings.Contains(reference, ".tgz")
		if !beside && protocol != "workspace" && protocol != "link" && protocol != "portal" {
			list = append(list, name+" "+p.Children.Version)
		}
	}
	return list
}

func listComposer(t *testing.T, out []byte) []string {
	t.Helper()
	var doc struct {
		Locked []struct{ Name, Version string }
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, p := range doc.Locked {
		list = append(list, p.Name+" "+p.Version)
	}
	return list
}

func listCargo(t *testing.T, out []byte) []string {
	t.Helper()
	var doc struct {
		Packages []struct {
			Name, Version string
			Source        *string
		}
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, p := range doc.Packages {
		if p.Source != nil {
			list = append(list, p.Name+" "+p.Version)
		}
	}
	return list
}

const npmProject = `
-- package.json --
{"name": "app", "version": "1.0.0", "workspaces": ["packages/*"],
 "dependencies": {"a": "^1.0.0", "alias": "npm:@real/name@^1.2.0"}, "devDependencies": {"b": "2.0.0"}}
-- packages/member/package.json --
{"name": "member", "version": "1.0.0", "dependencies": {"b": "^1.0.0"}}
-- package-lock.json --
{"name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
 "packages": {
  "": {"name": "app", "version": "1.0.0", "workspaces": ["packages/*"],
   "dependencies": {"a": "^1.0.0", "alias": "npm:@real/name@^1.2.0"}, "devDependencies": {"b": "2.0.0"}},
  "node_modules/a": {"version": "1.1.0", "resolved": "https://example.com/a-1.1.0.tgz", "dependencies": {"b": "^1.0.0"}},
  "node_modules/a/node_modules/b": {"version": "1.5.0", "resolved": "https://example.com/b-1.5.0.tgz"},
  "node_modules/alias": {"name": "@real/name", "version": "1.2.3", "resolved": "https://example.com/name-1.2.3.tgz"},
  "node_modules/b": {"version": "2.0.0", "resolved": "https://example.com/b-2.0.0.tgz", "dev": true},
  "node_modules/member": {"resolved": "packages/member", "link": true},
  "packages/member": {"version": "1.0.0", "dependencies": {"b": "^1.0.0"}},
  "packages/member/node_modules/b": {"version": "1.6.0", "resolved": "https://example.com/b-1.6.0.tgz"}
 }}
`

const gemProject = `
-- Gemfile --
-- Gemfile.lock --
GIT
  remote: https://example.com/from_git.git
  revision: 0123456789abcdef
  specs:
    from_git (0.2.0)
      rake

PATH
  remote: .
  specs:
    own (0.1.0)
      nokogiri (~> 1.0)

GEM
  remote: https://example.com/
  specs:
    nokogiri (1.15.0)
      racc (~> 1.4)
    nokogiri (1.15.0-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.1)
    rails (7.1.0.rc1)
    rake (13.0.6)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  from_git!
  own!
  rails (>= 7)
  rake

BUNDLED WITH
   2.4.10
`

const composerProject = `
-- composer.json --
{"require": {"symfony/yaml": "^5.4"}, "require-dev": {"acme/tests": "*"}}
-- composer.lock --
{"_readme": [], "content-hash": "00",
 "packages": [
  {"name": "symfony/yaml", "version": "v5.4.1", "type": "library"},
  {"name": "acme/branch", "version": "dev-main", "type": "library"}],
 "packages-dev": [{"name": "acme/tests", "version": "1.0.0", "type": "library"}],
 "aliases": [], "minimum-stability": "stable", "stability-flags": [], "prefer-stable": false, "prefer-lowest": false,
 "platform": [], "platform-dev": []}
`

const cargoProject = `
-- Cargo.toml --
[package]
name = "app"
version = "0.1.0"
edition = "2021"

[dependencies]
beside = { path = "beside" }
-- src/main.rs --
fn main() {}
-- beside/Cargo.toml --
[package]
name = "beside"
version = "0.2.0"
edition = "2021"
-- beside/src/lib.rs --
-- Cargo.lock --
version = 3

[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "beside",
]

[[package]]
name = "beside"
version = "0.2.0"
`

const poetryProject = `
-- poetry.lock --
[[package]]
name = "Requests"
version = "2.31.0"
description = "with name = \"x\" inside"
optional = false
python-versions = ">=3.7"
files = []

[package.extras]
socks = ["PySocks (>=1.5.6)"]

[[package]]
name = "numpy"
version = "1.26.4"
description = ""
optional = false
python-versions = ">=3.9,<3.12"
files = []

[[package]]
name = "numpy"
version = "2.1.0"
description = ""
optional = true
python-versions = ">=3.12"
files = []

[[package]]
name = "from-git"
version = "0.1.dev0"
description = ""
optional = false
python-versions = "*"
files = []

[package.source]
type = "git"
url = "https://example.com/from-git.git"
reference = "main"
resolved_reference = "0123456789abcdef"

[[package]]
name = "beside"
version = "0.2.0"
description = ""
optional = false
python-versions = "*"
files = []

[package.source]
type = "directory"
url = "beside"

[metadata]
lock-version = "2.0"
python-versions = ">=3.9"
content-hash = "00"
`

// TestPoetryVersion reports a lock file of a version that may mean something
// else, as Poetry refuses it. The first lock files stated none.
func TestPoetryVersion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		version  string
		problems int
	}{{"", 0}, {`lock-version = "1.1"`, 0}, {`lock-version = "2.1"`, 0}, {`lock-version = "999.0"`, 1}} {
		f := readBytes("poetry.lock", []byte("[[package]]\nname = \"a\"\nversion = \"1\"\n\n[metadata]\n"+tt.version+"\n"))
		if len(f.Problems) != tt.problems || len(f.Packages) != 1 {
			t.Errorf("%q: packages %v, problems %v", tt.version, f.Packages, f.Problems)
		}
	}
}

// TestLockFileRewritten reads what a formatter made of the lock file of pnpm,
// and keys of version 6 in a file that states version 5.
func TestLockFileRewritten(t *testing.T) {
	t.Parallel()
	const formatted = `lockfileVersion: "9.0"
importers:
    .:
        devDependencies:
            "@acme/a":
                specifier: ^1.0.0
                version:
                    1.2.0(b@2.0.0)
packages:
    "@acme/a@1.2.0":
        resolution:
            {
                integrity: sha512-AAAA,
                tarball: https://example.com/a.tgz,
            }
        engines: { node: ">=20" }
    b@2.0.0:
        resolution: { integrity: sha512-BBBB }
    beside@file:beside:
        resolution:
            { directory: beside, type: directory }
snapshots:
    "@acme/a@1.2.0(b@2.0.0)":
        dependencies:
            b: 2.0.0
    b@2.0.0: {}
    beside@file:beside: {}
`
	const mixed = "lockfileVersion: 5.4\npackages:\n  /@acme/a@1.2.0:\n    dev: true\n  /b@2.0.0:\n    dev: true\n"
	for name, text := range map[string]string{"formatted": formatted, "mixed": mixed} {
		f := readBytes("pnpm-lock.yaml", []byte(text))
		var got []string
		for _, p := range f.Packages {
			got = append(got, p.Name+" "+p.Version+" "+string(p.Scope))
		}
		if diff := gocmp.Diff([]string{"@acme/a 1.2.0 dev", "b 2.0.0 dev"}, got); diff != "" || len(f.Problems) > 0 {
			t.Errorf("%s: problems %v (-want +got):\n%s", name, f.Problems, diff)
		}
	}
}

// TestMavenLikeMaven states what Maven's model builder says of these projects:
// a property that is set to nothing, and a profile for another value than one
// that nobody sets.
func TestMavenLikeMaven(t *testing.T) {
	t.Parallel()
	const pom = `<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version>
		<properties><none/><v>3</v></properties>
		<dependencies><dependency><groupId>h</groupId><artifactId>empty</artifactId><version>${v}${none}</version>
			<classifier>${none}</classifier></dependency></dependencies>
		<profiles><profile><activation><property><name>quick</name><value>!true</value></property></activation>
			<dependencies><dependency><groupId>h</groupId><artifactId>other</artifactId><version>4</version></dependency></dependencies></profile>
		<profile><activation><property><name>!quick</name><value>true</value></property></activation>
			<dependencies><dependency><groupId>h</groupId><artifactId>never</artifactId><version>5</version></dependency></dependencies></profile>
		</profiles></project>`
	f := readTree(t, map[string][]byte{"pom.xml": []byte(pom)})
	var got []string
	for _, p := range f.Packages {
		got = append(got, p.Name+" "+p.Version)
	}
	slices.Sort(got)
	if diff := gocmp.Diff([]string{"h:empty 3", "h:other 4"}, got); diff != "" || len(f.Problems) > 0 {
		t.Errorf("problems %v (-want +got):\n%s", f.Problems, diff)
	}
}
