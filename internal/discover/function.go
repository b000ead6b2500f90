package discover

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/assay-project/assay/internal/fault"
)

// Limits of a manifest.
// Source: AWS Lambda Developer Guide, "Lambda quotas" (five layers); AWS Lambda
// API Reference, CreateFunction (names, roles) and TagResource (50 tags).
const (
	// MaxManifest bounds a manifest, in bytes.
	MaxManifest = 64 << 10

	maxFunctionLayers = 5
	maxFunctionTags   = 50
	maxTagKey         = 128 // characters
	maxTagValue       = 256
	maxWord           = 256 // of what else is a text, in bytes
	latestVersion     = "$LATEST"
)

// FunctionManifest says of a function what its code does not. Its JSON is what lies
// beside a package or comes with an upload; doc/functions.md describes it.
type FunctionManifest struct {
	Name     string            `json:"name"`
	Runtime  string            `json:"runtime,omitempty"`  // in AWS Lambda's words: python3.12
	Handler  string            `json:"handler,omitempty"`  // app.handler
	Role     string            `json:"role,omitempty"`     // ARN
	Version  string            `json:"version,omitempty"`  // $LATEST, or what is not scanned
	Modified string            `json:"modified,omitempty"` // RFC 3339; when it was last changed
	LastUsed string            `json:"lastUsed,omitempty"` // RFC 3339; when it last ran
	KMSKey   string            `json:"kmsKey,omitempty"`   // ARN of the customer's key that it is encrypted with
	Tags     map[string]string `json:"tags,omitempty"`
	Layers   []FunctionLayer   `json:"layers,omitempty"` // lowest first
}

// FunctionLayer is a layer of a function. In JSON it is a text, the name of a
// file or an ARN, or an object with both.
type FunctionLayer struct {
	ARN  string `json:"arn,omitempty"`
	File string `json:"file,omitempty"` // that holds it; may be empty if the ARN is not
}

// UnmarshalJSON reads either form.
func (l *FunctionLayer) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*l = FunctionLayer{File: s}
		if strings.HasPrefix(s, "arn:") {
			*l = FunctionLayer{ARN: s}
		}
		return nil
	}
	type plain FunctionLayer
	return json.Unmarshal(b, (*plain)(l))
}

// Name returns the ARN of the layer, else the name of its file.
func (l FunctionLayer) Name() string {
	if l.ARN != "" {
		return l.ARN
	}
	return l.File
}

// Archives returns the names under which the archive of the layer may lie, the
// best first: the file that is named, else one called as the ARN ends,
// NAME-VERSION.zip.
// Source: AWS Lambda, "Actions, resources, and condition keys", layer version.
func (l FunctionLayer) Archives() []string {
	if l.File != "" {
		return []string{l.File}
	}
	parts := strings.Split(l.ARN, ":")
	if len(parts) != 8 || parts[5] != "layer" || strings.Contains(parts[6]+parts[7], "/") {
		return nil
	}
	name := parts[6] + "-" + parts[7] + ".zip"
	if !plainName(name) {
		return nil
	}
	return []string{name, "layers/" + name}
}

var (
	functionNames = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,140}$`) })
	arns          = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[!-~]{1,256}$`)
	})
)

// ParseFunction reads a manifest and checks it. Its times are in UTC afterwards.
// What is wrong is a fault that names the member.
func ParseFunction(text []byte) (FunctionManifest, error) {
	var m FunctionManifest
	if len(text) > MaxManifest {
		return FunctionManifest{}, fault.New(fault.Invalid, "The manifest has more than %d bytes.", MaxManifest)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return FunctionManifest{}, fault.New(fault.Invalid, "The manifest is not the JSON that it must be: %v.", err)
	}
	if !functionNames().MatchString(m.Name) || strings.Trim(m.Name, ".") == "" {
		return FunctionManifest{}, fault.OnField("name", "must be 1 to 140 letters, digits, dots, dashes and underscores")
	}
	for _, c := range []struct{ field, value string }{{"runtime", m.Runtime}, {"handler", m.Handler}, {"version", m.Version}} {
		if len(c.value) > maxWord || !printable(c.value) {
			return FunctionManifest{}, fault.OnField(c.field, "must be at most %d bytes of text", maxWord)
		}
	}
	for _, c := range []struct{ field, value string }{{"role", m.Role}, {"kmsKey", m.KMSKey}} {
		if c.value != "" && !arns().MatchString(c.value) {
			return FunctionManifest{}, fault.OnField(c.field, "must be an ARN")
		}
	}
	for _, c := range []struct {
		field string
		value *string
	}{{"modified", &m.Modified}, {"lastUsed", &m.LastUsed}} {
		var err error
		if *c.value, err = manifestTime(*c.value); err != nil {
			return FunctionManifest{}, fault.OnField(c.field, "must be a time such as 2026-01-31T12:00:00Z")
		}
	}
	if err := m.checkTags(); err != nil {
		return FunctionManifest{}, err
	}
	return m, m.checkLayers()
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// manifestTimes are how times are written; the second is what AWS Lambda has in
// LastModified.
// Source: AWS Lambda API Reference, FunctionConfiguration.
var manifestTimes = []string{time.RFC3339, "2006-01-02T15:04:05.000-0700"}

func manifestTime(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	var at time.Time
	var err error
	for _, layout := range manifestTimes {
		if at, err = time.Parse(layout, s); err == nil {
			break
		}
	}
	at = at.UTC()
	if err == nil && (at.Year() < 1970 || at.Year() > 9999) {
		err = fmt.Errorf("year %d", at.Year())
	}
	return at.Format(time.RFC3339), err
}

func (m FunctionManifest) checkTags() error {
	if len(m.Tags) > maxFunctionTags {
		return fault.OnField("tags", "may be at most %d", maxFunctionTags)
	}
	for k, v := range m.Tags {
		if k == "" || utf8.RuneCountInString(k) > maxTagKey || utf8.RuneCountInString(v) > maxTagValue || !printable(k) || !printable(v) {
			return fault.OnField("tags", "must have keys of 1 to %d characters and values of at most %d", maxTagKey, maxTagValue)
		}
	}
	return nil
}

func (m FunctionManifest) checkLayers() error {
	if len(m.Layers) > maxFunctionLayers {
		return fault.OnField("layers", "may be at most %d", maxFunctionLayers)
	}
	for i, l := range m.Layers {
		field := fmt.Sprintf("layers[%d]", i)
		if l == (FunctionLayer{}) {
			return fault.OnField(field, "must be the name of a file or an ARN")
		}
		if l.ARN != "" && !arns().MatchString(l.ARN) {
			return fault.OnField(field, "must be an ARN")
		}
		if l.File != "" && !plainName(l.File) {
			return fault.OnField(field, "must be the name of a file beside the manifest, such as layer.zip")
		}
	}
	return nil
}

// plainName tells whether a name leads to nothing outside of where it is looked
// up.
func plainName(s string) bool {
	return len(s) <= maxWord && printable(s) && !strings.HasPrefix(s, "/") && !strings.Contains(s, "\\") &&
		!slices.ContainsFunc(strings.Split(s, "/"), func(part string) bool { return part == "" || part == "." || part == ".." })
}

// Latest tells whether the function is at its latest version. No other is
// scanned.
// Source: Inspector user guide, "Scanning AWS Lambda functions".
func (m FunctionManifest) Latest() bool { return m.Version == "" || m.Version == latestVersion }

// InspectorRuntime returns the runtime in Amazon Inspector's words, PYTHON_3_12;
// empty if it has none.
// Source: Inspector2 API model, Runtime; AWS Lambda Developer Guide, "Lambda
// runtimes".
func (m FunctionManifest) InspectorRuntime() string {
	name, version := m.Runtime, ""
	if i := strings.IndexAny(name, "0123456789"); i >= 0 {
		name, version = name[:i], name[i:]
	}
	word := map[string]string{
		"python": "PYTHON", "nodejs": "NODEJS", "java": "JAVA", "dotnet": "DOTNET", "dotnetcore": "DOTNETCORE", "ruby": "RUBY", "go": "GO",
	}[name]
	if word == "" || version == "" {
		return word
	}
	return word + "_" + strings.ToUpper(strings.ReplaceAll(version, ".", "_"))
}

// FunctionPackage is a function as a list of files tells of it.
type FunctionPackage struct {
	Base     string // the names of its files without .json and .zip
	Manifest File
	Code     File
}

// FunctionPackages puts the files of a place together: a package is NAME.zip with
// NAME.json beside it. lonely are the bases of manifests without code, and of
// archives that have no manifest; the latter may be layers. All are sorted.
func FunctionPackages(files []File) (list []FunctionPackage, lonely []string) {
	byName := map[string]File{}
	var bases []string
	for _, f := range files {
		byName[f.Name] = f
		if base, ok := strings.CutSuffix(f.Name, ".json"); ok {
			bases = append(bases, base)
		} else if base, ok := strings.CutSuffix(f.Name, ".zip"); ok {
			bases = append(bases, base)
		}
	}
	slices.Sort(bases)
	for _, base := range slices.Compact(bases) {
		manifest, told := byName[base+".json"]
		code, there := byName[base+".zip"]
		if told && there {
			list = append(list, FunctionPackage{base, manifest, code})
		} else {
			lonely = append(lonely, base)
		}
	}
	return list, lonely
}
