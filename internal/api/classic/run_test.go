package classic

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api/inspector"
)

func (o *office) described(t *testing.T, arn string) inspector.AssessmentRun {
	t.Helper()
	out := ask(t, boss, o.h.DescribeAssessmentRuns, &inspector.DescribeAssessmentRunsRequest{AssessmentRunARNs: []string{arn}})
	if len(out.AssessmentRuns) != 1 {
		t.Fatalf("%v", out.FailedItems)
	}
	return out.AssessmentRuns[0]
}

// TestRun follows a run, which fails and says why.
func TestRun(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	template := o.template(t, "daily", o.target(t, "shop", ""), cve)
	start := &inspector.StartAssessmentRunRequest{AssessmentTemplateARN: template, AssessmentRunName: "mine"}
	arn := ask(t, boss, o.h.StartAssessmentRun, start).AssessmentRunARN
	same(t, inspector.AssessmentRun{
		ARN: arn, Name: "mine", AssessmentTemplateARN: template, State: "FAILED", DurationInSeconds: 3600, RulesPackageARNs: []string{cve},
		CreatedAt: o.now, CompletedAt: o.now, StateChangedAt: o.now,
		StateChanges:  []inspector.AssessmentRunStateChange{{StateChangedAt: o.now, State: "CREATED"}, {StateChangedAt: o.now, State: "FAILED"}},
		Notifications: []inspector.AssessmentRunNotification{{Date: o.now, Event: "ASSESSMENT_RUN_STATE_CHANGED", Message: notEvaluated, Error: true}},
	}, o.described(t, arn))
	refuses(t, boss, o.h.StartAssessmentRun, start, badInput+"ASSESSMENT_TEMPLATE_NAME_ALREADY_TAKEN")
	unnamed := []string{o.described(t, o.run(t, "", template)).Name, o.described(t, o.run(t, "", template)).Name}
	if unnamed[0] == unnamed[1] || !strings.HasPrefix(unnamed[0], "Run 2026-03-01T") {
		t.Errorf("runs without a wish are called %q", unnamed)
	}
	bare := o.template(t, "bare", o.target(t, "bank", ""))
	refuses(t, boss, o.h.StartAssessmentRun, &inspector.StartAssessmentRunRequest{AssessmentTemplateARN: bare},
		badInput+"INVALID_NUMBER_OF_RULES_PACKAGE_ARNS")

	agents := ask(t, boss, o.h.ListAssessmentRunAgents, &inspector.ListAssessmentRunAgentsRequest{AssessmentRunARN: arn})
	same(t, []inspector.AssessmentRunAgent{}, agents.AssessmentRunAgents)
	findings := ask(t, boss, o.h.ListFindings, &inspector.ListFindingsRequest{AssessmentRunARNs: []string{arn}})
	same(t, []string{}, findings.FindingARNs)
	telemetry := ask(t, boss, o.h.GetTelemetryMetadata, &inspector.GetTelemetryMetadataRequest{AssessmentRunARN: arn})
	same(t, []inspector.TelemetryMetadata{}, telemetry.TelemetryMetadata)
	report := &inspector.GetAssessmentReportRequest{AssessmentRunARN: arn, ReportFileFormat: "PDF", ReportType: "FULL"}
	refuses(t, boss, o.h.GetAssessmentReport, report, "UnsupportedFeatureException")
	stop := &inspector.StopAssessmentRunRequest{AssessmentRunARN: arn}
	refuses(t, boss, o.h.StopAssessmentRun, stop, badInput+"INVALID_ASSESSMENT_RUN_STATE")

	o.collect(t, arn)
	drop := &inspector.DeleteAssessmentRunRequest{AssessmentRunARN: arn}
	refuses(t, boss, o.h.GetAssessmentReport, report, running)
	refuses(t, boss, o.h.DeleteAssessmentRun, drop, running)
	o.now = o.now.Add(time.Minute)
	ask(t, boss, o.h.StopAssessmentRun, stop)
	if r := o.described(t, arn); r.State != "FAILED" || len(r.StateChanges) != 3 || !r.CompletedAt.Equal(o.now) || len(r.Notifications) != 2 {
		t.Errorf("after it was stopped: %+v", r)
	}
	o.collect(t, arn)
	stop.StopAction = inspector.StopActionSkipEvaluation
	ask(t, boss, o.h.StopAssessmentRun, stop)
	if r := o.described(t, arn); r.State != "CANCELED" {
		t.Errorf("after it was stopped without evaluation: %s", r.State)
	}
	ask(t, boss, o.h.DeleteAssessmentRun, drop)
	refuses(t, boss, o.h.DeleteAssessmentRun, drop, noEntity+"ASSESSMENT_RUN_DOES_NOT_EXIST")
}

func TestListRuns(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	target := o.target(t, "shop", "")
	one, two := o.template(t, "one", target, cve, network), o.template(t, "two", target, network)
	began := o.now
	first := o.run(t, "first", one)
	o.now = o.now.Add(time.Hour)
	second := o.run(t, "second", one)
	o.now = o.now.Add(time.Hour)
	third := o.run(t, "third", two)
	o.collect(t, third)
	between := func(from, to time.Time) *inspector.TimestampRange {
		return &inspector.TimestampRange{BeginDate: from, EndDate: to}
	}
	for _, tt := range []struct {
		name      string
		templates []string
		filter    inspector.AssessmentRunFilter
		want      []string
	}{
		{"all", nil, inspector.AssessmentRunFilter{}, []string{first, second, third}},
		{"template", []string{one}, inspector.AssessmentRunFilter{}, []string{first, second}},
		{"templates", []string{two, one}, inspector.AssessmentRunFilter{NamePattern: "*ir*"}, []string{first, third}},
		{"state", nil, inspector.AssessmentRunFilter{States: []inspector.AssessmentRunState{"COLLECTING_DATA", "CANCELED"}}, []string{third}},
		{"duration", nil, inspector.AssessmentRunFilter{DurationRange: &inspector.DurationRange{MinSeconds: new(int32(3601))}}, []string{}},
		{"rules", nil, inspector.AssessmentRunFilter{RulesPackageARNs: []string{cve}}, []string{first, second}},
		{"started", nil, inspector.AssessmentRunFilter{StartTimeRange: between(began, time.Time{})}, []string{}}, // none ever was
		{"no bounds", nil, inspector.AssessmentRunFilter{StartTimeRange: between(time.Time{}, time.Time{})}, []string{first, second, third}},
		{"completed", nil, inspector.AssessmentRunFilter{CompletionTimeRange: between(began.Add(time.Minute), time.Time{})}, []string{second}},
		{"changed", nil, inspector.AssessmentRunFilter{StateChangeTimeRange: between(began, began.Add(time.Hour))}, []string{first, second}},
	} {
		out := ask(t, boss, o.h.ListAssessmentRuns, &inspector.ListAssessmentRunsRequest{AssessmentTemplateARNs: tt.templates, Filter: &tt.filter})
		if !slices.Equal(out.AssessmentRunARNs, tt.want) {
			t.Errorf("%s: %v; want %v", tt.name, out.AssessmentRunARNs, tt.want)
		}
	}
	wrong := between(o.now, began)
	for code, f := range map[string]inspector.AssessmentRunFilter{
		"DURATION_RANGE":          {DurationRange: &inspector.DurationRange{MinSeconds: new(int32(300)), MaxSeconds: new(int32(200))}},
		"START_TIME_RANGE":        {StartTimeRange: wrong},
		"COMPLETION_TIME_RANGE":   {CompletionTimeRange: wrong},
		"STATE_CHANGE_TIME_RANGE": {StateChangeTimeRange: wrong},
	} {
		refuses(t, boss, o.h.ListAssessmentRuns, &inspector.ListAssessmentRunsRequest{Filter: &f}, badInput+"INVALID_ASSESSMENT_RUN_"+code)
	}
	refuses(t, boss, o.h.ListFindings, &inspector.ListFindingsRequest{Filter: &inspector.FindingFilter{CreationTimeRange: wrong}},
		badInput+"INVALID_ASSESSMENT_RUN_START_TIME_RANGE")
}

// TestExclusions compares what is foretold of a run with what it says itself.
func TestExclusions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	template := o.template(t, "daily", o.target(t, "shop", ""), cve, network)
	token := func() string {
		return ask(t, boss, o.h.CreateExclusionsPreview, &inspector.CreateExclusionsPreviewRequest{AssessmentTemplateARN: template}).PreviewToken
	}
	get := func(token string) *inspector.GetExclusionsPreviewRequest {
		return &inspector.GetExclusionsPreviewRequest{AssessmentTemplateARN: template, PreviewToken: token}
	}
	old := token()
	preview := ask(t, boss, o.h.GetExclusionsPreview, get(old))
	var titles []string
	for _, e := range preview.ExclusionPreviews {
		titles = append(titles, e.Title)
		same(t, []inspector.Scope{{Key: "RULES_PACKAGE_ARN", Value: cve}, {Key: "RULES_PACKAGE_ARN", Value: network}}, e.Scopes)
	}
	same(t, []string{"Rules are not evaluated", "The assessment target has no instances"}, titles)
	same(t, inspector.PreviewStatusCompleted, preview.PreviewStatus)
	one := get(old)
	one.MaxResults = new(int32(1))
	page := ask(t, boss, o.h.GetExclusionsPreview, one)
	one.NextToken = page.NextToken
	same(t, preview.ExclusionPreviews, append(page.ExclusionPreviews, ask(t, boss, o.h.GetExclusionsPreview, one).ExclusionPreviews...))

	run := o.run(t, "run", template)
	arns := ask(t, boss, o.h.ListExclusions, &inspector.ListExclusionsRequest{AssessmentRunARN: run}).ExclusionARNs
	if len(arns) != 2 {
		t.Fatalf("the run has the exclusions %v", arns)
	}
	described := ask(t, boss, o.h.DescribeExclusions, &inspector.DescribeExclusionsRequest{
		ExclusionARNs: append(arns, run+"/exclusion/0-zzzzzzzz", run),
	})
	for i, arn := range arns {
		same(t, preview.ExclusionPreviews[i].Title, described.Exclusions[arn].Title)
	}
	same(t, map[string]inspector.FailedItemDetails{
		run + "/exclusion/0-zzzzzzzz": {FailureCode: "ITEM_DOES_NOT_EXIST"}, run: {FailureCode: "INVALID_ARN"},
	}, described.FailedItems)

	// With an instance, one reason is gone; what was foretold before stays.
	o.host(t, "i-1", nil)
	if got := ask(t, boss, o.h.GetExclusionsPreview, get(token())); len(got.ExclusionPreviews) != 1 {
		t.Errorf("with an instance: %v", got.ExclusionPreviews)
	}
	same(t, preview, ask(t, boss, o.h.GetExclusionsPreview, get(old)))

	const bad = badInput + "INVALID_PAGINATION_TOKEN"
	other := o.template(t, "other", template[:strings.Index(template, "/template")], cve)
	refuses(t, boss, o.h.GetExclusionsPreview, &inspector.GetExclusionsPreviewRequest{AssessmentTemplateARN: other, PreviewToken: old}, bad)
	for range maxPreviews {
		o.now = o.now.Add(time.Minute)
		token()
	}
	refuses(t, boss, o.h.GetExclusionsPreview, get(old), bad) // made room for others
	fresh := token()
	o.now = o.now.Add(previewLife)
	refuses(t, boss, o.h.GetExclusionsPreview, get(fresh), bad)
}

func TestFindings(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	run := o.run(t, "run", o.template(t, "daily", o.target(t, "shop", ""), cve))
	gone := run + "/finding/0-zzzzzzzz"
	elsewhere := strings.Replace(gone, boss.String(), clerk.String(), 1)
	arns := []string{gone, run, elsewhere}
	want := map[string]inspector.FailedItemDetails{
		gone: {FailureCode: "ITEM_DOES_NOT_EXIST"}, run: {FailureCode: "INVALID_ARN"}, elsewhere: {FailureCode: "ACCESS_DENIED"},
	}
	described := ask(t, boss, o.h.DescribeFindings, &inspector.DescribeFindingsRequest{FindingARNs: arns})
	same(t, []inspector.Finding{}, described.Findings)
	same(t, want, described.FailedItems)
	attributes := []inspector.Attribute{{Key: "a", Value: "b"}}
	same(t, want, ask(t, boss, o.h.AddAttributesToFindings,
		&inspector.AddAttributesToFindingsRequest{FindingARNs: arns, Attributes: attributes}).FailedItems)
	same(t, want, ask(t, boss, o.h.RemoveAttributesFromFindings,
		&inspector.RemoveAttributesFromFindingsRequest{FindingARNs: arns, AttributeKeys: []string{"a"}}).FailedItems)
	refuses(t, boss, o.h.AddAttributesToFindings,
		&inspector.AddAttributesToFindingsRequest{FindingARNs: arns, Attributes: append(attributes, attributes...)}, badInput+"INVALID_USER_ATTRIBUTE_KEY")
}
