package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// fillTables puts something into every table of a store.
func fillTables(tb testing.TB, s *Store, resources int) {
	tb.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	for i := range resources {
		account := []org.Account{alice, bob}[i%2]
		scan := Scan{Resource: image(account, i), Findings: vulnerabilities(r, 20, 200)}
		if _, err := s.Record(tb.Context(), org.Only(account), []Scan{scan}, start); err != nil {
			tb.Fatal(err)
		}
	}
	list, err := tables(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	err = s.Update(tb.Context(), func(tx *Tx) error {
		for _, t := range list {
			some, err := t.some(tb.Context(), tx.tx)
			if err != nil {
				return err
			}
			if !some {
				if err := invent(tb, s, tx.tx, t); err != nil {
					return fmt.Errorf("filling %s: %w", t.name, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// invent adds rows of made-up values to a table, among them what is hard to
// carry from one database to another.
func invent(tb testing.TB, s *Store, tx *sql.Tx, t table) error {
	tb.Helper()
	types := map[string]string{}
	must := map[string]bool{}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := migrate(tb.Context(), db, sqliteDialect); err != nil {
		return err
	}
	err = each(tb.Context(), db, `SELECT name, type, "notnull" FROM pragma_table_info($1)`, []any{t.name}, func(rows *sql.Rows) error {
		var name, typ string
		var not bool
		err := rows.Scan(&name, &typ, &not)
		types[name], must[name] = typ, not
		return err
	})
	if err != nil {
		return err
	}
	for i := range 3 {
		var row []any
		for _, c := range t.columns {
			switch typ := types[c]; {
			case !must[c] && i == 0 && !strings.Contains(strings.Join(t.key, " "), c):
				row = append(row, nil)
			case typ == "BLOB":
				row = append(row, []byte{0, 255, byte(i)})
			case typ == "REAL":
				row = append(row, float64(i)/3)
			case typ == "SMALLINT", typ == "INTEGER":
				row = append(row, int64(i))
			case typ == "BIGINT":
				row = append(row, int64(i)<<53+1)
			default:
				row = append(row, fmt.Sprintf(`{"ä":"%d\u0000'"}`, i))
			}
		}
		if err := s.insert(tb.Context(), tx, `INSERT INTO `+t.name+` (`+strings.Join(t.columns, ", ")+`)`, "", [][]any{row}); err != nil {
			return err
		}
	}
	return nil
}

// sumsOf returns the sums of every table.
func sumsOf(tb testing.TB, s *Store) map[string]sums {
	tb.Helper()
	list, err := tables(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]sums{}
	for _, t := range list {
		x := sums{}
		if err := t.rows(tb.Context(), s.read, func(row []any) error { return x.add(t, row) }); err != nil {
			tb.Fatal(err)
		}
		out[t.name] = x
	}
	return out
}

func sameSums(t *testing.T, want, got map[string]sums) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(sum{})); diff != "" {
		t.Error(diff)
	}
	for name, s := range want {
		if len(s) == 0 {
			t.Errorf("table %s was not looked at: it is empty", name)
		}
	}
}

func TestCopy(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, from *Store) {
		fillTables(t, from, 10)
		want := sumsOf(t, from)
		for name, place := range map[string]func(t *testing.T) string{
			"sqlite":   func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "copy.db") },
			"postgres": func(t *testing.T) string { t.Helper(); return postgres(t) },
		} {
			t.Run("to "+name, func(t *testing.T) {
				to := open(t, place(t))
				var last Copied
				done, err := Copy(t.Context(), from, to, func(c Copied) { last = c })
				if err != nil {
					t.Fatal(err)
				}
				if len(done) != len(want) || last != done[len(done)-1] {
					t.Errorf("copied %v, last %v", done, last)
				}
				sameSums(t, want, sumsOf(t, to))
				// The copy works on: new ids do not meet old ones.
				fresh := Scan{Resource: image(alice, 1000), Findings: vulnerabilities(rand.New(rand.NewPCG(1, 1)), 50, 1000)}
				if _, err := to.Record(t.Context(), org.Only(alice), []Scan{fresh}, start); err != nil {
					t.Error(err)
				}
				if _, err := Copy(t.Context(), from, to, nil); fault.KindOf(err) != fault.Conflict {
					t.Errorf("copied over another: %v", err)
				}
			})
		}
	})
}

// TestCopyRefuses: what fails leaves the target empty.
func TestCopyRefuses(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, to *Store) {
		ctx := t.Context()
		other, err := Open(ctx, filepath.Join(t.TempDir(), "other.db"), [32]byte{2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Copy(ctx, other, to, nil); fault.KindOf(err) != fault.Conflict {
			t.Errorf("with another key: %v", err)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
		from := open(t, filepath.Join(t.TempDir(), "from.db"))
		fillTables(t, from, 2)
		stopped, stop := context.WithCancel(ctx)
		if _, err := Copy(stopped, from, to, func(Copied) { stop() }); err == nil {
			t.Error("it was stopped, and went on")
		}
		if _, err := from.write.ExecContext(ctx, `UPDATE goose_db_version SET version_id = 99 WHERE version_id = 2`); err != nil {
			t.Fatal(err)
		}
		if _, err := Copy(ctx, from, to, nil); fault.KindOf(err) != fault.Conflict {
			t.Errorf("of another version: %v", err)
		}
		if _, err := from.write.ExecContext(ctx, `UPDATE goose_db_version SET version_id = 2 WHERE version_id = 99`); err != nil {
			t.Fatal(err)
		}
		if _, err := Copy(ctx, from, to, nil); err != nil {
			t.Errorf("at last: %v", err)
		}
	})
}

// TestSums: a sum sees every kind of difference.
func TestSums(t *testing.T) {
	t.Parallel()
	tab := table{columns: []string{"account_id", "v", "w"}, account: 0}
	of := func(rows ...[]any) sums {
		s := sums{}
		for _, r := range rows {
			if err := s.add(tab, r); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	a, b := []any{int64(1), "ab", "c"}, []any{int64(2), "x", nil}
	if err := of(a, b).compare(of(b, a)); err != nil {
		t.Errorf("the order matters: %v", err)
	}
	for _, other := range []sums{
		of(a), of(a, a), of(a, b, b), of(), of(a, []any{int64(3), "x", nil}), of(a, []any{int64(2), "x", ""}), of(a, []any{int64(2), []byte("x"), nil}),
		of([]any{int64(1), "a", "bc"}, b), of(a, []any{int64(2), int64(0), nil}),
	} {
		if err := of(a, b).compare(other); err == nil {
			t.Errorf("%v is taken for the same", other)
		}
	}
}

func TestBackup(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		fillTables(t, s, 10)
		want := sumsOf(t, s)
		folder := t.TempDir()
		backup := filepath.Join(folder, "backup.db")
		if err := os.WriteFile(backup+".part", []byte("of an earlier attempt"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Backup(ctx, backup); err != nil {
			t.Fatal(err)
		}
		if err := s.Backup(ctx, backup); fault.KindOf(err) != fault.Conflict {
			t.Errorf("written over another: %v", err)
		}
		files, err := os.ReadDir(folder)
		if err != nil || len(files) != 1 {
			t.Errorf("beside the backup there are %v, %v", files, err)
		}
		// What comes later is not in it, and the store can still be written to.
		fillTables(t, s, 12)
		before, err := os.ReadFile(backup)
		if err != nil {
			t.Fatal(err)
		}
		places := map[string]string{"sqlite": filepath.Join(t.TempDir(), "restored.db")}
		if os.Getenv("ASSAY_TEST_POSTGRES") != "" {
			t.Run("to", func(t *testing.T) { places["postgres"] = postgres(t); restore(t, backup, places, want) })
		} else {
			restore(t, backup, places, want)
		}
		after, err := os.ReadFile(backup)
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("restoring changed the backup: %v", err)
		}
	})
}

func restore(t *testing.T, backup string, places map[string]string, want map[string]sums) {
	t.Helper()
	for name, place := range places {
		if err := Restore(t.Context(), backup, place, [32]byte{1}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := Restore(t.Context(), backup, place, [32]byte{1}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: restored over another: %v", name, err)
		}
		s, err := Open(t.Context(), place, [32]byte{1})
		if err != nil {
			t.Fatal(err)
		}
		sameSums(t, want, sumsOf(t, s))
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, filepath.Join(folder, "assay.db"))
	fillTables(t, s, 5)
	backup := filepath.Join(folder, "backup.db")
	if err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	for i := len(damaged) / 3; i < len(damaged)/2; i++ {
		damaged[i] = 0xaa
	}
	newer := filepath.Join(folder, "newer.db")
	for path, content := range map[string][]byte{"damaged.db": damaged, "short.db": whole[:len(whole)/2], "text.db": []byte("no database"), "newer.db": whole} {
		if err := os.WriteFile(filepath.Join(folder, path), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", newer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fault.Kind{
		"damaged.db": fault.Invalid, "short.db": fault.Invalid, "text.db": fault.Invalid, "newer.db": fault.Conflict, "none.db": fault.Internal,
	} {
		place := filepath.Join(t.TempDir(), "restored.db")
		if err := Restore(t.Context(), filepath.Join(folder, path), place, [32]byte{1}); fault.KindOf(err) != want {
			t.Errorf("%s: %v, want a fault %s", path, err, want)
		}
		if err := absent(place); err != nil {
			t.Errorf("%s: a file is left: %v", path, err)
		}
	}
}
