package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestCommandLineDocument keeps doc/cli.md what the program says of itself.
func TestCommandLineDocument(t *testing.T) {
	t.Parallel()
	var c commands
	parser, err := newParser(&c, edge{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("# The command line\n\nWritten by `make generate` from the program itself.\n\n" +
		"Results go to standard output, everything else to standard error. Exit status: 0 done, 1 done and a finding\n" +
		"reaches `--fail-on`, 2 not done, 3 done but something could not be read or judged; 1 wins over 3.\n")
	document(&b, parser.Model.Node, "assay")
	const path = "../../doc/cli.md"
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("doc/cli.md is stale (%v): run make generate", err)
	}
}

// document writes a command and those below it.
func document(b *bytes.Buffer, n *kong.Node, path string) {
	if len(n.Children) == 0 {
		fmt.Fprintf(b, "\n## %s\n\n%s\n\n", path, n.Help)
		for _, a := range n.Positional {
			fmt.Fprintf(b, "- `%s`: %s\n", a.Summary(), a.Help)
		}
		for _, f := range n.Flags {
			if f.Name == "help" || f.Name == "version" {
				continue
			}
			fmt.Fprintf(b, "- `%s`: %s", f.String(), f.Help)
			if f.HasDefault && f.Default != "" {
				fmt.Fprintf(b, " Default: `%s`.", f.Default)
			}
			if len(f.Envs) > 0 {
				fmt.Fprintf(b, " Environment: `%s`.", strings.Join(f.Envs, "`, `"))
			}
			b.WriteString("\n")
		}
		if n.Detail != "" {
			fmt.Fprintf(b, "\n```\n%s\n```\n", n.Detail)
		}
	}
	for _, c := range n.Children {
		document(b, c, path+" "+c.Name)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	e := edge{stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}
	if got := run([]string{"--version"}, e); got != 0 || out.String() != "assay dev\n" || errs.Len() != 0 {
		t.Errorf("status %d, %q, %q", got, &out, &errs)
	}
}
