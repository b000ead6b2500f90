package server

import "github.com/assay-project/assay/internal/resource"

var rescanRoutes []route

// Rescan asks for a scan of a resource that is known.
type Rescan struct {
	Resource string        `json:"resourceId"`
	Type     resource.Type `json:"type,omitempty"` // needed where resources of two types have the id
}

// RescanStarted says that a resource is being scanned again, or will be.
type RescanStarted struct {
	Started bool   `json:"started"`
	How     string `json:"how"` // who scans it, and when
}
