package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// A large store is made of a part that Record wrote, in which each vulnerability
// is once, and of rows like those for all other resources, which have the same
// vulnerabilities and packages. One account in a hundred has a tenth of them.

// generatedVulns is how many vulnerabilities there are.
const generatedVulns = 5_000

// A template is a finding that Record wrote.
type template struct {
	name                               string
	vuln, text, matched, severity, fix int64
	score                              int64
}

// generate fills an empty store with so many findings, ten for each resource on
// average, and counts them.
func generate(tb testing.TB, s *Store, findings int) {
	tb.Helper()
	ctx := tb.Context()
	began := time.Now()
	templates := recordTemplates(tb, s)
	indexes := dropIndexes(tb, s)
	r := rand.New(rand.NewPCG(1, 2))
	for n, left := 0, findings-len(templates); left > 0; {
		err := s.tx(ctx, func(tx *sql.Tx) error {
			var resources, scans, tags, rows [][]any
			for range min(1000, left/10+1) {
				p := generatedResource(tb, n)
				n++
				id := int64(1_000_000 + n)
				when := milliseconds(start) - r.Int64N(90*24*3600*1000)
				resources = append(resources, append([]any{id, int64(p.account), p.Resource.Region, p.kind, p.Resource.ID, "1", when}, p.columns(s.packing)...))
				scans = append(scans, []any{id, int64(p.account), int64(1), int64(1), reasonSuccessful, nil, when, when})
				for k, v := range p.Resource.Labels {
					tags = append(tags, []any{k, v, id, int64(p.account)})
				}
				for _, i := range somePlaces(r, len(templates), min(left, 1+int(r.ExpFloat64()*9.5))) {
					rows = append(rows, findingRow(r, p, id, int64(10_000_000+findings-left), when, templates[i]))
					left--
				}
			}
			for _, part := range []struct {
				head string
				rows [][]any
			}{
				{`INSERT INTO resource (res_id, account_id, region, type, arn, revision, first_at, ` + strings.Join(resourceNames, ", ") + `)`, resources},
				{`INSERT INTO coverage (res_id, account_id, scan_type, code, reason, mode, first_at, last_scanned_at)`, scans},
				{`INSERT INTO resource_tag (k, v, res_id, account_id)`, tags},
				{`INSERT INTO finding (fid, fkey, account_id, res_id, vuln_sk, text_id, match_id, type, res_type, severity, status, fix, score,
					first_at, last_at, updated_at, closed_at, hash)`, rows},
			} {
				if err := s.insert(ctx, tx, part.head, "", part.rows); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	for _, statement := range indexes {
		if _, err := s.write.ExecContext(ctx, statement); err != nil {
			tb.Fatal(err)
		}
	}
	for _, a := range everyone().Accounts() {
		if _, err := s.VerifyCounters(ctx, a); err != nil {
			tb.Fatal(err)
		}
		if _, err := s.Fold(ctx); err != nil {
			tb.Fatal(err)
		}
	}
	if _, err := s.write.ExecContext(ctx, "ANALYZE"); err != nil {
		tb.Fatal(err)
	}
	if s.dialect.parted {
		if _, err := s.write.ExecContext(ctx, "VACUUM ANALYZE"); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Logf("%d findings in %v", findings, time.Since(began))
}

// recordTemplates records each vulnerability once.
func recordTemplates(tb testing.TB, s *Store) []template {
	tb.Helper()
	for n := 0; n < generatedVulns; n += 100 {
		scan := Scan{Resource: image(accountOf(0), n)}
		for i := range 100 {
			scan.Findings = append(scan.Findings, vulnerability(n+i))
		}
		if _, err := s.Record(tb.Context(), everyone(), []Scan{scan}, start); err != nil {
			tb.Fatal(err)
		}
	}
	var out []template
	err := each(tb.Context(), s.read, `SELECT v.vuln_id, f.vuln_sk, f.text_id, f.match_id, f.severity, f.fix, f.score
		FROM finding f JOIN vuln v ON v.vuln_sk = f.vuln_sk ORDER BY v.vuln_id`, nil, func(rows *sql.Rows) error {
		var t template
		err := rows.Scan(&t.name, &t.vuln, &t.text, &t.matched, &t.severity, &t.fix, &t.score)
		out = append(out, t)
		return err
	})
	if err != nil || len(out) != generatedVulns {
		tb.Fatal(len(out), err)
	}
	return out
}

// generatedResource is the n-th resource: of ten, seven are images, two
// instances, and one a function.
func generatedResource(tb testing.TB, n int) *pending {
	tb.Helper()
	account := accountOf(n)
	if n%10 == 3 {
		account = accountOf(3)
	}
	res := image(account, 1_000_000+n)
	res.Created = start.AddDate(0, 0, -n%365).Format(time.RFC3339)
	res.Image.Repository = fmt.Sprintf("team%d/service%d", n%40, n%1999)
	res.Tags = []string{fmt.Sprintf("v%d", n%50)}
	switch n % 10 {
	case 7, 8:
		res = resource.Resource{
			Type: resource.Instance, ID: fmt.Sprintf("i-%017x", n), Account: account.String(), Region: res.Region, Platform: "UBUNTU_22_04",
			Host: resource.Host{Size: "t3.small", Image: fmt.Sprintf("ami-%08x", n%97), Network: fmt.Sprintf("vpc-%d", n%30), Subnet: "subnet-1"},
		}
	case 9:
		res = resource.Resource{
			Type: resource.Function, ID: fmt.Sprintf("arn:aws:lambda:%s:%s:function:f%d:$LATEST", res.Region, account, n),
			Account: account.String(), Region: res.Region, Created: res.Created, Function: resource.Runtime{Runtime: "PYTHON_3_11"},
		}
	}
	res.Labels = map[string]string{"env": []string{"prod", "test", "dev", "dev"}[n%4]}
	if n%100 == 0 {
		res.Labels["owner"] = fmt.Sprintf("owner%d", n%2000)
	}
	p, err := newPending(org.Only(account), &Scan{Resource: res})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// somePlaces returns different places in a list of templates, the first ones more
// often. They are in three of the sampleLayers: an image has vulnerable packages in
// that of the distribution, of a language and its own.
func somePlaces(r *rand.Rand, size, some int) []int {
	var layers [3]int
	for i := range layers {
		layers[i] = int(sampleLayers * math.Pow(r.Float64(), 2))
	}
	seen := map[int]bool{}
	var out []int
	for len(out) < min(some, size/sampleLayers/2) {
		i := int(float64(size/sampleLayers)*math.Pow(r.Float64(), 3))*sampleLayers + layers[r.IntN(len(layers))]
		if !seen[i] {
			seen[i] = true
			out = append(out, i)
		}
	}
	return out
}

// findingRow is a finding of a resource as Record would write it: one of ten is
// closed, one of twenty suppressed.
func findingRow(r *rand.Rand, p *pending, res, fid, when int64, t template) []any {
	k := keyOf(p.Resource, t.name)
	status, closed, updated := int64(activeNumber), any(nil), when
	switch n := r.IntN(20); {
	case n < 2:
		status, updated = closedNumber, when+1000
		closed = updated
	case n == 2:
		status = suppressedNumber
	}
	return []any{
		fid, k[:], int64(p.account), res, t.vuln, t.text, t.matched, int64(packageNumber), p.kind, t.severity, status, t.fix, t.score,
		when - r.Int64N(10)*24*3600*1000, when, updated, closed, fid,
	}
}

// dropIndexes takes the indexes of finding away, and returns the statements that
// make them: making them at once is faster by far.
func dropIndexes(tb testing.TB, s *Store) []string {
	tb.Helper()
	query := `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'finding' AND sql IS NOT NULL`
	if s.dialect.parted {
		query = `SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
			WHERE i.indrelid = 'finding'::regclass AND NOT i.indisunique`
	}
	var names, out []string
	err := each(tb.Context(), s.write, query, nil, func(rows *sql.Rows) error {
		var name, statement string
		err := rows.Scan(&name, &statement)
		names, out = append(names, name), append(out, strings.Replace(statement, " ON ONLY ", " ON ", 1))
		return err
	})
	for _, name := range names {
		if err == nil {
			_, err = s.write.ExecContext(context.WithoutCancel(tb.Context()), "DROP INDEX "+name)
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// TestGenerate: a generated store is like one that was recorded.
func TestGenerate(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		generate(t, s, 8000)
		list := all(t, s, everyone(), nil, Page{Size: MaxPage, Now: start})
		if len(list) != 8000 {
			t.Errorf("%d findings", len(list))
		}
		for _, f := range list {
			if f.ARN != finding.ARN(f.Resource, f.Vulnerability) || len(f.Packages) == 0 {
				t.Fatalf("%+v", f)
			}
		}
	})
}
