package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// A row is a finding as its table has it.
type row struct {
	fid                          int64
	key                          fkey
	account                      org.Account
	res, vuln, words, matched    int64 // where the rest is; 0: nowhere
	kind, resKind                int64
	severity, status, fix        int64
	first, last, updated, closed int64 // milliseconds; closed is 0 unless it is
	score                        int64 // in tenths
	// The attribute of the order, if the list has one and the finding too.
	text *string
	num  *float64
}

// listed are the columns of a row, in a query of finding f.
const listed = `f.fid, f.fkey, f.account_id, f.res_id, f.vuln_sk, f.text_id, f.match_id, f.type, f.res_type,
	f.severity, f.status, f.fix, f.score, f.first_at, f.last_at, f.updated_at, coalesce(f.closed_at, 0)`

// rows runs a query of the columns listed.
func (s *Store) rows(ctx context.Context, query string, args []any) ([]row, error) {
	var out []row
	err := each(ctx, s.read, query, args, func(rows *sql.Rows) error {
		var r row
		if err := r.scan(rows, nil); err != nil {
			return err
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

// scan reads the columns listed, after the one for extra if it is not nil.
func (r *row) scan(rows *sql.Rows, extra any) error {
	var key []byte
	targets := []any{
		extra, &r.fid, &key, &r.account, &r.res, &r.vuln, &r.words, &r.matched, &r.kind, &r.resKind, &r.severity, &r.status, &r.fix,
		&r.score, &r.first, &r.last, &r.updated, &r.closed,
	}
	if extra == nil {
		targets = targets[1:]
	}
	if err := rows.Scan(targets...); err != nil {
		return err
	}
	if len(key) != len(r.key) {
		return fmt.Errorf("finding %d has a key of %d bytes", r.fid, len(key))
	}
	r.key = fkey(key)
	return nil
}

// complete returns the findings of rows. What findings share is read once, in
// queries of their own: a join would bring it again with each finding, even what
// is remembered.
func (s *Store) complete(ctx context.Context, rows []row) ([]Finding, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var c content
	if err := c.read(ctx, s, rows); err != nil {
		return nil, err
	}
	out := make([]Finding, len(rows))
	for i := range rows {
		var err error
		if out[i], err = c.finding(&rows[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
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
	c.resources, c.vulns = map[int64]resource.Resource{}, map[int64]live{}
	c.texts, c.matched = map[int64]text{}, map[int64]affected{}
	for i := range rows {
		r := &rows[i]
		c.resources[r.res], c.vulns[r.vuln], c.texts[r.words], c.matched[r.matched] = resource.Resource{}, live{}, text{}, affected{}
	}
	plain := func(doc []byte, v any) error { return json.Unmarshal(doc, v) }
	var together errgroup.Group
	together.Go(func() error {
		return lookUp(ctx, s, source{"res_id", "resource", "doc", s.packing.unpack}, nil, c.resources)
	})
	together.Go(func() error { return lookUp(ctx, s, source{"vuln_sk", "vuln", "live", plain}, nil, c.vulns) })
	together.Go(func() error {
		return lookUp(ctx, s, source{"doc_id", "document", "doc", s.packing.unpack}, &s.texts, c.texts)
	})
	together.Go(func() error {
		return lookUp(ctx, s, source{"match_id", "matched", "doc", s.packing.unpack}, &s.matched, c.matched)
	})
	return together.Wait()
}

// A source is a table of documents.
type source struct {
	number, table, column string
	decode                func(doc []byte, v any) error
}

// query is that of some documents.
func (from source) query(d dialect, ids []int64, a *arguments) string {
	return fmt.Sprintf("SELECT e.%[1]s, e.%[2]s FROM %[3]s e WHERE ", from.number, from.column, from.table) + d.anyNumber(a, "e."+from.number, ids)
}

// lookUp reads the documents whose numbers are the keys of a map; 0 has none.
// Documents that do not change have a memo.
func lookUp[T any](ctx context.Context, s *Store, from source, known *memo[T], out map[int64]T) error {
	keys := sortedKeys(out)
	if len(keys) > 0 && keys[0] == 0 {
		keys = keys[1:]
	}
	if known != nil {
		keys = known.recall(out, keys)
	}
	missing := len(keys)
	for part := range slices.Chunk(keys, valuesAtOnce) {
		var a arguments
		query := from.query(s.dialect, part, &a)
		err := each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
			var id int64
			var doc []byte
			if err := rows.Scan(&id, &doc); err != nil {
				return err
			}
			var v T
			if err := from.decode(doc, &v); err != nil {
				return fmt.Errorf("reading %s %d: %w", from.table, id, err)
			}
			if known != nil {
				known.remember(id, v, len(doc))
			}
			out[id] = v
			missing--
			return nil
		})
		if err != nil {
			return err
		}
	}
	if missing > 0 {
		return fmt.Errorf("reading %s: %d of %d are missing", from.table, missing, len(keys))
	}
	return nil
}

// finding puts a row and its content together.
func (c *content) finding(r *row) (Finding, error) {
	t, m, l, res := c.texts[r.words], c.matched[r.matched], c.vulns[r.vuln], c.resources[r.res]
	if !named(severityNumbers, r.severity) || !named(statusNumbers, r.status) || !named(fixNumbers, r.fix) || !named(typeNumbers, r.kind) {
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
		Type: typeNumbers[r.kind], Status: statusNumbers[r.status], First: fromMilliseconds(r.first), Updated: fromMilliseconds(r.updated),
	}
	f.Rescore(finding.ReachUnknown)
	if r.closed != 0 {
		f.Closed = fromMilliseconds(r.closed)
	}
	return f, nil
}

// named tells whether a number stands for a word.
func named[T ~string](list []T, n int64) bool { return n >= 0 && n < int64(len(list)) && list[n] != "" }
