package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// Config says where events go, which and how. Members that do not go with its
// kind are empty. Its JSON is that of our own interface; doc/sinks.md describes
// it.
type Config struct {
	Name  string `json:"name"`            // unique, and the same for ever: what waits is kept under it
	Kind  string `json:"kind"`            // how they are sent: "file"
	Place string `json:"place,omitempty"` // where to: a path, an address, an ARN, as the kind has it

	Events        []string         `json:"events,omitempty"`        // beginnings of the kinds of event: "finding."; empty: all
	Accounts      []org.Account    `json:"-"`                       // empty: all
	Severity      finding.Severity `json:"severity,omitempty"`      // findings below it are left out
	Statuses      []string         `json:"statuses,omitempty"`      // of findings; empty: all
	ResourceTypes []string         `json:"resourceTypes,omitempty"` // in Amazon's words; empty: all
	Paused        bool             `json:"paused,omitempty"`        // events wait

	Region   string `json:"region,omitempty"`   // of the service of Amazon's; empty: that of the server
	Endpoint string `json:"endpoint,omitempty"` // its address; empty: Amazon's own
	Role     string `json:"role,omitempty"`     // ARN of a role to take on before each call
	Source   string `json:"source,omitempty"`   // of the events
	Product  string `json:"product,omitempty"`  // ARN under which findings are imported
	Hub      string `json:"hub,omitempty"`      // account into which they are; empty: that of the finding
	KeyID    string `json:"keyId,omitempty"`    // access key; empty: that of the server's surroundings

	Batch     bool   `json:"batch,omitempty"`     // several events in one message
	Authority string `json:"authority,omitempty"` // PEM of certificate authorities besides the system's
	Facility  int    `json:"facility,omitempty"`  // of syslog; 0: local0

	Secrets `json:"-"`
	Outside `json:"-"`
}

// Secrets are what of a Config is never shown again.
type Secrets struct {
	URL     string `json:"url,omitempty"`     // in place of Place, where the address itself lets in
	Secret  string `json:"secret,omitempty"`  // that signs what is sent
	Token   string `json:"token,omitempty"`   // that is shown to the receiver
	Key     string `json:"key,omitempty"`     // secret part of the access key
	Session string `json:"session,omitempty"` // token of a temporary access key
}

// Outside is what a sink has of the world around it.
type Outside struct {
	Environment func(name string) string // nil: empty
	Stdout      io.Writer
	Host        string // name of this machine
	Home        string // region of the server
	Version     string // of Assay
	Now         func() time.Time
}

// Sink is where events go.
type Sink struct {
	store.Sink
	Revision string // changes when the sink is another than it was
	Paused   bool
	batch    int // events at once
	// send hands over events, no two of one subject.
	send  func(ctx context.Context, list []store.Event) answer
	close func() // lets go of what is kept between calls; may be nil
}

// An answer is what came of handing over events.
type answer struct {
	said string  // by the receiver, in short
	errs []error // what went wrong with each; nil if nothing did
}

// all returns the answer that the same went wrong with all of n events.
func all(n int, err error) answer {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return answer{errs: errs}
}

// A refusal is an error that comes again however often the same is sent.
type refusal struct{ error }

// Unwrap returns the error.
func (r *refusal) Unwrap() error { return r.error }

func refuse(format string, args ...any) error { return &refusal{fmt.Errorf(format, args...)} }

// A kind is a way to send events.
type kind struct {
	name string
	// check tells what is wrong with a configuration, and fills in what follows
	// from the rest of it.
	check func(c *Config) error
	open  func(c Config) (Sink, error)
	uses  []string // members that go with the kind besides those that go with all
}

var awsUses = []string{"region", "endpoint", "role", "keyId", "key", "session", "authority"}

// kinds are the ways to send events.
func kinds() []kind {
	return []kind{
		{"eventbridge", checkEventBridge, openEventBridge, append([]string{"source"}, awsUses...)},
		{"sns", checkSNS, openSNS, append([]string{"source"}, awsUses...)},
		{"sqs", checkSQS, openSQS, append([]string{"source"}, awsUses...)},
		{"securityhub", checkSecurityHub, openSecurityHub, append([]string{"product", "hub"}, awsUses...)},
		{"webhook", checkWebhook, openWebhook, []string{"secret", "token", "batch", "authority"}},
		{"slack", checkSlack, openSlack, []string{"batch", "authority"}},
		{"syslog", checkSyslog, openSyslog, []string{"facility", "authority"}},
		{"file", checkFile, openFile, nil},
		{"stdout", nil, openStdout, nil},
	}
}

// kindOf returns the kind of that name.
func kindOf(name string) (kind, error) {
	list := kinds()
	if i := slices.IndexFunc(list, func(k kind) bool { return k.name == name }); i >= 0 {
		return list[i], nil
	}
	var names []string
	for _, k := range list {
		names = append(names, k.name)
	}
	return kind{}, fault.OnField("kind", "%q must be one of %s", name, strings.Join(names, ", "))
}

// eventKinds are the beginnings of kinds of event that there are.
var eventKinds = []string{"finding.", "scan.", "coverage.", "rule.", "autoenable."}

// Check tells what is wrong with a configuration, in words for whoever wrote it,
// and fills in what follows from the rest of it.
func (c *Config) Check() error {
	k, err := kindOf(c.Kind)
	if err != nil {
		return err
	}
	if err := c.checkFilter(); err != nil {
		return err
	}
	if err := c.checkUses(k); err != nil {
		return err
	}
	if c.Authority != "" {
		if _, err := c.authorities(); err != nil {
			return fault.OnField("authority", "%v", err)
		}
	}
	if k.check == nil {
		return nil
	}
	return k.check(c)
}

func (c *Config) checkFilter() error {
	for _, e := range c.Events {
		if !slices.ContainsFunc(eventKinds, func(k string) bool { return strings.HasPrefix(e, k) || e == strings.TrimSuffix(k, ".") }) {
			return fault.OnField("events", "%q must begin with one of %s", e, strings.Join(eventKinds, ", "))
		}
	}
	if c.Severity != "" && !slices.Contains(severities, c.Severity) {
		return fault.OnField("severity", "%q must be one of UNTRIAGED, INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL", c.Severity)
	}
	for _, s := range c.Statuses {
		if !slices.Contains([]string{string(store.Active), string(store.Suppressed), string(store.Closed)}, s) {
			return fault.OnField("statuses", "%q must be ACTIVE, SUPPRESSED or CLOSED", s)
		}
	}
	return nil
}

// checkUses refuses members that the kind does not have: they would be
// believed to do something.
func (c *Config) checkUses(k kind) error {
	text, err := json.Marshal(struct {
		Config
		Secrets
	}{*c, c.Secrets})
	if err != nil {
		return err
	}
	has := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &has); err != nil {
		return err
	}
	allowed := append([]string{"name", "kind", "place", "url", "events", "severity", "statuses", "resourceTypes", "paused"}, k.uses...)
	for _, name := range slices.Sorted(maps.Keys(has)) {
		if !slices.Contains(allowed, name) {
			return fault.OnField(name, "does not go with kind %s", k.name)
		}
	}
	return nil
}

// Open makes a sink ready. The configuration must be one that Check finds
// nothing wrong with.
func Open(c Config) (Sink, error) {
	k, err := kindOf(c.Kind)
	if err == nil && c.Name == "" {
		err = errors.New("it has no name")
	}
	var out Sink
	if err == nil {
		out, err = k.open(c)
	}
	if err != nil {
		return Sink{}, fmt.Errorf("opening sink %s: %w", c.Name, err)
	}
	out.Sink = store.Sink{Name: c.Name, Kinds: slices.Clone(c.Events), Accounts: slices.Clone(c.Accounts), Choose: choose(c)}
	out.Paused = c.Paused
	out.send = c.hiding(out.send)
	return out, nil
}

// Unusable returns a sink that cannot be opened: events wait for it.
func Unusable(c Config, cause error) Sink {
	return Sink{
		Sink:   store.Sink{Name: c.Name, Kinds: slices.Clone(c.Events), Accounts: slices.Clone(c.Accounts), Choose: choose(c)},
		Paused: c.Paused, batch: 1,
		send: func(_ context.Context, list []store.Event) answer { return all(len(list), cause) },
	}
}

// Tried is what came of trying a sink.
type Tried struct {
	OK    bool   `json:"ok"`
	Took  int64  `json:"milliseconds"`
	Said  string `json:"said,omitempty"`  // by the receiver
	Error string `json:"error,omitempty"` // what went wrong
}

// Try sends one event now and returns what the receiver said.
func (k Sink) Try(ctx context.Context, e store.Event, now func() time.Time) Tried {
	began := now()
	a := k.send(ctx, []store.Event{e})
	out := Tried{OK: true, Took: now().Sub(began).Milliseconds(), Said: a.said}
	if a.errs != nil && a.errs[0] != nil {
		out.OK, out.Error = false, a.errs[0].Error()
	}
	return out
}

// Close lets go of what the sink keeps between calls.
func (k Sink) Close() {
	if k.close != nil {
		k.close()
	}
}

// hiding blacks the secrets out of what a receiver or an error says: some
// receivers repeat what they were sent.
func (c Config) hiding(send func(context.Context, []store.Event) answer) func(context.Context, []store.Event) answer {
	var pairs []string
	for _, secret := range c.secrets() {
		pairs = append(pairs, secret, "[secret]")
	}
	if pairs == nil {
		return send
	}
	hide := strings.NewReplacer(pairs...)
	return func(ctx context.Context, list []store.Event) answer {
		a := send(ctx, list)
		a.said = hide.Replace(a.said)
		for i, err := range a.errs {
			if err == nil {
				continue
			}
			shown := errors.New(hide.Replace(err.Error()))
			if _, ok := errors.AsType[*refusal](err); ok {
				shown = &refusal{shown}
			}
			a.errs[i] = shown
		}
		return a
	}
}

// secrets returns all texts that nobody may see, the longest first.
func (c Config) secrets() []string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	add(c.Secret)
	add(c.Token)
	add(c.Key)
	add(c.Session)
	if u, err := url.Parse(c.URL); err == nil && c.URL != "" {
		add(c.URL)
		add(strings.Trim(u.Path, "/"))
		add(u.RawQuery)
		if u.User != nil {
			add(u.User.String())
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return out
}

// authorities returns whom a receiver's certificate may be vouched for by; nil:
// the system's.
func (c Config) authorities() (*x509.CertPool, error) {
	if c.Authority == "" {
		return nil, nil //nolint:nilnil // what the standard library understands as the system's
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM([]byte(c.Authority)) {
		return nil, errors.New("holds no certificate in PEM form")
	}
	return pool, nil
}

func (c Config) tls() (*tls.Config, error) {
	pool, err := c.authorities()
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, err
}

func (c Config) environment(name string) string {
	if c.Environment == nil {
		return ""
	}
	return c.Environment(name)
}

func (c Config) now() time.Time {
	if c.Now == nil {
		return time.Now() //nolint:forbidigo // what signs needs the moment at which it is sent
	}
	return c.Now()
}
