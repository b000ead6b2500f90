package agent

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assay-project/assay/internal/artifact"
	"github.com/assay-project/assay/internal/extract"
	"github.com/assay-project/assay/inventory"
)

// remembered is for how long a package that was seen in use counts so: what runs
// for a moment every hour must not come and go.
const remembered = 24 * time.Hour

// Limits of what is read of processes.
const (
	maxProcesses = 100_000
	maxOpen      = 4096    // files of one process that are looked at
	maxMaps      = 4 << 20 // bytes of the list of what one process has mapped
	maxInUse     = 50_000  // files
)

// inUse is the files that processes run from, have mapped or have open, relative
// to the root, and how.
type inUse map[string]inventory.Usage

func (u inUse) add(file string, how inventory.Usage) {
	file = strings.TrimSuffix(strings.TrimPrefix(file, "/"), " (deleted)")
	if file != "" && u[file] != inventory.Listening && (len(u) < maxInUse || u[file] != "") {
		u[file] = how
	}
}

// readInUse looks at all processes of the host whose files proc has. whole is
// false if some could not be read, so that what was not seen may be in use all
// the same.
func readInUse(ctx context.Context, proc string) (u inUse, whole bool, err error) {
	pids, err := os.ReadDir(proc)
	if err != nil {
		return nil, false, err
	}
	listening, err := readListening(proc)
	if err != nil {
		return nil, false, err
	}
	home, err := os.Stat(filepath.Join(proc, "1", "root") + "/.")
	if err != nil {
		return nil, false, err
	}
	u, whole = inUse{}, true
	n := 0
	for _, d := range pids {
		if _, err := strconv.Atoi(d.Name()); err != nil {
			continue
		}
		if n++; n > maxProcesses {
			return u, false, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		p := filepath.Join(proc, d.Name())
		root, err := os.Stat(filepath.Join(p, "root") + "/.")
		switch {
		case errors.Is(err, fs.ErrPermission):
			whole = false
			continue
		case err != nil || !os.SameFile(root, home): // it has ended; it is one of a container
			continue
		}
		if err := u.process(p, listening); errors.Is(err, fs.ErrPermission) {
			whole = false
		}
	}
	return u, whole, nil
}

// process adds the files of one process. One without a program, as the threads
// of the kernel, has none.
// Source: proc(5), sections /proc/pid/exe, /proc/pid/fd and /proc/pid/maps.
func (u inUse) process(p string, listening map[string]bool) error {
	exe, err := os.Readlink(filepath.Join(p, "exe"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	open, listens, err := openFiles(p, listening)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	how := inventory.Loaded
	if listens {
		how = inventory.Listening
	}
	u.add(exe, how)
	for _, f := range open {
		u.add(f, how)
	}
	f, err := os.Open(filepath.Join(p, "maps"))
	if err != nil {
		return err
	}
	defer f.Close()
	return u.mapped(io.LimitReader(f, maxMaps), how)
}

// mapped adds what a process has mapped to run it: the sixth field of a line,
// which may hold spaces, behind the rights in the second.
func (u inUse) mapped(r io.Reader, how inventory.Usage) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := lines.Text()
		at := strings.IndexByte(line, '/')
		_, rights, _ := strings.Cut(line, " ")
		if at < 0 || len(rights) < 4 || rights[2] != 'x' {
			continue
		}
		u.add(line[at:], how)
	}
	return lines.Err()
}

// openFiles returns the files a process has open that may be programs or
// archives of them, the scripts that its command names, and whether one of its
// sockets listens.
func openFiles(p string, listening map[string]bool) (files []string, listens bool, err error) {
	dir, err := os.Open(filepath.Join(p, "fd"))
	if err != nil {
		return nil, false, err
	}
	names, err := dir.Readdirnames(maxOpen)
	_ = dir.Close() // only read
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	for _, n := range names {
		to, err := os.Readlink(filepath.Join(p, "fd", n))
		switch {
		case err != nil: // closed meanwhile
		case strings.HasPrefix(to, "socket:["):
			listens = listens || listening[strings.Trim(to, "socket:[]")]
		case strings.HasPrefix(to, "/") && (strings.HasSuffix(to, "ar") || strings.HasSuffix(to, ".zip") || strings.HasSuffix(to, ".egg")):
			files = append(files, to)
		}
	}
	const arguments = 4 // an interpreter, its flags, and the script
	line, err := os.ReadFile(filepath.Join(p, "cmdline"))
	for i, word := range strings.Split(string(line), "\x00") {
		if err == nil && 0 < i && i < arguments && strings.HasPrefix(word, "/") {
			files = append(files, filepath.Clean(word))
		}
	}
	return files, listens, nil
}

// readListening returns the numbers of the sockets that others can reach: those
// that listen, or are not connected, on an address that is not loopback.
// Source: proc_net(5), /proc/net/tcp: the local address in the second field, the
// remote one in the third, the state in the fourth, the inode in the tenth; the
// kernel's include/net/tcp_states.h for 0A (listening) and 07 (not connected).
func readListening(proc string) (map[string]bool, error) {
	out := map[string]bool{}
	for name, state := range map[string]string{"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"} {
		f, err := os.Open(filepath.Join(proc, "1", "net", name))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			fields := strings.Fields(lines.Text())
			if len(fields) > 9 && fields[3] == state && !loopback(fields[1]) {
				out[fields[9]] = true
			}
		}
		if err := errors.Join(lines.Err(), f.Close()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// loopback tells whether an address, in words of four bytes of which the last
// comes first, as on all machines that agents are built for, is 127.0.0.0/8 or ::1, or the former as IPv6.
func loopback(address string) bool {
	host, _, _ := strings.Cut(address, ":")
	switch len(host) {
	case 8:
		return strings.HasSuffix(host, "7F")
	case 32:
		return host == "00000000000000000000000001000000" ||
			strings.HasPrefix(host, "0000000000000000FFFF0000") && strings.HasSuffix(host, "7F")
	}
	return false
}

// A census is what is known of the use of packages.
type census struct {
	owners   map[string]string // package of the system by file; empty: none
	runnable map[string]bool   // packages of the system with programs or libraries
	seen     map[string]sighting
	whole    bool // all processes could be read the last time
}

// A sighting is when a package, or the file of one of a language, was last in
// use, and how.
type sighting struct {
	how inventory.Usage
	at  time.Time
}

// look takes note of the files in use. The databases of installed files are
// read again only if one of them is not known, as after a change of packages.
func (c *census) look(ctx context.Context, root string, now time.Time) error {
	u, whole, err := readInUse(ctx, filepath.Join(root, "proc"))
	if err != nil {
		return err
	}
	c.whole = whole
	unknown := c.owners == nil
	for f := range u {
		if _, ok := c.owners[f]; !ok {
			unknown = true
		}
	}
	if unknown {
		if err := c.learn(ctx, root, u); err != nil {
			return err
		}
	}
	c.note(u, now)
	return nil
}

// learn finds out which packages installed the files in use, and which have
// programs or libraries at all.
func (c *census) learn(ctx context.Context, root string, u inUse) error {
	l, err := extract.Read(ctx, artifact.Part(root, ownerPaths()), extract.Options{})
	if err != nil {
		return err
	}
	files := programs(root)
	for f := range u {
		files = append(files, f)
	}
	owner := extract.Owners([]*extract.Layer{l}, files)
	c.owners, c.runnable = make(map[string]string, len(u)), map[string]bool{}
	for f := range u {
		c.owners[f] = owner[f]
	}
	for _, pkg := range owner {
		c.runnable[pkg] = true
	}
	return nil
}

// programs lists what lies where programs and libraries are.
// Source: Filesystem Hierarchy Standard 3.0, chapter 4; Debian Policy, 9.1.1, for
// the directories of an architecture.
func programs(root string) []string {
	var out []string
	for _, pattern := range []string{"usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/lib/*-linux-*", "bin", "sbin", "lib", "lib64"} {
		dirs, _ := filepath.Glob(filepath.Join(root, pattern)) // only a bad pattern is an error
		for _, d := range dirs {
			info, err := os.Lstat(d)
			if err != nil || !info.IsDir() { // /bin is a link to /usr/bin
				continue
			}
			rel, err := filepath.Rel(root, d)
			files, err2 := os.ReadDir(d)
			if err != nil || err2 != nil {
				continue
			}
			for _, f := range files {
				if name := rel + "/" + f.Name(); f.Type().IsRegular() && (strings.Contains(f.Name(), ".so") || !strings.Contains(rel, "lib") && machineCode(filepath.Join(root, name))) {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// machineCode tells whether a program is none that another one reads, as a shell
// reads scripts: those are open for a moment only.
// Source: ELF specification, chapter 1 (EI_MAG).
func machineCode(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	var b [4]byte
	_, err = io.ReadFull(f, b[:])
	return err == nil && string(b[:]) == "\x7fELF"
}

// note remembers what is in use.
func (c *census) note(u inUse, now time.Time) {
	if c.seen == nil {
		c.seen = map[string]sighting{}
	}
	for key, s := range c.seen {
		if now.Sub(s.at) > remembered {
			delete(c.seen, key)
		}
	}
	for f, how := range u {
		keys := []string{"/" + f}
		if pkg := c.owners[f]; pkg != "" {
			keys = append(keys, pkg)
		}
		for _, k := range keys {
			if old, ok := c.seen[k]; ok && old.how == inventory.Listening && how == inventory.Loaded {
				continue // until that is forgotten
			}
			c.seen[k] = sighting{how, now}
		}
	}
}

// usage returns how a package is used, as far as that is known. Of a package of
// a language only its own file tells; if that is no program, silence says
// nothing, since an interpreter closes what it has read.
func (c *census) usage(p inventory.Package, kernel string) inventory.Usage {
	if p.Evidence == inventory.Database {
		switch s, seen := c.seen[p.Name]; {
		case seen:
			return s.how
		case isKernel(p, kernel):
			return inventory.Loaded
		case c.whole && c.runnable[p.Name]:
			return inventory.Idle
		}
		return ""
	}
	file, _, _ := strings.Cut(p.Path, "!/")
	if s, seen := c.seen["/"+file]; seen {
		return s.how
	}
	if c.whole && p.Evidence == inventory.Binary {
		return inventory.Idle
	}
	return ""
}

// isKernel tells whether a package is the kernel that runs. No process has that
// open. Debian names the package after the release, rpm has it as the version.
func isKernel(p inventory.Package, release string) bool {
	return release != "" && (strings.HasPrefix(p.Name, "linux-") && strings.HasSuffix(p.Name, "-"+release) ||
		strings.HasPrefix(p.Name, "kernel") && p.Version+"."+p.Arch == release)
}

// use fills in the usage of packages, in a new list.
func (c *census) use(packages []inventory.Package, kernel string) []inventory.Package {
	out := slices.Clone(packages)
	for i := range out {
		out[i].Usage = c.usage(out[i], kernel)
	}
	return out
}
