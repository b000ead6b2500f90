package mirror

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of lists that others write.
const (
	maxListed = 100_000 // files
	maxTopics = 200     // repositories
)

// pattern returns an expression that is compiled when it is first asked for: most
// runs of the program ask for few.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// href finds what a page links to.
var href = pattern(`(?i)href="([^"?#]+)"`)

// links returns what the page at an address links to and pattern fits, sorted.
func links(ctx context.Context, w web, address string, pattern *regexp.Regexp) ([]string, error) {
	page, err := w.page(ctx, address)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, m := range href().FindAllSubmatch(page, -1) {
		if name := strings.TrimPrefix(string(m[1]), "./"); pattern.MatchString(name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// under joins an address that ends in a slash, and the path of a file below it.
func under(base, name string) string {
	return strings.TrimSuffix(base, "/") + "/" + (&url.URL{Path: name}).EscapedPath()
}

// listAs returns the addresses of a feed under other names.
func listAs(names ...string) lister {
	return func(_ context.Context, _ web, f Feed, _ time.Time) ([]remote, error) {
		list := make([]remote, 0, len(names))
		for i, name := range names {
			list = append(list, remote{url: f.URLs[i], path: name})
		}
		return list, nil
	}
}

var alpineRelease = pattern(`^(v\d+\.\d+|edge)/$`)

// listAlpine reads the listing of releases. Old releases have no community
// repository.
func listAlpine(ctx context.Context, w web, f Feed, _ time.Time) ([]remote, error) {
	releases, err := links(ctx, w, f.URLs[0], alpineRelease())
	var list []remote
	for _, r := range releases {
		for _, repo := range []string{"main.json", "community.json"} {
			list = append(list, remote{url: under(f.URLs[0], r+repo), path: r + repo, optional: repo != "main.json"})
		}
	}
	return list, err
}

var suseProduct = pattern(`^(suse\.linux\.enterprise\.(server|micro)|opensuse\.leap)\.\d[\d.]*-affected\.xml\.gz$`)

// listSUSE reads the listing of OVAL files, of which those that hold what is
// not repaired too are taken.
func listSUSE(ctx context.Context, w web, f Feed, _ time.Time) ([]remote, error) {
	names, err := links(ctx, w, f.URLs[0], suseProduct())
	var list []remote
	for _, name := range names {
		list = append(list, remote{url: under(f.URLs[0], name), path: name})
	}
	return list, err
}

var redHatArchive = pattern(`^csaf_vex_(\d{4}-\d{2}-\d{2})\.tar\.zst$`)

// listRedHat returns the newest archive, and the files that have changed since
// it was made. An entry that Red Hat has deleted since then stays until the next
// archive.
// Source: Red Hat, "CSAF VEX documents now generally available": archive_latest.txt,
// changes.csv.
func listRedHat(ctx context.Context, w web, f Feed, _ time.Time) ([]remote, error) {
	base := f.URLs[0]
	text, err := w.page(ctx, under(base, "archive_latest.txt"))
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(string(text))
	m := redHatArchive().FindStringSubmatch(name)
	if m == nil {
		return nil, fmt.Errorf("archive_latest.txt names no archive: %.80q", name)
	}
	made, err := time.Parse(time.DateOnly, m[1])
	if err != nil {
		return nil, fmt.Errorf("archive_latest.txt: %w", err)
	}
	list := []remote{{url: under(base, name), path: "archive.tar.zst", stamp: name}}
	text, err = w.page(ctx, under(base, "changes.csv"))
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(bytes.NewReader(text))
	rows.FieldsPerRecord = 2
	all, err := rows.ReadAll()
	if err != nil || len(all) == 0 || len(all) > 10*maxListed {
		return nil, errors.Join(fmt.Errorf("changes.csv has %d rows", len(all)), err)
	}
	for _, row := range all {
		changed, err := time.Parse(time.RFC3339, row[1])
		if err != nil || !safePath(row[0]) {
			return nil, fmt.Errorf("changes.csv: %.100q, %.40q is no file with a time", row[0], row[1])
		}
		if !changed.Before(made) {
			list = append(list, remote{url: under(base, row[0]), path: "changed/" + row[0], stamp: row[1]})
		}
	}
	return list, nil
}

// listAmazon asks the lists of mirrors of the repositories, and of all topics of
// Amazon Linux 2 Extras.
// Source: Amazon Linux 2023 user guide, "Managing repositories"; the files of
// yum that Amazon Linux installs.
func listAmazon(ctx context.Context, w web, f Feed, _ time.Time) ([]remote, error) {
	var list []remote
	for i, name := range []string{"2023/core", "2/core", "1/updates"} {
		r := updateinfo(ctx, w, f.URLs[i], name)
		list = append(list, r)
	}
	text, err := w.page(ctx, f.URLs[3])
	if err != nil {
		return append(list, remote{path: "2/extras", err: err}), nil
	}
	var catalog struct {
		Topics []struct {
			N string `json:"n"`
		} `json:"topics"`
	}
	if err := json.Unmarshal(text, &catalog); err != nil || len(catalog.Topics) == 0 || len(catalog.Topics) > maxTopics {
		return append(list, remote{path: "2/extras", err: errors.Join(fmt.Errorf("the catalogue of Extras has %d topics", len(catalog.Topics)), err)}), nil
	}
	base := strings.TrimSuffix(f.URLs[3], "extras-catalog.json")
	for _, t := range catalog.Topics {
		if !safePath(t.N) || strings.Contains(t.N, "/") {
			continue
		}
		r := updateinfo(ctx, w, under(base, "extras/"+t.N+"/latest/x86_64/mirror.list"), "2/"+t.N)
		if r.err == nil || !errors.Is(r.err, errNoUpdates) { // many topics never had an advisory
			list = append(list, r)
		}
	}
	return list, nil
}

var errNoUpdates = errors.New("the repository has no advisories")

// updateinfo finds the advisories of a yum repository by its list of mirrors.
// Source: createrepo_c, repomd.xml: data of type "updateinfo".
func updateinfo(ctx context.Context, w web, mirrors, name string) remote {
	r := remote{path: name + "/updateinfo.xml.gz"}
	text, err := w.page(ctx, mirrors)
	if err != nil {
		r.err = err
		return r
	}
	base, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	base = strings.ReplaceAll(strings.TrimSpace(base), "$basearch", "x86_64")
	if u, err := url.Parse(base); err != nil || u.Host == "" {
		r.err = fmt.Errorf("%s names no mirror: %.80q", mirrors, base)
		return r
	}
	return repoUpdates(ctx, w, base, r)
}

// repoUpdates finds the advisories of a yum repository.
func repoUpdates(ctx context.Context, w web, base string, r remote) remote {
	text, err := w.page(ctx, under(base, "repodata/repomd.xml"))
	if err != nil {
		r.err = err
		return r
	}
	var md struct {
		Data []struct {
			Type     string `xml:"type,attr"`
			Checksum string `xml:"checksum"`
			Location struct {
				Href string `xml:"href,attr"`
			} `xml:"location"`
		} `xml:"data"`
	}
	if err := xml.Unmarshal(text, &md); err != nil {
		r.err = fmt.Errorf("repomd.xml of %s: %w", base, err)
		return r
	}
	for _, d := range md.Data {
		if d.Type != "updateinfo" {
			continue
		}
		if !safePath(d.Location.Href) {
			r.err = fmt.Errorf("repomd.xml of %s: %.80q is no path", base, d.Location.Href)
			return r
		}
		r.url, r.stamp = under(base, d.Location.Href), strings.TrimSpace(d.Checksum)
		switch ext := path.Ext(d.Location.Href); ext {
		case ".bz2":
			r.bzip2, r.path = true, strings.TrimSuffix(r.path, ".gz")+".zst"
		default:
			r.path = strings.TrimSuffix(r.path, ".gz") + ext
		}
		return r
	}
	r.err = fmt.Errorf("%s: %w", base, errNoUpdates)
	return r
}

var (
	fedoraRelease = pattern(`^\d{2}/$`)
	epelRelease   = pattern(`^([89]|\d{2})/$`) // those before 8 lie in the archive, laid out in another way
)

// listFedora reads the listing of releases that get updates.
func listFedora(release func() *regexp.Regexp) lister {
	return func(ctx context.Context, w web, f Feed, _ time.Time) ([]remote, error) {
		releases, err := links(ctx, w, f.URLs[0], release())
		var list []remote
		for _, r := range releases {
			list = append(list, repoUpdates(ctx, w, under(f.URLs[0], r+"Everything/x86_64/"), remote{path: r + "updateinfo.xml.gz"}))
		}
		return list, err
	}
}

// listPhoton reads the list of releases.
func listPhoton(ctx context.Context, w web, f Feed, _ time.Time) ([]remote, error) {
	text, err := w.page(ctx, f.URLs[0])
	if err != nil {
		return nil, err
	}
	var versions struct {
		Branches []string `json:"branches"`
	}
	if err := json.Unmarshal(text, &versions); err != nil || len(versions.Branches) > maxTopics {
		return nil, errors.Join(fmt.Errorf("the list of releases has %d", len(versions.Branches)), err)
	}
	var list []remote
	for _, b := range versions.Branches {
		if name := "cve_data_photon" + b + ".json"; safePath(name) && !strings.Contains(name, "/") {
			list = append(list, remote{url: strings.TrimSuffix(f.URLs[0], "photon_versions.json") + name, path: name})
		}
	}
	return list, nil
}

// listNVD returns the file of each year, the first of which holds all before
// it too, and what has changed in the last days.
// Source: NVD, "Data feeds".
func listNVD(_ context.Context, _ web, f Feed, now time.Time) ([]remote, error) {
	var list []remote
	add := func(name string, optional bool) {
		list = append(list, remote{url: under(f.URLs[0], name), path: name, optional: optional})
	}
	for year := 2002; year <= now.Year(); year++ {
		// The file of a year comes some time after it has begun.
		add(fmt.Sprintf("nvdcve-2.0-%d.json.gz", year), year == now.Year())
	}
	add("nvdcve-2.0-modified.json.gz", false)
	return list, nil
}
