package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/inventory"
)

func deb(name, version string) inventory.Package {
	return inventory.Package{Type: "deb", Name: name, Version: version, Arch: "amd64", Path: "var/lib/dpkg/status", Evidence: inventory.Database}
}

func TestDiffAndApply(t *testing.T) {
	t.Parallel()
	busy := deb("a", "1")
	busy.Usage = inventory.Listening
	for _, tt := range []struct {
		name                string
		old, now            []inventory.Package
		wantGone, wantAdded []inventory.Package
	}{
		{"same", []inventory.Package{deb("a", "1")}, []inventory.Package{deb("a", "1")}, nil, nil},
		{"installed", nil, []inventory.Package{deb("a", "1")}, nil, []inventory.Package{deb("a", "1")}},
		{"upgraded", []inventory.Package{deb("a", "1"), deb("b", "1")}, []inventory.Package{deb("a", "2"), deb("b", "1")}, []inventory.Package{deb("a", "1")}, []inventory.Package{deb("a", "2")}},
		{"in use", []inventory.Package{deb("a", "1")}, []inventory.Package{busy}, []inventory.Package{deb("a", "1")}, []inventory.Package{busy}},
	} {
		gone, added := Diff(tt.old, tt.now)
		if d := cmp.Diff(tt.wantGone, gone) + cmp.Diff(tt.wantAdded, added); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
		have, want := inventory.Inventory{Packages: tt.old}, inventory.Inventory{Packages: tt.now}
		got, err := Report{Base: Revision(have), Next: Revision(want), Removed: gone, Added: added}.Apply(have)
		if err != nil || !slices.Equal(got.Packages, tt.now) {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
		if _, err := (Report{Base: Revision(inventory.Inventory{Packages: []inventory.Package{deb("z", "9")}}), Next: Revision(want)}).Apply(have); !errors.Is(err, ErrBase) {
			t.Errorf("%s: another base is taken: %v", tt.name, err)
		}
	}
}

// TestChain applies the changes of a random life of a host one after the other,
// by way of JSON.
func TestChain(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(1, 2))
	var server, host inventory.Inventory
	for range 200 {
		next := inventory.Inventory{Packages: slices.Clone(host.Packages)}
		for range dice.IntN(4) {
			if n := len(next.Packages); n > 0 && dice.IntN(2) == 0 {
				next.Packages = slices.Delete(next.Packages, 0, 1+dice.IntN(min(n, 2)))
			} else {
				p := deb(fmt.Sprint("p", dice.IntN(50)), fmt.Sprint(dice.IntN(3)))
				p.Path = "\xff" + p.Path // no UTF-8
				next.Packages = append(next.Packages, clean(p))
			}
		}
		next.Sort()
		r := Report{Schema: Schema, Base: Revision(host), Next: Revision(next)}
		r.Removed, r.Added = Diff(host.Packages, next.Packages)
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadReport(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if server, err = got.Apply(server); err != nil {
			t.Fatal(err)
		}
		host = next
		if Revision(server) != Revision(host) {
			t.Fatalf("%v is not %v", server, host)
		}
	}
}

func TestReadReport(t *testing.T) {
	t.Parallel()
	next := strings.Repeat("0", 32)
	for _, tt := range []struct {
		in   string
		want fault.Kind
	}{
		{`{"schema":"assay.agent/1","next":"` + next + `","later":{"a":[1]},"packages":null}`, ""},
		{`{"schema":"assay.agent/2","next":"` + next + `"}`, fault.Invalid},
		{`{"schema":"assay.agent/1"}`, fault.Invalid},
		{`[]`, fault.Invalid},
		{`{"schema":"assay.agent/1","next":"` + next + `","packages":{}}`, fault.Invalid},
		{`{"schema":"assay.agent/1","next":"` + next + `","added":[{"name":"a"}]}`, fault.Invalid},
		{`{"schema":"assay.agent/1","next":"` + next + `","base":"b","packages":[{"name":"a"}]}`, fault.Invalid},
		{`{"schema":"assay.agent/1","next":"` + next + `","limit":"NONE"}`, fault.Invalid},
		{`{"schema":"assay.agent/1","next":"` + next, fault.Invalid},
	} {
		if _, err := ReadReport(strings.NewReader(tt.in)); fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want a fault of kind %q", tt.in, err, tt.want)
		}
	}
}

// endless is a report without an end, which counts what is read of it.
type endless struct {
	begun bool
	bytes int
}

func (e *endless) Read(p []byte) (int, error) {
	if !e.begun {
		e.begun = true
		return copy(p, `{"schema":"assay.agent/1","packages":[{"name":"a"}`), nil
	}
	n := 0
	for n+13 <= len(p) {
		n += copy(p[n:], `,{"name":"a"}`)
	}
	e.bytes += n
	return n, nil
}

func TestReportOfAMillionPackages(t *testing.T) {
	t.Parallel()
	e := &endless{}
	_, err := ReadReport(e)
	if fault.KindOf(err) != fault.Quota {
		t.Errorf("got %v", err)
	}
	if e.bytes > 15*MaxPackages {
		t.Errorf("read %d bytes of it", e.bytes)
	}
}

func FuzzReadReport(f *testing.F) {
	f.Add([]byte(`{"schema":"assay.agent/1","next":"00000000000000000000000000000000","os":{"id":"debian"},"packages":[{"type":"deb","name":"a"}],"problems":[{"reason":"x"}]}`))
	f.Add([]byte(`{"schema":"assay.agent/1","base":"b","next":"00000000000000000000000000000000","removed":[{}],"added":[{"name":"b"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadReport(bytes.NewReader(data))
		if err != nil {
			return
		}
		// What was read can be written and read again, and comes to the same.
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadReport(io.Reader(bytes.NewReader(text)))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		one, _ := json.Marshal(again)
		if !bytes.Equal(one, text) {
			t.Fatalf("%s became %s", text, one)
		}
		if got, err := r.Apply(inventory.Inventory{Packages: r.Removed}); err == nil && r.Base != "" && Revision(got) != r.Next {
			t.Fatal("applied to another revision")
		}
	})
}
