package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// A request is a call of our own interface by somebody who may make it.
type request struct {
	*http.Request
	body   []byte
	caller api.Caller
	scope  org.Scope // the accounts that it is about
	now    time.Time
}

// A reach says whom an operation is about.
type reach int

const (
	callersOwn   reach = iota // the account of the caller
	everybody                 // all accounts for the management account, its own for any other
	installation              // all of it: only the management account may
)

// A route is one operation of our own interface. doc/rest.md describes them.
type route struct {
	pattern string // method and path, as http.ServeMux has them
	action  string // that a role must allow
	reach   reach
	do      func(s *server, ctx context.Context, r request) (any, error)
}

var ownRoutes = []route{
	{"POST /assay/v1/scans", "assay:PutScan", callersOwn, (*server).putScan},
	{"GET /assay/v1/status", "assay:GetStatus", callersOwn, (*server).status},
	{"GET /assay/v1/accounts", "assay:ListAccounts", everybody, (*server).listAccounts},
	{"POST /assay/v1/accounts", "assay:CreateAccount", installation, (*server).createAccount},
	{"DELETE /assay/v1/accounts/{id}", "assay:CloseAccount", installation, (*server).closeAccount},
	{"GET /assay/v1/keys", "assay:ListKeys", everybody, (*server).listKeys},
	{"POST /assay/v1/keys", "assay:CreateKey", everybody, (*server).createKey},
	{"POST /assay/v1/keys/{id}/rotate", "assay:RotateKey", everybody, (*server).rotateKey},
	{"POST /assay/v1/keys/{id}/disable", "assay:DisableKey", everybody, (*server).disableKey},
	{"DELETE /assay/v1/keys/{id}", "assay:DeleteKey", everybody, (*server).deleteKey},
	{"GET /assay/v1/sessions", "assay:ListSessions", everybody, (*server).listSessions},
	{"POST /assay/v1/sessions", "assay:CreateSignIn", everybody, (*server).createSignIn},
	{"DELETE /assay/v1/sessions/{id}", "assay:EndSession", everybody, (*server).endSession},
	{"GET /assay/v1/roles", "assay:ListRoles", callersOwn, (*server).listRoles},
	{"GET /assay/v1/audit", "assay:ListAudit", everybody, (*server).listAudit},
	{"GET /assay/v1/jobs", "assay:ListJobs", installation, (*server).listJobs},
	{"POST /assay/v1/jobs/{id}/requeue", "assay:RequeueJob", installation, (*server).requeueJob},
	{"POST /assay/v1/jobs/{id}/cancel", "assay:CancelJob", installation, (*server).cancelJob},
	{"GET /assay/v1/dead-letters", "assay:ListDeadLetters", installation, (*server).listDeadLetters},
	{"POST /assay/v1/dead-letters/{sink}/replay", "assay:ReplayDeadLetters", installation, (*server).replayDeadLetters},
	{"GET /assay/v1/reports", "assay:ListReports", callersOwn, (*server).listReports},
	{"GET /assay/v1/reports/{id}", "assay:GetReport", callersOwn, (*server).reportLinks},
	{"POST /assay/v1/retention", "assay:RunRetention", installation, (*server).runRetention},
	{"POST /assay/v1/backups", "assay:CreateBackup", installation, (*server).createBackup},
}

// ignoreMissing returns an error unless it says that something is not there.
func ignoreMissing(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

// decode reads the body of a request into v. An empty one changes nothing.
func (r request) decode(v any) error { return r.decodeUpTo(maxPlainBody, v) }

// decodeUpTo is decode for a body that unpacks to so many bytes at most.
func (r request) decodeUpTo(most int64, v any) error {
	body := r.body
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return fault.New(fault.Invalid, "The body is not gzip, as its Content-Encoding says.")
		}
		if body, err = io.ReadAll(io.LimitReader(z, most+1)); err != nil {
			return fault.New(fault.Invalid, "The body is not whole gzip, as its Content-Encoding says.")
		}
		if int64(len(body)) > most {
			return fault.New(fault.Invalid, "The body has more than %d bytes when unpacked.", most)
		}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	err := json.Unmarshal(body, v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fault.OnField(cmp.Or(wrong.Field, "body"), "must not be a JSON %s", wrong.Value)
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fault.New(fault.Invalid, "The body is not JSON: at byte %d, %v.", wrong.Offset, wrong)
	}
	if err != nil {
		return fault.New(fault.Invalid, "The body cannot be read: %v.", err)
	}
	return nil
}

// maxPlainBody bounds an unpacked body, in bytes.
const maxPlainBody = 128 << 20

// putScan takes in the result of a scan.
func (s *server) putScan(ctx context.Context, r request) (any, error) {
	var sub monitor.Submission
	if err := r.decode(&sub); err != nil {
		return nil, err
	}
	return s.monitor.Take(ctx, monitor.Submitter{Account: r.caller.Account, Subject: r.caller.Subject}, sub, r.now)
}

// Status is what is going on in a server.
type Status struct {
	Version      string           `json:"version"`
	Region       string           `json:"region"`
	Organization string           `json:"organization"`
	Advisories   StatusAdvisories `json:"advisories"`
	Jobs         []StatusJobs     `json:"jobs"`
	Waiting      []store.Waiting  `json:"waiting"` // events, by sink
	Feeds        StatusFeeds      `json:"feeds"`
	LostRecords  int64            `json:"lostAuditRecords"`
}

// StatusAdvisories is which advisory database is in use.
type StatusAdvisories struct {
	Built      time.Time `json:"built"`
	Digest     string    `json:"digest"`
	Starter    bool      `json:"starter"` // the small set that comes with Assay
	Advisories int       `json:"advisories"`
}

// StatusFeeds is how the feeds fare that the database is built of.
type StatusFeeds struct {
	Feeds   int       `json:"feeds"`
	Failing int       `json:"failing"`
	Last    time.Time `json:"last,omitzero"`   // when they were last looked at
	Error   string    `json:"error,omitempty"` // why no database could be built of them
}

// StatusJobs is how many jobs of a kind are in a state.
type StatusJobs struct {
	Kind   string    `json:"kind"`
	State  string    `json:"state"`
	Jobs   int64     `json:"jobs"`
	Oldest time.Time `json:"oldest,omitzero"`
}

func (s *server) status(ctx context.Context, _ request) (any, error) {
	known, release := s.library.lend()
	defer release()
	h := known.Header()
	o, err := s.store.Organization(ctx)
	if err != nil {
		return nil, err
	}
	backlogs, err := s.store.Backlogs(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := s.store.Waitings(ctx)
	if err != nil {
		return nil, err
	}
	out := Status{
		Version: s.Version, Region: s.Region, Organization: o.ID, Waiting: waiting, LostRecords: s.trail.Lost(),
		Advisories: StatusAdvisories{Built: h.Built, Digest: h.Digest, Starter: h.Starter, Advisories: h.Advisories},
	}
	feeds, err := s.feeds.state(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	out.Feeds = StatusFeeds{Feeds: len(feeds.Feeds), Last: feeds.Last, Error: feeds.Error}
	for _, f := range feeds.Feeds {
		if f.Failures > 0 {
			out.Feeds.Failing++
		}
	}
	for _, b := range backlogs {
		out.Jobs = append(out.Jobs, StatusJobs{b.Kind, stateNames[b.State], b.Jobs, b.Oldest})
	}
	return out, nil
}
