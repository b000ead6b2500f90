package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

// SignatureHeader is where the signature of a webhook stands.
const SignatureHeader = "Assay-Signature"

// Limits of webhooks.
const (
	maxHooks     = 24 // events at once, each in a request of its own
	hooksAtATime = 8  // of these requests
	maxHookBatch = 100
	maxHookBytes = 1 << 20 // of a batch
	leastSecret  = 16      // characters
)

// address is where a webhook goes.
func (c Config) address() string { return cmp.Or(c.URL, c.Place) }

// checkAddress tells what is wrong with the address of a webhook.
func (c *Config) checkAddress() error {
	field := "place"
	if c.URL != "" {
		field = "url"
	}
	u, err := webAddress(c.address())
	if err != nil {
		return fault.OnField(field, "%v", err)
	}
	if u.User != nil && c.URL == "" {
		return fault.OnField("place", "holds a password: give it as url, which is kept secret")
	}
	if c.URL != "" {
		c.Place = u.Scheme + "://" + u.Host // all that is shown of it
	}
	return nil
}

func checkWebhook(c *Config) error {
	if c.Secret != "" && len(c.Secret) < leastSecret {
		return fault.OnField("secret", "must have at least %d characters", leastSecret)
	}
	if strings.ContainsAny(c.Token, "\r\n") {
		return fault.OnField("token", "must be one line")
	}
	return c.checkAddress()
}

// A cloudEvent is an event in the structured JSON form of CloudEvents.
// Source: CloudEvents 1.0.2, "Context Attributes"; "JSON Event Format for
// CloudEvents", sections 3 and 4.
type cloudEvent struct {
	Spec    string `json:"specversion"`
	ID      string `json:"id"`
	Source  string `json:"source"`
	Type    string `json:"type"`
	Subject string `json:"subject"`
	Time    string `json:"time"`
	Content string `json:"datacontenttype"`

	Account    string `json:"awsaccount"`
	Region     string `json:"awsregion,omitempty"`
	DetailType string `json:"detailtype"`

	Data json.RawMessage `json:"data"`
}

// cloudEventOf writes an event in the form of CloudEvents.
func cloudEventOf(e store.Event) ([]byte, error) {
	c, err := contentOf(e)
	if err != nil {
		return nil, &refusal{err}
	}
	text, err := json.Marshal(cloudEvent{
		Spec: "1.0", ID: e.ID, Source: "urn:assay:" + c.Region + ":" + e.Account.String(), Type: "assay." + e.Kind, Subject: e.Subject,
		Time: e.At.UTC().Format(time.RFC3339Nano), Content: "application/json",
		Account: e.Account.String(), Region: c.Region, DetailType: c.Type, Data: c.Detail,
	})
	if err != nil {
		return nil, &refusal{err}
	}
	return text, nil
}

// Sign returns the signature of a body that is sent at a time: a receiver makes
// it again of the time in it and of what it got.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(t + "."))
	m.Write(body)
	return fmt.Sprintf("t=%s,v1=%s", t, hex.EncodeToString(m.Sum(nil)))
}

// A hook posts bodies to one address.
type hook struct {
	browser
	Config
	kind string // Content-Type
}

func newHook(c Config, kind string) (hook, error) {
	b, err := newBrowser(c)
	return hook{b, c, kind}, err
}

// send posts a body, signed if there is a secret.
func (h hook) send(ctx context.Context, body []byte) (reply, error) {
	header := http.Header{"Content-Type": {h.kind}, "User-Agent": {"assay/" + cmp.Or(h.Version, "0")}}
	if h.Token != "" {
		header.Set("Authorization", "Bearer "+h.Token)
	}
	if h.Secret != "" {
		header.Set(SignatureHeader, Sign(h.Secret, h.now(), body))
	}
	return h.post(ctx, h.address(), header, body)
}

func openWebhook(c Config) (Sink, error) {
	kind := "application/cloudevents+json; charset=utf-8"
	if c.Batch {
		kind = "application/cloudevents-batch+json; charset=utf-8"
	}
	h, err := newHook(c, kind)
	if err != nil {
		return Sink{}, err
	}
	out := Sink{batch: maxHooks, close: h.close, send: h.each}
	if c.Batch {
		out.batch, out.send = maxHookBatch, h.batches
	}
	return out, nil
}

// each posts every event by itself, several at a time.
func (h hook) each(ctx context.Context, list []store.Event) answer {
	errs, said := make([]error, len(list)), make([]string, len(list))
	var g errgroup.Group
	g.SetLimit(hooksAtATime)
	for i, e := range list {
		g.Go(func() error {
			body, err := cloudEventOf(e)
			if err == nil {
				var got reply
				got, err = h.send(ctx, body)
				said[i] = got.said()
			}
			errs[i] = err
			return nil
		})
	}
	_ = g.Wait() // none returns an error
	return answer{said[0], errs}
}

// batches posts events together.
func (h hook) batches(ctx context.Context, list []store.Event) answer {
	texts, errs := make([][]byte, len(list)), make([]error, len(list))
	for i, e := range list {
		texts[i], errs[i] = cloudEventOf(e)
	}
	return inBatches(errs, struct{ count, bytes int }{maxHookBatch, maxHookBytes}, func(i int) int { return len(texts[i]) + 1 },
		func(places []int) (string, []error) {
			return apart(places, func(places []int) (string, []error, error) {
				body := append(append([]byte("["), bytes.Join(pick(texts, places), []byte(","))...), ']')
				got, err := h.send(ctx, body)
				return got.said(), nil, err
			})
		})
}
