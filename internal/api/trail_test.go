package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

func openStore(t *testing.T) *store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "assay.db"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func count(t *testing.T, db *store.Store) int {
	t.Helper()
	list, _, err := db.Audit(t.Context(), org.Only(account), store.AuditQuery{}, store.AuditPage{Size: 100_000, Now: start})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func entry(i int) store.AuditRecord {
	return store.AuditRecord{At: start, Account: account, Action: "inspector2:ListFindings", Result: store.Success, Event: fmt.Sprint(i)}
}

// TestTrailEnd shows that what was added is there when Run has returned.
func TestTrailEnd(t *testing.T) {
	t.Parallel()
	db := openStore(t)
	trail := api.NewTrail(db, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- trail.Run(ctx) }()
	for i := range 1200 {
		trail.Add(entry(i))
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := count(t, db); n != 1200 || trail.Lost() != 0 {
		t.Errorf("%d records, %d lost", n, trail.Lost())
	}
}

// TestTrailTicks shows that what was added is there after a second.
func TestTrailTicks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := openStore(t)
		trail := api.NewTrail(db, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- trail.Run(ctx) }()
		trail.Add(entry(1))
		time.Sleep(999 * time.Millisecond) // of the bubble's clock
		synctest.Wait()
		before := count(t, db)
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if after := count(t, db); before != 0 || after != 1 {
			t.Errorf("%d records before the second is over, then %d", before, after)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestTrailLost shows that what could not be written is held, counted and
// reported.
func TestTrailLost(t *testing.T) {
	t.Parallel()
	db := openStore(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	trail := api.NewTrail(db, slog.New(slog.DiscardHandler))
	for i := range 10_005 {
		trail.Add(entry(i))
	}
	if err := trail.Flush(t.Context()); err == nil || trail.Lost() != 5 {
		t.Errorf("lost %d, %v", trail.Lost(), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := trail.Run(ctx); err == nil || !strings.Contains(err.Error(), "10005 records of calls are lost") {
		t.Error(err)
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	good := store.AuditRecord{
		At: start, Account: account, Action: "inspector2:CreateFilter", Who: "arn:aws:iam::111122223333:user/eve", Result: store.Success,
		Event: "E", Request: "R", Key: "AKIA1", Verified: true, Role: org.Admin, Region: "eu-central-1", Address: "192.0.2.7",
		Agent: "aws-cli", Input: json.RawMessage(`{"name":"f"}`), Output: json.RawMessage(`{"arn":"a"}`),
	}
	session := good
	session.Who, session.Action, session.Key = "arn:aws:sts::111122223333:assumed-role/admin/eve", "assay:ListKeys", "session-1"
	session.ReadOnly, session.Input, session.Output = true, nil, nil
	unknown := store.AuditRecord{
		At: start, Action: "inspector-scan:ScanSbom", Result: "InvalidSignatureException", Message: "bad", Event: "E", Request: "R", Key: "AKIA2",
		Region: "eu-central-1", ReadOnly: true,
	}
	for _, tt := range []struct {
		name string
		in   store.AuditRecord
		want string
	}{
		{"user", good, `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AKIA1",` +
			`"arn":"arn:aws:iam::111122223333:user/eve","accountId":"111122223333","accessKeyId":"AKIA1","userName":"eve"},` +
			`"eventTime":"2026-03-01T12:00:00Z","eventSource":"inspector2.amazonaws.com","eventName":"CreateFilter",` +
			`"awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.7","userAgent":"aws-cli","requestParameters":{"name":"f"},` +
			`"responseElements":{"arn":"a"},"requestID":"R","eventID":"E","readOnly":false,"eventType":"AwsApiCall",` +
			`"recipientAccountId":"111122223333"}`},
		{"session", session, `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"session-1",` +
			`"arn":"arn:aws:sts::111122223333:assumed-role/admin/eve","accountId":"111122223333","accessKeyId":"session-1"},` +
			`"eventTime":"2026-03-01T12:00:00Z","eventSource":"assay","eventName":"ListKeys",` +
			`"awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.7","userAgent":"aws-cli","requestParameters":null,` +
			`"responseElements":null,"requestID":"R","eventID":"E","readOnly":true,"eventType":"AwsApiCall",` +
			`"recipientAccountId":"111122223333"}`},
		{"unknown", unknown, `{"eventVersion":"1.11","userIdentity":{"type":"Unknown","accessKeyId":"AKIA2"},` +
			`"eventTime":"2026-03-01T12:00:00Z","eventSource":"inspector-scan.amazonaws.com","eventName":"ScanSbom",` +
			`"awsRegion":"eu-central-1","sourceIPAddress":"","userAgent":"","errorCode":"InvalidSignatureException","errorMessage":"bad",` +
			`"requestParameters":null,"responseElements":null,"requestID":"R","eventID":"E","readOnly":true,"eventType":"AwsApiCall",` +
			`"recipientAccountId":""}`},
	} {
		got, err := api.Event(tt.in)
		if diff := cmp.Diff(tt.want, string(got)); err != nil || diff != "" {
			t.Errorf("%s: %v, %s", tt.name, err, diff)
		}
	}
}
