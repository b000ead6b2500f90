package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite doc/cli.md and the wanted output of scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"assay": main})
}

// TestScripts runs the program as users do. Scripts have the commands
//
//	status N assay ...   runs the program, which must end with status N
//	image DIR TREE...    makes an OCI layout of one layer for each tree
//	push LAYOUT REF      pushes it to the registry at $REGISTRY
//	same A B             compares two files by their bytes
//	serve DATA FLAG...   runs a server, as a process of its own, and tells where and with which key in the environment
//	stop                 stops it, as an operator does
func TestScripts(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(registry.New(registry.Logger(slog.NewLogLogger(slog.DiscardHandler, slog.LevelError))))
	t.Cleanup(srv.Close)
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Values[servedKey{}] = &served{}
			e.Setenv("EXAMPLES", examples)
			e.Setenv("REGISTRY", srv.Listener.Addr().String())
			// A real registry, which test/registry.sh starts.
			e.Setenv("ASSAY_TEST_REGISTRY", os.Getenv("ASSAY_TEST_REGISTRY"))
			e.Setenv("ASSAY_ADVISORIES", os.Getenv("ASSAY_ADVISORIES"))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if variable, ok := strings.CutPrefix(cond, "env:"); ok {
				return os.Getenv(variable) != "", nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": status, "image": image, "push": push, "same": same, "serve": serve, "stop": stop,
		},
	})
}

// A served is the server of a script.
type served struct{ cmd *exec.Cmd }

type servedKey struct{}

var (
	servesAt = regexp.MustCompile(`msg=serving url=(\S+)`)
	firstKey = regexp.MustCompile(`access key +(\S+)\n +secret access key +(\S+)`)
)

func serve(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: serve DATA FLAG...")
	}
	program, err := exec.LookPath("assay") // as scripts run it
	ts.Check(err)
	args = slices.Concat([]string{"serve", "--listen", "127.0.0.1:0", "--data", ts.MkAbs(args[0])}, args[1:])
	cmd := exec.CommandContext(context.Background(), program, args...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), []string{"HOME=" + ts.Getenv("HOME"), "ASSAY_DATABASE=" + ts.Getenv("ASSAY_DATABASE")}
	told, err := os.Create(ts.MkAbs("server.out")) // a file, since the process goes on writing
	ts.Check(err)
	ts.Defer(func() { _ = told.Close() })
	cmd.Stdout = told
	log, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { _ = cmd.Process.Kill() }) // it may have been stopped
	ts.Value(servedKey{}).(*served).cmd = cmd
	for lines := bufio.NewScanner(log); lines.Scan(); {
		ts.Logf("%s", lines.Text())
		m := servesAt.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		ts.Setenv("ASSAY_SERVER", m[1])
		stdout, err := os.ReadFile(told.Name())
		ts.Check(err)
		if key := firstKey.FindStringSubmatch(string(stdout)); key != nil {
			ts.Setenv("AWS_ACCESS_KEY_ID", key[1])
			ts.Setenv("AWS_SECRET_ACCESS_KEY", key[2])
		}
		go func() { _, _ = io.Copy(io.Discard, log) }() // ends with the process
		return
	}
	ts.Fatalf("the server ended: %v", cmd.Wait())
}

func stop(ts *testscript.TestScript, _ bool, _ []string) {
	cmd := ts.Value(servedKey{}).(*served).cmd
	ts.Check(cmd.Process.Signal(os.Interrupt))
	ts.Check(cmd.Wait())
}

func status(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("running %s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func image(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: image DIR TREE...")
	}
	img := empty.Image
	config, err := img.ConfigFile()
	ts.Check(err)
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	img, err = mutate.ConfigFile(img, config)
	ts.Check(err)
	for _, tree := range args[1:] {
		l, err := treeLayer(ts.MkAbs(tree))
		ts.Check(err)
		img, err = mutate.Append(img, mutate.Addendum{Layer: l, History: v1.History{CreatedBy: "COPY " + tree + " /"}})
		ts.Check(err)
	}
	p, err := layout.Write(ts.MkAbs(args[0]), empty.Index)
	ts.Check(err)
	ts.Check(p.AppendImage(img))
}

// treeLayer makes a layer of all files below dir, in their order.
func treeLayer(dir string) (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: filepath.ToSlash(rel), Mode: 0o644, Size: int64(len(body))}); err != nil {
			return err
		}
		_, err = w.Write(body)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
}

func push(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: push LAYOUT REF")
	}
	index, err := layout.ImageIndexFromPath(ts.MkAbs(args[0]))
	ts.Check(err)
	manifest, err := index.IndexManifest()
	ts.Check(err)
	img, err := index.Image(manifest.Manifests[0].Digest)
	ts.Check(err)
	ref, err := name.ParseReference(args[1])
	ts.Check(err)
	ts.Check(remote.Write(ref, img))
}

func same(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same A B")
	}
	if equal := ts.ReadFile(args[0]) == ts.ReadFile(args[1]); equal == neg {
		ts.Fatalf("%s and %s: equal is %v", args[0], args[1], equal)
	}
}
