package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
)

// Limits of counting. A row of an index costs a small part of one that has to
// be looked at.
const (
	countBudget = 200_000 // rows of indexes that one call reads at most, but for counters
	lookedAt    = 20      // rows of an index that one costs that is looked at
	countReach  = 8_000   // findings that a condition may reach for all of them to be looked at
	fewLowest   = 20_000  // rows of indexes that are read to tell one of the lowest severities from the others
)

// Counted is how many findings there are, by severity.
type Counted struct {
	Severities map[finding.Severity]int64
	// Lowest are findings below MEDIUM whose severities were not told apart: they
	// are in none of the severities.
	Lowest int64
	Total  int64
	More   bool // there are others: counting ended before the last
}

// add counts findings of a severity.
func (c *Counted) add(severity, n int64) {
	if n > 0 {
		c.Severities[severityNumbers[severity]] += n
		c.Total += n
	}
}

// A counting is a count on its way.
type counting struct {
	*selection
	store *Store
	Counted
	holding    int     // how many resources are looked at
	severities []int64 // asked for, the gravest first
	read       int     // rows of indexes
}

// CountFindings counts the findings in the scope that fit. Active ones come from
// the counters where these can tell, others are counted one by one. How much of
// the database one call reads is bounded: if there are more findings than that,
// the gravest were counted. Criteria are those of filter.Finding.
func (s *Store) CountFindings(ctx context.Context, scope org.Scope, where filter.Criteria) (Counted, error) {
	c, err := s.counting(ctx, scope, where, selection{reach: countReach, budget: countBudget})
	return c.Counted, err
}

// counting counts within the limits of a selection.
func (s *Store) counting(ctx context.Context, scope org.Scope, where filter.Criteria, limits selection) (*counting, error) {
	c := &counting{store: s, selection: &limits, holding: min(manyHolders, limits.budget), Counted: Counted{Severities: map[finding.Severity]int64{}}}
	if err := filter.Validate(filter.Finding, "filterCriteria", where); err != nil {
		return c, CriteriaFault(err)
	}
	c.order, _ = orderOf("")
	c.order.desc = true
	if !c.choose(scope, where) {
		return c, nil
	}
	c.severities = c.chosen("severity", words(severityNumbers))
	slices.Reverse(c.severities)
	if err := c.count(ctx); err != nil {
		return c, fmt.Errorf("counting findings: %w", err)
	}
	return c, nil
}

// count counts active findings by counters and all others by what narrows them.
func (c *counting) count(ctx context.Context) error {
	statuses := c.chosen("findingStatus", words(statusNumbers))
	if at := slices.Index(statuses, activeNumber); at >= 0 {
		_, rest := c.criteria.Pick("findingStatus", "severity")
		sum, ok, err := c.counters(ctx, rest)
		if err != nil {
			return err
		}
		if ok {
			if err := c.addActive(ctx, sum); err != nil {
				return err
			}
			statuses = slices.Delete(statuses, at, at+1)
		}
	}
	if len(statuses) == 0 {
		return nil
	}
	rest := *c.selection
	_, rest.criteria = c.criteria.Pick("findingStatus")
	for _, n := range statuses {
		rest.criteria["findingStatus"] = append(rest.criteria["findingStatus"], filter.Text(filter.Equals, string(statusNumbers[n]))...)
	}
	by, none, err := c.store.narrowest(ctx, &rest)
	switch {
	case err != nil || none:
		return err
	case by != nil:
		return c.drive(ctx, &rest, by)
	}
	return c.walk(ctx, statuses)
}

// drive counts all findings that a driver reaches and that fit.
func (c *counting) drive(ctx context.Context, sel *selection, by *driver) error {
	if by.ids == nil {
		return c.driven(ctx, sel, by)
	}
	for ids := range slices.Chunk(by.ids, fewIDs) {
		part := *by
		part.ids = ids
		if err := c.driven(ctx, sel, &part); err != nil {
			return err
		}
	}
	return nil
}

func (c *counting) driven(ctx context.Context, sel *selection, by *driver) error {
	d := c.store.dialect
	var a arguments
	where, err := by.condition(d, &a)
	if err != nil {
		return err
	}
	criteria := sel.criteria
	for field, list := range by.where {
		if by.ids != nil && !slices.ContainsFunc(list, negative) {
			_, criteria = criteria.Pick(field) // the numbers were chosen by it
		}
	}
	rest, args, err := filter.Where(filter.Finding, probed(findingColumns()), criteria, a.values)
	if err != nil {
		return err
	}
	a.values = args
	where += " AND " + inAccounts(d, &a, "f.account_id", sel.accounts) + " AND " + rest
	query := fmt.Sprintf(`SELECT f.severity, count(*) FROM (SELECT f.severity FROM %s f WHERE %s LIMIT %d) f GROUP BY f.severity`,
		d.findings(d.partOfAll(sel.accounts)), where, pinned)
	c.read += by.reaches * lookedAt
	return each(ctx, c.store.read, query, a.values, func(rows *sql.Rows) error {
		var severity, n int64
		err := rows.Scan(&severity, &n)
		if err == nil {
			c.add(severity, n)
		}
		return err
	})
}

func negative(c filter.Condition) bool { return c.Comparison == filter.NotEquals }

// walk counts findings of some statuses along the index of their severities, the
// gravest first.
func (c *counting) walk(ctx context.Context, statuses []int64) error {
	for _, severity := range c.severities {
		for _, status := range statuses {
			n, whole, err := c.stretch(ctx, status, severity, c.budget-c.read)
			if err != nil {
				return err
			}
			c.add(severity, n)
			if !whole {
				c.More = true
				return nil
			}
		}
	}
	return nil
}

// stretch counts the findings of a status and a severity. It reads no more rows
// of an index than a budget; whole tells whether it read all.
func (c *counting) stretch(ctx context.Context, status, severity int64, budget int) (n int64, whole bool, err error) {
	d := c.store.dialect
	_, criteria := c.criteria.Pick("findingStatus", "severity")
	cost := 1
	if len(criteria) > 0 {
		cost = lookedAt
	}
	limit := budget / cost
	if limit <= 0 {
		return 0, false, nil
	}
	var a arguments
	condition, args, err := filter.Where(filter.Finding, probed(findingColumns()), criteria, nil)
	if err != nil {
		return 0, false, err
	}
	a.values = args
	from := fmt.Sprintf("%s f WHERE %s AND f.status = %d AND f.severity = %d", d.findings(d.partOfAll(c.accounts)),
		inAccounts(d, &a, "f.account_id", c.accounts), status, severity)
	bound := a.add(int64(limit) + 1) // one more tells whether it was all
	query := `SELECT count(*), count(*) FROM (SELECT 1 FROM ` + from + ` LIMIT ` + bound + `) z`
	if len(criteria) > 0 { // not as a condition of the inner query: what does not fit counts, too
		query = `SELECT count(*), coalesce(sum(fits), 0) FROM (SELECT CASE WHEN ` + condition + ` THEN 1 ELSE 0 END AS fits FROM ` +
			from + ` LIMIT ` + bound + `) z`
	}
	var looked int
	if err := c.store.read.QueryRowContext(ctx, query, a.values...).Scan(&looked, &n); err != nil {
		return 0, false, err
	}
	c.read += looked*cost + statementCost
	return n, looked <= limit, nil
}

// addActive adds what the counters say of active findings. They have no severity
// below MEDIUM: two of the three are counted, if they are few, and the third is
// what is left.
func (c *counting) addActive(ctx context.Context, sum counts) error {
	low := c.severities[:0:0]
	for _, severity := range c.severities {
		switch severityNumbers[severity] {
		case finding.Critical:
			c.add(severity, sum.crit)
		case finding.High:
			c.add(severity, sum.high)
		case finding.Medium:
			c.add(severity, sum.med)
		default:
			low = append(low, severity)
		}
	}
	rest := max(sum.all-sum.crit-sum.high-sum.med, 0)
	if len(low) == 0 || rest == 0 {
		return nil
	}
	lowest := map[int64]int64{}
	left := rest
	for _, severity := range []finding.Severity{finding.Untriaged, finding.Informational} {
		number := int64(slices.Index(severityNumbers, severity))
		n, whole, err := c.stretch(ctx, activeNumber, number, fewLowest)
		if err != nil {
			return err
		}
		if !whole {
			return c.addLowest(ctx, rest, low)
		}
		lowest[number] = min(n, left)
		left -= lowest[number]
	}
	lowest[int64(slices.Index(severityNumbers, finding.Low))] = left
	for _, severity := range low {
		c.add(severity, lowest[severity])
	}
	return nil
}

// addLowest adds active findings of the lowest severities, which are too many to
// be told apart.
func (c *counting) addLowest(ctx context.Context, all int64, asked []int64) error {
	if len(asked) == 3 {
		c.Lowest += all
		c.Total += all
		return nil
	}
	for _, severity := range asked {
		n, whole, err := c.stretch(ctx, activeNumber, severity, c.budget-c.read)
		if err != nil {
			return err
		}
		c.add(severity, n)
		c.More = c.More || !whole
	}
	return nil
}
