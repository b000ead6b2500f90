// Package server puts everything together that goes on by itself: it reads the
// configuration, opens what is kept, and serves until it is told to stop.
package server

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/org"
)

// Config is the whole configuration. The zero value is not usable: the tags
// hold the defaults, which the command line fills in, then a file, then the
// environment, then the flags.
type Config struct {
	Role string `group:"Role" enum:"all,api,worker" default:"all" env:"ASSAY_ROLE" help:"What this process does: all, api (answers calls and leaves jobs to others) or worker (does jobs, and answers nothing but /healthz, /readyz and /metrics). Those two need a PostgreSQL database and a place for blobs that they share."`

	Data     string `group:"Storage" placeholder:"DIR" env:"ASSAY_DATA" type:"path" help:"Folder of everything that is kept; made if it is not there. Default: ${data}."`
	Database string `group:"Storage" placeholder:"URL" env:"ASSAY_DATABASE" help:"PostgreSQL database, postgres://user@host/name; SQLite in the data folder if empty."`
	KeyFile  string `group:"Storage" placeholder:"FILE" env:"ASSAY_KEY_FILE" type:"path" help:"File with the 32 bytes, in hexadecimal, that secrets are sealed with; all servers of one database need the same. Default: master.key in the data folder, made at the first start."`
	Blobs    string `group:"Storage" placeholder:"PLACE" env:"ASSAY_BLOBS" help:"Where reports are kept that no bucket is named for: a folder, or s3://bucket/prefix. Default: blobs in the data folder."`

	Listen  string `group:"Network" default:"127.0.0.1:8480" env:"ASSAY_LISTEN" help:"Address to listen on."`
	URL     string `group:"Network" placeholder:"URL" env:"ASSAY_URL" help:"How clients reach the server, for links; follows from --listen if empty."`
	TLS     string `group:"Network" enum:"auto,off,self-signed,files" default:"auto" env:"ASSAY_TLS" help:"off, self-signed (made at the first start), files (--tls-cert and --tls-key), or auto: files if given, off on loopback, self-signed elsewhere."`
	TLSCert string `group:"Network" name:"tls-cert" placeholder:"FILE" env:"ASSAY_TLS_CERT" type:"path" help:"PEM file of the certificate and those that vouch for it."`
	TLSKey  string `group:"Network" name:"tls-key" placeholder:"FILE" env:"ASSAY_TLS_KEY" type:"path" help:"PEM file of its private key."`

	Account string `group:"Identity" placeholder:"DIGITS" env:"ASSAY_ACCOUNT" help:"Id of the first account, 12 digits; random if empty. Matters at the first start only."`
	Region  string `group:"Identity" default:"us-east-1" env:"ASSAY_REGION" help:"Region that the server answers for; clients must sign for it."`

	DB       string        `group:"Advisories" name:"db" placeholder:"FILE" env:"ASSAY_DB" type:"path" help:"Advisory database made by \"assay db build\", read again when it changes; the user's own or the small starter set if none is given."`
	DBReload time.Duration `group:"Advisories" name:"db-reload" default:"30s" env:"ASSAY_DB_RELOAD" help:"How often to look whether the database has changed."`

	Feeds      []string      `group:"Advisories" placeholder:"PLACE" env:"ASSAY_FEEDS" help:"Places of advisory files that the server builds its database of, in place of --db: folders, or http(s) addresses with an index.json; may be repeated."`
	FeedsEvery time.Duration `group:"Advisories" name:"feeds-every" default:"1h" env:"ASSAY_FEEDS_EVERY" help:"How often to look for changes there, at a moment of the interval that differs from installation to installation."`

	S3Endpoint  string `group:"S3" name:"s3-endpoint" placeholder:"URL" env:"ASSAY_S3_ENDPOINT" help:"Address of the S3 service that reports and SBOMs are delivered to; Amazon's own if empty."`
	S3PathStyle bool   `group:"S3" name:"s3-path-style" env:"ASSAY_S3_PATH_STYLE" help:"Name buckets in the path and not in the host, as most S3 services other than Amazon's want."`

	Events string `group:"Events" placeholder:"FILE" env:"ASSAY_EVENTS" type:"path" help:"File that every change of a finding, scan, coverage or suppression rule is appended to, one JSON object a line."`

	KeepClosed time.Duration `group:"Retention" default:"720h" env:"ASSAY_KEEP_CLOSED" help:"How long closed findings are kept."`
	KeepGone   time.Duration `group:"Retention" default:"72h" env:"ASSAY_KEEP_GONE" help:"How long closed findings of a resource that is gone are kept."`
	KeepAudit  time.Duration `group:"Retention" default:"8760h" env:"ASSAY_KEEP_AUDIT" help:"How long the record of calls is kept."`

	ReadRate  float64 `group:"Limits" default:"50" env:"ASSAY_READ_RATE" help:"Reading calls a second that one key may make on average; bursts of ten times as many."`
	WriteRate float64 `group:"Limits" default:"20" env:"ASSAY_WRITE_RATE" help:"Changing calls a second that one key may make on average; bursts of ten times as many."`
	Workers   int     `group:"Limits" default:"2" env:"ASSAY_WORKERS" help:"Jobs that run at the same time."`

	NoLocalScan bool `group:"Limits" name:"no-local-scan" env:"ASSAY_NO_LOCAL_SCAN" help:"Never scan the machine that the server runs on, whoever asks for it; else the management account may have it scanned."`

	LogLevel  string `group:"Observation" enum:"debug,info,warn,error" default:"info" env:"ASSAY_LOG_LEVEL" help:"What is logged: debug, info, warn or error."`
	LogFormat string `group:"Observation" enum:"text,json" default:"text" env:"ASSAY_LOG_FORMAT" help:"How it is logged: text or json."`
	Metrics   string `group:"Observation" placeholder:"ADDRESS" env:"ASSAY_METRICS" help:"Address of a listener of its own for /metrics; if empty, /metrics is on the main one and answers to this machine only."`
	Traces    string `group:"Observation" placeholder:"URL" env:"ASSAY_TRACES" help:"OTLP address that traces are sent to over HTTP, such as http://localhost:4318; none if empty."`

	lease time.Duration // of jobs; zero: 30 s
	host  string        // target that stands for this machine, in tests; empty: "host"
	beat  time.Duration // between two signs of life to who listens, in tests; zero: 15 s
}

// The roles of a process besides "all".
const (
	roleAPI    = "api"
	roleWorker = "worker"
)

// Check returns what is wrong with the configuration, all of it at once, each
// with the name of the key; and fills in what follows from other values.
func (c *Config) Check() error {
	var errs []error
	wrong := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if c.Data == "" {
		wrong("data", "names no folder")
	}
	if c.Database != "" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		wrong("database", "%q must begin with postgres://; leave it empty for SQLite", c.Database)
	}
	c.checkRole(wrong)
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		wrong("listen", "%q must be HOST:PORT, such as 127.0.0.1:8480", c.Listen)
	}
	if c.TLS == "files" || c.TLSCert != "" || c.TLSKey != "" {
		if c.TLSCert == "" || c.TLSKey == "" {
			wrong("tls-cert", "and tls-key must be given together")
		}
		if c.TLS == "off" || c.TLS == "self-signed" {
			wrong("tls", "is %s although tls-cert and tls-key are given", c.TLS)
		}
	}
	if c.Account != "" {
		if _, err := org.ParseAccount(c.Account); err != nil {
			wrong("account", "%v", err)
		}
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Host == "") {
		wrong("url", "%q must be an address such as https://assay.example.org", c.URL)
	}
	if strings.Count(c.Region, "-") < 2 {
		wrong("region", "%q must be a region, such as us-east-1", c.Region)
	}
	if c.ReadRate <= 0 || c.WriteRate <= 0 {
		wrong("read-rate", "and write-rate must be above 0")
	}
	c.checkFeeds(wrong)
	if c.Workers < 1 {
		wrong("workers", "must be at least 1")
	}
	for key, d := range map[string]time.Duration{
		"keep-closed": c.KeepClosed, "keep-gone": c.KeepGone, "keep-audit": c.KeepAudit, "db-reload": c.DBReload,
	} {
		if d <= 0 {
			wrong(key, "must be longer than nothing")
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	c.fill(host, port)
	return nil
}

// checkRole looks at what the roles besides "all" need.
func (c *Config) checkRole(wrong func(key, format string, args ...any)) {
	if c.Role == roleAPI || c.Role == roleWorker {
		if c.Database == "" {
			wrong("role", "%s needs a PostgreSQL database that all processes share (see database); SQLite serves one process, with role all", c.Role)
		}
		if c.Blobs == "" {
			wrong("role", "%s needs a place for blobs that all processes share (see blobs): a shared folder, or s3://bucket/prefix", c.Role)
		}
	}
}

// checkFeeds looks at the places of feeds.
func (c *Config) checkFeeds(wrong func(key, format string, args ...any)) {
	for i, place := range c.Feeds {
		if slices.Contains(c.Feeds[:i], place) {
			wrong("feeds", "%q is named twice", place)
		}
		if u, err := url.Parse(place); strings.Contains(place, "://") && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			wrong("feeds", "%q must be a folder, or an address such as https://mirror.example.org/advisories/", place)
		}
	}
	if len(c.Feeds) > 0 && c.DB != "" {
		wrong("feeds", "and db exclude each other: a database is either built here or given")
	}
	if len(c.Feeds) > 0 && c.FeedsEvery < time.Minute {
		wrong("feeds-every", "must be a minute or longer")
	}
}

// fill sets what follows from other values.
func (c *Config) fill(host, port string) {
	if c.TLS == "auto" {
		switch {
		case c.TLSCert != "":
			c.TLS = "files"
		case loopback(host):
			c.TLS = "off"
		default:
			c.TLS = "self-signed"
		}
	}
	if c.KeyFile == "" {
		c.KeyFile = filepath.Join(c.Data, "master.key")
	}
	if c.Blobs == "" {
		c.Blobs = filepath.Join(c.Data, "blobs")
	}
	if c.URL == "" {
		scheme := "https"
		if c.TLS == "off" {
			scheme = "http"
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "localhost"
			if name, err := os.Hostname(); err == nil && !loopback(name) {
				host = name
			}
		}
		c.URL = scheme + "://" + net.JoinHostPort(host, port)
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
}

// loopback tells whether only this machine reaches an address.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// place is the address of the database.
func (c *Config) place() string {
	if c.Database != "" {
		return c.Database
	}
	return filepath.Join(c.Data, "assay.db")
}
