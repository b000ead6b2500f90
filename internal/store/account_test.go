package store

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

const carol = org.Account(777788889999)

// update changes the store and returns the kind of fault.
func update(t *testing.T, s *Store, f func(tx *Tx) error) fault.Kind {
	t.Helper()
	err := s.Update(t.Context(), f)
	if kind := fault.KindOf(err); kind != fault.Internal {
		return kind
	}
	t.Fatal(err)
	return ""
}

// found makes accounts, of which the first is the management account.
func found(t *testing.T, s *Store, ids ...org.Account) {
	t.Helper()
	for _, id := range ids {
		if kind := update(t, s, func(tx *Tx) error {
			return tx.CreateAccount(t.Context(), Account{ID: id, Name: "a", Created: start})
		}); kind != "" {
			t.Fatal(kind)
		}
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		if o, err := s.Organization(ctx); err != nil || o.ID != "" {
			t.Errorf("an empty installation has the organization %v, %v", o, err)
		}
		found(t, s, bob, alice)
		o, err := s.Organization(ctx)
		if err != nil || o.Management != bob || !regexp.MustCompile(`^o-[a-z0-9]{10}$`).MatchString(o.ID) {
			t.Errorf("organization %+v, %v", o, err)
		}
		for _, tt := range []struct {
			name string
			do   func(tx *Tx) error
			want fault.Kind
		}{
			{"taken", func(tx *Tx) error { return tx.CreateAccount(ctx, Account{ID: alice, Created: start}) }, fault.Conflict},
			{"no number", func(tx *Tx) error { return tx.CreateAccount(ctx, Account{Name: "x"}) }, fault.Invalid},
			{"no text", func(tx *Tx) error { return tx.CreateAccount(ctx, Account{ID: carol, Name: "\x00"}) }, fault.Invalid},
			{"management", func(tx *Tx) error { return tx.CloseAccount(ctx, bob, start) }, fault.Conflict},
			{"unknown", func(tx *Tx) error { return tx.CloseAccount(ctx, carol, start) }, fault.NotFound},
			{"close", func(tx *Tx) error { return tx.CloseAccount(ctx, alice, start.Add(time.Hour)) }, ""},
			{"again", func(tx *Tx) error { return tx.CloseAccount(ctx, alice, start) }, fault.NotFound},
			{"closed administrator", func(tx *Tx) error { return tx.SetOrganization(ctx, Organization{Management: bob, Admin: alice}) }, fault.Conflict},
			{"closed account's key", func(tx *Tx) error {
				_, err := tx.CreateKey(ctx, org.Only(alice), AccessKey{Account: alice, Name: "n", Role: org.Reader, Created: start})
				return err
			}, fault.Conflict},
		} {
			if got := update(t, s, tt.do); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
			}
		}
		list, err := s.Accounts(ctx, 0, 0)
		want := []Account{{ID: alice, Name: "a", Created: start, Closed: start.Add(time.Hour)}, {ID: bob, Name: "a", Created: start}}
		if diff := cmp.Diff(want, list); err != nil || diff != "" {
			t.Error(err, diff)
		}
		list, err = s.Accounts(ctx, alice, 1)
		if diff := cmp.Diff(want[1:], list); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if scope, err := s.Everything(ctx); err != nil || !scope.Has(alice) || !scope.Has(bob) || scope.Has(carol) {
			t.Errorf("everything is %v, %v", scope, err)
		}
	})
}

func TestMembers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		found(t, s, alice, bob, carol)
		accounts := func(account org.Account) []org.Account {
			scope, err := s.ScopeOf(ctx, account)
			if err != nil {
				t.Fatal(err)
			}
			return scope.Accounts()
		}
		put := func(admin, account org.Account, status string) fault.Kind {
			return update(t, s, func(tx *Tx) error {
				return tx.PutMember(ctx, Member{Account: account, Admin: admin, Status: status, Updated: start})
			})
		}
		if got := put(bob, carol, "ENABLED"); got != "" {
			t.Error(got)
		}
		if diff := cmp.Diff([]org.Account{bob}, accounts(bob)); diff != "" {
			t.Error("who is not the administrator sees members:", diff)
		}
		if got := update(t, s, func(tx *Tx) error {
			o, err := tx.Organization(ctx)
			o.Admin, o.AutoEnable = bob, []org.Service{org.ECR}
			return errors.Join(err, tx.SetOrganization(ctx, o))
		}); got != "" {
			t.Error(got)
		}
		for _, tt := range []struct {
			name           string
			admin, account org.Account
			status         string
			want           fault.Kind
			seen           []org.Account // by bob
		}{
			{"as it is", bob, carol, "ENABLED", "", []org.Account{bob, carol}},
			{"stolen", alice, carol, "ENABLED", fault.Conflict, []org.Account{bob, carol}},
			{"own member", bob, bob, "ENABLED", fault.Invalid, []org.Account{bob, carol}},
			{"odd status", bob, carol, "HAPPY", fault.Invalid, []org.Account{bob, carol}},
			{"left", bob, carol, "REMOVED", "", []org.Account{bob}},
			{"moved on", alice, carol, "ENABLED", "", []org.Account{bob}},
		} {
			if got := put(tt.admin, tt.account, tt.status); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
			}
			if diff := cmp.Diff(tt.seen, accounts(bob)); diff != "" {
				t.Errorf("%s: %s", tt.name, diff)
			}
		}
		// Rules of the administrator hold for carol when it became one, and no longer when she left.
		var jobs int
		query := `SELECT COUNT(*) FROM job WHERE kind = $1 AND account_id = $2`
		if err := s.read.QueryRowContext(ctx, query, RuleJob, int64(carol)).Scan(&jobs); err != nil || jobs == 0 {
			t.Errorf("%d jobs to apply rules, %v", jobs, err)
		}
		list, err := s.Members(ctx, alice, 0, 10)
		if diff := cmp.Diff([]Member{{carol, alice, "ENABLED", start}}, list); err != nil || diff != "" {
			t.Error(err, diff)
		}
		for _, want := range []fault.Kind{"", fault.NotFound} {
			if got := update(t, s, func(tx *Tx) error { return tx.RemoveMember(ctx, alice, carol) }); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if _, err := s.Member(ctx, carol); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}

func TestFirstStart(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		got, made, err := s.FirstStart(ctx, First{Name: "main", Now: start})
		if err != nil || !made || len(got.Account.ID.String()) != 12 || got.Organization.Management != got.Account.ID {
			t.Fatalf("got %+v, %v, %v", got.Account, made, err)
		}
		scope := org.Only(got.Account.ID)
		settings, err := s.Settings(ctx, scope, got.Account.ID)
		if diff := cmp.Diff(org.DefaultSettings(start), settings); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if key, ok, err := NewKeyring(s).Key(ctx, got.Key.ID); err != nil || !ok || key.Secret != got.Key.Secret || key.Scope.Role != org.Admin {
			t.Errorf("got %+v, %v, %v", key.Scope, ok, err)
		}
		if kind := update(t, s, func(tx *Tx) error {
			_, _, err := tx.UseLink(ctx, got.Link, start)
			return err
		}); kind != "" {
			t.Error(kind)
		}
		if again, made, err := s.FirstStart(ctx, First{Now: start}); err != nil || made || again.Key.ID != "" {
			t.Errorf("a second start made %+v, %v, %v", again, made, err)
		}
	})
}
