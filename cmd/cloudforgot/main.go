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
	"os"
)

func main() {
	os.Exit(run(os.Args[1:], process{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, lookupEnv: os.LookupEnv}))
}

// process is what a command gets from the system. Data goes to stdout, logs and errors to stderr.
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
		fmt.Fprintln(p.stderr, "cloudforgot:", err)
	}
	if errors.As(err, new(*usageError)) {
		fmt.Fprintf(p.stderr, "`%s --help` shows how it is used.\n", command.CommandPath())
	}
	return code
}
