package api

import (
	"context"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// Held is a thing that somebody has set up, with what was set up as a D.
type Held[D any] struct {
	store.Object
	ARN   string
	Value D
}

// heldDocument is what the store keeps of a Held.
type heldDocument[D any] struct {
	ARN   string `json:"arn"`
	Value D      `json:"value"`
}

// Objects is what a store and a transaction both can look up.
type Objects interface {
	Object(ctx context.Context, scope org.Scope, kind, id string) (store.Object, error)
	Objects(ctx context.Context, scope org.Scope, where store.Objects) ([]store.Object, error)
}

// ReadHeld reads an object that Keep wrote.
func ReadHeld[D any](object store.Object) (Held[D], error) {
	var doc heldDocument[D]
	err := object.Decode(&doc)
	return Held[D]{object, doc.ARN, doc.Value}, err
}

// ReadAll reads the objects that are chosen, which Keep wrote, in the order of
// Objects.
func ReadAll[D any](ctx context.Context, from Objects, scope org.Scope, where store.Objects) ([]Held[D], error) {
	list, err := from.Objects(ctx, scope, where)
	if err != nil {
		return nil, err
	}
	out := make([]Held[D], len(list))
	for i, object := range list {
		if out[i], err = ReadHeld[D](object); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Keep writes a thing of its account, new or changed.
func (h Held[D]) Keep(ctx context.Context, tx *store.Tx) error {
	return tx.Put(ctx, org.Only(h.Account), h.Object, heldDocument[D]{h.ARN, h.Value})
}
