package store

import (
	"fmt"
	"math"
	"math/bits"
	"regexp"
	"strings"
	"sync"

	"github.com/pressly/goose/v3"

	"github.com/assay-project/assay/internal/org"
)

// partitions is how many parts of the table of findings PostgreSQL keeps, by
// account. It cannot be changed cheaply once there is data.
const partitions = 32

// A dialect is what the one SQL text cannot say for both databases.
type dialect struct {
	goose   goose.Dialect
	words   map[string]string // what stands for a word in angle brackets in a migration
	parted  bool              // findings are partitioned, and their keys begin with the account
	lock    string            // ends a SELECT whose rows are about to be changed
	rows    int               // that one INSERT brings; more gain nothing
	values  int               // that one condition has; more gain nothing
	idBlock int64             // ids reserved at once; 0 if they are taken within the transaction
}

var sqliteDialect = dialect{
	goose: goose.DialectSQLite3,
	words: map[string]string{
		"C": "", "WR": " WITHOUT ROWID", "BLOB": "BLOB", "F64": "REAL", "NUMBER": "INTEGER PRIMARY KEY", "ID": "INTEGER PRIMARY KEY", "PART": "", "FILL": "",
		"SQLITE": "", "POSTGRES": "-- ",
	},
	rows:   8, // the driver takes a time for binding that grows with the square of the values
	values: 5000,
}

var postgresDialect = dialect{
	goose: goose.DialectPostgres,
	words: map[string]string{
		"C": `COLLATE "C"`, "WR": "", "BLOB": "BYTEA", "F64": "DOUBLE PRECISION",
		"NUMBER": "BIGINT PRIMARY KEY", "ID": "BIGINT NOT NULL", "PART": " PARTITION BY HASH (account_id)",
		"FILL": " WITH (fillfactor = 85)", "SQLITE": "-- ", "POSTGRES": "",
	},
	parted:  true,
	lock:    " FOR UPDATE",
	rows:    5000,
	values:  5000,
	idBlock: 1000,
}

var word = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<([A-Z0-9]+)(?:\(([a-z_]+)\))?>`) })

// render fills in the words of a migration. The name of a database before a line
// makes the line a comment in the other. KEY(number), PART and PARTS(table)
// are for the one table that is partitioned, which is that of findings: the
// number is unique within an account there, and its partitions follow it.
func (d dialect) render(text string) (string, error) {
	var unknown []string
	out := word().ReplaceAllStringFunc(text, func(s string) string {
		m := word().FindStringSubmatch(s)
		switch name, arg := m[1], m[2]; {
		case name == "KEY" && arg != "":
			if !d.parted {
				return ""
			}
			return fmt.Sprintf(",\n    PRIMARY KEY (account_id, %s)", arg)
		case name == "PARTS" && arg != "":
			return d.parts(arg)
		default:
			w, ok := d.words[name]
			if !ok || arg != "" {
				unknown = append(unknown, s)
			}
			return w
		}
	})
	if len(unknown) > 0 {
		return "", fmt.Errorf("unknown words %s", strings.Join(unknown, ", "))
	}
	return out, nil
}

// parts returns the statements that make the partitions of a table.
func (d dialect) parts(table string) string {
	if !d.parted {
		return ""
	}
	var b strings.Builder
	for i := range partitions {
		fmt.Fprintf(&b, "CREATE TABLE %[1]s_p%02[2]d PARTITION OF %[1]s FOR VALUES WITH (MODULUS %[3]d, REMAINDER %[2]d);\n",
			table, i, partitions)
	}
	return b.String()
}

// partOf returns the number of the partition that has the rows of an account;
// 0 where there are none. PostgreSQL finds it too, but only after it has looked
// at all of them, which takes longer than most statements run.
// Source: PostgreSQL, src/common/hashfn.c, hash_bytes_uint32_extended;
// src/backend/access/hash/hashfunc.c, hashint8extended;
// src/backend/partitioning/partbounds.c, compute_partition_hash_value. They are
// forever: data on disk depends on them.
func (d dialect) partOf(account org.Account) int64 {
	if !d.parted {
		return 0
	}
	const seed, combine = 0x7A5B22367996DCFD, 0x49a0f4dd15e5a8e3
	low, high := uint32(account), uint32(account>>32) //nolint:gosec // accounts are positive: the two halves of the number
	return int64((hash32(low^high, seed) + combine) % partitions)
}

// hash32 is PostgreSQL's hash of a number of 32 bits: Jenkins' lookup3.
func hash32(k uint32, seed uint64) uint64 {
	const start = 0x9e3779b9 + 4 + 3923095
	a, b, c := start+uint32(seed>>32), start+uint32(seed&math.MaxUint32), uint32(start)
	for _, r := range [...]int{4, 6, 8, 16, 19, 4} {
		a, c = (a-c)^bits.RotateLeft32(c, r), c+b
		a, b, c = b, c, a
	}
	a += k
	for _, r := range [...]int{14, 11, 25, 16, 4, 14, 24} {
		c = (c ^ b) - bits.RotateLeft32(b, r)
		a, b, c = b, c, a
	}
	return uint64(a)<<32 | uint64(b) // seven turns on, b is in a, and c in b
}

// anyNumber returns the condition that a column has one of the numbers. SQLite
// reads them sooner in the text than bound; PostgreSQL keeps the plan of a text.
func (d dialect) anyNumber(a *arguments, column string, list []int64) string {
	if d.parted {
		return anyOf(d, a, column, list)
	}
	return inNumbers(column, list)
}

// findings returns what the table of findings is called where a statement is
// about one partition of it only; with allParts, about any.
func (d dialect) findings(part int64) string {
	if !d.parted || part == allParts {
		return "finding"
	}
	return fmt.Sprintf("finding_p%02d", part)
}
