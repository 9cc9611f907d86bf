// Package invalid marks the errors that are the caller's mistake, apart from those that are the emulator's: a misspelt
// phone number is one, a full disk is not.
//
// Twilio's API has its own form for such errors (a code and a status). This mark is for what only the control API and Go
// callers can ask for. The control API answers a marked error with status 400 and its text, and any other with 500.
package invalid

import (
	"errors"
	"fmt"
)

// Error is a mistake of the caller. Its text says what is wrong and what to do, and is meant to be shown.
type Error struct{ err error }

// Errorf returns an *Error with a text formatted as by fmt.Errorf; %w wraps.
func Errorf(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }

// Is reports whether an error is, or wraps, a mistake of the caller.
func Is(err error) bool {
	var mistake *Error
	return errors.As(err, &mistake)
}

func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the formatted error, which leads on to what %w wrapped.
func (e *Error) Unwrap() error { return e.err }
