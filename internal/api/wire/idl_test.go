package wire

import (
	"strings"
	"testing"
)

// TestFieldString reads and writes members of every form.
func TestFieldString(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"message* string",
		"sbom* document",
		"maxResults int{1..100} @querystring=maxResults",
		"retryAfterSeconds int @header=Retry-After",
		"resourceArn* string{1..1011} @uri=resourceArn",
		"clientToken string{1..64}`[\\S]+` @token",
		"nextToken string{1..1024} @secret",
		"layers [string`arn:[a-z]+`]{1..5}",
		"scopes* [Scope]{1..}",
		"url string{..2048}",
		"targetResourceTags* <string{1..128}`[\\p{L}_.:/=\\-@]*`:[string{1..256}]{1..5}>{1..5}",
		"findingCounts* <Severity:int>",
		"numericSeverity double{0..10}",
		"a string{1..2}#12",
	} {
		f, err := ParseField("  " + line)
		if got := f.String(); got != line || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, line)
		}
	}
}

func TestParseFieldFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ line, want string }{
		{"", "no name"},
		{"* string", "no name"},
		{"a", "no type"},
		{"a [string", `no "]"`},
		{"a <string>", `no ":"`},
		{"a <string:string", `no ">"`},
		{"a string{1..", "no limits"},
		{"a string{1}", "no limits"},
		{"a string{x..}", "reading limits"},
		{"a string{..x}", "reading limits"},
		{"a string`b", "no end of the pattern"},
		{"a string @what", "unknown mark"},
		{"a string @uri", "names nothing"},
	} {
		if _, err := ParseField(tt.line); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %q", tt.line, err, tt.want)
		}
	}
}

func FuzzParseField(f *testing.F) {
	f.Add("a* [string{1..2}`b`]{..3} @querystring=c @token @secret")
	f.Add("a <string:[int]>#1")
	f.Fuzz(func(t *testing.T, line string) {
		first, err := ParseField(line)
		if err != nil {
			return
		}
		second, err := ParseField(first.String())
		if err != nil || first.String() != second.String() {
			t.Errorf("%q: %q, then %q, %v", line, first, second, err)
		}
	})
}
