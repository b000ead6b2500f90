#!/bin/sh
# ci.sh [ASSAY]: runs what is under integrations/ as the CI systems do: takes the
# steps out of their files, sets the variables that each system sets, and runs
# them on a folder with a lock file, on an image, and with a server.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
assay=${1:-build/assay}
case $assay in /*) ;; *) assay=$root/$assay ;; esac
for tool in ruby curl python3 git; do
  if ! command -v $tool >/dev/null; then
    echo "ci.sh: $tool is not installed: the integrations are not run" >&2
    exit 0
  fi
done

dir=$(mktemp -d)
served='' noted=''
finish() {
  for pid in $served $noted; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Nothing of the machine that runs the test may count, a CI system's own variables least.
for name in $(env | sed -n 's/^\([A-Z_]*\)=.*/\1/p' | grep -E '^(GITHUB|GITLAB|CI|JENKINS|TEAMCITY|ASSAY|AWS|BUILD|GIT)_|^CI$'); do unset "$name"; done
GOCACHE=$(go env GOCACHE) GOMODCACHE=$(go env GOMODCACHE)
export GOCACHE GOMODCACHE
HOME=$dir/home XDG_DATA_HOME=$dir/home XDG_CACHE_HOME=$dir/home/cache
export HOME XDG_DATA_HOME XDG_CACHE_HOME
mkdir -p "$dir/home" "$dir/opt"
ln -s "$assay" "$dir/opt/assay"
ln -s "$root/integrations/assay-ci.sh" "$dir/opt/assay-ci.sh"
commit=0123456789abcdef0123456789abcdef01234567

passed=0
pass() { passed=$((passed + 1)); }
fail() {
  echo "ci.sh: $*" >&2
  for f in "$dir/stdout" "$dir/stderr"; do sed 's/^/  | /' "$f" >&2; done
  exit 1
}
# expect STATUS COMMAND...: runs a command in the folder of the job.
expect() {
  want=$1 got=0
  shift
  (cd "$dir/job" && "$@") >"$dir/stdout" 2>"$dir/stderr" || got=$?
  [ "$got" = "$want" ] || fail "exit status $got, want $want: $*"
  pass
}
# has FILE PATTERN, lacks FILE PATTERN: looks for a line.
has() {
  grep -Eq -e "$2" "$1" || fail "$1 has no line $2: $(head -c 2000 "$1")"
  pass
}
lacks() {
  if grep -Eq -e "$2" "$1"; then fail "$1 has a line $2"; fi
  pass
}
# valid_sarif FILE: by the schema of OASIS, and GitHub's demands beyond it.
valid_sarif() {
  if command -v node >/dev/null && [ -d "$root/test/formats/node_modules" ]; then
    node "$root/test/formats/check.mjs" sarif "$1" >"$dir/stdout" 2>"$dir/stderr" || fail "$1 is not valid SARIF"
    pass
  else
    echo "ci.sh: npm ci was not run in test/formats: SARIF is not checked by its schema" >&2
  fi
}
lock() { # lock FOLDER PACKAGE VERSION...: writes a lock file.
  folder=$1 text=''
  shift
  while [ $# -gt 0 ]; do
    text="$text, \"node_modules/$1\": {\"version\": \"$2\"}"
    shift 2
  done
  mkdir -p "$folder"
  printf '{"name": "shop", "lockfileVersion": 3, "packages": {"": {}%s}}\n' "$text" >"$folder/package-lock.json"
}
fresh_job() {
  rm -rf "$dir/job" "$dir/assay-base"
  mkdir -p "$dir/job"
  lock "$dir/job/base" lodash 4.17.4
  lock "$dir/job/head" lodash 4.17.5 minimist 0.0.8
  lock "$dir/job/clean" lodash 99.0.0
  : >"$dir/job/step_summary"
  : >"$dir/job/step_output"
}

# --- the files themselves
sh -n integrations/assay-ci.sh
if command -v shellcheck >/dev/null; then
  shellcheck -s sh integrations/assay-ci.sh >"$dir/stdout" 2>"$dir/stderr" || fail "shellcheck finds fault with assay-ci.sh"
  pass
else
  echo "ci.sh: shellcheck is not installed: assay-ci.sh is not checked by it" >&2
fi
for f in integrations/github/*.yml integrations/gitlab/*.yml; do
  ruby -ryaml -e 'YAML.load_file(ARGV[0]).is_a?(Hash) or abort' "$f" || fail "$f is no YAML"
  pass
done
# The workflow, and whether the action has the inputs that it is given. actionlint has a module of its own, since it
# does not go with what the other tools need.
mkdir -p "$dir/repository/.github/workflows"
cp -r integrations "$dir/repository/integrations"
sed 's,assay-project/assay/integrations/github@main,./integrations/github,' integrations/github/workflow.yml >"$dir/repository/.github/workflows/local.yml"
cp integrations/github/workflow.yml "$dir/repository/.github/workflows/assay.yml"
git init -q "$dir/repository"
if go build -modfile=test/actionlint/go.mod -o "$dir/actionlint" github.com/rhysd/actionlint/cmd/actionlint 2>"$dir/stderr"; then
  : >"$dir/stdout"
  (cd "$dir/repository" && "$dir/actionlint" -shellcheck= -pyflakes=) >"$dir/stdout" 2>"$dir/stderr" || fail "the workflow is not a good one"
  pass
else
  echo "ci.sh: actionlint cannot be built, the workflow is only read as YAML: $(tail -n 1 "$dir/stderr")" >&2
fi

# --- GitHub Actions
# github INPUT=VALUE...: runs the step of the action with its inputs, as the runner does.
github() {
  ruby -ryaml -rshellwords - "$root/integrations/github/action.yml" "$dir/step" "$@" <<'END' || exit 99
file, step, *given = ARGV
action = YAML.load_file(file)
inputs = action['inputs'].transform_values { |i| i['default'].to_s }
given.each do |g|
  name, value = g.split('=', 2)
  inputs.key?(name) or abort "no input #{name}"
  inputs[name] = value
end
scan = action['runs']['steps'].find { |s| s['id'] == 'scan' }
value = ->(text) { text.to_s.gsub(/\$\{\{\s*inputs\.([a-z0-9-]+)\s*\}\}/) { inputs.fetch($1) } }
File.write("#{step}.sh", scan['run'])
File.write("#{step}.env", scan['env'].map { |k, v| "export #{k}=#{value[v].shellescape}\n" }.join)
END
  (
    . "$dir/step.env"
    export GITHUB_ACTIONS=true GITHUB_ACTION_PATH="$root/integrations/github" GITHUB_SHA=$commit GITHUB_REF_NAME=9/merge \
      GITHUB_HEAD_REF=fix GITHUB_SERVER_URL=https://github.com GITHUB_REPOSITORY=shop/app GITHUB_RUN_ID=7 \
      GITHUB_STEP_SUMMARY="$dir/job/step_summary" GITHUB_OUTPUT="$dir/job/step_output" PATH="$dir/opt:$PATH"
    sh -e "$dir/step.sh"
  )
}
fresh_job
expect 1 github target=source:head fail-on=high upload-sarif=true
has "$dir/stdout" '^::error title=Assay::[0-9]+ findings reach --fail-on high: CVE-'
has "$dir/job/step_summary" '^### Assay: [0-9]+ findings reach high$'
has "$dir/job/step_output" '^status=1$'
has "$dir/job/step_output" '^critical=[1-9]'
has "$dir/job/step_output" '^sarif=assay-report/report.sarif$'
valid_sarif "$dir/job/assay-report/report.sarif"
expect 0 github target=source:clean fail-on=low
has "$dir/job/step_summary" '^### Assay: passed, no finding reaches low$'
# Only what has come since counts: another version of lodash is no news, minimist is.
expect 1 github target=source:head base-target=source:base fail-on=high,fixable,new
has "$dir/stdout" '^::error title=Assay::1 finding reaches --fail-on high,fixable,new: CVE-2021-44906 - minimist$'
has "$dir/job/assay-report/report.json" '"vulnerability":"CVE-2021-44906","baseline":"new"'
has "$dir/job/assay-report/report.json" '"vulnerability":"CVE-2019-10744","baseline":"known"'
has "$dir/job/assay-report/report.sarif" '"baselineState":"new"'
has "$dir/job/assay-report/report.sarif" '"baselineState":"unchanged"'
has "$dir/job/assay-report/summary.md" '^\| \*\*fails\*\*, new \| CRITICAL \|.*CVE-2021-44906'
valid_sarif "$dir/job/assay-report/report.sarif"
# Nothing is new in what is compared with itself, and a baseline may be missing the first time.
expect 0 github target=source:base base-target=source:base fail-on=low,new
cp "$dir/job/assay-report/report.json" "$dir/job/kept.json"
expect 0 github target=source:base baseline=kept.json fail-on=low,new
expect 2 github target=source:base baseline=missing.json fail-on=low,new
has "$dir/stdout" '^::error title=Assay::reading baseline: .*missing.json'
expect 1 github target=source:base baseline=missing.json baseline-optional=true fail-on=low,new
has "$dir/stdout" '^::warning title=Assay::there is no baseline missing.json'
expect 2 github "target=$root/examples/image" baseline=kept.json
has "$dir/stdout" '^::error title=Assay::baseline kept.json is of another kind of target'
# Flags are words, and what is wrong is said.
expect 0 github target=source:head 'flags=--severity critical --label team=*'
expect 2 github target=missing
has "$dir/stdout" '^::error title=Assay::.*missing'
# Something that cannot be read is a warning, or fails if that is wanted.
printf '{"packages": [' >"$dir/job/clean/composer.lock"
expect 0 github target=source:clean fail-on=low
has "$dir/stdout" '^::warning title=Assay::something could not be read'
expect 3 github target=source:clean fail-on=low problems=fail
# Names in what is scanned are no commands of the system.
lock "$dir/job/evil/::error title=x::y" lodash 4.17.4
lock "$dir/job/evil/##teamcity[buildProblem description='z']" lodash 4.17.4
expect 0 github target=source:evil
has "$dir/stdout" 'error title=x'
lacks "$dir/stdout" '^[[:space:]]*::'
lacks "$dir/stdout" '##teamcity\['
lacks "$dir/job/assay-report/summary.md" '^[[:space:]]*::'
# The program is downloaded by its digest, and from an image.
: >"$dir/files"
(cd "$dir/opt" && exec python3 -u -m http.server --bind 127.0.0.1 0) >"$dir/files" 2>&1 &
noted=$!
tries=0
until port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$dir/files") && [ -n "$port" ]; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || fail "no server of files: $(cat "$dir/files")"
  sleep 0.1
done
sum=$(sha256sum <"$assay")
sum=${sum%% *}
expect 0 github target=source:head "download=http://127.0.0.1:$port/assay" "download-sha256=$sum"
[ -x "$dir/job/.assay-cache/assay-$sum" ] || fail "the download is not kept"
rm -r "$dir/job/.assay-cache"
expect 2 github target=source:head "download=http://127.0.0.1:$port/assay" "download-sha256=$commit"
has "$dir/stdout" 'has the SHA-256'
expect 2 github target=source:head "download=http://127.0.0.1:$port/assay"
mkdir -p "$dir/engine"
cat >"$dir/engine/docker" <<END
#!/bin/sh
# Stands in for docker: what follows the name of the image is run here.
echo "\$@" >"$dir/docker"
while [ "\$1" != registry.example.com/assay:1 ]; do shift; done
shift
exec "$assay" "\$@"
END
chmod +x "$dir/engine/docker"
PATH=$dir/engine:$PATH expect 1 github target=source:head fail-on=critical image=registry.example.com/assay:1
has "$dir/docker" "^run --rm --user $(id -u):$(id -g) -v $dir/job:$dir/job .* -w $dir/job .* scan source:head"
# The database is built once.
expect 0 github target=source:head db=.db/assay.db "db-from=$root/cmd/assay/starter"
expect 0 github target=source:head db=.db/assay.db
expect 2 github target=source:head db=.db/other.db

# --- GitLab CI
# gitlab JOB NAME=VALUE...: runs the scripts of a job with its variables.
gitlab() {
  job=$1
  shift
  ruby -ryaml -rshellwords - "$root/integrations/gitlab/assay.gitlab-ci.yml" "$dir/step" "$job" <<'END' || exit 99
file, step, name = ARGV
all = YAML.load_file(file)
merge = ->(a, b) { a.merge(b) { |_, x, y| x.is_a?(Hash) && y.is_a?(Hash) ? merge[x, y] : y } }
resolve = ->(n) { j = all.fetch(n); j['extends'] ? merge[resolve[j['extends']], j] : j }
job = resolve[name]
variables = all['variables'].merge(job['variables'] || {})
if ENV['CI_PIPELINE_SOURCE'] == 'merge_request_event'
  rule = job['rules'].find { |r| r['if'].include?('merge_request_event') }
  variables = variables.merge(rule['variables'])
end
File.write("#{step}.env", variables.map { |k, v| "export #{k}=#{v.to_s.shellescape}\n" }.join)
File.write("#{step}.sh", [job['before_script'], job['script']].flatten.compact.join("\n"))
END
  (
    . "$dir/step.env"
    export GITLAB_CI=true ASSAY_HOME="$dir/opt" CI_COMMIT_SHA=$commit CI_COMMIT_REF_NAME=main \
      CI_PROJECT_URL=https://gitlab.example.com/shop/app CI_PIPELINE_URL=https://gitlab.example.com/shop/app/-/pipelines/3
    [ $# = 0 ] || export "$@"
    sh -e "$dir/step.sh"
  )
}
fresh_job
(
  cd "$dir/job"
  cp base/package-lock.json . && rm -r base clean
  git init -q . && git add package-lock.json && git -c user.name=t -c user.email=t@example.com commit -qm base
  cp head/package-lock.json . && rm -r head
  git add package-lock.json && git -c user.name=t -c user.email=t@example.com commit -qm head
) >/dev/null
expect 0 gitlab assay
has "$dir/job/assay-report/assay.env" '^ASSAY_STATUS=0$'
has "$dir/job/assay-report/assay.env" '^ASSAY_CRITICAL=[1-9]'
valid_sarif "$dir/job/assay-report/report.sarif"
base=$(git -C "$dir/job" rev-parse HEAD~1)
CI_PIPELINE_SOURCE=merge_request_event expect 1 gitlab assay "CI_MERGE_REQUEST_DIFF_BASE_SHA=$base"
has "$dir/stderr" '^1 finding reaches --fail-on high,fixable,new: CVE-2021-44906 - minimist$'
expect 0 gitlab assay ASSAY_FAIL_ON= # of the default branch
# The note on the merge request, to a server that keeps what it is sent.
cat >"$dir/notes.py" <<'END'
import http.server, sys, urllib.parse
class Notes(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with open(sys.argv[1], "w") as f:
            f.write(self.path + "\n" + self.headers["PRIVATE-TOKEN"] + "\n" + urllib.parse.parse_qs(body)["body"][0])
        self.send_response(201)
        self.end_headers()
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Notes)
print(server.server_port, flush=True)
server.serve_forever()
END
python3 "$dir/notes.py" "$dir/note" >"$dir/notes.port" 2>"$dir/notes.log" &
noted="$noted $!"
tries=0
until [ -s "$dir/notes.port" ]; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || fail "no server of notes: $(cat "$dir/notes.log")"
  sleep 0.1
done
CI_PIPELINE_SOURCE=merge_request_event expect 1 gitlab assay "CI_MERGE_REQUEST_DIFF_BASE_SHA=$base" ASSAY_GITLAB_TOKEN=secret \
  CI_MERGE_REQUEST_IID=5 CI_PROJECT_ID=42 "CI_API_V4_URL=http://127.0.0.1:$(cat "$dir/notes.port")/api/v4"
has "$dir/note" '^/api/v4/projects/42/merge_requests/5/notes$'
has "$dir/note" '^secret$'
has "$dir/note" '^### Assay: 1 finding reaches high,fixable,new$'
lacks "$dir/stdout" secret
[ ! -e "$dir/job/assay-report/.note" ] || fail "the token is left among the reports"
# Status 3 is what allow_failure takes for a warning.
printf '{"packages": [' >"$dir/job/composer.lock"
expect 3 gitlab assay
has "$dir/stderr" '^assay: warning: something could not be read'

# --- Jenkins
export JENKINS_URL=https://jenkins.example.com/ GIT_COMMIT=$commit BRANCH_NAME=main GIT_URL=https://user:password@git.example.com/shop/app.git \
  BUILD_URL=https://jenkins.example.com/job/shop/1/ ASSAY_HOME="$dir/opt"
fresh_job
if command -v groovy >/dev/null && command -v java >/dev/null; then
  if [ ! -x "${JAVA_HOME:-/usr/lib/jvm/default-java}/bin/java" ]; then
    JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
    export JAVA_HOME
  fi
  cat >"$dir/run.groovy" <<'END'
// Runs the step with the functions of a pipeline: sh for real, the others are told.
import org.codehaus.groovy.control.*
def unit = new CompilationUnit()
unit.addSource(new File(args[1]))
unit.compile(Phases.CONVERSION)
def binding = new Binding()
def extra = []
binding.withEnv = { List list, Closure body -> extra = list; body(); extra = [] }
binding.sh = { Map m ->
    def p = new ProcessBuilder('sh', '-e', '-c', m.script).directory(new File(args[2])).inheritIO()
    extra.each { def (k, v) = it.split('=', 2); p.environment()[k] = v }
    def status = p.start().waitFor()
    if (!m.returnStatus && status != 0) throw new RuntimeException("status $status")
    m.returnStatus ? status : null
}
binding.sarif = { Map m -> m }
binding.recordIssues = { Map m -> println "recordIssues ${m.tool.id} ${m.tool.pattern}" }
binding.archiveArtifacts = { Map m -> println "archiveArtifacts ${m.artifacts}" }
binding.unstable = { println "unstable $it" }
binding.error = { throw new RuntimeException(it.toString()) }
def settings = args.drop(3).collectEntries { def (k, v) = it.split('=', 2); [k, v] }
try {
    println "returned ${new GroovyShell(binding).parse(new File(args[0])).call(settings)}"
} catch (RuntimeException e) {
    println "error ${e.message}"
    System.exit(1)
}
END
  jenkins() {
    groovy "$dir/run.groovy" "$root/integrations/jenkins/vars/assayScan.groovy" "$root/integrations/jenkins/Jenkinsfile" "$dir/job" "$@"
  }
  expect 1 jenkins target=source:head failOn=critical
  has "$dir/stdout" '^error Assay: findings reach critical$'
  has "$dir/stdout" '^recordIssues assay assay-report/report.sarif$'
  has "$dir/stdout" '^archiveArtifacts assay-report/'
  valid_sarif "$dir/job/assay-report/report.sarif"
  expect 1 jenkins target=source:head baseTarget=source:base failOn=high,new
  has "$dir/stderr" '^1 finding reaches --fail-on high,new: CVE-2021-44906'
  expect 0 jenkins target=source:clean failOn=low
  has "$dir/stdout" '^returned 0$'
  printf '{"packages": [' >"$dir/job/clean/composer.lock"
  expect 0 jenkins target=source:clean failOn=low
  has "$dir/stdout" '^unstable Assay: something could not be read or judged$'
  expect 1 jenkins target=missing
  has "$dir/stdout" '^error Assay: the scan was not done \(status 2\)$'
  lacks "$dir/stdout" '^recordIssues'
  expect 1 jenkins colour=red
  has "$dir/stdout" '^error assayScan: unknown settings: colour$'
else
  echo "ci.sh: groovy is not installed: only the command of the Jenkins step is run" >&2
  command=$(sed -n "s/.*script: '\(.*\)').*/\1/p" integrations/jenkins/vars/assayScan.groovy)
  ASSAY_TARGET=source:head ASSAY_FAIL_ON=critical expect 1 sh -c "$command"
fi
unset JENKINS_URL GIT_COMMIT BRANCH_NAME GIT_URL BUILD_URL ASSAY_HOME

# --- TeamCity
# teamcity NAME=VALUE...: runs the step of the meta-runner with its parameters.
teamcity() {
  ruby -rrexml/document -rshellwords - "$root/integrations/teamcity/assay-scan.xml" "$dir/step" <<'END' || exit 99
file, step = ARGV
doc = REXML::Document.new(File.read(file))
known = {'teamcity.serverUrl' => 'https://teamcity.example.com', 'teamcity.build.id' => '12'}
parameters = doc.get_elements('/meta-runner/settings/parameters/param').map do |p|
  [p.attributes['name'].delete_prefix('env.'), p.attributes['value'].gsub(/%([^%]+)%/) { known.fetch($1) }]
end
File.write("#{step}.env", parameters.map { |k, v| "export #{k}=#{v.shellescape}\n" }.join)
runner = doc.get_elements('//runner').first
runner.attributes['type'] == 'simpleRunner' or abort
File.write("#{step}.sh", runner.get_elements('parameters/param[@name="script.content"]').first.text)
END
  (
    . "$dir/step.env"
    export TEAMCITY_VERSION=2025.1 BUILD_VCS_NUMBER=$commit BUILD_NUMBER=12 ASSAY_HOME="$dir/opt"
    [ $# = 0 ] || export "$@"
    sh "$dir/step.sh"
  )
}
# messages FILE: each service message must be one by the grammar of TeamCity.
messages() {
  ruby -e '
    lines = File.readlines(ARGV[0], chomp: true).grep(/##teamcity/)
    value = /(?:[^|\x27\[\]\n\r]|\|[|\x27nr\[\]])*/
    lines.each { |l| l =~ /\A##teamcity\[\w+ (\x27#{value}\x27|(\w+=\x27#{value}\x27 ?)+)\]\z/ or abort l }
    abort "none" if lines.empty?' "$1" || fail "$1 has a service message that is none"
  pass
}
fresh_job
expect 1 teamcity ASSAY_TARGET=source:head ASSAY_FAIL_ON=critical
messages "$dir/stdout"
has "$dir/stdout" "^##teamcity\[buildStatisticValue key='assay.critical' value='[1-9][0-9]*'\]$"
has "$dir/stdout" "^##teamcity\[buildProblem description='Assay: [0-9]+ findings? reach.* identity='assay'\]$"
has "$dir/stdout" "^##teamcity\[publishArtifacts 'assay-report => assay'\]$"
valid_sarif "$dir/job/assay-report/report.sarif"
expect 1 teamcity ASSAY_TARGET=source:head ASSAY_BASE_TARGET=source:base ASSAY_FAIL_ON=high,fixable,new
has "$dir/stdout" "^##teamcity\[buildStatisticValue key='assay.new' value='[1-9][0-9]*'\]$"
has "$dir/stdout" "^##teamcity\[buildProblem description='Assay: 1 finding reaches --fail-on high,fixable,new: CVE-2021-44906 - minimist'"
expect 0 teamcity ASSAY_TARGET=source:clean
has "$dir/stdout" "^##teamcity\[buildStatus text='\{build.status.text\}, Assay: 0 findings'\]$"
lacks "$dir/stdout" buildProblem
lock "$dir/job/evil/##teamcity[buildProblem description='z']" lodash 4.17.4
expect 0 teamcity ASSAY_TARGET=source:evil ASSAY_FAIL_ON=
messages "$dir/stdout"
lacks "$dir/stdout" '##teamcity.buildProblem'
expect 2 teamcity "ASSAY_TARGET=no'thing[x]"
messages "$dir/stdout"

# --- with a server
mkdir "$dir/data"
: >"$dir/served.log"
"$assay" serve --listen 127.0.0.1:0 --data "$dir/data" >"$dir/served" 2>"$dir/served.log" &
served=$!
tries=0
until url=$(sed -n 's/.*msg=serving url=\([^ ]*\).*/\1/p' "$dir/served.log") && [ -n "$url" ]; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ] || ! kill -0 "$served" 2>/dev/null; then fail "the server did not start: $(cat "$dir/served.log")"; fi
  sleep 0.1
done
ASSAY_ACCESS_KEY_ID=$(sed -n 's/.*[^t] access key  *\([^ ]*\)$/\1/p' "$dir/served" | head -n 1)
ASSAY_SECRET_ACCESS_KEY=$(sed -n 's/.*secret access key  *\([^ ]*\)$/\1/p' "$dir/served" | head -n 1)
export ASSAY_ACCESS_KEY_ID ASSAY_SECRET_ACCESS_KEY
# ask PATH BODY: a call of Amazon's API.
ask() {
  curl -fsS --aws-sigv4 aws:amz:us-east-1:inspector2 --user "$admin_id:$admin_secret" \
    -H 'Content-Type: application/json' -d "$2" "$url$1"
}
# A job has a key that may hand scans in, and see what is known, but no more.
"$assay" admin keys create --name ci --role scanner --server "$url" >"$dir/key" 2>&1 || fail "no key: $(cat "$dir/key")"
admin_id=$ASSAY_ACCESS_KEY_ID admin_secret=$ASSAY_SECRET_ACCESS_KEY
ASSAY_ACCESS_KEY_ID=$(sed -n 's/.*AWS_ACCESS_KEY_ID=\([A-Z0-9]*\).*/\1/p' "$dir/key")
ASSAY_SECRET_ACCESS_KEY=$(sed -n 's/.*AWS_SECRET_ACCESS_KEY=\([^ ]*\).*/\1/p' "$dir/key")
fresh_job
expect 1 github "target=$root/examples/image" name=registry.example.com/shop/app:main fail-on=low "server=$url"
expect 0 ask /coverage/list '{"filterCriteria": {"ecrRepositoryName": [{"comparison": "EQUALS", "value": "shop/app"}]}}'
cp "$dir/stdout" "$dir/coverage"
has "$dir/coverage" '"resourceType":"AWS_ECR_CONTAINER_IMAGE"'
has "$dir/coverage" '"resourceId":"arn:aws:ecr:us-east-1:[0-9]{12}:repository/shop/app/sha256:'
has "$dir/coverage" '"tags":\[("latest",)?"main"\]'
has "$dir/coverage" '"statusCode":"ACTIVE"'
expect 0 ask /findings/list "{\"maxResults\": 1, \"filterCriteria\": {\"resourceTags\": [{\"comparison\": \"EQUALS\", \"key\": \"commit\", \"value\": \"$commit\"}], \"ecrImageTags\": [{\"comparison\": \"EQUALS\", \"value\": \"main\"}]}}"
has "$dir/stdout" '"vulnerabilityId":"'
has "$dir/stdout" '"branch":"fix"'
has "$dir/stdout" '"build":"https://github.com/shop/app/actions/runs/7"'
has "$dir/stdout" '"repository":"https://github.com/shop/app"'
expect 0 ask /findings/aggregation/list '{"aggregationType": "REPOSITORY"}'
has "$dir/stdout" '"repository":"shop/app"'
# What the server has of the image "main" is not new, and of another repository everything is.
expect 0 github "target=$root/examples/image" name=registry.example.com/review/app:pr-9 baseline=server:shop/app:main fail-on=low,new "server=$url"
has "$dir/job/assay-report/report.txt" '0 new since shop/app:main \([0-9a-f]{12}\) at the server'
expect 1 github "target=$root/examples/image" name=registry.example.com/shop/other:1 baseline=server fail-on=low,new "server=$url"
has "$dir/stderr" 'the server has no scan of shop/other to compare with'
# A repository of code: what its resource had before this scan.
expect 0 github target=source:base name=github.com/shop/app "server=$url"
expect 1 github target=source:head name=github.com/shop/app baseline=server fail-on=high,fixable,new "server=$url"
has "$dir/stdout" '^::error title=Assay::1 finding reaches --fail-on high,fixable,new: CVE-2021-44906 - minimist$'
expect 0 github target=source:head name=github.com/shop/app baseline=server fail-on=high,fixable,new "server=$url"
expect 1 github target=source:head resource=github.com/shop/app@fix baseline=server:github.com/shop/none fail-on=critical,new "server=$url"
expect 0 ask /coverage/list '{"filterCriteria": {"resourceType": [{"comparison": "EQUALS", "value": "CODE_REPOSITORY"}]}}'
has "$dir/stdout" "\"lastScannedCommitId\":\"$commit\""
expect 2 github target=source:head baseline=server
has "$dir/stdout" 'no server is given'

echo "ci.sh: $passed passed, 0 failed"
