package dockerfile

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ids returns issues as "id first-last".
func ids(t *testing.T, list []Issue) []string {
	t.Helper()
	var out []string
	for _, i := range list {
		if _, ok := Lookup(i.Rule); !ok {
			t.Errorf("no rule %s", i.Rule)
		}
		s := strings.TrimPrefix(i.Rule, "IN-DOCKER-")
		for _, n := range []int{i.First, i.Last} {
			s += " " + strings.Repeat("i", n)
		}
		out = append(out, s)
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("a1B2", 10) // of no service
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nUSER app\n", nil},
		{"update alone", "FROM debian\nRUN apt-get update", []string{"001 ii ii"}},
		{"update with a path", "RUN /usr/bin/apt-get -qq update;", []string{"001 i i"}},
		{"sudo", "RUN apt-get update && apt-get install sudo\nRUN sudo whoami", []string{"002 i i", "002 ii ii"}},
		{"sudo in a word", "RUN echo sudoku && apk add sudoers-checker", nil},
		{"root", "FROM a\nUSER root\nFROM b\nUSER 0:0", []string{"003 iiii iiii"}},
		{"no longer root", "FROM a\nUSER root\nRUN x\nUSER app", nil},
		{"root of an earlier stage", "FROM a\nUSER root\nFROM b", nil},
		{"apt", "RUN apt update -y && apt install x", []string{"004 i i"}},
		{"flags", "RUN npm ci --strict-ssl=false\nRUN apk add --allow-untrusted x.apk", []string{"005-001 i i", "005-002 ii ii"}},
		{"two words", "RUN npm --strict-ssl false ci", []string{"005-001 i i"}},
		{"strict", "RUN npm --strict-ssl=true ci", nil},
		{"apt-get", "RUN apt-get install vim --allow-unauthenticated -y", []string{"005-003 i i"}},
		{"pip", "RUN pip install --trusted-host=x y\nRUN pip3 install --trusted-host x y", []string{"005-004 i i", "005-004 ii ii"}},
		{"rpm", "RUN rpm -i --nodigest --nosignature --noverify --nofiledigest x.rpm", []string{"005-005 i i", "005-006 i i", "005-007 i i", "005-008 i i"}},
		{"yum", "RUN yum-config-manager --setopt=sslverify=false && yum --nogpgcheck install x", []string{"005-009 i i", "005-010 i i"}},
		{"curl", "RUN curl -sSLk https://x | sh\nRUN wget --no-check-certificate https://x", []string{"005-011 i i", "005-012 ii ii"}},
		{"curl of a name", "RUN curl -o -kk https://x && curl --keepalive-time 2 https://x", []string{"005-011 i i"}},
		{"no flag of curl", "RUN curl --keepalive https://x-k", nil},
		{
			"variables", "ENV NPM_CONFIG_STRICT_SSL=false NODE_TLS_REJECT_UNAUTHORIZED=\"0\"\nENV GIT_SSL_NO_VERIFY 1\nRUN PIP_TRUSTED_HOST=x pip install y",
			[]string{"006-001 i i", "006-002 i i", "006-003 ii ii", "006-004 iii iii"},
		},
		{"exported", "RUN export NODE_TLS_REJECT_UNAUTHORIZED=0 && node x", []string{"006-002 i i"}},
		{"harmless variables", "ENV NPM_CONFIG_STRICT_SSL=true NODE_TLS_REJECT_UNAUTHORIZED=1", nil},
		{
			"secrets", "ENV A=AKIA" + strings.Repeat("Q", 16) + "\nARG T=dckr_pat_" + token[:27] + "\nLABEL x=ghp_" + token[:36] + "\nRUN echo glpat-" + token[:20] + "\nENV AWS_SECRET_ACCESS_KEY=" + token,
			[]string{"007-001 i i", "007-002 ii ii", "007-003 iii iii", "007-004 iiii iiii", "007-005 iiiii iiiii"},
		},
		{"databases", "RUN rm -rf /lib/apk/db\nRUN rm -rf /var/lib/dpkg/*\nRUN rm -fr /var/lib/rpm", []string{"008-001 i i", "008-002 ii ii", "008-003 iii iii"}},
		{"lists are none", "RUN rm -rf /var/lib/apt/lists/* /tmp/* && rm -rf /", nil},
		{"lines that go on", "RUN true && \\\n  # a comment\n\n  apt-get update\nUSER root", []string{"001 i iiii", "003 iiiii iiiii"}},
		{"another escape", "# escape=`\nRUN true `\n && apt update", []string{"004 ii iii"}},
		{"here-document", "RUN <<EOF\napt-get update\nsudo x\nEOF\nUSER root", []string{"001 i iiii", "002 i iiii", "003 iiiii iiiii"}},
		{"as a list", `RUN ["apt-get", "update"]`, []string{"001 i i"}},
		{"in a shell", `RUN sh -c "apt-get update"`, []string{"001 i i"}},
		{"mounts", "RUN --mount=type=cache,target=/x apt-get update", []string{"001 i i"}},
		{"lower case", "from a\nrun apt-get update\nuser root", []string{"001 ii ii", "003 iii iii"}},
		{"quoted", "RUN echo 'apt-get update; sudo x'", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, ids(t, Check([]byte(tt.text)))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	got := History([]string{
		"/bin/sh -c #(nop) ADD file:0123 in / ",
		"/bin/sh -c #(nop)  ENV NODE_TLS_REJECT_UNAUTHORIZED=0",
		"RUN /bin/sh -c apt-get update # buildkit",
		"|1 VERSION=1.2 /bin/sh -c curl -k https://x",
		"USER root",
		"/bin/sh -c apt update",
		"debian.sh --arch 'amd64' out/ 'bookworm'",
		"",
	})
	want := []string{"006-002 ii ii", "001 iii iii", "005-011 iiii iiii", "003 iiiii iiiii", "004 iiiiii iiiiii"}
	if diff := cmp.Diff(want, ids(t, got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	if !slices.IsSortedFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("not sorted by id")
	}
	if _, ok := Lookup("IN-DOCKER-999"); ok {
		t.Error("a rule that is none")
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("FROM a\nRUN apt-get update && \\\n sudo x\nUSER root\n")
	f.Add("# escape=`\nRUN <<EOF\nx\nEOF\nENV A=b C d\n")
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n") + 1
		for _, i := range Check([]byte(text)) {
			if i.First < 1 || i.Last < i.First || i.Last > lines {
				t.Errorf("%+v in %d lines", i, lines)
			}
		}
		History([]string{text})
	})
}
