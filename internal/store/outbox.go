package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// An event is a change that others are told of.
type event struct {
	account org.Account
	kind    string // "finding.created"
	subject string // what changed: the ARN of a finding, the id of a resource
	at      int64  // milliseconds
	doc     string // JSON; "{}" if it is made from the subject when it goes out
}

// emit keeps events to go out when the transaction commits. Those of one
// subject go out in the order of their time.
func (s *Store) emit(ctx context.Context, tx *sql.Tx, list []event) error {
	if len(list) == 0 {
		return nil
	}
	seq, err := s.take(ctx, tx, "outbox", int64(len(list)))
	if err != nil {
		return err
	}
	rows := make([][]any, len(list))
	for i, e := range list {
		rows[i] = []any{seq + int64(i), int64(e.account), e.kind, e.subject, e.at, e.doc}
	}
	if err := s.insert(ctx, tx, `INSERT INTO outbox (seq, account_id, kind, subject, at, doc)`, "", rows); err != nil {
		return fmt.Errorf("keeping %d events: %w", len(list), err)
	}
	return nil
}

// Emit keeps an event to go out when the transaction commits; doc is what
// it says, written as JSON.
func (t *Tx) Emit(ctx context.Context, account org.Account, kind, subject string, doc any, now time.Time) error {
	text, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("writing event %s of %s: %w", kind, subject, err)
	}
	return t.store.emit(ctx, t.tx, []event{{account, kind, subject, milliseconds(now), string(text)}})
}

// Event is a change on its way out.
type Event struct {
	ID      string // the same whenever it is sent, so that receivers can drop what they have
	Account org.Account
	Kind    string // "finding.created"
	Subject string // what changed: the ARN of a finding, the id of a resource
	At      time.Time
	Doc     json.RawMessage // what it says; "{}" if it is to be made from the subject
}

// Sink chooses the events for one receiver.
type Sink struct {
	Name     string        // unique, and the same for ever: what waits is kept under it
	Kinds    []string      // beginnings of kinds: "finding."; empty: all
	Accounts []org.Account // empty: all
	// Choose tells which of those events, once they say what they say, are
	// wanted; nil: all.
	Choose func(e Event) bool
}

// takes tells whether an event is for the sink.
func (k Sink) takes(e Event) bool {
	return (len(k.Kinds) == 0 || slices.ContainsFunc(k.Kinds, func(kind string) bool { return strings.HasPrefix(e.Kind, kind) })) &&
		(len(k.Accounts) == 0 || slices.Contains(k.Accounts, e.Account))
}

// relayAtOnce is how many events leave the outbox in one transaction.
const relayAtOnce = 500

// Relay moves events out of the outbox into what waits for each sink, and
// returns how many. Before, render fills in what those say that some sink
// takes; it may be nil, and an error of it holds all of them up. Any number of
// nodes may relay at once. Events no sink takes are deleted.
//
// Rows are deleted, rather than read past a mark, since those of a long
// transaction become visible after younger ones.
func (s *Store) Relay(ctx context.Context, sinks []Sink, render func(ctx context.Context, list []Event) error, now time.Time) (int, error) {
	var seqs []int64
	var list []Event
	err := each(ctx, s.read, `SELECT seq, account_id, kind, subject, at, doc FROM outbox ORDER BY at, seq LIMIT $1`, []any{relayAtOnce},
		func(rows *sql.Rows) error {
			var e Event
			var seq, at int64
			err := rows.Scan(&seq, &e.Account, &e.Kind, &e.Subject, &at, (*[]byte)(&e.Doc))
			e.At = fromMilliseconds(at)
			sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%d", e.Subject, e.Kind, at, seq))
			e.ID = hex.EncodeToString(sum[:16])
			seqs, list = append(seqs, seq), append(list, e)
			return err
		})
	if err != nil {
		return 0, fmt.Errorf("reading events: %w", err)
	}
	if len(list) == 0 {
		return 0, nil
	}
	if err := renderTaken(ctx, sinks, list, render); err != nil {
		return 0, fmt.Errorf("rendering events: %w", err)
	}
	wanted := make([][]string, len(list))
	for i, e := range list {
		for _, k := range sinks {
			if k.takes(e) && (k.Choose == nil || k.Choose(e)) {
				wanted[i] = append(wanted[i], k.Name)
			}
		}
	}
	n := 0
	err = s.tx(ctx, func(tx *sql.Tx) error {
		n, err = s.relay(ctx, tx, relaying{seqs, list, wanted}, now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("relaying events: %w", err)
	}
	return n, nil
}

// renderTaken has those events rendered that some sink takes.
func renderTaken(ctx context.Context, sinks []Sink, list []Event, render func(ctx context.Context, list []Event) error) error {
	if render == nil {
		return nil
	}
	var at []int
	var taken []Event
	for i, e := range list {
		if slices.ContainsFunc(sinks, func(k Sink) bool { return k.takes(e) }) {
			at, taken = append(at, i), append(taken, e)
		}
	}
	if len(taken) == 0 {
		return nil
	}
	err := render(ctx, taken)
	for i, j := range at {
		list[j].Doc = taken[i].Doc
	}
	return err
}

// A relaying is a batch of events about to leave the outbox.
type relaying struct {
	seqs   []int64
	list   []Event
	wanted [][]string // the sinks that each event is for
}

// relay is the transaction of Relay.
func (s *Store) relay(ctx context.Context, tx *sql.Tx, r relaying, now time.Time) (int, error) {
	mine := map[int64]bool{} // and not another node's, that was here first
	keys := make([]string, len(r.list))
	for i, e := range r.list {
		keys[i] = fmt.Sprintf("(%d, %d)", milliseconds(e.At), r.seqs[i])
	}
	for keys := range slices.Chunk(keys, valuesAtOnce) {
		query := `DELETE FROM outbox WHERE (at, seq) IN (VALUES ` + strings.Join(keys, ", ") + `) RETURNING seq`
		err := each(ctx, tx, query, nil, func(rows *sql.Rows) error {
			var seq int64
			err := rows.Scan(&seq)
			mine[seq] = true
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	var rows [][]any
	for i, e := range r.list {
		if !mine[r.seqs[i]] {
			continue
		}
		for _, sink := range r.wanted[i] {
			rows = append(rows, []any{
				sink, nil, e.ID, int64(e.Account), e.Kind, e.Subject, milliseconds(e.At), string(e.Doc), milliseconds(now), milliseconds(now),
			})
		}
	}
	if len(rows) == 0 {
		return len(mine), nil
	}
	// Not from a block: numbers of another node's block would be out of order.
	seq, err := advance(ctx, tx, "delivery", int64(len(rows)))
	if err != nil {
		return 0, err
	}
	for i := range rows {
		rows[i][1] = seq + int64(i)
	}
	return len(mine), s.insert(ctx, tx, `INSERT INTO delivery (sink, seq, event_id, account_id, kind, subject, at, doc, queued_at, next_at, attempt, error)`,
		"", appendEach(rows, 0, ""))
}

// appendEach adds the same values to each row.
func appendEach(rows [][]any, values ...any) [][]any {
	for i := range rows {
		rows[i] = append(rows[i], values...)
	}
	return rows
}

// Delivery is an event on its way to one sink.
type Delivery struct {
	Event
	Sink    string
	Seq     int64     // its place among those of the sink
	Attempt int       // how often it was sent, or tried
	Next    time.Time // when it is tried again
	Error   string    // of the last attempt
	Dead    time.Time // when it was given up; zero before
	queued  time.Time
}

const deliveryColumns = `sink, seq, event_id, account_id, kind, subject, at, doc, queued_at, attempt, next_at, error, COALESCE(dead_at, 0)`

func scanDelivery(rows *sql.Rows) (Delivery, error) {
	var d Delivery
	var at, queued, next, dead int64
	err := rows.Scan(&d.Sink, &d.Seq, &d.ID, &d.Account, &d.Kind, &d.Subject, &at, (*[]byte)(&d.Doc), &queued, &d.Attempt, &next, &d.Error, &dead)
	d.At, d.queued, d.Next = fromMilliseconds(at), fromMilliseconds(queued), fromMilliseconds(next)
	if dead != 0 {
		d.Dead = fromMilliseconds(dead)
	}
	return d, err
}

// Deliveries takes up to n events that wait for a sink, in order, and holds
// them for so long: nobody else gets them meanwhile. An event waits for the
// older ones of its subject, so that no two of one subject are among them.
func (s *Store) Deliveries(ctx context.Context, sink string, n int, lease time.Duration, now time.Time) ([]Delivery, error) {
	const due = `SELECT seq FROM delivery d WHERE d.sink = $1 AND d.dead_at IS NULL AND d.next_at <= $2 AND NOT EXISTS (
		SELECT 1 FROM delivery o WHERE o.sink = $1 AND o.subject = d.subject AND o.seq < d.seq AND o.dead_at IS NULL)`
	var some int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM (`+due+` LIMIT 1) z`, sink, milliseconds(now)).Scan(&some)
	if err != nil || some == 0 {
		return nil, err
	}
	var out []Delivery
	err = s.tx(ctx, func(tx *sql.Tx) error {
		out = nil
		var seqs []int64
		err := each(ctx, tx, due+` ORDER BY d.next_at, d.seq LIMIT $3`+s.dialect.skip(), []any{sink, milliseconds(now), n},
			func(rows *sql.Rows) error {
				var seq int64
				err := rows.Scan(&seq)
				seqs = append(seqs, seq)
				return err
			})
		if err != nil || len(seqs) == 0 {
			return err
		}
		query := `UPDATE delivery SET attempt = attempt + 1, next_at = $1 WHERE sink = $2 AND ` + inNumbers("seq", seqs) + ` RETURNING ` + deliveryColumns
		return each(ctx, tx, query, []any{milliseconds(now.Add(lease)), sink}, func(rows *sql.Rows) error {
			d, err := scanDelivery(rows)
			out = append(out, d)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("taking events for %s: %w", sink, err)
	}
	slices.SortFunc(out, func(a, b Delivery) int { return cmp.Compare(a.Seq, b.Seq) })
	return out, nil
}

// Delivered forgets events that a sink has.
func (s *Store) Delivered(ctx context.Context, list []Delivery) error {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		for some := range slices.Chunk(list, valuesAtOnce) {
			keys := make([]string, len(some))
			for i, d := range some {
				keys[i] = fmt.Sprintf("(%d, %d)", d.Seq, d.Attempt)
			}
			query := `DELETE FROM delivery WHERE sink = $1 AND (seq, attempt) IN (VALUES ` + strings.Join(keys, ", ") + `)` //nolint:gosec // nothing but numbers
			if _, err := tx.ExecContext(ctx, query, some[0].Sink); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forgetting events that are delivered: %w", err)
	}
	return nil
}

// How long an event is tried.
const (
	maxDeliveryWait = time.Hour // between two attempts
	maxDelivery     = 24 * time.Hour
)

// Undelivered has events tried again that a sink did not take, later and later,
// and gives those up that were tried for a day. What waits for them waits as
// long. It returns how many were given up.
func (s *Store) Undelivered(ctx context.Context, list []Delivery, cause error, now time.Time) (dead int, err error) {
	text := errorText(cause)
	err = s.tx(ctx, func(tx *sql.Tx) error {
		dead = 0
		for _, d := range list {
			if now.Sub(d.queued) >= maxDelivery {
				dead++
				if err := bury(ctx, tx, d, text, now); err != nil {
					return err
				}
				continue
			}
			next := milliseconds(now.Add(backoff(d.Attempt, maxDeliveryWait)))
			_, err := tx.ExecContext(ctx, `UPDATE delivery SET next_at = $1, error = $2 WHERE sink = $3 AND seq = $4 AND attempt = $5`,
				next, text, d.Sink, d.Seq, d.Attempt)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `UPDATE delivery SET next_at = $1 WHERE sink = $2 AND subject = $3 AND seq > $4 AND next_at < $1 AND dead_at IS NULL`,
				next, d.Sink, d.Subject, d.Seq)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("putting off events: %w", err)
	}
	return dead, nil
}

// bury makes an event a dead letter, unless it was tried again meanwhile.
func bury(ctx context.Context, tx *sql.Tx, d Delivery, cause string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE delivery SET dead_at = $1, error = $2 WHERE sink = $3 AND seq = $4 AND attempt = $5`,
		milliseconds(now), cause, d.Sink, d.Seq, d.Attempt)
	return err
}

// DeadLetters returns events that were given up, by sink and place; sink may be
// empty for all. It returns at most limit of those that come after.
func (s *Store) DeadLetters(ctx context.Context, sink string, after int64, limit int) ([]Delivery, error) {
	var out []Delivery
	err := each(ctx, s.read, `SELECT `+deliveryColumns+` FROM delivery WHERE dead_at IS NOT NULL AND seq > $1 AND ($2 = '' OR sink = $2)
		ORDER BY seq LIMIT $3`, []any{after, sink, limit}, func(rows *sql.Rows) error {
		d, err := scanDelivery(rows)
		out = append(out, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading dead letters: %w", err)
	}
	return out, nil
}

// Replay has events sent again that were given up: that of one place, or with
// zero all of the sink. It returns how many; NotFound if there are none.
func (s *Store) Replay(ctx context.Context, sink string, seq int64, now time.Time) (int64, error) {
	r, err := s.write.ExecContext(ctx, `UPDATE delivery SET dead_at = NULL, attempt = 0, queued_at = $1, next_at = $1
		WHERE dead_at IS NOT NULL AND sink = $2 AND ($3 = 0 OR seq = $3)`, milliseconds(now), sink, seq)
	if err != nil {
		return 0, fmt.Errorf("replaying dead letters: %w", err)
	}
	n, err := r.RowsAffected()
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "There is no such dead letter of sink %s.", sink)
	}
	return n, err
}

// Coalesce leaves only the latest event of each subject, if more than limit
// wait for a sink, and returns how many it dropped. Those that were tried
// already stay.
func (s *Store) Coalesce(ctx context.Context, sink string, limit int) (int64, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 AS n FROM delivery WHERE sink = $1 AND dead_at IS NULL LIMIT $2) z`,
		sink, limit+1).Scan(&n)
	if err != nil || n <= limit {
		return 0, err
	}
	r, err := s.write.ExecContext(ctx, `DELETE FROM delivery WHERE sink = $1 AND dead_at IS NULL AND attempt = 0 AND EXISTS (
		SELECT 1 FROM delivery o WHERE o.sink = $1 AND o.subject = delivery.subject AND o.seq > delivery.seq AND o.dead_at IS NULL)`, sink)
	if err != nil {
		return 0, fmt.Errorf("coalescing events for %s: %w", sink, err)
	}
	return r.RowsAffected()
}

// Waiting is how much is on its way to a sink.
type Waiting struct {
	Sink   string // empty: still in the outbox
	Events int64
	Dead   int64
	Oldest time.Time // when the oldest that is not dead happened; zero if there is none
}

// Waitings counts the events that are on their way, by sink.
func (s *Store) Waitings(ctx context.Context) ([]Waiting, error) {
	var out []Waiting
	err := each(ctx, s.read, `SELECT '', count(*), 0, COALESCE(min(at), 0) FROM outbox UNION ALL
		SELECT sink, sum(CASE WHEN dead_at IS NULL THEN 1 ELSE 0 END), sum(CASE WHEN dead_at IS NULL THEN 0 ELSE 1 END),
			COALESCE(min(CASE WHEN dead_at IS NULL THEN at END), 0) FROM delivery GROUP BY sink ORDER BY 1`, nil,
		func(rows *sql.Rows) error {
			var w Waiting
			var oldest int64
			err := rows.Scan(&w.Sink, &w.Events, &w.Dead, &oldest)
			if oldest != 0 {
				w.Oldest = fromMilliseconds(oldest)
			}
			out = append(out, w)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("counting events: %w", err)
	}
	return out, nil
}
