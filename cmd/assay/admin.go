package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/server"
	"github.com/assay-project/assay/internal/store"
)

// adminCommand groups the commands that run a server from afar. Each makes one
// call of its interface below /assay/v1/.
type adminCommand struct {
	remoteFlags
	JSON bool `name:"json" help:"Print the server's answer as JSON."`

	Status      adminStatus      `cmd:"" help:"Show what is going on in the server."`
	Summary     adminSummary     `cmd:"" help:"Show what there is to know at first sight: findings, coverage, what to upgrade first."`
	Why         adminWhy         `cmd:"" help:"Show why there is a finding: the advisory, the versions, the file and the layer."`
	Accounts    adminAccounts    `cmd:"" help:"List, create and close accounts."`
	Keys        adminKeys        `cmd:"" help:"List, create, rotate and disable access keys."`
	Sessions    adminSessions    `cmd:"" help:"List and end sessions of the page, and make links to sign in with."`
	Roles       adminRoles       `cmd:"" help:"List the roles and what they may do."`
	Audit       adminAudit       `cmd:"" help:"Show who has called what, in the form of AWS CloudTrail with --json."`
	Jobs        adminJobs        `cmd:"" help:"List, requeue and cancel jobs."`
	DeadLetters adminDeadLetters `cmd:"" name:"dead-letters" help:"List events that a receiver did not take, and send them again."`
	Feeds       adminFeeds       `cmd:"" help:"Show the feeds that the advisory database is built of, and look at them now."`
	Rescan      adminRescan      `cmd:"" help:"Have a resource scanned again by who scanned it before."`
	Registries  adminRegistries  `cmd:"" help:"List, add and remove registries whose images are scanned."`
	Functions   adminFunctions   `cmd:"" help:"Hand in functions, and list, add and remove places where they are found."`
	Agents      adminAgents      `cmd:"" help:"List agents, and make tokens with which hosts enrol."`
	Sinks       adminSinks       `cmd:"" help:"List, add, try and remove receivers of events."`
	Report      adminReport      `cmd:"" help:"Show how far a report or SBOM export is, and where it can be loaded down."`
	Retention   adminRetention   `cmd:"" help:"Delete now what is due to be deleted."`
	Backup      adminBackup      `cmd:"" help:"Copy the database into a file beside it, while the server goes on."`
}

// Help shows examples.
func (adminCommand) Help() string {
	return `The access key comes from ASSAY_ACCESS_KEY_ID and ASSAY_SECRET_ACCESS_KEY, or the AWS_… ones.

Examples:
  export ASSAY_SERVER=http://127.0.0.1:8480
  assay admin accounts create --name "platform team"
  assay admin keys create --account 111122223333 --role scanner --name ci --hours 720
  assay admin audit --action inspector2:CreateFilter --json
  assay admin jobs list --state dead`
}

// AfterApply makes the server known to the command below.
func (a *adminCommand) AfterApply(k *kong.Context) error { //nolint:unparam // the form is kong's
	k.Bind(a)
	return nil
}

// do makes a call, and prints the answer as JSON if that is wanted; then done
// is true.
func (a *adminCommand) do(ctx context.Context, e edge, call [2]string, in, out any) (done bool, err error) {
	c, err := a.client(e)
	if err != nil {
		return false, err
	}
	if err := c.Do(ctx, call[0], call[1], in, out); err != nil || !a.JSON {
		return false, err
	}
	w := json.NewEncoder(e.stdout)
	w.SetIndent("", "  ")
	return true, w.Encode(out)
}

// tell makes a call whose answer says nothing.
func (a *adminCommand) tell(ctx context.Context, e edge, call [2]string, in any) error {
	_, err := a.do(ctx, e, call, in, &struct{}{})
	return err
}

// table prints rows in columns.
func table(e edge, head string, rows [][]string) error {
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, head)
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	return w.Flush()
}

// moment writes a time for people; a dash for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

type adminStatus struct{}

// Run shows the status.
func (*adminStatus) Run(ctx context.Context, e edge, a *adminCommand) error {
	var s server.Status
	if done, err := a.do(ctx, e, [2]string{"GET", "status"}, nil, &s); err != nil || done {
		return err
	}
	kind := "advisories"
	if s.Advisories.Starter {
		kind = "advisories, the small starter set"
	}
	fmt.Fprintf(e.stdout, "version %s, region %s, organization %s\n%d %s, built %s\n", s.Version, s.Region, s.Organization,
		s.Advisories.Advisories, kind, moment(s.Advisories.Built))
	if f := s.Feeds; f.Feeds > 0 {
		fmt.Fprintf(e.stdout, "%d feeds, %d failing, looked at %s %s\n", f.Feeds, f.Failing, moment(f.Last), f.Error)
	}
	var rows [][]string
	for _, j := range s.Jobs {
		rows = append(rows, []string{j.Kind, j.State, strconv.FormatInt(j.Jobs, 10), moment(j.Oldest)})
	}
	return table(e, "JOBS\tSTATE\tNUMBER\tOLDEST", rows)
}

type adminFeeds struct {
	List feedsList `cmd:"" default:"1" help:"List the feeds."`
	Sync feedsSync `cmd:"" help:"Look at all feeds now."`
}

type feedsList struct{}

// Run lists the feeds.
func (*feedsList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Feeds
	if done, err := a.do(ctx, e, [2]string{"GET", "feeds"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, f := range out.Feeds {
		age := "-"
		if !f.Success.IsZero() {
			age = time.Duration(f.Age * float64(time.Second)).Round(time.Second).String()
		}
		rows = append(rows, []string{
			cmp.Or(f.Name, "-"), strconv.Itoa(f.Read), strconv.Itoa(f.Stored), strconv.Itoa(f.Rejected), date(f.Newest), age,
			strings.TrimSpace(f.Place + " " + f.Path), f.Error,
		})
	}
	if err := table(e, "FEED\tREAD\tSTORED\tREJECTED\tNEWEST\tAGE\tFILE\tERROR", rows); err != nil {
		return err
	}
	if out.Error != "" {
		fmt.Fprintf(e.stdout, "no database could be built: %s\n", out.Error)
	}
	for _, x := range out.Editions {
		fmt.Fprintf(e.stdout, "database %s published %s\n", x.Database, moment(x.Published))
	}
	return nil
}

type feedsSync struct {
	Accept bool `help:"Take what has lost half of its records, which is otherwise held to be broken."`
}

// Run has the feeds looked at.
func (c *feedsSync) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"POST", "feeds/sync"}, server.FeedsSync{Accept: c.Accept})
}

type adminAccounts struct {
	List   accountsList   `cmd:"" default:"1" help:"List the accounts."`
	Create accountsCreate `cmd:"" help:"Create an account."`
	Close  accountsClose  `cmd:"" help:"Close an account: its keys no longer hold; what it has stays."`
}

type accountsList struct{}

// Run lists the accounts.
func (*accountsList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Accounts
	if done, err := a.do(ctx, e, [2]string{"GET", "accounts"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, x := range out.Accounts {
		var is []string
		if x.Management {
			is = append(is, "management")
		}
		if x.Admin {
			is = append(is, "delegated administrator")
		}
		if !x.Closed.IsZero() {
			is = append(is, "closed")
		}
		rows = append(rows, []string{x.ID, x.Name, moment(x.Created), strings.Join(is, ", ")})
	}
	return table(e, "ACCOUNT\tNAME\tCREATED\t", rows)
}

type accountsCreate struct {
	ID   string `name:"id" placeholder:"DIGITS" help:"Its id, 12 digits; by chance if empty."`
	Name string `required:"" help:"Its name."`
}

// Run creates the account.
func (c *accountsCreate) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Account
	done, err := a.do(ctx, e, [2]string{"POST", "accounts"}, server.NewAccount{ID: c.ID, Name: c.Name}, &out)
	if err != nil || done {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, out.ID)
	return err
}

type accountsClose struct {
	ID string `arg:"" help:"The account."`
}

// Run closes the account.
func (c *accountsClose) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"DELETE", "accounts/" + url.PathEscape(c.ID)}, nil)
}

type adminKeys struct {
	List    keysList    `cmd:"" default:"1" help:"List the access keys."`
	Create  keysCreate  `cmd:"" help:"Create an access key; its secret is shown once."`
	Rotate  keysRotate  `cmd:"" help:"Create another key for the holder of one."`
	Disable keysDisable `cmd:"" help:"End a key."`
	Delete  keysDelete  `cmd:"" help:"Forget a key."`
}

type keysList struct{}

// Run lists the keys.
func (*keysList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Keys
	if done, err := a.do(ctx, e, [2]string{"GET", "keys"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, k := range out.Keys {
		state := "active"
		switch {
		case !k.Disabled.IsZero():
			state = "disabled"
		case !k.Expires.IsZero():
			state = "until " + moment(k.Expires)
		}
		rows = append(rows, []string{k.ID, k.Account, string(k.Role), k.Name, moment(k.Created), moment(k.Used), state})
	}
	return table(e, "KEY\tACCOUNT\tROLE\tNAME\tCREATED\tLAST USED\tSTATE", rows)
}

// printKey prints a new key as lines that a shell can take in.
func printKey(e edge, k server.Key) error {
	text := fmt.Sprintf("AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n", k.ID, k.Secret)
	if k.Session != "" {
		text += "AWS_SESSION_TOKEN=" + k.Session + "\n"
	}
	_, err := fmt.Fprint(e.stdout, text)
	return err
}

type keysCreate struct {
	Account   string  `placeholder:"ID" help:"The account; that of the caller if empty."`
	Name      string  `required:"" help:"Name of the holder."`
	Role      string  `required:"" enum:"admin,operator,reader,scanner,agent" help:"What it may do: admin, operator, reader, scanner or agent."`
	Subject   string  `placeholder:"RESOURCE" help:"The only resource that it may hand in scans of."`
	Hours     float64 `help:"After how many hours it ends; never if 0."`
	Temporary bool    `help:"Make it valid only together with a session token."`
}

// Run creates the key.
func (c *keysCreate) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Key
	in := server.NewKey{
		Account: c.Account, Name: c.Name, Role: org.Role(c.Role), Subject: c.Subject, Hours: c.Hours, Temporary: c.Temporary,
	}
	if done, err := a.do(ctx, e, [2]string{"POST", "keys"}, in, &out); err != nil || done {
		return err
	}
	return printKey(e, out)
}

type keysRotate struct {
	ID      string  `arg:"" help:"The key."`
	Overlap float64 `placeholder:"HOURS" help:"How many hours the old one stays valid; until it is disabled if 0."`
}

// Run makes the new key.
func (c *keysRotate) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Key
	call := [2]string{"POST", "keys/" + url.PathEscape(c.ID) + "/rotate"}
	if done, err := a.do(ctx, e, call, server.Rotation{OverlapHours: c.Overlap}, &out); err != nil || done {
		return err
	}
	return printKey(e, out)
}

type keysDisable struct {
	ID string `arg:"" help:"The key."`
}

// Run ends the key.
func (c *keysDisable) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"POST", "keys/" + url.PathEscape(c.ID) + "/disable"}, nil)
}

type keysDelete struct {
	ID string `arg:"" help:"The key."`
}

// Run forgets the key.
func (c *keysDelete) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"DELETE", "keys/" + url.PathEscape(c.ID)}, nil)
}

type adminSessions struct {
	List sessionsList `cmd:"" default:"1" help:"List sessions and unused links."`
	Link sessionsLink `cmd:"" help:"Make a link with which somebody can sign in once, within 24 hours."`
	End  sessionsEnd  `cmd:"" help:"End a session or an unused link."`
}

type sessionsList struct{}

// Run lists the sessions.
func (*sessionsList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.SignIns
	if done, err := a.do(ctx, e, [2]string{"GET", "sessions"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, s := range out.Sessions {
		kind := "session"
		if s.Link {
			kind = "link"
		}
		rows = append(rows, []string{s.ID, kind, s.Account, string(s.Role), s.Name, moment(s.Created), moment(s.Expires)})
	}
	return table(e, "ID\tKIND\tACCOUNT\tROLE\tNAME\tCREATED\tEXPIRES", rows)
}

type sessionsLink struct {
	Account string `placeholder:"ID" help:"The account; that of the caller if empty."`
	Name    string `required:"" help:"Name of the person."`
	Role    string `default:"admin" enum:"admin,operator,reader" help:"What the person may do: admin, operator or reader."`
}

// Run makes the link.
func (c *sessionsLink) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Link
	in := server.NewKey{Account: c.Account, Name: c.Name, Role: org.Role(c.Role)}
	if done, err := a.do(ctx, e, [2]string{"POST", "sessions"}, in, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintln(e.stdout, out.URL)
	return err
}

type sessionsEnd struct {
	ID string `arg:"" help:"The session or link."`
}

// Run ends it.
func (c *sessionsEnd) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"DELETE", "sessions/" + url.PathEscape(c.ID)}, nil)
}

type adminRoles struct{}

// Run lists the roles.
func (*adminRoles) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Roles
	if done, err := a.do(ctx, e, [2]string{"GET", "roles"}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, r := range out.Roles {
		rows = append(rows, []string{string(r.Role), strings.Join(r.Allow, " "), cmp.Or(strings.Join(r.Deny, " "), "-")})
	}
	return table(e, "ROLE\tMAY\tMAY NOT", rows)
}

type adminAudit struct {
	From   string `placeholder:"TIME" help:"Only calls from this time on, such as 2026-01-31T12:00:00Z."`
	To     string `placeholder:"TIME" help:"Only calls before this time."`
	Action string `placeholder:"ACTION" help:"Only calls of this, such as inspector2:CreateFilter."`
	Result string `placeholder:"RESULT" help:"Only calls that ended so: Success, or the name of an exception."`
	Limit  int    `default:"50" help:"At most so many, the latest first; 0 is all."`
}

// Run shows the record of calls.
func (c *adminAudit) Run(ctx context.Context, e edge, a *adminCommand) error {
	q := url.Values{"from": {c.From}, "to": {c.To}, "action": {c.Action}, "result": {c.Result}}
	var all server.Trail
	remote := *a
	remote.JSON = false
	for c.Limit == 0 || len(all.Records) < c.Limit {
		if c.Limit > 0 {
			q.Set("limit", strconv.Itoa(min(c.Limit-len(all.Records), 1000)))
		}
		var page server.Trail
		if _, err := remote.do(ctx, e, [2]string{"GET", "audit?" + q.Encode()}, nil, &page); err != nil {
			return err
		}
		all.Records = append(all.Records, page.Records...)
		if page.NextToken == "" {
			break
		}
		q.Set("next", page.NextToken)
	}
	if a.JSON {
		w := json.NewEncoder(e.stdout)
		w.SetIndent("", "  ")
		return w.Encode(all)
	}
	var rows [][]string
	for _, r := range all.Records {
		var v struct {
			EventTime, EventSource, EventName, SourceIPAddress, ErrorCode string
			UserIdentity                                                  struct{ ARN string }
		}
		if err := json.Unmarshal(r, &v); err != nil {
			return fmt.Errorf("reading a record: %w", err)
		}
		rows = append(rows, []string{v.EventTime, cmp.Or(v.UserIdentity.ARN, "-"), v.EventName, v.SourceIPAddress, cmp.Or(v.ErrorCode, "Success")})
	}
	return table(e, "TIME\tWHO\tWHAT\tFROM\tRESULT", rows)
}

type adminJobs struct {
	List    jobsList    `cmd:"" default:"1" help:"List the jobs."`
	Requeue jobsRequeue `cmd:"" help:"Have a dead job done again."`
	Cancel  jobsCancel  `cmd:"" help:"Give a job up."`
}

type jobsList struct {
	State string `placeholder:"STATE" help:"Only jobs that are ready, running, done or dead."`
	Kind  string `placeholder:"KIND" help:"Only jobs of this kind."`
}

// Run lists the jobs.
func (c *jobsList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Jobs
	q := url.Values{"state": {c.State}, "kind": {c.Kind}}
	if done, err := a.do(ctx, e, [2]string{"GET", "jobs?" + q.Encode()}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, j := range out.Jobs {
		rows = append(rows, []string{
			strconv.FormatInt(j.ID, 10), j.Kind, cmp.Or(j.Account, "-"), j.State, moment(j.Run), strconv.Itoa(j.Attempt), j.Error,
		})
	}
	return table(e, "JOB\tKIND\tACCOUNT\tSTATE\tDUE\tATTEMPT\tERROR", rows)
}

type jobsRequeue struct {
	ID int64 `arg:"" help:"Number of the job."`
}

// Run makes the job ready.
func (c *jobsRequeue) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"POST", fmt.Sprintf("jobs/%d/requeue", c.ID)}, nil)
}

type jobsCancel struct {
	ID int64 `arg:"" help:"Number of the job."`
}

// Run gives the job up.
func (c *jobsCancel) Run(ctx context.Context, e edge, a *adminCommand) error {
	return a.tell(ctx, e, [2]string{"POST", fmt.Sprintf("jobs/%d/cancel", c.ID)}, nil)
}

type adminDeadLetters struct {
	List   lettersList   `cmd:"" default:"1" help:"List them."`
	Replay lettersReplay `cmd:"" help:"Send them again."`
}

type lettersList struct {
	Sink string `placeholder:"NAME" help:"Only those of this receiver."`
}

// Run lists the events.
func (c *lettersList) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.DeadLetters
	q := url.Values{"sink": {c.Sink}}
	if done, err := a.do(ctx, e, [2]string{"GET", "dead-letters?" + q.Encode()}, nil, &out); err != nil || done {
		return err
	}
	var rows [][]string
	for _, d := range out.DeadLetters {
		rows = append(rows, []string{d.Sink, strconv.FormatInt(d.Seq, 10), d.Kind, d.Subject, moment(d.Dead), d.Error})
	}
	return table(e, "SINK\tPLACE\tKIND\tSUBJECT\tGIVEN UP\tERROR", rows)
}

type lettersReplay struct {
	Sink string `arg:"" help:"The receiver."`
	Seq  int64  `placeholder:"PLACE" help:"Only this one; all if 0."`
}

// Run sends them again.
func (c *lettersReplay) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Replayed
	call := [2]string{"POST", fmt.Sprintf("dead-letters/%s/replay?seq=%d", url.PathEscape(c.Sink), c.Seq)}
	if done, err := a.do(ctx, e, call, nil, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "%d events are sent again\n", out.Events)
	return err
}

type adminReport struct {
	ID string `arg:"" help:"The report."`
}

// Run shows the report.
func (c *adminReport) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.ReportLinks
	if done, err := a.do(ctx, e, [2]string{"GET", "reports/" + url.PathEscape(c.ID)}, nil, &out); err != nil || done {
		return err
	}
	fmt.Fprintf(e.stdout, "%s %s %s, %d written\n", out.ID, out.Format, out.Status, out.Done)
	if out.Message != "" {
		fmt.Fprintf(e.stdout, "%s: %s\n", out.Code, out.Message)
	}
	var rows [][]string
	for _, o := range out.Objects {
		rows = append(rows, []string{o.Key, strconv.FormatInt(o.Size, 10), moment(o.Expires), o.URL})
	}
	return table(e, "OBJECT\tBYTES\tLINK UNTIL\tLINK", rows)
}

type adminRetention struct{}

// Run deletes what is due.
func (*adminRetention) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out store.Swept
	if done, err := a.do(ctx, e, [2]string{"POST", "retention"}, nil, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "deleted: %d closed findings, %d resources that are gone, %d texts and lists that nothing refers to\n",
		out.Findings, out.Resources, out.Shared)
	return err
}

type adminBackup struct{}

// Run makes the copy.
func (*adminBackup) Run(ctx context.Context, e edge, a *adminCommand) error {
	var out server.Backup
	if done, err := a.do(ctx, e, [2]string{"POST", "backups"}, nil, &out); err != nil || done {
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "%s\t%d bytes\n", out.File, out.Bytes)
	return err
}
