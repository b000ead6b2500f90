package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/notify"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

const eventAccount = "111122223333"

// A hearer keeps the events that are posted to it.
type hearer struct {
	*httptest.Server
	mu     sync.Mutex
	events []heard
	status int
	more   chan struct{}
}

type heard struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Subject    string          `json:"subject"`
	DetailType string          `json:"detailtype"`
	Data       json.RawMessage `json:"data"`
}

func newHearer(t *testing.T) *hearer {
	t.Helper()
	h := &hearer{status: http.StatusOK, more: make(chan struct{}, 1)}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var e heard
		if err != nil || json.Unmarshal(body, &e) != nil {
			t.Errorf("%v: %s", err, body)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.status == http.StatusOK {
			h.events = append(h.events, e)
			select {
			case h.more <- struct{}{}:
			default:
			}
		}
		w.WriteHeader(h.status)
		_, _ = io.WriteString(w, "heard")
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hearer) answers(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// wait returns the events heard when there are so many.
func (h *hearer) wait(t *testing.T, n int) []heard {
	t.Helper()
	late := time.After(time.Minute)
	for {
		h.mu.Lock()
		list := slices.Clone(h.events)
		h.mu.Unlock()
		if len(list) >= n {
			return list
		}
		select {
		case <-h.more:
		case <-late:
			for _, e := range list {
				t.Log(e.Type, e.Subject)
			}
			t.Fatalf("%d of %d events", len(list), n)
		}
	}
}

func startForEvents(t *testing.T, change func(*Config)) *running {
	t.Helper()
	return start(t, func(c *Config) {
		c.Account = eventAccount
		if change != nil {
			change(c)
		}
	}, nil)
}

// of makes the sample a scan of another resource.
func of(res resource.Resource, version string) monitor.Submission {
	sub := submission(res.Name, version)
	sub.Resource = res
	return sub
}

var (
	eventTime    = regexp.MustCompile(`"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d \d\d:\d\d:\d\d\.\d{3} UTC \d{4}"`)
	coverageTime = regexp.MustCompile(`"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"`)
	callTime     = regexp.MustCompile(`"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"`)
	hexadecimal  = regexp.MustCompile(`(finding|filter)/[0-9a-f]{16,32}"`)
	requestID    = regexp.MustCompile(`"requestID":"[0-9a-f-]{36}"`)
	accessKey    = regexp.MustCompile(`"AKIA[A-Z0-9]+"`)
)

// fixed replaces what is different each time, where it has the right form.
func fixed(text string) string {
	text = eventTime.ReplaceAllString(text, `"EVENT TIME"`)
	text = coverageTime.ReplaceAllString(text, `"COVERAGE TIME"`)
	text = callTime.ReplaceAllString(text, `"CALL TIME"`)
	text = hexadecimal.ReplaceAllString(text, `$1/HEX"`)
	text = requestID.ReplaceAllString(text, `"requestID":"ID"`)
	return accessKey.ReplaceAllString(text, `"KEY"`)
}

// same compares two texts of JSON.
func same(t *testing.T, name, want, got string) {
	t.Helper()
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("%s: %s\n%s", name, diff, got)
	}
}

const eventDigest = "sha256:0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"

// recently is when images were pushed and functions changed: what is long ago is
// not scanned.
var recently = time.Now().UTC().Format(time.RFC3339)

// toldOf are an image, a machine and a function, with what is told of each: the
// resource in a finding and the first scan.
var toldOf = []struct {
	name     string
	res      resource.Resource
	resource string
	scan     string
}{
	{
		"image",
		resource.Resource{
			Type: resource.Image, Name: "shop/app:1", ID: resource.ImageARN(eventAccount, "us-east-1", "shop/app", eventDigest), Tags: []string{"1"}, Arch: "amd64", Digest: eventDigest, Image: resource.ImageUse{Pushed: recently},
		},
		`{"type":"AWS_ECR_CONTAINER_IMAGE","id":"arn:aws:ecr:us-east-1:111122223333:repository/shop/app/` + eventDigest + `","partition":"aws","region":"us-east-1",
		"provider":"AWS","providerAccountId":"111122223333","details":{
		"awsEcrContainerImage":{"repositoryName":"shop/app","imageTags":["1"],"architecture":"amd64","imageHash":"` + eventDigest + `","registry":"111122223333","pushedAt":"EVENT TIME"},
		"image":{"repositoryName":"shop/app","registry":"111122223333","imageTags":["1"],"imageDigest":"` + eventDigest + `","architecture":"amd64","pushedAt":"EVENT TIME"}}}`,
		`{"scan-status":"INITIAL_SCAN_COMPLETE","repository-name":"arn:aws:ecr:us-east-1:111122223333:repository/shop/app","image-digest":"` + eventDigest + `",
		"image-tags":["1"],"finding-severity-counts":{"CRITICAL":1,"HIGH":0,"MEDIUM":1,"TOTAL":2},"version":"1.0"}`,
	},
	{
		"host",
		resource.Resource{Type: resource.Instance, Name: "web", ID: "i-0123456789abcdef0", Platform: "DEBIAN_12", Labels: map[string]string{"CreatedAt": "x", "At\":5": "y"}, Host: resource.Host{
			Size: "t3.small", Launched: "2024-09-04T16:59:44.356Z", IPv4: []string{"192.0.2.1"},
		}},
		`{"type":"AWS_EC2_INSTANCE","id":"i-0123456789abcdef0","partition":"aws","region":"us-east-1","tags":{"CreatedAt":"x","At\":5":"y"},"provider":"AWS","providerAccountId":"111122223333","details":{
		"awsEc2Instance":{"type":"t3.small","ipV4Addresses":["192.0.2.1"],"launchedAt":"EVENT TIME","platform":"DEBIAN_12"},
		"vm":{"type":"t3.small","vmName":"web","ipV4Addresses":["192.0.2.1"],"launchedAt":"EVENT TIME","platform":"DEBIAN_12"}}}`,
		`{"scan-status":"INITIAL_SCAN_COMPLETE","instance-id":"i-0123456789abcdef0","finding-severity-counts":{"CRITICAL":1,"HIGH":0,"MEDIUM":1,"TOTAL":2},"version":"1.0"}`,
	},
	{
		"function",
		resource.Resource{
			Type: resource.Function, Name: "f", ID: "arn:aws:lambda:us-east-1:111122223333:function:f:$LATEST", Arch: "amd64",
			Function: resource.Runtime{Runtime: "PYTHON_3_11", Role: "arn:aws:iam::111122223333:role/f", Modified: recently},
		},
		`{"type":"AWS_LAMBDA_FUNCTION","id":"arn:aws:lambda:us-east-1:111122223333:function:f:$LATEST","partition":"aws","region":"us-east-1","provider":"AWS","providerAccountId":"111122223333","details":{
		"awsLambdaFunction":{"functionName":"f","runtime":"PYTHON_3_11","codeSha256":"UNKNOWN","version":"$LATEST","executionRoleArn":"arn:aws:iam::111122223333:role/f","packageType":"ZIP","architectures":["X86_64"],"lastModifiedAt":"EVENT TIME"},
		"serverlessFunction":{"serverlessFunctionName":"f","runtime":"PYTHON_3_11","version":"$LATEST","executionRole":"arn:aws:iam::111122223333:role/f","packageType":"ZIP","architectures":["X86_64"],"lastModifiedAt":"EVENT TIME"}}}`,
		`{"scan-status":"INITIAL_SCAN_COMPLETE","finding-severity-counts":{"CRITICAL":1,"HIGH":0,"MEDIUM":1,"TOTAL":2},"version":"1.0"}`,
	},
}

// findingShape is a finding of the sample as an event tells of it. What the
// score explains of itself is left to the tests of the score.
const findingShape = `{"findingArn":"arn:aws:inspector2:us-east-1:111122223333:finding/HEX","awsAccountId":"111122223333","type":"PACKAGE_VULNERABILITY",
"title":"CVE-2098-0001 - left","description":"Something is wrong","severity":"CRITICAL","status":"%s","firstObservedAt":"EVENT TIME","lastObservedAt":"EVENT TIME",
"updatedAt":"EVENT TIME","inspectorScore":9.8,"exploitAvailable":"NO","fixAvailable":"YES","packageVulnerabilityDetails":{"vulnerabilityId":"CVE-2098-0001",
"source":"NVD","sourceUrl":"https://nvd.nist.gov/vuln/detail/CVE-2098-0001","vulnerablePackages":[{"name":"left","version":"1.0.0","packageManager":"NPM","fixedInVersion":"1.5.0","filePath":"package-lock.json","remediation":"npm install left@1.5.0"}],
"cvss":[{"baseScore":9.8,"scoringVector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","version":"3.1","source":"NVD"}]},
"remediation":{"recommendation":{"text":"npm install left@1.5.0"}},"resources":[%s]}`

// TestEventShapes: exactly what Amazon Inspector tells of findings, first scans
// and coverage, for each type of resource.
func TestEventShapes(t *testing.T) {
	t.Parallel()
	r, h := startForEvents(t, nil), newHearer(t)
	if err := r.client.Do(t.Context(), "POST", "sinks", rawJSON(`{"name":"hook","kind":"webhook","place":"`+h.URL+`"}`), nil); err != nil {
		t.Fatal(err)
	}
	heardBefore := 0
	for _, w := range toldOf {
		r.put(t, of(w.res, flawed))
		for _, e := range h.wait(t, heardBefore+4)[heardBefore:] { // two findings, the first scan, its coverage
			checkShape(t, w.name, w.resource, w.scan, e)
		}
		r.put(t, of(w.res, sound))
		list := h.wait(t, heardBefore+6)
		for _, e := range list[heardBefore+4:] {
			if e.Type != "assay.finding.closed" || !strings.Contains(string(e.Data), `"status":"CLOSED"`) {
				t.Errorf("%s: %+v", w.name, e)
			}
		}
		heardBefore = len(list)
	}
}

func checkShape(t *testing.T, name, res, scan string, e heard) {
	t.Helper()
	got := fixed(string(e.Data))
	switch e.Type {
	case "assay.finding.created":
		if !strings.Contains(got, "CVE-2098-0001") {
			return
		}
		var f map[string]json.RawMessage
		if err := json.Unmarshal([]byte(got), &f); err != nil {
			t.Fatal(err)
		}
		delete(f, "inspectorScoreDetails")
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		same(t, name+" finding", fmt.Sprintf(findingShape, "ACTIVE", res), string(text))
	case "assay.scan.completed":
		if e.DetailType != notify.ScanEvent {
			t.Error(e.DetailType)
		}
		same(t, name+" scan", scan, got)
	case "assay.coverage.changed":
		if e.DetailType != notify.CoverageEvent {
			t.Error(e.DetailType)
		}
		same(t, name+" coverage", `{"scanStatus":{"reason":"SUCCESSFUL","statusCodeValue":"ACTIVE"},"scanType":"PACKAGE","provider":"AWS",
			"providerAccountId":"111122223333","providerRegion":"us-east-1","eventTimestamp":"COVERAGE TIME","version":"1.0"}`, got)
	default:
		t.Errorf("%s: unexpected %s", name, e.Type)
	}
}

// TestRuleEvents: suppression rules that are made, changed and deleted are told
// of as records of CloudTrail, and what they do to findings as well.
func TestRuleEvents(t *testing.T) {
	t.Parallel()
	r, h := startForEvents(t, nil), newHearer(t)
	if err := r.client.Do(t.Context(), "POST", "sinks", rawJSON(`{"name":"hook","kind":"webhook","place":"`+h.URL+`","events":["rule.","finding."]}`), nil); err != nil {
		t.Fatal(err)
	}
	r.put(t, of(toldOf[0].res, flawed))
	h.wait(t, 2)
	two := r.client.Inspector2()
	equals := inspector2.StringComparisonEquals
	made, err := two.CreateFilter(t.Context(), &inspector2.CreateFilterRequest{
		Name: "quiet", Action: inspector2.FilterActionSuppress,
		FilterCriteria: inspector2.FilterCriteria{VulnerabilityID: []inspector2.StringFilter{{Comparison: equals, Value: "CVE-2098-0001"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.wait(t, 4)
	if _, err := two.UpdateFilter(t.Context(), &inspector2.UpdateFilterRequest{FilterARN: made.ARN, Reason: "known"}); err != nil {
		t.Fatal(err)
	}
	h.wait(t, 5)
	if _, err := two.DeleteFilter(t.Context(), &inspector2.DeleteFilterRequest{ARN: made.ARN}); err != nil {
		t.Fatal(err)
	}
	const record = `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","accountId":"111122223333","accessKeyId":"KEY"},"eventTime":"CALL TIME",
		"eventSource":"inspector2.amazonaws.com","eventName":"%s","awsRegion":"us-east-1","sourceIPAddress":"127.0.0.1","userAgent":"Go-http-client/1.1",
		"requestParameters":%s,"responseElements":{"arn":"arn:aws:inspector2:us-east-1:111122223333:owner/111122223333/filter/HEX"},"requestID":"ID",
		"readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"eventCategory":"Management","recipientAccountId":"111122223333"}`
	const arn = `"arn:aws:inspector2:us-east-1:111122223333:owner/111122223333/filter/HEX"`
	want := map[string]string{
		"assay.rule.created": fmt.Sprintf(record, "CreateFilter",
			`{"action":"SUPPRESS","name":"quiet","filterCriteria":{"vulnerabilityId":[{"comparison":"EQUALS","value":"CVE-2098-0001"}]}}`),
		"assay.rule.updated": fmt.Sprintf(record, "UpdateFilter", `{"filterArn":`+arn+`,"reason":"known"}`),
		"assay.rule.deleted": fmt.Sprintf(record, "DeleteFilter", `{"arn":`+arn+`}`),
	}
	var kinds []string
	for _, e := range h.wait(t, 7) {
		kinds = append(kinds, strings.TrimPrefix(e.Type, "assay."))
		if shape, ok := want[e.Type]; ok {
			if e.DetailType != notify.CallEvent {
				t.Error(e.DetailType)
			}
			same(t, e.Type, shape, fixed(string(e.Data)))
		}
	}
	slices.Sort(kinds)
	if diff := cmp.Diff("finding.created finding.created finding.suppressed finding.unsuppressed rule.created rule.deleted rule.updated", strings.Join(kinds, " ")); diff != "" {
		t.Error(diff)
	}
}

// TestEventsOfWhatIsGone: of a finding and a resource that were removed before
// anybody looked, there is still something to tell.
func TestEventsOfWhatIsGone(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), t.TempDir()+"/assay.db", [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	const arn = "arn:aws:inspector2:us-east-1:111122223333:finding/00000000000000000000000000000000"
	list := []store.Event{
		{Account: 111122223333, Kind: "finding.closed", Subject: arn, At: at, Doc: []byte(`{}`)},
		{Account: 111122223333, Kind: "coverage.changed", Subject: "i-1", At: at, Doc: []byte(`{"scanType":"PACKAGE","statusCode":"INACTIVE","reason":"RESOURCE_TERMINATED"}`)},
		{Account: 111122223333, Kind: "scan.completed", Subject: "i-1", At: at, Doc: []byte(`{}`)},
		{Account: 111122223333, Kind: "autoenable.failed", Subject: "111122223333", At: at, Doc: []byte(`{"reason":"full"}`)},
	}
	if err := (renderer{store: s, region: "us-east-1"}).render(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		`{"type":"Inspector2 Finding","region":"us-east-1","resources":[],"gone":true,"detail":{"findingArn":"` + arn + `","awsAccountId":"111122223333","status":"CLOSED"}}`,
		`{"type":"Inspector2 Coverage","region":"us-east-1","resources":["i-1"],"gone":true,"detail":{"scanStatus":{"reason":"RESOURCE_TERMINATED","statusCodeValue":"INACTIVE"},
			"scanType":"PACKAGE","provider":"AWS","providerAccountId":"111122223333","providerRegion":"us-east-1","eventTimestamp":"2026-01-02T03:04:05.678901Z","version":"1.0"}}`,
		`{"type":"Inspector2 Scan","region":"us-east-1","resources":["i-1"],"gone":true,"detail":{"scan-status":"INITIAL_SCAN_COMPLETE","finding-severity-counts":{"CRITICAL":0,"HIGH":0,"MEDIUM":0,"TOTAL":0},"version":"1.0"}}`,
		`{"type":"Inspector2 AutoEnable","region":"us-east-1","resources":[],"detail":{"version":"1.0.0","AutoEnableStatus":"Failed","Reason":"full"}}`,
	} {
		same(t, list[i].Kind, want, string(list[i].Doc))
	}
}

// TestTimeNames: whatever in a finding is a time has a name by which textTimes
// finds it, and no number has.
func TestTimeNames(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]bool{}
	times := 0
	var look func(typ reflect.Type, name string)
	look = func(typ reflect.Type, name string) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			look(typ.Elem(), name)
			return
		case reflect.Int32, reflect.Int64, reflect.Float64:
			if strings.HasSuffix(name, "At") {
				t.Errorf("%s is a number", name)
			}
		}
		if typ == reflect.TypeFor[time.Time]() {
			if times++; !strings.HasSuffix(name, "At") {
				t.Errorf("%s is a time", name)
			}
			return
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		for f := range typ.Fields() {
			look(f.Type, f.Name)
		}
	}
	look(reflect.TypeFor[inspector2.Finding](), "Finding")
	if times < 10 {
		t.Errorf("%d times", times)
	}
	const in = `{"firstObservedAt":1725469184.356,"updatedAt":1.725469184E9,"tags":{"At\":5":"x","whenAt":"1"},"n":[{"aAt":0}]}`
	const want = `{"firstObservedAt":"Wed Sep 04 16:59:44.356 UTC 2024","updatedAt":"Wed Sep 04 16:59:44.000 UTC 2024","tags":{"At\":5":"x","whenAt":"1"},"n":[{"aAt":"Thu Jan 01 00:00:00.000 UTC 1970"}]}`
	if diff := cmp.Diff(want, string(textTimes([]byte(in)))); diff != "" {
		t.Error(diff)
	}
}
