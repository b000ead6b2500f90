package artifact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Limits of an SBOM.
const (
	maxDocument = 512 << 20
	sniffed     = 64 << 10 // bytes among which a document must say what it is
)

// isSBOM tells whether data that starts with head is a CycloneDX or SPDX
// document: JSON of either, XML of the one, tag-value of the other. Sources:
// CycloneDX 1.6 JSON reference, bomFormat, and XML reference, namespace; SPDX
// 2.3, section 6.1.
func isSBOM(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("{")):
		return bytes.Contains(head, []byte(`"bomFormat"`)) || bytes.Contains(head, []byte(`"spdxVersion"`))
	case bytes.HasPrefix(head, []byte("<")):
		return bytes.Contains(head, []byte("http://cyclonedx.org/schema/bom/"))
	}
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' { // a comment
			return bytes.HasPrefix(line, []byte("SPDXVersion:"))
		}
	}
	return false
}

// openStdin opens what standard input gives, by what it holds. What is no SBOM
// is first written into a file, which goes away with the artifact: archives and
// zip files are not read from the first to the last byte.
func openStdin(ctx context.Context, t target, opt Options) (*Artifact, error) {
	if opt.Stdin == nil {
		return nil, errors.New("opening -: there is no standard input")
	}
	in := &verifier{ctx: ctx, r: opt.Stdin}
	head := make([]byte, sniffed)
	n, err := io.ReadFull(in, head)
	if err = ignoreEOF(err); err != nil {
		return nil, fmt.Errorf("reading -: %w", err)
	}
	all := io.MultiReader(bytes.NewReader(head[:n]), in)
	if n == 0 {
		return nil, errors.New("reading -: standard input is empty")
	}
	if isSBOM(head[:n]) {
		return readSBOM(ctx, t, all)
	}
	return fromFile(t, all, opt, func(t target) (*Artifact, error) { return recogniseFile(ctx, t, opt) })
}

// fromFile writes standard input into a file, which goes away with the
// artifact, and has that opened.
func fromFile(t target, in io.Reader, opt Options, open func(t target) (*Artifact, error)) (*Artifact, error) {
	f, err := os.CreateTemp(opt.Temp, "assay-*")
	if err != nil {
		return nil, fmt.Errorf("reading -: %w", err)
	}
	_, err = io.Copy(f, in)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("reading -: %w", err), os.Remove(f.Name()))
	}
	t.path = f.Name()
	a, err := open(t)
	if err != nil {
		return nil, errors.Join(err, os.Remove(f.Name()))
	}
	a.closers = append(a.closers, removal(f.Name()))
	return a, nil
}

// removal removes the file of that name when it is closed.
type removal string

// Close removes it.
func (r removal) Close() error { return os.Remove(string(r)) }

// openSBOM opens an SBOM. "-" is the standard input.
func openSBOM(ctx context.Context, t target, opt Options) (*Artifact, error) {
	if t.path == "-" {
		if opt.Stdin == nil {
			return nil, errors.New("opening -: there is no standard input")
		}
		return readSBOM(ctx, t, opt.Stdin)
	}
	f, err := openRegular(t.path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", t.name, err)
	}
	defer f.Close()
	return readSBOM(ctx, t, f)
}

func readSBOM(ctx context.Context, t target, r io.Reader) (*Artifact, error) {
	b, err := readLimited(&verifier{ctx: ctx, r: r}, maxDocument)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", t.name, err)
	}
	if !isSBOM(b) {
		return nil, fmt.Errorf("reading %s: not a CycloneDX or SPDX document", t.name)
	}
	return &Artifact{Kind: SBOM, Name: t.name, Digest: digestOf(b), Document: bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))}, nil
}
