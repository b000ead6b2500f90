package classic

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// Limits of an account. That of resource groups, which nothing can delete, is
// ours: Amazon does not say which it has.
// Source: Inspector Classic user guide, "Service quotas".
const (
	maxGroups  = 5000
	maxTargets = 50
)

// A group is the tags of a resource group: an instance that has one of them
// belongs to it.
type group struct {
	Tags []inspector.ResourceGroupTag `json:"tags"`
}

// A target is the instances that are assessed.
type target struct {
	Name  string `json:"name"`
	Group string `json:"group,omitempty"` // ARN of a resource group; empty: all instances of the account
}

func (o Operations) createGroup(ctx context.Context, in *inspector.CreateResourceGroupRequest) (*inspector.CreateResourceGroupResponse, error) {
	for i, tag := range in.ResourceGroupTags {
		if slices.Contains(in.ResourceGroupTags[:i], tag) {
			return nil, refuse(inspector.InvalidInputErrorCodeInvalidResourceGroupTagKey, "The tag %s is there twice.", tag.Key)
		}
	}
	var arn string
	err := o.change(ctx, func(tx *store.Tx) error {
		present, err := tx.Objects(ctx, own(ctx), store.Objects{Kind: groupKind.object, Limit: maxGroups})
		if err != nil {
			return err
		}
		if len(present) >= maxGroups {
			return full(inspector.LimitExceededErrorCodeResourceGroupLimitExceeded, maxGroups, "resource groups")
		}
		stem := o.arn(api.CallerOf(ctx).Account.String(), "resourcegroup/")
		arn, err = add(ctx, o, tx, groupKind, stem, group{in.ResourceGroupTags})
		return err
	})
	return &inspector.CreateResourceGroupResponse{ResourceGroupARN: arn}, err
}

func (o Operations) describeGroups(
	ctx context.Context, in *inspector.DescribeResourceGroupsRequest,
) (*inspector.DescribeResourceGroupsResponse, error) {
	list, failed, err := describe(in.ResourceGroupARNs, func(arn string) (inspector.ResourceGroup, error) {
		h, err := find[group](ctx, o.Store, groupKind, arn)
		return inspector.ResourceGroup{ARN: h.ARN, Tags: h.Value.Tags, CreatedAt: h.Created}, err
	})
	return &inspector.DescribeResourceGroupsResponse{ResourceGroups: list, FailedItems: failed}, err
}

// checkTarget refuses a target whose group is not there, or whose name another
// than the one of that ARN has. It returns how many there are.
func checkTarget(ctx context.Context, tx *store.Tx, t target, arn string) (int, error) {
	if t.Group != "" {
		if _, err := find[group](ctx, tx, groupKind, t.Group); err != nil {
			return 0, err
		}
	}
	present, err := all[target](ctx, tx, targetKind.object, "")
	if slices.ContainsFunc(present, func(h api.Held[target]) bool { return h.Value.Name == t.Name && h.ARN != arn }) {
		err = refuse(inspector.InvalidInputErrorCodeAssessmentTargetNameAlreadyTaken, "There is a target of the name %s already.", t.Name)
	}
	return len(present), err
}

func (o Operations) createTarget(
	ctx context.Context, in *inspector.CreateAssessmentTargetRequest,
) (*inspector.CreateAssessmentTargetResponse, error) {
	t := target{Name: in.AssessmentTargetName, Group: in.ResourceGroupARN}
	var arn string
	err := o.change(ctx, func(tx *store.Tx) error {
		n, err := checkTarget(ctx, tx, t, "")
		if err != nil {
			return err
		}
		if n >= maxTargets {
			return full(inspector.LimitExceededErrorCodeAssessmentTargetLimitExceeded, maxTargets, "assessment targets")
		}
		arn, err = add(ctx, o, tx, targetKind, o.arn(api.CallerOf(ctx).Account.String(), "target/"), t)
		return err
	})
	return &inspector.CreateAssessmentTargetResponse{AssessmentTargetARN: arn}, err
}

// updateTarget gives a target another name and group. Without a group it takes
// in all instances.
// Source: Inspector Classic API Reference, UpdateAssessmentTarget.
func (o Operations) updateTarget(ctx context.Context, in *inspector.UpdateAssessmentTargetRequest) (*wire.None, error) {
	return &wire.None{}, o.change(ctx, func(tx *store.Tx) error {
		h, err := find[target](ctx, tx, targetKind, in.AssessmentTargetARN)
		if err != nil {
			return err
		}
		h.Value = target{Name: in.AssessmentTargetName, Group: in.ResourceGroupARN}
		if _, err := checkTarget(ctx, tx, h.Value, h.ARN); err != nil {
			return err
		}
		h.Updated = o.Now()
		return h.Keep(ctx, tx)
	})
}

// deleteTarget deletes a target with its templates and their runs.
// Source: Inspector Classic user guide, "Deleting an assessment target".
func (o Operations) deleteTarget(ctx context.Context, in *inspector.DeleteAssessmentTargetRequest) (*wire.None, error) {
	return &wire.None{}, o.change(ctx, func(tx *store.Tx) error {
		h, err := find[target](ctx, tx, targetKind, in.AssessmentTargetARN)
		if err != nil {
			return err
		}
		templates, err := all[template](ctx, tx, templateKind.object, h.ID)
		if err != nil {
			return err
		}
		if err := dropTemplates(ctx, tx, templates); err != nil {
			return err
		}
		return tx.Delete(ctx, own(ctx), h.Kind, h.ID)
	})
}

func (o Operations) listTargets(
	ctx context.Context, in *inspector.ListAssessmentTargetsRequest,
) (*inspector.ListAssessmentTargetsResponse, error) {
	f := or(in.Filter)
	p := page{operation: "ListAssessmentTargets", asked: f, token: in.NextToken, size: in.MaxResults, most: maxARNs}
	rows, next, err := list(ctx, o, targetKind.object, nil, p, func(h api.Held[target]) bool {
		return named(f.AssessmentTargetNamePattern, h.Value.Name)
	})
	return &inspector.ListAssessmentTargetsResponse{AssessmentTargetARNs: arns(rows), NextToken: next}, err
}

func (o Operations) describeTargets(
	ctx context.Context, in *inspector.DescribeAssessmentTargetsRequest,
) (*inspector.DescribeAssessmentTargetsResponse, error) {
	list, failed, err := describe(in.AssessmentTargetARNs, func(arn string) (inspector.AssessmentTarget, error) {
		h, err := find[target](ctx, o.Store, targetKind, arn)
		return inspector.AssessmentTarget{
			ARN: h.ARN, Name: h.Value.Name, ResourceGroupARN: h.Value.Group, CreatedAt: h.Created, UpdatedAt: h.Updated,
		}, err
	})
	return &inspector.DescribeAssessmentTargetsResponse{AssessmentTargets: list, FailedItems: failed}, err
}

// instances returns instances of a target after a place that came with those
// before; as with store.Resources, none may come, and others all the same.
func (o Operations) instances(ctx context.Context, t target, after string, limit int) ([]resource.Resource, string, error) {
	where := filter.Criteria{"resourceType": filter.Text(filter.Equals, string(resource.Instance))}
	if t.Group != "" {
		g, err := find[group](ctx, o.Store, groupKind, t.Group)
		if err != nil {
			return nil, "", err
		}
		for _, tag := range g.Value.Tags {
			where["ec2InstanceTags"] = append(where["ec2InstanceTags"], filter.Condition{
				Comparison: filter.Equals, Key: tag.Key, Value: tag.Value, AnyValue: tag.Value == "",
			})
		}
	}
	return o.Store.Resources(ctx, own(ctx), where, after, limit)
}

// previewAgents lists the instances of a target. Whether an agent of Classic
// runs there is not known, as there are none.
func (o Operations) previewAgents(ctx context.Context, in *inspector.PreviewAgentsRequest) (*inspector.PreviewAgentsResponse, error) {
	h, err := find[target](ctx, o.Store, targetKind, in.PreviewAgentsARN)
	if err != nil {
		return nil, err
	}
	p := page{operation: "PreviewAgents", asked: h.ARN, token: in.NextToken, size: in.MaxResults, most: maxARNs}
	size, after, query, err := turn[string](ctx, o, p)
	if err != nil {
		return nil, err
	}
	rows, more, err := o.instances(ctx, h.Value, after, size)
	if err != nil {
		return nil, err
	}
	out := &inspector.PreviewAgentsResponse{AgentPreviews: []inspector.AgentPreview{}}
	for _, r := range rows {
		out.AgentPreviews = append(out.AgentPreviews, agent(r))
	}
	if more != "" {
		out.NextToken, err = filter.Seal(o.Store.Sealer(), query, more, o.Now())
	}
	return out, err
}

// agent is an instance as the API shows it.
func agent(r resource.Resource) inspector.AgentPreview {
	const maxName, maxID = 256, 128 // of the model
	a := inspector.AgentPreview{
		AgentID: first(r.ID, maxID), Hostname: first(r.Name, maxName), OperatingSystem: first(r.Platform, maxName),
		AgentHealth: inspector.AgentHealthUnknown,
		// Source: Amazon EC2 Auto Scaling user guide, "Tag lifecycle".
		AutoScalingGroup: first(r.Labels["aws:autoscaling:groupName"], maxName),
	}
	for _, text := range r.Host.IPv4 {
		if ip, err := netip.ParseAddr(text); err == nil && ip.Is4() {
			a.Ipv4Address = ip.String()
			break
		}
	}
	return a
}

// first returns the first n characters of a text.
func first(s string, n int) string {
	if r := []rune(strings.ToValidUTF8(s, "")); len(r) > n {
		return string(r[:n])
	}
	return s
}
