package store

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ctx := t.Context()
		full := AuditRecord{
			At: start, Account: alice, Action: "inspector2:CreateFilter", Who: "arn:aws:iam::111122223333:user/eve", Result: Success,
			Event: "e", Request: "r", Key: "AKIA1", Verified: true, Role: org.Admin, Region: "eu-central-1", Address: "::1",
			Agent: "aws-cli", Message: "m", Input: json.RawMessage(`{"a":"\u0000"}`), Output: json.RawMessage(`{"b":2}`),
		}
		all := []AuditRecord{full}
		for i := range 9 {
			r := AuditRecord{
				At: start.Add(time.Duration(i/3) * time.Second), Account: []org.Account{alice, bob, 0}[i%3],
				Action: "inspector2:ListFindings", Result: []string{Success, "AccessDeniedException"}[i%2], Event: fmt.Sprint(i), ReadOnly: true,
			}
			all = append(all, r)
		}
		if err := s.AppendAudit(ctx, all[0]); err != nil {
			t.Fatal(err)
		}
		if err := s.AppendAudit(ctx, all[1:]...); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name  string
			scope org.Scope
			where AuditQuery
			want  []int // positions in all
		}{
			{"own", org.Only(alice), AuditQuery{}, []int{7, 4, 1, 0}},
			{"both", org.Only(alice, bob), AuditQuery{}, []int{8, 7, 5, 4, 2, 1, 0}},
			{"also of unknown callers", org.Only(bob), AuditQuery{Unknown: true}, []int{9, 8, 6, 5, 3, 2}},
			{"nobody", org.Scope{}, AuditQuery{}, nil},
			{"action", org.Only(alice), AuditQuery{Action: "inspector2:CreateFilter"}, []int{0}},
			{"result", org.Only(alice, bob), AuditQuery{Result: "AccessDeniedException"}, []int{8, 4, 2}},
			{"time", org.Only(alice), AuditQuery{From: start.Add(time.Second), To: start.Add(2 * time.Second)}, []int{4}},
		} {
			var got, want []AuditRecord
			page := AuditPage{Size: 2, Now: start}
			for {
				list, next, err := s.Audit(ctx, tt.scope, tt.where, page)
				if err != nil || len(list) > 2 {
					t.Fatal(tt.name, len(list), err)
				}
				got = append(got, list...)
				if page.After = next; next == "" {
					break
				}
			}
			for _, i := range tt.want {
				want = append(want, all[i])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s", tt.name, diff)
			}
		}
		_, next, err := s.Audit(ctx, org.Only(alice), AuditQuery{}, AuditPage{Size: 1, Now: start})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Audit(ctx, org.Only(bob), AuditQuery{}, AuditPage{Size: 1, After: next, Now: start}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a token opens another list: %v", err)
		}
		n, err := s.SweepAudit(ctx, start.Add(2*time.Second))
		left, _, err2 := s.Audit(ctx, org.Only(alice, bob), AuditQuery{Unknown: true}, AuditPage{Size: 100, Now: start})
		if err != nil || err2 != nil || n != 7 || len(left) != 3 {
			t.Errorf("deleted %d, left %d, %v, %v", n, len(left), err, err2)
		}
	})
}

// TestLastUsed shows that the last use of a key is written at most once a
// minute, and only for those who had its secret.
func TestLastUsed(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		found(t, s, alice)
		c := newKey(t, s, alice)
		for _, step := range []struct {
			after    time.Duration
			verified bool
			want     time.Time
		}{
			{0, false, time.Time{}},
			{time.Second, true, start.Add(time.Second)},
			{60 * time.Second, true, start.Add(time.Second)},
			{61 * time.Second, true, start.Add(61 * time.Second)},
			{300 * time.Second, false, start.Add(61 * time.Second)},
		} {
			r := AuditRecord{At: start.Add(step.after), Key: c.ID, Verified: step.verified, Result: Success}
			if err := s.AppendAudit(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			list, err := s.AccessKeys(t.Context(), org.Only(alice), "", 0)
			if err != nil || !list[0].Used.Equal(step.want) {
				t.Errorf("after %s: used %s, want %s, %v", step.after, list[0].Used, step.want, err)
			}
		}
	})
}
