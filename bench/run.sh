#!/bin/sh
# run.sh ASSAY TARGETS PEERS DB [BUNDLE]: every comparison of bench/README.md in
# one go. DB is a database built of BUNDLE, the folder with advisory files.
# Peers that are not in PEERS are left out.
set -eu
assay=${1:?program} targets=${2:?targets} peers=${3:?peers} db=${4:?database} bundle=${5:-}
here=$(dirname "$0")
compare() { title=$1; shift; printf '\n%s\n' "$title"; python3 "$here/compare.py" --runs "${RUNS:-5}" "$@"; }
# peer NAME ARGUMENTS prints NAME=COMMAND if that peer is there.
peer() { [ ! -x "$peers/$1" ] || printf '%s' "$1=$peers/$1 $2"; }
# with TITLE COMMAND... drops peers that are missing.
with() {
  title=$1; shift
  n=$#
  while [ "$n" -gt 0 ]; do a=$1; shift; n=$((n - 1)); [ -z "$a" ] || set -- "$@" "$a"; done
  compare "$title" "$@"
}
export SYFT_CHECK_FOR_APP_UPDATE=false GRYPE_CHECK_FOR_APP_UPDATE=false GRYPE_DB_AUTO_UPDATE=false
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

compare "start" "assay=$assay --version"
with "image b, OCI layout, inventory" \
  "assay=$assay sbom oci:$targets/b/oci --cache-dir off" \
  "$(peer syft "scan oci-dir:$targets/b/oci -o cyclonedx-json")"
with "image b, docker archive, inventory" \
  "assay=$assay sbom $targets/b/docker.tar --cache-dir off" \
  "$(peer syft "scan docker-archive:$targets/b/docker.tar -o cyclonedx-json")" \
  "cat=cat $targets/b/docker.tar"
"$assay" sbom "oci:$targets/b/oci" --cache-dir "$out/cache" -o "cyclonedx=$out/b.cdx.json" -o "spdx=$out/b.spdx.json" || [ $? = 3 ]
compare "image b again, layers cached" "assay=$assay sbom oci:$targets/b/oci --cache-dir $out/cache"
with "source tree c, with matching" \
  "assay=$assay scan source:$targets/c --db $db -o json" \
  "$(peer osv-scanner "scan source -r $targets/c --offline --format json")"
with "SBOM of b, with matching" \
  "assay=$assay scan $out/b.cdx.json --db $db -o json" \
  "$(peer osv-scanner "scan source -L $out/b.cdx.json --offline --format json")"
for f in node python; do
  with "function $f, in place" "assay=$assay sbom $targets/d/function-$f.zip" \
    "$(peer syft "scan file:$targets/d/function-$f.zip -o cyclonedx-json")"
done
with "file system of this host" "assay=$assay sbom host" "$(peer scalibr "--root=/ --result=$out/r.textproto")"
[ -z "$bundle" ] || compare "database of the bundle" "assay=$assay db build --from $bundle --output $out/new.db"
