package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// statusFile holds what an agent does, in the folder of its state.
const statusFile = "status.json"

// Status is what an agent on a host does, for people on that host.
type Status struct {
	Version  string    `json:"version"`
	Process  int       `json:"process"`
	Started  time.Time `json:"started"`
	Server   string    `json:"server"`
	Agent    string    `json:"agent"`
	Account  string    `json:"account"`
	Resource string    `json:"resource"`

	Scanning  bool      `json:"scanning"` // false: the account has switched scans of hosts off
	Packages  int       `json:"packages"`
	Problems  int       `json:"problems"`
	Read      time.Time `json:"lastRead,omitzero"`      // when anything was read last
	Sent      time.Time `json:"lastSent,omitzero"`      // when the server last took a report
	Heartbeat time.Time `json:"lastHeartbeat,omitzero"` // when it last answered a sign of life
	Trouble   string    `json:"lastError,omitempty"`
	Troubled  time.Time `json:"lastErrorAt,omitzero"`
	Waiting   int       `json:"waiting"` // reports that the server has not taken yet
	Clock     float64   `json:"clockBehind,omitempty"`
	Watched   []string  `json:"watched,omitempty"` // directories, sorted
	Paths     []string  `json:"paths,omitempty"`   // of deep inspection

	Running bool `json:"running"` // whether the agent that wrote this still runs
}

// ReadStatus returns what the agent with a folder of state does, or did last.
func ReadStatus(state string) (Status, error) {
	var s Status
	text, err := os.ReadFile(filepath.Join(state, statusFile))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := readIdentity(state); err != nil {
			return s, err
		}
		return s, errors.New("this host is enrolled, but its agent has not run yet")
	}
	if err != nil {
		return s, fmt.Errorf("reading the status: %w", err)
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("reading the status: %w", err)
	}
	f, err := Config{State: state}.hold()
	s.Running = errors.Is(err, ErrRunning)
	if err == nil {
		err = f.Close()
	}
	if s.Running {
		err = nil
	}
	return s, err
}

// keep writes the status for others to read. It need not last.
func (s Status) keep(state string) error {
	slices.Sort(s.Watched)
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	name := filepath.Join(state, statusFile)
	if err := os.WriteFile(name+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
