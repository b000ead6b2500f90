package discover

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of notifications.
const (
	// MaxNotification is how many bytes of a notification are read.
	MaxNotification = 1 << 20
	maxEvents       = 1000            // of one notification
	maxName         = 512             // bytes of a name in an event
	freshness       = 5 * time.Minute // how old, or early, a signed notification may be
)

// Why a notification is not taken.
var (
	ErrForged = errors.New("the notification is not signed with the secret of this registry")
	ErrStale  = errors.New("the notification was signed more than 5 minutes ago, or will be")
)

// Kind is what has happened to an image.
type Kind string

// What happens to images.
const (
	Push   Kind = "push"
	Pull   Kind = "pull"
	Delete Kind = "delete"
)

// Event is what a notification tells. It is a hint where to look, not a fact:
// whoever has the secret may have made it up.
type Event struct {
	Kind       Kind
	Registry   string    // as who did it called it; may be empty
	Repository string    // valid as a name
	Tag        string    // may be empty
	Digest     string    // of a manifest or an index, valid; may be empty
	Time       time.Time // zero if it is not told
	Actor      string    // the user at the registry; may be empty
	Agent      string    // the program; may be empty
}

// Delivery is a notification as it came.
type Delivery struct {
	Header http.Header
	Body   []byte
}

// Notice is a notification that is what it claims to be.
type Notice struct {
	// ID is the same for the same notification.
	ID string
	// Once means that whoever sends it makes no second copy: another with the
	// same ID is a replay, and not a sender's second try.
	Once   bool
	Events []Event
}

// A hookFormat is a way in which registries notify.
type hookFormat struct {
	// verify tells whether a delivery is signed with a secret, and its id if it
	// has one that is signed.
	verify func(d Delivery, secret string, now time.Time) (id string, err error)
	parse  func(d Delivery) ([]Event, error)
	once   bool
}

// hookFormats are the ways in which registries notify, by the name that is set
// up with the registry.
var hookFormats = map[string]hookFormat{
	"distribution": {verify: byAuthorization, parse: parseDistribution},
	"harbor":       {verify: byAuthorization, parse: parseHarbor},
	"github":       {verify: byGitHub, parse: parseGitHub},
	"gitlab":       {verify: byGitLab, parse: parseGitLab},
	"cloudevents":  {verify: byStandard, parse: parseCloudEvents, once: true},
}

// HookFormats returns the names of the ways in which registries notify, sorted.
func HookFormats() []string { return slices.Sorted(maps.Keys(hookFormats)) }

// Receive verifies a notification of a format and returns what it tells. What
// is not signed is ErrForged, what is too old ErrStale.
func Receive(format string, d Delivery, secret string, now time.Time) (Notice, error) {
	f, ok := hookFormats[format]
	if !ok || secret == "" {
		return Notice{}, ErrForged
	}
	id, err := f.verify(d, secret, now)
	if err != nil {
		return Notice{}, err
	}
	if id == "" {
		sum := sha256.Sum256(d.Body)
		id = hex.EncodeToString(sum[:])
	}
	events, err := f.parse(d)
	if err != nil {
		return Notice{}, fmt.Errorf("reading a notification: %w", err)
	}
	if len(events) > maxEvents {
		return Notice{}, fmt.Errorf("reading a notification: more than %d events", maxEvents)
	}
	return Notice{ID: id, Once: f.once, Events: usable(events)}, nil
}

// usable returns the events that can be followed: what they name can exist.
func usable(events []Event) []Event {
	return slices.DeleteFunc(events, func(e Event) bool {
		return !ValidRepository(e.Repository) || e.Tag != "" && !ValidTag(e.Tag) || e.Digest != "" && !ValidDigest(e.Digest)
	})
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// byAuthorization takes the secret itself in the header that every client can
// be told to send, with or without the name of a scheme.
// Sources: CNCF Distribution, "Configuring a registry", notifications.endpoints
// .headers; Harbor, "Configure Webhook Notifications", Auth Header.
func byAuthorization(d Delivery, secret string, _ time.Time) (string, error) {
	got := d.Header.Get("Authorization")
	if len(got) > len("bearer ") && strings.EqualFold(got[:len("bearer ")], "bearer ") {
		got = got[len("bearer "):]
	}
	if !same(strings.TrimSpace(got), secret) {
		return "", ErrForged
	}
	return "", nil
}

// byGitHub takes the HMAC of the body.
// Source: GitHub, "Validating webhook deliveries".
func byGitHub(d Delivery, secret string, _ time.Time) (string, error) {
	digits, ok := strings.CutPrefix(d.Header.Get("X-Hub-Signature-256"), "sha256=")
	got, err := hex.DecodeString(digits)
	if !ok || err != nil || !hmac.Equal(got, mac([]byte(secret), d.Body)) {
		return "", ErrForged
	}
	return "", nil
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// byGitLab takes the secret itself.
// Source: GitLab, "Webhooks", section "Delivery headers", X-Gitlab-Token.
func byGitLab(d Delivery, secret string, _ time.Time) (string, error) {
	if !same(d.Header.Get("X-Gitlab-Token"), secret) {
		return "", ErrForged
	}
	return "", nil
}

// byStandard takes the HMAC of id, time and body.
// Source: Standard Webhooks specification, "Webhook Headers" and "Signature
// scheme".
func byStandard(d Delivery, secret string, now time.Time) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		key = []byte(secret)
	}
	id, at := d.Header.Get("Webhook-Id"), d.Header.Get("Webhook-Timestamp")
	if id == "" || len(id) > maxName {
		return "", ErrForged
	}
	want := mac(key, []byte(id), []byte("."), []byte(at), []byte("."), d.Body)
	signed := false
	for text := range strings.FieldsSeq(d.Header.Get("Webhook-Signature")) { // one for each key while they change
		digits, ok := strings.CutPrefix(text, "v1,")
		got, err := base64.StdEncoding.DecodeString(digits)
		signed = signed || ok && err == nil && hmac.Equal(got, want)
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if !signed || err != nil {
		return "", ErrForged
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > freshness || age < -freshness {
		return "", ErrStale
	}
	return id, nil
}

// clip bounds a text that is only for people or for comparing.
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxName)], "") }

// decode reads JSON; what has been put after it is an error too.
func decode(b []byte, v any) error {
	if len(b) > MaxNotification {
		return fmt.Errorf("more than %d bytes", MaxNotification)
	}
	return json.Unmarshal(b, v)
}

// moment reads a time; zero if it is none.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
