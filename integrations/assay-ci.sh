#!/bin/sh
# assay-ci.sh [FLAG...]: scans one target in a job of a CI system, and tells the
# system what came of it. GitHub Actions, GitLab CI, Jenkins and TeamCity run
# this one script; doc/ci.md describes its settings, which are variables of the
# environment. Flags are handed on to "assay scan".
#
# Exit status: 0 passed, 1 a finding reaches ASSAY_FAIL_ON, 2 not done, 3 only
# with ASSAY_PROBLEMS=fail: something could not be read or judged.
set -eu

# A system sets what nobody has chosen to nothing, which is not the same for Assay.
[ -n "${ASSAY_DB:-}" ] || unset ASSAY_DB
[ -n "${ASSAY_SERVER:-}" ] || unset ASSAY_SERVER
[ -n "${ASSAY_CACHE:-}" ] || unset ASSAY_CACHE

out=${ASSAY_OUT:-assay-report}
target=${ASSAY_TARGET:-.}
fail_on=${ASSAY_FAIL_ON:-}
baseline=${ASSAY_BASELINE:-}

system=none
if [ "${GITHUB_ACTIONS:-}" = true ]; then
  system=github
elif [ "${GITLAB_CI:-}" = true ]; then
  system=gitlab
elif [ -n "${TEAMCITY_VERSION:-}" ]; then
  system=teamcity
elif [ -n "${JENKINS_URL:-}" ]; then
  system=jenkins
fi

# A line of a command, such as "::error::" and "##teamcity[", is obeyed wherever
# a job prints it: none may come from the names in what is scanned.
print_harmless() {
  sed -e 's/##teamcity\[/## teamcity[/g' -e 's/##\[/## [/g' -e 's/^\([[:space:]]*\)::/\1: :/' "$1"
}

# Source: TeamCity documentation, "Service Messages", escaped values.
teamcity_text() {
  printf %s "$1" | tr '\r\n' '  ' | sed -e "s/|/||/g" -e "s/'/|'/g" -e 's/\[/|[/g' -e 's/\]/|]/g'
}

# Source: GitHub documentation, "Workflow commands", and actions/toolkit for what is escaped.
github_text() {
  printf %s "$1" | tr '\r\n' '  ' | sed -e 's/%/%25/g'
}

# tell LEVEL TEXT: says something where the system shows it. LEVEL is warning or error.
tell() {
  case $system in
  github) printf '::%s title=Assay::%s\n' "$1" "$(github_text "$2")" ;;
  teamcity)
    case $1 in
    error) printf "##teamcity[buildProblem description='Assay: %s' identity='assay']\n" "$(teamcity_text "$2")" ;;
    *) printf "##teamcity[message text='Assay: %s' status='WARNING']\n" "$(teamcity_text "$2")" ;;
    esac
    ;;
  *) printf 'assay: %s: %s\n' "$1" "$2" >&2 ;;
  esac
}

die() {
  tell error "$1"
  exit 2
}

# fetch URL FILE SHA256: downloads a file, which must be the one of that digest.
fetch() {
  [ -n "$3" ] || die "ASSAY_DOWNLOAD needs ASSAY_DOWNLOAD_SHA256, so that only the file you mean is run"
  if command -v curl >/dev/null; then
    curl -fsSL --retry 3 -o "$2.part" "$1" || die "downloading $1 did not work"
  elif command -v wget >/dev/null; then
    wget -q -O "$2.part" "$1" || die "downloading $1 did not work"
  else
    die "neither curl nor wget is there to download $1"
  fi
  if command -v sha256sum >/dev/null; then
    sum=$(sha256sum <"$2.part")
  else
    sum=$(shasum -a 256 <"$2.part")
  fi
  [ "${sum%% *}" = "$3" ] || die "$1 has the SHA-256 ${sum%% *}, not $3"
  mv "$2.part" "$2"
}

# in_container ARG...: runs Assay of an image on the files of this folder, as
# the user of the job, who must be able to read what it writes.
# shellcheck disable=SC2317 # it is called by its name in $program
in_container() {
  engine=${ASSAY_ENGINE:-docker}
  command -v "$engine" >/dev/null || die "$engine is not there to run the image $ASSAY_IMAGE"
  home=$(mkdir -p "${ASSAY_CACHE:-$out/cache}" && cd "${ASSAY_CACHE:-$out/cache}" && pwd)
  set -- -e ASSAY_SERVER -e ASSAY_DB -e AWS_ACCESS_KEY_ID -e AWS_SECRET_ACCESS_KEY -e AWS_SESSION_TOKEN -e AWS_REGION \
    -e ASSAY_ACCESS_KEY_ID -e ASSAY_SECRET_ACCESS_KEY -e ASSAY_SESSION_TOKEN -e ASSAY_SERVER_CA -e SOURCE_DATE_EPOCH \
    -e ASSAY_REGISTRY_USERNAME -e ASSAY_REGISTRY_PASSWORD -e "ASSAY_CACHE=$home" "$ASSAY_IMAGE" "$@"
  "$engine" run --rm --user "$(id -u):$(id -g)" -v "$PWD:$PWD" -v "$home:$home" -w "$PWD" "$@"
}

# locate finds the program: the one named, the one to be downloaded, that of an
# image, the one beside this script, or the one in PATH.
locate() {
  beside=$(dirname "$0")/assay
  if [ -n "${ASSAY_BIN:-}" ]; then
    [ -x "$ASSAY_BIN" ] || die "ASSAY_BIN is $ASSAY_BIN, which is no program"
    program=$ASSAY_BIN
  elif [ -n "${ASSAY_DOWNLOAD:-}" ]; then
    tools=${ASSAY_TOOLS:-$out}
    program=$tools/assay-${ASSAY_DOWNLOAD_SHA256:-}
    mkdir -p "$tools"
    [ -x "$program" ] || fetch "$ASSAY_DOWNLOAD" "$program" "${ASSAY_DOWNLOAD_SHA256:-}"
    chmod +x "$program"
  elif [ -n "${ASSAY_IMAGE:-}" ]; then
    program=in_container
  elif [ -x "$beside" ]; then
    program=$beside
  elif command -v assay >/dev/null; then
    program=assay
  else
    die "no assay: put it beside $0 or into PATH, or set ASSAY_BIN, ASSAY_DOWNLOAD or ASSAY_IMAGE"
  fi
  # A name without a slash is looked up in PATH, another as it is.
  case $program in */* | assay | in_container) ;; *) program=./$program ;; esac
}

# describe_job sets what the system tells of the job: commit, branch, repository
# and page.
describe_job() {
  commit="" branch="" repository="" page=""
  case $system in
  github)
    commit=${GITHUB_SHA:-} branch=${GITHUB_HEAD_REF:-${GITHUB_REF_NAME:-}}
    repository=${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_REPOSITORY:-}
    page=$repository/actions/runs/${GITHUB_RUN_ID:-}
    ;;
  gitlab)
    commit=${CI_COMMIT_SHA:-} branch=${CI_MERGE_REQUEST_SOURCE_BRANCH_NAME:-${CI_COMMIT_REF_NAME:-}}
    repository=${CI_PROJECT_URL:-} page=${CI_PIPELINE_URL:-}
    ;;
  jenkins)
    commit=${GIT_COMMIT:-} branch=${CHANGE_BRANCH:-${BRANCH_NAME:-${GIT_BRANCH:-}}}
    repository=${GIT_URL:-} page=${BUILD_URL:-}
    ;;
  teamcity)
    commit=${BUILD_VCS_NUMBER:-} branch=${ASSAY_BRANCH:-} repository=${ASSAY_REPOSITORY:-} page=${BUILD_URL:-}
    ;;
  esac
  commit=${ASSAY_COMMIT:-$commit} branch=${ASSAY_BRANCH:-$branch} repository=${ASSAY_REPOSITORY:-$repository}
  # A clone may be made with a password in its address.
  repository=$(printf %s "$repository" | sed -e 's|//[^/@]*@|//|' -e 's|\.git$||')
}

# label KEY VALUE prints a label, cut to what the server takes. Branches come
# from outside: a semicolon would begin another label.
label() {
  printf '%s=%s' "$1" "$(printf %s "$2" | tr -d ';"\r\n' | cut -c1-256)"
}

# build_database builds the database if it is not there yet.
build_database() {
  if [ -z "${ASSAY_DB:-}" ] || [ -e "$ASSAY_DB" ]; then
    return 0
  fi
  [ -n "${ASSAY_DB_FROM:-}" ] || die "ASSAY_DB is $ASSAY_DB, which is not there, and ASSAY_DB_FROM names no advisories to build it from"
  mkdir -p "$(dirname "$ASSAY_DB")"
  "$program" db build --from "$ASSAY_DB_FROM" --output "$ASSAY_DB" || die "building $ASSAY_DB did not work"
}

# choose_baseline makes the baseline of ASSAY_BASE_TARGET, and does without one
# that may be missing.
choose_baseline() {
  if [ -n "${ASSAY_BASE_TARGET:-}" ]; then
    baseline=$out/base.json
    code=0
    (
      unset ASSAY_SERVER # what is compared with is not what was built
      "$program" scan "$ASSAY_BASE_TARGET" -o "json=$baseline"
    ) || code=$?
    case $code in
    0 | 3) ;;
    *) die "scanning $ASSAY_BASE_TARGET, which the target is compared with, did not work" ;;
    esac
  fi
  case $baseline in '' | server | server:*) return 0 ;; esac
  if [ ! -e "$baseline" ] && [ "${ASSAY_BASELINE_OPTIONAL:-}" = true ]; then
    tell warning "there is no baseline $baseline: every finding counts as new"
    baseline=
    fail_on=$(printf %s "$fail_on" | sed -e 's/,new//')
  fi
}

# figure NAME prints a number of the report. The report has one member on a line.
figure() {
  sed -n -e "s/^\"summary\": .*\"$1\":\([0-9]*\).*/\1/p" -e "s/^\"baseline\": .*\"$1\":\([0-9]*\).*/\1/p" "$out/report.json" | head -n 1
}

severities='critical high medium low informational untriaged'

tell_github() {
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    cat "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"
  fi
  if [ -n "${GITHUB_OUTPUT:-}" ]; then
    {
      printf 'status=%s\nreport=%s\nsarif=%s\nsummary=%s\n' "$status" "$out/report.json" "$out/report.sarif" "$out/summary.md"
      for name in findings fixable new $severities; do
        printf '%s=%s\n' "$name" "$(figure "$name")"
      done
    } >>"$GITHUB_OUTPUT"
  fi
}

# tell_gitlab writes a report of variables, and a note on the merge request if a
# token for that is there.
# Source: GitLab documentation, "Notes API", create a merge request note.
tell_gitlab() {
  {
    printf 'ASSAY_STATUS=%s\n' "$status"
    for name in findings fixable new $severities; do
      printf 'ASSAY_%s=%s\n' "$(printf %s "$name" | tr '[:lower:]' '[:upper:]')" "$(figure "$name")"
    done
  } >"$out/assay.env"
  # GitLab takes each kind of report under a name of its own.
  if grep -q '"type":"container_scanning"' "$out/gitlab.json"; then
    mv "$out/gitlab.json" "$out/gl-container-scanning-report.json"
  else
    mv "$out/gitlab.json" "$out/gl-dependency-scanning-report.json"
  fi
  if [ -z "${ASSAY_GITLAB_TOKEN:-}" ] || [ -z "${CI_MERGE_REQUEST_IID:-}" ]; then
    return 0
  fi
  # The token goes in by a file: others may see the arguments of a process.
  umask 077
  printf 'header = "PRIVATE-TOKEN: %s"\n' "$ASSAY_GITLAB_TOKEN" >"$out/.note"
  curl -fsS -o /dev/null -K "$out/.note" --data-urlencode "body@$out/summary.md" \
    "$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes" ||
    tell warning "the summary could not be put under the merge request"
  rm -f "$out/.note"
}

# Source: TeamCity documentation, "Service Messages".
tell_teamcity() {
  for name in findings fixable new $severities; do
    value=$(figure "$name")
    if [ -n "$value" ]; then
      printf "##teamcity[buildStatisticValue key='assay.%s' value='%s']\n" "$name" "$value"
    fi
  done
  printf "##teamcity[publishArtifacts '%s => assay']\n" "$(teamcity_text "$out")"
  if [ "$status" != 1 ]; then
    printf "##teamcity[buildStatus text='{build.status.text}, Assay: %s findings']\n" "$(figure findings)"
  fi
}

mkdir -p "$out"
rm -f "$out/report.json" "$out/report.sarif" "$out/report.txt" "$out/summary.md" "$out"/gl-*-scanning-report.json
locate
describe_job
build_database
choose_baseline

set -- "$@" -o "table=$out/report.txt" -o "json=$out/report.json" -o "sarif=$out/report.sarif" --summary "$out/summary.md"
[ "$system" != gitlab ] || set -- "$@" -o "gitlab=$out/gitlab.json"
[ -z "$fail_on" ] || set -- "$@" --fail-on "$fail_on"
[ -z "$baseline" ] || set -- "$@" --baseline "$baseline"
[ -z "${ASSAY_NAME:-}" ] || set -- "$@" --name "$ASSAY_NAME"
[ -z "${ASSAY_RESOURCE:-}" ] || set -- "$@" --resource "$ASSAY_RESOURCE"
[ -z "$commit" ] || set -- "$@" --label "$(label commit "$commit")"
[ -z "$branch" ] || set -- "$@" --label "$(label branch "$branch")"
[ -z "$repository" ] || set -- "$@" --label "$(label repository "$repository")"
[ -z "$page" ] || set -- "$@" --label "$(label build "$page")"

status=0
"$program" scan "$target" "$@" 2>"$out/messages.txt" || status=$?
[ ! -e "$out/report.txt" ] || print_harmless "$out/report.txt"
print_harmless "$out/messages.txt" >&2
case $status in
0 | 1 | 3) ;;
*) die "$(sed -n '/^assay: /{s/^assay: //;p;}' "$out/messages.txt" | tail -n 1)" ;;
esac

case $system in
github) tell_github ;;
gitlab) tell_gitlab ;;
teamcity) tell_teamcity ;;
esac
case $status in
1) tell error "$(grep -e ' --fail-on ' "$out/messages.txt" | tail -n 1)" ;;
3)
  tell warning "something could not be read or judged: see the end of the report"
  [ "${ASSAY_PROBLEMS:-warn}" = fail ] || status=0
  ;;
esac
exit "$status"
