package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// readJSON reads a whole value with the scanner under test.
func readJSON(j *jsonReader) (any, error) {
	c, err := j.peek()
	if err != nil {
		return nil, err
	}
	switch c {
	case '{':
		m := map[string]any{}
		return m, j.object(func(key []byte) error {
			name := string(key)
			v, err := readJSON(j)
			m[name] = v
			return err
		})
	case '[':
		l := []any{}
		err := j.array(func() error {
			v, err := readJSON(j)
			l = append(l, v)
			return err
		})
		return l, err
	case '"':
		s, _, err := j.string()
		return string(s), err
	case 't', 'f':
		return j.bool()
	case 'n':
		return nil, j.skip()
	}
	return 0.0, j.skip()
}

// flatten replaces all numbers, which the scanner does not read.
func flatten(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = flatten(v[k])
		}
	case []any:
		for i := range v {
			v[i] = flatten(v[i])
		}
	case json.Number:
		return 0.0
	}
	return v
}

func TestJSONDepth(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tt := range []struct {
		name, text string
		fails      bool
	}{
		{"just allowed", deep(maxDepth), false},
		{"too deep", deep(maxDepth + 1), true},
		{"objects", strings.Repeat(`{"a":`, maxDepth+1), true},
		{"endless", strings.Repeat(`[`, 1<<20), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := newJSON(strings.NewReader(tt.text), 0).skip()
			if (err != nil) != tt.fails {
				t.Errorf("got %v; want an error: %t", err, tt.fails)
			}
		})
	}
}

// TestLockDepth nests the values of lock files, in which reading goes deeper
// than skipping: the packages before are kept, and there is one problem.
func TestLockDepth(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"dependencies":{"a":`, maxDepth)
	for name, text := range map[string]string{
		"package-lock.json": `{"dependencies":{"first":{"version":"1.0.0"},"a":` + deep,
		"composer.lock":     `{"packages":[{"name":"first","version":"1.0.0"},` + strings.Repeat("[", 2*maxDepth),
	} {
		f := readBytes(name, []byte(text))
		if len(f.Packages) != 1 || len(f.Problems) != 1 || !strings.Contains(f.Problems[0].Reason, "nested") {
			t.Errorf("%s: got %v and %v; want one package and one problem of depth", name, f.Packages, f.Problems)
		}
	}
}

// TestJSONMemory reads far more than a window of one string and of many.
func TestJSONMemory(t *testing.T) {
	t.Parallel()
	long := `{"a":"` + strings.Repeat("x\\n", 1<<20) + `","b":"` + strings.Repeat("x", maxLine+1) + `"}`
	j := newJSON(strings.NewReader(long), 0)
	err := j.object(func(key []byte) error {
		if string(key) == "a" {
			return j.skip()
		}
		_, _, err := j.string()
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("got %v; want a complaint about the length of b", err)
	}
	if cap(j.buf) > 4*maxLine {
		t.Errorf("the window has %d bytes; want at most %d", cap(j.buf), 4*maxLine)
	}
}

func TestJSONReadError(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	j := newJSON(io.MultiReader(strings.NewReader(`{"a": "b`), iotest.ErrReader(broken)), 0)
	if err := j.skip(); !errors.Is(err, broken) {
		t.Errorf("got %v; want %v", err, broken)
	}
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"a": [1, -2.5e+3, true, false, null, "x"], "b\u00e9\ud83d\ude00\ud83d": {"c": {}}, "d": []}`,
		"\xef\xbb\xbf {}", `"\ud800\u0041"`, `"\\\"\/\b\f\n\r\t"`, `[1,]`, `{"a":1,}`, `tru`, `"`, `"\`, `[[`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		skipped := newJSON(bytes.NewReader(b), int64(len(b)))
		err := skipped.skip()
		if err == nil {
			err = skipped.end()
		}
		read := newJSON(iotest.OneByteReader(bytes.NewReader(b)), 0)
		got, rerr := readJSON(read)
		if rerr == nil {
			rerr = read.end()
		}
		plain := trimBOM(b)
		if !json.Valid(plain) || !utf8.Valid(plain) {
			return // may pass or fail, but must come to an end
		}
		if err != nil || rerr != nil {
			t.Fatalf("valid, but skipping gives %v, reading %v", err, rerr)
		}
		d := json.NewDecoder(bytes.NewReader(plain))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(flatten(want), got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// lockJSON is a package-lock.json of about n bytes.
func lockJSON(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"lockfileVersion": 3, "packages": {"": {"name": "app"}`)
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `,
    "node_modules/some-package-%d": {
      "version": "1.%d.0",
      "resolved": "https://registry.example.com/some-package-%[1]d/-/some-package-%[1]d-1.%[2]d.0.tgz",
      "integrity": "sha512-Qm83RcTDR2ZUIAGRAYGZeJRQJZEjiYTHGnIE1a9AVbqzNJRs3IQfJtQX2NeR3Lx5tWjhLxyhmUIXOCxd8JiHww==",
      "dev": true, "license": "MIT",
      "dependencies": {"a": "^1.0.0", "b": "~2.3.4"},
      "engines": {"node": ">=6.0.0"}
    }`, i, i%100)
	}
	b.WriteString("}}")
	return b.Bytes()
}

// BenchmarkPackageLock promises more than 300 MB/s, so that a lock file of
// 100 MB takes a third of a second.
func BenchmarkPackageLock(b *testing.B) {
	benchmarkLock(b, lockJSON(10<<20), readPackageLock)
}

// BenchmarkPackageLockDecoder is what encoding/json takes to no more than
// split the same file into tokens.
func BenchmarkPackageLockDecoder(b *testing.B) {
	data := lockJSON(10 << 20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		d := json.NewDecoder(bytes.NewReader(data))
		for {
			if _, err := d.Token(); err != nil {
				break
			}
		}
	}
}

// BenchmarkCargoLock promises more than 100 MB/s.
func BenchmarkCargoLock(b *testing.B) {
	var data bytes.Buffer
	for i := 0; data.Len() < 10<<20; i++ {
		fmt.Fprintf(&data, "[[package]]\nname = \"some-crate-%d\"\nversion = \"1.%d.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"+
			"checksum = \"4cec68f03f32e44924783795810fa50a7035d8c8ebe78580ad7e6c703fba38\"\ndependencies = [\n \"autocfg\",\n \"libc\",\n]\n\n", i, i%100)
	}
	benchmarkLock(b, data.Bytes(), readCargoLock)
}

// BenchmarkRequirements promises more than 20 MB/s.
func BenchmarkRequirements(b *testing.B) {
	var data bytes.Buffer
	for i := 0; data.Len() < 10<<20; i++ {
		fmt.Fprintf(&data, "some-package-%d[extra]==1.%d.0 ; python_version >= \"3.8\" \\\n    --hash=sha256:4cec68f03f32e44924783795810fa50a7035d8c8ebe78580ad7e6c703fba38\n", i, i%100)
	}
	benchmarkLock(b, data.Bytes(), readRequirements)
}

func benchmarkLock(b *testing.B, data []byte, read func(*file) error) {
	b.Helper()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f := &file{path: "lock", size: int64(len(data)), r: bytes.NewReader(data), out: &File{}}
		if err := read(f); err != nil {
			b.Fatal(err)
		}
	}
}
