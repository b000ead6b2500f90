package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// What the benchmarks of counters count: ten findings on each of 100,000
// resources in 100 accounts.
const (
	manyResources = 100_000
	findingsEach  = 10
	manyMatches   = 10_000
	manyVulns     = 5_000
)

// fillMany writes rows as fast as the database takes them, and lets
// VerifyCounters count them.
func fillMany(b *testing.B, s *Store) {
	b.Helper()
	insert := func(head string, rows [][]any) {
		for _, row := range rows {
			for i, v := range row {
				if n, ok := v.(int); ok {
					row[i] = int64(n)
				}
			}
		}
		if err := s.tx(b.Context(), func(tx *sql.Tx) error { return s.insert(b.Context(), tx, head, "", rows) }); err != nil {
			b.Fatal(err)
		}
	}
	var vulns, matched, packages [][]any
	for i := range int64(manyVulns) {
		vulns = append(vulns, []any{i + 1, fmt.Sprintf("CVE-2099-%05d", i), "DEBIAN_CVE", boolean(i%20 == 0), 0, "{}"})
	}
	for i := range int64(manyMatches) {
		name := fmt.Sprint("libexample", i%600)
		matched = append(matched, []any{i + 1, fmt.Appendf(nil, "%016d", i), fmt.Sprintf("CVE-2099-%05d - %s", i%manyVulns, name), []byte{}})
		for j := range 1 + i%3 {
			packages = append(packages, []any{
				i + 1, j, fmt.Sprint(name, "-", j), "1.0", fmt.Sprintf("sha256:%064x", i%40), fmt.Sprint("arn:aws:lambda:layer:", i%30),
			})
		}
	}
	insert(`INSERT INTO vuln (vuln_sk, vuln_id, source, exploit, rev, live)`, vulns)
	insert(`INSERT INTO matched (match_id, digest, title, doc)`, matched)
	insert(`INSERT INTO match_pkg (match_id, ordinal, name, version, layer, lambda_layer)`, packages)
	for first := 0; first < manyResources; first += 2000 {
		var resources, findings [][]any
		for n := first; n < first+2000; n++ {
			r, row := manyResource(b, n)
			resources = append(resources, row)
			for j := range findingsEach {
				match := (n/100*37 + n%100*13 + j*7) % manyMatches
				fid := int64(n*findingsEach + j + 1)
				findings = append(findings, []any{
					fid, fmt.Appendf(nil, "%016d", fid), int64(accountOf(n)), n + 1, 1 + match%manyVulns, 0, 1 + match, 1 + boolean(j == 0),
					slices.Index(resourceNumbers, r.Type), (match + j) % 6, 1, match % 3, 50, 0, fid, 0, 0,
				})
			}
		}
		insert(`INSERT INTO resource (res_id, account_id, region, type, arn, revision, first_at, repo, ami, fn_name,
			cloud, cloud_account, cloud_region, doc)`, resources)
		insert(`INSERT INTO finding (fid, fkey, account_id, res_id, vuln_sk, text_id, match_id, type, res_type, severity, status, fix,
			score, first_at, last_at, updated_at, hash)`, findings)
	}
	for _, a := range everyone().Accounts() {
		if _, err := s.VerifyCounters(b.Context(), a); err != nil {
			b.Fatal(err)
		}
	}
	if s.dialect.parted { // as its own service does after a while
		if _, err := s.write.ExecContext(b.Context(), "VACUUM ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
}

// manyResource returns the n-th resource and its row.
func manyResource(b *testing.B, n int) (resource.Resource, []any) {
	b.Helper()
	r := image(accountOf(n), n)
	var repo, ami, name any
	switch n % 10 {
	case 0, 1:
		r.Type, r.ID = resource.Instance, fmt.Sprintf("i-%017d", n)
		r.Host.Image = fmt.Sprintf("ami-%08d", n%200)
		ami = r.Host.Image
	case 2:
		r.Type, r.ID = resource.Function, fmt.Sprint("arn:aws:lambda:eu-central-1:", r.Account, ":function:f", n)
		name = fmt.Sprint("f", n)
	default:
		r.Image.Repository = fmt.Sprint("shop/", n%1000)
		repo = r.Image.Repository
	}
	doc, err := json.Marshal(r)
	if err != nil {
		b.Fatal(err)
	}
	return r, []any{
		n + 1, int64(accountOf(n)), r.Region, slices.Index(resourceNumbers, r.Type), r.ID, "", 0, repo, ami, name,
		"AWS", r.Account, r.Region, doc,
	}
}

// BenchmarkAggregate makes the first and the second page of each type, for
// everybody and for one account; the promise is 50 ms for a page.
func BenchmarkAggregate(b *testing.B) {
	onBothDatabases(b, func(b *testing.B, s *Store) {
		b.Helper()
		fillMany(b, s)
		b.Run("fold", func(b *testing.B) {
			for b.Loop() {
				n, err := s.Fold(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(n), "changes")
			}
		})
		if _, err := s.write.ExecContext(b.Context(), `ANALYZE`); err != nil {
			b.Fatal(err)
		}
		benchAggregations(b, s)
	})
}

func benchAggregations(b *testing.B, s *Store) {
	b.Helper()
	for _, kind := range sortedKeys(aggregations) {
		for name, scope := range map[string]org.Scope{"all": everyone(), "one": org.Only(accountOf(0))} {
			first := Aggregation{Type: kind, Now: start}
			_, token, err := s.Aggregate(b.Context(), scope, first)
			if err != nil {
				b.Fatal(err)
			}
			second := first
			second.After = token
			critical := Aggregation{Type: kind, Sort: "CRITICAL", Now: start}
			for page, a := range map[string]Aggregation{"first": first, "second": second, "critical": critical} {
				b.Run(kind+"/"+name+"/"+page, func(b *testing.B) {
					for b.Loop() {
						if _, _, err := s.Aggregate(b.Context(), scope, a); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
	for name, a := range map[string]Aggregation{
		"title":      {Type: "TITLE", Where: filter.Criteria{"vulnerabilityIds": equalTo("CVE-2099-00100")}},
		"titles":     {Type: "TITLE", ResourceType: "AWS_LAMBDA_FUNCTION"},
		"package":    {Type: "PACKAGE", Where: filter.Criteria{"packageNames": filter.Text(filter.Prefix, "libexample1")}},
		"repository": {Type: "REPOSITORY", Where: filter.Criteria{"repositories": equalTo("shop/5")}},
		"image":      {Type: "AWS_ECR_CONTAINER", Where: filter.Criteria{"repositories": equalTo("shop/5")}},
		"layer":      {Type: "IMAGE_LAYER", Where: filter.Criteria{"repositories": equalTo("shop/5")}},
		"layers":     {Type: "IMAGE_LAYER", Where: filter.Criteria{"cloudProviders": equalTo("AWS")}},
		"type":       {Type: "FINDING_TYPE", FindingType: "PACKAGE_VULNERABILITY"},
	} {
		a.Now = start
		b.Run("filter/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := s.Aggregate(b.Context(), everyone(), a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
