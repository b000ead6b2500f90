package server

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	distribution "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// An imageStore is a registry in this process that counts what is asked of it.
type imageStore struct {
	t    *testing.T
	host string

	mu    sync.Mutex
	got   []string // method and path of each request
	bytes int64    // of the bodies of blobs
	// change answers in the place of the registry; false leaves it to that.
	change func(w http.ResponseWriter, r *http.Request) bool
}

func newImageStore(t *testing.T) *imageStore {
	t.Helper()
	s := &imageStore{t: t}
	h := distribution.New(distribution.Logger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.got = append(s.got, r.Method+" "+r.URL.Path)
		change := s.change
		s.mu.Unlock()
		if change != nil && change(w, r) {
			return
		}
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
			w = &countingWriter{w, s}
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	s.host = srv.Listener.Addr().String()
	return s
}

type countingWriter struct {
	http.ResponseWriter
	s *imageStore
}

func (c *countingWriter) Write(b []byte) (int, error) {
	c.s.mu.Lock()
	c.s.bytes += int64(len(b))
	c.s.mu.Unlock()
	return c.ResponseWriter.Write(b)
}

// asked returns the requests since the last call that have a text, and how many
// bytes of blobs were sent.
func (s *imageStore) asked(text string) (list []string, sent int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.got {
		if strings.Contains(g, text) {
			list = append(list, g)
		}
	}
	sent = s.bytes
	s.got, s.bytes = nil, 0
	return list, sent
}

func (s *imageStore) answerBy(change func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.change = change
}

// files is a layer of files.
func files(t *testing.T, content map[string]string) v1.Layer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, path := range slices.Sorted(maps.Keys(content)) {
		body := content[path]
		if err := w.WriteHeader(&tar.Header{Name: path, Mode: 0o644, Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// left is a layer with one version of the package that the tests know
// advisories of.
func left(t *testing.T, version string) v1.Layer {
	t.Helper()
	return files(t, map[string]string{
		"app/node_modules/left/package.json": `{"name":"left","version":"` + version + `"}`,
		"app/version-" + version:             strings.Repeat(version, 1000),
	})
}

// imageOf is an image for a platform, built at a time.
func imageOf(t *testing.T, arch string, built time.Time, layers ...v1.Layer) v1.Image {
	t.Helper()
	img, err := mutate.AppendLayers(empty.Image, layers...)
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", arch, v1.Time{Time: built}
	if img, err = mutate.ConfigFile(img, config); err != nil {
		t.Fatal(err)
	}
	return img
}

// digestOf returns the digest of an image or an index.
func digestOf(t *testing.T, x interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	d, err := x.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}

// push pushes an image or an index.
func push(t *testing.T, ref string, x remote.Taggable) {
	t.Helper()
	r, err := name.ParseReference(ref)
	if err != nil {
		t.Fatal(err)
	}
	switch x := x.(type) {
	case v1.Image:
		err = remote.Write(r, x)
	case v1.ImageIndex:
		err = remote.WriteIndex(r, x)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// watch adds a registry and waits for its first discovery.
func (r *running) watch(t *testing.T, in NewRegistry) Registry {
	t.Helper()
	in.Name = "test"
	if in.Rules == nil {
		in.Rules = discover.Rules{{Repositories: []string{"*"}, Scan: discover.Enhanced}}
	}
	var out Registry
	if err := r.client.Do(t.Context(), "POST", "registries", in, &out); err != nil {
		t.Fatal(err)
	}
	r.discovered(t, out.ID, time.Time{})
	return out
}

// discovered waits until a discovery that began after a time has ended.
func (r *running) discovered(t *testing.T, id string, after time.Time) RegistryState {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		var out Registry
		if err := r.client.Do(t.Context(), "GET", "registries/"+id, nil, &out); err != nil {
			t.Fatal(err)
		}
		if out.State.Tried.After(after) {
			return out.State
		}
		if time.Now().After(deadline) {
			t.Fatalf("no discovery of %s\n%s", id, r.log)
		}
	}
}

// walkAgain has a registry walked and waits for that.
func (r *running) walkAgain(t *testing.T, id string) {
	t.Helper()
	last := r.discovered(t, id, time.Time{})
	if err := r.client.Do(t.Context(), "POST", "registries/"+id+"/sync", nil, nil); err != nil {
		t.Fatal(err)
	}
	r.discovered(t, id, last.Tried)
}

// covered returns the coverage of images as "repository tags reason", sorted.
func (r *running) covered(t *testing.T) []string {
	t.Helper()
	out, err := r.client.Inspector2().ListCoverage(t.Context(), &inspector2.ListCoverageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, c := range out.CoveredResources {
		_, rest, _ := strings.Cut(c.ResourceID, "repository/")
		repository, _, _ := strings.Cut(rest, "/sha256")
		list = append(list, fmt.Sprintf("%s %v %s", repository, c.ResourceMetadata.EcrImage.Tags, c.ScanStatus.Reason))
	}
	slices.Sort(list)
	return list
}

// settles waits until a value is what it should be.
func settles[T any](t *testing.T, r *running, want T, get func(t *testing.T) T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		got := get(t)
		diff := cmp.Diff(want, got)
		if diff == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s\n%s", diff, r.log)
		}
	}
}

// found returns the open findings of images as "repository arch vulnerability",
// sorted.
func (r *running) found(t *testing.T) []string {
	t.Helper()
	out, err := r.client.Inspector2().ListFindings(t.Context(), &inspector2.ListFindingsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, f := range out.Findings {
		if f.Status == "ACTIVE" {
			i := f.Resources[0].Details.AwsEcrContainerImage
			list = append(list, i.RepositoryName+" "+i.Architecture+" "+f.PackageVulnerabilityDetails.VulnerabilityID)
		}
	}
	slices.Sort(list)
	return list
}

// TestRegistryIsWatched follows images through a discovery, pushes that no
// notification told of, a tag that moves and a deletion.
func TestRegistryIsWatched(t *testing.T) {
	t.Parallel()
	for kind, database := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			place := database(t)
			r := start(t, func(c *Config) { c.Database = place }, nil)
			s := newImageStore(t)
			now := time.Now()
			push(t, s.host+"/shop/web:1", imageOf(t, "amd64", now.Add(-24*time.Hour), left(t, "1.0.0")))
			push(t, s.host+"/shop/web:1-again", imageOf(t, "amd64", now.Add(-24*time.Hour), left(t, "1.0.0")))
			push(t, s.host+"/shop/old:1", imageOf(t, "amd64", now.Add(-30*24*time.Hour), left(t, "1.0.1")))
			push(t, s.host+"/shop/epoch:1", imageOf(t, "amd64", time.Unix(0, 0), left(t, "1.0.2")))
			push(t, s.host+"/other/web:1", imageOf(t, "amd64", now, left(t, "1.0.3")))
			both := mutate.AppendManifests(empty.Index,
				mutate.IndexAddendum{Add: imageOf(t, "amd64", now, left(t, "1.3.0"))}, mutate.IndexAddendum{Add: imageOf(t, "arm64", now, left(t, "1.3.0"))})
			push(t, s.host+"/shop/multi:2", both)
			chart := mutate.ConfigMediaType(imageOf(t, "", now), "application/vnd.cncf.helm.config.v1+json")
			push(t, s.host+"/shop/chart:1", mutate.MediaType(chart, types.OCIManifestSchema1))
			signature := strings.Replace(digestOf(t, both), ":", "-", 1) + ".sig"
			push(t, s.host+"/shop/multi:"+signature, imageOf(t, "amd64", now))

			reg := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{
				Address: s.host, Rules: discover.Rules{{Repositories: []string{"shop/*"}, Scan: discover.Enhanced}},
			}})
			settles(t, r, []string{
				"shop/chart [1] UNSUPPORTED_MEDIA_TYPE", "shop/epoch [1] SUCCESSFUL", "shop/multi [2] SUCCESSFUL", "shop/multi [2] SUCCESSFUL",
				"shop/old [1] SCAN_ELIGIBILITY_EXPIRED", "shop/web [1 1-again] SUCCESSFUL",
			}, r.covered)
			settles(t, r, []string{
				"shop/epoch amd64 CVE-2098-0001", "shop/epoch amd64 CVE-2098-0002", "shop/multi amd64 CVE-2098-0001", "shop/multi arm64 CVE-2098-0001",
				"shop/web amd64 CVE-2098-0001", "shop/web amd64 CVE-2098-0002",
			}, r.found)
			if state := r.discovered(t, reg.ID, time.Time{}); state.Repositories != 5 || state.Tags != 6 || len(state.Problems) > 0 {
				t.Errorf("state after the first discovery: %+v", state)
			}

			// The tag moves to a good image that was built long ago, and all of
			// another repository is deleted.
			push(t, s.host+"/shop/web:1", imageOf(t, "amd64", now.Add(-30*24*time.Hour), left(t, "2.0.0")))
			for _, ref := range []string{"1", digestOf(t, imageOf(t, "amd64", time.Unix(0, 0), left(t, "1.0.2")))} {
				at, err := name.ParseReference(s.host + "/shop/epoch" + map[bool]string{true: "@", false: ":"}[len(ref) > 9] + ref)
				if err != nil {
					t.Fatal(err)
				}
				if err := remote.Delete(at); err != nil {
					t.Fatal(err)
				}
			}
			r.walkAgain(t, reg.ID)
			settles(t, r, []string{
				"shop/chart [1] UNSUPPORTED_MEDIA_TYPE", "shop/epoch [1] RESOURCE_TERMINATED", "shop/multi [2] SUCCESSFUL", "shop/multi [2] SUCCESSFUL",
				"shop/old [1] SCAN_ELIGIBILITY_EXPIRED", "shop/web [1-again] SUCCESSFUL", "shop/web [1] SUCCESSFUL",
			}, r.covered)
			settles(t, r, []string{
				"shop/multi amd64 CVE-2098-0001", "shop/multi arm64 CVE-2098-0001", "shop/web amd64 CVE-2098-0001", "shop/web amd64 CVE-2098-0002",
			}, r.found)

			// What is no longer watched has no findings.
			if err := r.client.Do(t.Context(), "DELETE", "registries/"+reg.ID, nil, nil); err != nil {
				t.Fatal(err)
			}
			settles(t, r, nil, r.found)
		})
	}
}

// TestLayersAreReadOnce counts what a second image costs that shares all but
// one layer, and what another discovery does.
func TestLayersAreReadOnce(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	s := newImageStore(t)
	var shared []v1.Layer
	for i := range 4 {
		noise := make([]byte, 2_000_000) // which cannot be compressed
		_, _ = rand.Read(noise)
		shared = append(shared, files(t, map[string]string{fmt.Sprintf("lib/%d", i): string(noise)}))
	}
	push(t, s.host+"/app:1", imageOf(t, "amd64", time.Now(), append(slices.Clone(shared), left(t, "1.0.0"))...))
	s.asked("")
	reg := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{Address: s.host}})
	settles(t, r, []string{"app [1] SUCCESSFUL"}, r.covered)
	blobs, first := s.asked("GET /v2/app/blobs/")
	if len(blobs) != 7 { // five layers, and the configuration for its age and for the scan
		t.Errorf("the first image took %d blobs: %v", len(blobs), blobs)
	}
	added := left(t, "1.3.0")
	second := imageOf(t, "amd64", time.Now(), append(slices.Clone(shared), added)...)
	push(t, s.host+"/app:2", second)
	s.asked("")
	r.walkAgain(t, reg.ID)
	settles(t, r, []string{"app [1] SUCCESSFUL", "app [2] SUCCESSFUL"}, r.covered)
	blobs, sent := s.asked("GET /v2/app/blobs/")
	layer, err := added.Digest()
	if err != nil {
		t.Fatal(err)
	}
	config, err := second.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(blobs)
	want := []string{"GET /v2/app/blobs/" + layer.String(), "GET /v2/app/blobs/" + config.String()}
	slices.Sort(want)
	if diff := cmp.Diff(want, blobs); diff != "" {
		t.Error(diff)
	}
	size, err := added.Size()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := second.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if sent != size+int64(len(raw)) {
		t.Errorf("the second image took %d bytes, want %d", sent, size+int64(len(raw)))
	}
	t.Logf("first image: %d bytes of blobs; second, which shares all but one layer: %d", first, sent)
	r.walkAgain(t, reg.ID)
	if again, _ := s.asked("GET /v2/app/"); len(again) != 1 || !strings.HasSuffix(again[0], "/tags/list") {
		t.Errorf("a discovery of nothing new asked for %v", again)
	}
}

// notify sends a notification and returns the status and text of the answer.
func (r *running) notify(t *testing.T, id string, header map[string]string, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/assay/v1/hooks/"+id, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
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
	return resp.StatusCode, strings.TrimSpace(string(text))
}

// envelope is a notification as distribution sends it.
func envelope(id, action, repository, tag, digest string) string {
	body, _ := json.Marshal(map[string]any{"events": []any{map[string]any{
		"id": id, "timestamp": time.Now().UTC().Format(time.RFC3339Nano), "action": action,
		"target":  map[string]any{"mediaType": types.OCIManifestSchema1, "digest": digest, "repository": repository, "tag": tag},
		"request": map[string]any{"method": "PUT", "useragent": "docker/27"},
	}}})
	return string(body)
}

// TestPushIsScannedAtOnce notifies of pushes, pulls and deletions.
func TestPushIsScannedAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	s := newImageStore(t)
	old := imageOf(t, "amd64", time.Now().Add(-30*24*time.Hour), left(t, "1.3.0"))
	push(t, s.host+"/old:1", old)
	reg := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{Address: s.host}})
	auth := map[string]string{"Authorization": "Bearer " + reg.Secret}
	tell := func(body, want string) {
		t.Helper()
		if status, text := r.notify(t, reg.ID, auth, body); status != http.StatusOK || text != want {
			t.Errorf("notification answered with %d %s, want %s", status, text, want)
		}
	}

	img := imageOf(t, "amd64", time.Now(), left(t, "1.0.0"))
	push(t, s.host+"/web:1", img)
	began := time.Now()
	body := envelope("a", "push", "web", "1", digestOf(t, img))
	tell(body, `{"events":1}`)
	settles(t, r, []string{"web amd64 CVE-2098-0001", "web amd64 CVE-2098-0002"}, r.found)
	t.Logf("push notification to findings: %v", time.Since(began))
	// The registry sends it again: nothing more is done.
	tell(body, `{"events":0,"repeated":true}`)

	// Somebody pulls the image that is too old: it is in use.
	tell(envelope("b", "pull", "old", "", digestOf(t, old)), `{"events":1}`)
	settles(t, r, []string{"old amd64 CVE-2098-0001", "web amd64 CVE-2098-0001", "web amd64 CVE-2098-0002"}, r.found)
	out, err := r.client.Inspector2().ListCoverage(t.Context(), &inspector2.ListCoverageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	pulled := map[bool]int{}
	for _, c := range out.CoveredResources {
		pulled[!c.ResourceMetadata.EcrImage.ImagePulledAt.IsZero()]++
	}
	if pulled[true] != 1 || pulled[false] != 1 {
		t.Errorf("images with and without a pull: %v", pulled)
	}

	// A deletion that did not happen changes nothing; one that did, does.
	tell(envelope("c", "delete", "web", "", digestOf(t, img)), `{"events":1}`)
	at, err := name.NewDigest(s.host + "/old@" + digestOf(t, old))
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Delete(at); err != nil {
		t.Fatal(err)
	}
	tell(envelope("d", "delete", "old", "", digestOf(t, old)), `{"events":1}`)
	settles(t, r, []string{"web amd64 CVE-2098-0001", "web amd64 CVE-2098-0002"}, r.found)

	// The tag moves to an image without flaws.
	good := imageOf(t, "amd64", time.Now(), left(t, "2.0.0"))
	push(t, s.host+"/web:1", good)
	tell(envelope("e", "push", "web", "1", digestOf(t, good)), `{"events":1}`)
	settles(t, r, []string{"old [1] RESOURCE_TERMINATED", "web [1] SUCCESSFUL", "web [] SUCCESSFUL"}, r.covered)

	// Blobs, questions whether something is there, and our own pulls are none.
	for _, b := range []string{
		strings.ReplaceAll(envelope("f", "push", "web", "", digestOf(t, good)), string(types.OCIManifestSchema1), "application/octet-stream"),
		strings.ReplaceAll(envelope("g", "pull", "web", "", digestOf(t, good)), `"PUT"`, `"HEAD"`),
		strings.ReplaceAll(envelope("h", "pull", "web", "", digestOf(t, good)), "docker/27", "assay go-containerregistry/v0.22.1"),
	} {
		tell(b, `{"events":0}`)
	}
}

// TestPushesWhileScanned has ten pushes of an image arrive while it is scanned:
// it is scanned once more.
func TestPushesWhileScanned(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	s := newImageStore(t)
	reg := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{Address: s.host}})
	auth := map[string]string{"Authorization": reg.Secret}
	layer := left(t, "1.0.0")
	img := imageOf(t, "amd64", time.Now(), layer)
	push(t, s.host+"/web:1", img)
	digest := digestOf(t, layer)
	reached, open := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.answerBy(func(_ http.ResponseWriter, q *http.Request) bool {
		if q.Method == http.MethodGet && strings.HasSuffix(q.URL.Path, digest) {
			once.Do(func() {
				close(reached)
				<-open
			})
		}
		return false
	})
	s.asked("")
	if status, text := r.notify(t, reg.ID, auth, envelope("0", "push", "web", "1", digestOf(t, img))); status != http.StatusOK {
		t.Fatal(status, text)
	}
	<-reached
	for i := range 10 {
		if status, text := r.notify(t, reg.ID, auth, envelope(strconv.Itoa(i+1), "push", "web", "1", digestOf(t, img))); status != http.StatusOK {
			t.Fatal(status, text)
		}
	}
	close(open)
	config, err := img.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	ended := func(t *testing.T) int64 {
		t.Helper()
		var out Status
		if err := r.client.Do(t.Context(), "GET", "status", nil, &out); err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for _, j := range out.Jobs {
			if j.Kind == scanImageJob {
				n += j.Jobs
			}
		}
		return n
	}
	settles(t, r, 0, ended)
	// Each scan asks for the configuration.
	if scans, _ := s.asked("GET /v2/web/blobs/" + config.String()); len(scans) != 2 {
		t.Errorf("%d scans, want 2", len(scans))
	}
}

// TestNotificationsRefused sends what is forged, replayed, stale, oversized or
// not what it should be.
func TestNotificationsRefused(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	s := newImageStore(t)
	plain := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{Address: s.host}})
	signed := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{Address: s.host, Notifications: "cloudevents"}})
	cloud := `{"specversion":"1.0","id":"1","source":"ci","type":"image.pushed","data":{"repository":"web","tag":"1"}}`
	sign := func(id string, at time.Time, body, secret string) map[string]string {
		key, err := base64.StdEncoding.DecodeString(secret)
		if err != nil {
			t.Fatal(err)
		}
		seconds := strconv.FormatInt(at.Unix(), 10)
		h := hmac.New(sha256.New, key)
		h.Write([]byte(id + "." + seconds + "." + body))
		return map[string]string{
			"Content-Type": "application/cloudevents+json", "Webhook-Id": id, "Webhook-Timestamp": seconds,
			"Webhook-Signature": "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)),
		}
	}
	now := time.Now()
	good := map[string]string{"Authorization": "Bearer " + plain.Secret}
	for _, tt := range []struct {
		name   string
		id     string
		header map[string]string
		body   string
		status int
	}{
		{"no secret", plain.ID, nil, envelope("a", "push", "web", "1", ""), 401},
		{"wrong secret", plain.ID, map[string]string{"Authorization": "Bearer " + signed.Secret}, envelope("a", "push", "web", "1", ""), 401},
		{"unknown registry", "reg-0000000000000000", good, envelope("a", "push", "web", "1", ""), 401},
		{"oversized", plain.ID, good, strings.Repeat(" ", discover.MaxNotification) + "{}", 413},
		{"no JSON", plain.ID, good, "{", 400},
		{"no envelope", plain.ID, good, "{}", 400},
		{"as it should be", plain.ID, good, envelope("a", "push", "web", "1", ""), 200},
		{"signed", signed.ID, sign("m1", now, cloud, signed.Secret), cloud, 200},
		{"replayed", signed.ID, sign("m1", now, cloud, signed.Secret), cloud, 409},
		{"replayed with another body", signed.ID, sign("m1", now, cloud+" ", signed.Secret), cloud + " ", 409},
		{"another body", signed.ID, sign("m2", now, cloud, signed.Secret), strings.ReplaceAll(cloud, "web", "new"), 401},
		{"stale", signed.ID, sign("m3", now.Add(-6*time.Minute), cloud, signed.Secret), cloud, 401},
		{"ahead", signed.ID, sign("m4", now.Add(6*time.Minute), cloud, signed.Secret), cloud, 401},
		{"the secret itself", signed.ID, map[string]string{"Authorization": signed.Secret}, cloud, 401},
	} {
		if status, text := r.notify(t, tt.id, tt.header, tt.body); status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, status, text, tt.status)
		}
	}
}

// TestFailureIsRemedied has a registry deny a layer for a while, and send other
// bytes than those of a digest.
func TestFailureIsRemedied(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	r := start(t, func(c *Config) { c.Data = data }, nil)
	s := newImageStore(t)
	layer := left(t, "1.0.0")
	push(t, s.host+"/web:1", imageOf(t, "amd64", time.Now(), layer))
	push(t, s.host+"/large:1", imageOf(t, "amd64", time.Now(), layer, files(t, map[string]string{"x": strings.Repeat("x", 3_000_000)}), files(t, map[string]string{"y": "y"})))
	reg := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{Address: s.host, MaxImageBytes: 3000}})
	settles(t, r, []string{"large [1] IMAGE_SIZE_EXCEEDED", "web [1] SUCCESSFUL"}, r.covered)
	digest := digestOf(t, layer)
	for _, tt := range []struct {
		reason string
		answer func(w http.ResponseWriter)
	}{
		{"ACCESS_DENIED", func(w http.ResponseWriter) { http.Error(w, "{}", http.StatusForbidden) }},
		{"INTERNAL_ERROR", func(w http.ResponseWriter) { _, _ = w.Write([]byte("something else")) }},
	} {
		if err := os.RemoveAll(filepath.Join(data, "layers")); err != nil { // or nothing would be asked for
			t.Fatal(err)
		}
		s.answerBy(func(w http.ResponseWriter, q *http.Request) bool {
			if !strings.HasSuffix(q.URL.Path, digest) {
				return false
			}
			tt.answer(w)
			return true
		})
		img, err := remote.Get(mustRef(t, s.host+"/web:1"))
		if err != nil {
			t.Fatal(err)
		}
		body := envelope(tt.reason, "push", "web", "1", img.Digest.String())
		if status, text := r.notify(t, reg.ID, map[string]string{"Authorization": reg.Secret}, body); status != http.StatusOK {
			t.Fatal(status, text)
		}
		settles(t, r, []string{"large [1] IMAGE_SIZE_EXCEEDED", "web [1] " + tt.reason}, r.covered)
		s.answerBy(nil)
		settles(t, r, []string{"large [1] IMAGE_SIZE_EXCEEDED", "web [1] SUCCESSFUL"}, r.covered) // by itself
	}
}

func mustRef(t *testing.T, s string) name.Reference {
	t.Helper()
	ref, err := name.ParseReference(s)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// TestEndlessRegistry walks registries that never end, or lie.
func TestEndlessRegistry(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	s := newImageStore(t)
	push(t, s.host+"/web:1", imageOf(t, "amd64", time.Now(), left(t, "1.0.0")))
	s.answerBy(func(w http.ResponseWriter, q *http.Request) bool {
		switch {
		case q.URL.Path == "/v2/_catalog":
			w.Header().Set("Link", `</v2/_catalog?last=web&n=1>; rel="next"`)
			_, _ = io.WriteString(w, `{"repositories":["web","../etc","liar"]}`)
		case q.URL.Path == "/v2/liar/tags/list":
			_, _ = io.WriteString(w, `{"name":"liar","tags":["1","-bad-"]}`)
		case strings.HasPrefix(q.URL.Path, "/v2/liar/manifests/"):
			w.Header().Set("Docker-Content-Digest", "sha256:none")
			w.Header().Set("Content-Type", string(types.OCIImageIndex))
		default:
			return false
		}
		return true
	})
	reg := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{Address: s.host}})
	settles(t, r, []string{"web amd64 CVE-2098-0001", "web amd64 CVE-2098-0002"}, r.found)
	problems := strings.Join(r.discovered(t, reg.ID, time.Time{}).Problems, "\n")
	for _, want := range []string{"next page without end", `"../etc" is no name`, `"-bad-" is no tag`, `liar:1: what the registry sends is not what it says it is: the digest "sha256:none"`} {
		if !strings.Contains(problems, want) {
			t.Errorf("no problem tells %q: %s", want, problems)
		}
	}
}

// TestBasicScanning scans once, and only for packages of the system.
func TestBasicScanning(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	s := newImageStore(t)
	push(t, s.host+"/before:1", imageOf(t, "amd64", time.Now(), left(t, "1.0.1")))
	reg := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{
		Address: s.host, Rules: discover.Rules{{Repositories: []string{"*"}, Tags: []string{"v*", "1"}, Scan: discover.Basic}},
	}})
	img := imageOf(t, "amd64", time.Now(), left(t, "1.0.0"))
	push(t, s.host+"/web:v1", img)
	push(t, s.host+"/web:latest", imageOf(t, "amd64", time.Now(), left(t, "1.1.0")))
	auth := map[string]string{"Authorization": reg.Secret}
	if status, text := r.notify(t, reg.ID, auth, envelope("1", "push", "web", "latest", digestOf(t, img))); text != `{"events":0}` {
		t.Errorf("a tag that no rule includes: %d %s", status, text)
	}
	if status, text := r.notify(t, reg.ID, auth, envelope("2", "push", "web", "v1", digestOf(t, img))); text != `{"events":1}` {
		t.Errorf("a push: %d %s", status, text)
	}
	settles(t, r, []string{"before [1] SCAN_FREQUENCY_SCAN_ON_PUSH", "web [v1] SCAN_FREQUENCY_SCAN_ON_PUSH"}, r.covered)
	if got := r.found(t); got != nil {
		t.Errorf("packages of languages were looked at: %v", got)
	}
}

// TestRegistrySettings adds, changes and deletes registries: secrets are told
// once, passwords never, and neither to other accounts.
func TestRegistrySettings(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	s := newImageStore(t)
	rules := discover.Rules{{Repositories: []string{"shop/*"}, Scan: discover.Enhanced}}
	ok := NewRegistry{RegistrySettings: RegistrySettings{Name: "main", Address: s.host, Rules: rules, Username: "me"}, Password: "very secret"}
	for _, tt := range []struct {
		change func(n *NewRegistry)
		field  string
	}{
		{func(n *NewRegistry) { n.Name = "" }, "name"},
		{func(n *NewRegistry) { n.Address = "https://x/y" }, "address"},
		{func(n *NewRegistry) { n.CA = "no" }, "address"},
		{func(n *NewRegistry) { n.Rules = nil }, "rules"},
		{func(n *NewRegistry) { n.Rules = discover.Rules{{Repositories: []string{"a b"}, Scan: discover.Basic}} }, "rules.1.repositories"},
		{func(n *NewRegistry) { n.Rules = discover.Rules{{Repositories: []string{"*"}}} }, "rules.1.scan"},
		{func(n *NewRegistry) { n.Notifications = "smoke" }, "notifications"},
		{func(n *NewRegistry) { n.IntervalMinutes = 1 }, "intervalMinutes"},
	} {
		in := ok
		tt.change(&in)
		err := r.client.Do(t.Context(), "POST", "registries", in, nil)
		refused, isRefused := err.(*client.Refused) //nolint:errorlint // as Do returns it
		if !isRefused || refused.Code != "ValidationException" || !strings.HasPrefix(refused.Message, tt.field+":") {
			t.Errorf("%s: %v", tt.field, err)
		}
	}
	var made, changed Registry
	if err := r.client.Do(t.Context(), "POST", "registries", ok, &made); err != nil || made.Secret == "" {
		t.Fatalf("%v: %+v", err, made)
	}
	var shown json.RawMessage
	for _, path := range []string{"registries", "registries/" + made.ID} {
		if err := r.client.Do(t.Context(), "GET", path, nil, &shown); err != nil {
			t.Fatal(err)
		}
		if text := string(shown); strings.Contains(text, made.Secret) || strings.Contains(text, "very secret") || strings.Contains(text, "assword") {
			t.Errorf("GET %s tells secrets: %s", path, text)
		}
	}
	ok.Password, ok.NewSecret, ok.Name = "", true, "renamed"
	if err := r.client.Do(t.Context(), "PUT", "registries/"+made.ID, ok, &changed); err != nil {
		t.Fatal(err)
	}
	if changed.Secret == "" || changed.Secret == made.Secret || changed.Name != "renamed" {
		t.Errorf("changed: %+v", changed)
	}
	var account Account
	if err := r.client.Do(t.Context(), "POST", "accounts", NewAccount{Name: "other"}, &account); err != nil {
		t.Fatal(err)
	}
	var key Key
	if err := r.client.Do(t.Context(), "POST", "keys", NewKey{Account: account.ID, Name: "x", Role: "admin"}, &key); err != nil {
		t.Fatal(err)
	}
	other := r.as(t, key.ID, key.Secret)
	var list Registries
	if err := other.Do(t.Context(), "GET", "registries", nil, &list); err != nil || len(list.Registries) != 0 {
		t.Errorf("another account sees %v, %v", list, err)
	}
	for _, call := range [][2]string{{"GET", ""}, {"DELETE", ""}, {"POST", "/sync"}, {"PUT", ""}} {
		var in any
		if call[0] == "PUT" {
			in = ok
		}
		err := other.Do(t.Context(), call[0], "registries/"+made.ID+call[1], in, nil)
		if refused, isRefused := err.(*client.Refused); !isRefused || refused.Status != http.StatusNotFound { //nolint:errorlint // as Do returns it
			t.Errorf("%v by another account: %v", call, err)
		}
	}
	if err := r.client.Do(t.Context(), "DELETE", "registries/"+made.ID, nil, nil); err != nil {
		t.Error(err)
	}
}

// TestRegistryPassword watches a registry that asks for a password, which stays
// when something else is changed and goes when the user does.
func TestRegistryPassword(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	s := newImageStore(t)
	push(t, s.host+"/web:1", imageOf(t, "amd64", time.Now(), left(t, "1.0.0")))
	s.answerBy(func(w http.ResponseWriter, q *http.Request) bool {
		user, password, _ := q.BasicAuth()
		if user == "me" && password == "secret" {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		http.Error(w, "{}", http.StatusUnauthorized)
		return true
	})
	in := NewRegistry{RegistrySettings: RegistrySettings{Address: s.host, Username: "me"}, Password: "wrong"}
	reg := r.watch(t, in)
	for _, tt := range []struct {
		user, password, problem string
	}{
		{"me", "", "denies access"},
		{"me", "secret", ""},
		{"me", "", ""},
		{"you", "", "denies access"},
	} {
		last := r.discovered(t, reg.ID, time.Time{})
		in.Name, in.Rules = "test", discover.Rules{{Repositories: []string{"*"}, Scan: discover.Enhanced}}
		in.Username, in.Password = tt.user, tt.password
		if err := r.client.Do(t.Context(), "PUT", "registries/"+reg.ID, in, nil); err != nil {
			t.Fatal(err)
		}
		state := r.discovered(t, reg.ID, last.Tried)
		if got := strings.Join(state.Problems, "; "); (got == "") != (tt.problem == "") || !strings.Contains(got, tt.problem) {
			t.Errorf("%s %s: %q, want %q", tt.user, tt.password, got, tt.problem)
		}
		if tt.problem == "" { // a scan has the user of the moment at which it begins
			settles(t, r, []string{"web [1] SUCCESSFUL"}, r.covered)
		}
	}
	r.stop()
	if strings.Contains(r.log.String(), "secret") {
		t.Error("the log tells the password")
	}
}

// TestRegistryOff switches scanning off: nothing is asked for, and on again.
func TestRegistryOff(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	s := newImageStore(t)
	reg := r.watch(t, NewRegistry{RegistrySettings: RegistrySettings{Address: s.host}})
	if _, err := r.client.Inspector2().Disable(t.Context(), &inspector2.DisableRequest{ResourceTypes: []inspector2.ResourceScanType{"ECR"}}); err != nil {
		t.Fatal(err)
	}
	img := imageOf(t, "amd64", time.Now(), left(t, "1.0.0"))
	push(t, s.host+"/web:1", img)
	s.asked("")
	if status, text := r.notify(t, reg.ID, map[string]string{"Authorization": reg.Secret}, envelope("1", "push", "web", "1", digestOf(t, img))); text != `{"events":0}` {
		t.Errorf("a push while scanning is off: %d %s", status, text)
	}
	if err := r.client.Do(t.Context(), "POST", "registries/"+reg.ID+"/sync", nil, nil); err != nil {
		t.Fatal(err)
	}
	settles(t, r, 0, func(t *testing.T) (waiting int) {
		t.Helper()
		var out Status
		if err := r.client.Do(t.Context(), "GET", "status", nil, &out); err != nil {
			t.Fatal(err)
		}
		for _, j := range out.Jobs {
			if j.Kind == registrySyncJob {
				waiting++
			}
		}
		return waiting
	})
	if asked, _ := s.asked(""); len(asked) > 0 {
		t.Errorf("while scanning is off: %v", asked)
	}
	if _, err := r.client.Inspector2().Enable(t.Context(), &inspector2.EnableRequest{ResourceTypes: []inspector2.ResourceScanType{"ECR"}}); err != nil {
		t.Fatal(err)
	}
	r.walkAgain(t, reg.ID)
	settles(t, r, []string{"web amd64 CVE-2098-0001", "web amd64 CVE-2098-0002"}, r.found)
}

// TestRegistryMoves changes the address of a registry: the images of the old one
// are watched no longer.
func TestRegistryMoves(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	from, to := newImageStore(t), newImageStore(t)
	push(t, from.host+"/old:1", imageOf(t, "amd64", time.Now(), left(t, "1.0.0")))
	push(t, to.host+"/new:1", imageOf(t, "amd64", time.Now(), left(t, "1.3.0")))
	in := NewRegistry{RegistrySettings: RegistrySettings{
		Name: "test", Address: from.host, Rules: discover.Rules{{Repositories: []string{"*"}, Scan: discover.Enhanced}},
	}}
	reg := r.watch(t, in)
	settles(t, r, []string{"old amd64 CVE-2098-0001", "old amd64 CVE-2098-0002"}, r.found)
	in.Address = to.host
	if err := r.client.Do(t.Context(), "PUT", "registries/"+reg.ID, in, nil); err != nil {
		t.Fatal(err)
	}
	settles(t, r, []string{"new [1] SUCCESSFUL", "old [1] RESOURCE_TERMINATED"}, r.covered)
	settles(t, r, []string{"new amd64 CVE-2098-0001"}, r.found)
}

// TestFailingRegistryIsDue shows that a registry whose discovery has failed is
// left to its job for a while.
func TestFailingRegistryIsDue(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, tt := range map[string]struct {
		state RegistryState
		due   bool
	}{
		"new":                          {RegistryState{}, true},
		"walked just now":              {RegistryState{Synced: now, Tried: now}, false},
		"walked long ago":              {RegistryState{Synced: now.Add(-5 * time.Hour), Tried: now.Add(-5 * time.Hour)}, true},
		"failed just now":              {RegistryState{Tried: now, Error: "away"}, false},
		"failed a while ago":           {RegistryState{Tried: now.Add(-16 * time.Minute), Error: "away"}, true},
		"failed, but walked after all": {RegistryState{Synced: now, Tried: now.Add(-time.Hour), Error: "away"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYard(t, "")
			err := y.store.Update(t.Context(), func(tx *store.Tx) error {
				doc := registryDoc{RegistrySettings: RegistrySettings{IntervalMinutes: 60}}
				for kind, doc := range map[string]any{registryKind: doc, registryStateKind: tt.state} {
					o := store.Object{Kind: kind, Account: y.account, ID: "reg-1", Created: y.at, Updated: y.at}
					if err := tx.Put(t.Context(), org.Only(y.account), o, doc); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := y.registries.due(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			list, err := y.store.Jobs(t.Context(), store.Jobs{Kind: registrySyncJob})
			if err != nil || (len(list) > 0) != tt.due {
				t.Errorf("%d jobs: %v", len(list), err)
			}
		})
	}
}

// TestDockerRegistry has the registry of Debian notify of a push, a pull and a
// deletion.
func TestDockerRegistry(t *testing.T) {
	t.Parallel()
	if os.Getenv("ASSAY_TEST_REGISTRY") == "" {
		t.Skip("ASSAY_TEST_REGISTRY is not set: run by test/registry.sh")
	}
	program, err := exec.LookPath("docker-registry")
	if err != nil {
		t.Skip(err)
	}
	r := start(t, nil, nil)
	// The registry wants to know the secret, and the server the address: so the
	// address is a front for what is started later.
	port := httptest.NewServer(http.NotFoundHandler())
	host := port.Listener.Addr().String()
	port.Close()
	var reg Registry
	in := NewRegistry{RegistrySettings: RegistrySettings{
		Name: "debian", Address: host, Rules: discover.Rules{{Repositories: []string{"*"}, Scan: discover.Enhanced}},
	}}
	if err := r.client.Do(t.Context(), "POST", "registries", in, &reg); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := fmt.Sprintf(`version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
http: {addr: "%s"}
notifications:
  endpoints:
    - name: assay
      url: %s
      headers: {Authorization: ["Bearer %s"]}
      timeout: 5s
      threshold: 3
      backoff: 1s
`, dir, host, reg.Hook, reg.Secret)
	file := filepath.Join(dir, "config.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var told bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "serve", file)
	cmd.Stderr = &told
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
	for deadline := time.Now().Add(20 * time.Second); ; {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+"/v2/", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("docker-registry does not answer: %v\n%s", err, told.String())
		}
	}
	both := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: imageOf(t, "amd64", time.Now(), left(t, "1.0.0"))}, mutate.IndexAddendum{Add: imageOf(t, "arm64", time.Now(), left(t, "1.3.0"))})
	push(t, host+"/shop/multi:1", both)
	img := imageOf(t, "amd64", time.Now(), left(t, "1.3.0"))
	push(t, host+"/shop/web:1", img)
	pushed := time.Now()
	settles(t, r, []string{
		"shop/multi amd64 CVE-2098-0001", "shop/multi amd64 CVE-2098-0002", "shop/multi arm64 CVE-2098-0001", "shop/web amd64 CVE-2098-0001",
	}, r.found)
	t.Logf("end of push to findings: %v", time.Since(pushed))
	settles(t, r, []string{"shop/multi [1] SUCCESSFUL", "shop/multi [1] SUCCESSFUL", "shop/web [1] SUCCESSFUL"}, r.covered)

	if _, err := remote.Get(mustRef(t, host+"/shop/web:1")); err != nil {
		t.Fatal(err)
	}
	settles(t, r, true, func(t *testing.T) bool {
		t.Helper()
		out, err := r.client.Inspector2().ListCoverage(t.Context(), &inspector2.ListCoverageRequest{})
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(out.CoveredResources, func(c inspector2.CoveredResource) bool {
			return strings.Contains(c.ResourceID, "shop/web") && !c.ResourceMetadata.EcrImage.ImagePulledAt.IsZero()
		})
	})
	at, err := name.NewDigest(host + "/shop/web@" + digestOf(t, img))
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Delete(at); err != nil {
		t.Fatal(err)
	}
	settles(t, r, []string{"shop/multi [1] SUCCESSFUL", "shop/multi [1] SUCCESSFUL", "shop/web [1] RESOURCE_TERMINATED"}, r.covered)
}
