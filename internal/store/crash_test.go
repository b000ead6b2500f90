package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
)

// These tests kill a process with SIGKILL while it records scans, adds up
// counters, does jobs, sends events and migrates, again and again, and look at
// what is there in the end. The process is this test program, started anew to
// run TestCrashChild alone. It writes a line for whatever has been committed.

// crashRounds is how often the process is killed on each database: a few times,
// or ASSAY_CRASH_ROUNDS.
func crashRounds(tb testing.TB) int {
	tb.Helper()
	text := os.Getenv("ASSAY_CRASH_ROUNDS")
	if text == "" {
		return 8
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

const (
	crashImages = 6
	crashLease  = 500 * time.Millisecond // so that the next process soon goes on with what one held
)

// crashFindings are those that the n-th scan of an image finds.
func crashFindings(image, n int) []finding.Finding {
	return vulnerabilities(rand.New(rand.NewPCG(uint64(image), uint64(n))), 15, 60)
}

// TestCrashChild is the process that gets killed.
func TestCrashChild(t *testing.T) {
	place := os.Getenv("ASSAY_CRASH_PLACE")
	if place == "" {
		t.Skip("it is run by TestCrash")
	}
	s, err := Open(t.Context(), place, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	c := crashChild{t: t, s: s, out: os.Stdout, log: os.Getenv("ASSAY_CRASH_LOG"), name: os.Getenv("ASSAY_CRASH_ROUND")}
	c.say("open")
	if c.log == "" {
		return
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { c.forever(c.workOn) })
	}
	for _, f := range []func() error{c.feed, c.fold, c.relay, c.send, c.reap} {
		wg.Go(func() { c.forever(f) })
	}
	wg.Wait() // for the end of this process
}

type crashChild struct {
	t    *testing.T
	s    *Store
	out  io.Writer
	log  string // file of the events that were sent
	name string

	mu  sync.Mutex
	fed int
}

// say tells the parent that something has been committed.
func (c *crashChild) say(format string, args ...any) {
	if _, err := fmt.Fprintf(c.out, "\nack "+format+"\n", args...); err != nil {
		c.t.Error(err)
	}
}

func (c *crashChild) forever(f func() error) {
	for {
		if err := f(); err != nil {
			c.say("error %v", err)
			c.t.Error(err)
			os.Exit(1)
		}
	}
}

// feed enqueues jobs: scans of images, and some that only send an event.
func (c *crashChild) feed() error {
	c.mu.Lock()
	c.fed++
	n := c.fed
	c.mu.Unlock()
	key := fmt.Sprintf("%s-%d", c.name, n)
	err := c.s.Update(c.t.Context(), func(tx *Tx) error {
		err := tx.Enqueue(c.t.Context(), Job{Kind: "scan", Key: strconv.Itoa(n % crashImages), Account: alice, Run: time.Now(), Limit: 1000})
		return errors.Join(err, tx.Enqueue(c.t.Context(), Job{Kind: "once", Key: key, Account: bob, Run: time.Now(), Limit: 1000}))
	})
	if err == nil {
		c.say("enqueued %s", key)
	}
	for err == nil { // no more than the workers do
		list, err := c.s.Jobs(c.t.Context(), Jobs{States: []State{Ready}})
		if err != nil || len(list) < 20 {
			return err
		}
	}
	return err
}

func (c *crashChild) workOn() error {
	list, err := c.s.Claim(c.t.Context(), Claiming{Queue: "default", Worker: c.name, Jobs: 2, Lease: crashLease}, time.Now())
	for _, j := range list {
		do := c.scan
		if j.Kind == "once" {
			do = c.once
		}
		if problem := do(j); !errors.Is(problem, ErrLost) { // that of a slow machine
			err = errors.Join(err, problem)
		}
	}
	return err
}

// once does a job that leaves one event behind, in the transaction that ends it.
func (c *crashChild) once(j Job) error {
	err := c.s.Finish(c.t.Context(), j, func(tx *Tx) error {
		return tx.Emit(c.t.Context(), bob, "once", j.Key, struct{}{}, time.Now())
	}, time.Now())
	if err == nil {
		c.say("once %s", j.Key)
	}
	return err
}

// scan records the next scan of an image.
func (c *crashChild) scan(j Job) error {
	n, err := strconv.Atoi(j.Key)
	if err != nil {
		return err
	}
	res := image(alice, n)
	revision, err := c.s.Revision(c.t.Context(), org.Only(alice), res)
	if err != nil {
		return err
	}
	last, _ := strconv.Atoi(revision)
	now := time.Now()
	done, err := c.s.Record(c.t.Context(), org.Only(alice), []Scan{{
		Resource: res, Revision: strconv.Itoa(last + 1), Findings: crashFindings(n, last+1),
	}}, now)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, change := range done[0].Changes {
		fmt.Fprintf(&b, " finding.%s|%s|%d", change.Kind, change.ARN, milliseconds(now))
	}
	c.say("scan %d %d%s", n, last+1, b.String())
	return c.s.Finish(c.t.Context(), j, nil, time.Now())
}

func (c *crashChild) fold() error {
	_, err := c.s.Fold(c.t.Context())
	return err
}

func (c *crashChild) relay() error {
	_, err := c.s.Relay(c.t.Context(), []Sink{{Name: "log"}}, nil, time.Now())
	return err
}

func (c *crashChild) send() error { return sendTo(c.t.Context(), c.s, c.log, time.Now()) }

func (c *crashChild) reap() error {
	_, err := c.s.Reap(c.t.Context(), time.Now())
	return err
}

// sendTo adds the events that wait to a file.
func sendTo(ctx context.Context, s *Store, path string, now time.Time) error {
	list, err := s.Deliveries(ctx, "log", 100, crashLease, now)
	if err != nil || len(list) == 0 {
		return err
	}
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "\n%s %s|%s|%d \n", d.ID, d.Kind, d.Subject, milliseconds(d.At))
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(b.String())
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return s.Delivered(ctx, list)
}

// kill runs the child until the moment comes, kills it, and returns what it
// said. It is killed after so many lines, or so long after it has opened the
// database, or after it was started if fromStart.
func kill(t *testing.T, env []string, lines int, after time.Duration, fromStart bool) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashChild$", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	dead := sync.OnceFunc(func() { _ = cmd.Process.Kill() }) // SIGKILL
	var timer *time.Timer
	if fromStart {
		timer = time.AfterFunc(after, dead)
	}
	var said []string
	r := bufio.NewReader(out)
	for {
		line, err := r.ReadString('\n')
		if err != nil { // half a line is no acknowledgement
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			break
		}
		text, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "ack ")
		if !ok {
			continue
		}
		if strings.HasPrefix(text, "error ") {
			t.Errorf("the process says: %s", text)
		}
		said = append(said, text)
		if timer == nil && lines == 0 {
			timer = time.AfterFunc(after, dead)
		}
		if lines > 0 && len(said) >= lines {
			dead()
		}
	}
	if timer != nil {
		timer.Stop()
	}
	_ = cmd.Wait() // it was killed
	return said
}

func TestCrash(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "assay.db") },
		"postgres": func(t *testing.T) string { t.Helper(); return postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place, log, rounds := place(t), filepath.Join(t.TempDir(), "events"), crashRounds(t)
			r := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
			var said []string
			for i := range rounds {
				lines, after := 0, time.Duration(r.IntN(300))*time.Millisecond
				if i%2 == 0 {
					lines = 2 + r.IntN(60)
				}
				env := []string{"ASSAY_CRASH_PLACE=" + place, "ASSAY_CRASH_LOG=" + log, "ASSAY_CRASH_ROUND=" + strconv.Itoa(i)}
				said = append(said, kill(t, env, lines, after, false)...)
			}
			s := open(t, place)
			settle(t, s, log)
			checkJobs(t, s, said)
			checkEvents(t, said, log)
			checkFindings(t, s, said)
			kinds := map[string]int{}
			for _, line := range said {
				kinds[strings.Fields(line)[0]]++
			}
			t.Logf("killed %d times; acknowledged: %v", rounds, kinds)
		})
	}
}

// settle does what the killed processes left to do.
func settle(t *testing.T, s *Store, log string) {
	t.Helper()
	ctx, later := t.Context(), time.Now().Add(time.Hour)
	if _, err := s.Reap(ctx, later); err != nil {
		t.Fatal(err)
	}
	c := crashChild{t: t, s: s, out: io.Discard, name: "last"}
	for _, j := range jobsOf(t, s, Jobs{States: []State{Running}}) {
		t.Errorf("job %d is still running", j.ID)
	}
	for len(jobsOf(t, s, Jobs{States: []State{Ready}})) > 0 && !t.Failed() {
		list, err := s.Claim(ctx, Claiming{Queue: "default", Worker: "last", Jobs: 10, Lease: time.Minute}, later)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range list {
			if j.Kind == "once" {
				err = c.once(j)
			} else {
				err = s.Finish(ctx, j, nil, later)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	relayAll(t, s, []Sink{{Name: "log"}}, later)
	for waiting(t, s)["log"] > 0 && !t.Failed() {
		if err := sendTo(ctx, s, log, later.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if n := waiting(t, s)[""]; n > 0 {
		t.Errorf("%d events are still in the outbox", n)
	}
}

// checkJobs: every job that was enqueued is there, and done.
func checkJobs(t *testing.T, s *Store, said []string) {
	t.Helper()
	states := map[string]State{}
	for _, j := range jobsOf(t, s, Jobs{}) {
		if j.State != Done {
			t.Errorf("job %s %s is in state %d: %s", j.Kind, j.Key, j.State, j.Error)
		}
		if j.Kind == "once" {
			states[j.Key] = j.State
		}
	}
	for _, line := range said {
		if key, ok := strings.CutPrefix(line, "enqueued "); ok && states[key] != Done {
			t.Errorf("job %s was enqueued, and is lost", key)
		}
	}
}

// checkEvents: every event of what was acknowledged was sent, those of one
// subject in order, and no job was done twice.
func checkEvents(t *testing.T, said []string, log string) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	sent, ids, last := map[string]bool{}, map[string]bool{}, map[string]int64{}
	once := map[string]int{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) != 2 || !strings.HasSuffix(line, " \n") || ids[fields[0]] {
			continue // empty, cut off, or sent again
		}
		ids[fields[0]], sent[fields[1]] = true, true
		parts := strings.Split(fields[1], "|")
		at, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(parts[0], "finding.") {
			if at < last[parts[1]] {
				t.Errorf("an event of %s was sent after a younger one", parts[1])
			}
			last[parts[1]] = at
		}
		if parts[0] == "once" {
			once[parts[1]]++
		}
	}
	for key, n := range once {
		if n != 1 {
			t.Errorf("job %s took effect %d times", key, n)
		}
	}
	for _, line := range said {
		fields := strings.Fields(line)
		switch fields[0] {
		case "once", "enqueued":
			if once[fields[1]] == 0 {
				t.Errorf("the event of job %s is lost", fields[1])
			}
		case "scan":
			for _, e := range fields[3:] {
				if !sent[e] {
					t.Errorf("event %s is lost", e)
				}
			}
		}
	}
}

// checkFindings: no acknowledged scan is lost, the findings are those of the
// last scan that was committed, and the counters agree with them.
func checkFindings(t *testing.T, s *Store, said []string) {
	t.Helper()
	acked := map[int]int{}
	for _, line := range said {
		if fields := strings.Fields(line); fields[0] == "scan" {
			image, _ := strconv.Atoi(fields[1])
			n, _ := strconv.Atoi(fields[2])
			acked[image] = max(acked[image], n)
		}
	}
	for i := range crashImages {
		revision, err := s.Revision(t.Context(), org.Only(alice), image(alice, i))
		if err != nil {
			t.Fatal(err)
		}
		n, _ := strconv.Atoi(revision)
		if n < acked[i] {
			t.Errorf("image %d: scan %d was acknowledged, and there are but %d", i, acked[i], n)
		}
		if n == 0 {
			continue
		}
		var want, got []string
		for _, f := range crashFindings(i, n) {
			want = append(want, finding.ARN(image(alice, i), f.Vulnerability))
		}
		err = each(t.Context(), s.read, `SELECT finding.fkey FROM finding JOIN resource ON resource.res_id = finding.res_id
			AND resource.account_id = finding.account_id WHERE resource.arn = $1 AND finding.status = 1`,
			[]any{image(alice, i).ID}, func(rows *sql.Rows) error {
				var key []byte
				err := rows.Scan(&key)
				got = append(got, fkey(key).arn(image(alice, i).Region, alice))
				return err
			})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("image %d has %d findings that are not the %d of scan %d", i, len(got), len(want), n)
		}
	}
	for _, account := range []org.Account{alice, bob} {
		wrong, err := s.VerifyCounters(t.Context(), account)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range wrong {
			t.Errorf("a counter of %s was wrong: %+v", account, w)
		}
	}
}

// TestCrashMigrate kills the process while it makes the tables.
func TestCrashMigrate(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		for range crashRounds(t) {
			crashMigrate(t, filepath.Join(t.TempDir(), "assay.db"), 150*time.Millisecond)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		// Once or so: who dies while it holds the lock for migrations keeps the
		// next waiting until the lease of it ends.
		for i := range max(1, crashRounds(t)/50) {
			t.Run(strconv.Itoa(i), func(t *testing.T) { crashMigrate(t, postgres(t), time.Second) })
		}
	})
}

// crashMigrate kills the process twice within a time of its start, and then
// uses the database.
func crashMigrate(t *testing.T, place string, within time.Duration) {
	t.Helper()
	for range 2 {
		kill(t, []string{"ASSAY_CRASH_PLACE=" + place}, 0, rand.N(within), true)
	}
	s, err := Open(t.Context(), place, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(t.Context(), org.Only(alice), []Scan{{Resource: image(alice, 1), Findings: crashFindings(1, 1)}}, start); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
