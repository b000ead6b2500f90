package feed

import (
	"cmp"
	"slices"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// event is one point of an OSV range.
type event struct {
	version string
	what    eventKind
}

type eventKind uint8

const (
	introduced eventKind = iota
	fixed
	lastAffected
)

// String returns the event as the schema writes it.
func (e event) String() string {
	word := [...]string{introduced: "introduced", fixed: "fixed", lastAffected: "last_affected"}[e.what]
	return word + " " + cmp.Or(e.version, "0")
}

// intervals turns the events of one range of the ecosystem with the purl type
// typ into intervals, sorted and not overlapping.
//
// Nothing is lost without a word: an interval with an end that cannot be
// ordered is returned as it is, a version that cannot even be shown leaves its
// end open, and what has no effect is returned apart.
func intervals(typ string, in []osvEvent) (out []advisory.Range, odd []string) {
	events, limits, odd := readEvents(in)
	if len(events) == 2 && len(limits) == 0 && events[0] == (event{"", introduced}) && events[1].what != introduced {
		return closed(events[1]), odd
	}
	unordered := func(version string) bool { return !orderable(typ, version) }
	var more []string
	if slices.ContainsFunc(events, func(e event) bool { return unordered(e.version) }) || slices.ContainsFunc(limits, unordered) {
		for _, l := range limits {
			odd = append(odd, "limit "+l)
		}
		limits = nil
		out, more = pairs(events)
	} else {
		out, more = ordered(typ, events)
	}
	odd = append(odd, more...)
	out = slices.DeleteFunc(out, func(r advisory.Range) bool {
		empty := r.Fixed != "" && compareStart(typ, r.Introduced, r.Fixed) == 0
		if empty {
			odd = append(odd, "introduced and fixed "+r.Fixed)
		}
		return empty || r.Fixed == "0" // no version comes before
	})
	return limit(typ, union(typ, out), limits), odd
}

// ordered joins events whose versions all have an order. A range that is
// written as a list of pairs, each in its order, is one: publishers who add
// pairs do not look at what they overlap, as in PYSEC-2021-114, where sorting
// would end "2.11 to 2.11.7" at 2.11.6, which belongs to "0 to 2.11.6". Any
// other is evaluated as the schema says: in the order of the versions,
// whatever order the events are written in.
// Source: OSV schema, "Evaluation".
func ordered(typ string, events []event) (out []advisory.Range, odd []string) {
	alternate := true
	for i, e := range events {
		alternate = alternate && (e.what == introduced) == (i%2 == 0)
	}
	if alternate {
		list, _ := pairs(events)
		if !slices.ContainsFunc(list, func(r advisory.Range) bool {
			end := cmp.Or(r.Fixed, r.LastAffected)
			return end != "" && compareStart(typ, r.Introduced, end) > 0
		}) {
			return list, nil
		}
	}
	slices.SortStableFunc(events, func(a, b event) int {
		c := compareStart(typ, a.version, b.version)
		if c == 0 && (a.what == lastAffected || b.what == lastAffected) {
			return cmp.Compare(a.what, b.what) // the last one affected may be the first
		}
		return c
	})
	return pairs(events)
}

// readEvents splits the events of a range from its limits, and returns the
// versions that cannot be shown. An empty limit is infinity.
func readEvents(in []osvEvent) (events []event, limits, odd []string) {
	for _, e := range in {
		for _, ev := range []event{{e.Introduced, introduced}, {e.Fixed, fixed}, {e.LastAffected, lastAffected}} {
			switch {
			case ev.version == "":
			case ev.what == introduced && (ev.version == "0" || !isName(ev.version)):
				events = append(events, event{"", introduced}) // the beginning of time
			case isName(ev.version):
				events = append(events, ev)
			}
			if ev.version != "" && !isName(ev.version) {
				odd = append(odd, ev.String())
			}
		}
		switch {
		case e.Limit == "":
		case e.Limit == "*":
			limits = append(limits, "")
		case isName(e.Limit):
			limits = append(limits, e.Limit)
		default:
			odd = append(odd, "limit "+e.Limit)
		}
	}
	return events, limits, odd
}

// closed is the range of nearly all records: from the beginning of time.
func closed(end event) []advisory.Range {
	if end.what == lastAffected {
		return []advisory.Range{{LastAffected: end.version}}
	}
	if end.version == "0" {
		return nil // no version comes before
	}
	return []advisory.Range{{Fixed: end.version}}
}

// pairs goes along the events and joins each beginning with its end. Ends of
// nothing are returned apart.
func pairs(events []event) (out []advisory.Range, odd []string) {
	open := false
	var r advisory.Range
	for _, e := range events {
		switch {
		case e.what == introduced && !open:
			open, r = true, advisory.Range{Introduced: e.version}
			continue
		case e.what == introduced:
			continue // inside already
		case !open:
			odd = append(odd, e.String())
			continue
		case e.what == fixed:
			r.Fixed = e.version
		default:
			r.LastAffected = e.version
		}
		open = false
		out = append(out, r)
	}
	if open {
		out = append(out, r)
	}
	return out, odd
}

// limit cuts off what lies at or past the highest limit; an empty limit is
// infinity.
func limit(typ string, in []advisory.Range, limits []string) []advisory.Range {
	if len(limits) == 0 || slices.Contains(limits, "") {
		return in
	}
	top := slices.MaxFunc(limits, func(a, b string) int { return compare(typ, a, b) })
	var out []advisory.Range
	for _, r := range in {
		if compareStart(typ, r.Introduced, top) >= 0 {
			continue
		}
		end := cmp.Or(r.Fixed, r.LastAffected)
		if end == "" || compare(typ, end, top) >= 0 {
			r.Fixed, r.LastAffected = top, ""
		}
		out = append(out, r)
	}
	return out
}

// union sorts ranges and joins those that overlap or touch. Ranges with a
// version that cannot be ordered come back as they are.
func union(typ string, in []advisory.Range) []advisory.Range {
	if len(in) < 2 {
		return in
	}
	for _, r := range in {
		if !orderable(typ, r.Introduced) || !orderable(typ, cmp.Or(r.Fixed, r.LastAffected)) {
			return in
		}
	}
	in = slices.Clone(in)
	slices.SortStableFunc(in, func(a, b advisory.Range) int {
		c := compareStart(typ, a.Introduced, b.Introduced)
		if c == 0 && a.After != b.After {
			c = -1
			if a.After {
				c = 1
			}
		}
		return c
	})
	out := in[:1]
	for _, r := range in[1:] {
		last := &out[len(out)-1]
		end := cmp.Or(last.Fixed, last.LastAffected)
		c := compareStart(typ, r.Introduced, end)
		if end != "" && (c > 0 || c == 0 && r.After && last.Fixed != "") {
			out = append(out, r)
			continue
		}
		if laterEnd(typ, r, *last) {
			last.Fixed, last.LastAffected = r.Fixed, r.LastAffected
		}
	}
	return out
}

// laterEnd reports whether a ends after b.
func laterEnd(typ string, a, b advisory.Range) bool {
	endA, endB := cmp.Or(a.Fixed, a.LastAffected), cmp.Or(b.Fixed, b.LastAffected)
	switch {
	case endB == "":
		return false
	case endA == "":
		return true
	}
	c := compare(typ, endA, endB)
	return c > 0 || c == 0 && a.LastAffected != "" && b.LastAffected == ""
}

// orderable reports whether a version has a place in the order of typ; the
// empty version, the beginning of time, has.
func orderable(typ, version string) bool {
	if version == "" {
		return true
	}
	_, err := ecosystem.Compare(typ, version, version)
	return err == nil
}

// compareStart compares two versions of which the empty one is the first.
func compareStart(typ, a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(a, b)
	}
	return compare(typ, a, b)
}

// compare compares two versions that are orderable.
func compare(typ, a, b string) int {
	c, err := ecosystem.Compare(typ, a, b)
	if err != nil {
		return cmp.Compare(a, b)
	}
	return c
}
