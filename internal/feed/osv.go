package feed

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/cvss"
	"github.com/assay-project/assay/internal/jsonstream"
)

// Reasons for which OSV records and their parts are rejected.
const (
	rejectNoID      = "no usable id"
	rejectNotice    = "not a security notice"
	rejectNothing   = "no affected package"
	rejectEcosystem = "unknown ecosystem"
	rejectName      = "no usable package name"
	rejectPackage   = "no package is named"
	rejectCommits   = "only commits say which versions are affected"
	rejectRangeType = "unknown type of range"
	rejectEmpty     = "the ranges cover no version"
	rejectEvent     = "an event of a range that means nothing there"
	rejectVector    = "not a severity"
	rejectAlias     = "an alias that is no id"
	rejectTwice     = "the same id and release twice"
	rejectMany      = "more packages, ratings or architectures than a record may have"
)

// Limits of what is kept of one record.
const (
	maxID         = 128 // bytes of an identifier
	maxName       = 512 // bytes of a package name or version
	maxSummary    = 512 // bytes
	maxDetails    = 64 << 10
	maxURL        = 2048 // bytes
	maxReferences = 100
	maxHeld       = 100_000 // parts of records that wait for the end of a source
	maxAffected   = 100_000 // packages
	maxSeverities = 64
	maxModules    = 8 // that one package of an update may be of
	maxArches     = 64
)

// osvRecord is what is used of an OSV record.
// Source: OSV schema 1.7.
type osvRecord struct {
	ID, Modified, Published, Withdrawn string
	Aliases, Related, Upstream         []string
	Summary, Details                   string
	Severity                           []osvSeverity
	Affected                           []osvAffected
	References                         []osvReference
	Database                           osvSpecific
}

// reset empties a record and keeps the memory of its lists, unless there is
// much of it.
func (r *osvRecord) reset() {
	const most = 1000
	if cap(r.Affected) > most || cap(r.References) > most {
		*r = osvRecord{}
		return
	}
	*r = osvRecord{Severity: r.Severity[:0], Affected: r.Affected[:0], References: r.References[:0]}
}

func (r *osvRecord) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "id":
			d.String(&r.ID)
		case "modified":
			d.String(&r.Modified)
		case "published":
			d.String(&r.Published)
		case "withdrawn":
			d.String(&r.Withdrawn)
		case "aliases":
			d.Strings(&r.Aliases)
		case "related":
			d.Strings(&r.Related)
		case "upstream":
			d.Strings(&r.Upstream)
		case "summary":
			d.String(&r.Summary)
		case "details":
			d.String(&r.Details)
		case "severity":
			jsonstream.List(d, &r.Severity, (*osvSeverity).read)
		case "affected":
			jsonstream.List(d, &r.Affected, (*osvAffected).read)
		case "references":
			jsonstream.List(d, &r.References, (*osvReference).read)
		case "database_specific":
			r.Database.read(d)
		}
	})
}

type osvSeverity struct{ Type, Score string }

func (s *osvSeverity) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "type":
			d.String(&s.Type)
		case "score":
			d.String(&s.Score)
		}
	})
}

type osvReference struct{ Type, URL string }

func (r *osvReference) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "type":
			d.String(&r.Type)
		case "url":
			d.String(&r.URL)
		}
	})
}

type osvAffected struct {
	Package   osvPackage
	Severity  []osvSeverity
	Ranges    []osvRange
	Versions  []string
	Ecosystem osvSpecific
	Database  osvSpecific
}

func (a *osvAffected) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "package":
			a.Package.read(d)
		case "severity":
			jsonstream.List(d, &a.Severity, (*osvSeverity).read)
		case "ranges":
			jsonstream.List(d, &a.Ranges, (*osvRange).read)
		case "versions":
			d.Strings(&a.Versions)
		case "ecosystem_specific":
			a.Ecosystem.read(d)
		case "database_specific":
			a.Database.read(d)
		}
	})
}

type osvPackage struct{ Ecosystem, Name string }

func (p *osvPackage) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "ecosystem":
			d.String(&p.Ecosystem)
		case "name":
			d.String(&p.Name)
		}
	})
}

type osvRange struct {
	Type   string
	Repo   string // left out if it is no string
	Events []osvEvent
}

func (r *osvRange) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "type":
			d.String(&r.Type)
		case "repo":
			d.Lenient(func() { d.String(&r.Repo) })
		case "events":
			jsonstream.List(d, &r.Events, (*osvEvent).read)
		}
	})
}

type osvEvent struct{ Introduced, Fixed, LastAffected, Limit string }

func (e *osvEvent) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "introduced":
			d.String(&e.Introduced)
		case "fixed":
			d.String(&e.Fixed)
		case "last_affected":
			d.String(&e.LastAffected)
		case "limit":
			d.String(&e.Limit)
		}
	})
}

// osvSpecific is what is used of the fields that each publisher fills in its
// own way: database_specific and ecosystem_specific. It holds the fields of all
// publishers together; none means two things. A field of another type than the
// one expected is left out.
type osvSpecific struct {
	Severity      string
	Urgency       string      // Debian
	Informational string      // RustSec, "Advisory format"
	CWEIDs        []string    // GHSA
	CWEs          []cweRef    // OpenSSF malicious packages
	Imports       []osvImport // Go, "Go Vulnerability Database", "ecosystem_specific"
	Affects       osvAffects  // RustSec
}

func (s *osvSpecific) read(d *jsonstream.Decoder) {
	d.Lenient(func() {
		d.Object(func(key []byte) {
			switch string(key) {
			case "severity":
				d.String(&s.Severity)
			case "urgency":
				d.String(&s.Urgency)
			case "informational":
				d.String(&s.Informational)
			case "cwe_ids":
				d.Strings(&s.CWEIDs)
			case "cwes":
				jsonstream.List(d, &s.CWEs, (*cweRef).read)
			case "imports":
				jsonstream.List(d, &s.Imports, (*osvImport).read)
			case "affects":
				s.Affects.read(d)
			}
		})
	})
}

type cweRef struct{ ID string }

func (c *cweRef) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		if string(key) == "cweId" {
			d.String(&c.ID)
		}
	})
}

type osvImport struct {
	Path    string
	Symbols []string
}

func (i *osvImport) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "path":
			d.String(&i.Path)
		case "symbols":
			d.Strings(&i.Symbols)
		}
	})
}

type osvAffects struct{ Arch, Functions []string }

func (a *osvAffects) read(d *jsonstream.Decoder) {
	d.Object(func(key []byte) {
		switch string(key) {
		case "arch":
			d.Strings(&a.Arch)
		case "functions":
			d.Strings(&a.Functions)
		}
	})
}

// isOSV recognises the record by its id and one other field that all have.
// Source: OSV schema, "id, modified fields".
func isOSV(keys map[string]string) bool {
	if keys["id"] == "" {
		return false
	}
	for _, k := range []string{"modified", "schema_version", "affected"} {
		if _, ok := keys[k]; ok {
			return true
		}
	}
	return false
}

// releaseKey names a record of a publisher that uses an id once a release.
type releaseKey struct{ id, release string }

func readOSV(ctx context.Context, s Source, yield func(Record, error) bool) {
	r := osvReader{done: map[releaseKey]bool{}, held: map[releaseKey]*advisory.Advisory{}}
	if eachDocument(ctx, s, yield, r.read) {
		send(yield, r.rest())
	}
}

// osvReader keeps what records of one publisher have to do with each other.
type osvReader struct {
	json jsonstream.Decoder
	rec  osvRecord // used again and again
	done map[releaseKey]bool
	// held has what a record in the folder of one release says of others. It
	// counts only if that release has no record of its own.
	held map[releaseKey]*advisory.Advisory
}

func (r *osvReader) read(doc document) []outcome {
	a, rej := r.parse(doc)
	if a == nil {
		return rej.outcomes()
	}
	if !publisherOf(a.ID).perRelease {
		return rej.outcomes(outcome{record: Record{Advisory: a}})
	}
	own := folderRelease(doc.name)
	var out []outcome
	for _, one := range byRelease(a) {
		key := releaseKey{one.ID, one.Release}
		switch {
		case own != "" && one.Release != own && len(r.held) < maxHeld:
			if r.held[key] == nil {
				r.held[key] = one
			}
		case r.done[key]:
			out = append(out, refused(one.ID, rejectTwice, one.Release)...)
		default:
			r.done[key] = true
			out = append(out, outcome{record: Record{Advisory: one}})
		}
	}
	return rej.outcomes(out...)
}

// rest returns what was held and never came.
func (r *osvReader) rest() []outcome {
	var out []outcome
	for _, key := range slices.SortedFunc(maps.Keys(r.held), func(a, b releaseKey) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.release, b.release))
	}) {
		if !r.done[key] {
			out = append(out, outcome{record: Record{Advisory: r.held[key]}})
		}
	}
	return out
}

// folderRelease returns the release that the folder of an AlmaLinux record
// names: "8" for almalinux8/ALSA-2024:0265.json.
// Source: AlmaLinux/osv-database, folder advisories.
func folderRelease(name string) string {
	release, ok := strings.CutPrefix(path.Base(path.Dir(name)), "almalinux")
	if !ok {
		return ""
	}
	return release
}

// byRelease splits a record whose packages are of several releases.
func byRelease(a *advisory.Advisory) []*advisory.Advisory {
	parts := map[string][]advisory.Affected{}
	for _, p := range a.Affected {
		parts[p.Release] = append(parts[p.Release], p)
	}
	var out []*advisory.Advisory
	for _, release := range slices.Sorted(maps.Keys(parts)) {
		one := *a
		one.Release = release
		one.Affected = parts[release]
		out = append(out, &one)
	}
	return out
}

// parse reads one record. The advisory is nil if the record is rejected as
// a whole, which the only rejection then says.
func (r *osvReader) parse(doc document) (*advisory.Advisory, rejects) {
	d, rec := &r.json, &r.rec
	rec.reset()
	d.Reset(doc.data)
	rec.read(d)
	err := d.End()
	mistyped, isType := d.Mistyped()
	pub := publisherOf(rec.ID)
	rej := rejects{id: cmp.Or(printable(rec.ID), doc.name)}
	switch {
	case err != nil:
		rej.id = doc.name // an id in what is no record means nothing
		return nil, rej.whole(rejectJSON, err.Error())
	case !isID(rec.ID):
		return nil, rej.whole(rejectNoID, rec.ID)
	case isType:
		rej.add(rejectType, mistyped)
	}
	a := &advisory.Advisory{
		Source:     OSV,
		ID:         rec.ID,
		Kind:       pub.kind,
		Summary:    clip(oneLine(rec.Summary), maxSummary),
		Details:    clip(rec.Details, maxDetails),
		Published:  rej.date(rec.Published),
		Modified:   rej.date(rec.Modified),
		Withdrawn:  rej.date(rec.Withdrawn),
		References: references(rec.References),
	}
	rej.names(a, rec, pub)
	if pub.bugfix && len(a.Upstream) == 0 {
		return nil, rej.whole(rejectNotice, "")
	}
	if a.Kind == advisory.Notice && len(a.Upstream) == 0 {
		// A notice of security that names no flaw is the only name that the
		// flaw has.
		a.Kind = advisory.Vulnerability
	}
	rej.severities(a, rec, pub)
	for i := range rec.Affected {
		rej.affected(a, &rec.Affected[i])
	}
	a.CWEs = cwes(rec)
	if kind, ok := informational(rec); ok {
		a.Kind = kind
	}
	if len(a.Affected) == 0 {
		return nil, rej.noPackage()
	}
	return a, rej
}

// noPackage rejects the whole record for the reason of its first package that
// cannot be used.
func (r *rejects) noPackage() rejects {
	for _, p := range r.parts {
		switch p.Reason {
		case rejectEcosystem, rejectName, rejectPackage, rejectCommits, rejectRangeType, rejectEmpty:
			return r.whole(p.Reason, p.Detail)
		}
	}
	return r.whole(rejectNothing, "")
}

// names sets the other names of an advisory and the flaws of a notice.
// Publishers of notices put the flaws into upstream (since OSV 1.7), into
// related (AlmaLinux, Rocky Linux, older records of all) or into aliases,
// though these are not names of one flaw. AlmaLinux at times leaves them out
// and has only the addresses of their pages.
func (r *rejects) names(a *advisory.Advisory, rec *osvRecord, pub publisher) {
	aliases, related, upstream := r.ids(rec.Aliases), r.ids(rec.Related), r.ids(rec.Upstream)
	if pub.wraps {
		aliases = append(aliases, flawID(a.ID))
	}
	if a.Kind == advisory.Notice {
		for i, id := range upstream {
			upstream[i] = flawID(id)
		}
		isFlaw := func(id string) bool { return isCVE(flawID(id)) }
		for _, list := range []*[]string{&related, &aliases} {
			for _, id := range *list {
				if isFlaw(id) {
					upstream = append(upstream, flawID(id))
				}
			}
			*list = slices.DeleteFunc(*list, isFlaw)
		}
		if len(upstream) == 0 && !pub.bugfix {
			for _, ref := range a.References {
				if id := path.Base(ref.URL); isCVE(id) {
					upstream = append(upstream, id)
				}
			}
		}
	}
	a.Aliases = sortedWithout(aliases, a.ID)
	a.Related = sortedWithout(related, a.ID)
	a.Upstream = sortedWithout(upstream, a.ID)
}

// ids returns the usable identifiers of a list, in a new slice.
func (r *rejects) ids(list []string) []string {
	var out []string
	for _, id := range list {
		id = strings.TrimSpace(id)
		if !isID(id) {
			r.add(rejectAlias, id)
			continue
		}
		out = append(out, id)
	}
	return out
}

// labels are the words with which rebuilds of Red Hat's updates begin.
// Source: Red Hat, "Severity ratings".
var labels = []string{"Low", "Moderate", "Important", "Critical"}

// severities sets the ratings of the record and of its packages.
func (r *rejects) severities(a *advisory.Advisory, rec *osvRecord, pub publisher) {
	var out []advisory.Severity
	add := func(list []osvSeverity) {
		for _, s := range list {
			rating, ok := severity(s, pub.name)
			switch {
			case !ok:
				r.add(rejectVector, s.Score)
			case len(out) >= maxSeverities:
				r.add(rejectMany, "")
			case !slices.Contains(out, rating):
				out = append(out, rating)
			}
		}
	}
	add(rec.Severity)
	for i := range rec.Affected {
		add(rec.Affected[i].Severity)
	}
	label := strings.ToLower(rec.Database.Severity)
	if word, _, ok := strings.Cut(rec.Summary, ": "); ok && label == "" && slices.Contains(labels, word) {
		label = strings.ToLower(word)
	}
	if label != "" && len(label) <= maxID {
		i := slices.IndexFunc(out, func(s advisory.Severity) bool { return s.Source == pub.name && s.Label == "" })
		if i < 0 {
			out = append(out, advisory.Severity{Source: pub.name})
			i = len(out) - 1
		}
		out[i].Label = label
	}
	a.Severities = out
}

// severity reads one rating. The type is a version of CVSS, or the name of
// who uses words. Source: OSV schema, "severity[].type field".
func severity(s osvSeverity, publisher string) (advisory.Severity, bool) {
	score := strings.TrimSpace(s.Score)
	if score == "" || len(score) > maxName {
		return advisory.Severity{}, false
	}
	switch s.Type {
	case "CVSS_V2", "CVSS_V3", "CVSS_V4":
		version, base, err := cvss.Base(score)
		if err != nil || version[0] != s.Type[len(s.Type)-1] {
			return advisory.Severity{}, false
		}
		return advisory.Severity{Source: publisher, Version: version, Vector: score, Score: base}, true
	case "":
		return advisory.Severity{}, false
	}
	return advisory.Severity{Source: clip(s.Type, maxID), Label: strings.ToLower(score)}, true
}

// informational returns the kind of a RustSec record that is no
// vulnerability. Source: RustSec, "Advisory format", field informational.
func informational(r *osvRecord) (advisory.Kind, bool) {
	word := r.Database.Informational
	for i := range r.Affected {
		word = cmp.Or(word, r.Affected[i].Database.Informational)
	}
	switch word {
	case "":
		return "", false
	case "unmaintained":
		return advisory.Unmaintained, true
	}
	return advisory.Informational, true
}

func cwes(r *osvRecord) []string {
	var out []string
	add := func(s osvSpecific) {
		out = append(out, s.CWEIDs...)
		for _, c := range s.CWEs {
			out = append(out, c.ID)
		}
	}
	add(r.Database)
	for i := range r.Affected {
		add(r.Affected[i].Database)
	}
	return cweIDs(out)
}

// cweIDs returns the well-formed ids, sorted.
func cweIDs(list []string) []string {
	out := slices.DeleteFunc(list, func(id string) bool { return !isCWE(id) })
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) == 0 {
		return nil
	}
	return out
}

func references(list []osvReference) []advisory.Reference {
	var out []advisory.Reference
	for _, r := range list {
		ref := advisory.Reference{Type: clip(r.Type, maxID), URL: strings.TrimSpace(r.URL)}
		if isURL(ref.URL) && len(out) < maxReferences && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}
