package scan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/vex"
	"github.com/assay-project/assay/match"
)

// Exceptions are what people state of matches. They act after matching: a scan
// without them has every match.
type Exceptions struct {
	Statements []vex.Statement
	Ignores    []vex.Ignore
	Now        time.Time // of which entries expire
}

// Suppression is why a match does not count.
type Suppression struct {
	Status        vex.Status `json:"status"`                  // not_affected, fixed; "ignored" for an entry of an ignore file
	Justification string     `json:"justification,omitempty"` // the word of the statement
	Reason        string     `json:"reason,omitempty"`        // for people
	Author        string     `json:"author,omitempty"`
	Time          time.Time  `json:"time,omitzero"`    // of the statement
	Expires       time.Time  `json:"expires,omitzero"` // last day of the entry
	Source        string     `json:"source"`           // the file and the place in it
}

// Ignored is the status of what an entry of an ignore file suppresses.
const Ignored vex.Status = "ignored"

// Suppressed are the matches that one statement or entry suppresses.
type Suppressed struct {
	Suppression

	Matches []match.Match
}

// Judged is what exceptions make of matches.
type Judged struct {
	Kept       []match.Match
	Suppressed []Suppressed // in the order in which their first match stands
	Remarks    []string     // for people: what of the exceptions has no effect, and why
}

// Judge tells which matches of a report count. It changes none of it.
func (e Exceptions) Judge(r *Report) Judged {
	var out Judged
	target := targetOf(r)
	book := vex.NewBook(e.Statements)
	used := make([]bool, len(e.Ignores))
	at := map[string]int{} // by the source of the suppression
	for i := range r.Result.Matches {
		m := &r.Result.Matches[i]
		ids := append([]string{m.Vulnerability}, m.Aliases...)
		why, ok := stated(book.Lookup(target, ids, &m.Package))
		for j := range e.Ignores {
			entry := &e.Ignores[j]
			if entry.Expired(e.Now) || !entry.Covers(ids, &m.Package, r.Inventory.OS) {
				continue
			}
			used[j] = true
			if !ok {
				why, ok = ignored(entry), true
			}
		}
		if !ok {
			out.Kept = append(out.Kept, *m)
			continue
		}
		k, seen := at[why.Source]
		if !seen {
			k = len(out.Suppressed)
			at[why.Source] = k
			out.Suppressed = append(out.Suppressed, Suppressed{Suppression: why})
		}
		out.Suppressed[k].Matches = append(out.Suppressed[k].Matches, *m)
	}
	out.Remarks = append(unusedStatements(book.Unused(), e.Statements), e.unusedEntries(used)...)
	return out
}

func targetOf(r *Report) *vex.Target {
	t := &vex.Target{OS: r.Inventory.OS, Packages: r.Inventory.Packages, Names: append([]string{r.Target.Name}, r.Target.Tags...)}
	for _, d := range []string{r.Target.Digest, r.Target.ImageID} {
		if d != "" {
			t.Digests = append(t.Digests, strings.ToLower(d))
		}
	}
	return t
}

func stated(s *vex.Statement) (Suppression, bool) {
	if s == nil || !s.Status.Suppresses() {
		return Suppression{}, false
	}
	return Suppression{
		Status: s.Status, Justification: s.Justification, Reason: s.Text, Author: s.Author, Time: s.Time,
		Source: s.File + ": " + s.Place,
	}, true
}

func ignored(e *vex.Ignore) Suppression {
	out := Suppression{
		Status: Ignored, Justification: e.Justification, Reason: e.Reason, Expires: e.Expires,
		Source: fmt.Sprintf("%s:%d", e.File, e.Line),
	}
	if e.Justification != "" {
		out.Status = vex.NotAffected
	}
	return out
}

// maxNamed is how many vulnerabilities a remark names.
const maxNamed = 5

// unusedStatements says for each file what of it matches nothing.
func unusedStatements(unused, all []vex.Statement) []string {
	total, byFile := map[string]int{}, map[string][]string{}
	var files []string
	for i := range all {
		if total[all[i].File]++; total[all[i].File] == 1 {
			files = append(files, all[i].File)
		}
	}
	left := map[string]int{}
	for i := range unused {
		s := &unused[i]
		left[s.File]++
		if !slices.Contains(byFile[s.File], s.Vulnerability) && len(byFile[s.File]) <= maxNamed {
			byFile[s.File] = append(byFile[s.File], s.Vulnerability)
		}
	}
	var out []string
	for _, f := range files {
		if left[f] == 0 {
			continue
		}
		names := byFile[f]
		more := ""
		if len(names) > maxNamed {
			names, more = names[:maxNamed], " and others"
		}
		out = append(out, fmt.Sprintf("%s: %d of %d statements match nothing in this target: %s%s", f, left[f], total[f], strings.Join(names, ", "), more))
	}
	return out
}

// unusedEntries says which entries of ignore files have expired, match nothing
// or never expire.
func (e Exceptions) unusedEntries(used []bool) []string {
	var out []string
	endless := 0
	for i := range e.Ignores {
		entry := &e.Ignores[i]
		place := fmt.Sprintf("%s:%d", entry.File, entry.Line)
		switch {
		case entry.Expired(e.Now):
			out = append(out, fmt.Sprintf("%s: the entry for %s expired after %s and ignores nothing any more", place, entry.ID, entry.Expires.Format(time.DateOnly)))
		case !used[i]:
			out = append(out, fmt.Sprintf("%s: the entry for %s matches nothing in this target", place, entry.ID))
		case entry.Expires.IsZero():
			endless++
		}
	}
	if endless > 0 {
		out = append(out, fmt.Sprintf("%s: %d of the entries in use never expire", e.Ignores[0].File, endless))
	}
	return out
}
