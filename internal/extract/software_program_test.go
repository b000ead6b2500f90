package extract

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// programWith returns a small ELF file for 64 bits whose one segment holds the
// text.
func programWith(text string) []byte {
	b := make([]byte, 64+56)
	copy(b, "\x7fELF\x02\x01\x01")
	le := binary.LittleEndian
	le.PutUint16(b[16:], 3)    // ET_DYN
	le.PutUint16(b[18:], 0x3e) // x86-64
	le.PutUint64(b[32:], 64)   // program headers
	le.PutUint16(b[54:], 56)
	le.PutUint16(b[56:], 1)
	le.PutUint32(b[64:], 1) // PT_LOAD
	le.PutUint32(b[68:], 4) // readable
	le.PutUint64(b[96:], uint64(len(b)+len(text)))
	return append(b, text...)
}

// TestPrograms gives programs the constants by which they are known.
func TestPrograms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ file, text, want string }{
		{"usr/sbin/nginx", "\x00nginx version: nginx/1.22.1\n", "nginx 1.22.1"},
		{"nginx.exe", "\x00nginx/1.25.3\x00", "nginx 1.25.3"},
		{"opt/openresty/bin/nginx", "openresty/1.25.3.1\x00nginx/1.25.3\x00", "nginx 1.25.3, openresty 1.25.3.1"},
		{"usr/local/apache2/bin/httpd", "Apache/2.4\x00Apache/2.4.58\x00Apache/2.4.58 (Unix)\x00", "httpd 2.4.58"},
		{"usr/bin/openssl", "built with OpenSSL \x00OpenSSL 3.0.11 19 Sep 2023\x00", "openssl 3.0.11"},
		{"usr/lib/libcrypto.so.10", "OpenSSL 1.0.2k-fips  26 Jan 2017\x00", "openssl 1.0.2k"},
		{"usr/lib/libcrypto.so.1.1", "OpenSSL 1.1.1w  11 Sep 2023\x00", "openssl 1.1.1w"},
		{"usr/bin/php8.2", "X-Powered-By: PHP/8.2.12\x00", "php 8.2.12"},
		{"usr/local/sbin/php-fpm", "X-Powered-By: PHP/8.3.0RC1\x00", "php 8.3.0RC1"},
		{"usr/local/bin/node", "/node/issues/node-v0.x-archive\x00https://x/v20.9.0/node-v20.9.0.tar.gz\x00", "node 20.9.0"},
		{"usr/bin/perl", "\x00v5.36.0\x00", "perl 5.36.0"},
		{"usr/local/bin/ruby", "\x00ruby 3.2.2 (2023-03-30 revision e51014f9c0) [x86_64-linux]\x00", "ruby 3.2.2"},
		{"usr/lib/libruby-3.1.so.3.1.2", "\x00ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)\x00", "ruby 3.1.2"},
		{"usr/local/bin/redis-server", "\x00127.0.0.1\x002.6.0\x00" + strings.Repeat("x", nearby) + "\x007.2.3\x00jemalloc-5.3.0\x00", "redis 7.2.3"},
		{"usr/local/bin/valkey-server", "\x008.0.1\x00redis_version:%s\x00valkey_version:%s\x00", "valkey 8.0.1"},
		{"usr/lib/postgresql/15/bin/postgres", "PostgreSQL 9.1.\x00postgres (PostgreSQL) 15.5\n\x00", "postgresql 15.5"},
		{"usr/sbin/mysqld", "for example 10.1.1-MariaDB-x\x00" + "10.11.6-MariaDB\x00", "mariadb 10.11.6"},
		{"usr/sbin/mysqld", "/build/mysql-8.0/mysql-8.0.36/sql/mysqld.cc\x00", "mysql 8.0.36"},
		{"usr/sbin/haproxy", "since HAProxy version 2.5.\x00 version 2.6.12-1+deb12u4, released 2023/12/16\x00", "haproxy 2.6.12"},
		{"usr/sbin/haproxy", " version 3.0-dev1-5f0a8b1, released 2024/01/06\x00", ""},
		{"usr/sbin/haproxy", " version 3.0.1-rc1-5f0a8b1, released 2024/01/06\x00", "haproxy 3.0.1-rc1"},
		{"usr/bin/memcached", "memcached 1.6.22\n\x00", "memcached 1.6.22"},
		{"bin/[", "BusyBox v1.36.1 (2023-05-18)\x00", "busybox 1.36.1"},
		{"usr/bin/[", "coreutils 9.1\x00", ""},
		{"usr/local/bin/python3.11", "\x003.2.0\x003.11.6+\x00", "python 3.11.6"},
		{"usr/local/bin/python3.12", "\x003.12.1\x00", "python 3.12.1"},
		{"usr/lib/libpython2.7.so.1.0", "\x002.7.18\x00", "python 2.7.18"},
		{"usr/sbin/varnishd", "\x00varnish-7.1.1 revision 7cee1c5\x00", "varnish 7.1.1"},
		{"usr/sbin/lighttpd", "lighttpd/1.4.69\x00", "lighttpd 1.4.69"},
		{"usr/sbin/named", "BIND 9 is\x00BIND 9.18.19-1~deb12u1-Debian\x00", "bind 9.18.19"},
		{"usr/sbin/sshd", "OpenSSH_7.0*,OpenSSH_7.1*\x00OpenSSH_9.2\x00OpenSSH_9.2p1 Debian-2+deb12u1\x00", "openssh 9.2p1"},
		{"usr/sbin/exim4", "\x004.1\x004.96\x00", "exim 4.96"},
		{"usr/sbin/mosquitto", "\x002.0.18\x00mosquitto version %s\x00", "mosquitto 2.0.18"}, //nolint:misspell // the broker's name
		{"usr/bin/bash", "@(#)Bash version 5.2.15(1) release GNU\x00", "bash 5.2.15"},
		{"usr/sbin/dovecot", "\x002.3.19.1 (9b53102964)\x00", "dovecot 2.3.19.1"},
		{"usr/bin/curl", "curl/7.88.1\x00", "curl 7.88.1"},
		{"usr/bin/other", "nginx/1.22.1\x00", ""},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			for _, pad := range []int{0, windowStep, windowStep + 2040, 3*windowStep - 130} {
				data := programWith(strings.Repeat("\x01", pad) + tt.text)
				for _, f := range []*file{
					{path: tt.file, size: int64(len(data)), r: iotest.OneByteReader(bytes.NewReader(data)), out: &File{}},
					{path: tt.file, size: int64(len(data)), at: bytes.NewReader(data), out: &File{}},
				} {
					if err := new(shared).readExecutable(f); err != nil {
						t.Fatal(err)
					}
					if got := programsOf(f.out); got != tt.want {
						t.Errorf("with %d bytes before: %q, want %q", pad, got, tt.want)
					}
				}
			}
		})
	}
}

// programsOf lists names and versions.
func programsOf(f *File) string {
	var all []string
	for _, p := range f.Packages {
		all = append(all, p.Name+" "+p.Version)
	}
	return strings.Join(all, ", ")
}

// TestInstalledPrograms prints what is found in the programs below the
// directories named by ASSAY_PROGRAMS.
func TestInstalledPrograms(t *testing.T) {
	t.Parallel()
	dirs := filepath.SplitList(os.Getenv("ASSAY_PROGRAMS"))
	if len(dirs) == 0 {
		t.Skip("set ASSAY_PROGRAMS to directories of programs")
	}
	s := new(shared)
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || s.programsNamed(filepath.ToSlash(path)) == nil {
				return nil //nolint:nilerr // what cannot be read is not looked at
			}
			at, err := os.Open(path)
			if err != nil {
				return err
			}
			defer at.Close()
			f := &file{path: filepath.ToSlash(path), at: at, out: &File{}}
			if !machineCode(f) {
				return nil
			}
			err = s.readExecutable(f)
			t.Logf("%s: %s %v", path, programsOf(f.out), err)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// FuzzProgram reads constants by all rows at once, from a stream and at
// random: both give the same, and only versions.
func FuzzProgram(f *testing.F) {
	f.Add("\x00nginx/1.22.1\x00ruby 3.1.2p20 (\x005.0-MariaDB\x007.2.3\x00jemalloc-5")
	f.Add("\x003.11.2\x00OpenSSL 1.0.2k-fips  26 Jan\x00OpenSSH_9.2p1 D\x00 version 2.6.12-1+deb12u4, released ")
	all := programs()
	f.Fuzz(func(t *testing.T, text string) {
		read := func(w *window) string {
			out := &file{path: "x", out: &File{}}
			if err := out.look(w, all); err != nil {
				t.Fatal(err)
			}
			for _, p := range out.out.Packages {
				if len(p.Version) > maxMarked || p.Version == "" || !digit(p.Version[0]) {
					t.Errorf("%s %q", p.Name, p.Version)
				}
			}
			return programsOf(out.out)
		}
		stream := read(&window{r: io.Reader(strings.NewReader(text))})
		if random := read(&window{at: strings.NewReader(text)}); stream != random {
			t.Errorf("as a stream %q, at random %q", stream, random)
		}
	})
}
