package store

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"
)

// partitions is how many parts of the large tables PostgreSQL keeps, by
// account. It cannot be changed cheaply once there is data.
const partitions = 32

// A dialect is what the one SQL text cannot say for both databases.
type dialect struct {
	goose   goose.Dialect
	words   map[string]string // what stands for a word in angle brackets in a migration
	parted  bool              // large tables are partitioned, and their keys begin with the account
	lock    string            // ends a SELECT whose rows are about to be changed
	rows    int               // that one INSERT brings; more gain nothing
	idBlock int64             // ids reserved at once; 0 if they are taken within the transaction
}

var sqliteDialect = dialect{
	goose: goose.DialectSQLite3,
	words: map[string]string{
		"C": "", "WR": " WITHOUT ROWID", "BLOB": "BLOB", "F64": "REAL", "ID": "INTEGER PRIMARY KEY", "PART": "",
	},
	rows: 8, // the driver takes a time for binding that grows with the square of the values
}

var postgresDialect = dialect{
	goose: goose.DialectPostgres,
	words: map[string]string{
		"C": `COLLATE "C"`, "WR": "", "BLOB": "BYTEA", "F64": "DOUBLE PRECISION",
		"ID": "BIGINT NOT NULL", "PART": " PARTITION BY HASH (account_id)",
	},
	parted:  true,
	lock:    " FOR UPDATE",
	rows:    50,
	idBlock: 1000,
}

var word = regexp.MustCompile(`<([A-Z0-9]+)(?:\(([a-z_]+)\))?>`)

// render fills in the words of a migration.
func (d dialect) render(text string) (string, error) {
	var unknown []string
	out := word.ReplaceAllStringFunc(text, func(s string) string {
		m := word.FindStringSubmatch(s)
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
