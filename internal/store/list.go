package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Criteria choose findings. The values of a field are alternatives, and all
// fields must fit; a field without values fits everything.
type Criteria struct {
	Accounts        []org.Account // those outside the scope have no findings
	Status          []Status
	Severity        []finding.Severity
	Resources       []string // ids
	Vulnerabilities []string // ids
}

// Sort is what a list of findings is sorted by.
type Sort string

// The sorts. Findings that are equal are in an order of their own, which does
// not change.
const (
	BySeverity      Sort = "" // and then by score
	ByFirstObserved Sort = "firstObservedAt"
	ByLastObserved  Sort = "lastObservedAt"
)

// Page says which part of a list is wanted.
type Page struct {
	Sort      Sort
	Ascending bool   // the zero Page has the gravest or newest first
	Size      int    // at most MaxPage; 0 means MaxPage
	After     string // the token that came with the page before; empty for the first page
	Now       time.Time
}

// MaxPage is how many findings one page has at most.
// Source: Amazon Inspector API, ListFindings, maxResults.
const MaxPage = 100

var orders = map[Sort]order{
	BySeverity:      {column: "severity", scored: true},
	ByFirstObserved: {column: "first_at"},
	ByLastObserved:  {column: "last_at"},
}

// Findings returns a page of the findings in the scope that fit, and the token
// of the next page; empty if this is the last. Findings that do not change while
// a client reads page after page are there exactly once. A token is valid for 24
// hours, with the same scope, criteria and order only.
func (s *Store) Findings(ctx context.Context, scope org.Scope, where Criteria, page Page) (list []Finding, next string, err error) {
	sel, token, err := s.selection(scope, where, page)
	if err != nil {
		return nil, "", err
	}
	if len(where.Accounts) > 0 {
		scope = scope.Narrow(where.Accounts...)
	}
	for _, a := range scope.Accounts() {
		sel.accounts = append(sel.accounts, int64(a))
	}
	if len(sel.accounts) == 0 {
		return nil, "", nil
	}
	if err := s.resolve(ctx, &sel, where); err != nil {
		return nil, "", fmt.Errorf("looking up criteria: %w", err)
	}
	query, args, err := s.plan(ctx, sel)
	if err != nil {
		return nil, "", fmt.Errorf("planning a list: %w", err)
	}
	if query == "" {
		return nil, "", nil
	}
	list, places, err := s.fetch(ctx, query, args, sel.order)
	if err != nil {
		return nil, "", fmt.Errorf("listing findings: %w", err)
	}
	if len(list) < sel.limit {
		return list, "", nil
	}
	size := sel.limit - 1
	next, err = seal(s.tokens, mark{places[size-1], milliseconds(page.Now)}, token)
	return list[:size], next, err
}

// selection checks a request and puts it in the numbers of the tables, as far
// as that needs no database. token is what the tokens of the list are bound to.
func (s *Store) selection(scope org.Scope, where Criteria, page Page) (sel selection, token []byte, err error) {
	if page.Size < 0 || page.Size > MaxPage {
		return sel, nil, fault.OnField("maxResults", "%d is not from 1 to %d", page.Size, MaxPage)
	}
	sel.limit = page.Size + 1 // one more tells whether there is another page
	if page.Size == 0 {
		sel.limit = MaxPage + 1
	}
	var ok bool
	if sel.order, ok = orders[page.Sort]; !ok {
		return sel, nil, fault.OnField("sortCriteria.field", "unknown value %q", string(page.Sort))
	}
	sel.order.ascending = page.Ascending
	if sel.statuses, err = numbers(statusNumbers, where.Status, "findingStatus"); err != nil {
		return sel, nil, err
	}
	if sel.severities, err = numbers(severityNumbers, where.Severity, "severity"); err != nil {
		return sel, nil, err
	}
	sort := page.Sort
	if page.Ascending {
		sort += " ascending"
	}
	if token, err = bound(scope, where, sort); err != nil {
		return sel, nil, err
	}
	if page.After != "" {
		p, err := unseal(s.tokens, page.After, token, page.Now)
		if err != nil {
			return sel, nil, err
		}
		sel.after = &p
	}
	return sel, token, nil
}

// numbers returns the numbers of words, each once; nil if there are none.
func numbers[T ~string](list []T, words []T, field string) ([]int64, error) {
	var out []int64
	for _, w := range words {
		n, err := number(list, w, field)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// resolve looks up the resources and vulnerabilities that criteria name.
func (s *Store) resolve(ctx context.Context, sel *selection, where Criteria) error {
	collect := func(out *[]int64, query string, args []any) error {
		*out = []int64{}
		return each(ctx, s.read, query, args, func(rows *sql.Rows) error {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			*out = append(*out, id)
			return nil
		})
	}
	if len(where.Resources) > 0 {
		var a arguments
		query := `SELECT res_id FROM resource WHERE ` + in(&a, "arn", where.Resources) + ` AND ` + in(&a, "account_id", sel.accounts)
		if err := collect(&sel.resources, query, a.values); err != nil {
			return err
		}
	}
	if len(where.Vulnerabilities) > 0 {
		var a arguments
		query := `SELECT vuln_sk FROM vuln WHERE ` + in(&a, "vuln_id", where.Vulnerabilities)
		return collect(&sel.vulns, query, a.values)
	}
	return nil
}

// plan returns the query of a list: it collects and sorts what the narrowest
// condition reaches if that is little, and else walks along an index that has
// the order. The query is empty if nothing can fit.
func (s *Store) plan(ctx context.Context, sel selection) (query string, args []any, err error) {
	var a arguments
	best, column, values := int64(smallReach+1), "", []int64(nil)
	for _, c := range []struct {
		column string
		values []int64
		use    bool
	}{
		{"res_id", sel.resources, sel.resources != nil},
		{"vuln_sk", sel.vulns, sel.vulns != nil},
		// A walk by severity begins with the account anyway.
		{"account_id", sel.accounts, !sel.order.scored},
	} {
		if !c.use {
			continue
		}
		if len(c.values) == 0 {
			return "", nil, nil
		}
		n, err := s.reach(ctx, c.column, c.values)
		if err != nil {
			return "", nil, err
		}
		if n < best {
			best, column, values = n, c.column, c.values
		}
	}
	if column != "" {
		return sel.drive(&a, column, values), a.values, nil
	}
	query = sel.walk(&a)
	return query, a.values, nil
}

// reach counts the findings that a condition reaches, up to one more than
// smallReach. It reads nothing but an index.
func (s *Store) reach(ctx context.Context, column string, values []int64) (n int64, err error) {
	var a arguments
	query := fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM finding WHERE %s LIMIT %d) z`, in(&a, column, values), smallReach+1)
	return n, s.read.QueryRowContext(ctx, query, a.values...).Scan(&n)
}

// FindingsByARN returns the findings of the scope that have these names, each
// once, in no particular order. A name that is none, or of a finding that is not
// there or not in the scope, is left out. At most MaxPage names are looked up.
func (s *Store) FindingsByARN(ctx context.Context, scope org.Scope, arns []string) ([]Finding, error) {
	if len(arns) > MaxPage {
		return nil, fault.OnField("findingArns", "has more than %d", MaxPage)
	}
	var a arguments
	accounts, keys := map[int64]bool{}, [][]byte{}
	for _, arn := range arns {
		if k, account, ok := parseARN(arn); ok && scope.Has(account) {
			accounts[int64(account)] = true
			keys = append(keys, k[:])
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	query := listed + in(&a, "account_id", sortedKeys(accounts)) + " AND " + in(&a, "fkey", keys)
	list, _, err := s.fetch(ctx, query, a.values, orders[BySeverity])
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return slices.DeleteFunc(list, func(f Finding) bool { return !slices.Contains(arns, f.ARN) }), nil
}

// A row is a finding as its table has it.
type row struct {
	fid                      int64
	key                      fkey
	account                  org.Account
	res, vuln, text, matched int64 // where the rest is
	severity, status, fix    int64
	score                    float64
	first, last, updated     int64 // milliseconds
	closed                   sql.NullInt64
}

// place returns the position of a row in a list.
func (r *row) place(o order) place {
	switch o.column {
	case "first_at":
		return place{First: r.first, FID: r.fid}
	case "last_at":
		return place{First: r.last, FID: r.fid}
	}
	return place{r.severity, r.score, r.fid}
}

// fetch returns the findings that a query of the columns listed chooses, and
// their places, in the order of the query. What findings share is read once,
// in queries of their own: a join with tables of 32 parts takes PostgreSQL
// longer to plan than to run.
func (s *Store) fetch(ctx context.Context, chosen string, args []any, o order) (list []Finding, places []place, err error) {
	var rows []row
	err = each(ctx, s.read, chosen, args, func(r *sql.Rows) error {
		var v row
		var key []byte
		err := r.Scan(&v.fid, &key, &v.account, &v.res, &v.vuln, &v.text, &v.matched, &v.severity, &v.status, &v.fix, &v.score,
			&v.first, &v.last, &v.updated, &v.closed)
		if err != nil {
			return err
		}
		if len(key) != len(v.key) {
			return fmt.Errorf("finding %d has a key of %d bytes", v.fid, len(key))
		}
		v.key = fkey(key)
		rows, places = append(rows, v), append(places, v.place(o))
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	var c content
	if err := c.read(ctx, s, rows); err != nil {
		return nil, nil, err
	}
	for i := range rows {
		f, err := c.finding(&rows[i])
		if err != nil {
			return nil, nil, err
		}
		list = append(list, f)
	}
	return list, places, nil
}

// content is what findings share, by its numbers.
type content struct {
	resources map[int64]resource.Resource
	vulns     map[int64]live
	texts     map[int64]text
	matched   map[int64]affected
}

// read fills in the content of rows.
func (c *content) read(ctx context.Context, s *Store, rows []row) error {
	accounts := map[int64]bool{}
	c.resources, c.vulns = map[int64]resource.Resource{}, map[int64]live{}
	c.texts, c.matched = map[int64]text{}, map[int64]affected{}
	for i := range rows {
		r := &rows[i]
		accounts[int64(r.account)] = true
		c.resources[r.res], c.vulns[r.vuln], c.texts[r.text], c.matched[r.matched] = resource.Resource{}, live{}, text{}, affected{}
	}
	inAccounts := func(a *arguments) string { return in(a, "account_id", sortedKeys(accounts)) + " AND " }
	everywhere := func(*arguments) string { return "" }
	plain := func(doc []byte, v any) error { return json.Unmarshal(doc, v) }
	packed := func(doc []byte, v any) error { return extract(s.unpack, doc, v) }
	return errors.Join(
		lookUp(ctx, s.read, source{"res_id", "resource", inAccounts, plain}, c.resources),
		lookUp(ctx, s.read, source{"vuln_sk", "vuln", everywhere, plain}, c.vulns),
		lookUp(ctx, s.read, source{"doc_id", "document", everywhere, packed}, c.texts),
		lookUp(ctx, s.read, source{"doc_id", "document", everywhere, packed}, c.matched),
	)
}

// A source is a table of documents.
type source struct {
	number, table string
	where         step
	decode        func(doc []byte, v any) error
}

// lookUp reads the documents whose numbers are the keys of a map.
func lookUp[T any](ctx context.Context, q querier, from source, out map[int64]T) error {
	column := "doc"
	if from.table == "vuln" {
		column = "live"
	}
	found := 0
	for part := range slices.Chunk(sortedKeys(out), valuesAtOnce) {
		var a arguments
		query := fmt.Sprintf(`SELECT %s, %s FROM %s WHERE %s`, from.number, column, from.table, from.where(&a)+in(&a, from.number, part))
		err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
			var id int64
			var doc []byte
			if err := rows.Scan(&id, &doc); err != nil {
				return err
			}
			var v T
			if err := from.decode(doc, &v); err != nil {
				return fmt.Errorf("reading %s %d: %w", from.table, id, err)
			}
			out[id] = v
			found++
			return nil
		})
		if err != nil {
			return err
		}
	}
	if found != len(out) {
		return fmt.Errorf("reading %s: %d of %d found", from.table, found, len(out))
	}
	return nil
}

// finding puts a row and its content together.
func (c *content) finding(r *row) (Finding, error) {
	t, m, l, res := c.texts[r.text], c.matched[r.matched], c.vulns[r.vuln], c.resources[r.res]
	if !named(severityNumbers, r.severity) || !named(statusNumbers, r.status) || !named(fixNumbers, r.fix) {
		return Finding{}, fmt.Errorf("finding %d has numbers that nothing stands for", r.fid)
	}
	packages := slices.Clone(m.Packages) // other findings may have the same
	withRepetition(packages)
	f := Finding{
		Finding: finding.Finding{
			ARN: r.key.arn(res.Region, r.account), Resource: res, Vulnerability: t.Vulnerability, Aliases: m.Aliases,
			Kind: t.Kind, Title: m.Title, Summary: t.Summary, Description: t.Description,
			Severity: severityNumbers[r.severity], Score: t.Score, Scores: t.Scores, CWEs: t.CWEs, References: t.References,
			Source: t.Source, SourceURL: t.SourceURL, VendorLabel: t.VendorLabel, Published: t.Published,
			Modified: t.Modified, Related: t.Related, Packages: packages, Fix: fixNumbers[r.fix],
			EPSS: l.EPSS, KEV: l.KEV, Exploitation: l.Exploitation, Observed: fromMilliseconds(r.last),
			Confidence: m.Confidence,
		},
		Status: statusNumbers[r.status], First: fromMilliseconds(r.first), Updated: fromMilliseconds(r.updated),
	}
	if r.closed.Valid {
		f.Closed = fromMilliseconds(r.closed.Int64)
	}
	return f, nil
}

// named tells whether a number stands for a word.
func named[T ~string](list []T, n int64) bool { return n >= 0 && n < int64(len(list)) && list[n] != "" }
