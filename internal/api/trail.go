package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

const (
	flushEvery  = time.Second
	flushAt     = 500    // records in memory that are written without waiting
	maxHeld     = 10_000 // records in memory while the database does not take them
	lastFlushIn = 10 * time.Second
)

// Trail keeps the record of calls. Those that change something are written
// before they are answered; of others, a second is lost with the process.
type Trail struct {
	store *store.Store
	log   *slog.Logger
	full  chan struct{}

	mu   sync.Mutex
	held []store.AuditRecord
	lost int64

	flushing sync.Mutex // one at a time, so that records stay in order
}

// NewTrail returns a trail, of which Run is to be called once.
func NewTrail(s *store.Store, log *slog.Logger) *Trail {
	return &Trail{store: s, log: log, full: make(chan struct{}, 1)}
}

// Run writes what is added, at the latest after a second, until the context
// ends and all is written. The error says how many records could not be.
func (t *Trail) Run(ctx context.Context) error {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlushIn)
			defer cancel()
			return t.end(last)
		case <-ticker.C:
		case <-t.full:
		}
		if err := t.Flush(ctx); err != nil && ctx.Err() == nil {
			t.log.LogAttrs(ctx, slog.LevelError, "records of calls not written", slog.Any("error", err))
		}
	}
}

func (t *Trail) end(ctx context.Context) error {
	err := t.Flush(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.lost + int64(len(t.held)); n > 0 {
		return fmt.Errorf("ending the trail: %d records of calls are lost, the last for: %w", n, cause(err))
	}
	return nil
}

// cause returns the error, or what was the case if there is none.
func cause(err error) error {
	if err == nil {
		return fmt.Errorf("the database was too slow or not there for a time")
	}
	return err
}

// Add keeps the record of a call that changes nothing, soon. It never waits:
// when the database has not taken records for too long, they are lost and
// counted.
func (t *Trail) Add(r store.AuditRecord) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.held) >= maxHeld {
		t.lost++
		return
	}
	if t.held = append(t.held, r); len(t.held) >= flushAt {
		select {
		case t.full <- struct{}{}:
		default: // it has been told already
		}
	}
}

// Keep writes the record of a call that changes something; it is there when
// Keep returns nil.
func (t *Trail) Keep(ctx context.Context, r store.AuditRecord) error {
	return t.store.AppendAudit(ctx, r)
}

// Flush writes what has been added. What it cannot write it holds for the next
// time.
func (t *Trail) Flush(ctx context.Context) error {
	t.flushing.Lock()
	defer t.flushing.Unlock()
	for {
		t.mu.Lock()
		n := min(len(t.held), flushAt)
		batch := t.held[:n:n]
		t.mu.Unlock()
		if n == 0 {
			return nil
		}
		if err := t.store.AppendAudit(ctx, batch...); err != nil {
			return err
		}
		t.mu.Lock()
		t.held = append([]store.AuditRecord(nil), t.held[n:]...)
		t.mu.Unlock()
	}
}

// Lost returns how many records have been lost since the start.
func (t *Trail) Lost() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lost
}

// identity is who called, as CloudTrail has it.
// Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element".
type identity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId,omitempty"`
	ARN         string `json:"arn,omitempty"`
	AccountID   string `json:"accountId,omitempty"`
	AccessKeyID string `json:"accessKeyId,omitempty"`
	UserName    string `json:"userName,omitempty"`
}

// event is a record in CloudTrail's form.
// Source: AWS CloudTrail User Guide, "CloudTrail record contents".
type event struct {
	Version    string          `json:"eventVersion"`
	Identity   identity        `json:"userIdentity"`
	Time       string          `json:"eventTime"`
	Source     string          `json:"eventSource"`
	Name       string          `json:"eventName"`
	Region     string          `json:"awsRegion"`
	Address    string          `json:"sourceIPAddress"`
	Agent      string          `json:"userAgent"`
	ErrorCode  string          `json:"errorCode,omitempty"`
	ErrorText  string          `json:"errorMessage,omitempty"`
	Parameters json.RawMessage `json:"requestParameters"` // null if there are none
	Response   json.RawMessage `json:"responseElements"`  // null for calls that change nothing
	Request    string          `json:"requestID"`
	ID         string          `json:"eventID"`
	ReadOnly   bool            `json:"readOnly"`
	Type       string          `json:"eventType"`
	Recipient  string          `json:"recipientAccountId"`
}

// Event returns a record as one JSON object in the form of AWS CloudTrail.
func Event(r store.AuditRecord) ([]byte, error) {
	service, name, _ := strings.Cut(r.Action, ":")
	source := service
	if service != ownService {
		source += ".amazonaws.com"
	}
	e := event{
		Version: "1.11", Time: r.At.UTC().Format(time.RFC3339), Source: source, Name: name, Region: r.Region,
		Address: r.Address, Agent: r.Agent, Parameters: r.Input, Response: r.Output, Request: r.Request, ID: r.Event,
		ReadOnly: r.ReadOnly, Type: "AwsApiCall", Identity: identity{Type: "Unknown", AccessKeyID: r.Key},
	}
	if r.Account != 0 {
		e.Recipient = r.Account.String()
	}
	if r.Result != store.Success {
		e.ErrorCode, e.ErrorText = r.Result, r.Message
	}
	if r.Verified {
		e.Identity = identity{
			Type: "IAMUser", PrincipalID: r.Key, ARN: r.Who, AccountID: r.Account.String(), AccessKeyID: r.Key,
			UserName: r.Who[strings.LastIndexByte(r.Who, '/')+1:],
		}
		if strings.Contains(r.Who, ":assumed-role/") {
			e.Identity.Type, e.Identity.UserName = "AssumedRole", ""
		}
	}
	out, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("writing the event of request %s: %w", r.Request, err)
	}
	return out, nil
}

// principal returns the ARN of who called: a user, or, for temporary keys and
// sessions of the page, an assumed role.
// Source: IAM User Guide, "IAM identifiers", section "IAM ARNs".
func principal(account org.Account, name string, role org.Role, temporary bool) string {
	if temporary {
		return fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", account, role, name)
	}
	return fmt.Sprintf("arn:aws:iam::%s:user/%s", account, name)
}
