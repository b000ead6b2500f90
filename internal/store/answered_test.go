package store

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/fault"
)

func TestAnswered(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		call := Call{Account: alice, Operation: "inspector2:Enable", Token: "t", Request: []byte(`{"a":1}`)}
		other := call
		other.Request = []byte(`{"a":2}`)
		foreign := call
		foreign.Account = bob
		claim := func(c Call, now time.Time) (string, fault.Kind) {
			t.Helper()
			answer, ok, err := s.ClaimCall(ctx, c, now)
			if ok != (len(answer) > 0) || fault.KindOf(err) == fault.Internal {
				t.Fatal(string(answer), ok, err)
			}
			return string(answer), fault.KindOf(err)
		}
		for _, step := range []struct {
			name string
			call Call
			now  time.Time
			then func() error // after the claim
			want string
			kind fault.Kind
		}{
			{"first", call, start, nil, "", ""},
			{"under way", call, start, nil, "", fault.Conflict},
			{"of another caller", foreign, start, func() error { return s.ReleaseCall(ctx, foreign) }, "", ""},
			{"of another caller, after it failed", foreign, start, nil, "", ""},
			{"its process died", call, start.Add(6 * time.Minute), func() error {
				return s.AnswerCall(ctx, call, []byte("yes"), start.Add(7*time.Minute))
			}, "", ""},
			{"again", call, start.Add(8 * time.Minute), func() error { return s.ReleaseCall(ctx, call) }, "yes", ""},
			{"not undone by a release", call, start.Add(20 * time.Hour), nil, "yes", ""},
			{"with another request", other, start.Add(20 * time.Hour), nil, "", fault.Conflict},
			{"next day", other, start.Add(25 * time.Hour), nil, "", ""},
		} {
			got, kind := claim(step.call, step.now)
			if got != step.want || kind != step.kind {
				t.Errorf("%s: got %q, %q, want %q, %q", step.name, got, kind, step.want, step.kind)
			}
			if step.then != nil {
				if err := step.then(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.SweepAnswers(ctx, start.Add(50*time.Hour)); err != nil {
			t.Error(err)
		}
		var n int
		if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM answered`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows are left, %v", n, err)
		}
	})
}

// TestAnsweredOnce shows that of equal calls at once one is done.
func TestAnsweredOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		call := Call{Account: alice, Operation: "inspector2:Enable", Token: "t", Request: []byte(`{}`)}
		var done, refused atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, ok, err := s.ClaimCall(t.Context(), call, start)
				switch {
				case err == nil && !ok:
					done.Add(1)
				case fault.KindOf(err) == fault.Conflict:
					refused.Add(1)
				default:
					t.Error(ok, err)
				}
			})
		}
		wg.Wait()
		if done.Load() != 1 || refused.Load() != 7 {
			t.Errorf("done %d times, refused %d times", done.Load(), refused.Load())
		}
	})
}
