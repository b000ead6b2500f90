// Package artifact opens what a user names as a target: an image in a
// registry, on disk or in an archive, a directory, this host, a function, an
// SBOM. Whatever it was, the result is a list of layers, each of which is
// walked as a stream of entries; nothing is unpacked to disk.
package artifact

import (
	"context"
	"io"
	"io/fs"
)

// Kind is the kind of a target.
type Kind string

// The kinds of target. Open lists the prefixes that force them.
const (
	Image     Kind = "image"     // container image, wherever it was read from
	Directory Kind = "directory" // a root file system or another directory of installed software
	Host      Kind = "host"      // the machine we run on
	Function  Kind = "function"  // function code and its layers
	Source    Kind = "source"    // a source tree: lock files count
	SBOM      Kind = "sbom"      // CycloneDX or SPDX
)

// Artifact is an opened target. Close it after the last walk.
type Artifact struct {
	Kind     Kind
	Name     string   // as the user named it, without the forcing prefix
	Digest   string   // of an image's manifest or of an archive's or document's bytes (sha256:…); empty if not computed
	ImageID  string   // digest of an image's configuration; empty otherwise
	Tags     []string // sorted; the tags by which an image is known: repository:tag, or the tag alone if no more is known
	Platform Platform
	Created  string   // RFC 3339, as the image's configuration claims; may be empty
	Layers   []Layer  // lowest first; one for a tree; none for an SBOM
	History  []string // the steps of an image's build, oldest first, as its configuration claims
	Document []byte   // the bytes of an SBOM; nil otherwise
	Problems []string // what could not be opened although the rest could, sorted
	File     bool     // the tree is the one file that the user named

	closers []io.Closer
}

// Platform is what software in an image runs on.
type Platform struct {
	OS, Architecture, Variant string // as in GOOS and GOARCH; empty if unknown
}

// Layer is one file tree, or one change to the tree below it.
type Layer struct {
	Digest    string // of the stored, possibly compressed bytes (sha256:…); empty for trees and docker-archive layers
	DiffID    string // of the plain bytes, as the configuration claims it: never a cache key
	Size      int64  // stored bytes; 0 if unknown
	CreatedBy string // the build step, as the configuration claims it; may be empty
	Name      string // for messages, and the ARN or file name of a function layer

	walk func(ctx context.Context, visit func(*Entry) error) error
}

// Walk calls visit for each entry of the layer in the order of the stream, or
// in the order of paths for trees, compared name by name. The root itself is
// not visited. The entry is valid during the call only. An error of visit ends
// the walk and is returned; other errors do not name the layer. When Walk returns nil and Digest is not empty, the
// bytes read had that digest. Layers of one artifact may be walked at the same
// time; each may be walked again.
func (l Layer) Walk(ctx context.Context, visit func(*Entry) error) error { return l.walk(ctx, visit) }

// Entry is one file, directory or link of a layer.
type Entry struct {
	Path   string      // relative to the root, clean, with slashes, never starting with ../
	Type   fs.FileMode // the type bits: 0 for a regular file and a hard link
	Target string      // of a symbolic or hard link; empty otherwise
	Hard   bool        // a hard link to Target, a path of the same layer
	Err    error       // why this, or all below this directory, could not be read; nil for what can be. Report it: nothing else tells of it

	content content
}

// content is how an entry's bytes and facts are had: at once for a stream, by
// system calls for a tree.
type content interface {
	size() (int64, error)
	executable() (bool, error)
	open() (File, error)
}

// File reads an entry's bytes in order. Files of trees, and of archives that lie
// uncompressed in a file, are also io.ReaderAt; those of streams are not.
type File interface {
	io.Reader
	io.Closer
}

// Size returns the number of bytes of a regular file.
func (e *Entry) Size() (int64, error) { return e.content.size() }

// Executable tells whether any execute permission is set.
func (e *Entry) Executable() (bool, error) { return e.content.executable() }

// Open returns the bytes of a regular file. What is not read costs no more
// than skipping it. It may be called once per entry.
func (e *Entry) Open() (File, error) { return e.content.open() }

// Close releases what the artifact holds.
func (a *Artifact) Close() error {
	var first error
	for _, c := range a.closers {
		if err := c.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Options say how to open a target. The zero value is right for most.
type Options struct {
	Kind     Kind     // forces Directory, Host, Source or Function; empty recognises it
	Platform Platform // which image of an index; empty: this machine's, on linux
	Insecure bool     // allow plain HTTP and certificates that cannot be verified
	CAFile   string   // PEM file of additional certificate authorities
	Username string   // of the registry; empty: docker's configuration and credential helpers
	Password string
	// Anonymous reads what anybody may: docker's configuration is not asked,
	// which is not that of whoever asks for the scan.
	Anonymous bool
	Layers    []string  // zip files of a function's layers, in order
	Stdin     io.Reader // what the target "-" reads; nil if there is none
	Temp      string    // directory for files that are too large for memory; empty: the system's
}
