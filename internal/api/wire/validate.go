package wire

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A step leads from a value to one that it holds.
type step struct {
	name     string // of a member, or the key of a map
	position int    // in a list, from 1; 0 when it is no list
	key      bool
}

func (d *decoder) push(s step) { d.path = append(d.path, s) }

func (d *decoder) pop() { d.path = d.path[:len(d.path)-1] }

// where names the value being read as AWS services do:
// filterCriteria.severity.1.member.comparison.
func (d *decoder) where() string {
	const maxKey = 128 // bytes of a key that the caller chose
	var b strings.Builder
	for _, s := range d.path {
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		switch {
		case s.position > 0:
			b.WriteString(strconv.Itoa(s.position) + ".member")
		case s.key:
			b.WriteString(strings.ToValidUTF8(s.name[:min(len(s.name), maxKey)], "") + ".member")
		default:
			b.WriteString(s.name)
		}
	}
	return b.String()
}

// The texts are those with which AWS services answer.
const (
	notNull   = "Member must not be null"
	tooShort  = "Member must have length greater than or equal to %d"
	tooLong   = "Member must have length less than or equal to %d"
	tooSmall  = "Member must have value greater than or equal to %d"
	tooGreat  = "Member must have value less than or equal to %d"
	noMatch   = "Member must satisfy regular expression pattern: %s"
	notInEnum = "Member must satisfy enum value set: [%s]"
	badKey    = "Map keys must satisfy constraint: [%s]"
)

func (d *decoder) violate(list bool, constraint string) {
	if d.lenient || len(d.violations) >= maxViolations {
		return
	}
	at := d.where()
	text := fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", at, constraint)
	d.violations = append(d.violations, Violation{Path: at, Message: text, List: list})
}

func (d *decoder) absent(m *member) {
	d.push(step{name: m.Name})
	d.violate(false, notNull)
	d.pop()
}

func (d *decoder) checkText(s *shape, text string) {
	for _, c := range textFaults(s, text) {
		d.violate(false, c)
	}
}

// textFaults returns the constraints that a string does not satisfy. Length
// counts characters.
func textFaults(s *shape, text string) (faults []string) {
	if s.enum != nil {
		if !s.allows(text) {
			faults = append(faults, fmt.Sprintf(notInEnum, strings.Join(s.enum, ", ")))
		}
		return faults
	}
	if n := int64(utf8.RuneCountInString(text)); n < s.min {
		faults = append(faults, fmt.Sprintf(tooShort, s.min))
	} else if n > s.max {
		faults = append(faults, fmt.Sprintf(tooLong, s.max))
	}
	if s.match != nil && (len(text) > maxMatched || !s.match(text)) {
		faults = append(faults, fmt.Sprintf(noMatch, s.pattern))
	}
	return faults
}

func (d *decoder) checkKey(s *shape, key string) {
	if faults := textFaults(s, key); len(faults) > 0 {
		d.violate(false, fmt.Sprintf(badKey, strings.Join(faults, ", ")))
	}
}

func (d *decoder) checkLength(s *shape, n int) {
	list := s.kind != blobKind
	if int64(n) < s.min {
		d.violate(list, fmt.Sprintf(tooShort, s.min))
	}
	if int64(n) > s.max {
		d.violate(list, fmt.Sprintf(tooLong, s.max))
	}
}

// checkValue compares as floating point, which is exact for all limits of the
// models.
func (d *decoder) checkValue(s *shape, n float64) {
	if s.min != math.MinInt64 && n < float64(s.min) {
		d.violate(false, fmt.Sprintf(tooSmall, s.min))
	}
	if s.max != math.MaxInt64 && n > float64(s.max) {
		d.violate(false, fmt.Sprintf(tooGreat, s.max))
	}
}

// summary joins violations into the one message that clients show.
func summary(vs []Violation) string {
	texts := make([]string, len(vs))
	for i, v := range vs {
		texts[i] = v.Message
	}
	noun := "errors"
	if len(vs) == 1 {
		noun = "error"
	}
	return fmt.Sprintf("%d validation %s detected: %s", len(vs), noun, strings.Join(texts, "; "))
}
