package notify

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/assay-project/assay/internal/store"
)

// FuzzEvent puts what an event says into every form there is: none panics, and
// what comes out can be read.
func FuzzEvent(f *testing.F) {
	for _, e := range samples(3) {
		f.Add("finding.created", []byte(e.Doc))
	}
	f.Add("scan.completed", []byte(`{"type":"Inspector2 Scan","detail":{"finding-severity-counts":{"CRITICAL":1}}}`))
	f.Add("finding.closed", []byte(`{"type":"Inspector2 Finding","gone":true,"detail":{}}`))
	f.Add("x", []byte(`{}`))
	s := syslog{Config: Config{Outside: Outside{Host: "h"}}}
	f.Fuzz(func(t *testing.T, kind string, doc []byte) {
		if !json.Valid(doc) {
			return // the store keeps JSON only
		}
		e := store.Event{ID: "1", Account: alice, Kind: kind, Subject: "s", At: start, Doc: doc}
		choose(Config{Severity: "HIGH", Statuses: []string{"ACTIVE"}, ResourceTypes: []string{"x"}})(e)
		if text, err := cloudEventOf(e); err == nil && !json.Valid(text) {
			t.Errorf("%s", text)
		}
		if text, err := lineOf(e); err == nil && (!json.Valid(text) || bytes.ContainsRune(text, '\n')) {
			t.Errorf("%s", text)
		}
		if text, err := s.message(e, maxDatagram); err == nil && bytes.ContainsAny(text[:20], "\n\r") {
			t.Errorf("%s", text)
		}
		if h, err := importOf(e, Config{}); err == nil && h != nil {
			if text, err := h.text(); err == nil && (!json.Valid(text) || len(text) > maxFindingBytes) {
				t.Errorf("%s", text)
			}
		}
		digestOf([]store.Event{e, e})
		messagesOf([]store.Event{e}, Source, true)
	})
}

// A cannedBody is the body of an answer.
type cannedBody struct{ *bytes.Reader }

// Close does nothing.
func (cannedBody) Close() error { return nil }

// FuzzAnswer reads whatever a service may answer: each event has been taken or
// has not, and nothing panics.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}`))
	f.Add(200, []byte(`{"Successful":[{"Id":"e0"}],"Failed":[{"Id":"e0","Code":"x"}]}`))
	f.Add(200, []byte(`{"SuccessCount":1,"FailedFindings":[{"Id":"a","ErrorCode":"InvalidInput"}]}`))
	f.Add(200, []byte(`<PublishBatchResponse><PublishBatchResult><Failed><member><Id>e0</Id></member></Failed></PublishBatchResult></PublishBatchResponse>`))
	f.Add(400, []byte(`<ErrorResponse><Error><Code>InvalidParameter</Code></Error></ErrorResponse>`))
	f.Add(403, []byte(`{"__type":"com.amazon#AccessDenied","message":"no"}`))
	events := samples(1)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, c := range standInSinks("http://127.0.0.1:9") {
			if err := c.Check(); err != nil {
				t.Fatal(err)
			}
			s, err := newService(c, map[string]string{"eventbridge": "events", "securityhub": "securityhub", "sns": "sns", "sqs": "sqs"}[c.Kind])
			if err != nil {
				t.Fatal(err)
			}
			s.http = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Body: cannedBody{bytes.NewReader(body)}, Request: r, Header: http.Header{}}, nil
			})}
			messages, _ := messagesOf(events, Source, false)
			switch c.Kind {
			case "eventbridge":
				_, errs, err := s.putEvents(t.Context(), []eventEntry{{Detail: "{}"}})
				answered(t, errs, err)
			case "sns":
				_, errs, err := s.publish(t.Context(), c.Place, messages)
				answered(t, errs, err)
			case "sqs":
				_, errs, err := s.enqueue(t.Context(), c.Place, messages)
				answered(t, errs, err)
			case "securityhub":
				_, errs, err := s.importFindings(t.Context(), []json.RawMessage{[]byte(`{"Id":"a"}`)})
				answered(t, errs, err)
			}
		}
	})
}

func answered(t *testing.T, errs []error, err error) {
	t.Helper()
	if err == nil && len(errs) != 1 {
		t.Errorf("%d answers for one event", len(errs))
	}
}

type roundTrip func(r *http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
