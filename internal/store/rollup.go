package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/assay-project/assay/internal/resource"
)

// The dimensions by which active findings are counted. Those of an account and a
// title are kept by type of finding and of resource; those of layers by resource.
// A title is of one type of finding: the same words about another type are
// another title. Most titles are of one type of resource in an account, and have
// one row; for the others see dimTitlePart.
const (
	dimAccount     = 1
	dimTitle       = 2 // of one vulnerability
	dimPackage     = 3
	dimRepository  = 4
	dimAMI         = 5
	dimImageLayer  = 6
	dimLambdaLayer = 7
	// dimTitlePart has the rows of titles that resources of several types have in
	// an account, by type. Their sum is a row of dimTitle without one. A change that
	// is not yet added up is of dimTitle and of a type.
	dimTitlePart = 9
)

// networkType is the number of findings of open network paths.
const networkType = 2

// counted is a finding that became active or, with n of -1, stopped being so. A
// finding whose counted attributes change is both, with its old attributes and
// with its new ones. With n of 0 it names a resource whose own attributes
// changed.
type counted struct {
	account, res, vuln, match int64
	ftype, rtype              int64
	severity, fix             int64
	n                         int64
}

// counts is how many findings there are.
type counts struct {
	all, crit, high, med, fix int64
	res                       int64 // resources that have any; of repositories and machine images only
}

func (c counts) plus(o counts) counts {
	return counts{c.all + o.all, c.crit + o.crit, c.high + o.high, c.med + o.med, c.fix + o.fix, c.res + o.res}
}

func (c counts) minus() counts { return counts{-c.all, -c.crit, -c.high, -c.med, -c.fix, -c.res} }

// values returns the counts in the order of the columns.
func (c counts) values() []any { return []any{c.all, c.crit, c.high, c.med, c.fix, c.res} }

// counts returns what a finding adds.
func (f counted) counts() counts {
	out := counts{all: f.n}
	switch f.severity {
	case 5:
		out.crit = f.n
	case 4:
		out.high = f.n
	case 3:
		out.med = f.n
	}
	if f.fix > 0 { // whole or in part
		out.fix = f.n
	}
	return out
}

// An aggKey is the identity of a row of counters.
type aggKey struct{ dim, k, account, res, ftype, rtype int64 }

func (a aggKey) compare(b aggKey) int {
	return cmp.Or(cmp.Compare(a.dim, b.dim), cmp.Compare(a.k, b.k), cmp.Compare(a.account, b.account),
		cmp.Compare(a.res, b.res), cmp.Compare(a.ftype, b.ftype), cmp.Compare(a.rtype, b.rtype))
}

// values returns the key in the order of the columns.
func (a aggKey) values() []any { return []any{a.dim, a.k, a.account, a.res, a.ftype, a.rtype} }

const (
	keyColumns   = "dim, k, account_id, res_id, ftype, rtype"
	countColumns = "n_all, n_crit, n_high, n_med, n_fix, n_res"
)

// deltas are changes to counters.
type deltas map[aggKey]counts

func (d deltas) add(k aggKey, c counts) {
	if sum := d[k].plus(c); sum != (counts{}) {
		d[k] = sum
	} else {
		delete(d, k)
	}
}

// sorted returns the keys in their order, in which all writers change rows.
func (d deltas) sorted() []aggKey { return slices.SortedFunc(maps.Keys(d), aggKey.compare) }

// count keeps account of findings that became active or stopped being so: in
// the counters of their resources, and as changes to all others, which Fold
// adds up. What the findings refer to is in the tables already.
func (s *Store) count(ctx context.Context, tx *sql.Tx, list []counted) error {
	if len(list) == 0 {
		return nil
	}
	about, err := readSubjects(ctx, tx, list)
	if err != nil {
		return fmt.Errorf("counting findings: %w", err)
	}
	holders, err := s.readHolders(ctx, tx, list)
	if err != nil {
		return fmt.Errorf("reading counters of resources: %w", err)
	}
	for _, h := range holders {
		about.terms[h.term()] = 0
	}
	if err := s.internTerms(ctx, tx, about.terms); err != nil {
		return fmt.Errorf("keeping what is counted: %w", err)
	}
	out := about.deltas(list)
	if err := s.countHolders(ctx, tx, holders, about.terms, out); err != nil {
		return fmt.Errorf("counting findings of resources: %w", err)
	}
	if err := s.appendDeltas(ctx, tx, out); err != nil {
		return fmt.Errorf("counting findings: %w", err)
	}
	return nil
}

// appendDeltas keeps changes to counters until Fold adds them up.
func (s *Store) appendDeltas(ctx context.Context, tx *sql.Tx, d deltas) error {
	if len(d) == 0 {
		return nil
	}
	seq, err := s.take(ctx, tx, "agg_delta", int64(len(d)))
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(d))
	for i, k := range d.sorted() {
		rows = append(rows, slices.Concat([]any{seq + int64(i)}, k.values(), d[k].values()))
	}
	return s.insert(ctx, tx, `INSERT INTO agg_delta (seq, `+keyColumns+`, `+countColumns+`)`, "", rows)
}

// A term is a text that findings are counted by; the empty text is none.
type term struct {
	dim  int64
	text string
	vuln string // of a title: the vulnerability
}

func (w term) compare(o term) int {
	return cmp.Or(cmp.Compare(w.dim, o.dim), cmp.Compare(w.text, o.text), cmp.Compare(w.vuln, o.vuln))
}

// A subject is what the packages of a finding are counted by.
type subject struct {
	title                          string
	packages, layers, lambdaLayers []string // each once
}

// subjects is what findings are about.
type subjects struct {
	matches map[int64]*subject
	vulns   map[int64]string // ids
	terms   map[term]int64   // the number of each; 0 until it is known
}

// readSubjects reads what findings are about. The numbers of the terms are not
// known yet.
func readSubjects(ctx context.Context, q querier, list []counted) (subjects, error) {
	out := subjects{map[int64]*subject{}, map[int64]string{}, map[term]int64{}}
	for _, f := range list {
		if f.n != 0 {
			out.matches[f.match], out.vulns[f.vuln] = &subject{}, ""
		}
	}
	err := byNumber(ctx, q, `SELECT match_id, title FROM matched WHERE `, "match_id", sortedKeys(out.matches), func(rows *sql.Rows) error {
		var id int64
		var title string
		if err := rows.Scan(&id, &title); err != nil {
			return err
		}
		out.matches[id].title = title
		return nil
	})
	if err != nil {
		return out, err
	}
	err = byNumber(ctx, q, `SELECT match_id, name, layer, lambda_layer FROM match_pkg WHERE `, "match_id", sortedKeys(out.matches), func(rows *sql.Rows) error {
		var id int64
		var name string
		var layer, lambdaLayer sql.NullString
		if err := rows.Scan(&id, &name, &layer, &lambdaLayer); err != nil {
			return err
		}
		m := out.matches[id]
		m.packages, m.layers = with(m.packages, name), with(m.layers, layer.String)
		m.lambdaLayers = with(m.lambdaLayers, lambdaLayer.String)
		return nil
	})
	if err != nil {
		return out, err
	}
	err = byNumber(ctx, q, `SELECT vuln_sk, vuln_id FROM vuln WHERE `, "vuln_sk", sortedKeys(out.vulns), func(rows *sql.Rows) error {
		var sk int64
		var id string
		if err := rows.Scan(&sk, &id); err != nil {
			return err
		}
		out.vulns[sk] = id
		return nil
	})
	for _, f := range list {
		for _, w := range out.of(f) {
			out.terms[w] = 0
		}
	}
	return out, err
}

// with adds a text to a list if it is not empty and not there yet.
func with(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// of returns the terms that a finding is counted by.
func (s subjects) of(f counted) []term {
	m := s.matches[f.match]
	if m == nil {
		return nil
	}
	var out []term
	if vuln := s.vulns[f.vuln]; m.title != "" || vuln != "" {
		out = append(out, term{dimTitle, cmp.Or(m.title, vuln), vuln})
	}
	for _, p := range m.packages {
		out = append(out, term{dim: dimPackage, text: p})
	}
	switch family(f.rtype) {
	case resource.Image:
		for _, l := range m.layers {
			out = append(out, term{dim: dimImageLayer, text: l})
		}
	case resource.Function:
		for _, l := range m.lambdaLayers {
			out = append(out, term{dim: dimLambdaLayer, text: l})
		}
	}
	return out
}

// family returns Amazon's type of the same kind of resource.
func family(rtype int64) resource.Type {
	switch t := resourceNumbers[rtype]; t {
	case resource.AzureImage:
		return resource.Image
	case resource.AzureFunction:
		return resource.Function
	case resource.AzureInstance:
		return resource.Instance
	default:
		return t
	}
}

// deltas returns the changes to all counters but those by resource. The numbers
// of the terms are known.
func (s subjects) deltas(list []counted) deltas {
	out := deltas{}
	for _, f := range list {
		if f.n == 0 {
			continue
		}
		c := f.counts()
		out.add(aggKey{dim: dimAccount, account: f.account, ftype: f.ftype, rtype: f.rtype}, c)
		for _, w := range s.of(f) {
			k := aggKey{dim: w.dim, k: s.terms[w], account: f.account}
			switch w.dim {
			case dimTitle:
				k.ftype, k.rtype = f.ftype, f.rtype
			case dimImageLayer, dimLambdaLayer:
				k.res = f.res
			}
			out.add(k, c)
		}
	}
	return out
}

// byNumber reads rows by their numbers.
func byNumber(ctx context.Context, q querier, query, column string, numbers []int64, f func(rows *sql.Rows) error) error {
	for part := range slices.Chunk(numbers, valuesAtOnce) {
		var a arguments
		if err := each(ctx, q, query+in(&a, column, part), a.values, f); err != nil {
			return err
		}
	}
	return nil
}

// internTerms fills in the numbers of terms, of which it keeps those that are
// new.
func (s *Store) internTerms(ctx context.Context, tx *sql.Tx, terms map[term]int64) error {
	if err := readTerms(ctx, tx, terms); err != nil {
		return err
	}
	missing := unnumbered(terms)
	if len(missing) == 0 {
		return nil
	}
	first, err := s.take(ctx, tx, "agg_key", int64(len(missing)))
	if err != nil {
		return err
	}
	rows := make([][]any, len(missing))
	for i, w := range missing {
		rows[i] = []any{first + int64(i), w.dim, w.text, w.vuln}
	}
	err = s.insert(ctx, tx, `INSERT INTO agg_key (k, dim, txt, vuln)`, `ON CONFLICT (dim, txt, vuln) DO NOTHING`, rows)
	if err != nil {
		return err
	}
	return readTerms(ctx, tx, terms)
}

// unnumbered returns the terms that have no number, in an order that is the
// same for all writers.
func unnumbered(terms map[term]int64) []term {
	var out []term
	for w, k := range terms {
		if k == 0 && w.text != "" {
			out = append(out, w)
		}
	}
	slices.SortFunc(out, term.compare)
	return out
}

// readTerms fills in the numbers of the terms that are known.
func readTerms(ctx context.Context, q querier, terms map[term]int64) error {
	byDim := map[int64][]string{}
	for _, w := range unnumbered(terms) {
		byDim[w.dim] = append(byDim[w.dim], w.text)
	}
	for _, dim := range sortedKeys(byDim) {
		for part := range slices.Chunk(slices.Compact(byDim[dim]), valuesAtOnce) {
			var a arguments
			query := `SELECT k, txt, vuln FROM agg_key WHERE dim = ` + a.add(dim) + ` AND ` + in(&a, "txt", part)
			err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
				w := term{dim: dim}
				var k int64
				if err := rows.Scan(&k, &w.text, &w.vuln); err != nil {
					return err
				}
				if _, ok := terms[w]; ok {
					terms[w] = k
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// A holder is a resource with the counters of its findings.
type holder struct {
	account, id, rtype int64
	repo, ami          string
	before             counts // as stored
	key                int64  // of the term under which before is counted
	net                int64  // change
	change             counts
}

// term returns the repository of an image or the machine image of an instance,
// under which a resource is counted, too; the empty term for all others.
func (h holder) term() term {
	switch {
	case family(h.rtype) == resource.Image:
		return term{dim: dimRepository, text: h.repo}
	case resourceNumbers[h.rtype] == resource.Instance:
		return term{dim: dimAMI, text: h.ami}
	}
	return term{}
}

// readHolders reads the resources of findings, in the order in which they are
// locked, with the changes that the findings make.
func (s *Store) readHolders(ctx context.Context, tx *sql.Tx, list []counted) ([]holder, error) {
	changes := map[int64]*holder{}
	for _, f := range list {
		h := changes[f.res]
		if h == nil {
			h = &holder{}
			changes[f.res] = h
		}
		h.change = h.change.plus(f.counts())
		if f.ftype == networkType {
			h.net += f.n
		}
	}
	out, err := s.lockHolders(ctx, tx, sortedKeys(changes))
	if err != nil || len(out) == 0 {
		return nil, err
	}
	at := map[int64]*holder{}
	for i := range out {
		h := &out[i]
		h.change, h.net = changes[h.id].change, changes[h.id].net
		at[h.id] = h
	}
	// Not in one statement with the lock: PostgreSQL would read the counters as
	// they were before it waited.
	var a arguments
	query := `SELECT res_id, n_all, n_crit, n_high, n_med, n_fix, k FROM resource_count WHERE ` +
		anyOf(s.dialect, &a, "res_id", sortedKeys(at))
	err = each(ctx, tx, query, a.values, func(rows *sql.Rows) error {
		var id, key int64
		var b counts
		err := rows.Scan(&id, &b.all, &b.crit, &b.high, &b.med, &b.fix, &key)
		if err == nil {
			at[id].before, at[id].key = b, key
		}
		return err
	})
	return out, err
}

// lockHolders returns the resources of some numbers that are there, without their
// counters, which nobody else changes until the end of the transaction.
func (s *Store) lockHolders(ctx context.Context, tx *sql.Tx, ids []int64) (out []holder, err error) {
	var a arguments
	query := `SELECT res_id, account_id, type, repo, ami FROM resource WHERE ` + anyOf(s.dialect, &a, "res_id", ids) +
		` ORDER BY account_id, res_id` + s.dialect.lock
	err = each(ctx, tx, query, a.values, func(rows *sql.Rows) error {
		var h holder
		var repo, ami sql.NullString
		err := rows.Scan(&h.id, &h.account, &h.rtype, &repo, &ami)
		h.repo, h.ami = repo.String, ami.String
		out = append(out, h)
		return err
	})
	return out, err
}

// countHolders changes the counters of resources, and adds what changes about
// the repositories and machine images that they belong to.
func (s *Store) countHolders(ctx context.Context, tx *sql.Tx, list []holder, terms map[term]int64, out deltas) error {
	var changed []holder
	for _, h := range list {
		key := terms[h.term()]
		h.move(key, out)
		if h.change == (counts{}) && h.net == 0 && (key == h.key || h.before.all == 0) {
			continue
		}
		h.key = key
		changed = append(changed, h)
	}
	return s.changeHolders(ctx, tx, changed)
}

// changeHolders changes the counters of resources that are locked, and notes under
// what they are counted.
func (s *Store) changeHolders(ctx context.Context, tx *sql.Tx, list []holder) error {
	if len(list) == 0 {
		return nil
	}
	rows := make([][]any, len(list))
	var fewer []int64 // that may have none now
	for i, h := range list {
		c := h.change
		rows[i] = []any{h.id, h.account, h.rtype, h.key, c.all, c.crit, c.high, c.med, c.fix, h.net}
		if c.all <= 0 {
			fewer = append(fewer, h.id)
		}
	}
	err := s.insert(ctx, tx, `INSERT INTO resource_count (res_id, account_id, type, k, n_all, n_crit, n_high, n_med, n_fix, n_net)`,
		`ON CONFLICT (res_id) DO UPDATE SET n_all = resource_count.n_all + excluded.n_all, n_crit = resource_count.n_crit + excluded.n_crit,
		n_high = resource_count.n_high + excluded.n_high, n_med = resource_count.n_med + excluded.n_med,
		n_fix = resource_count.n_fix + excluded.n_fix, n_net = resource_count.n_net + excluded.n_net, k = excluded.k`, rows)
	if err != nil || len(fewer) == 0 {
		return err
	}
	var a arguments
	empty := "n_all = 0 AND n_crit = 0 AND n_high = 0 AND n_med = 0 AND n_fix = 0 AND n_net = 0"
	query := fmt.Sprintf(`DELETE FROM resource_count WHERE %s AND %s`, anyOf(s.dialect, &a, "res_id", fewer), empty) //nolint:gosec // placeholders
	_, err = tx.ExecContext(ctx, query, a.values...)
	return err
}

// move takes the counters of a resource from one number to another, or changes
// them if it is the same; number 0 is not counted.
func (h holder) move(to int64, out deltas) {
	dim := h.term().dim
	if before := h.before.ofResource(); h.key != 0 {
		out.add(aggKey{dim: dim, k: h.key, account: h.account}, before.minus())
	}
	if after := h.before.plus(h.change).ofResource(); to != 0 {
		out.add(aggKey{dim: dim, k: to, account: h.account}, after)
	}
}

// ofResource returns the counts of a resource as they count for what it belongs
// to.
func (c counts) ofResource() counts {
	c.res = 0
	if c.all > 0 {
		c.res = 1
	}
	return c
}
