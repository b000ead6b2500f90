package discover

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const hash = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

var at = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// notifications are one or more of each format, and what they tell.
var notifications = []struct {
	name, format string
	header       http.Header
	body         string
	want         []Event
}{
	{
		name: "distribution: a push and a blob", format: "distribution", body: `{"events":[
			{"id":"1","timestamp":"2026-01-02T03:04:05Z","action":"push","target":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"` + hash + `","repository":"shop/web","tag":"1"},
			 "request":{"host":"registry:5000","method":"PUT","useragent":"docker/27"},"actor":{"name":"ci"}},
			{"id":"2","action":"push","target":{"mediaType":"application/octet-stream","digest":"` + hash + `","repository":"shop/web"}}]}`,
		want: []Event{{Kind: Push, Registry: "registry:5000", Repository: "shop/web", Tag: "1", Digest: hash, Time: at, Actor: "ci", Agent: "docker/27"}},
	},
	{
		name: "distribution: pulls, one of which only asks", format: "distribution", body: `{"events":[
			{"action":"pull","target":{"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","digest":"` + hash + `","repository":"a"},"request":{"method":"GET"}},
			{"action":"pull","target":{"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","digest":"` + hash + `","repository":"a"},"request":{"method":"HEAD"}}]}`,
		want: []Event{{Kind: Pull, Repository: "a", Digest: hash}},
	},
	{
		name: "distribution: a deletion, and names that cannot be", format: "distribution", body: `{"events":[
			{"action":"delete","target":{"digest":"` + hash + `","repository":"a"}},
			{"action":"delete","target":{"digest":"` + hash + `","repository":"../a"}},
			{"action":"delete","target":{"digest":"sha256:1","repository":"a"}},
			{"action":"delete","target":{"tag":"a/../b","repository":"a"}},
			{"action":"sing","target":{"digest":"` + hash + `","repository":"a"}}]}`,
		want: []Event{{Kind: Delete, Repository: "a", Digest: hash}},
	},
	{
		name: "harbor: an image with a tag and one without", format: "harbor", body: `{"type":"PUSH_ARTIFACT","occur_at":1767323045,"operator":"admin","event_data":{
			"resources":[{"digest":"` + hash + `","tag":"v1","resource_url":"harbor.example.com/lib/web:v1"},{"digest":"` + hash + `","tag":"` + hash + `","resource_url":"harbor.example.com/lib/web@` + hash + `"}],
			"repository":{"name":"web","namespace":"lib","repo_full_name":"lib/web"}}}`,
		want: []Event{
			{Kind: Push, Registry: "harbor.example.com", Repository: "lib/web", Tag: "v1", Digest: hash, Time: at, Actor: "admin"},
			{Kind: Push, Registry: "harbor.example.com", Repository: "lib/web", Digest: hash, Time: at, Actor: "admin"},
		},
	},
	{
		name: "harbor: as a CloudEvent", format: "harbor", body: `{"specversion":"1.0","type":"harbor.artifact.deleted","time":"2026-01-02T03:04:05Z","operators":"admin",
			"data":{"resources":[{"digest":"` + hash + `","tag":"v1"}],"repository":{"repo_full_name":"lib/web"}}}`,
		want: []Event{{Kind: Delete, Repository: "lib/web", Tag: "v1", Digest: hash, Time: at, Actor: "admin"}},
	},
	{name: "harbor: something else", format: "harbor", body: `{"type":"SCANNING_COMPLETED"}`},
	{
		name: "github: a package", format: "github", body: `{"action":"published","package":{"name":"Web","namespace":"Acme","package_type":"CONTAINER","updated_at":"2026-01-02T03:04:05Z",
			"package_version":{"version":"` + hash + `","package_url":"ghcr.io/acme/web:1","container_metadata":{"tag":{"name":"1","digest":"` + hash + `"}}}},"sender":{"login":"bot"}}`,
		want: []Event{{Kind: Push, Registry: "ghcr.io", Repository: "acme/web", Tag: "1", Digest: hash, Time: at, Actor: "bot"}},
	},
	{
		name: "github: a package of the registry", format: "github", body: `{"action":"updated","registry_package":{"name":"web","package_type":"container","owner":{"login":"acme"},
			"package_version":{"version":"` + hash + `"}}}`,
		want: []Event{{Kind: Push, Registry: "ghcr.io", Repository: "acme/web", Digest: hash}},
	},
	{name: "github: a package of npm", format: "github", body: `{"action":"published","package":{"name":"web","namespace":"acme","package_type":"npm"}}`},
	{name: "github: a ping", format: "github", body: `{"zen":"Design for failure.","hook_id":1}`},
	{
		name: "gitlab: its registry", format: "gitlab", body: `{"events":[{"action":"push","target":{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","digest":"` + hash + `","repository":"g/p"}}]}`,
		want: []Event{{Kind: Push, Repository: "g/p", Digest: hash}},
	},
	{
		name: "gitlab: a pipeline", format: "gitlab", body: `{"object_kind":"pipeline","object_attributes":{"status":"success","finished_at":"2026-01-02 03:04:05 UTC"},
			"project":{"path_with_namespace":"Group/App"},"user":{"username":"me"}}`,
		want: []Event{{Kind: Push, Repository: "group/app", Time: at, Actor: "me"}},
	},
	{name: "gitlab: a pipeline that failed", format: "gitlab", body: `{"object_kind":"pipeline","object_attributes":{"status":"failed"},"project":{"path_with_namespace":"g/p"}}`},
	{
		name: "cloudevents: structured", format: "cloudevents", header: http.Header{"Content-Type": {"application/cloudevents+json; charset=utf-8"}},
		body: `{"specversion":"1.0","id":"1","source":"ci","type":"org.example.image.pushed","time":"2026-01-02T03:04:05Z","data":{"registry":"r.example.com","repository":"web","tag":"1","digest":"` + hash + `"}}`,
		want: []Event{{Kind: Push, Registry: "r.example.com", Repository: "web", Tag: "1", Digest: hash, Time: at}},
	},
	{
		name: "cloudevents: binary, of zot", format: "cloudevents", header: http.Header{"Ce-Type": {"zotregistry.image.updated"}, "Ce-Time": {"2026-01-02T03:04:05Z"}},
		body: `{"name":"web","reference":"` + hash + `","mediaType":"x","manifest":"{}"}`,
		want: []Event{{Kind: Push, Repository: "web", Digest: hash, Time: at}},
	},
	{
		name: "cloudevents: a batch, of Azure", format: "cloudevents", header: http.Header{"Content-Type": {"application/cloudevents-batch+json"}},
		body: `[{"type":"Microsoft.ContainerRegistry.ImagePushed","data":{"action":"push","target":{"repository":"web","tag":"1","digest":"` + hash + `"},"request":{"host":"acme.azurecr.io","useragent":"docker/27"}}},
			{"type":"Microsoft.ContainerRegistry.ImageDeleted","data":{"target":{"repository":"web","digest":"` + hash + `"}}},
			{"type":"org.example.sung","data":{"repository":"web"}}]`,
		want: []Event{
			{Kind: Push, Registry: "acme.azurecr.io", Repository: "web", Tag: "1", Digest: hash, Agent: "docker/27"},
			{Kind: Delete, Repository: "web", Digest: hash},
		},
	},
}

const secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// signed returns a delivery of a format as its sender signs it.
func signed(format, body string, header http.Header, when time.Time) Delivery {
	h := header.Clone()
	if h == nil {
		h = http.Header{}
	}
	switch format {
	case "distribution":
		h.Set("Authorization", "Bearer "+secret)
	case "harbor":
		h.Set("Authorization", secret)
	case "github":
		h.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac([]byte(secret), []byte(body))))
	case "gitlab":
		h.Set("X-Gitlab-Token", secret)
	case "cloudevents":
		key, err := base64.StdEncoding.DecodeString(secret)
		if err != nil {
			panic(err)
		}
		h.Set("Webhook-Id", "m1")
		h.Set("Webhook-Timestamp", fmt.Sprint(when.Unix()))
		h.Set("Webhook-Signature", "v1,AAAA v1,"+base64.StdEncoding.EncodeToString(mac(key, fmt.Appendf(nil, "m1.%d.%s", when.Unix(), body))))
	}
	return Delivery{h, []byte(body)}
}

func TestReceive(t *testing.T) {
	t.Parallel()
	for _, tt := range notifications {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := signed(tt.format, tt.body, tt.header, at)
			got, err := Receive(tt.format, d, secret, at)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Events) == 0 {
				got.Events = nil
			}
			if diff := cmp.Diff(tt.want, got.Events); diff != "" {
				t.Error(diff)
			}
			if got.ID == "" || got.Once != (tt.format == "cloudevents") {
				t.Errorf("id %q, once %v", got.ID, got.Once)
			}
			for name, forged := range map[string]Delivery{
				"no signature": {tt.header, d.Body}, "another secret": signed(tt.format, tt.body, tt.header, at),
			} {
				key := secret
				if name == "another secret" {
					key = strings.ToLower(secret)
				}
				if forged.Header == nil {
					forged.Header = http.Header{}
				}
				if _, err := Receive(tt.format, forged, key, at); !errors.Is(err, ErrForged) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	good := notifications[len(notifications)-3]
	many := `{"events":[` + strings.Repeat(`{"action":"delete","target":{"repository":"a"}},`, maxEvents) + `{"action":"delete","target":{"repository":"a"}}]}`
	for _, tt := range []struct {
		name, format, body string
		when               time.Time
		want               string
	}{
		{"stale", "cloudevents", good.body, at.Add(-freshness - time.Second), ErrStale.Error()},
		{"ahead", "cloudevents", good.body, at.Add(freshness + time.Second), ErrStale.Error()},
		{"too many", "distribution", many, at, "more than 1000 events"},
		{"too large", "harbor", strings.Repeat(" ", MaxNotification+1), at, "more than 1048576 bytes"},
		{"an array", "github", "[]", at, "cannot unmarshal"},
		{"no type", "cloudevents", "{}", at, "without a type"},
		{"another kind", "cloudevents", `{"type":5}`, at, "type is of another kind"},
		{"no such format", "smoke", "{}", at, ErrForged.Error()},
	} {
		d := signed(tt.format, tt.body, http.Header{}, tt.when)
		if _, err := Receive(tt.format, d, secret, at); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := Receive("gitlab", Delivery{http.Header{}, nil}, "", at); !errors.Is(err, ErrForged) {
		t.Errorf("without a secret: %v", err)
	}
}

// fuzz checks that a format never panics, and tells only of what can exist.
func fuzz(f *testing.F, format string) {
	f.Helper()
	for _, n := range notifications {
		f.Add(n.body, n.header.Get("Ce-Type"), n.header.Get("Content-Type"))
	}
	f.Fuzz(func(t *testing.T, body, kind, content string) {
		h := http.Header{"Content-Type": {content}}
		if kind != "" {
			h.Set("Ce-Type", kind)
		}
		got, err := Receive(format, signed(format, body, h, at), secret, at)
		if errors.Is(err, ErrForged) || errors.Is(err, ErrStale) {
			t.Fatalf("signed, and yet %v", err)
		}
		for _, e := range got.Events {
			if e.Kind != Push && e.Kind != Pull && e.Kind != Delete || !ValidRepository(e.Repository) || e.Tag != "" && !ValidTag(e.Tag) ||
				e.Digest != "" && !ValidDigest(e.Digest) || len(e.Actor)+len(e.Agent)+len(e.Registry) > 3*maxName {
				t.Errorf("impossible event %+v", e)
			}
		}
	})
}

func FuzzDistribution(f *testing.F) { fuzz(f, "distribution") }
func FuzzHarbor(f *testing.F)       { fuzz(f, "harbor") }
func FuzzGitHub(f *testing.F)       { fuzz(f, "github") }
func FuzzGitLab(f *testing.F)       { fuzz(f, "gitlab") }
func FuzzCloudEvents(f *testing.F)  { fuzz(f, "cloudevents") }
