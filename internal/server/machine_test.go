package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/org"
)

// aMachine makes the files of a machine with a version of the package.
func aMachine(t *testing.T, version string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range map[string]string{
		"usr/lib/os-release":                     "ID=debian\nVERSION_ID=12\n",
		"usr/lib/node_modules/left/package.json": fmt.Sprintf(`{"name":"left","version":%q}`, version),
	} {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// machineScanned waits until the scan of this machine has ended.
func (r *running) machineScanned(t *testing.T) MachineScan {
	t.Helper()
	var out ThisMachine
	settles(t, r, true, func(t *testing.T) bool {
		t.Helper()
		if err := r.client.Do(t.Context(), "GET", "scans/this-machine", nil, &out); err != nil {
			t.Fatal(err)
		}
		return out.Scan != nil && out.Scan.over()
	})
	return *out.Scan
}

// step returns one of the first steps.
func (r *running) step(t *testing.T, name string) StartStep {
	t.Helper()
	var out Start
	if err := r.client.Do(t.Context(), "GET", "start", nil, &out); err != nil {
		t.Fatal(err)
	}
	for _, s := range out.Steps {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no step %s in %+v", name, out)
	return StartStep{}
}

// TestThisMachine is scanned with one call, and a page sees how far that is.
func TestThisMachine(t *testing.T) {
	t.Parallel()
	for kind, database := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			place, root := database(t), aMachine(t, "1.0.0")
			r := start(t, func(c *Config) { c.Database, c.host = place, "host:"+root }, nil)
			page := r.listen(t, r.browser(t, r.url+"/signin?link="+r.link))
			if s := r.step(t, "this-machine"); s.Done || !s.Possible || !strings.HasSuffix(s.Detail, " has not been scanned.") {
				t.Errorf("before: %+v", s)
			}
			var asked MachineScan
			if err := r.client.Do(t.Context(), "POST", "scans/this-machine", nil, &asked); err != nil {
				t.Fatal(err)
			}
			h := page.next(t, "scan", contains(`"done":true`))
			var told ScanEvent
			if err := json.Unmarshal([]byte(h.data), &told); err != nil || told.ID != asked.ID || told.Packages != 1 || told.Resource != root || told.Error != "" {
				t.Errorf("told %s, %v", h.data, err)
			}
			got := r.machineScanned(t)
			if got.ID != asked.ID || got.State != machineDone || got.Packages != 1 || got.Resource != root || got.Findings["created"] != 2 || got.Began.Before(got.Asked) {
				t.Errorf("the scan: %+v", got)
			}
			if s := r.statuses(t); s != "CVE-2098-0001 ACTIVE, CVE-2098-0002 ACTIVE" {
				t.Errorf("findings %s", s)
			}
			if s := r.step(t, "this-machine"); !s.Done || !strings.Contains(s.Detail, ": 1 package.") {
				t.Errorf("after: %+v", s)
			}
			var all Start
			if err := r.client.Do(t.Context(), "GET", "start", nil, &all); err != nil || all.Resources != 1 || all.Findings != 2 || len(all.Steps) != 5 {
				t.Errorf("start: %+v, %v", all, err)
			}
			// The files have gone: that is told, and the next scan is another one.
			if err := os.RemoveAll(root); err != nil {
				t.Fatal(err)
			}
			var how RescanStarted
			if err := r.client.Do(t.Context(), "POST", "rescan", Rescan{Resource: root}, &how); err != nil || how.How != "The server scans the machine that it runs on." {
				t.Errorf("scanning again: %+v, %v", how, err)
			}
			if got = r.machineScanned(t); got.ID == asked.ID || got.State != machineFailed || !strings.Contains(got.Error, "no such file") {
				t.Errorf("the scan of nothing: %+v", got)
			}
			if s := r.statuses(t); s != "CVE-2098-0001 ACTIVE, CVE-2098-0002 ACTIVE" {
				t.Errorf("findings afterwards %s", s)
			}
		})
	}
}

// TestThisMachineRefused to those who may not, and where it is switched off.
func TestThisMachineRefused(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) { c.NoLocalScan = true }, nil)
	var other Account
	if err := r.client.Do(t.Context(), "POST", "accounts", NewAccount{Name: "other"}, &other); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, in := range []NewKey{
		{Account: r.account, Name: "reader", Role: org.Reader},
		{Account: r.account, Name: "operator", Role: org.Operator},
		{Account: other.ID, Name: "other", Role: org.Admin},
	} {
		var key Key
		if err := r.client.Do(t.Context(), "POST", "keys", in, &key); err != nil {
			t.Fatal(err)
		}
		c := r.as(t, key.ID, key.Secret)
		for _, method := range []string{"GET", "POST"} {
			got[in.Name+" "+method] = refusedAs(c.Do(t.Context(), method, "scans/this-machine", nil, nil))
		}
		got[in.Name+" start"] = refusedAs(c.Do(t.Context(), "GET", "start", nil, nil))
	}
	if diff := cmp.Diff(map[string]string{
		"reader GET": "<nil>", "reader POST": "AccessDeniedException", "reader start": "<nil>",
		"operator GET": "<nil>", "operator POST": "ConflictException", "operator start": "<nil>",
		"other GET": "AccessDeniedException", "other POST": "AccessDeniedException", "other start": "<nil>",
	}, got); diff != "" {
		t.Error(diff)
	}
	var out ThisMachine
	err := r.client.Do(t.Context(), "GET", "scans/this-machine", nil, &out)
	if err != nil || out.Possible || !strings.Contains(out.Problem, "--no-local-scan") || out.Scan != nil {
		t.Errorf("%+v, %v", out, err)
	}
	if s := r.step(t, "this-machine"); s.Possible || !strings.Contains(s.Detail, "--no-local-scan") {
		t.Errorf("%+v", s)
	}
}

// TestContainer says what is seen of a container.
func TestContainer(t *testing.T) {
	t.Parallel()
	plain, docker := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(docker, ".dockerenv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		root, variable string
		want           bool
	}{
		{plain, "", false}, {docker, "", true}, {plain, "container", true}, {plain, "KUBERNETES_SERVICE_HOST", true},
	} {
		p := machine{root: tt.root, getenv: func(name string) string {
			if name == tt.variable {
				return "x"
			}
			return ""
		}}
		got, notes := p.notes()
		if got != tt.want || got != strings.Contains(strings.Join(notes, " "), "runs in a container") {
			t.Errorf("%+v: %v, %q", tt, got, notes)
		}
	}
}
