package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Limits of what a summary reads.
const (
	// remedyRows is how many findings are looked at to tell what closes those of
	// one package.
	remedyRows = 1000
	// newestRows is how many of the newest findings are looked at.
	newestRows = 2000
	// newestVulns is how many of their vulnerabilities.
	newestVulns = 60
)

// TypeCoverage is how many resources of a type are scanned for packages, and why
// the others are not.
type TypeCoverage struct {
	Type    resource.Type
	Total   int64
	Scanned int64
	Reasons []Group // of those that are not, from the most frequent
}

// CoverageByType returns the coverage of each type of resource that there is, in
// the order of the types. Resources that are gone do not count.
func (s *Store) CoverageByType(ctx context.Context, scope org.Scope) ([]TypeCoverage, error) {
	accounts := accountNumbers(scope)
	if len(scope.Accounts()) == 0 {
		return nil, nil
	}
	byType := map[int64]*TypeCoverage{}
	var a arguments
	query := `SELECT type, CAST(sum(n) AS BIGINT) FROM (
		SELECT type, count(*) AS n FROM resource WHERE ` + inAccounts(s.dialect, &a, "account_id", accounts) + ` GROUP BY type
		UNION ALL SELECT type, -count(*) AS n FROM resource WHERE gone_at IS NOT NULL AND ` + inAccounts(s.dialect, &a, "+account_id", accounts) + ` GROUP BY type
		) z GROUP BY type`
	err := each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var kind, n int64
		err := rows.Scan(&kind, &n)
		if n > 0 && named(resourceNumbers, kind) {
			byType[kind] = &TypeCoverage{Type: resourceNumbers[kind], Total: n, Scanned: n}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counting resources: %w", err)
	}
	// Only those that are not scanned are looked up: most are.
	a = arguments{}
	query = `SELECT r.type, c.reason, count(*) FROM coverage c CROSS JOIN resource r WHERE ` +
		inAccounts(s.dialect, &a, "c.account_id", accounts) +
		` AND c.scan_type = 1 AND c.code <> 1 AND r.res_id = c.res_id AND r.gone_at IS NULL GROUP BY r.type, c.reason`
	err = each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var kind int64
		var g Group
		err := rows.Scan(&kind, &g.Value, &g.Count)
		if t := byType[kind]; t != nil {
			t.Scanned -= g.Count
			t.Reasons = append(t.Reasons, g)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counting coverage: %w", err)
	}
	var out []TypeCoverage
	for _, kind := range sortedKeys(byType) {
		t := byType[kind]
		slices.SortFunc(t.Reasons, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
		out = append(out, *t)
	}
	return out, nil
}

// TypeCounts is the active findings of one type.
type TypeCounts struct {
	Type                             string // empty: of all types
	All, Critical, High, Medium, Fix int64  // Fix: there is a fix, if only for some of the packages
}

// ActiveByType returns how many active findings of each type there are, in the
// order of the types, after the sum over all, and how many can be exploited.
func (s *Store) ActiveByType(ctx context.Context, scope org.Scope) (out []TypeCounts, exploitable int64, err error) {
	out = []TypeCounts{{}}
	accounts := accountNumbers(scope)
	if len(scope.Accounts()) == 0 {
		return out, 0, nil
	}
	var a arguments
	var parts, exploited []string
	for _, table := range []string{"agg", "agg_delta"} {
		parts = append(parts, "SELECT ftype, n_all, n_crit, n_high, n_med, n_fix FROM "+table+" WHERE dim = 1 AND "+
			inAccounts(s.dialect, &a, "account_id", accounts))
	}
	query := `SELECT ftype, CAST(sum(n_all) AS BIGINT), CAST(sum(n_crit) AS BIGINT), CAST(sum(n_high) AS BIGINT), CAST(sum(n_med) AS BIGINT),
		CAST(sum(n_fix) AS BIGINT) FROM (` + strings.Join(parts, " UNION ALL ") + `) z GROUP BY ftype ORDER BY ftype`
	err = each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var kind int64
		var t TypeCounts
		err := rows.Scan(&kind, &t.All, &t.Critical, &t.High, &t.Medium, &t.Fix)
		if t.All > 0 && named(typeNumbers, kind) {
			t.Type = typeNumbers[kind]
			sum := &out[0]
			sum.All, sum.Critical, sum.High, sum.Medium, sum.Fix = sum.All+t.All, sum.Critical+t.Critical, sum.High+t.High, sum.Medium+t.Medium, sum.Fix+t.Fix
			out = append(out, t)
		}
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("counting findings by type: %w", err)
	}
	a = arguments{}
	for _, table := range []string{"agg", "agg_delta"} {
		exploited = append(exploited, fmt.Sprintf("SELECT a.n_all FROM %s a WHERE %s AND +a.dim = %d AND ", table, exploitedTitles, dimTitle)+
			inAccounts(s.dialect, &a, "+a.account_id", accounts))
	}
	query = `SELECT CAST(coalesce(sum(n_all), 0) AS BIGINT) FROM (` + strings.Join(exploited, " UNION ALL ") + `) z`
	if err := s.read.QueryRowContext(ctx, query, a.values...).Scan(&exploitable); err != nil {
		return nil, 0, fmt.Errorf("counting what can be exploited: %w", err)
	}
	return out, exploitable, nil
}

// Remedy is what closes findings of a package.
type Remedy struct {
	Type      string // of the package, as in a purl
	Version   string // to upgrade to; empty if no version is known
	Command   string // that does so; empty if there is none
	Resources int    // that have active findings of it, as far as they were looked at
	More      bool   // there may be others
}

// Remedy returns what closes the active findings of packages of a name. It looks
// at a thousand of them at most.
func (s *Store) Remedy(ctx context.Context, scope org.Scope, name string) (out Remedy, err error) {
	accounts := accountNumbers(scope)
	if len(scope.Accounts()) == 0 {
		return out, nil
	}
	a := arguments{values: []any{name}}
	query := fmt.Sprintf(`SELECT f.match_id, f.res_id FROM match_pkg p CROSS JOIN %s f WHERE p.name = $1 AND f.match_id = p.match_id
		AND f.status = 1 AND %s LIMIT %d`, s.dialect.findings(s.dialect.partOfAll(accounts)),
		inAccounts(s.dialect, &a, "+f.account_id", accounts), remedyRows)
	resources, matches, n := map[int64]bool{}, map[int64]affected{}, 0
	err = each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var match, res int64
		err := rows.Scan(&match, &res)
		n++
		resources[res], matches[match] = true, affected{}
		return err
	})
	if err != nil {
		return out, fmt.Errorf("looking for what closes findings of %s: %w", name, err)
	}
	if err := lookUp(ctx, s, source{"match_id", "matched", "doc", s.packing.unpack}, &s.matched, matches); err != nil {
		return out, fmt.Errorf("looking for what closes findings of %s: %w", name, err)
	}
	out.Resources, out.More = len(resources), n == remedyRows
	for _, id := range sortedKeys(matches) {
		for _, p := range matches[id].Packages {
			if p.Name != name {
				continue
			}
			out.Type = cmp.Or(out.Type, p.Type)
			if p.Type != out.Type || p.Fixed == "" {
				continue
			}
			if later := ecosystem.Later(p.Type, out.Version, p.Fixed); later == p.Fixed && later != out.Version {
				out.Version, out.Command = later, p.Remediation
			}
		}
	}
	return out, nil
}

// Hit is a vulnerability that resources have.
type Hit struct {
	Vulnerability string
	Title         string
	Severity      string // the gravest of the findings that were looked at
	Published     time.Time
	Findings      int64 // active, each of another resource
}

// NewestHits returns vulnerabilities of the findings that were first seen last, at
// most so many: those that were published last first.
func (s *Store) NewestHits(ctx context.Context, scope org.Scope, most int) (out []Hit, err error) {
	accounts := accountNumbers(scope)
	if len(scope.Accounts()) == 0 {
		return nil, nil
	}
	var a arguments
	query := fmt.Sprintf(`SELECT vuln_sk, text_id, match_id, severity FROM (SELECT f.account_id, f.vuln_sk, f.text_id, f.match_id, f.severity
		FROM %s f WHERE f.status = 1 ORDER BY f.first_at DESC, f.fid DESC LIMIT %d) n WHERE vuln_sk <> 0 AND %s`,
		s.dialect.findings(s.dialect.partOfAll(accounts)), newestRows, inAccounts(s.dialect, &a, "account_id", accounts))
	type found struct{ vuln, text, match, severity int64 }
	byVuln := map[int64]*found{}
	err = each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var f found
		err := rows.Scan(&f.vuln, &f.text, &f.match, &f.severity)
		if known := byVuln[f.vuln]; known != nil {
			known.severity = max(known.severity, f.severity)
		} else if len(byVuln) < newestVulns {
			byVuln[f.vuln] = &f
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for the newest findings: %w", err)
	}
	texts, matches := map[int64]text{}, map[int64]affected{}
	for _, f := range byVuln {
		texts[f.text], matches[f.match] = text{}, affected{}
	}
	if err := lookUp(ctx, s, source{"doc_id", "document", "doc", s.packing.unpack}, &s.texts, texts); err != nil {
		return nil, err
	}
	if err := lookUp(ctx, s, source{"match_id", "matched", "doc", s.packing.unpack}, &s.matched, matches); err != nil {
		return nil, err
	}
	numbers := map[string]int64{}
	for _, vuln := range sortedKeys(byVuln) {
		f := byVuln[vuln]
		t := texts[f.text]
		numbers[t.Vulnerability] = vuln
		out = append(out, Hit{Vulnerability: t.Vulnerability, Title: matches[f.match].Title, Severity: string(severityNumbers[f.severity]), Published: t.Published})
	}
	slices.SortFunc(out, func(a, b Hit) int {
		return cmp.Or(b.Published.Compare(a.Published), cmp.Compare(b.Vulnerability, a.Vulnerability))
	})
	out = out[:min(len(out), most)]
	for i := range out {
		c := counting{store: s, selection: &selection{accounts: accounts}}
		sum, _, err := c.sum(ctx, counterSum{dim: dimTitle, vulns: []int64{numbers[out[i].Vulnerability]}})
		if err != nil {
			return nil, fmt.Errorf("counting findings of %s: %w", out[i].Vulnerability, err)
		}
		out[i].Findings = sum.all
	}
	return out, nil
}

// WaitingJobs returns how many jobs of the accounts of a scope, and of no account,
// wait or run, by kind.
func (s *Store) WaitingJobs(ctx context.Context, scope org.Scope) (map[string]int64, error) {
	out := map[string]int64{}
	var a arguments
	accounts := append(accountNumbers(scope), 0)
	query := `SELECT kind, count(*) FROM job WHERE state < 2 AND ` + anyOf(s.dialect, &a, "account_id", accounts) + ` GROUP BY kind`
	err := each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var kind string
		var n int64
		err := rows.Scan(&kind, &n)
		out[kind] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counting jobs: %w", err)
	}
	return out, nil
}

// ActiveAccounts returns how many of the accounts of a scope are open, and how
// many of these have switched scans on.
func (s *Store) ActiveAccounts(ctx context.Context, scope org.Scope) (open, active int64, err error) {
	var a arguments
	query := `SELECT a.account_id, coalesce(o.doc, '') FROM account a LEFT JOIN object o ON o.kind = '` + settingsKind + `' AND o.account_id = a.account_id
		WHERE a.closed_at IS NULL AND ` + anyOf(s.dialect, &a, "a.account_id", accountNumbers(scope))
	seen := map[int64]bool{}
	err = each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var account int64
		var doc string
		if err := rows.Scan(&account, &doc); err != nil {
			return err
		}
		var settings org.Settings
		if doc != "" {
			if err := json.Unmarshal([]byte(doc), &settings); err != nil {
				return err
			}
		}
		if !seen[account] {
			seen[account] = true
			open++
			if settings.Any() {
				active++
			}
		}
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("counting accounts: %w", err)
	}
	return open, active, nil
}
