#!/bin/sh
# run.sh ASSAY: scans this machine and the examples with the starter set.
set -eu
assay=${1:?path of the assay program}
here=$(dirname "$0")
# A user's own database would be used before the starter set.
XDG_DATA_HOME=$(dirname "$assay")
export XDG_DATA_HOME
show() {
  printf '\n$ assay %s\n' "$*"
  status=0
  "$assay" "$@" || status=$?
  # 3: done, but something could not be read; it is listed above.
  [ "$status" = 0 ] || [ "$status" = 3 ] || exit "$status"
}
show db info
show scan host
show scan "$here/source"
show scan "$here/function.zip"
show scan "$here/image"
