package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// Success is the result of a call that did what it was asked; any other result
// is the name of the exception.
const Success = "Success"

// AuditRecord is one call of an API.
type AuditRecord struct {
	At      time.Time   `json:"-"`
	Account org.Account `json:"-"` // of who called; 0 if that is unknown
	Action  string      `json:"-"` // "inspector2:ListFindings"
	Who     string      `json:"-"` // ARN of who called; empty if unknown
	Result  string      `json:"-"` // Success, or the name of the exception

	Event    string          `json:"event"`             // UUID of the record
	Request  string          `json:"request"`           // id of the request
	Key      string          `json:"key,omitempty"`     // the access key or session that was named, verified or not
	Verified bool            `json:"verified"`          // it is true what is said of who called
	Role     org.Role        `json:"role,omitempty"`    // of who called
	Region   string          `json:"region"`            // of the server
	Address  string          `json:"address,omitempty"` // where the call came from
	Agent    string          `json:"agent,omitempty"`   // the User-Agent header
	ReadOnly bool            `json:"readOnly"`          // the call changes nothing
	Message  string          `json:"message,omitempty"` // what the caller was told of an exception
	Input    json.RawMessage `json:"input,omitempty"`   // secrets are blacked out
	Output   json.RawMessage `json:"output,omitempty"`  // only of calls that change something; the same
}

// usedAtMost is how often the last use of a key is written.
const usedAtMost = time.Minute

// AppendAudit keeps records, all or none, and when the keys of verified calls
// were last used.
func (s *Store) AppendAudit(ctx context.Context, records ...AuditRecord) error {
	if len(records) == 0 {
		return nil
	}
	err := s.tx(ctx, func(tx *sql.Tx) error {
		seq, err := s.take(ctx, tx, "audit", int64(len(records)))
		if err != nil {
			return err
		}
		rows := make([][]any, len(records))
		used := map[string]time.Time{}
		for i, r := range records {
			doc, err := json.Marshal(r)
			if err != nil {
				return err
			}
			rows[i] = []any{seq + int64(i), milliseconds(r.At), int64(r.Account), r.Action, r.Who, r.Result, string(doc)}
			if r.Verified && r.At.After(used[r.Key]) {
				used[r.Key] = r.At
			}
		}
		if err := s.insert(ctx, tx, `INSERT INTO audit (seq, at, account_id, action, who, result, doc)`, "", rows); err != nil {
			return err
		}
		for _, key := range sortedKeys(used) {
			_, err := tx.ExecContext(ctx, `UPDATE access_key SET last_used_at = $1
				WHERE key_id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)`,
				milliseconds(used[key]), key, milliseconds(used[key].Add(-usedAtMost)))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing %d records of calls: %w", len(records), err)
	}
	return nil
}

// AuditQuery chooses records.
type AuditQuery struct {
	From, To time.Time // from the one to before the other; zero: no limit
	Action   string    // exactly this one; empty: any
	Result   string    // exactly this one; empty: any
	Unknown  bool      // also calls of which is not known who made them
}

// AuditPage is a part of a list of records.
type AuditPage struct {
	Size  int    // at most so many records; at least 1
	After string // the token that came with the part before; empty: the first
	Now   time.Time
}

// auditPlace is where a record stands in the list.
type auditPlace struct {
	At  int64 `json:"a"`
	Seq int64 `json:"s"`
}

// Audit returns the records of callers in the scope that fit, the latest first,
// and the token for those that follow; empty at the end. A token that was made
// for another list or is too old is Invalid.
func (s *Store) Audit(ctx context.Context, scope org.Scope, where AuditQuery, page AuditPage) ([]AuditRecord, string, error) {
	sealer := s.Sealer()
	accounts := accountNumbers(scope)
	if where.Unknown {
		accounts = append(accounts, 0)
	}
	var a arguments
	parts := []string{inNumbers("account_id", accounts)}
	for _, c := range []struct {
		wanted bool
		text   string
		value  any
	}{
		{!where.From.IsZero(), "at >= ", milliseconds(where.From)},
		{!where.To.IsZero(), "at < ", milliseconds(where.To)},
		{where.Action != "", "action = ", where.Action},
		{where.Result != "", "result = ", where.Result},
	} {
		if c.wanted {
			parts = append(parts, c.text+a.add(c.value))
		}
	}
	bound := filter.Query{Operation: "assay:ListAudit", Caller: fmt.Sprint(accounts, where), Sort: "at desc"}
	if page.After != "" {
		place, err := filter.Open[auditPlace](sealer, bound, page.After, page.Now)
		if err != nil {
			return nil, "", fault.OnField("nextToken", "%v", err)
		}
		parts = append(parts, fmt.Sprintf(`(at < %[1]s OR at = %[1]s AND seq < %[2]s)`, a.add(place.At), a.add(place.Seq)))
	}
	query := `SELECT seq, at, account_id, action, who, result, doc FROM audit WHERE ` + strings.Join(parts, " AND ") +
		` ORDER BY at DESC, seq DESC` + atMost(max(page.Size, 1)+1)
	list, places, err := s.auditRows(ctx, query, a.values)
	if err != nil || len(list) <= max(page.Size, 1) {
		return list, "", err
	}
	list = list[:len(list)-1]
	next, err := filter.Seal(sealer, bound, places[len(list)-1], page.Now)
	return list, next, err
}

func (s *Store) auditRows(ctx context.Context, query string, args []any) (list []AuditRecord, places []auditPlace, err error) {
	err = each(ctx, s.read, query, args, func(rows *sql.Rows) error {
		var r AuditRecord
		var p auditPlace
		var doc []byte
		if err := rows.Scan(&p.Seq, &p.At, &r.Account, &r.Action, &r.Who, &r.Result, &doc); err != nil {
			return err
		}
		if err := json.Unmarshal(doc, &r); err != nil {
			return err
		}
		r.At = fromMilliseconds(p.At)
		list, places = append(list, r), append(places, p)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("reading records of calls: %w", err)
	}
	return list, places, nil
}

// SweepAudit deletes the records from before a time, in steps that keep others
// waiting only briefly, and returns how many there were.
func (s *Store) SweepAudit(ctx context.Context, before time.Time) (int64, error) {
	const step = 2000
	var sum int64
	for {
		result, err := s.write.ExecContext(ctx, `DELETE FROM audit WHERE seq IN
			(SELECT seq FROM audit WHERE at < $1 ORDER BY at LIMIT $2)`, milliseconds(before), step)
		if err != nil {
			return sum, fmt.Errorf("deleting old records of calls: %w", err)
		}
		n, err := result.RowsAffected()
		sum += n
		if err != nil || n < step {
			return sum, err
		}
	}
}
