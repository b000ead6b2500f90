package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/agent"
	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// hosts is what the server has of agents, over a store of its own, and with a
// clock that the test turns.
type hosts struct {
	*agents
	account org.Account
	clock   time.Time
}

func newHosts(t *testing.T) *hosts {
	t.Helper()
	st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "assay.db"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	h := &hosts{clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	first, _, err := st.FirstStart(t.Context(), store.First{Name: "m", Now: h.clock})
	if err != nil {
		t.Fatal(err)
	}
	h.account = first.Account.ID
	db, err := known(t)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{store: st, log: slog.New(slog.DiscardHandler), Config: Config{Region: "us-east-1"}, trail: api.NewTrail(st, slog.New(slog.DiscardHandler))}
	s.monitor = &monitor.Monitor{Store: st, Region: s.Region, Knowledge: func() (monitor.Knowledge, func()) { return db, func() {} }}
	h.agents = newAgents(s)
	s.agents, h.now, h.started = h.agents, func() time.Time { return h.clock }, h.clock
	return h
}

// token makes one.
func (h *hosts) token(t *testing.T, in NewEnrollment) string {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.server.createEnrollment(t.Context(), request{
		Request: &http.Request{Header: http.Header{}}, body: body, caller: api.Caller{Account: h.account}, scope: org.Only(h.account), now: h.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.(Enrollment).Token
}

func application(token, machine, id string) agent.Application {
	return agent.Application{Token: token, MachineID: strings.Repeat(machine, 32)[:32], Resource: id, Host: agent.Host{Name: "host-" + machine, OS: "linux", Arch: "amd64"}}
}

// as returns the caller that an answer to an enrollment makes.
func (h *hosts) as(e agent.Enrolled) api.Caller {
	return api.Caller{Account: h.account, Role: org.Agent, Name: e.Agent, Key: e.Key, Subject: e.Resource}
}

func (h *hosts) coverage(t *testing.T, id string) string {
	t.Helper()
	c, ok, err := h.server.store.Watched(t.Context(), org.Only(h.account), resource.Resource{
		Type: resource.Instance, ID: id, Account: h.account.String(), Region: "us-east-1",
	})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return c.Code + " " + c.Reason + " " + c.Mode
}

// report has an agent report.
func (h *hosts) report(t *testing.T, e agent.Enrolled, r agent.Report) (agent.Receipt, error) {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.inventory(t.Context(), request{Request: &http.Request{Header: http.Header{}}, body: body, caller: h.as(e), now: h.clock})
	return out, err
}

func whole(inv inventory.Inventory) agent.Report {
	return agent.Report{Schema: agent.Schema, Next: agent.Revision(inv), Host: agent.Host{Name: "host", OS: "linux"}, OS: inv.OS, Packages: inv.Packages}
}

func held(versions ...string) inventory.Inventory {
	inv := inventory.Inventory{}
	for i, v := range versions {
		inv.Packages = append(inv.Packages, inventory.Package{Type: "npm", Name: "left", Version: v, Path: fmt.Sprintf("usr/lib/node_modules/%d/package.json", i)})
	}
	inv.Sort()
	return inv
}

func TestEnrollment(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	one, many := h.token(t, NewEnrollment{}), h.token(t, NewEnrollment{Uses: 10, Hours: 1})
	for _, tt := range []struct {
		name  string
		in    agent.Application
		later time.Duration
		want  fault.Kind
	}{
		{"first", application(one, "a", "host-a"), 0, ""},
		{"used twice", application(one, "b", "host-b"), 0, fault.Denied},
		{"wrong secret", application(many+"x", "b", "host-b"), 0, fault.Denied},
		{"unknown", application("asyt_none.none", "b", "host-b"), 0, fault.Denied},
		{"no token", application("", "b", "host-b"), 0, fault.Denied},
		{"no machine", agent.Application{Token: many, Host: agent.Host{Name: "x"}}, 0, fault.Invalid},
		{"strange name", application(many, "b", "a\nb"), 0, fault.Invalid},
		{"resource of another machine", application(many, "b", "host-a"), 0, fault.Conflict},
		{"name as the resource", application(many, "c", ""), 0, ""},
		{"expired", application(many, "d", ""), time.Hour, fault.Denied},
	} {
		got, err := h.enroll(t.Context(), tt.in, h.clock.Add(tt.later))
		if fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if err == nil && (got.Secret == "" || got.Resource != "host-"+tt.in.MachineID[:1]) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
	if got, want := h.coverage(t, "host-a"), "ACTIVE PENDING_INITIAL_SCAN VM_INSPECTOR_AGENT_BASED"; got != want {
		t.Errorf("coverage is %s, want %s", got, want)
	}
}

// TestEnrolledAgain: a machine has one key, the last.
func TestEnrolledAgain(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	token := h.token(t, NewEnrollment{Uses: 2})
	first, err := h.enroll(t.Context(), application(token, "a", ""), h.clock)
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.enroll(t.Context(), application(token, "a", ""), h.clock)
	if err != nil || second.Agent != first.Agent || second.Key == first.Key {
		t.Fatalf("%+v, %v", second, err)
	}
	if _, err := h.heartbeat(t.Context(), h.as(first), agent.Beat{}, h.clock); fault.KindOf(err) != fault.Denied {
		t.Errorf("with the old key: %v", err)
	}
	if _, err := h.heartbeat(t.Context(), h.as(second), agent.Beat{}, h.clock); err != nil {
		t.Errorf("with the new key: %v", err)
	}
	keys, err := h.server.store.AccessKeys(t.Context(), org.Only(h.account), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k.Role == org.Agent && k.Disabled.IsZero() != (k.ID == second.Key) {
			t.Errorf("key %s is disabled at %v", k.ID, k.Disabled)
		}
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	e, err := h.enroll(t.Context(), application(h.token(t, NewEnrollment{}), "a", "i-0123456789abcdef0"), h.clock)
	if err != nil {
		t.Fatal(err)
	}
	orders, err := h.heartbeat(t.Context(), h.as(e), agent.Beat{}, h.clock)
	if err != nil || !orders.Scan || !orders.Full || !orders.Deep || len(orders.Paths) != 4 {
		t.Fatalf("%+v, %v", orders, err)
	}
	old, now := held("1.0.0", "9.0.0"), held("1.3.0", "9.0.0")
	part := agent.Report{Schema: agent.Schema, Base: agent.Revision(old), Next: agent.Revision(now), Host: agent.Host{Name: "host"}}
	part.Removed, part.Added = agent.Diff(old.Packages, now.Packages)
	wrong := part
	wrong.Next = agent.Revision(held("7"))
	for _, tt := range []struct {
		name string
		in   agent.Report
		want agent.Receipt
	}{
		{"a part before the whole", part, agent.Receipt{Full: true}},
		{"whole", whole(old), agent.Receipt{Revision: agent.Revision(old), Findings: map[string]int{"created": 2}}},
		{"a part that does not come to what it says", wrong, agent.Receipt{Full: true}},
		{"part", part, agent.Receipt{Revision: agent.Revision(now), Findings: map[string]int{"closed": 1, "updated": 1}}},
		{"part again, its answer was lost", part, agent.Receipt{Revision: agent.Revision(now)}},
		{"of another base", wrong, agent.Receipt{Full: true}},
	} {
		got, err := h.report(t, e, tt.in)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", tt.name, err, diff)
		}
	}
	if orders, err = h.heartbeat(t.Context(), h.as(e), agent.Beat{Revision: agent.Revision(now)}, h.clock); err != nil || orders.Full {
		t.Errorf("%+v, %v", orders, err)
	}
	if got, want := h.coverage(t, e.Resource), "ACTIVE SUCCESSFUL EC2_INSPECTOR_AGENT_BASED"; got != want {
		t.Errorf("coverage is %s, want %s", got, want)
	}
	limited := whole(held("9.0.0"))
	limited.Limit = agent.TooMany
	for _, tt := range []struct {
		in   agent.Report
		want string
	}{{limited, "ACTIVE " + agent.TooMany + " EC2_INSPECTOR_AGENT_BASED"}, {whole(now), "ACTIVE SUCCESSFUL EC2_INSPECTOR_AGENT_BASED"}} {
		if _, err := h.report(t, e, tt.in); err != nil {
			t.Fatal(err)
		}
		if got := h.coverage(t, e.Resource); got != tt.want {
			t.Errorf("coverage is %s, want %s", got, tt.want)
		}
	}
}

func TestReportsOfSwitchedOffAccount(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	e, err := h.enroll(t.Context(), application(h.token(t, NewEnrollment{}), "a", ""), h.clock)
	if err != nil {
		t.Fatal(err)
	}
	scope := org.Only(h.account)
	if err := h.server.store.Update(t.Context(), func(tx *store.Tx) error {
		settings, err := tx.Settings(t.Context(), scope, h.account)
		if err != nil {
			return err
		}
		return tx.SetSettings(t.Context(), scope, h.account, settings.Switch(false, h.clock, org.EC2), h.clock)
	}); err != nil {
		t.Fatal(err)
	}
	if orders, err := h.heartbeat(t.Context(), h.as(e), agent.Beat{}, h.clock); err != nil || orders.Scan || orders.Full {
		t.Errorf("%+v, %v", orders, err)
	}
	if _, err := h.report(t, e, whole(held("1.0.0"))); fault.KindOf(err) != fault.Conflict {
		t.Errorf("got %v", err)
	}
}

// TestSilence turns the clock on until an agent is missed, and has it speak
// again.
func TestSilence(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	token := h.token(t, NewEnrollment{Uses: 2})
	e, err := h.enroll(t.Context(), application(token, "a", ""), h.clock)
	if err != nil {
		t.Fatal(err)
	}
	never, err := h.enroll(t.Context(), application(token, "b", ""), h.clock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.report(t, e, whole(held("1.0.0"))); err != nil {
		t.Fatal(err)
	}
	judge := func(later time.Duration, want, wantNever string) {
		t.Helper()
		h.clock = h.clock.Add(later)
		if err := h.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := h.server.store.Objects(t.Context(), org.Only(h.account), store.Objects{Kind: agentKind})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list {
			if err := h.judge(t.Context(), o, h.clock); err != nil {
				t.Fatal(err)
			}
		}
		if got := h.coverage(t, e.Resource); got != want+" VM_INSPECTOR_AGENT_BASED" {
			t.Errorf("coverage is %s, want %s", got, want)
		}
		if got := h.coverage(t, never.Resource); got != wantNever+" VM_INSPECTOR_AGENT_BASED" {
			t.Errorf("coverage of the one that never reported is %s, want %s", got, wantNever)
		}
	}
	const well, stale, pending, none = "ACTIVE SUCCESSFUL", "INACTIVE STALE_INVENTORY", "ACTIVE PENDING_INITIAL_SCAN", "INACTIVE NO_INVENTORY"
	judge(15*time.Minute, well, pending)
	judge(time.Second, stale, none)
	judge(time.Hour, stale, none)
	for _, x := range []agent.Enrolled{e, never} {
		if _, err := h.heartbeat(t.Context(), h.as(x), agent.Beat{Every: 60}, h.clock); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	judge(0, well, pending)
	judge(3*time.Minute, well, pending)
	judge(time.Second, stale, none)
	// The same inventory as before is a sign of life, too.
	if _, err := h.report(t, e, whole(held("1.0.0"))); err != nil {
		t.Fatal(err)
	}
	judge(0, well, none)
	h.started = h.clock.Add(time.Hour) // the server was away
	judge(time.Hour, well, none)
}

// enroll returns a client with the key of a new agent of a running server.
func (r *running) enroll(t *testing.T, machine, id string) *client.Client {
	t.Helper()
	var token Enrollment
	if err := r.client.Do(t.Context(), "POST", "enrollments", NewEnrollment{}, &token); err != nil {
		t.Fatal(err)
	}
	var out agent.Enrolled
	if status, text := r.post(t, "enroll", application(token.Token, machine, id), &out); status != http.StatusOK {
		t.Fatal(status, text)
	}
	return r.as(t, out.Key, out.Secret)
}

// post makes a call that is not signed.
func (r *running) post(t *testing.T, path string, in, out any) (int, string) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/assay/v1/"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func refusedAs(err error) string {
	if e, ok := errors.AsType[*client.Refused](err); ok {
		return e.Code
	}
	return fmt.Sprint(err)
}

// TestAgentKeys has agents and others try what is not theirs.
func TestAgentKeys(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	a := r.enroll(t, "a", "host-a")
	b := r.enroll(t, "b", "host-b")
	mine := whole(held("1.0.0"))
	other := submission("host-a", "1.0.0")
	other.Target.Kind, other.Resource.Type = "host", resource.Instance
	admin := r.client
	for _, tt := range []struct {
		name, method, path string
		as                 *client.Client
		in                 any
		want               string
	}{
		{"its own", "POST", "agents/inventory", a, mine, "<nil>"},
		{"another's", "POST", "scans", b, other, "AccessDeniedException"},
		{"an administrator is no agent", "POST", "agents/inventory", admin, mine, "AccessDeniedException"},
		{"an administrator has no heart", "POST", "agents/heartbeat", admin, agent.Beat{}, "AccessDeniedException"},
		{"list agents", "GET", "agents", a, nil, "AccessDeniedException"},
		{"make tokens", "POST", "enrollments", a, NewEnrollment{}, "AccessDeniedException"},
		{"of a later version", "POST", "agents/inventory", a, agent.Report{Schema: "assay.agent/9", Next: mine.Next}, "ValidationException"},
		{"too many uses", "POST", "enrollments", admin, NewEnrollment{Uses: 1e6}, "ValidationException"},
		{"too seldom", "POST", "enrollments", admin, NewEnrollment{FullMinutes: 1000}, "ValidationException"},
	} {
		if got := refusedAs(tt.as.Do(t.Context(), tt.method, tt.path, tt.in, nil)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if status, text := r.post(t, "agents/heartbeat", agent.Beat{}, nil); status != http.StatusForbidden {
		t.Errorf("a heartbeat that nobody signed: %d %s", status, text)
	}
	if status, text := r.post(t, "enroll", map[string]string{"token": strings.Repeat("x", 100_000)}, nil); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a token that is too long: %d %s", status, text)
	}
	var list Agents
	if err := admin.Do(t.Context(), "GET", "agents", nil, &list); err != nil || len(list.Agents) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, x := range list.Agents {
		if err := admin.Do(t.Context(), "DELETE", "agents/"+x.ID, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := refusedAs(a.Do(t.Context(), "POST", "agents/heartbeat", agent.Beat{}, nil)); got != "UnrecognizedClientException" {
		t.Errorf("after it was deleted: %s", got)
	}
	covered, err := admin.Inspector2().ListCoverage(t.Context(), &inspector2.ListCoverageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range covered.CoveredResources {
		if c.ScanStatus.Reason != unmanaged {
			t.Errorf("%s without an agent: %s", c.ResourceID, c.ScanStatus.Reason)
		}
	}
}

// TestAgentReportOfMillion: what no host has is refused before it is all read.
func TestAgentReportOfMillion(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	e, err := h.enroll(t.Context(), application(h.token(t, NewEnrollment{}), "a", ""), h.clock)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprintf(z, `{"schema":%q,"next":%q,"packages":[{"name":"a"}`, agent.Schema, strings.Repeat("0", 32))
	for range 1_000_000 {
		_, _ = io.WriteString(z, `,{"name":"a"}`)
	}
	_, _ = io.WriteString(z, "]}")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	in := request{Request: &http.Request{Header: http.Header{"Content-Encoding": {"gzip"}}}, body: b.Bytes(), caller: h.as(e), now: h.clock}
	if _, err := h.inventory(t.Context(), in); fault.KindOf(err) != fault.Quota {
		t.Errorf("got %v", err)
	}
}

// TestRealAgent runs the agent itself on a small host, hours before the server,
// and sees findings open and close as packages change.
func TestRealAgent(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	var token Enrollment
	if err := r.client.Do(t.Context(), "POST", "enrollments", NewEnrollment{HeartbeatSeconds: 1, Labels: map[string]string{"team": "shop"}}, &token); err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	modules := filepath.Join(root, "usr/lib/node_modules")
	install := func(version string) {
		t.Helper()
		dir := filepath.Join(modules, "left")
		if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "package.json"), fmt.Appendf(nil, `{"name":"left","version":%q}`, version), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install("1.0.0")
	for name, text := range map[string]string{"etc/machine-id": strings.Repeat("ab", 16), "usr/lib/os-release": "ID=debian\nVERSION_ID=12\n"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755), os.WriteFile(filepath.Join(root, name), []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	c := agent.Config{
		State: t.TempDir(), Root: root, Version: "test", Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Now().Add(-7 * time.Hour) },
	}
	if _, err := agent.Enroll(t.Context(), c, agent.Joining{Server: r.url, Token: token.Token, Resource: "shop-1"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- agent.Run(ctx, c) }()
	r.until(t, "CVE-2098-0001 ACTIVE, CVE-2098-0002 ACTIVE")
	install("1.3.0")
	r.until(t, "CVE-2098-0001 ACTIVE, CVE-2098-0002 CLOSED")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	got, err := agent.Once(t.Context(), c)
	if err != nil || len(got.Findings) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// until waits until the server has these findings.
func (r *running) until(t *testing.T, want string) {
	t.Helper()
	late := time.After(30 * time.Second)
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		got := r.statuses(t)
		if got == want {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("findings are %q, want %q", got, want)
		}
	}
}

// TestHostWithAndWithoutAgent: a scan that is handed in by hand and an agent of
// the same name speak of one resource.
func TestHostWithAndWithoutAgent(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	r.put(t, monitor.Submission{Schema: monitor.Schema, Target: scan.Target{Name: "host-a", Kind: "host"}, Inventory: held("1.0.0")})
	a := r.enroll(t, "a", "")
	var got agent.Receipt
	if err := a.Do(t.Context(), "POST", "agents/inventory", whole(held("1.3.0")), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"closed": 1, "updated": 1}, got.Findings); diff != "" {
		t.Error(diff)
	}
}

// TestEnrollmentUnpacked: what anybody may send unpacks to little.
func TestEnrollmentUnpacked(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, `{"token":"`)
	for range 40 << 10 {
		_, _ = io.WriteString(z, strings.Repeat("x", 1<<10))
	}
	_, _ = io.WriteString(z, `"}`)
	if err := z.Close(); err != nil || b.Len() > maxWord {
		t.Fatal(b.Len(), err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/assay/v1/enroll", &b)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Encoding", "gzip")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(text), "more than 1048576 bytes when unpacked") {
		t.Errorf("%d %.200s, %v", resp.StatusCode, text, err)
	}
}

// TestLimitIsToldOnce: that an inventory is not whole is said together with it.
func TestLimitIsToldOnce(t *testing.T) {
	t.Parallel()
	h := newHosts(t)
	e, err := h.enroll(t.Context(), application(h.token(t, NewEnrollment{}), "a", ""), h.clock)
	if err != nil {
		t.Fatal(err)
	}
	sink := store.Sink{Name: "x", Kinds: []string{"coverage."}}
	var told func() []string
	told = func() (out []string) {
		t.Helper()
		if _, err := h.server.store.Relay(t.Context(), []store.Sink{sink}, nil, h.clock); err != nil {
			t.Fatal(err)
		}
		list, err := h.server.store.Deliveries(t.Context(), sink.Name, 100, time.Minute, h.clock)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			var doc struct{ Reason string }
			if err := json.Unmarshal(d.Doc, &doc); err != nil {
				t.Fatal(err)
			}
			out = append(out, doc.Reason)
		}
		if err := h.server.store.Delivered(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		if len(list) > 0 { // one of a subject at a time
			out = append(out, told()...)
		}
		return out
	}
	told()
	limited := whole(held("1.0.0"))
	limited.Limit = agent.TooMany
	for _, tt := range []struct {
		in   agent.Report
		want []string
	}{{limited, []string{agent.TooMany}}, {whole(held("1.0.0", "9.0.0")), []string{monitor.Successful}}} {
		if _, err := h.report(t, e, tt.in); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, told()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestPatience(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		every, told float64
		want        time.Duration
	}{
		{0, 300, 15 * time.Minute},
		{60, 300, 3 * time.Minute},
		{1, 300, 15 * time.Second}, // for what is kept of it may be 5 seconds old
		{0, 2, 15 * time.Second},
	} {
		if got := (agentDoc{Every: tt.every, Heartbeat: tt.told}).patience(); got != tt.want {
			t.Errorf("every %v or %v seconds: %v, want %v", tt.every, tt.told, got, tt.want)
		}
	}
}
