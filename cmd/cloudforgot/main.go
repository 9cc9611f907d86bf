// Command cloudforgot starts a Twilio account and its WhatsApp sandbox on this machine, and drives them: phones, sandbox,
// clock, traffic, a chat in the terminal, and Gherkin features.
//
// It holds flags, environment, wiring and exit codes, and nothing else. A command line passes through: the flags, the
// environment for flags that were not given, the checks of what was typed, and then one call of package emulator's
// control client, tui or features/steps. up and chat also start an emulator with its bridges (stack.go).
//
// It is not the bridge for Twilio itself: that is cmd/bridge.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/cloudforgot/cloudforgot/cmd/cloudforgot/internal/quickstart"
	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// The rest of the program is initialised by now, and has what it may see of PATH.
var _ = quickstart.RestorePath()

func main() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		emulator.TuneGarbageCollector()
	}
	os.Exit(run(os.Args[1:], process{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, lookupEnv: os.LookupEnv}))
}

// process holds the streams and the environment of a command. Data goes to stdout, logs and errors to stderr.
type process struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lookupEnv      func(name string) (string, bool)
}

// run executes a command line, without the program's name, and returns its exit code.
func run(args []string, p process) int {
	root := p.rootCommand()
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	command, err := root.ExecuteContextC(context.Background())
	if err == nil {
		return exitOK
	}
	code := exitCode(err)
	if !errors.As(err, new(reportedError)) {
		p.note("cloudforgot: %v", err)
	}
	if errors.As(err, new(*usageError)) {
		p.note("`%s --help` shows how it is used.", command.CommandPath())
	}
	return code
}

// Exit codes, as the root help documents them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
)

// usageError is a command line, or a variable in its place, that is not valid.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func badUsage(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// reportedError is a failure that the user has been shown already; its value is the exit code.
type reportedError int

func (e reportedError) Error() string { return fmt.Sprintf("failed with exit code %d", int(e)) }

// exitCode classifies what a command returned. Input that the emulator refuses counts as wrong usage, since it comes from the command line.
func exitCode(err error) int {
	var reported reportedError
	var usage *usageError
	var unreachable *control.UnreachableError
	var refused *control.Error
	switch {
	case errors.As(err, &reported):
		return int(reported)
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &unreachable):
		return exitUnreachable
	case errors.As(err, &refused) && refused.Status == http.StatusBadRequest:
		return exitUsage
	}
	return exitFailed
}
