package classic

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// The accounts of an office. The boss sees the clerk's, too, but not here.
const (
	boss  = org.Account(111111111111)
	clerk = org.Account(222222222222)
)

// office is a server with two accounts.
type office struct {
	Operations
	h   inspector.Handlers
	now time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "assay.db"), [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	o := &office{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	o.Operations = Operations{Store: s, Region: "us-east-1", Now: func() time.Time { return o.now }}
	o.h = o.Handlers()
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		for _, a := range []org.Account{boss, clerk} {
			if err := tx.CreateAccount(t.Context(), store.Account{ID: a, Name: a.String(), Created: o.now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func as(t *testing.T, account org.Account) context.Context {
	t.Helper()
	scope := org.Only(account)
	if account == boss {
		scope = org.Only(boss, clerk)
	}
	return api.WithCaller(t.Context(), api.Caller{Account: account, Scope: scope, Role: org.Admin})
}

// ask calls an operation, which must succeed, and makes sure that its answer
// can be sent.
func ask[I, O any](t *testing.T, who org.Account, f func(context.Context, *I) (*O, error), in *I) *O {
	t.Helper()
	out, err := f(as(t, who), in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	if _, err := wire.WriterOf[O](inspector.New()).Append(nil, out); err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}

// told names an error as a client of the operation sees it: its name, and its
// code if it has one.
func told(err error) string {
	if err == nil {
		return "answered"
	}
	e := wire.Exception(nil)
	if !errors.As(err, &e) {
		e = inspector.New().Raise(fault.KindOf(err), err.Error())
	}
	name, _ := e.Fault()
	switch e := e.(type) {
	case *inspector.InvalidInputException:
		return name + " " + string(e.ErrorCode)
	case *inspector.NoSuchEntityException:
		return name + " " + string(e.ErrorCode)
	case *inspector.AccessDeniedException:
		return name + " " + string(e.ErrorCode)
	case *inspector.LimitExceededException:
		return name + " " + string(e.ErrorCode)
	}
	return name
}

// refuses checks the exception that an operation answers.
func refuses[I, O any](t *testing.T, who org.Account, f func(context.Context, *I) (*O, error), in *I, want string) {
	t.Helper()
	_, err := f(as(t, who), in)
	if got := told(err); got != want {
		t.Errorf("%T by %s: %s (%v); want %s", in, who, got, err, want)
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Names of exceptions, before their codes.
const (
	badInput = "InvalidInputException "
	noEntity = "NoSuchEntityException "
	noAccess = "AccessDeniedException "
	overFull = "LimitExceededException "
	running  = "AssessmentRunInProgressException"
)

const (
	cve     = "arn:aws:inspector:us-east-1:316112463485:rulespackage/0-gEjTy7T7"
	network = "arn:aws:inspector:us-east-1:316112463485:rulespackage/0-PmNV0Tcd"
)

// group, target, template and run make one of these for the boss.
func (o *office) group(t *testing.T, tags ...inspector.ResourceGroupTag) string {
	t.Helper()
	return ask(t, boss, o.h.CreateResourceGroup, &inspector.CreateResourceGroupRequest{ResourceGroupTags: tags}).ResourceGroupARN
}

func (o *office) target(t *testing.T, name, group string) string {
	t.Helper()
	in := &inspector.CreateAssessmentTargetRequest{AssessmentTargetName: name, ResourceGroupARN: group}
	return ask(t, boss, o.h.CreateAssessmentTarget, in).AssessmentTargetARN
}

func (o *office) template(t *testing.T, name, target string, packages ...string) string {
	t.Helper()
	return ask(t, boss, o.h.CreateAssessmentTemplate, &inspector.CreateAssessmentTemplateRequest{
		AssessmentTargetARN: target, AssessmentTemplateName: name, DurationInSeconds: 3600, RulesPackageARNs: packages,
	}).AssessmentTemplateARN
}

func (o *office) run(t *testing.T, name, template string) string {
	t.Helper()
	in := &inspector.StartAssessmentRunRequest{AssessmentTemplateARN: template, AssessmentRunName: name}
	return ask(t, boss, o.h.StartAssessmentRun, in).AssessmentRunARN
}

// collect brings a run into a state in which it is in progress.
func (o *office) collect(t *testing.T, arn string) {
	t.Helper()
	err := o.change(as(t, boss), func(tx *store.Tx) error {
		h, err := find[run](as(t, boss), tx, runKind, arn)
		if err != nil {
			return err
		}
		h.Value.State, h.Value.CompletedAt = inspector.AssessmentRunStateCollectingData, time.Time{}
		return h.Keep(as(t, boss), tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// host records an instance of the boss.
func (o *office) host(t *testing.T, id string, labels map[string]string) {
	t.Helper()
	r := resource.Resource{
		Type: resource.Instance, ID: id, Name: "host-" + id, Account: boss.String(), Region: o.Region, Platform: "DEBIAN_12",
		Labels: labels, Host: resource.Host{IPv4: []string{"10.0.0.7"}},
	}
	if _, err := o.Store.Record(t.Context(), org.Only(boss), []store.Scan{{Resource: r}}, o.now); err != nil {
		t.Fatal(err)
	}
}

func TestHandlers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	handlers := o.h.ByName()
	if len(handlers) != 37 {
		t.Errorf("%d operations; want 37", len(handlers))
	}
	for name, h := range handlers {
		if h == nil {
			t.Errorf("%s is not done", name)
		}
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	before := ""
	for _, n := range []int64{0, 61, 62, 1e6, 1_700_000_000_000 * 62, 1_800_000_000_000 * 62} {
		id := idOf(n)
		if !isID(id) || id <= before {
			t.Errorf("%d: %s, after %s", n, id, before)
		}
		before = id
	}
	for _, s := range []string{"", "0-", "0-abc", "0-abcdefghi", "1-abcdefgh", "0-abcdefg_", "0-abcdefgé"} {
		if isID(s) {
			t.Errorf("%q is an id", s)
		}
	}
}

// TestARNs says the same wrong thing to each operation that takes one ARN.
func TestARNs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const id = "0-00000000"
	for _, tt := range []struct {
		name, path, invalid, thing string
		call                       func(arn string) error
	}{
		{"UpdateAssessmentTarget", "target/" + id, "ASSESSMENT_TARGET_ARN", "ASSESSMENT_TARGET", func(arn string) error {
			_, err := o.h.UpdateAssessmentTarget(as(t, boss), &inspector.UpdateAssessmentTargetRequest{AssessmentTargetARN: arn, AssessmentTargetName: "x"})
			return err
		}},
		{"CreateAssessmentTarget", "resourcegroup/" + id, "RESOURCE_GROUP_ARN", "RESOURCE_GROUP", func(arn string) error {
			_, err := o.h.CreateAssessmentTarget(as(t, boss), &inspector.CreateAssessmentTargetRequest{AssessmentTargetName: "x", ResourceGroupARN: arn})
			return err
		}},
		{"DeleteAssessmentTarget", "target/" + id, "ASSESSMENT_TARGET_ARN", "ASSESSMENT_TARGET", func(arn string) error {
			_, err := o.h.DeleteAssessmentTarget(as(t, boss), &inspector.DeleteAssessmentTargetRequest{AssessmentTargetARN: arn})
			return err
		}},
		{"PreviewAgents", "target/" + id, "ASSESSMENT_TARGET_ARN", "ASSESSMENT_TARGET", func(arn string) error {
			_, err := o.h.PreviewAgents(as(t, boss), &inspector.PreviewAgentsRequest{PreviewAgentsARN: arn})
			return err
		}},
		{"ListAssessmentTemplates", "target/" + id, "ASSESSMENT_TARGET_ARN", "ASSESSMENT_TARGET", func(arn string) error {
			_, err := o.h.ListAssessmentTemplates(as(t, boss), &inspector.ListAssessmentTemplatesRequest{AssessmentTargetARNs: []string{arn}})
			return err
		}},
		{"DeleteAssessmentTemplate", "target/" + id + "/template/" + id, "ASSESSMENT_TEMPLATE_ARN", "ASSESSMENT_TEMPLATE", func(arn string) error {
			_, err := o.h.DeleteAssessmentTemplate(as(t, boss), &inspector.DeleteAssessmentTemplateRequest{AssessmentTemplateARN: arn})
			return err
		}},
		{"StartAssessmentRun", "target/" + id + "/template/" + id, "ASSESSMENT_TEMPLATE_ARN", "ASSESSMENT_TEMPLATE", func(arn string) error {
			_, err := o.h.StartAssessmentRun(as(t, boss), &inspector.StartAssessmentRunRequest{AssessmentTemplateARN: arn})
			return err
		}},
		{"CreateExclusionsPreview", "target/" + id + "/template/" + id, "ASSESSMENT_TEMPLATE_ARN", "ASSESSMENT_TEMPLATE", func(arn string) error {
			_, err := o.h.CreateExclusionsPreview(as(t, boss), &inspector.CreateExclusionsPreviewRequest{AssessmentTemplateARN: arn})
			return err
		}},
		{"SetTagsForResource", "target/" + id + "/template/" + id, "RESOURCE_ARN", "ASSESSMENT_TEMPLATE", func(arn string) error {
			_, err := o.h.SetTagsForResource(as(t, boss), &inspector.SetTagsForResourceRequest{ResourceARN: arn})
			return err
		}},
		{"ListTagsForResource", "target/" + id + "/template/" + id, "RESOURCE_ARN", "ASSESSMENT_TEMPLATE", func(arn string) error {
			_, err := o.h.ListTagsForResource(as(t, boss), &inspector.ListTagsForResourceRequest{ResourceARN: arn})
			return err
		}},
		{"SubscribeToEvent", "target/" + id + "/template/" + id, "RESOURCE_ARN", "ASSESSMENT_TEMPLATE", func(arn string) error {
			_, err := o.h.SubscribeToEvent(as(t, boss), &inspector.SubscribeToEventRequest{ResourceARN: arn, TopicARN: topic})
			return err
		}},
		{"UnsubscribeFromEvent", "target/" + id + "/template/" + id, "RESOURCE_ARN", "ASSESSMENT_TEMPLATE", func(arn string) error {
			_, err := o.h.UnsubscribeFromEvent(as(t, boss), &inspector.UnsubscribeFromEventRequest{ResourceARN: arn, TopicARN: topic})
			return err
		}},
		{"ListEventSubscriptions", "target/" + id + "/template/" + id, "RESOURCE_ARN", "ASSESSMENT_TEMPLATE", func(arn string) error {
			_, err := o.h.ListEventSubscriptions(as(t, boss), &inspector.ListEventSubscriptionsRequest{ResourceARN: arn})
			return err
		}},
		{"StopAssessmentRun", "target/" + id + "/template/" + id + "/run/" + id, "ASSESSMENT_RUN_ARN", "ASSESSMENT_RUN", func(arn string) error {
			_, err := o.h.StopAssessmentRun(as(t, boss), &inspector.StopAssessmentRunRequest{AssessmentRunARN: arn})
			return err
		}},
		{"DeleteAssessmentRun", "target/" + id + "/template/" + id + "/run/" + id, "ASSESSMENT_RUN_ARN", "ASSESSMENT_RUN", func(arn string) error {
			_, err := o.h.DeleteAssessmentRun(as(t, boss), &inspector.DeleteAssessmentRunRequest{AssessmentRunARN: arn})
			return err
		}},
		{"GetTelemetryMetadata", "target/" + id + "/template/" + id + "/run/" + id, "ASSESSMENT_RUN_ARN", "ASSESSMENT_RUN", func(arn string) error {
			_, err := o.h.GetTelemetryMetadata(as(t, boss), &inspector.GetTelemetryMetadataRequest{AssessmentRunARN: arn})
			return err
		}},
		{"GetAssessmentReport", "target/" + id + "/template/" + id + "/run/" + id, "ASSESSMENT_RUN_ARN", "ASSESSMENT_RUN", func(arn string) error {
			_, err := o.h.GetAssessmentReport(as(t, boss), &inspector.GetAssessmentReportRequest{AssessmentRunARN: arn})
			return err
		}},
		{"ListAssessmentRunAgents", "target/" + id + "/template/" + id + "/run/" + id, "ASSESSMENT_RUN_ARN", "ASSESSMENT_RUN", func(arn string) error {
			_, err := o.h.ListAssessmentRunAgents(as(t, boss), &inspector.ListAssessmentRunAgentsRequest{AssessmentRunARN: arn})
			return err
		}},
		{"ListExclusions", "target/" + id + "/template/" + id + "/run/" + id, "ASSESSMENT_RUN_ARN", "ASSESSMENT_RUN", func(arn string) error {
			_, err := o.h.ListExclusions(as(t, boss), &inspector.ListExclusionsRequest{AssessmentRunARN: arn})
			return err
		}},
		{"ListFindings", "target/" + id + "/template/" + id + "/run/" + id, "ASSESSMENT_RUN_ARN", "ASSESSMENT_RUN", func(arn string) error {
			_, err := o.h.ListFindings(as(t, boss), &inspector.ListFindingsRequest{AssessmentRunARNs: []string{arn}})
			return err
		}},
		{"ListAssessmentRuns", "target/" + id + "/template/" + id, "ASSESSMENT_TEMPLATE_ARN", "ASSESSMENT_TEMPLATE", func(arn string) error {
			_, err := o.h.ListAssessmentRuns(as(t, boss), &inspector.ListAssessmentRunsRequest{AssessmentTemplateARNs: []string{arn}})
			return err
		}},
	} {
		for arn, want := range map[string]string{
			"x": badInput + "INVALID_" + tt.invalid,
			"arn:aws:inspector:us-east-1:111111111111:" + tt.path + "/":            badInput + "INVALID_" + tt.invalid,
			"arn:aws:inspector:us-east-1:111111111111:" + strings.ToUpper(tt.path): badInput + "INVALID_" + tt.invalid,
			"arn:aws:inspector2:us-east-1:111111111111:" + tt.path:                 badInput + "INVALID_" + tt.invalid,
			"arn:aws:inspector:us-east-1:222222222222:" + tt.path:                  noAccess + "ACCESS_DENIED_TO_" + tt.thing,
			"arn:aws:inspector:us-east-1:111111111111:" + tt.path:                  noEntity + tt.thing + "_DOES_NOT_EXIST",
			"arn:aws:inspector:eu-west-1:111111111111:" + tt.path:                  noEntity + tt.thing + "_DOES_NOT_EXIST",
		} {
			if got := told(tt.call(arn)); got != want {
				t.Errorf("%s of %s: %s; want %s", tt.name, arn, got, want)
			}
		}
	}
}

// TestZero makes sure that a caller without an account sees and changes nothing.
func TestZero(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	arn := o.target(t, "shop", "")
	got := ask(t, 0, o.h.ListAssessmentTargets, &inspector.ListAssessmentTargetsRequest{})
	same(t, []string{}, got.AssessmentTargetARNs)
	described := ask(t, 0, o.h.DescribeAssessmentTargets, &inspector.DescribeAssessmentTargetsRequest{AssessmentTargetARNs: []string{arn}})
	same(t, map[string]inspector.FailedItemDetails{arn: {FailureCode: "ACCESS_DENIED"}}, described.FailedItems)
	refuses(t, 0, o.h.CreateAssessmentTarget, &inspector.CreateAssessmentTargetRequest{AssessmentTargetName: "x"}, noAccess+"ACCESS_DENIED_TO_RESOURCE_GROUP")
	refuses(t, 0, o.h.DescribeCrossAccountAccessRole, &wire.None{}, badInput+"INVALID_IAM_ROLE_ARN")
	// A scope without the account itself is no scope, either.
	ctx := api.WithCaller(t.Context(), api.Caller{Account: boss})
	if out, err := o.h.ListAssessmentTargets(ctx, &inspector.ListAssessmentTargetsRequest{}); err != nil || len(out.AssessmentTargetARNs) > 0 {
		t.Errorf("%v, %v", out, err)
	}
}

// TestDescribe has every reason for which an ARN is not described.
func TestDescribe(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first, second := o.target(t, "first", ""), o.target(t, "second", "")
	gone := strings.Replace(first, last(first), "0-zzzzzzzz", 1)
	elsewhere := strings.Replace(first, boss.String(), clerk.String(), 1)
	out := ask(t, boss, o.h.DescribeAssessmentTargets, &inspector.DescribeAssessmentTargetsRequest{
		AssessmentTargetARNs: []string{second, gone, "x", first, elsewhere, second, gone},
	})
	var names []string
	for _, target := range out.AssessmentTargets {
		names = append(names, target.Name)
	}
	same(t, []string{"second", "first"}, names)
	same(t, map[string]inspector.FailedItemDetails{
		gone: {FailureCode: "ITEM_DOES_NOT_EXIST"}, "x": {FailureCode: "INVALID_ARN"},
		elsewhere: {FailureCode: "ACCESS_DENIED"}, second: {FailureCode: "DUPLICATE_ARN"},
	}, out.FailedItems)
}

func TestPaging(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var want []string
	for i := range 12 {
		want = append(want, o.target(t, fmt.Sprintf("target %d", i), ""))
	}
	other := ask(t, clerk, o.h.CreateAssessmentTarget, &inspector.CreateAssessmentTargetRequest{AssessmentTargetName: "target 1"}).AssessmentTargetARN
	list := func(in *inspector.ListAssessmentTargetsRequest) *inspector.ListAssessmentTargetsResponse {
		return ask(t, boss, o.h.ListAssessmentTargets, in)
	}
	var got []string
	var tokens []string
	for token := ""; ; {
		out := list(&inspector.ListAssessmentTargetsRequest{NextToken: token, MaxResults: new(int32(5))})
		got, tokens, token = append(got, out.AssessmentTargetARNs...), append(tokens, out.NextToken), out.NextToken
		if token == "" {
			break
		}
		if len(token) > 300 || len(out.AssessmentTargetARNs) != 5 {
			t.Fatalf("%d rows, a token of %d characters", len(out.AssessmentTargetARNs), len(token))
		}
	}
	same(t, want, got)
	if len(tokens) != 3 {
		t.Errorf("%d pages; want 3", len(tokens))
	}
	usual := list(&inspector.ListAssessmentTargetsRequest{})
	same(t, want[:10], usual.AssessmentTargetARNs)
	most := list(&inspector.ListAssessmentTargetsRequest{MaxResults: new(int32(1000))})
	same(t, want, most.AssessmentTargetARNs)
	theirs := ask(t, clerk, o.h.ListAssessmentTargets, &inspector.ListAssessmentTargetsRequest{})
	same(t, []string{other}, theirs.AssessmentTargetARNs)

	const badToken = badInput + "INVALID_PAGINATION_TOKEN"
	in := &inspector.ListAssessmentTargetsRequest{NextToken: tokens[0]}
	refuses(t, clerk, o.h.ListAssessmentTargets, in, badToken)
	refuses(t, boss, o.h.ListAssessmentTemplates, &inspector.ListAssessmentTemplatesRequest{NextToken: tokens[0]}, badToken)
	refuses(t, boss, o.h.ListFindings, &inspector.ListFindingsRequest{NextToken: tokens[0]}, badToken)
	refuses(t, boss, o.h.ListAssessmentTargets, &inspector.ListAssessmentTargetsRequest{
		NextToken: tokens[0], Filter: &inspector.AssessmentTargetFilter{AssessmentTargetNamePattern: "t*"},
	}, badToken)
	o.now = o.now.Add(25 * time.Hour)
	refuses(t, boss, o.h.ListAssessmentTargets, in, badToken)
	refuses(t, boss, o.h.ListAssessmentTargets, &inspector.ListAssessmentTargetsRequest{MaxResults: new(int32(0))}, badInput+"INVALID_MAX_RESULTS")
}

func TestNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "a", true},
		{"*", "", true},
		{"a", "a", true},
		{"a", "ab", false},
		{"a*", "ab", true},
		{"*a", "ab", false},
		{"a*a", "a", false},
		{"a*b*c", "a b c", true},
		{"a*b*c", "a c b", false},
		{"*b*", "abc", true},
		{"A", "a", false},
	} {
		if got := named(tt.pattern, tt.name); got != tt.want {
			t.Errorf("named(%q, %q) = %t", tt.pattern, tt.name, got)
		}
	}
}
