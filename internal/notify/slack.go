package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/assay-project/assay/internal/store"
)

// Limits of messages for people.
const (
	maxDigest    = 100  // events in one
	digestLines  = 20   // of them described
	maxSlack     = 8000 // characters of a message
	slackSummary = 300  // characters of a description
)

func checkSlack(c *Config) error { return c.checkAddress() }

// openSlack returns a sink that posts messages for people, in the form of
// Slack's incoming webhooks, which other chats understand as well.
// Source: Slack API, "Sending messages using incoming webhooks", "Formatting
// text for app surfaces".
func openSlack(c Config) (Sink, error) {
	h, err := newHook(c, "application/json; charset=utf-8")
	if err != nil {
		return Sink{}, err
	}
	post := func(ctx context.Context, text string) (string, error) {
		body, err := json.Marshal(map[string]string{"text": cut(text, maxSlack)})
		if err != nil {
			return "", err
		}
		got, err := h.send(ctx, body)
		return got.said(), err
	}
	single := func(ctx context.Context, list []store.Event) answer {
		errs, said := make([]error, len(list)), ""
		for i, e := range list {
			if i > 0 && nobody(errs[i-1:i]) != nil { // such receivers take one message a second
				errs[i] = errs[i-1]
				continue
			}
			n, err := noticeOf(e)
			if err == nil {
				said, err = post(ctx, n.whole())
			}
			errs[i] = err
		}
		return answer{said, errs}
	}
	digest := func(ctx context.Context, list []store.Event) answer {
		text, errs := digestOf(list)
		said, err := post(ctx, text)
		for i := range errs {
			errs[i] = cmp.Or(errs[i], err)
		}
		return answer{said, errs}
	}
	if c.Batch {
		return Sink{batch: maxDigest, send: digest, close: h.close}, nil
	}
	return Sink{batch: batchSize, send: single, close: h.close}, nil
}

// A notice is an event in words for people.
type notice struct {
	rank    int    // of its severity; the greater the graver
	what    string // happened: "opened", "scanned"
	line    string
	details []string
}

// happened says in words what became of a finding.
var happened = map[string]string{
	"finding.created": "opened", "finding.reopened": "opened again", "finding.updated": "changed", "finding.closed": "closed",
	"finding.suppressed": "suppressed", "finding.unsuppressed": "no longer suppressed", TestKind: "sent as a test",
	"scan.completed": "scanned for the first time", "coverage.changed": "changed in coverage",
	"rule.created": "made", "rule.updated": "changed", "rule.deleted": "deleted", "autoenable.failed": "not activated",
}

// noticeOf puts an event into words.
func noticeOf(e store.Event) (notice, error) {
	c, err := contentOf(e)
	if err != nil {
		return notice{}, &refusal{err}
	}
	n := notice{what: cmp.Or(happened[e.Kind], e.Kind)}
	if strings.HasPrefix(e.Kind, "finding.") && !c.Gone {
		var f toldFinding
		if err := json.Unmarshal(c.Detail, &f); err != nil {
			return n, refuse("the finding cannot be read: %w", err)
		}
		n.finding(f, e)
		return n, nil
	}
	n.line = fmt.Sprintf("%s: `%s` %s", words(c.Type), words(e.Subject), n.what)
	switch c.Type {
	case ScanEvent:
		var d struct {
			Counts map[string]int `json:"finding-severity-counts"`
		}
		_ = json.Unmarshal(c.Detail, &d) // without numbers it is still a notice
		n.line += fmt.Sprintf(": %d critical, %d high, %d medium, %d in all", d.Counts["CRITICAL"], d.Counts["HIGH"], d.Counts["MEDIUM"], d.Counts["TOTAL"])
	case CoverageEvent:
		var d struct {
			Status struct {
				Reason string `json:"reason"`
				Code   string `json:"statusCodeValue"`
			} `json:"scanStatus"`
			Scan string `json:"scanType"`
		}
		_ = json.Unmarshal(c.Detail, &d) // the same
		n.line += fmt.Sprintf(": %s %s, %s", words(d.Scan), words(d.Status.Code), words(d.Status.Reason))
	}
	return n, nil
}

// finding puts an event about a finding into words.
func (n *notice) finding(f toldFinding, e store.Event) {
	n.rank = slices.Index(severities, f.Severity)
	on := e.Subject
	if len(f.Resources) > 0 {
		on = f.Resources[0].ID
	}
	title := words(cmp.Or(f.Title, e.Subject))
	if f.Packages != nil && strings.HasPrefix(f.Packages.SourceURL, "https://") {
		title = "<" + strings.NewReplacer("|", "%7C", ">", "%3E", "&", "&amp;").Replace(f.Packages.SourceURL) + "|" + strings.ReplaceAll(title, "|", "/") + ">"
	}
	n.line = fmt.Sprintf("*%s* %s %s on `%s`", words(string(f.Severity)), title, n.what, words(on))
	if f.Score != nil {
		n.details = append(n.details, "score "+number(*f.Score))
	}
	if f.Fix != "" {
		n.details = append(n.details, "fix available: "+strings.ToLower(f.Fix))
	}
	if f.Exploit == "YES" {
		n.details = append(n.details, "exploited")
	}
	n.details = append(n.details, "account "+f.Account)
	n.details = []string{strings.Join(n.details, ", ")}
	if f.Packages != nil {
		for i, p := range f.Packages.Packages {
			if i == 3 {
				n.details = append(n.details, fmt.Sprintf("and %d more packages", len(f.Packages.Packages)-i))
				break
			}
			text := words(p.Name + " " + p.Version)
			if p.Fixed != "" {
				text += ", fixed in " + words(p.Fixed)
			}
			n.details = append(n.details, text)
		}
	}
	if f.Description != "" {
		n.details = append(n.details, words(cut(strings.Join(strings.Fields(f.Description), " "), slackSummary)))
	}
}

// whole is the notice as a message of its own.
func (n notice) whole() string {
	return strings.Join(append([]string{n.line}, n.details...), "\n> ")
}

// words leaves nothing in a text that a chat takes for a command.
// Source: Slack API, "Formatting text for app surfaces", "Escaping text".
func words(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "'", "\n", " ").Replace(s)
}

// digestOf puts many events into one message: how many of which sort, and the
// gravest of them.
func digestOf(list []store.Event) (string, []error) {
	errs := make([]error, len(list))
	var notices []notice
	sums := map[string]int{}
	for i, e := range list {
		n, err := noticeOf(e)
		if err != nil {
			errs[i] = err
			continue
		}
		kind, _, _ := strings.Cut(e.Kind, ".")
		sums[kind+" "+n.what]++
		notices = append(notices, n)
	}
	if len(notices) == 1 {
		return notices[0].whole(), errs
	}
	slices.SortStableFunc(notices, func(a, b notice) int { return cmp.Compare(b.rank, a.rank) })
	var parts []string
	for kind, n := range sums {
		parts = append(parts, fmt.Sprintf("%d × %s", n, kind))
	}
	slices.Sort(parts)
	lines := []string{fmt.Sprintf("%d events: %s", len(notices), strings.Join(parts, ", "))}
	for i, n := range notices {
		if i == digestLines {
			lines = append(lines, fmt.Sprintf("… and %d more", len(notices)-i))
			break
		}
		lines = append(lines, "• "+n.line)
	}
	return strings.Join(lines, "\n"), errs
}
