package main

import (
	"context"
	"time"

	"github.com/assay-project/assay/internal/report"
	"github.com/assay-project/assay/scan"
)

// sbomCommand is "assay sbom".
type sbomCommand struct {
	targetFlags
}

// Help shows examples.
func (sbomCommand) Help() string {
	return `Examples:
  assay sbom alpine:3.20 > alpine.cdx.json      CycloneDX 1.5
  assay sbom . -o spdx=tree.spdx.json           SPDX 2.3
  assay sbom image.tar -o cyclonedx=a.json -o table

Exit status: 0 done, 2 not done, 3 done but something could not be read.`
}

// Run reads the inventory of the target and writes it.
func (c *sbomCommand) Run(ctx context.Context, e edge) error {
	outputs, err := parseOutputs(c.Output, "cyclonedx", inventoryFormats())
	if err != nil {
		return err
	}
	opt, stop, err := c.options(e)
	if err != nil {
		return err
	}
	rep, err := scan.Inventory(ctx, c.Target, opt)
	stop()
	if err != nil {
		return err
	}
	// Without a database nothing states a time but the environment.
	now, err := statedTime(e, time.Time{})
	if err != nil {
		return err
	}
	doc := report.Document{Report: rep, Now: now, Version: version}
	if err := writeOutputs(e, outputs, doc); err != nil {
		return err
	}
	return conclude(rep, nil)
}
