package feed

import (
	"bytes"
	"context"
	"html"
	"regexp"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// The index of Amazon's advisories names packages and flaws, but no versions;
// those are in updateinfo and on the pages.
// Source: Amazon Linux Security Center, RSS feeds.
type amazonItem struct {
	Title string `xml:"title"`
	GUID  string `xml:"guid"`
}

func isAmazonIndex(head []byte) bool {
	return bytes.Contains(head, []byte("<rss")) && bytes.Contains(head, []byte("//alas.aws.amazon.com"))
}

func readAmazonIndex(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachMember(ctx, s, yield, func(m member) (bool, error) {
		f := newXML(m.r, s.in.max.record)
		for {
			start, err := f.next(ctx)
			if err == nil && start.Name.Local != "item" {
				continue
			}
			var item amazonItem
			if err == nil {
				err = f.DecodeElement(&item, &start)
			}
			if err != nil {
				return true, f.ended(ctx, m, err)
			}
			id, _, _ := strings.Cut(strings.TrimSpace(item.Title), " ")
			if !isID(id) {
				id = m.name
			}
			if !send(yield, refused(id, rejectListing, oneLine(item.GUID))) {
				return false, nil
			}
		}
	})
}

func isAmazonPage(head []byte) bool {
	head = bytes.ToLower(head)
	return bytes.HasPrefix(head, []byte("<!doctype html")) && bytes.Contains(head, []byte("<title>alas"))
}

func readAmazonPages(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseAmazonPage)
}

// Where a page states what an advisory says. The pages are made from one
// template, whose parts have ids.
// Source: Amazon Linux Security Center, pages of advisories.
var (
	pageName     = pattern(`<b>Amazon Linux( [0-9]+| AMI)? Security Advisory:</b>\s*(ALAS[A-Za-z0-9._-]*)`)
	pageIssued   = pattern(`<b>Advisory Release Date:</b>\s*([0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9:]{5})?)`)
	pageUpdated  = pattern(`<b>Advisory Updated Date:</b>\s*([0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9:]{5})?)`)
	pageSeverity = pattern(`(?s)<div id='severity'.*?</span>\s*</span>\s*([A-Za-z]+)`)
	pageFlaws    = pattern(`(?s)<div id='references'>(.*?)</div>`)
	pagePackages = pattern(`(?s)<div id='new_packages'>.*?<pre>(.*?)</pre>`)
	pageBreak    = pattern(`<br ?/?>`)
)

func parseAmazonPage(doc document) []outcome {
	first := func(re *regexp.Regexp) string {
		if m := re.FindSubmatch(doc.data); m != nil {
			return strings.ToValidUTF8(string(m[len(m)-1]), "\ufffd")
		}
		return ""
	}
	id := first(pageName())
	rej := rejects{id: doc.name}
	if !isID(id) {
		return refused(doc.name, rejectNoID, id)
	}
	rej.id = id
	a := &advisory.Advisory{
		Source:     AmazonPages,
		ID:         id,
		Published:  rej.day(first(pageIssued())),
		Modified:   rej.day(first(pageUpdated())),
		Severities: label("Amazon", first(pageSeverity())),
		Upstream:   sortedWithout(cvesIn(first(pageFlaws())), id),
	}
	notice(a)
	var list []advisory.Affected
	for line := range strings.SplitSeq(pageBreak().ReplaceAllString(first(pagePackages()), "\n"), "\n") {
		line = strings.Trim(html.UnescapeString(line), " \t\r\u00a0")
		if line == "" || strings.HasSuffix(line, ":") { // a heading: noarch:
			continue
		}
		name, evr, arch, ok := nevra(line)
		m := updatePublishers[0].release().FindStringSubmatch(evr)
		switch {
		case !ok:
			rej.add(rejectLine, line)
		case m == nil:
			rej.add(rejectRelease, line)
		case len(list) >= maxAffected:
			rej.add(rejectMany, "")
		case arch != "src":
			list = append(list, advisory.Affected{
				Ecosystem: advisory.Ecosystem{Type: "rpm", Distro: "amzn", Release: amazonRelease("amzn", m[1])},
				Name:      name, Repo: amazonRepo(id, ""), Arches: archList(arch), Ranges: fixedIn(evr),
			})
		}
	}
	a.Affected = join(list, lastFix)
	if len(a.Affected) > 0 {
		// The same id is in use in the first Amazon Linux and in the second.
		a.Release = a.Affected[0].Release
	}
	return rej.done(a)
}
