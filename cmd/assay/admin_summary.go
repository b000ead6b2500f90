package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/server"
)

type adminSummary struct{}

// barWidth is how many characters the longest bar has.
const barWidth = 40

// Run shows the summary.
func (*adminSummary) Run(ctx context.Context, e edge, a *adminCommand) error {
	var s server.Summary
	if done, err := a.do(ctx, e, [2]string{"GET", "summary"}, nil, &s); err != nil || done {
		return err
	}
	kind := "advisories"
	if s.Advisories.Starter {
		kind = "advisories, the small starter set"
	}
	fmt.Fprintf(e.stdout, "%d active findings in %s; %d have a fix, %d can be exploited\n%d %s, built %s; %d jobs wait, %d of them scans\n\n",
		s.Findings.Total, amount(s.Accounts.Total, "account"), s.Fixable.Total, s.Exploitable, s.Advisories.Advisories, kind, moment(s.Advisories.Built),
		s.Waiting.Jobs, s.Waiting.Scans)
	if err := table(e, "SEVERITY\tFINDINGS\t", severityBars(s.Findings.SeverityCounts)); err != nil {
		return err
	}
	fmt.Fprintln(e.stdout)
	for _, print := range []func(edge, *server.Summary) error{printCoverage, printRemedies, printTop, printNewest, printTrend} {
		if err := print(e, &s); err != nil {
			return err
		}
	}
	return nil
}

// severityBars returns a row with a bar for each severity that there is.
func severityBars(c server.SeverityCounts) [][]string {
	var rows [][]string
	longest := max(c.Critical, c.High, c.Medium, c.Low, c.Informational, c.Untriaged, c.Other)
	for _, x := range []struct {
		name string
		n    int64
	}{
		{"critical", c.Critical},
		{"high", c.High},
		{"medium", c.Medium},
		{"low", c.Low},
		{"informational", c.Informational},
		{"untriaged", c.Untriaged},
		{"low or less", c.Other},
	} {
		if x.n > 0 || x.name == "critical" {
			rows = append(rows, []string{x.name, strconv.FormatInt(x.n, 10), bar(x.n, longest)})
		}
	}
	return rows
}

// bar is as long as a number is to the longest; one that is not 0 is seen.
func bar(n, longest int64) string {
	if n <= 0 || longest <= 0 {
		return ""
	}
	return strings.Repeat("█", int(max(n*barWidth/longest, 1)))
}

func printCoverage(e edge, s *server.Summary) error {
	var rows [][]string
	for _, c := range s.Coverage {
		var why []string
		for _, r := range c.Reasons {
			why = append(why, fmt.Sprintf("%d %s", r.Resources, r.Reason))
		}
		rows = append(rows, []string{c.Type, fmt.Sprintf("%d of %d", c.Scanned, c.Total), cmp.Or(strings.Join(why, ", "), "-")})
	}
	return section(e, "RESOURCES\tSCANNED\tNOT SCANNED", rows)
}

func printRemedies(e edge, s *server.Summary) error {
	var rows [][]string
	for _, r := range s.Remediations {
		more := ""
		if r.More {
			more = "+"
		}
		rows = append(rows, []string{
			r.Package, cmp.Or(r.UpgradeTo, "-"), strconv.FormatInt(r.Critical, 10), strconv.FormatInt(r.Findings, 10),
			strconv.Itoa(r.Resources) + more, cmp.Or(r.Command, "-"),
		})
	}
	return section(e, "UPGRADE\tTO\tCRITICAL\tFINDINGS\tRESOURCES\tCOMMAND", rows)
}

func printTop(e edge, s *server.Summary) error {
	var rows [][]string
	for _, t := range []struct {
		kind string
		list []server.SummaryHolder
	}{
		{"account", s.Top.Accounts},
		{"image", s.Top.Images},
		{"repository", s.Top.Repositories},
		{"host", s.Top.Hosts},
		{"function", s.Top.Functions},
	} {
		for _, h := range t.list {
			rows = append(rows, []string{
				t.kind, cmp.Or(h.Name, h.ID), h.Account, strconv.FormatInt(h.Critical, 10), strconv.FormatInt(h.High, 10), strconv.FormatInt(h.Total, 10),
			})
		}
	}
	return section(e, "MOST\tNAME\tACCOUNT\tCRITICAL\tHIGH\tALL", rows)
}

func printNewest(e edge, s *server.Summary) error {
	var rows [][]string
	for _, n := range s.Newest {
		rows = append(rows, []string{n.Vulnerability, strings.ToLower(n.Severity), date(n.Published), strconv.FormatInt(n.Resources, 10), n.Title})
	}
	return section(e, "NEWEST\tSEVERITY\tPUBLISHED\tRESOURCES\tTITLE", rows)
}

// printTrend shows the last week.
func printTrend(e edge, s *server.Summary) error {
	const days = 7
	var rows [][]string
	longest := int64(0)
	last := s.Trend[max(len(s.Trend)-days, 0):]
	for _, d := range last {
		longest = max(longest, d.Critical+d.High)
	}
	for _, d := range slices.Backward(last) {
		rows = append(rows, []string{
			d.Day, strconv.FormatInt(d.Critical, 10), strconv.FormatInt(d.High, 10), "+" + strconv.FormatInt(d.Opened, 10),
			"-" + strconv.FormatInt(d.Closed, 10), bar(d.Critical+d.High, longest),
		})
	}
	return section(e, "DAY\tCRITICAL\tHIGH\tOPENED\tCLOSED\t", rows)
}

// section prints a table and an empty line, or nothing if there is nothing in it.
func section(e edge, head string, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	if err := table(e, head, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintln(e.stdout)
	return err
}

// amount writes a number with its noun.
func amount[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
