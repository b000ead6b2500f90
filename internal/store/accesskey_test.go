package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// newKey makes a key for a reader of the account.
func newKey(t *testing.T, s *Store, account org.Account) Credentials {
	t.Helper()
	var c Credentials
	if err := s.Update(t.Context(), func(tx *Tx) error {
		var err error
		c, err = tx.CreateKey(t.Context(), org.Only(account), AccessKey{Account: account, Name: "robot", Role: org.Reader, Created: start})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCreateKey(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		found(t, s, alice, bob)
		c := newKey(t, s, alice)
		if !regexp.MustCompile(`^AKIA[A-Z2-7]{16}$`).MatchString(c.ID) || len(c.Secret) != 40 || c.Token != "" {
			t.Errorf("got %q, %d, %q", c.ID, len(c.Secret), c.Token)
		}
		var kept []byte
		if err := s.read.QueryRowContext(ctx, `SELECT secret FROM access_key WHERE key_id = $1`, c.ID).Scan(&kept); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(kept, []byte(c.Secret)) {
			t.Error("the secret lies open in the database")
		}
		if got, err := s.OpenSecret(keySecrets, "AKIAOTHER", kept); err == nil {
			t.Errorf("the secret of another key opens: %q", got)
		}
		var temporary Credentials
		if got := update(t, s, func(tx *Tx) (err error) {
			k := AccessKey{Account: bob, Name: "host-1", Role: org.Agent, Subject: "i-1", Created: start, Expires: start.Add(time.Hour)}
			temporary, err = tx.CreateTemporaryKey(ctx, org.Only(bob), k)
			return err
		}); got != "" || !strings.HasPrefix(temporary.ID, "ASIA") || len(temporary.Token) < 40 {
			t.Errorf("got %q, %q, %q", got, temporary.ID, temporary.Token)
		}
		key, ok, err := NewKeyring(s).Key(ctx, temporary.ID)
		sum := sha256.Sum256([]byte(temporary.Token))
		if err != nil || !ok || !bytes.Equal(key.TokenSum, sum[:]) || !key.Expires.Equal(start.Add(time.Hour)) {
			t.Errorf("got %+v, %v, %v", key.Expires, ok, err)
		}
		want := Holder{Account: bob, Name: "host-1", Role: org.Agent, Subject: "i-1", Scope: org.Only(bob)}
		if diff := cmp.Diff(want, key.Scope, cmp.AllowUnexported(org.Scope{})); diff != "" {
			t.Error(diff)
		}
		list, err := s.AccessKeys(ctx, org.Only(alice, carol), "", 0)
		if diff := cmp.Diff([]AccessKey{{ID: c.ID, Account: alice, Name: "robot", Role: org.Reader, Created: start}}, list); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if list, err := s.AccessKeys(ctx, org.Scope{}, "", 0); err != nil || len(list) != 0 {
			t.Errorf("the zero scope sees %v, %v", list, err)
		}
		for _, tt := range []struct {
			name string
			key  AccessKey
			want fault.Kind
		}{
			{"foreign account", AccessKey{Account: bob, Name: "n", Role: org.Reader}, fault.Denied},
			{"no account", AccessKey{Account: carol, Name: "n", Role: org.Reader}, fault.NotFound},
			{"no role", AccessKey{Account: alice, Name: "n", Role: "root"}, fault.Invalid},
			{"no name", AccessKey{Account: alice, Role: org.Reader}, fault.Invalid},
			{"a path", AccessKey{Account: alice, Name: "a/b", Role: org.Reader}, fault.Invalid},
		} {
			got := update(t, s, func(tx *Tx) error {
				_, err := tx.CreateKey(ctx, org.Only(alice, carol), tt.key)
				return err
			})
			if got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
			}
		}
	})
}

// TestKeyring shows that a change is seen by the next request, also when
// another process made it, which for a Keyring is the same.
func TestKeyring(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		found(t, s, alice, bob, carol)
		k := NewKeyring(s)
		c, other := newKey(t, s, bob), newKey(t, s, carol)
		seen := func(id string) []org.Account {
			key, ok, err := k.Key(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				return nil
			}
			return key.Scope.Scope.Accounts()
		}
		var second Credentials
		for _, step := range []struct {
			name   string
			change func(tx *Tx) error
			want   []org.Account // seen by the key of bob; nil: it is refused
		}{
			{"nothing", func(*Tx) error { return nil }, []org.Account{bob}},
			{"administrator", func(tx *Tx) error {
				return errors.Join(tx.SetOrganization(ctx, Organization{ID: "o-0123456789", Management: alice, Admin: bob}),
					tx.PutMember(ctx, Member{Account: carol, Admin: bob, Status: "ENABLED", Updated: start}))
			}, []org.Account{bob, carol}},
			{"member lost", func(tx *Tx) error { return tx.RemoveMember(ctx, bob, carol) }, []org.Account{bob}},
			{"rotated", func(tx *Tx) (err error) {
				second, err = tx.RotateKey(ctx, org.Only(bob), c.ID, 0, start)
				return err
			}, []org.Account{bob}},
			{"disabled", func(tx *Tx) error { return tx.DisableKey(ctx, org.Only(bob), c.ID, start) }, nil},
		} {
			if got := update(t, s, step.change); got != "" {
				t.Fatalf("%s: %s", step.name, got)
			}
			if diff := cmp.Diff(step.want, seen(c.ID)); diff != "" {
				t.Errorf("%s: %s", step.name, diff)
			}
		}
		if diff := cmp.Diff([]org.Account{bob}, seen(second.ID)); diff != "" || second.Secret == c.Secret {
			t.Error("the key that was rotated to:", diff)
		}
		seen(other.ID)
		if got := update(t, s, func(tx *Tx) error { return tx.CloseAccount(ctx, carol, start) }); got != "" || seen(other.ID) != nil {
			t.Errorf("%q; the key of a closed account: %v", got, seen(other.ID))
		}
		if got := update(t, s, func(tx *Tx) error { return tx.DeleteKey(ctx, org.Only(bob), second.ID) }); got != "" || seen(second.ID) != nil {
			t.Errorf("%q; a deleted key: %v", got, seen(second.ID))
		}
		if got := seen("AKIANOBODY"); got != nil {
			t.Errorf("an unknown key sees %v", got)
		}
	})
}

// TestKeyringRemembers shows that known keys are not read again: with the
// table gone they are still known.
func TestKeyringRemembers(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "assay.db"))
	found(t, s, alice)
	c := newKey(t, s, alice)
	k := NewKeyring(s)
	for range 2 {
		if _, ok, err := k.Key(t.Context(), c.ID); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if _, err := s.write.ExecContext(t.Context(), `DROP TABLE IF EXISTS access_key`); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := k.Key(t.Context(), "AKIAOTHER"); err == nil {
		t.Error("the table is still there")
	}
}

func TestRotateKey(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		found(t, s, alice)
		scope := org.Only(alice)
		now := start.Add(time.Hour)
		rotate := func(id string, scope org.Scope, overlap time.Duration) (c Credentials, kind fault.Kind) {
			kind = update(t, s, func(tx *Tx) (err error) {
				c, err = tx.RotateKey(ctx, scope, id, overlap, now)
				return err
			})
			return c, kind
		}
		c := newKey(t, s, alice)
		if _, kind := rotate(c.ID, org.Only(bob), 0); kind != fault.NotFound {
			t.Errorf("a foreign key is rotated: %q", kind)
		}
		fresh, kind := rotate(c.ID, scope, 2*time.Hour)
		if kind != "" {
			t.Fatal(kind)
		}
		list, err := s.AccessKeys(ctx, scope, "", 0)
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		for _, k := range list {
			want := AccessKey{ID: c.ID, Account: alice, Name: "robot", Role: org.Reader, Created: start, Expires: now.Add(2 * time.Hour)}
			if k.ID == fresh.ID {
				want.ID, want.Created, want.Expires = fresh.ID, now, time.Time{}
			}
			if diff := cmp.Diff(want, k); diff != "" {
				t.Error(diff)
			}
		}
		if kind := update(t, s, func(tx *Tx) error { return tx.DisableKey(ctx, scope, fresh.ID, now) }); kind != "" {
			t.Fatal(kind)
		}
		if _, kind := rotate(fresh.ID, scope, 0); kind != fault.Conflict {
			t.Errorf("a disabled key is rotated: %q", kind)
		}
	})
}

// TestSealedWithAnotherKey shows that a database is of no use without its key,
// and that it is said why.
func TestSealedWithAnotherKey(t *testing.T) {
	t.Parallel()
	place := filepath.Join(t.TempDir(), "assay.db")
	s, err := Open(t.Context(), place, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	found(t, s, alice)
	newKey(t, s, alice)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), place, [32]byte{2}); err == nil || !strings.Contains(err.Error(), "another master key") {
		t.Errorf("opening with another key: %v, %v", s, err)
	}
}
