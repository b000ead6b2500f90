// Package monitor keeps findings true: what a scan has seen of a resource is
// matched with what is known, and the stored findings follow.
package monitor

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// Schema is the value of Submission.Schema that this version reads.
const Schema = "assay.scan/1"

// Submission is the result of a scan as a client hands it in: what the target
// holds, not what is wrong with it, which the server finds out with its own
// advisories. doc/intake.md describes its JSON.
type Submission struct {
	Schema string `json:"schema"`
	// Resource is what else is known of the resource. Its type and id may be
	// empty; they then follow from the target. The account is the caller's.
	Resource  resource.Resource   `json:"resource,omitzero"`
	Target    scan.Target         `json:"target"`
	Inventory inventory.Inventory `json:"inventory"`
}

// Summary is what came of a submission.
type Summary struct {
	Type      resource.Type       `json:"resourceType"`
	ID        string              `json:"resourceId"`
	Unchanged bool                `json:"unchanged"` // the same packages and the same advisories as at the last scan
	Findings  map[store.Kind]int  `json:"findings"`  // how many changed, by how
	Problems  []inventory.Problem `json:"problems,omitempty"`
	Notes     []match.Note        `json:"notes,omitempty"`
	// NotScanned is the reason of coverage for which the resource is not scanned;
	// empty if it is.
	NotScanned string `json:"notScanned,omitempty"`
}

// Knowledge is an advisory database.
type Knowledge interface {
	match.Advisories
	finding.Knowledge
	// Digest changes with what is known.
	Digest() string
}

// Monitor takes in what scans have seen.
type Monitor struct {
	Store *store.Store
	// Knowledge returns the database in use, and what to call when it is no
	// longer needed.
	Knowledge func() (Knowledge, func())
	Region    string // of resources that do not state theirs
	Version   string // of Assay: another one may match otherwise
	// Recorded is called after findings of a resource were recorded, with the
	// digest of the database that they follow from: another one may have taken its
	// place meanwhile. It may be nil.
	Recorded func(ctx context.Context, res resource.Resource, digest string) error
}

// Submitter is who hands a submission in.
type Submitter struct {
	Account org.Account
	Subject string // id of the only resource that it may speak of; empty: any of the account
	Mode    string // how it scans machines, in Amazon's words; empty: not said
	Reason  string // of the coverage of a scan that succeeds, in Amazon's words; empty: Successful
}

// Take records a submission: the resource, its inventory and its findings. A
// submission that is not as it must be is Invalid, one of a resource that is
// not the submitter's to speak of is Denied, and for a type of resource whose
// scans the account has switched off it is a Conflict.
func (m *Monitor) Take(ctx context.Context, by Submitter, sub Submission, now time.Time) (Summary, error) {
	if sub.Schema != Schema {
		return Summary{}, fault.OnField("schema", "must be %s", Schema)
	}
	res := m.resource(by.Account, sub)
	if res.ID == "" {
		return Summary{}, fault.OnField("resource.id", "may not be empty when target.name is")
	}
	if by.Subject != "" && by.Subject != res.ID {
		return Summary{}, fault.New(fault.Denied, "This key speaks for %s, not for %s.", by.Subject, res.ID)
	}
	settings, err := m.Store.EffectiveSettings(ctx, by.Account)
	if err != nil {
		return Summary{}, err
	}
	if service := serviceOf(res.Type); !settings.On(service) {
		return Summary{}, fault.New(fault.Conflict, "Scanning of %s is switched off for account %s: switch it on with Enable (aws inspector2 enable --resource-types %[1]s).",
			service, by.Account)
	}
	res, refused, err := m.admit(ctx, by.Account, res, settings, now)
	if err != nil {
		return Summary{}, err
	}
	if refused != "" {
		return Summary{Type: res.Type, ID: res.ID, Findings: map[store.Kind]int{}, NotScanned: refused}, nil
	}
	return m.record(ctx, by, res, sub, now)
}

// record matches a submission that has been admitted, and records it.
func (m *Monitor) record(ctx context.Context, by Submitter, res resource.Resource, sub Submission, now time.Time) (Summary, error) {
	sub.Inventory.Sort()
	know, release := m.Knowledge()
	defer release()
	name, err := store.Held{Inventory: sub.Inventory, Layers: sub.Target.Layers}.Digest()
	if err != nil {
		return Summary{}, err
	}
	revision := m.revision(name, know)
	last, err := m.Store.Revision(ctx, org.Only(by.Account), res)
	if err != nil {
		return Summary{}, err
	}
	return m.recordAfter(ctx, by, taking{res, sub, revision, know}, last, now)
}

// A taking is a submission on its way into the store.
type taking struct {
	res      resource.Resource
	sub      Submission
	revision string
	know     Knowledge
}

// recordAfter records a submission of a resource whose stored findings followed
// from a revision a moment ago. If that is the submission's, they are those of the
// submission, and nothing is matched, unless they follow from something else when
// it comes to writing.
func (m *Monitor) recordAfter(ctx context.Context, by Submitter, t taking, last string, now time.Time) (Summary, error) {
	out, err := m.recordAs(ctx, by, t, last == t.revision, now)
	if errors.Is(err, store.ErrChanged) {
		return m.recordAs(ctx, by, t, false, now)
	}
	return out, err
}

// recordAs records a submission, the same as what is stored or not.
func (m *Monitor) recordAs(ctx context.Context, by Submitter, t taking, same bool, now time.Time) (Summary, error) {
	out := Summary{
		Type: t.res.Type, ID: t.res.ID, Unchanged: same, Findings: map[store.Kind]int{}, Problems: t.sub.Inventory.Problems,
	}
	seen := store.Scan{
		Resource: t.res, Revision: t.revision, Same: same, Inventory: &t.sub.Inventory, Layers: t.sub.Target.Layers,
		Incomplete: len(t.sub.Inventory.Problems) > 0,
	}
	if !same {
		result, err := match.Inventory(ctx, t.sub.Inventory, t.know, match.Options{})
		if err != nil {
			return Summary{}, fmt.Errorf("matching %s: %w", t.res.ID, err)
		}
		if seen.Findings, err = finding.New(ctx, t.res, result.Matches, t.know, now); err != nil {
			return Summary{}, fmt.Errorf("judging %s: %w", t.res.ID, err)
		}
		out.Notes = result.Notes
		c := packageCoverage(unsupported(result.Notes), now)
		c.Mode = by.Mode
		if c.Reason == Successful {
			c.Reason = cmp.Or(by.Reason, Successful)
		}
		seen.Coverage = []store.Coverage{c}
	}
	outcomes, err := m.Store.Record(ctx, org.Only(by.Account), []store.Scan{seen}, now)
	if err != nil {
		return Summary{}, err
	}
	for _, c := range outcomes[0].Changes {
		out.Findings[c.Kind]++
	}
	if m.Recorded != nil {
		err = m.Recorded(ctx, t.res, t.know.Digest())
	}
	return out, err
}

// serviceOf returns the service that scans resources of a type.
func serviceOf(t resource.Type) org.Service {
	switch t {
	case resource.Instance, resource.AzureInstance:
		return org.EC2
	case resource.Function, resource.AzureFunction:
		return org.Lambda
	case resource.Code:
		return org.CodeRepository
	}
	return org.ECR
}

// resource puts together what the target tells of the resource and what the
// client states.
func (m *Monitor) resource(account org.Account, sub Submission) resource.Resource {
	said := sub.Resource
	region := cmp.Or(said.Region, m.Region)
	res := Describe(account.String(), region, sub.Target, sub.Inventory.OS)
	res.Type, res.ID, res.Name = cmp.Or(said.Type, res.Type), cmp.Or(said.ID, res.ID), cmp.Or(said.Name, res.Name)
	res.Platform, res.Arch = cmp.Or(said.Platform, res.Platform), cmp.Or(said.Arch, res.Arch)
	res.Digest, res.Created = cmp.Or(said.Digest, res.Digest), cmp.Or(said.Created, res.Created)
	if said.Tags != nil {
		res.Tags = slices.Sorted(slices.Values(said.Tags))
	}
	if said.Layers != nil {
		res.Layers = said.Layers
	}
	res.Labels = maps.Clone(said.Labels)
	res.Cloud, res.Host, res.Image, res.Function, res.Code = said.Cloud, said.Host, said.Image, said.Function, said.Code
	return res
}

// revision names all that findings follow from: what the target holds, by the
// name of that, what is known, and the program that compares them.
func (m *Monitor) revision(held string, know Knowledge) string {
	sum := sha256.Sum256([]byte(m.Version + "\x00" + know.Digest() + "\x00" + held))
	return hex.EncodeToString(sum[:16])
}

// unsupported tells whether packages could not be judged: nothing is known of an
// operating system without advisories, and silence would look like health.
func unsupported(notes []match.Note) bool {
	return slices.ContainsFunc(notes, func(n match.Note) bool { return n.Kind == match.UnsupportedPlatform })
}

// packageCoverage is that of a resource whose packages were matched.
func packageCoverage(unsupported bool, now time.Time) store.Coverage {
	c := store.Coverage{ScanType: store.PackageScan, Code: store.CoverageActive, Reason: Successful, Scanned: now}
	if unsupported {
		c.Code, c.Reason = store.CoverageInactive, UnsupportedOS
	}
	return c
}
