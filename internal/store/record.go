package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Scan is what a scan of one resource has found.
type Scan struct {
	Resource resource.Resource
	// Revision names what the findings follow from: the inventory and the
	// advisories. When it is the same as that of the last scan, the findings are
	// not looked at. Empty if it is not known.
	Revision string
	// Findings has each vulnerability once, in any order. Their ARN, Resource
	// and Observed are not looked at.
	Findings []finding.Finding
	// Incomplete means that not everything could be read: findings that were not
	// seen stay open.
	Incomplete bool
}

// Change is how a finding of a scan changed.
type Change struct {
	Kind Kind
	ARN  string
}

// MaxScans is how many scans one call records. Twenty in one transaction halve
// the work for each.
const MaxScans = 50

// Record keeps the results of scans, all or none, and returns how findings
// changed, by scan and then by ARN. A scan that sees what is known already
// writes only the time of the scan. Each resource is there once. An account
// outside the scope is Denied.
func (s *Store) Record(ctx context.Context, scope org.Scope, scans []Scan, now time.Time) ([][]Change, error) {
	if len(scans) > MaxScans {
		return nil, fault.New(fault.Invalid, "at most %d scans may be recorded at once", MaxScans)
	}
	list, err := prepareScans(scope, scans)
	if err != nil {
		return nil, err
	}
	var out [][]Change
	err = s.tx(ctx, func(tx *sql.Tx) error {
		out, err = s.record(ctx, tx, list, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("recording %d scans: %w", len(scans), err)
	}
	return out, nil
}

// A pending scan is on its way into the database.
type pending struct {
	*Scan
	account  org.Account
	kind     int64  // of resource
	doc      string // the resource as JSON
	revision string // to be stored
	// What the database has:
	resID     int64
	stored    string // revision; empty if there is none
	storedDoc string
}

// prepareScans checks scans and makes ready what needs no database.
func prepareScans(scope org.Scope, scans []Scan) ([]*pending, error) {
	var out []*pending
	seen := map[resourceKey]bool{}
	for i := range scans {
		p := &pending{Scan: &scans[i]}
		var err error
		if p.account, err = org.ParseAccount(p.Resource.Account); err != nil {
			return nil, fault.OnField("resource.account", "%v", err)
		}
		if !scope.Has(p.account) {
			return nil, fault.New(fault.Denied, "account %s is not yours to change", p.account)
		}
		if p.kind, err = number(resourceNumbers, p.Resource.Type, "resource.type"); err != nil {
			return nil, err
		}
		if p.Resource.ID == "" {
			return nil, fault.OnField("resource.id", "may not be empty")
		}
		if seen[p.key()] {
			return nil, fault.New(fault.Invalid, "resource %s is there twice", p.Resource.ID)
		}
		seen[p.key()] = true
		doc, err := json.Marshal(p.Resource)
		if err != nil {
			return nil, err
		}
		p.doc = string(doc)
		out = append(out, p)
	}
	return out, nil
}

// A resourceKey is the identity of a resource.
type resourceKey struct {
	account org.Account
	region  string
	kind    int64
	id      string
}

func (p *pending) key() resourceKey {
	return resourceKey{p.account, p.Resource.Region, p.kind, p.Resource.ID}
}

// record is the transaction of Record.
func (s *Store) record(ctx context.Context, tx *sql.Tx, list []*pending, now time.Time) ([][]Change, error) {
	if err := s.resources(ctx, tx, list, now); err != nil {
		return nil, fmt.Errorf("reading resources: %w", err)
	}
	var batch batch
	out := make([][]Change, len(list))
	for i, p := range list {
		if p.stored != "" && p.stored == p.Revision {
			p.revision = p.stored
			continue
		}
		p.revision = p.Revision
		if p.Incomplete {
			p.revision = "" // the next complete scan is to be looked at, whatever it follows from
		}
		done, err := batch.compare(ctx, tx, p, now)
		if err != nil {
			return nil, fmt.Errorf("comparing findings of %s: %w", p.Resource.ID, err)
		}
		for _, c := range done {
			out[i] = append(out[i], Change{c.kind, c.key.arn(p.Resource.Region, p.account)})
		}
	}
	vulns, err := s.internVulns(ctx, tx, batch.seen)
	if err != nil {
		return nil, fmt.Errorf("keeping vulnerabilities: %w", err)
	}
	if err := s.writeOpen(ctx, tx, batch.open, vulns, now); err != nil {
		return nil, fmt.Errorf("writing findings: %w", err)
	}
	if err := writeClosed(ctx, tx, batch.gone, now); err != nil {
		return nil, fmt.Errorf("closing findings: %w", err)
	}
	if err := touch(ctx, tx, list, now); err != nil {
		return nil, fmt.Errorf("writing resources: %w", err)
	}
	return out, nil
}

// resources fills in what the database has of each resource, and makes those
// that it does not know. On return their rows are locked.
func (s *Store) resources(ctx context.Context, tx *sql.Tx, list []*pending, now time.Time) error {
	missing, err := s.readResources(ctx, tx, list)
	if err != nil || len(missing) == 0 {
		return err
	}
	first, err := s.take(ctx, tx, "resource", int64(len(missing)))
	if err != nil {
		return err
	}
	slices.SortFunc(missing, func(a, b *pending) int { // two writers never wait for each other in a ring
		return cmp.Or(cmp.Compare(a.account, b.account), strings.Compare(a.Resource.ID, b.Resource.ID))
	})
	rows := make([][]any, len(missing))
	for i, p := range missing {
		rows[i] = []any{
			first + int64(i), int64(p.account), p.Resource.Region, p.kind, p.Resource.ID, "",
			milliseconds(now), milliseconds(now), p.doc,
		}
	}
	err = s.insert(ctx, tx, `INSERT INTO resource (res_id, account_id, region, type, arn, revision, first_at, last_scanned_at, doc)`,
		`ON CONFLICT (arn, account_id, region, type) DO NOTHING`, rows)
	if err != nil {
		return err
	}
	missing, err = s.readResources(ctx, tx, missing)
	if err == nil && len(missing) > 0 {
		err = fmt.Errorf("resource %s was not kept", missing[0].Resource.ID)
	}
	return err
}

// readResources fills in what the database has of each resource and returns
// those that it does not know.
func (s *Store) readResources(ctx context.Context, tx *sql.Tx, list []*pending) (missing []*pending, err error) {
	byKey := make(map[resourceKey]*pending, len(list))
	accounts, ids := map[int64]bool{}, make([]string, 0, len(list))
	for _, p := range list {
		byKey[p.key()] = p
		accounts[int64(p.account)] = true
		ids = append(ids, p.Resource.ID)
	}
	var a arguments
	query := `SELECT res_id, account_id, region, type, arn, revision, doc FROM resource WHERE ` +
		in(&a, "arn", ids) + ` AND ` + in(&a, "account_id", sortedKeys(accounts)) + ` ORDER BY account_id, arn` + s.dialect.lock
	err = each(ctx, tx, query, a.values, func(rows *sql.Rows) error {
		var k resourceKey
		var id int64
		var revision, doc string
		if err := rows.Scan(&id, &k.account, &k.region, &k.kind, &k.id, &revision, &doc); err != nil {
			return err
		}
		if p := byKey[k]; p != nil {
			p.resID, p.stored, p.storedDoc = id, revision, doc
			delete(byKey, k)
		}
		return nil
	})
	for _, p := range list {
		if byKey[p.key()] != nil {
			missing = append(missing, p)
		}
	}
	return missing, err
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// A batch collects the writes of several scans.
type batch struct {
	seen []sight // everything, since what is known of a vulnerability may be newer though the finding is the same
	open []opened
	gone []closing
}

// An opened finding is to be written as it was seen.
type opened struct {
	*sight
	scan  *pending
	first int64 // milliseconds
}

// A closing finding is no longer there.
type closing struct {
	account org.Account
	key     fkey
}

// compare adds to the batch what must change about the findings of one
// resource, and returns the same.
func (b *batch) compare(ctx context.Context, tx *sql.Tx, p *pending, now time.Time) ([]change, error) {
	seen := make([]sight, len(p.Findings))
	byKey := make(map[fkey]*sight, len(seen))
	for i := range seen {
		var err error
		if seen[i], err = newSight(p.Resource, &p.Findings[i]); err != nil {
			return nil, err
		}
		if byKey[seen[i].key] != nil {
			return nil, fault.New(fault.Invalid, "%s of %s is there twice", seen[i].vulnerability, p.Resource.ID)
		}
		byKey[seen[i].key] = &seen[i]
	}
	b.seen = append(b.seen, seen...)
	stored, err := states(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	changes := reconcile(stored, seen, now)
	if p.Incomplete {
		changes = slices.DeleteFunc(changes, func(c change) bool { return c.kind == Gone })
	}
	for _, c := range changes {
		if c.kind == Gone {
			b.gone = append(b.gone, closing{p.account, c.key})
			continue
		}
		b.open = append(b.open, opened{byKey[c.key], p, c.first})
	}
	return changes, nil
}

// states reads what is stored of the findings of a resource.
func states(ctx context.Context, tx *sql.Tx, p *pending) ([]state, error) {
	var out []state
	err := each(ctx, tx, `SELECT fkey, hash, status, first_at, closed_at FROM finding WHERE res_id = $1 AND account_id = $2`,
		[]any{p.resID, int64(p.account)}, func(rows *sql.Rows) error {
			var key []byte
			var st state
			var status int64
			var gone sql.NullInt64
			if err := rows.Scan(&key, &st.hash, &status, &st.first, &gone); err != nil {
				return err
			}
			if len(key) != len(st.key) {
				return fmt.Errorf("a stored finding has a key of %d bytes", len(key))
			}
			st.key, st.closed, st.gone = fkey(key), statusNumbers[status] == Closed, gone.Int64
			out = append(out, st)
			return nil
		})
	return out, err
}

// writeOpen writes findings as they were seen, new ones and known ones alike.
func (s *Store) writeOpen(ctx context.Context, tx *sql.Tx, list []opened, vulns map[vulnKey]int64, now time.Time) error {
	if len(list) == 0 {
		return nil
	}
	docs, err := s.internDocs(ctx, tx, list)
	if err != nil {
		return fmt.Errorf("keeping documents: %w", err)
	}
	fid, err := s.take(ctx, tx, "finding", int64(len(list)))
	if err != nil {
		return err
	}
	active, ms := int64(slices.Index(statusNumbers, Active)), milliseconds(now)
	rows := make([][]any, len(list))
	for i, o := range list {
		rows[i] = []any{
			fid + int64(i), o.key[:], int64(o.scan.account), o.scan.resID, vulns[vulnKey{o.vulnerability, o.source}],
			docs[o.text], docs[o.matched], o.scan.kind, o.severity, active, o.fix, o.score, o.first, ms, ms, o.hash,
		}
	}
	// A known finding keeps its number; the one taken for it stays unused.
	return s.insert(ctx, tx, `INSERT INTO finding (fid, fkey, account_id, res_id, vuln_sk, text_id, match_id, res_type,
		severity, status, fix, score, first_at, last_at, updated_at, hash)`,
		`ON CONFLICT (account_id, fkey) DO UPDATE SET res_id = excluded.res_id, vuln_sk = excluded.vuln_sk,
		text_id = excluded.text_id, match_id = excluded.match_id, severity = excluded.severity, status = excluded.status,
		fix = excluded.fix, score = excluded.score, first_at = excluded.first_at, last_at = excluded.last_at,
		updated_at = excluded.updated_at, closed_at = NULL, hash = excluded.hash`, rows)
}

// writeClosed closes findings.
func writeClosed(ctx context.Context, tx *sql.Tx, list []closing, now time.Time) error {
	byAccount := map[org.Account][][]byte{}
	for _, c := range list {
		byAccount[c.account] = append(byAccount[c.account], c.key[:])
	}
	for _, account := range sortedKeys(byAccount) {
		for keys := range slices.Chunk(byAccount[account], valuesAtOnce) {
			var a arguments
			query := fmt.Sprintf(`UPDATE finding SET status = %s, closed_at = %s, updated_at = %s WHERE account_id = %s AND %s`, //nolint:gosec // nothing but placeholders
				a.add(int64(slices.Index(statusNumbers, Closed))), a.add(milliseconds(now)), a.add(milliseconds(now)),
				a.add(int64(account)), in(&a, "fkey", keys))
			if _, err := tx.ExecContext(ctx, query, a.values...); err != nil {
				return err
			}
		}
	}
	return nil
}

// touch writes when each resource was scanned, and what changed of it.
func touch(ctx context.Context, tx *sql.Tx, list []*pending, now time.Time) error {
	same := map[org.Account][]int64{}
	for _, p := range list {
		if p.revision == p.stored && p.doc == p.storedDoc {
			same[p.account] = append(same[p.account], p.resID)
			continue
		}
		_, err := tx.ExecContext(ctx,
			`UPDATE resource SET last_scanned_at = $1, revision = $2, doc = $3 WHERE res_id = $4 AND account_id = $5`,
			milliseconds(now), p.revision, p.doc, p.resID, int64(p.account))
		if err != nil {
			return err
		}
	}
	for _, account := range sortedKeys(same) {
		var a arguments
		query := fmt.Sprintf(`UPDATE resource SET last_scanned_at = %s WHERE account_id = %s AND %s`, //nolint:gosec // nothing but placeholders
			a.add(milliseconds(now)), a.add(int64(account)), in(&a, "res_id", same[account]))
		if _, err := tx.ExecContext(ctx, query, a.values...); err != nil {
			return err
		}
	}
	return nil
}
