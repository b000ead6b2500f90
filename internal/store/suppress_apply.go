package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// RuleJob is the kind of the jobs that make stored findings agree with
// suppression rules. RunRuleJob does them.
const RuleJob = "suppression"

// ruleJobDelay is how long after a change of a rule its job runs. By then the
// call that made the change has most often done the work, and the scans have
// ended that began before it and did not know of it: the job finds what they
// left.
const ruleJobDelay = 30 * time.Second

// ruleWork are the arguments of such a job: one rule, or all rules that hold
// for the account of the job.
type ruleWork struct {
	Rule int64 `json:"rule,omitempty"`
}

// ruleChanged enqueues what makes findings agree with a rule that is new, has
// changed or is gone. For a filter that is no rule there is nothing to do.
func (t *Tx) ruleChanged(ctx context.Context, f SavedFilter, isRule bool, now time.Time) error {
	if !isRule {
		return nil
	}
	return t.enqueueRule(ctx, f.Account, f.id, now.Add(ruleJobDelay))
}

func (t *Tx) enqueueRule(ctx context.Context, owner org.Account, id int64, run time.Time) error {
	args, err := json.Marshal(ruleWork{id})
	if err != nil {
		return err
	}
	return t.Enqueue(ctx, Job{Kind: RuleJob, Key: "rule/" + strconv.FormatInt(id, 10), Account: owner, Run: run, Args: args})
}

// Resuppress enqueues a job that makes all findings of an account agree with
// the suppression rules that hold for it. It is for an account that becomes a
// member of an administrator or ceases to be one.
func (t *Tx) Resuppress(ctx context.Context, account org.Account, now time.Time) error {
	return t.Enqueue(ctx, Job{Kind: RuleJob, Key: "account/" + account.String(), Account: account, Run: now})
}

// ResuppressAll enqueues a job for each suppression rule there is. It is to be
// called once a day: what rules ask about may change without any scan, such as
// the EPSS score of a vulnerability or where an image is in use.
func (t *Tx) ResuppressAll(ctx context.Context, now time.Time) error {
	list, err := readRules(ctx, t.tx, "1 = 1", nil)
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := t.enqueueRule(ctx, r.owner, r.id, now); err != nil {
			return err
		}
	}
	return nil
}

// RunRuleJob does a job of the kind RuleJob. It may be broken off at any time
// and run again.
func (s *Store) RunRuleJob(ctx context.Context, j Job, now time.Time) error {
	var work ruleWork
	if len(j.Args) > 0 {
		if err := json.Unmarshal(j.Args, &work); err != nil {
			return fmt.Errorf("reading the arguments of job %d: %w", j.ID, err)
		}
	}
	a := application{store: s, now: now, left: -1}
	if work.Rule == 0 {
		return a.account(ctx, j.Account)
	}
	return a.rule(ctx, j.Account, work.Rule)
}

// ApplyRule makes stored findings agree with a filter after CreateFilter,
// UpdateFilter or DeleteFilter has committed: findings that it selects are
// suppressed from now on, those that it no longer suppresses are ACTIVE again
// unless another rule holds. It changes some `most` findings and leaves the
// rest to the job that the change enqueued; so it does everything if it fails.
// Until that has run, a caller sees some of the findings with their former
// status, each on its own: the events and counters of a finding always go with
// its status. Findings of scans after the commit have the right status at once.
func (s *Store) ApplyRule(ctx context.Context, f SavedFilter, most int, now time.Time) error {
	a := application{store: s, now: now, left: most}
	return a.rule(ctx, f.Account, f.id)
}

const (
	// settleAtOnce is how many findings one transaction changes, so that no
	// writer waits long.
	settleAtOnce = 1000
	// settleWork bounds how many questions one transaction asks: findings times
	// rules.
	settleWork = 50_000
	// settleRound is how many findings are looked up at once.
	settleRound = 20_000
)

// An application makes findings agree with rules.
type application struct {
	store *Store
	now   time.Time
	left  int // how many findings may still be changed; negative: any number
	tries int // how many rules hold for any account, at most
}

// A stage is a set of findings that may have to change for one reason.
type stage struct {
	from string // the condition on finding f
	args []any
	// rule is the one that suppresses them if it holds. 0 means that they are
	// suppressed, and are to be ACTIVE again unless any rule holds.
	rule    int64
	replace map[int64]bool // rules that are tried later than rule
}

// rule makes findings agree with one rule of an owner, which may be gone.
func (a *application) rule(ctx context.Context, owner org.Account, id int64) error {
	scope, err := a.store.ScopeOf(ctx, owner)
	if err != nil {
		return err
	}
	rules, err := rulesFor(ctx, a.store.read, scope.Accounts())
	if err != nil {
		return err
	}
	for _, list := range rules {
		a.tries = max(a.tries, len(list))
	}
	i := slices.IndexFunc(rules[owner], func(r storedRule) bool { return r.id == id })
	if i < 0 {
		return a.run(ctx, stage{from: "f.status = 2 AND f.suppressed_by = $1", args: []any{id}})
	}
	return a.apply(ctx, rules[owner][i], scope.Accounts(), rules)
}

// account makes the findings of an account agree with all rules that hold.
func (a *application) account(ctx context.Context, account org.Account) error {
	rules, err := rulesFor(ctx, a.store.read, []org.Account{account})
	if err != nil {
		return err
	}
	a.tries = len(rules[account])
	strangers := stage{from: "f.account_id = $1 AND f.status = 2", args: []any{int64(account)}}
	if a.tries > 0 {
		known := make([]int64, a.tries)
		for i, r := range rules[account] {
			known[i] = r.id
		}
		strangers.from += " AND NOT " + inNumbers("f.suppressed_by", known)
	}
	if err := a.run(ctx, strangers); err != nil {
		return err
	}
	for _, r := range rules[account] {
		if err := a.apply(ctx, r, []org.Account{account}, rules); err != nil {
			return err
		}
	}
	return nil
}

// apply makes the findings of accounts agree with a rule that holds for them.
// rules are all that do.
func (a *application) apply(ctx context.Context, r storedRule, accounts []org.Account, rules map[org.Account][]storedRule) error {
	var numbers []int64
	later := map[int64]bool{}
	for _, account := range accounts {
		numbers = append(numbers, int64(account))
		for _, o := range rules[account] {
			if r.compare(o) < 0 {
				later[o.id] = true
			}
		}
	}
	within := inNumbers("f.account_id", numbers)
	holds, args, err := r.where(ruleColumns(), []any{r.id})
	if err != nil {
		return err
	}
	err = a.run(ctx, stage{
		from: "f.suppressed_by = $1 AND f.status = 2 AND CASE WHEN " + within + " AND " + holds + " THEN 0 ELSE 1 END = 1", args: args,
	})
	if err != nil {
		return err
	}
	reach, args, err := r.reach(nil)
	if err != nil {
		return err
	}
	err = a.run(ctx, stage{from: "f.status = 1 AND " + within + " AND " + reach, args: args, rule: r.id})
	if err != nil || len(later) == 0 {
		return err
	}
	return a.run(ctx, stage{
		from: inNumbers("f.suppressed_by", sortedKeys(later)) + " AND f.status = 2 AND " + within + " AND " + reach, args: args,
		rule: r.id, replace: later,
	})
}

// ruleColumns are where the fields of findings stand for rules: see suppressor.
func ruleColumns() filter.Columns {
	out := findingColumns()
	out["updatedAt"] = out["lastObservedAt"]
	out["findingStatus"] = filter.Column{SQL: "1", Codes: []string{"", string(Active)}, Required: true}
	return out
}

// where returns the rule as a condition on finding f, and its arguments after
// those given. It is for findings that are chosen already.
func (r storedRule) where(columns filter.Columns, args []any) (string, []any, error) {
	where, args, err := filter.Where(filter.Finding, columns, r.criteria, args)
	if err != nil {
		return "", nil, fmt.Errorf("compiling suppression rule %d: %w", r.id, err)
	}
	return where, args, nil
}

// reach is where in another form: what stands in other tables is looked up
// there first. It is for choosing among all findings, so that a rule on one
// vulnerability does not read them all.
func (r storedRule) reach(args []any) (string, []any, error) {
	columns := ruleColumns()
	var parts []string
	for _, name := range sortedKeys(r.criteria) {
		column := columns[name]
		table, link, outside := strings.Cut(column.From, " WHERE ")
		link, _, _ = strings.Cut(link, " AND ")
		inner, outer, linked := strings.Cut(link, " = ")
		negative := slices.ContainsFunc(r.criteria[name], func(c filter.Condition) bool { return c.Comparison == filter.NotEquals })
		turned := outside && linked && !negative
		if turned {
			column.From = ""
		}
		where, next, err := filter.Where(filter.Finding, filter.Columns{name: column}, filter.Criteria{name: r.criteria[name]}, args)
		if err != nil {
			return "", nil, fmt.Errorf("compiling suppression rule %d: %w", r.id, err)
		}
		if args = next; turned {
			where = fmt.Sprintf("%s IN (SELECT %s FROM %s WHERE %s)", outer, inner, table, where)
		}
		parts = append(parts, where)
	}
	if len(parts) == 0 {
		return "1 = 1", args, nil
	}
	return strings.Join(parts, " AND "), args, nil
}

// run changes the findings of a stage, in transactions of their own.
func (a *application) run(ctx context.Context, st stage) error {
	size := settleAtOnce
	if st.rule == 0 {
		size = min(size, max(1, settleWork/max(1, a.tries)))
	}
	for after := int64(0); a.left != 0; {
		list, err := a.candidates(ctx, st, after)
		if err != nil {
			return fmt.Errorf("looking up findings of rule %d: %w", st.rule, err)
		}
		if len(list) == 0 {
			return nil
		}
		for part := range slices.Chunk(list, size) {
			changed := 0
			err := a.store.tx(ctx, func(tx *sql.Tx) error {
				changed, err = a.settle(ctx, tx, st, part)
				return err
			})
			if err != nil {
				return fmt.Errorf("suppressing findings by rule %d: %w", st.rule, err)
			}
			after = part[len(part)-1].fid
			if a.left > 0 {
				a.left = max(0, a.left-changed)
			}
			if a.left == 0 {
				break
			}
		}
	}
	return nil
}

// A ref is a place in the table of findings.
type ref struct {
	account org.Account
	fid     int64
}

// candidates returns the next findings of a stage, by number.
func (a *application) candidates(ctx context.Context, st stage, after int64) ([]ref, error) {
	limit := settleRound
	if a.left > 0 {
		limit = min(limit, a.left)
	}
	// The plus keeps the databases from reading the whole table in that order.
	query := fmt.Sprintf(`SELECT f.account_id, f.fid FROM finding f WHERE %s AND +f.fid > %d ORDER BY +f.fid LIMIT %d`,
		st.from, after, limit)
	from := a.store.read
	if a.left < 0 && a.store.dialect.parted {
		from = a.store.write // a job may take longer than a call: reads of those are broken off
	}
	var out []ref
	err := each(ctx, from, query, st.args, func(rows *sql.Rows) error {
		var r ref
		out = append(out, r)
		return rows.Scan(&out[len(out)-1].account, &out[len(out)-1].fid)
	})
	return out, err
}

// A settled finding is one that a stage looks at.
type settled struct {
	ref
	key    fkey
	count  counted
	status int64
	rule   int64 // that suppresses it
	wanted int64 // that is to
}

// settle changes findings of a stage, as they are in this transaction, and
// returns how many.
func (a *application) settle(ctx context.Context, tx *sql.Tx, st stage, part []ref) (int, error) {
	list, err := a.lock(ctx, tx, part)
	if err != nil {
		return 0, err
	}
	list = slices.DeleteFunc(list, func(f *settled) bool {
		if st.rule == 0 {
			return f.status == activeNumber
		}
		return f.status == suppressedNumber && !st.replace[f.rule]
	})
	var rules []storedRule
	holdsFor := map[int64]map[org.Account]bool{}
	if st.rule == 0 {
		if rules, err = allRules(ctx, tx, list, holdsFor); err != nil {
			return 0, err
		}
	} else if rules, err = readRules(ctx, tx, "rule_id = $1", []any{st.rule}); err != nil {
		return 0, err
	}
	for _, r := range rules {
		if err := a.decide(ctx, tx, r, list, holdsFor[r.id]); err != nil {
			return 0, err
		}
	}
	list = slices.DeleteFunc(list, func(f *settled) bool {
		return f.wanted == f.rule || f.wanted == 0 && st.rule != 0
	})
	return len(list), a.write(ctx, tx, list)
}

// lock reads findings that are not closed, by number. On return nobody else
// changes them.
func (a *application) lock(ctx context.Context, tx *sql.Tx, part []ref) ([]*settled, error) {
	accounts, numbers := map[int64]bool{}, make([]int64, len(part))
	for i, r := range part {
		accounts[int64(r.account)], numbers[i] = true, r.fid
	}
	query := `SELECT f.account_id, f.fid, f.fkey, f.status, f.suppressed_by, f.res_id, f.vuln_sk, f.match_id, f.type, f.res_type,
		f.severity, f.fix FROM finding f WHERE ` + inNumbers("f.fid", numbers) + ` AND ` + inNumbers("f.account_id", sortedKeys(accounts)) +
		` AND f.status < 3 ORDER BY f.fid` + a.store.dialect.lock
	var out []*settled
	err := each(ctx, tx, query, nil, func(rows *sql.Rows) error {
		var f settled
		var key []byte
		var by sql.NullInt64
		c := &f.count
		err := rows.Scan(&f.account, &f.fid, &key, &f.status, &by, &c.res, &c.vuln, &c.match, &c.ftype, &c.rtype, &c.severity, &c.fix)
		if err != nil {
			return err
		}
		if len(key) != len(f.key) {
			return fmt.Errorf("finding %d has a key of %d bytes", f.fid, len(key))
		}
		f.key, f.rule, c.account = fkey(key), by.Int64, int64(f.account)
		out = append(out, &f)
		return nil
	})
	return out, err
}

// allRules returns the rules that hold for any account of findings, in the
// order in which they are tried, and fills in for which accounts each does.
func allRules(ctx context.Context, tx *sql.Tx, list []*settled, holdsFor map[int64]map[org.Account]bool) ([]storedRule, error) {
	accounts := map[org.Account]bool{}
	for _, f := range list {
		accounts[f.account] = true
	}
	rules, err := rulesFor(ctx, tx, sortedKeys(accounts))
	if err != nil {
		return nil, err
	}
	var out []storedRule
	for _, account := range sortedKeys(rules) {
		for _, r := range rules[account] {
			if holdsFor[r.id] == nil {
				holdsFor[r.id] = map[org.Account]bool{}
				out = append(out, r)
			}
			holdsFor[r.id][account] = true
		}
	}
	slices.SortFunc(out, storedRule.compare)
	return out, nil
}

// decide asks which of the findings for which nothing is decided a rule holds;
// accounts are those for which it may, nil any.
func (a *application) decide(ctx context.Context, tx *sql.Tx, r storedRule, list []*settled, accounts map[org.Account]bool) error {
	d := a.store.dialect
	parts := map[int64]map[int64]*settled{} // what is open, by partition and number
	for _, f := range list {
		if f.wanted != 0 || accounts != nil && !accounts[f.account] {
			continue
		}
		part := d.partOf(f.account)
		if parts[part] == nil {
			parts[part] = map[int64]*settled{}
		}
		parts[part][f.fid] = f
	}
	for _, part := range sortedKeys(parts) {
		open, within := parts[part], map[int64]bool{}
		for _, f := range open {
			within[int64(f.account)] = true
		}
		holds, args, err := r.where(ruleColumns(), nil)
		if err != nil {
			return err
		}
		query := `SELECT f.fid FROM ` + d.findings(part) + ` f WHERE ` + inNumbers("f.fid", sortedKeys(open)) + ` AND ` +
			inNumbers("f.account_id", sortedKeys(within)) + ` AND ` + holds
		err = each(ctx, tx, query, args, func(rows *sql.Rows) error {
			var fid int64
			if err := rows.Scan(&fid); err != nil {
				return err
			}
			open[fid].wanted = r.id
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// write suppresses findings by the rules that are wanted, and makes those ACTIVE
// for which none is. Which rule suppresses a finding is nothing that a client
// sees, so that another one alone is no change of it.
func (a *application) write(ctx context.Context, tx *sql.Tx, list []*settled) error {
	type target struct{ rule, status int64 }
	groups := map[target][]*settled{}
	var targets []target
	var changed []*settled
	for _, f := range list {
		to := target{f.wanted, f.status}
		if groups[to] == nil {
			targets = append(targets, to)
		}
		groups[to] = append(groups[to], f)
		if f.wanted == 0 || f.status == activeNumber {
			changed = append(changed, f)
		}
	}
	for _, to := range targets {
		accounts, numbers := map[int64]bool{}, []int64{}
		for _, f := range groups[to] {
			accounts[int64(f.account)] = true
			numbers = append(numbers, f.fid)
		}
		set, args := `suppressed_by = $1`, []any{to.rule}
		switch {
		case to.rule == 0:
			set, args = `suppressed_by = NULL, status = $1, updated_at = $2`, []any{activeNumber, milliseconds(a.now)}
		case to.status == activeNumber:
			set, args = set+`, status = $2, updated_at = $3`, append(args, suppressedNumber, milliseconds(a.now))
		}
		query := fmt.Sprintf(`UPDATE finding SET %s WHERE %s AND %s`, set, inNumbers("fid", numbers), //nolint:gosec // numbers and placeholders
			inNumbers("account_id", sortedKeys(accounts)))
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return a.tell(ctx, tx, changed)
}

// tell counts and announces findings whose status changed.
func (a *application) tell(ctx context.Context, tx *sql.Tx, list []*settled) error {
	regions := map[int64]string{}
	for _, f := range list {
		regions[f.count.res] = ""
	}
	for part := range slices.Chunk(sortedKeys(regions), settleAtOnce) {
		err := each(ctx, tx, `SELECT res_id, region FROM resource WHERE `+inNumbers("res_id", part), nil, func(rows *sql.Rows) error {
			var id int64
			var region string
			if err := rows.Scan(&id, &region); err != nil {
				return err
			}
			regions[id] = region
			return nil
		})
		if err != nil {
			return err
		}
	}
	counts, events := make([]counted, len(list)), make([]event, len(list))
	for i, f := range list {
		kind := Silenced
		f.count.n = -1
		if f.wanted == 0 {
			kind, f.count.n = Unsuppressed, 1
		}
		counts[i] = f.count
		events[i] = event{f.account, "finding." + string(kind), f.key.arn(regions[f.count.res], f.account), milliseconds(a.now), "{}"}
	}
	if len(list) == 0 {
		return nil
	}
	if err := a.store.count(ctx, tx, counts); err != nil {
		return err
	}
	return a.store.emit(ctx, tx, events)
}
