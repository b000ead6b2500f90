package jsonstream

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// record has a field of each type that a Decoder reads.
type record struct {
	Name  string
	Names []string
	Score float64
	Part  part
	Parts []part
	Loose string
	Null  bool
}

type part struct {
	Name string
	Deep []part
}

func (r *record) read(d *Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "name":
			d.String(&r.Name)
		case "names":
			d.Strings(&r.Names)
		case "score":
			d.Float(&r.Score)
		case "part":
			r.Part.read(d)
		case "parts":
			List(d, &r.Parts, (*part).read)
		case "loose":
			d.Lenient(func() { d.String(&r.Loose) })
		case "null":
			r.Null = d.Null()
		}
	})
}

func (p *part) read(d *Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "name":
			d.String(&p.Name)
		case "deep":
			List(d, &p.Deep, (*part).read)
		}
	})
}

func TestDecoder(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2*MaxString)
	for _, tt := range []struct {
		name, text string
		want       record
		mistyped   string // "-" for none
	}{
		{"all", ` {"name":"a\u00e9","names":["b","c"],"score":-1.5e1,"part":{"name":"d"},"parts":[{"name":"e","deep":[{"name":"f"}]}]} `, record{
			Name: "aé", Names: []string{"b", "c"}, Score: -15, Part: part{Name: "d"}, Parts: []part{{"e", []part{{Name: "f"}}}},
		}, "-"},
		{"others are passed over", `{"x":{"name":[1,{"name":2}]},"name":"a","Name":"b"}`, record{Name: "a"}, "-"},
		{"null", `{"name":null,"names":null,"score":null,"part":null,"parts":[null],"null":null}`, record{Parts: []part{{}}, Null: true}, "-"},
		{"not null", `{"null":[null],"name":"a"}`, record{Name: "a"}, "-"},
		{"twice", `{"name":"a","names":["a","b"],"part":{"name":"a"},"name":"b","names":["c"],"part":{"deep":[]}}`, record{
			Name: "b", Names: []string{"c"}, Part: part{Name: "a"},
		}, "-"},
		{"string", `{"name":["a"],"names":["b"]}`, record{Names: []string{"b"}}, "name"},
		{"element", `{"names":["b",1,"c"]}`, record{Names: []string{"b", "", "c"}}, "names"},
		{"deep", `{"name":"a","parts":[{},{"deep":[{"name":false}],"name":"c"}],"score":"high"}`, record{
			Name: "a", Parts: []part{{}, {"c", []part{{}}}},
		}, "parts.deep.name"},
		{"behind an object", `{"part":{"name":"a"},"score":{}}`, record{Part: part{Name: "a"}}, "score"},
		{"whole", `[{"name":"a"}]`, record{}, ""},
		{"too large", `{"score":1e999,"name":"a"}`, record{Name: "a"}, "score"},
		{"lenient", `{"loose":1,"name":"a"}`, record{Name: "a"}, "-"},
		{"no UTF-8", "{\"name\":\"a\xff\xfeb\"}", record{Name: "a\ufffd\ufffdb"}, "-"},
		{"half a pair", `{"name":"\ud800a"}`, record{Name: "\ufffda"}, "-"},
		{"long", `{"name":"` + long + `","` + long + `":1,"names":["` + long + `\n"]}`, record{Name: long, Names: []string{long + "\n"}}, "-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var d Decoder
			var got record
			d.Reset([]byte(tt.text))
			got.read(&d)
			if err := d.End(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			path, ok := d.Mistyped()
			if !ok {
				path = "-"
			}
			if path != tt.mistyped {
				t.Errorf("mistyped is %q; want %q", path, tt.mistyped)
			}
		})
	}
}

// What is no JSON is refused wherever it stands, be it read or passed over.
func TestDecoderStrict(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		``, `01`, `1.`, `.5`, `-`, `+1`, `1e`, `1e+`, `--1`, `1-1`, `nul`, `nulll`, `"a`, "\"a\nb\"", "\"\x00\"", `"\x"`, `"\u12"`, `"\u12g4"`, `"\`,
		`[1,]`, `[1`, `[,1]`, `[1 2]`, `{`, `{"a"}`, `{"a":1,}`, `{a:1}`, `'a'`, `1}`, strings.Repeat("[", MaxDepth+1),
	} {
		for _, key := range []string{"name", "names", "score", "part", "parts", "loose", "null", "x"} {
			var d Decoder
			var r record
			d.Reset([]byte(`{"` + key + `":` + value + `}`))
			r.read(&d)
			if d.End() == nil {
				t.Errorf("%s: %.40q is accepted", key, value)
			}
		}
	}
}

func FuzzDecoder(f *testing.F) {
	for _, s := range []string{
		`{"name":"a\u00e9\ud83d\ude00","names":["b\n",1],"score":-1.5e1,"part":{"name":"d"},"parts":[{"name":"e","deep":[{"name":"f"}]}],"loose":[],"null":null}`,
		`{"x":[0,-0.1,1e5,true,false,null,"\"\\\/\b\f\n\r\t"],"y":{}}`, `[]`, `{"score":01}`, "{\"name\":\"\t\xff\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var d Decoder
		var got, again record
		d.Reset(doc)
		got.read(&d)
		err := d.End()
		if valid := json.Valid([]byte(strings.TrimPrefix(string(doc), "\ufeff"))); valid != (err == nil) {
			t.Fatalf("valid is %t, but the error is %v", valid, err)
		}
		path, ok := d.Mistyped()
		d.Reset(doc)
		again.read(&d)
		if path2, ok2 := d.Mistyped(); !reflect.DeepEqual(got, again) || path != path2 || ok != ok2 || (err == nil) != (d.End() == nil) {
			t.Error("a document says one thing and then another")
		}
		if err != nil && errors.Is(err, ErrLong) {
			t.Error("a string of a document in memory cannot be too long")
		}
	})
}
