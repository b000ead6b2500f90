package match

import (
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// A subject is one of a package's names with the version that belongs to it,
// ready to be compared with many statements.
type subject struct {
	typ, name, version string
	kind               advisory.NameKind
	noEpoch            bool // the version is of an rpm without its epoch, and those of advisories do not count either

	prepared bool
	compared string // the version as it is compared
	key      []byte // of compared; of no meaning if the ecosystem has no keys
	keyed    bool   // the ecosystem has keys
	bad      bool   // the version has no place in the order of its ecosystem

	first, last string // versions that it may mean; empty if it means itself
}

// set makes s another subject, which takes over its memory.
func (s *subject) set(typ, name, version string, kind advisory.NameKind) {
	*s = subject{typ: typ, name: name, version: version, kind: kind, key: s.key[:0]}
}

// prepare reads the version once; most names have no statement at all.
func (s *subject) prepare() {
	if s.prepared {
		return
	}
	s.prepared, s.compared = true, s.version
	if s.noEpoch {
		_, s.compared = cutEpoch(s.version)
	}
	var err error
	if s.keyed = ecosystem.HasKey(s.typ); s.keyed {
		s.key, err = ecosystem.AppendKey(s.key, s.typ, s.compared)
	} else {
		_, err = ecosystem.Compare(s.typ, s.compared, s.compared)
	}
	s.bad = err != nil || isPlaceholder(s.typ, s.version)
	s.first, s.last, _ = ecosystem.Span(s.typ, s.version)
}

// isPlaceholder tells whether a version is only where one should be: a property
// that nothing has filled in, or what Gradle writes for none.
// Source: Maven, "Introduction to the POM", section "Project Interpolation";
// Gradle, Project.DEFAULT_VERSION.
func isPlaceholder(typ, version string) bool {
	return typ == "maven" && (version == "unspecified" || strings.Contains(version, "${"))
}

// compare orders the version and an end of a range with the key endKey, which
// may be nil, as the ecosystem's own range operators do.
func (s *subject) compare(end string, endKey []byte) (int, error) {
	switch {
	case !s.keyed:
		return ecosystem.Compare(s.typ, s.compared, end)
	case s.noEpoch:
		_, end = cutEpoch(end)
		endKey = nil
	}
	if endKey == nil {
		var buf [96]byte
		var err error
		if endKey, err = ecosystem.AppendKey(buf[:0], s.typ, end); err != nil {
			return 0, err
		}
	}
	return ecosystem.CompareEnd(s.typ, s.key, endKey), nil
}

// decision is what a statement says of one version: nothing, unless where or
// unassessed is set.
type decision struct {
	where      string // the range or list that holds the version
	fixed      string // version that ends it
	unsure     string // why where may not hold it: the statement's own versions have no order
	unassessed string // why nothing can be said: the package's version is missing or has no order
}

// clears tells whether a statement that versions are not affected decides: one
// that is surely about the package, and surely holds its version.
func (d *decision) clears(guessed bool) bool {
	return d.where != "" && d.unsure == "" && !guessed
}

// listed is what Why.Range says of a version that an advisory names outright.
const listed = "listed"

// Reasons for which a package is not assessed.
const (
	noVersion   = "the package states no version"
	badVersion  = "the version has no place in the order of its ecosystem: "
	onlyCommits = "an advisory names only commits, which have no order"
	moving      = "it depends on the release that this tag of many stands for: "
)

// decide applies a statement to a version.
//
// A version is affected if it is listed or lies in a range; with neither, all
// versions are. Source: OSV schema, "Evaluation".
func decide(st *advisory.Statement, s *subject) decision {
	stated := len(st.Versions) > 0 || len(st.Ranges) > 0
	switch {
	case s.version == "":
		// Not even a statement about all versions counts: what states none is a
		// working copy, which may share no more than the name.
		return decision{unassessed: noVersion}
	case !stated && st.Skipped > 0:
		return decision{unassessed: onlyCommits}
	case !stated, everything(st):
		return decision{where: advisory.Range{}.String()}
	}
	s.prepare()
	if s.first != "" {
		return decideSpan(st, s)
	}
	if s.bad {
		switch {
		case slices.Contains(st.Versions, s.version):
			return decision{where: listed}
		case len(st.Ranges) == 0:
			return decision{}
		}
		return decision{unassessed: badVersion + s.version}
	}
	var unsure *advisory.KeyRange
	for i := range st.Ranges {
		r := &st.Ranges[i]
		in, err := inside(r, s)
		if err != nil {
			unsure = r
		}
		if in {
			return decision{where: r.String(), fixed: fixOf(st, s, r)}
		}
	}
	if isListed(st, s) {
		return decision{where: listed, fixed: nextFix(st, s)}
	}
	if unsure != nil {
		return decision{
			where:  unsure.String(),
			unsure: "the range " + unsure.String() + " has an end without a place in the order of " + s.typ + ", or ends before it begins",
		}
	}
	return decision{}
}

// decideSpan applies a statement to a tag that moves from release to release. It
// is affected if one range holds all that it may mean, and not if there is
// nothing of them in any; otherwise nobody can tell from the tag alone.
func decideSpan(st *advisory.Statement, s *subject) decision {
	if slices.Contains(st.Versions, s.version) {
		return decision{where: listed}
	}
	var first, last subject
	first.set(s.typ, s.name, s.first, s.kind)
	last.set(s.typ, s.name, s.last, s.kind)
	d, e := decide(st, &first), decide(st, &last)
	switch {
	case d.where != "" && d.where == e.where && d.where != listed:
		return d
	case d.where == "" && e.where == "" && !touches(st, &first, &last):
		return decision{}
	}
	return decision{unassessed: moving + s.version}
}

// touches tells whether a range begins, or a listed version lies, between two
// versions.
func touches(st *advisory.Statement, first, last *subject) bool {
	between := func(v string) bool {
		a, err := first.compare(v, nil)
		b, err2 := last.compare(v, nil)
		return err != nil || err2 != nil || a <= 0 && b >= 0
	}
	for i := range st.Ranges {
		if v := st.Ranges[i].Introduced; v != "" && between(v) {
			return true
		}
	}
	return slices.ContainsFunc(st.Versions, between)
}

// everything tells whether a range without ends holds all versions, so that
// none needs to be compared.
func everything(st *advisory.Statement) bool {
	for i := range st.Ranges {
		if st.Ranges[i].Range == (advisory.Range{}) {
			return true
		}
	}
	return false
}

// inside tells whether a version lies in a range. It is an error if an end
// cannot be ordered and the other does not exclude the version.
func inside(r *advisory.KeyRange, s *subject) (bool, error) {
	var failed error
	if r.Introduced != "" {
		c, err := s.compare(r.Introduced, r.IntroducedKey)
		if err == nil && (c < 0 || c == 0 && r.After) {
			return false, nil
		}
		failed = err
	}
	end := r.Fixed
	if end == "" {
		end = r.LastAffected
	}
	if end != "" {
		c, err := s.compare(end, r.EndKey)
		if err == nil && (c > 0 || c == 0 && r.Fixed != "") {
			return false, nil
		}
		if failed == nil {
			failed = err
		}
	}
	if failed == nil && r.Bad {
		failed = ecosystem.ErrSyntax
	}
	return failed == nil, failed
}

// isListed tells whether a statement names the version. A list with ranges
// beside it repeats what they hold, and more, in the spelling of the registry;
// a list alone is all there is, and any spelling of a version counts.
// Source: OSV schema, "affected[].versions field".
func isListed(st *advisory.Statement, s *subject) bool {
	if slices.Contains(st.Versions, s.version) {
		return true
	}
	if len(st.Ranges) > 0 {
		return false
	}
	for _, v := range st.Versions {
		if c, err := s.compare(v, nil); err == nil && c == 0 {
			return true
		}
	}
	return false
}

// fixOf returns the version that closes a range which holds the version.
func fixOf(st *advisory.Statement, s *subject, r *advisory.KeyRange) string {
	if r.Fixed == "" || !slices.Contains(st.Versions, r.Fixed) {
		return r.Fixed
	}
	// Listed versions count beside the ranges: PYSEC-2023-177 lists the version
	// in which its range says that the flaw is fixed.
	return nextFix(st, s)
}

// nextFix returns the lowest version above the package's that ends a range and
// is not itself listed as affected; empty if there is none.
func nextFix(st *advisory.Statement, s *subject) string {
	best := ""
	for i := range st.Ranges {
		r := &st.Ranges[i]
		if r.Fixed == "" || r.Bad || slices.Contains(st.Versions, r.Fixed) {
			continue
		}
		if c, err := s.compare(r.Fixed, r.EndKey); err != nil || c >= 0 {
			continue
		}
		if best == "" {
			best = r.Fixed
		} else if c, err := ecosystem.Compare(s.typ, r.Fixed, best); err == nil && c < 0 {
			best = r.Fixed
		}
	}
	return best
}

// repairedIn returns the version at which a range had ended before the
// package's version; empty if none had. It is asked where no range holds the
// version.
func repairedIn(st *advisory.Statement, s *subject) string {
	best := ""
	for i := range st.Ranges {
		r := &st.Ranges[i]
		if r.Fixed == "" || r.Bad {
			continue
		}
		if c, err := s.compare(r.Fixed, r.EndKey); err == nil && c >= 0 {
			best = ecosystem.Later(s.typ, best, r.Fixed)
		}
	}
	return best
}
