package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/assay-project/assay/match"
	"github.com/assay-project/assay/scan"
)

// explainCommand is "assay explain".
type explainCommand struct {
	targetFlags

	ID string `arg:"" name:"id" help:"A CVE, a GHSA or another id, also that of a notice such as DSA-5380-1."`
	DB string `name:"db" placeholder:"FILE" env:"ASSAY_DB" help:"Advisory database made by \"assay db build\"; the user's own or the small starter set if none is given."`
}

// Help shows examples.
func (explainCommand) Help() string {
	return `Examples:
  assay explain alpine:3.20 CVE-2023-5363          why the image has it, or why not
  assay explain host DSA-5380-1                    any flaw that the notice repairs, on this machine
  assay explain . GHSA-jf85-cpcp-j695 -o json      for a program

Each package that an advisory names is listed with its answer: affected, not-affected, unknown (no
data for the platform, or a version that cannot be compared), or reported-elsewhere (the package of
the distribution, or the kernel, counts in its place), and with what each advisory states about it.

Exit status: 0 answered, whatever the answer; 2 the id is unknown, or the target cannot be read.`
}

// explained is the document of -o json.
type explained struct {
	Version int         `json:"version"` // of the document
	Target  scan.Target `json:"target"`
	match.Explanation
	Database *scan.Database `json:"database"`
}

// explainVersion is that of the document of -o json.
const explainVersion = 1

// Run reads the target and writes the explanation.
func (c *explainCommand) Run(ctx context.Context, e edge) error {
	outputs, err := parseOutputs(c.Output, "table", []string{"table", "json"})
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
	rep, err := scan.Inventory(ctx, c.Target, opt)
	stop()
	if err != nil {
		return err
	}
	x, err := match.Explain(ctx, rep.Inventory, db, c.ID)
	if errors.Is(err, match.ErrUnknown) {
		return fmt.Errorf("the database knows no advisory %q", c.ID)
	}
	if err != nil {
		return err
	}
	return writeEach(e, outputs, func(o output, w io.Writer) error {
		if o.format == "table" {
			return printExplanation(w, x)
		}
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(explained{explainVersion, rep.Target, x, describe(db)})
	})
}

// printExplanation writes the answer, then each package with what is stated
// about it.
func printExplanation(w io.Writer, x match.Explanation) error {
	var b strings.Builder
	name := x.Asked
	if len(x.Names) > 0 {
		name = strings.Join(x.Names, ", ")
	}
	fmt.Fprintf(&b, "%s: %s\n%s\n", name, x.Answer, x.Reason)
	for _, p := range x.Packages {
		fmt.Fprintf(&b, "\n%s %s %s: %s\n", p.Package.Type, p.Package.Name, p.Package.Version, p.Answer)
		field := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, "  %-10s %s\n", name, value)
			}
		}
		field("why", p.Reason)
		field("file", p.Package.Path)
		field("layer", p.Package.Layer)
		field("source", strings.TrimSpace(p.Package.SourceName+" "+p.Package.SourceVersion))
		field("owned by", p.Package.OwnedBy)
		field("confidence", string(p.Confidence))
		for _, s := range p.Evidence {
			name := s.Name
			if s.NameKind == "source" {
				name = "the source " + name
			}
			field("advisory", fmt.Sprintf("%s of %s, about %s in %s", s.Advisory, s.Source, name, s.Ecosystem))
			field("  states", s.Stated)
			field("  compared", s.Version)
			field("  so", s.Says)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
