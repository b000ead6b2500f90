package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// resourcesAtOnce is how many resources are done before it is kept how far the
// report is.
const resourcesAtOnce = 20

// sboms writes a document for each resource. It goes on after the resources
// that the job's cursor names; those after it may be written once more, with
// the same name.
func (e Exporter) sboms(ctx context.Context, o *order) error {
	scope, err := e.Store.ScopeOf(ctx, o.Account)
	if err != nil {
		return err
	}
	for {
		list, next, err := e.Store.Resources(ctx, scope, o.Criteria, o.job.Cursor, resourcesAtOnce)
		if err != nil {
			return err
		}
		for i := range list {
			if err := e.one(ctx, o, scope, list[i]); err != nil {
				return err
			}
		}
		if next == "" {
			break
		}
		if err := o.job.Progress(ctx, next, func(tx *store.Tx) error { return o.save(ctx, tx) }); err != nil {
			return err
		}
		o.made = nil
	}
	if o.Done == 0 {
		return nothing{fmt.Sprintf("No resource that fits the criteria has a list of packages: %d have none.", o.Skipped)}
	}
	return nil
}

// one writes the document of a resource, if it is known what that holds.
func (e Exporter) one(ctx context.Context, o *order, scope org.Scope, res resource.Resource) error {
	account, err := org.ParseAccount(res.Account)
	if err != nil {
		return err
	}
	held, err := e.Store.Inventory(ctx, scope, account, res.ID)
	if fault.KindOf(err) == fault.NotFound {
		o.Skipped++
		return nil
	}
	if err != nil {
		return err
	}
	d := document{resource: res, inventory: held.Inventory, time: o.Ordered, version: e.Version}
	if err := e.flaws(ctx, o, org.Only(account), &d); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := writers[o.Format](&text, d); err != nil {
		return fmt.Errorf("writing the document of %s: %w", res.ID, err)
	}
	if err := e.deliver(ctx, o, object{key: o.documentKey(res), media: o.typeOf(), content: &text}); err != nil {
		return err
	}
	o.Done++
	return nil
}

// flaws adds to a document the vulnerabilities of its packages: those of active
// findings.
func (e Exporter) flaws(ctx context.Context, o *order, scope org.Scope, d *document) error {
	where := active(filter.Criteria{"resourceId": filter.Text(filter.Equals, d.resource.ID)})
	d.index()
	for page := (store.Page{Size: pageSize, Caller: "report " + o.ID}); ; {
		page.Now = e.Now()
		list, next, err := e.Store.Findings(ctx, scope, where, page)
		if err != nil {
			return err
		}
		for i := range list {
			d.add(&list[i].Finding)
		}
		if page.After = next; next == "" {
			return nil
		}
	}
}

// maxKey is the longest name of an object, in bytes.
// Source: Amazon S3 User Guide, "Naming Amazon S3 objects".
const maxKey = 1024

// documentKey is the name of the document of a resource.
// Source: Amazon Inspector User Guide, "Exporting SBOMs".
func (o *order) documentKey(res resource.Resource) string {
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "_") }
	begin := fmt.Sprintf("%s%s_outputs_%s/account=%s/resource=%s/", o.prefix(), o.Format, o.ID, res.Account, flat(string(res.Type)))
	end := "_" + o.Format + ".json"
	name := flat(res.ID)
	if most := maxKey - len(begin) - len(end); len(name) > most {
		// No id of Amazon is that long. The sum keeps those apart that begin alike.
		sum := fmt.Sprintf("~%x", sha256.Sum256([]byte(res.ID)))
		name = name[:most-len(sum)]
		for !utf8.ValidString(name) {
			name = name[:len(name)-1]
		}
		name += sum
	}
	return begin + name + end
}
