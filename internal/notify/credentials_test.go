package notify

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestChain: credentials from all surroundings of a server.
func TestChain(t *testing.T) {
	t.Parallel()
	const answer = `{"AccessKeyId":"%s","SecretAccessKey":"s","Token":"t","Expiration":"2099-01-01T00:00:00Z"}`
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /latest/api/token", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-aws-ec2-metadata-token-ttl-seconds") == "" {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprint(w, "metadata-token")
	})
	mux.HandleFunc("GET /latest/meta-data/iam/security-credentials/", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-aws-ec2-metadata-token") != "metadata-token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/") {
			fmt.Fprint(w, "the-role")
			return
		}
		fmt.Fprintf(w, answer, "INSTANCE"+filepath.Base(r.URL.Path))
	})
	mux.HandleFunc("GET /container", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, answer, "CONTAINER"+r.Header.Get("Authorization"))
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("Action") != "AssumeRoleWithWebIdentity" || r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprintf(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
			<Credentials><AccessKeyId>WEB%s</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>
			</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`, r.PostFormValue("WebIdentityToken"))
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "credentials")
	text := "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n[other]\naws_access_key_id=OTHER\naws_secret_access_key=s\naws_session_token=t\n"
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(token, []byte("token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		want string
		vars map[string]string
	}{
		{"ENV t", map[string]string{"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}},
		{"WEBtoken t", map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/r", "AWS_ENDPOINT_URL_STS": srv.URL}},
		{"FILE ", map[string]string{"AWS_SHARED_CREDENTIALS_FILE": file}},
		{"OTHER t", map[string]string{"AWS_SHARED_CREDENTIALS_FILE": file, "AWS_PROFILE": "other"}},
		{"CONTAINER t", map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": srv.URL + "/container"}},
		{"CONTAINERtoken t", map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": srv.URL + "/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token}},
		{"INSTANCEthe-role t", nil},
		{"", map[string]string{"AWS_EC2_METADATA_DISABLED": "true"}},
	} {
		c := chain{func(name string) string { return tt.vars[name] }, http.DefaultClient, srv.URL}
		got, err := c.Retrieve(t.Context())
		if shown := strings.TrimSuffix(got.AccessKeyID+" "+got.SessionToken, " "); err == nil && shown != strings.TrimSuffix(tt.want, " ") || (err == nil) != (tt.want != "") {
			t.Errorf("%v: %q, %v; want %q", tt.vars, shown, err, tt.want)
		}
	}
}

// TestRole: a role is taken on with the keys of the sink, and again when its
// own are about to end.
func TestRole(t *testing.T) {
	t.Parallel()
	asked := 0
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.PostFormValue("Action") != "AssumeRole" || !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/sts/aws4_request") {
			w.WriteHeader(http.StatusForbidden)
		}
		ends := time.Now().Add(time.Duration(asked-1) * time.Hour) // the first ones at once
		fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ROLE%d</AccessKeyId>
			<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
			asked, ends.UTC().Format(time.RFC3339))
	}))
	t.Cleanup(sts.Close)
	c := standInSinks(sts.URL)[0]
	c.Role = "arn:aws:iam::111122223333:role/publish"
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	keys, err := c.keys()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 3 {
		k, err := keys.Retrieve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, k.AccessKeyID)
	}
	if want := "[ROLE1 ROLE2 ROLE2]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}
