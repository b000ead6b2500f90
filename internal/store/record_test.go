package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// rows returns what a query finds, a line for each row, NULL as a dash.
func rows(t *testing.T, s *Store, query string, args ...any) string {
	t.Helper()
	var out []string
	err := each(t.Context(), s.read, query, args, func(r *sql.Rows) error {
		columns, err := r.Columns()
		if err != nil {
			return err
		}
		values, at := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			at[i] = &values[i]
		}
		if err := r.Scan(at...); err != nil {
			return err
		}
		var line []string
		for _, v := range values {
			if !v.Valid {
				v.String = "-"
			}
			line = append(line, v.String)
		}
		out = append(out, strings.Join(line, " "))
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return strings.Join(out, "\n")
}

// everyTable returns the content of each table that scans write, and on
// PostgreSQL which transaction wrote each row.
func everyTable(t *testing.T, s *Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, table := range []string{
		"resource", "resource_count", "resource_tag", "coverage", "finding", "vuln", "vuln_related", "document", "matched", "match_pkg", "inventory",
		"outbox", "agg_delta", "agg_key",
	} {
		query := `SELECT * FROM ` + table
		if s.dialect.parted {
			query = `SELECT xmin::text, ctid::text, t.* FROM ` + table + ` t`
		}
		lines := strings.Split(rows(t, s, query), "\n")
		slices.Sort(lines)
		out[table] = strings.Join(lines, "\n")
	}
	return out
}

// changedTables names the tables that are not as they were.
func changedTables(before, after map[string]string) []string {
	var out []string
	for _, table := range slices.Sorted(maps.Keys(after)) {
		if before[table] != after[table] {
			out = append(out, table)
		}
	}
	return out
}

func TestUnchangedScanWritesNothingElse(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		full := Scan{
			Resource: image(alice, 1), Findings: []finding.Finding{vulnerability(1), vulnerability(2)}, Revision: "a",
			Inventory: &inventory.Inventory{Packages: []inventory.Package{{Type: "deb", Name: "a", Version: "1"}}},
			Layers:    []scan.Layer{{Digest: "sha256:1"}},
		}
		full.Resource.Labels = map[string]string{"team": "shop", "stage": ""}
		record(t, s, full, start)
		for i, tt := range []struct {
			name   string
			change func(*Scan)
			want   []string
		}{
			{"same", func(*Scan) {}, []string{"coverage"}},
			{"same, and nothing but that is told", func(s *Scan) { s.Findings, s.Inventory, s.Layers = nil, nil, nil }, []string{"coverage"}},
			{"other advisories", func(s *Scan) { s.Revision = "b" }, []string{"coverage", "resource"}},
			{"unknown advisories", func(s *Scan) { s.Revision = "" }, []string{"coverage", "resource"}},
			{"still unknown", func(s *Scan) { s.Revision = "" }, []string{"coverage"}},
			{"with another tag", func(s *Scan) { s.Resource.Labels = map[string]string{"team": "x"} }, []string{"coverage", "resource", "resource_tag"}},
			{"not scanned", func(s *Scan) {
				s.Findings, s.Resource.Labels = nil, map[string]string{"team": "x"}
				s.Coverage = []Coverage{{ScanType: PackageScan, Code: CoverageActive, Reason: reasonSuccessful}}
			}, nil},
		} {
			before, total := everyTable(t, s), changesOf(t, s)
			one := full
			tt.change(&one)
			if got := record(t, s, one, start.Add(time.Duration(i+1)*time.Hour)); len(got) > 0 {
				t.Errorf("%s: changes %v", tt.name, got)
			}
			if diff := cmp.Diff(tt.want, changedTables(before, everyTable(t, s))); diff != "" {
				t.Errorf("%s: tables changed: %s", tt.name, diff)
			}
			if got, most := changesOf(t, s)-total, int64(len(tt.want)+2); got > most { // few rows of each
				t.Errorf("%s: %d rows written", tt.name, got)
			}
		}
	})
}

// changesOf returns how many rows were written since the database was opened;
// on PostgreSQL, which does not tell, 0.
func changesOf(t *testing.T, s *Store) (n int64) {
	t.Helper()
	if !s.dialect.parted {
		if err := s.write.QueryRowContext(t.Context(), `SELECT total_changes()`).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestResourceColumns(t *testing.T) {
	t.Parallel()
	const account = "111122223333"
	uses := int64(3)
	for _, tt := range []struct {
		name   string
		in     resource.Resource
		fields string
		want   string
	}{
		{
			"image", image(alice, 1), "type, platform, pushed_at, pulled_at, arch, registry, repo, image_tags, digest, uses, cloud, cloud_account, cloud_region",
			"2 DEBIAN_12 1769904000000 - amd64 " + account + " shop \x1fv1\x1f sha256:" + fmt.Sprintf("%064x", 1) + " - AWS " + account + " eu-central-1",
		},
		{
			"image of another registry",
			resource.Resource{
				Type: resource.Image, ID: "arn:aws:ecr:eu-central-1:" + account + ":repository/a/b/sha256:1", Name: "registry.example.com/a/b:2",
				Image: resource.ImageUse{Pushed: "2026-01-01T00:00:00.5Z", Pulled: "yesterday", Used: "2026-01-03T00:00:00Z", Uses: &uses},
			},
			"registry, repo, pushed_at, pulled_at, used_at, uses", "registry.example.com a/b 1767225600500 - 1767398400000 3",
		},
		{
			"machine", resource.Resource{
				Type: resource.Instance, ID: "i-1", Platform: "UBUNTU_22_04",
				Host: resource.Host{Image: "ami-1", Network: "vpc-1", Subnet: "subnet-1"},
			}, "type, ami, vpc, subnet, repo, arch", "1 ami-1 vpc-1 subnet-1 - -",
		},
		{
			"function",
			resource.Resource{
				Type: resource.Function, ID: "arn:aws:lambda:eu-central-1:" + account + ":function:orders:$LATEST", Created: "2026-01-01T00:00:00Z",
				Layers: []string{"l:1", "l:2"}, Function: resource.Runtime{Runtime: "PYTHON_3_11", Role: "arn:r"},
			},
			"fn_name, fn_runtime, fn_role, fn_layers, fn_modified_at, pushed_at", "orders PYTHON_3_11 arn:r \x1fl:1\x1fl:2\x1f 1767225600000 -",
		},
		{
			"code", resource.Resource{
				Type: resource.Code, ID: "c", Name: "shop", Code: resource.CodeHost{Host: "GITHUB", Visibility: "PUBLIC", Commit: "ab"},
				Cloud: resource.Cloud{Organization: "o-1"},
			}, "project, code_host, visibility, commit_id, cloud_org", "shop GITHUB PUBLIC ab o-1",
		},
		{
			"machine of Azure", resource.Resource{
				Type: resource.AzureInstance, ID: "/subscriptions/1", Cloud: resource.Cloud{Account: "s-1", Region: "westeurope"},
			}, "type, cloud, cloud_account, cloud_region", "6 AZURE s-1 westeurope",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, t.TempDir()+"/assay.db")
			tt.in.Account, tt.in.Region = account, "eu-central-1"
			bare := tt.in // made first and changed, or made at once: the same row
			bare.Platform, bare.Host, bare.Image, bare.Function, bare.Layers = "X", resource.Host{}, resource.ImageUse{}, resource.Runtime{}, nil
			record(t, s, Scan{Resource: bare}, start)
			record(t, s, Scan{Resource: tt.in}, start)
			if got := rows(t, s, `SELECT `+tt.fields+` FROM resource`); got != tt.want {
				t.Errorf("changed: %q, want %q", got, tt.want)
			}
			s = open(t, t.TempDir()+"/assay.db")
			record(t, s, Scan{Resource: tt.in}, start)
			if got := rows(t, s, `SELECT `+tt.fields+` FROM resource`); got != tt.want {
				t.Errorf("new: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestResourceTags(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		for _, labels := range []map[string]string{{"a": "1", "b": "2"}, {"b": "3", "c": ""}, nil, {"b": "\x00\xff"}} {
			res := image(alice, 1)
			res.Labels = labels
			record(t, s, Scan{Resource: res}, start)
			var want []string
			for _, k := range slices.Sorted(maps.Keys(labels)) {
				want = append(want, k+" "+storable(labels[k]))
			}
			if got := rows(t, s, `SELECT k, v FROM resource_tag ORDER BY k`); got != strings.Join(want, "\n") {
				t.Errorf("tags %q, want %q", got, want)
			}
		}
	})
}

func TestMatchedPackages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		digest := "sha256:" + strings.Repeat("a", 64)
		layer := "arn:aws:lambda:eu-central-1:111122223333:layer:tools:4"
		f := vulnerability(1)
		f.VendorLabel, f.Related, f.Exploitation = "medium", []string{"DSA-1", "GHSA-1"}, "poc"
		f.Packages = nil
		for _, p := range []inventory.Package{
			{Type: "deb", Name: "libssl3", Version: "1:3.0.1-2", Arch: "amd64", Path: "var/lib/dpkg/status"},
			{Type: "apk", Name: "musl", Version: "1.2-r3", Arch: "x86_64"},
			{Type: "npm", Name: "lodash", Path: "app/package-lock.json", Layer: digest},
			{Type: "deb", Name: "bad\x00\xff", Version: "2"},
		} {
			f.Packages = append(f.Packages, finding.Package{Package: p})
		}
		res := resource.Resource{Type: resource.Function, ID: "f", Account: alice.String(), Region: "eu-central-1"}
		scanned := Scan{Resource: res, Findings: []finding.Finding{f}, Layers: []scan.Layer{{Name: layer, DiffID: digest}}}
		record(t, s, scanned, start)
		want := strings.Join([]string{
			"0 libssl3 3.0.1 1 2 AMD64 - - -",
			"1 musl 1.2 0 r3 X86_64 - - -",
			"2 lodash UNKNOWN - - - " + digest + " " + layer + " app/package-lock.json",
			"3 bad\uFFFD\uFFFD 2 0 - - - - -",
		}, "\n")
		if got := rows(t, s, `SELECT ordinal, name, version, epoch, release, arch, layer, lambda_layer, path FROM match_pkg ORDER BY ordinal`); got != want {
			t.Errorf("packages\n%s\nwant\n%s", got, want)
		}
		if got := rows(t, s, `SELECT vendor_sev, exploit FROM vuln`); got != "medium 1" {
			t.Errorf("vulnerability %q", got)
		}
		if got := rows(t, s, `SELECT related_id FROM vuln_related r JOIN vuln v ON v.vuln_sk = r.vuln_sk ORDER BY related_id`); got != "DSA-1\nGHSA-1" {
			t.Errorf("related %q", got)
		}
		list, err := s.FindingsByARN(t.Context(), org.Only(alice), []string{finding.ARN(res, f.Vulnerability)})
		if err != nil || len(list) != 1 || list[0].Packages[2].LambdaLayer != layer {
			t.Errorf("the layer does not come back: %v, %v", list, err)
		}
		other := scanned // the same layer under another name is other content
		other.Resource.ID, other.Layers = "g", []scan.Layer{{Name: strings.Replace(layer, ":4", ":5", 1), DiffID: digest}}
		record(t, s, other, start)
		if got := rows(t, s, `SELECT count(*) FROM matched`); got != "2" {
			t.Errorf("%s lists of packages, want 2", got)
		}
	})
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		res := image(alice, 1)
		row := func(typ, code, reason string, at time.Time) Coverage {
			return Coverage{ScanType: typ, Code: code, Reason: reason, Mode: "EC2_AGENTLESS", Scanned: at}
		}
		one := []finding.Finding{vulnerability(1)}
		hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
		for i, tt := range []struct {
			name   string
			scan   Scan
			want   string // scan type, code, reason, mode, hours of first and last
			first  bool
			events string
		}{
			{
				"found, not scanned",
				Scan{Coverage: []Coverage{row(PackageScan, CoverageActive, "PENDING_INITIAL_SCAN", time.Time{})}},
				"1 1 PENDING_INITIAL_SCAN EC2_AGENTLESS 0 -", false, "coverage.changed",
			},
			{
				"first scan",
				Scan{Findings: one, Revision: "a", Coverage: []Coverage{row(PackageScan, CoverageActive, "SUCCESSFUL", hour(1))}},
				"1 1 SUCCESSFUL EC2_AGENTLESS 0 1", true, "coverage.changed finding.created scan.completed",
			},
			{"the same again, without more", Scan{Revision: "a"}, "1 1 SUCCESSFUL EC2_AGENTLESS 0 2", false, ""},
			{
				"stopped: findings stay",
				Scan{Revision: "a", Coverage: []Coverage{row(PackageScan, CoverageInactive, "EC2_INSTANCE_STOPPED", time.Time{})}},
				"1 2 EC2_INSTANCE_STOPPED EC2_AGENTLESS 0 2", false, "coverage.changed",
			},
			{"the same again while stopped", Scan{Revision: "a"}, "1 2 EC2_INSTANCE_STOPPED EC2_AGENTLESS 0 4", false, ""},
			{
				"network alone: findings stay",
				Scan{Revision: "b", Coverage: []Coverage{row(NetworkScan, CoverageActive, "SUCCESSFUL", hour(5))}},
				"1 2 EC2_INSTANCE_STOPPED EC2_AGENTLESS 0 4\n2 1 SUCCESSFUL EC2_AGENTLESS 5 5", false, "coverage.changed",
			},
			{
				"scanned again",
				Scan{Revision: "c"},
				"1 1 SUCCESSFUL - 0 6\n2 1 SUCCESSFUL EC2_AGENTLESS 5 5", false, "coverage.changed finding.closed",
			},
		} {
			if _, err := s.write.ExecContext(t.Context(), `DELETE FROM outbox`); err != nil {
				t.Fatal(err)
			}
			tt.scan.Resource = res
			got, err := s.Record(t.Context(), org.Only(alice), []Scan{tt.scan}, hour(i))
			if err != nil {
				t.Fatal(err)
			}
			if got[0].First != tt.first {
				t.Errorf("%s: first %v", tt.name, got[0].First)
			}
			table := rows(t, s, fmt.Sprintf(`SELECT scan_type, code, reason, mode, (first_at - %[1]d) / 3600000, (last_scanned_at - %[1]d) / 3600000
				FROM coverage ORDER BY scan_type`, milliseconds(start)))
			if table != tt.want {
				t.Errorf("%s: coverage\n%s\nwant\n%s", tt.name, table, tt.want)
			}
			if events := strings.ReplaceAll(rows(t, s, `SELECT kind FROM outbox ORDER BY kind`), "\n", " "); events != tt.events {
				t.Errorf("%s: events %q, want %q", tt.name, events, tt.events)
			}
		}
		for name, list := range map[string][]Coverage{
			"type": {row("X", CoverageActive, "SUCCESSFUL", start)}, "code": {row(CodeScan, "X", "SUCCESSFUL", start)},
			"reason": {row(CodeScan, CoverageActive, "", start)}, "twice": {row(CodeScan, CoverageActive, "A", start), row(CodeScan, CoverageActive, "B", start)},
		} {
			if _, err := s.Record(t.Context(), org.Only(alice), []Scan{{Resource: res, Coverage: list}}, start); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// suppress keeps the one rule that suppresses a vulnerability, or none.
func suppress(t *testing.T, s *Store, account org.Account, vulnerability string) {
	t.Helper()
	if _, err := s.write.ExecContext(t.Context(), `DELETE FROM saved_filter`); err != nil {
		t.Fatal(err)
	}
	if vulnerability == "" {
		return
	}
	criteria, err := json.Marshal(filter.Criteria{"vulnerabilityId": filter.Text(filter.Equals, vulnerability)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.write.ExecContext(t.Context(), `INSERT INTO saved_filter (rule_id, account_id, arn, name, action, criteria, created_at, updated_at)
		VALUES (7, $1, 'arn', 'n', 2, $2, 1, 1)`, int64(account), string(criteria))
	if err != nil {
		t.Fatal(err)
	}
}

func TestSuppressedByScan(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		res := image(alice, 1)
		list := []finding.Finding{vulnerability(1), vulnerability(2)}
		last := ""
		for i, tt := range []struct {
			name string
			rule string
			list []finding.Finding
			want map[Kind]int
			rows string // vulnerability's status and rule
			n    string // counted
		}{
			{"new", list[0].Vulnerability, list, map[Kind]int{Created: 2}, "2 7\n1 -", "1"},
			{"again", list[0].Vulnerability, list, map[Kind]int{}, "2 7\n1 -", "1"},
			{"no rule", "", list, map[Kind]int{Unsuppressed: 1}, "1 -\n1 -", "2"},
			{"another rule", list[1].Vulnerability, list, map[Kind]int{Silenced: 1}, "1 -\n2 7", "1"},
			{"gone", list[1].Vulnerability, nil, map[Kind]int{Gone: 2}, "3 -\n3 -", "0"},
			{"back", list[1].Vulnerability, list, map[Kind]int{Reopened: 2}, "1 -\n2 7", "1"},
		} {
			suppress(t, s, alice, tt.rule)
			got := record(t, s, Scan{Resource: res, Findings: tt.list}, start.Add(time.Duration(i)*time.Hour))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: %s", tt.name, diff)
			}
			got2 := rows(t, s, `SELECT f.status, f.suppressed_by FROM finding f JOIN vuln v ON v.vuln_sk = f.vuln_sk ORDER BY v.vuln_id`)
			if got2 != tt.rows {
				t.Errorf("%s: rows %q, want %q", tt.name, got2, tt.rows)
			}
			// A rule that comes or goes is no observation.
			if got := rows(t, s, `SELECT last_at FROM finding ORDER BY last_at`); last != "" && i < 4 && got != last {
				t.Errorf("%s: observed at %q, want %q", tt.name, got, last)
			} else {
				last = got
			}
			if n := rows(t, s, `SELECT coalesce(sum(n_all), 0) FROM resource_count`); n != tt.n {
				t.Errorf("%s: %s counted, want %s", tt.name, n, tt.n)
			}
		}
		other := record(t, s, Scan{Resource: image(bob, 1), Findings: list}, start)
		if got := rows(t, s, `SELECT status FROM finding WHERE account_id = $1`, int64(bob)); got != "1\n1" || other[Created] != 2 {
			t.Errorf("the rule of one account suppresses in another: %q", got)
		}
	})
}

// TestCounters: whatever happens, the counters of resources are what there is.
func TestCounters(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		res := image(alice, 1)
		worse := vulnerability(2)
		worse.Severity, worse.Score.Value, worse.Fix = finding.Critical, 9.8, finding.FixNo
		for i, list := range [][]finding.Finding{
			{vulnerability(1), vulnerability(2)}, {vulnerability(1), worse}, {worse, vulnerability(3), vulnerability(4)}, {}, {worse},
		} {
			record(t, s, Scan{Resource: res, Findings: list}, start.Add(time.Duration(i)*time.Hour))
			want := rows(t, s, `SELECT count(*), coalesce(sum(CASE severity WHEN 5 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE severity WHEN 4 THEN 1 ELSE 0 END), 0),
				coalesce(sum(CASE WHEN fix > 0 THEN 1 ELSE 0 END), 0) FROM finding WHERE status = 1`)
			if got := rows(t, s, `SELECT coalesce(sum(n_all), 0), coalesce(sum(n_crit), 0), coalesce(sum(n_high), 0),
				coalesce(sum(n_fix), 0) FROM resource_count`); got != want {
				t.Errorf("scan %d: counters %s, want %s", i, got, want)
			}
			if got := rows(t, s, `SELECT count(*) FROM resource_count WHERE n_all = 0`); got != "0" {
				t.Errorf("scan %d: a resource without findings has counters", i)
			}
		}
	})
}

func TestEvents(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		res := image(alice, 1)
		record(t, s, Scan{Resource: res, Findings: []finding.Finding{vulnerability(1)}}, start)
		arn := finding.ARN(res, "CVE-2099-00001")
		want := strings.Join([]string{
			"coverage.changed " + res.ID + ` {"reason":"SUCCESSFUL","scanType":"PACKAGE","statusCode":"ACTIVE"}`,
			"finding.created " + arn + " {}",
			"scan.completed " + res.ID + " {}",
		}, "\n")
		if got := rows(t, s, `SELECT kind, subject, doc FROM outbox ORDER BY kind`); got != want {
			t.Errorf("events\n%s\nwant\n%s", got, want)
		}
	})
}

// TestNewerWordsOfVendor: what a vendor says is taken when it is newer.
func TestNewerWordsOfVendor(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()+"/assay.db")
	f := vulnerability(1)
	f.EPSS = nil
	for i, tt := range []struct {
		label string
		at    time.Time
		want  string
	}{
		{"low", start.AddDate(0, 0, -9), "low"},
		{"high", start.AddDate(0, 0, -8), "high"},
		{"medium", start.AddDate(0, 0, -9), "high"}, // from older advisories
		{"none", start.AddDate(10, 0, 0), "high"},   // a time to come proves nothing
		{"critical", start.AddDate(0, 0, -7), "critical"},
	} {
		f.VendorLabel, f.Modified = tt.label, tt.at
		record(t, s, Scan{Resource: image(alice, i), Findings: []finding.Finding{f}}, start)
		if got := rows(t, s, `SELECT vendor_sev FROM vuln`); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.label, got, tt.want)
		}
	}
}

func TestRevision(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		res := image(alice, 1)
		at := func(scope org.Scope) string {
			out, err := s.Revision(t.Context(), scope, res)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if got := at(org.Only(alice)); got != "" {
			t.Errorf("unknown: %q", got)
		}
		record(t, s, Scan{Resource: res, Revision: "a"}, start)
		if got := at(org.Only(alice)); got != "a" {
			t.Errorf("known: %q", got)
		}
		if got := at(org.Only(bob)); got != "" {
			t.Errorf("of another: %q", got)
		}
		record(t, s, Scan{Resource: res, Revision: "b", Incomplete: true}, start)
		if got := at(org.Only(alice)); got != "" {
			t.Errorf("incomplete: %q", got)
		}
	})
}

// TestSame shows that a scan that relies on what is stored is refused when that
// follows from something else, and closes nothing.
func TestSame(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		full := Scan{Resource: image(alice, 1), Findings: []finding.Finding{vulnerability(1)}, Revision: "a"}
		record(t, s, full, start)
		same := Scan{Resource: full.Resource, Revision: "a", Same: true}
		if got := record(t, s, same, start.Add(time.Hour)); len(got) > 0 {
			t.Errorf("the same: changes %v", got)
		}
		refused := func(name string, err error) {
			t.Helper()
			if !errors.Is(err, ErrChanged) {
				t.Errorf("%s: %v", name, err)
			}
			if got := rows(t, s, `SELECT status, count(*) FROM finding GROUP BY status`); got != "1 1" {
				t.Errorf("%s: findings %q", name, got)
			}
		}
		// Between the first look at the resource and the one that locks it.
		same.Resource.Tags = []string{"v2"}
		list, err := prepareScans(org.Only(alice), []Scan{same})
		if err != nil {
			t.Fatal(err)
		}
		refused("as it is written", s.tx(t.Context(), func(tx *sql.Tx) error {
			if err := s.readResources(t.Context(), tx, list, false); err != nil {
				return err
			}
			if err := list[0].settle(start); err != nil {
				t.Errorf("too early: %v", err)
			}
			if _, err := tx.ExecContext(t.Context(), `UPDATE resource SET revision = ''`); err != nil {
				return err
			}
			return s.lockResources(t.Context(), tx, list, start)
		}))
		if err := s.Doubt(t.Context(), org.Only(alice), full.Resource); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 2} { // the second is not known
			same.Resource = image(alice, n)
			_, err = s.Record(t.Context(), org.Only(alice), []Scan{same}, start.Add(2*time.Hour))
			refused(fmt.Sprintf("image %d", n), err)
		}
		if got := rows(t, s, `SELECT count(*) FROM resource`); got != "1" {
			t.Errorf("%s resources", got)
		}
		if got := record(t, s, full, start.Add(3*time.Hour)); len(got) > 0 {
			t.Errorf("with the findings: changes %v", got)
		}
	})
}

// TestAnnouncedScan shows which notes without a scan have the next one looked at.
func TestAnnouncedScan(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		for n, tt := range []struct{ code, reason, want string }{
			{CoverageActive, "PENDING_INITIAL_SCAN", ""},
			{CoverageActive, "PENDING_REVIVAL_SCAN", ""},
			{CoverageActive, reasonSuccessful, "a"},
			{CoverageActive, "SCAN_FREQUENCY_SCAN_ON_PUSH", "a"},
			{CoverageActive, "DEEP_INSPECTION_PACKAGE_COLLECTION_LIMIT_EXCEEDED", "a"},
			{CoverageInactive, "PENDING_DISABLE", "a"},
		} {
			res := image(alice, n)
			record(t, s, Scan{Resource: res, Revision: "a"}, start)
			record(t, s, Scan{Resource: res, Coverage: []Coverage{{ScanType: PackageScan, Code: tt.code, Reason: tt.reason}}}, start)
			got, err := s.Revision(t.Context(), org.Only(alice), res)
			if err != nil || got != tt.want {
				t.Errorf("%s: revision %q, want %q (%v)", tt.reason, got, tt.want, err)
			}
		}
	})
}

func TestInventory(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		inv := func(names ...string) *inventory.Inventory {
			out := &inventory.Inventory{OS: inventory.OS{ID: "debian"}}
			for _, n := range names {
				out.Packages = append(out.Packages, inventory.Package{Type: "deb", Name: n, Version: "1"})
			}
			return out
		}
		layers := []scan.Layer{{Digest: "sha256:1", CreatedBy: "COPY"}}
		read := func(scope org.Scope, n int) (Held, error) {
			return s.Inventory(t.Context(), scope, alice, image(alice, n).ID)
		}
		if _, err := read(org.Only(alice), 1); fault.KindOf(err) != fault.NotFound {
			t.Errorf("unknown: %v", err)
		}
		for n := range 2 {
			record(t, s, Scan{Resource: image(alice, n), Inventory: inv("a", "b"), Layers: layers}, start)
		}
		if got := rows(t, s, `SELECT n FROM inventory`); got != "2" {
			t.Errorf("kept %q, want one of 2 packages", got)
		}
		got, err := read(org.Only(alice), 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Held{*inv("a", "b"), layers}, got); diff != "" {
			t.Error(diff)
		}
		if _, err := read(org.Only(bob), 1); fault.KindOf(err) != fault.NotFound {
			t.Errorf("of another: %v", err)
		}
		record(t, s, Scan{Resource: image(alice, 1), Inventory: inv("c")}, start)
		record(t, s, Scan{Resource: image(alice, 1)}, start) // leaves it
		for n, want := range []int{2, 1} {
			if got, err := read(org.Only(alice), n); err != nil || len(got.Inventory.Packages) != want {
				t.Errorf("image %d: %v, %v", n, got, err)
			}
		}
	})
}

// TestPartitions: accounts are in the parts that PostgreSQL puts them in.
func TestPartitions(t *testing.T) {
	t.Parallel()
	s := open(t, postgres(t))
	for n := range 300 {
		account := org.Account(1 + n*n*7_919_311)
		var got bool
		err := s.read.QueryRowContext(t.Context(), `SELECT satisfies_hash_partition('finding'::regclass, 32, $1::int, $2::bigint)`,
			s.dialect.partOf(account), int64(account)).Scan(&got)
		if err != nil {
			t.Fatal(err)
		}
		if !got {
			t.Fatalf("account %d is not in part %d", account, s.dialect.partOf(account))
		}
	}
}

func TestKEVIsAnExploit(t *testing.T) {
	t.Parallel()
	f := vulnerability(1)
	for _, tt := range []struct {
		kev  *advisory.KEV
		word string
		want bool
	}{{nil, "", false}, {nil, "none", false}, {nil, "poc", true}, {nil, "active", true}, {&advisory.KEV{}, "", true}} {
		f.KEV, f.Exploitation = tt.kev, tt.word
		if got := f.Exploitable(); got != tt.want {
			t.Errorf("%v, %q: %v", tt.kev, tt.word, got)
		}
	}
}
