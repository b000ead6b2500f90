package extract

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// A program is software that is known by the names of its executables, and
// whose version stands in their constants.
type program struct {
	name  string   // as in the table of package ecosystem
	files []string // base names, without the .exe of Windows
	marks []mark   // the first that gives a version is enough
}

// A mark is a text that stands beside a version. The version begins with a
// digit, and has at least the dots asked for.
type mark struct {
	lead string // stands before it
	keep int    // bytes at the end of lead that belong to the version
	tail string // stands behind it; empty: anything but a further byte of a version
	near string // stands within nearby bytes of it, which is a constant of its own; without lead and tail
	dots int
	// form returns the version in the form of advisories, or nothing for what is
	// none; nil: as it is.
	form func(version string) string
}

// Limits of the search for a version, in bytes.
const (
	maxMarked = 64  // of a version
	nearby    = 512 // between a version and the text of mark.near
	markReach = 2 << 10
)

// programs is the table of software that is recognised in executables.
// Sources: the constants in which the programs keep what they print when they
// are asked for their version; checked against the packages of Debian 12 where
// there are such.
func programs() []program {
	return append(pythonPrograms(), []program{
		{"angie", []string{"angie"}, []mark{{lead: "Angie/", dots: 2}}},
		{"bash", []string{"bash"}, []mark{{lead: "@(#)Bash version ", dots: 2}}},
		{"bind", []string{"named"}, []mark{{lead: "BIND ", dots: 2, form: upstream}}},
		{"busybox", []string{"busybox", "["}, []mark{{lead: "BusyBox v", dots: 2}}}, // "[" is the first of its hard links
		{"curl", []string{"curl", "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so.4.8.0"}, []mark{{lead: "curl/", dots: 2, form: upstream}}},
		{"dnsmasq", []string{"dnsmasq"}, []mark{{lead: "dnsmasq-", dots: 1}}},
		{"dovecot", []string{"dovecot"}, []mark{{lead: "\x002.", keep: 2, tail: " (", dots: 2}}},
		{"exim", []string{"exim", "exim4"}, []mark{{lead: "\x004.", keep: 2, tail: "\x00", dots: 1, form: twoDigits}}},
		{"git", []string{"git"}, []mark{{lead: "git/", dots: 2}}},
		{"haproxy", []string{"haproxy"}, []mark{
			{lead: " version ", tail: ", released ", dots: 2, form: upstream},
			{lead: "HA-Proxy version ", dots: 2, form: upstream},
		}},
		{"httpd", []string{"httpd", "apache2"}, []mark{{lead: "Apache/", dots: 2}}},
		{"imagemagick", []string{
			"magick", "libMagickCore-6.Q16.so.6.0.0", "libMagickCore-6.Q16.so.7.0.0", "libMagickCore-7.Q16HDRI.so.10.0.0",
			"libMagickCore-7.Q16HDRI.so.10.0.1", "libMagickCore-7.Q16.so.10.0.0",
		}, []mark{{lead: "ImageMagick ", tail: " Q", dots: 2}}},
		{"lighttpd", []string{"lighttpd"}, []mark{{lead: "lighttpd/", dots: 2}}},
		{"mariadb", []string{"mariadbd", "mysqld"}, []mark{{tail: "-MariaDB", dots: 2}}},
		{"memcached", []string{"memcached"}, []mark{{lead: "memcached ", dots: 2}}},
		{"mosquitto", []string{"mosquitto"}, []mark{{near: "mosquitto version %s", dots: 2}}}, //nolint:misspell // the broker's name
		{"mysql", []string{"mysqld"}, []mark{{lead: "/mysql-", tail: "/", dots: 2}}},
		{"nginx", []string{"nginx", "nginx-debug"}, []mark{{lead: "nginx/", dots: 2}}},
		{"node", []string{"node", "nodejs"}, []mark{{lead: "/node-v", tail: ".tar.gz", dots: 2}}},
		{"openresty", []string{"nginx", "openresty"}, []mark{{lead: "openresty/", dots: 3}}},
		{"openssh", []string{"sshd"}, []mark{{lead: "OpenSSH_", dots: 1, form: portable}}},
		{"openssl", []string{
			"openssl", "libcrypto.so", "libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so.1.0.0", "libcrypto.so.1.0.2",
			"libcrypto.so.10", "libcrypto.so.1.0.2k", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "libcrypto-1_1-x64.dll",
		}, []mark{{lead: "OpenSSL ", tail: " ", dots: 2, form: plainOpenSSL}}},
		{"openvpn", []string{"openvpn"}, []mark{{lead: "OpenVPN ", tail: " x86_64-", dots: 2}, {lead: "OpenVPN ", tail: " aarch64-", dots: 2}}},
		{"perl", append(versioned("perl%s", 5, 6, 8, 44), "perl"), []mark{{lead: "\x00v5.", keep: 2, tail: "\x00", dots: 2}}},
		{"php", phpFiles(), []mark{{lead: "X-Powered-By: PHP/", dots: 2}}},
		{"postgresql", []string{"postgres"}, []mark{{lead: "postgres (PostgreSQL) ", dots: 1}}},
		{"proftpd", []string{"proftpd"}, []mark{{lead: "ProFTPD Version ", dots: 2}, {lead: "ProFTPD ", tail: " ", dots: 2}}},
		{"redis", []string{"redis-server", "redis-sentinel", "redis-check-rdb", "redis-check-aof"}, []mark{
			{near: "jemalloc-", dots: 2}, {near: "payload %5", dots: 2}, {near: "redis_build_id", dots: 2},
		}},
		{"ruby", rubyFiles(), []mark{{lead: "ruby ", tail: " (", dots: 2, form: rubyRelease}}},
		{"sqlite", []string{"libsqlite3.so.0", "libsqlite3.so.0.8.6"}, []mark{{lead: "\x003.", keep: 2, tail: "\x00", dots: 2}}},
		{"squid", []string{"squid"}, []mark{{lead: "squid/", dots: 1}}},
		{"unbound", []string{"unbound"}, []mark{{lead: "unbound ", dots: 2}}},
		{"valkey", []string{"valkey-server", "valkey-sentinel", "valkey-check-rdb", "valkey-check-aof"}, []mark{
			{near: "jemalloc-", dots: 2}, {near: "payload %5", dots: 2}, {near: "valkey_version", dots: 2},
		}},
		{"varnish", []string{"varnishd"}, []mark{{lead: "varnish-", tail: " revision", dots: 2}}},
	}...)
}

// versioned returns names that carry the versions from major.first to
// major.last. step above 1 skips the versions between.
func versioned(format string, major, first, step, last int) []string {
	var names []string
	for minor := first; minor <= last; minor += step {
		names = append(names, fmt.Sprintf(format, fmt.Sprintf("%d.%d", major, minor)))
	}
	return names
}

// pythonPrograms returns a row for each minor version: other libraries inside
// of Python have constants of the same form. A linker may have made the version
// the end of the path where Python is installed, as in /versions/3.12.1.
func pythonPrograms() []program {
	row := func(lead string, files ...string) program {
		return program{"python", files, []mark{
			{lead: "\x00" + lead, keep: len(lead), tail: "\x00", dots: 2, form: python},
			{lead: "/versions/" + lead, keep: len(lead), tail: "\x00", dots: 2, form: python},
		}}
	}
	rows := []program{row("3.", "python3", "python"), row("2.7.", "python2", "python2.7", "libpython2.7.so.1.0", "python")}
	for minor := 4; minor <= 16; minor++ {
		v := fmt.Sprintf("3.%d", minor)
		rows = append(rows, row(v+".", "python"+v, "libpython"+v+".so.1.0", "libpython"+v+"m.so.1.0"))
	}
	return rows
}

func phpFiles() []string {
	names := []string{"php", "php-cli", "php-cgi", "php-fpm", "libphp.so", "libphp5.so", "libphp7.so"}
	for _, r := range []struct{ major, last int }{{7, 4}, {8, 6}} {
		for _, f := range []string{"php%s", "php-cgi%s", "php-fpm%s", "libphp%s.so"} {
			names = append(names, versioned(f, r.major, 0, 1, r.last)...)
		}
	}
	return names
}

func rubyFiles() []string {
	names := []string{"ruby"}
	for _, r := range []struct{ major, first, last int }{{2, 0, 7}, {3, 0, 5}, {4, 0, 1}} {
		names = append(names, versioned("ruby%s", r.major, r.first, 1, r.last)...)
		for _, v := range versioned("%s", r.major, r.first, 1, r.last) {
			// The library is named with the version of its interface, which is
			// that of the release since 2.1 with a zero at its end, or the whole
			// version.
			names = append(names, "libruby.so."+v, "libruby.so."+v+".0", "libruby-"+v+".so."+v)
			for patch := range 12 {
				names = append(names, fmt.Sprintf("libruby.so.%s.%d", v, patch), fmt.Sprintf("libruby-%s.so.%s.%d", v, v, patch))
			}
		}
	}
	return names
}

// upstream cuts off what a distribution has put behind a version, and keeps
// what the makers say of a release before the final one.
func upstream(v string) string {
	for i := range len(v) {
		switch v[i] {
		case '~', '+':
			return v[:i]
		case '-':
			rest := v[i+1:]
			if strings.HasPrefix(rest, "rc") || strings.HasPrefix(rest, "dev") || strings.HasPrefix(rest, "beta") || strings.HasPrefix(rest, "alpha") {
				continue
			}
			return v[:i]
		}
	}
	return v
}

// plainOpenSSL drops what says how the library was built. The letters of 1.0.2k
// stay. "1.1.1w+quic" and "3.0.0-dev" are of others and of before.
func plainOpenSSL(v string) string { return upstream(strings.TrimSuffix(v, "-fips")) }

// portable keeps the versions of the portable OpenSSH, 9.2p1: those without are
// the ones that it knows of others.
func portable(v string) string {
	if i := strings.IndexByte(v, 'p'); i > 0 && i+1 < len(v) && digit(v[i+1]) && !strings.ContainsAny(v, "*,") {
		return v
	}
	return ""
}

// python refuses what has more parts than a version of Python.
func python(v string) string {
	if strings.Count(v, ".") != 2 {
		return ""
	}
	return strings.TrimSuffix(v, "+")
}

// rubyRelease drops the patch level: 3.1.2p20 is 3.1.2.
func rubyRelease(v string) string {
	if i := strings.IndexByte(v, 'p'); i > 0 && !strings.Contains(v, "pre") {
		return v[:i]
	}
	return v
}

// twoDigits is the form of Exim's versions, 4.96 and 4.94.2.
func twoDigits(v string) string {
	if len(v) >= 4 && digit(v[2]) && digit(v[3]) && strings.Trim(v, "0123456789.") == "" {
		return v
	}
	return ""
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// find returns the first version that the mark shows in b. What ends with b is
// not looked at unless it is the end of the file: it is seen whole when b moves
// on.
func (m *mark) find(b []byte, end bool) string {
	if m.near != "" {
		return m.findNear(b)
	}
	if m.lead == "" {
		return m.findBefore(b)
	}
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(m.lead))
		if i < 0 {
			return ""
		}
		from := at + i + len(m.lead) - m.keep
		at += i + 1
		n := versionLen(b[from:])
		if from+n == len(b) && !end {
			continue
		}
		if m.tail != "" {
			to := bytes.Index(b[from:min(len(b), from+maxMarked+len(m.tail))], []byte(m.tail))
			if to < 0 || to > n {
				continue
			}
			n = to
		}
		if v := m.accept(b[from : from+n]); v != "" {
			return v
		}
	}
}

// findBefore looks for a version that ends where tail begins, and is a constant
// of its own with it.
func (m *mark) findBefore(b []byte) string {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(m.tail))
		if i < 0 {
			return ""
		}
		to := at + i
		at = to + 1
		from := to
		for from > 0 && to-from < maxMarked && (digit(b[from-1]) || b[from-1] == '.') {
			from--
		}
		if from == 0 || b[from-1] != 0 {
			continue
		}
		if v := m.accept(b[from:to]); v != "" {
			return v
		}
	}
}

// findNear looks for a constant that is a version around the text of near, the
// nearest one before it first.
func (m *mark) findNear(b []byte) string {
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(m.near))
		if i < 0 {
			return ""
		}
		at += i
		before, after := b[max(0, at-nearby):at], b[at:min(len(b), at+nearby)]
		at++
		last := ""
		for len(before) > 0 {
			v, rest := m.constant(before)
			if v != "" {
				last = v
			}
			before = rest
		}
		if last != "" {
			return last
		}
		for len(after) > 0 {
			v, rest := m.constant(after)
			if v != "" {
				return v
			}
			after = rest
		}
	}
}

// constant returns the version that the constant behind the first NUL of b is,
// and what follows it.
func (m *mark) constant(b []byte) (version string, rest []byte) {
	_, b, ok := bytes.Cut(b, []byte{0})
	if !ok {
		return "", nil
	}
	n := versionLen(b)
	if n == len(b) || b[n] != 0 || bytes.Count(b[:n], []byte{'.'}) != m.dots {
		return "", b
	}
	return m.accept(b[:n]), b[n:]
}

// accept returns the version that b is, or nothing.
func (m *mark) accept(b []byte) string {
	if len(b) == 0 || len(b) > maxMarked || !digit(b[0]) || bytes.Count(b, []byte{'.'}) < m.dots {
		return ""
	}
	v := strings.TrimRight(string(b), ".-_+~")
	if m.form != nil {
		v = m.form(v)
	}
	return v
}

// versionLen returns the length of what b begins with and a version may hold.
func versionLen(b []byte) int {
	for i, c := range b {
		if !digit(c) && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '.' && c != '-' && c != '_' && c != '+' && c != '~' {
			return i
		}
	}
	return len(b)
}

// programsNamed returns the rows of the table by the name of the file.
func programsNamed() map[string][]program {
	m := map[string][]program{}
	for _, p := range programs() {
		for _, f := range p.files {
			m[f] = append(m[f], p)
		}
	}
	return m
}

// look adds the software in an executable of a name in the table: it reads
// the window from where it is to the end of the file, or to the version.
func (f *file) look(w *window, rows []program) error {
	found := make([]bool, len(rows))
	for left := len(rows); left > 0; {
		b, err := w.need(windowStep + markReach)
		if err != nil {
			return err
		}
		end := len(b) < windowStep+markReach
		for i := range rows {
			for j := 0; j < len(rows[i].marks) && !found[i]; j++ {
				if v := rows[i].marks[j].find(b, end); v != "" {
					f.add(inventory.Package{Type: "generic", Name: rows[i].name, Version: clean([]byte(v)), Evidence: inventory.Binary})
					found[i] = true
					left--
				}
			}
		}
		if end {
			return nil
		}
		if err := w.advance(w.pos() + windowStep); err != nil {
			return err
		}
	}
	return nil
}
