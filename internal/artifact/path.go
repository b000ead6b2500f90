package artifact

import (
	"fmt"
	"path"
	"strings"
)

// cleanBytes returns a name of an archive as a path below the root, or "." for
// the root itself. As in a container, ".." of the root is the root. A name that
// is too long is cut, and the error says so.
func cleanBytes(name []byte) (string, error) {
	for len(name) > 1 && name[0] == '.' && name[1] == '/' {
		name = name[2:]
		for len(name) > 0 && name[0] == '/' {
			name = name[1:]
		}
	}
	for len(name) > 0 && name[0] == '/' {
		name = name[1:]
	}
	if n := len(name); n > 0 && name[n-1] == '/' {
		name = name[:n-1]
	}
	if len(name) > maxPath {
		return string(name[:100]) + "…", fmt.Errorf("path of %d bytes is over the limit of %d", len(name), maxPath)
	}
	s := string(name)
	if isClean(s) {
		return s, nil
	}
	if s = path.Clean("/" + s)[1:]; s == "" {
		s = "."
	}
	return s, nil
}

// isClean tells whether no element of a path is empty, "." or "..".
func isClean(s string) bool {
	start := true
	for i := range len(s) {
		switch c := s[i]; {
		case !start:
			start = c == '/'
		case c == '/':
			return false
		case c == '.':
			rest := s[i+1:]
			if rest == "" || rest[0] == '/' || rest == "." || strings.HasPrefix(rest, "./") {
				return false
			}
			start = false
		default:
			start = false
		}
	}
	return !start
}
