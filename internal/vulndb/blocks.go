package vulndb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const (
	blockSize  = 128 << 10 // bytes of records in a block of section Z, unless one record is larger
	maxRecord  = 16 << 20  // bytes of one record
	maxBlock   = blockSize + maxRecord + 16
	dictSize   = 64 << 10
	dictID     = 1
	cacheSlots = 16 // decompressed blocks that are kept, 2 MiB

	spoolBlock = 32 << 10
	spoolCache = 64
)

// A spool keeps records of any number and order in little memory until they
// are written: compressed in the order in which they came.
type spool struct {
	total  int // bytes of all records
	enc    *zstd.Encoder
	dec    *zstd.Decoder
	cur    []byte
	buf    []byte
	blocks [][]byte
	left   []int32 // records of a block that have not been taken
	cache  map[uint32][]byte
	order  []uint32 // of the cache, oldest first
}

// A place is where a record lies in a spool.
type place struct {
	block, off, size uint32
}

func newSpool() (*spool, error) {
	// A window of one block, since each is compressed by itself: the encoder
	// keeps memory of twice its window.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(2*spoolBlock))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return &spool{enc: enc, dec: dec, cache: map[uint32][]byte{}}, nil
}

func (s *spool) add(record []byte) place {
	if len(s.blocks) == len(s.left) {
		s.left = append(s.left, 0)
	}
	p := place{uint32(len(s.blocks)), uint32(len(s.cur)), uint32(len(record))} //nolint:gosec // a record is at most maxRecord
	s.left[p.block]++
	s.total += len(record)
	s.cur = append(s.cur, record...)
	if len(s.cur) >= spoolBlock {
		s.seal()
	}
	return p
}

// seal compresses the block that is being filled.
func (s *spool) seal() {
	if len(s.cur) > 0 {
		s.buf = s.enc.EncodeAll(s.cur, s.buf[:0])
		s.blocks = append(s.blocks, bytes.Clone(s.buf))
		s.cur = s.cur[:0]
	}
}

// read returns the record at p, valid until the next call.
func (s *spool) read(p place) ([]byte, error) {
	if int(p.block) == len(s.blocks) {
		return s.cur[p.off : p.off+p.size], nil
	}
	b, ok := s.cache[p.block]
	if !ok {
		var dst []byte
		if len(s.order) == spoolCache {
			dst = s.cache[s.order[0]][:0]
			delete(s.cache, s.order[0])
			s.order = slices.Delete(s.order, 0, 1)
		}
		var err error
		if b, err = s.dec.DecodeAll(s.blocks[p.block], dst); err != nil {
			return nil, fmt.Errorf("reading back a record: %w", err)
		}
		s.cache[p.block] = b
		s.order = append(s.order, p.block)
	}
	return b[p.off : p.off+p.size], nil
}

// take is read for the last time: a block of which all records are taken is
// let go, so that the spool shrinks while the file grows.
func (s *spool) take(p place) ([]byte, error) {
	b, err := s.read(p)
	if s.left[p.block]--; s.left[p.block] == 0 && int(p.block) < len(s.blocks) {
		s.blocks[p.block] = nil
	}
	return b, err
}

// dictionary returns the beginnings of records from all over a list of n. A
// raw dictionary of real records serves as well here as a trained one, and is
// the same bytes on every machine. It is empty where there are too few records
// for it to pay: it takes at most a 32nd of their bytes.
func dictionary(n, total int, record func(i int) ([]byte, error)) ([]byte, error) {
	const most = 1 << 10 // of one record
	size := min(dictSize, total/32)
	if size < most {
		return nil, nil
	}
	var dict []byte
	step := max(1, n*most/2/size)
	for i := 0; i < n && len(dict) < size; i += step {
		b, err := record(i)
		if err != nil {
			return nil, err
		}
		dict = append(dict, b[:min(len(b), most)]...)
	}
	return dict[:min(len(dict), size)], nil
}

// A blockWriter makes section Z: a table of blocks, then zstd frames.
type blockWriter struct {
	enc    *zstd.Encoder
	cur    []byte
	buf    []byte // a frame, used again and again
	start  uint32 // of cur, among all bytes before compression
	table  []byte // per block: first byte before compression, end after it
	frames [][]byte
	size   int
}

func newBlockWriter(dict []byte) (*blockWriter, error) {
	opts := []zstd.EOption{
		zstd.WithEncoderLevel(zstd.SpeedBetterCompression), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(2 * blockSize), // a block and the dictionary
	}
	if len(dict) > 0 {
		opts = append(opts, zstd.WithEncoderDictRaw(dictID, dict))
	}
	enc, err := zstd.NewWriter(nil, opts...)
	if err != nil {
		return nil, fmt.Errorf("compressing details: %w", err)
	}
	return &blockWriter{enc: enc}, nil
}

// add appends a record and returns its position among all bytes.
func (w *blockWriter) add(record []byte) (uint32, error) {
	pos, err := offset32(int(w.start) + len(w.cur))
	if err != nil {
		return 0, err
	}
	w.cur = binary.AppendUvarint(w.cur, uint64(len(record)))
	w.cur = append(w.cur, record...)
	if len(w.cur) >= blockSize {
		return pos, w.seal()
	}
	return pos, nil
}

func (w *blockWriter) seal() error {
	if len(w.cur) == 0 {
		return nil
	}
	// The encoder asks for as much memory as it has to compress, and the frames
	// are kept.
	w.buf = w.enc.EncodeAll(w.cur, w.buf[:0])
	frame := bytes.Clone(w.buf)
	w.size += len(frame)
	end, err := offset32(w.size)
	if err != nil {
		return err
	}
	w.frames = append(w.frames, frame)
	w.table = binary.LittleEndian.AppendUint32(w.table, w.start)
	w.table = binary.LittleEndian.AppendUint32(w.table, end)
	w.start, err = offset32(int(w.start) + len(w.cur))
	w.cur = w.cur[:0]
	return err
}

func (w *blockWriter) finish() ([][]byte, error) {
	if err := w.seal(); err != nil {
		return nil, err
	}
	count := binary.LittleEndian.AppendUint32(nil, uint32(len(w.frames))) //nolint:gosec // each has eight bytes in the table
	return append([][]byte{count, w.table}, w.frames...), w.enc.Close()
}

// blocks reads section Z. It is safe for concurrent use.
type blocks struct {
	table, frames, dict []byte

	mu    sync.Mutex
	dec   *zstd.Decoder // made when first needed: most look-ups need no details
	cache map[int][]byte
	order []int // of the cache, oldest first
}

func newBlocks(section, dict []byte) (*blocks, error) {
	if len(section) < 4 {
		return nil, fmt.Errorf("%w: no table of blocks", ErrFormat)
	}
	n := uint64(binary.LittleEndian.Uint32(section))
	if n*8 > uint64(len(section)-4) { //nolint:gosec // at least 4
		return nil, fmt.Errorf("%w: the table of blocks is cut short", ErrFormat)
	}
	return &blocks{table: section[4 : 4+n*8], frames: section[4+n*8:], dict: dict, cache: map[int][]byte{}}, nil
}

func (z *blocks) len() int { return len(z.table) / 8 }

// start returns the position of a block's first byte before compression.
func (z *blocks) start(i int) uint32 { return binary.LittleEndian.Uint32(z.table[i*8:]) }

func (z *blocks) end(i int) uint32 {
	if i < 0 {
		return 0
	}
	return binary.LittleEndian.Uint32(z.table[i*8+4:])
}

// record returns the record at a position, not to be changed.
func (z *blocks) record(pos uint32) ([]byte, error) {
	i := sort.Search(z.len(), func(i int) bool { return z.start(i) > pos }) - 1
	if i < 0 {
		return nil, fmt.Errorf("%w: details at %d", ErrFormat, pos)
	}
	b, err := z.block(i)
	if err != nil {
		return nil, err
	}
	off := pos - z.start(i)
	if uint64(off) >= uint64(len(b)) {
		return nil, fmt.Errorf("%w: details at %d", ErrFormat, pos)
	}
	c := cursor{b: b[off:]}
	if b = c.text(); c.bad {
		return nil, fmt.Errorf("%w: details at %d", ErrFormat, pos)
	}
	return b, nil
}

// block returns the bytes of block i.
func (z *blocks) block(i int) ([]byte, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if b, ok := z.cache[i]; ok {
		return b, nil
	}
	if z.dec == nil {
		opts := []zstd.DOption{zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBlock), zstd.WithDecoderMaxWindow(maxBlock)}
		if len(z.dict) > 0 {
			opts = append(opts, zstd.WithDecoderDictRaw(dictID, z.dict))
		}
		dec, err := zstd.NewReader(nil, opts...)
		if err != nil {
			return nil, fmt.Errorf("%w: dictionary: %w", ErrFormat, err)
		}
		z.dec = dec
	}
	from, to := z.end(i-1), z.end(i)
	if from > to || uint64(to) > uint64(len(z.frames)) {
		return nil, fmt.Errorf("%w: block %d lies outside its section", ErrFormat, i)
	}
	b, err := z.dec.DecodeAll(z.frames[from:to], nil)
	if err != nil {
		return nil, fmt.Errorf("%w: block %d: %w", ErrFormat, i, err)
	}
	if len(z.order) == cacheSlots {
		delete(z.cache, z.order[0])
		z.order = slices.Delete(z.order, 0, 1)
	}
	z.cache[i] = b
	z.order = append(z.order, i)
	return b, nil
}

// verify decompresses every block and hands every record to check.
func (z *blocks) verify(check func(pos uint32, record []byte) error) error {
	pos := uint32(0)
	for i := range z.len() {
		if z.start(i) != pos {
			return fmt.Errorf("%w: block %d begins at %d, not %d", ErrFormat, i, z.start(i), pos)
		}
		b, err := z.block(i)
		if err != nil {
			return err
		}
		c := cursor{b: b}
		for len(c.b) > 0 {
			at := pos + uint32(len(b)-len(c.b)) //nolint:gosec // a block is at most maxBlock
			record := c.text()
			if c.bad {
				return fmt.Errorf("%w: details at %d", ErrFormat, at)
			}
			if err := check(at, record); err != nil {
				return err
			}
		}
		pos += uint32(len(b)) //nolint:gosec // a block is at most maxBlock
	}
	if n := z.len(); int(z.end(n-1)) != len(z.frames) {
		return fmt.Errorf("%w: bytes after the last block", ErrFormat)
	}
	return nil
}

func (z *blocks) close() {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.dec != nil {
		z.dec.Close()
		z.dec = nil
	}
	z.cache, z.order = map[int][]byte{}, nil
}
