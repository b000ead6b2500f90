package classic

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

// Previews are kept so long, and so many of a template. Amazon does not say how
// long it keeps them.
const (
	previewLife = 24 * time.Hour
	maxPreviews = 10
)

// excluded returns what a run of the template would leave out, as things stand:
// everything, as rules are not evaluated, and once more everything if the target
// has no instance.
func (o Operations) excluded(ctx context.Context, arn string) ([]inspector.ExclusionPreview, error) {
	t, err := find[template](ctx, o.Store, templateKind, arn)
	if err != nil || len(t.Value.Packages) == 0 {
		return nil, err
	}
	none, err := o.empty(ctx, t.Value.Target)
	if err != nil {
		return nil, err
	}
	var scopes []inspector.Scope
	for _, p := range t.Value.Packages {
		scopes = append(scopes, inspector.Scope{Key: inspector.ScopeTypeRulesPackageArn, Value: p})
	}
	list := []inspector.ExclusionPreview{{
		Title: "Rules are not evaluated", Description: notEvaluated, Scopes: scopes,
		Recommendation: "Use the findings of the inspector2 API, which does not depend on assessment runs.",
	}}
	if none {
		list = append(list, inspector.ExclusionPreview{
			Title: "The assessment target has no instances", Scopes: scopes,
			Description:    "No instance that is known has one of the tags of the target's resource group; without a group, none is known at all.",
			Recommendation: "Give the instances one of these tags, or the target another resource group.",
		})
	}
	return list, nil
}

// empty tells whether a target has no instance.
func (o Operations) empty(ctx context.Context, arn string) (bool, error) {
	t, err := find[target](ctx, o.Store, targetKind, arn)
	if err != nil {
		return false, err
	}
	for after := ""; ; {
		rows, more, err := o.instances(ctx, t.Value, after, 1)
		if err != nil || len(rows) > 0 || more == "" {
			return len(rows) == 0, err
		}
		after = more
	}
}

// createPreview makes a preview at once, so that none is ever in progress.
func (o Operations) createPreview(
	ctx context.Context, in *inspector.CreateExclusionsPreviewRequest,
) (*inspector.CreateExclusionsPreviewResponse, error) {
	list, err := o.excluded(ctx, in.AssessmentTemplateARN)
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewRandom()
	if err != nil {
		return nil, err
	}
	err = o.change(ctx, func(tx *store.Tx) error {
		t, err := find[template](ctx, tx, templateKind, in.AssessmentTemplateARN)
		if err != nil {
			return err
		}
		if err := o.dropPreviews(ctx, tx, t.ID); err != nil {
			return err
		}
		object := o.object(ctx, previewObject, id.String(), t.ID)
		return api.Held[[]inspector.ExclusionPreview]{Object: object, ARN: t.ARN, Value: list}.Keep(ctx, tx)
	})
	return &inspector.CreateExclusionsPreviewResponse{PreviewToken: id.String()}, err
}

// dropPreviews removes old previews of a template, to make room for one.
func (o Operations) dropPreviews(ctx context.Context, tx *store.Tx, template string) error {
	present, err := tx.Objects(ctx, own(ctx), store.Objects{Kind: previewObject, Parent: template})
	if err != nil {
		return err
	}
	slices.SortStableFunc(present, func(a, b store.Object) int { return b.Created.Compare(a.Created) })
	for i, object := range present {
		if i+1 < maxPreviews && o.Now().Sub(object.Created) < previewLife {
			continue
		}
		if err := tx.Delete(ctx, own(ctx), previewObject, object.ID); err != nil {
			return err
		}
	}
	return nil
}

func (o Operations) preview(
	ctx context.Context, in *inspector.GetExclusionsPreviewRequest,
) (*inspector.GetExclusionsPreviewResponse, error) {
	t, err := find[template](ctx, o.Store, templateKind, in.AssessmentTemplateARN)
	if err != nil {
		return nil, err
	}
	object, err := o.Store.Object(ctx, own(ctx), previewObject, in.PreviewToken)
	if fault.KindOf(err) == fault.NotFound || err == nil && (object.Parent != t.ID || o.Now().Sub(object.Created) >= previewLife) {
		return nil, refuse(inspector.InvalidInputErrorCodeInvalidPaginationToken,
			"previewToken is none of this template, or is too old.") // the model has no code of its own
	}
	if err != nil {
		return nil, err
	}
	h, err := api.ReadHeld[[]inspector.ExclusionPreview](object)
	if err != nil {
		return nil, err
	}
	// Source: Inspector Classic API Reference, GetExclusionsPreview, maxResults.
	p := page{
		operation: "GetExclusionsPreview", asked: in.PreviewToken,
		token: in.NextToken, size: in.MaxResults, usual: maxARNs, most: maxARNs,
	}
	rows, next, err := cut(ctx, o, p, h.Value)
	return &inspector.GetExclusionsPreviewResponse{
		PreviewStatus: inspector.PreviewStatusCompleted, ExclusionPreviews: rows, NextToken: next,
	}, err
}

// exclusions returns those of a run, whose ids are their positions.
func exclusions(h api.Held[run]) []inspector.Exclusion {
	var out []inspector.Exclusion
	for i, e := range h.Value.Exclusions {
		out = append(out, inspector.Exclusion{
			ARN: h.ARN + "/exclusion/" + idOf(int64(i)), Title: e.Title, Description: e.Description,
			Recommendation: e.Recommendation, Scopes: e.Scopes, Attributes: e.Attributes,
		})
	}
	return out
}

func (o Operations) listExclusions(ctx context.Context, in *inspector.ListExclusionsRequest) (*inspector.ListExclusionsResponse, error) {
	h, err := find[run](ctx, o.Store, runKind, in.AssessmentRunARN)
	if err != nil {
		return nil, err
	}
	p := page{operation: "ListExclusions", asked: h.ARN, token: in.NextToken, size: in.MaxResults, most: maxARNs}
	rows, next, err := cut(ctx, o, p, exclusions(h))
	out := &inspector.ListExclusionsResponse{ExclusionARNs: []string{}, NextToken: next}
	for _, e := range rows {
		out.ExclusionARNs = append(out.ExclusionARNs, e.ARN)
	}
	return out, err
}

func (o Operations) describeExclusions(
	ctx context.Context, in *inspector.DescribeExclusionsRequest,
) (*inspector.DescribeExclusionsResponse, error) {
	list, failed, err := describe(in.ExclusionARNs, func(arn string) (inspector.Exclusion, error) {
		if err := exclusionKind.check(ctx, arn); err != nil {
			return inspector.Exclusion{}, err
		}
		of, _, _ := strings.Cut(arn, "/exclusion/")
		h, err := find[run](ctx, o.Store, runKind, of)
		if err != nil {
			return inspector.Exclusion{}, err
		}
		for _, e := range exclusions(h) {
			if e.ARN == arn {
				return e, nil
			}
		}
		return inspector.Exclusion{}, exclusionKind.none(arn)
	})
	out := &inspector.DescribeExclusionsResponse{Exclusions: map[string]inspector.Exclusion{}, FailedItems: failed}
	for _, e := range list {
		out.Exclusions[e.ARN] = e
	}
	return out, err
}
