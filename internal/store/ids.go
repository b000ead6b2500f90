package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// A block is a range of ids that are reserved and not yet given out.
type block struct{ next, end int64 }

// take returns the first of n ids of a table that follow each other. On
// PostgreSQL they come from a block that was reserved in a transaction of its
// own, so that writers do not wait for each other; ids that a transaction did
// not use are lost, which does no harm.
func (s *Store) take(ctx context.Context, tx *sql.Tx, table string, n int64) (int64, error) {
	if s.dialect.idBlock == 0 {
		return advance(ctx, tx, table, n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.ids[table]
	if b.end-b.next < n {
		size := max(n, s.dialect.idBlock)
		first, err := advance(ctx, s.reserve, table, size)
		if err != nil {
			return 0, err
		}
		b = block{first, first + size}
	}
	first := b.next
	b.next += n
	s.ids[table] = b
	return first, nil
}

// advance reserves n ids of a table in the database and returns the first.
func advance(ctx context.Context, q querier, table string, n int64) (int64, error) {
	var next int64
	row := q.QueryRowContext(ctx, `UPDATE id_block SET next = next + $1 WHERE name = $2 RETURNING next`, n, table)
	if err := row.Scan(&next); err != nil {
		return 0, fmt.Errorf("reserving ids of %s: %w", table, err)
	}
	return next - n, nil
}

// arguments collects the values of a statement. Their placeholders are numbered
// in the order of their first appearance, which both drivers accept.
type arguments struct{ values []any }

// add returns the placeholder of a value.
func (a *arguments) add(v any) string {
	a.values = append(a.values, v)
	return "$" + strconv.Itoa(len(a.values))
}

// in returns the condition that a column has one of the values; false if there
// are none.
func in[T any](a *arguments, column string, values []T) string {
	switch len(values) {
	case 0:
		return "1 = 0"
	case 1:
		return column + " = " + a.add(values[0])
	}
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = a.add(v)
	}
	return column + " IN (" + strings.Join(marks, ", ") + ")"
}

// inNumbers is in with the values in the text. A list that is long and in many
// branches of a query is read sooner so than bound.
func inNumbers(column string, values []int64) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = strconv.FormatInt(v, 10)
	}
	return column + " IN (" + strings.Join(list, ", ") + ")"
}

// valuesAtOnce is how many values a condition has that looks things up.
const valuesAtOnce = 100

// insert adds rows in few statements: head, then VALUES, then tail.
func (s *Store) insert(ctx context.Context, q querier, head, tail string, rows [][]any) error {
	for len(rows) > 0 {
		n := min(len(rows), s.dialect.rows)
		var a arguments
		var b strings.Builder
		b.WriteString(head + " VALUES ")
		for i, row := range rows[:n] {
			if i > 0 {
				b.WriteString(", ")
			}
			marks := make([]string, len(row))
			for j, v := range row {
				marks[j] = a.add(v)
			}
			b.WriteString("(" + strings.Join(marks, ", ") + ")")
		}
		b.WriteString(" " + tail)
		if _, err := q.ExecContext(ctx, b.String(), a.values...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
