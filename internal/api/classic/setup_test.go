package classic

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

const topic = "arn:aws:sns:us-east-1:222222222222:alerts"

func TestGroups(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	tags := []inspector.ResourceGroupTag{{Key: "env", Value: "prod"}, {Key: "env", Value: "test"}, {Key: "shop"}}
	arn := o.group(t, tags...)
	if account, ok := groupKind.owner(arn); !ok || account != boss {
		t.Errorf("%s is not the boss's group", arn)
	}
	out := ask(t, boss, o.h.DescribeResourceGroups, &inspector.DescribeResourceGroupsRequest{ResourceGroupARNs: []string{arn}})
	same(t, []inspector.ResourceGroup{{ARN: arn, Tags: tags, CreatedAt: o.now}}, out.ResourceGroups)
	refuses(t, boss, o.h.CreateResourceGroup, &inspector.CreateResourceGroupRequest{
		ResourceGroupTags: []inspector.ResourceGroupTag{{Key: "a"}, {Key: "a"}},
	}, badInput+"INVALID_RESOURCE_GROUP_TAG_KEY")
}

func TestTargets(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	made := o.now
	group := o.group(t, inspector.ResourceGroupTag{Key: "env", Value: "prod"})
	shop, bank := o.target(t, "shop", group), o.target(t, "bank", "")
	describe := func(arn string) inspector.AssessmentTarget {
		t.Helper()
		out := ask(t, boss, o.h.DescribeAssessmentTargets, &inspector.DescribeAssessmentTargetsRequest{AssessmentTargetARNs: []string{arn}})
		same(t, map[string]inspector.FailedItemDetails{}, out.FailedItems)
		return out.AssessmentTargets[0]
	}
	same(t, inspector.AssessmentTarget{ARN: shop, Name: "shop", ResourceGroupARN: group, CreatedAt: made, UpdatedAt: made}, describe(shop))
	matching := func(pattern string) []string {
		return ask(t, boss, o.h.ListAssessmentTargets, &inspector.ListAssessmentTargetsRequest{
			Filter: &inspector.AssessmentTargetFilter{AssessmentTargetNamePattern: pattern},
		}).AssessmentTargetARNs
	}
	same(t, []string{bank}, matching("*nk"))

	const taken = badInput + "ASSESSMENT_TARGET_NAME_ALREADY_TAKEN"
	refuses(t, boss, o.h.CreateAssessmentTarget, &inspector.CreateAssessmentTargetRequest{AssessmentTargetName: "bank"}, taken)
	refuses(t, boss, o.h.UpdateAssessmentTarget, &inspector.UpdateAssessmentTargetRequest{AssessmentTargetARN: shop, AssessmentTargetName: "bank"}, taken)
	ask(t, clerk, o.h.CreateAssessmentTarget, &inspector.CreateAssessmentTargetRequest{AssessmentTargetName: "bank"}) // names are those of an account
	refuses(t, boss, o.h.UpdateAssessmentTarget, &inspector.UpdateAssessmentTargetRequest{
		AssessmentTargetARN: shop, AssessmentTargetName: "x", ResourceGroupARN: strings.Replace(group, last(group), "0-zzzzzzzz", 1),
	}, noEntity+"RESOURCE_GROUP_DOES_NOT_EXIST")

	o.now = o.now.Add(time.Minute)
	ask(t, boss, o.h.UpdateAssessmentTarget, &inspector.UpdateAssessmentTargetRequest{AssessmentTargetARN: shop, AssessmentTargetName: "shop"})
	same(t, inspector.AssessmentTarget{ARN: shop, Name: "shop", CreatedAt: made, UpdatedAt: o.now}, describe(shop))
	ask(t, boss, o.h.UpdateAssessmentTarget, &inspector.UpdateAssessmentTargetRequest{AssessmentTargetARN: shop, AssessmentTargetName: "store"})
	same(t, []string{}, matching("shop"))
	same(t, []string{shop}, matching("store"))

	ask(t, boss, o.h.DeleteAssessmentTarget, &inspector.DeleteAssessmentTargetRequest{AssessmentTargetARN: bank})
	same(t, []string{shop}, matching("*"))
	o.target(t, "bank", "") // the name is free again
}

func TestLimits(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var target string
	for i := range maxTargets {
		target = o.target(t, fmt.Sprint(i), "")
	}
	refuses(t, boss, o.h.CreateAssessmentTarget, &inspector.CreateAssessmentTargetRequest{AssessmentTargetName: "x"},
		overFull+"ASSESSMENT_TARGET_LIMIT_EXCEEDED")
	template := o.template(t, "template", target, cve)
	fill := func(kind, parent string, n int) {
		err := o.change(as(t, boss), func(tx *store.Tx) error {
			for i := range n {
				object := o.object(as(t, boss), kind, fmt.Sprint(i), parent)
				if err := tx.Put(as(t, boss), org.Only(boss), object, struct{}{}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	fill(groupKind.object, "", maxGroups)
	refuses(t, boss, o.h.CreateResourceGroup, &inspector.CreateResourceGroupRequest{ResourceGroupTags: []inspector.ResourceGroupTag{{Key: "a"}}},
		overFull+"RESOURCE_GROUP_LIMIT_EXCEEDED")
	fill(templateKind.object, "", maxTemplates-1)
	refuses(t, boss, o.h.CreateAssessmentTemplate, &inspector.CreateAssessmentTemplateRequest{AssessmentTargetARN: target, AssessmentTemplateName: "x"},
		overFull+"ASSESSMENT_TEMPLATE_LIMIT_EXCEEDED")
	fill(subscriptionObject, last(template), maxTopics)
	refuses(t, boss, o.h.SubscribeToEvent, &inspector.SubscribeToEventRequest{ResourceARN: template, TopicARN: topic},
		overFull+"EVENT_SUBSCRIPTION_LIMIT_EXCEEDED")
}

func TestPreviewAgents(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.host(t, "i-1", map[string]string{"env": "prod", "aws:autoscaling:groupName": "web"})
	o.host(t, "i-2", map[string]string{"env": "test"})
	o.host(t, "i-3", map[string]string{"shop": "yes"})
	image := resource.Resource{
		Type: resource.Image, ID: resource.ImageARN(boss.String(), o.Region, "shop", "sha256:ab"), Account: boss.String(), Region: o.Region,
		Labels: map[string]string{"env": "prod"},
	}
	if _, err := o.Store.Record(t.Context(), org.Only(boss), []store.Scan{{Resource: image}}, o.now); err != nil {
		t.Fatal(err)
	}
	target := o.target(t, "all", "")
	agents := func() (ids []string) {
		t.Helper()
		for token := ""; ; {
			out := ask(t, boss, o.h.PreviewAgents, &inspector.PreviewAgentsRequest{PreviewAgentsARN: target, NextToken: token, MaxResults: new(int32(2))})
			for _, a := range out.AgentPreviews {
				ids = append(ids, a.AgentID)
			}
			if token = out.NextToken; token == "" {
				return ids
			}
		}
	}
	same(t, []string{"i-1", "i-2", "i-3"}, agents())
	out := ask(t, boss, o.h.PreviewAgents, &inspector.PreviewAgentsRequest{PreviewAgentsARN: target, MaxResults: new(int32(1))})
	same(t, []inspector.AgentPreview{{
		AgentID: "i-1", Hostname: "host-i-1", AutoScalingGroup: "web", AgentHealth: "UNKNOWN", OperatingSystem: "DEBIAN_12", Ipv4Address: "10.0.0.7",
	}}, out.AgentPreviews)

	narrow := func(tags ...inspector.ResourceGroupTag) {
		t.Helper()
		ask(t, boss, o.h.UpdateAssessmentTarget, &inspector.UpdateAssessmentTargetRequest{
			AssessmentTargetARN: target, AssessmentTargetName: "all", ResourceGroupARN: o.group(t, tags...),
		})
	}
	narrow(inspector.ResourceGroupTag{Key: "env", Value: "prod"}, inspector.ResourceGroupTag{Key: "shop"})
	same(t, []string{"i-1", "i-3"}, agents())
	narrow(inspector.ResourceGroupTag{Key: "env", Value: "none"})
	same(t, []string(nil), agents())
	narrow(inspector.ResourceGroupTag{Key: "env"})
	same(t, []string{"i-1", "i-2"}, agents())
	if err := o.Store.Gone(t.Context(), org.Only(boss), []resource.Resource{{
		Type: resource.Instance, ID: "i-1", Account: boss.String(), Region: o.Region,
	}}, o.now); err != nil {
		t.Fatal(err)
	}
	same(t, []string{"i-2"}, agents())
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	shop, bank := o.target(t, "shop", ""), o.target(t, "bank", "")
	daily, nightly := o.template(t, "daily", shop, cve, network), o.template(t, "nightly", shop, cve)
	long := ask(t, boss, o.h.CreateAssessmentTemplate, &inspector.CreateAssessmentTemplateRequest{
		AssessmentTargetARN: bank, AssessmentTemplateName: "daily", DurationInSeconds: 86400, RulesPackageARNs: []string{network},
		UserAttributesForFindings: []inspector.Attribute{{Key: "team", Value: "red"}},
	}).AssessmentTemplateARN
	for _, tt := range []struct {
		name    string
		targets []string
		filter  *inspector.AssessmentTemplateFilter
		want    []string
	}{
		{"all", nil, nil, []string{daily, nightly, long}},
		{"of a target", []string{bank}, nil, []string{long}},
		{"of both", []string{bank, shop}, nil, []string{daily, nightly, long}},
		{"name", nil, &inspector.AssessmentTemplateFilter{NamePattern: "*ly"}, []string{daily, nightly, long}},
		{"name of a target", []string{shop}, &inspector.AssessmentTemplateFilter{NamePattern: "daily"}, []string{daily}},
		{"long", nil, &inspector.AssessmentTemplateFilter{DurationRange: &inspector.DurationRange{MinSeconds: new(int32(3601))}}, []string{long}},
		{"short", nil, &inspector.AssessmentTemplateFilter{DurationRange: &inspector.DurationRange{MaxSeconds: new(int32(3600))}}, []string{daily, nightly}},
		{"rules", nil, &inspector.AssessmentTemplateFilter{RulesPackageARNs: []string{network, cve}}, []string{daily}},
		{"one rule", nil, &inspector.AssessmentTemplateFilter{RulesPackageARNs: []string{network}}, []string{daily, long}},
	} {
		out := ask(t, boss, o.h.ListAssessmentTemplates, &inspector.ListAssessmentTemplatesRequest{AssessmentTargetARNs: tt.targets, Filter: tt.filter})
		if !slices.Equal(out.AssessmentTemplateARNs, tt.want) {
			t.Errorf("%s: %v; want %v", tt.name, out.AssessmentTemplateARNs, tt.want)
		}
	}
	refuses(t, boss, o.h.ListAssessmentTemplates, &inspector.ListAssessmentTemplatesRequest{Filter: &inspector.AssessmentTemplateFilter{
		DurationRange: &inspector.DurationRange{MinSeconds: new(int32(300)), MaxSeconds: new(int32(200))},
	}}, badInput+"INVALID_ASSESSMENT_TEMPLATE_DURATION_RANGE")

	describe := func(arn string) inspector.AssessmentTemplate {
		t.Helper()
		out := ask(t, boss, o.h.DescribeAssessmentTemplates, &inspector.DescribeAssessmentTemplatesRequest{AssessmentTemplateARNs: []string{arn}})
		return out.AssessmentTemplates[0]
	}
	want := inspector.AssessmentTemplate{
		ARN: long, Name: "daily", AssessmentTargetARN: bank, DurationInSeconds: 86400, RulesPackageARNs: []string{network},
		UserAttributesForFindings: []inspector.Attribute{{Key: "team", Value: "red"}}, CreatedAt: o.now,
	}
	same(t, want, describe(long))
	o.run(t, "one", long)
	want.LastAssessmentRunARN, want.AssessmentRunCount = o.run(t, "two", long), 2
	same(t, want, describe(long))

	template := func(name string, packages []string, keys ...string) *inspector.CreateAssessmentTemplateRequest {
		in := &inspector.CreateAssessmentTemplateRequest{AssessmentTargetARN: shop, AssessmentTemplateName: name, RulesPackageARNs: packages}
		for _, k := range keys {
			in.UserAttributesForFindings = append(in.UserAttributesForFindings, inspector.Attribute{Key: k})
		}
		return in
	}
	create := o.h.CreateAssessmentTemplate
	refuses(t, boss, create, template("daily", nil), badInput+"ASSESSMENT_TEMPLATE_NAME_ALREADY_TAKEN")
	refuses(t, boss, create, template("x", []string{shop}), badInput+"INVALID_RULES_PACKAGE_ARN")
	refuses(t, boss, create, template("x", []string{cve, cve}), badInput+"INVALID_RULES_PACKAGE_ARN")
	refuses(t, boss, create, template("x", []string{strings.Replace(cve, "us-east-1", "us-west-1", 1)}), noEntity+"RULES_PACKAGE_DOES_NOT_EXIST")
	refuses(t, boss, create, template("x", nil, "a", "a"), badInput+"INVALID_USER_ATTRIBUTE_KEY")
}

// TestDeletion makes sure that what belongs to a target or template goes with
// it, and that nothing does while a run is in progress.
func TestDeletion(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	target := o.target(t, "shop", "")
	one, two := o.template(t, "one", target, cve), o.template(t, "two", target, cve)
	other := o.template(t, "other", o.target(t, "bank", ""), cve)
	for _, arn := range []string{one, two, other} {
		o.run(t, "run", arn)
		ask(t, boss, o.h.SetTagsForResource, &inspector.SetTagsForResourceRequest{ResourceARN: arn, Tags: []inspector.Tag{{Key: "a", Value: "b"}}})
		ask(t, boss, o.h.SubscribeToEvent, &inspector.SubscribeToEventRequest{ResourceARN: arn, TopicARN: topic, Event: "OTHER"})
		ask(t, boss, o.h.CreateExclusionsPreview, &inspector.CreateExclusionsPreviewRequest{AssessmentTemplateARN: arn})
	}
	busy := o.run(t, "busy", two)
	o.collect(t, busy)
	left := func() (n []int) {
		t.Helper()
		for _, kind := range []string{targetKind.object, templateKind.object, runKind.object, subscriptionObject, previewObject} {
			list, err := o.Store.Objects(t.Context(), org.Only(boss), store.Objects{Kind: kind})
			if err != nil {
				t.Fatal(err)
			}
			n = append(n, len(list))
		}
		for _, arn := range []string{one, two, other} {
			tags, err := o.Store.Tags(t.Context(), org.Only(boss), arn)
			if err != nil {
				t.Fatal(err)
			}
			n = append(n, len(tags))
		}
		return n
	}
	deleteTarget := &inspector.DeleteAssessmentTargetRequest{AssessmentTargetARN: target}
	refuses(t, boss, o.h.DeleteAssessmentTarget, deleteTarget, running)
	refuses(t, boss, o.h.DeleteAssessmentTemplate, &inspector.DeleteAssessmentTemplateRequest{AssessmentTemplateARN: two}, running)
	same(t, []int{2, 3, 4, 3, 3, 1, 1, 1}, left())
	ask(t, boss, o.h.DeleteAssessmentTemplate, &inspector.DeleteAssessmentTemplateRequest{AssessmentTemplateARN: one})
	same(t, []int{2, 2, 3, 2, 2, 0, 1, 1}, left())
	ask(t, boss, o.h.StopAssessmentRun, &inspector.StopAssessmentRunRequest{AssessmentRunARN: busy})
	ask(t, boss, o.h.DeleteAssessmentTarget, deleteTarget)
	same(t, []int{1, 1, 1, 1, 1, 0, 0, 1}, left())
}

func TestTags(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	target := o.target(t, "shop", "")
	arn := o.template(t, "daily", target)
	tags := func() []inspector.Tag {
		return ask(t, boss, o.h.ListTagsForResource, &inspector.ListTagsForResourceRequest{ResourceARN: arn}).Tags
	}
	set := func(list ...inspector.Tag) *inspector.SetTagsForResourceRequest {
		return &inspector.SetTagsForResourceRequest{ResourceARN: arn, Tags: list}
	}
	same(t, []inspector.Tag{}, tags())
	ask(t, boss, o.h.SetTagsForResource, set(inspector.Tag{Key: "b", Value: "1"}, inspector.Tag{Key: "a"}))
	same(t, []inspector.Tag{{Key: "a"}, {Key: "b", Value: "1"}}, tags())
	ask(t, boss, o.h.SetTagsForResource, set(inspector.Tag{Key: "c", Value: "2"}))
	same(t, []inspector.Tag{{Key: "c", Value: "2"}}, tags())
	for _, list := range [][]inspector.Tag{{{Key: "a"}, {Key: "a"}}, {{Key: "AWS:a"}}, {{Key: "a\x00"}}} {
		refuses(t, boss, o.h.SetTagsForResource, set(list...), badInput+"INVALID_TAG_KEY")
	}
	refuses(t, boss, o.h.SetTagsForResource, set(inspector.Tag{Key: "a", Value: "\x00"}), badInput+"INVALID_TAG_VALUE")
	refuses(t, boss, o.h.ListTagsForResource, &inspector.ListTagsForResourceRequest{ResourceARN: target}, badInput+"INVALID_RESOURCE_ARN")
	same(t, []inspector.Tag{{Key: "c", Value: "2"}}, tags())
	ask(t, boss, o.h.SetTagsForResource, set())
	same(t, []inspector.Tag{}, tags())
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	target := o.target(t, "shop", "")
	daily, nightly := o.template(t, "daily", target), o.template(t, "nightly", target)
	began := o.now
	on := func(arn, topic string, events ...inspector.InspectorEvent) {
		t.Helper()
		for _, e := range events {
			ask(t, boss, o.h.SubscribeToEvent, &inspector.SubscribeToEventRequest{ResourceARN: arn, TopicARN: topic, Event: e})
			o.now = o.now.Add(time.Minute)
		}
	}
	subscriptions := func(arn string) []inspector.Subscription {
		t.Helper()
		return ask(t, boss, o.h.ListEventSubscriptions, &inspector.ListEventSubscriptionsRequest{ResourceARN: arn}).Subscriptions
	}
	on(daily, topic, "FINDING_REPORTED", "OTHER", "FINDING_REPORTED")
	on(nightly, topic, "OTHER")
	first := inspector.Subscription{ResourceARN: daily, TopicARN: topic, EventSubscriptions: []inspector.EventSubscription{
		{Event: "FINDING_REPORTED", SubscribedAt: began}, {Event: "OTHER", SubscribedAt: began.Add(time.Minute)},
	}}
	second := inspector.Subscription{ResourceARN: nightly, TopicARN: topic, EventSubscriptions: []inspector.EventSubscription{
		{Event: "OTHER", SubscribedAt: began.Add(3 * time.Minute)},
	}}
	same(t, []inspector.Subscription{first}, subscriptions(daily))
	same(t, []inspector.Subscription{first, second}, subscriptions(""))
	one := ask(t, boss, o.h.ListEventSubscriptions, &inspector.ListEventSubscriptionsRequest{MaxResults: new(int32(1))})
	next := ask(t, boss, o.h.ListEventSubscriptions, &inspector.ListEventSubscriptionsRequest{MaxResults: new(int32(1)), NextToken: one.NextToken})
	same(t, []inspector.Subscription{first, second}, append(one.Subscriptions, next.Subscriptions...))
	if len(one.NextToken) > 300 || next.NextToken != "" {
		t.Errorf("tokens %q and %q", one.NextToken, next.NextToken)
	}

	off := func(event inspector.InspectorEvent) {
		t.Helper()
		ask(t, boss, o.h.UnsubscribeFromEvent, &inspector.UnsubscribeFromEventRequest{ResourceARN: daily, TopicARN: topic, Event: event})
	}
	off("FINDING_REPORTED")
	first.EventSubscriptions = first.EventSubscriptions[1:]
	same(t, []inspector.Subscription{first}, subscriptions(daily))
	off("OTHER")
	off("OTHER")
	same(t, []inspector.Subscription{second}, subscriptions(""))
	for _, arn := range []string{"x", "arn:aws:sns:us-east-1:222222222222:", "arn:aws:sqs:us-east-1:222222222222:a", "arn:aws:sns:us-east-1:2:a"} {
		refuses(t, boss, o.h.SubscribeToEvent, &inspector.SubscribeToEventRequest{ResourceARN: daily, TopicARN: arn}, badInput+"INVALID_SNS_TOPIC_ARN")
		refuses(t, boss, o.h.UnsubscribeFromEvent, &inspector.UnsubscribeFromEventRequest{ResourceARN: daily, TopicARN: arn}, badInput+"INVALID_SNS_TOPIC_ARN")
	}
}

func TestRole(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	refuses(t, boss, o.h.DescribeCrossAccountAccessRole, &wire.None{}, badInput+"INVALID_IAM_ROLE_ARN")
	for _, name := range []string{"first", "path/second"} {
		o.now = o.now.Add(time.Minute)
		arn := "arn:aws:iam::111111111111:role/" + name
		ask(t, boss, o.h.RegisterCrossAccountAccessRole, &inspector.RegisterCrossAccountAccessRoleRequest{RoleARN: arn})
		same(t, &inspector.DescribeCrossAccountAccessRoleResponse{RoleARN: arn, RegisteredAt: o.now},
			ask(t, boss, o.h.DescribeCrossAccountAccessRole, &wire.None{}))
	}
	refuses(t, clerk, o.h.DescribeCrossAccountAccessRole, &wire.None{}, badInput+"INVALID_IAM_ROLE_ARN")
	for arn, want := range map[string]string{
		"x":                                badInput + "INVALID_IAM_ROLE_ARN",
		"arn:aws:iam::111111111111:user/a": badInput + "INVALID_IAM_ROLE_ARN",
		"arn:aws:iam::111111111111:role/":  badInput + "INVALID_IAM_ROLE_ARN",
		"arn:aws:iam::222222222222:role/a": noAccess + "ACCESS_DENIED_TO_IAM_ROLE",
	} {
		refuses(t, boss, o.h.RegisterCrossAccountAccessRole, &inspector.RegisterCrossAccountAccessRoleRequest{RoleARN: arn}, want)
	}
}

func TestRulesPackages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	out := ask(t, boss, o.h.ListRulesPackages, &inspector.ListRulesPackagesRequest{MaxResults: new(int32(3))})
	next := ask(t, boss, o.h.ListRulesPackages, &inspector.ListRulesPackagesRequest{MaxResults: new(int32(3)), NextToken: out.NextToken})
	all := append(out.RulesPackageARNs, next.RulesPackageARNs...)
	if len(out.RulesPackageARNs) != 3 || len(all) != 5 || next.NextToken != "" || all[0] != cve {
		t.Errorf("%v, then %v", out, next)
	}
	described := ask(t, boss, o.h.DescribeRulesPackages, &inspector.DescribeRulesPackagesRequest{
		RulesPackageARNs: []string{network, "x", strings.Replace(cve, "0-g", "0-h", 1)},
	})
	if len(described.RulesPackages) != 1 || described.RulesPackages[0].Name != "Network Reachability" {
		t.Errorf("%v", described.RulesPackages)
	}
	same(t, map[string]inspector.FailedItemDetails{
		"x": {FailureCode: "INVALID_ARN"}, strings.Replace(cve, "0-g", "0-h", 1): {FailureCode: "ITEM_DOES_NOT_EXIST"},
	}, described.FailedItems)
	seen := map[string]bool{}
	for region, want := range map[string]int{"us-east-1": 5, "eu-west-2": 4, "us-gov-west-1": 3, "sa-east-1": 5} {
		for _, p := range (Operations{Region: region}).packages() {
			if _, ok := packageKind.owner(p.ARN); !ok || seen[p.ARN] || !strings.Contains(p.ARN, region) {
				t.Errorf("%s: %s", region, p.ARN)
			}
			seen[p.ARN] = true
			want--
		}
		if want != 0 {
			t.Errorf("%s lacks %d packages", region, want)
		}
	}
	for region, ids := range packageIDs {
		for _, id := range ids[1:] {
			if id != "" && !isID(idPrefix+id) {
				t.Errorf("%s: %s is no id", region, id)
			}
		}
	}
}
