package sbom

import "testing"

func TestInLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ doc, want string }{
		{`{}`, `{}`},
		{`{"a":1,"b":[],"c":{}}`, "{\n  \"a\":1,\n  \"b\":[],\n  \"c\":{}\n}"},
		{`{"a":[{"b":[1,2]},"],{\"\\"],"c":{"d":null}}`, "{\n  \"a\":[\n    {\"b\":[1,2]},\n    \"],{\\\"\\\\\"\n  ],\n  \"c\":{\n    \"d\":null\n  }\n}"},
	} {
		if got := string(inLines([]byte(tt.doc))); got != tt.want {
			t.Errorf("%s gives\n%s\nwant\n%s", tt.doc, got, tt.want)
		}
	}
}
