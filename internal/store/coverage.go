package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Covered is a resource and whether and why it is scanned in one way. A resource
// has one for each type of scan.
type Covered struct {
	Resource resource.Resource
	Coverage
	First time.Time // when it was first known
}

// A coveragePlace is the position of a Covered in a list, and with Scan 0 that
// of a resource.
type coveragePlace struct {
	Account int64 `json:"a"`
	ID      int64 `json:"r"`
	Scan    int64 `json:"s"`
}

// Limits of what one call reads of resources. A statement costs as much as some
// rows, and there is one for each account at least.
const (
	resourceBudget  = 50_000
	statementCost   = 20
	resourcesAtOnce = 1024
)

// Coverage returns a page of the coverage in the scope that fits, by account,
// then as resources became known, and the token of the next page; empty if this
// is the last. As with Findings, a page may be short and have a next one all the
// same. Criteria are those of filter.Coverage; the page has no Sort.
func (s *Store) Coverage(ctx context.Context, scope org.Scope, where filter.Criteria, page Page) (list []Covered, next string, err error) {
	size, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	if page.Sort != "" || page.Ascending {
		return nil, "", fault.OnField("sortCriteria", "coverage has one order only")
	}
	query := page.query("coverage", scope, where)
	after, err := placeOf[coveragePlace](s, query, page)
	if err != nil {
		return nil, "", err
	}
	list, more, err := walkResources(ctx, s, scope, resourceWalk[Covered]{
		fields: filter.Coverage, columns: coverageColumns(), table: "coverage", account: "accountId",
		chosen: "c.account_id, c.res_id, c.scan_type, c.code, c.reason, c.mode, c.first_at, c.last_scanned_at",
		scan:   s.scanCovered,
	}, where, size, after)
	if err != nil {
		return nil, "", fmt.Errorf("listing coverage: %w", err)
	}
	if more != nil {
		next, err = filter.Seal(s.Sealer(), query, *more, page.Now)
	}
	return list, next, err
}

// scanCovered reads a row of coverage and the document of its resource.
func (s *Store) scanCovered(rows *sql.Rows, at *coveragePlace, count *int64) (c Covered, err error) {
	var row covered
	var first int64
	var scanned sql.NullInt64
	var mode sql.NullString
	var doc []byte
	if err := rows.Scan(count, &at.Account, &at.ID, &at.Scan, &row.code, &row.reason, &mode, &first, &scanned, &doc); err != nil {
		return c, err
	}
	if !named(scanNumbers, at.Scan) || !named(codeNumbers, row.code) {
		return c, fmt.Errorf("coverage of resource %d has numbers that nothing stands for", at.ID)
	}
	row.mode, row.scanned = mode.String, scanned.Int64
	c.Coverage, c.First = row.coverage(at.Scan), fromMilliseconds(first)
	if *count > 0 {
		return c, nil // says only how far the walk came
	}
	return c, s.packing.unpack(doc, &c.Resource)
}

// Resources returns resources in the scope that fit and are not gone, by account
// and as they became known, after the position that came with the page before;
// empty for the first. At most limit, and as with Findings a page may be short
// and have a next one all the same. Criteria are those of filter.Resource.
func (s *Store) Resources(ctx context.Context, scope org.Scope, where filter.Criteria, after string, limit int) (
	list []resource.Resource, next string, err error,
) {
	var from *coveragePlace
	if after != "" {
		account, id, ok := strings.Cut(after, "/")
		a, err1 := strconv.ParseInt(account, 10, 64)
		n, err2 := strconv.ParseInt(id, 10, 64)
		if !ok || err1 != nil || err2 != nil {
			return nil, "", fmt.Errorf("%q is no position of a resource", after)
		}
		from = &coveragePlace{Account: a, ID: n}
	}
	list, more, err := walkResources(ctx, s, scope, resourceWalk[resource.Resource]{
		fields: filter.Resource, columns: resourceColumns(), table: "resource", account: "accountId",
		chosen: "c.account_id, c.res_id, 0 AS scan_type, c.gone_at", scan: s.scanResource,
		only: "r.gone_at IS NULL",
	}, where, limit, from)
	if err != nil {
		return nil, "", fmt.Errorf("listing resources: %w", err)
	}
	if more != nil {
		next = org.Account(more.Account).String() + "/" + strconv.FormatInt(more.ID, 10)
	}
	return list, next, err
}

// scanResource reads the place of a resource and its document.
func (s *Store) scanResource(rows *sql.Rows, at *coveragePlace, count *int64) (r resource.Resource, err error) {
	var gone sql.NullInt64
	var doc []byte
	if err := rows.Scan(count, &at.Account, &at.ID, &at.Scan, &gone, &doc); err != nil || *count > 0 {
		return r, err
	}
	return s.packing.resource(doc)
}

// A resourceWalk is a list of resources, or of what there is for each.
type resourceWalk[T any] struct {
	fields  filter.Fields
	columns filter.Columns
	account string // the field of the account
	table   string // that is walked, under the name c
	chosen  string // columns of it: account_id, res_id and scan_type first
	only    string // a condition besides the criteria; empty: none
	scan    func(rows *sql.Rows, at *coveragePlace, count *int64) (T, error)
}

// walkResources returns the first of a list after a place, account after
// account. If there may be others, more is the place they come after.
func walkResources[T any](ctx context.Context, s *Store, scope org.Scope, w resourceWalk[T], where filter.Criteria, limit int, after *coveragePlace) (
	list []T, more *coveragePlace, err error,
) {
	if err := filter.Validate(w.fields, "filterCriteria", where); err != nil {
		return nil, nil, CriteriaFault(err)
	}
	accounts, where := chosenAccounts(scope, where, w.account)
	budget := resourceBudget
	for _, account := range accounts {
		at := coveragePlace{Account: account, ID: -1}
		if after != nil && account < after.Account {
			continue
		}
		if after != nil && account == after.Account {
			at = *after
		}
		for n := 128; ; n = min(8*n, 8*resourcesAtOnce) {
			if budget <= 0 {
				return list, &at, nil
			}
			part, places, read, err := w.chunk(ctx, s, where, at, n)
			if err != nil {
				return nil, nil, err
			}
			budget -= read + statementCost
			for i := range part {
				if len(list) == limit { // there is one more
					return list, &at, nil
				}
				list, at = append(list, part[i]), places[i]
			}
			if read < n {
				break
			}
			at = places[len(places)-1]
		}
	}
	return list, nil, nil
}

// chunk reads the next n rows of a walk of one account and returns those that
// fit, with their places, and as one more place that of the last row read.
func (w resourceWalk[T]) chunk(ctx context.Context, s *Store, where filter.Criteria, at coveragePlace, n int) (
	list []T, places []coveragePlace, read int, err error,
) {
	args := []any{at.Account, at.ID}
	scanType := "scan_type"
	beyond := "c.res_id > $2"
	if w.table == "coverage" {
		beyond = "c.res_id >= $2 AND (c.res_id > $2 OR c.scan_type > $3)"
		args = append(args, at.Scan)
	} else {
		scanType = "res_id"
	}
	condition, args, err := filter.Where(w.fields, w.columns, where, args)
	if err != nil {
		return nil, nil, 0, err
	}
	if w.only != "" {
		condition += " AND " + w.only
	}
	query := fmt.Sprintf(`WITH c AS MATERIALIZED (SELECT %[1]s FROM %[2]s c WHERE c.account_id = $1 AND %[3]s ORDER BY c.res_id, c.%[4]s LIMIT %[5]d)
		SELECT 0 AS n, c.*, r.doc FROM c JOIN resource r ON r.res_id = c.res_id WHERE %[6]s
		UNION ALL SELECT * FROM (SELECT (SELECT count(*) FROM c) AS n, c.*, (SELECT doc FROM resource WHERE 1 = 0) AS doc FROM c ORDER BY c.res_id DESC, c.%[4]s DESC LIMIT 1) z`,
		w.chosen, w.table, beyond, scanType, n, condition)
	var last coveragePlace
	err = each(ctx, s.read, query, args, func(rows *sql.Rows) error {
		var place coveragePlace
		var count int64
		v, err := w.scan(rows, &place, &count)
		if err != nil {
			return err
		}
		if count > 0 {
			last, read = place, int(count)
			return nil
		}
		list, places = append(list, v), append(places, place)
		return nil
	})
	sortTogether(list, places)
	return list, append(places, last), read, err
}
