package feed

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
)

// Reasons for which parts of secdb are rejected.
const (
	rejectDistro  = "unknown distribution"
	rejectNoName  = "names no flaw"
	rejectVersus  = "repaired in two versions that cannot be compared"
	rejectFull    = "more statements than a source may have"
	maxStatements = 4 << 20 // of a release, package, flaw and version
	maxEntry      = 1024    // bytes that name the flaws of one repair; real ones have 75
)

// secdb is one file: the repairs in the packages of one repository.
// Source: Alpine Linux, secdb.alpinelinux.org, README; alpine-secdb, README.
type secdb struct {
	Release    string `json:"distroversion" yaml:"distroversion"` // v3.11; empty if rolling
	Repository string `json:"reponame" yaml:"reponame"`           // main
	Prefix     string `json:"urlprefix" yaml:"urlprefix"`
	Packages   []struct {
		Package struct {
			Name     string              `json:"name" yaml:"name"`         // the source package
			Secfixes map[string][]string `json:"secfixes" yaml:"secfixes"` // flaws by version that repairs them
		} `json:"pkg" yaml:"pkg"`
	} `json:"packages" yaml:"packages"`
}

func isSecDB(keys map[string]string) bool {
	if _, ok := keys["reponame"]; !ok {
		return false
	}
	for _, k := range []string{"packages", "urlprefix", "distroversion"} {
		if _, ok := keys[k]; ok {
			return true
		}
	}
	return false
}

// isSecDBYAML recognises the files as they were before they were published as
// JSON.
func isSecDBYAML(head []byte) bool {
	keys := map[string]string{}
	if len(head) > 0 && head[0] != '{' {
		keys = topKeys(head)
	}
	return isSecDB(keys)
}

// parseSecDB reads a file in either form.
func parseSecDB(data []byte) (file secdb, err error) {
	if first := bytes.TrimLeft(data, " \t\r\n"); len(first) > 0 && first[0] == '{' {
		err = json.Unmarshal(data, &file)
		return file, err
	}
	err = fromYAML(data, &file)
	return file, err
}

// secdbDistros tells whose secdb it is by the address of the repository.
// Sources: Wolfi and Chainguard, security.json; MinimOS, secdb.
var secdbDistros = []struct{ address, distro string }{
	{"alpinelinux.org", "alpine"},
	{"wolfi.dev", "wolfi"},
	{"cgr.dev", "chainguard"},
	{"mini.dev", "minimos"},
}

// ecosystem returns where the packages are.
func (f secdb) ecosystem() (advisory.Ecosystem, bool) {
	e := advisory.Ecosystem{Type: "apk", Release: strings.TrimPrefix(f.Release, "v")}
	if e.Release != "" && len(e.Release) <= maxID {
		e.Distro = "alpine"
	}
	for _, d := range secdbDistros {
		if strings.Contains(f.Prefix, d.address) {
			e.Distro = d.distro
			break
		}
	}
	return e, e.Distro != ""
}

// flawKey is a flaw in one release of one distribution.
type flawKey struct {
	advisory.Ecosystem
	id string
}

// release tells the records of one flaw from each other. Rolling distributions
// have no release, and go by their names.
func (k flawKey) release() string {
	if k.Distro == "alpine" {
		return k.Release
	}
	return strings.Trim(k.Distro+" "+k.Release, " ")
}

// fixes is what all files of a source say.
type fixes struct {
	versions map[flawKey]map[string]string // that repair it, by package
	related  map[flawKey][]string
	count    int
}

// readSecDB joins the repositories of a release, so that a flaw is one
// advisory with all of its packages. The whole of a source is a few MB.
func readSecDB(ctx context.Context, s Source, yield func(Record, error) bool) {
	all := fixes{versions: map[flawKey]map[string]string{}, related: map[flawKey][]string{}}
	if !eachDocument(ctx, s, yield, all.read) {
		return
	}
	keys := slices.SortedFunc(maps.Keys(all.versions), func(a, b flawKey) int {
		return cmp.Or(a.Compare(b.Ecosystem), cmp.Compare(a.id, b.id))
	})
	for _, key := range keys {
		if !yield(Record{Advisory: all.advisory(key)}, nil) {
			return
		}
	}
}

// read adds the statements of one file.
func (all *fixes) read(doc document) []outcome {
	file, err := parseSecDB(doc.data)
	mistyped, isType := errors.AsType[*json.UnmarshalTypeError](err)
	if err != nil && !isType {
		return refused(doc.name, rejectJSON, err.Error())
	}
	eco, ok := file.ecosystem()
	if !ok {
		return refused(doc.name, rejectDistro, file.Prefix)
	}
	rej := rejects{id: doc.name}
	if isType {
		rej.add(rejectType, mistyped.Field)
	}
	for _, p := range file.Packages {
		name := p.Package.Name
		if !isName(name) {
			rej.add(rejectName, name)
			continue
		}
		for _, version := range slices.Sorted(maps.Keys(p.Package.Secfixes)) {
			if !isName(version) {
				rej.add(rejectVersion, name+" "+version)
				continue
			}
			all.repair(&rej, eco, repair{name, version, p.Package.Secfixes[version]})
		}
	}
	return rej.outcomes()
}

// repair is what one version of a package repairs.
type repair struct {
	name, version string
	entries       []string
}

func (all *fixes) repair(rej *rejects, eco advisory.Ecosystem, r repair) {
	at := r.name + " " + r.version
	if len(r.entries) == 0 {
		rej.add(rejectNoName, at)
	}
	for _, entry := range r.entries {
		var flaws, related []string
		if len(entry) <= maxEntry {
			flaws, related = secdbIDs(entry)
		}
		if len(flaws) == 0 {
			rej.add(rejectNoName, at+" "+entry)
		}
		for _, id := range flaws {
			key := flawKey{eco, id}
			switch {
			case all.count >= maxStatements:
				rej.add(rejectFull, at)
				continue
			case !all.add(key, r.name, r.version):
				rej.add(rejectVersus, at)
			}
			all.related[key] = append(all.related[key], related...)
		}
	}
}

// add notes that the version of a package repairs a flaw. Of two versions
// the later counts: a flaw that came back, or was not repaired at first. A
// version that was ever affected outweighs "0", never affected. It returns
// false if the two cannot be compared.
func (all *fixes) add(key flawKey, name, version string) bool {
	all.count++
	packages := all.versions[key]
	if packages == nil {
		packages = map[string]string{}
		all.versions[key] = packages
	}
	have, ok := packages[name]
	switch {
	case !ok || have == "0":
		packages[name] = version
	case version == "0" || version == have:
	case !orderable("apk", have):
		packages[name] = version
		return false
	case !orderable("apk", version):
		return false
	case compare("apk", have, version) < 0:
		packages[name] = version
	}
	return true
}

// advisory returns what is said of one flaw in one release.
func (all *fixes) advisory(key flawKey) *advisory.Advisory {
	a := &advisory.Advisory{
		Source:  AlpineSecDB,
		ID:      key.id,
		Release: key.release(),
		Related: sortedWithout(slices.Clone(all.related[key]), key.id),
		Kind:    advisory.Vulnerability,
	}
	packages := all.versions[key]
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		out := advisory.Affected{Ecosystem: key.Ecosystem, Name: name, NameKind: advisory.SourceName}
		// Source: Alpine Linux, secdb README: version 0 means that no version
		// was ever affected.
		if version := packages[name]; version == "0" {
			out.State = advisory.NotAffected
		} else {
			out.Ranges = []advisory.Range{{Fixed: version}}
		}
		a.Affected = append(a.Affected, out)
	}
	return a
}

var (
	secdbRemark = pattern(`\([^)]*\)?`)
	// secdbCVE also takes the slips found in real files: CVE_2019-2426,
	// "CVE 2018-16859", CVE-2017-8073.patch and CVE-2017-17434-1.
	secdbCVE = pattern(`CVE[-_ ](\d{4})-(\d{4,19})(?:-\d+)?(?:\.patch)?`)
)

// secdbIDs reads an entry, which may have several ids and a remark: "CVE-2018-
// 3620 CVE-2018-3646 XSA-273", "CVE-2017-2616 (+ regression fix)". Each CVE is
// a flaw; the other names are of reports that may cover several CVEs, and so
// are only related to it, unless there is no CVE.
func secdbIDs(entry string) (flaws, related []string) {
	entry = secdbRemark().ReplaceAllString(entry, " ")
	for _, m := range secdbCVE().FindAllStringSubmatch(entry, -1) {
		flaws = append(flaws, "CVE-"+m[1]+"-"+m[2])
	}
	for id := range strings.FieldsSeq(secdbCVE().ReplaceAllString(entry, " ")) {
		// What has no digit is a word or a placeholder: XPTI, CVE-????-?????.
		if isID(id) && strings.Contains(id, "-") && strings.ContainsAny(id, "0123456789") && !strings.Contains(id, "?") {
			related = append(related, id)
		}
	}
	if len(flaws) == 0 && len(related) > 0 {
		return related[:1], related[1:]
	}
	return flaws, related
}
