package server

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/internal/work"
	"github.com/assay-project/assay/scan"
)

// A fan is the parts of a server by which findings follow advisories, and the
// advisories.
type fan struct {
	*server
	t       *testing.T
	account org.Account
	skew    time.Duration // of the runner's clock
	edition int           // of the database
	files   [2][]byte
	stated  map[string]advisory.Advisory
	said    map[string]advisory.Enrichment
}

// knowing builds the next database of what is stated and said now.
func (f *fan) knowing() {
	f.t.Helper()
	f.edition++
	b := vulndb.NewBuilder(vulndb.BuildOptions{Built: time.Unix(1_790_000_000+int64(f.edition)*3600, 0).UTC()})
	for _, a := range f.stated {
		if err := b.Add(&a); err != nil {
			f.t.Fatal(err)
		}
	}
	for _, e := range f.said {
		if err := b.Enrich(&e); err != nil {
			f.t.Fatal(err)
		}
	}
	var db, enrich bytes.Buffer
	if _, err := b.Write(&db, &enrich); err != nil {
		f.t.Fatal(err)
	}
	f.files = [2][]byte{db.Bytes(), enrich.Bytes()}
}

// state has an advisory state that versions of a package below one are affected;
// without one, it is withdrawn.
func (f *fan) state(cve, name, below string) {
	a := sample(cve, below, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
	a.Affected[0].Name = name
	if f.stated[cve] = a; below == "" {
		delete(f.stated, cve)
	}
}

// start makes the parts, as at the start of a process.
func (f *fan) start(place string) {
	t := f.t
	t.Helper()
	s := &server{log: slog.New(slog.DiscardHandler)}
	s.Version, s.Region, s.Data, s.Database = "test", "eu-central-1", f.t.TempDir(), place
	var err error
	if s.store, err = store.Open(t.Context(), place, [32]byte{1}); err != nil {
		t.Fatal(err)
	}
	s.library = &library{log: s.log, now: &volume{Known: f.open(t).Known}}
	s.monitor = &monitor.Monitor{
		Store: s.store, Region: s.Region, Version: s.Version,
		Knowledge: func() (monitor.Knowledge, func()) { return s.library.lend() },
	}
	f.server = s
	s.fanout = newFanout(s)
	s.library.changed = s.fanout.changed
	if _, _, err := s.store.FirstStart(t.Context(), store.First{Account: f.account, Name: "management", Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

// stop ends the process: nothing that was in memory is left.
func (f *fan) stop() {
	f.t.Helper()
	f.fanout.close()
	if err := f.store.Close(); err != nil {
		f.t.Error(err)
	}
}

// update puts the next database in the place of the one in use.
func (f *fan) update() {
	f.t.Helper()
	f.knowing()
	f.library.replace(f.t.Context(), f.open(f.t).Known)
}

func (f *fan) now() time.Time { return time.Now().Add(f.skew) }

// waiting are the kinds of jobs that are not done, of those that work does.
func (f *fan) waiting() []string {
	f.t.Helper()
	list, err := f.store.Backlogs(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	var out []string
	for _, b := range list {
		if _, ours := f.fanout.work().handlers[b.Kind]; ours || b.Kind == store.RuleJob {
			out = append(out, b.Kind)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// work does all jobs, and whatever they lead to.
func (f *fan) work() {
	t := f.t
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w := f.fanout.work()
	w.handlers[store.RuleJob] = func(ctx context.Context, j *work.Job) error { return f.store.RunRuleJob(ctx, j.Job, f.now()) }
	w.handlers[store.SettingsJob] = func(context.Context, *work.Job) error { return nil }
	runner := &work.Runner{
		Store: f.store, Queues: map[string]int{fanoutQueue: rematchWorkers, "default": 1}, Handlers: w.handlers, Log: f.log,
		Grace: time.Minute, Poll: 5 * time.Millisecond, Now: f.now,
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		runner.Run(ctx)
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); len(f.waiting()) > 0; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("still waiting: %v", f.waiting())
		}
	}
	stop()
	<-ended
}

// scan scans a source tree with one package at one version, which then is gone.
func (f *fan) scan(name, pkg, version string) {
	t := f.t
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tree")
	lock := fmt.Sprintf(`{"name":"x","lockfileVersion":3,"packages":{"":{"name":"x"},"node_modules/%s":{"version":%q}}}`, pkg, version)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "package-lock.json"), []byte(lock), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := scan.Inventory(t.Context(), dir, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	f.take(name, report)
}

func (f *fan) take(name string, report scan.Report) monitor.Summary {
	f.t.Helper()
	sub := monitor.Submission{Schema: monitor.Schema, Target: report.Target, Inventory: report.Inventory}
	sub.Resource.ID = name
	sum, err := f.monitor.Take(f.t.Context(), monitor.Submitter{Account: f.account}, sub, time.Now())
	if err != nil {
		f.t.Fatal(err)
	}
	return sum
}

// findings returns each finding as "resource vulnerability status".
func (f *fan) findings() string {
	f.t.Helper()
	list, _, err := f.store.Findings(f.t.Context(), org.Only(f.account), nil, store.Page{Size: store.MaxPage, Now: time.Now()})
	if err != nil {
		f.t.Fatal(err)
	}
	var out []string
	for _, l := range list {
		out = append(out, fmt.Sprint(l.Resource.ID, " ", l.Vulnerability, " ", l.Status))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// done returns what was done since the last call.
func (f *fan) done() monitor.Rematched {
	f.fanout.mu.Lock()
	defer f.fanout.mu.Unlock()
	out := f.fanout.done
	f.fanout.done = monitor.Rematched{}
	return out
}

func onFans(t *testing.T, test func(t *testing.T, f *fan, place string)) {
	t.Helper()
	for name, database := range databases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := database(t)
			if place == "" {
				place = filepath.Join(t.TempDir(), "assay.db")
			}
			f := &fan{
				t: t, account: 111122223333, stated: map[string]advisory.Advisory{}, said: map[string]advisory.Enrichment{},
			}
			f.state("CVE-2098-0001", "left", "1.5.0")
			f.state("CVE-2098-0002", "left", "1.2.0")
			f.state("CVE-2098-0009", "right", "9.0.0")
			f.knowing()
			f.start(place)
			if err := f.fanout.announce(t.Context()); err != nil {
				t.Fatal(err)
			}
			f.work()
			f.scan("a", "left", "1.0.0")
			f.scan("b", "left", "1.3.0")
			f.scan("c", "right", "1.0.0")
			f.scan("d", "other", "1.0.0")
			want := "a CVE-2098-0001 ACTIVE\na CVE-2098-0002 ACTIVE\nb CVE-2098-0001 ACTIVE\nc CVE-2098-0009 ACTIVE"
			if diff := cmp.Diff(want, f.findings()); diff != "" {
				t.Fatal(diff)
			}
			if f.done() != (monitor.Rematched{}) {
				t.Fatal("something was matched again without a reason")
			}
			test(t, f, place)
			if wrong, err := f.store.VerifyCounters(t.Context(), f.account); err != nil || len(wrong) > 0 {
				t.Error(wrong, err)
			}
			f.stop()
		})
	}
}

// TestFindingsFollowAdvisories changes advisories under resources whose
// artifacts are gone.
func TestFindingsFollowAdvisories(t *testing.T) {
	t.Parallel()
	onFans(t, func(t *testing.T, f *fan, _ string) {
		t.Helper()
		f.state("CVE-2098-0001", "left", "1.1.0")
		f.state("CVE-2098-0002", "left", "")
		f.state("CVE-2098-0003", "left", "2.0.0")
		f.state("CVE-2098-0004", "nobody", "2.0.0")
		f.update()
		f.work()
		want := "a CVE-2098-0001 ACTIVE\na CVE-2098-0002 CLOSED\na CVE-2098-0003 ACTIVE\nb CVE-2098-0001 CLOSED\nb CVE-2098-0003 ACTIVE\n" +
			"c CVE-2098-0009 ACTIVE"
		if diff := cmp.Diff(want, f.findings()); diff != "" {
			t.Error(diff)
		}
		// Of a, all three; of b, one goes and one comes. Nothing of c and d was read.
		if diff := cmp.Diff(monitor.Rematched{Sets: 2, Inventories: 2, Resources: 2, Changes: 5}, f.done()); diff != "" {
			t.Error(diff)
		}
		list, _, err := f.store.Findings(t.Context(), org.Only(f.account), filter.Criteria{
			"vulnerabilityId": filter.Text(filter.Equals, "CVE-2098-0001"), "findingStatus": filter.Text(filter.Equals, "ACTIVE"),
		}, store.Page{Size: 10, Now: time.Now()})
		if err != nil || len(list) != 1 || list[0].Packages[0].Fixed != "1.1.0" {
			t.Errorf("the finding that changed: %+v %v", list, err)
		}
		// A scan comes to the same.
		held, err := f.store.Inventory(t.Context(), org.Only(f.account), f.account, "a")
		if err != nil {
			t.Fatal(err)
		}
		if sum := f.take("a", scan.Report{Target: scan.Target{Name: "a", Kind: "source", Layers: held.Layers}, Inventory: held.Inventory}); !sum.Unchanged {
			t.Errorf("a scan after it: %+v", sum)
		}
		f.state("CVE-2098-0003", "left", "")
		f.update()
		f.state("CVE-2098-0009", "right", "") // before the first is done, another one
		f.update()
		f.work()
		want = "a CVE-2098-0001 ACTIVE\na CVE-2098-0002 CLOSED\na CVE-2098-0003 CLOSED\nb CVE-2098-0001 CLOSED\nb CVE-2098-0003 CLOSED\n" +
			"c CVE-2098-0009 CLOSED"
		if diff := cmp.Diff(want, f.findings()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestUpdateThatConcernsNobody shows that nothing is read or written for an update
// that touches nothing stored.
func TestUpdateThatConcernsNobody(t *testing.T) {
	t.Parallel()
	onFans(t, func(t *testing.T, f *fan, _ string) {
		t.Helper()
		for n := range 50 {
			f.state(fmt.Sprintf("CVE-2098-1%03d", n), fmt.Sprint("nobody", n), "2.0.0")
		}
		f.update()
		if diff := cmp.Diff([]string{rescoreJob}, f.waiting()); diff != "" {
			t.Error(diff)
		}
		f.work()
		if f.done() != (monitor.Rematched{}) || f.fanout.rescored != 0 {
			t.Errorf("%+v was matched, %d rescored", f.done(), f.fanout.rescored)
		}
	})
}

// TestRescore shows that news of exploits change no finding, and are seen at once
// in what counts and suppresses them.
func TestRescore(t *testing.T) {
	t.Parallel()
	onFans(t, func(t *testing.T, f *fan, _ string) {
		t.Helper()
		err := f.store.Update(t.Context(), func(tx *store.Tx) error {
			low := 0.5
			_, err := tx.CreateFilter(t.Context(), org.Only(f.account), "eu-central-1", store.SavedFilter{
				Account: f.account, Name: "likely", Action: store.Suppress, Criteria: filter.Criteria{"epssScore": {{Min: &low}}},
			}, time.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		f.skew += time.Hour
		f.work()
		day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		f.said["CVE-2098-0001"] = advisory.Enrichment{CVE: "CVE-2098-0001", EPSS: &advisory.EPSS{Score: 0.9, Percentile: 0.99, Date: day, Model: "v1"}}
		f.said["CVE-2098-0009"] = advisory.Enrichment{CVE: "CVE-2098-0009", KEV: &advisory.KEV{Added: day}}
		f.said["CVE-2098-7777"] = advisory.Enrichment{CVE: "CVE-2098-7777", KEV: &advisory.KEV{Added: day}}
		f.update()
		f.work()
		want := "a CVE-2098-0001 SUPPRESSED\na CVE-2098-0002 ACTIVE\nb CVE-2098-0001 SUPPRESSED\nc CVE-2098-0009 ACTIVE"
		if diff := cmp.Diff(want, f.findings()); diff != "" {
			t.Error(diff)
		}
		if got := f.exploitable(); got != 1 {
			t.Errorf("%d findings can be exploited", got)
		}
		delete(f.said, "CVE-2098-0009") // it was a mistake
		f.update()
		f.work()
		if got := f.exploitable(); got != 0 {
			t.Errorf("%d findings can still be exploited", got)
		}
		if f.done() != (monitor.Rematched{}) || f.fanout.rescored != 3 {
			t.Errorf("%+v was matched, %d rescored", f.done(), f.fanout.rescored)
		}
		// Another rating is another finding.
		f.said["CVE-2098-0009"] = advisory.Enrichment{CVE: "CVE-2098-0009", Severities: []advisory.Severity{
			{Source: "NVD", Version: "3.1", Vector: "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"},
		}}
		f.stated["CVE-2098-0009"] = func(a advisory.Advisory) advisory.Advisory { a.Severities = nil; return a }(f.stated["CVE-2098-0009"])
		f.update()
		f.work()
		if diff := cmp.Diff(monitor.Rematched{Sets: 1, Inventories: 1, Resources: 1, Changes: 1}, f.done()); diff != "" {
			t.Error(diff)
		}
	})
}

// exploitable is how many findings of the account can be exploited.
func (f *fan) exploitable() int {
	f.t.Helper()
	list, _, err := f.store.Findings(f.t.Context(), org.Only(f.account), filter.Criteria{"exploitAvailable": filter.Text(filter.Equals, "YES")},
		store.Page{Size: 100, Now: time.Now()})
	if err != nil {
		f.t.Fatal(err)
	}
	return len(list)
}

// TestNothingIsLost ends the process at several points: what it had begun is
// finished by the next one, and what it missed is made up for.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		end  func(t *testing.T, f *fan)
	}{
		{"before anything was matched", func(_ *testing.T, f *fan) { f.update() }},
		{"while jobs were running", func(t *testing.T, f *fan) {
			t.Helper()
			f.update()
			for range 2 { // a worker takes them and is never heard of again
				list, err := f.store.Claim(t.Context(), store.Claiming{Queue: fanoutQueue, Worker: "gone", Jobs: 3, Lease: time.Minute}, f.now())
				if err != nil || len(list) == 0 {
					t.Fatal(list, err)
				}
			}
		}},
		{"before anything was marked", func(t *testing.T, f *fan) {
			t.Helper()
			f.knowing()
			e := &edition{catalogue: f.open(t)}
			defer func() { _ = e.Close() }()
			state, err := f.fanout.state(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			lease, _, err := f.store.Acquire(t.Context(), fanoutState, "gone", time.Nanosecond, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			next := fanned{Digest: e.Digest(), Built: e.built(), Version: f.Version, Since: state.Digest}
			if err := f.fanout.save(t.Context(), lease, next, nil); err != nil {
				t.Fatal(err)
			}
		}},
		{"while the advisories changed", func(_ *testing.T, f *fan) { f.knowing() }},
		{"after the advisories changed twice", func(_ *testing.T, f *fan) {
			f.update()
			f.knowing()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			onFans(t, func(t *testing.T, f *fan, place string) {
				t.Helper()
				f.state("CVE-2098-0001", "left", "1.1.0")
				f.state("CVE-2098-0003", "left", "2.0.0")
				f.state("CVE-2098-0009", "right", "")
				tt.end(t, f)
				f.stop()
				f.start(place)
				f.skew += time.Hour
				if err := f.fanout.announce(t.Context()); err != nil {
					t.Fatal(err)
				}
				f.work()
				want := "a CVE-2098-0001 ACTIVE\na CVE-2098-0002 ACTIVE\na CVE-2098-0003 ACTIVE\nb CVE-2098-0001 CLOSED\nb CVE-2098-0003 ACTIVE\n" +
					"c CVE-2098-0009 CLOSED"
				if diff := cmp.Diff(want, f.findings()); diff != "" {
					t.Error(diff)
				}
				if n, err := f.store.CountStale(t.Context()); err != nil || n != 0 {
					t.Error(n, err)
				}
				if err := f.fanout.announce(t.Context()); err != nil || len(f.waiting()) > 0 {
					t.Error("nothing has changed, and yet", f.waiting(), err)
				}
			})
		})
	}
}

// TestRescoreIsTakenUpAgain has a worker go away after its rescore has marked
// something: the next one, which marks nothing more, has it matched.
func TestRescoreIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	onFans(t, func(t *testing.T, f *fan, _ string) {
		t.Helper()
		f.said["CVE-2098-0009"] = advisory.Enrichment{CVE: "CVE-2098-0009", KEV: &advisory.KEV{Added: time.Unix(1_780_000_000, 0).UTC()}}
		f.update()
		list, err := f.store.Claim(t.Context(), store.Claiming{Queue: fanoutQueue, Worker: "gone", Jobs: 1, Lease: time.Minute}, f.now())
		if err != nil || len(list) != 1 || list[0].Kind != rescoreJob {
			t.Fatal(list, err)
		}
		all, err := f.store.Vulnerabilities(t.Context(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		last, err := f.store.ReadSetting(t.Context(), rescoredState)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range all {
			if _, err := f.store.MarkVulnerable(t.Context(), v.Number, sinceOf(string(last))); err != nil {
				t.Fatal(err)
			}
		}
		cursor := fmt.Sprintf("%s/%d/0", f.fanout.current.Digest(), all[len(all)-1].Number)
		if err := f.store.Progress(t.Context(), list[0], cursor, nil); err != nil {
			t.Fatal(err)
		}
		f.skew += time.Hour
		f.work()
		if n, err := f.store.CountStale(t.Context()); err != nil || n != 0 {
			t.Errorf("%d inventories are still to be matched: %v", n, err)
		}
	})
}

// TestVersionIsMarkedWhole ends the process of another version of Assay while it
// marks: the next one marks everything, as if nothing was known of before.
func TestVersionIsMarkedWhole(t *testing.T) {
	t.Parallel()
	onFans(t, func(t *testing.T, f *fan, place string) {
		t.Helper()
		f.Version = "another"
		state, err := f.fanout.state(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		lease, _, err := f.store.Acquire(t.Context(), fanoutState, "gone", time.Nanosecond, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := f.fanout.save(t.Context(), lease, state.begun(f.fanout.current), nil); err != nil {
			t.Fatal(err)
		}
		f.stop()
		f.start(place)
		f.Version = "another"
		f.skew += time.Hour
		for range 2 { // the second time there is nothing to do
			if err := f.fanout.announce(t.Context()); err != nil {
				t.Fatal(err)
			}
			list, err := f.store.Stale(t.Context(), store.StalePage{Parts: 1, Limit: 10})
			if err != nil || len(list) != 4 {
				t.Fatal(list, err)
			}
			for _, st := range list {
				if st.Since != 0 {
					t.Errorf("inventory %d is matched as if only advisories had changed", st.Inventory)
				}
			}
		}
		f.work()
		if got := f.done().Inventories; got != 4 {
			t.Errorf("%d inventories were matched", got)
		}
	})
}

// TestJobsOutliveTheLoop shows that the databases stay open for the jobs that go
// on for a while when the server ends.
func TestJobsOutliveTheLoop(t *testing.T) {
	t.Parallel()
	onFans(t, func(t *testing.T, f *fan, _ string) {
		t.Helper()
		f.state("CVE-2098-0002", "left", "")
		f.update()
		ctx, stop := context.WithCancel(t.Context())
		stop()
		f.fanout.loop(ctx)
		if len(f.fanout.past) == 0 || f.library.now.readers == 0 {
			t.Error("a database was closed that jobs still need")
		}
		f.work()
	})
}

func (f *fan) open(t *testing.T) catalogue {
	t.Helper()
	k, err := vulndb.OpenKnownBytes(f.files[0], f.files[1])
	if err != nil {
		t.Fatal(err)
	}
	return catalogue{k}
}

// TestRecordedWithOldAdvisories shows that findings which were recorded with a
// database that was replaced meanwhile are looked at again.
func TestRecordedWithOldAdvisories(t *testing.T) {
	t.Parallel()
	onFans(t, func(t *testing.T, f *fan, _ string) {
		t.Helper()
		old := f.open(t)
		f.state("CVE-2098-0007", "late", "2.0.0")
		f.update()
		f.work()
		f.monitor.Knowledge = func() (monitor.Knowledge, func()) { return old, func() {} }
		f.scan("e", "late", "1.0.0")
		f.work()
		if got := f.findings(); !strings.Contains(got, "e CVE-2098-0007 ACTIVE") {
			t.Error(got)
		}
	})
}
