package extract

import (
	"bytes"
	"cmp"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// mavenModel are the libraries of Maven's model builder, of Debian's package
// libmaven3-core-java and what it needs.
var mavenModel = []string{
	"maven-model-3.x", "maven-model-builder-3.x", "maven-artifact-3.x", "maven-builder-support-3.x",
	"plexus-interpolation", "plexus-utils2", "commons-lang3", "sisu-inject", "sisu-plexus", "atinject-jsr330-api",
}

// mavenProjects writes the projects of an archive of test/oracles to a
// directory, and returns it and the projects.
func mavenProjects(t *testing.T, name string) (dir string, tree map[string][]byte) {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("../../test/oracles", name))
	if err != nil {
		t.Fatal(err)
	}
	dir, tree = t.TempDir(), map[string][]byte{}
	for _, f := range a.Files {
		tree[f.Name] = f.Data
		file := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, tree
}

// mavenDependencies returns the dependencies of the projects of a tree, those
// of their parents too, in lines of fields: the path of the project, group,
// name, kind, classifier, version, scope.
func mavenDependencies(tree map[string][]byte) []string {
	files := make([]visible, 0, len(tree))
	for _, path := range slices.Sorted(maps.Keys(tree)) {
		files = append(files, visible{path: path, File: decode(path, tree[path], readPOM, "whole")})
	}
	t := newMavenTree(files)
	var lines []string
	for _, p := range t.poms {
		all := map[mavenKey]mavenVersion{}
		for q := range p.lineage {
			level := map[mavenKey]mavenVersion{} // the last one counts
			for _, m := range q.items {
				if r := t.resolve(p, m); r.ok {
					level[r.mavenKey] = r.mavenVersion
				}
			}
			for k, v := range level {
				if _, nearer := all[k]; !nearer {
					all[k] = v
				}
			}
		}
		for k, v := range all {
			lines = append(lines, strings.Join([]string{files[p.index].path, k.group, k.name, k.kind, k.classifier, v.version, cmp.Or(v.scope, "compile")}, "\t"))
		}
	}
	slices.Sort(lines)
	return lines
}

// TestMavenModel compares with Maven's model builder what projects depend on
// whose lists of versions state the same dependency more than once.
func TestMavenModel(t *testing.T) {
	t.Parallel()
	var libraries []string
	for _, name := range mavenModel {
		libraries = append(libraries, filepath.Join("/usr/share/java", name+".jar"))
		if _, err := os.Stat(libraries[len(libraries)-1]); err != nil {
			t.Skipf("Maven is not on this machine: %v", err)
		}
	}
	dir, tree := mavenProjects(t, "maven.txtar")
	cmd := exec.CommandContext(t.Context(), "java", "-cp", strings.Join(libraries, ":"), "../../test/oracles/Poms.java", dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	want := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(want)
	if diff := gocmp.Diff(want, mavenDependencies(tree)); diff != "" || len(want) < 50 {
		t.Errorf("%d dependencies (-Maven +got):\n%s", len(want), diff)
	}
}

// TestMavenOffline compares with the program itself, as it resolves from
// Debian's repository, what a tree of projects depends on.
func TestMavenOffline(t *testing.T) {
	t.Parallel()
	const repository = "/usr/share/maven-repo"
	plugins, err := filepath.Glob(repository + "/org/apache/maven/plugins/maven-dependency-plugin/*")
	if _, missing := exec.LookPath("mvn"); missing != nil || err != nil || len(plugins) == 0 {
		t.Skip("Debian's packages maven and libmaven-dependency-plugin-java are not on this machine")
	}
	dir, tree := mavenProjects(t, "maven-debian.txtar")
	local := filepath.Join(t.TempDir(), "repository") // Maven notes there what it resolves
	if out, err := exec.CommandContext(t.Context(), "cp", "-rs", repository, local).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// Nothing of Debian's is there in two versions: others are another name for one.
	for _, version := range []string{"1", "2"} {
		lib := filepath.Join(local, "org/example/lib", version)
		if err := os.MkdirAll(lib, 0o750); err != nil {
			t.Fatal(err)
		}
		pom := "<project><modelVersion>4.0.0</modelVersion><groupId>org.example</groupId><artifactId>lib</artifactId><version>" + version + "</version></project>"
		empty := "PK\x05\x06" + strings.Repeat("\x00", 18)
		for suffix, text := range map[string]string{".pom": pom, ".jar": empty} {
			if err := os.WriteFile(filepath.Join(lib, "lib-"+version+suffix), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	goal := "org.apache.maven.plugins:maven-dependency-plugin:" + filepath.Base(plugins[len(plugins)-1]) + ":list"
	cmd := exec.CommandContext(t.Context(), "mvn", "--offline", "--batch-mode", "-Dstyle.color=never", "-Dmaven.repo.local="+local,
		goal, "-DexcludeTransitive=true", "-Dsort=true", "-DoutputFile=dependencies.txt")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var want []string
	for name := range tree {
		out, err := os.ReadFile(filepath.Join(dir, filepath.Dir(name), "dependencies.txt"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			id, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			if p := strings.Split(id, ":"); len(p) == 5 {
				want = append(want, strings.Join([]string{name, p[0], p[1], p[2], "", p[3], p[4]}, "\t"))
			}
		}
	}
	slices.Sort(want)
	if diff := gocmp.Diff(want, mavenDependencies(tree)); diff != "" || len(want) < 20 {
		t.Errorf("%d dependencies (-Maven +got):\n%s", len(want), diff)
	}
}
