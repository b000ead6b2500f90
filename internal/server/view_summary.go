package server

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// trendJob writes down how many findings there are.
const trendJob = "record_trend"

// recordTrend is that job.
func (p *views) recordTrend(ctx context.Context, _ *work.Job) error {
	return p.server.store.RecordTrend(ctx, time.Now())
}

// Summary is what there is to know at first sight.
type Summary struct {
	AsOf         time.Time         `json:"asOf"`
	Coverage     []SummaryCoverage `json:"coverage"`
	Accounts     SummaryAccounts   `json:"accounts"`
	Findings     SummaryFindings   `json:"findings"`
	Fixable      SummaryFixable    `json:"fixable"`
	Exploitable  int64             `json:"exploitable"`
	Trend        []SummaryDay      `json:"trend"`
	Remediations []SummaryRemedy   `json:"remediations"`
	Top          SummaryTop        `json:"top"`
	Newest       []SummaryAdvisory `json:"newest"`
	Advisories   StatusAdvisories  `json:"advisories"`
	Waiting      SummaryWaiting    `json:"waiting"`
}

// SummaryCoverage is how many resources of a type are scanned for packages.
type SummaryCoverage struct {
	Type    string          `json:"type"`
	Total   int64           `json:"total"`
	Scanned int64           `json:"scanned"`
	Reasons []SummaryReason `json:"reasons"` // why the others are not
}

// SummaryReason is why resources are not scanned.
type SummaryReason struct {
	Reason    string `json:"reason"`
	Resources int64  `json:"resources"`
}

// SummaryAccounts is how many accounts there are.
type SummaryAccounts struct {
	Total  int64 `json:"total"`
	Active int64 `json:"active"` // with scans of any kind
}

// SummaryFindings is how many active findings there are.
type SummaryFindings struct {
	SeverityCounts
	ByType map[string]SummaryCounts `json:"byType"`
}

// SummaryCounts is how many active findings something has.
type SummaryCounts struct {
	Critical int64 `json:"CRITICAL"`
	High     int64 `json:"HIGH"`
	Medium   int64 `json:"MEDIUM"`
	Total    int64 `json:"total"`
}

// SummaryFixable is how many active findings have a fix.
type SummaryFixable struct {
	Total int64 `json:"total"`
}

// SummaryDay is one day of the trend.
type SummaryDay struct {
	Day string `json:"day"` // 2026-11-20
	SummaryCounts
	Opened int64 `json:"opened"`
	Closed int64 `json:"closed"`
}

// SummaryRemedy is a package whose upgrade closes many critical findings.
type SummaryRemedy struct {
	Package   string `json:"package"`
	Type      string `json:"type"`
	UpgradeTo string `json:"upgradeTo,omitempty"`
	Command   string `json:"command,omitempty"`
	Findings  int64  `json:"findings"`
	Critical  int64  `json:"critical"`
	Resources int    `json:"resources"`
	More      bool   `json:"more,omitempty"` // there are more resources than these
}

// SummaryTop is what has the most critical findings.
type SummaryTop struct {
	Accounts     []SummaryHolder `json:"accounts"`
	Images       []SummaryHolder `json:"images"`
	Repositories []SummaryHolder `json:"repositories"`
	Hosts        []SummaryHolder `json:"hosts"`
	Functions    []SummaryHolder `json:"functions"`
}

// SummaryHolder is something with findings.
type SummaryHolder struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Account  string `json:"account"`
	Critical int64  `json:"critical"`
	High     int64  `json:"high"`
	Total    int64  `json:"total"`
}

// SummaryAdvisory is a vulnerability that hits resources.
type SummaryAdvisory struct {
	Vulnerability string    `json:"vulnerabilityId"`
	Title         string    `json:"title"`
	Severity      string    `json:"severity"`
	Published     time.Time `json:"published,omitzero"`
	Resources     int64     `json:"resources"`
}

// SummaryWaiting is what is still to be done.
type SummaryWaiting struct {
	Jobs  int64 `json:"jobs"`
	Scans int64 `json:"scans"` // of the jobs
}

// How much of each a summary has.
const (
	summaryDays     = 90
	summaryRemedies = 10
	summaryTop      = 5
	summaryNewest   = 10
	summaryAtOnce   = 4 // queries
)

// summary returns what the first page of the dashboard shows.
func (s *server) summary(ctx context.Context, r request) (any, error) {
	scope := r.caller.Scope
	known, release := s.library.lend()
	defer release()
	h := known.Header()
	out := Summary{
		AsOf: r.now.UTC(), Advisories: StatusAdvisories{Built: h.Built, Digest: h.Digest, Starter: h.Starter, Advisories: h.Advisories},
	}
	together, ctx := errgroup.WithContext(ctx)
	together.SetLimit(summaryAtOnce)
	together.Go(func() error { return s.summarizeRemedies(ctx, scope, r, &out) })
	together.Go(func() error { return s.summarizeFindings(ctx, scope, &out) })
	together.Go(func() error { return s.summarizeCoverage(ctx, scope, &out) })
	together.Go(func() error { return s.summarizeTrend(ctx, scope, r.now, &out) })
	for _, t := range []struct {
		kind string
		to   *[]SummaryHolder
	}{
		{"ACCOUNT", &out.Top.Accounts},
		{"CONTAINER_IMAGE", &out.Top.Images},
		{"REPOSITORY", &out.Top.Repositories},
		{"VM_INSTANCE", &out.Top.Hosts},
		{"SERVERLESS_FUNCTION", &out.Top.Functions},
	} {
		together.Go(func() (err error) {
			*t.to, err = s.holders(ctx, scope, t.kind, r)
			return err
		})
	}
	together.Go(func() error { return s.summarizeRest(ctx, scope, &out) })
	return out, together.Wait()
}

func (s *server) summarizeFindings(ctx context.Context, scope org.Scope, out *Summary) error {
	c, err := s.store.CountFindings(ctx, scope, filter.Criteria{"findingStatus": filter.Text(filter.Equals, string(store.Active))})
	if err != nil {
		return err
	}
	types, exploitable, err := s.store.ActiveByType(ctx, scope)
	if err != nil {
		return err
	}
	out.Findings = SummaryFindings{severityCounts(c), map[string]SummaryCounts{}}
	for _, t := range types[1:] {
		out.Findings.ByType[t.Type] = SummaryCounts{t.Critical, t.High, t.Medium, t.All}
	}
	out.Fixable.Total, out.Exploitable = types[0].Fix, exploitable
	return nil
}

func (s *server) summarizeCoverage(ctx context.Context, scope org.Scope, out *Summary) error {
	list, err := s.store.CoverageByType(ctx, scope)
	out.Coverage = make([]SummaryCoverage, 0, len(list))
	for _, c := range list {
		out.Coverage = append(out.Coverage, summaryCoverage(c))
	}
	return err
}

func summaryCoverage(c store.TypeCoverage) SummaryCoverage {
	out := SummaryCoverage{Type: string(c.Type), Total: c.Total, Scanned: c.Scanned, Reasons: []SummaryReason{}}
	for _, g := range c.Reasons {
		out.Reasons = append(out.Reasons, SummaryReason{g.Value, g.Count})
	}
	return out
}

func (s *server) summarizeTrend(ctx context.Context, scope org.Scope, now time.Time, out *Summary) error {
	list, err := s.store.Trends(ctx, scope, summaryDays, now)
	out.Trend = make([]SummaryDay, 0, len(list))
	for _, t := range list {
		out.Trend = append(out.Trend, SummaryDay{
			t.Day.Format(time.DateOnly), SummaryCounts{t.Critical, t.High, t.Medium, t.All}, t.Opened, t.Closed,
		})
	}
	return err
}

// summarizeRemedies looks for the packages that have the most critical findings of
// those whose upgrade closes some.
func (s *server) summarizeRemedies(ctx context.Context, scope org.Scope, r request, out *Summary) error {
	rows, _, err := s.store.Aggregate(ctx, scope, store.Aggregation{
		Type: "PACKAGE", Sort: "CRITICAL", Size: 2 * summaryRemedies, Caller: r.caller.Account.String(), Now: r.now,
	})
	if err != nil {
		return err
	}
	// A package may have findings in several accounts.
	at := map[string]int{}
	out.Remediations = []SummaryRemedy{}
	for _, row := range rows {
		i, ok := at[row.Name]
		if !ok {
			i = len(out.Remediations)
			at[row.Name] = i
			out.Remediations = append(out.Remediations, SummaryRemedy{Package: row.Name})
		}
		one := &out.Remediations[i]
		one.Findings, one.Critical = one.Findings+row.All, one.Critical+row.Critical
	}
	var together errgroup.Group
	together.SetLimit(summaryAtOnce)
	for i := range out.Remediations {
		one := &out.Remediations[i]
		together.Go(func() error {
			m, err := s.store.Remedy(ctx, scope, one.Package)
			one.Type, one.UpgradeTo, one.Command, one.Resources, one.More = m.Type, m.Version, m.Command, m.Resources, m.More
			return err
		})
	}
	err = together.Wait()
	out.Remediations = slices.DeleteFunc(out.Remediations, func(r SummaryRemedy) bool { return r.UpgradeTo == "" })
	out.Remediations = out.Remediations[:min(len(out.Remediations), summaryRemedies)]
	return err
}

// holders returns what of a type has the most critical findings.
func (s *server) holders(ctx context.Context, scope org.Scope, kind string, r request) ([]SummaryHolder, error) {
	rows, _, err := s.store.Aggregate(ctx, scope, store.Aggregation{
		Type: kind, Sort: "CRITICAL", Size: summaryTop, Caller: r.caller.Account.String(), Now: r.now,
	})
	out := make([]SummaryHolder, 0, len(rows))
	for _, row := range rows {
		one := SummaryHolder{ID: row.Name, Name: row.Name, Account: row.Account.String(), Critical: row.Critical, High: row.High, Total: row.All}
		switch res := row.Resource; {
		case kind == "ACCOUNT":
			one.ID, one.Name = one.Account, s.views.accountName(ctx, row.Account)
		case res != nil:
			one.ID, one.Name = res.ID, nameOf(res.Name, res.Image.Repository, res.Tags, res.Function.Name, res.ID)
		}
		out = append(out, one)
	}
	return out, err
}

// nameOf returns what people call a resource: its own name, the repository and tag
// of an image, the name of a function, or its id.
func nameOf(name, repository string, tags []string, function, id string) string {
	switch {
	case name != "":
		return name
	case repository != "" && len(tags) > 0:
		return repository + ":" + tags[0]
	case repository != "":
		return repository
	case function != "":
		return function
	}
	return id
}

// accountName returns the name of an account; empty if it cannot be told.
func (p *views) accountName(ctx context.Context, id org.Account) string {
	a, err := p.server.store.Account(ctx, id)
	if err != nil {
		return ""
	}
	return a.Name
}

// summarizeRest fills in accounts, the newest vulnerabilities and what waits.
func (s *server) summarizeRest(ctx context.Context, scope org.Scope, out *Summary) (err error) {
	if out.Accounts.Total, out.Accounts.Active, err = s.store.ActiveAccounts(ctx, scope); err != nil {
		return err
	}
	hits, err := s.store.NewestHits(ctx, scope, summaryNewest)
	if err != nil {
		return err
	}
	out.Newest = make([]SummaryAdvisory, 0, len(hits))
	for _, h := range hits {
		out.Newest = append(out.Newest, SummaryAdvisory{h.Vulnerability, h.Title, h.Severity, h.Published, h.Findings})
	}
	jobs, err := s.store.WaitingJobs(ctx, scope)
	for kind, n := range jobs {
		out.Waiting.Jobs += n
		if strings.HasPrefix(kind, "scan_") {
			out.Waiting.Scans += n
		}
	}
	return err
}
