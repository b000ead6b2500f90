package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		want := org.DefaultSettings(now)
		set := func(scope org.Scope, settings org.Settings) error {
			return s.Update(t.Context(), func(tx *Tx) error { return tx.SetSettings(t.Context(), scope, alice, settings, now) })
		}
		if err := set(org.Only(bob), want); fault.KindOf(err) != fault.Denied {
			t.Errorf("another account sets them: %v", err)
		}
		if err := set(org.Only(alice), want.Switch(false, now, org.EC2)); err != nil {
			t.Fatal(err)
		}
		want = want.Switch(true, now.Add(time.Hour), org.LambdaCode)
		if err := set(org.Only(alice, bob), want); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			scope   org.Scope
			account org.Account
			want    org.Settings
		}{
			{org.Only(alice), alice, want},
			{org.Only(alice, bob), bob, org.Settings{}},
			{org.Only(bob), alice, org.Settings{}},
			{org.Scope{}, alice, org.Settings{}},
		} {
			got, err := s.Settings(t.Context(), tt.scope, tt.account)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s in %v: %s", tt.account, tt.scope.Accounts(), diff)
			}
		}
	})
}

// Changes at the same time do not undo each other.
func TestSettingsTogether(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		err := s.Update(t.Context(), func(tx *Tx) error { return tx.CreateAccount(t.Context(), Account{ID: alice, Created: now}) })
		if err != nil {
			t.Fatal(err)
		}
		var g errgroup.Group
		for _, service := range org.Services() {
			g.Go(func() error {
				return s.Update(t.Context(), func(tx *Tx) error {
					settings, err := tx.Settings(t.Context(), org.Only(alice), alice)
					if err != nil {
						return err
					}
					return tx.SetSettings(t.Context(), org.Only(alice), alice, settings.Switch(true, now, service), now)
				})
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		got, err := s.Settings(t.Context(), org.Only(alice), alice)
		if err != nil || len(got.Services) != len(org.Services()) {
			t.Errorf("%v, %v", got.Services, err)
		}
	})
}
