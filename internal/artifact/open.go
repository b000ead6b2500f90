package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
)

// target is what the user named, taken apart.
type target struct {
	name   string // without the prefix
	prefix string // without the colon; empty if there is none
	path   string // of a file or directory; the reference of an image in a registry
	tag    string // selects an image of an archive or a layout
	digest string // the same, sha256:…
}

// prefixes say how a target is opened, whatever it looks like.
var prefixes = map[string]func(context.Context, target, Options) (*Artifact, error){
	"registry":       openRegistry,
	"oci":            openLayout,
	"docker-archive": openArchive,
	"oci-archive":    openArchive,
	"dir": func(_ context.Context, t target, _ Options) (*Artifact, error) {
		return openTree(t.name, t.path, Directory)
	},
	"source": func(_ context.Context, t target, _ Options) (*Artifact, error) {
		return openTree(t.name, t.path, Source)
	},
	"host":     func(_ context.Context, t target, _ Options) (*Artifact, error) { return openHost(t) },
	"function": openFunction,
	"sbom":     openSBOM,
}

// Open opens a target. A prefix says what it is:
//
//	registry:NAME[:TAG][@DIGEST]     image in a registry
//	oci:DIR[:TAG][@DIGEST]           image in an OCI image layout
//	docker-archive:FILE[:TAG]        image in a tar file by docker save, plain, gzip or zstd
//	oci-archive:FILE[:TAG][@DIGEST]  image layout in a tar file, plain, gzip or zstd
//	dir:DIR                          root file system, or other installed software
//	host or host:DIR                 this machine, or one whose root is mounted at DIR
//	function:FILE                    function code, a zip file or a directory
//	source:DIR                       source tree
//	sbom:FILE                        CycloneDX in JSON or XML, SPDX in JSON or tag-value
//	-                                standard input: an archive, a zip file, an SBOM; those may have their prefix
//
// Without a prefix a target is recognised: what exists as a file or directory is
// opened by its contents (layout, root file system, source tree; archive, zip,
// SBOM; any other file is a source tree of that file alone), and what does not
// is an image in a registry. An image called like a prefix needs one itself, as
// in registry:registry:2.
//
// The caller closes the artifact. Nothing is read but what describes the
// target, except for compressed archives, which are expanded into a file in
// opt.Temp that has no name.
func Open(ctx context.Context, targetName string, opt Options) (*Artifact, error) {
	if strings.ContainsRune(targetName, 0) || targetName == "" {
		return nil, fmt.Errorf("opening %q: no target", targetName)
	}
	if targetName == "host" {
		return openHost(target{name: targetName, path: "/"})
	}
	if prefix, rest, ok := strings.Cut(targetName, ":"); ok {
		if open := prefixes[prefix]; open != nil {
			t := target{name: rest, prefix: prefix, path: rest}
			switch prefix {
			case "oci", "docker-archive", "oci-archive":
				t = splitSelection(t)
			case "host":
				if rest == "" {
					t.path = "/"
				}
			}
			if rest == "-" && opt.Stdin != nil && slices.Contains([]string{"docker-archive", "oci-archive", "function"}, prefix) {
				in := &verifier{ctx: ctx, r: opt.Stdin}
				return fromFile(t, in, opt, func(t target) (*Artifact, error) { return open(ctx, t, opt) })
			}
			return open(ctx, t, opt)
		}
	}
	return recognise(ctx, target{name: targetName, path: targetName}, opt)
}

// recognise opens a target without a prefix.
func recognise(ctx context.Context, t target, opt Options) (*Artifact, error) {
	a, err := recogniseKind(ctx, t, opt)
	if err == nil && opt.Kind != "" && a.Kind != opt.Kind {
		return nil, errors.Join(fmt.Errorf("opening %s: not of kind %s but %s", t.name, opt.Kind, a.Kind), a.Close())
	}
	return a, err
}

func recogniseKind(ctx context.Context, t target, opt Options) (*Artifact, error) {
	switch opt.Kind {
	case Directory, Host, Source:
		return openTree(t.name, t.path, opt.Kind)
	case Function:
		return openFunction(ctx, t, opt)
	case SBOM:
		return openSBOM(ctx, t, opt)
	case "", Image:
	default:
		return nil, fmt.Errorf("opening %s: unknown kind %q", t.name, opt.Kind)
	}
	if t.path == "-" {
		return openStdin(ctx, t, opt)
	}
	t = splitSelection(t)
	info, err := os.Stat(t.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return recogniseImage(ctx, t, opt)
	case err != nil:
		return nil, fmt.Errorf("opening %s: %w", t.name, err)
	case info.IsDir() && isLayout(t.path):
		return openLayout(ctx, t, opt)
	case t.tag != "" || t.digest != "":
		if info.IsDir() {
			return nil, fmt.Errorf("opening %s: %s is a directory but no image layout", t.name, t.path)
		}
		return openArchive(ctx, t, opt)
	case info.IsDir():
		return openTree(t.name, t.path, "")
	}
	return recogniseFile(ctx, t, opt)
}

// recogniseImage opens what is no file.
func recogniseImage(ctx context.Context, t target, opt Options) (*Artifact, error) {
	t.path = t.name
	if strings.HasPrefix(t.name, "/") || strings.HasPrefix(t.name, ".") || strings.HasPrefix(t.name, "~") {
		return nil, fmt.Errorf("opening %s: %w", t.name, fs.ErrNotExist)
	}
	if _, err := name.ParseReference(t.name); err != nil {
		return nil, fmt.Errorf("opening %s: %w, and it is no name of an image either", t.name, fs.ErrNotExist)
	}
	a, err := openRegistry(ctx, t, opt)
	if err != nil {
		return nil, fmt.Errorf("there is no file %s, so it was taken for an image: %w", t.name, err)
	}
	return a, nil
}

// recogniseFile opens a file by what it holds.
func recogniseFile(ctx context.Context, t target, opt Options) (*Artifact, error) {
	f, err := openRegular(t.path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", t.name, err)
	}
	head := make([]byte, sniffed)
	n, err := io.ReadFull(f, head)
	if err = errors.Join(ignoreEOF(err), f.Close()); err != nil {
		return nil, fmt.Errorf("reading %s: %w", t.name, err)
	}
	head = head[:n]
	lower := strings.ToLower(t.path)
	switch {
	case isSBOM(head):
		return openSBOM(ctx, t, opt)
	case n >= 4 && string(head[:4]) == "PK\x03\x04" && !javaArchive(lower):
		return openFunction(ctx, t, opt)
	case n >= blockSize && validChecksum(head), compression(head) != "":
		return openArchive(ctx, t, opt)
	}
	return openTree(t.name, t.path, "")
}

// javaArchive tells whether a zip file is a package by itself rather than the
// code of a function.
func javaArchive(name string) bool {
	for _, ext := range []string{".jar", ".war", ".ear", ".par", ".sar", ".jpi", ".hpi"} {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	return false
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// splitSelection takes the tag or digest off the path of an archive or a
// layout. A file may have a colon in its name: the longest that exists counts.
func splitSelection(t target) target {
	path := t.path
	for i := len(path); i > 0; i = strings.LastIndexAny(path[:i], ":@") {
		if _, err := os.Stat(path[:i]); err != nil {
			continue
		}
		t.path = path[:i]
		if i < len(path) && path[i] == '@' {
			t.digest = path[i+1:]
		} else if i < len(path) {
			t.tag = path[i+1:]
		}
		return t
	}
	return t
}

// openHost opens the machine we run on, or one whose root is mounted.
func openHost(t target) (*Artifact, error) {
	hostname := t.path
	if t.path == "/" {
		var err error
		if hostname, err = os.Hostname(); err != nil {
			return nil, fmt.Errorf("opening host: %w", err)
		}
	}
	a, err := openTree(t.path, t.path, Host)
	if err != nil {
		return nil, err
	}
	a.Name = hostname
	if t.path == "/" {
		a.Platform = Platform{OS: runtime.GOOS, Architecture: runtime.GOARCH}
	}
	return a, nil
}
