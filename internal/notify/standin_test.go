package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/sigv4"
)

const (
	standInKey    = "AKIAIOSFODNN7EXAMPLE"
	standInSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// A sent request is what a stand-in got, with its body decoded.
type sentRequest struct {
	Service string // that the signature names
	Target  string
	Path    string
	Type    string // of the content
	Body    any    // JSON, or the values of a form
}

// A standIn answers as four services of Amazon's do, on the wire.
type standIn struct {
	*httptest.Server
	t *testing.T

	mu   sync.Mutex
	got  []sentRequest
	fail func(r sentRequest) (status int, body string) // refuses a request; status 0: it does not
	bad  func(id string) (code string)                 // refuses a part of one
}

type oneKey struct{}

// Key returns the key of the stand-in.
func (oneKey) Key(_ context.Context, id string) (sigv4.Key[string], bool, error) {
	return sigv4.Key[string]{Secret: standInSecret}, id == standInKey, nil
}

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{t: t}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

var scopeForm = regexp.MustCompile(`Credential=[^/]+/\d+/[a-z0-9-]+/([a-z]+)/aws4_request`)

func (s *standIn) answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	m := scopeForm.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	verifier := sigv4.Verifier[string]{Keys: oneKey{}, Region: "eu-central-1"}
	if _, err := verifier.Verify(r.Context(), r, sigv4.Call{Service: m[1], Body: body, Now: time.Now()}); err != nil {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"__type":"InvalidSignatureException","message":%q}`, err.Error())
		return
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	req := sentRequest{Service: m[1], Target: r.Header.Get("X-Amz-Target"), Path: r.URL.Path, Type: kind}
	if m[1] == "sns" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			s.t.Error(err)
		}
		req.Body = form
	} else if err := json.Unmarshal(body, &req.Body); err != nil {
		s.t.Errorf("%s: %v", body, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, req)
	if s.fail != nil {
		if status, text := s.fail(req); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
			return
		}
	}
	s.done(w, req)
}

func (s *standIn) code(id string) string {
	if s.bad == nil {
		return ""
	}
	return s.bad(id)
}

// done answers a request that is taken.
func (s *standIn) done(w http.ResponseWriter, r sentRequest) {
	switch key := r.Service + " " + r.Target + r.Path + " " + r.Type; key {
	case "events AWSEvents.PutEvents/ application/x-amz-json-1.1":
		entries, failed := []map[string]string{}, 0
		for i, e := range r.Body.(map[string]any)["Entries"].([]any) {
			if code := s.code(e.(map[string]any)["Detail"].(string)); code != "" {
				failed++
				entries = append(entries, map[string]string{"ErrorCode": code, "ErrorMessage": "no"})
				continue
			}
			entries = append(entries, map[string]string{"EventId": fmt.Sprintf("11710aed-b79e-4468-a20b-%012d", i)})
		}
		writeJSON(w, "application/x-amz-json-1.1", map[string]any{"FailedEntryCount": failed, "Entries": entries})
	case "sqs AmazonSQS.SendMessageBatch/ application/x-amz-json-1.0":
		ok, failed := []any{}, []any{}
		for _, e := range r.Body.(map[string]any)["Entries"].([]any) {
			e := e.(map[string]any)
			if code := s.code(e["MessageBody"].(string)); code != "" {
				failed = append(failed, map[string]any{"Id": e["Id"], "SenderFault": true, "Code": code, "Message": "no"})
				continue
			}
			ok = append(ok, map[string]any{"Id": e["Id"], "MessageId": "m", "MD5OfMessageBody": md5Of(e["MessageBody"].(string))})
		}
		out := map[string]any{"Successful": ok}
		if len(failed) > 0 {
			out["Failed"] = failed
		}
		writeJSON(w, "application/x-amz-json-1.0", out)
	case "sns / application/x-www-form-urlencoded":
		s.publishBatch(w, r.Body.(url.Values))
	case "securityhub /findings/import application/json":
		n, failed := 0, []any{}
		for _, f := range r.Body.(map[string]any)["Findings"].([]any) {
			id := f.(map[string]any)["Id"].(string)
			if code := s.code(id); code != "" {
				failed = append(failed, map[string]any{"Id": id, "ErrorCode": code, "ErrorMessage": "no"})
				continue
			}
			n++
		}
		writeJSON(w, "application/json", map[string]any{"FailedCount": len(failed), "SuccessCount": n, "FailedFindings": failed})
	default:
		s.t.Errorf("a request of no operation: %s", key)
		w.WriteHeader(http.StatusNotFound)
	}
}

func writeJSON(w http.ResponseWriter, kind string, v any) {
	w.Header().Set("Content-Type", kind)
	_ = json.NewEncoder(w).Encode(v)
}

type snsMember struct {
	ID      string `xml:"Id"`
	Code    string `xml:"Code,omitempty"`
	Message string `xml:"Message,omitempty"`
	Fault   string `xml:"SenderFault,omitempty"`
	Number  string `xml:"MessageId,omitempty"`
}

func (s *standIn) publishBatch(w http.ResponseWriter, form url.Values) {
	if form.Get("Action") != "PublishBatch" || form.Get("Version") != "2010-03-31" {
		s.t.Errorf("action %s, version %s", form.Get("Action"), form.Get("Version"))
	}
	type members struct {
		List []snsMember `xml:"member"`
	}
	var out struct {
		XMLName xml.Name `xml:"http://sns.amazonaws.com/doc/2010-03-31/ PublishBatchResponse"`
		Failed  members  `xml:"PublishBatchResult>Failed"`
		Sent    members  `xml:"PublishBatchResult>Successful"`
	}
	for i := 1; form.Has("PublishBatchRequestEntries.member." + strconv.Itoa(i) + ".Id"); i++ {
		name := "PublishBatchRequestEntries.member." + strconv.Itoa(i)
		m := snsMember{ID: form.Get(name + ".Id")}
		if m.Code = s.code(form.Get(name + ".Message")); m.Code != "" {
			m.Fault, m.Message = "true", "no"
			out.Failed.List = append(out.Failed.List, m)
			continue
		}
		m.Number = "m"
		out.Sent.List = append(out.Sent.List, m)
	}
	w.Header().Set("Content-Type", "text/xml")
	_ = xml.NewEncoder(w).Encode(out)
}

// requests returns what the stand-in got, and forgets it.
func (s *standIn) requests() []sentRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.got
	s.got = nil
	return out
}

// botocore runs a script that calls the stand-in with the Python client of AWS.
func (s *standIn) botocore(t *testing.T, script string, in any) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("python3 has no boto3")
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "python3", "-c", `
import boto3, json, sys, datetime
calls = json.load(sys.stdin)
def client(name):
    return boto3.client(name, region_name="eu-central-1", endpoint_url=sys.argv[1])
`+script, s.URL)
	cmd.Stdin = bytes.NewReader(text)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_ACCESS_KEY_ID=" + standInKey, "AWS_SECRET_ACCESS_KEY=" + standInSecret,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1",
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestBotocore sends the same with the Python client of AWS as with ours, and
// finds both the same on the wire.
func TestBotocore(t *testing.T) {
	t.Parallel()
	s := newStandIn(t)
	events := samples(12)
	var ours []sentRequest
	for _, c := range standInSinks(s.URL) {
		k := opened(t, c)
		a := k.send(t.Context(), events)
		for _, err := range a.errs {
			if err != nil {
				t.Errorf("%s: %v", c.Kind, err)
			}
		}
		ours = append(ours, s.requests()...)
	}
	if len(ours) != 2+2+2+2+2+1 {
		t.Errorf("%d requests", len(ours))
	}
	s.botocore(t, `
for c in calls:
    b = c["Body"]
    if c["Service"] == "events":
        for e in b["Entries"]:
            e["Time"] = datetime.datetime.fromtimestamp(e["Time"], datetime.timezone.utc)
        out = client("events").put_events(**b)
        assert out["FailedEntryCount"] == 0 and len(out["Entries"]) == len(b["Entries"]), out
    elif c["Service"] == "sqs":
        out = client("sqs").send_message_batch(**b)
        assert len(out["Successful"]) == len(b["Entries"]), out
    elif c["Service"] == "securityhub":
        out = client("securityhub").batch_import_findings(**b)
        assert out["SuccessCount"] == len(b["Findings"]), out
    elif c["Service"] == "sns":
        entries, i = [], 1
        f = {k: v[0] for k, v in b.items()}
        while "PublishBatchRequestEntries.member.%d.Id" % i in f:
            p = "PublishBatchRequestEntries.member.%d." % i
            e = {k: f[p + k] for k in ("Id", "Message", "MessageGroupId", "MessageDeduplicationId") if p + k in f}
            e["MessageAttributes"], j = {}, 1
            while p + "MessageAttributes.entry.%d.Name" % j in f:
                q = p + "MessageAttributes.entry.%d." % j
                e["MessageAttributes"][f[q + "Name"]] = {"DataType": f[q + "Value.DataType"], "StringValue": f[q + "Value.StringValue"]}
                j += 1
            entries.append(e)
            i += 1
        out = client("sns").publish_batch(TopicArn=f["TopicArn"], PublishBatchRequestEntries=entries)
        assert len(out["Successful"]) == len(entries), out
`, ours)
	if diff := cmp.Diff(s.requests(), ours); diff != "" {
		t.Errorf("botocore sends -, Assay +:\n%s", diff)
	}
}
