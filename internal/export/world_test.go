package export

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	alice = org.Account(111111111111)
	bob   = org.Account(222222222222)
)

// A world is a store with findings, places for reports, and a clock.
type world struct {
	Exporter
	s3 *bucketServer

	mu   sync.Mutex
	now  time.Time
	tick func(n int) // called when the exporter asks for the time for the n-th time
	n    int
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return newWorldOn(tb, filepath.Join(tb.TempDir(), "assay.db"))
}

// newWorldOn is a world on the database of a place.
func newWorldOn(tb testing.TB, place string) *world {
	tb.Helper()
	dir := tb.TempDir()
	s, err := store.Open(tb.Context(), place, [32]byte{1})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	blobs, err := store.OpenBlobs(filepath.Join(dir, "blobs"), store.S3Credentials{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = blobs.Close() })
	w := &world{now: start, s3: newBucketServer(tb)}
	w.Exporter = Exporter{
		Store: s, Blobs: blobs, Version: "1.2.3", Now: w.clock,
		Cloud: store.S3{Endpoint: w.s3.URL, PathStyle: true, Credentials: store.S3Credentials{ID: "id", Secret: "secret"}},
	}
	err = s.Update(tb.Context(), func(tx *store.Tx) error {
		for _, a := range []org.Account{alice, bob} {
			if err := tx.CreateAccount(tb.Context(), store.Account{ID: a, Name: a.String(), Created: start}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n++; w.tick != nil {
		w.tick(w.n)
	}
	return w.now
}

func image(account org.Account, n int) resource.Resource {
	digest := fmt.Sprintf("sha256:%064x", n)
	return resource.Resource{
		Type: resource.Image, ID: fmt.Sprintf("arn:aws:ecr:us-east-1:%s:repository/team/shop/%s", account, digest),
		Name: "shop", Account: account.String(), Region: "us-east-1", Platform: "DEBIAN_12", Arch: "amd64", Digest: digest,
	}
}

func pkg(n int) inventory.Package {
	return inventory.Package{
		Type: "deb", Name: fmt.Sprintf("lib%d", n), Version: "1:1.0-2", Arch: "amd64", SourceName: "source",
		Path: "var/lib/dpkg/status", Layer: fmt.Sprintf("sha256:%064d", n), Evidence: inventory.Database,
	}
}

func flaw(n int) finding.Finding {
	id := fmt.Sprintf("CVE-2099-%05d", n)
	p := pkg(n % 5)
	return finding.Finding{
		Vulnerability: id, Kind: advisory.Vulnerability, Title: id + " - " + p.Name, Description: "A flaw, \"quoted\",\nin lines.",
		Severity: []finding.Severity{finding.Low, finding.High}[n%2], Source: "NVD", Fix: finding.FixYes,
		Packages: []finding.Package{{Package: p, Fixed: "1:1.0-3", Remediation: "=1+1", Match: match.Match{Package: p, Vulnerability: id}}},
	}
}

// record keeps scans of so many images of an account, with so many flaws each.
func (w *world) record(tb testing.TB, account org.Account, images, flaws int) {
	tb.Helper()
	for first := 0; first < images; first += 50 {
		var scans []store.Scan
		for n := first; n < min(first+50, images); n++ {
			scans = append(scans, w.scan(account, n, flaws))
		}
		if _, err := w.Store.Record(tb.Context(), org.Only(account), scans, start); err != nil {
			tb.Fatal(err)
		}
	}
}

func (w *world) scan(account org.Account, n, flaws int) store.Scan {
	inv := inventory.Inventory{OS: inventory.OS{ID: "debian", VersionID: "12"}}
	for i := range 5 {
		inv.Packages = append(inv.Packages, pkg(i))
	}
	s := store.Scan{Resource: image(account, n), Revision: fmt.Sprint(n, flaws), Inventory: &inv}
	for i := range flaws {
		s.Findings = append(s.Findings, flaw(i))
	}
	return s
}

// begin orders a report.
func (w *world) begin(tb testing.TB, r Report) (Report, error) {
	tb.Helper()
	r.ID, r.Ordered = uuid.Must(uuid.NewV7()).String(), w.now
	if r.Account == 0 {
		r.Account = alice
	}
	if r.To.Bucket == "" {
		r.To.Bucket = Own
	}
	return r, w.Store.Update(tb.Context(), func(tx *store.Tx) error { return Begin(tb.Context(), tx, r) })
}

// work runs one attempt of a job and returns its error.
func (w *world) work(tb testing.TB) error {
	tb.Helper()
	ctx, stop := context.WithCancel(tb.Context())
	defer stop()
	ended := make(chan error, 1)
	runner := work.Runner{
		Store: w.Store, Queues: map[string]int{Queue: 1}, Now: func() time.Time { return w.now }, Name: "test",
		Handlers: map[string]work.Handler{}, Log: slog.New(slog.DiscardHandler), Grace: time.Minute,
	}
	for kind, do := range w.Handlers() {
		runner.Handlers[kind] = func(ctx context.Context, j *work.Job) error {
			err := do(ctx, j)
			stop()
			ended <- err
			return err
		}
	}
	runner.Run(ctx)
	return <-ended
}

// made orders a report, makes it, and returns how it ended.
func (w *world) made(tb testing.TB, r Report) Report {
	tb.Helper()
	r, err := w.begin(tb, r)
	if err != nil {
		tb.Fatal(err)
	}
	if err := w.work(tb); err != nil {
		tb.Fatal(err)
	}
	return w.find(tb, r)
}

func (w *world) find(tb testing.TB, r Report) Report {
	tb.Helper()
	out, err := Find(tb.Context(), w.Store, r, w.now)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// kept returns what is kept here of a report, by key.
func (w *world) kept(tb testing.TB, r Report) map[string]string {
	tb.Helper()
	out := map[string]string{}
	for from := ""; ; {
		list, next, err := List(tb.Context(), w.Store, r, from)
		if err != nil {
			tb.Fatal(err)
		}
		for _, k := range list {
			got, content, err := w.Open(tb.Context(), k)
			if err != nil {
				tb.Fatal(err)
			}
			text, err := io.ReadAll(content)
			_ = content.Close()
			if err != nil || got.Size != int64(len(text)) || k.Size != got.Size {
				tb.Fatalf("%s has %d bytes, not %d: %v", k.Key, len(text), k.Size, err)
			}
			out[k.Key] = string(text)
		}
		if from = next; next == "" {
			return out
		}
	}
}

// A bucketServer speaks as much of S3 as it takes to write objects.
type bucketServer struct {
	*httptest.Server
	mu      sync.Mutex
	objects map[string]string // by bucket/key, with the KMS key before the content
	parts   map[string][]string
	refuse  map[string]refusal // by bucket
}

// A refusal is an error of the service.
type refusal struct {
	status int
	code   string
	after  int // so many objects are taken before
}

func newBucketServer(tb testing.TB) *bucketServer {
	tb.Helper()
	s := &bucketServer{objects: map[string]string{}, parts: map[string][]string{}, refuse: map[string]refusal{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	tb.Cleanup(s.Close)
	return s
}

func (s *bucketServer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	name := strings.TrimPrefix(r.URL.Path, "/")
	bucket, _, _ := strings.Cut(name, "/")
	if no, ok := s.refuse[bucket]; ok && no.after <= len(s.objects) {
		w.WriteHeader(no.status)
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", no.code)
		return
	}
	type answer struct {
		XMLName  xml.Name
		UploadId string `xml:",omitempty"`
	}
	reply := func(v any) { _ = xml.NewEncoder(w).Encode(v) }
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodGet:
		reply(answer{XMLName: xml.Name{Local: "ListMultipartUploadsResult"}})
	case r.Method == http.MethodPost && q.Has("uploads"):
		s.parts[name] = nil
		reply(answer{xml.Name{Local: "InitiateMultipartUploadResult"}, "1"})
	case r.Method == http.MethodPut && q.Has("partNumber"):
		s.parts[name] = append(s.parts[name], string(body))
		w.Header().Set("ETag", `"e"`)
	case r.Method == http.MethodPost:
		s.objects[name] = strings.Join(s.parts[name], "")
		delete(s.parts, name)
		reply(answer{XMLName: xml.Name{Local: "CompleteMultipartUploadResult"}})
	case r.Method == http.MethodDelete:
		delete(s.parts, name)
		w.WriteHeader(http.StatusNoContent)
	default:
		s.objects[name] = r.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id") + string(body)
		w.Header().Set("ETag", `"e"`)
	}
}

// keys returns what is kept in all buckets.
func (s *bucketServer) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for k := range s.objects {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

const (
	succeeded  = inspector2.ExternalReportStatusSucceeded
	inProgress = inspector2.ExternalReportStatusInProgress
	cancelled  = inspector2.ExternalReportStatusCancelled
	failed     = inspector2.ExternalReportStatusFailed
)
