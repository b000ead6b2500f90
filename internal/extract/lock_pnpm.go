package extract

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// readPnpmLock reads the lock file of pnpm, versions 5 to 9: a map of packages
// by keys that hold name and version. Until version 6 a package says whether
// only development needs it; since version 9 that follows from what the
// projects ("importers") need and from the graph ("snapshots").
// Source: pnpm, "@pnpm/lockfile.types" and "@pnpm/dependency-path".
func readPnpmLock(f *file) error {
	l := pnpmLock{f: f, set: newLockSet(f, "npm"), before: len(f.out.Packages)}
	// Some projects let a formatter rewrite the file, which moves values to
	// lines of their own.
	err := readHandYAML(f.r, l.value)
	if err == nil {
		err = l.flush()
	}
	if !l.known {
		f.problem(f.path, "the lock file states no version")
	}
	l.setScopes()
	return err
}

type pnpmLock struct {
	f       *file
	set     *lockSet
	before  int // packages that were there
	known   bool
	version int // of the lock file's format, its first number

	entry pnpmEntry

	graph lockGraph
	nodes []pnpmNode // packages and where they are in the graph
	at    map[string]int
}

// pnpmEntry is what "packages" says of one package.
type pnpmEntry struct {
	key, name, version, dev string
	directory               bool
}

// pnpmNode is one key of "snapshots" and the key of its package.
type pnpmNode struct{ snapshot, key string }

func (l *pnpmLock) value(v yamlValue) error {
	switch {
	case v.key == "---":
		l.known = false // another lock file follows, of what pnpm itself needs
		return l.flush()
	case len(v.path) == 0:
		if v.key == "lockfileVersion" {
			l.setVersion(v.text)
		}
		return l.flush()
	}
	switch v.path[0] {
	case "packages":
		return l.field(v)
	case "snapshots":
		l.snapshot(v)
	case "importers":
		if v.in("importers", "*", "*", "*") && v.key == "version" {
			l.need(v.path[2], v.path[3], v.text)
		}
	}
	return nil
}

// setVersion takes the version of the lock file: 5.4, 5.4-inlineSpecifiers, 6.0,
// 9.0.
func (l *pnpmLock) setVersion(s string) {
	l.known = true
	first, _, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(first)
	if err != nil || n < 5 || n > 9 || n == 8 {
		l.f.unknownVersion(s)
	}
	l.version = n
}

// need records what a project needs.
func (l *pnpmLock) need(group, name, reference string) {
	scope := inventory.Runtime
	switch group {
	case "devDependencies", "configDependencies", "packageManagerDependencies":
		scope = inventory.Dev
	case "dependencies", "optionalDependencies":
	default:
		return
	}
	if key := pnpmKey(name, reference); key != "" {
		l.graph.root(key, scope)
	}
}

// snapshot reads an entry of "snapshots".
func (l *pnpmLock) snapshot(v yamlValue) {
	if len(v.path) == 1 {
		if len(l.nodes) >= maxPackages {
			l.graph.full = true
			return
		}
		l.nodes = append(l.nodes, pnpmNode{v.key, withoutPeers(v.key)})
	}
	if len(v.path) == 3 && (v.path[2] == "dependencies" || v.path[2] == "optionalDependencies") {
		if key := pnpmKey(v.key, v.text); key != "" {
			l.graph.need(v.path[1], key)
		}
	}
}

// pnpmKey returns the key of the package that a dependency refers to, and
// nothing for a directory.
// Source: pnpm, refToRelative of "@pnpm/dependency-path".
func pnpmKey(name, reference string) string {
	if strings.HasPrefix(reference, "link:") {
		return ""
	}
	if strings.HasPrefix(reference, "@") {
		return reference
	}
	at, colon, bracket := strings.IndexByte(reference, '@'), strings.IndexByte(reference, ':'), strings.IndexByte(reference, '(')
	if at > 0 && (colon < 0 || at < colon) && (bracket < 0 || at < bracket) {
		return reference
	}
	return name + "@" + reference
}

// withoutPeers cuts the peers off a key: (react@18.0.0).
func withoutPeers(key string) string {
	if i := strings.IndexByte(key, '('); i > 0 {
		return key[:i]
	}
	return key
}

// field reads an entry of "packages" or one of its fields.
func (l *pnpmLock) field(v yamlValue) error {
	switch {
	case len(v.path) == 1:
		if err := l.flush(); err != nil {
			return err
		}
		l.entry.key = v.key
	case len(v.path) == 2 && v.key == "name":
		l.entry.name = v.text
	case len(v.path) == 2 && v.key == "version":
		l.entry.version = v.text
	case len(v.path) == 2 && v.key == "dev":
		l.entry.dev = v.text
	case len(v.path) == 3 && v.path[2] == "resolution" && v.key == "type":
		l.entry.directory = v.text == "directory"
	}
	return nil
}

// flush adds the entry that is now complete.
func (l *pnpmLock) flush() error {
	e := l.entry
	l.entry = pnpmEntry{}
	if e.key == "" || e.directory {
		return nil
	}
	name, version := pnpmName(e.key, l.version)
	if e.name != "" {
		name = e.name
	}
	if e.version != "" {
		version = e.version
	}
	if name == "" {
		l.f.problem(l.f.path, fmt.Sprintf("the key %.100q names no package", e.key))
		return nil
	}
	var scope inventory.Scope
	switch {
	case e.dev == "true":
		scope = inventory.Dev
	case l.version < 9:
		scope = inventory.Runtime
	}
	if err := l.set.add(name, version, scope); err != nil {
		return err
	}
	if l.version >= 9 {
		if l.at == nil {
			l.at = make(map[string]int)
		}
		if i, ok := l.set.seen[lockKey{strings.TrimSpace(name), strings.TrimSpace(version)}]; ok {
			l.at[e.key] = i
		}
	}
	return nil
}

// setScopes tells packages that run from those only for development by what
// the projects need.
func (l *pnpmLock) setScopes() {
	if len(l.at) == 0 {
		return
	}
	scope := l.graph.scopes()
	for _, n := range l.nodes {
		i, ok := l.at[n.key]
		if !ok {
			continue
		}
		if s := scope(n.snapshot); s != "" {
			widen(&l.f.out.Packages[i], s)
		}
	}
}

// pnpmName returns the package of a key: /name/1.0.0_peer@2.0.0 until version 5,
// with the host of the registry in front if it is not the usual one,
// /name@1.0.0(peer@2.0.0) in version 6, and name@1.0.0 since. What comes from
// elsewhere, such as name@https://example.com/x.tgz, has no version in its key.
func pnpmName(key string, format int) (name, version string) {
	if strings.HasPrefix(key, "file:") || strings.HasPrefix(key, "link:") {
		return "", ""
	}
	if format == 5 {
		return pnpm5Name(key)
	}
	key = withoutPeers(strings.TrimPrefix(key, "/"))
	if i := strings.Index(key, "/@"); i > 0 && format < 9 {
		key = key[i+1:] // after the host of a registry
	}
	name, version = npmDescriptor(key)
	if alias, ok := strings.CutPrefix(version, "npm:"); ok {
		name, version = npmDescriptor(alias)
	}
	if version == "" && strings.Count(name, "/") > 1 {
		return "", "" // github.com/owner/repository/revision
	}
	if i := strings.LastIndexByte(name, '/'); i > 0 && name[0] != '@' {
		name = name[i+1:] // after the host of a registry
	}
	if strings.ContainsAny(version, ":/") {
		version = ""
	}
	return name, version
}

func pnpm5Name(key string) (name, version string) {
	parts := strings.Split(key, "/")
	if !strings.HasPrefix(key, "/") && len(parts) > 3 && parts[len(parts)-3][0:min(1, len(parts[len(parts)-3]))] != "@" {
		return "", "" // github.com/owner/repository/revision
	}
	n := len(parts)
	if n < 3 || strings.HasPrefix(parts[n-2], "@") {
		return pnpmName(key, 6) // of a file that states another version than it has
	}
	// Names and versions hold no slash but that of a scope.
	name, version = parts[n-2], parts[n-1]
	if strings.HasPrefix(parts[n-3], "@") {
		name = parts[n-3] + "/" + name
	}
	version, _, _ = strings.Cut(version, "_")
	return name, version
}
