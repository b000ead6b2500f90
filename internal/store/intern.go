package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/finding"
)

// A vulnKey is the identity of a vulnerability in the words of one source.
type vulnKey struct{ id, source string }

func (k vulnKey) compare(o vulnKey) int {
	return cmp.Or(strings.Compare(k.id, o.id), strings.Compare(k.source, o.source))
}

func (o *sight) vuln() vulnKey { return vulnKey{o.Vulnerability, o.Source} }

// A vulnRow is what is known of a vulnerability.
type vulnRow struct{ number, revision int64 }

// internVulns keeps the vulnerabilities of findings and returns their numbers.
// What is known of one from day to day is replaced by what is newer, never by
// what is older: a scanner may have older advisories than the last one had.
func (s *Store) internVulns(ctx context.Context, tx *sql.Tx, list []sight) (map[vulnKey]int64, error) {
	want := map[vulnKey]*sight{}
	for i := range list {
		o := &list[i]
		if known := want[o.vuln()]; known == nil || o.revision > known.revision {
			want[o.vuln()] = o
		}
	}
	keys := make([]vulnKey, 0, len(want))
	for k := range want {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, vulnKey.compare)
	stored := make(map[vulnKey]vulnRow, len(keys))
	if err := s.readVulns(ctx, tx, keys, stored); err != nil {
		return nil, err
	}
	var missing, write []vulnKey
	for _, k := range keys {
		old, ok := stored[k]
		if !ok {
			missing = append(missing, k)
		}
		if !ok || want[k].revision > old.revision {
			write = append(write, k)
		}
	}
	if err := s.writeVulns(ctx, tx, write, want); err != nil {
		return nil, err
	}
	if err := s.readVulns(ctx, tx, missing, stored); err != nil {
		return nil, err
	}
	out := make(map[vulnKey]int64, len(stored))
	for k, v := range stored {
		out[k] = v.number
	}
	return out, nil
}

// writeVulns writes what is known of vulnerabilities, of new and known ones.
func (s *Store) writeVulns(ctx context.Context, tx *sql.Tx, write []vulnKey, want map[vulnKey]*sight) error {
	if len(write) == 0 {
		return nil
	}
	first, err := s.take(ctx, tx, "vuln", int64(len(write)))
	if err != nil {
		return err
	}
	rows := make([][]any, len(write))
	for i, k := range write {
		o := want[k]
		said, err := live{o.EPSS, o.KEV, o.Exploitation}.columns()
		if err != nil {
			return err
		}
		rows[i] = append([]any{first + int64(i), k.id, k.source, textOrNull(o.VendorLabel), o.revision}, said...)
	}
	return s.insert(ctx, tx, `INSERT INTO vuln (vuln_sk, vuln_id, source, vendor_sev, rev, epss, exploit, live)`,
		`ON CONFLICT (vuln_id, source) DO UPDATE SET vendor_sev = excluded.vendor_sev, epss = excluded.epss,
		exploit = excluded.exploit, rev = excluded.rev, live = excluded.live WHERE excluded.rev > vuln.rev`, rows)
}

// columns are what the table of vulnerabilities has of it: epss, exploit and
// live.
func (l live) columns() ([]any, error) {
	doc, err := json.Marshal(l)
	var epss any
	if l.EPSS != nil {
		epss = l.EPSS.Score
	}
	var exploit int64
	if (&finding.Finding{EPSS: l.EPSS, KEV: l.KEV, Exploitation: l.Exploitation}).Exploitable() {
		exploit = 1
	}
	return []any{epss, exploit, string(doc)}, err
}

// readVulns fills in the vulnerabilities that are known.
func (s *Store) readVulns(ctx context.Context, q querier, keys []vulnKey, out map[vulnKey]vulnRow) error {
	for part := range slices.Chunk(keys, s.dialect.values) {
		ids := make([]string, len(part))
		for i, k := range part {
			ids[i] = k.id
		}
		var a arguments
		query := `SELECT vuln_sk, vuln_id, source, rev FROM vuln WHERE ` + anyOf(s.dialect, &a, "vuln_id", slices.Compact(ids))
		err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
			var k vulnKey
			var v vulnRow
			if err := rows.Scan(&v.number, &k.id, &k.source, &v.revision); err != nil {
				return err
			}
			out[k] = v
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// A pool is a table of shared content.
type pool struct{ table, number string }

var (
	textPool    = pool{"document", "doc_id"}
	matchedPool = pool{"matched", "match_id"}
	heldPool    = pool{"inventory", "inv_id"}
)

// intern keeps content, each once, in the one order in which all writers do, so
// that two never wait for each other in a ring. It returns the numbers, and
// those that are new. row makes what a new one is beside number and digest, and
// head names it.
func (s *Store) intern(ctx context.Context, tx *sql.Tx, p pool, want map[digest]func() ([]any, error), columns string) (
	numbers map[digest]int64, fresh []digest, err error,
) {
	keys := make([]digest, 0, len(want))
	for k := range want {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
	numbers = make(map[digest]int64, len(keys))
	if err := s.readPool(ctx, tx, p, keys, numbers); err != nil {
		return nil, nil, err
	}
	missing := slices.DeleteFunc(keys, func(k digest) bool { _, ok := numbers[k]; return ok })
	if len(missing) == 0 {
		return numbers, nil, nil
	}
	first, err := s.take(ctx, tx, p.table, int64(len(missing)))
	if err != nil {
		return nil, nil, err
	}
	rows := make([][]any, len(missing))
	for i, k := range missing {
		rest, err := want[k]()
		if err != nil {
			return nil, nil, err
		}
		rows[i] = append([]any{first + int64(i), k[:]}, rest...)
	}
	err = s.insert(ctx, tx, `INSERT INTO `+p.table+` (`+p.number+`, digest, `+columns+`)`, `ON CONFLICT (digest) DO NOTHING`, rows)
	if err != nil {
		return nil, nil, err
	}
	if err := s.readPool(ctx, tx, p, missing, numbers); err != nil {
		return nil, nil, err
	}
	for i, k := range missing {
		if numbers[k] == first+int64(i) { // else another writer was first, who writes what goes with it
			fresh = append(fresh, k)
		}
	}
	return numbers, fresh, nil
}

// readPool fills in the numbers of content that is known.
func (s *Store) readPool(ctx context.Context, q querier, p pool, keys []digest, numbers map[digest]int64) error {
	for part := range slices.Chunk(keys, s.dialect.values) {
		values := make([][]byte, len(part))
		for i := range part {
			values[i] = part[i][:]
		}
		var a arguments
		query := `SELECT ` + p.number + `, digest FROM ` + p.table + ` WHERE ` + anyOf(s.dialect, &a, "digest", values)
		err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
			var id int64
			var k []byte
			if err := rows.Scan(&id, &k); err != nil {
				return err
			}
			numbers[digest(k)] = id
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// internTexts keeps what is said of vulnerabilities and returns the numbers.
func (s *Store) internTexts(ctx context.Context, tx *sql.Tx, list []opened, vulns map[vulnKey]int64) (map[digest]int64, error) {
	want := make(map[digest]func() ([]any, error), len(list))
	byDigest := make(map[digest]*sight, len(list))
	for _, o := range list {
		byDigest[o.text] = o.sight
		want[o.text] = func() ([]any, error) { return []any{vulns[o.vuln()], s.packing.pack(o.textDoc)}, nil }
	}
	numbers, fresh, err := s.intern(ctx, tx, textPool, want, "vuln_sk, doc")
	if err != nil {
		return nil, err
	}
	var rows [][]any
	seen := map[string]map[int64]bool{}
	for _, k := range fresh {
		o := byDigest[k]
		sk := vulns[o.vuln()]
		for _, id := range o.Related {
			if seen[id][sk] || strings.ContainsRune(id, 0) {
				continue
			}
			if seen[id] == nil {
				seen[id] = map[int64]bool{}
			}
			seen[id][sk] = true
			rows = append(rows, []any{id, sk})
		}
	}
	slices.SortFunc(rows, func(a, b []any) int {
		return cmp.Or(strings.Compare(a[0].(string), b[0].(string)), cmp.Compare(a[1].(int64), b[1].(int64)))
	})
	return numbers, s.insert(ctx, tx, `INSERT INTO vuln_related (related_id, vuln_sk)`, `ON CONFLICT DO NOTHING`, rows)
}

// internMatched keeps which packages are affected and returns the numbers.
func (s *Store) internMatched(ctx context.Context, tx *sql.Tx, list []opened) (map[digest]int64, error) {
	want := make(map[digest]func() ([]any, error), len(list))
	byDigest := make(map[digest]*sight, len(list))
	for _, o := range list {
		byDigest[o.matched] = o.sight
		want[o.matched] = func() ([]any, error) { return []any{storable(o.Title), s.packing.pack(o.matchedDoc)}, nil }
	}
	numbers, fresh, err := s.intern(ctx, tx, matchedPool, want, "title, doc")
	if err != nil {
		return nil, err
	}
	var rows [][]any
	for _, k := range fresh {
		for i := range byDigest[k].packages {
			rows = append(rows, packageRow(numbers[k], int64(i), byDigest[k].packages[i].Named()))
		}
	}
	return numbers, s.insert(ctx, tx,
		`INSERT INTO match_pkg (match_id, ordinal, name, version, epoch, release, arch, layer, lambda_layer, path)`, "", rows)
}

func packageRow(number, ordinal int64, p finding.Named) []any {
	var epoch any
	if p.Epoch != nil {
		epoch = *p.Epoch
	}
	return []any{
		number, ordinal, storable(p.Name), storable(p.Version), epoch, textOrNull(storable(p.Release)), textOrNull(storable(p.Arch)),
		textOrNull(p.Layer), textOrNull(p.LambdaLayer), textOrNull(storable(p.Path)),
	}
}

// storable makes a text one that both databases keep: UTF-8 without NUL.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// when reads a time as artifacts and scanners claim it; nil if it is none.
func when(s string) any {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1970 {
		return nil
	}
	return milliseconds(t)
}
