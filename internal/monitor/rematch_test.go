package monitor

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/store/storetest"
	"github.com/assay-project/assay/internal/vulndb"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// A world is what is stated, and what resources hold, by chance.
type world struct {
	*rand.Rand
	stated map[string]advisory.Advisory
}

var worldReleases = []string{"11", "12"}

var vectors = []string{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}

// state states something new about some packages, of which several may have one
// vulnerability, and takes some of it back.
func (w *world) state(times int) {
	for range times {
		id := fmt.Sprintf("CVE-2098-%04d", w.IntN(60))
		if w.IntN(3) == 0 {
			delete(w.stated, id)
			continue
		}
		if a, ok := w.stated[id]; ok && w.IntN(2) == 0 { // only its rating changes
			a.Severities = []advisory.Severity{{Source: "NVD", Version: "3.1", Vector: vectors[w.IntN(2)]}}
			w.stated[id] = a
			continue
		}
		a := advisory.Advisory{
			ID: id, Source: "osv", Kind: advisory.Vulnerability, Summary: "Something is wrong",
			Severities: []advisory.Severity{{Source: "NVD", Version: "3.1", Vector: vectors[w.IntN(2)]}},
		}
		for range 1 + w.IntN(3) {
			e, name := advisory.Ecosystem{Type: "npm"}, fmt.Sprintf("module%d", w.IntN(12))
			kind := advisory.BinaryName
			if w.IntN(2) == 0 {
				e, name = advisory.Ecosystem{Type: "deb", Distro: "debian", Release: worldReleases[w.IntN(2)]}, fmt.Sprintf("source%d", w.IntN(8))
				kind = advisory.SourceName
			}
			if w.IntN(4) == 0 {
				e, name, kind = w.elsewhere()
			}
			a.Affected = append(a.Affected, advisory.Affected{
				Ecosystem: e, Name: name, NameKind: kind, Ranges: []advisory.Range{{Introduced: "0", Fixed: fmt.Sprintf("%d.0.0", 1+w.IntN(4))}},
			})
		}
		w.stated[id] = a
	}
}

// elsewhere is a name under which packages are looked up besides their own.
func (w *world) elsewhere() (advisory.Ecosystem, string, advisory.NameKind) {
	switch w.IntN(6) {
	case 0:
		return advisory.Ecosystem{Type: "cpe"}, "f5:nginx", advisory.BinaryName
	case 1:
		return advisory.Ecosystem{Type: "bitnami"}, "nginx", advisory.BinaryName
	case 2:
		return advisory.Ecosystem{Type: "platform"}, []string{"debian", "ubuntu"}[w.IntN(2)], advisory.BinaryName
	case 3:
		return advisory.Ecosystem{Type: "deb", Distro: "ubuntu", Release: "22.04"}, fmt.Sprintf("source%d", w.IntN(8)), advisory.SourceName
	case 4:
		return advisory.Ecosystem{Type: "deb", Distro: "debian", Release: worldReleases[w.IntN(2)]}, "linux", advisory.SourceName
	}
	return advisory.Ecosystem{Type: "deb", Distro: "ubuntu", Release: "Pro:22.04"}, fmt.Sprintf("source%d", w.IntN(8)), advisory.SourceName
}

// known builds a database of what is stated.
func (w *world) known(t *testing.T, edition int64) *vulndb.Known {
	t.Helper()
	b := vulndb.NewBuilder(vulndb.BuildOptions{Built: time.Unix(1_790_000_000+edition, 0).UTC()})
	for _, a := range w.stated {
		if err := b.Add(&a); err != nil {
			t.Fatal(err)
		}
	}
	var db, enrich bytes.Buffer
	if _, err := b.Write(&db, &enrich); err != nil {
		t.Fatal(err)
	}
	k, err := vulndb.OpenKnownBytes(db.Bytes(), enrich.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// submission is what the n-th resource holds.
func (w *world) submission(n int) Submission {
	sub := Submission{Schema: Schema, Target: scan.Target{Name: fmt.Sprint("host", n), Kind: "host"}}
	if n%2 == 0 {
		sub.Target = scan.Target{Name: "example.com/app", Kind: "image", Digest: fmt.Sprintf("sha256:%064x", n), Layers: []scan.Layer{{Digest: "sha256:1"}, {Digest: "sha256:2"}}}
		sub.Resource.Image.Pushed = time.Now().UTC().Format(time.RFC3339)
	}
	sub.Inventory.OS = inventory.OS{ID: "debian", VersionID: []string{"11", "12", "99"}[w.IntN(3)]}
	if w.IntN(4) == 0 {
		sub.Inventory.OS = inventory.OS{ID: "ubuntu", VersionID: "22.04", Pro: w.IntN(2) == 0}
	}
	if n%2 == 1 {
		sub.Inventory.OS.Kernel = []string{"", "5.10.0-18-amd64", "5.10.0-21-amd64"}[w.IntN(3)]
	}
	layer := func(digest string) string {
		if n%2 == 0 {
			return digest
		}
		return ""
	}
	for i := range 4 + w.IntN(3) {
		sub.Inventory.Packages = append(sub.Inventory.Packages, inventory.Package{
			Type: "deb", Name: fmt.Sprintf("library%d", i), Version: fmt.Sprintf("%d.0.0", w.IntN(3)), SourceName: fmt.Sprintf("source%d", i/2),
			Path: "var/lib/dpkg/status", Evidence: inventory.Database, Layer: layer("sha256:1"),
		})
	}
	for i := range w.IntN(6) {
		p := inventory.Package{
			Type: "npm", Name: fmt.Sprintf("module%d", w.IntN(12)), Version: fmt.Sprintf("%d.0.0", w.IntN(4)),
			Path: fmt.Sprintf("app/%d/package.json", i), Evidence: inventory.Manifest, Layer: layer("sha256:2"),
		}
		if w.IntN(4) == 0 {
			p.OwnedBy = "library0"
		}
		sub.Inventory.Packages = append(sub.Inventory.Packages, p)
	}
	if w.IntN(3) == 0 {
		sub.Inventory.Packages = append(sub.Inventory.Packages, inventory.Package{
			Type: "deb", Name: "linux-image-5.10.0-18-amd64", Version: "2.0.0", SourceName: "linux",
			Path: "var/lib/dpkg/status", Evidence: inventory.Database, Layer: layer("sha256:1"),
		})
	}
	if w.IntN(2) == 0 {
		sub.Inventory.Packages = append(sub.Inventory.Packages, inventory.Package{
			Type: "generic", Name: "nginx", Version: fmt.Sprintf("%d.0.0", w.IntN(4)), Path: "usr/sbin/nginx", Evidence: inventory.Binary, Layer: layer("sha256:2"),
		})
	}
	if w.IntN(8) == 0 {
		sub.Inventory.Problems = []inventory.Problem{{Reason: "something could not be read"}}
	}
	return sub
}

// TestRematchIsTake shows, for advisories and inventories by chance, that matching
// what is stored again leaves the same findings as taking it in again.
func TestRematchIsTake(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(t *testing.T) string{"sqlite": sqlite, "postgres": postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{rand.New(rand.NewPCG(8, 9)), map[string]advisory.Advisory{}}
			w.state(60)
			know := w.known(t, 0)
			again, taken := open(t, place(t), &know), open(t, filepath.Join(t.TempDir(), "taken.db"), &know)
			now := time.Now()
			var subs []Submission
			for n := range 30 {
				subs = append(subs, w.submission(n))
				take(t, again, subs[n], now)
				take(t, taken, subs[n], now)
			}
			for round := range int64(6) {
				now = now.Add(time.Hour)
				before := know
				w.state(12)
				know = w.known(t, 1+round)
				var base *Base
				if round%3 != 2 { // else nobody knows any more what was known before
					base = baseOf(t, before, know)
				}
				for _, sub := range subs {
					take(t, taken, sub, now)
				}
				r := Rematcher{Monitor: again, Know: know, Base: func(int64) *Base { return base }}
				rematch(t, &r, base, now)
				if diff := cmp.Diff(stored(t, taken), stored(t, again)); diff != "" {
					t.Fatalf("round %d (taken, matched again): %s", round, diff)
				}
				if n := len(stored(t, again)); n < 50 {
					t.Fatalf("%d findings prove nothing", n)
				}
				if wrong, err := again.Store.VerifyCounters(t.Context(), 111122223333); err != nil || len(wrong) > 0 {
					t.Fatal(wrong, err)
				}
			}
		})
	}
}

func sqlite(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "assay.db")
}

func postgres(t *testing.T) string {
	t.Helper()
	return storetest.Postgres(t, store.Open)
}

// onBoth runs a test with all that world states, on both databases.
func onBoth(t *testing.T, test func(t *testing.T, w *world, m *Monitor)) {
	t.Helper()
	for name, place := range map[string]func(t *testing.T) string{"sqlite": sqlite, "postgres": postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{rand.New(rand.NewPCG(8, 9)), map[string]advisory.Advisory{}}
			w.state(60)
			know := w.known(t, 0)
			test(t, w, open(t, place(t), &know))
		})
	}
}

// vulnerable takes in what has findings, can be read and is supported, and returns
// it.
func vulnerable(t *testing.T, w *world, m *Monitor, now time.Time) (Submission, resource.Resource) {
	t.Helper()
	for n := 1; ; n += 2 {
		sub := w.submission(n)
		out, err := m.Take(t.Context(), Submitter{Account: 111122223333}, sub, now)
		if err != nil {
			t.Fatal(err)
		}
		if out.Findings[store.Created] > 0 && len(out.Problems) == 0 && !unsupported(out.Notes) {
			return sub, m.resource(111122223333, sub)
		}
	}
}

// TestTakeWhileDoubted shows that a scan closes nothing when, after it was found
// to see what is known already, that is doubted.
func TestTakeWhileDoubted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, w *world, m *Monitor) {
		t.Helper()
		now := time.Now()
		sub, res := vulnerable(t, w, m, now)
		last, err := m.Store.Revision(t.Context(), org.Only(111122223333), res)
		if err != nil || last == "" {
			t.Fatal(last, err)
		}
		before := stored(t, m)
		if err := m.Store.Doubt(t.Context(), org.Only(111122223333), res); err != nil {
			t.Fatal(err)
		}
		know, release := m.Knowledge()
		defer release()
		out, err := m.recordAfter(t.Context(), Submitter{Account: 111122223333}, taking{res, sub, last, know}, last, now.Add(time.Hour))
		if err != nil || out.Unchanged || len(out.Findings) > 0 {
			t.Errorf("%+v, %v", out, err)
		}
		if diff := cmp.Diff(before, stored(t, m)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestRematchForgetsNothingTooEarly shows that a set that is known when a list of
// inventories is begun counts to its end, however little is remembered.
func TestRematchForgetsNothingTooEarly(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, _ *world, m *Monitor) {
		t.Helper()
		now := time.Now()
		of := func(n int, layers ...string) {
			sub := Submission{Schema: Schema, Target: scan.Target{Name: "example.com/app", Kind: "image", Digest: fmt.Sprintf("sha256:%064x", n)}}
			sub.Resource.Image.Pushed = now.UTC().Format(time.RFC3339)
			for _, l := range layers {
				sub.Target.Layers = append(sub.Target.Layers, scan.Layer{Digest: l})
				for i := range 12 {
					sub.Inventory.Packages = append(sub.Inventory.Packages, inventory.Package{
						Type: "npm", Name: fmt.Sprintf("module%d", i), Version: "0.0.1", Path: l + fmt.Sprint("/", i, "/package.json"),
						Evidence: inventory.Manifest, Layer: l,
					})
				}
			}
			take(t, m, sub, now)
		}
		of(1, "sha256:shared")
		for n := 2; n < 6; n++ {
			of(n, fmt.Sprint("sha256:own", n))
		}
		of(6, "sha256:own6", "sha256:shared")
		before := stored(t, m)
		if _, err := m.Store.MarkAllStale(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		know, release := m.Knowledge()
		defer release()
		r := Rematcher{Monitor: m, Know: know, Base: func(int64) *Base { return nil }, bound: 1}
		for _, n := range []int{1, 5} {
			list, err := m.Store.Stale(t.Context(), store.StalePage{Limit: n})
			if err != nil || len(list) != n {
				t.Fatal(list, err)
			}
			if _, err := r.Rematch(t.Context(), list, now); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(before, stored(t, m)); diff != "" || len(before) == 0 {
			t.Errorf("of %d findings: %s", len(before), diff)
		}
	})
}

// TestRematchLeavesWhatIsAnnounced shows that a resource of which a scan is to come
// is not matched again, and that its scan is looked at.
func TestRematchLeavesWhatIsAnnounced(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{PendingInitial, PendingRevival} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, w *world, m *Monitor) {
				t.Helper()
				now := time.Now()
				sub, res := vulnerable(t, w, m, now)
				as := store.Coverage{Code: store.CoverageActive, Reason: reason}
				if err := m.Store.Mark(t.Context(), org.Only(111122223333), []resource.Resource{res}, as, now); err != nil {
					t.Fatal(err)
				}
				know, release := m.Knowledge()
				defer release()
				rematch(t, &Rematcher{Monitor: m, Know: know, Base: func(int64) *Base { return nil }}, nil, now)
				take(t, m, sub, now.Add(time.Hour))
				c, _, err := m.Store.Watched(t.Context(), org.Only(111122223333), res)
				if err != nil || c.Reason == reason {
					t.Errorf("after the scan %+v, %v", c.Coverage, err)
				}
			})
		})
	}
}

func open(t *testing.T, place string, know **vulndb.Known) *Monitor {
	t.Helper()
	s, err := store.Open(t.Context(), place, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, _, err := s.FirstStart(t.Context(), store.First{Account: 111122223333, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return &Monitor{Store: s, Region: "eu-central-1", Version: "test", Knowledge: func() (Knowledge, func()) { return *know, func() {} }}
}

func take(t *testing.T, m *Monitor, sub Submission, now time.Time) {
	t.Helper()
	sub.Inventory.Packages = slices.Clone(sub.Inventory.Packages)
	if _, err := m.Take(t.Context(), Submitter{Account: 111122223333}, sub, now); err != nil {
		t.Fatal(err)
	}
}

// baseOf is how two databases differ.
func baseOf(t *testing.T, before, now *vulndb.Known) *Base {
	t.Helper()
	list, err := vulndb.Diff(before.DB, now.DB)
	if err != nil {
		t.Fatal(err)
	}
	b := &Base{Knowledge: before, Names: map[match.Name]bool{}, Rated: func(id string) bool {
		severities := func(k *vulndb.Known) (out []string) {
			refs, err := k.Search(id)
			if err != nil {
				t.Error(err)
			}
			for _, r := range refs {
				a, err := k.Advisory(r)
				if err != nil {
					t.Error(err)
				}
				out = append(out, fmt.Sprint(a.Severities))
			}
			return out
		}
		return !slices.Equal(severities(before), severities(now))
	}}
	for _, c := range list {
		b.Names[match.Name{Ecosystem: c.Ecosystem, Name: c.Name}] = true
	}
	for _, pair := range [][2]*vulndb.Known{{before, now}, {now, before}} {
		for _, e := range pair[0].Ecosystems() {
			if !pair[1].Covers(e.Ecosystem) {
				b.Names[match.Name{Ecosystem: e.Ecosystem}] = true
			}
		}
	}
	return b
}

// rematch marks and matches; without a base, all.
func rematch(t *testing.T, r *Rematcher, base *Base, now time.Time) {
	t.Helper()
	m := r.Monitor
	var err error
	if base == nil {
		_, err = m.Store.MarkAllStale(t.Context(), 1)
	} else {
		var names []match.Name
		for n := range base.Names {
			names = append(names, n)
		}
		if _, err = m.Store.MarkStale(t.Context(), names, 1); err == nil {
			err = markRated(t, m.Store, base)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	for {
		list, err := m.Store.Stale(t.Context(), store.StalePage{Limit: 7})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return
		}
		if _, err := r.Rematch(t.Context(), list, now); err != nil {
			t.Fatal(err)
		}
	}
}

// markRated marks what has vulnerabilities that are rated otherwise.
func markRated(t *testing.T, s *store.Store, base *Base) error {
	t.Helper()
	list, err := s.Vulnerabilities(t.Context(), 0, 1000)
	for _, v := range list {
		if err == nil && base.Rated(v.ID) {
			_, err = s.MarkVulnerable(t.Context(), v.Number, 1)
		}
	}
	return err
}

// A kept finding is what is compared of one.
type kept struct {
	Resource, Vulnerability, Title, Severity, Status, Fix string
	Score                                                 float64
	Packages                                              []string
	Coverage                                              string
}

// stored returns all findings, by resource and vulnerability.
func stored(t *testing.T, m *Monitor) []kept {
	t.Helper()
	var out []kept
	for after := ""; ; {
		list, next, err := m.Store.Findings(t.Context(), org.Only(111122223333), nil, store.Page{Size: store.MaxPage, After: after, Now: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			k := kept{
				Resource: f.Resource.ID, Vulnerability: f.Vulnerability, Title: f.Title, Severity: string(f.Severity), Status: string(f.Status),
				Fix: string(f.Fix), Score: f.Score.Value,
			}
			for _, p := range f.Packages {
				k.Packages = append(k.Packages, fmt.Sprintf("%s %s %s %s %s", p.Name, p.Version, p.Layer, p.Fixed, p.Match.Why[0].Range))
			}
			c, _, err := m.Store.Watched(t.Context(), org.Only(111122223333), resource.Resource{
				Account: "111122223333", Region: f.Resource.Region, Type: f.Resource.Type, ID: f.Resource.ID,
			})
			if err != nil {
				t.Fatal(err)
			}
			k.Coverage = c.Code + " " + c.Reason
			out = append(out, k)
		}
		if after = next; after == "" {
			break
		}
	}
	slices.SortFunc(out, func(a, b kept) int {
		return bytes.Compare([]byte(a.Resource+a.Vulnerability), []byte(b.Resource+b.Vulnerability))
	})
	return out
}
