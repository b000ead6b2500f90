package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/assay-project/assay/internal/org"
)

// foldAtOnce is how many changes one transaction adds up. On SQLite, scans wait
// for it: some half a second if all counters are new.
const foldAtOnce = 5_000

// Fold adds changes up to counters, and returns how many it has added. It does
// so in several transactions; readers see the same before, between and after
// them.
func (s *Store) Fold(ctx context.Context) (int, error) {
	total, last := 0, int64(0)
	for {
		n, end := 0, int64(0)
		err := s.tx(ctx, func(tx *sql.Tx) error {
			var err error
			n, end, err = s.fold(ctx, tx, last)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("adding up counters: %w", err)
		}
		last = end
		if total += n; n < foldAtOnce {
			return total, nil
		}
	}
}

// fold is one transaction of Fold. It adds changes that come after the last one
// of the transaction before, so as not to pass by the rows that are deleted
// there, and returns how many there were and the last of them.
func (s *Store) fold(ctx context.Context, tx *sql.Tx, after int64) (n int, last int64, err error) {
	sum := deltas{}
	// Two at once would each take its row for the only one of a title.
	one := `SELECT next FROM id_block WHERE name = 'fold'` + s.dialect.lock
	if err := tx.QueryRowContext(ctx, one).Scan(new(int64)); err != nil {
		return 0, after, err
	}
	// Exactly what is deleted is added: rows of transactions that are not yet
	// committed may have lower numbers. They are for the next Fold.
	query := fmt.Sprintf(`DELETE FROM agg_delta WHERE seq IN (SELECT seq FROM agg_delta WHERE seq > $1 ORDER BY seq LIMIT %d%s)
		RETURNING %s, %s, seq`, foldAtOnce, s.dialect.lock, keyColumns, countColumns)
	err = each(ctx, tx, query, []any{after}, func(rows *sql.Rows) error {
		var seq int64
		k, c, err := scanCounts(rows, &seq)
		if err != nil {
			return err
		}
		n, last = n+1, max(last, seq)
		sum.add(k, c)
		return nil
	})
	if err == nil {
		err = splitTitles(ctx, tx, sum)
	}
	if err != nil || len(sum) == 0 {
		return n, last, err
	}
	keys := sum.sorted() // in one order, so that two writers never wait for each other in a ring
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = append(k.values(), sum[k].values()...)
	}
	err = s.insert(ctx, tx, `INSERT INTO agg (`+keyColumns+`, `+countColumns+`)`,
		`ON CONFLICT (k, account_id, res_id, ftype, rtype, dim) DO UPDATE SET n_all = agg.n_all + excluded.n_all,
		n_crit = agg.n_crit + excluded.n_crit, n_high = agg.n_high + excluded.n_high, n_med = agg.n_med + excluded.n_med,
		n_fix = agg.n_fix + excluded.n_fix, n_res = agg.n_res + excluded.n_res`, rows)
	if err != nil {
		return n, last, err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM agg WHERE n_all = 0 AND dim > 0 AND n_crit = 0 AND n_high = 0 AND n_med = 0 AND n_fix = 0 AND n_res = 0`)
	return n, last, err
}

// splitTitles changes what is to be added to titles where resources of several
// types have one in an account: to parts and to their sum. A row that was the only
// one of its title until now becomes a part.
func splitTitles(ctx context.Context, tx *sql.Tx, sum deltas) error {
	titles := map[aggKey][]aggKey{} // to the key without a type of resource, those with one
	numbers := map[int64][]int64{}  // by account
	for _, k := range sum.sorted() {
		if k.dim == dimTitle && k.rtype != 0 {
			title := k
			title.rtype = 0
			titles[title] = append(titles[title], k)
			numbers[k.account] = append(numbers[k.account], k.k)
		}
	}
	split := map[aggKey]bool{}
	only := deltas{} // rows that are the only ones of their titles
	read := func(rows *sql.Rows) error {
		k, c, err := scanCounts(rows)
		title := aggKey{dimTitle, k.k, k.account, k.res, k.ftype, 0}
		switch changed, ok := titles[title]; {
		case err != nil || !ok:
		case k.dim == dimTitlePart || k.rtype == 0:
			split[title] = true
		default:
			only.add(k, c)
			if !slices.Contains(changed, k) {
				titles[title] = append(changed, k)
			}
		}
		return err
	}
	for _, account := range sortedKeys(numbers) {
		query := `SELECT ` + keyColumns + `, ` + countColumns + fmt.Sprintf(` FROM agg WHERE account_id = %d AND res_id = 0 AND +dim IN (%d, %d) AND `,
			account, dimTitle, dimTitlePart)
		if err := byNumber(ctx, tx, query, "k", distinct(numbers[account]), read); err != nil {
			return err
		}
	}
	for title, keys := range titles {
		if !split[title] && len(keys) == 1 {
			continue
		}
		for _, k := range keys {
			part := k
			part.dim = dimTitlePart
			change, before := sum[k], only[k]
			sum.add(k, change.plus(before).minus())
			sum.add(part, change.plus(before))
			sum.add(title, change.plus(before))
		}
	}
	return nil
}

// scanCounts reads a row of keyColumns and countColumns, and what follows them.
func scanCounts(rows *sql.Rows, more ...any) (k aggKey, c counts, err error) {
	err = rows.Scan(append([]any{
		&k.dim, &k.k, &k.account, &k.res, &k.ftype, &k.rtype,
		&c.all, &c.crit, &c.high, &c.med, &c.fix, &c.res,
	}, more...)...)
	return k, c, err
}

// Difference is a counter that was not what the findings say.
type Difference struct {
	Counter string // what it counts, in the words of the tables
	Stored  int64  // findings it had
	Found   int64  // findings there are
}

// VerifyCounters counts the active findings of an account anew, repairs the
// counters that were wrong and returns them; every one is a defect. Scans may
// go on meanwhile.
func (s *Store) VerifyCounters(ctx context.Context, account org.Account) ([]Difference, error) {
	c, err := s.recount(ctx, int64(account))
	if err != nil {
		return nil, fmt.Errorf("counting the findings of account %s: %w", account, err)
	}
	out := c.differences()
	if len(out) == 0 && len(c.holders) == 0 {
		return nil, nil
	}
	// What was wrong is put right by adding to it, so that what others have added
	// since it was read stays.
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if err := s.repairHolders(ctx, tx, c.holders); err != nil {
			return err
		}
		return s.appendDeltas(ctx, tx, c.missing)
	})
	if err != nil {
		return nil, fmt.Errorf("repairing the counters of account %s: %w", account, err)
	}
	return out, nil
}

// repairHolders changes the counters of resources that are still there.
func (s *Store) repairHolders(ctx context.Context, tx *sql.Tx, list []holder) error {
	wrong := map[int64]holder{}
	for _, h := range list {
		wrong[h.id] = h
	}
	there, err := s.lockHolders(ctx, tx, sortedKeys(wrong))
	if err != nil {
		return err
	}
	for i, h := range there {
		there[i] = wrong[h.id]
	}
	return s.changeHolders(ctx, tx, there)
}

// A recount is what the counters of an account lack.
type recount struct {
	stored, found deltas
	missing       deltas   // found less stored
	holders       []holder // resources that are wrong, with what they lack
}

// recounted is how many findings are counted at once.
const recounted = 5000

// recount compares the counters of an account with its findings. It reads
// everything in one state of the database.
func (s *Store) recount(ctx context.Context, account int64) (recount, error) {
	out := recount{stored: deltas{}, found: deltas{}, missing: deltas{}}
	if err := s.numberSubjects(ctx, account); err != nil {
		return out, err
	}
	err := s.snapshot(ctx, func(tx *sql.Tx) error {
		held := map[int64]*holder{}
		err := eachActive(ctx, tx, account, func(list []counted) error {
			about, err := readSubjects(ctx, tx, list)
			if err != nil {
				return err
			}
			if err := readTerms(ctx, tx, about.terms); err != nil {
				return err
			}
			for k, c := range about.deltas(list) {
				out.found.add(k, c)
			}
			for _, f := range list {
				h := held[f.res]
				if h == nil {
					h = &holder{account: account, id: f.res}
					held[f.res] = h
				}
				h.change = h.change.plus(f.counts())
				if f.ftype == networkType {
					h.net += f.n
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := out.addHolders(ctx, tx, account, held); err != nil {
			return err
		}
		return out.readStored(ctx, tx, account)
	})
	for k, c := range out.found {
		out.missing.add(k, c)
	}
	for k, c := range out.stored {
		out.missing.add(k, c.minus())
	}
	return out, err
}

// numberSubjects makes sure that all that the findings of an account are
// counted by has a number.
func (s *Store) numberSubjects(ctx context.Context, account int64) error {
	terms := map[term]int64{}
	err := eachActive(ctx, s.read, account, func(list []counted) error {
		about, err := readSubjects(ctx, s.read, list)
		for t := range about.terms {
			terms[t] = 0
		}
		return err
	})
	if err != nil {
		return err
	}
	err = each(ctx, s.read, `SELECT type, repo, ami FROM resource WHERE account_id = $1`, []any{account}, func(rows *sql.Rows) error {
		var h holder
		var repo, ami sql.NullString
		if err := rows.Scan(&h.rtype, &repo, &ami); err != nil {
			return err
		}
		h.repo, h.ami = repo.String, ami.String
		terms[h.term()] = 0
		return nil
	})
	if err != nil {
		return err
	}
	if err := readTerms(ctx, s.read, terms); err != nil || len(unnumbered(terms)) == 0 {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error { return s.internTerms(ctx, tx, terms) })
}

// eachActive gives the active findings of an account to f, some at a time.
func eachActive(ctx context.Context, q querier, account int64, f func(list []counted) error) error {
	for last := int64(-1); ; {
		var list []counted
		err := each(ctx, q, `SELECT fid, res_id, vuln_sk, match_id, type, res_type, severity, fix FROM finding
			WHERE account_id = $1 AND status = 1 AND fid > $2 ORDER BY fid LIMIT $3`, []any{account, last, recounted},
			func(rows *sql.Rows) error {
				c := counted{account: account, n: 1}
				if err := rows.Scan(&last, &c.res, &c.vuln, &c.match, &c.ftype, &c.rtype, &c.severity, &c.fix); err != nil {
					return err
				}
				list = append(list, c)
				return nil
			})
		if err != nil {
			return err
		}
		if len(list) > 0 {
			if err := f(list); err != nil {
				return err
			}
		}
		if len(list) < recounted {
			return nil
		}
	}
}

// addHolders compares the counters of resources, and adds what repositories and
// machine images should have.
func (c *recount) addHolders(ctx context.Context, tx *sql.Tx, account int64, held map[int64]*holder) error {
	var list []holder
	terms := map[term]int64{}
	err := each(ctx, tx, `SELECT r.res_id, r.type, r.repo, r.ami, coalesce(c.n_all, 0), coalesce(c.n_crit, 0), coalesce(c.n_high, 0),
		coalesce(c.n_med, 0), coalesce(c.n_fix, 0), coalesce(c.n_net, 0), coalesce(c.k, 0)
		FROM resource r LEFT JOIN resource_count c ON c.res_id = r.res_id WHERE r.account_id = $1`, []any{account}, func(rows *sql.Rows) error {
		h := holder{account: account}
		var repo, ami sql.NullString
		var net int64
		b := &h.before
		err := rows.Scan(&h.id, &h.rtype, &repo, &ami, &b.all, &b.crit, &b.high, &b.med, &b.fix, &net, &h.key)
		if err != nil {
			return err
		}
		h.repo, h.ami, h.net = repo.String, ami.String, -net
		if found := held[h.id]; found != nil {
			h.change, h.net = found.change, found.net-net
		}
		terms[h.term()] = 0
		list = append(list, h)
		return nil
	})
	if err != nil {
		return err
	}
	if err := readTerms(ctx, tx, terms); err != nil {
		return err
	}
	for _, h := range list {
		key := terms[h.term()]
		moved := h.change.all > 0 && key != h.key
		if key != 0 && h.change.all > 0 {
			c.found.add(aggKey{dim: h.term().dim, k: key, account: account}, h.change.ofResource())
		}
		h.change = h.change.plus(h.before.minus())
		if h.change != (counts{}) || h.net != 0 || moved {
			h.key = key
			c.holders = append(c.holders, h)
		}
	}
	return nil
}

// readStored reads the counters of an account with the changes to them. The sum
// of a title is compared with its parts: what is put right about these reaches
// the sum by itself.
func (c *recount) readStored(ctx context.Context, tx *sql.Tx, account int64) error {
	query := `SELECT ` + keyColumns + `, ` + countColumns + ` FROM agg WHERE account_id = $1 UNION ALL
		SELECT ` + keyColumns + `, ` + countColumns + ` FROM agg_delta WHERE account_id = $1`
	return each(ctx, tx, query, []any{account}, func(rows *sql.Rows) error {
		k, n, err := scanCounts(rows)
		if err != nil {
			return err
		}
		if k.dim == dimTitle && k.rtype == 0 {
			c.missing.add(k, n.minus())
			return nil
		}
		if k.dim == dimTitlePart {
			k.dim = dimTitle
			c.missing.add(aggKey{dimTitle, k.k, k.account, k.res, k.ftype, 0}, n)
		}
		c.stored.add(k, n)
		return nil
	})
}

// differences returns what was wrong, in the order of the counters.
func (c *recount) differences() []Difference {
	var out []Difference
	for _, h := range c.holders {
		out = append(out, Difference{fmt.Sprintf("resource %d", h.id), h.before.all, h.before.all + h.change.all})
	}
	for _, k := range c.missing.sorted() {
		out = append(out, Difference{
			fmt.Sprintf("dim %d, k %d, resource %d, types %d and %d", k.dim, k.k, k.res, k.ftype, k.rtype),
			c.stored[k].all, c.found[k].all,
		})
	}
	return slices.Clip(out)
}

// snapshot runs f on one state of the database; f changes nothing.
func (s *Store) snapshot(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // there is nothing to keep
	return f(tx)
}
