package notify

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/store"
)

// Content is what a rendered event says: the document of a store.Event that
// Render has filled in.
type Content struct {
	Type      string          `json:"type"` // in Amazon's words: "Inspector2 Finding"
	Region    string          `json:"region"`
	Resources []string        `json:"resources"`      // that it is about
	Of        string          `json:"of,omitempty"`   // their type, in Amazon's words; empty if it is about none
	Gone      bool            `json:"gone,omitempty"` // what it is about is no longer there, so that the detail is short
	Detail    json.RawMessage `json:"detail"`
}

// The types of event, in Amazon's words.
// Source: Amazon Inspector User Guide, "Amazon EventBridge event schema for
// Amazon Inspector events".
const (
	FindingEvent    = "Inspector2 Finding"
	ScanEvent       = "Inspector2 Scan"
	CoverageEvent   = "Inspector2 Coverage"
	AutoEnableEvent = "Inspector2 AutoEnable"
	CallEvent       = "AWS API Call via CloudTrail"
)

// TestKind is the kind of the event that a sink is tried with.
const TestKind = "finding.test"

// Source is where Amazon's own events come from. Nobody but Amazon may publish
// from it on Amazon's event bus.
// Source: Amazon EventBridge API Reference, PutEventsRequestEntry.Source.
const (
	Source    = "aws.inspector2"
	OwnSource = "assay.inspector2"
)

// contentOf reads what an event says. One that nobody has rendered says what
// its document does.
func contentOf(e store.Event) (Content, error) {
	var c Content
	if err := json.Unmarshal(e.Doc, &c); err != nil {
		return c, fmt.Errorf("reading event %s: %w", e.ID, err)
	}
	if c.Type == "" || len(c.Detail) == 0 {
		c = Content{Type: "Assay " + e.Kind, Detail: e.Doc}
	}
	if c.Resources == nil {
		c.Resources = []string{}
	}
	return c, nil
}

// An envelope is an event as Amazon's event bus hands it out.
// Source: Amazon EventBridge User Guide, "Events in Amazon EventBridge".
type envelope struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

func enveloped(e store.Event, c Content, source string) envelope {
	return envelope{
		Version: "0", ID: e.ID, DetailType: c.Type, Source: source, Account: e.Account.String(),
		Time: e.At.UTC().Format(time.RFC3339), Region: c.Region, Resources: c.Resources, Detail: c.Detail,
	}
}

// TimeForm is how times stand in the detail of an event.
// Source: Amazon Inspector User Guide, "Amazon EventBridge event schema for
// Amazon Inspector events", firstObservedAt.
const TimeForm = "Mon Jan 02 15:04:05.000 MST 2006"

// A moment is a time in the detail of an event; zero if it is not there.
type moment struct{ time.Time }

// UnmarshalJSON reads the time.
func (m *moment) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	t, err := time.Parse(TimeForm, s)
	m.Time = t
	return err
}

// iso writes a time as ASFF has it; empty for none.
func (m moment) iso() string {
	if m.IsZero() {
		return ""
	}
	return m.UTC().Format("2006-01-02T15:04:05.000Z")
}

// A told finding is what is read of the detail of an event about one.
type toldFinding struct {
	ARN         string           `json:"findingArn"`
	Account     string           `json:"awsAccountId"`
	Type        string           `json:"type"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Severity    finding.Severity `json:"severity"`
	Status      string           `json:"status"`
	First       moment           `json:"firstObservedAt"`
	Last        moment           `json:"lastObservedAt"`
	Updated     moment           `json:"updatedAt"`
	Score       *float64         `json:"inspectorScore"`
	ScoreOf     struct {
		Adjusted *struct {
			Source      string  `json:"scoreSource"`
			Version     string  `json:"version"`
			Score       float64 `json:"score"`
			Vector      string  `json:"scoringVector"`
			Adjustments []struct {
				Metric string `json:"metric"`
				Reason string `json:"reason"`
			} `json:"adjustments"`
		} `json:"adjustedCvss"`
	} `json:"inspectorScoreDetails"`
	EPSS *struct {
		Score float64 `json:"score"`
	} `json:"epss"`
	Exploit   string `json:"exploitAvailable"`
	Exploited struct {
		Last moment `json:"lastKnownExploitAt"`
	} `json:"exploitabilityDetails"`
	Fix         string `json:"fixAvailable"`
	Remediation struct {
		Recommendation struct {
			Text string `json:"text"`
			URL  string `json:"Url"`
		} `json:"recommendation"`
	} `json:"remediation"`
	Packages  *toldPackages  `json:"packageVulnerabilityDetails"`
	Network   *toldNetwork   `json:"networkReachabilityDetails"`
	Resources []toldResource `json:"resources"`
}

type toldPackages struct {
	ID        string   `json:"vulnerabilityId"`
	Source    string   `json:"source"`
	SourceURL string   `json:"sourceUrl"`
	Severity  string   `json:"vendorSeverity"`
	Created   moment   `json:"vendorCreatedAt"`
	Updated   moment   `json:"vendorUpdatedAt"`
	URLs      []string `json:"referenceUrls"`
	Related   []string `json:"relatedVulnerabilities"`
	CVSS      []struct {
		Score   float64 `json:"baseScore"`
		Vector  string  `json:"scoringVector"`
		Version string  `json:"version"`
		Source  string  `json:"source"`
	} `json:"cvss"`
	Packages []struct {
		Name        string `json:"name"`
		Version     string `json:"version"`
		Epoch       *int32 `json:"epoch"`
		Release     string `json:"release"`
		Arch        string `json:"arch"`
		Manager     string `json:"packageManager"`
		Path        string `json:"filePath"`
		Fixed       string `json:"fixedInVersion"`
		Remediation string `json:"remediation"`
		LayerHash   string `json:"sourceLayerHash"`
		LayerARN    string `json:"sourceLambdaLayerArn"`
	} `json:"vulnerablePackages"`
}

type toldNetwork struct {
	Ports struct {
		Begin int `json:"begin"`
		End   int `json:"end"`
	} `json:"openPortRange"`
	Protocol string `json:"protocol"`
}

type toldResource struct {
	Type      string            `json:"type"`
	ID        string            `json:"id"`
	Partition string            `json:"partition"`
	Region    string            `json:"region"`
	Tags      map[string]string `json:"tags"`
	Details   struct {
		Host *struct {
			Type     string   `json:"type"`
			Image    string   `json:"imageId"`
			IPv4     []string `json:"ipV4Addresses"`
			IPv6     []string `json:"ipV6Addresses"`
			Profile  string   `json:"iamInstanceProfileArn"`
			Key      string   `json:"keyName"`
			VPC      string   `json:"vpcId"`
			Subnet   string   `json:"subnetId"`
			Launched moment   `json:"launchedAt"`
			Platform string   `json:"platform"`
		} `json:"awsEc2Instance"`
		Image *struct {
			Registry   string   `json:"registry"`
			Repository string   `json:"repositoryName"`
			Arch       string   `json:"architecture"`
			Digest     string   `json:"imageHash"`
			Tags       []string `json:"imageTags"`
			Pushed     moment   `json:"pushedAt"`
			Platform   string   `json:"platform"`
		} `json:"awsEcrContainerImage"`
		Function *struct {
			Name     string   `json:"functionName"`
			Runtime  string   `json:"runtime"`
			Version  string   `json:"version"`
			Code     string   `json:"codeSha256"`
			Role     string   `json:"executionRoleArn"`
			Layers   []string `json:"layers"`
			Package  string   `json:"packageType"`
			Arches   []string `json:"architectures"`
			Modified moment   `json:"lastModifiedAt"`
		} `json:"awsLambdaFunction"`
	} `json:"details"`
}

// severities are those of findings, the least first.
// Source: Amazon Inspector User Guide, "Understanding severity levels". What
// nobody has rated yet is not known to be harmless, but Amazon sorts it last.
var severities = []finding.Severity{
	finding.Untriaged, finding.Informational, finding.Low, finding.Medium, finding.High, finding.Critical,
}

// choose returns what a sink asks of a rendered event, as its filter says; nil
// if nothing.
func choose(c Config) func(store.Event) bool {
	if c.Severity == "" && len(c.Statuses) == 0 && len(c.ResourceTypes) == 0 {
		return nil
	}
	least := slices.Index(severities, c.Severity)
	return func(e store.Event) bool {
		said, err := contentOf(e)
		if err != nil {
			return true // the sink is to say what is wrong
		}
		if len(c.ResourceTypes) > 0 && said.Of != "" && !slices.Contains(c.ResourceTypes, said.Of) {
			return false
		}
		if said.Gone || !strings.HasPrefix(e.Kind, "finding.") {
			return true
		}
		var f struct {
			Severity finding.Severity `json:"severity"`
			Status   string           `json:"status"`
		}
		if json.Unmarshal(said.Detail, &f) != nil {
			return true
		}
		return slices.Index(severities, f.Severity) >= least && (len(c.Statuses) == 0 || slices.Contains(c.Statuses, f.Status))
	}
}
