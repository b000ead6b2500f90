package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Watched is the registries that each account has watched, by the names that
// images have them by.
type Watched map[org.Account][]string

// ImageOrigin is where images come from: of the registries that their account has
// watched, or, if HandedIn, of none of them, as those that are scanned in CI/CD.
type ImageOrigin struct {
	Watched  Watched
	HandedIn bool
}

// ImageCoverage is Coverage of the images of an origin.
func (s *Store) ImageCoverage(ctx context.Context, scope org.Scope, of ImageOrigin, where filter.Criteria, page Page) (list []Covered, next string, err error) {
	size, err := page.limit()
	if err != nil {
		return nil, "", err
	}
	only, err := of.condition()
	if err != nil {
		return nil, "", err
	}
	query := page.query("coverage of images "+only, scope, where)
	after, err := placeOf[coveragePlace](s, query, page)
	if err != nil {
		return nil, "", err
	}
	list, more, err := walkResources(ctx, s, scope, resourceWalk[Covered]{
		fields: filter.Coverage, columns: coverageColumns(), table: "coverage", account: "accountId",
		chosen: "c.account_id, c.res_id, c.scan_type, c.code, c.reason, c.mode, c.first_at, c.last_scanned_at",
		scan:   s.scanCovered, only: only,
	}, where, size, after)
	if err != nil {
		return nil, "", fmt.Errorf("listing coverage of images: %w", err)
	}
	if more != nil {
		next, err = filter.Seal(s.Sealer(), query, *more, page.Now)
	}
	return list, next, err
}

// CountImageCoverage returns how much ImageCoverage would list in all.
func (s *Store) CountImageCoverage(ctx context.Context, scope org.Scope, of ImageOrigin, where filter.Criteria) (total int64, err error) {
	if err := filter.Validate(filter.Coverage, "filterCriteria", where); err != nil {
		return 0, CriteriaFault(err)
	}
	only, err := of.condition()
	if err != nil {
		return 0, err
	}
	accounts, where := chosenAccounts(scope, where, "accountId")
	if len(accounts) == 0 {
		return 0, nil
	}
	condition, args, err := filter.Where(filter.Coverage, coverageColumns(), where, nil)
	if err != nil {
		return 0, err
	}
	from := "coverage c JOIN resource r ON r.res_id = c.res_id AND r.account_id = c.account_id"
	query := fmt.Sprintf(`SELECT count(*) FROM %s WHERE %s AND %s AND %s`, from, inNumbers("c.account_id", accounts), condition, only) //nolint:gosec // names, hosts and placeholders
	if err := s.read.QueryRowContext(ctx, query, args...).Scan(&total); err != nil {
		return 0, fmt.Errorf("counting coverage of images: %w", err)
	}
	return total, nil
}

// ImagesHandedIn returns the coverage, for packages, of the images in the scope
// that no watched registry of their account has, as CoverageByType does for all.
func (s *Store) ImagesHandedIn(ctx context.Context, scope org.Scope, watched Watched) (TypeCoverage, error) {
	out := TypeCoverage{Type: resource.Image}
	if len(scope.Accounts()) == 0 {
		return out, nil
	}
	only, err := ImageOrigin{watched, true}.condition()
	if err != nil {
		return out, err
	}
	query := fmt.Sprintf(`SELECT coalesce(c.code, 1), coalesce(c.reason, ''), count(*)
		FROM resource r LEFT JOIN coverage c ON c.account_id = r.account_id AND c.res_id = r.res_id AND c.scan_type = %d
		WHERE %s AND r.gone_at IS NULL AND %s GROUP BY 1, 2`, packageNumber, inNumbers("r.account_id", accountNumbers(scope)), only)
	err = each(ctx, s.read, query, nil, func(rows *sql.Rows) error {
		var code int64
		var g Group
		err := rows.Scan(&code, &g.Value, &g.Count)
		out.Total += g.Count
		if code == 1 {
			out.Scanned += g.Count
		} else {
			out.Reasons = append(out.Reasons, g)
		}
		return err
	})
	if err != nil {
		return TypeCoverage{}, fmt.Errorf("counting images that were handed in: %w", err)
	}
	slices.SortFunc(out.Reasons, func(a, b Group) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	return out, nil
}

// condition returns the origin as a condition on a resource r. Names stand in its
// text, since there may be more of them than a statement has room for values; one
// that is not written as hosts are is that of no registry.
func (o ImageOrigin) condition() (string, error) {
	kind, err := number(resourceNumbers, resource.Image, "resourceType")
	if err != nil {
		return "", err
	}
	parts := []string{none}
	for _, account := range sortedKeys(o.Watched) {
		var names []string
		for _, name := range o.Watched[account] {
			if plainHost(name) {
				names = append(names, "'"+name+"'")
			}
		}
		if len(names) > 0 {
			parts = append(parts, "r.account_id = "+strconv.FormatInt(int64(account), 10)+" AND coalesce(r.registry, '') IN ("+strings.Join(names, ", ")+")")
		}
	}
	from := "(" + strings.Join(parts, " OR ") + ")"
	if o.HandedIn {
		from = "NOT " + from
	}
	return "r.type = " + strconv.FormatInt(kind, 10) + " AND " + from, nil
}

// none is the condition that no row satisfies.
const none = "1=0"

// plainHost tells whether a text has but what a host and its port are written
// with: what a statement may have between quotes.
func plainHost(s string) bool {
	return s != "" && strings.IndexFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(".:-_[]", c)
	}) < 0
}
