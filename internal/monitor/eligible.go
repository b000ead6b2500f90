package monitor

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Reasons of coverage that decide about whether a resource is scanned, in
// Amazon's words. Reasons has all of them.
const (
	Successful       = "SUCCESSFUL"
	PendingInitial   = "PENDING_INITIAL_SCAN"
	PendingRevival   = "PENDING_REVIVAL_SCAN"
	PendingDisable   = "PENDING_DISABLE"
	ExcludedByTag    = "EXCLUDED_BY_TAG"
	Expired          = "SCAN_ELIGIBILITY_EXPIRED"
	StaleInventory   = "STALE_INVENTORY"
	CustomerKey      = "ACCESS_DENIED_TO_ENCRYPTION_KEY"
	AccessDenied     = "ACCESS_DENIED"
	UnsupportedCode  = "UNSUPPORTED_CODE_ARTIFACTS"
	UnsupportedOS    = "UNSUPPORTED_OS"
	UnsupportedMedia = "UNSUPPORTED_MEDIA_TYPE"
	InternalError    = "INTERNAL_ERROR"
	OnPush           = "SCAN_FREQUENCY_SCAN_ON_PUSH"
	ImageSize        = "IMAGE_SIZE_EXCEEDED"
)

// Verdict is whether a resource is to be scanned.
type Verdict struct {
	Reason string    // why it is not, in the words of coverage; empty: it is
	Until  time.Time // when that ends if nothing is done with the resource; zero: never
}

// Limits of time of Amazon Inspector.
// Source: Inspector user guide, "Scanning AWS Lambda functions" and "Assessing
// Amazon Inspector coverage of your AWS environment".
const (
	unused = 90 * 24 * time.Hour // a function that was neither run nor changed
	// Stale is after how long without an inventory a machine is no longer known.
	Stale = 7 * 24 * time.Hour
)

// rescanDays are the durations of rescans, in days.
// Source: Inspector2 API model, EcrRescanDuration and EcrPullDateRescanDuration.
var rescanDays = map[string]int{
	"DAYS_3": 3, "DAYS_7": 7, "DAYS_14": 14, "DAYS_30": 30, "DAYS_60": 60, "DAYS_90": 90, "DAYS_180": 180,
}

// Durations returns how long images may be scanned again, but for their whole
// life.
func Durations() []time.Duration {
	out := []time.Duration{unused} // that of functions; it is one of images, too
	for _, days := range rescanDays {
		if d := time.Duration(days) * 24 * time.Hour; d != unused {
			out = append(out, d)
		}
	}
	return out
}

// Eligible tells whether the packages of a resource are to be scanned, by the
// settings that hold for its account.
func Eligible(settings org.Settings, res resource.Resource, now time.Time) Verdict {
	if !settings.On(serviceOf(res.Type)) {
		return Verdict{Reason: PendingDisable}
	}
	if excluded(res) {
		return Verdict{Reason: ExcludedByTag}
	}
	var until time.Time
	switch res.Type {
	case resource.Image, resource.AzureImage:
		until = imageUntil(settings, res, now)
	case resource.Function, resource.AzureFunction:
		until = functionUntil(res, now)
	case resource.Instance, resource.AzureInstance, resource.Code, resource.Repository, resource.AzureRepository, resource.AzureRegistry:
	}
	if !until.IsZero() && !now.Before(until) {
		return Verdict{Reason: Expired}
	}
	return Verdict{Until: until}
}

// EligibleCode is like Eligible, for the code of a function.
func EligibleCode(settings org.Settings, res resource.Resource, now time.Time) Verdict {
	if !settings.On(org.LambdaCode) {
		return Verdict{Reason: PendingDisable}
	}
	for _, key := range []string{"InspectorCodeExclusion", "InspectorExclusion"} {
		if res.Labels[key] == "LambdaCodeScanning" {
			return Verdict{Reason: ExcludedByTag}
		}
	}
	return Eligible(settings, res, now)
}

// excluded tells whether a tag keeps a resource from being scanned.
// Source: Inspector user guide, "Excluding instances from Amazon Inspector
// scans" (the key in any case, with any value) and "Excluding functions from
// Lambda standard scanning".
func excluded(res resource.Resource) bool {
	switch res.Type {
	case resource.Instance, resource.AzureInstance:
		for key := range res.Labels {
			if strings.EqualFold(key, "InspectorEc2Exclusion") {
				return true
			}
		}
	case resource.Function, resource.AzureFunction:
		return res.Labels["InspectorExclusion"] == "LambdaStandardScanning"
	case resource.Image, resource.AzureImage, resource.Code, resource.Repository, resource.AzureRepository, resource.AzureRegistry:
	}
	return false
}

// imageUntil returns until when an image is scanned again; zero if for ever, or
// nothing is known of when it was pushed or used. What counts as use is the
// last time it ran or was pulled, as the settings say. Where nobody tells which
// images run, a pull is the best sign that one does.
// Source: Inspector user guide, "Configuring the Amazon ECR re-scan duration".
func imageUntil(settings org.Settings, res resource.Resource, now time.Time) time.Time {
	s := settings.Under(org.Settings{}).ECR
	used := cmp.Or(res.Image.Used, res.Image.Pulled)
	if s.PullMode == "LAST_PULL_DATE" {
		used = res.Image.Pulled
	}
	var until time.Time
	for _, m := range []struct{ when, duration string }{{cmp.Or(res.Image.Pushed, res.Created), s.Rescan}, {used, s.Pull}} {
		at := moment(m.when, now)
		days, limited := rescanDays[m.duration]
		switch {
		case at.IsZero():
		case !limited: // LIFETIME
			return time.Time{}
		default:
			until = latest(until, at.AddDate(0, 0, days))
		}
	}
	return until
}

// functionUntil returns until when a function is scanned; zero if nothing is
// known of when it ran or changed.
func functionUntil(res resource.Resource, now time.Time) time.Time {
	at := latest(moment(cmp.Or(res.Function.Modified, res.Created), now), moment(res.Function.Used, now))
	if at.IsZero() {
		return at
	}
	return at.Add(unused)
}

// moment reads a time; zero if it is none. A time that has not come yet is a
// mistake of somebody's clock, and would count for ever.
func moment(s string, now time.Time) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil || at.Before(now) {
		return at
	}
	return now
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Revives tells whether anything has been done with a resource, since it was as
// before, that makes it eligible again: a push, a pull, a run, a change. That
// settings have become more generous does not.
func Revives(before, after resource.Resource, now time.Time) bool {
	for _, m := range [][2]string{
		{cmp.Or(before.Image.Pushed, before.Created), cmp.Or(after.Image.Pushed, after.Created)},
		{before.Image.Pulled, after.Image.Pulled},
		{before.Image.Used, after.Image.Used},
		{before.Function.Modified, after.Function.Modified},
		{before.Function.Used, after.Function.Used},
		{before.Digest, after.Digest},
	} {
		if m[0] == m[1] {
			continue
		}
		if at := moment(m[1], now); at.IsZero() && m[1] != "" || at.After(moment(m[0], now)) {
			return true
		}
	}
	return false
}

// handedIn returns a resource that is handed in by somebody who does not say when
// it was pushed, changed or used, as one that was on this day: whoever scans it
// works with it. A day is exact enough, and the same resource is not written anew
// with each scan. What a registry has said of an image stays, and the scan counts
// as a pull.
func handedIn(res, known resource.Resource, now time.Time) resource.Resource {
	day := now.UTC().Truncate(24 * time.Hour).Format(time.RFC3339)
	switch res.Type {
	case resource.Image, resource.AzureImage:
		if res.Image.Pushed != "" || res.Image.Pulled != "" || res.Image.Used != "" {
			return res
		}
		if known.Image.Registry == "" {
			res.Image.Pushed = day
			return res
		}
		res.Image = known.Image
		if moment(day, now).After(moment(known.Image.Pulled, now)) {
			res.Image.Pulled = day
		}
	case resource.Function, resource.AzureFunction:
		if res.Function.Modified == "" && res.Function.Used == "" {
			res.Function.Modified = day
		}
	case resource.Instance, resource.AzureInstance, resource.Code, resource.Repository, resource.AzureRepository, resource.AzureRegistry:
	}
	return res
}

// Admit decides whether a resource that is handed in is to be taken in, and
// returns it as it is to be kept. If it is not, coverage says so and its findings
// are closed, and the reason is not empty. The service must be on.
func (m *Monitor) Admit(ctx context.Context, account org.Account, res resource.Resource, now time.Time) (resource.Resource, string, error) {
	settings, err := m.Store.EffectiveSettings(ctx, account)
	if err != nil {
		return res, "", err
	}
	return m.admit(ctx, account, res, settings, now)
}

// admit is Admit under the settings that hold for the account.
func (m *Monitor) admit(
	ctx context.Context, account org.Account, res resource.Resource, settings org.Settings, now time.Time,
) (resource.Resource, string, error) {
	scope := org.Only(account)
	known, found, err := m.Store.Watched(ctx, scope, res)
	if err != nil {
		return res, "", err
	}
	res = handedIn(res, known.Resource, now)
	v := Eligible(settings, res, now)
	if v.Reason == "" && found && known.Reason == Expired && !Revives(known.Resource, res, now) {
		v.Reason = Expired
	}
	if v.Reason == "" {
		return res, "", nil
	}
	if err := m.Store.Stop(ctx, scope, []resource.Resource{res}, v.Reason, now); err != nil {
		return res, "", fmt.Errorf("leaving %s out: %w", res.ID, err)
	}
	return res, v.Reason, nil
}

// Again takes in what a resource was last found to hold, as when it is scanned
// after it was not for a while. It is NotFound if nothing is kept of it.
func (m *Monitor) Again(ctx context.Context, account org.Account, res resource.Resource, now time.Time) (Summary, error) {
	held, err := m.Store.Inventory(ctx, org.Only(account), account, res.ID)
	if err != nil {
		return Summary{}, err
	}
	sub := Submission{Schema: Schema, Resource: res, Inventory: held.Inventory}
	sub.Target.Layers = held.Layers
	return m.Take(ctx, Submitter{Account: account}, sub, now)
}
