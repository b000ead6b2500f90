package store

import (
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// odd are texts in which the databases, and careless comparisons, differ.
var odd = []string{
	"a", "A", "ab", "aB", "abc", "a%", "a_", "b", "a'b", `a\b`, "a b", "é", "a\uffff", "a\U0010ffff", "\ud7ff", "1", "01", "NULL",
}

// A world is random resources with random findings.
type world struct {
	rnd   *rand.Rand
	vulns []finding.Finding
	scans []Scan
}

func newWorld(seed uint64, resources int) *world {
	w := &world{rnd: rand.New(rand.NewPCG(seed, 1))}
	for n := range 60 {
		w.vulns = append(w.vulns, w.vulnerability(n))
	}
	for n := range resources {
		sc := Scan{Resource: w.resource(n)}
		for _, i := range w.rnd.Perm(len(w.vulns))[:4+w.rnd.IntN(8)] {
			sc.Findings = append(sc.Findings, w.finding(w.vulns[i]))
		}
		sc.Layers = []scan.Layer{{Digest: fmt.Sprintf("sha256:%064x", 1), Name: "arn:aws:lambda:eu-central-1:111122223333:layer:one:1"}}
		w.scans = append(w.scans, sc)
	}
	return w
}

func (w *world) word() string {
	if w.rnd.IntN(4) == 0 {
		return ""
	}
	return odd[w.rnd.IntN(len(odd))]
}

func (w *world) words() []string {
	var out []string
	for range w.rnd.IntN(4) {
		if s := w.word(); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (w *world) time() string {
	if w.rnd.IntN(4) == 0 {
		return ""
	}
	return start.Add(time.Duration(w.rnd.IntN(50)) * time.Millisecond).Format(time.RFC3339Nano)
}

// vulnerability is what all findings of one vulnerability have in common.
func (w *world) vulnerability(n int) finding.Finding {
	f := finding.Finding{
		Vulnerability: fmt.Sprintf("CVE-2099-%04d%s", n, w.word()), Kind: advisory.Vulnerability, Source: w.word() + fmt.Sprint(n),
		VendorLabel: w.word(), Related: w.words(), Exploitation: []string{"", "none", "poc", "active"}[w.rnd.IntN(4)],
	}
	if w.rnd.IntN(3) > 0 {
		f.EPSS = &advisory.EPSS{Score: float64(w.rnd.IntN(10)) / 10, Date: start}
	}
	if w.rnd.IntN(5) == 0 {
		f.KEV = &advisory.KEV{Added: start}
	}
	return f
}

func (w *world) finding(f finding.Finding) finding.Finding {
	f.Title = f.Vulnerability + " - " + w.word()
	f.Severity = severityNumbers[w.rnd.IntN(len(severityNumbers))]
	f.Score.Value = float64(w.rnd.IntN(101)) / 10
	f.Fix = fixNumbers[w.rnd.IntN(len(fixNumbers))]
	for n := range 1 + w.rnd.IntN(3) {
		p := inventory.Package{
			Type: []string{"deb", "rpm", "apk", "npm"}[w.rnd.IntN(4)], Name: fmt.Sprint(w.word(), n), Version: w.word(),
			Arch: w.word(), Path: w.word(), Layer: []string{"", fmt.Sprintf("sha256:%064x", w.rnd.IntN(3)), "odd"}[w.rnd.IntN(3)],
		}
		if w.rnd.IntN(2) == 0 {
			p.Version = fmt.Sprintf("%d:%d.%d-%d", w.rnd.IntN(3), w.rnd.IntN(3), w.rnd.IntN(3), w.rnd.IntN(3))
		}
		f.Packages = append(f.Packages, finding.Package{Package: p})
	}
	return f
}

func (w *world) resource(n int) resource.Resource {
	r := resource.Resource{
		Type: resourceNumbers[1+w.rnd.IntN(len(resourceNumbers)-1)], ID: fmt.Sprintf("%s%d", w.word(), n), Name: w.word(),
		Account: []org.Account{alice, bob}[w.rnd.IntN(2)].String(), Region: []string{"eu-central-1", "us-east-1"}[w.rnd.IntN(2)],
		Arch: w.word(), Tags: w.words(), Digest: w.word(), Created: w.time(), Layers: w.words(),
		Cloud:    resource.Cloud{Organization: w.word(), Account: w.word(), Region: w.word()},
		Host:     resource.Host{Image: w.word(), Network: w.word(), Subnet: w.word()},
		Image:    resource.ImageUse{Registry: w.word(), Repository: w.word(), Pushed: w.time(), Used: w.time()},
		Function: resource.Runtime{Name: w.word(), Runtime: w.word(), Role: w.word(), Modified: w.time()},
		Code:     resource.CodeHost{Project: w.word(), Host: w.word()},
		Labels:   map[string]string{},
	}
	if w.rnd.IntN(2) == 0 {
		uses := int64(w.rnd.IntN(5))
		r.Image.Uses = &uses
	}
	for _, k := range w.words() {
		r.Labels[k] = w.word()
	}
	return r
}

// record keeps all scans.
func (w *world) record(t *testing.T, s *Store, now time.Time) {
	t.Helper()
	for part := range slices.Chunk(w.scans, MaxScans) {
		if _, err := s.Record(t.Context(), org.Only(alice, bob), part, now); err != nil {
			t.Fatal(err)
		}
	}
}

// candidates returns what the findings were before they were stored.
func (w *world) candidates(t *testing.T, now time.Time) []candidate {
	t.Helper()
	var out []candidate
	for i := range w.scans {
		sc := &w.scans[i]
		res := sc.Resource.Complete()
		account, err := org.ParseAccount(res.Account)
		if err != nil {
			t.Fatal(err)
		}
		for j := range sc.Findings {
			f := &sc.Findings[j]
			out = append(out, candidate{
				account: account, resource: &res, finding: f, packages: withoutRepetition(f.Packages, sc.Layers), kind: packageNumber,
				key: keyOf(sc.Resource, f.Vulnerability), first: milliseconds(now), last: milliseconds(now),
			})
		}
	}
	return out
}

// criteria makes criteria on some fields, most often from what a finding has.
func (w *world) criteria(from candidate) filter.Criteria {
	names := slices.Sorted(maps.Keys(filter.Finding))
	out := filter.Criteria{}
	for range 1 + w.rnd.IntN(3) {
		name := names[w.rnd.IntN(len(names))]
		var have filter.Values
		if read := candidateReaders()[name]; read != nil {
			have = read(from)
		}
		out[name] = nil
		for range 1 + w.rnd.IntN(2) {
			out[name] = append(out[name], w.condition(filter.Finding[name], have))
		}
	}
	return out
}

func (w *world) condition(kind filter.Kind, have filter.Values) filter.Condition {
	bounds := func(f float64) filter.Condition {
		var c filter.Condition
		if w.rnd.IntN(5) > 0 {
			low := f - float64(w.rnd.IntN(4))
			c.Min = &low
		}
		if w.rnd.IntN(5) > 0 {
			high := f + float64(w.rnd.IntN(4))
			c.Max = &high
		}
		return c
	}
	switch kind {
	case filter.NumberKind:
		if len(have.Number) > 0 {
			return bounds(have.Number[0])
		}
		return bounds(1)
	case filter.PortsKind:
		return filter.Range(1, float64(w.rnd.IntN(100)))
	case filter.TimeKind:
		if len(have.Time) > 0 {
			return bounds(float64(have.Time[0].UnixMilli()))
		}
		return bounds(float64(start.UnixMilli()))
	case filter.MapKind:
		c := filter.Condition{Comparison: filter.Equals, Key: "a", Value: w.word(), AnyValue: w.rnd.IntN(3) == 0}
		for _, m := range have.Map {
			for _, k := range slices.Sorted(maps.Keys(m)) {
				c.Key, c.Value = k, m[k]
			}
		}
		return c
	case filter.PackageKind:
		c := filter.Condition{Package: map[string]filter.Condition{}}
		parts := map[string]filter.Values{}
		if len(have.Packages) > 0 {
			parts = have.Packages[w.rnd.IntN(len(have.Packages))].Parts
		}
		names := slices.Sorted(maps.Keys(filter.Package))
		for range 1 + w.rnd.IntN(2) {
			name := names[w.rnd.IntN(len(names))]
			c.Package[name] = w.condition(filter.Package[name], parts[name])
		}
		return c
	}
	c := filter.Condition{
		Comparison: []filter.Comparison{filter.Equals, filter.Equals, filter.Prefix, filter.NotEquals}[w.rnd.IntN(4)],
		Value:      odd[w.rnd.IntN(len(odd))],
	}
	if len(have.Text) > 0 && w.rnd.IntN(5) > 0 {
		if s := have.Text[w.rnd.IntN(len(have.Text))]; s != "" {
			c.Value = s
		}
	}
	if c.Comparison == filter.Prefix {
		r := []rune(c.Value)
		c.Value = string(r[:1+w.rnd.IntN(len(r))])
	}
	if w.rnd.IntN(50) == 0 {
		c.Value += []string{"\x00", filter.Separator}[w.rnd.IntN(2)]
	}
	return c
}

// inSQL returns the keys of the findings for which a rule holds, as it is asked
// about chosen findings, and as it looks for them.
func inSQL(t *testing.T, s *Store, r storedRule) (decided, reached []string) {
	t.Helper()
	decided, reached = []string{}, []string{}
	var list []*settled
	read := func(query string, args []any, f func(f *settled)) {
		t.Helper()
		err := each(t.Context(), s.read, query, args, func(rows *sql.Rows) error {
			var one settled
			var key []byte
			err := rows.Scan(&one.account, &one.fid, &key)
			one.key = fkey(key)
			f(&one)
			return err
		})
		if err != nil {
			t.Fatalf("%s %q: %v", query, args, err)
		}
	}
	read(`SELECT account_id, fid, fkey FROM finding`, nil, func(f *settled) { list = append(list, f) })
	a := application{store: s}
	if err := s.tx(t.Context(), func(tx *sql.Tx) error { return a.decide(t.Context(), tx, r, list, nil) }); err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.wanted == r.id {
			decided = append(decided, fmt.Sprintf("%x", f.key))
		}
	}
	where, args, err := r.reach([]any{-1})
	if err != nil {
		t.Fatal(err)
	}
	read(`SELECT account_id, fid, fkey FROM finding f WHERE f.fid > $1 AND `+where, args, func(f *settled) {
		reached = append(reached, fmt.Sprintf("%x", f.key))
	})
	slices.Sort(decided)
	slices.Sort(reached)
	return decided, reached
}

// TestRulesAgree asks rules about findings before they are stored, and about
// the same findings afterwards, in both forms of SQL.
func TestRulesAgree(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		w := newWorld(3, 60)
		w.record(t, s, start)
		candidates := w.candidates(t, start)
		rounds := 500
		if s.dialect.parted {
			rounds = 100 // planning a query takes PostgreSQL some 20 ms
		}
		some, most := 0, 0
		for range rounds {
			c := w.criteria(candidates[w.rnd.IntN(len(candidates))])
			holds, err := filter.Matcher(filter.Finding, candidateReaders(), c)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{}
			for _, f := range candidates {
				if holds(f) {
					want = append(want, fmt.Sprintf("%x", f.key))
				}
			}
			slices.Sort(want)
			if len(want) > 0 {
				some++
			}
			if len(want) < len(candidates) {
				most++
			}
			decided, reached := inSQL(t, s, storedRule{id: 7, criteria: c})
			if diff := cmp.Diff(want, decided); diff != "" {
				t.Fatalf("%v is decided otherwise: %s", c, diff)
			}
			if diff := cmp.Diff(want, reached); diff != "" {
				t.Fatalf("%v reaches others: %s", c, diff)
			}
		}
		if some < rounds/3 || most < rounds/3 {
			t.Errorf("%d criteria select something and %d not everything: that proves little", some, most)
		}
	})
}

// TestRuleFields: every field can be asked of a candidate and of a row.
func TestRuleFields(t *testing.T) {
	t.Parallel()
	readers, columns := candidateReaders(), ruleColumns()
	for name := range filter.Finding {
		if _, ok := readers[name]; !ok {
			t.Errorf("%s has no reader", name)
		}
		if _, ok := columns[name]; !ok {
			t.Errorf("%s has no column", name)
		}
	}
	if len(readers) != len(filter.Finding) {
		t.Errorf("%d readers for %d fields", len(readers), len(filter.Finding))
	}
	for name, c := range columns {
		if c.From == "" {
			continue
		}
		_, link, ok := strings.Cut(c.From, " WHERE ")
		if left, right, linked := strings.Cut(link, " = "); !ok || !linked || strings.HasPrefix(left, "f.") || !strings.HasPrefix(right, "f.") {
			t.Errorf("%s: %q cannot be turned round", name, c.From)
		}
	}
}
