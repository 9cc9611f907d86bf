// Command bridge runs the bridge alone: an HTTP server that turns inbound messages of a WhatsApp sandbox into Twilio
// Conversations. It holds the flags, the environment and the exit codes; everything else is in package bridge.
//
// Exit codes: 0 stopped as asked, 1 failed while running, 2 wrong flags or configuration, 3 cannot listen.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes, as --help documents them.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
	exitListen = 3
)

func main() { os.Exit(runUntilSignal()) }

func runUntilSignal() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

// run executes the command line and returns its exit code. Data goes to stdout, logs and errors to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := newCommand() //nolint:contextcheck // commands get theirs from ExecuteContext, workers outlive any
	// For nil cobra takes the arguments of the process, which in a test are the test's.
	command.SetArgs(append([]string{}, args...))
	command.SetOut(stdout)
	command.SetErr(stderr)
	err := command.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(stderr, "error:", err)
	if coded := new(exitError); errors.As(err, &coded) {
		return coded.code
	}
	return exitUsage
}

// exitError is an error that has its own exit code. Any other error is one of usage.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }
