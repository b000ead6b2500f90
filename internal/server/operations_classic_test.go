package server

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	classic "github.com/aws/aws-sdk-go-v2/service/inspector"
	"github.com/aws/aws-sdk-go-v2/service/inspector/types"

	"github.com/assay-project/assay/internal/resource"
)

// group makes a resource group: the instances with the tag team=web.
func (b *bench) group() string {
	return *must(b.classic.CreateResourceGroup(b.ctx(), &classic.CreateResourceGroupInput{
		ResourceGroupTags: []types.ResourceGroupTag{{Key: aws.String("team"), Value: aws.String("web")}},
	})).ResourceGroupArn
}

// target makes an assessment target.
func (b *bench) target(group string) string {
	return *must(b.classic.CreateAssessmentTarget(b.ctx(), &classic.CreateAssessmentTargetInput{
		AssessmentTargetName: aws.String("web"), ResourceGroupArn: &group,
	})).AssessmentTargetArn
}

func (b *bench) newTarget() string { return b.target(b.group()) }

// commonFlaws is the first rules package of us-east-1.
const commonFlaws = "arn:aws:inspector:us-east-1:316112463485:rulespackage/0-gEjTy7T7"

// template makes an assessment template.
func (b *bench) template(target string) string {
	return *must(b.classic.CreateAssessmentTemplate(b.ctx(), &classic.CreateAssessmentTemplateInput{
		AssessmentTargetArn: &target, AssessmentTemplateName: aws.String("weekly"), DurationInSeconds: aws.Int32(3600),
		RulesPackageArns: []string{commonFlaws},
	})).AssessmentTemplateArn
}

func (b *bench) newTemplate() string { return b.template(b.newTarget()) }

// assess starts an assessment run.
func (b *bench) assess(template string) string {
	return *must(b.classic.StartAssessmentRun(b.ctx(), &classic.StartAssessmentRunInput{
		AssessmentTemplateArn: &template, AssessmentRunName: aws.String("first"),
	})).AssessmentRunArn
}

func (b *bench) newRun() string { return b.assess(b.newTemplate()) }

// why returns why a call failed for one of several things.
func why(failed map[string]types.FailedItemDetails, arn string) string {
	if f, ok := failed[arn]; ok {
		return string(f.FailureCode)
	}
	return ""
}

func (b *bench) targets() string {
	return fmt.Sprint(len(must(b.classic.ListAssessmentTargets(b.ctx(), &classic.ListAssessmentTargetsInput{})).AssessmentTargetArns))
}

func (b *bench) targetNamed(arn string) func() string {
	return func() string {
		out := must(b.classic.DescribeAssessmentTargets(b.ctx(), &classic.DescribeAssessmentTargetsInput{AssessmentTargetArns: []string{arn}}))
		if len(out.AssessmentTargets) == 0 {
			return why(out.FailedItems, arn)
		}
		return *out.AssessmentTargets[0].Name
	}
}

func (b *bench) dropTarget(arn string) func() {
	return func() {
		must(b.classic.DeleteAssessmentTarget(b.ctx(), &classic.DeleteAssessmentTargetInput{AssessmentTargetArn: &arn}))
	}
}

func (b *bench) templates() string {
	return fmt.Sprint(len(must(b.classic.ListAssessmentTemplates(b.ctx(), &classic.ListAssessmentTemplatesInput{})).AssessmentTemplateArns))
}

func (b *bench) templateRuns(arn string) func() string {
	return func() string {
		out := must(b.classic.DescribeAssessmentTemplates(b.ctx(), &classic.DescribeAssessmentTemplatesInput{AssessmentTemplateArns: []string{arn}}))
		if len(out.AssessmentTemplates) == 0 {
			return why(out.FailedItems, arn)
		}
		return fmt.Sprint(*out.AssessmentTemplates[0].Name, " ", *out.AssessmentTemplates[0].AssessmentRunCount)
	}
}

func (b *bench) dropTemplate(arn string) func() {
	return func() {
		must(b.classic.DeleteAssessmentTemplate(b.ctx(), &classic.DeleteAssessmentTemplateInput{AssessmentTemplateArn: &arn}))
	}
}

func (b *bench) runs() string {
	return fmt.Sprint(len(must(b.classic.ListAssessmentRuns(b.ctx(), &classic.ListAssessmentRunsInput{})).AssessmentRunArns))
}

func (b *bench) runState(arn string) func() string {
	return func() string {
		out := must(b.classic.DescribeAssessmentRuns(b.ctx(), &classic.DescribeAssessmentRunsInput{AssessmentRunArns: []string{arn}}))
		if len(out.AssessmentRuns) == 0 {
			return why(out.FailedItems, arn)
		}
		return *out.AssessmentRuns[0].Name + " " + string(out.AssessmentRuns[0].State)
	}
}

func (b *bench) dropRun(arn string) func() {
	return func() {
		must(b.classic.DeleteAssessmentRun(b.ctx(), &classic.DeleteAssessmentRunInput{AssessmentRunArn: &arn}))
	}
}

const (
	topic = "arn:aws:sns:us-east-1:111122223333:assessments"
	done  = types.InspectorEventAssessmentRunCompleted
)

func (b *bench) subscribe(template string) func() {
	return func() {
		must(b.classic.SubscribeToEvent(b.ctx(), &classic.SubscribeToEventInput{ResourceArn: &template, TopicArn: aws.String(topic), Event: done}))
	}
}

func (b *bench) unsubscribe(template string) func() {
	return func() {
		must(b.classic.UnsubscribeFromEvent(b.ctx(), &classic.UnsubscribeFromEventInput{ResourceArn: &template, TopicArn: aws.String(topic), Event: done}))
	}
}

func (b *bench) subscriptions(template string) func() string {
	return func() string {
		var list []string
		for p := classic.NewListEventSubscriptionsPaginator(b.classic, &classic.ListEventSubscriptionsInput{ResourceArn: &template}); p.HasMorePages(); {
			for _, s := range must(p.NextPage(b.ctx())).Subscriptions {
				list = append(list, *s.TopicArn+" "+string(s.EventSubscriptions[0].Event))
			}
		}
		return joined(list)
	}
}

func (b *bench) classicTags(template string) func() string {
	return func() string {
		var list []string
		for _, x := range must(b.classic.ListTagsForResource(b.ctx(), &classic.ListTagsForResourceInput{ResourceArn: &template})).Tags {
			list = append(list, *x.Key+"="+*x.Value)
		}
		return joined(list)
	}
}

func (b *bench) setClassicTags(template string) func() {
	return func() {
		must(b.classic.SetTagsForResource(b.ctx(), &classic.SetTagsForResourceInput{
			ResourceArn: &template, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
		}))
	}
}

func (b *bench) role() string { return "arn:aws:iam::" + b.account + ":role/inspector" }

func (b *bench) registered() string {
	out, err := b.classic.DescribeCrossAccountAccessRole(b.ctx(), &classic.DescribeCrossAccountAccessRoleInput{})
	if refused(out, err) == "InvalidInputException" { // which the model of the operation does not name
		return "none"
	}
	return *must(out, err).RoleArn
}

func (b *bench) register() {
	must(b.classic.RegisterCrossAccountAccessRole(b.ctx(), &classic.RegisterCrossAccountAccessRoleInput{RoleArn: aws.String(b.role())}))
}

// instance hands in a scan of a machine of the team.
func (b *bench) instance() {
	sub := submission("", sound)
	sub.Resource = resource.Resource{Type: resource.Instance, ID: anyEC2Instance, Labels: map[string]string{"team": "web"}}
	b.scan(sub)
}

func (b *bench) agents(target string) func() string {
	return func() string {
		var list []string
		for p := classic.NewPreviewAgentsPaginator(b.classic, &classic.PreviewAgentsInput{PreviewAgentsArn: &target}); p.HasMorePages(); {
			for _, a := range must(p.NextPage(b.ctx())).AgentPreviews {
				list = append(list, *a.AgentId)
			}
		}
		return joined(list)
	}
}

const noRuns = "no assessment is carried out: a run fails at once, and says why"

var classicSetup = []operation{
	{"inspector", "CreateResourceGroup", stateOnly, "keeps the tags by which instances are chosen", noRuns, func(b *bench) {
		target := b.newTarget()
		b.turns(b.agents(target), "", b.instance, anyEC2Instance)
	}},
	{"inspector", "DescribeResourceGroups", stateOnly, "tells them", noRuns, func(b *bench) {
		group := b.group()
		out := must(b.classic.DescribeResourceGroups(b.ctx(), &classic.DescribeResourceGroupsInput{ResourceGroupArns: []string{group}}))
		if len(out.ResourceGroups) != 1 || *out.ResourceGroups[0].Tags[0].Value != "web" {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector", "CreateAssessmentTarget", stateOnly, "keeps which instances are to be assessed", noRuns, func(b *bench) {
		group := b.group()
		b.turns(b.targets, "0", func() { b.target(group) }, "1")
	}},
	{"inspector", "UpdateAssessmentTarget", stateOnly, "changes it", noRuns, func(b *bench) {
		group := b.group()
		target := b.target(group)
		b.turns(b.targetNamed(target), "web", func() { b.retarget(target, group) }, "other")
	}},
	{"inspector", "DeleteAssessmentTarget", stateOnly, "removes it, with its templates and runs", noRuns, func(b *bench) {
		target := b.newTarget()
		b.template(target)
		b.turns(b.templates, "1", b.dropTarget(target), "0")
	}},
	{"inspector", "ListAssessmentTargets", stateOnly, "lists them", noRuns, func(b *bench) {
		target := b.newTarget()
		b.turns(b.targets, "1", b.dropTarget(target), "0")
	}},
	{"inspector", "DescribeAssessmentTargets", stateOnly, "tells them", noRuns, func(b *bench) {
		target := b.newTarget()
		b.turns(b.targetNamed(target), "web", b.dropTarget(target), "ITEM_DOES_NOT_EXIST")
	}},
	{"inspector", "PreviewAgents", works, "lists the instances of a target", "their agents are not those of Classic, and have no health", func(b *bench) {
		target := b.newTarget()
		b.turns(b.agents(target), "", b.instance, anyEC2Instance)
	}},
	{"inspector", "CreateAssessmentTemplate", stateOnly, "keeps how a target is to be assessed", noRuns, func(b *bench) {
		target := b.newTarget()
		b.turns(b.templates, "0", func() { b.template(target) }, "1")
	}},
	{"inspector", "DeleteAssessmentTemplate", stateOnly, "removes it, with its runs", noRuns, func(b *bench) {
		template := b.newTemplate()
		b.assess(template)
		b.turns(b.runs, "1", b.dropTemplate(template), "0")
	}},
	{"inspector", "ListAssessmentTemplates", stateOnly, "lists them", noRuns, func(b *bench) {
		template := b.newTemplate()
		b.turns(b.templates, "1", b.dropTemplate(template), "0")
	}},
	{"inspector", "DescribeAssessmentTemplates", stateOnly, "tells them", noRuns, func(b *bench) {
		template := b.newTemplate()
		b.turns(b.templateRuns(template), "weekly 0", func() { b.assess(template) }, "weekly 1")
	}},
	{"inspector", "SubscribeToEvent", stateOnly, "keeps a topic that is to be told of events", "nothing is published", func(b *bench) {
		template := b.newTemplate()
		b.turns(b.subscriptions(template), "", b.subscribe(template), topic+" "+string(done))
	}},
	{"inspector", "UnsubscribeFromEvent", stateOnly, "removes it", "nothing is published", func(b *bench) {
		template := b.newTemplate()
		b.subscribe(template)()
		b.turns(b.subscriptions(template), topic+" "+string(done), b.unsubscribe(template), "")
	}},
	{"inspector", "ListEventSubscriptions", stateOnly, "lists them", "nothing is published", func(b *bench) {
		template := b.newTemplate()
		b.turns(b.subscriptions(template), "", b.subscribe(template), topic+" "+string(done))
	}},
	{"inspector", "SetTagsForResource", works, "replaces the tags of a template", "", func(b *bench) {
		template := b.newTemplate()
		b.turns(b.classicTags(template), "", b.setClassicTags(template), "team=web")
	}},
	{"inspector", "ListTagsForResource", works, "tells them", "", func(b *bench) {
		template := b.newTemplate()
		b.turns(b.classicTags(template), "", b.setClassicTags(template), "team=web")
	}},
	{"inspector", "RegisterCrossAccountAccessRole", stateOnly, "keeps a role", "it is never assumed", func(b *bench) {
		b.turns(b.registered, "none", b.register, b.role())
	}},
	{"inspector", "DescribeCrossAccountAccessRole", stateOnly, "tells it; InvalidInputException while there is none", "it is never assumed", func(b *bench) {
		b.turns(b.registered, "none", b.register, b.role())
	}},
	{"inspector", "ListRulesPackages", works, "lists the rules packages of the region, with Amazon's ARNs", "their rules are not evaluated", func(b *bench) {
		var list []string
		for p := classic.NewListRulesPackagesPaginator(b.classic, &classic.ListRulesPackagesInput{MaxResults: aws.Int32(2)}); p.HasMorePages(); {
			list = append(list, must(p.NextPage(b.ctx())).RulesPackageArns...)
		}
		if len(list) < 4 || !strings.Contains(joined(list), commonFlaws) {
			b.t.Errorf("packages: %v", list)
		}
	}},
	{"inspector", "DescribeRulesPackages", works, "tells their names", "their rules are not evaluated", func(b *bench) {
		unknown := strings.Replace(commonFlaws, "0-gEjTy7T7", "0-00000000", 1)
		out := must(b.classic.DescribeRulesPackages(b.ctx(), &classic.DescribeRulesPackagesInput{RulesPackageArns: []string{commonFlaws, unknown}}))
		if len(out.RulesPackages) != 1 || *out.RulesPackages[0].Name != "Common Vulnerabilities and Exposures" ||
			why(out.FailedItems, unknown) != "ITEM_DOES_NOT_EXIST" {
			b.t.Errorf("answer: %+v", out)
		}
	}},
}

// retarget gives a target another name, and this group.
func (b *bench) retarget(target, group string) {
	must(b.classic.UpdateAssessmentTarget(b.ctx(), &classic.UpdateAssessmentTargetInput{
		AssessmentTargetArn: &target, AssessmentTargetName: aws.String("other"), ResourceGroupArn: &group,
	}))
}

// foreseen returns the titles of what a preview says that a run leaves out.
func (b *bench) foreseen(template, token string) func() string {
	return func() string {
		out, err := b.classic.GetExclusionsPreview(b.ctx(), &classic.GetExclusionsPreviewInput{AssessmentTemplateArn: &template, PreviewToken: &token})
		if is[*types.InvalidInputException](err) {
			return "none"
		}
		return fmt.Sprint(must(out, err).PreviewStatus, " ", len(out.ExclusionPreviews))
	}
}

func (b *bench) foresee(template string) string {
	return *must(b.classic.CreateExclusionsPreview(b.ctx(), &classic.CreateExclusionsPreviewInput{AssessmentTemplateArn: &template})).PreviewToken
}

// outOfTen makes as many previews of a template as are kept, and returns the
// token of the first, which the next one replaces.
func (b *bench) outOfTen(template string) string {
	first := b.foresee(template)
	for range 9 {
		b.foresee(template)
	}
	return first
}

// leftOut returns the ARNs of what a run left out.
func (b *bench) leftOut(run string) []string {
	return must(b.classic.ListExclusions(b.ctx(), &classic.ListExclusionsInput{AssessmentRunArn: &run})).ExclusionArns
}

// classicFinding is the ARN of a finding that is not there.
func classicFinding(run string) string { return run + "/finding/0-0a1b2c3d" }

var classicRuns = []operation{
	{"inspector", "StartAssessmentRun", stateOnly, "keeps a run, which fails at once and says why", noRuns, func(b *bench) {
		template := b.newTemplate()
		b.turns(b.runs, "0", func() { b.assess(template) }, "1")
	}},
	{"inspector", "StopAssessmentRun", nothing, "InvalidInputException: every run has ended", noRuns, func(b *bench) {
		run := b.newRun()
		_, err := b.classic.StopAssessmentRun(b.ctx(), &classic.StopAssessmentRunInput{AssessmentRunArn: &run})
		if !is[*types.InvalidInputException](err) {
			b.t.Errorf("error = %v", err)
		}
	}},
	{"inspector", "DeleteAssessmentRun", stateOnly, "removes a run", noRuns, func(b *bench) {
		run := b.newRun()
		b.turns(b.runs, "1", b.dropRun(run), "0")
		_, err := b.classic.DeleteAssessmentRun(b.ctx(), &classic.DeleteAssessmentRunInput{AssessmentRunArn: &run})
		if !is[*types.NoSuchEntityException](err) {
			b.t.Errorf("deleted twice: %v", err)
		}
	}},
	{"inspector", "ListAssessmentRuns", stateOnly, "lists the runs", noRuns, func(b *bench) {
		template := b.newTemplate()
		b.turns(b.runs, "0", func() { b.assess(template) }, "1")
	}},
	{"inspector", "DescribeAssessmentRuns", stateOnly, "tells their states", noRuns, func(b *bench) {
		run := b.newRun()
		b.turns(b.runState(run), "first FAILED", b.dropRun(run), "ITEM_DOES_NOT_EXIST")
	}},
	{"inspector", "ListAssessmentRunAgents", nothing, "an empty list", noRuns, func(b *bench) {
		run := b.newRun()
		out := must(b.classic.ListAssessmentRunAgents(b.ctx(), &classic.ListAssessmentRunAgentsInput{AssessmentRunArn: &run}))
		if len(out.AssessmentRunAgents) != 0 || out.NextToken != nil {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector", "GetTelemetryMetadata", nothing, "an empty list", noRuns, func(b *bench) {
		run := b.newRun()
		out := must(b.classic.GetTelemetryMetadata(b.ctx(), &classic.GetTelemetryMetadataInput{AssessmentRunArn: &run}))
		if len(out.TelemetryMetadata) != 0 {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector", "GetAssessmentReport", nothing, "UnsupportedFeatureException: there is nothing to report", noRuns, func(b *bench) {
		run := b.newRun()
		_, err := b.classic.GetAssessmentReport(b.ctx(), &classic.GetAssessmentReportInput{
			AssessmentRunArn: &run, ReportFileFormat: types.ReportFileFormatPdf, ReportType: types.ReportTypeFull,
		})
		if !is[*types.UnsupportedFeatureException](err) {
			b.t.Errorf("error = %v", err)
		}
	}},
	{"inspector", "CreateExclusionsPreview", stateOnly, "tells what a run would leave out: everything, and why", noRuns, func(b *bench) {
		template := b.newTemplate()
		first := b.outOfTen(template)
		b.turns(b.foreseen(template, first), "COMPLETED 2", func() { b.foresee(template) }, "none")
	}},
	{"inspector", "GetExclusionsPreview", stateOnly, "tells it", noRuns, func(b *bench) {
		template := b.newTemplate()
		first := b.outOfTen(template)
		b.turns(b.foreseen(template, first), "COMPLETED 2", func() { b.foresee(template) }, "none")
	}},
	{"inspector", "ListExclusions", stateOnly, "lists what a run left out", noRuns, func(b *bench) {
		run := b.newRun()
		b.turns(func() string {
			_, err := b.classic.ListExclusions(b.ctx(), &classic.ListExclusionsInput{AssessmentRunArn: &run})
			if is[*types.NoSuchEntityException](err) {
				return "none"
			}
			return fmt.Sprint(len(b.leftOut(run)))
		}, "2", b.dropRun(run), "none")
	}},
	{"inspector", "DescribeExclusions", stateOnly, "tells it", noRuns, func(b *bench) {
		run := b.newRun()
		exclusion := b.leftOut(run)[0]
		b.turns(func() string {
			out := must(b.classic.DescribeExclusions(b.ctx(), &classic.DescribeExclusionsInput{ExclusionArns: []string{exclusion}}))
			return fmt.Sprint(len(out.Exclusions), " ", why(out.FailedItems, exclusion))
		}, "1 ", b.dropRun(run), "0 ITEM_DOES_NOT_EXIST")
	}},
	{"inspector", "ListFindings", nothing, "an empty list", noRuns, func(b *bench) {
		b.scan(b.image(flawed))
		run := b.newRun()
		out := must(b.classic.ListFindings(b.ctx(), &classic.ListFindingsInput{AssessmentRunArns: []string{run}}))
		if len(out.FindingArns) != 0 || out.NextToken != nil {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector", "DescribeFindings", nothing, "fails for every finding: there is none", noRuns, func(b *bench) {
		finding := classicFinding(b.newRun())
		out := must(b.classic.DescribeFindings(b.ctx(), &classic.DescribeFindingsInput{FindingArns: []string{finding}}))
		if len(out.Findings) != 0 || why(out.FailedItems, finding) != "ITEM_DOES_NOT_EXIST" {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector", "AddAttributesToFindings", nothing, "fails for every finding: there is none", noRuns, func(b *bench) {
		finding := classicFinding(b.newRun())
		out := must(b.classic.AddAttributesToFindings(b.ctx(), &classic.AddAttributesToFindingsInput{
			FindingArns: []string{finding}, Attributes: []types.Attribute{{Key: aws.String("a"), Value: aws.String("b")}},
		}))
		if why(out.FailedItems, finding) != "ITEM_DOES_NOT_EXIST" {
			b.t.Errorf("answer: %+v", out)
		}
	}},
	{"inspector", "RemoveAttributesFromFindings", nothing, "fails for every finding: there is none", noRuns, func(b *bench) {
		finding := classicFinding(b.newRun())
		out := must(b.classic.RemoveAttributesFromFindings(b.ctx(), &classic.RemoveAttributesFromFindingsInput{
			FindingArns: []string{finding}, AttributeKeys: []string{"a"},
		}))
		if why(out.FailedItems, finding) != "ITEM_DOES_NOT_EXIST" {
			b.t.Errorf("answer: %+v", out)
		}
	}},
}
