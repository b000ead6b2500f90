package feed

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// fuzzed are the standard limits but for what an archive may expand to, so that
// a target spends its time on other things.
var fuzzed = func() limits {
	l := standard
	l.free, l.record, l.members = 1<<20, 1<<20, 1000
	return l
}()

// check fails if a record cannot be used as it is, whatever it was read from.
func check(t *testing.T, rec Record) {
	t.Helper()
	bad := func(what string, v any) { t.Errorf("%s: %+v", what, v) }
	if (rec.Advisory == nil) == (rec.Enrichment == nil) {
		bad("a record is one thing", rec)
	}
	if a := rec.Advisory; a != nil {
		kinds := []advisory.Kind{advisory.Vulnerability, advisory.Notice, advisory.Malware, advisory.Unmaintained, advisory.Unsupported, advisory.Informational}
		if a.Source == "" || !isID(a.ID) || !slices.Contains(kinds, a.Kind) || len(a.Affected) == 0 || len(a.Affected) > maxAffected {
			bad("advisory", a)
		}
		for _, list := range [][]string{a.Aliases, a.Related, a.Upstream} {
			if slices.ContainsFunc(list, func(s string) bool { return !isID(s) || s == a.ID }) || !slices.IsSorted(list) {
				bad("names", list)
			}
		}
		if len(a.Summary) > maxSummary || len(a.Details) > maxDetails || strings.ContainsAny(a.Summary, "\r\n") {
			bad("texts", a.Summary)
		}
		checkSources(t, a.Severities, a.CWEs, a.References)
		for i := range a.Affected {
			checkAffected(t, &a.Affected[i])
		}
	}
	if e := rec.Enrichment; e != nil {
		if !isCVE(e.CVE) || len(e.Title) > maxSummary || len(e.Description) > maxDescription || !slices.Contains(exploitation, e.Exploitation) {
			bad("enrichment", e)
		}
		if p := e.EPSS; p != nil && !(p.Score >= 0 && p.Score <= 1 && p.Percentile >= 0 && p.Percentile <= 1) {
			bad("EPSS", p)
		}
		checkSources(t, e.Severities, e.CWEs, e.References)
	}
}

func checkSources(t *testing.T, ratings []advisory.Severity, cwes []string, refs []advisory.Reference) {
	t.Helper()
	for _, s := range ratings {
		if !(s.Score >= 0 && s.Score <= 10) || s.Source == "" || s.Vector == "" && s.Label == "" || len(s.Label) > maxName {
			t.Errorf("severity: %+v", s)
		}
	}
	if slices.ContainsFunc(cwes, func(s string) bool { return !isCWE(s) }) || !slices.IsSorted(cwes) {
		t.Errorf("weaknesses: %q", cwes)
	}
	if slices.ContainsFunc(refs, func(r advisory.Reference) bool { return !isURL(r.URL) }) || len(refs) > maxReferences {
		t.Errorf("references: %q", refs)
	}
}

func checkAffected(t *testing.T, f *advisory.Affected) {
	t.Helper()
	if !ecosystem.Known(f.Type) || !isName(f.Name) || f.NameKind > advisory.SourceName || f.Skipped < 0 {
		t.Errorf("affected: %+v", f)
	}
	if slices.ContainsFunc(f.Versions, func(v string) bool { return !isName(v) }) || !slices.IsSorted(f.Versions) {
		t.Errorf("versions: %q", f.Versions)
	}
	for i, r := range f.Ranges {
		for _, v := range []string{r.Introduced, r.Fixed, r.LastAffected} {
			if v != "" && !isName(v) {
				t.Errorf("range: %+v", r)
			}
		}
		if r.Fixed != "" && r.LastAffected != "" {
			t.Errorf("a range with two ends: %+v", r)
		}
		if i > 0 && len(union(f.Type, f.Ranges)) != len(f.Ranges) {
			t.Errorf("ranges that overlap or touch: %+v", f.Ranges)
		}
	}
}

// checkSource reads a source to its end, and once more: it must say the same.
func checkSource(t *testing.T, s Source) {
	t.Helper()
	ended := false
	for rec, err := range Read(t.Context(), s) {
		if ended {
			t.Fatal("the iteration goes on after an error")
		}
		r, rejected := errors.AsType[*Rejected](err)
		switch {
		case rejected && (r.ID == "" || r.Reason == "" || len(r.Detail) > 2*maxName):
			t.Errorf("rejected: %+v", r)
		case rejected:
		case err != nil:
			ended = true
		default:
			check(t, rec)
		}
	}
	var first, second bytes.Buffer
	writeSource(t.Context(), &first, s)
	writeSource(t.Context(), &second, s)
	if first.String() != second.String() {
		t.Error("a source says one thing and then another")
	}
}

// fuzzFeed fuzzes the reader of one feed, from the files of it in testdata.
func fuzzFeed(f *testing.F, name string) {
	f.Helper()
	for _, a := range archives(f) {
		sources, _, err := FindFS(f.Context(), mapFS(a), []string{"."})
		if err != nil {
			f.Fatal(err)
		}
		for _, s := range sources {
			if s.Name != name {
				continue
			}
			for _, file := range s.files {
				f.Add(mapFS(a)[file].Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkSource(t, Source{Name: name, Path: "file", in: files{one(data), fuzzed}, files: []string{"file"}})
	})
}

func FuzzOSV(f *testing.F)    { fuzzFeed(f, OSV) }
func FuzzDebian(f *testing.F) { fuzzFeed(f, DebianDSA) }
func FuzzSecDB(f *testing.F)  { fuzzFeed(f, AlpineSecDB) }
func FuzzCVE(f *testing.F)    { fuzzFeed(f, CVE) }
func FuzzKEV(f *testing.F)    { fuzzFeed(f, KEV) }
func FuzzEPSS(f *testing.F)   { fuzzFeed(f, EPSS) }

func FuzzRustSec(f *testing.F)      { fuzzFeed(f, RustSec) }
func FuzzRubySec(f *testing.F)      { fuzzFeed(f, RubySec) }
func FuzzFriendsOfPHP(f *testing.F) { fuzzFeed(f, FriendsOfPHP) }
func FuzzNodeWG(f *testing.F)       { fuzzFeed(f, NodeWG) }
func FuzzRetireJS(f *testing.F)     { fuzzFeed(f, RetireJS) }
func FuzzNVD(f *testing.F)          { fuzzFeed(f, NVD) }
func FuzzCPE(f *testing.F)          { fuzzFeed(f, CPE) }
func FuzzMetasploit(f *testing.F)   { fuzzFeed(f, Metasploit) }
func FuzzModules(f *testing.F)      { fuzzFeed(f, MetasploitModules) }
func FuzzExploitDB(f *testing.F)    { fuzzFeed(f, ExploitDB) }
func FuzzEndOfLife(f *testing.F)    { fuzzFeed(f, EndOfLife) }

// FuzzFind recognises and reads any file, packed in any way.
func FuzzFind(f *testing.F) {
	for _, data := range [][]byte{
		zipOf(f, three...), sharing(f, 3, three[0].data), tarOf(f, three...), gzipOf(f, tarOf(f, three...)), zstdOf(f, tarOf(f, three...)),
		gzipOf(f, []byte("["+three[0].data+"]")), []byte(epssColumns), []byte("[29 Mar 2023] DSA-5380-1 p - x\n\t[bullseye] - p 1\n"),
	} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		sources, unused, err := find(t.Context(), files{one(data), fuzzed}, []string{"."})
		if err != nil || len(sources)+len(unused) == 0 {
			t.Fatalf("%d sources, %d unused, %v", len(sources), len(unused), err)
		}
		for _, s := range sources {
			checkSource(t, s)
		}
	})
}
