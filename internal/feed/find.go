package feed

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Reasons for which a file is not used.
const (
	unusedFormat  = "no feed reads this format yet"
	unusedXZ      = "compressed with xz, which is not read; gzip, bzip2 and zstd are"
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
	maxUnused   = 1000      // members of an archive of several formats that are named as not used
)

// found is a file, or some members of an archive, with the feed it belongs to.
type found struct {
	path   string
	format format
	kind   container
	exts   []string // of the members of an archive that hold records; nil if picked is not
	picked []string // members of an archive of several formats, sorted
}

func find(ctx context.Context, in files, paths []string) ([]Source, []Unused, error) {
	var unused []Unused
	var used []found
	seen := map[string]bool{}
	for _, root := range paths {
		var here []found
		root, wanted, _ := strings.Cut(root, within)
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
			list, other := recognise(ctx, in, name, d)
			here, unused = append(here, list...), append(unused, other...)
			return ctx.Err()
		})
		if err != nil {
			return nil, nil, fmt.Errorf("looking for feeds in %s: %w", root, err)
		}
		if wanted != "" {
			here = slices.DeleteFunc(here, func(f found) bool { return sourceOf(in, f).Path != root+within+wanted })
		}
		used = append(used, here...)
	}
	slices.SortFunc(unused, func(a, b Unused) int { return cmp.Compare(a.Path, b.Path) })
	return group(in, used), unused, nil
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
			sources = append(sources, sourceOf(in, f))
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

// sourceOf returns the source that a file is, or some members of an archive.
func sourceOf(in files, f found) Source {
	s := Source{Name: f.format.name, Path: f.path, in: in, files: []string{f.path}, kind: f.kind, exts: f.exts, picked: f.picked}
	switch {
	case len(f.picked) > 0 && !f.format.many:
		s.Path += within + f.picked[0]
	case len(f.picked) > 0:
		s.Path += within + f.format.name
	}
	return s
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
