package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
)

// Live is what others say of a vulnerability from day to day.
type Live struct {
	EPSS         *advisory.EPSS
	KEV          *advisory.KEV
	Exploitation string // none, poc, active; empty if not rated
}

// Vulnerability is one of which there are, or were, findings.
type Vulnerability struct {
	Number int64
	ID     string
	Source string // whose statement findings rest on, in Amazon's words
	Live

	revision int64
	doc      string
}

// Vulnerabilities returns vulnerabilities by number, so many after one.
func (s *Store) Vulnerabilities(ctx context.Context, after int64, limit int) ([]Vulnerability, error) {
	var out []Vulnerability
	err := each(ctx, s.read, `SELECT vuln_sk, vuln_id, source, rev, live FROM vuln WHERE vuln_sk > $1 ORDER BY vuln_sk LIMIT $2`,
		[]any{after, limit}, func(rows *sql.Rows) error {
			var v Vulnerability
			if err := rows.Scan(&v.Number, &v.ID, &v.Source, &v.revision, &v.doc); err != nil {
				return err
			}
			var l live
			if err := json.Unmarshal([]byte(v.doc), &l); err != nil {
				return fmt.Errorf("reading vulnerability %s: %w", v.ID, err)
			}
			v.Live = Live(l)
			out = append(out, v)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("reading vulnerabilities: %w", err)
	}
	return out, nil
}

// Relive replaces what others say of vulnerabilities by what is in the list, and
// returns how many changed. It is what the newest advisories say: unlike what
// scans bring, it also takes back what is said no longer. No finding is written;
// where a score that is adjusted to its resource changes, a ReadjustJob is
// enqueued.
func (t *Tx) Relive(ctx context.Context, list []Vulnerability, now time.Time) (int64, error) {
	var rows [][]any
	for _, v := range list {
		said, err := live(v.Live).columns()
		if err != nil {
			return 0, err
		}
		if said[2] == v.doc { // the document
			continue
		}
		rev := max(v.revision, revision(&finding.Finding{EPSS: v.EPSS, KEV: v.KEV}, now))
		rows = append(rows, append([]any{v.Number, v.ID, v.Source, rev}, said...))
	}
	err := t.store.insert(ctx, t.tx, `INSERT INTO vuln (vuln_sk, vuln_id, source, rev, epss, exploit, live)`,
		`ON CONFLICT (vuln_sk) DO UPDATE SET epss = excluded.epss, exploit = excluded.exploit, rev = excluded.rev, live = excluded.live`, rows)
	if err != nil {
		return 0, fmt.Errorf("writing vulnerabilities: %w", err)
	}
	numbers, err := unsettled(list)
	if err != nil || len(numbers) == 0 {
		return int64(len(rows)), err
	}
	args, err := json.Marshal(numbers)
	if err != nil {
		return 0, err
	}
	return int64(len(rows)), t.Enqueue(ctx, Job{Kind: ReadjustJob, Priority: 1, Run: now, Args: args})
}

// liveFields are what criteria ask about that Relive changes.
var liveFields = []string{"epssScore", "exploitAvailable", "inspectorScore"}

// ResuppressLive enqueues a job for each suppression rule that asks about what
// Relive changes.
func (t *Tx) ResuppressLive(ctx context.Context, now time.Time) error {
	list, err := readRules(ctx, t.tx, "1 = 1", nil)
	if err != nil {
		return err
	}
	for _, r := range list {
		for _, field := range liveFields {
			if len(r.criteria[field]) == 0 {
				continue
			}
			if err := t.enqueueRule(ctx, r.owner, r.id, now); err != nil {
				return err
			}
			break
		}
	}
	return nil
}

// ReadSetting returns a value of the whole installation; nil if there is none.
func (s *Store) ReadSetting(ctx context.Context, name string) ([]byte, error) {
	return setting(ctx, s.read, name)
}

// ReadjustJob is the kind of the jobs that adjust the scores of findings anew;
// RunReadjustJob does them.
const ReadjustJob = "readjust"

// unsettled returns the numbers of the vulnerabilities in a list whose news change
// scores that are adjusted to resources.
func unsettled(list []Vulnerability) ([]int64, error) {
	var out []int64
	for _, v := range list {
		var was live
		if err := json.Unmarshal([]byte(v.doc), &was); err != nil {
			return nil, fmt.Errorf("reading vulnerability %s: %w", v.ID, err)
		}
		if finding.Unproven(was.EPSS, was.KEV, was.Exploitation) != finding.Unproven(v.EPSS, v.KEV, v.Exploitation) {
			out = append(out, v.Number)
		}
	}
	return out, nil
}

// RunReadjustJob has the scores of the findings of vulnerabilities follow what is
// known of their exploits now. It may be broken off at any time and run again.
func (s *Store) RunReadjustJob(ctx context.Context, j Job, now time.Time) error {
	var numbers []int64
	if err := json.Unmarshal(j.Args, &numbers); err != nil {
		return Permanent{fmt.Errorf("reading the arguments of job %d: %w", j.ID, err)}
	}
	_, err := s.Rescore(ctx, numbers, now)
	return err
}
