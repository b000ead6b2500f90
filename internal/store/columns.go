package store

import (
	"encoding/hex"
	"maps"
	"strings"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// yesNumbers are the words behind numbers that mean no and yes.
var yesNumbers = []string{"NO", "YES"}

// accountSize is how many digits an account id has.
const accountSize = 12

// words returns a list of numbers' words as plain texts.
func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// findingColumns says where the fields of filter.Finding are, for a query of the
// table finding under the name f.
func findingColumns() filter.Columns {
	const (
		v    = "vuln v WHERE v.vuln_sk = f.vuln_sk"
		m    = "matched m WHERE m.match_id = f.match_id"
		net  = "finding_net n WHERE n.fid = f.fid AND n.account_id = f.account_id"
		code = "finding_code c WHERE c.fid = f.fid AND c.account_id = f.account_id"
	)
	columns := resourceFields("resource r WHERE r.res_id = f.res_id AND r.account_id = f.account_id",
		"resource_tag t WHERE t.res_id = f.res_id AND t.account_id = f.account_id")
	maps.Copy(columns, filter.Columns{
		"findingArn":      {Match: findingARN},
		"awsAccountId":    {SQL: "f.account_id", Digits: accountSize, Required: true},
		"findingType":     {SQL: "f.type", Codes: typeNumbers, Required: true},
		"severity":        {SQL: "f.severity", Codes: words(severityNumbers), Required: true},
		"findingStatus":   {SQL: "f.status", Codes: words(statusNumbers), Required: true},
		"resourceType":    {SQL: "f.res_type", Codes: words(resourceNumbers), Required: true},
		"fixAvailable":    {SQL: "f.fix", Codes: words(fixNumbers), Required: true},
		"firstObservedAt": {SQL: "f.first_at", Required: true},
		"lastObservedAt":  {SQL: "f.last_at", Required: true},
		"updatedAt":       {SQL: "f.updated_at", Required: true},
		"inspectorScore":  {SQL: "f.score", Tenths: true, Required: true},

		"title":                  {SQL: "m.title", From: m},
		"vulnerabilityId":        {SQL: "v.vuln_id", From: v},
		"vulnerabilitySource":    {SQL: "v.source", From: v},
		"vendorSeverity":         {SQL: "v.vendor_sev", From: v},
		"epssScore":              {SQL: "v.epss", From: v},
		"exploitAvailable":       {SQL: "v.exploit", From: v, Codes: yesNumbers},
		"relatedVulnerabilities": {SQL: "x.related_id", From: "vuln_related x WHERE x.vuln_sk = f.vuln_sk"},

		"portRange":       {SQL: "n.port_lo", High: "n.port_hi", From: net},
		"networkProtocol": {SQL: "n.protocol", From: net},
		"componentId":     {SQL: "n.component_id", From: net},
		"componentType":   {SQL: "n.component_type", From: net},

		"codeVulnerabilityDetectorName": {SQL: "c.detector", From: code},
		"codeVulnerabilityDetectorTags": {SQL: "c.tags", From: code, List: true},
		"codeVulnerabilityFilePath":     {SQL: "c.path", From: code},

		"vulnerablePackages": {From: "match_pkg p WHERE p.match_id = f.match_id", Parts: map[string]filter.Column{
			"name": {SQL: "p.name"}, "version": {SQL: "p.version"}, "epoch": {SQL: "p.epoch", Whole: true},
			"release": {SQL: "p.release"}, "architecture": {SQL: "p.arch"}, "sourceLayerHash": {SQL: "p.layer"},
			"sourceLambdaLayerArn": {SQL: "p.lambda_layer"}, "filePath": {SQL: "p.path"},
		}},
	})
	return columns
}

// probed returns the columns of findings for a query that looks at some findings
// one by one: what is asked of another table is looked up there by the key of
// the row and not by the value, of which there may be many. Both databases would
// else read all packages whose names begin with a text for each finding. An
// expression, even one that changes nothing, is not in any index.
func probed(columns filter.Columns) filter.Columns {
	out := filter.Columns{}
	for name, c := range columns {
		if c.From != "" {
			c = expressed(filter.Finding[name], c)
			c.Probe = true
		}
		out[name] = c
	}
	return out
}

// expressed makes the values of a column expressions.
func expressed(kind filter.Kind, c filter.Column) filter.Column {
	switch {
	case c.Parts != nil:
		parts := map[string]filter.Column{}
		for name, part := range c.Parts {
			parts[name] = expressed(filter.Package[name], part)
		}
		c.Parts = parts
	case c.Codes != nil || kind == filter.NumberKind || kind == filter.TimeKind || kind == filter.PortsKind:
		c.SQL = "+" + c.SQL
	default:
		c.SQL = "(" + c.SQL + " || '')"
		if c.Key != "" {
			c.Key = "(" + c.Key + " || '')"
		}
	}
	return c
}

// resourceColumns says where the fields of filter.Resource are, for a query of
// the table resource under the name r.
func resourceColumns() filter.Columns {
	columns := resourceFields("", "resource_tag t WHERE t.res_id = r.res_id AND t.account_id = r.account_id")
	columns["accountId"] = filter.Column{SQL: "r.account_id", Digits: accountSize, Required: true}
	columns["resourceType"] = filter.Column{SQL: "r.type", Codes: words(resourceNumbers), Required: true}
	return columns
}

// coverageColumns says where the fields of filter.Coverage are, for a query of
// the tables coverage and resource under the names c and r, one row for each
// scan type of a resource.
func coverageColumns() filter.Columns {
	columns := resourceColumns()
	maps.Copy(columns, filter.Columns{
		"scanStatusCode":   {SQL: "c.code", Codes: codeNumbers, Required: true},
		"scanStatusReason": {SQL: "c.reason", Required: true},
		"scanType":         {SQL: "c.scan_type", Codes: scanNumbers, Required: true},
		"scanMode":         {SQL: "c.mode"},
		"lastScannedAt":    {SQL: "c.last_scanned_at"},
	})
	return columns
}

// resourceFields are the columns of the fields that say something of a
// resource: from and tagsFrom are where the rows of resource and resource_tag
// stand, as in filter.Column.
func resourceFields(from, tagsFrom string) filter.Columns {
	col := func(sql string) filter.Column { return filter.Column{SQL: sql, From: from} }
	whole := func(sql string) filter.Column { return filter.Column{SQL: sql, From: from, Whole: true} }
	list := func(sql string) filter.Column { return filter.Column{SQL: sql, From: from, List: true} }
	tags := filter.Column{Key: "t.k", SQL: "t.v", From: tagsFrom}
	return filter.Columns{
		"resourceId":   col("r.arn"),
		"resourceTags": tags, "ec2InstanceTags": tags, "lambdaFunctionTags": tags,
		"cloudVmInstanceTags": tags, "cloudServerlessFunctionTags": tags,

		"ec2InstanceImageId": col("r.ami"), "cloudVmImageReference": col("r.ami"),
		"ec2InstanceVpcId": col("r.vpc"), "cloudVmNetworkId": col("r.vpc"),
		"ec2InstanceSubnetId": col("r.subnet"), "cloudVmSubnetIds": col("r.subnet"),

		"ecrImagePushedAt": col("r.pushed_at"), "cloudImagePushedAt": col("r.pushed_at"),
		"ecrImageArchitecture": col("r.arch"), "cloudImageArchitecture": col("r.arch"),
		"ecrImageRegistry": col("r.registry"), "cloudImageRegistry": col("r.registry"),
		"cloudContainerRegistryName": col("r.registry"),
		"ecrImageRepositoryName":     col("r.repo"), "ecrRepositoryName": col("r.repo"),
		"cloudImageRepositoryName": col("r.repo"), "cloudContainerRepositoryName": col("r.repo"),
		"ecrImageTags": list("r.image_tags"), "cloudImageTags": list("r.image_tags"),
		"cloudContainerImageTags": list("r.image_tags"),
		"ecrImageHash":            col("r.digest"), "cloudImageDigest": col("r.digest"),
		"ecrImageLastInUseAt": col("r.used_at"), "cloudImageLastInUseAt": col("r.used_at"),
		"ecrImageInUseCount": whole("r.uses"), "cloudImageInUseCount": whole("r.uses"),
		"imagePulledAt": col("r.pulled_at"),

		"lambdaFunctionName": col("r.fn_name"), "cloudServerlessFunctionName": col("r.fn_name"),
		"lambdaFunctionLayers":  list("r.fn_layers"),
		"lambdaFunctionRuntime": col("r.fn_runtime"), "cloudServerlessFunctionRuntime": col("r.fn_runtime"),
		"lambdaFunctionLastModifiedAt": col("r.fn_modified_at"), "cloudServerlessFunctionLastModifiedAt": col("r.fn_modified_at"),
		"lambdaFunctionExecutionRoleArn": col("r.fn_role"), "cloudServerlessFunctionExecutionRole": col("r.fn_role"),

		"codeRepositoryProjectName": col("r.project"), "codeRepositoryProviderType": col("r.code_host"),
		"codeRepositoryProviderTypeVisibility": col("r.visibility"), "lastScannedCommitId": col("r.commit_id"),

		"cloudProvider": col("r.cloud"), "cloudProviderRegion": col("r.cloud_region"),
		"cloudProviderAccountId": col("r.cloud_account"), "cloudProviderOrgId": col("r.cloud_org"),
	}
}

// The parts of the name of a finding that are the same for all but its region,
// account and key.
const (
	arnHead   = "arn:aws:inspector2:"
	arnMiddle = ":finding/"
)

// findingARN is the SQL of a condition on the name of a finding, of which the
// tables keep the account and the key, and the resource the region. A prefix may
// end anywhere.
func findingARN(c filter.Condition, arg func(any) string) string {
	const none, all = "1=0", "1=1"
	prefix := c.Comparison == filter.Prefix
	if prefix && strings.HasPrefix(arnHead, c.Value) {
		return all
	}
	rest, ok := strings.CutPrefix(c.Value, arnHead)
	if !ok {
		return none
	}
	// Both are in the region of the resource; a region has no colon.
	region, rest, whole := strings.Cut(rest, ":")
	if !whole {
		if !prefix {
			return none
		}
		return inRegion("r.region >= "+arg(region)+" AND r.region < "+arg(region+"\U0010ffff"), "")
	}
	lowest, highest, rest, ok := accountRange(rest)
	if !ok {
		return none
	}
	key, ok := strings.CutPrefix(rest, arnMiddle)
	switch {
	case ok:
	case prefix && strings.HasPrefix(arnMiddle, rest) && (rest == "" || lowest == highest):
		key = ""
	default:
		return none
	}
	low, high, ok := keyRange(key)
	whole = lowest == highest && len(key) == 2*len(fkey{})
	if !ok || !prefix && !whole {
		return none
	}
	if !prefix {
		return "f.account_id = " + arg(int64(lowest)) + " AND f.fkey = " + arg(low) + inRegion("r.region = "+arg(region), " AND ")
	}
	return "f.account_id >= " + arg(int64(lowest)) + " AND f.account_id <= " + arg(int64(highest)) +
		" AND f.fkey >= " + arg(low) + " AND f.fkey <= " + arg(high) + inRegion("r.region = "+arg(region), " AND ")
}

// inRegion asks something of the region of a finding's resource.
func inRegion(condition, and string) string {
	return and + "EXISTS (SELECT 1 FROM resource r WHERE r.res_id = f.res_id AND r.account_id = f.account_id AND " + condition + ")"
}

// accountRange reads an account id at the beginning of a text, or the beginning
// of one if the text ends within it, and returns the accounts that it may be.
func accountRange(s string) (lowest, highest org.Account, rest string, ok bool) {
	digits := s[:min(len(s), accountSize)]
	for _, r := range digits {
		if r < '0' || r > '9' {
			return 0, 0, "", false
		}
		lowest = lowest*10 + org.Account(r-'0')
	}
	highest = lowest
	for range accountSize - len(digits) {
		lowest, highest = lowest*10, highest*10+9
	}
	return lowest, highest, s[len(digits):], true
}

// keyRange returns the least and the greatest key whose hexadecimal digits begin
// with a text.
func keyRange(digits string) (low, high []byte, ok bool) {
	missing := 2*len(fkey{}) - len(digits)
	if missing < 0 || strings.ToLower(digits) != digits {
		return nil, nil, false
	}
	low, err1 := hex.DecodeString(digits + strings.Repeat("0", missing))
	high, err2 := hex.DecodeString(digits + strings.Repeat("f", missing))
	return low, high, err1 == nil && err2 == nil
}
