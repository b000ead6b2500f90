package server

import (
	"testing"

	"github.com/assay-project/assay/internal/store"
	"github.com/assay-project/assay/internal/store/storetest"
)

// databases are the places to keep things in: a database file in the data
// folder, and a database of PostgreSQL.
func databases(t *testing.T) map[string]func(t *testing.T) string {
	t.Helper()
	return map[string]func(t *testing.T) string{
		"sqlite":   func(*testing.T) string { return "" },
		"postgres": postgres,
	}
}

// postgres makes an empty database, which goes with the test, and returns its
// address.
func postgres(t *testing.T) string {
	t.Helper()
	return storetest.Postgres(t, store.Open)
}
