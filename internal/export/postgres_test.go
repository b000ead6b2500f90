package export

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/store/storetest"
)

// postgres makes an empty database, which goes with the test, and returns its
// address.
func postgres(t *testing.T) string {
	t.Helper()
	return storetest.Postgres(t, store.Open)
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
