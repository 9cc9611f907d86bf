package whatsapp

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// The refusals of Programmable Messaging. Codes and status: reference, WhatsApp 1.4 and 1.5, and Twilio's error dictionary.

func refusal(status, code int, message string) *conversations.Error {
	return &conversations.Error{Status: status, Code: code, Message: message,
		MoreInfo: "https://www.twilio.com/docs/errors/" + strconv.Itoa(code)}
}

func badRequest(code int, message string) *conversations.Error {
	return refusal(http.StatusBadRequest, code, message)
}

func errFromMissing() *conversations.Error {
	return badRequest(21603, "A 'From' phone number is required.")
}

func errToMissing() *conversations.Error {
	return badRequest(21604, "A 'To' phone number is required.")
}

func errNoNumber(from string) *conversations.Error {
	return badRequest(21606, fmt.Sprintf("The 'From' phone number provided (%s) is not a valid message-capable Twilio phone number for this destination/account.", from))
}

func errStatusCallback() *conversations.Error {
	return badRequest(21609, "The 'StatusCallback' URL is not a valid URL.")
}

func errTo(to string) *conversations.Error {
	return badRequest(21211, fmt.Sprintf("The 'To' number %s is not a valid phone number.", to))
}

func errTooLong() *conversations.Error {
	return badRequest(21617, "The concatenated message body exceeds the 1600 character limit")
}

func errEmpty() *conversations.Error {
	return badRequest(21619, "A text message body or media urls must be specified.")
}

func errMediaURL(link string) *conversations.Error {
	return badRequest(21620, "Invalid media URL(s): "+link)
}

func errTooManyFiles() *conversations.Error {
	return badRequest(21623, "Number of media files exceeds allowed limit")
}

func errServiceMissing() *conversations.Error {
	return badRequest(21701, "The Messaging Service does not exist")
}

func errServiceEmpty() *conversations.Error {
	return badRequest(21703, "The Messaging Service does not have a sender available for this destination")
}

func errChannels() *conversations.Error {
	return badRequest(21910, "Invalid From and To pair. From and To should be of the same channel")
}

func errNoChannel() *conversations.Error {
	return badRequest(63007, "Twilio could not find a Channel with the specified From address")
}

func errScheduleService() *conversations.Error {
	return badRequest(35118, "MessagingServiceSid is required to schedule a message")
}

func errSendAt() *conversations.Error {
	return badRequest(35114, "Scheduling does not support this timestamp")
}

func errNotCancelable() *conversations.Error {
	return badRequest(30409, "This message cannot be canceled")
}

func errNotFinished() *conversations.Error {
	return refusal(http.StatusConflict, 20009, "Cannot delete message because delivery has not been completed.")
}

// contentError gives a refusal of a template the code that it has here.
func contentError(err error) error {
	var refused *conversations.Error
	switch {
	case !errors.As(err, &refused):
		return err
	case refused.Code == 50526:
		return badRequest(21655, "The ContentSid is invalid")
	}
	return badRequest(21656, "The ContentVariables Parameter is invalid: "+refused.Message)
}
