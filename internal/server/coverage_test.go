package server

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	v2 "github.com/assay-project/assay/internal/api/v2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// A yard is a server without a network, whose clock the test moves, and the
// operations of Amazon's API on it.
type yard struct {
	*server
	t       *testing.T
	at      time.Time
	account org.Account
	h       inspector2.Handlers
}

// onBothYards runs a test on each kind of database.
func onBothYards(t *testing.T, test func(t *testing.T, y *yard)) {
	t.Helper()
	for name, place := range databases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newYard(t, place(t)))
		})
	}
}

func newYard(t *testing.T, place string) *yard {
	t.Helper()
	y := &yard{t: t, at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), account: 111122223333}
	y.server = &server{
		Config: Config{Region: "us-east-1", Data: t.TempDir(), Database: place}, log: slog.New(slog.DiscardHandler),
		Outside: Outside{Version: "test", Advisories: Advisories{Open: known(t), Stamp: func() string { return "" }}},
	}
	clock := func() time.Time { return y.at }
	var err error
	if y.store, err = store.Open(t.Context(), y.place(), [32]byte{1}); err != nil {
		t.Fatal(err)
	}
	if y.library, err = openLibrary(t.Context(), &editions{y.server}, y.log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := y.library.close(); err != nil {
			t.Error(err)
		}
		if err := y.store.Close(); err != nil {
			t.Error(err)
		}
	})
	y.monitor = &monitor.Monitor{
		Store: y.store, Region: y.Region, Version: y.Version,
		Knowledge: func() (monitor.Knowledge, func()) { return y.library.lend() },
	}
	y.makeParts()
	y.coverage.now, y.functions.now = clock, clock
	if _, _, err := y.store.FirstStart(t.Context(), store.First{Account: y.account, Name: "test", Now: y.at}); err != nil {
		t.Fatal(err)
	}
	y.h = v2.Operations{
		Store: y.store, Region: y.Region, Now: clock, Services: services(),
		Knowledge: func() (v2.Knowledge, func()) { return y.library.lend() },
	}.Handlers()
	y.work()
	return y
}

// ctx is that of a call by the account.
func (y *yard) ctx() context.Context {
	return api.WithCaller(y.t.Context(), api.Caller{Account: y.account, Scope: org.Only(y.account), Role: org.Admin})
}

// work has the jobs done that are due, and those that follow from them.
func (y *yard) work() {
	y.t.Helper()
	r := &work.Runner{
		Store: y.store, Queues: map[string]int{"default": 2, "work": 2}, Handlers: map[string]work.Handler{disabledJob: y.removeDisabled},
		Poll: 5 * time.Millisecond, Now: func() time.Time { return y.at }, Log: y.log,
	}
	y.addWork(r)
	r.Schedules = nil
	ctx, stop := context.WithCancel(y.t.Context())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for busy := true; busy; {
		select {
		case <-tick.C:
		case <-y.t.Context().Done():
			y.t.Fatal("the jobs are not done")
		}
		list, err := y.store.Backlogs(y.t.Context())
		if err != nil {
			y.t.Fatal(err)
		}
		busy = slices.ContainsFunc(list, func(b store.Backlog) bool {
			return b.State == store.Running || b.State == store.Ready && !b.Oldest.After(y.at)
		})
	}
	stop()
	<-ended
	dead, err := y.store.Jobs(y.t.Context(), store.Jobs{States: []store.State{store.Dead}})
	if err != nil || len(dead) > 0 {
		y.t.Fatalf("jobs went wrong: %v, %v", dead, err)
	}
}

// do has a job of a kind done now.
func (y *yard) do(kind string) {
	y.t.Helper()
	err := y.store.Update(y.t.Context(), func(tx *store.Tx) error { return tx.Enqueue(y.t.Context(), store.Job{Kind: kind, Run: y.at}) })
	if err != nil {
		y.t.Fatal(err)
	}
	y.work()
}

// take hands a scan in, of something with two flaws, and returns why it was not
// scanned; empty if it was.
func (y *yard) take(res resource.Resource) string {
	y.t.Helper()
	sub := submission("", flawed)
	sub.Resource = res
	sum, err := y.monitor.Take(y.t.Context(), monitor.Submitter{Account: y.account}, sub, y.at)
	if fault.KindOf(err) == fault.Conflict {
		return "conflict"
	}
	if err != nil {
		y.t.Fatal(err)
	}
	return sum.NotScanned
}

// covered returns what ListCoverage tells of the resources that fit.
func (y *yard) covered(where *inspector2.CoverageFilterCriteria) string {
	y.t.Helper()
	out, err := y.h.ListCoverage(y.ctx(), &inspector2.ListCoverageRequest{FilterCriteria: where})
	if err != nil {
		y.t.Fatal(err)
	}
	var list []string
	for _, c := range out.CoveredResources {
		list = append(list, fmt.Sprint(c.ScanStatus.StatusCode, " ", c.ScanStatus.Reason))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// findings returns the ARN and the status of each finding, by its vulnerability.
func (y *yard) findings() (arns []string, statuses string) {
	y.t.Helper()
	out, err := y.h.ListFindings(y.ctx(), &inspector2.ListFindingsRequest{})
	if err != nil {
		y.t.Fatal(err)
	}
	var list []string
	for _, f := range out.Findings {
		arns, list = append(arns, f.FindingARN), append(list, string(f.Status))
	}
	slices.Sort(arns)
	slices.Sort(list)
	return arns, strings.Join(list, " ")
}

// want compares coverage and findings with what they are to be.
func (y *yard) want(step, coverage, findings string) {
	y.t.Helper()
	if got := y.covered(nil); got != coverage {
		y.t.Errorf("%s: coverage %q, want %q", step, got, coverage)
	}
	if _, got := y.findings(); got != findings {
		y.t.Errorf("%s: findings %q, want %q", step, got, findings)
	}
}

const (
	scanned  = "ACTIVE SUCCESSFUL"
	twoOpen  = "ACTIVE ACTIVE"
	twoGone  = "CLOSED CLOSED"
	twoOver  = "INACTIVE SCAN_ELIGIBILITY_EXPIRED"
	switched = "INACTIVE PENDING_DISABLE"
)

func (y *yard) image(pushed, pulled time.Time) resource.Resource {
	res := resource.Resource{
		Type: resource.Image, ID: resource.ImageARN(y.account.String(), "us-east-1", "shop/app", imageDigest), Name: "shop/app",
		Account: y.account.String(), Region: "us-east-1", Tags: []string{"1"}, Digest: imageDigest,
	}
	res.Image.Pushed = pushed.Format(time.RFC3339)
	if !pulled.IsZero() {
		res.Image.Pulled = pulled.Format(time.RFC3339)
	}
	return res
}

func (y *yard) setRescan(rescan string) {
	y.t.Helper()
	in := &inspector2.UpdateConfigurationRequest{EcrConfiguration: &inspector2.EcrConfiguration{RescanDuration: inspector2.EcrRescanDuration(rescan)}}
	if _, err := y.h.UpdateConfiguration(y.ctx(), in); err != nil {
		y.t.Fatal(err)
	}
	y.work()
}

const oneDay = 24 * time.Hour

// TestImageExpires follows an image through the time in which it is scanned.
func TestImageExpires(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		pushed := y.at
		if got := y.take(y.image(pushed, time.Time{})); got != "" {
			t.Fatalf("not scanned: %s", got)
		}
		first, _ := y.findings()
		y.at = pushed.Add(14*oneDay - time.Hour)
		y.do(coverageSweepJob)
		y.want("before its time", scanned, twoOpen)
		y.at = pushed.Add(14 * oneDay)
		y.do(coverageSweepJob)
		y.want("when its time is over", twoOver, twoGone)
		where := &inspector2.CoverageFilterCriteria{ScanStatusReason: []inspector2.CoverageStringFilter{{Comparison: "EQUALS", Value: monitor.Expired}}}
		if got := y.covered(where); got != twoOver {
			t.Errorf("asked for what has expired: %q", got)
		}
		// A longer time wakes nothing, not even when the same image is scanned again.
		y.setRescan("DAYS_30")
		if got := y.take(y.image(pushed, time.Time{})); got != monitor.Expired {
			t.Errorf("scanned again without a push: %q", got)
		}
		y.want("with a longer duration", twoOver, twoGone)

		// A pull does, and findings are what they were.
		y.at = pushed.Add(20 * oneDay)
		if err := y.coverage.seen(t.Context(), y.account, y.image(pushed, y.at), y.at); err != nil {
			t.Fatal(err)
		}
		y.work()
		y.want("after a pull", scanned, twoOpen)
		if again, _ := y.findings(); cmp.Diff(first, again) != "" {
			t.Errorf("other findings than before: %s", cmp.Diff(first, again))
		}
		// It now is scanned for 14 days from the pull, and 30 from the push.
		y.at = pushed.Add(33 * oneDay)
		y.do(coverageSweepJob)
		y.want("30 days after the push", scanned, twoOpen)
		y.at = pushed.Add(34 * oneDay)
		y.do(coverageSweepJob)
		y.want("14 days after the pull", twoOver, twoGone)

		// A push does, too; and a shorter time holds at once.
		pushed = y.at
		if got := y.take(y.image(pushed, time.Time{})); got != "" {
			t.Errorf("pushed again and not scanned: %s", got)
		}
		y.want("after a push", scanned, twoOpen)
		y.at = pushed.Add(4 * oneDay)
		y.setRescan("DAYS_3")
		y.want("with a shorter duration", twoOver, twoGone)
	})
}

// TestHandedInImages counts the time of an image that no registry tells of from
// the last time that it was handed in.
func TestHandedInImages(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		res := y.image(y.at, time.Time{})
		res.Image.Pushed, res.Created = "", "2020-01-01T00:00:00Z" // when it was built
		if got := y.take(res); got != "" {
			t.Fatalf("not scanned: %s", got)
		}
		y.at = y.at.Add(10 * oneDay)
		y.take(res)
		y.at = y.at.Add(10 * oneDay)
		y.do(coverageSweepJob)
		y.want("ten days after the second time", scanned, twoOpen)
		y.at = y.at.Add(4 * oneDay)
		y.do(coverageSweepJob)
		y.want("14 days after it", twoOver, twoGone)
		if got := y.take(res); got != "" {
			t.Errorf("handed in again and not scanned: %s", got)
		}
		y.want("handed in again", scanned, twoOpen)
	})
}

// TestExclusionTags shows that a tag closes what is open, and that without it all
// comes back.
func TestExclusionTags(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		for _, tt := range []struct {
			typ        resource.Type
			key, value string
		}{
			{resource.Instance, "inspectorec2EXCLUSION", "whatever"},
			{resource.Function, "InspectorExclusion", "LambdaStandardScanning"},
		} {
			res := resource.Resource{Type: tt.typ, ID: "it", Region: "us-east-1", Account: y.account.String()}
			tagged := res
			tagged.Labels = map[string]string{tt.key: tt.value}
			if got := y.take(tagged); got != monitor.ExcludedByTag {
				t.Errorf("%s with its tag from the first on: %q", tt.typ, got)
			}
			y.want("at first", "INACTIVE EXCLUDED_BY_TAG", "")
			for range 2 {
				y.take(res)
				y.want("without the tag", scanned, twoOpen)
				y.take(tagged)
				y.want("with the tag", "INACTIVE EXCLUDED_BY_TAG", twoGone)
			}
			if err := y.store.RemoveType(t.Context(), org.Only(y.account), []resource.Type{tt.typ}, y.at); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestActivation shows that to switch a scan type off and on stops and starts the
// work at once.
func TestActivation(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		enabled := func() inspector2.Status {
			t.Helper()
			out, err := y.h.BatchGetAccountStatus(y.ctx(), &inspector2.BatchGetAccountStatusRequest{})
			if err != nil || len(out.Accounts) != 1 {
				t.Fatalf("%v, %v", out, err)
			}
			return out.Accounts[0].ResourceState.Ecr.Status
		}
		types := []inspector2.ResourceScanType{inspector2.ResourceScanTypeEcr}
		off := func() {
			t.Helper()
			if _, err := y.h.Disable(y.ctx(), &inspector2.DisableRequest{ResourceTypes: types}); err != nil {
				t.Fatal(err)
			}
			y.work()
		}
		on := func() {
			t.Helper()
			if _, err := y.h.Enable(y.ctx(), &inspector2.EnableRequest{ResourceTypes: types}); err != nil {
				t.Fatal(err)
			}
			y.work()
		}
		host := resource.Resource{Type: resource.Instance, ID: "i-0123456789abcdef0", Region: "us-east-1", Account: y.account.String()}
		y.take(y.image(y.at, time.Time{}))
		y.take(host)
		const four = twoOpen + " " + twoOpen
		y.want("at first", scanned+", "+scanned, four)

		off()
		if got := enabled(); got != inspector2.StatusDisabled {
			t.Errorf("off: %s", got)
		}
		y.want("off", scanned+", "+switched, four)
		if got := y.take(y.image(y.at, y.at)); got != "conflict" {
			t.Errorf("scanned while off: %q", got)
		}
		y.do(coverageSweepJob)
		y.want("off, and swept", scanned+", "+switched, four)

		y.at = y.at.Add(time.Hour)
		on()
		if got := enabled(); got != inspector2.StatusEnabled {
			t.Errorf("on: %s", got)
		}
		y.want("on again", scanned+", "+scanned, four)

		// A day later everything of it goes.
		off()
		y.at = y.at.Add(oneDay)
		y.work()
		y.want("a day later", scanned, twoOpen)
	})
}

// TestStaleInventory shows that a machine of which nothing was heard for a week
// is told to be so, that its findings stay, and that the next inventory mends it.
func TestStaleInventory(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		host := resource.Resource{Type: resource.Instance, ID: "i-0123456789abcdef0", Region: "us-east-1", Account: y.account.String()}
		y.take(host)
		y.at = y.at.Add(7*oneDay - time.Hour)
		y.do(coverageStaleJob)
		y.want("in the week", scanned, twoOpen)
		y.at = y.at.Add(time.Hour)
		y.do(coverageStaleJob)
		y.want("after a week", "INACTIVE STALE_INVENTORY", twoOpen)
		y.take(host)
		y.want("heard of again", scanned, twoOpen)
	})
}

// TestSweepLooksAtLittle counts what a sweep reads: the images whose time is
// just over, not those that have been over for long, nor those that are not.
func TestSweepLooksAtLittle(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		begin := y.at
		for n := range 60 {
			res := y.image(begin.Add(time.Duration(n)*time.Hour), time.Time{})
			res.ID = strings.ReplaceAll(res.ID, "0a0a", fmt.Sprintf("%04x", n))
			y.at = begin.Add(time.Duration(n) * time.Hour)
			if got := y.take(res); got != "" {
				t.Fatal(got)
			}
		}
		y.at = begin.Add(14*oneDay + 30*time.Hour)
		y.do(coverageSweepJob) // the first one deals with all that came before
		last := y.at
		for range 3 {
			y.at = y.at.Add(time.Hour)
			list, _, err := y.store.Aged(t.Context(), store.Pushed, last.Add(-14*oneDay), y.at.Add(-14*oneDay), store.Spot{}, 1000)
			if err != nil || len(list) != 1 {
				t.Errorf("%d images to look at in an hour in which the time of one is over: %v", len(list), err)
			}
			y.do(coverageSweepJob)
			last = y.at
		}
		counts := map[string]int{}
		list, _, err := y.store.OfType(t.Context(), y.account, resource.Image, store.Spot{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			counts[c.Reason]++
		}
		if diff := cmp.Diff(map[string]int{monitor.Expired: 34, monitor.Successful: 26}, counts); diff != "" {
			t.Error(diff)
		}
	})
}

// TestMembersFollowTheirAdministrator shows that a duration which an administrator
// sets holds at once for the images of its members.
func TestMembersFollowTheirAdministrator(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		admin, member := y.account, org.Account(444455556666)
		err := y.store.Update(t.Context(), func(tx *store.Tx) error {
			if err := tx.CreateAccount(t.Context(), store.Account{ID: member, Name: "member", Created: y.at}); err != nil {
				return err
			}
			return tx.SetSettings(t.Context(), org.Only(member), member, org.DefaultSettings(y.at), y.at)
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = y.h.EnableDelegatedAdminAccount(y.ctx(), &inspector2.EnableDelegatedAdminAccountRequest{DelegatedAdminAccountID: admin.String()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := y.h.AssociateMember(y.ctx(), &inspector2.AssociateMemberRequest{AccountID: member.String()}); err != nil {
			t.Fatal(err)
		}
		y.work()
		y.account = member
		if got := y.take(y.image(y.at.Add(-10*oneDay), time.Time{})); got != "" {
			t.Fatalf("not scanned: %s", got)
		}
		y.want("at first", scanned, twoOpen)
		y.account = admin
		y.setRescan("DAYS_7")
		y.account = member
		y.want("with the administrator's shorter duration", twoOver, twoGone)
	})
}
