package server

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// known is a database of two advisories about one npm package.
func known(t *testing.T) func(context.Context) (*vulndb.Known, error) {
	t.Helper()
	b := vulndb.NewBuilder(vulndb.BuildOptions{Built: time.Unix(1_790_000_000, 0).UTC()})
	for _, a := range []advisory.Advisory{
		sample("CVE-2098-0001", "1.5.0", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
		sample("CVE-2098-0002", "1.2.0", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"),
	} {
		if err := b.Add(&a); err != nil {
			t.Fatal(err)
		}
	}
	var db, enrich bytes.Buffer
	if _, err := b.Write(&db, &enrich); err != nil {
		t.Fatal(err)
	}
	return func(context.Context) (*vulndb.Known, error) { return vulndb.OpenKnownBytes(db.Bytes(), enrich.Bytes()) }
}

// A running server of a test.
type running struct {
	url, account, key, secret, link string
	builds                          *atomic.Int32 // of advisory databases
	client                          *client.Client
	log                             *bytes.Buffer
	stop                            func()
}

var told = regexp.MustCompile(`(?s)account +(\d{12}).*access key +(\S+).*secret access key +(\S+).*link=(\S+)`)

// start runs a server until the test ends or stop is called. Of one that has
// been started before in the same folder, before are the credentials.
func start(t *testing.T, change func(c *Config), before *running) *running {
	t.Helper()
	c := Config{
		Data: t.TempDir(), Listen: "127.0.0.1:0", TLS: "auto", Region: "us-east-1", DBReload: time.Hour,
		KeepClosed: 720 * time.Hour, KeepGone: 72 * time.Hour, KeepAudit: 8760 * time.Hour,
		ReadRate: 1000, WriteRate: 1000, Workers: 2, LogLevel: "info", LogFormat: "text",
	}
	if change != nil {
		change(&c)
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	open := known(t)
	var stdout, log bytes.Buffer
	r := &running{log: &log, builds: &atomic.Int32{}}
	ready, ended := make(chan string, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() {
		ended <- Run(ctx, c, Outside{
			Advisories: Advisories{Open: open, Stamp: func() string { return "" }, Build: func(ctx context.Context, from []string, path string, built time.Time) error {
				r.builds.Add(1)
				return buildHere(ctx, from, path, built)
			}},
			S3:      store.S3Credentials{ID: "test", Secret: "secret"},
			Version: "test", Stdout: &stdout, Stderr: &log, Ready: func(url string) { ready <- url },
		})
	}()
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	}
	t.Cleanup(r.stop)
	select {
	case r.url = <-ready:
	case err := <-ended:
		stopped = true
		cancel()
		t.Fatalf("the server did not start: %v\n%s", err, log.String())
	}
	if m := told.FindStringSubmatch(stdout.String()); m != nil {
		r.account, r.key, r.secret, r.link = m[1], m[2], m[3], m[4]
	} else if before != nil {
		r.account, r.key, r.secret = before.account, before.key, before.secret
	} else {
		t.Fatalf("the first start told no key: %q", stdout.String())
	}
	r.client = r.as(t, r.key, r.secret)
	return r
}

// as returns a client with another key.
func (r *running) as(t *testing.T, key, secret string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{Server: r.url, Key: key, Secret: secret, Insecure: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// submission is a source tree with one version of the package.
func submission(id, version string) monitor.Submission {
	return monitor.Submission{
		Schema: monitor.Schema, Resource: resource.Resource{ID: id},
		Target: scan.Target{Name: id, Kind: "source"},
		Inventory: inventory.Inventory{Packages: []inventory.Package{
			{Type: "npm", Name: "left", Version: version, Path: "package-lock.json", Evidence: inventory.Lockfile},
		}},
	}
}

func sample(id, fixed, vector string) advisory.Advisory {
	return advisory.Advisory{
		ID: id, Source: "osv", Kind: advisory.Vulnerability, Summary: "Something is wrong",
		Severities: []advisory.Severity{{Source: "NVD", Version: "3.1", Vector: vector}},
		Affected: []advisory.Affected{{
			Ecosystem: advisory.Ecosystem{Type: "npm"}, Name: "left",
			Ranges: []advisory.Range{{Introduced: "0", Fixed: fixed}},
		}},
	}
}

// put hands a scan in.
func (r *running) put(t *testing.T, sub monitor.Submission) monitor.Summary {
	t.Helper()
	var sum monitor.Summary
	if err := r.client.Do(t.Context(), "POST", "scans", sub, &sum); err != nil {
		t.Fatal(err)
	}
	return sum
}

// statuses returns the findings of a server as "vulnerability status".
func (r *running) statuses(t *testing.T) string {
	t.Helper()
	out, err := r.client.Inspector2().ListFindings(t.Context(), &inspector2.ListFindingsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range out.Findings {
		list = append(list, f.PackageVulnerabilityDetails.VulnerabilityID+" "+string(f.Status))
	}
	return strings.Join(list, ", ")
}

func TestScansBecomeFindings(t *testing.T) {
	t.Parallel()
	for name, database := range databases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, place := t.TempDir(), database(t)
			same := func(c *Config) { c.Data, c.Database = data, place }
			r := start(t, same, nil)
			if sum := r.put(t, submission("repo", "1.0.0")); sum.Findings[store.Created] != 2 {
				t.Errorf("first scan: %+v", sum)
			}
			const both = "CVE-2098-0001 ACTIVE, CVE-2098-0002 ACTIVE"
			if got := r.statuses(t); got != both {
				t.Errorf("after the first scan: %s", got)
			}
			if sum := r.put(t, submission("repo", "1.0.0")); !sum.Unchanged {
				t.Errorf("the same scan again: %+v", sum)
			}
			if sum := r.put(t, submission("repo", "1.3.0")); sum.Findings[store.Gone] != 1 {
				t.Errorf("after an upgrade: %+v", sum)
			}
			const one = "CVE-2098-0001 ACTIVE, CVE-2098-0002 CLOSED"
			if got := r.statuses(t); got != one {
				t.Errorf("after an upgrade: %s", got)
			}
			r.stop()
			again := start(t, same, r)
			if got := again.statuses(t); got != one {
				t.Errorf("after a restart: %s", got)
			}
		})
	}
}

// TestEventsLeave has the changes of a scan written to a file, and counted.
func TestEventsLeave(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "events.jsonl")
	r := start(t, func(c *Config) { c.Events = file }, nil)
	r.put(t, submission("repo", "1.0.0"))
	const sent = `assay_events_total{end="sent",sink="events"} 4` // two findings, the first scan, its coverage
	for began := time.Now(); ; {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), sent) {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("no %s in %s", sent, body)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil || strings.Count(string(text), `"vulnerabilityId":"CVE-2098-000`) != 2 {
		t.Errorf("%v: %s", err, text)
	}
}

func TestSubmissionRefused(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	for _, tt := range []struct{ name, body, code, text string }{
		{"an array", "[]", "ValidationException", "must not be a JSON array"},
		{"wrong type", `{"schema":1}`, "ValidationException", "schema"},
		{"wrong schema", `{"schema":"assay.scan/9"}`, "ValidationException", "assay.scan/1"},
		{"no id", `{"schema":"assay.scan/1","target":{"kind":"source"}}`, "ValidationException", "resource.id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := r.client.Do(t.Context(), "POST", "scans", rawJSON(tt.body), nil)
			refused, ok := err.(*client.Refused) //nolint:errorlint // as Do returns it
			if !ok || refused.Code != tt.code || !strings.Contains(refused.Message, tt.text) {
				t.Errorf("error = %v, want %s with %q", err, tt.code, tt.text)
			}
		})
	}
	_, err := r.client.Inspector2().Disable(t.Context(), &inspector2.DisableRequest{})
	if err != nil {
		t.Fatal(err)
	}
	err = r.client.Do(t.Context(), "POST", "scans", submission("repo", "1.0.0"), nil)
	if refused, ok := err.(*client.Refused); !ok || refused.Code != "ConflictException" || refused.Status != http.StatusConflict { //nolint:errorlint // as Do returns it
		t.Errorf("with scans switched off: %v", err)
	}
}

func TestBodyIsRead(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(`{"schema":"x"}`)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, encoding, body, want string }{
		{"plain", "", `{"schema":"x"}`, ""},
		{"gzip", "gzip", packed.String(), ""},
		{"empty", "", " ", ""},
		{"no JSON", "", "{", "The body is not JSON: at byte 1"},
		{"no gzip", "gzip", "{}", "The body is not gzip"},
		{"half gzip", "gzip", packed.String()[:packed.Len()-9], "The body is not whole gzip"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request{Request: &http.Request{Header: http.Header{"Content-Encoding": {tt.encoding}}}, body: []byte(tt.body)}
			var sub monitor.Submission
			err := r.decode(&sub)
			if (err == nil) != (tt.want == "") || err != nil && !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("decode() = %v, want %q", err, tt.want)
			}
		})
	}
}

// TestOwnDocument keeps doc/rest.md complete.
func TestOwnDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../doc/rest.md")
	if err != nil {
		t.Fatal(err)
	}
	names := strings.NewReplacer("/assay/v1/", "", "{id}", "ID", "{sink}", "SINK", "{name}", "NAME")
	for _, r := range allRoutes() {
		call := "`" + names.Replace(r.pattern) + "`"
		told := false
		for l := range strings.Lines(string(text)) {
			told = told || strings.Contains(l, call) && strings.Contains(l, "`"+r.action+"`")
		}
		if !told {
			t.Errorf("doc/rest.md has no line of %s with %s", call, r.action)
		}
	}
}

// rawJSON is sent as it is.
type rawJSON string

func (r rawJSON) MarshalJSON() ([]byte, error) { return []byte(r), nil }

func TestOperatorPages(t *testing.T) {
	t.Parallel()
	r := start(t, func(c *Config) { c.TLS = "self-signed" }, nil)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	get := func(path string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	for _, tt := range []struct {
		path   string
		status int
		text   string
	}{
		{"/healthz", 200, "ok"},
		{"/readyz", 200, "ok"},
		{"/metrics", 200, `assay_build_info{version="test"} 1`},
	} {
		if status, body := get(tt.path); status != tt.status || !strings.Contains(body, tt.text) {
			t.Errorf("GET %s = %d %q, want %d with %q", tt.path, status, body, tt.status, tt.text)
		}
	}
}

func TestAnotherMasterKey(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	start(t, func(c *Config) { c.Data = data }, nil).stop()
	if err := os.WriteFile(filepath.Join(data, "master.key"), []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{Data: data, Listen: "127.0.0.1:0", KeyFile: filepath.Join(data, "master.key"), TLS: "off"}
	err := Run(t.Context(), c, Outside{Stdout: io.Discard, Stderr: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "another master key") {
		t.Errorf("error = %v, want one about another master key", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	good := Config{
		Data: "x", Listen: "127.0.0.1:8480", TLS: "auto", Region: "us-east-1", DBReload: 1, KeepClosed: 1, KeepGone: 1, KeepAudit: 1,
		ReadRate: 1, WriteRate: 1, Workers: 1,
	}
	for _, tt := range []struct {
		name   string
		change func(c *Config)
		want   string
	}{
		{"database", func(c *Config) { c.Database = "mysql://x" }, "database: "},
		{"listen", func(c *Config) { c.Listen = "8480" }, "listen: "},
		{"half a certificate", func(c *Config) { c.TLSCert = "a" }, "tls-cert: "},
		{"certificate that is not used", func(c *Config) { c.TLS, c.TLSCert, c.TLSKey = "off", "a", "b" }, "tls: "},
		{"account", func(c *Config) { c.Account = "12" }, "account: "},
		{"url", func(c *Config) { c.URL = "assay" }, "url: "},
		{"region", func(c *Config) { c.Region = "mars" }, "region: "},
		{"rate", func(c *Config) { c.ReadRate = 0 }, "read-rate: "},
		{"workers", func(c *Config) { c.Workers = 0 }, "workers: "},
		{"a worker on SQLite", func(c *Config) { c.Role, c.Blobs = "worker", "b" }, "role: worker needs a PostgreSQL database"},
		{"blobs that are not shared", func(c *Config) { c.Role, c.Database = "api", "postgres://x" }, "role: api needs a place for blobs"},
		{"feeds and a database", func(c *Config) { c.Feeds, c.FeedsEvery, c.DB = []string{"a"}, time.Hour, "b" }, "feeds: and db exclude"},
		{"feeds of FTP", func(c *Config) { c.Feeds, c.FeedsEvery = []string{"ftp://x/"}, time.Hour }, "feeds: "},
		{"feeds twice", func(c *Config) { c.Feeds, c.FeedsEvery = []string{"a", "a"}, time.Hour }, "feeds: "},
		{"feeds all the time", func(c *Config) { c.Feeds = []string{"a"} }, "feeds-every: "},
		{"retention", func(c *Config) { c.KeepGone = -1 }, "keep-gone: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := good
			tt.change(&c)
			if err := c.Check(); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("Check() = %v, want %q", err, tt.want)
			}
		})
	}
	for _, tt := range []struct{ listen, tls, url string }{
		{"127.0.0.1:8480", "off", "http://127.0.0.1:8480"},
		{"[::1]:1", "off", "http://[::1]:1"},
		{"192.0.2.1:443", "self-signed", "https://192.0.2.1:443"},
	} {
		c := good
		c.Listen = tt.listen
		if err := c.Check(); err != nil || c.TLS != tt.tls || c.URL != tt.url {
			t.Errorf("%s: tls %s, url %s, %v; want %s, %s", tt.listen, c.TLS, c.URL, err, tt.tls, tt.url)
		}
	}
}
