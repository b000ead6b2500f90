package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// plan chooses the indexes of a walk.
func (w *walk) plan() {
	o := w.order
	switch head := o.numbers[0].column; {
	case o.walk != nil:
		w.entityGroups(*o.walk)
	case o.scored:
		w.statusGroup(key{"f.score", func(p place) any { return int64(*p.Num) }}, o.key(0))
	case w.vulns != nil:
		w.vulnGroup()
	case head == "severity":
		w.severityGroups(nil, "status", w.chosen("findingStatus", words(statusNumbers)))
	case head == "status":
		w.severityGroups([]string{"status"}, "", nil)
	case head == "account_id":
		w.severityGroups([]string{"account_id"}, "status", w.chosen("findingStatus", words(statusNumbers)))
	case head == "type":
		w.kindGroups("type", w.chosen("findingType", typeNumbers), "res_type", w.chosen("resourceType", words(resourceNumbers)))
	case head == "res_type":
		w.kindGroups("res_type", w.chosen("resourceType", words(resourceNumbers)), "type", w.chosen("findingType", typeNumbers))
	default:
		w.statusGroup(o.key(0), o.key(1))
	}
}

// key returns the key of a number of the order.
func (o order) key(i int) key {
	return key{"f." + o.numbers[i].column, func(p place) any { return p.IDs[i] }}
}

// list makes groups that are known beforehand those of the walk. It leaves out
// what lies before the place to begin after.
func (w *walk) list(groups []*group) {
	w.next = func(context.Context) (*group, error) {
		for len(groups) > 0 {
			g := groups[0]
			groups = groups[1:]
			after, passed := w.afterIn(g.prefix)
			if passed {
				continue
			}
			for _, st := range g.stretches {
				st.start(after)
			}
			g.end = w.order.endOf(g.text, g.num, g.prefix)
			return g, nil
		}
		return nil, nil //nolint:nilnil // the end of the list
	}
}

// inOrder sorts the numbers of words as the list has them.
func (w *walk) inOrder(numbers []int64, n sorter) []int64 {
	slices.SortFunc(numbers, func(a, b int64) int {
		if w.order.desc {
			a, b = b, a
		}
		return cmp.Compare(n.rank(a), n.rank(b))
	})
	return numbers
}

// stretch returns a stretch of an index of finding.
func (w *walk) stretch(part int64, equal []equal, keys ...key) *stretch {
	// Only what one transaction wrote was observed in the same millisecond.
	few := strings.HasSuffix(keys[0].sql, "_at")
	return &stretch{cursor: cursor{keys: keys, few: few, desc: w.order.desc}, equal: equal, part: part}
}

// statusGroup is one group that has a stretch for each status, in an index of
// the status and the keys.
func (w *walk) statusGroup(keys ...key) {
	part := w.store.dialect.partOfAll(w.accounts)
	g := &group{}
	for _, status := range w.chosen("findingStatus", words(statusNumbers)) {
		g.stretches = append(g.stretches, w.stretch(part, []equal{{"status", status}}, keys...))
	}
	w.settle("findingStatus")
	w.list([]*group{g})
}

// vulnGroup is one group that has a stretch for each of a few vulnerabilities, in
// the index that has their findings by severity.
func (w *walk) vulnGroup() {
	part := w.store.dialect.partOfAll(w.accounts)
	g := &group{}
	for _, id := range w.vulns {
		g.stretches = append(g.stretches, w.stretch(part, []equal{{"vuln_sk", id}}, w.order.key(0), w.order.key(1), w.order.key(2)))
	}
	if names := w.criteria["vulnerabilityId"]; !slices.ContainsFunc(names, func(c filter.Condition) bool { return c.Comparison == filter.NotEquals }) {
		w.settle("vulnerabilityId") // the numbers were chosen by it
	}
	w.list([]*group{g})
}

// severityGroups are the groups of each severity, after those of what comes
// before it in the order; a group has a stretch for each value of the column
// beside, and for each account if those are few.
func (w *walk) severityGroups(before []string, beside string, values []int64) {
	heads := [][]equal{nil}
	if len(before) > 0 {
		var numbers []int64
		switch before[0] {
		case "status":
			numbers = w.inOrder(w.chosen("findingStatus", words(statusNumbers)), w.order.numbers[0])
		case "account_id":
			numbers = w.inOrder(slices.Clone(w.accounts), w.order.numbers[0])
		}
		heads = nil
		for _, n := range numbers {
			heads = append(heads, []equal{{before[0], n}})
		}
	}
	at := len(before) // of the severity in the order
	severities := w.inOrder(w.chosen("severity", words(severityNumbers)), w.order.numbers[at])
	var groups []*group
	for _, head := range heads {
		for _, severity := range severities {
			g := &group{}
			for i, e := range head {
				g.prefix = append(g.prefix, w.order.numbers[i].rank(e.value))
			}
			g.prefix = append(g.prefix, severity)
			g.stretches = w.accountStretches(append(slices.Clone(head), equal{"severity", severity}), beside, values, at+1)
			groups = append(groups, g)
		}
	}
	w.settle("severity", "findingStatus")
	w.list(groups)
}

// accountStretches returns stretches of the indexes that have the severity and
// then when findings were last observed.
func (w *walk) accountStretches(equals []equal, beside string, values []int64, keys int) []*stretch {
	if beside == "" {
		beside, values = equals[0].column, []int64{equals[0].value}
		equals = equals[1:]
	}
	accounts := w.accounts
	if equals[0].column == "account_id" {
		accounts, equals = []int64{equals[0].value}, equals[1:]
	}
	var out []*stretch
	if len(accounts)*len(values) > maxStretches {
		for _, v := range values {
			all := append([]equal{{beside, v}}, equals...)
			out = append(out, w.stretch(allParts, all, w.order.key(keys), w.order.key(keys+1)))
		}
		return out
	}
	w.anywhere = false
	for _, account := range accounts {
		for _, v := range values {
			all := append([]equal{{"account_id", account}, {beside, v}}, equals...)
			out = append(out, w.stretch(w.store.dialect.partOf(org.Account(account)), all, w.order.key(keys), w.order.key(keys+1)))
		}
	}
	return out
}

// kindGroups are groups of the values of one column, with a stretch for each
// value of another, in the index of both.
func (w *walk) kindGroups(column string, values []int64, beside string, others []int64) {
	var groups []*group
	part := w.store.dialect.partOfAll(w.accounts)
	for _, v := range w.inOrder(values, w.order.numbers[0]) {
		g := &group{prefix: []int64{w.order.numbers[0].rank(v)}}
		for _, o := range others {
			g.stretches = append(g.stretches, w.stretch(part, []equal{{column, v}, {beside, o}}, w.order.key(1)))
		}
		groups = append(groups, g)
	}
	w.settle("findingType", "resourceType")
	w.list(groups)
}
