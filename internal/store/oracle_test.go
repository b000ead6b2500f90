package store

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/filter"
	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/resource"
)

// The tests of lists compare them with what filter.Matcher lets through, of
// findings that are random in every column, written as Record would.

// An oracle is what the tables hold, in memory.
type oracle struct {
	accounts  []org.Account
	resources []*oracleResource
	vulns     []*oracleVuln
	findings  []*oracleFinding
	orders    map[string][]*oracleFinding // that were made already
}

type oracleResource struct {
	id                                                                int64
	account                                                           org.Account
	region, kind, arn, ami, vpc, subnet, arch, registry, repo, digest string
	tags, layers                                                      []string
	pushed, pulled, used, modified                                    int64 // 0: none
	uses                                                              *float64
	fnName, fnRuntime, fnRole, project, codeHost, visibility, commit  string
	cloud, cloudRegion, cloudAccount, cloudOrg                        string
	labels                                                            map[string]string
	scans                                                             []*oracleScan
	gone                                                              bool
}

type oracleScan struct {
	resource                 *oracleResource
	kind, code, reason, mode string
	scanned                  int64
}

type oracleVuln struct {
	id                           int64
	name, source, vendorSeverity string
	related                      []string
	epss                         *float64
	exploit                      string
}

type oracleFinding struct {
	id                                 int64
	key                                fkey
	kind, severity, status, fix        string
	score                              float64
	first, last, updated               int64
	resource                           *oracleResource
	vuln                               *oracleVuln // nil: none
	matched                            *oracleMatched
	net                                bool
	port                               filter.PortRange
	protocol, component, componentKind string
	detector, path                     string
	detectorTags                       []string
}

type oracleMatched struct {
	id       int64
	title    string
	packages []filter.Values
}

// oracleWords are values in which the databases, and careless comparisons,
// differ: case, wildcards, quotes, blanks, and both ends of Unicode.
var oracleWords = []string{
	"a", "A", "ab", "aB", "abc", "a%", "a_", "b", "B", "a'b", `a\b`, "a b", " a", "é", "e\u0301", "a\uffff", "a\U0010ffff",
	"\U0010ffff", "1", "01", "NULL",
}

// A source of random values.
type dice struct{ *rand.Rand }

func (d dice) word() string { return oracleWords[d.IntN(len(oracleWords))] }

// maybe is a word or none.
func (d dice) maybe() string {
	if d.IntN(4) == 0 {
		return ""
	}
	return d.word()
}

func (d dice) some() []string {
	var out []string
	for range d.IntN(4) {
		if w := d.word(); !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

func (d dice) of(list []string) string {
	for {
		if w := list[d.IntN(len(list))]; w != "" {
			return w
		}
	}
}

// at is one of few milliseconds, or none.
func (d dice) at() int64 {
	if d.IntN(5) == 0 {
		return 0
	}
	return d.sure()
}

func (d dice) sure() int64 { return milliseconds(start) + d.Int64N(40) }

func (d dice) number(most int) *float64 {
	if d.IntN(4) == 0 {
		return nil
	}
	f := float64(d.IntN(most))
	return &f
}

// newOracle makes up so many findings.
func newOracle(seed uint64, findings int) *oracle {
	d := dice{rand.New(rand.NewPCG(seed, 1))}
	o := &oracle{accounts: []org.Account{12, 111122220000, 111122223333, 999999999999}}
	for n := range findings/12 + 1 {
		o.resources = append(o.resources, d.resource(int64(n+1), o.accounts[d.IntN(len(o.accounts))]))
	}
	for n := range findings/40 + 1 {
		v := &oracleVuln{
			id: int64(n + 1), name: d.word() + fmt.Sprint(n%37), source: d.word(), vendorSeverity: d.maybe(), related: d.some(),
			epss: d.number(20), exploit: d.of(yesNumbers),
		}
		if v.epss != nil {
			*v.epss /= 20
		}
		o.vulns = append(o.vulns, v)
	}
	var matched []*oracleMatched
	for n := range findings/10 + 1 {
		m := &oracleMatched{id: int64(n + 1), title: d.word()}
		for range 1 + d.IntN(3) {
			m.packages = append(m.packages, d.pkg())
		}
		matched = append(matched, m)
	}
	for n := range findings {
		f := &oracleFinding{
			id: int64(n + 1), kind: d.of([]string{PackageFinding, PackageFinding, NetworkFinding, CodeFinding}),
			severity: d.of(words(severityNumbers)), status: d.of(words(statusNumbers)), fix: d.of(words(fixNumbers)),
			score: float64(d.IntN(101)) / 10, first: d.sure(), last: d.sure(), updated: d.sure(),
			resource: o.resources[d.IntN(len(o.resources))], matched: matched[d.IntN(len(matched))],
		}
		for i := range f.key {
			f.key[i] = byte(d.IntN(256))
		}
		if d.IntN(2) == 0 { // so that beginnings of keys are shared
			f.key[0], f.key[1] = 0xab, 0xc0
		}
		switch f.kind {
		case PackageFinding:
			f.vuln = o.vulns[min(d.IntN(len(o.vulns)), d.IntN(len(o.vulns)))]
		case NetworkFinding:
			f.matched = &oracleMatched{title: ""}
			low := d.IntN(100)
			f.net, f.port = true, filter.PortRange{First: low, Last: low + d.IntN(20)}
			f.protocol, f.component, f.componentKind = d.of([]string{"TCP", "UDP"}), d.maybe(), d.maybe()
		case CodeFinding:
			f.matched = &oracleMatched{title: ""}
			f.detector, f.path, f.detectorTags = d.word(), d.word(), d.some()
		}
		o.findings = append(o.findings, f)
	}
	return o
}

func (d dice) resource(id int64, account org.Account) *oracleResource {
	r := &oracleResource{
		id: id, account: account, region: d.of([]string{"eu-central-1", "eu-west-1"}), kind: d.of(words(resourceNumbers)),
		arn: fmt.Sprint(d.word(), "/", id%50, "/", id), ami: d.maybe(), vpc: d.maybe(), subnet: d.maybe(), arch: d.maybe(),
		registry: d.maybe(), repo: d.maybe(), digest: d.maybe(), tags: d.some(), layers: d.some(), pushed: d.at(), pulled: d.at(),
		used: d.at(), modified: d.at(), uses: d.number(20), fnName: d.maybe(), fnRuntime: d.maybe(), fnRole: d.maybe(),
		project: d.maybe(), codeHost: d.maybe(), visibility: d.maybe(), commit: d.maybe(), cloud: d.word(), cloudRegion: d.word(),
		cloudAccount: d.word(), cloudOrg: d.maybe(), labels: map[string]string{}, gone: d.IntN(10) == 0,
	}
	for range d.IntN(4) {
		r.labels[d.word()] = d.word()
	}
	for _, kind := range scanNumbers[1:] {
		if d.IntN(2) == 0 {
			r.scans = append(r.scans, &oracleScan{r, kind, d.of(codeNumbers), d.word(), d.maybe(), d.at()})
		}
	}
	return r
}

func (d dice) pkg() filter.Values {
	parts := map[string]filter.Values{"epoch": {}}
	if n := d.number(3); n != nil {
		parts["epoch"] = filter.Values{Number: []float64{*n}}
	}
	for _, part := range slices.Sorted(maps.Keys(filter.Package)) {
		if filter.Package[part] == filter.TextKind {
			parts[part] = filter.Values{Text: []string{d.maybe()}}
		}
	}
	for _, part := range []string{"name", "version"} {
		parts[part] = filter.Values{Text: []string{d.word()}}
	}
	return filter.Values{Parts: parts}
}

func (f *oracleFinding) arn() string { return f.key.arn(f.resource.region, f.resource.account) }

// write puts everything into the tables.
func (o *oracle) write(t *testing.T, s *Store) {
	t.Helper()
	code := func(list []string, w string) int64 { return int64(slices.Index(list, w)) }
	doc := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	float := func(f *float64) any {
		if f == nil {
			return nil
		}
		return *f
	}
	whole := func(f *float64) any {
		if f == nil {
			return nil
		}
		return int64(*f)
	}
	list := func(texts []string) any { return filter.Join(texts) }
	rows := map[string][][]any{}
	add := func(head string, values ...any) { rows[head] = append(rows[head], values) }
	const (
		resourceHead = `INSERT INTO resource (res_id, account_id, region, type, arn, revision, first_at, gone_at, pushed_at, pulled_at, used_at, uses,
			arch, registry, repo, image_tags, digest, ami, vpc, subnet, fn_name, fn_runtime, fn_role, fn_layers, fn_modified_at, project,
			code_host, visibility, commit_id, cloud, cloud_account, cloud_org, cloud_region, doc)`
		tagHead      = `INSERT INTO resource_tag (k, v, res_id, account_id)`
		coverageHead = `INSERT INTO coverage (res_id, account_id, scan_type, code, reason, mode, first_at, last_scanned_at)`
		vulnHead     = `INSERT INTO vuln (vuln_sk, vuln_id, source, vendor_sev, epss, exploit, rev, live)`
		relatedHead  = `INSERT INTO vuln_related (related_id, vuln_sk)`
		textHead     = `INSERT INTO document (doc_id, digest, vuln_sk, doc)`
		matchedHead  = `INSERT INTO matched (match_id, digest, title, doc)`
		packageHead  = `INSERT INTO match_pkg (name, version, match_id, ordinal, epoch, release, arch, layer, lambda_layer, path)`
		findingHead  = `INSERT INTO finding (fid, fkey, account_id, res_id, vuln_sk, text_id, match_id, type, res_type, severity, status, fix,
			score, first_at, last_at, updated_at, closed_at, hash)`
		netHead  = `INSERT INTO finding_net (fid, account_id, protocol, port_lo, port_hi, component_id, component_type)`
		codeHead = `INSERT INTO finding_code (fid, account_id, detector, path, tags)`
	)
	for _, r := range o.resources {
		gone := any(nil)
		if r.gone {
			gone = int64(1)
		}
		add(resourceHead, r.id, int64(r.account), r.region, code(words(resourceNumbers), r.kind), r.arn, "", int64(0), gone,
			numberOrNull(r.pushed), numberOrNull(r.pulled), numberOrNull(r.used), whole(r.uses), textOrNull(r.arch), textOrNull(r.registry),
			textOrNull(r.repo), list(r.tags), textOrNull(r.digest), textOrNull(r.ami), textOrNull(r.vpc), textOrNull(r.subnet),
			textOrNull(r.fnName), textOrNull(r.fnRuntime), textOrNull(r.fnRole), list(r.layers), numberOrNull(r.modified),
			textOrNull(r.project), textOrNull(r.codeHost), textOrNull(r.visibility), textOrNull(r.commit), r.cloud, r.cloudAccount,
			textOrNull(r.cloudOrg), r.cloudRegion, []byte(doc(resource.Resource{ID: r.arn, Region: r.region, Account: r.account.String()})))
		for _, k := range slices.Sorted(maps.Keys(r.labels)) {
			add(tagHead, k, r.labels[k], r.id, int64(r.account))
		}
		for _, c := range r.scans {
			add(coverageHead, r.id, int64(r.account), code(scanNumbers, c.kind), code(codeNumbers, c.code), c.reason, textOrNull(c.mode),
				int64(5), numberOrNull(c.scanned))
		}
	}
	for _, v := range o.vulns {
		add(vulnHead, v.id, v.name+"/"+fmt.Sprint(v.id), v.source, textOrNull(v.vendorSeverity), float(v.epss), code(yesNumbers, v.exploit), int64(0), "{}")
		for _, id := range v.related {
			add(relatedHead, id, v.id)
		}
	}
	add(textHead, int64(1), []byte{1}, int64(1), s.packing.pack([]byte("{}")))
	seen := map[int64]bool{}
	for _, f := range o.findings {
		if m := f.matched; m.id != 0 && !seen[m.id] {
			seen[m.id] = true
			add(matchedHead, m.id, fmt.Append(nil, m.id), m.title, s.packing.pack([]byte(doc(affected{Title: m.title}))))
			for i, p := range m.packages {
				part := func(name string) any { return textOrNull(p.Parts[name].Text[0]) }
				var epoch any
				if n := p.Parts["epoch"].Number; len(n) > 0 {
					epoch = int64(n[0])
				}
				add(packageHead, part("name"), part("version"), m.id, int64(i), epoch, part("release"), part("architecture"),
					part("sourceLayerHash"), part("sourceLambdaLayerArn"), part("filePath"))
			}
		}
		vuln, words1 := int64(0), int64(0)
		if f.vuln != nil {
			vuln, words1 = f.vuln.id, 1
		}
		closed := any(nil)
		if f.status == string(Closed) {
			closed = f.updated
		}
		add(findingHead, f.id, f.key[:], int64(f.resource.account), f.resource.id, vuln, words1, f.matched.id, code(typeNumbers, f.kind),
			code(words(resourceNumbers), f.resource.kind), code(words(severityNumbers), f.severity), code(words(statusNumbers), f.status),
			code(words(fixNumbers), f.fix), tenths(f.score), f.first, f.last, f.updated, closed, f.id)
		if f.net {
			add(netHead, f.id, int64(f.resource.account), f.protocol, int64(f.port.First), int64(f.port.Last), textOrNull(f.component),
				textOrNull(f.componentKind))
		}
		if f.detector != "" {
			add(codeHead, f.id, int64(f.resource.account), f.detector, f.path, list(f.detectorTags))
		}
	}
	err := s.tx(t.Context(), func(tx *sql.Tx) error {
		for _, head := range slices.Sorted(maps.Keys(rows)) {
			if err := s.insert(t.Context(), tx, head, "", rows[head]); err != nil {
				return fmt.Errorf("%s: %w", head, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

func oneText(s string) filter.Values {
	if s == "" {
		return filter.Values{}
	}
	return filter.Values{Text: []string{s}}
}

func oneTime(ms int64) filter.Values {
	if ms == 0 {
		return filter.Values{}
	}
	return filter.Values{Time: []time.Time{fromMilliseconds(ms)}}
}

func oneNumber(f *float64) filter.Values {
	if f == nil {
		return filter.Values{}
	}
	return filter.Values{Number: []float64{*f}}
}

// oracleResourceReaders read what the fields of a resource are.
func oracleResourceReaders() filter.Readers[*oracleResource] {
	type r = *oracleResource
	text := func(of func(r r) string) func(r) filter.Values {
		return func(r r) filter.Values { return oneText(of(r)) }
	}
	at := func(of func(r r) int64) func(r) filter.Values {
		return func(r r) filter.Values { return oneTime(of(r)) }
	}
	out := filter.Readers[r]{
		"accountId":                            text(func(r r) string { return r.account.String() }),
		"resourceType":                         text(func(r r) string { return r.kind }),
		"resourceId":                           text(func(r r) string { return r.arn }),
		"imagePulledAt":                        at(func(r r) int64 { return r.pulled }),
		"lambdaFunctionLayers":                 func(r r) filter.Values { return filter.Values{Text: r.layers} },
		"codeRepositoryProjectName":            text(func(r r) string { return r.project }),
		"codeRepositoryProviderType":           text(func(r r) string { return r.codeHost }),
		"codeRepositoryProviderTypeVisibility": text(func(r r) string { return r.visibility }),
		"lastScannedCommitId":                  text(func(r r) string { return r.commit }),
		"cloudProvider":                        text(func(r r) string { return r.cloud }),
		"cloudProviderRegion":                  text(func(r r) string { return r.cloudRegion }),
		"cloudProviderAccountId":               text(func(r r) string { return r.cloudAccount }),
		"cloudProviderOrgId":                   text(func(r r) string { return r.cloudOrg }),
	}
	for _, same := range []struct {
		names string
		read  func(r) filter.Values
	}{
		{"resourceTags ec2InstanceTags lambdaFunctionTags cloudVmInstanceTags cloudServerlessFunctionTags", func(r r) filter.Values {
			return filter.Values{Map: []map[string]string{r.labels}}
		}},
		{"ec2InstanceImageId cloudVmImageReference", text(func(r r) string { return r.ami })},
		{"ec2InstanceVpcId cloudVmNetworkId", text(func(r r) string { return r.vpc })},
		{"ec2InstanceSubnetId cloudVmSubnetIds", text(func(r r) string { return r.subnet })},
		{"ecrImagePushedAt cloudImagePushedAt", at(func(r r) int64 { return r.pushed })},
		{"ecrImageArchitecture cloudImageArchitecture", text(func(r r) string { return r.arch })},
		{"ecrImageRegistry cloudImageRegistry cloudContainerRegistryName", text(func(r r) string { return r.registry })},
		{"ecrImageRepositoryName ecrRepositoryName cloudImageRepositoryName cloudContainerRepositoryName", text(func(r r) string { return r.repo })},
		{"ecrImageTags cloudImageTags cloudContainerImageTags", func(r r) filter.Values { return filter.Values{Text: r.tags} }},
		{"ecrImageHash cloudImageDigest", text(func(r r) string { return r.digest })},
		{"ecrImageLastInUseAt cloudImageLastInUseAt", at(func(r r) int64 { return r.used })},
		{"ecrImageInUseCount cloudImageInUseCount", func(r r) filter.Values { return oneNumber(r.uses) }},
		{"lambdaFunctionName cloudServerlessFunctionName", text(func(r r) string { return r.fnName })},
		{"lambdaFunctionRuntime cloudServerlessFunctionRuntime", text(func(r r) string { return r.fnRuntime })},
		{"lambdaFunctionLastModifiedAt cloudServerlessFunctionLastModifiedAt", at(func(r r) int64 { return r.modified })},
		{"lambdaFunctionExecutionRoleArn cloudServerlessFunctionExecutionRole", text(func(r r) string { return r.fnRole })},
	} {
		for name := range strings.FieldsSeq(same.names) {
			out[name] = same.read
		}
	}
	return out
}

// oracleFindingReaders read what the fields of a finding are.
func oracleFindingReaders() filter.Readers[*oracleFinding] {
	type f = *oracleFinding
	text := func(of func(f f) string) func(f) filter.Values {
		return func(f f) filter.Values { return oneText(of(f)) }
	}
	vuln := func(of func(v *oracleVuln) filter.Values) func(f) filter.Values {
		return func(f f) filter.Values {
			if f.vuln == nil {
				return filter.Values{}
			}
			return of(f.vuln)
		}
	}
	out := filter.Readers[f]{
		"findingArn":             text(f.arn),
		"awsAccountId":           text(func(f f) string { return f.resource.account.String() }),
		"findingType":            text(func(f f) string { return f.kind }),
		"severity":               text(func(f f) string { return f.severity }),
		"findingStatus":          text(func(f f) string { return f.status }),
		"fixAvailable":           text(func(f f) string { return f.fix }),
		"firstObservedAt":        func(f f) filter.Values { return oneTime(f.first) },
		"lastObservedAt":         func(f f) filter.Values { return oneTime(f.last) },
		"updatedAt":              func(f f) filter.Values { return oneTime(f.updated) },
		"inspectorScore":         func(f f) filter.Values { return oneNumber(&f.score) },
		"title":                  text(func(f f) string { return f.matched.title }),
		"vulnerabilityId":        vuln(func(v *oracleVuln) filter.Values { return oneText(v.name + "/" + fmt.Sprint(v.id)) }),
		"vulnerabilitySource":    vuln(func(v *oracleVuln) filter.Values { return oneText(v.source) }),
		"vendorSeverity":         vuln(func(v *oracleVuln) filter.Values { return oneText(v.vendorSeverity) }),
		"epssScore":              vuln(func(v *oracleVuln) filter.Values { return oneNumber(v.epss) }),
		"exploitAvailable":       vuln(func(v *oracleVuln) filter.Values { return oneText(v.exploit) }),
		"relatedVulnerabilities": vuln(func(v *oracleVuln) filter.Values { return filter.Values{Text: v.related} }),
		"portRange": func(f f) filter.Values {
			if !f.net {
				return filter.Values{}
			}
			return filter.Values{Ports: []filter.PortRange{f.port}}
		},
		"networkProtocol":               text(func(f f) string { return f.protocol }),
		"componentId":                   text(func(f f) string { return f.component }),
		"componentType":                 text(func(f f) string { return f.componentKind }),
		"codeVulnerabilityDetectorName": text(func(f f) string { return f.detector }),
		"codeVulnerabilityDetectorTags": func(f f) filter.Values { return filter.Values{Text: f.detectorTags} },
		"codeVulnerabilityFilePath":     text(func(f f) string { return f.path }),
		"vulnerablePackages":            func(f f) filter.Values { return filter.Values{Packages: f.matched.packages} },
	}
	for name, read := range oracleResourceReaders() {
		if _, ok := out[name]; !ok {
			out[name] = func(f f) filter.Values { return read(f.resource) }
		}
	}
	return out
}

// sortValues are what a finding is sorted by; nil stands for no value.
func (f *oracleFinding) sortValues(sort string) []any {
	fid, severity := f.id, int64(slices.Index(words(severityNumbers), f.severity))
	text := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	at := func(ms int64) any {
		if ms == 0 {
			return nil
		}
		return float64(ms)
	}
	var vuln, epss, source, vendor any
	sk := int64(0)
	if f.vuln != nil {
		vuln, source, vendor, sk = f.vuln.name+"/"+fmt.Sprint(f.vuln.id), text(f.vuln.source), text(f.vuln.vendorSeverity), f.vuln.id
		if f.vuln.epss != nil {
			epss = *f.vuln.epss
		}
	}
	res, account := f.resource.id, int64(f.resource.account)
	return map[string][]any{
		"":                          {severity, f.last, fid},
		"SEVERITY":                  {severity, f.last, fid},
		"FIRST_OBSERVED_AT":         {f.first, fid},
		"LAST_OBSERVED_AT":          {f.last, fid},
		"INSPECTOR_SCORE":           {f.score, fid},
		"AWS_ACCOUNT_ID":            {account, severity, f.last, fid},
		"FINDING_STATUS":            {f.status, severity, f.last, fid},
		"FINDING_TYPE":              {f.kind, fid},
		"RESOURCE_TYPE":             {f.resource.kind, fid},
		"ECR_IMAGE_PUSHED_AT":       {at(f.resource.pushed), res, fid},
		"ECR_IMAGE_REPOSITORY_NAME": {text(f.resource.repo), res, fid},
		"ECR_IMAGE_REGISTRY":        {text(f.resource.registry), res, fid},
		"NETWORK_PROTOCOL":          {text(f.protocol), fid},
		"COMPONENT_TYPE":            {text(f.componentKind), fid},
		"VULNERABILITY_ID":          {vuln, sk, severity, f.last, fid},
		"VULNERABILITY_SOURCE":      {source, sk, severity, f.last, fid},
		"VENDOR_SEVERITY":           {vendor, sk, severity, f.last, fid},
		"EPSS_SCORE":                {epss, sk, severity, f.last, fid},
	}[sort]
}

// inListOrder compares what findings are sorted by.
func inListOrder(a, b []any, ascending bool) int {
	sign := 1
	if !ascending {
		sign = -1
	}
	for i := range a {
		c := 0
		switch x := a[i].(type) {
		case nil:
			if b[i] != nil {
				return 1
			}
		case string:
			y, ok := b[i].(string)
			if !ok {
				return -1
			}
			c = strings.Compare(x, y)
		case float64:
			y, ok := b[i].(float64)
			if !ok {
				return -1
			}
			c = cmp.Compare(x, y)
		case int64:
			c = cmp.Compare(x, b[i].(int64))
		}
		if c != 0 {
			return sign * c
		}
	}
	return 0
}

// want returns the names of what a list should hold.
func (o *oracle) want(t *testing.T, scope org.Scope, where filter.Criteria, sort string, ascending bool) []string {
	t.Helper()
	fits, err := filter.Matcher(filter.Finding, oracleFindingReaders(), where)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, f := range o.sorted(sort, ascending) {
		if scope.Has(f.resource.account) && fits(f) {
			out = append(out, f.arn())
		}
	}
	return out
}

// sorted returns all findings in an order.
func (o *oracle) sorted(sort string, ascending bool) []*oracleFinding {
	key := fmt.Sprint(sort, ascending)
	if o.orders[key] == nil {
		list, values := slices.Clone(o.findings), map[*oracleFinding][]any{}
		for _, f := range list {
			values[f] = f.sortValues(sort)
		}
		slices.SortFunc(list, func(a, b *oracleFinding) int { return inListOrder(values[a], values[b], ascending) })
		if o.orders == nil {
			o.orders = map[string][]*oracleFinding{}
		}
		o.orders[key] = list
	}
	return o.orders[key]
}

// A reading is how the pages of a list are made.
type reading struct {
	size, reach, budget int
}

// got reads all pages of a list.
func (r reading) got(t *testing.T, s *Store, scope org.Scope, where filter.Criteria, sort string, ascending bool) []string {
	t.Helper()
	sel := &selection{limit: r.size + 1, reach: r.reach, budget: r.budget}
	sel.order, _ = orderOf(sort)
	sel.order.desc = !ascending
	out := []string{}
	if !sel.choose(scope, where) {
		return out
	}
	for range 100_000 {
		rows, more, err := s.list(t.Context(), sel)
		if err != nil {
			t.Fatalf("%v %s: %v", where, sort, err)
		}
		if len(rows) > r.size {
			rows = rows[:r.size]
			p := sel.order.place(&rows[r.size-1])
			more = &p
		}
		for i := range rows {
			out = append(out, regionless(rows[i].key.arn("", rows[i].account)))
		}
		if more == nil {
			return out
		}
		if sel.after != nil && sel.order.compare(*sel.after, *more) >= 0 {
			t.Fatalf("%v %s: the list does not go on from %+v to %+v", where, sort, sel.after, more)
		}
		again, err := json.Marshal(more) // as in a token
		if err != nil {
			t.Fatal(err)
		}
		sel.after = &place{}
		if err := json.Unmarshal(again, sel.after); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the list has no end")
	return nil
}

// regionless leaves the region out of the name of a finding, which its row does
// not have.
func regionless(arn string) string {
	parts := strings.SplitN(arn, ":", 5)
	return parts[4]
}

func regionlessAll(list []string) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, regionless(s))
	}
	return out
}

// conditions are conditions on a field, of every comparison.
func (o *oracle) conditions(d dice, field string) []filter.Condition {
	f := o.findings[d.IntN(len(o.findings))]
	v := oracleFindingReaders()[field](f)
	return conditionsOf(d, filter.Finding[field], v)
}

// conditionsOf are conditions on a field of a kind, about values that something
// has or not.
func conditionsOf(d dice, kind filter.Kind, v filter.Values) []filter.Condition {
	value := d.word()
	if len(v.Text) > 0 && d.IntN(4) > 0 {
		value = v.Text[d.IntN(len(v.Text))]
	}
	comparisons := []filter.Comparison{filter.Equals, filter.NotEquals, filter.Prefix}
	if kind == filter.ExactKind {
		comparisons = comparisons[:2]
	}
	switch kind {
	case filter.TextKind, filter.ExactKind:
		var out []filter.Condition
		for range 1 + d.IntN(2) {
			c := comparisons[d.IntN(len(comparisons))]
			if c == filter.Prefix {
				if cut := []rune(value); len(cut) > 1 {
					value = string(cut[:1+d.IntN(len(cut))])
				}
			}
			out = append(out, filter.Condition{Comparison: c, Value: value})
		}
		return out
	case filter.NumberKind, filter.WholeKind:
		x := float64(d.IntN(20))
		if len(v.Number) > 0 {
			x = v.Number[0]
		}
		return []filter.Condition{filter.Range(x, x+float64(d.IntN(3)))}
	case filter.TimeKind:
		from := fromMilliseconds(d.sure())
		return []filter.Condition{[]filter.Condition{
			filter.Between(from, from.Add(5*time.Millisecond)), filter.Between(from, time.Time{}), filter.Between(time.Time{}, from), {},
		}[d.IntN(4)]}
	case filter.MapKind, filter.TagsKind:
		c := filter.Condition{Comparison: filter.Equals, Key: d.word(), Value: d.word()}
		if d.IntN(2) == 0 {
			c.Value, c.AnyValue = "", true
		}
		return []filter.Condition{c}
	case filter.PortsKind:
		x := float64(d.IntN(100))
		return []filter.Condition{filter.Range(x, x+float64(d.IntN(30)))}
	case filter.PackageKind:
		parts := map[string]filter.Condition{}
		for part, kind := range filter.Package {
			if d.IntN(4) == 0 || part == "name" {
				parts[part] = conditionsOf(d, kind, filter.Values{})[0]
			}
		}
		return []filter.Condition{{Package: parts}}
	}
	return nil
}

// TestListsAgainstOracle reads lists with conditions on each field in each order,
// both by collecting and by walking, with pages of several sizes and budgets.
func TestListsAgainstOracle(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		t.Helper()
		o := newOracle(1, 5000)
		o.write(t, s)
		d := dice{rand.New(rand.NewPCG(2, 2))}
		sorts := append(slices.Sorted(maps.Keys(filter.SortFields)), "")
		fields := slices.Sorted(maps.Keys(filter.Finding))
		scopes := []org.Scope{org.Only(o.accounts...), org.Only(o.accounts[:1]...), org.Only(o.accounts[1:3]...)}
		filtered := 0
		check := func(where filter.Criteria, sort string) {
			t.Helper()
			if filter.Validate(filter.Finding, "", where) != nil {
				return
			}
			scope, ascending := scopes[d.IntN(len(scopes))], d.IntN(2) == 0
			want := o.want(t, scope, where, sort, ascending)
			if len(want) > 0 && len(want) < len(o.findings)/2 {
				filtered++
			}
			how := []reading{
				{100, smallReach, walkBudget},
				{7 + len(want)/5, smallReach, walkBudget},
				{30 + len(want)/8, -1, walkBudget},
				{1 + len(want)/4, -1, 3000},
			}[d.IntN(4)]
			if d.IntN(100) == 0 {
				how = reading{1000, -1, 1}
			}
			got := how.got(t, s, scope, where, sort, ascending)
			if diff := gocmp.Diff(regionlessAll(want), got); diff != "" {
				t.Fatalf("%v sort %q ascending %v, %+v, scope %v: %d want, %d got: %s", where, sort, ascending, how, scope.Accounts(),
					len(want), len(got), diff[:min(len(diff), 1500)])
			}
		}
		for i, field := range fields { // each field meets each order in the long run, and each order many fields in each
			for j, sort := range sorts {
				if (i+j)%12 == 0 || os.Getenv("ASSAY_TEST_LONG") != "" {
					check(filter.Criteria{field: o.conditions(d, field)}, sort)
				}
			}
		}
		for _, sort := range sorts {
			check(filter.Criteria{}, sort)
			for range 5 {
				where := filter.Criteria{}
				for range 2 + d.IntN(3) {
					field := fields[d.IntN(len(fields))]
					where[field] = o.conditions(d, field)
				}
				check(where, sort)
			}
		}
		if filtered < 70 {
			t.Errorf("only %d lists were neither empty nor long", filtered)
		}
	})
}
