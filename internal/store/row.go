package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// Status is where a finding is in its life.
type Status string

// The statuses, in Amazon's words.
const (
	Active     Status = "ACTIVE"
	Suppressed Status = "SUPPRESSED" // a suppression rule fits it
	Closed     Status = "CLOSED"     // gone from the resource
)

// The types of finding, in Amazon's words.
const (
	PackageFinding = "PACKAGE_VULNERABILITY"
	NetworkFinding = "NETWORK_REACHABILITY"
	CodeFinding    = "CODE_VULNERABILITY"
)

// Finding is a finding with its life. Observed of the finding is when the
// finding was last written, as Amazon defines lastObservedAt: seeing it again
// unchanged does not move it. The references of its matches into an advisory
// database are not kept.
type Finding struct {
	finding.Finding
	Type    string // PackageFinding, NetworkFinding or CodeFinding
	Status  Status
	First   time.Time // when it was first seen
	Updated time.Time // when anything of it last changed, its status included
	Closed  time.Time // zero unless Status is Closed
}

// The numbers that stand for words in the tables are the positions in these
// lists. They may be added to, never reordered.
var (
	severityNumbers = []finding.Severity{
		finding.Untriaged, finding.Informational, finding.Low, finding.Medium, finding.High, finding.Critical,
	}
	statusNumbers   = []Status{"", Active, Suppressed, Closed}
	typeNumbers     = []string{"", PackageFinding, NetworkFinding, CodeFinding}
	fixNumbers      = []finding.Fix{finding.FixNo, finding.FixPartial, finding.FixYes}
	resourceNumbers = []resource.Type{
		"", resource.Instance, resource.Image, resource.Repository, resource.Function, resource.Code, resource.AzureInstance,
		resource.AzureImage, resource.AzureRepository, resource.AzureFunction, resource.AzureRegistry,
	}
	scanNumbers = []string{"", PackageScan, NetworkScan, CodeScan}
	codeNumbers = []string{"", CoverageActive, CoverageInactive}
)

// The numbers of the words that this package writes itself.
const (
	packageNumber    = 1 // of typeNumbers, and of scanNumbers
	activeNumber     = 1 // of statusNumbers
	suppressedNumber = 2
	closedNumber     = 3
)

// number returns the number of a word; field names it in the fault if there is
// none.
func number[T ~string](list []T, v T, field string) (int64, error) {
	if i := slices.Index(list, v); i >= 0 && v != "" {
		return int64(i), nil
	}
	return 0, fault.OnField(field, "unknown value %q", string(v))
}

// A fkey is the identity of a finding: the last part of its ARN.
type fkey [16]byte

// keyOf returns the identity of the finding of a vulnerability on a resource.
func keyOf(res resource.Resource, vulnerability string) fkey {
	arn := finding.ARN(res, vulnerability)
	var k fkey
	_, _ = hex.Decode(k[:], []byte(arn[strings.LastIndexByte(arn, '/')+1:])) // ARN writes nothing but hexadecimal digits
	return k
}

// arnOf is the reverse of keyOf.
func (k fkey) arn(region string, account org.Account) string {
	return "arn:aws:inspector2:" + region + ":" + account.String() + ":finding/" + hex.EncodeToString(k[:])
}

// parseARN takes the name of a finding apart; false if it is none.
func parseARN(s string) (k fkey, account org.Account, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "inspector2" {
		return k, 0, false
	}
	account, err := org.ParseAccount(parts[4])
	id, isFinding := strings.CutPrefix(parts[5], "finding/")
	if err != nil || !isFinding || len(id) != 2*len(k) {
		return k, 0, false
	}
	_, err = hex.Decode(k[:], []byte(id))
	return k, account, err == nil
}

// text is what is said of a vulnerability. Many resources share it; what
// changes every day is in live.
type text struct {
	Vulnerability string
	Kind          advisory.Kind       `json:",omitempty"`
	Summary       string              `json:",omitempty"`
	Description   string              `json:",omitempty"`
	Score         finding.Score       `json:",omitzero"` // the base score
	Scores        []advisory.Severity `json:",omitempty"`
	CWEs          []string            `json:",omitempty"`
	References    []string            `json:",omitempty"`
	Source        string              `json:",omitempty"`
	SourceURL     string              `json:",omitempty"`
	VendorLabel   string              `json:",omitempty"`
	Published     time.Time           `json:",omitzero"`
	Modified      time.Time           `json:",omitzero"`
	Related       []string            `json:",omitempty"`
}

// affected is which packages of a resource have a vulnerability. Resources with
// the same packages share it.
type affected struct {
	Title      string
	Aliases    []string         `json:",omitempty"`
	Confidence match.Confidence `json:",omitempty"`
	Packages   []finding.Package
}

// live is what others say of a vulnerability from day to day.
type live struct {
	EPSS         *advisory.EPSS `json:",omitempty"`
	KEV          *advisory.KEV  `json:",omitempty"`
	Exploitation string         `json:",omitempty"`
}

// revision orders what is known of a vulnerability at different times; 0 if
// nothing is. A time that has not come yet is a mistake of somebody's and would
// keep out all that comes later.
func revision(f *finding.Finding, now time.Time) int64 {
	var rev int64
	if f.EPSS != nil {
		rev = max(rev, milliseconds(f.EPSS.Date))
	}
	if f.KEV != nil {
		rev = max(rev, milliseconds(f.KEV.Added))
	}
	if f.Modified.Before(now) {
		rev = max(rev, milliseconds(f.Modified))
	}
	return rev
}

// A digest is the identity of a document.
type digest [16]byte

// A sight is a finding as a scan has seen it, taken apart into what is stored.
type sight struct {
	*finding.Finding
	key           fkey
	hash          int64 // of everything on the row that a client can see, but for suppression
	rule          int64 // that suppresses it; 0 if none does
	severity      int64
	fix           int64
	text, matched digest
	textDoc       []byte // JSON
	matchedDoc    []byte
	packages      []finding.Package // with their layers
	revision      int64             // of what is known of the vulnerability from day to day
}

// status is that of the finding when it is written.
func (o *sight) status() int64 {
	if o.rule != 0 {
		return suppressedNumber
	}
	return activeNumber
}

// tenths is how a score, which has one digit after the point, is kept.
func tenths(score float64) int64 { return int64(math.Round(score * 10)) }

// newSight takes a finding of a scan apart.
func newSight(p *pending, f *finding.Finding, now time.Time) (sight, error) {
	if f.Vulnerability == "" || storable(f.Vulnerability) != f.Vulnerability {
		return sight{}, fault.OnField("vulnerabilityId", "%q is no name of a vulnerability", f.Vulnerability)
	}
	if storable(f.Source) != f.Source {
		return sight{}, fault.OnField("source", "%q is no name of a source", f.Source)
	}
	if !(f.Score.Value >= 0 && f.Score.Value <= 10) {
		return sight{}, fault.OnField("score", "%v is not from 0 to 10", f.Score.Value)
	}
	if v := float64(tenths(f.Score.Value)) / 10; v != f.Score.Value { // of another program
		f.Score.Value = v
	}
	out := sight{Finding: f, key: keyOf(p.Resource, f.Vulnerability), revision: revision(f, now)}
	var err error
	if out.severity, err = number(severityNumbers, f.Severity, "severity"); err != nil {
		return sight{}, err
	}
	if out.fix, err = number(fixNumbers, f.Fix, "fixAvailable"); err != nil {
		return sight{}, err
	}
	out.textDoc, err = json.Marshal(text{
		f.Vulnerability, f.Kind, f.Summary, f.Description, f.Score.Base(), f.Scores, f.CWEs, f.References,
		f.Source, f.SourceURL, f.VendorLabel, f.Published, f.Modified, f.Related,
	})
	if err != nil {
		return sight{}, err
	}
	out.packages = withoutRepetition(f.Packages, p.Layers)
	out.matchedDoc, err = json.Marshal(affected{f.Title, f.Aliases, f.Confidence, out.packages})
	if err != nil {
		return sight{}, err
	}
	out.text, out.matched = digestOf(out.textDoc), digestOf(out.matchedDoc)
	out.hash = rowHash(out.severity, out.fix, out.text, out.matched, f.Score)
	return out, nil
}

// rowHash is the fingerprint of everything on the row of a finding that a
// client can see, but for suppression. The text has the base score and the
// packages have their usage; what else a score is adjusted by changes without
// either.
func rowHash(severity, fix int64, words, matched digest, score finding.Score) int64 {
	row := []byte{byte(severity), byte(fix)} //nolint:gosec // positions in short lists
	row = append(append(row, words[:]...), matched[:]...)
	if len(score.Adjustments()) > 0 {
		row = binary.BigEndian.AppendUint64(row, math.Float64bits(score.Value))
	}
	sum := sha256.Sum256(row)
	return int64(binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // any 64 bits will do
}

func digestOf(doc []byte) digest {
	sum := sha256.Sum256(doc)
	return digest(sum[:16])
}

// withoutRepetition leaves the package out of the match where it is the one
// that the match hangs on, which is always, and names the layers of a function.
func withoutRepetition(list []finding.Package, layers []scan.Layer) []finding.Package {
	out := slices.Clone(list)
	for i := range out {
		p := &out[i]
		if reflect.DeepEqual(p.Match.Package, p.Package) {
			p.Match.Package = inventory.Package{}
		}
		for _, l := range layers {
			if p.Layer != "" && (l.Digest == p.Layer || l.DiffID == p.Layer) && finding.IsLayerARN(l.Name) {
				p.LambdaLayer = l.Name
			}
		}
	}
	return out
}

// withRepetition is the reverse of withoutRepetition. It changes the list.
func withRepetition(list []finding.Package) {
	for i := range list {
		if reflect.DeepEqual(list[i].Match.Package, inventory.Package{}) {
			list[i].Match.Package = list[i].Package
		}
	}
}
