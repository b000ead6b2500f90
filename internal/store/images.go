package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Image is an image of a registry as it is known.
type Image struct {
	Resource resource.Resource
	Coverage Coverage // for packages; zero if there is none
	Gone     bool     // it is no more
}

// Images returns the images of a repository of one registry that an account
// knows, as they became known, those that are gone included. Only those of a
// digest if that is not empty; none if the account is not in the scope.
func (s *Store) Images(ctx context.Context, scope org.Scope, account org.Account, in resource.ImageUse, digest string) ([]Image, error) {
	if !scope.Has(account) {
		return nil, nil
	}
	kind, err := number(resourceNumbers, resource.Image, "resourceType")
	if err != nil {
		return nil, err
	}
	var a arguments
	query := fmt.Sprintf(`SELECT r.doc, r.gone_at IS NOT NULL, coalesce(c.code, -1), coalesce(c.reason, ''), coalesce(c.last_scanned_at, 0)
		FROM resource r LEFT JOIN coverage c ON c.account_id = r.account_id AND c.res_id = r.res_id AND c.scan_type = %s
		WHERE r.repo = %s AND r.registry = %s AND r.account_id = %s AND r.type = %s`,
		a.add(packageNumber), a.add(storable(in.Repository)), a.add(storable(in.Registry)), a.add(int64(account)), a.add(kind))
	if digest != "" {
		query += ` AND r.digest = ` + a.add(storable(digest))
	}
	var out []Image
	err = each(ctx, s.read, query+` ORDER BY r.res_id`, a.values, func(rows *sql.Rows) error {
		var i Image
		var doc []byte
		var c covered
		if err := rows.Scan(&doc, &i.Gone, &c.code, &c.reason, &c.scanned); err != nil {
			return err
		}
		if c.reason != "" && named(codeNumbers, c.code) {
			i.Coverage = c.coverage(packageNumber)
		}
		err := s.packing.unpack(doc, &i.Resource)
		out = append(out, i)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the images of %s/%s: %w", in.Registry, in.Repository, err)
	}
	return out, nil
}

// ImageRepositories returns the repositories of one registry of which an account
// knows images that are not gone, sorted.
func (s *Store) ImageRepositories(ctx context.Context, scope org.Scope, account org.Account, registry string) ([]string, error) {
	if !scope.Has(account) {
		return nil, nil
	}
	kind, err := number(resourceNumbers, resource.Image, "resourceType")
	if err != nil {
		return nil, err
	}
	var out []string
	err = each(ctx, s.read, `SELECT DISTINCT repo FROM resource WHERE registry = $1 AND account_id = $2 AND type = $3
		AND gone_at IS NULL AND repo IS NOT NULL ORDER BY repo`, []any{storable(registry), int64(account), kind}, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		out = append(out, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the repositories of %s: %w", registry, err)
	}
	return out, nil
}

// Doubt has the next scan of a resource looked at whatever it sees: what is
// stored of it follows from nothing any more. One that is not known does not
// matter.
func (s *Store) Doubt(ctx context.Context, scope org.Scope, res resource.Resource) error {
	p, err := newPending(scope, &Scan{Resource: res})
	if err != nil {
		return err
	}
	_, err = s.write.ExecContext(ctx, `UPDATE resource SET revision = '' WHERE arn = $1 AND account_id = $2 AND region = $3 AND type = $4`,
		res.ID, int64(p.account), res.Region, p.kind)
	if err != nil {
		return fmt.Errorf("doubting %s: %w", res.ID, err)
	}
	return nil
}
