package extract

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// Limits of property lists.
const (
	maxPlist       = 4 << 20 // bytes of a file; that of an application has some 5,000
	maxPlistKeys   = 10_000  // of the outermost dictionary
	maxPlistString = 4 << 10 // bytes of a string that is kept
)

var errPlist = errors.New("malformed property list")

// readPlist reads a property list and returns the strings of its outermost
// dictionary by their keys; values of other kinds are passed over.
// Source: Apple, "Property List Programming Guide".
func readPlist(r io.Reader) (map[string]string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxPlist+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxPlist {
		return nil, tooLarge(int64(len(b)), maxPlist)
	}
	if bytes.HasPrefix(b, []byte("bplist0")) {
		return parseBinaryPlist(b)
	}
	return parseXMLPlist(b)
}

// parseXMLPlist reads the form that is XML: plist, dict, and in it a key
// before each value.
func parseXMLPlist(b []byte) (map[string]string, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	out := map[string]string{}
	depth, key := 0, ""
	var text []byte
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				return out, io.ErrUnexpectedEOF
			}
			return out, nil
		}
		if err != nil {
			return out, fmt.Errorf("%w: %w", errPlist, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			text = text[:0]
			if depth == 1 && t.Name.Local != "plist" || depth == 2 && t.Name.Local != "dict" {
				return out, errPlist
			}
		case xml.CharData:
			if depth == 3 && len(text)+len(t) <= maxPlistString {
				text = append(text, t...)
			}
		case xml.EndElement:
			if depth == 3 && len(out) < maxPlistKeys {
				switch t.Name.Local {
				case "key":
					key = clean(text)
				case "string":
					out[key] = clean(text)
				}
			}
			depth--
		}
	}
}

// binaryPlist is a property list in binary form.
type binaryPlist struct {
	b          []byte
	offsets    []byte // of the objects
	offsetSize int
	refSize    int
	count      uint64
}

// parseBinaryPlist reads the form that is not XML: objects, the table of their
// offsets, and a trailer of 32 bytes that tells where the table is.
// Source: Apple, CFBinaryPList.c, comment "HEADER", and CFPlistTrailer.
func parseBinaryPlist(b []byte) (map[string]string, error) {
	if len(b) < 40 {
		return nil, errPlist
	}
	trailer := b[len(b)-32:]
	p := binaryPlist{b: b[:len(b)-32], offsetSize: int(trailer[6]), refSize: int(trailer[7]), count: binary.BigEndian.Uint64(trailer[8:])}
	table := binary.BigEndian.Uint64(trailer[24:])
	if p.offsetSize < 1 || p.offsetSize > 8 || p.refSize < 1 || p.refSize > 8 || table > uint64(len(p.b)) ||
		p.count > (uint64(len(p.b))-table)/uint64(p.offsetSize) {
		return nil, errPlist
	}
	p.offsets = p.b[table:]
	body, kind, n, ok := p.object(binary.BigEndian.Uint64(trailer[16:]))
	if !ok || kind != 0xd || n > maxPlistKeys || uint64(len(body)) < 2*n*uint64(p.refSize) {
		return nil, errPlist
	}
	out := map[string]string{}
	for i := range int(n) {
		key, ok := p.text(number(body[i*p.refSize:][:p.refSize]))
		if !ok {
			return out, errPlist
		}
		if v, ok := p.text(number(body[(int(n)+i)*p.refSize:][:p.refSize])); ok {
			out[key] = v
		}
	}
	return out, nil
}

// number reads up to eight bytes, the highest first.
func number(b []byte) uint64 {
	n := uint64(0)
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// object returns what follows the head of an object, its kind and how many
// elements it has.
func (p *binaryPlist) object(ref uint64) (body []byte, kind byte, n uint64, ok bool) {
	if ref >= p.count {
		return nil, 0, 0, false
	}
	size := uint64(p.offsetSize) //nolint:gosec // 1 to 8
	at := number(p.offsets[ref*size : (ref+1)*size])
	if at >= uint64(len(p.b)) {
		return nil, 0, 0, false
	}
	kind, n, body = p.b[at]>>4, uint64(p.b[at]&0xf), p.b[at+1:]
	if n != 0xf || kind < 4 {
		return body, kind, n, true
	}
	// The count is an integer of its own.
	if len(body) == 0 || body[0]>>4 != 1 || body[0]&0xf > 3 {
		return nil, 0, 0, false
	}
	width := 1 << (body[0] & 0xf)
	if len(body) < 1+width {
		return nil, 0, 0, false
	}
	return body[1+width:], kind, number(body[1 : 1+width]), true
}

// text returns the string that an object is.
func (p *binaryPlist) text(ref uint64) (string, bool) {
	body, kind, n, ok := p.object(ref)
	if !ok || n > maxPlistString {
		return "", false
	}
	switch kind {
	case 5: // ASCII
		if uint64(len(body)) < n {
			return "", false
		}
		return clean(body[:n]), true
	case 6: // UTF-16, the higher byte first
		if uint64(len(body)) < 2*n {
			return "", false
		}
		units := make([]uint16, n)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(body[2*i:])
		}
		return strings.TrimSpace(string(utf16.Decode(units))), true
	}
	return "", false
}
