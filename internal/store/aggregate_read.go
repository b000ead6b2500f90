package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Limits of aggregations.
const (
	// fewCounters is how many counters are collected and sorted rather than read
	// along an index that has their order.
	fewCounters = 10_000
	// fewResources is the same for resources, whose counters no index has.
	fewResources = 2_000
	// fewAccounts is how many accounts may have few of the counters that there
	// are: with more of them, a walk does not pass by many that are not theirs.
	fewAccounts = 10
	// fewNumbers is how many things are looked up by their numbers.
	fewNumbers = 1_000
)

// A tallied row is what is counted, in the numbers of the tables.
type tallied struct {
	aggKey
	counts
	net int64 // of resources
}

// graded tells whether what a list is sorted by is a severity: what is equal is
// then in the order of all findings.
func graded(column string) bool { return column == "n_crit" || column == "n_high" }

// place returns the position of a row in a list.
func (r tallied) place(column string) tallyPlace {
	p := tallyPlace{Value: r.value(column), Account: r.account, Key: r.k, Res: r.aggKey.res, Type: r.ftype}
	if graded(column) {
		p.All = r.all
	}
	return p
}

// value returns what a list is sorted by.
func (r tallied) value(column string) int64 {
	switch column {
	case "n_crit":
		return r.crit
	case "n_high":
		return r.high
	case "n_net":
		return r.net
	case "n_res":
		return r.counts.res
	}
	return r.all
}

// compare is the order of a list that does not ascend.
func (p tallyPlace) compare(o tallyPlace) int {
	return cmp.Or(-cmp.Compare(p.Value, o.Value), -cmp.Compare(p.All, o.All), -cmp.Compare(p.Key, o.Key), -cmp.Compare(p.Account, o.Account),
		-cmp.Compare(p.Res, o.Res), -cmp.Compare(p.Type, o.Type))
}

// compare orders rows as the list has them.
func (t *tallying) compare(a, b tallied) int {
	c := a.place(t.sort).compare(b.place(t.sort))
	if t.Ascending {
		return -c
	}
	return c
}

// beyond tells whether a row comes after the page before.
func (t *tallying) beyond(r tallied) bool {
	if t.after == nil {
		return true
	}
	c := t.after.compare(r.place(t.sort))
	return c < 0 && !t.Ascending || c > 0 && t.Ascending
}

// tally returns the rows of a page, and one more if there is another page.
func (s *Store) tally(ctx context.Context, t tallying) ([]tallied, error) {
	if t.dim == 0 {
		return s.tallyResources(ctx, t)
	}
	var out []tallied
	err := s.snapshot(ctx, func(tx *sql.Tx) error {
		where, err := t.conditions(ctx, tx)
		if err != nil {
			return err
		}
		few, err := t.few(ctx, tx, where)
		if err != nil {
			return err
		}
		if few {
			out, err = t.collect(ctx, tx, where)
			return err
		}
		t.narrow = "" // the order of the list narrows it more
		out, err = t.walk(ctx, tx, where)
		return err
	})
	return out, err
}

// few tells whether all counters that fit are collected and sorted.
func (t *tallying) few(ctx context.Context, q querier, where condition) (bool, error) {
	if t.dim == dimAccount {
		return true, nil
	}
	if t.narrow == "" {
		if len(t.accounts) > fewAccounts {
			return false, nil
		}
		where = nil // may fit few of many
	}
	var a arguments
	text, err := where.and(&a)
	if err != nil {
		return false, err
	}
	return hasFew(ctx, q, fewCounters, "agg a WHERE "+t.of("agg")+text, a.values...)
}

// findingTypes returns the types of findings whose titles are listed.
func (t *tallying) findingTypes() []int64 {
	if t.ftype != 0 {
		return []int64{t.ftype}
	}
	var out []int64
	for n := range typeNumbers {
		if n > 0 {
			out = append(out, int64(n))
		}
	}
	return out
}

// sorted returns the conditions on counters of which an index has those of each
// in the order of the list, in the words of the index.
func (t *tallying) sorted(ctx context.Context, q querier) (out []string, err error) {
	switch {
	case t.sort == "n_res":
		return []string{fmt.Sprintf("a.dim = %d", t.dim)}, nil
	case t.dim != dimTitle:
		return []string{fmt.Sprintf("a.dim = %d AND a.ftype = 0", t.dim)}, nil
	case t.rtype != 0:
		for _, ftype := range t.findingTypes() {
			for _, dim := range []int{dimTitle, dimTitlePart} {
				out = append(out, fmt.Sprintf("a.dim = %d AND a.rtype = %d AND a.ftype = %d", dim, t.rtype, ftype))
			}
		}
		return out, nil
	}
	// Of all pairs of types there are few.
	var pairs []string
	for _, ftype := range t.findingTypes() {
		for rtype := range resourceNumbers {
			pair := fmt.Sprintf("a.dim = %d AND a.rtype = %d AND a.ftype = %d", dimTitle, rtype, ftype)
			pairs = append(pairs, fmt.Sprintf("SELECT '%[1]s' WHERE EXISTS (SELECT 1 FROM agg a WHERE %[1]s)", pair))
		}
	}
	err = each(ctx, q, strings.Join(pairs, " UNION ALL "), nil, func(rows *sql.Rows) error {
		var pair string
		err := rows.Scan(&pair)
		out = append(out, pair)
		return err
	})
	return out, err
}

// A section is a part of a list that indexes have in its order.
type section struct {
	where   string
	columns []string // that it is sorted by
	within  bool     // the page before ends in it
}

// sections returns the parts of a list in their order, without those before the
// page. What has none of what the list is sorted by is in no index for it, but in
// that by all findings.
func (t *tallying) sections() []section {
	columns := t.inOrder()
	some := section{where: "a." + t.sort + " > 0", columns: columns, within: t.after != nil && t.after.Value > 0}
	if !graded(t.sort) {
		return []section{some} // nothing else is listed
	}
	none := section{where: "a." + t.sort + " = 0", columns: columns[1:], within: t.after != nil && t.after.Value == 0}
	switch {
	case t.Ascending && some.within:
		return []section{some}
	case t.Ascending:
		return []section{none, some}
	case none.within:
		return []section{none}
	}
	return []section{some, none}
}

// conditions returns the criteria as a condition on rows of counters a, and
// notes whether it names few of them.
func (t *tallying) conditions(ctx context.Context, q querier) (where condition, err error) {
	for _, c := range []struct {
		criteria           filter.Criteria
		field              func(name string) counterField
		number, ofCounters string
		table, tie         string
		accounts           bool
	}{
		{t.terms, countedTerm, "n.k", "a.k", "agg_key n", fmt.Sprintf("n.dim = %d", t.dim), false},
		{t.resources, countedResource, "r.res_id", "a.res_id", "resource r", "1 = 1", true},
	} {
		if len(c.criteria) == 0 {
			continue
		}
		text, args, err := compile(c.field, c.criteria, nil)
		if err != nil {
			return where, err
		}
		from := " FROM " + c.table + " WHERE " + c.tie + " AND " + text
		look := "SELECT " + c.number + from
		if c.accounts {
			look += " AND " + inNumbers("r.account_id", t.accounts)
		}
		var found []int64
		err = each(ctx, q, fmt.Sprintf("%s LIMIT %d", look, fewNumbers+1), args, func(rows *sql.Rows) error {
			var n int64
			err := rows.Scan(&n)
			found = append(found, n)
			return err
		})
		if err != nil {
			return where, err
		}
		if len(found) > fewNumbers {
			tie := c.number + " = " + c.ofCounters
			if c.accounts {
				tie += " AND r.account_id = a.account_id"
			}
			where = append(where, func(a *arguments) (string, error) {
				text, args, err := compile(c.field, c.criteria, a.values)
				a.values = args
				return "EXISTS (SELECT 1 FROM " + c.table + " WHERE " + tie + " AND " + text + ")", err
			})
			continue
		}
		t.narrow = c.ofCounters
		where = append(where, func(*arguments) (string, error) {
			if len(found) == 0 {
				return "1 = 0", nil
			}
			if t.narrow == "" { // a planner would begin with them
				return inNumbers("+"+c.ofCounters, found), nil
			}
			condition := inNumbers(c.ofCounters, found)
			if c.ofCounters == "a.res_id" {
				condition += " AND a.res_id > 0" // its index has no others
			}
			return condition, nil
		})
	}
	return where, nil
}

// A condition is a list of conditions that all hold, each of which is written
// where its values are added.
type condition []func(a *arguments) (string, error)

// and returns the condition with AND before each part.
func (c condition) and(a *arguments) (string, error) {
	var b strings.Builder
	for _, part := range c {
		text, err := part(a)
		if err != nil {
			return "", err
		}
		b.WriteString(" AND " + text)
	}
	return b.String(), nil
}

// compile returns criteria as SQL.
func compile(field func(name string) counterField, c filter.Criteria, args []any) (string, []any, error) {
	fields, columns := filter.Fields{}, filter.Columns{}
	for name := range c {
		fields[name], columns[name] = field(name).kind, field(name).column
	}
	text, args, err := filter.Where(fields, columns, c, args)
	if invalid, ok := errors.AsType[*filter.Invalid](err); ok {
		return "", nil, fault.New(fault.Invalid, "%s", invalid.Error())
	}
	return text, args, err
}

// hasFew tells whether no more than n rows are in what a FROM names. It reads
// nothing but an index.
func hasFew(ctx context.Context, q querier, n int64, from string, args ...any) (bool, error) {
	var found int64
	err := q.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d) z`, from, n+1), args...).Scan(&found)
	return found <= n, err
}

// whatColumns say what a row of counters is about.
const whatColumns = "account_id, k, res_id, ftype"

// summed is what a query of counters has to add up.
const summed = `CAST(sum(n_all) AS BIGINT) AS n_all, CAST(sum(n_crit) AS BIGINT) AS n_crit, CAST(sum(n_high) AS BIGINT) AS n_high,
	CAST(sum(n_med) AS BIGINT) AS n_med, CAST(sum(n_fix) AS BIGINT) AS n_fix, CAST(sum(n_res) AS BIGINT) AS n_res`

// columns are those of rows of counters. Only titles are told apart by type.
func (t *tallying) columns() string {
	if t.dim == dimTitle {
		return "account_id, k, res_id, ftype, " + countColumns
	}
	return "account_id, k, res_id, 0 AS ftype, " + countColumns
}

// of returns the condition on the dimension, the accounts and the types. The plus
// keeps planners from beginning with the accounts where something narrower is
// named.
func (t *tallying) of(table string) string {
	dim, accounts := "a.dim", "a.account_id"
	switch t.narrow {
	case "a.res_id":
		dim, accounts = "+a.dim", "+a.account_id"
	case "a.k":
		accounts = "+a.account_id"
	}
	return fmt.Sprintf("%s AND %s AND %s", t.ofDim(dim, table), inNumbers(accounts, t.accounts), t.ofTypes())
}

// ofDim returns the condition on the dimension. Titles of one type of resource
// are of two, but for changes.
func (t *tallying) ofDim(column, table string) string {
	if t.dim == dimTitle && t.rtype != 0 && table == "agg" {
		return fmt.Sprintf("%s IN (%d, %d)", column, dimTitle, dimTitlePart)
	}
	return fmt.Sprintf("%s = %d", column, t.dim)
}

// ofTypes returns the condition on the types.
func (t *tallying) ofTypes() string {
	ftype, rtype := "1 = 1", "1 = 1"
	switch {
	case t.dim == dimTitle: // an index has the type before all else
		ftype = inNumbers("a.ftype", t.findingTypes())
	case t.ftype != 0:
		ftype = fmt.Sprintf("a.ftype = %d", t.ftype)
	}
	if t.rtype != 0 {
		rtype = fmt.Sprintf("a.rtype = %d", t.rtype)
	}
	return ftype + " AND " + rtype
}

// collect adds up all counters that fit, and sorts them.
func (t *tallying) collect(ctx context.Context, q querier, where condition) ([]tallied, error) {
	var a arguments
	var parts []string
	for _, table := range []string{"agg", "agg_delta"} {
		text, err := where.and(&a)
		if err != nil {
			return nil, err
		}
		parts = append(parts, "SELECT "+t.columns()+" FROM "+table+" a WHERE "+t.of(table)+text)
	}
	query := `SELECT * FROM (SELECT ` + whatColumns + `, ` + summed + ` FROM (` +
		strings.Join(parts, " UNION ALL ") + `) z GROUP BY ` + whatColumns + `) g WHERE n_all > 0`
	if t.after != nil {
		var steps []string
		for _, step := range t.keyset(t.inOrder(), true) {
			steps = append(steps, step(&a))
		}
		query += " AND (" + strings.Join(steps, " OR ") + ")"
	}
	query += " ORDER BY " + t.ordered(t.inOrder()) + fmt.Sprintf(" LIMIT %d", t.size+1)
	var out []tallied
	err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
		r, err := scanTallied(rows)
		out = append(out, r)
		return err
	})
	return out, err
}

func scanTallied(rows *sql.Rows) (r tallied, err error) {
	err = rows.Scan(&r.account, &r.k, &r.aggKey.res, &r.ftype, &r.all, &r.crit, &r.high, &r.med, &r.fix, &r.counts.res)
	return r, err
}

// A tallyStep is a condition that is written where its values are added.
type tallyStep func(a *arguments) string

// keyset returns the conditions that lead on from the page before, of which
// exactly one holds for each row beyond it; one that always holds if the page
// before does not end within what is read, or there is none.
func (t *tallying) keyset(columns []string, within bool) []tallyStep {
	if t.after == nil || !within {
		return []tallyStep{func(*arguments) string { return "1 = 1" }}
	}
	values := map[string]int64{
		"n_all": t.after.All, "k": t.after.Key, "account_id": t.after.Account, "res_id": t.after.Res, "ftype": t.after.Type,
	}
	values[t.sort] = t.after.Value
	sign := " < "
	if t.Ascending {
		sign = " > "
	}
	var out []tallyStep
	for i, last := range columns {
		out = append(out, func(a *arguments) string {
			var b strings.Builder
			for _, c := range columns[:i] {
				b.WriteString(c + " = " + a.add(values[c]) + " AND ")
			}
			return b.String() + last + sign + a.add(values[last])
		})
	}
	return out
}

// inOrder returns the columns that a list of counters is sorted by. After what
// it is asked to be sorted by, things come before accounts, so that those of one
// account are never far apart.
func (t *tallying) inOrder() []string {
	columns := []string{t.sort}
	if graded(t.sort) {
		columns = append(columns, "n_all")
	}
	columns = append(columns, "k", "account_id")
	if t.dim == dimTitle {
		return append(columns, "ftype")
	}
	return append(columns, "res_id")
}

// ordered returns columns as an ORDER BY has them.
func (t *tallying) ordered(columns []string) string {
	if t.Ascending {
		return strings.Join(columns, ", ")
	}
	return strings.Join(columns, " DESC, ") + " DESC"
}

// walk reads counters along the index that has their order, and puts those that
// changed since they were added up where they belong.
func (t *tallying) walk(ctx context.Context, q querier, where condition) ([]tallied, error) {
	out, changed, err := t.tail(ctx, q, where)
	if err != nil {
		return nil, err
	}
	sorted, err := t.sorted(ctx, q)
	if err != nil {
		return nil, err
	}
	errEnough := errors.New("enough")
	n := 0
	for _, part := range t.sections() {
		if len(sorted) == 0 {
			break
		}
		query, args, err := t.along(part, sorted, where, t.size+1+len(changed))
		if err != nil {
			return nil, err
		}
		err = each(ctx, q, query, args, func(rows *sql.Rows) error {
			r, err := scanTallied(rows)
			if err != nil {
				return err
			}
			if !changed[r.aggKey] && r.all > 0 {
				out = append(out, r)
				n++
			}
			if n > t.size {
				return errEnough
			}
			return nil
		})
		if errors.Is(err, errEnough) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, t.compare)
	return out[:min(len(out), t.size+1)], nil
}

// along returns the query that reads a section of a list.
func (t *tallying) along(part section, sorted []string, where condition, limit int) (query string, args []any, err error) {
	var a arguments
	order := t.ordered(part.columns)
	// The index tells the account of a counter before the counter is read, but
	// PostgreSQL asks it only about a single one.
	accounts := inNumbers("+a.account_id", t.accounts)
	if len(t.accounts) == 1 {
		accounts = inNumbers("a.account_id", t.accounts)
	}
	var parts []string
	for _, one := range sorted {
		for _, step := range t.keyset(part.columns, part.within) {
			text, err := where.and(&a)
			if err != nil {
				return "", nil, err
			}
			parts = append(parts, fmt.Sprintf("SELECT * FROM (SELECT %s FROM agg a WHERE %s AND %s AND %s%s AND %s ORDER BY %s LIMIT %d) b%d",
				t.columns(), one, part.where, accounts, text, step(&a), order, limit, len(parts)))
		}
	}
	return strings.Join(parts, " UNION ALL ") + " ORDER BY " + order, a.values, nil
}

// tail returns the counters that changed since they were added up and that
// belong into the list beyond the page before, and the keys of all that changed.
func (t *tallying) tail(ctx context.Context, q querier, where condition) (list []tallied, changed map[aggKey]bool, err error) {
	var a arguments
	deltas := func() (string, error) {
		text, err := where.and(&a)
		return "SELECT " + t.columns() + " FROM agg_delta a WHERE " + t.of("agg_delta") + text, err
	}
	keys, err := deltas()
	if err != nil {
		return nil, nil, err
	}
	same := "a.k = x.k AND a.account_id = x.account_id AND a.res_id = x.res_id"
	if t.dim == dimTitle {
		same += " AND a.ftype = x.ftype"
	}
	query := `SELECT ` + whatColumns + `, ` + summed + ` FROM (
		SELECT x.account_id, x.k, x.res_id, x.ftype, coalesce(n_all, 0) AS n_all, coalesce(n_crit, 0) AS n_crit, coalesce(n_high, 0) AS n_high,
			coalesce(n_med, 0) AS n_med, coalesce(n_fix, 0) AS n_fix, coalesce(n_res, 0) AS n_res
			FROM (SELECT DISTINCT ` + whatColumns + ` FROM (` + keys + `) z) x LEFT JOIN agg a
			ON ` + t.ofDim("a.dim", "agg") + ` AND ` + same + ` AND ` + t.ofTypes() + ` UNION ALL `
	more, err := deltas()
	if err != nil {
		return nil, nil, err
	}
	query += more + `) y GROUP BY ` + whatColumns
	changed = map[aggKey]bool{}
	err = each(ctx, q, query, a.values, func(rows *sql.Rows) error {
		r, err := scanTallied(rows)
		if err != nil {
			return err
		}
		changed[r.aggKey] = true
		if r.all > 0 && t.beyond(r) {
			list = append(list, r)
		}
		return nil
	})
	return list, changed, err
}

// tallyResources reads the counters of resources: along the index that has
// their order, or all of them if the accounts have few or criteria name few.
func (s *Store) tallyResources(ctx context.Context, t tallying) ([]tallied, error) {
	var types []int64
	for _, rtype := range t.types {
		if n := slices.Index(resourceNumbers, rtype); n >= 0 {
			types = append(types, int64(n))
		}
	}
	where, err := t.conditions(ctx, s.read)
	if err != nil {
		return nil, err
	}
	if t.narrow == "" && len(t.accounts) <= fewAccounts {
		held := "resource r WHERE " + inNumbers("r.type", types) + " AND " + inNumbers("r.account_id", t.accounts)
		few, err := hasFew(ctx, s.read, fewResources, held)
		if err != nil {
			return nil, err
		}
		if few {
			t.narrow = "a.res_id"
			where = append(where, func(*arguments) (string, error) { return "a.res_id IN (SELECT r.res_id FROM " + held + ")", nil })
		}
	}
	kind := "a.type"
	if t.narrow != "" { // a planner would walk along the order of the list
		kind = "+a.type"
	}
	listed := "1 = 1"
	if t.sort == "n_net" {
		listed = "a.type IN (1, 6)" // in the words of the index
	}
	var a arguments
	columns := []string{t.sort, "res_id"}
	order := t.ordered(columns)
	var parts []string
	for _, rtype := range types {
		for _, step := range t.keyset(columns, true) {
			text, err := where.and(&a)
			if err != nil {
				return nil, err
			}
			parts = append(parts, fmt.Sprintf(`SELECT * FROM (SELECT account_id, res_id, %s, n_net FROM resource_count a
				WHERE %s = %d AND %s AND %s%s AND %s ORDER BY %s LIMIT %d) b%d`,
				strings.TrimSuffix(countColumns, ", n_res"), kind, rtype, listed, inNumbers("a.account_id", t.accounts), text, step(&a),
				order, t.size+1, len(parts)))
		}
	}
	query := strings.Join(parts, " UNION ALL ") + " ORDER BY " + order + fmt.Sprintf(" LIMIT %d", t.size+1)
	var out []tallied
	err = each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var r tallied
		err := rows.Scan(&r.account, &r.aggKey.res, &r.all, &r.crit, &r.high, &r.med, &r.fix, &r.net)
		out = append(out, r)
		return err
	})
	return out, err
}

// named returns rows with the names of what they count.
func (s *Store) named(ctx context.Context, t tallying, rows []tallied) ([]Row, error) {
	terms, resources := map[int64]term{}, map[int64]resource.Resource{}
	for _, r := range rows {
		if r.k != 0 {
			terms[r.k] = term{}
		}
	}
	err := byNumber(ctx, s.read, `SELECT k, dim, txt, vuln FROM agg_key WHERE `, "k", sortedKeys(terms), func(rows *sql.Rows) error {
		var k int64
		var w term
		err := rows.Scan(&k, &w.dim, &w.text, &w.vuln)
		terms[k] = w
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.readTallied(ctx, rows, resources); err != nil {
		return nil, err
	}
	exploitable, err := s.exploitable(ctx, t, rows)
	if err != nil {
		return nil, err
	}
	out := make([]Row, len(rows))
	for i, r := range rows {
		out[i] = Row{
			Account: org.Account(r.account), Name: terms[r.k].text, Vulnerability: terms[r.k].vuln, FindingType: typeNumbers[r.ftype],
			All: r.all, Critical: r.crit, High: r.high, Medium: r.med, Fixable: r.fix, Network: r.net, Resources: r.counts.res,
			Exploitable: exploitable[r.aggKey],
		}
		if res, ok := resources[r.aggKey.res]; ok {
			out[i].Resource = &res
		}
	}
	return out, nil
}

// readTallied reads the resources of rows by their numbers.
func (s *Store) readTallied(ctx context.Context, rows []tallied, out map[int64]resource.Resource) error {
	if rows = slices.DeleteFunc(slices.Clone(rows), func(r tallied) bool { return r.aggKey.res == 0 }); len(rows) == 0 {
		return nil
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.aggKey.res
	}
	var a arguments
	query := `SELECT res_id, doc FROM resource WHERE ` + anyOf(s.dialect, &a, "res_id", distinct(ids))
	return each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var id int64
		var doc []byte
		if err := rows.Scan(&id, &doc); err != nil {
			return err
		}
		r, err := s.packing.resource(doc)
		out[id] = r.Complete()
		return err
	})
}

// exploitable returns how many findings of accounts or resources can be
// exploited.
func (s *Store) exploitable(ctx context.Context, t tallying, rows []tallied) (map[aggKey]int64, error) {
	out := map[aggKey]int64{}
	if len(rows) == 0 || !t.exploits {
		return out, nil
	}
	query := s.exploitableOfResources(rows)
	if t.dim == dimAccount {
		query = t.exploitableOfAccounts(rows)
	}
	err := each(ctx, s.read, query, nil, func(rows *sql.Rows) error {
		var k aggKey
		var n int64
		err := rows.Scan(&k.account, &k.res, &n)
		out[k] = n
		return err
	})
	return out, err
}

// exploitedTitles is the condition on rows of counters a that their titles are of
// vulnerabilities that are exploited.
const exploitedTitles = `a.k IN (SELECT n.k FROM agg_key n WHERE n.vuln <> '' AND n.vuln IN (SELECT vuln_id FROM vuln WHERE exploit = 1))`

// exploitableOfAccounts returns a query that adds up the counters of the titles
// that are exploited.
func (t tallying) exploitableOfAccounts(rows []tallied) string {
	t.dim, t.accounts = dimTitle, nil
	t.narrow = "a.k" // by the titles
	for _, r := range rows {
		t.accounts = append(t.accounts, r.account)
	}
	slices.Sort(t.accounts)
	var parts []string
	for _, table := range []string{"agg", "agg_delta"} {
		parts = append(parts, `SELECT a.account_id, a.n_all FROM `+table+` a WHERE `+exploitedTitles+` AND `+t.of(table))
	}
	return `SELECT account_id, 0, CAST(sum(n_all) AS BIGINT) FROM (` + strings.Join(parts, " UNION ALL ") + `) z GROUP BY account_id`
}

// exploitableOfResources returns a query that counts the findings of some
// resources. The order of the join is that of the text in SQLite, which would
// begin with all exploited vulnerabilities.
func (s *Store) exploitableOfResources(rows []tallied) string {
	parts := map[int64][]tallied{} // of PostgreSQL's partitions only these need be looked into
	for _, r := range rows {
		part := s.dialect.partOf(org.Account(r.account))
		parts[part] = append(parts[part], r)
	}
	var queries []string
	for _, part := range sortedKeys(parts) {
		var accounts, resources []int64
		for _, r := range parts[part] {
			accounts, resources = append(accounts, r.account), append(resources, r.aggKey.res)
		}
		queries = append(queries, `SELECT f.account_id, f.res_id, count(*) FROM `+s.dialect.findings(part)+` f CROSS JOIN vuln v
			WHERE `+inNumbers("f.res_id", distinct(resources))+` AND `+inNumbers("+f.account_id", distinct(accounts))+`
			AND +f.status = 1 AND v.vuln_sk = f.vuln_sk AND v.exploit = 1 GROUP BY f.account_id, f.res_id`)
	}
	return strings.Join(queries, " UNION ALL ")
}
