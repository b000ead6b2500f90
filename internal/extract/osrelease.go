package extract

import (
	"bytes"
	"errors"
	"strings"

	"github.com/assay-project/assay/inventory"
)

// readOSRelease reads the names of the operating system: shell assignments,
// one a line.
// Source: os-release(5), section "Description".
func readOSRelease(f *file) error {
	var os inventory.OS
	var version, ubuntu string
	known := false
	for line := range bytes.Lines(f.data) {
		name, value, ok := strings.Cut(strings.TrimSpace(string(line)), "=")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		known = true
		value = unquoteShell(value)
		switch name {
		case "ID":
			os.ID = strings.ToLower(value)
		case "VERSION_ID":
			os.VersionID = value
		case "VERSION_CODENAME":
			os.Codename = value
		case "UBUNTU_CODENAME":
			ubuntu = value
		case "VERSION":
			version = value
		case "PRETTY_NAME":
			os.Name = value
		case "ID_LIKE":
			os.Like = append([]string(nil), strings.Fields(strings.ToLower(value))...) // nil for no words
		case "CPE_NAME":
			os.CPE = value
		}
	}
	if !known {
		if len(bytes.TrimSpace(f.data)) > 0 {
			return errors.New("no line is an assignment")
		}
		return nil
	}
	if os.ID == "" {
		os.ID = "linux" // "If not set, a default of ID=linux may be used": section "Options", ID=
	}
	if os.Codename == "" {
		os.Codename = ubuntu
	}
	if os.Codename == "" {
		// Debian 8 and 9 and Ubuntu 14.04 have no field for it: 9 (stretch);
		// 14.04.6 LTS, Trusty Tahr is not of that form and stays unnamed.
		if _, after, ok := strings.Cut(version, "("); ok {
			if name, rest, ok := strings.Cut(after, ")"); ok && rest == "" && !strings.Contains(name, " ") {
				os.Codename = strings.ToLower(name)
			}
		}
	}
	f.out.OS = &os
	return nil
}

// unquoteShell returns the value of a shell assignment without expansion, of
// which the format has none.
func unquoteShell(s string) string {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote && quote != 0:
			quote = 0
		case quote == 0 && (c == ' ' || c == '\t'):
			return b.String() // a comment or another word
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
