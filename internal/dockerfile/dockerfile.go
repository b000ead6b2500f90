// Package dockerfile checks how an image is built: what its Dockerfile, or the
// history that the build left in the image, does that weakens what runs later.
// The checks and their ids are those of the SBOM generator of Amazon Inspector.
//
// Source: Amazon Inspector user guide, "Amazon Inspector Dockerfile checks". The
// guide has the checks, their severities and the form of the ids; of these the
// published answers of the service show 001 to 004, 005-003, 006-001 and 007-001
// to 007-004. The others are numbered in the order of the guide.
package dockerfile

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// A Rule is one thing that a Dockerfile should not do.
type Rule struct {
	ID       string
	Severity string // info, high, critical
	Title    string
	URL      string // tells more; may be empty
}

// An Issue is a place that breaks a rule.
type Issue struct {
	Rule        string // its id
	First, Last int    // lines from 1, both included; of a history, the number of the step
}

// The addresses that several rules share.
const (
	instructions = "https://docs.docker.com/build/building/best-practices/"
	npmConfig    = "https://docs.npmjs.com/cli/v10/using-npm/config"
	rpmManual    = "https://rpm-software-management.github.io/rpm/man/"
)

// rules is the table of what is checked, sorted by id.
var rules = []Rule{
	{"IN-DOCKER-001", "high", "apt-get update stands alone: its layer is cached, and later installations use lists that have grown old", instructions + "#apt-get"},
	{"IN-DOCKER-002", "info", "sudo is installed or used: how it passes signals and the terminal on cannot be foreseen", instructions + "#user"},
	{"IN-DOCKER-003", "info", "the last user is root", instructions + "#user"},
	{"IN-DOCKER-004", "high", "apt is used, whose command line is for people and changes between versions: use apt-get", "https://manpages.debian.org/stretch/apt/apt.8.en.html"},
	{"IN-DOCKER-005-001", "high", "npm is told not to verify TLS certificates", npmConfig + "#strict-ssl"},
	{"IN-DOCKER-005-002", "high", "apk is told to install packages without a trusted signature", "https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk.8.scd"},
	{"IN-DOCKER-005-003", "high", "apt-get is told to install packages without a valid signature", "https://manpages.debian.org/stretch/apt/apt-get.8.en.html"},
	{"IN-DOCKER-005-004", "high", "pip is told to trust a host without verifying its certificate", "https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host"},
	{"IN-DOCKER-005-005", "high", "rpm is told not to verify digests of headers", rpmManual},
	{"IN-DOCKER-005-006", "high", "rpm is told not to verify signatures", rpmManual},
	{"IN-DOCKER-005-007", "high", "rpm is told not to verify packages", rpmManual},
	{"IN-DOCKER-005-008", "high", "rpm is told not to verify digests of files", rpmManual},
	{"IN-DOCKER-005-009", "high", "yum is configured not to verify TLS certificates", "https://man7.org/linux/man-pages/man5/yum.conf.5.html"},
	{"IN-DOCKER-005-010", "high", "yum is told not to check the signatures of packages", "https://man7.org/linux/man-pages/man8/yum.8.html"},
	{"IN-DOCKER-005-011", "high", "curl is told not to verify TLS certificates", "https://curl.se/docs/manpage.html#-k"},
	{"IN-DOCKER-005-012", "high", "wget is told not to verify TLS certificates", "https://www.gnu.org/software/wget/manual/wget.html"},
	{"IN-DOCKER-006-001", "high", "NPM_CONFIG_STRICT_SSL is false: npm does not verify TLS certificates", npmConfig + "#strict-ssl"},
	{"IN-DOCKER-006-002", "high", "NODE_TLS_REJECT_UNAUTHORIZED is 0: Node.js does not verify TLS certificates", "https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue"},
	{"IN-DOCKER-006-003", "high", "GIT_SSL_NO_VERIFY is set: git does not verify TLS certificates", "https://git-scm.com/book/en/v2/Git-Internals-Environment-Variables"},
	{"IN-DOCKER-006-004", "high", "PIP_TRUSTED_HOST is set: pip does not verify the certificate of that host", "https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host"},
	{"IN-DOCKER-007-001", "critical", "it holds the id of an AWS access key", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"},
	{"IN-DOCKER-007-002", "critical", "it holds a personal access token of Docker Hub", "https://docs.docker.com/security/for-developers/access-tokens/"},
	{"IN-DOCKER-007-003", "critical", "it holds a personal access token of GitHub", "https://docs.github.com/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens"},
	{"IN-DOCKER-007-004", "critical", "it holds a personal access token of GitLab", "https://docs.gitlab.com/ee/user/profile/personal_access_tokens.html"},
	{"IN-DOCKER-007-005", "critical", "it holds an AWS secret access key", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"},
	{"IN-DOCKER-008-001", "info", "the package database of apk is removed: what is installed can no longer be known", "https://man.archlinux.org/man/apk.8.en"},
	{"IN-DOCKER-008-002", "info", "the package database of dpkg is removed: what is installed can no longer be known", "https://manpages.debian.org/stable/dpkg/dpkg.1.en.html"},
	{"IN-DOCKER-008-003", "info", "the package database of rpm is removed: what is installed can no longer be known", rpmManual},
}

// Lookup returns the rule of an id.
func Lookup(id string) (Rule, bool) {
	i, ok := slices.BinarySearchFunc(rules, id, func(r Rule, id string) int { return cmp.Compare(r.ID, id) })
	if !ok {
		return Rule{}, false
	}
	return rules[i], true
}

// Rules returns all rules, sorted by id.
func Rules() []Rule { return slices.Clone(rules) }

// maxIssues is how many places one file may have; a file made to have more is
// cut off there.
const maxIssues = 10_000

// Check returns what a Dockerfile does that it should not, sorted by line, then
// rule.
func Check(text []byte) []Issue {
	c := checker{}
	for _, in := range parse(string(text)) {
		c.instruction(in)
	}
	return c.issues()
}

// History is [Check] for what the build of an image left in its configuration:
// one line a step, the oldest first, as created_by has it. Builders write
// instructions as they are, or as a shell ran them.
// Source: OCI image specification, "OCI Image Configuration", history; Moby,
// builder/dockerfile, "#(nop)".
func History(steps []string) []Issue {
	c := checker{}
	for i, step := range steps {
		in := instruction{first: i + 1, last: i + 1, name: "RUN"}
		step = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(step), "# buildkit"))
		switch rest, ok := strings.CutPrefix(step, "/bin/sh -c #(nop)"); {
		case ok:
			in.name, in.text = word(rest)
		default:
			name, text := word(step)
			if known[strings.ToUpper(name)] {
				in.name, in.text = name, text
				break
			}
			in.text = step
		}
		in.name = strings.ToUpper(in.name)
		if _, command, ok := strings.Cut(in.text, "/bin/sh -c "); ok && in.name == "RUN" {
			in.text = command // before it stand the arguments of the build
		}
		c.instruction(in)
	}
	return c.issues()
}

// checker collects issues; of the users only the last of the last stage counts.
type checker struct {
	found []Issue
	root  *Issue
}

func (c *checker) add(rule string, in instruction) {
	if len(c.found) < maxIssues {
		c.found = append(c.found, Issue{rule, in.first, in.last})
	}
}

func (c *checker) issues() []Issue {
	if c.root != nil {
		c.found = append(c.found, *c.root)
	}
	slices.SortFunc(c.found, func(a, b Issue) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Last, b.Last))
	})
	return slices.Compact(c.found)
}

func (c *checker) instruction(in instruction) {
	for _, s := range secrets {
		if s.looks().MatchString(in.text) {
			c.add(s.rule, in)
		}
	}
	switch in.name {
	case "FROM":
		c.root = nil
	case "USER":
		c.root = nil
		name, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(in.text), `"'`), ":")
		if name == "root" || name == "0" {
			c.root = &Issue{"IN-DOCKER-003", in.first, in.last}
		}
	case "ENV", "ARG":
		for name, value := range pairs(in.text) {
			c.variable(name, value, in)
		}
	case "RUN":
		c.run(in)
	}
}

// variable checks an environment variable.
func (c *checker) variable(name, value string, in instruction) {
	switch value = strings.ToLower(strings.Trim(value, `"'`)); strings.ToUpper(name) {
	case "NPM_CONFIG_STRICT_SSL":
		if value == "false" {
			c.add("IN-DOCKER-006-001", in)
		}
	case "NODE_TLS_REJECT_UNAUTHORIZED":
		if value == "0" {
			c.add("IN-DOCKER-006-002", in)
		}
	case "GIT_SSL_NO_VERIFY":
		if value != "" {
			c.add("IN-DOCKER-006-003", in)
		}
	case "PIP_TRUSTED_HOST":
		if value != "" {
			c.add("IN-DOCKER-006-004", in)
		}
	}
}

// run checks the commands of a RUN.
func (c *checker) run(in instruction) {
	updates, installs := false, false
	for _, words := range commands(in.text) {
		name, args := c.command(words, in)
		if name == "apt-get" {
			updates = updates || slices.Contains(args, "update")
			installs = installs || slices.ContainsFunc(args, func(a string) bool { return aptInstalls[a] })
		}
	}
	if updates && !installs {
		c.add("IN-DOCKER-001", in)
	}
}

// aptInstalls are the commands of apt-get that use its lists.
var aptInstalls = map[string]bool{"install": true, "upgrade": true, "dist-upgrade": true, "build-dep": true, "source": true}

// command checks one command and returns its name and its arguments, without
// variables and sudo before it.
func (c *checker) command(words []string, in instruction) (name string, args []string) {
	for len(words) > 0 {
		name, value, ok := strings.Cut(words[0], "=")
		if !ok || !isName(name) {
			break
		}
		c.variable(name, value, in)
		words = words[1:]
	}
	if len(words) == 0 {
		return "", nil
	}
	name, args = words[0][strings.LastIndexByte(words[0], '/')+1:], words[1:]
	if name == "sudo" || installers[name] && slices.Contains(args, "sudo") {
		c.add("IN-DOCKER-002", in)
	}
	if name == "sudo" && len(args) > 0 {
		name, args = args[0], args[1:]
	}
	switch name {
	case "export":
		for n, v := range pairs(strings.Join(args, " ")) {
			c.variable(n, v, in)
		}
	case "apt":
		c.add("IN-DOCKER-004", in)
	}
	for _, o := range options {
		if o.of(name, args) {
			c.add(o.rule, in)
		}
	}
	if removers[name] {
		for _, d := range databases {
			if slices.ContainsFunc(args, d.under) {
				c.add(d.rule, in)
			}
		}
	}
	return name, args
}

// installers are the commands that install packages by name.
var installers = map[string]bool{
	"apt": true, "apt-get": true, "aptitude": true, "apk": true, "yum": true, "dnf": true, "microdnf": true, "tdnf": true, "zypper": true,
}

// An option of a command switches a check off.
type option struct {
	rule  string
	names []string // of the command
	texts []string // any of the flags; one that ends in "=" takes any value, also as the next word
}

func (o option) of(name string, args []string) bool {
	if !slices.Contains(o.names, name) {
		return false
	}
	for i, a := range args {
		for _, t := range o.texts {
			switch {
			case a == t, strings.HasSuffix(t, "=") && strings.HasPrefix(a, t):
				return true
			case len(t) == 2 && t[0] == '-' && isShort(a) && strings.IndexByte(a, t[1]) > 0:
				return true // one of several letters
			case strings.Contains(t, " "):
				first, second, _ := strings.Cut(t, " ")
				if a == first && i+1 < len(args) && args[i+1] == second {
					return true
				}
			}
		}
	}
	return false
}

// isShort tells whether a word is one dash and letters.
func isShort(a string) bool {
	return len(a) > 1 && a[0] == '-' && a[1] != '-' && strings.Trim(a[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

var options = []option{
	{"IN-DOCKER-005-001", []string{"npm"}, []string{"--strict-ssl=false", "--strict-ssl false", "--no-strict-ssl"}},
	{"IN-DOCKER-005-002", []string{"apk"}, []string{"--allow-untrusted"}},
	{"IN-DOCKER-005-003", []string{"apt-get", "apt"}, []string{"--allow-unauthenticated", "--allow-unauthenticated=true"}},
	{"IN-DOCKER-005-004", []string{"pip", "pip2", "pip3"}, []string{"--trusted-host", "--trusted-host="}},
	{"IN-DOCKER-005-005", []string{"rpm"}, []string{"--nodigest"}},
	{"IN-DOCKER-005-006", []string{"rpm"}, []string{"--nosignature"}},
	{"IN-DOCKER-005-007", []string{"rpm"}, []string{"--noverify"}},
	{"IN-DOCKER-005-008", []string{"rpm"}, []string{"--nofiledigest"}},
	{"IN-DOCKER-005-009", []string{"yum-config-manager", "yum", "dnf"}, []string{"--setopt=sslverify=false", "--setopt=sslverify=0", "--setopt sslverify=false", "--setopt=sslverify false"}},
	{"IN-DOCKER-005-010", []string{"yum", "dnf", "microdnf", "tdnf"}, []string{"--nogpgcheck"}},
	{"IN-DOCKER-005-011", []string{"curl"}, []string{"--insecure", "-k"}},
	{"IN-DOCKER-005-012", []string{"wget"}, []string{"--no-check-certificate"}},
}

// removers are the commands that remove files.
var removers = map[string]bool{"rm": true, "unlink": true, "rmdir": true, "shred": true}

// A database is where a package manager keeps what is installed.
type database struct {
	rule  string
	paths []string
}

// under tells whether removing a path removes the database.
func (d database) under(arg string) bool {
	arg = strings.Trim(arg, `"'`)
	arg = strings.TrimSuffix(strings.TrimSuffix(arg, "*"), "/")
	if !strings.HasPrefix(arg, "/") || len(arg) < len("/lib") {
		return false
	}
	return slices.ContainsFunc(d.paths, func(p string) bool { return arg == p || strings.HasPrefix(p, arg+"/") })
}

// Sources: apk(8), dpkg(1), rpm(8), sections on files.
var databases = []database{
	{"IN-DOCKER-008-001", []string{"/lib/apk/db/installed", "/usr/lib/apk/db/installed"}},
	{"IN-DOCKER-008-002", []string{"/var/lib/dpkg/status", "/var/lib/dpkg/status.d"}},
	{"IN-DOCKER-008-003", []string{"/var/lib/rpm/Packages", "/var/lib/rpm/rpmdb.sqlite", "/var/lib/rpm/Packages.db", "/usr/lib/sysimage/rpm/rpmdb.sqlite"}},
}

// A secret is what looks like a credential; it is never kept or shown.
type secret struct {
	rule  string
	looks func() *regexp.Regexp
}

// Sources: AWS IAM user guide, "Unique identifiers"; Docker, GitHub and GitLab
// documentation of their tokens.
var secrets = []secret{
	{"IN-DOCKER-007-001", pattern(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)},
	{"IN-DOCKER-007-002", pattern(`\bdckr_pat_[A-Za-z0-9_-]{27}`)},
	{"IN-DOCKER-007-003", pattern(`\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})`)},
	{"IN-DOCKER-007-004", pattern(`\bglpat-[A-Za-z0-9_-]{20}`)},
	{"IN-DOCKER-007-005", pattern(`(?i)(?:aws_?)?secret_?(?:access_?)?key["']?\s*[=:\s]\s*["']?[A-Za-z0-9/+]{40}(?:[^A-Za-z0-9/+=]|$)`)},
}
