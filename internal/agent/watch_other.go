//go:build !linux

package agent

import (
	"context"
	"errors"
	"os"
)

// errSystem says that this system has not what the agent needs.
var errSystem = errors.New("the agent runs on Linux only")

type watcher struct{}

func newWatcher() (*watcher, error)                       { return nil, errSystem }
func (*watcher) add(string, bool) error                   { return errSystem }
func (*watcher) watched() []string                        { return nil }
func (*watcher) run(context.Context, chan<- change) error { return errSystem }
func (*watcher) close() error                             { return nil }
func (database) busy(string) bool                         { return false }
func kernel() string                                      { return "" }
func lockState(*os.File) error                            { return errSystem }
