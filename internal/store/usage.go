package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// The types of use that are counted, in Amazon's words.
// Source: Inspector2 API model, UsageType.
const (
	InstanceHours          = "EC2_INSTANCE_HOURS"
	AgentlessInstanceHours = "EC2_AGENTLESS_INSTANCE_HOURS"
	ImageInitialScan       = "ECR_INITIAL_SCAN"
	ImageRescan            = "ECR_RESCAN"
	FunctionHours          = "LAMBDA_FUNCTION_HOURS"
	FunctionCodeHours      = "LAMBDA_FUNCTION_CODE_HOURS"
	AzureInstanceHours     = "AZURE_VM_AGENT_BASED_INSTANCE_HOURS"
	AzureImageInitialScan  = "AZURE_CONTAINER_IMAGE_INITIAL_SCAN"
	AzureImageRescan       = "AZURE_CONTAINER_IMAGE_RESCAN"
	AzureFunctionHours     = "AZURE_SERVERLESS_FUNCTION_HOURS"
)

// usageDays is how long the time is whose use is shown, this day included.
// Source: Inspector2 API reference, ListUsageTotals.
const usageDays = 30

// Usage is how much of one type an account has used.
type Usage struct {
	Type  string
	Total float64 // hours or scans
}

// UsageTotal is what an account has used, by type.
type UsageTotal struct {
	Account org.Account
	Usage   []Usage
}

// AddUsage adds to what an account has used on a day. All that happens to an
// account on a day is added to one row: transactions that do much else call it
// last, for accounts in ascending order, so that they do not keep each other
// waiting.
func (t *Tx) AddUsage(ctx context.Context, account org.Account, kind string, day time.Time, amount float64) error {
	_, err := t.tx.ExecContext(ctx, usageInsert+` VALUES ($1, $2, $3, $4) `+usageConflict, int64(account), kind, dayOf(day), amount)
	if err != nil {
		return fmt.Errorf("counting the use of %s by account %s: %w", kind, account, err)
	}
	return nil
}

// The two ends of the statement that adds to the use of a day.
const (
	usageInsert   = `INSERT INTO usage_total (account_id, type, day, amount)`
	usageConflict = `ON CONFLICT (account_id, type, day) DO UPDATE SET amount = usage_total.amount + excluded.amount`
)

// dayOf returns how many days there are from 1970 to a time, in UTC.
func dayOf(t time.Time) int64 {
	const day = 24 * time.Hour
	return t.UnixMilli() / day.Milliseconds()
}

// scanUsage returns the type of use that a scan of an image is; empty for other
// resources. Those are counted by the hour.
func scanUsage(t resource.Type, first bool) string {
	switch {
	case t == resource.Image && first:
		return ImageInitialScan
	case t == resource.Image:
		return ImageRescan
	case t == resource.AzureImage && first:
		return AzureImageInitialScan
	case t == resource.AzureImage:
		return AzureImageRescan
	}
	return ""
}

// A scanned resource has just been scanned.
type scanned struct {
	account org.Account
	kind    resource.Type
	first   bool // for the first time
}

// meterScans counts scans that are counted one by one. It is the last thing that
// a transaction does: see AddUsage.
func (s *Store) meterScans(ctx context.Context, tx *sql.Tx, list []scanned, now time.Time) error {
	sum := map[watched]int64{}
	for _, l := range list {
		if kind := scanUsage(l.kind, l.first); kind != "" {
			sum[watched{account: l.account, kind: kind}]++
		}
	}
	var rows [][]any
	for _, w := range inUsageOrder(sum) {
		rows = append(rows, []any{int64(w.account), w.kind, dayOf(now), float64(w.n)})
	}
	if err := s.insert(ctx, tx, usageInsert, usageConflict, rows); err != nil {
		return fmt.Errorf("counting scans: %w", err)
	}
	return nil
}

// inUsageOrder returns sums in the order in which all writers change them.
func inUsageOrder(sum map[watched]int64) []watched {
	out := make([]watched, 0, len(sum))
	for w, n := range sum {
		w.n = n
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b watched) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.kind, b.kind))
	})
	return out
}

// hourUsage returns the type of use that an hour of a watched resource is; empty
// if it is not counted by the hour. The scan type is the number of the tables.
func hourUsage(t resource.Type, scanType int64, mode string) string {
	const packages, code = 1, 3
	switch {
	case t == resource.Instance && scanType == packages && mode == "EC2_AGENTLESS":
		return AgentlessInstanceHours
	case t == resource.Instance && scanType == packages:
		return InstanceHours
	case t == resource.Function && scanType == packages:
		return FunctionHours
	case t == resource.Function && scanType == code:
		return FunctionCodeHours
	case t == resource.AzureInstance && scanType == packages:
		return AzureInstanceHours
	case t == resource.AzureFunction && scanType == packages:
		return AzureFunctionHours
	}
	return ""
}

// meteredSetting is the setting that remembers up to when hours are counted.
const meteredSetting = "usage metered"

// maxMetered is the longest time that one call of Meter counts: a server that
// was down has not watched anything.
const maxMetered = time.Hour

// Meter adds the hours that machines and functions have been watched since it
// was last called, at most one. The first call ever only begins to count. It is
// called every hour, or more often.
func (s *Store) Meter(ctx context.Context, now time.Time) error {
	err := s.Update(ctx, func(t *Tx) error {
		since, ok, err := t.metered(ctx, now)
		if err != nil || !ok {
			return err
		}
		watched, err := t.watched(ctx)
		if err != nil {
			return err
		}
		for _, part := range byDay(since, now) {
			for _, w := range watched {
				if err := t.AddUsage(ctx, w.account, w.kind, part.day, part.hours*float64(w.n)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("metering: %w", err)
	}
	return nil
}

// metered returns from when hours are to be counted, and remembers that they
// are up to now; false if there is nothing to count.
func (t *Tx) metered(ctx context.Context, now time.Time) (since time.Time, ok bool, err error) {
	value, err := t.Setting(ctx, meteredSetting)
	if err != nil {
		return since, false, err
	}
	next := []byte(strconv.FormatInt(milliseconds(now), 10))
	if value == nil {
		return since, false, t.SetSetting(ctx, meteredSetting, next)
	}
	last, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return since, false, fmt.Errorf("reading setting %s: %w", meteredSetting, err)
	}
	if !fromMilliseconds(last).Before(now) {
		return since, false, nil
	}
	// Of two nodes that count at the same time, one finds the value changed.
	done, err := t.tx.ExecContext(ctx, `UPDATE setting SET value = $1 WHERE name = $2 AND value = $3`, next, meteredSetting, value)
	if err != nil {
		return since, false, err
	}
	n, err := done.RowsAffected()
	since = fromMilliseconds(last)
	if earliest := now.Add(-maxMetered); since.Before(earliest) {
		since = earliest
	}
	return since, n == 1, err
}

// watched is how many resources an account has watched in one way.
type watched struct {
	account org.Account
	kind    string
	n       int64
}

// watched counts what is watched now and counted by the hour, by account.
func (t *Tx) watched(ctx context.Context) ([]watched, error) {
	sum := map[watched]int64{}
	err := each(ctx, t.tx, `SELECT c.account_id, r.type, c.scan_type, c.mode, count(*) FROM coverage c
		JOIN resource r ON r.res_id = c.res_id AND r.account_id = c.account_id WHERE c.code = 1
		GROUP BY c.account_id, r.type, c.scan_type, c.mode`, nil, func(rows *sql.Rows) error {
		var w watched
		var rtype, scanType, n int64
		var mode sql.NullString
		if err := rows.Scan(&w.account, &rtype, &scanType, &mode, &n); err != nil {
			return err
		}
		if w.kind = hourUsage(resourceNumbers[rtype], scanType, mode.String); w.kind != "" {
			sum[w] += n
		}
		return nil
	})
	return inUsageOrder(sum), err
}

// A dayPart is a stretch of time within one day.
type dayPart struct {
	day   time.Time
	hours float64
}

// byDay parts the time from since to now at midnight.
func byDay(since, now time.Time) []dayPart {
	var out []dayPart
	for since.Before(now) {
		end := since.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
		if end.After(now) {
			end = now
		}
		out = append(out, dayPart{since, end.Sub(since).Hours()})
		since = end
	}
	return out
}

// UsageQuery says which totals are wanted.
type UsageQuery struct {
	Accounts []org.Account // those outside the scope have none; none given: all of the scope
	Size     int           // accounts on a page; 0: MaxUsage
	After    string        // the token that came with the page before; empty for the first page
	Caller   string        // who asks: tokens hold for nobody else
	Now      time.Time
}

// MaxUsage is how many accounts one page of totals has at most.
// Source: Inspector2 API model, ListUsageTotalsRequest, maxResults.
const MaxUsage = 500

// UsageTotals returns what accounts of the scope have used in the last 30 days,
// this one included, by account and type, and the token of the next page; empty
// if this is the last. Accounts that have used nothing are left out.
func (s *Store) UsageTotals(ctx context.Context, scope org.Scope, where UsageQuery) (list []UsageTotal, next string, err error) {
	if where.Size < 0 || where.Size > MaxUsage {
		return nil, "", fault.OnField("maxResults", "%d is not from 1 to %d", where.Size, MaxUsage)
	}
	size := cmp.Or(where.Size, MaxUsage)
	ids := make([]string, len(where.Accounts))
	for i, a := range where.Accounts {
		ids[i] = a.String()
	}
	slices.Sort(ids)
	query := filter.Query{
		Operation: "ListUsageTotals", Caller: where.Caller, Criteria: filter.Criteria{"accountIds": filter.Text(filter.Equals, ids...)},
	}
	if len(where.Accounts) > 0 {
		scope = scope.Narrow(where.Accounts...)
	}
	accounts := scope.Accounts()
	if where.After != "" {
		last, err := filter.Open[org.Account](s.Sealer(), query, where.After, where.Now)
		if errors.Is(err, filter.ErrToken) {
			return nil, "", fault.OnField("nextToken", "%v", err)
		}
		if err != nil {
			return nil, "", err
		}
		accounts = slices.DeleteFunc(accounts, func(a org.Account) bool { return a <= last })
	}
	if list, err = s.usage(ctx, accounts, where.Now); err != nil {
		return nil, "", fmt.Errorf("reading usage: %w", err)
	}
	if len(list) <= size {
		return list, "", nil
	}
	list = list[:size]
	next, err = filter.Seal(s.Sealer(), query, list[size-1].Account, where.Now)
	return list, next, err
}

// usage reads what accounts have used, in their order.
func (s *Store) usage(ctx context.Context, accounts []org.Account, now time.Time) ([]UsageTotal, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	numbers := make([]int64, len(accounts))
	for i, a := range accounts {
		numbers[i] = int64(a)
	}
	var out []UsageTotal
	err := each(ctx, s.read, `SELECT account_id, type, sum(amount) FROM usage_total WHERE day > $1 AND day <= $2 AND `+
		inNumbers("account_id", numbers)+` GROUP BY account_id, type ORDER BY account_id, type`,
		[]any{dayOf(now) - usageDays, dayOf(now)}, func(rows *sql.Rows) error {
			var account org.Account
			var u Usage
			if err := rows.Scan(&account, &u.Type, &u.Total); err != nil {
				return err
			}
			if n := len(out); n == 0 || out[n-1].Account != account {
				out = append(out, UsageTotal{Account: account})
			}
			last := &out[len(out)-1]
			last.Usage = append(last.Usage, u)
			return nil
		})
	return out, err
}
