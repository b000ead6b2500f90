package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// Keep is how long reports are kept, with their objects if those stay here.
const Keep = 30 * 24 * time.Hour

// An object is a document on its way.
type object struct {
	key     string
	media   string
	content io.Reader
}

// deliver writes an object of a report to its destination, as the next one.
func (e Exporter) deliver(ctx context.Context, o *order, d object) error {
	if !o.To.own() {
		to := store.Destination{Bucket: o.To.Bucket, Key: d.key, KMSKey: o.To.KMSKey, Type: d.media}
		if o.job.Attempt > 1 { // parts of a worker that died cost their owner money
			if err := e.Cloud.Clean(ctx, to, e.Now()); err != nil && !errors.Is(err, store.ErrDenied) {
				return err
			}
		}
		_, err := e.Cloud.Put(ctx, to, d.content)
		return err
	}
	k := Kept{Account: o.Account, Report: o.ID, Number: o.number(), Key: d.key, Type: d.media}
	var err error
	if k.Size, err = e.Blobs.Put(ctx, k.blob(), d.content); err != nil {
		return err
	}
	o.made = append(o.made, k)
	return nil
}

// number is that of the next object of a report: a report of findings has one.
func (o *order) number() int64 {
	if o.Kind == Findings {
		return 0
	}
	return o.Done
}

// Kept is an object of a report that is kept here.
type Kept struct {
	Account org.Account `json:"-"`
	Report  string      `json:"-"` // its id
	Number  int64       `json:"-"` // in the report, from 0
	Key     string      `json:"key"`
	Type    string      `json:"type"` // of its content
	Size    int64       `json:"size"` // bytes
}

const keptKind = "export-object"

// id is that of the object of the store.
func (k Kept) id() string { return fmt.Sprintf("%s/%09d", k.Report, k.Number) }

// blob is the name under which it is kept. What it is called at a destination
// may have characters, and a length, that no file may have.
func (k Kept) blob() string { return fmt.Sprintf("exports/%s/%s-%d", k.Account, k.Report, k.Number) }

func (k Kept) put(ctx context.Context, tx *store.Tx, now time.Time) error {
	return tx.Put(ctx, org.Only(k.Account), store.Object{
		Kind: keptKind, Account: k.Account, ID: k.id(), Parent: k.Report, Created: now, Updated: now,
	}, k)
}

// MaxList is how many objects a list has at most.
const MaxList = 1000

// List returns the objects of a report that are kept here, by number, from the
// one on that the list before named; empty for the first list. next is empty
// after the last.
func List(ctx context.Context, s *store.Store, r Report, from string) (list []Kept, next string, err error) {
	where := store.Objects{Kind: keptKind, Parent: r.ID, Limit: MaxList + 1}
	if from != "" {
		n, err := strconv.ParseInt(from, 10, 64)
		if err != nil || n < 1 {
			return nil, "", fault.OnField("next", "is not of the list before")
		}
		where.After = store.Object{Account: r.Account, ID: Kept{Report: r.ID, Number: n - 1}.id()}.Position()
	}
	objects, err := s.Objects(ctx, org.Only(r.Account), where)
	if err != nil {
		return nil, "", err
	}
	for _, o := range objects {
		k, err := readKept(o)
		if err != nil {
			return nil, "", err
		}
		if len(list) == MaxList {
			return list, strconv.FormatInt(k.Number, 10), nil
		}
		list = append(list, k)
	}
	return list, "", nil
}

func readKept(o store.Object) (Kept, error) {
	k := Kept{Account: o.Account, Report: o.Parent}
	if err := o.Decode(&k); err != nil {
		return Kept{}, err
	}
	var err error
	k.Number, err = strconv.ParseInt(strings.TrimPrefix(o.ID, o.Parent+"/"), 10, 64)
	return k, err
}

// Open opens an object that is kept here. It is NotFound if there is none. The
// caller closes it.
func (e Exporter) Open(ctx context.Context, which Kept) (Kept, io.ReadCloser, error) {
	o, err := e.Store.Object(ctx, org.Only(which.Account), keptKind, which.id())
	if fault.KindOf(err) == fault.NotFound {
		return Kept{}, nil, fault.New(fault.NotFound, "The report is no longer kept.")
	}
	if err != nil {
		return Kept{}, nil, err
	}
	k, err := readKept(o)
	if err != nil {
		return Kept{}, nil, err
	}
	content, size, err := e.Blobs.Get(ctx, k.blob())
	k.Size = size
	return k, content, err
}

// discard removes what is kept here of a report, also what the last worker that
// died has left.
func (e Exporter) discard(ctx context.Context, r Report) error {
	if !r.To.own() {
		return nil
	}
	scope := org.Only(r.Account)
	for {
		list, err := e.Store.Objects(ctx, scope, store.Objects{Kind: keptKind, Parent: r.ID, Limit: MaxList})
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		err = e.Store.Update(ctx, func(tx *store.Tx) error {
			for _, o := range list {
				if err := tx.Delete(ctx, scope, keptKind, o.ID); err != nil && fault.KindOf(err) != fault.NotFound {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	last := int64(0)
	if r.Kind == SBOMs {
		last = r.Done + resourcesAtOnce
	}
	for n := range last + 1 {
		k := Kept{Account: r.Account, Report: r.ID, Number: n}
		if err := e.Blobs.Delete(ctx, k.blob()); err != nil {
			return err
		}
	}
	return nil
}

// Sweep removes the reports that were ordered longer ago than they are kept,
// with what is kept of them here, and returns how many there were.
func (e Exporter) Sweep(ctx context.Context, now time.Time) (int, error) {
	scope, err := e.Store.Everything(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, kind := range []Kind{Findings, SBOMs} {
		for after := ""; ; {
			list, err := e.Store.Objects(ctx, scope, store.Objects{Kind: string(kind), After: after, Limit: MaxList})
			if err != nil {
				return n, err
			}
			for _, o := range list {
				after = o.Position()
				if now.Sub(o.Created) < Keep {
					continue
				}
				if err := e.remove(ctx, o, now); err != nil {
					return n, fmt.Errorf("removing report %s: %w", o.ID, err)
				}
				n++
			}
			if len(list) < MaxList {
				break
			}
		}
	}
	return n, nil
}

// remove deletes a report and what is kept of it.
func (e Exporter) remove(ctx context.Context, o store.Object, now time.Time) error {
	r, err := read(o, now)
	if err != nil {
		return err
	}
	if err := e.discard(ctx, r); err != nil {
		return err
	}
	err = e.Store.Update(ctx, func(tx *store.Tx) error { return tx.Delete(ctx, org.Only(o.Account), o.Kind, o.ID) })
	if fault.KindOf(err) == fault.NotFound { // another node was first
		return nil
	}
	return err
}
