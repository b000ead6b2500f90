package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/inventory"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// written returns a document in a format.
func written(tb testing.TB, format string, d Document) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, d); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// serial is a serial number that is made of a document's content; package sbom
// tests it.
var serial = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// golden compares with a file of testdata, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	got = serial.ReplaceAll(got, []byte("00000000-0000-8000-8000-000000000000"))
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-update rewrites it):\n%s", path, d)
	}
}

// TestGolden writes each format of a full report, of one of a machine, of one
// without findings and of an inventory.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, f := range Formats {
		for name, d := range map[string]Document{
			"image": document(), "host": hostDocument(), "excepted": excepted(), "clear": clear(), "inventory": inventoryOnly(), "empty": {},
		} {
			t.Run(f.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				golden(t, name+"-"+f.Name+f.Extension, written(t, f.Name, d))
			})
		}
	}
}

// TestSameBytes writes each document twice, and once after it was written in
// all other formats: writing changes nothing of it.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	d := hostile()
	first := map[string][]byte{}
	for _, f := range Formats {
		first[f.Name] = written(t, f.Name, d)
	}
	for _, f := range Formats {
		if !bytes.Equal(first[f.Name], written(t, f.Name, d)) {
			t.Errorf("%s is another document the second time", f.Name)
		}
		if !bytes.Equal(first[f.Name], written(t, f.Name, hostile())) {
			t.Errorf("%s of the same content is another document", f.Name)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	err := Write(&b, "xml", document())
	if err == nil || !strings.Contains(err.Error(), "must be one of table, html, json") || b.Len() > 0 {
		t.Errorf("error %v after %d bytes", err, b.Len())
	}
}

// full is a disk on which a number of bytes has room.
type full int

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > int(*f) {
		n := int(*f)
		*f = 0
		return n, errFull
	}
	*f -= full(len(p))
	return len(p), nil
}

// TestWriteErrors checks that no format takes a half-written report for one.
func TestWriteErrors(t *testing.T) {
	t.Parallel()
	d := document()
	for _, f := range Formats {
		size := len(written(t, f.Name, d))
		for _, room := range []int{0, 1, size / 2, size - 1} {
			w := full(room)
			if err := Write(&w, f.Name, d); !errors.Is(err, errFull) {
				t.Errorf("%s with room for %d of %d bytes: %v", f.Name, room, size, err)
			}
		}
	}
}

// TestTimeOnlyFromDocument checks that a document without a time states none.
func TestTimeOnlyFromDocument(t *testing.T) {
	t.Parallel()
	d := clear()
	d.Now, d.Report.Database, d.Report.Target.Created = time.Time{}, nil, ""
	stated := regexp.MustCompile(`\d{4}-\d\d-\d\dT`)
	for _, f := range Formats {
		got := stated.FindAll(written(t, f.Name, d), -1)
		// These demand a time.
		if f.Name == "spdx" || f.Name == "openvex" || f.Name == "gitlab" {
			got = slices.DeleteFunc(got, func(b []byte) bool { return string(b) == "1970-01-01T" })
		}
		if len(got) > 0 {
			t.Errorf("%s states %q", f.Name, got)
		}
	}
}

// many returns a document of n findings; five of them share their packages.
func many(n int) Document {
	d := document()
	findings := d.Findings
	d.Findings, d.Report.Inventory.Packages = nil, nil
	known := map[inventory.Package]bool{}
	for i := range n {
		// Ten kinds of finding, of each five in a row.
		f := findings[i/5%len(findings)]
		f.Vulnerability = "CVE-2099-" + strconv.Itoa(10000+i)
		f.ARN = finding.ARN(f.Resource, f.Vulnerability)
		f.Packages = slices.Clone(f.Packages)
		for j := range f.Packages {
			p := &f.Packages[j]
			p.Name += strconv.Itoa(i / 5)
			p.Match.Package = p.Package
			if !known[p.Package] {
				known[p.Package] = true
				d.Report.Inventory.Packages = append(d.Report.Inventory.Packages, p.Package)
			}
		}
		d.Findings = append(d.Findings, f)
	}
	d.Report.Inventory.Sort()
	return d
}

// BenchmarkWrite writes a report of 10,000 findings in each format.
func BenchmarkWrite(b *testing.B) {
	d := many(10_000)
	for _, f := range Formats {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			var size int64
			for b.Loop() {
				var n counter
				if err := Write(&n, f.Name, d); err != nil {
					b.Fatal(err)
				}
				size = int64(n)
			}
			b.SetBytes(size)
		})
	}
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
