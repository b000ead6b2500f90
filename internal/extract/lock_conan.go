package extract

import (
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readConanLock reads the lock file of Conan: of Conan 1 with the nodes of a
// graph, of Conan 2 with lists of references. What is needed to build is no part
// of what runs. A node with a path is the project itself.
// Sources: Conan 1, conans.model.graph_lock; Conan 2, conan.internal.model.lockfile.
func readConanLock(f *file) error {
	j := jsonstream.New(f.r, f.size)
	set := newLockSet(f, "conan")
	known := false
	err := j.Object(func(key []byte) error {
		c, err := j.Peek()
		switch {
		case err != nil:
			return err
		case string(key) == "version":
			known = true
			s, _, err := j.String()
			switch v := clean(s); v {
			case "0.1", "0.2", "0.3", "0.4", "0.5":
			default:
				f.unknownVersion(v)
			}
			return err
		case string(key) == "graph_lock" && c == '{':
			return j.Object(func(key []byte) error {
				if c, err := j.Peek(); err != nil || c != '{' || string(key) != "nodes" {
					return orSkip(j, err)
				}
				return j.Object(func([]byte) error { return conanNode(j, set) })
			})
		case c == '[':
			scope := inventory.Runtime
			switch string(key) {
			case "requires":
			case "build_requires", "python_requires", "config_requires":
				scope = inventory.Dev
			default:
				return j.Skip()
			}
			return j.Array(func() error {
				s, ok, err := j.String()
				if err != nil || !ok {
					return err
				}
				return addConan(set, clean(s), scope)
			})
		}
		return j.Skip()
	})
	if err == nil {
		err = j.End()
	}
	if !known {
		f.problem(f.path, "the lock file states no version")
	}
	return err
}

// conanNode reads one node of the graph of Conan 1.
func conanNode(j *jsonstream.Reader, set *lockSet) error {
	if c, err := j.Peek(); err != nil || c != '{' {
		return orSkip(j, err)
	}
	var ref, dir, context string
	err := readTexts(j, map[string]*string{"ref": &ref, "path": &dir, "context": &context})
	if err != nil || dir != "" || strings.HasPrefix(ref, "None/") {
		return err
	}
	scope := inventory.Runtime
	if context == "build" {
		scope = inventory.Dev
	}
	return addConan(set, ref, scope)
}

// addConan adds the package of a reference: name/version@user/channel#revision:package%time.
// Source: Conan documentation, "Conan recipes and packages references".
func addConan(set *lockSet, ref string, scope inventory.Scope) error {
	ref, _, _ = strings.Cut(ref, "#")
	ref, _, _ = strings.Cut(ref, "%")
	ref, _, _ = strings.Cut(ref, "@")
	name, version, _ := strings.Cut(ref, "/")
	return set.add(name, version, scope)
}
