package discover

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/filter"
)

// The ways of scanning the images of a repository.
const (
	Basic    = "basic"    // once when they are pushed, and only packages of the operating system
	Enhanced = "enhanced" // packages of languages too, and again when more becomes known
)

// Rule says which images of a registry are scanned, and how. In patterns a star
// stands for any text, slashes included.
type Rule struct {
	Repositories []string `json:"repositories"`   // patterns; one must fit
	Tags         []string `json:"tags,omitempty"` // patterns, one of which must fit; none: all
	Scan         string   `json:"scan"`           // Basic or Enhanced
}

// Rules are looked at in their order: the first that fits holds.
type Rules []Rule

const (
	maxRules    = 100
	maxPatterns = 100 // of one rule
	maxPattern  = 256 // bytes
)

// Check returns what is wrong with rules, as a fault.
func (r Rules) Check() error {
	if len(r) == 0 || len(r) > maxRules {
		return fault.OnField("rules", "must be from 1 to %d", maxRules)
	}
	for i, rule := range r {
		field := fmt.Sprintf("rules.%d.", i+1)
		if rule.Scan != Basic && rule.Scan != Enhanced {
			return fault.OnField(field+"scan", "must be %s or %s", Basic, Enhanced)
		}
		if len(rule.Repositories) == 0 {
			return fault.OnField(field+"repositories", "may not be empty; * is all")
		}
		for _, list := range []struct {
			name     string
			patterns []string
		}{{"repositories", rule.Repositories}, {"tags", rule.Tags}} {
			if len(list.patterns) > maxPatterns {
				return fault.OnField(field+list.name, "must be at most %d", maxPatterns)
			}
			for _, p := range list.patterns {
				if p == "" || len(p) > maxPattern || strings.Trim(p, "*abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") != "" {
					return fault.OnField(field+list.name, "%.80q is no pattern: letters, digits and ._-/ and * for any text", p)
				}
			}
		}
	}
	return nil
}

// Fit returns the way of scanning an image that has a tag; false if no rule
// includes it. Without a tag it is included by rules for all tags.
func (r Rules) Fit(repository, tag string) (scan string, ok bool) {
	for _, rule := range r {
		if fitsAny(rule.Repositories, repository) && (len(rule.Tags) == 0 || tag != "" && fitsAny(rule.Tags, tag)) {
			return rule.Scan, true
		}
	}
	return "", false
}

// Includes tells whether any rule includes images of a repository, and all
// whether that is so whatever their tags.
func (r Rules) Includes(repository string) (some, all bool) {
	for _, rule := range r {
		if fitsAny(rule.Repositories, repository) {
			some, all = true, all || len(rule.Tags) == 0 || slices.Contains(rule.Tags, "*")
		}
	}
	return some, all
}

// Named returns the repositories that the rules name without a star, sorted;
// open tells whether there are other rules, for which the catalogue is needed.
func (r Rules) Named() (names []string, open bool) {
	for _, rule := range r {
		for _, p := range rule.Repositories {
			if strings.Contains(p, "*") {
				open = true
			} else if !slices.Contains(names, p) {
				names = append(names, p)
			}
		}
	}
	slices.Sort(names)
	return names, open
}

func fitsAny(patterns []string, s string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return filter.Fits(p, s) })
}

// What names of repositories and tags may be.
// Source: OCI distribution specification 1.1, "Pulling manifests".
var (
	repositoryName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	})
	tagName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`) })
)

// ValidRepository tells whether a name can be that of a repository; such a one
// is also safe as a part of a path.
func ValidRepository(s string) bool { return len(s) <= 255 && repositoryName().MatchString(s) }

// ValidTag tells whether a name can be that of a tag; such a one is also safe as
// a part of a path.
func ValidTag(s string) bool { return tagName().MatchString(s) }

// AboutAnother tells whether a tag is one by which tools keep what they say of
// another image, such as its signature.
// Sources: OCI distribution specification 1.1, "Referrers Tag Schema"; Sigstore,
// "Signature Specification", section "Discovery".
func AboutAnother(tag string) bool {
	digits, ok := strings.CutPrefix(tag, "sha256-")
	if !ok {
		return false
	}
	digits, _, _ = strings.Cut(digits, ".")
	return ValidDigest("sha256:" + digits)
}
