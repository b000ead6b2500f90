package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
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

// anyOf is in with the list as one value, so that neither the text of the
// statement nor the time for binding grows with it. Texts are UTF-8 without NUL.
// Source: SQLite documentation, "JSON Functions And Operators", json_each, and
// "Built-In Scalar SQL Functions", unhex.
func anyOf[T int64 | string | []byte](d dialect, a *arguments, column string, list []T) string {
	if d.parted {
		return column + " = ANY(" + a.add(list) + ")"
	}
	if len(list) <= fewValues {
		return in(a, column, list)
	}
	value := "value"
	var b strings.Builder
	for i, v := range list {
		if b.WriteByte(','); i == 0 {
			b.Reset()
			b.WriteByte('[')
		}
		switch v := any(v).(type) {
		case int64:
			b.WriteString(strconv.FormatInt(v, 10))
		case []byte:
			value = "unhex(value)"
			fmt.Fprintf(&b, `"%x"`, v)
		case string:
			text, _ := json.Marshal(v) // any text can be written
			b.Write(text)
		}
	}
	return column + " IN (SELECT " + value + " FROM json_each(" + a.add(b.String()+"]") + "))"
}

// fewValues is how many values cost less one by one than as a list.
const fewValues = 3

// distinct returns the numbers in their order, each once.
func distinct(list []int64) []int64 {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// textOrNull is how a text that may be empty is kept.
func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// numberOrNull is how a number that may be unknown is kept.
func numberOrNull(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// insert adds rows in few statements: head, then the rows, then tail. All rows
// are of one length, and the values of a column of one type, or nil. Head names
// the columns.
func (s *Store) insert(ctx context.Context, tx *sql.Tx, head, tail string, rows [][]any) error {
	_, err := s.insertNew(ctx, tx, head, tail, rows)
	return err
}

// insertNew is like insert, and returns how many rows were written: fewer where
// the tail leaves out those that are there.
func (s *Store) insertNew(ctx context.Context, tx *sql.Tx, head, tail string, rows [][]any) (n int64, err error) {
	add := func(r sql.Result, err error) error {
		if err != nil {
			return err
		}
		some, err := r.RowsAffected()
		n += some
		return err
	}
	if !s.dialect.parted {
		err = insertPrepared(ctx, tx, statement{head, tail, s.dialect.rows}, rows, add)
		return n, err
	}
	for part := range slices.Chunk(rows, s.dialect.rows) {
		var a arguments
		text, ok := unnest(&a, part)
		if !ok {
			text = values(len(part), len(part[0]), func(n int) string { return "$" + strconv.Itoa(n) })
			a.values = slices.Concat(part...)
		}
		if err := add(tx.ExecContext(ctx, head+text+" "+tail, a.values...)); err != nil {
			return n, err
		}
	}
	return n, nil
}

// A statement inserts so many rows.
type statement struct {
	head, tail string
	rows       int
}

// text returns the statement for so many rows of so many columns. Its
// placeholders have no numbers: the driver looks for one that has among all.
func (s statement) text(rows, columns int) string {
	return s.head + values(rows, columns, func(int) string { return "?" }) + " " + s.tail
}

// insertPrepared has SQLite read the text once for all rows.
func insertPrepared(ctx context.Context, tx *sql.Tx, st statement, rows [][]any, add func(sql.Result, error) error) error {
	whole := len(rows) / st.rows * st.rows
	if whole <= st.rows {
		whole = 0 // not worth it
	} else if err := insertWhole(ctx, tx, st, rows[:whole], add); err != nil {
		return err
	}
	for part := range slices.Chunk(rows[whole:], st.rows) {
		if err := add(tx.ExecContext(ctx, st.text(len(part), len(part[0])), slices.Concat(part...)...)); err != nil {
			return err
		}
	}
	return nil
}

// insertWhole adds rows that fill all of its statements.
func insertWhole(ctx context.Context, tx *sql.Tx, st statement, rows [][]any, add func(sql.Result, error) error) error {
	ready, err := tx.PrepareContext(ctx, st.text(st.rows, len(rows[0])))
	if err != nil {
		return err
	}
	defer func() { _ = ready.Close() }()
	for part := range slices.Chunk(rows, st.rows) {
		if err := add(ready.ExecContext(ctx, slices.Concat(part...)...)); err != nil {
			return err
		}
	}
	return nil
}

// values returns the VALUES of rows; mark returns the n-th placeholder.
func values(rows, columns int, mark func(n int) string) string {
	var b strings.Builder
	b.WriteString(" VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j := range columns {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteString(mark(i*columns + j + 1))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// unnest returns a query of rows that are sent column by column: the text does
// not depend on how many there are, so that PostgreSQL reads it once. False if a
// column is of a type that it does not know.
func unnest(a *arguments, rows [][]any) (text string, ok bool) {
	var sent arguments
	var chosen, arrays, names []string
	for j := range rows[0] {
		typ, values := columnOf(rows, j)
		switch {
		case typ == "":
			return "", false
		case values == nil:
			chosen = append(chosen, "NULL")
			continue
		}
		name := "c" + strconv.Itoa(j)
		chosen, names = append(chosen, name), append(names, name)
		arrays = append(arrays, sent.add(values)+"::"+typ+"[]")
	}
	if len(names) == 0 {
		return "", false
	}
	a.values = sent.values
	return fmt.Sprintf(" SELECT %s FROM unnest(%s) AS r (%s)", strings.Join(chosen, ", "), strings.Join(arrays, ", "),
		strings.Join(names, ", ")), true
}

// columnOf returns the values of a column as a list of their type, and what
// PostgreSQL calls it; nil if all are nil, and no type if it has none of these.
func columnOf(rows [][]any, j int) (typ string, list any) {
	for _, row := range rows {
		switch row[j].(type) {
		case nil:
			continue
		case int64:
			return "bigint", listOfType[int64](rows, j)
		case string:
			return "text", listOfType[string](rows, j)
		case float64:
			return "double precision", listOfType[float64](rows, j)
		case []byte:
			return "bytea", listOfType[[]byte](rows, j)
		}
		return "", nil
	}
	return "unknown", nil
}

// listOfType returns the values of a column: as they are if none is nil, which is
// the faster way, else as pointers.
func listOfType[T any](rows [][]any, j int) any {
	plain := make([]T, len(rows))
	for i, row := range rows {
		v, ok := row[j].(T)
		if !ok {
			return nullable[T](rows, j)
		}
		plain[i] = v
	}
	return plain
}

// nullable returns the values of a column, nil for each that is.
func nullable[T any](rows [][]any, j int) []*T {
	out := make([]*T, len(rows))
	for i, row := range rows {
		if v, ok := row[j].(T); ok {
			out[i] = &v
		}
	}
	return out
}
