package report

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-project/assay/advisory"
	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/ecosystem"
	"github.com/assay-project/assay/internal/finding"
	"github.com/assay-project/assay/inventory"
	"github.com/assay-project/assay/match"
)

// Remedies is what closes findings: the smallest set of upgrades, how to make
// them, and what no upgrade closes.
type Remedies struct {
	Upgrades []Upgrade // the worst first
	Commands []Command
	Base     *BaseImage // nil if no upgrade is of packages that the base image brought
	Left     []Left     // in the order of the findings
}

// Upgrade is one package with the lowest version, on the branch that is
// installed, which closes all of its findings that an upgrade can close.
type Upgrade struct {
	Type, Name string
	From, To   string
	Place      string   // the manifest, folder, program or archive; empty for packages of the operating system
	Closes     []string // vulnerabilities, in the order of the findings
	InBase     bool     // the lowest layer of an image brought it
	Scope      inventory.Scope

	manager manager
	module  string // the rpm module; empty if none
}

// Command is how to make upgrades that one package manager makes at one place.
type Command struct {
	Manager  string // apt-get, npm, a word for people where there is no command
	Place    string // as in Upgrade
	Text     string // one line, safe to paste into a shell if Shell is set
	Shell    bool
	Upgrades int // how many it makes
}

// BaseImage says that a newer base image makes upgrades too.
type BaseImage struct {
	Name     string // of the operating system, for people; may be empty
	Layer    string // digest of the lowest layer
	Upgrades int    // of its packages
	Findings int    // vulnerabilities that they close
}

// Left is a package of a finding that no upgrade closes.
type Left struct {
	Vulnerability       string
	Type, Name, Version string
	Reason              string // for people
}

// unit is what one upgrade is made of: one package at one version at one place.
type unit struct{ typ, name, version, place, module string }

// RemediesOf returns what closes the findings of a document.
func RemediesOf(d Document) Remedies {
	var out Remedies
	at := map[unit]int{}
	base := baseLayerOf(d)
	os := d.Report.Inventory.OS
	for i := range d.Findings {
		f := &d.Findings[i]
		left := map[unit]bool{}
		for j := range f.Packages {
			p := &f.Packages[j]
			m := managerOf(p, os)
			u := unit{p.Type, p.Name, p.Version, placeOf(p, m), p.Module}
			if why := unclosed(f, p); why != "" {
				if !left[u] {
					left[u] = true
					out.Left = append(out.Left, Left{f.Vulnerability, p.Type, p.Name, p.Version, why})
				}
				continue
			}
			k, ok := at[u]
			if !ok {
				k = len(out.Upgrades)
				at[u] = k
				out.Upgrades = append(out.Upgrades, Upgrade{
					Type: p.Type, Name: p.Name, From: p.Version, Place: u.place, Scope: p.Scope, manager: m, module: p.Module,
					InBase: base != "" && p.Layer == base && ecosystem.System(p.Type),
				})
			}
			up := &out.Upgrades[k]
			up.To = ecosystem.Later(p.Type, up.To, p.Fixed)
			if !slices.Contains(up.Closes, f.Vulnerability) {
				up.Closes = append(up.Closes, f.Vulnerability)
			}
		}
	}
	out.disorder(d, at)
	out.Commands = commandsOf(out.Upgrades)
	out.Base = baseOf(out.Upgrades, base, os)
	return out
}

// unclosed says why no upgrade closes a finding of a package; empty if one does.
func unclosed(f *finding.Finding, p *finding.Package) string {
	switch {
	case f.Kind == advisory.Malware && p.Fixed == "":
		return "the package itself is malicious: remove it"
	case p.Fixed == "":
		return noFix(p.Match.State)
	case p.OwnedBy != "" && !ecosystem.System(p.Type):
		return "the package " + p.OwnedBy + " of the distribution installed it, and repairs it in its own way"
	}
	return ""
}

// disorder moves what an upgrade does not close to what is left: a version
// without a place in the order is closed only by itself.
func (r *Remedies) disorder(d Document, at map[unit]int) {
	os := d.Report.Inventory.OS
	for i := range d.Findings {
		f := &d.Findings[i]
		for j := range f.Packages {
			p := &f.Packages[j]
			if unclosed(f, p) != "" {
				continue
			}
			u := unit{p.Type, p.Name, p.Version, placeOf(p, managerOf(p, os)), p.Module}
			up := &r.Upgrades[at[u]]
			if c, err := ecosystem.Compare(p.Type, p.Fixed, up.To); p.Fixed == up.To || err == nil && c <= 0 {
				continue
			}
			if n := slices.Index(up.Closes, f.Vulnerability); n >= 0 {
				up.Closes = slices.Delete(up.Closes, n, n+1)
				r.Left = append(r.Left, Left{f.Vulnerability, p.Type, p.Name, p.Version, "fixed in " + p.Fixed + ", which cannot be compared with " + up.To})
			}
		}
	}
	r.Upgrades = slices.DeleteFunc(r.Upgrades, func(up Upgrade) bool { return len(up.Closes) == 0 })
}

// baseLayerOf returns the digest of the layer that the base image surely
// brought: the lowest of several. Empty for what is no image of layers.
func baseLayerOf(d Document) string {
	t := d.Report.Target
	if t.Kind != artifact.Image || len(t.Layers) < 2 {
		return ""
	}
	return cmp.Or(t.Layers[0].Digest, t.Layers[0].DiffID)
}

func baseOf(list []Upgrade, layer string, os inventory.OS) *BaseImage {
	if layer == "" {
		return nil
	}
	out := BaseImage{Name: cmp.Or(os.Name, strings.TrimSpace(os.ID+" "+os.VersionID)), Layer: layer}
	closed := map[string]bool{}
	for i := range list {
		if list[i].InBase {
			out.Upgrades++
			for _, id := range list[i].Closes {
				closed[id] = true
			}
		}
	}
	if out.Findings = len(closed); out.Upgrades == 0 {
		return nil
	}
	return &out
}

// text says it in a sentence.
func (b *BaseImage) text() string {
	text := "The base image"
	if b.Name != "" {
		text += " (" + b.Name + ")"
	}
	return text + " brought " + plural(b.Upgrades, "of these packages", "of these packages") +
		": a newer one, or a new build that pulls it, closes " + plural(b.Findings, "vulnerability", "vulnerabilities") + "."
}

// A manager is a row of the table of package managers.
type manager struct {
	name string
	// command begins the line, and word is what each package adds to it, with
	// {name} and {version}.
	command, word string
	each          bool // takes one package at a time
	shell         bool // the line is one of a shell
}

// upgraders are the package managers by purl type, or by type and distribution.
// The versions that a distribution's mirrors have are the newest ones: a command
// that names an older one, which closes a finding just as well, often fails.
// So those of operating systems name none.
// Sources: apt-get(8); dnf(8), "upgrade"; yum(8); zypper(8), "update"; tdnf(8);
// apk(8), "apk add"; npm-install(1); pip install; go help get; bundle-update(1);
// cargo-update(1); composer update; dotnet add package; mix deps.update; dart
// pub upgrade.
var upgraders = map[string]manager{
	"deb":                     {name: "apt-get", command: "apt-get update && apt-get install --only-upgrade", word: "{name}", shell: true},
	"rpm":                     {name: "dnf", command: "dnf upgrade", word: "{name}", shell: true},
	"rpm:amzn:2":              {name: "yum", command: "yum update", word: "{name}", shell: true},
	"rpm:azurelinux":          {name: "tdnf", command: "tdnf update", word: "{name}", shell: true},
	"rpm:mariner":             {name: "tdnf", command: "tdnf update", word: "{name}", shell: true},
	"rpm:photon":              {name: "tdnf", command: "tdnf update", word: "{name}", shell: true},
	"rpm:sles":                {name: "zypper", command: "zypper update", word: "{name}", shell: true},
	"rpm:sle_hpc":             {name: "zypper", command: "zypper update", word: "{name}", shell: true},
	"rpm:opensuse-leap":       {name: "zypper", command: "zypper update", word: "{name}", shell: true},
	"rpm:opensuse-tumbleweed": {name: "zypper", command: "zypper update", word: "{name}", shell: true},
	"apk":                     {name: "apk", command: "apk add --upgrade", word: "{name}", shell: true},
	"npm":                     {name: "npm", command: "npm install", word: "{name}@{version}", shell: true},
	"pypi":                    {name: "pip", command: "pip install --upgrade", word: "{name}>={version}", shell: true},
	"gem":                     {name: "bundler", command: "bundle update", word: "{name}", shell: true},
	"cargo":                   {name: "cargo", command: "cargo update", word: "-p {name} --precise {version}", each: true, shell: true},
	"composer":                {name: "composer", command: "composer require", word: "{name}:^{version}", shell: true},
	"golang":                  {name: "go", command: "go get", word: "{name}@v{version}", shell: true},
	"nuget":                   {name: "dotnet", command: "dotnet add package", word: "{name} --version {version}", each: true, shell: true},
	"hex":                     {name: "mix", command: "mix deps.update", word: "{name}", shell: true},
	"pub":                     {name: "dart", command: "dart pub upgrade", word: "{name}", shell: true},
	"maven":                   {name: "maven", command: "in the build file set", word: "{name} to {version}"},
}

// byHand is for what no package manager of the table upgrades.
var byHand = manager{name: "by hand", command: "upgrade", word: "{name} to {version}"}

func managerOf(p *finding.Package, os inventory.OS) manager {
	if p.Type == "golang" && (p.Name == "stdlib" || p.Name == "toolchain") {
		return manager{name: "go toolchain", command: "build with", word: "Go {version} or later", each: true}
	}
	major, _, _ := strings.Cut(os.VersionID, ".")
	for _, key := range []string{p.Type + ":" + os.ID + ":" + major, p.Type + ":" + os.ID, p.Type} {
		if m, ok := upgraders[key]; ok {
			// A name that begins like an option would be taken for one, a name with
			// a colon for an address to download from, and apt-get removes the
			// package "x" when it is told to install "x-".
			if m.shell && (strings.HasPrefix(p.Name, "-") || strings.Contains(p.Name, ":") || p.Type == "deb" && strings.HasSuffix(p.Name, "-")) {
				return byHand
			}
			return m
		}
	}
	return byHand
}

// placeOf returns where a package manager works: the folder of the manifest, the
// program, the outermost archive.
func placeOf(p *finding.Package, m manager) string {
	if ecosystem.System(p.Type) || p.Path == "" {
		return ""
	}
	if outer, _, ok := strings.Cut(p.Path, "!/"); ok {
		return outer
	}
	if p.Evidence == inventory.Binary || m.name == byHand.name {
		return p.Path
	}
	for _, folder := range []string{"node_modules", "site-packages", "dist-packages", "vendor", "gems", "specifications"} {
		if i := strings.Index("/"+p.Path, "/"+folder+"/"); i >= 0 {
			return strings.Trim(path.Clean("/"+("/" + p.Path)[:i]), "/") + suffix(folder)
		}
	}
	// What describes an installed distribution lies beside what it installed.
	if dir := path.Dir(p.Path); strings.HasSuffix(dir, ".dist-info") || strings.HasSuffix(dir, ".egg-info") {
		return strings.Trim(path.Dir("/"+dir), "/")
	}
	return p.Path
}

// suffix keeps the folder where it names an installation of its own.
func suffix(folder string) string {
	if folder == "site-packages" || folder == "dist-packages" {
		return "/" + folder
	}
	return ""
}

// commandsOf puts upgrades together that one command makes.
func commandsOf(list []Upgrade) []Command {
	type key struct{ manager, place, command string }
	at := map[key]int{}
	seen := map[string]bool{}
	var out []Command
	for i := range list {
		u := &list[i]
		k := key{u.manager.name, u.Place, u.manager.command}
		word := u.word()
		n, ok := at[k]
		if !ok {
			n = len(out)
			at[k] = n
			out = append(out, Command{Manager: u.manager.name, Place: u.Place, Text: u.manager.command, Shell: u.manager.shell})
		}
		c := &out[n]
		c.Upgrades++
		mark := strconv.Itoa(n) + "\x00" + word
		switch {
		case seen[mark]: // the same package in several architectures or versions
		case c.Text == u.manager.command:
			c.Text += " " + word
		case !c.Shell:
			c.Text += ", " + word
		case u.manager.each:
			c.Text += " && " + u.manager.command + " " + word
		default:
			c.Text += " " + word
		}
		seen[mark] = true
	}
	return out
}

// word is what an upgrade adds to its command.
func (u *Upgrade) word() string {
	version := u.To
	if u.Type == "golang" {
		version = strings.TrimPrefix(version, "v")
	}
	fill := strings.NewReplacer("{name}", u.Name, "{version}", version)
	words := strings.Fields(u.manager.word)
	for i, w := range words {
		switch {
		case !strings.Contains(w, "{"):
		case u.manager.shell:
			words[i] = finding.ShellWord(fill.Replace(w))
		default:
			words[i] = fill.Replace(w)
		}
	}
	return strings.Join(words, " ")
}

// sure tells whether a package surely has a vulnerability.
func sure(p *finding.Package) bool {
	return p.Match.Unsure == "" && p.Match.Confidence != match.Low && p.Match.State != advisory.UnderInvestigation
}
