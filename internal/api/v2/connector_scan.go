package v2

import (
	"context"
	"slices"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// connectorScan says for how long images that come through a Config connector
// are scanned again.
type connectorScan struct {
	Push inspector2.ContainerImageRescanDuration         `json:"push,omitempty"`
	Pull inspector2.ContainerImagePullDateRescanDuration `json:"pull,omitempty"`
}

// scansOf returns what is set for the Config connectors of an account, by ARN.
func scansOf(ctx context.Context, from api.Objects, account org.Account) (map[string]connectorScan, error) {
	list, err := every[connectorScan](ctx, from, org.Only(account), connectorScanKind)
	out := make(map[string]connectorScan, len(list))
	for _, h := range list {
		out[h.ID] = h.Value
	}
	return out, err
}

// listConnectorScanConfigurations has an item for each Config connector that
// connectors of the caller go through; nothing is said of durations that are
// not set.
func (o Operations) listConnectorScanConfigurations(
	ctx context.Context, in *inspector2.ListConnectorScanConfigurationsRequest,
) (*inspector2.ListConnectorScanConfigurationsResponse, error) {
	const most = 50
	account := api.CallerOf(ctx).Account
	connectors, err := every[connector](ctx, o.Store, org.Only(account), connectorKind)
	if err != nil {
		return nil, err
	}
	scans, err := scansOf(ctx, o.Store, account)
	if err != nil {
		return nil, err
	}
	var rows []inspector2.ConnectorScanConfigurationItem
	for _, h := range connectors {
		config := h.Value.Config
		if len(in.AwsConfigConnectorARNs) > 0 && !slices.Contains(in.AwsConfigConnectorARNs, config) {
			continue
		}
		i := slices.IndexFunc(rows, func(r inspector2.ConnectorScanConfigurationItem) bool { return r.AwsConfigConnectorARN == config })
		if i < 0 {
			i = len(rows)
			rows = append(rows, scanItem(config, scans[config]))
		}
		rows[i].ConnectorARNs = append(rows[i].ConnectorARNs, h.ARN)
	}
	rows, next, err := cut[inspector2.ConnectorScanConfigurationItem]{
		operation: "ListConnectorScanConfigurations", asked: in.AwsConfigConnectorARNs,
		key:   func(r inspector2.ConnectorScanConfigurationItem) string { return r.AwsConfigConnectorARN },
		token: in.NextToken, size: in.MaxResults, most: most,
	}.page(ctx, o, rows)
	return &inspector2.ListConnectorScanConfigurationsResponse{ScanConfigurations: rows, NextToken: next}, err
}

func scanItem(config string, scan connectorScan) inspector2.ConnectorScanConfigurationItem {
	out := inspector2.ConnectorScanConfigurationItem{AwsConfigConnectorARN: config}
	if scan != (connectorScan{}) {
		out.ScanConfiguration.ContainerImageScanning = &inspector2.ConnectorContainerImageScanConfiguration{
			PushDuration: scan.Push, PullDuration: scan.Pull,
		}
	}
	return out
}

// updateConnectorScanConfiguration sets the durations that the request names.
func (o Operations) updateConnectorScanConfiguration(
	ctx context.Context, in *inspector2.UpdateConnectorScanConfigurationRequest,
) (*inspector2.UpdateConnectorScanConfigurationResponse, error) {
	images := in.ScanConfiguration.ContainerImageScanning
	if images == nil || images.PushDuration == "" && images.PullDuration == "" {
		return nil, fault.OnField("scanConfiguration", "names nothing to change")
	}
	account, now := api.CallerOf(ctx).Account, o.Now()
	err := o.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Hold(ctx, account); err != nil {
			return err
		}
		connectors, err := every[connector](ctx, tx, org.Only(account), connectorKind)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(connectors, func(h api.Held[connector]) bool { return h.Value.Config == in.AwsConfigConnectorARN }) {
			return fault.New(fault.NotFound, "No connector goes through %s.", in.AwsConfigConnectorARN)
		}
		scans, err := scansOf(ctx, tx, account)
		if err != nil {
			return err
		}
		scan := scans[in.AwsConfigConnectorARN]
		if images.PushDuration != "" {
			scan.Push = images.PushDuration
		}
		if images.PullDuration != "" {
			scan.Pull = images.PullDuration
		}
		return api.Held[connectorScan]{
			Object: store.Object{
				Kind: connectorScanKind, Account: account, ID: in.AwsConfigConnectorARN, Created: now, Updated: now,
			},
			ARN: in.AwsConfigConnectorARN, Value: scan,
		}.Keep(ctx, tx)
	})
	return &inspector2.UpdateConnectorScanConfigurationResponse{}, err
}

// forget removes what is set for the Config connector of a connector that is
// gone, unless another goes through it.
func forget(ctx context.Context, tx *store.Tx, gone api.Held[connector]) error {
	scope := org.Only(gone.Account)
	connectors, err := every[connector](ctx, tx, scope, connectorKind)
	if err != nil || slices.ContainsFunc(connectors, func(h api.Held[connector]) bool { return h.Value.Config == gone.Value.Config }) {
		return err
	}
	err = tx.Delete(ctx, scope, connectorScanKind, gone.Value.Config)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}
