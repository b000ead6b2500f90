package finding

import (
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"github.com/assay-project/assay/match"
)

// fixed is a match of a package that a version repairs.
func fixed(typ, ecosystem, name, version string) match.Match {
	return match.Match{Package: pkg(typ, name, "1.0.0"), Fixed: version, Why: []match.Why{{Ecosystem: ecosystem}}}
}

func TestRemediation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ typ, ecosystem, name, version, want string }{
		{"deb", "deb:debian:11", "libssl1.1", "1.1.1n-0+deb11u4", "apt-get update && apt-get install --only-upgrade libssl1.1"},
		{"deb", "deb:ubuntu:22.04", "g++", "4:11.2.0-1ubuntu1", "apt-get update && apt-get install --only-upgrade g++"},
		{"rpm", "rpm:almalinux:9", "nodejs", "1:16.20.2-1.el9_2", "dnf upgrade nodejs"},
		{"rpm", "rpm:sles:15.5", "openssl", "1.1.1l-150500.17.3", "zypper update openssl"},
		{"rpm", "rpm:opensuse-leap:15.5", "openssl", "1.1.1l", "zypper update openssl"},
		{"rpm", "rpm:azurelinux:3", "perl", "5.38.2-1", "tdnf update perl"},
		{"rpm", "rpm:photon:5.0", "perl", "5.38.2-1", "tdnf update perl"},
		{"apk", "apk:alpine:3.11", "libcrypto1.1", "1.1.1d-r3", "apk add --upgrade libcrypto1.1"},
		{"npm", "npm", "lodash", "4.17.12", "npm install lodash@4.17.12"},
		{"npm", "npm", "@babel/traverse", "7.23.2", "npm install @babel/traverse@7.23.2"},
		{"pypi", "pypi", "Django", "2.2.10", "pip install --upgrade 'Django>=2.2.10'"},
		{"gem", "gem", "nokogiri", "1.13.4", "bundle update nokogiri"},
		{"cargo", "cargo", "smallvec", "0.6.10", "cargo update -p smallvec --precise 0.6.10"},
		{"composer", "composer", "symfony/http-foundation", "4.2.12", "composer update symfony/http-foundation"},
		{"golang", "golang", "golang.org/x/net", "0.17.0", "go get golang.org/x/net@v0.17.0"},
		{"golang", "golang", "github.com/docker/docker", "v23.0.3+incompatible", "go get github.com/docker/docker@v23.0.3+incompatible"},
		{"golang", "golang", "stdlib", "1.21.3", "build with Go 1.21.3 or later"},
		{"golang", "golang", "toolchain", "1.21.2", "build with Go 1.21.2 or later"},
		{"nuget", "nuget", "System.Net.Http", "4.3.4", "dotnet add package System.Net.Http --version 4.3.4"},
		{"maven", "maven", "org.apache.struts:struts2-core", "2.5.10.1", "set the version of org.apache.struts:struts2-core to 2.5.10.1 in the build file"},
		{"hex", "hex", "plug", "1.3.2", "upgrade plug to 1.3.2"},
		{"npm", "npm", "lodash", "", ""},

		{"npm", "npm", "x; rm -rf ~", "1.0", "npm install 'x; rm -rf ~@1.0'"},
		{"npm", "npm", "x", "$(id)", "npm install 'x@$(id)'"},
		{"npm", "npm", "it's", "1.0", `npm install 'it'\''s@1.0'`},
		{"npm", "npm", "a`b`", "1.0", "npm install 'a`b`@1.0'"},
		{"npm", "npm", "git+https://example.org/x.git", "1.0", "upgrade git+https://example.org/x.git to 1.0"},
		{"npm", "npm", "--global", "1.0", "upgrade --global to 1.0"},
		{"pypi", "pypi", "a\nrm -rf ~", "1.0", "pip install --upgrade 'a\ufffdrm -rf ~>=1.0'"},
		{"deb", "deb:debian:11", "libc6-", "1.0", "upgrade libc6- to 1.0"},
		{"hex", "hex", "a && b", "1.0", "upgrade 'a && b' to 1.0"},
		{"gem", "gem", "{version}", "1.0", "bundle update '{version}'"},
	} {
		t.Run(tt.typ+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			if got := remediation(fixed(tt.typ, tt.ecosystem, tt.name, tt.version)); got != tt.want {
				t.Errorf("remediation = %s; want %s", got, tt.want)
			}
		})
	}
	if got := remediation(match.Match{Package: pkg("npm", "lodash", "4.17.11"), Fixed: "4.17.12"}); got != "npm install lodash@4.17.12" {
		t.Errorf("of a match without a reason: %s", got)
	}
}

// hostile are names that a shell, or a terminal, would obey.
var hostile = []string{
	"", " ", "a b", "a;b", "a|b", "a&b", "$HOME", "${IFS}", "$(id)", "`id`", `a"b`, "a'b", "''", `a\`, "a\nb", "a\x00b", "\x1b[201~id\r",
	"*", "?", "~", "#a", "a>b", "<(id)", "!!", "{a,b}", "[a]", "a=b", "=ls", "é", "\u202e", "\xff", "a\u00a0b",
}

// TestQuoteShell asks a real shell what it makes of quoted words.
func TestQuoteShell(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	for _, name := range hostile {
		out, err := exec.CommandContext(t.Context(), sh, "-c", "set -- "+ShellWord(name)+`; printf '%s:%s' "$#" "$1"`).Output()
		if want := "1:" + printable(name); err != nil || string(out) != want {
			t.Errorf("the shell reads %s as %q, %v; want %q", ShellWord(name), out, err, want)
		}
	}
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// FuzzQuote holds that a shell reads a quoted text as one word, which is the
// text with what cannot be seen replaced.
func FuzzQuote(f *testing.F) {
	for _, name := range hostile {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := ShellWord(s)
		if strings.ContainsFunc(q, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("ShellWord(%q) = %q has what cannot be seen", s, q)
		}
		if got, ok := unquote(q); !ok || got != printable(s) {
			t.Errorf("the shell reads ShellWord(%q) = %q as %q, %v", s, q, got, ok)
		}
	})
}

// unquote reads a word as a POSIX shell does; ok is false if it is not one
// word, or if the shell would do anything with it.
// Source: POSIX.1-2017, Shell Command Language, sections 2.2 and 2.6.
func unquote(s string) (word string, ok bool) {
	const special = "|&;<>()$`\"\\ \t\n*?[#~={}!'"
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			n := strings.IndexByte(s[i+1:], '\'')
			if n < 0 {
				return "", false
			}
			out.WriteString(s[i+1 : i+1+n])
			i += n + 1
		case c == '\\' && i+1 < len(s):
			i++
			out.WriteByte(s[i])
		case c == '=' && i > 0:
			out.WriteByte(c) // an assignment only as the first word of a command
		case strings.IndexByte(special, c) >= 0:
			return "", false
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), s != ""
}
