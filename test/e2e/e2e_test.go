// Package e2e runs the whole product as its users do: the program, a registry,
// this host, a folder of functions, and a receiver of events, all on loopback.
package e2e

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/inspector2"
	"github.com/aws/aws-sdk-go-v2/service/inspector2/types"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

const (
	patience = time.Minute // for anything, on a busy machine
	poll     = 100 * time.Millisecond

	imageFlaw    = "CVE-2099-1001" // of a package of the image
	functionFlaw = "CVE-2099-1002" // of a package of the function
	hostFlaw     = "CVE-2099-1003" // of a Debian package on this host
	newFlaw      = "CVE-2099-1004" // of another package of the image; becomes known later

	debName = "assay-e2e-probe"
)

// TestContinuous: findings follow what happens to images, functions, this host
// and the advisories, and each change is told.
func TestContinuous(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the program, a registry and an agent: not with -short")
	}
	if _, err := exec.LookPath("docker-registry"); err != nil {
		t.Skip("docker-registry is not installed")
	}
	w := newWorld(t)
	w.serve()
	w.receiveEvents()
	w.startRegistry()

	t.Log("an image is pushed")
	repo := w.pushImage("1")
	pushed := time.Now()
	w.wait(imageFlaw, types.FindingStatusActive)
	t.Logf("finding %v after the push", time.Since(pushed).Round(time.Millisecond))
	w.waitTold(imageFlaw, "ACTIVE")
	if covered := w.coverage(repo); !slices.Contains(covered, "SUCCESSFUL") {
		t.Errorf("coverage of the image: %v", covered)
	}

	t.Log("a function is put into its folder, then mended")
	source := w.watchFunctions()
	w.putFunction(source, "1.0.0")
	w.wait(functionFlaw, types.FindingStatusActive)
	w.waitTold(functionFlaw, "ACTIVE") // an event says what is so when it leaves
	w.putFunction(source, "2.0.0")
	w.wait(functionFlaw, types.FindingStatusClosed)

	t.Log("a Debian package is installed on this host, and removed")
	if os.Getenv("ASSAY_TEST_HOST") == "" {
		t.Run("host", func(t *testing.T) {
			t.Skip("ASSAY_TEST_HOST is not set, which allows to install a Debian package of no content on this host")
		})
	} else {
		w.followHost()
	}

	t.Log("the advisories change while the registry is gone: nothing can be read again")
	w.stopRegistry()
	w.buildAdvisories(newFlaw)
	w.wait(newFlaw, types.FindingStatusActive)
	w.wait(imageFlaw, types.FindingStatusClosed)

	w.checkEvents()
}

// A world is all that runs.
type world struct {
	*testing.T
	dir     string
	program string
	server  string
	env     []string // with the access key
	api     *inspector2.Client

	registry string // its address
	registryCmd,
	agentCmd *exec.Cmd

	mu     sync.Mutex
	events []event // as they came
}

// An event is what the receiver of events is told.
type event struct {
	Type    string          `json:"type"`
	Subject string          `json:"subject"`
	Data    json.RawMessage `json:"data"`
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir()}
	w.program = filepath.Join(w.dir, "assay")
	w.run(nil, "go", "build", "-o", w.program, "../../cmd/assay")
	w.buildAdvisories("")
	return w
}

// run runs a program that must succeed, and returns what it prints.
func (w *world) run(env []string, program string, args ...string) string {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), program, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	if err := cmd.Run(); err != nil {
		w.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, told.Bytes())
	}
	return out.String()
}

// admin runs a command of the program against the server.
func (w *world) admin(args ...string) string {
	w.Helper()
	return w.run(w.env, w.program, append([]string{"admin"}, args...)...)
}

// start starts a program that runs until the test ends, and returns the lines
// that it logs.
func (w *world) start(env []string, program string, args ...string) (*exec.Cmd, <-chan string) {
	w.Helper()
	cmd := exec.CommandContext(context.Background(), program, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StderrPipe()
	if err != nil {
		w.Fatal(err)
	}
	cmd.Stdout = cmd.Stderr
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	lines := make(chan string, 10_000)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			select {
			case lines <- s.Text():
			default: // nobody looks any more
			}
		}
	}()
	w.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if w.Failed() {
			for l := range lines {
				w.Logf("%s: %s", filepath.Base(program), l)
			}
		}
	})
	return cmd, lines
}

// buildAdvisories makes the advisory database that the server reads: of all
// flaws at first, then without that of the image and with a new one.
func (w *world) buildAdvisories(also string) {
	w.Helper()
	feeds := filepath.Join(w.dir, "feeds"+also)
	record := func(id, ecosystem, name string) {
		w.write(filepath.Join(feeds, id+".json"), fmt.Appendf(nil, `{"schema_version":"1.6.0","id":%q,"modified":"2099-01-01T00:00:00Z","summary":"A flaw of a test",
			"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
			"affected":[{"package":{"ecosystem":%q,"name":%q},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}]}`,
			id, ecosystem, name))
	}
	if also == "" {
		record(imageFlaw, "npm", "assay-e2e-image")
	} else {
		record(also, "npm", "assay-e2e-other")
	}
	record(functionFlaw, "npm", "assay-e2e-function")
	record(hostFlaw, "Debian:"+debianVersion(w.T), debName)
	w.run(nil, w.program, "db", "build", "--from", feeds, "--output", w.database())
}

func (w *world) database() string { return filepath.Join(w.dir, "advisories.db") }

// debianVersion returns the release of this host, or of any Debian.
func debianVersion(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/etc/os-release")
	if err != nil {
		return "12"
	}
	if m := regexp.MustCompile(`(?m)^VERSION_ID="?([0-9]+)`).FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return "12"
}

func (w *world) write(path string, text []byte) {
	w.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.Fatal(err)
	}
	// Whoever looks sees all of it or nothing.
	if err := os.WriteFile(path+".part", text, 0o600); err != nil {
		w.Fatal(err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		w.Fatal(err)
	}
}

var (
	servesAt = regexp.MustCompile(`msg=serving url=(\S+)`)
	keyLine  = regexp.MustCompile(`^ +access key +(\S+)`)
	secret   = regexp.MustCompile(`^ +secret access key +(\S+)`)
)

// serve starts the server.
func (w *world) serve() {
	w.Helper()
	_, lines := w.start(nil, w.program, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(w.dir, "data"),
		"--db", w.database(), "--db-reload", "1s")
	var key, word string
	for l := range lines {
		if m := keyLine.FindStringSubmatch(l); m != nil {
			key = m[1]
		}
		if m := secret.FindStringSubmatch(l); m != nil {
			word = m[1]
		}
		if m := servesAt.FindStringSubmatch(l); m != nil {
			w.server = m[1]
		}
		if w.server != "" && word != "" {
			break
		}
	}
	if w.server == "" || word == "" {
		w.Fatal("the server did not start")
	}
	w.env = []string{"ASSAY_SERVER=" + w.server, "AWS_ACCESS_KEY_ID=" + key, "AWS_SECRET_ACCESS_KEY=" + word, "AWS_REGION=us-east-1"}
	w.api = inspector2.New(inspector2.Options{
		BaseEndpoint: &w.server, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(key, word, ""),
	})
}

// receiveEvents has all events sent to a receiver of this test.
func (w *world) receiveEvents() {
	w.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var e event
		if err != nil || json.Unmarshal(body, &e) != nil {
			rw.WriteHeader(http.StatusBadRequest)
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, e)
	}))
	w.Cleanup(srv.Close)
	w.admin("sinks", "add", "receiver", "webhook", srv.URL)
}

// freePort returns a port that nobody listens on.
func (w *world) freePort() int {
	w.Helper()
	var c net.ListenConfig
	l, err := c.Listen(w.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// startRegistry starts a registry that notifies the server.
func (w *world) startRegistry() {
	w.Helper()
	w.registry = fmt.Sprintf("127.0.0.1:%d", w.freePort())
	var made struct{ Hook, Secret string }
	if err := json.Unmarshal([]byte(w.admin("--json", "registries", "add", w.registry, "--insecure")), &made); err != nil {
		w.Fatal(err)
	}
	config := filepath.Join(w.dir, "registry.yml")
	w.write(config, fmt.Appendf(nil, `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: %s}}
http: {addr: "%s"}
notifications:
  endpoints:
    - name: assay
      url: %s
      headers: {Authorization: ["Bearer %s"]}
      timeout: 5s
      threshold: 5
      backoff: 200ms
`, filepath.Join(w.dir, "registry"), w.registry, made.Hook, made.Secret))
	w.registryCmd, _ = w.start(nil, "docker-registry", "serve", config)
	w.until("the registry answers", func() bool {
		r, err := http.Get("http://" + w.registry + "/v2/")
		if err != nil {
			return false
		}
		return r.Body.Close() == nil
	})
}

func (w *world) stopRegistry() {
	w.Helper()
	if err := w.registryCmd.Process.Kill(); err != nil {
		w.Fatal(err)
	}
}

// until waits for a condition.
func (w *world) until(what string, done func() bool) {
	w.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(poll) {
		if time.Now().After(end) {
			w.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// pushImage pushes an image with two packages, and returns its repository.
func (w *world) pushImage(tag string) string {
	w.Helper()
	const repo = "shop/web"
	layer := w.layer([][2]string{
		{"etc/os-release", "ID=debian\nVERSION_ID=\"" + debianVersion(w.T) + "\"\n"},
		{"app/node_modules/assay-e2e-image/package.json", `{"name":"assay-e2e-image","version":"1.0.0"}`},
		{"app/node_modules/assay-e2e-other/package.json", `{"name":"assay-e2e-other","version":"1.0.0"}`},
	})
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		w.Fatal(err)
	}
	img, err = mutate.Config(img, v1.Config{Cmd: []string{"node"}})
	if err != nil {
		w.Fatal(err)
	}
	ref, err := name.ParseReference(w.registry+"/"+repo+":"+tag, name.Insecure)
	if err != nil {
		w.Fatal(err)
	}
	if err := remote.Write(ref, img, remote.WithContext(w.Context())); err != nil {
		w.Fatal(err)
	}
	return repo
}

// layer makes a layer of files, given by name and content.
func (w *world) layer(files [][2]string) v1.Layer {
	w.Helper()
	var b bytes.Buffer
	tw := tar.NewWriter(&b)
	for _, f := range files {
		if err := tw.WriteHeader(&tar.Header{Name: f[0], Mode: 0o644, Size: int64(len(f[1]))}); err != nil {
			w.Fatal(err)
		}
		if _, err := io.WriteString(tw, f[1]); err != nil {
			w.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		w.Fatal(err)
	}
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
	if err != nil {
		w.Fatal(err)
	}
	return l
}

// findings returns those of a vulnerability, by status.
func (w *world) findings(vulnerability string) map[types.FindingStatus][]types.Finding {
	w.Helper()
	out, err := w.api.ListFindings(w.Context(), &inspector2.ListFindingsInput{FilterCriteria: &types.FilterCriteria{
		VulnerabilityId: []types.StringFilter{{Comparison: types.StringComparisonEquals, Value: &vulnerability}},
	}})
	if err != nil {
		w.Fatal(err)
	}
	byStatus := map[types.FindingStatus][]types.Finding{}
	for _, f := range out.Findings {
		byStatus[f.Status] = append(byStatus[f.Status], f)
	}
	return byStatus
}

// wait waits until the only finding of a vulnerability has a status.
func (w *world) wait(vulnerability string, status types.FindingStatus) {
	w.Helper()
	w.until(fmt.Sprintf("%s is %s", vulnerability, status), func() bool {
		found := w.findings(vulnerability)
		return len(found) == 1 && len(found[status]) == 1
	})
}

// coverage returns the reasons of the coverage of a repository's images.
func (w *world) coverage(repo string) []string {
	w.Helper()
	out, err := w.api.ListCoverage(w.Context(), &inspector2.ListCoverageInput{FilterCriteria: &types.CoverageFilterCriteria{
		EcrRepositoryName: []types.CoverageStringFilter{{Comparison: types.CoverageStringComparisonEquals, Value: &repo}},
	}})
	if err != nil {
		w.Fatal(err)
	}
	var reasons []string
	for _, c := range out.CoveredResources {
		reasons = append(reasons, string(c.ScanStatus.Reason))
	}
	return reasons
}

// watchFunctions has a folder watched, and returns its id.
func (w *world) watchFunctions() string {
	w.Helper()
	if err := os.MkdirAll(w.functions(), 0o755); err != nil {
		w.Fatal(err)
	}
	return strings.TrimSpace(w.admin("functions", "add", w.functions()))
}

func (w *world) functions() string { return filepath.Join(w.dir, "functions") }

// putFunction puts a function with a version of a package into the folder.
func (w *world) putFunction(source, version string) {
	w.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create("node_modules/assay-e2e-function/package.json")
	if err != nil {
		w.Fatal(err)
	}
	fmt.Fprintf(f, `{"name":"assay-e2e-function","version":%q}`, version)
	if err := z.Close(); err != nil {
		w.Fatal(err)
	}
	w.write(filepath.Join(w.functions(), "checkout.json"), []byte(`{"name":"checkout","runtime":"nodejs22.x","handler":"index.handler"}`))
	w.write(filepath.Join(w.functions(), "checkout.zip"), b.Bytes())
	w.admin("functions", "sync", source)
}

// followHost runs an agent on this host, installs a package and removes it. The
// host must be one that may be changed so.
func (w *world) followHost() {
	w.Helper()
	deb := w.buildDeb()
	token := strings.TrimSpace(w.admin("agents", "token"))
	state := "ASSAY_AGENT_STATE=" + filepath.Join(w.dir, "agent")
	w.run([]string{state, "ASSAY_AGENT_TOKEN=" + token}, w.program, "agent", "enroll", "--server", w.server)
	w.agentCmd, _ = w.start([]string{state}, w.program, "agent", "run", "--heartbeat", "1s")
	w.until("the host is known", func() bool { return strings.Contains(w.admin("agents", "list"), "speaks") && w.hosts() == 1 })
	w.Cleanup(func() { _ = exec.CommandContext(context.Background(), "dpkg", "--purge", debName).Run() })
	for _, change := range []struct {
		args   []string
		status types.FindingStatus
	}{
		{[]string{"--install", deb}, types.FindingStatusActive},
		{[]string{"--purge", debName}, types.FindingStatusClosed},
	} {
		w.run(nil, "dpkg", change.args...)
		changed := time.Now()
		w.wait(hostFlaw, change.status)
		waited := time.Since(changed)
		w.waitTold(hostFlaw, string(change.status))
		w.Logf("%s %v after dpkg ended", change.status, waited.Round(time.Millisecond))
	}
}

// hosts returns how many hosts are covered.
func (w *world) hosts() int {
	w.Helper()
	out, err := w.api.ListCoverage(w.Context(), &inspector2.ListCoverageInput{FilterCriteria: &types.CoverageFilterCriteria{
		ResourceType: []types.CoverageStringFilter{{Comparison: types.CoverageStringComparisonEquals, Value: aws.String("AWS_EC2_INSTANCE")}},
	}})
	if err != nil {
		w.Fatal(err)
	}
	return len(out.CoveredResources)
}

// buildDeb makes a Debian package that has a flaw and no files.
func (w *world) buildDeb() string {
	w.Helper()
	tree, out := filepath.Join(w.dir, "deb"), filepath.Join(w.dir, "probe.deb")
	w.write(filepath.Join(tree, "DEBIAN", "control"), []byte("Package: "+debName+`
Version: 1.0.0
Architecture: all
Maintainer: Assay <assay@localhost>
Description: nothing at all
 It is there for a test only.
`))
	if err := os.Chmod(filepath.Join(tree, "DEBIAN"), 0o755); err != nil {
		w.Fatal(err)
	}
	w.run(nil, "dpkg-deb", "--build", "--root-owner-group", tree, out)
	return out
}

// checkEvents: each change of a finding was told, in order.
func (w *world) checkEvents() {
	w.Helper()
	want := map[string][]string{imageFlaw: {"ACTIVE", "CLOSED"}, functionFlaw: {"ACTIVE", "CLOSED"}, newFlaw: {"ACTIVE"}}
	if os.Getenv("ASSAY_TEST_HOST") != "" {
		want[hostFlaw] = []string{"ACTIVE", "CLOSED"}
	}
	for flaw, statuses := range want {
		w.waitTold(flaw, statuses[len(statuses)-1])
		if got := w.told(flaw); !slices.Equal(got, statuses) {
			w.Errorf("events of %s told %v, want %v", flaw, got, statuses)
		}
	}
}

// waitTold waits until an event has told that a vulnerability's finding has a
// status.
func (w *world) waitTold(flaw, status string) {
	w.Helper()
	w.until(fmt.Sprintf("an event tells that %s is %s", flaw, status), func() bool {
		told := w.told(flaw)
		return len(told) > 0 && told[len(told)-1] == status
	})
}

// told returns the statuses of a vulnerability's finding that events told, those
// that say the same as the one before left out: they may come twice.
func (w *world) told(flaw string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, e := range w.events {
		var f struct {
			Status  string `json:"status"`
			Details struct {
				ID string `json:"vulnerabilityId"`
			} `json:"packageVulnerabilityDetails"`
		}
		if json.Unmarshal(e.Data, &f) != nil || f.Details.ID != flaw {
			continue
		}
		out = append(out, f.Status)
	}
	return slices.Compact(out)
}
