package feed

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// Reasons for which configurations say nothing.
const (
	rejectUnknown   = "not software that is recognised"
	rejectNoVersion = "no statement on versions"
	rejectCPE       = "not a CPE"
	rejectNegated   = "a condition that is negated"
)

// maxMatches are the CPEs of one flaw that are read; real ones have 4,000.
const maxMatches = 100_000

// A configuration says what is vulnerable, and together with what.
// Source: NVD, CVE API 2.0 schema, "config".
type configuration struct {
	Operator string    `json:"operator"` // AND: what else must be there; empty or OR
	Negate   bool      `json:"negate"`
	Nodes    []cpeNode `json:"nodes"`
}

type cpeNode struct {
	Negate  bool       `json:"negate"`
	Matches []cpeMatch `json:"cpeMatch"`
}

type cpeMatch struct {
	Vulnerable bool   `json:"vulnerable"`
	Criteria   string `json:"criteria"`
	From       string `json:"versionStartIncluding"`
	After      string `json:"versionStartExcluding"`
	To         string `json:"versionEndIncluding"`
	Before     string `json:"versionEndExcluding"`
}

// A cpe is a name of a product. Escapes are as they are but in the version.
type cpe struct {
	part, name, version, update, target string // name is vendor:product
}

// parseCPE reads a formatted string. Source: NISTIR 7695, "CPE Naming
// Specification 2.3", 6.2.
func parseCPE(s string) (c cpe, ok bool) {
	if len(s) > maxName {
		return c, false
	}
	fields := make([]string, 0, 13)
	for start, i := 0, 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == ':':
			fields = append(fields, s[start:i])
			start = i + 1
		case s[i] == '\\':
			i++
		}
	}
	if len(fields) != 13 || fields[0] != "cpe" || fields[1] != "2.3" {
		return c, false
	}
	c = cpe{
		part: fields[2], name: strings.ToLower(fields[3] + ":" + fields[4]),
		version: strings.ReplaceAll(fields[5], `\`, ""), update: strings.ReplaceAll(fields[6], `\`, ""),
		target: strings.ToLower(fields[10]),
	}
	return c, isName(c.name) && c.version != ""
}

// targets has the operating systems that a CPE may name as the software that
// it is made for. Source: NVD, CPE dictionary.
var targets = map[string]string{
	"windows": "microsoft:windows", "macos": "apple:macos", "mac_os_x": "apple:macos", "mac_os": "apple:macos",
	"android": "google:android", "linux": "linux:linux_kernel", "linux_kernel": "linux:linux_kernel", "iphone_os": "apple:iphone_os",
}

// javaCPEs are the products whose versions are written with a 1 in front.
var javaCPEs = []string{"oracle:jdk", "oracle:jre", "oracle:java_se", "oracle:openjdk"}

// javaVersion writes the version of a Java runtime in the way that counts from
// the major version: 1.8.0_271 as 8.0.271, 1.8 as 8.0.
// Source: JEP 223, "New Version-String Scheme".
func javaVersion(name, version string) string {
	rest, ok := strings.CutPrefix(version, "1.")
	if !ok || !slices.Contains(javaCPEs, name) {
		return version
	}
	rest = strings.NewReplacer("-update_", "_", "-update", "_").Replace(rest)
	major, rest, more := strings.Cut(rest, ".")
	if !more {
		return major + ".0"
	}
	minor, update, _ := strings.Cut(rest, "_")
	return strings.TrimSuffix(major+"."+minor+"."+update, ".")
}

// at is a product, limited to platforms.
type at struct{ name, platforms string }

// flawed is what is vulnerable.
type flawed struct {
	spans map[at][]span
	odd   map[at][]advisory.Range // whose ends have no order
	known bool                    // any product is software that is recognised
}

var cpeSet = versionSet{"cpe"}

// affectedBy returns the software that configurations name and that is
// recognised, and reports whether there is any even if nothing is said of its
// versions.
func (r *rejects) affectedBy(list []configuration) (out []advisory.Affected, known bool) {
	f := flawed{spans: map[at][]span{}, odd: map[at][]advisory.Range{}}
	n := 0
	for _, c := range list {
		platforms := c.platforms()
		for _, node := range c.nodes() {
			if c.Negate || node.Negate {
				r.add(rejectNegated, "")
				continue
			}
			for _, m := range node.Matches {
				if n++; m.Vulnerable && n <= maxMatches {
					r.match(&f, m, platforms)
				}
			}
		}
	}
	if n > maxMatches {
		r.add(rejectMany, "")
	}
	keys := slices.Collect(maps.Keys(f.spans))
	for k := range f.odd {
		if _, ok := f.spans[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b at) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.platforms, b.platforms)) })
	for _, k := range keys {
		p := advisory.Affected{Ecosystem: advisory.Ecosystem{Type: "cpe"}, Name: k.name}
		if k.platforms != "" {
			p.Platforms = strings.Fields(k.platforms)
		}
		if p.Ranges = append(ranges(cpeSet.union(f.spans[k])), f.odd[k]...); len(p.Ranges) > 0 {
			out = append(out, p)
		}
	}
	return out, f.known
}

// nodes returns those that a configuration has, at most as many as there may
// be CPEs.
func (c configuration) nodes() []cpeNode { return c.Nodes[:min(len(c.Nodes), maxMatches)] }

// platforms returns the operating systems of which one must be there, in
// order, with a space between them; or nothing if the configuration has no
// such condition, or has others that cannot be looked at.
func (c configuration) platforms() string {
	if c.Operator != "AND" {
		return ""
	}
	for _, node := range c.nodes() {
		var systems []string
		for _, m := range node.Matches {
			name, ok := parseCPE(m.Criteria)
			if m.Vulnerable || !ok || name.part != "o" || node.Negate {
				systems = nil
				break
			}
			systems = append(systems, name.name)
		}
		if len(systems) > 0 {
			slices.Sort(systems)
			return strings.Join(slices.Compact(systems), " ")
		}
	}
	return ""
}

// match adds one CPE that is vulnerable.
func (r *rejects) match(f *flawed, m cpeMatch, platforms string) {
	c, ok := parseCPE(m.Criteria)
	if !ok {
		r.add(rejectCPE, m.Criteria)
		return
	}
	if len(ecosystem.SoftwareOfCPE(c.name)) == 0 {
		return
	}
	f.known = true
	rng, stated := m.versions(c)
	if !stated {
		return
	}
	key := at{c.name, cmp.Or(platforms, targets[c.target])}
	for _, v := range []string{rng.Introduced, rng.Fixed, rng.LastAffected} {
		switch {
		case v == "":
		case !isName(v):
			r.add(rejectVersion, c.name+" "+v)
			return
		case !orderable("cpe", v):
			f.odd[key] = append(f.odd[key], rng)
			return
		}
	}
	f.spans[key] = append(f.spans[key], spanOf(rng))
}

// versions returns the range of a CPE. The version "-" (not applicable) and "*"
// (any) say nothing on their own: NVD writes them where the versions are not
// known. Source: NISTIR 7695, 5.3.1.
func (m cpeMatch) versions(c cpe) (r advisory.Range, stated bool) {
	java := func(v string) string { return javaVersion(c.name, strings.ReplaceAll(strings.TrimSpace(v), `\`, "")) }
	if c.version != "*" && c.version != "-" {
		v := c.version
		if c.update != "*" && c.update != "-" && c.update != "" {
			v += "-" + c.update
		}
		v = java(v)
		return advisory.Range{Introduced: v, LastAffected: v}, true
	}
	r = advisory.Range{
		Introduced: cmp.Or(java(m.From), java(m.After)), After: m.From == "" && m.After != "",
		Fixed: java(m.Before),
	}
	if r.Fixed == "" {
		r.LastAffected = java(m.To)
	}
	return r, r != advisory.Range{}
}

// spanOf is the opposite of ranges, for one.
func spanOf(r advisory.Range) span {
	s := span{before, past}
	if r.Introduced != "" {
		s.from = cut{version: r.Introduced, after: r.After}
	}
	switch {
	case r.Fixed != "":
		s.to = cut{version: r.Fixed}
	case r.LastAffected != "":
		s.to = cut{version: r.LastAffected, after: true}
	}
	return s
}

// configured is a line of a list of configurations that NVD lacks.
// Source: anchore/nvd-data-overrides, README.
type configured struct {
	CVE            string          `json:"cve"`
	Configurations []configuration `json:"configurations"`
}

func isCPEs(keys map[string]string) bool {
	_, ok := keys["configurations"]
	return ok && isCVE(keys["cve"])
}

// readCPEs reads JSON values, one on each line.
func readCPEs(ctx context.Context, s Source, yield func(Record, error) bool) {
	err := readOne(s, func(r *bufio.Reader) error {
		limited := &elementReader{r: r, max: s.in.max.record}
		dec := json.NewDecoder(limited)
		for i := 1; ; i++ {
			limited.n = 0
			var raw json.RawMessage
			switch err := dec.Decode(&raw); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if !send(yield, parseCPEs(document{fmt.Sprintf("line %d", i), raw})) {
				return errStopped
			}
		}
	})
	if err != nil && !errors.Is(err, errStopped) {
		yield(Record{}, fmt.Errorf("reading %s: %w", s.Path, err))
	}
}

func parseCPEs(doc document) []outcome {
	var c configured
	if err := json.Unmarshal(doc.data, &c); err != nil {
		return refused(doc.name, rejectJSON, err.Error())
	}
	if !isCVE(c.CVE) {
		return refused(doc.name, rejectCVE, c.CVE)
	}
	rej := rejects{id: c.CVE}
	list, known := rej.affectedBy(c.Configurations)
	switch {
	case len(list) == 0 && !known:
		return refused(c.CVE, rejectUnknown, "")
	case len(list) == 0:
		return refused(c.CVE, rejectNoVersion, "")
	}
	a := &advisory.Advisory{Source: CPE, ID: c.CVE, Kind: advisory.Vulnerability, Affected: list}
	return rej.outcomes(outcome{record: Record{Advisory: a}})
}
