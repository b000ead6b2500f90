package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// Limits of suggestions.
const (
	// MaxSuggestions is how many there are at most.
	MaxSuggestions = 100
	// suggestTries is how many values are looked at, most of which may be of other
	// accounts.
	suggestTries = 400
	// suggestRows is how many rows with one value are looked at to find one of the
	// accounts.
	suggestRows = 200
)

// A suggestion is where the values of a field are.
type suggestion struct {
	words  []string // all that there are
	table  string   // with the values, under the name e; empty: there is none
	column string   // whose index has them in order
	and    string   // a condition on the rows of the index besides; may be empty
	owned  string   // a condition on e that is to be completed with a list of accounts
	// account is the column that this list is about; empty: that of e.
	account string
}

// ofCounted are values that findings are counted by: the counters tell which
// accounts have them.
func ofCounted(dim int64) suggestion {
	return suggestion{
		table: "agg_key", column: "txt", and: fmt.Sprintf("e.dim = %d", dim),
		owned: fmt.Sprintf("EXISTS (SELECT 1 FROM agg a WHERE +a.dim = %d AND a.k = e.k AND %%s)", dim), account: "a.account_id",
	}
}

// ofResource are values of resources.
func ofResource(column, and string) suggestion {
	return suggestion{table: "resource", column: column, and: and, owned: "%s"}
}

// ofVuln are values of vulnerabilities, of which accounts see those that their
// active findings have.
func ofVuln(table, column string) suggestion {
	id := "e.vuln_id"
	if table != "vuln" {
		id = "(SELECT v.vuln_id FROM vuln v WHERE v.vuln_sk = e.vuln_sk)"
	}
	owned := fmt.Sprintf("EXISTS (SELECT 1 FROM agg_key n JOIN agg a ON a.k = n.k WHERE n.vuln <> '' AND n.vuln = %s AND +a.dim = %d AND %%s)", id, dimTitle)
	return suggestion{table: table, column: column, owned: owned, account: "a.account_id"}
}

// suggestions are where the values of each field are. Fields that no index begins
// with have none.
func suggestions() map[string]suggestion {
	out := map[string]suggestion{
		"severity":      {words: words(severityNumbers)},
		"findingStatus": {words: words(statusNumbers)},
		"findingType":   {words: typeNumbers}, "resourceType": {words: words(resourceNumbers)},
		"fixAvailable": {words: words(fixNumbers)}, "exploitAvailable": {words: yesNumbers},
		"title": ofCounted(dimTitle), "vulnerablePackages": ofCounted(dimPackage),
		"vulnerabilityId": ofVuln("vuln", "vuln_id"), "vulnerabilitySource": ofVuln("vuln", "source"),
		"vendorSeverity": ofVuln("vuln", "vendor_sev"), "relatedVulnerabilities": ofVuln("vuln_related", "related_id"),
		"resourceId": ofResource("arn", ""), "resourceTags": {table: "resource_tag", column: "k", owned: "%s"},
		"networkProtocol": {table: "finding_net", column: "protocol", owned: "%s"},
		"componentType":   {table: "finding_net", column: "component_type", owned: "%s"},
	}
	for names, s := range map[string]suggestion{
		"ecrImageRepositoryName cloudImageRepositoryName": ofResource("repo", ""), "ecrImageRegistry cloudImageRegistry": ofResource("registry", ""),
		"ecrImageHash cloudImageDigest":                  ofResource("digest", "e.digest IS NOT NULL"),
		"ec2InstanceImageId cloudVmImageReference":       ofResource("ami", "e.ami IS NOT NULL"),
		"lambdaFunctionName cloudServerlessFunctionName": ofResource("fn_name", "e.fn_name IS NOT NULL"),
	} {
		for name := range strings.FieldsSeq(names) {
			out[name] = s
		}
	}
	return out
}

// Suggest returns values of a field of filter.Finding that begin with a prefix and
// that something in the scope has, in their order, at most so many. It may miss
// some where the accounts have few of very many. It returns none for fields that
// have no index. Tags are keys, and packages are names.
func (s *Store) Suggest(ctx context.Context, scope org.Scope, field, prefix string, limit int) ([]string, error) {
	out := []string{}
	if _, ok := filter.Finding[field]; !ok {
		return nil, fault.OnField("field", "unknown value %q", field)
	}
	if limit < 1 || limit > MaxSuggestions {
		return nil, fault.OnField("limit", "%d is not from 1 to %d", limit, MaxSuggestions)
	}
	if strings.Contains(prefix, "\x00") || len(prefix) > 1024 {
		return out, nil
	}
	accounts := accountNumbers(scope)
	from, ok := suggestions()[field]
	if field == "awsAccountId" {
		for _, a := range scope.Accounts() {
			from.words = append(from.words, a.String())
		}
	}
	if from.table == "" || !ok || len(accounts) == 0 {
		for _, w := range slices.Sorted(slices.Values(from.words)) {
			if w != "" && strings.HasPrefix(w, prefix) && len(out) < limit {
				out = append(out, w)
			}
		}
		return out, nil
	}
	after, begun := prefix, false
	for range suggestTries {
		value, err := s.nextValue(ctx, from, prefix, after, begun)
		if errors.Is(err, sql.ErrNoRows) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("looking for values of %s: %w", field, err)
		}
		has, err := s.hasValue(ctx, from, value, accounts)
		if err != nil {
			return nil, fmt.Errorf("looking for values of %s: %w", field, err)
		}
		if has {
			if out = append(out, value); len(out) == limit {
				return out, nil
			}
		}
		after, begun = value, true
	}
	return out, nil
}

// nextValue returns the first value after another, or the first at all, that
// begins with a prefix. Equal ones are passed over by the index.
func (s *Store) nextValue(ctx context.Context, from suggestion, prefix, after string, begun bool) (value string, err error) {
	a := arguments{values: []any{after}}
	beyond := " >= $1"
	if begun {
		beyond = " > $1"
	}
	query := "SELECT e." + from.column + " FROM " + from.table + " e WHERE " + joined(from.and) + "e." + from.column + beyond
	if prefix != "" {
		query += " AND e." + from.column + " < " + a.add(prefix+"\U0010ffff")
	}
	return value, s.read.QueryRowContext(ctx, query+" ORDER BY e."+from.column+" LIMIT 1", a.values...).Scan(&value)
}

// hasValue tells whether one of the accounts has a value.
func (s *Store) hasValue(ctx context.Context, from suggestion, value string, accounts []int64) (bool, error) {
	a := arguments{values: []any{value}}
	owned := fmt.Sprintf(from.owned, inAccounts(s.dialect, &a, cmp.Or(from.account, "e.account_id"), accounts))
	query := "SELECT count(*) FROM (SELECT 1 FROM (SELECT * FROM " + from.table + " e WHERE " + joined(from.and) + "e." + from.column +
		" = $1 LIMIT " + strconv.Itoa(suggestRows) + ") e WHERE " + owned + " LIMIT 1) z"
	var n int64
	err := s.read.QueryRowContext(ctx, query, a.values...).Scan(&n)
	return n > 0, err
}

// joined is a condition with what ties it to the next.
func joined(condition string) string {
	if condition == "" {
		return ""
	}
	return condition + " AND "
}
