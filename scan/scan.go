// Package scan joins opening a target, reading its inventory and matching it:
// one call from the name of a target to a report.
package scan

import (
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// Report is all that one scan found out.
type Report struct {
	Target    Target              `json:"target"`
	Inventory inventory.Inventory `json:"inventory"`
	Result    match.Result        `json:"result"`
	Database  *Database           `json:"database,omitempty"` // nil if only an inventory was asked for
}

// Target describes what was scanned.
type Target struct {
	Name     string            `json:"name"`
	Kind     artifact.Kind     `json:"kind"`
	Digest   string            `json:"digest,omitempty"`
	ImageID  string            `json:"imageId,omitempty"`
	Tags     []string          `json:"tags,omitempty"`
	Platform artifact.Platform `json:"platform,omitzero"`
	Created  string            `json:"created,omitempty"` // RFC 3339
	Layers   []Layer           `json:"layers,omitempty"`
}

// Layer describes one layer of a target, lowest first.
type Layer struct {
	Name      string `json:"name,omitempty"`
	Digest    string `json:"digest,omitempty"`
	DiffID    string `json:"diffId,omitempty"`
	CreatedBy string `json:"createdBy,omitempty"`
	Size      int64  `json:"size,omitempty"`
}

// Database describes the advisories that were asked.
type Database struct {
	Built   time.Time       `json:"built"`
	Digest  string          `json:"digest"`
	Starter bool            `json:"starter,omitempty"` // the small set that comes with Assay
	Feeds   []advisory.Feed `json:"feeds,omitempty"`
}
