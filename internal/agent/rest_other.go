//go:build !linux

package agent

import "runtime/debug"

// rest gives back the memory that was needed for a moment.
func rest() { debug.FreeOSMemory() }
