package org

import (
	"maps"
	"slices"
	"time"
)

// Service is a kind of scan that an account switches on or off as a whole.
type Service string

// The services, by their names in the API.
// Source: Inspector2 API model, ResourceScanType.
const (
	EC2            Service = "EC2"
	ECR            Service = "ECR"
	Lambda         Service = "LAMBDA"
	LambdaCode     Service = "LAMBDA_CODE"
	CodeRepository Service = "CODE_REPOSITORY"
)

// Services returns all services, in the order of the API model.
func Services() []Service { return []Service{EC2, ECR, Lambda, LambdaCode, CodeRepository} }

// Settings is what an account has set up for its scans. The zero Settings scan
// nothing.
type Settings struct {
	Services map[Service]Activation `json:"services,omitempty"`
	ECR      *ImageSettings         `json:"ecr,omitempty"` // nil: those of the administrator, or the defaults
	EC2      *HostSettings          `json:"ec2,omitempty"` // nil: those of the administrator, or the defaults

	DeepInspection DeepInspection    `json:"deepInspection,omitzero"`
	Keys           map[string]string `json:"keys,omitempty"` // ARNs of KMS keys by "scan type/resource type"
}

// Activation says since when a service is on or off.
type Activation struct {
	On    bool      `json:"on,omitempty"`
	Since time.Time `json:"since"`          // of the last change
	Trial time.Time `json:"trial,omitzero"` // when it was first on, and its free trial began; never changes
}

// ImageSettings say for how long images in registries are scanned again.
type ImageSettings struct {
	Rescan   string    `json:"rescan"`           // since the push: DAYS_14, LIFETIME …
	Pull     string    `json:"pull"`             // since the last use or pull: DAYS_14 …
	PullMode string    `json:"pullMode"`         // LAST_IN_USE_AT or LAST_PULL_DATE
	Updated  time.Time `json:"updated,omitzero"` // zero: never set
}

// HostSettings say how machines are scanned.
type HostSettings struct {
	Mode      string    `json:"mode"`                // EC2_HYBRID or EC2_SSM_AGENT_BASED
	VMScanner bool      `json:"vmScanner,omitempty"` // scan with the agent of the service itself
	Activated time.Time `json:"activated,omitzero"`  // when the VM scanner was last switched on
}

// DeepInspection says whether packages of programming languages on machines
// are looked for, and in which directories besides the usual ones.
type DeepInspection struct {
	Off      bool     `json:"off,omitempty"`
	Paths    []string `json:"paths,omitempty"`    // of the account, at most 5
	OrgPaths []string `json:"orgPaths,omitempty"` // of an administrator for all its members, at most 5
}

// DefaultSettings returns those of a new account: everything is scanned but the
// code of functions, which costs most.
func DefaultSettings(now time.Time) Settings {
	return Settings{}.Switch(true, now, EC2, ECR, Lambda, CodeRepository)
}

// On tells whether a service is on. The code of functions is scanned only while
// functions are.
// Source: Inspector2 user guide, "Lambda code scanning".
func (s Settings) On(service Service) bool {
	return s.Services[service].On && (service != LambdaCode || s.Services[Lambda].On)
}

// Any tells whether any service is on.
func (s Settings) Any() bool { return slices.ContainsFunc(Services(), s.On) }

// Switch returns the settings with the services on or off; those that are so
// already stay as they are. Without functions, their code is off, too.
func (s Settings) Switch(on bool, now time.Time, services ...Service) Settings {
	s.Services = maps.Clone(s.Services)
	if s.Services == nil {
		s.Services = map[Service]Activation{}
	}
	if !on && slices.Contains(services, Lambda) {
		services = append(slices.Clone(services), LambdaCode)
	}
	for _, name := range services {
		a := s.Services[name]
		if a.On == on {
			continue
		}
		a.On, a.Since = on, now
		if on && a.Trial.IsZero() {
			a.Trial = now
		}
		s.Services[name] = a
	}
	return s
}

// Under returns the settings with what the account has not set for itself: what
// its administrator has set, else the defaults. An account without an
// administrator gives the zero Settings.
// Source: Inspector2 user guide: 14 days since the push and since the last use,
// and the hybrid mode, for new accounts.
func (s Settings) Under(admin Settings) Settings {
	if s.ECR == nil {
		s.ECR = admin.ECR
	}
	if s.ECR == nil {
		s.ECR = &ImageSettings{Rescan: "DAYS_14", Pull: "DAYS_14", PullMode: "LAST_IN_USE_AT"}
	}
	if s.EC2 == nil {
		s.EC2 = admin.EC2
	}
	if s.EC2 == nil {
		s.EC2 = &HostSettings{Mode: "EC2_HYBRID"}
	}
	s.DeepInspection.OrgPaths = admin.DeepInspection.OrgPaths
	return s
}
