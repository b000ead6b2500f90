package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/assay-project/assay/internal/agent"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
)

// Limits of enrollments.
const (
	maxUses        = 10_000
	defaultHours   = 24
	tokenPrefix    = "asyt_"
	maxLabels      = 50
	minFullMinutes = 30
	maxFullMinutes = 12 * 60
)

// NewEnrollment asks for a token with which hosts enrol.
type NewEnrollment struct {
	Account          string            `json:"account,omitempty"` // of the hosts; the caller's if empty
	Name             string            `json:"name,omitempty"`    // for people
	Uses             int               `json:"uses,omitempty"`    // how many hosts; 0: one
	Hours            float64           `json:"hours,omitempty"`   // for which the token is valid; 0: 24
	Labels           map[string]string `json:"labels,omitempty"`  // tags of the hosts
	HeartbeatSeconds float64           `json:"heartbeatSeconds,omitempty"`
	FullMinutes      float64           `json:"fullMinutes,omitempty"` // between whole inventories, from 30 to 720; 0: 720
}

// Enrollment is a token with which hosts enrol, as our own interface shows it.
type Enrollment struct {
	ID      string            `json:"id"`
	Account string            `json:"account"`
	Name    string            `json:"name,omitempty"`
	Uses    int               `json:"uses"`
	Used    int               `json:"used"`
	Created time.Time         `json:"created"`
	Expires time.Time         `json:"expires"`
	Labels  map[string]string `json:"labels,omitempty"`

	Token string `json:"token,omitempty"` // only in the answer that makes it
}

// Enrollments is the answer to a list of them.
type Enrollments struct {
	Enrollments []Enrollment `json:"enrollments"`
}

// enrollmentDoc is what is kept of a token.
type enrollmentDoc struct {
	Name      string            `json:"name,omitempty"`
	Sum       string            `json:"sum"` // SHA-256 of the secret, in hexadecimal
	Uses      int               `json:"uses"`
	Used      int               `json:"used"`
	Expires   time.Time         `json:"expires"`
	Labels    map[string]string `json:"labels,omitempty"`
	Heartbeat float64           `json:"heartbeat"` // seconds
	FullEvery float64           `json:"fullEvery"` // seconds
}

func showEnrollment(o store.Object, d enrollmentDoc) Enrollment {
	return Enrollment{
		ID: o.ID, Account: o.Account.String(), Name: d.Name, Uses: d.Uses, Used: d.Used, Created: o.Created, Expires: d.Expires, Labels: d.Labels,
	}
}

func (in NewEnrollment) doc(now time.Time) (enrollmentDoc, error) {
	d := enrollmentDoc{Name: in.Name, Uses: in.Uses, Labels: in.Labels, Heartbeat: in.HeartbeatSeconds, FullEvery: in.FullMinutes * 60}
	if d.Uses == 0 {
		d.Uses = 1
	}
	hours := in.Hours
	if hours == 0 {
		hours = defaultHours
	}
	if d.Heartbeat == 0 {
		d.Heartbeat = agent.DefaultHeartbeat.Seconds()
	}
	if d.FullEvery == 0 {
		d.FullEvery = maxFullMinutes * 60
	}
	d.Expires = now.Add(time.Duration(min(hours, maxHours) * float64(time.Hour)))
	switch {
	case d.Uses < 0 || d.Uses > maxUses:
		return d, fault.OnField("uses", "must be from 1 to %d", maxUses)
	case hours < 0 || hours > maxHours:
		return d, fault.OnField("hours", "must be from 0 to %d", maxHours)
	case len(d.Name) > 256:
		return d, fault.OnField("name", "may have at most 256 characters")
	case len(d.Labels) > maxLabels:
		return d, fault.OnField("labels", "may be at most %d", maxLabels)
	case d.Heartbeat < 1 || d.Heartbeat > time.Hour.Seconds():
		return d, fault.OnField("heartbeatSeconds", "must be from 1 to 3600")
	case d.FullEvery < minFullMinutes*60 || d.FullEvery > maxFullMinutes*60:
		return d, fault.OnField("fullMinutes", "must be from %d to %d", minFullMinutes, maxFullMinutes)
	}
	return d, nil
}

func (s *server) createEnrollment(ctx context.Context, r request) (any, error) {
	var in NewEnrollment
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	o := store.Object{Kind: enrollmentKind, Account: r.caller.Account, ID: strings.ToLower(rand.Text()[:16]), Created: r.now, Updated: r.now}
	if err := (NewKey{Account: in.Account}).owner(&o.Account); err != nil {
		return nil, err
	}
	d, err := in.doc(r.now)
	if err != nil {
		return nil, err
	}
	var random [32]byte
	_, _ = rand.Read(random[:])
	secret := base64.RawURLEncoding.EncodeToString(random[:])
	d.Sum = tokenSum(secret)
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Account(ctx, o.Account); err != nil {
			return err
		}
		return tx.Put(ctx, r.scope, o, d)
	})
	out := showEnrollment(o, d)
	out.Token = tokenPrefix + o.ID + "." + secret
	return out, err
}

func tokenSum(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func (s *server) listEnrollments(ctx context.Context, r request) (any, error) {
	list, err := s.store.Objects(ctx, r.scope, store.Objects{Kind: enrollmentKind})
	if err != nil {
		return nil, err
	}
	out := Enrollments{Enrollments: []Enrollment{}}
	for _, o := range list {
		var d enrollmentDoc
		if err := o.Decode(&d); err != nil {
			return nil, err
		}
		out.Enrollments = append(out.Enrollments, showEnrollment(o, d))
	}
	return out, nil
}

func (s *server) deleteEnrollment(ctx context.Context, r request) (any, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error { return tx.Delete(ctx, r.scope, enrollmentKind, r.PathValue("id")) })
}

// enrollHook gives a host a key in exchange for a token.
func (p *agents) enrollHook(r request) (any, error) {
	var in agent.Application
	if err := r.decodeUpTo(maxPlainWord, &in); err != nil {
		return nil, err
	}
	out, err := p.enroll(r.Context(), in, r.now)
	if err != nil { // not recorded: anybody may cause any number of refusals
		return nil, err
	}
	return out, p.recordEnrollment(r, in, out)
}

// recordEnrollment keeps the record of the call, like those of calls that are
// signed.
func (p *agents) recordEnrollment(r request, in agent.Application, out agent.Enrolled) error {
	account, err := org.ParseAccount(out.Account)
	if err != nil {
		return err
	}
	input, err := json.Marshal(map[string]string{"machineId": in.MachineID, "host": in.Host.Name, "resource": in.Resource})
	if err != nil {
		return err
	}
	output, err := json.Marshal(map[string]string{"agent": out.Agent, "accessKeyId": out.Key, "resource": out.Resource})
	if err != nil {
		return err
	}
	address := ""
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		address = at.Addr().Unmap().String()
	}
	return p.server.trail.Keep(r.Context(), store.AuditRecord{
		At: r.now, Account: account, Action: "assay:Enroll", Who: "arn:aws:iam::" + out.Account + ":user/enrollment-" + enrollmentOf(in.Token), Result: store.Success, Event: uuid.NewString(),
		Request: uuid.NewString(), Region: p.server.Region, Address: address, Agent: clipped(r.UserAgent(), 200), Input: input, Output: output,
	})
}

// enrollmentOf returns the id of a token.
func enrollmentOf(token string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(token, tokenPrefix), ".")
	return clipped(id, 32)
}

// checkApplication tells what is wrong with what a host says of itself.
func checkApplication(in agent.Application) error {
	plainText := func(s string, most int) bool {
		return len(s) <= most && strings.TrimSpace(s) == s && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
	}
	switch {
	case len(in.MachineID) < 16 || !plainText(in.MachineID, 128):
		return fault.OnField("machineId", "must be 16 to 128 printable characters")
	case in.Host.Name == "" || !plainText(in.Host.Name, 255):
		return fault.OnField("host.name", "must be 1 to 255 printable characters")
	case !plainText(in.Resource, 255):
		return fault.OnField("resource", "must be at most 255 printable characters")
	}
	return checkHost(in.Host)
}

func checkHost(h agent.Host) error {
	const most = 1000 // addresses
	if len(h.Name) > 255 || len(h.OS)+len(h.Arch)+len(h.Kernel) > 1000 || len(h.IPv4)+len(h.IPv6) > most {
		return fault.OnField("host", "is too long")
	}
	for _, list := range [][]string{h.IPv4, h.IPv6} {
		for _, a := range list {
			if _, err := netip.ParseAddr(a); err != nil {
				return fault.OnField("host", "%.60q is no address", a)
			}
		}
	}
	return nil
}

// enroll makes the agent of a host, or gives the one that it has another key.
func (p *agents) enroll(ctx context.Context, in agent.Application, now time.Time) (agent.Enrolled, error) {
	if err := checkApplication(in); err != nil {
		return agent.Enrolled{}, err
	}
	everything, err := p.server.store.Everything(ctx)
	if err != nil {
		return agent.Enrolled{}, err
	}
	out := agent.Enrolled{Region: p.server.Region, Resource: in.Resource, Now: now}
	if out.Resource == "" {
		out.Resource = in.Host.Name
	}
	var o store.Object
	err = p.server.store.Update(ctx, func(tx *store.Tx) error {
		by, d, err := redeem(ctx, tx, everything, in.Token, now)
		if err != nil {
			return err
		}
		scope := org.Only(by.Account)
		o = store.Object{Kind: agentKind, Account: by.Account, ID: agentID(by.Account, in.MachineID), Parent: out.Resource, Created: now, Updated: now}
		if err := p.release(ctx, tx, &o, now); err != nil {
			return err
		}
		made, err := tx.CreateKey(ctx, scope, store.AccessKey{Account: o.Account, Name: o.ID, Role: org.Agent, Subject: o.Parent, Created: now})
		if err != nil {
			return err
		}
		out.Account, out.Agent, out.Key, out.Secret = o.Account.String(), o.ID, made.ID, made.Secret
		return tx.Put(ctx, scope, o, agentDoc{
			Key: made.ID, Version: clipped(in.Version, 100), Host: in.Host, Labels: d.Labels, Enrollment: by.ID, Enrolled: now,
			Heartbeat: d.Heartbeat, FullEvery: d.FullEvery, Seen: now,
		})
	})
	if err != nil {
		return agent.Enrolled{}, err
	}
	return out, p.await(ctx, o, in, now)
}

// agentID names the agent of a machine: there is one.
func agentID(account org.Account, machine string) string {
	sum := sha256.Sum256([]byte(account.String() + "\n" + machine))
	return "agent-" + hex.EncodeToString(sum[:10])
}

// redeem uses a token once. Who does not have it is told no more than that.
func redeem(ctx context.Context, tx *store.Tx, everything org.Scope, token string, now time.Time) (store.Object, enrollmentDoc, error) {
	unknown := fault.New(fault.Denied, "The token is not valid.")
	id, secret, ok := strings.Cut(strings.TrimPrefix(token, tokenPrefix), ".")
	if !ok || !strings.HasPrefix(token, tokenPrefix) {
		return store.Object{}, enrollmentDoc{}, unknown
	}
	o, err := tx.Object(ctx, everything, enrollmentKind, id)
	if fault.KindOf(err) == fault.NotFound {
		return o, enrollmentDoc{}, unknown
	}
	if err != nil {
		return o, enrollmentDoc{}, err
	}
	var d enrollmentDoc
	if err := o.Decode(&d); err != nil {
		return o, d, err
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(tokenSum(secret)), []byte(d.Sum)) != 1:
		return o, d, unknown
	case !now.Before(d.Expires):
		return o, d, fault.New(fault.Denied, "The token has expired at %s.", d.Expires.UTC().Format(time.RFC3339))
	case d.Used >= d.Uses:
		return o, d, fault.New(fault.Denied, "The token has been used up: it was for %d.", d.Uses)
	}
	d.Used++
	o.Updated = now
	return o, d, tx.Put(ctx, org.Only(o.Account), o, d)
}

// release ends the key that the machine of an agent had before, and refuses a
// resource that another machine's agent speaks for.
func (p *agents) release(ctx context.Context, tx *store.Tx, o *store.Object, now time.Time) error {
	scope := org.Only(o.Account)
	others, err := tx.Objects(ctx, scope, store.Objects{Kind: agentKind, Parent: o.Parent})
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != o.ID {
			return fault.New(fault.Conflict, "%s is spoken for by %s of another machine: delete that agent, or enrol with another id (--id).", o.Parent, other.ID)
		}
	}
	old, err := tx.Object(ctx, scope, agentKind, o.ID)
	if err != nil {
		return ignoreMissing(err)
	}
	var d agentDoc
	if err := old.Decode(&d); err != nil {
		return err
	}
	o.Created = old.Created
	return ignoreMissing(tx.DisableKey(ctx, scope, d.Key, now)) // somebody may have deleted it
}

// await has coverage tell of a host from which nothing has come yet.
func (p *agents) await(ctx context.Context, o store.Object, in agent.Application, now time.Time) error {
	scope, s := org.Only(o.Account), p.server.store
	settings, err := s.Settings(ctx, scope, o.Account)
	if err != nil || !settings.On(org.EC2) {
		return err
	}
	res := p.resource(o)
	if _, known, err := s.Watched(ctx, scope, res); err != nil || known {
		return err
	}
	res.Name, res.Arch, res.Host = in.Host.Name, in.Host.Arch, resource.Host{IPv4: in.Host.IPv4, IPv6: in.Host.IPv6}
	pending := store.Coverage{ScanType: store.PackageScan, Code: store.CoverageActive, Reason: "PENDING_INITIAL_SCAN", Mode: agentMode(res.ID)}
	if _, err := s.Record(ctx, scope, []store.Scan{{Resource: res, Coverage: []store.Coverage{pending}}}, now); err != nil {
		return fmt.Errorf("noting %s: %w", res.ID, err)
	}
	return nil
}

// agentMode returns how a machine with an agent is scanned, in Amazon's words.
// Source: Amazon Inspector API, type ScanMode.
func agentMode(id string) string {
	if strings.HasPrefix(id, "i-") {
		return "EC2_INSPECTOR_AGENT_BASED"
	}
	return "VM_INSPECTOR_AGENT_BASED"
}
