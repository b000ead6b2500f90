package feed

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// xmlFile reads the elements of one XML file, one after the other.
type xmlFile struct {
	*xml.Decoder
	in *xmlLimit
}

func newXML(r *bufio.Reader, limit int) xmlFile {
	in := &xmlLimit{r: r, max: limit}
	dec := xml.NewDecoder(in)
	dec.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		switch strings.ToLower(charset) {
		case "utf-8", "us-ascii":
			return input, nil
		}
		return nil, fmt.Errorf("unknown charset %.40q", charset)
	}
	return xmlFile{dec, in}
}

// xmlLimit ends with an error after max bytes since n was zero.
type xmlLimit struct {
	r      io.Reader
	n, max int
	err    error // of the file itself
}

// Read reads on within the limit.
func (l *xmlLimit) Read(p []byte) (int, error) {
	if l.n > l.max {
		return 0, fmt.Errorf("an element of more than %d bytes", l.max)
	}
	n, err := l.r.Read(p)
	l.n += n
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}

// next returns the next element that begins, or an error: io.EOF at the end.
// The decoder takes a file that ends inside an element for damaged.
func (f xmlFile) next(ctx context.Context) (xml.StartElement, error) {
	f.in.n = 0
	for {
		if err := ctx.Err(); err != nil {
			return xml.StartElement{}, err
		}
		token, err := f.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		if start, ok := token.(xml.StartElement); ok {
			return start, nil
		}
	}
}

// ended tells what the error of a file means: nothing at its end; a rejection
// if the source can be read on.
func (f xmlFile) ended(ctx context.Context, m member, err error) error {
	switch {
	case errors.Is(err, io.EOF) && f.in.err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case f.in.err != nil && (m.fatal || errors.Is(f.in.err, errRatio)):
		return fmt.Errorf("reading %s: %w", m.name, f.in.err)
	}
	return &Rejected{ID: m.name, Reason: rejectBroken, Detail: clip(err.Error(), maxName)}
}

// eachMember hands each file of a source to read, which yields records. It
// stops when the caller wants no more or the source cannot be read on.
func eachMember(ctx context.Context, s Source, yield func(Record, error) bool, read func(member) (more bool, err error)) {
	for m, err := range members(s) {
		more := true
		if err == nil {
			more, err = read(m)
		}
		if cause := ctx.Err(); cause != nil {
			err = cause
		}
		if err != nil {
			_, rejected := errors.AsType[*Rejected](err)
			more = yield(Record{}, err) && rejected && more
		}
		if !more {
			return
		}
	}
}
