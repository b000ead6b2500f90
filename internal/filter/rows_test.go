package filter

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the drivers of both databases
	_ "modernc.org/sqlite"
)

// The tables of the property test: every way of keeping a field that Column
// knows, in the shape of the store's tables.
const schema = `
CREATE TABLE finding (fid INTEGER PRIMARY KEY, fkey BLOB, account_id BIGINT, res_id BIGINT, vuln_sk BIGINT, match_id BIGINT,
	type SMALLINT, severity SMALLINT, status SMALLINT, fix SMALLINT, score REAL, first_at BIGINT, last_at BIGINT, updated_at BIGINT);
CREATE TABLE resource (res_id INTEGER PRIMARY KEY, account_id BIGINT, type SMALLINT, name TEXT, ami TEXT, vpc TEXT, subnet TEXT,
	pushed_at BIGINT, pulled_at BIGINT, used_at BIGINT, used_by BIGINT, arch TEXT, registry TEXT, repo TEXT, tags TEXT, digest TEXT,
	fn_name TEXT, fn_layers TEXT, fn_runtime TEXT, fn_modified_at BIGINT, fn_role TEXT, project TEXT, code_host TEXT, visibility TEXT,
	commit_id TEXT, cloud TEXT, cloud_region TEXT, cloud_account TEXT, cloud_org TEXT, scan_status SMALLINT, reason TEXT,
	scan_type SMALLINT, scan_mode TEXT, scanned_at BIGINT);
CREATE TABLE resource_tag (res_id BIGINT, k TEXT, v TEXT, PRIMARY KEY (res_id, k));
CREATE TABLE vuln (vuln_sk INTEGER PRIMARY KEY, vuln_id TEXT, source TEXT, vendor_sev TEXT, title TEXT, epss REAL, exploit SMALLINT);
CREATE TABLE vuln_related (vuln_sk BIGINT, related_id TEXT, PRIMARY KEY (vuln_sk, related_id));
CREATE TABLE match_pkg (match_id BIGINT, name TEXT, version TEXT, epoch BIGINT, release TEXT, arch TEXT, layer TEXT, lambda_layer TEXT, path TEXT);
CREATE INDEX match_pkg_match ON match_pkg (match_id);
CREATE TABLE finding_net (fid INTEGER PRIMARY KEY, protocol TEXT, port_lo BIGINT, port_hi BIGINT, component_id TEXT, component_type TEXT);
CREATE TABLE finding_code (fid INTEGER PRIMARY KEY, detector TEXT, path TEXT, tags TEXT);
`

type vulnRow struct {
	id, source, vendorSeverity, title string
	related                           []string
	epss                              *float64
	exploit                           string
}

type resourceRow struct {
	account, kind, name, ami, vpc, subnet, arch, registry, repo, digest string
	tags, layers                                                        []string
	pushed, pulled, used, modified, scanned                             time.Time
	usedBy                                                              *float64
	fnName, fnRuntime, fnRole, project, codeHost, visibility, commit    string
	cloud, cloudRegion, cloudAccount, cloudOrg                          string
	scanStatus, reason, scanType, scanMode                              string
	labels                                                              map[string]string
}

type findingRow struct {
	fid                                int
	key, kind, severity, status, fix   string
	score                              *float64
	first, last, updated               time.Time
	resource                           *resourceRow
	vuln                               *vulnRow
	packages                           []Values
	ports                              []PortRange
	protocol, component, componentType string
	detector, codePath                 string
	detectorTags                       []string
}

var (
	typeNames     = []string{"", "PACKAGE_VULNERABILITY", "NETWORK_REACHABILITY", "CODE_VULNERABILITY"}
	severityNames = []string{"UNTRIAGED", "INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"}
	statusNames   = []string{"", "ACTIVE", "SUPPRESSED", "CLOSED"}
	fixNames      = []string{"", "YES", "NO", "PARTIAL"}
	yesNames      = []string{"NO", "YES"}
	kindNames     = []string{"", "AWS_EC2_INSTANCE", "AWS_ECR_CONTAINER_IMAGE", "AWS_LAMBDA_FUNCTION", "Microsoft.Web/sites"}
	codeNames     = []string{"", "ACTIVE", "INACTIVE"}
	accounts      = []string{"000000000012", "000000000013", "111122223333", "111122220000", "999999999999"}
	scanNames     = []string{"", "PACKAGE", "NETWORK", "CODE"}
)

const arnHead = "arn:aws:inspector2:eu-central-1:"

// findingARN shows how a text that is put together from columns is compared:
// the account and the key of a finding are kept, its ARN is not. An ARN may end
// anywhere when it is a prefix.
func findingARN(c Condition, arg func(any) string) string {
	const middle = ":finding/"
	if c.Comparison == Prefix && strings.HasPrefix(arnHead, c.Value) {
		return all
	}
	rest, ok := strings.CutPrefix(c.Value, arnHead)
	if !ok {
		return none
	}
	account, key := rest, ""
	if len(rest) > 12 {
		account, key = rest[:12], rest[12:]
	}
	if strings.Trim(account, "0123456789") != "" || c.Comparison == Equals && len(account) < 12 {
		return none
	}
	if after, ok := strings.CutPrefix(key, middle); ok {
		key = after
	} else if c.Comparison == Prefix && strings.HasPrefix(middle, key) {
		key = ""
	} else {
		return none
	}
	missing := 32 - len(key)
	if missing < 0 || missing > 0 && c.Comparison == Equals || strings.ToLower(key) != key {
		return none
	}
	low, err1 := hex.DecodeString(key + strings.Repeat("0", max(0, missing)))
	high, err2 := hex.DecodeString(key + strings.Repeat("f", max(0, missing)))
	if err1 != nil || err2 != nil {
		return none
	}
	lowest := accountNumber(account + strings.Repeat("0", 12-len(account)))
	highest := accountNumber(account + strings.Repeat("9", 12-len(account)))
	return "f.account_id >= " + arg(lowest) + " AND f.account_id <= " + arg(highest) +
		" AND f.fkey >= " + arg(low) + " AND f.fkey <= " + arg(high)
}

// resourceColumns are the columns of the fields that findings and coverage have
// in common.
func resourceColumns(from, tagsFrom string) Columns {
	col := func(sql string) Column { return Column{SQL: sql, From: from} }
	whole := func(sql string) Column { return Column{SQL: sql, From: from, Whole: true} }
	tags := Column{Key: "t.k", SQL: "t.v", From: tagsFrom}
	list := func(sql string) Column { return Column{SQL: sql, From: from, List: true} }
	return Columns{
		"resourceType": {SQL: "r.type", From: from, Codes: kindNames},
		"resourceId":   col("r.name"), "resourceTags": tags, "ec2InstanceTags": tags, "lambdaFunctionTags": tags,
		"cloudVmInstanceTags": tags, "cloudServerlessFunctionTags": tags,
		"ec2InstanceImageId": col("r.ami"), "ec2InstanceVpcId": col("r.vpc"), "ec2InstanceSubnetId": col("r.subnet"),
		"ecrImagePushedAt": col("r.pushed_at"), "ecrImageArchitecture": col("r.arch"), "ecrImageRegistry": col("r.registry"),
		"ecrImageRepositoryName": col("r.repo"), "ecrRepositoryName": col("r.repo"), "ecrImageTags": list("r.tags"),
		"ecrImageHash": col("r.digest"), "ecrImageLastInUseAt": col("r.used_at"), "ecrImageInUseCount": whole("r.used_by"),
		"imagePulledAt": col("r.pulled_at"), "lambdaFunctionName": col("r.fn_name"), "lambdaFunctionLayers": list("r.fn_layers"),
		"lambdaFunctionRuntime": col("r.fn_runtime"), "lambdaFunctionLastModifiedAt": col("r.fn_modified_at"),
		"lambdaFunctionExecutionRoleArn": col("r.fn_role"), "codeRepositoryProjectName": col("r.project"),
		"codeRepositoryProviderType": col("r.code_host"), "codeRepositoryProviderTypeVisibility": col("r.visibility"),
		"lastScannedCommitId": col("r.commit_id"), "cloudProvider": col("r.cloud"), "cloudProviderRegion": col("r.cloud_region"),
		"cloudProviderAccountId": col("r.cloud_account"), "cloudProviderOrgId": col("r.cloud_org"),
		"cloudVmImageReference": col("r.ami"), "cloudVmNetworkId": col("r.vpc"), "cloudVmSubnetIds": col("r.subnet"),
		"cloudImageRepositoryName": col("r.repo"), "cloudContainerRepositoryName": col("r.repo"),
		"cloudImageRegistry": col("r.registry"), "cloudContainerRegistryName": col("r.registry"),
		"cloudImageDigest": col("r.digest"), "cloudImageTags": list("r.tags"), "cloudContainerImageTags": list("r.tags"),
		"cloudImagePushedAt": col("r.pushed_at"), "cloudImageArchitecture": col("r.arch"), "cloudImageLastInUseAt": col("r.used_at"),
		"cloudImageInUseCount": whole("r.used_by"), "cloudServerlessFunctionName": col("r.fn_name"),
		"cloudServerlessFunctionRuntime": col("r.fn_runtime"), "cloudServerlessFunctionLastModifiedAt": col("r.fn_modified_at"),
		"cloudServerlessFunctionExecutionRole": col("r.fn_role"),
	}
}

func findingColumns() Columns {
	const (
		v    = "vuln v WHERE v.vuln_sk = f.vuln_sk"
		net  = "finding_net n WHERE n.fid = f.fid"
		code = "finding_code c WHERE c.fid = f.fid"
	)
	columns := resourceColumns("resource r WHERE r.res_id = f.res_id", "resource_tag t WHERE t.res_id = f.res_id")
	maps.Copy(columns, Columns{
		"findingArn":      {Match: findingARN},
		"awsAccountId":    {SQL: "f.account_id", Digits: 12, Required: true},
		"findingType":     {SQL: "f.type", Codes: typeNames, Required: true},
		"severity":        {SQL: "f.severity", Codes: severityNames, Required: true},
		"findingStatus":   {SQL: "f.status", Codes: statusNames},
		"fixAvailable":    {SQL: "f.fix", Codes: fixNames},
		"firstObservedAt": {SQL: "f.first_at"}, "lastObservedAt": {SQL: "f.last_at"}, "updatedAt": {SQL: "f.updated_at"},
		"inspectorScore": {SQL: "f.score"},
		"title":          {SQL: "v.title", From: v}, "vulnerabilityId": {SQL: "v.vuln_id", From: v},
		"vulnerabilitySource": {SQL: "v.source", From: v}, "vendorSeverity": {SQL: "v.vendor_sev", From: v},
		"epssScore": {SQL: "v.epss", From: v}, "exploitAvailable": {SQL: "v.exploit", From: v, Codes: yesNames},
		"relatedVulnerabilities": {SQL: "x.related_id", From: "vuln_related x WHERE x.vuln_sk = f.vuln_sk"},
		"portRange":              {SQL: "n.port_lo", High: "n.port_hi", From: net},
		"networkProtocol":        {SQL: "n.protocol", From: net}, "componentId": {SQL: "n.component_id", From: net},
		"componentType":                 {SQL: "n.component_type", From: net},
		"codeVulnerabilityDetectorName": {SQL: "c.detector", From: code},
		"codeVulnerabilityDetectorTags": {SQL: "c.tags", From: code, List: true},
		"codeVulnerabilityFilePath":     {SQL: "c.path", From: code},
		"vulnerablePackages": {From: "match_pkg p WHERE p.match_id = f.match_id", Parts: map[string]Column{
			"name": {SQL: "p.name"}, "version": {SQL: "p.version"}, "epoch": {SQL: "p.epoch", Whole: true},
			"release": {SQL: "p.release"}, "architecture": {SQL: "p.arch"}, "sourceLayerHash": {SQL: "p.layer"},
			"sourceLambdaLayerArn": {SQL: "p.lambda_layer"}, "filePath": {SQL: "p.path"},
		}},
	})
	return columns
}

func coverageColumns() Columns {
	columns := resourceColumns("", "resource_tag t WHERE t.res_id = r.res_id")
	maps.Copy(columns, Columns{
		"accountId":      {SQL: "r.account_id", Digits: 12},
		"scanStatusCode": {SQL: "r.scan_status", Codes: codeNames}, "scanStatusReason": {SQL: "r.reason"},
		"scanType": {SQL: "r.scan_type", Codes: scanNames}, "scanMode": {SQL: "r.scan_mode"}, "lastScannedAt": {SQL: "r.scanned_at"},
	})
	return columns
}

func texts(s ...string) Values { return Values{Text: s} }

func times(t time.Time) Values {
	if t.IsZero() {
		return Values{}
	}
	return Values{Time: []time.Time{t}}
}

func numbers(f *float64) Values {
	if f == nil {
		return Values{}
	}
	return Values{Number: []float64{*f}}
}

func resourceReaders() Readers[*resourceRow] {
	type r = *resourceRow
	labels := func(r r) Values { return Values{Map: []map[string]string{r.labels}} }
	ami := func(r r) Values { return texts(r.ami) }
	vpc := func(r r) Values { return texts(r.vpc) }
	subnet := func(r r) Values { return texts(r.subnet) }
	arch := func(r r) Values { return texts(r.arch) }
	registry := func(r r) Values { return texts(r.registry) }
	repo := func(r r) Values { return texts(r.repo) }
	digest := func(r r) Values { return texts(r.digest) }
	tags := func(r r) Values { return texts(r.tags...) }
	pushed := func(r r) Values { return times(r.pushed) }
	used := func(r r) Values { return times(r.used) }
	usedBy := func(r r) Values { return numbers(r.usedBy) }
	name := func(r r) Values { return texts(r.fnName) }
	runtime := func(r r) Values { return texts(r.fnRuntime) }
	role := func(r r) Values { return texts(r.fnRole) }
	modified := func(r r) Values { return times(r.modified) }
	return Readers[r]{
		"resourceTags": labels, "ec2InstanceTags": labels, "lambdaFunctionTags": labels, "cloudVmInstanceTags": labels,
		"cloudServerlessFunctionTags": labels, "ec2InstanceImageId": ami, "cloudVmImageReference": ami,
		"ec2InstanceVpcId": vpc, "cloudVmNetworkId": vpc, "ec2InstanceSubnetId": subnet, "cloudVmSubnetIds": subnet,
		"ecrImageArchitecture": arch, "cloudImageArchitecture": arch, "ecrImageRegistry": registry,
		"cloudImageRegistry": registry, "cloudContainerRegistryName": registry, "ecrImageRepositoryName": repo,
		"ecrRepositoryName": repo, "cloudImageRepositoryName": repo, "cloudContainerRepositoryName": repo,
		"ecrImageHash": digest, "cloudImageDigest": digest, "ecrImageTags": tags, "cloudImageTags": tags,
		"cloudContainerImageTags": tags, "ecrImagePushedAt": pushed, "cloudImagePushedAt": pushed, "ecrImageLastInUseAt": used,
		"cloudImageLastInUseAt": used, "ecrImageInUseCount": usedBy, "cloudImageInUseCount": usedBy,
		"lambdaFunctionName": name, "cloudServerlessFunctionName": name, "lambdaFunctionRuntime": runtime,
		"cloudServerlessFunctionRuntime": runtime, "lambdaFunctionExecutionRoleArn": role,
		"cloudServerlessFunctionExecutionRole": role, "lambdaFunctionLastModifiedAt": modified,
		"cloudServerlessFunctionLastModifiedAt": modified,
		"resourceType":                          func(r r) Values { return texts(r.kind) },
		"resourceId":                            func(r r) Values { return texts(r.name) },
		"lambdaFunctionLayers":                  func(r r) Values { return texts(r.layers...) },
		"codeRepositoryProjectName":             func(r r) Values { return texts(r.project) },
		"codeRepositoryProviderType":            func(r r) Values { return texts(r.codeHost) },
		"codeRepositoryProviderTypeVisibility":  func(r r) Values { return texts(r.visibility) },
		"lastScannedCommitId":                   func(r r) Values { return texts(r.commit) },
		"cloudProvider":                         func(r r) Values { return texts(r.cloud) },
		"cloudProviderRegion":                   func(r r) Values { return texts(r.cloudRegion) },
		"cloudProviderAccountId":                func(r r) Values { return texts(r.cloudAccount) },
		"cloudProviderOrgId":                    func(r r) Values { return texts(r.cloudOrg) },
		"accountId":                             func(r r) Values { return texts(r.account) },
		"scanStatusCode":                        func(r r) Values { return texts(r.scanStatus) },
		"scanStatusReason":                      func(r r) Values { return texts(r.reason) },
		"scanType":                              func(r r) Values { return texts(r.scanType) },
		"scanMode":                              func(r r) Values { return texts(r.scanMode) },
		"lastScannedAt":                         func(r r) Values { return times(r.scanned) },
		"imagePulledAt":                         func(r r) Values { return times(r.pulled) },
	}
}

func findingReaders() Readers[*findingRow] {
	type f = *findingRow
	out := Readers[f]{
		"findingArn":      func(f f) Values { return texts(arnHead + f.resource.account + ":finding/" + f.key) },
		"awsAccountId":    func(f f) Values { return texts(f.resource.account) },
		"findingType":     func(f f) Values { return texts(f.kind) },
		"severity":        func(f f) Values { return texts(f.severity) },
		"findingStatus":   func(f f) Values { return texts(f.status) },
		"fixAvailable":    func(f f) Values { return texts(f.fix) },
		"firstObservedAt": func(f f) Values { return times(f.first) },
		"lastObservedAt":  func(f f) Values { return times(f.last) },
		"updatedAt":       func(f f) Values { return times(f.updated) },
		"inspectorScore":  func(f f) Values { return numbers(f.score) },
		"title":           func(f f) Values { return texts(f.vuln.title) },
		"vulnerabilityId": func(f f) Values { return texts(f.vuln.id) },

		"vulnerabilitySource": func(f f) Values { return texts(f.vuln.source) },
		"vendorSeverity":      func(f f) Values { return texts(f.vuln.vendorSeverity) },
		"epssScore":           func(f f) Values { return numbers(f.vuln.epss) },
		"exploitAvailable":    func(f f) Values { return texts(f.vuln.exploit) },

		"relatedVulnerabilities": func(f f) Values { return texts(f.vuln.related...) },

		"portRange":       func(f f) Values { return Values{Ports: f.ports} },
		"networkProtocol": func(f f) Values { return texts(f.protocol) },
		"componentId":     func(f f) Values { return texts(f.component) },
		"componentType":   func(f f) Values { return texts(f.componentType) },

		"codeVulnerabilityDetectorName": func(f f) Values { return texts(f.detector) },
		"codeVulnerabilityDetectorTags": func(f f) Values { return texts(f.detectorTags...) },
		"codeVulnerabilityFilePath":     func(f f) Values { return texts(f.codePath) },
		"vulnerablePackages":            func(f f) Values { return Values{Packages: f.packages} },
	}
	for name, read := range resourceReaders() {
		if _, ok := out[name]; !ok {
			out[name] = func(f f) Values { return read(f.resource) }
		}
	}
	return out
}

// words are values in which the databases, and careless comparisons, differ:
// case, wildcards, quotes, blanks, and both ends of Unicode.
var words = []string{
	"a", "A", "ab", "aB", "abc", "a%", "a_", "a%b", "b", "B", "a'b", `a\b`, "a b", " a", "é", "e\u0301", "a\uffff",
	"a\U0010ffff", "a\U0010ffffb", "\U0010ffff", "\ud7ff", "\ue000x", "1", "01", "1.0", "NULL", "a\tb",
}

type data struct {
	findings  []*findingRow
	resources []*resourceRow
}

func randomData(rnd *rand.Rand, findings int) data {
	word := func() string {
		if rnd.IntN(4) == 0 {
			return ""
		}
		return words[rnd.IntN(len(words))]
	}
	some := func() []string {
		var out []string
		for range rnd.IntN(4) {
			if w := word(); w != "" && !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
		return out
	}
	pick := func(names []string) string {
		for {
			if s := names[rnd.IntN(len(names))]; s != "" {
				return s
			}
		}
	}
	at := func() time.Time {
		if rnd.IntN(4) == 0 {
			return time.Time{}
		}
		return time.UnixMilli(1_700_000_000_000 + rnd.Int64N(50)).UTC()
	}
	number := func(most int) *float64 {
		if rnd.IntN(4) == 0 {
			return nil
		}
		f := float64(rnd.IntN(most))
		return &f
	}
	tenth := func() *float64 {
		f := number(100)
		if f != nil {
			*f /= 10
		}
		return f
	}
	d := data{}
	for range findings / 5 {
		r := &resourceRow{
			account: pick(accounts), kind: pick(kindNames), name: word() + word() + "x", ami: word(), vpc: word(),
			subnet: word(), arch: word(), registry: word(), repo: word(), digest: word(), tags: some(), layers: some(),
			pushed: at(), pulled: at(), used: at(), modified: at(), scanned: at(), usedBy: number(20), fnName: word(), fnRuntime: word(),
			fnRole: word(), project: word(), codeHost: word(), visibility: word(), commit: word(), cloud: word(), cloudRegion: word(),
			cloudAccount: word(), cloudOrg: word(), scanStatus: pick(codeNames), reason: word(), scanType: pick(scanNames),
			scanMode: word(), labels: map[string]string{},
		}
		for range rnd.IntN(4) {
			if k := word(); k != "" {
				r.labels[k] = word()
			}
		}
		d.resources = append(d.resources, r)
	}
	var vulns []*vulnRow
	for range 300 {
		vulns = append(vulns, &vulnRow{
			id: word(), source: word(), vendorSeverity: word(), title: word(), related: some(), epss: tenth(), exploit: pick(yesNames),
		})
	}
	for fid := range findings {
		f := &findingRow{
			fid: fid, key: fmt.Sprintf("%016x%016x", rnd.Uint64()&^(0xfff<<52), rnd.Uint64()), kind: pick(typeNames), severity: pick(severityNames),
			status: pick(statusNames), fix: pick(fixNames), score: tenth(), first: at(), last: at(), updated: at(),
			resource: d.resources[rnd.IntN(len(d.resources))], vuln: vulns[rnd.IntN(len(vulns))],
		}
		switch f.kind {
		case "PACKAGE_VULNERABILITY":
			for range 1 + rnd.IntN(3) {
				p := map[string]Values{"epoch": numbers(number(3))}
				for _, part := range slices.Sorted(maps.Keys(Package)) { // the same seed gives the same rows
					if Package[part] == TextKind {
						p[part] = texts(word())
					}
				}
				f.packages = append(f.packages, Values{Parts: p})
			}
		case "NETWORK_REACHABILITY":
			low := rnd.IntN(100)
			f.ports = []PortRange{{low, low + rnd.IntN(20)}}
			f.protocol, f.component, f.componentType = word(), word(), word()
		case "CODE_VULNERABILITY":
			f.detector, f.codePath, f.detectorTags = word(), word(), some()
		}
		d.findings = append(d.findings, f)
	}
	return d
}

// An engine is one of the databases that have to agree.
type engine struct {
	name, driver string
	words        *strings.Replacer // of the schema
}

var engines = []engine{
	{"sqlite", "sqlite", strings.NewReplacer()},
	{"postgres", "pgx", strings.NewReplacer("CREATE TABLE", "CREATE TEMP TABLE", "INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY",
		" REAL", " DOUBLE PRECISION", " BLOB", " BYTEA", " TEXT", ` TEXT COLLATE "C"`)},
}

// open makes a database of the data. Empty texts are kept as NULL.
func (d data) open(t *testing.T, e engine) *sql.DB {
	t.Helper()
	source := filepath.Join(t.TempDir(), "filter.db")
	if e.driver == "pgx" {
		if source = os.Getenv("ASSAY_TEST_POSTGRES"); source == "" {
			t.Skip("ASSAY_TEST_POSTGRES is not set")
		}
	}
	db, err := sql.Open(e.driver, source)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // temporary tables belong to a connection
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.ExecContext(t.Context(), e.words.Replace(schema)); err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	insert := func(table string, values ...any) {
		t.Helper()
		places := make([]string, len(values))
		for i, v := range values {
			places[i] = fmt.Sprintf("$%d", i+1)
			switch v := v.(type) {
			case string:
				if v == "" {
					values[i] = nil
				}
			case *float64:
				if v == nil {
					values[i] = nil
				} else {
					values[i] = *v
				}
			case time.Time:
				if v.IsZero() {
					values[i] = nil
				} else {
					values[i] = v.UnixMilli()
				}
			}
		}
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO "+table+" VALUES ("+strings.Join(places, ", ")+")", values...); err != nil {
			t.Fatal(err)
		}
	}
	code := func(names []string, s string) int { return slices.Index(names, s) }
	resources := map[*resourceRow]int{}
	for i, r := range d.resources {
		resources[r] = i
		var usedBy any
		if r.usedBy != nil {
			usedBy = int64(*r.usedBy)
		}
		insert("resource", i, accountNumber(r.account), code(kindNames, r.kind), r.name, r.ami, r.vpc, r.subnet, r.pushed, r.pulled, r.used, usedBy,
			r.arch, r.registry, r.repo, Join(r.tags), r.digest, r.fnName, Join(r.layers), r.fnRuntime, r.modified, r.fnRole, r.project,
			r.codeHost, r.visibility, r.commit, r.cloud, r.cloudRegion, r.cloudAccount, r.cloudOrg, code(codeNames, r.scanStatus),
			r.reason, code(scanNames, r.scanType), r.scanMode, r.scanned)
		for k, v := range r.labels {
			insert("resource_tag", i, k, sql.NullString{String: v, Valid: true})
		}
	}
	vulns := map[*vulnRow]int{}
	for _, f := range d.findings {
		if _, ok := vulns[f.vuln]; !ok {
			n, v := len(vulns), f.vuln
			vulns[v] = n
			insert("vuln", n, v.id, v.source, v.vendorSeverity, v.title, v.epss, code(yesNames, v.exploit))
			for _, id := range v.related {
				insert("vuln_related", n, id)
			}
		}
		key, err := hex.DecodeString(f.key)
		if err != nil {
			t.Fatal(err)
		}
		insert("finding", f.fid, key, accountNumber(f.resource.account), resources[f.resource], vulns[f.vuln], f.fid, code(typeNames, f.kind),
			code(severityNames, f.severity), code(statusNames, f.status), code(fixNames, f.fix), f.score, f.first, f.last, f.updated)
		for _, p := range f.packages {
			part := func(name string) string { return p.Parts[name].Text[0] }
			var epoch any
			if n := p.Parts["epoch"].Number; len(n) > 0 {
				epoch = int64(n[0])
			}
			insert("match_pkg", f.fid, part("name"), part("version"), epoch, part("release"), part("architecture"),
				part("sourceLayerHash"), part("sourceLambdaLayerArn"), part("filePath"))
		}
		for _, p := range f.ports {
			insert("finding_net", f.fid, f.protocol, p.First, p.Last, f.component, f.componentType)
		}
		if f.kind == "CODE_VULNERABILITY" {
			insert("finding_code", f.fid, f.detector, f.codePath, Join(f.detectorTags))
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return db
}

func accountNumber(s string) int64 {
	var n int64
	for _, r := range s {
		n = n*10 + int64(r-'0')
	}
	return n
}
