package notify

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// early is how long before their end temporary credentials are renewed.
const early = 5 * time.Minute

// keys returns where the credentials of a sink come from: the sink itself, else
// the surroundings of the server; and with them those of the role, if one is to
// be taken on.
func (c Config) keys() (aws.CredentialsProvider, error) {
	var base aws.CredentialsProvider = credentials.NewStaticCredentialsProvider(c.KeyID, c.Key, c.Session)
	if c.KeyID == "" {
		base = chain{c.environment, &http.Client{Timeout: chainWithin}, metadataAddress}
	}
	renewed := func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = early }
	if c.Role == "" {
		return aws.NewCredentialsCache(base, renewed), nil
	}
	b, err := newBrowser(c)
	if err != nil {
		return nil, err
	}
	sts := c.service("sts", b, aws.NewCredentialsCache(base, renewed))
	return aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		return sts.assumeRole(ctx, url.Values{"Action": {"AssumeRole"}, "RoleArn": {c.Role}}, sts.call)
	}), renewed), nil
}

// assumeRole asks for the credentials of a role.
// Source: AWS Security Token Service API Reference, AssumeRole and
// AssumeRoleWithWebIdentity.
func (s service) assumeRole(ctx context.Context, form url.Values, call func(context.Context, operation) (reply, error)) (aws.Credentials, error) {
	form.Set("Version", "2011-06-15")
	form.Set("RoleSessionName", "assay")
	got, err := call(ctx, operation{kind: "application/x-www-form-urlencoded; charset=utf-8", body: []byte(form.Encode())})
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("taking on role %s: %w", form.Get("RoleArn"), err)
	}
	type result struct {
		Credentials struct {
			ID      string    `xml:"AccessKeyId"`
			Secret  string    `xml:"SecretAccessKey"`
			Session string    `xml:"SessionToken"`
			Expires time.Time `xml:"Expiration"`
		}
	}
	var out struct {
		Role result `xml:"AssumeRoleResult"`
		Web  result `xml:"AssumeRoleWithWebIdentityResult"`
	}
	if err := xml.Unmarshal(got.body, &out); err != nil {
		return aws.Credentials{}, fmt.Errorf("taking on role %s: %s does not answer as STS does", form.Get("RoleArn"), s.address)
	}
	found := out.Role.Credentials
	if found.ID == "" {
		found = out.Web.Credentials
	}
	return temporary(found.ID, found.Secret, found.Session, found.Expires)
}

func temporary(id, secret, session string, expires time.Time) (aws.Credentials, error) {
	if id == "" || secret == "" {
		return aws.Credentials{}, errors.New("the answer has no credentials")
	}
	return aws.Credentials{
		AccessKeyID: id, SecretAccessKey: secret, SessionToken: session, CanExpire: !expires.IsZero(), Expires: expires, Source: "assay",
	}, nil
}

const (
	chainWithin     = 5 * time.Second
	metadataAddress = "http://169.254.169.254"
)

// A chain finds credentials in the surroundings of the server, where Amazon's
// own clients do, and in their order.
// Source: AWS SDKs and Tools Reference Guide, "Standardized credential
// providers".
type chain struct {
	environment func(name string) string
	http        *http.Client
	metadata    string // address of the instance metadata service
}

// Retrieve returns the first credentials found.
func (c chain) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if id, secret := c.environment("AWS_ACCESS_KEY_ID"), c.environment("AWS_SECRET_ACCESS_KEY"); id != "" && secret != "" {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: c.environment("AWS_SESSION_TOKEN"), Source: "environment"}, nil
	}
	if file, role := c.environment("AWS_WEB_IDENTITY_TOKEN_FILE"), c.environment("AWS_ROLE_ARN"); file != "" && role != "" {
		return c.web(ctx, file, role)
	}
	if found, err := c.file(); err != nil || found.AccessKeyID != "" {
		return found, err
	}
	if address := c.environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); address != "" {
		return c.container(ctx, "http://169.254.170.2"+address)
	}
	if address := c.environment("AWS_CONTAINER_CREDENTIALS_FULL_URI"); address != "" {
		return c.container(ctx, address)
	}
	if strings.EqualFold(c.environment("AWS_EC2_METADATA_DISABLED"), "true") {
		return aws.Credentials{}, errors.New("there are none: give the sink keyId and key, or the server AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	return c.instance(ctx)
}

// web exchanges a token that lies in a file.
func (c chain) web(ctx context.Context, file, role string) (aws.Credentials, error) {
	token, err := os.ReadFile(file)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("reading the web identity token: %w", err)
	}
	region := cmp.Or(c.environment("AWS_REGION"), c.environment("AWS_DEFAULT_REGION"), "us-east-1")
	s := service{browser: browser{c.http}, name: "sts", address: cmp.Or(
		strings.TrimSuffix(cmp.Or(c.environment("AWS_ENDPOINT_URL_STS"), c.environment("AWS_ENDPOINT_URL")), "/"), "https://sts."+region+"."+domain(region))}
	form := url.Values{"Action": {"AssumeRoleWithWebIdentity"}, "RoleArn": {role}, "WebIdentityToken": {strings.TrimSpace(string(token))}}
	return s.assumeRole(ctx, form, func(ctx context.Context, o operation) (reply, error) { // the token is the signature
		return s.post(ctx, s.address+"/", http.Header{"Content-Type": {o.kind}}, o.body)
	})
}

// file reads the file that the command line of AWS writes; none is no error.
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
// files".
func (c chain) file() (out aws.Credentials, err error) {
	path := c.environment("AWS_SHARED_CREDENTIALS_FILE")
	if home := c.environment("HOME"); path == "" && home != "" {
		path = filepath.Join(home, ".aws", "credentials")
	}
	f, err := os.Open(path)
	if err != nil {
		return out, nil //nolint:nilerr // whoever has no such file has credentials elsewhere
	}
	defer f.Close()
	profile := cmp.Or(c.environment("AWS_PROFILE"), "default")
	section := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(text, "[") {
			section = strings.Trim(text, "[] \t")
		}
		name, value, _ := strings.Cut(text, "=")
		if value = strings.TrimSpace(value); section != profile {
			continue
		}
		switch strings.TrimSpace(name) {
		case "aws_access_key_id":
			out.AccessKeyID = value
		case "aws_secret_access_key":
			out.SecretAccessKey = value
		case "aws_session_token":
			out.SessionToken = value
		}
	}
	if out.SecretAccessKey == "" {
		out = aws.Credentials{}
	}
	return out, lines.Err()
}

// found is how both kinds of surroundings answer.
type found struct {
	ID      string    `json:"AccessKeyId"`
	Secret  string    `json:"SecretAccessKey"`
	Session string    `json:"Token"`
	Expires time.Time `json:"Expiration"`
}

// container asks whatever runs the container.
// Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
func (c chain) container(ctx context.Context, address string) (aws.Credentials, error) {
	header := http.Header{}
	if token := c.environment("AWS_CONTAINER_AUTHORIZATION_TOKEN"); token != "" {
		header.Set("Authorization", token)
	}
	if file := c.environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		token, err := os.ReadFile(file)
		if err != nil {
			return aws.Credentials{}, fmt.Errorf("reading the token of the container: %w", err)
		}
		header.Set("Authorization", strings.TrimSpace(string(token)))
	}
	return c.ask(ctx, address, header)
}

// instance asks the metadata service of the machine.
// Source: Amazon EC2 User Guide, "Use IMDSv2".
func (c chain) instance(ctx context.Context) (aws.Credentials, error) {
	token, err := c.get(ctx, http.MethodPut, c.metadata+"/latest/api/token", http.Header{"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": {"300"}})
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("asking the metadata service: %w", err)
	}
	header := http.Header{"X-Aws-Ec2-Metadata-Token": {string(token)}}
	const path = "/latest/meta-data/iam/security-credentials/"
	role, err := c.get(ctx, http.MethodGet, c.metadata+path, header)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("asking the metadata service for the role: %w", err)
	}
	name, _, _ := strings.Cut(strings.TrimSpace(string(role)), "\n")
	return c.ask(ctx, c.metadata+path+url.PathEscape(name), header)
}

func (c chain) ask(ctx context.Context, address string, header http.Header) (aws.Credentials, error) {
	text, err := c.get(ctx, http.MethodGet, address, header)
	if err != nil {
		return aws.Credentials{}, err
	}
	var f found
	if err := json.Unmarshal(text, &f); err != nil {
		return aws.Credentials{}, errors.New("the answer is no credentials")
	}
	return temporary(f.ID, f.Secret, f.Session, f.Expires)
}

// get makes a request; what is answered may be secret and is in no error.
func (c chain) get(ctx context.Context, method, address string, header http.Header) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header = header
	got, err := browser{c.http}.do(r, nil)
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("%s answered HTTP %d", r.URL.Host, got.status)
	}
	return got.body, err
}
