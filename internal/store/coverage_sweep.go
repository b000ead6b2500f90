package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// SettingsJob is the kind of the job, one for each account, that makes coverage
// follow from settings that have changed.
const SettingsJob = "coverage_apply"

// Stop records that resources are not scanned, for a reason in Amazon's words,
// and closes their findings. Resources that are not known become so, and others
// are kept as they are given. The next scan is looked at whatever it follows
// from. An account outside the scope is Denied.
func (s *Store) Stop(ctx context.Context, scope org.Scope, resources []resource.Resource, reason string, now time.Time) error {
	return s.rest(ctx, scope, resources, Coverage{Code: CoverageInactive, Reason: reason}, s.closeAll(now), now)
}

// Mark is like Stop, but the findings stay as they are, and the code may be
// either.
func (s *Store) Mark(ctx context.Context, scope org.Scope, resources []resource.Resource, as Coverage, now time.Time) error {
	nothing := func(context.Context, *sql.Tx, []*pending) error { return nil }
	return s.rest(ctx, scope, resources, as, nothing, now)
}

// rest records a state of coverage without a scan, some resources at a time, and
// does in the same transaction what else is to be done with them.
func (s *Store) rest(
	ctx context.Context, scope org.Scope, resources []resource.Resource, as Coverage, also func(context.Context, *sql.Tx, []*pending) error, now time.Time,
) error {
	for part := range slices.Chunk(resources, MaxScans) {
		scans := make([]Scan, len(part))
		for i, r := range part {
			scans[i] = Scan{Resource: r, Coverage: []Coverage{{ScanType: PackageScan, Code: as.Code, Reason: as.Reason}}}
		}
		list, err := prepareScans(scope, scans)
		if err != nil {
			return err
		}
		err = s.tx(ctx, func(tx *sql.Tx) error {
			if err := s.readResources(ctx, tx, list, true); err != nil {
				return err
			}
			for _, p := range list {
				p.held, p.Coverage = nil, p.known.resting(as)
			}
			if _, err := s.record(ctx, tx, list, now); err != nil {
				return err
			}
			var ids []int64
			for _, p := range list {
				ids = append(ids, p.known.id)
			}
			var a arguments
			if _, err := tx.ExecContext(ctx, `UPDATE resource SET revision = '' WHERE `+anyOf(s.dialect, &a, "res_id", ids), a.values...); err != nil { //nolint:gosec // placeholders
				return err
			}
			return also(ctx, tx, list)
		})
		if err != nil {
			return fmt.Errorf("recording that %d resources are %s: %w", len(part), as.Reason, err)
		}
	}
	return nil
}

// resting returns a state of coverage for each type of scan that there is.
func (v past) resting(as Coverage) []Coverage {
	out := []Coverage{{ScanType: PackageScan, Code: as.Code, Reason: as.Reason, Mode: v.coverage[packageNumber].mode}}
	for _, scan := range sortedKeys(v.coverage) {
		if scan != packageNumber {
			out = append(out, Coverage{ScanType: scanNumbers[scan], Code: as.Code, Reason: as.Reason, Mode: v.coverage[scan].mode})
		}
	}
	return out
}

// closeAll closes what is open of resources that are known and locked.
func (s *Store) closeAll(now time.Time) func(context.Context, *sql.Tx, []*pending) error {
	return func(ctx context.Context, tx *sql.Tx, list []*pending) error {
		stored, err := s.states(ctx, tx, list)
		if err != nil {
			return err
		}
		b := batch{now: now, changes: map[*pending][]Change{}}
		for _, p := range list {
			p.Incomplete = false
			b.add(p, reconcile(byKey(stored[p.known.id]), nil, now), nil)
		}
		if err := s.writeClosed(ctx, tx, b.gone, now); err != nil {
			return err
		}
		if err := s.count(ctx, tx, b.counts); err != nil {
			return err
		}
		return s.emit(ctx, tx, b.events)
	}
}

// Watched returns one resource as it is stored, with its coverage for packages;
// false if it is not known, gone, or outside the scope.
func (s *Store) Watched(ctx context.Context, scope org.Scope, res resource.Resource) (c Covered, found bool, err error) {
	p, err := newPending(scope, &Scan{Resource: res})
	if fault.KindOf(err) == fault.Denied {
		return Covered{}, false, nil
	}
	if err != nil {
		return Covered{}, false, err
	}
	list, _, err := s.watched(ctx, watching{
		at: "0", order: "r.res_id", limit: 1, where: `r.arn = $1 AND r.account_id = $2 AND r.region = $3 AND r.type = $4`,
	}, res.ID, int64(p.account), res.Region, p.kind)
	if err != nil || len(list) == 0 {
		return Covered{}, false, err
	}
	return list[0], true, nil
}

// A Milestone is what was last done with a resource, and when it was.
type Milestone string

// The milestones; each is a column with an index.
const (
	Pushed   Milestone = "pushed_at"
	Pulled   Milestone = "pulled_at"
	UsedLast Milestone = "used_at"
	Modified Milestone = "fn_modified_at"
)

// A Spot is where a page of resources ends. The zero Spot is before the first.
type Spot struct{ at, id int64 }

// Aged returns resources of all accounts that are being scanned and whose
// milestone was in a time, in its order: after from, not after to. At most
// limit, those after a Spot; the next is where to go on, and the same if these
// were the last.
func (s *Store) Aged(ctx context.Context, by Milestone, from, to time.Time, after Spot, limit int) (list []Covered, next Spot, err error) {
	begin := after
	if after == (Spot{}) {
		begin = Spot{milliseconds(from), math.MaxInt64}
	}
	list, spots, err := s.watched(ctx, aged(by, limit), begin.at, milliseconds(to), begin.id, int64(slices.Index(codeNumbers, CoverageActive)))
	if err != nil || len(list) < limit {
		return list, after, err
	}
	return list, spots[len(spots)-1], nil
}

// aged chooses resources that are scanned by a milestone: from $1, and then by
// id from $3, to $2; $4 is the code.
func aged(by Milestone, limit int) watching {
	column := "r." + string(by)
	return watching{
		at: column, order: column + ", r.res_id", limit: limit,
		where: fmt.Sprintf(`%[1]s >= $1 AND %[1]s <= $2 AND (%[1]s > $1 OR r.res_id > $3) AND c.code = $4`, column),
	}
}

// OfType returns resources of a type in one account, as they became known, with
// their coverage for packages: at most limit, those after a Spot; the next is
// where to go on, and the same if these were the last.
func (s *Store) OfType(ctx context.Context, account org.Account, typ resource.Type, after Spot, limit int) (list []Covered, next Spot, err error) {
	kind, err := number(resourceNumbers, typ, "resourceType")
	if err != nil {
		return nil, after, err
	}
	list, spots, err := s.watched(ctx, watching{
		at: "0", order: "r.res_id", limit: limit, where: `r.account_id = $1 AND r.type = $2 AND r.res_id > $3`,
	}, int64(account), kind, after.id)
	if err != nil || len(list) < limit {
		return list, after, err
	}
	return list, spots[len(spots)-1], nil
}

// A watching is a query for resources that are not gone and have coverage for
// packages.
type watching struct {
	where, order string
	at           string // an expression whose value goes into the Spot
	limit        int
}

func (w watching) query() string {
	return fmt.Sprintf(`SELECT r.res_id, %s, r.doc, c.code, c.reason, coalesce(c.mode, ''), c.first_at, coalesce(c.last_scanned_at, 0) FROM resource r
		JOIN coverage c ON c.account_id = r.account_id AND c.res_id = r.res_id AND c.scan_type = %d
		WHERE %s AND r.gone_at IS NULL ORDER BY %s LIMIT %d`, w.at, packageNumber, w.where, w.order, w.limit)
}

// watched reads resources, and where each stands.
func (s *Store) watched(ctx context.Context, w watching, args ...any) (list []Covered, spots []Spot, err error) {
	err = each(ctx, s.read, w.query(), args, func(rows *sql.Rows) error {
		var spot Spot
		var row covered
		var first int64
		var doc []byte
		if err := rows.Scan(&spot.id, &spot.at, &doc, &row.code, &row.reason, &row.mode, &first, &row.scanned); err != nil {
			return err
		}
		if !named(codeNumbers, row.code) {
			return fmt.Errorf("coverage of resource %d has a number that nothing stands for", spot.id)
		}
		list, spots = append(list, Covered{Coverage: row.coverage(packageNumber), First: fromMilliseconds(first)}), append(spots, spot)
		return s.packing.unpack(doc, &list[len(list)-1].Resource)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading what is watched: %w", err)
	}
	return list, spots, nil
}
