package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/client"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/monitor"
	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// targetFlags say how to open a target.
type targetFlags struct {
	Target string `arg:"" help:"Image, archive, directory, function zip or SBOM; \"host\" is this machine, \"-\" is standard input. A prefix forces the kind: registry: oci: docker-archive: oci-archive: dir: source: function: sbom:"`

	Platform string   `placeholder:"OS/ARCH" help:"Which image of an index, such as linux/arm64."`
	Insecure bool     `help:"Allow plain HTTP and certificates that cannot be verified."`
	CAFile   string   `name:"ca-file" placeholder:"FILE" help:"PEM file of additional certificate authorities."`
	Username string   `placeholder:"NAME" env:"ASSAY_REGISTRY_USERNAME" help:"User at the registry; docker's configuration is used if none is given."`
	Password string   `placeholder:"SECRET" env:"ASSAY_REGISTRY_PASSWORD" help:"Password at the registry; better given in the environment."`
	Layer    []string `sep:"none" placeholder:"ZIP" help:"A layer of the function; may be repeated, in order."`
	CacheDir string   `placeholder:"DIR" env:"ASSAY_CACHE" help:"Where results of image layers are kept; \"off\" keeps none."`
	Output   []string `short:"o" sep:"none" placeholder:"FORMAT[=FILE]" help:"Output format, to standard output or a file; may be repeated. Formats: ${formats}."`
	Quiet    bool     `short:"q" help:"Show no progress."`
}

func (t *targetFlags) options(e edge) (scan.Options, func(), error) {
	platform, err := parsePlatform(t.Platform)
	if err != nil {
		return scan.Options{}, nil, err
	}
	show, wipe := progress(e, t.Quiet)
	opt := scan.Options{
		Open: artifact.Options{
			Platform: platform, Insecure: t.Insecure, CAFile: t.CAFile,
			Username: t.Username, Password: t.Password, Layers: t.Layer, Stdin: e.stdin,
		},
		Progress: layerProgress(show, t.Target),
	}
	if cache := openCache(e, t.CacheDir); cache != nil {
		opt.Cache = cache
		return opt, func() { wipe(); cache.Prune() }, nil
	}
	return opt, wipe, nil
}

func parsePlatform(s string) (artifact.Platform, error) {
	if s == "" {
		return artifact.Platform{}, nil
	}
	parts := strings.SplitN(s, "/", 3)
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return artifact.Platform{}, fmt.Errorf("platform %q must be OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64", s)
	}
	p := artifact.Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		p.Variant = parts[2]
	}
	return p, nil
}

// scanCommand is "assay scan".
type scanCommand struct {
	targetFlags

	DB       string `name:"db" placeholder:"FILE" env:"ASSAY_DB" help:"Advisory database made by \"assay db build\"; the user's own or the small starter set if none is given."`
	Severity string `placeholder:"LEVEL" help:"Report findings of this severity and above: low, medium, high, critical."`
	Fixable  bool   `help:"Report only findings that an upgrade closes."`
	Upstream bool   `help:"Also report what only upstream states about software that the distribution packages."`
	Baseline string `placeholder:"FILE|server[:NAME]" help:"What was known before: a JSON report, or what --server has of this resource, or of NAME: for an image TAG or REPOSITORY:TAG, else the id of a resource. Findings are then marked new or known."`
	New      bool   `help:"Report only findings that the baseline does not have."`
	FailOn   string `placeholder:"LEVEL[,fixable][,new]" help:"Exit with 1 if a reported finding has this severity or above: low, medium, high, critical; one that nobody has rated, UNTRIAGED, has none of them. With fixable it must be one that an upgrade closes, with new one that the baseline does not have."`
	exceptionFlags

	Summary string `placeholder:"FILE" help:"Also write what matters in Markdown, for the page of a build or a comment."`
	Name    string `placeholder:"NAME" help:"What the target is called, such as registry.example.com/shop/app:1.2 for an image that is read from a file."`
	Account string `default:"000000000000" help:"Account that findings belong to, 12 digits."`
	Region  string `default:"us-east-1" help:"Region that findings belong to."`

	remoteFlags
	Resource string            `placeholder:"ID" help:"What the server knows the target by; follows from the target if empty."`
	Label    map[string]string `placeholder:"KEY=VALUE" help:"Tag of the resource at the server; may be repeated."`
}

// Help shows examples.
func (scanCommand) Help() string {
	return `Examples:
  assay scan alpine:3.20                        an image in its registry
  assay scan ./image-layout --db assay.db       an OCI layout, with a full database
  assay scan host --severity high               this machine
  assay scan alpine:3.20 -o html=alpine.html    one page to open, hand on or print
  assay scan . --fail-on high -o sarif=a.sarif -o table
  assay scan . --baseline main.json --fail-on high,fixable,new --summary summary.md
                                                fail only for what has come since, and can be repaired
  assay scan alpine:3.20 --vex vendor.json --ignore-file accepted.yaml --show-suppressed
                                                without what is stated not to be affected, or is accepted
  assay scan function.zip --layer layer.zip     a function in place
  assay scan bom.cdx.json -o json               somebody else's SBOM
  assay scan alpine:3.20 --server http://127.0.0.1:8480
                                                also kept by a server, with the access key of the environment

Exit status: 0 done, 1 a finding reaches --fail-on, 2 not done, 3 done but something could not be read,
a package that an advisory names has no version to judge, or the database has nothing about an ecosystem
of the target.`
}

// Run scans the target and writes the reports.
func (c *scanCommand) Run(ctx context.Context, e edge) error {
	outputs, err := parseOutputs(c.Output, "table", formatNames(), c.Summary)
	if err != nil {
		return err
	}
	limit, with, err := c.prepare(e)
	if err != nil {
		return err
	}
	except, err := c.load(e)
	if err != nil {
		return err
	}
	db, err := openKnowledge(e, c.DB)
	if err != nil {
		return err
	}
	defer db.Close()
	opt, stop, err := c.options(e)
	if err != nil {
		return err
	}
	opt.Match = match.Options{Upstream: c.Upstream}
	rep, err := scan.Run(ctx, c.Target, db, opt)
	stop()
	if err != nil {
		return err
	}
	rep.Target = named(rep.Target, c.Name)
	rep.Database = describe(db)
	now, err := statedTime(e, db.Header().Built)
	if err != nil {
		return err
	}
	with.res = monitor.Describe(c.Account, c.Region, rep.Target, rep.Inventory.OS)
	scanned, err := statedTime(e, time.Now())
	if err != nil {
		return err
	}
	doc := report.Document{Report: rep, Now: now, Scanned: scanned, Version: version, ShowSuppressed: c.ShowSuppressed}
	except.Now = scanned
	if err := judge(ctx, &doc, with.res, except, db); err != nil {
		return err
	}
	if doc.Base, err = c.compare(ctx, e, doc, with); err != nil {
		return err
	}
	doc.Findings = c.choose(doc)
	if err := writeOutputs(e, outputs, doc); err != nil {
		return err
	}
	if c.Summary != "" {
		if err := writeFile(c.Summary, func(w io.Writer) error { return writeSummary(w, doc, limit) }); err != nil {
			return err
		}
	}
	if with.server != nil {
		if err := submit(ctx, e, with.server, c.said(with.res), rep); err != nil {
			return err
		}
	}
	sayExceptions(e, doc)
	failing := limit.reached(doc)
	sayFailing(e, limit, failing)
	return conclude(rep, failing)
}

// A comparison is what a scan is compared with: a baseline, or if that is nil
// what the server has of the resource.
type comparison struct {
	before *baseline
	server *client.Client // nil without a server
	res    resource.Resource
}

// prepare checks what can be checked before the work begins.
func (c *scanCommand) prepare(e edge) (threshold, comparison, error) {
	var with comparison
	limit, err := parseThreshold(c.FailOn)
	if err != nil {
		return limit, with, err
	}
	if c.Severity = strings.ToLower(c.Severity); c.Severity != "" && !slices.Contains(levels(), c.Severity) {
		return limit, with, fmt.Errorf("--severity %q must be one of %s; those above it are reported too", c.Severity, strings.Join(levels(), ", "))
	}
	if err := errors.Join(checkAccount(c.Account), checkRegion(c.Region)); err != nil {
		return limit, with, err
	}
	if c.Summary != "" {
		if err := checkPlace(c.Summary); err != nil {
			return limit, with, err
		}
	}
	if c.Server != "" {
		if with.server, err = c.client(e); err != nil {
			return limit, with, err
		}
	}
	_, atServer := c.serverBaseline()
	switch {
	case c.Baseline == "" && (c.New || limit.fresh):
		return limit, with, errors.New("without --baseline nobody knows which findings are new")
	case atServer && with.server == nil:
		return limit, with, errors.New("--baseline server: no server is given with --server or ASSAY_SERVER")
	case c.Baseline != "" && !atServer:
		b, err := openBaseline(c.Baseline)
		if err != nil {
			return limit, with, err
		}
		with.before = &b
	}
	return limit, with, nil
}

// serverBaseline returns the NAME of server:NAME, and whether the server is
// the baseline.
func (c *scanCommand) serverBaseline() (name string, ok bool) {
	if c.Baseline == "server" {
		return "", true
	}
	return strings.CutPrefix(c.Baseline, "server:")
}

// compare returns which findings the baseline has; nil without a baseline.
func (c *scanCommand) compare(ctx context.Context, e edge, doc report.Document, with comparison) (*report.Base, error) {
	if other, ok := c.serverBaseline(); ok {
		of := formerScanOf(with.res, c.said(with.res).ID, other)
		b, err := askBaseline(ctx, with.server, of, e.stderr)
		if err != nil {
			return nil, err
		}
		return b.compare(doc.Matched(), apiSpots(doc.Report.Target)), nil
	}
	b := with.before
	if b == nil {
		return nil, nil
	}
	if kind := doc.Report.Target.Kind; b.kind != kind {
		return nil, fmt.Errorf("baseline %s is of another kind of target: it is of %s, and %s is %s", b.name, b.kind, c.Target, kind)
	}
	if b.left > 0 && c.Severity == "" && !c.Fixable {
		fmt.Fprintf(e.stderr, "baseline %s does not list all that its target had (--severity, --fixable or --new): the rest counts as new\n", b.name)
	}
	return b.compare(doc.Matched(), spots), nil
}

// named gives a target the name that its user knows it by. The tag in the
// name of an image is one of its tags.
func named(t scan.Target, name string) scan.Target {
	if name == "" {
		return t
	}
	t.Name = name
	bare, _, _ := strings.Cut(name[strings.LastIndexByte(name, '/')+1:], "@")
	if _, tag, ok := strings.Cut(bare, ":"); ok && t.Kind == artifact.Image && !slices.Contains(t.Tags, tag) {
		t.Tags = slices.Sorted(slices.Values(append(slices.Clone(t.Tags), tag)))
	}
	return t
}

// said is what the server is told of the resource besides what it holds.
func (c *scanCommand) said(res resource.Resource) resource.Resource {
	out := resource.Resource{ID: c.Resource, Labels: c.Label}
	if res.Type != resource.Code {
		return out
	}
	if out.ID == "" && c.Name != "" {
		out.ID = c.Name
	} else if out.ID == "" {
		out.ID = place(res.Name)
	}
	// The API has a place for the commit of a repository that was scanned last.
	if commit := c.Label["commit"]; len(commit) == 40 && strings.Trim(commit, "0123456789abcdef") == "" {
		out.Code.Commit = commit
	}
	return out
}

// choose keeps the findings that are asked for.
func (c *scanCommand) choose(doc report.Document) []finding.Finding {
	out := doc.Findings[:0:0]
	for _, f := range doc.Findings {
		if c.Severity != "" && !f.Severity.AtLeast(finding.Severity(strings.ToUpper(c.Severity))) {
			continue
		}
		if c.Fixable && f.Fix == finding.FixNo || c.New && !doc.Base.HasNew(&f) {
			continue
		}
		out = append(out, f)
	}
	return out
}

// maxNamed is how many findings a message names.
const maxNamed = 5

// sayFailing says which findings make the scan fail.
func sayFailing(e edge, limit threshold, failing []finding.Finding) {
	if len(failing) == 0 {
		return
	}
	var names []string
	for i := range failing[:min(len(failing), maxNamed)] {
		names = append(names, clip(failing[i].Title, maxCell))
	}
	more := ""
	if n := len(failing) - len(names); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	fmt.Fprintf(e.stderr, "%s --fail-on %s: %s%s\n", reach(len(failing)), limit, strings.Join(names, "; "), more)
}

// conclude returns the outcome of a scan: a threshold met, by the findings
// that reach it, wins over problems.
func conclude(rep scan.Report, failing []finding.Finding) error {
	if len(failing) > 0 {
		return outcome{statusThreshold}
	}
	if len(rep.Inventory.Problems) > 0 || slices.ContainsFunc(rep.Result.Notes, incomplete) {
		return outcome{statusProblems}
	}
	return nil
}

// incomplete tells whether a note says that the database lacks data which it
// could have, or that a package which it has data about could not be judged.
// Nobody has advisories for generic packages.
func incomplete(n match.Note) bool {
	return n.Kind == match.UnsupportedPlatform || n.Kind == match.Unassessed || n.Kind == match.NoData && ecosystem.Language(n.Subject)
}

// checkRegion refuses what would take the names of findings apart: the region
// is a part of each. It need not be one that Amazon has.
func checkRegion(s string) error {
	if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("region %q must be of small letters, digits and dashes, such as us-east-1", s)
	}
	return nil
}

func checkAccount(s string) error {
	if len(s) != 12 || strings.Trim(s, "0123456789") != "" {
		return fmt.Errorf("account %q must be 12 digits", s)
	}
	return nil
}
