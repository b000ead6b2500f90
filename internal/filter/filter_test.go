package filter

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"database/sql"
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestFields compares the tables with the API model.
func TestFields(t *testing.T) {
	t.Parallel()
	model, err := os.ReadFile("testdata/criteria.idl")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]Kind{
		"StringFilter": TextKind, "CoverageStringFilter": ExactKind, "ResourceStringFilter": ExactKind, "NumberFilter": NumberKind,
		"CoverageNumberFilter": WholeKind, "DateFilter": TimeKind, "CoverageDateFilter": TimeKind, "MapFilter": MapKind,
		"CoverageMapFilter": TagsKind, "ResourceMapFilter": TagsKind, "PortRangeFilter": PortsKind, "PackageFilter": PackageKind,
	}
	read := map[string]Fields{}
	var sorts []string
	section := ""
	for line := range strings.SplitSeq(string(model), "\n") {
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "struct "):
			section = words[1]
			read[section] = Fields{}
		case strings.HasPrefix(line, "enum SortField "):
			sorts = words[2:]
		case strings.HasPrefix(line, "  "):
			typ, _, _ := strings.Cut(strings.TrimPrefix(words[1], "["), "]")
			if kind, ok := kinds[typ]; ok {
				read[section][words[0]] = kind
			}
		}
	}
	for name, table := range map[string]Fields{
		"FilterCriteria": Finding, "CoverageFilterCriteria": Coverage, "ResourceFilterCriteria": Resource, "PackageFilter": Package,
	} {
		if len(table) == 0 {
			t.Errorf("%s is empty", name)
		}
		if diff := gocmp.Diff(read[name], table); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	slices.Sort(sorts)
	if diff := gocmp.Diff(sorts, slices.Sorted(maps.Keys(SortFields))); diff != "" {
		t.Error(diff)
	}
	for sort, field := range SortFields {
		if Finding[field] == 0 {
			t.Errorf("%s sorts by %s, which is no field", sort, field)
		}
	}
}

// A subject is a type with fields that can be asked in memory and in SQL.
type subject[T any] struct {
	fields   Fields
	readers  Readers[T]
	columns  Columns
	from, id string
	rows     []T
	ids      func(T) int
}

// condition makes a condition of the given comparison on a field, most often
// from a value that some row has.
func (s subject[T]) condition(rnd *rand.Rand, kind Kind, comparison Comparison, v Values) Condition {
	text := func(list []string) string {
		if len(list) > 0 && list[0] != "" && rnd.IntN(5) > 0 {
			return list[rnd.IntN(len(list))]
		}
		return words[rnd.IntN(len(words))]
	}
	limits := func(f float64, ok bool, width int) Condition {
		c := Condition{}
		if !ok {
			f = float64(rnd.IntN(width))
		}
		if rnd.IntN(5) > 0 {
			low := f - float64(rnd.IntN(width))
			c.Min = &low
		}
		if rnd.IntN(5) > 0 {
			high := f + float64(rnd.IntN(width))
			c.Max = &high
		}
		return c
	}
	c := Condition{Comparison: comparison}
	switch kind {
	case TextKind, ExactKind:
		c.Value = text(v.Text)
		if comparison == Prefix {
			runes := []rune(c.Value)
			c.Value = string(runes[:1+rnd.IntN(len(runes))])
		}
		if rnd.IntN(50) == 0 {
			c.Value += []string{"\x00", Separator, "\xff"}[rnd.IntN(3)]
		}
	case NumberKind, WholeKind:
		if len(v.Number) > 0 {
			return limits(v.Number[0], true, 5)
		}
		return limits(0, false, 5)
	case TimeKind:
		if len(v.Time) > 0 {
			return limits(float64(v.Time[0].UnixMilli()), true, 10)
		}
		return limits(1_700_000_000_000, true, 10)
	case MapKind, TagsKind:
		c.Comparison, c.Key, c.Value = Equals, words[rnd.IntN(len(words))], words[rnd.IntN(len(words))]
		for _, m := range v.Map {
			for _, k := range slices.Sorted(maps.Keys(m)) {
				c.Key, c.Value = k, m[k]
			}
		}
		c.AnyValue = rnd.IntN(3) == 0 || c.Value == "" && kind == TagsKind
		if c.AnyValue {
			c.Value = ""
		}
	case PortsKind:
		low := float64(rnd.IntN(100))
		if len(v.Ports) > 0 {
			low = float64(v.Ports[0].First)
		}
		high := low + float64(rnd.IntN(4))
		c = Condition{Min: &low, Max: &high}
		switch rnd.IntN(8) {
		case 0:
			c.Min = nil
		case 1:
			c.Max = nil
		case 2:
			c = Condition{}
		}
	case PackageKind:
		c = Condition{Package: map[string]Condition{}}
		parts := map[string]Values{}
		if len(v.Packages) > 0 {
			parts = v.Packages[rnd.IntN(len(v.Packages))].Parts
		}
		names := slices.Sorted(maps.Keys(Package))
		for range 1 + rnd.IntN(2) {
			name := names[rnd.IntN(len(names))]
			comparison := []Comparison{Equals, Equals, Prefix, NotEquals}[rnd.IntN(4)]
			c.Package[name] = s.condition(rnd, Package[name], comparison, parts[name])
		}
	}
	return c
}

// agree evaluates criteria in memory and in SQL. It returns how many rows they
// select.
func (s subject[T]) agree(ctx context.Context, t *testing.T, db *sql.DB, c Criteria) int {
	t.Helper()
	holds, err := Matcher(s.fields, s.readers, c)
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	var want []int
	for _, row := range s.rows {
		if holds(row) {
			want = append(want, s.ids(row))
		}
	}
	slices.Sort(want)
	where, args, err := Where(s.fields, s.columns, c, []any{-1})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.QueryContext(ctx, "SELECT "+s.id+" FROM "+s.from+" WHERE "+s.id+" > $1 AND "+where+" ORDER BY 1", args...)
	if err != nil {
		t.Fatalf("%s %q: %v", where, args, err)
	}
	defer rows.Close()
	var got []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		got = append(got, id)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(want, got) {
		t.Fatalf("criteria %+v\nselect %d rows in memory and %d with\n%s %q", c, len(want), len(got), where, args)
	}
	return len(got)
}

// TestAgree has memory and SQL answer the same criteria over 5,000 rows: each
// comparison of each field, and fields joined at random.
func TestAgree(t *testing.T) {
	t.Parallel()
	d := randomData(rand.New(rand.NewPCG(1, 2)), agreeing)
	numbers := map[*resourceRow]int{}
	for i, r := range d.resources {
		numbers[r] = i
	}
	findings := subject[*findingRow]{
		fields: Finding, readers: findingReaders(), columns: findingColumns(), from: "finding f", id: "f.fid", rows: d.findings,
		ids: func(f *findingRow) int { return f.fid },
	}
	coverage := subject[*resourceRow]{
		fields: Coverage, readers: resourceReaders(), columns: coverageColumns(), from: "resource r", id: "r.res_id", rows: d.resources,
		ids: func(r *resourceRow) int { return numbers[r] },
	}
	resources := coverage
	resources.fields = Resource
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			db := d.open(t, e)
			checkAgreement(t, db, findings)
			checkAgreement(t, db, coverage)
			checkAgreement(t, db, resources)
		})
	}
}

func checkAgreement[T any](t *testing.T, db *sql.DB, s subject[T]) {
	t.Helper()
	rnd := rand.New(rand.NewPCG(3, 4))
	names := slices.Sorted(maps.Keys(s.fields))
	comparisons := map[Kind][]Comparison{TextKind: {Equals, Prefix, NotEquals}, ExactKind: {Equals, NotEquals}}
	one := func(name string, comparison Comparison) Condition {
		return s.condition(rnd, s.fields[name], comparison, s.readers[name](s.rows[rnd.IntN(len(s.rows))]))
	}
	queries := 0
	for _, name := range names {
		list := comparisons[s.fields[name]]
		if list == nil {
			list = []Comparison{Equals}
		}
		for _, comparison := range list {
			telling := false // whether a wrong condition would have been noticed
			for range 6 {
				conditions := []Condition{one(name, comparison)}
				for rnd.IntN(2) == 0 && len(conditions) < maxConditions {
					conditions = append(conditions, one(name, list[rnd.IntN(len(list))]))
				}
				n := s.agree(t.Context(), t, db, Criteria{name: conditions})
				telling = telling || n > 0 && n < len(s.rows)
				queries++
			}
			if !telling {
				t.Errorf("%s %s: no condition told rows apart", name, comparison)
			}
		}
	}
	found := 0
	for range 300 {
		c := Criteria{}
		for range 1 + rnd.IntN(4) {
			name := names[rnd.IntN(len(names))]
			for range 1 + rnd.IntN(3) {
				comparison := Equals
				if list := comparisons[s.fields[name]]; list != nil {
					comparison = list[rnd.IntN(len(list))]
				}
				c[name] = append(c[name], one(name, comparison))
			}
			c[name] = c[name][:min(len(c[name]), maxConditions)]
		}
		if s.agree(t.Context(), t, db, c) > 0 {
			found++
		}
		queries++
	}
	t.Logf("%d criteria over %d rows and %d fields; %d of 300 joined ones selected something", queries, len(s.rows), len(names), found)
	if found < 30 {
		t.Errorf("only %d of 300 joined criteria selected anything", found)
	}
}

// TestPages reads lists page by page in each order, with a sealed token from
// one to the next, and compares them with the rows sorted in memory.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			d := randomData(rand.New(rand.NewPCG(5, 6)), 1000)
			checkPages(t, d, d.open(t, e))
		})
	}
}

func checkPages(t *testing.T, d data, db *sql.DB) {
	t.Helper()
	readers, columns := findingReaders(), findingColumns()
	sealer, err := NewSealer([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	now := time.UnixMilli(1_700_000_000_000)
	criteria := Criteria{"findingStatus": Text(NotEquals, "CLOSED")}
	holds, err := Matcher(Finding, readers, criteria)
	if err != nil {
		t.Fatal(err)
	}
	for sort, field := range SortFields {
		for _, desc := range []bool{false, true} {
			col := columns[field]
			// key returns the value a row is sorted by as the database has it.
			key := func(f *findingRow) any {
				switch v := readers[field](f); {
				case len(v.Number) > 0:
					return v.Number[0]
				case len(v.Time) > 0:
					return v.Time[0].UnixMilli()
				case len(v.Text) == 0 || v.Text[0] == "":
					return nil
				case col.Codes != nil:
					return int64(slices.Index(col.Codes, v.Text[0]))
				case col.Digits > 0:
					return accountNumber(v.Text[0])
				default:
					return v.Text[0]
				}
			}
			var rows []*findingRow
			for _, f := range d.findings {
				if holds(f) {
					rows = append(rows, f)
				}
			}
			slices.SortFunc(rows, func(a, b *findingRow) int {
				n := compare(key(a), key(b), desc)
				return cmp.Or(n, compare(int64(a.fid), int64(b.fid), desc))
			})
			want := make([]int, len(rows))
			for i, f := range rows {
				want[i] = f.fid
			}
			p := pager{
				query: Query{Operation: "ListFindings", Caller: "111122223333", Criteria: criteria, Sort: sort},
				terms: []Term{{SQL: col.SQL, Desc: desc, Nullable: !col.Required}, {SQL: "f.fid", Desc: desc}},
			}
			if got := p.read(t, db, sealer, columns, now); !slices.Equal(want, got) {
				t.Errorf("%s, descending %t: got %d findings, want %d, or in another order", sort, desc, len(got), len(want))
			}
		}
	}
}

// TestPagesWhileRowsGo deletes the last finding of each page, to which the token
// for the next one leads back: nothing may be left out or come twice.
func TestPagesWhileRowsGo(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			db := randomData(rand.New(rand.NewPCG(9, 10)), 600).open(t, e)
			sealer, err := NewSealer([32]byte{1})
			if err != nil {
				t.Fatal(err)
			}
			p := pager{
				query: Query{Criteria: Criteria{"severity": Text(NotEquals, "LOW")}},
				terms: []Term{{SQL: "f.score", Desc: true, Nullable: true}, {SQL: "f.fid", Desc: true}},
			}
			want := p.read(t, db, sealer, findingColumns(), time.Time{})
			gone := 0
			p.between = func(last place) {
				gone++
				if _, err := db.ExecContext(t.Context(), "DELETE FROM finding WHERE fid = $1", last.FID); err != nil {
					t.Fatal(err)
				}
			}
			got := p.read(t, db, sealer, findingColumns(), time.Time{})
			if diff := gocmp.Diff(want, got); diff != "" || gone < 4 {
				t.Errorf("after %d deletions: %s", gone, diff)
			}
		})
	}
}

func compare(a, b any, desc bool) int {
	n := 0
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	switch a := a.(type) {
	case int64:
		n = cmp.Compare(a, b.(int64))
	case float64:
		n = cmp.Compare(a, b.(float64))
	case string:
		n = strings.Compare(a, b.(string))
	}
	if desc {
		return -n
	}
	return n
}

// A place is where a page ended; one member of the first three is set.
type place struct {
	Int   *int64
	Float *float64
	Text  *string
	FID   int64
}

func (p place) values() []any {
	out := []any{nil, p.FID}
	switch {
	case p.Int != nil:
		out[0] = *p.Int
	case p.Float != nil:
		out[0] = *p.Float
	case p.Text != nil:
		out[0] = *p.Text
	}
	return out
}

type pager struct {
	query   Query
	terms   []Term
	between func(last place) // done after each page; nil: nothing
}

func (p pager) read(t *testing.T, db *sql.DB, sealer Sealer, columns Columns, now time.Time) []int {
	t.Helper()
	const (
		size = 97
		from = ` FROM finding f JOIN resource r ON r.res_id = f.res_id JOIN vuln v ON v.vuln_sk = f.vuln_sk
			LEFT JOIN finding_net n ON n.fid = f.fid WHERE `
	)
	where, base, err := Where(Finding, columns, p.query.Criteria, nil)
	if err != nil {
		t.Fatal(err)
	}
	branches, args, token := []string{all}, base, ""
	var got []int
	for {
		if token != "" {
			last, err := Open[place](sealer, p.query, token, now)
			if err != nil {
				t.Fatal(err)
			}
			if branches, args, err = After(p.terms, last.values(), base); err != nil {
				t.Fatal(err)
			}
		}
		var parts []string
		for _, b := range branches {
			parts = append(parts, "SELECT * FROM (SELECT "+p.terms[0].SQL+" AS key, f.fid AS fid"+from+where+" AND "+b+
				" ORDER BY "+OrderBy(p.terms)+" LIMIT 97) b")
		}
		outer := OrderBy([]Term{{SQL: "key", Desc: p.terms[0].Desc, Nullable: p.terms[0].Nullable}, {SQL: "fid", Desc: p.terms[1].Desc}})
		rows, err := db.QueryContext(t.Context(), "SELECT * FROM ("+strings.Join(parts, " UNION ALL ")+") u ORDER BY "+outer+" LIMIT 97", args...)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		n, last := 0, place{}
		for rows.Next() {
			var key any
			if err := rows.Scan(&key, &last.FID); err != nil {
				t.Fatal(err)
			}
			last.Int, last.Float, last.Text = nil, nil, nil
			switch key := key.(type) {
			case int64:
				last.Int = &key
			case float64:
				last.Float = &key
			case string:
				last.Text = &key
			}
			got = append(got, int(last.FID))
			n++
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if n < size {
			return got
		}
		if p.between != nil {
			p.between(last)
		}
		if token, err = Seal(sealer, p.query, last, now); err != nil {
			t.Fatal(err)
		}
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_700_000_000_000)
	mine, err := NewSealer([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewSealer([32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	query := Query{
		Operation: "ListFindings", Caller: "111122223333", Sort: "SEVERITY DESC",
		Criteria: Criteria{"severity": Text(Equals, "HIGH"), "epssScore": {Range(0, 1)}},
	}
	token, err := Seal(mine, query, []int64{5, 7}, now)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Seal(mine, query, []int64{5, 7}, now)
	if err != nil || token == again {
		t.Errorf("two seals are alike (%v): a nonce was used twice", err)
	}
	got, err := Open[[]int64](mine, query, token, now.Add(TokenLife))
	if err != nil || !slices.Equal(got, []int64{5, 7}) {
		t.Fatalf("got %v, %v", got, err)
	}
	change := func(f func(*Query)) Query {
		q := query
		f(&q)
		return q
	}
	for _, tt := range []struct {
		name  string
		s     Sealer
		q     Query
		token string
		after time.Duration
	}{
		{"too old", mine, query, token, TokenLife + time.Millisecond},
		{"from tomorrow", mine, query, token, -24 * time.Hour},
		{"another key", other, query, token, 0},
		{"another operation", mine, change(func(q *Query) { q.Operation = "ListCoverage" }), token, 0},
		{"another caller", mine, change(func(q *Query) { q.Caller = "444455556666" }), token, 0},
		{"another order", mine, change(func(q *Query) { q.Sort = "SEVERITY ASC" }), token, 0},
		{"another filter", mine, change(func(q *Query) { q.Criteria = Criteria{"severity": Text(Equals, "LOW"), "epssScore": {Range(0, 1)}} }), token, 0},
		{"another bound", mine, change(func(q *Query) { q.Criteria = Criteria{"severity": Text(Equals, "HIGH"), "epssScore": {Range(0, 0.9)}} }), token, 0},
		{"no filter", mine, change(func(q *Query) { q.Criteria = nil }), token, 0},
		{"empty", mine, query, "", 0},
		{"cut", mine, query, token[:len(token)-4], 0},
		{"longer", mine, query, token + "AAAA", 0},
		{"not base64", mine, query, "?" + token[1:], 0},
		{"line break", mine, query, token[:4] + "\n" + token[4:], 0},
		{"huge", mine, query, strings.Repeat("A", maxToken+1), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := Open[[]int64](tt.s, tt.q, tt.token, now.Add(tt.after)); !errors.Is(err, ErrToken) {
				t.Errorf("got %v, %v; want ErrToken", got, err)
			}
		})
	}
}

// TestTokenSpelling changes the bits of a last letter that stand for nothing.
func TestTokenSpelling(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_700_000_000_000)
	sealer, err := NewSealer([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, place := range []string{"", "1", "22"} {
		token, err := Seal(sealer, Query{}, place, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, letter := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			other := token[:len(token)-1] + string(letter)
			if other == token {
				continue
			}
			if got, err := Open[string](sealer, Query{}, other, now); !errors.Is(err, ErrToken) {
				t.Errorf("%s opens as %s too: %q, %v", token, other, got, err)
			}
			tried++
		}
	}
	if tried == 0 {
		t.Error("nothing was tried")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	ptr := func(f float64) *float64 { return &f }
	for _, tt := range []struct {
		name, json string
		fields     Fields
		want       Criteria
		err        string
	}{
		{name: "empty", json: `{}`, want: Criteria{}},
		{name: "null", json: `null`, want: Criteria{}},
		{name: "unknown and null members", json: `{"x":1,"Severity":[],"severity":null}`, want: Criteria{}},
		{
			name: "text", json: `{"severity":[{"comparison":"NOT_EQUALS","value":"LOW","more":1}]}`,
			want: Criteria{"severity": Text(NotEquals, "LOW")},
		},
		{
			name: "times", json: `{"updatedAt":[{"startInclusive":1700000000.123,"endInclusive":"2023-11-14T22:13:20.1239Z"},{"endInclusive":-0.0015}]}`,
			want: Criteria{"updatedAt": {Range(1700000000123, 1700000000123), {Max: ptr(-2)}}},
		},
		{name: "numbers", json: `{"epssScore":[{"lowerInclusive":0.5},{}]}`, want: Criteria{"epssScore": {{Min: ptr(0.5)}, {}}}},
		{name: "ports", json: `{"portRange":[{"beginInclusive":0,"endInclusive":65535}]}`, want: Criteria{"portRange": {Range(0, 65535)}}},
		{
			name: "tags", json: `{"resourceTags":[{"comparison":"EQUALS","key":"k"},{"comparison":"EQUALS","key":"k","value":""}]}`,
			want: Criteria{"resourceTags": {{Comparison: Equals, Key: "k", AnyValue: true}, {Comparison: Equals, Key: "k"}}},
		},
		{
			name: "packages", json: `{"vulnerablePackages":[{"name":{"comparison":"PREFIX","value":"lib"},"epoch":{"lowerInclusive":1},"version":null}]}`,
			want: Criteria{"vulnerablePackages": {{Package: map[string]Condition{
				"name": {Comparison: Prefix, Value: "lib"}, "epoch": {Min: ptr(1)},
			}}}},
		},
		{
			name: "comparison", json: `{"severity":[{"comparison":"LIKE","value":"LOW"}]}`,
			err: "1 validation error detected: Value at 'filterCriteria.severity.1.member.comparison' failed to satisfy constraint: " +
				"Member must satisfy enum value set: [EQUALS, PREFIX, NOT_EQUALS]",
		},
		{
			name: "coverage knows no prefix", fields: Coverage, json: `{"accountId":[{"comparison":"PREFIX","value":"1"}]}`,
			err: "1 validation error detected: Value at 'filterCriteria.accountId.1.member.comparison' failed to satisfy constraint: " +
				"Member must satisfy enum value set: [EQUALS, NOT_EQUALS]",
		},
		{
			name: "missing members", json: `{"severity":[{"comparison":"EQUALS","value":"LOW"},null]}`,
			err: "2 validation errors detected: Value at 'filterCriteria.severity.2.member.comparison' failed to satisfy constraint: " +
				"Member must not be null; Value at 'filterCriteria.severity.2.member.value' failed to satisfy constraint: Member must not be null",
		},
		{
			name: "no conditions", json: `{"severity":[]}`,
			err: "1 validation error detected: Value at 'filterCriteria.severity' failed to satisfy constraint: " +
				"Member must have length greater than or equal to 1",
		},
		{
			name: "eleven conditions", json: `{"epssScore":[` + strings.Repeat("{},", 10) + `{}]}`,
			err: "1 validation error detected: Value at 'filterCriteria.epssScore' failed to satisfy constraint: " +
				"Member must have length less than or equal to 10",
		},
		{
			name: "long value", json: `{"title":[{"comparison":"EQUALS","value":"` + strings.Repeat("é", 1025) + `"}]}`,
			err: "1 validation error detected: Value at 'filterCriteria.title.1.member.value' failed to satisfy constraint: " +
				"Member must have length less than or equal to 1024",
		},
		{
			name: "empty value", json: `{"title":[{"comparison":"EQUALS","value":""}]}`,
			err: "1 validation error detected: Value at 'filterCriteria.title.1.member.value' failed to satisfy constraint: " +
				"Member must have length greater than or equal to 1",
		},
		{
			name: "empty tag of coverage", fields: Coverage, json: `{"ec2InstanceTags":[{"comparison":"EQUALS","key":"k","value":""}]}`,
			err: "1 validation error detected: Value at 'filterCriteria.ec2InstanceTags.1.member.value' failed to satisfy constraint: " +
				"Member must have length greater than or equal to 1",
		},
		{
			name: "port", json: `{"portRange":[{"beginInclusive":-1,"endInclusive":65536}]}`,
			err: "2 validation errors detected: Value at 'filterCriteria.portRange.1.member.beginInclusive' failed to satisfy constraint: " +
				"Member must have value greater than or equal to 0; Value at 'filterCriteria.portRange.1.member.endInclusive' failed to satisfy constraint: " +
				"Member must have value less than or equal to 65535",
		},
		{
			name: "part of a package", json: `{"vulnerablePackages":[{"name":{"comparison":"EQUALS"}}]}`,
			err: "1 validation error detected: Value at 'filterCriteria.vulnerablePackages.1.member.name.value' failed to satisfy constraint: " +
				"Member must not be null",
		},
		{name: "no object", json: `[]`, err: "reading filterCriteria: wrong JSON"},
		{name: "no list", json: `{"severity":{}}`, err: "reading filterCriteria.severity: wrong JSON"},
		{name: "no condition", json: `{"severity":["LOW"]}`, err: "reading filterCriteria.severity.1.member: wrong JSON"},
		{name: "no text", json: `{"severity":[{"comparison":"EQUALS","value":1}]}`, err: "reading filterCriteria.severity.1.member.value: wrong JSON"},
		{name: "no number", json: `{"epssScore":[{"lowerInclusive":"1"}]}`, err: "reading filterCriteria.epssScore.1.member.lowerInclusive: wrong JSON"},
		{name: "no time", json: `{"updatedAt":[{"startInclusive":"today"}]}`, err: "reading filterCriteria.updatedAt.1.member.startInclusive: wrong JSON"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.fields == nil {
				tt.fields = Finding
			}
			got, err := Parse(tt.fields, "filterCriteria", []byte(tt.json))
			text := ""
			if err != nil {
				text = err.Error()
			}
			if diff := gocmp.Diff(tt.err, text); diff != "" {
				t.Error(diff)
			}
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWhere shows the SQL of each way to keep a field.
func TestWhere(t *testing.T) {
	t.Parallel()
	columns := findingColumns()
	for _, tt := range []struct {
		name string
		c    Criteria
		want string
		args []any
	}{
		{"nothing", nil, "1=1", []any{"scope"}},
		{"codes", Criteria{"severity": Text(Equals, "HIGH", "CRITICAL")}, "f.severity IN (4, 5)", []any{"scope"}},
		{"other codes", Criteria{"severity": Text(NotEquals, "LOW", "NONE")}, "f.severity IN (0, 1, 3, 4, 5)", []any{"scope"}},
		{"unknown code", Criteria{"severity": Text(Equals, "high"), "inspectorScore": {Range(7, 9)}}, "1=0", []any{"scope"}},
		{
			"digits",
			Criteria{"awsAccountId": append(Text(Prefix, "1111"), Text(Equals, "1", "000000000012")...)},
			"((f.account_id >= $2 AND f.account_id <= $3) OR f.account_id = $4)",
			[]any{"scope", int64(111100000000), int64(111199999999), int64(12)},
		},
		{
			"mixed",
			Criteria{"title": append(Text(Equals, "x"), append(Text(Prefix, "a\ud7ff\U0010ffff"), Text(NotEquals, "b", "c")...)...)},
			"(EXISTS (SELECT 1 FROM vuln v WHERE v.vuln_sk = f.vuln_sk AND ((v.title >= $2 AND v.title < $3) OR v.title = $4))" +
				" AND NOT EXISTS (SELECT 1 FROM vuln v WHERE v.vuln_sk = f.vuln_sk AND v.title IN ($5, $6)))",
			[]any{"scope", "a\ud7ff\U0010ffff", "a\ue000", "x", "b", "c"},
		},
		{
			"list",
			Criteria{"ecrImageTags": Text(Equals, "v1", "a\x1fb")},
			"EXISTS (SELECT 1 FROM resource r WHERE r.res_id = f.res_id AND replace(r.tags, $2, '') <> r.tags)",
			[]any{"scope", "\x1fv1\x1f"},
		},
		{
			"whole",
			Criteria{"ecrImageInUseCount": {Range(1.5, 1e300)}},
			"EXISTS (SELECT 1 FROM resource r WHERE r.res_id = f.res_id AND r.used_by >= $2)",
			[]any{"scope", int64(2)},
		},
		{
			"package",
			Criteria{"vulnerablePackages": {
				{Package: map[string]Condition{"name": {Comparison: Equals, Value: "a"}, "version": {Comparison: NotEquals, Value: "1"}}},
				{Package: map[string]Condition{"name": {Comparison: Equals, Value: "b"}, "version": {Comparison: Equals, Value: "\x00"}}},
				{Package: map[string]Condition{"name": {Comparison: Equals, Value: "c"}}},
			}},
			"EXISTS (SELECT 1 FROM match_pkg p WHERE p.match_id = f.match_id AND " +
				"((p.name = $2 AND (p.version IS NULL OR NOT p.version = $3)) OR p.name = $4))",
			[]any{"scope", "a", "1", "c"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, args, err := Where(Finding, columns, tt.c, []any{"scope"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := gocmp.Diff(tt.args, args); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, _, err := Where(Finding, Columns{}, Criteria{"title": Text(Equals, "x")}, nil); err == nil {
		t.Error("a field without a column was left out silently")
	}
	if _, _, err := Where(Finding, Columns{"title": {}}, Criteria{"nonsense": Text(Equals, "x")}, nil); err == nil {
		t.Error("a condition on no field was left out silently")
	}
	if _, err := Matcher(Finding, Readers[int]{}, Criteria{"title": Text(Equals, "x")}); err == nil {
		t.Error("a field without a reader was left out silently")
	}
	if _, _, err := Where(Finding, columns, Criteria{"epssScore": {Range(math.NaN(), 1)}}, nil); err == nil {
		t.Error("a bound that is no number was accepted")
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	c := Criteria{"severity": Text(NotEquals, "LOW"), "title": Text(Prefix, "x")}
	picked, rest := c.Pick("severity", "findingStatus")
	if diff := gocmp.Diff([]Criteria{{"severity": c["severity"]}, {"title": c["title"]}}, []Criteria{picked, rest}); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]string{"ACTIVE", "CLOSED"}, Choose(Text(NotEquals, "SUPPRESSED"), statusNames)); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff(statusNames[1:], Choose(nil, statusNames)); diff != "" {
		t.Error(diff)
	}
}

// FuzzParse reads criteria of any shape. What is accepted must evaluate and
// compile, with as many arguments as placeholders, each appearing in its turn.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"severity":[{"comparison":"NOT_EQUALS","value":"LOW"}],"title":[{"comparison":"PREFIX","value":"CVE"},{"comparison":"EQUALS","value":"x"}]}`))
	f.Add([]byte(`{"updatedAt":[{"startInclusive":1700000000.123}],"portRange":[{"endInclusive":80}],"awsAccountId":[{"comparison":"PREFIX","value":"1111"}]}`))
	f.Add([]byte(`{"vulnerablePackages":[{"name":{"comparison":"EQUALS","value":"a"},"epoch":{"lowerInclusive":1}}],"ecrImageTags":[{"comparison":"PREFIX","value":"v"}]}`))
	f.Add([]byte(`{"resourceTags":[{"comparison":"EQUALS","key":"k"}],"findingArn":[{"comparison":"PREFIX","value":"arn:aws:inspector2:eu-central-1:1111"}],"ecrImageInUseCount":[{"upperInclusive":1e300}]}`))
	readers, columns := findingReaders(), findingColumns()
	row := randomData(rand.New(rand.NewPCG(7, 8)), 5).findings[0]
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(Finding, "filterCriteria", data)
		if err != nil {
			if _, ok := errors.AsType[*Invalid](err); !ok && !errors.Is(err, ErrSyntax) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		holds, err := Matcher(Finding, readers, c)
		if err != nil {
			t.Fatal(err)
		}
		holds(row)
		where, args, err := Where(Finding, columns, c, nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for i := range len(where) {
			if where[i] != '$' {
				continue
			}
			n := 0
			for _, r := range where[i+1:] {
				if r < '0' || r > '9' {
					break
				}
				n = n*10 + int(r-'0')
			}
			if n != seen+1 {
				t.Fatalf("$%d after $%d: %s", n, seen, where)
			}
			seen = n
		}
		if seen != len(args) {
			t.Fatalf("%d placeholders, %d arguments: %s", seen, len(args), where)
		}
	})
}

// FuzzToken opens tokens of any shape, none of which opens, and changes one
// letter of a good one, which then does not open either.
func FuzzToken(f *testing.F) {
	// Seeds come from another process than the one that tries them, hence with
	// another key.
	var key [32]byte
	if _, err := crand.Read(key[:]); err != nil {
		f.Fatal(err)
	}
	sealer, err := NewSealer(key)
	if err != nil {
		f.Fatal(err)
	}
	now := time.UnixMilli(1_700_000_000_000)
	query := Query{Operation: "ListFindings"}
	token, err := Seal(sealer, query, "place", now)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("", 0, byte('A'), "place")
	f.Add(token[1:], len(token)-1, byte('_'), "")
	f.Fuzz(func(t *testing.T, s string, at int, letter byte, place string) {
		if got, err := Open[string](sealer, query, s, now); !errors.Is(err, ErrToken) {
			t.Fatalf("%q gives %q, %v", s, got, err)
		}
		place = strings.ToValidUTF8(place, "?")
		token, err := Seal(sealer, query, place, now)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Open[string](sealer, query, token, now); err != nil || got != place {
			if len(token) <= maxToken {
				t.Fatalf("%q, sealed as %s, opens as %q, %v", place, token, got, err)
			}
		}
		changed := []byte(token)
		changed[uint(at)%uint(len(changed))] = letter
		if string(changed) == token {
			return
		}
		if got, err := Open[string](sealer, query, string(changed), now); !errors.Is(err, ErrToken) {
			t.Fatalf("%s, changed to %s, gives %q, %v", token, changed, got, err)
		}
	})
}
