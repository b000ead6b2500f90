package discover

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// parseDistribution reads the envelope of the registry that most others are
// made of. It tells of every blob, too; only manifests are images.
// Source: CNCF Distribution, "Work with notifications", sections "Envelope" and
// "Events".
func parseDistribution(d Delivery) ([]Event, error) {
	var envelope struct {
		Events []struct {
			Timestamp string `json:"timestamp"`
			Action    string `json:"action"`
			Target    struct {
				MediaType  string `json:"mediaType"`
				Digest     string `json:"digest"`
				Repository string `json:"repository"`
				Tag        string `json:"tag"`
			} `json:"target"`
			Request struct {
				Host      string `json:"host"`
				Method    string `json:"method"`
				UserAgent string `json:"useragent"`
			} `json:"request"`
			Actor struct {
				Name string `json:"name"`
			} `json:"actor"`
		} `json:"events"`
	}
	if err := decode(d.Body, &envelope); err != nil {
		return nil, err
	}
	if envelope.Events == nil {
		return nil, errors.New("no envelope of events")
	}
	var out []Event
	for _, e := range envelope.Events {
		kind, known := kinds[e.Action]
		switch {
		case !known:
			continue
		case kind == Delete: // names no media type; a blob is deleted by the garbage collector alone
		case !manifestType(e.Target.MediaType):
			continue
		case kind == Pull && e.Request.Method == http.MethodHead:
			continue // somebody has only asked whether it is there
		}
		out = append(out, Event{
			Kind: kind, Registry: clip(e.Request.Host), Repository: e.Target.Repository, Tag: e.Target.Tag, Digest: e.Target.Digest,
			Time: moment(e.Timestamp), Actor: clip(e.Actor.Name), Agent: clip(e.Request.UserAgent),
		})
	}
	return out, nil
}

// kinds are the words for what happens, in any of the formats.
var kinds = map[string]Kind{
	"push": Push, "pushed": Push, "mount": Push, "published": Push, "updated": Push, "insert": Push, "created": Push,
	"pull": Pull, "pulled": Pull,
	"delete": Delete, "deleted": Delete,
}

func manifestType(t string) bool {
	return slices.Contains(accepted, t) || strings.HasPrefix(t, "application/vnd.docker.distribution.manifest.v1")
}

// parseHarbor reads Harbor's own format, or its CloudEvents.
// Source: Harbor, "Configure Webhook Notifications", section "Payload Format".
func parseHarbor(d Delivery) ([]Event, error) {
	type data struct {
		Resources []struct {
			Digest string `json:"digest"`
			Tag    string `json:"tag"`
			URL    string `json:"resource_url"`
		} `json:"resources"`
		Repository struct {
			FullName string `json:"repo_full_name"`
		} `json:"repository"`
	}
	var n struct {
		Type      string  `json:"type"`
		OccurAt   float64 `json:"occur_at"`
		Operator  string  `json:"operator"`
		EventData data    `json:"event_data"`
		Data      data    `json:"data"` // of a CloudEvent, as are:
		Time      string  `json:"time"`
		Operators string  `json:"operators"`
	}
	if err := decode(d.Body, &n); err != nil {
		return nil, err
	}
	kind, known := harborKinds[n.Type]
	if !known {
		return nil, nil // other things happen in Harbor as well
	}
	what, at := n.EventData, moment(n.Time)
	if what.Resources == nil {
		what = n.Data
	}
	if seconds := int64(n.OccurAt); seconds > 0 && seconds < 1<<40 {
		at = time.Unix(seconds, 0).UTC()
	}
	var out []Event
	for _, r := range what.Resources {
		host, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(r.URL, "https://"), "http://"), "/")
		tag := r.Tag
		if strings.HasPrefix(tag, "sha256:") { // an image without a tag has its digest there
			tag = ""
		}
		out = append(out, Event{
			Kind: kind, Registry: clip(host), Repository: what.Repository.FullName, Tag: tag, Digest: r.Digest, Time: at,
			Actor: clip(n.Operator + n.Operators),
		})
	}
	return out, nil
}

var harborKinds = map[string]Kind{
	"PUSH_ARTIFACT": Push, "PULL_ARTIFACT": Pull, "DELETE_ARTIFACT": Delete,
	"harbor.artifact.pushed": Push, "harbor.artifact.pulled": Pull, "harbor.artifact.deleted": Delete,
}

// parseGitHub reads the events "package" and "registry_package" of containers.
// Source: GitHub, "Webhook events and payloads", package and registry_package.
func parseGitHub(d Delivery) ([]Event, error) {
	type pack struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		Type      string `json:"package_type"`
		Updated   string `json:"updated_at"`
		Owner     struct {
			Login string `json:"login"`
		} `json:"owner"`
		Version struct {
			Version   string `json:"version"`
			URL       string `json:"package_url"`
			Container struct {
				Tag struct {
					Name   string `json:"name"`
					Digest string `json:"digest"`
				} `json:"tag"`
			} `json:"container_metadata"`
		} `json:"package_version"`
	}
	var n struct {
		Action   string `json:"action"`
		Package  *pack  `json:"package"`
		Registry *pack  `json:"registry_package"`
		Sender   struct {
			Login string `json:"login"`
		} `json:"sender"`
	}
	if err := decode(d.Body, &n); err != nil {
		return nil, err
	}
	p := cmp.Or(n.Package, n.Registry)
	kind, known := kinds[n.Action]
	if p == nil || !known || !strings.EqualFold(p.Type, "container") {
		return nil, nil // such as the ping when the hook is set up
	}
	e := Event{
		Kind: kind, Registry: "ghcr.io", Tag: p.Version.Container.Tag.Name, Digest: p.Version.Container.Tag.Digest,
		Repository: strings.ToLower(cmp.Or(p.Namespace, p.Owner.Login) + "/" + p.Name), // names of images are in small letters
		Time:       moment(p.Updated), Actor: clip(n.Sender.Login),
	}
	if e.Digest == "" && ValidDigest(p.Version.Version) {
		e.Digest = p.Version.Version
	}
	if host, _, ok := strings.Cut(p.Version.URL, "/"); ok && strings.Contains(host, ".") {
		e.Registry = clip(host)
	}
	return []Event{e}, nil
}

// parseGitLab reads what the registry of a GitLab sends to further receivers,
// which is the envelope of distribution, and the event of a pipeline that has
// succeeded: GitLab has none for images alone, and pipelines push them.
// Sources: GitLab, "GitLab container registry administration", section
// "Configure container registry notifications"; "Webhook events", section
// "Pipeline events".
func parseGitLab(d Delivery) ([]Event, error) {
	var n struct {
		Kind       string `json:"object_kind"`
		Attributes struct {
			Status   string `json:"status"`
			Finished string `json:"finished_at"`
		} `json:"object_attributes"`
		Project struct {
			Path string `json:"path_with_namespace"`
		} `json:"project"`
		User struct {
			Username string `json:"username"`
		} `json:"user"`
	}
	if err := decode(d.Body, &n); err != nil {
		return nil, err
	}
	switch {
	case n.Kind == "":
		return parseDistribution(d)
	case n.Kind != "pipeline" || n.Attributes.Status != "success":
		return nil, nil
	}
	at, err := time.Parse("2006-01-02 15:04:05 MST", n.Attributes.Finished)
	if err != nil {
		at = moment(n.Attributes.Finished)
	}
	return []Event{{Kind: Push, Repository: strings.ToLower(n.Project.Path), Time: at.UTC(), Actor: clip(n.User.Username)}}, nil
}

// A cloudEvent is one event, with the members of data that registries use.
// Sources: CloudEvents 1.0.2, "JSON Event Format"; Microsoft Learn, "Azure
// Container Registry as an Event Grid source"; zot, "Events".
type cloudEvent struct {
	Type string    `json:"type"`
	Time string    `json:"time"`
	Data cloudData `json:"data"`
}

type cloudData struct {
	Action     string `json:"action"`
	Registry   string `json:"registry"`
	Repository string `json:"repository"`
	Name       string `json:"name"`
	Reference  string `json:"reference"`
	Tag        string `json:"tag"`
	Digest     string `json:"digest"`
	Target     struct {
		Repository string `json:"repository"`
		Tag        string `json:"tag"`
		Digest     string `json:"digest"`
	} `json:"target"`
	Request struct {
		Host      string `json:"host"`
		UserAgent string `json:"useragent"`
	} `json:"request"`
}

// parseCloudEvents reads one event in structured or binary mode, or a batch.
// Source: CloudEvents 1.0.2, "HTTP Protocol Binding".
func parseCloudEvents(d Delivery) ([]Event, error) {
	var list []cloudEvent
	var err error
	switch kind := mediaType(d.Header); {
	case kind == "application/cloudevents-batch+json":
		err = decode(d.Body, &list)
	case d.Header.Get("Ce-Type") != "":
		e := cloudEvent{Type: d.Header.Get("Ce-Type"), Time: d.Header.Get("Ce-Time")}
		err = decode(d.Body, &e.Data)
		list = []cloudEvent{e}
	default:
		list = make([]cloudEvent, 1)
		if err = decode(d.Body, &list[0]); err == nil && list[0].Type == "" {
			err = errors.New("an event without a type")
		}
	}
	if err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return nil, errors.New("no CloudEvents: " + clip(wrong.Field) + " is of another kind")
		}
		return nil, err
	}
	var out []Event
	for _, c := range list {
		if e, ok := c.event(); ok {
			out = append(out, e)
		}
	}
	return out, nil
}

// event returns what a CloudEvent tells; false if it is about something else.
func (c cloudEvent) event() (Event, bool) {
	kind, known := kinds[strings.ToLower(c.Data.Action)]
	if !known { // the last word of the type: zotregistry.image.updated, Microsoft.ContainerRegistry.ImagePushed
		word := strings.ToLower(c.Type[strings.LastIndexByte(c.Type, '.')+1:])
		word = strings.TrimPrefix(strings.TrimPrefix(word, "image"), "artifact")
		if kind, known = kinds[word]; !known {
			return Event{}, false
		}
	}
	e := Event{
		Kind: kind, Registry: clip(cmp.Or(c.Data.Registry, c.Data.Request.Host)), Time: moment(c.Time), Agent: clip(c.Data.Request.UserAgent),
		Repository: cmp.Or(c.Data.Target.Repository, c.Data.Repository, c.Data.Name),
		Tag:        cmp.Or(c.Data.Target.Tag, c.Data.Tag, c.Data.Reference), Digest: cmp.Or(c.Data.Target.Digest, c.Data.Digest),
	}
	if ValidDigest(e.Tag) {
		e.Tag, e.Digest = "", cmp.Or(e.Digest, e.Tag)
	}
	return e, true
}
