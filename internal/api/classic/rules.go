package classic

import (
	"context"
	"slices"

	"github.com/assay-project/assay/internal/api/inspector"
)

// rulesPackages are the rules packages by what they look at.
// Source of the names: Inspector Classic user guide, "Rules packages and rules".
var rulesPackages = []inspector.RulesPackage{
	{
		Name:        "Common Vulnerabilities and Exposures",
		Description: "Looks for installed software with publicly known vulnerabilities.",
	},
	{
		Name:        "CIS Operating System Security Configuration Benchmarks",
		Description: "Compares the configuration of operating systems with the benchmarks of the Center for Internet Security.",
	},
	{
		Name:        "Network Reachability",
		Description: "Looks for instances whose ports can be reached from outside their network. Needs no agent.",
	},
	{
		Name:        "Security Best Practices",
		Description: "Looks at how a system lets people in, and how it protects its directories and memory.",
	},
	{
		Name:        "Runtime Behavior Analysis",
		Description: "Looks at what an instance does while it is assessed. Retired.",
	},
}

// packageIDs are, by region, the account to which the rules packages belong, and
// their ids in the order of rulesPackages; "" for one that the region lacks.
// Clients have these ARNs in their templates.
// Source: Inspector Classic user guide, "ARNs for rules packages"; the ids of the
// last, which has been taken out of it, are those that older clients use.
var packageIDs = map[string][6]string{
	"us-east-1":      {"316112463485", "gEjTy7T7", "rExsr2X8", "PmNV0Tcd", "R01qwB5Q", "gBONHN9h"},
	"us-east-2":      {"646659390643", "JnA8Zp85", "m8r61nnh", "cE4kTR30", "AxKmMHPX", ""},
	"us-west-1":      {"166987590008", "TKgzoVOa", "xUY8iRqX", "TxmXimXF", "byoQRFYm", "yeYxlt0x"},
	"us-west-2":      {"758058086616", "9hgA516p", "H5hpSawc", "rD1z6dpl", "JJOtZiqQ", "vg5GGHSD"},
	"ap-south-1":     {"162588757376", "LqnJE9dO", "PSUlX14m", "YxKfjFu1", "fs0IZZBj", "EhMQZy6C"},
	"ap-northeast-1": {"406045910587", "gHP9oWNT", "7WNjqgGu", "YI95DVd7", "bBUQnxMq", "knGBhqEu"},
	"ap-northeast-2": {"526946625049", "PoGHMznc", "T9srhg1z", "s3OmLzhL", "2WRpmi4n", "PoYq7lI7"},
	"ap-southeast-2": {"454640832652", "D5TGAxiR", "Vkd2Vxjq", "FLcuV4Gz", "asL6HRgN", "P8Tel2Xj"},
	"eu-central-1":   {"537503971621", "wNqHa8M9", "nZrAVuv8", "6yunpJ91", "ZujVHEPB", "0GMUM6fg"},
	"eu-west-1":      {"357557129151", "ubA5XvBh", "sJBhCr0F", "SPzU33xe", "SnojL3Z6", "lLmwe1zd"},
	"eu-west-2":      {"146838936955", "kZGCqcE1", "IeCjwf1W", "AizSYyNq", "XApUiSaP", ""},
	"eu-north-1":     {"453420244670", "IgdgIewd", "Yn8jlX7f", "52Sn74uu", "HfBQSbSf", ""},
	"us-gov-east-1":  {"206278770380", "3IFKFuOb", "pTLCdIww", "", "vlgEGcVD", ""},
	"us-gov-west-1":  {"850862329162", "4oQgcI4G", "Ac4CFOuc", "", "rOTGqe5G", ""},
}

// packages returns the rules packages of the region. A region where Classic has
// never been has those of us-east-1.
func (o Operations) packages() []inspector.RulesPackage {
	ids, ok := packageIDs[o.Region]
	if !ok {
		ids = packageIDs["us-east-1"]
	}
	var out []inspector.RulesPackage
	for i, p := range rulesPackages {
		if ids[1+i] != "" {
			p.ARN = o.arn(ids[0], "rulespackage/"+idPrefix+ids[1+i])
			p.Version, p.Provider = "1.0", "Assay"
			out = append(out, p)
		}
	}
	return out
}

// rulesPackage returns the rules package of an ARN.
func (o Operations) rulesPackage(arn string) (inspector.RulesPackage, error) {
	if _, ok := packageKind.owner(arn); !ok {
		return inspector.RulesPackage{}, refuse(packageKind.invalid, "%q is no ARN of a rules package.", arn)
	}
	list := o.packages()
	i := slices.IndexFunc(list, func(p inspector.RulesPackage) bool { return p.ARN == arn })
	if i < 0 {
		return inspector.RulesPackage{}, packageKind.none(arn)
	}
	return list[i], nil
}

func (o Operations) listPackages(ctx context.Context, in *inspector.ListRulesPackagesRequest) (*inspector.ListRulesPackagesResponse, error) {
	p := page{operation: "ListRulesPackages", token: in.NextToken, size: in.MaxResults, most: maxARNs}
	rows, next, err := cut(ctx, o, p, o.packages())
	if err != nil {
		return nil, err
	}
	out := &inspector.ListRulesPackagesResponse{RulesPackageARNs: []string{}, NextToken: next}
	for _, r := range rows {
		out.RulesPackageARNs = append(out.RulesPackageARNs, r.ARN)
	}
	return out, nil
}

func (o Operations) describePackages(
	_ context.Context, in *inspector.DescribeRulesPackagesRequest,
) (*inspector.DescribeRulesPackagesResponse, error) {
	list, failed, err := describe(in.RulesPackageARNs, o.rulesPackage)
	return &inspector.DescribeRulesPackagesResponse{RulesPackages: list, FailedItems: failed}, err
}
