package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

func TestObjects(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		now := time.UnixMilli(1_700_000_000_000).UTC()
		const mine, theirs = org.Account(111122223333), org.Account(12)
		put := func(scope org.Scope, o Object, v any) error {
			return s.Update(t.Context(), func(tx *Tx) error { return tx.Put(t.Context(), scope, o, v) })
		}
		both := org.Only(mine, theirs)
		for _, o := range []Object{
			{Kind: "thing", Account: mine, ID: "b", Parent: "p"},
			{Kind: "thing", Account: mine, ID: "a"},
			{Kind: "thing", Account: theirs, ID: "c", Parent: "p"},
			{Kind: "other", Account: mine, ID: "a"},
		} {
			o.Created, o.Updated = now, now
			if err := put(both, o, map[string]string{"id": o.ID}); err != nil {
				t.Fatal(err)
			}
		}
		if err := put(org.Only(mine), Object{Kind: "thing", Account: theirs, ID: "x"}, 1); fault.KindOf(err) != fault.Denied {
			t.Errorf("writing another account's object: %v, want denied", err)
		}
		list := func(scope org.Scope, where Objects) []string {
			t.Helper()
			got, err := s.Objects(t.Context(), scope, where)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, o := range got {
				ids = append(ids, o.Account.String()+"/"+o.ID)
				if o.Position() != ids[len(ids)-1] {
					t.Errorf("Position() = %q, want %q", o.Position(), ids[len(ids)-1])
				}
			}
			return ids
		}
		for _, tt := range []struct {
			name  string
			scope org.Scope
			where Objects
			want  []string
		}{
			{"all", both, Objects{Kind: "thing"}, []string{"000000000012/c", "111122223333/a", "111122223333/b"}},
			{"mine", org.Only(mine), Objects{Kind: "thing"}, []string{"111122223333/a", "111122223333/b"}},
			{"nobody's", org.Scope{}, Objects{Kind: "thing"}, nil},
			{"of a parent", both, Objects{Kind: "thing", Parent: "p"}, []string{"000000000012/c", "111122223333/b"}},
			{"after", both, Objects{Kind: "thing", After: "000000000012/c", Limit: 1}, []string{"111122223333/a"}},
		} {
			if diff := cmp.Diff(tt.want, list(tt.scope, tt.where)); diff != "" {
				t.Errorf("%s: %s", tt.name, diff)
			}
		}
		later := now.Add(time.Hour)
		if err := put(both, Object{Kind: "thing", Account: mine, ID: "a", Created: later, Updated: later}, map[string]string{"id": "new"}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Object(t.Context(), both, "thing", "a")
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]string
		if err := got.Decode(&doc); err != nil || doc["id"] != "new" || !got.Created.Equal(now) || !got.Updated.Equal(later) {
			t.Errorf("changed object = %+v, %v, %v", got, doc, err)
		}
		remove := func(scope org.Scope) error {
			return s.Update(t.Context(), func(tx *Tx) error { return tx.Delete(t.Context(), scope, "thing", "c") })
		}
		if err := remove(org.Only(mine)); fault.KindOf(err) != fault.NotFound {
			t.Errorf("deleting another account's object: %v, want not found", err)
		}
		if err := remove(both); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Object(t.Context(), both, "thing", "c"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("deleted object: %v, want not found", err)
		}
	})
}

func TestTags(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		const mine, theirs = org.Account(111122223333), org.Account(12)
		set := func(all map[string]string) {
			t.Helper()
			if err := s.Update(t.Context(), func(tx *Tx) error { return tx.SetTags(t.Context(), mine, "arn:x", all) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []map[string]string{{"a": "1", "b": ""}, {"b": "2"}, {}} {
			set(want)
			got, err := s.Tags(t.Context(), org.Only(mine), "arn:x")
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("Tags() = %v, %s", err, diff)
			}
		}
		set(map[string]string{"a": "1"})
		if got, err := s.Tags(t.Context(), org.Only(theirs), "arn:x"); err != nil || len(got) > 0 {
			t.Errorf("tags seen by another account: %v, %v", got, err)
		}
	})
}
