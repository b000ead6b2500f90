package monitor

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// Base is what was known when findings were last looked at, and how what is
// known now differs from it.
type Base struct {
	Knowledge Knowledge
	// Names has those about which something else is stated now.
	Names map[match.Name]bool
	// Rated tells whether a vulnerability is rated otherwise now.
	Rated func(vulnerability string) bool
}

// A Rematcher matches stored inventories with what is known now. It needs no
// artifact. What inventories have in common is matched once, as long as it is
// remembered; how much is remembered has a bound. It is used by one goroutine.
type Rematcher struct {
	Monitor *Monitor
	Know    Knowledge
	// Base returns what was known then; nil if it cannot be told any more: all
	// findings are compared then.
	Base func(since int64) *Base

	now, old map[setID]*matched // sets
	size     int                // of now
	bound    int                // of size; 0: remembered
}

// Rematched counts what was done.
type Rematched struct {
	Sets        int64 // of packages that were read
	Inventories int64
	Resources   int64 // that were looked at
	Changes     int64 // of findings
}

// Add adds another count.
func (r Rematched) Add(o Rematched) Rematched {
	return Rematched{r.Sets + o.Sets, r.Inventories + o.Inventories, r.Resources + o.Resources, r.Changes + o.Changes}
}

const (
	// holdingsAtOnce is how many resources one transaction is for.
	holdingsAtOnce = 500
	// remembered bounds one half of what is remembered, in matches and sets.
	remembered = 10_000
)

// notNow are the reasons of coverage of what is scanned, but not matched again.
// What is scanned once stays as it was found. What is still to be scanned would
// seem to be as it was found already, and its coverage would stay as it is.
var notNow = []string{OnPush, PendingInitial, PendingRevival}

// A setID is a set of packages where a layer brought it, on an operating system.
type setID struct {
	number  int64
	layer   string
	since   int64
	setting string // match.Setting
}

// A placedID is a set in an inventory.
type placedID struct {
	inventory int64
	store.SetRef
}

// A matched set is what is known of packages that stand together.
type matched struct {
	matches     map[string][]match.Match // by vulnerability
	changed     []string                 // vulnerabilities that are judged otherwise than before; nil if all may be
	unsupported bool
	judged      map[judgedID]*store.Judgement
}

// A judgedID is a vulnerability of packages of one set, and whether its score is
// adjusted to the resource.
type judgedID struct {
	vulnerability string
	adjusted      bool
}

// Rematch matches inventories again, and makes the findings of all resources
// that hold them what Monitor.Take would have made them. Resources whose
// packages are not scanned, or not now, are left as they are; the next scan
// looks at them.
func (r *Rematcher) Rematch(ctx context.Context, list []store.Stale, now time.Time) (Rematched, error) {
	done := Rematched{Inventories: int64(len(list))}
	verdicts, err := r.verdicts(ctx, list, &done)
	if err != nil {
		return done, err
	}
	page := store.HoldingPage{Limit: holdingsAtOnce}
	for number := range verdicts {
		page.Inventories = append(page.Inventories, number)
	}
	slices.Sort(page.Inventories)
	services := map[org.Account]org.Settings{}
	for len(page.Inventories) > 0 {
		holdings, err := r.Monitor.Store.Holdings(ctx, page)
		if err != nil {
			return done, err
		}
		if len(holdings) == 0 {
			break
		}
		page.After = holdings[len(holdings)-1]
		again := make([]store.Rejudged, len(holdings))
		for i, h := range holdings {
			if again[i], err = r.rejudge(ctx, h, verdicts[h.Inventory], services, now); err != nil {
				return done, fmt.Errorf("matching %s again: %w", h.ID, err)
			}
		}
		outcomes, err := r.Monitor.Store.Rejudge(ctx, again, now)
		if err != nil {
			return done, err
		}
		done.Resources += int64(len(holdings))
		for _, o := range outcomes {
			done.Changes += int64(len(o.Changes))
		}
	}
	return done, r.Monitor.Store.Matched(ctx, list)
}

// A verdict is what is known now of an inventory.
type verdict struct {
	store.Composition
	sets        []*matched
	all         bool     // every finding is to be compared
	changed     []string // else: those of these vulnerabilities, sorted
	unsupported bool
	revision    string
}

// verdicts matches inventories, and returns what came of it by their numbers.
func (r *Rematcher) verdicts(ctx context.Context, list []store.Stale, done *Rematched) (map[int64]*verdict, error) {
	since := make(map[int64]int64, len(list))
	numbers := make([]int64, len(list))
	for i, st := range list {
		numbers[i], since[st.Inventory] = st.Inventory, st.Since
	}
	found, err := r.Monitor.Store.Compositions(ctx, numbers)
	if err != nil {
		return nil, err
	}
	// What is recalled here may be forgotten again before the last inventory.
	known := map[placedID]*matched{}
	var missing []int64
	for _, c := range found {
		for _, ref := range c.Sets {
			id := placedID{c.Number, ref}
			if known[id] = r.recall(c, ref, since[c.Number]); known[id] == nil {
				missing = append(missing, ref.Number)
			}
		}
	}
	sets, err := r.Monitor.Store.PackageSets(ctx, missing)
	if err != nil {
		return nil, err
	}
	done.Sets += int64(len(sets))
	out := make(map[int64]*verdict, len(found))
	for _, c := range found {
		v := &verdict{Composition: c}
		base := r.Base(since[c.Number])
		v.all = base == nil
		for _, ref := range c.Sets {
			m := known[placedID{c.Number, ref}]
			if m == nil {
				m = r.recall(c, ref, since[c.Number]) // an inventory before this one may have had it
			}
			if m == nil {
				set := sets[ref.Number]
				if m, err = r.match(ctx, inventory.Inventory{OS: c.Inventory.OS, Packages: ref.In(set)}, set, base); err != nil {
					return nil, err
				}
				r.remember(setID{ref.Number, ref.Layer, since[c.Number], match.Setting(c.Inventory.OS, set.Ecosystem)}, m)
			}
			v.sets = append(v.sets, m)
			v.changed = append(v.changed, m.changed...)
			v.unsupported = v.unsupported || m.unsupported
		}
		slices.Sort(v.changed)
		v.changed = slices.Compact(v.changed)
		v.revision = r.revision(c)
		out[c.Number] = v
	}
	return out, nil
}

// revision is the revision of findings that follow from an inventory now; empty
// if not everything could be read when it was made.
func (r *Rematcher) revision(c store.Composition) string {
	if c.Name == "" || len(c.Inventory.Problems) > 0 {
		return ""
	}
	return r.Monitor.revision(c.Name, r.Know)
}

// recall returns what is remembered of a set of an inventory; nil if nothing is.
// The kind of its packages is not known here: it is tried under each setting that
// they could depend on.
func (r *Rematcher) recall(c store.Composition, ref store.SetRef, since int64) *matched {
	settings := []string{""}
	for _, typ := range [...]string{"deb", "generic"} {
		if s := match.Setting(c.Inventory.OS, advisory.Ecosystem{Type: typ}); s != "" {
			settings = append(settings, s)
		}
	}
	for _, s := range settings {
		id := setID{ref.Number, ref.Layer, since, s}
		m := r.now[id]
		if m == nil {
			if m = r.old[id]; m != nil {
				r.remember(id, m)
			}
		}
		if m != nil {
			return m
		}
	}
	return nil
}

func (r *Rematcher) remember(id setID, m *matched) {
	if r.now == nil || r.size > cmp.Or(r.bound, remembered) {
		r.now, r.old, r.size = map[setID]*matched{}, r.now, 0
	}
	r.now[id] = m
	r.size += 1 + len(m.matches)
}

// match matches the packages of a set, of which no other package matters to the
// matches: see match.Names.
func (r *Rematcher) match(ctx context.Context, inv inventory.Inventory, set store.PackageSet, base *Base) (*matched, error) {
	opt := match.Options{Part: set.OS.ID == ""}
	result, err := match.Inventory(ctx, inv, r.Know, opt)
	if err != nil {
		return nil, err
	}
	m := &matched{matches: byVulnerability(result.Matches), unsupported: unsupported(result.Notes), judged: map[judgedID]*store.Judgement{}}
	if base == nil {
		return m, nil
	}
	affected := inventory.Inventory{OS: inv.OS}
	whole := slices.ContainsFunc(match.Ecosystems(set.Ecosystem), func(e advisory.Ecosystem) bool { return base.Names[match.Name{Ecosystem: e}] })
	for i := range inv.Packages {
		p := &inv.Packages[i]
		if whole || slices.ContainsFunc(match.Names(set.Ecosystem, p), func(n match.Name) bool { return base.Names[n] }) {
			affected.Packages = append(affected.Packages, *p)
		}
	}
	if n, ok := match.Platform(set.OS); len(affected.Packages) > 0 || ok && (whole || base.Names[n]) {
		if m.changed, err = r.compare(ctx, affected, base, opt); err != nil {
			return nil, err
		}
	}
	for id := range m.matches {
		if base.Rated(id) {
			m.changed = append(m.changed, id)
		}
	}
	return m, nil
}

// compare returns the vulnerabilities that packages have now and had not, or had
// and have not, or have in another way.
func (r *Rematcher) compare(ctx context.Context, inv inventory.Inventory, base *Base, opt match.Options) ([]string, error) {
	before, err := match.Inventory(ctx, inv, base.Knowledge, opt)
	if err != nil {
		return nil, fmt.Errorf("matching as before: %w", err)
	}
	after, err := match.Inventory(ctx, inv, r.Know, opt)
	if err != nil {
		return nil, err
	}
	was, is := byVulnerability(before.Matches), byVulnerability(after.Matches)
	var out []string
	for id, list := range is {
		if !slices.EqualFunc(was[id], list, sameMatch) {
			out = append(out, id)
		}
	}
	for id := range was {
		if is[id] == nil {
			out = append(out, id)
		}
	}
	return out, nil
}

// sameMatch compares matches that different databases made.
func sameMatch(a, b match.Match) bool {
	neutral := func(m match.Match) match.Match {
		m.Group, m.Why = 0, slices.Clone(m.Why)
		for i := range m.Why {
			m.Why[i].Ref = 0
		}
		return m
	}
	return reflect.DeepEqual(neutral(a), neutral(b))
}

func byVulnerability(list []match.Match) map[string][]match.Match {
	out := map[string][]match.Match{}
	for _, m := range list {
		out[m.Vulnerability] = append(out[m.Vulnerability], m)
	}
	return out
}

// rejudge returns what a resource that holds an inventory has now.
func (r *Rematcher) rejudge(
	ctx context.Context, h store.Holding, v *verdict, services map[org.Account]org.Settings, now time.Time,
) (store.Rejudged, error) {
	out := store.Rejudged{Holding: h}
	out.Coverage = store.Coverage{}
	settings, ok := services[h.Account]
	if !ok {
		var err error
		if settings, err = r.Monitor.Store.Settings(ctx, org.Only(h.Account), h.Account); err != nil {
			return out, err
		}
		services[h.Account] = settings
	}
	c := h.Coverage
	if !settings.On(serviceOf(h.Type)) || c.Code == store.CoverageInactive && c.Reason != UnsupportedOS || slices.Contains(notNow, c.Reason) {
		return out, nil
	}
	out.Revision, out.All, out.Incomplete = v.revision, v.all, len(v.Inventory.Problems) > 0
	ids := v.changed
	if v.all {
		ids = v.vulnerabilities()
	} else {
		out.Vulnerabilities = ids
	}
	for _, id := range ids {
		j, err := r.judge(ctx, v, id, h.Type, now)
		if err != nil {
			return out, err
		}
		if j != nil {
			out.Findings = append(out.Findings, j)
		}
	}
	if c = packageCoverage(v.unsupported, now); c.Code == h.Coverage.Code {
		c.Reason = h.Coverage.Reason
	}
	if v.all || len(ids) > 0 || c.Code != h.Coverage.Code {
		c.Mode, out.Coverage = h.Coverage.Mode, c
		if finding.Adjustable(h.Type) { // of a machine it tells when it last showed itself
			out.Coverage.Scanned = h.Coverage.Scanned
		}
	}
	return out, nil
}

// vulnerabilities returns all that an inventory has, sorted.
func (v *verdict) vulnerabilities() []string {
	var out []string
	for _, m := range v.sets {
		for id := range m.matches {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// judge returns the finding of a vulnerability of an inventory; nil if it has
// none. One whose packages all stand in one set is made once for all inventories
// with that set.
func (r *Rematcher) judge(ctx context.Context, v *verdict, id string, typ resource.Type, now time.Time) (*store.Judgement, error) {
	var list []match.Match
	var only *matched
	for _, m := range v.sets {
		if more := m.matches[id]; len(more) > 0 {
			if only = m; len(list) > 0 {
				only = nil
			}
			list = append(list, more...)
		}
	}
	if len(list) == 0 {
		return nil, nil //nolint:nilnil // there is no finding
	}
	for _, l := range v.Layers {
		if finding.IsLayerARN(l.Name) {
			only = nil // what the layer is called differs where the packages do not
		}
	}
	key := judgedID{id, finding.Adjustable(typ)}
	if only != nil && only.judged[key] != nil {
		return only.judged[key], nil
	}
	made, err := finding.New(ctx, resource.Resource{Type: typ}, list, r.Know, now)
	if err != nil {
		return nil, err
	}
	if len(made) != 1 {
		return nil, fmt.Errorf("%d findings of %s", len(made), id)
	}
	j, err := store.Judge(&made[0], v.Layers, now)
	if err == nil && only != nil {
		only.judged[key] = j
	}
	return j, err
}
