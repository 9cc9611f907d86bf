package conversations

import "github.com/cloudforgot/cloudforgot/emulator/twilio"

// The errors with a code of Conversations: status, code and message. The messages are the titles of Twilio's error dictionary,
// except where the reference records another text of a real answer.
var (
	// Conversations.

	errFriendlyNameMissing   = twilio.NewError(400, 50000, "FriendlyName not provided")
	errFriendlyNameTooLong   = twilio.NewError(400, 50003, "Friendly name too long")
	errUniqueNameTooLong     = twilio.NewError(400, 50004, "Unique Name too long")
	errAttributesTooLong     = twilio.NewError(400, 50303, "Attributes too long")
	errAttributesInvalid     = twilio.NewError(400, 50304, "Attributes not valid JSON")
	errDateCreated           = twilio.NewError(400, 50308, "Invalid Date Created parameter")
	errDateUpdated           = twilio.NewError(400, 50309, "Invalid Date Updated parameter")
	errMessagingServiceSID   = twilio.NewError(400, 50341, "Invalid messaging service SID")
	errUniqueNameExists      = twilio.NewError(409, 50353, "Conversation with provided unique name already exists")
	errStateEmpty            = twilio.NewError(400, 50374, "'State' field can't be empty")
	errInactiveTimerTooShort = twilio.NewError(400, 50375, "TimeToInactive should be greater or equal to 1 minute")
	errClosedTimerTooShort   = twilio.NewError(400, 50376, "TimeToClosed should be greater or equal to 10 minutes")
	// errClosed is 409: the reference has 400 and 409, and its list of codes prefers 409.
	errClosed               = twilio.NewError(409, 50377, "Can't update conversation as it's in final closed state")
	errStateUnknown         = twilio.NewError(400, 50378, "'State' parameter value is invalid")
	errInactiveTimerInvalid = twilio.NewError(400, 50379, "TimeToInactive format is invalid")
	errClosedTimerInvalid   = twilio.NewError(400, 50380, "TimeToClosed format is invalid")
	errCreateClosed         = twilio.NewError(400, 50384, "Initial state can't be 'closed'")
	errUniqueNameSID        = twilio.NewError(400, 50390, "Unique name should not match conversation sid pattern")
	errEndBeforeStart       = twilio.NewError(400, 50396, "EndDate parameter should be greater than StartDate parameter")

	// Roles and users.

	errRoleUnknown           = twilio.NewError(404, 50100, "Role not found")
	errPermissionUnknown     = twilio.NewError(400, 50104, "Permission not found")
	errRoleType              = twilio.NewError(400, 50105, "Invalid role type")
	errUserExists            = twilio.NewError(409, 50201, "User already exists")
	errNotificationLevel     = twilio.NewError(400, 50210, "Invalid notification level")
	errUserConversationLimit = twilio.NewError(403, 50214, "User conversation limit exceeded")

	// Participants.

	errIdentityMissing       = twilio.NewError(400, 50204, "Identity not provided")
	errIdentitySID           = twilio.NewError(400, 50206, "Identity should not match user SID pattern")
	errIdentityTooLong       = twilio.NewError(400, 50207, "Identity too long")
	errIdentityNotAcceptable = twilio.NewError(400, 50211, "Identity parameter not acceptable for this Participant")
	errBindingAddress        = twilio.NewError(400, 50407, "Invalid messaging binding address")
	errProxyAddress          = twilio.NewError(400, 50408, "Invalid participant proxy address")
	errSameAddress           = twilio.NewError(400, 50409, "Participant address equals proxy address")
	errAddressEmpty          = twilio.NewError(400, 50411, "Participant address is empty")
	errProxyEmpty            = twilio.NewError(400, 50412, "Participant proxy address is empty")
	errAddressChannel        = twilio.NewError(400, 50414, "Participant address type does not match proxy address type")
	errProxyNotOwned         = twilio.NewError(403, 50413, "Account is not authorized to use proxy address")
	errProxyNotSender        = twilio.NewError(400, 50415, "Proxy address is not WhatsApp enabled sender")
	errParticipantLimit      = twilio.NewError(403, 50417, "Participants limit exceeded")
	errNonChatLimit          = twilio.NewError(403, 50418, "Non-Chat participants limit exceeded")
	errLastReadIndex         = twilio.NewError(400, 50421, "Invalid last read message index format")
	errParticipantsInvalid   = twilio.NewError(400, 50424, "One of the JSON requests for participant creation is invalid")
	errParticipantsInUse     = twilio.NewError(409, 50425, "Participant and proxy address pairs for one or more participants already in use")
	errTooManyParticipants   = twilio.NewError(400, 50426, "Request contains too many participants")
	errIdentityExists        = twilio.NewError(409, 50433, "Participant already exists")
	errRemoveProxy           = twilio.NewError(400, 50440, "Failed to remove the proxy address of a participant")
	errAddProxy              = twilio.NewError(400, 50441, "Failed to add a proxy address to a participant")
	errRemoveProjected       = twilio.NewError(400, 50442, "Failed to remove the projected address of a participant")
	errAddProjected          = twilio.NewError(400, 50443, "Failed to add a projected address to a participant")
	errAddIdentity           = twilio.NewError(400, 50444, "Failed to add an identity to a participant")
	errBothLookups           = twilio.NewError(400, 50451, "One user identifier parameter for lookup at a time is allowed. Please, use either Identity or Address")

	// Group texting.

	errInitializing           = twilio.NewError(409, 50386, "Conversation in 'initializing' state may not be updated or used for message sending")
	errGroupActivation        = twilio.NewError(400, 50435, "Group MMS activation failed.")
	errGroupLimit             = twilio.NewError(403, 50436, "Participant limit exceeded for group conversation")
	errGroupParticipantExists = twilio.NewError(409, 50437, "Group Participant already exists")
	errProjectedNotOwned      = twilio.NewError(403, 50439, "Account is not authorized to use the projected address")
	errGroupMMS               = twilio.NewError(403, 50452, "Group MMS is not enabled for this Account")
	errGroupAuthor            = twilio.NewError(400, 50513, "Message author should be among Group MMS participants.")

	// Scoped webhooks.

	errWebhookLimit    = twilio.NewError(400, 50361, "Too many conversation webhooks")
	errTriggerLimit    = twilio.NewError(400, 50362, "Too many conversation webhook triggers")
	errTargetUnknown   = twilio.NewError(400, 50364, "Invalid conversation webhook type")
	errFilterUnknown   = twilio.NewError(400, 50365, "Invalid conversation webhook filter")
	errTriggerInvalid  = twilio.NewError(400, 50366, "Invalid conversation webhook trigger")
	errFlowSID         = twilio.NewError(400, 50367, "Invalid conversation webhook flow SID")
	errTargetMissing   = twilio.NewError(400, 50368, "Conversation webhook type not provided")
	errURLMissing      = twilio.NewError(400, 50369, "Conversation webhook URL not provided")
	errFiltersMissing  = twilio.NewError(400, 50370, "Conversation webhook filter not provided")
	errTriggersMissing = twilio.NewError(400, 50371, "Conversation webhook trigger not provided")
	errURLTooLong      = twilio.NewError(400, 50372, "Conversation webhook URL is too long")

	// Services, their configuration and that of their webhooks.

	errServiceUnknown = twilio.NewError(404, 50050, "Service Instance not found")
	errWebhookFormat  = twilio.NewError(400, 50054, "Invalid webhook format")
	errWebhookMethod  = twilio.NewError(400, 50055, "Invalid webhook method")
	// errCancelledByWebhook has a text observed with an SDK. Its status is inferred.
	errCancelledByWebhook = twilio.NewError(403, 50056, "Webhook cancelled processing of command")
	errTemplateTooLong    = twilio.NewError(400, 50058, "Notification template too long")
	errSoundTooLong       = twilio.NewError(400, 50059, "Notification sound name too long")
	errPreWebhookURL      = twilio.NewError(400, 50077, "Invalid pre-webhook url")

	// Messages, their media and their content.

	errAuthorTooLong = twilio.NewError(400, 50310, "Author parameter is too long")
	errBodyMissing   = twilio.NewError(400, 50503, "Message body not provided")
	errBodyTooLong   = twilio.NewError(400, 50504, "Message body parameter is too long")
	errMediaNotFound = twilio.NewError(404, 50507, "Media not found")
	errMediaInUse    = twilio.NewError(409, 50508, "Media already sent with another message")
	errMediaBody     = twilio.NewError(400, 50509, "Media message body cannot be updated")
	errMediaSID      = twilio.NewError(400, 50510, "Invalid message media SID")
	errContentSID    = twilio.NewError(400, 50526, "Invalid content SID")
	// ErrMediaType is the error for a file whose type is not a MIME type.
	ErrMediaType = twilio.NewError(400, 50511, "Invalid message media content type")
	// ErrMediaTooLarge is the error for a file larger than MaxMedia.
	ErrMediaTooLarge           = twilio.NewError(400, 50512, "Message media size is too large")
	errContentVariables        = twilio.NewError(400, 50527, "Invalid content variables format")
	errContentSIDMissing       = twilio.NewError(400, 50528, "Content SID is missing")
	errContentVariablesTooLong = twilio.NewError(400, 50529, "Content variables are too long")
	errChannelMetadataNotFound = twilio.NewError(404, 50530, "Channel Metadata not found")
	errContentKeyTooLong       = twilio.NewError(400, 50540, "Content variable key is too long")
	errContentValueTooLong     = twilio.NewError(400, 50541, "Content variable value is too long")
	errContentType             = twilio.NewError(400, 50542, "Unsupported Content Template Type")
)

// errGroupExists is the error for a group with the addresses of another. Its message has the SID of that conversation.
func errGroupExists(conversationSID string) *twilio.Error {
	return twilio.NewError(409, 50438, "Group MMS with given participant list already exists as Conversation "+conversationSID)
}

// errBindingExists is the error for a pair of addresses that another conversation holds. Its message has the SID of that
// conversation, which applications parse; an empty SID is left out.
func errBindingExists(conversationSID string) *twilio.Error {
	message := "A binding for this participant and proxy address already exists"
	if conversationSID != "" {
		message += " in Conversation " + conversationSID
	}
	return twilio.NewError(409, 50416, message)
}
