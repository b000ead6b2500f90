package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/agent"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// TestRescan has everything scanned again that somebody scans, and says of the
// rest why not.
func TestRescan(t *testing.T) {
	t.Parallel()
	for kind, database := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			place := database(t)
			r := start(t, func(c *Config) { c.Database = place }, nil)
			page := r.listen(t, r.browser(t, r.url+"/signin?link="+r.link))

			images := newImageStore(t)
			push(t, images.host+"/shop/web:1", imageOf(t, "amd64", time.Now(), left(t, "1.0.0")))
			push(t, images.host+"/shop/by-hand:1", imageOf(t, "amd64", time.Now(), left(t, "1.0.0")))
			reg := NewRegistry{}
			reg.Address = images.host
			r.watch(t, reg)
			settles(t, r, []string{"shop/by-hand [1] SUCCESSFUL", "shop/web [1] SUCCESSFUL"}, r.covered)

			dir := t.TempDir()
			for name, text := range map[string][]byte{"pay.json": []byte(`{"name":"pay","runtime":"nodejs20.x"}`), "pay.zip": zipped(t, "1.0.0")} {
				if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.client.Do(t.Context(), "POST", "function-sources", NewFunctionSource{Place: dir}, nil); err != nil {
				t.Fatal(err)
			}
			function := "arn:aws:lambda:us-east-1:" + r.account + ":function:pay:$LATEST"
			settles(t, r, "SUCCESSFUL", func(t *testing.T) string { t.Helper(); return r.reasonOf(t, function) })

			a := r.enroll(t, "a", "host-a")
			if err := a.Do(t.Context(), "POST", "agents/inventory", whole(held("1.0.0")), nil); err != nil {
				t.Fatal(err)
			}
			r.put(t, submission("repo", "1.0.0"))

			image := r.idOf(t, "shop/web")
			for _, tt := range []struct{ id, how, event string }{
				{image, "The image is read from registry test", images.host + "/shop/web:1"},
				{function, "The package is read from its place", "pay"},
				{"host-a", "within 5m0s", ""},
			} {
				var out RescanStarted
				if err := r.client.Do(t.Context(), "POST", "rescan", Rescan{Resource: tt.id}, &out); err != nil || !out.Started || !strings.Contains(out.How, tt.how) {
					t.Errorf("%s: %+v, %v", tt.id, out, err)
				}
				if tt.event != "" {
					h := page.next(t, "scan", func(data string) bool {
						return strings.Contains(data, `"target":"`+tt.event+`"`) && strings.Contains(data, `"done":true`)
					})
					if !strings.Contains(h.data, `"packages":1`) || strings.Contains(h.data, "error") {
						t.Errorf("%s: told %s", tt.id, h.data)
					}
				}
			}
			var orders agent.Orders
			beat := agent.Beat{Revision: agent.Revision(held("1.0.0"))}
			if err := a.Do(t.Context(), "POST", "agents/heartbeat", beat, &orders); err != nil || !orders.Full {
				t.Errorf("the agent is told %+v, %v", orders, err)
			}
			r.refuseRescans(t)
		})
	}
}

// refuseRescans asks for what nobody can do, or who asks may not.
func (r *running) refuseRescans(t *testing.T) {
	t.Helper()
	var other Account
	if err := r.client.Do(t.Context(), "POST", "accounts", NewAccount{Name: "other"}, &other); err != nil {
		t.Fatal(err)
	}
	clients := map[string]*client.Client{"mine": r.client}
	for name, in := range map[string]NewKey{"reader": {Name: "r", Role: org.Reader}, "other": {Account: other.ID, Name: "o", Role: org.Admin}} {
		var key Key
		if err := r.client.Do(t.Context(), "POST", "keys", in, &key); err != nil {
			t.Fatal(err)
		}
		clients[name] = r.as(t, key.ID, key.Secret)
	}
	type refusal struct{ Code, Says string }
	for _, tt := range []struct {
		as   string
		in   Rescan
		want refusal
	}{
		{"mine", Rescan{}, refusal{"ValidationException", "resourceId"}},
		{"mine", Rescan{Resource: "nothing"}, refusal{"ResourceNotFoundException", "There is no resource nothing."}},
		{"mine", Rescan{Resource: "host-a", Type: resource.Function}, refusal{"ResourceNotFoundException", "host-a"}},
		{"mine", Rescan{Resource: "repo"}, refusal{"ValidationException", "assay scan DIRECTORY --server"}},
		{"other", Rescan{Resource: "host-a"}, refusal{"ResourceNotFoundException", "host-a"}},
		{"reader", Rescan{Resource: "host-a"}, refusal{"AccessDeniedException", "assay:Rescan"}},
	} {
		err := clients[tt.as].Do(t.Context(), "POST", "rescan", tt.in, nil)
		got := refusal{Code: refusedAs(err)}
		if err != nil && strings.Contains(err.Error(), tt.want.Says) {
			got.Says = tt.want.Says
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s asks for %+v: %v\n%s", tt.as, tt.in, err, diff)
		}
	}
}

// reasonOf returns the reason of the coverage of a resource; empty if there is none.
func (r *running) reasonOf(t *testing.T, id string) string {
	t.Helper()
	out, err := r.client.Inspector2().ListCoverage(t.Context(), &inspector2.ListCoverageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range out.CoveredResources {
		if c.ResourceID == id {
			return string(c.ScanStatus.Reason)
		}
	}
	return ""
}

// idOf returns the id of a resource by a part of it.
func (r *running) idOf(t *testing.T, part string) string {
	t.Helper()
	out, err := r.client.Inspector2().ListCoverage(t.Context(), &inspector2.ListCoverageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range out.CoveredResources {
		if strings.Contains(c.ResourceID, part) {
			return c.ResourceID
		}
	}
	t.Fatalf("no resource %s", part)
	return ""
}
