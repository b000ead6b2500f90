// Code generated from api/inspector2.idl by internal/api/generate. DO NOT EDIT.

package inspector2

import (
	"time"
)

type AccountSortBy string

const (
	AccountSortByCritical AccountSortBy = "CRITICAL"
	AccountSortByHigh     AccountSortBy = "HIGH"
	AccountSortByAll      AccountSortBy = "ALL"
)

type AggregationFindingType string

const (
	AggregationFindingTypeNetworkReachability  AggregationFindingType = "NETWORK_REACHABILITY"
	AggregationFindingTypePackageVulnerability AggregationFindingType = "PACKAGE_VULNERABILITY"
	AggregationFindingTypeCodeVulnerability    AggregationFindingType = "CODE_VULNERABILITY"
)

type AggregationResourceType string

const (
	AggregationResourceTypeAwsEc2Instance                                   AggregationResourceType = "AWS_EC2_INSTANCE"
	AggregationResourceTypeAwsEcrContainerImage                             AggregationResourceType = "AWS_ECR_CONTAINER_IMAGE"
	AggregationResourceTypeAwsLambdaFunction                                AggregationResourceType = "AWS_LAMBDA_FUNCTION"
	AggregationResourceTypeCodeRepository                                   AggregationResourceType = "CODE_REPOSITORY"
	AggregationResourceTypeMicrosoftComputeVirtualMachines                  AggregationResourceType = "Microsoft.Compute/virtualMachines"
	AggregationResourceTypeMicrosoftContainerRegistryRegistryContainerImage AggregationResourceType = "Microsoft.ContainerRegistry/registry/containerImage"
	AggregationResourceTypeMicrosoftWebSites                                AggregationResourceType = "Microsoft.Web/sites"
)

type AggregationType string

const (
	AggregationTypeFindingType        AggregationType = "FINDING_TYPE"
	AggregationTypePackage            AggregationType = "PACKAGE"
	AggregationTypeTitle              AggregationType = "TITLE"
	AggregationTypeRepository         AggregationType = "REPOSITORY"
	AggregationTypeAmi                AggregationType = "AMI"
	AggregationTypeAwsEc2Instance     AggregationType = "AWS_EC2_INSTANCE"
	AggregationTypeAwsEcrContainer    AggregationType = "AWS_ECR_CONTAINER"
	AggregationTypeImageLayer         AggregationType = "IMAGE_LAYER"
	AggregationTypeAccount            AggregationType = "ACCOUNT"
	AggregationTypeAwsLambdaFunction  AggregationType = "AWS_LAMBDA_FUNCTION"
	AggregationTypeLambdaLayer        AggregationType = "LAMBDA_LAYER"
	AggregationTypeCodeRepository     AggregationType = "CODE_REPOSITORY"
	AggregationTypeVmInstance         AggregationType = "VM_INSTANCE"
	AggregationTypeContainerImage     AggregationType = "CONTAINER_IMAGE"
	AggregationTypeServerlessFunction AggregationType = "SERVERLESS_FUNCTION"
)

type AmiSortBy string

const (
	AmiSortByCritical          AmiSortBy = "CRITICAL"
	AmiSortByHigh              AmiSortBy = "HIGH"
	AmiSortByAll               AmiSortBy = "ALL"
	AmiSortByAffectedInstances AmiSortBy = "AFFECTED_INSTANCES"
)

type Architecture string

const (
	ArchitectureX8664 Architecture = "X86_64"
	ArchitectureArm64 Architecture = "ARM64"
)

type AssociationResultStatusCode string

const (
	AssociationResultStatusCodeInternalError             AssociationResultStatusCode = "INTERNAL_ERROR"
	AssociationResultStatusCodeAccessDenied              AssociationResultStatusCode = "ACCESS_DENIED"
	AssociationResultStatusCodeScanConfigurationNotFound AssociationResultStatusCode = "SCAN_CONFIGURATION_NOT_FOUND"
	AssociationResultStatusCodeInvalidInput              AssociationResultStatusCode = "INVALID_INPUT"
	AssociationResultStatusCodeResourceNotFound          AssociationResultStatusCode = "RESOURCE_NOT_FOUND"
	AssociationResultStatusCodeQuotaExceeded             AssociationResultStatusCode = "QUOTA_EXCEEDED"
)

type AwsConfigConnectorArnComparison string

const (
	AwsConfigConnectorArnComparisonEquals AwsConfigConnectorArnComparison = "EQUALS"
)

type AwsEcrContainerSortBy string

const (
	AwsEcrContainerSortByCritical AwsEcrContainerSortBy = "CRITICAL"
	AwsEcrContainerSortByHigh     AwsEcrContainerSortBy = "HIGH"
	AwsEcrContainerSortByAll      AwsEcrContainerSortBy = "ALL"
)

type CisFindingStatus string

const (
	CisFindingStatusPassed  CisFindingStatus = "PASSED"
	CisFindingStatusFailed  CisFindingStatus = "FAILED"
	CisFindingStatusSkipped CisFindingStatus = "SKIPPED"
)

type CisFindingStatusComparison string

const (
	CisFindingStatusComparisonEquals CisFindingStatusComparison = "EQUALS"
)

type CisReportFormat string

const (
	CisReportFormatPdf CisReportFormat = "PDF"
	CisReportFormatCsv CisReportFormat = "CSV"
)

type CisReportStatus string

const (
	CisReportStatusSucceeded  CisReportStatus = "SUCCEEDED"
	CisReportStatusFailed     CisReportStatus = "FAILED"
	CisReportStatusInProgress CisReportStatus = "IN_PROGRESS"
)

type CisResultStatus string

const (
	CisResultStatusPassed  CisResultStatus = "PASSED"
	CisResultStatusFailed  CisResultStatus = "FAILED"
	CisResultStatusSkipped CisResultStatus = "SKIPPED"
)

type CisResultStatusComparison string

const (
	CisResultStatusComparisonEquals CisResultStatusComparison = "EQUALS"
)

type CisRuleStatus string

const (
	CisRuleStatusFailed        CisRuleStatus = "FAILED"
	CisRuleStatusPassed        CisRuleStatus = "PASSED"
	CisRuleStatusNotEvaluated  CisRuleStatus = "NOT_EVALUATED"
	CisRuleStatusInformational CisRuleStatus = "INFORMATIONAL"
	CisRuleStatusUnknown       CisRuleStatus = "UNKNOWN"
	CisRuleStatusNotApplicable CisRuleStatus = "NOT_APPLICABLE"
	CisRuleStatusError         CisRuleStatus = "ERROR"
)

type CisScanConfigurationsSortBy string

const (
	CisScanConfigurationsSortByScanName             CisScanConfigurationsSortBy = "SCAN_NAME"
	CisScanConfigurationsSortByScanConfigurationArn CisScanConfigurationsSortBy = "SCAN_CONFIGURATION_ARN"
)

type CisScanResultDetailsSortBy string

const (
	CisScanResultDetailsSortByCheckId CisScanResultDetailsSortBy = "CHECK_ID"
	CisScanResultDetailsSortByStatus  CisScanResultDetailsSortBy = "STATUS"
)

type CisScanResultsAggregatedByChecksSortBy string

const (
	CisScanResultsAggregatedByChecksSortByCheckId       CisScanResultsAggregatedByChecksSortBy = "CHECK_ID"
	CisScanResultsAggregatedByChecksSortByTitle         CisScanResultsAggregatedByChecksSortBy = "TITLE"
	CisScanResultsAggregatedByChecksSortByPlatform      CisScanResultsAggregatedByChecksSortBy = "PLATFORM"
	CisScanResultsAggregatedByChecksSortByFailedCounts  CisScanResultsAggregatedByChecksSortBy = "FAILED_COUNTS"
	CisScanResultsAggregatedByChecksSortBySecurityLevel CisScanResultsAggregatedByChecksSortBy = "SECURITY_LEVEL"
)

type CisScanResultsAggregatedByTargetResourceSortBy string

const (
	CisScanResultsAggregatedByTargetResourceSortByResourceId         CisScanResultsAggregatedByTargetResourceSortBy = "RESOURCE_ID"
	CisScanResultsAggregatedByTargetResourceSortByFailedCounts       CisScanResultsAggregatedByTargetResourceSortBy = "FAILED_COUNTS"
	CisScanResultsAggregatedByTargetResourceSortByAccountId          CisScanResultsAggregatedByTargetResourceSortBy = "ACCOUNT_ID"
	CisScanResultsAggregatedByTargetResourceSortByPlatform           CisScanResultsAggregatedByTargetResourceSortBy = "PLATFORM"
	CisScanResultsAggregatedByTargetResourceSortByTargetStatus       CisScanResultsAggregatedByTargetResourceSortBy = "TARGET_STATUS"
	CisScanResultsAggregatedByTargetResourceSortByTargetStatusReason CisScanResultsAggregatedByTargetResourceSortBy = "TARGET_STATUS_REASON"
)

type CisScanStatus string

const (
	CisScanStatusFailed     CisScanStatus = "FAILED"
	CisScanStatusCompleted  CisScanStatus = "COMPLETED"
	CisScanStatusCancelled  CisScanStatus = "CANCELLED"
	CisScanStatusInProgress CisScanStatus = "IN_PROGRESS"
)

type CisScanStatusComparison string

const (
	CisScanStatusComparisonEquals CisScanStatusComparison = "EQUALS"
)

type CisSecurityLevel string

const (
	CisSecurityLevelLevel1 CisSecurityLevel = "LEVEL_1"
	CisSecurityLevelLevel2 CisSecurityLevel = "LEVEL_2"
)

type CisSecurityLevelComparison string

const (
	CisSecurityLevelComparisonEquals CisSecurityLevelComparison = "EQUALS"
)

type CisSortOrder string

const (
	CisSortOrderAsc  CisSortOrder = "ASC"
	CisSortOrderDesc CisSortOrder = "DESC"
)

type CisStringComparison string

const (
	CisStringComparisonEquals    CisStringComparison = "EQUALS"
	CisStringComparisonPrefix    CisStringComparison = "PREFIX"
	CisStringComparisonNotEquals CisStringComparison = "NOT_EQUALS"
)

type CisTargetStatus string

const (
	CisTargetStatusTimedOut  CisTargetStatus = "TIMED_OUT"
	CisTargetStatusCancelled CisTargetStatus = "CANCELLED"
	CisTargetStatusCompleted CisTargetStatus = "COMPLETED"
)

type CisTargetStatusComparison string

const (
	CisTargetStatusComparisonEquals CisTargetStatusComparison = "EQUALS"
)

type CisTargetStatusReason string

const (
	CisTargetStatusReasonScanInProgress CisTargetStatusReason = "SCAN_IN_PROGRESS"
	CisTargetStatusReasonUnsupportedOs  CisTargetStatusReason = "UNSUPPORTED_OS"
	CisTargetStatusReasonSsmUnmanaged   CisTargetStatusReason = "SSM_UNMANAGED"
)

type CloudProvider string

const (
	CloudProviderAws           CloudProvider = "AWS"
	CloudProviderAzure         CloudProvider = "AZURE"
	CloudProviderNotApplicable CloudProvider = "NOT_APPLICABLE"
)

type CodeRepositoryProviderType string

const (
	CodeRepositoryProviderTypeGithub            CodeRepositoryProviderType = "GITHUB"
	CodeRepositoryProviderTypeGitlabSelfManaged CodeRepositoryProviderType = "GITLAB_SELF_MANAGED"
)

type CodeRepositorySortBy string

const (
	CodeRepositorySortByCritical CodeRepositorySortBy = "CRITICAL"
	CodeRepositorySortByHigh     CodeRepositorySortBy = "HIGH"
	CodeRepositorySortByAll      CodeRepositorySortBy = "ALL"
)

type CodeScanStatus string

const (
	CodeScanStatusInProgress CodeScanStatus = "IN_PROGRESS"
	CodeScanStatusSuccessful CodeScanStatus = "SUCCESSFUL"
	CodeScanStatusFailed     CodeScanStatus = "FAILED"
	CodeScanStatusSkipped    CodeScanStatus = "SKIPPED"
)

type CodeSnippetErrorCode string

const (
	CodeSnippetErrorCodeInternalError       CodeSnippetErrorCode = "INTERNAL_ERROR"
	CodeSnippetErrorCodeAccessDenied        CodeSnippetErrorCode = "ACCESS_DENIED"
	CodeSnippetErrorCodeCodeSnippetNotFound CodeSnippetErrorCode = "CODE_SNIPPET_NOT_FOUND"
	CodeSnippetErrorCodeInvalidInput        CodeSnippetErrorCode = "INVALID_INPUT"
)

type ConfigurationLevel string

const (
	ConfigurationLevelOrganization ConfigurationLevel = "ORGANIZATION"
	ConfigurationLevelAccount      ConfigurationLevel = "ACCOUNT"
)

type ConnectorArnComparison string

const (
	ConnectorArnComparisonEquals ConnectorArnComparison = "EQUALS"
)

type ConnectorCloudProvider string

const (
	ConnectorCloudProviderAzure ConnectorCloudProvider = "AZURE"
)

type ConnectorHealthStatus string

const (
	ConnectorHealthStatusConnected            ConnectorHealthStatus = "CONNECTED"
	ConnectorHealthStatusDegraded             ConnectorHealthStatus = "DEGRADED"
	ConnectorHealthStatusFailedToConnect      ConnectorHealthStatus = "FAILED_TO_CONNECT"
	ConnectorHealthStatusPendingAuthorization ConnectorHealthStatus = "PENDING_AUTHORIZATION"
	ConnectorHealthStatusPendingConfiguration ConnectorHealthStatus = "PENDING_CONFIGURATION"
	ConnectorHealthStatusUnknown              ConnectorHealthStatus = "UNKNOWN"
)

type ConnectorType string

const (
	ConnectorTypeCustomerManaged ConnectorType = "CUSTOMER_MANAGED"
	ConnectorTypeServiceLinked   ConnectorType = "SERVICE_LINKED"
)

type ConnectorTypeComparison string

const (
	ConnectorTypeComparisonEquals ConnectorTypeComparison = "EQUALS"
)

type ContainerImagePullDateRescanDuration string

const (
	ContainerImagePullDateRescanDurationDays3   ContainerImagePullDateRescanDuration = "DAYS_3"
	ContainerImagePullDateRescanDurationDays7   ContainerImagePullDateRescanDuration = "DAYS_7"
	ContainerImagePullDateRescanDurationDays14  ContainerImagePullDateRescanDuration = "DAYS_14"
	ContainerImagePullDateRescanDurationDays30  ContainerImagePullDateRescanDuration = "DAYS_30"
	ContainerImagePullDateRescanDurationDays60  ContainerImagePullDateRescanDuration = "DAYS_60"
	ContainerImagePullDateRescanDurationDays90  ContainerImagePullDateRescanDuration = "DAYS_90"
	ContainerImagePullDateRescanDurationDays180 ContainerImagePullDateRescanDuration = "DAYS_180"
)

type ContainerImageRescanDuration string

const (
	ContainerImageRescanDurationLifetime ContainerImageRescanDuration = "LIFETIME"
	ContainerImageRescanDurationDays3    ContainerImageRescanDuration = "DAYS_3"
	ContainerImageRescanDurationDays7    ContainerImageRescanDuration = "DAYS_7"
	ContainerImageRescanDurationDays30   ContainerImageRescanDuration = "DAYS_30"
	ContainerImageRescanDurationDays180  ContainerImageRescanDuration = "DAYS_180"
	ContainerImageRescanDurationDays14   ContainerImageRescanDuration = "DAYS_14"
	ContainerImageRescanDurationDays60   ContainerImageRescanDuration = "DAYS_60"
	ContainerImageRescanDurationDays90   ContainerImageRescanDuration = "DAYS_90"
)

type ContainerImageSortBy string

const (
	ContainerImageSortByCritical ContainerImageSortBy = "CRITICAL"
	ContainerImageSortByHigh     ContainerImageSortBy = "HIGH"
	ContainerImageSortByAll      ContainerImageSortBy = "ALL"
)

type ContinuousIntegrationScanEvent string

const (
	ContinuousIntegrationScanEventPullRequest ContinuousIntegrationScanEvent = "PULL_REQUEST"
	ContinuousIntegrationScanEventPush        ContinuousIntegrationScanEvent = "PUSH"
)

type CoverageMapComparison string

const (
	CoverageMapComparisonEquals CoverageMapComparison = "EQUALS"
)

type CoverageResourceType string

const (
	CoverageResourceTypeAwsEc2Instance                                        CoverageResourceType = "AWS_EC2_INSTANCE"
	CoverageResourceTypeAwsEcrContainerImage                                  CoverageResourceType = "AWS_ECR_CONTAINER_IMAGE"
	CoverageResourceTypeAwsEcrRepository                                      CoverageResourceType = "AWS_ECR_REPOSITORY"
	CoverageResourceTypeAwsLambdaFunction                                     CoverageResourceType = "AWS_LAMBDA_FUNCTION"
	CoverageResourceTypeCodeRepository                                        CoverageResourceType = "CODE_REPOSITORY"
	CoverageResourceTypeMicrosoftComputeVirtualMachines                       CoverageResourceType = "Microsoft.Compute/virtualMachines"
	CoverageResourceTypeMicrosoftContainerRegistryRegistryContainerImage      CoverageResourceType = "Microsoft.ContainerRegistry/registry/containerImage"
	CoverageResourceTypeMicrosoftContainerRegistryRegistryContainerRepository CoverageResourceType = "Microsoft.ContainerRegistry/registry/containerRepository"
	CoverageResourceTypeMicrosoftWebSites                                     CoverageResourceType = "Microsoft.Web/sites"
	CoverageResourceTypeMicrosoftContainerRegistryRegistries                  CoverageResourceType = "Microsoft.ContainerRegistry/registries"
)

type CoverageStringComparison string

const (
	CoverageStringComparisonEquals    CoverageStringComparison = "EQUALS"
	CoverageStringComparisonNotEquals CoverageStringComparison = "NOT_EQUALS"
)

type Currency string

const (
	CurrencyUsd Currency = "USD"
)

type Day string

const (
	DaySun Day = "SUN"
	DayMon Day = "MON"
	DayTue Day = "TUE"
	DayWed Day = "WED"
	DayThu Day = "THU"
	DayFri Day = "FRI"
	DaySat Day = "SAT"
)

type DelegatedAdminStatus string

const (
	DelegatedAdminStatusEnabled           DelegatedAdminStatus = "ENABLED"
	DelegatedAdminStatusDisableInProgress DelegatedAdminStatus = "DISABLE_IN_PROGRESS"
)

type Ec2DeepInspectionStatus string

const (
	Ec2DeepInspectionStatusActivated   Ec2DeepInspectionStatus = "ACTIVATED"
	Ec2DeepInspectionStatusDeactivated Ec2DeepInspectionStatus = "DEACTIVATED"
	Ec2DeepInspectionStatusPending     Ec2DeepInspectionStatus = "PENDING"
	Ec2DeepInspectionStatusFailed      Ec2DeepInspectionStatus = "FAILED"
)

type Ec2InstanceSortBy string

const (
	Ec2InstanceSortByNetworkFindings Ec2InstanceSortBy = "NETWORK_FINDINGS"
	Ec2InstanceSortByCritical        Ec2InstanceSortBy = "CRITICAL"
	Ec2InstanceSortByHigh            Ec2InstanceSortBy = "HIGH"
	Ec2InstanceSortByAll             Ec2InstanceSortBy = "ALL"
)

type Ec2Platform string

const (
	Ec2PlatformWindows Ec2Platform = "WINDOWS"
	Ec2PlatformLinux   Ec2Platform = "LINUX"
	Ec2PlatformUnknown Ec2Platform = "UNKNOWN"
	Ec2PlatformMacos   Ec2Platform = "MACOS"
)

type Ec2ScanMode string

const (
	Ec2ScanModeEc2SsmAgentBased Ec2ScanMode = "EC2_SSM_AGENT_BASED"
	Ec2ScanModeEc2Hybrid        Ec2ScanMode = "EC2_HYBRID"
)

type Ec2ScanModeStatus string

const (
	Ec2ScanModeStatusSuccess Ec2ScanModeStatus = "SUCCESS"
	Ec2ScanModeStatusPending Ec2ScanModeStatus = "PENDING"
)

type EcrPullDateRescanDuration string

const (
	EcrPullDateRescanDurationDays14  EcrPullDateRescanDuration = "DAYS_14"
	EcrPullDateRescanDurationDays30  EcrPullDateRescanDuration = "DAYS_30"
	EcrPullDateRescanDurationDays60  EcrPullDateRescanDuration = "DAYS_60"
	EcrPullDateRescanDurationDays90  EcrPullDateRescanDuration = "DAYS_90"
	EcrPullDateRescanDurationDays180 EcrPullDateRescanDuration = "DAYS_180"
	EcrPullDateRescanDurationDays3   EcrPullDateRescanDuration = "DAYS_3"
	EcrPullDateRescanDurationDays7   EcrPullDateRescanDuration = "DAYS_7"
)

type EcrPullDateRescanMode string

const (
	EcrPullDateRescanModeLastPullDate EcrPullDateRescanMode = "LAST_PULL_DATE"
	EcrPullDateRescanModeLastInUseAt  EcrPullDateRescanMode = "LAST_IN_USE_AT"
)

type EcrRescanDuration string

const (
	EcrRescanDurationLifetime EcrRescanDuration = "LIFETIME"
	EcrRescanDurationDays30   EcrRescanDuration = "DAYS_30"
	EcrRescanDurationDays180  EcrRescanDuration = "DAYS_180"
	EcrRescanDurationDays14   EcrRescanDuration = "DAYS_14"
	EcrRescanDurationDays60   EcrRescanDuration = "DAYS_60"
	EcrRescanDurationDays90   EcrRescanDuration = "DAYS_90"
	EcrRescanDurationDays3    EcrRescanDuration = "DAYS_3"
	EcrRescanDurationDays7    EcrRescanDuration = "DAYS_7"
)

type EcrRescanDurationStatus string

const (
	EcrRescanDurationStatusSuccess EcrRescanDurationStatus = "SUCCESS"
	EcrRescanDurationStatusPending EcrRescanDurationStatus = "PENDING"
	EcrRescanDurationStatusFailed  EcrRescanDurationStatus = "FAILED"
)

type EcrScanFrequency string

const (
	EcrScanFrequencyManual         EcrScanFrequency = "MANUAL"
	EcrScanFrequencyScanOnPush     EcrScanFrequency = "SCAN_ON_PUSH"
	EcrScanFrequencyContinuousScan EcrScanFrequency = "CONTINUOUS_SCAN"
)

type EnablementStatus string

const (
	EnablementStatusEnabled           EnablementStatus = "ENABLED"
	EnablementStatusPendingEnablement EnablementStatus = "PENDING_ENABLEMENT"
	EnablementStatusFailedToEnable    EnablementStatus = "FAILED_TO_ENABLE"
	EnablementStatusPendingUpdate     EnablementStatus = "PENDING_UPDATE"
	EnablementStatusFailedToUpdate    EnablementStatus = "FAILED_TO_UPDATE"
	EnablementStatusPendingDeletion   EnablementStatus = "PENDING_DELETION"
	EnablementStatusDeleted           EnablementStatus = "DELETED"
	EnablementStatusFailedToDelete    EnablementStatus = "FAILED_TO_DELETE"
)

type ErrorCode string

const (
	ErrorCodeAlreadyEnabled                        ErrorCode = "ALREADY_ENABLED"
	ErrorCodeEnableInProgress                      ErrorCode = "ENABLE_IN_PROGRESS"
	ErrorCodeDisableInProgress                     ErrorCode = "DISABLE_IN_PROGRESS"
	ErrorCodeSuspendInProgress                     ErrorCode = "SUSPEND_IN_PROGRESS"
	ErrorCodeResourceNotFound                      ErrorCode = "RESOURCE_NOT_FOUND"
	ErrorCodeAccessDenied                          ErrorCode = "ACCESS_DENIED"
	ErrorCodeInternalError                         ErrorCode = "INTERNAL_ERROR"
	ErrorCodeSsmUnavailable                        ErrorCode = "SSM_UNAVAILABLE"
	ErrorCodeSsmThrottled                          ErrorCode = "SSM_THROTTLED"
	ErrorCodeEventbridgeUnavailable                ErrorCode = "EVENTBRIDGE_UNAVAILABLE"
	ErrorCodeEventbridgeThrottled                  ErrorCode = "EVENTBRIDGE_THROTTLED"
	ErrorCodeResourceScanNotDisabled               ErrorCode = "RESOURCE_SCAN_NOT_DISABLED"
	ErrorCodeDisassociateAllMembers                ErrorCode = "DISASSOCIATE_ALL_MEMBERS"
	ErrorCodeAccountIsIsolated                     ErrorCode = "ACCOUNT_IS_ISOLATED"
	ErrorCodeEc2SsmResourceDataSyncLimitExceeded   ErrorCode = "EC2_SSM_RESOURCE_DATA_SYNC_LIMIT_EXCEEDED"
	ErrorCodeEc2SsmAssociationVersionLimitExceeded ErrorCode = "EC2_SSM_ASSOCIATION_VERSION_LIMIT_EXCEEDED"
	ErrorCodeBlockedByOrganizationPolicy           ErrorCode = "BLOCKED_BY_ORGANIZATION_POLICY"
)

type ExploitAvailable string

const (
	ExploitAvailableYes ExploitAvailable = "YES"
	ExploitAvailableNo  ExploitAvailable = "NO"
)

type ExternalReportStatus string

const (
	ExternalReportStatusSucceeded  ExternalReportStatus = "SUCCEEDED"
	ExternalReportStatusInProgress ExternalReportStatus = "IN_PROGRESS"
	ExternalReportStatusCancelled  ExternalReportStatus = "CANCELLED"
	ExternalReportStatusFailed     ExternalReportStatus = "FAILED"
)

type FilterAction string

const (
	FilterActionNone     FilterAction = "NONE"
	FilterActionSuppress FilterAction = "SUPPRESS"
)

type FindingDetailsErrorCode string

const (
	FindingDetailsErrorCodeInternalError          FindingDetailsErrorCode = "INTERNAL_ERROR"
	FindingDetailsErrorCodeAccessDenied           FindingDetailsErrorCode = "ACCESS_DENIED"
	FindingDetailsErrorCodeFindingDetailsNotFound FindingDetailsErrorCode = "FINDING_DETAILS_NOT_FOUND"
	FindingDetailsErrorCodeInvalidInput           FindingDetailsErrorCode = "INVALID_INPUT"
)

type FindingStatus string

const (
	FindingStatusActive     FindingStatus = "ACTIVE"
	FindingStatusSuppressed FindingStatus = "SUPPRESSED"
	FindingStatusClosed     FindingStatus = "CLOSED"
)

type FindingType string

const (
	FindingTypeNetworkReachability  FindingType = "NETWORK_REACHABILITY"
	FindingTypePackageVulnerability FindingType = "PACKAGE_VULNERABILITY"
	FindingTypeCodeVulnerability    FindingType = "CODE_VULNERABILITY"
)

type FindingTypeSortBy string

const (
	FindingTypeSortByCritical FindingTypeSortBy = "CRITICAL"
	FindingTypeSortByHigh     FindingTypeSortBy = "HIGH"
	FindingTypeSortByAll      FindingTypeSortBy = "ALL"
)

type FixAvailable string

const (
	FixAvailableYes     FixAvailable = "YES"
	FixAvailableNo      FixAvailable = "NO"
	FixAvailablePartial FixAvailable = "PARTIAL"
)

type FreeTrialInfoErrorCode string

const (
	FreeTrialInfoErrorCodeAccessDenied  FreeTrialInfoErrorCode = "ACCESS_DENIED"
	FreeTrialInfoErrorCodeInternalError FreeTrialInfoErrorCode = "INTERNAL_ERROR"
)

type FreeTrialStatus string

const (
	FreeTrialStatusActive   FreeTrialStatus = "ACTIVE"
	FreeTrialStatusInactive FreeTrialStatus = "INACTIVE"
)

type FreeTrialType string

const (
	FreeTrialTypeEc2                FreeTrialType = "EC2"
	FreeTrialTypeEcr                FreeTrialType = "ECR"
	FreeTrialTypeLambda             FreeTrialType = "LAMBDA"
	FreeTrialTypeLambdaCode         FreeTrialType = "LAMBDA_CODE"
	FreeTrialTypeCodeRepository     FreeTrialType = "CODE_REPOSITORY"
	FreeTrialTypeVm                 FreeTrialType = "VM"
	FreeTrialTypeContainerImage     FreeTrialType = "CONTAINER_IMAGE"
	FreeTrialTypeServerlessFunction FreeTrialType = "SERVERLESS_FUNCTION"
)

type GroupKey string

const (
	GroupKeyScanStatusCode    GroupKey = "SCAN_STATUS_CODE"
	GroupKeyScanStatusReason  GroupKey = "SCAN_STATUS_REASON"
	GroupKeyAccountId         GroupKey = "ACCOUNT_ID"
	GroupKeyResourceType      GroupKey = "RESOURCE_TYPE"
	GroupKeyEcrRepositoryName GroupKey = "ECR_REPOSITORY_NAME"
	GroupKeyProvider          GroupKey = "PROVIDER"
	GroupKeyProviderAccountId GroupKey = "PROVIDER_ACCOUNT_ID"
	GroupKeyProviderRegion    GroupKey = "PROVIDER_REGION"
	GroupKeyProviderOrgId     GroupKey = "PROVIDER_ORG_ID"
)

type ImageLayerSortBy string

const (
	ImageLayerSortByCritical ImageLayerSortBy = "CRITICAL"
	ImageLayerSortByHigh     ImageLayerSortBy = "HIGH"
	ImageLayerSortByAll      ImageLayerSortBy = "ALL"
)

type InheritanceMode string

const (
	InheritanceModeInheritFromAdmin InheritanceMode = "INHERIT_FROM_ADMIN"
)

type IntegrationStatus string

const (
	IntegrationStatusPending    IntegrationStatus = "PENDING"
	IntegrationStatusInProgress IntegrationStatus = "IN_PROGRESS"
	IntegrationStatusActive     IntegrationStatus = "ACTIVE"
	IntegrationStatusInactive   IntegrationStatus = "INACTIVE"
	IntegrationStatusDisabling  IntegrationStatus = "DISABLING"
)

type IntegrationType string

const (
	IntegrationTypeGitlabSelfManaged IntegrationType = "GITLAB_SELF_MANAGED"
	IntegrationTypeGithub            IntegrationType = "GITHUB"
)

type LambdaFunctionSortBy string

const (
	LambdaFunctionSortByCritical LambdaFunctionSortBy = "CRITICAL"
	LambdaFunctionSortByHigh     LambdaFunctionSortBy = "HIGH"
	LambdaFunctionSortByAll      LambdaFunctionSortBy = "ALL"
)

type LambdaLayerSortBy string

const (
	LambdaLayerSortByCritical LambdaLayerSortBy = "CRITICAL"
	LambdaLayerSortByHigh     LambdaLayerSortBy = "HIGH"
	LambdaLayerSortByAll      LambdaLayerSortBy = "ALL"
)

type ListCisScansDetailLevel string

const (
	ListCisScansDetailLevelOrganization ListCisScansDetailLevel = "ORGANIZATION"
	ListCisScansDetailLevelMember       ListCisScansDetailLevel = "MEMBER"
)

type ListCisScansSortBy string

const (
	ListCisScansSortByStatus        ListCisScansSortBy = "STATUS"
	ListCisScansSortByScheduledBy   ListCisScansSortBy = "SCHEDULED_BY"
	ListCisScansSortByScanStartDate ListCisScansSortBy = "SCAN_START_DATE"
	ListCisScansSortByFailedChecks  ListCisScansSortBy = "FAILED_CHECKS"
)

type MapComparison string

const (
	MapComparisonEquals MapComparison = "EQUALS"
)

type NetworkProtocol string

const (
	NetworkProtocolTcp NetworkProtocol = "TCP"
	NetworkProtocolUdp NetworkProtocol = "UDP"
)

type Operation string

const (
	OperationEnableScanning    Operation = "ENABLE_SCANNING"
	OperationDisableScanning   Operation = "DISABLE_SCANNING"
	OperationEnableRepository  Operation = "ENABLE_REPOSITORY"
	OperationDisableRepository Operation = "DISABLE_REPOSITORY"
)

type PackageManager string

const (
	PackageManagerBundler    PackageManager = "BUNDLER"
	PackageManagerCargo      PackageManager = "CARGO"
	PackageManagerComposer   PackageManager = "COMPOSER"
	PackageManagerNpm        PackageManager = "NPM"
	PackageManagerNuget      PackageManager = "NUGET"
	PackageManagerPipenv     PackageManager = "PIPENV"
	PackageManagerPoetry     PackageManager = "POETRY"
	PackageManagerYarn       PackageManager = "YARN"
	PackageManagerGobinary   PackageManager = "GOBINARY"
	PackageManagerGomod      PackageManager = "GOMOD"
	PackageManagerJar        PackageManager = "JAR"
	PackageManagerOs         PackageManager = "OS"
	PackageManagerPip        PackageManager = "PIP"
	PackageManagerPythonpkg  PackageManager = "PYTHONPKG"
	PackageManagerNodepkg    PackageManager = "NODEPKG"
	PackageManagerPom        PackageManager = "POM"
	PackageManagerGemspec    PackageManager = "GEMSPEC"
	PackageManagerDotnetCore PackageManager = "DOTNET_CORE"
)

type PackageSortBy string

const (
	PackageSortByCritical PackageSortBy = "CRITICAL"
	PackageSortByHigh     PackageSortBy = "HIGH"
	PackageSortByAll      PackageSortBy = "ALL"
)

type PackageType string

const (
	PackageTypeImage PackageType = "IMAGE"
	PackageTypeZip   PackageType = "ZIP"
)

type PeriodicScanFrequency string

const (
	PeriodicScanFrequencyWeekly  PeriodicScanFrequency = "WEEKLY"
	PeriodicScanFrequencyMonthly PeriodicScanFrequency = "MONTHLY"
	PeriodicScanFrequencyNever   PeriodicScanFrequency = "NEVER"
)

type ProjectSelectionScope string

const (
	ProjectSelectionScopeAll ProjectSelectionScope = "ALL"
)

type Provider string

const (
	ProviderAws   Provider = "AWS"
	ProviderAzure Provider = "AZURE"
)

type ProviderComparison string

const (
	ProviderComparisonEquals ProviderComparison = "EQUALS"
)

type RelationshipStatus string

const (
	RelationshipStatusCreated                         RelationshipStatus = "CREATED"
	RelationshipStatusInvited                         RelationshipStatus = "INVITED"
	RelationshipStatusDisabled                        RelationshipStatus = "DISABLED"
	RelationshipStatusEnabled                         RelationshipStatus = "ENABLED"
	RelationshipStatusRemoved                         RelationshipStatus = "REMOVED"
	RelationshipStatusResigned                        RelationshipStatus = "RESIGNED"
	RelationshipStatusDeleted                         RelationshipStatus = "DELETED"
	RelationshipStatusEmailVerificationInProgress     RelationshipStatus = "EMAIL_VERIFICATION_IN_PROGRESS"
	RelationshipStatusEmailVerificationFailed         RelationshipStatus = "EMAIL_VERIFICATION_FAILED"
	RelationshipStatusRegionDisabled                  RelationshipStatus = "REGION_DISABLED"
	RelationshipStatusAccountSuspended                RelationshipStatus = "ACCOUNT_SUSPENDED"
	RelationshipStatusCannotCreateDetectorInOrgMaster RelationshipStatus = "CANNOT_CREATE_DETECTOR_IN_ORG_MASTER"
)

type ReportFormat string

const (
	ReportFormatCsv  ReportFormat = "CSV"
	ReportFormatJson ReportFormat = "JSON"
)

type ReportingErrorCode string

const (
	ReportingErrorCodeInternalError            ReportingErrorCode = "INTERNAL_ERROR"
	ReportingErrorCodeInvalidPermissions       ReportingErrorCode = "INVALID_PERMISSIONS"
	ReportingErrorCodeNoFindingsFound          ReportingErrorCode = "NO_FINDINGS_FOUND"
	ReportingErrorCodeBucketNotFound           ReportingErrorCode = "BUCKET_NOT_FOUND"
	ReportingErrorCodeIncompatibleBucketRegion ReportingErrorCode = "INCOMPATIBLE_BUCKET_REGION"
	ReportingErrorCodeMalformedKmsKey          ReportingErrorCode = "MALFORMED_KMS_KEY"
)

type RepositorySortBy string

const (
	RepositorySortByCritical       RepositorySortBy = "CRITICAL"
	RepositorySortByHigh           RepositorySortBy = "HIGH"
	RepositorySortByAll            RepositorySortBy = "ALL"
	RepositorySortByAffectedImages RepositorySortBy = "AFFECTED_IMAGES"
)

type ResourceMapComparison string

const (
	ResourceMapComparisonEquals ResourceMapComparison = "EQUALS"
)

type ResourceScanType string

const (
	ResourceScanTypeEc2            ResourceScanType = "EC2"
	ResourceScanTypeEcr            ResourceScanType = "ECR"
	ResourceScanTypeLambda         ResourceScanType = "LAMBDA"
	ResourceScanTypeLambdaCode     ResourceScanType = "LAMBDA_CODE"
	ResourceScanTypeCodeRepository ResourceScanType = "CODE_REPOSITORY"
)

type ResourceStringComparison string

const (
	ResourceStringComparisonEquals    ResourceStringComparison = "EQUALS"
	ResourceStringComparisonNotEquals ResourceStringComparison = "NOT_EQUALS"
)

type ResourceType string

const (
	ResourceTypeAwsEc2Instance                                   ResourceType = "AWS_EC2_INSTANCE"
	ResourceTypeAwsEcrContainerImage                             ResourceType = "AWS_ECR_CONTAINER_IMAGE"
	ResourceTypeAwsEcrRepository                                 ResourceType = "AWS_ECR_REPOSITORY"
	ResourceTypeAwsLambdaFunction                                ResourceType = "AWS_LAMBDA_FUNCTION"
	ResourceTypeCodeRepository                                   ResourceType = "CODE_REPOSITORY"
	ResourceTypeMicrosoftComputeVirtualMachines                  ResourceType = "Microsoft.Compute/virtualMachines"
	ResourceTypeMicrosoftContainerRegistryRegistryContainerImage ResourceType = "Microsoft.ContainerRegistry/registry/containerImage"
	ResourceTypeMicrosoftWebSites                                ResourceType = "Microsoft.Web/sites"
)

type RuleSetCategory string

const (
	RuleSetCategorySast RuleSetCategory = "SAST"
	RuleSetCategoryIac  RuleSetCategory = "IAC"
	RuleSetCategorySca  RuleSetCategory = "SCA"
)

type Runtime string

const (
	RuntimeNodejs       Runtime = "NODEJS"
	RuntimeNodejs12X    Runtime = "NODEJS_12_X"
	RuntimeNodejs14X    Runtime = "NODEJS_14_X"
	RuntimeNodejs16X    Runtime = "NODEJS_16_X"
	RuntimeJava8        Runtime = "JAVA_8"
	RuntimeJava8Al2     Runtime = "JAVA_8_AL2"
	RuntimeJava11       Runtime = "JAVA_11"
	RuntimePython37     Runtime = "PYTHON_3_7"
	RuntimePython38     Runtime = "PYTHON_3_8"
	RuntimePython39     Runtime = "PYTHON_3_9"
	RuntimeUnsupported  Runtime = "UNSUPPORTED"
	RuntimeNodejs18X    Runtime = "NODEJS_18_X"
	RuntimeGo1X         Runtime = "GO_1_X"
	RuntimeJava17       Runtime = "JAVA_17"
	RuntimePython310    Runtime = "PYTHON_3_10"
	RuntimePython311    Runtime = "PYTHON_3_11"
	RuntimeDotnetcore31 Runtime = "DOTNETCORE_3_1"
	RuntimeDotnet6      Runtime = "DOTNET_6"
	RuntimeDotnet7      Runtime = "DOTNET_7"
	RuntimeRuby27       Runtime = "RUBY_2_7"
	RuntimeRuby32       Runtime = "RUBY_3_2"
	RuntimeDotnet10     Runtime = "DOTNET_10"
	RuntimeNodejs24X    Runtime = "NODEJS_24_X"
	RuntimeNodejs22X    Runtime = "NODEJS_22_X"
	RuntimeJava21       Runtime = "JAVA_21"
	RuntimeJava25       Runtime = "JAVA_25"
)

type SbomReportFormat string

const (
	SbomReportFormatCyclonedx14 SbomReportFormat = "CYCLONEDX_1_4"
	SbomReportFormatSpdx23      SbomReportFormat = "SPDX_2_3"
)

type ScanMode string

const (
	ScanModeEc2SsmAgentBased       ScanMode = "EC2_SSM_AGENT_BASED"
	ScanModeEc2Agentless           ScanMode = "EC2_AGENTLESS"
	ScanModeEc2InspectorAgentBased ScanMode = "EC2_INSPECTOR_AGENT_BASED"
	ScanModeVmInspectorAgentBased  ScanMode = "VM_INSPECTOR_AGENT_BASED"
)

type ScanStatusCode string

const (
	ScanStatusCodeActive   ScanStatusCode = "ACTIVE"
	ScanStatusCodeInactive ScanStatusCode = "INACTIVE"
)

type ScanStatusReason string

const (
	ScanStatusReasonPendingInitialScan                           ScanStatusReason = "PENDING_INITIAL_SCAN"
	ScanStatusReasonAccessDenied                                 ScanStatusReason = "ACCESS_DENIED"
	ScanStatusReasonInternalError                                ScanStatusReason = "INTERNAL_ERROR"
	ScanStatusReasonUnmanagedEc2Instance                         ScanStatusReason = "UNMANAGED_EC2_INSTANCE"
	ScanStatusReasonUnsupportedOs                                ScanStatusReason = "UNSUPPORTED_OS"
	ScanStatusReasonScanEligibilityExpired                       ScanStatusReason = "SCAN_ELIGIBILITY_EXPIRED"
	ScanStatusReasonResourceTerminated                           ScanStatusReason = "RESOURCE_TERMINATED"
	ScanStatusReasonSuccessful                                   ScanStatusReason = "SUCCESSFUL"
	ScanStatusReasonNoResourcesFound                             ScanStatusReason = "NO_RESOURCES_FOUND"
	ScanStatusReasonImageSizeExceeded                            ScanStatusReason = "IMAGE_SIZE_EXCEEDED"
	ScanStatusReasonScanFrequencyManual                          ScanStatusReason = "SCAN_FREQUENCY_MANUAL"
	ScanStatusReasonScanFrequencyScanOnPush                      ScanStatusReason = "SCAN_FREQUENCY_SCAN_ON_PUSH"
	ScanStatusReasonEc2InstanceStopped                           ScanStatusReason = "EC2_INSTANCE_STOPPED"
	ScanStatusReasonPendingDisable                               ScanStatusReason = "PENDING_DISABLE"
	ScanStatusReasonNoInventory                                  ScanStatusReason = "NO_INVENTORY"
	ScanStatusReasonStaleInventory                               ScanStatusReason = "STALE_INVENTORY"
	ScanStatusReasonExcludedByTag                                ScanStatusReason = "EXCLUDED_BY_TAG"
	ScanStatusReasonUnsupportedRuntime                           ScanStatusReason = "UNSUPPORTED_RUNTIME"
	ScanStatusReasonUnsupportedMediaType                         ScanStatusReason = "UNSUPPORTED_MEDIA_TYPE"
	ScanStatusReasonUnsupportedConfigFile                        ScanStatusReason = "UNSUPPORTED_CONFIG_FILE"
	ScanStatusReasonDeepInspectionPackageCollectionLimitExceeded ScanStatusReason = "DEEP_INSPECTION_PACKAGE_COLLECTION_LIMIT_EXCEEDED"
	ScanStatusReasonDeepInspectionDailySsmInventoryLimitExceeded ScanStatusReason = "DEEP_INSPECTION_DAILY_SSM_INVENTORY_LIMIT_EXCEEDED"
	ScanStatusReasonDeepInspectionCollectionTimeLimitExceeded    ScanStatusReason = "DEEP_INSPECTION_COLLECTION_TIME_LIMIT_EXCEEDED"
	ScanStatusReasonDeepInspectionNoInventory                    ScanStatusReason = "DEEP_INSPECTION_NO_INVENTORY"
	ScanStatusReasonAgentlessInstanceStorageLimitExceeded        ScanStatusReason = "AGENTLESS_INSTANCE_STORAGE_LIMIT_EXCEEDED"
	ScanStatusReasonAgentlessInstanceCollectionTimeLimitExceeded ScanStatusReason = "AGENTLESS_INSTANCE_COLLECTION_TIME_LIMIT_EXCEEDED"
	ScanStatusReasonPendingRevivalScan                           ScanStatusReason = "PENDING_REVIVAL_SCAN"
	ScanStatusReasonIntegrationConnectionLost                    ScanStatusReason = "INTEGRATION_CONNECTION_LOST"
	ScanStatusReasonAccessDeniedToEncryptionKey                  ScanStatusReason = "ACCESS_DENIED_TO_ENCRYPTION_KEY"
	ScanStatusReasonUnsupportedLanguage                          ScanStatusReason = "UNSUPPORTED_LANGUAGE"
	ScanStatusReasonNoScanConfigurationAssociated                ScanStatusReason = "NO_SCAN_CONFIGURATION_ASSOCIATED"
	ScanStatusReasonScanInProgress                               ScanStatusReason = "SCAN_IN_PROGRESS"
	ScanStatusReasonImageArchived                                ScanStatusReason = "IMAGE_ARCHIVED"
	ScanStatusReasonUnsupportedCodeArtifacts                     ScanStatusReason = "UNSUPPORTED_CODE_ARTIFACTS"
	ScanStatusReasonResourceUnmanaged                            ScanStatusReason = "RESOURCE_UNMANAGED"
	ScanStatusReasonResourceStopped                              ScanStatusReason = "RESOURCE_STOPPED"
)

type ScanType string

const (
	ScanTypeNetwork ScanType = "NETWORK"
	ScanTypePackage ScanType = "PACKAGE"
	ScanTypeCode    ScanType = "CODE"
)

type ScopeState string

const (
	ScopeStateActive   ScopeState = "ACTIVE"
	ScopeStatePending  ScopeState = "PENDING"
	ScopeStateError    ScopeState = "ERROR"
	ScopeStateDisabled ScopeState = "DISABLED"
)

type ScopeType string

const (
	ScopeTypeTenant       ScopeType = "TENANT"
	ScopeTypeSubscription ScopeType = "SUBSCRIPTION"
)

type ServerlessFunctionSortBy string

const (
	ServerlessFunctionSortByCritical ServerlessFunctionSortBy = "CRITICAL"
	ServerlessFunctionSortByHigh     ServerlessFunctionSortBy = "HIGH"
	ServerlessFunctionSortByAll      ServerlessFunctionSortBy = "ALL"
)

type Service string

const (
	ServiceEc2    Service = "EC2"
	ServiceEcr    Service = "ECR"
	ServiceLambda Service = "LAMBDA"
)

type Severity string

const (
	SeverityInformational Severity = "INFORMATIONAL"
	SeverityLow           Severity = "LOW"
	SeverityMedium        Severity = "MEDIUM"
	SeverityHigh          Severity = "HIGH"
	SeverityCritical      Severity = "CRITICAL"
	SeverityUntriaged     Severity = "UNTRIAGED"
)

type SortField string

const (
	SortFieldAwsAccountId           SortField = "AWS_ACCOUNT_ID"
	SortFieldFindingType            SortField = "FINDING_TYPE"
	SortFieldSeverity               SortField = "SEVERITY"
	SortFieldFirstObservedAt        SortField = "FIRST_OBSERVED_AT"
	SortFieldLastObservedAt         SortField = "LAST_OBSERVED_AT"
	SortFieldFindingStatus          SortField = "FINDING_STATUS"
	SortFieldResourceType           SortField = "RESOURCE_TYPE"
	SortFieldEcrImagePushedAt       SortField = "ECR_IMAGE_PUSHED_AT"
	SortFieldEcrImageRepositoryName SortField = "ECR_IMAGE_REPOSITORY_NAME"
	SortFieldEcrImageRegistry       SortField = "ECR_IMAGE_REGISTRY"
	SortFieldNetworkProtocol        SortField = "NETWORK_PROTOCOL"
	SortFieldComponentType          SortField = "COMPONENT_TYPE"
	SortFieldVulnerabilityId        SortField = "VULNERABILITY_ID"
	SortFieldVulnerabilitySource    SortField = "VULNERABILITY_SOURCE"
	SortFieldInspectorScore         SortField = "INSPECTOR_SCORE"
	SortFieldVendorSeverity         SortField = "VENDOR_SEVERITY"
	SortFieldEpssScore              SortField = "EPSS_SCORE"
)

type SortOrder string

const (
	SortOrderAsc  SortOrder = "ASC"
	SortOrderDesc SortOrder = "DESC"
)

type Status string

const (
	StatusEnabling   Status = "ENABLING"
	StatusEnabled    Status = "ENABLED"
	StatusDisabling  Status = "DISABLING"
	StatusDisabled   Status = "DISABLED"
	StatusSuspending Status = "SUSPENDING"
	StatusSuspended  Status = "SUSPENDED"
)

type StopCisSessionStatus string

const (
	StopCisSessionStatusSuccess       StopCisSessionStatus = "SUCCESS"
	StopCisSessionStatusFailed        StopCisSessionStatus = "FAILED"
	StopCisSessionStatusInterrupted   StopCisSessionStatus = "INTERRUPTED"
	StopCisSessionStatusUnsupportedOs StopCisSessionStatus = "UNSUPPORTED_OS"
)

type StringComparison string

const (
	StringComparisonEquals    StringComparison = "EQUALS"
	StringComparisonPrefix    StringComparison = "PREFIX"
	StringComparisonNotEquals StringComparison = "NOT_EQUALS"
)

type TagComparison string

const (
	TagComparisonEquals TagComparison = "EQUALS"
)

type TitleSortBy string

const (
	TitleSortByCritical TitleSortBy = "CRITICAL"
	TitleSortByHigh     TitleSortBy = "HIGH"
	TitleSortByAll      TitleSortBy = "ALL"
)

type UsageType string

const (
	UsageTypeEc2InstanceHours               UsageType = "EC2_INSTANCE_HOURS"
	UsageTypeEcrInitialScan                 UsageType = "ECR_INITIAL_SCAN"
	UsageTypeEcrRescan                      UsageType = "ECR_RESCAN"
	UsageTypeLambdaFunctionHours            UsageType = "LAMBDA_FUNCTION_HOURS"
	UsageTypeLambdaFunctionCodeHours        UsageType = "LAMBDA_FUNCTION_CODE_HOURS"
	UsageTypeCodeRepositorySast             UsageType = "CODE_REPOSITORY_SAST"
	UsageTypeCodeRepositoryIac              UsageType = "CODE_REPOSITORY_IAC"
	UsageTypeCodeRepositorySca              UsageType = "CODE_REPOSITORY_SCA"
	UsageTypeEc2AgentlessInstanceHours      UsageType = "EC2_AGENTLESS_INSTANCE_HOURS"
	UsageTypeAzureContainerImageInitialScan UsageType = "AZURE_CONTAINER_IMAGE_INITIAL_SCAN"
	UsageTypeAzureContainerImageRescan      UsageType = "AZURE_CONTAINER_IMAGE_RESCAN"
	UsageTypeAzureVmAgentBasedInstanceHours UsageType = "AZURE_VM_AGENT_BASED_INSTANCE_HOURS"
	UsageTypeAzureServerlessFunctionHours   UsageType = "AZURE_SERVERLESS_FUNCTION_HOURS"
)

type VMScannerStatus string

const (
	VMScannerStatusSuccess VMScannerStatus = "SUCCESS"
	VMScannerStatusPending VMScannerStatus = "PENDING"
	VMScannerStatusFailed  VMScannerStatus = "FAILED"
)

type ValidationExceptionReason string

const (
	ValidationExceptionReasonCannotParse           ValidationExceptionReason = "CANNOT_PARSE"
	ValidationExceptionReasonFieldValidationFailed ValidationExceptionReason = "FIELD_VALIDATION_FAILED"
	ValidationExceptionReasonOther                 ValidationExceptionReason = "OTHER"
)

type VmInstanceSortBy string

const (
	VmInstanceSortByCritical        VmInstanceSortBy = "CRITICAL"
	VmInstanceSortByHigh            VmInstanceSortBy = "HIGH"
	VmInstanceSortByAll             VmInstanceSortBy = "ALL"
	VmInstanceSortByNetworkFindings VmInstanceSortBy = "NETWORK_FINDINGS"
)

type VmPlatform string

const (
	VmPlatformWindows VmPlatform = "WINDOWS"
	VmPlatformLinux   VmPlatform = "LINUX"
	VmPlatformUnknown VmPlatform = "UNKNOWN"
)

type VulnerabilitySource string

const (
	VulnerabilitySourceNvd VulnerabilitySource = "NVD"
)

type AccessDeniedException struct {
	Message string `wire:"message* string"`
}

// Error returns the message.
func (e *AccessDeniedException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*AccessDeniedException) Fault() (string, int) { return "AccessDeniedException", 403 }

type Account struct {
	AccountID      string         `wire:"accountId* string{12..12}#0"`
	Status         Status         `wire:"status* Status"`
	ResourceStatus ResourceStatus `wire:"resourceStatus* ResourceStatus"`
}

type AccountAggregation struct {
	FindingType  AggregationFindingType  `wire:"findingType AggregationFindingType"`
	ResourceType AggregationResourceType `wire:"resourceType AggregationResourceType"`
	SortOrder    SortOrder               `wire:"sortOrder SortOrder"`
	SortBy       AccountSortBy           `wire:"sortBy AccountSortBy"`
}

type AccountAggregationResponse struct {
	AccountID             string          `wire:"accountId string{12..12}#0"`
	SeverityCounts        *SeverityCounts `wire:"severityCounts SeverityCounts"`
	ExploitAvailableCount *int64          `wire:"exploitAvailableCount long"`
	FixAvailableCount     *int64          `wire:"fixAvailableCount long"`
}

type AccountState struct {
	AccountID     string        `wire:"accountId* string{12..12}#0"`
	State         State         `wire:"state* State"`
	ResourceState ResourceState `wire:"resourceState* ResourceState"`
}

type AggregationRequest struct {
	_                             struct{}                       `wire:"union"`
	AccountAggregation            *AccountAggregation            `wire:"accountAggregation AccountAggregation"`
	AmiAggregation                *AmiAggregation                `wire:"amiAggregation AmiAggregation"`
	AwsEcrContainerAggregation    *AwsEcrContainerAggregation    `wire:"awsEcrContainerAggregation AwsEcrContainerAggregation"`
	Ec2InstanceAggregation        *Ec2InstanceAggregation        `wire:"ec2InstanceAggregation Ec2InstanceAggregation"`
	FindingTypeAggregation        *FindingTypeAggregation        `wire:"findingTypeAggregation FindingTypeAggregation"`
	ImageLayerAggregation         *ImageLayerAggregation         `wire:"imageLayerAggregation ImageLayerAggregation"`
	PackageAggregation            *PackageAggregation            `wire:"packageAggregation PackageAggregation"`
	RepositoryAggregation         *RepositoryAggregation         `wire:"repositoryAggregation RepositoryAggregation"`
	TitleAggregation              *TitleAggregation              `wire:"titleAggregation TitleAggregation"`
	LambdaLayerAggregation        *LambdaLayerAggregation        `wire:"lambdaLayerAggregation LambdaLayerAggregation"`
	LambdaFunctionAggregation     *LambdaFunctionAggregation     `wire:"lambdaFunctionAggregation LambdaFunctionAggregation"`
	CodeRepositoryAggregation     *CodeRepositoryAggregation     `wire:"codeRepositoryAggregation CodeRepositoryAggregation"`
	VmInstanceAggregation         *VmInstanceAggregation         `wire:"vmInstanceAggregation VmInstanceAggregation"`
	ContainerImageAggregation     *ContainerImageAggregation     `wire:"containerImageAggregation ContainerImageAggregation"`
	ServerlessFunctionAggregation *ServerlessFunctionAggregation `wire:"serverlessFunctionAggregation ServerlessFunctionAggregation"`
}

type AggregationResponse struct {
	_                             struct{}                               `wire:"union"`
	AccountAggregation            *AccountAggregationResponse            `wire:"accountAggregation AccountAggregationResponse"`
	AmiAggregation                *AmiAggregationResponse                `wire:"amiAggregation AmiAggregationResponse"`
	AwsEcrContainerAggregation    *AwsEcrContainerAggregationResponse    `wire:"awsEcrContainerAggregation AwsEcrContainerAggregationResponse"`
	Ec2InstanceAggregation        *Ec2InstanceAggregationResponse        `wire:"ec2InstanceAggregation Ec2InstanceAggregationResponse"`
	FindingTypeAggregation        *FindingTypeAggregationResponse        `wire:"findingTypeAggregation FindingTypeAggregationResponse"`
	ImageLayerAggregation         *ImageLayerAggregationResponse         `wire:"imageLayerAggregation ImageLayerAggregationResponse"`
	PackageAggregation            *PackageAggregationResponse            `wire:"packageAggregation PackageAggregationResponse"`
	RepositoryAggregation         *RepositoryAggregationResponse         `wire:"repositoryAggregation RepositoryAggregationResponse"`
	TitleAggregation              *TitleAggregationResponse              `wire:"titleAggregation TitleAggregationResponse"`
	LambdaLayerAggregation        *LambdaLayerAggregationResponse        `wire:"lambdaLayerAggregation LambdaLayerAggregationResponse"`
	LambdaFunctionAggregation     *LambdaFunctionAggregationResponse     `wire:"lambdaFunctionAggregation LambdaFunctionAggregationResponse"`
	CodeRepositoryAggregation     *CodeRepositoryAggregationResponse     `wire:"codeRepositoryAggregation CodeRepositoryAggregationResponse"`
	VmInstanceAggregation         *VmInstanceAggregationResponse         `wire:"vmInstanceAggregation VmInstanceAggregationResponse"`
	ContainerImageAggregation     *ContainerImageAggregationResponse     `wire:"containerImageAggregation ContainerImageAggregationResponse"`
	ServerlessFunctionAggregation *ServerlessFunctionAggregationResponse `wire:"serverlessFunctionAggregation ServerlessFunctionAggregationResponse"`
}

type AmiAggregation struct {
	Amis      []StringFilter `wire:"amis [StringFilter]{1..10}"`
	SortOrder SortOrder      `wire:"sortOrder SortOrder"`
	SortBy    AmiSortBy      `wire:"sortBy AmiSortBy"`
}

type AmiAggregationResponse struct {
	Ami               string          `wire:"ami* string#1"`
	AccountID         string          `wire:"accountId string{12..12}#0"`
	CloudProvider     Provider        `wire:"cloudProvider Provider"`
	CloudPartition    string          `wire:"cloudPartition string{1..64}#2"`
	CloudRegion       string          `wire:"cloudRegion string{1..64}#3"`
	CloudOrgID        string          `wire:"cloudOrgId string{12..36}#4"`
	CloudAccountID    string          `wire:"cloudAccountId string{12..36}#5"`
	SeverityCounts    *SeverityCounts `wire:"severityCounts SeverityCounts"`
	AffectedInstances *int64          `wire:"affectedInstances long"`
}

type AssociateConfigurationRequest struct {
	ScanConfigurationARN string               `wire:"scanConfigurationArn* string#6"`
	Resource             CodeSecurityResource `wire:"resource* CodeSecurityResource"`
}

type AssociateMemberRequest struct {
	AccountID string `wire:"accountId* string{12..12}#0"`
}

type AssociateMemberResponse struct {
	AccountID string `wire:"accountId* string{12..12}#0"`
}

type AtigData struct {
	FirstSeen time.Time `wire:"firstSeen time"`
	LastSeen  time.Time `wire:"lastSeen time"`
	Targets   []string  `wire:"targets [string{0..50}]{0..}"`
	Ttps      []string  `wire:"ttps [string{0..30}]{0..}"`
}

type AutoEnable struct {
	Ec2            bool  `wire:"ec2* bool"`
	Ecr            bool  `wire:"ecr* bool"`
	Lambda         *bool `wire:"lambda bool"`
	LambdaCode     *bool `wire:"lambdaCode bool"`
	CodeRepository *bool `wire:"codeRepository bool"`
}

type AwsConfigConnectorArnFilter struct {
	Comparison AwsConfigConnectorArnComparison `wire:"comparison* AwsConfigConnectorArnComparison"`
	Value      string                          `wire:"value* string{1..512}#7"`
}

type AwsEc2InstanceDetails struct {
	Type                  string    `wire:"type string{1..}"`
	ImageID               string    `wire:"imageId string{1..}"`
	IpV4Addresses         []string  `wire:"ipV4Addresses [string{7..15}#8]"`
	IpV6Addresses         []string  `wire:"ipV6Addresses [string{1..47}]"`
	KeyName               string    `wire:"keyName string{1..}"`
	IamInstanceProfileARN string    `wire:"iamInstanceProfileArn string{1..}"`
	VpcID                 string    `wire:"vpcId string{1..}"`
	SubnetID              string    `wire:"subnetId string{1..}"`
	LaunchedAt            time.Time `wire:"launchedAt time"`
	Platform              string    `wire:"platform string{1..1024}"`
}

type AwsEcrContainerAggregation struct {
	ResourceIDs   []StringFilter        `wire:"resourceIds [StringFilter]{1..10}"`
	ImageShas     []StringFilter        `wire:"imageShas [StringFilter]{1..10}"`
	Repositories  []StringFilter        `wire:"repositories [StringFilter]{1..10}"`
	Architectures []StringFilter        `wire:"architectures [StringFilter]{1..10}"`
	ImageTags     []StringFilter        `wire:"imageTags [StringFilter]{1..10}"`
	SortOrder     SortOrder             `wire:"sortOrder SortOrder"`
	SortBy        AwsEcrContainerSortBy `wire:"sortBy AwsEcrContainerSortBy"`
	LastInUseAt   []DateFilter          `wire:"lastInUseAt [DateFilter]{1..10}"`
	InUseCount    []NumberFilter        `wire:"inUseCount [NumberFilter]{1..10}"`
}

type AwsEcrContainerAggregationResponse struct {
	ResourceID     string          `wire:"resourceId* string{1..}"`
	ImageSha       string          `wire:"imageSha string"`
	Repository     string          `wire:"repository string"`
	Architecture   string          `wire:"architecture string"`
	ImageTags      []string        `wire:"imageTags [string{1..}]"`
	AccountID      string          `wire:"accountId string{12..12}#0"`
	SeverityCounts *SeverityCounts `wire:"severityCounts SeverityCounts"`
	LastInUseAt    time.Time       `wire:"lastInUseAt time"`
	InUseCount     *int64          `wire:"inUseCount long"`
}

type AwsEcrContainerImageDetails struct {
	RepositoryName string    `wire:"repositoryName* string{1..}"`
	ImageTags      []string  `wire:"imageTags [string{1..}]"`
	PushedAt       time.Time `wire:"pushedAt time"`
	Author         string    `wire:"author string"`
	Architecture   string    `wire:"architecture string{1..}"`
	ImageHash      string    `wire:"imageHash* string{71..71}#9"`
	Registry       string    `wire:"registry* string{1..}"`
	Platform       string    `wire:"platform string{1..1024}"`
	LastInUseAt    time.Time `wire:"lastInUseAt time"`
	InUseCount     *int64    `wire:"inUseCount long"`
}

type AwsEcsMetadataDetails struct {
	DetailsGroup      string `wire:"detailsGroup* string{1..256}"`
	TaskDefinitionARN string `wire:"taskDefinitionArn* string{1..2048}"`
}

type AwsEksMetadataDetails struct {
	Namespace        string               `wire:"namespace string{1..256}"`
	WorkloadInfoList []AwsEksWorkloadInfo `wire:"workloadInfoList [AwsEksWorkloadInfo]{0..100}"`
}

type AwsEksWorkloadInfo struct {
	Name string `wire:"name* string{1..256}"`
	Type string `wire:"type* string{1..256}"`
}

type AwsLambdaFunctionDetails struct {
	FunctionName     string           `wire:"functionName* string#10"`
	Runtime          Runtime          `wire:"runtime* Runtime"`
	CodeSha256       string           `wire:"codeSha256* string{1..}"`
	Version          string           `wire:"version* string#11"`
	ExecutionRoleARN string           `wire:"executionRoleArn* string#12"`
	Layers           []string         `wire:"layers [string#13]{1..5}"`
	VpcConfig        *LambdaVpcConfig `wire:"vpcConfig LambdaVpcConfig"`
	PackageType      PackageType      `wire:"packageType PackageType"`
	Architectures    []Architecture   `wire:"architectures [Architecture]{1..1}"`
	LastModifiedAt   time.Time        `wire:"lastModifiedAt time"`
}

type AzureProviderDetailCreate struct {
	AwsConfigConnectorARN string                       `wire:"awsConfigConnectorArn* string{1..512}#7"`
	ScopeConfiguration    AzureScopeConfigurationInput `wire:"scopeConfiguration* AzureScopeConfigurationInput"`
	AzureRegions          []string                     `wire:"azureRegions* [string{1..64}#14]{1..100}"`
	AutoInstallVMScanner  *bool                        `wire:"autoInstallVMScanner bool"`
}

type AzureProviderDetailUpdate struct {
	AzureRegions         []string                      `wire:"azureRegions [string{1..64}#14]{1..100}"`
	ScopeConfiguration   *AzureScopeConfigurationInput `wire:"scopeConfiguration AzureScopeConfigurationInput"`
	AutoInstallVMScanner *bool                         `wire:"autoInstallVMScanner bool"`
}

type AzureScopeConfiguration struct {
	VmScanning             *ScopeConfiguration `wire:"vmScanning ScopeConfiguration"`
	ContainerImageScanning *ScopeConfiguration `wire:"containerImageScanning ScopeConfiguration"`
	ServerlessScanning     *ScopeConfiguration `wire:"serverlessScanning ScopeConfiguration"`
}

type AzureScopeConfigurationInput struct {
	VmScanning             *ScopeConfigurationInput `wire:"vmScanning ScopeConfigurationInput"`
	ContainerImageScanning *ScopeConfigurationInput `wire:"containerImageScanning ScopeConfigurationInput"`
	ServerlessScanning     *ScopeConfigurationInput `wire:"serverlessScanning ScopeConfigurationInput"`
}

type BadRequestException struct {
	Message string `wire:"message* string"`
}

// Error returns the message.
func (e *BadRequestException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*BadRequestException) Fault() (string, int) { return "BadRequestException", 400 }

type BatchAssociateCodeSecurityScanConfigurationRequest struct {
	AssociateConfigurationRequests []AssociateConfigurationRequest `wire:"associateConfigurationRequests* [AssociateConfigurationRequest]{1..25}"`
}

type BatchAssociateCodeSecurityScanConfigurationResponse struct {
	FailedAssociations     []FailedAssociationResult     `wire:"failedAssociations [FailedAssociationResult]"`
	SuccessfulAssociations []SuccessfulAssociationResult `wire:"successfulAssociations [SuccessfulAssociationResult]"`
}

type BatchDisassociateCodeSecurityScanConfigurationRequest struct {
	DisassociateConfigurationRequests []DisassociateConfigurationRequest `wire:"disassociateConfigurationRequests* [DisassociateConfigurationRequest]{1..25}"`
}

type BatchDisassociateCodeSecurityScanConfigurationResponse struct {
	FailedAssociations     []FailedAssociationResult     `wire:"failedAssociations [FailedAssociationResult]"`
	SuccessfulAssociations []SuccessfulAssociationResult `wire:"successfulAssociations [SuccessfulAssociationResult]"`
}

type BatchGetAccountStatusRequest struct {
	AccountIDs []string `wire:"accountIds [string{12..12}#0]{0..100}"`
}

type BatchGetAccountStatusResponse struct {
	Accounts       []AccountState  `wire:"accounts* [AccountState]{0..100}"`
	FailedAccounts []FailedAccount `wire:"failedAccounts [FailedAccount]{0..100}"`
}

type BatchGetCodeSnippetRequest struct {
	FindingARNs []string `wire:"findingArns* [string{1..100}#15]{1..10}"`
}

type BatchGetCodeSnippetResponse struct {
	CodeSnippetResults []CodeSnippetResult `wire:"codeSnippetResults [CodeSnippetResult]"`
	Errors             []CodeSnippetError  `wire:"errors [CodeSnippetError]"`
}

type BatchGetFindingDetailsRequest struct {
	FindingARNs []string `wire:"findingArns* [string{1..100}#15]{1..10}"`
}

type BatchGetFindingDetailsResponse struct {
	FindingDetails []FindingDetail       `wire:"findingDetails [FindingDetail]{0..}"`
	Errors         []FindingDetailsError `wire:"errors [FindingDetailsError]"`
}

type BatchGetFreeTrialInfoRequest struct {
	AccountIDs []string `wire:"accountIds* [string#16]{1..100}"`
}

type BatchGetFreeTrialInfoResponse struct {
	Accounts       []FreeTrialAccountInfo `wire:"accounts* [FreeTrialAccountInfo]"`
	FailedAccounts []FreeTrialInfoError   `wire:"failedAccounts* [FreeTrialInfoError]"`
}

type BatchGetMemberEc2DeepInspectionStatusRequest struct {
	AccountIDs []string `wire:"accountIds [string{12..12}#0]{0..100}"`
}

type BatchGetMemberEc2DeepInspectionStatusResponse struct {
	AccountIDs       []MemberAccountEc2DeepInspectionStatusState       `wire:"accountIds [MemberAccountEc2DeepInspectionStatusState]{0..100}"`
	FailedAccountIDs []FailedMemberAccountEc2DeepInspectionStatusState `wire:"failedAccountIds [FailedMemberAccountEc2DeepInspectionStatusState]{0..100}"`
}

type BatchUpdateMemberEc2DeepInspectionStatusRequest struct {
	AccountIDs []MemberAccountEc2DeepInspectionStatus `wire:"accountIds* [MemberAccountEc2DeepInspectionStatus]{0..100}"`
}

type BatchUpdateMemberEc2DeepInspectionStatusResponse struct {
	AccountIDs       []MemberAccountEc2DeepInspectionStatusState       `wire:"accountIds [MemberAccountEc2DeepInspectionStatusState]{0..100}"`
	FailedAccountIDs []FailedMemberAccountEc2DeepInspectionStatusState `wire:"failedAccountIds [FailedMemberAccountEc2DeepInspectionStatusState]{0..100}"`
}

type CancelFindingsReportRequest struct {
	ReportID string `wire:"reportId* string#17"`
}

type CancelFindingsReportResponse struct {
	ReportID string `wire:"reportId* string#17"`
}

type CancelSbomExportRequest struct {
	ReportID string `wire:"reportId* string#17"`
}

type CancelSbomExportResponse struct {
	ReportID string `wire:"reportId string#17"`
}

type CisCheckAggregation struct {
	ScanARN          string           `wire:"scanArn* string#18"`
	CheckID          string           `wire:"checkId string"`
	Title            string           `wire:"title string"`
	CheckDescription string           `wire:"checkDescription string"`
	Level            CisSecurityLevel `wire:"level CisSecurityLevel"`
	AccountID        string           `wire:"accountId string{12..12}#0"`
	StatusCounts     *StatusCounts    `wire:"statusCounts StatusCounts"`
	Platform         string           `wire:"platform string"`
}

type CisDateFilter struct {
	EarliestScanStartTime time.Time `wire:"earliestScanStartTime time"`
	LatestScanStartTime   time.Time `wire:"latestScanStartTime time"`
}

type CisFindingStatusFilter struct {
	Comparison CisFindingStatusComparison `wire:"comparison* CisFindingStatusComparison"`
	Value      CisFindingStatus           `wire:"value* CisFindingStatus"`
}

type CisNumberFilter struct {
	UpperInclusive *int32 `wire:"upperInclusive int"`
	LowerInclusive *int32 `wire:"lowerInclusive int"`
}

type CisResultStatusFilter struct {
	Comparison CisResultStatusComparison `wire:"comparison* CisResultStatusComparison"`
	Value      CisResultStatus           `wire:"value* CisResultStatus"`
}

type CisScan struct {
	ScanARN              string           `wire:"scanArn* string#18"`
	ScanConfigurationARN string           `wire:"scanConfigurationArn* string#19"`
	Status               CisScanStatus    `wire:"status CisScanStatus"`
	ScanName             string           `wire:"scanName string{1..128}"`
	ScanDate             time.Time        `wire:"scanDate time"`
	FailedChecks         *int32           `wire:"failedChecks int"`
	TotalChecks          *int32           `wire:"totalChecks int"`
	Targets              *CisTargets      `wire:"targets CisTargets"`
	ScheduledBy          string           `wire:"scheduledBy string"`
	SecurityLevel        CisSecurityLevel `wire:"securityLevel CisSecurityLevel"`
}

type CisScanConfiguration struct {
	ScanConfigurationARN string            `wire:"scanConfigurationArn* string#19"`
	OwnerID              string            `wire:"ownerId string#20"`
	ScanName             string            `wire:"scanName string{1..128}"`
	SecurityLevel        CisSecurityLevel  `wire:"securityLevel CisSecurityLevel"`
	Schedule             *Schedule         `wire:"schedule Schedule"`
	Targets              *CisTargets       `wire:"targets CisTargets"`
	Tags                 map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
}

type CisScanResultDetails struct {
	ScanARN          string           `wire:"scanArn* string#18"`
	AccountID        string           `wire:"accountId string{12..12}#0"`
	TargetResourceID string           `wire:"targetResourceId string{10..1024}#21"`
	Platform         string           `wire:"platform string"`
	Status           CisFindingStatus `wire:"status CisFindingStatus"`
	StatusReason     string           `wire:"statusReason string"`
	CheckID          string           `wire:"checkId string"`
	Title            string           `wire:"title string"`
	CheckDescription string           `wire:"checkDescription string"`
	Remediation      string           `wire:"remediation string"`
	Level            CisSecurityLevel `wire:"level CisSecurityLevel"`
	FindingARN       string           `wire:"findingArn string#22"`
}

type CisScanResultDetailsFilterCriteria struct {
	FindingStatusFilters []CisFindingStatusFilter `wire:"findingStatusFilters [CisFindingStatusFilter]{1..10}"`
	CheckIDFilters       []CisStringFilter        `wire:"checkIdFilters [CisStringFilter]{1..10}"`
	TitleFilters         []CisStringFilter        `wire:"titleFilters [CisStringFilter]{1..10}"`
	SecurityLevelFilters []CisSecurityLevelFilter `wire:"securityLevelFilters [CisSecurityLevelFilter]{1..10}"`
	FindingARNFilters    []CisStringFilter        `wire:"findingArnFilters [CisStringFilter]{1..10}"`
}

type CisScanResultsAggregatedByChecksFilterCriteria struct {
	AccountIDFilters       []CisStringFilter        `wire:"accountIdFilters [CisStringFilter]{1..1}"`
	CheckIDFilters         []CisStringFilter        `wire:"checkIdFilters [CisStringFilter]{1..10}"`
	TitleFilters           []CisStringFilter        `wire:"titleFilters [CisStringFilter]{1..10}"`
	PlatformFilters        []CisStringFilter        `wire:"platformFilters [CisStringFilter]{1..10}"`
	FailedResourcesFilters []CisNumberFilter        `wire:"failedResourcesFilters [CisNumberFilter]{1..10}"`
	SecurityLevelFilters   []CisSecurityLevelFilter `wire:"securityLevelFilters [CisSecurityLevelFilter]{1..10}"`
}

type CisScanResultsAggregatedByTargetResourceFilterCriteria struct {
	AccountIDFilters          []CisStringFilter             `wire:"accountIdFilters [CisStringFilter]{1..10}"`
	StatusFilters             []CisResultStatusFilter       `wire:"statusFilters [CisResultStatusFilter]{1..10}"`
	CheckIDFilters            []CisStringFilter             `wire:"checkIdFilters [CisStringFilter]{1..10}"`
	TargetResourceIDFilters   []CisStringFilter             `wire:"targetResourceIdFilters [CisStringFilter]{1..10}"`
	TargetResourceTagFilters  []TagFilter                   `wire:"targetResourceTagFilters [TagFilter]{1..10}"`
	PlatformFilters           []CisStringFilter             `wire:"platformFilters [CisStringFilter]{1..10}"`
	TargetStatusFilters       []CisTargetStatusFilter       `wire:"targetStatusFilters [CisTargetStatusFilter]{1..10}"`
	TargetStatusReasonFilters []CisTargetStatusReasonFilter `wire:"targetStatusReasonFilters [CisTargetStatusReasonFilter]{1..10}"`
	FailedChecksFilters       []CisNumberFilter             `wire:"failedChecksFilters [CisNumberFilter]{1..10}"`
}

type CisScanStatusFilter struct {
	Comparison CisScanStatusComparison `wire:"comparison* CisScanStatusComparison"`
	Value      CisScanStatus           `wire:"value* CisScanStatus"`
}

type CisSecurityLevelFilter struct {
	Comparison CisSecurityLevelComparison `wire:"comparison* CisSecurityLevelComparison"`
	Value      CisSecurityLevel           `wire:"value* CisSecurityLevel"`
}

type CisSessionMessage struct {
	RuleID         string        `wire:"ruleId* string{1..500}"`
	Status         CisRuleStatus `wire:"status* CisRuleStatus"`
	CisRuleDetails []byte        `wire:"cisRuleDetails* blob{0..1000}"`
}

type CisStringFilter struct {
	Comparison CisStringComparison `wire:"comparison* CisStringComparison"`
	Value      string              `wire:"value* string"`
}

type CisTargetResourceAggregation struct {
	ScanARN            string                `wire:"scanArn* string#18"`
	TargetResourceID   string                `wire:"targetResourceId string{10..1024}#21"`
	AccountID          string                `wire:"accountId string{12..12}#0"`
	TargetResourceTags map[string][]string   `wire:"targetResourceTags <string{1..128}#23:[string{1..256}]{1..5}>{1..5}"`
	StatusCounts       *StatusCounts         `wire:"statusCounts StatusCounts"`
	Platform           string                `wire:"platform string"`
	TargetStatus       CisTargetStatus       `wire:"targetStatus CisTargetStatus"`
	TargetStatusReason CisTargetStatusReason `wire:"targetStatusReason CisTargetStatusReason"`
}

type CisTargetStatusFilter struct {
	Comparison CisTargetStatusComparison `wire:"comparison* CisTargetStatusComparison"`
	Value      CisTargetStatus           `wire:"value* CisTargetStatus"`
}

type CisTargetStatusReasonFilter struct {
	Comparison CisTargetStatusComparison `wire:"comparison* CisTargetStatusComparison"`
	Value      CisTargetStatusReason     `wire:"value* CisTargetStatusReason"`
}

type CisTargets struct {
	AccountIDs         []string            `wire:"accountIds [string{12..12}#0]{1..10000}"`
	TargetResourceTags map[string][]string `wire:"targetResourceTags <string{1..128}#23:[string{1..256}]{1..5}>{1..5}"`
}

type CisaData struct {
	DateAdded time.Time `wire:"dateAdded time"`
	DateDue   time.Time `wire:"dateDue time"`
	Action    string    `wire:"action string{0..}"`
}

type ClusterDetails struct {
	LastInUse        time.Time       `wire:"lastInUse* time"`
	RunningUnitCount *int64          `wire:"runningUnitCount long"`
	StoppedUnitCount *int64          `wire:"stoppedUnitCount long"`
	ClusterMetadata  ClusterMetadata `wire:"clusterMetadata* ClusterMetadata"`
}

type ClusterForImageFilterCriteria struct {
	ResourceID string `wire:"resourceId* string#24"`
}

type ClusterInformation struct {
	ClusterARN     string           `wire:"clusterArn* string{1..2048}#25"`
	ClusterDetails []ClusterDetails `wire:"clusterDetails [ClusterDetails]{1..100}"`
}

type ClusterMetadata struct {
	_                     struct{}               `wire:"union"`
	AwsEcsMetadataDetails *AwsEcsMetadataDetails `wire:"awsEcsMetadataDetails AwsEcsMetadataDetails"`
	AwsEksMetadataDetails *AwsEksMetadataDetails `wire:"awsEksMetadataDetails AwsEksMetadataDetails"`
}

type CodeFilePath struct {
	FileName  string `wire:"fileName* string{1..}"`
	FilePath  string `wire:"filePath* string{1..}"`
	StartLine int32  `wire:"startLine* int"`
	EndLine   int32  `wire:"endLine* int"`
}

type CodeLine struct {
	Content    string `wire:"content* string{0..240}"`
	LineNumber int32  `wire:"lineNumber* int"`
}

type CodeRepositoryAggregation struct {
	ProjectNames  []StringFilter       `wire:"projectNames [StringFilter]{1..10}"`
	ProviderTypes []StringFilter       `wire:"providerTypes [StringFilter]{1..10}"`
	SortOrder     SortOrder            `wire:"sortOrder SortOrder"`
	SortBy        CodeRepositorySortBy `wire:"sortBy CodeRepositorySortBy"`
	ResourceIDs   []StringFilter       `wire:"resourceIds [StringFilter]{1..10}"`
}

type CodeRepositoryAggregationResponse struct {
	ProjectNames                        string          `wire:"projectNames* string"`
	ProviderType                        string          `wire:"providerType string"`
	SeverityCounts                      *SeverityCounts `wire:"severityCounts SeverityCounts"`
	ExploitAvailableActiveFindingsCount *int64          `wire:"exploitAvailableActiveFindingsCount long"`
	FixAvailableActiveFindingsCount     *int64          `wire:"fixAvailableActiveFindingsCount long"`
	AccountID                           string          `wire:"accountId string"`
	ResourceID                          string          `wire:"resourceId string"`
}

type CodeRepositoryDetails struct {
	ProjectName    string                     `wire:"projectName string{1..512}"`
	IntegrationARN string                     `wire:"integrationArn string#26"`
	ProviderType   CodeRepositoryProviderType `wire:"providerType CodeRepositoryProviderType"`
}

type CodeRepositoryMetadata struct {
	ProjectName            string                                `wire:"projectName* string{1..300}"`
	IntegrationARN         string                                `wire:"integrationArn string#26"`
	ProviderType           string                                `wire:"providerType* string{1..300}"`
	ProviderTypeVisibility string                                `wire:"providerTypeVisibility* string{1..300}"`
	LastScannedCommitID    string                                `wire:"lastScannedCommitId string{0..40}#27"`
	ScanConfiguration      *ProjectCodeSecurityScanConfiguration `wire:"scanConfiguration ProjectCodeSecurityScanConfiguration"`
	OnDemandScan           *CodeRepositoryOnDemandScan           `wire:"onDemandScan CodeRepositoryOnDemandScan"`
}

type CodeRepositoryOnDemandScan struct {
	LastScannedCommitID string      `wire:"lastScannedCommitId string{0..40}#27"`
	LastScanAt          time.Time   `wire:"lastScanAt time"`
	ScanStatus          *ScanStatus `wire:"scanStatus ScanStatus"`
}

type CodeSecurityIntegrationSummary struct {
	IntegrationARN string            `wire:"integrationArn* string#28"`
	Name           string            `wire:"name* string{1..60}#29"`
	Type           IntegrationType   `wire:"type* IntegrationType"`
	Status         IntegrationStatus `wire:"status* IntegrationStatus"`
	StatusReason   string            `wire:"statusReason* string"`
	CreatedOn      time.Time         `wire:"createdOn* time"`
	LastUpdateOn   time.Time         `wire:"lastUpdateOn* time"`
}

type CodeSecurityResource struct {
	_         struct{} `wire:"union"`
	ProjectID string   `wire:"projectId string#30"`
}

type CodeSecurityScanConfiguration struct {
	PeriodicScanConfiguration              *PeriodicScanConfiguration              `wire:"periodicScanConfiguration PeriodicScanConfiguration"`
	ContinuousIntegrationScanConfiguration *ContinuousIntegrationScanConfiguration `wire:"continuousIntegrationScanConfiguration ContinuousIntegrationScanConfiguration"`
	RuleSetCategories                      []RuleSetCategory                       `wire:"ruleSetCategories* [RuleSetCategory]{1..3}"`
}

type CodeSecurityScanConfigurationAssociationSummary struct {
	Resource *CodeSecurityResource `wire:"resource CodeSecurityResource"`
}

type CodeSecurityScanConfigurationSummary struct {
	ScanConfigurationARN                     string                           `wire:"scanConfigurationArn* string#6"`
	Name                                     string                           `wire:"name* string{1..60}#29"`
	OwnerAccountID                           string                           `wire:"ownerAccountId* string{12..34}#31"`
	PeriodicScanFrequency                    PeriodicScanFrequency            `wire:"periodicScanFrequency PeriodicScanFrequency"`
	FrequencyExpression                      string                           `wire:"frequencyExpression string{1..256}"`
	ContinuousIntegrationScanSupportedEvents []ContinuousIntegrationScanEvent `wire:"continuousIntegrationScanSupportedEvents [ContinuousIntegrationScanEvent]{1..2}"`
	RuleSetCategories                        []RuleSetCategory                `wire:"ruleSetCategories* [RuleSetCategory]{1..3}"`
	ScopeSettings                            *ScopeSettings                   `wire:"scopeSettings ScopeSettings"`
}

type CodeSnippetError struct {
	FindingARN   string               `wire:"findingArn* string{1..100}#15"`
	ErrorCode    CodeSnippetErrorCode `wire:"errorCode* CodeSnippetErrorCode"`
	ErrorMessage string               `wire:"errorMessage* string{1..}"`
}

type CodeSnippetResult struct {
	FindingARN     string         `wire:"findingArn string{1..100}#15"`
	StartLine      *int32         `wire:"startLine int"`
	EndLine        *int32         `wire:"endLine int"`
	CodeSnippet    []CodeLine     `wire:"codeSnippet [CodeLine]{1..20}"`
	SuggestedFixes []SuggestedFix `wire:"suggestedFixes [SuggestedFix]{1..5}"`
}

type CodeVulnerabilityDetails struct {
	FilePath             CodeFilePath `wire:"filePath* CodeFilePath"`
	DetectorTags         []string     `wire:"detectorTags [string{1..}]{1..10}"`
	ReferenceURLs        []string     `wire:"referenceUrls [string{1..}]{1..10}"`
	RuleID               string       `wire:"ruleId string{1..}"`
	SourceLambdaLayerARN string       `wire:"sourceLambdaLayerArn string#13"`
	DetectorID           string       `wire:"detectorId* string{1..}"`
	DetectorName         string       `wire:"detectorName* string{1..}"`
	Cwes                 []string     `wire:"cwes* [string{1..}]{1..10}"`
}

type ComputePlatform struct {
	Vendor  *string `wire:"vendor string{0..16}"`
	Product *string `wire:"product string{0..32}"`
	Version *string `wire:"version string{0..8}"`
}

type ConflictException struct {
	Message      string `wire:"message* string"`
	ResourceID   string `wire:"resourceId* string"`
	ResourceType string `wire:"resourceType* string"`
}

// Error returns the message.
func (e *ConflictException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*ConflictException) Fault() (string, int) { return "ConflictException", 409 }

type Connector struct {
	ConnectorARN           string                   `wire:"connectorArn* string{1..256}#32"`
	Name                   string                   `wire:"name string{1..50}#33"`
	Description            string                   `wire:"description string{0..200}#34"`
	Provider               ConnectorCloudProvider   `wire:"provider* ConnectorCloudProvider"`
	EnablementStatus       EnablementStatus         `wire:"enablementStatus EnablementStatus"`
	EnablementStatusReason string                   `wire:"enablementStatusReason string"`
	Health                 *ConnectorHealth         `wire:"health ConnectorHealth"`
	CreatedAt              time.Time                `wire:"createdAt* isotime"`
	UpdatedAt              time.Time                `wire:"updatedAt* isotime"`
	AzureRegions           []string                 `wire:"azureRegions [string{1..64}#14]{1..100}"`
	AwsConfigConnectorARN  string                   `wire:"awsConfigConnectorArn string{1..512}#7"`
	ScopeConfiguration     *AzureScopeConfiguration `wire:"scopeConfiguration AzureScopeConfiguration"`
	Tags                   map[string]string        `wire:"tags <string{1..128}#35:string{0..256}>{0..50}"`
	AutoInstallVMScanner   *bool                    `wire:"autoInstallVMScanner bool"`
}

type ConnectorArnFilter struct {
	Comparison ConnectorArnComparison `wire:"comparison* ConnectorArnComparison"`
	Value      string                 `wire:"value* string{1..256}#32"`
}

type ConnectorContainerImageScanConfiguration struct {
	PushDuration ContainerImageRescanDuration         `wire:"pushDuration ContainerImageRescanDuration"`
	PullDuration ContainerImagePullDateRescanDuration `wire:"pullDuration ContainerImagePullDateRescanDuration"`
}

type ConnectorFilterCriteria struct {
	ConnectorARNs          []ConnectorArnFilter          `wire:"connectorArns [ConnectorArnFilter]{0..25}"`
	Accounts               []StringFilter                `wire:"accounts [StringFilter]{1..10}"`
	AwsConfigConnectorARNs []AwsConfigConnectorArnFilter `wire:"awsConfigConnectorArns [AwsConfigConnectorArnFilter]{0..1}"`
	ConnectorType          []ConnectorTypeFilter         `wire:"connectorType [ConnectorTypeFilter]{0..1}"`
	Provider               []ProviderFilter              `wire:"provider [ProviderFilter]{0..1}"`
}

type ConnectorHealth struct {
	ConnectorStatus ConnectorHealthStatus `wire:"connectorStatus* ConnectorHealthStatus"`
	LastCheckedAt   time.Time             `wire:"lastCheckedAt* isotime"`
	Message         string                `wire:"message string"`
}

type ConnectorScanConfiguration struct {
	ContainerImageScanning *ConnectorContainerImageScanConfiguration `wire:"containerImageScanning ConnectorContainerImageScanConfiguration"`
}

type ConnectorScanConfigurationItem struct {
	AwsConfigConnectorARN string                     `wire:"awsConfigConnectorArn* string{1..512}#7"`
	ConnectorARNs         []string                   `wire:"connectorArns* [string{1..256}#32]"`
	ScanConfiguration     ConnectorScanConfiguration `wire:"scanConfiguration* ConnectorScanConfiguration"`
}

type ConnectorTypeFilter struct {
	Comparison ConnectorTypeComparison `wire:"comparison* ConnectorTypeComparison"`
	Value      ConnectorType           `wire:"value* ConnectorType"`
}

type ContainerImageAggregation struct {
	ResourceIDs     []StringFilter       `wire:"resourceIds [StringFilter]{1..10}"`
	ImageDigests    []StringFilter       `wire:"imageDigests [StringFilter]{1..10}"`
	Repositories    []StringFilter       `wire:"repositories [StringFilter]{1..10}"`
	Registries      []StringFilter       `wire:"registries [StringFilter]{1..10}"`
	Architectures   []StringFilter       `wire:"architectures [StringFilter]{1..10}"`
	ImageTags       []StringFilter       `wire:"imageTags [StringFilter]{1..10}"`
	CloudProviders  []StringFilter       `wire:"cloudProviders [StringFilter]{1..10}"`
	CloudPartitions []StringFilter       `wire:"cloudPartitions [StringFilter]{1..10}"`
	CloudRegions    []StringFilter       `wire:"cloudRegions [StringFilter]{1..10}"`
	CloudOrgIDs     []StringFilter       `wire:"cloudOrgIds [StringFilter]{1..10}"`
	CloudAccountIDs []StringFilter       `wire:"cloudAccountIds [StringFilter]{1..10}"`
	LastInUseAt     []DateFilter         `wire:"lastInUseAt [DateFilter]{1..10}"`
	InUseCount      []NumberFilter       `wire:"inUseCount [NumberFilter]{1..10}"`
	SortOrder       SortOrder            `wire:"sortOrder SortOrder"`
	SortBy          ContainerImageSortBy `wire:"sortBy ContainerImageSortBy"`
}

type ContainerImageAggregationResponse struct {
	ResourceID                          string          `wire:"resourceId* string{1..}"`
	CloudProvider                       Provider        `wire:"cloudProvider Provider"`
	CloudAccountID                      string          `wire:"cloudAccountId string{12..36}#5"`
	CloudPartition                      string          `wire:"cloudPartition string{1..64}#2"`
	CloudRegion                         string          `wire:"cloudRegion string{1..64}#3"`
	CloudOrgID                          string          `wire:"cloudOrgId string{12..36}#4"`
	ImageDigest                         string          `wire:"imageDigest string"`
	Repository                          string          `wire:"repository string"`
	Registry                            string          `wire:"registry string"`
	Architecture                        string          `wire:"architecture string"`
	ImageTags                           []string        `wire:"imageTags [string{1..}]"`
	AccountID                           string          `wire:"accountId string"`
	SeverityCounts                      *SeverityCounts `wire:"severityCounts SeverityCounts"`
	LastInUseAt                         time.Time       `wire:"lastInUseAt time"`
	InUseCount                          *int64          `wire:"inUseCount long"`
	ExploitAvailableActiveFindingsCount *int64          `wire:"exploitAvailableActiveFindingsCount long"`
	FixAvailableActiveFindingsCount     *int64          `wire:"fixAvailableActiveFindingsCount long"`
}

type ContainerImageMetadata struct {
	ImageTags     []string  `wire:"imageTags [string]"`
	ImagePulledAt time.Time `wire:"imagePulledAt time"`
	LastInUseAt   time.Time `wire:"lastInUseAt time"`
	InUseCount    *int64    `wire:"inUseCount long"`
}

type ContainerRegistryMetadata struct {
	Name string `wire:"name string"`
}

type ContainerRepositoryMetadata struct {
	Name          string `wire:"name string"`
	ScanFrequency string `wire:"scanFrequency string"`
}

type ContinuousIntegrationScanConfiguration struct {
	SupportedEvents []ContinuousIntegrationScanEvent `wire:"supportedEvents* [ContinuousIntegrationScanEvent]{1..2}"`
}

type Counts struct {
	Count    *int64   `wire:"count long"`
	GroupKey GroupKey `wire:"groupKey GroupKey"`
}

type CoverageDateFilter struct {
	StartInclusive time.Time `wire:"startInclusive time"`
	EndInclusive   time.Time `wire:"endInclusive time"`
}

type CoverageFilterCriteria struct {
	ScanStatusCode                       []CoverageStringFilter `wire:"scanStatusCode [CoverageStringFilter]{1..10}"`
	ScanStatusReason                     []CoverageStringFilter `wire:"scanStatusReason [CoverageStringFilter]{1..10}"`
	AccountID                            []CoverageStringFilter `wire:"accountId [CoverageStringFilter]{1..10}"`
	ResourceID                           []CoverageStringFilter `wire:"resourceId [CoverageStringFilter]{1..10}"`
	ResourceType                         []CoverageStringFilter `wire:"resourceType [CoverageStringFilter]{1..10}"`
	ScanType                             []CoverageStringFilter `wire:"scanType [CoverageStringFilter]{1..10}"`
	EcrRepositoryName                    []CoverageStringFilter `wire:"ecrRepositoryName [CoverageStringFilter]{1..10}"`
	EcrImageTags                         []CoverageStringFilter `wire:"ecrImageTags [CoverageStringFilter]{1..10}"`
	Ec2InstanceTags                      []CoverageMapFilter    `wire:"ec2InstanceTags [CoverageMapFilter]{1..10}"`
	LambdaFunctionName                   []CoverageStringFilter `wire:"lambdaFunctionName [CoverageStringFilter]{1..10}"`
	LambdaFunctionTags                   []CoverageMapFilter    `wire:"lambdaFunctionTags [CoverageMapFilter]{1..10}"`
	LambdaFunctionRuntime                []CoverageStringFilter `wire:"lambdaFunctionRuntime [CoverageStringFilter]{1..10}"`
	LastScannedAt                        []CoverageDateFilter   `wire:"lastScannedAt [CoverageDateFilter]{1..10}"`
	ScanMode                             []CoverageStringFilter `wire:"scanMode [CoverageStringFilter]{1..10}"`
	ImagePulledAt                        []CoverageDateFilter   `wire:"imagePulledAt [CoverageDateFilter]{1..10}"`
	EcrImageLastInUseAt                  []CoverageDateFilter   `wire:"ecrImageLastInUseAt [CoverageDateFilter]{1..10}"`
	EcrImageInUseCount                   []CoverageNumberFilter `wire:"ecrImageInUseCount [CoverageNumberFilter]{1..10}"`
	CodeRepositoryProjectName            []CoverageStringFilter `wire:"codeRepositoryProjectName [CoverageStringFilter]{1..10}"`
	CodeRepositoryProviderType           []CoverageStringFilter `wire:"codeRepositoryProviderType [CoverageStringFilter]{1..10}"`
	CodeRepositoryProviderTypeVisibility []CoverageStringFilter `wire:"codeRepositoryProviderTypeVisibility [CoverageStringFilter]{1..10}"`
	LastScannedCommitID                  []CoverageStringFilter `wire:"lastScannedCommitId [CoverageStringFilter]{1..10}"`
	CloudProvider                        []CoverageStringFilter `wire:"cloudProvider [CoverageStringFilter]{1..10}"`
	CloudProviderAccountID               []CoverageStringFilter `wire:"cloudProviderAccountId [CoverageStringFilter]{1..10}"`
	CloudProviderRegion                  []CoverageStringFilter `wire:"cloudProviderRegion [CoverageStringFilter]{1..10}"`
	CloudVmInstanceTags                  []CoverageMapFilter    `wire:"cloudVmInstanceTags [CoverageMapFilter]{1..10}"`
	CloudContainerImageTags              []CoverageStringFilter `wire:"cloudContainerImageTags [CoverageStringFilter]{1..10}"`
	CloudContainerRepositoryName         []CoverageStringFilter `wire:"cloudContainerRepositoryName [CoverageStringFilter]{1..10}"`
	CloudContainerRegistryName           []CoverageStringFilter `wire:"cloudContainerRegistryName [CoverageStringFilter]{1..10}"`
	CloudServerlessFunctionName          []CoverageStringFilter `wire:"cloudServerlessFunctionName [CoverageStringFilter]{1..10}"`
	CloudServerlessFunctionRuntime       []CoverageStringFilter `wire:"cloudServerlessFunctionRuntime [CoverageStringFilter]{1..10}"`
	CloudServerlessFunctionTags          []CoverageMapFilter    `wire:"cloudServerlessFunctionTags [CoverageMapFilter]{1..10}"`
	CloudProviderOrgID                   []CoverageStringFilter `wire:"cloudProviderOrgId [CoverageStringFilter]{1..10}"`
}

type CoverageMapFilter struct {
	Comparison CoverageMapComparison `wire:"comparison* CoverageMapComparison"`
	Key        string                `wire:"key* string{1..}"`
	Value      string                `wire:"value string{1..}"`
}

type CoverageNumberFilter struct {
	UpperInclusive *int64 `wire:"upperInclusive long"`
	LowerInclusive *int64 `wire:"lowerInclusive long"`
}

type CoverageStringFilter struct {
	Comparison CoverageStringComparison `wire:"comparison* CoverageStringComparison"`
	Value      string                   `wire:"value* string{1..1024}"`
}

type CoveredResource struct {
	ResourceType      CoverageResourceType  `wire:"resourceType* CoverageResourceType"`
	ResourceID        string                `wire:"resourceId* string{10..1024}#21"`
	AccountID         string                `wire:"accountId* string{12..12}#0"`
	ScanType          ScanType              `wire:"scanType* ScanType"`
	ScanStatus        *ScanStatus           `wire:"scanStatus ScanStatus"`
	ResourceMetadata  *ResourceScanMetadata `wire:"resourceMetadata ResourceScanMetadata"`
	LastScannedAt     time.Time             `wire:"lastScannedAt time"`
	ScanMode          ScanMode              `wire:"scanMode ScanMode"`
	Provider          Provider              `wire:"provider Provider"`
	ProviderAccountID string                `wire:"providerAccountId string{12..36}#5"`
	ProviderOrgID     string                `wire:"providerOrgId string{12..36}#4"`
	ProviderRegion    string                `wire:"providerRegion string{1..64}#3"`
	ProviderPartition string                `wire:"providerPartition string{1..64}#2"`
}

type CreateCisScanConfigurationRequest struct {
	ScanName      string            `wire:"scanName* string{1..128}"`
	SecurityLevel CisSecurityLevel  `wire:"securityLevel* CisSecurityLevel"`
	Schedule      Schedule          `wire:"schedule* Schedule"`
	Targets       CreateCisTargets  `wire:"targets* CreateCisTargets"`
	Tags          map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
}

type CreateCisScanConfigurationResponse struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn string#19"`
}

type CreateCisTargets struct {
	AccountIDs         []string            `wire:"accountIds* [string#36]{1..10000}"`
	TargetResourceTags map[string][]string `wire:"targetResourceTags* <string{1..128}#23:[string{1..256}]{1..5}>{1..5}"`
}

type CreateCodeSecurityIntegrationRequest struct {
	Name    string                   `wire:"name* string{1..60}#29"`
	Type    IntegrationType          `wire:"type* IntegrationType"`
	Details *CreateIntegrationDetail `wire:"details CreateIntegrationDetail"`
	Tags    map[string]string        `wire:"tags <string{1..128}:string{0..256}>"`
}

type CreateCodeSecurityIntegrationResponse struct {
	IntegrationARN   string            `wire:"integrationArn* string#28"`
	Status           IntegrationStatus `wire:"status* IntegrationStatus"`
	AuthorizationURL string            `wire:"authorizationUrl string @secret"`
}

type CreateCodeSecurityScanConfigurationRequest struct {
	Name          string                        `wire:"name* string{1..60}#29"`
	Level         ConfigurationLevel            `wire:"level* ConfigurationLevel"`
	Configuration CodeSecurityScanConfiguration `wire:"configuration* CodeSecurityScanConfiguration"`
	ScopeSettings *ScopeSettings                `wire:"scopeSettings ScopeSettings"`
	Tags          map[string]string             `wire:"tags <string{1..128}:string{0..256}>"`
}

type CreateCodeSecurityScanConfigurationResponse struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn* string#6"`
}

type CreateConnectorRequest struct {
	ClientToken    string                 `wire:"clientToken string @token"`
	Name           string                 `wire:"name* string{1..50}#33"`
	Provider       ConnectorCloudProvider `wire:"provider* ConnectorCloudProvider"`
	Description    *string                `wire:"description string{0..200}#34"`
	ProviderDetail ProviderDetailCreate   `wire:"providerDetail* ProviderDetailCreate"`
	Tags           map[string]string      `wire:"tags <string{1..128}#35:string{0..256}>{0..50}"`
}

type CreateConnectorResponse struct {
	ConnectorARN string `wire:"connectorArn* string{1..256}#32"`
}

type CreateFilterRequest struct {
	Action         FilterAction      `wire:"action* FilterAction"`
	Description    string            `wire:"description string{1..512}"`
	FilterCriteria FilterCriteria    `wire:"filterCriteria* FilterCriteria"`
	Name           string            `wire:"name* string{1..128}"`
	Tags           map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
	Reason         string            `wire:"reason string{1..512}"`
}

type CreateFilterResponse struct {
	ARN string `wire:"arn* string{1..128}"`
}

type CreateFindingsReportRequest struct {
	FilterCriteria *FilterCriteria `wire:"filterCriteria FilterCriteria"`
	ReportFormat   ReportFormat    `wire:"reportFormat* ReportFormat"`
	S3Destination  Destination     `wire:"s3Destination* Destination"`
}

type CreateFindingsReportResponse struct {
	ReportID string `wire:"reportId string#17"`
}

type CreateGitLabSelfManagedIntegrationDetail struct {
	InstanceURL string `wire:"instanceUrl* string#37 @secret"`
	AccessToken string `wire:"accessToken* string @secret"`
}

type CreateIntegrationDetail struct {
	_                 struct{}                                  `wire:"union"`
	GitlabSelfManaged *CreateGitLabSelfManagedIntegrationDetail `wire:"gitlabSelfManaged CreateGitLabSelfManagedIntegrationDetail"`
}

type CreateSbomExportRequest struct {
	ResourceFilterCriteria *ResourceFilterCriteria `wire:"resourceFilterCriteria ResourceFilterCriteria"`
	ReportFormat           SbomReportFormat        `wire:"reportFormat* SbomReportFormat"`
	S3Destination          Destination             `wire:"s3Destination* Destination"`
}

type CreateSbomExportResponse struct {
	ReportID string `wire:"reportId string#17"`
}

type Cvss2 struct {
	BaseScore     *float64 `wire:"baseScore double"`
	ScoringVector string   `wire:"scoringVector string{0..}"`
}

type Cvss3 struct {
	BaseScore     *float64 `wire:"baseScore double"`
	ScoringVector string   `wire:"scoringVector string{0..}"`
}

type Cvss4 struct {
	BaseScore     *float64 `wire:"baseScore double"`
	ScoringVector string   `wire:"scoringVector string{0..}"`
}

type CvssScore struct {
	BaseScore     float64 `wire:"baseScore* double"`
	ScoringVector string  `wire:"scoringVector* string{1..}"`
	Version       string  `wire:"version* string{1..}"`
	Source        string  `wire:"source* string{1..}"`
}

type CvssScoreAdjustment struct {
	Metric string `wire:"metric* string{1..}"`
	Reason string `wire:"reason* string{1..}"`
}

type CvssScoreDetails struct {
	ScoreSource   string                `wire:"scoreSource* string{1..}"`
	CvssSource    string                `wire:"cvssSource string{1..}"`
	Version       string                `wire:"version* string{1..}"`
	Score         float64               `wire:"score* double"`
	ScoringVector string                `wire:"scoringVector* string{1..}"`
	Adjustments   []CvssScoreAdjustment `wire:"adjustments [CvssScoreAdjustment]"`
}

type DailySchedule struct {
	StartTime Time `wire:"startTime* Time"`
}

type DateFilter struct {
	StartInclusive time.Time `wire:"startInclusive time"`
	EndInclusive   time.Time `wire:"endInclusive time"`
}

type DelegatedAdmin struct {
	AccountID          string             `wire:"accountId string{12..12}#0"`
	RelationshipStatus RelationshipStatus `wire:"relationshipStatus RelationshipStatus"`
}

type DelegatedAdminAccount struct {
	AccountID string               `wire:"accountId string{12..12}#0"`
	Status    DelegatedAdminStatus `wire:"status DelegatedAdminStatus"`
}

type DeleteCisScanConfigurationRequest struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn* string#19"`
}

type DeleteCisScanConfigurationResponse struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn* string#19"`
}

type DeleteCodeSecurityIntegrationRequest struct {
	IntegrationARN string `wire:"integrationArn* string#28"`
}

type DeleteCodeSecurityIntegrationResponse struct {
	IntegrationARN string `wire:"integrationArn string#28"`
}

type DeleteCodeSecurityScanConfigurationRequest struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn* string#6"`
}

type DeleteCodeSecurityScanConfigurationResponse struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn string#6"`
}

type DeleteConnectorRequest struct {
	ConnectorARN string `wire:"connectorArn* string{1..256}#32"`
}

type DeleteConnectorResponse struct {
}

type DeleteFilterRequest struct {
	ARN string `wire:"arn* string{1..128}"`
}

type DeleteFilterResponse struct {
	ARN string `wire:"arn* string{1..128}"`
}

type DescribeOrganizationConfigurationRequest struct {
}

type DescribeOrganizationConfigurationResponse struct {
	AutoEnable             *AutoEnable `wire:"autoEnable AutoEnable"`
	MaxAccountLimitReached *bool       `wire:"maxAccountLimitReached bool"`
}

type Destination struct {
	BucketName string  `wire:"bucketName* string"`
	KeyPrefix  *string `wire:"keyPrefix string"`
	KmsKeyARN  string  `wire:"kmsKeyArn* string"`
}

type DisableDelegatedAdminAccountRequest struct {
	DelegatedAdminAccountID string `wire:"delegatedAdminAccountId* string{12..12}#0"`
}

type DisableDelegatedAdminAccountResponse struct {
	DelegatedAdminAccountID string `wire:"delegatedAdminAccountId* string{12..12}#0"`
}

type DisableRequest struct {
	AccountIDs    []string           `wire:"accountIds [string{12..12}#0]{0..100}"`
	ResourceTypes []ResourceScanType `wire:"resourceTypes [ResourceScanType]{0..5}"`
}

type DisableResponse struct {
	Accounts       []Account       `wire:"accounts* [Account]"`
	FailedAccounts []FailedAccount `wire:"failedAccounts [FailedAccount]{0..100}"`
}

type DisassociateConfigurationRequest struct {
	ScanConfigurationARN string               `wire:"scanConfigurationArn* string#6"`
	Resource             CodeSecurityResource `wire:"resource* CodeSecurityResource"`
}

type DisassociateMemberRequest struct {
	AccountID string `wire:"accountId* string{12..12}#0"`
}

type DisassociateMemberResponse struct {
	AccountID string `wire:"accountId* string{12..12}#0"`
}

type Ec2Configuration struct {
	ScanMode          Ec2ScanMode `wire:"scanMode* Ec2ScanMode"`
	ActivateVMScanner *bool       `wire:"activateVMScanner bool"`
}

type Ec2ConfigurationState struct {
	ScanModeState  *Ec2ScanModeState `wire:"scanModeState Ec2ScanModeState"`
	VmScannerState *VMScannerState   `wire:"vmScannerState VMScannerState"`
}

type Ec2InstanceAggregation struct {
	Amis             []StringFilter    `wire:"amis [StringFilter]{1..10}"`
	OperatingSystems []StringFilter    `wire:"operatingSystems [StringFilter]{1..10}"`
	InstanceIDs      []StringFilter    `wire:"instanceIds [StringFilter]{1..10}"`
	InstanceTags     []MapFilter       `wire:"instanceTags [MapFilter]{1..10}"`
	SortOrder        SortOrder         `wire:"sortOrder SortOrder"`
	SortBy           Ec2InstanceSortBy `wire:"sortBy Ec2InstanceSortBy"`
}

type Ec2InstanceAggregationResponse struct {
	InstanceID      string            `wire:"instanceId* string{1..}"`
	Ami             string            `wire:"ami string#1"`
	OperatingSystem string            `wire:"operatingSystem string"`
	InstanceTags    map[string]string `wire:"instanceTags <string{1..128}:string{0..256}>"`
	AccountID       string            `wire:"accountId string"`
	SeverityCounts  *SeverityCounts   `wire:"severityCounts SeverityCounts"`
	NetworkFindings *int64            `wire:"networkFindings long"`
}

type Ec2Metadata struct {
	Tags     map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
	AmiID    string            `wire:"amiId string#1"`
	Platform Ec2Platform       `wire:"platform Ec2Platform"`
}

type Ec2ScanModeState struct {
	ScanMode       Ec2ScanMode       `wire:"scanMode Ec2ScanMode"`
	ScanModeStatus Ec2ScanModeStatus `wire:"scanModeStatus Ec2ScanModeStatus"`
}

type EcrConfiguration struct {
	RescanDuration         EcrRescanDuration         `wire:"rescanDuration* EcrRescanDuration"`
	PullDateRescanDuration EcrPullDateRescanDuration `wire:"pullDateRescanDuration EcrPullDateRescanDuration"`
	PullDateRescanMode     EcrPullDateRescanMode     `wire:"pullDateRescanMode EcrPullDateRescanMode"`
}

type EcrConfigurationState struct {
	RescanDurationState *EcrRescanDurationState `wire:"rescanDurationState EcrRescanDurationState"`
}

type EcrContainerImageMetadata struct {
	Tags          []string  `wire:"tags [string]"`
	ImagePulledAt time.Time `wire:"imagePulledAt time"`
	LastInUseAt   time.Time `wire:"lastInUseAt time"`
	InUseCount    *int64    `wire:"inUseCount long"`
}

type EcrRepositoryMetadata struct {
	Name          string           `wire:"name string"`
	ScanFrequency EcrScanFrequency `wire:"scanFrequency EcrScanFrequency"`
}

type EcrRescanDurationState struct {
	RescanDuration         EcrRescanDuration         `wire:"rescanDuration EcrRescanDuration"`
	Status                 EcrRescanDurationStatus   `wire:"status EcrRescanDurationStatus"`
	UpdatedAt              time.Time                 `wire:"updatedAt time"`
	PullDateRescanDuration EcrPullDateRescanDuration `wire:"pullDateRescanDuration EcrPullDateRescanDuration"`
	PullDateRescanMode     EcrPullDateRescanMode     `wire:"pullDateRescanMode EcrPullDateRescanMode"`
}

type EnableDelegatedAdminAccountRequest struct {
	DelegatedAdminAccountID string `wire:"delegatedAdminAccountId* string{12..12}#0"`
	ClientToken             string `wire:"clientToken string{1..64} @token"`
}

type EnableDelegatedAdminAccountResponse struct {
	DelegatedAdminAccountID string `wire:"delegatedAdminAccountId* string{12..12}#0"`
}

type EnableRequest struct {
	AccountIDs    []string           `wire:"accountIds [string{12..12}#0]{0..100}"`
	ResourceTypes []ResourceScanType `wire:"resourceTypes* [ResourceScanType]{1..5}"`
	ClientToken   string             `wire:"clientToken string{1..64} @token"`
}

type EnableResponse struct {
	Accounts       []Account       `wire:"accounts* [Account]"`
	FailedAccounts []FailedAccount `wire:"failedAccounts [FailedAccount]{0..100}"`
}

type Epss struct {
	Score *float64 `wire:"score double"`
}

type EpssDetails struct {
	Score *float64 `wire:"score double{0..1}"`
}

type Evidence struct {
	EvidenceRule   string `wire:"evidenceRule string{0..}"`
	EvidenceDetail string `wire:"evidenceDetail string{0..}"`
	Severity       string `wire:"severity string{0..}"`
}

type ExploitObserved struct {
	LastSeen  time.Time `wire:"lastSeen time"`
	FirstSeen time.Time `wire:"firstSeen time"`
}

type ExploitabilityDetails struct {
	LastKnownExploitAt time.Time `wire:"lastKnownExploitAt time"`
}

type FailedAccount struct {
	AccountID      string          `wire:"accountId* string{12..12}#0"`
	Status         Status          `wire:"status Status"`
	ResourceStatus *ResourceStatus `wire:"resourceStatus ResourceStatus"`
	ErrorCode      ErrorCode       `wire:"errorCode* ErrorCode"`
	ErrorMessage   string          `wire:"errorMessage* string{1..}"`
}

type FailedAssociationResult struct {
	ScanConfigurationARN string                      `wire:"scanConfigurationArn string#6"`
	Resource             *CodeSecurityResource       `wire:"resource CodeSecurityResource"`
	StatusCode           AssociationResultStatusCode `wire:"statusCode AssociationResultStatusCode"`
	StatusMessage        string                      `wire:"statusMessage string{1..}"`
}

type FailedMemberAccountEc2DeepInspectionStatusState struct {
	AccountID     string `wire:"accountId* string{12..12}#0"`
	Ec2ScanStatus Status `wire:"ec2ScanStatus Status"`
	ErrorMessage  string `wire:"errorMessage string{1..}"`
}

type Filter struct {
	ARN         string            `wire:"arn* string{1..128}"`
	OwnerID     string            `wire:"ownerId* string{12..34}#31"`
	Name        string            `wire:"name* string{1..128}"`
	Criteria    FilterCriteria    `wire:"criteria* FilterCriteria"`
	Action      FilterAction      `wire:"action* FilterAction"`
	CreatedAt   time.Time         `wire:"createdAt* time"`
	UpdatedAt   time.Time         `wire:"updatedAt* time"`
	Description string            `wire:"description string{1..512}"`
	Reason      string            `wire:"reason string{1..512}"`
	Tags        map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
}

type FilterCriteria struct {
	FindingARN                            []StringFilter    `wire:"findingArn [StringFilter]{1..10}"`
	AwsAccountID                          []StringFilter    `wire:"awsAccountId [StringFilter]{1..10}"`
	FindingType                           []StringFilter    `wire:"findingType [StringFilter]{1..10}"`
	Severity                              []StringFilter    `wire:"severity [StringFilter]{1..10}"`
	FirstObservedAt                       []DateFilter      `wire:"firstObservedAt [DateFilter]{1..10}"`
	LastObservedAt                        []DateFilter      `wire:"lastObservedAt [DateFilter]{1..10}"`
	UpdatedAt                             []DateFilter      `wire:"updatedAt [DateFilter]{1..10}"`
	FindingStatus                         []StringFilter    `wire:"findingStatus [StringFilter]{1..10}"`
	Title                                 []StringFilter    `wire:"title [StringFilter]{1..10}"`
	InspectorScore                        []NumberFilter    `wire:"inspectorScore [NumberFilter]{1..10}"`
	ResourceType                          []StringFilter    `wire:"resourceType [StringFilter]{1..10}"`
	ResourceID                            []StringFilter    `wire:"resourceId [StringFilter]{1..10}"`
	ResourceTags                          []MapFilter       `wire:"resourceTags [MapFilter]{1..10}"`
	Ec2InstanceImageID                    []StringFilter    `wire:"ec2InstanceImageId [StringFilter]{1..10}"`
	Ec2InstanceVpcID                      []StringFilter    `wire:"ec2InstanceVpcId [StringFilter]{1..10}"`
	Ec2InstanceSubnetID                   []StringFilter    `wire:"ec2InstanceSubnetId [StringFilter]{1..10}"`
	EcrImagePushedAt                      []DateFilter      `wire:"ecrImagePushedAt [DateFilter]{1..10}"`
	EcrImageArchitecture                  []StringFilter    `wire:"ecrImageArchitecture [StringFilter]{1..10}"`
	EcrImageRegistry                      []StringFilter    `wire:"ecrImageRegistry [StringFilter]{1..10}"`
	EcrImageRepositoryName                []StringFilter    `wire:"ecrImageRepositoryName [StringFilter]{1..10}"`
	EcrImageTags                          []StringFilter    `wire:"ecrImageTags [StringFilter]{1..10}"`
	EcrImageHash                          []StringFilter    `wire:"ecrImageHash [StringFilter]{1..10}"`
	EcrImageLastInUseAt                   []DateFilter      `wire:"ecrImageLastInUseAt [DateFilter]{1..10}"`
	EcrImageInUseCount                    []NumberFilter    `wire:"ecrImageInUseCount [NumberFilter]{1..10}"`
	PortRange                             []PortRangeFilter `wire:"portRange [PortRangeFilter]{1..10}"`
	NetworkProtocol                       []StringFilter    `wire:"networkProtocol [StringFilter]{1..10}"`
	ComponentID                           []StringFilter    `wire:"componentId [StringFilter]{1..10}"`
	ComponentType                         []StringFilter    `wire:"componentType [StringFilter]{1..10}"`
	VulnerabilityID                       []StringFilter    `wire:"vulnerabilityId [StringFilter]{1..10}"`
	VulnerabilitySource                   []StringFilter    `wire:"vulnerabilitySource [StringFilter]{1..10}"`
	VendorSeverity                        []StringFilter    `wire:"vendorSeverity [StringFilter]{1..10}"`
	VulnerablePackages                    []PackageFilter   `wire:"vulnerablePackages [PackageFilter]{1..10}"`
	RelatedVulnerabilities                []StringFilter    `wire:"relatedVulnerabilities [StringFilter]{1..10}"`
	FixAvailable                          []StringFilter    `wire:"fixAvailable [StringFilter]{1..10}"`
	LambdaFunctionName                    []StringFilter    `wire:"lambdaFunctionName [StringFilter]{1..10}"`
	LambdaFunctionLayers                  []StringFilter    `wire:"lambdaFunctionLayers [StringFilter]{1..10}"`
	LambdaFunctionRuntime                 []StringFilter    `wire:"lambdaFunctionRuntime [StringFilter]{1..10}"`
	LambdaFunctionLastModifiedAt          []DateFilter      `wire:"lambdaFunctionLastModifiedAt [DateFilter]{1..10}"`
	LambdaFunctionExecutionRoleARN        []StringFilter    `wire:"lambdaFunctionExecutionRoleArn [StringFilter]{1..10}"`
	ExploitAvailable                      []StringFilter    `wire:"exploitAvailable [StringFilter]{1..10}"`
	CodeVulnerabilityDetectorName         []StringFilter    `wire:"codeVulnerabilityDetectorName [StringFilter]{1..10}"`
	CodeVulnerabilityDetectorTags         []StringFilter    `wire:"codeVulnerabilityDetectorTags [StringFilter]{1..10}"`
	CodeVulnerabilityFilePath             []StringFilter    `wire:"codeVulnerabilityFilePath [StringFilter]{1..10}"`
	EpssScore                             []NumberFilter    `wire:"epssScore [NumberFilter]{1..10}"`
	CodeRepositoryProjectName             []StringFilter    `wire:"codeRepositoryProjectName [StringFilter]{1..10}"`
	CodeRepositoryProviderType            []StringFilter    `wire:"codeRepositoryProviderType [StringFilter]{1..10}"`
	CloudProvider                         []StringFilter    `wire:"cloudProvider [StringFilter]{1..10}"`
	CloudProviderRegion                   []StringFilter    `wire:"cloudProviderRegion [StringFilter]{1..10}"`
	CloudProviderAccountID                []StringFilter    `wire:"cloudProviderAccountId [StringFilter]{1..10}"`
	CloudProviderOrgID                    []StringFilter    `wire:"cloudProviderOrgId [StringFilter]{1..10}"`
	CloudVmImageReference                 []StringFilter    `wire:"cloudVmImageReference [StringFilter]{1..10}"`
	CloudVmNetworkID                      []StringFilter    `wire:"cloudVmNetworkId [StringFilter]{1..10}"`
	CloudVmSubnetIDs                      []StringFilter    `wire:"cloudVmSubnetIds [StringFilter]{1..10}"`
	CloudImageRepositoryName              []StringFilter    `wire:"cloudImageRepositoryName [StringFilter]{1..10}"`
	CloudImageRegistry                    []StringFilter    `wire:"cloudImageRegistry [StringFilter]{1..10}"`
	CloudImageDigest                      []StringFilter    `wire:"cloudImageDigest [StringFilter]{1..10}"`
	CloudImageTags                        []StringFilter    `wire:"cloudImageTags [StringFilter]{1..10}"`
	CloudImagePushedAt                    []DateFilter      `wire:"cloudImagePushedAt [DateFilter]{1..10}"`
	CloudImageArchitecture                []StringFilter    `wire:"cloudImageArchitecture [StringFilter]{1..10}"`
	CloudImageLastInUseAt                 []DateFilter      `wire:"cloudImageLastInUseAt [DateFilter]{1..10}"`
	CloudImageInUseCount                  []NumberFilter    `wire:"cloudImageInUseCount [NumberFilter]{1..10}"`
	CloudServerlessFunctionName           []StringFilter    `wire:"cloudServerlessFunctionName [StringFilter]{1..10}"`
	CloudServerlessFunctionRuntime        []StringFilter    `wire:"cloudServerlessFunctionRuntime [StringFilter]{1..10}"`
	CloudServerlessFunctionLastModifiedAt []DateFilter      `wire:"cloudServerlessFunctionLastModifiedAt [DateFilter]{1..10}"`
	CloudServerlessFunctionExecutionRole  []StringFilter    `wire:"cloudServerlessFunctionExecutionRole [StringFilter]{1..10}"`
}

type Finding struct {
	FindingARN                  string                       `wire:"findingArn* string{1..100}#15"`
	AwsAccountID                string                       `wire:"awsAccountId* string{12..12}#0"`
	Type                        FindingType                  `wire:"type* FindingType"`
	Description                 string                       `wire:"description* string{1..1024}"`
	Title                       string                       `wire:"title string{1..1024}"`
	Remediation                 Remediation                  `wire:"remediation* Remediation"`
	Severity                    Severity                     `wire:"severity* Severity"`
	FirstObservedAt             time.Time                    `wire:"firstObservedAt* time"`
	LastObservedAt              time.Time                    `wire:"lastObservedAt* time"`
	UpdatedAt                   time.Time                    `wire:"updatedAt time"`
	Status                      FindingStatus                `wire:"status* FindingStatus"`
	Resources                   []Resource                   `wire:"resources* [Resource]{1..10}"`
	InspectorScore              *float64                     `wire:"inspectorScore double"`
	InspectorScoreDetails       *InspectorScoreDetails       `wire:"inspectorScoreDetails InspectorScoreDetails"`
	NetworkReachabilityDetails  *NetworkReachabilityDetails  `wire:"networkReachabilityDetails NetworkReachabilityDetails"`
	PackageVulnerabilityDetails *PackageVulnerabilityDetails `wire:"packageVulnerabilityDetails PackageVulnerabilityDetails"`
	FixAvailable                FixAvailable                 `wire:"fixAvailable FixAvailable"`
	ExploitAvailable            ExploitAvailable             `wire:"exploitAvailable ExploitAvailable"`
	ExploitabilityDetails       *ExploitabilityDetails       `wire:"exploitabilityDetails ExploitabilityDetails"`
	CodeVulnerabilityDetails    *CodeVulnerabilityDetails    `wire:"codeVulnerabilityDetails CodeVulnerabilityDetails"`
	Epss                        *EpssDetails                 `wire:"epss EpssDetails"`
}

type FindingDetail struct {
	FindingARN      string           `wire:"findingArn string{1..100}#15"`
	CisaData        *CisaData        `wire:"cisaData CisaData"`
	RiskScore       *int32           `wire:"riskScore int"`
	Evidences       []Evidence       `wire:"evidences [Evidence]"`
	Ttps            []string         `wire:"ttps [string{0..30}]{0..}"`
	Tools           []string         `wire:"tools [string{0..}]"`
	ExploitObserved *ExploitObserved `wire:"exploitObserved ExploitObserved"`
	ReferenceURLs   []string         `wire:"referenceUrls [string{0..}]{0..100}"`
	Cwes            []string         `wire:"cwes [string{0..}]{0..}"`
	EpssScore       *float64         `wire:"epssScore double"`
}

type FindingDetailsError struct {
	FindingARN   string                  `wire:"findingArn* string{1..100}#15"`
	ErrorCode    FindingDetailsErrorCode `wire:"errorCode* FindingDetailsErrorCode"`
	ErrorMessage string                  `wire:"errorMessage* string{1..}"`
}

type FindingTypeAggregation struct {
	FindingType  AggregationFindingType  `wire:"findingType AggregationFindingType"`
	ResourceType AggregationResourceType `wire:"resourceType AggregationResourceType"`
	SortOrder    SortOrder               `wire:"sortOrder SortOrder"`
	SortBy       FindingTypeSortBy       `wire:"sortBy FindingTypeSortBy"`
}

type FindingTypeAggregationResponse struct {
	AccountID             string          `wire:"accountId string{12..12}#0"`
	SeverityCounts        *SeverityCounts `wire:"severityCounts SeverityCounts"`
	ExploitAvailableCount *int64          `wire:"exploitAvailableCount long"`
	FixAvailableCount     *int64          `wire:"fixAvailableCount long"`
	CloudProvider         string          `wire:"cloudProvider string"`
	CloudAccountID        string          `wire:"cloudAccountId string"`
	CloudOrgID            string          `wire:"cloudOrgId string"`
	CloudRegion           string          `wire:"cloudRegion string"`
	CloudPartition        string          `wire:"cloudPartition string"`
}

type FreeTrialAccountInfo struct {
	AccountID     string          `wire:"accountId* string#16"`
	FreeTrialInfo []FreeTrialInfo `wire:"freeTrialInfo* [FreeTrialInfo]"`
}

type FreeTrialInfo struct {
	Type          FreeTrialType   `wire:"type* FreeTrialType"`
	Start         time.Time       `wire:"start* time"`
	End           time.Time       `wire:"end* time"`
	Status        FreeTrialStatus `wire:"status* FreeTrialStatus"`
	CloudProvider CloudProvider   `wire:"cloudProvider CloudProvider"`
}

type FreeTrialInfoError struct {
	AccountID string                 `wire:"accountId* string#16"`
	Code      FreeTrialInfoErrorCode `wire:"code* FreeTrialInfoErrorCode"`
	Message   string                 `wire:"message* string"`
}

type GetCisScanReportRequest struct {
	ScanARN        string          `wire:"scanArn* string#18"`
	TargetAccounts []string        `wire:"targetAccounts [string{12..12}#0]{0..1}"`
	ReportFormat   CisReportFormat `wire:"reportFormat CisReportFormat"`
}

type GetCisScanReportResponse struct {
	URL    string          `wire:"url string"`
	Status CisReportStatus `wire:"status CisReportStatus"`
}

type GetCisScanResultDetailsRequest struct {
	ScanARN          string                              `wire:"scanArn* string#18"`
	TargetResourceID string                              `wire:"targetResourceId* string{10..1024}#21"`
	AccountID        string                              `wire:"accountId* string{12..12}#0"`
	FilterCriteria   *CisScanResultDetailsFilterCriteria `wire:"filterCriteria CisScanResultDetailsFilterCriteria"`
	SortBy           CisScanResultDetailsSortBy          `wire:"sortBy CisScanResultDetailsSortBy"`
	SortOrder        CisSortOrder                        `wire:"sortOrder CisSortOrder"`
	NextToken        string                              `wire:"nextToken string{0..1000000}"`
	MaxResults       *int32                              `wire:"maxResults int{1..1000}"`
}

type GetCisScanResultDetailsResponse struct {
	ScanResultDetails []CisScanResultDetails `wire:"scanResultDetails [CisScanResultDetails]{1..1000}"`
	NextToken         string                 `wire:"nextToken string{0..1000000}"`
}

type GetClustersForImageRequest struct {
	Filter     ClusterForImageFilterCriteria `wire:"filter* ClusterForImageFilterCriteria"`
	MaxResults *int32                        `wire:"maxResults int{1..100}"`
	NextToken  string                        `wire:"nextToken string{1..3000}"`
}

type GetClustersForImageResponse struct {
	Cluster   []ClusterInformation `wire:"cluster* [ClusterInformation]{1..100}"`
	NextToken string               `wire:"nextToken string{1..3000}"`
}

type GetCodeSecurityIntegrationRequest struct {
	IntegrationARN string            `wire:"integrationArn* string#28"`
	Tags           map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
}

type GetCodeSecurityIntegrationResponse struct {
	IntegrationARN   string            `wire:"integrationArn* string#28"`
	Name             string            `wire:"name* string{1..60}#29"`
	Type             IntegrationType   `wire:"type* IntegrationType"`
	Status           IntegrationStatus `wire:"status* IntegrationStatus"`
	StatusReason     string            `wire:"statusReason* string"`
	CreatedOn        time.Time         `wire:"createdOn* time"`
	LastUpdateOn     time.Time         `wire:"lastUpdateOn* time"`
	AuthorizationURL string            `wire:"authorizationUrl string @secret"`
	Tags             map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
}

type GetCodeSecurityScanConfigurationRequest struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn* string#6"`
}

type GetCodeSecurityScanConfigurationResponse struct {
	ScanConfigurationARN string                         `wire:"scanConfigurationArn string#6"`
	Name                 string                         `wire:"name string{1..60}#29"`
	Configuration        *CodeSecurityScanConfiguration `wire:"configuration CodeSecurityScanConfiguration"`
	Level                ConfigurationLevel             `wire:"level ConfigurationLevel"`
	ScopeSettings        *ScopeSettings                 `wire:"scopeSettings ScopeSettings"`
	CreatedAt            time.Time                      `wire:"createdAt time"`
	LastUpdatedAt        time.Time                      `wire:"lastUpdatedAt time"`
	Tags                 map[string]string              `wire:"tags <string{1..128}:string{0..256}>"`
}

type GetCodeSecurityScanRequest struct {
	Resource CodeSecurityResource `wire:"resource* CodeSecurityResource"`
	ScanID   string               `wire:"scanId* string#38"`
}

type GetCodeSecurityScanResponse struct {
	ScanID       string                `wire:"scanId string#38"`
	Resource     *CodeSecurityResource `wire:"resource CodeSecurityResource"`
	AccountID    string                `wire:"accountId string"`
	Status       CodeScanStatus        `wire:"status CodeScanStatus"`
	StatusReason string                `wire:"statusReason string"`
	CreatedAt    time.Time             `wire:"createdAt time"`
	UpdatedAt    time.Time             `wire:"updatedAt time"`
	LastCommitID string                `wire:"lastCommitId string"`
}

type GetConfigurationRequest struct {
	AccountID string `wire:"accountId string{12..12}#0"`
}

type GetConfigurationResponse struct {
	EcrConfiguration *EcrConfigurationState `wire:"ecrConfiguration EcrConfigurationState"`
	Ec2Configuration *Ec2ConfigurationState `wire:"ec2Configuration Ec2ConfigurationState"`
}

type GetDelegatedAdminAccountRequest struct {
}

type GetDelegatedAdminAccountResponse struct {
	DelegatedAdmin *DelegatedAdmin `wire:"delegatedAdmin DelegatedAdmin"`
}

type GetEc2DeepInspectionConfigurationRequest struct {
}

type GetEc2DeepInspectionConfigurationResponse struct {
	PackagePaths    []string                `wire:"packagePaths [string{1..512}#39]{0..5}"`
	OrgPackagePaths []string                `wire:"orgPackagePaths [string{1..512}#39]{0..5}"`
	Status          Ec2DeepInspectionStatus `wire:"status Ec2DeepInspectionStatus"`
	ErrorMessage    string                  `wire:"errorMessage string{1..}"`
}

type GetEncryptionKeyRequest struct {
	ScanType     ScanType     `wire:"scanType* ScanType @querystring=scanType"`
	ResourceType ResourceType `wire:"resourceType* ResourceType @querystring=resourceType"`
}

type GetEncryptionKeyResponse struct {
	KmsKeyID string `wire:"kmsKeyId* string#40"`
}

type GetFindingsReportStatusRequest struct {
	ReportID string `wire:"reportId string#17"`
}

type GetFindingsReportStatusResponse struct {
	ReportID       string               `wire:"reportId string#17"`
	Status         ExternalReportStatus `wire:"status ExternalReportStatus"`
	ErrorCode      ReportingErrorCode   `wire:"errorCode ReportingErrorCode"`
	ErrorMessage   string               `wire:"errorMessage string"`
	Destination    *Destination         `wire:"destination Destination"`
	FilterCriteria *FilterCriteria      `wire:"filterCriteria FilterCriteria"`
}

type GetMemberRequest struct {
	AccountID string `wire:"accountId* string{12..12}#0"`
}

type GetMemberResponse struct {
	Member *Member `wire:"member Member"`
}

type GetSbomExportRequest struct {
	ReportID string `wire:"reportId* string#17"`
}

type GetSbomExportResponse struct {
	ReportID       string                  `wire:"reportId string#17"`
	Format         SbomReportFormat        `wire:"format SbomReportFormat"`
	Status         ExternalReportStatus    `wire:"status ExternalReportStatus"`
	ErrorCode      ReportingErrorCode      `wire:"errorCode ReportingErrorCode"`
	ErrorMessage   string                  `wire:"errorMessage string{1..}"`
	S3Destination  *Destination            `wire:"s3Destination Destination"`
	FilterCriteria *ResourceFilterCriteria `wire:"filterCriteria ResourceFilterCriteria"`
}

type Image struct {
	RepositoryName string    `wire:"repositoryName string{1..}"`
	Registry       string    `wire:"registry string{1..}"`
	ImageTags      []string  `wire:"imageTags [string{1..}]"`
	ImageDigest    string    `wire:"imageDigest string{1..}"`
	PushedAt       time.Time `wire:"pushedAt time"`
	Architecture   string    `wire:"architecture string{1..}"`
	Author         string    `wire:"author string"`
	InUseCount     *int64    `wire:"inUseCount long{0..}"`
	LastInUseAt    time.Time `wire:"lastInUseAt time"`
	Platform       string    `wire:"platform string{1..1024}"`
}

type ImageLayerAggregation struct {
	Repositories    []StringFilter   `wire:"repositories [StringFilter]{1..10}"`
	ResourceIDs     []StringFilter   `wire:"resourceIds [StringFilter]{1..10}"`
	LayerHashes     []StringFilter   `wire:"layerHashes [StringFilter]{1..10}"`
	CloudProviders  []StringFilter   `wire:"cloudProviders [StringFilter]{1..10}"`
	CloudAccountIDs []StringFilter   `wire:"cloudAccountIds [StringFilter]{1..10}"`
	CloudOrgIDs     []StringFilter   `wire:"cloudOrgIds [StringFilter]{1..10}"`
	CloudRegions    []StringFilter   `wire:"cloudRegions [StringFilter]{1..10}"`
	CloudPartitions []StringFilter   `wire:"cloudPartitions [StringFilter]{1..10}"`
	SortOrder       SortOrder        `wire:"sortOrder SortOrder"`
	SortBy          ImageLayerSortBy `wire:"sortBy ImageLayerSortBy"`
}

type ImageLayerAggregationResponse struct {
	Repository     string          `wire:"repository* string{1..}"`
	ResourceID     string          `wire:"resourceId* string{1..}"`
	LayerHash      string          `wire:"layerHash* string{1..}"`
	AccountID      string          `wire:"accountId* string{12..12}#0"`
	CloudProvider  string          `wire:"cloudProvider string"`
	CloudAccountID string          `wire:"cloudAccountId string"`
	CloudOrgID     string          `wire:"cloudOrgId string"`
	CloudRegion    string          `wire:"cloudRegion string"`
	CloudPartition string          `wire:"cloudPartition string"`
	SeverityCounts *SeverityCounts `wire:"severityCounts SeverityCounts"`
}

type InspectorScoreDetails struct {
	AdjustedCvss *CvssScoreDetails `wire:"adjustedCvss CvssScoreDetails"`
}

type InternalServerException struct {
	Message           string `wire:"message* string"`
	RetryAfterSeconds *int32 `wire:"retryAfterSeconds int @header=Retry-After"`
}

// Error returns the message.
func (e *InternalServerException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*InternalServerException) Fault() (string, int) { return "InternalServerException", 500 }

type LambdaFunctionAggregation struct {
	ResourceIDs   []StringFilter       `wire:"resourceIds [StringFilter]{1..10}"`
	FunctionNames []StringFilter       `wire:"functionNames [StringFilter]{1..10}"`
	Runtimes      []StringFilter       `wire:"runtimes [StringFilter]{1..10}"`
	FunctionTags  []MapFilter          `wire:"functionTags [MapFilter]{1..10}"`
	SortOrder     SortOrder            `wire:"sortOrder SortOrder"`
	SortBy        LambdaFunctionSortBy `wire:"sortBy LambdaFunctionSortBy"`
}

type LambdaFunctionAggregationResponse struct {
	ResourceID     string            `wire:"resourceId* string{1..}"`
	FunctionName   string            `wire:"functionName string"`
	Runtime        string            `wire:"runtime string"`
	LambdaTags     map[string]string `wire:"lambdaTags <string{1..128}:string{0..256}>"`
	AccountID      string            `wire:"accountId string{12..12}#0"`
	SeverityCounts *SeverityCounts   `wire:"severityCounts SeverityCounts"`
	LastModifiedAt time.Time         `wire:"lastModifiedAt time"`
}

type LambdaFunctionMetadata struct {
	FunctionTags map[string]string `wire:"functionTags <string{1..128}:string{0..256}>"`
	Layers       []string          `wire:"layers [string]{0..5}"`
	FunctionName string            `wire:"functionName string"`
	Runtime      Runtime           `wire:"runtime Runtime"`
}

type LambdaLayerAggregation struct {
	FunctionNames []StringFilter    `wire:"functionNames [StringFilter]{1..10}"`
	ResourceIDs   []StringFilter    `wire:"resourceIds [StringFilter]{1..10}"`
	LayerARNs     []StringFilter    `wire:"layerArns [StringFilter]{1..10}"`
	SortOrder     SortOrder         `wire:"sortOrder SortOrder"`
	SortBy        LambdaLayerSortBy `wire:"sortBy LambdaLayerSortBy"`
}

type LambdaLayerAggregationResponse struct {
	FunctionName   string          `wire:"functionName* string{1..}"`
	ResourceID     string          `wire:"resourceId* string{1..}"`
	LayerARN       string          `wire:"layerArn* string{1..}"`
	AccountID      string          `wire:"accountId* string{12..12}#0"`
	SeverityCounts *SeverityCounts `wire:"severityCounts SeverityCounts"`
}

type LambdaVpcConfig struct {
	SubnetIDs        []string `wire:"subnetIds [string#41]{0..16}"`
	SecurityGroupIDs []string `wire:"securityGroupIds [string#42]{0..5}"`
	VpcID            string   `wire:"vpcId string#43"`
}

type ListAccountPermissionsRequest struct {
	Service    Service `wire:"service Service"`
	MaxResults *int32  `wire:"maxResults int{1..1024}"`
	NextToken  string  `wire:"nextToken string{0..1000000}"`
}

type ListAccountPermissionsResponse struct {
	Permissions []Permission `wire:"permissions* [Permission]{0..1024}"`
	NextToken   string       `wire:"nextToken string{0..1000000}"`
}

type ListCisScanConfigurationsFilterCriteria struct {
	ScanNameFilters             []CisStringFilter `wire:"scanNameFilters [CisStringFilter]{1..10}"`
	TargetResourceTagFilters    []TagFilter       `wire:"targetResourceTagFilters [TagFilter]{1..10}"`
	ScanConfigurationARNFilters []CisStringFilter `wire:"scanConfigurationArnFilters [CisStringFilter]{1..10}"`
}

type ListCisScanConfigurationsRequest struct {
	FilterCriteria *ListCisScanConfigurationsFilterCriteria `wire:"filterCriteria ListCisScanConfigurationsFilterCriteria"`
	SortBy         CisScanConfigurationsSortBy              `wire:"sortBy CisScanConfigurationsSortBy"`
	SortOrder      CisSortOrder                             `wire:"sortOrder CisSortOrder"`
	NextToken      string                                   `wire:"nextToken string{0..1000000}"`
	MaxResults     *int32                                   `wire:"maxResults int{1..100}"`
}

type ListCisScanConfigurationsResponse struct {
	ScanConfigurations []CisScanConfiguration `wire:"scanConfigurations [CisScanConfiguration]{0..100}"`
	NextToken          string                 `wire:"nextToken string{0..1000000}"`
}

type ListCisScanResultsAggregatedByChecksRequest struct {
	ScanARN        string                                          `wire:"scanArn* string#18"`
	FilterCriteria *CisScanResultsAggregatedByChecksFilterCriteria `wire:"filterCriteria CisScanResultsAggregatedByChecksFilterCriteria"`
	SortBy         CisScanResultsAggregatedByChecksSortBy          `wire:"sortBy CisScanResultsAggregatedByChecksSortBy"`
	SortOrder      CisSortOrder                                    `wire:"sortOrder CisSortOrder"`
	NextToken      string                                          `wire:"nextToken string{0..1000000}"`
	MaxResults     *int32                                          `wire:"maxResults int{1..100}"`
}

type ListCisScanResultsAggregatedByChecksResponse struct {
	CheckAggregations []CisCheckAggregation `wire:"checkAggregations [CisCheckAggregation]{1..1000}"`
	NextToken         string                `wire:"nextToken string{0..1000000}"`
}

type ListCisScanResultsAggregatedByTargetResourceRequest struct {
	ScanARN        string                                                  `wire:"scanArn* string#18"`
	FilterCriteria *CisScanResultsAggregatedByTargetResourceFilterCriteria `wire:"filterCriteria CisScanResultsAggregatedByTargetResourceFilterCriteria"`
	SortBy         CisScanResultsAggregatedByTargetResourceSortBy          `wire:"sortBy CisScanResultsAggregatedByTargetResourceSortBy"`
	SortOrder      CisSortOrder                                            `wire:"sortOrder CisSortOrder"`
	NextToken      string                                                  `wire:"nextToken string{0..1000000}"`
	MaxResults     *int32                                                  `wire:"maxResults int{1..100}"`
}

type ListCisScanResultsAggregatedByTargetResourceResponse struct {
	TargetResourceAggregations []CisTargetResourceAggregation `wire:"targetResourceAggregations [CisTargetResourceAggregation]{1..1000}"`
	NextToken                  string                         `wire:"nextToken string{0..1000000}"`
}

type ListCisScansFilterCriteria struct {
	ScanNameFilters             []CisStringFilter     `wire:"scanNameFilters [CisStringFilter]{1..10}"`
	TargetResourceTagFilters    []TagFilter           `wire:"targetResourceTagFilters [TagFilter]{1..10}"`
	TargetResourceIDFilters     []CisStringFilter     `wire:"targetResourceIdFilters [CisStringFilter]{1..10}"`
	ScanStatusFilters           []CisScanStatusFilter `wire:"scanStatusFilters [CisScanStatusFilter]{1..10}"`
	ScanAtFilters               []CisDateFilter       `wire:"scanAtFilters [CisDateFilter]{1..1}"`
	ScanConfigurationARNFilters []CisStringFilter     `wire:"scanConfigurationArnFilters [CisStringFilter]{1..10}"`
	ScanARNFilters              []CisStringFilter     `wire:"scanArnFilters [CisStringFilter]{1..10}"`
	ScheduledByFilters          []CisStringFilter     `wire:"scheduledByFilters [CisStringFilter]{1..10}"`
	FailedChecksFilters         []CisNumberFilter     `wire:"failedChecksFilters [CisNumberFilter]{1..10}"`
	TargetAccountIDFilters      []CisStringFilter     `wire:"targetAccountIdFilters [CisStringFilter]{1..10}"`
}

type ListCisScansRequest struct {
	FilterCriteria *ListCisScansFilterCriteria `wire:"filterCriteria ListCisScansFilterCriteria"`
	DetailLevel    ListCisScansDetailLevel     `wire:"detailLevel ListCisScansDetailLevel"`
	SortBy         ListCisScansSortBy          `wire:"sortBy ListCisScansSortBy"`
	SortOrder      CisSortOrder                `wire:"sortOrder CisSortOrder"`
	NextToken      string                      `wire:"nextToken string{0..1000000}"`
	MaxResults     *int32                      `wire:"maxResults int{1..100}"`
}

type ListCisScansResponse struct {
	Scans     []CisScan `wire:"scans [CisScan]{0..50}"`
	NextToken string    `wire:"nextToken string{0..1000000}"`
}

type ListCodeSecurityIntegrationsRequest struct {
	NextToken  string `wire:"nextToken string @querystring=nextToken"`
	MaxResults *int32 `wire:"maxResults int{1..100} @querystring=maxResults"`
}

type ListCodeSecurityIntegrationsResponse struct {
	Integrations []CodeSecurityIntegrationSummary `wire:"integrations [CodeSecurityIntegrationSummary]{0..100}"`
	NextToken    string                           `wire:"nextToken string"`
}

type ListCodeSecurityScanConfigurationAssociationsRequest struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn* string#6"`
	NextToken            string `wire:"nextToken string{0..1000000} @querystring=nextToken"`
	MaxResults           *int32 `wire:"maxResults int{1..100} @querystring=maxResults"`
}

type ListCodeSecurityScanConfigurationAssociationsResponse struct {
	Associations []CodeSecurityScanConfigurationAssociationSummary `wire:"associations [CodeSecurityScanConfigurationAssociationSummary]"`
	NextToken    string                                            `wire:"nextToken string{0..1000000}"`
}

type ListCodeSecurityScanConfigurationsRequest struct {
	NextToken  string `wire:"nextToken string{0..1000000} @querystring=nextToken"`
	MaxResults *int32 `wire:"maxResults int{1..100} @querystring=maxResults"`
}

type ListCodeSecurityScanConfigurationsResponse struct {
	Configurations []CodeSecurityScanConfigurationSummary `wire:"configurations [CodeSecurityScanConfigurationSummary]"`
	NextToken      string                                 `wire:"nextToken string{0..1000000}"`
}

type ListConnectorScanConfigurationsRequest struct {
	AwsConfigConnectorARNs []string `wire:"awsConfigConnectorArns [string{1..512}#7]{1..10}"`
	MaxResults             *int32   `wire:"maxResults int{1..50}"`
	NextToken              string   `wire:"nextToken string{1..1024} @secret"`
}

type ListConnectorScanConfigurationsResponse struct {
	ScanConfigurations []ConnectorScanConfigurationItem `wire:"scanConfigurations* [ConnectorScanConfigurationItem]"`
	NextToken          string                           `wire:"nextToken string{1..1024} @secret"`
}

type ListConnectorsRequest struct {
	MaxResults     *int32                   `wire:"maxResults int"`
	NextToken      string                   `wire:"nextToken string{1..1024} @secret"`
	FilterCriteria *ConnectorFilterCriteria `wire:"filterCriteria ConnectorFilterCriteria"`
}

type ListConnectorsResponse struct {
	Items     []Connector `wire:"items* [Connector]"`
	NextToken string      `wire:"nextToken string{1..1024} @secret"`
}

type ListCoverageRequest struct {
	MaxResults     *int32                  `wire:"maxResults int{1..200}"`
	NextToken      string                  `wire:"nextToken string{0..1000000}"`
	FilterCriteria *CoverageFilterCriteria `wire:"filterCriteria CoverageFilterCriteria"`
}

type ListCoverageResponse struct {
	NextToken        string            `wire:"nextToken string{0..1000000}"`
	CoveredResources []CoveredResource `wire:"coveredResources [CoveredResource]"`
}

type ListCoverageStatisticsRequest struct {
	FilterCriteria *CoverageFilterCriteria `wire:"filterCriteria CoverageFilterCriteria"`
	GroupBy        GroupKey                `wire:"groupBy GroupKey"`
	NextToken      string                  `wire:"nextToken string{0..1000000}"`
}

type ListCoverageStatisticsResponse struct {
	CountsByGroup []Counts `wire:"countsByGroup [Counts]{1..5}"`
	TotalCounts   int64    `wire:"totalCounts* long"`
	NextToken     string   `wire:"nextToken string{0..1000000}"`
}

type ListDelegatedAdminAccountsRequest struct {
	MaxResults *int32 `wire:"maxResults int{1..5}"`
	NextToken  string `wire:"nextToken string{0..1000000}"`
}

type ListDelegatedAdminAccountsResponse struct {
	DelegatedAdminAccounts []DelegatedAdminAccount `wire:"delegatedAdminAccounts [DelegatedAdminAccount]{0..5}"`
	NextToken              string                  `wire:"nextToken string{0..1000000}"`
}

type ListFiltersRequest struct {
	ARNs       []string     `wire:"arns [string{1..128}]"`
	Action     FilterAction `wire:"action FilterAction"`
	NextToken  string       `wire:"nextToken string{0..1000000}"`
	MaxResults *int32       `wire:"maxResults int{1..100}"`
}

type ListFiltersResponse struct {
	Filters   []Filter `wire:"filters* [Filter]"`
	NextToken string   `wire:"nextToken string{0..1000000}"`
}

type ListFindingAggregationsRequest struct {
	AggregationType    AggregationType     `wire:"aggregationType* AggregationType"`
	NextToken          string              `wire:"nextToken string{0..1000000}"`
	MaxResults         *int32              `wire:"maxResults int{1..100}"`
	AccountIDs         []StringFilter      `wire:"accountIds [StringFilter]{1..10}"`
	AggregationRequest *AggregationRequest `wire:"aggregationRequest AggregationRequest"`
}

type ListFindingAggregationsResponse struct {
	AggregationType AggregationType       `wire:"aggregationType* AggregationType"`
	Responses       []AggregationResponse `wire:"responses [AggregationResponse]"`
	NextToken       string                `wire:"nextToken string{0..1000000}"`
}

type ListFindingsRequest struct {
	MaxResults     *int32          `wire:"maxResults int{1..100}"`
	NextToken      string          `wire:"nextToken string{0..1000000}"`
	FilterCriteria *FilterCriteria `wire:"filterCriteria FilterCriteria"`
	SortCriteria   *SortCriteria   `wire:"sortCriteria SortCriteria"`
}

type ListFindingsResponse struct {
	NextToken string    `wire:"nextToken string{0..1000000}"`
	Findings  []Finding `wire:"findings [Finding]{0..25}"`
}

type ListMembersRequest struct {
	OnlyAssociated *bool  `wire:"onlyAssociated bool"`
	MaxResults     *int32 `wire:"maxResults int{1..50}"`
	NextToken      string `wire:"nextToken string{0..1000000}"`
}

type ListMembersResponse struct {
	Members   []Member `wire:"members [Member]{0..50}"`
	NextToken string   `wire:"nextToken string{0..1000000}"`
}

type ListTagsForResourceRequest struct {
	ResourceARN string `wire:"resourceArn* string{1..1011} @uri=resourceArn"`
}

type ListTagsForResourceResponse struct {
	Tags map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
}

type ListUsageTotalsRequest struct {
	MaxResults *int32   `wire:"maxResults int{1..500}"`
	NextToken  string   `wire:"nextToken string{1..}"`
	AccountIDs []string `wire:"accountIds [string#16]{1..7000}"`
}

type ListUsageTotalsResponse struct {
	NextToken string       `wire:"nextToken string{1..}"`
	Totals    []UsageTotal `wire:"totals [UsageTotal]"`
}

type MapFilter struct {
	Comparison MapComparison `wire:"comparison* MapComparison"`
	Key        string        `wire:"key* string{1..128}"`
	Value      *string       `wire:"value string{0..256}"`
}

type Member struct {
	AccountID               string             `wire:"accountId string{12..12}#0"`
	RelationshipStatus      RelationshipStatus `wire:"relationshipStatus RelationshipStatus"`
	DelegatedAdminAccountID string             `wire:"delegatedAdminAccountId string{12..12}#0"`
	UpdatedAt               time.Time          `wire:"updatedAt time"`
}

type MemberAccountEc2DeepInspectionStatus struct {
	AccountID              string `wire:"accountId* string{12..12}#0"`
	ActivateDeepInspection bool   `wire:"activateDeepInspection* bool"`
}

type MemberAccountEc2DeepInspectionStatusState struct {
	AccountID    string                  `wire:"accountId* string{12..12}#0"`
	Status       Ec2DeepInspectionStatus `wire:"status Ec2DeepInspectionStatus"`
	ErrorMessage string                  `wire:"errorMessage string{1..}"`
}

type MonthlySchedule struct {
	StartTime Time `wire:"startTime* Time"`
	Day       Day  `wire:"day* Day"`
}

type NetworkPath struct {
	Steps []Step `wire:"steps [Step]{1..30}"`
}

type NetworkReachabilityDetails struct {
	OpenPortRange PortRange       `wire:"openPortRange* PortRange"`
	Protocol      NetworkProtocol `wire:"protocol* NetworkProtocol"`
	NetworkPath   NetworkPath     `wire:"networkPath* NetworkPath"`
}

type NumberFilter struct {
	UpperInclusive *float64 `wire:"upperInclusive double"`
	LowerInclusive *float64 `wire:"lowerInclusive double"`
}

type OneTimeSchedule struct {
}

type PackageAggregation struct {
	PackageNames []StringFilter `wire:"packageNames [StringFilter]{1..10}"`
	SortOrder    SortOrder      `wire:"sortOrder SortOrder"`
	SortBy       PackageSortBy  `wire:"sortBy PackageSortBy"`
}

type PackageAggregationResponse struct {
	PackageName    string          `wire:"packageName* string{1..}"`
	AccountID      string          `wire:"accountId string{12..12}#0"`
	SeverityCounts *SeverityCounts `wire:"severityCounts SeverityCounts"`
}

type PackageFilter struct {
	Name                 *StringFilter `wire:"name StringFilter"`
	Version              *StringFilter `wire:"version StringFilter"`
	Epoch                *NumberFilter `wire:"epoch NumberFilter"`
	Release              *StringFilter `wire:"release StringFilter"`
	Architecture         *StringFilter `wire:"architecture StringFilter"`
	SourceLayerHash      *StringFilter `wire:"sourceLayerHash StringFilter"`
	SourceLambdaLayerARN *StringFilter `wire:"sourceLambdaLayerArn StringFilter"`
	FilePath             *StringFilter `wire:"filePath StringFilter"`
}

type PackageVulnerabilityDetails struct {
	VulnerabilityID        string              `wire:"vulnerabilityId* string{1..128}"`
	VulnerablePackages     []VulnerablePackage `wire:"vulnerablePackages [VulnerablePackage]"`
	Source                 string              `wire:"source* string{1..}"`
	Cvss                   []CvssScore         `wire:"cvss [CvssScore]"`
	RelatedVulnerabilities []string            `wire:"relatedVulnerabilities [string{1..128}]"`
	SourceURL              string              `wire:"sourceUrl string{1..}"`
	VendorSeverity         string              `wire:"vendorSeverity string{1..}"`
	VendorCreatedAt        time.Time           `wire:"vendorCreatedAt time"`
	VendorUpdatedAt        time.Time           `wire:"vendorUpdatedAt time"`
	ReferenceURLs          []string            `wire:"referenceUrls [string{1..}]"`
}

type PeriodicScanConfiguration struct {
	Frequency           PeriodicScanFrequency `wire:"frequency PeriodicScanFrequency"`
	FrequencyExpression string                `wire:"frequencyExpression string{1..256}"`
}

type Permission struct {
	Service   Service   `wire:"service* Service"`
	Operation Operation `wire:"operation* Operation"`
}

type PortRange struct {
	Begin int32 `wire:"begin* int{0..65535}"`
	End   int32 `wire:"end* int{0..65535}"`
}

type PortRangeFilter struct {
	BeginInclusive *int32 `wire:"beginInclusive int{0..65535}"`
	EndInclusive   *int32 `wire:"endInclusive int{0..65535}"`
}

type ProjectCodeSecurityScanConfiguration struct {
	PeriodicScanConfigurations              []ProjectPeriodicScanConfiguration              `wire:"periodicScanConfigurations [ProjectPeriodicScanConfiguration]"`
	ContinuousIntegrationScanConfigurations []ProjectContinuousIntegrationScanConfiguration `wire:"continuousIntegrationScanConfigurations [ProjectContinuousIntegrationScanConfiguration]"`
}

type ProjectContinuousIntegrationScanConfiguration struct {
	SupportedEvent    ContinuousIntegrationScanEvent `wire:"supportedEvent ContinuousIntegrationScanEvent"`
	RuleSetCategories []RuleSetCategory              `wire:"ruleSetCategories [RuleSetCategory]{1..3}"`
}

type ProjectPeriodicScanConfiguration struct {
	FrequencyExpression string            `wire:"frequencyExpression string{1..256}"`
	RuleSetCategories   []RuleSetCategory `wire:"ruleSetCategories [RuleSetCategory]{1..3}"`
}

type ProviderDetailCreate struct {
	_     struct{}                   `wire:"union"`
	Azure *AzureProviderDetailCreate `wire:"azure AzureProviderDetailCreate"`
}

type ProviderDetailUpdate struct {
	_     struct{}                   `wire:"union"`
	Azure *AzureProviderDetailUpdate `wire:"azure AzureProviderDetailUpdate"`
}

type ProviderFilter struct {
	Comparison ProviderComparison     `wire:"comparison* ProviderComparison"`
	Value      ConnectorCloudProvider `wire:"value* ConnectorCloudProvider"`
}

type Recommendation struct {
	Text string `wire:"text string{1..}"`
	URL  string `wire:"Url string{1..}"`
}

type Remediation struct {
	Recommendation *Recommendation `wire:"recommendation Recommendation"`
}

type RepositoryAggregation struct {
	Repositories []StringFilter   `wire:"repositories [StringFilter]{1..10}"`
	SortOrder    SortOrder        `wire:"sortOrder SortOrder"`
	SortBy       RepositorySortBy `wire:"sortBy RepositorySortBy"`
}

type RepositoryAggregationResponse struct {
	Repository     string          `wire:"repository* string{1..}"`
	AccountID      string          `wire:"accountId string{12..12}#0"`
	CloudProvider  Provider        `wire:"cloudProvider Provider"`
	CloudPartition string          `wire:"cloudPartition string{1..64}#2"`
	CloudRegion    string          `wire:"cloudRegion string{1..64}#3"`
	CloudOrgID     string          `wire:"cloudOrgId string{12..36}#4"`
	CloudAccountID string          `wire:"cloudAccountId string{12..36}#5"`
	SeverityCounts *SeverityCounts `wire:"severityCounts SeverityCounts"`
	AffectedImages *int64          `wire:"affectedImages long"`
}

type ResetEncryptionKeyRequest struct {
	ScanType     ScanType     `wire:"scanType* ScanType"`
	ResourceType ResourceType `wire:"resourceType* ResourceType"`
}

type ResetEncryptionKeyResponse struct {
}

type Resource struct {
	Type              ResourceType      `wire:"type* ResourceType"`
	ID                string            `wire:"id* string{1..}"`
	Partition         string            `wire:"partition string{1..}"`
	Region            string            `wire:"region string{1..}"`
	Tags              map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
	Details           *ResourceDetails  `wire:"details ResourceDetails"`
	Provider          Provider          `wire:"provider Provider"`
	ProviderAccountID string            `wire:"providerAccountId string{12..36}#5"`
	ProviderOrgID     string            `wire:"providerOrgId string{12..36}#4"`
}

type ResourceDetails struct {
	AwsEc2Instance       *AwsEc2InstanceDetails       `wire:"awsEc2Instance AwsEc2InstanceDetails"`
	AwsEcrContainerImage *AwsEcrContainerImageDetails `wire:"awsEcrContainerImage AwsEcrContainerImageDetails"`
	AwsLambdaFunction    *AwsLambdaFunctionDetails    `wire:"awsLambdaFunction AwsLambdaFunctionDetails"`
	CodeRepository       *CodeRepositoryDetails       `wire:"codeRepository CodeRepositoryDetails"`
	Vm                   *Vm                          `wire:"vm Vm"`
	Image                *Image                       `wire:"image Image"`
	ServerlessFunction   *ServerlessFunction          `wire:"serverlessFunction ServerlessFunction"`
}

type ResourceFilterCriteria struct {
	AccountID                      []ResourceStringFilter `wire:"accountId [ResourceStringFilter]{1..10}"`
	ResourceID                     []ResourceStringFilter `wire:"resourceId [ResourceStringFilter]{1..10}"`
	ResourceType                   []ResourceStringFilter `wire:"resourceType [ResourceStringFilter]{1..10}"`
	EcrRepositoryName              []ResourceStringFilter `wire:"ecrRepositoryName [ResourceStringFilter]{1..10}"`
	LambdaFunctionName             []ResourceStringFilter `wire:"lambdaFunctionName [ResourceStringFilter]{1..10}"`
	EcrImageTags                   []ResourceStringFilter `wire:"ecrImageTags [ResourceStringFilter]{1..10}"`
	Ec2InstanceTags                []ResourceMapFilter    `wire:"ec2InstanceTags [ResourceMapFilter]{1..10}"`
	LambdaFunctionTags             []ResourceMapFilter    `wire:"lambdaFunctionTags [ResourceMapFilter]{1..10}"`
	CloudProvider                  []ResourceStringFilter `wire:"cloudProvider [ResourceStringFilter]{1..10}"`
	CloudProviderAccountID         []ResourceStringFilter `wire:"cloudProviderAccountId [ResourceStringFilter]{1..10}"`
	CloudProviderOrgID             []ResourceStringFilter `wire:"cloudProviderOrgId [ResourceStringFilter]{1..10}"`
	CloudProviderRegion            []ResourceStringFilter `wire:"cloudProviderRegion [ResourceStringFilter]{1..10}"`
	CloudVmInstanceTags            []ResourceMapFilter    `wire:"cloudVmInstanceTags [ResourceMapFilter]{1..10}"`
	CloudContainerImageTags        []ResourceStringFilter `wire:"cloudContainerImageTags [ResourceStringFilter]{1..10}"`
	CloudContainerRepositoryName   []ResourceStringFilter `wire:"cloudContainerRepositoryName [ResourceStringFilter]{1..10}"`
	CloudContainerRegistryName     []ResourceStringFilter `wire:"cloudContainerRegistryName [ResourceStringFilter]{1..10}"`
	CloudServerlessFunctionName    []ResourceStringFilter `wire:"cloudServerlessFunctionName [ResourceStringFilter]{1..10}"`
	CloudServerlessFunctionRuntime []ResourceStringFilter `wire:"cloudServerlessFunctionRuntime [ResourceStringFilter]{1..10}"`
	CloudServerlessFunctionTags    []ResourceMapFilter    `wire:"cloudServerlessFunctionTags [ResourceMapFilter]{1..10}"`
}

type ResourceMapFilter struct {
	Comparison ResourceMapComparison `wire:"comparison* ResourceMapComparison"`
	Key        string                `wire:"key* string{1..}"`
	Value      string                `wire:"value string{1..}"`
}

type ResourceNotFoundException struct {
	Message string `wire:"message* string"`
}

// Error returns the message.
func (e *ResourceNotFoundException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*ResourceNotFoundException) Fault() (string, int) { return "ResourceNotFoundException", 404 }

type ResourceScanMetadata struct {
	EcrRepository       *EcrRepositoryMetadata       `wire:"ecrRepository EcrRepositoryMetadata"`
	EcrImage            *EcrContainerImageMetadata   `wire:"ecrImage EcrContainerImageMetadata"`
	Ec2                 *Ec2Metadata                 `wire:"ec2 Ec2Metadata"`
	LambdaFunction      *LambdaFunctionMetadata      `wire:"lambdaFunction LambdaFunctionMetadata"`
	CodeRepository      *CodeRepositoryMetadata      `wire:"codeRepository CodeRepositoryMetadata"`
	VmInstance          *VmInstanceMetadata          `wire:"vmInstance VmInstanceMetadata"`
	ContainerImage      *ContainerImageMetadata      `wire:"containerImage ContainerImageMetadata"`
	ContainerRepository *ContainerRepositoryMetadata `wire:"containerRepository ContainerRepositoryMetadata"`
	ContainerRegistry   *ContainerRegistryMetadata   `wire:"containerRegistry ContainerRegistryMetadata"`
	ServerlessFunction  *ServerlessFunctionMetadata  `wire:"serverlessFunction ServerlessFunctionMetadata"`
}

type ResourceState struct {
	Ec2            State  `wire:"ec2* State"`
	Ecr            State  `wire:"ecr* State"`
	Lambda         *State `wire:"lambda State"`
	LambdaCode     *State `wire:"lambdaCode State"`
	CodeRepository *State `wire:"codeRepository State"`
}

type ResourceStatus struct {
	Ec2            Status `wire:"ec2* Status"`
	Ecr            Status `wire:"ecr* Status"`
	Lambda         Status `wire:"lambda Status"`
	LambdaCode     Status `wire:"lambdaCode Status"`
	CodeRepository Status `wire:"codeRepository Status"`
}

type ResourceStringFilter struct {
	Comparison ResourceStringComparison `wire:"comparison* ResourceStringComparison"`
	Value      string                   `wire:"value* string{1..1024}"`
}

type ScanStatus struct {
	StatusCode ScanStatusCode   `wire:"statusCode* ScanStatusCode"`
	Reason     ScanStatusReason `wire:"reason* ScanStatusReason"`
}

type Schedule struct {
	_       struct{}         `wire:"union"`
	OneTime *OneTimeSchedule `wire:"oneTime OneTimeSchedule"`
	Daily   *DailySchedule   `wire:"daily DailySchedule"`
	Weekly  *WeeklySchedule  `wire:"weekly WeeklySchedule"`
	Monthly *MonthlySchedule `wire:"monthly MonthlySchedule"`
}

type ScopeConfiguration struct {
	ScopeType   ScopeType  `wire:"scopeType* ScopeType"`
	ScopeValues []string   `wire:"scopeValues [string{36..36}#44]{0..100}"`
	State       ScopeState `wire:"state ScopeState"`
	StateReason string     `wire:"stateReason string"`
}

type ScopeConfigurationInput struct {
	ScopeType   ScopeType `wire:"scopeType* ScopeType"`
	ScopeValues []string  `wire:"scopeValues [string{36..36}#44]{0..100}"`
}

type ScopeSettings struct {
	ProjectSelectionScope ProjectSelectionScope `wire:"projectSelectionScope ProjectSelectionScope"`
}

type SearchVulnerabilitiesFilterCriteria struct {
	VulnerabilityIDs []string `wire:"vulnerabilityIds* [string#45]{1..1}"`
}

type SearchVulnerabilitiesRequest struct {
	FilterCriteria SearchVulnerabilitiesFilterCriteria `wire:"filterCriteria* SearchVulnerabilitiesFilterCriteria"`
	NextToken      string                              `wire:"nextToken string{0..1000000}"`
}

type SearchVulnerabilitiesResponse struct {
	Vulnerabilities []Vulnerability `wire:"vulnerabilities* [Vulnerability]{0..1}"`
	NextToken       string          `wire:"nextToken string{0..1000000}"`
}

type SendCisSessionHealthRequest struct {
	ScanJobID    string `wire:"scanJobId* string#38"`
	SessionToken string `wire:"sessionToken* string#38"`
}

type SendCisSessionHealthResponse struct {
}

type SendCisSessionTelemetryRequest struct {
	ScanJobID    string              `wire:"scanJobId* string#38"`
	SessionToken string              `wire:"sessionToken* string#38"`
	Messages     []CisSessionMessage `wire:"messages* [CisSessionMessage]{1..150}"`
}

type SendCisSessionTelemetryResponse struct {
}

type ServerlessFunction struct {
	ServerlessFunctionName string         `wire:"serverlessFunctionName string{1..}"`
	Runtime                string         `wire:"runtime string{1..}"`
	Version                string         `wire:"version string{1..}"`
	CodeDigest             string         `wire:"codeDigest string{1..}"`
	LastModifiedAt         time.Time      `wire:"lastModifiedAt time"`
	NetworkID              string         `wire:"networkId string{1..}"`
	SubnetIDs              []string       `wire:"subnetIds [string{1..}]{0..16}"`
	SecurityGroupIDs       []string       `wire:"securityGroupIds [string{1..}]{0..5}"`
	ExecutionRole          string         `wire:"executionRole string{1..}"`
	PackageType            PackageType    `wire:"packageType PackageType"`
	Architectures          []Architecture `wire:"architectures [Architecture]{1..1}"`
	Layers                 []string       `wire:"layers [string#13]"`
}

type ServerlessFunctionAggregation struct {
	ResourceIDs     []StringFilter           `wire:"resourceIds [StringFilter]{1..10}"`
	FunctionNames   []StringFilter           `wire:"functionNames [StringFilter]{1..10}"`
	Runtimes        []StringFilter           `wire:"runtimes [StringFilter]{1..10}"`
	FunctionTags    []MapFilter              `wire:"functionTags [MapFilter]{1..10}"`
	CloudProviders  []StringFilter           `wire:"cloudProviders [StringFilter]{1..10}"`
	CloudPartitions []StringFilter           `wire:"cloudPartitions [StringFilter]{1..10}"`
	CloudRegions    []StringFilter           `wire:"cloudRegions [StringFilter]{1..10}"`
	CloudOrgIDs     []StringFilter           `wire:"cloudOrgIds [StringFilter]{1..10}"`
	CloudAccountIDs []StringFilter           `wire:"cloudAccountIds [StringFilter]{1..10}"`
	SortOrder       SortOrder                `wire:"sortOrder SortOrder"`
	SortBy          ServerlessFunctionSortBy `wire:"sortBy ServerlessFunctionSortBy"`
}

type ServerlessFunctionAggregationResponse struct {
	ResourceID                          string            `wire:"resourceId* string{1..}"`
	CloudProvider                       Provider          `wire:"cloudProvider Provider"`
	CloudAccountID                      string            `wire:"cloudAccountId string{12..36}#5"`
	CloudPartition                      string            `wire:"cloudPartition string{1..64}#2"`
	CloudRegion                         string            `wire:"cloudRegion string{1..64}#3"`
	CloudOrgID                          string            `wire:"cloudOrgId string{12..36}#4"`
	FunctionName                        string            `wire:"functionName string"`
	Runtime                             string            `wire:"runtime string"`
	Tags                                map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
	AccountID                           string            `wire:"accountId string"`
	SeverityCounts                      *SeverityCounts   `wire:"severityCounts SeverityCounts"`
	LastModifiedAt                      time.Time         `wire:"lastModifiedAt time"`
	ExploitAvailableActiveFindingsCount *int64            `wire:"exploitAvailableActiveFindingsCount long"`
	FixAvailableActiveFindingsCount     *int64            `wire:"fixAvailableActiveFindingsCount long"`
}

type ServerlessFunctionMetadata struct {
	ServerlessFunctionName string            `wire:"serverlessFunctionName string"`
	Runtime                string            `wire:"runtime string"`
	FunctionTags           map[string]string `wire:"functionTags <string{1..128}:string{0..256}>"`
}

type ServiceQuotaExceededException struct {
	Message    string `wire:"message* string"`
	ResourceID string `wire:"resourceId* string"`
}

// Error returns the message.
func (e *ServiceQuotaExceededException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*ServiceQuotaExceededException) Fault() (string, int) {
	return "ServiceQuotaExceededException", 402
}

type SeverityCounts struct {
	All      *int64 `wire:"all long"`
	Medium   *int64 `wire:"medium long"`
	High     *int64 `wire:"high long"`
	Critical *int64 `wire:"critical long"`
}

type SortCriteria struct {
	Field     SortField `wire:"field* SortField"`
	SortOrder SortOrder `wire:"sortOrder* SortOrder"`
}

type StartCisSessionMessage struct {
	SessionToken string `wire:"sessionToken* string#38"`
}

type StartCisSessionRequest struct {
	ScanJobID string                 `wire:"scanJobId* string#38"`
	Message   StartCisSessionMessage `wire:"message* StartCisSessionMessage"`
}

type StartCisSessionResponse struct {
}

type StartCodeSecurityScanRequest struct {
	ClientToken string               `wire:"clientToken string{1..64}#46 @token"`
	Resource    CodeSecurityResource `wire:"resource* CodeSecurityResource"`
}

type StartCodeSecurityScanResponse struct {
	ScanID string         `wire:"scanId string#38"`
	Status CodeScanStatus `wire:"status CodeScanStatus"`
}

type State struct {
	Status       Status    `wire:"status* Status"`
	ErrorCode    ErrorCode `wire:"errorCode* ErrorCode"`
	ErrorMessage string    `wire:"errorMessage* string{1..}"`
}

type StatusCounts struct {
	Failed  *int32 `wire:"failed int"`
	Skipped *int32 `wire:"skipped int"`
	Passed  *int32 `wire:"passed int"`
}

type Step struct {
	ComponentID   string `wire:"componentId* string"`
	ComponentType string `wire:"componentType* string"`
	ComponentARN  string `wire:"componentArn string"`
}

type StopCisMessageProgress struct {
	TotalChecks         *int32 `wire:"totalChecks int{0..65536}"`
	SuccessfulChecks    *int32 `wire:"successfulChecks int{0..65536}"`
	FailedChecks        *int32 `wire:"failedChecks int{0..65536}"`
	NotEvaluatedChecks  *int32 `wire:"notEvaluatedChecks int{0..65536}"`
	UnknownChecks       *int32 `wire:"unknownChecks int{0..65536}"`
	NotApplicableChecks *int32 `wire:"notApplicableChecks int{0..65536}"`
	InformationalChecks *int32 `wire:"informationalChecks int{0..65536}"`
	ErrorChecks         *int32 `wire:"errorChecks int{0..65536}"`
}

type StopCisSessionMessage struct {
	Status           StopCisSessionStatus   `wire:"status* StopCisSessionStatus"`
	Reason           *string                `wire:"reason string{0..1024}"`
	Progress         StopCisMessageProgress `wire:"progress* StopCisMessageProgress"`
	ComputePlatform  *ComputePlatform       `wire:"computePlatform ComputePlatform"`
	BenchmarkVersion *string                `wire:"benchmarkVersion string{0..8}"`
	BenchmarkProfile *string                `wire:"benchmarkProfile string{0..128}"`
}

type StopCisSessionRequest struct {
	ScanJobID    string                `wire:"scanJobId* string#38"`
	SessionToken string                `wire:"sessionToken* string#38"`
	Message      StopCisSessionMessage `wire:"message* StopCisSessionMessage"`
}

type StopCisSessionResponse struct {
}

type StringFilter struct {
	Comparison StringComparison `wire:"comparison* StringComparison"`
	Value      string           `wire:"value* string{1..1024}"`
}

type SuccessfulAssociationResult struct {
	ScanConfigurationARN string                `wire:"scanConfigurationArn string#6"`
	Resource             *CodeSecurityResource `wire:"resource CodeSecurityResource"`
}

type SuggestedFix struct {
	Description string `wire:"description string{1..1000}"`
	Code        string `wire:"code string{1..2500}"`
}

type TagFilter struct {
	Comparison TagComparison `wire:"comparison* TagComparison"`
	Key        string        `wire:"key* string{1..}"`
	Value      string        `wire:"value* string{1..}"`
}

type TagResourceRequest struct {
	ResourceARN string            `wire:"resourceArn* string{1..1011} @uri=resourceArn"`
	Tags        map[string]string `wire:"tags* <string{1..128}:string{0..256}>"`
}

type TagResourceResponse struct {
}

type ThrottlingException struct {
	Message           string `wire:"message* string"`
	RetryAfterSeconds *int32 `wire:"retryAfterSeconds int @header=Retry-After"`
}

// Error returns the message.
func (e *ThrottlingException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*ThrottlingException) Fault() (string, int) { return "ThrottlingException", 429 }

type Time struct {
	TimeOfDay string `wire:"timeOfDay* string#47"`
	Timezone  string `wire:"timezone* string{1..50}"`
}

type TitleAggregation struct {
	Titles           []StringFilter          `wire:"titles [StringFilter]{1..10}"`
	VulnerabilityIDs []StringFilter          `wire:"vulnerabilityIds [StringFilter]{1..10}"`
	ResourceType     AggregationResourceType `wire:"resourceType AggregationResourceType"`
	FindingType      AggregationFindingType  `wire:"findingType AggregationFindingType"`
	SortOrder        SortOrder               `wire:"sortOrder SortOrder"`
	SortBy           TitleSortBy             `wire:"sortBy TitleSortBy"`
}

type TitleAggregationResponse struct {
	Title           string          `wire:"title* string{1..}"`
	VulnerabilityID string          `wire:"vulnerabilityId string"`
	AccountID       string          `wire:"accountId string{12..12}#0"`
	SeverityCounts  *SeverityCounts `wire:"severityCounts SeverityCounts"`
}

type UntagResourceRequest struct {
	ResourceARN string   `wire:"resourceArn* string{1..1011} @uri=resourceArn"`
	TagKeys     []string `wire:"tagKeys* [string{1..128}#48]{0..50} @querystring=tagKeys"`
}

type UntagResourceResponse struct {
}

type UpdateCisScanConfigurationRequest struct {
	ScanConfigurationARN string            `wire:"scanConfigurationArn* string#19"`
	ScanName             string            `wire:"scanName string{1..128}"`
	SecurityLevel        CisSecurityLevel  `wire:"securityLevel CisSecurityLevel"`
	Schedule             *Schedule         `wire:"schedule Schedule"`
	Targets              *UpdateCisTargets `wire:"targets UpdateCisTargets"`
}

type UpdateCisScanConfigurationResponse struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn* string#19"`
}

type UpdateCisTargets struct {
	AccountIDs         []string            `wire:"accountIds [string#36]{1..10000}"`
	TargetResourceTags map[string][]string `wire:"targetResourceTags <string{1..128}#23:[string{1..256}]{1..5}>{1..5}"`
}

type UpdateCodeSecurityIntegrationRequest struct {
	IntegrationARN string                   `wire:"integrationArn* string#28"`
	Details        UpdateIntegrationDetails `wire:"details* UpdateIntegrationDetails"`
}

type UpdateCodeSecurityIntegrationResponse struct {
	IntegrationARN string            `wire:"integrationArn* string#28"`
	Status         IntegrationStatus `wire:"status* IntegrationStatus"`
}

type UpdateCodeSecurityScanConfigurationRequest struct {
	ScanConfigurationARN string                        `wire:"scanConfigurationArn* string#6"`
	Configuration        CodeSecurityScanConfiguration `wire:"configuration* CodeSecurityScanConfiguration"`
}

type UpdateCodeSecurityScanConfigurationResponse struct {
	ScanConfigurationARN string `wire:"scanConfigurationArn string#6"`
}

type UpdateConfigurationInheritance struct {
	Ec2Configuration InheritanceMode `wire:"ec2Configuration InheritanceMode"`
	EcrConfiguration InheritanceMode `wire:"ecrConfiguration InheritanceMode"`
}

type UpdateConfigurationRequest struct {
	AccountID                      string                          `wire:"accountId string{12..12}#0"`
	EcrConfiguration               *EcrConfiguration               `wire:"ecrConfiguration EcrConfiguration"`
	Ec2Configuration               *Ec2Configuration               `wire:"ec2Configuration Ec2Configuration"`
	UpdateConfigurationInheritance *UpdateConfigurationInheritance `wire:"updateConfigurationInheritance UpdateConfigurationInheritance"`
}

type UpdateConfigurationResponse struct {
}

type UpdateConnectorRequest struct {
	ConnectorARN   string                `wire:"connectorArn* string{1..256}#32"`
	Description    *string               `wire:"description string{0..200}#34"`
	ProviderDetail *ProviderDetailUpdate `wire:"providerDetail ProviderDetailUpdate"`
}

type UpdateConnectorResponse struct {
	ConnectorARN string `wire:"connectorArn string{1..256}#32"`
}

type UpdateConnectorScanConfigurationRequest struct {
	AwsConfigConnectorARN string                     `wire:"awsConfigConnectorArn* string{1..512}#7"`
	ScanConfiguration     ConnectorScanConfiguration `wire:"scanConfiguration* ConnectorScanConfiguration"`
}

type UpdateConnectorScanConfigurationResponse struct {
}

type UpdateEc2DeepInspectionConfigurationRequest struct {
	ActivateDeepInspection *bool    `wire:"activateDeepInspection bool"`
	PackagePaths           []string `wire:"packagePaths [string{1..512}#39]{0..5}"`
}

type UpdateEc2DeepInspectionConfigurationResponse struct {
	PackagePaths    []string                `wire:"packagePaths [string{1..512}#39]{0..5}"`
	OrgPackagePaths []string                `wire:"orgPackagePaths [string{1..512}#39]{0..5}"`
	Status          Ec2DeepInspectionStatus `wire:"status Ec2DeepInspectionStatus"`
	ErrorMessage    string                  `wire:"errorMessage string{1..}"`
}

type UpdateEncryptionKeyRequest struct {
	KmsKeyID     string       `wire:"kmsKeyId* string#40"`
	ScanType     ScanType     `wire:"scanType* ScanType"`
	ResourceType ResourceType `wire:"resourceType* ResourceType"`
}

type UpdateEncryptionKeyResponse struct {
}

type UpdateFilterRequest struct {
	Action         FilterAction    `wire:"action FilterAction"`
	Description    string          `wire:"description string{1..512}"`
	FilterCriteria *FilterCriteria `wire:"filterCriteria FilterCriteria"`
	Name           string          `wire:"name string{1..128}"`
	FilterARN      string          `wire:"filterArn* string{1..128}"`
	Reason         string          `wire:"reason string{1..512}"`
}

type UpdateFilterResponse struct {
	ARN string `wire:"arn* string{1..128}"`
}

type UpdateGitHubIntegrationDetail struct {
	Code           string `wire:"code* string{1..1024} @secret"`
	InstallationID string `wire:"installationId* string{1..1024}"`
}

type UpdateGitLabSelfManagedIntegrationDetail struct {
	AuthCode string `wire:"authCode* string{1..1024} @secret"`
}

type UpdateIntegrationDetails struct {
	_                 struct{}                                  `wire:"union"`
	GitlabSelfManaged *UpdateGitLabSelfManagedIntegrationDetail `wire:"gitlabSelfManaged UpdateGitLabSelfManagedIntegrationDetail"`
	Github            *UpdateGitHubIntegrationDetail            `wire:"github UpdateGitHubIntegrationDetail"`
}

type UpdateOrgEc2DeepInspectionConfigurationRequest struct {
	OrgPackagePaths []string `wire:"orgPackagePaths* [string{1..512}#39]{0..5}"`
}

type UpdateOrgEc2DeepInspectionConfigurationResponse struct {
}

type UpdateOrganizationConfigurationRequest struct {
	AutoEnable AutoEnable `wire:"autoEnable* AutoEnable"`
}

type UpdateOrganizationConfigurationResponse struct {
	AutoEnable AutoEnable `wire:"autoEnable* AutoEnable"`
}

type Usage struct {
	Type                 UsageType     `wire:"type UsageType"`
	Total                *float64      `wire:"total double{0..}"`
	EstimatedMonthlyCost *float64      `wire:"estimatedMonthlyCost double{0..}"`
	Currency             Currency      `wire:"currency Currency"`
	CloudProvider        CloudProvider `wire:"cloudProvider CloudProvider"`
}

type UsageTotal struct {
	AccountID string  `wire:"accountId string#16"`
	Usage     []Usage `wire:"usage [Usage]"`
}

type VMScannerState struct {
	Activated   *bool           `wire:"activated bool"`
	ActivatedAt time.Time       `wire:"activatedAt time"`
	Status      VMScannerStatus `wire:"status VMScannerStatus"`
}

type ValidationException struct {
	Message string                     `wire:"message* string"`
	Reason  ValidationExceptionReason  `wire:"reason* ValidationExceptionReason"`
	Fields  []ValidationExceptionField `wire:"fields [ValidationExceptionField]"`
}

// Error returns the message.
func (e *ValidationException) Error() string { return e.Message }

// Fault returns the exception's name and status.
func (*ValidationException) Fault() (string, int) { return "ValidationException", 400 }

type ValidationExceptionField struct {
	Name    string `wire:"name* string"`
	Message string `wire:"message* string"`
}

type Vm struct {
	Type             string    `wire:"type string{1..}"`
	VmName           string    `wire:"vmName string{1..}"`
	VmImageReference string    `wire:"vmImageReference string{1..}"`
	IpV4Addresses    []string  `wire:"ipV4Addresses [string{7..15}#8]"`
	IpV6Addresses    []string  `wire:"ipV6Addresses [string{1..47}]"`
	NetworkID        string    `wire:"networkId string{1..}"`
	SubnetIDs        []string  `wire:"subnetIds [string{1..}]{0..16}"`
	SecurityGroupIDs []string  `wire:"securityGroupIds [string{1..}]{0..5}"`
	LaunchedAt       time.Time `wire:"launchedAt time"`
	Platform         string    `wire:"platform string{1..1024}"`
	ExecutionRole    string    `wire:"executionRole string{1..}"`
	KeyName          string    `wire:"keyName string{1..}"`
}

type VmInstanceAggregation struct {
	ResourceIDs       []StringFilter   `wire:"resourceIds [StringFilter]{1..10}"`
	OperatingSystems  []StringFilter   `wire:"operatingSystems [StringFilter]{1..10}"`
	InstanceTags      []MapFilter      `wire:"instanceTags [MapFilter]{1..10}"`
	VmImageReferences []StringFilter   `wire:"vmImageReferences [StringFilter]{1..10}"`
	CloudProviders    []StringFilter   `wire:"cloudProviders [StringFilter]{1..10}"`
	CloudPartitions   []StringFilter   `wire:"cloudPartitions [StringFilter]{1..10}"`
	CloudRegions      []StringFilter   `wire:"cloudRegions [StringFilter]{1..10}"`
	CloudOrgIDs       []StringFilter   `wire:"cloudOrgIds [StringFilter]{1..10}"`
	CloudAccountIDs   []StringFilter   `wire:"cloudAccountIds [StringFilter]{1..10}"`
	SortOrder         SortOrder        `wire:"sortOrder SortOrder"`
	SortBy            VmInstanceSortBy `wire:"sortBy VmInstanceSortBy"`
}

type VmInstanceAggregationResponse struct {
	ResourceID                          string            `wire:"resourceId* string{1..}"`
	CloudProvider                       Provider          `wire:"cloudProvider Provider"`
	CloudAccountID                      string            `wire:"cloudAccountId string{12..36}#5"`
	CloudPartition                      string            `wire:"cloudPartition string{1..64}#2"`
	CloudRegion                         string            `wire:"cloudRegion string{1..64}#3"`
	CloudOrgID                          string            `wire:"cloudOrgId string{12..36}#4"`
	VmImageReference                    string            `wire:"vmImageReference string"`
	OperatingSystem                     string            `wire:"operatingSystem string"`
	Tags                                map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
	AccountID                           string            `wire:"accountId string"`
	SeverityCounts                      *SeverityCounts   `wire:"severityCounts SeverityCounts"`
	NetworkFindings                     *int64            `wire:"networkFindings long"`
	ExploitAvailableActiveFindingsCount *int64            `wire:"exploitAvailableActiveFindingsCount long"`
	FixAvailableActiveFindingsCount     *int64            `wire:"fixAvailableActiveFindingsCount long"`
}

type VmInstanceMetadata struct {
	Tags             map[string]string `wire:"tags <string{1..128}:string{0..256}>"`
	Platform         VmPlatform        `wire:"platform VmPlatform"`
	InventoryHash    string            `wire:"inventoryHash string{0..256}"`
	VmImageReference string            `wire:"vmImageReference string{1..1024}"`
}

type Vulnerability struct {
	ID                     string              `wire:"id* string{1..}"`
	Cwes                   []string            `wire:"cwes [string{0..}]{0..}"`
	CisaData               *CisaData           `wire:"cisaData CisaData"`
	Source                 VulnerabilitySource `wire:"source VulnerabilitySource"`
	Description            string              `wire:"description string"`
	AtigData               *AtigData           `wire:"atigData AtigData"`
	VendorSeverity         string              `wire:"vendorSeverity string{1..64}"`
	Cvss4                  *Cvss4              `wire:"cvss4 Cvss4"`
	Cvss3                  *Cvss3              `wire:"cvss3 Cvss3"`
	RelatedVulnerabilities []string            `wire:"relatedVulnerabilities [string{0..}]{0..100}"`
	Cvss2                  *Cvss2              `wire:"cvss2 Cvss2"`
	VendorCreatedAt        time.Time           `wire:"vendorCreatedAt time"`
	VendorUpdatedAt        time.Time           `wire:"vendorUpdatedAt time"`
	SourceURL              string              `wire:"sourceUrl string{0..}"`
	ReferenceURLs          []string            `wire:"referenceUrls [string{0..}]{0..100}"`
	ExploitObserved        *ExploitObserved    `wire:"exploitObserved ExploitObserved"`
	DetectionPlatforms     []string            `wire:"detectionPlatforms [string{1..}]{0..100}"`
	Epss                   *Epss               `wire:"epss Epss"`
}

type VulnerablePackage struct {
	Name                 string         `wire:"name* string{1..1024}"`
	Version              string         `wire:"version* string{1..1024}"`
	SourceLayerHash      string         `wire:"sourceLayerHash string{71..71}#9"`
	Epoch                *int32         `wire:"epoch int"`
	Release              string         `wire:"release string{1..1024}"`
	Arch                 string         `wire:"arch string{1..64}"`
	PackageManager       PackageManager `wire:"packageManager PackageManager"`
	FilePath             string         `wire:"filePath string{1..1024}"`
	FixedInVersion       string         `wire:"fixedInVersion string{1..1024}"`
	Remediation          string         `wire:"remediation string{1..1024}"`
	SourceLambdaLayerARN string         `wire:"sourceLambdaLayerArn string#13"`
}

type WeeklySchedule struct {
	StartTime Time  `wire:"startTime* Time"`
	Days      []Day `wire:"days* [Day]{1..7}"`
}
