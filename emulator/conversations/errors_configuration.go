package conversations

import "net/http"

// Refusals of services, of their configuration and that of their webhooks, and by a pre-action webhook. The messages are
// as in errors_codes.go.

func errServiceUnknown() *Error {
	return newError(http.StatusNotFound, 50050, "Service Instance not found")
}

func errWebhookFormat() *Error {
	return badRequest(50054, "Invalid webhook format")
}

func errWebhookMethod() *Error {
	return badRequest(50055, "Invalid webhook method")
}

// errCancelledByWebhook has the text that an SDK was seen to get; its status is inferred.
func errCancelledByWebhook() *Error {
	return forbidden(50056, "Webhook cancelled processing of command")
}

func errTemplateTooLong() *Error {
	return badRequest(50058, "Notification template too long")
}

func errSoundTooLong() *Error {
	return badRequest(50059, "Notification sound name too long")
}

func errPreWebhookURL() *Error {
	return badRequest(50077, "Invalid pre-webhook url")
}
