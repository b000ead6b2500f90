package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// Limits of a walk.
const (
	// walkBudget is how many rows of indexes one call reads at most, but for the
	// last piece.
	walkBudget = 50_000
	// maxStretches is how many stretches of an index are merged.
	maxStretches = 36
)

// pieces are how many rows of a stretch are read at once: the next size when the
// last brought little, the one before when it brought more than the list has use
// for. They are few, so that there are few texts of statements.
var pieces = []int{128, 512, 2048, 8192}

// A key is a column that the rows of a stretch are sorted by.
type key struct {
	sql string
	of  func(p place) any
}

// A cursor is how far the rows of an index have been read. It stands for the
// three conditions that follow each other as it moves on: none, the rows with
// the same first key, and those beyond. They are statements of their own rather
// than one condition on a row of values: SQLite would use only the first column
// of such a condition and read all the rest.
type cursor struct {
	keys  []key // one, two, or three of which the first has few values
	few   bool  // rows share the first of two keys with few others
	desc  bool
	at    *place // the last that was read; nil: none
	state cursorState
}

type cursorState int

const (
	cursorWhole  cursorState = iota // from the beginning
	cursorSame                      // after at, with the same first key
	cursorBeyond                    // after all with the first key of at
	cursorDone
)

// start sets the cursor behind a place.
func (c *cursor) start(after *place) {
	if after != nil {
		c.at, c.state = after, cursorSame
	}
}

// condition returns the condition on the rows to be read next; empty if it is
// none.
func (c *cursor) condition(a *arguments) string {
	beyond := " > "
	if c.desc {
		beyond = " < "
	}
	first := c.keys[0]
	switch {
	case c.state == cursorWhole:
		return ""
	case c.state == cursorBeyond || len(c.keys) == 1:
		return " AND " + first.sql + beyond + a.add(first.of(*c.at))
	}
	if c.few {
		return " AND " + c.pastFew(c.keys, beyond, a)
	}
	if len(c.keys) == 3 {
		return " AND " + first.sql + " = " + a.add(first.of(*c.at)) + " AND " + c.pastFew(c.keys[1:], beyond, a)
	}
	return " AND " + first.sql + " = " + a.add(first.of(*c.at)) + " AND " + c.keys[1].sql + beyond + a.add(c.keys[1].of(*c.at))
}

// pastFew returns the condition on the rows after at by two keys, of which few
// rows share the first: one statement that passes over those few costs less than
// two.
func (c *cursor) pastFew(keys []key, beyond string, a *arguments) string {
	at := a.add(keys[0].of(*c.at))
	return keys[0].sql + beyond[:2] + "= " + at + " AND (" + keys[0].sql + beyond + at + " OR " +
		keys[1].sql + beyond + a.add(keys[1].of(*c.at)) + ")"
}

// orderBy returns what the rows are sorted by, as ORDER BY has it.
func (c *cursor) orderBy(desc bool) string {
	terms := make([]filter.Term, len(c.keys))
	for i, k := range c.keys {
		terms[i] = filter.Term{SQL: k.sql, Desc: desc}
	}
	return filter.OrderBy(terms)
}

// move tells that rows up to a place were read, and whether all of the present
// condition were; last is nil if there was none.
func (c *cursor) move(last *place, all bool) {
	if last != nil {
		c.at = last
	}
	switch {
	case !all:
		c.state = cursorSame
	case c.state == cursorSame && len(c.keys) > 1 && !c.few:
		c.state = cursorBeyond
	default:
		c.state = cursorDone
	}
}

// An equal is a column with one value.
type equal struct {
	column string
	value  int64
}

// A stretch is a part of an index whose rows have the order of the list.
type stretch struct {
	cursor
	equal []equal
	part  int64 // the partition it lies in; everywhere if it is allParts
	read  []row // that fit and were not taken yet
	piece int   // which of pieces comes next
	tried bool  // something was read
}

// allParts means that rows lie in any partition.
const allParts = -1

// A group is a part of a list all of which comes before the next group.
type group struct {
	text      *string // the attribute of all its findings, if the list has one
	num       *float64
	prefix    []int64 // the first numbers of all its findings
	stretches []*stretch
	rows      []row // instead of stretches: all that fits, in order
	end       place // after all of it
}

// A walk makes a list by walking along indexes that have its order.
type walk struct {
	*selection
	store    *Store
	criteria filter.Criteria                           // that the stretches do not settle
	anywhere bool                                      // the stretches do not settle the account
	extra    string                                    // a condition of the walk itself; empty: none
	budget   int                                       // what is left of it
	next     func(ctx context.Context) (*group, error) // nil after the last
}

// walk returns the first rows of a selection. If they are fewer than its limit
// and more is not nil, there may be others after that place.
func (s *Store) walk(ctx context.Context, sel *selection) (rows []row, more *place, err error) {
	w := &walk{selection: sel, store: s, budget: sel.budget, criteria: sel.criteria, anywhere: true}
	w.plan()
	for {
		g, err := w.next(ctx)
		if err != nil || g == nil {
			return rows, nil, err
		}
		rows, more, err = w.merge(ctx, g, rows)
		switch {
		case err != nil || more != nil || len(rows) == sel.limit:
			return rows, more, err
		case w.budget <= 0:
			return rows, &g.end, nil
		}
	}
}

// merge adds the rows of a group to a list until it is long enough. If the
// budget ends before, more is the place up to which the list is complete.
func (w *walk) merge(ctx context.Context, g *group, rows []row) (out []row, more *place, err error) {
	if g.stretches == nil {
		return append(rows, g.rows[:min(len(g.rows), w.limit-len(rows))]...), nil, nil
	}
	for len(rows) < w.limit {
		var first *stretch
		var where *place // of the next row of first, or up to where first was read
		for _, st := range g.stretches {
			var at *place
			switch {
			case len(st.read) > 0:
				p := w.order.place(&st.read[0])
				at = &p
			case st.state == cursorDone:
				continue
			default:
				at = st.at
			}
			if first == nil || where != nil && (at == nil || w.order.compare(*at, *where) < 0) {
				first, where = st, at
			}
		}
		switch {
		case first == nil:
			return rows, nil, nil
		case len(first.read) > 0:
			rows, first.read = append(rows, first.read[0]), first.read[1:]
		case w.budget <= 0 && first.tried: // each is read once at least, so that the next page begins further on
			return rows, where, nil
		default:
			if err := w.fill(ctx, g, first); err != nil {
				return nil, nil, err
			}
		}
	}
	return rows, nil, nil
}

// fill reads the next rows of a stretch: until some fit, or a piece was read, or
// there are no more.
func (w *walk) fill(ctx context.Context, g *group, st *stretch) error {
	if !st.tried && w.pace > 0 && len(g.stretches) <= 4 {
		st.piece = min(w.pace, len(pieces)) - 1
	}
	n := pieces[st.piece]
	if len(g.stretches) > 1 && st.piece == 0 {
		n = 64 // of each
	}
	if len(g.stretches) > 4 && st.piece == 0 {
		n = 32
	}
	st.tried = true
	for st.state != cursorDone && len(st.read) == 0 {
		rows, last, read, err := w.readPiece(ctx, g, st, n)
		if err != nil {
			return err
		}
		w.budget -= read + statementCost
		st.move(last, read < n)
		st.read = rows
		if read == n {
			switch most := w.mostOf(n); {
			case len(rows) == most:
				st.piece = max(st.piece-1, 0)
			case len(rows) < max(most/len(g.stretches)/4, 1):
				st.piece = min(st.piece+1, len(pieces)-1)
			}
			w.pace = st.piece + 1
			return nil
		}
	}
	return nil
}

// from is the next part of a stretch, as the FROM of a query has it, in order.
func (st *stretch) from(d dialect, a *arguments) string {
	parts := make([]string, len(st.equal))
	index := ""
	for i, e := range st.equal {
		parts[i] = "f." + e.column + " = " + a.add(e.value)
		if e.column == "account_id" && !d.parted {
			index = "INDEXED BY f_aord " // SQLite may think that another one does, when one account has nearly all
		}
	}
	return d.findings(st.part) + " f " + index + "WHERE " + strings.Join(parts, " AND ") + st.condition(a) + " ORDER BY " + st.orderBy(st.desc)
}

// readPiece reads the next n rows of a stretch and returns those that fit, the
// place of the last row that was looked at, and how many rows that were: n if
// there may be more.
func (w *walk) readPiece(ctx context.Context, g *group, st *stretch, n int) (rows []row, last *place, read int, err error) {
	var a arguments
	from := st.from(w.store.dialect, &a)
	condition, err := w.unsettled(&a)
	if err != nil {
		return nil, nil, 0, err
	}
	query := piece(from, condition, st.orderBy(st.desc), st.orderBy(!st.desc), n, w.mostOf(n))
	rows, examined, count, err := w.pieceRows(ctx, query, a.values)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("walking: %w", err)
	}
	switch {
	case condition == "" && len(rows) > 0:
		last := rows[len(rows)-1]
		examined, count = &last, len(rows)
	case len(rows) == w.mostOf(n): // there may be others that fit
		last := rows[len(rows)-1]
		examined, count = &last, n
	}
	for i := range rows {
		rows[i].text, rows[i].num = g.text, g.num
	}
	if examined != nil {
		examined.text, examined.num = g.text, g.num
		p := w.order.place(examined)
		last = &p
	}
	return rows, last, count, nil
}

// mostOf is how many fitting rows of a piece of n are returned at most: the list
// has no use for more.
func (w *walk) mostOf(n int) int { return min(n, w.limit) }

// piece returns the query of n rows of an index, the first most of those that
// fit. What is not to be left to the planner is fenced: the index is read first,
// and only then is looked at the rest. With a condition, the last row that was
// looked at comes again, with the number of rows; otherwise that number is 0.
func piece(from, condition, order, reverse string, n, most int) string {
	if condition == "" {
		return fmt.Sprintf("SELECT 0, %s FROM %s LIMIT %d", listed, from, n)
	}
	return fmt.Sprintf(`WITH f AS MATERIALIZED (SELECT %[1]s FROM %[2]s LIMIT %[3]d)
		SELECT * FROM (SELECT 0 AS n, %[4]s FROM f WHERE %[5]s ORDER BY %[6]s LIMIT %[7]d) y
		UNION ALL SELECT * FROM (SELECT (SELECT count(*) FROM f) AS n, %[4]s FROM f ORDER BY %[8]s LIMIT 1) z`,
		fenced, from, n, listed, condition, order, most, reverse)
}

// fenced are the columns that listed needs.
const fenced = `f.fid, f.fkey, f.account_id, f.res_id, f.vuln_sk, f.text_id, f.match_id, f.type, f.res_type,
	f.severity, f.status, f.fix, f.score, f.first_at, f.last_at, f.updated_at, f.closed_at`

// pieceRows runs a query that piece made. Its rows are in order.
func (w *walk) pieceRows(ctx context.Context, query string, args []any) (rows []row, last *row, read int, err error) {
	err = each(ctx, w.store.read, query, args, func(found *sql.Rows) error {
		var r row
		var n int
		if err := r.scan(found, &n); err != nil {
			return err
		}
		if n > 0 {
			last, read = &r, n
		} else {
			rows = append(rows, r)
		}
		return nil
	})
	return rows, last, read, err
}

// unsettled returns what a stretch does not settle, for a query of finding f;
// empty if it settles everything.
func (w *walk) unsettled(a *arguments) (string, error) {
	condition, args, err := filter.Where(filter.Finding, probed(findingColumns()), w.criteria, a.values)
	if err != nil {
		return "", err
	}
	a.values = args
	if w.anywhere {
		condition = inAccounts(w.store.dialect, a, "f.account_id", w.accounts) + " AND " + condition
	}
	if w.extra != "" {
		condition += " AND " + w.extra
	}
	if condition == "1=1" {
		condition = ""
	}
	return condition, nil
}

// inAccounts returns the condition that a column is one of the accounts.
func inAccounts(d dialect, a *arguments, column string, accounts []int64) string {
	if len(accounts) == 1 { // of one account the text may say which
		return inNumbers(column, accounts)
	}
	return d.anyNumber(a, column, accounts)
}

// partOfAll returns the partition of all accounts, or allParts if they lie in
// several.
func (d dialect) partOfAll(accounts []int64) int64 {
	part := d.partOf(org.Account(accounts[0]))
	for _, a := range accounts[1:] {
		if d.partOf(org.Account(a)) != part {
			return allParts
		}
	}
	return part
}

// settle takes fields from what has to be looked at.
func (w *walk) settle(fields ...string) {
	_, w.criteria = w.criteria.Pick(fields...)
}

// chosen returns the numbers of the words that the conditions on a field let
// through, in the order of the list.
func (sel *selection) chosen(field string, of []string) []int64 {
	var out []int64
	for _, word := range filter.Choose(sel.criteria[field], of) {
		out = append(out, int64(slices.Index(of, word)))
	}
	if len(sel.criteria[field]) == 0 {
		out = nil
		for n, word := range of {
			if word != "" {
				out = append(out, int64(n))
			}
		}
	}
	return out
}

// after returns the place to begin a group after, which has the given first
// numbers: nil at its beginning. passed means that the list is beyond the group.
func (w *walk) afterIn(prefix []int64) (after *place, passed bool) {
	if w.after == nil {
		return nil, false
	}
	c := slices.Compare(prefix, w.after.IDs[:len(prefix)])
	if w.order.desc {
		c = -c
	}
	end := w.order.endOf(w.after.Text, w.after.Num, prefix)
	switch {
	case c < 0 || w.order.compare(end, *w.after) <= 0:
		return nil, true
	case c > 0:
		return nil, false
	}
	return w.after, false
}

// endOf returns the place after all that have an attribute and first numbers.
func (o order) endOf(text *string, num *float64, prefix []int64) place {
	end := place{Text: text, Num: num, IDs: slices.Clone(prefix)}
	last := int64(math.MaxInt64)
	if o.desc {
		last = math.MinInt64
	}
	for len(end.IDs) < len(o.numbers) {
		end.IDs = append(end.IDs, last)
	}
	return end
}
