package extract

import (
	"fmt"
	"io"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// A format says which files to read and how. The walk owns everything that is
// the same for all formats: opening, limits, cancellation, panics, recording
// where a package was found and what could not be read.
type format struct {
	name    string
	version int // of what it reads: raise it whenever the same file would give another result; part of the cache key
	// files are the patterns of the paths to read, tried in this order: a whole
	// path ("var/lib/dpkg/status"), a directory's content ("var/lib/dpkg/status.d/*"),
	// a base name ("package.json"), a base name after a directory of a name
	// ("*.dist-info/METADATA"), a suffix ("*.jar"), or executables. See rule.
	files []string
	where where
	need  need
	read  func(f *file) error
}

// executables is the pattern of files that begin like an ELF, PE or Mach-O
// file, whatever their path, unless their name says that they are something
// else or another format reads them.
const executables = "elf"

// where says in which targets a format applies.
type where uint8

const (
	everywhere  where = iota
	installed         // roots, images, hosts, functions; and wherever software lies ready to run
	resolved          // lock files: source trees and functions, not inside images, not below node_modules or site-packages
	packageRoot       // installed, and in the root directory of an npm package only
)

// need says how a format wants its file.
type need uint8

const (
	whole  need = iota // f.data holds all bytes
	random             // f.at gives random access
	stream             // f.r is read in order, as far as the format likes
)

// limits are the largest files in bytes, by need. What is only streamed costs
// no memory, what is read at random may go to a temporary file.
var limits = [...]int64{whole: 128 << 20, random: 1 << 30, stream: 1 << 40}

func (f *format) maxSize() int64 { return limits[f.need] }

// file is one file on its way through a format's read function, which returns
// an error if nothing more can be had of it; what was added stays.
type file struct {
	path string // relative to the root, with slashes; inside archives after "!/"
	size int64
	data []byte      // for whole; not to be kept
	at   io.ReaderAt // for random; not to be kept
	r    io.Reader   // for stream

	match *matcher
	out   *File
}

// add records a package found in the file. Path, and Evidence if it is empty
// (Manifest), are filled in here.
func (f *file) add(p inventory.Package) {
	if p.Path == "" {
		p.Path = f.path
	}
	if p.Evidence == "" {
		p.Evidence = inventory.Manifest
	}
	f.out.Packages = append(f.out.Packages, p)
}

// problem records that a part of the file could not be read, for instance an
// archive inside it; path is f.path or lies inside it.
func (f *file) problem(path, reason string) {
	f.out.Problems = append(f.out.Problems, inventory.Problem{Path: path, Reason: reason})
}

// fact records what a build file states.
func (f *file) fact(kind string, values ...string) error {
	if len(f.out.Facts) >= maxFacts {
		return fmt.Errorf("more than %d properties and dependencies", maxFacts)
	}
	f.out.Facts = append(f.out.Facts, Fact{kind, values})
	return nil
}

// own records that the operating system's package pkg installed a path, given
// in one or more pieces, unless no format reads files of such a name.
func (f *file) own(pkg string, pieces ...string) {
	n := 0
	for _, p := range pieces {
		n += len(p)
	}
	if n > maxPath {
		return // a directory named once must not be copied for each of its files
	}
	path := ownedPath(strings.Join(pieces, ""))
	if !f.match.mayRead(path) {
		return
	}
	o := f.out
	if n := len(o.Owns); n == 0 || o.Owns[n-1].Package != pkg {
		o.Owns = append(o.Owns, Owned{Package: pkg})
	}
	last := &o.Owns[len(o.Owns)-1]
	last.Paths = append(last.Paths, hashPath(path))
}

// maxPath is the longest path of Linux in bytes. Source: limits.h, PATH_MAX.
const maxPath = 4096

// maxInstalled is the largest number of packages in a database of installed
// packages; distributions have some 60,000 to offer.
const maxInstalled = 100_000

// maxFacts is the largest number of facts of a file; the largest lists of
// versions in use have some 5,000.
const maxFacts = 100_000

// full returns an error if a database holds more packages than there are.
func (f *file) full() error {
	if len(f.out.Packages) > maxInstalled {
		return fmt.Errorf("more than %d packages", maxInstalled)
	}
	return nil
}

// File is what one file of a layer gave.
type File struct {
	Path string
	// Links are hard links to the file with names of the same formats. Its
	// packages are reported once, at the first of these paths that is not hidden.
	Links    []string
	Packages []inventory.Package
	Problems []inventory.Problem
	Issues   []inventory.Issue
	OS       *inventory.OS // from os-release files; nil otherwise
	// Database marks a package manager's database: its packages are a state,
	// and belong to the layer that first had them.
	Database bool
	// Owns lists, for a database of installed files (dpkg's info/*.list, apk,
	// rpm), the paths that an OS package installed and another format may read.
	Owns []Owned
	// Facts are what a build file states that has a meaning only together with
	// other files of the tree. Merge makes packages of them.
	Facts []Fact
}

// Fact is one statement of a build file as it stands there, before anything is
// replaced in it: a property, a parent, a dependency.
type Fact struct {
	Kind   string
	Values []string // what they are depends on the kind alone, as does their number
}

// Owned lists the hashes of paths that an operating system's package installed.
type Owned struct {
	Package string
	Paths   []uint64
}

// empty tells whether the file needs no mention in a layer.
func (f *File) empty() bool {
	return len(f.Packages) == 0 && len(f.Problems) == 0 && len(f.Issues) == 0 && f.OS == nil && !f.Database && len(f.Owns) == 0 &&
		len(f.Facts) == 0
}
