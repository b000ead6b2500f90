// Package cvss reads CVSS vectors of all versions and computes their base
// scores; the arithmetic is a library's.
package cvss

import (
	"fmt"
	"strings"

	cvss20 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
	cvss40 "github.com/pandatix/go-cvss/40"
)

// Base returns the version (2.0, 3.0, 3.1 or 4.0) of a vector and its base
// score from 0 to 10. A CVSS 2.0 vector has no prefix that names the version;
// parentheses around it are accepted.
// Source: CVSS v2.0, v3.0, v3.1 and v4.0 specification documents, FIRST.
func Base(vector string) (version string, score float64, err error) {
	switch v := strings.TrimSpace(vector); {
	case strings.HasPrefix(v, "CVSS:4.0/"):
		c, err := cvss40.ParseVector(v)
		if err != nil {
			return "", 0, fmt.Errorf("reading CVSS vector %q: %w", vector, err)
		}
		return "4.0", c.Score(), nil
	case strings.HasPrefix(v, "CVSS:3.1/"):
		c, err := cvss31.ParseVector(v)
		if err != nil {
			return "", 0, fmt.Errorf("reading CVSS vector %q: %w", vector, err)
		}
		return "3.1", c.BaseScore(), nil
	case strings.HasPrefix(v, "CVSS:3.0/"):
		c, err := cvss30.ParseVector(v)
		if err != nil {
			return "", 0, fmt.Errorf("reading CVSS vector %q: %w", vector, err)
		}
		return "3.0", c.BaseScore(), nil
	default:
		c, err := cvss20.ParseVector(strings.Trim(v, "()"))
		if err != nil {
			return "", 0, fmt.Errorf("reading CVSS vector %q: %w", vector, err)
		}
		return "2.0", c.BaseScore(), nil
	}
}
