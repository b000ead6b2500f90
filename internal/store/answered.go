package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

const (
	// answeredLife is how long a repeated call gets the answer of the first.
	answeredLife = 24 * time.Hour
	// claimLife is how long a call may take: a claim that is older without an
	// answer is that of a process which died.
	claimLife = 5 * time.Minute
)

// Call is a call with an idempotency token. Two that are equal are one.
type Call struct {
	Account   org.Account
	Operation string // its action: "inspector2:Enable"
	Token     string
	Request   []byte // what is asked for, without the token; only its digest is kept
}

func (c Call) sum() []byte {
	sum := sha256.Sum256(c.Request)
	return sum[:]
}

// ClaimCall returns the answer that an equal call got in the last 24 hours. Without
// one the call is claimed, and the caller does it and says so by AnswerCall or
// ReleaseCall. It is a Conflict when the token came with another request, and while
// an equal call is under way.
func (s *Store) ClaimCall(ctx context.Context, c Call, now time.Time) (answer []byte, ok bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		answer, ok = nil, false
		// Also what another server has left unanswered makes way for this call.
		_, err := tx.ExecContext(ctx, `DELETE FROM answered WHERE account_id = $1 AND operation = $2 AND token = $3
			AND (at <= $4 OR answer = '' AND at <= $5)`, int64(c.Account), c.Operation, c.Token,
			milliseconds(now.Add(-answeredLife)), milliseconds(now.Add(-claimLife)))
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `INSERT INTO answered (account_id, operation, token, request, answer, at)
			VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT (account_id, operation, token) DO NOTHING`,
			int64(c.Account), c.Operation, c.Token, c.sum(), milliseconds(now))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 1 {
			return err
		}
		var request []byte
		row := tx.QueryRowContext(ctx, `SELECT request, answer FROM answered WHERE account_id = $1 AND operation = $2 AND token = $3`,
			int64(c.Account), c.Operation, c.Token)
		err = row.Scan(&request, &answer)
		switch {
		case errors.Is(err, sql.ErrNoRows): // the other call has failed this very moment
			return fault.New(fault.Conflict, "A call with this client token is under way.")
		case err != nil:
			return err
		case !bytes.Equal(request, c.sum()):
			return fault.New(fault.Conflict, "The client token has been used with other parameters.")
		case len(answer) == 0:
			return fault.New(fault.Conflict, "A call with this client token is under way.")
		}
		ok = true
		return nil
	})
	switch {
	case err == nil:
		return answer, ok, nil
	case fault.KindOf(err) == fault.Internal:
		err = fmt.Errorf("claiming a call of %s: %w", c.Operation, err)
	}
	return nil, false, err
}

// AnswerCall keeps the answer of a claimed call, which is not empty.
func (s *Store) AnswerCall(ctx context.Context, c Call, answer []byte, now time.Time) error {
	_, err := s.write.ExecContext(ctx, `UPDATE answered SET answer = $1, at = $2 WHERE account_id = $3 AND operation = $4 AND token = $5`,
		string(answer), milliseconds(now), int64(c.Account), c.Operation, c.Token)
	if err != nil {
		return fmt.Errorf("keeping the answer of %s: %w", c.Operation, err)
	}
	return nil
}

// ReleaseCall gives up a claimed call that has failed: the next equal call is done.
func (s *Store) ReleaseCall(ctx context.Context, c Call) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM answered WHERE account_id = $1 AND operation = $2 AND token = $3 AND answer = ''`,
		int64(c.Account), c.Operation, c.Token)
	if err != nil {
		return fmt.Errorf("releasing a call of %s: %w", c.Operation, err)
	}
	return nil
}

// SweepAnswers forgets the answers that are older than 24 hours.
func (s *Store) SweepAnswers(ctx context.Context, now time.Time) error {
	if _, err := s.write.ExecContext(ctx, `DELETE FROM answered WHERE at <= $1`, milliseconds(now.Add(-answeredLife))); err != nil {
		return fmt.Errorf("forgetting old answers: %w", err)
	}
	return nil
}
