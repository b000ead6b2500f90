package server

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	v2 "github.com/assay-project/assay/internal/api/v2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// views answers what the dashboard shows: all that one of its pages needs in one
// request.
type views struct {
	server *server
	list   func() lister
}

// A lister lists findings as ListFindings does.
type lister struct {
	operation *wire.Operation
	do        func(ctx context.Context, in *inspector2.ListFindingsRequest) (*inspector2.ListFindingsResponse, error)
	write     wire.Writer[inspector2.Finding]
}

func newViews(s *server) *views {
	return &views{server: s, list: sync.OnceValue(func() lister {
		two := inspector2.New()
		operations := v2.Operations{Store: s.store, Region: s.Region, Now: time.Now, Services: []*wire.Service{two}}
		return lister{two.Operation("ListFindings"), operations.Handlers().ListFindings, wire.WriterOf[inspector2.Finding](two)}
	})}
}

// viewRoutes are the operations for what the dashboard shows. They see what
// ListFindings sees.
var viewRoutes = []route{
	{"POST /assay/v1/findings/view", "assay:GetFindingsView", callersOwn, (*server).findingsView},
	{"POST /assay/v1/findings/counts", "assay:GetFindingCounts", callersOwn, (*server).findingCounts},
	{"GET /assay/v1/findings/why", "assay:GetFindingReasons", callersOwn, (*server).findingReasons},
	{"GET /assay/v1/summary", "assay:GetSummary", callersOwn, (*server).summary},
	{"GET /assay/v1/values", "assay:ListFindingValues", callersOwn, (*server).findingValues},
	{"GET /assay/v1/vulnerabilities/{id}", "assay:GetVulnerability", callersOwn, (*server).vulnerability},
}

// work returns the jobs.
func (p *views) work() workload {
	return workload{
		handlers:  map[string]work.Handler{trendJob: p.recordTrend},
		schedules: []store.Schedule{{Name: trendJob, Every: time.Hour, Shift: time.Minute, Job: store.Job{Kind: trendJob, Priority: 2}}},
	}
}

// hooks adds what answers requests that are not signed.
func (p *views) hooks(*http.ServeMux, gate) {}

// loop goes on until the context ends.
func (p *views) loop(context.Context) {}

// FindingsView is a page of findings with how many there are.
type FindingsView struct {
	Findings  []json.RawMessage `json:"findings"` // as ListFindings has them
	NextToken string            `json:"nextToken,omitempty"`
	Counts    SeverityCounts    `json:"counts"`
}

// SeverityCounts is how many findings there are, by severity.
type SeverityCounts struct {
	Critical      int64 `json:"CRITICAL"`
	High          int64 `json:"HIGH"`
	Medium        int64 `json:"MEDIUM"`
	Low           int64 `json:"LOW"`
	Informational int64 `json:"INFORMATIONAL"`
	Untriaged     int64 `json:"UNTRIAGED"`
	Other         int64 `json:"OTHER"` // below MEDIUM, and not told apart
	Total         int64 `json:"total"`
	More          bool  `json:"more"` // there are at least so many
}

func severityCounts(c store.Counted) SeverityCounts {
	return SeverityCounts{
		Critical: c.Severities[finding.Critical], High: c.Severities[finding.High], Medium: c.Severities[finding.Medium],
		Low: c.Severities[finding.Low], Informational: c.Severities[finding.Informational], Untriaged: c.Severities[finding.Untriaged],
		Other: c.Lowest, Total: c.Total, More: c.More,
	}
}

// request reads the body, which is that of ListFindings.
func (p *views) request(r request) (*inspector2.ListFindingsRequest, error) {
	body := r.body
	if len(body) == 0 {
		body = []byte("{}")
	}
	operation := p.list().operation
	in, err := operation.Decode(r.Request, body)
	if err != nil { // in the words of ListFindings
		name, message, status := operation.Told(err)
		return nil, &wire.Error{Name: name, Message: message, Status: status}
	}
	out, ok := in.(*inspector2.ListFindingsRequest)
	if !ok {
		return nil, fault.New(fault.Invalid, "The body is not that of ListFindings.")
	}
	return out, nil
}

// findingsView returns a page of findings, and how many fit.
func (s *server) findingsView(ctx context.Context, r request) (any, error) {
	in, err := s.views.request(r)
	if err != nil {
		return nil, err
	}
	var out FindingsView
	var together errgroup.Group
	together.Go(func() (err error) {
		out.Counts, err = s.counts(ctx, in)
		return err
	})
	list := s.views.list()
	page, err := list.do(ctx, in)
	if err := firstOf(err, together.Wait()); err != nil {
		return nil, err
	}
	out.NextToken, out.Findings = page.NextToken, make([]json.RawMessage, len(page.Findings))
	for i := range page.Findings {
		if out.Findings[i], err = list.write.Append(nil, &page.Findings[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// firstOf returns the first of some errors that is one.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// FindingCounts is how many findings there are.
type FindingCounts struct {
	Counts SeverityCounts `json:"counts"`
}

// findingCounts returns how many findings fit.
func (s *server) findingCounts(ctx context.Context, r request) (any, error) {
	in, err := s.views.request(r)
	if err != nil {
		return nil, err
	}
	counts, err := s.counts(ctx, in)
	return FindingCounts{counts}, err
}

func (s *server) counts(ctx context.Context, in *inspector2.ListFindingsRequest) (SeverityCounts, error) {
	where, err := v2.FindingCriteria(in.FilterCriteria)
	if err != nil {
		return SeverityCounts{}, err
	}
	c, err := s.store.CountFindings(ctx, api.CallerOf(ctx).Scope, where)
	return severityCounts(c), err
}
