package agent

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/unix"
)

// rest gives back the memory that was needed for a moment: that of the heap, and
// that of the program itself, of which its start and a look at the host touch far
// more than waiting does. What is touched again the kernel maps again, from its
// cache of files.
func rest() {
	debug.FreeOSMemory()
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, m := range unwritten(string(text), program) {
		// It is a hint: nothing is worse if the kernel does not take it.
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.to-m.from, unix.MADV_DONTNEED)
	}
}

// A mapping is a range of addresses.
type mapping struct{ from, to uintptr }

// unwritten returns where a program is mapped that nothing can have written to:
// what is there is what its file has.
// Source: proc_pid_smaps(5): "Anonymous" is what does not belong to the file.
func unwritten(smaps, program string) []mapping {
	var out []mapping
	var at mapping
	ours := false
	for line := range strings.Lines(smaps) {
		if strings.HasSuffix(line, " "+program+"\n") {
			var may string
			n, _ := fmt.Sscanf(line, "%x-%x %s", &at.from, &at.to, &may)
			ours = n == 3 && strings.HasPrefix(may, "r-")
		} else if amount, ok := strings.CutPrefix(line, "Anonymous:"); ok {
			if ours && strings.TrimSpace(amount) == "0 kB" {
				out = append(out, at)
			}
			ours = false
		}
	}
	return out
}
