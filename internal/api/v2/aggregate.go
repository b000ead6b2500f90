package v2

import (
	"context"
	"reflect"
	"time"

	"github.com/assay-project/assay/internal/api"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/store"
)

// countHandlers are the operations that count findings and use.
func (o Operations) countHandlers(h *inspector2.Handlers) {
	h.ListFindingAggregations = o.listFindingAggregations
	h.ListUsageTotals = o.listUsageTotals
	h.BatchGetFreeTrialInfo = o.batchGetFreeTrialInfo
}

// listFindingAggregations counts the active findings that the caller sees.
func (o Operations) listFindingAggregations(ctx context.Context, in *inspector2.ListFindingAggregationsRequest) (*inspector2.ListFindingAggregationsResponse, error) {
	a, err := aggregation(in)
	if err != nil {
		return nil, err
	}
	caller := api.CallerOf(ctx)
	a.Caller, a.Now = caller.Account.String(), o.Now()
	rows, next, err := o.Store.Aggregate(ctx, caller.Scope, a)
	if err != nil {
		return nil, err
	}
	out := &inspector2.ListFindingAggregationsResponse{AggregationType: in.AggregationType, NextToken: next}
	for i := range rows {
		if r := aggregated(in.AggregationType, &rows[i]); r != (inspector2.AggregationResponse{}) {
			out.Responses = append(out.Responses, r)
		}
	}
	return out, nil
}

// aggregation returns what a request asks of the store.
func aggregation(in *inspector2.ListFindingAggregationsRequest) (store.Aggregation, error) {
	out := store.Aggregation{Type: string(in.AggregationType), After: in.NextToken, Where: filter.Criteria{}}
	if in.MaxResults != nil {
		out.Size = int(*in.MaxResults)
	}
	for _, f := range in.AccountIDs {
		c, err := condition(f)
		if err != nil {
			return out, err
		}
		out.Accounts = append(out.Accounts, c)
	}
	if in.AggregationRequest == nil {
		return out, nil
	}
	member := aggregationMembers[in.AggregationType]
	union := reflect.ValueOf(*in.AggregationRequest)
	for i := range union.NumField() {
		name, v := fieldName(union.Type().Field(i)), union.Field(i)
		if v.Kind() != reflect.Pointer || v.IsNil() {
			continue
		}
		if name != member {
			return out, fault.OnField("aggregationRequest", "%s does not go with %s", name, in.AggregationType)
		}
		return out, readAggregation(v.Elem(), &out)
	}
	return out, nil
}

// readAggregation reads the request of one type: lists are criteria.
func readAggregation(v reflect.Value, out *store.Aggregation) error {
	for i := range v.NumField() {
		name, field := fieldName(v.Type().Field(i)), v.Field(i)
		switch {
		case field.Kind() == reflect.Slice:
			for j := range field.Len() {
				c, err := condition(field.Index(j).Interface())
				if err != nil {
					return err
				}
				out.Where[name] = append(out.Where[name], c)
			}
		case name == "sortBy":
			out.Sort = field.String()
		case name == "sortOrder":
			out.Ascending = field.String() == string(inspector2.SortOrderAsc)
		case name == "findingType":
			out.FindingType = field.String()
		case name == "resourceType":
			out.ResourceType = field.String()
		}
	}
	return nil
}

// aggregationMembers names the member of AggregationRequest that goes with each
// type.
// Source: Inspector2 API model, AggregationRequest.
var aggregationMembers = map[inspector2.AggregationType]string{
	inspector2.AggregationTypeAccount:            "accountAggregation",
	inspector2.AggregationTypeFindingType:        "findingTypeAggregation",
	inspector2.AggregationTypeTitle:              "titleAggregation",
	inspector2.AggregationTypePackage:            "packageAggregation",
	inspector2.AggregationTypeRepository:         "repositoryAggregation",
	inspector2.AggregationTypeAmi:                "amiAggregation",
	inspector2.AggregationTypeAwsEc2Instance:     "ec2InstanceAggregation",
	inspector2.AggregationTypeAwsEcrContainer:    "awsEcrContainerAggregation",
	inspector2.AggregationTypeImageLayer:         "imageLayerAggregation",
	inspector2.AggregationTypeAwsLambdaFunction:  "lambdaFunctionAggregation",
	inspector2.AggregationTypeLambdaLayer:        "lambdaLayerAggregation",
	inspector2.AggregationTypeCodeRepository:     "codeRepositoryAggregation",
	inspector2.AggregationTypeVmInstance:         "vmInstanceAggregation",
	inspector2.AggregationTypeContainerImage:     "containerImageAggregation",
	inspector2.AggregationTypeServerlessFunction: "serverlessFunctionAggregation",
}

// aggregated returns a row in the words of the API; the zero response for a
// resource that was deleted in the moment between its counters and itself.
func aggregated(kind inspector2.AggregationType, r *store.Row) inspector2.AggregationResponse {
	account, severities := r.Account.String(), severityCounts(r)
	var out inspector2.AggregationResponse
	switch kind {
	case inspector2.AggregationTypeAccount:
		out.AccountAggregation = &inspector2.AccountAggregationResponse{
			AccountID: account, SeverityCounts: severities, ExploitAvailableCount: &r.Exploitable, FixAvailableCount: &r.Fixable,
		}
	case inspector2.AggregationTypeFindingType:
		out.FindingTypeAggregation = &inspector2.FindingTypeAggregationResponse{
			AccountID: account, SeverityCounts: severities, ExploitAvailableCount: &r.Exploitable, FixAvailableCount: &r.Fixable,
		}
	case inspector2.AggregationTypeTitle:
		out.TitleAggregation = &inspector2.TitleAggregationResponse{
			Title: r.Name, VulnerabilityID: r.Vulnerability, AccountID: account, SeverityCounts: severities,
		}
	case inspector2.AggregationTypePackage:
		out.PackageAggregation = &inspector2.PackageAggregationResponse{PackageName: r.Name, AccountID: account, SeverityCounts: severities}
	case inspector2.AggregationTypeRepository:
		out.RepositoryAggregation = &inspector2.RepositoryAggregationResponse{
			Repository: r.Name, AccountID: account, SeverityCounts: severities, AffectedImages: &r.Resources,
		}
	case inspector2.AggregationTypeAmi:
		out.AmiAggregation = &inspector2.AmiAggregationResponse{
			Ami: r.Name, AccountID: account, SeverityCounts: severities, AffectedInstances: &r.Resources,
		}
	default:
		if r.Resource != nil {
			return aggregatedResource(kind, r)
		}
	}
	return out
}

func severityCounts(r *store.Row) *inspector2.SeverityCounts {
	return &inspector2.SeverityCounts{All: &r.All, Medium: &r.Medium, High: &r.High, Critical: &r.Critical}
}

// aggregatedResource returns a row that is about a resource.
func aggregatedResource(kind inspector2.AggregationType, r *store.Row) inspector2.AggregationResponse {
	account, severities, res := r.Account.String(), severityCounts(r), r.Resource
	cloud := res.Cloud
	var out inspector2.AggregationResponse
	switch kind {
	case inspector2.AggregationTypeAwsEc2Instance:
		out.Ec2InstanceAggregation = &inspector2.Ec2InstanceAggregationResponse{
			InstanceID: res.ID, Ami: res.Host.Image, OperatingSystem: res.Platform, InstanceTags: res.Labels, AccountID: account,
			SeverityCounts: severities, NetworkFindings: &r.Network,
		}
	case inspector2.AggregationTypeAwsEcrContainer:
		out.AwsEcrContainerAggregation = &inspector2.AwsEcrContainerAggregationResponse{
			ResourceID: res.ID, ImageSha: res.Digest, Repository: res.Image.Repository, Architecture: res.Arch, ImageTags: res.Tags,
			AccountID: account, SeverityCounts: severities, LastInUseAt: moment(res.Image.Used), InUseCount: res.Image.Uses,
		}
	case inspector2.AggregationTypeImageLayer:
		out.ImageLayerAggregation = &inspector2.ImageLayerAggregationResponse{
			Repository: res.Image.Repository, ResourceID: res.ID, LayerHash: r.Name, AccountID: account,
			CloudProvider: cloud.Provider, CloudAccountID: cloud.Account, CloudOrgID: cloud.Organization, CloudRegion: cloud.Region,
			CloudPartition: cloud.Partition(), SeverityCounts: severities,
		}
	case inspector2.AggregationTypeAwsLambdaFunction:
		out.LambdaFunctionAggregation = &inspector2.LambdaFunctionAggregationResponse{
			ResourceID: res.ID, FunctionName: res.Function.Name, Runtime: res.Function.Runtime, LambdaTags: res.Labels,
			AccountID: account, SeverityCounts: severities, LastModifiedAt: moment(res.Function.Modified),
		}
	case inspector2.AggregationTypeLambdaLayer:
		out.LambdaLayerAggregation = &inspector2.LambdaLayerAggregationResponse{
			FunctionName: res.Function.Name, ResourceID: res.ID, LayerARN: r.Name, AccountID: account, SeverityCounts: severities,
		}
	case inspector2.AggregationTypeCodeRepository:
		out.CodeRepositoryAggregation = &inspector2.CodeRepositoryAggregationResponse{
			ProjectNames: res.Code.Project, ProviderType: res.Code.Host, SeverityCounts: severities, AccountID: account, ResourceID: res.ID,
			ExploitAvailableActiveFindingsCount: &r.Exploitable, FixAvailableActiveFindingsCount: &r.Fixable,
		}
	default:
		return aggregatedAnywhere(kind, r)
	}
	return out
}

// aggregatedAnywhere returns a row about a resource of any cloud.
func aggregatedAnywhere(kind inspector2.AggregationType, r *store.Row) inspector2.AggregationResponse {
	account, severities, res, cloud := r.Account.String(), severityCounts(r), r.Resource, r.Resource.Cloud
	var out inspector2.AggregationResponse
	switch kind {
	case inspector2.AggregationTypeVmInstance:
		out.VmInstanceAggregation = &inspector2.VmInstanceAggregationResponse{
			ResourceID: res.ID, CloudProvider: inspector2.Provider(cloud.Provider), CloudAccountID: cloud.Account,
			CloudPartition: cloud.Partition(), CloudRegion: cloud.Region, CloudOrgID: cloud.Organization,
			VmImageReference: res.Host.Image, OperatingSystem: res.Platform, Tags: res.Labels, AccountID: account,
			SeverityCounts: severities, NetworkFindings: &r.Network,
			ExploitAvailableActiveFindingsCount: &r.Exploitable, FixAvailableActiveFindingsCount: &r.Fixable,
		}
	case inspector2.AggregationTypeContainerImage:
		out.ContainerImageAggregation = &inspector2.ContainerImageAggregationResponse{
			ResourceID: res.ID, CloudProvider: inspector2.Provider(cloud.Provider), CloudAccountID: cloud.Account,
			CloudPartition: cloud.Partition(), CloudRegion: cloud.Region, CloudOrgID: cloud.Organization,
			ImageDigest: res.Digest, Repository: res.Image.Repository, Registry: res.Image.Registry, Architecture: res.Arch,
			ImageTags: res.Tags, AccountID: account, SeverityCounts: severities, LastInUseAt: moment(res.Image.Used),
			InUseCount: res.Image.Uses, ExploitAvailableActiveFindingsCount: &r.Exploitable, FixAvailableActiveFindingsCount: &r.Fixable,
		}
	case inspector2.AggregationTypeServerlessFunction:
		out.ServerlessFunctionAggregation = &inspector2.ServerlessFunctionAggregationResponse{
			ResourceID: res.ID, CloudProvider: inspector2.Provider(cloud.Provider), CloudAccountID: cloud.Account,
			CloudPartition: cloud.Partition(), CloudRegion: cloud.Region, CloudOrgID: cloud.Organization,
			FunctionName: res.Function.Name, Runtime: res.Function.Runtime, Tags: res.Labels, AccountID: account,
			SeverityCounts: severities, LastModifiedAt: moment(res.Function.Modified),
			ExploitAvailableActiveFindingsCount: &r.Exploitable, FixAvailableActiveFindingsCount: &r.Fixable,
		}
	}
	return out
}

// moment reads a time of a resource; the zero time if it says none.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
