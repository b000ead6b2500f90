package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// Group is how many rows of coverage have a value.
type Group struct {
	Value string
	Count int64
}

// A grouping is what coverage may be counted by.
type grouping struct {
	column string   // in a query of coverage c and resource r
	words  []string // behind numbers; nil if the column is a text or an account
}

// CoverageCounts counts the coverage in the scope that fits: in all, and for
// each value of a GroupKey of the API; without one there are no groups. Groups
// are sorted from the largest, and resources without a value are in none of them.
// Criteria are those of filter.Coverage.
// Source: Inspector2 API model, GroupKey.
func (s *Store) CoverageCounts(ctx context.Context, scope org.Scope, where filter.Criteria, groupBy string) (groups []Group, total int64, err error) {
	if err := filter.Validate(filter.Coverage, "filterCriteria", where); err != nil {
		return nil, 0, CriteriaFault(err)
	}
	by, ok := map[string]grouping{
		"":                    {column: "0"},
		"SCAN_STATUS_CODE":    {"c.code", codeNumbers},
		"SCAN_STATUS_REASON":  {"c.reason", nil},
		"ACCOUNT_ID":          {"c.account_id", nil},
		"RESOURCE_TYPE":       {"r.type", words(resourceNumbers)},
		"ECR_REPOSITORY_NAME": {"r.repo", nil},
		"PROVIDER":            {"r.cloud", nil},
		"PROVIDER_ACCOUNT_ID": {"r.cloud_account", nil},
		"PROVIDER_REGION":     {"r.cloud_region", nil},
		"PROVIDER_ORG_ID":     {"r.cloud_org", nil},
	}[groupBy]
	if !ok {
		return nil, 0, fault.OnField("groupBy", "unknown value %q", groupBy)
	}
	accounts, where := chosenAccounts(scope, where, "accountId")
	if len(accounts) == 0 {
		return nil, 0, nil
	}
	condition, args, err := filter.Where(filter.Coverage, coverageColumns(), where, nil)
	if err != nil {
		return nil, 0, err
	}
	from := "coverage c"
	if strings.Contains(condition+by.column, "r.") { // else the resources need not be read
		from += " JOIN resource r ON r.res_id = c.res_id AND r.account_id = c.account_id"
	}
	query := fmt.Sprintf(`SELECT %[1]s, count(*) FROM %[2]s WHERE %[3]s AND %[4]s GROUP BY %[1]s`,
		by.column, from, inNumbers("c.account_id", accounts), condition)
	if groupBy == "" {
		query = fmt.Sprintf(`SELECT 0, count(*) FROM %s WHERE %s AND %s`, from, inNumbers("c.account_id", accounts), condition)
	}
	err = each(ctx, s.read, query, args, func(rows *sql.Rows) error {
		var g Group
		var value sql.NullString
		if err := rows.Scan(&value, &g.Count); err != nil {
			return err
		}
		total += g.Count
		if g.Value, err = by.value(groupBy, value.String); err != nil {
			return err
		}
		if g.Value != "" {
			groups = append(groups, g)
		}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("counting coverage: %w", err)
	}
	slices.SortFunc(groups, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value)) })
	return groups, total, nil
}

// value returns the value of a group in the words of the API; empty if it is of
// no group.
func (g grouping) value(key, value string) (string, error) {
	switch {
	case key == "":
		return "", nil
	case g.words == nil && key != "ACCOUNT_ID":
		return value, nil
	}
	var n int64
	if _, err := fmt.Sscan(value, &n); err != nil {
		return "", err
	}
	if key == "ACCOUNT_ID" {
		return org.Account(n).String(), nil
	}
	if !named(g.words, n) {
		return "", fmt.Errorf("a row has the number %d, that nothing stands for", n)
	}
	return g.words[n], nil
}
