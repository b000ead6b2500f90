package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/filter"
)

// Limits of what is read of counters.
const (
	manyCounters = 100_000
	// manyHolders is how many resources are looked at whose counters are summed up.
	manyHolders = 15_000
)

// vulnFields are the fields of which the counters of vulnerabilities can tell.
var vulnFields = []string{"vulnerabilityId", "vulnerabilitySource", "vendorSeverity", "epssScore", "relatedVulnerabilities", "exploitAvailable"}

// counters returns how many active findings of any severity fit, as the counters
// have it; false if they cannot tell. The criteria say nothing of severity and
// status.
func (c *counting) counters(ctx context.Context, where filter.Criteria) (sum counts, ok bool, err error) {
	types, rest := where.Pick("findingType", "resourceType")
	fields := sortedKeys(rest)
	if len(fields) == 0 {
		return c.sum(ctx, counterSum{dim: dimAccount, types: types})
	}
	if columns, ok := heldFields(where); ok {
		return c.holders(ctx, where, columns)
	}
	if len(fields) > 1 {
		return sum, false, nil
	}
	field, list := fields[0], rest[fields[0]]
	if field != "vulnerablePackages" && !slices.ContainsFunc(list, func(c filter.Condition) bool { return !negative(c) }) {
		return c.without(ctx, types, field, list)
	}
	if slices.ContainsFunc(list, negative) {
		return sum, false, nil
	}
	return c.about(ctx, types, field, list)
}

// without returns how many fit that do not have some values: the opposite of all
// that have one.
func (c *counting) without(ctx context.Context, types filter.Criteria, field string, list []filter.Condition) (sum counts, ok bool, err error) {
	all, ok, err := c.counters(ctx, types)
	if err != nil || !ok {
		return sum, false, err
	}
	equal := slices.Clone(list)
	for i := range equal {
		equal[i].Comparison = filter.Equals
	}
	have, ok, err := c.about(ctx, types, field, equal)
	return all.plus(have.minus()), ok, err
}

// about returns how many are about what one field chooses.
func (c *counting) about(ctx context.Context, types filter.Criteria, field string, list []filter.Condition) (sum counts, ok bool, err error) {
	in := counterSum{types: types}
	switch {
	case slices.Contains(vulnFields, field):
		in.dim = dimTitle
		in.vulns, err = c.store.chooseIDs(ctx, c.selection, &driver{column: "f.vuln_sk", where: filter.Criteria{field: list}})
		if err == nil && len(in.vulns) > 0 && len(in.vulns) <= fewIDs {
			if whole, err := c.wholeIDs(ctx, in.vulns); err != nil || !whole {
				return sum, false, err
			}
		}
	case field == "title":
		in.dim = dimTitle
		in.keys, err = c.terms(ctx, in.dim, list)
	case field == "vulnerablePackages" && len(types) == 0 && onlyName(list):
		in.dim = dimPackage // of several, a finding may have more than one
		in.keys, err = c.terms(ctx, in.dim, filter.Text(filter.Equals, list[0].Package["name"].Value))
	default:
		return sum, false, nil
	}
	switch {
	case err != nil || len(in.keys)+len(in.vulns) > fewIDs:
		return sum, false, err
	case len(in.keys)+len(in.vulns) == 0:
		return sum, true, nil
	}
	return c.sum(ctx, in)
}

// wholeIDs tells whether vulnerabilities are all that have their ids: of one id
// there may be some from several sources, which titles do not tell apart.
func (c *counting) wholeIDs(ctx context.Context, vulns []int64) (bool, error) {
	var a arguments
	ids := anyOf(c.store.dialect, &a, "o.vuln_sk", vulns)
	others := anyOf(c.store.dialect, &a, "v.vuln_sk", vulns)
	found, err := numbers(ctx, c.store.read, `SELECT 1 FROM vuln o JOIN vuln v ON v.vuln_id = o.vuln_id AND v.vuln_sk <> o.vuln_sk
		WHERE `+ids+` AND NOT `+others+` LIMIT 1`, a.values)
	return len(found) == 0, err
}

// onlyName tells whether conditions on packages are one name.
func onlyName(list []filter.Condition) bool {
	if len(list) != 1 || len(list[0].Package) != 1 {
		return false
	}
	name, ok := list[0].Package["name"]
	return ok && name.Comparison == filter.Equals
}

// terms returns the numbers of texts that findings are counted by; more than
// fewIDs if there are as many.
func (c *counting) terms(ctx context.Context, dim int64, list []filter.Condition) (out []int64, err error) {
	text, args, err := filter.Where(filter.Fields{"text": filter.TextKind}, filter.Columns{"text": {SQL: "n.txt", Required: true}},
		filter.Criteria{"text": list}, []any{dim})
	if err != nil {
		return nil, err
	}
	query := fmt.Sprintf(`SELECT n.k FROM agg_key n WHERE n.dim = $1 AND %s LIMIT %d`, text, fewIDs+1)
	return numbers(ctx, c.store.read, query, args)
}

// numbers runs a query of one column of numbers.
func numbers(ctx context.Context, q querier, query string, args []any) (out []int64, err error) {
	err = each(ctx, q, query, args, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		out = append(out, n)
		return err
	})
	return out, err
}

// A counterSum says which counters are summed up.
type counterSum struct {
	dim   int64
	keys  []int64 // nil: all
	vulns []int64 // of titles: those of these vulnerabilities; nil: all
	types filter.Criteria
}

// rows is the condition on the rows that are summed up. Where a type of resource
// is asked for, these are the parts of titles.
func (in counterSum) rows(table string) string {
	switch {
	case in.dim == dimTitle && len(in.types) > 0 && table == "agg":
		return fmt.Sprintf("a.dim IN (%d, %d) AND a.rtype > 0", dimTitle, dimTitlePart)
	case in.dim == dimTitle && len(in.types) > 0:
		return fmt.Sprintf("a.dim = %d AND a.rtype > 0", dimTitle)
	case in.dim == dimAccount:
		return fmt.Sprintf("a.dim = %d AND a.k = 0", in.dim)
	}
	return fmt.Sprintf("a.dim = %d", in.dim)
}

// sum sums counters up; false if they are too many.
func (c *counting) sum(ctx context.Context, in counterSum) (sum counts, ok bool, err error) {
	if len(in.types["findingType"])+len(in.types["resourceType"]) > 0 && len(c.chosen("findingType", typeNumbers)) == 0 {
		return sum, true, nil
	}
	var a arguments
	var parts []string
	for _, table := range []string{"agg", "agg_delta"} {
		condition := in.rows(table) + " AND " + inAccounts(c.store.dialect, &a, "a.account_id", c.accounts)
		if in.keys != nil {
			condition += " AND " + anyOf(c.store.dialect, &a, "a.k", in.keys)
		}
		if in.vulns != nil {
			condition += " AND a.k IN (SELECT n.k FROM vuln v JOIN agg_key n ON n.vuln = v.vuln_id AND n.vuln <> '' WHERE " +
				anyOf(c.store.dialect, &a, "v.vuln_sk", in.vulns) + ")"
		}
		text, args, err := filter.Where(filter.Finding, filter.Columns{
			"findingType":  {SQL: "a.ftype", Codes: typeNumbers, Required: true},
			"resourceType": {SQL: "a.rtype", Codes: words(resourceNumbers), Required: true},
		}, in.types, a.values)
		if err != nil {
			return sum, false, err
		}
		a.values = args
		condition += " AND " + text
		parts = append(parts, "SELECT * FROM (SELECT a.n_all, a.n_crit, a.n_high, a.n_med FROM "+table+" a WHERE "+condition+
			fmt.Sprintf(" LIMIT %d) %s", manyCounters+1, table))
	}
	query := summedCounters + strings.Join(parts, " UNION ALL ") + `) z`
	var read int
	sum, read, err = c.scanSum(ctx, query, a.values)
	return sum, read <= manyCounters, err
}

// summedCounters begins a query that sums counters up.
const summedCounters = `SELECT count(*), CAST(coalesce(sum(n_all), 0) AS BIGINT), CAST(coalesce(sum(n_crit), 0) AS BIGINT),
	CAST(coalesce(sum(n_high), 0) AS BIGINT), CAST(coalesce(sum(n_med), 0) AS BIGINT) FROM (`

// scanSum runs a query that begins with summedCounters, and returns how many
// rows it read, too.
func (c *counting) scanSum(ctx context.Context, query string, args []any) (sum counts, read int, err error) {
	err = c.store.read.QueryRowContext(ctx, query, args...).Scan(&read, &sum.all, &sum.crit, &sum.high, &sum.med)
	c.read += read
	return sum, read, err
}

// heldFields returns the columns of fields, in a query of resource r, if criteria
// are about nothing but resources.
func heldFields(where filter.Criteria) (filter.Columns, bool) {
	columns := resourceColumns()
	for field := range where {
		if _, ok := columns[field]; !ok {
			return nil, false
		}
	}
	return columns, true
}

// holders sums the counters of resources up: of those that an index leads to, or
// of all of the accounts. If they are more than it looks at, there are more
// findings.
func (c *counting) holders(ctx context.Context, where filter.Criteria, columns filter.Columns) (sum counts, ok bool, err error) {
	d := c.store.dialect
	var a arguments
	lead, others := c.leading(where)
	text, args, err := filter.Where(filter.Finding, columns, others, nil)
	if err != nil {
		return sum, false, err
	}
	a.values = args
	accounts := inAccounts(d, &a, "+r.account_id", c.accounts)
	var from string
	if len(lead) == 0 {
		from = "resource r WHERE " + inAccounts(d, &a, "r.account_id", c.accounts)
	} else {
		_, tagged := lead["resourceTags"]
		if column := columns["resourceTags"]; tagged { // begin with the tags: each resource has one with a key
			column.From = ""
			columns["resourceTags"] = column
		}
		chosen, args, err := filter.Where(filter.Finding, columns, lead, a.values)
		if err != nil {
			return sum, false, err
		}
		a.values = args
		from = "resource r WHERE " + chosen
		if tagged {
			from = "resource_tag t CROSS JOIN resource r WHERE r.res_id = t.res_id AND " + chosen
		}
	}
	query := summedCounters + `SELECT n.n_all, n.n_crit, n.n_high, n.n_med
		FROM (SELECT r.res_id, CASE WHEN ` + text + ` AND ` + accounts + ` THEN 1 ELSE 0 END AS fits
		FROM ` + from + ` LIMIT ` + a.add(int64(c.holding+1)) + `) y LEFT JOIN resource_count n ON n.res_id = y.res_id AND y.fits = 1) z`
	before := c.read
	sum, read, err := c.scanSum(ctx, query, a.values)
	c.read = before + read*lookedAt/2
	c.More = c.More || read > c.holding
	return sum, true, err
}

// leading returns the criteria on a field that leads to resources by an index, and
// all others.
func (c *counting) leading(where filter.Criteria) (lead, rest filter.Criteria) {
	for _, field := range indexed[0].fields {
		list := where[field]
		if positive(list) && !slices.ContainsFunc(list, negative) && (field != "resourceTags" || len(list) == 1) {
			return where.Pick(field)
		}
	}
	return nil, where
}
