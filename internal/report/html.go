package report

import (
	"bufio"
	"cmp"
	_ "embed"
	"html/template"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// What the page is made of. The first is also in the dashboard.
var (
	//go:embed style.css
	sharedStyle string
	//go:embed html.css
	htmlStyle string
	//go:embed html.tmpl
	htmlText string
)

var htmlPage = sync.OnceValues(func() (*template.Template, error) { return template.New("html").Parse(htmlText) })

// maxStep is how many columns of a build step stand beside each finding; the
// layers are listed with all of it.
const maxStep = 60

// maxNames is how many of the packages that were built from one are named; there
// is more room than on a terminal.
const maxNames = 10

// staleAfter is how old a database may be before the page warns of it.
const staleAfter = 7 * 24 * time.Hour

// writeHTML writes one page that needs nothing besides itself: no script, and
// nothing that a browser would load. Rows are made while they are written.
func writeHTML(w io.Writer, d Document) error {
	t, err := htmlPage()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	if err := t.Execute(out, &page{d: d, count: count(d), groups: groups(d.Findings), layers: layersOf(d), remedies: RemediesOf(d)}); err != nil {
		return err
	}
	return out.Flush()
}

// page is what the template asks for. All foreign text in what its methods
// return is cleaned, so that what a reader cannot see shows; the template
// escapes it.
type page struct {
	d      Document
	count  counts
	groups []*group
	layers layerIndex

	remedies Remedies
}

// Style returns the style sheets.
func (p *page) Style() template.CSS {
	return template.CSS(sharedStyle + htmlStyle) //nolint:gosec // files of this package
}

// Name returns what was scanned.
func (p *page) Name() string { return clean(p.d.Report.Target.Name) }

// Title returns the title of the page.
func (p *page) Title() string {
	return strings.TrimSuffix("Assay: "+p.Name(), ": ")
}

// Judged tells whether there was a database, so that there can be findings.
func (p *page) Judged() bool { return p.d.Report.Database != nil || len(p.d.Findings) > 0 }

// htmlFact is a name and its value.
type htmlFact struct {
	Name, Text string
	Code       bool // of a machine
	Long       bool // may need a line of its own
}

// facts leaves out what nobody knows.
func facts(list ...htmlFact) []htmlFact {
	out := slices.DeleteFunc(list, func(f htmlFact) bool { return f.Text == "" })
	for i := range out {
		out[i].Text = clean(out[i].Text)
	}
	return out
}

// Facts says what was scanned, when, and with which database.
func (p *page) Facts() []htmlFact {
	target, os := p.d.Report.Target, p.d.Report.Inventory.OS
	layers, packages := "", ""
	if len(target.Layers) > 1 {
		layers = strconv.Itoa(len(target.Layers))
	}
	if n := len(p.d.Report.Inventory.Packages); n > 0 || len(p.d.Findings) == 0 {
		packages = strconv.Itoa(n)
	}
	return facts(
		htmlFact{Name: "Kind", Text: capital(kinds[string(target.Kind)])},
		htmlFact{Name: "Operating system", Text: cmp.Or(os.Name, strings.TrimSpace(os.ID+" "+os.VersionID))},
		htmlFact{Name: "Platform", Text: strings.Trim(target.Platform.OS+"/"+target.Platform.Architecture+"/"+target.Platform.Variant, "/")},
		htmlFact{Name: "Layers", Text: layers},
		htmlFact{Name: "Packages", Text: packages},
		htmlFact{Name: "Scanned", Text: minute(p.d.Scanned)},
		htmlFact{Name: "Advisory database", Text: p.database()},
		htmlFact{Name: "Digest", Text: target.Digest, Code: true, Long: true},
	)
}

// minute writes a time for people.
func minute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04") + " UTC"
}

// database says of when the database is.
func (p *page) database() string {
	db := p.d.Report.Database
	if db == nil {
		return ""
	}
	text := cmp.Or(day(db.Built), "of an unknown day")
	if db.Starter {
		text = "starter set, " + text
	}
	if age, known := p.age(); known {
		text += ", " + daysOld(age)
	}
	return text
}

// age returns how old the database was when the target was scanned.
func (p *page) age() (age time.Duration, known bool) {
	db := p.d.Report.Database
	if db == nil || db.Built.IsZero() || p.d.Scanned.IsZero() {
		return 0, false
	}
	return max(0, p.d.Scanned.Sub(db.Built)), true
}

func daysOld(age time.Duration) string {
	n := int(age / (24 * time.Hour))
	if n == 0 {
		return "less than a day old"
	}
	return plural(n, "day", "days") + " old"
}

// htmlWarning is something to know before the findings are read.
type htmlWarning struct{ Title, Text string }

// Warnings says what the database lacks.
func (p *page) Warnings() []htmlWarning {
	var out []htmlWarning
	if db := p.d.Report.Database; db != nil && db.Starter {
		out = append(out, htmlWarning{"Most vulnerabilities were not looked for", clean(starterText(db))})
	}
	if age, _ := p.age(); age > staleAfter {
		out = append(out, htmlWarning{
			"The advisory database is " + daysOld(age),
			"What was published since is not in this report. Get a newer one with assay db update, or build one with assay db build.",
		})
	}
	for i := range p.d.Ended {
		f := &p.d.Ended[i]
		out = append(out, htmlWarning{"Supported no more", clean(EndedText(f)) + "."})
	}
	for _, n := range notesOf(p.d) {
		if n.lacking {
			out = append(out, htmlWarning{"The database lacks advisories for packages of this target", capital(clean(n.text)) + "."})
		}
	}
	return out
}

// Notes says what could not be judged and is not among the warnings.
func (p *page) Notes() []string {
	var out []string
	for _, n := range notesOf(p.d) {
		if !n.lacking {
			out = append(out, capital(clean(n.text))+".")
		}
	}
	return out
}

// Headline says what was found.
func (p *page) Headline() string {
	n := len(p.d.Report.Inventory.Packages)
	packages := plural(n, "package", "packages")
	switch {
	case !p.Judged():
		return packages
	case len(p.d.Findings) > 0 && n == 0: // kept findings, without the inventory
		return plural(len(p.d.Findings), "finding", "findings") + " in " + plural(p.count.affected, "package", "packages")
	case len(p.d.Findings) > 0:
		return plural(len(p.d.Findings), "finding", "findings") + " in " + strconv.Itoa(p.count.affected) + " of " + packages
	case n == 0:
		return "No packages were found, so that there was nothing to judge"
	case p.count.hidden > 0:
		return "No findings of those asked for in " + packages
	}
	return "No known vulnerabilities in " + packages
}

// htmlCount is how many findings have a severity.
type htmlCount struct {
	Class, Word string
	N           int
}

// Counts counts findings by severity, the highest first.
func (p *page) Counts() []htmlCount {
	var out []htmlCount
	for _, s := range severities {
		if n := p.count.severities[s.severity]; n > 0 {
			out = append(out, htmlCount{string(s.severity), capital(s.text), n})
		}
	}
	return out
}

// Sentences says what can be done, and how it compares with an earlier scan.
func (p *page) Sentences() string {
	var out []string
	if n := len(p.d.Findings); n > 0 {
		out = append(out, capital(closing(p.count.fixable, n))+".")
	}
	if p.count.exploited > 0 {
		out = append(out, plural(p.count.exploited, "finding is", "findings are")+" known to be exploited (KEV).")
	}
	if text := comparison(p.d); text != "" {
		out = append(out, clean(text)+".")
	}
	if p.count.hidden > 0 {
		out = append(out, plural(p.count.hidden, "more vulnerability is", "more vulnerabilities are")+" not among those asked for.")
	}
	if text := SuppressedText(p.d.Suppressed); text != "" {
		out = append(out, clean(text)+".")
	}
	return strings.Join(out, " ")
}

// htmlSuppressed is a finding that does not count.
type htmlSuppressed struct{ Title, Why, Source string }

// Suppressed returns what does not count, and why.
func (p *page) Suppressed() []htmlSuppressed {
	var out []htmlSuppressed
	for i := range p.d.Suppressed {
		s := &p.d.Suppressed[i]
		out = append(out, htmlSuppressed{clean(s.Finding.Title), clean(s.because()), clean(s.Source)})
	}
	return out
}

// htmlCommand is how to make upgrades.
type htmlCommand struct {
	Place, Text string
	Shell       bool
}

// Commands returns how to make all upgrades at once.
func (p *page) Commands() []htmlCommand {
	var out []htmlCommand
	for _, c := range p.remedies.Commands {
		out = append(out, htmlCommand{clean(c.Place), clean(c.Text), c.Shell})
	}
	return out
}

// BaseImage says what a newer base image closes.
func (p *page) BaseImage() string {
	if p.remedies.Base == nil {
		return ""
	}
	return clean(p.remedies.Base.text())
}

// Left says what no upgrade closes, and why.
func (p *page) Left() []string {
	out := leftTexts(p.remedies.Left)
	for i := range out {
		out[i] = clean(out[i])
	}
	return out
}

// htmlProblems are what could not be read.
type htmlProblems struct {
	page *page
	More bool // there are more than the first
}

// Problems returns nil if all was read.
func (p *page) Problems() *htmlProblems {
	n := len(p.d.Report.Inventory.Problems)
	if n == 0 {
		return nil
	}
	return &htmlProblems{p, n > maxProblems}
}

// Count writes how many there are.
func (p *htmlProblems) Count() string {
	return plural(len(p.page.d.Report.Inventory.Problems), "problem", "problems")
}

// First returns those that stand at the beginning of the page.
func (p *htmlProblems) First() iter.Seq[htmlProblem] { return p.some(maxProblems) }

// All returns them all.
func (p *htmlProblems) All() iter.Seq[htmlProblem] { return p.some(math.MaxInt) }

// htmlProblem is one of them.
type htmlProblem struct{ Where, Reason string }

func (p *htmlProblems) some(n int) iter.Seq[htmlProblem] {
	all := p.page.d.Report.Inventory.Problems
	return func(yield func(htmlProblem) bool) {
		for _, one := range all[:min(n, len(all))] {
			where := clean(one.Path)
			if one.Layer != "" {
				where = strings.TrimSpace(where + " in layer " + clean(shortDigest(one.Layer)))
			}
			if !yield(htmlProblem{where, clean(one.Reason)}) {
				return
			}
		}
	}
}

// htmlUpgrade is what to do about a package.
type htmlUpgrade struct{ Class, Word, Name, Type, Installed, To, Closes, How string }

// HasUpgrades tells whether an upgrade closes anything.
func (p *page) HasUpgrades() bool {
	for range p.Upgrades() {
		return true
	}
	return false
}

// Upgrades returns which packages to upgrade, the worst first.
func (p *page) Upgrades() iter.Seq[htmlUpgrade] {
	return func(yield func(htmlUpgrade) bool) {
		for _, g := range p.groups {
			u := upgradeOf(g)
			if u.version == "" {
				continue
			}
			closes := strconv.Itoa(u.closes) + " of " + strconv.Itoa(len(g.rows))
			class, word := badge(g.worst)
			if !yield(htmlUpgrade{
				class, word, clean(g.name), clean(g.typ), clean(cmp.Or(g.version, "-")), clean(u.version), closes, clean(u.command),
			}) {
				return
			}
		}
	}
}

// badge returns the class and the word of the severity of a rank.
func badge(rank int) (class, word string) {
	if rank >= len(severities) {
		return "", "Unknown"
	}
	return string(severities[rank].severity), capital(severities[rank].text)
}

// htmlRow is one finding of one package, or of those that were built from one.
type htmlRow struct {
	Class, Word, Score            string
	ID, Link, Headline            string
	Marks                         []mark
	Name, Type, Names             string
	Installed, Fixed, NoFix, EPSS string
	Places                        []string
}

// HasEPSS tells whether any finding has a probability.
func (p *page) HasEPSS() bool {
	return slices.ContainsFunc(p.d.Findings, func(f finding.Finding) bool { return f.EPSS != nil })
}

// Rows returns the findings in their order.
func (p *page) Rows() iter.Seq[htmlRow] {
	type place struct {
		g *group
		r groupRow
	}
	of := map[*finding.Finding][]place{}
	for _, g := range p.groups {
		for _, r := range g.rows {
			of[r.f] = append(of[r.f], place{g, r})
		}
	}
	return func(yield func(htmlRow) bool) {
		for i := range p.d.Findings {
			for _, at := range of[&p.d.Findings[i]] {
				if !yield(p.row(at.g, at.r)) {
					return
				}
			}
		}
	}
}

func (p *page) row(g *group, r groupRow) htmlRow {
	class, word := badge(rank(r.f.Severity))
	out := htmlRow{
		Class: class, Word: word, Score: scoreText(r.f.Score), ID: clean(r.f.Vulnerability), Link: webLink(r.f.SourceURL),
		Headline: clean(headline(r.f)), Marks: marksOf(p.d.Base, r), Name: clean(g.name), Type: clean(g.typ),
		Installed: clean(cmp.Or(g.version, "-")), Fixed: clean(r.fixed), NoFix: capital(noFix(r.at[0].Match.State)),
	}
	if r.f.EPSS != nil {
		out.EPSS = percent(r.f.EPSS.Score)
	}
	var names []string
	for _, q := range r.at {
		if q.Name != g.name && !slices.Contains(names, q.Name) {
			names = append(names, q.Name)
		}
	}
	out.Names = clean(some(names, maxNames))
	files, layers := placesOf(p.d.Report.Target.Kind, len(p.d.Report.Target.Layers), r.at)
	for i, q := range files {
		if i == maxPaths {
			out.Places = append(out.Places, "and in "+plural(len(files)-i, "other place", "other places"))
			break
		}
		text := clean(q.Path)
		if q.OwnedBy != "" {
			text += " (installed by " + clean(q.OwnedBy) + ")"
		}
		out.Places = append(out.Places, text)
	}
	for i, digest := range layers {
		if i == maxPaths {
			out.Places = append(out.Places, "and in "+plural(len(layers)-i, "other layer", "other layers"))
			break
		}
		out.Places = append(out.Places, p.layer(digest))
	}
	return out
}

// layer names a layer beside a finding.
func (p *page) layer(digest string) string {
	l, ok := p.layers[digest]
	if !ok {
		return "layer " + clean(shortDigest(digest))
	}
	text := "layer " + strconv.Itoa(l.number)
	if l.step != "" {
		text += ": " + cut(clean(l.step), maxStep)
	}
	return text
}

// webLink returns an address if it is one of the web, else nothing.
func webLink(s string) string {
	s = webAddress(s)
	if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
		return ""
	}
	return s
}

// htmlLayer is a layer with how many findings have a package of it.
type htmlLayer struct {
	Number       int
	Digest, Step string
	Findings     int
}

// Layers returns the layers of an image, lowest first.
func (p *page) Layers() []htmlLayer {
	all := p.d.Report.Target.Layers
	if len(all) < 2 || len(p.d.Findings) == 0 {
		return nil
	}
	out := make([]htmlLayer, len(all))
	for i, l := range all {
		out[i] = htmlLayer{Number: i + 1, Digest: clean(shortDigest(cmp.Or(l.DiffID, l.Digest))), Step: clean(buildStep(l))}
	}
	for i := range p.d.Findings {
		var in []int
		for _, q := range p.d.Findings[i].Packages {
			if l, ok := p.layers[q.Layer]; ok && !slices.Contains(in, l.number) {
				in = append(in, l.number)
				out[l.number-1].Findings++
			}
		}
	}
	return out
}

// Packages returns the inventory.
func (p *page) Packages() iter.Seq[inventory.Package] {
	return func(yield func(inventory.Package) bool) {
		for _, q := range p.d.Report.Inventory.Packages {
			if !yield(inventory.Package{Type: clean(q.Type), Name: clean(q.Name), Version: clean(cmp.Or(q.Version, "-")), Path: clean(q.Path)}) {
				return
			}
		}
	}
}

// Origin says what the page was made of.
func (p *page) Origin() []htmlFact {
	list := []htmlFact{
		{Name: "Made by", Text: strings.TrimSpace("Assay " + p.d.Version)},
		{Name: "Image ID", Text: p.d.Report.Target.ImageID, Code: true, Long: true},
	}
	if db := p.d.Report.Database; db != nil {
		var feeds []string
		for _, f := range db.Feeds {
			feeds = append(feeds, strings.TrimSpace(f.Name+" "+day(f.Modified)))
		}
		list = append(list, htmlFact{Name: "Digest of the database", Text: db.Digest, Code: true, Long: true},
			htmlFact{Name: "Feeds in the database, with the date of the newest record", Text: strings.Join(feeds, ", "), Long: true})
	}
	return facts(list...)
}

// note says what could not be judged.
type note struct {
	text    string
	lacking bool // the database has nothing of it
}

// notesOf returns what could not be judged. Notes with the same reason are one.
func notesOf(d Document) []note {
	type key struct {
		kind   match.NoteKind
		reason string
	}
	var order []key
	total := map[key]int{}
	subjects := map[key][]string{}
	for _, n := range d.Report.Result.Notes {
		k := key{n.Kind, n.Reason}
		if n.Kind == match.UpstreamOnly {
			// Each names another owner; together they say one thing.
			k.reason = "only upstream states them of software that the distribution packages and repairs itself"
		}
		if total[k] == 0 {
			order = append(order, k)
		}
		total[k] += n.Count
		if !slices.Contains(subjects[k], n.Subject) {
			subjects[k] = append(subjects[k], n.Subject)
		}
	}
	var out []note
	for _, k := range order {
		out = append(out, note{
			text:    noteWords(string(k.kind), total[k]) + ": " + k.reason + " (" + some(subjects[k], maxSubjects) + ")",
			lacking: k.kind == match.UnsupportedPlatform || k.kind == match.NoData,
		})
	}
	return out
}

// mark says what makes a finding more or less than others, in a word or two.
type mark struct {
	Text   string
	Urgent bool
}

// marksOf returns the marks of a finding, the most urgent first.
func marksOf(b *Base, r groupRow) []mark {
	var marks []mark
	if slices.ContainsFunc(r.at, func(p *finding.Package) bool { return b.New(r.f, p) }) {
		marks = append(marks, mark{Text: "new"})
	}
	switch {
	case r.f.KEV != nil && r.f.KEV.Ransomware:
		marks = append(marks, mark{"KEV ransomware", true})
	case r.f.KEV != nil:
		marks = append(marks, mark{"KEV", true})
	case r.f.Exploitation == "active":
		marks = append(marks, mark{Text: "exploited"})
	case r.f.Exploitation == "poc":
		marks = append(marks, mark{Text: "exploit public"})
	}
	if len(r.f.Score.Adjustments()) > 0 {
		marks = append(marks, mark{Text: "base " + scoreText(r.f.Score.Base())})
	}
	unsure, low, unlinked := false, true, false
	for _, p := range r.at {
		unsure = unsure || p.Match.Unsure != ""
		low = low && p.Match.Confidence == match.Low
		unlinked = unlinked || slices.ContainsFunc(p.Match.Why, func(w match.Why) bool { return w.Linked != "" })
	}
	switch {
	case unsure:
		marks = append(marks, mark{Text: "unsure"})
	case low && unlinked:
		marks = append(marks, mark{Text: "not linked in"})
	case low:
		marks = append(marks, mark{Text: "upstream only"})
	}
	if r.f.Kind == "malware" || r.f.Kind == "unmaintained" {
		marks = append(marks, mark{Text: string(r.f.Kind)})
	}
	return marks
}

// closing says how many of n findings an upgrade closes.
func closing(fixable, n int) string {
	switch {
	case fixable == n:
		return "upgrades close all of them"
	case fixable > 0:
		return "upgrades close " + strconv.Itoa(fixable) + " of them"
	}
	return "no upgrade closes any of them"
}

// comparison says how the findings compare with those of an earlier scan, if
// there is one.
func comparison(d Document) string {
	b := d.Base
	if b == nil {
		return ""
	}
	fresh := b.Count(d.Findings)
	text := strconv.Itoa(fresh) + " new since " + b.Name + " · " + strconv.Itoa(len(d.Findings)-fresh) + " known"
	if len(b.Gone) > 0 {
		text += " · " + strconv.Itoa(len(b.Gone)) + " gone: " + some(b.Gone, maxSubjects)
	}
	return text
}

// placesOf returns which packages have a place worth telling, and the digests
// of the layers that brought them.
func placesOf(kind artifact.Kind, layerCount int, packages []*finding.Package) (files []*finding.Package, layers []string) {
	// All of a function without layers lies in its one archive.
	layered := kind == artifact.Image || layerCount > 1
	for _, p := range packages {
		// The package manager's database says nothing that people do not know.
		if !ecosystem.System(p.Type) && p.Path != "" {
			files = append(files, p)
		}
		if p.Layer != "" && layered && !slices.Contains(layers, p.Layer) {
			layers = append(layers, p.Layer)
		}
	}
	return files, layers
}
