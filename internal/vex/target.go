package vex

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/inventory"
)

// Target is what was scanned, as far as statements name it.
type Target struct {
	Names    []string // as the user names it, tags included
	Digests  []string // sha256:hex of the manifest, the configuration
	OS       inventory.OS
	Packages []inventory.Package // all of them: a component may be inside of one
}

// Book finds statements by vulnerability.
type Book struct {
	list []Statement
	by   map[string][]int // statements by their names in upper case
	used []bool
	read patterns
}

// A view is a target as the statements of a book look at it.
type view struct {
	*Target

	read patterns
}

// patterns are purls that have been read: a document has thousands, each of
// which is asked about many packages. One that is no purl is nil.
type patterns map[string]*pattern

func (r patterns) add(i *Identity) {
	for _, s := range i.PURLs {
		if _, ok := r[s]; !ok {
			r[s] = patternOf(s)
		}
	}
}

func (r patterns) of(purl string) *pattern {
	if p, ok := r[purl]; ok {
		return p
	}
	return patternOf(purl)
}

// NewBook puts statements together.
func NewBook(list []Statement) *Book {
	b := &Book{list: list, by: map[string][]int{}, used: make([]bool, len(list)), read: patterns{}}
	for i, s := range list {
		for _, id := range s.Names() {
			if id = strings.ToUpper(id); id != "" && !slices.Contains(b.by[id], i) {
				b.by[id] = append(b.by[id], i)
			}
		}
		for _, q := range s.Products {
			b.read.add(&q.Identity)
			for k := range q.Components {
				b.read.add(&q.Components[k])
			}
		}
	}
	return b
}

// Lookup returns the statement that holds for a vulnerability, under any of its
// names, of a package of the target: of those that are about it the one with
// the latest time, and of those with the same time the last. It is nil if none
// is.
func (b *Book) Lookup(t *Target, ids []string, p *inventory.Package) *Statement {
	v := &view{t, b.read}
	best := -1
	for _, id := range ids {
		for _, i := range b.by[strings.ToUpper(id)] {
			s := &b.list[i]
			if i == best || !s.covers(v, p) {
				continue
			}
			b.used[i] = true
			if best < 0 || cmp.Or(s.Time.Compare(b.list[best].Time), cmp.Compare(i, best)) > 0 {
				best = i
			}
		}
	}
	if best < 0 {
		return nil
	}
	return &b.list[best]
}

// Unused returns the statements that no lookup found.
func (b *Book) Unused() []Statement {
	var out []Statement
	for i := range b.list {
		if !b.used[i] {
			out = append(out, b.list[i])
		}
	}
	return out
}

func (s *Statement) covers(v *view, p *inventory.Package) bool {
	return slices.ContainsFunc(s.Products, func(q Product) bool { return q.covers(v, p) })
}

// covers tells whether a product is the package, or the whole target, or has
// the package as a component that is named.
func (q *Product) covers(v *view, p *inventory.Package) bool {
	if len(q.Components) == 0 {
		return q.isPackage(v, p) || q.isTarget(v)
	}
	if !slices.ContainsFunc(q.Components, func(c Identity) bool { return c.isPackage(v, p) }) {
		return false
	}
	return q.isTarget(v) || q.isSystem(v.OS) && q.sameBranch(v, p) || q.holds(v, p)
}

// sameBranch tells whether what a distribution states of its packages is about
// the branch of this one. A package of a module is another than that of the same
// name which is in none.
// Source: Fedora, "Modularity", "Module streams".
func (q *Product) sameBranch(v *view, p *inventory.Package) bool {
	return p.Module == "" || slices.ContainsFunc(q.Components, func(c Identity) bool {
		return slices.ContainsFunc(c.PURLs, func(s string) bool {
			w := v.read.of(s)
			return w != nil && w.Module != "" && w.means(p, v.OS)
		})
	})
}

// isPackage tells whether an identity is that of a package.
func (i *Identity) isPackage(v *view, p *inventory.Package) bool {
	if slices.ContainsFunc(i.PURLs, func(s string) bool { return v.read.of(s).means(p, v.OS) && i.admits(p) }) {
		return true
	}
	return p.Hash != "" && slices.Contains(i.Digests, strings.ToLower(p.Hash))
}

// admits tells whether the versions that limit an identity have the package's.
func (i *Identity) admits(p *inventory.Package) bool {
	return len(i.Versions) == 0 || slices.ContainsFunc(i.Versions, func(v Versions) bool {
		return v.Version != "" && sameVersion(p.Type, v.Version, p.Version) || v.Range != "" && inRange(v.Range, p.Type, p.Version)
	})
}

// isTarget tells whether an identity is that of what was scanned. Of versions
// that limit it, one must be a tag of the target.
func (i *Identity) isTarget(v *view) bool {
	if len(i.Versions) > 0 && !slices.ContainsFunc(i.Versions, func(w Versions) bool { return w.Version != "" && v.tagged(w.Version) }) {
		return false
	}
	if slices.ContainsFunc(i.Digests, func(d string) bool { return slices.Contains(v.Digests, d) }) {
		return true
	}
	if slices.ContainsFunc(i.Names, func(n string) bool { return n != "" && slices.Contains(v.Names, n) }) {
		return true
	}
	return slices.ContainsFunc(i.PURLs, v.isImage)
}

// isImage tells whether a purl of an image names the target: by its digest if
// it has one, else by its repository and tag.
// Source: package-url/purl-spec, types "oci" and "docker".
func (t *Target) isImage(purl string) bool {
	rest, query, _ := strings.Cut(purl, "?")
	kind, rest, ok := strings.Cut(strings.TrimPrefix(rest, "pkg:"), "/")
	if !ok || kind != "oci" && kind != "docker" {
		return false
	}
	name, version, _ := strings.Cut(rest, "@")
	version, err := url.PathUnescape(version)
	values, qerr := url.ParseQuery(strings.ReplaceAll(query, "+", "%2B"))
	if err != nil || qerr != nil {
		return false
	}
	if strings.Contains(version, ":") {
		return slices.Contains(t.Digests, strings.ToLower(version))
	}
	repository, tag := values.Get("repository_url"), cmp.Or(values.Get("tag"), version)
	return slices.ContainsFunc(t.Names, func(n string) bool {
		n, _, _ = strings.Cut(n, "@")
		repo, itsTag := n, ""
		if at := strings.LastIndexByte(n, ':'); at > strings.LastIndexByte(n, '/') {
			repo, itsTag = n[:at], n[at+1:]
		}
		if tag != "" && tag != itsTag {
			return false
		}
		if repository != "" {
			return repo == repository || strings.HasPrefix(repo, strings.TrimSuffix(repository, "/")+"/") && strings.HasSuffix(repo, "/"+name)
		}
		return repo == name || strings.HasSuffix(repo, "/"+name)
	})
}

// tagged tells whether a name of the target has the tag.
func (t *Target) tagged(tag string) bool {
	return slices.ContainsFunc(t.Names, func(n string) bool {
		_, its := cutTag(n)
		return its == tag
	})
}

// cutTag splits the name of an image into its repository and its tag. A digest
// is left out, and so is the port of a registry.
func cutTag(name string) (repository, tag string) {
	name, _, _ = strings.Cut(name, "@")
	if at := strings.LastIndexByte(name, ':'); at > strings.LastIndexByte(name, '/') {
		return name[:at], name[at+1:]
	}
	return name, ""
}

// isSystem tells whether an identity is that of the operating system, by vendor
// and product of its CPE and as much of its version as is stated. Service packs
// of SUSE are releases of their own.
// Source: os-release(5), CPE_NAME; Red Hat, CSAF documents, whose platforms
// are named by cpe:/o:redhat:enterprise_linux:9::baseos; SUSE, CSAF documents,
// by cpe:/o:suse:sles:15:sp5.
func (i *Identity) isSystem(os inventory.OS) bool {
	own := cpeParts(os.CPE)
	if len(own) < 3 && os.ID == "rhel" {
		own = []string{"redhat", "enterprise_linux", os.VersionID}
	}
	return len(own) >= 3 && own[2] != "" && slices.ContainsFunc(i.CPEs, func(c string) bool {
		p := cpeParts(c)
		if len(p) < 3 || p[0] != own[0] || p[1] != own[1] || p[2] == "" {
			return false
		}
		version := cmp.Or(os.VersionID, own[2])
		return version == p[2] || p[0] != "suse" && strings.HasPrefix(version, p[2]+".")
	})
}

// cpeParts returns vendor, product and version, to which the service pack of
// SUSE belongs.
// Source: NIST IR 7695, sections 6.1.2 and 6.2.2.
func cpeParts(s string) []string {
	rest, ok := strings.CutPrefix(s, "cpe:2.3:")
	if !ok {
		rest, ok = strings.CutPrefix(s, "cpe:/")
	}
	parts := strings.Split(strings.ToLower(rest), ":")
	if !ok || len(parts) < 4 {
		return nil
	}
	if len(parts) > 4 && parts[1] == "suse" {
		if pack, ok := strings.CutPrefix(parts[4], "sp"); ok && pack != "" {
			parts[3] += "." + pack
		}
	}
	parts = parts[1:4]
	if parts[2] == "*" || parts[2] == "-" {
		parts[2] = ""
	}
	return parts
}

// holds tells whether an identity is that of a package of the target which the
// package is inside of: the program that it was linked into, the archive that it
// lies in, the package of the distribution that installed it.
func (i *Identity) holds(v *view, p *inventory.Package) bool {
	if len(i.PURLs) == 0 {
		return false
	}
	for j := range v.Packages {
		q := &v.Packages[j]
		inside := p.OwnedBy != "" && ecosystem.System(q.Type) && q.Name == p.OwnedBy ||
			p.Path != "" && p.Path == q.Path && q.Evidence == inventory.Binary && p.Evidence == inventory.Binary ||
			q.Path != "" && strings.HasPrefix(p.Path, q.Path+"!/")
		if inside && i.isPackage(v, q) {
			return true
		}
	}
	return false
}

// places are the qualifiers that say where a package is to be had, and not
// which one it is.
// Source: package-url/purl-spec, "Known qualifiers key/value pairs".
var places = []string{"repository_url", "download_url", "vcs_url", "file_name", "checksum", "repository_id"}

// A pattern is a purl of which what is left out may be anything.
type pattern struct {
	inventory.Package

	os      inventory.OS
	name    string   // as it is compared
	source  bool     // the name of a source package means all that was built from it
	strange []string // qualifiers that nobody knows
}

// patternOf reads a purl; nil if it is none.
func patternOf(purl string) *pattern {
	want, on, err := inventory.ParsePURL(purl)
	if err != nil {
		return nil
	}
	out := &pattern{Package: want, os: on, name: spelling(want.Type, want.Name), source: want.Arch == "src" || want.Arch == "source"}
	_, query, _ := strings.Cut(purl, "?")
	query, _, _ = strings.Cut(query, "#")
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		switch key = strings.ToLower(key); key {
		case "", "arch", "distro", "epoch", "rpmmod", "modularitylabel", "upstream":
		default:
			if !slices.Contains(places, key) {
				out.strange = append(out.strange, pair)
			}
		}
	}
	return out
}

// means tells whether the pattern means a package.
func (w *pattern) means(p *inventory.Package, os inventory.OS) bool {
	if w == nil || w.Type != p.Type {
		return false
	}
	name, version := p.Name, p.Version
	if w.source {
		if p.SourceName == "" && !ecosystem.System(p.Type) {
			return false
		}
		name, version = cmp.Or(p.SourceName, p.Name), cmp.Or(p.SourceVersion, p.Version)
	}
	switch {
	case w.name != spelling(p.Type, name),
		w.Version != "" && !sameVersion(p.Type, w.Version, version) && (!w.source || !sameSource(p, w.Version)),
		w.Arch != "" && !w.source && p.Arch != "" && w.Arch != strings.ToLower(p.Arch),
		w.Module != "" && !strings.HasPrefix(w.Module+":", p.Module+":"),
		w.os.ID != "" && w.os.ID != os.ID,
		w.os.VersionID != "" && os.VersionID != w.os.VersionID && !strings.HasPrefix(os.VersionID, w.os.VersionID+"."):
		return false
	}
	_, own, _ := strings.Cut(p.PURL, "?")
	return !slices.ContainsFunc(w.strange, func(pair string) bool { return !slices.Contains(strings.Split(own, "&"), pair) })
}

// spelling returns the spelling in which names are compared: purls of some
// types are in lower case.
func spelling(typ, name string) string {
	switch typ {
	case "apk", "deb", "hex", "github", "bitnami":
		return strings.ToLower(name)
	}
	return ecosystem.NormalName(typ, name)
}

// sameSource tells whether a package was built from a version of its source. An
// rpm names its source by a file, whose name has no epoch.
// Source: rpm, docs/manual/tags.md, SOURCERPM.
func sameSource(p *inventory.Package, version string) bool {
	epoch, rest, ok := strings.Cut(version, ":")
	return p.Type == "rpm" && ok && strings.Trim(epoch, "0123456789") == "" && p.SourceVersion != "" &&
		sameVersion(p.Type, rest, p.SourceVersion)
}

func sameVersion(typ, a, b string) bool {
	if a == b || typ == "golang" && strings.TrimPrefix(a, "v") == strings.TrimPrefix(b, "v") {
		return true
	}
	if a == "" || b == "" {
		return false
	}
	c, err := ecosystem.Compare(typ, a, b)
	return err == nil && c == 0
}

// maxConstraints bounds a range of versions.
const maxConstraints = 1000

// A bound is one end of a range of versions.
type bound struct {
	sign, end string
	holds     bool // for the version that is asked about
}

func (b *bound) lower() bool { return b.sign[0] == '>' }

// inRange tells whether a version lies in a range of the form
// vers:npm/>=1.0|<2.0|!=1.5. What cannot be ordered is in no range.
// Source: package-url/vers-spec, "Checking if a version is contained".
func inRange(text, typ, version string) bool {
	_, list, ok := strings.Cut(strings.TrimPrefix(text, "vers:"), "/")
	parts := strings.Split(list, "|")
	if !ok || version == "" || len(parts) > maxConstraints {
		return false
	}
	if strings.TrimSpace(list) == "*" {
		return true
	}
	equal := false
	var bounds []bound
	for _, part := range parts {
		part = strings.TrimSpace(part)
		end := strings.TrimLeft(part, "<>=!")
		sign := part[:len(part)-len(end)]
		end, err := url.PathUnescape(end)
		if err != nil {
			return false
		}
		c, err := ecosystem.Compare(typ, version, end)
		switch {
		case err != nil:
			return false
		case sign == "!=" && c == 0:
			return false
		case sign == "!=":
		case sign == "" || sign == "=":
			equal = equal || c == 0
		case sign == ">" || sign == ">=":
			bounds = append(bounds, bound{sign, end, c > 0 || c == 0 && sign == ">="})
		case sign == "<" || sign == "<=":
			bounds = append(bounds, bound{sign, end, c < 0 || c == 0 && sign == "<="})
		default:
			return false
		}
	}
	return equal || between(bounds, typ)
}

// between tells whether a version lies below the first bound, above the last one,
// or between two that stand beside each other. Bounds that are not in the order
// of their versions, as they should be, are sorted.
func between(bounds []bound, typ string) bool {
	slices.SortStableFunc(bounds, func(a, b bound) int {
		c, err := ecosystem.Compare(typ, a.end, b.end)
		if err != nil { // each could be compared with the version
			return 0
		}
		return c
	})
	for i := range bounds {
		b := &bounds[i]
		switch {
		case !b.holds:
		case !b.lower() && i == 0, b.lower() && i == len(bounds)-1:
			return true
		case b.lower() && !bounds[i+1].lower() && bounds[i+1].holds:
			return true
		}
	}
	return false
}
