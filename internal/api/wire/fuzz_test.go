package wire_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
)

// FuzzDecode sends anything to any operation. What is accepted can be written
// again and is then the same; what is not gets an answer that is the caller's
// fault.
func FuzzDecode(f *testing.F) {
	all := services()
	var ops []*wire.Operation
	for _, s := range all {
		for i := range s.Operations {
			ops = append(ops, &s.Operations[i])
		}
	}
	for i, op := range ops {
		for seed := range uint64(2) {
			r, err := op.Request(f.Context(), "http://localhost", op.SampleIn(rand.New(rand.NewPCG(seed, 5))))
			if err != nil {
				f.Fatal(err)
			}
			body, err := wire.ReadBody(r, wire.MaxBody)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(uint8(i), r.URL.Path, r.URL.RawQuery, body)
		}
	}
	for _, body := range []string{
		``, `null`, ` { } `, `{"a":"\ud800","tags":{"\u0061":"b"}}`, `{"filterCriteria":{"updatedAt":[{"startInclusive":-62135596800}]}}`,
		`{"sbom":1}`, `{"sbom":null}`, `{"filter":{"severities":["Low"]}}`, `[[[`, `{"schedule":{"oneTime":{}},"schedule":{}}`,
	} {
		f.Add(uint8(27), "/", "maxResults=1&maxResults=2&tagKeys=", []byte(body))
	}
	f.Fuzz(func(t *testing.T, which uint8, path, query string, body []byte) {
		op := ops[int(which)%len(ops)]
		if op.Service().Protocol == wire.JSON11 || !strings.Contains(op.URI, "{") {
			path = op.URI
		}
		r := &http.Request{Method: op.Method, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}}
		if op.Service().Protocol == wire.JSON11 {
			r.Header.Set("X-Amz-Target", op.Service().Target+"."+op.Name)
		}
		if routed, err := wire.Route(all, r); err != nil || routed != op {
			return // another path than the operation's
		}
		in, err := op.Decode(r, body)
		if err != nil {
			w := httptest.NewRecorder()
			op.Fail(w, err)
			if w.Code != http.StatusBadRequest || strings.Contains(w.Header().Get("X-Amzn-Errortype"), "Internal") {
				t.Fatalf("%s: %d for %v", op.Name, w.Code, err)
			}
			return
		}
		again, err := op.Request(t.Context(), "http://localhost", in)
		if err != nil {
			t.Fatalf("%s: %v", op.Name, err)
		}
		b, err := wire.ReadBody(again, wire.MaxBody)
		if err != nil {
			t.Fatal(err)
		}
		second, err := op.Decode(again, b)
		if err != nil {
			t.Fatalf("%s: %v in %s", op.Name, err, b)
		}
		if diff := cmp.Diff(in, second); diff != "" {
			t.Fatalf("%s: %s", op.Name, diff)
		}
		if _, err := op.Audit(in); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzResponse reads anything as an answer, as our own client does.
func FuzzResponse(f *testing.F) {
	all := services()
	f.Add(uint8(0), 200, []byte(`{"arn":"a"}`))
	f.Add(uint8(60), 200, []byte(`{"findings":[{"severity":"HIGH","updatedAt":1.5}]}`))
	f.Add(uint8(3), 400, []byte(`{"__type":"a#b:c","message":"d"}`))
	f.Fuzz(func(t *testing.T, which uint8, status int, body []byte) {
		s := all[int(which)%len(all)]
		op := &s.Operations[int(which)%len(s.Operations)]
		out, err := op.Response(&http.Response{StatusCode: status, Header: http.Header{}}, body)
		if (out == nil) == (err == nil) {
			t.Fatalf("%s: got %v and %v", op.Name, out, err)
		}
		if e := (*wire.Error)(nil); err != nil && (!errors.As(err, &e) || e.Name == "") {
			t.Fatalf("%s: %v", op.Name, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	op := inspector2.New().Operation("ListFindings")
	body := `{"maxResults":100,"filterCriteria":{"severity":[{"comparison":"EQUALS","value":"HIGH"}],"awsAccountId":[{"comparison":"EQUALS","value":"111122223333"}],"updatedAt":[{"startInclusive":1700000000.5}]},"sortCriteria":{"field":"SEVERITY","sortOrder":"DESC"}}`
	r := httptest.NewRequest(op.Method, op.URI, http.NoBody)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := op.Decode(r, []byte(body)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEncode writes a page of 100 findings.
func BenchmarkEncode(b *testing.B) {
	op := inspector2.New().Operation("ListFindings")
	out := &inspector2.ListFindingsResponse{}
	rng := rand.New(rand.NewPCG(1, 2))
	for len(out.Findings) < 100 {
		sample, _ := op.SampleOut(rng).(*inspector2.ListFindingsResponse)
		out.Findings = append(out.Findings, sample.Findings...)
	}
	out.Findings = out.Findings[:100]
	b.ReportAllocs()
	for b.Loop() {
		w := &discard{h: http.Header{}}
		if err := op.Encode(w, out); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(w.n))
	}
}

type discard struct {
	h http.Header
	n int
}

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) WriteHeader(int)             {}
func (d *discard) Write(p []byte) (int, error) { d.n += len(p); return io.Discard.Write(p) }

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		inspector2.New()
	}
}
