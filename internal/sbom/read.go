package sbom

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// Read returns the inventory of a CycloneDX 1.x or SPDX 2.x document, sorted:
// JSON of either, XML of CycloneDX, tag-value of SPDX. What the document lists and we cannot use is a problem of the
// inventory, and the package is in it all the same. An error means that the
// bytes are no such document.
//
// Packages that the document places at several paths are as many packages. The
// operating system is the one that the document names, else the one that most
// purls name.
func Read(doc []byte) (inventory.Inventory, Meta, error) {
	doc, err := inJSON(doc)
	if err != nil {
		return inventory.Inventory{}, Meta{}, fmt.Errorf("reading SBOM: %w", err)
	}
	r := &reader{s: values{jsonstream.New(bytes.NewReader(doc), int64(len(doc)))}, systems: map[system]int{}, described: map[string]bool{}}
	if err := r.document(); err != nil {
		return inventory.Inventory{}, Meta{}, fmt.Errorf("reading SBOM: %w", err)
	}
	for _, u := range r.unnamed {
		if !r.described[u.id] {
			r.inv.Packages = append(r.inv.Packages, u.pkg)
		}
	}
	r.inv.OS = r.system()
	for i := range r.inv.Packages {
		// A purl that says what the fields say is not worth keeping.
		p := &r.inv.Packages[i]
		given := p.PURL
		p.PURL = ""
		if given != "" && p.Identifier(r.inv.OS) != given {
			p.PURL = given
		}
	}
	r.inv.Sort()
	return r.inv, r.meta, nil
}

// reader collects what a document says.
type reader struct {
	s         values
	inv       inventory.Inventory
	meta      Meta
	os        inventory.OS    // as the document names it
	systems   map[system]int  // packages by the operating system of their purls
	described map[string]bool // SPDX elements that the document is about
	unnamed   []unnamed
	items     int
}

// system is what a purl says of an operating system.
type system struct{ id, version, codename string }

// unnamed is an SPDX package without a purl: it may be what the document is
// about, which is known only when all of it is read.
type unnamed struct {
	id  string
	pkg inventory.Package
}

// document reads the outermost object. The members that say what it is may
// come after those that hold the packages, so both formats are read at once.
func (r *reader) document() error {
	if c, _ := r.s.Peek(); c != '{' {
		return errors.New("neither a JSON object, nor XML of CycloneDX, nor tag-value of SPDX")
	}
	var format, version string
	var member func(key []byte) error
	member = func(key []byte) (err error) {
		switch string(key) {
		case "sbom":
			// Source: GitHub REST API, "Export a software bill of materials".
			err = r.s.object(member)
		case "bomFormat":
			format, err = r.s.string()
		case "specVersion":
			version, err = r.s.string()
		case "serialNumber", "documentNamespace":
			r.meta.Serial, err = r.s.string()
		case "metadata":
			err = r.s.object(r.metadata)
		case "components":
			err = r.list("components", r.component)
		case "spdxVersion":
			version, err = r.s.string()
			if v, ok := strings.CutPrefix(version, "SPDX-"); ok {
				format, version = "SPDX", v
			}
		case "name":
			r.meta.Name, err = r.s.string()
		case "creationInfo":
			err = r.s.object(r.creation)
		case "packages":
			err = r.list("packages", r.spdxPackage)
		case "documentDescribes":
			err = r.s.array(r.describes)
		case "relationships":
			err = r.s.array(r.relationship)
		case "annotations":
			err = r.s.array(r.documentAnnotation)
		default:
			err = r.s.Skip()
		}
		return err
	}
	if err := r.s.object(member); err != nil {
		return err
	}
	if err := r.s.End(); err != nil {
		return err
	}
	r.meta.Format, r.meta.Version = format, version
	switch major, _, _ := strings.Cut(version, "."); {
	case format == "CycloneDX" && major == "1", format == "SPDX" && major == "2":
		return nil
	case format == "CycloneDX", format == "SPDX":
		return fmt.Errorf("version %.40q of %s is not supported", version, format)
	}
	return errors.New("neither bomFormat nor spdxVersion says what it is")
}

// list reads a list of packages. Another value may hold any, and none of them
// is read.
func (r *reader) list(name string, fn func() error) error {
	if c, err := r.s.Peek(); err == nil && c != '[' && c != 'n' {
		r.problem(inventory.Problem{Reason: name + " is no list"})
	}
	return r.s.array(fn)
}

// count limits what a document may make us keep.
func (r *reader) count() error {
	if r.items++; r.items > maxItems {
		return fmt.Errorf("more than %d components", maxItems)
	}
	return nil
}

// place is one place where a package was found.
type place struct {
	path, layer, ownedBy, evidence, scope, hash string
}

// or fills what is empty in p from q.
func (p place) or(q place) place {
	return place{
		cmp.Or(p.path, q.path), cmp.Or(p.layer, q.layer), cmp.Or(p.ownedBy, q.ownedBy),
		cmp.Or(p.evidence, q.evidence), cmp.Or(p.scope, q.scope), cmp.Or(p.hash, q.hash),
	}
}

// entry is one component or package of a document, of either format.
type entry struct {
	kind    string // type of the component or purpose of the package, lower case
	group   string
	name    string
	version string
	purl    string
	cpe     string

	source, sourceVersion      string // the source package, whole version
	sourceRelease, sourceEpoch string // parts of it that stand apart
	module, vendor             string
	all                        place   // what holds for every place
	places                     []place // in the order of the document
	syft                       string  // syft's best location
	grouping                   bool    // only groups others: a lock file of Trivy's
	id                         string  // of an SPDX element
	os                         inventory.OS
	issues                     []inventory.Issue // of a Dockerfile
}

// kinds of entries that are no packages unless they have a purl.
var notPackages = map[string]bool{
	"container": true, "data": true, "device": true, "device-driver": true, "file": true, "archive": true,
	"source": true, "platform": true, "machine-learning-model": true, "cryptographic-asset": true,
}

// subjects are the purl types of whole images and repositories.
var subjects = map[string]bool{"oci": true, "docker": true, "container": true}

// addIssues adds what a Dockerfile breaks. Lines that cannot be read are 0.
func (r *reader) addIssues(e *entry) {
	path := strings.TrimPrefix(e.name, dockerfilePrefix)
	if path == imageHistory {
		path = ""
	}
	for _, i := range e.issues {
		if i.First == 0 {
			r.problem(inventory.Problem{Path: path, Reason: "the lines of " + i.Rule + " cannot be read"})
			continue
		}
		i.Path = path
		r.inv.Issues = append(r.inv.Issues, i)
	}
}

// issue reads "affected_lines:27-28".
func issue(rule, lines string) inventory.Issue {
	out := inventory.Issue{Rule: rule}
	first, last, _ := strings.Cut(strings.TrimPrefix(lines, dockerfileLines), "-")
	a, err := strconv.Atoi(first)
	b, err2 := strconv.Atoi(last)
	if err == nil && err2 == nil && 0 < a && a <= b {
		out.First, out.Last = a, b
	}
	return out
}

// add turns an entry into packages.
func (r *reader) add(e *entry) error {
	if e.kind == "operating-system" {
		if r.os.ID == "" {
			r.os = e.system()
		}
		return nil
	}
	if len(e.issues) > 0 {
		r.addIssues(e)
	}
	p := inventory.Package{Type: "generic", Name: e.name, Version: version(e.version)}
	if e.group != "" {
		p.Name = e.group + "/" + e.name
	}
	if e.purl != "" {
		parsed, os, err := inventory.ParsePURL(e.purl)
		if err != nil {
			r.problem(inventory.Problem{Reason: fmt.Sprintf("component %.100q: %v", p.Name, err)})
		} else {
			parsed.Version = cmp.Or(parsed.Version, p.Version)
			parsed.Name = spelled(parsed, p.Name)
			p = parsed
			p.PURL = e.purl
			if os.ID != "" {
				r.systems[system{systemID(os.ID), systemRelease(os.VersionID), os.Codename}]++
			}
		}
	}
	if subjects[p.Type] || p.PURL == "" && (e.grouping || notPackages[e.kind]) {
		return nil
	}
	if p.Name == "" {
		r.problem(inventory.Problem{Reason: "a component has neither a name nor a purl"})
		return nil
	}
	if e.source != "" {
		stated := ""
		if e.source == p.SourceName {
			stated = p.SourceVersion
		}
		p.SourceName, p.SourceVersion = e.source, cmp.Or(e.wholeSource(), stated)
	}
	p.Module, p.Vendor = cmp.Or(p.Module, moduleOf(e.module)), e.vendor
	if len(e.places) == 0 {
		e.places = append(e.places, place{path: e.syft})
	}
	for _, at := range e.places {
		if err := r.count(); err != nil {
			return err
		}
		at = at.or(e.all)
		p.Path = strings.TrimLeft(at.path, "/")
		p.Layer, p.OwnedBy, p.Hash = at.layer, at.ownedBy, at.hash
		p.Evidence, p.Scope = evidence(at.evidence), scope(at.scope)
		if p.PURL == "" && e.id != "" {
			r.unnamed = append(r.unnamed, unnamed{e.id, p})
			continue
		}
		r.inv.Packages = append(r.inv.Packages, p)
	}
	return nil
}

// spelled returns the name of p as a document spells it beside the purl, in
// which some types fold case: name if the purl would be the same.
func spelled(p inventory.Package, name string) string {
	other := p
	other.Name = name
	if p.Name != name && other.Identifier(inventory.OS{}) == p.Identifier(inventory.OS{}) {
		return name
	}
	return p.Name
}

// system returns the operating system that the entry is.
func (e *entry) system() inventory.OS {
	os := e.os
	os.ID = systemID(cmp.Or(os.ID, e.name))
	os.VersionID = systemRelease(version(cmp.Or(os.VersionID, e.version)))
	os.CPE = cmp.Or(os.CPE, e.cpe)
	return os
}

// version drops the words that stand for none.
func version(v string) string {
	switch v {
	case "UNKNOWN", "NOASSERTION", "NONE":
		return ""
	}
	return v
}

// wholeSource returns the version of the source package with epoch and
// release.
func (e *entry) wholeSource() string {
	v := e.sourceVersion
	if v == "" {
		return ""
	}
	if e.sourceRelease != "" {
		v += "-" + e.sourceRelease
	}
	if e.sourceEpoch != "" && e.sourceEpoch != "0" {
		v = e.sourceEpoch + ":" + v
	}
	return v
}

func evidence(s string) inventory.Evidence {
	switch e := inventory.Evidence(s); e {
	case inventory.Database, inventory.Manifest, inventory.Lockfile, inventory.Binary, inventory.Filename:
		return e
	default:
		return inventory.SBOM
	}
}

func scope(s string) inventory.Scope {
	switch e := inventory.Scope(s); e {
	case inventory.Runtime, inventory.Dev, inventory.Test:
		return e
	default:
		return ""
	}
}

func (r *reader) problem(p inventory.Problem) {
	if r.items++; r.items <= maxItems {
		r.inv.Problems = append(r.inv.Problems, p)
	}
}

// property takes what a property of a component says, whoever wrote it.
func (e *entry) property(name, value string) {
	if value == "" {
		return
	}
	for _, prefix := range []string{dockerfileIssue, strings.Replace(dockerfileIssue, "sbom_scanner", "sbom_generator", 1)} {
		if rule, ok := strings.CutPrefix(name, prefix); ok {
			e.issues = append(e.issues, issue(rule, value))
			return
		}
	}
	if field, ok := strings.CutPrefix(name, prefix); ok {
		e.ours(field, value)
		return
	}
	switch name {
	// Source: Trivy documentation, "CycloneDX", section "Properties".
	case "aquasecurity:trivy:SrcName":
		e.source = value
	case "aquasecurity:trivy:SrcVersion":
		e.sourceVersion = value
	case "aquasecurity:trivy:SrcRelease":
		e.sourceRelease = value
	case "aquasecurity:trivy:SrcEpoch":
		e.sourceEpoch = value
	case "aquasecurity:trivy:Modularitylabel":
		e.module = value
	case "aquasecurity:trivy:LayerDigest":
		e.all.layer = cmp.Or(digest(value), e.all.layer)
	case "aquasecurity:trivy:LayerDiffID":
		e.all.layer = cmp.Or(e.all.layer, digest(value))
	case "aquasecurity:trivy:FilePath":
		e.all.path = value
	case "aquasecurity:trivy:Class":
		e.grouping = true
	// Source: syft, schema of its CycloneDX properties: every field of a
	// package under its path, lists by number.
	case "syft:location:0:layerID":
		e.all.layer = cmp.Or(e.all.layer, digest(value))
	case "syft:metadata:source", "syft:metadata:originPackage":
		e.source = value
	case "syft:metadata:sourceVersion":
		e.sourceVersion = value
	case "syft:distro:id":
		e.os.ID = value
	case "syft:distro:versionID":
		e.os.VersionID = value
	case "syft:distro:versionCodename":
		e.os.Codename = value
	case "syft:distro:prettyName":
		e.os.Name = value
	// Source: Amazon Inspector User Guide, "CycloneDX namespace".
	case "amazon:inspector:sbom_generator:source_path":
		e.all.path = cmp.Or(e.all.path, value)
	case "amazon:inspector:sbom_generator:layer_diff_id":
		e.all.layer = cmp.Or(e.all.layer, digest(value))
	// Source: cdxgen documentation, the lock file or manifest.
	case "SrcFile":
		e.all.path = cmp.Or(e.all.path, value)
	// Source: CycloneDX property taxonomy, "cdx:npm".
	case "cdx:npm:package:development":
		if value == "true" {
			e.all.scope = string(inventory.Dev)
		}
	default:
		if strings.HasPrefix(name, "syft:location:") && strings.HasSuffix(name, ":path") {
			e.syftPath(value)
		}
	}
}

// syftPath takes one of the paths that syft gives for a package, of which the
// first counts, or the first that is a database.
func (e *entry) syftPath(path string) {
	if e.syft == "" || !database(e.syft) && database(path) {
		e.syft = path
	}
}

// database tells whether a path is that of a package manager's database: an
// operating system package has many files, and that one says it is there.
func database(path string) bool {
	return strings.HasSuffix(path, "/dpkg/status") || strings.Contains(path, "/dpkg/status.d/") ||
		strings.HasSuffix(path, "/apk/db/installed") || strings.Contains(path, "/rpm/")
}

// moduleOf shortens the label of an rpm module to name:stream.
func moduleOf(label string) string {
	if parts := strings.SplitN(label, ":", 3); len(parts) == 3 {
		return parts[0] + ":" + parts[1]
	}
	return label
}

// digest returns s if it could be a digest.
func digest(s string) string {
	if alg, hex, ok := strings.Cut(s, ":"); ok && alg != "" && hex != "" && len(s) <= 200 {
		return s
	}
	return ""
}

// system returns the operating system of the inventory: the one that the
// document names, else the one that most purls name. The purls may know more
// of the one that the document names.
func (r *reader) system() inventory.OS {
	var best system
	for s, n := range r.systems {
		if r.os.ID != "" && s.id != r.os.ID {
			continue
		}
		if c := cmp.Compare(n, r.systems[best]); c > 0 || c == 0 && s.compare(best) < 0 {
			best = s
		}
	}
	os := r.os
	if os.ID == "" || os.VersionID == "" {
		os.ID, os.VersionID = cmp.Or(os.ID, best.id), cmp.Or(os.VersionID, best.version)
		os.Codename = cmp.Or(os.Codename, best.codename)
	}
	return os
}

func (s system) compare(o system) int {
	return cmp.Or(cmp.Compare(s.id, o.id), cmp.Compare(s.version, o.version), cmp.Compare(s.codename, o.codename))
}

// ours takes a property that Assay wrote, without its prefix.
func (e *entry) ours(field, value string) {
	switch field {
	case "path":
		e.all.path = value
	case "layer":
		e.all.layer = value
	case "ownedBy":
		e.all.ownedBy = value
	case "evidence":
		e.all.evidence = value
	case "scope":
		e.all.scope = value
	case "hash":
		e.all.hash = value
	case "source":
		e.source = value
	case "sourceVersion":
		e.sourceVersion = value
	case "module":
		e.module = value
	case "vendor":
		e.vendor = value
	case "os:codename":
		e.os.Codename = value
	case "os:name":
		e.os.Name = value
	case "os:like":
		e.os.Like = strings.Fields(value)
	}
}

// ourProblem takes a problem that Assay wrote into a document.
func (r *reader) ourProblem(value string) {
	var p inventory.Problem
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		p = inventory.Problem{Reason: value}
	}
	r.problem(p)
}

// hash writes a checksum as algorithm:hex; empty if there is none.
func hash(algorithm, hex string) string {
	if algorithm == "" || hex == "" {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(algorithm, "-", "") + ":" + hex)
}
