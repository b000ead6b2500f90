package sigv4_test

import (
	"strings"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/api/sigv4"
)

// javascript are requests of Amazon's clients for JavaScript, as they were
// captured on a socket, at a fixed time: version 3 is @aws-sdk/client-inspector2
// 3.1085.0, version 2 is aws-sdk 2.1693.0, both on Node.js 20.20.2. Only the
// user agent, which neither signs, and Connection are left out.
var javascript = []struct {
	name, service string
	session       bool
	request       string   // method and target
	header        []string // but Authorization
	body          string
	signed        string // SignedHeaders
	signature     string
}{
	{
		name: "version 3, body", service: "inspector2", request: "POST /findings/list",
		header: []string{
			"content-type: application/json",
			"content-length: 85",
			"x-amz-user-agent: aws-sdk-js/3.1084.0",
			"host: assay.example:18443",
			"amz-sdk-invocation-id: a61ac217-f2d4-4c5a-a709-9176fd1a32e3",
			"amz-sdk-request: attempt=1; max=1",
			"x-amz-date: 20260301T235800Z",
			"x-amz-content-sha256: ab725626e76437a2f1d564d151c9680a77715ca1fe0a75db039ad4dded22faa9",
		},
		body:      `{"maxResults":1,"filterCriteria":{"title":[{"comparison":"PREFIX","value":"é+ %"}]}}`,
		signed:    "amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-user-agent",
		signature: "8028fe3b6b2c7677533fc57d980816bd8bf9273d12a4caaceb102e3eb903f6f8",
	},
	{
		name: "version 3, path", service: "inspector2", request: "GET " + tagPath,
		header: []string{
			"x-amz-user-agent: aws-sdk-js/3.1084.0",
			"host: assay.example:18443",
			"amz-sdk-invocation-id: 9fb77056-1114-41ce-95ef-aba614b3975a",
			"amz-sdk-request: attempt=1; max=1",
			"x-amz-date: 20260301T235800Z",
			"x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		},
		signed:    "amz-sdk-invocation-id;amz-sdk-request;host;x-amz-content-sha256;x-amz-date;x-amz-user-agent",
		signature: "81d30e62e16c81aabd03e09d4314659a351961f9cb7e68cd4e33a3b31199ba36",
	},
	{
		name: "version 3, query", service: "inspector2", request: "DELETE " + tagPath + "?tagKeys=Param-3&tagKeys=Param&tagKeys=a%2Fb&tagKeys=%2B%25%3D",
		header: []string{
			"x-amz-user-agent: aws-sdk-js/3.1084.0",
			"host: assay.example:18443",
			"amz-sdk-invocation-id: dc31b58a-8227-4bb0-941c-025809ec14fe",
			"amz-sdk-request: attempt=1; max=1",
			"x-amz-date: 20260301T235800Z",
			"x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		},
		signed:    "amz-sdk-invocation-id;amz-sdk-request;host;x-amz-content-sha256;x-amz-date;x-amz-user-agent",
		signature: "075850c38e338e4c30b13e0045a8b5d4990ae1076c6dbf6727b2fdb401720ddb",
	},
	{
		name: "version 3, session", service: "inspector2", session: true, request: "GET /encryptionkey/get?resourceType=CODE_REPOSITORY&scanType=CODE",
		header: []string{
			"x-amz-user-agent: aws-sdk-js/3.1084.0",
			"host: assay.example:18443",
			"amz-sdk-invocation-id: a3a4e17e-52b6-43bc-87a0-893a6cfeeb64",
			"amz-sdk-request: attempt=1; max=1",
			"x-amz-date: 20260301T235800Z",
			"x-amz-security-token: AQoDYXdzEPT//////////wEXAMPLE+token/==",
			"x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		},
		signed:    "amz-sdk-invocation-id;amz-sdk-request;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-user-agent",
		signature: "af507b149fae9dfd321f44efc4b991be1867d1ee97a90a9ec88366cb040aecf0",
	},
	{
		name: "version 2, body", service: "inspector2", request: "POST /findings/list",
		header: []string{
			"Content-Type: application/json",
			"X-Amz-Content-Sha256: ab725626e76437a2f1d564d151c9680a77715ca1fe0a75db039ad4dded22faa9",
			"Content-Length: 85",
			"Host: assay.example:18443",
			"X-Amz-Date: 20260301T235800Z",
		},
		body:      `{"maxResults":1,"filterCriteria":{"title":[{"comparison":"PREFIX","value":"é+ %"}]}}`,
		signed:    "host;x-amz-content-sha256;x-amz-date",
		signature: "f510d114534b9afc6b00ec2e931c0666cf6c531faf47858d32f50a352e3356d8",
	},
	{
		name: "version 2, query", service: "inspector2", request: "DELETE " + tagPath + "?tagKeys=Param-3&tagKeys=Param&tagKeys=a%2Fb",
		header: []string{
			"X-Amz-Content-Sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			"Host: assay.example:18443",
			"X-Amz-Date: 20260301T235800Z",
		},
		signed:    "host;x-amz-content-sha256;x-amz-date",
		signature: "596240217e566679376e688b92e3c356080ca6ab1eebc86376419f31a742bb12",
	},
	{
		name: "version 2, scan", service: "inspector-scan", request: "POST /scan/sbom",
		header: []string{
			"Content-Type: application/json",
			"X-Amz-Content-Sha256: 5eee2fe0b6e955230872a2d224599cf79190d3c858784c9296891f95740b0a17",
			"Content-Length: 54",
			"Host: assay.example:18443",
			"X-Amz-Date: 20260301T235800Z",
		},
		body:      `{"sbom":{"bomFormat":"CycloneDX","specVersion":"1.5"}}`,
		signed:    "host;x-amz-content-sha256;x-amz-date",
		signature: "f2b3cc04cea88ea86fa7f1854e4f6550bb1a7d1648239b89c47bdc5d0466efb8",
	},
	{
		name: "version 2, Classic", service: "inspector", request: "POST /",
		header: []string{
			"Content-Type: application/x-amz-json-1.1",
			"X-Amz-Target: InspectorService.ListAssessmentTargets",
			"X-Amz-Content-Sha256: cad8446b050af2e06ebc5c7dae81d81e9732a9af8228b2c6dd3ecbc207e4e0a3",
			"Content-Length: 16",
			"Host: assay.example:18443",
			"X-Amz-Date: 20260301T235800Z",
		},
		body:      `{"maxResults":1}`,
		signed:    "host;x-amz-content-sha256;x-amz-date;x-amz-target",
		signature: "254cdb0a582d90337359be2fd151329b16629ac516568ab2f10554c81577eb6c",
	},
}

func TestJavaScriptSigners(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 23, 58, 0, 0, time.UTC)
	for _, tt := range javascript {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header := append(tt.header, "Authorization: AWS4-HMAC-SHA256 Credential="+keyID+"/20260301/"+region+"/"+tt.service+
				"/aws4_request, SignedHeaders="+tt.signed+", Signature="+tt.signature)
			r, body := received(t, []byte(tt.request+" HTTP/1.1\r\n"+strings.Join(header, "\r\n")+"\r\n\r\n"+tt.body))
			v := sigv4.Verifier[string]{Keys: longTerm(), Region: region}
			if tt.session {
				v.Keys = session(at.Add(time.Hour))
			}
			const refused = "403 InvalidSignatureException"
			for _, change := range []struct {
				name, service, region string
				body                  []byte
				now                   time.Time
				want                  string
			}{
				{"as sent", tt.service, region, body, at, "ok"},
				{"at the end of its life", tt.service, region, body, at.Add(sigv4.Skew), "ok"},
				{"replayed later", tt.service, region, body, at.Add(sigv4.Skew + time.Second), refused},
				{"another service", "ecr", region, body, at, refused},
				{"another region", tt.service, "us-east-1", body, at, refused},
				{"another body", tt.service, region, append([]byte(" "), body...), at, refused},
			} {
				v.Region = change.region
				_, err := v.Verify(t.Context(), r, sigv4.Call{Service: change.service, Body: change.body, Now: change.now})
				if got := exception(err); got != change.want {
					t.Errorf("%s: got %s (%v), want %s", change.name, got, err, change.want)
				}
			}
		})
	}
}
