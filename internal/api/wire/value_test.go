package wire_test

import (
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/api/wire"
)

// A value is written as answers hold it: members of the model, times as
// numbers, required ones even when empty.
func TestWriter(t *testing.T) {
	t.Parallel()
	w := wire.WriterOf[inspector2.CoveredResource](inspector2.New())
	got, err := w.Append([]byte("> "), &inspector2.CoveredResource{ResourceID: "i-0", LastScannedAt: time.UnixMilli(1700000000120)})
	const want = `> {"resourceType":"","resourceId":"i-0","accountId":"","scanType":"","lastScannedAt":1700000000.12}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	u := wire.WriterOf[inspector2.ClusterMetadata](inspector2.New())
	if got, err := u.Append(nil, &inspector2.ClusterMetadata{}); err == nil {
		t.Errorf("a union without a member is written as %s", got)
	}
}
