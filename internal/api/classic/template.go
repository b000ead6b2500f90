package classic

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/store"
)

// maxTemplates is how many templates an account may have.
// Source: Inspector Classic user guide, "Service quotas".
const maxTemplates = 500

// A template says how a target is assessed. It cannot be changed.
type template struct {
	Name       string                `json:"name"`
	Target     string                `json:"target"`  // ARN
	Seconds    int32                 `json:"seconds"` // that data is collected
	Packages   []string              `json:"packages"`
	Attributes []inspector.Attribute `json:"attributes"` // that findings are given
}

func (o Operations) createTemplate(
	ctx context.Context, in *inspector.CreateAssessmentTemplateRequest,
) (*inspector.CreateAssessmentTemplateResponse, error) {
	for i, arn := range in.RulesPackageARNs {
		if _, err := o.rulesPackage(arn); err != nil {
			return nil, err
		}
		if slices.Contains(in.RulesPackageARNs[:i], arn) {
			return nil, refuse(packageKind.invalid, "The rules package %s is there twice.", arn)
		}
	}
	if err := checkAttributes(in.UserAttributesForFindings); err != nil {
		return nil, err
	}
	var arn string
	err := o.change(ctx, func(tx *store.Tx) error {
		if _, err := find[target](ctx, tx, targetKind, in.AssessmentTargetARN); err != nil {
			return err
		}
		present, err := all[template](ctx, tx, templateKind.object, "")
		if err != nil {
			return err
		}
		// A name is one of its target.
		// Source: Inspector Classic API Reference, assessmentTemplateName.
		if slices.ContainsFunc(present, func(h api.Held[template]) bool {
			return h.Value.Name == in.AssessmentTemplateName && h.Value.Target == in.AssessmentTargetARN
		}) {
			return refuse(inspector.InvalidInputErrorCodeAssessmentTemplateNameAlreadyTaken,
				"The target has a template of the name %s already.", in.AssessmentTemplateName)
		}
		if len(present) >= maxTemplates {
			return full(inspector.LimitExceededErrorCodeAssessmentTemplateLimitExceeded, maxTemplates, "assessment templates")
		}
		arn, err = add(ctx, o, tx, templateKind, in.AssessmentTargetARN+"/template/", template{
			Name: in.AssessmentTemplateName, Target: in.AssessmentTargetARN, Seconds: in.DurationInSeconds,
			Packages: in.RulesPackageARNs, Attributes: in.UserAttributesForFindings,
		})
		return err
	})
	return &inspector.CreateAssessmentTemplateResponse{AssessmentTemplateARN: arn}, err
}

// checkAttributes refuses attributes of which two have the same key.
func checkAttributes(list []inspector.Attribute) error {
	seen := map[string]bool{}
	for _, a := range list {
		if seen[a.Key] {
			return refuse(inspector.InvalidInputErrorCodeInvalidUserAttributeKey, "The attribute %s is there twice.", a.Key)
		}
		seen[a.Key] = true
	}
	return nil
}

// deleteTemplate deletes a template with its runs.
// Source: Inspector Classic user guide, "Deleting an assessment template".
func (o Operations) deleteTemplate(ctx context.Context, in *inspector.DeleteAssessmentTemplateRequest) (*wire.None, error) {
	return &wire.None{}, o.change(ctx, func(tx *store.Tx) error {
		h, err := find[template](ctx, tx, templateKind, in.AssessmentTemplateARN)
		if err != nil {
			return err
		}
		return dropTemplates(ctx, tx, []api.Held[template]{h})
	})
}

// dropTemplates removes templates and everything that belongs to them, unless
// one of their runs is in progress.
func dropTemplates(ctx context.Context, tx *store.Tx, list []api.Held[template]) error {
	var drop []store.Object
	var running []string
	for _, h := range list {
		runs, err := all[run](ctx, tx, runKind.object, h.ID)
		if err != nil {
			return err
		}
		for _, r := range runs {
			if !ended(r.Value.State) {
				running = append(running, r.ARN)
			}
			drop = append(drop, r.Object)
		}
		for _, kind := range []string{previewObject, subscriptionObject} {
			more, err := tx.Objects(ctx, own(ctx), store.Objects{Kind: kind, Parent: h.ID})
			if err != nil {
				return err
			}
			drop = append(drop, more...)
		}
		drop = append(drop, h.Object)
	}
	if len(running) > 0 {
		return inProgress(running)
	}
	for _, h := range list {
		if err := tx.SetTags(ctx, h.Account, h.ARN, nil); err != nil {
			return err
		}
	}
	for _, object := range drop {
		if err := tx.Delete(ctx, own(ctx), object.Kind, object.ID); err != nil {
			return err
		}
	}
	return nil
}

func (o Operations) listTemplates(
	ctx context.Context, in *inspector.ListAssessmentTemplatesRequest,
) (*inspector.ListAssessmentTemplatesResponse, error) {
	f := or(in.Filter)
	lasts, err := lasting(f.DurationRange, inspector.InvalidInputErrorCodeInvalidAssessmentTemplateDurationRange)
	if err != nil {
		return nil, err
	}
	targets, err := parents[target](ctx, o, targetKind, in.AssessmentTargetARNs)
	if err != nil {
		return nil, err
	}
	p := page{
		operation: "ListAssessmentTemplates", asked: []any{in.AssessmentTargetARNs, f},
		token: in.NextToken, size: in.MaxResults, most: maxARNs,
	}
	rows, next, err := list(ctx, o, templateKind.object, targets, p, func(h api.Held[template]) bool {
		return named(f.NamePattern, h.Value.Name) && lasts(h.Value.Seconds) && hasAll(h.Value.Packages, f.RulesPackageARNs)
	})
	return &inspector.ListAssessmentTemplatesResponse{AssessmentTemplateARNs: arns(rows), NextToken: next}, err
}

func (o Operations) describeTemplates(
	ctx context.Context, in *inspector.DescribeAssessmentTemplatesRequest,
) (*inspector.DescribeAssessmentTemplatesResponse, error) {
	list, failed, err := describe(in.AssessmentTemplateARNs, func(arn string) (inspector.AssessmentTemplate, error) {
		h, err := find[template](ctx, o.Store, templateKind, arn)
		if err != nil {
			return inspector.AssessmentTemplate{}, err
		}
		runs, err := o.Store.Objects(ctx, own(ctx), store.Objects{Kind: runKind.object, Parent: h.ID})
		if err != nil {
			return inspector.AssessmentTemplate{}, err
		}
		t := inspector.AssessmentTemplate{
			ARN: h.ARN, Name: h.Value.Name, AssessmentTargetARN: h.Value.Target, DurationInSeconds: h.Value.Seconds,
			RulesPackageARNs: h.Value.Packages, UserAttributesForFindings: h.Value.Attributes,
			AssessmentRunCount: int32(len(runs)), CreatedAt: h.Created, //nolint:gosec // at most maxRuns
		}
		if len(runs) > 0 { // they are in the order of their making
			t.LastAssessmentRunARN = h.ARN + "/run/" + runs[len(runs)-1].ID
		}
		return t, nil
	})
	return &inspector.DescribeAssessmentTemplatesResponse{AssessmentTemplates: list, FailedItems: failed}, err
}

// setTags replaces all tags of a template.
func (o Operations) setTags(ctx context.Context, in *inspector.SetTagsForResourceRequest) (*wire.None, error) {
	tags := map[string]string{}
	for _, tag := range in.Tags {
		_, twice := tags[tag.Key]
		if twice || strings.HasPrefix(strings.ToLower(tag.Key), "aws:") || strings.Contains(tag.Key, "\x00") {
			return nil, refuse(inspector.InvalidInputErrorCodeInvalidTagKey,
				"The tag key %q is there twice, begins with aws: or has a character that cannot be kept.", tag.Key)
		}
		if strings.Contains(tag.Value, "\x00") {
			return nil, refuse(inspector.InvalidInputErrorCodeInvalidTagValue, "The tag %s has a value that cannot be kept.", tag.Key)
		}
		tags[tag.Key] = tag.Value
	}
	return &wire.None{}, o.change(ctx, func(tx *store.Tx) error {
		h, err := find[template](ctx, tx, resourceKind, in.ResourceARN)
		if err != nil {
			return err
		}
		return tx.SetTags(ctx, h.Account, h.ARN, tags)
	})
}

func (o Operations) listTags(ctx context.Context, in *inspector.ListTagsForResourceRequest) (*inspector.ListTagsForResourceResponse, error) {
	h, err := find[template](ctx, o.Store, resourceKind, in.ResourceARN)
	if err != nil {
		return nil, err
	}
	tags, err := o.Store.Tags(ctx, own(ctx), h.ARN)
	if err != nil {
		return nil, err
	}
	out := &inspector.ListTagsForResourceResponse{Tags: []inspector.Tag{}}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out.Tags = append(out.Tags, inspector.Tag{Key: key, Value: tags[key]})
	}
	return out, nil
}
