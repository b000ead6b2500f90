package v2

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// ruleHandlers are the operations on saved filters and on tags.
func (o Operations) ruleHandlers(h *inspector2.Handlers) {
	h.CreateFilter = o.createFilter
	h.UpdateFilter = o.updateFilter
	h.DeleteFilter = o.deleteFilter
	h.ListFilters = o.listFilters
	h.TagResource = o.tagResource
	h.UntagResource = o.untagResource
	h.ListTagsForResource = o.listTags
}

// How many findings a call changes, and how long it takes for it, before it is
// answered. A job does the rest.
const (
	applyAtOnce = 20_000
	applyFor    = 20 * time.Second
)

// maxFilters is how many filters a page has at most.
// Source: Amazon Inspector API, ListFilters, maxResults.
const maxFilters = 100

// filterScope returns the scope of the caller's own account. Filters belong to one
// account: an administrator neither sees nor changes those that its members
// have saved.
func filterScope(c api.Caller) org.Scope { return c.Scope.Narrow(c.Account) }

// createFilter saves criteria. A name that the account has already is a
// BadRequestException, since the operation declares no conflict.
func (o Operations) createFilter(ctx context.Context, in *inspector2.CreateFilterRequest) (*inspector2.CreateFilterResponse, error) {
	caller, now := api.CallerOf(ctx), o.Now()
	where, err := criteria("filterCriteria", &in.FilterCriteria)
	if err != nil {
		return nil, err
	}
	if err := mayTag(in.Tags); err != nil {
		return nil, err
	}
	var f store.SavedFilter
	err = o.Store.Update(ctx, func(tx *store.Tx) error {
		f, err = tx.CreateFilter(ctx, filterScope(caller), o.Region, store.SavedFilter{
			Account: caller.Account, Name: in.Name, Action: store.FilterAction(in.Action), Criteria: where,
			Description: in.Description, Reason: in.Reason, Tags: in.Tags,
		}, now)
		if err != nil {
			return err
		}
		return o.tell(ctx, tx, filterCall{"CreateFilter", "rule.created", f.ARN, in, &inspector2.CreateFilterResponse{ARN: f.ARN}})
	})
	if fault.KindOf(err) == fault.Conflict {
		return nil, &inspector2.BadRequestException{Message: err.Error()}
	}
	if err != nil {
		return nil, err
	}
	o.applyFilter(ctx, f, now)
	return &inspector2.CreateFilterResponse{ARN: f.ARN}, nil
}

// updateFilter changes what the request names. A name that another filter has
// is a ValidationException here, for the same reason.
func (o Operations) updateFilter(ctx context.Context, in *inspector2.UpdateFilterRequest) (*inspector2.UpdateFilterResponse, error) {
	caller, now := api.CallerOf(ctx), o.Now()
	change := store.FilterChange{
		Name: in.Name, Action: store.FilterAction(in.Action), Description: in.Description, Reason: in.Reason,
	}
	if in.FilterCriteria != nil {
		var err error
		if change.Criteria, err = criteria("filterCriteria", in.FilterCriteria); err != nil {
			return nil, err
		}
	}
	var f store.SavedFilter
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		var err error
		if f, err = tx.UpdateFilter(ctx, filterScope(caller), in.FilterARN, change, now); err != nil {
			return err
		}
		return o.tell(ctx, tx, filterCall{"UpdateFilter", "rule.updated", f.ARN, in, &inspector2.UpdateFilterResponse{ARN: f.ARN}})
	})
	if err != nil {
		return nil, err
	}
	o.applyFilter(ctx, f, now)
	return &inspector2.UpdateFilterResponse{ARN: f.ARN}, nil
}

// deleteFilter removes a filter; its findings are ACTIVE again unless another
// rule holds.
func (o Operations) deleteFilter(ctx context.Context, in *inspector2.DeleteFilterRequest) (*inspector2.DeleteFilterResponse, error) {
	caller, now := api.CallerOf(ctx), o.Now()
	var f store.SavedFilter
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		var err error
		if f, err = tx.DeleteFilter(ctx, filterScope(caller), in.ARN, now); err != nil {
			return err
		}
		return o.tell(ctx, tx, filterCall{"DeleteFilter", "rule.deleted", f.ARN, in, &inspector2.DeleteFilterResponse{ARN: f.ARN}})
	})
	if err != nil {
		return nil, err
	}
	o.applyFilter(ctx, f, now)
	return &inspector2.DeleteFilterResponse{ARN: f.ARN}, nil
}

// applyFilter lets stored findings follow a change that has been committed. If
// that fails, it is not the caller's concern: the filter is as they wanted it,
// and the job that came with the change does the same work and reports what
// stands in the way.
func (o Operations) applyFilter(ctx context.Context, f store.SavedFilter, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, applyFor)
	defer cancel()
	_ = o.Store.ApplyRule(ctx, f, applyAtOnce, now)
}

// listFilters returns the caller's filters by ARN.
func (o Operations) listFilters(ctx context.Context, in *inspector2.ListFiltersRequest) (*inspector2.ListFiltersResponse, error) {
	caller, now, size := api.CallerOf(ctx), o.Now(), maxFilters
	if in.MaxResults != nil {
		size = int(*in.MaxResults)
	}
	query := filter.Query{Operation: "ListFilters", Caller: caller.Account.String(), Sort: string(in.Action)}
	where := store.SavedFilters{Action: store.FilterAction(in.Action), Limit: size + 1}
	if len(in.ARNs) > 0 {
		where.ARNs = slices.Clone(in.ARNs)
		slices.Sort(where.ARNs)
		where.ARNs = slices.Compact(where.ARNs)
		query.Sort += fmt.Sprintf("%q", where.ARNs)
	}
	if in.NextToken != "" {
		var err error
		if where.After, err = filter.Open[string](o.Store.Sealer(), query, in.NextToken, now); err != nil {
			return nil, fault.OnField("nextToken", "%v", err)
		}
	}
	list, err := o.Store.SavedFilters(ctx, filterScope(caller), where)
	if err != nil {
		return nil, err
	}
	out := &inspector2.ListFiltersResponse{Filters: []inspector2.Filter{}}
	if len(list) > size {
		list = list[:size]
		if out.NextToken, err = filter.Seal(o.Store.Sealer(), query, list[size-1].ARN, now); err != nil {
			return nil, err
		}
	}
	for _, f := range list {
		shown, err := shownFilter(f)
		if err != nil {
			return nil, err
		}
		out.Filters = append(out.Filters, shown)
	}
	return out, nil
}

// shownFilter returns a filter as the API shows it.
func shownFilter(f store.SavedFilter) (inspector2.Filter, error) {
	where, err := criteriaOf[inspector2.FilterCriteria](f.Criteria)
	return inspector2.Filter{
		ARN: f.ARN, OwnerID: f.Owner(), Name: f.Name, Criteria: where, Action: inspector2.FilterAction(f.Action),
		CreatedAt: f.Created, UpdatedAt: f.Updated, Description: f.Description, Reason: f.Reason, Tags: f.Tags,
	}, err
}
