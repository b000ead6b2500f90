package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxPURL is the length in bytes beyond which nothing is taken for a purl.
const maxPURL = 16 << 10

// A purlType says how the names of one purl type are put together.
type purlType struct {
	separator string // between namespace and name in Package.Name; empty if the namespace names an operating system
	fold      bool   // namespace and name are not case sensitive
}

// purlTypes has the types that differ from the rest, which join namespace and
// name by a slash and keep their case. npm and golang stand with the rest
// although new names there must be lower case: older packages differ by case
// alone, and their advisories spell them as they are.
// Source: package-url/purl-spec, "Known purl types".
var purlTypes = map[string]purlType{
	"alpm":      {fold: true},
	"apk":       {fold: true},
	"bitbucket": {separator: "/", fold: true},
	"bitnami":   {separator: "/", fold: true},
	"composer":  {separator: "/", fold: true},
	"deb":       {fold: true},
	"github":    {separator: "/", fold: true},
	"hex":       {separator: "/", fold: true},
	"maven":     {separator: ":"},
	"pypi":      {separator: "/", fold: true},
	"rpm":       {},

	"vscode-extension": {separator: "."},
}

func purlTypeOf(typ string) purlType {
	if t, ok := purlTypes[typ]; ok {
		return t
	}
	return purlType{separator: "/"}
}

// purlTypeAliases has the types that others write for registered ones.
// Sources: Amazon Inspector User Guide, "SBOM export", example purls; GitHub
// Docs, "Exporting a software bill of materials for your repository".
var purlTypeAliases = map[string]string{"dpkg": "deb", "githubactions": "github"}

// vendors has the namespaces of purls that are no ID of os-release. The
// distribution's own vulnerability documents use the namespace redhat.
// Source: Red Hat, "Common Security Advisory Framework", section "purl".
var vendors = map[string]string{
	"alma":   "almalinux",
	"amazon": "amzn",
	"oracle": "ol",
	"redhat": "rhel",
	"suse":   "sles",
}

// codenames has the releases that purls name by a word: their examples in the
// specification do. Sources: debian.org, "Debian releases"; ubuntu.com,
// "Releases".
var codenames = map[string]string{
	"debian wheezy": "7", "debian jessie": "8", "debian stretch": "9", "debian buster": "10",
	"debian bullseye": "11", "debian bookworm": "12", "debian trixie": "13", "debian forky": "14",
	"ubuntu trusty": "14.04", "ubuntu xenial": "16.04", "ubuntu bionic": "18.04", "ubuntu focal": "20.04",
	"ubuntu jammy": "22.04", "ubuntu noble": "24.04", "ubuntu oracular": "24.10", "ubuntu plucky": "25.04",
	"ubuntu questing": "25.10",
}

// Identifier returns the purl of the package on the operating system os: PURL
// if it is set, else one made of the other fields. It is empty for a package
// without a type or name.
//
// The source package goes into the qualifier upstream, as NAME, as
// NAME@VERSION or, for rpm, as the file name of the source package; the module
// into rpmmod. The specification has no words for them; these are the ones that
// other tools read.
func (p Package) Identifier(os OS) string {
	if p.PURL != "" {
		return p.PURL
	}
	if p.Type == "" || p.Name == "" {
		return ""
	}
	t := purlTypeOf(p.Type)
	b := make([]byte, 0, 128)
	b = append(b, "pkg:"...)
	b = append(b, strings.ToLower(p.Type)...)
	namespace, name := splitName(t, p.Name)
	if t.separator == "" {
		namespace = strings.ToLower(os.ID)
		if namespace == "rhel" {
			namespace = "redhat"
		}
	}
	if t.fold {
		namespace, name = strings.ToLower(namespace), strings.ToLower(name)
	}
	if p.Type == "pypi" {
		name = strings.ReplaceAll(name, "_", "-")
	}
	if namespace != "" {
		if t.separator != "/" {
			b = appendEscaped(append(b, '/'), namespace)
		} else {
			for segment := range strings.SplitSeq(namespace, "/") {
				b = appendEscaped(append(b, '/'), segment)
			}
		}
	}
	b = appendEscaped(append(b, '/'), name)
	version, epoch := p.Version, ""
	if p.Type == "rpm" {
		version, epoch = splitEpoch(version)
	}
	if version != "" {
		b = appendEscaped(append(b, '@'), version)
	}
	return string(p.appendQualifiers(b, os, epoch))
}

// appendQualifiers appends the qualifiers in the order of their keys.
func (p Package) appendQualifiers(b []byte, os OS, epoch string) []byte {
	distro := ""
	if purlTypeOf(p.Type).separator == "" && os.ID != "" {
		distro = os.ID
		if os.VersionID != "" {
			distro += "-" + os.VersionID
		}
	}
	separator := byte('?')
	for _, q := range [...]struct{ key, value string }{
		{"arch", p.Arch},
		{"distro", distro},
		{"epoch", epoch},
		{"rpmmod", p.Module},
		{"upstream", p.upstream()},
	} {
		if q.value == "" {
			continue
		}
		b = append(b, separator)
		b = append(b, q.key...)
		b = appendEscaped(append(b, '='), q.value)
		separator = '&'
	}
	return b
}

// splitName takes a full name apart. A name that would lose something is not.
func splitName(t purlType, full string) (namespace, name string) {
	if t.separator == "" {
		return "", full
	}
	i := strings.LastIndex(full, t.separator)
	if i <= 0 || i == len(full)-1 {
		return "", full
	}
	namespace, name = full[:i], full[i+1:]
	if t.separator == "/" && slices.Contains(strings.Split(namespace, "/"), "") {
		return "", full
	}
	return namespace, name
}

// splitEpoch takes the epoch from the front of the version of an rpm, whose
// purl states it apart.
func splitEpoch(v string) (version, epoch string) {
	epoch, version, ok := strings.Cut(v, ":")
	if !ok || version == "" || !digits(epoch) {
		return v, ""
	}
	if second, _, ok := strings.Cut(version, ":"); ok && digits(second) {
		return v, "" // no version of an rpm: it stays in one piece
	}
	return version, epoch
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// upstream returns the source package as the qualifier says it.
func (p Package) upstream() string {
	if p.SourceName == "" {
		if p.SourceVersion != "" {
			return "@" + p.SourceVersion
		}
		return ""
	}
	if p.Type == "rpm" {
		v, _ := splitEpoch(p.SourceVersion)
		file := p.SourceName + "-" + v + ".src.rpm"
		if n, sv := parseUpstream(p.Type, p.Version, file); n == p.SourceName && sv == p.SourceVersion {
			return file
		}
	}
	if n, sv := parseUpstream(p.Type, p.Version, p.SourceName); n == p.SourceName && sv == p.SourceVersion {
		return p.SourceName
	}
	return p.SourceName + "@" + p.SourceVersion
}

// parseUpstream is the inverse of Package.upstream. It also reads the names of
// source packages that Amazon's generator makes: bash-5.1-2.src.dpkg.
func parseUpstream(typ, version, upstream string) (name, sourceVersion string) {
	if i := strings.LastIndexByte(upstream, '@'); i >= 0 {
		return upstream[:i], upstream[i+1:]
	}
	if stem, ok := strings.CutSuffix(upstream, ".src.dpkg"); ok && typ == "deb" {
		for i := 1; i < len(stem)-1; i++ {
			if stem[i] == '-' && stem[i+1] >= '0' && stem[i+1] <= '9' {
				return stem[:i], stem[i+1:]
			}
		}
		return stem, ""
	}
	stem, ok := strings.CutSuffix(upstream, ".src.rpm")
	if !ok {
		stem, ok = strings.CutSuffix(upstream, ".nosrc.rpm")
	}
	if !ok || typ != "rpm" {
		return upstream, ""
	}
	release := strings.LastIndexByte(stem, '-')
	if release <= 0 {
		return upstream, ""
	}
	v := strings.LastIndexByte(stem[:release], '-')
	if v <= 0 {
		return upstream, ""
	}
	name, sourceVersion = stem[:v], stem[v+1:]
	// The file name has no epoch; a package of the same version shares it.
	if bare, _ := splitEpoch(version); bare == sourceVersion {
		sourceVersion = version
	}
	return name, sourceVersion
}

const hexDigits = "0123456789ABCDEF"

// appendEscaped appends s percent-encoded. The colon stays, even where it
// separates nothing.
// Source: package-url/purl-spec, "Character encoding".
func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		if plain(s[i]) {
			b = append(b, s[i])
		} else {
			b = append(b, '%', hexDigits[s[i]>>4], hexDigits[s[i]&15])
		}
	}
	return b
}

func plain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '.' || c == '-' || c == '_' || c == '~' || c == ':'
}

// unescape undoes percent-encoding. The result must be UTF-8.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '%') >= 0 {
		b := make([]byte, 0, len(s))
		for i := 0; i < len(s); i++ {
			if s[i] != '%' {
				b = append(b, s[i])
				continue
			}
			if i+2 >= len(s) {
				return "", fmt.Errorf("percent sign without two digits in %.100q", s)
			}
			hi, lo := hexValue(s[i+1]), hexValue(s[i+2])
			if hi < 0 || lo < 0 {
				return "", fmt.Errorf("percent sign without two digits in %.100q", s)
			}
			b = append(b, byte(hi<<4|lo)) //nolint:gosec // two digits are one byte
			i += 2
		}
		s = string(b)
	}
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("%.100q is not UTF-8", s)
	}
	return s, nil
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// ParsePURL returns the package and the operating system that a purl states;
// the package's own PURL stays empty. It is the inverse of Identifier but for
// the spelling of names that are not case sensitive, and takes what other
// tools write: purls that do not escape a plus or the at sign of an npm scope,
// distributions named by their codename, the label of an rpm module in full.
// The operating system is zero for types other than alpm, apk, deb and rpm,
// and its VersionID is empty if the purl does not tell the release.
// Source: package-url/purl-spec, "How to parse a purl".
func ParsePURL(s string) (Package, OS, error) {
	p, os, err := parsePURL(s)
	if err != nil {
		return Package{}, OS{}, fmt.Errorf("parsing purl %.200q: %w", s, err)
	}
	return p, os, nil
}

func parsePURL(s string) (Package, OS, error) {
	if len(s) > maxPURL {
		return Package{}, OS{}, fmt.Errorf("longer than %d bytes", maxPURL)
	}
	rest, _, _ := strings.Cut(s, "#") // a path inside the package changes nothing
	rest, query, _ := strings.Cut(rest, "?")
	if len(rest) < 4 || !strings.EqualFold(rest[:4], "pkg:") {
		return Package{}, OS{}, errors.New("no \"pkg:\" at the beginning")
	}
	typ, rest, _ := strings.Cut(strings.Trim(rest[4:], "/"), "/")
	typ, err := parseType(typ)
	if err != nil {
		return Package{}, OS{}, err
	}
	p := Package{Type: typ}
	// An at sign after a slash begins the scope of an npm package.
	i := strings.LastIndexByte(rest, '@')
	if i == 0 && !strings.Contains(rest, "/") {
		return Package{}, OS{}, errors.New("has no name")
	}
	if i > 0 && rest[i-1] != '/' {
		if p.Version, err = unescape(rest[i+1:]); err != nil {
			return Package{}, OS{}, err
		}
		rest = rest[:i]
	}
	namespace, err := parseName(&p, rest)
	if err != nil {
		return Package{}, OS{}, err
	}
	q, err := parseQualifiers(query)
	if err != nil {
		return Package{}, OS{}, err
	}
	p.Arch = strings.ToLower(q.arch)
	if q.epoch != "" && p.Version != "" && digits(q.epoch) {
		if first, _, has := strings.Cut(p.Version, ":"); (!has || !digits(first)) && (typ == "rpm" || typ == "deb" && q.epoch != "0") {
			p.Version = q.epoch + ":" + p.Version
		}
	}
	if q.upstream != "" {
		p.SourceName, p.SourceVersion = parseUpstream(typ, p.Version, q.upstream)
	}
	p.Module = q.module
	if purlTypeOf(typ).separator != "" {
		return p, OS{}, nil
	}
	return p, parseDistro(namespace, q.distro), nil
}

// parseType checks a type: letters, digits, period, plus and dash, beginning
// with a letter. Source: package-url/purl-spec, "Rules for each purl
// component".
func parseType(typ string) (string, error) {
	if typ == "" {
		return "", errors.New("has no type")
	}
	typ = strings.ToLower(typ)
	for i := range len(typ) {
		c := typ[i]
		letter := c >= 'a' && c <= 'z'
		if later := c >= '0' && c <= '9' || c == '.' || c == '+' || c == '-'; !letter && (i == 0 || !later) {
			return "", fmt.Errorf("type %.100q has a character that is not allowed", typ)
		}
	}
	if alias, ok := purlTypeAliases[typ]; ok {
		return alias, nil
	}
	return typ, nil
}

// parseName sets the name of a package and returns its namespace.
func parseName(p *Package, path string) (string, error) {
	i := strings.LastIndexByte(path, '/')
	name, err := unescape(path[i+1:])
	if err != nil {
		return "", err
	}
	if name == "" {
		return "", errors.New("has no name")
	}
	namespace := ""
	if i > 0 {
		for segment := range strings.SplitSeq(path[:i], "/") {
			segment, err := unescape(segment)
			if err != nil {
				return "", err
			}
			if namespace != "" && segment != "" {
				namespace += "/"
			}
			namespace += segment
		}
	}
	t := purlTypeOf(p.Type)
	if t.fold {
		namespace, name = strings.ToLower(namespace), strings.ToLower(name)
	}
	if p.Type == "pypi" {
		name = strings.ReplaceAll(name, "_", "-")
	}
	p.Name = name
	if t.separator != "" && namespace != "" {
		p.Name = namespace + t.separator + name
	}
	return namespace, nil
}

// qualifiers are those that mean something to us.
type qualifiers struct {
	arch, distro, epoch, module, upstream string
}

func parseQualifiers(query string) (qualifiers, error) {
	var q qualifiers
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, value, _ := strings.Cut(pair, "=")
		var to *string
		switch strings.ToLower(key) {
		case "arch":
			to = &q.arch
		case "distro":
			to = &q.distro
		case "epoch":
			to = &q.epoch
		case "rpmmod", "modularitylabel":
			to = &q.module
		case "upstream":
			to = &q.upstream
		default:
			continue
		}
		var err error
		if *to, err = unescape(value); err != nil {
			return q, err
		}
	}
	// name:stream:version:context:architecture
	// Source: Fedora, "Modularity", modulemd version 2, section "data".
	if parts := strings.SplitN(q.module, ":", 3); len(parts) == 3 {
		q.module = parts[0] + ":" + parts[1]
	}
	return q, nil
}

// parseDistro returns the operating system that a namespace and a qualifier
// distro state: ID-VERSION, ID, VERSION or a codename.
func parseDistro(namespace, distro string) OS {
	id := namespace
	if full, ok := vendors[namespace]; ok {
		id = full
	}
	if distro == "" {
		return OS{ID: id}
	}
	for _, prefix := range [...]string{namespace, id} {
		// The IDs of openSUSE go on after the vendor's name: opensuse-leap.
		if prefix == "" || prefix == "opensuse" ||
			len(distro) < len(prefix) || !strings.EqualFold(distro[:len(prefix)], prefix) {
			continue
		}
		// The qualifier keeps the case that the namespace must not have.
		spelled := distro[:len(prefix)]
		if prefix != id {
			spelled = id
		}
		if distro = distro[len(prefix):]; distro == "" {
			return OS{ID: spelled}
		}
		if distro[0] == '-' && len(distro) > 1 {
			return release(spelled, distro[1:])
		}
		distro = spelled + distro // sles begins sles_sap, too
	}
	if distro[0] >= '0' && distro[0] <= '9' {
		if id == "" {
			return OS{} // a version of nothing
		}
		return OS{ID: id, VersionID: distro}
	}
	for i := 1; i < len(distro)-1; i++ {
		if distro[i] == '-' && distro[i+1] >= '0' && distro[i+1] <= '9' {
			name := distro[:i]
			if full, ok := vendors[strings.ToLower(name)]; ok {
				name = full
			}
			return OS{ID: name, VersionID: distro[i+1:]}
		}
	}
	if id == "" || id == "opensuse" {
		if full, ok := vendors[strings.ToLower(distro)]; ok {
			distro = full
		}
		return OS{ID: distro}
	}
	return release(id, distro)
}

// release returns the operating system with a version or a codename.
func release(id, v string) OS {
	if version, ok := codenames[id+" "+strings.ToLower(v)]; ok {
		return OS{ID: id, VersionID: version, Codename: strings.ToLower(v)}
	}
	return OS{ID: id, VersionID: v}
}
