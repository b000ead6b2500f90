// Package inflate reads gzip files and raw DEFLATE streams about three times
// as fast as compress/gzip, with the same output and errors at the same places.
//
// A [Decoder] hands out pieces of its own window ([Decoder.Next]), so that
// bytes nobody wants are never copied; it is also an [io.Reader]. It expands
// what it is told to: a DEFLATE stream may hold 1,032 times its size, and the
// caller limits what it takes.
package inflate

import (
	"errors"
	"io"
	"sync"
)

// Errors of the data. Data that ends too early is [io.ErrUnexpectedEOF], and an
// error of the source is passed on as it is.
var (
	ErrCorrupt  = errors.New("inflate: invalid DEFLATE data")
	ErrHeader   = errors.New("inflate: invalid gzip header")
	ErrChecksum = errors.New("inflate: gzip checksum or length does not match")
)

// A Decoder expands one gzip file or raw DEFLATE stream after the other. The
// zero value has nothing to read: call [Decoder.Reset] or [Decoder.ResetRaw]
// first. It is some 450 KiB large and holds all of its buffers, so it is worth
// reusing and must not be copied. It is for one goroutine at a time.
//
// It reads ahead: where it leaves its source is not defined.
type Decoder struct {
	engine engine
	rest   []byte // of the last chunk, for the next Read
}

// Reset makes d expand the gzip file r: one or more members, whose contents
// follow each other (RFC 1952, section 2.2). Nothing is read before the first
// call of another method.
func (d *Decoder) Reset(r io.Reader) {
	d.rest = nil
	d.engine.reset(r, false)
}

// ResetRaw makes d expand the DEFLATE stream r, which has neither a header nor
// a checksum, as the members of zip archives are. What follows its end in r
// is ignored.
func (d *Decoder) ResetRaw(r io.Reader) {
	d.rest = nil
	d.engine.reset(r, true)
}

// Next returns the bytes that follow, at least one and at most some 300 KiB.
// They are valid until the next call of any method and must not be changed.
// The error is [io.EOF] at the end of intact data; all that could be expanded
// before any other error has been returned by then. Every further call
// returns the same error.
//
// A gzip checksum stands behind the data it covers: until [io.EOF], what was
// returned is not known to be intact.
func (d *Decoder) Next() ([]byte, error) {
	if b := d.rest; len(b) > 0 {
		d.rest = nil
		return b, nil
	}
	return d.engine.next()
}

// Read is [Decoder.Next] for those who want an [io.Reader]; it costs a copy.
func (d *Decoder) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(d.rest) == 0 {
		var err error
		if d.rest, err = d.engine.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// WriteTo writes all that follows to w without a copy. It returns the number of
// bytes written and the first error of either side, nil at the end of intact
// data.
func (d *Decoder) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for {
		b, err := d.Next()
		if err == io.EOF { //nolint:errorlint // a wrapped one comes from the source and is an error
			return total, nil
		}
		if err != nil {
			return total, err
		}
		n, err := w.Write(b)
		total += int64(n)
		if err == nil && n < len(b) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return total, err
		}
	}
}

// A Pool keeps decoders between uses. The zero value is ready; all methods may
// be called from several goroutines.
type Pool struct {
	idle sync.Pool
}

// Get returns a decoder that is to be Reset before use, and given back with Put
// after it.
func (p *Pool) Get() *Decoder {
	if d, ok := p.idle.Get().(*Decoder); ok {
		return d
	}
	return new(Decoder)
}

// Put takes back a decoder, which the caller must not use any more. It lets go
// of the decoder's source.
func (p *Pool) Put(d *Decoder) {
	d.Reset(nil)
	p.idle.Put(d)
}
