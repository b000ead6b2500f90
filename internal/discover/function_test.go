package discover

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/internal/fault"
)

func TestParseFunction(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       FunctionManifest
		wrong      string // part of the fault; empty: none
	}{
		{"whole", `{"name":"pay","runtime":"python3.12","handler":"app.main","role":"arn:aws:iam::111122223333:role/pay","version":"$LATEST",
			"modified":"2026-01-31T13:00:00+01:00","lastUsed":"2026-02-01T00:00:00.000+0000","kmsKey":"arn:aws:kms:us-east-1:111122223333:key/1",
			"tags":{"team":"shop"},"layers":["base.zip","arn:aws:lambda:us-east-1:111122223333:layer:util:3",{"arn":"arn:aws:lambda:us-east-1:111122223333:layer:more:1","file":"layers/more.zip"}],
			"other":[1]}`, FunctionManifest{
			Name: "pay", Runtime: "python3.12", Handler: "app.main", Role: "arn:aws:iam::111122223333:role/pay", Version: "$LATEST",
			Modified: "2026-01-31T12:00:00Z", LastUsed: "2026-02-01T00:00:00Z", KMSKey: "arn:aws:kms:us-east-1:111122223333:key/1",
			Tags: map[string]string{"team": "shop"}, Layers: []FunctionLayer{
				{File: "base.zip"},
				{ARN: "arn:aws:lambda:us-east-1:111122223333:layer:util:3"},
				{ARN: "arn:aws:lambda:us-east-1:111122223333:layer:more:1", File: "layers/more.zip"},
			},
		}, ""},
		{"least", `{"name":"a"}`, FunctionManifest{Name: "a"}, ""},
		{"no JSON", `{"name":`, FunctionManifest{}, "JSON"},
		{"another type", `{"name":1}`, FunctionManifest{}, "JSON"},
		{"no name", `{}`, FunctionManifest{}, "name"},
		{"name that is a path", `{"name":"../../etc/passwd"}`, FunctionManifest{}, "name"},
		{"name of dots", `{"name":".."}`, FunctionManifest{}, "name"},
		{"no ARN", `{"name":"a","role":"me"}`, FunctionManifest{}, "role"},
		{"no time", `{"name":"a","modified":"yesterday"}`, FunctionManifest{}, "modified"},
		{"a time of no calendar", `{"name":"a","lastUsed":"0000-01-01T00:00:00Z"}`, FunctionManifest{}, "lastUsed"},
		{"layer outside", `{"name":"a","layers":["../b.zip"]}`, FunctionManifest{}, "layers[0]"},
		{"layer at the root", `{"name":"a","layers":["a.zip","/b.zip"]}`, FunctionManifest{}, "layers[1]"},
		{"layer that is nothing", `{"name":"a","layers":[""]}`, FunctionManifest{}, "layers[0]"},
		{"six layers", `{"name":"a","layers":["1","2","3","4","5","6"]}`, FunctionManifest{}, "layers"},
		{"control characters", `{"name":"a","runtime":"a\u0000"}`, FunctionManifest{}, "runtime"},
		{"tag without a key", `{"name":"a","tags":{"":"b"}}`, FunctionManifest{}, "tags"},
		{"too long", `{"name":"a","handler":"` + strings.Repeat("x", MaxManifest) + `"}`, FunctionManifest{}, "bytes"},
	} {
		got, err := ParseFunction([]byte(tt.text))
		if tt.wrong != "" {
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// TestParseFunctionNamesTheFirstFault shows that of two faults always the same is
// told.
func TestParseFunctionNamesTheFirstFault(t *testing.T) {
	t.Parallel()
	for range 50 {
		_, err := ParseFunction([]byte(`{"name":"a","modified":"yesterday","lastUsed":"today"}`))
		if err == nil || !strings.Contains(err.Error(), "modified") {
			t.Fatal(err)
		}
	}
}

// FuzzParseFunction shows that what is read is, when written, read as the same,
// and that no name of it leads anywhere.
func FuzzParseFunction(f *testing.F) {
	f.Add([]byte(`{"name":"pay","runtime":"python3.12","modified":"2026-01-31T13:00:00+01:00","layers":["base.zip",{"arn":"arn:aws:lambda:us-east-1:1:layer:a:1"}]}`))
	f.Add([]byte(`{"name":"a","tags":{"InspectorExclusion":"LambdaStandardScanning"},"version":"7","lastUsed":"2026-02-01T00:00:00.000+0000"}`))
	f.Add([]byte(`{"name":"..","layers":[{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseFunction(text)
		if err != nil {
			return
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if len(again) > MaxManifest {
			return // JSON may be longer than what it was read from
		}
		back, err := ParseFunction(again)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if diff := cmp.Diff(m, back, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
		for _, l := range m.Layers {
			for _, name := range l.Archives() {
				if !filepath.IsLocal(name) {
					t.Errorf("layer %q", name)
				}
			}
		}
	})
}

func TestLayerArchives(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		layer FunctionLayer
		want  []string
	}{
		{FunctionLayer{File: "a.zip"}, []string{"a.zip"}},
		{FunctionLayer{ARN: "arn:aws:lambda:us-east-1:1:layer:util:3"}, []string{"util-3.zip", "layers/util-3.zip"}},
		{FunctionLayer{ARN: "arn:aws:lambda:us-east-1:1:layer:util:3", File: "b.zip"}, []string{"b.zip"}},
		{FunctionLayer{ARN: "arn:aws:lambda:us-east-1:1:function:util"}, nil},
		{FunctionLayer{ARN: "arn:aws:lambda:us-east-1:1:layer:../../x:3"}, nil},
	} {
		if diff := cmp.Diff(tt.want, tt.layer.Archives()); diff != "" {
			t.Errorf("%+v: %s", tt.layer, diff)
		}
	}
}

func TestInspectorRuntime(t *testing.T) {
	t.Parallel()
	for runtime, want := range map[string]string{
		"python3.12": "PYTHON_3_12", "nodejs20.x": "NODEJS_20_X", "java8.al2": "JAVA_8_AL2", "java21": "JAVA_21", "dotnet8": "DOTNET_8",
		"dotnetcore3.1": "DOTNETCORE_3_1", "ruby3.3": "RUBY_3_3", "go1.x": "GO_1_X", "nodejs": "NODEJS", "provided.al2023": "", "": "",
	} {
		if got := (FunctionManifest{Runtime: runtime}).InspectorRuntime(); got != want {
			t.Errorf("%s: %q, want %q", runtime, got, want)
		}
	}
}

func TestFunctionPackages(t *testing.T) {
	t.Parallel()
	var files []File
	for _, name := range []string{"b.zip", "a.json", "a.zip", "c.json", "sub/d.zip", "sub/d.json", "a.txt"} {
		files = append(files, File{Name: name})
	}
	list, lonely := FunctionPackages(files)
	want := []FunctionPackage{
		{"a", File{Name: "a.json"}, File{Name: "a.zip"}}, {"sub/d", File{Name: "sub/d.json"}, File{Name: "sub/d.zip"}},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"b", "c"}, lonely); diff != "" {
		t.Error(diff)
	}
}

// TestFolder shows that a folder lists its packages, that nothing outside of it is
// read, and that a change is seen.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret.json")
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write("a.json", "{}")
	write("sub/b.zip", "PK")
	write("notes.txt", "")
	write(".hidden/c.zip", "")
	write(".d.zip.part", "")
	if err := os.WriteFile(outside, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "folder")); err != nil {
		t.Fatal(err)
	}
	p, err := OpenPlace(PlaceOptions{Place: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	names := func() (out []string, stamps map[string]string) {
		t.Helper()
		list, err := p.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stamps = map[string]string{}
		for _, f := range list {
			out, stamps[f.Name] = append(out, f.Name), f.Stamp
		}
		return out, stamps
	}
	got, before := names()
	if diff := cmp.Diff([]string{"a.json", "sub/b.zip"}, got); diff != "" {
		t.Error(diff)
	}
	r, f, err := p.Open(t.Context(), "a.json")
	if err != nil || f.Stamp != before["a.json"] {
		t.Fatalf("opened as %+v, listed as %s: %v", f, before["a.json"], err)
	}
	if text, err := io.ReadAll(r); err != nil || string(text) != "{}" {
		t.Errorf("%q, %v", text, err)
	}
	_ = r.Close()
	for _, name := range []string{"link.json", "folder/secret.json", "../x", "none.json", "sub"} {
		if _, _, err := p.Open(t.Context(), name); err == nil {
			t.Errorf("%s can be opened", name)
		}
	}
	if _, _, err := p.Open(t.Context(), "none.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one that is not there: %v", err)
	}
	write("a.json", "{ }")
	if _, after := names(); after["a.json"] == before["a.json"] || after["sub/b.zip"] != before["sub/b.zip"] {
		t.Errorf("stamps before %v, after %v", before, after)
	}
	for _, place := range []string{"relative", filepath.Join(dir, "none"), "s3://", "s3://bucket?x=1", "s3://user@bucket"} {
		if _, err := OpenPlace(PlaceOptions{Place: place}); err == nil {
			t.Errorf("%s is opened", place)
		}
	}
}

// TestBucketRefused shows what errors of a service mean.
func TestBucketRefused(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{http.StatusForbidden: fs.ErrPermission, http.StatusNotFound: fs.ErrNotExist} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			if status == http.StatusNotFound {
				_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code></Error>`)
			}
		}))
		defer s.Close()
		p, err := OpenPlace(PlaceOptions{Place: "s3://b/p", Endpoint: s.URL, PathStyle: true, Key: "k", Secret: "s"})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Open(t.Context(), "a.json"); !errors.Is(err, want) {
			t.Errorf("%d: %v", status, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, err := OpenPlace(PlaceOptions{Place: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.List(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a look that is broken off: %v", err)
	}
}
