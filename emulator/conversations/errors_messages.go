package conversations

import "net/http"

// The refusals of messages, their media and their content, as in errors_codes.go.

func errAuthorTooLong() *Error {
	return badRequest(50310, "Author parameter is too long")
}

func errBodyMissing() *Error {
	return badRequest(50503, "Message body not provided")
}

func errBodyTooLong() *Error {
	return badRequest(50504, "Message body parameter is too long")
}

func errMediaNotFound() *Error {
	return newError(http.StatusNotFound, 50507, "Media not found")
}

func errMediaInUse() *Error {
	return conflict(50508, "Media already sent with another message")
}

func errMediaBody() *Error {
	return badRequest(50509, "Media message body cannot be updated")
}

func errMediaSID() *Error {
	return badRequest(50510, "Invalid message media SID")
}

func errContentSID() *Error {
	return badRequest(50526, "Invalid content SID")
}

// ErrMediaType is 400/50511 for a file whose type is no MIME type.
func ErrMediaType() *Error {
	return badRequest(50511, "Invalid message media content type")
}

// ErrMediaTooLarge is 400/50512 for a file above MaxMedia.
func ErrMediaTooLarge() *Error {
	return badRequest(50512, "Message media size is too large")
}

func errContentVariables() *Error {
	return badRequest(50527, "Invalid content variables format")
}

func errContentSIDMissing() *Error {
	return badRequest(50528, "Content SID is missing")
}

func errContentVariablesTooLong() *Error {
	return badRequest(50529, "Content variables are too long")
}

func errChannelMetadataNotFound() *Error {
	return newError(http.StatusNotFound, 50530, "Channel Metadata not found")
}

func errContentKeyTooLong() *Error {
	return badRequest(50540, "Content variable key is too long")
}

func errContentValueTooLong() *Error {
	return badRequest(50541, "Content variable value is too long")
}

func errContentType() *Error {
	return badRequest(50542, "Unsupported Content Template Type")
}
