package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/notify"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/scan"
)

// A renderer puts into words what events say, in the shapes in which Amazon
// Inspector tells of them.
// Source: Amazon Inspector User Guide, "Amazon EventBridge event schema for
// Amazon Inspector events".
type renderer struct {
	store    *store.Store
	region   string // of the server
	findings wire.Writer[inspector2.Finding]
}

// render fills in what events say: all is as it is now.
func (s *server) render(ctx context.Context, list []store.Event) error {
	return renderer{s.store, s.Region, s.findings}.render(ctx, list)
}

func (r renderer) render(ctx context.Context, list []store.Event) error {
	if err := r.renderFindings(ctx, list); err != nil {
		return err
	}
	if err := r.renderResources(ctx, list); err != nil {
		return err
	}
	for i := range list {
		e := &list[i]
		var err error
		switch kind, _, _ := strings.Cut(e.Kind, "."); kind {
		case "rule": // its document is a record of CloudTrail's
			err = r.fill(e, notify.Content{Type: notify.CallEvent, Resources: []string{e.Subject}, Detail: e.Doc})
		case "autoenable":
			err = r.autoEnable(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fill makes the content the document of an event.
func (r renderer) fill(e *store.Event, c notify.Content) error {
	c.Region = cmp.Or(c.Region, r.region)
	doc, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing event %s of %s: %w", e.Kind, e.Subject, err)
	}
	e.Doc = doc
	return nil
}

// renderFindings fills in what events about findings say. Of a finding that is
// gone meanwhile only its name is told.
func (r renderer) renderFindings(ctx context.Context, list []store.Event) error {
	byARN := map[string][]int{}
	var arns []string
	accounts := map[org.Account]bool{}
	for i, e := range list {
		if !strings.HasPrefix(e.Kind, "finding.") {
			continue
		}
		if byARN[e.Subject] == nil {
			arns = append(arns, e.Subject)
		}
		byARN[e.Subject] = append(byARN[e.Subject], i)
		accounts[e.Account] = true
	}
	var owners []org.Account
	for a := range accounts {
		owners = append(owners, a)
	}
	for len(arns) > 0 {
		n := min(len(arns), store.MaxPage)
		found, err := r.store.FindingsByARN(ctx, org.Only(owners...), arns[:n])
		if err != nil {
			return err
		}
		arns = arns[n:]
		for i := range found {
			c, err := r.finding(&found[i])
			if err != nil {
				return err
			}
			for _, at := range byARN[found[i].ARN] {
				if err := r.fill(&list[at], c); err != nil {
					return err
				}
			}
			delete(byARN, found[i].ARN)
		}
	}
	for arn, places := range byARN {
		for _, at := range places {
			if err := r.fill(&list[at], goneFinding(arn, list[at].Account)); err != nil {
				return err
			}
		}
	}
	return nil
}

// finding returns what is told of a finding.
func (r renderer) finding(f *store.Finding) (notify.Content, error) {
	life := report.Life{Type: f.Type, Status: string(f.Status), First: f.First, Updated: f.Updated}
	shown := report.Finding(&f.Finding, life, scan.Target{})
	detail, err := r.detail(&shown)
	if err != nil {
		return notify.Content{}, err
	}
	return notify.Content{
		Type: notify.FindingEvent, Region: f.Resource.Region, Resources: []string{shown.Resources[0].ID}, Of: string(f.Resource.Type), Detail: detail,
	}, nil
}

// detail writes a finding as the detail of an event.
func (r renderer) detail(f *inspector2.Finding) ([]byte, error) {
	text, err := r.findings.Append(nil, f)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", f.FindingARN, err)
	}
	return textTimes(text), nil
}

// numericTime is a time as the API has it: all its members of that type have
// names that end like this, and no number has. Within a text the quotation mark
// would not stand alone.
var numericTime = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`At":(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)`) })

// textTimes writes the times of a finding as events have them. The finding must
// be as the API writes it, without blanks.
func textTimes(text []byte) []byte {
	return numericTime().ReplaceAllFunc(text, func(found []byte) []byte {
		seconds, err := strconv.ParseFloat(string(found[len(`At":`):]), 64)
		if err != nil {
			return found
		}
		t := time.UnixMilli(int64(seconds*1000 + 0.5)).UTC() //nolint:mnd // to the nearest millisecond
		return fmt.Appendf(nil, `At":%q`, t.Format(notify.TimeForm))
	})
}

// goneFinding returns what is told of a finding that is no longer there.
func goneFinding(arn string, account org.Account) notify.Content {
	detail, _ := json.Marshal(map[string]string{ // texts are always JSON
		"findingArn": arn, "awsAccountId": account.String(), "status": string(store.Closed),
	})
	return notify.Content{Type: notify.FindingEvent, Resources: []string{}, Gone: true, Detail: detail}
}

// renderResources fills in what events about scans and coverage say.
func (r renderer) renderResources(ctx context.Context, list []store.Event) error {
	var all, scanned []store.Subject
	for _, e := range list {
		k := store.Subject{Account: e.Account, ID: e.Subject}
		switch e.Kind {
		case "scan.completed":
			all, scanned = append(all, k), append(scanned, k)
		case "coverage.changed":
			all = append(all, k)
		}
	}
	if len(all) == 0 {
		return nil
	}
	about, err := r.store.Subjects(ctx, all)
	if err != nil {
		return err
	}
	counts, err := r.store.ActiveFindings(ctx, scanned)
	if err != nil {
		return err
	}
	for i := range list {
		e := &list[i]
		k := store.Subject{Account: e.Account, ID: e.Subject}
		res, known := about[k]
		if !known {
			res = resource.Resource{ID: e.Subject, Account: e.Account.String(), Region: r.region}
		}
		res = res.Complete()
		var c notify.Content
		switch e.Kind {
		case "scan.completed":
			c, err = scanContent(res, counts[k])
		case "coverage.changed":
			c, err = coverageContent(res, *e)
		default:
			continue
		}
		if err != nil {
			return err
		}
		c.Region, c.Of, c.Gone = res.Region, string(res.Type), !known
		if err := r.fill(e, c); err != nil {
			return err
		}
	}
	return nil
}

// A scanDetail tells that a resource was scanned for the first time. The
// members below the line are there for their type of resource only; a function
// is named by the resources of the event alone.
type scanDetail struct {
	Status string        `json:"scan-status"`
	Counts severityCount `json:"finding-severity-counts"`

	Instance   string   `json:"instance-id,omitempty"`
	Repository string   `json:"repository-name,omitempty"` // its ARN, in spite of the name
	Digest     string   `json:"image-digest,omitempty"`
	Tags       []string `json:"image-tags,omitempty"`

	Version string `json:"version"`
}

type severityCount struct {
	Critical int64 `json:"CRITICAL"`
	High     int64 `json:"HIGH"`
	Medium   int64 `json:"MEDIUM"`
	Total    int64 `json:"TOTAL"`
}

func scanContent(res resource.Resource, counts map[finding.Severity]int64) (notify.Content, error) {
	d := scanDetail{Status: "INITIAL_SCAN_COMPLETE", Version: "1.0"}
	d.Counts.Critical, d.Counts.High, d.Counts.Medium = counts[finding.Critical], counts[finding.High], counts[finding.Medium]
	for _, n := range counts {
		d.Counts.Total += n
	}
	about := res.ID
	switch res.Type {
	case resource.Instance, resource.AzureInstance:
		d.Instance = res.ID
	case resource.Image, resource.AzureImage:
		if repository, _, ok := strings.Cut(res.ID, "/sha256:"); ok {
			about = repository
		}
		d.Repository, d.Digest, d.Tags = about, res.Digest, res.Tags
	case resource.Function, resource.AzureFunction, resource.Code, resource.Repository, resource.AzureRepository, resource.AzureRegistry:
	}
	detail, err := json.Marshal(d)
	return notify.Content{Type: notify.ScanEvent, Resources: []string{about}, Detail: detail}, err
}

// A coverageDetail tells that a resource is scanned, or not, for another reason
// than before.
type coverageDetail struct {
	Status struct {
		Reason string `json:"reason"`
		Code   string `json:"statusCodeValue"`
	} `json:"scanStatus"`
	Scan         string `json:"scanType"`
	Provider     string `json:"provider"`
	Account      string `json:"providerAccountId"`
	Region       string `json:"providerRegion"`
	Organization string `json:"providerOrgId,omitempty"`
	At           string `json:"eventTimestamp"`
	Version      string `json:"version"`
}

func coverageContent(res resource.Resource, e store.Event) (notify.Content, error) {
	var said struct{ ScanType, StatusCode, Reason string }
	if err := json.Unmarshal(e.Doc, &said); err != nil {
		return notify.Content{}, fmt.Errorf("reading event %s of %s: %w", e.Kind, e.Subject, err)
	}
	d := coverageDetail{
		Scan: said.ScanType, Provider: res.Cloud.Provider, Account: res.Cloud.Account, Region: res.Cloud.Region,
		Organization: res.Cloud.Organization, At: e.At.UTC().Format("2006-01-02T15:04:05.000000Z"), Version: "1.0",
	}
	d.Status.Reason, d.Status.Code = said.Reason, said.StatusCode
	detail, err := json.Marshal(d)
	return notify.Content{Type: notify.CoverageEvent, Resources: []string{res.ID}, Detail: detail}, err
}

// autoEnable tells that an account could not be activated by itself.
func (r renderer) autoEnable(e *store.Event) error {
	var said struct{ Reason string }
	if err := json.Unmarshal(e.Doc, &said); err != nil {
		return fmt.Errorf("reading event %s of %s: %w", e.Kind, e.Subject, err)
	}
	detail, err := json.Marshal(struct {
		Version string `json:"version"`
		Status  string `json:"AutoEnableStatus"`
		Reason  string `json:"Reason"`
	}{"1.0.0", "Failed", said.Reason})
	if err != nil {
		return err
	}
	return r.fill(e, notify.Content{Type: notify.AutoEnableEvent, Resources: []string{}, Detail: detail})
}

// trial returns the event that a sink is tried with: a finding that says what
// it is, and is closed, so that nobody has to do anything about it.
func (r renderer) trial(account org.Account, id string, now time.Time) (store.Event, error) {
	digest := "sha256:" + strings.Repeat("0", 64)
	image := "arn:aws:ecr:" + r.region + ":" + account.String() + ":repository/assay/test/" + digest
	e := store.Event{
		ID: id, Account: account, Kind: notify.TestKind, At: now,
		Subject: "arn:aws:inspector2:" + r.region + ":" + account.String() + ":finding/" + strings.Repeat("0", 32),
	}
	shown := report.Finding(&finding.Finding{
		ARN: e.Subject, Vulnerability: "ASSAY-TEST", Title: "ASSAY-TEST - test", Severity: finding.Informational, Source: "ASSAY",
		Description: "Somebody tries whether this receiver gets events of Assay. Nothing is wrong.", Observed: now, Fix: finding.FixNo,
		Resource: resource.Resource{Type: resource.Image, ID: image, Account: account.String(), Region: r.region, Digest: digest},
	}, report.Life{Status: string(store.Closed)}, scan.Target{})
	detail, err := r.detail(&shown)
	if err != nil {
		return e, err
	}
	return e, r.fill(&e, notify.Content{
		Type: notify.FindingEvent, Resources: []string{image}, Of: string(resource.Image), Detail: detail,
	})
}
