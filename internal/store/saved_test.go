package store

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// organize makes alice the delegated administrator, of whom bob is a member.
func organize(t *testing.T, s *Store) {
	t.Helper()
	mustUpdate(t, s, func(tx *Tx) error {
		for _, a := range []org.Account{alice, bob} {
			if err := tx.CreateAccount(t.Context(), Account{ID: a, Name: a.String(), Created: start}); err != nil {
				return err
			}
		}
		o, err := tx.Organization(t.Context())
		if err != nil {
			return err
		}
		o.Admin = alice
		if err := tx.SetOrganization(t.Context(), o); err != nil {
			return err
		}
		return tx.PutMember(t.Context(), Member{Account: bob, Admin: alice, Status: "ENABLED", Updated: start})
	})
}

func mustUpdate(t *testing.T, s *Store, f func(tx *Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// create saves a filter of an account with its name as the criterion.
func create(t *testing.T, s *Store, f SavedFilter, now time.Time) (SavedFilter, error) {
	t.Helper()
	var out SavedFilter
	err := s.Update(t.Context(), func(tx *Tx) error {
		var err error
		out, err = tx.CreateFilter(t.Context(), org.Only(f.Account), "eu-central-1", f, now)
		return err
	})
	return out, err
}

func mustCreate(t *testing.T, s *Store, f SavedFilter, now time.Time) SavedFilter {
	t.Helper()
	out, err := create(t, s, f, now)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSavedFilters(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		organize(t, s)
		in := SavedFilter{
			Account: alice, Name: "one", Action: KeepOnly, Description: "a", Reason: "b", Tags: map[string]string{"k": ""},
			Criteria: filter.Criteria{
				"severity": filter.Text(filter.Equals, "HIGH", "a'b"), "epssScore": {filter.Range(0.25, 0.75)},
				"vulnerablePackages": {{Package: map[string]filter.Condition{"name": {Comparison: filter.Prefix, Value: "x\x00"}}}},
			},
		}
		one := mustCreate(t, s, in, start)
		in.Created, in.Updated = start, start
		if diff := cmp.Diff(in, one, cmpopts.IgnoreUnexported(in), cmpopts.IgnoreFields(in, "ARN")); diff != "" {
			t.Error(diff)
		}
		o, err := s.Organization(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		form := regexp.MustCompile(`^arn:aws:inspector2:eu-central-1:111122223333:owner/` + o.ID + `/filter/[0-9a-f]{16}$`)
		if !form.MatchString(one.ARN) || one.Owner() != o.ID || len(one.ARN) > 128 {
			t.Errorf("ARN %s of owner %s", one.ARN, one.Owner())
		}
		two := mustCreate(t, s, SavedFilter{Account: alice, Name: "two", Action: Suppress, Criteria: filter.Criteria{}}, start)
		bobs := mustCreate(t, s, SavedFilter{Account: bob, Name: "one", Action: KeepOnly, Criteria: filter.Criteria{}}, start)
		if !strings.Contains(bobs.ARN, ":444455556666:owner/444455556666/") {
			t.Error(bobs.ARN)
		}

		list := func(scope org.Scope, where SavedFilters) string {
			t.Helper()
			got, err := s.SavedFilters(t.Context(), scope, where)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for i, f := range got {
				if i > 0 && f.ARN <= got[i-1].ARN {
					t.Error("not in order")
				}
				names = append(names, f.Account.String()[:1]+f.Name)
			}
			return strings.Join(names, " ")
		}
		first, second := "1one 1two", one.ARN
		if two.ARN < one.ARN {
			first, second = "1two 1one", two.ARN
		}
		for _, tt := range []struct {
			scope org.Scope
			where SavedFilters
			want  string
		}{
			{org.Scope{}, SavedFilters{}, ""},
			{org.Only(bob), SavedFilters{}, "4one"},
			{org.Only(alice), SavedFilters{}, first},
			{org.Only(alice), SavedFilters{Action: Suppress}, "1two"},
			{org.Only(alice), SavedFilters{Limit: 1}, first[:4]},
			{org.Only(alice), SavedFilters{After: second, Limit: 5}, first[5:]},
			{org.Only(alice, bob), SavedFilters{ARNs: []string{"x", bobs.ARN, "y\x00", bobs.ARN, one.ARN}}, "1one 4one"},
			{org.Only(alice), SavedFilters{ARNs: []string{bobs.ARN}}, ""},
			{org.Only(alice), SavedFilters{ARNs: []string{}}, ""},
			{org.Only(alice), SavedFilters{ARNs: many(250, one.ARN, two.ARN), Limit: 1}, first[:4]},
		} {
			if tt.where.After != "" && second != one.ARN {
				tt.want = first[5:]
			}
			if got := list(tt.scope, tt.where); got != tt.want {
				t.Errorf("%v %v: %q, want %q", tt.scope, tt.where, got, tt.want)
			}
		}
		got, err := s.SavedFilter(t.Context(), org.Only(alice), one.ARN)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(one, got, cmp.AllowUnexported(one)); diff != "" {
			t.Error(diff)
		}
	})
}

// many returns ARNs of no filter, with others among them.
func many(n int, others ...string) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("arn:%03d", i))
	}
	return append(out, others...)
}

func TestUpdateAndDeleteFilter(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		organize(t, s)
		in := SavedFilter{
			Account: alice, Name: "one", Action: KeepOnly, Description: "a", Reason: "b", Tags: map[string]string{"k": "v"},
			Criteria: filter.Criteria{"severity": filter.Text(filter.Equals, "HIGH")},
		}
		one := mustCreate(t, s, in, start)
		later := start.Add(time.Hour)
		change := func(c FilterChange) SavedFilter {
			t.Helper()
			var out SavedFilter
			mustUpdate(t, s, func(tx *Tx) error {
				var err error
				out, err = tx.UpdateFilter(t.Context(), org.Only(alice), one.ARN, c, later)
				return err
			})
			return out
		}
		want := one
		want.Name, want.Action, want.Updated = "three", Suppress, later
		if diff := cmp.Diff(want, change(FilterChange{Name: "three", Action: Suppress}), cmp.AllowUnexported(one)); diff != "" {
			t.Error(diff)
		}
		want.Criteria, want.Description, want.Reason = filter.Criteria{}, "c", "d"
		change(FilterChange{Criteria: filter.Criteria{}, Description: "c", Reason: "d"})
		got, err := s.SavedFilter(t.Context(), org.Only(alice), one.ARN)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(one)); diff != "" {
			t.Error(diff)
		}
		mustUpdate(t, s, func(tx *Tx) error {
			_, err := tx.DeleteFilter(t.Context(), org.Only(alice), one.ARN, later)
			return err
		})
		if tags, err := s.Tags(t.Context(), org.Only(alice), one.ARN); err != nil || len(tags) > 0 {
			t.Errorf("the deleted filter has tags %v, %v", tags, err)
		}
		for _, gone := range []func(tx *Tx) error{
			func(tx *Tx) error {
				_, err := tx.DeleteFilter(t.Context(), org.Only(alice), one.ARN, later)
				return err
			},
			func(tx *Tx) error {
				_, err := tx.UpdateFilter(t.Context(), org.Only(alice), one.ARN, FilterChange{}, later)
				return err
			},
		} {
			if err := s.Update(t.Context(), gone); fault.KindOf(err) != fault.NotFound {
				t.Errorf("got %v", err)
			}
		}
		mustCreate(t, s, in, later) // the name is free again
	})
}

func TestFilterFaults(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		organize(t, s)
		rule := SavedFilter{Account: alice, Name: "rule", Action: Suppress, Criteria: filter.Criteria{}}
		made := mustCreate(t, s, rule, start)
		kept := mustCreate(t, s, SavedFilter{Account: alice, Name: "kept", Action: KeepOnly, Criteria: filter.Criteria{}}, start)
		with := func(change func(f *SavedFilter)) SavedFilter {
			f := rule
			f.Name = "other"
			change(&f)
			return f
		}
		for _, tt := range []struct {
			name string
			f    SavedFilter
			want fault.Kind
		}{
			{"taken name", rule, fault.Conflict},
			{"member", with(func(f *SavedFilter) { f.Account = bob }), fault.Denied},
			{"odd name", with(func(f *SavedFilter) { f.Name = "a\x00" }), fault.Invalid},
			{"odd reason", with(func(f *SavedFilter) { f.Reason = "\xff" }), fault.Invalid},
			{"unknown action", with(func(f *SavedFilter) { f.Action = "DELETE" }), fault.Invalid},
			{"unknown field", with(func(f *SavedFilter) { f.Criteria = filter.Criteria{"x": filter.Text(filter.Equals, "y")} }), fault.Invalid},
		} {
			if _, err := create(t, s, tt.f, start); fault.KindOf(err) != tt.want {
				t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
			}
		}
		err := s.Update(t.Context(), func(tx *Tx) error {
			_, err := tx.CreateFilter(t.Context(), org.Only(bob), "eu-central-1", with(func(*SavedFilter) {}), start)
			return err
		})
		if fault.KindOf(err) != fault.Denied {
			t.Errorf("outside the scope: %v", err)
		}
		changed := func(scope org.Scope, arn string, c FilterChange) fault.Kind {
			t.Helper()
			return fault.KindOf(s.Update(t.Context(), func(tx *Tx) error {
				_, err := tx.UpdateFilter(t.Context(), scope, arn, c, start)
				return err
			}))
		}
		bobs := mustCreate(t, s, SavedFilter{Account: bob, Name: "bob", Action: KeepOnly, Criteria: filter.Criteria{}}, start)
		for _, tt := range []struct{ got, want fault.Kind }{
			{changed(org.Only(alice), made.ARN, FilterChange{Name: "kept"}), fault.Conflict},
			{changed(org.Only(alice), made.ARN, FilterChange{Name: "rule"}), ""},
			{changed(org.Only(bob), made.ARN, FilterChange{}), fault.NotFound},
			{changed(org.Only(bob), bobs.ARN, FilterChange{Action: Suppress}), fault.Denied},
		} {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		}
		for n := 1; n < maxRules; n++ {
			mustCreate(t, s, with(func(f *SavedFilter) { f.Name = fmt.Sprint("rule ", n) }), start)
		}
		if _, err := create(t, s, with(func(*SavedFilter) {}), start); fault.KindOf(err) != fault.Quota {
			t.Errorf("one too many: %v", err)
		}
		for _, tt := range []struct{ got, want fault.Kind }{
			{changed(org.Only(alice), kept.ARN, FilterChange{Action: Suppress}), fault.Quota},
			{changed(org.Only(alice), made.ARN, FilterChange{Action: Suppress}), ""}, // it is one already
		} {
			if tt.got != tt.want {
				t.Errorf("at the limit: got %q, want %q", tt.got, tt.want)
			}
		}
		mustCreate(t, s, with(func(f *SavedFilter) { f.Action = KeepOnly }), start) // these have no limit
	})
}
