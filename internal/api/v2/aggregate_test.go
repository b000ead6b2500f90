package v2

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/api/inspector2"
	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/scan"
)

// lambdaLayer is the layer of a function.
const lambdaLayer = "arn:aws:lambda:eu-central-1:333333333333:layer:l:1"

func layerDigest(n int) string { return fmt.Sprintf("sha256:%064d", n) }

// counting records findings on one resource of each kind, of the clerk, and on
// one of its administrator.
func counting(t *testing.T) *office {
	t.Helper()
	o := organized(t)
	flaw := func(n int, severity finding.Severity) finding.Finding {
		p := inventory.Package{Type: "deb", Name: fmt.Sprint("lib", n), Version: "1", Layer: layerDigest(n)}
		return finding.Finding{
			Vulnerability: fmt.Sprint("CVE-2099-000", n), Kind: advisory.Vulnerability, Title: fmt.Sprint("Flaw ", n), Severity: severity,
			Source: "NVD", Packages: []finding.Package{{Package: p}},
			Fix: finding.FixYes,
		}
	}
	exploited := flaw(1, finding.Critical)
	exploited.KEV = &advisory.KEV{Added: o.now}
	uses := int64(3)
	account := clerk.String()
	var scans []store.Scan
	for _, r := range []resource.Resource{
		{
			Type: resource.Image, ID: "arn:aws:ecr:eu-central-1:333333333333:repository/shop/sha256:aa", Digest: "sha256:aa", Arch: "amd64",
			Tags: []string{"v1"}, Image: resource.ImageUse{Used: "2026-02-01T00:00:00Z", Uses: &uses},
		},
		{
			Type: resource.Instance, ID: "i-00000000000000001", Platform: "DEBIAN_12", Labels: map[string]string{"team": "a"},
			Host: resource.Host{Image: "ami-0123456789abcdef0"},
		},
		{
			Type: resource.Function, ID: "arn:aws:lambda:eu-central-1:333333333333:function:f:$LATEST", Labels: map[string]string{"team": "b"},
			Function: resource.Runtime{Runtime: "PYTHON_3_11", Modified: "2026-02-02T00:00:00Z"},
		},
		{Type: resource.Code, ID: "arn:aws:inspector2:eu-central-1:333333333333:repo/r", Code: resource.CodeHost{Project: "p", Host: "GITHUB"}},
	} {
		r.Account, r.Region = account, "eu-central-1"
		scans = append(scans, store.Scan{
			Resource: r, Findings: []finding.Finding{exploited, flaw(2, finding.High)}, Layers: []scan.Layer{{Name: lambdaLayer, DiffID: layerDigest(1)}},
		})
	}
	other := scans[0]
	other.Resource.Account, other.Resource.ID = admin.String(), "arn:aws:ecr:eu-central-1:222222222222:repository/other/sha256:bb"
	other.Findings = []finding.Finding{flaw(3, finding.Medium)}
	if _, err := o.Store.Record(t.Context(), org.Only(clerk, admin), append(scans, other), o.now); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestAggregations has the whole answer of each type.
func TestAggregations(t *testing.T) {
	t.Parallel()
	o := counting(t)
	two := `"severityCounts":{"all":2,"medium":0,"high":1,"critical":1}`
	where := `"cloudProvider":"AWS","cloudAccountId":"333333333333","cloudPartition":"aws","cloudRegion":"eu-central-1"`
	both := `"exploitAvailableActiveFindingsCount":1,"fixAvailableActiveFindingsCount":2`
	image, function := "arn:aws:ecr:eu-central-1:333333333333:repository/shop/sha256:aa", "arn:aws:lambda:eu-central-1:333333333333:function:f:$LATEST"
	layer := func(n int, counts string) string {
		return fmt.Sprintf(`{"imageLayerAggregation":{"repository":"shop","resourceId":"%s","layerHash":"%s","accountId":"333333333333",`+
			`"cloudProvider":"AWS","cloudAccountId":"333333333333","cloudRegion":"eu-central-1","cloudPartition":"aws","severityCounts":%s}}`, image, layerDigest(n), counts)
	}
	for kind, want := range map[string]string{
		"ACCOUNT": `{"accountAggregation":{"accountId":"333333333333","severityCounts":{"all":8,"medium":0,"high":4,"critical":4},` +
			`"exploitAvailableCount":4,"fixAvailableCount":8}}`,
		"FINDING_TYPE": `{"findingTypeAggregation":{"accountId":"333333333333","severityCounts":{"all":8,"medium":0,"high":4,"critical":4},` +
			`"exploitAvailableCount":4,"fixAvailableCount":8}}`,
		"TITLE": `{"titleAggregation":{"title":"Flaw 1","vulnerabilityId":"CVE-2099-0001","accountId":"333333333333","severityCounts":{"all":4,"medium":0,"high":0,"critical":4}}},` +
			`{"titleAggregation":{"title":"Flaw 2","vulnerabilityId":"CVE-2099-0002","accountId":"333333333333","severityCounts":{"all":4,"medium":0,"high":4,"critical":0}}}`,
		"PACKAGE": `{"packageAggregation":{"packageName":"lib1","accountId":"333333333333","severityCounts":{"all":4,"medium":0,"high":0,"critical":4}}},` +
			`{"packageAggregation":{"packageName":"lib2","accountId":"333333333333","severityCounts":{"all":4,"medium":0,"high":4,"critical":0}}}`,
		"REPOSITORY":       `{"repositoryAggregation":{"repository":"shop","accountId":"333333333333",` + two + `,"affectedImages":1}}`,
		"AMI":              `{"amiAggregation":{"ami":"ami-0123456789abcdef0","accountId":"333333333333",` + two + `,"affectedInstances":1}}`,
		"AWS_EC2_INSTANCE": `{"ec2InstanceAggregation":{"instanceId":"i-00000000000000001","ami":"ami-0123456789abcdef0","operatingSystem":"DEBIAN_12","instanceTags":{"team":"a"},"accountId":"333333333333",` + two + `,"networkFindings":0}}`,
		"AWS_ECR_CONTAINER": `{"awsEcrContainerAggregation":{"resourceId":"` + image + `","imageSha":"sha256:aa","repository":"shop","architecture":"amd64","imageTags":["v1"],"accountId":"333333333333",` + two +
			`,"lastInUseAt":1769904000,"inUseCount":3}}`,
		"IMAGE_LAYER": layer(1, `{"all":1,"medium":0,"high":0,"critical":1}`) + "," + layer(2, `{"all":1,"medium":0,"high":1,"critical":0}`),
		"LAMBDA_LAYER": `{"lambdaLayerAggregation":{"functionName":"f","resourceId":"` + function + `","layerArn":"` + lambdaLayer +
			`","accountId":"333333333333","severityCounts":{"all":1,"medium":0,"high":0,"critical":1}}}`,
		"AWS_LAMBDA_FUNCTION": `{"lambdaFunctionAggregation":{"resourceId":"` + function + `","functionName":"f","runtime":"PYTHON_3_11","lambdaTags":{"team":"b"},"accountId":"333333333333",` + two +
			`,"lastModifiedAt":1769990400}}`,
		"CODE_REPOSITORY": `{"codeRepositoryAggregation":{"projectNames":"p","providerType":"GITHUB",` + two + `,` + both +
			`,"accountId":"333333333333","resourceId":"arn:aws:inspector2:eu-central-1:333333333333:repo/r"}}`,
		"VM_INSTANCE": `{"vmInstanceAggregation":{"resourceId":"i-00000000000000001",` + where +
			`,"vmImageReference":"ami-0123456789abcdef0","operatingSystem":"DEBIAN_12","tags":{"team":"a"},"accountId":"333333333333",` + two + `,"networkFindings":0,` + both + `}}`,
		"CONTAINER_IMAGE": `{"containerImageAggregation":{"resourceId":"` + image + `",` + where +
			`,"imageDigest":"sha256:aa","repository":"shop","registry":"333333333333","architecture":"amd64","imageTags":["v1"],"accountId":"333333333333",` + two +
			`,"lastInUseAt":1769904000,"inUseCount":3,` + both + `}}`,
		"SERVERLESS_FUNCTION": `{"serverlessFunctionAggregation":{"resourceId":"` + function + `",` + where +
			`,"functionName":"f","runtime":"PYTHON_3_11","tags":{"team":"b"},"accountId":"333333333333",` + two + `,"lastModifiedAt":1769990400,` + both + `}}`,
	} {
		in := &inspector2.ListFindingAggregationsRequest{AggregationType: inspector2.AggregationType(kind)}
		out := encode(t, ask(t, o, clerk, o.h.ListFindingAggregations, in))
		got := strings.TrimSuffix(strings.TrimPrefix(out, `{"aggregationType":"`+kind+`","responses":[`), `]}`)
		if diff := cmp.Diff(inOrderOfText(want), inOrderOfText(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
}

// inOrderOfText sorts the rows of an answer, of which some are equal.
func inOrderOfText(rows string) []string {
	out := strings.Split(rows, `}},`)
	for i := range out {
		out[i] = strings.TrimSuffix(out[i], "}}")
	}
	if len(out) == 2 && out[0] > out[1] {
		out[0], out[1] = out[1], out[0]
	}
	return out
}

// TestAggregationRequest narrows, sorts and pages, for the administrator.
func TestAggregationRequest(t *testing.T) {
	t.Parallel()
	o := counting(t)
	one := int32(1)
	in := &inspector2.ListFindingAggregationsRequest{
		AggregationType: "PACKAGE", MaxResults: &one,
		AggregationRequest: &inspector2.AggregationRequest{PackageAggregation: &inspector2.PackageAggregation{
			SortOrder: "ASC", SortBy: "HIGH", PackageNames: []inspector2.StringFilter{{Comparison: "PREFIX", Value: "lib"}},
		}},
	}
	var names []string
	for {
		out := ask(t, o, admin, o.h.ListFindingAggregations, in)
		for _, r := range out.Responses {
			names = append(names, r.PackageAggregation.AccountID+" "+r.PackageAggregation.PackageName)
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	want := []string{"222222222222 lib3", "333333333333 lib1", "333333333333 lib2"} // the first two have the same of HIGH
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	in = &inspector2.ListFindingAggregationsRequest{
		AggregationType: "TITLE", AccountIDs: []inspector2.StringFilter{{Comparison: "EQUALS", Value: "333333333333"}},
		AggregationRequest: &inspector2.AggregationRequest{TitleAggregation: &inspector2.TitleAggregation{
			ResourceType: "AWS_LAMBDA_FUNCTION", FindingType: "PACKAGE_VULNERABILITY",
			VulnerabilityIDs: []inspector2.StringFilter{{Comparison: "EQUALS", Value: "CVE-2099-0002"}},
		}},
	}
	answers(t, o, admin, o.h.ListFindingAggregations, in, `{"aggregationType":"TITLE","responses":[{"titleAggregation":{"title":"Flaw 2",`+
		`"vulnerabilityId":"CVE-2099-0002","accountId":"333333333333","severityCounts":{"all":1,"medium":0,"high":1,"critical":0}}}]}`)
	answers(t, o, alone, o.h.ListFindingAggregations, in, `{"aggregationType":"TITLE"}`)
	in.AggregationType = "PACKAGE"
	if _, err := o.h.ListFindingAggregations(o.as(t, admin), in); fault.KindOf(err) != fault.Invalid {
		t.Errorf("the request of another type: %v", err)
	}
}

// TestAggregationMembers: every member of every request is one that the store
// knows.
func TestAggregationMembers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if len(aggregationMembers) != 15 {
		t.Errorf("%d types", len(aggregationMembers))
	}
	union := reflect.TypeFor[inspector2.AggregationRequest]()
	for kind, member := range aggregationMembers {
		request := &inspector2.AggregationRequest{}
		for i := range union.NumField() {
			f := union.Field(i)
			if fieldName(f) != member {
				continue
			}
			v := reflect.New(f.Type.Elem())
			for _, list := range v.Elem().Fields() {
				if list.Kind() == reflect.Slice {
					list.Set(reflect.MakeSlice(list.Type(), 1, 1))
					fill(t, list.Index(0))
				}
			}
			reflect.ValueOf(request).Elem().Field(i).Set(v)
			a, err := aggregation(&inspector2.ListFindingAggregationsRequest{AggregationType: kind, AggregationRequest: request})
			if err != nil {
				t.Fatal(err)
			}
			if lists := len(a.Where); lists == 0 && kind != "ACCOUNT" && kind != "FINDING_TYPE" {
				t.Errorf("%s has no criteria", kind)
			}
			a.Now = o.now
			if _, _, err := o.Store.Aggregate(t.Context(), org.Only(boss), a); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
}
