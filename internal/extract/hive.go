package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// Limits of a registry hive.
const (
	maxHiveCell   = 1 << 20  // bytes of a cell that is read
	maxHiveValue  = 4 << 10  // bytes of a value that is kept
	maxHiveReads  = 200_000  // cells in all; one program has some 30
	maxHiveBytes  = 32 << 20 // of all of them
	maxHiveKeys   = 50_000   // below one key
	hiveBins      = 0x1000   // where the cells begin
	hiveAllocated = 0x80000000
)

var errHive = errors.New("malformed registry hive")

// hive reads keys and values of a Windows registry hive where they lie, and
// nothing that changes have left in logs beside it.
// Source: "Windows registry file format specification", M. Suhanov, sections
// "Base block", "Key node", "Key values list", "Key value", "Subkeys list".
type hive struct {
	at    io.ReaderAt
	size  int64
	root  uint32
	reads int   // cells that were read
	bytes int64 // of them
}

// openHive reads the base block.
func openHive(at io.ReaderAt, size int64) (*hive, error) {
	var base [48]byte
	if _, err := at.ReadAt(base[:], 0); err != nil || string(base[:4]) != "regf" {
		return nil, errHive
	}
	return &hive{at: at, size: size, root: binary.LittleEndian.Uint32(base[0x24:])}, nil
}

// cell returns the bytes of a cell in use, without its length.
func (h *hive) cell(offset uint32) ([]byte, error) {
	if h.reads++; h.reads > maxHiveReads || h.bytes > maxHiveBytes {
		return nil, fmt.Errorf("more than %d cells or %d bytes of a registry hive", maxHiveReads, maxHiveBytes)
	}
	at := int64(offset) + hiveBins
	var head [4]byte
	if at+4 > h.size {
		return nil, errHive
	}
	if _, err := h.at.ReadAt(head[:], at); err != nil {
		return nil, errHive
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n&hiveAllocated == 0 {
		return nil, errHive
	}
	size := int64(-n) - 4 // a negative number says that the cell is in use
	if size < 0 || size > maxHiveCell || at+4+size > h.size {
		return nil, errHive
	}
	h.bytes += size
	b := make([]byte, size)
	if _, err := h.at.ReadAt(b, at+4); err != nil && !errors.Is(err, io.EOF) {
		return nil, errHive
	}
	return b, nil
}

// hiveKey is a key.
type hiveKey struct {
	name          string
	subkeys       uint32 // where their list is
	subkeyCount   uint32
	values, count uint32
}

// key reads a key.
func (h *hive) key(offset uint32) (hiveKey, error) {
	b, err := h.cell(offset)
	if err != nil {
		return hiveKey{}, err
	}
	le := binary.LittleEndian
	if len(b) < 0x4c || string(b[:2]) != "nk" {
		return hiveKey{}, errHive
	}
	n := int(le.Uint16(b[0x48:]))
	if len(b) < 0x4c+n {
		return hiveKey{}, errHive
	}
	return hiveKey{
		name:        hiveName(b[0x4c:0x4c+n], le.Uint16(b[2:])&0x20 != 0),
		subkeyCount: le.Uint32(b[0x14:]), subkeys: le.Uint32(b[0x1c:]),
		count: le.Uint32(b[0x24:]), values: le.Uint32(b[0x28:]),
	}, nil
}

// hiveName decodes a name, which has one byte for each character or two.
func hiveName(b []byte, narrow bool) string {
	if !narrow {
		return utf16Text(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c) // Latin-1
	}
	return string(runes)
}

// utf16Text decodes UTF-16, the lower byte first, up to the first NUL.
func utf16Text(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			break
		}
		units = append(units, u)
	}
	return strings.TrimSpace(string(utf16.Decode(units)))
}

// each calls fn for the keys below a key. errDone from fn ends it without an
// error.
func (h *hive) each(k hiveKey, fn func(hiveKey) error) error {
	if k.subkeyCount == 0 {
		return nil
	}
	offsets, err := h.list(k.subkeys, 0, nil)
	if err != nil {
		return err
	}
	for _, o := range offsets {
		sub, err := h.key(o)
		if err == nil {
			err = fn(sub)
		}
		if errors.Is(err, errDone) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// list appends the offsets of the keys in a list, which may be a list of lists.
func (h *hive) list(offset uint32, depth int, dst []uint32) ([]uint32, error) {
	b, err := h.cell(offset)
	if err != nil {
		return nil, err
	}
	if len(b) < 4 || depth > 1 {
		return nil, errHive
	}
	n, step := int(binary.LittleEndian.Uint16(b[2:])), 4
	switch string(b[:2]) {
	case "lf", "lh":
		step = 8 // with a hash of the name
	case "li", "ri":
	default:
		return nil, errHive
	}
	if len(b) < 4+n*step || len(dst)+n > maxHiveKeys {
		return nil, errHive
	}
	for i := range n {
		o := binary.LittleEndian.Uint32(b[4+i*step:])
		if b[0] != 'r' {
			dst = append(dst, o)
			continue
		}
		if dst, err = h.list(o, depth+1, dst); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// open returns the key at a path below the root, and whether there is one.
// Names of keys are the same whatever their case.
func (h *hive) open(path ...string) (hiveKey, bool, error) {
	k, err := h.key(h.root)
	for _, name := range path {
		if err != nil {
			break
		}
		found := false
		err = h.each(k, func(sub hiveKey) error {
			if strings.EqualFold(sub.name, name) {
				k, found = sub, true
				return errDone
			}
			return nil
		})
		if err == nil && !found {
			return hiveKey{}, false, nil
		}
	}
	return k, err == nil, err
}

// hiveValue is a value: a text or a number.
type hiveValue struct {
	text   string
	number uint32
}

// values returns the texts and numbers of a key by their names in lower case.
func (h *hive) valuesOf(k hiveKey) (map[string]hiveValue, error) {
	if k.count == 0 {
		return nil, nil
	}
	list, err := h.cell(k.values)
	if err != nil {
		return nil, err
	}
	if k.count > maxHiveKeys || len(list) < int(k.count)*4 {
		return nil, errHive
	}
	out := make(map[string]hiveValue)
	for i := range int(k.count) {
		name, v, ok, err := h.value(binary.LittleEndian.Uint32(list[4*i:]))
		if err != nil {
			return nil, err
		}
		if ok {
			out[strings.ToLower(name)] = v
		}
	}
	return out, nil
}

// value reads a value; ok is false for one that is neither a text nor a number
// or too long.
func (h *hive) value(offset uint32) (name string, v hiveValue, ok bool, err error) {
	b, err := h.cell(offset)
	if err != nil {
		return "", v, false, err
	}
	le := binary.LittleEndian
	if len(b) < 0x14 || string(b[:2]) != "vk" {
		return "", v, false, errHive
	}
	n := int(le.Uint16(b[2:]))
	if len(b) < 0x14+n {
		return "", v, false, errHive
	}
	name = hiveName(b[0x14:0x14+n], le.Uint16(b[0x10:])&1 != 0)
	size, kind := le.Uint32(b[4:]), le.Uint32(b[0xc:])
	const text, expandable, number, here = 1, 2, 4, 0x80000000
	if kind != text && kind != expandable && kind != number || size&^here > maxHiveValue {
		return name, v, false, nil
	}
	data := b[8:12]
	if size&here != 0 {
		data = data[:min(4, size&^here)] // no more than four bytes stand in place of the offset
	} else if size > 0 {
		if data, err = h.cell(le.Uint32(b[8:])); err != nil {
			return name, v, false, err
		}
		data = data[:min(len(data), int(size))]
	} else {
		data = nil
	}
	if kind == number {
		if len(data) < 4 {
			return name, v, false, nil
		}
		v.number = le.Uint32(data)
		return name, v, true, nil
	}
	v.text = utf16Text(data)
	return name, v, true, nil
}
