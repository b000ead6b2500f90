package sbomscan

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/api/inspectorscan"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/vulndb"
)

var update = flag.Bool("update", false, "rewrite the expected answers")

type library struct {
	*vulndb.DB
	enrich *vulndb.Enrichments
}

func (l library) Enrichment(cve string) (advisory.Enrichment, bool, error) {
	return l.enrich.Lookup(cve)
}

func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

// know builds a small advisory database.
func know(tb testing.TB) library {
	tb.Helper()
	npm := advisory.Ecosystem{Type: "npm"}
	debian := advisory.Ecosystem{Type: "deb", Distro: "debian", Release: "12"}
	b := vulndb.NewBuilder(vulndb.BuildOptions{Built: day(1), Label: "test"})
	for _, a := range []advisory.Advisory{
		{
			Source: "osv", ID: "GHSA-aaaa-bbbb-cccc", Aliases: []string{"CVE-2099-0001"}, Kind: advisory.Vulnerability,
			Summary: "made up", Details: "A made-up flaw of example.", Published: day(2), Modified: day(3), CWEs: []string{"CWE-79"},
			References: []advisory.Reference{{URL: "https://example.com/advisory"}},
			Severities: []advisory.Severity{{Source: "GHSA", Version: "3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: 9.8}},
			Affected:   []advisory.Affected{{Ecosystem: npm, Name: "example", Ranges: []advisory.Range{{Fixed: "1.2.0"}}}},
		},
		{
			Source: "debian", ID: "CVE-2099-0002", Kind: advisory.Vulnerability, Details: "A made-up flaw of libexample.",
			Affected: []advisory.Affected{{
				Ecosystem: debian, Name: "example", NameKind: advisory.SourceName, Urgency: "low", Ranges: []advisory.Range{{Fixed: "2.0-1"}},
			}},
		},
		{
			Source: "osv", ID: "MAL-2099-1", Kind: advisory.Malware, Details: "Steals.",
			Affected: []advisory.Affected{{Ecosystem: npm, Name: "exarnple", Ranges: []advisory.Range{{}}}},
		},
	} {
		if err := b.Add(&a); err != nil {
			tb.Fatal(err)
		}
	}
	if err := b.Enrich(&advisory.Enrichment{
		CVE: "CVE-2099-0001", EPSS: &advisory.EPSS{Score: 0.5, Percentile: 0.9, Date: day(4), Model: "v1"},
		KEV: &advisory.KEV{Added: day(5), Due: day(6)}, Severities: []advisory.Severity{
			{Source: "NVD", Version: "2.0", Vector: "AV:N/AC:L/Au:N/C:P/I:P/A:P", Score: 7.5},
		},
	}); err != nil {
		tb.Fatal(err)
	}
	var db, enrich bytes.Buffer
	if _, err := b.Write(&db, &enrich); err != nil {
		tb.Fatal(err)
	}
	var l library
	var err error
	if l.DB, err = vulndb.OpenBytes(db.Bytes()); err == nil {
		l.enrich, err = vulndb.OpenEnrichmentBytes(enrich.Bytes())
	}
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func operations(l library) Operations {
	return Operations{
		Knowledge: func() (Knowledge, func()) { return l, func() {} }, Version: "test", Now: func() time.Time { return day(20) },
	}
}

// scan sends a document through the protocol, as a client does, and returns the
// status, the kind of error and the body of the answer.
func scan(tb testing.TB, o Operations, format, sbom string) (status int, failure, body string) {
	tb.Helper()
	service := inspectorscan.New()
	request := `{"sbom":` + sbom + `}`
	if format != "" {
		request = `{"outputFormat":"` + format + `","sbom":` + sbom + `}`
	}
	r := httptest.NewRequest(http.MethodPost, "/scan/sbom", strings.NewReader(request))
	op, err := wire.Route([]*wire.Service{service}, r)
	if err != nil {
		tb.Fatal(err)
	}
	w := httptest.NewRecorder()
	h := o.Handlers()
	in, err := op.Decode(r, []byte(request))
	var out any
	if err == nil {
		out, err = h.ByName()[op.Name](tb.Context(), in)
	}
	if err == nil {
		err = op.Encode(w, out)
	}
	if err != nil {
		op.Fail(w, err)
	}
	return w.Code, w.Header().Get("X-Amzn-Errortype"), w.Body.String()
}

var serial = regexp.MustCompile(`urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// The document has a component of each kind: with and without a ref, with
// packages of the operating system and of languages, nested, twice the same,
// unknown, without a version, and with what Amazon's generator says.
func TestAnswers(t *testing.T) {
	t.Parallel()
	given, err := os.ReadFile("testdata/given.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"CYCLONE_DX_1_5", "INSPECTOR"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			status, _, body := scan(t, operations(know(t)), format, string(given))
			if status != http.StatusOK {
				t.Fatal(status, body)
			}
			if format != "INSPECTOR" && !serial.MatchString(body) {
				t.Error("there is no serial number")
			}
			body = serial.ReplaceAllString(body, "urn:uuid:SERIAL")
			var out bytes.Buffer
			if err := json.Indent(&out, []byte(body), "", " "); err != nil {
				t.Fatal(err)
			}
			name := "testdata/" + strings.ToLower(format) + ".json"
			if *update {
				if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Error(diff)
			}
			again := serial.ReplaceAllString(second(scan(t, operations(know(t)), format, string(given))), "urn:uuid:SERIAL")
			if diff := cmp.Diff(body, again); diff != "" {
				t.Errorf("the same again (-first +second):\n%s", diff)
			}
		})
	}
	_, _, byDefault := scan(t, operations(know(t)), "", string(given))
	if !strings.HasPrefix(byDefault, `{"sbom":{"bomFormat":"CycloneDX"`) {
		t.Errorf("the default is %.80s", byDefault)
	}
	_, _, one := scan(t, operations(know(t)), "INSPECTOR", string(given))
	_, _, other := scan(t, operations(know(t)), "INSPECTOR_ALT", string(given))
	if one != other {
		t.Error("INSPECTOR_ALT is another answer than INSPECTOR")
	}
}

func second(_ int, _, body string) string { return body }

func TestRefused(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`{"type":"file","name":"x"},`, maxComponents)
	deep := strings.Repeat(`{"components":[`, maxNested+2) + strings.Repeat(`]}`, maxNested+2)
	document := func(rest string) string { return `{"bomFormat":"CycloneDX","specVersion":"1.5",` + rest + `}` }
	for _, tt := range []struct{ name, sbom, reason, field string }{
		{"no object", `[1]`, "CANNOT_PARSE", ""},
		{"text", `"{}"`, "CANNOT_PARSE", ""},
		{"none", `null`, "FIELD_VALIDATION_FAILED", "sbom"},
		{"nothing in it", `{}`, "UNSUPPORTED_SBOM_TYPE", ""},
		{"SPDX", `{"spdxVersion":"SPDX-2.3","packages":[]}`, "UNSUPPORTED_SBOM_TYPE", ""},
		{"1.4", `{"bomFormat":"CycloneDX","specVersion":"1.4"}`, "UNSUPPORTED_SBOM_TYPE", ""},
		{"number", `{"bomFormat":"CycloneDX","specVersion":1.5}`, "UNSUPPORTED_SBOM_TYPE", ""},
		{"no list", document(`"components":{}`), "FIELD_VALIDATION_FAILED", "sbom.components"},
		{"twice", document(`"components":[],"components":[]`), "FIELD_VALIDATION_FAILED", "sbom.components"},
		{"no component", document(`"components":[{"name":"a"},7]`), "FIELD_VALIDATION_FAILED", "sbom.components.2.member"},
		{"name", document(`"components":[{"name":7}]`), "FIELD_VALIDATION_FAILED", "sbom.components.1.member.name"},
		{"empty ref", document(`"components":[{"bom-ref":""}]`), "FIELD_VALIDATION_FAILED", "sbom.components.1.member.bom-ref"},
		{"properties", document(`"components":[{"properties":{}}]`), "FIELD_VALIDATION_FAILED", "sbom.components.1.member.properties"},
		{"nested", document(`"components":[{"components":[{"components":7}]}]`), "FIELD_VALIDATION_FAILED", "sbom.components.1.member.components.1.member.components"},
		{"metadata", document(`"metadata":[]`), "FIELD_VALIDATION_FAILED", "sbom.metadata"},
		{"too many", document(`"components":[` + many + `{}]`), "FIELD_VALIDATION_FAILED", "sbom.components"},
		{"too deep", document(`"components":[` + deep + `]`), "FIELD_VALIDATION_FAILED", strings.Repeat("sbom.components.1.member.", 1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, failure, body := scan(t, operations(know(t)), "", tt.sbom)
			var said struct {
				Message, Reason string
				Fields          []struct{ Name, Message string }
			}
			if err := json.Unmarshal([]byte(body), &said); err != nil {
				t.Fatal(err)
			}
			if status != http.StatusBadRequest || failure != "ValidationException" || said.Reason != tt.reason || said.Message == "" {
				t.Errorf("answer %d %s %.300s, want %s", status, failure, body, tt.reason)
			}
			if field := tt.field; field != "" && (len(said.Fields) != 1 || !strings.HasPrefix(said.Fields[0].Name, field)) {
				t.Errorf("fields %+v, want %s", said.Fields, field)
			}
		})
	}
}

// As many components as are allowed are examined.
func TestMost(t *testing.T) {
	t.Parallel()
	var list []string
	for i := range maxComponents {
		list = append(list, fmt.Sprintf(`{"type":"library","name":"example","purl":"pkg:npm/example@1.0.%d"}`, i))
	}
	status, _, body := scan(t, operations(know(t)), "INSPECTOR", `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[`+strings.Join(list, ",")+`]}`)
	if n := strings.Count(body, "installed_version"); status != http.StatusOK || n != maxComponents {
		t.Errorf("answer %d with %d packages", status, n)
	}
}

type broken struct {
	library
	err error
}

func (b broken) Enrichment(string) (advisory.Enrichment, bool, error) {
	return advisory.Enrichment{}, false, b.err
}

func TestFailure(t *testing.T) {
	t.Parallel()
	damaged := errors.New("damaged")
	o := operations(know(t))
	o.Knowledge = func() (Knowledge, func()) { return broken{know(t), damaged}, func() {} }
	const sbom = `{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"example","purl":"pkg:npm/example@1.0.0"}]}`
	_, err := o.scanSBOM(t.Context(), &inspectorscan.ScanSbomRequest{Sbom: json.RawMessage(sbom)})
	if !errors.Is(err, damaged) {
		t.Errorf("error %v does not say what went wrong", err)
	}
	status, failure, body := scan(t, o, "", sbom)
	if status != http.StatusInternalServerError || failure != "InternalServerException" ||
		!strings.Contains(body, "FAILED_TO_GENERATE_SBOM") || strings.Contains(body, "damaged") {
		t.Errorf("answer %d %s %s", status, failure, body)
	}
}

// FuzzScanSbom holds that any document is refused or answered, that the answer
// is JSON with as many components as were given, all of which have refs, and
// that vulnerabilities name components that are there.
func FuzzScanSbom(f *testing.F) {
	given, err := os.ReadFile("testdata/given.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(given)
	f.Add([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{},{"properties":[]},{"bom-ref":"comp-1","components":[{"purl":"pkg:npm/example@1"}]}]}`))
	f.Add([]byte(`{"spdxVersion":"SPDX-2.3"}`))
	o := operations(know(f))
	f.Fuzz(func(t *testing.T, doc []byte) {
		out, err := o.scanSBOM(t.Context(), &inspectorscan.ScanSbomRequest{Sbom: doc})
		if err != nil {
			if e := (*inspectorscan.ValidationException)(nil); !errors.As(err, &e) {
				t.Fatal(err)
			}
			return
		}
		alt, err := o.scanSBOM(t.Context(), &inspectorscan.ScanSbomRequest{Sbom: doc, OutputFormat: inspectorscan.OutputFormatInspector})
		if err != nil || !json.Valid(alt.Sbom) {
			t.Fatalf("%v %s", err, alt.Sbom)
		}
		var answer struct {
			Components      []any
			Vulnerabilities []struct {
				Affects []struct{ Ref string }
			}
		}
		if err := json.Unmarshal(out.Sbom, &answer); err != nil {
			t.Fatalf("%v in %s", err, out.Sbom)
		}
		refs := map[string]bool{}
		var walk func(list []any)
		walk = func(list []any) {
			for _, c := range list {
				members, _ := c.(map[string]any)
				ref, ok := members["bom-ref"].(string)
				if !ok {
					t.Fatalf("a component without a ref in %s", out.Sbom)
				}
				refs[ref] = true
				inner, _ := members["components"].([]any)
				walk(inner)
			}
		}
		walk(answer.Components)
		for _, v := range answer.Vulnerabilities {
			for _, a := range v.Affects {
				if !refs[a.Ref] {
					t.Fatalf("%q is no component of %s", a.Ref, out.Sbom)
				}
			}
		}
	})
}
