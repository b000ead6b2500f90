package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// list returns all rows of an aggregation for everybody, page by page.
func (w *ledger) list(t *testing.T, a Aggregation) []Row {
	t.Helper()
	return w.listOf(t, org.Only(w.accounts...), a)
}

func (w *ledger) listOf(t *testing.T, scope org.Scope, a Aggregation) []Row {
	t.Helper()
	var out []Row
	for a.Now = start; ; {
		list, next, err := w.store.Aggregate(t.Context(), scope, a)
		if err != nil {
			t.Fatalf("%s: %v", a.Type, err)
		}
		if size := cmp.Or(a.Size, MaxRows); len(list) > size || next != "" && len(list) != size {
			t.Fatalf("%s: a page of %d rows with token %q", a.Type, len(list), next)
		}
		if out = append(out, list...); next == "" {
			return out
		}
		a.After = next
	}
}

// A tallyOracle says what a finding counts for.
type tallyOracle struct {
	rows func(r *ledgerResource, f *ledgerFinding) []Row // with no counts
	only func(r *ledgerResource, f *ledgerFinding) bool
}

// want counts all findings, one by one.
func (w *ledger) want(scope org.Scope, o tallyOracle) []Row {
	sum, held := map[string]Row{}, map[string]map[int64]bool{}
	for _, r := range w.resources {
		for _, f := range r.findings {
			if !scope.Has(r.account) || o.only != nil && !o.only(r, f) {
				continue
			}
			for _, row := range o.rows(r, f) {
				row.Account = r.account
				id := identity(row)
				if s, ok := sum[id]; ok {
					row = s
				}
				row.All++
				row.Critical += boolean(f.severity == 5)
				row.High += boolean(f.severity == 4)
				row.Medium += boolean(f.severity == 3)
				row.Fixable += boolean(f.fix > 0)
				row.Exploitable += boolean(f.vuln.exploit)
				row.Network += boolean(f.ftype == networkType)
				if held[id] == nil {
					held[id] = map[int64]bool{}
				}
				held[id][r.id] = true
				row.Resources = int64(len(held[id]))
				sum[id] = row
			}
		}
	}
	return slices.SortedFunc(maps.Values(sum), byIdentity)
}

func identity(r Row) string {
	id := ""
	if r.Resource != nil {
		id = r.Resource.ID
	}
	return fmt.Sprint(r.Account, "|", r.Name, "|", r.Vulnerability, "|", r.FindingType, "|", id)
}

func byIdentity(a, b Row) int { return strings.Compare(identity(a), identity(b)) }

// namedRows is one row for each name.
func namedRows(names ...string) []Row {
	var out []Row
	for _, n := range names {
		out = append(out, Row{Name: n})
	}
	return out
}

// tallyOracles has what each type counts. Counts that a type does not have are
// in without.
var tallyOracles = map[string]tallyOracle{
	"ACCOUNT":      {rows: func(*ledgerResource, *ledgerFinding) []Row { return []Row{{}} }},
	"FINDING_TYPE": {rows: func(*ledgerResource, *ledgerFinding) []Row { return []Row{{}} }},
	"TITLE": {rows: func(_ *ledgerResource, f *ledgerFinding) []Row {
		return []Row{{Name: f.match.title, Vulnerability: f.vuln.id, FindingType: typeNumbers[f.ftype]}}
	}},
	"PACKAGE": {rows: func(_ *ledgerResource, f *ledgerFinding) []Row { return namedRows(f.match.packages...) }},
	"REPOSITORY": {
		rows: func(r *ledgerResource, _ *ledgerFinding) []Row { return namedRows(r.Image.Repository) }, only: ofType(resource.Image),
	},
	"AMI": {rows: func(r *ledgerResource, _ *ledgerFinding) []Row { return namedRows(r.Host.Image) }, only: ofType(resource.Instance)},
	"IMAGE_LAYER": {rows: func(r *ledgerResource, f *ledgerFinding) []Row {
		return within(r, namedRows(f.match.layers...))
	}, only: ofType(resource.Image)},
	"LAMBDA_LAYER": {rows: func(r *ledgerResource, f *ledgerFinding) []Row {
		return within(r, namedRows(f.match.lambdaLayers...))
	}, only: ofType(resource.Function)},
	"AWS_EC2_INSTANCE":    {rows: itself, only: ofType(resource.Instance)},
	"AWS_ECR_CONTAINER":   {rows: itself, only: ofType(resource.Image)},
	"AWS_LAMBDA_FUNCTION": {rows: itself, only: ofType(resource.Function)},
	"CODE_REPOSITORY":     {rows: itself, only: ofType(resource.Code)},
	"VM_INSTANCE":         {rows: itself, only: ofType(resource.Instance)},
	"CONTAINER_IMAGE":     {rows: itself, only: ofType(resource.Image)},
	"SERVERLESS_FUNCTION": {rows: itself, only: ofType(resource.Function)},
}

func ofType(t resource.Type) func(*ledgerResource, *ledgerFinding) bool {
	return func(r *ledgerResource, _ *ledgerFinding) bool { return r.Type == t }
}

func itself(r *ledgerResource, _ *ledgerFinding) []Row { return within(r, []Row{{}}) }

func within(r *ledgerResource, list []Row) []Row {
	res := r.Resource
	for i := range list {
		list[i].Resource = &res
	}
	return list
}

// without takes the counts away that a type does not have.
func without(kind string, list []Row) []Row {
	form := aggregations[kind]
	for i := range list {
		if !form.exploits {
			list[i].Exploitable = 0
		}
		if form.dim != 0 {
			list[i].Network = 0
		}
		if form.own != "AFFECTED_IMAGES" && form.own != "AFFECTED_INSTANCES" {
			list[i].Resources = 0
		}
	}
	return list
}

// inSort tells whether rows are in the order of a sort.
func inSort(list []Row, by string, ascending bool) bool {
	value := func(r Row) int64 {
		switch by {
		case "CRITICAL":
			return r.Critical
		case "HIGH":
			return r.High
		case "NETWORK_FINDINGS":
			return r.Network
		case "AFFECTED_IMAGES", "AFFECTED_INSTANCES":
			return r.Resources
		}
		return r.All
	}
	return slices.IsSortedFunc(list, func(a, b Row) int {
		if ascending {
			return cmp.Compare(value(a), value(b))
		}
		return cmp.Compare(value(b), value(a))
	})
}

// TestAggregate compares every type, sort, scope and page size with counting
// all findings one by one. Part of the changes is added up, part is not.
func TestAggregate(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		w := newLedger(t, s, 4)
		for i := range 100 {
			if w.step(t); i == 70 {
				if _, err := s.Fold(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, kind := range sortedKeys(aggregations) {
			for _, scope := range []org.Scope{org.Only(w.accounts...), org.Only(w.accounts[1]), org.Only(999999999999), {}} {
				want := without(kind, w.want(scope, tallyOracles[kind]))
				for _, by := range []string{"", "ALL", "CRITICAL", "HIGH", aggregations[kind].own} {
					for _, size := range []int{0, 1, 7} {
						ascending := size == 7
						got := w.listOf(t, scope, Aggregation{Type: kind, Sort: by, Ascending: ascending, Size: size})
						if !inSort(got, by, ascending) {
							t.Errorf("%s by %q is not sorted", kind, by)
						}
						slices.SortFunc(got, byIdentity)
						if diff := gocmp.Diff(want, got); diff != "" {
							t.Fatalf("%s of %v by %q, %d a page (-want +got):\n%s", kind, scope.Accounts(), by, size, diff)
						}
					}
				}
			}
		}
	})
}

// TestAggregateWalk compares walks along an index with collecting everything,
// whatever there is.
func TestAggregateWalk(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		w := newLedger(t, s, 5)
		for i := range 100 {
			if w.step(t); i == 80 {
				if _, err := s.Fold(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, kind := range sortedKeys(aggregations) {
			form := aggregations[kind]
			if form.dim == 0 || form.dim == dimAccount {
				continue
			}
			types := [][2]int64{{}}
			if form.dim == dimTitle {
				types = append(types, [2]int64{packageNumber, 0}, [2]int64{0, 1}, [2]int64{0, 2}, [2]int64{packageNumber, 1}, [2]int64{2, 2})
			}
			for _, typ := range types {
				for _, by := range []string{"ALL", "CRITICAL", "HIGH", form.own} {
					for _, ascending := range []bool{false, true} {
						plan := tallying{
							aggregation: form, Aggregation: Aggregation{Type: kind, Ascending: ascending}, size: 3,
							accounts: []int64{111111111111, 333333333333}, ftype: typ[0], rtype: typ[1],
						}
						checkTally(t, s, by, plan)
						if slices.Contains(form.terms, "packageNames") {
							plan.terms = filter.Criteria{"packageNames": filter.Text(filter.Prefix, "lib1")}
							checkTally(t, s, by, plan)
						}
						if slices.Contains(form.fields, "repositories") {
							plan.resources = filter.Criteria{"repositories": filter.Text(filter.NotEquals, "nothing")}
							checkTally(t, s, by, plan)
						}
					}
				}
			}
		}
	})
}

// checkTally compares each page of a walk with what collecting gives.
func checkTally(t *testing.T, s *Store, by string, plan tallying) {
	t.Helper()
	var err error
	if plan.sort, err = plan.sorting(by); err != nil {
		t.Fatal(err)
	}
	where, err := plan.conditions(t.Context(), s.read)
	if err != nil {
		t.Fatal(err)
	}
	narrow := plan.narrow
	for {
		plan.narrow = narrow
		want, err := plan.collect(t.Context(), s.read, where)
		if err != nil {
			t.Fatal(err)
		}
		plan.narrow = ""
		got, err := plan.walk(t.Context(), s.read, where)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(tallied{}, aggKey{}, counts{})); diff != "" {
			t.Fatalf("%s by %s, types %d and %d, ascending %v, after %+v (-collect +walk):\n%s",
				plan.Type, by, plan.ftype, plan.rtype, plan.Ascending, plan.after, diff)
		}
		if len(got) <= plan.size {
			return
		}
		place := got[plan.size-1].place(plan.sort)
		plan.after = &place
	}
}

func equalTo(values ...string) []filter.Condition { return filter.Text(filter.Equals, values...) }

// TestAggregateFilters narrows each type by what its request has.
func TestAggregateFilters(t *testing.T) {
	t.Parallel()
	layers := func(want string) func(r *ledgerResource, f *ledgerFinding) []Row {
		return func(r *ledgerResource, f *ledgerFinding) []Row {
			return within(r, slices.DeleteFunc(namedRows(f.match.layers...), func(r Row) bool { return r.Name != want }))
		}
	}
	of := func(t resource.Type, f func(r *ledgerResource) bool) func(*ledgerResource, *ledgerFinding) bool {
		return func(r *ledgerResource, _ *ledgerFinding) bool { return r.Type == t && f(r) }
	}
	image := func(f func(r *ledgerResource) bool) func(*ledgerResource, *ledgerFinding) bool {
		return of(resource.Image, f)
	}
	used := float64(milliseconds(start))
	tests := []struct {
		name string
		a    Aggregation
		want tallyOracle
	}{
		{
			"accounts",
			Aggregation{Type: "ACCOUNT", Accounts: equalTo("222222222222", "444444444444")},
			tallyOracle{only: func(r *ledgerResource, _ *ledgerFinding) bool { return r.account == 222222222222 }},
		},
		{
			"not an account",
			Aggregation{Type: "PACKAGE", Accounts: filter.Text(filter.NotEquals, "222222222222")},
			tallyOracle{only: func(r *ledgerResource, _ *ledgerFinding) bool { return r.account != 222222222222 }},
		},
		{
			"account prefix",
			Aggregation{Type: "AWS_ECR_CONTAINER", Accounts: filter.Text(filter.Prefix, "33")},
			tallyOracle{only: image(func(r *ledgerResource) bool { return r.account == 333333333333 })},
		},
		{
			"finding type",
			Aggregation{Type: "FINDING_TYPE", FindingType: "NETWORK_REACHABILITY"},
			tallyOracle{only: func(_ *ledgerResource, f *ledgerFinding) bool { return f.ftype == 2 }},
		},
		{
			"both types",
			Aggregation{Type: "ACCOUNT", FindingType: "CODE_VULNERABILITY", ResourceType: "AWS_LAMBDA_FUNCTION"},
			tallyOracle{only: func(r *ledgerResource, f *ledgerFinding) bool { return f.ftype == 3 && r.Type == resource.Function }},
		},
		{"titles of a type", Aggregation{Type: "TITLE", ResourceType: "CODE_REPOSITORY"}, tallyOracle{only: ofType(resource.Code)}},
		{
			"titles of a finding type",
			Aggregation{Type: "TITLE", FindingType: "PACKAGE_VULNERABILITY"},
			tallyOracle{only: func(_ *ledgerResource, f *ledgerFinding) bool { return f.ftype == 1 }},
		},
		{"titles of types and a vulnerability", Aggregation{
			Type: "TITLE", FindingType: "PACKAGE_VULNERABILITY", Where: filter.Criteria{"vulnerabilityIds": equalTo("CVE-2099-1")},
		}, tallyOracle{only: func(_ *ledgerResource, f *ledgerFinding) bool { return f.ftype == 1 && f.vuln.id == "CVE-2099-1" }}},
		{
			"titles",
			Aggregation{Type: "TITLE", Where: filter.Criteria{"titles": equalTo("A flaw of 1", "A flaw of 2")}},
			tallyOracle{only: func(_ *ledgerResource, f *ledgerFinding) bool {
				return strings.HasSuffix(f.match.title, "1") || strings.HasSuffix(f.match.title, "2")
			}},
		},
		{
			"packages",
			Aggregation{Type: "PACKAGE", Where: filter.Criteria{"packageNames": equalTo("lib3")}},
			tallyOracle{rows: func(_ *ledgerResource, f *ledgerFinding) []Row {
				if slices.Contains(f.match.packages, "lib3") {
					return namedRows("lib3")
				}
				return nil
			}},
		},
		{
			"no package",
			Aggregation{Type: "PACKAGE", Where: filter.Criteria{"packageNames": equalTo("nothing")}},
			tallyOracle{only: func(*ledgerResource, *ledgerFinding) bool { return false }},
		},
		{
			"repositories",
			Aggregation{Type: "REPOSITORY", Where: filter.Criteria{"repositories": filter.Text(filter.NotEquals, "repo1")}},
			tallyOracle{only: image(func(r *ledgerResource) bool { return r.Image.Repository != "repo1" })},
		},
		{
			"machine images",
			Aggregation{Type: "AMI", Where: filter.Criteria{"amis": equalTo("ami-00000002")}},
			tallyOracle{only: of(resource.Instance, func(r *ledgerResource) bool { return r.Host.Image == "ami-00000002" })},
		},
		{"layers", Aggregation{Type: "IMAGE_LAYER", Where: filter.Criteria{
			"layerHashes": equalTo("sha256:3"), "repositories": equalTo("repo0", "repo1"), "cloudProviders": equalTo("AWS"),
		}}, tallyOracle{
			rows: layers("sha256:3"), only: image(func(r *ledgerResource) bool { return r.Image.Repository == "repo0" || r.Image.Repository == "repo1" }),
		}},
		{
			"layers of another cloud",
			Aggregation{Type: "IMAGE_LAYER", Where: filter.Criteria{"cloudPartitions": equalTo("AzureCloud")}},
			tallyOracle{only: func(*ledgerResource, *ledgerFinding) bool { return false }},
		},
		{
			"layers of functions",
			Aggregation{Type: "LAMBDA_LAYER", Where: filter.Criteria{"functionNames": equalTo("fn0")}},
			tallyOracle{only: of(resource.Function, func(r *ledgerResource) bool { return r.Function.Name == "fn0" })},
		},
		{"instances", Aggregation{Type: "AWS_EC2_INSTANCE", Where: filter.Criteria{
			"operatingSystems": equalTo("OS_0"), "instanceTags": {{Comparison: filter.Equals, Key: "team", Value: "1"}},
		}}, tallyOracle{only: of(resource.Instance, func(r *ledgerResource) bool { return r.Platform == "OS_0" && r.Labels["team"] == "1" })}},
		{
			"instance ids",
			Aggregation{Type: "AWS_EC2_INSTANCE", Where: filter.Criteria{"instanceIds": equalTo("arn:2", "arn:7", "arn:1")}},
			tallyOracle{only: of(resource.Instance, func(r *ledgerResource) bool { return r.ID == "arn:2" || r.ID == "arn:7" })},
		},
		{
			"image tags",
			Aggregation{Type: "AWS_ECR_CONTAINER", Where: filter.Criteria{"imageTags": equalTo("t1"), "architectures": equalTo("arm64")}},
			tallyOracle{only: image(func(r *ledgerResource) bool { return slices.Contains(r.Tags, "t1") && r.Arch == "arm64" })},
		},
		{"uses", Aggregation{Type: "CONTAINER_IMAGE", Where: filter.Criteria{
			"inUseCount": {filter.Range(2, 3)}, "lastInUseAt": {{Min: &used, Max: &used}}, "cloudRegions": equalTo("eu-central-1"),
		}}, tallyOracle{only: image(func(r *ledgerResource) bool { return *r.Image.Uses >= 2 })}},
		{"functions", Aggregation{Type: "SERVERLESS_FUNCTION", Where: filter.Criteria{
			"runtimes": filter.Text(filter.Prefix, "PYTHON"), "functionTags": {{Comparison: filter.Equals, Key: "team", AnyValue: true}}, "functionNames": equalTo("fn1", "fn2"),
		}}, tallyOracle{only: of(resource.Function, func(r *ledgerResource) bool { return r.Function.Name != "fn0" })}},
		{
			"projects",
			Aggregation{Type: "CODE_REPOSITORY", Where: filter.Criteria{"providerTypes": equalTo("GITHUB"), "projectNames": equalTo("project4")}},
			tallyOracle{only: of(resource.Code, func(r *ledgerResource) bool { return r.Code.Project == "project4" })},
		},
		{"machines", Aggregation{Type: "VM_INSTANCE", Where: filter.Criteria{
			"vmImageReferences": equalTo("ami-00000001"), "cloudAccountIds": equalTo("111111111111"), "cloudPartitions": equalTo("aws"),
		}}, tallyOracle{only: of(resource.Instance, func(r *ledgerResource) bool {
			return r.Host.Image == "ami-00000001" && r.account == 111111111111
		})}},
	}
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		w := newLedger(t, s, 6)
		for i := range 150 {
			if w.step(t); i == 120 {
				if _, err := s.Fold(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				o := tt.want
				if o.rows == nil {
					o.rows = tallyOracles[tt.a.Type].rows
				}
				if o.only == nil {
					o.only = tallyOracles[tt.a.Type].only
				}
				for _, size := range []int{0, 1, 4} {
					tt.a.Size = size
					got := w.list(t, tt.a)
					slices.SortFunc(got, byIdentity)
					if diff := gocmp.Diff(without(tt.a.Type, w.want(org.Only(w.accounts...), o)), got); diff != "" {
						t.Errorf("%d a page (-want +got):\n%s", size, diff)
					}
				}
			})
		}
	})
}

// TestAggregateRefused asks for what there is not.
func TestAggregateRefused(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		w := newLedger(t, s, 7)
		for range 30 {
			w.step(t)
		}
		scope := org.Only(w.accounts...)
		first := Aggregation{Type: "PACKAGE", Size: 2, Now: start, Caller: "me", Accounts: equalTo("111111111111", "222222222222")}
		_, token, err := s.Aggregate(t.Context(), scope, first)
		if err != nil || token == "" {
			t.Fatalf("no token, %v", err)
		}
		change := func(f func(a *Aggregation)) Aggregation {
			a := first
			a.After = token
			f(&a)
			return a
		}
		for name, a := range map[string]Aggregation{
			"type":                  {Type: "VULNERABILITY"},
			"size":                  {Type: "PACKAGE", Size: 101},
			"negative size":         {Type: "PACKAGE", Size: -1},
			"sort":                  {Type: "PACKAGE", Sort: "AFFECTED_IMAGES"},
			"filter":                {Type: "PACKAGE", Where: filter.Criteria{"titles": equalTo("x")}},
			"finding type":          {Type: "PACKAGE", FindingType: "PACKAGE_VULNERABILITY"},
			"unknown finding type":  {Type: "TITLE", FindingType: "x"},
			"unknown resource type": {Type: "TITLE", ResourceType: "x"},
			"not a token":           {Type: "PACKAGE", After: "x"},
			"token of another type": change(func(a *Aggregation) { a.Type = "TITLE" }),
			"of another sort":       change(func(a *Aggregation) { a.Sort = "HIGH" }),
			"of another direction":  change(func(a *Aggregation) { a.Ascending = true }),
			"of other accounts":     change(func(a *Aggregation) { a.Accounts = nil }),
			"of other criteria":     change(func(a *Aggregation) { a.Where = filter.Criteria{"packageNames": equalTo("lib1")} }),
			"of another caller":     change(func(a *Aggregation) { a.Caller = "you" }),
			"too old":               change(func(a *Aggregation) { a.Now = start.Add(filter.TokenLife + time.Second) }),
		} {
			if _, _, err := s.Aggregate(t.Context(), scope, a); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v, want a fault", name, err)
			}
		}
		if _, _, err := s.Aggregate(t.Context(), scope, change(func(*Aggregation) {})); err != nil {
			t.Errorf("the token itself: %v", err)
		}
	})
}
