package bridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twilio/twilio-go/client"
)

// Twilio's error codes that the bridge acts on.
const (
	codeNotFound      = 20404
	codeUniqueName    = 50353 // UniqueName is taken in this service
	codeBindingExists = 50416 // (Address, ProxyAddress) is bound in another conversation, which the message names
)

// callError is a call to Twilio that failed.
type callError struct {
	status     int           // HTTP status; 0: no answer was had
	code       int           // Twilio's code; 0: the answer was no Twilio error
	message    string        // Twilio's words, or those of the network, without URL and parameters
	retryAfter time.Duration // what the answer asked for; 0: nothing
	cause      error
}

func newCallError(err error) *callError {
	if known := new(callError); errors.As(err, &known) {
		return known
	}
	failed := &callError{message: err.Error(), cause: err}
	if inURL := new(url.Error); errors.As(err, &inURL) {
		failed.message = inURL.Err.Error() // the URL may hold the customer's number
	}
	if rest := new(client.TwilioRestError); errors.As(err, &rest) {
		failed.status, failed.code, failed.message = rest.Status, rest.Code, rest.Message
	}
	return failed
}

func (e *callError) Error() string {
	switch {
	case e.code != 0:
		return fmt.Sprintf("%d/%d: %s", e.status, e.code, e.message)
	case e.status != 0:
		return fmt.Sprintf("%d: %s", e.status, e.message)
	}
	return e.message
}

// Unwrap gives backoff the wait that Twilio asked for.
func (e *callError) Unwrap() []error {
	if e.retryAfter > 0 {
		return []error{e.cause, &backoff.RetryAfterError{Duration: e.retryAfter}}
	}
	return []error{e.cause}
}

// harmless reports whether the call cannot have had an effect, so that the same call may simply be made again: Twilio
// refused it for now, or no connection was had.
func (e *callError) harmless() bool {
	if e.status == http.StatusTooManyRequests || e.status == http.StatusServiceUnavailable {
		return true
	}
	op := new(net.OpError)
	return errors.As(e.cause, &op) && op.Op == "dial" && !errors.Is(e.cause, context.Canceled)
}

// hasCode reports whether err is Twilio's error with that code.
func hasCode(err error, code int) bool {
	failed := new(callError)
	return errors.As(err, &failed) && failed.code == code
}

// notFound reports whether err says that what was asked for does not exist (any more).
func notFound(err error) bool {
	failed := new(callError)
	return errors.As(err, &failed) && (failed.code == codeNotFound || failed.status == http.StatusNotFound)
}

var conversationSID = regexp.MustCompile(`\bCH[0-9a-fA-F]{32}\b`)

// boundConversation returns the conversation that an error 50416 names, "" when it names none.
func boundConversation(err error) string {
	failed := new(callError)
	if !errors.As(err, &failed) || failed.code != codeBindingExists {
		return ""
	}
	return conversationSID.FindString(failed.message)
}
