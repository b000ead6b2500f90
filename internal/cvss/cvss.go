// Package cvss reads CVSS vectors of all versions and computes their
// scores, also with other values of some metrics; the arithmetic is a library's.
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
	version, m, err := parse(vector)
	if err != nil {
		return "", 0, err
	}
	return version, m.BaseScore(), nil
}

// metrics are a vector that has been read.
type metrics interface {
	Get(metric string) (string, error)
	Set(metric, value string) error
	Vector() string
	BaseScore() float64
	TemporalScore() float64
}

// CVSS 4.0 has one score, that of all metrics a vector states.
// Source: CVSS v4.0 specification document, section 1.3, "Metric Groups".
type metrics40 struct{ *cvss40.CVSS40 }

// BaseScore is that score.
func (m metrics40) BaseScore() float64 { return m.Score() }

// TemporalScore is that score.
func (m metrics40) TemporalScore() float64 { return m.Score() }

func parse(vector string) (version string, m metrics, err error) {
	switch v := strings.TrimSpace(vector); {
	case strings.HasPrefix(v, "CVSS:4.0/"):
		var c *cvss40.CVSS40
		c, err = cvss40.ParseVector(v)
		version, m = "4.0", metrics40{c}
	case strings.HasPrefix(v, "CVSS:3.1/"):
		version = "3.1"
		m, err = cvss31.ParseVector(v)
	case strings.HasPrefix(v, "CVSS:3.0/"):
		version = "3.0"
		m, err = cvss30.ParseVector(v)
	default:
		version = "2.0"
		m, err = cvss20.ParseVector(strings.Trim(v, "()"))
	}
	if err != nil {
		return "", nil, fmt.Errorf("reading CVSS vector %q: %w", vector, err)
	}
	return version, m, nil
}
