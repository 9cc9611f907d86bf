package conversations

import "net/http"

// The refusals with a code of Conversations' own. The messages are the titles of Twilio's error dictionary, except
// where the reference records another text of a real answer.

// Conversations.

func errFriendlyNameMissing() *Error {
	return badRequest(50000, "FriendlyName not provided")
}

func errFriendlyNameTooLong() *Error {
	return badRequest(50003, "Friendly name too long")
}

func errUniqueNameTooLong() *Error {
	return badRequest(50004, "Unique Name too long")
}

func errAttributesTooLong() *Error {
	return badRequest(50303, "Attributes too long")
}

func errAttributesInvalid() *Error {
	return badRequest(50304, "Attributes not valid JSON")
}

func errDateCreated() *Error {
	return badRequest(50308, "Invalid Date Created parameter")
}

func errDateUpdated() *Error {
	return badRequest(50309, "Invalid Date Updated parameter")
}

func errMessagingServiceSID() *Error {
	return badRequest(50341, "Invalid messaging service SID")
}

func errUniqueNameExists() *Error {
	return conflict(50353, "Conversation with provided unique name already exists")
}

func errStateEmpty() *Error {
	return badRequest(50374, "'State' field can't be empty")
}

func errInactiveTimerTooShort() *Error {
	return badRequest(50375, "TimeToInactive should be greater or equal to 1 minute")
}

func errClosedTimerTooShort() *Error {
	return badRequest(50376, "TimeToClosed should be greater or equal to 10 minutes")
}

// errClosed is 409: the reference leaves 400 or 409 open, and its list of codes prefers 409.
func errClosed() *Error {
	return conflict(50377, "Can't update conversation as it's in final closed state")
}

func errStateUnknown() *Error {
	return badRequest(50378, "'State' parameter value is invalid")
}

func errInactiveTimerInvalid() *Error {
	return badRequest(50379, "TimeToInactive format is invalid")
}

func errClosedTimerInvalid() *Error {
	return badRequest(50380, "TimeToClosed format is invalid")
}

func errCreateClosed() *Error {
	return badRequest(50384, "Initial state can't be 'closed'")
}

func errUniqueNameSID() *Error {
	return badRequest(50390, "Unique name should not match conversation sid pattern")
}

func errEndBeforeStart() *Error {
	return badRequest(50396, "EndDate parameter should be greater than StartDate parameter")
}

// Roles and users.

func errRoleUnknown() *Error {
	return newError(http.StatusNotFound, 50100, "Role not found")
}

func errPermissionUnknown() *Error {
	return badRequest(50104, "Permission not found")
}

func errRoleType() *Error {
	return badRequest(50105, "Invalid role type")
}

func errUserExists() *Error {
	return conflict(50201, "User already exists")
}

func errNotificationLevel() *Error {
	return badRequest(50210, "Invalid notification level")
}

func errUserConversationLimit() *Error {
	return forbidden(50214, "User conversation limit exceeded")
}

// Participants.

func errIdentityMissing() *Error {
	return badRequest(50204, "Identity not provided")
}

func errIdentitySID() *Error {
	return badRequest(50206, "Identity should not match user SID pattern")
}

func errIdentityTooLong() *Error {
	return badRequest(50207, "Identity too long")
}

func errIdentityNotAcceptable() *Error {
	return badRequest(50211, "Identity parameter not acceptable for this Participant")
}

func errBindingAddress() *Error {
	return badRequest(50407, "Invalid messaging binding address")
}

func errProxyAddress() *Error {
	return badRequest(50408, "Invalid participant proxy address")
}

func errSameAddress() *Error {
	return badRequest(50409, "Participant address equals proxy address")
}

func errAddressEmpty() *Error {
	return badRequest(50411, "Participant address is empty")
}

func errProxyEmpty() *Error {
	return badRequest(50412, "Participant proxy address is empty")
}

func errAddressChannel() *Error {
	return badRequest(50414, "Participant address type does not match proxy address type")
}

func errProxyNotOwned() *Error {
	return forbidden(50413, "Account is not authorized to use proxy address")
}

func errProxyNotSender() *Error {
	return badRequest(50415, "Proxy address is not WhatsApp enabled sender")
}

// errBindingExists names the conversation that holds the pair: applications parse its SID out of the message. An empty
// SID is left out.
func errBindingExists(conversationSID string) *Error {
	const message = "A binding for this participant and proxy address already exists"
	if conversationSID == "" {
		return conflict(50416, message)
	}
	return conflict(50416, message+" in Conversation "+conversationSID)
}

func errParticipantLimit() *Error {
	return forbidden(50417, "Participants limit exceeded")
}

func errNonChatLimit() *Error {
	return forbidden(50418, "Non-Chat participants limit exceeded")
}

func errLastReadIndex() *Error {
	return badRequest(50421, "Invalid last read message index format")
}

func errParticipantsInvalid() *Error {
	return badRequest(50424, "One of the JSON requests for participant creation is invalid")
}

func errParticipantsInUse() *Error {
	return conflict(50425, "Participant and proxy address pairs for one or more participants already in use")
}

func errTooManyParticipants() *Error {
	return badRequest(50426, "Request contains too many participants")
}

func errIdentityExists() *Error {
	return conflict(50433, "Participant already exists")
}

func errRemoveProxy() *Error {
	return badRequest(50440, "Failed to remove the proxy address of a participant")
}

func errAddProxy() *Error {
	return badRequest(50441, "Failed to add a proxy address to a participant")
}

func errRemoveProjected() *Error {
	return badRequest(50442, "Failed to remove the projected address of a participant")
}

func errAddProjected() *Error {
	return badRequest(50443, "Failed to add a projected address to a participant")
}

func errAddIdentity() *Error {
	return badRequest(50444, "Failed to add an identity to a participant")
}

func errBothLookups() *Error {
	return badRequest(50451, "One user identifier parameter for lookup at a time is allowed. Please, use either Identity or Address")
}

func errGroupMMS() *Error {
	return forbidden(50452, "Group MMS is not enabled for this Account")
}

// Scoped webhooks.

func errWebhookLimit() *Error {
	return badRequest(50361, "Too many conversation webhooks")
}

func errTriggerLimit() *Error {
	return badRequest(50362, "Too many conversation webhook triggers")
}

func errTargetUnknown() *Error {
	return badRequest(50364, "Invalid conversation webhook type")
}

func errFilterUnknown() *Error {
	return badRequest(50365, "Invalid conversation webhook filter")
}

func errTriggerInvalid() *Error {
	return badRequest(50366, "Invalid conversation webhook trigger")
}

func errFlowSID() *Error {
	return badRequest(50367, "Invalid conversation webhook flow SID")
}

func errTargetMissing() *Error {
	return badRequest(50368, "Conversation webhook type not provided")
}

func errURLMissing() *Error {
	return badRequest(50369, "Conversation webhook URL not provided")
}

func errFiltersMissing() *Error {
	return badRequest(50370, "Conversation webhook filter not provided")
}

func errTriggersMissing() *Error {
	return badRequest(50371, "Conversation webhook trigger not provided")
}

func errURLTooLong() *Error {
	return badRequest(50372, "Conversation webhook URL is too long")
}
