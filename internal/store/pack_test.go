package store

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// TestPackResource packs what a resource is to less than half, and reads what
// earlier versions kept as it was.
func TestPackResource(t *testing.T) {
	t.Parallel()
	p, err := newPacking()
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	r := image(org.Account(123456789012), 7)
	r.Labels, r.Image.Repository = map[string]string{"env": "prod"}, "shop/cart"
	doc, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	packed := p.packResource(string(doc))
	if 2*len(packed) > len(doc) {
		t.Errorf("%d of %d bytes", len(packed), len(doc))
	}
	for name, b := range map[string][]byte{"packed": packed, "plain": doc, "without the words": p.pack(doc)} {
		got, err := p.resource(b)
		if diff := cmp.Diff(r, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	for _, broken := range [][]byte{nil, {0}, packed[:len(packed)/2], []byte("[]")} {
		if got, err := p.resource(broken); err == nil {
			t.Errorf("%q is read as %+v", broken, got)
		}
	}
	if got, err := p.resource(p.packResource("{}")); err != nil || !cmp.Equal(got, resource.Resource{}) {
		t.Errorf("an empty one: %+v, %v", got, err)
	}
}
