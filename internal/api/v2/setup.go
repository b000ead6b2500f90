package v2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// maxTags is how many tags a thing may have.
// Source: Inspector2 API model, type ConnectorTags; AWS tagging guide.
const maxTags = 50

// A seat is where a caller stands in the organisation.
type seat struct {
	api.Caller
	Org   store.Organization
	Admin org.Account // the administrator whose member the account is; 0: none
}

// membership is what a store and a transaction both tell of the organisation.
type membership interface {
	Organization(ctx context.Context) (store.Organization, error)
	Member(ctx context.Context, account org.Account) (store.Member, error)
	Members(ctx context.Context, admin, after org.Account, limit int) ([]store.Member, error)
}

// seatOf returns where the caller of the context stands.
func seatOf(ctx context.Context, m membership) (seat, error) {
	s := seat{Caller: api.CallerOf(ctx)}
	var err error
	if s.Org, err = m.Organization(ctx); err != nil {
		return seat{}, err
	}
	s.Admin, err = adminOf(ctx, m, s.Account)
	return s, err
}

// seatIn is like seatOf, within a transaction, which holds the caller's
// account.
func seatIn(ctx context.Context, tx *store.Tx) (seat, error) {
	if err := tx.Hold(ctx, api.CallerOf(ctx).Account); err != nil {
		return seat{}, err
	}
	return seatOf(ctx, tx)
}

// adminOf returns the administrator whose member an account is; 0 if it is a
// stand-alone account or an administrator itself.
func adminOf(ctx context.Context, m membership, account org.Account) (org.Account, error) {
	member, err := m.Member(ctx, account)
	if fault.KindOf(err) == fault.NotFound || err == nil && member.Status != associated {
		return 0, nil
	}
	return member.Admin, err
}

// own is the scope of the caller's account alone.
func (s seat) own() org.Scope { return org.Only(s.Account) }

// administers tells whether the caller is the delegated administrator.
func (s seat) administers() bool { return s.Account != 0 && s.Account == s.Org.Admin }

// mustAdminister refuses whoever is not the delegated administrator.
func (s seat) mustAdminister() error {
	if !s.administers() {
		return fault.New(fault.Denied, "Account %s is not the delegated administrator of the organization.", s.Account)
	}
	return nil
}

// arn names a thing of this service.
func (o Operations) arn(account org.Account, format string, args ...any) string {
	partition := "aws"
	switch {
	case strings.HasPrefix(o.Region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(o.Region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return fmt.Sprintf("arn:%s:inspector2:%s:%s:", partition, o.Region, account) + fmt.Sprintf(format, args...)
}

// newID returns an id that sorts after those made before.
func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}
	return id.String(), nil
}

// named returns the object of an ARN; NotFound if there is none in the scope.
func named[D any](ctx context.Context, from api.Objects, scope org.Scope, kind, arn string) (api.Held[D], error) {
	missing := fault.New(fault.NotFound, "There is no resource %s.", arn)
	object, err := from.Object(ctx, scope, kind, arn[strings.LastIndexByte(arn, '/')+1:])
	if fault.KindOf(err) == fault.NotFound {
		return api.Held[D]{}, missing
	}
	if err != nil {
		return api.Held[D]{}, err
	}
	h, err := api.ReadHeld[D](object)
	if err == nil && h.ARN != arn {
		return api.Held[D]{}, missing
	}
	return h, err
}

// every returns all objects of a kind in the scope, by account and age.
func every[D any](ctx context.Context, from api.Objects, scope org.Scope, kind string) ([]api.Held[D], error) {
	return api.ReadAll[D](ctx, from, scope, store.Objects{Kind: kind})
}

// fresh makes an object of an account. Its ARN ends with the id.
func fresh[D any](kind string, account org.Account, now time.Time, arn func(id string) string) (api.Held[D], error) {
	id, err := newID()
	if err != nil {
		return api.Held[D]{}, err
	}
	object := store.Object{Kind: kind, Account: account, ID: id, Created: now, Updated: now}
	return api.Held[D]{Object: object, ARN: arn(id)}, nil
}

// drop removes an object of the caller's account, with its tags.
func drop[D any](ctx context.Context, tx *store.Tx, h api.Held[D]) error {
	if err := tx.SetTags(ctx, h.Account, h.ARN, nil); err != nil {
		return err
	}
	return tx.Delete(ctx, org.Only(h.Account), h.Kind, h.ID)
}

// checkTags refuses tags that a new thing may not have.
// Source: Inspector2 API model, type TagKey, whose pattern the operations that
// create things lack.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return fault.OnField("tags", "has more than %d tags", maxTags)
	}
	for key, value := range tags {
		if strings.HasPrefix(strings.ToLower(key), "aws:") {
			return fault.OnField("tags", "has a key that begins with aws:")
		}
		if strings.ContainsRune(key+value, 0) {
			return fault.OnField("tags", "has a character that cannot be kept")
		}
	}
	return nil
}

// repeated returns the first text that is twice in the list, as same sees it.
func repeated[T ~string](list []T, same func(string) string) (T, bool) {
	seen := map[string]bool{}
	for _, s := range list {
		k := same(string(s))
		if seen[k] {
			return s, true
		}
		seen[k] = true
	}
	return "", false
}

func asItIs(s string) string { return s }

// A cut is one page of a list that is short enough to be read as a whole.
type cut[T any] struct {
	operation  string
	asked      any            // filters and the order: a token holds for the same only
	key        func(T) string // tells all rows apart; the list is in its order
	descending bool
	token      string
	size       *int32 // nil: most
	most       int    // rows in a page
}

// page returns the rows of a page in order, and the token of the next; empty
// after the last.
func (c cut[T]) page(ctx context.Context, o Operations, rows []T) (out []T, next string, err error) {
	asked, err := json.Marshal(c.asked)
	if err != nil {
		return nil, "", fmt.Errorf("encoding a request: %w", err)
	}
	query := filter.Query{
		Operation: c.operation, Caller: api.CallerOf(ctx).Account.String(), Sort: fmt.Sprintf("%s %t", asked, c.descending),
	}
	order := func(a, b string) int {
		if c.descending {
			a, b = b, a
		}
		return strings.Compare(a, b)
	}
	out = slices.Clone(rows)
	slices.SortFunc(out, func(a, b T) int { return order(c.key(a), c.key(b)) })
	if c.token != "" {
		after, err := filter.Open[string](o.Store.Sealer(), query, c.token, o.Now())
		if errors.Is(err, filter.ErrToken) {
			return nil, "", fault.OnField("nextToken", "does not belong to this request or is too old")
		}
		if err != nil {
			return nil, "", err
		}
		out = slices.DeleteFunc(out, func(row T) bool { return order(c.key(row), after) <= 0 })
	}
	size := c.most
	if c.size != nil {
		size = min(size, int(*c.size))
	}
	if len(out) <= size {
		return out, "", nil
	}
	out = out[:size]
	next, err = filter.Seal(o.Store.Sealer(), query, c.key(out[size-1]), o.Now())
	return out, next, err
}

// change rewrites the settings of an account, which the caller may change.
func (o Operations) change(ctx context.Context, account org.Account, f func(s *org.Settings) error) error {
	return o.Store.Update(ctx, func(tx *store.Tx) error { return o.changeIn(ctx, tx, account, f) })
}

// changeIn is like change, within a transaction.
func (o Operations) changeIn(ctx context.Context, tx *store.Tx, account org.Account, f func(s *org.Settings) error) error {
	scope := org.Only(account)
	settings, err := tx.Settings(ctx, scope, account)
	if err != nil {
		return err
	}
	if err := f(&settings); err != nil {
		return err
	}
	return tx.SetSettings(ctx, scope, account, settings, o.Now())
}

// mine returns the object of an ARN that the caller may change: its own. Those
// of its members it only sees.
func mine[D any](ctx context.Context, tx *store.Tx, c api.Caller, kind, arn string) (api.Held[D], error) {
	if err := tx.Hold(ctx, c.Account); err != nil {
		return api.Held[D]{}, err
	}
	h, err := named[D](ctx, tx, c.Scope, kind, arn)
	if err == nil && h.Account != c.Account {
		err = fault.New(fault.Denied, "%s belongs to account %s.", arn, h.Account)
	}
	return h, err
}

// An addition says what a new object must not collide with.
type addition[D any] struct {
	name func(D) string // of which an account has one each
	most int            // objects of the kind that an account may have
	what string         // they are called
	tags map[string]string
}

// add keeps a new object of the caller's account, with its tags. A name that is
// taken is a Conflict, one object too many is over the Quota.
func add[D any](ctx context.Context, tx *store.Tx, h api.Held[D], a addition[D]) error {
	if err := tx.Hold(ctx, h.Account); err != nil {
		return err
	}
	present, err := every[D](ctx, tx, org.Only(h.Account), h.Kind)
	if err != nil {
		return err
	}
	for _, p := range present {
		if a.name(p.Value) == a.name(h.Value) {
			return conflict(h.Kind, p.ARN, "%s has the name %s already.", p.ARN, a.name(h.Value))
		}
	}
	if len(present) >= a.most {
		return fault.New(fault.Quota, "An account may have at most %d %s.", a.most, a.what)
	}
	if err := h.Keep(ctx, tx); err != nil {
		return err
	}
	return tx.SetTags(ctx, h.Account, h.ARN, a.tags)
}
