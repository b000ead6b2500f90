package feed

import (
	"cmp"
	"context"
	"encoding/xml"
	"regexp"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// updateInfo is one update of a repository of rpm packages.
// Source: createrepo_c, "updateinfo.xml".
type updateInfo struct {
	Type     string `xml:"type,attr"`
	ID       string `xml:"id"`
	Title    string `xml:"title"`
	Severity string `xml:"severity"`
	Issued   struct {
		Date string `xml:"date,attr"`
	} `xml:"issued"`
	Updated struct {
		Date string `xml:"date,attr"`
	} `xml:"updated"`
	References []struct {
		Type  string `xml:"type,attr"`
		ID    string `xml:"id,attr"`
		URL   string `xml:"href,attr"`
		Title string `xml:"title,attr"`
	} `xml:"references>reference"`
	Collections []updateCollection `xml:"pkglist>collection"`
}

type updateCollection struct {
	Short  string `xml:"short,attr"`
	Module struct {
		Name   string `xml:"name,attr"`
		Stream string `xml:"stream,attr"`
	} `xml:"module"`
	Packages []updatePackage `xml:"package"`
}

type updatePackage struct {
	Name    string `xml:"name,attr"`
	Epoch   string `xml:"epoch,attr"`
	Version string `xml:"version,attr"`
	Release string `xml:"release,attr"`
	Arch    string `xml:"arch,attr"`
}

func isUpdateInfo(root xml.Name) bool { return root.Local == "updates" }

func readUpdateInfo(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachMember(ctx, s, yield, func(m member) (bool, error) {
		f := newXML(m.r, s.in.max.record)
		for {
			start, err := f.next(ctx)
			if err == nil && start.Name.Local != "update" {
				continue
			}
			var u updateInfo
			if err == nil {
				err = f.DecodeElement(&u, &start)
			}
			if err != nil {
				return true, f.ended(ctx, m, err)
			}
			if !send(yield, parseUpdate(u, m.name)) {
				return false, nil
			}
		}
	})
}

// updatePublisher says whose update it is, and which release a package is for.
type updatePublisher struct {
	prefix string
	name   string // in Severity.Source
	distro string
	// release finds the release in that of a package; nil if the distribution
	// has none.
	release func() *regexp.Regexp
}

// updatePublishers is searched for the first prefix that fits. The mark of the
// distribution in the release of a package is more to be relied on than ids,
// which Amazon wrote in several ways.
// Sources: Amazon Linux, "ALAS"; Fedora Packaging Guidelines, "DistTag".
var updatePublishers = []updatePublisher{
	{"ALAS", "Amazon", "amzn", pattern(`\.amzn([0-9]+)`)},
	{"FEDORA-EPEL-", "Fedora", "epel", pattern(`\.el([0-9]+)`)},
	{"FEDORA-", "Fedora", "fedora", pattern(`\.fc([0-9]+)`)},
	{"BRSA-", "Bottlerocket", "bottlerocket", nil},
	{"ALSA-", "AlmaLinux", "almalinux", pattern(`[._+]el([0-9]+)`)},
	{"RLSA-", "Rocky Linux", "rocky", pattern(`[._+]el([0-9]+)`)},
	{"ELSA-", "Oracle", "ol", pattern(`[._+]el([0-9]+)`)},
	{"RHSA-", "Red Hat", "rhel", pattern(`[._+]el([0-9]+)`)},
}

func parseUpdate(u updateInfo, file string) []outcome {
	id := strings.TrimSpace(u.ID)
	rej := rejects{id: cmp.Or(printable(id), file)}
	if !isID(id) {
		return refused(rej.id, rejectNoID, id)
	}
	var pub updatePublisher
	for _, p := range updatePublishers {
		if strings.HasPrefix(id, p.prefix) {
			pub = p
			break
		}
	}
	if pub.name == "" {
		return refused(id, rejectPublisher, id)
	}
	a := &advisory.Advisory{
		Source:     UpdateInfo,
		ID:         id,
		Summary:    clip(oneLine(u.Title), maxSummary),
		Published:  rej.day(u.Issued.Date),
		Modified:   rej.day(u.Updated.Date),
		Severities: label(pub.name, u.Severity),
	}
	var refs []osvReference
	var flaws []string
	for _, ref := range u.References {
		switch {
		case strings.EqualFold(ref.Type, "cve"):
			flaws = append(flaws, cvesIn(ref.ID)...)
			continue
		case ref.Type == "bugzilla":
			// Fedora names the flaws only in the titles of its bugs.
			flaws = append(flaws, cvesIn(ref.Title)...)
		}
		if ref.Type == "self" || ref.URL != "" {
			refs = append(refs, osvReference{Type: "WEB", URL: ref.URL})
		}
	}
	a.Upstream = sortedWithout(flaws, id)
	a.References = references(refs)
	if !strings.EqualFold(u.Type, "security") && len(flaws) == 0 {
		return refused(id, rejectNotice, u.Type)
	}
	notice(a)
	var list []advisory.Affected
	for _, c := range u.Collections {
		list = append(list, rej.updatePackages(pub, id, c)...)
	}
	a.Affected = join(list, lastFix)
	return rej.done(a)
}

// amazonTopic is the part of an id that names the repository of a live patch
// or a topic of Extras: ALAS2DOCKER-2024-035, ALASKERNEL-5.4-2022-007.
// Source: Amazon Linux, "ALAS", and "Amazon Linux 2 Extras".
var amazonTopic = pattern(`^ALAS(?:20[0-9]{2}|2)?-?([A-Z][A-Z0-9._-]*?)-20[0-9]{2}-[0-9]+$`)

// amazonRepo returns the topic that an update is of, in lower case; none for
// the core.
func amazonRepo(id, collection string) string {
	if _, topic, ok := strings.Cut(collection, "---"); ok && topic != "core" && isID(topic) {
		return strings.ToLower(topic)
	}
	if m := amazonTopic().FindStringSubmatch(id); m != nil {
		return strings.ToLower(m[1])
	}
	return ""
}

// updatePackages returns the installed packages of a collection. Source
// packages, which some list beside them, say the same.
func (r *rejects) updatePackages(pub updatePublisher, id string, c updateCollection) []advisory.Affected {
	module, repo := "", ""
	if c.Module.Name != "" {
		if module = c.Module.Name + ":" + c.Module.Stream; c.Module.Stream == "" || !isName(module) {
			r.add(rejectModule, module)
			return nil
		}
	}
	if pub.distro == "amzn" {
		repo = amazonRepo(id, c.Short)
	}
	var out []advisory.Affected
	for _, p := range c.Packages {
		if p.Arch == "src" || p.Arch == "nosrc" {
			continue
		}
		evr := evrOf(p.Epoch, p.Version+"-"+p.Release)
		e := advisory.Ecosystem{Type: "rpm", Distro: pub.distro}
		if pub.release != nil {
			m := pub.release().FindStringSubmatch(p.Release)
			if m == nil {
				r.add(rejectRelease, p.Name+" "+evr)
				continue
			}
			e.Release = amazonRelease(pub.distro, m[1])
		}
		switch {
		case !isName(p.Name):
			r.add(rejectName, p.Name)
		case p.Version == "" || p.Release == "" || !isName(evr) || len(p.Arch) > maxID:
			r.add(rejectUnversioned, p.Name)
		case len(out) >= maxAffected:
			r.add(rejectMany, "")
			return out
		default:
			out = append(out, advisory.Affected{
				Ecosystem: e, Name: p.Name, Module: module, Repo: repo, Arches: archList(p.Arch), Ranges: fixedIn(evr),
			})
		}
	}
	return out
}

// amazonRelease turns the mark of the first Amazon Linux into the major part
// of its VERSION_ID, 2018.03; all others are the release.
func amazonRelease(distro, mark string) string {
	if distro == "amzn" && mark == "1" {
		return "2018"
	}
	return mark
}
