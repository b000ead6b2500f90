package agent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

// The commands of the agent, for the program with all commands and the small one
// alike. The tags are those of the parser of command lines that both use.

// Outside is what the commands have of the world around them.
type Outside struct {
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
	Version        string // of the program
}

// StateFlags say where an agent keeps what it is.
type StateFlags struct {
	State string `placeholder:"DIR" env:"ASSAY_AGENT_STATE" type:"path" help:"Folder of the agent's key, buffer and status; /var/lib/assay-agent for root, else ~/.local/state/assay/agent."`
}

// folder returns the folder of the state.
func (f StateFlags) folder(out Outside) string {
	switch {
	case f.State != "":
		return f.State
	case os.Geteuid() == 0:
		return "/var/lib/assay-agent"
	}
	return filepath.Join(cmp.Or(out.Getenv("XDG_STATE_HOME"), filepath.Join(out.Getenv("HOME"), ".local", "state")), "assay", "agent")
}

// JoinFlags say which server a host is enrolled at.
type JoinFlags struct {
	Server         string `placeholder:"URL" env:"ASSAY_SERVER" help:"Address of the server."`
	Token          string `placeholder:"TOKEN" env:"ASSAY_AGENT_TOKEN" help:"Token of an enrollment; better given in the environment."`
	ID             string `name:"id" placeholder:"ID" env:"ASSAY_AGENT_ID" help:"What the server knows this host by, such as i-0123456789abcdef0; its name if empty."`
	ServerCA       string `name:"server-ca" placeholder:"FILE" env:"ASSAY_SERVER_CA" type:"path" help:"PEM file of the authority that vouches for the server; a copy is kept."`
	ServerInsecure bool   `help:"Do not verify the server's certificate."`
	Proxy          string `placeholder:"URL" env:"ASSAY_AGENT_PROXY" help:"Proxy on the way to the server; HTTPS_PROXY and its like if empty."`
}

func (f JoinFlags) joining() Joining {
	return Joining{Server: f.Server, Token: f.Token, Resource: f.ID, CAFile: f.ServerCA, Proxy: f.Proxy, Insecure: f.ServerInsecure}
}

// ReadFlags say what is read of a host.
type ReadFlags struct {
	Root string   `default:"/" env:"ASSAY_AGENT_ROOT" type:"path" help:"Root of the host's files, for an agent in a container."`
	Path []string `sep:"none" placeholder:"DIR" env:"ASSAY_AGENT_PATH" help:"Where else to look for packages of languages; may be repeated; / is everywhere."`
}

// config returns the configuration that the flags say.
func (f ReadFlags) config(s StateFlags, out Outside) Config {
	return Config{State: s.folder(out), Root: f.Root, Paths: f.Path, Version: out.Version, Now: out.Now, Log: slog.New(slog.DiscardHandler)}
}

// EnrollCommand makes this host known to a server.
type EnrollCommand struct {
	StateFlags
	JoinFlags
	Root string `default:"/" env:"ASSAY_AGENT_ROOT" type:"path" help:"Root of the host's files, for an agent in a container."`
}

// Run enrols the host.
func (c *EnrollCommand) Run(ctx context.Context, out Outside) error {
	id, err := Enroll(ctx, ReadFlags{Root: c.Root}.config(c.StateFlags, out), c.joining())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out.Stdout, "enrolled: %s in account %s, as %s\n", id.Resource, id.Account, id.Agent)
	return err
}

// RunCommand watches this host.
type RunCommand struct {
	StateFlags
	JoinFlags
	ReadFlags
	FullInterval time.Duration `placeholder:"TIME" env:"ASSAY_AGENT_FULL_INTERVAL" help:"Between two whole inventories, from 30m to 12h; as the server says if not given. Changes are sent at once anyway."`
	Heartbeat    time.Duration `placeholder:"TIME" env:"ASSAY_AGENT_HEARTBEAT" help:"Between two signs of life, from 1s to 1h; as the server says if not given."`
	LogFormat    string        `default:"text" enum:"text,json" env:"ASSAY_LOG_FORMAT" help:"Form of the log: text or json."`
	LogLevel     string        `default:"info" enum:"debug,info,warn,error" env:"ASSAY_LOG_LEVEL" help:"What is logged: debug, info, warn or error, and above."`
}

// Memory of an agent: little is alive, and what was needed for a moment is to be
// given back soon.
const (
	collectAt = 40       // percent
	softLimit = 96 << 20 // bytes
)

// Run watches the host until the context ends. A host with a token that is not
// enrolled is enrolled first.
func (c *RunCommand) Run(ctx context.Context, out Outside) error {
	debug.SetGCPercent(collectAt)
	debug.SetMemoryLimit(softLimit)
	conf := c.config(c.StateFlags, out)
	conf.FullEvery, conf.Heartbeat = c.FullInterval, c.Heartbeat
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return err
	}
	conf.Log = slog.New(slog.NewTextHandler(out.Stderr, &slog.HandlerOptions{Level: level}))
	if c.LogFormat == "json" {
		conf.Log = slog.New(slog.NewJSONHandler(out.Stderr, &slog.HandlerOptions{Level: level}))
	}
	if err := conf.Check(); err != nil {
		return err
	}
	_, err := readIdentity(conf.State)
	if errors.Is(err, ErrNotEnrolled) && c.Token != "" {
		if _, err := Enroll(ctx, conf, c.joining()); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	return Run(ctx, conf)
}

// OnceCommand reports once what this host holds.
type OnceCommand struct {
	StateFlags
	ReadFlags
}

// Run reads and sends everything.
func (c *OnceCommand) Run(ctx context.Context, out Outside) error {
	got, err := Once(ctx, c.config(c.StateFlags, out))
	if err != nil {
		return err
	}
	var parts []string
	for _, kind := range []string{"created", "reopened", "updated", "closed", "suppressed", "unsuppressed"} {
		if n := got.Findings[kind]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	text := strings.Join(parts, ", ")
	_, err = fmt.Fprintf(out.Stdout, "the server has the inventory: %s\n", cmp.Or(text, "no finding has changed"))
	return err
}

// StatusCommand shows what the agent of this host does.
type StatusCommand struct {
	StateFlags
	JSON bool `name:"json" help:"Print it as JSON."`
}

// Run shows the status.
func (c *StatusCommand) Run(_ context.Context, out Outside) error {
	s, err := ReadStatus(c.folder(out))
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(out.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(s)
	}
	return s.show(out.Stdout)
}

// show writes the status for people.
func (s Status) show(w io.Writer) error {
	at := func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return t.UTC().Format("2006-01-02 15:04:05Z")
	}
	state := "not running"
	switch {
	case s.Running && s.Scanning:
		state = fmt.Sprintf("running (process %d) since %s", s.Process, at(s.Started))
	case s.Running:
		state = "waiting: the account has switched scans of hosts off"
	}
	var b strings.Builder
	for _, row := range [][2]string{
		{"agent", s.Agent + ", version " + s.Version},
		{"state", state},
		{"server", s.Server + ", account " + s.Account},
		{"resource", s.Resource},
		{"packages", fmt.Sprintf("%d, %d problems", s.Packages, s.Problems)},
		{"last read", at(s.Read)},
		{"last sent", at(s.Sent)},
		{"last answer", at(s.Heartbeat)},
		{"waiting", fmt.Sprintf("%d reports", s.Waiting)},
	} {
		fmt.Fprintf(&b, "%-12s %s\n", row[0], row[1])
	}
	if s.Trouble != "" {
		fmt.Fprintf(&b, "%-12s %s (%s)\n", "last error", s.Trouble, at(s.Troubled))
	}
	if s.Clock != 0 {
		fmt.Fprintf(&b, "%-12s %.0f seconds behind the server's\n", "clock", s.Clock)
	}
	for i, list := range [][]string{s.Watched, s.Paths} {
		for _, dir := range list {
			fmt.Fprintf(&b, "%-12s %s\n", []string{"watched", "looked into"}[i], dir)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
