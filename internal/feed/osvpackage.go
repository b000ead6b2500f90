package feed

import (
	"cmp"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// affected adds a package of the record to the advisory, if it can be used.
func (r *rejects) affected(a *advisory.Advisory, in *osvAffected) {
	typ, distro, release, ok := ecosystem.FromOSV(in.Package.Ecosystem)
	source := sourceProject(in)
	if source != "" {
		typ, in.Package.Name, ok = "generic", source, true
	}
	switch {
	case source != "" && len(in.Versions) == 0 && onlyCommits(in):
		r.add(rejectCommits, source)
		return
	case in.Package.Name == "" && in.Package.Ecosystem == "":
		r.add(rejectPackage, "")
		return
	case !ok:
		r.add(rejectEcosystem, in.Package.Ecosystem)
		return
	case !isName(in.Package.Name):
		r.add(rejectName, in.Package.Name)
		return
	}
	out := advisory.Affected{
		Ecosystem: advisory.Ecosystem{Type: typ, Distro: distro, Release: release},
		Name:      in.Package.Name,
		Urgency:   clip(strings.ToLower(cmp.Or(in.Ecosystem.Urgency, in.Ecosystem.Severity, in.Database.Urgency)), maxID),
		Symbols:   symbols(in.Ecosystem),
	}
	if out.Arches = arches(in.Ecosystem); len(out.Arches) > maxArches {
		out.Arches = nil // of all, then
		r.add(rejectMany, "")
	}
	if namesSource(out.Ecosystem) {
		out.NameKind = advisory.SourceName
	}
	for _, v := range in.Versions {
		if !isName(v) {
			r.add(rejectVersion, out.Name+" "+v)
			continue
		}
		out.Versions = append(out.Versions, v)
		if tagged := versionOfTag(source, v); tagged != v {
			out.Versions = append(out.Versions, tagged)
		}
	}
	slices.Sort(out.Versions)
	out.Versions = slices.Compact(out.Versions)
	if !r.ranges(&out, in) {
		return
	}
	modules := moduleNames(out, a.Summary)
	if len(a.Affected)+len(modules) >= maxAffected {
		r.add(rejectMany, "")
		return
	}
	if len(modules) == 0 {
		a.Affected = append(a.Affected, out)
	}
	for _, m := range modules {
		out.Module = m
		a.Affected = append(a.Affected, out)
	}
}

// repositories has the names of software by the repository of its sources.
// Source: PSF, advisory-database, whose records name no package.
var repositories = map[string]string{"https://github.com/python/cpython": "python"}

// sourceProject returns the name of software that a record means by its
// sources: of a project of OSS-Fuzz, or of a repository alone. It is empty if
// the record names a package.
func sourceProject(in *osvAffected) string {
	switch in.Package.Ecosystem {
	case "OSS-Fuzz":
		return strings.ToLower(in.Package.Name)
	case "":
		for _, g := range in.Ranges {
			if name := repositories[strings.TrimSuffix(g.Repo, ".git")]; name != "" && in.Package.Name == "" {
				return name
			}
		}
	}
	return ""
}

// onlyCommits reports whether nothing but commits says which versions a record
// is about. No inventory has those.
func onlyCommits(in *osvAffected) bool {
	for _, g := range in.Ranges {
		if g.Type != "GIT" {
			return false
		}
	}
	return true
}

// versionOfTag returns the version that a tag of a project's sources is for:
// 1.1.1k of OpenSSL_1_1_1k, 7.79.0 of curl-7_79_0, 1.2 of v1.2. A tag that is
// not written so, or of no project, comes back as it is.
func versionOfTag(project, tag string) string {
	if project == "" {
		return tag
	}
	v := tag
	if len(v) > len(project) && strings.EqualFold(v[:len(project)], project) {
		v = strings.TrimLeft(v[len(project):], "-_")
	}
	v = strings.TrimPrefix(strings.TrimPrefix(v, "version-"), "v")
	if !strings.Contains(v, ".") {
		v = strings.ReplaceAll(v, "_", ".")
	}
	if v == "" || !orderable("generic", v) {
		return tag
	}
	return v
}

// ranges sets the ranges of a package. It returns false if they hold no version
// and none is listed: without ranges the package would be affected in all.
func (r *rejects) ranges(out *advisory.Affected, in *osvAffected) bool {
	stated := len(in.Versions) > 0
	count := 0
	for _, g := range in.Ranges {
		if g.Type == "GIT" {
			out.Skipped++
			continue
		}
		stated = true
		if g.Type != "SEMVER" && g.Type != "ECOSYSTEM" {
			r.add(rejectRangeType, g.Type)
			continue
		}
		list, odd := intervals(out.Type, g.Events)
		for _, o := range odd {
			r.add(rejectEvent, out.Name+" "+o)
		}
		out.Ranges = append(out.Ranges, list...)
		count++
	}
	if count > 1 {
		out.Ranges = union(out.Type, out.Ranges)
	}
	if stated && len(out.Ranges) == 0 && len(out.Versions) == 0 {
		r.add(rejectEmpty, out.Name)
		return false
	}
	return true
}

// symbols returns the functions that a record names: for Go the import path
// and the symbol joined by a point, or the path alone if all of the package is
// meant; for Rust the path of the function.
func symbols(s osvSpecific) []string {
	var out []string
	for _, imp := range s.Imports {
		switch {
		case imp.Path == "":
		case len(imp.Symbols) == 0:
			out = append(out, imp.Path)
		}
		for _, sym := range imp.Symbols {
			if imp.Path != "" && sym != "" {
				out = append(out, imp.Path+"."+sym)
			}
		}
	}
	for _, f := range s.Affects.Functions {
		if f != "" {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func arches(s osvSpecific) []string {
	var out []string
	for _, a := range s.Affects.Arch {
		if a != "" {
			out = append(out, a)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// moduleMark is how the release of a modular rpm is marked: AlmaLinux writes
// .module_el8, the others .module+el8. moduleName is name:stream.
// Source: Fedora, "Modularity", "Building modules", dist tag.
var (
	moduleMark = pattern(`\.module[_+]el[0-9]`)
	moduleName = pattern(`(?:^|[ (])([A-Za-z][A-Za-z0-9._+-]*):([A-Za-z0-9._+-]*[A-Za-z0-9])`)
	adviceName = pattern(`^[A-Z]{4}-\d{4}$`)
)

// moduleNames returns the modules that a package of an update may be of. The
// packages have only a mark; name and stream are in the summary: "Moderate:
// virt:rhel and virt-devel:rhel security update". Where they are not, the
// module is the first word, without a stream. Then no package that says its
// stream is meant, but no package outside modules is either.
func moduleNames(p advisory.Affected, summary string) []string {
	if p.Type != "rpm" || !slices.ContainsFunc(p.Ranges, func(r advisory.Range) bool {
		return moduleMark().MatchString(r.Fixed) || moduleMark().MatchString(r.LastAffected)
	}) {
		return nil
	}
	var out []string
	for _, m := range moduleName().FindAllStringSubmatch(summary, maxModules) {
		if !adviceName().MatchString(m[1]) {
			out = append(out, m[1]+":"+m[2])
		}
	}
	if len(out) == 0 {
		if word, rest, ok := strings.Cut(summary, ": "); ok && !strings.Contains(word, " ") {
			summary = rest
		}
		if words := strings.Fields(summary); len(words) > 0 {
			out = []string{clip(words[0], maxID)}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
