package main

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated files")

const root = "../../.."

// TestGenerated fails when a generated file is not what the definitions say.
func TestGenerated(t *testing.T) {
	t.Parallel()
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2*len(apis) {
		t.Errorf("got %d files, want %d", len(files), 2*len(apis))
	}
	for name, want := range files {
		path := filepath.Join(root, name)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is stale: go run ./internal/api/generate", name)
		}
	}
}

// TestGenerateTwice shows that nothing depends on the order of a map.
func TestGenerateTwice(t *testing.T) {
	t.Parallel()
	first, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		again, err := generate(root)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.EqualFunc(first, again, bytes.Equal) {
			t.Fatal("two runs wrote different files")
		}
	}
}

func TestParseFaults(t *testing.T) {
	t.Parallel()
	const head = "service x rest-json version=1 signing=x\n"
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "no service"},
		{"member first", "  a string\n", "line 1: a member of nothing"},
		{"unknown word", head + "class A\n", `line 2: cannot read "class A"`},
		{"unknown property", "service x rest-json colour=red\n", `line 1: unknown property "colour"`},
		{"status", head + "error E many\n", "line 2: reading status"},
		{"twice", head + "struct A\nenum A B\n", "A is defined twice"},
		{"no type", head + "struct A\n  b [C]\n", "A.b: no type C"},
		{"no input", head + "op O GET / 200 A - E\nerror E 400\n", "operation O: no type A or -"},
		{"no error", head + "op O GET / 200 - - E\n", "operation O: no error E"},
		{"bad member", head + "struct A\n  b [string\n", `line 3: reading member "  b [string": no "]"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := parse(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, want string }{
		{"findingArn", "FindingARN"},
		{"accountIds", "AccountIDs"},
		{"Url", "URL"},
		{"awsConfigConnectorArns", "AwsConfigConnectorARNs"},
		{"identity", "Identity"},
		{"providerIdentity", "ProviderIdentity"},
		{"referenceUrls", "ReferenceURLs"},
	} {
		if got := exported(tt.name); got != tt.want {
			t.Errorf("exported(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
	for _, tt := range []struct{ value, want string }{
		{"DAYS_30", "Days30"},
		{"Microsoft.Compute/virtualMachines", "MicrosoftComputeVirtualMachines"},
		{"ec2-instance", "Ec2Instance"},
		{"X86_64", "X8664"},
	} {
		if got := constant(tt.value); got != tt.want {
			t.Errorf("constant(%q) = %q, want %q", tt.value, got, tt.want)
		}
	}
}
