// Package v2 does the operations of Amazon Inspector's API, version 2, on what
// the store holds and the advisory database knows.
package v2

import (
	"time"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/store"
)

// Operations does the operations. One value serves all callers, who are found
// in the context of each call.
type Operations struct {
	Store *store.Store
	// Knowledge returns the advisory database of now, and what is to be called
	// when it is used no more. The next call may return another one.
	Knowledge func() (Knowledge, func())
	Region    string // that the server stands for, such as eu-central-1
	Now       func() time.Time
	Services  []*wire.Service // all that the server speaks
}

// Knowledge is what an advisory database answers.
type Knowledge interface {
	finding.Knowledge
	// Search returns the advisories about a flaw, by any of its names; none for
	// an unknown name.
	Search(id string) ([]advisory.Ref, error)
}

// Handlers returns what does each operation.
func (o Operations) Handlers() inspector2.Handlers {
	var h inspector2.Handlers
	o.findingHandlers(&h)
	o.countHandlers(&h)
	o.ruleHandlers(&h)
	o.setupHandlers(&h)
	o.reportHandlers(&h)
	return h
}
