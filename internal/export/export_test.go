package export

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// header is that of the findings report.
// Source: Amazon Inspector User Guide, "Exporting Amazon Inspector findings
// reports".
const header = "AWS Account Id,Severity,Fix Available,Finding Type,Title,Description,Finding ARN,First Seen,Last Seen,Last Updated," +
	"Resource ID,Container Image Tags,Region,Platform,Resource Tags,Affected Packages,Package Installed Version,Fixed in Version," +
	"Package Remediation,File Path,Network Paths,Age (Days),Remediation,Inspector Score,Inspector Score Vector,Status,Vulnerability Id," +
	"Vendor,Vendor Severity,Vendor Advisory,Vendor Advisory Published,NVD CVSS3 Score,NVD CVSS3 Vector,NVD CVSS2 Score,NVD CVSS2 Vector," +
	"Vendor CVSS3 Score,Vendor CVSS3 Vector,Vendor CVSS2 Score,Vendor CVSS2 Vector,Resource Type,Ami,Resource Public Ipv4," +
	"Resource Private Ipv4,Resource Ipv6,Resource Vpc,Port Range,Epss Score,Exploit Available,Last Exploited At,Lambda Layers," +
	"Lambda Package Type,Lambda Last Updated At,Reference Urls,Detector Name,Package Manager"

// arns returns the findings of a document, which must be whole.
func arns(t *testing.T, format, text string) []string {
	t.Helper()
	var out []string
	if format == "JSON" {
		var doc struct {
			Findings []struct {
				FindingArn, Status string
				Resources          []struct{ ID string }
			}
		}
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%v in %.200s…", err, text)
		}
		for _, f := range doc.Findings {
			out = append(out, f.FindingArn+" "+f.Status+" "+f.Resources[0].ID)
		}
		return out
	}
	if want := header + "\r\n"; !strings.HasPrefix(text, want) {
		t.Fatalf("begins with %.100q…", text)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows[0]) != 55 {
		t.Fatalf("%d columns", len(rows[0]))
	}
	for _, row := range rows[1:] {
		out = append(out, row[6]+" "+row[25]+" "+row[10])
		if row[5] != "A flaw, \"quoted\",\nin lines." || row[18] != "'=1+1" {
			t.Fatalf("%q", row)
		}
	}
	return out
}

// expected returns what a report should have, in no other way than the lists.
func (w *world) expected(t *testing.T, account org.Account, where filter.Criteria) []string {
	t.Helper()
	var out []string
	for page := (store.Page{Size: 1000, Now: w.now}); ; {
		list, next, err := w.Store.Findings(t.Context(), org.Only(account), where, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			out = append(out, fmt.Sprintf("%s %s %s", f.ARN, f.Status, f.Resource.ID))
		}
		if page.After = next; next == "" {
			return out
		}
	}
}

func TestFindingsReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 30, 40)
	w.record(t, bob, 1, 3)
	w.now = start.Add(time.Hour)
	fewer := w.scan(alice, 7, 10) // thirty are closed
	if _, err := w.Store.Record(t.Context(), org.Only(alice), []store.Scan{fewer}, w.now); err != nil {
		t.Fatal(err)
	}
	high := filter.Criteria{"severity": filter.Text(filter.Equals, string(finding.High))}
	closed := filter.Criteria{statusField: filter.Text(filter.Equals, string(store.Closed))}
	for _, tt := range []struct {
		name   string
		format string
		where  filter.Criteria
		as     filter.Criteria // what that comes to
		want   int
	}{
		{"all", "CSV", nil, filter.Criteria{statusField: filter.Text(filter.Equals, string(store.Active))}, 1170},
		{"all", "JSON", nil, filter.Criteria{statusField: filter.Text(filter.Equals, string(store.Active))}, 1170},
		{"high", "CSV", high, active(high), 585},
		{"closed", "JSON", closed, closed, 30},
	} {
		t.Run(tt.name+" "+tt.format, func(t *testing.T) { // one after the other, as an account has to
			prefix := "some/prefix-"
			for _, to := range []Destination{{Bucket: Own}, {Bucket: Own, Prefix: &prefix}, {Bucket: "theirs", Prefix: &prefix}} {
				r := w.made(t, Report{Kind: Findings, Format: tt.format, Criteria: tt.where, To: to})
				if r.Status != succeeded || r.Done != int64(tt.want) || !r.Ended.Equal(w.now) {
					t.Fatalf("%+v", r)
				}
				key := r.prefix() + r.ID + "." + strings.ToLower(tt.format)
				text := w.s3.objects["theirs/"+key]
				if to.own() {
					text = w.kept(t, r)[key]
				}
				got := arns(t, tt.format, text)
				if diff := cmp.Diff(w.expected(t, alice, tt.as), got); diff != "" || len(got) != tt.want {
					t.Errorf("%d findings in %s (-want +got):\n%s", len(got), to.Bucket, diff)
				}
			}
		})
	}
	other := w.made(t, Report{Kind: Findings, Format: "JSON", Account: bob})
	if diff := cmp.Diff(w.expected(t, bob, nil), arns(t, "JSON", w.kept(t, other)[other.ID+".json"])); diff != "" {
		t.Error(diff)
	}
}

// TestDelegatedAdministrator has the findings of members in a report.
func TestDelegatedAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 1, 2)
	w.record(t, bob, 1, 3)
	err := w.Store.Update(t.Context(), func(tx *store.Tx) error {
		o, err := tx.Organization(t.Context())
		if err != nil {
			return err
		}
		o.ID, o.Management, o.Admin = "o-0123456789", alice, alice
		if err := tx.SetOrganization(t.Context(), o); err != nil {
			return err
		}
		return tx.PutMember(t.Context(), store.Member{Account: bob, Admin: alice, Status: "ENABLED", Updated: start})
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := w.made(t, Report{Kind: Findings, Format: "CSV"}); r.Done != 5 {
		t.Errorf("%+v", r)
	}
	if r := w.made(t, Report{Kind: Findings, Format: "CSV", Account: bob}); r.Done != 3 {
		t.Errorf("%+v", r)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 1, 3)
	w.s3.refuse = map[string]refusal{
		"missing": {404, "NoSuchBucket", 0}, "secret": {403, "AccessDenied", 0}, "elsewhere": {301, "PermanentRedirect", 0},
		"elsewhere2": {400, "AuthorizationHeaderMalformed", 0}, "nokey": {400, "KMS.NotFoundException", 0},
	}
	none := filter.Criteria{"severity": filter.Text(filter.Equals, "CRITICAL")}
	for _, tt := range []struct {
		to    Destination
		where filter.Criteria
		want  inspector2.ReportingErrorCode
	}{
		{Destination{Bucket: "missing"}, nil, "BUCKET_NOT_FOUND"},
		{Destination{Bucket: "no bucket"}, nil, "BUCKET_NOT_FOUND"},
		{Destination{Bucket: "a/b"}, nil, "BUCKET_NOT_FOUND"},
		{Destination{Bucket: "secret"}, nil, "INVALID_PERMISSIONS"},
		{Destination{Bucket: "elsewhere"}, nil, "INCOMPATIBLE_BUCKET_REGION"},
		{Destination{Bucket: "elsewhere2"}, nil, "INCOMPATIBLE_BUCKET_REGION"},
		{Destination{Bucket: "nokey", KMSKey: "arn:aws:kms:us-east-1:111111111111:key/1"}, nil, "MALFORMED_KMS_KEY"},
		{Destination{Bucket: "fine", KMSKey: "arn:aws:s3:::bucket"}, nil, "MALFORMED_KMS_KEY"},
		{Destination{Bucket: "fine", KMSKey: "no key"}, nil, "MALFORMED_KMS_KEY"},
		{Destination{Bucket: "fine"}, none, "NO_FINDINGS_FOUND"},
		{Destination{Bucket: Own}, none, "NO_FINDINGS_FOUND"},
	} {
		for _, format := range []string{"CSV", "JSON"} {
			r := w.made(t, Report{Kind: Findings, Format: format, To: tt.to, Criteria: tt.where})
			if r.Status != failed || r.Code != tt.want || r.Message == "" || !r.Ended.Equal(w.now) {
				t.Errorf("%s: %+v; want %s", tt.to.Bucket, r, tt.want)
			}
		}
		if tt.where == nil {
			r := w.made(t, Report{Kind: SBOMs, Format: "SPDX_2_3", To: tt.to})
			if r.Status != failed || r.Code != tt.want {
				t.Errorf("%s: %+v; want %s", tt.to.Bucket, r, tt.want)
			}
		}
	}
	if left := w.s3.keys(); len(left) > 0 {
		t.Errorf("objects that are left: %v", left)
	}
	key := "arn:aws:kms:us-east-1:111111111111:key/2"
	r := w.made(t, Report{Kind: Findings, Format: "JSON", To: Destination{Bucket: "fine", KMSKey: key}})
	if got := w.s3.objects["fine/"+r.ID+".json"]; !strings.HasPrefix(got, key+"{") {
		t.Errorf("%+v is not encrypted: %.60s", r, got)
	}
}

// TestNoCredentials checks that a server that has no credentials for buckets
// says so at once.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 1, 3)
	w.Cloud.Credentials = store.S3Credentials{}
	for _, kind := range []struct {
		kind   Kind
		format string
	}{{Findings, "CSV"}, {SBOMs, "SPDX_2_3"}} {
		r := w.made(t, Report{Kind: kind.kind, Format: kind.format, To: Destination{Bucket: "fine"}})
		if r.Status != failed || r.Code != "INVALID_PERMISSIONS" || !strings.Contains(r.Message, "no credentials") {
			t.Errorf("%+v", r)
		}
	}
	if r := w.made(t, Report{Kind: Findings, Format: "CSV", To: Destination{Bucket: Own}}); r.Status == failed {
		t.Errorf("in the own place: %+v", r)
	}
}

// TestGivingUp has a report whose destination answers nothing that is known.
func TestGivingUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 1, 3)
	w.s3.refuse["odd"] = refusal{400, "InvalidRequest", 0}
	r, err := w.begin(t, Report{Kind: Findings, Format: "CSV", To: Destination{Bucket: "odd"}})
	if err != nil {
		t.Fatal(err)
	}
	for try := 1; try <= 10; try++ {
		if err := w.work(t); err == nil {
			t.Fatal("no error")
		}
		got, want := w.find(t, r), inProgress
		if try == 10 {
			want = failed
		}
		if got.Status != want {
			t.Fatalf("after %d attempts: %+v", try, got)
		}
		w.now = w.now.Add(30 * time.Minute)
	}
	if got := w.find(t, r); got.Code != inspector2.ReportingErrorCodeInternalError {
		t.Errorf("%+v", got)
	}
	jobs, err := w.Store.Jobs(t.Context(), store.Jobs{Kind: JobKinds[Findings], Limit: 10})
	if err != nil || len(jobs) != 1 || jobs[0].State != store.Dead || !strings.Contains(jobs[0].Error, "InvalidRequest") {
		t.Errorf("%+v %v", jobs, err)
	}
}

// files returns the names of all blobs.
func files(t *testing.T, w *world) []string {
	t.Helper()
	var out []string
	k := Kept{Account: alice}
	for n := range 3 * int64(resourcesAtOnce) {
		k.Number = n
		for _, kind := range []Kind{Findings, SBOMs} {
			list, err := w.Store.Objects(t.Context(), org.Only(alice), store.Objects{Kind: string(kind)})
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range list {
				k.Report = o.ID
				if r, _, err := w.Blobs.Get(t.Context(), k.blob()); err == nil {
					_ = r.Close()
					out = append(out, k.blob())
				}
			}
		}
	}
	return out
}

func TestCancel(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Findings, SBOMs} {
		format := map[Kind]string{Findings: "CSV", SBOMs: "CYCLONEDX_1_4"}[kind]
		for _, to := range []string{Own, "theirs"} {
			for at := range 4 { // asked for the time so often; 0 is before it is begun
				t.Run(fmt.Sprint(kind, " ", to, " ", at), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					w.record(t, alice, 24, 25)
					r, err := w.begin(t, Report{Kind: kind, Format: format, To: Destination{Bucket: to}})
					if err != nil {
						t.Fatal(err)
					}
					cancel := func() {
						if err := Cancel(t.Context(), w.Store, r, start.Add(time.Second)); err != nil {
							t.Error(err)
						}
					}
					w.tick = func(n int) {
						if n == at {
							cancel()
						}
					}
					if at == 0 {
						cancel()
						cancel() // once more changes nothing
					}
					if err := w.work(t); err != nil {
						t.Fatal(err)
					}
					got := w.find(t, r)
					if got.Status != cancelled || got.Code != "" || !got.Ended.Equal(start.Add(time.Second)) {
						t.Errorf("%+v", got)
					}
					left := files(t, w)
					if kind == Findings {
						left = append(left, w.s3.keys()...)
					}
					if len(left) > 0 || len(w.kept(t, r)) > 0 {
						t.Errorf("left: %v", left)
					}
					jobs, err := w.Store.Jobs(t.Context(), store.Jobs{States: []store.State{store.Ready, store.Running, store.Dead}})
					if err != nil || len(jobs) > 0 {
						t.Errorf("jobs: %+v %v", jobs, err)
					}
				})
			}
		}
	}
}

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 1, 3)
	first, err := w.begin(t, Report{Kind: Findings, Format: "CSV"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.begin(t, Report{Kind: Findings, Format: "JSON"}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a second report: %v", err)
	}
	if _, err := w.begin(t, Report{Kind: SBOMs, Format: "SPDX_2_3"}); err != nil {
		t.Error(err)
	}
	if _, err := w.begin(t, Report{Kind: Findings, Format: "JSON", Account: bob}); err != nil {
		t.Error(err)
	}
	if _, err := Find(t.Context(), w.Store, Report{Kind: Findings, Account: bob, ID: first.ID}, w.now); fault.KindOf(err) != fault.NotFound {
		t.Errorf("of another account: %v", err)
	}
	if err := Cancel(t.Context(), w.Store, Report{Kind: Findings, Account: bob, ID: first.ID}, w.now); fault.KindOf(err) != fault.NotFound {
		t.Errorf("of another account: %v", err)
	}
	// A job that was lost does not hold up others for ever.
	w.now = start.Add(TimeLimit + time.Second)
	if got := w.find(t, first); got.Status != failed || got.Code != inspector2.ReportingErrorCodeInternalError || got.Message != tooLong {
		t.Errorf("%+v", got)
	}
	if err := Cancel(t.Context(), w.Store, first, w.now); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a report that has failed: %v", err)
	}
	second, err := w.begin(t, Report{Kind: Findings, Format: "JSON"})
	if err != nil {
		t.Fatal(err)
	}
	latest, err := Latest(t.Context(), w.Store, Findings, alice, w.now)
	if err != nil || latest.ID != second.ID {
		t.Errorf("%+v %v", latest, err)
	}
}

// TestTimeLimit has a report that is still being made when its time is over.
func TestTimeLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 1, 3)
	r, err := w.begin(t, Report{Kind: Findings, Format: "CSV"})
	if err != nil {
		t.Fatal(err)
	}
	w.now = start.Add(TimeLimit)
	if err := w.work(t); err != nil {
		t.Fatal(err)
	}
	if got := w.find(t, r); got.Status != failed || got.Message != tooLong || got.Code != inspector2.ReportingErrorCodeInternalError {
		t.Errorf("%+v", got)
	}
}

func TestSweepAndLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 25, 2)
	r := w.made(t, Report{Kind: Findings, Format: "CSV"})
	docs := w.made(t, Report{Kind: SBOMs, Format: "SPDX_2_3"})
	if n := len(w.kept(t, docs)); n != 25 {
		t.Errorf("%d documents", n)
	}
	list, _, err := List(t.Context(), w.Store, r, "")
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	link, err := url.Parse(w.Link(list[0], w.now))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(link.Path, "/")
	value := func(change map[string]string) func(string) string {
		return func(name string) string {
			all := map[string]string{"account": parts[4], "report": parts[5], "number": parts[6]}
			if v, ok := change[name]; ok {
				return v
			}
			return all[name]
		}
	}
	if k, err := w.Linked(value(nil), link.Query(), w.now.Add(LinkTime)); err != nil || k.blob() != list[0].blob() {
		t.Errorf("%+v %v", k, err)
	}
	later := link.Query()
	later.Set("expires", "99999999999")
	for name, call := range map[string]func() error{
		"too late": func() error {
			_, err := w.Linked(value(nil), link.Query(), w.now.Add(LinkTime+time.Second))
			return err
		},
		"another time": func() error { _, err := w.Linked(value(nil), later, w.now); return err },
		"another account": func() error {
			_, err := w.Linked(value(map[string]string{"account": bob.String()}), link.Query(), w.now)
			return err
		},
		"another report": func() error {
			_, err := w.Linked(value(map[string]string{"report": docs.ID}), link.Query(), w.now)
			return err
		},
		"another object": func() error {
			_, err := w.Linked(value(map[string]string{"number": "1"}), link.Query(), w.now)
			return err
		},
		"no signature": func() error {
			_, err := w.Linked(value(nil), url.Values{"expires": {later.Get("expires")}}, w.now)
			return err
		},
	} {
		if err := call(); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := w.Sweep(t.Context(), start.Add(Keep-time.Second)); n != 0 || err != nil {
		t.Errorf("swept %d: %v", n, err)
	}
	if n, err := w.Sweep(t.Context(), start.Add(Keep)); n != 2 || err != nil {
		t.Errorf("swept %d: %v", n, err)
	}
	if _, _, err := w.Open(t.Context(), list[0]); fault.KindOf(err) != fault.NotFound {
		t.Errorf("swept and there: %v", err)
	}
	if _, _, err := w.Blobs.Get(t.Context(), list[0].blob()); err == nil {
		t.Error("the blob is left")
	}
	if _, err := Find(t.Context(), w.Store, r, w.now); fault.KindOf(err) != fault.NotFound {
		t.Errorf("swept and there: %v", err)
	}
}

func TestDestinationIsChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, to := range []Destination{
		{Bucket: "b", Prefix: new("a\nb")}, {Bucket: "b", Prefix: new(strings.Repeat("x", maxPrefix+1))}, {Bucket: "b", KMSKey: "\x00"},
	} {
		if _, err := w.begin(t, Report{Kind: Findings, Format: "CSV", To: to}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", to, err)
		}
	}
	if err := (Destination{}).check(); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
}

// TestRealS3 delivers to the server of test/s3.sh: a bucket that is not there,
// and one that is, if its name is given.
func TestRealS3(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Cloud.Endpoint = os.Getenv("ASSAY_TEST_S3")
	if w.Cloud.Endpoint == "" {
		t.Skip("ASSAY_TEST_S3 is not set: run sh test/s3.sh go test")
	}
	w.Cloud.Credentials = store.S3Credentials{ID: os.Getenv("ASSAY_TEST_S3_ID"), Secret: os.Getenv("ASSAY_TEST_S3_SECRET")}
	w.record(t, alice, 10, 600) // some parts
	r := w.made(t, Report{Kind: Findings, Format: "JSON", To: Destination{Bucket: "not-there"}})
	if r.Code != inspector2.ReportingErrorCodeBucketNotFound {
		t.Errorf("%+v", r)
	}
	bucket := newBucket(t, w.Cloud)
	r = w.made(t, Report{Kind: Findings, Format: "JSON", To: Destination{Bucket: bucket, Prefix: new("a/b-")}})
	place := fmt.Sprintf("s3://%s/a?endpoint=%s&path-style=true", bucket, url.QueryEscape(w.Cloud.Endpoint))
	got := download(t, place, w.Cloud.Credentials, "b-"+r.ID+".json")
	if diff := cmp.Diff(w.expected(t, alice, nil), arns(t, "JSON", got)); diff != "" {
		t.Errorf("%+v: %s", r, diff)
	}
	docs := w.made(t, Report{Kind: SBOMs, Format: "CYCLONEDX_1_4", To: Destination{Bucket: bucket}})
	if docs.Status != succeeded || docs.Done != 10 {
		t.Errorf("%+v", docs)
	}
}

// TestStartsOver has a report in parts whose delivery breaks off.
func TestStartsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.record(t, alice, 12, 600)
	r, err := w.begin(t, Report{Kind: Findings, Format: "JSON", To: Destination{Bucket: "theirs"}})
	if err != nil {
		t.Fatal(err)
	}
	w.tick = func(n int) {
		if n == 14 { // the first part is sent
			w.s3.mu.Lock()
			if len(w.s3.parts) == 0 {
				t.Error("nothing is sent yet")
			}
			w.s3.refuse["theirs"] = refusal{400, "InvalidRequest", 0}
			w.s3.mu.Unlock()
		}
	}
	if err := w.work(t); err == nil {
		t.Fatal("no error")
	}
	if got := w.find(t, r); got.Status != inProgress || len(w.s3.keys()) > 0 {
		t.Fatalf("%+v %v", got, w.s3.keys())
	}
	w.tick, w.now = nil, start.Add(time.Hour)
	delete(w.s3.refuse, "theirs")
	if err := w.work(t); err != nil {
		t.Fatal(err)
	}
	if got := w.find(t, r); got.Status != succeeded || got.Done != 7200 {
		t.Fatalf("%+v", got)
	}
	if got := arns(t, "JSON", w.s3.objects["theirs/"+r.ID+".json"]); len(got) != 7200 {
		t.Errorf("%d findings", len(got))
	}
}
