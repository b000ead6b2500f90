// Package classic does the operations of Amazon Inspector Classic.
//
// What is set up is kept: resource groups, assessment targets and templates,
// subscriptions, tags, a role. Rules are not evaluated yet. A run that is
// started fails at once, and says why; it has no agents, no telemetry, no
// findings and no report.
package classic

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// Operations does the operations of Inspector Classic. One value serves all
// callers. Each sees and changes what its own account has set up: Classic knows
// of no organization.
type Operations struct {
	Store  *store.Store
	Region string
	Now    func() time.Time
}

// Handlers returns the functions that do the operations.
func (o Operations) Handlers() inspector.Handlers {
	return inspector.Handlers{
		AddAttributesToFindings:        o.addAttributes,
		CreateAssessmentTarget:         o.createTarget,
		CreateAssessmentTemplate:       o.createTemplate,
		CreateExclusionsPreview:        o.createPreview,
		CreateResourceGroup:            o.createGroup,
		DeleteAssessmentRun:            o.deleteRun,
		DeleteAssessmentTarget:         o.deleteTarget,
		DeleteAssessmentTemplate:       o.deleteTemplate,
		DescribeAssessmentRuns:         o.describeRuns,
		DescribeAssessmentTargets:      o.describeTargets,
		DescribeAssessmentTemplates:    o.describeTemplates,
		DescribeCrossAccountAccessRole: o.describeRole,
		DescribeExclusions:             o.describeExclusions,
		DescribeFindings:               o.describeFindings,
		DescribeResourceGroups:         o.describeGroups,
		DescribeRulesPackages:          o.describePackages,
		GetAssessmentReport:            o.report,
		GetExclusionsPreview:           o.preview,
		GetTelemetryMetadata:           o.telemetry,
		ListAssessmentRunAgents:        o.listRunAgents,
		ListAssessmentRuns:             o.listRuns,
		ListAssessmentTargets:          o.listTargets,
		ListAssessmentTemplates:        o.listTemplates,
		ListEventSubscriptions:         o.listSubscriptions,
		ListExclusions:                 o.listExclusions,
		ListFindings:                   o.listFindings,
		ListRulesPackages:              o.listPackages,
		ListTagsForResource:            o.listTags,
		PreviewAgents:                  o.previewAgents,
		RegisterCrossAccountAccessRole: o.registerRole,
		RemoveAttributesFromFindings:   o.removeAttributes,
		SetTagsForResource:             o.setTags,
		StartAssessmentRun:             o.startRun,
		StopAssessmentRun:              o.stopRun,
		SubscribeToEvent:               o.subscribe,
		UnsubscribeFromEvent:           o.unsubscribe,
		UpdateAssessmentTarget:         o.updateTarget,
	}
}

// A kind is one sort of thing that ARNs of this API name, with the codes of the
// errors that speak of it.
// Source: Inspector Classic API model, the …ErrorCode types.
type kind struct {
	object  string // kind of the store's objects; empty: there are none
	path    string // nouns of the ARN, each of which an id follows
	invalid inspector.InvalidInputErrorCode
	missing inspector.NoSuchEntityErrorCode
	denied  inspector.AccessDeniedErrorCode
}

var (
	groupKind = kind{
		"classic-group", "resourcegroup", inspector.InvalidInputErrorCodeInvalidResourceGroupArn,
		inspector.NoSuchEntityErrorCodeResourceGroupDoesNotExist, inspector.AccessDeniedErrorCodeAccessDeniedToResourceGroup,
	}
	targetKind = kind{
		"classic-target", "target", inspector.InvalidInputErrorCodeInvalidAssessmentTargetArn,
		inspector.NoSuchEntityErrorCodeAssessmentTargetDoesNotExist, inspector.AccessDeniedErrorCodeAccessDeniedToAssessmentTarget,
	}
	templateKind = kind{
		"classic-template", "target template", inspector.InvalidInputErrorCodeInvalidAssessmentTemplateArn,
		inspector.NoSuchEntityErrorCodeAssessmentTemplateDoesNotExist, inspector.AccessDeniedErrorCodeAccessDeniedToAssessmentTemplate,
	}
	// resourceKind are the things that may have tags and subscriptions: templates.
	// Source: Inspector Classic API Reference, SetTagsForResource and
	// SubscribeToEvent, resourceArn.
	resourceKind = kind{
		"classic-template", "target template", inspector.InvalidInputErrorCodeInvalidResourceArn,
		inspector.NoSuchEntityErrorCodeAssessmentTemplateDoesNotExist, inspector.AccessDeniedErrorCodeAccessDeniedToAssessmentTemplate,
	}
	runKind = kind{
		"classic-run", "target template run", inspector.InvalidInputErrorCodeInvalidAssessmentRunArn,
		inspector.NoSuchEntityErrorCodeAssessmentRunDoesNotExist, inspector.AccessDeniedErrorCodeAccessDeniedToAssessmentRun,
	}
	findingKind = kind{
		"", "target template run finding", inspector.InvalidInputErrorCodeInvalidFindingArn,
		inspector.NoSuchEntityErrorCodeFindingDoesNotExist, inspector.AccessDeniedErrorCodeAccessDeniedToFinding,
	}
	exclusionKind = kind{
		"", "target template run exclusion", inspector.InvalidInputErrorCodeInvalidResourceArn,
		inspector.NoSuchEntityErrorCodeAssessmentRunDoesNotExist, inspector.AccessDeniedErrorCodeAccessDeniedToAssessmentRun,
	}
	packageKind = kind{
		"", "rulespackage", inspector.InvalidInputErrorCodeInvalidRulesPackageArn,
		inspector.NoSuchEntityErrorCodeRulesPackageDoesNotExist, inspector.AccessDeniedErrorCodeAccessDeniedToRulesPackage,
	}
)

// Kinds of objects that are named otherwise than by an ARN of their own.
const (
	previewObject      = "classic-preview"
	subscriptionObject = "classic-subscription"
	roleObject         = "classic-role"
)

// owner returns the account in an ARN of the kind; false if it is none.
func (k kind) owner(arn string) (org.Account, bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || !strings.HasPrefix(parts[1], "aws") || parts[2] != "inspector" || parts[3] == "" {
		return 0, false
	}
	account, err := org.ParseAccount(parts[4])
	nouns, steps := strings.Fields(k.path), strings.Split(parts[5], "/")
	if err != nil || len(steps) != 2*len(nouns) {
		return 0, false
	}
	for i, noun := range nouns {
		if steps[2*i] != noun || !isID(steps[2*i+1]) {
			return 0, false
		}
	}
	return account, true
}

// check refuses what is no ARN of the kind, and one of another account, whether
// or not that has such a thing.
func (k kind) check(ctx context.Context, arn string) error {
	owner, ok := k.owner(arn)
	if !ok {
		return refuse(k.invalid, "%q is not an ARN of the form that is expected here.", arn)
	}
	if account := api.CallerOf(ctx).Account; owner != account {
		return &inspector.AccessDeniedException{
			Message: fmt.Sprintf("Account %s has no access to %s.", account, arn), ErrorCode: k.denied,
		}
	}
	return nil
}

func (k kind) none(arn string) error {
	return &inspector.NoSuchEntityException{Message: "There is no " + arn + ".", ErrorCode: k.missing}
}

// refuse returns the exception for input that is not as it must be.
func refuse(code inspector.InvalidInputErrorCode, format string, args ...any) error {
	return &inspector.InvalidInputException{Message: fmt.Sprintf(format, args...), ErrorCode: code}
}

// full returns the exception for one thing too many.
func full(code inspector.LimitExceededErrorCode, most int, what string) error {
	return &inspector.LimitExceededException{Message: fmt.Sprintf("There may be at most %d %s.", most, what), ErrorCode: code}
}

// own is the scope of the caller's account alone.
func own(ctx context.Context) org.Scope {
	c := api.CallerOf(ctx)
	return c.Scope.Narrow(c.Account)
}

// arn names a thing of an account.
func (o Operations) arn(account, path string) string {
	return strings.Join([]string{"arn", resource.Cloud{Region: o.Region}.Partition(), "inspector", o.Region, account, path}, ":")
}

// last returns the id at the end of an ARN.
func last(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// The form of ids: "0-" and eight characters.
// Source: Inspector Classic API Reference, the examples of all operations.
const (
	idPrefix = "0-"
	idLength = 8
	idDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

func isID(s string) bool {
	digits, ok := strings.CutPrefix(s, idPrefix)
	return ok && len(digits) == idLength && strings.Trim(digits, idDigits) == ""
}

// idOf writes a number as an id. Greater numbers have ids that sort later.
func idOf(n int64) string {
	var b [idLength]byte
	for i := range b {
		b[idLength-1-i] = idDigits[n%int64(len(idDigits))]
		n /= int64(len(idDigits))
	}
	return idPrefix + string(b[:])
}

// newID returns an id that no object of the kind has, and that sorts after those
// made before: the first that is free from that of the millisecond on. Eight
// digits last until the year 2081.
func (o Operations) newID(ctx context.Context, tx *store.Tx, k kind) (string, error) {
	for n := o.Now().UnixMilli() * int64(len(idDigits)); ; n++ {
		id := idOf(n)
		_, err := tx.Object(ctx, own(ctx), k.object, id)
		if fault.KindOf(err) == fault.NotFound {
			return id, nil
		}
		if err != nil {
			return "", err
		}
	}
}

// find returns the caller's object of an ARN.
func find[D any](ctx context.Context, from api.Objects, k kind, arn string) (api.Held[D], error) {
	if err := k.check(ctx, arn); err != nil {
		return api.Held[D]{}, err
	}
	object, err := from.Object(ctx, own(ctx), k.object, last(arn))
	if fault.KindOf(err) == fault.NotFound {
		return api.Held[D]{}, k.none(arn)
	}
	if err != nil {
		return api.Held[D]{}, err
	}
	h, err := api.ReadHeld[D](object)
	if err == nil && h.ARN != arn {
		err = k.none(arn)
	}
	return h, err
}

// all returns the caller's objects of a kind that belong to a parent; to any if
// it is empty.
func all[D any](ctx context.Context, from api.Objects, object, parent string) ([]api.Held[D], error) {
	return api.ReadAll[D](ctx, from, own(ctx), store.Objects{Kind: object, Parent: parent})
}

// object returns a new object of the caller's account.
func (o Operations) object(ctx context.Context, kind, id, parent string) store.Object {
	now := o.Now()
	return store.Object{Kind: kind, Account: api.CallerOf(ctx).Account, ID: id, Parent: parent, Created: now, Updated: now}
}

// add keeps a new object of the caller's account and returns its ARN, which is
// the stem and an id.
func add[D any](ctx context.Context, o Operations, tx *store.Tx, k kind, stem string, value D) (string, error) {
	id, err := o.newID(ctx, tx, k)
	if err != nil {
		return "", err
	}
	parent := ""
	if steps := strings.Split(stem, "/"); len(steps) > 2 {
		parent = steps[len(steps)-3]
	}
	h := api.Held[D]{Object: o.object(ctx, k.object, id, parent), ARN: stem + id, Value: value}
	return h.ARN, h.Keep(ctx, tx)
}

// change runs f in a transaction that holds the caller's account, so that what
// f reads of it stays as it is.
func (o Operations) change(ctx context.Context, f func(tx *store.Tx) error) error {
	return o.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, api.CallerOf(ctx).Account); err != nil {
			return err
		}
		return f(tx)
	})
}

// describe looks ARNs up one by one. An ARN with which something is wrong does
// not fail the others; one that is named twice is answered once, and among the
// failed ones, too.
func describe[A any](arns []string, look func(arn string) (A, error)) ([]A, map[string]inspector.FailedItemDetails, error) {
	out, failed := []A{}, map[string]inspector.FailedItemDetails{}
	seen := map[string]bool{}
	for _, arn := range arns {
		if seen[arn] {
			if _, ok := failed[arn]; !ok {
				failed[arn] = inspector.FailedItemDetails{FailureCode: inspector.FailedItemErrorCodeDuplicateArn}
			}
			continue
		}
		seen[arn] = true
		a, err := look(arn)
		if err == nil {
			out = append(out, a)
			continue
		}
		code := failure(err)
		if code == "" {
			return nil, nil, err
		}
		failed[arn] = inspector.FailedItemDetails{FailureCode: code}
	}
	return out, failed, nil
}

// failure returns the code of an error for one of several ARNs; empty if it
// concerns more than that one.
func failure(err error) inspector.FailedItemErrorCode {
	if _, ok := errors.AsType[*inspector.InvalidInputException](err); ok {
		return inspector.FailedItemErrorCodeInvalidArn
	}
	if _, ok := errors.AsType[*inspector.AccessDeniedException](err); ok {
		return inspector.FailedItemErrorCodeAccessDenied
	}
	if _, ok := errors.AsType[*inspector.NoSuchEntityException](err); ok {
		return inspector.FailedItemErrorCodeItemDoesNotExist
	}
	return ""
}
