package extract

import (
	"testing"

	"github.com/assay-project/assay/internal/ecosystem"
)

// What is recognised is in the table that advisories are looked up by.
func TestSoftwareNames(t *testing.T) {
	t.Parallel()
	var names []string
	for _, p := range programs() {
		names = append(names, p.name)
	}
	for _, l := range sourceLines() {
		names = append(names, l.name)
	}
	for _, n := range names {
		if _, _, ok := ecosystem.Software(n); !ok {
			t.Errorf("%s is not in the table of package ecosystem", n)
		}
	}
}
