// Package sbom turns the inventories of other tools' documents into ours, and
// ours into theirs: CycloneDX and SPDX, both as JSON.
package sbom

import (
	"time"

	"github.com/assay-project/assay/inventory"
)

// Meta is what a document says about itself.
type Meta struct {
	Format  string   // CycloneDX or SPDX
	Version string   // of the specification: 1.5, 2.3
	Name    string   // of what the document describes; may be empty
	Digest  string   // of the image that the document describes (sha256:…); may be empty
	Serial  string   // serial number or namespace; may be empty
	Created string   // as the document states it; may be empty
	Tools   []string // that made it, as name or name version, in their order
}

// Subject describes what an inventory is of, for the documents made of it.
type Subject struct {
	Name     string    // of the target as the user named it
	Kind     string    // image, directory, host, function, source or sbom
	Digest   string    // sha256:…; may be empty
	ImageID  string    // may be empty
	Arch     string    // as in GOARCH; may be empty
	Tags     []string  // of an image
	Layers   []Layer   // lowest first
	Time     time.Time // the stated time of the document; left out if zero
	Version  string    // of Assay; may be empty
	Problems []inventory.Problem
}

// Layer is one layer of a subject.
type Layer struct {
	Digest    string `json:"digest,omitempty"`    // sha256:…; may be empty
	DiffID    string `json:"diffId,omitempty"`    // may be empty
	CreatedBy string `json:"createdBy,omitempty"` // may be empty
}

// prefix is that of the properties by which a document keeps what its format
// has no place for.
const prefix = "assay:"
