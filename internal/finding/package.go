package finding

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/assay-project/assay/internal/ecosystem"
)

// Limits of the API, in characters.
// Source: Amazon Inspector API Reference, type VulnerablePackage.
const (
	maxPart = 1024 // of names, versions, releases and paths
	maxArch = 64
)

// Named is what the API says of an affected package: filters name these parts.
type Named struct {
	Name        string
	Version     string // without epoch and release where those stand alone; UNKNOWN if the package states none
	Epoch       *int64 // nil but for packages of an operating system
	Release     string // empty but for packages of an operating system
	Arch        string // upper case
	Path        string // empty for packages of an operating system
	Layer       string // sha256:… of an image; empty if there is none
	LambdaLayer string // ARN; empty if there is none
}

// Named returns the parts of the package, each cut to the length that the API
// allows.
func (p *Package) Named() Named {
	epoch, version, release := SplitVersion(p.Type, p.Version)
	out := Named{
		Name: limit(p.Name, maxPart), Version: limit(cmp.Or(version, "UNKNOWN"), maxPart), Epoch: epoch,
		Release: limit(release, maxPart), Arch: limit(strings.ToUpper(p.Arch), maxArch), LambdaLayer: p.LambdaLayer,
	}
	// The database of the distribution's package manager is no place of the
	// package: Amazon names a file only for language packages.
	if !ecosystem.System(p.Type) {
		out.Path = limit(p.Path, maxPart)
	}
	if isSHA256(p.Layer) {
		out.Layer = p.Layer
	}
	return out
}

// SplitVersion takes a version apart as the API has it: only packages of the
// operating system have an epoch, 0 if none is stated, and a release.
// Source: deb-version(7); rpm.org, "RPM spec file format", tags Epoch, Version
// and Release; Alpine wiki, "APKBUILD Reference", pkgrel.
func SplitVersion(typ, v string) (epoch *int64, version, release string) {
	if !ecosystem.System(typ) {
		return nil, v, ""
	}
	epoch = new(int64)
	if e, rest, ok := strings.Cut(v, ":"); ok {
		if n, err := strconv.ParseInt(e, 10, 32); err == nil && n >= 0 {
			*epoch, v = n, rest
		}
	}
	mark := "-"
	if typ == "apk" {
		mark = "-r"
	}
	if i := strings.LastIndex(v, mark); i > 0 && i+1 < len(v) {
		return epoch, v[:i], v[i+1:]
	}
	return epoch, v, ""
}

// isSHA256 tells whether a digest is of the form that the API takes.
// Source: Amazon Inspector API Reference, VulnerablePackage.sourceLayerHash.
func isSHA256(s string) bool {
	digits, ok := strings.CutPrefix(s, "sha256:")
	if !ok || len(digits) != 64 {
		return false
	}
	for i := range len(digits) {
		if c := digits[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

var layerARN = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+$`)
})

// IsLayerARN tells whether a name is that of a layer of functions.
// Source: Amazon Inspector API Reference, VulnerablePackage.sourceLambdaLayerArn.
func IsLayerARN(s string) bool { return layerARN().MatchString(s) }

// Exploitable tells whether an exploit is known to exist.
func (f *Finding) Exploitable() bool {
	return f.KEV != nil || f.Exploitation == "poc" || f.Exploitation == "active"
}

// limit cuts a text to a number of characters.
func limit(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
