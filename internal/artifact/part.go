package artifact

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Part returns those files of a host, mounted at root, that lie at one of the
// paths or below it, as a layer: for callers that know which part of the host
// has changed. Paths are relative to root, with slashes; "." is everything. One
// that is not there, and one that lies in another of them, counts for nothing.
// As in a walk of the whole host, links are not followed, and what is no software
// of the host is passed over.
func Part(root string, paths []string) Layer {
	var kept []string
	for _, p := range slices.Sorted(slices.Values(paths)) {
		if p = path.Clean("/" + p)[1:]; !slices.ContainsFunc(kept, func(k string) bool { return within(p, k) }) {
			kept = append(kept, p)
		}
	}
	t := tree{root: root, host: true, mounts: func() map[string]string { return mountsBelow(root, true) }}
	return Layer{Name: root, walk: func(ctx context.Context, visit func(*Entry) error) error {
		if slices.Contains(kept, "") {
			return t.walk(ctx, visit)
		}
		return t.parts(ctx, kept, visit)
	}}
}

// within tells whether a path is another one or lies below it.
func within(p, dir string) bool { return dir == "" || p == dir || strings.HasPrefix(p, dir+"/") }

// parts walks some paths of the tree.
func (t tree) parts(ctx context.Context, paths []string, visit func(*Entry) error) error {
	t.ctx, t.visit = ctx, visit
	t.skip = t.mounts()
	t.entry.content = &t.at
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.part(p); err != nil {
			return err
		}
	}
	return nil
}

// part walks one path of the tree.
func (t *tree) part(p string) error {
	parts := strings.Split(p, "/")
	dir, err := openRoot(t.root)
	if err != nil {
		return err
	}
	defer func() { dir.close() }()
	for i, name := range parts {
		at := strings.Join(parts[:i+1], "/")
		why, mounted := t.skip[at]
		switch {
		case skippedOnHost(at), mounted && why == "":
			return nil
		case mounted:
			return t.tell(at, errors.New(why))
		}
		_, mode, err := dir.stat(name)
		if err != nil {
			return t.tell(at, err)
		}
		if i == len(parts)-1 {
			return t.last(dir, name, p, mode)
		}
		if !mode.IsDir() {
			return nil // a link: where it leads is a path of its own
		}
		next, err := dir.enter(name)
		if err != nil {
			return t.tell(at, err)
		}
		dir.close()
		dir = next
	}
	return nil
}

// last visits what a path names, and all below it.
func (t *tree) last(dir directory, name, p string, mode fs.FileMode) error {
	e := &t.entry
	e.Path, e.Type, e.Target, e.Err = p, mode.Type(), "", nil
	t.at = treeEntry{dir: dir, name: name, path: p}
	switch {
	case mode.IsDir():
		t.path = append(t.path[:0], p...)
		t.levels = make([]level, 1) // that of the directory above, which is not read
		return t.enter(dir, 0)
	case mode&fs.ModeSymlink != 0:
		return nil
	}
	return t.visit(e)
}

// tell reports why a path cannot be read, unless it is simply not there.
func (t *tree) tell(p string, err error) error {
	if vanished(err) {
		return nil
	}
	e := &t.entry
	e.Path, e.Type, e.Target, e.Err = p, 0, "", err
	return t.visit(e)
}
