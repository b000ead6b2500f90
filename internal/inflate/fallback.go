//go:build purego || mips || mips64 || ppc64 || s390x

package inflate

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
)

// engine is the decoder of the standard library. It is what the other one is
// compared with; it serves those who prefer it, and big-endian machines, where
// the other one is not tested.
type engine struct {
	src   bufio.Reader // kept here so that nothing else holds the source
	ready bool         // src has a source
	gzip  gzip.Reader
	flat  io.ReadCloser
	from  io.Reader // gzip or flat; nil before the first read
	raw   bool
	err   error
	buf   [64 << 10]byte
}

func (e *engine) reset(r io.Reader, raw bool) {
	e.src.Reset(r)
	e.ready = r != nil
	e.from, e.raw, e.err = nil, raw, nil
}

// next returns what one read gives.
func (e *engine) next() ([]byte, error) {
	if !e.ready {
		return nil, io.EOF
	}
	if e.from == nil && e.err == nil {
		e.err = e.open()
	}
	n := 0
	for n == 0 && e.err == nil {
		n, e.err = e.from.Read(e.buf[:])
		e.err = known(e.err)
	}
	if n == 0 {
		return nil, e.err
	}
	return e.buf[:n:n], nil
}

func (e *engine) open() error {
	if !e.raw {
		e.from = &e.gzip
		return known(e.gzip.Reset(&e.src))
	}
	if e.flat == nil {
		e.flat = flate.NewReader(&e.src)
	} else if err := e.flat.(flate.Resetter).Reset(&e.src, nil); err != nil {
		return err
	}
	e.from = e.flat
	return nil
}

// known turns errors of the standard library into those of this package.
func known(err error) error {
	if _, ok := errors.AsType[flate.CorruptInputError](err); ok {
		return ErrCorrupt
	}
	switch {
	case errors.Is(err, gzip.ErrHeader):
		return ErrHeader
	case errors.Is(err, gzip.ErrChecksum):
		return ErrChecksum
	}
	return err
}
