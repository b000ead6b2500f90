package match

import (
	"cmp"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/inventory"
)

// Reasons for which a statement is not about a build of a package.
const (
	otherBuild    = "it is about another architecture, module stream or rebuild of the package"
	otherRepo     = "it is about the package of the repository "
	otherPlatform = "it is about the software on "
)

// apart returns why a statement is not about the build at hand; empty if it is.
// guessed says that it may be about another.
func (m *matcher) apart(st *advisory.Statement, s *subject) (reason string, guessed bool) {
	ok, guessed := applies(st, m.pkg, s.version)
	if !ok {
		return otherBuild, false
	}
	if st.Repo != "" {
		ok, guess := fromRepo(st, m.pkg, s.version, m.place.Distro)
		if !ok {
			return otherRepo + st.Repo, false
		}
		guessed = guessed || guess
	}
	if len(st.Platforms) > 0 {
		ok, guess := runsOn(st.Platforms, m.inv.OS)
		if !ok {
			return otherPlatform + strings.Join(st.Platforms, " or "), false
		}
		guessed = guessed || guess
	}
	return "", guessed
}

// fromRepo tells whether a package comes from the repository of a statement. No
// database of installed packages says from which one a package came, so that
// name and version must:
//
//   - A topic of Amazon Linux 2 Extras is called by what it brings, most often
//     with the version of its branch: kernel-5.10, php8.0, nginx1, docker. A
//     package of that name is of the topic if it has the version; others that a
//     topic brings may be.
//   - The repositories that every subscription of Red Hat has are no limit.
//   - Of all others, a package may be from it if it has the major version that
//     the statement speaks of.
//
// guessed says that it may be from another one.
// Source: Amazon Linux 2 User Guide, "Extras library"; Red Hat, "Package
// manifest", section "Repositories".
func fromRepo(st *advisory.Statement, p *inventory.Package, version, distro string) (ok, guessed bool) {
	repo := st.Repo
	switch distro {
	case "amzn":
		repo = strings.TrimPrefix(strings.TrimPrefix(repo, "amzn2extra-"), "amzn2-")
		if repo == "core" || repo == "amazonlinux" {
			return true, false
		}
		word, branch := cutBranch(repo)
		if strings.HasPrefix(p.Name, word) || word == "livepatch" && strings.HasPrefix(p.Name, "kernel-livepatch") {
			return branch == "" || inBranch(version, branch), false
		}
	case "rhel":
		if i := strings.LastIndex(repo, "::"); i >= 0 {
			repo = repo[i+2:]
		}
		switch repo {
		case "baseos", "appstream", "crb", "server", "client", "workstation", "computenode", "":
			return true, false
		case "nfv", "realtime":
			if strings.HasPrefix(p.Name, "kernel-rt") {
				return true, false
			}
		}
	}
	return !otherMajor(st, version), true
}

// cutBranch splits the version from the end of the name of a topic.
func cutBranch(topic string) (word, branch string) {
	i := len(topic)
	for i > 0 && (topic[i-1] >= '0' && topic[i-1] <= '9' || topic[i-1] == '.') {
		i--
	}
	return strings.TrimSuffix(topic[:i], "-"), topic[i:]
}

// inBranch tells whether a version begins with the numbers of a branch.
func inBranch(version, branch string) bool {
	_, version = cutEpoch(version)
	rest, ok := strings.CutPrefix(version, branch)
	return ok && (rest == "" || rest[0] < '0' || rest[0] > '9')
}

// otherMajor tells whether no range of a statement ends at the major version.
func otherMajor(st *advisory.Statement, version string) bool {
	ends := 0
	for i := range st.Ranges {
		end := cmp.Or(st.Ranges[i].Fixed, st.Ranges[i].LastAffected)
		if end == "" {
			continue
		}
		if ends++; firstNumber(end) == firstNumber(version) {
			return false
		}
	}
	return ends > 0
}
