package extract

import (
	"bytes"
	"errors"
	"io"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// auditSection is the section with the list of crates: JSON, compressed by
// zlib. Source: cargo-auditable, PARSING.md.
const auditSection = ".dep-v0"

// Limits of a list of crates, in bytes. Source: rust-audit-info, default limits.
const (
	maxAudit     = 4 << 20 // compressed
	maxAuditJSON = 8 << 20
)

// auditStart begins every list, as it is written.
const auditStart = `{"packages":[`

// readAuditPart reads the section at a known place.
func (s *shared) readAuditPart(f *file, w *window, base int64, part segment) error {
	if part.size > maxAudit {
		return tooLarge(part.size, maxAudit)
	}
	if base+part.offset < w.pos() {
		return nil
	}
	if err := w.advance(base + part.offset); err != nil {
		return err
	}
	b, err := w.need(int(part.size))
	if err != nil {
		return err
	}
	b = b[:min(int64(len(b)), part.size)]
	if len(b) < 2 {
		return nil
	}
	text, err := s.expandAudit(b[2:])
	if err != nil {
		return err
	}
	return addCrates(f, text)
}

// readTail looks for the list in a stream, where the table that tells its
// place comes after it. Since it is not loaded, it lies behind all that is.
func (s *shared) readTail(f *file, w *window, base int64, tail segment) error {
	if tail.size == 0 {
		return nil
	}
	text, err := s.searchAudit(w, base+tail.offset, base+tail.offset+tail.size)
	if err != nil || text == nil {
		return err
	}
	return addCrates(f, text)
}

// auditProbe is how many bytes of compressed data show how it begins.
const auditProbe = 512

// maxProbes is how many places of a program may look like the beginning of a
// list. Of text and random bytes one in some 100,000 does.
const maxProbes = 20_000

// searchAudit looks for a list that begins in a part of the file. It returns
// nil if there is none.
func (s *shared) searchAudit(w *window, from, to int64) ([]byte, error) {
	probes := 0
	for from = max(from, w.pos()); from < to; {
		if err := w.advance(from); err != nil {
			return nil, err
		}
		b, err := w.need(int(min(windowStep+auditProbe, to-from)))
		if err != nil {
			return nil, err
		}
		b = b[:min(int64(len(b)), to-from)]
		end := len(b)
		if int64(end) < to-from && end > auditProbe {
			end -= auditProbe // what begins in the rest is looked at again
		}
		if end == 0 {
			return nil, nil
		}
		for i := 0; i < end; i++ {
			n := bytes.IndexByte(b[i:end], 0x78)
			if n < 0 {
				break
			}
			if i += n; !mayBeginAudit(b[i:]) {
				continue
			}
			if probes++; probes > maxProbes {
				return nil, errors.New("too many places look like a list of crates")
			}
			if !s.beginsAudit(b[i:]) {
				continue
			}
			text, err := s.takeAudit(w, from+int64(i), to)
			if text != nil || err != nil {
				return text, err
			}
			b, end = nil, i+1 // the window has moved
		}
		from = max(from+int64(end), w.pos())
	}
	return nil, nil
}

// mayBeginAudit tells whether b begins with the header of zlib, and with a
// block of codes of its own or of fixed codes.
// Source: RFC 1950, section 2.2; RFC 1951, section 3.2.3.
func mayBeginAudit(b []byte) bool {
	if len(b) < 16 || (uint(b[0])<<8|uint(b[1]))%31 != 0 {
		return false
	}
	kind := b[2] & 7
	return kind == 0b011 || kind == 0b100 || kind == 0b101
}

// beginsAudit tells whether compressed data expands to what all lists begin
// with.
func (s *shared) beginsAudit(b []byte) bool {
	d := s.decoders.Get()
	defer s.decoders.Put(d)
	d.ResetRaw(bytes.NewReader(b[2:min(len(b), auditProbe)]))
	text, _ := d.Next() // the data is cut off
	return bytes.HasPrefix(text, []byte(auditStart))
}

// takeAudit returns the list that begins at an offset, or nil if it is none.
func (s *shared) takeAudit(w *window, offset, to int64) ([]byte, error) {
	if err := w.advance(offset); err != nil {
		return nil, err
	}
	most := int(min(to-offset, maxAudit))
	for n := min(windowStep, most); ; n = min(4*n, most) {
		b, err := w.need(n)
		if err != nil {
			return nil, err
		}
		text, err := s.expandAudit(b[2:min(len(b), n)])
		if err == nil {
			return text, nil
		}
		if n == most || len(b) < n || errors.Is(err, errTooLarge) {
			return nil, nil
		}
	}
}

// expandAudit expands DEFLATE data, whose end it knows itself.
func (s *shared) expandAudit(b []byte) ([]byte, error) {
	d := s.decoders.Get()
	defer s.decoders.Put(d)
	d.ResetRaw(bytes.NewReader(b))
	var text []byte
	for {
		piece, err := d.Next()
		if errors.Is(err, io.EOF) {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
		if text = append(text, piece...); len(text) > maxAuditJSON {
			return nil, tooLarge(int64(len(text)), maxAuditJSON)
		}
	}
}

// crate is an entry of a list.
type crate struct {
	name, version, source, kind string
	root                        bool
}

// addCrates adds the crates of a list: the program itself, and what it was
// built from, but not what lay beside it, which has no name that others know.
// Source: cargo-auditable, cargo-auditable.schema.json.
func addCrates(f *file, text []byte) error {
	j := jsonstream.New(bytes.NewReader(text), int64(len(text)))
	seen := map[lockKey]bool{}
	one := func() error {
		if b, err := j.Peek(); err != nil || b != '{' {
			return orSkip(j, err)
		}
		c, err := readCrate(j)
		k := lockKey{c.name, c.version}
		if err != nil || c.name == "" || c.source == "local" && !c.root || seen[k] {
			return err
		}
		if len(f.out.Packages) >= maxPackages {
			return errTooMany
		}
		seen[k] = true
		scope := inventory.Runtime
		if c.kind == "build" {
			scope = inventory.Dev // it was run to build the program
		}
		f.add(inventory.Package{Type: "cargo", Name: c.name, Version: c.version, Scope: scope, Evidence: inventory.Binary})
		return nil
	}
	return j.Object(func(key []byte) error {
		b, err := j.Peek()
		if err != nil || b != '[' || string(key) != "packages" {
			return orSkip(j, err)
		}
		return j.Array(one)
	})
}

func readCrate(j *jsonstream.Reader) (crate, error) {
	var c crate
	text := func(dst *string) error {
		s, ok, err := j.String()
		if ok {
			*dst = clean(s)
		}
		return err
	}
	err := j.Object(func(key []byte) error {
		var err error
		switch string(key) {
		case "name":
			err = text(&c.name)
		case "version":
			err = text(&c.version)
		case "source":
			err = text(&c.source)
		case "kind":
			err = text(&c.kind)
		case "root":
			c.root, err = j.Bool()
		default:
			err = j.Skip()
		}
		return err
	})
	return c, err
}
