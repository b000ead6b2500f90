package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/filter"
)

// resourceNames are the columns of resource that come from what is known of
// it, in the order of columns.
var resourceNames = []string{
	"platform", "pushed_at", "pulled_at", "used_at", "uses", "arch", "registry", "repo", "image_tags", "digest", "ami", "vpc", "subnet",
	"fn_name", "fn_runtime", "fn_role", "fn_layers", "fn_modified_at", "project", "code_host", "visibility", "commit_id",
	"cloud", "cloud_account", "cloud_org", "cloud_region", "doc",
}

// columns returns the values of resourceNames.
func (p *pending) columns(packed packing) []any {
	r := p.Resource.Complete()
	text := func(s string) any { return textOrNull(storable(s)) }
	var uses any
	if r.Image.Uses != nil {
		uses = *r.Image.Uses
	}
	return []any{
		text(r.Platform), when(r.Image.Pushed), when(r.Image.Pulled), when(cmp.Or(r.Image.Used, r.Function.Used)), uses, text(r.Arch), text(r.Image.Registry),
		text(r.Image.Repository), listOf(r.Tags), text(r.Digest), text(r.Host.Image), text(r.Host.Network), text(r.Host.Subnet),
		text(r.Function.Name), text(r.Function.Runtime), text(r.Function.Role), listOf(r.Layers), when(r.Function.Modified),
		text(r.Code.Project), text(r.Code.Host), text(r.Code.Visibility), text(r.Code.Commit),
		storable(r.Cloud.Provider), storable(r.Cloud.Account), text(r.Cloud.Organization), storable(r.Cloud.Region), packed.packResource(p.doc),
	}
}

// listOf is how several texts are kept in one column.
func listOf(texts []string) any {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = storable(strings.ReplaceAll(t, filter.Separator, ""))
	}
	return filter.Join(out)
}

// writeResources writes what changed of resources, but for their coverage.
func (s *Store) writeResources(ctx context.Context, tx *sql.Tx, list []*pending, b *batch) error {
	var tagged []*pending
	for _, p := range list {
		same := p.doc == p.known.doc
		if !same || p.fresh {
			tagged = append(tagged, p)
		}
		if p.fresh || same && p.revision == p.known.revision && p.inventory == p.known.inventory && !p.known.gone {
			continue
		}
		var a arguments
		set := []string{"revision = " + a.add(p.revision), "inv_id = " + a.add(numberOrNull(p.inventory)), "gone_at = NULL"}
		if !same {
			values := p.columns(s.packing)
			for i, column := range resourceNames {
				set = append(set, column+" = "+a.add(values[i]))
			}
			b.counts = append(b.counts, counted{account: int64(p.account), res: p.known.id, ftype: packageNumber, rtype: p.kind})
		}
		query := fmt.Sprintf(`UPDATE resource SET %s WHERE res_id = %s`, strings.Join(set, ", "), a.add(p.known.id)) //nolint:gosec // names and placeholders
		if _, err := tx.ExecContext(ctx, query, a.values...); err != nil {
			return err
		}
	}
	return s.writeTags(ctx, tx, tagged)
}

// writeTags writes the tags of resources where they changed.
func (s *Store) writeTags(ctx context.Context, tx *sql.Tx, list []*pending) error {
	var rows [][]any
	for _, p := range list {
		stored, err := s.labels(ctx, tx, p)
		if err != nil {
			return err
		}
		want := map[string]string{}
		for k, v := range p.Resource.Labels {
			want[storable(k)] = storable(v)
		}
		for _, k := range sortedKeys(want) {
			if v, ok := stored[k]; !ok || v != want[k] {
				rows = append(rows, []any{k, want[k], p.known.id, int64(p.account)})
			}
		}
		stale := slices.DeleteFunc(sortedKeys(stored), func(k string) bool { _, ok := want[k]; return ok })
		if err := s.deleteTags(ctx, tx, p, stale); err != nil {
			return err
		}
	}
	return s.insert(ctx, tx, `INSERT INTO resource_tag (k, v, res_id, account_id)`,
		`ON CONFLICT (res_id, k) DO UPDATE SET v = excluded.v`, rows)
}

func (s *Store) deleteTags(ctx context.Context, tx *sql.Tx, p *pending, keys []string) error {
	for some := range slices.Chunk(keys, s.dialect.values) {
		var a arguments
		query := fmt.Sprintf(`DELETE FROM resource_tag WHERE res_id = %s AND %s`, a.add(p.known.id), anyOf(s.dialect, &a, "k", some)) //nolint:gosec // names and placeholders
		if _, err := tx.ExecContext(ctx, query, a.values...); err != nil {
			return err
		}
	}
	return nil
}

// labels reads the tags that are stored of a resource.
func (s *Store) labels(ctx context.Context, tx *sql.Tx, p *pending) (map[string]string, error) {
	out := map[string]string{}
	if p.fresh {
		return out, nil
	}
	err := each(ctx, tx, `SELECT k, v FROM resource_tag WHERE res_id = $1`, []any{p.known.id}, func(rows *sql.Rows) error {
		var k, v string
		err := rows.Scan(&k, &v)
		out[k] = v
		return err
	})
	return out, err
}
