package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// Aggregation asks how many active findings there are of each thing of one
// type.
type Aggregation struct {
	Type         string             // in the words of AggregationType of the API
	Where        filter.Criteria    // by the names of the members of the type's request, such as packageNames
	FindingType  string             // of accounts, types and titles; empty: all
	ResourceType string             // the same
	Accounts     []filter.Condition // on the number of the account
	Sort         string             // ALL, CRITICAL, HIGH or what else the type has; empty: ALL
	Ascending    bool
	Size         int    // at most MaxRows; 0 means MaxRows
	After        string // the token that came with the page before; empty for the first page
	Caller       string // who asks: tokens hold for nobody else
	Now          time.Time
}

// Row is how many active findings one thing has.
type Row struct {
	Account       org.Account
	Name          string             // title, package, repository, machine image or layer; empty for other things
	Vulnerability string             // of a title; may be empty
	FindingType   string             // of a title
	Resource      *resource.Resource // of layers and resources
	All           int64
	Critical      int64
	High          int64
	Medium        int64
	Fixable       int64 // with a fix, if only for some of the packages
	Exploitable   int64 // of accounts, code and resources of any cloud
	Network       int64 // of resources: open network paths
	Resources     int64 // of repositories and machine images: images and instances that have findings
}

// MaxRows is how many rows one page of an aggregation has at most.
// Source: Inspector2 API model, ListFindingAggregationsRequest, maxResults.
const MaxRows = 100

// aggregationLimit is how long an aggregation may take.
const aggregationLimit = 15 * time.Second

// An aggregation is how findings are counted for one type.
type aggregation struct {
	dim   int64           // that has the counters; 0: the resources themselves have
	types []resource.Type // of those
	typed bool            // can be asked for one type of finding and of resource
	// exploits tells that findings that can be exploited are counted, too.
	exploits bool
	terms    []string // that criteria on what is counted by may name
	fields   []string // that criteria on resources may name: see countedResources
	own      string   // sort of this type only
	column   string   // and what it sorts by
}

// cloudFields are where a resource is.
var cloudFields = []string{"cloudProviders", "cloudPartitions", "cloudRegions", "cloudOrgIds", "cloudAccountIds"}

// aggregations are the types, with what criteria may name.
// Source: Inspector2 API model, AggregationType and AggregationRequest.
var aggregations = map[string]aggregation{
	"ACCOUNT":      {dim: dimAccount, typed: true, exploits: true},
	"FINDING_TYPE": {dim: dimAccount, typed: true, exploits: true},
	"TITLE":        {dim: dimTitle, typed: true, terms: []string{"titles", "vulnerabilityIds"}},
	"PACKAGE":      {dim: dimPackage, terms: []string{"packageNames"}},
	"REPOSITORY": {
		dim: dimRepository, terms: []string{"repositories"}, own: "AFFECTED_IMAGES", column: "n_res",
	},
	"AMI": {dim: dimAMI, terms: []string{"amis"}, own: "AFFECTED_INSTANCES", column: "n_res"},
	"IMAGE_LAYER": {
		dim: dimImageLayer, terms: []string{"layerHashes"}, fields: append([]string{"repositories", "resourceIds"}, cloudFields...),
	},
	"LAMBDA_LAYER": {dim: dimLambdaLayer, terms: []string{"layerArns"}, fields: []string{"functionNames", "resourceIds"}},
	"AWS_EC2_INSTANCE": {
		types: []resource.Type{resource.Instance}, own: "NETWORK_FINDINGS", column: "n_net",
		fields: []string{"amis", "operatingSystems", "instanceIds", "instanceTags"},
	},
	"AWS_ECR_CONTAINER": {types: []resource.Type{resource.Image}, fields: []string{
		"resourceIds", "imageShas", "repositories", "architectures", "imageTags", "lastInUseAt", "inUseCount",
	}},
	"AWS_LAMBDA_FUNCTION": {types: []resource.Type{resource.Function}, fields: []string{
		"resourceIds", "functionNames", "runtimes", "functionTags",
	}},
	"CODE_REPOSITORY": {types: []resource.Type{resource.Code}, exploits: true, fields: []string{"projectNames", "providerTypes", "resourceIds"}},
	"VM_INSTANCE": {
		types: []resource.Type{resource.Instance, resource.AzureInstance}, exploits: true, own: "NETWORK_FINDINGS", column: "n_net",
		fields: append([]string{"resourceIds", "operatingSystems", "instanceTags", "vmImageReferences"}, cloudFields...),
	},
	"CONTAINER_IMAGE": {types: []resource.Type{resource.Image, resource.AzureImage}, exploits: true, fields: append([]string{
		"resourceIds", "imageDigests", "repositories", "registries", "architectures", "imageTags", "lastInUseAt", "inUseCount",
	}, cloudFields...)},
	"SERVERLESS_FUNCTION": {types: []resource.Type{resource.Function, resource.AzureFunction}, exploits: true, fields: append([]string{
		"resourceIds", "functionNames", "runtimes", "functionTags",
	}, cloudFields...)},
}

// A counterField is a field of criteria on counters.
type counterField struct {
	kind   filter.Kind
	column filter.Column // of agg_key n or of resource r
}

// partition is what resource.Cloud.Partition returns.
const partition = `(CASE WHEN r.cloud = 'AZURE' THEN CASE WHEN substr(r.cloud_region, 1, 5) = 'china' THEN 'AzureChinaCloud'
	WHEN substr(r.cloud_region, 1, 5) IN ('usgov', 'usdod') THEN 'AzureUSGovernment' ELSE 'AzureCloud' END
	WHEN substr(r.cloud_region, 1, 3) = 'cn-' THEN 'aws-cn' WHEN substr(r.cloud_region, 1, 7) = 'us-gov-' THEN 'aws-us-gov' ELSE 'aws' END)`

// resourceTags is where the tags of a resource stand.
const resourceTags = "resource_tag t WHERE t.res_id = r.res_id AND t.account_id = r.account_id"

// countedTerm returns the field of what is counted by: one text each, but for
// the vulnerability of a title.
func countedTerm(name string) counterField {
	if name == "vulnerabilityIds" {
		return counterField{filter.TextKind, filter.Column{SQL: "n.vuln", Required: true}}
	}
	return counterField{filter.TextKind, filter.Column{SQL: "n.txt", Required: true}}
}

// countedResource returns the field of resources of that name.
func countedResource(name string) counterField { return countedResources[name] }

// countedResources are the fields that resources have.
var countedResources = map[string]counterField{
	"resourceIds":       {filter.TextKind, filter.Column{SQL: "r.arn", Required: true}},
	"instanceIds":       {filter.TextKind, filter.Column{SQL: "r.arn", Required: true}},
	"repositories":      {filter.TextKind, filter.Column{SQL: "r.repo"}},
	"registries":        {filter.TextKind, filter.Column{SQL: "r.registry"}},
	"imageShas":         {filter.TextKind, filter.Column{SQL: "r.digest"}},
	"imageDigests":      {filter.TextKind, filter.Column{SQL: "r.digest"}},
	"architectures":     {filter.TextKind, filter.Column{SQL: "r.arch"}},
	"imageTags":         {filter.TextKind, filter.Column{SQL: "r.image_tags", List: true}},
	"lastInUseAt":       {filter.TimeKind, filter.Column{SQL: "r.used_at"}},
	"inUseCount":        {filter.NumberKind, filter.Column{SQL: "r.uses", Whole: true}},
	"amis":              {filter.TextKind, filter.Column{SQL: "r.ami"}},
	"vmImageReferences": {filter.TextKind, filter.Column{SQL: "r.ami"}},
	"operatingSystems":  {filter.TextKind, filter.Column{SQL: "r.platform"}},
	"instanceTags":      {filter.MapKind, filter.Column{SQL: "t.v", Key: "t.k", From: resourceTags}},
	"functionTags":      {filter.MapKind, filter.Column{SQL: "t.v", Key: "t.k", From: resourceTags}},
	"functionNames":     {filter.TextKind, filter.Column{SQL: "r.fn_name"}},
	"runtimes":          {filter.TextKind, filter.Column{SQL: "r.fn_runtime"}},
	"projectNames":      {filter.TextKind, filter.Column{SQL: "r.project"}},
	"providerTypes":     {filter.TextKind, filter.Column{SQL: "r.code_host"}},
	"cloudProviders":    {filter.TextKind, filter.Column{SQL: "r.cloud", Required: true}},
	"cloudPartitions":   {filter.TextKind, filter.Column{SQL: partition, Required: true}},
	"cloudRegions":      {filter.TextKind, filter.Column{SQL: "r.cloud_region", Required: true}},
	"cloudOrgIds":       {filter.TextKind, filter.Column{SQL: "r.cloud_org"}},
	"cloudAccountIds":   {filter.TextKind, filter.Column{SQL: "r.cloud_account", Required: true}},
}

// A tallying is one aggregation on its way.
type tallying struct {
	aggregation
	Aggregation
	accounts  []int64         // never empty
	terms     filter.Criteria // on what counters are about
	resources filter.Criteria // on resources
	ftype     int64           // 0: all
	rtype     int64           // 0: all
	sort      string          // column
	narrow    string          // the column of counters by which criteria name few of them; empty: they do not
	query     filter.Query
	after     *tallyPlace // nil at the beginning
	size      int
}

// A tallyPlace is the position of a row in a list.
type tallyPlace struct {
	Value   int64 `json:"v"` // that is sorted by
	All     int64 `json:"n,omitempty"`
	Account int64 `json:"a"`
	Key     int64 `json:"k,omitempty"`
	Res     int64 `json:"r,omitempty"`
	Type    int64 `json:"t,omitempty"` // of the findings of a title
}

// Aggregate returns a page of the things in the scope that have active findings,
// and the token of the next page; empty if this is the last. Things that are
// equal by the sort are in an order of their own, which does not change.
func (s *Store) Aggregate(ctx context.Context, scope org.Scope, a Aggregation) (list []Row, next string, err error) {
	t, err := s.tallying(scope, a)
	if err != nil || len(t.accounts) == 0 {
		return nil, "", err
	}
	limited, cancel := context.WithTimeout(ctx, aggregationLimit)
	defer cancel()
	rows, err := s.tally(limited, t)
	if err == nil && len(rows) > t.size {
		rows = rows[:t.size]
		next, err = filter.Seal(s.Sealer(), t.query, rows[t.size-1].place(t.sort), a.Now)
	}
	if err == nil {
		list, err = s.named(limited, t, rows)
	}
	if tooLong(ctx, limited, err) {
		return nil, "", fault.New(fault.Invalid,
			"Counting the findings takes longer than %s. Use filters that leave fewer of them.", aggregationLimit)
	}
	if err != nil {
		return nil, "", fmt.Errorf("counting findings by %s: %w", a.Type, err)
	}
	return list, next, nil
}

// tooLong tells whether a query failed because it took too long, by its own
// limit or by that of the database, and not because the caller gave up.
// Source: PostgreSQL documentation, "PostgreSQL Error Codes", query_canceled.
func tooLong(caller, limited context.Context, err error) bool {
	if err == nil || caller.Err() != nil {
		return false
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return limited.Err() != nil || ok && e.Code == "57014"
}

// tallying checks a request and puts it in the numbers of the tables.
func (s *Store) tallying(scope org.Scope, a Aggregation) (t tallying, err error) {
	form, ok := aggregations[a.Type]
	if !ok {
		return t, fault.OnField("aggregationType", "unknown value %q", a.Type)
	}
	t = tallying{aggregation: form, Aggregation: a, size: a.Size}
	if a.Size < 0 || a.Size > MaxRows {
		return t, fault.OnField("maxResults", "%d is not from 1 to %d", a.Size, MaxRows)
	}
	if a.Size == 0 {
		t.size = MaxRows
	}
	if t.sort, err = form.sorting(a.Sort); err != nil {
		return t, err
	}
	t.terms, t.resources = a.Where.Pick(form.terms...)
	for _, name := range sortedKeys(t.resources) {
		if !slices.Contains(form.fields, name) {
			return t, fault.OnField(name, "%s is not counted by it", a.Type)
		}
	}
	if (a.FindingType != "" || a.ResourceType != "") && !form.typed {
		return t, fault.OnField("findingType", "%s is not counted by it", a.Type)
	}
	if a.FindingType != "" {
		if t.ftype, err = number(typeNumbers, a.FindingType, "findingType"); err != nil {
			return t, err
		}
	}
	if a.ResourceType != "" {
		if t.rtype, err = number(resourceNumbers, resource.Type(a.ResourceType), "resourceType"); err != nil {
			return t, err
		}
	}
	for _, account := range chosen(scope, a.Accounts).Accounts() {
		t.accounts = append(t.accounts, int64(account))
	}
	return t, t.open(s)
}

// sorting returns the column that a list is sorted by.
func (g aggregation) sorting(by string) (string, error) {
	switch by {
	case "", "ALL":
		return "n_all", nil
	case "CRITICAL":
		return "n_crit", nil
	case "HIGH":
		return "n_high", nil
	case g.own:
		return g.column, nil
	}
	return "", fault.OnField("sortBy", "unknown value %q", by)
}

// chosen returns the accounts of a scope that conditions let through.
func chosen(scope org.Scope, conditions []filter.Condition) org.Scope {
	if len(conditions) == 0 {
		return scope
	}
	var ids []string
	for _, a := range scope.Accounts() {
		ids = append(ids, a.String())
	}
	var out []org.Account
	for _, id := range filter.Choose(conditions, ids) {
		if a, err := org.ParseAccount(id); err == nil {
			out = append(out, a)
		}
	}
	return scope.Narrow(out...)
}

// open reads the token of the page before.
func (t *tallying) open(s *Store) error {
	where := maps.Clone(t.Where)
	if where == nil {
		where = filter.Criteria{}
	}
	where["accountIds"] = t.Accounts
	t.query = filter.Query{
		Operation: "ListFindingAggregations/" + t.Type, Caller: t.Caller, Criteria: where,
		Sort: fmt.Sprint(t.sort, t.Ascending, t.ftype, t.rtype),
	}
	if t.After == "" {
		return nil
	}
	place, err := filter.Open[tallyPlace](s.Sealer(), t.query, t.After, t.Now)
	if errors.Is(err, filter.ErrToken) {
		return fault.OnField("nextToken", "%v", err)
	}
	t.after = &place
	return err
}
