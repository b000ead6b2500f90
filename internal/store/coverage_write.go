package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// The types of scan, in Amazon's words.
const (
	PackageScan = "PACKAGE"
	NetworkScan = "NETWORK"
	CodeScan    = "CODE"
)

// The codes of coverage, in Amazon's words.
const (
	CoverageActive   = "ACTIVE"
	CoverageInactive = "INACTIVE"
)

// Reasons of coverage that the store itself gives, in Amazon's words.
const (
	reasonSuccessful = "SUCCESSFUL"
	reasonTerminated = "RESOURCE_TERMINATED"
)

// Coverage is whether and why a resource is scanned, for one type of scan.
type Coverage struct {
	ScanType string    // PackageScan, NetworkScan or CodeScan
	Code     string    // CoverageActive or CoverageInactive
	Reason   string    // in Amazon's words
	Mode     string    // in Amazon's words; empty but for machines
	Scanned  time.Time // when it was last scanned; zero: not at all
}

// covered is a row of coverage as its table has it.
type covered struct {
	code         int64
	reason, mode string
	scanned      int64 // milliseconds; 0 if it was not
}

// checkCoverage tells what is wrong with coverage that is to be written.
func checkCoverage(list []Coverage) error {
	seen := map[string]bool{}
	for _, c := range list {
		if _, err := number(scanNumbers, c.ScanType, "scanType"); err != nil {
			return err
		}
		if _, err := number(codeNumbers, c.Code, "scanStatus.statusCode"); err != nil {
			return err
		}
		if c.Reason == "" {
			return fault.OnField("scanStatus.reason", "may not be empty")
		}
		if seen[c.ScanType] {
			return fault.New(fault.Invalid, "scan type %s is there twice", c.ScanType)
		}
		seen[c.ScanType] = true
	}
	return nil
}

// row returns the coverage in the numbers of the table.
func (c Coverage) row() (scan int64, row covered) {
	scan, _ = number(scanNumbers, c.ScanType, "") // it has been checked
	row.code, _ = number(codeNumbers, c.Code, "")
	row.reason, row.mode = c.Reason, c.Mode
	if !c.Scanned.IsZero() {
		row.scanned = milliseconds(c.Scanned)
	}
	return scan, row
}

// coverage is the reverse of row. The numbers must be those of words.
func (c covered) coverage(scan int64) Coverage {
	out := Coverage{ScanType: scanNumbers[scan], Code: codeNumbers[c.code], Reason: c.reason, Mode: c.mode}
	if c.scanned != 0 {
		out.Scanned = fromMilliseconds(c.scanned)
	}
	return out
}

// same tells whether two rows say the same but for when the scan was.
func (c covered) same(o covered) bool {
	return c.code == o.code && c.reason == o.reason && c.mode == o.mode
}

// A scanTime is what many rows of coverage are given at once.
type scanTime struct{ scan, at int64 }

// writeCoverage writes the coverage of scans and returns the events of what
// changed. Where only the time of the scan did, nothing else is written.
func (s *Store) writeCoverage(ctx context.Context, tx *sql.Tx, list []*pending, now time.Time) ([]event, error) {
	ms := milliseconds(now)
	var events []event
	var rows [][]any
	touched := map[scanTime][]*pending{}
	for _, p := range list {
		for _, c := range p.coverage {
			scan, row := c.row()
			old, known := p.known.coverage[scan]
			switch {
			case known && old.same(row):
				if row.scanned != 0 && row.scanned != old.scanned {
					k := scanTime{scan, row.scanned}
					touched[k] = append(touched[k], p)
				}
				continue
			case !known || old.code != row.code || old.reason != row.reason:
				e, err := coverageEvent(p.account, p.Resource.ID, c, ms)
				if err != nil {
					return nil, err
				}
				events = append(events, e)
			}
			rows = append(rows, []any{
				p.known.id, int64(p.account), scan, row.code, row.reason, textOrNull(row.mode), ms, numberOrNull(row.scanned),
			})
		}
	}
	err := s.insert(ctx, tx, `INSERT INTO coverage (res_id, account_id, scan_type, code, reason, mode, first_at, last_scanned_at)`,
		`ON CONFLICT (account_id, res_id, scan_type) DO UPDATE SET code = excluded.code, reason = excluded.reason, mode = excluded.mode,
		last_scanned_at = coalesce(excluded.last_scanned_at, coverage.last_scanned_at)`, rows)
	if err != nil {
		return nil, err
	}
	return events, s.touch(ctx, tx, touched)
}

// coverageEvent tells of a change of coverage.
func coverageEvent(account org.Account, resource string, c Coverage, at int64) (event, error) {
	doc, err := json.Marshal(map[string]string{"scanType": c.ScanType, "statusCode": c.Code, "reason": c.Reason})
	return event{account: account, kind: "coverage.changed", subject: resource, at: at, doc: string(doc)}, err
}

// touch writes when resources were scanned.
func (s *Store) touch(ctx context.Context, tx *sql.Tx, touched map[scanTime][]*pending) error {
	for k, list := range touched {
		var ids, accounts []int64
		for _, p := range list {
			ids, accounts = append(ids, p.known.id), append(accounts, int64(p.account))
		}
		var a arguments
		query := fmt.Sprintf(`UPDATE coverage SET last_scanned_at = %s WHERE %s AND %s AND scan_type = %s`, //nolint:gosec // names and placeholders
			a.add(k.at), anyOf(s.dialect, &a, "account_id", distinct(accounts)),
			anyOf(s.dialect, &a, "res_id", ids), a.add(k.scan))
		if _, err := tx.ExecContext(ctx, query, a.values...); err != nil {
			return err
		}
	}
	return nil
}
