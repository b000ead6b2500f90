package feed

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// within stands between the path of an archive and that of a member, or the
// name of the feed that several members are.
const within = "!/"

// recognise returns the feeds of a file, and what of it no feed reads.
func recognise(ctx context.Context, in files, name string, d fs.DirEntry) ([]found, []Unused) {
	no := func(reason string) ([]found, []Unused) { return nil, []Unused{{name, reason}} }
	info, err := d.Info()
	switch {
	case err != nil:
		return no(fmt.Sprintf("cannot be read: %v", err))
	case !info.Mode().IsRegular():
		return no(unusedSpecial)
	case info.Size() == 0:
		return no(unusedEmpty)
	}
	file, err := openFile(in, name)
	if errors.Is(err, errXZ) {
		return no(unusedXZ)
	}
	if err != nil {
		return no(fmt.Sprintf("cannot be read: %v", err))
	}
	defer file.Close()
	head, err := file.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return no(fmt.Sprintf("cannot be read: %v", err))
	}
	kind := kindOf(head)
	if kind != plain {
		list, unused, err := recogniseArchive(ctx, in, name, kind)
		switch {
		case err != nil:
			return no(fmt.Sprintf("cannot be read: %v", err))
		case len(list) == 0:
			return no(unusedFormat)
		}
		return list, unused
	}
	format, ok := recogniseFile(file.Reader, in.max.record)
	if !ok {
		return no(unusedFormat)
	}
	return []found{{path: name, kind: kind, format: format}}, nil
}

// recogniseFile looks at a file that is no archive.
func recogniseFile(r *bufio.Reader, limit int) (format, bool) {
	head, err := r.Peek(headSize)
	if err != nil && len(head) == 0 {
		return format{}, false
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(head) == 0 {
		return format{}, false
	}
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	for _, f := range formats {
		if f.text != nil && f.text(line) || f.head != nil && f.head(head) {
			return f, true
		}
	}
	switch head[0] {
	case '{', '[':
		return recogniseJSON(r, limit)
	case '<':
		return recogniseXML(head)
	}
	return format{}, false
}

// recogniseXML looks at the name of the root element.
func recogniseXML(head []byte) (format, bool) {
	dec := xml.NewDecoder(bytes.NewReader(head))
	dec.Strict = false
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // names are ASCII
	for {
		token, err := dec.Token()
		if err != nil {
			return format{}, false
		}
		root, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, f := range formats {
			if f.xml != nil && f.xml(root.Name) {
				return f, true
			}
		}
		return format{}, false
	}
}

// recogniseJSON reads the keys of an object, or of the first object of an
// array, until they tell the format.
func recogniseJSON(r io.Reader, limit int) (format, bool) {
	dec := json.NewDecoder(io.LimitReader(r, int64(limit)))
	open, err := dec.Token()
	if err == nil && open == json.Delim('[') {
		open, err = dec.Token()
	}
	if err != nil || open != json.Delim('{') {
		return format{}, false
	}
	keys := map[string]string{}
	for len(keys) < maxKeys && dec.More() {
		key, err := dec.Token()
		if err != nil {
			return format{}, false
		}
		name, ok := key.(string)
		if !ok {
			return format{}, false
		}
		keys[name] = ""
		if f, ok := formatOf(keys); ok {
			return f, true
		}
		var raw json.RawMessage
		if dec.Decode(&raw) != nil {
			return format{}, false
		}
		var value string
		if len(raw) < maxKeyValue && json.Unmarshal(raw, &value) == nil {
			keys[name] = value
		}
		if f, ok := formatOf(keys); ok {
			return f, true
		}
	}
	return format{}, false
}

func formatOf(keys map[string]string) (format, bool) {
	for _, f := range formats {
		if f.keys != nil && f.keys(keys) {
			return f, true
		}
	}
	return format{}, false
}

// topKeys returns the keys at the left edge of a YAML document with what
// follows them on their line, as far as the document is there.
func topKeys(head []byte) map[string]string {
	keys := map[string]string{}
	for line := range bytes.Lines(head) {
		key, value, ok := bytes.Cut(bytes.TrimRight(line, " \t\r\n"), []byte{':'})
		if !ok || len(key) == 0 || len(key) > maxKeyValue || bytes.ContainsAny(key, " \t#-{[<") || len(value) > 0 && value[0] != ' ' {
			continue
		}
		if len(keys) == maxKeys {
			break
		}
		keys[strings.Trim(string(key), `"'`)] = strings.Trim(clip(string(value), maxKeyValue), ` "'`)
	}
	return keys
}

// A look is the feed of one member of an archive.
type look struct {
	member string
	format format
	ok     bool
}

// recogniseArchive looks at some members of an archive. It is one feed if half
// of those that were looked at are of one format, and the others of none: these
// are rejected one by one when it is read. Else every member is looked at, and
// the archive holds as many feeds as there are formats; of a format whose feed
// is one file, as many as there are such files.
func recogniseArchive(ctx context.Context, in files, name string, kind container) ([]found, []Unused, error) {
	walk := sampleZip
	if kind == inTar {
		walk = sampleTar
	}
	looks, whole, err := looksAt(ctx, in, name, walk, maxSamples)
	if err != nil {
		return nil, nil, err
	}
	if f, ok := oneFormat(looks); ok {
		one := found{path: name, kind: kind, format: f}
		for _, l := range looks {
			if ext := extOf(l.member); l.ok && !slices.Contains(one.exts, ext) {
				one.exts = append(one.exts, ext)
			}
		}
		return []found{one}, nil, nil
	}
	if !whole {
		if looks, _, err = looksAt(ctx, in, name, walk, in.max.members); err != nil {
			return nil, nil, err
		}
	}
	list, unused := byFormat(found{path: name, kind: kind}, looks)
	return list, unused, nil
}

// byFormat groups the members of an archive.
func byFormat(archive found, looks []look) (list []found, unused []Unused) {
	groups := map[string]found{}
	for _, l := range looks {
		if !l.ok {
			if len(unused) < maxUnused {
				unused = append(unused, Unused{archive.path + within + l.member, unusedFormat})
			}
			continue
		}
		key := l.format.name
		if !l.format.many {
			key += "\x00" + l.member
		}
		g, ok := groups[key]
		if !ok {
			g = archive
			g.format = l.format
		}
		g.picked = append(g.picked, l.member)
		groups[key] = g
	}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		g := groups[key]
		slices.Sort(g.picked)
		g.picked = slices.Compact(g.picked)
		list = append(list, g)
	}
	return list, unused
}

// oneFormat returns the format of an archive that is one feed.
func oneFormat(looks []look) (f format, ok bool) {
	known := 0
	for _, l := range looks {
		switch {
		case !l.ok:
			continue
		case known > 0 && l.format.name != f.name:
			return f, false
		}
		f = l.format
		known++
	}
	return f, known > 0 && 2*known >= len(looks) && f.many
}

// looksAt recognises at most n members of an archive. All of them were looked
// at if whole is true.
func looksAt(ctx context.Context, in files, name string, walk sampler, n int) (looks []look, whole bool, err error) {
	budget := int64(maxSkipped)
	whole, err = walk(in, name, n, func(member string, r io.Reader) error {
		c := &counter{r: r}
		f, ok := recogniseFile(bufio.NewReaderSize(c, headSize), in.max.record)
		looks = append(looks, look{member, f, ok})
		if budget -= c.n; budget < 0 {
			return fmt.Errorf("more than %d bytes before it is recognised", maxSkipped)
		}
		return ctx.Err()
	})
	return looks, whole, err
}

// A sampler hands at most n members of an archive to add, and reports whether
// these are all.
type sampler func(in files, name string, n int, add func(member string, r io.Reader) error) (whole bool, err error)

func sampleZip(in files, name string, n int, add func(string, io.Reader) error) (whole bool, err error) {
	z, err := openZip(in, name)
	if err != nil {
		return false, err
	}
	defer z.close()
	all := slices.DeleteFunc(slices.Clone(z.File), func(f *zip.File) bool { return !f.Mode().IsRegular() || isHidden(f.Name) })
	members := all
	if len(all) > n {
		members = slices.DeleteFunc(slices.Clone(all), func(f *zip.File) bool { return !isRecordFile(f.Name) })
	}
	if len(members) == 0 {
		members = all
	}
	for i := range min(n, len(members)) {
		f := members[i*len(members)/min(n, len(members))]
		r, err := f.Open()
		if err != nil {
			return false, fmt.Errorf("member %s: %w", f.Name, err)
		}
		err = add(f.Name, r)
		r.Close()
		if err != nil {
			return false, err
		}
	}
	return len(all) <= n, nil
}

func sampleTar(in files, name string, n int, add func(string, io.Reader) error) (whole bool, err error) {
	file, err := openFile(in, name)
	if err != nil {
		return false, err
	}
	defer file.Close()
	t := tar.NewReader(io.LimitReader(file, maxSkipped))
	for seen := 0; seen < n; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) || seen > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if h.Typeflag != tar.TypeReg || isHidden(h.Name) || n == maxSamples && !isRecordFile(h.Name) {
			continue
		}
		seen++
		if err := add(h.Name, t); err != nil {
			return false, err
		}
	}
	return false, nil
}

// isRecordFile reports whether a member of an archive can hold a record, by
// its name.
func isRecordFile(name string) bool {
	switch extOf(name) {
	case ".json", ".yaml", ".md", ".toml", ".xml":
		return !isHidden(name)
	}
	return false
}

// isHidden reports whether a member of an archive lies in a folder, or is a
// file, that is not meant to be seen.
func isHidden(name string) bool {
	return strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "./") || strings.Contains(name, "/.") || strings.HasSuffix(name, "/")
}

// extOf returns the end of a name, the two of YAML as one.
func extOf(name string) string {
	ext := path.Ext(name)
	if ext == ".yml" {
		return ".yaml"
	}
	return ext
}

// holds reports whether a member of the archive is read as part of the source.
// If it is not, other tells that it is for no feed to read, or for another one.
func (s Source) holds(member string) (ok, other bool) {
	switch {
	case s.picked != nil:
		_, ok = slices.BinarySearch(s.picked, member)
		return ok, true
	case s.exts != nil:
		return !isHidden(member) && slices.Contains(s.exts, extOf(member)), false
	}
	return !isHidden(member) && extOf(member) == ".json", false
}

// readOne opens the only file of a source whose feed is one.
func readOne(s Source, read func(*bufio.Reader) error) error {
	for m, err := range members(s) {
		if err != nil {
			return err
		}
		return read(m.r)
	}
	return errors.New("no such file in the archive")
}
