package server

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// zipped is an archive with a lock file that names a version of the package with
// flaws; empty: none.
func zipped(t *testing.T, version string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	files := map[string]string{"index.js": "exports.handler = () => {}\n"}
	if version != "" {
		files["package-lock.json"] = fmt.Sprintf(`{"name":"f","lockfileVersion":3,"packages":{"":{},"node_modules/left":{"version":%q}}}`, version)
	}
	for name, text := range files {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A depot is a place of functions that a test changes.
type depot struct {
	source NewFunctionSource
	put    func(name string, body []byte)
	remove func(name string)
}

// folderDepot is a folder. Its files are as old as the clock of the yard says.
func folderDepot(y *yard) depot {
	dir := y.t.TempDir()
	return depot{
		NewFunctionSource{Place: dir},
		func(name string, body []byte) {
			path := filepath.Join(dir, name)
			err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, body, 0o644), os.Chtimes(path, y.at, y.at))
			if err != nil {
				y.t.Fatal(err)
			}
		},
		func(name string) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				y.t.Fatal(err)
			}
		},
	}
}

// bucketDepot is a bucket of a real service.
func bucketDepot(y *yard) depot {
	endpoint := os.Getenv("ASSAY_TEST_S3")
	if endpoint == "" {
		y.t.Skip("ASSAY_TEST_S3 is not set")
	}
	key, secret := os.Getenv("ASSAY_TEST_S3_ID"), os.Getenv("ASSAY_TEST_S3_SECRET")
	c := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &endpoint, UsePathStyle: true, Credentials: credentials.NewStaticCredentialsProvider(key, secret, ""),
	})
	bucket := fmt.Sprintf("functions-%d", time.Now().UnixNano())
	if _, err := c.CreateBucket(y.t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		y.t.Fatal(err)
	}
	return depot{
		NewFunctionSource{Place: "s3://" + bucket + "/live", Endpoint: endpoint, PathStyle: true, Key: key, Secret: secret},
		func(name string, body []byte) {
			_, err := c.PutObject(y.t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("live/" + name), Body: bytes.NewReader(body)})
			if err != nil {
				y.t.Fatal(err)
			}
		},
		func(name string) {
			if _, err := c.DeleteObject(y.t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: aws.String("live/" + name)}); err != nil {
				y.t.Fatal(err)
			}
		},
	}
}

// call makes a call of our own interface by the account of the yard.
func (y *yard) call(method, path string, in any) (any, error) {
	body, err := json.Marshal(in)
	if err != nil {
		y.t.Fatal(err)
	}
	var out any
	err = errors.New("no such route")
	mux := http.NewServeMux()
	for _, r := range functionRoutes {
		mux.HandleFunc(r.pattern, func(_ http.ResponseWriter, q *http.Request) {
			out, err = r.do(y.server, y.ctx(), request{q, body, api.CallerOf(y.ctx()), org.Only(y.account), y.at})
		})
	}
	q, wrong := http.NewRequestWithContext(y.t.Context(), method, "/assay/v1/"+path, nil)
	if wrong != nil {
		y.t.Fatal(wrong)
	}
	mux.ServeHTTP(discard{}, q)
	return out, err
}

type discard struct{ http.ResponseWriter }

// must makes a call that is not refused.
func (y *yard) must(method, path string, in any) any {
	y.t.Helper()
	out, err := y.call(method, path, in)
	if err != nil {
		y.t.Fatal(err)
	}
	return out
}

// sync adds a source, has it looked through and returns it.
func (y *yard) watch(d depot) (id string, sync func(), look func() FunctionSource) {
	y.t.Helper()
	id = y.must("POST", "function-sources", d.source).(FunctionSource).ID
	y.work()
	sync = func() {
		y.t.Helper()
		y.must("POST", "function-sources/"+id+"/sync", nil)
		y.work()
	}
	look = func() FunctionSource {
		y.t.Helper()
		list := y.must("GET", "function-sources", nil).(FunctionSources).Sources
		if len(list) != 1 || list[0].ID != id {
			y.t.Fatalf("sources: %+v", list)
		}
		return list[0]
	}
	return id, sync, look
}

func manifest(y *yard, members string) []byte {
	return []byte(`{"name":"pay","runtime":"nodejs20.x","modified":"` + y.at.Format(time.RFC3339) + `"` + members + `}`)
}

// TestFunctionSources follows a function of a folder, and of a bucket, through
// its life.
func TestFunctionSources(t *testing.T) {
	t.Parallel()
	for kind, depotOf := range map[string]func(*yard) depot{"folder": folderDepot, "bucket": bucketDepot} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			onBothYards(t, func(t *testing.T, y *yard) {
				t.Helper()
				followFunction(t, y, depotOf(y))
			})
		})
	}
}

func followFunction(t *testing.T, y *yard, d depot) {
	t.Helper()
	d.put("pay.json", manifest(y, ""))
	d.put("pay.zip", zipped(t, flawed))
	d.put("lonely.json", []byte("{}"))
	id, sync, look := y.watch(d)
	y.want("found", scanned, twoOpen)
	first, _ := y.findings()
	out, err := y.h.ListCoverage(y.ctx(), &inspector2.ListCoverageRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := out.CoveredResources[0].ResourceID, "arn:aws:lambda:us-east-1:111122223333:function:pay:$LATEST"; got != want {
		t.Errorf("resource %s, want %s", got, want)
	}
	if s := look(); s.Functions != 1 || s.Error != "" || !s.Synced.Equal(y.at) || strings.Join(s.Problems, "") != "lonely.json: there is no lonely.zip beside it" {
		t.Errorf("source %+v", s)
	}
	jobs := func() int {
		t.Helper()
		list, err := y.store.Jobs(t.Context(), store.Jobs{Kind: functionScanJob})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	before := jobs()
	sync()
	if got := jobs(); got != before {
		t.Errorf("%d scans of what has not changed", got-before)
	}

	y.at = y.at.Add(time.Hour)
	d.put("pay.zip", zipped(t, sound))
	sync()
	y.want("updated", scanned, twoGone)
	y.at = y.at.Add(time.Hour)
	d.put("pay.zip", zipped(t, flawed))
	sync()
	y.want("updated again", scanned, twoOpen)
	if again, _ := y.findings(); !slices.Equal(first, again) {
		t.Errorf("other findings: %s, %s", first, again)
	}

	for _, tt := range []struct{ step, members, coverage, findings string }{
		{"excluded", `,"tags":{"InspectorExclusion":"LambdaStandardScanning"}`, "INACTIVE EXCLUDED_BY_TAG", twoGone},
		{"no longer excluded", ``, scanned, twoOpen},
		{"under its owner's key", `,"kmsKey":"arn:aws:kms:us-east-1:111122223333:key/1"`, "INACTIVE ACCESS_DENIED_TO_ENCRYPTION_KEY", twoGone},
		{"under no key", ``, scanned, twoOpen},
		{"at another version", `,"version":"7"`, "INACTIVE RESOURCE_TERMINATED", twoGone},
		{"at the latest", `,"version":"$LATEST"`, scanned, twoOpen},
	} {
		y.at = y.at.Add(time.Minute)
		d.put("pay.json", manifest(y, tt.members))
		sync()
		y.want(tt.step, tt.coverage, tt.findings)
	}

	// What is wrong is told, and changes nothing.
	y.at = y.at.Add(time.Minute)
	d.put("pay.json", []byte(`{"name":"../pay"}`))
	sync()
	y.want("with a wrong manifest", scanned, twoOpen)
	if s := look(); len(s.Problems) != 2 || !strings.Contains(s.Problems[1], "name") {
		t.Errorf("problems %q", s.Problems)
	}
	d.put("pay.json", manifest(y, ""))

	d.remove("pay.zip")
	sync()
	y.want("while nothing is left", scanned, twoOpen)
	sync()
	y.want("when nothing is left for the second time", "INACTIVE RESOURCE_TERMINATED", twoGone)
	d.put("pay.zip", zipped(t, flawed))
	sync()
	y.want("back", scanned, twoOpen)

	y.must("DELETE", "function-sources/"+id, nil)
	y.work()
	y.want("without the source", "INACTIVE RESOURCE_TERMINATED", twoGone)
}

// TestUnusedFunction shows that a function that neither runs nor changes is
// scanned for 90 days.
func TestUnusedFunction(t *testing.T) {
	t.Parallel()
	onBothYards(t, func(t *testing.T, y *yard) {
		t.Helper()
		begin, d := y.at, folderDepot(y)
		d.put("pay.json", manifest(y, `,"lastUsed":"2025-11-01T00:00:00Z"`))
		d.put("pay.zip", zipped(t, flawed))
		d.put("old.json", []byte(`{"name":"old","modified":"2025-06-01T00:00:00Z","lastUsed":"2025-11-01T00:00:00Z"}`))
		d.put("old.zip", zipped(t, flawed))
		_, sync, _ := y.watch(d)
		y.want("one is used, one is not", scanned+", "+twoOver, twoOpen)
		y.at = begin.Add(90 * oneDay)
		y.do(coverageSweepJob)
		y.want("90 days later", twoOver+", "+twoOver, twoGone)
		sync()
		y.want("looked at again", twoOver+", "+twoOver, twoGone)
		d.put("old.json", []byte(`{"name":"old","modified":"2025-06-01T00:00:00Z","lastUsed":"`+y.at.Format(time.RFC3339)+`"}`))
		sync()
		y.want("the other ran", scanned+", "+twoOver, twoOpen+" "+twoGone)
		// Changed code counts though its manifest tells an old time.
		d.put("pay.zip", zipped(t, sound))
		sync()
		y.want("changed", scanned+", "+scanned, twoOpen+" "+twoGone)
	})
}

// TestFunctionLayers shows that layers count, that one without an archive is
// told of, and that its appearance is seen.
func TestFunctionLayers(t *testing.T) {
	t.Parallel()
	y := newYard(t, "")
	d := folderDepot(y)
	const arn = "arn:aws:lambda:us-east-1:111122223333:layer:util:3"
	d.put("pay.json", manifest(y, `,"layers":["`+arn+`"]`))
	d.put("pay.zip", zipped(t, ""))
	_, sync, look := y.watch(d)
	y.want("without its layer", scanned, "")
	if s := look(); len(s.Problems) != 1 || !strings.Contains(s.Problems[0], arn) {
		t.Errorf("problems %q", s.Problems)
	}
	d.put("layers/util-3.zip", zipped(t, flawed))
	sync()
	y.want("with its layer", scanned, twoOpen)
	if s := look(); len(s.Problems) != 0 {
		t.Errorf("problems %q", s.Problems)
	}
	out, err := y.h.ListFindings(y.ctx(), &inspector2.ListFindingsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range out.Findings {
		if got := f.PackageVulnerabilityDetails.VulnerablePackages[0].SourceLambdaLayerARN; got != arn {
			t.Errorf("layer of a package %q", got)
		}
	}
	d.put("layers/util-3.zip", []byte("PK no archive at all"))
	y.at = y.at.Add(time.Hour)
	sync()
	y.want("with a broken layer", "INACTIVE UNSUPPORTED_CODE_ARTIFACTS", twoGone)
}

// TestFunctionsWhileOff shows that nothing is looked at while functions are not
// scanned, and everything when they are again.
func TestFunctionsWhileOff(t *testing.T) {
	t.Parallel()
	y := newYard(t, "")
	d := folderDepot(y)
	d.put("pay.json", manifest(y, ""))
	d.put("pay.zip", zipped(t, sound))
	_, sync, _ := y.watch(d)
	types := []inspector2.ResourceScanType{inspector2.ResourceScanTypeLambda}
	if _, err := y.h.Disable(y.ctx(), &inspector2.DisableRequest{ResourceTypes: types}); err != nil {
		t.Fatal(err)
	}
	y.work()
	y.at = y.at.Add(2 * oneDay) // what there was is removed
	y.work()
	d.put("pay.zip", zipped(t, flawed))
	sync()
	y.want("off", "", "")
	if _, err := y.h.Enable(y.ctx(), &inspector2.EnableRequest{ResourceTypes: types}); err != nil {
		t.Fatal(err)
	}
	y.work()
	y.want("on", scanned, twoOpen)
}

// TestSourcesAreRefused tries what a source may not be.
func TestSourcesAreRefused(t *testing.T) {
	t.Parallel()
	y := newYard(t, "")
	for _, tt := range []struct {
		in   NewFunctionSource
		want string
	}{
		{NewFunctionSource{Place: "relative"}, "place"},
		{NewFunctionSource{Place: filepath.Join(t.TempDir(), "none")}, "place"},
		{NewFunctionSource{Place: "s3://b", Key: "k"}, "secret"},
		{NewFunctionSource{Place: "s3://b", Endpoint: "file:///etc"}, "endpoint"},
		{NewFunctionSource{Place: t.TempDir(), Minutes: -1}, "minutes"},
	} {
		if _, err := y.call("POST", "function-sources", tt.in); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt.in, err)
		}
	}
	y.account = 444455556666 // not the one that runs the installation
	for _, in := range []NewFunctionSource{{Place: t.TempDir()}, {Place: "s3://b"}} {
		if _, err := y.call("POST", "function-sources", in); err == nil {
			t.Errorf("%+v is watched for another account", in)
		}
	}
	out := y.must("POST", "function-sources", NewFunctionSource{Place: "s3://b", Key: "k", Secret: "hush"})
	text, err := json.Marshal([]any{out, y.must("GET", "function-sources", nil)})
	if err != nil || bytes.Contains(text, []byte("hush")) {
		t.Errorf("the secret is told: %s, %v", text, err)
	}
	list, err := y.store.Objects(t.Context(), org.Only(y.account), store.Objects{Kind: functionSourceKind})
	if err != nil || len(list) != 1 || bytes.Contains(list[0].Doc, []byte("hush")) {
		t.Errorf("the secret is kept as it is: %s, %v", list[0].Doc, err)
	}
}

// TestFunctionUpload hands a function in over the network.
func TestFunctionUpload(t *testing.T) {
	t.Parallel()
	r := start(t, nil, nil)
	b := r.bench(t, r.account, r.key, r.secret, &trail{})
	const arn = "arn:aws:lambda:us-east-1:111122223333:layer:util:3"
	part := func(field, file string, body []byte) client.Part {
		return client.Part{Field: field, File: file, Body: body}
	}
	text := func(s string) client.Part { return part("manifest", "", []byte(s)) }
	for _, tt := range []struct {
		name  string
		parts []client.Part
		want  string // of the answer, or of the refusal
		after string // findings
	}{
		{"no manifest", []client.Part{part("code", "a.zip", zipped(t, flawed))}, "manifest", ""},
		{"no code", []client.Part{text(`{"name":"pay"}`)}, "code", ""},
		{"no archive", []client.Part{text(`{"name":"bad"}`), part("code", "a.zip", []byte("PK no archive"))}, "code", ""},
		{"a version", []client.Part{text(`{"name":"pay","version":"3"}`), part("code", "a.zip", zipped(t, flawed))}, "version", ""},
		{"another part", []client.Part{part("x", "../../a", nil)}, "only manifest", ""},
		{"a name that is a path", []client.Part{text(`{"name":"../pay"}`), part("code", "../../a.zip", zipped(t, flawed))}, "name", ""},
		{"code without flaws", []client.Part{text(`{"name":"pay"}`), part("code", "a.zip", zipped(t, ""))}, "function:pay:$LATEST", ""},
		{"with a layer", []client.Part{
			part("layer", arn, zipped(t, flawed)), text(`{"name":"pay","layers":["` + arn + `","other.zip"]}`), part("code", "a.zip", zipped(t, "")),
		}, "other.zip", bothActive},
		{"excluded", []client.Part{
			text(`{"name":"pay","tags":{"InspectorExclusion":"LambdaStandardScanning"}}`), part("code", "a.zip", zipped(t, flawed)),
		}, monitor.ExcludedByTag, bothClosed},
		{"again", []client.Part{text(`{"name":"pay"}`), part("code", "a.zip", zipped(t, flawed))}, "function:pay:$LATEST", bothActive},
	} {
		var answer json.RawMessage
		err := r.client.Upload(t.Context(), "functions", tt.parts, &answer)
		got := string(answer)
		if refused, ok := errors.AsType[*client.Refused](err); ok && refused.Status == http.StatusBadRequest {
			got = refused.Message
		} else if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s", tt.name, got)
		}
		if got := b.statuses(); got != tt.after {
			t.Errorf("%s: findings %q, want %q", tt.name, got, tt.after)
		}
	}
	if err := r.client.Do(t.Context(), "DELETE", "functions/pay", nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := b.statuses(); got != bothClosed {
		t.Errorf("gone: %s", got)
	}
	if err := r.client.Do(t.Context(), "DELETE", "functions/none", nil, nil); err == nil {
		t.Error("a function that is not there can be deleted")
	}
	var reasons CoverageReasons
	if err := r.client.Do(t.Context(), "GET", "coverage/reasons", nil, &reasons); err != nil || len(reasons.Reasons) < 35 {
		t.Errorf("%d reasons: %v", len(reasons.Reasons), err)
	}
}
