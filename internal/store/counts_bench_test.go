//go:build unix

package store

import (
	"maps"
	"os"
	"testing"
	"time"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
)

// generatedStore opens a store that BenchmarkList has filled.
func generatedStore(b *testing.B, name string) *Store {
	b.Helper()
	place := os.Getenv(name)
	if place == "" {
		b.Skip(name + " is not set")
	}
	s := open(b, place)
	var known int
	if err := s.read.QueryRowContext(b.Context(), `SELECT count(*) FROM (SELECT 1 FROM finding LIMIT 1) z`).Scan(&known); err != nil {
		b.Fatal(err)
	}
	if known == 0 {
		b.Fatal("BenchmarkList fills it")
	}
	return s
}

// oneField are criteria on each field of findings, about values that a generated
// store has: often, seldom, and not.
func oneField() map[string]filter.Criteria {
	out := map[string]filter.Criteria{"none": {}}
	text := func(field string, values ...string) {
		for _, v := range values {
			out[field+"="+v] = filter.Criteria{field: filter.Text(filter.Equals, v)}
			out[field+"!="+v] = filter.Criteria{field: filter.Text(filter.NotEquals, v)}
			out[field+"^"+v[:1+len(v)/2]] = filter.Criteria{field: filter.Text(filter.Prefix, v[:1+len(v)/2])}
		}
	}
	res := image(accountOf(14), 1_000_014)
	for field, kind := range filter.Finding {
		switch kind {
		case filter.TimeKind:
			out[field+" week"] = filter.Criteria{field: {filter.Between(start.AddDate(0, 0, -30), start.AddDate(0, 0, -23))}}
			out[field+" since"] = filter.Criteria{field: {filter.Between(start.AddDate(0, 0, -60), time.Time{})}}
		case filter.NumberKind:
			out[field+" some"] = filter.Criteria{field: {filter.Range(0.5, 5)}}
			out[field+" all"] = filter.Criteria{field: {filter.Range(0, 100)}}
		case filter.MapKind:
			out[field+" many"] = filter.Criteria{field: {{Comparison: filter.Equals, Key: "env", Value: "prod"}}}
			out[field+" few"] = filter.Criteria{field: {{Comparison: filter.Equals, Key: "owner", AnyValue: true}}}
		case filter.PortsKind:
			out[field] = filter.Criteria{field: {filter.Range(22, 80)}}
		case filter.PackageKind:
			for _, c := range []filter.Comparison{filter.Equals, filter.Prefix} {
				out[field+string(c)] = filter.Criteria{field: {{Package: map[string]filter.Condition{"name": {Comparison: c, Value: "libexample4"}}}}}
			}
			out[field+"!="] = filter.Criteria{field: {{Package: map[string]filter.Condition{"name": {Comparison: filter.NotEquals, Value: "libexample4"}}}}}
			out[field+"version"] = filter.Criteria{field: {{Package: map[string]filter.Condition{"version": {Comparison: filter.Prefix, Value: "1"}}}}}
		}
	}
	text("awsAccountId", accountOf(3).String())
	text("findingType", PackageFinding)
	text("severity", "CRITICAL", "LOW")
	text("findingStatus", "ACTIVE", "CLOSED")
	text("resourceType", "AWS_ECR_CONTAINER_IMAGE", "AWS_LAMBDA_FUNCTION")
	text("fixAvailable", "YES")
	text("exploitAvailable", "YES", "NO")
	text("vulnerabilityId", "CVE-2099-00001", "CVE-2099-04000")
	text("vulnerabilitySource", "DEBIAN_CVE")
	text("vendorSeverity", "HIGH")
	text("relatedVulnerabilities", "CVE-2099-00001")
	text("title", "CVE-2099-00001 - libexample1", "CVE-2099-00900 - libexample900")
	text("resourceId", res.ID)
	text("ecrImageRepositoryName", "team1/service1")
	text("ecrImageRegistry", res.Account)
	text("ecrImageTags", "v3")
	text("ecrImageHash", res.Digest)
	text("ecrImageArchitecture", "AMD64")
	text("ec2InstanceImageId", "ami-00000007")
	text("ec2InstanceVpcId", "vpc-7")
	text("ec2InstanceSubnetId", "subnet-1")
	text("lambdaFunctionName", "f9")
	text("lambdaFunctionRuntime", "PYTHON_3_11")
	text("lambdaFunctionLayers", "layer")
	text("cloudProvider", "AWS")
	text("cloudProviderRegion", res.Region)
	text("networkProtocol", "TCP")
	text("componentId", "eni")
	text("componentType", "AWS::EC2")
	text("codeVulnerabilityDetectorName", "detector")
	text("codeRepositoryProjectName", "project")
	text("findingArn", "arn:aws:inspector2:"+res.Region+":"+res.Account+":finding/00")
	return out
}

// BenchmarkCounts counts by one field of a million findings; the promise is 200 ms
// for any, and the page that comes with it.
func BenchmarkCounts(b *testing.B) {
	for _, name := range []string{"ASSAY_BENCH_SQLITE", "ASSAY_BENCH_POSTGRES"} {
		b.Run(name, func(b *testing.B) {
			s := generatedStore(b, name)
			cases := oneField()
			for _, q := range sortedKeys(cases) {
				for who, scope := range map[string]org.Scope{"all": everyone(), "one": org.Only(accountOf(3))} {
					for status, where := range map[string]filter.Criteria{"any": cases[q], "active": activeOnly(cases[q])} {
						b.Run(q+"/"+who+"/"+status, func(b *testing.B) {
							var c *counting
							_, _ = s.CountFindings(b.Context(), scope, where) // statements are planned at first
							used := cpuTime(b)
							defer func() { b.ReportMetric(float64((cpuTime(b)-used).Microseconds())/1000/float64(b.N), "cpu-ms") }()
							for b.Loop() {
								var err error
								if c, err = s.counting(b.Context(), scope, where, selection{reach: countReach, budget: countBudget}); err != nil {
									b.Fatal(err)
								}
							}
							b.ReportMetric(float64(c.Total), "findings")
							b.ReportMetric(float64(c.read), "rows")
							b.ReportMetric(float64(c.Lowest), "lowest")
							b.ReportMetric(float64(boolean(c.More)), "more")
						})
					}
				}
			}
		})
	}
}

func activeOnly(where filter.Criteria) filter.Criteria {
	out := maps.Clone(where)
	out["findingStatus"] = filter.Text(filter.Equals, string(Active))
	return out
}

// BenchmarkSummary makes each part of a summary of a million findings, of which
// four are made at once; the promise is 200 ms for all, and for suggestions.
func BenchmarkSummary(b *testing.B) {
	for _, name := range []string{"ASSAY_BENCH_SQLITE", "ASSAY_BENCH_POSTGRES"} {
		b.Run(name, func(b *testing.B) {
			s := generatedStore(b, name)
			ctx, scope := b.Context(), everyone()
			parts := map[string]func() error{
				"counts":   func() error { _, err := s.CountFindings(ctx, scope, activeOnly(filter.Criteria{})); return err },
				"types":    func() error { _, _, err := s.ActiveByType(ctx, scope); return err },
				"coverage": func() error { _, err := s.CoverageByType(ctx, scope); return err },
				"trends":   func() error { _, err := s.Trends(ctx, scope, 90, start); return err },
				"remedy":   func() error { _, err := s.Remedy(ctx, scope, "libexample1"); return err },
				"newest":   func() error { _, err := s.NewestHits(ctx, scope, 10); return err },
				"accounts": func() error { _, _, err := s.ActiveAccounts(ctx, scope); return err },
				"jobs":     func() error { _, err := s.WaitingJobs(ctx, scope); return err },
			}
			for _, kind := range []string{"PACKAGE", "ACCOUNT", "CONTAINER_IMAGE", "REPOSITORY", "VM_INSTANCE", "SERVERLESS_FUNCTION"} {
				parts["top "+kind] = func() error {
					_, _, err := s.Aggregate(ctx, scope, Aggregation{Type: kind, Sort: "CRITICAL", Size: 5, Now: start})
					return err
				}
			}
			for field := range suggestions() {
				for who, scope := range map[string]org.Scope{"all": everyone(), "one": org.Only(accountOf(7))} {
					parts["suggest "+field+" "+who] = func() error { _, err := s.Suggest(ctx, scope, field, "", 20); return err }
				}
			}
			for _, part := range sortedKeys(parts) {
				b.Run(part, func(b *testing.B) {
					if err := parts[part](); err != nil { // statements are planned at first
						b.Fatal(err)
					}
					used := cpuTime(b)
					for b.Loop() {
						if err := parts[part](); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64((cpuTime(b)-used).Microseconds())/1000/float64(b.N), "cpu-ms")
				})
			}
		})
	}
}
