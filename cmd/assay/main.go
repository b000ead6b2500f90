// Command assay finds vulnerable packages in images, hosts, functions and
// source trees, and keeps the database that it finds them with.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // schedules name time zones, and a bare container has no files of them

	"github.com/alecthomas/kong"
)

// The exit statuses.
const (
	statusDone      = 0
	statusThreshold = 1 // done, and a finding reaches --fail-on
	statusFailed    = 2 // not done
	statusProblems  = 3 // done, but something could not be read
)

// version is set by the build.
var version = "dev" //nolint:gochecknoglobals // the linker writes it

// commands is the whole command line.
type commands struct {
	Scan       scanCommand       `cmd:"" help:"Find vulnerable packages in a target."`
	Explain    explainCommand    `cmd:"" set:"formats=table, json" help:"Say why a target has a vulnerability, or why not."`
	SBOM       sbomCommand       `cmd:"" name:"sbom" set:"formats=${inventoryFormats}" help:"List the packages of a target as an SBOM."`
	DB         dbCommand         `cmd:"" name:"db" help:"Update, build, share, look into, compare and check advisory databases."`
	Serve      serveCommand      `cmd:"" help:"Serve Amazon Inspector's APIs: keep findings, and answer clients."`
	Agent      agentCommand      `cmd:"" help:"Watch this host, and tell a server what it holds as it changes."`
	Admin      adminCommand      `cmd:"" help:"Run a server from afar: accounts, keys, jobs, audit log."`
	Store      storeCommand      `cmd:"" help:"Back up, restore and copy the database of a server that does not run."`
	Completion completionCommand `cmd:"" help:"Print a completion script for a shell."`

	Version kong.VersionFlag `help:"Print the version and leave."`
}

// outcome is how a command that was carried out ended; as an error it carries
// the exit status.
type outcome struct{ status int }

// Error names the status.
func (o outcome) Error() string { return fmt.Sprintf("exit status %d", o.status) }

// edge is what the commands have of the outside.
type edge struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "agent" {
		debug.SetGCPercent(50) // it lives for months, and is to be small
	} else {
		pace(0)
	}
	os.Exit(run(os.Args[1:], edge{os.Stdin, os.Stdout, os.Stderr, os.Getenv}))
}

// pace has the collector run when half of what is in use has been added to it,
// and 12 MB more, and is called again after each run. What a scan holds is mostly
// buffers of fixed sizes: collecting somewhat more often costs little and keeps
// the peak near to them. A program that lives for milliseconds ends before the
// first run.
func pace(int) {
	const least, more = 4 << 20, 12 << 20 // bytes; the heap is never taken to be smaller than the former
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(50 + int(100*more/max(live[0].Value.Uint64(), least))) //nolint:gosec // 350 at most
	runtime.AddCleanup(new([16]byte), pace, 0)
}

// run carries out one command line and returns the exit status.
func run(args []string, e edge) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	bare := len(args) == 0
	if bare {
		args, e.stdout = []string{"--help"}, e.stderr // who knows no command is told them
	}
	var c commands
	exited := -1
	args = spelled(args)
	parser, err := newParser(&c, e, func(code int) { exited = code; panic(leave{}) }, others(args)...)
	if err != nil {
		return complain(e, err)
	}
	k, err := parse(parser, args)
	if bare {
		return statusFailed
	}
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(e.stderr, "assay: %s\nRun \"%s --help\" for %s.\n", usage(err), commandOf(err), helpOf(err))
		return statusFailed
	}
	k.BindTo(ctx, (*context.Context)(nil))
	err = k.Run(e)
	if o, ok := errors.AsType[outcome](err); ok {
		return o.status
	}
	if err != nil {
		return complain(e, err)
	}
	return statusDone
}

// others returns patterns of the commands that a command line does not name. To
// read what all of them may be told takes longer than many a scan. None are left
// out if the first argument is no command, and for completion, which lists them.
func others(args []string) []string {
	var out []string
	named := false
	for _, f := range reflect.VisibleFields(reflect.TypeFor[commands]()) {
		switch {
		case f.Name == "Version":
		case strings.ToLower(f.Name) == args[0]:
			named = f.Name != "Completion"
		default:
			out = append(out, "^commands."+f.Name+"$")
		}
	}
	if !named {
		return nil
	}
	return out
}

// newParser returns the parser of the command line, without the fields of
// commands that match a pattern; exit is called by the flags that print
// something and end the program.
func newParser(c *commands, e edge, exit func(int), without ...string) (*kong.Kong, error) {
	return kong.New(c,
		kong.IgnoreFields(without...),
		kong.Name("assay"),
		kong.Description("Assay finds known vulnerabilities in container images, hosts, functions and source trees."),
		kong.Vars{
			"version": "assay " + version, "formats": strings.Join(formatNames(), ", "), "inventoryFormats": strings.Join(inventoryFormats(), ", "),
			"data": "/var/lib/assay for root, else ~/.local/share/assay/server",
		},
		kong.Writers(e.stdout, e.stderr),
		kong.Configuration(readSettings(e.getenv)),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
	)
}

// spelled returns the arguments with what people try first, "assay help scan"
// and "assay version", in the form that the parser knows.
func spelled(args []string) []string {
	switch {
	case len(args) > 0 && args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	case len(args) == 1 && args[0] == "version":
		return []string{"--version"}
	}
	return args
}

// usage is what is wrong with a command line. The parser shows the end of it,
// and the empty word of an enumeration, as it holds them.
func usage(err error) string {
	text := err.Error()
	if before, _, ok := strings.Cut(text, " value but got \"EOL\""); ok {
		flag, _, _ := strings.Cut(before, ": expected")
		return flag + ": its value is missing"
	}
	return strings.ReplaceAll(text, `must be one of "",`, "must be one of ")
}

// commandOf is the command that a faulty command line names, as far as it goes.
func commandOf(err error) string {
	words := []string{"assay"}
	if p, ok := errors.AsType[*kong.ParseError](err); ok && p.Context != nil {
		for _, t := range p.Context.Path {
			if t.Command != nil {
				words = append(words, t.Command.Name)
			}
		}
	}
	return strings.Join(words, " ")
}

// helpOf says what the help of that command tells.
func helpOf(err error) string {
	if commandOf(err) == "assay" {
		return "the commands"
	}
	return "how it is used"
}

// leave unwinds from the flags that print something and end the program.
type leave struct{}

func parse(parser *kong.Kong, args []string) (k *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(leave); !ok {
				panic(r)
			}
		}
	}()
	return parser.Parse(args)
}

func complain(e edge, err error) int {
	text := err.Error()
	if errors.Is(err, context.Canceled) {
		text = "interrupted"
	}
	fmt.Fprintln(e.stderr, "assay: "+strings.TrimSpace(text))
	return statusFailed
}
