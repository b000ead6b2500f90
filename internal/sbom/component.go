package sbom

import (
	"bytes"
	"fmt"

	"github.com/assay-project/assay/internal/jsonstream"
	"github.com/assay-project/assay/inventory"
)

// Packages returns the packages that one component of a CycloneDX document is,
// without those of the components inside it, and what of it cannot be used. A
// purl that it states is kept as it is.
func Packages(component []byte) ([]inventory.Package, []inventory.Problem, error) {
	r := &reader{
		s:       values{jsonstream.New(bytes.NewReader(component), int64(len(component)))},
		systems: map[system]int{}, described: map[string]bool{},
	}
	var e entry
	err := r.s.object(func(key []byte) error {
		if string(key) == "components" {
			return r.s.Skip()
		}
		return r.componentField(&e, key)
	})
	if err == nil {
		err = r.add(&e)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading a component: %w", err)
	}
	return r.inv.Packages, r.inv.Problems, nil
}
