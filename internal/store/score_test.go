package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
)

// onHost returns a finding of a host with a base score of 9.8, whose package
// is in some use, scored.
func onHost(res resource.Resource, n int, usage inventory.Usage, exploitation string) finding.Finding {
	f := vulnerability(n)
	f.Resource = res
	f.Score = finding.Score{
		Value: 9.8, Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Source: "NVD",
		Reasons: []finding.Reason{{Metric: "Base score", Text: "CVSS 3.1 base score by NVD", Delta: 9.8}},
	}
	f.Severity = finding.Critical
	f.EPSS = &advisory.EPSS{Score: 0.0004, Percentile: 0.1, Date: start.AddDate(0, 0, -1), Model: "v1"}
	f.Exploitation = exploitation
	f.Packages[0].Usage = usage
	f.Packages[0].Match.Package.Usage = usage
	f.Rescore(finding.ReachUnknown)
	return f
}

// TestContextualScores: what lists sort and filter by is the score that they
// show, adjusted and explained, and a change of it is a change of the finding.
func TestContextualScores(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		host := resource.Resource{Type: resource.Instance, ID: "i-0123456789abcdef0", Name: "web", Account: alice.String(), Region: "eu-central-1"}
		in := []finding.Finding{
			onHost(host, 1, inventory.Idle, "none"),      // 7.4
			onHost(host, 2, inventory.Listening, "none"), // 9.0
			onHost(host, 3, inventory.Idle, "poc"),       // 8.1
			onHost(host, 4, "", ""),                      // 9.8
		}
		hostScan, imageScan := Scan{Resource: host, Findings: in}, Scan{Resource: image(alice, 1)}
		for _, f := range in[:1] { // the same vulnerability and package, where nothing is adjusted
			f = onHost(imageScan.Resource, 1, f.Packages[0].Usage, f.Exploitation)
			imageScan.Findings = append(imageScan.Findings, f)
		}
		record(t, s, hostScan, start)
		record(t, s, imageScan, start)

		var want []Finding
		for _, f := range in {
			want = append(want, stored(host, f, start))
		}
		want = append(want, stored(imageScan.Resource, imageScan.Findings[0], start))
		got := all(t, s, org.Only(alice), nil, Page{Now: start})
		if diff := cmp.Diff(inOrder(want), inOrder(got), ignoreRefs); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}

		shown := func(where filter.Criteria) string {
			var out []string
			for _, f := range all(t, s, org.Only(alice), where, Page{Sort: "INSPECTOR_SCORE", Size: 2, Now: start}) {
				out = append(out, fmt.Sprintf("%s %.1f %d", f.Resource.Type, f.Score.Value, len(f.Score.Adjustments())))
			}
			return strings.Join(out, "\n")
		}
		lines := []string{"AWS_EC2_INSTANCE 9.0 1", "AWS_EC2_INSTANCE 8.1 1", "AWS_EC2_INSTANCE 7.4 2"}
		above := shown(filter.Criteria{"inspectorScore": {filter.Range(9.5, 10)}})
		if above != "AWS_ECR_CONTAINER_IMAGE 9.8 0\nAWS_EC2_INSTANCE 9.8 0" && above != "AWS_EC2_INSTANCE 9.8 0\nAWS_ECR_CONTAINER_IMAGE 9.8 0" {
			t.Errorf("above 9.5:\n%s", above)
		}
		if got, want := shown(nil), above+"\n"+strings.Join(lines, "\n"); got != want {
			t.Errorf("sorted by score:\n%s\nwant:\n%s", got, want)
		}
		if got, want := shown(filter.Criteria{"inspectorScore": {filter.Range(7.4, 8.1)}}), strings.Join(lines[1:], "\n"); got != want {
			t.Errorf("from 7.4 to 8.1:\n%s\nwant:\n%s", got, want)
		}

		later := start.Add(time.Hour)
		if got := record(t, s, hostScan, later); len(got) > 0 {
			t.Errorf("the same again changes %v", got)
		}
		newer := *in[1].EPSS
		newer.Score, newer.Date = 0.4, start
		in[1].EPSS = &newer // a class of its own: no longer unproven
		in[1].Rescore(finding.ReachUnknown)
		in[2] = onHost(host, 3, inventory.Loaded, "poc")
		if diff := cmp.Diff(map[Kind]int{Updated: 2}, record(t, s, hostScan, later)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if got := shown(filter.Criteria{"inspectorScore": {filter.Range(0, 9.7)}}); got != lines[2] {
			t.Errorf("below 9.7 after the change:\n%s", got)
		}
	})
}

// TestRescore: when an exploit becomes known, or is taken back, the findings of
// hosts are scored again, and only they; a scan then finds nothing new.
func TestRescore(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		var scans []Scan
		for i := range 5 {
			host := resource.Resource{Type: resource.Instance, ID: fmt.Sprintf("i-%017d", i), Account: alice.String(), Region: "eu-central-1"}
			if i == 4 {
				host = image(bob, 1)
			}
			scans = append(scans, Scan{Resource: host, Findings: []finding.Finding{onHost(host, 1, "", "none"), onHost(host, 2, "", "none")}})
		}
		for _, scan := range scans {
			record(t, s, scan, start)
		}
		record(t, s, Scan{Resource: scans[3].Resource}, start) // closes what it has
		scores := func(n int) string {
			where := filter.Criteria{"vulnerabilityId": filter.Text(filter.Equals, vulnerability(n).Vulnerability)}
			var out []string
			for _, f := range all(t, s, org.Only(alice, bob), where, Page{Sort: "INSPECTOR_SCORE", Now: start}) {
				out = append(out, fmt.Sprintf("%s %.1f", f.Status, f.Score.Value))
			}
			slices.Sort(out)
			out = append(out, "stored", rows(t, s, `SELECT f.score FROM finding f JOIN vuln v ON v.vuln_sk = f.vuln_sk
				WHERE v.vuln_id = $1 ORDER BY f.score DESC, f.fid`, vulnerability(n).Vulnerability))
			return strings.ReplaceAll(strings.Join(out, ", "), "\n", " ")
		}
		quiet := "ACTIVE 9.0, ACTIVE 9.0, ACTIVE 9.0, ACTIVE 9.8, CLOSED 9.0, stored, 98 90 90 90 90"
		loud := "ACTIVE 9.8, ACTIVE 9.8, ACTIVE 9.8, ACTIVE 9.8, CLOSED 9.8, stored, 98 98 98 98 98"
		if got := scores(1); got != quiet {
			t.Fatalf("at first: %s", got)
		}
		say := func(exploitation string, now time.Time, want int64) {
			t.Helper()
			known, err := s.Vulnerabilities(t.Context(), 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			known = known[:1]
			known[0].Exploitation = exploitation
			err = s.Update(t.Context(), func(tx *Tx) error {
				_, err := tx.Relive(t.Context(), known, now)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			before := rows(t, s, `SELECT count(*) FROM outbox`)
			for _, want := range []int64{want, 0} { // the second time there is nothing left to do
				if got, err := s.Rescore(t.Context(), []int64{known[0].Number, known[0].Number}, now); err != nil || got != want {
					t.Errorf("%d scores changed, %v; want %d", got, err, want)
				}
			}
			var n, m int64
			if _, err := fmt.Sscan(before+" "+rows(t, s, `SELECT count(*) FROM outbox`), &n, &m); err != nil || m-n != want-1 {
				t.Errorf("%d events, %v, for %d open findings", m-n, err, want-1)
			}
		}
		say("poc", start.Add(time.Hour), 5-1)
		if got := scores(1); got != loud {
			t.Errorf("with an exploit: %s", got)
		}
		if got := scores(2); got != quiet {
			t.Errorf("another vulnerability: %s", got)
		}
		for i := range scans[0].Findings[:1] {
			scans[0].Findings[i].Exploitation = "poc"
			scans[0].Findings[i].Rescore(finding.ReachUnknown)
		}
		if got := record(t, s, scans[0], start.Add(2*time.Hour)); len(got) > 0 {
			t.Errorf("a scan that knows the same changes %v", got)
		}
		say("none", start.Add(3*time.Hour), 5-1)
		if got := scores(1); got != quiet {
			t.Errorf("without the exploit: %s", got)
		}
		if got, err := s.Rescore(t.Context(), nil, start); got != 0 || err != nil {
			t.Errorf("of nothing: %d, %v", got, err)
		}
	})
}
