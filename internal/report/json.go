package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// schema names the format and its version, which is raised when a member
// changes its meaning or goes away; new members do not raise it.
const schema = "assay.report/1"

// stream writes a JSON document piece by piece: what is long is an array with
// one element a line, so that neither side needs the whole in memory. The
// first error ends all writing.
type stream struct {
	w     *bufio.Writer
	buf   bytes.Buffer
	enc   *json.Encoder
	later bool // a member has been written
	err   error
}

func newStream(w io.Writer) *stream {
	s := &stream{w: bufio.NewWriterSize(w, 64<<10)}
	s.enc = json.NewEncoder(&s.buf)
	s.enc.SetEscapeHTML(false)
	return s
}

func (s *stream) raw(text string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(text)
	}
}

func (s *stream) value(v any) {
	if s.err != nil {
		return
	}
	s.buf.Reset()
	if s.err = s.enc.Encode(v); s.err == nil {
		_, s.err = s.w.Write(bytes.TrimSuffix(s.buf.Bytes(), []byte("\n")))
	}
}

// key begins a member of the outermost object.
func (s *stream) key(name string) {
	if s.later {
		s.raw(",\n")
	}
	s.later = true
	s.raw(`"` + name + `": `)
}

func (s *stream) field(name string, v any) {
	s.key(name)
	s.value(v)
}

// each writes an array of n elements, one a line.
func (s *stream) each(n int, element func(i int) any) {
	if n == 0 {
		s.raw("[]")
		return
	}
	s.raw("[\n")
	for i := range n {
		if i > 0 {
			s.raw(",\n")
		}
		s.value(element(i))
	}
	s.raw("\n]")
}

func (s *stream) flush() error {
	if s.err != nil {
		return s.err
	}
	return s.w.Flush()
}

type jsonTool struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type jsonTarget struct {
	Name     string       `json:"name"`
	Kind     string       `json:"kind"`
	Digest   string       `json:"digest,omitempty"`
	ImageID  string       `json:"imageId,omitempty"`
	Tags     []string     `json:"tags,omitempty"`
	Platform jsonPlatform `json:"platform,omitzero"`
	Created  string       `json:"created,omitempty"`
	Layers   []scan.Layer `json:"layers,omitempty"`
}

type jsonPlatform struct {
	OS           string `json:"os,omitempty"`
	Architecture string `json:"architecture,omitempty"`
	Variant      string `json:"variant,omitempty"`
}

type jsonDatabase struct {
	Built   string     `json:"built,omitempty"`
	Digest  string     `json:"digest,omitempty"`
	Starter bool       `json:"starter"`
	Feeds   []jsonFeed `json:"feeds,omitempty"`
}

type jsonFeed struct {
	Name     string `json:"name"`
	File     string `json:"file,omitempty"`
	Digest   string `json:"digest,omitempty"`
	Modified string `json:"modified,omitempty"`
	Read     int    `json:"read"`
	Stored   int    `json:"stored"`
	Rejected int    `json:"rejected"`
}

type jsonSummary struct {
	Packages         int            `json:"packages"`
	AffectedPackages int            `json:"affectedPackages"`
	Findings         int            `json:"findings"`
	Severities       jsonSeverities `json:"severities"`
	Fixable          int            `json:"fixable"`
	KnownExploited   int            `json:"knownExploited"`
	NotReported      int            `json:"notReported"`
	Suppressed       int            `json:"suppressed"`
	EndOfLife        int            `json:"endOfLife"`
	Problems         int            `json:"problems"`
}

type jsonSeverities struct {
	Critical      int `json:"critical"`
	High          int `json:"high"`
	Medium        int `json:"medium"`
	Low           int `json:"low"`
	Informational int `json:"informational"`
	Untriaged     int `json:"untriaged"`
}

type jsonBaseline struct {
	Name  string   `json:"name"`
	New   int      `json:"new"`
	Known int      `json:"known"`
	Gone  []string `json:"gone"`
}

// jsonSuppressed is a finding that does not count, and why.
type jsonSuppressed struct {
	jsonFinding

	Status        string `json:"status"`
	Justification string `json:"justification,omitempty"`
	Reason        string `json:"reason,omitempty"`
	Author        string `json:"author,omitempty"`
	Stated        string `json:"stated,omitempty"`
	Expires       string `json:"expires,omitempty"`
	By            string `json:"suppressedBy"`
}

type jsonRemedies struct {
	Upgrades []jsonUpgrade  `json:"upgrades"`
	Commands []jsonCommand  `json:"commands"`
	Base     *jsonBaseImage `json:"baseImage,omitempty"`
	Left     []jsonLeft     `json:"unresolved"`
}

type jsonUpgrade struct {
	Type   string   `json:"type"`
	Name   string   `json:"name"`
	From   string   `json:"from,omitempty"`
	To     string   `json:"to"`
	Place  string   `json:"place,omitempty"`
	Closes []string `json:"closes"`
	InBase bool     `json:"inBaseImage"`
}

type jsonCommand struct {
	Manager string `json:"manager"`
	Place   string `json:"place,omitempty"`
	Text    string `json:"text"`
	Shell   bool   `json:"shell"`
}

type jsonBaseImage struct {
	Name     string `json:"name,omitempty"`
	Layer    string `json:"layer"`
	Upgrades int    `json:"upgrades"`
	Findings int    `json:"findings"`
}

type jsonLeft struct {
	Vulnerability string `json:"vulnerability"`
	Type          string `json:"type"`
	Name          string `json:"name"`
	Version       string `json:"version,omitempty"`
	Reason        string `json:"reason"`
}

type jsonResource struct {
	Type     string   `json:"type"`
	ID       string   `json:"id"`
	Name     string   `json:"name,omitempty"`
	Account  string   `json:"account,omitempty"`
	Region   string   `json:"region,omitempty"`
	Platform string   `json:"platform,omitempty"`
	Arch     string   `json:"arch,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	Digest   string   `json:"digest,omitempty"`
	Created  string   `json:"created,omitempty"`
	Layers   []string `json:"layers,omitempty"`
}

type jsonFinding struct {
	Vulnerability  string             `json:"vulnerability"`
	Baseline       string             `json:"baseline,omitempty"`
	ARN            string             `json:"arn"`
	Resource       string             `json:"resource"`
	Aliases        []string           `json:"aliases,omitempty"`
	Related        []string           `json:"related,omitempty"`
	Kind           string             `json:"kind"`
	Title          string             `json:"title"`
	Summary        string             `json:"summary,omitempty"`
	Description    string             `json:"description,omitempty"`
	Severity       string             `json:"severity"`
	VendorSeverity string             `json:"vendorSeverity,omitempty"`
	Score          jsonScore          `json:"score"`
	Ratings        []jsonRating       `json:"ratings,omitempty"`
	EPSS           *jsonEPSS          `json:"epss,omitempty"`
	KEV            *jsonKEV           `json:"kev,omitempty"`
	Exploitation   string             `json:"exploitation,omitempty"`
	Fix            string             `json:"fix"`
	Confidence     string             `json:"confidence"`
	Source         string             `json:"source,omitempty"`
	SourceURL      string             `json:"sourceUrl,omitempty"`
	CWEs           []string           `json:"cwes,omitempty"`
	References     []string           `json:"references,omitempty"`
	Published      string             `json:"published,omitempty"`
	Modified       string             `json:"modified,omitempty"`
	Observed       string             `json:"observed,omitempty"`
	Packages       []jsonVulnerableAt `json:"packages"`
}

type jsonScore struct {
	Value   *float64     `json:"value,omitempty"`
	Version string       `json:"version,omitempty"`
	Vector  string       `json:"vector,omitempty"`
	Source  string       `json:"source,omitempty"`
	Base    *jsonBase    `json:"base,omitempty"`
	Reasons []jsonReason `json:"reasons"`
}

type jsonBase struct {
	Value  float64 `json:"value"`
	Vector string  `json:"vector"`
}

type jsonReason struct {
	Metric string  `json:"metric"`
	Text   string  `json:"text"`
	Delta  float64 `json:"delta"`
}

type jsonRating struct {
	Source  string   `json:"source,omitempty"`
	Version string   `json:"version,omitempty"`
	Vector  string   `json:"vector,omitempty"`
	Score   *float64 `json:"score,omitempty"`
	Label   string   `json:"label,omitempty"`
}

type jsonEPSS struct {
	Score      float64 `json:"score"`
	Percentile float64 `json:"percentile"`
	Date       string  `json:"date,omitempty"`
	Model      string  `json:"model,omitempty"`
}

type jsonKEV struct {
	Added      string `json:"added,omitempty"`
	Due        string `json:"due,omitempty"`
	Ransomware bool   `json:"ransomware"`
}

// jsonVulnerableAt is a package with what a finding says of it.
type jsonVulnerableAt struct {
	inventory.Package

	Baseline    string      `json:"baseline,omitempty"`
	Fixed       string      `json:"fixed,omitempty"`
	State       string      `json:"state,omitempty"`
	Remediation string      `json:"remediation,omitempty"`
	Confidence  string      `json:"confidence,omitempty"`
	Unsure      string      `json:"unsure,omitempty"`
	Why         []match.Why `json:"why,omitempty"`
}

// writeJSON writes all that is known. Its members are described in
// doc/report-json.md.
func writeJSON(w io.Writer, d Document) error {
	s := newStream(w)
	s.raw("{\n")
	s.field("schema", schema)
	s.field("tool", jsonTool{"assay", d.Version})
	if !d.Now.IsZero() {
		s.field("time", stamp(d.Now))
	}
	s.field("target", targetJSON(d.Report.Target))
	if d.Report.Inventory.OS.ID != "" || d.Report.Inventory.OS.Name != "" {
		s.field("os", d.Report.Inventory.OS)
	}
	if d.Report.Database != nil {
		s.field("database", databaseJSON(d.Report.Database))
	}
	s.field("summary", summaryJSON(d))
	if d.Base != nil {
		fresh := d.Base.Count(d.Findings)
		s.field("baseline", jsonBaseline{d.Base.Name, fresh, len(d.Findings) - fresh, append([]string{}, d.Base.Gone...)})
	}
	s.key("problems")
	problems := d.Report.Inventory.Problems
	s.each(len(problems), func(i int) any { return problems[i] })
	s.key("notes")
	notes := d.Report.Result.Notes
	s.each(len(notes), func(i int) any { return notes[i] })
	if issues := d.Report.Inventory.Issues; len(issues) > 0 {
		s.key("issues")
		s.each(len(issues), func(i int) any { return issueOf(issues[i]) })
	}
	s.key("resources")
	resources := resourcesOf(d.Findings)
	s.each(len(resources), func(i int) any { return jsonResourceOf(resources[i]) })
	os := d.Report.Inventory.OS
	s.key("findings")
	s.each(len(d.Findings), func(i int) any { return findingJSON(&d.Findings[i], os, d.Base) })
	s.key("suppressed")
	s.each(len(d.Suppressed), func(i int) any { return suppressedJSON(&d.Suppressed[i], os) })
	s.key("endOfLife")
	s.each(len(d.Ended), func(i int) any { return findingJSON(&d.Ended[i], os, nil) })
	if len(d.Findings) > 0 {
		s.field("remedies", remediesJSON(RemediesOf(d)))
	}
	if len(d.Remarks) > 0 {
		s.field("remarks", d.Remarks)
	}
	s.key("packages")
	packages := d.Report.Inventory.Packages
	s.each(len(packages), func(i int) any { return identified(packages[i], os) })
	s.raw("\n}\n")
	return s.flush()
}

func targetJSON(t scan.Target) jsonTarget {
	return jsonTarget{
		Name: t.Name, Kind: string(t.Kind), Digest: t.Digest, ImageID: t.ImageID, Tags: t.Tags,
		Platform: jsonPlatform{t.Platform.OS, t.Platform.Architecture, t.Platform.Variant},
		Created:  t.Created, Layers: t.Layers,
	}
}

func databaseJSON(db *scan.Database) jsonDatabase {
	out := jsonDatabase{Built: stamp(db.Built), Digest: db.Digest, Starter: db.Starter}
	for _, f := range db.Feeds {
		out.Feeds = append(out.Feeds, jsonFeed{
			Name: f.Name, File: f.File, Digest: f.Digest, Modified: stamp(f.Modified),
			Read: f.Read, Stored: f.Stored, Rejected: f.Rejected,
		})
	}
	return out
}

func summaryJSON(d Document) jsonSummary {
	c := count(d)
	return jsonSummary{
		Packages: len(d.Report.Inventory.Packages), AffectedPackages: c.affected, Findings: len(d.Findings),
		Severities: jsonSeverities{
			Critical: c.severities[finding.Critical], High: c.severities[finding.High],
			Medium: c.severities[finding.Medium], Low: c.severities[finding.Low],
			Informational: c.severities[finding.Informational], Untriaged: c.severities[finding.Untriaged],
		},
		Fixable: c.fixable, KnownExploited: c.exploited, NotReported: c.hidden,
		Suppressed: len(d.Suppressed), EndOfLife: len(d.Ended),
		Problems: len(d.Report.Inventory.Problems),
	}
}

// counts are the figures of a document.
type counts struct {
	severities map[finding.Severity]int
	affected   int // packages with a finding
	fixable    int // findings that an upgrade closes, at least in part
	exploited  int // findings in the catalogue of known exploited vulnerabilities
	hidden     int // vulnerabilities that matched and that the findings leave out
}

func count(d Document) counts {
	c := counts{severities: map[finding.Severity]int{}}
	packages := map[inventory.Package]bool{}
	shown := map[string]bool{}
	for i := range d.Findings {
		f := &d.Findings[i]
		c.severities[f.Severity]++
		shown[f.Vulnerability] = true
		if f.Fix == finding.FixYes || f.Fix == finding.FixPartial {
			c.fixable++
		}
		if f.KEV != nil {
			c.exploited++
		}
		for j := range f.Packages {
			packages[f.Packages[j].Package] = true
		}
	}
	c.affected = len(packages)
	for i := range d.Ended {
		shown[d.Ended[i].Vulnerability] = true
	}
	for i := range d.Report.Result.Matches {
		if id := d.Report.Result.Matches[i].Vulnerability; !shown[id] {
			shown[id] = true
			c.hidden++
		}
	}
	return c
}

// resourcesOf returns each resource of the findings once, in the order of type
// and identity.
func resourcesOf(findings []finding.Finding) []resource.Resource {
	seen := map[string]bool{}
	var out []resource.Resource
	for i := range findings {
		r := &findings[i].Resource
		if key := string(r.Type) + "\x00" + r.ID; !seen[key] {
			seen[key] = true
			out = append(out, *r)
		}
	}
	slices.SortFunc(out, func(a, b resource.Resource) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func jsonResourceOf(r resource.Resource) jsonResource {
	return jsonResource{
		Type: string(r.Type), ID: r.ID, Name: r.Name, Account: r.Account, Region: r.Region, Platform: r.Platform,
		Arch: r.Arch, Tags: r.Tags, Digest: r.Digest, Created: r.Created, Layers: r.Layers,
	}
}

func findingJSON(f *finding.Finding, os inventory.OS, base *Base) jsonFinding {
	out := jsonFinding{
		Vulnerability: f.Vulnerability, Baseline: base.word(base.HasNew(f)), ARN: f.ARN, Resource: f.Resource.ID,
		Aliases: f.Aliases, Related: f.Related,
		Kind: string(f.Kind), Title: f.Title, Summary: f.Summary, Description: f.Description, Severity: string(f.Severity),
		VendorSeverity: f.VendorLabel, Score: scoreJSON(f.Score), Exploitation: f.Exploitation, Fix: string(f.Fix),
		Confidence: string(f.Confidence), Source: f.Source, SourceURL: f.SourceURL, CWEs: f.CWEs,
		References: f.References, Published: stamp(f.Published), Modified: stamp(f.Modified), Observed: stamp(f.Observed),
		Packages: []jsonVulnerableAt{},
	}
	for _, s := range f.Scores {
		out.Ratings = append(out.Ratings, jsonRating{
			Source: s.Source, Version: s.Version, Vector: s.Vector, Score: rated(s), Label: s.Label,
		})
	}
	if f.EPSS != nil {
		out.EPSS = &jsonEPSS{f.EPSS.Score, f.EPSS.Percentile, day(f.EPSS.Date), f.EPSS.Model}
	}
	if f.KEV != nil {
		out.KEV = &jsonKEV{day(f.KEV.Added), day(f.KEV.Due), f.KEV.Ransomware}
	}
	for i := range f.Packages {
		p := &f.Packages[i]
		out.Packages = append(out.Packages, jsonVulnerableAt{
			Package: identified(p.Package, os), Baseline: base.word(base.New(f, p)), Fixed: p.Fixed, State: string(p.Match.State),
			Remediation: p.Remediation,
			Confidence:  string(p.Match.Confidence), Unsure: p.Match.Unsure, Why: p.Match.Why,
		})
	}
	return out
}

func suppressedJSON(s *Suppressed, os inventory.OS) jsonSuppressed {
	return jsonSuppressed{
		jsonFinding: findingJSON(&s.Finding, os, nil), Status: string(s.Status), Justification: s.Justification, Reason: s.Reason,
		Author: s.Author, Stated: stamp(s.Time), Expires: day(s.Expires), By: s.Source,
	}
}

func remediesJSON(r Remedies) jsonRemedies {
	out := jsonRemedies{Upgrades: []jsonUpgrade{}, Commands: []jsonCommand{}, Left: []jsonLeft{}}
	for _, u := range r.Upgrades {
		out.Upgrades = append(out.Upgrades, jsonUpgrade{u.Type, u.Name, u.From, u.To, u.Place, u.Closes, u.InBase})
	}
	for _, c := range r.Commands {
		out.Commands = append(out.Commands, jsonCommand{c.Manager, c.Place, c.Text, c.Shell})
	}
	if b := r.Base; b != nil {
		out.Base = &jsonBaseImage{b.Name, b.Layer, b.Upgrades, b.Findings}
	}
	for _, l := range r.Left {
		out.Left = append(out.Left, jsonLeft(l))
	}
	return out
}

func scoreJSON(s finding.Score) jsonScore {
	out := jsonScore{Version: s.Version, Vector: s.Vector, Source: s.Source, Reasons: []jsonReason{}}
	if scored(s) {
		out.Value = &s.Value
	}
	if len(s.Adjustments()) > 0 {
		out.Base = &jsonBase{s.Base().Value, s.Base().Vector}
	}
	for _, r := range s.Reasons {
		out.Reasons = append(out.Reasons, jsonReason(r))
	}
	return out
}

// scored tells whether anybody gave a score: 0 may mean that nobody did.
func scored(s finding.Score) bool { return s.Value > 0 || s.Vector != "" }

// rated returns the score of a rating, or nil if it is a word only.
func rated(s advisory.Severity) *float64 {
	if s.Score == 0 && s.Vector == "" {
		return nil
	}
	return &s.Score
}

// identified returns a package with its purl, and without its symbols.
func identified(p inventory.Package, os inventory.OS) inventory.Package {
	p.PURL = p.Identifier(os)
	return p.Bare()
}

// stamp writes a time as RFC 3339 in UTC; the zero time is left out.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// day writes a date that has no time of day.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
