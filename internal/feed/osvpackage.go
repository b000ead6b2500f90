package feed

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// affected adds a package of the record to the advisory, if it can be used.
func (r *rejects) affected(a *advisory.Advisory, in *osvAffected) {
	typ, distro, release, ok := ecosystem.FromOSV(in.Package.Ecosystem)
	switch {
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
		Urgency:   clip(strings.ToLower(string(cmp.Or(in.Ecosystem.Urgency, in.Ecosystem.Severity, in.Database.Urgency))), maxID),
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
			out = append(out, string(imp.Path))
		}
		for _, sym := range imp.Symbols {
			if imp.Path != "" && sym != "" {
				out = append(out, string(imp.Path)+"."+string(sym))
			}
		}
	}
	for _, f := range s.Affects.Functions {
		if f != "" {
			out = append(out, string(f))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func arches(s osvSpecific) []string {
	var out []string
	for _, a := range s.Affects.Arch {
		if a != "" {
			out = append(out, string(a))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// moduleMark is how the release of a modular rpm is marked: AlmaLinux writes
// .module_el8, the others .module+el8. moduleName is name:stream.
// Source: Fedora, "Modularity", "Building modules", dist tag.
var (
	moduleMark = regexp.MustCompile(`\.module[_+]el[0-9]`)
	moduleName = regexp.MustCompile(`(?:^|[ (])([A-Za-z][A-Za-z0-9._+-]*):([A-Za-z0-9._+-]*[A-Za-z0-9])`)
	adviceName = regexp.MustCompile(`^[A-Z]{4}-\d{4}$`)
)

// moduleNames returns the modules that a package of an update may be of. The
// packages have only a mark; name and stream are in the summary: "Moderate:
// virt:rhel and virt-devel:rhel security update". Where they are not, the
// module is the first word, without a stream. Then no package that says its
// stream is meant, but no package outside modules is either.
func moduleNames(p advisory.Affected, summary string) []string {
	if p.Type != "rpm" || !slices.ContainsFunc(p.Ranges, func(r advisory.Range) bool {
		return moduleMark.MatchString(r.Fixed) || moduleMark.MatchString(r.LastAffected)
	}) {
		return nil
	}
	var out []string
	for _, m := range moduleName.FindAllStringSubmatch(summary, maxModules) {
		if !adviceName.MatchString(m[1]) {
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
