package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// These tests run servers as processes of their own, to kill them. A process is
// this test program, started anew to run TestServerChild alone.

// A childServer is what such a process is told.
type childServer struct {
	Config
	Lease time.Duration
	// Stall has the first build of an advisory database say so, and take for
	// ever.
	Stall bool
}

// TestServerChild is the process.
func TestServerChild(t *testing.T) {
	told := os.Getenv("ASSAY_SERVER_CHILD")
	if told == "" {
		t.Skip("other tests run it")
	}
	var c childServer
	if err := json.Unmarshal([]byte(told), &c); err != nil {
		t.Fatal(err)
	}
	c.lease = c.Lease
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	go func() { // ends with the process
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	err := Run(ctx, c.Config, Outside{
		Advisories: Advisories{Open: known(t), Stamp: func() string { return "" }, Build: func(ctx context.Context, from []string, path string, built time.Time) error {
			if c.Stall {
				fmt.Println("\nbuilding")
				<-ctx.Done()
			}
			return buildHere(ctx, from, path, built)
		}},
		Version: "test", Stdout: os.Stdout, Stderr: os.Stderr, Ready: func(url string) { fmt.Printf("\nready %s\n", url) },
	})
	if err != nil {
		t.Error(err)
	}
}

// A child is a running process of a server.
type child struct {
	url, key, secret string
	cmd              *exec.Cmd
	in               io.WriteCloser
	lines            chan string // what it says beyond that it is ready
	log              *safeBuffer
}

// A safeBuffer can be read while it is written.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// startChild starts a process and waits until it is ready.
func startChild(t *testing.T, change func(c *childServer)) *child {
	t.Helper()
	c := childServer{Lease: 2 * time.Second, Config: Config{
		Role: "all", Data: t.TempDir(), Listen: "127.0.0.1:0", TLS: "auto", Region: "us-east-1", DBReload: time.Second, FeedsEvery: time.Hour,
		KeepClosed: 720 * time.Hour, KeepGone: 72 * time.Hour, KeepAudit: 8760 * time.Hour,
		ReadRate: 1000, WriteRate: 1000, Workers: 2, LogLevel: "info", LogFormat: "text",
	}}
	change(&c)
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	p := &child{lines: make(chan string, 10), log: &safeBuffer{}}
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "-test.run=^TestServerChild$", "-test.timeout=10m")
	p.cmd.Env = append(os.Environ(), "ASSAY_SERVER_CHILD="+string(text))
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	ready, said := make(chan string, 1), &safeBuffer{}
	go func() { // ends with the process
		for lines := bufio.NewScanner(out); lines.Scan(); {
			fmt.Fprintln(said, lines.Text())
			if url, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				ready <- url
			} else if lines.Text() == "building" {
				p.lines <- "building"
			}
		}
		close(p.lines)
	}()
	select {
	case p.url = <-ready:
	case <-time.After(time.Minute):
		t.Fatalf("the process is not ready: %s\n%s", said, p.log)
	}
	if m := told.FindStringSubmatch(said.String()); m != nil {
		p.key, p.secret = m[2], m[3]
	}
	return p
}

// kill ends the process as a crash would, with SIGKILL.
func (p *child) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // it was killed
}

// end has the process end in order.
func (p *child) end(t *testing.T) {
	t.Helper()
	_ = p.in.Close()
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("a process ended with %v: %s", err, p.log)
	}
}

// scans is how many images are scanned.
const scans = 500

// TestScaleOut has one process answer and two work, of which one is killed in
// the middle of many scans: each is done once in the end.
func TestScaleOut(t *testing.T) {
	t.Parallel()
	place := postgres(t)
	images := newImageStore(t)
	for i := range scans {
		push(t, fmt.Sprintf("%s/shop/app%d:v%d", images.host, i%20, i), imageOf(t, "amd64", time.Now(), left(t, fmt.Sprintf("1.0.%d", i))))
	}
	shared := t.TempDir()
	same := func(c *childServer) {
		c.Database, c.KeyFile, c.Blobs = place, filepath.Join(shared, "master.key"), filepath.Join(shared, "blobs")
	}
	var events []string
	worker := func(c *childServer) {
		same(c)
		c.Role, c.Events = "worker", filepath.Join(c.Data, "events.jsonl")
		events = append(events, c.Events)
	}
	front := startChild(t, func(c *childServer) { same(c); c.Role = "api" })
	one, two := startChild(t, worker), startChild(t, worker)
	r := &running{url: front.url, key: front.key, secret: front.secret}
	r.client = r.as(t, front.key, front.secret)

	for _, path := range []string{"/assay/v1/status", "/"} {
		if status := statusOf(t, one.url+path); status != http.StatusNotFound {
			t.Errorf("a worker answers %s with %d", path, status)
		}
	}
	if status := statusOf(t, one.url+"/readyz"); status != http.StatusOK {
		t.Errorf("a worker answers /readyz with %d", status)
	}
	err := r.client.Do(t.Context(), "POST", "registries", NewRegistry{RegistrySettings: RegistrySettings{
		Name: "all", Address: images.host, Insecure: true, Rules: discover.Rules{{Repositories: []string{"*"}, Scan: discover.Enhanced}},
	}}, &Registry{})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r.scansDone(t, scans/5)
	one.kill()
	killed := time.Now()
	r.scansDone(t, scans)
	t.Logf("%d scans took %s; one of two workers was killed after %s", scans, time.Since(began), killed.Sub(began))

	checkScans(t, r)
	checkScanEvents(t, r, events)
	text := metricsOf(t, &running{url: two.url})
	if !strings.Contains(text, `assay_jobs_total{end="done",kind="scan_image"}`) {
		t.Errorf("the worker that is left has done nothing: %s", text)
	}
	if text := metricsOf(t, r); strings.Contains(text, "assay_jobs_total{") {
		t.Errorf("the process that answers has done jobs: %s", text)
	}
	front.end(t)
	two.end(t)
	checkCounters(t, place, filepath.Join(shared, "master.key"))
}

func statusOf(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// soon calls a condition again and again until it holds.
func soon(t *testing.T, within time.Duration, holds func() bool, what func() string) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !holds(); <-tick.C {
		if time.Since(began) > within {
			t.Fatalf("after %s: %s", within, what())
		}
	}
}

// scansDone waits until so many scans are done.
func (r *running) scansDone(t *testing.T, n int) {
	t.Helper()
	var s Status
	soon(t, 5*time.Minute, func() bool {
		var done Jobs
		err := errors.Join(r.client.Do(t.Context(), "GET", "jobs?kind=scan_image&state=done", nil, &done),
			r.client.Do(t.Context(), "GET", "status", nil, &s))
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range s.Jobs {
			if j.State == "dead" {
				t.Fatalf("jobs were given up: %+v", s.Jobs)
			}
		}
		return len(done.Jobs) >= n
	}, func() string { return fmt.Sprintf("not yet %d scans are done: %+v", n, s.Jobs) })
}

// checkScans: every image has its two findings, and nothing else has any.
func checkScans(t *testing.T, r *running) {
	t.Helper()
	perImage, next, pages, total := map[string]int{}, "", 0, 0
	for {
		in := &inspector2.ListFindingsRequest{MaxResults: new(int32(25))}
		if next != "" {
			in.NextToken = next
		}
		out, err := r.client.Inspector2().ListFindings(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		total += len(out.Findings)
		for _, f := range out.Findings {
			perImage[f.Resources[0].ID]++
		}
		if next = out.NextToken; next == "" {
			break
		}
	}
	if len(perImage) != scans {
		t.Errorf("%d images have %d findings on %d pages, want %d", len(perImage), total, pages, scans)
	}
	for id, n := range perImage {
		if n != 2 {
			t.Errorf("%s has %d findings, want 2", id, n)
		}
	}
}

// checkScanEvents: every first scan and every new finding was told of, and no
// two events tell of the same. What a killed process had sent may come again,
// under the same id.
func checkScanEvents(t *testing.T, r *running, files []string) {
	t.Helper()
	var s Status
	soon(t, 3*time.Minute, func() bool { // a batch that was in hand comes again after a minute
		if err := r.client.Do(t.Context(), "GET", "status", nil, &s); err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(s.Waiting, func(w store.Waiting) bool { return w.Events > 0 })
	}, func() string { return fmt.Sprintf("events still wait: %+v", s.Waiting) })
	kinds, ids := map[string]map[string]int{}, map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var e struct{ ID, Kind, Subject string }
			if json.Unmarshal([]byte(line), &e) != nil || ids[e.ID] {
				continue // cut off when the process was killed, or sent again
			}
			ids[e.ID] = true
			if kinds[e.Kind] == nil {
				kinds[e.Kind] = map[string]int{}
			}
			kinds[e.Kind][e.Subject]++
		}
	}
	for kind, want := range map[string]int{"scan.completed": scans, "finding.created": 2 * scans} {
		if got := len(kinds[kind]); got != want {
			t.Errorf("%s tells of %d, want %d", kind, got, want)
		}
		for subject, n := range kinds[kind] {
			if n != 1 {
				t.Errorf("%d events %s tell of %s", n, kind, subject)
			}
		}
	}
	if n := len(kinds["finding.closed"]); n > 0 {
		t.Errorf("%d findings were closed", n)
	}
}

// checkCounters: the counters agree with the findings.
func checkCounters(t *testing.T, place, keyFile string) {
	t.Helper()
	text, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	var key [32]byte
	if _, err := hex.Decode(key[:], bytes.TrimSpace(text)); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), place, key)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	accounts, err := s.Accounts(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		wrong, err := s.VerifyCounters(t.Context(), a.ID)
		if err != nil || len(wrong) > 0 {
			t.Errorf("%v: counters were wrong: %+v", err, wrong)
		}
	}
	jobs, err := s.Jobs(t.Context(), store.Jobs{Kind: scanImageJob, Limit: 2 * scans})
	if err != nil || len(jobs) != scans {
		t.Errorf("%v: %d jobs, want %d", err, len(jobs), scans)
	}
	for _, j := range jobs {
		if j.State != store.Done || j.Account == org.Account(0) {
			t.Errorf("job %s is in state %d: %s", j.Key, j.State, j.Error)
		}
	}
}
