// Code generated from api/inspector-classic.idl by internal/api/generate. DO NOT EDIT.

package inspector

import (
	"time"
)

type AccessDeniedErrorCode string

const (
	AccessDeniedErrorCodeAccessDeniedToAssessmentTarget   AccessDeniedErrorCode = "ACCESS_DENIED_TO_ASSESSMENT_TARGET"
	AccessDeniedErrorCodeAccessDeniedToAssessmentTemplate AccessDeniedErrorCode = "ACCESS_DENIED_TO_ASSESSMENT_TEMPLATE"
	AccessDeniedErrorCodeAccessDeniedToAssessmentRun      AccessDeniedErrorCode = "ACCESS_DENIED_TO_ASSESSMENT_RUN"
	AccessDeniedErrorCodeAccessDeniedToFinding            AccessDeniedErrorCode = "ACCESS_DENIED_TO_FINDING"
	AccessDeniedErrorCodeAccessDeniedToResourceGroup      AccessDeniedErrorCode = "ACCESS_DENIED_TO_RESOURCE_GROUP"
	AccessDeniedErrorCodeAccessDeniedToRulesPackage       AccessDeniedErrorCode = "ACCESS_DENIED_TO_RULES_PACKAGE"
	AccessDeniedErrorCodeAccessDeniedToSnsTopic           AccessDeniedErrorCode = "ACCESS_DENIED_TO_SNS_TOPIC"
	AccessDeniedErrorCodeAccessDeniedToIamRole            AccessDeniedErrorCode = "ACCESS_DENIED_TO_IAM_ROLE"
)

type AgentHealth string

const (
	AgentHealthHealthy   AgentHealth = "HEALTHY"
	AgentHealthUnhealthy AgentHealth = "UNHEALTHY"
	AgentHealthUnknown   AgentHealth = "UNKNOWN"
)

type AgentHealthCode string

const (
	AgentHealthCodeIdle      AgentHealthCode = "IDLE"
	AgentHealthCodeRunning   AgentHealthCode = "RUNNING"
	AgentHealthCodeShutdown  AgentHealthCode = "SHUTDOWN"
	AgentHealthCodeUnhealthy AgentHealthCode = "UNHEALTHY"
	AgentHealthCodeThrottled AgentHealthCode = "THROTTLED"
	AgentHealthCodeUnknown   AgentHealthCode = "UNKNOWN"
)

type AssessmentRunNotificationSnsStatusCode string

const (
	AssessmentRunNotificationSnsStatusCodeSuccess           AssessmentRunNotificationSnsStatusCode = "SUCCESS"
	AssessmentRunNotificationSnsStatusCodeTopicDoesNotExist AssessmentRunNotificationSnsStatusCode = "TOPIC_DOES_NOT_EXIST"
	AssessmentRunNotificationSnsStatusCodeAccessDenied      AssessmentRunNotificationSnsStatusCode = "ACCESS_DENIED"
	AssessmentRunNotificationSnsStatusCodeInternalError     AssessmentRunNotificationSnsStatusCode = "INTERNAL_ERROR"
)

type AssessmentRunState string

const (
	AssessmentRunStateCreated                       AssessmentRunState = "CREATED"
	AssessmentRunStateStartDataCollectionPending    AssessmentRunState = "START_DATA_COLLECTION_PENDING"
	AssessmentRunStateStartDataCollectionInProgress AssessmentRunState = "START_DATA_COLLECTION_IN_PROGRESS"
	AssessmentRunStateCollectingData                AssessmentRunState = "COLLECTING_DATA"
	AssessmentRunStateStopDataCollectionPending     AssessmentRunState = "STOP_DATA_COLLECTION_PENDING"
	AssessmentRunStateDataCollected                 AssessmentRunState = "DATA_COLLECTED"
	AssessmentRunStateStartEvaluatingRulesPending   AssessmentRunState = "START_EVALUATING_RULES_PENDING"
	AssessmentRunStateEvaluatingRules               AssessmentRunState = "EVALUATING_RULES"
	AssessmentRunStateFailed                        AssessmentRunState = "FAILED"
	AssessmentRunStateError                         AssessmentRunState = "ERROR"
	AssessmentRunStateCompleted                     AssessmentRunState = "COMPLETED"
	AssessmentRunStateCompletedWithErrors           AssessmentRunState = "COMPLETED_WITH_ERRORS"
	AssessmentRunStateCanceled                      AssessmentRunState = "CANCELED"
)

type AssetType string

const (
	AssetTypeEc2Instance AssetType = "ec2-instance"
)

type FailedItemErrorCode string

const (
	FailedItemErrorCodeInvalidArn       FailedItemErrorCode = "INVALID_ARN"
	FailedItemErrorCodeDuplicateArn     FailedItemErrorCode = "DUPLICATE_ARN"
	FailedItemErrorCodeItemDoesNotExist FailedItemErrorCode = "ITEM_DOES_NOT_EXIST"
	FailedItemErrorCodeAccessDenied     FailedItemErrorCode = "ACCESS_DENIED"
	FailedItemErrorCodeLimitExceeded    FailedItemErrorCode = "LIMIT_EXCEEDED"
	FailedItemErrorCodeInternalError    FailedItemErrorCode = "INTERNAL_ERROR"
)

type InspectorEvent string

const (
	InspectorEventAssessmentRunStarted      InspectorEvent = "ASSESSMENT_RUN_STARTED"
	InspectorEventAssessmentRunCompleted    InspectorEvent = "ASSESSMENT_RUN_COMPLETED"
	InspectorEventAssessmentRunStateChanged InspectorEvent = "ASSESSMENT_RUN_STATE_CHANGED"
	InspectorEventFindingReported           InspectorEvent = "FINDING_REPORTED"
	InspectorEventOther                     InspectorEvent = "OTHER"
)

type InvalidCrossAccountRoleErrorCode string

const (
	InvalidCrossAccountRoleErrorCodeRoleDoesNotExistOrInvalidTrustRelationship InvalidCrossAccountRoleErrorCode = "ROLE_DOES_NOT_EXIST_OR_INVALID_TRUST_RELATIONSHIP"
	InvalidCrossAccountRoleErrorCodeRoleDoesNotHaveCorrectPolicy               InvalidCrossAccountRoleErrorCode = "ROLE_DOES_NOT_HAVE_CORRECT_POLICY"
)

type InvalidInputErrorCode string

const (
	InvalidInputErrorCodeInvalidAssessmentTargetArn               InvalidInputErrorCode = "INVALID_ASSESSMENT_TARGET_ARN"
	InvalidInputErrorCodeInvalidAssessmentTemplateArn             InvalidInputErrorCode = "INVALID_ASSESSMENT_TEMPLATE_ARN"
	InvalidInputErrorCodeInvalidAssessmentRunArn                  InvalidInputErrorCode = "INVALID_ASSESSMENT_RUN_ARN"
	InvalidInputErrorCodeInvalidFindingArn                        InvalidInputErrorCode = "INVALID_FINDING_ARN"
	InvalidInputErrorCodeInvalidResourceGroupArn                  InvalidInputErrorCode = "INVALID_RESOURCE_GROUP_ARN"
	InvalidInputErrorCodeInvalidRulesPackageArn                   InvalidInputErrorCode = "INVALID_RULES_PACKAGE_ARN"
	InvalidInputErrorCodeInvalidResourceArn                       InvalidInputErrorCode = "INVALID_RESOURCE_ARN"
	InvalidInputErrorCodeInvalidSnsTopicArn                       InvalidInputErrorCode = "INVALID_SNS_TOPIC_ARN"
	InvalidInputErrorCodeInvalidIamRoleArn                        InvalidInputErrorCode = "INVALID_IAM_ROLE_ARN"
	InvalidInputErrorCodeInvalidAssessmentTargetName              InvalidInputErrorCode = "INVALID_ASSESSMENT_TARGET_NAME"
	InvalidInputErrorCodeInvalidAssessmentTargetNamePattern       InvalidInputErrorCode = "INVALID_ASSESSMENT_TARGET_NAME_PATTERN"
	InvalidInputErrorCodeInvalidAssessmentTemplateName            InvalidInputErrorCode = "INVALID_ASSESSMENT_TEMPLATE_NAME"
	InvalidInputErrorCodeInvalidAssessmentTemplateNamePattern     InvalidInputErrorCode = "INVALID_ASSESSMENT_TEMPLATE_NAME_PATTERN"
	InvalidInputErrorCodeInvalidAssessmentTemplateDuration        InvalidInputErrorCode = "INVALID_ASSESSMENT_TEMPLATE_DURATION"
	InvalidInputErrorCodeInvalidAssessmentTemplateDurationRange   InvalidInputErrorCode = "INVALID_ASSESSMENT_TEMPLATE_DURATION_RANGE"
	InvalidInputErrorCodeInvalidAssessmentRunDurationRange        InvalidInputErrorCode = "INVALID_ASSESSMENT_RUN_DURATION_RANGE"
	InvalidInputErrorCodeInvalidAssessmentRunStartTimeRange       InvalidInputErrorCode = "INVALID_ASSESSMENT_RUN_START_TIME_RANGE"
	InvalidInputErrorCodeInvalidAssessmentRunCompletionTimeRange  InvalidInputErrorCode = "INVALID_ASSESSMENT_RUN_COMPLETION_TIME_RANGE"
	InvalidInputErrorCodeInvalidAssessmentRunStateChangeTimeRange InvalidInputErrorCode = "INVALID_ASSESSMENT_RUN_STATE_CHANGE_TIME_RANGE"
	InvalidInputErrorCodeInvalidAssessmentRunState                InvalidInputErrorCode = "INVALID_ASSESSMENT_RUN_STATE"
	InvalidInputErrorCodeInvalidTag                               InvalidInputErrorCode = "INVALID_TAG"
	InvalidInputErrorCodeInvalidTagKey                            InvalidInputErrorCode = "INVALID_TAG_KEY"
	InvalidInputErrorCodeInvalidTagValue                          InvalidInputErrorCode = "INVALID_TAG_VALUE"
	InvalidInputErrorCodeInvalidResourceGroupTagKey               InvalidInputErrorCode = "INVALID_RESOURCE_GROUP_TAG_KEY"
	InvalidInputErrorCodeInvalidResourceGroupTagValue             InvalidInputErrorCode = "INVALID_RESOURCE_GROUP_TAG_VALUE"
	InvalidInputErrorCodeInvalidAttribute                         InvalidInputErrorCode = "INVALID_ATTRIBUTE"
	InvalidInputErrorCodeInvalidUserAttribute                     InvalidInputErrorCode = "INVALID_USER_ATTRIBUTE"
	InvalidInputErrorCodeInvalidUserAttributeKey                  InvalidInputErrorCode = "INVALID_USER_ATTRIBUTE_KEY"
	InvalidInputErrorCodeInvalidUserAttributeValue                InvalidInputErrorCode = "INVALID_USER_ATTRIBUTE_VALUE"
	InvalidInputErrorCodeInvalidPaginationToken                   InvalidInputErrorCode = "INVALID_PAGINATION_TOKEN"
	InvalidInputErrorCodeInvalidMaxResults                        InvalidInputErrorCode = "INVALID_MAX_RESULTS"
	InvalidInputErrorCodeInvalidAgentId                           InvalidInputErrorCode = "INVALID_AGENT_ID"
	InvalidInputErrorCodeInvalidAutoScalingGroup                  InvalidInputErrorCode = "INVALID_AUTO_SCALING_GROUP"
	InvalidInputErrorCodeInvalidRuleName                          InvalidInputErrorCode = "INVALID_RULE_NAME"
	InvalidInputErrorCodeInvalidSeverity                          InvalidInputErrorCode = "INVALID_SEVERITY"
	InvalidInputErrorCodeInvalidLocale                            InvalidInputErrorCode = "INVALID_LOCALE"
	InvalidInputErrorCodeInvalidEvent                             InvalidInputErrorCode = "INVALID_EVENT"
	InvalidInputErrorCodeAssessmentTargetNameAlreadyTaken         InvalidInputErrorCode = "ASSESSMENT_TARGET_NAME_ALREADY_TAKEN"
	InvalidInputErrorCodeAssessmentTemplateNameAlreadyTaken       InvalidInputErrorCode = "ASSESSMENT_TEMPLATE_NAME_ALREADY_TAKEN"
	InvalidInputErrorCodeInvalidNumberOfAssessmentTargetArns      InvalidInputErrorCode = "INVALID_NUMBER_OF_ASSESSMENT_TARGET_ARNS"
	InvalidInputErrorCodeInvalidNumberOfAssessmentTemplateArns    InvalidInputErrorCode = "INVALID_NUMBER_OF_ASSESSMENT_TEMPLATE_ARNS"
	InvalidInputErrorCodeInvalidNumberOfAssessmentRunArns         InvalidInputErrorCode = "INVALID_NUMBER_OF_ASSESSMENT_RUN_ARNS"
	InvalidInputErrorCodeInvalidNumberOfFindingArns               InvalidInputErrorCode = "INVALID_NUMBER_OF_FINDING_ARNS"
	InvalidInputErrorCodeInvalidNumberOfResourceGroupArns         InvalidInputErrorCode = "INVALID_NUMBER_OF_RESOURCE_GROUP_ARNS"
	InvalidInputErrorCodeInvalidNumberOfRulesPackageArns          InvalidInputErrorCode = "INVALID_NUMBER_OF_RULES_PACKAGE_ARNS"
	InvalidInputErrorCodeInvalidNumberOfAssessmentRunStates       InvalidInputErrorCode = "INVALID_NUMBER_OF_ASSESSMENT_RUN_STATES"
	InvalidInputErrorCodeInvalidNumberOfTags                      InvalidInputErrorCode = "INVALID_NUMBER_OF_TAGS"
	InvalidInputErrorCodeInvalidNumberOfResourceGroupTags         InvalidInputErrorCode = "INVALID_NUMBER_OF_RESOURCE_GROUP_TAGS"
	InvalidInputErrorCodeInvalidNumberOfAttributes                InvalidInputErrorCode = "INVALID_NUMBER_OF_ATTRIBUTES"
	InvalidInputErrorCodeInvalidNumberOfUserAttributes            InvalidInputErrorCode = "INVALID_NUMBER_OF_USER_ATTRIBUTES"
	InvalidInputErrorCodeInvalidNumberOfAgentIds                  InvalidInputErrorCode = "INVALID_NUMBER_OF_AGENT_IDS"
	InvalidInputErrorCodeInvalidNumberOfAutoScalingGroups         InvalidInputErrorCode = "INVALID_NUMBER_OF_AUTO_SCALING_GROUPS"
	InvalidInputErrorCodeInvalidNumberOfRuleNames                 InvalidInputErrorCode = "INVALID_NUMBER_OF_RULE_NAMES"
	InvalidInputErrorCodeInvalidNumberOfSeverities                InvalidInputErrorCode = "INVALID_NUMBER_OF_SEVERITIES"
)

type LimitExceededErrorCode string

const (
	LimitExceededErrorCodeAssessmentTargetLimitExceeded   LimitExceededErrorCode = "ASSESSMENT_TARGET_LIMIT_EXCEEDED"
	LimitExceededErrorCodeAssessmentTemplateLimitExceeded LimitExceededErrorCode = "ASSESSMENT_TEMPLATE_LIMIT_EXCEEDED"
	LimitExceededErrorCodeAssessmentRunLimitExceeded      LimitExceededErrorCode = "ASSESSMENT_RUN_LIMIT_EXCEEDED"
	LimitExceededErrorCodeResourceGroupLimitExceeded      LimitExceededErrorCode = "RESOURCE_GROUP_LIMIT_EXCEEDED"
	LimitExceededErrorCodeEventSubscriptionLimitExceeded  LimitExceededErrorCode = "EVENT_SUBSCRIPTION_LIMIT_EXCEEDED"
)

type Locale string

const (
	LocaleEnUs Locale = "EN_US"
)

type NoSuchEntityErrorCode string

const (
	NoSuchEntityErrorCodeAssessmentTargetDoesNotExist   NoSuchEntityErrorCode = "ASSESSMENT_TARGET_DOES_NOT_EXIST"
	NoSuchEntityErrorCodeAssessmentTemplateDoesNotExist NoSuchEntityErrorCode = "ASSESSMENT_TEMPLATE_DOES_NOT_EXIST"
	NoSuchEntityErrorCodeAssessmentRunDoesNotExist      NoSuchEntityErrorCode = "ASSESSMENT_RUN_DOES_NOT_EXIST"
	NoSuchEntityErrorCodeFindingDoesNotExist            NoSuchEntityErrorCode = "FINDING_DOES_NOT_EXIST"
	NoSuchEntityErrorCodeResourceGroupDoesNotExist      NoSuchEntityErrorCode = "RESOURCE_GROUP_DOES_NOT_EXIST"
	NoSuchEntityErrorCodeRulesPackageDoesNotExist       NoSuchEntityErrorCode = "RULES_PACKAGE_DOES_NOT_EXIST"
	NoSuchEntityErrorCodeSnsTopicDoesNotExist           NoSuchEntityErrorCode = "SNS_TOPIC_DOES_NOT_EXIST"
	NoSuchEntityErrorCodeIamRoleDoesNotExist            NoSuchEntityErrorCode = "IAM_ROLE_DOES_NOT_EXIST"
)

type PreviewStatus string

const (
	PreviewStatusWorkInProgress PreviewStatus = "WORK_IN_PROGRESS"
	PreviewStatusCompleted      PreviewStatus = "COMPLETED"
)

type ReportFileFormat string

const (
	ReportFileFormatHtml ReportFileFormat = "HTML"
	ReportFileFormatPdf  ReportFileFormat = "PDF"
)

type ReportStatus string

const (
	ReportStatusWorkInProgress ReportStatus = "WORK_IN_PROGRESS"
	ReportStatusFailed         ReportStatus = "FAILED"
	ReportStatusCompleted      ReportStatus = "COMPLETED"
)

type ReportType string

const (
	ReportTypeFinding ReportType = "FINDING"
	ReportTypeFull    ReportType = "FULL"
)

type ScopeType string

const (
	ScopeTypeInstanceId      ScopeType = "INSTANCE_ID"
	ScopeTypeRulesPackageArn ScopeType = "RULES_PACKAGE_ARN"
)

type Severity string

const (
	SeverityLow           Severity = "Low"
	SeverityMedium        Severity = "Medium"
	SeverityHigh          Severity = "High"
	SeverityInformational Severity = "Informational"
	SeverityUndefined     Severity = "Undefined"
)

type StopAction string

const (
	StopActionStartEvaluation StopAction = "START_EVALUATION"
	StopActionSkipEvaluation  StopAction = "SKIP_EVALUATION"
)

type AccessDeniedException struct {
	Message   string                `wire:"message* string{0..1000}"`
	ErrorCode AccessDeniedErrorCode `wire:"errorCode* AccessDeniedErrorCode"`
	CanRetry  bool                  `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *AccessDeniedException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*AccessDeniedException) Fault() (string, int) { return "AccessDeniedException", 400 }

type AddAttributesToFindingsRequest struct {
	FindingARNs []string    `wire:"findingArns* [string{1..300}]{1..10}"`
	Attributes  []Attribute `wire:"attributes* [Attribute]{0..10}"`
}

type AddAttributesToFindingsResponse struct {
	FailedItems map[string]FailedItemDetails `wire:"failedItems* <string{1..300}:FailedItemDetails>"`
}

type AgentAlreadyRunningAssessment struct {
	AgentID          string `wire:"agentId* string{1..128}"`
	AssessmentRunARN string `wire:"assessmentRunArn* string{1..300}"`
}

type AgentFilter struct {
	AgentHealths     []AgentHealth     `wire:"agentHealths* [AgentHealth]{0..10}"`
	AgentHealthCodes []AgentHealthCode `wire:"agentHealthCodes* [AgentHealthCode]{0..10}"`
}

type AgentPreview struct {
	Hostname         string      `wire:"hostname string{0..256}"`
	AgentID          string      `wire:"agentId* string{1..128}"`
	AutoScalingGroup string      `wire:"autoScalingGroup string{1..256}"`
	AgentHealth      AgentHealth `wire:"agentHealth AgentHealth"`
	AgentVersion     string      `wire:"agentVersion string{1..128}"`
	OperatingSystem  string      `wire:"operatingSystem string{1..256}"`
	KernelVersion    string      `wire:"kernelVersion string{1..128}"`
	Ipv4Address      string      `wire:"ipv4Address string{7..15}"`
}

type AgentsAlreadyRunningAssessmentException struct {
	Message         string                          `wire:"message* string{0..1000}"`
	Agents          []AgentAlreadyRunningAssessment `wire:"agents* [AgentAlreadyRunningAssessment]{1..10}"`
	AgentsTruncated bool                            `wire:"agentsTruncated* bool"`
	CanRetry        bool                            `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *AgentsAlreadyRunningAssessmentException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*AgentsAlreadyRunningAssessmentException) Fault() (string, int) {
	return "AgentsAlreadyRunningAssessmentException", 400
}

type AssessmentRun struct {
	ARN                       string                      `wire:"arn* string{1..300}"`
	Name                      string                      `wire:"name* string{1..140}"`
	AssessmentTemplateARN     string                      `wire:"assessmentTemplateArn* string{1..300}"`
	State                     AssessmentRunState          `wire:"state* AssessmentRunState"`
	DurationInSeconds         int32                       `wire:"durationInSeconds* int{180..86400}"`
	RulesPackageARNs          []string                    `wire:"rulesPackageArns* [string{1..300}]{1..50}"`
	UserAttributesForFindings []Attribute                 `wire:"userAttributesForFindings* [Attribute]{0..10}"`
	CreatedAt                 time.Time                   `wire:"createdAt* time"`
	StartedAt                 time.Time                   `wire:"startedAt time"`
	CompletedAt               time.Time                   `wire:"completedAt time"`
	StateChangedAt            time.Time                   `wire:"stateChangedAt* time"`
	DataCollected             bool                        `wire:"dataCollected* bool"`
	StateChanges              []AssessmentRunStateChange  `wire:"stateChanges* [AssessmentRunStateChange]{0..50}"`
	Notifications             []AssessmentRunNotification `wire:"notifications* [AssessmentRunNotification]{0..50}"`
	FindingCounts             map[Severity]int32          `wire:"findingCounts* <Severity:int>"`
}

type AssessmentRunAgent struct {
	AgentID            string              `wire:"agentId* string{1..128}"`
	AssessmentRunARN   string              `wire:"assessmentRunArn* string{1..300}"`
	AgentHealth        AgentHealth         `wire:"agentHealth* AgentHealth"`
	AgentHealthCode    AgentHealthCode     `wire:"agentHealthCode* AgentHealthCode"`
	AgentHealthDetails string              `wire:"agentHealthDetails string{0..1000}"`
	AutoScalingGroup   string              `wire:"autoScalingGroup string{1..256}"`
	TelemetryMetadata  []TelemetryMetadata `wire:"telemetryMetadata* [TelemetryMetadata]{0..5000}"`
}

type AssessmentRunFilter struct {
	NamePattern          string               `wire:"namePattern string{1..140}"`
	States               []AssessmentRunState `wire:"states [AssessmentRunState]{0..50}"`
	DurationRange        *DurationRange       `wire:"durationRange DurationRange"`
	RulesPackageARNs     []string             `wire:"rulesPackageArns [string{1..300}]{0..50}"`
	StartTimeRange       *TimestampRange      `wire:"startTimeRange TimestampRange"`
	CompletionTimeRange  *TimestampRange      `wire:"completionTimeRange TimestampRange"`
	StateChangeTimeRange *TimestampRange      `wire:"stateChangeTimeRange TimestampRange"`
}

type AssessmentRunInProgressException struct {
	Message                    string   `wire:"message* string{0..1000}"`
	AssessmentRunARNs          []string `wire:"assessmentRunArns* [string{1..300}]{1..10}"`
	AssessmentRunARNsTruncated bool     `wire:"assessmentRunArnsTruncated* bool"`
	CanRetry                   bool     `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *AssessmentRunInProgressException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*AssessmentRunInProgressException) Fault() (string, int) {
	return "AssessmentRunInProgressException", 400
}

type AssessmentRunNotification struct {
	Date                 time.Time                              `wire:"date* time"`
	Event                InspectorEvent                         `wire:"event* InspectorEvent"`
	Message              string                                 `wire:"message string{0..1000}"`
	Error                bool                                   `wire:"error* bool"`
	SnsTopicARN          string                                 `wire:"snsTopicArn string{1..300}"`
	SnsPublishStatusCode AssessmentRunNotificationSnsStatusCode `wire:"snsPublishStatusCode AssessmentRunNotificationSnsStatusCode"`
}

type AssessmentRunStateChange struct {
	StateChangedAt time.Time          `wire:"stateChangedAt* time"`
	State          AssessmentRunState `wire:"state* AssessmentRunState"`
}

type AssessmentTarget struct {
	ARN              string    `wire:"arn* string{1..300}"`
	Name             string    `wire:"name* string{1..140}"`
	ResourceGroupARN string    `wire:"resourceGroupArn string{1..300}"`
	CreatedAt        time.Time `wire:"createdAt* time"`
	UpdatedAt        time.Time `wire:"updatedAt* time"`
}

type AssessmentTargetFilter struct {
	AssessmentTargetNamePattern string `wire:"assessmentTargetNamePattern string{1..140}"`
}

type AssessmentTemplate struct {
	ARN                       string      `wire:"arn* string{1..300}"`
	Name                      string      `wire:"name* string{1..140}"`
	AssessmentTargetARN       string      `wire:"assessmentTargetArn* string{1..300}"`
	DurationInSeconds         int32       `wire:"durationInSeconds* int{180..86400}"`
	RulesPackageARNs          []string    `wire:"rulesPackageArns* [string{1..300}]{0..50}"`
	UserAttributesForFindings []Attribute `wire:"userAttributesForFindings* [Attribute]{0..10}"`
	LastAssessmentRunARN      string      `wire:"lastAssessmentRunArn string{1..300}"`
	AssessmentRunCount        int32       `wire:"assessmentRunCount* int"`
	CreatedAt                 time.Time   `wire:"createdAt* time"`
}

type AssessmentTemplateFilter struct {
	NamePattern      string         `wire:"namePattern string{1..140}"`
	DurationRange    *DurationRange `wire:"durationRange DurationRange"`
	RulesPackageARNs []string       `wire:"rulesPackageArns [string{1..300}]{0..50}"`
}

type AssetAttributes struct {
	SchemaVersion     int32              `wire:"schemaVersion* int{0..}"`
	AgentID           string             `wire:"agentId string{1..128}"`
	AutoScalingGroup  string             `wire:"autoScalingGroup string{1..256}"`
	AmiID             string             `wire:"amiId string{0..256}"`
	Hostname          string             `wire:"hostname string{0..256}"`
	Ipv4Addresses     []string           `wire:"ipv4Addresses [string{7..15}]{0..50}"`
	Tags              []Tag              `wire:"tags [Tag]"`
	NetworkInterfaces []NetworkInterface `wire:"networkInterfaces [NetworkInterface]"`
}

type Attribute struct {
	Key   string `wire:"key* string{1..128}"`
	Value string `wire:"value string{1..256}"`
}

type CreateAssessmentTargetRequest struct {
	AssessmentTargetName string `wire:"assessmentTargetName* string{1..140}"`
	ResourceGroupARN     string `wire:"resourceGroupArn string{1..300}"`
}

type CreateAssessmentTargetResponse struct {
	AssessmentTargetARN string `wire:"assessmentTargetArn* string{1..300}"`
}

type CreateAssessmentTemplateRequest struct {
	AssessmentTargetARN       string      `wire:"assessmentTargetArn* string{1..300}"`
	AssessmentTemplateName    string      `wire:"assessmentTemplateName* string{1..140}"`
	DurationInSeconds         int32       `wire:"durationInSeconds* int{180..86400}"`
	RulesPackageARNs          []string    `wire:"rulesPackageArns* [string{1..300}]{0..50}"`
	UserAttributesForFindings []Attribute `wire:"userAttributesForFindings [Attribute]{0..10}"`
}

type CreateAssessmentTemplateResponse struct {
	AssessmentTemplateARN string `wire:"assessmentTemplateArn* string{1..300}"`
}

type CreateExclusionsPreviewRequest struct {
	AssessmentTemplateARN string `wire:"assessmentTemplateArn* string{1..300}"`
}

type CreateExclusionsPreviewResponse struct {
	PreviewToken string `wire:"previewToken* string#0"`
}

type CreateResourceGroupRequest struct {
	ResourceGroupTags []ResourceGroupTag `wire:"resourceGroupTags* [ResourceGroupTag]{1..10}"`
}

type CreateResourceGroupResponse struct {
	ResourceGroupARN string `wire:"resourceGroupArn* string{1..300}"`
}

type DeleteAssessmentRunRequest struct {
	AssessmentRunARN string `wire:"assessmentRunArn* string{1..300}"`
}

type DeleteAssessmentTargetRequest struct {
	AssessmentTargetARN string `wire:"assessmentTargetArn* string{1..300}"`
}

type DeleteAssessmentTemplateRequest struct {
	AssessmentTemplateARN string `wire:"assessmentTemplateArn* string{1..300}"`
}

type DescribeAssessmentRunsRequest struct {
	AssessmentRunARNs []string `wire:"assessmentRunArns* [string{1..300}]{1..10}"`
}

type DescribeAssessmentRunsResponse struct {
	AssessmentRuns []AssessmentRun              `wire:"assessmentRuns* [AssessmentRun]{0..10}"`
	FailedItems    map[string]FailedItemDetails `wire:"failedItems* <string{1..300}:FailedItemDetails>"`
}

type DescribeAssessmentTargetsRequest struct {
	AssessmentTargetARNs []string `wire:"assessmentTargetArns* [string{1..300}]{1..10}"`
}

type DescribeAssessmentTargetsResponse struct {
	AssessmentTargets []AssessmentTarget           `wire:"assessmentTargets* [AssessmentTarget]{0..10}"`
	FailedItems       map[string]FailedItemDetails `wire:"failedItems* <string{1..300}:FailedItemDetails>"`
}

type DescribeAssessmentTemplatesRequest struct {
	AssessmentTemplateARNs []string `wire:"assessmentTemplateArns* [string{1..300}]{1..10}"`
}

type DescribeAssessmentTemplatesResponse struct {
	AssessmentTemplates []AssessmentTemplate         `wire:"assessmentTemplates* [AssessmentTemplate]{0..10}"`
	FailedItems         map[string]FailedItemDetails `wire:"failedItems* <string{1..300}:FailedItemDetails>"`
}

type DescribeCrossAccountAccessRoleResponse struct {
	RoleARN      string    `wire:"roleArn* string{1..300}"`
	Valid        bool      `wire:"valid* bool"`
	RegisteredAt time.Time `wire:"registeredAt* time"`
}

type DescribeExclusionsRequest struct {
	ExclusionARNs []string `wire:"exclusionArns* [string{1..300}]{1..100}"`
	Locale        Locale   `wire:"locale Locale"`
}

type DescribeExclusionsResponse struct {
	Exclusions  map[string]Exclusion         `wire:"exclusions* <string{1..300}:Exclusion>{1..100}"`
	FailedItems map[string]FailedItemDetails `wire:"failedItems* <string{1..300}:FailedItemDetails>"`
}

type DescribeFindingsRequest struct {
	FindingARNs []string `wire:"findingArns* [string{1..300}]{1..10}"`
	Locale      Locale   `wire:"locale Locale"`
}

type DescribeFindingsResponse struct {
	Findings    []Finding                    `wire:"findings* [Finding]{0..100}"`
	FailedItems map[string]FailedItemDetails `wire:"failedItems* <string{1..300}:FailedItemDetails>"`
}

type DescribeResourceGroupsRequest struct {
	ResourceGroupARNs []string `wire:"resourceGroupArns* [string{1..300}]{1..10}"`
}

type DescribeResourceGroupsResponse struct {
	ResourceGroups []ResourceGroup              `wire:"resourceGroups* [ResourceGroup]{0..10}"`
	FailedItems    map[string]FailedItemDetails `wire:"failedItems* <string{1..300}:FailedItemDetails>"`
}

type DescribeRulesPackagesRequest struct {
	RulesPackageARNs []string `wire:"rulesPackageArns* [string{1..300}]{1..10}"`
	Locale           Locale   `wire:"locale Locale"`
}

type DescribeRulesPackagesResponse struct {
	RulesPackages []RulesPackage               `wire:"rulesPackages* [RulesPackage]{0..10}"`
	FailedItems   map[string]FailedItemDetails `wire:"failedItems* <string{1..300}:FailedItemDetails>"`
}

type DurationRange struct {
	MinSeconds *int32 `wire:"minSeconds int{180..86400}"`
	MaxSeconds *int32 `wire:"maxSeconds int{180..86400}"`
}

type EventSubscription struct {
	Event        InspectorEvent `wire:"event* InspectorEvent"`
	SubscribedAt time.Time      `wire:"subscribedAt* time"`
}

type Exclusion struct {
	ARN            string      `wire:"arn* string{1..300}"`
	Title          string      `wire:"title* string{0..20000}"`
	Description    string      `wire:"description* string{0..20000}"`
	Recommendation string      `wire:"recommendation* string{0..20000}"`
	Scopes         []Scope     `wire:"scopes* [Scope]{1..}"`
	Attributes     []Attribute `wire:"attributes [Attribute]{0..50}"`
}

type ExclusionPreview struct {
	Title          string      `wire:"title* string{0..20000}"`
	Description    string      `wire:"description* string{0..20000}"`
	Recommendation string      `wire:"recommendation* string{0..20000}"`
	Scopes         []Scope     `wire:"scopes* [Scope]{1..}"`
	Attributes     []Attribute `wire:"attributes [Attribute]{0..50}"`
}

type FailedItemDetails struct {
	FailureCode FailedItemErrorCode `wire:"failureCode* FailedItemErrorCode"`
	Retryable   bool                `wire:"retryable* bool"`
}

type Finding struct {
	ARN                   string                      `wire:"arn* string{1..300}"`
	SchemaVersion         *int32                      `wire:"schemaVersion int{0..}"`
	Service               string                      `wire:"service string{0..128}"`
	ServiceAttributes     *InspectorServiceAttributes `wire:"serviceAttributes InspectorServiceAttributes"`
	AssetType             AssetType                   `wire:"assetType AssetType"`
	AssetAttributes       *AssetAttributes            `wire:"assetAttributes AssetAttributes"`
	ID                    string                      `wire:"id string{0..128}"`
	Title                 string                      `wire:"title string{0..20000}"`
	Description           string                      `wire:"description string{0..20000}"`
	Recommendation        string                      `wire:"recommendation string{0..20000}"`
	Severity              Severity                    `wire:"severity Severity"`
	NumericSeverity       *float64                    `wire:"numericSeverity double{0..10}"`
	Confidence            *int32                      `wire:"confidence int{0..10}"`
	IndicatorOfCompromise *bool                       `wire:"indicatorOfCompromise bool"`
	Attributes            []Attribute                 `wire:"attributes* [Attribute]{0..50}"`
	UserAttributes        []Attribute                 `wire:"userAttributes* [Attribute]{0..10}"`
	CreatedAt             time.Time                   `wire:"createdAt* time"`
	UpdatedAt             time.Time                   `wire:"updatedAt* time"`
}

type FindingFilter struct {
	AgentIDs          []string        `wire:"agentIds [string{1..128}]{0..99}"`
	AutoScalingGroups []string        `wire:"autoScalingGroups [string{1..256}]{0..20}"`
	RuleNames         []string        `wire:"ruleNames [string{..1000}]{0..50}"`
	Severities        []Severity      `wire:"severities [Severity]{0..50}"`
	RulesPackageARNs  []string        `wire:"rulesPackageArns [string{1..300}]{0..50}"`
	Attributes        []Attribute     `wire:"attributes [Attribute]{0..50}"`
	UserAttributes    []Attribute     `wire:"userAttributes [Attribute]{0..50}"`
	CreationTimeRange *TimestampRange `wire:"creationTimeRange TimestampRange"`
}

type GetAssessmentReportRequest struct {
	AssessmentRunARN string           `wire:"assessmentRunArn* string{1..300}"`
	ReportFileFormat ReportFileFormat `wire:"reportFileFormat* ReportFileFormat"`
	ReportType       ReportType       `wire:"reportType* ReportType"`
}

type GetAssessmentReportResponse struct {
	Status ReportStatus `wire:"status* ReportStatus"`
	URL    string       `wire:"url string{..2048}"`
}

type GetExclusionsPreviewRequest struct {
	AssessmentTemplateARN string `wire:"assessmentTemplateArn* string{1..300}"`
	PreviewToken          string `wire:"previewToken* string#0"`
	NextToken             string `wire:"nextToken string{1..300}"`
	MaxResults            *int32 `wire:"maxResults int"`
	Locale                Locale `wire:"locale Locale"`
}

type GetExclusionsPreviewResponse struct {
	PreviewStatus     PreviewStatus      `wire:"previewStatus* PreviewStatus"`
	ExclusionPreviews []ExclusionPreview `wire:"exclusionPreviews [ExclusionPreview]{0..100}"`
	NextToken         string             `wire:"nextToken string{1..300}"`
}

type GetTelemetryMetadataRequest struct {
	AssessmentRunARN string `wire:"assessmentRunArn* string{1..300}"`
}

type GetTelemetryMetadataResponse struct {
	TelemetryMetadata []TelemetryMetadata `wire:"telemetryMetadata* [TelemetryMetadata]{0..5000}"`
}

type InspectorServiceAttributes struct {
	SchemaVersion    int32  `wire:"schemaVersion* int{0..}"`
	AssessmentRunARN string `wire:"assessmentRunArn string{1..300}"`
	RulesPackageARN  string `wire:"rulesPackageArn string{1..300}"`
}

type InternalException struct {
	Message  string `wire:"message* string{0..1000}"`
	CanRetry bool   `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *InternalException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*InternalException) Fault() (string, int) { return "InternalException", 500 }

type InvalidCrossAccountRoleException struct {
	Message   string                           `wire:"message* string{0..1000}"`
	ErrorCode InvalidCrossAccountRoleErrorCode `wire:"errorCode* InvalidCrossAccountRoleErrorCode"`
	CanRetry  bool                             `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *InvalidCrossAccountRoleException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*InvalidCrossAccountRoleException) Fault() (string, int) {
	return "InvalidCrossAccountRoleException", 400
}

type InvalidInputException struct {
	Message   string                `wire:"message* string{0..1000}"`
	ErrorCode InvalidInputErrorCode `wire:"errorCode* InvalidInputErrorCode"`
	CanRetry  bool                  `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *InvalidInputException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*InvalidInputException) Fault() (string, int) { return "InvalidInputException", 400 }

type LimitExceededException struct {
	Message   string                 `wire:"message* string{0..1000}"`
	ErrorCode LimitExceededErrorCode `wire:"errorCode* LimitExceededErrorCode"`
	CanRetry  bool                   `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *LimitExceededException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*LimitExceededException) Fault() (string, int) { return "LimitExceededException", 400 }

type ListAssessmentRunAgentsRequest struct {
	AssessmentRunARN string       `wire:"assessmentRunArn* string{1..300}"`
	Filter           *AgentFilter `wire:"filter AgentFilter"`
	NextToken        string       `wire:"nextToken string{1..300}"`
	MaxResults       *int32       `wire:"maxResults int"`
}

type ListAssessmentRunAgentsResponse struct {
	AssessmentRunAgents []AssessmentRunAgent `wire:"assessmentRunAgents* [AssessmentRunAgent]{0..500}"`
	NextToken           string               `wire:"nextToken string{1..300}"`
}

type ListAssessmentRunsRequest struct {
	AssessmentTemplateARNs []string             `wire:"assessmentTemplateArns [string{1..300}]{0..50}"`
	Filter                 *AssessmentRunFilter `wire:"filter AssessmentRunFilter"`
	NextToken              string               `wire:"nextToken string{1..300}"`
	MaxResults             *int32               `wire:"maxResults int"`
}

type ListAssessmentRunsResponse struct {
	AssessmentRunARNs []string `wire:"assessmentRunArns* [string{1..300}]{0..100}"`
	NextToken         string   `wire:"nextToken string{1..300}"`
}

type ListAssessmentTargetsRequest struct {
	Filter     *AssessmentTargetFilter `wire:"filter AssessmentTargetFilter"`
	NextToken  string                  `wire:"nextToken string{1..300}"`
	MaxResults *int32                  `wire:"maxResults int"`
}

type ListAssessmentTargetsResponse struct {
	AssessmentTargetARNs []string `wire:"assessmentTargetArns* [string{1..300}]{0..100}"`
	NextToken            string   `wire:"nextToken string{1..300}"`
}

type ListAssessmentTemplatesRequest struct {
	AssessmentTargetARNs []string                  `wire:"assessmentTargetArns [string{1..300}]{0..50}"`
	Filter               *AssessmentTemplateFilter `wire:"filter AssessmentTemplateFilter"`
	NextToken            string                    `wire:"nextToken string{1..300}"`
	MaxResults           *int32                    `wire:"maxResults int"`
}

type ListAssessmentTemplatesResponse struct {
	AssessmentTemplateARNs []string `wire:"assessmentTemplateArns* [string{1..300}]{0..100}"`
	NextToken              string   `wire:"nextToken string{1..300}"`
}

type ListEventSubscriptionsRequest struct {
	ResourceARN string `wire:"resourceArn string{1..300}"`
	NextToken   string `wire:"nextToken string{1..300}"`
	MaxResults  *int32 `wire:"maxResults int"`
}

type ListEventSubscriptionsResponse struct {
	Subscriptions []Subscription `wire:"subscriptions* [Subscription]{0..50}"`
	NextToken     string         `wire:"nextToken string{1..300}"`
}

type ListExclusionsRequest struct {
	AssessmentRunARN string `wire:"assessmentRunArn* string{1..300}"`
	NextToken        string `wire:"nextToken string{1..300}"`
	MaxResults       *int32 `wire:"maxResults int"`
}

type ListExclusionsResponse struct {
	ExclusionARNs []string `wire:"exclusionArns* [string{1..300}]{0..100}"`
	NextToken     string   `wire:"nextToken string{1..300}"`
}

type ListFindingsRequest struct {
	AssessmentRunARNs []string       `wire:"assessmentRunArns [string{1..300}]{0..50}"`
	Filter            *FindingFilter `wire:"filter FindingFilter"`
	NextToken         string         `wire:"nextToken string{1..300}"`
	MaxResults        *int32         `wire:"maxResults int"`
}

type ListFindingsResponse struct {
	FindingARNs []string `wire:"findingArns* [string{1..300}]{0..100}"`
	NextToken   string   `wire:"nextToken string{1..300}"`
}

type ListRulesPackagesRequest struct {
	NextToken  string `wire:"nextToken string{1..300}"`
	MaxResults *int32 `wire:"maxResults int"`
}

type ListRulesPackagesResponse struct {
	RulesPackageARNs []string `wire:"rulesPackageArns* [string{1..300}]{0..100}"`
	NextToken        string   `wire:"nextToken string{1..300}"`
}

type ListTagsForResourceRequest struct {
	ResourceARN string `wire:"resourceArn* string{1..300}"`
}

type ListTagsForResourceResponse struct {
	Tags []Tag `wire:"tags* [Tag]{0..10}"`
}

type NetworkInterface struct {
	NetworkInterfaceID string          `wire:"networkInterfaceId string{0..20000}"`
	SubnetID           string          `wire:"subnetId string{0..20000}"`
	VpcID              string          `wire:"vpcId string{0..20000}"`
	PrivateDnsName     string          `wire:"privateDnsName string{0..20000}"`
	PrivateIpAddress   string          `wire:"privateIpAddress string{0..20000}"`
	PrivateIpAddresses []PrivateIp     `wire:"privateIpAddresses [PrivateIp]"`
	PublicDnsName      string          `wire:"publicDnsName string{0..20000}"`
	PublicIp           string          `wire:"publicIp string{0..20000}"`
	Ipv6Addresses      []string        `wire:"ipv6Addresses [string{0..20000}]"`
	SecurityGroups     []SecurityGroup `wire:"securityGroups [SecurityGroup]"`
}

type NoSuchEntityException struct {
	Message   string                `wire:"message* string{0..1000}"`
	ErrorCode NoSuchEntityErrorCode `wire:"errorCode* NoSuchEntityErrorCode"`
	CanRetry  bool                  `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *NoSuchEntityException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*NoSuchEntityException) Fault() (string, int) { return "NoSuchEntityException", 400 }

type PreviewAgentsRequest struct {
	PreviewAgentsARN string `wire:"previewAgentsArn* string{1..300}"`
	NextToken        string `wire:"nextToken string{1..300}"`
	MaxResults       *int32 `wire:"maxResults int"`
}

type PreviewAgentsResponse struct {
	AgentPreviews []AgentPreview `wire:"agentPreviews* [AgentPreview]{0..100}"`
	NextToken     string         `wire:"nextToken string{1..300}"`
}

type PreviewGenerationInProgressException struct {
	Message string `wire:"message* string{0..1000}"`
}

// Error returns the message.
func (e *PreviewGenerationInProgressException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*PreviewGenerationInProgressException) Fault() (string, int) {
	return "PreviewGenerationInProgressException", 400
}

type PrivateIp struct {
	PrivateDnsName   string `wire:"privateDnsName string{0..20000}"`
	PrivateIpAddress string `wire:"privateIpAddress string{0..20000}"`
}

type RegisterCrossAccountAccessRoleRequest struct {
	RoleARN string `wire:"roleArn* string{1..300}"`
}

type RemoveAttributesFromFindingsRequest struct {
	FindingARNs   []string `wire:"findingArns* [string{1..300}]{1..10}"`
	AttributeKeys []string `wire:"attributeKeys* [string{1..128}]{0..10}"`
}

type RemoveAttributesFromFindingsResponse struct {
	FailedItems map[string]FailedItemDetails `wire:"failedItems* <string{1..300}:FailedItemDetails>"`
}

type ResourceGroup struct {
	ARN       string             `wire:"arn* string{1..300}"`
	Tags      []ResourceGroupTag `wire:"tags* [ResourceGroupTag]{1..10}"`
	CreatedAt time.Time          `wire:"createdAt* time"`
}

type ResourceGroupTag struct {
	Key   string `wire:"key* string{1..128}"`
	Value string `wire:"value string{1..256}"`
}

type RulesPackage struct {
	ARN         string `wire:"arn* string{1..300}"`
	Name        string `wire:"name* string{0..1000}"`
	Version     string `wire:"version* string{0..1000}"`
	Provider    string `wire:"provider* string{0..1000}"`
	Description string `wire:"description string{0..20000}"`
}

type Scope struct {
	Key   ScopeType `wire:"key ScopeType"`
	Value string    `wire:"value string"`
}

type SecurityGroup struct {
	GroupName string `wire:"groupName string{0..20000}"`
	GroupID   string `wire:"groupId string{0..20000}"`
}

type ServiceTemporarilyUnavailableException struct {
	Message  string `wire:"message* string{0..1000}"`
	CanRetry bool   `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *ServiceTemporarilyUnavailableException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*ServiceTemporarilyUnavailableException) Fault() (string, int) {
	return "ServiceTemporarilyUnavailableException", 400
}

type SetTagsForResourceRequest struct {
	ResourceARN string `wire:"resourceArn* string{1..300}"`
	Tags        []Tag  `wire:"tags [Tag]{0..10}"`
}

type StartAssessmentRunRequest struct {
	AssessmentTemplateARN string `wire:"assessmentTemplateArn* string{1..300}"`
	AssessmentRunName     string `wire:"assessmentRunName string{1..140}"`
}

type StartAssessmentRunResponse struct {
	AssessmentRunARN string `wire:"assessmentRunArn* string{1..300}"`
}

type StopAssessmentRunRequest struct {
	AssessmentRunARN string     `wire:"assessmentRunArn* string{1..300}"`
	StopAction       StopAction `wire:"stopAction StopAction"`
}

type SubscribeToEventRequest struct {
	ResourceARN string         `wire:"resourceArn* string{1..300}"`
	Event       InspectorEvent `wire:"event* InspectorEvent"`
	TopicARN    string         `wire:"topicArn* string{1..300}"`
}

type Subscription struct {
	ResourceARN        string              `wire:"resourceArn* string{1..300}"`
	TopicARN           string              `wire:"topicArn* string{1..300}"`
	EventSubscriptions []EventSubscription `wire:"eventSubscriptions* [EventSubscription]{1..50}"`
}

type Tag struct {
	Key   string `wire:"key* string{1..128}"`
	Value string `wire:"value string{1..256}"`
}

type TelemetryMetadata struct {
	MessageType string `wire:"messageType* string{1..300}"`
	Count       int64  `wire:"count* long"`
	DataSize    *int64 `wire:"dataSize long"`
}

type TimestampRange struct {
	BeginDate time.Time `wire:"beginDate time"`
	EndDate   time.Time `wire:"endDate time"`
}

type UnsubscribeFromEventRequest struct {
	ResourceARN string         `wire:"resourceArn* string{1..300}"`
	Event       InspectorEvent `wire:"event* InspectorEvent"`
	TopicARN    string         `wire:"topicArn* string{1..300}"`
}

type UnsupportedFeatureException struct {
	Message  string `wire:"message* string{0..1000}"`
	CanRetry bool   `wire:"canRetry* bool"`
}

// Error returns the message.
func (e *UnsupportedFeatureException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*UnsupportedFeatureException) Fault() (string, int) { return "UnsupportedFeatureException", 400 }

type UpdateAssessmentTargetRequest struct {
	AssessmentTargetARN  string `wire:"assessmentTargetArn* string{1..300}"`
	AssessmentTargetName string `wire:"assessmentTargetName* string{1..140}"`
	ResourceGroupARN     string `wire:"resourceGroupArn string{1..300}"`
}
