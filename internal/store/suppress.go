package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// A suppressor knows the suppression rules that hold for the findings of some
// accounts: those of the account itself, and those of the administrator of
// which it is a member.
//
// A rule says which findings are suppressed by their content, which is why two
// of its fields mean something else than in a list. The status of a finding is
// what the rule decides: to its conditions on findingStatus every finding is
// ACTIVE. And since suppressing a finding moves its updatedAt, conditions on
// updatedAt are about lastObservedAt, which moves with the content alone. A
// closed finding is never suppressed.
type suppressor map[org.Account][]rule

// A rule is a suppression rule made ready.
type rule struct {
	id    int64
	holds func(candidate) bool
}

// A candidate is a finding as it is about to be stored.
type candidate struct {
	account  org.Account
	resource *resource.Resource // as Complete returns it
	finding  *finding.Finding
	packages []finding.Package // of the finding, with the layers of functions; nil: as the finding has them
	kind     int64             // number of the type of finding; 0: of a package
	key      fkey
	first    int64 // milliseconds, as they will be stored
	last     int64
}

// suppressor reads the rules that hold for the findings of accounts.
func (s *Store) suppressor(ctx context.Context, tx *sql.Tx, accounts []org.Account) (suppressor, error) {
	rules, err := rulesFor(ctx, tx, accounts)
	if err != nil {
		return nil, err
	}
	if len(rules) == 0 {
		return suppressor{}, nil
	}
	out, made, readers := suppressor{}, map[int64]rule{}, candidateReaders()
	for account, list := range rules {
		for _, f := range list {
			r, ok := made[f.id]
			if !ok {
				r.id = f.id
				if r.holds, err = filter.Matcher(filter.Finding, readers, f.criteria); err != nil {
					return nil, fmt.Errorf("reading suppression rule %d: %w", f.id, err)
				}
				made[f.id] = r
			}
			out[account] = append(out[account], r)
		}
	}
	return out, nil
}

// rule returns the number of the rule that suppresses a finding of an account:
// of those that hold the one that was made first; 0 if none does.
func (s suppressor) rule(account org.Account, c candidate) int64 {
	c.account = account
	for _, r := range s[account] {
		if r.holds(c) {
			return r.id
		}
	}
	return 0
}

// A storedRule is a suppression rule as its table has it.
type storedRule struct {
	id       int64
	owner    org.Account
	created  int64 // milliseconds
	criteria filter.Criteria
}

// compare orders rules by when they were made, in which order they are tried.
// Nodes take numbers in blocks, so that those alone do not tell.
func (r storedRule) compare(o storedRule) int {
	return cmp.Or(cmp.Compare(r.created, o.created), cmp.Compare(r.id, o.id))
}

// rulesFor reads the suppression rules that hold for the findings of each
// account, in the order in which they are tried.
func rulesFor(ctx context.Context, q querier, accounts []org.Account) (map[org.Account][]storedRule, error) {
	admins, err := administrators(ctx, q, accounts)
	if err != nil {
		return nil, err
	}
	owners := map[org.Account]bool{}
	for _, a := range accounts {
		owners[a] = true
	}
	for _, admin := range admins {
		owners[admin] = true
	}
	byOwner := map[org.Account][]storedRule{}
	for part := range slices.Chunk(sortedKeys(owners), valuesAtOnce) {
		var a arguments
		list, err := readRules(ctx, q, in(&a, "account_id", part), a.values)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			byOwner[r.owner] = append(byOwner[r.owner], r)
		}
	}
	out := map[org.Account][]storedRule{}
	for _, a := range accounts {
		list := slices.Clone(byOwner[a])
		if admin := admins[a]; admin != 0 {
			list = append(list, byOwner[admin]...)
		}
		if len(list) > 0 {
			slices.SortFunc(list, storedRule.compare)
			out[a] = list
		}
	}
	return out, nil
}

// readRules reads the suppression rules that a condition selects, in the order
// in which they are tried.
func readRules(ctx context.Context, q querier, where string, args []any) ([]storedRule, error) {
	var out []storedRule
	err := each(ctx, q, `SELECT rule_id, account_id, created_at, criteria FROM saved_filter WHERE action = 2 AND `+where, args,
		func(rows *sql.Rows) error {
			var r storedRule
			var doc []byte
			if err := rows.Scan(&r.id, &r.owner, &r.created, &doc); err != nil {
				return err
			}
			out = append(out, r)
			return json.Unmarshal(doc, &out[len(out)-1].criteria)
		})
	if err != nil {
		return nil, fmt.Errorf("reading suppression rules: %w", err)
	}
	slices.SortFunc(out, storedRule.compare)
	return out, nil
}

// administrators returns the delegated administrator of those accounts that are
// its members.
func administrators(ctx context.Context, q querier, accounts []org.Account) (map[org.Account]org.Account, error) {
	o, err := organization(ctx, q)
	if err != nil || o.Admin == 0 {
		return nil, err
	}
	out := map[org.Account]org.Account{}
	for part := range slices.Chunk(accounts, valuesAtOnce) {
		var a arguments
		query := `SELECT account_id FROM member WHERE admin_id = ` + a.add(int64(o.Admin)) + ` AND status = ` + a.add(memberEnabled) +
			` AND ` + in(&a, "account_id", part)
		err := each(ctx, q, query, a.values, func(rows *sql.Rows) error {
			var member org.Account
			if err := rows.Scan(&member); err != nil {
				return err
			}
			out[member] = o.Admin
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("reading administrators: %w", err)
		}
	}
	delete(out, o.Admin)
	return out, nil
}

// How fields are read from a candidate, in the form in which the tables keep
// them.

func readText(read func(candidate) string) func(candidate) filter.Values {
	return func(c candidate) filter.Values { return filter.Values{Text: []string{storable(read(c))}} }
}

func readTexts(read func(candidate) []string) func(candidate) filter.Values {
	return func(c candidate) filter.Values {
		var out filter.Values
		for _, s := range read(c) {
			out.Text = append(out.Text, storable(strings.ReplaceAll(s, filter.Separator, "")))
		}
		return out
	}
}

func readTime(read func(candidate) string) func(candidate) filter.Values {
	return func(c candidate) filter.Values {
		if ms, ok := when(read(c)).(int64); ok {
			return filter.Values{Time: []time.Time{fromMilliseconds(ms)}}
		}
		return filter.Values{}
	}
}

func readStored(read func(candidate) int64) func(candidate) filter.Values {
	return func(c candidate) filter.Values { return filter.Values{Time: []time.Time{fromMilliseconds(read(c))}} }
}

// candidateReaders read the fields of a finding that is about to be stored, as
// the columns of ruleColumns have them afterwards. Nothing that is found so far
// has ports or lines of code.
func candidateReaders() filter.Readers[candidate] {
	type c = candidate
	last := readStored(func(c c) int64 { return c.last })
	out := filter.Readers[candidate]{
		"findingArn":      readText(func(c c) string { return c.key.arn(c.resource.Region, c.account) }),
		"awsAccountId":    readText(func(c c) string { return c.account.String() }),
		"findingType":     readText(func(c c) string { return typeNumbers[cmp.Or(c.kind, packageNumber)] }),
		"severity":        readText(func(c c) string { return string(c.finding.Severity) }),
		"firstObservedAt": readStored(func(c c) int64 { return c.first }),
		"lastObservedAt":  last,
		"updatedAt":       last,
		"findingStatus":   readText(func(c) string { return string(Active) }),
		"title":           readText(func(c c) string { return c.finding.Title }),
		"fixAvailable":    readText(func(c c) string { return string(c.finding.Fix) }),
		"inspectorScore": func(c c) filter.Values {
			return filter.Values{Number: []float64{c.finding.Score.Value}}
		},
		"vulnerabilityId":        readText(func(c c) string { return c.finding.Vulnerability }),
		"vulnerabilitySource":    readText(func(c c) string { return c.finding.Source }),
		"vendorSeverity":         readText(func(c c) string { return c.finding.VendorLabel }),
		"relatedVulnerabilities": readTexts(func(c c) []string { return c.finding.Related }),
		"exploitAvailable": func(c c) filter.Values {
			if c.finding.Exploitable() {
				return filter.Values{Text: []string{"YES"}}
			}
			return filter.Values{Text: []string{"NO"}}
		},
		"epssScore": func(c c) filter.Values {
			if c.finding.EPSS == nil {
				return filter.Values{}
			}
			return filter.Values{Number: []float64{c.finding.EPSS.Score}}
		},
		"vulnerablePackages": readPackages,

		"portRange":                     nil,
		"networkProtocol":               nil,
		"componentId":                   nil,
		"componentType":                 nil,
		"codeVulnerabilityDetectorName": nil,
		"codeVulnerabilityDetectorTags": nil,
		"codeVulnerabilityFilePath":     nil,
	}
	maps.Copy(out, resourceReaders())
	return out
}

// resourceReaders are the part of candidateReaders that is about the resource.
func resourceReaders() filter.Readers[candidate] {
	type c = candidate
	var (
		ami        = readText(func(c c) string { return c.resource.Host.Image })
		network    = readText(func(c c) string { return c.resource.Host.Network })
		subnet     = readText(func(c c) string { return c.resource.Host.Subnet })
		arch       = readText(func(c c) string { return c.resource.Arch })
		registry   = readText(func(c c) string { return c.resource.Image.Registry })
		repository = readText(func(c c) string { return c.resource.Image.Repository })
		digest     = readText(func(c c) string { return c.resource.Digest })
		tags       = readTexts(func(c c) []string { return c.resource.Tags })
		pushed     = readTime(func(c c) string { return c.resource.Image.Pushed })
		used       = readTime(func(c c) string { return c.resource.Image.Used })
		function   = readText(func(c c) string { return c.resource.Function.Name })
		runtime    = readText(func(c c) string { return c.resource.Function.Runtime })
		role       = readText(func(c c) string { return c.resource.Function.Role })
		modified   = readTime(func(c c) string { return c.resource.Function.Modified })
		uses       = func(c c) filter.Values {
			if c.resource.Image.Uses == nil {
				return filter.Values{}
			}
			return filter.Values{Number: []float64{float64(*c.resource.Image.Uses)}}
		}
	)
	return filter.Readers[candidate]{
		"resourceType":               readText(func(c c) string { return string(c.resource.Type) }),
		"resourceId":                 readText(func(c c) string { return c.resource.ID }),
		"resourceTags":               readLabels,
		"lambdaFunctionLayers":       readTexts(func(c c) []string { return c.resource.Layers }),
		"codeRepositoryProjectName":  readText(func(c c) string { return c.resource.Code.Project }),
		"codeRepositoryProviderType": readText(func(c c) string { return c.resource.Code.Host }),
		"cloudProvider":              readText(func(c c) string { return c.resource.Cloud.Provider }),
		"cloudProviderRegion":        readText(func(c c) string { return c.resource.Cloud.Region }),
		"cloudProviderAccountId":     readText(func(c c) string { return c.resource.Cloud.Account }),
		"cloudProviderOrgId":         readText(func(c c) string { return c.resource.Cloud.Organization }),

		"ec2InstanceImageId": ami, "cloudVmImageReference": ami,
		"ec2InstanceVpcId": network, "cloudVmNetworkId": network,
		"ec2InstanceSubnetId": subnet, "cloudVmSubnetIds": subnet,
		"ecrImagePushedAt": pushed, "cloudImagePushedAt": pushed,
		"ecrImageArchitecture": arch, "cloudImageArchitecture": arch,
		"ecrImageRegistry": registry, "cloudImageRegistry": registry,
		"ecrImageRepositoryName": repository, "cloudImageRepositoryName": repository,
		"ecrImageTags": tags, "cloudImageTags": tags,
		"ecrImageHash": digest, "cloudImageDigest": digest,
		"ecrImageLastInUseAt": used, "cloudImageLastInUseAt": used,
		"ecrImageInUseCount": uses, "cloudImageInUseCount": uses,
		"lambdaFunctionName": function, "cloudServerlessFunctionName": function,
		"lambdaFunctionRuntime": runtime, "cloudServerlessFunctionRuntime": runtime,
		"lambdaFunctionLastModifiedAt": modified, "cloudServerlessFunctionLastModifiedAt": modified,
		"lambdaFunctionExecutionRoleArn": role, "cloudServerlessFunctionExecutionRole": role,
	}
}

// readLabels reads what Amazon calls the tags of a resource.
func readLabels(c candidate) filter.Values {
	labels := make(map[string]string, len(c.resource.Labels))
	for k, v := range c.resource.Labels {
		labels[storable(k)] = storable(v)
	}
	return filter.Values{Map: []map[string]string{labels}}
}

// readPackages reads the packages of a finding, as match_pkg has them.
func readPackages(c candidate) filter.Values {
	list := c.packages
	if list == nil {
		list = c.finding.Packages
	}
	var out filter.Values
	for i := range list {
		n := list[i].Named()
		text := func(s string) filter.Values { return filter.Values{Text: []string{storable(s)}} }
		parts := map[string]filter.Values{
			"name": text(n.Name), "version": text(n.Version), "release": text(n.Release), "architecture": text(n.Arch),
			"sourceLayerHash": text(n.Layer), "sourceLambdaLayerArn": text(n.LambdaLayer), "filePath": text(n.Path),
		}
		if n.Epoch != nil {
			parts["epoch"] = filter.Values{Number: []float64{float64(*n.Epoch)}}
		}
		out.Packages = append(out.Packages, filter.Values{Parts: parts})
	}
	return out
}
