package extract

import (
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// readPackageLock reads package-lock.json and npm-shrinkwrap.json of lock file
// versions 1 to 3. Version 1 has a tree of "dependencies", version 3 a flat map
// of "packages" by their place in node_modules, and version 2 has both, of
// which "packages" says more.
// Source: npm documentation, "package-lock.json", section "File Format".
func readPackageLock(f *file) error {
	j := jsonstream.New(f.r, f.size)
	l := npmLock{j: j, set: newLockSet(f, "npm")}
	before := len(f.out.Packages)
	flat := false
	err := j.Object(func(key []byte) error {
		if string(key) == "lockfileVersion" {
			return f.numberVersion(j, 1, 3)
		}
		c, err := j.Peek()
		if err != nil || c != '{' {
			return orSkip(j, err)
		}
		switch {
		case string(key) == "packages":
			flat = true
			f.out.Packages = f.out.Packages[:before] // of the tree
			clear(l.set.seen)
			return j.Object(l.place)
		case string(key) == "dependencies" && !flat:
			return j.Object(l.dependency)
		}
		return j.Skip()
	})
	if err != nil {
		return err
	}
	return j.End()
}

// orSkip skips the next value unless there was an error before.
func orSkip(j *jsonstream.Reader, err error) error {
	if err != nil {
		return err
	}
	return j.Skip()
}

// readTexts reads the object that comes next: those of its texts that are named,
// cleaned, and nothing else.
func readTexts(j *jsonstream.Reader, fields map[string]*string) error {
	return j.Object(func(key []byte) error {
		to := fields[string(key)]
		if to == nil {
			return j.Skip()
		}
		s, ok, err := j.String()
		if ok {
			*to = clean(s)
		}
		return err
	})
}

type npmLock struct {
	j   *jsonstream.Reader
	set *lockSet
}

// npmEntry is what a lock file says of one package.
type npmEntry struct {
	name, version, resolved string
	dev, link               bool
}

// place reads one entry of "packages". Those outside of node_modules are the
// project itself and its workspaces, and links lead to them.
func (l *npmLock) place(key []byte) error {
	const dir = "node_modules/"
	if c, err := l.j.Peek(); err != nil || c != '{' {
		return orSkip(l.j, err)
	}
	where := clean(key)
	i := strings.LastIndex(where, dir)
	if i < 0 || i > 0 && where[i-1] != '/' {
		return l.j.Skip()
	}
	e, err := l.entry(nil)
	if err != nil || e.link {
		return err
	}
	if e.name == "" {
		e.name = where[i+len(dir):]
	}
	return l.add(e)
}

// dependency reads one entry of "dependencies", which may hold others.
func (l *npmLock) dependency(key []byte) error {
	if c, err := l.j.Peek(); err != nil || c != '{' {
		return orSkip(l.j, err)
	}
	name := clean(key)
	e, err := l.entry(l.dependency)
	if err != nil {
		return err
	}
	e.name = name
	if alias, ok := strings.CutPrefix(e.version, "npm:"); ok {
		if i := strings.LastIndexByte(alias, '@'); i > 0 {
			e.name, e.version = alias[:i], alias[i+1:]
		}
	}
	if strings.HasPrefix(e.version, "file:") || strings.HasPrefix(e.version, "link:") {
		return nil // lies beside the project
	}
	if strings.ContainsAny(e.version, ":/") {
		// An address says where it came from, not which version it is.
		e.resolved, e.version = e.version, ""
	}
	return l.add(e)
}

// entry reads the fields of an entry. nested reads its own dependencies; nil
// skips them, since those of a flat list are ranges.
func (l *npmLock) entry(nested func(key []byte) error) (npmEntry, error) {
	var e npmEntry
	j := l.j
	err := j.Object(func(key []byte) error {
		var err error
		switch string(key) {
		case "name":
			err = l.text(&e.name)
		case "version":
			err = l.text(&e.version)
		case "resolved":
			err = l.text(&e.resolved)
		case "dev":
			e.dev, err = j.Bool()
		case "link":
			e.link, err = j.Bool()
		case "dependencies":
			if c, perr := j.Peek(); perr != nil || c != '{' || nested == nil {
				return orSkip(j, perr)
			}
			err = j.Object(nested)
		default:
			err = j.Skip()
		}
		return err
	})
	return e, err
}

// text reads a value into dst if it is a string.
func (l *npmLock) text(dst *string) error {
	s, ok, err := l.j.String()
	if ok {
		*dst = clean(s)
	}
	return err
}

// add adds an entry. One with neither version nor address stands for an
// optional package that was not installed.
func (l *npmLock) add(e npmEntry) error {
	if e.version == "" && e.resolved == "" {
		return nil
	}
	scope := inventory.Runtime
	if e.dev {
		scope = inventory.Dev
	}
	return l.set.add(e.name, e.version, scope)
}
