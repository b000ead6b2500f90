// Command assay-agent is the agent alone: what "assay agent" does, in a program
// that has nothing else.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/assay-project/assay/internal/agent"
)

// version is set by the build.
var version = "dev" //nolint:gochecknoglobals // the linker writes it

// commands is the whole command line.
type commands struct {
	Run    agent.RunCommand    `cmd:"" help:"Watch this host, and report what it holds as it changes."`
	Enroll agent.EnrollCommand `cmd:"" help:"Make this host known to a server, with a token of it."`
	Status agent.StatusCommand `cmd:"" help:"Show what the agent on this host does."`
	Once   agent.OnceCommand   `cmd:"" help:"Report once what this host holds."`

	Version kong.VersionFlag `help:"Print the version and leave."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Name("assay-agent"), kong.Description("Assay's agent tells a server what this host holds, as it changes."),
		kong.Vars{"version": "assay-agent " + version}, kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	k.BindTo(ctx, (*context.Context)(nil))
	err := k.Run(agent.Outside{Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now, Version: version})
	if err == nil {
		return
	}
	text := err.Error()
	if errors.Is(err, context.Canceled) {
		text = "interrupted"
	}
	fmt.Fprintln(os.Stderr, "assay-agent: "+strings.TrimSpace(text))
	stop()
	os.Exit(2) //nolint:gocritic // stop has been called
}
