package agent

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/assay-project/assay/internal/api/sigv4"
	"github.com/assay-project/assay/inventory"
)

// A listener is a server as agents see it: it verifies their signatures by its
// own clock, and takes what they report as the real one does.
type listener struct {
	url   string
	now   func() time.Time
	taken chan inventory.Inventory

	mu     sync.Mutex
	have   inventory.Inventory
	orders Orders
	down   bool
	wholes int
	parts  int
	beats  int
}

func listen(t *testing.T) *listener {
	t.Helper()
	l := &listener{now: time.Now, taken: make(chan inventory.Inventory, 100), orders: Orders{
		Scan: true, Deep: true, Paths: DefaultPaths(), Heartbeat: 1, FullEvery: 3600, DeepEvery: 3600,
	}}
	web := httptest.NewServer(l)
	t.Cleanup(web.Close)
	l.url = web.URL
	return l
}

// Key is the one key that there is.
func (*listener) Key(_ context.Context, id string) (sigv4.Key[string], bool, error) {
	return sigv4.Key[string]{Secret: "secret"}, id == "AKIAEXAMPLE", nil
}

func (l *listener) change(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// ServeHTTP answers an agent.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Date", l.now().UTC().Format(http.TimeFormat))
	_, err := sigv4.Verifier[string]{Keys: l}.Verify(r.Context(), r, sigv4.Call{Service: signing, Body: body, Now: l.now()})
	switch {
	case l.down:
		w.WriteHeader(http.StatusBadGateway)
		return
	case err != nil:
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": err.Error()})
		return
	case r.URL.Path == "/assay/v1/agents/heartbeat":
		l.beats++
		l.orders.Now = l.now()
		_ = json.NewEncoder(w).Encode(l.orders)
		return
	}
	answer, err := l.take(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": err.Error()})
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (l *listener) take(body []byte) (Receipt, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return Receipt{}, err
	}
	report, err := ReadReport(z)
	if err != nil {
		return Receipt{}, err
	}
	inv, err := report.Apply(l.have)
	if err != nil {
		return Receipt{Full: true}, nil //nolint:nilerr // it says so
	}
	if report.Base == "" {
		l.wholes++
	} else {
		l.parts++
	}
	l.have = inv
	l.taken <- inv
	return Receipt{Revision: Revision(inv)}, nil
}

// runs starts an agent and returns how to stop it.
func runs(t *testing.T, c Config) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, c) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the agent ended with %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func enrolled(t *testing.T, l *listener) Config {
	t.Helper()
	c := Config{State: t.TempDir(), Root: debian(t), Now: time.Now, Log: slog.New(slog.DiscardHandler), Version: "test"}
	id := Identity{Server: l.url, Region: "us-east-1", Agent: "agent-1", Account: "111122223333", Resource: "shop-1", Key: "AKIAEXAMPLE", Secret: "secret"}
	if err := id.keep(c.State); err != nil {
		t.Fatal(err)
	}
	return c
}

// next returns the names of the next inventory that has a package.
func (l *listener) next(t *testing.T, pkg string) []string {
	t.Helper()
	var got []string
	for late := time.After(20 * time.Second); ; {
		select {
		case inv := <-l.taken:
			if got = names(inv.Packages); slices.Contains(got, pkg) {
				return got
			}
		case <-late:
			t.Fatalf("%q is not there; the last was %v", pkg, got)
		}
	}
}

// TestLockProcess is not a test but the package manager of TestChangesAreHeld.
func TestLockProcess(t *testing.T) {
	root := os.Getenv("ASSAY_TEST_LOCK")
	if root == "" {
		t.Skip("for another test")
	}
	f, err := os.OpenFile(filepath.Join(root, "var/lib/dpkg/lock-frontend"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &unix.Flock_t{Type: unix.F_WRLCK}); err != nil {
		t.Fatal(err)
	}
	put(t, root, map[string]string{"var/lib/dpkg/status": stanza("bash", "5.2-1", "installed") + stanza("half", "1", "half-installed")})
	fmt.Fprintln(os.Stderr, "locked")
	_, _ = io.ReadAll(os.Stdin)
	put(t, root, map[string]string{"var/lib/dpkg/status": stanza("bash", "5.2-2", "installed") + stanza("new", "1", "installed")})
}

// TestChangesAreHeld has a package manager, another process, change the database
// while it holds the lock: nothing is sent before it is done, and then at once.
func TestChangesAreHeld(t *testing.T) {
	t.Parallel()
	l := listen(t)
	c := enrolled(t, l)
	runs(t, c)
	first := l.next(t, "pypi six 1.16.0")
	want := []string{"deb bash 5.2-1", "deb nginx 1.22-1", "pypi left 1.0.0", "pypi six 1.16.0"}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Fatal(diff)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestLockProcess$")
	cmd.Env = append(os.Environ(), "ASSAY_TEST_LOCK="+c.Root)
	says, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	finish, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(says).ReadString('\n'); err != nil || line != "locked\n" {
		t.Fatal(line, err)
	}
	select {
	case inv := <-l.taken:
		t.Errorf("sent while the package manager was at work: %v", names(inv.Packages))
	case <-time.After(3 * quietFor):
	}
	begin := time.Now()
	if err := finish.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	got := l.next(t, "deb new 1")
	if diff := cmp.Diff([]string{"deb bash 5.2-2", "deb new 1", "pypi left 1.0.0", "pypi six 1.16.0"}, got); diff != "" {
		t.Error(diff)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the change arrived after %v", took)
	}
	l.change(func() {
		if l.wholes != 1 || l.parts == 0 {
			t.Errorf("%d whole inventories and %d changes were sent", l.wholes, l.parts)
		}
	})
}

// TestServerIsAway has changes while the server does not answer, and the agent
// started anew: what it sends then is what is there.
func TestServerIsAway(t *testing.T) {
	t.Parallel()
	l := listen(t)
	c := enrolled(t, l)
	stop := runs(t, c)
	l.next(t, "deb nginx 1.22-1")
	l.change(func() { l.down = true })
	put(t, c.Root, map[string]string{"var/lib/dpkg/status": stanza("bash", "5.2-9", "installed")})
	until(t, func() bool { s, err := ReadStatus(c.State); return err == nil && s.Waiting > 0 && s.Trouble != "" })
	stop()
	l.change(func() { l.down = false })
	put(t, c.Root, map[string]string{"var/lib/dpkg/status": stanza("bash", "5.3-1", "installed")}) // while no agent ran
	runs(t, c)
	l.next(t, "deb bash 5.3-1")
	until(t, func() bool { s, err := ReadStatus(c.State); return err == nil && s.Waiting == 0 && s.Running })
}

// until waits for something that a file tells.
func until(t *testing.T, f func() bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	for tick := time.NewTicker(20 * time.Millisecond); !f(); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("it does not come to be")
		}
	}
}

// TestServerLosesState: a server that does not know the base is sent everything.
func TestServerLosesState(t *testing.T) {
	t.Parallel()
	l := listen(t)
	c := enrolled(t, l)
	runs(t, c)
	l.next(t, "deb nginx 1.22-1")
	l.change(func() { l.have = inventory.Inventory{} })
	put(t, c.Root, map[string]string{"var/lib/dpkg/status": stanza("bash", "6", "installed")})
	got := l.next(t, "deb bash 6")
	if diff := cmp.Diff([]string{"deb bash 6", "pypi left 1.0.0", "pypi six 1.16.0"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestClocks has agents whose clocks are hours off.
func TestClocks(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-26 * time.Hour, 5 * time.Hour, 20 * time.Second} {
		l := listen(t)
		l.now = func() time.Time { return time.Now().Add(off) }
		c := enrolled(t, l)
		got, err := Once(t.Context(), c)
		if err != nil || got.Revision == "" {
			t.Errorf("off by %v: %+v, %v", off, got, err)
		}
	}
}

// TestSwitchedOff: an agent rests while its account has scans of hosts off.
func TestSwitchedOff(t *testing.T) {
	t.Parallel()
	l := listen(t)
	l.orders.Scan = false
	c := enrolled(t, l)
	runs(t, c)
	until(t, func() bool { s, err := ReadStatus(c.State); return err == nil && !s.Scanning })
	put(t, c.Root, map[string]string{"var/lib/dpkg/status": stanza("bash", "7", "installed")})
	select {
	case inv := <-l.taken:
		t.Errorf("sent all the same: %v", names(inv.Packages))
	case <-time.After(2 * quietFor):
	}
	l.change(func() { l.orders.Scan = true })
	l.next(t, "deb bash 7")
}

func TestOneAgentOnly(t *testing.T) {
	t.Parallel()
	l := listen(t)
	c := enrolled(t, l)
	runs(t, c)
	l.next(t, "deb nginx 1.22-1")
	if _, err := Once(t.Context(), c); !errors.Is(err, ErrRunning) {
		t.Errorf("got %v", err)
	}
}

// TestReplacedFolder: a database whose folder is replaced as a whole, as
// "rpm --rebuilddb" does, is still watched.
func TestReplacedFolder(t *testing.T) {
	t.Parallel()
	l := listen(t)
	c := enrolled(t, l)
	runs(t, c)
	l.next(t, "deb nginx 1.22-1")
	dir := filepath.Join(c.Root, "var/lib/dpkg")
	put(t, c.Root, map[string]string{"var/lib/new/status": stanza("bash", "6", "installed")})
	if err := errors.Join(os.Rename(dir, dir+".old"), os.Rename(filepath.Join(c.Root, "var/lib/new"), dir)); err != nil {
		t.Fatal(err)
	}
	l.next(t, "deb bash 6")
	put(t, c.Root, map[string]string{"var/lib/dpkg/status": stanza("bash", "7", "installed")})
	l.next(t, "deb bash 7")
}

// TestOneLookAtATime: a change of packages of languages waits for the look that
// goes on, however long that takes.
func TestOneLookAtATime(t *testing.T) {
	t.Parallel()
	a, end, err := open(enrolled(t, listen(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	}()
	now := time.Now()
	a.Now = func() time.Time { return now }
	a.looked, a.looking = true, true
	a.changed(change{dir: filepath.Join(a.Root, "usr/lib/python3/dist-packages")})
	now = now.Add(2 * heldAtMost)
	if ask := a.lookAgain(t.Context()); !ask.IsZero() || len(a.touched) != 1 {
		t.Errorf("a second look was begun: ask again at %v, %v", ask, a.touched)
	}
	a.looking = false
	a.lookAgain(t.Context())
	if !a.looking || len(a.touched) != 0 {
		t.Fatalf("no look was begun: %v", a.touched)
	}
	if f := <-a.found; len(f.packages) != 1 || f.err != nil {
		t.Errorf("%+v", f)
	}
}

// TestPartCutShort: what was known below some paths stays if looking there again
// takes too long.
func TestPartCutShort(t *testing.T) {
	t.Parallel()
	a, end, err := open(enrolled(t, listen(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	}()
	const path = "usr/lib/python3/dist-packages"
	known := []inventory.Package{{Type: "pypi", Name: "six", Version: "1.16.0", Path: path + "/six-1.16.0.egg-info/PKG-INFO"}}
	a.deep, a.looked, a.looking = deep{packages: known}, true, true
	short := deep{problems: []inventory.Problem{{Reason: "too long"}}, limit: TooLong}
	a.keepFound(t.Context(), found{short, []string{path}, nil})
	want := deep{packages: known, problems: short.problems, limit: TooLong}
	if diff := cmp.Diff(want, a.deep, cmp.AllowUnexported(deep{})); diff != "" {
		t.Error(diff)
	}
}
