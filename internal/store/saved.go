package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// FilterAction is what is done with the findings that a saved filter selects.
type FilterAction string

// The actions, in Amazon's words.
const (
	KeepOnly FilterAction = "NONE"
	Suppress FilterAction = "SUPPRESS" // the filter is a suppression rule
)

// actionNumbers has the number of each action in the table.
var actionNumbers = []FilterAction{"", KeepOnly, Suppress}

// SavedFilter is criteria that somebody has saved under a name.
type SavedFilter struct {
	ARN         string // arn:aws:inspector2:REGION:ACCOUNT:owner/OWNER/filter/ and 16 hexadecimal digits
	Account     org.Account
	Name        string // unique in the account
	Action      FilterAction
	Criteria    filter.Criteria // on the fields of filter.Finding
	Description string
	Reason      string // why findings are suppressed
	Tags        map[string]string
	Created     time.Time
	Updated     time.Time

	id int64
}

// Owner returns the account or organization that the ARN names as the owner.
func (f SavedFilter) Owner() string {
	_, rest, _ := strings.Cut(f.ARN, ":owner/")
	owner, _, _ := strings.Cut(rest, "/")
	return owner
}

// SavedFilters chooses saved filters.
type SavedFilters struct {
	ARNs   []string     // only these; nil: any
	Action FilterAction // only those; empty: any
	After  string       // only those whose ARN comes after; empty: from the first
	Limit  int          // at most so many; 0: all
}

// maxRules is how many suppression rules an account may have.
// Source: Amazon Inspector User Guide, "Quotas".
const maxRules = 500

// SavedFilters returns the saved filters in the scope that fit, by ARN.
func (s *Store) SavedFilters(ctx context.Context, scope org.Scope, where SavedFilters) ([]SavedFilter, error) {
	return savedFilters(ctx, s.read, scope, where)
}

// SavedFilter returns the saved filter of that name in the scope. Without it,
// the fault is NotFound.
func (s *Store) SavedFilter(ctx context.Context, scope org.Scope, arn string) (SavedFilter, error) {
	return savedFilter(ctx, s.read, scope, arn)
}

// SavedFilter is like that of Store, within the transaction.
func (t *Tx) SavedFilter(ctx context.Context, scope org.Scope, arn string) (SavedFilter, error) {
	return savedFilter(ctx, t.tx, scope, arn)
}

func savedFilter(ctx context.Context, q querier, scope org.Scope, arn string) (SavedFilter, error) {
	list, err := savedFilters(ctx, q, scope, SavedFilters{ARNs: []string{arn}})
	if err != nil {
		return SavedFilter{}, err
	}
	if len(list) == 0 {
		return SavedFilter{}, fault.New(fault.NotFound, "There is no filter %s.", arn)
	}
	return list[0], nil
}

// arnsAtOnce is how many ARNs one query looks up.
const arnsAtOnce = 100

// savedFilters reads filters, in parts if many ARNs are named.
func savedFilters(ctx context.Context, q querier, scope org.Scope, where SavedFilters) ([]SavedFilter, error) {
	if where.ARNs == nil {
		return someFilters(ctx, q, scope, where)
	}
	arns := slices.Compact(slices.Sorted(slices.Values(where.ARNs)))
	arns = slices.DeleteFunc(arns, func(s string) bool { return s != storable(s) }) // PostgreSQL refuses such arguments
	var out []SavedFilter
	for part := range slices.Chunk(arns, arnsAtOnce) {
		where := where
		if where.ARNs = part; where.Limit > 0 {
			where.Limit -= len(out)
		}
		list, err := someFilters(ctx, q, scope, where)
		if err != nil {
			return nil, err
		}
		if out = append(out, list...); where.Limit > 0 && len(list) == where.Limit {
			break
		}
	}
	return out, nil
}

func someFilters(ctx context.Context, q querier, scope org.Scope, where SavedFilters) ([]SavedFilter, error) {
	var a arguments
	query := `SELECT rule_id, account_id, arn, name, action, criteria, description, reason, created_at, updated_at
		FROM saved_filter WHERE ` + in(&a, "account_id", scope.Accounts())
	if where.ARNs != nil {
		query += ` AND ` + in(&a, "arn", where.ARNs)
	}
	if where.Action != "" {
		n, err := number(actionNumbers, where.Action, "action")
		if err != nil {
			return nil, err
		}
		query += ` AND action = ` + a.add(n)
	}
	if where.After != "" {
		query += ` AND arn > ` + a.add(where.After)
	}
	query += ` ORDER BY arn` + atMost(where.Limit)
	var out []SavedFilter
	err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
		f, err := scanFilter(rows)
		out = append(out, f)
		return err
	})
	if err == nil {
		err = filterTags(ctx, q, out)
	}
	if err != nil {
		return nil, fmt.Errorf("reading saved filters: %w", err)
	}
	return out, nil
}

func scanFilter(rows *sql.Rows) (SavedFilter, error) {
	var f SavedFilter
	var action, created, updated int64
	var doc []byte
	var description, reason sql.NullString
	err := rows.Scan(&f.id, &f.Account, &f.ARN, &f.Name, &action, &doc, &description, &reason, &created, &updated)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(doc, &f.Criteria); err != nil {
		return f, fmt.Errorf("reading %s: %w", f.ARN, err)
	}
	if !named(actionNumbers, action) {
		return f, fmt.Errorf("%s has action %d", f.ARN, action)
	}
	f.Action, f.Description, f.Reason = actionNumbers[action], description.String, reason.String
	f.Created, f.Updated = fromMilliseconds(created), fromMilliseconds(updated)
	return f, nil
}

// filterTags fills in the tags of filters.
func filterTags(ctx context.Context, q querier, list []SavedFilter) error {
	byARN := map[string]*SavedFilter{}
	for i := range list {
		byARN[list[i].ARN] = &list[i]
	}
	for part := range slices.Chunk(sortedKeys(byARN), arnsAtOnce) {
		var a arguments
		err := each(ctx, q, `SELECT arn, k, v FROM tag WHERE `+in(&a, "arn", part), a.values, func(rows *sql.Rows) error {
			var arn, k, v string
			if err := rows.Scan(&arn, &k, &v); err != nil {
				return err
			}
			f := byARN[arn]
			if f.Tags == nil {
				f.Tags = map[string]string{}
			}
			f.Tags[k] = v
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// CreateFilter saves a filter of an account under a new ARN and returns it. A
// suppression rule holds for every scan from the commit on; findings that are
// stored already follow by ApplyRule, or by a job that is enqueued here. Faults:
// Denied for an account outside the scope, and for a suppression rule of an
// account that is a member of an administrator; Conflict for a name that the
// account has already; Quota for more suppression rules than an account may
// have; Invalid for criteria that are not valid.
func (t *Tx) CreateFilter(ctx context.Context, scope org.Scope, region string, f SavedFilter, now time.Time) (SavedFilter, error) {
	owner := f.Account.String()
	if o, err := t.Organization(ctx); err != nil {
		return f, err
	} else if o.Admin == f.Account { // its rules hold for the members too
		owner = o.ID
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	f.ARN = fmt.Sprintf("arn:%s:inspector2:%s:%s:owner/%s/filter/%s", resource.Cloud{Region: region}.Partition(), region, f.Account,
		owner, hex.EncodeToString(random[:]))
	f.Created, f.Updated = now, now
	var err error
	if f.id, err = t.store.take(ctx, t.tx, "rule", 1); err != nil {
		return f, err
	}
	values, err := t.checkFilter(ctx, scope, f, SavedFilter{})
	if err != nil {
		return f, err
	}
	if err := t.freeName(ctx, f); err != nil {
		return f, err
	}
	_, err = t.tx.ExecContext(ctx, `INSERT INTO saved_filter
		(rule_id, account_id, arn, created_at, name, action, criteria, description, reason, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		append([]any{f.id, int64(f.Account), f.ARN, milliseconds(f.Created)}, values...)...)
	if err != nil {
		return f, fmt.Errorf("saving filter %s: %w", f.Name, err)
	}
	if err := t.SetTags(ctx, f.Account, f.ARN, f.Tags); err != nil {
		return f, err
	}
	return f, t.ruleChanged(ctx, f, f.Action == Suppress, now)
}

// FilterChange says what of a saved filter is to change. What is empty or nil
// stays.
type FilterChange struct {
	Name        string
	Action      FilterAction
	Criteria    filter.Criteria
	Description string
	Reason      string
}

// UpdateFilter changes a saved filter and returns it as it is then. Findings
// follow as for CreateFilter; the faults are the same, and NotFound.
func (t *Tx) UpdateFilter(ctx context.Context, scope org.Scope, arn string, change FilterChange, now time.Time) (SavedFilter, error) {
	old, err := t.SavedFilter(ctx, scope, arn)
	if err != nil {
		return old, err
	}
	if err := t.Hold(ctx, old.Account); err != nil {
		return old, err
	}
	if old, err = t.SavedFilter(ctx, scope, arn); err != nil { // as it is now that nobody else changes it
		return old, err
	}
	f := old
	for _, c := range []struct {
		to   *string
		from string
	}{{&f.Name, change.Name}, {&f.Description, change.Description}, {&f.Reason, change.Reason}} {
		if c.from != "" {
			*c.to = c.from
		}
	}
	if change.Action != "" {
		f.Action = change.Action
	}
	if change.Criteria != nil {
		f.Criteria = change.Criteria
	}
	f.Updated = now
	values, err := t.checkFilter(ctx, scope, f, old)
	if err != nil {
		return f, err
	}
	if f.Name != old.Name {
		if err := t.freeName(ctx, f); err != nil {
			return f, err
		}
	}
	_, err = t.tx.ExecContext(ctx, `UPDATE saved_filter SET name = $1, action = $2, criteria = $3, description = $4, reason = $5,
		updated_at = $6 WHERE rule_id = $7`, append(values, f.id)...)
	if err != nil {
		return f, fmt.Errorf("changing filter %s: %w", arn, err)
	}
	return f, t.ruleChanged(ctx, f, f.Action == Suppress || old.Action == Suppress, now)
}

// DeleteFilter removes a saved filter with its tags, and returns it as it was.
// The findings that it suppressed follow as for CreateFilter. The fault is
// NotFound if there is no such filter in the scope.
func (t *Tx) DeleteFilter(ctx context.Context, scope org.Scope, arn string, now time.Time) (SavedFilter, error) {
	f, err := t.SavedFilter(ctx, scope, arn)
	if err != nil {
		return f, err
	}
	if _, err := t.tx.ExecContext(ctx, `DELETE FROM saved_filter WHERE rule_id = $1`, f.id); err != nil {
		return f, fmt.Errorf("deleting filter %s: %w", arn, err)
	}
	if err := t.SetTags(ctx, f.Account, arn, nil); err != nil {
		return f, err
	}
	return f, t.ruleChanged(ctx, f, f.Action == Suppress, now)
}

// checkFilter tells whether a filter may be saved instead of an old one, the
// zero value if it is new, and returns the values of its columns from name on.
func (t *Tx) checkFilter(ctx context.Context, scope org.Scope, f, old SavedFilter) ([]any, error) {
	if !scope.Has(f.Account) {
		return nil, fault.New(fault.Denied, "account %s is not yours to change", f.Account)
	}
	// Names and rules of the account are counted: nobody adds any meanwhile.
	if err := t.Hold(ctx, f.Account); err != nil {
		return nil, err
	}
	for _, text := range []struct{ name, value string }{{"name", f.Name}, {"description", f.Description}, {"reason", f.Reason}} {
		if text.value != storable(text.value) {
			return nil, fault.OnField(text.name, "holds what is no text")
		}
	}
	action, err := number(actionNumbers, f.Action, "action")
	if err != nil {
		return nil, err
	}
	if err := filter.Validate(filter.Finding, "filterCriteria", f.Criteria); err != nil {
		return nil, fault.OnField("filterCriteria", "%v", err)
	}
	if f.Action == Suppress {
		if err := t.maySuppress(ctx, f.Account, old.Action != Suppress); err != nil {
			return nil, err
		}
	}
	doc, err := json.Marshal(f.Criteria)
	if err != nil {
		return nil, fmt.Errorf("writing criteria: %w", err)
	}
	return []any{f.Name, action, string(doc), textOrNull(f.Description), textOrNull(f.Reason), milliseconds(f.Updated)}, nil
}

// maySuppress returns a fault if the account may have no suppression rules, or
// no further one.
// Source: Amazon Inspector User Guide, "Suppressing findings".
func (t *Tx) maySuppress(ctx context.Context, account org.Account, further bool) error {
	admins, err := administrators(ctx, t.tx, []org.Account{account})
	if err != nil {
		return err
	}
	if admin := admins[account]; admin != 0 {
		return fault.New(fault.Denied, "account %s is a member of %s, which alone may have suppression rules", account, admin)
	}
	if !further {
		return nil
	}
	var n int
	row := t.tx.QueryRowContext(ctx, `SELECT count(*) FROM saved_filter WHERE account_id = $1 AND action = 2`, int64(account))
	if err := row.Scan(&n); err != nil {
		return fmt.Errorf("counting suppression rules: %w", err)
	}
	if n >= maxRules {
		return fault.New(fault.Quota, "an account may have at most %d suppression rules", maxRules)
	}
	return nil
}

// freeName returns a Conflict if another filter of the account has the name.
func (t *Tx) freeName(ctx context.Context, f SavedFilter) error {
	var n int
	row := t.tx.QueryRowContext(ctx, `SELECT count(*) FROM saved_filter WHERE account_id = $1 AND name = $2`, int64(f.Account), f.Name)
	if err := row.Scan(&n); err != nil {
		return fmt.Errorf("looking for filter %s: %w", f.Name, err)
	}
	if n > 0 {
		return fault.New(fault.Conflict, "a filter with the name %q exists already", f.Name)
	}
	return nil
}
