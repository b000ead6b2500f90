package finding

import (
	"strings"
	"unicode"

	"github.com/assay-project/assay/match"
)

// upgrades are the commands that bring a package to a version, by purl type or
// by type and distribution: {name} stands for the package and {version} for the
// version that it should have. Each word that one of them is in becomes one
// quoted word for a shell.
var upgrades = map[string]string{
	"deb":                     "apt-get update && apt-get install --only-upgrade {name}",
	"rpm":                     "dnf upgrade {name}",
	"rpm:azurelinux":          "tdnf update {name}",
	"rpm:photon":              "tdnf update {name}",
	"rpm:sles":                "zypper update {name}",
	"rpm:opensuse-leap":       "zypper update {name}",
	"rpm:opensuse-tumbleweed": "zypper update {name}",
	"apk":                     "apk add --upgrade {name}",
	"npm":                     "npm install {name}@{version}",
	"pypi":                    "pip install --upgrade {name}>={version}",
	"gem":                     "bundle update {name}",
	"cargo":                   "cargo update -p {name} --precise {version}",
	"composer":                "composer update {name}",
	"golang":                  "go get {name}@v{version}",
	"nuget":                   "dotnet add package {name} --version {version}",
	"maven":                   "set the version of {name} to {version} in the build file",
}

// remediation returns how to upgrade a package: a command that can be pasted
// into a shell whatever the package is called, or an instruction. It is empty
// if nothing is known to help.
func remediation(m match.Match) string {
	if m.Fixed == "" {
		return ""
	}
	p, fixed := m.Package, m.Fixed
	format, ok := upgrades[p.Type]
	if len(m.Why) > 0 {
		if special, found := upgrades[p.Type+":"+distroOf(m.Why[0])]; found {
			format = special
		}
	}
	switch {
	case p.Type == "golang" && (p.Name == "stdlib" || p.Name == "toolchain"):
		format = "build with Go {version} or later"
	case p.Type == "maven": // where names have a colon
	case !ok, strings.HasPrefix(p.Name, "-"), strings.Contains(p.Name, ":"), p.Type == "deb" && strings.HasSuffix(p.Name, "-"):
		// A name that begins like an option would be taken for one, a name with
		// a colon for an address to download from, and apt-get removes the
		// package "x" when it is told to install "x-".
		// Sources: npm-install(1); apt-get(8), "install".
		format = "upgrade {name} to {version}"
	}
	if p.Type == "golang" {
		fixed = strings.TrimPrefix(fixed, "v")
	}
	fill := strings.NewReplacer("{name}", p.Name, "{version}", fixed)
	words := strings.Fields(format)
	for i, w := range words {
		if strings.Contains(w, "{") {
			words[i] = ShellWord(fill.Replace(w))
		}
	}
	return strings.Join(words, " ")
}

// ShellWord makes one word for a POSIX shell of any text. What cannot be seen is
// replaced, since a terminal would obey it before any shell could. zsh also
// takes "=ls" for the path of ls.
// Sources: POSIX.1-2017, Shell Command Language, section 2.2.2; zsh manual,
// "Filename Expansion".
func ShellWord(s string) string {
	plain := s != "" && s[0] != '='
	for _, r := range s {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("@%+=:,./_-", r) {
			plain = false
		}
	}
	if plain {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
