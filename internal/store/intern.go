package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
)

// A vulnKey is the identity of a vulnerability in the words of one source.
type vulnKey struct{ id, source string }

func (k vulnKey) compare(o vulnKey) int {
	return cmp.Or(strings.Compare(k.id, o.id), strings.Compare(k.source, o.source))
}

// internVulns keeps the vulnerabilities of findings and returns their numbers.
// What is known of one from day to day is replaced by what is newer, never by
// what is older: a scanner may have older advisories than the last one had.
func (s *Store) internVulns(ctx context.Context, tx *sql.Tx, list []sight) (map[vulnKey]int64, error) {
	want := map[vulnKey]live{}
	for i := range list {
		o := &list[i]
		k := vulnKey{o.vulnerability, o.source}
		if known, ok := want[k]; !ok || o.live.revision() > known.revision() {
			want[k] = o.live
		}
	}
	keys := make([]vulnKey, 0, len(want))
	for k := range want {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, vulnKey.compare)
	out := make(map[vulnKey]int64, len(keys))
	revs := make(map[vulnKey]int64, len(keys))
	if err := readVulns(ctx, tx, keys, out, revs); err != nil {
		return nil, err
	}
	var missing, write []vulnKey
	for _, k := range keys {
		rev, ok := revs[k]
		if !ok {
			missing = append(missing, k)
		}
		if !ok || want[k].revision() > rev {
			write = append(write, k)
		}
	}
	if len(write) == 0 {
		return out, nil
	}
	first, err := s.take(ctx, tx, "vuln", int64(len(write)))
	if err != nil {
		return nil, err
	}
	rows := make([][]any, len(write))
	for i, k := range write {
		l := want[k]
		doc, err := json.Marshal(l)
		if err != nil {
			return nil, err
		}
		var epss any
		if l.EPSS != nil {
			epss = l.EPSS.Score
		}
		rows[i] = []any{first + int64(i), k.id, k.source, epss, l.exploited(), l.revision(), string(doc)}
	}
	err = s.insert(ctx, tx, `INSERT INTO vuln (vuln_sk, vuln_id, source, epss, exploit, rev, live)`,
		`ON CONFLICT (vuln_id, source) DO UPDATE SET epss = excluded.epss, exploit = excluded.exploit, rev = excluded.rev,
		live = excluded.live WHERE excluded.rev > vuln.rev`, rows)
	if err != nil {
		return nil, err
	}
	return out, readVulns(ctx, tx, missing, out, revs)
}

// readVulns fills in the numbers and revisions of vulnerabilities that are
// known.
func readVulns(ctx context.Context, q querier, keys []vulnKey, numbers, revs map[vulnKey]int64) error {
	for part := range slices.Chunk(keys, valuesAtOnce) {
		ids := make([]string, len(part))
		for i, k := range part {
			ids[i] = k.id
		}
		var a arguments
		query := `SELECT vuln_sk, vuln_id, source, rev FROM vuln WHERE ` + in(&a, "vuln_id", slices.Compact(ids))
		err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
			var k vulnKey
			var sk, rev int64
			if err := rows.Scan(&sk, &k.id, &k.source, &rev); err != nil {
				return err
			}
			numbers[k], revs[k] = sk, rev
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// internDocs keeps the documents of findings, each content once, and returns
// their numbers.
func (s *Store) internDocs(ctx context.Context, tx *sql.Tx, list []opened) (map[digest]int64, error) {
	want := make(map[digest][]byte, 2*len(list))
	for _, o := range list {
		want[o.text], want[o.matched] = o.textDoc, o.matchedDoc
	}
	keys := make([]digest, 0, len(want))
	for k := range want {
		keys = append(keys, k)
	}
	// In one order, so that two writers never wait for each other in a ring.
	slices.SortFunc(keys, func(a, b digest) int { return bytes.Compare(a[:], b[:]) })
	out := make(map[digest]int64, len(keys))
	if err := readDocs(ctx, tx, keys, out); err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(keys, func(k digest) bool { _, ok := out[k]; return ok })
	if len(missing) == 0 {
		return out, nil
	}
	first, err := s.take(ctx, tx, "document", int64(len(missing)))
	if err != nil {
		return nil, err
	}
	rows := make([][]any, len(missing))
	for i, k := range missing {
		rows[i] = []any{first + int64(i), k[:], s.compress(want[k])}
	}
	err = s.insert(ctx, tx, `INSERT INTO document (doc_id, digest, doc)`, `ON CONFLICT (digest) DO NOTHING`, rows)
	if err != nil {
		return nil, err
	}
	return out, readDocs(ctx, tx, missing, out)
}

// readDocs fills in the numbers of documents that are known.
func readDocs(ctx context.Context, q querier, keys []digest, numbers map[digest]int64) error {
	for part := range slices.Chunk(keys, valuesAtOnce) {
		values := make([][]byte, len(part))
		for i := range part {
			values[i] = part[i][:]
		}
		var a arguments
		query := `SELECT doc_id, digest FROM document WHERE ` + in(&a, "digest", values)
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
