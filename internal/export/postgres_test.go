package export

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/assay-project/assay/internal/fault"
)

// postgres makes an empty schema, which goes with the test, and returns its
// address.
func postgres(t *testing.T) string {
	t.Helper()
	place := os.Getenv("ASSAY_TEST_POSTGRES")
	if place == "" {
		t.Skip("ASSAY_TEST_POSTGRES is not set")
	}
	address, err := url.Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	schema := fmt.Sprintf("export%d", os.Getpid())
	db, err := sql.Open("pgx", place)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the test's own context has ended by now
		if _, err := db.ExecContext(context.Background(), "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Error(err)
		}
		_ = db.Close()
	})
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	return address.String()
}

// TestPostgres does once on PostgreSQL what the other tests do on SQLite.
func TestPostgres(t *testing.T) {
	t.Parallel()
	w := newWorldOn(t, postgres(t))
	w.record(t, alice, 30, 20)
	r, err := w.begin(t, Report{Kind: Findings, Format: "JSON"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.begin(t, Report{Kind: Findings, Format: "JSON"}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second report: %v", err)
	}
	if err := w.work(t); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w.expected(t, alice, nil), arns(t, "JSON", w.kept(t, r)[r.ID+".json"])); diff != "" {
		t.Error(diff)
	}
	docs := w.made(t, Report{Kind: SBOMs, Format: "CYCLONEDX_1_4"})
	if docs.Status != succeeded || docs.Done != 30 || len(w.kept(t, docs)) != 30 {
		t.Errorf("%+v", docs)
	}
	other, err := w.begin(t, Report{Kind: SBOMs, Format: "SPDX_2_3"})
	if err != nil {
		t.Fatal(err)
	}
	w.n, w.tick = 0, func(n int) {
		if n == 25 { // the first resources are done
			if err := Cancel(t.Context(), w.Store, other, w.now.Add(time.Second)); err != nil {
				t.Error(err)
			}
		}
	}
	if err := w.work(t); err != nil {
		t.Fatal(err)
	}
	w.tick = nil
	if got := w.find(t, other); got.Status != cancelled || got.Done != resourcesAtOnce || len(w.kept(t, other)) > 0 {
		t.Errorf("%+v", got)
	}
	if n, err := w.Sweep(t.Context(), start.Add(Keep)); n != 3 || err != nil {
		t.Errorf("swept %d: %v", n, err)
	}
}
