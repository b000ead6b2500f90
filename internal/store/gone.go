package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Gone closes the findings of resources that are no more, and their coverage
// says so, until Sweep removes them. Those that are not known do not matter. An
// account outside the scope is Denied.
func (s *Store) Gone(ctx context.Context, scope org.Scope, resources []resource.Resource, now time.Time) error {
	for part := range slices.Chunk(resources, MaxScans) {
		scans := make([]Scan, len(part))
		for i, r := range part {
			scans[i].Resource = r
		}
		list, err := prepareScans(scope, scans)
		if err != nil {
			return err
		}
		err = s.tx(ctx, func(tx *sql.Tx) error {
			if err := s.readResources(ctx, tx, list, true); err != nil {
				return err
			}
			return s.end(ctx, tx, list, reasonTerminated, now)
		})
		if err != nil {
			return fmt.Errorf("closing findings of %d resources: %w", len(part), err)
		}
	}
	return nil
}

// end closes what is open of resources that are known and locked, and gives
// their coverage a reason, unless that is empty.
func (s *Store) end(ctx context.Context, tx *sql.Tx, list []*pending, reason string, now time.Time) error {
	list = slices.DeleteFunc(slices.Clone(list), func(p *pending) bool { return p.known.id == 0 || p.known.gone })
	b := batch{now: now, changes: map[*pending][]Change{}}
	stored, err := s.states(ctx, tx, list)
	if err != nil {
		return err
	}
	for _, p := range list {
		p.Incomplete = false
		b.add(p, reconcile(byKey(stored[p.known.id]), nil, now), nil)
		p.coverage = nil
		for _, scan := range sortedKeys(p.known.coverage) {
			if reason != "" {
				p.coverage = append(p.coverage, Coverage{
					ScanType: scanNumbers[scan], Code: CoverageInactive, Reason: reason, Mode: p.known.coverage[scan].mode,
				})
			}
		}
		// The next scan is to be looked at, whatever it follows from.
		query := `UPDATE resource SET gone_at = $1, revision = '' WHERE res_id = $2`
		if _, err := tx.ExecContext(ctx, query, milliseconds(now), p.known.id); err != nil {
			return err
		}
	}
	if err := s.writeClosed(ctx, tx, b.gone, now); err != nil {
		return err
	}
	events, err := s.writeCoverage(ctx, tx, list, now)
	if err != nil {
		return err
	}
	if err := s.count(ctx, tx, b.counts); err != nil {
		return err
	}
	return s.emit(ctx, tx, append(b.events, events...))
}

// RemoveType removes all resources of some types in the accounts of the scope,
// with their findings, as when the scanning of them has been switched off:
// receivers of events are told that the findings are closed.
func (s *Store) RemoveType(ctx context.Context, scope org.Scope, types []resource.Type, now time.Time) error {
	for _, account := range scope.Accounts() {
		for _, typ := range types {
			kind, err := number(resourceNumbers, typ, "resourceType")
			if err != nil {
				return err
			}
			for more := true; more; {
				more, err = s.removeSome(ctx, account, kind, now)
				if err != nil {
					return fmt.Errorf("removing resources of type %s of account %s: %w", typ, account, err)
				}
			}
		}
	}
	return nil
}

// removeSome removes some resources of a type of an account; false when none
// are left.
func (s *Store) removeSome(ctx context.Context, account org.Account, kind int64, now time.Time) (more bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		list, err := s.pendings(ctx, tx, account, `type = $2 ORDER BY res_id`, kind)
		if err != nil {
			return err
		}
		if more = len(list) > 0; !more {
			return nil
		}
		if err := s.end(ctx, tx, list, "", now); err != nil {
			return err
		}
		_, err = s.removeResources(ctx, tx, account, list)
		return err
	})
	return more, err
}

// pendings returns some resources of an account for which a condition holds,
// locked; value is its $2.
func (s *Store) pendings(ctx context.Context, tx *sql.Tx, account org.Account, where string, value int64) ([]*pending, error) {
	var scans []Scan
	err := each(ctx, tx, fmt.Sprintf(`SELECT arn, region, type FROM resource WHERE account_id = $1 AND %s LIMIT %d`,
		where, MaxScans), []any{int64(account), value}, func(rows *sql.Rows) error {
		var kind int64
		r := resource.Resource{Account: account.String()}
		if err := rows.Scan(&r.ID, &r.Region, &kind); err != nil {
			return err
		}
		if !named(resourceNumbers, kind) {
			return fmt.Errorf("resource %s has a type that nothing stands for", r.ID)
		}
		r.Type = resourceNumbers[kind]
		scans = append(scans, Scan{Resource: r})
		return nil
	})
	if err != nil {
		return nil, err
	}
	list, err := prepareScans(org.Only(account), scans)
	if err != nil {
		return nil, err
	}
	return list, s.readResources(ctx, tx, list, true)
}

// removeResources removes resources of one account that are locked, with all
// that is about them, and returns how many findings went. None of the findings
// may be active.
func (s *Store) removeResources(ctx context.Context, tx *sql.Tx, account org.Account, list []*pending) (findings int64, err error) {
	var ids []int64
	for _, p := range list {
		if p.known.id != 0 {
			ids = append(ids, p.known.id)
		}
	}
	var fids []int64
	var a arguments
	query := `SELECT fid FROM ` + s.dialect.findings(s.dialect.partOf(account)) + ` WHERE ` + anyOf(s.dialect, &a, "res_id", ids) +
		` AND +account_id = ` + a.add(int64(account))
	err = each(ctx, tx, query, a.values, func(rows *sql.Rows) error {
		var fid int64
		err := rows.Scan(&fid)
		fids = append(fids, fid)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := s.deleteFindings(ctx, tx, account, fids); err != nil {
		return 0, err
	}
	for _, table := range []string{"coverage", "resource_tag", "resource_count", "resource"} {
		var a arguments
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`DELETE FROM %s WHERE %s AND account_id = %s`,
			table, anyOf(s.dialect, &a, "res_id", ids), a.add(int64(account))), a.values...)
		if err != nil {
			return 0, err
		}
	}
	return int64(len(fids)), nil
}

// deleteFindings removes findings of an account.
func (s *Store) deleteFindings(ctx context.Context, tx *sql.Tx, account org.Account, fids []int64) error {
	for some := range slices.Chunk(fids, s.dialect.values) {
		for _, table := range []string{"finding_net", "finding_code", s.dialect.findings(s.dialect.partOf(account))} {
			var a arguments
			query := strings.Join([]string{`DELETE FROM`, table, `WHERE account_id =`, a.add(int64(account)), `AND`, anyOf(s.dialect, &a, "fid", some)}, " ")
			if _, err := tx.ExecContext(ctx, query, a.values...); err != nil {
				return err
			}
		}
	}
	return nil
}

// denied is the fault of a caller that changes what is another's.
func denied(account org.Account) error {
	return fault.New(fault.Denied, "account %s is not yours to change", account)
}
