package classic

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector"
	"github.com/assay-project/assay/internal/api/wire"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// maxTopics is how many topics may be told of the events of a template. It is
// our limit: Amazon does not say which it has.
const maxTopics = 50

// A subscription is the events of a template that a topic is to be told of. They
// are kept; nothing is published to the topic yet.
type subscription struct {
	Topic  string                        `json:"topic"`
	Events []inspector.EventSubscription `json:"events"`
}

// checkTopic refuses what is no ARN of a topic.
// Source: Amazon SNS, "Actions, resources, and condition keys".
func checkTopic(arn string) error {
	parts := strings.Split(arn, ":")
	if len(parts) == 6 && parts[0] == "arn" && strings.HasPrefix(parts[1], "aws") && parts[2] == "sns" && parts[3] != "" && parts[5] != "" {
		if _, err := org.ParseAccount(parts[4]); err == nil {
			return nil
		}
	}
	return refuse(inspector.InvalidInputErrorCodeInvalidSnsTopicArn, "%q is no ARN of a topic.", arn)
}

// subscriptionID tells the topics of a template apart.
func subscriptionID(template, topic string) string {
	sum := sha256.Sum256([]byte(topic))
	return template + "." + hex.EncodeToString(sum[:16])
}

// subscribe adds an event to those that a topic is to be told of. One that is
// among them stays as it is.
func (o Operations) subscribe(ctx context.Context, in *inspector.SubscribeToEventRequest) (*wire.None, error) {
	if err := checkTopic(in.TopicARN); err != nil {
		return nil, err
	}
	return &wire.None{}, o.change(ctx, func(tx *store.Tx) error {
		t, err := find[template](ctx, tx, resourceKind, in.ResourceARN)
		if err != nil {
			return err
		}
		present, err := all[subscription](ctx, tx, subscriptionObject, t.ID)
		if err != nil {
			return err
		}
		h := api.Held[subscription]{
			Object: o.object(ctx, subscriptionObject, subscriptionID(t.ID, in.TopicARN), t.ID),
			ARN:    t.ARN, Value: subscription{Topic: in.TopicARN},
		}
		i := slices.IndexFunc(present, func(p api.Held[subscription]) bool { return p.ID == h.ID })
		switch {
		case i >= 0:
			h = present[i]
		case len(present) >= maxTopics:
			return full(inspector.LimitExceededErrorCodeEventSubscriptionLimitExceeded, maxTopics, "topics of one template")
		}
		if slices.ContainsFunc(h.Value.Events, func(e inspector.EventSubscription) bool { return e.Event == in.Event }) {
			return nil
		}
		h.Updated = o.Now()
		h.Value.Events = append(h.Value.Events, inspector.EventSubscription{Event: in.Event, SubscribedAt: h.Updated})
		return h.Keep(ctx, tx)
	})
}

// unsubscribe is the reverse of subscribe. What is not subscribed to, is no
// fault.
func (o Operations) unsubscribe(ctx context.Context, in *inspector.UnsubscribeFromEventRequest) (*wire.None, error) {
	if err := checkTopic(in.TopicARN); err != nil {
		return nil, err
	}
	return &wire.None{}, o.change(ctx, func(tx *store.Tx) error {
		t, err := find[template](ctx, tx, resourceKind, in.ResourceARN)
		if err != nil {
			return err
		}
		object, err := tx.Object(ctx, own(ctx), subscriptionObject, subscriptionID(t.ID, in.TopicARN))
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		h, err := api.ReadHeld[subscription](object)
		if err != nil {
			return err
		}
		h.Updated = o.Now()
		h.Value.Events = slices.DeleteFunc(h.Value.Events, func(e inspector.EventSubscription) bool { return e.Event == in.Event })
		if len(h.Value.Events) == 0 {
			return tx.Delete(ctx, own(ctx), h.Kind, h.ID)
		}
		return h.Keep(ctx, tx)
	})
}

func (o Operations) listSubscriptions(
	ctx context.Context, in *inspector.ListEventSubscriptionsRequest,
) (*inspector.ListEventSubscriptionsResponse, error) {
	const most = 50 // of the model
	var templates []string
	if in.ResourceARN != "" {
		var err error
		if templates, err = parents[template](ctx, o, resourceKind, []string{in.ResourceARN}); err != nil {
			return nil, err
		}
	}
	p := page{
		operation: "ListEventSubscriptions", asked: in.ResourceARN,
		token: in.NextToken, size: in.MaxResults, most: most,
	}
	rows, next, err := list(ctx, o, subscriptionObject, templates, p, func(api.Held[subscription]) bool { return true })
	out := &inspector.ListEventSubscriptionsResponse{Subscriptions: []inspector.Subscription{}, NextToken: next}
	for _, h := range rows {
		out.Subscriptions = append(out.Subscriptions, inspector.Subscription{
			ResourceARN: h.ARN, TopicARN: h.Value.Topic, EventSubscriptions: h.Value.Events,
		})
	}
	return out, err
}
