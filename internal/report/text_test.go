package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ s, want string }{
		{"", ""},
		{"openssl 3.0", "openssl 3.0"},
		{"naïve 日本語", "naïve 日本語"},
		{"two\nlines\tand tab\r", "two lines and tab "},
		{"\x1b[2Jgone", `\x1b[2Jgone`},
		{"\x1b]0;title\x07", `\x1b]0;title\a`},
		{"\u009b31mred", `\u009b31mred`},
		{"next\u0085line", `next\u0085line`},
		{"\x9b31m not UTF-8", `\x9b31m not UTF-8`},
		{"gpl\u202egpj.exe", `gpl\u202egpj.exe`},
		{"zero\u200bwidth", `zero\u200bwidth`},
		{"\ue000private", `\ue000private`},
		{"para\u2029graph", "para graph"},
		{"\ufffd", "\ufffd"},
	} {
		if got := clean(tt.s); got != tt.want {
			t.Errorf("clean(%q) = %q, want %q", tt.s, got, tt.want)
		}
	}
}

func TestWidth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		s    string
		want int
	}{
		{"", 0},
		{"abc", 3},
		{"naïve", 5},
		{"e\u0301", 1}, // a letter and the accent over it
		{"日本語", 6},
		{"한국어", 6},
		{"ﾊﾝｶｸ", 4}, // half-width forms
		{"Ａ", 2},
		{"🚀", 2},
		{"😀x", 3},
		{"…→·", 3},
	} {
		if got := width(tt.s); got != tt.want {
			t.Errorf("width(%q) = %d, want %d", tt.s, got, tt.want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		s            string
		limit        int
		want, middle string
	}{
		{"short", 5, "short", "short"},
		{"longer", 5, "long…", "…nger"},
		{"日本語日本", 7, "日本語…", "…語日本"},
		{"two words", 5, "two…", "…ords"},
		{"srv/app/node_modules/lodash/package.json", 30, "srv/app/node_modules/lodash/p…", "srv/app/…/lodash/package.json"},
		{"abcdefghijkl", 9, "abcdefgh…", "ab…ghijkl"},
		{"x", 0, "", ""},
		{"xy", 1, "…", "…"},
	} {
		if got := cut(tt.s, tt.limit); got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.s, tt.limit, got, tt.want)
		}
		if got := cutMiddle(tt.s, tt.limit); got != tt.middle {
			t.Errorf("cutMiddle(%q, %d) = %q, want %q", tt.s, tt.limit, got, tt.middle)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	got := wrap("a text of words and anoverlongone at the end 日本語日本語", 10)
	want := []string{"a text of", "words and", "anoverlong", "one at the", "end", "日本語日本", "語"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// FuzzClean checks that nothing is left that a terminal could obey, that what
// was cut fits, and that wrapping loses nothing but blanks.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "openssl", "\x1b[2J", "\u202e日本語", "a/b/c/d/e/f", "e\u0301\u0301 \xff", "\u0301", "00000000㘇"} {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = min(max(n, 0), 500)
		c := clean(s)
		if !utf8.ValidString(c) {
			t.Fatalf("%q is not UTF-8", c)
		}
		for _, r := range c {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) {
				t.Fatalf("clean(%q) leaves %U", s, r)
			}
		}
		if clean(c) != c {
			t.Errorf("clean(%q) is not clean", s)
		}
		if w := width(cut(c, n)); w > n {
			t.Errorf("cut(%q, %d) takes %d columns", c, n, w)
		}
		if w := width(cutMiddle(c, n)); w > n {
			t.Errorf("cutMiddle(%q, %d) takes %d columns", c, n, w)
		}
		if w := width(pad(cut(c, n), n)); w != n {
			t.Errorf("pad(%q, %d) takes %d columns", c, n, w)
		}
		var joined strings.Builder
		for _, l := range wrap(c, n) {
			if w := width(l); w > max(n, 2) {
				t.Errorf("wrap(%q, %d) has a line of %d columns", c, n, w)
			}
			joined.WriteString(l)
		}
		if got, want := strings.Join(strings.Fields(joined.String()), ""), strings.Join(strings.Fields(c), ""); got != want {
			t.Errorf("wrap(%q, %d) changes it to %q", c, n, got)
		}
	})
}
