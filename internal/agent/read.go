package agent

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/extract"
	"github.com/assay-project/assay/inventory"
)

// Limits of the packages of languages on one host. Amazon's are 5,000 packages
// and 15 minutes.
const (
	maxDeep    = 50_000
	deepWithin = 15 * time.Minute
)

// defaultPaths are where packages of languages are looked for on every host.
// Source: Inspector2 user guide, "Deep inspection for Linux-based EC2 instances".
var defaultPaths = []string{"usr/lib", "usr/lib64", "usr/local/lib", "usr/local/lib64"}

// A database is where a package manager keeps what is installed.
type database struct {
	dir    string
	files  []string // in dir, whose change is one of the packages; nil: any
	within bool     // the files are written in place, not put there as a whole
	locks  []string // that the package manager holds while it works
	log    string   // with what is not yet in the database; empty if there is none
}

// databases are those that extract reads.
// Sources: dpkg, lib/dpkg/dbmodify.c (modstatdb_lock) and apt,
// apt-pkg/deb/debsystem.cc, for the locks of dpkg; rpm, lib/rpmlock.cc; apk-tools,
// src/database.c (apk_db_open).
var databases = []database{
	{dir: "var/lib/dpkg", files: []string{"status"}, locks: []string{"var/lib/dpkg/lock-frontend", "var/lib/dpkg/lock"}},
	{dir: "var/lib/dpkg/status.d", locks: []string{"var/lib/dpkg/lock-frontend", "var/lib/dpkg/lock"}},
	rpmDatabase("var/lib/rpm"), rpmDatabase("usr/lib/sysimage/rpm"), rpmDatabase("usr/share/rpm"),
	{dir: "lib/apk/db", files: []string{"installed"}, locks: []string{"lib/apk/db/lock"}},
	{dir: "usr/lib/apk/db", files: []string{"installed"}, locks: []string{"usr/lib/apk/db/lock"}},
}

func rpmDatabase(dir string) database {
	return database{
		dir: dir, files: []string{"rpmdb.sqlite", "rpmdb.sqlite-wal", "Packages.db", "Packages"}, within: true,
		locks: []string{dir + "/.rpm.lock"}, log: dir + "/rpmdb.sqlite-wal",
	}
}

// systemPaths are the files that tell the operating system and its packages.
func systemPaths() []string {
	out := []string{"etc/os-release", "usr/lib/os-release"}
	for _, d := range databases {
		if d.files == nil {
			out = append(out, d.dir)
		}
		for _, f := range d.files {
			out = append(out, d.dir+"/"+f)
		}
	}
	return out
}

// ownerPaths are the files that tell which package installed a file.
func ownerPaths() []string { return append(systemPaths(), "var/lib/dpkg/info") }

// proStatus tells whether a machine is attached to Ubuntu Pro. It is not watched:
// that it changes is seen with the next packages.
const proStatus = "var/lib/ubuntu-advantage/status.json"

// readSystem reads the operating system and its packages.
func readSystem(ctx context.Context, root string) (inventory.Inventory, error) {
	l, err := extract.Read(ctx, artifact.Part(root, append(systemPaths(), proStatus)), extract.Options{})
	if err != nil {
		return inventory.Inventory{}, err
	}
	inv := extract.Merge([]*extract.Layer{l})
	if root == "/" {
		inv.OS.Kernel = kernel()
	}
	inv.Packages = slices.DeleteFunc(inv.Packages, func(p inventory.Package) bool { return p.Evidence != inventory.Database })
	return cleaned(inv), nil
}

// Deep is what the paths of deep inspection hold.
type deep struct {
	packages []inventory.Package // sorted
	problems []inventory.Problem
	limit    string // reason of coverage if that is not all; empty otherwise
}

// readDeep reads the packages of languages below some paths, which are relative
// to the root.
func readDeep(ctx context.Context, root string, paths []string) (deep, error) {
	within, cancel := context.WithTimeout(ctx, deepWithin)
	defer cancel()
	l, err := extract.Read(within, artifact.Part(root, slices.Concat(paths, ownerPaths())), extract.Options{})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		reason := fmt.Sprintf("looking for packages of languages took longer than %v", deepWithin)
		return deep{problems: []inventory.Problem{{Reason: reason}}, limit: TooLong}, nil
	}
	if err != nil {
		return deep{}, err
	}
	inv := extract.Merge([]*extract.Layer{l})
	out := deep{}
	for _, p := range inv.Packages {
		if p.Evidence != inventory.Database && below(p.Path, paths) {
			out.packages = append(out.packages, p)
		}
	}
	for _, p := range inv.Problems {
		if below(p.Path, paths) {
			out.problems = append(out.problems, p)
		}
	}
	if n := len(out.packages); n > maxDeep {
		out.packages = out.packages[:maxDeep]
		reason := fmt.Sprintf("%d packages of languages are more than the limit of %d", n, maxDeep)
		out.problems, out.limit = append(out.problems, inventory.Problem{Reason: reason}), TooMany
	}
	c := cleaned(inventory.Inventory{Packages: slices.Clone(out.packages), Problems: out.problems})
	out.packages, out.problems = c.Packages, c.Problems
	return out, nil
}

// with returns what is known of all paths when some of them have been read again.
func (d deep) with(again deep, paths []string) deep {
	inv := inventory.Inventory{Packages: slices.Clone(again.packages), Problems: slices.Clone(again.problems)}
	for _, p := range d.packages {
		if !below(p.Path, paths) {
			inv.Packages = append(inv.Packages, p)
		}
	}
	for _, p := range d.problems {
		if p.Path == "" || !below(p.Path, paths) {
			inv.Problems = append(inv.Problems, p)
		}
	}
	inv.Sort()
	limit := d.limit
	if again.limit != "" {
		limit = again.limit
	}
	return deep{packages: inv.Packages, problems: inv.Problems, limit: limit}
}

// below tells whether a path lies in one of some folders.
func below(p string, dirs []string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return d == "" || p == d || strings.HasPrefix(p, d+"/") })
}

// relative returns absolute paths as relative to the root, without those that
// lie in others.
func relative(paths []string) []string {
	var out []string
	for _, p := range slices.Sorted(slices.Values(paths)) {
		if p = path.Clean("/" + p)[1:]; !below(p, out) {
			out = append(out, p)
		}
	}
	return out
}

// folders returns the directories into which packages of languages are
// installed, those with most packages first: a change in one of them is one of
// packages.
func folders(packages []inventory.Package, most int) []string {
	count := map[string]int{}
	for _, p := range packages {
		file, _, _ := strings.Cut(p.Path, "!/")
		count[folder(file)]++
	}
	var out []string
	for d := range count {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	return out[:min(len(out), most)]
}

// folder returns the directory into which the package with a file was installed:
// that of a package manager, or else the one of the file.
func folder(file string) string {
	parts := strings.Split(path.Dir(file), "/")
	for i, p := range parts {
		switch p {
		case "site-packages", "dist-packages", "node_modules", "specifications":
			return strings.Join(parts[:i+1], "/")
		}
	}
	return path.Dir(file)
}

// cleaned returns an inventory, sorted, whose texts are UTF-8 as they will be at
// the server: JSON replaces each other byte.
func cleaned(inv inventory.Inventory) inventory.Inventory {
	for i := range inv.Packages {
		inv.Packages[i] = clean(inv.Packages[i])
	}
	for i, p := range inv.Problems {
		inv.Problems[i] = inventory.Problem{Path: utf8(p.Path), Layer: p.Layer, Reason: utf8(p.Reason)}
	}
	if len(inv.Problems) > maxProblems {
		inv.Problems = append(inv.Problems[:maxProblems-1], inventory.Problem{Reason: fmt.Sprintf("%d more problems", len(inv.Problems)-maxProblems+1)})
	}
	inv.Sort()
	return inv
}

func clean(p inventory.Package) inventory.Package {
	for _, s := range []*string{&p.Name, &p.Version, &p.Arch, &p.SourceName, &p.SourceVersion, &p.Module, &p.Vendor, &p.Path, &p.OwnedBy, &p.Hash, &p.PURL} {
		*s = utf8(*s)
	}
	return p
}

func utf8(s string) string {
	if strings.ToValidUTF8(s, "") == s {
		return s
	}
	return string([]rune(s))
}

// DefaultPaths returns where packages of languages are looked for on every host,
// as absolute paths.
func DefaultPaths() []string {
	out := make([]string, len(defaultPaths))
	for i, p := range defaultPaths {
		out[i] = "/" + p
	}
	return out
}
