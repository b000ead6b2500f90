package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// sqliteDB reads tables of an SQLite database.
// Source: SQLite, "Database File Format", sections 1.3 (header), 1.6 (b-tree
// pages), 1.7 (overflow), 2.1 (record format), 2.6 (schema table).
type sqliteDB struct {
	*rpmDB
	pageSize int
	usable   int      // bytes of a page that are not reserved
	levels   [][]byte // a page for each level of the tree, reused
	overflow []byte   // reused
}

// maxTreeDepth is far above the depth of a b-tree of the largest file.
const maxTreeDepth = 32

// readRPMSQLite reads the table Packages(hnum, blob), whose blobs are headers.
// Source: rpm, lib/backend/sqlite.c.
func readRPMSQLite(f *file) error {
	if f.size == 0 {
		return nil // sqlite makes the file before it writes
	}
	db := &sqliteDB{rpmDB: newRPMDB(f)}
	var head [100]byte
	if err := db.readFull(head[:], 0); err != nil {
		return err
	}
	if string(head[:16]) != "SQLite format 3\x00" {
		return errors.New("not an SQLite database")
	}
	db.pageSize = int(binary.BigEndian.Uint16(head[16:]))
	if db.pageSize == 1 {
		db.pageSize = 65536
	}
	db.usable = db.pageSize - int(head[20])
	if db.pageSize < 512 || db.pageSize&(db.pageSize-1) != 0 || db.usable < 480 {
		return fmt.Errorf("page size %d with %d reserved bytes", db.pageSize, head[20])
	}
	db.setPages(db.pageSize)
	root := uint32(0)
	err := db.table(1, 0, func(record []byte) error {
		typ, rest := sqliteColumn(record, 0)
		name, _ := sqliteColumn(record, 1)
		if string(typ) == "table" && rest && string(name) == "Packages" {
			page, ok := sqliteInteger(record, 3)
			if !ok {
				return errors.New("the table Packages has no root")
			}
			root = page
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	if root == 0 {
		return errors.New("there is no table Packages")
	}
	clear(db.used) // the schema may fill the first page only
	if err := db.table(root, 0, func(record []byte) error {
		blob, ok := sqliteColumn(record, 1)
		if !ok {
			db.skip(errors.New("record without a blob"))
			return nil
		}
		return db.header(blob)
	}); err != nil {
		return err
	}
	return db.end()
}

// table calls fn for the records of a table b-tree, each valid until fn
// returns.
func (db *sqliteDB) table(root uint32, depth int, fn func([]byte) error) error {
	if depth > maxTreeDepth {
		return fmt.Errorf("reading page %d: more than %d levels", root, maxTreeDepth)
	}
	if err := db.use(root); err != nil {
		return err
	}
	if depth == len(db.levels) {
		db.levels = append(db.levels, make([]byte, db.pageSize))
	}
	page := db.levels[depth]
	if err := db.readFull(page, int64(root-1)*int64(db.pageSize)); err != nil {
		return err
	}
	head := page
	if root == 1 {
		head = page[100:]
	}
	kind := head[0]
	size := 8
	if kind == 0x05 {
		size = 12
	} else if kind != 0x0d {
		return fmt.Errorf("reading page %d: kind %d is not that of a table", root, kind)
	}
	cells := int(binary.BigEndian.Uint16(head[3:]))
	if size+2*cells > len(head) {
		return fmt.Errorf("reading page %d: %d cells do not fit", root, cells)
	}
	for i := range cells {
		cell := page[min(int(binary.BigEndian.Uint16(head[size+2*i:])), db.usable):db.usable]
		if kind == 0x05 {
			if len(cell) < 4 {
				return fmt.Errorf("reading page %d: cell %d is outside", root, i)
			}
			if err := db.table(binary.BigEndian.Uint32(cell), depth+1, fn); err != nil {
				return err
			}
			continue
		}
		if err := db.cell(cell, fn); err != nil {
			return fmt.Errorf("reading page %d, cell %d: %w", root, i, err)
		}
	}
	if kind == 0x05 {
		return db.table(binary.BigEndian.Uint32(head[8:]), depth+1, fn)
	}
	return nil
}

// cell reads the record of one cell of a leaf, and of the pages it flows over.
func (db *sqliteDB) cell(cell []byte, fn func([]byte) error) error {
	size, n := sqliteVarint(cell)
	_, m := sqliteVarint(cell[n:])
	cell = cell[n+m:]
	if n == 0 || m == 0 || size > maxHeader || int64(size) > db.f.size {
		return fmt.Errorf("record of %d bytes", size)
	}
	total, local := int(size), int(size)
	if total > db.usable-35 {
		least := (db.usable-12)*32/255 - 23
		local = least + (total-least)%(db.usable-4)
		if local > db.usable-35 {
			local = least
		}
	}
	if local == total {
		if total > len(cell) {
			return errors.New("record is cut off")
		}
		return fn(cell[:total])
	}
	if local+4 > len(cell) {
		return errors.New("record is cut off")
	}
	record := db.grow(total)
	filled := copy(record, cell[:local])
	next := binary.BigEndian.Uint32(cell[local:])
	if db.overflow == nil {
		db.overflow = make([]byte, db.pageSize)
	}
	for filled < total {
		if err := db.use(next); err != nil {
			return err
		}
		if err := db.readFull(db.overflow, int64(next-1)*int64(db.pageSize)); err != nil {
			return err
		}
		next = binary.BigEndian.Uint32(db.overflow)
		filled += copy(record[filled:], db.overflow[4:db.usable])
	}
	return fn(record)
}

// sqliteVarint reads a number of one to nine bytes; n is 0 if b ends in it.
func sqliteVarint(b []byte) (v uint64, n int) {
	for i := range min(len(b), 8) {
		v = v<<7 | uint64(b[i]&0x7f)
		if b[i] < 0x80 {
			return v, i + 1
		}
	}
	if len(b) < 9 {
		return 0, 0
	}
	return v<<8 | uint64(b[8]), 9
}

// sqliteField returns the type and the bytes of a column.
func sqliteField(record []byte, column int) (typ uint64, data []byte, ok bool) {
	size, n := sqliteVarint(record)
	if n == 0 || size > uint64(len(record)) || int(size) < n { //nolint:gosec // not longer than the record
		return 0, nil, false
	}
	types, data := record[n:size], record[size:]
	for {
		typ, n = sqliteVarint(types)
		if n == 0 {
			return 0, nil, false
		}
		types = types[n:]
		length := uint64(0)
		switch {
		case typ >= 12:
			length = (typ - 12) / 2
		case typ == 5:
			length = 6
		case typ == 6 || typ == 7:
			length = 8
		case typ <= 4:
			length = typ
		}
		if length > uint64(len(data)) {
			return 0, nil, false
		}
		if column == 0 {
			return typ, data[:length], true
		}
		data = data[length:]
		column--
	}
}

// sqliteColumn returns a column of text or bytes.
func sqliteColumn(record []byte, column int) ([]byte, bool) {
	typ, data, ok := sqliteField(record, column)
	return data, ok && typ >= 12
}

// sqliteInteger returns a column that holds a page number.
func sqliteInteger(record []byte, column int) (uint32, bool) {
	typ, data, ok := sqliteField(record, column)
	if !ok || typ == 0 || typ > 9 || typ == 7 {
		return 0, false
	}
	v := uint64(0)
	if typ == 9 {
		v = 1 // the types 8 and 9 are the numbers 0 and 1
	}
	for _, b := range data {
		v = v<<8 | uint64(b)
	}
	return uint32(v), v <= 1<<32-1
}
