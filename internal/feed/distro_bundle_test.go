package feed

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// samples unpacks the samples of all feeds.
func samples(tb testing.TB) string {
	tb.Helper()
	z, err := zip.OpenReader(filepath.Join(bundle(tb), "feed-samples", "feed-samples.zip"))
	if err != nil {
		tb.Fatal(err)
	}
	defer z.Close()
	dir := tb.TempDir()
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") || !filepath.IsLocal(f.Name) {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		r, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(name), 0o700)
		}
		if err == nil {
			err = os.WriteFile(name, data, 0o600)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// tally reads what lies below a directory, and says for each source of a
// distribution how many records were read and stored, and how many were
// rejected for which reasons.
func tally(t *testing.T, dir string) map[string]string {
	t.Helper()
	sources, unused, err := Find(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	short := func(name string) string {
		name, err := filepath.Rel(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(name)
	}
	for _, s := range sources {
		if s.Name != OSV && !slices.ContainsFunc(distroFeeds, func(f format) bool { return f.name == s.Name }) {
			continue
		}
		l, err := Load(t.Context(), s, func(rec Record) error {
			check(t, rec)
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", s.Path, err)
		}
		text := fmt.Sprintf("%s: %d read, %d stored", s.Name, l.Read, l.Stored)
		for _, reason := range l.Reasons() {
			text += fmt.Sprintf(", %d × %s", l.Rejected[reason], reason)
		}
		got[short(s.Path)] = text
	}
	for _, u := range unused {
		got[short(u.Path)] = "unused"
	}
	return got
}

// TestDistroSamples reads the samples of the feeds of distributions. All is
// used, or rejected for a reason known here.
func TestDistroSamples(t *testing.T) {
	want := map[string]string{
		"alma/osv-database/advisories":                        "osv: 5 read, 4 stored, 1 × not a security notice",
		"alpine/input/secdb/v3.15":                            "alpine-secdb: 16 read, 16 stored",
		"amazon/input/2022_html/ALAS-2021-001":                "amazon-pages: 1 read, 1 stored",
		"amazon/input/2022_rss.xml":                           "amazon-index: 1 read, 0 stored, 1 × an index without versions",
		"amazon/input/2023_html/ALAS-2023-126":                "amazon-pages: 1 read, 1 stored",
		"amazon/input/2023_rss.xml":                           "amazon-index: 1 read, 0 stored, 1 × an index without versions",
		"amazon/input/2_html/ALAS-2018-939":                   "amazon-pages: 1 read, 1 stored",
		"amazon/input/2_rss.xml":                              "amazon-index: 1 read, 0 stored, 1 × an index without versions",
		"amazon/mock_html":                                    "amazon-pages: 1 read, 1 stored",
		"amazon/mock_rss":                                     "amazon-index: 97 read, 0 stored, 97 × an index without versions",
		"amazon/repomd.xml":                                   "unused",
		"arch/input/arch-advisories/all.json":                 "arch: 5 read, 5 stored",
		"bitnami/vulndb/data":                                 "osv: 2 read, 2 stored",
		"debian/input/DSA":                                    "debian-dsa: 10 read, 7 stored, 3 × no package and no flaw",
		"debian/input/debian.json":                            "debian-tracker: 6 read, 6 stored, 1 × no affected package",
		"debian/input/legacy/debian-7/results.db":             "unused",
		"debian/input/legacy/vulnerabilities-debian:7-0.json": "unused",
		"fedora":                                              "fedora-bodhi: 10 read, 10 stored",
		"mariner":                                             "oval: 8 read, 8 stored",
		"oracle":                                              "oval: 6 read, 6 stored",
		"photon/com.vmware.phsa-photon3.xml":                  "oval: 222 read, 222 stored",
		"photon/input/cve_data_photon1.0.json":                "photon-cve: 2 read, 2 stored",
		"photon/input/cve_data_photon4.0.json":                "photon-cve: 4 read, 4 stored, 1 × names no version",
		"photon/input/photon.wiki":                            "photon-wiki: 5 read, 5 stored",
		"rhel/csaf/advisories":                                "redhat-csaf: 7 read, 7 stored",
		"rhel/csaf/hydra":                                     "redhat-cve: 2 read, 2 stored",
		"rhel/csaf/input/cve/min_pages/1.json":                "redhat-cve: 1 read, 0 stored, 1 × not a CVE",
		"rhel/csaf/rhsa-2022-0011.json":                       "redhat-csaf: 1 read, 1 stored",
		"rhel/csaf/server/2024/rhsa-2024_0010.json":           "redhat-csaf: 1 read, 1 stored",
		"rhel/csaf/server/archive_latest.txt":                 "unused",
		"rhel/csaf/server/changes.csv":                        "unused",
		"rhel/csaf/server/csaf_advisories_2025-02-15.tar.zst": "unused",
		"rhel/csaf/server/deletions.csv":                      "unused",
		"rhel/oval/input/cve":                                 "redhat-cve: 40 read, 40 stored",
		"rhel/vex":                                            "redhat-csaf: 6 read, 6 stored, 1 × no package is named, 1 × not a stream of a module",
		"rocky/osv":                                           "osv: 3 read, 3 stored",
		"sles/suse_truncated.xml":                             "oval: 8 read, 8 stored",
		"ubuntu/osv":                                          "osv: 6 read, 6 stored",
		"ubuntu/osv-esm-cases/cve":                            "osv: 3 read, 3 stored",
		"ubuntu/vex/cve":                                      "ubuntu-vex: 2 read, 2 stored",
	}
	got := tally(t, samples(t))
	for name := range got {
		switch folder, _, _ := strings.Cut(name, "/"); folder {
		case "eol", "epss", "kev", "nvd": // which tell of no distribution
			delete(got, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDistroBundle reads the lists of distributions that are whole.
func TestDistroBundle(t *testing.T) {
	want := map[string]string{
		"alpine/secdb.zip":                    "alpine-secdb: 11214 read, 11214 stored, 1 × names no flaw",
		"azurelinux/cbl-mariner-1.0-oval.zip": "oval: 2253 read, 2251 stored, 1 × a condition that cannot be resolved, 1 × the file is damaged",
		"bottlerocket/advisories.zip":         "bottlerocket: 59 read, 59 stored",
		"debian/DSA-list.txt":                 "debian-dsa: 5406 read, 5383 stored, 15 × no package and no flaw, 8 × no affected package",
	}
	if diff := cmp.Diff(want, tally(t, filepath.Join(bundle(t), "distro"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
