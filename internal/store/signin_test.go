package store

import (
	"slices"
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

func TestStartSession(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		found(t, s, alice, bob)
		keyring := NewKeyring(s)
		key := func(k AccessKey) string {
			k.Account, k.Name, k.Created = alice, "eve", start
			var c Credentials
			if kind := update(t, s, func(tx *Tx) (err error) {
				if k.Temporary() {
					c, err = tx.CreateTemporaryKey(ctx, org.Only(alice), k)
				} else {
					c, err = tx.CreateKey(ctx, org.Only(alice), k)
				}
				return err
			}); kind != "" {
				t.Fatal(kind)
			}
			return c.ID
		}
		begin := func(scope org.Account, key string, now time.Time) (secret string, session Session, kind fault.Kind) {
			kind = update(t, s, func(tx *Tx) (err error) {
				secret, session, err = tx.StartSession(ctx, org.Only(scope), key, now)
				return err
			})
			return secret, session, kind
		}
		valid := func(secret string, now time.Time) bool {
			_, _, ok, err := keyring.Session(ctx, secret, now)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		good := key(AccessKey{Role: org.Operator})
		disabled := key(AccessKey{Role: org.Operator})
		if kind := update(t, s, func(tx *Tx) error { return tx.DisableKey(ctx, org.Only(alice), disabled, start) }); kind != "" {
			t.Fatal(kind)
		}
		for _, tt := range []struct {
			name  string
			scope org.Account
			key   string
			want  fault.Kind
		}{
			{"good", alice, good, ""},
			{"foreign", bob, good, fault.NotFound},
			{"unknown", alice, "AKIANOBODY", fault.NotFound},
			{"disabled", alice, disabled, fault.Denied},
			{"expired", alice, key(AccessKey{Role: org.Operator, Expires: start.Add(time.Hour)}), fault.Denied},
			{"temporary", alice, key(AccessKey{ID: temporaryPrefix, Role: org.Operator, Expires: start.Add(99 * time.Hour)}), fault.Denied},
			{"of an agent", alice, key(AccessKey{Role: org.Agent}), fault.Denied},
			{"of a resource", alice, key(AccessKey{Role: org.Scanner, Subject: "shop"}), fault.Denied},
		} {
			if _, _, kind := begin(tt.scope, tt.key, start.Add(time.Hour)); kind != tt.want {
				t.Errorf("%s: got %q, want %q", tt.name, kind, tt.want)
			}
		}
		secret, session, _ := begin(alice, good, start)
		want := Session{ID: session.ID, Account: alice, Name: "eve", Role: org.Operator, Key: good, Created: start, Expires: start.Add(12 * time.Hour)}
		if diff := cmp.Diff(want, session); diff != "" || session.ID == "" || !valid(secret, start) {
			t.Errorf("%s; the session holds: %v", diff, valid(secret, start))
		}
		for range 2 { // the second time there is none
			if kind := update(t, s, func(tx *Tx) error { return tx.SignOut(ctx, secret) }); kind != "" || valid(secret, start) {
				t.Errorf("got %q; the session holds: %v", kind, valid(secret, start))
			}
		}
		_, session, _ = begin(alice, key(AccessKey{Role: org.Reader, Expires: start.Add(time.Hour)}), start)
		if session.Expires != start.Add(time.Hour) {
			t.Errorf("a session lasts longer than its key: until %s", session.Expires)
		}
		for name, end := range map[string]func(tx *Tx, key string) error{
			"disabled": func(tx *Tx, key string) error { return tx.DisableKey(ctx, org.Only(alice), key, start) },
			"deleted":  func(tx *Tx, key string) error { return tx.DeleteKey(ctx, org.Only(alice), key) },
			"rotated": func(tx *Tx, key string) error {
				_, err := tx.RotateKey(ctx, org.Only(alice), key, time.Minute, start)
				return err
			},
		} {
			id, later := key(AccessKey{Role: org.Reader}), start.Add(time.Minute)
			secret, session, _ := begin(alice, id, start)
			if !valid(secret, later) {
				t.Errorf("%s: no session", name)
			}
			if kind := update(t, s, func(tx *Tx) error { return end(tx, id) }); kind != "" || valid(secret, later) {
				t.Errorf("a session outlives its key, which is %s: %q", name, kind)
			}
			list, err := s.Sessions(ctx, org.Only(alice), later)
			if err != nil || slices.ContainsFunc(list, func(s Session) bool { return s.ID == session.ID }) {
				t.Errorf("the session of a key that is %s is listed: %v, %v", name, list, err)
			}
		}
	})
}
