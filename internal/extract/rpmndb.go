package extract

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// readRPMNDB reads rpm's own kind of database: pages of slots of 16 bytes, the
// first two taken by the file's header, each with the number of a package and
// where its blob is, in blocks of 16 bytes; a blob has a header and a tail.
// Source: rpm, lib/backend/ndb/rpmpkg.c, comment "format of the database file"
// and the constants before it.
func readRPMNDB(f *file) error {
	const (
		pageSize, slotSize, blockSize = 4096, 16, 16
		headSize                      = 16
		maxSlotPages                  = 2048 // half a million packages
	)
	db := newRPMDB(f)
	var head [32]byte
	if err := db.readFull(head[:], 0); err != nil {
		return err
	}
	if string(head[:4]) != "RpmP" {
		return errors.New("not an rpm package database")
	}
	if v := binary.LittleEndian.Uint32(head[4:]); v != 0 {
		return fmt.Errorf("version %d is not known", v)
	}
	pages := binary.LittleEndian.Uint32(head[12:])
	if pages == 0 || pages > maxSlotPages {
		return fmt.Errorf("%d pages of slots", pages)
	}
	slots := make([]byte, 0, 1<<16)
	for p := range int64(pages) {
		slots = slices.Grow(slots, pageSize)[:len(slots)+pageSize]
		if err := db.readFull(slots[len(slots)-pageSize:], p*pageSize); err != nil {
			return err
		}
	}
	blocks := int64(0) // of all blobs; they do not overlap
	for slot := range slices.Chunk(slots[2*slotSize:], slotSize) {
		if string(slot[:4]) != "Slot" {
			return errors.New("a slot has no mark")
		}
		number := binary.LittleEndian.Uint32(slot[4:])
		if number == 0 {
			continue // free
		}
		offset, count := int64(binary.LittleEndian.Uint32(slot[8:]))*blockSize, int64(binary.LittleEndian.Uint32(slot[12:]))
		if blocks += count; blocks*blockSize > f.size {
			return errors.New("blobs are larger than the file")
		}
		var blob [headSize]byte
		if err := db.readFull(blob[:], offset); err != nil {
			db.skip(err)
			continue
		}
		size := int64(binary.LittleEndian.Uint32(blob[12:]))
		if string(blob[:4]) != "BlbS" || binary.LittleEndian.Uint32(blob[4:]) != number || size > count*blockSize || size > maxHeader {
			db.skip(fmt.Errorf("blob of package number %d is damaged", number))
			continue
		}
		b := db.grow(int(size))
		if err := db.readFull(b, offset+headSize); err != nil {
			db.skip(err)
			continue
		}
		if err := db.header(b); err != nil {
			return err
		}
	}
	return db.end()
}
