package filter

import (
	"fmt"
	"slices"
	"strings"
)

// A Term is one thing that a list is sorted by. Rows without a value come last,
// whichever the direction, since the databases do not agree on where to put them.
type Term struct {
	SQL      string
	Desc     bool
	Nullable bool
}

// OrderBy returns the terms as an ORDER BY has them.
func OrderBy(terms []Term) string {
	var parts []string
	for _, t := range terms {
		if t.Nullable {
			parts = append(parts, "("+t.SQL+" IS NULL)")
		}
		if t.Desc {
			parts = append(parts, t.SQL+" DESC")
		} else {
			parts = append(parts, t.SQL)
		}
	}
	return strings.Join(parts, ", ")
}

// After returns conditions on the rows that come after the one with the given
// values of the terms, and the arguments they need after those given. Exactly
// one of the conditions holds for each such row: they are branches of a UNION
// ALL. Row values will not do, as SQLite uses but the first column of such a
// comparison. No branch at all means that nothing comes after.
func After(terms []Term, last, args []any) (branches []string, all []any, err error) {
	if len(terms) != len(last) {
		return nil, nil, fmt.Errorf("a place in a list of %d terms has %d values", len(terms), len(last))
	}
	b := &builder{args: slices.Clone(args)}
	// equal asks for the given values of the first n terms.
	equal := func(n int) []string {
		var parts []string
		for i, t := range terms[:n] {
			if last[i] == nil {
				parts = append(parts, t.SQL+" IS NULL")
			} else {
				parts = append(parts, t.SQL+" = "+b.arg(last[i]))
			}
		}
		return parts
	}
	for i, t := range terms {
		if last[i] == nil && !t.Nullable {
			return nil, nil, fmt.Errorf("a place in a list has no %s", t.SQL)
		}
		if last[i] == nil {
			continue // nothing comes after the rows without a value
		}
		beyond := " > "
		if t.Desc {
			beyond = " < "
		}
		branches = append(branches, and(append(equal(i), t.SQL+beyond+b.arg(last[i]))))
		if t.Nullable {
			branches = append(branches, and(append(equal(i), t.SQL+" IS NULL")))
		}
	}
	return branches, b.args, nil
}
