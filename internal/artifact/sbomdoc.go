package artifact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// Limits of an SBOM.
const (
	maxDocument = 512 << 20
	sniffed     = 64 << 10 // bytes among which a document must say what it is
)

// isSBOM tells whether data that starts with head is a CycloneDX or SPDX
// document in JSON. Sources: CycloneDX 1.6 JSON reference, bomFormat; SPDX
// 2.3, section 6.1.
func isSBOM(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("{")) &&
		(bytes.Contains(head, []byte(`"bomFormat"`)) || bytes.Contains(head, []byte(`"spdxVersion"`)))
}

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
		return nil, fmt.Errorf("reading %s: not a CycloneDX or SPDX document in JSON", t.name)
	}
	return &Artifact{Kind: SBOM, Name: t.name, Digest: digestOf(b), Document: bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))}, nil
}
