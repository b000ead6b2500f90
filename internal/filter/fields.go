package filter

// A Kind says which conditions a field takes. What they are called in the model
// stands beside each.
type Kind int

// The kinds of field.
const (
	TextKind    Kind = iota + 1 // StringFilter: EQUALS, PREFIX, NOT_EQUALS
	ExactKind                   // CoverageStringFilter, ResourceStringFilter: EQUALS, NOT_EQUALS
	NumberKind                  // NumberFilter
	WholeKind                   // CoverageNumberFilter: whole numbers
	TimeKind                    // DateFilter, CoverageDateFilter
	MapKind                     // MapFilter: a key of at most 128 characters, a value of at most 256
	TagsKind                    // CoverageMapFilter, ResourceMapFilter: any length, but no empty value
	PortsKind                   // PortRangeFilter
	PackageKind                 // PackageFilter
)

// Fields are the kinds of the fields that criteria may name.
type Fields map[string]Kind

// Finding has the fields of findings.
// Source: Inspector2 API model, FilterCriteria.
var Finding = Fields{
	"findingArn":                            TextKind,
	"awsAccountId":                          TextKind,
	"findingType":                           TextKind,
	"severity":                              TextKind,
	"firstObservedAt":                       TimeKind,
	"lastObservedAt":                        TimeKind,
	"updatedAt":                             TimeKind,
	"findingStatus":                         TextKind,
	"title":                                 TextKind,
	"inspectorScore":                        NumberKind,
	"resourceType":                          TextKind,
	"resourceId":                            TextKind,
	"resourceTags":                          MapKind,
	"ec2InstanceImageId":                    TextKind,
	"ec2InstanceVpcId":                      TextKind,
	"ec2InstanceSubnetId":                   TextKind,
	"ecrImagePushedAt":                      TimeKind,
	"ecrImageArchitecture":                  TextKind,
	"ecrImageRegistry":                      TextKind,
	"ecrImageRepositoryName":                TextKind,
	"ecrImageTags":                          TextKind,
	"ecrImageHash":                          TextKind,
	"ecrImageLastInUseAt":                   TimeKind,
	"ecrImageInUseCount":                    NumberKind,
	"portRange":                             PortsKind,
	"networkProtocol":                       TextKind,
	"componentId":                           TextKind,
	"componentType":                         TextKind,
	"vulnerabilityId":                       TextKind,
	"vulnerabilitySource":                   TextKind,
	"vendorSeverity":                        TextKind,
	"vulnerablePackages":                    PackageKind,
	"relatedVulnerabilities":                TextKind,
	"fixAvailable":                          TextKind,
	"lambdaFunctionName":                    TextKind,
	"lambdaFunctionLayers":                  TextKind,
	"lambdaFunctionRuntime":                 TextKind,
	"lambdaFunctionLastModifiedAt":          TimeKind,
	"lambdaFunctionExecutionRoleArn":        TextKind,
	"exploitAvailable":                      TextKind,
	"codeVulnerabilityDetectorName":         TextKind,
	"codeVulnerabilityDetectorTags":         TextKind,
	"codeVulnerabilityFilePath":             TextKind,
	"epssScore":                             NumberKind,
	"codeRepositoryProjectName":             TextKind,
	"codeRepositoryProviderType":            TextKind,
	"cloudProvider":                         TextKind,
	"cloudProviderRegion":                   TextKind,
	"cloudProviderAccountId":                TextKind,
	"cloudProviderOrgId":                    TextKind,
	"cloudVmImageReference":                 TextKind,
	"cloudVmNetworkId":                      TextKind,
	"cloudVmSubnetIds":                      TextKind,
	"cloudImageRepositoryName":              TextKind,
	"cloudImageRegistry":                    TextKind,
	"cloudImageDigest":                      TextKind,
	"cloudImageTags":                        TextKind,
	"cloudImagePushedAt":                    TimeKind,
	"cloudImageArchitecture":                TextKind,
	"cloudImageLastInUseAt":                 TimeKind,
	"cloudImageInUseCount":                  NumberKind,
	"cloudServerlessFunctionName":           TextKind,
	"cloudServerlessFunctionRuntime":        TextKind,
	"cloudServerlessFunctionLastModifiedAt": TimeKind,
	"cloudServerlessFunctionExecutionRole":  TextKind,
}

// Coverage has the fields of covered resources.
// Source: Inspector2 API model, CoverageFilterCriteria.
var Coverage = Fields{
	"scanStatusCode":                       ExactKind,
	"scanStatusReason":                     ExactKind,
	"accountId":                            ExactKind,
	"resourceId":                           ExactKind,
	"resourceType":                         ExactKind,
	"scanType":                             ExactKind,
	"ecrRepositoryName":                    ExactKind,
	"ecrImageTags":                         ExactKind,
	"ec2InstanceTags":                      TagsKind,
	"lambdaFunctionName":                   ExactKind,
	"lambdaFunctionTags":                   TagsKind,
	"lambdaFunctionRuntime":                ExactKind,
	"lastScannedAt":                        TimeKind,
	"scanMode":                             ExactKind,
	"imagePulledAt":                        TimeKind,
	"ecrImageLastInUseAt":                  TimeKind,
	"ecrImageInUseCount":                   WholeKind,
	"codeRepositoryProjectName":            ExactKind,
	"codeRepositoryProviderType":           ExactKind,
	"codeRepositoryProviderTypeVisibility": ExactKind,
	"lastScannedCommitId":                  ExactKind,
	"cloudProvider":                        ExactKind,
	"cloudProviderAccountId":               ExactKind,
	"cloudProviderRegion":                  ExactKind,
	"cloudVmInstanceTags":                  TagsKind,
	"cloudContainerImageTags":              ExactKind,
	"cloudContainerRepositoryName":         ExactKind,
	"cloudContainerRegistryName":           ExactKind,
	"cloudServerlessFunctionName":          ExactKind,
	"cloudServerlessFunctionRuntime":       ExactKind,
	"cloudServerlessFunctionTags":          TagsKind,
	"cloudProviderOrgId":                   ExactKind,
}

// Resource has the fields of resources whose SBOM is exported.
// Source: Inspector2 API model, ResourceFilterCriteria.
var Resource = Fields{
	"accountId":                      ExactKind,
	"resourceId":                     ExactKind,
	"resourceType":                   ExactKind,
	"ecrRepositoryName":              ExactKind,
	"lambdaFunctionName":             ExactKind,
	"ecrImageTags":                   ExactKind,
	"ec2InstanceTags":                TagsKind,
	"lambdaFunctionTags":             TagsKind,
	"cloudProvider":                  ExactKind,
	"cloudProviderAccountId":         ExactKind,
	"cloudProviderOrgId":             ExactKind,
	"cloudProviderRegion":            ExactKind,
	"cloudVmInstanceTags":            TagsKind,
	"cloudContainerImageTags":        ExactKind,
	"cloudContainerRepositoryName":   ExactKind,
	"cloudContainerRegistryName":     ExactKind,
	"cloudServerlessFunctionName":    ExactKind,
	"cloudServerlessFunctionRuntime": ExactKind,
	"cloudServerlessFunctionTags":    TagsKind,
}

// Package has the parts of a package that a condition may name.
// Source: Inspector2 API model, PackageFilter.
var Package = Fields{
	"name":                 TextKind,
	"version":              TextKind,
	"epoch":                NumberKind,
	"release":              TextKind,
	"architecture":         TextKind,
	"sourceLayerHash":      TextKind,
	"sourceLambdaLayerArn": TextKind,
	"filePath":             TextKind,
}

// SortFields has the field of a finding behind each SortField.
// Source: Inspector2 API model, SortField.
var SortFields = map[string]string{
	"AWS_ACCOUNT_ID":            "awsAccountId",
	"FINDING_TYPE":              "findingType",
	"SEVERITY":                  "severity",
	"FIRST_OBSERVED_AT":         "firstObservedAt",
	"LAST_OBSERVED_AT":          "lastObservedAt",
	"FINDING_STATUS":            "findingStatus",
	"RESOURCE_TYPE":             "resourceType",
	"ECR_IMAGE_PUSHED_AT":       "ecrImagePushedAt",
	"ECR_IMAGE_REPOSITORY_NAME": "ecrImageRepositoryName",
	"ECR_IMAGE_REGISTRY":        "ecrImageRegistry",
	"NETWORK_PROTOCOL":          "networkProtocol",
	"COMPONENT_TYPE":            "componentType",
	"VULNERABILITY_ID":          "vulnerabilityId",
	"VULNERABILITY_SOURCE":      "vulnerabilitySource",
	"INSPECTOR_SCORE":           "inspectorScore",
	"VENDOR_SEVERITY":           "vendorSeverity",
	"EPSS_SCORE":                "epssScore",
}
