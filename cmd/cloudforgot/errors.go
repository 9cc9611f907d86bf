package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// Exit codes, as the root help documents them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
)

// usageError is a command line, or a variable in its place, that cannot be meant.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func badUsage(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// reportedError is a failure that the user has been shown already; its value is the exit code.
type reportedError int

func (e reportedError) Error() string { return fmt.Sprintf("failed with exit code %d", int(e)) }

// exitCode classifies what a command returned. Input that the emulator refuses counts as wrong usage: it was typed here.
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
