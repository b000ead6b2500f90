package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/assay-project/assay/internal/monitor"
)

type adminWhy struct {
	ARN string `arg:"" name:"arn" help:"The finding, such as arn:aws:inspector2:us-east-1:111122223333:finding/0123456789abcdef0123456789abcdef."`
}

// Run shows why there is a finding.
func (c *adminWhy) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out monitor.FindingReasons
	if done, err := a.do(ctx, e, [2]string{"GET", "findings/why?arn=" + url.QueryEscape(c.ARN)}, nil, &out); err != nil || done {
		return err
	}
	if out.Problem != "" {
		_, err := fmt.Fprintln(e.stdout, out.Problem)
		return err
	}
	for _, m := range out.Matches {
		fmt.Fprintf(e.stdout, "%s\n", m.Text)
		rows := [][]string{
			{"  advisory", m.Advisory.ID + " of " + m.Advisory.Source},
			{"  published", date(m.Advisory.Published)},
			{"  page", cmp.Or(m.Advisory.URL, "-")},
			{"  versions", m.Range.Text},
			{"  found in", cmp.Or(m.Package.Path, "-")},
		}
		if l := m.Layer; l != nil {
			rows = append(rows, []string{"  layer", strconv.Itoa(l.Index) + ": " + l.Digest}, []string{"  made by", cmp.Or(l.CreatedBy, "-")})
		}
		if err := table(e, "", rows); err != nil {
			return err
		}
	}
	return nil
}
