package v2

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

const (
	sessionKind   = "cis-session"   // id: the scan job
	telemetryKind = "cis-telemetry" // id: the scan job and the rule; parent: the scan job

	// silence is how long a session lives without a sign of life; an agent gives
	// one each half minute.
	silence = 5 * time.Minute
	// maxMessages is how much one session may send: no benchmark has more
	// checks than the API can count.
	// Source: Inspector2 API model, CheckCount.
	maxMessages = 1 << 16
)

// cisSession is one examination of one machine, as its agent tells of it.
type cisSession struct {
	Token    string         `json:"token"` // SHA-256 of the token that the agent has chosen: whoever has it speaks for the session
	Started  time.Time      `json:"started"`
	Seen     time.Time      `json:"seen"` // last sign of life
	Messages int            `json:"messages,omitempty"`
	Stopped  time.Time      `json:"stopped,omitzero"`
	Result   *sessionResult `json:"result,omitempty"` // once stopped
}

// sessionResult is what an agent says at the end.
type sessionResult struct {
	Status   inspector2.StopCisSessionStatus   `json:"status"`
	Reason   *string                           `json:"reason,omitempty"`
	Progress inspector2.StopCisMessageProgress `json:"progress"`
	Platform *inspector2.ComputePlatform       `json:"platform,omitempty"`
	Version  *string                           `json:"version,omitempty"` // of the benchmark
	Profile  *string                           `json:"profile,omitempty"`
	Complete bool                              `json:"complete"` // the counts agree with the results received
}

// ruleResult is the result of one rule.
type ruleResult struct {
	Rule    string                   `json:"rule"`
	Status  inspector2.CisRuleStatus `json:"status"`
	Details []byte                   `json:"details,omitempty"`
}

func tokenDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (c cisSession) has(token string) bool {
	return subtle.ConstantTimeCompare([]byte(c.Token), []byte(tokenDigest(token))) == 1
}

// live tells whether the session goes on.
func (c cisSession) live(now time.Time) bool { return c.Stopped.IsZero() && now.Sub(c.Seen) <= silence }

// startCisSession opens the session of a scan job. The same token may open it
// again; another one only after the agent that had it has fallen silent.
func (o Operations) startCisSession(
	ctx context.Context, in *inspector2.StartCisSessionRequest,
) (*inspector2.StartCisSessionResponse, error) {
	account, now := api.CallerOf(ctx).Account, o.Now()
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, account); err != nil {
			return err
		}
		object := store.Object{Kind: sessionKind, Account: account, ID: in.ScanJobID, Created: now, Updated: now}
		session := cisSession{Token: tokenDigest(in.Message.SessionToken), Started: now, Seen: now}
		present, err := tx.Object(ctx, org.Only(account), sessionKind, in.ScanJobID)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if err == nil {
			var before cisSession
			if err := present.Decode(&before); err != nil {
				return err
			}
			if !before.Stopped.IsZero() {
				return conflict("cis-session", in.ScanJobID, "The session of scan job %s has ended.", in.ScanJobID)
			}
			if before.live(now) && !before.has(in.Message.SessionToken) {
				return conflict("cis-session", in.ScanJobID, "Scan job %s has another session.", in.ScanJobID)
			}
			if before.live(now) {
				session.Started, session.Messages = before.Started, before.Messages
			}
		}
		return tx.Put(ctx, org.Only(account), object, session)
	})
	return &inspector2.StartCisSessionResponse{}, err
}

// inSession runs f with the session of a job, of which the caller must have the
// token, and keeps it as f leaves it.
func (o Operations) inSession(
	ctx context.Context, job, token string, f func(tx *store.Tx, scope org.Scope, session *cisSession) error,
) error {
	scope := org.Only(api.CallerOf(ctx).Account)
	return o.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, api.CallerOf(ctx).Account); err != nil {
			return err
		}
		object, err := tx.Object(ctx, scope, sessionKind, job)
		if fault.KindOf(err) == fault.NotFound {
			return conflict("cis-session", job, "Scan job %s has no session.", job)
		}
		if err != nil {
			return err
		}
		var session cisSession
		if err := object.Decode(&session); err != nil {
			return err
		}
		if !session.has(token) {
			return fault.New(fault.Denied, "The session of scan job %s is another one.", job)
		}
		if err := f(tx, scope, &session); err != nil {
			return err
		}
		object.Updated = o.Now()
		return tx.Put(ctx, scope, object, session)
	})
}

// mustLive refuses what comes after the end of a session.
func (o Operations) mustLive(session *cisSession, job string) error {
	if !session.Stopped.IsZero() {
		return conflict("cis-session", job, "The session of scan job %s has ended.", job)
	}
	if !session.live(o.Now()) {
		return conflict("cis-session", job, "The session of scan job %s has timed out.", job)
	}
	return nil
}

func (o Operations) sendCisSessionHealth(
	ctx context.Context, in *inspector2.SendCisSessionHealthRequest,
) (*inspector2.SendCisSessionHealthResponse, error) {
	err := o.inSession(ctx, in.ScanJobID, in.SessionToken, func(_ *store.Tx, _ org.Scope, session *cisSession) error {
		if err := o.mustLive(session, in.ScanJobID); err != nil {
			return err
		}
		session.Seen = o.Now()
		return nil
	})
	return &inspector2.SendCisSessionHealthResponse{}, err
}

// sendCisSessionTelemetry keeps the results of rules. One that comes again
// replaces what came before.
func (o Operations) sendCisSessionTelemetry(
	ctx context.Context, in *inspector2.SendCisSessionTelemetryRequest,
) (*inspector2.SendCisSessionTelemetryResponse, error) {
	for _, m := range in.Messages {
		if strings.ContainsRune(m.RuleID, 0) {
			return nil, fault.OnField("messages.ruleId", "has a character that cannot be kept")
		}
	}
	err := o.inSession(ctx, in.ScanJobID, in.SessionToken, func(tx *store.Tx, scope org.Scope, session *cisSession) error {
		if err := o.mustLive(session, in.ScanJobID); err != nil {
			return err
		}
		now := o.Now()
		session.Seen, session.Messages = now, session.Messages+len(in.Messages)
		if session.Messages > maxMessages {
			return fault.New(fault.Invalid, "A session may send at most %d results.", maxMessages)
		}
		for _, m := range in.Messages {
			object := store.Object{
				Kind: telemetryKind, Account: api.CallerOf(ctx).Account, ID: in.ScanJobID + "/" + m.RuleID, Parent: in.ScanJobID,
				Created: now, Updated: now,
			}
			if err := tx.Put(ctx, scope, object, ruleResult{m.RuleID, m.Status, m.CisRuleDetails}); err != nil {
				return err
			}
		}
		return nil
	})
	return &inspector2.SendCisSessionTelemetryResponse{}, err
}

// stopCisSession ends a session. Stopping it again with the same token changes
// nothing.
func (o Operations) stopCisSession(
	ctx context.Context, in *inspector2.StopCisSessionRequest,
) (*inspector2.StopCisSessionResponse, error) {
	err := o.inSession(ctx, in.ScanJobID, in.SessionToken, func(tx *store.Tx, scope org.Scope, session *cisSession) error {
		if !session.Stopped.IsZero() {
			return nil
		}
		if err := o.mustLive(session, in.ScanJobID); err != nil {
			return err
		}
		received, err := tx.Objects(ctx, scope, store.Objects{Kind: telemetryKind, Parent: in.ScanJobID})
		if err != nil {
			return err
		}
		counts := map[inspector2.CisRuleStatus]int32{}
		for _, object := range received {
			var result ruleResult
			if err := object.Decode(&result); err != nil {
				return err
			}
			counts[result.Status]++
		}
		m := in.Message
		session.Stopped = o.Now()
		session.Result = &sessionResult{
			Status: m.Status, Reason: m.Reason, Progress: m.Progress, Platform: m.ComputePlatform,
			Version: m.BenchmarkVersion, Profile: m.BenchmarkProfile, Complete: agrees(m.Progress, counts),
		}
		return nil
	})
	return &inspector2.StopCisSessionResponse{}, err
}

// agrees tells whether the counts of an agent are those of the results that it
// has sent. A count that it does not name is zero.
func agrees(said inspector2.StopCisMessageProgress, counts map[inspector2.CisRuleStatus]int32) bool {
	total := int32(0)
	for _, c := range []struct {
		said   *int32
		status inspector2.CisRuleStatus
	}{
		{said.SuccessfulChecks, inspector2.CisRuleStatusPassed},
		{said.FailedChecks, inspector2.CisRuleStatusFailed},
		{said.NotEvaluatedChecks, inspector2.CisRuleStatusNotEvaluated},
		{said.UnknownChecks, inspector2.CisRuleStatusUnknown},
		{said.NotApplicableChecks, inspector2.CisRuleStatusNotApplicable},
		{said.InformationalChecks, inspector2.CisRuleStatusInformational},
		{said.ErrorChecks, inspector2.CisRuleStatusError},
	} {
		if count(c.said) != counts[c.status] {
			return false
		}
		total += counts[c.status]
	}
	return count(said.TotalChecks) == total
}

func count(n *int32) int32 {
	if n == nil {
		return 0
	}
	return *n
}
