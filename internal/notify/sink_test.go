package notify

import (
	"bufio"
	"crypto/md5"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

func md5Of(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// sampleDetail is a finding as an event tells of it.
const sampleDetail = `{"findingArn":"%[1]s","awsAccountId":"111122223333","type":"PACKAGE_VULNERABILITY","title":"CVE-2099-0001 - libexample",
"description":"Something <is> wrong & more","severity":"HIGH","status":"ACTIVE","firstObservedAt":"Wed Sep 04 16:59:44.356 UTC 2024",
"lastObservedAt":"Wed Sep 04 17:59:44.000 UTC 2024","updatedAt":"Wed Sep 04 17:59:44.000 UTC 2024","inspectorScore":7.5,
"inspectorScoreDetails":{"adjustedCvss":{"scoreSource":"NVD","cvssSource":"NVD","version":"3.1","score":7.5,"scoringVector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N","adjustments":[{"metric":"Attack Vector","reason":"not reachable"}]}},
"epss":{"score":0.00043},"exploitAvailable":"YES","exploitabilityDetails":{"lastKnownExploitAt":"Wed Sep 04 00:00:00.000 UTC 2024"},"fixAvailable":"YES",
"packageVulnerabilityDetails":{"vulnerabilityId":"CVE-2099-0001","source":"NVD","sourceUrl":"https://nvd.nist.gov/vuln/detail/CVE-2099-0001","vendorSeverity":"HIGH","vendorCreatedAt":"Mon Jul 04 21:15:00.000 UTC 2022",
"cvss":[{"baseScore":8.4,"scoringVector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N","version":"3.1","source":"NVD"}],"referenceUrls":["https://example.org/a"],"relatedVulnerabilities":["USN-0000-1"],
"vulnerablePackages":[{"name":"libexample","version":"1.2.3","epoch":0,"release":"1ubuntu2","arch":"X86_64","packageManager":"OS","fixedInVersion":"0:1.2.4-1ubuntu1","remediation":"apt-get update && apt-get upgrade","sourceLayerHash":"sha256:%[2]s"}]},
"remediation":{"recommendation":{"text":"None Provided"}},"resources":[%[3]s]}`

var sampleResources = []string{
	`{"type":"AWS_EC2_INSTANCE","id":"i-0123456789abcdef0","partition":"aws","region":"eu-central-1","tags":{"Name":"web"},"details":{"awsEc2Instance":{"type":"t3.small","imageId":"ami-0123456789abcdef0","ipV4Addresses":["192.0.2.10"],"iamInstanceProfileArn":"arn:aws:iam::111122223333:instance-profile/web","vpcId":"vpc-1","subnetId":"subnet-1","launchedAt":"Wed Sep 04 16:59:44.000 UTC 2024","platform":"UBUNTU_22_04"}}}`,
	`{"type":"AWS_ECR_CONTAINER_IMAGE","id":"arn:aws:ecr:eu-central-1:111122223333:repository/app/sha256:` + zeros + `","partition":"aws","region":"eu-central-1","details":{"awsEcrContainerImage":{"registry":"111122223333","repositoryName":"app","architecture":"amd64","imageHash":"sha256:` + zeros + `","imageTags":["1","latest"],"pushedAt":"Wed Sep 04 16:59:44.000 UTC 2024","platform":"DEBIAN_12"}}}`,
	`{"type":"AWS_LAMBDA_FUNCTION","id":"arn:aws:lambda:eu-central-1:111122223333:function:f:$LATEST","partition":"aws","region":"eu-central-1","details":{"awsLambdaFunction":{"functionName":"f","runtime":"PYTHON_3_11","version":"$LATEST","codeSha256":"AAAA","executionRoleArn":"arn:aws:iam::111122223333:role/f","layers":["arn:aws:lambda:eu-central-1:111122223333:layer:l:1"],"packageType":"ZIP","architectures":["X86_64"],"lastModifiedAt":"Wed Sep 04 16:59:44.000 UTC 2024"}}}`,
}

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// samples returns events about n findings on each type of resource in turn.
func samples(n int) []store.Event {
	out := make([]store.Event, n)
	for i := range out {
		arn := fmt.Sprintf("arn:aws:inspector2:eu-central-1:111122223333:finding/%032x", i)
		detail := fmt.Sprintf(sampleDetail, arn, zeros, sampleResources[i%len(sampleResources)])
		var r toldResource
		if err := json.Unmarshal([]byte(sampleResources[i%len(sampleResources)]), &r); err != nil {
			panic(err)
		}
		doc, err := json.Marshal(Content{Type: FindingEvent, Region: "eu-central-1", Resources: []string{r.ID}, Of: r.Type, Detail: json.RawMessage(detail)})
		if err != nil {
			panic(err)
		}
		out[i] = store.Event{ID: fmt.Sprintf("%032d", i), Account: alice, Kind: "finding.created", Subject: arn, At: start.Add(1234 * time.Millisecond), Doc: doc}
	}
	return out
}

// standInSinks are sinks of each of the services.
func standInSinks(endpoint string) []Config {
	list := []Config{
		{Kind: "eventbridge", Place: "inspector"},
		{Kind: "sns", Place: "arn:aws:sns:eu-central-1:111122223333:findings"},
		{Kind: "sns", Place: "arn:aws:sns:eu-central-1:111122223333:findings.fifo"},
		{Kind: "sqs", Place: "https://sqs.eu-central-1.amazonaws.com/111122223333/findings"},
		{Kind: "sqs", Place: "https://sqs.eu-central-1.amazonaws.com/111122223333/findings.fifo"},
		{Kind: "securityhub"},
	}
	for i := range list {
		c := &list[i]
		c.Name, c.Region, c.Endpoint, c.KeyID, c.Key = "x", "eu-central-1", endpoint, standInKey, standInSecret
	}
	return list
}

func opened(t *testing.T, c Config) Sink {
	t.Helper()
	if err := c.Check(); err != nil {
		t.Fatalf("%s: %v", c.Kind, err)
	}
	k, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	return k
}

// TestEventBridge: exactly the entries of PutEvents, ten a request.
func TestEventBridge(t *testing.T) {
	t.Parallel()
	s := newStandIn(t)
	events := samples(11)
	a := opened(t, standInSinks(s.URL)[0]).send(t.Context(), events)
	got := s.requests()
	if len(got) != 2 || slices.ContainsFunc(a.errs, func(err error) bool { return err != nil }) {
		t.Fatalf("%d requests: %v", len(got), a.errs)
	}
	entries := got[0].Body.(map[string]any)["Entries"].([]any)
	c, err := contentOf(events[0])
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"Time": 1772366401.0, "Source": "aws.inspector2", "Resources": []any{"i-0123456789abcdef0"}, "DetailType": "Inspector2 Finding",
		"Detail": string(c.Detail), "EventBusName": "inspector",
	}
	if diff := cmp.Diff(want, entries[0]); diff != "" || len(entries) != 10 {
		t.Errorf("%d entries: %s", len(entries), diff)
	}
}

// TestPartlyRefused: what a service refuses of a batch is given up or tried
// again, by why; the rest is taken.
func TestPartlyRefused(t *testing.T) {
	t.Parallel()
	s := newStandIn(t)
	events := samples(3)
	for _, c := range standInSinks(s.URL) {
		s.bad = func(id string) string {
			switch {
			case strings.Contains(id, fmt.Sprintf("finding/%032x", 0)):
				return "InvalidInput"
			case strings.Contains(id, fmt.Sprintf("finding/%032x", 1)):
				return "InternalFailure"
			}
			return ""
		}
		a := opened(t, c).send(t.Context(), events)
		_, given := errors.AsType[*refusal](a.errs[0])
		_, given1 := errors.AsType[*refusal](a.errs[1])
		if !given || a.errs[1] == nil || given1 || a.errs[2] != nil {
			t.Errorf("%s: %v", c.Kind, a.errs)
		}
	}
}

// TestOneSpoilsBatch: an event that a service refuses a whole request for is
// parted from the others.
func TestOneSpoilsBatch(t *testing.T) {
	t.Parallel()
	s := newStandIn(t)
	events := samples(10)
	bad := fmt.Sprintf("finding/%032x", 6)
	s.fail = func(r sentRequest) (int, string) {
		if strings.Contains(fmt.Sprint(r.Body), bad) {
			return 400, `{"__type":"com.amazonaws#ValidationException","message":"no"}`
		}
		return 0, ""
	}
	for _, c := range standInSinks(s.URL) {
		a := opened(t, c).send(t.Context(), events)
		for i, err := range a.errs {
			_, given := errors.AsType[*refusal](err)
			if given != (i == 6) || (err != nil) != (i == 6) {
				t.Errorf("%s: event %d: %v", c.Kind, i, err)
			}
		}
	}
}

// TestDownAWS: a service that cannot do anything is asked once.
func TestDownAWS(t *testing.T) {
	t.Parallel()
	s := newStandIn(t)
	s.fail = func(sentRequest) (int, string) { return 503, `{"__type":"ServiceUnavailable"}` }
	for _, c := range standInSinks(s.URL) {
		a := opened(t, c).send(t.Context(), samples(40))
		if n := len(s.requests()); n != 1 {
			t.Errorf("%s: %d requests", c.Kind, n)
		}
		for _, err := range a.errs {
			if _, given := errors.AsType[*refusal](err); given || err == nil {
				t.Errorf("%s: %v", c.Kind, err)
			}
		}
	}
	wrong := standInSinks(s.URL)[0]
	wrong.Key = "another"
	a := opened(t, wrong).send(t.Context(), samples(1))
	if _, given := errors.AsType[*refusal](a.errs[0]); given || !strings.Contains(a.errs[0].Error(), "InvalidSignatureException") {
		t.Error(a.errs[0])
	}
}

// TestSecurityHub: the whole format, for each type of resource.
func TestSecurityHub(t *testing.T) {
	t.Parallel()
	events := samples(3)
	c := standInSinks("http://x")[5]
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	resources := []object{
		{
			"Type": "AwsEc2Instance", "Id": "arn:aws:ec2:eu-central-1:111122223333:i-0123456789abcdef0", "Partition": "aws", "Region": "eu-central-1",
			"Tags": object{"Name": "web"}, "Details": object{"AwsEc2Instance": object{
				"Type": "t3.small", "ImageId": "ami-0123456789abcdef0", "IpV4Addresses": []any{"192.0.2.10"}, "VpcId": "vpc-1", "SubnetId": "subnet-1",
				"IamInstanceProfileArn": "arn:aws:iam::111122223333:instance-profile/web", "LaunchedAt": "2024-09-04T16:59:44.000Z",
			}},
		},
		{
			"Type": "AwsEcrContainerImage", "Id": "arn:aws:ecr:eu-central-1:111122223333:repository/app/sha256:" + zeros, "Partition": "aws", "Region": "eu-central-1",
			"Details": object{"AwsEcrContainerImage": object{
				"RegistryId": "111122223333", "RepositoryName": "app", "Architecture": "amd64", "ImageDigest": "sha256:" + zeros,
				"ImageTags": []any{"1", "latest"}, "ImagePublishedAt": "2024-09-04T16:59:44.000Z",
			}},
		},
		{
			"Type": "AwsLambdaFunction", "Id": "arn:aws:lambda:eu-central-1:111122223333:function:f:$LATEST", "Partition": "aws", "Region": "eu-central-1",
			"Details": object{"AwsLambdaFunction": object{
				"FunctionName": "f", "Runtime": "PYTHON_3_11", "Version": "$LATEST", "CodeSha256": "AAAA", "Role": "arn:aws:iam::111122223333:role/f",
				"Layers":      []any{object{"Arn": "arn:aws:lambda:eu-central-1:111122223333:layer:l:1"}},
				"PackageType": "ZIP", "Architectures": []any{"X86_64"}, "LastModified": "2024-09-04T16:59:44.000Z",
			}},
		},
	}
	fields := []object{
		{"aws/inspector/instanceId": "i-0123456789abcdef0", "aws/inspector/resources/1/resourceDetails/awsEc2InstanceDetails/platform": "UBUNTU_22_04"},
		{"aws/inspector/resources/1/resourceDetails/awsEcrContainerImageDetails/platform": "DEBIAN_12"},
		{},
	}
	for i, e := range events {
		fields[i]["aws/inspector/FindingStatus"], fields[i]["aws/inspector/ProductVersion"], fields[i]["aws/inspector/inspectorScore"] = "ACTIVE", "2", "7.5"
		want := object{
			"SchemaVersion": "2018-10-08", "Id": e.Subject, "ProductArn": "arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/default",
			"ProductName": "Assay", "CompanyName": "Assay", "Region": "eu-central-1", "GeneratorId": "AWSInspector", "AwsAccountId": "111122223333",
			"Types": []any{"Software and Configuration Checks/Vulnerabilities/CVE"}, "FirstObservedAt": "2024-09-04T16:59:44.356Z",
			"LastObservedAt": "2024-09-04T17:59:44.000Z", "CreatedAt": "2024-09-04T16:59:44.356Z", "UpdatedAt": "2026-03-01T12:00:01.234Z",
			"Severity": object{"Label": "HIGH", "Normalized": 70.0}, "Title": "CVE-2099-0001 - libexample", "Description": "Something <is> wrong & more",
			"Remediation": object{"Recommendation": object{"Text": "None Provided"}}, "ProductFields": fields[i], "Resources": []any{resources[i]},
			"Workflow": object{"Status": "NEW"}, "RecordState": "ACTIVE",
			"Vulnerabilities": []any{object{
				"Id": "CVE-2099-0001", "RelatedVulnerabilities": []any{"USN-0000-1"}, "ReferenceUrls": []any{"https://example.org/a"},
				"FixAvailable": "YES", "EpssScore": 0.00043, "ExploitAvailable": "YES", "LastKnownExploitAt": "2024-09-04T00:00:00.000Z",
				"Vendor": object{"Name": "NVD", "Url": "https://nvd.nist.gov/vuln/detail/CVE-2099-0001", "VendorSeverity": "HIGH", "VendorCreatedAt": "2022-07-04T21:15:00.000Z"},
				"Cvss": []any{
					object{"Version": "3.1", "BaseScore": 8.4, "BaseVector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "Source": "NVD"},
					object{
						"Version": "3.1", "BaseScore": 7.5, "BaseVector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "Source": "NVD",
						"Adjustments": []any{object{"Metric": "Attack Vector", "Reason": "not reachable"}},
					},
				},
				"VulnerablePackages": []any{object{
					"Name": "libexample", "Version": "1.2.3", "Epoch": "0", "Release": "1ubuntu2", "Architecture": "X86_64", "PackageManager": "OS",
					"FixedInVersion": "0:1.2.4-1ubuntu1", "Remediation": "apt-get update && apt-get upgrade", "SourceLayerHash": "sha256:" + zeros,
				}},
			}},
		}
		f, err := importOf(e, c)
		if err != nil {
			t.Fatal(err)
		}
		text, err := f.text()
		if err != nil {
			t.Fatal(err)
		}
		var got object
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// TestSecurityHubStates: what becomes of a finding there as it lives on.
func TestSecurityHubStates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ status, severity, want string }{
		{"ACTIVE", "UNTRIAGED", "ACTIVE NEW INFORMATIONAL 0"},
		{"ACTIVE", "INFORMATIONAL", "ACTIVE NEW INFORMATIONAL 0"},
		{"ACTIVE", "LOW", "ACTIVE NEW LOW 1"},
		{"SUPPRESSED", "MEDIUM", "ACTIVE SUPPRESSED MEDIUM 40"},
		{"CLOSED", "HIGH", "ARCHIVED NEW HIGH 70"},
		{"CLOSED", "CRITICAL", "ARCHIVED NEW CRITICAL 90"},
	} {
		e := samples(1)[0]
		e.Doc = []byte(strings.NewReplacer(`"ACTIVE"`, `"`+tt.status+`"`, `"severity":"HIGH"`, `"severity":"`+tt.severity+`"`).Replace(string(e.Doc)))
		f, err := importOf(e, Config{})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(f.State, " ", f.Workflow["Status"], " ", f.Severity.Label, " ", f.Severity.Normalized); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.status, tt.severity, got, tt.want)
		}
	}
}

// TestSecurityHubLong: a finding that is too long is cut to what is allowed.
func TestSecurityHubLong(t *testing.T) {
	t.Parallel()
	f, err := importOf(samples(1)[0], Config{})
	if err != nil {
		t.Fatal(err)
	}
	v := &f.Vulnerabilities[0]
	v.Packages = slices.Repeat(v.Packages, 5000)
	text, err := f.text()
	if err != nil || len(text) > maxFindingBytes || len(v.Packages) < 100 || v.URLs != nil {
		t.Errorf("%d bytes, %d packages, %v", len(text), len(v.Packages), err)
	}
}

// A receiver keeps what is posted to it.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	heads  []http.Header
	status int
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: 200}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies, r.heads = append(r.bodies, string(body)), append(r.heads, req.Header)
		if r.status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(r.status)
		fmt.Fprintf(w, "got it, %s", req.Header.Get("Authorization"))
	}))
	t.Cleanup(r.Close)
	return r
}

// TestWebhook: CloudEvents in structured JSON, signed, alone and together.
func TestWebhook(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	const secret = "0123456789abcdef0123"
	c := Config{Name: "x", Kind: "webhook", Place: r.URL + "/hook", Secrets: Secrets{Secret: secret, Token: "letmein"}}
	events := samples(2)
	a := opened(t, c).send(t.Context(), events[:1])
	c.Batch = true
	b := opened(t, c).send(t.Context(), events)
	if a.errs[0] != nil || a.said != "HTTP 200 got it, Bearer [secret]" || b.errs[1] != nil || len(r.bodies) != 2 {
		t.Fatal(a, b, r.bodies)
	}
	said, err := contentOf(events[0])
	if err != nil {
		t.Fatal(err)
	}
	var data any
	if err := json.Unmarshal(said.Detail, &data); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"specversion": "1.0", "id": events[0].ID, "source": "urn:assay:eu-central-1:111122223333", "type": "assay.finding.created",
		"subject": events[0].Subject, "time": "2026-03-01T12:00:01.234Z", "datacontenttype": "application/json",
		"awsaccount": "111122223333", "awsregion": "eu-central-1", "detailtype": "Inspector2 Finding", "data": data,
	}
	var one map[string]any
	var many []map[string]any
	if err := errors.Join(json.Unmarshal([]byte(r.bodies[0]), &one), json.Unmarshal([]byte(r.bodies[1]), &many)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, many[0]); diff != "" || len(many) != 2 {
		t.Error(len(many), diff)
	}
	for i, kind := range []string{"application/cloudevents+json; charset=utf-8", "application/cloudevents-batch+json; charset=utf-8"} {
		h := r.heads[i]
		m := regexp.MustCompile(`^t=(\d+),v1=([0-9a-f]{64})$`).FindStringSubmatch(h.Get("Assay-Signature"))
		if h.Get("Content-Type") != kind || h.Get("Authorization") != "Bearer letmein" || m == nil {
			t.Fatal(h)
		}
		at, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil || time.Since(time.Unix(at, 0)).Abs() > time.Minute {
			t.Error(m[1], err)
		}
		if want := Sign(secret, time.Unix(at, 0), []byte(r.bodies[i])); want != m[0] {
			t.Errorf("%s, want %s", m[0], want)
		}
	}
	// Made with: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123
	const known = "t=1700000000,v1=34e41bd41c08899dd901e050eca2824e8dfecfe16d4778add8a6f330817db525"
	if got := Sign(secret, time.Unix(1_700_000_000, 0), []byte(`{"a":1}`)); got != known {
		t.Errorf("%s, want %s", got, known)
	}
}

// TestHopeless: which answers are for good, and that no redirect is followed.
func TestHopeless(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		200: "taken", 204: "taken", 302: "again", 307: "again", 400: "given up", 401: "again", 403: "again", 404: "given up", 408: "again",
		410: "given up", 413: "given up", 422: "given up", 429: "again", 500: "again", 501: "given up", 503: "again",
	} {
		r := newReceiver(t)
		r.status = status
		a := opened(t, Config{Name: "x", Kind: "webhook", Place: r.URL}).send(t.Context(), samples(1))
		got := "taken"
		if _, ok := errors.AsType[*refusal](a.errs[0]); ok {
			got = "given up"
		} else if a.errs[0] != nil {
			got = "again"
		}
		if got != want || len(r.bodies) != 1 {
			t.Errorf("%d: %s, want %s; %d requests", status, got, want, len(r.bodies))
		}
	}
}

// TestSlack: what people read.
func TestSlack(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	c := Config{Name: "x", Kind: "slack", Secrets: Secrets{URL: r.URL + "/services/T0/B0/secretpart"}}
	events := samples(30)
	scan, err := json.Marshal(Content{Type: ScanEvent, Resources: []string{"i-1"}, Detail: json.RawMessage(`{"finding-severity-counts":{"CRITICAL":1,"HIGH":2,"MEDIUM":3,"TOTAL":9}}`)})
	if err != nil {
		t.Fatal(err)
	}
	events[29] = store.Event{ID: "s", Account: alice, Kind: "scan.completed", Subject: "i-1", At: start, Doc: scan}
	one := opened(t, c).send(t.Context(), []store.Event{events[0], events[29]})
	c.Batch = true
	many := opened(t, c).send(t.Context(), events)
	if errors.Join(one.errs...) != nil || errors.Join(many.errs...) != nil || len(r.bodies) != 3 {
		t.Fatal(one, many, len(r.bodies))
	}
	texts := make([]string, len(r.bodies))
	for i, b := range r.bodies {
		var m map[string]string
		if err := json.Unmarshal([]byte(b), &m); err != nil || len(m) != 1 {
			t.Fatal(b, err)
		}
		texts[i] = m["text"]
	}
	const line = "*HIGH* <https://nvd.nist.gov/vuln/detail/CVE-2099-0001|CVE-2099-0001 - libexample> opened on `i-0123456789abcdef0`"
	want := line + "\n> score 7.5, fix available: yes, exploited, account 111122223333\n> libexample 1.2.3, fixed in 0:1.2.4-1ubuntu1\n> Something &lt;is&gt; wrong &amp; more"
	if diff := cmp.Diff(want, texts[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("Inspector2 Scan: `i-1` scanned for the first time: 1 critical, 2 high, 3 medium, 9 in all", texts[1]); diff != "" {
		t.Error(diff)
	}
	lines := strings.Split(texts[2], "\n")
	if lines[0] != "30 events: 1 × scan scanned for the first time, 29 × finding opened" || lines[1] != "• "+line || lines[21] != "… and 10 more" || len(lines) != 22 {
		t.Error(texts[2])
	}
}

// TestSlackRefusal: one event that is refused for good takes no others with it;
// when the receiver takes nothing at the moment, the rest is not tried.
func TestSlackRefusal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		broken int // place of an event that cannot be read; -1: none
		want   string
	}{
		{"all is well", 200, -1, "sent sent sent"},
		{"one cannot be read", 200, 0, "refused sent sent"},
		{"each is refused", 400, -1, "refused refused refused"},
		{"limited", 429, -1, "later later later"},
		{"limited after a refusal", 429, 0, "refused later later"},
	} {
		r := newReceiver(t)
		r.status = tt.status
		events := samples(3)
		if tt.broken >= 0 {
			events[tt.broken].Doc = []byte("{")
		}
		a := opened(t, Config{Name: "x", Kind: "slack", Place: r.URL}).send(t.Context(), events)
		var got []string
		for _, err := range a.errs {
			word := "sent"
			if _, ok := errors.AsType[*refusal](err); ok {
				word = "refused"
			} else if err != nil {
				word = "later"
			}
			got = append(got, word)
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if tries := len(r.bodies); tt.status == 429 && tries != 1 || tt.status == 400 && tries != 3 {
			t.Errorf("%s: %d requests", tt.name, tries)
		}
	}
}

// TestSecretsAreHidden: neither errors nor answers tell a secret.
func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	r.status = 500
	secrets := Secrets{URL: r.URL + "/services/T0/B0/secretpart?key=alsosecret", Token: "letmein-please", Secret: "0123456789abcdef0123"}
	c := Config{Name: "x", Kind: "webhook", Secrets: secrets}
	if err := c.Check(); err != nil || c.Place != r.URL {
		t.Fatal(c.Place, err)
	}
	texts := []string{}
	try := func() {
		tried := opened(t, c).Try(t.Context(), samples(1)[0], time.Now)
		if tried.OK {
			t.Error("taken")
		}
		texts = append(texts, tried.Error+tried.Said)
	}
	try()
	r.Close()
	try()
	shown, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(texts, string(shown)) {
		for _, secret := range []string{"secretpart", "alsosecret", "letmein", "0123456789abcdef0123"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s tells %s", text, secret)
			}
		}
	}
}

// TestSyslog: RFC 5424 over UDP, TCP and TLS.
func TestSyslog(t *testing.T) {
	t.Parallel()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	t.Cleanup(web.Close)
	secure, err := tls.Listen("tcp", "127.0.0.1:0", web.TLS)
	if err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 10)
	for _, l := range []net.Listener{tcp, secure} {
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				r := bufio.NewReader(conn)
				for {
					head, err := r.ReadString(' ')
					if err != nil {
						break
					}
					n, _ := strconv.Atoi(strings.TrimSpace(head))
					text := make([]byte, n)
					_, _ = io.ReadFull(r, text)
					got <- string(text)
				}
				_ = conn.Close()
			}
		}()
	}
	go func() {
		buffer := make([]byte, 1<<16)
		for {
			n, _, err := udp.ReadFrom(buffer)
			if err != nil {
				return
			}
			got <- string(buffer[:n])
		}
	}()
	t.Cleanup(func() { _ = udp.Close() })
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}))
	form := regexp.MustCompile(`^<131>1 2026-03-01T12:00:01\.234Z host_1 assay - finding\.created - (\{.*\})$`)
	for _, c := range []Config{
		{Place: "tcp://" + tcp.Addr().String()}, {Place: "tls://" + secure.Addr().String(), Authority: authority}, {Place: "udp://" + udp.LocalAddr().String()},
	} {
		c.Name, c.Kind, c.Host = "x", "syslog", "host 1"
		list := samples(2)
		a := opened(t, c).send(t.Context(), list)
		if errors.Join(a.errs...) != nil {
			t.Fatalf("%s: %v", c.Place, a.errs)
		}
		for _, e := range list {
			text := <-got
			m := form.FindStringSubmatch(text)
			if m == nil {
				t.Fatal(text)
			}
			var l line
			if err := json.Unmarshal([]byte(m[1]), &l); err != nil || l.ID != e.ID || !strings.Contains(string(l.Detail), "CVE-2099-0001") {
				t.Error(text, err)
			}
		}
	}
	long := samples(1)[0]
	long.Doc = []byte(strings.Replace(string(long.Doc), "Something", strings.Repeat("Something ", 2000), 1))
	k := opened(t, Config{Name: "x", Kind: "syslog", Place: "udp://" + udp.LocalAddr().String()})
	if a := k.send(t.Context(), []store.Event{long}); errors.Join(a.errs...) != nil {
		t.Fatal(a.errs)
	}
	if text := <-got; len(text) > maxDatagram || !strings.Contains(text, `"shortened":true`) || !strings.Contains(text, "CVE-2099-0001 - libexample") {
		t.Error(text)
	}
	_ = udp.Close()
	_ = tcp.Close()
	for _, place := range []string{"udp://" + udp.LocalAddr().String(), "tcp://" + tcp.Addr().String()} {
		if a := opened(t, Config{Name: "x", Kind: "syslog", Place: place}).send(t.Context(), samples(1)); errors.Join(a.errs...) == nil {
			t.Errorf("%s: nobody is there, and nobody says so", place)
		}
	}
	_ = secure.Close()
}

// TestCheck: which configurations are refused, and for what.
func TestCheck(t *testing.T) {
	t.Parallel()
	const queue = "https://sqs.eu-central-1.amazonaws.com/111122223333/q"
	for _, tt := range []struct {
		c    Config
		want string // the field at fault; empty: none is
	}{
		{Config{Kind: "pigeon"}, "kind"},
		{Config{Kind: "eventbridge"}, ""},
		{Config{Kind: "eventbridge", Source: "aws.inspector2"}, "source"},
		{Config{Kind: "eventbridge", Source: "aws.inspector2", Endpoint: "http://127.0.0.1:4566"}, ""},
		{Config{Kind: "eventbridge", Place: "arn:aws:events:eu-central-1:111122223333:event-bus/x"}, ""},
		{Config{Kind: "eventbridge", Place: "a b"}, "place"},
		{Config{Kind: "eventbridge", Region: "moon"}, "region"},
		{Config{Kind: "eventbridge", KeyID: "A"}, "keyId"},
		{Config{Kind: "eventbridge", Secrets: Secrets{Secret: "x"}}, "secret"},
		{Config{Kind: "eventbridge", Role: "me"}, "role"},
		{Config{Kind: "sns", Place: "findings"}, "place"},
		{Config{Kind: "sqs", Place: queue}, ""},
		{Config{Kind: "sqs", Place: "findings"}, "place"},
		{Config{Kind: "sqs", Place: queue, Product: "x"}, "product"},
		{Config{Kind: "securityhub", Events: []string{"scan."}}, "events"},
		{Config{Kind: "securityhub", Product: "x"}, "product"},
		{Config{Kind: "securityhub", Hub: "1"}, "hub"},
		{Config{Kind: "webhook"}, "place"},
		{Config{Kind: "webhook", Place: "ftp://x"}, "place"},
		{Config{Kind: "webhook", Place: "https://user:password@x"}, "place"},
		{Config{Kind: "webhook", Place: "https://x", Secrets: Secrets{Secret: "short"}}, "secret"},
		{Config{Kind: "webhook", Place: "https://x", Events: []string{"findings"}}, "events"},
		{Config{Kind: "webhook", Place: "https://x", Events: []string{"finding.closed", "rule"}}, ""},
		{Config{Kind: "webhook", Place: "https://x", Severity: "GRAVE"}, "severity"},
		{Config{Kind: "webhook", Place: "https://x", Statuses: []string{"OPEN"}}, "statuses"},
		{Config{Kind: "webhook", Place: "https://x", Authority: "none"}, "authority"},
		{Config{Kind: "slack", Place: "https://x", Secrets: Secrets{Token: "x"}}, "token"},
		{Config{Kind: "syslog", Place: "udp://x"}, ""},
		{Config{Kind: "syslog", Place: "http://x"}, "place"},
		{Config{Kind: "syslog", Place: "tcp://x", Facility: 24}, "facility"},
		{Config{Kind: "file"}, "place"},
		{Config{Kind: "file", Place: "x", Batch: true}, "batch"},
		{Config{Kind: "stdout"}, ""},
	} {
		err := tt.c.Check()
		got := ""
		if f, ok := errors.AsType[*fault.Error](err); ok && len(f.Fields) > 0 {
			got = f.Fields[0].Name
		}
		if got != tt.want || (err == nil) != (tt.want == "") {
			t.Errorf("%+v: %v, want field %q", tt.c, err, tt.want)
		}
	}
}

// TestChoose: which events a filter lets through.
func TestChoose(t *testing.T) {
	t.Parallel()
	high := samples(2) // a machine's and an image's, active
	gone := high[0]
	gone.Doc = []byte(`{"type":"Inspector2 Finding","gone":true,"detail":{"status":"CLOSED"}}`)
	scan := store.Event{Kind: "scan.completed", Doc: []byte(`{"type":"Inspector2 Scan","of":"AWS_LAMBDA_FUNCTION","detail":{"version":"1.0"}}`)}
	for _, tt := range []struct {
		c    Config
		want string
	}{
		{Config{Severity: "LOW"}, "host image gone scan"},
		{Config{Severity: "HIGH"}, "host image gone scan"},
		{Config{Severity: "CRITICAL"}, "gone scan"},
		{Config{Statuses: []string{"CLOSED"}}, "gone scan"},
		{Config{Statuses: []string{"CLOSED", "ACTIVE"}}, "host image gone scan"},
		{Config{ResourceTypes: []string{"AWS_ECR_CONTAINER_IMAGE"}}, "image gone"},
		{Config{ResourceTypes: []string{"AWS_LAMBDA_FUNCTION"}, Severity: "CRITICAL"}, "gone scan"},
	} {
		wants := choose(tt.c)
		var got []string
		for i, e := range []store.Event{high[0], high[1], gone, scan} {
			if wants(e) {
				got = append(got, []string{"host", "image", "gone", "scan"}[i])
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%+v: %s", tt.c, diff)
		}
	}
	if choose(Config{}) != nil {
		t.Error("no filter asks something")
	}
}

// TestLinkLocal: nobody has the server call its own surroundings.
func TestLinkLocal(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://169.254.169.254/latest/meta-data/", "http://[fe80::1%25lo]/"} {
		a := opened(t, Config{Name: "x", Kind: "webhook", Place: address}).send(t.Context(), samples(1))
		if a.errs[0] == nil || !strings.Contains(a.errs[0].Error(), "link-local") {
			t.Error(a.errs[0])
		}
	}
}
