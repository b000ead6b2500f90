package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

// batchSize is how many events one request to a bus, topic or queue may hold.
// Source: Amazon EventBridge API Reference, PutEvents, Entries; Amazon SNS API
// Reference, PublishBatch; Amazon SQS API Reference, SendMessageBatch.
const batchSize = 10

// inFlight is how many events are taken at once for one of Amazon's services.
const inFlight = 100

var (
	busForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(arn:aws[\w-]*:events:[a-z0-9-]+:\d{12}:event-bus/)?[/.\w-]+$`)
	})
	topicForm = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$`)
	})
)

func checkEventBridge(c *Config) error {
	if c.Place != "" && !busForm().MatchString(c.Place) {
		return fault.OnField("place", "%q must be the name or ARN of an event bus", c.Place)
	}
	c.Region = cmp.Or(c.Region, arnRegion(c.Place))
	if c.Source == "" {
		c.Source = OwnSource
		if c.Endpoint != "" {
			c.Source = Source // no bus of Amazon's, which would refuse it
		}
	}
	if strings.HasPrefix(c.Source, "aws.") && c.Endpoint == "" {
		return fault.OnField("source", "%q may not begin with aws.: Amazon's event bus takes that from Amazon only", c.Source)
	}
	if len(c.Statuses) == 0 {
		// What is suppressed is not told of; what is no longer, is.
		// Source: Amazon Inspector User Guide, "Amazon EventBridge event schema
		// for Amazon Inspector events".
		c.Statuses = []string{string(store.Active), string(store.Closed)}
	}
	return checkAWS(c)
}

// An eventEntry is an event as PutEvents has it.
// Source: Amazon EventBridge API Reference, PutEventsRequestEntry.
type eventEntry struct {
	Time       int64    `json:"Time"` // seconds since 1970; the bus keeps no more
	Source     string   `json:"Source"`
	Resources  []string `json:"Resources"`
	DetailType string   `json:"DetailType"`
	Detail     string   `json:"Detail"`
	Bus        string   `json:"EventBusName"`
}

// size is that by which the bus measures.
// Source: Amazon EventBridge User Guide, "Calculating PutEvents event entry
// size".
func (e eventEntry) size() int {
	n := 14 + len(e.Source) + len(e.DetailType) + len(e.Detail)
	for _, r := range e.Resources {
		n += len(r)
	}
	return n
}

func openEventBridge(c Config) (Sink, error) {
	s, err := newService(c, "events")
	if err != nil {
		return Sink{}, err
	}
	bus := cmp.Or(c.Place, "default")
	send := func(ctx context.Context, list []store.Event) answer {
		entries, errs := make([]eventEntry, len(list)), make([]error, len(list))
		for i, e := range list {
			said, err := contentOf(e)
			if err != nil {
				errs[i] = &refusal{err}
				continue
			}
			entries[i] = eventEntry{e.At.Unix(), c.Source, said.Resources, said.Type, string(said.Detail), bus}
			if n := entries[i].size(); n > maxMessages {
				errs[i] = refuse("the event has %d bytes, more than the %d that may be sent", n, maxMessages)
			}
		}
		return inBatches(errs, struct{ count, bytes int }{batchSize, maxMessages}, func(i int) int { return entries[i].size() },
			func(places []int) (string, []error) {
				return apart(places, func(places []int) (string, []error, error) { return s.putEvents(ctx, pick(entries, places)) })
			})
	}
	return Sink{batch: inFlight, send: send, close: s.close}, nil
}

func pick[T any](list []T, places []int) []T {
	out := make([]T, len(places))
	for i, p := range places {
		out[i] = list[p]
	}
	return out
}

// putEvents publishes events.
func (s service) putEvents(ctx context.Context, list []eventEntry) (said string, errs []error, err error) {
	body, err := json.Marshal(map[string]any{"Entries": list})
	if err != nil {
		return "", nil, err
	}
	got, err := s.call(ctx, operation{kind: "application/x-amz-json-1.1", target: "AWSEvents.PutEvents", body: body})
	if err != nil {
		return "", nil, err
	}
	var out struct {
		Failed  int `json:"FailedEntryCount"`
		Entries []struct {
			ID      string `json:"EventId"`
			Code    string `json:"ErrorCode"`
			Message string `json:"ErrorMessage"`
		} `json:"Entries"`
	}
	if err := json.Unmarshal(got.body, &out); err != nil || len(out.Entries) != len(list) {
		return "", nil, fmt.Errorf("%s does not answer as the event bus does: %s", s.address, got.said())
	}
	errs = make([]error, len(list))
	for i, e := range out.Entries {
		if e.Code != "" || e.ID == "" {
			errs[i] = entry{Code: e.Code, Message: e.Message}.err("events")
		}
	}
	return got.said(), errs, nil
}

func checkSNS(c *Config) error {
	if !topicForm().MatchString(c.Place) {
		return fault.OnField("place", "%q must be the ARN of a topic", c.Place)
	}
	c.Region, c.Source = cmp.Or(c.Region, arnRegion(c.Place)), cmp.Or(c.Source, Source)
	return checkAWS(c)
}

func openSNS(c Config) (Sink, error) {
	s, err := newService(c, "sns")
	if err != nil {
		return Sink{}, err
	}
	fifo := strings.HasSuffix(c.Place, ".fifo")
	return messageSink(c, s, fifo, func(ctx context.Context, list []message) (string, []error, error) {
		return s.publish(ctx, c.Place, list)
	}), nil
}

// messageSink returns a sink that sends messages.
func messageSink(c Config, s service, fifo bool, send func(context.Context, []message) (string, []error, error)) Sink {
	return Sink{batch: inFlight, close: s.close, send: func(ctx context.Context, list []store.Event) answer {
		messages, errs := messagesOf(list, c.Source, fifo)
		return inBatches(errs, struct{ count, bytes int }{batchSize, maxMessages}, func(i int) int { return messages[i].size() },
			func(places []int) (string, []error) {
				return apart(places, func(places []int) (string, []error, error) { return send(ctx, pick(messages, places)) })
			})
	}}
}

// publish publishes messages to a topic.
// Source: Amazon SNS API Reference, PublishBatch, "Sample Request".
func (s service) publish(ctx context.Context, topic string, list []message) (said string, errs []error, err error) {
	form := url.Values{"Action": {"PublishBatch"}, "Version": {"2010-03-31"}, "TopicArn": {topic}}
	for i, m := range list {
		name := fmt.Sprintf("PublishBatchRequestEntries.member.%d.", i+1)
		form.Set(name+"Id", m.id)
		form.Set(name+"Message", m.body)
		if m.group != "" {
			form.Set(name+"MessageGroupId", m.group)
			form.Set(name+"MessageDeduplicationId", m.once)
		}
		for j, a := range m.attributes {
			of := fmt.Sprintf("%sMessageAttributes.entry.%d.", name, j+1)
			form.Set(of+"Name", a[0])
			form.Set(of+"Value.DataType", "String")
			form.Set(of+"Value.StringValue", a[1])
		}
	}
	got, err := s.call(ctx, operation{kind: "application/x-www-form-urlencoded; charset=utf-8", body: []byte(form.Encode())})
	if err != nil {
		return "", nil, err
	}
	var out struct {
		XMLName xml.Name `xml:"PublishBatchResponse"`
		Result  struct {
			Failed []entry  `xml:"Failed>member"`
			Sent   []string `xml:"Successful>member>Id"`
		} `xml:"PublishBatchResult"`
	}
	if err := xml.Unmarshal(got.body, &out); err != nil {
		return "", nil, fmt.Errorf("%s does not answer as SNS does: %s", s.address, got.said())
	}
	return got.said(), errorsOf("sns", list, out.Result.Failed, out.Result.Sent), nil
}

var queueRegion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^sqs\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$`) })

func checkSQS(c *Config) error {
	u, err := webAddress(c.Place)
	if err != nil || strings.Count(strings.Trim(u.Path, "/"), "/") < 1 {
		return fault.OnField("place", "%q must be the address of a queue, such as https://sqs.us-east-1.amazonaws.com/111122223333/findings", c.Place)
	}
	if m := queueRegion().FindStringSubmatch(u.Host); m != nil {
		c.Region = cmp.Or(c.Region, m[1])
	} else {
		c.Endpoint = cmp.Or(c.Endpoint, u.Scheme+"://"+u.Host) // a service of one's own
	}
	c.Source = cmp.Or(c.Source, Source)
	return checkAWS(c)
}

func openSQS(c Config) (Sink, error) {
	s, err := newService(c, "sqs")
	if err != nil {
		return Sink{}, err
	}
	fifo := strings.HasSuffix(c.Place, ".fifo")
	return messageSink(c, s, fifo, func(ctx context.Context, list []message) (string, []error, error) {
		return s.enqueue(ctx, c.Place, list)
	}), nil
}

// A queued message is one as SendMessageBatch has it.
// Source: Amazon SQS API Reference, SendMessageBatchRequestEntry.
type queued struct {
	ID         string                    `json:"Id"`
	Body       string                    `json:"MessageBody"`
	Attributes map[string]attributeValue `json:"MessageAttributes"`
	Group      string                    `json:"MessageGroupId,omitempty"`
	Once       string                    `json:"MessageDeduplicationId,omitempty"`
}

type attributeValue struct {
	Type  string `json:"DataType"`
	Value string `json:"StringValue"`
}

// enqueue sends messages to a queue.
func (s service) enqueue(ctx context.Context, queue string, list []message) (said string, errs []error, err error) {
	entries := make([]queued, len(list))
	for i, m := range list {
		entries[i] = queued{m.id, m.body, map[string]attributeValue{}, m.group, m.once}
		for _, a := range m.attributes {
			entries[i].Attributes[a[0]] = attributeValue{"String", a[1]}
		}
	}
	body, err := json.Marshal(map[string]any{"QueueUrl": queue, "Entries": entries})
	if err != nil {
		return "", nil, err
	}
	got, err := s.call(ctx, operation{kind: "application/x-amz-json-1.0", target: "AmazonSQS.SendMessageBatch", body: body})
	if err != nil {
		return "", nil, err
	}
	var out struct {
		Failed []entry
		Sent   []struct {
			ID string `json:"Id"`
		} `json:"Successful"`
	}
	if err := json.Unmarshal(got.body, &out); err != nil {
		return "", nil, fmt.Errorf("%s does not answer as SQS does: %s", s.address, got.said())
	}
	sent := make([]string, len(out.Sent))
	for i, e := range out.Sent {
		sent[i] = e.ID
	}
	return got.said(), errorsOf("sqs", list, out.Failed, sent), nil
}
