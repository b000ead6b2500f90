package sigv4

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// oneKey knows one key.
type oneKey string

// Key returns the key.
func (k oneKey) Key(_ context.Context, id string) (Key[string], bool, error) {
	return Key[string]{Secret: string(k)}, id == "AKIAEXAMPLE", nil
}

func TestSign(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, target := range []string{"https://assay.example.org/assay/v1/agents/heartbeat", "http://127.0.0.1:8480/a%20b/c?x=1&a=%2F"} {
		body := "some body"
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := (Signer{Key: "AKIAEXAMPLE", Secret: "secret", Region: "us-east-1", Service: "inspector2"}).Sign(r, []byte(body), now); err != nil {
			t.Fatal(err)
		}
		r.RequestURI = r.URL.RequestURI() // as a server sees it
		v := Verifier[string]{Keys: oneKey("secret")}
		got, err := v.Verify(t.Context(), r, Call{Service: "inspector2", Body: []byte(body), Now: now.Add(time.Minute)})
		if err != nil || got.KeyID != "AKIAEXAMPLE" || got.Region != "us-east-1" {
			t.Errorf("%s: %+v, %v", target, got, err)
		}
		if _, err := v.Verify(t.Context(), r, Call{Service: "inspector2", Body: []byte("another"), Now: now}); err == nil {
			t.Errorf("%s: another body is taken, too", target)
		}
		if _, err := (Verifier[string]{Keys: oneKey("other")}).Verify(t.Context(), r, Call{Service: "inspector2", Body: []byte(body), Now: now}); err == nil {
			t.Errorf("%s: another secret is taken, too", target)
		}
	}
}
