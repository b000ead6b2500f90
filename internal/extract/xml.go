package extract

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of an XML file that is read as a whole.
const (
	maxXML      = 16 << 20 // bytes
	maxXMLNodes = 200_000
	maxXMLDepth = 64
)

// xmlNode is an element of a document. Names are without their namespace.
type xmlNode struct {
	name     string
	attrs    []xml.Attr
	text     string // of the element itself, at most maxLine bytes
	children []*xmlNode
}

// child returns the first child of a name, or nil.
func (n *xmlNode) child(name string) *xmlNode {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// value returns the text of the first child of a name, without space around it.
func (n *xmlNode) value(name string) string {
	if c := n.child(name); c != nil {
		return c.text
	}
	return ""
}

// attr returns an attribute. The tools of .NET do not tell the case of its
// name apart.
func (n *xmlNode) attr(name string) string {
	for _, a := range n.attrs {
		if strings.EqualFold(a.Name.Local, name) {
			return clean([]byte(a.Value))
		}
	}
	return ""
}

// readXML reads a document but for the elements that skip wants to pass over,
// which it is asked with their depth; that of the root is 0. What was read
// before an error is returned with it; the root is nil if there is none.
// Entities that the document declares itself are not replaced.
func readXML(r io.Reader, skip func(depth int, name string) bool) (*xmlNode, error) {
	limited := &io.LimitedReader{R: r, N: maxXML + 1}
	d := xml.NewDecoder(utf8Reader(limited))
	d.Strict = false
	d.CharsetReader = charsetReader
	t := xmlTree{skip: skip}
	for {
		token, err := d.Token()
		switch {
		case limited.N <= 0:
			return t.root, tooLarge(maxXML+1, maxXML)
		case errors.Is(err, io.EOF) && t.root != nil && len(t.open) == 0:
			return t.root, nil
		case errors.Is(err, io.EOF):
			return t.root, io.ErrUnexpectedEOF
		case err != nil:
			return t.root, err
		}
		if err := t.take(d, token); err != nil {
			return t.root, err
		}
	}
}

// xmlTree is a document on its way.
type xmlTree struct {
	skip  func(depth int, name string) bool
	root  *xmlNode
	open  []*xmlNode
	nodes int
}

func (t *xmlTree) take(d *xml.Decoder, token xml.Token) error {
	switch token := token.(type) {
	case xml.StartElement:
		name := clean([]byte(token.Name.Local))
		if len(t.open) == 0 && t.root != nil || t.skip(len(t.open), name) {
			return skipXML(d)
		}
		if t.nodes++; t.nodes > maxXMLNodes {
			return fmt.Errorf("more than %d elements", maxXMLNodes)
		}
		if len(t.open) == maxXMLDepth {
			return fmt.Errorf("elements nested more than %d deep", maxXMLDepth)
		}
		n := &xmlNode{name: name, attrs: token.Copy().Attr}
		if len(t.open) == 0 {
			t.root = n
		} else {
			parent := t.open[len(t.open)-1]
			parent.children = append(parent.children, n)
		}
		t.open = append(t.open, n)
	case xml.EndElement:
		if len(t.open) > 0 {
			n := t.open[len(t.open)-1]
			n.text = clean([]byte(n.text))
			t.open = t.open[:len(t.open)-1]
		}
	case xml.CharData:
		if len(t.open) == 0 {
			return nil
		}
		n := t.open[len(t.open)-1]
		if len(n.children) == 0 && len(n.text)+len(token) <= maxLine {
			n.text += string(token)
		}
	}
	return nil
}

// skipXML passes over the rest of an element. Other than the decoder's Skip it
// does not go deeper into the stack for each level.
func skipXML(d *xml.Decoder) error {
	for depth := 1; depth > 0; {
		token, err := d.Token()
		if err != nil {
			return unexpected(err)
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// utf8Reader turns a document in UTF-16, which its first bytes tell, into one
// in UTF-8, and takes away a byte order mark.
// Source: XML 1.0, appendix F.1.
func utf8Reader(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	head, _ := b.Peek(4) // an error comes again with the first read
	switch {
	case len(head) >= 3 && string(head[:3]) == "\xef\xbb\xbf":
		_, _ = b.Discard(3)
	case len(head) >= 2 && string(head[:2]) == "\xff\xfe", len(head) == 4 && head[0] == '<' && head[1] == 0 && head[3] == 0:
		return &decodingReader{next: func() (rune, error) { return utf16Rune(b, 0) }}
	case len(head) >= 2 && string(head[:2]) == "\xfe\xff", len(head) == 4 && head[0] == 0 && head[1] == '<' && head[2] == 0:
		return &decodingReader{next: func() (rune, error) { return utf16Rune(b, 1) }}
	}
	return b
}

// utf16Rune reads the next character; big is 1 if the high byte of a unit comes
// first, otherwise 0.
func utf16Rune(b *bufio.Reader, big int) (rune, error) {
	unit := func() (rune, error) {
		var u [2]byte
		for i := range u {
			var err error
			if u[i], err = b.ReadByte(); err != nil {
				return 0, err
			}
		}
		return rune(u[1-big])<<8 | rune(u[big]), nil
	}
	r, err := unit()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	low, err := unit()
	return utf16.DecodeRune(r, low), err
}

// charsetReader decodes what a document says that it is written in. Characters
// outside of ASCII are of no interest to us beyond being valid.
func charsetReader(charset string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "iso-8859-1", "latin1", "iso-8859-15", "windows-1252":
		b := bufio.NewReader(r)
		return &decodingReader{next: func() (rune, error) {
			c, err := b.ReadByte()
			return rune(c), err
		}}, nil
	}
	return r, nil // of UTF-16 it is UTF-8 by now
}

// decodingReader gives characters as UTF-8.
type decodingReader struct {
	next func() (rune, error)
	rest []byte
}

func (d *decodingReader) Read(p []byte) (int, error) {
	n := 0
	for {
		m := copy(p[n:], d.rest)
		n += m
		if d.rest = d.rest[m:]; n == len(p) {
			return n, nil
		}
		r, err := d.next()
		if err != nil {
			return n, err
		}
		d.rest = utf8.AppendRune(d.rest[:0], r)
	}
}
