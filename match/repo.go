package match

import (
	"cmp"
	"slices"
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
	if st.Repo != "" && m.at.build == nil {
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
//     package of that name is of the topic if it has the version. Others that a
//     topic brings, and those that begin so but have versions of their own, such
//     as rubygem-rexml of ruby3.0, may be.
//   - The repositories that every subscription of Red Hat has are no limit.
//   - A product of Red Hat that keeps to a minor release, such as rhel_eus:8.6, is
//     about the builds of that release, whatever the subscription.
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
		switch {
		case word == "livepatch" && strings.HasPrefix(p.Name, "kernel-livepatch"):
			return true, false
		case strings.HasPrefix(p.Name, word) && (branch == "" || inBranch(version, branch)):
			return true, false
		case strings.HasPrefix(p.Name, word) && endsInBranch(st, branch):
			return false, false
		}
	case "ol":
		if repo == "ksplice" {
			return true, false // the version has its mark, see rebuilds
		}
	case "rhel":
		if release, ok := minorRelease(repo); ok {
			return ofMinor(version, release), false
		}
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

// minorRelease returns the release of a product of Red Hat that keeps to one.
func minorRelease(repo string) (release string, ok bool) {
	product, release, ok := strings.Cut(repo, ":")
	return release, ok && strings.HasPrefix(product, "rhel_") && strings.Contains(release, ".")
}

// ofMinor tells whether a version is of a build for a minor release: the
// packages of 8.6 that came after it end in .el8_6, and those of modules have
// +el8.6.0 in their release.
// Source: Fedora Packaging Guidelines, "DistTag"; Red Hat, "Package Manifest".
func ofMinor(version, release string) bool {
	for _, mark := range [...]string{".el" + strings.Replace(release, ".", "_", 1), "+el" + release + "."} {
		if _, rest, ok := strings.Cut(version, mark); ok {
			return mark[0] == '+' || rest == "" || rest[0] < '0' || rest[0] > '9'
		}
	}
	return false
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

// endsInBranch tells whether a range of a statement ends in a branch.
func endsInBranch(st *advisory.Statement, branch string) bool {
	return slices.ContainsFunc(st.Ranges, func(r advisory.KeyRange) bool {
		return inBranch(cmp.Or(r.Fixed, r.LastAffected), branch)
	})
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
