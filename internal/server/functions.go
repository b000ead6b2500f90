package server

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/discover"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/work"
)

// The kinds of jobs on functions.
const (
	functionSyncJob   = "function_sync"   // looks through one source; without one, through all that are due
	functionScanJob   = "scan_function"   // one function of a source
	functionForgetJob = "function_forget" // what was found in a source that was deleted
)

// The kinds of objects on functions.
const (
	functionSourceKind = "function-source"
	functionKind       = "function" // what is known of a package of a source
)

// functionSecrets is the purpose that secrets of sources are sealed for.
const functionSecrets = "function source"

// Limits of sources.
const (
	maxSources     = 100 // of one account
	defaultMinutes = 5   // between two looks at a source
	maxMinutes     = 7 * 24 * 60
)

// functionWatch is what the server has of functions.
type functionWatch struct {
	quiet
	server *server
	now    func() time.Time
}

func newFunctions(s *server) *functionWatch { return &functionWatch{server: s, now: time.Now} }

// functionRoutes are the operations on functions.
var functionRoutes = []route{
	{"GET /assay/v1/function-sources", "assay:ListFunctionSources", everybody, (*server).listFunctionSources},
	{"POST /assay/v1/function-sources", "assay:CreateFunctionSource", callersOwn, (*server).createFunctionSource},
	{"DELETE /assay/v1/function-sources/{id}", "assay:DeleteFunctionSource", everybody, (*server).deleteFunctionSource},
	{"POST /assay/v1/function-sources/{id}/sync", "assay:SyncFunctionSource", everybody, (*server).syncFunctionSource},
	{"POST /assay/v1/functions", "assay:PutFunction", callersOwn, (*server).putFunction},
	{"DELETE /assay/v1/functions/{id}", "assay:DeleteFunction", callersOwn, (*server).deleteFunction},
}

// work returns the jobs on functions.
func (p *functionWatch) work() workload {
	return workload{
		handlers:  map[string]work.Handler{functionSyncJob: p.sync, functionScanJob: p.scan, functionForgetJob: p.forget},
		schedules: []store.Schedule{{Name: functionSyncJob, Every: time.Minute, Job: store.Job{Kind: functionSyncJob}}},
	}
}

// NewFunctionSource is a place where packages of functions are to be found.
type NewFunctionSource struct {
	Place     string `json:"place"`              // the whole path of a folder of the server, or s3://bucket/prefix
	Endpoint  string `json:"endpoint,omitempty"` // address of the service of the bucket; empty: Amazon's own
	Region    string `json:"region,omitempty"`   // of the bucket; empty: us-east-1
	PathStyle bool   `json:"pathStyle,omitempty"`
	Key       string `json:"key,omitempty"` // id of the access key; empty: the server's own
	Secret    string `json:"secret,omitempty"`
	Minutes   int    `json:"minutes,omitempty"` // between two looks at it; 0: 5
}

// FunctionSource is a place that is watched, and how that goes.
type FunctionSource struct {
	ID        string    `json:"id"`
	Account   string    `json:"account"`
	Place     string    `json:"place"`
	Endpoint  string    `json:"endpoint,omitempty"`
	Region    string    `json:"region,omitempty"`
	PathStyle bool      `json:"pathStyle,omitempty"`
	Key       string    `json:"key,omitempty"`
	Minutes   int       `json:"minutes"`
	Created   time.Time `json:"created"`
	Synced    time.Time `json:"synced,omitzero"` // when it was last looked through
	Functions int       `json:"functions"`       // packages that it then had
	Error     string    `json:"error,omitempty"` // why it could not be looked through
	Problems  []string  `json:"problems,omitempty"`
}

// FunctionSources is the answer to a list of sources.
type FunctionSources struct {
	Sources []FunctionSource `json:"sources"`
}

// storedSource is the document of a source.
type storedSource struct {
	NewFunctionSource
	Sealed    []byte    `json:"sealed,omitempty"` // the secret
	Synced    time.Time `json:"synced,omitzero"`
	Functions int       `json:"functions,omitempty"`
	Error     string    `json:"error,omitempty"`
	Problems  []string  `json:"problems,omitempty"`
	Vanished  bool      `json:"vanished,omitempty"` // at the last look nothing was left of what there had been
}

// maxProblems is how many problems of a source are shown.
const maxProblems = 50

func (s *server) listFunctionSources(ctx context.Context, r request) (any, error) {
	list, err := s.store.Objects(ctx, r.scope, store.Objects{Kind: functionSourceKind})
	if err != nil {
		return nil, err
	}
	out := FunctionSources{Sources: []FunctionSource{}}
	for _, o := range list {
		var d storedSource
		if err := o.Decode(&d); err != nil {
			return nil, err
		}
		shown := d.shown(o)
		states, err := s.functions.states(ctx, o)
		if err != nil {
			return nil, err
		}
		for _, base := range sortedBases(states) {
			if text := states[base].Problem; text != "" && len(shown.Problems) < maxProblems {
				shown.Problems = append(shown.Problems, base+": "+text)
			}
		}
		out.Sources = append(out.Sources, shown)
	}
	return out, nil
}

func (d storedSource) shown(o store.Object) FunctionSource {
	return FunctionSource{
		ID: o.ID, Account: o.Account.String(), Place: d.Place, Endpoint: d.Endpoint, Region: d.Region, PathStyle: d.PathStyle, Key: d.Key,
		Minutes: d.Minutes, Created: o.Created, Synced: d.Synced, Functions: d.Functions, Error: d.Error, Problems: d.Problems,
	}
}

// check tells what is wrong with a new source.
func (in NewFunctionSource) check() error {
	if in.Minutes < 0 || in.Minutes > maxMinutes {
		return fault.OnField("minutes", "must be from 1 to %d", maxMinutes)
	}
	if (in.Key == "") != (in.Secret == "") {
		return fault.OnField("secret", "must be given with key, and not without it")
	}
	if in.Endpoint != "" {
		u, err := url.Parse(in.Endpoint)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			return fault.OnField("endpoint", "must be an address such as https://s3.example.org")
		}
	}
	return nil
}

func (s *server) createFunctionSource(ctx context.Context, r request) (any, error) {
	var in NewFunctionSource
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	o, err := s.store.Organization(ctx)
	if err != nil {
		return nil, err
	}
	// What lies on the server, and what its own credentials open, is of those who
	// run it.
	mine := r.caller.Account == o.Management
	if !strings.HasPrefix(in.Place, "s3://") && !mine {
		return nil, fault.New(fault.Denied, "Only the management account may have folders of the server watched; name a bucket.")
	}
	if strings.HasPrefix(in.Place, "s3://") && in.Key == "" && !mine {
		return nil, fault.OnField("key", "may be empty for the management account only")
	}
	in.Minutes = cmp.Or(in.Minutes, defaultMinutes)
	object := store.Object{
		Kind: functionSourceKind, Account: r.caller.Account, ID: strings.ToLower(rand.Text()[:16]), Created: r.now, Updated: r.now,
	}
	d := storedSource{NewFunctionSource: in}
	d.Secret = ""
	if in.Secret != "" {
		if d.Sealed, err = s.store.SealSecret(functionSecrets, object.ID, in.Secret); err != nil {
			return nil, err
		}
	}
	place, err := s.functions.open(object.ID, d)
	if err != nil {
		return nil, fault.OnField("place", "cannot be used: %v", err)
	}
	if err := place.Close(); err != nil {
		return nil, err
	}
	scope := org.Only(r.caller.Account)
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, r.caller.Account); err != nil {
			return err
		}
		list, err := tx.Objects(ctx, scope, store.Objects{Kind: functionSourceKind})
		if err != nil {
			return err
		}
		if len(list) >= maxSources {
			return fault.New(fault.Quota, "An account may have at most %d sources of functions.", maxSources)
		}
		if err := tx.Put(ctx, scope, object, d); err != nil {
			return err
		}
		return enqueueFunctionSync(ctx, tx, object, r.now)
	})
	return d.shown(object), err
}

// open opens the place of a source.
func (p *functionWatch) open(id string, d storedSource) (discover.Place, error) {
	o := discover.PlaceOptions{Place: d.Place, Endpoint: d.Endpoint, Region: d.Region, PathStyle: d.PathStyle, Key: d.Key}
	if d.Key == "" {
		o.Key, o.Secret = p.server.S3.ID, p.server.S3.Secret
		if o.Endpoint == "" {
			o.Endpoint, o.PathStyle = p.server.S3Endpoint, p.server.S3PathStyle
		}
	} else {
		var err error
		if o.Secret, err = p.server.store.OpenSecret(functionSecrets, id, d.Sealed); err != nil {
			return nil, err
		}
	}
	return discover.OpenPlace(o)
}

// enqueueFunctionSync has a source looked through.
func enqueueFunctionSync(ctx context.Context, tx *store.Tx, o store.Object, now time.Time) error {
	return tx.Enqueue(ctx, store.Job{
		Kind: functionSyncJob, Key: o.ID, Account: o.Account, Run: now, Args: []byte(`{"source":` + strconv.Quote(o.ID) + `}`),
	})
}

func (s *server) syncFunctionSource(ctx context.Context, r request) (any, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := tx.Object(ctx, r.scope, functionSourceKind, r.PathValue("id"))
		if err != nil {
			return err
		}
		return enqueueFunctionSync(ctx, tx, o, r.now)
	})
}

// deleteFunctionSource ends the watching of a source. Its functions are gone: if
// they come from elsewhere, they come back from there.
func (s *server) deleteFunctionSource(ctx context.Context, r request) (any, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := tx.Object(ctx, r.scope, functionSourceKind, r.PathValue("id"))
		if err != nil {
			return err
		}
		if err := tx.Delete(ctx, r.scope, functionSourceKind, o.ID); err != nil {
			return err
		}
		args, err := json.Marshal(functionArgs{Source: o.ID})
		if err != nil {
			return err
		}
		return tx.Enqueue(ctx, store.Job{Kind: functionForgetJob, Key: o.ID, Account: o.Account, Run: r.now, Priority: 1, Args: args})
	})
}

func (s *server) deleteFunction(ctx context.Context, r request) (any, error) {
	res := resource.Resource{
		Type: resource.Function, ID: resource.FunctionARN(r.caller.Account.String(), s.Region, r.PathValue("id")),
		Account: r.caller.Account.String(), Region: s.Region,
	}
	scope := org.Only(r.caller.Account)
	known, found, err := s.store.Watched(ctx, scope, res)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "There is no function %s.", r.PathValue("id"))
	}
	if err != nil {
		return nil, err
	}
	return nil, s.store.Gone(ctx, scope, []resource.Resource{known.Resource}, r.now)
}

// FunctionTaken is the answer to an upload: what came of it, and the layers that
// the manifest names and nobody has sent.
type FunctionTaken struct {
	monitor.Summary
	LayersUnread []string `json:"layersUnread,omitempty"`
}

// putFunction takes in a function that is uploaded: a form with the manifest,
// the code, and its layers under the names that the manifest has for them.
func (s *server) putFunction(ctx context.Context, r request) (any, error) {
	dir, err := os.MkdirTemp("", "assay-function-")
	if err != nil {
		return nil, fmt.Errorf("making room for an upload: %w", err)
	}
	defer os.RemoveAll(dir)
	form, err := readForm(r, dir)
	if err != nil {
		return nil, err
	}
	m, err := discover.ParseFunction(form.manifest)
	if err != nil {
		return nil, err
	}
	if !m.Latest() {
		return nil, fault.OnField("version", "must be $LATEST: no other version is scanned")
	}
	if form.code == "" {
		return nil, fault.OnField("code", "must be the zip archive with the code of the function")
	}
	if by := r.caller.Subject; by != "" && by != resource.FunctionARN(r.caller.Account.String(), s.Region, m.Name) {
		return nil, fault.New(fault.Denied, "This key speaks for %s, not for function %s.", by, m.Name)
	}
	settings, err := s.store.Settings(ctx, org.Only(r.caller.Account), r.caller.Account)
	if err != nil {
		return nil, err
	}
	if !settings.On(org.Lambda) {
		return nil, fault.New(fault.Conflict, "Scanning of LAMBDA is switched off for account %s.", r.caller.Account)
	}
	f := fetched{manifest: m, code: form.code}
	for _, l := range m.Layers {
		path := form.layers[cmp.Or(l.File, l.ARN)]
		if path == "" {
			path = form.layers[l.ARN]
		}
		f.add(l, path)
	}
	out := FunctionTaken{LayersUnread: f.unread}
	reason, err := s.functions.refuse(ctx, r.caller.Account, f, r.now)
	if err != nil || reason != "" {
		out.Summary = unscanned(s.functions.resource(r.caller.Account, f), reason)
		return out, err
	}
	out.Summary, err = s.functions.take(ctx, r.caller.Account, f, r.now)
	if err == nil && out.NotScanned == monitor.UnsupportedCode {
		return nil, fault.OnField("code", "is not a zip archive that can be read, or a layer is none")
	}
	return out, err
}

// A form is what an upload holds.
type form struct {
	manifest []byte
	code     string            // path of a file
	layers   map[string]string // paths of files, by the names that came with them
}

// maxParts bounds the parts of an upload.
const maxParts = 16

// readForm puts the archives of an upload into files of a folder.
func readForm(r request, dir string) (form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return form{}, fault.New(fault.Invalid, "The body must be multipart/form-data with the parts manifest, code and layer.")
	}
	out := form{layers: map[string]string{}}
	reader := multipart.NewReader(bytes.NewReader(r.body), params["boundary"])
	for n := 0; ; n++ {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return form{}, fault.New(fault.Invalid, "The body is not whole multipart/form-data: %v.", err)
		}
		if n == maxParts {
			return form{}, fault.New(fault.Invalid, "The body has more than %d parts.", maxParts)
		}
		path := filepath.Join(dir, strconv.Itoa(n)+".zip") // a name of ours, whatever theirs is
		switch part.FormName() {
		case "manifest":
			out.manifest, err = io.ReadAll(io.LimitReader(part, discover.MaxManifest+1))
		case "code":
			out.code = path
			_, err = keep(path, part)
		case "layer":
			// The name is a key and never a path. FileName would cut an ARN.
			_, disposition, wrong := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
			if wrong != nil || disposition["filename"] == "" {
				return form{}, fault.OnField("layer", "must have a file name: the one that the manifest has for the layer")
			}
			out.layers[disposition["filename"]] = path
			_, err = keep(path, part)
		default:
			return form{}, fault.New(fault.Invalid, "The body has a part %q, but there are only manifest, code and layer.", part.FormName())
		}
		if err != nil {
			return form{}, fmt.Errorf("reading an upload: %w", err)
		}
	}
}

// keep writes an archive to a new file, up to the size that one may have.
func keep(path string, r io.Reader) (tooLarge bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	n, err := io.Copy(f, io.LimitReader(r, maxArchive+1))
	if closed := f.Close(); err == nil {
		err = closed
	}
	return n > maxArchive, err
}
