package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/export"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
	"github.com/assay-project/assay/inventory"
)

// TestReportLinks orders a report, and loads it down by its link.
func TestReportLinks(t *testing.T) {
	t.Parallel()
	const mine, other = org.Account(111111111111), org.Account(222222222222)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "assay.db"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	blobs, err := store.OpenBlobs(t.TempDir(), store.S3Credentials{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	s := &server{
		store: db, exports: export.Exporter{Store: db, Blobs: blobs, Now: clock}, log: slog.New(slog.DiscardHandler),
		front: api.New(api.Options{Store: db, Now: clock}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+export.Links, s.download)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	s.URL = web.URL

	res := resource.Resource{Type: resource.Instance, ID: "i-0123456789abcdef0", Account: mine.String(), Region: "us-east-1"}
	found := finding.Finding{
		Vulnerability: "CVE-2099-0001", Title: "A flaw", Severity: finding.High, Source: "NVD", Fix: finding.FixNo,
		Packages: []finding.Package{{Package: inventory.Package{Type: "deb", Name: "lib", Version: "1"}}},
	}
	scans := []store.Scan{{Resource: res, Findings: []finding.Finding{found}}}
	if _, err := db.Record(t.Context(), org.Only(mine), scans, now); err != nil {
		t.Fatal(err)
	}
	report := export.Report{
		Kind: export.Findings, Account: mine, ID: uuid.NewString(), Ordered: now, Format: "CSV",
		To: export.Destination{Bucket: export.Own, Prefix: new("a/ü")},
	}
	err = db.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.CreateAccount(t.Context(), store.Account{ID: mine, Name: "mine", Created: now}); err != nil {
			return err
		}
		return export.Begin(t.Context(), tx, report)
	})
	if err != nil {
		t.Fatal(err)
	}
	show := func(account org.Account, id string) (ReportLinks, error) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/assay/v1/reports/"+id, nil)
		r.SetPathValue("id", id)
		out, err := s.reportLinks(t.Context(), request{Request: r, caller: api.Caller{Account: account}, now: now})
		links, _ := out.(ReportLinks)
		return links, err
	}
	if links, err := show(mine, report.ID); err != nil || links.Status != inspector2.ExternalReportStatusInProgress || len(links.Objects) > 0 {
		t.Fatalf("%+v %v", links, err)
	}
	makeReports(t, s)

	links, err := show(mine, report.ID)
	if err != nil || links.Status != inspector2.ExternalReportStatusSucceeded || links.Done != 1 || len(links.Objects) != 1 {
		t.Fatalf("%+v %v", links, err)
	}
	if links.Objects[0].Key != "a/ü"+report.ID+".csv" || !links.Objects[0].Expires.Equal(now.Add(time.Hour)) {
		t.Errorf("%+v", links.Objects[0])
	}
	for _, id := range []string{report.ID, "unknown", ""} {
		if _, err := show(other, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another account sees %q: %v", id, err)
		}
	}
	for account, want := range map[org.Account]int{mine: 1, other: 0} {
		out, err := s.listReports(t.Context(), request{caller: api.Caller{Account: account}, now: now})
		if list, ok := out.(ReportList); err != nil || !ok || len(list.Reports) != want || want > 0 && list.Reports[0].ID != report.ID {
			t.Errorf("reports of %s: %+v %v", account, out, err)
		}
	}
	address := links.Objects[0].URL
	status, text, header := get(t, address)
	if status != http.StatusOK || int64(len(text)) != links.Objects[0].Size || strings.Count(text, "\r\n") != 2 {
		t.Errorf("%d %q", status, text)
	}
	if got := header.Get("Content-Disposition"); got != "attachment; filename*=utf-8''"+url.PathEscape("ü")+report.ID+".csv" {
		t.Error(got)
	}
	if header.Get("Content-Type") != "text/csv; charset=utf-8" || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v", header)
	}
	for _, changed := range []string{
		strings.Replace(address, mine.String(), other.String(), 1), strings.Replace(address, "/0?", "/1?", 1), address + "0",
		strings.Replace(address, "expires=1", "expires=2", 1), address[:strings.IndexByte(address, '?')],
	} {
		if status, text, _ := get(t, changed); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", changed, status, text)
		}
	}
	now = now.Add(export.LinkTime + time.Second)
	if status, _, _ := get(t, address); status != http.StatusForbidden {
		t.Errorf("an old link: %d", status)
	}
	now = now.Add(-time.Minute)
	if _, err := s.exports.Sweep(t.Context(), now.Add(export.Keep)); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := get(t, address); status != http.StatusNotFound {
		t.Errorf("of a report that is kept no longer: %d", status)
	}
}

// makeReports does the one job that waits.
func makeReports(t *testing.T, s *server) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	runner := work.Runner{
		Store: s.store, Queues: map[string]int{export.Queue: 1}, Now: s.front.Now, Log: s.log, Grace: time.Minute, Handlers: map[string]work.Handler{},
	}
	for kind, do := range s.exports.Handlers() {
		runner.Handlers[kind] = func(ctx context.Context, j *work.Job) error {
			defer stop()
			err := do(ctx, j)
			ended <- err
			return err
		}
	}
	runner.Run(ctx)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, address string) (status int, text string, header http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header
}
