package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/match"
)

// keepNames keeps under which names the packages of sets are looked up. The sets
// are new.
func (s *Store) keepNames(ctx context.Context, tx *sql.Tx, sets map[int64]map[match.Name]bool) error {
	all := map[match.Name]bool{}
	for _, names := range sets {
		for n := range names {
			all[n] = true
		}
	}
	numbers, err := s.internNames(ctx, tx, sortedNames(all))
	if err != nil {
		return fmt.Errorf("keeping names of packages: %w", err)
	}
	var rows [][]any
	for _, set := range sortedKeys(sets) {
		var list []int64
		for n := range sets[set] {
			list = append(list, numbers[spelled(n)])
		}
		for _, number := range distinct(list) {
			rows = append(rows, []any{number, set})
		}
	}
	slices.SortFunc(rows, func(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) })
	if err := s.insert(ctx, tx, `INSERT INTO pkgset_name (name_id, set_id)`, "", rows); err != nil {
		return fmt.Errorf("keeping the names in sets of packages: %w", err)
	}
	return nil
}

// A spelling is a name of a package as its table has it.
type spelling struct{ eco, name string }

func spelled(n match.Name) spelling { return spelling{storable(n.String()), storable(n.Name)} }

// sortedNames returns names in the one order in which all writers keep them.
func sortedNames(names map[match.Name]bool) []spelling {
	out := make([]spelling, 0, len(names))
	for n := range names {
		out = append(out, spelled(n))
	}
	slices.SortFunc(out, func(a, b spelling) int { return cmp.Or(strings.Compare(a.eco, b.eco), strings.Compare(a.name, b.name)) })
	return slices.Compact(out)
}

// internNames keeps names and returns their numbers.
func (s *Store) internNames(ctx context.Context, tx *sql.Tx, list []spelling) (map[spelling]int64, error) {
	numbers, err := s.readNames(ctx, tx, list)
	if err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(list), func(n spelling) bool { _, ok := numbers[n]; return ok })
	if len(missing) == 0 {
		return numbers, nil
	}
	first, err := s.take(ctx, tx, "pkgname", int64(len(missing)))
	if err != nil {
		return nil, err
	}
	rows := make([][]any, len(missing))
	for i, n := range missing {
		rows[i] = []any{first + int64(i), n.eco, n.name}
		numbers[n] = first + int64(i)
	}
	made, err := s.insertNew(ctx, tx, `INSERT INTO pkgname (name_id, eco, name)`, `ON CONFLICT (eco, name) DO NOTHING`, rows)
	if err != nil || made == int64(len(missing)) {
		return numbers, err
	}
	others, err := s.readNames(ctx, tx, missing) // another writer was first with some
	maps.Copy(numbers, others)
	return numbers, err
}

// readNames returns the numbers of the names that are known. The list is sorted.
func (s *Store) readNames(ctx context.Context, q querier, list []spelling) (map[spelling]int64, error) {
	out := make(map[spelling]int64, len(list))
	for len(list) > 0 {
		eco := list[0].eco
		var names []string
		for len(list) > 0 && list[0].eco == eco && len(names) < s.dialect.values {
			names, list = append(names, list[0].name), list[1:]
		}
		var a arguments
		query := `SELECT name_id, name FROM pkgname WHERE eco = ` + a.add(eco) + ` AND ` + anyOf(s.dialect, &a, "name", names)
		err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
			var number int64
			var name string
			err := rows.Scan(&number, &name)
			out[spelling{eco, name}] = number
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// MarkStale marks the stored inventories that hold packages of any of the names
// as to be matched again, and returns how many. since names what was known when
// they were last matched; 0 is that nobody can tell, and everything about them is
// to be compared. Of one that is marked already the older one stays, and 0 is
// older than all.
// Names that nothing stored holds cost one look at an index, and nothing is
// written.
func (s *Store) MarkStale(ctx context.Context, names []match.Name, since int64) (int64, error) {
	set := make(map[match.Name]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	known, err := s.readNames(ctx, s.read, sortedNames(set))
	if err != nil {
		return 0, fmt.Errorf("looking up names of packages: %w", err)
	}
	numbers := make([]int64, 0, len(known))
	for _, n := range known {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	var out int64
	for part := range slices.Chunk(numbers, maxNames) {
		n, err := s.mark(ctx, `inventory_set i WHERE i.set_id IN (SELECT n.set_id FROM pkgset_name n WHERE `+inNumbers("n.name_id", part)+`)`, since)
		if out += n; err != nil {
			return out, err
		}
	}
	return out, nil
}

// maxNames bounds the names of one statement. An update has some thousand.
const maxNames = 20_000

// MarkAllStale is MarkStale with all inventories there are.
func (s *Store) MarkAllStale(ctx context.Context, since int64) (int64, error) {
	return s.mark(ctx, `inventory i WHERE i.n >= 0`, since)
}

// MarkVulnerable is MarkStale with the inventories of resources that have
// findings of a vulnerability.
func (s *Store) MarkVulnerable(ctx context.Context, number, since int64) (int64, error) {
	return s.mark(ctx, fmt.Sprintf(`finding f JOIN resource i ON i.res_id = f.res_id
		WHERE f.vuln_sk = %d AND f.status < %d AND i.inv_id IS NOT NULL`, number, closedNumber), since)
}

// MarkResource is MarkStale with what one resource was last found to hold.
func (s *Store) MarkResource(ctx context.Context, scope org.Scope, res resource.Resource, since int64) (int64, error) {
	p, err := newPending(scope, &Scan{Resource: res})
	if err != nil {
		return 0, err
	}
	return s.mark(ctx, `resource i WHERE i.arn = $3 AND i.account_id = $4 AND i.region = $5 AND i.type = $6 AND i.inv_id IS NOT NULL`, since,
		res.ID, int64(p.account), res.Region, p.kind)
}

// mark marks the inventories of a query that has them as i. Its arguments begin
// with the third.
func (s *Store) mark(ctx context.Context, from string, since int64, args ...any) (n int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		mark, err := s.take(ctx, tx, "stale", 1)
		if err != nil {
			return err
		}
		//nolint:gosec // tables and placeholders
		query := fmt.Sprintf(`INSERT INTO stale (inv_id, since, mark) SELECT DISTINCT i.inv_id, CAST($1 AS BIGINT), CAST($2 AS BIGINT) FROM %s
			ON CONFLICT (inv_id) DO UPDATE SET mark = excluded.mark,
			since = CASE WHEN excluded.since = 0 THEN 0 ELSE stale.since END`, from)
		r, err := tx.ExecContext(ctx, query, append([]any{since, mark}, args...)...)
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("marking inventories: %w", err)
	}
	return n, nil
}

// Stale is an inventory that is to be matched again.
type Stale struct {
	Inventory int64
	Since     int64 // names what was known when it was last matched
	mark      int64
}

// StalePage chooses inventories that are to be matched again. Workers that
// share them each take one part of so many.
type StalePage struct {
	Part, Parts int64
	Limit       int
}

// Stale returns inventories that are to be matched again.
func (s *Store) Stale(ctx context.Context, page StalePage) ([]Stale, error) {
	var out []Stale
	err := each(ctx, s.read, `SELECT inv_id, since, mark FROM stale WHERE inv_id % $1 = $2 ORDER BY inv_id LIMIT $3`,
		[]any{max(1, page.Parts), page.Part, page.Limit}, func(rows *sql.Rows) error {
			var st Stale
			err := rows.Scan(&st.Inventory, &st.Since, &st.mark)
			out = append(out, st)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("reading which inventories are to be matched again: %w", err)
	}
	return out, nil
}

// CountStale returns how many inventories are to be matched again.
func (s *Store) CountStale(ctx context.Context) (int64, error) {
	var n int64
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM stale`).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting what is to be matched again: %w", err)
	}
	return n, nil
}

// Matched ends that inventories are to be matched again, but for those that were
// marked anew since they were read.
func (s *Store) Matched(ctx context.Context, list []Stale) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		byMark := map[int64][]int64{}
		for _, st := range list {
			byMark[st.mark] = append(byMark[st.mark], st.Inventory)
		}
		for _, mark := range sortedKeys(byMark) {
			var a arguments
			query := fmt.Sprintf(`DELETE FROM stale WHERE mark = %s AND %s`, a.add(mark), anyOf(s.dialect, &a, "inv_id", byMark[mark])) //nolint:gosec // names and placeholders
			if _, err := tx.ExecContext(ctx, query, a.values...); err != nil {
				return fmt.Errorf("noting what was matched: %w", err)
			}
		}
		return nil
	})
}
