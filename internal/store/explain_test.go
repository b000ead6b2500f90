package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/assay-project/assay/internal/filter"
)

// plans returns the plan of a query, line by line. Tables of tests are so small
// that PostgreSQL would rather read and sort them all: it is told not to.
func plans(t *testing.T, s *Store, query string, args []any) []string {
	t.Helper()
	var out []string
	conn, err := s.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	explain := "EXPLAIN QUERY PLAN "
	if s.dialect.parted {
		explain = "EXPLAIN "
		for _, setting := range []string{"enable_seqscan", "enable_bitmapscan", "enable_sort"} {
			if _, err := conn.ExecContext(t.Context(), "SET "+setting+" = off"); err != nil {
				t.Fatal(err)
			}
		}
		defer func() { _, _ = conn.ExecContext(context.WithoutCancel(t.Context()), "RESET ALL") }()
	}
	rows, err := conn.QueryContext(t.Context(), explain+query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		var id, parent, x sql.NullInt64
		targets := []any{&line}
		if !s.dialect.parted {
			targets = []any{&id, &parent, &x, &line}
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// usesIndex tells what is wrong with a plan: it reads other than by the index,
// by its name in SQLite and, for that of a partition, its columns in PostgreSQL, or sorts more than the
// last of the keys.
func usesIndex(s *Store, plan []string, name, columns string) error {
	used := 0
	for _, line := range plan {
		switch {
		case !s.dialect.parted && strings.HasPrefix(line, "SEARCH "), strings.HasPrefix(line, "SCAN ") && !strings.HasPrefix(line, "SCAN z"):
			if !strings.Contains(line, "INDEX "+name+" ") && !strings.HasSuffix(line, "INDEX "+name) && (name != "" || !strings.Contains(line, "PRIMARY KEY")) {
				return fmt.Errorf("not by %s: %s", name, line)
			}
			used++
		case strings.Contains(line, "TEMP B-TREE FOR ORDER BY"):
			return fmt.Errorf("sorted: %s", line)
		case strings.Contains(line, "Scan ") && strings.Contains(line, " on "):
			if full := s.dialect.findings(s.dialect.partOf(12)); strings.Contains(line, "finding_p") && !strings.Contains(line, full) {
				continue // an empty partition
			}
			if !strings.Contains(line, columns) {
				return fmt.Errorf("not by %s: %s", columns, line)
			}
			used++
		case strings.Contains(line, "Sort  (") && !strings.Contains(line, "Incremental"):
			return fmt.Errorf("sorted: %s", line)
		}
	}
	if used == 0 {
		return fmt.Errorf("nothing is read: %s", plan)
	}
	return nil
}

// crowd is an oracle whose findings are all in one partition, and of which no
// two have much in common: no index but the right one will do.
func crowd(seed uint64) *oracle {
	o := newOracle(seed, 3000)
	r := rand.New(rand.NewPCG(seed, 9))
	for n := len(o.vulns); n < 2000; n++ {
		v := *o.vulns[0]
		epss := r.Float64()
		v.id, v.name, v.source, v.vendorSeverity, v.epss = int64(n+1), fmt.Sprint("b", n), fmt.Sprint("s", n%300), fmt.Sprint("v", n%300), &epss
		o.vulns = append(o.vulns, &v)
	}
	for _, res := range o.resources {
		res.account = 12
		res.pushed = milliseconds(start) + r.Int64N(1e9)
		res.repo, res.registry = fmt.Sprint("r", r.IntN(100)), fmt.Sprint("r", r.IntN(100))
	}
	for _, f := range o.findings {
		f.first, f.last = milliseconds(start)+r.Int64N(1e9)-5e8, milliseconds(start)+r.Int64N(1e9)-5e8
	}
	return o
}

// TestPlansUseIndexes fails when any part of a walk would sort or read a whole
// table.
func TestPlansUseIndexes(t *testing.T) {
	t.Parallel()
	type index struct{ name, columns string }
	byStatus, byAccount := index{"f_ord", "status_severity_last_at_idx"}, index{"f_aord", "account_id_status_severity_last_at_fid"}
	indexes := map[string][2]index{ // of many accounts, of one
		"":                          {byStatus, byAccount},
		"SEVERITY":                  {byStatus, byAccount},
		"FINDING_STATUS":            {byStatus, byAccount},
		"AWS_ACCOUNT_ID":            {byAccount, byAccount},
		"FIRST_OBSERVED_AT":         {{"f_first", "status_first_at_idx"}, {"f_first", "status_first_at_idx"}},
		"LAST_OBSERVED_AT":          {{"f_last", "status_last_at_idx"}, {"f_last", "status_last_at_idx"}},
		"INSPECTOR_SCORE":           {{"f_score", "status_score_fid"}, {"f_score", "status_score_fid"}},
		"FINDING_TYPE":              {{"f_kind", "type_res_type_fid"}, {"f_kind", "type_res_type_fid"}},
		"RESOURCE_TYPE":             {{"f_kind", "type_res_type_fid"}, {"f_kind", "type_res_type_fid"}},
		"ECR_IMAGE_PUSHED_AT":       {{"r_pushed", "r_pushed"}, {"r_pushed", "r_pushed"}},
		"ECR_IMAGE_REPOSITORY_NAME": {{"r_repo", "r_repo"}, {"r_repo", "r_repo"}},
		"ECR_IMAGE_REGISTRY":        {{"r_registry", "r_registry"}, {"r_registry", "r_registry"}},
		"NETWORK_PROTOCOL":          {{"net_protocol", "net_protocol"}, {"net_protocol", "net_protocol"}},
		"COMPONENT_TYPE":            {{"net_component", "net_component"}, {"net_component", "net_component"}},
		"VULNERABILITY_ID":          {{"vuln_name", "vuln_name"}, {"vuln_name", "vuln_name"}},
		"VULNERABILITY_SOURCE":      {{"vuln_source", "vuln_source"}, {"vuln_source", "vuln_source"}},
		"VENDOR_SEVERITY":           {{"vuln_vendor", "vuln_vendor"}, {"vuln_vendor", "vuln_vendor"}},
		"EPSS_SCORE":                {{"vuln_epss", "vuln_epss"}, {"vuln_epss", "vuln_epss"}},
	}
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		crowd(3).write(t, s)
		many := make([]int64, maxStretches+1)
		for i := range many {
			many[i] = int64(i + 1)
		}
		for _, sort := range slices.Sorted(maps.Keys(indexes)) {
			for i, accounts := range [][]int64{many, {12}} {
				for _, desc := range []bool{false, true} {
					checkWalk(t, s, sort, accounts, desc, indexes[sort][i].name, indexes[sort][i].columns)
				}
			}
		}
	})
}

// checkWalk explains every statement of a walk, from the beginning and from a
// place on.
func checkWalk(t *testing.T, s *Store, sort string, accounts []int64, desc bool, name, columns string) {
	t.Helper()
	order, _ := orderOf(sort)
	order.desc = desc
	for _, state := range []cursorState{cursorWhole, cursorSame, cursorBeyond} {
		sel := &selection{accounts: accounts, criteria: filter.Criteria{}, order: order, limit: 101, budget: walkBudget}
		text, num := "a", 3.0
		account := int64(12)
		if state == cursorBeyond { // so that the account is beyond
			account = 11
			if desc {
				account = 13
			}
		}
		at := &place{} // somewhere in the middle
		for _, n := range order.numbers {
			at.IDs = append(at.IDs, map[string]int64{
				"fid": 1500, "res_id": 100, "vuln_sk": 1000, "account_id": account, "severity": 3, "status": 1,
				"last_at": milliseconds(start), "first_at": milliseconds(start),
			}[n.column])
		}
		switch {
		case order.attribute.sql != "" && order.attribute.kind == attributeText:
			at.Text = &text
		case order.attribute.sql != "":
			at.Num = &num
		}
		w := &walk{selection: sel, store: s, criteria: sel.criteria, anywhere: true}
		explain := func(query string, a arguments, name, columns string) {
			t.Helper()
			if err := usesIndex(s, plans(t, s, query, a.values), name, columns); err != nil {
				t.Errorf("%q, %d accounts, descending %v, state %d: %s: %v", sort, len(accounts), desc, state, query, err)
			}
		}
		if order.walk != nil {
			x := &entities{walk: w, entityWalk: *order.walk, batch: fewEntities}
			x.begin(false, nil)
			x.at, x.state = at, state
			var a arguments
			explain(x.query(&a, 128), a, name, columns)
			for _, ref := range []struct{ column, name, columns string }{{"vuln_sk", "f_vuln", "vuln_sk_severity_last_at_fid"}} {
				if x.ref == ref.column {
					st := x.single(entity{id: 3}, nil).stretches[0]
					st.at, st.state = at, state
					var a arguments
					explain("SELECT f.hash FROM "+st.from(s.dialect, &a)+" LIMIT 128", a, ref.name, ref.columns)
				}
			}
			continue
		}
		w.plan()
		g, err := w.next(t.Context())
		for err == nil && g.stretches[0].part != allParts && g.stretches[0].part != s.dialect.partOf(12) {
			g, err = w.next(t.Context()) // of an account that has no findings
		}
		if err != nil {
			t.Fatal(err)
		}
		st := g.stretches[0]
		st.at, st.state = at, state
		var a arguments
		explain("SELECT f.hash FROM "+st.from(s.dialect, &a)+" LIMIT 128", a, name, columns)
	}
}

// TestPlansOfDrivers: what is counted and collected is found by an index.
func TestPlansOfDrivers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		crowd(4).write(t, s)
		for _, tt := range []struct{ column, name, columns string }{
			{"f.res_id", "f_res", "res_id_severity"},
			{"f.vuln_sk", "f_vuln", "vuln_sk_severity_last_at_fid"},
			{"f.match_id", "f_match", "match_id_idx"},
		} {
			for _, ids := range [][]int64{{7}, {7, 8, 9}} {
				by := &driver{column: tt.column, ids: ids}
				var a arguments
				condition, err := by.condition(s.dialect, &a)
				if err != nil {
					t.Fatal(err)
				}
				if err := usesIndex(s, plans(t, s, "SELECT f.hash FROM finding f WHERE "+condition, a.values), tt.name, tt.columns); err != nil {
					t.Errorf("%s: %v", tt.column, err)
				}
			}
		}
	})
}
