package extract

import (
	"bytes"
	"errors"
	"strings"
)

// readCabalFreeze reads the constraints that cabal freeze writes: of each
// package one with its version, and maybe one with its flags. A package that
// came with the compiler may be without a version. What is only built or tested
// with is not told apart.
// Source: Cabal User Guide, "cabal freeze" and "Fields: constraints";
// cabal-install, Distribution.Client.Targets, UserConstraint.
func readCabalFreeze(f *file) error {
	set := newLockSet(f, "hackage")
	var constraint []byte // up to its comma, over several lines
	open := false
	flush := func() error {
		c := clean(constraint)
		constraint = constraint[:0]
		return addConstraint(set, c)
	}
	err := eachLine(f.r, func(line []byte, cut bool) error {
		text := bytes.TrimSpace(line)
		switch {
		case len(text) == 0 || bytes.HasPrefix(text, []byte("--")):
			return nil
		case cut:
			return errors.New("line is too long")
		case line[0] != ' ' && line[0] != '\t':
			if err := flush(); err != nil {
				return err
			}
			var key []byte
			key, text, open = bytes.Cut(text, []byte(":"))
			open = open && strings.EqualFold(clean(key), "constraints")
		}
		for open {
			part, rest, more := bytes.Cut(text, []byte(","))
			if len(constraint)+len(part) >= maxLine {
				return errors.New("a constraint is too long")
			}
			constraint = append(append(constraint, ' '), part...)
			if text = rest; !more {
				break
			}
			if err := flush(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// addConstraint adds the package of one constraint, such as "any.aeson ==2.1.0",
// once for each version that it names. A range alone gives no version, and flags
// give no package.
func addConstraint(set *lockSet, c string) error {
	end := strings.IndexAny(c, " \t=<>^&|(){}")
	if end < 0 {
		return nil
	}
	name, rest := c[:end], strings.TrimSpace(c[end:])
	// Before the name there may be in whose plan: any., setup., other:setup.
	name = name[strings.LastIndexAny(name, ".:")+1:]
	if !isHaskellName(name) {
		return nil
	}
	exact := false
	for _, after := range strings.Split(rest, "==")[1:] {
		v := strings.TrimLeft(after, " \t")
		n := 0
		for n < len(v) && (v[n] >= '0' && v[n] <= '9' || v[n] == '.' || v[n] == '*') {
			n++
		}
		if n == 0 || strings.Contains(v[:n], "*") {
			continue
		}
		exact = true
		if err := set.add(name, v[:n], ""); err != nil {
			return err
		}
	}
	if !exact && (rest == "installed" || strings.ContainsAny(rest, "<>=")) {
		return set.add(name, "", "")
	}
	return nil
}

// isHaskellName tells whether s may be the name of a package: letters, digits
// and hyphens.
// Source: Cabal User Guide, "Package names and versions".
func isHaskellName(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '-' && s[i] < 0x80 {
			return false
		}
	}
	return s != ""
}

// stackSnapshot is the problem of a lock file that names a snapshot.
const stackSnapshot = "most packages are those of the snapshot, which the lock file only names: "

// readStackLock reads the lock file of Stack. It lists the packages beside those
// of a snapshot; the latter has its list elsewhere. A package from a repository
// of Git or an archive states its name and version itself.
// Source: Stack documentation, "Lock files" and "Package location".
func readStackLock(f *file) error {
	set := newLockSet(f, "hackage")
	var hackage, name, version, snapshot string
	flush := func() error {
		n, v := name, version
		if hackage != "" {
			n, v = stackName(hackage)
		}
		hackage, name, version = "", "", ""
		return set.add(n, v, "")
	}
	err := readYAML(f.r, func(v yamlValue) error {
		switch {
		case v.in("packages"), v.in():
			return flush()
		case v.in("packages", "-", "completed") && v.key == "hackage":
			hackage = v.text
		case v.in("packages", "-", "completed") && v.key == "name":
			name = v.text
		case v.in("packages", "-", "completed") && v.key == "version":
			version = v.text
		case snapshot == "" && v.in("snapshots", "-", "completed") && v.key == "url":
			snapshot = v.text
		case v.in("snapshots", "-") && v.key == "original" && v.text != "":
			snapshot = v.text
		}
		return nil
	})
	if err == nil {
		err = flush()
	}
	if snapshot != "" {
		f.problem(f.path, stackSnapshot+snapshot)
	}
	return err
}

// stackName splits name-1.2.3@sha256:…,size into name and version.
func stackName(s string) (name, version string) {
	s, _, _ = strings.Cut(s, "@")
	i := strings.LastIndexByte(s, '-')
	if i < 0 || strings.Trim(s[i+1:], "0123456789.") != "" {
		return s, "" // the newest one
	}
	return s[:i], s[i+1:]
}
