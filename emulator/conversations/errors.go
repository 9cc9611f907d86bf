package conversations

import (
	"fmt"
	"net/http"
	"strconv"
)

// Error is a refusal in Twilio's form: both the Go error and, as JSON, the body of the answer. There is one constructor
// per code. Codes, status and messages: reference, Conversations API 1.2 and 2, and Twilio's error dictionary.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	// MoreInfo is the page of Twilio's that explains the code.
	MoreInfo string `json:"more_info"`
	// Status is the HTTP status of the answer.
	Status int `json:"status"`
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s (status %d, code %d)", e.Message, e.Status, e.Code)
}

func newError(status, code int, message string) *Error {
	return &Error{Code: code, Message: message, Status: status,
		MoreInfo: "https://www.twilio.com/docs/errors/" + strconv.Itoa(code)}
}

func badRequest(code int, message string) *Error {
	return newError(http.StatusBadRequest, code, message)
}
func conflict(code int, message string) *Error  { return newError(http.StatusConflict, code, message) }
func forbidden(code int, message string) *Error { return newError(http.StatusForbidden, code, message) }

// General refusals.

// ErrInvalidParameter is 400/20001 for a value that a parameter cannot have.
func ErrInvalidParameter(name string) *Error {
	return badRequest(20001, "Invalid value for parameter "+name)
}

// ErrMissingParameter is 400/20001 for a parameter that must be sent.
func ErrMissingParameter(name string) *Error {
	return badRequest(20001, "Missing required parameter "+name+" in the post body")
}

// ErrMalformedBody is 400/20001 for a body that is not the form it should be; problem says why.
func ErrMalformedBody(problem string) *Error {
	return badRequest(20001, "Invalid request body: "+problem)
}

// ErrBodyTooLarge is 413/20001 for a body above limit bytes.
func ErrBodyTooLarge(limit int64) *Error {
	return newError(http.StatusRequestEntityTooLarge, 20001, fmt.Sprintf("Request body is larger than %d bytes", limit))
}

// ErrUnsupportedMediaType is 415/20001 for a body that is not a form.
func ErrUnsupportedMediaType(contentType string) *Error {
	return newError(http.StatusUnsupportedMediaType, 20001,
		fmt.Sprintf("Content-Type %q is not supported: send application/x-www-form-urlencoded", contentType))
}

// ErrAuthenticate is 401/20003 for credentials that are missing or wrong.
func ErrAuthenticate() *Error { return newError(http.StatusUnauthorized, 20003, "Authenticate") }

// ErrMethodNotAllowed is 405/20004.
func ErrMethodNotAllowed() *Error {
	return newError(http.StatusMethodNotAllowed, 20004, "Method not allowed")
}

// ErrPageSizeTooLarge is 400/20007, above 1,000.
func ErrPageSizeTooLarge() *Error {
	return badRequest(20007, "Page size too large, must be 1000 or less")
}

// ErrNotFound is 404/20404 for a resource that does not exist or that the account may not see. path is the one
// requested, without version and query; when empty, package rest fills it in, as the rules do not know the path.
func ErrNotFound(path string) *Error {
	e := newError(http.StatusNotFound, 20404, "")
	if path != "" {
		e.Message = "The requested resource " + path + " was not found"
	}
	return e
}

// ErrForbidden is 403/20403; problem says why.
func ErrForbidden(problem string) *Error { return forbidden(20403, "Forbidden: "+problem) }

func errNotFound() *Error { return ErrNotFound("") }

// ErrConflict is 409/20409, for a conflict that has no code of its own; problem says which.
func ErrConflict(problem string) *Error { return conflict(20409, problem) }

// ErrInternal is 500/20500. What went wrong is for the log, not for the caller.
func ErrInternal() *Error {
	return newError(http.StatusInternalServerError, 20500, "Internal Server Error")
}

func errPageToken() *Error { return ErrInvalidParameter("PageToken") }
