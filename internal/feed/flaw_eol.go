package feed

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/ecosystem"
)

// EndOfLife is the name of the feed of the days on which support ends.
const EndOfLife = "endoflife"

// rejectSupported is the reason for a product of which all is supported.
const rejectSupported = "no release is known to lose its support"

// eolProduct is what is used of a product, in the form of its page and in that
// of the API.
// Sources: endoflife-date/endoflife.date, CONTRIBUTING, "Adding a new product";
// endoflife.date, API v1, "Product".
type eolProduct struct {
	Name     string       `json:"name"`  // API
	Title    string       `json:"title"` // page
	Label    string       `json:"label"` // API
	Releases []eolRelease `json:"releases"`
}

type eolRelease struct {
	Cycle string          `json:"releaseCycle"` // page
	EOL   json.RawMessage `json:"eol"`          // page: a day, or whether it has come
	Name  string          `json:"name"`         // API
	From  string          `json:"eolFrom"`      // API: a day; null if not known
	Ended bool            `json:"isEol"`        // API
}

// systemIDs has the ID of os-release by the name at endoflife.date. Windows is
// not there: editions with different days have the same versions.
// Source: os-release(5) and the file in the images of these distributions.
var systemIDs = map[string]string{
	"almalinux": "almalinux", "alpine-linux": "alpine", "amazon-linux": "amzn", "centos": "centos", "debian": "debian",
	"devuan": "devuan", "fedora": "fedora", "freebsd": "freebsd", "linuxmint": "linuxmint", "macos": "macos", "mageia": "mageia",
	"nixos": "nixos", "opensuse": "opensuse-leap", "openwrt": "openwrt", "oracle-linux": "ol", "rhel": "rhel", "rocky-linux": "rocky",
	"sles": "sles", "ubuntu": "ubuntu", "vmware-photon": "photon",
}

// isEndOfLife recognises the product pages as one object and the API's answer.
func isEndOfLife(head []byte) bool {
	has := func(key string) bool { return bytes.Contains(head, []byte(`"`+key+`"`)) }
	return head[0] == '{' && has("releases") && (has("releaseCycle") || has("isEol") && (has("result") || has("eolFrom")))
}

func readEndOfLife(ctx context.Context, s Source, yield func(Record, error) bool) {
	eachDocument(ctx, s, yield, parseEndOfLife)
}

func parseEndOfLife(doc document) []outcome {
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(doc.data, &answer); err != nil {
		return refused(doc.name, rejectJSON, err.Error())
	}
	raw, ok := answer["result"]
	if ok {
		list := []json.RawMessage{raw}
		if bytes.HasPrefix(bytes.TrimSpace(raw), []byte{'['}) {
			if err := json.Unmarshal(raw, &list); err != nil {
				return refused(doc.name, rejectJSON, err.Error())
			}
		}
		answer = map[string]json.RawMessage{}
		for _, one := range list {
			var named struct {
				Name text `json:"name"`
			}
			_ = json.Unmarshal(one, &named) // read again below
			answer[string(named.Name)] = one
		}
	}
	var out []outcome
	for _, name := range slices.Sorted(maps.Keys(answer)) {
		out = append(out, parseProduct(name, answer[name])...)
	}
	return out
}

// parseProduct returns an advisory for each release whose day is known, or has
// come. Those whose day is still to come when a database is built are left out
// there.
func parseProduct(name string, data []byte) []outcome {
	var p eolProduct
	if err := json.Unmarshal(data, &p); err != nil || !isID(name) {
		return refused(cmp.Or(printable(name), "a product"), rejectJSON, name)
	}
	eco, software := "platform", systemIDs[name]
	if software == "" {
		eco, software = "generic", ecosystem.SoftwareOfProduct(name)
	}
	if software == "" {
		return refused(name, rejectUnknown, "")
	}
	rej := rejects{id: name}
	var out []outcome
	for _, r := range p.Releases {
		cycle := cmp.Or(r.Cycle, r.Name)
		id := "EOL-" + name + "-" + cycle
		day := strings.Trim(string(r.EOL), `"`)
		switch {
		case r.Ended || day == "true":
			day = r.From
		case r.EOL == nil:
			day = cmp.Or(r.From, "false")
		}
		if day == "false" || day == "null" {
			continue
		}
		numbers, _, ok := numbersOf(cycle)
		next, fits := rubyGrammar.next(append(numbers, 0), max(0, len(numbers)-1))
		if !ok || len(numbers) == 0 || !fits || !isID(id) {
			rej.add(rejectVersion, cycle)
			continue
		}
		at := rej.date(day)
		if at.IsZero() && day != "" {
			continue
		}
		a := &advisory.Advisory{
			Source: EndOfLife, ID: id, Kind: advisory.Unsupported,
			Summary:    clip(oneLine(cmp.Or(p.Title, p.Label, name)+" "+cycle), maxSummary),
			Published:  at,
			References: []advisory.Reference{{Type: "WEB", URL: "https://endoflife.date/" + name}},
			Affected: []advisory.Affected{{
				Ecosystem: advisory.Ecosystem{Type: eco}, Name: software,
				Ranges: []advisory.Range{{Introduced: cycle, Fixed: next.version}},
			}},
		}
		if !orderable(eco, cycle) {
			a.Affected[0].Ranges[0].Introduced = rubyGrammar.join(numbers)
		}
		out = append(out, outcome{record: Record{Advisory: a}})
	}
	if len(out) == 0 && len(rej.parts) == 0 {
		return refused(name, rejectSupported, "")
	}
	return rej.outcomes(out...)
}
