package mirror

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/feed"
)

// A pages is a web of a few pages, without a network.
type pages map[string]string

// RoundTrip answers with the page of the address.
func (p pages) RoundTrip(r *http.Request) (*http.Response, error) {
	text, ok := p[r.URL.String()]
	resp := &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Body: io.NopCloser(strings.NewReader(text)), Request: r, Header: http.Header{}}
	if !ok {
		resp.StatusCode, resp.Status = http.StatusNotFound, "404 Not Found"
	}
	return resp, nil
}

func (p pages) web() web {
	return newWeb(&http.Client{Transport: p}, 0, time.Nanosecond)
}

func feedNamed(tb testing.TB, name string) Feed {
	tb.Helper()
	all := Feeds()
	i := slices.IndexFunc(all, func(f Feed) bool { return f.Name == name })
	if i < 0 {
		tb.Fatalf("no feed is named %s", name)
	}
	return all[i]
}

// listed is a file of a feed as text.
func listed(r remote) string {
	s := r.path + " " + r.url
	if r.stamp != "" {
		s += " stamp " + r.stamp
	}
	if r.optional {
		s += " optional"
	}
	if r.bzip2 {
		s += " bzip2"
	}
	if r.err != nil {
		s = r.path + " error " + r.err.Error()
	}
	return s
}

func TestLists(t *testing.T) {
	t.Parallel()
	const (
		redhat = "https://security.access.redhat.com/data/csaf/v2/vex/"
		suse   = "https://ftp.suse.com/pub/projects/security/oval/"
		cdn    = "https://cdn.amazonlinux.com/"
		al1    = "http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list"
		fedora = "https://dl.fedoraproject.org/pub/fedora/linux/updates/"
		epel   = "https://dl.fedoraproject.org/pub/epel/"
		photon = "https://packages.broadcom.com/photon/photon_cve_metadata/"
	)
	repomd := func(href, sum string) string {
		return `<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary"><location href="repodata/p.gz"/></data><data type="updateinfo"><checksum type="sha256">` +
			sum + `</checksum><location href="` + href + `"/></data></repomd>`
	}
	for _, tt := range []struct {
		feed  string
		pages pages
		want  []string
		err   string
	}{
		{"alpine", pages{"https://secdb.alpinelinux.org/": `<a href="edge/"> <a href='x'> <a HREF="v3.20/">`}, []string{
			"edge/main.json https://secdb.alpinelinux.org/edge/main.json",
			"edge/community.json https://secdb.alpinelinux.org/edge/community.json optional",
			"v3.20/main.json https://secdb.alpinelinux.org/v3.20/main.json",
			"v3.20/community.json https://secdb.alpinelinux.org/v3.20/community.json optional",
		}, ""},
		{"alpine", pages{}, nil, "404 Not Found"},
		{"redhat", pages{
			redhat + "archive_latest.txt": "csaf_vex_2026-11-22.tar.zst\n",
			redhat + "changes.csv":        "\"2026/cve-2026-2.json\",\"2026-11-23T01:02:03+00:00\"\n\"2026/cve-2026-1.json\",\"2026-11-22T00:00:00+00:00\"\n\"2020/cve-2020-1.json\",\"2026-11-21T23:59:59+00:00\"\n",
		}, []string{
			"archive.tar.zst " + redhat + "csaf_vex_2026-11-22.tar.zst stamp csaf_vex_2026-11-22.tar.zst",
			"changed/2026/cve-2026-2.json " + redhat + "2026/cve-2026-2.json stamp 2026-11-23T01:02:03+00:00",
			"changed/2026/cve-2026-1.json " + redhat + "2026/cve-2026-1.json stamp 2026-11-22T00:00:00+00:00",
		}, ""},
		{"redhat", pages{redhat + "archive_latest.txt": "<html>"}, nil, "names no archive"},
		{"redhat", pages{redhat + "archive_latest.txt": "csaf_vex_2026-11-22.tar.zst", redhat + "changes.csv": "../../etc/passwd,2026-11-23T01:02:03Z\n"}, nil, "is no file with a time"},
		{"redhat", pages{redhat + "archive_latest.txt": "csaf_vex_2026-11-22.tar.zst", redhat + "changes.csv": ""}, nil, "changes.csv has 0 rows"},
		{"suse-oval", pages{suse: `<a href="suse.linux.enterprise.server.15-affected.xml.gz"><a href="suse.linux.enterprise.server.15.xml.gz"><a href="opensuse.leap.15.6-affected.xml.gz">`}, []string{
			"opensuse.leap.15.6-affected.xml.gz " + suse + "opensuse.leap.15.6-affected.xml.gz",
			"suse.linux.enterprise.server.15-affected.xml.gz " + suse + "suse.linux.enterprise.server.15-affected.xml.gz",
		}, ""},
		{"amazon", pages{
			cdn + "al2023/core/mirrors/latest/x86_64/mirror.list": "https://m.example/2023/\n",
			"https://m.example/2023/repodata/repomd.xml":          repomd("repodata/abc-updateinfo.xml.gz", "abc"),
			cdn + "2/core/latest/x86_64/mirror.list":              "https://m.example/2/$basearch\nhttps://n.example/",
			"https://m.example/2/x86_64/repodata/repomd.xml":      repomd("repodata/def-updateinfo.xml.bz2", "def"),
			al1:                           "no address",
			cdn + "2/extras-catalog.json": `{"topics":[{"n":"docker"},{"n":"quiet"},{"n":"../x"},{"n":"gone"}]}`,
			cdn + "2/extras/docker/latest/x86_64/mirror.list": "https://m.example/docker",
			"https://m.example/docker/repodata/repomd.xml":    repomd("repodata/ghi-updateinfo.xml.zst", "ghi"),
			cdn + "2/extras/quiet/latest/x86_64/mirror.list":  "https://m.example/quiet",
			"https://m.example/quiet/repodata/repomd.xml":     `<repomd><data type="primary"/></repomd>`,
		}, []string{
			"2023/core/updateinfo.xml.gz https://m.example/2023/repodata/abc-updateinfo.xml.gz stamp abc",
			"2/core/updateinfo.xml.zst https://m.example/2/x86_64/repodata/def-updateinfo.xml.bz2 stamp def bzip2",
			"1/updates/updateinfo.xml.gz error " + al1 + ` names no mirror: "no address"`,
			"2/docker/updateinfo.xml.zst https://m.example/docker/repodata/ghi-updateinfo.xml.zst stamp ghi",
			"2/gone/updateinfo.xml.gz error getting " + cdn + "2/extras/gone/latest/x86_64/mirror.list: 404 Not Found",
		}, ""},
		{"fedora", pages{fedora: `<a href="42/"><a href="epel/">`, fedora + "42/Everything/x86_64/repodata/repomd.xml": repomd("../evil", "x")}, []string{
			"42/updateinfo.xml.gz error repomd.xml of " + fedora + `42/Everything/x86_64/: "../evil" is no path`,
		}, ""},
		{"epel", pages{
			epel: `<a href="10/"><a href="10.1/"><a href="7/"><a href="9/"><a href="next/">`,
			epel + "10/Everything/x86_64/repodata/repomd.xml": repomd("repodata/a-updateinfo.xml.zst", "a"),
			epel + "9/Everything/x86_64/repodata/repomd.xml":  repomd("repodata/b-updateinfo.xml.bz2", "b"),
		}, []string{
			"10/updateinfo.xml.zst " + epel + "10/Everything/x86_64/repodata/a-updateinfo.xml.zst stamp a",
			"9/updateinfo.xml.zst " + epel + "9/Everything/x86_64/repodata/b-updateinfo.xml.bz2 stamp b bzip2",
		}, ""},
		{"photon", pages{photon + "photon_versions.json": `{"branches":["4.0","5.0","../x"]}`}, []string{
			"cve_data_photon4.0.json " + photon + "cve_data_photon4.0.json", "cve_data_photon5.0.json " + photon + "cve_data_photon5.0.json",
		}, ""},
		{"photon", pages{photon + "photon_versions.json": `{}`}, nil, "lists no file any more"},
		{"oracle", nil, []string{"com.oracle.elsa-all.xml.zst https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2 bzip2"}, ""},
		{"osv-rocky-linux", nil, []string{"all.zip https://osv-vulnerabilities.storage.googleapis.com/Rocky%20Linux/all.zip"}, ""},
	} {
		list, err := feedNamed(t, tt.feed).files(t.Context(), tt.pages.web(), time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC))
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: the error is %v, want %q", tt.feed, err, tt.err)
			continue
		}
		var got []string
		for _, r := range list {
			got = append(got, listed(r))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" && tt.err == "" {
			t.Errorf("%s (-want +got):\n%s", tt.feed, diff)
		}
	}
	list, err := feedNamed(t, "nvd").files(t.Context(), pages{}.web(), time.Date(2003, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || len(list) != 3 || list[0].optional || !list[1].optional || !strings.HasSuffix(list[1].url, "/nvdcve-2.0-2003.json.gz") {
		t.Errorf("nvd: %+v, %v", list, err)
	}
}

// TestFeeds checks that each row of the table says all that there is to say.
func TestFeeds(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range Feeds() {
		if seen[f.Name] || !safePath(f.Name) || strings.ToLower(f.Name) != f.Name {
			t.Errorf("%q is no name, or is there twice", f.Name)
		}
		seen[f.Name] = true
		for _, name := range f.Formats {
			if !feed.Known(name) {
				t.Errorf("%s: no format is named %s", f.Name, name)
			}
		}
		if len(f.Formats) == 0 || f.Kind == "" || f.Cadence == "" || f.Licence == "" || f.Share == "" || f.Match == "" || len(f.URLs) == 0 {
			t.Errorf("%s: something is not stated: %+v", f.Name, f)
		}
		for _, a := range f.URLs {
			// Amazon Linux 1 has no other address; its files are compared with their list.
			if u, err := url.Parse(a); err != nil || u.Host == "" || u.Scheme != "https" && f.Name != "amazon" {
				t.Errorf("%s: %q is no address, %v", f.Name, a, err)
			}
		}
	}
}

// FuzzLists gives each list the same bytes for every page that it asks for. No
// file that comes of it lies outside of the folder of the feed.
func FuzzLists(f *testing.F) {
	for _, s := range []string{
		"csaf_vex_2026-11-22.tar.zst", "a/b.json,2026-11-23T01:02:03Z", `{"branches":["4.0"]}`, `{"topics":[{"n":"docker"}]}`, "https://m.example/",
		`<repomd><data type="updateinfo"><checksum>x</checksum><location href="a.xml.gz"/></data></repomd>`,
		`<a href="v3.20/"><a href="42/"><a href="suse.linux.enterprise.server.15-affected.xml.gz">`,
	} {
		f.Add([]byte(s), []byte(s))
	}
	f.Fuzz(func(t *testing.T, first, then []byte) {
		for _, row := range Feeds() {
			if row.list == nil {
				continue
			}
			n := 0
			w := newWeb(&http.Client{Transport: answers(func(_ *http.Request) []byte {
				if n++; n == 1 {
					return first
				}
				return then
			})}, 0, time.Nanosecond)
			list, err := row.files(t.Context(), w, time.Unix(2e9, 0))
			if err == nil && len(list) == 0 {
				t.Errorf("%s: neither a file nor an error", row.Name)
			}
			for _, r := range list {
				if r.err == nil && (!safePath(r.path) || r.url == "") {
					t.Errorf("%s: %s", row.Name, listed(r))
				}
			}
		}
	})
}

type answers func(r *http.Request) []byte

// RoundTrip answers every request.
func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Status: fmt.Sprint(http.StatusOK), Body: io.NopCloser(bytes.NewReader(a(r))), Request: r, Header: http.Header{}}, nil
}
