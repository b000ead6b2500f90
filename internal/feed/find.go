package feed

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Reasons for which a file is not used.
const (
	unusedFormat  = "no feed reads this format yet"
	unusedMixed   = "an archive of files of several formats"
	unusedPacked  = "this feed is not read from an archive"
	unusedEmpty   = "the file is empty"
	unusedSpecial = "not a regular file"
)

// Limits of recognition.
const (
	maxSamples  = 16        // members of an archive that are looked at
	headSize    = 64 << 10  // bytes of a file that are looked at as text
	maxSkipped  = 256 << 20 // bytes of a tar archive passed over to find samples
	maxKeys     = 64        // of an object, that are looked at
	maxKeyValue = 64        // bytes of a value kept to recognise a JSON object
)

// found is a file with the feed it belongs to.
type found struct {
	path   string
	format format
	kind   container
}

func find(ctx context.Context, in files, paths []string) ([]Source, []Unused, error) {
	var unused []Unused
	var used []found
	seen := map[string]bool{}
	for _, root := range paths {
		var here []found
		err := fs.WalkDir(in.FS, root, func(name string, d fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil && name == root {
				return err
			}
			if err != nil {
				unused = append(unused, Unused{name, fmt.Sprintf("cannot be read: %v", err)})
				return nil
			}
			if d.IsDir() {
				if name != root && strings.HasPrefix(d.Name(), ".") {
					return fs.SkipDir
				}
				return nil
			}
			if seen[name] {
				return nil
			}
			if len(seen) == in.max.files {
				return fmt.Errorf("more than %d files", in.max.files)
			}
			seen[name] = true
			f, reason := recognise(ctx, in, name, d)
			if reason != "" {
				unused = append(unused, Unused{name, reason})
				return nil
			}
			here = append(here, f)
			return nil
		})
		if err != nil {
			return nil, nil, fmt.Errorf("looking for feeds in %s: %w", root, err)
		}
		used = append(used, here...)
	}
	slices.SortFunc(unused, func(a, b Unused) int { return cmp.Compare(a.Path, b.Path) })
	return group(in, used), unused, nil
}

// recognise returns the feed of a file, or the reason why there is none.
func recognise(ctx context.Context, in files, name string, d fs.DirEntry) (f found, reason string) {
	info, err := d.Info()
	switch {
	case err != nil:
		return f, fmt.Sprintf("cannot be read: %v", err)
	case !info.Mode().IsRegular():
		return f, unusedSpecial
	case info.Size() == 0:
		return f, unusedEmpty
	}
	file, err := openFile(in, name)
	if err != nil {
		return f, fmt.Sprintf("cannot be read: %v", err)
	}
	defer file.Close()
	head, err := file.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return f, fmt.Sprintf("cannot be read: %v", err)
	}
	kind := kindOf(head)
	f = found{path: name, kind: kind}
	switch kind {
	case inZip, inTar:
		f.format, reason = recogniseArchive(ctx, in, name, kind)
		return f, reason
	case plain:
	}
	format, ok := recogniseFile(file.Reader, in.max.record)
	if !ok {
		return f, unusedFormat
	}
	f.format = format
	return f, ""
}

// recogniseFile looks at a file that is no archive.
func recogniseFile(r *bufio.Reader, limit int) (format, bool) {
	head, err := r.Peek(headSize)
	if err != nil && len(head) == 0 {
		return format{}, false
	}
	head = bytes.TrimLeft(head, " \t\r\n")
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	for _, f := range formats {
		if f.text != nil && f.text(line) {
			return f, true
		}
	}
	if len(head) > 0 && (head[0] == '{' || head[0] == '[') {
		return recogniseJSON(r, limit)
	}
	return format{}, false
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

// recogniseArchive looks at some members of an archive. It is a feed if half
// of its JSON files that were looked at are of one format, and the others of
// none: these are rejected one by one when it is read.
func recogniseArchive(ctx context.Context, in files, name string, kind container) (f format, reason string) {
	seen, known, several := 0, 0, false
	add := func(r io.Reader) error {
		seen++
		if got, ok := recogniseFile(bufio.NewReaderSize(r, headSize), in.max.record); ok {
			several = several || known > 0 && got.name != f.name
			known++
			f = got
		}
		return ctx.Err()
	}
	var err error
	if kind == inZip {
		err = sampleZip(in, name, add)
	} else {
		err = sampleTar(in, name, add)
	}
	switch {
	case err != nil:
		return f, fmt.Sprintf("cannot be read: %v", err)
	case several:
		return f, unusedMixed
	case known == 0 || 2*known < seen:
		return f, unusedFormat
	case !f.many:
		return f, unusedPacked
	}
	return f, ""
}

func sampleZip(in files, name string, add func(io.Reader) error) error {
	z, err := openZip(in, name)
	if err != nil {
		return err
	}
	defer z.close()
	members := slices.DeleteFunc(slices.Clone(z.File), func(f *zip.File) bool { return !isRecordFile(f.Name) })
	for i := range min(maxSamples, len(members)) {
		f := members[i*len(members)/min(maxSamples, len(members))]
		r, err := f.Open()
		if err != nil {
			return fmt.Errorf("member %s: %w", f.Name, err)
		}
		err = add(r)
		r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func sampleTar(in files, name string, add func(io.Reader) error) error {
	file, err := openFile(in, name)
	if err != nil {
		return err
	}
	defer file.Close()
	t := tar.NewReader(io.LimitReader(file, maxSkipped))
	for n := 0; n < maxSamples; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) || n > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg || !isRecordFile(h.Name) {
			continue
		}
		n++
		if err := add(t); err != nil {
			return err
		}
	}
	return nil
}

// isRecordFile reports whether a member of an archive can hold a record.
func isRecordFile(name string) bool {
	return strings.HasSuffix(name, ".json") && !strings.HasPrefix(path.Base(name), ".")
}

// group joins single files into sources. A directory is one source if all of
// the feeds below it are files of one format that has many files; the highest
// such directory counts.
func group(in files, used []found) []Source {
	// below has for each directory the format of the files in it and beneath,
	// or "" if there are several.
	below := map[string]string{}
	for _, f := range used {
		name := f.format.name
		if !f.format.many || f.kind != plain {
			name = ""
		}
		for dir := path.Dir(f.path); ; dir = path.Dir(dir) {
			if have, ok := below[dir]; ok && have != name {
				below[dir] = ""
			} else {
				below[dir] = name
			}
			if dir == path.Dir(dir) {
				break
			}
		}
	}
	groups := map[string][]string{} // files by highest directory
	var sources []Source
	for _, f := range used {
		dir := path.Dir(f.path)
		if !f.format.many || f.kind != plain || below[dir] == "" {
			sources = append(sources, Source{Name: f.format.name, Path: f.path, in: in, files: []string{f.path}, kind: f.kind})
			continue
		}
		for dir != path.Dir(dir) && below[path.Dir(dir)] != "" {
			dir = path.Dir(dir)
		}
		groups[dir] = append(groups[dir], f.path)
	}
	for dir, files := range groups {
		slices.Sort(files)
		sources = append(sources, Source{Name: below[dir], Path: commonDir(files), in: in, files: files, kind: plain})
	}
	slices.SortFunc(sources, func(a, b Source) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Name, b.Name))
	})
	return sources
}

// commonDir returns the deepest directory that holds all files, or the file
// if there is only one.
func commonDir(files []string) string {
	if len(files) == 1 {
		return files[0]
	}
	dir := path.Dir(files[0])
	for _, f := range files[1:] {
		for dir != "." && dir != "/" && !strings.HasPrefix(f, dir+"/") {
			dir = path.Dir(dir)
		}
	}
	return dir
}
