package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/notify"
	"github.com/assay-project/assay/internal/server"
)

type adminSinks struct {
	List   sinkList   `cmd:"" default:"1" help:"List the receivers of events."`
	Show   sinkShow   `cmd:"" help:"Show one, with its filter."`
	Add    sinkAdd    `cmd:"" help:"Add a receiver, or put another in its place with --replace."`
	Test   sinkTest   `cmd:"" help:"Send an event now and show what the receiver says."`
	Pause  sinkPause  `cmd:"" help:"Let events wait."`
	Resume sinkResume `cmd:"" help:"Send what waits, and go on."`
	Log    sinkLog    `cmd:"" help:"Show the last attempts to hand over events."`
	Remove sinkRemove `cmd:"" help:"Remove a receiver with all that waits for it."`
}

// Help shows examples.
func (adminSinks) Help() string {
	return `Secrets are read from variables of the environment, so that they are in no history of commands.

Examples:
  export SECRET=$(openssl rand -hex 32)
  assay admin sinks add siem webhook https://siem.example.org/assay --secret-env SECRET --severity HIGH
  assay admin sinks add bus eventbridge default --region eu-central-1
  assay admin sinks add topic sns arn:aws:sns:eu-central-1:111122223333:findings --events finding. --role arn:aws:iam::111122223333:role/publish
  assay admin sinks add queue sqs https://sqs.eu-central-1.amazonaws.com/111122223333/findings.fifo
  assay admin sinks add hub securityhub --region eu-central-1 --hub 111122223333
  assay admin sinks add chat slack --url-env SLACK_URL --severity CRITICAL --statuses ACTIVE --batch
  assay admin sinks add logs syslog tls://logs.example.org --authority ca.pem
  assay admin sinks add audit file audit.jsonl
  assay admin sinks test siem
  assay admin sinks log siem
  assay admin dead-letters replay siem`
}

type sinkList struct{}

// Run lists the receivers of events.
func (*sinkList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Sinks
	if done, err := a.do(ctx, e, [2]string{"GET", "sinks"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, k := range out.Sinks {
		state := "on"
		switch {
		case k.Problem != "":
			state = "unusable"
		case k.Paused:
			state = "paused"
		}
		rows = append(rows, []string{
			k.Name, k.Kind, cmp.Or(k.Place, "-"), state, strconv.FormatInt(k.Waiting, 10), strconv.FormatInt(k.Dead, 10), moment(k.Oldest),
		})
	}
	return table(e, "NAME\tKIND\tPLACE\tSTATE\tWAITING\tDEAD\tOLDEST", rows)
}

type sinkShow struct {
	Name string `arg:"" help:"The receiver."`
}

// Run shows the receiver.
func (c *sinkShow) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Sink
	if done, err := a.do(ctx, e, [2]string{"GET", "sinks/" + url.PathEscape(c.Name)}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, r := range [][2]string{
		{"kind", out.Kind},
		{"place", out.Place},
		{"events", strings.Join(out.Events, " ")},
		{"accounts", strings.Join(out.Accounts, " ")},
		{"severity", string(out.Severity)},
		{"statuses", strings.Join(out.Statuses, " ")},
		{"resource types", strings.Join(out.ResourceTypes, " ")},
		{"region", out.Region},
		{"endpoint", out.Endpoint},
		{"role", out.Role},
		{"source", out.Source},
		{"product", out.Product},
		{"hub", out.Hub},
		{"access key", out.KeyID},
		{"secrets", strings.Join(out.Kept, " ")},
		{"waiting", strconv.FormatInt(out.Waiting, 10)},
		{"dead", strconv.FormatInt(out.Dead, 10)},
		{"problem", out.Problem},
	} {
		if r[1] != "" {
			rows = append(rows, r[:])
		}
	}
	return table(e, out.Name, rows)
}

type sinkAdd struct {
	Name  string `arg:"" help:"Its name: small letters, digits and dashes."`
	Kind  string `arg:"" help:"How events are sent: eventbridge, sns, sqs, securityhub, webhook, slack, syslog, file or stdout."`
	Place string `arg:"" optional:"" help:"Where to: a bus, the ARN of a topic, the address of a queue, webhook or syslog, the name of a file."`

	Replace bool `help:"Change the receiver of that name; secrets that are not given stay."`
	Paused  bool `help:"Let events wait at first."`

	Events        []string `group:"Filter" placeholder:"KIND" help:"Beginnings of the kinds of event: finding., scan., coverage., rule., finding.closed; all if none."`
	Accounts      []string `group:"Filter" placeholder:"DIGITS" help:"Only events of these accounts."`
	Severity      string   `group:"Filter" placeholder:"WORD" help:"Only findings at least as grave: LOW, MEDIUM, HIGH, CRITICAL."`
	Statuses      []string `group:"Filter" placeholder:"WORD" help:"Only findings that are ACTIVE, SUPPRESSED, CLOSED."`
	ResourceTypes []string `group:"Filter" placeholder:"WORD" help:"Only of these types of resource, such as AWS_ECR_CONTAINER_IMAGE."`

	Region   string `group:"AWS" placeholder:"REGION" help:"Region of the service; that of the ARN or of the server if empty."`
	Endpoint string `group:"AWS" placeholder:"URL" help:"Address of the service, if it is not Amazon's."`
	Role     string `group:"AWS" placeholder:"ARN" help:"Role to take on."`
	KeyID    string `group:"AWS" name:"key-id" placeholder:"ID" help:"Access key; what the server finds around it if empty."`
	KeyEnv   string `group:"AWS" placeholder:"NAME" help:"Variable with the secret part of the access key."`
	Source   string `group:"AWS" placeholder:"NAME" help:"Source of the events; Amazon's own bus takes none that begins with aws."`
	Product  string `group:"AWS" placeholder:"ARN" help:"Product under which Security Hub keeps findings."`
	Hub      string `group:"AWS" placeholder:"DIGITS" help:"Account in whose Security Hub they are kept; that of the finding if empty."`

	URLEnv    string `group:"Webhook" name:"url-env" placeholder:"NAME" help:"Variable with an address that is itself secret, in place of PLACE."`
	SecretEnv string `group:"Webhook" placeholder:"NAME" help:"Variable with the secret that signs what is sent."`
	TokenEnv  string `group:"Webhook" placeholder:"NAME" help:"Variable with a bearer token for the receiver."`
	Batch     bool   `group:"Webhook" help:"Several events in a message."`
	Authority string `group:"Webhook" placeholder:"FILE" type:"path" help:"PEM file of the authority that vouches for the receiver."`
	Facility  int    `group:"Webhook" placeholder:"NUMBER" help:"Facility of syslog; 16, local0, if none."`
}

// Run adds the receiver.
func (c *sinkAdd) Run(ctx context.Context, e edge, a *adminCommand) error {
	in := server.NewSink{
		Config: notify.Config{
			Name: c.Name, Kind: c.Kind, Place: c.Place, Events: c.Events, Severity: finding.Severity(strings.ToUpper(c.Severity)),
			Statuses: c.Statuses, ResourceTypes: c.ResourceTypes, Paused: c.Paused, Region: c.Region, Endpoint: c.Endpoint, Role: c.Role,
			Source: c.Source, Product: c.Product, Hub: c.Hub, KeyID: c.KeyID, Batch: c.Batch, Facility: c.Facility,
		},
		Accounts: c.Accounts,
	}
	for _, s := range []struct {
		variable string
		to       *string
	}{{c.KeyEnv, &in.Key}, {c.URLEnv, &in.URL}, {c.SecretEnv, &in.Secret}, {c.TokenEnv, &in.Token}} {
		if s.variable == "" {
			continue
		}
		if *s.to = e.getenv(s.variable); *s.to == "" {
			return fmt.Errorf("the variable %s is empty", s.variable)
		}
	}
	if c.Authority != "" {
		text, err := os.ReadFile(c.Authority)
		if err != nil {
			return fmt.Errorf("reading the authority: %w", err)
		}
		in.Authority = string(text)
	}
	call := [2]string{"POST", "sinks"}
	if c.Replace {
		call = [2]string{"PUT", "sinks/" + url.PathEscape(c.Name)}
	}
	var out server.Sink
	if done, err := a.do(ctx, e, call, in, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "%s gets events; try it with: assay admin sinks test %s\n", out.Name, out.Name)
	return err
}

type sinkTest struct {
	Name string `arg:"" help:"The receiver."`
}

// errNotTaken tells that a receiver did not take an event.
var errNotTaken = errors.New("the receiver did not take the event")

// Run sends an event.
func (c *sinkTest) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out notify.Tried
	done, err := a.do(ctx, e, [2]string{"POST", "sinks/" + url.PathEscape(c.Name) + "/test"}, nil, &out)
	if err == nil && !done {
		_, err = fmt.Fprintf(e.stdout, "%d ms\n%s\n", out.Took, cmp.Or(out.Error, out.Said, "taken"))
	}
	if err == nil && !out.OK {
		err = errNotTaken
	}
	return err
}

type sinkPause struct {
	Name string `arg:"" help:"The receiver."`
}

// Run pauses the receiver.
func (c *sinkPause) Run(ctx context.Context, e edge, a *adminCommand) error {
	return changeSink(ctx, e, a, c.Name, "pause")
}

type sinkResume struct {
	Name string `arg:"" help:"The receiver."`
}

// Run ends the pause.
func (c *sinkResume) Run(ctx context.Context, e edge, a *adminCommand) error {
	return changeSink(ctx, e, a, c.Name, "resume")
}

func changeSink(ctx context.Context, e edge, a *adminCommand, name, how string) error {
	var out server.Sink
	if done, err := a.do(ctx, e, [2]string{"POST", "sinks/" + url.PathEscape(name) + "/" + how}, nil, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "%d events wait\n", out.Waiting)
	return err
}

type sinkLog struct {
	Name string `arg:"" help:"The receiver."`
}

// Run shows the attempts.
func (c *sinkLog) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.SinkLog
	if done, err := a.do(ctx, e, [2]string{"GET", "sinks/" + url.PathEscape(c.Name) + "/log"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, t := range out.Attempts {
		rows = append(rows, []string{
			moment(t.At), strconv.Itoa(t.Events), strconv.Itoa(t.Failed), strconv.Itoa(t.Dead), strconv.FormatInt(t.Took.Milliseconds(), 10),
			t.Kind, cmp.Or(t.Error, t.Said),
		})
	}
	return table(e, "TIME\tEVENTS\tFAILED\tGIVEN UP\tMS\tFIRST\tRECEIVER", rows)
}

type sinkRemove struct {
	Name string `arg:"" help:"The receiver."`
}

// Run removes the receiver.
func (c *sinkRemove) Run(ctx context.Context, e edge, a *adminCommand) error {
	if done, err := a.do(ctx, e, [2]string{"DELETE", "sinks/" + url.PathEscape(c.Name)}, nil, &struct{}{}); err != nil || done {
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "%s is removed\n", c.Name)
	return err
}
