package agent

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// A watcher tells what changes in directories.
type watcher struct {
	file *os.File
	fd   int // of the file; asking that for it would make it block

	mu   sync.Mutex
	dirs map[int]string // by watch
	all  map[string]int // reverse
}

// newWatcher returns a watcher of nothing yet. The caller closes it.
func newWatcher() (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("watching: %w", err)
	}
	return &watcher{file: os.NewFile(uintptr(fd), "inotify"), fd: fd, dirs: map[int]string{}, all: map[string]int{}}, nil
}

// add watches the files of a directory: what is put there, taken away, or
// closed after it was written, and with within also each writing. It is no error
// if the directory is not there, or is watched already.
func (w *watcher) add(dir string, within bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.all[dir]; ok {
		return nil
	}
	mask := uint32(unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_CREATE | unix.IN_DELETE |
		unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR)
	if within {
		mask |= unix.IN_MODIFY
	}
	wd, err := unix.InotifyAddWatch(w.fd, dir, mask)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("watching %s: %w", dir, err)
	}
	w.dirs[wd], w.all[dir] = dir, wd
	return nil
}

// watched returns the directories that are watched, in no order.
func (w *watcher) watched() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]string, 0, len(w.all))
	for d := range w.all {
		out = append(out, d)
	}
	return out
}

// run sends changes until the watcher is closed or the context ends.
func (w *watcher) run(ctx context.Context, to chan<- change) error {
	buf := make([]byte, 16<<10)
	for {
		n, err := w.file.Read(buf)
		if errors.Is(err, os.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("watching: %w", err)
		}
		for _, c := range w.changes(buf[:n]) {
			select {
			case to <- c:
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// changes reads records: the watch, what happened, a cookie, and the length of
// the name, in four bytes each, and the name with NULs behind it.
// Source: inotify(7), struct inotify_event.
func (w *watcher) changes(b []byte) []change {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []change
	for len(b) >= unix.SizeofInotifyEvent {
		wd := int(int32(binary.NativeEndian.Uint32(b))) //nolint:gosec // the field is signed
		mask := binary.NativeEndian.Uint32(b[4:])
		size := min(int(binary.NativeEndian.Uint32(b[12:])), len(b)-unix.SizeofInotifyEvent)
		name := string(bytes.TrimRight(b[unix.SizeofInotifyEvent:][:size], "\x00"))
		b = b[unix.SizeofInotifyEvent+size:]
		dir := w.dirs[wd]
		switch {
		case mask&unix.IN_Q_OVERFLOW != 0:
			out = append(out, change{lost: true})
			continue
		case mask&(unix.IN_IGNORED|unix.IN_DELETE_SELF|unix.IN_MOVE_SELF) != 0:
			if mask&unix.IN_MOVE_SELF != 0 { // the watch would follow it to its new place
				_, _ = unix.InotifyRmWatch(w.fd, uint32(wd)) //nolint:gosec // given by the kernel; it may be gone
			}
			delete(w.dirs, wd)
			if w.all[dir] == wd {
				delete(w.all, dir)
			}
		}
		if dir != "" {
			out = append(out, change{dir: dir, name: name})
		}
	}
	return out
}

func (w *watcher) close() error { return w.file.Close() }

// busy tells whether a package manager works on a database, or has not finished
// writing it.
func (d database) busy(root string) bool {
	for _, name := range d.locks {
		if locked(filepath.Join(root, name)) {
			return true
		}
	}
	if d.log == "" {
		return false
	}
	info, err := os.Stat(filepath.Join(root, d.log))
	return err == nil && info.Size() > logHeader
}

// logHeader is how long a log of SQLite is that holds nothing.
// Source: SQLite, "Database File Format", section 4.1.
const logHeader = 32

// locked tells whether somebody holds a file locked, without touching the lock.
// dpkg, apt and rpm lock with fcntl, apk with flock, which can be looked at only
// in the table of all locks.
func locked(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &lock); err == nil && lock.Type != unix.F_UNLCK {
		return true
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return false
	}
	table, err := os.Open("/proc/locks")
	if err != nil {
		return false
	}
	defer table.Close()
	id := fmt.Sprintf("%02x:%02x:%d", unix.Major(st.Dev), unix.Minor(st.Dev), st.Ino)
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		// The number, FLOCK, ADVISORY, WRITE, the process, device and inode.
		// Source: proc_locks(5).
		fields := strings.Fields(lines.Text())
		if len(fields) > 5 && fields[1] == "FLOCK" && fields[5] == id {
			return true
		}
	}
	return false
}

// kernel returns the release of the kernel that runs.
func kernel() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}

// lockState makes sure that one agent uses a folder of state. The lock goes with
// the process.
func lockState(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrRunning
	}
	return err
}
