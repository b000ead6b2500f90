package v2

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/store"
)

// A filterCall is a call that changed a filter, of which others are told.
type filterCall struct {
	operation string
	kind      string // of the event
	arn       string // of the filter
	in, out   any    // pointers to the generated types
}

// A callRecord is what is told of a call, in the form in which CloudTrail keeps
// it: Amazon Inspector announces changes of filters in no other.
// Source: AWS CloudTrail User Guide, "CloudTrail record contents".
type callRecord struct {
	EventVersion string         `json:"eventVersion"`
	UserIdentity callerIdentity `json:"userIdentity"`
	EventTime    string         `json:"eventTime"`
	EventSource  string         `json:"eventSource"`
	EventName    string         `json:"eventName"`
	Region       string         `json:"awsRegion"`
	Address      string         `json:"sourceIPAddress"`
	Agent        string         `json:"userAgent"`

	Request  json.RawMessage `json:"requestParameters"`
	Response json.RawMessage `json:"responseElements"`

	RequestID   string `json:"requestID"`
	ReadOnly    bool   `json:"readOnly"`
	EventType   string `json:"eventType"`
	Management  bool   `json:"managementEvent"`
	Category    string `json:"eventCategory"`
	RecipientID string `json:"recipientAccountId"`
}

type callerIdentity struct {
	Type        string `json:"type"`
	AccountID   string `json:"accountId"`
	AccessKeyID string `json:"accessKeyId,omitempty"`
}

// tell emits the event of a call, whose document is its record.
func (o Operations) tell(ctx context.Context, tx *store.Tx, call filterCall) error {
	caller, now := api.CallerOf(ctx), o.Now().UTC()
	record := callRecord{
		EventVersion: "1.08", EventTime: now.Format(time.RFC3339), EventSource: "inspector2.amazonaws.com", EventName: call.operation,
		UserIdentity: callerIdentity{"IAMUser", caller.Account.String(), caller.Key}, Region: o.Region, Agent: caller.Agent,
		RequestID: caller.Request, EventType: "AwsApiCall", Management: true, Category: "Management",
		RecipientID: caller.Account.String(),
	}
	if caller.Address.IsValid() {
		record.Address = caller.Address.String()
	}
	var err error
	if record.Request, record.Response, err = o.audit(call); err != nil {
		return fmt.Errorf("recording %s: %w", call.operation, err)
	}
	return tx.Emit(ctx, caller.Account, call.kind, call.arn, record, now)
}

// audit returns the input and output of a call as JSON.
func (o Operations) audit(call filterCall) (in, out []byte, err error) {
	for _, s := range o.Services {
		op := s.Operation(call.operation)
		if s.Name != "inspector2" || op == nil {
			continue
		}
		if in, err = op.Audit(call.in); err != nil {
			return nil, nil, err
		}
		out, err = op.AuditOutput(call.out)
		return in, out, err
	}
	return nil, nil, fmt.Errorf("no service has the operation %s", call.operation)
}
