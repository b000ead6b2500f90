package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
)

// rescoreAtOnce is how many findings one transaction scores, so that no writer
// waits long.
const rescoreAtOnce = 1000

// Rescore makes the stored scores of findings follow what is known now of some
// vulnerabilities, by number, and returns how many have changed. It is to be
// called after what others say of a vulnerability has been written, if
// finding.Unproven of it is no longer what it was. It commits as it goes: it may
// be broken off and called again, and then does the rest.
func (s *Store) Rescore(ctx context.Context, vulns []int64, now time.Time) (int64, error) {
	vulns = distinct(vulns)
	if len(vulns) == 0 {
		return 0, nil
	}
	var changed, after int64
	for {
		list, err := s.scores(ctx, vulns, after)
		if err != nil {
			return changed, fmt.Errorf("reading scores: %w", err)
		}
		if len(list) == 0 {
			return changed, nil
		}
		after = list[len(list)-1].fid
		list = slices.DeleteFunc(list, func(r rescored) bool { return tenths(r.finding.Score.Value) == r.score })
		n, err := s.writeScores(ctx, list, now)
		if changed += n; err != nil {
			return changed, fmt.Errorf("writing scores: %w", err)
		}
	}
}

// A rescored finding is a row with the finding as it is shown, and the
// fingerprint that the row has.
type rescored struct {
	row
	finding Finding
	hash    int64
	next    int64 // the fingerprint with the new score
}

// scores reads findings of vulnerabilities that follow one, by number; of hosts
// only, whose scores alone are adjusted.
func (s *Store) scores(ctx context.Context, vulns []int64, after int64) ([]rescored, error) {
	var types []int64
	for i, t := range resourceNumbers {
		if finding.Adjustable(t) && t != resource.Type("") {
			types = append(types, int64(i))
		}
	}
	var list []rescored
	var rows []row
	query := fmt.Sprintf(`SELECT f.hash, %s FROM finding f WHERE %s AND %s AND f.fid > %d ORDER BY f.fid LIMIT %d`,
		listed, inNumbers("f.vuln_sk", vulns), inNumbers("f.res_type", types), after, rescoreAtOnce)
	err := each(ctx, s.read, query, nil, func(found *sql.Rows) error {
		var r rescored
		if err := r.scan(found, &r.hash); err != nil {
			return err
		}
		list, rows = append(list, r), append(rows, r.row)
		return nil
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	shown, err := s.complete(ctx, rows)
	if err != nil {
		return nil, err
	}
	words, matched := map[int64]digest{}, map[int64]digest{}
	for _, r := range rows {
		words[r.words], matched[r.matched] = digest{}, digest{}
	}
	if err := s.digests(ctx, textPool, words); err != nil {
		return nil, err
	}
	if err := s.digests(ctx, matchedPool, matched); err != nil {
		return nil, err
	}
	for i := range list {
		r := &list[i]
		r.finding = shown[i]
		r.next = rowHash(r.severity, r.fix, words[r.words], matched[r.matched], shown[i].Score)
	}
	return list, nil
}

// digests fills in the digests of shared content, by its numbers.
func (s *Store) digests(ctx context.Context, p pool, out map[int64]digest) error {
	query := `SELECT ` + p.number + `, digest FROM ` + p.table + ` WHERE ` + inNumbers(p.number, sortedKeys(out))
	return each(ctx, s.read, query, nil, func(rows *sql.Rows) error {
		var id int64
		var d []byte
		if err := rows.Scan(&id, &d); err != nil {
			return err
		}
		if len(d) != len(digest{}) {
			return fmt.Errorf("%s %d has a digest of %d bytes", p.table, id, len(d))
		}
		out[id] = digest(d)
		return nil
	})
}

// writeScores writes scores and announces them. A finding that somebody else
// has written in the meantime has been scored by that.
func (s *Store) writeScores(ctx context.Context, list []rescored, now time.Time) (int64, error) {
	if len(list) == 0 {
		return 0, nil
	}
	var changed int64
	err := s.tx(ctx, func(tx *sql.Tx) error {
		changed = 0
		var events []event
		for i := range list {
			r := &list[i]
			query := fmt.Sprintf(`UPDATE %s SET score = $1, hash = $2, updated_at = $3 WHERE account_id = $4 AND fkey = $5 AND hash = $6`, //nolint:gosec // a name of ours
				s.dialect.findings(s.dialect.partOf(r.account)))
			done, err := tx.ExecContext(ctx, query,
				tenths(r.finding.Score.Value), r.next, milliseconds(now), int64(r.account), r.key[:], r.hash)
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			if err != nil {
				return err
			}
			changed += n
			if n > 0 && r.status != closedNumber {
				events = append(events, event{r.account, "finding." + string(Updated), r.finding.ARN, milliseconds(now), "{}"})
			}
		}
		return s.emit(ctx, tx, events)
	})
	return changed, err
}
