package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// Page says which part of a list is wanted.
type Page struct {
	Sort      string // a key of filter.SortFields; empty: the gravest and then the newest first
	Ascending bool   // without Sort it has no effect on what the gravest is: the list begins with its other end
	Size      int    // at most MaxPage; 0 means 100
	After     string // the token that came with the page before; empty for the first page
	Caller    string // who asks: a token of one caller is of no use to another
	Now       time.Time
}

// MaxPage is how many findings one page has at most.
const MaxPage = 1000

// defaultPage is how many there are if nobody says so.
// Source: Amazon Inspector API, ListFindings, maxResults.
const defaultPage = 100

// limit returns how many rows the page has.
func (p Page) limit() (int, error) {
	if p.Size < 0 || p.Size > MaxPage {
		return 0, fault.OnField("maxResults", "%d is not from 1 to %d", p.Size, MaxPage)
	}
	if p.Size == 0 {
		return defaultPage, nil
	}
	return p.Size, nil
}

// query returns what the tokens of a list hold for.
func (p Page) query(operation string, scope org.Scope, where filter.Criteria) filter.Query {
	var accounts []string
	for _, a := range scope.Accounts() {
		accounts = append(accounts, a.String())
	}
	sort := p.Sort
	if p.Ascending {
		sort += " ascending"
	}
	return filter.Query{Operation: operation, Caller: p.Caller + " for " + strings.Join(accounts, " "), Criteria: where, Sort: sort}
}

// Sealer seals and opens the tokens of lists.
func (s *Store) Sealer() filter.Sealer {
	sealer, err := filter.NewSealer(s.Derive("page tokens"))
	if err != nil {
		panic(err) // only for keys of another length
	}
	return sealer
}

// placeOf returns the place that the page begins after; nil at the beginning.
func placeOf[P any](s *Store, q filter.Query, page Page) (*P, error) {
	if page.After == "" {
		return nil, nil //nolint:nilnil // no place is not a mistake
	}
	p, err := filter.Open[P](s.Sealer(), q, page.After, page.Now)
	if errors.Is(err, filter.ErrToken) {
		return nil, fault.OnField("nextToken", "%v", err)
	}
	return &p, err
}

// CriteriaFault makes of the error for criteria that are not valid a fault,
// which a caller may see. Any other error stays as it is.
func CriteriaFault(err error) error {
	wrong, ok := errors.AsType[*filter.Invalid](err)
	if !ok {
		return err
	}
	out := &fault.Error{Kind: fault.Invalid, Text: wrong.Error()}
	for _, v := range wrong.Violations {
		out.Fields = append(out.Fields, fault.Field{Name: v.Path, Message: v.Message})
	}
	return out
}

// Findings returns a page of the findings in the scope that fit, and the token
// of the next page; empty if this is the last. A page may be short, or even
// empty, and have a next one all the same: how much of the database one call
// reads is bounded. Findings that do not change while a client reads page after
// page are there exactly once. A token is valid for 24 hours, with the same
// caller, scope, criteria and order only. Criteria are those of filter.Finding.
func (s *Store) Findings(ctx context.Context, scope org.Scope, where filter.Criteria, page Page) (list []Finding, next string, err error) {
	size, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	if err := filter.Validate(filter.Finding, "filterCriteria", where); err != nil {
		return nil, "", CriteriaFault(err)
	}
	sel := &selection{limit: size + 1, reach: smallReach, budget: walkBudget} // one more tells whether there is another page
	var ok bool
	if sel.order, ok = orderOf(page.Sort); !ok {
		return nil, "", fault.OnField("sortCriteria.field", "unknown value %q", page.Sort)
	}
	sel.order.desc = !page.Ascending
	query := page.query("findings", scope, where)
	if sel.after, err = placeOf[place](s, query, page); err != nil {
		return nil, "", err
	}
	if sel.after != nil && !sel.order.fits(*sel.after) {
		return nil, "", fault.OnField("nextToken", "%v", filter.ErrToken) // of another release
	}
	if !sel.choose(scope, where) {
		return nil, "", nil
	}
	if sel.after != nil {
		sel.pace = sel.after.Pace
	}
	rows, more, err := s.list(ctx, sel)
	if err != nil {
		return nil, "", fmt.Errorf("listing findings: %w", err)
	}
	if len(rows) > size {
		rows = rows[:size]
		last := sel.order.place(&rows[size-1])
		more = &last
	}
	if list, err = s.complete(ctx, rows); err != nil {
		return nil, "", fmt.Errorf("listing findings: %w", err)
	}
	if more != nil {
		more.Pace = sel.pace
		next, err = filter.Seal(s.Sealer(), query, *more, page.Now)
	}
	return list, next, err
}

// FindingsByARN returns the findings of the scope that have these names, each
// once, in no particular order. A name that is none, or of a finding that is not
// there or not in the scope, is left out. At most MaxPage names are looked up.
func (s *Store) FindingsByARN(ctx context.Context, scope org.Scope, arns []string) ([]Finding, error) {
	if len(arns) > MaxPage {
		return nil, fault.OnField("findingArns", "has more than %d", MaxPage)
	}
	byAccount := map[org.Account][][]byte{}
	for _, arn := range arns {
		if k, account, ok := parseARN(arn); ok && scope.Has(account) {
			byAccount[account] = append(byAccount[account], k[:])
		}
	}
	var found []row
	for _, account := range slices.Sorted(maps.Keys(byAccount)) {
		for keys := range slices.Chunk(byAccount[account], valuesAtOnce) {
			var a arguments
			query := `SELECT ` + listed + ` FROM finding f WHERE f.account_id = ` + a.add(int64(account)) + ` AND ` + in(&a, "f.fkey", keys)
			rows, err := s.rows(ctx, query, a.values)
			if err != nil {
				return nil, fmt.Errorf("reading findings: %w", err)
			}
			found = append(found, rows...)
		}
	}
	list, err := s.complete(ctx, found)
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return slices.DeleteFunc(list, func(f Finding) bool { return !slices.Contains(arns, f.ARN) }), nil // of another region
}
