package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Refused gives events up that a sink will never take, so that what waits for
// them goes on. They become dead letters.
func (s *Store) Refused(ctx context.Context, list []Delivery, cause error, now time.Time) error {
	text := errorText(cause)
	err := s.tx(ctx, func(tx *sql.Tx) error {
		for _, d := range list {
			if err := bury(ctx, tx, d, text, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("giving up events: %w", err)
	}
	return nil
}

// Forget drops all that waits for a sink, dead letters as well.
func (t *Tx) Forget(ctx context.Context, sink string) error {
	if _, err := t.tx.ExecContext(ctx, `DELETE FROM delivery WHERE sink = $1`, sink); err != nil {
		return fmt.Errorf("dropping what waits for sink %s: %w", sink, err)
	}
	return nil
}

// A Subject is a resource that an event is about, by the names that the event
// has of it.
type Subject struct {
	Account org.Account
	ID      string
}

// Subjects returns the resources that events are about. Those that are not
// there any more are left out.
func (s *Store) Subjects(ctx context.Context, list []Subject) (map[Subject]resource.Resource, error) {
	found, err := s.subjects(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("reading what events are about: %w", err)
	}
	out := make(map[Subject]resource.Resource, len(found))
	for k, r := range found {
		out[k] = r.Resource
	}
	return out, nil
}

type numbered struct {
	resource.Resource
	number int64
}

func (s *Store) subjects(ctx context.Context, list []Subject) (map[Subject]numbered, error) {
	out := map[Subject]numbered{}
	for some := range slices.Chunk(list, valuesAtOnce) {
		wanted := map[Subject]bool{}
		var ids []string
		for _, k := range some {
			if !wanted[k] {
				wanted[k], ids = true, append(ids, k.ID)
			}
		}
		var a arguments
		query := `SELECT res_id, account_id, arn, doc FROM resource WHERE ` + anyOf(s.dialect, &a, "arn", ids) + ` ORDER BY res_id`
		err := each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
			var k Subject
			var n numbered
			var doc []byte
			if err := rows.Scan(&n.number, &k.Account, &k.ID, &doc); err != nil || !wanted[k] {
				return err
			}
			if err := s.packing.unpack(doc, &n.Resource); err != nil {
				return err
			}
			out[k] = n // the latest, should two regions have the name
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ActiveFindings counts the active findings of resources by their severity.
// Those that are not there any more are left out.
func (s *Store) ActiveFindings(ctx context.Context, list []Subject) (map[Subject]map[finding.Severity]int64, error) {
	found, err := s.subjects(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("reading what events are about: %w", err)
	}
	numbers := map[org.Account][]int64{}
	names := map[int64]Subject{}
	out := map[Subject]map[finding.Severity]int64{}
	for k, r := range found {
		numbers[k.Account], names[r.number] = append(numbers[k.Account], r.number), k
		out[k] = map[finding.Severity]int64{}
	}
	for _, account := range sortedKeys(numbers) {
		var a arguments
		query := fmt.Sprintf(`SELECT res_id, severity, count(*) FROM %s WHERE %s AND +account_id = %s AND status = %d GROUP BY res_id, severity`,
			s.dialect.findings(s.dialect.partOf(account)), anyOf(s.dialect, &a, "res_id", numbers[account]), a.add(int64(account)), activeNumber)
		err := each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
			var res, severity, n int64
			if err := rows.Scan(&res, &severity, &n); err != nil {
				return err
			}
			if severity < 0 || severity >= int64(len(severityNumbers)) {
				return fmt.Errorf("a finding of resource %d has a severity that nothing stands for", res)
			}
			out[names[res]][severityNumbers[severity]] = n
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("counting findings: %w", err)
		}
	}
	return out, nil
}
