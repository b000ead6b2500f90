package store

import (
	"crypto/aes"
	"crypto/cipher"
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

func testKey(tb testing.TB) cipher.AEAD {
	tb.Helper()
	c, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		tb.Fatal(err)
	}
	aead, err := cipher.NewGCM(c)
	if err != nil {
		tb.Fatal(err)
	}
	return aead
}

func TestToken(t *testing.T) {
	t.Parallel()
	aead, where := testKey(t), Criteria{Status: []Status{Active}}
	bind := func(scope org.Scope, where Criteria, sort Sort) []byte {
		b, err := bound(scope, where, sort)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	own := bind(org.Only(1), where, BySeverity)
	want := place{5, 9.8, 77}
	token, err := seal(aead, mark{want, milliseconds(start)}, own)
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(token)
	changed[len(changed)/2] ^= 1
	for _, tt := range []struct {
		name  string
		token string
		bound []byte
		now   time.Time
		ok    bool
	}{
		{"as given", token, own, start, true},
		{"a day later", token, own, start.Add(tokenLife), true},
		{"too old", token, own, start.Add(tokenLife + time.Millisecond), false},
		{"changed", string(changed), own, start, false},
		{"cut", token[:20], own, start, false},
		{"cut short", token[:3], own, start, false},
		{"not ours", "!", own, start, false},
		{"other scope", token, bind(org.Only(2), where, BySeverity), start, false},
		{"wider scope", token, bind(org.Only(1, 2), where, BySeverity), start, false},
		{"other criteria", token, bind(org.Only(1), Criteria{}, BySeverity), start, false},
		{"other order", token, bind(org.Only(1), where, ByLastObserved), start, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := unseal(aead, tt.token, tt.bound, tt.now)
			if tt.ok && (err != nil || got != want) {
				t.Errorf("unseal = %v, %v; want %v", got, err, want)
			}
			if !tt.ok && fault.KindOf(err) != fault.Invalid {
				t.Errorf("unseal = %v, %v; want a fault", got, err)
			}
		})
	}
}

// FuzzToken: whatever is no token of ours is refused as the caller's mistake.
func FuzzToken(f *testing.F) {
	aead := testKey(f)
	token, err := seal(aead, mark{place{1, 2, 3}, milliseconds(start)}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := unseal(aead, s, nil, start)
		if want := (place{1, 2, 3}); err == nil && got != want { // the nonce differs from one process to the next
			t.Errorf("%q opens as %v", s, got)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
	})
}

// FuzzARN: a name that can be read is written the same way again.
func FuzzARN(f *testing.F) {
	f.Add("arn:aws:inspector2:eu-central-1:111122223333:finding/0a1b2c3d4e5f60718293a4b5c6d7e8f9")
	f.Add("arn:aws:inspector2:eu-central-1:111122223333:filter/0a1b2c3d4e5f6071")
	f.Fuzz(func(t *testing.T, s string) {
		k, account, ok := parseARN(s)
		if !ok {
			return
		}
		parts := strings.Split(s, ":")
		parts[1] = "aws"
		if got, want := k.arn(parts[3], account), strings.Join(parts, ":"); !strings.EqualFold(got, want) {
			t.Errorf("%q is written as %q", s, got)
		}
	})
}
