package report

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/inventory"
)

// Widths of the table, in columns.
const (
	defaultWidth = 100
	minWidth     = 60 // less cannot hold an identifier and a version
	maxWidth     = 200
	minHeadline  = 28 // of words cut off
)

// How many of a kind are listed before the rest is only counted.
const (
	maxPaths    = 3
	maxProblems = 10
	maxSubjects = 5
)

// style is a sequence of SGR parameters; empty for none.
// Source: ECMA-48, section 8.3.117; xterm, "Control Sequences", for 256 colours.
type style string

const (
	none   style = ""
	bold   style = "1"
	dim    style = "2"
	green  style = "32"
	yellow style = "33"
	alarm  style = "1;38;5;160"
)

// severities are those of findings, highest first, with the colours of
// Amazon's console; the words stand beside them, so that colour is never the
// only sign.
var severities = []struct {
	severity finding.Severity
	word     string // in a column
	text     string // in a sentence
	style    style
}{
	{finding.Critical, "CRITICAL", "critical", "1;97;48;5;124"},
	{finding.High, "HIGH", "high", "1;38;5;160"},
	{finding.Medium, "MEDIUM", "medium", "38;5;208"},
	{finding.Low, "LOW", "low", "38;5;178"},
	{finding.Informational, "INFO", "informational", "90"},
	{finding.Untriaged, "UNTRIAGED", "untriaged", ""},
}

// rank is 0 for the highest severity.
func rank(s finding.Severity) int {
	for i := range severities {
		if severities[i].severity == s {
			return i
		}
	}
	return len(severities)
}

// span is a piece of a line. Its text may be foreign: it is cleaned when it is
// written, and only the style becomes an escape sequence.
type span struct {
	text  string
	style style
}

// table writes lines of a limited width.
type table struct {
	w      *bufio.Writer
	d      Document
	width  int
	layers layerIndex
}

// writeTable writes a report for people.
func writeTable(w io.Writer, d Document) error {
	t := &table{w: bufio.NewWriterSize(w, 64<<10), d: d, width: cmp.Or(d.Width, defaultWidth), layers: layersOf(d)}
	t.width = min(max(t.width, minWidth), maxWidth)
	t.header()
	if d.Report.Database == nil && len(d.Findings) == 0 {
		t.packages()
		t.inventorySummary()
	} else {
		t.findings()
		t.summary()
		t.suppressed()
		t.ended()
		t.remedies()
	}
	t.issues()
	t.problems()
	t.notes()
	t.starter()
	return t.w.Flush() // a bufio.Writer keeps its first error
}

// line writes one line; what does not fit is cut off.
func (t *table) line(spans ...span) {
	room := t.width
	for i, s := range spans {
		text := clean(s.text)
		if i == len(spans)-1 {
			text = strings.TrimRight(text, " ")
		}
		text = cut(text, room)
		room -= width(text)
		t.paint(text, s.style)
	}
	_ = t.w.WriteByte('\n')
}

func (t *table) paint(text string, st style) {
	if !t.d.Color || st == none || text == "" {
		_, _ = t.w.WriteString(text)
		return
	}
	_, _ = t.w.WriteString("\x1b[" + string(st) + "m" + text + "\x1b[0m")
}

// paragraph writes a text in as many lines as it needs, each behind an indent.
func (t *table) paragraph(indent int, st style, text string) {
	for _, l := range wrap(clean(text), t.width-indent) {
		t.line(span{strings.Repeat(" ", indent), none}, span{l, st})
	}
}

// header says what was scanned.
func (t *table) header() {
	target := t.d.Report.Target
	if target.Name != "" {
		t.line(span{cutMiddle(clean(target.Name), t.width), bold})
	}
	var facts []string
	if k := kinds[string(target.Kind)]; k != "" {
		facts = append(facts, k)
	}
	if p := target.Platform; p.OS != "" {
		facts = append(facts, strings.Trim(p.OS+"/"+p.Architecture+"/"+p.Variant, "/"))
	}
	os := t.d.Report.Inventory.OS
	if name := cmp.Or(os.Name, strings.TrimSpace(os.ID+" "+os.VersionID)); name != "" {
		facts = append(facts, name)
	}
	if len(target.Layers) > 1 {
		facts = append(facts, strconv.Itoa(len(target.Layers))+" layers")
	}
	if target.Digest != "" {
		facts = append(facts, "sha256:"+shortDigest(target.Digest))
	}
	text := ""
	for i, f := range facts {
		if f = clean(f); i > 0 {
			f = " · " + f
		}
		if width(text)+width(f) <= t.width {
			text += f
		}
	}
	if text != "" {
		t.line(span{text, dim})
	}
}

// group is what is found of one package: of one source package where the
// operating system built several from it.
type group struct {
	typ, name, version string
	rows               []groupRow
	packages           []*finding.Package
	worst              int // rank of the severity
	score              float64
}

// groupRow is one finding with those of its packages that are in the group.
type groupRow struct {
	f     *finding.Finding
	fixed string // the highest that its packages need; empty if there is none
	at    []*finding.Package
}

// groups puts findings together by package, the worst first.
func groups(findings []finding.Finding) []*group {
	type key struct{ typ, name, version string }
	byKey := map[key]*group{}
	var out []*group
	for i := range findings {
		f := &findings[i]
		for j := range f.Packages {
			p := &f.Packages[j]
			k := key{p.Type, p.Name, p.Version}
			if ecosystem.System(p.Type) {
				k.name, k.version = cmp.Or(p.SourceName, p.Name), cmp.Or(p.SourceVersion, p.Version)
			}
			g := byKey[k]
			if g == nil {
				g = &group{typ: k.typ, name: k.name, version: k.version, worst: len(severities)}
				byKey[k] = g
				out = append(out, g)
			}
			g.add(f, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *group) int {
		return cmp.Or(
			cmp.Compare(a.worst, b.worst),
			cmp.Compare(b.score, a.score),
			cmp.Compare(len(b.rows), len(a.rows)),
			cmp.Compare(a.name, b.name),
			cmp.Compare(a.version, b.version),
			cmp.Compare(a.typ, b.typ),
		)
	})
	return out
}

// add puts a finding's package into the group. Findings come one after the
// other, so that the last row is the one of this finding if there is one.
func (g *group) add(f *finding.Finding, p *finding.Package) {
	if n := len(g.rows); n == 0 || g.rows[n-1].f != f {
		g.rows = append(g.rows, groupRow{f: f})
	}
	r := &g.rows[len(g.rows)-1]
	r.at = append(r.at, p)
	r.fixed = ecosystem.Later(p.Type, r.fixed, p.Fixed)
	g.worst = min(g.worst, rank(f.Severity))
	g.score = max(g.score, f.Score.Value)
	if !slices.ContainsFunc(g.packages, func(q *finding.Package) bool { return q.Package == p.Package }) {
		g.packages = append(g.packages, p)
	}
}

// upgrade is the one version that closes most findings of a group.
type upgrade struct {
	version string // empty if there is none
	closes  int    // of the group's findings
	command string // may be empty
}

// upgradeOf finds it: the highest version that any finding needs closes all
// that can be closed.
func upgradeOf(g *group) upgrade {
	var u upgrade
	for _, r := range g.rows {
		u.version = ecosystem.Later(g.typ, u.version, r.fixed)
	}
	if u.version == "" {
		return u
	}
	var commands []string
	for _, r := range g.rows {
		if r.fixed == "" {
			continue
		}
		// A version without a place in the order closes only what names it.
		c, err := ecosystem.Compare(g.typ, r.fixed, u.version)
		if r.fixed != u.version && (err != nil || c > 0) {
			continue
		}
		u.closes++
		for _, p := range r.at {
			if p.Fixed == u.version && p.Remediation != "" && !slices.Contains(commands, p.Remediation) {
				commands = append(commands, p.Remediation)
			}
		}
	}
	u.command = joinCommands(commands, g.packages)
	return u
}

// joinCommands makes one command of those that differ only in the name of the
// package at their end.
func joinCommands(commands []string, packages []*finding.Package) string {
	if len(commands) < 2 {
		return strings.Join(commands, "")
	}
	var stem string
	var names []string
	for _, c := range commands {
		for _, p := range packages {
			s, ok := strings.CutSuffix(c, " "+p.Name)
			if !ok || stem != "" && s != stem {
				continue
			}
			stem = s
			names = append(names, p.Name)
			break
		}
	}
	if len(names) != len(commands) {
		return strings.Join(commands, "; ")
	}
	return stem + " " + strings.Join(names, " ")
}

// layout is the widths of the columns, the same for the whole table.
type layout struct{ id, fixed, epss int }

const (
	severityWidth = 9
	scoreWidth    = 5
	gap           = "  "
)

// layoutOf makes columns as wide as they need to be, but not so wide that the
// rest has no place.
func layoutOf(groups []*group, columns int) layout {
	l := layout{id: len("VULNERABILITY"), fixed: len("FIXED IN")}
	for _, g := range groups {
		for _, r := range g.rows {
			l.id = max(l.id, width(clean(r.f.Vulnerability)))
			l.fixed = max(l.fixed, width(clean(fixedText(r))))
			if r.f.EPSS != nil {
				l.epss = len(">99.9%")
			}
		}
	}
	l.id = min(l.id, max(len("GHSA-9x64-5r7x-2q53"), columns*22/100))
	l.fixed = min(l.fixed, max(len("1.2.4-0.2+deb12u1"), columns*20/100))
	return l
}

// findings writes the table itself.
func (t *table) findings() {
	gs := groups(t.d.Findings)
	if len(gs) == 0 {
		return
	}
	l := layoutOf(gs, t.width)
	head := gap + pad("SEVERITY", severityWidth) + gap + padLeft("SCORE", scoreWidth) + gap +
		pad("VULNERABILITY", l.id) + gap + pad("FIXED IN", l.fixed)
	if l.epss > 0 {
		head += gap + padLeft("EPSS", l.epss)
	}
	t.line()
	t.line(span{head, dim})
	for i, g := range gs {
		if i > 0 {
			t.line()
		}
		t.group(g, l)
	}
}

func (t *table) group(g *group, l layout) {
	t.heading(g)
	t.places(g)
	for _, r := range g.rows {
		t.row(r, l)
	}
	u := upgradeOf(g)
	switch {
	case u.version == "":
		return
	case u.closes == len(g.rows) && u.closes == 1:
		t.advise("upgrade to "+u.version+" closes it", u.command)
	case u.closes == len(g.rows) && u.closes == 2:
		t.advise("upgrade to "+u.version+" closes both", u.command)
	case u.closes == len(g.rows):
		t.advise("upgrade to "+u.version+" closes all "+strconv.Itoa(u.closes), u.command)
	default:
		t.advise("upgrade to "+u.version+" closes "+strconv.Itoa(u.closes)+" of "+strconv.Itoa(len(g.rows)), u.command)
	}
}

// advise writes what to do, and how if it fits beside it, else below.
func (t *table) advise(what, how string) {
	what = clean(what)
	how = clean(how)
	lines := wrap(what, t.width-4)
	for i, s := range lines {
		lead := "    "
		if i == 0 {
			lead = "  → "
		}
		if i == len(lines)-1 && how != "" && width(s)+width(how)+8 <= t.width {
			t.line(span{lead, green}, span{s, green}, span{":  ", green}, span{how, none})
			return
		}
		t.line(span{lead, green}, span{s, green})
	}
	t.paragraph(len("    "), none, how)
}

// heading names the package: the installed ones too where they were built from
// a source package of another name.
func (t *table) heading(g *group) {
	version := g.version
	if version == "" {
		version = "(no version)"
	}
	facts := g.typ
	var names []string
	for _, p := range g.packages {
		if p.Name != g.name && !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	if len(names) > 0 {
		facts += ": " + some(names, maxSubjects)
	}
	name := cutMiddle(clean(g.name), t.width-min(width(clean(version)), t.width/3)-2)
	t.line(span{name, bold}, span{" ", none}, span{version, none}, span{"  " + facts, dim})
}

// places says where the packages of a group are, and which layers brought them.
func (t *table) places(g *group) {
	var paths []string
	target := t.d.Report.Target
	files, layers := placesOf(target.Kind, len(target.Layers), g.packages)
	for _, p := range files {
		s := cutMiddle(clean(p.Path), t.width-4)
		if p.OwnedBy != "" {
			s = cutMiddle(clean(p.Path), t.width-24-width(clean(p.OwnedBy))) + " (installed by " + clean(p.OwnedBy) + ")"
		}
		paths = append(paths, s)
	}
	for i, s := range paths {
		if i == maxPaths {
			t.line(span{gap + "and in " + plural(len(paths)-i, "other place", "other places"), dim})
			break
		}
		t.line(span{gap + s, dim})
	}
	for i, digest := range layers {
		if i == maxPaths {
			t.line(span{gap + "and in " + plural(len(layers)-i, "other layer", "other layers"), dim})
			break
		}
		text := gap + "layer " + shortDigest(digest)
		if l, ok := t.layers[digest]; ok {
			text = gap + "layer " + strconv.Itoa(l.number) + " " + l.short
			if l.step != "" {
				text += "  " + l.step
			}
		}
		t.line(span{text, dim})
	}
}

func (t *table) row(r groupRow, l layout) {
	word, st := string(r.f.Severity), none
	if i := rank(r.f.Severity); i < len(severities) {
		word, st = severities[i].word, severities[i].style
	}
	fixed := none
	if r.fixed == "" {
		fixed = dim
	}
	spans := []span{
		{gap, none},
		{word, st},
		{strings.Repeat(" ", max(0, severityWidth-len(word))) + gap + padLeft(scoreText(r.f.Score), scoreWidth) + gap, none},
		{pad(cut(clean(r.f.Vulnerability), l.id), l.id) + gap, none},
		{pad(cut(clean(fixedText(r)), l.fixed), l.fixed), fixed},
	}
	used := 2 + severityWidth + 2 + scoreWidth + 2 + l.id + 2 + l.fixed
	if l.epss > 0 {
		text := ""
		if r.f.EPSS != nil {
			text = percent(r.f.EPSS.Score)
		}
		spans = append(spans, span{gap + padLeft(text, l.epss), none})
		used += 2 + l.epss
	}
	room := t.width - used - len(gap)
	if text := t.markText(r); text != "" {
		st := yellow
		if r.f.KEV != nil {
			st = alarm
		}
		text = cut(text, max(room, 0))
		spans = append(spans, span{gap, none}, span{text, st})
		room -= width(text) + len(gap)
	}
	// What is left is worth a few words of the description, but not two.
	if text := clean(headline(r.f)); width(text) <= room || room >= minHeadline {
		spans = append(spans, span{gap + cut(text, room), dim})
	}
	t.line(trimmed(spans)...)
}

// trimmed drops blank pieces at the end of a line and the blanks before them.
func trimmed(spans []span) []span {
	for n := len(spans); n > 0; n-- {
		spans[n-1].text = strings.TrimRight(spans[n-1].text, " ")
		if spans[n-1].text != "" {
			return spans[:n]
		}
	}
	return nil
}

func fixedText(r groupRow) string {
	if r.fixed != "" {
		return r.fixed
	}
	return noFix(r.at[0].Match.State)
}

// markText writes the marks of a finding.
func (t *table) markText(r groupRow) string {
	var marks []string
	for _, m := range marksOf(t.d.Base, r) {
		marks = append(marks, m.Text)
	}
	return strings.Join(marks, ", ")
}

// some lists the first few of a list and counts the rest.
func some(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:n], ", ") + " and " + strconv.Itoa(len(list)-n) + " more"
}

// summary counts what was found.
func (t *table) summary() {
	c := count(t.d)
	n := len(t.d.Report.Inventory.Packages)
	t.line()
	if len(t.d.Findings) == 0 {
		t.nothing(c, n)
		return
	}
	t.line(span{plural(len(t.d.Findings), "finding", "findings") + " in " + strconv.Itoa(c.affected) + " of " +
		plural(n, "package", "packages"), bold})
	spans := []span{{gap, none}}
	for _, s := range severities {
		if k := c.severities[s.severity]; k > 0 {
			if len(spans) > 1 {
				spans = append(spans, span{" · ", dim})
			}
			spans = append(spans, span{strconv.Itoa(k) + " " + s.text, s.style})
		}
	}
	t.line(spans...)
	facts := []string{closing(c.fixable, len(t.d.Findings))}
	if c.exploited > 0 {
		facts = append(facts, strconv.Itoa(c.exploited)+" known to be exploited (KEV)")
	}
	t.line(span{gap + strings.Join(facts, " · "), none})
	t.base()
	if c.hidden > 0 {
		t.paragraph(2, dim, plural(c.hidden, "more vulnerability is", "more vulnerabilities are")+" not among those asked for.")
	}
}

// base says how the findings compare with those of an earlier scan.
func (t *table) base() {
	if text := comparison(t.d); text != "" {
		t.paragraph(2, none, text)
	}
}

// nothing says that there is no finding, and how much that means.
func (t *table) nothing(c counts, packages int) {
	switch {
	case packages == 0:
		t.line(span{"No packages were found, so that there was nothing to judge.", bold})
	case c.hidden > 0:
		t.line(span{"No findings of those asked for in " + plural(packages, "package", "packages"), bold})
		t.paragraph(2, none, plural(c.hidden, "other vulnerability was", "other vulnerabilities were")+" found.")
	default:
		t.line(span{"No known vulnerabilities in " + plural(packages, "package", "packages"), "1;32"})
	}
	t.base()
}

// packages lists an inventory.
func (t *table) packages() {
	packages := t.d.Report.Inventory.Packages
	if len(packages) == 0 {
		return
	}
	typ, name, version := len("TYPE"), len("NAME"), len("VERSION")
	for i := range packages {
		typ = max(typ, width(clean(packages[i].Type)))
		name = max(name, width(clean(packages[i].Name)))
		version = max(version, width(clean(packages[i].Version)))
	}
	typ = min(typ, t.width/6)
	name = min(name, t.width*36/100)
	version = min(version, t.width*26/100)
	t.line()
	t.line(span{pad("TYPE", typ) + gap + pad("NAME", name) + gap + pad("VERSION", version) + gap + "WHERE", dim})
	for i := range packages {
		p := &packages[i]
		path := t.width - typ - name - version - 3*len(gap)
		t.line(
			span{pad(cut(clean(p.Type), typ), typ) + gap, dim},
			span{pad(cutMiddle(clean(p.Name), name), name) + gap, none},
			span{pad(cutMiddle(clean(cmp.Or(p.Version, "-")), version), version) + gap, none},
			span{cutMiddle(clean(p.Path), path), dim},
		)
	}
}

// inventorySummary counts packages by type.
func (t *table) inventorySummary() {
	packages := t.d.Report.Inventory.Packages
	byType := map[string]int{}
	for i := range packages {
		byType[packages[i].Type]++
	}
	var types []string
	for typ := range byType {
		types = append(types, typ)
	}
	slices.SortFunc(types, func(a, b string) int { return cmp.Or(cmp.Compare(byType[b], byType[a]), cmp.Compare(a, b)) })
	for i, typ := range types {
		types[i] = strconv.Itoa(byType[typ]) + " " + typ
	}
	t.line()
	if len(packages) == 0 {
		t.line(span{"No packages were found.", bold})
		return
	}
	t.line(span{plural(len(packages), "package", "packages"), bold})
	t.paragraph(2, none, strings.Join(types, " · "))
}

// problems lists what could not be read.
func (t *table) problems() {
	problems := t.d.Report.Inventory.Problems
	if len(problems) == 0 {
		return
	}
	t.line()
	t.line(span{"Not read, so that packages may be missing: " + plural(len(problems), "problem", "problems"), "1;33"})
	for i, p := range problems {
		if i == maxProblems {
			t.line(span{gap + "and " + strconv.Itoa(len(problems)-i) + " more, which -o json lists", dim})
			break
		}
		t.problem(p)
	}
}

// problem writes one problem: on one line if it fits, else the reason below
// the place.
func (t *table) problem(p inventory.Problem) {
	where, reason := clean(p.Path), clean(p.Reason)
	if p.Layer != "" {
		where = strings.TrimSpace(where + " in layer " + clean(shortDigest(p.Layer)))
	}
	switch {
	case where == "":
		t.paragraph(2, none, reason)
	case width(where)+width(reason)+4 <= t.width:
		t.line(span{gap + where + ": " + reason, none})
	default:
		t.line(span{gap + cutMiddle(where, t.width-3) + ":", none})
		t.paragraph(4, none, reason)
	}
}

// notes says what could not be judged.
func (t *table) notes() {
	for i, n := range notesOf(t.d) {
		if i == 0 {
			t.line()
		}
		st := none
		if n.lacking {
			st = yellow
		}
		t.paragraph(0, st, n.text)
	}
}

// starter says when only the small set of advisories was asked.
func (t *table) starter() {
	if db := t.d.Report.Database; db != nil && db.Starter {
		t.line()
		t.paragraph(0, yellow, starterText(db))
	}
}

// maxListed is how many suppressed findings, commands and packages without a fix
// are listed before the rest is only counted.
const maxListed = 15

// suppressed counts what does not count, and lists it if that is asked for.
func (t *table) suppressed() {
	list := t.d.Suppressed
	if len(list) == 0 {
		return
	}
	text := SuppressedText(list)
	if !t.d.ShowSuppressed {
		t.paragraph(2, dim, text+" (--show-suppressed lists them)")
		return
	}
	t.line()
	t.line(span{text, bold})
	for i := range list {
		s := &list[i]
		t.line(span{gap + s.Finding.Title, none})
		t.paragraph(4, dim, s.because())
		t.paragraph(4, dim, "by "+s.Source)
	}
}

// ended says what is supported no more.
func (t *table) ended() {
	for i := range t.d.Ended {
		if i == 0 {
			t.line()
		}
		t.paragraph(0, yellow, EndedText(&t.d.Ended[i])+".")
	}
}

// remedies says what to do: the commands, and what no upgrade closes.
func (t *table) remedies() {
	if len(t.d.Findings) == 0 {
		return
	}
	r := RemediesOf(t.d)
	t.line()
	t.line(span{"What to do", bold})
	if r.Base != nil {
		t.paragraph(2, none, r.Base.text())
	}
	for i, c := range r.Commands {
		if i == maxListed {
			t.line(span{gap + "and " + plural(len(r.Commands)-i, "more command", "more commands") + ", which -o json lists", dim})
			break
		}
		text := c.Text
		if c.Place != "" {
			text = "in " + c.Place + ": " + text
		}
		t.paragraph(2, green, text)
	}
	left := leftTexts(r.Left)
	if len(left) == 0 {
		return
	}
	t.line(span{gap + "No upgrade closes", none})
	for i, text := range left {
		if i == maxListed {
			t.line(span{"    and " + plural(len(left)-i, "more package", "more packages") + ", which -o json lists", dim})
			break
		}
		t.paragraph(4, dim, text)
	}
}

// leftTexts puts together what no upgrade closes, by package and reason.
func leftTexts(list []Left) []string {
	type key struct{ typ, name, version, reason string }
	at := map[key]int{}
	var keys []key
	var ids [][]string
	for _, l := range list {
		k := key{l.Type, l.Name, l.Version, l.Reason}
		n, ok := at[k]
		if !ok {
			n = len(keys)
			at[k] = n
			keys = append(keys, k)
			ids = append(ids, nil)
		}
		if !slices.Contains(ids[n], l.Vulnerability) {
			ids[n] = append(ids[n], l.Vulnerability)
		}
	}
	var out []string
	for n, k := range keys {
		out = append(out, strings.TrimSpace(k.name+" "+k.version)+" ("+k.typ+"): "+some(ids[n], maxSubjects)+": "+k.reason)
	}
	return out
}
