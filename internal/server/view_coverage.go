package server

import (
	"context"
	"encoding/json"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/api/inspector2"
	v2 "github.com/assay-project/assay/internal/api/v2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// CoverageView is a page of resources with how many there are, and what else
// their page shows.
type CoverageView struct {
	Covered   []json.RawMessage `json:"coveredResources"` // as ListCoverage has them
	NextToken string            `json:"nextToken,omitempty"`
	Total     int64             `json:"total"`
	Types     []CoverageOfType  `json:"types,omitempty"`   // of all resources, whatever the filter; absent: the caller may not ask for the summary
	Reasons   []monitor.Reason  `json:"reasons,omitempty"` // that the resources have; absent: the caller may not ask for them
}

// CoverageOfType is how many resources of a type are scanned for packages. Images
// are two types: those of a watched registry, and those that were handed in.
type CoverageOfType struct {
	SummaryCoverage
	Images string `json:"images,omitempty"` // "watched" or "handed-in"
}

// Where images come from, as the query of a coverage view and its answer have it.
const (
	imagesWatched  = "watched"
	imagesHandedIn = "handed-in"
)

// coverageView returns a page of resources, how many fit, and the coverage of
// each type.
func (s *server) coverageView(ctx context.Context, r request) (any, error) {
	list := s.views.lists().coverage
	in, err := list.request(r)
	if err != nil {
		return nil, err
	}
	images := r.URL.Query().Get("images")
	if images != "" && images != imagesWatched && images != imagesHandedIn {
		return nil, fault.OnField("images", "must be %s or %s", imagesWatched, imagesHandedIn)
	}
	watched, err := s.watchedHosts(ctx, r)
	if err != nil {
		return nil, err
	}
	var out CoverageView
	together, ctx := errgroup.WithContext(ctx)
	together.Go(func() (err error) {
		out.Types, err = s.coverageTypes(ctx, r, watched)
		return err
	})
	together.Go(func() (err error) {
		if images == "" {
			return s.listCovered(ctx, in, &out)
		}
		return s.listImages(ctx, r, store.ImageOrigin{Watched: watched, HandedIn: images == imagesHandedIn}, in, &out)
	})
	if err := together.Wait(); err != nil {
		return nil, err
	}
	if !r.caller.Role.Allows("assay:GetCoverageReasons") {
		out.Reasons = nil
	}
	return out, nil
}

// listCovered lists and counts what fits, as the operations of Amazon's do.
func (s *server) listCovered(ctx context.Context, in *inspector2.ListCoverageRequest, out *CoverageView) error {
	lists := s.views.lists()
	together, ctx := errgroup.WithContext(ctx)
	together.Go(func() error {
		all, err := lists.all.ListCoverageStatistics(ctx, &inspector2.ListCoverageStatisticsRequest{FilterCriteria: in.FilterCriteria})
		if err == nil {
			out.Total = all.TotalCounts
		}
		return err
	})
	together.Go(func() error {
		page, err := lists.coverage.do(ctx, in)
		if err != nil {
			return err
		}
		out.NextToken = page.NextToken
		return s.show(page.CoveredResources, out)
	})
	return together.Wait()
}

// listImages does so with the images of an origin.
func (s *server) listImages(ctx context.Context, r request, of store.ImageOrigin, in *inspector2.ListCoverageRequest, out *CoverageView) error {
	where, err := v2.CoverageCriteria(in.FilterCriteria)
	if err != nil {
		return err
	}
	page := store.Page{Size: defaultCovered, After: in.NextToken, Caller: r.caller.Account.String(), Now: r.now}
	if in.MaxResults != nil {
		page.Size = int(*in.MaxResults)
	}
	together, ctx := errgroup.WithContext(ctx)
	together.Go(func() (err error) {
		out.Total, err = s.store.CountImageCoverage(ctx, r.caller.Scope, of, where)
		return err
	})
	together.Go(func() error {
		found, next, err := s.store.ImageCoverage(ctx, r.caller.Scope, of, where, page)
		if err != nil {
			return err
		}
		list := make([]inspector2.CoveredResource, len(found))
		for i, c := range found {
			list[i] = v2.CoveredResource(c)
		}
		out.NextToken = next
		return s.show(list, out)
	})
	return together.Wait()
}

// defaultCovered is how many resources a page has if nobody says so.
const defaultCovered = 100

// show writes resources into a view, with what their reasons mean.
func (s *server) show(list []inspector2.CoveredResource, out *CoverageView) (err error) {
	known := map[string]bool{}
	for _, c := range list {
		if c.ScanStatus != nil {
			known[string(c.ScanStatus.Reason)] = true
		}
	}
	for _, reason := range monitor.Reasons() {
		if known[reason.Name] {
			out.Reasons = append(out.Reasons, reason)
		}
	}
	out.Covered, err = s.views.lists().coverage.items(list)
	return err
}

// coverageTypes returns the coverage of each type, if the caller may ask for the
// summary.
func (s *server) coverageTypes(ctx context.Context, r request, watched store.Watched) ([]CoverageOfType, error) {
	if !r.caller.Role.Allows("assay:GetSummary") {
		return nil, nil
	}
	list, err := s.store.CoverageByType(ctx, r.caller.Scope)
	if err != nil {
		return nil, err
	}
	out := []CoverageOfType{}
	for _, c := range list {
		if c.Type != resource.Image {
			out = append(out, CoverageOfType{summaryCoverage(c), ""})
			continue
		}
		handedIn := c // if nothing is watched, all are
		if len(watched) > 0 {
			if handedIn, err = s.store.ImagesHandedIn(ctx, r.caller.Scope, watched); err != nil {
				return nil, err
			}
		}
		out = append(out, CoverageOfType{summaryCoverage(without(c, handedIn)), imagesWatched}, CoverageOfType{summaryCoverage(handedIn), imagesHandedIn})
	}
	return out, nil
}

// without takes a part of the resources of a type away. What has changed between
// the two counts makes nothing less than none.
func without(c, part store.TypeCoverage) store.TypeCoverage {
	out := store.TypeCoverage{Type: c.Type, Total: max(0, c.Total-part.Total), Scanned: max(0, c.Scanned-part.Scanned)}
	for _, g := range c.Reasons {
		if i := slices.IndexFunc(part.Reasons, func(p store.Group) bool { return p.Value == g.Value }); i >= 0 {
			g.Count -= part.Reasons[i].Count
		}
		if g.Count > 0 {
			out.Reasons = append(out.Reasons, g)
		}
	}
	return out
}

// watchedHosts returns the registries that are watched in the accounts that the
// caller sees, by the names that images have them by.
func (s *server) watchedHosts(ctx context.Context, r request) (store.Watched, error) {
	list, err := s.store.Objects(ctx, r.caller.Scope, store.Objects{Kind: registryKind})
	if err != nil {
		return nil, err
	}
	out := store.Watched{}
	for _, o := range list {
		var doc registryDoc
		if err := o.Decode(&doc); err != nil {
			return nil, err
		}
		host := s.registries.place(watched{registryDoc: doc}, "").Registry
		if !slices.Contains(out[o.Account], host) {
			out[o.Account] = append(out[o.Account], host)
		}
	}
	return out, nil
}
