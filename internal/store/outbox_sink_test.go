package store

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
)

func TestRefusedEvents(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		ms := milliseconds(start)
		emitAll(t, s, event{alice, "finding.created", "f", ms, "{}"}, event{alice, "finding.closed", "f", ms + 1, "{}"}, event{alice, "finding.created", "g", ms, "{}"})
		relayAll(t, s, []Sink{{Name: "a"}, {Name: "b"}}, start)
		list := deliveries(t, s, "a", start)
		if diff := cmp.Diff([]string{"f finding.created", "g finding.created"}, subjectsOf(list)); diff != "" {
			t.Fatal(diff)
		}
		if err := s.Refused(t.Context(), list[:1], errors.New("never"), start); err != nil {
			t.Fatal(err)
		}
		// What waited for it goes on at once.
		if diff := cmp.Diff([]string{"f finding.closed"}, subjectsOf(deliveries(t, s, "a", start))); diff != "" {
			t.Error(diff)
		}
		dead, err := s.DeadLetters(t.Context(), "a", 0, 10)
		if err != nil || len(dead) != 1 || dead[0].Error != "never" || !dead[0].Dead.Equal(start) {
			t.Errorf("%+v, %v", dead, err)
		}
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.Forget(t.Context(), "a") }); err != nil {
			t.Fatal(err)
		}
		if got := rows(t, s, `SELECT sink, count(*) FROM delivery GROUP BY sink`); got != "b 3" {
			t.Errorf("left: %s", got)
		}
	})
}

func TestSubjectsOfEvents(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		two(t, s)
		suppress(t, s, alice, vulnerability(1).Vulnerability)
		one, other, none := Subject{alice, image(alice, 0).ID}, Subject{bob, image(bob, 1).ID}, Subject{alice, image(alice, 77).ID}
		record(t, s, Scan{Resource: image(alice, 0), Findings: []finding.Finding{vulnerability(1), vulnerability(2)}, Revision: "b"}, start.Add(time.Hour))
		wanted := []Subject{one, other, none, one, {alice, other.ID}}
		found, err := s.Subjects(t.Context(), wanted)
		if err != nil {
			t.Fatal(err)
		}
		accounts := map[Subject]string{}
		for k, r := range found {
			accounts[k] = r.Account + " " + r.ID
		}
		want := map[Subject]string{one: alice.String() + " " + one.ID, other: bob.String() + " " + other.ID}
		if other.ID == image(alice, 1).ID { // the same image in both accounts
			want[Subject{alice, other.ID}] = alice.String() + " " + other.ID
		}
		if diff := cmp.Diff(want, accounts); diff != "" {
			t.Error(diff)
		}
		counts, err := s.ActiveFindings(t.Context(), []Subject{one, other, none})
		if err != nil {
			t.Fatal(err)
		}
		sums := map[org.Account]int64{}
		for k, bySeverity := range counts {
			for _, n := range bySeverity {
				sums[k.Account] += n
			}
		}
		if diff := cmp.Diff(map[org.Account]int64{alice: 1, bob: 2}, sums); diff != "" || len(counts) != 2 {
			t.Errorf("%v: %s", counts, diff)
		}
	})
}
