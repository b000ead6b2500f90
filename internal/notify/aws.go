package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

// Four operations of Amazon's are called here. Each is one request, so that
// they are written out: the clients of the four services make a program 5 MB
// greater, as measured.

// A service is one of Amazon's, called with signed requests.
type service struct {
	browser
	name    string // that signatures name, and the first word of its host
	region  string
	address string
	agent   string
	keys    aws.CredentialsProvider
	now     func() time.Time
}

// newService returns the service that a sink's configuration says.
func newService(c Config, name string) (service, error) {
	b, err := newBrowser(c)
	if err != nil {
		return service{}, err
	}
	keys, err := c.keys()
	if err != nil {
		return service{}, err
	}
	return c.service(name, b, keys), nil
}

// service returns a service that is called with some keys.
func (c Config) service(name string, b browser, keys aws.CredentialsProvider) service {
	region := c.region()
	return service{
		browser: b, name: name, region: region, agent: "assay/" + cmp.Or(c.Version, "0"), keys: keys, now: c.now,
		address: cmp.Or(strings.TrimSuffix(c.Endpoint, "/"), "https://"+name+"."+region+"."+domain(region)),
	}
}

// region is where the service is.
func (c Config) region() string { return cmp.Or(c.Region, c.Home, "us-east-1") }

// domain is that of Amazon's services in a region.
// Source: AWS General Reference, "AWS service endpoints".
func domain(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// An operation is one request of a service.
type operation struct {
	path   string // empty: /
	kind   string // Content-Type
	target string // X-Amz-Target; empty: none
	body   []byte
}

// call makes a request and returns the body of the answer.
func (s service) call(ctx context.Context, o operation) (reply, error) {
	keys, err := s.keys.Retrieve(ctx)
	if err != nil {
		return reply{}, fmt.Errorf("looking for credentials of AWS: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+cmp.Or(o.path, "/"), nil)
	if err != nil {
		return reply{}, fmt.Errorf("calling %s: %w", s.name, err)
	}
	r.Header.Set("Content-Type", o.kind)
	r.Header.Set("User-Agent", s.agent)
	if o.target != "" {
		r.Header.Set("X-Amz-Target", o.target)
	}
	r.ContentLength = int64(len(o.body)) // is signed
	sum := sha256.Sum256(o.body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, r, hex.EncodeToString(sum[:]), s.name, s.region, s.now()); err != nil {
		return reply{}, fmt.Errorf("signing a request: %w", err)
	}
	got, err := s.do(r, o.body)
	if err == nil && got.status/100 != 2 {
		err = s.failed(got)
	}
	return got, err
}

// An exception is how Amazon's services refuse.
type exception struct {
	Type    string `json:"__type"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Capital string `json:"Message"`
}

// failed makes of an answer an error. What is wrong with the request itself is
// a refusal; keys, limits and queues that are not there can be mended.
// Source: the API references of the four services, "Common Error Types".
func (s service) failed(r reply) error {
	var e exception
	if json.Valid(r.body) {
		_ = json.Unmarshal(r.body, &e) // what is no exception is shown as it is
	} else {
		var x struct {
			Error struct{ Code, Message string }
		}
		_ = xml.Unmarshal(r.body, &x) // the same
		e.Code, e.Message = x.Error.Code, x.Error.Message
	}
	code := cmp.Or(e.Type, e.Code)
	code = code[strings.LastIndexByte(code, '#')+1:]
	err := fmt.Errorf("%s answered %s: %s (HTTP %d)", s.name, cmp.Or(code, "nothing it explains"), cmp.Or(e.Message, e.Capital, r.said()), r.status)
	if hopelessCode(code) {
		return &refusal{err}
	}
	return err
}

// hopelessCode tells whether a code says that the same event will never be
// taken, whoever sends it.
// Source: Amazon EventBridge API Reference, PutEvents, "Adding events with
// PutEvents", "Handling failures"; Amazon SNS API Reference, PublishBatch;
// Amazon SQS API Reference, SendMessageBatch; AWS Security Hub API Reference,
// BatchImportFindings, sections "Errors".
func hopelessCode(code string) bool {
	code = code[strings.LastIndexByte(code, '.')+1:]
	return slices.Contains([]string{
		"InvalidArgument", "MalformedDetail", "InvalidParameter", "InvalidParameterValue", "InvalidParameterException", "ParameterValueInvalid",
		"InvalidMessageContents", "BatchRequestTooLong", "BatchRequestTooLongException", "InvalidBatchEntryId", "MessageTooLong",
		"InvalidInput", "InvalidInputException", "ValidationException", "ValidationError", "SerializationException",
	}, code)
}

// A message is an event as it is sent to a topic or queue, with what may be
// filtered by.
type message struct {
	id         string // within the batch
	body       string
	attributes [][2]string // name and value
	group      string      // of a FIFO topic or queue: what is to stay in order
	once       string      // the same for one event, so that it is not taken twice
}

// maxMessages is how much one request to a topic, queue or bus may hold, in
// bytes.
// Source: Amazon SNS Developer Guide, "Amazon SNS message batching"; Amazon SQS
// Developer Guide, "Amazon SQS message quotas"; Amazon EventBridge User Guide,
// "PutEvents event entry size". Some have been raised since.
const maxMessages = 256 << 10

func (m message) size() int {
	n := len(m.body)
	for _, a := range m.attributes {
		n += len(a[0]) + len(a[1]) + len("String")
	}
	return n
}

// messagesOf writes events as messages.
func messagesOf(list []store.Event, source string, fifo bool) ([]message, []error) {
	out, errs := make([]message, len(list)), make([]error, len(list))
	for i, e := range list {
		c, err := contentOf(e)
		if err != nil {
			errs[i] = &refusal{err}
			continue
		}
		text, err := json.Marshal(enveloped(e, c, source))
		if err != nil {
			errs[i] = &refusal{err}
			continue
		}
		m := message{id: fmt.Sprintf("e%d", i), body: string(text), attributes: [][2]string{
			{"kind", e.Kind}, {"detail-type", c.Type}, {"account", e.Account.String()},
		}}
		var f struct{ Severity string }
		if strings.HasPrefix(e.Kind, "finding.") && json.Unmarshal(c.Detail, &f) == nil && f.Severity != "" {
			m.attributes = append(m.attributes, [2]string{"severity", f.Severity})
		}
		if fifo {
			sum := sha256.Sum256([]byte(e.Subject)) // not every letter of it may stand in the name of a group
			m.group, m.once = hex.EncodeToString(sum[:]), e.ID
		}
		if m.size() > maxMessages {
			errs[i] = refuse("the event has %d bytes, more than the %d that may be sent", m.size(), maxMessages)
		}
		out[i] = m
	}
	return out, errs
}

// inBatches gives events to f in batches, as many and as great as one request
// may hold. f returns what went wrong with each of its batch, by place. Those
// with an error already are left out. When a whole batch finds nobody to take
// it, the rest is not tried.
func inBatches(errs []error, limit struct{ count, bytes int }, size func(i int) int, f func(places []int) (string, []error)) answer {
	said := ""
	var places []int
	sum := 0
	var down error
	flush := func() {
		if len(places) == 0 {
			return
		}
		var wrong []error
		if down == nil {
			var text string
			text, wrong = f(places)
			said, down = cmp.Or(text, said), nobody(wrong)
		} else {
			wrong = all(len(places), down).errs
		}
		for j, i := range places {
			if wrong != nil {
				errs[i] = wrong[j]
			}
		}
		places, sum = nil, 0
	}
	for i := range errs {
		if errs[i] != nil {
			continue
		}
		if len(places) == limit.count || sum+size(i) > limit.bytes {
			flush()
		}
		places, sum = append(places, i), sum+size(i)
	}
	flush()
	return answer{said, errs}
}

// nobody returns the first error if nothing went right and all may go right
// later.
func nobody(errs []error) error {
	for _, err := range errs {
		if _, ok := errors.AsType[*refusal](err); ok || err == nil {
			return nil
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errs[0]
}

// An entry is what a service says of one part of a batch that it did not take.
type entry struct {
	ID      string `json:"Id" xml:"Id"`
	Code    string `json:"Code" xml:"Code"`
	Message string `json:"Message" xml:"Message"`
}

func (e entry) err(service string) error {
	err := fmt.Errorf("%s answered %s: %s", service, cmp.Or(e.Code, "nothing it explains"), e.Message)
	if hopelessCode(e.Code) {
		return &refusal{err}
	}
	return err
}

// errorsOf returns what went wrong with each message of a batch.
func errorsOf(service string, list []message, failed []entry, sent []string) []error {
	errs := make([]error, len(list))
	for i, m := range list {
		if j := slices.IndexFunc(failed, func(e entry) bool { return e.ID == m.id }); j >= 0 {
			errs[i] = failed[j].err(service)
		} else if !slices.Contains(sent, m.id) {
			errs[i] = fmt.Errorf("%s did not say what became of the event", service)
		}
	}
	return errs
}

// apart calls f, and if the whole of it is refused for good, with each half:
// one event that a service does not understand is not to take others with it.
func apart(places []int, f func(places []int) (string, []error, error)) (string, []error) {
	said, errs, err := f(places)
	if err == nil {
		return said, errs
	}
	if _, ok := errors.AsType[*refusal](err); !ok || len(places) == 1 {
		a := all(len(places), err)
		return "", a.errs
	}
	half := len(places) / 2
	said1, errs1 := apart(places[:half], f)
	said2, errs2 := apart(places[half:], f)
	errs1, errs2 = padded(errs1, half), padded(errs2, len(places)-half)
	return cmp.Or(said1, said2), append(errs1, errs2...)
}

// padded returns errors, one for each of n.
func padded(errs []error, n int) []error {
	if errs == nil {
		return make([]error, n)
	}
	return errs
}

var regionForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`) })

// checkAWS tells what is wrong with what all of Amazon's services have.
func checkAWS(c *Config) error {
	if c.URL != "" {
		return fault.OnField("url", "does not go with kind %s", c.Kind)
	}
	if c.Region != "" && !regionForm().MatchString(c.Region) {
		return fault.OnField("region", "%q must be a region, such as us-east-1", c.Region)
	}
	if c.Endpoint != "" {
		if _, err := webAddress(c.Endpoint); err != nil {
			return fault.OnField("endpoint", "%v", err)
		}
	}
	if (c.KeyID == "") != (c.Key == "") {
		return fault.OnField("keyId", "and key go together")
	}
	if c.Session != "" && c.Key == "" {
		return fault.OnField("session", "goes with keyId and key")
	}
	if c.Role != "" && !roleForm().MatchString(c.Role) {
		return fault.OnField("role", "%q must be the ARN of a role", c.Role)
	}
	return nil
}

var roleForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`) })

// arnRegion is the region that an ARN names.
func arnRegion(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) < 6 {
		return ""
	}
	return parts[3]
}
