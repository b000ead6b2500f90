package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Pages of a Berkeley DB hash database.
// Source: Berkeley DB 5.3, src/dbinc/db_page.h: DBMETA, HMETA33, PAGE, HOFFPAGE
// and the page types; the on-page items of hash pages are described there
// before "HKEYDATA".
const (
	bdbHashMagic    = 0x061561
	bdbHashUnsorted = 2 // hash pages before Berkeley DB 4.6
	bdbOverflow     = 7
	bdbHashMeta     = 8
	bdbHash         = 13
	bdbKeyData      = 1 // item on the page itself
	bdbOffPage      = 3 // item on overflow pages
	bdbPageHeader   = 26
)

// bdb is a Berkeley DB hash database.
type bdb struct {
	*rpmDB
	order    binary.ByteOrder
	pageSize int
	overflow []byte // reused page
}

// readRPMBDB reads a database of rpm before 4.16: the values of the hash are
// headers, their keys are numbers. A short value is the count of headers.
// Source: rpm 4.14, lib/backend/db3.c.
func readRPMBDB(f *file) error {
	db := &bdb{rpmDB: newRPMDB(f)}
	var head [72]byte
	if err := db.readFull(head[:], 0); err != nil {
		return err
	}
	switch uint32(bdbHashMagic) {
	case binary.LittleEndian.Uint32(head[12:]):
		db.order = binary.LittleEndian
	case binary.BigEndian.Uint32(head[12:]):
		db.order = binary.BigEndian // by the machine that wrote it
	default:
		return errors.New("not a Berkeley DB hash database")
	}
	if head[24] != 0 || head[25] != bdbHashMeta {
		return errors.New("an encrypted Berkeley DB, or not its first page")
	}
	size := db.order.Uint32(head[20:])
	if size < 512 || size > 65536 || size&(size-1) != 0 {
		return fmt.Errorf("page size %d", size)
	}
	db.pageSize = int(size)
	db.setPages(db.pageSize)
	// Here the first page is called 0; it is the one read above.
	last := db.order.Uint32(head[32:])
	if int64(last) > int64(db.last)-1 {
		db.skip(fmt.Errorf("page %d is said to be the last of %d", last, db.last))
		last = max(db.last, 1) - 1
	}
	db.last = last
	db.overflow = make([]byte, db.pageSize)
	page := make([]byte, db.pageSize)
	for n := uint32(1); n <= db.last && n != 0; n++ {
		if err := db.readFull(page, int64(n)*int64(size)); err != nil {
			return err
		}
		if page[25] != bdbHash && page[25] != bdbHashUnsorted {
			continue
		}
		if err := db.hashPage(page); err != nil {
			return fmt.Errorf("reading page %d: %w", n, err)
		}
	}
	return db.end()
}

// hashPage reads the values on a page. Offsets of items, first a key and then
// its value, follow the page's header; the items lie from the end of the page
// towards it, each up to the one before.
func (db *bdb) hashPage(page []byte) error {
	items := int(db.order.Uint16(page[20:]))
	if items%2 != 0 || bdbPageHeader+2*items > len(page) {
		return fmt.Errorf("%d items", items)
	}
	for i := 1; i < items; i += 2 {
		start := int(db.order.Uint16(page[bdbPageHeader+2*i:]))
		end := int(db.order.Uint16(page[bdbPageHeader+2*(i-1):]))
		if start < bdbPageHeader || start >= end || end > len(page) {
			db.skip(fmt.Errorf("item from %d to %d", start, end))
			continue
		}
		item := page[start:end]
		switch {
		case item[0] == bdbOffPage && len(item) >= 12:
			blob, err := db.chain(db.order.Uint32(item[4:]), db.order.Uint32(item[8:]))
			if err != nil {
				db.skip(err)
				continue
			}
			if err := db.header(blob); err != nil {
				return err
			}
		case item[0] == bdbKeyData && len(item) > 1+16:
			if err := db.header(item[1:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// chain reads a value of size bytes from its overflow pages.
func (db *bdb) chain(next, size uint32) ([]byte, error) {
	if size > maxHeader || int64(size) > db.f.size {
		return nil, fmt.Errorf("value of %d bytes", size)
	}
	blob := db.grow(int(size))
	for filled := 0; filled < len(blob); {
		if err := db.use(next); err != nil {
			return nil, err
		}
		page := db.overflow
		if err := db.readFull(page, int64(next)*int64(db.pageSize)); err != nil {
			return nil, err
		}
		// The field that tells the free space of other pages is the number of
		// bytes on an overflow page.
		n := bdbPageHeader + int(db.order.Uint16(page[22:]))
		if page[25] != bdbOverflow || n == bdbPageHeader || n > len(page) {
			return nil, fmt.Errorf("page %d is no part of a value", next)
		}
		filled += copy(blob[filled:], page[bdbPageHeader:n])
		next = db.order.Uint32(page[16:])
	}
	return blob, nil
}
