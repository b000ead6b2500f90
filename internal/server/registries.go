package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
	"github.com/assay-project/assay/scan"
)

// registries is what the server has of registries.
type registries struct {
	quiet
	server *server
	cache  *scan.FileCache
}

// layersLimit is how much is kept of what was read of layers, in bytes.
const layersLimit = 4 << 30

func newRegistries(s *server) *registries {
	return &registries{server: s, cache: &scan.FileCache{Dir: filepath.Join(s.Data, "layers"), Limit: layersLimit}}
}

// registryRoutes are the operations on registries.
var registryRoutes = []route{
	{"GET /assay/v1/registries", "assay:ListRegistries", everybody, (*server).listRegistries},
	{"GET /assay/v1/registries/{id}", "assay:GetRegistry", everybody, (*server).getRegistry},
	{"POST /assay/v1/registries", "assay:CreateRegistry", everybody, (*server).createRegistry},
	{"PUT /assay/v1/registries/{id}", "assay:UpdateRegistry", everybody, (*server).updateRegistry},
	{"DELETE /assay/v1/registries/{id}", "assay:DeleteRegistry", everybody, (*server).deleteRegistry},
	{"POST /assay/v1/registries/{id}/sync", "assay:SyncRegistry", everybody, (*server).syncRegistry},
}

// The kinds of objects that keep registries, and what is known of their last
// discovery under the same id.
const (
	registryKind      = "registry"
	registryStateKind = "registry-state"
)

// Purposes of the secrets of a registry.
const (
	registryPasswords = "registry-password"
	registryHooks     = "registry-hook"
)

// The jobs on registries.
const (
	registryDueJob    = "registry_due"    // looks which registries are due
	registrySyncJob   = "registry_sync"   // walks one
	registryForgetJob = "registry_forget" // one that was deleted, or is elsewhere now
	scanImageJob      = "scan_image"
	registryQueue     = "registries"
	imageQueue        = "images"
)

// work returns the jobs on registries.
func (p *registries) work() workload {
	return workload{
		handlers: map[string]work.Handler{
			registryDueJob: p.due, registrySyncJob: p.sync, registryForgetJob: p.forget, scanImageJob: p.scanImage,
		},
		schedules: []store.Schedule{{Name: registryDueJob, Every: time.Minute, Job: store.Job{Kind: registryDueJob, Queue: registryQueue}}},
		queues:    map[string]int{registryQueue: 1, imageQueue: p.server.Workers},
	}
}

// hooks adds what answers requests that are not signed.
func (p *registries) hooks(mux *http.ServeMux, g gate) {
	mux.Handle("POST /assay/v1/hooks/{id}", g.guard(http.HandlerFunc(p.hook), discover.MaxNotification))
}

// RegistrySettings are what is set up of a registry.
type RegistrySettings struct {
	Name            string         `json:"name"`
	Address         string         `json:"address"`      // host or host:port
	Insecure        bool           `json:"insecure"`     // plain HTTP and certificates that cannot be verified are allowed
	CA              string         `json:"ca,omitempty"` // additional certificate authorities, in PEM
	Username        string         `json:"username,omitempty"`
	Rules           discover.Rules `json:"rules"`
	IntervalMinutes int            `json:"intervalMinutes"` // between two discoveries; 0: 60
	MaxImageBytes   int64          `json:"maxImageBytes"`   // larger images are not scanned; 0: 50 GiB
	Notifications   string         `json:"notifications"`   // their format; empty: distribution
}

// NewRegistry is what a registry is made of, or changed to.
type NewRegistry struct {
	Account string `json:"account,omitempty"` // whose images they are; empty: the caller's; not for a change
	RegistrySettings
	Password  string `json:"password,omitempty"`  // in a change, empty leaves it as it is
	NewSecret bool   `json:"newSecret,omitempty"` // in a change: makes another secret for notifications
}

// Registry is a registry as our own interface shows it.
type Registry struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	RegistrySettings
	Hook    string        `json:"hook"`             // where its notifications go
	Secret  string        `json:"secret,omitempty"` // that they are signed with; shown once
	Created time.Time     `json:"created"`
	Updated time.Time     `json:"updated"`
	State   RegistryState `json:"state"`
}

// RegistryState is what came of the last discovery.
type RegistryState struct {
	Synced       time.Time `json:"synced,omitzero"` // when it began that ended well; zero: none has
	Tried        time.Time `json:"tried,omitzero"`
	Repositories int       `json:"repositories"`
	Tags         int       `json:"tags"`
	Images       int       `json:"images"`
	Scans        int       `json:"scans"`              // that were begun for it
	Problems     []string  `json:"problems,omitempty"` // what could not be read
	Error        string    `json:"error,omitempty"`    // why the last one did not end
}

// Registries is the answer to a list of registries.
type Registries struct {
	Registries []Registry `json:"registries"`
}

// registryDoc is a registry as it is stored.
type registryDoc struct {
	RegistrySettings
	Password []byte `json:"password,omitempty"` // sealed
	Secret   []byte `json:"secret"`             // sealed
}

// A watched registry.
type watched struct {
	registryDoc
	id      string
	account org.Account
}

func (w watched) scope() org.Scope { return org.Only(w.account) }

const (
	defaultInterval = 60 // minutes
	minInterval     = 5
	maxInterval     = 7 * 24 * 60
	defaultImage    = 50 << 30 // bytes
	maxRegistries   = 500      // of an account
	maxText         = 256
	maxCA           = 256 << 10
)

// check fills in what is not given, and returns what is wrong with the rest.
func (r *RegistrySettings) check() error {
	r.IntervalMinutes = cmp.Or(r.IntervalMinutes, defaultInterval)
	r.MaxImageBytes = cmp.Or(r.MaxImageBytes, defaultImage)
	r.Notifications = cmp.Or(r.Notifications, "distribution")
	switch {
	case r.Name == "" || len(r.Name) > maxText:
		return fault.OnField("name", "must have from 1 to %d bytes", maxText)
	case r.IntervalMinutes < minInterval || r.IntervalMinutes > maxInterval:
		return fault.OnField("intervalMinutes", "must be from %d to %d", minInterval, maxInterval)
	case r.MaxImageBytes < 0:
		return fault.OnField("maxImageBytes", "must be above 0")
	case !slices.Contains(discover.HookFormats(), r.Notifications):
		return fault.OnField("notifications", "must be one of %s", strings.Join(discover.HookFormats(), ", "))
	case len(r.Username) > maxText || len(r.CA) > maxCA:
		return fault.New(fault.Invalid, "The username or the certificate authorities are too long.")
	}
	if err := r.Rules.Check(); err != nil {
		return err
	}
	if _, err := discover.Open(discover.Registry{Address: r.Address, Insecure: r.Insecure, CA: []byte(r.CA)}); err != nil {
		return fault.OnField("address", "%v", err)
	}
	return nil
}

func (s *server) listRegistries(ctx context.Context, r request) (any, error) {
	list, err := s.store.Objects(ctx, r.scope, store.Objects{Kind: registryKind})
	if err != nil {
		return nil, err
	}
	out := Registries{Registries: []Registry{}}
	for _, o := range list {
		shown, err := s.showRegistry(ctx, r.scope, o)
		if err != nil {
			return nil, err
		}
		out.Registries = append(out.Registries, shown)
	}
	return out, nil
}

func (s *server) getRegistry(ctx context.Context, r request) (any, error) {
	o, err := s.store.Object(ctx, r.scope, registryKind, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return s.showRegistry(ctx, r.scope, o)
}

// showRegistry returns a registry without its secrets.
func (s *server) showRegistry(ctx context.Context, scope org.Scope, o store.Object) (Registry, error) {
	var doc registryDoc
	if err := o.Decode(&doc); err != nil {
		return Registry{}, err
	}
	state, err := s.registries.state(ctx, scope, o.ID)
	return Registry{
		ID: o.ID, Account: o.Account.String(), RegistrySettings: doc.RegistrySettings, Hook: s.URL + "/assay/v1/hooks/" + o.ID,
		Created: o.Created, Updated: o.Updated, State: state,
	}, err
}

// state returns what came of the last discovery.
func (p *registries) state(ctx context.Context, scope org.Scope, id string) (state RegistryState, err error) {
	list, err := p.server.store.Objects(ctx, scope, store.Objects{Kind: registryStateKind, ID: id, Limit: 1})
	if err != nil || len(list) == 0 {
		return state, err
	}
	return state, list[0].Decode(&state)
}

// newSecret makes a secret for notifications, and seals it.
func (s *server) newSecret(id string) (secret string, sealed []byte, err error) {
	var key [32]byte
	_, _ = rand.Read(key[:])
	secret = base64.StdEncoding.EncodeToString(key[:]) // as Standard Webhooks has keys
	sealed, err = s.store.SealSecret(registryHooks, id, secret)
	return secret, sealed, err
}

func (s *server) createRegistry(ctx context.Context, r request) (any, error) {
	var in NewRegistry
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	account := r.caller.Account
	if in.Account != "" {
		var err error
		if account, err = org.ParseAccount(in.Account); err != nil {
			return nil, fault.OnField("account", "%v", err)
		}
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var random [8]byte
	_, _ = rand.Read(random[:])
	o := store.Object{Kind: registryKind, Account: account, ID: "reg-" + hex.EncodeToString(random[:]), Created: r.now, Updated: r.now}
	doc := registryDoc{RegistrySettings: in.RegistrySettings}
	secret, sealed, err := s.newSecret(o.ID)
	if err != nil {
		return nil, err
	}
	doc.Secret = sealed
	if in.Password != "" {
		if doc.Password, err = s.store.SealSecret(registryPasswords, o.ID, in.Password); err != nil {
			return nil, err
		}
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, account); err != nil {
			return err
		}
		others, err := tx.Objects(ctx, org.Only(account), store.Objects{Kind: registryKind})
		if err != nil {
			return err
		}
		if len(others) >= maxRegistries {
			return fault.New(fault.Quota, "An account may have at most %d registries.", maxRegistries)
		}
		if err := tx.Put(ctx, r.scope, o, doc); err != nil {
			return err
		}
		return enqueueSync(ctx, tx, o, syncArgs{Force: true}, r.now)
	})
	if err != nil {
		return nil, err
	}
	if o, err = withDoc(o, doc); err != nil {
		return nil, err
	}
	out, err := s.showRegistry(ctx, r.scope, o)
	out.Secret = secret
	return out, err
}

func (s *server) updateRegistry(ctx context.Context, r request) (any, error) {
	var in NewRegistry
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var o store.Object
	secret := ""
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		if o, err = tx.Object(ctx, r.scope, registryKind, r.PathValue("id")); err != nil {
			return err
		}
		var old registryDoc
		if err := o.Decode(&old); err != nil {
			return err
		}
		doc, told, err := s.changed(o.ID, in, old)
		if err != nil {
			return err
		}
		secret = told
		if in.Address != old.Address || !sameJSON(in.Rules, old.Rules) {
			// What comes into view now has not been pushed now.
			if err := ignoreMissing(tx.Delete(ctx, r.scope, registryStateKind, o.ID)); err != nil {
				return err
			}
		}
		o.Updated = r.now
		if err := tx.Put(ctx, r.scope, o, doc); err != nil {
			return err
		}
		if in.Address != old.Address {
			if err := enqueueForget(ctx, tx, o, old.RegistrySettings, r.now); err != nil {
				return err
			}
		}
		return enqueueSync(ctx, tx, o, syncArgs{Force: true}, r.now)
	})
	if err != nil {
		return nil, err
	}
	if o, err = s.store.Object(ctx, r.scope, registryKind, o.ID); err != nil {
		return nil, err
	}
	out, err := s.showRegistry(ctx, r.scope, o)
	out.Secret = secret
	return out, err
}

// changed returns a registry as it is to be stored after a change, and its new
// secret for notifications if it gets one.
func (s *server) changed(id string, in NewRegistry, old registryDoc) (doc registryDoc, secret string, err error) {
	doc = registryDoc{RegistrySettings: in.RegistrySettings, Password: old.Password, Secret: old.Secret}
	// A password goes to the place that it was given for, and nowhere else.
	if in.Address != old.Address || in.Insecure && !old.Insecure || in.CA != old.CA || in.Username != old.Username {
		doc.Password = nil
	}
	if in.Password != "" {
		if doc.Password, err = s.store.SealSecret(registryPasswords, id, in.Password); err != nil {
			return doc, "", err
		}
	}
	if in.NewSecret {
		secret, doc.Secret, err = s.newSecret(id)
	}
	return doc, secret, err
}

func sameJSON(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

func (s *server) deleteRegistry(ctx context.Context, r request) (any, error) {
	id := r.PathValue("id")
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := tx.Object(ctx, r.scope, registryKind, id)
		if err != nil {
			return err
		}
		var doc registryDoc
		if err := o.Decode(&doc); err != nil {
			return err
		}
		if err := tx.Delete(ctx, r.scope, registryKind, id); err != nil {
			return err
		}
		if err := ignoreMissing(tx.Delete(ctx, r.scope, registryStateKind, id)); err != nil {
			return err
		}
		return enqueueForget(ctx, tx, o, doc.RegistrySettings, r.now)
	})
}

// enqueueForget has the images closed of a registry as it was set up. The address
// is part of the key: it may change again before the job is done.
func enqueueForget(ctx context.Context, tx *store.Tx, o store.Object, was RegistrySettings, now time.Time) error {
	args, err := json.Marshal(forgetArgs{was})
	if err != nil {
		return err
	}
	return tx.Enqueue(ctx, store.Job{
		Kind: registryForgetJob, Queue: registryQueue, Key: o.ID + "/" + was.Address, Account: o.Account, Run: now, Priority: 1, Args: args,
	})
}

func (s *server) syncRegistry(ctx context.Context, r request) (any, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := tx.Object(ctx, r.scope, registryKind, r.PathValue("id"))
		if err != nil {
			return err
		}
		return enqueueSync(ctx, tx, o, syncArgs{Force: true}, r.now)
	})
}

// resync has all registries of an account walked soon, as when scanning is
// switched on.
func (p *registries) resync(ctx context.Context, tx *store.Tx, account org.Account, now time.Time) error {
	list, err := tx.Objects(ctx, org.Only(account), store.Objects{Kind: registryKind})
	if err != nil {
		return err
	}
	for _, o := range list {
		if err := enqueueSync(ctx, tx, o, syncArgs{Force: true}, now); err != nil {
			return err
		}
	}
	return nil
}

// enqueueSync has a registry walked, or a part of it.
func enqueueSync(ctx context.Context, tx *store.Tx, o store.Object, args syncArgs, now time.Time) error {
	args.Registry = o.ID
	text, err := json.Marshal(args)
	if err != nil {
		return err
	}
	key := o.ID
	if args.Repository != "" {
		key += "/" + args.Repository
	}
	return tx.Enqueue(ctx, store.Job{Kind: registrySyncJob, Queue: registryQueue, Key: key, Account: o.Account, Run: now, Priority: 1, Args: text})
}

// due enqueues the discovery of the registries for which it is time.
func (p *registries) due(ctx context.Context, _ *work.Job) error {
	now := time.Now()
	everything, err := p.server.store.Everything(ctx)
	if err != nil {
		return err
	}
	list, err := p.server.store.Objects(ctx, everything, store.Objects{Kind: registryKind})
	if err != nil {
		return err
	}
	states, err := p.server.store.Objects(ctx, everything, store.Objects{Kind: registryStateKind})
	if err != nil {
		return err
	}
	synced := map[string]RegistryState{}
	for _, o := range states {
		var s RegistryState
		if err := o.Decode(&s); err != nil {
			return err
		}
		synced[o.ID] = s
	}
	return p.server.store.Update(ctx, func(tx *store.Tx) error {
		for _, o := range list {
			var doc registryDoc
			if err := o.Decode(&doc); err != nil {
				return err
			}
			if last := synced[o.ID]; last.failing(now) || !isDue(o.ID, doc.RegistrySettings, last, now) {
				continue
			}
			if err := enqueueSync(ctx, tx, o, syncArgs{}, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// retrying is for how long a discovery that failed is left to its job, which tries
// again by itself, less and less often.
const retrying = 15 * time.Minute

// failing tells whether the last discovery failed a short while ago.
func (s RegistryState) failing(now time.Time) bool {
	return s.Error != "" && now.Before(s.Tried.Add(retrying))
}

// isDue tells whether it is time for another discovery. Registries that were
// added together do not stay together: each has its own part of a fifth.
func isDue(id string, r RegistrySettings, s RegistryState, now time.Time) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	every := time.Duration(r.IntervalMinutes) * time.Minute
	every = every*9/10 + every/5*time.Duration(h.Sum32()%100)/100
	return !now.Before(s.Synced.Add(every))
}

// withDoc returns an object with a document.
func withDoc(o store.Object, doc any) (store.Object, error) {
	text, err := json.Marshal(doc)
	o.Doc = text
	return o, err
}

// watched returns a registry by its id; false if it is there no more.
func (p *registries) watched(ctx context.Context, scope org.Scope, id string) (w watched, ok bool, err error) {
	list, err := p.server.store.Objects(ctx, scope, store.Objects{Kind: registryKind, ID: id, Limit: 1})
	if err != nil || len(list) == 0 || id == "" {
		return w, false, err
	}
	w.id, w.account = list[0].ID, list[0].Account
	return w, true, list[0].Decode(&w.registryDoc)
}

// password opens the password of a registry.
func (p *registries) password(w watched) (string, error) {
	if w.Password == nil {
		return "", nil
	}
	return p.server.store.OpenSecret(registryPasswords, w.id, w.Password)
}

// client opens a registry.
func (p *registries) client(w watched) (*discover.Client, error) {
	password, err := p.password(w)
	if err != nil {
		return nil, err
	}
	return discover.Open(discover.Registry{
		Address: w.Address, Insecure: w.Insecure, CA: []byte(w.CA), Username: w.Username, Password: password, Cache: p.cache,
	})
}

// caFile keeps the certificate authorities of a registry in a file, for those
// that want one, and returns its name; empty if there are none.
func (p *registries) caFile(w watched) (string, error) {
	if w.CA == "" {
		return "", nil
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(w.CA)) // never fails
	path := filepath.Join(p.server.Data, fmt.Sprintf("%s-%x.pem", w.id, h.Sum64()))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	f, err := os.CreateTemp(p.server.Data, ".new-*") // another job may read it at this moment
	if err == nil {
		_, err = f.WriteString(w.CA)
		err = cmp.Or(err, f.Close())
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return "", fmt.Errorf("keeping the certificate authorities of a registry: %w", err)
	}
	return path, nil
}

// on tells whether images of an account are scanned, and since when that is so.
func (p *registries) on(ctx context.Context, account org.Account) (on bool, since time.Time, err error) {
	settings, err := p.server.store.Settings(ctx, org.Only(account), account)
	return settings.On(org.ECR), settings.Services[org.ECR].Since, err
}
