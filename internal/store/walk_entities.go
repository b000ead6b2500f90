package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// An entityWalk says how to walk along the attribute of a table that findings
// refer to.
type entityWalk struct {
	table  string // resource, vuln or finding_net
	number string // its column that findings refer to
	column string // the attribute
	ref    string // the column of finding
	follow int    // how many numbers of the order follow that of the entity
	none   bool   // findings may refer to no entity at all: to number 0
	owned  bool   // entities belong to accounts
}

// An entity is a row of such a table.
type entity struct {
	id, account int64
	text        *string
	num         *float64
}

// Limits of entities that are read at once.
const (
	fewEntities  = 4
	manyEntities = 512
	entityPiece  = 256 // findings of some entities
)

// entities is a walk along a table of entities: first those that have the
// attribute, then those that have not.
type entities struct {
	*walk
	entityWalk
	cursor
	without bool     // those without the attribute
	zero    bool     // number 0 is still to come
	resume  *place   // in the entity of this place, before all others; nil: none
	ready   []entity // in order
	batch   int      // how many of them are looked at together
	alone   int      // the budget before the last group, if that was one entity; else 0
}

// entityGroups makes the groups of a walk those of entities one after the other;
// small ones are read several at a time.
func (w *walk) entityGroups(e entityWalk) {
	x := &entities{walk: w, entityWalk: e, batch: fewEntities, resume: w.after}
	if w.pace > 0 {
		x.batch = min(w.pace, manyEntities)
	}
	x.begin(w.after != nil && w.after.Text == nil && w.after.Num == nil, w.after)
	w.next = func(ctx context.Context) (*group, error) {
		g, err := x.nextGroup(ctx)
		if err != nil || g != nil || e.table != "finding_net" {
			return g, err
		}
		x.withoutNet() // those are findings of any type
		return w.next(ctx)
	}
}

// begin starts the walk of those with or without the attribute after a place.
func (x *entities) begin(without bool, after *place) {
	id := key{"e." + x.number, func(p place) any { return p.IDs[0] }}
	x.cursor = cursor{keys: []key{id}, desc: x.order.desc}
	if !without {
		x.keys = []key{{"e." + x.column, x.order.attribute.value}, id}
	}
	x.start(after)
	x.without = without
	x.zero = x.none && without && (after == nil || x.desc && after.IDs[0] != 0)
	if without && x.table == "finding_net" {
		x.state = cursorDone // they are not all that has none: see withoutNet
	}
	if x.zero && !x.desc {
		x.zero, x.ready = false, append(x.ready, entity{})
	}
}

// nextGroup returns what comes next; nil if nothing does.
func (x *entities) nextGroup(ctx context.Context) (*group, error) {
	if x.alone > 0 && x.alone-x.budget < entityPiece/3 {
		x.batch = 2
	}
	x.alone, x.pace = 0, x.batch
	p := x.resume
	x.resume = nil
	if p != nil && x.follow > 0 && x.order.compare(*p, x.order.endOf(p.Text, p.Num, p.IDs[:1])) < 0 {
		return x.single(entity{id: p.IDs[0], text: p.Text, num: p.Num}, p), nil
	}
	for {
		if len(x.ready) == 0 {
			more, err := x.advance(ctx)
			if err != nil || !more {
				return nil, err
			}
			continue
		}
		some := x.ready[:min(x.batch, len(x.ready))]
		last := some[len(some)-1]
		if x.batch == 1 && x.follow > 0 { // it will have many too
			x.ready = x.ready[1:]
			return x.single(last, nil), nil
		}
		rows, examined, err := x.findings(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("reading findings by %s: %w", x.ref, err)
		}
		x.budget -= examined + statementCost
		if examined == entityPiece && len(some) > 1 {
			x.batch = max(1, len(some)/8)
			continue
		}
		x.ready = x.ready[len(some):]
		if examined == entityPiece && x.follow > 0 {
			x.batch = 1
			return x.single(last, nil), nil
		}
		if examined < entityPiece/3 {
			x.batch = min(2*x.batch, manyEntities)
		}
		x.pace = x.batch
		if len(rows) > 0 || x.budget <= 0 {
			return &group{rows: rows, end: x.order.endOf(last.text, last.num, []int64{last.id})}, nil
		}
	}
}

// single is the group of one entity that has many findings.
func (x *entities) single(e entity, after *place) *group {
	if after == nil {
		x.alone, x.pace = x.budget, 1
	}
	var keys []key
	for i := range x.follow {
		keys = append(keys, x.order.key(1+i))
	}
	st := x.stretch(x.store.dialect.partOfAll(x.accounts), []equal{{x.ref, e.id}}, keys...)
	st.start(after)
	return &group{
		text: e.text, num: e.num, prefix: []int64{e.id}, stretches: []*stretch{st},
		end: x.order.endOf(e.text, e.num, []int64{e.id}),
	}
}

// advance reads the next entities; false if there are no more.
func (x *entities) advance(ctx context.Context) (more bool, err error) {
	if x.state != cursorDone {
		return true, x.read(ctx)
	}
	switch {
	case x.zero:
		x.zero, x.ready = false, []entity{{}}
	case x.without || x.table == "finding_net":
		return false, nil
	default:
		x.begin(true, nil)
	}
	return true, nil
}

// query is that of the next n entities.
func (x *entities) query(a *arguments, n int) string {
	account := "0"
	if x.owned {
		account = "e.account_id"
	}
	present := " IS NOT NULL"
	if x.without {
		present = " IS NULL"
	}
	return fmt.Sprintf(`SELECT e.%s, %s, e.%s FROM %s e WHERE e.%s%s%s ORDER BY %s LIMIT %d`,
		x.number, account, x.column, x.table, x.column, present, x.condition(a), x.orderBy(x.desc), n)
}

// read reads the next entities that belong to the accounts asked for.
func (x *entities) read(ctx context.Context) error {
	n := pieces[0]
	if x.batch > fewEntities {
		n = pieces[1]
	}
	var a arguments
	query := x.query(&a, n)
	count := 0
	var last *place
	err := each(ctx, x.store.read, query, a.values, func(rows *sql.Rows) error {
		var e entity
		var text sql.NullString
		var num sql.NullFloat64
		target := any(&num)
		if x.order.attribute.kind == attributeText {
			target = &text
		}
		if err := rows.Scan(&e.id, &e.account, target); err != nil {
			return err
		}
		if text.Valid {
			e.text = &text.String
		}
		if num.Valid {
			e.num = &num.Float64
		}
		count++
		last = &place{Text: e.text, Num: e.num, IDs: []int64{e.id}}
		if _, ok := slices.BinarySearch(x.accounts, e.account); ok || !x.owned {
			x.ready = append(x.ready, e)
		}
		return nil
	})
	x.budget -= count + statementCost
	x.move(last, count < n)
	return err
}

// findings returns the findings of entities that fit, in order, and how many
// were looked at: entityPiece if there may be others.
func (x *entities) findings(ctx context.Context, some []entity) (rows []row, examined int, err error) {
	var a arguments
	byID := make(map[int64]entity, len(some))
	ids, accounts := make([]int64, len(some)), make([]int64, len(some))
	for i, e := range some {
		byID[e.id], ids[i], accounts[i] = e, e.id, e.account
	}
	d := x.store.dialect
	part := d.partOfAll(x.accounts)
	var from string
	switch {
	case d.parted && part == allParts && x.owned: // each is looked for in its own partition only
		from = fmt.Sprintf("unnest(%s::bigint[], %s::bigint[]) AS k (a, i) JOIN finding f ON f.account_id = k.a AND f.%s = k.i", a.add(accounts), a.add(ids), x.ref)
	case d.parted:
		from = d.findings(part) + " f WHERE " + anyOf(d, &a, "f."+x.ref, ids)
	default:
		from = "finding f WHERE " + inNumbers("f."+x.ref, ids)
	}
	condition, err := x.unsettled(&a)
	if err != nil {
		return nil, 0, err
	}
	rows, last, examined, err := x.pieceRows(ctx, piece(from, condition, "f.fid", "f.fid", entityPiece, entityPiece), a.values)
	if err != nil {
		return nil, 0, err
	}
	if last == nil {
		examined = len(rows)
	}
	for i := range rows {
		id := rows[i].fid
		switch x.ref {
		case "res_id":
			id = rows[i].res
		case "vuln_sk":
			id = rows[i].vuln
		}
		rows[i].text, rows[i].num = byID[id].text, byID[id].num
	}
	slices.SortFunc(rows, func(a, b row) int { return x.order.compare(x.order.place(&a), x.order.place(&b)) })
	return rows, examined, nil
}

// withoutNet makes the groups of the walk those that have no open path, or one
// that lacks the attribute.
func (x *entities) withoutNet() {
	w := x.walk
	if w.after != nil && (w.after.Text != nil || w.after.Num != nil) {
		rest := *w.selection
		rest.after = nil
		w.selection = &rest
	}
	part := w.store.dialect.partOfAll(w.accounts)
	g := &group{}
	for _, kind := range w.chosen("findingType", typeNumbers) {
		for _, res := range w.chosen("resourceType", words(resourceNumbers)) {
			g.stretches = append(g.stretches, w.stretch(part, []equal{{"type", kind}, {"res_type", res}}, w.order.key(0)))
		}
	}
	w.settle("findingType", "resourceType")
	w.extra = strings.Join([]string{
		"NOT EXISTS (SELECT 1 FROM finding_net e WHERE e.fid = f.fid AND e.account_id = f.account_id AND e.", x.column, " IS NOT NULL)",
	}, "")
	w.list([]*group{g})
}
