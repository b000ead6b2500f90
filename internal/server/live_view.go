package server

import (
	"context"
	"time"

	"github.com/assay-project/assay/internal/export"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// What a ChangedEvent names.
const (
	changedFindings = "findings"
	changedCoverage = "coverage"
	changedJobs     = "jobs"
)

// jobResults are the kinds of objects that tell what became of jobs.
func jobResults() []string {
	return []string{string(export.Findings), string(export.SBOMs), registryStateKind, functionSourceKind, machineKind}
}

// A view is what those who look at the store have seen last.
type view struct {
	since    time.Time
	pulses   map[org.Account]store.Pulse
	coverage map[org.Account]uint64
	again    time.Time // when coverage is looked at again
}

func newView(now time.Time) *view {
	return &view{since: now.Add(-time.Minute), pulses: map[org.Account]store.Pulse{}, coverage: map[org.Account]uint64{}}
}

// restFor is how many times as long as it took to look at coverage, it is not
// looked at again: an account may have so many resources that a look each second
// would be work of its own.
const restFor = 50

// look returns what has changed since the last look, by account. Of an account
// that was not looked at before, nothing has.
func (v *view) look(ctx context.Context, s *server, scope org.Scope) (map[org.Account][]string, error) {
	changed := map[org.Account][]string{}
	pulses, err := s.store.Pulses(ctx, scope, store.Watching{Kinds: jobResults(), Since: v.since})
	if err != nil {
		return nil, err
	}
	for account, is := range pulses {
		was, known := v.pulses[account]
		if known && is.Findings != was.Findings {
			changed[account] = append(changed[account], changedFindings)
		}
		if known && (is.Jobs != was.Jobs || is.Done.After(was.Done)) {
			changed[account] = append(changed[account], changedJobs)
		}
		if is.Done.Before(was.Done) { // the last one is out of sight
			is.Done = was.Done
		}
		pulses[account] = is
	}
	v.pulses = pulses
	began := time.Now()
	v.since = began.Add(-time.Minute) // long enough for transactions and clocks of others
	if began.Before(v.again) {
		return changed, nil
	}
	coverage, err := s.store.CoveragePulses(ctx, scope)
	if err != nil {
		return changed, err
	}
	for account, is := range coverage {
		if was, known := v.coverage[account]; known && is != was {
			changed[account] = append(changed[account], changedCoverage)
		}
	}
	v.coverage = coverage
	ended := time.Now()
	v.again = ended.Add(restFor * ended.Sub(began)).Add(-liveEvery / 2)
	return changed, nil
}
