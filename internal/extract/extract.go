// Package extract reads the inventory of a file tree: which packages it holds,
// what they are, and which part of the tree could not be read. It hides every
// package manager there is behind three steps: read each layer once (Read),
// lay the layers over each other (Merge), and nothing else.
package extract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/inventory"
)

// Options say what to look for and with which means. The zero value is right
// for everything but source trees and functions.
type Options struct {
	// Lockfiles also reads the resolved dependencies of source trees and
	// functions.
	Lockfiles bool
	// Memory bounds what all reads that share it hold in memory at one time;
	// nil gives each read a bound of its own.
	Memory *Memory
	// Temp is the directory of files that are too large for memory; empty: the
	// system's.
	Temp string
}

// Layer is what one layer of an artifact gave: the unit that is cached. The
// same bytes and the same formats give the same Layer.
//
// Which lower files a layer hides is kept as hashes of paths, for every entry
// and not only for those with names of interest: any name may be that of a
// lower directory with packages below it, which a file or link replaces.
type Layer struct {
	Digest string   // of the artifact.Layer
	Files  []File   // sorted by path
	Covers []uint64 // sorted hashes of the paths of whiteouts and of all that is not a directory: hide the path and all below it
	Dirs   []uint64 // sorted hashes of the paths of directories: hide a file of that path
	Opaque []uint64 // sorted hashes of directories whose lower content is hidden
}

// Read reads one layer in one pass. An error means that the layer as a whole
// could not be read; what single files lacked is in their Problems.
func Read(ctx context.Context, l artifact.Layer, opt Options) (*Layer, error) {
	s := newScanner(ctx, newMatcher(formats()), opt)
	defer s.close()
	if err := l.Walk(ctx, func(e *artifact.Entry) error {
		return s.visit(headerOf(e), e)
	}); err != nil {
		return nil, fmt.Errorf("reading layer %s: %w", layerName(l), err)
	}
	if s.resolve() {
		// A hard link has a name of interest, but the file it links to has not,
		// and was passed over; a stream cannot be turned back.
		if err := l.Walk(ctx, func(e *artifact.Entry) error {
			return s.visitLate(headerOf(e), e)
		}); err != nil {
			return nil, fmt.Errorf("reading layer %s again: %w", layerName(l), err)
		}
	}
	return s.finish(l.Digest), nil
}

func headerOf(e *artifact.Entry) header {
	return header{path: e.Path, typ: e.Type, target: e.Target, hard: e.Hard, err: e.Err}
}

func layerName(l artifact.Layer) string {
	for _, s := range []string{l.Name, l.Digest, l.DiffID} {
		if s != "" {
			return s
		}
	}
	return "of the tree"
}

// Version identifies the formats and options: results of different versions
// must not be mixed. It is part of a cache's key.
func Version(opt Options) string { return versionOf(formats(), opt) }

// walkVersion counts changes of what the walk itself does with the same file.
const walkVersion = 1

func versionOf(formats []format, opt Options) string {
	var rows []string
	for _, f := range formats {
		rows = append(rows, fmt.Sprintf("%s %d %d %v", f.name, f.version, f.where, f.files))
	}
	slices.Sort(rows)
	sum := sha256.Sum256(fmt.Appendf(nil, "walk %d\ncodec %d\nlockfiles %t\n%s",
		walkVersion, codecVersion, opt.Lockfiles, strings.Join(rows, "\n")))
	return hex.EncodeToString(sum[:16])
}

// Merge lays layers over each other, lowest first, and returns what is there
// at the end, sorted, each package with the layer that brought it and the OS
// package that owns its file.
func Merge(layers []*Layer) inventory.Inventory {
	m := merger{layers: layers}
	m.findVisible()
	for _, join := range joins() {
		m.visible = join(m.visible)
	}
	m.addDatabases()
	m.addFiles()
	m.setOwners()
	m.inv.Sort()
	return m.inv
}
