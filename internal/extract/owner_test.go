package extract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOwners(t *testing.T) {
	t.Parallel()
	lists := &File{}
	f := file{match: newMatcher(formats()), out: lists}
	f.own("bash", "/bin/bash")
	f.own("bash", "/usr/share/doc/bash/README")
	f.own("libc6", "/lib/x86_64-linux-gnu/libc.so.6")
	f.own("other", "/usr/bin/bash")
	l := &Layer{Files: []File{*lists}}
	got := Owners([]*Layer{l}, []string{"usr/bin/bash", "/usr/lib/x86_64-linux-gnu/libc.so.6", "usr/share/doc/bash/README", "opt/none"})
	want := map[string]string{"usr/bin/bash": "bash", "/usr/lib/x86_64-linux-gnu/libc.so.6": "libc6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
