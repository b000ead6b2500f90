package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/scan"
)

// Holding is a resource that holds an inventory.
type Holding struct {
	Account   org.Account
	Region    string
	Type      resource.Type
	ID        string
	Inventory int64
	Coverage  Coverage // of its packages; zero if there is none

	number int64
	kind   int64
}

// HoldingPage chooses the holders of inventories.
type HoldingPage struct {
	Inventories []int64
	After       Holding // the last of the page before; zero at first
	Limit       int
}

// Holdings returns resources that hold inventories and are still there, by
// inventory. It is for those who match inventories again, and has no scope.
func (s *Store) Holdings(ctx context.Context, page HoldingPage) ([]Holding, error) {
	var a arguments
	query := fmt.Sprintf(`SELECT r.res_id, r.account_id, r.region, r.type, r.arn, r.inv_id, coalesce(c.code, 0), coalesce(c.reason, ''),
		coalesce(c.mode, ''), coalesce(c.last_scanned_at, 0) FROM resource r
		LEFT JOIN coverage c ON c.account_id = r.account_id AND c.res_id = r.res_id AND c.scan_type = 1
		WHERE %s AND r.gone_at IS NULL AND r.inv_id >= %[2]s AND (r.inv_id > %[2]s OR r.res_id > %s) ORDER BY r.inv_id, r.res_id LIMIT %s`,
		anyOf(s.dialect, &a, "r.inv_id", page.Inventories), a.add(page.After.Inventory), a.add(page.After.number), a.add(page.Limit))
	var out []Holding
	err := each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var h Holding
		var c covered
		err := rows.Scan(&h.number, &h.Account, &h.Region, &h.kind, &h.ID, &h.Inventory, &c.code, &c.reason, &c.mode, &c.scanned)
		if err != nil {
			return err
		}
		if h.kind < 0 || h.kind >= int64(len(resourceNumbers)) || c.code < 0 || c.code >= int64(len(codeNumbers)) {
			return fmt.Errorf("resource %d is of type %d and has coverage %d", h.number, h.kind, c.code)
		}
		h.Type = resourceNumbers[h.kind]
		if c.code != 0 {
			h.Coverage = c.coverage(packageNumber)
		}
		out = append(out, h)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading who holds inventories: %w", err)
	}
	return out, nil
}

// Judgement is a finding that is ready to be kept for any number of resources.
type Judgement struct{ sight sight }

// Judge makes a finding ready to be kept. Its ARN, Resource and Observed are not
// looked at. The layers are those of the inventory that it was found in.
func Judge(f *finding.Finding, layers []scan.Layer, now time.Time) (*Judgement, error) {
	s, err := newSight(&pending{Scan: &Scan{Layers: layers}}, f, now)
	return &Judgement{s}, err
}

// Rejudged is what a resource that was matched again has now.
type Rejudged struct {
	Holding
	// Revision is that of Scan.
	Revision string
	// All means that the resource has the Findings and no others. Otherwise only
	// findings of the Vulnerabilities are looked at.
	All             bool
	Vulnerabilities []string
	Findings        []*Judgement // of those of the Vulnerabilities that are there
	Incomplete      bool         // as in Scan
}

// Rejudge makes the findings of resources agree with what is known now, all or
// none, as Record does after a scan, and returns what it changed, one for each. A
// resource that holds something else by now, or is gone, is left alone. The
// Coverage of each is what it is from now on. It is no scan, and not metered.
func (s *Store) Rejudge(ctx context.Context, list []Rejudged, now time.Time) ([]Outcome, error) {
	var out []Outcome
	err := s.tx(ctx, func(tx *sql.Tx) error {
		var err error
		out, err = s.rejudge(ctx, tx, list, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("recording %d resources that were matched again: %w", len(list), err)
	}
	return out, nil
}

// rejudge is the transaction of Rejudge.
func (s *Store) rejudge(ctx context.Context, tx *sql.Tx, list []Rejudged, now time.Time) ([]Outcome, error) {
	known, err := s.lockHoldings(ctx, tx, list)
	if err != nil {
		return nil, fmt.Errorf("reading resources: %w", err)
	}
	b := &batch{now: now, changes: map[*pending][]Change{}}
	at := make([]*pending, len(list))
	var there, looked []*pending
	by := map[*pending]*Rejudged{}
	for i := range list {
		r := &list[i]
		if p := known[r.number]; p != nil {
			p.Incomplete, p.revision = r.Incomplete, r.Revision
			p.coverage = []Coverage{r.Coverage}
			at[i], by[p], there = p, r, append(there, p)
			if r.All || len(r.Vulnerabilities) > 0 {
				looked = append(looked, p)
			}
		}
	}
	if err := s.compareAgain(ctx, tx, looked, by, b); err != nil {
		return nil, err
	}
	if err := s.writeAgain(ctx, tx, there, b); err != nil {
		return nil, err
	}
	out := make([]Outcome, len(list))
	for i, p := range at {
		if p != nil {
			out[i].Changes = b.changes[p]
		}
	}
	return out, nil
}

// lockHoldings reads the resources that still hold what was matched, by number.
// They stay as they are until the end of the transaction.
func (s *Store) lockHoldings(ctx context.Context, tx *sql.Tx, list []Rejudged) (map[int64]*pending, error) {
	numbers := make([]int64, len(list))
	byNumber := make(map[int64]*Rejudged, len(list))
	for i := range list {
		numbers[i] = list[i].number
		byNumber[list[i].number] = &list[i]
	}
	lock := ""
	if s.dialect.lock != "" {
		lock = s.dialect.lock + " OF r"
	}
	var a arguments
	query := `SELECT r.res_id, r.inv_id, r.revision, r.doc, coalesce(c.code, 0), coalesce(c.reason, ''), coalesce(c.mode, ''),
		coalesce(c.last_scanned_at, 0) FROM resource r
		LEFT JOIN coverage c ON c.account_id = r.account_id AND c.res_id = r.res_id AND c.scan_type = 1
		WHERE ` + anyOf(s.dialect, &a, "r.res_id", numbers) + ` AND r.gone_at IS NULL AND r.inv_id IS NOT NULL ORDER BY r.account_id, r.arn` + lock
	out := make(map[int64]*pending, len(list))
	err := each(ctx, tx, query, a.values, func(rows *sql.Rows) error {
		var number int64
		var v past
		var c covered
		var doc []byte
		if err := rows.Scan(&number, &v.inventory, &v.revision, &doc, &c.code, &c.reason, &c.mode, &c.scanned); err != nil {
			return err
		}
		doc, err := s.packing.plain(doc)
		if err != nil {
			return err
		}
		v.doc = string(doc)
		r := byNumber[number]
		if v.inventory != r.Inventory {
			return nil
		}
		v.id = number
		if c.code != 0 {
			v.coverage = map[int64]covered{packageNumber: c}
		}
		res := resource.Resource{Account: r.Account.String(), Region: r.Region, Type: r.Type, ID: r.ID}
		out[number] = &pending{Scan: &Scan{Resource: res}, account: r.Account, kind: r.kind, doc: v.doc, known: v}
		return nil
	})
	return out, err
}

// compareAgain adds to the batch what must change about findings.
func (s *Store) compareAgain(ctx context.Context, tx *sql.Tx, list []*pending, by map[*pending]*Rejudged, b *batch) error {
	if len(list) == 0 {
		return nil
	}
	accounts := map[org.Account]bool{}
	n := 0
	for _, p := range list {
		accounts[p.account] = true
		n += len(by[p].Findings)
	}
	rules, err := s.suppressor(ctx, tx, sortedKeys(accounts))
	if err != nil {
		return err
	}
	stored, err := s.statesAgain(ctx, tx, list, by)
	if err != nil {
		return fmt.Errorf("reading findings: %w", err)
	}
	b.seen = make([]sight, 0, n) // opened ones point into it
	for _, p := range list {
		from := len(b.seen)
		known := byKey(stored[p.known.id])
		for _, j := range by[p].Findings {
			o := j.sight
			o.key = keyOf(p.Resource, o.Vulnerability)
			b.seen = append(b.seen, o)
		}
		if err := p.silence(b.seen[from:], known, rules, b.now); err != nil {
			return fmt.Errorf("comparing findings of %s: %w", p.Resource.ID, err)
		}
		b.add(p, reconcile(known, b.seen[from:], b.now), b.seen[from:])
	}
	return nil
}

// silence asks for each finding which rule suppresses it.
func (p *pending) silence(seen []sight, stored map[fkey]*state, rules suppressor, now time.Time) error {
	if len(rules[p.account]) == 0 || len(seen) == 0 {
		return nil
	}
	var res resource.Resource
	if err := json.Unmarshal([]byte(p.doc), &res); err != nil {
		return err
	}
	res = res.Complete()
	for i := range seen {
		seen[i].rule = rules.rule(p.account, p.candidate(&seen[i], &res, stored, now))
	}
	return nil
}

// statesAgain reads what is stored of findings of resources, by the number of
// the resource: of those whose findings are all looked at, all, of others those
// of the vulnerabilities that are.
func (s *Store) statesAgain(ctx context.Context, tx *sql.Tx, list []*pending, by map[*pending]*Rejudged) (map[int64][]state, error) {
	whole := slices.DeleteFunc(slices.Clone(list), func(p *pending) bool { return !by[p].All })
	out, err := s.states(ctx, tx, whole)
	if err != nil {
		return nil, err
	}
	type wanted struct {
		accounts []int64
		keys     [][]byte
	}
	parts := map[int64]*wanted{}
	for _, p := range list {
		if by[p].All {
			continue
		}
		w := parts[s.dialect.partOf(p.account)]
		if w == nil {
			w = &wanted{}
			parts[s.dialect.partOf(p.account)] = w
		}
		w.accounts = append(w.accounts, int64(p.account))
		for _, v := range by[p].Vulnerabilities {
			k := keyOf(p.Resource, v)
			w.keys = append(w.keys, k[:])
		}
	}
	for _, part := range sortedKeys(parts) {
		for keys := range slices.Chunk(parts[part].keys, s.dialect.values) {
			if err := s.statesOf(ctx, tx, part, distinct(parts[part].accounts), keys, out); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// statesOf fills in what is stored of findings by their keys.
func (s *Store) statesOf(ctx context.Context, tx *sql.Tx, part int64, accounts []int64, keys [][]byte, out map[int64][]state) error {
	var a arguments
	query := `SELECT ` + stateColumns + ` FROM ` + s.dialect.findings(part) + ` WHERE ` +
		anyOf(s.dialect, &a, "account_id", accounts) + ` AND ` + anyOf(s.dialect, &a, "fkey", keys)
	return each(ctx, tx, query, a.values, func(rows *sql.Rows) error {
		res, st, err := scanState(rows)
		out[res] = append(out[res], st)
		return err
	})
}

// writeAgain writes what changed.
func (s *Store) writeAgain(ctx context.Context, tx *sql.Tx, list []*pending, b *batch) error {
	if err := s.writeFindings(ctx, tx, b); err != nil {
		return err
	}
	byRevision := map[string][]int64{}
	for _, p := range list {
		if p.revision != p.known.revision {
			byRevision[p.revision] = append(byRevision[p.revision], p.known.id)
		}
	}
	for _, revision := range sortedKeys(byRevision) {
		var a arguments
		query := fmt.Sprintf(`UPDATE resource SET revision = %s WHERE %s`, a.add(revision), anyOf(s.dialect, &a, "res_id", byRevision[revision])) //nolint:gosec // names and placeholders
		if _, err := tx.ExecContext(ctx, query, a.values...); err != nil {
			return fmt.Errorf("writing resources: %w", err)
		}
	}
	list = slices.DeleteFunc(slices.Clone(list), func(p *pending) bool { return p.coverage[0] == (Coverage{}) })
	covered, err := s.writeCoverage(ctx, tx, list, b.now)
	if err != nil {
		return fmt.Errorf("writing coverage: %w", err)
	}
	if err := s.count(ctx, tx, b.counts); err != nil {
		return err
	}
	return s.emit(ctx, tx, append(b.events, covered...))
}
