package artifact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Limits of a tree.
const (
	maxTreeEntries = 20_000_000 // files of all directories
	maxDirectory   = 1_000_000  // files of one
	maxDepth       = 256        // directories below each other, each an open file
)

// tree walks the files below a directory. Symbolic links are never followed, so
// that there are no loops and nothing outside of the root is read, whoever
// changes the tree meanwhile.
type tree struct {
	root string
	host bool
	// mounts returns the mount points in the tree that are passed over, by
	// their path in it. What is not empty is why, and to be reported; what is
	// empty holds no files at all, such as proc.
	mounts func() map[string]string

	// Of one walk.
	visit  func(*Entry) error
	ctx    context.Context // of one walk, which it ends
	skip   map[string]string
	entry  Entry
	at     treeEntry
	count  int
	levels []level
	buf    []byte
	path   []byte
}

// hostSkip are directories of a host that are no software of the host: state of
// the kernel, and the file systems of containers, which are targets of their
// own. Sources: FHS 3.0 chapters 3 and 6 for the former, the documentation of
// Docker, containerd, Podman (containers-storage.conf) and kubelet for the
// latter.
var hostSkip = map[string]bool{
	"proc": true, "sys": true, "dev": true, "run": true,
	"var/run": true, "var/lib/docker": true, "var/lib/containerd": true,
	"var/lib/containers/storage": true, "var/lib/kubelet/pods": true,
	"var/lib/rancher/k3s/agent/containerd": true,
}

// skippedOnHost tells whether a directory is in hostSkip, or is where Podman and
// Docker keep the file systems of a user's own containers.
func skippedOnHost(path string) bool {
	return hostSkip[path] || strings.HasSuffix(path, "/.local/share/containers/storage") || strings.HasSuffix(path, "/.local/share/docker")
}

// level is the contents of one directory on the way to the current file. The
// names lie one after the other in one buffer, which the next directory of the
// same depth uses again.
type level struct {
	names []byte
	files []dirent
}

// dirent is one name of a directory.
type dirent struct {
	at, n uint32 // of the name in names
	typ   fs.FileMode
}

func (l *level) name(d dirent) []byte { return l.names[d.at : d.at+d.n] }

// add appends a name that a directory holds.
func (l *level) add(name []byte, typ fs.FileMode) error {
	if len(l.files) >= maxDirectory {
		return fmt.Errorf("more than %d files in one directory", maxDirectory)
	}
	at := len(l.names)
	l.names = append(l.names, name...)
	l.files = append(l.files, dirent{at: uint32(at), n: uint32(len(name)), typ: typ}) //nolint:gosec // a million names of 255 bytes
	return nil
}

func (l *level) sort() {
	slices.SortFunc(l.files, func(a, b dirent) int { return bytes.Compare(l.name(a), l.name(b)) })
}

// walk is the walk of the tree's only layer.
func (t tree) walk(ctx context.Context, visit func(*Entry) error) error {
	t.ctx, t.visit = ctx, visit
	if t.mounts != nil {
		t.skip = t.mounts()
	}
	t.entry.content = &t.at
	root, err := openRoot(t.root)
	if err != nil {
		return fmt.Errorf("opening %s: %w", t.root, err)
	}
	defer root.close()
	if err := t.read(root, 0); err != nil {
		return fmt.Errorf("reading %s: %w", t.root, err)
	}
	if err := t.directory(root, 0); err != nil || !t.host {
		return err
	}
	return t.kernel(root)
}

// kernel visits the file that names the release of the kernel that runs, the
// only one of proc that is read. Source: proc_sys_kernel(5), osrelease.
func (t *tree) kernel(root directory) error {
	const path = "proc/sys/kernel/osrelease"
	dir := root
	for _, name := range []string{"proc", "sys", "kernel"} {
		next, err := dir.enter(name)
		if err != nil {
			return nil //nolint:nilerr // a root without proc, as of a mounted disk
		}
		defer next.close()
		dir = next
	}
	if _, _, err := dir.stat("osrelease"); err != nil {
		return nil //nolint:nilerr // likewise
	}
	e := &t.entry
	e.Path, e.Type, e.Target, e.Err = path, 0, "", nil
	t.at = treeEntry{dir: dir, name: "osrelease", path: path}
	return t.visit(e)
}

// read reads the names of a directory into the level.
func (t *tree) read(dir directory, depth int) error {
	if depth == len(t.levels) {
		t.levels = append(t.levels, level{})
	}
	if t.buf == nil {
		t.buf = make([]byte, 64<<10)
	}
	l := &t.levels[depth]
	l.names, l.files = l.names[:0], l.files[:0]
	if err := dir.names(t.buf, l); err != nil {
		return err
	}
	l.sort()
	return nil
}

// directory visits what a directory, whose names have been read, holds.
func (t *tree) directory(dir directory, depth int) error {
	prefix := len(t.path)
	for i := range t.levels[depth].files {
		l := &t.levels[depth] // the slice of levels moves when it grows
		d := l.files[i]
		if t.count++; t.count > maxTreeEntries {
			return fmt.Errorf("more than %d files", maxTreeEntries)
		}
		if t.count%64 == 0 && t.ctx.Err() != nil {
			return t.ctx.Err()
		}
		t.path = append(t.path[:prefix], l.name(d)...)
		path := string(t.path)
		e := &t.entry
		e.Path, e.Type, e.Target, e.Err = path, d.typ, "", nil
		if len(path) > maxPath {
			e.Path, e.Err = path[:100]+"…", fmt.Errorf("path of %d bytes is over the limit of %d", len(path), maxPath)
		}
		t.at = treeEntry{dir: dir, name: path[prefix:], path: path}
		if d.typ&fs.ModeSymlink != 0 {
			e.Target, e.Err = dir.readlink(t.at.name)
		}
		if d.typ.IsDir() && e.Err == nil {
			if t.host && skippedOnHost(path) {
				continue
			}
			if err := t.enter(dir, depth); err != nil {
				return err
			}
			continue
		}
		if vanished(e.Err) {
			continue
		}
		if err := t.visit(e); err != nil {
			return err
		}
	}
	t.path = t.path[:prefix]
	return nil
}

// enter visits the directory that is the current entry, and what it holds.
func (t *tree) enter(parent directory, depth int) error {
	e := &t.entry
	if why, ok := t.skip[e.Path]; ok {
		if why == "" {
			return nil
		}
		e.Err = errors.New(why)
		return t.visit(e)
	}
	if depth+1 >= maxDepth {
		e.Err = fmt.Errorf("more than %d directories below each other", maxDepth)
		return t.visit(e)
	}
	dir, err := parent.enter(t.at.name)
	if err == nil {
		defer dir.close()
		err = t.read(dir, depth+1)
	}
	if vanished(err) {
		return nil // as if it had been gone before
	}
	e.Err = err
	if err := t.visit(e); err != nil || e.Err != nil {
		return err
	}
	t.path = append(t.path, '/')
	return t.directory(dir, depth+1)
}

// vanished tells whether a file was deleted between the reading of its
// directory and its own.
func vanished(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// treeEntry is the content of a file of a tree, had by system calls.
type treeEntry struct {
	dir  directory
	name string
	path string
}

func (e *treeEntry) size() (int64, error) {
	size, _, err := e.dir.stat(e.name)
	return size, e.wrap(err)
}

func (e *treeEntry) executable() (bool, error) {
	_, mode, err := e.dir.stat(e.name)
	return mode.IsRegular() && mode&0o111 != 0, e.wrap(err)
}

func (e *treeEntry) open() (File, error) {
	f, err := e.dir.open(e.name)
	if err != nil {
		return nil, e.wrap(err)
	}
	return f, nil
}

func (e *treeEntry) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("opening %s: %w", e.path, err)
}

// marks are files and directories that only the root of an operating system's
// files holds.
var marks = []string{
	"etc/os-release", "usr/lib/os-release", "etc/alpine-release", "etc/redhat-release",
	"var/lib/dpkg", "lib/apk/db", "usr/lib/apk/db", "var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm",
}

// treeKind tells a root file system from a source tree. Links that lead out of
// the tree, such as one to the /var of this machine, prove nothing.
func treeKind(dir string) (Kind, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	for _, m := range marks {
		if _, err := root.Lstat(m); err == nil {
			return Directory, nil
		}
	}
	return Source, nil
}

// openTree opens a directory as it lies there.
func openTree(target, root string, kind Kind) (*Artifact, error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", target, err)
	}
	if !info.IsDir() {
		return openSingle(target, root, kind)
	}
	if kind == "" {
		if kind, err = treeKind(root); err != nil {
			return nil, fmt.Errorf("opening %s: %w", target, err)
		}
	}
	host := kind == Host
	t := tree{root: root, host: host, mounts: func() map[string]string { return mountsBelow(root, host) }}
	return &Artifact{Kind: kind, Name: target, Layers: []Layer{{Name: root, walk: t.walk}}}, nil
}

// openSingle opens a file as the only one of a tree.
func openSingle(target, name string, kind Kind) (*Artifact, error) {
	if kind == "" {
		kind = Source
	}
	if kind == Host {
		return nil, fmt.Errorf("opening %s: not a directory", target)
	}
	walk := func(ctx context.Context, visit func(*Entry) error) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		base := name[strings.LastIndexByte(name, '/')+1:]
		e := &Entry{Path: base, content: &singleEntry{name: name}}
		return visit(e)
	}
	return &Artifact{Kind: kind, Name: target, Layers: []Layer{{Name: name, walk: walk}}, File: true}, nil
}

// singleEntry is the content of a file that was named by the user; links are
// followed.
type singleEntry struct{ name string }

func (e *singleEntry) size() (int64, error) {
	info, err := os.Stat(e.name)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (e *singleEntry) executable() (bool, error) {
	info, err := os.Stat(e.name)
	if err != nil {
		return false, err
	}
	return info.Mode()&0o111 != 0, nil
}

func (e *singleEntry) open() (File, error) { return openRegular(e.name) }

// openRegular opens a regular file; any other could block for ever.
func openRegular(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("opening %s: not a regular file", name)
	}
	return os.Open(name)
}
