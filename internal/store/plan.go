package store

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of planning.
const (
	// smallReach is how many findings a condition may reach for a list to be
	// made by collecting all of them and sorting.
	smallReach = 20_000
	// maxBranches is how many stretches of an index one list may walk at once.
	maxBranches = 36
	// manyValues is the longest list that is bound rather than written out.
	manyValues = 10
)

// A selection is a list of findings in the numbers of the tables. Every list
// but accounts may be empty, which means that it does not matter.
type selection struct {
	accounts   []int64
	statuses   []int64
	severities []int64
	resources  []int64 // empty, but not nil, if none fits
	vulns      []int64 // the same
	order      order
	after      *place // nil at the beginning
	limit      int
}

// An order is what a list is sorted by: one column of finding, for severity the
// score too, and the number of the finding in the end.
type order struct {
	column    string // severity, first_at, last_at
	scored    bool
	ascending bool
}

// columns returns what a list is sorted by, as an ORDER BY has it.
func (o order) columns() string {
	direction := " DESC"
	if o.ascending {
		direction = " ASC"
	}
	list := []string{o.column, "score", "fid"}
	if !o.scored {
		list = []string{o.column, "fid"}
	}
	return strings.Join(list, direction+", ") + direction
}

// beyond is the comparison that leads on in the list.
func (o order) beyond() string {
	if o.ascending {
		return " > "
	}
	return " < "
}

// others returns the conditions that an index walk does not begin with. The
// plus keeps planners from beginning with them all the same: it changes nothing
// but that no index is used.
func (s selection) others(a *arguments, skip ...string) string {
	var b strings.Builder
	for _, c := range []struct {
		column string
		values []int64
	}{
		{"account_id", s.accounts},
		{"status", s.statuses},
		{"severity", s.severities},
		{"res_id", s.resources},
		{"vuln_sk", s.vulns},
	} {
		if c.values != nil && !slices.Contains(skip, c.column) {
			if len(c.values) > manyValues {
				b.WriteString(" AND " + inNumbers("+"+c.column, c.values))
				continue
			}
			b.WriteString(" AND " + in(a, "+"+c.column, c.values))
		}
	}
	return b.String()
}

// A step is a condition that is written where its values are added.
type step func(a *arguments) string

// keyset returns the conditions that lead on from a place, of which exactly one
// holds for each finding beyond it. They are branches of a union rather than
// one condition on a row of values: SQLite would use only the first column of
// such a condition and read all the rest.
func (s selection) keyset() []step {
	if s.after == nil {
		return []step{func(*arguments) string { return "" }}
	}
	o, p := s.order, *s.after
	out := []step{
		func(a *arguments) string { return " AND " + o.column + o.beyond() + a.add(p.First) },
	}
	if !o.scored {
		return append(out, func(a *arguments) string {
			return " AND " + o.column + " = " + a.add(p.First) + " AND fid" + o.beyond() + a.add(p.FID)
		})
	}
	return append(out,
		func(a *arguments) string {
			return " AND severity = " + a.add(p.First) + " AND score" + o.beyond() + a.add(p.Score)
		},
		func(a *arguments) string {
			return " AND severity = " + a.add(p.First) + " AND score = " + a.add(p.Score) + " AND fid" + o.beyond() + a.add(p.FID)
		})
}

// stretches returns the conditions of a walk: those of the keyset, and where the
// list is sorted by severity and some severities are chosen, a stretch of the
// index for each. skip names the columns that they settle.
func (s selection) stretches() (out []step, skip []string) {
	if !s.order.scored || len(s.severities) == 0 {
		return s.keyset(), nil
	}
	for _, v := range s.severities {
		switch {
		case s.after == nil, s.order.ascending && v > s.after.First, !s.order.ascending && v < s.after.First:
			out = append(out, func(a *arguments) string { return " AND severity = " + a.add(v) })
		case v == s.after.First:
			out = append(out, s.keyset()[1:]...)
		}
	}
	return out, []string{"severity"}
}

// listed is what a walk reads of a finding.
const listed = `SELECT fid, fkey, account_id, res_id, vuln_sk, text_id, match_id, severity, status, fix, score,
	first_at, last_at, updated_at, closed_at FROM finding WHERE `

// drive returns a query that collects all findings that one condition reaches.
func (s selection) drive(a *arguments, column string, values []int64) string {
	var parts []string
	for _, k := range s.keyset() {
		parts = append(parts, listed+in(a, column, values)+s.others(a, column)+k(a))
	}
	return s.union(parts)
}

// walk returns a query that walks along indexes which have the order of the
// list: one for each account and status if those are few, else one for each
// status.
func (s selection) walk(a *arguments) string {
	accounts := s.accounts
	statuses := s.statuses
	if len(statuses) == 0 {
		statuses = allStatuses()
	}
	steps, skip := s.stretches()
	skip = append(skip, "status")
	byAccount := s.order.scored && len(accounts)*len(statuses)*len(steps) <= maxBranches
	if byAccount {
		skip = append(skip, "account_id")
	}
	if !byAccount {
		accounts = accounts[:1] // one branch for all of them
	}
	var parts []string
	for _, account := range accounts {
		for _, status := range statuses {
			for _, step := range steps {
				var branch string
				if byAccount {
					branch = "account_id = " + a.add(account) + " AND "
				}
				branch += "status = " + a.add(status) + step(a)
				parts = append(parts, listed+branch+s.others(a, skip...))
			}
		}
	}
	return s.union(parts)
}

// union joins branches that have no finding in common, and takes the first
// findings of each, and of all.
func (s selection) union(parts []string) string {
	columns := s.order.columns()
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&b, "SELECT * FROM (%s ORDER BY %s LIMIT %d) b%d", p, columns, s.limit, i)
	}
	fmt.Fprintf(&b, " ORDER BY %s LIMIT %d", columns, s.limit)
	return b.String()
}

func allStatuses() []int64 {
	var out []int64
	for i, s := range statusNumbers {
		if s != "" {
			out = append(out, int64(i))
		}
	}
	return out
}
