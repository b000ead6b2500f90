package vulndb

import (
	"encoding/binary"
	"math"
	"time"
)

// A cursor reads forward through encoded bytes. After the first fault every
// read returns zero and bad stays set, so that callers ask once at the end.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) fail() {
	c.b, c.bad = nil, true
}

// uint reads an unsigned varint.
func (c *cursor) uint() uint64 {
	if len(c.b) > 0 && c.b[0] < 0x80 {
		v := c.b[0]
		c.b = c.b[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.fail()
		return 0
	}
	c.b = c.b[n:]
	return v
}

// uint32 reads an unsigned varint that must fit in 32 bits.
func (c *cursor) uint32() uint32 {
	v := c.uint()
	if v > math.MaxUint32 {
		c.fail()
		return 0
	}
	return uint32(v)
}

// count reads the number of items that follow. Each takes some bytes at least,
// so a number too large for the bytes left is a lie, found before anything is
// allocated for it.
func (c *cursor) count(each int) int {
	v := c.uint()
	if v > uint64(len(c.b)/each) { //nolint:gosec // not negative
		c.fail()
		return 0
	}
	return int(v) //nolint:gosec // at most the bytes left
}

func (c *cursor) byte() byte {
	if len(c.b) == 0 {
		c.fail()
		return 0
	}
	v := c.b[0]
	c.b = c.b[1:]
	return v
}

// next returns the next n bytes, not copied.
func (c *cursor) next(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.fail()
		return nil
	}
	v := c.b[:n:n]
	c.b = c.b[n:]
	return v
}

// text reads a length and as many bytes, not copied.
func (c *cursor) text() []byte {
	return c.next(c.count(1))
}

// string is text, copied.
func (c *cursor) string() string {
	return string(c.text())
}

// strings reads a list of texts; nil if it is empty.
func (c *cursor) strings() []string {
	n := c.count(1)
	if n == 0 {
		return nil
	}
	list := make([]string, 0, n)
	for range n {
		list = append(list, c.string())
	}
	return list
}

// time reads what appendTime wrote.
func (c *cursor) time() time.Time {
	v := c.uint()
	if v == 0 {
		return time.Time{}
	}
	return time.Unix(int64(v>>1)^-int64(v&1)-1, 0).UTC()
}

// decimal reads what appendDecimal wrote.
func (c *cursor) decimal(scale float64) float64 {
	if v := c.uint(); v > 0 {
		return float64(v-1) / scale
	}
	b := c.next(8)
	if c.bad {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

func appendText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func appendTexts(dst []byte, list []string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, s := range list {
		dst = appendText(dst, s)
	}
	return dst
}

// appendTime writes whole seconds; zero times stay zero. One is added before
// the zigzag so that the epoch itself differs from no time.
func appendTime(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, 0)
	}
	v := t.Unix() + 1
	u := uint64(v<<1) ^ uint64(v>>63) //nolint:gosec // zigzag: the bits matter, not the value
	return binary.AppendUvarint(dst, u)
}

// appendDecimal writes a number that has few decimals in few bytes: as a
// multiple of 1/scale if it is one exactly, else as it is.
func appendDecimal(dst []byte, v, scale float64) []byte {
	if n := math.Round(v * scale); n >= 0 && n < 1<<52 && n/scale == v {
		return binary.AppendUvarint(dst, uint64(n)+1)
	}
	dst = append(dst, 0)
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
}

// seconds is t as the 32 bits of an advisory's head: whole seconds since 1970,
// zero for no time. Dates outside 1970 to 2106 become the nearest that fits.
func seconds(t time.Time) uint32 {
	if t.IsZero() {
		return 0
	}
	return uint32(min(max(t.Unix(), 1), math.MaxUint32))
}

func fromSeconds(v uint32) time.Time {
	if v == 0 {
		return time.Time{}
	}
	return time.Unix(int64(v), 0).UTC()
}
