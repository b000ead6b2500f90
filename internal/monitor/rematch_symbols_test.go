package monitor

import (
	"hash/fnv"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// TestRematchSymbols shows that what is kept of the functions of a Go program
// makes findings as sure as a scan does, and that an advisory which names others
// is a change.
func TestRematchSymbols(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(t *testing.T) string{"sqlite": sqlite, "postgres": postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			naming := func(symbols ...string) advisory.Advisory {
				return advisory.Advisory{ID: "CVE-2098-0001", Source: "osv", Kind: advisory.Vulnerability, Affected: []advisory.Affected{{
					Ecosystem: advisory.Ecosystem{Type: "golang"}, Name: "example.com/m", Symbols: symbols, Ranges: []advisory.Range{{Fixed: "1.5.0"}},
				}}}
			}
			w := &world{rand.New(rand.NewPCG(1, 1)), map[string]advisory.Advisory{"CVE-2098-0001": naming()}}
			know := w.known(t, 0)
			m := open(t, place(t), &know)
			now := time.Now()
			h := fnv.New64a()
			_, _ = h.Write([]byte("example.com/m.F")) // never fails
			sub := Submission{Schema: Schema, Target: scan.Target{Name: "host", Kind: "host"}}
			sub.Inventory.Packages = []inventory.Package{{
				Type: "golang", Name: "example.com/m", Version: "v1.0.0", Path: "app", Evidence: inventory.Binary,
				Symbols: inventory.SymbolsOf([]uint64{h.Sum64()}),
			}}
			take(t, m, sub, now)
			held, err := m.Store.Inventory(t.Context(), org.Only(111122223333), 111122223333, m.resource(111122223333, sub).ID)
			if diff := cmp.Diff(sub.Inventory.Packages, held.Inventory.Packages); err != nil || diff != "" {
				t.Fatalf("%v (-want +got):\n%s", err, diff)
			}
			confidence := func() (match.Confidence, string) {
				list, _, err := m.Store.Findings(t.Context(), org.Only(111122223333), nil, store.Page{Size: store.MaxPage, Now: now})
				if err != nil || len(list) != 1 || len(list[0].Packages) != 1 || list[0].Packages[0].Symbols != "" {
					t.Fatal(list, err)
				}
				return list[0].Confidence, list[0].Packages[0].Match.Why[0].Linked
			}
			for i, tt := range []struct {
				symbol string
				want   match.Confidence
			}{{"", match.High}, {"example.com/m.G", match.Low}, {"example.com/m.F", match.High}, {"example.com/m.H", match.Low}} {
				before := know
				if tt.symbol != "" {
					w.stated["CVE-2098-0001"] = naming(tt.symbol)
					know = w.known(t, int64(i))
					base := baseOf(t, before, know)
					rematch(t, &Rematcher{Monitor: m, Know: know, Base: func(int64) *Base { return base }}, base, now)
				}
				got, why := confidence()
				if got != tt.want || (why == "") != (tt.symbol == "") {
					t.Errorf("%q: confidence %s because %q, want %s", tt.symbol, got, why, tt.want)
				}
				take(t, m, sub, now.Add(time.Duration(i)*time.Minute))
				if again, whyAgain := confidence(); again != got || whyAgain != why {
					t.Errorf("%q: a scan finds %s because %q, matching again %s because %q", tt.symbol, again, whyAgain, got, why)
				}
			}
		})
	}
}
