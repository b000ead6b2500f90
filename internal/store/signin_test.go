package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		found(t, s, alice, bob, carol)
		k := NewKeyring(s)
		link := func(account org.Account) (secret string) {
			if kind := update(t, s, func(tx *Tx) (err error) {
				secret, err = tx.CreateLink(ctx, org.Only(account), Session{Account: account, Name: "eve", Role: org.Operator, Created: start})
				return err
			}); kind != "" {
				t.Fatal(kind)
			}
			return secret
		}
		use := func(link string, now time.Time) (secret string, session Session, kind fault.Kind) {
			kind = update(t, s, func(tx *Tx) (err error) {
				secret, session, err = tx.UseLink(ctx, link, now)
				return err
			})
			return secret, session, kind
		}
		valid := func(secret string, now time.Time) bool {
			_, _, ok, err := k.Session(ctx, secret, now)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		first := link(alice)
		if valid(first, start) {
			t.Error("a link is a session")
		}
		if _, _, kind := use(link(alice), start.Add(24*time.Hour)); kind != fault.Denied {
			t.Errorf("a link of yesterday: %q", kind)
		}
		now := start.Add(23 * time.Hour)
		secret, session, kind := use(first, now)
		if kind != "" {
			t.Fatal(kind)
		}
		if _, _, kind := use(first, now); kind != fault.Denied {
			t.Errorf("a link is used twice: %q", kind)
		}
		if _, _, kind := use(secret, now); kind != fault.Denied {
			t.Errorf("a session is a link: %q", kind)
		}
		holder, got, ok, err := k.Session(ctx, secret, now)
		want := Session{ID: session.ID, Account: alice, Name: "eve", Role: org.Operator, Created: now, Expires: now.Add(12 * time.Hour)}
		if diff := cmp.Diff(want, got); err != nil || !ok || diff != "" || !holder.Scope.Has(alice) || holder.Role != org.Operator {
			t.Errorf("got %v, %v, %v, %s", holder, ok, err, diff)
		}
		if valid(secret, now.Add(12*time.Hour)) || !valid(secret, now.Add(12*time.Hour-time.Second)) || valid("", now) || valid("x", now) {
			t.Error("a session lasts 12 hours")
		}
		list, err := s.Sessions(ctx, org.Only(alice), now)
		if err != nil || len(list) != 2 || list[0].Link || !list[1].Link { // and the link that came too late later
			t.Errorf("got %v, %v", list, err)
		}
		if kind := update(t, s, func(tx *Tx) error { return tx.EndSession(ctx, org.Only(bob), session.ID) }); kind != fault.NotFound {
			t.Errorf("a foreign session is ended: %q", kind)
		}
		if kind := update(t, s, func(tx *Tx) error { return tx.EndSession(ctx, org.Only(alice), session.ID) }); kind != "" || valid(secret, now) {
			t.Errorf("got %q; the session holds: %v", kind, valid(secret, now))
		}
		theirs, _, _ := use(link(carol), start)
		if kind := update(t, s, func(tx *Tx) error { return tx.CloseAccount(ctx, carol, start) }); kind != "" || valid(theirs, start) {
			t.Errorf("got %q; the session of a closed account holds: %v", kind, valid(theirs, start))
		}
		if err := s.SweepSignIns(ctx, start.Add(100*time.Hour)); err != nil {
			t.Error(err)
		}
		var n int
		if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM sign_in`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows are left, %v", n, err)
		}
	})
}
