package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/assay-project/assay/internal/agent"
	"github.com/assay-project/assay/internal/server"
)

// agentCommand groups the commands of the agent on a host. The program
// assay-agent has the same, and nothing else.
type agentCommand struct {
	Run    agent.RunCommand    `cmd:"" help:"Watch this host, and report what it holds as it changes."`
	Enroll agent.EnrollCommand `cmd:"" help:"Make this host known to a server, with a token of it."`
	Status agent.StatusCommand `cmd:"" help:"Show what the agent on this host does."`
	Once   agent.OnceCommand   `cmd:"" help:"Report once what this host holds."`
}

// Help shows examples.
func (agentCommand) Help() string {
	return `Examples:
  assay admin agents token --uses 20            at the server: prints a token
  ASSAY_AGENT_TOKEN=… assay agent enroll --server https://assay.example.org:8443 --server-ca tls.crt
  assay agent run                               until it is told to stop; deploy/assay-agent.service
  assay agent status`
}

// ProvideOutside returns what the commands of the agent have of the outside.
func (agentCommand) ProvideOutside(e edge) agent.Outside {
	return agent.Outside{Stdout: e.stdout, Stderr: e.stderr, Getenv: e.getenv, Now: time.Now, Version: version}
}

type adminAgents struct {
	List   agentsList   `cmd:"" default:"1" help:"List the agents."`
	Delete agentsDelete `cmd:"" help:"Forget an agent and end its key; what is known of its host stays."`
	Token  agentsToken  `cmd:"" help:"Make a token with which hosts enrol; it is shown once."`
	Tokens agentsTokens `cmd:"" help:"List the tokens."`
	Revoke agentsRevoke `cmd:"" help:"End a token; hosts that have enrolled with it stay."`
}

type agentsList struct{}

// Run lists the agents.
func (*agentsList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Agents
	if done, err := a.do(ctx, e, [2]string{"GET", "agents"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, x := range out.Agents {
		state := "speaks"
		switch {
		case x.Silent:
			state = "silent"
		case x.Trouble != "":
			state = "troubled: " + x.Trouble
		}
		rows = append(rows, []string{x.ID, x.Account, x.Resource, x.Version, strconv.Itoa(x.Packages), moment(x.Seen), moment(x.Reported), state})
	}
	return table(e, "AGENT\tACCOUNT\tRESOURCE\tVERSION\tPACKAGES\tLAST SEEN\tLAST REPORT\tSTATE", rows)
}

type agentsDelete struct {
	ID string `arg:"" help:"The agent."`
}

// Run deletes the agent.
func (c *agentsDelete) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"DELETE", "agents/" + url.PathEscape(c.ID)}, nil)
}

type agentsToken struct {
	Account      string            `placeholder:"ID" help:"Account of the hosts; the caller's if empty."`
	Name         string            `placeholder:"TEXT" help:"What it is for."`
	Uses         int               `default:"1" help:"How many hosts may enrol with it."`
	Hours        float64           `default:"24" help:"For how long it is valid."`
	Label        map[string]string `placeholder:"KEY=VALUE" help:"Tag of the hosts; may be repeated."`
	FullInterval time.Duration     `default:"12h" placeholder:"TIME" help:"Between two whole inventories of a host, from 30m to 12h."`
	Heartbeat    time.Duration     `default:"5m" placeholder:"TIME" help:"Between two signs of life, from 1s to 1h."`
}

// Run makes the token.
func (c *agentsToken) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Enrollment
	in := server.NewEnrollment{
		Account: c.Account, Name: c.Name, Uses: c.Uses, Hours: c.Hours, Labels: c.Label,
		FullMinutes: c.FullInterval.Minutes(), HeartbeatSeconds: c.Heartbeat.Seconds(),
	}
	if done, err := a.do(ctx, e, [2]string{"POST", "enrollments"}, in, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintln(e.stdout, out.Token)
	return err
}

type agentsTokens struct{}

// Run lists the tokens.
func (*agentsTokens) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Enrollments
	if done, err := a.do(ctx, e, [2]string{"GET", "enrollments"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, x := range out.Enrollments {
		rows = append(rows, []string{x.ID, x.Account, x.Name, fmt.Sprintf("%d of %d", x.Used, x.Uses), moment(x.Created), moment(x.Expires)})
	}
	return table(e, "TOKEN\tACCOUNT\tNAME\tUSED\tCREATED\tEXPIRES", rows)
}

type agentsRevoke struct {
	ID string `arg:"" help:"The token, by its id."`
}

// Run ends the token.
func (c *agentsRevoke) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"DELETE", "enrollments/" + url.PathEscape(c.ID)}, nil)
}
