// Package agent runs on a host: it sees what the host holds, tells a server,
// and tells it again when that changes. It reads files and sends what it found;
// it carries out nothing that the server, or anybody else, might ask for.
package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Config says how an agent works.
type Config struct {
	State     string        // folder of all that it keeps
	Root      string        // of the host; "/" but in a container that has the host's files elsewhere
	Heartbeat time.Duration // between two signs of life; 0: as the server says
	FullEvery time.Duration // between two whole inventories, from MinFull to MaxFull; 0: as the server says
	Paths     []string      // absolute, where packages of languages are looked for besides those of the server
	Version   string        // of the program
	Now       func() time.Time
	Log       *slog.Logger
}

// Limits of what Config may say.
const (
	MinFull      = 30 * time.Minute
	MaxFull      = 12 * time.Hour
	minHeartbeat = time.Second
	maxHeartbeat = time.Hour
)

// The intervals that hold until the server says others.
const (
	DefaultHeartbeat = 5 * time.Minute
	DefaultDeep      = 6 * time.Hour
)

// Check tells what is wrong with a configuration.
func (c Config) Check() error {
	switch {
	case c.State == "" || c.Root == "":
		return errors.New("the folder of the state and the root of the host must be given")
	case c.FullEvery != 0 && (c.FullEvery < MinFull || c.FullEvery > MaxFull):
		return fmt.Errorf("the interval of whole inventories must be from %v to %v", MinFull, MaxFull)
	case c.Heartbeat != 0 && (c.Heartbeat < minHeartbeat || c.Heartbeat > maxHeartbeat):
		return fmt.Errorf("the interval of heartbeats must be from %v to %v", minHeartbeat, maxHeartbeat)
	}
	for _, p := range c.Paths {
		if !filepath.IsAbs(p) {
			return fmt.Errorf("path %q must be absolute", p)
		}
	}
	return nil
}

// ErrRunning says that another agent uses the folder of state.
var ErrRunning = errors.New("an agent with this state is running already")

// hold takes the folder of state for this process, and makes it. The caller
// closes what it returns.
func (c Config) hold() (*os.File, error) {
	if err := os.MkdirAll(c.State, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the state: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(c.State, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the state: %w", err)
	}
	if err := lockState(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Joining says which server a host is enrolled at, and as what.
type Joining struct {
	Server   string
	Token    string
	Resource string // what the server shall know the host by; empty: its name, as "assay scan host" has it
	CAFile   string // PEM file of additional certificate authorities; may be empty
	Proxy    string // empty: as the environment says
	Insecure bool   // allow certificates that cannot be verified
}

// Enroll has a server give this host a key, in exchange for a token, and keeps it.
// The key that the host had before, if it had one, is worth nothing then.
func Enroll(ctx context.Context, c Config, j Joining) (Identity, error) {
	if j.Token == "" {
		return Identity{}, errors.New("no token: a server makes one with \"assay admin agents token\"")
	}
	id := Identity{Server: j.Server, Proxy: j.Proxy, Insecure: j.Insecure}
	if j.CAFile != "" {
		pem, err := os.ReadFile(j.CAFile)
		if err != nil {
			return id, fmt.Errorf("reading certificate authorities: %w", err)
		}
		id.CA = string(pem)
	}
	l, err := newLink(id, c.Now)
	if err != nil {
		return id, err
	}
	machine, err := machineID(c.Root)
	if err != nil {
		return id, err
	}
	host, err := describe(c.Root)
	if err != nil {
		return id, err
	}
	if err := os.MkdirAll(c.State, 0o700); err != nil { // before the token is used up
		return id, fmt.Errorf("making the folder of the state: %w", err)
	}
	body, err := pack(Application{Token: j.Token, MachineID: machine, Resource: j.Resource, Host: host, Version: c.Version})
	if err != nil {
		return id, err
	}
	var got Enrolled
	if err := l.post(ctx, "enroll", body, &got); err != nil {
		return id, fmt.Errorf("enrolling: %w", err)
	}
	id.Region, id.Agent, id.Account, id.Resource, id.Key, id.Secret = got.Region, got.Agent, got.Account, got.Resource, got.Key, got.Secret
	return id, id.keep(c.State)
}

// machineID returns what tells a machine from all others.
// Source: machine-id(5); D-Bus Specification, "UUIDs", for the older place.
func machineID(root string) (string, error) {
	for _, name := range []string{"etc/machine-id", "var/lib/dbus/machine-id"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("reading the id of the machine: %w", err)
		}
		if id := strings.TrimSpace(string(text)); len(id) >= 32 {
			return id, nil
		}
	}
	// A container, or Alpine without D-Bus: the kernel has an id for each start,
	// which is as good as long as the state is kept.
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", errors.New("the host has no id: write one into /etc/machine-id (dbus-uuidgen or systemd-machine-id-setup make it)")
	}
	return strings.ReplaceAll(strings.TrimSpace(string(text)), "-", ""), nil
}

// describe returns what is known of the host besides what it holds.
func describe(root string) (Host, error) {
	h := Host{Name: filepath.Clean(root), OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: kernel()}
	var err error
	if h.Name == "/" {
		if h.Name, err = os.Hostname(); err != nil {
			return h, fmt.Errorf("asking for the name of the host: %w", err)
		}
	} else if text, err := os.ReadFile(filepath.Join(root, "etc/hostname")); err == nil && strings.TrimSpace(string(text)) != "" {
		h.Name = strings.TrimSpace(string(text))
	}
	links, err := net.Interfaces()
	if err != nil {
		return h, nil //nolint:nilerr // addresses are no more than good to know
	}
	for _, l := range links {
		addresses, err := l.Addrs()
		if err != nil || l.Flags&net.FlagUp == 0 || virtual(l.Name) {
			continue
		}
		for _, a := range addresses {
			if ip, ok := a.(*net.IPNet); ok && ip.IP.IsGlobalUnicast() {
				if ip.IP.To4() != nil {
					h.IPv4 = append(h.IPv4, ip.IP.String())
				} else {
					h.IPv6 = append(h.IPv6, ip.IP.String())
				}
			}
		}
	}
	return h, nil
}

// virtual tells whether a network interface is one that containers come and go
// with. Sources: the documentation of Docker, Podman, Calico, Cilium and libvirt.
func virtual(name string) bool {
	for _, p := range []string{"docker", "br-", "veth", "cni", "podman", "cali", "cilium", "lxc", "virbr", "flannel"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
