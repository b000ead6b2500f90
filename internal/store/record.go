package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// Scan is what a scan of one resource has found, or why there was none.
type Scan struct {
	Resource resource.Resource
	// Revision names what the findings follow from: the inventory and the
	// advisories. When it is the same as that of the last scan, the findings are
	// not looked at. Empty if it is not known.
	Revision string
	// Same means that the findings are those of the Revision, as they are stored,
	// and not given here. Where what is stored follows from anything else by now,
	// Record fails with ErrChanged.
	Same bool
	// Findings has each vulnerability once, in any order. Their ARN, Resource
	// and Observed are not looked at.
	Findings []finding.Finding
	// Incomplete means that not everything could be read: findings that were not
	// seen stay open.
	Incomplete bool
	// Inventory is what the resource holds, kept for exports and for matching
	// again; nil leaves what is kept.
	Inventory *inventory.Inventory
	// Layers are those of an image or a function; kept with the inventory.
	Layers []scan.Layer
	// Coverage tells what was scanned, and why what was not. Without one for
	// packages that has a time, there was no scan for packages: the findings are
	// not looked at. An empty list is a scan for packages at the time of the
	// call; it is successful, and with the same Revision whatever it was before.
	Coverage []Coverage
}

// Outcome is what a scan changed.
type Outcome struct {
	First   bool     // the first scan of the resource
	Changes []Change // by ARN
}

// Change is how a finding of a scan changed.
type Change struct {
	Kind Kind
	ARN  string
}

// ErrChanged is that what is stored of a resource no longer follows from the
// Revision of a scan that relies on it: the findings have to be given.
var ErrChanged = errors.New("what is stored of the resource follows from something else by now")

// MaxScans is how many scans one call records. Twenty in one transaction halve
// the work for each.
const MaxScans = 50

// Record keeps the results of scans, all or none, and returns what they
// changed, one for each scan. A scan that sees what is known already writes only
// the time of the scan. Each resource is there once. An account outside the
// scope is Denied.
func (s *Store) Record(ctx context.Context, scope org.Scope, scans []Scan, now time.Time) ([]Outcome, error) {
	if len(scans) > MaxScans {
		return nil, fault.New(fault.Invalid, "at most %d scans may be recorded at once", MaxScans)
	}
	list, err := prepareScans(scope, scans)
	if err != nil {
		return nil, err
	}
	var out []Outcome
	err = s.tx(ctx, func(tx *sql.Tx) error {
		for _, p := range list {
			p.held = nil // of a try that came to nothing
		}
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
	account org.Account
	kind    int64  // of resource
	doc     string // the resource as JSON
	known   past
	fresh   bool // this transaction made the resource
	// To be stored:
	revision  string
	coverage  []Coverage
	inventory int64 // its number; 0 if there is none
	// Inventory and layers as JSON, if they are kept, and their number then:
	held       []byte
	heldDigest digest
	heldNumber int64
}

// past is what the database has of a resource. The zero past is nothing.
type past struct {
	id        int64
	revision  string
	doc       string
	inventory int64 // 0 if there is none
	gone      bool
	coverage  map[int64]covered // by number of the type of scan
}

// prepareScans checks scans and makes ready what needs no database.
func prepareScans(scope org.Scope, scans []Scan) ([]*pending, error) {
	var out []*pending
	seen := map[resourceKey]bool{}
	for i := range scans {
		p, err := newPending(scope, &scans[i])
		if err != nil {
			return nil, err
		}
		if seen[p.key()] {
			return nil, fault.New(fault.Invalid, "resource %s is there twice", p.Resource.ID)
		}
		seen[p.key()] = true
		if err := checkCoverage(p.Coverage); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

func newPending(scope org.Scope, scan *Scan) (*pending, error) {
	p := &pending{Scan: scan}
	var err error
	if p.account, err = org.ParseAccount(p.Resource.Account); err != nil {
		return nil, fault.OnField("resource.account", "%v", err)
	}
	if !scope.Has(p.account) {
		return nil, denied(p.account)
	}
	if p.kind, err = number(resourceNumbers, p.Resource.Type, "resource.type"); err != nil {
		return nil, err
	}
	if id := p.Resource.ID; id == "" || storable(id) != id {
		return nil, fault.OnField("resource.id", "%q is no id", id)
	}
	if region := p.Resource.Region; storable(region) != region {
		return nil, fault.OnField("resource.region", "%q is no region", region)
	}
	doc, err := json.Marshal(p.Resource)
	p.doc = string(doc)
	return p, err
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

// pendingReasons begin the reasons of coverage that announce a scan.
// Source: Amazon Inspector API Reference, ScanStatusReason.
const pendingReasons = "PENDING_"

// settle decides what is to be stored of a scan, by what is known of its
// resource.
func (p *pending) settle(now time.Time) error {
	if p.Same && !p.sameRevision() {
		return fmt.Errorf("%s: %w", p.Resource.ID, ErrChanged)
	}
	p.coverage, p.revision, p.inventory = p.Coverage, p.known.revision, p.known.inventory
	if p.held != nil {
		p.inventory = p.heldNumber
	}
	if len(p.coverage) == 0 {
		c := Coverage{ScanType: PackageScan, Code: CoverageActive, Reason: reasonSuccessful}
		if old, ok := p.known.coverage[packageNumber]; ok && p.sameRevision() {
			c = old.coverage(packageNumber)
		}
		c.Scanned = now
		p.coverage = []Coverage{c}
	}
	if slices.ContainsFunc(p.Coverage, func(c Coverage) bool {
		return c.ScanType == PackageScan && c.Code == CoverageActive && c.Scanned.IsZero() && strings.HasPrefix(c.Reason, pendingReasons)
	}) {
		p.revision = "" // a scan is to come: it is to be looked at, though it may see what is known
	}
	if p.looked() {
		p.revision = p.Revision
		if p.Incomplete {
			p.revision = "" // the next complete scan is to be looked at, whatever it follows from
		}
	}
	return nil
}

// sameRevision tells whether the findings follow from what they did before.
func (p *pending) sameRevision() bool { return p.Revision != "" && p.Revision == p.known.revision }

// looked tells whether the findings of a settled scan are to be looked at.
func (p *pending) looked() bool {
	return !p.sameRevision() && slices.ContainsFunc(p.coverage, func(c Coverage) bool {
		return c.ScanType == PackageScan && !c.Scanned.IsZero()
	})
}

// keeps tells whether the inventory of a settled scan may be new.
func (p *pending) keeps() bool {
	return p.Inventory != nil && (!p.sameRevision() || p.known.inventory == 0)
}

// unchanged tells whether a settled scan changes nothing but when it was.
func (p *pending) unchanged() bool {
	if p.known.id == 0 || p.known.gone || p.doc != p.known.doc || p.looked() || p.keeps() {
		return false
	}
	for _, c := range p.coverage {
		scan, row := c.row()
		if old, ok := p.known.coverage[scan]; !ok || !old.same(row) {
			return false
		}
	}
	return true
}

// first tells whether a settled scan is the first of its resource.
func (p *pending) first() bool {
	scanned := slices.ContainsFunc(p.coverage, func(c Coverage) bool { return !c.Scanned.IsZero() })
	for _, c := range p.known.coverage {
		scanned = scanned && c.scanned == 0
	}
	return scanned
}

// record is the transaction of Record.
func (s *Store) record(ctx context.Context, tx *sql.Tx, list []*pending, now time.Time) ([]Outcome, error) {
	if err := s.readResources(ctx, tx, list, false); err != nil {
		return nil, fmt.Errorf("reading resources: %w", err)
	}
	var changed []*pending
	for _, p := range list {
		if err := p.settle(now); err != nil {
			return nil, err
		}
		if !p.unchanged() {
			changed = append(changed, p)
		}
	}
	batch := batch{now: now, changes: map[*pending][]Change{}}
	if len(changed) > 0 {
		if err := s.change(ctx, tx, changed, &batch); err != nil {
			return nil, err
		}
	}
	out := make([]Outcome, len(list))
	var metered []scanned
	for i, p := range list {
		out[i] = Outcome{First: p.first(), Changes: batch.changes[p]}
		if p.looked() && !p.Incomplete {
			metered = append(metered, scanned{p.account, p.Resource.Type, out[i].First})
		}
		if out[i].First {
			batch.events = append(batch.events, event{p.account, "scan.completed", p.Resource.ID, milliseconds(now), "{}"})
		}
	}
	covered, err := s.writeCoverage(ctx, tx, list, now)
	if err != nil {
		return nil, fmt.Errorf("writing coverage: %w", err)
	}
	if err := s.count(ctx, tx, batch.counts); err != nil {
		return nil, err
	}
	if err := s.emit(ctx, tx, append(batch.events, covered...)); err != nil {
		return nil, err
	}
	return out, s.meterScans(ctx, tx, metered, now) // last: others wait for its rows until the end
}

// change writes all of the scans that change anything, but for their coverage.
func (s *Store) change(ctx context.Context, tx *sql.Tx, list []*pending, b *batch) error {
	if err := s.keepInventories(ctx, tx, list); err != nil {
		return fmt.Errorf("keeping inventories: %w", err)
	}
	if err := s.lockResources(ctx, tx, list, b.now); err != nil {
		return fmt.Errorf("reading resources: %w", err)
	}
	if err := s.compare(ctx, tx, list, b); err != nil {
		return err
	}
	if err := s.writeFindings(ctx, tx, b); err != nil {
		return err
	}
	if err := s.writeResources(ctx, tx, list, b); err != nil {
		return fmt.Errorf("writing resources: %w", err)
	}
	return nil
}

// writeFindings writes what a batch has found about findings.
func (s *Store) writeFindings(ctx context.Context, tx *sql.Tx, b *batch) error {
	vulns, err := s.internVulns(ctx, tx, b.seen)
	if err != nil {
		return fmt.Errorf("keeping vulnerabilities: %w", err)
	}
	if err := s.writeOpen(ctx, tx, b, vulns); err != nil {
		return fmt.Errorf("writing findings: %w", err)
	}
	if err := s.writeClosed(ctx, tx, b.gone, b.now); err != nil {
		return fmt.Errorf("closing findings: %w", err)
	}
	return nil
}

// lockResources makes the resources that are not known, and reads what the
// database has of the others, again and locked: another writer may have been
// faster.
func (s *Store) lockResources(ctx context.Context, tx *sql.Tx, list []*pending, now time.Time) error {
	var missing, others []*pending
	for _, p := range list {
		if p.known.id == 0 {
			missing = append(missing, p)
		} else {
			others = append(others, p)
		}
	}
	if len(others) > 0 {
		if err := s.readResources(ctx, tx, others, true); err != nil {
			return err
		}
	}
	if err := s.makeResources(ctx, tx, missing, now); err != nil {
		return err
	}
	for _, p := range list {
		if p.known.id == 0 {
			return fmt.Errorf("resource %s was not kept", p.Resource.ID)
		}
		if err := p.settle(now); err != nil {
			return err
		}
	}
	return nil
}

// makeResources keeps resources as they will be.
func (s *Store) makeResources(ctx context.Context, tx *sql.Tx, list []*pending, now time.Time) error {
	if len(list) == 0 {
		return nil
	}
	first, err := s.take(ctx, tx, "resource", int64(len(list)))
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b *pending) int { // two writers never wait for each other in a ring
		return cmp.Or(cmp.Compare(a.account, b.account), strings.Compare(a.Resource.ID, b.Resource.ID))
	})
	rows := make([][]any, len(list))
	for i, p := range list {
		rows[i] = slices.Concat([]any{
			first + int64(i), int64(p.account), p.Resource.Region, p.kind, p.Resource.ID, p.revision, numberOrNull(p.inventory),
			milliseconds(now),
		}, p.columns(s.packing))
	}
	made, err := s.insertNew(ctx, tx, `INSERT INTO resource (res_id, account_id, region, type, arn, revision, inv_id, first_at, `+
		strings.Join(resourceNames, ", ")+`)`, `ON CONFLICT (arn, account_id, region, type) DO NOTHING`, rows)
	if err != nil {
		return err
	}
	if made < int64(len(list)) { // another writer was first with some
		if err := s.readResources(ctx, tx, list, true); err != nil {
			return err
		}
	}
	for i, p := range list {
		if id := first + int64(i); made == int64(len(list)) || p.known.id == id {
			p.known, p.fresh = past{id: id, doc: p.doc, inventory: p.inventory}, true
		}
	}
	return nil
}

// readResources fills in what the database has of each resource. Locked, their
// rows stay as they are until the end of the transaction.
func (s *Store) readResources(ctx context.Context, tx *sql.Tx, list []*pending, locked bool) error {
	byKey := make(map[resourceKey]*pending, len(list))
	var accounts []int64
	var ids []string
	for _, p := range list {
		p.known, p.fresh = past{}, false
		byKey[p.key()] = p
		accounts, ids = append(accounts, int64(p.account)), append(ids, p.Resource.ID)
	}
	lock := ""
	if locked && s.dialect.lock != "" {
		lock = s.dialect.lock + " OF r"
	}
	var a arguments
	query := fmt.Sprintf(`SELECT r.res_id, r.account_id, r.region, r.type, r.arn, r.revision, r.doc, coalesce(r.inv_id, 0),
		r.gone_at IS NOT NULL, coalesce(c.scan_type, 0), coalesce(c.code, 0), coalesce(c.reason, ''), coalesce(c.mode, ''),
		coalesce(c.last_scanned_at, 0) FROM resource r LEFT JOIN coverage c ON c.account_id = r.account_id AND c.res_id = r.res_id
		WHERE %s AND %s ORDER BY r.account_id, r.arn%s`,
		anyOf(s.dialect, &a, "r.arn", ids), anyOf(s.dialect, &a, "r.account_id", distinct(accounts)), lock)
	return each(ctx, tx, query, a.values, func(rows *sql.Rows) error {
		var k resourceKey
		var v past
		var scan int64
		var c covered
		var doc []byte
		err := rows.Scan(&v.id, &k.account, &k.region, &k.kind, &k.id, &v.revision, &doc, &v.inventory, &v.gone,
			&scan, &c.code, &c.reason, &c.mode, &c.scanned)
		p := byKey[k]
		if err != nil || p == nil {
			return err
		}
		if doc, err = s.packing.plain(doc); err != nil {
			return err
		}
		v.doc = string(doc)
		if v.coverage = p.known.coverage; v.coverage == nil {
			v.coverage = map[int64]covered{}
		}
		if scan != 0 {
			v.coverage[scan] = c
		}
		p.known = v
		return nil
	})
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
	now     time.Time
	seen    []sight // everything, since what is known of a vulnerability may be newer though the finding is the same
	open    []opened
	gone    []closing
	counts  []counted
	events  []event
	changes map[*pending][]Change
}

// An opened finding is to be written as it was seen.
type opened struct {
	*sight
	change
	scan *pending
}

// A closing finding is no longer there.
type closing struct {
	account org.Account
	key     fkey
}

// compare adds to the batch what must change about the findings of resources.
func (s *Store) compare(ctx context.Context, tx *sql.Tx, list []*pending, b *batch) error {
	list = slices.DeleteFunc(slices.Clone(list), func(p *pending) bool { return !p.looked() })
	if len(list) == 0 {
		return nil
	}
	accounts := map[org.Account]bool{}
	n := 0
	for _, p := range list {
		accounts[p.account] = true
		n += len(p.Findings)
	}
	rules, err := s.suppressor(ctx, tx, sortedKeys(accounts))
	if err != nil {
		return err
	}
	stored, err := s.states(ctx, tx, list)
	if err != nil {
		return fmt.Errorf("reading findings: %w", err)
	}
	b.seen = make([]sight, 0, n) // opened ones point into it
	for _, p := range list {
		seen, err := p.sights(byKey(stored[p.known.id]), rules, b.now)
		if err != nil {
			return fmt.Errorf("comparing findings of %s: %w", p.Resource.ID, err)
		}
		from := len(b.seen)
		b.seen = append(b.seen, seen...)
		b.add(p, reconcile(byKey(stored[p.known.id]), seen, b.now), b.seen[from:])
	}
	return nil
}

// sights takes the findings of a scan apart.
func (p *pending) sights(stored map[fkey]*state, rules suppressor, now time.Time) ([]sight, error) {
	out := make([]sight, len(p.Findings))
	seen := make(map[fkey]bool, len(out))
	res := p.Resource.Complete()
	for i := range out {
		o := &out[i]
		var err error
		if *o, err = newSight(p, &p.Findings[i], now); err != nil {
			return nil, err
		}
		if seen[o.key] {
			return nil, fault.New(fault.Invalid, "%s of %s is there twice", o.Vulnerability, p.Resource.ID)
		}
		seen[o.key] = true
		if len(rules[p.account]) == 0 {
			continue
		}
		o.rule = rules.rule(p.account, p.candidate(o, &res, stored, now))
	}
	return out, nil
}

// candidate is a finding of a scan as suppression rules see it.
func (p *pending) candidate(o *sight, res *resource.Resource, stored map[fkey]*state, now time.Time) candidate {
	c := candidate{
		resource: res, finding: o.Finding, packages: o.packages, kind: packageNumber, key: o.key,
		first: milliseconds(now), last: milliseconds(now),
	}
	if old := stored[o.key]; old != nil && !old.over(c.first) {
		if c.first = old.first; old.hash == o.hash && old.status != closedNumber {
			c.last = old.last
		}
	}
	return c
}

// add adds the changes of the findings of one resource to the batch.
func (b *batch) add(p *pending, changes []change, seen []sight) {
	at := make(map[fkey]*sight, len(seen))
	for i := range seen {
		at[seen[i].key] = &seen[i]
	}
	for _, c := range changes {
		if c.kind == Gone && p.Incomplete {
			continue
		}
		arn := c.key.arn(p.Resource.Region, p.account)
		b.changes[p] = append(b.changes[p], Change{c.kind, arn})
		b.events = append(b.events, event{p.account, "finding." + string(c.kind), arn, milliseconds(b.now), "{}"})
		if c.kind == Gone {
			b.close(p.account, p.known.id, p.kind, c.old)
			continue
		}
		b.open = append(b.open, opened{at[c.key], c, p})
	}
}

// close adds a finding that is to be closed to the batch.
func (b *batch) close(account org.Account, res, rtype int64, old *state) {
	b.gone = append(b.gone, closing{account, old.key})
	if old.status == activeNumber {
		b.counts = append(b.counts, old.counted(account, res, rtype))
	}
}

// counted is what a stored finding stops to count.
func (st *state) counted(account org.Account, res, rtype int64) counted {
	return counted{
		account: int64(account), res: res, vuln: st.vuln, match: st.match, ftype: st.kind, rtype: rtype,
		severity: st.severity, fix: st.fix, n: -1,
	}
}

const stateColumns = `res_id, fkey, hash, status, first_at, last_at, coalesce(closed_at, 0), vuln_sk, match_id, severity, fix, type`

// scanState reads the stateColumns of a finding.
func scanState(rows *sql.Rows) (res int64, st state, err error) {
	var key []byte
	err = rows.Scan(&res, &key, &st.hash, &st.status, &st.first, &st.last, &st.gone, &st.vuln, &st.match, &st.severity, &st.fix, &st.kind)
	if err == nil && len(key) != len(st.key) {
		return 0, st, fmt.Errorf("a stored finding has a key of %d bytes", len(key))
	}
	copy(st.key[:], key)
	return res, st, err
}

// states reads what is stored of the findings of resources, by the number of
// the resource.
func (s *Store) states(ctx context.Context, tx *sql.Tx, list []*pending) (map[int64][]state, error) {
	parts := map[int64][]*pending{}
	for _, p := range list {
		if part := s.dialect.partOf(p.account); !p.fresh {
			parts[part] = append(parts[part], p)
		}
	}
	out := map[int64][]state{}
	for _, part := range sortedKeys(parts) {
		var accounts, ids []int64
		for _, p := range parts[part] {
			accounts, ids = append(accounts, int64(p.account)), append(ids, p.known.id)
		}
		var a arguments
		query := fmt.Sprintf(`SELECT `+stateColumns+` FROM %s WHERE %s AND %s`, s.dialect.findings(part),
			anyOf(s.dialect, &a, "res_id", ids), anyOf(s.dialect, &a, "+account_id", distinct(accounts)))
		err := each(ctx, tx, query, a.values, func(rows *sql.Rows) error {
			res, st, err := scanState(rows)
			out[res] = append(out[res], st)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// writeOpen writes findings as they were seen, new ones and known ones alike,
// and adds to the batch what they count.
func (s *Store) writeOpen(ctx context.Context, tx *sql.Tx, b *batch, vulns map[vulnKey]int64) error {
	if len(b.open) == 0 {
		return nil
	}
	texts, err := s.internTexts(ctx, tx, b.open, vulns)
	if err != nil {
		return fmt.Errorf("keeping texts: %w", err)
	}
	matched, err := s.internMatched(ctx, tx, b.open)
	if err != nil {
		return fmt.Errorf("keeping packages: %w", err)
	}
	fid, err := s.take(ctx, tx, "finding", int64(len(b.open)))
	if err != nil {
		return err
	}
	ms := milliseconds(b.now)
	rows := make([][]any, len(b.open))
	for i, o := range b.open {
		row := counted{
			account: int64(o.scan.account), res: o.scan.known.id, vuln: vulns[o.vuln()], match: matched[o.matched],
			ftype: packageNumber, rtype: o.scan.kind, severity: o.severity, fix: o.fix, n: 1,
		}
		last := ms
		if o.old != nil && o.old.hash == o.hash && (o.kind == Silenced || o.kind == Unsuppressed) {
			last = o.old.last // nothing was observed that is not known
		}
		rows[i] = []any{
			fid + int64(i), o.sight.key[:], row.account, row.res, row.vuln, texts[o.text], row.match, row.ftype, row.rtype, row.severity,
			o.status(), row.fix, tenths(o.Score.Value), o.first, last, ms, numberOrNull(o.rule), o.hash,
		}
		b.recount(o, row)
	}
	// A known finding keeps its number; the one taken for it stays unused.
	return s.insert(ctx, tx, `INSERT INTO finding (fid, fkey, account_id, res_id, vuln_sk, text_id, match_id, type, res_type, severity,
		status, fix, score, first_at, last_at, updated_at, suppressed_by, hash)`,
		`ON CONFLICT (account_id, fkey) DO UPDATE SET res_id = excluded.res_id, vuln_sk = excluded.vuln_sk,
		text_id = excluded.text_id, match_id = excluded.match_id, severity = excluded.severity, status = excluded.status,
		fix = excluded.fix, score = excluded.score, first_at = excluded.first_at, last_at = excluded.last_at,
		updated_at = excluded.updated_at, closed_at = NULL, suppressed_by = excluded.suppressed_by, hash = excluded.hash`, rows)
}

// recount adds to the batch what a finding counts now, and no longer counts.
func (b *batch) recount(o opened, row counted) {
	if o.old != nil && o.old.status == activeNumber {
		was := o.old.counted(o.scan.account, row.res, row.rtype)
		was.n = row.n
		if o.status() == activeNumber && was == row {
			return
		}
		was.n = -1
		b.counts = append(b.counts, was)
	}
	if o.status() == activeNumber {
		b.counts = append(b.counts, row)
	}
}

// writeClosed closes findings.
func (s *Store) writeClosed(ctx context.Context, tx *sql.Tx, list []closing, now time.Time) error {
	byAccount := map[org.Account][][]byte{}
	for _, c := range list {
		byAccount[c.account] = append(byAccount[c.account], c.key[:])
	}
	for _, account := range sortedKeys(byAccount) {
		slices.SortFunc(byAccount[account], bytes.Compare)
		for keys := range slices.Chunk(byAccount[account], s.dialect.values) {
			var a arguments
			query := fmt.Sprintf(`UPDATE %s SET status = %s, closed_at = %s, updated_at = %s, suppressed_by = NULL WHERE account_id = %s AND %s`, //nolint:gosec // names and placeholders
				s.dialect.findings(s.dialect.partOf(account)), a.add(int64(closedNumber)), a.add(milliseconds(now)),
				a.add(milliseconds(now)), a.add(int64(account)), anyOf(s.dialect, &a, "fkey", keys))
			if _, err := tx.ExecContext(ctx, query, a.values...); err != nil {
				return err
			}
		}
	}
	return nil
}
