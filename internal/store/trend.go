package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/org"
)

// TrendDays is for how many days the trend is kept.
const TrendDays = 400

// Trend is the findings of some accounts on one day.
type Trend struct {
	Day      time.Time // its beginning in UTC
	All      int64     // active at its end, or now
	Critical int64
	High     int64
	Medium   int64
	Opened   int64 // first seen on it
	Closed   int64 // closed on it and not seen again
}

const dayLength = 24 * time.Hour

// trendDay is a day as the trend numbers it.
func trendDay(t time.Time) int64 { return milliseconds(t) / dayLength.Milliseconds() }

// RecordTrend writes down how many findings each account has at the moment, for
// the day that it is, completes the day before if that has just ended, and forgets
// days of long ago.
func (s *Store) RecordTrend(ctx context.Context, now time.Time) error {
	today := trendDay(now)
	days := map[int64]map[int64]*Trend{today: {}}
	at := func(day, account int64) *Trend {
		if days[day][account] == nil {
			days[day][account] = &Trend{}
		}
		return days[day][account]
	}
	query := `SELECT account_id, CAST(sum(n_all) AS BIGINT), CAST(sum(n_crit) AS BIGINT), CAST(sum(n_high) AS BIGINT), CAST(sum(n_med) AS BIGINT)
		FROM (SELECT account_id, n_all, n_crit, n_high, n_med FROM agg WHERE dim = 1 AND k = 0
		UNION ALL SELECT account_id, n_all, n_crit, n_high, n_med FROM agg_delta WHERE dim = 1
		UNION ALL SELECT account_id, 0, 0, 0, 0 FROM account WHERE closed_at IS NULL) z GROUP BY account_id`
	err := each(ctx, s.read, query, nil, func(rows *sql.Rows) error {
		var account int64
		var t Trend
		err := rows.Scan(&account, &t.All, &t.Critical, &t.High, &t.Medium)
		*at(today, account) = t
		return err
	})
	if err != nil {
		return fmt.Errorf("reading counters for the trend: %w", err)
	}
	if now.Sub(now.UTC().Truncate(dayLength)) < 2*time.Hour {
		days[today-1] = map[int64]*Trend{} // its last hour is not yet in it
	}
	for day := range days {
		if err := s.changesOf(ctx, day, func(account int64) *Trend { return at(day, account) }); err != nil {
			return fmt.Errorf("counting changes for the trend: %w", err)
		}
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		for _, day := range sortedKeys(days) {
			if err := s.putTrend(ctx, tx, day, days[day], day == today); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM trend WHERE day <= $1`, today-TrendDays)
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping the trend: %w", err)
	}
	return nil
}

// changesOf counts what was first seen and what was closed on a day.
func (s *Store) changesOf(ctx context.Context, day int64, of func(account int64) *Trend) error {
	from, to := day*dayLength.Milliseconds(), (day+1)*dayLength.Milliseconds()
	for _, q := range []struct {
		where string
		put   func(t *Trend, n int64)
	}{
		{"status IN (1, 2, 3) AND first_at >= $1 AND first_at < $2", func(t *Trend, n int64) { t.Opened = n }},
		{"status = 3 AND closed_at >= $1 AND closed_at < $2", func(t *Trend, n int64) { t.Closed = n }},
	} {
		err := each(ctx, s.read, `SELECT account_id, count(*) FROM finding WHERE `+q.where+` GROUP BY account_id`, []any{from, to},
			func(rows *sql.Rows) error {
				var account, n int64
				err := rows.Scan(&account, &n)
				q.put(of(account), n)
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// putTrend writes the rows of a day. Of one that is over, only the changes.
func (s *Store) putTrend(ctx context.Context, tx *sql.Tx, day int64, of map[int64]*Trend, counters bool) error {
	var rows [][]any
	for _, account := range sortedKeys(of) {
		t := of[account]
		rows = append(rows, []any{account, day, t.All, t.Critical, t.High, t.Medium, t.Opened, t.Closed})
	}
	if len(rows) == 0 {
		return nil
	}
	set := "opened = excluded.opened, closed = excluded.closed"
	if counters {
		set += ", n_all = excluded.n_all, n_crit = excluded.n_crit, n_high = excluded.n_high, n_med = excluded.n_med"
	}
	return s.insert(ctx, tx, `INSERT INTO trend (account_id, day, n_all, n_crit, n_high, n_med, opened, closed)`,
		`ON CONFLICT (account_id, day) DO UPDATE SET `+set, rows)
}

// Trends returns the sum over the accounts of a scope for each of the last days
// up to now that something is known of, the oldest first.
func (s *Store) Trends(ctx context.Context, scope org.Scope, days int, now time.Time) (out []Trend, err error) {
	accounts := accountNumbers(scope)
	if len(scope.Accounts()) == 0 {
		return nil, nil
	}
	var a arguments
	query := `SELECT day, CAST(sum(n_all) AS BIGINT), CAST(sum(n_crit) AS BIGINT), CAST(sum(n_high) AS BIGINT), CAST(sum(n_med) AS BIGINT),
		CAST(sum(opened) AS BIGINT), CAST(sum(closed) AS BIGINT) FROM trend WHERE ` + anyOf(s.dialect, &a, "account_id", accounts) +
		` AND day > ` + a.add(trendDay(now)-int64(days)) + ` GROUP BY day ORDER BY day`
	err = each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var t Trend
		var day int64
		err := rows.Scan(&day, &t.All, &t.Critical, &t.High, &t.Medium, &t.Opened, &t.Closed)
		t.Day = fromMilliseconds(day * dayLength.Milliseconds())
		out = append(out, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the trend: %w", err)
	}
	return out, nil
}
