package artifact

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// directory is an open directory. Its files are opened relative to it, without
// following links, so that no path is resolved twice.
type directory struct{ fd int }

func openRoot(name string) (directory, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	return directory{fd}, err
}

func (d directory) close() { _ = unix.Close(d.fd) }

func (d directory) enter(name string) (directory, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	return directory{fd}, err
}

// names reads what the directory holds, in no order. The kind of each file
// comes with its name from most file systems, so that nothing else is asked.
func (d directory) names(buf []byte, l *level) error {
	for {
		n, err := retry(func() (int, error) { return unix.ReadDirent(d.fd, buf) })
		if err != nil {
			return err
		}
		if n <= 0 {
			return nil
		}
		// struct linux_dirent64: inode and offset of 8 bytes each, length of
		// the record in 2, kind in 1, name and NUL. Source: getdents(2).
		for b := buf[:n]; len(b) > 19; {
			size := int(binary.NativeEndian.Uint16(b[16:]))
			if size < 20 || size > len(b) {
				return fmt.Errorf("reading a directory: record of %d bytes", size)
			}
			name, kind := text(b[19:size]), b[18]
			b = b[size:]
			if string(name) == "." || string(name) == ".." || len(name) == 0 {
				continue
			}
			typ := direntType(kind)
			if kind == unix.DT_UNKNOWN {
				_, mode, err := d.stat(string(name))
				if vanished(err) {
					continue
				}
				if err != nil {
					return err
				}
				typ = mode.Type()
			}
			if err := l.add(name, typ); err != nil {
				return err
			}
		}
	}
}

func direntType(kind byte) fs.FileMode {
	switch kind {
	case unix.DT_REG:
		return 0
	case unix.DT_DIR:
		return fs.ModeDir
	case unix.DT_LNK:
		return fs.ModeSymlink
	case unix.DT_FIFO:
		return fs.ModeNamedPipe
	case unix.DT_SOCK:
		return fs.ModeSocket
	case unix.DT_CHR:
		return fs.ModeDevice | fs.ModeCharDevice
	case unix.DT_BLK:
		return fs.ModeDevice
	}
	return fs.ModeIrregular
}

func (d directory) stat(name string) (int64, fs.FileMode, error) {
	var st unix.Stat_t
	_, err := retry(func() (int, error) { return 0, unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	if err != nil {
		return 0, 0, err
	}
	return st.Size, statMode(st.Mode), nil
}

func statMode(m uint32) fs.FileMode {
	return direntType(byte(m>>12&0xf)) | fs.FileMode(m&0o777) // S_IFMT and DT_ agree: readdir(3)
}

func (d directory) readlink(name string) (string, error) {
	buf := make([]byte, 256)
	for {
		n, err := retry(func() (int, error) { return unix.Readlinkat(d.fd, name, buf) })
		if err != nil {
			return "", err
		}
		if n < len(buf) {
			return string(buf[:n]), nil
		}
		buf = make([]byte, 2*len(buf)) // at most PATH_MAX is ever returned
	}
}

// open opens a regular file. O_NONBLOCK matters for a pipe that took the place
// of a file; it is refused afterwards, without having waited for its other end.
func (d directory) open(name string) (File, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	if !statMode(st.Mode).IsRegular() {
		_ = unix.Close(fd)
		return nil, errors.New("not a regular file")
	}
	return &treeFile{fd: fd}, nil
}

// treeFile is an open file of a tree. An os.File would ask the kernel four more
// questions, none of which matters for a regular file.
type treeFile struct{ fd int }

// Read implements [io.Reader].
func (f *treeFile) Read(p []byte) (int, error) {
	if f.fd < 0 {
		return 0, fs.ErrClosed
	}
	n, err := retry(func() (int, error) { return unix.Read(f.fd, p) })
	if err != nil {
		return 0, err
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// ReadAt implements [io.ReaderAt].
func (f *treeFile) ReadAt(p []byte, off int64) (int, error) {
	if f.fd < 0 {
		return 0, fs.ErrClosed
	}
	done := 0
	for done < len(p) {
		n, err := retry(func() (int, error) { return unix.Pread(f.fd, p[done:], off+int64(done)) })
		if err != nil {
			return done, err
		}
		if n == 0 {
			return done, io.EOF
		}
		done += n
	}
	return done, nil
}

// Close implements [io.Closer].
func (f *treeFile) Close() error {
	if f.fd < 0 {
		return nil
	}
	fd := f.fd
	f.fd = -1
	return unix.Close(fd)
}

// retry repeats a system call that a signal has interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// Kinds of file systems by the names of /proc/filesystems. Sources: proc(5), the
// kernel's Documentation/filesystems, and mount(8).
var (
	kernelFS = []string{
		"autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs",
		"efivarfs", "fusectl", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "hugetlbfs", "mqueue", "nsfs", "proc",
		"pstore", "rpc_pipefs", "securityfs", "selinuxfs", "sysfs", "tracefs",
	}
	networkFS = []string{
		"9p", "afs", "beegfs", "ceph", "cifs", "fuse.ceph", "fuse.glusterfs", "fuse.juicefs", "fuse.rclone", "fuse.s3fs",
		"fuse.sshfs", "gfs2", "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "ocfs2", "smb3",
	}
)

// mountsBelow returns the mount points below root that are not walked. They are
// looked up rather than looked at: opening a network file system whose server
// is gone would wait for ever. An overlay below the root of a host is the root
// of a container.
func mountsBelow(root string, host bool) map[string]string {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return nil
	}
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil // no table, as in some containers: then there is no proc either
	}
	return parseMounts(table, abs, host)
}

// parseMounts reads a mount table: ten or more fields a line, the mount point in
// the fifth, the type behind a field "-". Source: proc_pid_mountinfo(5).
func parseMounts(table []byte, root string, host bool) map[string]string {
	prefix := strings.TrimSuffix(root, "/") + "/"
	skip := map[string]string{}
	for line := range bytes.Lines(table) {
		fields := strings.Fields(string(line))
		dash := slices.Index(fields, "-")
		if len(fields) < 5 || dash < 0 || dash+1 >= len(fields) {
			continue
		}
		point, typ := unescapeMount(fields[4]), fields[dash+1]
		rel, ok := strings.CutPrefix(point, prefix)
		if !ok || rel == "" {
			continue
		}
		delete(skip, rel) // a later line covers an earlier one
		switch {
		case slices.Contains(kernelFS, typ), host && typ == "overlay":
			skip[rel] = ""
		case slices.Contains(networkFS, typ):
			skip[rel] = "network file system (" + typ + ") is not inspected; name it as a target of its own"
		}
	}
	return skip
}

// unescapeMount replaces \040 and its like by the characters they mean.
func unescapeMount(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}
