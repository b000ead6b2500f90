package store

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/assay-project/assay/internal/org"
)

// openBefore opens a new database whose schema is that before a migration.
func openBefore(t *testing.T, place string, version int64) *Store {
	t.Helper()
	s := &Store{key: [32]byte{1}, ids: map[string]block{}, wake: make(chan struct{}, 1)}
	connect := s.connectSQLite
	if filepath.Ext(place) != ".db" {
		connect = s.connectPostgres
	}
	if err := connect(place); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if s.dialect.parted { // new ones have the schema of this release
		if _, err := s.write.ExecContext(t.Context(), `DROP SCHEMA public CASCADE; CREATE SCHEMA public`); err != nil {
			t.Fatal(err)
		}
	}
	steps, err := migrations(s.dialect)
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(s.dialect.goose, s.write, nil, goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), version-1); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMigrateCounters takes counters and resources of the schema before 10 over:
// the counters are what the findings say, those of resources (11) too.
func TestMigrateCounters(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(tb testing.TB) string{
		"sqlite":   func(tb testing.TB) string { tb.Helper(); return filepath.Join(tb.TempDir(), "assay.db") },
		"postgres": postgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openBefore(t, place(t), 10)
			w := newLedger(t, s, 5)
			// What counts findings now has the counters of resources elsewhere.
			w.exec(t, `CREATE TABLE resource_count (res_id BIGINT PRIMARY KEY, account_id BIGINT, type BIGINT, k BIGINT, n_all BIGINT,
				n_crit BIGINT, n_high BIGINT, n_med BIGINT, n_fix BIGINT, n_net BIGINT)`)
			for range 60 {
				w.step(t)
			}
			// As Fold did.
			for _, statement := range []string{
				`INSERT INTO agg (dim, k, account_id, res_id, ftype, rtype, n_all, n_crit, n_high, n_med, n_fix, n_res)
					SELECT dim, k, account_id, res_id, ftype, rtype, sum(n_all), sum(n_crit), sum(n_high), sum(n_med), sum(n_fix), sum(n_res)
					FROM agg_delta GROUP BY dim, k, account_id, res_id, ftype, rtype HAVING sum(n_all) > 0`,
				`INSERT INTO agg (dim, k, account_id, res_id, ftype, rtype, n_all, n_crit, n_high, n_med, n_fix, n_res)
					SELECT dim, k, account_id, res_id, ftype, 0, sum(n_all), sum(n_crit), sum(n_high), sum(n_med), sum(n_fix), 0
					FROM agg WHERE dim = 2 GROUP BY dim, k, account_id, res_id, ftype`,
				`DELETE FROM agg_delta`,
				`INSERT INTO agg (dim, k, account_id, res_id, ftype, rtype, n_all, n_crit, n_high, n_med, n_fix, n_res)
					SELECT 8, vuln_sk, account_id, 0, type, res_type, count(*), 0, 0, 0, 0, 0 FROM finding WHERE status = 1
					GROUP BY vuln_sk, account_id, type, res_type`,
			} {
				w.exec(t, statement)
			}
			for range 10 { // not yet added up
				w.step(t)
			}
			w.exec(t, `UPDATE resource SET n_all = c.n_all, n_crit = c.n_crit, n_high = c.n_high, n_med = c.n_med, n_fix = c.n_fix, n_net = c.n_net,
				k_repo = CASE WHEN resource.type = 1 THEN 0 ELSE c.k END, k_ami = CASE WHEN resource.type = 1 THEN c.k ELSE 0 END
				FROM resource_count c WHERE c.res_id = resource.res_id`)
			w.exec(t, `DROP TABLE resource_count`)
			if err := s.prepare(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.verify(t)
			for _, kind := range sortedKeys(tallyOracles) {
				want := without(kind, w.want(org.Only(w.accounts...), tallyOracles[kind]))
				got := without(kind, w.list(t, Aggregation{Type: kind}))
				slices.SortFunc(got, byIdentity)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", kind, diff)
				}
			}
			if _, err := s.Fold(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.verify(t)
			w.checkTitles(t)
		})
	}
}
