package bridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/twilio/twilio-go/client"
)

// Twilio's error codes that the bridge acts on.
const (
	codeAuthenticate  = 20003 // wrong credentials
	codeNotFound      = 20404
	codeUniqueName    = 50353 // UniqueName is taken in this service
	codeClosed        = 50377 // the conversation is closed
	codeBindingExists = 50416 // (Address, ProxyAddress) is bound in another conversation, which the message names
	codeBindingHere   = 50437 // the pair is bound in this very conversation
)

// passingCodes are the codes of conflicts with a concurrent change.
var passingCodes = []int{20409, 50213, 50334, 50349, 50386, 50391, 50419, 50514}

// callError is a call to Twilio that failed.
type callError struct {
	operation  string        // method and route
	status     int           // HTTP status; 0: no answer was had
	code       int           // Twilio's code; 0: the answer was no Twilio error
	message    string        // Twilio's words, or those of the network, without URL and parameters
	retryAfter time.Duration // what the answer asked for; 0: nothing
	cause      error
}

func newCallError(operation string, err error) *callError {
	if known := new(callError); errors.As(err, &known) {
		return known
	}
	failed := &callError{operation: operation, message: err.Error(), cause: err}
	if inURL := new(url.Error); errors.As(err, &inURL) {
		failed.message = inURL.Err.Error() // the URL may hold the customer's number
	}
	if rest := new(client.TwilioRestError); errors.As(err, &rest) {
		failed.status, failed.code, failed.message = rest.Status, rest.Code, rest.Message
	}
	return failed
}

// phoneNumber and customerID match what one of Twilio's messages repeats of a customer: the number, or the ID in place of it.
var (
	phoneNumber = regexp.MustCompile(`\+\d{5,}`)
	customerID  = regexp.MustCompile(`\b[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{5,}`)
)

// Error names operation, status, code and Twilio's words, for logs: it holds no URL, no parameter, no phone number and no ID of a customer.
func (e *callError) Error() string {
	message := customerID.ReplaceAllString(phoneNumber.ReplaceAllString(e.message, "+…"), "…")
	switch {
	case e.code != 0:
		return fmt.Sprintf("%s: %d/%d %s", e.operation, e.status, e.code, message)
	case e.status != 0:
		return fmt.Sprintf("%s: %d %s", e.operation, e.status, message)
	}
	return e.operation + ": " + message
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

// permanent reports whether err will be the same however often the message is tried. Wrong credentials are not: they
// are put right while the messages wait. Nor is a resource that has just gone: the next attempt looks anew.
func permanent(err error) bool {
	failed := new(callError)
	if !errors.As(err, &failed) || failed.status < 400 || failed.status >= 500 {
		return false
	}
	switch failed.status {
	case http.StatusUnauthorized, http.StatusNotFound, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return failed.code != codeClosed && !slices.Contains(passingCodes, failed.code)
}

// hasCode reports whether err is Twilio's error with one of these codes.
func hasCode(err error, codes ...int) bool {
	failed := new(callError)
	return errors.As(err, &failed) && slices.Contains(codes, failed.code)
}

// notFound reports whether err says that what was asked for does not exist (any more).
func notFound(err error) bool {
	failed := new(callError)
	return errors.As(err, &failed) && (failed.code == codeNotFound || failed.status == http.StatusNotFound)
}

// retryAfter returns the wait that Twilio asked for; 0 when it asked for none.
func retryAfter(err error) time.Duration {
	failed := new(callError)
	if !errors.As(err, &failed) {
		return 0
	}
	return failed.retryAfter
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
