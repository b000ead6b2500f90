package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// A ledger is what is in the tables, kept beside them in memory.
type ledger struct {
	store     *Store
	rand      *rand.Rand
	accounts  []org.Account
	resources []*ledgerResource
	matches   []ledgerMatch
	vulns     []ledgerVuln
	lastFID   int64
}

type ledgerResource struct {
	resource.Resource
	id       int64
	account  org.Account
	findings map[int64]*ledgerFinding // active ones, by number
}

type ledgerFinding struct {
	counted
	vuln  ledgerVuln
	match ledgerMatch
}

type ledgerMatch struct {
	id                             int64
	title                          string
	packages, layers, lambdaLayers []string
}

type ledgerVuln struct {
	sk      int64
	id      string
	exploit bool
}

// newLedger makes resources of all types in three accounts, without findings.
func newLedger(t *testing.T, s *Store, seed uint64) *ledger {
	t.Helper()
	w := &ledger{
		store: s, rand: rand.New(rand.NewPCG(seed, 1)), accounts: []org.Account{111111111111, 222222222222, 333333333333},
	}
	for i := range int64(12) {
		v := ledgerVuln{i + 1, fmt.Sprintf("CVE-2099-%d", i/2), i%4 < 2} // each from two sources
		w.vulns = append(w.vulns, v)
		w.exec(t, `INSERT INTO vuln (vuln_sk, vuln_id, source, exploit, rev, live) VALUES ($1, $2, $3, $4, 0, '{}')`,
			v.sk, v.id, fmt.Sprint("S", i%2), boolean(v.exploit))
	}
	for i := range int64(20) {
		m := ledgerMatch{id: i + 1, title: fmt.Sprintf("A flaw of %d", i%7)}
		w.exec(t, `INSERT INTO matched (match_id, digest, title, doc) VALUES ($1, $2, $3, $4)`, m.id, []byte{byte(i)}, m.title, []byte{})
		for j := range 1 + w.rand.Int64N(4) {
			name, layer, arn := fmt.Sprint("lib", w.rand.IntN(9)), fmt.Sprint("sha256:", w.rand.IntN(5)), fmt.Sprint("arn:layer", w.rand.IntN(3))
			w.exec(t, `INSERT INTO match_pkg (name, version, match_id, ordinal, layer, lambda_layer) VALUES ($1, '1', $2, $3, $4, $5)`,
				name, m.id, j, layer, arn)
			m.packages, m.layers, m.lambdaLayers = with(m.packages, name), with(m.layers, layer), with(m.lambdaLayers, arn)
		}
		w.matches = append(w.matches, m)
	}
	for i := range int64(30) {
		w.addResource(t, i)
	}
	return w
}

func (w *ledger) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := w.store.write.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func boolean(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// addResource makes the i-th resource.
func (w *ledger) addResource(t *testing.T, i int64) {
	t.Helper()
	account := w.accounts[i%3]
	r := resource.Resource{Account: account.String(), Region: "eu-central-1", ID: fmt.Sprint("arn:", i)}
	switch i % 5 {
	case 0, 1:
		r.Type, r.Digest, r.Arch, r.Tags = resource.Image, fmt.Sprint("sha256:", i), []string{"amd64", "arm64"}[i%2], []string{"v1", fmt.Sprint("t", i%4)}
		uses := i % 4
		r.Image = resource.ImageUse{Repository: fmt.Sprint("repo", i%4), Registry: "registry", Uses: &uses, Used: "2026-01-02T03:04:05Z"}
	case 2:
		r.Type, r.Platform, r.Labels = resource.Instance, fmt.Sprint("OS_", i%2), map[string]string{"team": fmt.Sprint(i % 3)}
		r.Host.Image = fmt.Sprintf("ami-%08d", i%3)
	case 3:
		r.Type, r.Layers, r.Labels = resource.Function, []string{"arn:layer"}, map[string]string{"team": "x"}
		r.Function = resource.Runtime{Name: fmt.Sprint("fn", i%3), Runtime: "PYTHON_3_11"}
	case 4:
		r.Type = resource.Code
		r.Code = resource.CodeHost{Project: fmt.Sprint("project", i), Host: "GITHUB"}
	}
	r = r.Complete()
	doc, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var used any
	if r.Image.Used != "" {
		used = milliseconds(start)
	}
	w.exec(t, `INSERT INTO resource (res_id, account_id, region, type, arn, revision, first_at, platform, used_at, uses, arch, registry, repo,
		image_tags, digest, ami, fn_name, fn_runtime, project, code_host, cloud, cloud_account, cloud_region, doc)
		VALUES ($1, $2, $3, $4, $5, '', 0, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
		i+1, int64(account), r.Region, slices.Index(resourceNumbers, r.Type), r.ID, nullText(r.Platform), used, r.Image.Uses, nullText(r.Arch),
		nullText(r.Image.Registry), nullText(r.Image.Repository), filter.Join(r.Tags), nullText(r.Digest), nullText(r.Host.Image), nullText(r.Function.Name),
		nullText(r.Function.Runtime), nullText(r.Code.Project), nullText(r.Code.Host), "AWS", r.Account, r.Region, string(doc))
	for _, k := range sortedKeys(r.Labels) {
		w.exec(t, `INSERT INTO resource_tag (k, v, res_id, account_id) VALUES ($1, $2, $3, $4)`, k, r.Labels[k], i+1, int64(account))
	}
	w.resources = append(w.resources, &ledgerResource{r, i + 1, account, map[int64]*ledgerFinding{}})
}

func nullText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// step changes the findings of a resource, or the resource.
func (w *ledger) step(t *testing.T) {
	t.Helper()
	r := w.resources[w.rand.IntN(len(w.resources))]
	err := w.store.tx(t.Context(), func(tx *sql.Tx) error {
		exec := func(query string, args ...any) {
			if _, err := tx.ExecContext(t.Context(), query, args...); err != nil {
				t.Fatal(err)
			}
		}
		if w.rand.IntN(8) == 0 {
			switch r.Type {
			case resource.Image:
				r.Image.Repository = fmt.Sprint("repo", w.rand.IntN(4))
			case resource.Instance:
				r.Host.Image = fmt.Sprintf("ami-%08d", w.rand.IntN(3))
			}
			doc, err := json.Marshal(r.Resource)
			if err != nil {
				t.Fatal(err)
			}
			exec(`UPDATE resource SET repo = $1, ami = $2, doc = $3 WHERE res_id = $4 AND account_id = $5`,
				nullText(r.Image.Repository), nullText(r.Host.Image), string(doc), r.id, int64(r.account))
			return w.store.count(t.Context(), tx, []counted{{account: int64(r.account), res: r.id}})
		}
		var list []counted
		for _, fid := range sortedKeys(r.findings) {
			f := r.findings[fid]
			switch w.rand.IntN(4) {
			case 0: // closed or suppressed
				old := f.counted
				old.n = -1
				list = append(list, old)
				exec(`UPDATE finding SET status = $1 WHERE fid = $2 AND account_id = $3`, 2+w.rand.IntN(2), fid, f.account)
				delete(r.findings, fid)
			case 1: // updated
				old := f.counted
				old.n = -1
				f.severity, f.fix, f.match = w.rand.Int64N(6), w.rand.Int64N(3), w.matches[w.rand.IntN(len(w.matches))]
				f.counted.match = f.match.id
				list = append(list, old, f.counted)
				exec(`UPDATE finding SET severity = $1, fix = $2, match_id = $3 WHERE fid = $4 AND account_id = $5`,
					f.severity, f.fix, f.match.id, fid, f.account)
			}
		}
		for range w.rand.IntN(5) {
			w.lastFID++
			f := &ledgerFinding{vuln: w.vulns[w.rand.IntN(len(w.vulns))], match: w.matches[w.rand.IntN(len(w.matches))]}
			f.counted = counted{
				account: int64(r.account), res: r.id, vuln: f.vuln.sk, match: f.match.id, ftype: 1 + w.rand.Int64N(3),
				rtype: int64(slices.Index(resourceNumbers, r.Type)), severity: w.rand.Int64N(6), fix: w.rand.Int64N(3), n: 1,
			}
			exec(`INSERT INTO finding (fid, fkey, account_id, res_id, vuln_sk, text_id, match_id, type, res_type, severity, status, fix, score,
				first_at, last_at, updated_at, hash) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, 1, $10, 0, 0, 0, 0, 0)`,
				w.lastFID, fmt.Appendf(nil, "%016d", w.lastFID), f.account, f.res, f.counted.vuln, f.counted.match, f.ftype, f.rtype, f.severity, f.fix)
			r.findings[w.lastFID] = f
			list = append(list, f.counted)
		}
		return w.store.count(t.Context(), tx, list)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// verify wants all counters to be what the findings say.
func (w *ledger) verify(t *testing.T) {
	t.Helper()
	for _, a := range w.accounts {
		diff, err := w.store.VerifyCounters(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if len(diff) > 0 {
			t.Errorf("account %s: %+v", a, diff)
		}
	}
}

// TestRollups changes findings and resources at random: the counters are
// always what counting all findings gives.
func TestRollups(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		w := newLedger(t, s, 1)
		for i := range 120 {
			w.step(t)
			if i%13 == 0 {
				if _, err := s.Fold(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if i%40 == 0 {
				w.verify(t)
			}
		}
		w.verify(t)
		if _, err := s.Fold(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.verify(t)
		w.checkTitles(t)
		for _, r := range w.resources { // everything is gone in the end
			err := s.tx(t.Context(), func(tx *sql.Tx) error {
				var list []counted
				for _, fid := range sortedKeys(r.findings) {
					f := r.findings[fid].counted
					f.n = -1
					list = append(list, f)
				}
				if _, err := tx.ExecContext(t.Context(), `UPDATE finding SET status = 3 WHERE res_id = $1`, r.id); err != nil {
					return err
				}
				return s.count(t.Context(), tx, list)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		w.verify(t)
		if n, err := s.Fold(t.Context()); err != nil || n == 0 {
			t.Errorf("folding: %d, %v", n, err)
		}
		var left int
		row := s.read.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM agg) + (SELECT count(*) FROM agg_delta)
			+ (SELECT count(*) FROM resource_count)`)
		if err := row.Scan(&left); err != nil || left != 0 {
			t.Errorf("%d counters are left, %v", left, err)
		}
	})
}

// checkTitles: a title has one row, or several parts and their sum.
func (w *ledger) checkTitles(t *testing.T) {
	t.Helper()
	parts, wrong := 0, 0
	err := w.store.read.QueryRowContext(t.Context(), `SELECT coalesce(sum(parts), 0), coalesce(sum(CASE WHEN rows = 1 AND
			(parts = 0 AND sums = 0 OR parts > 0 AND sums = 1) THEN 0 ELSE 1 END), 0) FROM (
		SELECT sum(CASE WHEN dim = 2 THEN 1 ELSE 0 END) AS rows, sum(CASE WHEN dim = 2 AND rtype = 0 THEN 1 ELSE 0 END) AS sums,
			sum(CASE WHEN dim = 9 THEN 1 ELSE 0 END) AS parts
		FROM agg WHERE dim IN (2, 9) GROUP BY k, account_id, ftype) z`).Scan(&parts, &wrong)
	if err != nil || parts == 0 || wrong > 0 {
		t.Errorf("%d parts, %d titles are wrong, %v", parts, wrong, err)
	}
}

// TestVerifyCounters repairs what was broken on purpose, and says so.
func TestVerifyCounters(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		w := newLedger(t, s, 2)
		for range 60 {
			w.step(t)
		}
		for _, broken := range []string{
			`UPDATE agg SET n_all = n_all + 5, n_high = n_high - 1 WHERE dim = 2 AND rtype = 0`,
			`UPDATE agg SET n_all = n_all + 5, n_crit = n_crit + 1 WHERE dim = 2 AND rtype <> 0`,
			`UPDATE agg SET n_res = n_res + 1 WHERE dim = 4`,
			`UPDATE resource_count SET n_net = n_net + 1, n_med = 7`,
			`UPDATE resource_count SET k = 0`,
			`DELETE FROM resource_count`,
			`DELETE FROM agg`,
			`DELETE FROM agg_delta`,
			`DELETE FROM agg_key WHERE dim = 3`,
		} {
			for i := range 20 {
				if w.step(t); i == 15 {
					if _, err := s.Fold(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			w.verify(t)
			w.exec(t, broken)
			var found []Difference
			for _, a := range w.accounts {
				diff, err := s.VerifyCounters(t.Context(), a)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, diff...)
			}
			if len(found) == 0 {
				t.Errorf("nothing was found after %s", broken)
			}
			w.verify(t)
			if _, err := s.Fold(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.verify(t)
		}
	})
}

// TestFoldKeepsAnswers wants the same answers before and after changes are
// added up.
func TestFoldKeepsAnswers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		w := newLedger(t, s, 3)
		for range 50 {
			w.step(t)
		}
		for _, kind := range sortedKeys(aggregations) {
			before := w.list(t, Aggregation{Type: kind})
			if _, err := s.Fold(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, w.list(t, Aggregation{Type: kind})); diff != "" {
				t.Errorf("%s (-before +after):\n%s", kind, diff)
			}
			w.step(t)
		}
	})
}

// TestRollupsOfRecord scans, suppresses, ends and removes at random: the
// counters are always what counting all findings gives.
func TestRollupsOfRecord(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		r := rand.New(rand.NewPCG(8, 1))
		accounts := []org.Account{111111111111, 222222222222}
		scope := org.Only(accounts...)
		verify := func() {
			t.Helper()
			for _, a := range accounts {
				if diff, err := s.VerifyCounters(t.Context(), a); err != nil || len(diff) > 0 {
					t.Fatalf("account %s: %+v, %v", a, diff, err)
				}
			}
		}
		res := func(n int) resource.Resource {
			out := image(accounts[n%2], n)
			switch n % 3 {
			case 1:
				out.Type, out.ID, out.Host.Image = resource.Instance, fmt.Sprintf("i-%017d", n), fmt.Sprintf("ami-%08d", r.IntN(2))
			case 2:
				out.Type, out.ID = resource.Function, fmt.Sprint("arn:aws:lambda:eu-central-1:", out.Account, ":function:f", n)
			}
			return out
		}
		var rule SavedFilter
		now := start
		for i := range 60 {
			now = now.Add(time.Duration(r.IntN(100)) * time.Hour) // past the time of reopening at times
			var err error
			switch what := r.IntN(12); {
			case what == 0:
				err = s.Gone(t.Context(), scope, []resource.Resource{res(r.IntN(9))}, now)
			case what == 1:
				err = s.RemoveType(t.Context(), org.Only(accounts[0]), []resource.Type{resource.Function}, now)
			case what == 2:
				_, err = s.Sweep(t.Context(), now, DefaultRetention)
			case what == 3:
				_, err = s.Fold(t.Context())
			case what < 6 && rule.ARN == "":
				err = s.Update(t.Context(), func(tx *Tx) error {
					var err error
					rule, err = tx.CreateFilter(t.Context(), org.Only(accounts[1]), "eu-central-1", SavedFilter{
						Account: accounts[1], Name: fmt.Sprint(i), Action: Suppress,
						Criteria: filter.Criteria{"severity": filter.Text(filter.Equals, "HIGH", "LOW")},
					}, now)
					return err
				})
				if err == nil {
					err = s.ApplyRule(t.Context(), rule, 1000, now)
				}
			case what < 6:
				err = s.Update(t.Context(), func(tx *Tx) error {
					_, err := tx.DeleteFilter(t.Context(), org.Only(accounts[1]), rule.ARN, now)
					return err
				})
				if err == nil {
					err = s.ApplyRule(t.Context(), rule, 1000, now)
					rule = SavedFilter{}
				}
			default:
				var scans []Scan
				for _, n := range r.Perm(9)[:1+r.IntN(4)] {
					scans = append(scans, Scan{Resource: res(n), Findings: vulnerabilities(r, r.IntN(9), 15), Incomplete: r.IntN(4) == 0})
				}
				_, err = s.Record(t.Context(), scope, scans, now)
			}
			if err != nil {
				t.Fatal(err)
			}
			if i%6 == 0 {
				verify()
			}
		}
		verify()
	})
}
