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

// TestConfigurationDocument keeps doc/configuration.md what the program says of
// the settings of its server.
func TestConfigurationDocument(t *testing.T) {
	t.Parallel()
	var c commands
	parser, err := newParser(&c, edge{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("# Configuration of the server\n\nWritten by `make generate` from the program itself.\n\n" +
		"Each setting of `assay serve` is a flag, an environment variable, and a key of the TOML file that `--config` names, in this\n" +
		"order of precedence. A key that is not known, or a value that cannot be, stops the server with a message that names it.\n\n" +
		"```toml\nlisten = \"0.0.0.0:8443\"\ntls-cert = \"/etc/assay/server.pem\"\ntls-key = \"/etc/assay/server.key\"\nworkers = 4\n```\n")
	group := ""
	for _, n := range parser.Model.Children {
		if n.Name != "serve" {
			continue
		}
		for _, f := range n.Flags {
			if f.Group == nil || f.Name == "help" {
				continue
			}
			if f.Group.Title != group {
				group = f.Group.Title
				fmt.Fprintf(&b, "\n## %s\n\n| key | environment | default | |\n|---|---|---|---|\n", group)
			}
			standard := ""
			if f.HasDefault && f.Default != "" {
				standard = "`" + f.Default + "`"
			}
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", f.Name, strings.Join(f.Envs, "`, `"), standard, strings.ReplaceAll(f.Help, "|", `\|`))
		}
	}
	const path = "../../doc/configuration.md"
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, b.Bytes()) {
		t.Errorf("doc/configuration.md is stale (%v): run make generate", err)
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
