package vulndb

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/assay-project/assay/advisory"
)

// killedTask, in the environment, makes this test program the writer that
// TestKilled kills, in the working directory: it names what to do.
const killedTask = "ASSAY_TEST_KILLED_TASK"

// editions are the two databases that the writer writes in turn.
func editions(path string, n int) error {
	b := NewBuilder(BuildOptions{Built: day(1 + n%2)})
	for i := range 200 {
		if err := b.Add(about(fmt.Sprintf("X-%d", i), npm, fmt.Sprintf("p%d", i), fmt.Sprintf("%d.0.%d", n%2, i))); err != nil {
			return err
		}
	}
	if err := b.Enrich(&advisory.Enrichment{CVE: "CVE-2024-1111", Title: fmt.Sprint(n % 2)}); err != nil {
		return err
	}
	_, err := b.WriteFiles(path)
	return err
}

// write does what a writer does until it is killed.
func write(task, path string) error {
	if task == "half" {
		return replaceFile(path, func(w io.Writer) error {
			if _, err := w.Write(make([]byte, 10_000)); err != nil {
				return err
			}
			fmt.Println("half is written")
			select {}
		})
	}
	for n := 0; ; n++ {
		if err := editions(path, n); err != nil {
			return err
		}
		fmt.Println("written", n)
	}
}

// TestKilled kills a process while it writes. What lies at the path is the old
// database or the new one, whole.
func TestKilled(t *testing.T) {
	if task := os.Getenv(killedTask); task != "" {
		t.Fatal(write(task, "assay.db"))
	}
	t.Parallel()
	for i, task := range []string{"half", "whole", "whole", "whole", "whole", "whole"} {
		path := filepath.Join(t.TempDir(), "assay.db")
		if err := editions(path, 1); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		kill(t, task, filepath.Dir(path), 1+5*i)
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if task == "half" && !bytes.Equal(before, after) {
			t.Error("the old database is not what it was")
		}
		enrich, err := os.ReadFile(EnrichmentPath(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, data := range [][]byte{after, enrich} {
			if err := verifyBytes(data); err != nil {
				t.Errorf("%s: %v", task, err)
			}
		}
	}
}

// kill starts a writer in dir, waits until it has said lines, and kills it.
func kill(t *testing.T, task, dir string, lines int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestKilled$")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), killedTask+"="+task)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for n := range lines {
		if !said.Scan() {
			t.Fatalf("the writer said %d lines, want %d", n, lines)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the writer came to an end by itself")
	}
}
