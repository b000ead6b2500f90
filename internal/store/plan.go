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
)

// Limits of planning.
const (
	// smallReach is how many findings a condition may reach for a list to be made
	// by collecting all of them and sorting.
	smallReach = 20_000
	// fewIDs is how many resources, vulnerabilities and so on a condition may
	// choose for the findings that it reaches to be counted at all.
	fewIDs = 1000
)

// A selection is a list of findings that is wanted.
type selection struct {
	accounts []int64 // that the caller may see and asks for; never empty
	criteria filter.Criteria
	order    order
	after    *place // nil at the beginning
	limit    int
	reach    int     // smallReach
	budget   int     // walkBudget
	vulns    []int64 // the only ones asked for, if they are few and the order is that of their index; else nil
	pace     int     // how much the walk read at once, in its own measure; 0: it is not known whether to walk
}

// choose fills in which accounts are asked for and what else is; false if there
// is none.
func (sel *selection) choose(scope org.Scope, where filter.Criteria) bool {
	sel.accounts, sel.criteria = chosenAccounts(scope, where, "awsAccountId")
	return len(sel.accounts) > 0
}

// chosenAccounts returns the accounts of a scope that the conditions on a field
// let through, in ascending order, and the conditions on all other fields.
func chosenAccounts(scope org.Scope, where filter.Criteria, field string) (accounts []int64, rest filter.Criteria) {
	asked, rest := where.Pick(field)
	for _, a := range scope.Accounts() {
		if len(asked) == 0 || len(filter.Choose(asked[field], []string{a.String()})) > 0 {
			accounts = append(accounts, int64(a))
		}
	}
	return accounts, rest
}

// sortTogether brings a list and its places into the order of the places.
func sortTogether[T any](list []T, places []coveragePlace) {
	type pair struct {
		v  T
		at coveragePlace
	}
	pairs := make([]pair, len(list))
	for i := range list {
		pairs[i] = pair{list[i], places[i]}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.at.ID, b.at.ID), cmp.Compare(a.at.Scan, b.at.Scan))
	})
	for i, p := range pairs {
		list[i], places[i] = p.v, p.at
	}
}

// list returns the first rows of a selection, in order, at most as many as its
// limit. If they are fewer and more is not nil, there may be other rows after
// that place. It collects and sorts what the narrowest condition reaches if that
// is little, and else walks along an index that has the order.
func (s *Store) list(ctx context.Context, sel *selection) (rows []row, more *place, err error) {
	if sel.vulns, err = s.fewVulns(ctx, sel); err != nil {
		return nil, nil, fmt.Errorf("planning: %w", err)
	}
	if sel.pace > 0 { // the page before was made so
		return s.walk(ctx, sel)
	}
	by, none, err := s.narrowest(ctx, sel)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("planning: %w", err)
	case none:
		return nil, nil, nil
	case by == nil, by.reaches > fewIDs && sel.vulns != nil:
		return s.walk(ctx, sel)
	}
	if by.ids == nil {
		rows, err = s.drive(ctx, sel, by)
		return rows, nil, err
	}
	for ids := range slices.Chunk(by.ids, fewIDs) {
		part := *by
		part.ids = ids
		some, err := s.drive(ctx, sel, &part)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, some...)
	}
	slices.SortFunc(rows, func(a, b row) int { return sel.order.compare(sel.order.place(&a), sel.order.place(&b)) })
	return rows[:min(len(rows), sel.limit)], nil, nil
}

// A driver is a condition that few findings satisfy.
type driver struct {
	column  string  // of finding f, with one of ids
	ids     []int64 // nil: the condition is
	where   filter.Criteria
	reaches int // how many findings
}

// condition is the driver in a query of finding f.
func (by *driver) condition(d dialect, a *arguments) (string, error) {
	if by.ids != nil {
		return d.anyNumber(a, by.column, by.ids), nil
	}
	condition, args, err := filter.Where(filter.Finding, findingColumns(), by.where, a.values)
	a.values = args
	return condition, err
}

// narrowest returns the condition that reaches the fewest findings, if those are
// few enough to collect; nil if there is none. none means that nothing fits.
func (s *Store) narrowest(ctx context.Context, sel *selection) (best *driver, none bool, err error) {
	if sel.reach < 0 {
		return nil, false, nil
	}
	fewest := sel.reach + 1
	for _, by := range s.drivers(sel) {
		if by.ids == nil && by.column != "" {
			if by.ids, err = s.chooseIDs(ctx, sel, by); err != nil {
				return nil, false, err
			}
			if len(by.ids) == 0 {
				return nil, true, nil
			}
			if len(by.ids) > fewIDs {
				continue
			}
		}
		n, err := s.reach(ctx, sel, by, fewest)
		if err != nil {
			return nil, false, err
		}
		if n == 0 {
			return nil, true, nil
		}
		if n < fewest {
			fewest, best = n, by
			by.reaches = n
		}
		if fewest < fewIDs {
			break // no need to look for less
		}
	}
	return best, false, nil
}

// fewVulns returns the vulnerabilities that a selection names, if they are few
// and the list comes by severity, as their findings do in an index.
func (s *Store) fewVulns(ctx context.Context, sel *selection) ([]int64, error) {
	names := sel.criteria["vulnerabilityId"]
	if sel.order.numbers[0].column != "severity" || !positive(names) {
		return nil, nil
	}
	ids, err := s.chooseIDs(ctx, sel, &driver{column: "f.vuln_sk", where: filter.Criteria{"vulnerabilityId": names}})
	if len(ids) == 0 || len(ids) > maxStretches {
		return nil, err
	}
	return ids, err
}

// reach counts the findings that a condition reaches, at most up to a limit. It
// reads nothing but an index.
func (s *Store) reach(ctx context.Context, sel *selection, by *driver, limit int) (n int, err error) {
	var a arguments
	condition, err := by.condition(s.dialect, &a)
	if err != nil {
		return 0, err
	}
	query := fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM %s f WHERE %s LIMIT %d) z`,
		s.dialect.findings(s.dialect.partOfAll(sel.accounts)), condition, limit)
	return n, s.read.QueryRowContext(ctx, query, a.values...).Scan(&n)
}

// indexed are the fields of other tables that an index of theirs begins with, by
// the column of finding that refers to the table.
var indexed = []struct {
	column string
	fields []string
}{
	{"f.res_id", []string{
		"resourceId", "ecrImageHash", "cloudImageDigest", "ec2InstanceImageId", "cloudVmImageReference", "lambdaFunctionName",
		"cloudServerlessFunctionName", "ecrImageRepositoryName", "cloudImageRepositoryName", "ecrImageRegistry", "cloudImageRegistry",
		"ecrImagePushedAt", "cloudImagePushedAt", "resourceTags",
	}},
	{"f.vuln_sk", []string{"vulnerabilityId", "vulnerabilitySource", "vendorSeverity", "epssScore", "relatedVulnerabilities"}},
	{"f.match_id", []string{"title", "vulnerablePackages"}},
}

// drivers returns conditions of a selection that may reach few findings and that
// an index begins with.
func (s *Store) drivers(sel *selection) []*driver {
	var out []*driver
	names := sel.criteria["findingArn"]
	if positive(names) && !slices.ContainsFunc(names, func(c filter.Condition) bool { return c.Comparison == filter.Prefix }) {
		out = append(out, &driver{where: filter.Criteria{"findingArn": names}})
	}
	for _, t := range indexed {
		for _, field := range t.fields {
			if c := sel.criteria[field]; positive(c) && (field != "vulnerablePackages" || namesPackage(c)) {
				by := &driver{column: t.column, where: filter.Criteria{field: c}}
				if field == "vulnerabilityId" {
					by.ids = sel.vulns // known already, unless they are many
				}
				out = append(out, by)
			}
		}
	}
	// All that is asked of open paths and of code, asks for findings of a type.
	for kind, fields := range map[string][]string{
		NetworkFinding: {"portRange", "networkProtocol", "componentId", "componentType"},
		CodeFinding:    {"codeVulnerabilityDetectorName", "codeVulnerabilityDetectorTags", "codeVulnerabilityFilePath"},
	} {
		if slices.ContainsFunc(fields, func(f string) bool { return positive(sel.criteria[f]) }) {
			out = append(out, &driver{where: filter.Criteria{"findingType": filter.Text(filter.Equals, kind)}})
		}
	}
	for _, field := range []string{"findingType", "firstObservedAt", "lastObservedAt"} {
		if c := sel.criteria[field]; positive(c) {
			by := &driver{where: filter.Criteria{field: c}}
			if field != "findingType" { // the index begins with the status
				by.where["findingStatus"] = filter.Text(filter.Equals, words(statusNumbers)[1:]...)
			}
			out = append(out, by)
		}
	}
	if len(sel.accounts) <= maxStretches && !sel.order.byAccount() {
		out = append(out, &driver{column: "f.account_id", ids: sel.accounts})
	}
	return out
}

// positive tells whether conditions ask for something.
func positive(list []filter.Condition) bool {
	return slices.ContainsFunc(list, func(c filter.Condition) bool { return c.Comparison != filter.NotEquals })
}

// namesPackage tells whether all conditions on packages ask for what an index
// of packages begins with.
func namesPackage(list []filter.Condition) bool {
	return !slices.ContainsFunc(list, func(c filter.Condition) bool {
		name, hasName := c.Package["name"]
		layer, hasLayer := c.Package["sourceLayerHash"]
		byName := hasName && name.Comparison != filter.NotEquals
		byLayer := hasLayer && layer.Comparison != filter.NotEquals
		return !byName && !byLayer
	})
}

// chooseIDs returns what a driver chooses, each once; one more than fewIDs if there
// are as many.
func (s *Store) chooseIDs(ctx context.Context, sel *selection, by *driver) ([]int64, error) {
	var field string
	for f := range by.where {
		field = f
	}
	column := findingColumns()[field]
	from, tie, _ := strings.Cut(column.From, " WHERE ")
	alias := from[strings.LastIndexByte(from, ' ')+1:]
	owned := strings.Contains(tie, "account_id")
	column.From = ""
	var a arguments
	condition, args, err := filter.Where(filter.Fields{field: filter.Finding[field]}, filter.Columns{field: column}, by.where, nil)
	if err != nil {
		return nil, err
	}
	a.values = args
	number := alias + strings.TrimPrefix(by.column, "f")
	account := "0"
	if owned {
		account = alias + ".account_id"
	}
	query := fmt.Sprintf(`SELECT %s, %s FROM %s WHERE %s LIMIT %d`, number, account, from, condition, fewIDs+1)
	out, count := []int64{}, 0
	err = each(ctx, s.read, query, a.values, func(rows *sql.Rows) error {
		var id, account int64
		if err := rows.Scan(&id, &account); err != nil {
			return err
		}
		count++
		if _, ok := slices.BinarySearch(sel.accounts, account); ok || !owned {
			out = append(out, id)
		}
		return nil
	})
	if count > fewIDs { // there may be others
		return make([]int64, fewIDs+1), err
	}
	return distinct(out), err
}

// pinned keeps a query from being joined with the one around it, so that what it
// computes is computed once. It is a limit that no query reaches.
const pinned = 1_000_000_000

// drive collects all findings that a driver reaches and that fit, and returns
// the first.
func (s *Store) drive(ctx context.Context, sel *selection, by *driver) ([]row, error) {
	part := s.dialect.partOfAll(sel.accounts)
	var a arguments
	where, err := by.condition(s.dialect, &a)
	if err != nil {
		return nil, err
	}
	criteria := sel.criteria
	for field, list := range by.where {
		if by.ids != nil && !slices.ContainsFunc(list, func(c filter.Condition) bool { return c.Comparison == filter.NotEquals }) {
			_, criteria = criteria.Pick(field) // the numbers were chosen by it
		}
	}
	rest, args, err := filter.Where(filter.Finding, probed(findingColumns()), criteria, a.values)
	if err != nil {
		return nil, err
	}
	a.values = args
	where += " AND " + inAccounts(s.dialect, &a, "f.account_id", sel.accounts) + " AND " + rest
	o := sel.order
	attribute := "0"
	if o.attribute.sql != "" {
		attribute = o.attribute.sql
	}
	var terms []filter.Term
	var numbers strings.Builder
	if o.attribute.sql != "" {
		terms = append(terms, filter.Term{SQL: "f.attribute", Desc: o.desc, Nullable: true})
	}
	for i, n := range o.numbers {
		fmt.Fprintf(&numbers, ", %s AS n%d", n.sql(), i)
		terms = append(terms, filter.Term{SQL: "f.n" + strconv.Itoa(i), Desc: o.desc})
	}
	beyond := "1=1"
	if p := sel.after; p != nil {
		var last []any
		if o.attribute.sql != "" {
			last = append(last, o.attribute.value(*p))
		}
		for _, n := range p.IDs {
			last = append(last, n)
		}
		branches, args, err := filter.After(terms, last, a.values)
		if err != nil {
			return nil, err
		}
		a.values = args
		beyond = "(" + strings.Join(branches, " OR ") + ")"
	}
	query := fmt.Sprintf(`SELECT f.attribute, %s FROM (SELECT f.*, %s AS attribute%s FROM %s f WHERE %s LIMIT %d) f WHERE %s ORDER BY %s LIMIT %d`,
		listed, attribute, numbers.String(), s.dialect.findings(part), where, pinned, beyond, filter.OrderBy(terms), sel.limit)
	return s.attributed(ctx, query, a.values, o.attribute)
}

// attributed runs a query of the columns listed and an attribute.
func (s *Store) attributed(ctx context.Context, query string, args []any, kind attribute) ([]row, error) {
	var out []row
	err := each(ctx, s.read, query, args, func(rows *sql.Rows) error {
		var r row
		var text sql.NullString
		var num sql.NullFloat64
		target := any(&num)
		if kind.kind == attributeText && kind.sql != "" {
			target = &text
		}
		if err := r.scan(rows, target); err != nil {
			return err
		}
		if text.Valid {
			r.text = &text.String
		}
		if num.Valid && kind.sql != "" {
			r.num = &num.Float64
		}
		out = append(out, r)
		return nil
	})
	return out, err
}
