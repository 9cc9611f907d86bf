package twilio

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// Error is a refusal in Twilio's form: both the Go error and, as JSON, the body of the answer. An Error is never changed
// after it was made, so one value may serve every refusal of its kind. Reference, Conversations API 1.2 and 2.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	// MoreInfo is the page of Twilio's that explains the code.
	MoreInfo string `json:"more_info"`
	// Status is the HTTP status of the answer.
	Status int `json:"status"`
}

// Error returns the message with its status and code.
func (e *Error) Error() string {
	return fmt.Sprintf("%s (status %d, code %d)", e.Message, e.Status, e.Code)
}

// NewError returns the refusal of an HTTP status and a code of Twilio's error dictionary.
func NewError(status, code int, message string) *Error {
	return &Error{Code: code, Message: message, Status: status,
		MoreInfo: "https://www.twilio.com/docs/errors/" + strconv.Itoa(code)}
}

// Refusals that every product shares.
var (
	// ErrAuthenticate refuses credentials that are missing or wrong.
	ErrAuthenticate = NewError(http.StatusUnauthorized, 20003, "Authenticate")
	// ErrMethodNotAllowed refuses a method that a path does not have.
	ErrMethodNotAllowed = NewError(http.StatusMethodNotAllowed, 20004, "Method not allowed")
	// ErrPageSizeTooLarge refuses a PageSize above 1,000.
	ErrPageSizeTooLarge = NewError(http.StatusBadRequest, 20007, "Page size too large, must be 1000 or less")
	// ErrNotFound refuses a resource that does not exist or that the account may not see. Twilio's message names the path,
	// which the rules do not know: package rest answers with NotFound in its place.
	ErrNotFound = NewError(http.StatusNotFound, 20404, "")
	// ErrPageToken refuses a PageToken that no page of the list has given out.
	ErrPageToken = InvalidParameter("PageToken")
	// ErrInternal stands for a failure of the emulator's own. What went wrong is logged, and not said to the caller.
	ErrInternal = NewError(http.StatusInternalServerError, 20500, "Internal Server Error")
)

// InvalidParameter is 400/20001 for a value that a parameter cannot have.
func InvalidParameter(name string) *Error { return badRequest("Invalid value for parameter " + name) }

// MissingParameter is 400/20001 for a parameter that must be sent.
func MissingParameter(name string) *Error {
	return badRequest("Missing required parameter " + name + " in the post body")
}

// MalformedBody is 400/20001 for a body that is not the form it should be; problem says why.
func MalformedBody(problem string) *Error { return badRequest("Invalid request body: " + problem) }

// BodyTooLarge is 413/20001 for a body above limit bytes.
func BodyTooLarge(limit int64) *Error {
	return NewError(http.StatusRequestEntityTooLarge, 20001, fmt.Sprintf("Request body is larger than %d bytes", limit))
}

// UnsupportedMediaType is 415/20001 for a body that cannot be read.
func UnsupportedMediaType(contentType string) *Error {
	return NewError(http.StatusUnsupportedMediaType, 20001,
		fmt.Sprintf("Content-Type %q is not supported: send application/x-www-form-urlencoded", contentType))
}

// NotFound is ErrNotFound with the path that was requested, without version and query.
func NotFound(path string) *Error {
	return NewError(http.StatusNotFound, 20404, "The requested resource "+path+" was not found")
}

// Forbidden is 403/20403; problem says why.
func Forbidden(problem string) *Error {
	return NewError(http.StatusForbidden, 20403, "Forbidden: "+problem)
}

// Conflict is 409/20409, for a conflict that has no code of its own; problem says which.
func Conflict(problem string) *Error { return NewError(http.StatusConflict, 20409, problem) }

func badRequest(message string) *Error { return NewError(http.StatusBadRequest, 20001, message) }

// IsNotFound reports whether an error is, or wraps, a 404 of Twilio's.
func IsNotFound(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Status == http.StatusNotFound
}
