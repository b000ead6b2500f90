package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/dockerfile"
	"github.com/assay-project/assay/internal/extract"
	"github.com/assay-project/assay/internal/sbom"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// Options say how to scan. The zero value is right for most.
type Options struct {
	Open     artifact.Options
	Match    match.Options
	Cache    Cache                 // results of layers; nil keeps none
	Progress func(done, total int) // called at the start and as layers are finished, from several goroutines; may be nil
}

// Cache keeps the results of layers between scans. Its keys are made of a
// digest that was verified while the layer was read, never of one that an
// image merely claims.
type Cache interface {
	// Get returns what was put under the key; false if there is nothing.
	Get(key string) ([]byte, bool)
	// Put keeps the value; a cache that cannot is none the worse.
	Put(key string, value []byte)
}

// Inventory opens a target and reads what it holds. An error means that the
// target as a whole could not be read; what parts of it lacked is listed in
// the inventory's Problems.
func Inventory(ctx context.Context, target string, opt Options) (Report, error) {
	a, err := artifact.Open(ctx, target, opt.Open)
	if err != nil {
		return Report{}, err
	}
	inv, err := checked(ctx, a, opt)
	if cerr := a.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("closing %s: %w", target, cerr)
	}
	if err != nil {
		return Report{}, fmt.Errorf("scanning %s: %w", target, err)
	}
	return Report{Target: describe(a), Inventory: inv}, nil
}

// Run opens a target, reads its inventory and matches it with advisories.
func Run(ctx context.Context, target string, db match.Advisories, opt Options) (Report, error) {
	r, err := Inventory(ctx, target, opt)
	if err != nil {
		return Report{}, err
	}
	r.Result, err = match.Inventory(ctx, r.Inventory, db, opt.Match)
	if err != nil {
		return Report{}, fmt.Errorf("scanning %s: %w", target, err)
	}
	return r, nil
}

// checked reads an artifact that the options are for: a layer that nobody asks
// for is a mistake, and its packages would be missed without a word.
func checked(ctx context.Context, a *artifact.Artifact, opt Options) (inventory.Inventory, error) {
	if len(opt.Open.Layers) > 0 && a.Kind != artifact.Function {
		return inventory.Inventory{}, fmt.Errorf("layers are given, which only a function has, and this is of kind %s", a.Kind)
	}
	return read(ctx, a, opt)
}

// read returns the inventory of an opened artifact.
func read(ctx context.Context, a *artifact.Artifact, opt Options) (inventory.Inventory, error) {
	if a.Kind == artifact.SBOM {
		inv, _, err := sbom.Read(a.Document)
		return inv, err
	}
	layers, err := readLayers(ctx, a, opt)
	if err != nil {
		return inventory.Inventory{}, err
	}
	if a.File && len(layers[0].Files) == 0 {
		return inventory.Inventory{}, errors.New("not an image, an archive, function code or an SBOM, and neither a list of packages nor a program that can be read")
	}
	inv := extract.Merge(layers)
	for _, p := range a.Problems {
		inv.Problems = append(inv.Problems, inventory.Problem{Reason: p})
	}
	for _, i := range dockerfile.History(a.History) {
		inv.Issues = append(inv.Issues, inventory.Issue{Rule: i.Rule, First: i.First, Last: i.Last})
	}
	if len(a.Problems)+len(inv.Issues) > 0 {
		inv.Sort()
	}
	return inv, nil
}

// readLayers reads all layers in parallel, the largest first, so that the last
// one to finish is a small one.
func readLayers(ctx context.Context, a *artifact.Artifact, opt Options) ([]*extract.Layer, error) {
	eopt := extract.Options{
		Lockfiles: a.Kind == artifact.Source || a.Kind == artifact.Function,
		Memory:    extract.NewMemory(), Temp: opt.Open.Temp,
	}
	version := extract.Version(eopt)
	out := make([]*extract.Layer, len(a.Layers))
	order := make([]int, len(a.Layers))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(a.Layers[j].Size, a.Layers[i].Size) })
	if opt.Progress != nil {
		opt.Progress(0, len(a.Layers))
	}
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, i := range order {
		g.Go(func() error {
			l, err := readLayer(ctx, a.Layers[i], version, eopt, opt.Cache)
			if err != nil {
				return err
			}
			out[i] = l
			if opt.Progress != nil {
				opt.Progress(int(done.Add(1)), len(a.Layers))
			}
			return nil
		})
	}
	return out, g.Wait()
}

// readLayer reads one layer, or takes its result from the cache.
func readLayer(ctx context.Context, l artifact.Layer, version string, opt extract.Options, cache Cache) (*extract.Layer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	key := ""
	if cache != nil && l.Digest != "" {
		key = l.Digest + " " + version
		if data, ok := cache.Get(key); ok {
			var kept extract.Layer
			// An entry that cannot be read is as good as none.
			if err := kept.UnmarshalBinary(data); err == nil && kept.Digest == l.Digest {
				return &kept, nil
			}
		}
	}
	res, err := extract.Read(ctx, l, opt)
	if err != nil {
		return nil, err
	}
	if res.Digest == "" && isDigest(l.DiffID) {
		// Of an archive by docker save nobody knows more of a layer than that.
		res.Digest = l.DiffID
	}
	if key != "" {
		data, err := res.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("encoding layer %s: %w", l.Digest, err)
		}
		cache.Put(key, data)
	}
	return res, nil
}

// isDigest tells whether a text that an image claims is a SHA-256.
// Source: OCI Image Format Specification, "Digests".
func isDigest(s string) bool {
	hex, ok := strings.CutPrefix(s, "sha256:")
	return ok && len(hex) == 64 && strings.Trim(hex, "0123456789abcdef") == ""
}

func describe(a *artifact.Artifact) Target {
	t := Target{
		Name: a.Name, Kind: a.Kind, Digest: a.Digest, ImageID: a.ImageID,
		Tags: a.Tags, Platform: a.Platform, Created: a.Created,
	}
	for _, l := range a.Layers {
		t.Layers = append(t.Layers, Layer{Name: l.Name, Digest: l.Digest, DiffID: l.DiffID, CreatedBy: l.CreatedBy, Size: l.Size})
	}
	return t
}
