package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/assay-project/assay/internal/org"
	"github.com/assay-project/assay/internal/store"
)

// Config says where events go.
type Config struct {
	Name     string        // unique, and the same for ever: what waits is kept under it
	Kind     string        // how they are sent: "file"
	Place    string        // where to: the path of the file, whose folder exists
	Events   []string      // beginnings of the kinds of event: "finding."; empty: all
	Accounts []org.Account // empty: all
}

// Sink is where events go.
type Sink struct {
	store.Sink
	batch int // events at once
	// send hands over events, no two of one subject, and returns what went wrong
	// with each; nil if nothing did.
	send func(ctx context.Context, list []store.Event) []error
}

// kinds are the ways to send events.
var kinds = map[string]func(c Config) (Sink, error){
	"file": openFile,
}

// Open makes a sink ready.
func Open(c Config) (Sink, error) {
	open, ok := kinds[c.Kind]
	if !ok {
		return Sink{}, fmt.Errorf("opening sink %s: kind %q: must be %q", c.Name, c.Kind, "file")
	}
	if c.Name == "" {
		return Sink{}, errors.New("opening a sink: it has no name")
	}
	k, err := open(c)
	if err != nil {
		return Sink{}, fmt.Errorf("opening sink %s: %w", c.Name, err)
	}
	k.Sink = store.Sink{Name: c.Name, Kinds: slices.Clone(c.Events), Accounts: slices.Clone(c.Accounts)}
	return k, nil
}

// A line is an event in a file.
type line struct {
	ID      string          `json:"id"`
	Time    time.Time       `json:"time"`
	Account string          `json:"account"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"`
	Detail  json.RawMessage `json:"detail"`
}

// openFile returns a sink that adds a line of JSON for each event to a file. It
// may be moved away at any time.
func openFile(c Config) (Sink, error) {
	path, err := filepath.Abs(c.Place)
	if err != nil {
		return Sink{}, err
	}
	if err := appendFile(path, nil); err != nil { // better now than with the first event
		return Sink{}, err
	}
	send := func(_ context.Context, list []store.Event) []error {
		var text []byte
		errs := make([]error, len(list))
		for i, e := range list {
			var b []byte
			b, errs[i] = json.Marshal(line{e.ID, e.At, e.Account.String(), e.Kind, e.Subject, e.Doc})
			if errs[i] == nil {
				text = append(append(text, b...), '\n')
			}
		}
		if err := appendFile(path, text); err != nil {
			for i := range errs {
				errs[i] = err
			}
		}
		return errs
	}
	return Sink{batch: 500, send: send}, nil
}

// appendFile adds whole lines to a file and returns when they are on the disk.
// A line that was cut off, since the machine stopped, is ended first.
func appendFile(path string, text []byte) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if len(text) == 0 {
		return nil
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if last := []byte{'\n'}; end > 0 {
		if _, err := f.ReadAt(last, end-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			text = append([]byte{'\n'}, text...)
		}
	}
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}
