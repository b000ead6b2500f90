package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/scan"
)

// render fills in what events about findings say: the finding as it is now, in
// the shape of the API. A finding that is gone meanwhile leaves its event as it
// is.
func (s *server) render(ctx context.Context, list []store.Event) error {
	scope, err := s.store.Everything(ctx)
	if err != nil {
		return err
	}
	byARN := map[string][]int{}
	var arns []string
	for i, e := range list {
		if strings.HasPrefix(e.Kind, "finding.") {
			if byARN[e.Subject] == nil {
				arns = append(arns, e.Subject)
			}
			byARN[e.Subject] = append(byARN[e.Subject], i)
		}
	}
	for len(arns) > 0 {
		n := min(len(arns), store.MaxPage)
		found, err := s.store.FindingsByARN(ctx, scope, arns[:n])
		if err != nil {
			return err
		}
		arns = arns[n:]
		for i := range found {
			f := &found[i]
			life := report.Life{Type: f.Type, Status: string(f.Status), First: f.First, Updated: f.Updated}
			shown := report.Finding(&f.Finding, life, scan.Target{})
			doc, err := s.findings.Append(nil, &shown)
			if err != nil {
				return fmt.Errorf("writing %s: %w", f.ARN, err)
			}
			for _, at := range byARN[f.ARN] {
				list[at].Doc = doc
			}
		}
	}
	return nil
}
