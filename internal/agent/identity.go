package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// identityFile holds what an agent is to the server, the secret of its key
// included, in the folder of its state.
const identityFile = "agent.json"

// Identity is what an agent is to a server, and how it gets there.
type Identity struct {
	Server   string `json:"server"`
	Region   string `json:"region"` // of the server, for signatures
	CA       string `json:"ca,omitempty"`
	Proxy    string `json:"proxy,omitempty"` // address of a proxy; empty: as the environment says
	Insecure bool   `json:"insecure,omitempty"`
	Agent    string `json:"agent"`
	Account  string `json:"account"`
	Resource string `json:"resource"`
	Key      string `json:"accessKeyId"`
	Secret   string `json:"secretAccessKey"`
}

// ErrNotEnrolled says that a folder holds no identity.
var ErrNotEnrolled = errors.New("this host is not enrolled: use \"enroll\" with a token of the server")

// readIdentity reads the identity in a folder.
func readIdentity(state string) (Identity, error) {
	var id Identity
	name := filepath.Join(state, identityFile)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return id, ErrNotEnrolled
	}
	if err != nil {
		return id, fmt.Errorf("reading the identity: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return id, fmt.Errorf("%s can be read by others (%v): make it mode 0600, and enrol again if it may have been read", name, info.Mode().Perm())
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return id, fmt.Errorf("reading the identity: %w", err)
	}
	if err := json.Unmarshal(text, &id); err != nil {
		return id, fmt.Errorf("reading %s: %w", name, err)
	}
	return id, nil
}

// keep writes the identity into a folder.
func (id Identity) keep(state string) error {
	text, err := json.MarshalIndent(id, "", "  ") //nolint:gosec // the file is for the secret
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(state, identityFile), append(text, '\n')); err != nil {
		return fmt.Errorf("keeping the identity: %w", err)
	}
	return nil
}

// replace writes a file that is whole or the one before, whatever happens, and
// that only its owner can read.
func replace(name string, data []byte) (err error) {
	temp := name + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // whoever starts the agent says where
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp) //nolint:gosec // the same
		}
	}()
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil { //nolint:gosec // the same
		return err
	}
	return syncFolder(filepath.Dir(name))
}

// syncFolder makes the names in a folder last.
func syncFolder(name string) error {
	d, err := os.Open(name) //nolint:gosec // the same
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
