package jsonstream

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
func readJSON(j *Reader) (any, error) {
	c, err := j.Peek()
	if err != nil {
		return nil, err
	}
	switch c {
	case '{':
		m := map[string]any{}
		return m, j.Object(func(key []byte) error {
			name := string(key)
			v, err := readJSON(j)
			m[name] = v
			return err
		})
	case '[':
		l := []any{}
		err := j.Array(func() error {
			v, err := readJSON(j)
			l = append(l, v)
			return err
		})
		return l, err
	case '"':
		s, _, err := j.String()
		return string(s), err
	case 't', 'f':
		return j.Bool()
	case 'n':
		return nil, j.Skip()
	}
	return 0.0, j.Skip()
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

func TestDepth(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tt := range []struct {
		name, text string
		fails      bool
	}{
		{"just allowed", deep(MaxDepth), false},
		{"too deep", deep(MaxDepth + 1), true},
		{"objects", strings.Repeat(`{"a":`, MaxDepth+1), true},
		{"endless", strings.Repeat(`[`, 1<<20), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := New(strings.NewReader(tt.text), 0).Skip()
			if (err != nil) != tt.fails {
				t.Errorf("got %v; want an error: %t", err, tt.fails)
			}
		})
	}
}

// TestMemory reads far more than a window of one string and of many.
func TestMemory(t *testing.T) {
	t.Parallel()
	long := `{"a":"` + strings.Repeat("x\\n", 1<<20) + `","b":"` + strings.Repeat("x", MaxString+1) + `"}`
	j := New(strings.NewReader(long), 0)
	err := j.Object(func(key []byte) error {
		if string(key) == "a" {
			return j.Skip()
		}
		_, _, err := j.String()
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("got %v; want a complaint about the length of b", err)
	}
	if cap(j.buf) > 4*MaxString {
		t.Errorf("the window has %d bytes; want at most %d", cap(j.buf), 4*MaxString)
	}
}

// What is overlong is passed over, and what follows is read.
func TestLong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", MaxString+1)
	j := New(strings.NewReader(`{"`+long+`": {"a": []}, "b": "`+long+`", "c": "d\\e"}`), 0)
	var got []string
	err := j.Object(func(key []byte) error {
		name := string(key)
		s, ok, err := j.String()
		got = append(got, fmt.Sprintf("%s %q %t %t", name, s, ok, errors.Is(err, ErrLong)))
		if errors.Is(err, ErrLong) {
			return nil
		}
		return err
	})
	if err == nil {
		err = j.End()
	}
	if diff := cmp.Diff([]string{`b "" false true`, `c "d\\e" true false`}, got); diff != "" || err != nil {
		t.Errorf("error %v; (-want +got):\n%s", err, diff)
	}
}

func TestReadError(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	j := New(io.MultiReader(strings.NewReader(`{"a": "b`), iotest.ErrReader(broken)), 0)
	if err := j.Skip(); !errors.Is(err, broken) {
		t.Errorf("got %v; want %v", err, broken)
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{
		`{"a": [1, -2.5e+3, true, false, null, "x"], "b\u00e9\ud83d\ude00\ud83d": {"c": {}}, "d": []}`,
		"\xef\xbb\xbf {}", `"\ud800\u0041"`, `"\\\"\/\b\f\n\r\t"`, `[1,]`, `{"a":1,}`, `tru`, `"`, `"\`, `[[`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		skipped := New(bytes.NewReader(b), int64(len(b)))
		err := skipped.Skip()
		if err == nil {
			err = skipped.End()
		}
		read := New(iotest.OneByteReader(bytes.NewReader(b)), 0)
		got, rerr := readJSON(read)
		if rerr == nil {
			rerr = read.End()
		}
		plain := bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
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
