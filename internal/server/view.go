package server

import (
	"context"
	"encoding/json"
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
	quiet
	server *server
	lists  func() lists
}

// A lister lists something as an operation of Amazon's does.
type lister[In, Out, Item any] struct {
	operation *wire.Operation
	do        func(ctx context.Context, in *In) (*Out, error)
	write     wire.Writer[Item]
}

// lists are the lists that the dashboard shows, and what else it asks of the
// operations of Amazon's.
type lists struct {
	service  *wire.Service
	all      inspector2.Handlers
	findings lister[inspector2.ListFindingsRequest, inspector2.ListFindingsResponse, inspector2.Finding]
	coverage lister[inspector2.ListCoverageRequest, inspector2.ListCoverageResponse, inspector2.CoveredResource]
}

func newViews(s *server) *views {
	return &views{server: s, lists: sync.OnceValue(func() lists {
		two := inspector2.New()
		handlers := v2.Operations{Store: s.store, Region: s.Region, Now: time.Now, Services: []*wire.Service{two}}.Handlers()
		out := lists{service: two, all: handlers}
		out.findings.operation, out.findings.do = two.Operation("ListFindings"), handlers.ListFindings
		out.findings.write = wire.WriterOf[inspector2.Finding](two)
		out.coverage.operation, out.coverage.do = two.Operation("ListCoverage"), handlers.ListCoverage
		out.coverage.write = wire.WriterOf[inspector2.CoveredResource](two)
		return out
	})}
}

// viewRoutes are the operations for what the dashboard shows. They see what
// ListFindings and ListCoverage see.
var viewRoutes = []route{
	{"POST /assay/v1/findings/view", "assay:GetFindingsView", callersOwn, (*server).findingsView},
	{"POST /assay/v1/findings/counts", "assay:GetFindingCounts", callersOwn, (*server).findingCounts},
	{"POST /assay/v1/coverage/view", "assay:GetCoverageView", callersOwn, (*server).coverageView},
	{"GET /assay/v1/findings/why", "assay:GetFindingReasons", callersOwn, (*server).findingReasons},
	{"GET /assay/v1/summary", "assay:GetSummary", callersOwn, (*server).summary},
	{"GET /assay/v1/views/accounts", "assay:GetAccountsView", callersOwn, together(accountParts...)},
	{"GET /assay/v1/views/usage", "assay:GetUsageView", callersOwn, together(usageParts...)},
	{"GET /assay/v1/views/start", "assay:GetStartView", callersOwn, together(startParts...)},
	{"GET /assay/v1/views/scanning", "assay:GetScanningView", callersOwn, together(scanningParts...)},
	{"GET /assay/v1/views/filters", "assay:GetFiltersView", callersOwn, together(filterParts...)},
	{"GET /assay/v1/views/exports/{id}", "assay:GetExportView", callersOwn, together(exportParts...)},
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

// request reads the body, which is that of the operation, and refuses it in the
// words of that.
func (l lister[In, Out, Item]) request(r request) (*In, error) {
	body := r.body
	if len(body) == 0 {
		body = []byte("{}")
	}
	in, err := l.operation.Decode(r.Request, body)
	if err != nil {
		name, message, status := l.operation.Told(err)
		return nil, &wire.Error{Name: name, Message: message, Status: status}
	}
	out, ok := in.(*In)
	if !ok {
		return nil, fault.New(fault.Invalid, "The body is not that of %s.", l.operation.Name)
	}
	return out, nil
}

// items returns what was listed, as the operation answers it.
func (l lister[In, Out, Item]) items(list []Item) ([]json.RawMessage, error) {
	out := make([]json.RawMessage, len(list))
	for i := range list {
		var err error
		if out[i], err = l.write.Append(nil, &list[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// findingsView returns a page of findings, and how many fit.
func (s *server) findingsView(ctx context.Context, r request) (any, error) {
	list := s.views.lists().findings
	in, err := list.request(r)
	if err != nil {
		return nil, err
	}
	var out FindingsView
	var together errgroup.Group
	together.Go(func() (err error) {
		out.Counts, err = s.counts(ctx, in)
		return err
	})
	page, err := list.do(ctx, in)
	if err := firstOf(err, together.Wait()); err != nil {
		return nil, err
	}
	out.NextToken = page.NextToken
	out.Findings, err = list.items(page.Findings)
	return out, err
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
	in, err := s.views.lists().findings.request(r)
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
