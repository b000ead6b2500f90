package client

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/api/inspector2"
)

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	good := Options{Server: "https://assay.example.org", Key: "AKIA", Secret: "s"}
	for _, tt := range []struct {
		name   string
		change func(o *Options)
		want   string // in the error; empty: none
	}{
		{"good", func(*Options) {}, ""},
		{"no scheme", func(o *Options) { o.Server = "assay.example.org:8443" }, "must be an address"},
		{"another scheme", func(o *Options) { o.Server = "ftp://assay.example.org" }, "must be an address"},
		{"no secret", func(o *Options) { o.Secret = "" }, "AWS_SECRET_ACCESS_KEY"},
		{"no authority", func(o *Options) { o.CAFile = "not-there.pem" }, "not-there.pem"},
	} {
		o := good
		tt.change(&o)
		_, err := New(o)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/inspector2/aws4_request") {
			t.Errorf("signed as %s", r.Header.Get("Authorization"))
		}
		switch r.Method + " " + r.URL.Path {
		case "POST /assay/v1/echo":
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.Copy(w, z)
		case "GET /assay/v1/refused":
			w.WriteHeader(http.StatusConflict)
			_ = json.NewEncoder(w).Encode(map[string]string{"code": "ConflictException", "message": "It is there."})
		default:
			w.WriteHeader(http.StatusBadGateway) // as of a proxy that knows nothing of us
		}
	}))
	defer s.Close()
	c, err := New(Options{Server: s.URL + "/", Region: "eu-central-1", Key: "AKIA", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Text string }
	if err := c.Do(t.Context(), "POST", "echo", map[string]string{"Text": "x"}, &got); err != nil || got.Text != "x" {
		t.Errorf("echo: %+v, %v", got, err)
	}
	for path, want := range map[string]Refused{
		"refused": {409, "ConflictException", "It is there."}, "elsewhere": {502, "", "502 Bad Gateway"},
	} {
		refused, ok := errors.AsType[*Refused](c.Do(t.Context(), "GET", path, nil, nil))
		if !ok || *refused != want {
			t.Errorf("%s: %+v, want %+v", path, refused, want)
		}
	}
}

// TestLongAnswers: a list that is longer than the API allows is still all there.
func TestLongAnswers(t *testing.T) {
	t.Parallel()
	const n = 100 // the model has at most 25
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"findings":[{}`+strings.Repeat(`,{}`, n-1)+`]}`)
	}))
	defer s.Close()
	c, err := New(Options{Server: s.URL, Key: "AKIA", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.Inspector2().ListFindings(t.Context(), &inspector2.ListFindingsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Findings) != n {
		t.Errorf("%d findings, want %d", len(out.Findings), n)
	}
}
