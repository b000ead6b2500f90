package feed

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// tight are limits that a test can reach.
var tight = limits{files: 4, record: 2000, members: 3, free: 10_000, ratio: 10, window: 1 << 20, zip: 5000}

// record is an OSV record; pad is what its text has besides.
func record(id, pad string) string {
	return fmt.Sprintf(`{"id": %q, "modified": "2024-01-01T00:00:00Z", "details": %q, "affected": [{"package": {"ecosystem": "npm", "name": "p"}}]}`, id, pad)
}

// packed is a file of an archive to be made.
type packed struct{ name, data string }

var three = []packed{{"dir/a.json", record("X-1", "")}, {"dir/b.json", record("X-2", "")}, {"c.json", record("X-3", "")}}

func zipOf(tb testing.TB, list ...packed) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range list {
		w, err := z.Create(m.name)
		if err == nil && !strings.HasSuffix(m.name, "/") {
			_, err = io.WriteString(w, m.data)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(tb testing.TB, list ...packed) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range list {
		h := &tar.Header{Name: m.name, Mode: 0o600, Size: int64(len(m.data)), Typeflag: tar.TypeReg}
		if strings.HasSuffix(m.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if strings.HasPrefix(m.data, "->") {
			h.Typeflag, h.Linkname, h.Size, m.data = tar.TypeSymlink, m.data[2:], 0, ""
		}
		if err := w.WriteHeader(h); err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(w, m.data); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(tb testing.TB, data []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func zstdOf(tb testing.TB, data []byte, opts ...zstd.EOption) []byte {
	tb.Helper()
	w, err := zstd.NewWriter(nil, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return w.EncodeAll(data, nil)
}

// said reads a tree of files and returns, in their order, the ids of advisories,
// what is rejected, errors, and what is not used.
func said(tb testing.TB, in files) []string {
	tb.Helper()
	sources, unused, err := find(tb.Context(), in, []string{"."})
	if err != nil {
		return []string{err.Error()}
	}
	var list []string
	for _, s := range sources {
		for rec, err := range Read(tb.Context(), s) {
			if err != nil {
				list = append(list, err.Error())
				continue
			}
			list = append(list, rec.Advisory.ID)
		}
	}
	for _, u := range unused {
		list = append(list, "unused: "+u.Reason)
	}
	return list
}

func one(data []byte) fstest.MapFS { return fstest.MapFS{"file": &fstest.MapFile{Data: data}} }

// TestContainers packs the same records in every way.
func TestContainers(t *testing.T) {
	t.Parallel()
	array := []byte("\n [" + three[0].data + ", " + three[1].data + ",\n" + three[2].data + "]\n")
	single := record("X-1", "")
	cut := strings.TrimSuffix(string(array), "]\n")
	all := []string{"X-1", "X-2", "X-3"}
	sorted := []string{"X-3", "X-1", "X-2"} // c.json comes before dir/
	broken := zipOf(t, three...)
	broken[bytes.Index(broken, []byte("dir/a.json"))+len("dir/a.json")+3] ^= 0x40
	for _, tt := range []struct {
		name string
		data []byte
		want []string
	}{
		{"one", []byte(single), all[:1]},
		{"one in gzip", gzipOf(t, []byte(single)), all[:1]},
		{"one in zstd", zstdOf(t, []byte(single)), all[:1]},
		{"two members of gzip", append(gzipOf(t, array[:20]), gzipOf(t, array[20:])...), all},
		{"array", array, all},
		{"array in gzip", gzipOf(t, array), all},
		{"zip", zipOf(t, three...), sorted},
		{
			"zip with more", zipOf(t, append(three, packed{"empty/", ""}, packed{"notes.txt", "x"}, packed{".hidden.json", "x"})...),
			[]string{".hidden.json: not a file of records", "X-3", "X-1", "X-2", "notes.txt: not a file of records"},
		},
		{"tar", tarOf(t, three...), all},
		{"tar in gzip", gzipOf(t, tarOf(t, three...)), all},
		{"tar in zstd", zstdOf(t, tarOf(t, three...)), all},
		{
			"tar with more", tarOf(t, append([]packed{{"empty/", ""}, {"link.json", "->dir/a.json"}}, three...)...),
			[]string{"link.json: not a file of records", "X-1", "X-2", "X-3"},
		},

		{"cut array", []byte(cut), append(slices.Clone(all), `file: the file is damaged: "EOF"`)},
		{"cut gzip", gzipOf(t, []byte(single))[:100], []string{`unused: cannot be read: unexpected EOF`}},
		{"cut tar", tarOf(t, three...)[:1200], []string{"X-1", "reading file: unexpected EOF"}},
		{"cut zip", zipOf(t, three...)[:300], []string{"unused: cannot be read: zip: not a valid zip file"}},
		{"damaged zip", broken, []string{"X-3", `dir/a.json: the file is damaged: "`, "X-2"}},
		{"zip of nothing", zipOf(t), []string{"unused: " + unusedFormat}},
		{"zip of other things", zipOf(t, packed{"a.json", "{}"}), []string{"unused: " + unusedFormat}},
		{"zip of several formats", zipOf(t, three[0], packed{"b.json", `{"reponame": "main", "packages": []}`}), []string{"b.json: unknown distribution", "X-1"}},
		{"zip of a feed of one file", zipOf(t, packed{"a.json", `{"catalogVersion": "1", "vulnerabilities": []}`}), nil},
		{
			"zip of several formats and other things", zipOf(t, three[0], packed{"e/b.json", `{"reponame": "main", "packages": []}`}, packed{"c.txt", "?"}),
			[]string{"e/b.json: unknown distribution", "X-1", "unused: " + unusedFormat},
		},
		{"xz", []byte("\xfd7zXZ\x00..."), []string{"unused: " + unusedXZ}},
		{"cut bzip2", []byte("BZh9..."), []string{`unused: cannot be read: unexpected EOF`}},
		{"nothing", nil, []string{"unused: " + unusedEmpty}},
		{"gzip of nothing", gzipOf(t, nil), []string{"unused: " + unusedFormat}},
		{"spaces", bytes.Repeat([]byte(" "), 100_000), []string{"unused: " + unusedFormat}},
		{"bits", []byte{0, 1, 2, 3}, []string{"unused: " + unusedFormat}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := diffSaid(tt.want, said(t, files{one(tt.data), standard})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// diffSaid compares what was said. After a quotation mark at the end of what is
// wanted come the words of a library, which do not matter.
func diffSaid(want, got []string) string {
	for i := range got {
		if i < len(want) && strings.HasSuffix(want[i], `: "`) && strings.HasPrefix(got[i], want[i]) {
			got[i] = want[i]
		}
	}
	return cmp.Diff(want, got)
}

// noSeek hides that a file can be read at any offset.
type noSeek struct{ fs.FS }

func (n noSeek) Open(name string) (fs.File, error) {
	f, err := n.FS.Open(name)
	if d, ok := f.(fs.ReadDirFile); ok {
		return d, err
	}
	return struct{ fs.File }{f}, err
}

// sharing returns a zip with n members that share the bytes of one: its entry
// in the directory is there n times.
// Source: PKWARE APPNOTE, 4.3.12 and 4.3.16.
func sharing(tb testing.TB, n int, data string) []byte {
	tb.Helper()
	z := zipOf(tb, packed{"0000.json", data})
	le := binary.LittleEndian
	end := z[len(z)-22:]
	size, off := int(le.Uint32(end[12:])), int(le.Uint32(end[16:]))
	entry := z[off : off+size]
	out := slices.Clone(z[:off])
	for i := range n {
		e := bytes.Replace(entry, []byte("0000.json"), fmt.Appendf(nil, "%04d.json", i), 1)
		out = append(out, e...)
	}
	end = slices.Clone(end)
	le.PutUint16(end[8:], uint16(n))
	le.PutUint16(end[10:], uint16(n))
	le.PutUint32(end[12:], uint32(n*size))
	return append(out, end...)
}

// TestLimits meets every limit on what is read.
func TestLimits(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", 1900) // and a record around it of more than 2000
	most := strings.Repeat("x", 1800)
	deep := `{"id": "X-1", "modified": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`
	many := tight
	many.members = 1000
	window := tight
	window.record, window.free = 1<<22, 1<<23
	huge := make([]byte, 1<<22)
	_, _ = rand.NewChaCha8([32]byte{}).Read(huge)
	for _, tt := range []struct {
		name string
		fs   fs.FS
		max  limits
		want []string
	}{
		{"as large as may be", one([]byte(record("X-1", most))), tight, []string{"X-1"}},
		{
			"record",
			fstest.MapFS{"a.json": {Data: []byte(record("X-1", big))}, "b.json": {Data: []byte(record("X-2", ""))}},
			tight,
			[]string{"a.json: larger than a record may be", "X-2"},
		},
		{
			"element of an array", one([]byte("[" + record("X-1", "") + "," + record("X-2", big+big+big) + "]")), tight,
			[]string{"X-1", `file: the file is damaged: "a JSON value of more than 2000 bytes"`},
		},
		{
			"member of a zip", one(zipOf(t, packed{"a.json", record("X-1", big)}, packed{"b.json", record("X-2", "")})), tight,
			[]string{"a.json: larger than a record may be", "X-2"},
		},
		{
			"members of a zip", one(zipOf(t, append(three, packed{"d.json", three[0].data})...)), tight,
			[]string{"unused: cannot be read: an archive of more than 3 files"},
		},
		{
			"members of a tar", one(tarOf(t, append(three, packed{"d.json", three[0].data})...)), tight,
			[]string{"X-1", "X-2", "X-3", "reading file: an archive of more than 3 files"},
		},
		{
			"ratio of a gzip", one(gzipOf(t, []byte(strings.Repeat(" ", 50_000)+record("X-1", "")))), tight,
			[]string{"unused: cannot be read: expands to more than a feed can"},
		},
		{
			"ratio of a gzip, late", one(gzipOf(t, []byte("["+record("X-1", "")+strings.Repeat(","+record("X-1", "")+strings.Repeat(" ", 500), 200)+"]"))), tight,
			[]string{"unused: cannot be read: expands to more than a feed can"},
		},
		{
			"ratio of a zstd", one(zstdOf(t, []byte(strings.Repeat(" ", 50_000)+record("X-1", "")))), tight,
			[]string{"unused: cannot be read: expands to more than a feed can"},
		},
		{"zip at no offset", noSeek{one(zipOf(t, three...))}, tight, []string{"X-3", "X-1", "X-2"}},
		{
			"large zip at no offset",
			noSeek{one(zipOf(t, packed{"a.json", string(huge[:20_000])}))},
			tight,
			[]string{"unused: cannot be read: an archive of more than 5000 bytes"},
		},
		{"files", fstest.MapFS{"a": {}, "b": {}, "c": {}, "d": {}, "e": {}}, tight, []string{"looking for feeds in .: more than 4 files"}},
		{"depth", one([]byte(deep)), standard, []string{`file: not a JSON record of this feed: "`}},
		{
			"depth before it is recognised", one([]byte(`{"deep": ` + deep + `, "id": "X-1", "modified": "2024-01-01"}`)), standard,
			[]string{"unused: " + unusedFormat},
		},
		{"depth in an array", one([]byte("[" + record("X-1", "") + "," + deep + "]")), standard, []string{"X-1", `file: the file is damaged: "`}},
		{
			"window of zstd", one(zstdOf(t, huge, zstd.WithWindowSize(1<<22), zstd.WithSingleSegment(false))), window,
			[]string{"unused: cannot be read: window size exceeded"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := diffSaid(tt.want, said(t, files{tt.fs, tt.max})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	// Of the members of a zip each is small, and their bytes may be the same. A
	// record of its own in the archive expands 15 times.
	loose := many
	loose.ratio = 20
	for _, tt := range []struct {
		name string
		data []byte
		max  limits
		ends bool
	}{
		{"many", zipOf(t, slices.Repeat([]packed{{"a.json", record("X-1", most)}}, 200)...), many, false},
		{"many", zipOf(t, slices.Repeat([]packed{{"a.json", record("X-1", most)}}, 200)...), loose, true},
		{"sharing", sharing(t, 200, record("X-1", most)), loose, false},
	} {
		got := said(t, files{one(tt.data), tt.max})
		last := got[len(got)-1]
		if tt.ends != (len(got) == 200 && last == "X-1") || !tt.ends && !strings.HasSuffix(last, errRatio.Error()) {
			t.Errorf("%s, ratio %d: %d records, then %s", tt.name, tt.max.ratio, len(got), last)
		}
	}
}

// TestParts lists no more rejected parts of one record than can be read.
func TestParts(t *testing.T) {
	t.Parallel()
	var packages []string
	for i := range 5000 {
		packages = append(packages, fmt.Sprintf(`{"package": {"ecosystem": "Abacus-%d", "name": "p"}}`, i))
	}
	packages = append(packages, `{"package": {"ecosystem": "npm", "name": "p"}}`)
	got := said(t, files{one([]byte(`{"id": "X-1", "modified": "2024-01-01", "affected": [` + strings.Join(packages, ",") + `]}`)), standard})
	if n := len(got); n != maxParts+2 || got[n-2] != "X-1: "+rejectMore || got[n-1] != "X-1" {
		t.Errorf("%d, %q", n, got[max(n-2, 0):])
	}
}

// TestStops leaves the iteration at every place, which must then be its end,
// and cancels it at every place.
func TestStops(t *testing.T) {
	t.Parallel()
	trees := map[string]fs.FS{"zip": one(zipOf(t, three...)), "tar": one(tarOf(t, three...)), "array": one([]byte("[" + three[0].data + "]"))}
	for name, a := range archives(t) {
		trees[name] = mapFS(a)
	}
	for name, tree := range trees {
		sources, _, err := FindFS(t.Context(), tree, []string{"."})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sources {
			total := 0
			for range Read(t.Context(), s) { //nolint:errcheck // counted only
				total++
			}
			for at := range total {
				n := 0
				for range Read(t.Context(), s) { //nolint:errcheck // left
					if n == at {
						break
					}
					n++
				}
				n = 0
				ctx, cancel := context.WithCancel(t.Context())
				var last error
				for _, err := range Read(ctx, s) {
					if n == at {
						cancel()
					}
					n++
					last = err
				}
				if n > total+1 || n < total && !errors.Is(last, context.Canceled) {
					t.Errorf("%s %s: cancelled at %d of %d it ends at %d with %v", name, s.Path, at, total, n, last)
				}
				cancel()
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := FindFS(ctx, tree, []string{"."}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := FindFS(t.Context(), fstest.MapFS{}, []string{"nowhere"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nowhere: %v", err)
	}
	for _, err := range Read(t.Context(), Source{Name: "unheard-of", Path: "x"}) {
		if err == nil || !strings.Contains(err.Error(), "no feed is named") {
			t.Errorf("unheard-of: %v", err)
		}
	}
}

// TestDescribe has digests that follow the bytes and the names of files.
func TestDescribe(t *testing.T) {
	t.Parallel()
	describe := func(fsys fstest.MapFS) string {
		t.Helper()
		sources, _, err := FindFS(t.Context(), fsys, []string{"."})
		if err != nil || len(sources) != 1 {
			t.Fatal(sources, err)
		}
		f, err := Describe(t.Context(), sources[0])
		if err != nil {
			t.Fatal(err)
		}
		return f.Name + " " + f.File + " " + f.Digest
	}
	data := []byte(three[0].data)
	want := fmt.Sprintf("osv all.json sha256:%x", sha256.Sum256(data))
	if diff := cmp.Diff(want, describe(fstest.MapFS{"dir/all.json": {Data: data}})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	seen := map[string]string{}
	for name, fsys := range map[string]fstest.MapFS{
		"two":           {"d/a.json": {Data: data}, "d/b.json": {Data: data}},
		"other name":    {"d/a.json": {Data: data}, "d/c.json": {Data: data}},
		"other bytes":   {"d/a.json": {Data: data}, "d/b.json": {Data: []byte(three[1].data)}},
		"other place":   {"d/a.json": {Data: data}, "d/e/b.json": {Data: data}},
		"bytes shifted": {"d/a.json": {Data: append(data, ' ')}, "d/b.json": {Data: data}},
	} {
		d := describe(fsys)
		if other, ok := seen[d]; ok {
			t.Errorf("%s and %s are both %s", name, other, d)
		}
		seen[d] = name
	}
}
