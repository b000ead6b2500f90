package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A place is the position of a finding in a list: everything that the list is
// sorted by. It stands in page tokens.
type place struct {
	Text *string  `json:"t,omitempty"` // the attribute if it is a text, or
	Num  *float64 `json:"n,omitempty"` // if it is a number; nil if the finding has none
	IDs  []int64  `json:"i"`           // the numbers that follow
	// Pace is that of the walk which came here, so that the next page need not
	// find it again; 0 if there was no walk.
	Pace int `json:"p,omitempty"`
}

// An attribute is something that a list is sorted by and that not every finding
// has, or that is no whole number.
type attribute struct {
	sql  string // of a query of finding f; empty: there is none
	kind attributeKind
}

type attributeKind int

const (
	attributeText attributeKind = iota
	attributeFloat
	attributeWhole
)

// A sorter is a whole number of each finding that a list is sorted by.
type sorter struct {
	column string // of finding
	of     func(r *row) int64
	ranks  []int64 // if the order is that of the words of a number: the place of each number; else nil
}

// sql is the value in a query of finding f.
func (t sorter) sql() string {
	if t.ranks == nil {
		return "f." + t.column
	}
	var b strings.Builder
	b.WriteString("CASE f." + t.column)
	for n, rank := range t.ranks {
		fmt.Fprintf(&b, " WHEN %d THEN %d", n, rank)
	}
	return b.String() + " END"
}

// value is the value of a row.
func (t sorter) value(r *row) int64 { return t.rank(t.of(r)) }

// rank is the value of a row that has the number v.
func (t sorter) rank(v int64) int64 {
	if t.ranks == nil || v < 0 || v >= int64(len(t.ranks)) {
		return v
	}
	return t.ranks[v]
}

// An order is what a list is sorted by: the attribute if there is one, then the
// numbers, all in one direction; but findings without the attribute come last in
// both. The last number is that of the finding itself.
type order struct {
	attribute attribute
	scored    bool // the attribute is the score, that is in the row
	numbers   []sorter
	desc      bool
	walk      *entityWalk // along the attribute's table; nil if the index is one of finding
}

// ranksOf returns the place of each number in the order of its words.
func ranksOf(words []string) []int64 {
	sorted := slices.Sorted(slices.Values(words))
	out := make([]int64, len(words))
	for n, w := range words {
		out[n] = int64(slices.Index(sorted, w))
	}
	return out
}

// orderOf returns the order behind a sort field of the API; false if it is none.
// Each ends with the number of the finding. By severity, and by what begins an
// index that has the severity next, findings come by severity and then by when
// they were last observed.
func orderOf(sort string) (order, bool) {
	var (
		fid      = sorter{column: "fid", of: func(r *row) int64 { return r.fid }}
		first    = sorter{column: "first_at", of: func(r *row) int64 { return r.first }}
		last     = sorter{column: "last_at", of: func(r *row) int64 { return r.last }}
		severity = sorter{column: "severity", of: func(r *row) int64 { return r.severity }}
		account  = sorter{column: "account_id", of: func(r *row) int64 { return int64(r.account) }}
		res      = sorter{column: "res_id", of: func(r *row) int64 { return r.res }}
		vuln     = sorter{column: "vuln_sk", of: func(r *row) int64 { return r.vuln }}
		status   = sorter{"status", func(r *row) int64 { return r.status }, ranksOf(words(statusNumbers))}
		kind     = sorter{"type", func(r *row) int64 { return r.kind }, ranksOf(typeNumbers)}
		resource = sorter{"res_type", func(r *row) int64 { return r.resKind }, ranksOf(words(resourceNumbers))}
	)
	ofResource := func(column string, kind attributeKind) order {
		return order{attribute: attribute{
			"(SELECT r." + column + " FROM resource r WHERE r.res_id = f.res_id AND r.account_id = f.account_id)", kind,
		}, numbers: []sorter{res, fid}, walk: &entityWalk{table: "resource", number: "res_id", column: column, ref: "res_id", follow: 1, owned: true}}
	}
	ofVuln := func(column string, kind attributeKind) order {
		return order{attribute: attribute{"(SELECT v." + column + " FROM vuln v WHERE v.vuln_sk = f.vuln_sk)", kind}, numbers: []sorter{vuln, severity, last, fid}, walk: &entityWalk{table: "vuln", number: "vuln_sk", column: column, ref: "vuln_sk", follow: 3, none: true}}
	}
	ofNet := func(column string) order {
		return order{attribute: attribute{
			"(SELECT n." + column + " FROM finding_net n WHERE n.fid = f.fid AND n.account_id = f.account_id)", attributeText,
		}, numbers: []sorter{fid}, walk: &entityWalk{table: "finding_net", number: "fid", column: column, ref: "fid", owned: true}}
	}
	switch sort {
	case "", "SEVERITY":
		return order{numbers: []sorter{severity, last, fid}}, true
	case "FIRST_OBSERVED_AT":
		return order{numbers: []sorter{first, fid}}, true
	case "LAST_OBSERVED_AT":
		return order{numbers: []sorter{last, fid}}, true
	case "INSPECTOR_SCORE":
		return order{attribute: attribute{"f.score", attributeWhole}, scored: true, numbers: []sorter{fid}}, true
	case "AWS_ACCOUNT_ID":
		return order{numbers: []sorter{account, severity, last, fid}}, true
	case "FINDING_STATUS":
		return order{numbers: []sorter{status, severity, last, fid}}, true
	case "FINDING_TYPE":
		return order{numbers: []sorter{kind, fid}}, true
	case "RESOURCE_TYPE":
		return order{numbers: []sorter{resource, fid}}, true
	case "ECR_IMAGE_PUSHED_AT":
		return ofResource("pushed_at", attributeWhole), true
	case "ECR_IMAGE_REPOSITORY_NAME":
		return ofResource("repo", attributeText), true
	case "ECR_IMAGE_REGISTRY":
		return ofResource("registry", attributeText), true
	case "NETWORK_PROTOCOL":
		return ofNet("protocol"), true
	case "COMPONENT_TYPE":
		return ofNet("component_type"), true
	case "VULNERABILITY_ID":
		return ofVuln("vuln_id", attributeText), true
	case "VULNERABILITY_SOURCE":
		return ofVuln("source", attributeText), true
	case "VENDOR_SEVERITY":
		return ofVuln("vendor_sev", attributeText), true
	case "EPSS_SCORE":
		return ofVuln("epss", attributeFloat), true
	}
	return order{}, false
}

// byAccount tells whether an index has the order for each account.
func (o order) byAccount() bool {
	return o.walk == nil && slices.ContainsFunc(o.numbers, func(n sorter) bool { return n.column == "severity" })
}

// place returns the position of a row.
func (o order) place(r *row) place {
	p := place{Text: r.text, Num: r.num}
	if o.scored {
		n := float64(r.score)
		p.Num = &n
	}
	for _, n := range o.numbers {
		p.IDs = append(p.IDs, n.value(r))
	}
	return p
}

// compare tells which of two places comes first in the list.
func (o order) compare(a, b place) int {
	if c := compareAttributes(a, b, o.desc); c != 0 {
		return c
	}
	c := slices.Compare(a.IDs, b.IDs)
	if o.desc {
		return -c
	}
	return c
}

func compareAttributes(a, b place, desc bool) int {
	sign := 1
	if desc {
		sign = -1
	}
	switch none, other := a.Text == nil && a.Num == nil, b.Text == nil && b.Num == nil; {
	case none && other:
		return 0
	case none:
		return 1
	case other:
		return -1
	case a.Text != nil && b.Text != nil:
		return sign * strings.Compare(*a.Text, *b.Text)
	case a.Num != nil && b.Num != nil:
		return sign * cmp.Compare(*a.Num, *b.Num)
	}
	return 0
}

// fits tells whether a place that came with a token can be one of this order.
func (o order) fits(p place) bool {
	text := o.attribute.sql != "" && o.attribute.kind == attributeText
	number := o.attribute.sql != "" && !text
	return len(p.IDs) == len(o.numbers) && (text || p.Text == nil) && (number || p.Num == nil)
}

// value returns the attribute as an argument of a statement; nil if there is
// none.
func (a attribute) value(p place) any {
	switch {
	case p.Text != nil:
		return *p.Text
	case p.Num != nil && a.kind == attributeWhole:
		return int64(*p.Num)
	case p.Num != nil:
		return *p.Num
	}
	return nil
}
