package classic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/store"
)

// Sizes of pages. Callers may ask for 500, but the lists of most answers end at
// 100.
// Source: Inspector Classic API Reference, maxResults; API model,
// ListReturnedArnList.
const (
	usualPage = 10
	maxARNs   = 100
)

// A page is what a request says of the part of a list that it wants.
type page struct {
	operation string
	asked     any // filters: a token holds for the same only
	token     string
	size      *int32 // nil: usual
	usual     int    // 0: usualPage
	most      int
}

// rows returns how many the caller wants at most.
func (p page) rows() (int, error) {
	switch {
	case p.size == nil && p.usual == 0:
		return usualPage, nil
	case p.size == nil:
		return p.usual, nil
	case *p.size < 1:
		return 0, refuse(inspector.InvalidInputErrorCodeInvalidMaxResults, "maxResults is %d; it must be at least 1.", *p.size)
	}
	return min(p.most, int(*p.size)), nil
}

// query returns what tokens of the list are bound to.
func (p page) query(ctx context.Context) (filter.Query, error) {
	asked, err := json.Marshal(p.asked)
	if err != nil {
		return filter.Query{}, fmt.Errorf("encoding a request: %w", err)
	}
	return filter.Query{
		Operation: "inspector:" + p.operation, Caller: api.CallerOf(ctx).Account.String(), Sort: string(asked),
	}, nil
}

// turn returns the size of a page, the place after which it begins, the zero
// place for the first one, and what the token of the next is bound to.
func turn[P any](ctx context.Context, o Operations, p page) (size int, after P, query filter.Query, err error) {
	if size, err = p.rows(); err != nil {
		return 0, after, query, err
	}
	if query, err = p.query(ctx); err != nil || p.token == "" {
		return size, after, query, err
	}
	after, err = filter.Open[P](o.Store.Sealer(), query, p.token, o.Now())
	if errors.Is(err, filter.ErrToken) {
		err = refuse(inspector.InvalidInputErrorCodeInvalidPaginationToken, "nextToken does not belong to this request or is too old.")
	}
	return size, after, query, err
}

// cut returns a page of a list that does not change, and the token of the next;
// empty after the last.
func cut[T any](ctx context.Context, o Operations, p page, all []T) (rows []T, next string, err error) {
	size, after, query, err := turn[int](ctx, o, p)
	if err != nil {
		return nil, "", err
	}
	rows = append([]T{}, all[min(after, len(all)):]...)
	if len(rows) <= size {
		return rows, "", nil
	}
	next, err = filter.Seal(o.Store.Sealer(), query, after+size, o.Now())
	return rows[:size], next, err
}

// list returns a page of the caller's objects of a kind that fit, in the order
// of their making, and the token of the next. Those of some parents only, if any
// is named.
func list[D any](ctx context.Context, o Operations, object string, parents []string, p page, fits func(api.Held[D]) bool) (
	rows []api.Held[D], next string, err error,
) {
	const chunk = 1000 // objects read at once
	size, after, query, err := turn[string](ctx, o, p)
	if err != nil {
		return nil, "", err
	}
	where := store.Objects{Kind: object, After: after, Limit: chunk}
	if len(parents) == 1 {
		where.Parent = parents[0]
	}
	for {
		objects, err := o.Store.Objects(ctx, own(ctx), where)
		if err != nil {
			return nil, "", err
		}
		for _, object := range objects {
			h, err := api.ReadHeld[D](object)
			if err != nil {
				return nil, "", err
			}
			if len(parents) > 0 && !slices.Contains(parents, h.Parent) || !fits(h) {
				continue
			}
			if len(rows) == size { // there is one more
				next, err = filter.Seal(o.Store.Sealer(), query, rows[size-1].Position(), o.Now())
				return rows, next, err
			}
			rows = append(rows, h)
		}
		if len(objects) < chunk {
			return rows, "", nil
		}
		where.After = objects[chunk-1].Position()
	}
}

// arns returns the ARNs of objects.
func arns[D any](list []api.Held[D]) []string {
	out := make([]string, len(list))
	for i, h := range list {
		out[i] = h.ARN
	}
	return out
}

// parents checks ARNs that a list is narrowed to, and returns the ids of their
// objects.
func parents[D any](ctx context.Context, o Operations, k kind, arns []string) ([]string, error) {
	var out []string
	for _, arn := range arns {
		h, err := find[D](ctx, o.Store, k, arn)
		if err != nil {
			return nil, err
		}
		out = append(out, h.ID)
	}
	return out, nil
}

// or returns what a pointer leads to; the zero value for nil.
func or[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}

// named tells whether a name satisfies a pattern, in which a star stands for any
// text; an empty pattern is always satisfied.
// Source: Inspector Classic API Reference, AssessmentTemplateFilter.namePattern,
// which speaks of a wildcard and does not say which.
func named(pattern, name string) bool {
	return pattern == "" || filter.Fits(pattern, name)
}

// lasting returns a test for durations in the range.
func lasting(r *inspector.DurationRange, code inspector.InvalidInputErrorCode) (func(seconds int32) bool, error) {
	d := or(r)
	if d.MinSeconds != nil && d.MaxSeconds != nil && *d.MinSeconds > *d.MaxSeconds {
		return nil, refuse(code, "The range of durations begins after its end.")
	}
	return func(s int32) bool {
		return (d.MinSeconds == nil || s >= *d.MinSeconds) && (d.MaxSeconds == nil || s <= *d.MaxSeconds)
	}, nil
}

// within returns a test for times in the range. What has not happened is in no
// range that has a bound.
func within(r *inspector.TimestampRange, code inspector.InvalidInputErrorCode) (func(at time.Time) bool, error) {
	t := or(r)
	if !t.BeginDate.IsZero() && !t.EndDate.IsZero() && t.BeginDate.After(t.EndDate) {
		return nil, refuse(code, "The range of times begins after its end.")
	}
	return func(at time.Time) bool {
		if t.BeginDate.IsZero() && t.EndDate.IsZero() {
			return true
		}
		return !at.IsZero() && !at.Before(t.BeginDate) && (t.EndDate.IsZero() || !at.After(t.EndDate))
	}, nil
}

// hasAll tells whether a list has every one that is wanted.
func hasAll(list, want []string) bool {
	return !slices.ContainsFunc(want, func(s string) bool { return !slices.Contains(list, s) })
}
