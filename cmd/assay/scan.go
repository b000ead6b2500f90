package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	cache := openCache(e, t.CacheDir)
	if cache != nil {
		opt.Cache = cache
	}
	return opt, func() { wipe(); cache.prune() }, nil
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
	Severity string `placeholder:"LEVEL" enum:",low,medium,high,critical" default:"" help:"Report findings of this severity and above: low, medium, high, critical."`
	Fixable  bool   `help:"Report only findings that an upgrade closes."`
	Upstream bool   `help:"Also report what only upstream states about software that the distribution packages."`
	FailOn   string `placeholder:"LEVEL" enum:",low,medium,high,critical" default:"" help:"Exit with 1 if a reported finding has this severity or above."`
	Account  string `default:"000000000000" help:"Account that findings belong to, 12 digits."`
	Region   string `default:"us-east-1" help:"Region that findings belong to."`

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
  assay scan . --fail-on high -o sarif=a.sarif -o table
  assay scan function.zip --layer layer.zip     a function in place
  assay scan bom.cdx.json -o json               somebody else's SBOM
  assay scan alpine:3.20 --server http://127.0.0.1:8480
                                                also kept by a server, with the access key of the environment

Exit status: 0 done, 1 a finding reaches --fail-on, 2 not done, 3 done but something could not be read,
or the database has nothing about an ecosystem of the target.`
}

// Run scans the target and writes the reports.
func (c *scanCommand) Run(ctx context.Context, e edge) error {
	outputs, err := parseOutputs(c.Output, "table")
	if err != nil {
		return err
	}
	if err := checkAccount(c.Account); err != nil {
		return err
	}
	var server *client.Client // checked before the work begins
	if c.Server != "" {
		if server, err = c.client(e); err != nil {
			return err
		}
	}
	db, err := openKnowledge(ctx, e, c.DB)
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
	rep.Database = describe(db)
	now, err := statedTime(e, db.Header().Built)
	if err != nil {
		return err
	}
	res := monitor.Describe(c.Account, c.Region, rep.Target, rep.Inventory.OS)
	findings, err := finding.New(ctx, res, rep.Result.Matches, db, now)
	if err != nil {
		return err
	}
	findings = choose(findings, c.Severity, c.Fixable)
	doc := report.Document{Report: rep, Findings: findings, Now: now, Version: version}
	if err := writeOutputs(e, outputs, doc); err != nil {
		return err
	}
	if server != nil {
		if err := submit(ctx, e, server, c.said(res), rep); err != nil {
			return err
		}
	}
	return conclude(rep, findings, c.FailOn)
}

// said is what the server is told of the resource besides what it holds.
func (c *scanCommand) said(res resource.Resource) resource.Resource {
	out := resource.Resource{ID: c.Resource, Labels: c.Label}
	if out.ID == "" && res.Type == resource.Code {
		out.ID = place(res.Name)
	}
	return out
}

// choose keeps the findings that are asked for.
func choose(all []finding.Finding, severity string, fixable bool) []finding.Finding {
	out := all[:0:0]
	for _, f := range all {
		if severity != "" && !f.Severity.AtLeast(finding.Severity(strings.ToUpper(severity))) {
			continue
		}
		if fixable && f.Fix == finding.FixNo {
			continue
		}
		out = append(out, f)
	}
	return out
}

// conclude returns the outcome of a scan: a threshold met wins over problems.
func conclude(rep scan.Report, findings []finding.Finding, failOn string) error {
	if failOn != "" {
		for _, f := range findings {
			if f.Severity.AtLeast(finding.Severity(strings.ToUpper(failOn))) {
				return outcome{statusThreshold}
			}
		}
	}
	if len(rep.Inventory.Problems) > 0 || slices.ContainsFunc(rep.Result.Notes, incomplete) {
		return outcome{statusProblems}
	}
	return nil
}

// incomplete tells whether a note says that the database lacks data which it
// could have. Nobody has advisories for generic packages.
func incomplete(n match.Note) bool {
	return n.Kind == match.UnsupportedPlatform || n.Kind == match.NoData && ecosystem.Language(n.Subject)
}

func checkAccount(s string) error {
	if len(s) != 12 || strings.Trim(s, "0123456789") != "" {
		return fmt.Errorf("account %q must be 12 digits", s)
	}
	return nil
}
