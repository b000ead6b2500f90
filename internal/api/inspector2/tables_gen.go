// Code generated from api/inspector2.idl by internal/api/generate. DO NOT EDIT.

package inspector2

import (
	"context"

	"github.com/assay-project/assay/internal/api/wire"
)

// New returns the API inspector2 of 2020-06-08, ready to be spoken.
func New() *wire.Service {
	return wire.New(wire.Description{
		Name: "inspector2", Protocol: wire.RestJSON, Version: "2020-06-08", Signing: "inspector2", Target: "",
		Operations: operations, Enums: enums, Patterns: patterns, Exceptions: exceptions, Invalid: invalid, Raise: raise,
	})
}

// Handlers are the functions that do the operations; nil for what cannot be done.
type Handlers struct {
	AssociateMember                                func(context.Context, *AssociateMemberRequest) (*AssociateMemberResponse, error)
	BatchAssociateCodeSecurityScanConfiguration    func(context.Context, *BatchAssociateCodeSecurityScanConfigurationRequest) (*BatchAssociateCodeSecurityScanConfigurationResponse, error)
	BatchDisassociateCodeSecurityScanConfiguration func(context.Context, *BatchDisassociateCodeSecurityScanConfigurationRequest) (*BatchDisassociateCodeSecurityScanConfigurationResponse, error)
	BatchGetAccountStatus                          func(context.Context, *BatchGetAccountStatusRequest) (*BatchGetAccountStatusResponse, error)
	BatchGetCodeSnippet                            func(context.Context, *BatchGetCodeSnippetRequest) (*BatchGetCodeSnippetResponse, error)
	BatchGetFindingDetails                         func(context.Context, *BatchGetFindingDetailsRequest) (*BatchGetFindingDetailsResponse, error)
	BatchGetFreeTrialInfo                          func(context.Context, *BatchGetFreeTrialInfoRequest) (*BatchGetFreeTrialInfoResponse, error)
	BatchGetMemberEc2DeepInspectionStatus          func(context.Context, *BatchGetMemberEc2DeepInspectionStatusRequest) (*BatchGetMemberEc2DeepInspectionStatusResponse, error)
	BatchUpdateMemberEc2DeepInspectionStatus       func(context.Context, *BatchUpdateMemberEc2DeepInspectionStatusRequest) (*BatchUpdateMemberEc2DeepInspectionStatusResponse, error)
	CancelFindingsReport                           func(context.Context, *CancelFindingsReportRequest) (*CancelFindingsReportResponse, error)
	CancelSbomExport                               func(context.Context, *CancelSbomExportRequest) (*CancelSbomExportResponse, error)
	CreateCisScanConfiguration                     func(context.Context, *CreateCisScanConfigurationRequest) (*CreateCisScanConfigurationResponse, error)
	CreateCodeSecurityIntegration                  func(context.Context, *CreateCodeSecurityIntegrationRequest) (*CreateCodeSecurityIntegrationResponse, error)
	CreateCodeSecurityScanConfiguration            func(context.Context, *CreateCodeSecurityScanConfigurationRequest) (*CreateCodeSecurityScanConfigurationResponse, error)
	CreateConnector                                func(context.Context, *CreateConnectorRequest) (*CreateConnectorResponse, error)
	CreateFilter                                   func(context.Context, *CreateFilterRequest) (*CreateFilterResponse, error)
	CreateFindingsReport                           func(context.Context, *CreateFindingsReportRequest) (*CreateFindingsReportResponse, error)
	CreateSbomExport                               func(context.Context, *CreateSbomExportRequest) (*CreateSbomExportResponse, error)
	DeleteCisScanConfiguration                     func(context.Context, *DeleteCisScanConfigurationRequest) (*DeleteCisScanConfigurationResponse, error)
	DeleteCodeSecurityIntegration                  func(context.Context, *DeleteCodeSecurityIntegrationRequest) (*DeleteCodeSecurityIntegrationResponse, error)
	DeleteCodeSecurityScanConfiguration            func(context.Context, *DeleteCodeSecurityScanConfigurationRequest) (*DeleteCodeSecurityScanConfigurationResponse, error)
	DeleteConnector                                func(context.Context, *DeleteConnectorRequest) (*DeleteConnectorResponse, error)
	DeleteFilter                                   func(context.Context, *DeleteFilterRequest) (*DeleteFilterResponse, error)
	DescribeOrganizationConfiguration              func(context.Context, *DescribeOrganizationConfigurationRequest) (*DescribeOrganizationConfigurationResponse, error)
	Disable                                        func(context.Context, *DisableRequest) (*DisableResponse, error)
	DisableDelegatedAdminAccount                   func(context.Context, *DisableDelegatedAdminAccountRequest) (*DisableDelegatedAdminAccountResponse, error)
	DisassociateMember                             func(context.Context, *DisassociateMemberRequest) (*DisassociateMemberResponse, error)
	Enable                                         func(context.Context, *EnableRequest) (*EnableResponse, error)
	EnableDelegatedAdminAccount                    func(context.Context, *EnableDelegatedAdminAccountRequest) (*EnableDelegatedAdminAccountResponse, error)
	GetCisScanReport                               func(context.Context, *GetCisScanReportRequest) (*GetCisScanReportResponse, error)
	GetCisScanResultDetails                        func(context.Context, *GetCisScanResultDetailsRequest) (*GetCisScanResultDetailsResponse, error)
	GetClustersForImage                            func(context.Context, *GetClustersForImageRequest) (*GetClustersForImageResponse, error)
	GetCodeSecurityIntegration                     func(context.Context, *GetCodeSecurityIntegrationRequest) (*GetCodeSecurityIntegrationResponse, error)
	GetCodeSecurityScan                            func(context.Context, *GetCodeSecurityScanRequest) (*GetCodeSecurityScanResponse, error)
	GetCodeSecurityScanConfiguration               func(context.Context, *GetCodeSecurityScanConfigurationRequest) (*GetCodeSecurityScanConfigurationResponse, error)
	GetConfiguration                               func(context.Context, *GetConfigurationRequest) (*GetConfigurationResponse, error)
	GetDelegatedAdminAccount                       func(context.Context, *GetDelegatedAdminAccountRequest) (*GetDelegatedAdminAccountResponse, error)
	GetEc2DeepInspectionConfiguration              func(context.Context, *GetEc2DeepInspectionConfigurationRequest) (*GetEc2DeepInspectionConfigurationResponse, error)
	GetEncryptionKey                               func(context.Context, *GetEncryptionKeyRequest) (*GetEncryptionKeyResponse, error)
	GetFindingsReportStatus                        func(context.Context, *GetFindingsReportStatusRequest) (*GetFindingsReportStatusResponse, error)
	GetMember                                      func(context.Context, *GetMemberRequest) (*GetMemberResponse, error)
	GetSbomExport                                  func(context.Context, *GetSbomExportRequest) (*GetSbomExportResponse, error)
	ListAccountPermissions                         func(context.Context, *ListAccountPermissionsRequest) (*ListAccountPermissionsResponse, error)
	ListCisScanConfigurations                      func(context.Context, *ListCisScanConfigurationsRequest) (*ListCisScanConfigurationsResponse, error)
	ListCisScanResultsAggregatedByChecks           func(context.Context, *ListCisScanResultsAggregatedByChecksRequest) (*ListCisScanResultsAggregatedByChecksResponse, error)
	ListCisScanResultsAggregatedByTargetResource   func(context.Context, *ListCisScanResultsAggregatedByTargetResourceRequest) (*ListCisScanResultsAggregatedByTargetResourceResponse, error)
	ListCisScans                                   func(context.Context, *ListCisScansRequest) (*ListCisScansResponse, error)
	ListCodeSecurityIntegrations                   func(context.Context, *ListCodeSecurityIntegrationsRequest) (*ListCodeSecurityIntegrationsResponse, error)
	ListCodeSecurityScanConfigurationAssociations  func(context.Context, *ListCodeSecurityScanConfigurationAssociationsRequest) (*ListCodeSecurityScanConfigurationAssociationsResponse, error)
	ListCodeSecurityScanConfigurations             func(context.Context, *ListCodeSecurityScanConfigurationsRequest) (*ListCodeSecurityScanConfigurationsResponse, error)
	ListConnectorScanConfigurations                func(context.Context, *ListConnectorScanConfigurationsRequest) (*ListConnectorScanConfigurationsResponse, error)
	ListConnectors                                 func(context.Context, *ListConnectorsRequest) (*ListConnectorsResponse, error)
	ListCoverage                                   func(context.Context, *ListCoverageRequest) (*ListCoverageResponse, error)
	ListCoverageStatistics                         func(context.Context, *ListCoverageStatisticsRequest) (*ListCoverageStatisticsResponse, error)
	ListDelegatedAdminAccounts                     func(context.Context, *ListDelegatedAdminAccountsRequest) (*ListDelegatedAdminAccountsResponse, error)
	ListFilters                                    func(context.Context, *ListFiltersRequest) (*ListFiltersResponse, error)
	ListFindingAggregations                        func(context.Context, *ListFindingAggregationsRequest) (*ListFindingAggregationsResponse, error)
	ListFindings                                   func(context.Context, *ListFindingsRequest) (*ListFindingsResponse, error)
	ListMembers                                    func(context.Context, *ListMembersRequest) (*ListMembersResponse, error)
	ListTagsForResource                            func(context.Context, *ListTagsForResourceRequest) (*ListTagsForResourceResponse, error)
	ListUsageTotals                                func(context.Context, *ListUsageTotalsRequest) (*ListUsageTotalsResponse, error)
	ResetEncryptionKey                             func(context.Context, *ResetEncryptionKeyRequest) (*ResetEncryptionKeyResponse, error)
	SearchVulnerabilities                          func(context.Context, *SearchVulnerabilitiesRequest) (*SearchVulnerabilitiesResponse, error)
	SendCisSessionHealth                           func(context.Context, *SendCisSessionHealthRequest) (*SendCisSessionHealthResponse, error)
	SendCisSessionTelemetry                        func(context.Context, *SendCisSessionTelemetryRequest) (*SendCisSessionTelemetryResponse, error)
	StartCisSession                                func(context.Context, *StartCisSessionRequest) (*StartCisSessionResponse, error)
	StartCodeSecurityScan                          func(context.Context, *StartCodeSecurityScanRequest) (*StartCodeSecurityScanResponse, error)
	StopCisSession                                 func(context.Context, *StopCisSessionRequest) (*StopCisSessionResponse, error)
	TagResource                                    func(context.Context, *TagResourceRequest) (*TagResourceResponse, error)
	UntagResource                                  func(context.Context, *UntagResourceRequest) (*UntagResourceResponse, error)
	UpdateCisScanConfiguration                     func(context.Context, *UpdateCisScanConfigurationRequest) (*UpdateCisScanConfigurationResponse, error)
	UpdateCodeSecurityIntegration                  func(context.Context, *UpdateCodeSecurityIntegrationRequest) (*UpdateCodeSecurityIntegrationResponse, error)
	UpdateCodeSecurityScanConfiguration            func(context.Context, *UpdateCodeSecurityScanConfigurationRequest) (*UpdateCodeSecurityScanConfigurationResponse, error)
	UpdateConfiguration                            func(context.Context, *UpdateConfigurationRequest) (*UpdateConfigurationResponse, error)
	UpdateConnector                                func(context.Context, *UpdateConnectorRequest) (*UpdateConnectorResponse, error)
	UpdateConnectorScanConfiguration               func(context.Context, *UpdateConnectorScanConfigurationRequest) (*UpdateConnectorScanConfigurationResponse, error)
	UpdateEc2DeepInspectionConfiguration           func(context.Context, *UpdateEc2DeepInspectionConfigurationRequest) (*UpdateEc2DeepInspectionConfigurationResponse, error)
	UpdateEncryptionKey                            func(context.Context, *UpdateEncryptionKeyRequest) (*UpdateEncryptionKeyResponse, error)
	UpdateFilter                                   func(context.Context, *UpdateFilterRequest) (*UpdateFilterResponse, error)
	UpdateOrgEc2DeepInspectionConfiguration        func(context.Context, *UpdateOrgEc2DeepInspectionConfigurationRequest) (*UpdateOrgEc2DeepInspectionConfigurationResponse, error)
	UpdateOrganizationConfiguration                func(context.Context, *UpdateOrganizationConfigurationRequest) (*UpdateOrganizationConfigurationResponse, error)
}

// ByName returns the handlers by the names of their operations; nil for what cannot be done.
func (h *Handlers) ByName() map[string]wire.Handler {
	return map[string]wire.Handler{
		"AssociateMember": wire.Bind(h.AssociateMember),
		"BatchAssociateCodeSecurityScanConfiguration":    wire.Bind(h.BatchAssociateCodeSecurityScanConfiguration),
		"BatchDisassociateCodeSecurityScanConfiguration": wire.Bind(h.BatchDisassociateCodeSecurityScanConfiguration),
		"BatchGetAccountStatus":                          wire.Bind(h.BatchGetAccountStatus),
		"BatchGetCodeSnippet":                            wire.Bind(h.BatchGetCodeSnippet),
		"BatchGetFindingDetails":                         wire.Bind(h.BatchGetFindingDetails),
		"BatchGetFreeTrialInfo":                          wire.Bind(h.BatchGetFreeTrialInfo),
		"BatchGetMemberEc2DeepInspectionStatus":          wire.Bind(h.BatchGetMemberEc2DeepInspectionStatus),
		"BatchUpdateMemberEc2DeepInspectionStatus":       wire.Bind(h.BatchUpdateMemberEc2DeepInspectionStatus),
		"CancelFindingsReport":                           wire.Bind(h.CancelFindingsReport),
		"CancelSbomExport":                               wire.Bind(h.CancelSbomExport),
		"CreateCisScanConfiguration":                     wire.Bind(h.CreateCisScanConfiguration),
		"CreateCodeSecurityIntegration":                  wire.Bind(h.CreateCodeSecurityIntegration),
		"CreateCodeSecurityScanConfiguration":            wire.Bind(h.CreateCodeSecurityScanConfiguration),
		"CreateConnector":                                wire.Bind(h.CreateConnector),
		"CreateFilter":                                   wire.Bind(h.CreateFilter),
		"CreateFindingsReport":                           wire.Bind(h.CreateFindingsReport),
		"CreateSbomExport":                               wire.Bind(h.CreateSbomExport),
		"DeleteCisScanConfiguration":                     wire.Bind(h.DeleteCisScanConfiguration),
		"DeleteCodeSecurityIntegration":                  wire.Bind(h.DeleteCodeSecurityIntegration),
		"DeleteCodeSecurityScanConfiguration":            wire.Bind(h.DeleteCodeSecurityScanConfiguration),
		"DeleteConnector":                                wire.Bind(h.DeleteConnector),
		"DeleteFilter":                                   wire.Bind(h.DeleteFilter),
		"DescribeOrganizationConfiguration":              wire.Bind(h.DescribeOrganizationConfiguration),
		"Disable":                                        wire.Bind(h.Disable),
		"DisableDelegatedAdminAccount":                   wire.Bind(h.DisableDelegatedAdminAccount),
		"DisassociateMember":                             wire.Bind(h.DisassociateMember),
		"Enable":                                         wire.Bind(h.Enable),
		"EnableDelegatedAdminAccount":                    wire.Bind(h.EnableDelegatedAdminAccount),
		"GetCisScanReport":                               wire.Bind(h.GetCisScanReport),
		"GetCisScanResultDetails":                        wire.Bind(h.GetCisScanResultDetails),
		"GetClustersForImage":                            wire.Bind(h.GetClustersForImage),
		"GetCodeSecurityIntegration":                     wire.Bind(h.GetCodeSecurityIntegration),
		"GetCodeSecurityScan":                            wire.Bind(h.GetCodeSecurityScan),
		"GetCodeSecurityScanConfiguration":               wire.Bind(h.GetCodeSecurityScanConfiguration),
		"GetConfiguration":                               wire.Bind(h.GetConfiguration),
		"GetDelegatedAdminAccount":                       wire.Bind(h.GetDelegatedAdminAccount),
		"GetEc2DeepInspectionConfiguration":              wire.Bind(h.GetEc2DeepInspectionConfiguration),
		"GetEncryptionKey":                               wire.Bind(h.GetEncryptionKey),
		"GetFindingsReportStatus":                        wire.Bind(h.GetFindingsReportStatus),
		"GetMember":                                      wire.Bind(h.GetMember),
		"GetSbomExport":                                  wire.Bind(h.GetSbomExport),
		"ListAccountPermissions":                         wire.Bind(h.ListAccountPermissions),
		"ListCisScanConfigurations":                      wire.Bind(h.ListCisScanConfigurations),
		"ListCisScanResultsAggregatedByChecks":           wire.Bind(h.ListCisScanResultsAggregatedByChecks),
		"ListCisScanResultsAggregatedByTargetResource":   wire.Bind(h.ListCisScanResultsAggregatedByTargetResource),
		"ListCisScans":                                   wire.Bind(h.ListCisScans),
		"ListCodeSecurityIntegrations":                   wire.Bind(h.ListCodeSecurityIntegrations),
		"ListCodeSecurityScanConfigurationAssociations":  wire.Bind(h.ListCodeSecurityScanConfigurationAssociations),
		"ListCodeSecurityScanConfigurations":             wire.Bind(h.ListCodeSecurityScanConfigurations),
		"ListConnectorScanConfigurations":                wire.Bind(h.ListConnectorScanConfigurations),
		"ListConnectors":                                 wire.Bind(h.ListConnectors),
		"ListCoverage":                                   wire.Bind(h.ListCoverage),
		"ListCoverageStatistics":                         wire.Bind(h.ListCoverageStatistics),
		"ListDelegatedAdminAccounts":                     wire.Bind(h.ListDelegatedAdminAccounts),
		"ListFilters":                                    wire.Bind(h.ListFilters),
		"ListFindingAggregations":                        wire.Bind(h.ListFindingAggregations),
		"ListFindings":                                   wire.Bind(h.ListFindings),
		"ListMembers":                                    wire.Bind(h.ListMembers),
		"ListTagsForResource":                            wire.Bind(h.ListTagsForResource),
		"ListUsageTotals":                                wire.Bind(h.ListUsageTotals),
		"ResetEncryptionKey":                             wire.Bind(h.ResetEncryptionKey),
		"SearchVulnerabilities":                          wire.Bind(h.SearchVulnerabilities),
		"SendCisSessionHealth":                           wire.Bind(h.SendCisSessionHealth),
		"SendCisSessionTelemetry":                        wire.Bind(h.SendCisSessionTelemetry),
		"StartCisSession":                                wire.Bind(h.StartCisSession),
		"StartCodeSecurityScan":                          wire.Bind(h.StartCodeSecurityScan),
		"StopCisSession":                                 wire.Bind(h.StopCisSession),
		"TagResource":                                    wire.Bind(h.TagResource),
		"UntagResource":                                  wire.Bind(h.UntagResource),
		"UpdateCisScanConfiguration":                     wire.Bind(h.UpdateCisScanConfiguration),
		"UpdateCodeSecurityIntegration":                  wire.Bind(h.UpdateCodeSecurityIntegration),
		"UpdateCodeSecurityScanConfiguration":            wire.Bind(h.UpdateCodeSecurityScanConfiguration),
		"UpdateConfiguration":                            wire.Bind(h.UpdateConfiguration),
		"UpdateConnector":                                wire.Bind(h.UpdateConnector),
		"UpdateConnectorScanConfiguration":               wire.Bind(h.UpdateConnectorScanConfiguration),
		"UpdateEc2DeepInspectionConfiguration":           wire.Bind(h.UpdateEc2DeepInspectionConfiguration),
		"UpdateEncryptionKey":                            wire.Bind(h.UpdateEncryptionKey),
		"UpdateFilter":                                   wire.Bind(h.UpdateFilter),
		"UpdateOrgEc2DeepInspectionConfiguration":        wire.Bind(h.UpdateOrgEc2DeepInspectionConfiguration),
		"UpdateOrganizationConfiguration":                wire.Bind(h.UpdateOrganizationConfiguration),
	}
}

// Client returns the same functions for the other side: each asks a server through do.
func Client(s *wire.Service, do wire.Caller) *Handlers {
	return &Handlers{
		AssociateMember: wire.Call[AssociateMemberRequest, AssociateMemberResponse](s, "AssociateMember", do),
		BatchAssociateCodeSecurityScanConfiguration:    wire.Call[BatchAssociateCodeSecurityScanConfigurationRequest, BatchAssociateCodeSecurityScanConfigurationResponse](s, "BatchAssociateCodeSecurityScanConfiguration", do),
		BatchDisassociateCodeSecurityScanConfiguration: wire.Call[BatchDisassociateCodeSecurityScanConfigurationRequest, BatchDisassociateCodeSecurityScanConfigurationResponse](s, "BatchDisassociateCodeSecurityScanConfiguration", do),
		BatchGetAccountStatus:                          wire.Call[BatchGetAccountStatusRequest, BatchGetAccountStatusResponse](s, "BatchGetAccountStatus", do),
		BatchGetCodeSnippet:                            wire.Call[BatchGetCodeSnippetRequest, BatchGetCodeSnippetResponse](s, "BatchGetCodeSnippet", do),
		BatchGetFindingDetails:                         wire.Call[BatchGetFindingDetailsRequest, BatchGetFindingDetailsResponse](s, "BatchGetFindingDetails", do),
		BatchGetFreeTrialInfo:                          wire.Call[BatchGetFreeTrialInfoRequest, BatchGetFreeTrialInfoResponse](s, "BatchGetFreeTrialInfo", do),
		BatchGetMemberEc2DeepInspectionStatus:          wire.Call[BatchGetMemberEc2DeepInspectionStatusRequest, BatchGetMemberEc2DeepInspectionStatusResponse](s, "BatchGetMemberEc2DeepInspectionStatus", do),
		BatchUpdateMemberEc2DeepInspectionStatus:       wire.Call[BatchUpdateMemberEc2DeepInspectionStatusRequest, BatchUpdateMemberEc2DeepInspectionStatusResponse](s, "BatchUpdateMemberEc2DeepInspectionStatus", do),
		CancelFindingsReport:                           wire.Call[CancelFindingsReportRequest, CancelFindingsReportResponse](s, "CancelFindingsReport", do),
		CancelSbomExport:                               wire.Call[CancelSbomExportRequest, CancelSbomExportResponse](s, "CancelSbomExport", do),
		CreateCisScanConfiguration:                     wire.Call[CreateCisScanConfigurationRequest, CreateCisScanConfigurationResponse](s, "CreateCisScanConfiguration", do),
		CreateCodeSecurityIntegration:                  wire.Call[CreateCodeSecurityIntegrationRequest, CreateCodeSecurityIntegrationResponse](s, "CreateCodeSecurityIntegration", do),
		CreateCodeSecurityScanConfiguration:            wire.Call[CreateCodeSecurityScanConfigurationRequest, CreateCodeSecurityScanConfigurationResponse](s, "CreateCodeSecurityScanConfiguration", do),
		CreateConnector:                                wire.Call[CreateConnectorRequest, CreateConnectorResponse](s, "CreateConnector", do),
		CreateFilter:                                   wire.Call[CreateFilterRequest, CreateFilterResponse](s, "CreateFilter", do),
		CreateFindingsReport:                           wire.Call[CreateFindingsReportRequest, CreateFindingsReportResponse](s, "CreateFindingsReport", do),
		CreateSbomExport:                               wire.Call[CreateSbomExportRequest, CreateSbomExportResponse](s, "CreateSbomExport", do),
		DeleteCisScanConfiguration:                     wire.Call[DeleteCisScanConfigurationRequest, DeleteCisScanConfigurationResponse](s, "DeleteCisScanConfiguration", do),
		DeleteCodeSecurityIntegration:                  wire.Call[DeleteCodeSecurityIntegrationRequest, DeleteCodeSecurityIntegrationResponse](s, "DeleteCodeSecurityIntegration", do),
		DeleteCodeSecurityScanConfiguration:            wire.Call[DeleteCodeSecurityScanConfigurationRequest, DeleteCodeSecurityScanConfigurationResponse](s, "DeleteCodeSecurityScanConfiguration", do),
		DeleteConnector:                                wire.Call[DeleteConnectorRequest, DeleteConnectorResponse](s, "DeleteConnector", do),
		DeleteFilter:                                   wire.Call[DeleteFilterRequest, DeleteFilterResponse](s, "DeleteFilter", do),
		DescribeOrganizationConfiguration:              wire.Call[DescribeOrganizationConfigurationRequest, DescribeOrganizationConfigurationResponse](s, "DescribeOrganizationConfiguration", do),
		Disable:                                        wire.Call[DisableRequest, DisableResponse](s, "Disable", do),
		DisableDelegatedAdminAccount:                   wire.Call[DisableDelegatedAdminAccountRequest, DisableDelegatedAdminAccountResponse](s, "DisableDelegatedAdminAccount", do),
		DisassociateMember:                             wire.Call[DisassociateMemberRequest, DisassociateMemberResponse](s, "DisassociateMember", do),
		Enable:                                         wire.Call[EnableRequest, EnableResponse](s, "Enable", do),
		EnableDelegatedAdminAccount:                    wire.Call[EnableDelegatedAdminAccountRequest, EnableDelegatedAdminAccountResponse](s, "EnableDelegatedAdminAccount", do),
		GetCisScanReport:                               wire.Call[GetCisScanReportRequest, GetCisScanReportResponse](s, "GetCisScanReport", do),
		GetCisScanResultDetails:                        wire.Call[GetCisScanResultDetailsRequest, GetCisScanResultDetailsResponse](s, "GetCisScanResultDetails", do),
		GetClustersForImage:                            wire.Call[GetClustersForImageRequest, GetClustersForImageResponse](s, "GetClustersForImage", do),
		GetCodeSecurityIntegration:                     wire.Call[GetCodeSecurityIntegrationRequest, GetCodeSecurityIntegrationResponse](s, "GetCodeSecurityIntegration", do),
		GetCodeSecurityScan:                            wire.Call[GetCodeSecurityScanRequest, GetCodeSecurityScanResponse](s, "GetCodeSecurityScan", do),
		GetCodeSecurityScanConfiguration:               wire.Call[GetCodeSecurityScanConfigurationRequest, GetCodeSecurityScanConfigurationResponse](s, "GetCodeSecurityScanConfiguration", do),
		GetConfiguration:                               wire.Call[GetConfigurationRequest, GetConfigurationResponse](s, "GetConfiguration", do),
		GetDelegatedAdminAccount:                       wire.Call[GetDelegatedAdminAccountRequest, GetDelegatedAdminAccountResponse](s, "GetDelegatedAdminAccount", do),
		GetEc2DeepInspectionConfiguration:              wire.Call[GetEc2DeepInspectionConfigurationRequest, GetEc2DeepInspectionConfigurationResponse](s, "GetEc2DeepInspectionConfiguration", do),
		GetEncryptionKey:                               wire.Call[GetEncryptionKeyRequest, GetEncryptionKeyResponse](s, "GetEncryptionKey", do),
		GetFindingsReportStatus:                        wire.Call[GetFindingsReportStatusRequest, GetFindingsReportStatusResponse](s, "GetFindingsReportStatus", do),
		GetMember:                                      wire.Call[GetMemberRequest, GetMemberResponse](s, "GetMember", do),
		GetSbomExport:                                  wire.Call[GetSbomExportRequest, GetSbomExportResponse](s, "GetSbomExport", do),
		ListAccountPermissions:                         wire.Call[ListAccountPermissionsRequest, ListAccountPermissionsResponse](s, "ListAccountPermissions", do),
		ListCisScanConfigurations:                      wire.Call[ListCisScanConfigurationsRequest, ListCisScanConfigurationsResponse](s, "ListCisScanConfigurations", do),
		ListCisScanResultsAggregatedByChecks:           wire.Call[ListCisScanResultsAggregatedByChecksRequest, ListCisScanResultsAggregatedByChecksResponse](s, "ListCisScanResultsAggregatedByChecks", do),
		ListCisScanResultsAggregatedByTargetResource:   wire.Call[ListCisScanResultsAggregatedByTargetResourceRequest, ListCisScanResultsAggregatedByTargetResourceResponse](s, "ListCisScanResultsAggregatedByTargetResource", do),
		ListCisScans:                                   wire.Call[ListCisScansRequest, ListCisScansResponse](s, "ListCisScans", do),
		ListCodeSecurityIntegrations:                   wire.Call[ListCodeSecurityIntegrationsRequest, ListCodeSecurityIntegrationsResponse](s, "ListCodeSecurityIntegrations", do),
		ListCodeSecurityScanConfigurationAssociations:  wire.Call[ListCodeSecurityScanConfigurationAssociationsRequest, ListCodeSecurityScanConfigurationAssociationsResponse](s, "ListCodeSecurityScanConfigurationAssociations", do),
		ListCodeSecurityScanConfigurations:             wire.Call[ListCodeSecurityScanConfigurationsRequest, ListCodeSecurityScanConfigurationsResponse](s, "ListCodeSecurityScanConfigurations", do),
		ListConnectorScanConfigurations:                wire.Call[ListConnectorScanConfigurationsRequest, ListConnectorScanConfigurationsResponse](s, "ListConnectorScanConfigurations", do),
		ListConnectors:                                 wire.Call[ListConnectorsRequest, ListConnectorsResponse](s, "ListConnectors", do),
		ListCoverage:                                   wire.Call[ListCoverageRequest, ListCoverageResponse](s, "ListCoverage", do),
		ListCoverageStatistics:                         wire.Call[ListCoverageStatisticsRequest, ListCoverageStatisticsResponse](s, "ListCoverageStatistics", do),
		ListDelegatedAdminAccounts:                     wire.Call[ListDelegatedAdminAccountsRequest, ListDelegatedAdminAccountsResponse](s, "ListDelegatedAdminAccounts", do),
		ListFilters:                                    wire.Call[ListFiltersRequest, ListFiltersResponse](s, "ListFilters", do),
		ListFindingAggregations:                        wire.Call[ListFindingAggregationsRequest, ListFindingAggregationsResponse](s, "ListFindingAggregations", do),
		ListFindings:                                   wire.Call[ListFindingsRequest, ListFindingsResponse](s, "ListFindings", do),
		ListMembers:                                    wire.Call[ListMembersRequest, ListMembersResponse](s, "ListMembers", do),
		ListTagsForResource:                            wire.Call[ListTagsForResourceRequest, ListTagsForResourceResponse](s, "ListTagsForResource", do),
		ListUsageTotals:                                wire.Call[ListUsageTotalsRequest, ListUsageTotalsResponse](s, "ListUsageTotals", do),
		ResetEncryptionKey:                             wire.Call[ResetEncryptionKeyRequest, ResetEncryptionKeyResponse](s, "ResetEncryptionKey", do),
		SearchVulnerabilities:                          wire.Call[SearchVulnerabilitiesRequest, SearchVulnerabilitiesResponse](s, "SearchVulnerabilities", do),
		SendCisSessionHealth:                           wire.Call[SendCisSessionHealthRequest, SendCisSessionHealthResponse](s, "SendCisSessionHealth", do),
		SendCisSessionTelemetry:                        wire.Call[SendCisSessionTelemetryRequest, SendCisSessionTelemetryResponse](s, "SendCisSessionTelemetry", do),
		StartCisSession:                                wire.Call[StartCisSessionRequest, StartCisSessionResponse](s, "StartCisSession", do),
		StartCodeSecurityScan:                          wire.Call[StartCodeSecurityScanRequest, StartCodeSecurityScanResponse](s, "StartCodeSecurityScan", do),
		StopCisSession:                                 wire.Call[StopCisSessionRequest, StopCisSessionResponse](s, "StopCisSession", do),
		TagResource:                                    wire.Call[TagResourceRequest, TagResourceResponse](s, "TagResource", do),
		UntagResource:                                  wire.Call[UntagResourceRequest, UntagResourceResponse](s, "UntagResource", do),
		UpdateCisScanConfiguration:                     wire.Call[UpdateCisScanConfigurationRequest, UpdateCisScanConfigurationResponse](s, "UpdateCisScanConfiguration", do),
		UpdateCodeSecurityIntegration:                  wire.Call[UpdateCodeSecurityIntegrationRequest, UpdateCodeSecurityIntegrationResponse](s, "UpdateCodeSecurityIntegration", do),
		UpdateCodeSecurityScanConfiguration:            wire.Call[UpdateCodeSecurityScanConfigurationRequest, UpdateCodeSecurityScanConfigurationResponse](s, "UpdateCodeSecurityScanConfiguration", do),
		UpdateConfiguration:                            wire.Call[UpdateConfigurationRequest, UpdateConfigurationResponse](s, "UpdateConfiguration", do),
		UpdateConnector:                                wire.Call[UpdateConnectorRequest, UpdateConnectorResponse](s, "UpdateConnector", do),
		UpdateConnectorScanConfiguration:               wire.Call[UpdateConnectorScanConfigurationRequest, UpdateConnectorScanConfigurationResponse](s, "UpdateConnectorScanConfiguration", do),
		UpdateEc2DeepInspectionConfiguration:           wire.Call[UpdateEc2DeepInspectionConfigurationRequest, UpdateEc2DeepInspectionConfigurationResponse](s, "UpdateEc2DeepInspectionConfiguration", do),
		UpdateEncryptionKey:                            wire.Call[UpdateEncryptionKeyRequest, UpdateEncryptionKeyResponse](s, "UpdateEncryptionKey", do),
		UpdateFilter:                                   wire.Call[UpdateFilterRequest, UpdateFilterResponse](s, "UpdateFilter", do),
		UpdateOrgEc2DeepInspectionConfiguration:        wire.Call[UpdateOrgEc2DeepInspectionConfigurationRequest, UpdateOrgEc2DeepInspectionConfigurationResponse](s, "UpdateOrgEc2DeepInspectionConfiguration", do),
		UpdateOrganizationConfiguration:                wire.Call[UpdateOrganizationConfigurationRequest, UpdateOrganizationConfigurationResponse](s, "UpdateOrganizationConfiguration", do),
	}
}

var operations = []wire.Operation{
	{
		Name: "AssociateMember", Method: "POST", URI: "/members/associate", Status: 200, Action: "inspector2:AssociateMember",
		Errors: "AccessDeniedException InternalServerException ServiceQuotaExceededException ThrottlingException ValidationException",
		In:     (*AssociateMemberRequest)(nil), Out: (*AssociateMemberResponse)(nil),
	},
	{
		Name: "BatchAssociateCodeSecurityScanConfiguration", Method: "POST", URI: "/codesecurity/scan-configuration/batch/associate", Status: 200, Action: "inspector2:BatchAssociateCodeSecurityScanConfiguration",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*BatchAssociateCodeSecurityScanConfigurationRequest)(nil), Out: (*BatchAssociateCodeSecurityScanConfigurationResponse)(nil),
	},
	{
		Name: "BatchDisassociateCodeSecurityScanConfiguration", Method: "POST", URI: "/codesecurity/scan-configuration/batch/disassociate", Status: 200, Action: "inspector2:BatchDisassociateCodeSecurityScanConfiguration",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*BatchDisassociateCodeSecurityScanConfigurationRequest)(nil), Out: (*BatchDisassociateCodeSecurityScanConfigurationResponse)(nil),
	},
	{
		Name: "BatchGetAccountStatus", Method: "POST", URI: "/status/batch/get", Status: 200, Action: "inspector2:BatchGetAccountStatus", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*BatchGetAccountStatusRequest)(nil), Out: (*BatchGetAccountStatusResponse)(nil),
	},
	{
		Name: "BatchGetCodeSnippet", Method: "POST", URI: "/codesnippet/batchget", Status: 200, Action: "inspector2:BatchGetCodeSnippet", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*BatchGetCodeSnippetRequest)(nil), Out: (*BatchGetCodeSnippetResponse)(nil),
	},
	{
		Name: "BatchGetFindingDetails", Method: "POST", URI: "/findings/details/batch/get", Status: 200, Action: "inspector2:BatchGetFindingDetails", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*BatchGetFindingDetailsRequest)(nil), Out: (*BatchGetFindingDetailsResponse)(nil),
	},
	{
		Name: "BatchGetFreeTrialInfo", Method: "POST", URI: "/freetrialinfo/batchget", Status: 200, Action: "inspector2:BatchGetFreeTrialInfo", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*BatchGetFreeTrialInfoRequest)(nil), Out: (*BatchGetFreeTrialInfoResponse)(nil),
	},
	{
		Name: "BatchGetMemberEc2DeepInspectionStatus", Method: "POST", URI: "/ec2deepinspectionstatus/member/batch/get", Status: 200, Action: "inspector2:BatchGetMemberEc2DeepInspectionStatus", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*BatchGetMemberEc2DeepInspectionStatusRequest)(nil), Out: (*BatchGetMemberEc2DeepInspectionStatusResponse)(nil),
	},
	{
		Name: "BatchUpdateMemberEc2DeepInspectionStatus", Method: "POST", URI: "/ec2deepinspectionstatus/member/batch/update", Status: 200, Action: "inspector2:BatchUpdateMemberEc2DeepInspectionStatus",
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*BatchUpdateMemberEc2DeepInspectionStatusRequest)(nil), Out: (*BatchUpdateMemberEc2DeepInspectionStatusResponse)(nil),
	},
	{
		Name: "CancelFindingsReport", Method: "POST", URI: "/reporting/cancel", Status: 200, Action: "inspector2:CancelFindingsReport",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*CancelFindingsReportRequest)(nil), Out: (*CancelFindingsReportResponse)(nil),
	},
	{
		Name: "CancelSbomExport", Method: "POST", URI: "/sbomexport/cancel", Status: 200, Action: "inspector2:CancelSbomExport",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*CancelSbomExportRequest)(nil), Out: (*CancelSbomExportResponse)(nil),
	},
	{
		Name: "CreateCisScanConfiguration", Method: "POST", URI: "/cis/scan-configuration/create", Status: 200, Action: "inspector2:CreateCisScanConfiguration",
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*CreateCisScanConfigurationRequest)(nil), Out: (*CreateCisScanConfigurationResponse)(nil),
	},
	{
		Name: "CreateCodeSecurityIntegration", Method: "POST", URI: "/codesecurity/integration/create", Status: 200, Action: "inspector2:CreateCodeSecurityIntegration",
		Errors: "AccessDeniedException ConflictException InternalServerException ServiceQuotaExceededException ThrottlingException ValidationException",
		In:     (*CreateCodeSecurityIntegrationRequest)(nil), Out: (*CreateCodeSecurityIntegrationResponse)(nil),
	},
	{
		Name: "CreateCodeSecurityScanConfiguration", Method: "POST", URI: "/codesecurity/scan-configuration/create", Status: 200, Action: "inspector2:CreateCodeSecurityScanConfiguration",
		Errors: "AccessDeniedException ConflictException InternalServerException ServiceQuotaExceededException ThrottlingException ValidationException",
		In:     (*CreateCodeSecurityScanConfigurationRequest)(nil), Out: (*CreateCodeSecurityScanConfigurationResponse)(nil),
	},
	{
		Name: "CreateConnector", Method: "POST", URI: "/connector/create", Status: 200, Action: "inspector2:CreateConnector",
		Errors: "AccessDeniedException ConflictException InternalServerException ServiceQuotaExceededException ThrottlingException ValidationException",
		In:     (*CreateConnectorRequest)(nil), Out: (*CreateConnectorResponse)(nil),
	},
	{
		Name: "CreateFilter", Method: "POST", URI: "/filters/create", Status: 200, Action: "inspector2:CreateFilter",
		Errors: "AccessDeniedException BadRequestException InternalServerException ServiceQuotaExceededException ThrottlingException ValidationException",
		In:     (*CreateFilterRequest)(nil), Out: (*CreateFilterResponse)(nil),
	},
	{
		Name: "CreateFindingsReport", Method: "POST", URI: "/reporting/create", Status: 200, Action: "inspector2:CreateFindingsReport",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*CreateFindingsReportRequest)(nil), Out: (*CreateFindingsReportResponse)(nil),
	},
	{
		Name: "CreateSbomExport", Method: "POST", URI: "/sbomexport/create", Status: 200, Action: "inspector2:CreateSbomExport",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*CreateSbomExportRequest)(nil), Out: (*CreateSbomExportResponse)(nil),
	},
	{
		Name: "DeleteCisScanConfiguration", Method: "POST", URI: "/cis/scan-configuration/delete", Status: 200, Action: "inspector2:DeleteCisScanConfiguration",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*DeleteCisScanConfigurationRequest)(nil), Out: (*DeleteCisScanConfigurationResponse)(nil),
	},
	{
		Name: "DeleteCodeSecurityIntegration", Method: "POST", URI: "/codesecurity/integration/delete", Status: 200, Action: "inspector2:DeleteCodeSecurityIntegration",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*DeleteCodeSecurityIntegrationRequest)(nil), Out: (*DeleteCodeSecurityIntegrationResponse)(nil),
	},
	{
		Name: "DeleteCodeSecurityScanConfiguration", Method: "POST", URI: "/codesecurity/scan-configuration/delete", Status: 200, Action: "inspector2:DeleteCodeSecurityScanConfiguration",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*DeleteCodeSecurityScanConfigurationRequest)(nil), Out: (*DeleteCodeSecurityScanConfigurationResponse)(nil),
	},
	{
		Name: "DeleteConnector", Method: "POST", URI: "/connector/delete", Status: 200, Action: "inspector2:DeleteConnector",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*DeleteConnectorRequest)(nil), Out: (*DeleteConnectorResponse)(nil),
	},
	{
		Name: "DeleteFilter", Method: "POST", URI: "/filters/delete", Status: 200, Action: "inspector2:DeleteFilter",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*DeleteFilterRequest)(nil), Out: (*DeleteFilterResponse)(nil),
	},
	{
		Name: "DescribeOrganizationConfiguration", Method: "POST", URI: "/organizationconfiguration/describe", Status: 200, Action: "inspector2:DescribeOrganizationConfiguration", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*DescribeOrganizationConfigurationRequest)(nil), Out: (*DescribeOrganizationConfigurationResponse)(nil),
	},
	{
		Name: "Disable", Method: "POST", URI: "/disable", Status: 200, Action: "inspector2:Disable",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*DisableRequest)(nil), Out: (*DisableResponse)(nil),
	},
	{
		Name: "DisableDelegatedAdminAccount", Method: "POST", URI: "/delegatedadminaccounts/disable", Status: 200, Action: "inspector2:DisableDelegatedAdminAccount",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*DisableDelegatedAdminAccountRequest)(nil), Out: (*DisableDelegatedAdminAccountResponse)(nil),
	},
	{
		Name: "DisassociateMember", Method: "POST", URI: "/members/disassociate", Status: 200, Action: "inspector2:DisassociateMember",
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*DisassociateMemberRequest)(nil), Out: (*DisassociateMemberResponse)(nil),
	},
	{
		Name: "Enable", Method: "POST", URI: "/enable", Status: 200, Action: "inspector2:Enable",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*EnableRequest)(nil), Out: (*EnableResponse)(nil),
	},
	{
		Name: "EnableDelegatedAdminAccount", Method: "POST", URI: "/delegatedadminaccounts/enable", Status: 200, Action: "inspector2:EnableDelegatedAdminAccount",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*EnableDelegatedAdminAccountRequest)(nil), Out: (*EnableDelegatedAdminAccountResponse)(nil),
	},
	{
		Name: "GetCisScanReport", Method: "POST", URI: "/cis/scan/report/get", Status: 200, Action: "inspector2:GetCisScanReport", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetCisScanReportRequest)(nil), Out: (*GetCisScanReportResponse)(nil),
	},
	{
		Name: "GetCisScanResultDetails", Method: "POST", URI: "/cis/scan-result/details/get", Status: 200, Action: "inspector2:GetCisScanResultDetails", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 1000,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*GetCisScanResultDetailsRequest)(nil), Out: (*GetCisScanResultDetailsResponse)(nil),
	},
	{
		Name: "GetClustersForImage", Method: "POST", URI: "/cluster/get", Status: 200, Action: "inspector2:GetClustersForImage", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*GetClustersForImageRequest)(nil), Out: (*GetClustersForImageResponse)(nil),
	},
	{
		Name: "GetCodeSecurityIntegration", Method: "POST", URI: "/codesecurity/integration/get", Status: 200, Action: "inspector2:GetCodeSecurityIntegration", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetCodeSecurityIntegrationRequest)(nil), Out: (*GetCodeSecurityIntegrationResponse)(nil),
	},
	{
		Name: "GetCodeSecurityScan", Method: "POST", URI: "/codesecurity/scan/get", Status: 200, Action: "inspector2:GetCodeSecurityScan", ReadOnly: true,
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetCodeSecurityScanRequest)(nil), Out: (*GetCodeSecurityScanResponse)(nil),
	},
	{
		Name: "GetCodeSecurityScanConfiguration", Method: "POST", URI: "/codesecurity/scan-configuration/get", Status: 200, Action: "inspector2:GetCodeSecurityScanConfiguration", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetCodeSecurityScanConfigurationRequest)(nil), Out: (*GetCodeSecurityScanConfigurationResponse)(nil),
	},
	{
		Name: "GetConfiguration", Method: "POST", URI: "/configuration/get", Status: 200, Action: "inspector2:GetConfiguration", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetConfigurationRequest)(nil), Out: (*GetConfigurationResponse)(nil),
	},
	{
		Name: "GetDelegatedAdminAccount", Method: "POST", URI: "/delegatedadminaccounts/get", Status: 200, Action: "inspector2:GetDelegatedAdminAccount", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetDelegatedAdminAccountRequest)(nil), Out: (*GetDelegatedAdminAccountResponse)(nil),
	},
	{
		Name: "GetEc2DeepInspectionConfiguration", Method: "POST", URI: "/ec2deepinspectionconfiguration/get", Status: 200, Action: "inspector2:GetEc2DeepInspectionConfiguration", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException",
		In:     (*GetEc2DeepInspectionConfigurationRequest)(nil), Out: (*GetEc2DeepInspectionConfigurationResponse)(nil),
	},
	{
		Name: "GetEncryptionKey", Method: "GET", URI: "/encryptionkey/get", Status: 200, Action: "inspector2:GetEncryptionKey", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetEncryptionKeyRequest)(nil), Out: (*GetEncryptionKeyResponse)(nil),
	},
	{
		Name: "GetFindingsReportStatus", Method: "POST", URI: "/reporting/status/get", Status: 200, Action: "inspector2:GetFindingsReportStatus", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetFindingsReportStatusRequest)(nil), Out: (*GetFindingsReportStatusResponse)(nil),
	},
	{
		Name: "GetMember", Method: "POST", URI: "/members/get", Status: 200, Action: "inspector2:GetMember", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetMemberRequest)(nil), Out: (*GetMemberResponse)(nil),
	},
	{
		Name: "GetSbomExport", Method: "POST", URI: "/sbomexport/get", Status: 200, Action: "inspector2:GetSbomExport", ReadOnly: true,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*GetSbomExportRequest)(nil), Out: (*GetSbomExportResponse)(nil),
	},
	{
		Name: "ListAccountPermissions", Method: "POST", URI: "/accountpermissions/list", Status: 200, Action: "inspector2:ListAccountPermissions", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 1024,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListAccountPermissionsRequest)(nil), Out: (*ListAccountPermissionsResponse)(nil),
	},
	{
		Name: "ListCisScanConfigurations", Method: "POST", URI: "/cis/scan-configuration/list", Status: 200, Action: "inspector2:ListCisScanConfigurations", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListCisScanConfigurationsRequest)(nil), Out: (*ListCisScanConfigurationsResponse)(nil),
	},
	{
		Name: "ListCisScanResultsAggregatedByChecks", Method: "POST", URI: "/cis/scan-result/check/list", Status: 200, Action: "inspector2:ListCisScanResultsAggregatedByChecks", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListCisScanResultsAggregatedByChecksRequest)(nil), Out: (*ListCisScanResultsAggregatedByChecksResponse)(nil),
	},
	{
		Name: "ListCisScanResultsAggregatedByTargetResource", Method: "POST", URI: "/cis/scan-result/resource/list", Status: 200, Action: "inspector2:ListCisScanResultsAggregatedByTargetResource", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListCisScanResultsAggregatedByTargetResourceRequest)(nil), Out: (*ListCisScanResultsAggregatedByTargetResourceResponse)(nil),
	},
	{
		Name: "ListCisScans", Method: "POST", URI: "/cis/scan/list", Status: 200, Action: "inspector2:ListCisScans", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListCisScansRequest)(nil), Out: (*ListCisScansResponse)(nil),
	},
	{
		Name: "ListCodeSecurityIntegrations", Method: "POST", URI: "/codesecurity/integration/list", Status: 200, Action: "inspector2:ListCodeSecurityIntegrations", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListCodeSecurityIntegrationsRequest)(nil), Out: (*ListCodeSecurityIntegrationsResponse)(nil),
	},
	{
		Name: "ListCodeSecurityScanConfigurationAssociations", Method: "POST", URI: "/codesecurity/scan-configuration/associations/list", Status: 200, Action: "inspector2:ListCodeSecurityScanConfigurationAssociations", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*ListCodeSecurityScanConfigurationAssociationsRequest)(nil), Out: (*ListCodeSecurityScanConfigurationAssociationsResponse)(nil),
	},
	{
		Name: "ListCodeSecurityScanConfigurations", Method: "POST", URI: "/codesecurity/scan-configuration/list", Status: 200, Action: "inspector2:ListCodeSecurityScanConfigurations", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*ListCodeSecurityScanConfigurationsRequest)(nil), Out: (*ListCodeSecurityScanConfigurationsResponse)(nil),
	},
	{
		Name: "ListConnectorScanConfigurations", Method: "POST", URI: "/connectorscanconfigurations/list", Status: 200, Action: "inspector2:ListConnectorScanConfigurations", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 50,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListConnectorScanConfigurationsRequest)(nil), Out: (*ListConnectorScanConfigurationsResponse)(nil),
	},
	{
		Name: "ListConnectors", Method: "POST", URI: "/connector/list", Status: 200, Action: "inspector2:ListConnectors", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListConnectorsRequest)(nil), Out: (*ListConnectorsResponse)(nil),
	},
	{
		Name: "ListCoverage", Method: "POST", URI: "/coverage/list", Status: 200, Action: "inspector2:ListCoverage", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 200,
		Errors: "InternalServerException ThrottlingException ValidationException",
		In:     (*ListCoverageRequest)(nil), Out: (*ListCoverageResponse)(nil),
	},
	{
		Name: "ListCoverageStatistics", Method: "POST", URI: "/coverage/statistics/list", Status: 200, Action: "inspector2:ListCoverageStatistics", ReadOnly: true, Paging: wire.TokenPages,
		Errors: "InternalServerException ThrottlingException ValidationException",
		In:     (*ListCoverageStatisticsRequest)(nil), Out: (*ListCoverageStatisticsResponse)(nil),
	},
	{
		Name: "ListDelegatedAdminAccounts", Method: "POST", URI: "/delegatedadminaccounts/list", Status: 200, Action: "inspector2:ListDelegatedAdminAccounts", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 5,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListDelegatedAdminAccountsRequest)(nil), Out: (*ListDelegatedAdminAccountsResponse)(nil),
	},
	{
		Name: "ListFilters", Method: "POST", URI: "/filters/list", Status: 200, Action: "inspector2:ListFilters", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListFiltersRequest)(nil), Out: (*ListFiltersResponse)(nil),
	},
	{
		Name: "ListFindingAggregations", Method: "POST", URI: "/findings/aggregation/list", Status: 200, Action: "inspector2:ListFindingAggregations", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "InternalServerException ThrottlingException ValidationException",
		In:     (*ListFindingAggregationsRequest)(nil), Out: (*ListFindingAggregationsResponse)(nil),
	},
	{
		Name: "ListFindings", Method: "POST", URI: "/findings/list", Status: 200, Action: "inspector2:ListFindings", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 100,
		Errors: "InternalServerException ThrottlingException ValidationException",
		In:     (*ListFindingsRequest)(nil), Out: (*ListFindingsResponse)(nil),
	},
	{
		Name: "ListMembers", Method: "POST", URI: "/members/list", Status: 200, Action: "inspector2:ListMembers", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 50,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListMembersRequest)(nil), Out: (*ListMembersResponse)(nil),
	},
	{
		Name: "ListTagsForResource", Method: "GET", URI: "/tags/{resourceArn}", Status: 200, Action: "inspector2:ListTagsForResource", ReadOnly: true,
		Errors: "InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*ListTagsForResourceRequest)(nil), Out: (*ListTagsForResourceResponse)(nil),
	},
	{
		Name: "ListUsageTotals", Method: "POST", URI: "/usage/list", Status: 200, Action: "inspector2:ListUsageTotals", ReadOnly: true, Paging: wire.SizedPages, MaxPage: 500,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*ListUsageTotalsRequest)(nil), Out: (*ListUsageTotalsResponse)(nil),
	},
	{
		Name: "ResetEncryptionKey", Method: "PUT", URI: "/encryptionkey/reset", Status: 200, Action: "inspector2:ResetEncryptionKey",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*ResetEncryptionKeyRequest)(nil), Out: (*ResetEncryptionKeyResponse)(nil),
	},
	{
		Name: "SearchVulnerabilities", Method: "POST", URI: "/vulnerabilities/search", Status: 200, Action: "inspector2:SearchVulnerabilities", ReadOnly: true, Paging: wire.TokenPages,
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*SearchVulnerabilitiesRequest)(nil), Out: (*SearchVulnerabilitiesResponse)(nil),
	},
	{
		Name: "SendCisSessionHealth", Method: "PUT", URI: "/cissession/health/send", Status: 200, Action: "inspector2:SendCisSessionHealth",
		Errors: "AccessDeniedException ConflictException InternalServerException ThrottlingException ValidationException",
		In:     (*SendCisSessionHealthRequest)(nil), Out: (*SendCisSessionHealthResponse)(nil),
	},
	{
		Name: "SendCisSessionTelemetry", Method: "PUT", URI: "/cissession/telemetry/send", Status: 200, Action: "inspector2:SendCisSessionTelemetry",
		Errors: "AccessDeniedException ConflictException InternalServerException ThrottlingException ValidationException",
		In:     (*SendCisSessionTelemetryRequest)(nil), Out: (*SendCisSessionTelemetryResponse)(nil),
	},
	{
		Name: "StartCisSession", Method: "PUT", URI: "/cissession/start", Status: 200, Action: "inspector2:StartCisSession",
		Errors: "AccessDeniedException ConflictException InternalServerException ThrottlingException ValidationException",
		In:     (*StartCisSessionRequest)(nil), Out: (*StartCisSessionResponse)(nil),
	},
	{
		Name: "StartCodeSecurityScan", Method: "POST", URI: "/codesecurity/scan/start", Status: 200, Action: "inspector2:StartCodeSecurityScan",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*StartCodeSecurityScanRequest)(nil), Out: (*StartCodeSecurityScanResponse)(nil),
	},
	{
		Name: "StopCisSession", Method: "PUT", URI: "/cissession/stop", Status: 200, Action: "inspector2:StopCisSession",
		Errors: "AccessDeniedException ConflictException InternalServerException ThrottlingException ValidationException",
		In:     (*StopCisSessionRequest)(nil), Out: (*StopCisSessionResponse)(nil),
	},
	{
		Name: "TagResource", Method: "POST", URI: "/tags/{resourceArn}", Status: 200, Action: "inspector2:TagResource",
		Errors: "BadRequestException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*TagResourceRequest)(nil), Out: (*TagResourceResponse)(nil),
	},
	{
		Name: "UntagResource", Method: "DELETE", URI: "/tags/{resourceArn}", Status: 200, Action: "inspector2:UntagResource",
		Errors: "InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*UntagResourceRequest)(nil), Out: (*UntagResourceResponse)(nil),
	},
	{
		Name: "UpdateCisScanConfiguration", Method: "POST", URI: "/cis/scan-configuration/update", Status: 200, Action: "inspector2:UpdateCisScanConfiguration",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*UpdateCisScanConfigurationRequest)(nil), Out: (*UpdateCisScanConfigurationResponse)(nil),
	},
	{
		Name: "UpdateCodeSecurityIntegration", Method: "POST", URI: "/codesecurity/integration/update", Status: 200, Action: "inspector2:UpdateCodeSecurityIntegration",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*UpdateCodeSecurityIntegrationRequest)(nil), Out: (*UpdateCodeSecurityIntegrationResponse)(nil),
	},
	{
		Name: "UpdateCodeSecurityScanConfiguration", Method: "POST", URI: "/codesecurity/scan-configuration/update", Status: 200, Action: "inspector2:UpdateCodeSecurityScanConfiguration",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*UpdateCodeSecurityScanConfigurationRequest)(nil), Out: (*UpdateCodeSecurityScanConfigurationResponse)(nil),
	},
	{
		Name: "UpdateConfiguration", Method: "POST", URI: "/configuration/update", Status: 200, Action: "inspector2:UpdateConfiguration",
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*UpdateConfigurationRequest)(nil), Out: (*UpdateConfigurationResponse)(nil),
	},
	{
		Name: "UpdateConnector", Method: "POST", URI: "/connector/update", Status: 200, Action: "inspector2:UpdateConnector",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*UpdateConnectorRequest)(nil), Out: (*UpdateConnectorResponse)(nil),
	},
	{
		Name: "UpdateConnectorScanConfiguration", Method: "POST", URI: "/connectorscanconfiguration/update", Status: 200, Action: "inspector2:UpdateConnectorScanConfiguration",
		Errors: "AccessDeniedException ConflictException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*UpdateConnectorScanConfigurationRequest)(nil), Out: (*UpdateConnectorScanConfigurationResponse)(nil),
	},
	{
		Name: "UpdateEc2DeepInspectionConfiguration", Method: "POST", URI: "/ec2deepinspectionconfiguration/update", Status: 200, Action: "inspector2:UpdateEc2DeepInspectionConfiguration",
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*UpdateEc2DeepInspectionConfigurationRequest)(nil), Out: (*UpdateEc2DeepInspectionConfigurationResponse)(nil),
	},
	{
		Name: "UpdateEncryptionKey", Method: "PUT", URI: "/encryptionkey/update", Status: 200, Action: "inspector2:UpdateEncryptionKey",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*UpdateEncryptionKeyRequest)(nil), Out: (*UpdateEncryptionKeyResponse)(nil),
	},
	{
		Name: "UpdateFilter", Method: "POST", URI: "/filters/update", Status: 200, Action: "inspector2:UpdateFilter",
		Errors: "AccessDeniedException InternalServerException ResourceNotFoundException ThrottlingException ValidationException",
		In:     (*UpdateFilterRequest)(nil), Out: (*UpdateFilterResponse)(nil),
	},
	{
		Name: "UpdateOrgEc2DeepInspectionConfiguration", Method: "POST", URI: "/ec2deepinspectionconfiguration/org/update", Status: 200, Action: "inspector2:UpdateOrgEc2DeepInspectionConfiguration",
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*UpdateOrgEc2DeepInspectionConfigurationRequest)(nil), Out: (*UpdateOrgEc2DeepInspectionConfigurationResponse)(nil),
	},
	{
		Name: "UpdateOrganizationConfiguration", Method: "POST", URI: "/organizationconfiguration/update", Status: 200, Action: "inspector2:UpdateOrganizationConfiguration",
		Errors: "AccessDeniedException InternalServerException ThrottlingException ValidationException",
		In:     (*UpdateOrganizationConfigurationRequest)(nil), Out: (*UpdateOrganizationConfigurationResponse)(nil),
	},
}

var exceptions = []wire.Exception{
	(*AccessDeniedException)(nil),
	(*BadRequestException)(nil),
	(*ConflictException)(nil),
	(*InternalServerException)(nil),
	(*ResourceNotFoundException)(nil),
	(*ServiceQuotaExceededException)(nil),
	(*ThrottlingException)(nil),
	(*ValidationException)(nil),
}

var enums = map[string]string{
	"AccountSortBy":                                  "CRITICAL HIGH ALL",
	"AggregationFindingType":                         "NETWORK_REACHABILITY PACKAGE_VULNERABILITY CODE_VULNERABILITY",
	"AggregationResourceType":                        "AWS_EC2_INSTANCE AWS_ECR_CONTAINER_IMAGE AWS_LAMBDA_FUNCTION CODE_REPOSITORY Microsoft.Compute/virtualMachines Microsoft.ContainerRegistry/registry/containerImage Microsoft.Web/sites",
	"AggregationType":                                "FINDING_TYPE PACKAGE TITLE REPOSITORY AMI AWS_EC2_INSTANCE AWS_ECR_CONTAINER IMAGE_LAYER ACCOUNT AWS_LAMBDA_FUNCTION LAMBDA_LAYER CODE_REPOSITORY VM_INSTANCE CONTAINER_IMAGE SERVERLESS_FUNCTION",
	"AmiSortBy":                                      "CRITICAL HIGH ALL AFFECTED_INSTANCES",
	"Architecture":                                   "X86_64 ARM64",
	"AssociationResultStatusCode":                    "INTERNAL_ERROR ACCESS_DENIED SCAN_CONFIGURATION_NOT_FOUND INVALID_INPUT RESOURCE_NOT_FOUND QUOTA_EXCEEDED",
	"AwsConfigConnectorArnComparison":                "EQUALS",
	"AwsEcrContainerSortBy":                          "CRITICAL HIGH ALL",
	"CisFindingStatus":                               "PASSED FAILED SKIPPED",
	"CisFindingStatusComparison":                     "EQUALS",
	"CisReportFormat":                                "PDF CSV",
	"CisReportStatus":                                "SUCCEEDED FAILED IN_PROGRESS",
	"CisResultStatus":                                "PASSED FAILED SKIPPED",
	"CisResultStatusComparison":                      "EQUALS",
	"CisRuleStatus":                                  "FAILED PASSED NOT_EVALUATED INFORMATIONAL UNKNOWN NOT_APPLICABLE ERROR",
	"CisScanConfigurationsSortBy":                    "SCAN_NAME SCAN_CONFIGURATION_ARN",
	"CisScanResultDetailsSortBy":                     "CHECK_ID STATUS",
	"CisScanResultsAggregatedByChecksSortBy":         "CHECK_ID TITLE PLATFORM FAILED_COUNTS SECURITY_LEVEL",
	"CisScanResultsAggregatedByTargetResourceSortBy": "RESOURCE_ID FAILED_COUNTS ACCOUNT_ID PLATFORM TARGET_STATUS TARGET_STATUS_REASON",
	"CisScanStatus":                                  "FAILED COMPLETED CANCELLED IN_PROGRESS",
	"CisScanStatusComparison":                        "EQUALS",
	"CisSecurityLevel":                               "LEVEL_1 LEVEL_2",
	"CisSecurityLevelComparison":                     "EQUALS",
	"CisSortOrder":                                   "ASC DESC",
	"CisStringComparison":                            "EQUALS PREFIX NOT_EQUALS",
	"CisTargetStatus":                                "TIMED_OUT CANCELLED COMPLETED",
	"CisTargetStatusComparison":                      "EQUALS",
	"CisTargetStatusReason":                          "SCAN_IN_PROGRESS UNSUPPORTED_OS SSM_UNMANAGED",
	"CloudProvider":                                  "AWS AZURE NOT_APPLICABLE",
	"CodeRepositoryProviderType":                     "GITHUB GITLAB_SELF_MANAGED",
	"CodeRepositorySortBy":                           "CRITICAL HIGH ALL",
	"CodeScanStatus":                                 "IN_PROGRESS SUCCESSFUL FAILED SKIPPED",
	"CodeSnippetErrorCode":                           "INTERNAL_ERROR ACCESS_DENIED CODE_SNIPPET_NOT_FOUND INVALID_INPUT",
	"ConfigurationLevel":                             "ORGANIZATION ACCOUNT",
	"ConnectorArnComparison":                         "EQUALS",
	"ConnectorCloudProvider":                         "AZURE",
	"ConnectorHealthStatus":                          "CONNECTED DEGRADED FAILED_TO_CONNECT PENDING_AUTHORIZATION PENDING_CONFIGURATION UNKNOWN",
	"ConnectorType":                                  "CUSTOMER_MANAGED SERVICE_LINKED",
	"ConnectorTypeComparison":                        "EQUALS",
	"ContainerImagePullDateRescanDuration":           "DAYS_3 DAYS_7 DAYS_14 DAYS_30 DAYS_60 DAYS_90 DAYS_180",
	"ContainerImageRescanDuration":                   "LIFETIME DAYS_3 DAYS_7 DAYS_30 DAYS_180 DAYS_14 DAYS_60 DAYS_90",
	"ContainerImageSortBy":                           "CRITICAL HIGH ALL",
	"ContinuousIntegrationScanEvent":                 "PULL_REQUEST PUSH",
	"CoverageMapComparison":                          "EQUALS",
	"CoverageResourceType":                           "AWS_EC2_INSTANCE AWS_ECR_CONTAINER_IMAGE AWS_ECR_REPOSITORY AWS_LAMBDA_FUNCTION CODE_REPOSITORY Microsoft.Compute/virtualMachines Microsoft.ContainerRegistry/registry/containerImage Microsoft.ContainerRegistry/registry/containerRepository Microsoft.Web/sites Microsoft.ContainerRegistry/registries",
	"CoverageStringComparison":                       "EQUALS NOT_EQUALS",
	"Currency":                                       "USD",
	"Day":                                            "SUN MON TUE WED THU FRI SAT",
	"DelegatedAdminStatus":                           "ENABLED DISABLE_IN_PROGRESS",
	"Ec2DeepInspectionStatus":                        "ACTIVATED DEACTIVATED PENDING FAILED",
	"Ec2InstanceSortBy":                              "NETWORK_FINDINGS CRITICAL HIGH ALL",
	"Ec2Platform":                                    "WINDOWS LINUX UNKNOWN MACOS",
	"Ec2ScanMode":                                    "EC2_SSM_AGENT_BASED EC2_HYBRID",
	"Ec2ScanModeStatus":                              "SUCCESS PENDING",
	"EcrPullDateRescanDuration":                      "DAYS_14 DAYS_30 DAYS_60 DAYS_90 DAYS_180 DAYS_3 DAYS_7",
	"EcrPullDateRescanMode":                          "LAST_PULL_DATE LAST_IN_USE_AT",
	"EcrRescanDuration":                              "LIFETIME DAYS_30 DAYS_180 DAYS_14 DAYS_60 DAYS_90 DAYS_3 DAYS_7",
	"EcrRescanDurationStatus":                        "SUCCESS PENDING FAILED",
	"EcrScanFrequency":                               "MANUAL SCAN_ON_PUSH CONTINUOUS_SCAN",
	"EnablementStatus":                               "ENABLED PENDING_ENABLEMENT FAILED_TO_ENABLE PENDING_UPDATE FAILED_TO_UPDATE PENDING_DELETION DELETED FAILED_TO_DELETE",
	"ErrorCode":                                      "ALREADY_ENABLED ENABLE_IN_PROGRESS DISABLE_IN_PROGRESS SUSPEND_IN_PROGRESS RESOURCE_NOT_FOUND ACCESS_DENIED INTERNAL_ERROR SSM_UNAVAILABLE SSM_THROTTLED EVENTBRIDGE_UNAVAILABLE EVENTBRIDGE_THROTTLED RESOURCE_SCAN_NOT_DISABLED DISASSOCIATE_ALL_MEMBERS ACCOUNT_IS_ISOLATED EC2_SSM_RESOURCE_DATA_SYNC_LIMIT_EXCEEDED EC2_SSM_ASSOCIATION_VERSION_LIMIT_EXCEEDED BLOCKED_BY_ORGANIZATION_POLICY",
	"ExploitAvailable":                               "YES NO",
	"ExternalReportStatus":                           "SUCCEEDED IN_PROGRESS CANCELLED FAILED",
	"FilterAction":                                   "NONE SUPPRESS",
	"FindingDetailsErrorCode":                        "INTERNAL_ERROR ACCESS_DENIED FINDING_DETAILS_NOT_FOUND INVALID_INPUT",
	"FindingStatus":                                  "ACTIVE SUPPRESSED CLOSED",
	"FindingType":                                    "NETWORK_REACHABILITY PACKAGE_VULNERABILITY CODE_VULNERABILITY",
	"FindingTypeSortBy":                              "CRITICAL HIGH ALL",
	"FixAvailable":                                   "YES NO PARTIAL",
	"FreeTrialInfoErrorCode":                         "ACCESS_DENIED INTERNAL_ERROR",
	"FreeTrialStatus":                                "ACTIVE INACTIVE",
	"FreeTrialType":                                  "EC2 ECR LAMBDA LAMBDA_CODE CODE_REPOSITORY VM CONTAINER_IMAGE SERVERLESS_FUNCTION",
	"GroupKey":                                       "SCAN_STATUS_CODE SCAN_STATUS_REASON ACCOUNT_ID RESOURCE_TYPE ECR_REPOSITORY_NAME PROVIDER PROVIDER_ACCOUNT_ID PROVIDER_REGION PROVIDER_ORG_ID",
	"ImageLayerSortBy":                               "CRITICAL HIGH ALL",
	"InheritanceMode":                                "INHERIT_FROM_ADMIN",
	"IntegrationStatus":                              "PENDING IN_PROGRESS ACTIVE INACTIVE DISABLING",
	"IntegrationType":                                "GITLAB_SELF_MANAGED GITHUB",
	"LambdaFunctionSortBy":                           "CRITICAL HIGH ALL",
	"LambdaLayerSortBy":                              "CRITICAL HIGH ALL",
	"ListCisScansDetailLevel":                        "ORGANIZATION MEMBER",
	"ListCisScansSortBy":                             "STATUS SCHEDULED_BY SCAN_START_DATE FAILED_CHECKS",
	"MapComparison":                                  "EQUALS",
	"NetworkProtocol":                                "TCP UDP",
	"Operation":                                      "ENABLE_SCANNING DISABLE_SCANNING ENABLE_REPOSITORY DISABLE_REPOSITORY",
	"PackageManager":                                 "BUNDLER CARGO COMPOSER NPM NUGET PIPENV POETRY YARN GOBINARY GOMOD JAR OS PIP PYTHONPKG NODEPKG POM GEMSPEC DOTNET_CORE",
	"PackageSortBy":                                  "CRITICAL HIGH ALL",
	"PackageType":                                    "IMAGE ZIP",
	"PeriodicScanFrequency":                          "WEEKLY MONTHLY NEVER",
	"ProjectSelectionScope":                          "ALL",
	"Provider":                                       "AWS AZURE",
	"ProviderComparison":                             "EQUALS",
	"RelationshipStatus":                             "CREATED INVITED DISABLED ENABLED REMOVED RESIGNED DELETED EMAIL_VERIFICATION_IN_PROGRESS EMAIL_VERIFICATION_FAILED REGION_DISABLED ACCOUNT_SUSPENDED CANNOT_CREATE_DETECTOR_IN_ORG_MASTER",
	"ReportFormat":                                   "CSV JSON",
	"ReportingErrorCode":                             "INTERNAL_ERROR INVALID_PERMISSIONS NO_FINDINGS_FOUND BUCKET_NOT_FOUND INCOMPATIBLE_BUCKET_REGION MALFORMED_KMS_KEY",
	"RepositorySortBy":                               "CRITICAL HIGH ALL AFFECTED_IMAGES",
	"ResourceMapComparison":                          "EQUALS",
	"ResourceScanType":                               "EC2 ECR LAMBDA LAMBDA_CODE CODE_REPOSITORY",
	"ResourceStringComparison":                       "EQUALS NOT_EQUALS",
	"ResourceType":                                   "AWS_EC2_INSTANCE AWS_ECR_CONTAINER_IMAGE AWS_ECR_REPOSITORY AWS_LAMBDA_FUNCTION CODE_REPOSITORY Microsoft.Compute/virtualMachines Microsoft.ContainerRegistry/registry/containerImage Microsoft.Web/sites",
	"RuleSetCategory":                                "SAST IAC SCA",
	"Runtime":                                        "NODEJS NODEJS_12_X NODEJS_14_X NODEJS_16_X JAVA_8 JAVA_8_AL2 JAVA_11 PYTHON_3_7 PYTHON_3_8 PYTHON_3_9 UNSUPPORTED NODEJS_18_X GO_1_X JAVA_17 PYTHON_3_10 PYTHON_3_11 DOTNETCORE_3_1 DOTNET_6 DOTNET_7 RUBY_2_7 RUBY_3_2 DOTNET_10 NODEJS_24_X NODEJS_22_X JAVA_21 JAVA_25",
	"SbomReportFormat":                               "CYCLONEDX_1_4 SPDX_2_3",
	"ScanMode":                                       "EC2_SSM_AGENT_BASED EC2_AGENTLESS EC2_INSPECTOR_AGENT_BASED VM_INSPECTOR_AGENT_BASED",
	"ScanStatusCode":                                 "ACTIVE INACTIVE",
	"ScanStatusReason":                               "PENDING_INITIAL_SCAN ACCESS_DENIED INTERNAL_ERROR UNMANAGED_EC2_INSTANCE UNSUPPORTED_OS SCAN_ELIGIBILITY_EXPIRED RESOURCE_TERMINATED SUCCESSFUL NO_RESOURCES_FOUND IMAGE_SIZE_EXCEEDED SCAN_FREQUENCY_MANUAL SCAN_FREQUENCY_SCAN_ON_PUSH EC2_INSTANCE_STOPPED PENDING_DISABLE NO_INVENTORY STALE_INVENTORY EXCLUDED_BY_TAG UNSUPPORTED_RUNTIME UNSUPPORTED_MEDIA_TYPE UNSUPPORTED_CONFIG_FILE DEEP_INSPECTION_PACKAGE_COLLECTION_LIMIT_EXCEEDED DEEP_INSPECTION_DAILY_SSM_INVENTORY_LIMIT_EXCEEDED DEEP_INSPECTION_COLLECTION_TIME_LIMIT_EXCEEDED DEEP_INSPECTION_NO_INVENTORY AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED PENDING_REVIVAL_SCAN INTEGRATION_CONNECTION_LOST ACCESS_DENIED_TO_ENCRYPTION_KEY UNSUPPORTED_LANGUAGE NO_SCAN_CONFIGURATION_ASSOCIATED SCAN_IN_PROGRESS IMAGE_ARCHIVED UNSUPPORTED_CODE_ARTIFACTS RESOURCE_UNMANAGED RESOURCE_STOPPED",
	"ScanType":                                       "NETWORK PACKAGE CODE",
	"ScopeState":                                     "ACTIVE PENDING ERROR DISABLED",
	"ScopeType":                                      "TENANT SUBSCRIPTION",
	"ServerlessFunctionSortBy":                       "CRITICAL HIGH ALL",
	"Service":                                        "EC2 ECR LAMBDA",
	"Severity":                                       "INFORMATIONAL LOW MEDIUM HIGH CRITICAL UNTRIAGED",
	"SortField":                                      "AWS_ACCOUNT_ID FINDING_TYPE SEVERITY FIRST_OBSERVED_AT LAST_OBSERVED_AT FINDING_STATUS RESOURCE_TYPE ECR_IMAGE_PUSHED_AT ECR_IMAGE_REPOSITORY_NAME ECR_IMAGE_REGISTRY NETWORK_PROTOCOL COMPONENT_TYPE VULNERABILITY_ID VULNERABILITY_SOURCE INSPECTOR_SCORE VENDOR_SEVERITY EPSS_SCORE",
	"SortOrder":                                      "ASC DESC",
	"Status":                                         "ENABLING ENABLED DISABLING DISABLED SUSPENDING SUSPENDED",
	"StopCisSessionStatus":                           "SUCCESS FAILED INTERRUPTED UNSUPPORTED_OS",
	"StringComparison":                               "EQUALS PREFIX NOT_EQUALS",
	"TagComparison":                                  "EQUALS",
	"TitleSortBy":                                    "CRITICAL HIGH ALL",
	"UsageType":                                      "EC2_INSTANCE_HOURS ECR_INITIAL_SCAN ECR_RESCAN LAMBDA_FUNCTION_HOURS LAMBDA_FUNCTION_CODE_HOURS CODE_REPOSITORY_SAST CODE_REPOSITORY_IAC CODE_REPOSITORY_SCA EC2_AGENTLESS_INSTANCE_HOURS AZURE_CONTAINER_IMAGE_INITIAL_SCAN AZURE_CONTAINER_IMAGE_RESCAN AZURE_VM_AGENT_BASED_INSTANCE_HOURS AZURE_SERVERLESS_FUNCTION_HOURS",
	"VMScannerStatus":                                "SUCCESS PENDING FAILED",
	"ValidationExceptionReason":                      "CANNOT_PARSE FIELD_VALIDATION_FAILED OTHER",
	"VmInstanceSortBy":                               "CRITICAL HIGH ALL NETWORK_FINDINGS",
	"VmPlatform":                                     "WINDOWS LINUX UNKNOWN",
	"VulnerabilitySource":                            "NVD",
}

var patterns = []wire.Pattern{
	/* 0 */ {Text: `\d{12}`},
	/* 1 */ {Text: `ami-([a-z0-9]{8}|[a-z0-9]{17}|\*)`},
	/* 2 */ {Text: `(aws(-[a-z]+)*|Azure[A-Za-z]+)`},
	/* 3 */ {Text: `([a-z]{2}(-[a-z]+)+-\d+|[a-z][a-z0-9]+)`},
	/* 4 */ {Text: `(o-[a-z0-9]{10,32}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})`},
	/* 5 */ {Text: `(\d{12}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})`},
	/* 6 */ {Text: `arn:(aws[a-zA-Z-]*)?:inspector2:[a-z]{2}(-gov)?-[a-z]+-\d{1}:\d{12}:owner/(\d{12}|o-[a-z0-9]{10,32})/codesecurity-configuration/[a-f0-9-]{36}`},
	/* 7 */ {Text: `arn:([^:]+):config:([^:]+):([^:]+):connector/([^/]+)/([^/]+)/([^/:\s]+)`},
	/* 8 */ {Text: `(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\.){3}([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])`},
	/* 9 */ {Text: `sha256:[a-z0-9]{64}`},
	/* 10 */ {Text: `[a-zA-Z0-9-_\.]+(:(\$LATEST|[a-zA-Z0-9-_]+))?`},
	/* 11 */ {Text: `\$LATEST|[0-9]+`},
	/* 12 */ {Text: `arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`},
	/* 13 */ {Text: `arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+`},
	/* 14 */ {Text: `[a-zA-Z0-9-]+`},
	/* 15 */ {Text: `arn:(aws[a-zA-Z-]*)?:inspector2:[a-z]{2}(-gov)?-[a-z]+-\d{1}:\d{12}:finding/[a-f0-9]{32}`},
	/* 16 */ {Text: `.*[0-9]{12}.*`},
	/* 17 */ {Text: `.*\b[a-f0-9]{8}\b-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-\b[a-f0-9]{12}\b.*`},
	/* 18 */ {Text: `arn:aws(-us-gov|-cn)?:inspector2:[-.a-z0-9]{0,20}:\d{12}:owner/(\d{12}|o-[a-z0-9]{10,32})/cis-scan/[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`},
	/* 19 */ {Text: `arn:aws(-us-gov|-cn)?:inspector2:[a-z]{2}(-gov)?-[a-z]+-[0-9]{1}:[0-9]{12}:owner/(o-[a-z0-9]+|[0-9]{12})/cis-configuration/[0-9a-fA-F-]+`},
	/* 20 */ {Text: `\d{12}|o-[a-z0-9]{10,32}`},
	/* 21 */ {Text: `.*(^arn:.*:ecr:.*:\d{12}:repository\/[a-zA-Z0-9._\/-]+(\/sha256:[a-z0-9]{64})?$)|(^i-([a-z0-9]{8}|[a-z0-9]{17}|\\*)$|(^arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}(-gov)?-[a-z]+-\d{1}:\d{12}:function:[a-zA-Z0-9-_\.]+(:(\$LATEST|[a-zA-Z0-9-_]+))?$)|(^arn:(aws[a-zA-Z-]*)?:inspector2:[a-z]{2}(-gov)?-[a-z]+-\d{1}:\d{12}:codesecurity-integration\/[a-f0-9-]{36}\/project-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$))|(^\/subscriptions\/[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}\/resourcegroups\/[a-z0-9_\-\.()]+\/providers\/(microsoft\.compute\/virtualmachines\/[a-z0-9_\-]+|microsoft\.web\/sites\/[a-z0-9_\-]+|microsoft\.containerregistry\/registries\/[a-z0-9_\-]+(\/repositories\/[a-z0-9_\-\/]+\/images?\/sha256:[a-f0-9]{64})?)$).*`},
	/* 22 */ {Text: `arn:aws(-gov|-cn)?:inspector2:[-.a-z0-9]{0,20}:\d{12}:owner/\d{12}/cis-finding/[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`},
	/* 23 */ {Text: `[\p{L}\p{Z}\p{N}_.:/=\-@]*`},
	/* 24 */ {Text: `arn:.*:ecr:.*:\d{12}:repository\/[a-zA-Z0-9._\/-]+(\/sha256:[a-z0-9]{64})?`},
	/* 25 */ {Text: `arn:aws(?:-[a-z0-9-]+)?:(?:ecs|eks):[a-z0-9-]+:[0-9]{12}:cluster/[a-zA-Z0-9_-]+`},
	/* 26 */ {Text: `arn:(aws[a-zA-Z-]*)?:inspector2:[a-z]{2}(-gov)?-[a-z]+-\d{1}:\d{12}:codesecurity-integration\/[a-f0-9-]{36}`},
	/* 27 */ {Text: `([a-f0-9]{40})`},
	/* 28 */ {Text: `arn:(aws[a-zA-Z-]*)?:inspector2:[a-z]{2}(-gov)?-[a-z]+-\d{1}:\d{12}:codesecurity-integration/[a-f0-9-]{36}`},
	/* 29 */ {Text: `[a-zA-Z0-9-_$:.]*`},
	/* 30 */ {Text: `project-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}`},
	/* 31 */ {Text: `.*(^\d{12}$)|(^o-[a-z0-9]{10,32}$).*`},
	/* 32 */ {Text: `arn:aws(-[a-z]+)*:inspector2:[a-z0-9-]+:[0-9]{12}:connector/([a-f0-9-]+|aws-service-connector/.+/[a-f0-9-]+)`},
	/* 33 */ {Text: `[\p{L}\p{N}_-]+`},
	/* 34 */ {Text: `[^\p{C}]*`},
	/* 35 */ {Text: `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`},
	/* 36 */ {Text: `\d{12}|ALL_ACCOUNTS|SELF`},
	/* 37 */ {Text: `https://[-a-zA-Z0-9()@:%_+.~#?&//=]{1,1024}`, Match: isInstanceURL},
	/* 38 */ {Text: `[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}`},
	/* 39 */ {Text: `(?:(?:/(?:\.[-\w]+|[-\w]+(?:[. ][-\w]+)*))+/?|[A-Za-z]:\\(?:[-\w]+(?:[. ][-\w]+)*\\)*[-\w]+(?:[. ][-\w]+)*)`},
	/* 40 */ {Text: `arn:aws(-(us-gov|cn))?:kms:([a-z0-9][-.a-z0-9]{0,62})?:[0-9]{12}?:key/(([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})|(mrk-[0-9a-zA-Z]{32}))`},
	/* 41 */ {Text: `subnet-([a-z0-9]{8}|[a-z0-9]{17}|\*)`},
	/* 42 */ {Text: `sg-([a-z0-9]{8}|[a-z0-9]{17}|\*)`},
	/* 43 */ {Text: `vpc-([a-z0-9]{8}|[a-z0-9]{17}|\*)`},
	/* 44 */ {Text: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`},
	/* 45 */ {Text: `CVE-[12][0-9]{3}-[0-9]{1,10}`},
	/* 46 */ {Text: `[\S]+`},
	/* 47 */ {Text: `([0-1]?[0-9]|2[0-3]):[0-5][0-9]`},
	/* 48 */ {Text: `(?!aws:)[a-zA-Z+-=._:/]+`, Match: isTagKey},
}
