package export

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/scan"
)

// pageSize is how many findings are in memory at a time.
const pageSize = 500

// findings makes a report of findings. Nothing of it is there before all of it
// is, so that it begins anew each time.
func (e Exporter) findings(ctx context.Context, o *order) error {
	scope, err := e.Store.ScopeOf(ctx, o.Account)
	if err != nil {
		return err
	}
	o.Done = 0
	p := &pages{exporter: e, order: o, scope: scope, where: active(o.Criteria)}
	if o.Format == "CSV" {
		p.sheet = report.NewSheet(&p.text, o.Ordered)
	} else {
		p.list = report.NewList(&p.text)
	}
	return e.deliver(ctx, o, object{
		key: o.prefix() + o.ID + "." + strings.ToLower(o.Format), media: o.typeOf(), content: &reader{ctx, p},
	})
}

// pages are the text of a report, which is made as it is read.
type pages struct {
	exporter Exporter
	order    *order
	scope    org.Scope
	where    filter.Criteria

	sheet *report.Sheet // of a report in CSV, or
	list  *report.List  // in JSON
	after string        // token of the next page
	text  bytes.Buffer  // written and not read yet
	err   error         // what comes after it; io.EOF at the end
}

// A reader reads pages.
type reader struct {
	ctx context.Context //nolint:containedctx // lives as long as one delivery
	*pages
}

// Read returns what was not read yet, from as many pages as it takes.
func (r *reader) Read(b []byte) (int, error) {
	for r.text.Len() == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.err = r.next(r.ctx)
	}
	return r.text.Read(b)
}

// next writes another page. The error is io.EOF with the last.
func (p *pages) next(ctx context.Context) error {
	o := p.order
	if err := p.save(ctx); err != nil {
		return err
	}
	list, next, err := p.exporter.Store.Findings(ctx, p.scope, p.where, store.Page{
		Size: pageSize, After: p.after, Caller: "report " + o.ID, Now: p.exporter.Now(),
	})
	if err != nil {
		return err
	}
	for i := range list {
		if err := p.add(&list[i]); err != nil {
			return err
		}
	}
	o.Done += int64(len(list))
	if p.after = next; next != "" {
		return nil
	}
	if o.Done == 0 {
		return nothing{"No finding fits the criteria of the report."}
	}
	if p.sheet != nil {
		err = p.sheet.Close()
	} else {
		err = p.list.Close()
	}
	if err == nil {
		err = p.save(ctx) // the end makes an object of what was sent
	}
	if err == nil {
		err = io.EOF
	}
	return err
}

// save keeps how far the report is; the error is errCancelled if it is not to
// go on.
func (p *pages) save(ctx context.Context) error {
	return p.exporter.Store.Update(ctx, func(tx *store.Tx) error { return p.order.save(ctx, tx) })
}

// add writes one finding.
func (p *pages) add(f *store.Finding) error {
	life := report.Life{Type: f.Type, Status: string(f.Status), First: f.First, Updated: f.Updated}
	if p.sheet != nil {
		p.sheet.Add(&f.Finding, life)
		return nil
	}
	return p.list.Add(report.Finding(&f.Finding, life, scan.Target{}))
}
