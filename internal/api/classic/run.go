package classic

import (
	"context"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/store"
)

// maxRuns is how many runs an account may have.
// Source: Inspector Classic user guide, "Service quotas".
const maxRuns = 50_000

// notEvaluated is why runs fail.
const notEvaluated = "This version does not carry out assessment runs: no data was collected and no rule was evaluated."

// A run is one assessment, and what it left out.
type run struct {
	inspector.AssessmentRun
	Exclusions []inspector.ExclusionPreview
}

// enter brings a run into another state.
func (r *run) enter(state inspector.AssessmentRunState, now time.Time) {
	r.State, r.StateChangedAt = state, now
	r.StateChanges = append(r.StateChanges, inspector.AssessmentRunStateChange{StateChangedAt: now, State: state})
	if ended(state) {
		r.CompletedAt = now
	}
}

// fail ends a run whose rules nothing evaluates. Its notifications say so.
func (r *run) fail(now time.Time) {
	r.enter(inspector.AssessmentRunStateFailed, now)
	r.Notifications = append(r.Notifications, inspector.AssessmentRunNotification{
		Date: now, Event: inspector.InspectorEventAssessmentRunStateChanged, Message: notEvaluated, Error: true,
	})
}

// ended tells whether a run in the state will not go on.
func ended(state inspector.AssessmentRunState) bool {
	return slices.Contains([]inspector.AssessmentRunState{
		inspector.AssessmentRunStateCompleted, inspector.AssessmentRunStateCompletedWithErrors,
		inspector.AssessmentRunStateFailed, inspector.AssessmentRunStateError, inspector.AssessmentRunStateCanceled,
	}, state)
}

// inProgress returns the exception for what cannot be done while runs are in
// progress.
func inProgress(arns []string) error {
	const most = 10 // of the model
	return &inspector.AssessmentRunInProgressException{
		Message:           "This cannot be done while an assessment run is in progress.",
		AssessmentRunARNs: arns[:min(most, len(arns))], AssessmentRunARNsTruncated: len(arns) > most,
	}
}

// startRun makes a run, which fails at once: to refuse it would leave the caller
// without the reason in the place where programs look for it, and to let it end
// as if it had found nothing would be a lie.
func (o Operations) startRun(ctx context.Context, in *inspector.StartAssessmentRunRequest) (*inspector.StartAssessmentRunResponse, error) {
	excluded, err := o.excluded(ctx, in.AssessmentTemplateARN)
	if err != nil {
		return nil, err
	}
	now := o.Now()
	var arn string
	err = o.change(ctx, func(tx *store.Tx) error {
		t, err := find[template](ctx, tx, templateKind, in.AssessmentTemplateARN)
		if err != nil {
			return err
		}
		if len(t.Value.Packages) == 0 {
			return refuse(inspector.InvalidInputErrorCodeInvalidNumberOfRulesPackageArns, "The template has no rules package.")
		}
		name, err := runName(ctx, tx, t, in.AssessmentRunName, now)
		if err != nil {
			return err
		}
		r := run{AssessmentRun: inspector.AssessmentRun{
			Name: name, AssessmentTemplateARN: t.ARN, DurationInSeconds: t.Value.Seconds,
			RulesPackageARNs: t.Value.Packages, UserAttributesForFindings: t.Value.Attributes, CreatedAt: now,
		}, Exclusions: excluded}
		r.enter(inspector.AssessmentRunStateCreated, now)
		r.fail(now)
		arn, err = add(ctx, o, tx, runKind, t.ARN+"/run/", r)
		return err
	})
	return &inspector.StartAssessmentRunResponse{AssessmentRunARN: arn}, err
}

// runName returns the name of a new run, which no other of the template may
// have; without a wish it is the time.
// Source: Inspector Classic API Reference, assessmentRunName. The model has no
// code of its own for a name that is taken.
func runName(ctx context.Context, tx *store.Tx, t api.Held[template], wish string, now time.Time) (string, error) {
	objects, err := tx.Objects(ctx, own(ctx), store.Objects{Kind: runKind.object, Limit: maxRuns})
	if err != nil {
		return "", err
	}
	if len(objects) >= maxRuns {
		return "", full(inspector.LimitExceededErrorCodeAssessmentRunLimitExceeded, maxRuns, "assessment runs")
	}
	taken := map[string]bool{}
	for _, object := range objects {
		if object.Parent != t.ID {
			continue
		}
		h, err := api.ReadHeld[run](object)
		if err != nil {
			return "", err
		}
		taken[h.Value.Name] = true
	}
	if wish != "" {
		if taken[wish] {
			return "", refuse(inspector.InvalidInputErrorCodeAssessmentTemplateNameAlreadyTaken,
				"The template has a run of the name %s already.", wish)
		}
		return wish, nil
	}
	for n := now; ; n = n.Add(time.Nanosecond) {
		if name := "Run " + n.UTC().Format(time.RFC3339Nano); !taken[name] {
			return name, nil
		}
	}
}

// stopRun ends a run that is in progress: what was collected is not evaluated.
func (o Operations) stopRun(ctx context.Context, in *inspector.StopAssessmentRunRequest) (*wire.None, error) {
	return &wire.None{}, o.change(ctx, func(tx *store.Tx) error {
		h, err := find[run](ctx, tx, runKind, in.AssessmentRunARN)
		if err != nil {
			return err
		}
		if ended(h.Value.State) {
			return refuse(inspector.InvalidInputErrorCodeInvalidAssessmentRunState, "%s has ended: it is %s.", h.ARN, h.Value.State)
		}
		h.Updated = o.Now()
		if in.StopAction == inspector.StopActionSkipEvaluation {
			h.Value.enter(inspector.AssessmentRunStateCanceled, h.Updated)
		} else {
			h.Value.fail(h.Updated)
		}
		return h.Keep(ctx, tx)
	})
}

func (o Operations) deleteRun(ctx context.Context, in *inspector.DeleteAssessmentRunRequest) (*wire.None, error) {
	return &wire.None{}, o.change(ctx, func(tx *store.Tx) error {
		h, err := find[run](ctx, tx, runKind, in.AssessmentRunARN)
		if err != nil {
			return err
		}
		if !ended(h.Value.State) {
			return inProgress([]string{h.ARN})
		}
		return tx.Delete(ctx, own(ctx), h.Kind, h.ID)
	})
}

func (o Operations) listRuns(ctx context.Context, in *inspector.ListAssessmentRunsRequest) (*inspector.ListAssessmentRunsResponse, error) {
	f := or(in.Filter)
	fits, err := runFilter(f)
	if err != nil {
		return nil, err
	}
	templates, err := parents[template](ctx, o, templateKind, in.AssessmentTemplateARNs)
	if err != nil {
		return nil, err
	}
	p := page{
		operation: "ListAssessmentRuns", asked: []any{in.AssessmentTemplateARNs, f},
		token: in.NextToken, size: in.MaxResults, most: maxARNs,
	}
	rows, next, err := list(ctx, o, runKind.object, templates, p, fits)
	return &inspector.ListAssessmentRunsResponse{AssessmentRunARNs: arns(rows), NextToken: next}, err
}

// runFilter returns a test for the runs that a filter wants.
func runFilter(f inspector.AssessmentRunFilter) (func(api.Held[run]) bool, error) {
	lasts, err := lasting(f.DurationRange, inspector.InvalidInputErrorCodeInvalidAssessmentRunDurationRange)
	if err != nil {
		return nil, err
	}
	started, err := within(f.StartTimeRange, inspector.InvalidInputErrorCodeInvalidAssessmentRunStartTimeRange)
	if err != nil {
		return nil, err
	}
	completed, err := within(f.CompletionTimeRange, inspector.InvalidInputErrorCodeInvalidAssessmentRunCompletionTimeRange)
	if err != nil {
		return nil, err
	}
	changed, err := within(f.StateChangeTimeRange, inspector.InvalidInputErrorCodeInvalidAssessmentRunStateChangeTimeRange)
	if err != nil {
		return nil, err
	}
	return func(h api.Held[run]) bool {
		r := h.Value
		return named(f.NamePattern, r.Name) && (len(f.States) == 0 || slices.Contains(f.States, r.State)) &&
			lasts(r.DurationInSeconds) && hasAll(r.RulesPackageARNs, f.RulesPackageARNs) &&
			started(r.StartedAt) && completed(r.CompletedAt) && changed(r.StateChangedAt)
	}, nil
}

func (o Operations) describeRuns(
	ctx context.Context, in *inspector.DescribeAssessmentRunsRequest,
) (*inspector.DescribeAssessmentRunsResponse, error) {
	list, failed, err := describe(in.AssessmentRunARNs, func(arn string) (inspector.AssessmentRun, error) {
		h, err := find[run](ctx, o.Store, runKind, arn)
		h.Value.ARN = h.ARN
		return h.Value.AssessmentRun, err
	})
	return &inspector.DescribeAssessmentRunsResponse{AssessmentRuns: list, FailedItems: failed}, err
}

// listRunAgents lists the agents of a run, of which there is none: no run gets
// as far as to ask one.
func (o Operations) listRunAgents(
	ctx context.Context, in *inspector.ListAssessmentRunAgentsRequest,
) (*inspector.ListAssessmentRunAgentsResponse, error) {
	const most = 500 // of the model
	if _, err := find[run](ctx, o.Store, runKind, in.AssessmentRunARN); err != nil {
		return nil, err
	}
	p := page{
		operation: "ListAssessmentRunAgents", asked: []any{in.AssessmentRunARN, in.Filter},
		token: in.NextToken, size: in.MaxResults, most: most,
	}
	rows, next, err := cut[inspector.AssessmentRunAgent](ctx, o, p, nil)
	return &inspector.ListAssessmentRunAgentsResponse{AssessmentRunAgents: rows, NextToken: next}, err
}

// telemetry tells what was collected in a run, which is nothing.
func (o Operations) telemetry(
	ctx context.Context, in *inspector.GetTelemetryMetadataRequest,
) (*inspector.GetTelemetryMetadataResponse, error) {
	_, err := find[run](ctx, o.Store, runKind, in.AssessmentRunARN)
	return &inspector.GetTelemetryMetadataResponse{TelemetryMetadata: []inspector.TelemetryMetadata{}}, err
}

// report refuses: there is nothing to report on any run.
func (o Operations) report(
	ctx context.Context, in *inspector.GetAssessmentReportRequest,
) (*inspector.GetAssessmentReportResponse, error) {
	h, err := find[run](ctx, o.Store, runKind, in.AssessmentRunARN)
	if err != nil {
		return nil, err
	}
	if !ended(h.Value.State) {
		return nil, inProgress([]string{h.ARN})
	}
	return nil, &inspector.UnsupportedFeatureException{Message: "There is no report on a run that has collected no data."}
}
