package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/org"
)

// Retention is how long what is over is kept.
type Retention struct {
	Closed time.Duration // a closed finding
	Gone   time.Duration // a resource that is no more, with its findings
}

// DefaultRetention is that of Amazon Inspector.
// Source: Amazon Inspector User Guide, "Understanding findings".
var DefaultRetention = Retention{Closed: 30 * 24 * time.Hour, Gone: 3 * 24 * time.Hour}

// Swept is how much was removed.
type Swept struct {
	Findings  int64
	Resources int64
	Shared    int64 // texts, lists of packages, and inventories that nothing referred to
}

// At once, so that others need not wait for long.
const (
	findingsAtOnce = 5000
	sharedAtOnce   = 1000
)

// grace is how long shared content that nothing refers to is kept after it has
// been taken out of use: longer than any transaction that may have found it just
// before lasts.
const grace = time.Hour

// Sweep removes closed findings and resources that are no more when their time
// is up, and content that nothing refers to any more, in many small
// transactions. It may be stopped at any time.
func (s *Store) Sweep(ctx context.Context, now time.Time, keep Retention) (Swept, error) {
	var out Swept
	for {
		n, resources, err := s.sweepGone(ctx, now.Add(-keep.Gone))
		out.Findings, out.Resources = out.Findings+n, out.Resources+resources
		if err != nil {
			return out, fmt.Errorf("removing resources: %w", err)
		}
		if resources == 0 {
			break
		}
	}
	for {
		n, err := s.sweepClosed(ctx, now.Add(-keep.Closed))
		out.Findings += n
		if err != nil {
			return out, fmt.Errorf("removing closed findings: %w", err)
		}
		if n == 0 {
			break
		}
	}
	for _, p := range sharedPools {
		n, err := s.sweepShared(ctx, p, now)
		out.Shared += n
		if err != nil {
			return out, fmt.Errorf("removing what nothing refers to from %s: %w", p.table, err)
		}
	}
	return out, s.giveBack(ctx)
}

// sweepGone removes some resources that were gone before a time.
func (s *Store) sweepGone(ctx context.Context, before time.Time) (findings, resources int64, err error) {
	var accounts []org.Account
	err = each(ctx, s.read, `SELECT account_id FROM resource WHERE gone_at <= $1 ORDER BY gone_at LIMIT 1`,
		[]any{milliseconds(before)}, func(rows *sql.Rows) error {
			var a org.Account
			err := rows.Scan(&a)
			accounts = append(accounts, a)
			return err
		})
	if err != nil || len(accounts) == 0 {
		return 0, 0, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		findings, resources = 0, 0
		list, err := s.pendings(ctx, tx, accounts[0], `gone_at <= $2 ORDER BY res_id`, milliseconds(before))
		if err != nil {
			return err
		}
		var gone []*pending
		for _, p := range list {
			if p.known.gone { // it may be back by now
				gone = append(gone, p)
			}
		}
		resources = int64(len(gone))
		findings, err = s.removeResources(ctx, tx, accounts[0], gone)
		return err
	})
	return findings, resources, err
}

// sweepClosed removes some findings that were closed before a time.
func (s *Store) sweepClosed(ctx context.Context, before time.Time) (n int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		n = 0
		byAccount := map[org.Account][]int64{}
		err := each(ctx, tx, fmt.Sprintf(`SELECT fid, account_id FROM finding WHERE status = %d AND closed_at <= $1 ORDER BY closed_at LIMIT %d`,
			closedNumber, findingsAtOnce)+s.dialect.lock, []any{milliseconds(before)}, func(rows *sql.Rows) error {
			var fid int64
			var account org.Account
			err := rows.Scan(&fid, &account)
			byAccount[account] = append(byAccount[account], fid)
			n++
			return err
		})
		if err != nil {
			return err
		}
		for _, account := range sortedKeys(byAccount) {
			if err := s.deleteFindings(ctx, tx, account, byAccount[account]); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// A sharedPool is a pool, and when one of its rows, called p, is referred to.
type sharedPool struct {
	pool
	used string
	with string // table of what goes with a row, under the same number
}

var sharedPools = []sharedPool{
	{textPool, `SELECT 1 FROM finding f WHERE f.vuln_sk = p.vuln_sk AND f.text_id = p.doc_id`, ""},
	{matchedPool, `SELECT 1 FROM finding f WHERE f.match_id = p.match_id`, "match_pkg"},
	{heldPool, `SELECT 1 FROM resource r WHERE r.inv_id = p.inv_id`, "inventory_set"},
	{setPool, `SELECT 1 FROM inventory_set i WHERE i.set_id = p.set_id`, "pkgset_name"},
}

// outOfUse returns the digest of content that was taken out of use at a time.
// It is longer than those of content.
func outOfUse(at, number int64) []byte {
	out := []byte("\xff\xff\xff\xff\xff\xff\xff\xff")
	out = binary.BigEndian.AppendUint64(out, uint64(at))      //nolint:gosec // times are positive
	return binary.BigEndian.AppendUint64(out, uint64(number)) //nolint:gosec // so are numbers
}

// sweepShared takes content that nothing refers to out of use, and removes what
// was taken out of use some time ago. Content is found by its digest: out of use
// it has another one, so that nobody who stores the same content later finds it.
// It is removed when all who may have found it before have come to their end. If
// one of them refers to it, it stays, and is not found any more.
func (s *Store) sweepShared(ctx context.Context, p sharedPool, now time.Time) (removed int64, err error) {
	for {
		n, err := s.removeShared(ctx, p, milliseconds(now.Add(-grace)))
		removed += n
		if err != nil {
			return removed, err
		}
		if n == 0 {
			break
		}
	}
	for after := int64(0); after >= 0; {
		if after, err = s.retire(ctx, p, after, milliseconds(now)); err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// retire takes what nothing refers to out of use among some rows after a
// number. It returns the last of them; -1 if there are no more.
func (s *Store) retire(ctx context.Context, p sharedPool, after, now int64) (last int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var idle []int64
		seen := 0
		err := each(ctx, tx, fmt.Sprintf(`SELECT p.%[1]s, EXISTS (%[2]s) OR length(p.digest) > 16 FROM (SELECT * FROM %[3]s WHERE %[1]s > $1
			ORDER BY %[1]s LIMIT %[4]d) p ORDER BY p.%[1]s`, p.number, p.used, p.table, sharedAtOnce), []any{after}, func(rows *sql.Rows) error {
			var used bool
			if err := rows.Scan(&last, &used); err != nil {
				return err
			}
			seen++
			if !used {
				idle = append(idle, last)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, n := range idle {
			_, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE %s SET digest = $1 WHERE %s = $2`, p.table, p.number), outOfUse(now, n), n)
			if err != nil {
				return err
			}
		}
		if seen < sharedAtOnce {
			last = -1
		}
		return nil
	})
	return last, err
}

// removeShared removes some content that was taken out of use before a time and
// that nothing refers to still.
func (s *Store) removeShared(ctx context.Context, p sharedPool, before int64) (n int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		var idle []int64
		err := each(ctx, tx, fmt.Sprintf(`SELECT p.%s FROM %s p WHERE p.digest >= $1 AND p.digest < $2 AND NOT EXISTS (%s) ORDER BY p.digest LIMIT %d`,
			p.number, p.table, p.used, sharedAtOnce), []any{outOfUse(0, 0), outOfUse(before, 0)}, func(rows *sql.Rows) error {
			var number int64
			err := rows.Scan(&number)
			idle = append(idle, number)
			return err
		})
		if err != nil {
			return err
		}
		n = int64(len(idle))
		return s.deleteNumbers(ctx, tx, p, idle)
	})
	return n, err
}

func (s *Store) deleteNumbers(ctx context.Context, tx *sql.Tx, p sharedPool, numbers []int64) error {
	for _, table := range []string{p.with, p.table} {
		if table == "" || len(numbers) == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(`DELETE FROM %s WHERE %s`, table, inNumbers(p.number, numbers))); err != nil {
			return err
		}
	}
	return nil
}

// giveBack returns the room that was freed to the file system, some of it each
// time. PostgreSQL does so by itself.
func (s *Store) giveBack(ctx context.Context) error {
	if s.dialect.parted {
		return nil
	}
	rows, err := s.write.QueryContext(ctx, `PRAGMA incremental_vacuum(10000)`)
	if err != nil {
		return fmt.Errorf("giving back room: %w", err)
	}
	defer rows.Close()
	for rows.Next() { // each step frees a page
	}
	return rows.Err()
}
