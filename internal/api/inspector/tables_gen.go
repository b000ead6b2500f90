// Code generated from api/inspector-classic.idl by internal/api/generate. DO NOT EDIT.

package inspector

import (
	"context"

	"github.com/assay-project/assay/internal/api/wire"
)

// New returns the API inspector of 2016-02-16, ready to be spoken.
func New() *wire.Service {
	return wire.New(wire.Description{
		Name: "inspector", Protocol: wire.JSON11, Version: "2016-02-16", Signing: "inspector", Target: "InspectorService",
		Operations: operations, Enums: enums, Patterns: patterns, Exceptions: exceptions, Invalid: invalid, Raise: raise,
	})
}

// Handlers are the functions that do the operations; nil for what cannot be done.
type Handlers struct {
	AddAttributesToFindings        func(context.Context, *AddAttributesToFindingsRequest) (*AddAttributesToFindingsResponse, error)
	CreateAssessmentTarget         func(context.Context, *CreateAssessmentTargetRequest) (*CreateAssessmentTargetResponse, error)
	CreateAssessmentTemplate       func(context.Context, *CreateAssessmentTemplateRequest) (*CreateAssessmentTemplateResponse, error)
	CreateExclusionsPreview        func(context.Context, *CreateExclusionsPreviewRequest) (*CreateExclusionsPreviewResponse, error)
	CreateResourceGroup            func(context.Context, *CreateResourceGroupRequest) (*CreateResourceGroupResponse, error)
	DeleteAssessmentRun            func(context.Context, *DeleteAssessmentRunRequest) (*wire.None, error)
	DeleteAssessmentTarget         func(context.Context, *DeleteAssessmentTargetRequest) (*wire.None, error)
	DeleteAssessmentTemplate       func(context.Context, *DeleteAssessmentTemplateRequest) (*wire.None, error)
	DescribeAssessmentRuns         func(context.Context, *DescribeAssessmentRunsRequest) (*DescribeAssessmentRunsResponse, error)
	DescribeAssessmentTargets      func(context.Context, *DescribeAssessmentTargetsRequest) (*DescribeAssessmentTargetsResponse, error)
	DescribeAssessmentTemplates    func(context.Context, *DescribeAssessmentTemplatesRequest) (*DescribeAssessmentTemplatesResponse, error)
	DescribeCrossAccountAccessRole func(context.Context, *wire.None) (*DescribeCrossAccountAccessRoleResponse, error)
	DescribeExclusions             func(context.Context, *DescribeExclusionsRequest) (*DescribeExclusionsResponse, error)
	DescribeFindings               func(context.Context, *DescribeFindingsRequest) (*DescribeFindingsResponse, error)
	DescribeResourceGroups         func(context.Context, *DescribeResourceGroupsRequest) (*DescribeResourceGroupsResponse, error)
	DescribeRulesPackages          func(context.Context, *DescribeRulesPackagesRequest) (*DescribeRulesPackagesResponse, error)
	GetAssessmentReport            func(context.Context, *GetAssessmentReportRequest) (*GetAssessmentReportResponse, error)
	GetExclusionsPreview           func(context.Context, *GetExclusionsPreviewRequest) (*GetExclusionsPreviewResponse, error)
	GetTelemetryMetadata           func(context.Context, *GetTelemetryMetadataRequest) (*GetTelemetryMetadataResponse, error)
	ListAssessmentRunAgents        func(context.Context, *ListAssessmentRunAgentsRequest) (*ListAssessmentRunAgentsResponse, error)
	ListAssessmentRuns             func(context.Context, *ListAssessmentRunsRequest) (*ListAssessmentRunsResponse, error)
	ListAssessmentTargets          func(context.Context, *ListAssessmentTargetsRequest) (*ListAssessmentTargetsResponse, error)
	ListAssessmentTemplates        func(context.Context, *ListAssessmentTemplatesRequest) (*ListAssessmentTemplatesResponse, error)
	ListEventSubscriptions         func(context.Context, *ListEventSubscriptionsRequest) (*ListEventSubscriptionsResponse, error)
	ListExclusions                 func(context.Context, *ListExclusionsRequest) (*ListExclusionsResponse, error)
	ListFindings                   func(context.Context, *ListFindingsRequest) (*ListFindingsResponse, error)
	ListRulesPackages              func(context.Context, *ListRulesPackagesRequest) (*ListRulesPackagesResponse, error)
	ListTagsForResource            func(context.Context, *ListTagsForResourceRequest) (*ListTagsForResourceResponse, error)
	PreviewAgents                  func(context.Context, *PreviewAgentsRequest) (*PreviewAgentsResponse, error)
	RegisterCrossAccountAccessRole func(context.Context, *RegisterCrossAccountAccessRoleRequest) (*wire.None, error)
	RemoveAttributesFromFindings   func(context.Context, *RemoveAttributesFromFindingsRequest) (*RemoveAttributesFromFindingsResponse, error)
	SetTagsForResource             func(context.Context, *SetTagsForResourceRequest) (*wire.None, error)
	StartAssessmentRun             func(context.Context, *StartAssessmentRunRequest) (*StartAssessmentRunResponse, error)
	StopAssessmentRun              func(context.Context, *StopAssessmentRunRequest) (*wire.None, error)
	SubscribeToEvent               func(context.Context, *SubscribeToEventRequest) (*wire.None, error)
	UnsubscribeFromEvent           func(context.Context, *UnsubscribeFromEventRequest) (*wire.None, error)
	UpdateAssessmentTarget         func(context.Context, *UpdateAssessmentTargetRequest) (*wire.None, error)
}

// ByName returns the handlers by the names of their operations; nil for what cannot be done.
func (h *Handlers) ByName() map[string]wire.Handler {
	return map[string]wire.Handler{
		"AddAttributesToFindings":        wire.Bind(h.AddAttributesToFindings),
		"CreateAssessmentTarget":         wire.Bind(h.CreateAssessmentTarget),
		"CreateAssessmentTemplate":       wire.Bind(h.CreateAssessmentTemplate),
		"CreateExclusionsPreview":        wire.Bind(h.CreateExclusionsPreview),
		"CreateResourceGroup":            wire.Bind(h.CreateResourceGroup),
		"DeleteAssessmentRun":            wire.Bind(h.DeleteAssessmentRun),
		"DeleteAssessmentTarget":         wire.Bind(h.DeleteAssessmentTarget),
		"DeleteAssessmentTemplate":       wire.Bind(h.DeleteAssessmentTemplate),
		"DescribeAssessmentRuns":         wire.Bind(h.DescribeAssessmentRuns),
		"DescribeAssessmentTargets":      wire.Bind(h.DescribeAssessmentTargets),
		"DescribeAssessmentTemplates":    wire.Bind(h.DescribeAssessmentTemplates),
		"DescribeCrossAccountAccessRole": wire.Bind(h.DescribeCrossAccountAccessRole),
		"DescribeExclusions":             wire.Bind(h.DescribeExclusions),
		"DescribeFindings":               wire.Bind(h.DescribeFindings),
		"DescribeResourceGroups":         wire.Bind(h.DescribeResourceGroups),
		"DescribeRulesPackages":          wire.Bind(h.DescribeRulesPackages),
		"GetAssessmentReport":            wire.Bind(h.GetAssessmentReport),
		"GetExclusionsPreview":           wire.Bind(h.GetExclusionsPreview),
		"GetTelemetryMetadata":           wire.Bind(h.GetTelemetryMetadata),
		"ListAssessmentRunAgents":        wire.Bind(h.ListAssessmentRunAgents),
		"ListAssessmentRuns":             wire.Bind(h.ListAssessmentRuns),
		"ListAssessmentTargets":          wire.Bind(h.ListAssessmentTargets),
		"ListAssessmentTemplates":        wire.Bind(h.ListAssessmentTemplates),
		"ListEventSubscriptions":         wire.Bind(h.ListEventSubscriptions),
		"ListExclusions":                 wire.Bind(h.ListExclusions),
		"ListFindings":                   wire.Bind(h.ListFindings),
		"ListRulesPackages":              wire.Bind(h.ListRulesPackages),
		"ListTagsForResource":            wire.Bind(h.ListTagsForResource),
		"PreviewAgents":                  wire.Bind(h.PreviewAgents),
		"RegisterCrossAccountAccessRole": wire.Bind(h.RegisterCrossAccountAccessRole),
		"RemoveAttributesFromFindings":   wire.Bind(h.RemoveAttributesFromFindings),
		"SetTagsForResource":             wire.Bind(h.SetTagsForResource),
		"StartAssessmentRun":             wire.Bind(h.StartAssessmentRun),
		"StopAssessmentRun":              wire.Bind(h.StopAssessmentRun),
		"SubscribeToEvent":               wire.Bind(h.SubscribeToEvent),
		"UnsubscribeFromEvent":           wire.Bind(h.UnsubscribeFromEvent),
		"UpdateAssessmentTarget":         wire.Bind(h.UpdateAssessmentTarget),
	}
}

// Client returns the same functions for the other side: each asks a server through do.
func Client(s *wire.Service, do wire.Caller) *Handlers {
	return &Handlers{
		AddAttributesToFindings:        wire.Call[AddAttributesToFindingsRequest, AddAttributesToFindingsResponse](s, "AddAttributesToFindings", do),
		CreateAssessmentTarget:         wire.Call[CreateAssessmentTargetRequest, CreateAssessmentTargetResponse](s, "CreateAssessmentTarget", do),
		CreateAssessmentTemplate:       wire.Call[CreateAssessmentTemplateRequest, CreateAssessmentTemplateResponse](s, "CreateAssessmentTemplate", do),
		CreateExclusionsPreview:        wire.Call[CreateExclusionsPreviewRequest, CreateExclusionsPreviewResponse](s, "CreateExclusionsPreview", do),
		CreateResourceGroup:            wire.Call[CreateResourceGroupRequest, CreateResourceGroupResponse](s, "CreateResourceGroup", do),
		DeleteAssessmentRun:            wire.Call[DeleteAssessmentRunRequest, wire.None](s, "DeleteAssessmentRun", do),
		DeleteAssessmentTarget:         wire.Call[DeleteAssessmentTargetRequest, wire.None](s, "DeleteAssessmentTarget", do),
		DeleteAssessmentTemplate:       wire.Call[DeleteAssessmentTemplateRequest, wire.None](s, "DeleteAssessmentTemplate", do),
		DescribeAssessmentRuns:         wire.Call[DescribeAssessmentRunsRequest, DescribeAssessmentRunsResponse](s, "DescribeAssessmentRuns", do),
		DescribeAssessmentTargets:      wire.Call[DescribeAssessmentTargetsRequest, DescribeAssessmentTargetsResponse](s, "DescribeAssessmentTargets", do),
		DescribeAssessmentTemplates:    wire.Call[DescribeAssessmentTemplatesRequest, DescribeAssessmentTemplatesResponse](s, "DescribeAssessmentTemplates", do),
		DescribeCrossAccountAccessRole: wire.Call[wire.None, DescribeCrossAccountAccessRoleResponse](s, "DescribeCrossAccountAccessRole", do),
		DescribeExclusions:             wire.Call[DescribeExclusionsRequest, DescribeExclusionsResponse](s, "DescribeExclusions", do),
		DescribeFindings:               wire.Call[DescribeFindingsRequest, DescribeFindingsResponse](s, "DescribeFindings", do),
		DescribeResourceGroups:         wire.Call[DescribeResourceGroupsRequest, DescribeResourceGroupsResponse](s, "DescribeResourceGroups", do),
		DescribeRulesPackages:          wire.Call[DescribeRulesPackagesRequest, DescribeRulesPackagesResponse](s, "DescribeRulesPackages", do),
		GetAssessmentReport:            wire.Call[GetAssessmentReportRequest, GetAssessmentReportResponse](s, "GetAssessmentReport", do),
		GetExclusionsPreview:           wire.Call[GetExclusionsPreviewRequest, GetExclusionsPreviewResponse](s, "GetExclusionsPreview", do),
		GetTelemetryMetadata:           wire.Call[GetTelemetryMetadataRequest, GetTelemetryMetadataResponse](s, "GetTelemetryMetadata", do),
		ListAssessmentRunAgents:        wire.Call[ListAssessmentRunAgentsRequest, ListAssessmentRunAgentsResponse](s, "ListAssessmentRunAgents", do),
		ListAssessmentRuns:             wire.Call[ListAssessmentRunsRequest, ListAssessmentRunsResponse](s, "ListAssessmentRuns", do),
		ListAssessmentTargets:          wire.Call[ListAssessmentTargetsRequest, ListAssessmentTargetsResponse](s, "ListAssessmentTargets", do),
		ListAssessmentTemplates:        wire.Call[ListAssessmentTemplatesRequest, ListAssessmentTemplatesResponse](s, "ListAssessmentTemplates", do),
		ListEventSubscriptions:         wire.Call[ListEventSubscriptionsRequest, ListEventSubscriptionsResponse](s, "ListEventSubscriptions", do),
		ListExclusions:                 wire.Call[ListExclusionsRequest, ListExclusionsResponse](s, "ListExclusions", do),
		ListFindings:                   wire.Call[ListFindingsRequest, ListFindingsResponse](s, "ListFindings", do),
		ListRulesPackages:              wire.Call[ListRulesPackagesRequest, ListRulesPackagesResponse](s, "ListRulesPackages", do),
		ListTagsForResource:            wire.Call[ListTagsForResourceRequest, ListTagsForResourceResponse](s, "ListTagsForResource", do),
		PreviewAgents:                  wire.Call[PreviewAgentsRequest, PreviewAgentsResponse](s, "PreviewAgents", do),
		RegisterCrossAccountAccessRole: wire.Call[RegisterCrossAccountAccessRoleRequest, wire.None](s, "RegisterCrossAccountAccessRole", do),
		RemoveAttributesFromFindings:   wire.Call[RemoveAttributesFromFindingsRequest, RemoveAttributesFromFindingsResponse](s, "RemoveAttributesFromFindings", do),
		SetTagsForResource:             wire.Call[SetTagsForResourceRequest, wire.None](s, "SetTagsForResource", do),
		StartAssessmentRun:             wire.Call[StartAssessmentRunRequest, StartAssessmentRunResponse](s, "StartAssessmentRun", do),
		StopAssessmentRun:              wire.Call[StopAssessmentRunRequest, wire.None](s, "StopAssessmentRun", do),
		SubscribeToEvent:               wire.Call[SubscribeToEventRequest, wire.None](s, "SubscribeToEvent", do),
		UnsubscribeFromEvent:           wire.Call[UnsubscribeFromEventRequest, wire.None](s, "UnsubscribeFromEvent", do),
		UpdateAssessmentTarget:         wire.Call[UpdateAssessmentTargetRequest, wire.None](s, "UpdateAssessmentTarget", do),
	}
}

var operations = []wire.Operation{
	{
		Name: "AddAttributesToFindings", Method: "POST", URI: "/", Status: 200, Action: "inspector:AddAttributesToFindings",
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*AddAttributesToFindingsRequest)(nil), Out: (*AddAttributesToFindingsResponse)(nil),
	},
	{
		Name: "CreateAssessmentTarget", Method: "POST", URI: "/", Status: 200, Action: "inspector:CreateAssessmentTarget",
		Errors: "AccessDeniedException InternalException InvalidCrossAccountRoleException InvalidInputException LimitExceededException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*CreateAssessmentTargetRequest)(nil), Out: (*CreateAssessmentTargetResponse)(nil),
	},
	{
		Name: "CreateAssessmentTemplate", Method: "POST", URI: "/", Status: 200, Action: "inspector:CreateAssessmentTemplate",
		Errors: "AccessDeniedException InternalException InvalidInputException LimitExceededException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*CreateAssessmentTemplateRequest)(nil), Out: (*CreateAssessmentTemplateResponse)(nil),
	},
	{
		Name: "CreateExclusionsPreview", Method: "POST", URI: "/", Status: 200, Action: "inspector:CreateExclusionsPreview",
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException PreviewGenerationInProgressException ServiceTemporarilyUnavailableException",
		In:     (*CreateExclusionsPreviewRequest)(nil), Out: (*CreateExclusionsPreviewResponse)(nil),
	},
	{
		Name: "CreateResourceGroup", Method: "POST", URI: "/", Status: 200, Action: "inspector:CreateResourceGroup",
		Errors: "AccessDeniedException InternalException InvalidInputException LimitExceededException ServiceTemporarilyUnavailableException",
		In:     (*CreateResourceGroupRequest)(nil), Out: (*CreateResourceGroupResponse)(nil),
	},
	{
		Name: "DeleteAssessmentRun", Method: "POST", URI: "/", Status: 200, Action: "inspector:DeleteAssessmentRun",
		Errors: "AccessDeniedException AssessmentRunInProgressException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*DeleteAssessmentRunRequest)(nil), Out: (*wire.None)(nil),
	},
	{
		Name: "DeleteAssessmentTarget", Method: "POST", URI: "/", Status: 200, Action: "inspector:DeleteAssessmentTarget",
		Errors: "AccessDeniedException AssessmentRunInProgressException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*DeleteAssessmentTargetRequest)(nil), Out: (*wire.None)(nil),
	},
	{
		Name: "DeleteAssessmentTemplate", Method: "POST", URI: "/", Status: 200, Action: "inspector:DeleteAssessmentTemplate",
		Errors: "AccessDeniedException AssessmentRunInProgressException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*DeleteAssessmentTemplateRequest)(nil), Out: (*wire.None)(nil),
	},
	{
		Name: "DescribeAssessmentRuns", Method: "POST", URI: "/", Status: 200, Action: "inspector:DescribeAssessmentRuns", ReadOnly: true,
		Errors: "InternalException InvalidInputException",
		In:     (*DescribeAssessmentRunsRequest)(nil), Out: (*DescribeAssessmentRunsResponse)(nil),
	},
	{
		Name: "DescribeAssessmentTargets", Method: "POST", URI: "/", Status: 200, Action: "inspector:DescribeAssessmentTargets", ReadOnly: true,
		Errors: "InternalException InvalidInputException",
		In:     (*DescribeAssessmentTargetsRequest)(nil), Out: (*DescribeAssessmentTargetsResponse)(nil),
	},
	{
		Name: "DescribeAssessmentTemplates", Method: "POST", URI: "/", Status: 200, Action: "inspector:DescribeAssessmentTemplates", ReadOnly: true,
		Errors: "InternalException InvalidInputException",
		In:     (*DescribeAssessmentTemplatesRequest)(nil), Out: (*DescribeAssessmentTemplatesResponse)(nil),
	},
	{
		Name: "DescribeCrossAccountAccessRole", Method: "POST", URI: "/", Status: 200, Action: "inspector:DescribeCrossAccountAccessRole", ReadOnly: true,
		Errors: "InternalException",
		In:     (*wire.None)(nil), Out: (*DescribeCrossAccountAccessRoleResponse)(nil),
	},
	{
		Name: "DescribeExclusions", Method: "POST", URI: "/", Status: 200, Action: "inspector:DescribeExclusions", ReadOnly: true,
		Errors: "InternalException InvalidInputException",
		In:     (*DescribeExclusionsRequest)(nil), Out: (*DescribeExclusionsResponse)(nil),
	},
	{
		Name: "DescribeFindings", Method: "POST", URI: "/", Status: 200, Action: "inspector:DescribeFindings", ReadOnly: true,
		Errors: "InternalException InvalidInputException",
		In:     (*DescribeFindingsRequest)(nil), Out: (*DescribeFindingsResponse)(nil),
	},
	{
		Name: "DescribeResourceGroups", Method: "POST", URI: "/", Status: 200, Action: "inspector:DescribeResourceGroups", ReadOnly: true,
		Errors: "InternalException InvalidInputException",
		In:     (*DescribeResourceGroupsRequest)(nil), Out: (*DescribeResourceGroupsResponse)(nil),
	},
	{
		Name: "DescribeRulesPackages", Method: "POST", URI: "/", Status: 200, Action: "inspector:DescribeRulesPackages", ReadOnly: true,
		Errors: "InternalException InvalidInputException",
		In:     (*DescribeRulesPackagesRequest)(nil), Out: (*DescribeRulesPackagesResponse)(nil),
	},
	{
		Name: "GetAssessmentReport", Method: "POST", URI: "/", Status: 200, Action: "inspector:GetAssessmentReport", ReadOnly: true,
		Errors: "AccessDeniedException AssessmentRunInProgressException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException UnsupportedFeatureException",
		In:     (*GetAssessmentReportRequest)(nil), Out: (*GetAssessmentReportResponse)(nil),
	},
	{
		Name: "GetExclusionsPreview", Method: "POST", URI: "/", Status: 200, Action: "inspector:GetExclusionsPreview", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException",
		In:     (*GetExclusionsPreviewRequest)(nil), Out: (*GetExclusionsPreviewResponse)(nil),
	},
	{
		Name: "GetTelemetryMetadata", Method: "POST", URI: "/", Status: 200, Action: "inspector:GetTelemetryMetadata", ReadOnly: true,
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException",
		In:     (*GetTelemetryMetadataRequest)(nil), Out: (*GetTelemetryMetadataResponse)(nil),
	},
	{
		Name: "ListAssessmentRunAgents", Method: "POST", URI: "/", Status: 200, Action: "inspector:ListAssessmentRunAgents", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException",
		In:     (*ListAssessmentRunAgentsRequest)(nil), Out: (*ListAssessmentRunAgentsResponse)(nil),
	},
	{
		Name: "ListAssessmentRuns", Method: "POST", URI: "/", Status: 200, Action: "inspector:ListAssessmentRuns", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException",
		In:     (*ListAssessmentRunsRequest)(nil), Out: (*ListAssessmentRunsResponse)(nil),
	},
	{
		Name: "ListAssessmentTargets", Method: "POST", URI: "/", Status: 200, Action: "inspector:ListAssessmentTargets", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidInputException",
		In:     (*ListAssessmentTargetsRequest)(nil), Out: (*ListAssessmentTargetsResponse)(nil),
	},
	{
		Name: "ListAssessmentTemplates", Method: "POST", URI: "/", Status: 200, Action: "inspector:ListAssessmentTemplates", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException",
		In:     (*ListAssessmentTemplatesRequest)(nil), Out: (*ListAssessmentTemplatesResponse)(nil),
	},
	{
		Name: "ListEventSubscriptions", Method: "POST", URI: "/", Status: 200, Action: "inspector:ListEventSubscriptions", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException",
		In:     (*ListEventSubscriptionsRequest)(nil), Out: (*ListEventSubscriptionsResponse)(nil),
	},
	{
		Name: "ListExclusions", Method: "POST", URI: "/", Status: 200, Action: "inspector:ListExclusions", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException",
		In:     (*ListExclusionsRequest)(nil), Out: (*ListExclusionsResponse)(nil),
	},
	{
		Name: "ListFindings", Method: "POST", URI: "/", Status: 200, Action: "inspector:ListFindings", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException",
		In:     (*ListFindingsRequest)(nil), Out: (*ListFindingsResponse)(nil),
	},
	{
		Name: "ListRulesPackages", Method: "POST", URI: "/", Status: 200, Action: "inspector:ListRulesPackages", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidInputException",
		In:     (*ListRulesPackagesRequest)(nil), Out: (*ListRulesPackagesResponse)(nil),
	},
	{
		Name: "ListTagsForResource", Method: "POST", URI: "/", Status: 200, Action: "inspector:ListTagsForResource", ReadOnly: true,
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException",
		In:     (*ListTagsForResourceRequest)(nil), Out: (*ListTagsForResourceResponse)(nil),
	},
	{
		Name: "PreviewAgents", Method: "POST", URI: "/", Status: 200, Action: "inspector:PreviewAgents", ReadOnly: true, Paging: wire.SizedPages,
		Errors: "AccessDeniedException InternalException InvalidCrossAccountRoleException InvalidInputException NoSuchEntityException",
		In:     (*PreviewAgentsRequest)(nil), Out: (*PreviewAgentsResponse)(nil),
	},
	{
		Name: "RegisterCrossAccountAccessRole", Method: "POST", URI: "/", Status: 200, Action: "inspector:RegisterCrossAccountAccessRole",
		Errors: "AccessDeniedException InternalException InvalidCrossAccountRoleException InvalidInputException ServiceTemporarilyUnavailableException",
		In:     (*RegisterCrossAccountAccessRoleRequest)(nil), Out: (*wire.None)(nil),
	},
	{
		Name: "RemoveAttributesFromFindings", Method: "POST", URI: "/", Status: 200, Action: "inspector:RemoveAttributesFromFindings",
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*RemoveAttributesFromFindingsRequest)(nil), Out: (*RemoveAttributesFromFindingsResponse)(nil),
	},
	{
		Name: "SetTagsForResource", Method: "POST", URI: "/", Status: 200, Action: "inspector:SetTagsForResource",
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*SetTagsForResourceRequest)(nil), Out: (*wire.None)(nil),
	},
	{
		Name: "StartAssessmentRun", Method: "POST", URI: "/", Status: 200, Action: "inspector:StartAssessmentRun",
		Errors: "AccessDeniedException AgentsAlreadyRunningAssessmentException InternalException InvalidCrossAccountRoleException InvalidInputException LimitExceededException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*StartAssessmentRunRequest)(nil), Out: (*StartAssessmentRunResponse)(nil),
	},
	{
		Name: "StopAssessmentRun", Method: "POST", URI: "/", Status: 200, Action: "inspector:StopAssessmentRun",
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*StopAssessmentRunRequest)(nil), Out: (*wire.None)(nil),
	},
	{
		Name: "SubscribeToEvent", Method: "POST", URI: "/", Status: 200, Action: "inspector:SubscribeToEvent",
		Errors: "AccessDeniedException InternalException InvalidInputException LimitExceededException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*SubscribeToEventRequest)(nil), Out: (*wire.None)(nil),
	},
	{
		Name: "UnsubscribeFromEvent", Method: "POST", URI: "/", Status: 200, Action: "inspector:UnsubscribeFromEvent",
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*UnsubscribeFromEventRequest)(nil), Out: (*wire.None)(nil),
	},
	{
		Name: "UpdateAssessmentTarget", Method: "POST", URI: "/", Status: 200, Action: "inspector:UpdateAssessmentTarget",
		Errors: "AccessDeniedException InternalException InvalidInputException NoSuchEntityException ServiceTemporarilyUnavailableException",
		In:     (*UpdateAssessmentTargetRequest)(nil), Out: (*wire.None)(nil),
	},
}

var exceptions = []wire.Exception{
	(*AccessDeniedException)(nil),
	(*AgentsAlreadyRunningAssessmentException)(nil),
	(*AssessmentRunInProgressException)(nil),
	(*InternalException)(nil),
	(*InvalidCrossAccountRoleException)(nil),
	(*InvalidInputException)(nil),
	(*LimitExceededException)(nil),
	(*NoSuchEntityException)(nil),
	(*PreviewGenerationInProgressException)(nil),
	(*ServiceTemporarilyUnavailableException)(nil),
	(*UnsupportedFeatureException)(nil),
}

var enums = map[string]string{
	"AccessDeniedErrorCode":                  "ACCESS_DENIED_TO_ASSESSMENT_TARGET ACCESS_DENIED_TO_ASSESSMENT_TEMPLATE ACCESS_DENIED_TO_ASSESSMENT_RUN ACCESS_DENIED_TO_FINDING ACCESS_DENIED_TO_RESOURCE_GROUP ACCESS_DENIED_TO_RULES_PACKAGE ACCESS_DENIED_TO_SNS_TOPIC ACCESS_DENIED_TO_IAM_ROLE",
	"AgentHealth":                            "HEALTHY UNHEALTHY UNKNOWN",
	"AgentHealthCode":                        "IDLE RUNNING SHUTDOWN UNHEALTHY THROTTLED UNKNOWN",
	"AssessmentRunNotificationSnsStatusCode": "SUCCESS TOPIC_DOES_NOT_EXIST ACCESS_DENIED INTERNAL_ERROR",
	"AssessmentRunState":                     "CREATED START_DATA_COLLECTION_PENDING START_DATA_COLLECTION_IN_PROGRESS COLLECTING_DATA STOP_DATA_COLLECTION_PENDING DATA_COLLECTED START_EVALUATING_RULES_PENDING EVALUATING_RULES FAILED ERROR COMPLETED COMPLETED_WITH_ERRORS CANCELED",
	"AssetType":                              "ec2-instance",
	"FailedItemErrorCode":                    "INVALID_ARN DUPLICATE_ARN ITEM_DOES_NOT_EXIST ACCESS_DENIED LIMIT_EXCEEDED INTERNAL_ERROR",
	"InspectorEvent":                         "ASSESSMENT_RUN_STARTED ASSESSMENT_RUN_COMPLETED ASSESSMENT_RUN_STATE_CHANGED FINDING_REPORTED OTHER",
	"InvalidCrossAccountRoleErrorCode":       "ROLE_DOES_NOT_EXIST_OR_INVALID_TRUST_RELATIONSHIP ROLE_DOES_NOT_HAVE_CORRECT_POLICY",
	"InvalidInputErrorCode":                  "INVALID_ASSESSMENT_TARGET_ARN INVALID_ASSESSMENT_TEMPLATE_ARN INVALID_ASSESSMENT_RUN_ARN INVALID_FINDING_ARN INVALID_RESOURCE_GROUP_ARN INVALID_RULES_PACKAGE_ARN INVALID_RESOURCE_ARN INVALID_SNS_TOPIC_ARN INVALID_IAM_ROLE_ARN INVALID_ASSESSMENT_TARGET_NAME INVALID_ASSESSMENT_TARGET_NAME_PATTERN INVALID_ASSESSMENT_TEMPLATE_NAME INVALID_ASSESSMENT_TEMPLATE_NAME_PATTERN INVALID_ASSESSMENT_TEMPLATE_DURATION INVALID_ASSESSMENT_TEMPLATE_DURATION_RANGE INVALID_ASSESSMENT_RUN_DURATION_RANGE INVALID_ASSESSMENT_RUN_START_TIME_RANGE INVALID_ASSESSMENT_RUN_COMPLETION_TIME_RANGE INVALID_ASSESSMENT_RUN_STATE_CHANGE_TIME_RANGE INVALID_ASSESSMENT_RUN_STATE INVALID_TAG INVALID_TAG_KEY INVALID_TAG_VALUE INVALID_RESOURCE_GROUP_TAG_KEY INVALID_RESOURCE_GROUP_TAG_VALUE INVALID_ATTRIBUTE INVALID_USER_ATTRIBUTE INVALID_USER_ATTRIBUTE_KEY INVALID_USER_ATTRIBUTE_VALUE INVALID_PAGINATION_TOKEN INVALID_MAX_RESULTS INVALID_AGENT_ID INVALID_AUTO_SCALING_GROUP INVALID_RULE_NAME INVALID_SEVERITY INVALID_LOCALE INVALID_EVENT ASSESSMENT_TARGET_NAME_ALREADY_TAKEN ASSESSMENT_TEMPLATE_NAME_ALREADY_TAKEN INVALID_NUMBER_OF_ASSESSMENT_TARGET_ARNS INVALID_NUMBER_OF_ASSESSMENT_TEMPLATE_ARNS INVALID_NUMBER_OF_ASSESSMENT_RUN_ARNS INVALID_NUMBER_OF_FINDING_ARNS INVALID_NUMBER_OF_RESOURCE_GROUP_ARNS INVALID_NUMBER_OF_RULES_PACKAGE_ARNS INVALID_NUMBER_OF_ASSESSMENT_RUN_STATES INVALID_NUMBER_OF_TAGS INVALID_NUMBER_OF_RESOURCE_GROUP_TAGS INVALID_NUMBER_OF_ATTRIBUTES INVALID_NUMBER_OF_USER_ATTRIBUTES INVALID_NUMBER_OF_AGENT_IDS INVALID_NUMBER_OF_AUTO_SCALING_GROUPS INVALID_NUMBER_OF_RULE_NAMES INVALID_NUMBER_OF_SEVERITIES",
	"LimitExceededErrorCode":                 "ASSESSMENT_TARGET_LIMIT_EXCEEDED ASSESSMENT_TEMPLATE_LIMIT_EXCEEDED ASSESSMENT_RUN_LIMIT_EXCEEDED RESOURCE_GROUP_LIMIT_EXCEEDED EVENT_SUBSCRIPTION_LIMIT_EXCEEDED",
	"Locale":                                 "EN_US",
	"NoSuchEntityErrorCode":                  "ASSESSMENT_TARGET_DOES_NOT_EXIST ASSESSMENT_TEMPLATE_DOES_NOT_EXIST ASSESSMENT_RUN_DOES_NOT_EXIST FINDING_DOES_NOT_EXIST RESOURCE_GROUP_DOES_NOT_EXIST RULES_PACKAGE_DOES_NOT_EXIST SNS_TOPIC_DOES_NOT_EXIST IAM_ROLE_DOES_NOT_EXIST",
	"PreviewStatus":                          "WORK_IN_PROGRESS COMPLETED",
	"ReportFileFormat":                       "HTML PDF",
	"ReportStatus":                           "WORK_IN_PROGRESS FAILED COMPLETED",
	"ReportType":                             "FINDING FULL",
	"ScopeType":                              "INSTANCE_ID RULES_PACKAGE_ARN",
	"Severity":                               "Low Medium High Informational Undefined",
	"StopAction":                             "START_EVALUATION SKIP_EVALUATION",
}

var patterns = []wire.Pattern{
	/* 0 */ {Text: `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`},
}
