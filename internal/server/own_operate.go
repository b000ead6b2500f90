package server

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

// Trail is a part of the record of calls, in the form of AWS CloudTrail.
type Trail struct {
	Records   []json.RawMessage `json:"Records"`
	NextToken string            `json:"nextToken,omitempty"`
}

// auditPage is how many records of calls one answer has at most.
const auditPage = 1000

func (s *server) listAudit(ctx context.Context, r request) (any, error) {
	q := r.URL.Query()
	o, err := s.store.Organization(ctx)
	if err != nil {
		return nil, err
	}
	where := store.AuditQuery{
		Action: q.Get("action"), Result: q.Get("result"), Unknown: r.caller.Account == o.Management,
	}
	for _, p := range []struct {
		name string
		to   *time.Time
	}{{"from", &where.From}, {"to", &where.To}} {
		if text := q.Get(p.name); text != "" {
			if *p.to, err = time.Parse(time.RFC3339, text); err != nil {
				return nil, fault.OnField(p.name, "must be a time such as 2026-01-31T12:00:00Z")
			}
		}
	}
	size := auditPage
	if text := q.Get("limit"); text != "" {
		if size, err = strconv.Atoi(text); err != nil || size < 1 || size > auditPage {
			return nil, fault.OnField("limit", "must be from 1 to %d", auditPage)
		}
	}
	list, next, err := s.store.Audit(ctx, r.scope, where, store.AuditPage{Size: size, After: q.Get("next"), Now: r.now})
	if err != nil {
		return nil, err
	}
	out := Trail{Records: []json.RawMessage{}, NextToken: next}
	for _, record := range list {
		event, err := api.Event(record)
		if err != nil {
			return nil, err
		}
		out.Records = append(out.Records, event)
	}
	return out, nil
}

// stateNames are the states of jobs in words.
var stateNames = map[store.State]string{store.Ready: "ready", store.Running: "running", store.Done: "done", store.Dead: "dead"}

// Job is a job as our own interface shows it.
type Job struct {
	ID      int64     `json:"id"`
	Kind    string    `json:"kind"`
	Key     string    `json:"key"`
	Account string    `json:"account,omitempty"`
	State   string    `json:"state"`
	Run     time.Time `json:"run"`
	Attempt int       `json:"attempt"`
	Error   string    `json:"error,omitempty"`
	Done    time.Time `json:"done,omitzero"`
}

// Jobs is the answer to a list of jobs.
type Jobs struct {
	Jobs []Job `json:"jobs"`
}

// manyJobs is how many jobs one answer has at most.
const manyJobs = 1000

func (s *server) listJobs(ctx context.Context, r request) (any, error) {
	where := store.Jobs{Kind: r.URL.Query().Get("kind"), Limit: manyJobs}
	if text := r.URL.Query().Get("state"); text != "" {
		for state, name := range stateNames {
			if name == text {
				where.States = []store.State{state}
			}
		}
		if where.States == nil {
			return nil, fault.OnField("state", "must be ready, running, done or dead")
		}
	}
	list, err := s.store.Jobs(ctx, where)
	if err != nil {
		return nil, err
	}
	out := Jobs{Jobs: []Job{}}
	for _, j := range list {
		job := Job{
			ID: j.ID, Kind: j.Kind, Key: j.Key, State: stateNames[j.State], Run: j.Run, Attempt: j.Attempt, Error: j.Error, Done: j.Done,
		}
		if j.Account != 0 {
			job.Account = j.Account.String()
		}
		out.Jobs = append(out.Jobs, job)
	}
	return out, nil
}

// jobID returns the job that a path names.
func (r request) jobID() (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, fault.OnField("id", "must be the number of a job")
	}
	return id, nil
}

func (s *server) requeueJob(ctx context.Context, r request) (any, error) {
	id, err := r.jobID()
	if err != nil {
		return nil, err
	}
	return nil, s.store.Requeue(ctx, id, r.now)
}

func (s *server) cancelJob(ctx context.Context, r request) (any, error) {
	id, err := r.jobID()
	if err != nil {
		return nil, err
	}
	return nil, s.store.Cancel(ctx, id, r.now)
}

// DeadLetter is an event that a sink has not taken.
type DeadLetter struct {
	Sink    string    `json:"sink"`
	Seq     int64     `json:"seq"`
	Kind    string    `json:"kind"`
	Subject string    `json:"subject"`
	At      time.Time `json:"at"`
	Attempt int       `json:"attempt"`
	Error   string    `json:"error"`
	Dead    time.Time `json:"dead"`
}

// DeadLetters is the answer to a list of them.
type DeadLetters struct {
	DeadLetters []DeadLetter `json:"deadLetters"`
}

func (s *server) listDeadLetters(ctx context.Context, r request) (any, error) {
	list, err := s.store.DeadLetters(ctx, r.URL.Query().Get("sink"), 0, manyJobs)
	if err != nil {
		return nil, err
	}
	out := DeadLetters{DeadLetters: []DeadLetter{}}
	for _, d := range list {
		out.DeadLetters = append(out.DeadLetters, DeadLetter{d.Sink, d.Seq, d.Kind, d.Subject, d.At, d.Attempt, d.Error, d.Dead})
	}
	return out, nil
}

// Replayed is how many events are sent again.
type Replayed struct {
	Events int64 `json:"events"`
}

func (s *server) replayDeadLetters(ctx context.Context, r request) (any, error) {
	var seq int64
	if text := r.URL.Query().Get("seq"); text != "" {
		var err error
		if seq, err = strconv.ParseInt(text, 10, 64); err != nil {
			return nil, fault.OnField("seq", "must be a number")
		}
	}
	n, err := s.store.Replay(ctx, r.PathValue("sink"), seq, r.now)
	return Replayed{n}, err
}

// runRetention deletes now what is due to be deleted.
func (s *server) runRetention(ctx context.Context, r request) (any, error) {
	return s.store.Sweep(ctx, r.now, s.retention())
}

// Backup is a copy of the database on the server's disk.
type Backup struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

// createBackup copies the database into a file of the data folder, while the
// server goes on.
func (s *server) createBackup(ctx context.Context, r request) (any, error) {
	dir := filepath.Join(s.Data, "backups")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of backups: %w", err)
	}
	path := filepath.Join(dir, "assay-"+strings.ReplaceAll(r.now.UTC().Format("20060102T150405.000"), ".", "")+".db")
	if err := s.store.Backup(ctx, path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	return Backup{path, info.Size()}, nil
}
