package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// openVEX is a document of Ubuntu: what is known of one CVE in all releases.
// Sources: OpenVEX specification 0.2.0; Ubuntu, "Vulnerability data", "VEX".
type openVEX struct {
	ID         string `json:"@id"`
	Author     string `json:"author"`
	Timestamp  string `json:"timestamp"`
	Statements []struct {
		Vulnerability struct {
			Name        string `json:"name"`
			Description text   `json:"description"`
			Aliases     []text `json:"aliases"`
		} `json:"vulnerability"`
		Timestamp string `json:"timestamp"`
		Products  []struct {
			ID string `json:"@id"`
		} `json:"products"`
		Status string `json:"status"`
		Action text   `json:"action_statement"`
	} `json:"statements"`
}

// isOpenVEX recognises the object by its context.
func isOpenVEX(keys map[string]string) bool {
	return strings.HasPrefix(keys["@context"], "https://openvex.dev/ns")
}

func readOpenVEX(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseOpenVEX)
}

// ubuntuReleases maps codenames to VERSION_ID of os-release.
// Source: Ubuntu, distro-info-data, ubuntu.csv.
var ubuntuReleases = map[string]string{
	"trusty": "14.04", "utopic": "14.10", "vivid": "15.04", "wily": "15.10", "xenial": "16.04", "yakkety": "16.10",
	"zesty": "17.04", "artful": "17.10", "bionic": "18.04", "cosmic": "18.10", "disco": "19.04", "eoan": "19.10",
	"focal": "20.04", "groovy": "20.10", "hirsute": "21.04", "impish": "21.10", "jammy": "22.04", "kinetic": "22.10",
	"lunar": "23.04", "mantic": "23.10", "noble": "24.04", "oracular": "24.10", "plucky": "25.04", "questing": "25.10",
	"resolute": "26.04",
}

// ubuntuRelease returns the release that the qualifier distro of a purl names.
// What needs a subscription is apart, as in the records of OSV: esm-apps and
// esm-infra are "Pro", and others have a name of their own below it, as OSV
// spells it.
// Source: Ubuntu, "Vulnerability data", purl; OSV schema, "Ubuntu".
func ubuntuRelease(distro string) (string, bool) {
	pocket, codename, sub := strings.Cut(distro, "/")
	if !sub {
		pocket, codename = "", distro
	}
	version, ok := ubuntuReleases[codename]
	switch {
	case !ok:
		return "", false
	case pocket == "":
		return version, true
	case strings.HasPrefix(pocket, "esm-"):
		return "Pro:" + version, true
	case strings.HasPrefix(pocket, "fips"):
		return "Pro:FIPS" + strings.TrimPrefix(pocket, "fips") + ":" + version, isID(pocket)
	case pocket == "realtime":
		return "Pro:Realtime:" + version, true
	case pocket == "bluefield":
		return "Nvidia-BlueField:" + version, true
	}
	return "Pro:" + pocket + ":" + version, isID(pocket)
}

func parseOpenVEX(doc document) []outcome {
	var v openVEX
	err := json.Unmarshal(doc.data, &v)
	mistyped, isType := errors.AsType[*json.UnmarshalTypeError](err)
	rej := rejects{id: doc.name}
	switch {
	case err != nil && !isType:
		return refused(doc.name, rejectJSON, err.Error())
	case v.Author != "Canonical Ltd.":
		return refused(doc.name, rejectPublisher, v.Author)
	case len(v.Statements) == 0 || !isCVE(v.Statements[0].Vulnerability.Name):
		return refused(doc.name, rejectCVE, v.ID)
	}
	first := v.Statements[0]
	id := first.Vulnerability.Name
	rej.id = id
	if isType {
		rej.add(rejectType, mistyped.Field)
	}
	a := &advisory.Advisory{
		Source:    UbuntuVEX,
		ID:        id,
		Kind:      advisory.Vulnerability,
		Details:   clip(string(first.Vulnerability.Description), maxDetails),
		Published: rej.date(first.Timestamp),
		Modified:  rej.date(v.Timestamp),
	}
	var refs []osvReference
	for _, alias := range first.Vulnerability.Aliases {
		refs = append(refs, osvReference{Type: "WEB", URL: string(alias)})
	}
	a.References = references(refs)
	var list []advisory.Affected
	for _, s := range v.Statements {
		if s.Vulnerability.Name != id {
			rej.add(rejectCVE, s.Vulnerability.Name)
			continue
		}
		state, ok := ubuntuState(s.Status, string(s.Action))
		if !ok {
			rej.add(rejectStatus, s.Status)
			continue
		}
		for _, p := range s.Products {
			if len(list) >= maxAffected {
				rej.add(rejectMany, "")
				break
			}
			if one, ok := rej.ubuntuPackage(p.ID, s.Status == "fixed"); ok {
				if one.State = state; state == advisory.NotAffected {
					one.Ranges = nil
				}
				list = append(list, one)
			}
		}
	}
	a.Affected = join(list, firstFix)
	return rej.done(a)
}

// ubuntuState maps the status of a statement, and what the text for the reader
// says of packages without a repair.
// Source: Ubuntu, "Vulnerability data", "VEX", status and action_statement.
func ubuntuState(status, action string) (advisory.State, bool) {
	switch status {
	case "fixed":
		return advisory.Stated, true
	case "not_affected":
		return advisory.NotAffected, true
	case "under_investigation":
		return advisory.UnderInvestigation, true
	case "affected":
	default:
		return "", false
	}
	switch {
	case strings.Contains(action, "no longer supported"):
		return advisory.EndOfLife, true
	case strings.Contains(action, "decided to not fix"):
		return advisory.WillNotFix, true
	case strings.Contains(action, "deferred") || strings.Contains(action, "postponed"):
		return advisory.FixDeferred, true
	}
	return advisory.Stated, true
}

// ubuntuPackage returns the source package that a purl names. The installed
// packages, which are listed with it, are left out: they have its versions.
func (r *rejects) ubuntuPackage(purl string, fixed bool) (a advisory.Affected, ok bool) {
	rest, found := strings.CutPrefix(purl, "pkg:deb/ubuntu/")
	if !found {
		r.add(rejectSystem, purl)
		return a, false
	}
	q := purlQualifiers(purl)
	if q.Get("arch") != "source" {
		return a, false
	}
	rest, _, _ = strings.Cut(rest, "?")
	rest, version, _ := strings.Cut(rest, "@")
	name, err := url.PathUnescape(rest)
	version, bad := url.PathUnescape(version)
	release, known := ubuntuRelease(q.Get("distro"))
	switch {
	case cmp.Or(err, bad) != nil || !isName(name):
		r.add(rejectName, purl)
		return a, false
	case !known:
		r.add(rejectRelease, q.Get("distro"))
		return a, false
	case fixed && !isName(version):
		r.add(rejectUnversioned, purl)
		return a, false
	}
	a = advisory.Affected{
		Ecosystem: advisory.Ecosystem{Type: "deb", Distro: "ubuntu", Release: release},
		Name:      name,
		NameKind:  advisory.SourceName,
		Ranges:    allVersions(),
	}
	if fixed {
		a.Ranges = fixedIn(version)
	}
	return a, true
}
