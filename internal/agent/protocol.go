package agent

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/inventory"
)

// Schema is the value of Report.Schema that this version writes and reads.
const Schema = "assay.agent/1"

// Application asks for an access key by way of a token.
type Application struct {
	Token     string `json:"token"`
	MachineID string `json:"machineId"`          // what tells the machine from all others, see machine-id(5)
	Resource  string `json:"resource,omitempty"` // what the server shall know the host by; its name if empty
	Host      Host   `json:"host"`
	Version   string `json:"version,omitempty"` // of the agent
}

// Enrolled is the answer to an Application. The secret is told only here.
type Enrolled struct {
	Agent    string    `json:"agent"`
	Account  string    `json:"account"`
	Region   string    `json:"region"` // of the server, for signatures
	Resource string    `json:"resource"`
	Key      string    `json:"accessKeyId"`
	Secret   string    `json:"secretAccessKey"`
	Now      time.Time `json:"now"`
}

// Host is what is known of a host besides what it holds.
type Host struct {
	Name   string   `json:"name"`
	OS     string   `json:"os,omitempty"`     // as in GOOS
	Arch   string   `json:"arch,omitempty"`   // as in GOARCH
	Kernel string   `json:"kernel,omitempty"` // release of the running one
	IPv4   []string `json:"ipv4,omitempty"`
	IPv6   []string `json:"ipv6,omitempty"`
}

// Beat is a sign of life.
type Beat struct {
	Version  string  `json:"version,omitempty"`
	Every    float64 `json:"every"`              // seconds until the next one
	Revision string  `json:"revision,omitempty"` // of the inventory that the server has last taken
	Waiting  int     `json:"waiting,omitempty"`  // reports that the server has not taken yet
	Trouble  string  `json:"trouble,omitempty"`  // what went wrong last, for people
}

// Orders is the answer to a Beat: how the agent shall look, not what it shall do.
type Orders struct {
	Now       time.Time `json:"now"`             // at the server
	Scan      bool      `json:"scan"`            // false: the account has switched scans of hosts off
	Full      bool      `json:"full"`            // the server wants the whole inventory
	Deep      bool      `json:"deep"`            // look for packages of programming languages
	Paths     []string  `json:"paths,omitempty"` // where, as absolute paths
	Heartbeat float64   `json:"heartbeat"`       // seconds between two of them
	FullEvery float64   `json:"fullEvery"`       // seconds between two whole inventories
	DeepEvery float64   `json:"deepEvery"`       // seconds between two looks at the paths
}

// Report is what a host holds, or how that has changed. The operating system
// and the problems are always whole.
type Report struct {
	Schema   string              `json:"schema"`
	Base     string              `json:"base,omitempty"` // revision that has changed; empty: Packages is all
	Next     string              `json:"next"`           // revision that comes of it
	Taken    time.Time           `json:"taken"`          // by the clock of the server, as far as known
	Host     Host                `json:"host"`
	OS       inventory.OS        `json:"os,omitzero"`
	Limit    string              `json:"limit,omitempty"` // why not all packages of languages are there, as a reason of coverage
	Problems []inventory.Problem `json:"problems,omitempty"`
	Packages []inventory.Package `json:"packages,omitempty"`
	Removed  []inventory.Package `json:"removed,omitempty"`
	Added    []inventory.Package `json:"added,omitempty"`
}

// Receipt is the answer to a Report.
type Receipt struct {
	Revision string         `json:"revision,omitempty"` // of what the server has now
	Full     bool           `json:"full,omitempty"`     // it has not the base: send the whole inventory
	Findings map[string]int `json:"findings,omitempty"` // how many changed, by how
}

// Reasons of coverage for inventories that are not whole, in Amazon's words.
const (
	TooMany = "DEEP_INSPECTION_PACKAGE_COLLECTION_LIMIT_EXCEEDED"
	TooLong = "DEEP_INSPECTION_COLLECTION_TIME_LIMIT_EXCEEDED"
)

// Revision names an inventory, which must be sorted: two that say the same have
// the same revision, on whatever machine.
func Revision(inv inventory.Inventory) string {
	h := sha256.New()
	e := json.NewEncoder(h) // it replaces bytes that are no UTF-8, as on the way to the server
	_ = e.Encode(inv.OS)    // texts and a hash do not fail
	for i := range inv.Packages {
		_ = e.Encode(&inv.Packages[i])
	}
	_, _ = io.WriteString(h, "problems\n")
	for _, p := range inv.Problems {
		_ = e.Encode(p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Diff returns what was taken out of a sorted list of packages and put into it
// to get another one.
func Diff(old, now []inventory.Package) (removed, added []inventory.Package) {
	i, j := 0, 0
	for i < len(old) && j < len(now) {
		switch c := inventory.Compare(old[i], now[j]); {
		case old[i] == now[j]:
			i, j = i+1, j+1
		case c < 0:
			removed, i = append(removed, old[i]), i+1
		case c > 0:
			added, j = append(added, now[j]), j+1
		default: // they differ in what does not count for the order
			removed, added = append(removed, old[i]), append(added, now[j])
			i, j = i+1, j+1
		}
	}
	return append(removed, old[i:]...), append(added, now[j:]...)
}

// ErrBase says that a report does not follow from an inventory.
var ErrBase = errors.New("the report does not follow from this inventory")

// Apply is Follow for those who have not looked at revisions.
func (r Report) Apply(have inventory.Inventory) (inventory.Inventory, error) {
	had := ""
	if r.Base != "" {
		had = Revision(have)
	}
	out, _, err := r.Follow(have, had)
	return out, err
}

// Follow returns the inventory that comes of a report, sorted, and its revision;
// have is the one before, with its revision, and is not changed. The error is
// ErrBase when the report is of changes to another one.
func (r Report) Follow(have inventory.Inventory, had string) (out inventory.Inventory, revision string, err error) {
	out = inventory.Inventory{OS: r.OS, Problems: r.Problems, Packages: r.Packages}
	if r.Base != "" {
		if had != r.Base {
			return inventory.Inventory{}, "", ErrBase
		}
		gone := make(map[inventory.Package]bool, len(r.Removed))
		for _, p := range r.Removed {
			gone[p] = true
		}
		out.Packages = make([]inventory.Package, 0, len(have.Packages)+len(r.Added))
		for _, p := range have.Packages {
			if !gone[p] {
				out.Packages = append(out.Packages, p)
			}
		}
		out.Packages = append(out.Packages, r.Added...)
	}
	out.Sort()
	if len(out.Packages) > MaxPackages {
		return inventory.Inventory{}, "", tooMany()
	}
	// What is whole is taken even if a program of another version names it
	// otherwise.
	if revision = Revision(out); r.Base != "" && revision != r.Next {
		return inventory.Inventory{}, "", ErrBase
	}
	return out, revision, nil
}

// Limits of a report.
const (
	MaxPackages = 200_000
	maxProblems = 10_000
)

func tooMany() error {
	return fault.New(fault.Quota, "The report has more than %d packages: no host has as many.", MaxPackages)
}

// ReadReport reads a report from JSON. It stops, with a fault, as soon as there is
// more than a host can have, so that its memory is bounded, too.
func ReadReport(r io.Reader) (Report, error) {
	dec := json.NewDecoder(r)
	var out Report
	err := object(dec, func(key string) error {
		switch key {
		case "schema":
			return dec.Decode(&out.Schema)
		case "base":
			return dec.Decode(&out.Base)
		case "next":
			return dec.Decode(&out.Next)
		case "taken":
			return dec.Decode(&out.Taken)
		case "host":
			return dec.Decode(&out.Host)
		case "os":
			return dec.Decode(&out.OS)
		case "limit":
			return dec.Decode(&out.Limit)
		case "problems":
			return elements(dec, &out.Problems, maxProblems, fault.New(fault.Quota, "The report has more than %d problems.", maxProblems))
		case "packages":
			return elements(dec, &out.Packages, MaxPackages, tooMany())
		case "removed":
			return elements(dec, &out.Removed, MaxPackages, tooMany())
		case "added":
			return elements(dec, &out.Added, MaxPackages, tooMany())
		}
		var unknown json.RawMessage // of a later version
		return dec.Decode(&unknown)
	})
	if err != nil && fault.KindOf(err) == fault.Internal {
		err = fault.New(fault.Invalid, "The report cannot be read: %v.", err)
	}
	if err != nil {
		return Report{}, err
	}
	out.checkSymbols()
	return out, out.check()
}

// checkSymbols forgets what cannot be read of the functions of programs.
func (r *Report) checkSymbols() {
	for _, list := range [...][]inventory.Package{r.Packages, r.Added} {
		for i := range list {
			p := &list[i]
			if p.Symbols == "" || p.Symbols.Check() == nil {
				continue
			}
			if p.Symbols = ""; len(r.Problems) < maxProblems {
				r.Problems = append(r.Problems, inventory.Problem{Path: p.Path, Reason: "what the report says of the functions of " + p.Name + " cannot be read"})
			}
		}
	}
}

func (r Report) check() error {
	switch {
	case r.Schema != Schema:
		return fault.OnField("schema", "must be %s", Schema)
	case len(r.Next) != 32:
		return fault.OnField("next", "must be a revision")
	case r.Base == "" && len(r.Removed)+len(r.Added) > 0:
		return fault.OnField("base", "may not be empty when packages were removed or added")
	case r.Base != "" && len(r.Packages) > 0:
		return fault.OnField("packages", "must be empty in a report of changes")
	case r.Limit != "" && r.Limit != TooMany && r.Limit != TooLong:
		return fault.OnField("limit", "must be %s or %s", TooMany, TooLong)
	}
	return nil
}

// object reads the members of an object; member reads the value of one.
func object(dec *json.Decoder, member func(key string) error) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return errors.New("it is no object")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string) // the keys of an object are strings
		if err := member(name); err != nil {
			return fmt.Errorf("reading %.40q: %w", name, err)
		}
	}
	_, err = dec.Token()
	return err
}

// elements reads an array of at most so many elements.
func elements[T any](dec *json.Decoder, to *[]T, most int, over error) error {
	t, err := dec.Token()
	if err != nil || t == nil {
		return err // null is an empty one
	}
	if t != json.Delim('[') {
		return errors.New("it is no array")
	}
	for dec.More() {
		if len(*to) == most {
			return over
		}
		var v T
		if err := dec.Decode(&v); err != nil {
			return err
		}
		*to = append(*to, v)
	}
	_, err = dec.Token()
	return err
}
