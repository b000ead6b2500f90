package store

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// A Pulse changes when something of an account does: two that differ tell that
// something has, and nothing else. The zero Pulse is that of an account that has
// nothing.
type Pulse struct {
	Findings uint64    // the counters of its active findings
	Jobs     uint64    // its jobs that wait or run, and what has been set up
	Done     time.Time // when a job of it was done or given up last; zero: not since the time asked for
}

// Watching says what to take the pulse of.
type Watching struct {
	Kinds []string  // of objects that count as jobs: what becomes of them is written there
	Since time.Time // jobs that were done before are not looked at
}

// waitingLooked is how many jobs that wait are looked at: the first to be run.
const waitingLooked = 500

// Pulses takes the pulse of the accounts in the scope. It reads counters, the
// jobs that are under way and the objects of some kinds: what it costs does not
// grow with the findings.
func (s *Store) Pulses(ctx context.Context, scope org.Scope, w Watching) (map[org.Account]Pulse, error) {
	accounts := accountNumbers(scope)
	findings, jobs := prints{}, prints{}
	// What is not added up yet is so in a moment.
	err := findings.read(ctx, s.read, fmt.Sprintf(`SELECT account_id, res_id, ftype, rtype, n_all, n_crit, n_high, n_med, n_fix FROM agg
		WHERE dim = %d AND k = 0 AND %s ORDER BY account_id, res_id, ftype, rtype`, dimAccount, inNumbers("account_id", accounts)))
	if err != nil {
		return nil, fmt.Errorf("reading counters: %w", err)
	}
	for _, query := range []string{
		`SELECT account_id, id, attempt FROM job WHERE state = 1 ORDER BY lease_until, id`,
		`SELECT account_id, id, run_at FROM job WHERE state = 0 ORDER BY queue, prio, account_id, run_at, id LIMIT ` + strconv.Itoa(waitingLooked),
	} {
		if err := jobs.read(ctx, s.read, query); err != nil {
			return nil, fmt.Errorf("reading jobs: %w", err)
		}
	}
	if len(w.Kinds) > 0 {
		var a arguments
		query := fmt.Sprintf(`SELECT account_id, count(*), max(updated_at) FROM object WHERE %s AND %s GROUP BY kind, account_id ORDER BY kind`,
			in(&a, "kind", w.Kinds), inNumbers("account_id", accounts))
		if err := jobs.read(ctx, s.read, query, a.values...); err != nil {
			return nil, fmt.Errorf("reading objects: %w", err)
		}
	}
	out := map[org.Account]Pulse{}
	for _, account := range scope.Accounts() {
		out[account] = Pulse{Findings: findings[account], Jobs: jobs[account]}
	}
	err = each(ctx, s.read, `SELECT account_id, max(done_at) FROM job WHERE state >= 2 AND done_at >= $1 GROUP BY account_id`,
		[]any{milliseconds(w.Since)}, func(rows *sql.Rows) error {
			var account org.Account
			var at int64
			err := rows.Scan(&account, &at)
			if p, ok := out[account]; ok {
				p.Done = fromMilliseconds(at)
				out[account] = p
			}
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("reading jobs that are done: %w", err)
	}
	return out, nil
}

// CoveragePulses returns, for each account in the scope, a number that changes
// when coverage does. It reads all coverage of the accounts.
func (s *Store) CoveragePulses(ctx context.Context, scope org.Scope) (map[org.Account]uint64, error) {
	out := map[org.Account]uint64{}
	accounts := accountNumbers(scope)
	for _, account := range scope.Accounts() {
		out[account] = 0
	}
	found := prints{}
	// The sum of times is kept short, so that it fits whatever their number.
	err := found.read(ctx, s.read, `SELECT account_id, count(*), sum(code), sum(length(reason)), coalesce(max(last_scanned_at), 0),
		coalesce(sum(last_scanned_at % 1000003), 0) FROM coverage WHERE `+inNumbers("account_id", accounts)+` GROUP BY account_id`)
	if err != nil {
		return nil, fmt.Errorf("reading coverage: %w", err)
	}
	maps.Copy(out, found)
	return out, nil
}

// prints are sums over what was read of accounts: the same rows in the same order
// have the same.
type prints map[org.Account]uint64

// read adds the rows of a query whose first column is an account.
func (m prints) read(ctx context.Context, q querier, query string, args ...any) error {
	return each(ctx, q, query, args, func(rows *sql.Rows) error {
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		account, err := strconv.ParseInt(values[0].String, 10, 64)
		if err != nil {
			return err
		}
		h := fnv.New64a()
		fmt.Fprint(h, m[org.Account(account)])
		for _, v := range values {
			fmt.Fprint(h, " ", v.String)
		}
		m[org.Account(account)] = h.Sum64()
		return nil
	})
}

// CountResources returns how many resources of some types, or of all if none is
// named, there are in the scope that are not gone; it counts no further than most.
func (s *Store) CountResources(ctx context.Context, scope org.Scope, types []resource.Type, most int) (int, error) {
	accounts := accountNumbers(scope)
	where := inNumbers("account_id", accounts)
	if len(types) > 0 {
		var kinds []int64
		for _, t := range types {
			n, err := number(resourceNumbers, t, "resourceType")
			if err != nil {
				return 0, err
			}
			kinds = append(kinds, n)
		}
		where += " AND " + inNumbers("type", kinds)
	}
	n := 0
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT res_id FROM resource WHERE `+where+` AND gone_at IS NULL LIMIT $1) z`, most).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting resources: %w", err)
	}
	return n, nil
}

// ResourcesNamed returns the resources of an id in the scope that are not gone, by
// account: there may be some in several accounts and regions, and of several types.
func (s *Store) ResourcesNamed(ctx context.Context, scope org.Scope, id string) ([]resource.Resource, error) {
	var out []resource.Resource
	query := `SELECT doc FROM resource WHERE arn = $1 AND ` + inNumbers("account_id", accountNumbers(scope)) + ` AND gone_at IS NULL
		ORDER BY account_id, region, type`
	err := each(ctx, s.read, query, []any{storable(id)}, func(rows *sql.Rows) error {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return err
		}
		r, err := s.packing.resource(doc)
		out = append(out, r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the resources %q: %w", id, err)
	}
	return out, nil
}

// ActiveCount returns how many active findings there are in the scope.
func (s *Store) ActiveCount(ctx context.Context, scope org.Scope) (int64, error) {
	accounts := accountNumbers(scope)
	where := fmt.Sprintf("dim = %d AND k = 0 AND %s", dimAccount, inNumbers("account_id", accounts))
	var b strings.Builder // what is not added up yet counts, too
	for i, table := range []string{"agg", "agg_delta"} {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		b.WriteString("SELECT n_all FROM " + table + " WHERE " + where)
	}
	var n int64
	if err := s.read.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(n_all), 0) AS BIGINT) FROM (`+b.String()+`) z`).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting findings: %w", err)
	}
	return n, nil
}
