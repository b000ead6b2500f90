package notify

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/store"
)

// A line is an event in a file.
type line struct {
	ID      string          `json:"id"`
	Time    time.Time       `json:"time"`
	Account string          `json:"account"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"`
	Detail  json.RawMessage `json:"detail"`
}

// lineOf returns an event as one line of JSON, without its end.
func lineOf(e store.Event) ([]byte, error) {
	c, err := contentOf(e)
	if err != nil {
		return nil, &refusal{err}
	}
	return json.Marshal(line{e.ID, e.At, e.Account.String(), e.Kind, e.Subject, c.Detail})
}

// linesTo sends events as lines to a writer that takes all or nothing.
func linesTo(write func(text []byte) error) func(context.Context, []store.Event) answer {
	return func(_ context.Context, list []store.Event) answer {
		var text []byte
		errs := make([]error, len(list))
		for i, e := range list {
			var b []byte
			if b, errs[i] = lineOf(e); errs[i] == nil {
				text = append(append(text, b...), '\n')
			}
		}
		if err := write(text); err != nil {
			return all(len(list), err)
		}
		return answer{errs: errs}
	}
}

func checkFile(c *Config) error {
	if c.Place == "" {
		return fault.OnField("place", "must be a file")
	}
	return nil
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
	return Sink{batch: 500, send: linesTo(func(text []byte) error { return appendFile(path, text) })}, nil
}

// openStdout returns a sink that writes a line of JSON for each event to what
// the server writes to.
func openStdout(c Config) (Sink, error) {
	if c.Stdout == nil {
		return Sink{}, errors.New("the server has no output")
	}
	var one sync.Mutex
	return Sink{batch: 500, send: linesTo(func(text []byte) error {
		one.Lock()
		defer one.Unlock()
		_, err := c.Stdout.Write(text)
		return err
	})}, nil
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
