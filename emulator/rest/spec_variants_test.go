package rest_test

// variant is one call of an operation: its form or query as name, value, name, value, ...; names may repeat. Together
// the variants of an operation have every documented parameter.
type variant []string

const (
	created2030 = "2030-01-02T03:04:05Z"
	updated2031 = "2031-01-02T03:04:05Z"
	hook        = "X-Twilio-Webhook-Enabled"
)

// conversationForm has what creating and updating a conversation share.
var conversationForm = variant{"FriendlyName", "a friend", "UniqueName", "a-name", "DateCreated", created2030, "DateUpdated", updated2031,
	"MessagingServiceSid", "MG0123456789abcdef0123456789abcdef", "Attributes", `{"a":1}`, "State", "inactive", "Timers.Inactive", "PT1H",
	"Timers.Closed", "P1D", "Bindings.Email.Address", "a@example.com", "Bindings.Email.Name", "Ada L", hook, "true"}

// variants of every operation that takes parameters, by specOperation.key.
var variants = map[string][]variant{
	"POST /Conversations":         {conversationForm},
	"POST /Conversations/{Sid}":   {conversationForm},
	"GET /Conversations":          {{"StartDate", "2020-01-01", "EndDate", "2040-01-01", "State", "active", "PageSize", "1", "Page", "0"}},
	"DELETE /Conversations/{Sid}": {{hook, "true"}},
	"POST /Conversations/{ConversationSid}/Participants": {
		{"Identity", "somebody", "Attributes", `{"a":1}`, "DateCreated", created2030, "DateUpdated", updated2031, "RoleSid", "$role", hook, "true"},
		{"MessagingBinding.Address", "whatsapp:+15551112222", "MessagingBinding.ProxyAddress", sandbox},
		{"Identity", "group", "MessagingBinding.ProjectedAddress", "+15557770000"},
	},
	"POST /Conversations/{ConversationSid}/Participants/{Sid}": {
		{"Attributes", `{"a":1}`, "DateCreated", created2030, "DateUpdated", updated2031, "RoleSid", "$role", "LastReadMessageIndex", "7",
			"LastReadTimestamp", created2030, hook, "true"},
		{"MessagingBinding.ProxyAddress", "null"},
	},
	"DELETE /Conversations/{ConversationSid}/Participants/{Sid}": {{hook, "true"}},
	"GET /Conversations/{ConversationSid}/Participants":          {{"PageSize", "1", "Page", "0"}},
	"POST /Conversations/{ConversationSid}/Messages": {
		{"Author", "somebody", "Body", "a text", "DateCreated", created2030, "DateUpdated", updated2031, "Attributes", `{"a":1}`, "Subject", "a subject", hook, "true"},
		{"MediaSid", "$media", "Body", "a caption"},
		{"ContentSid", "$content", "ContentVariables", `{"1":"Ada"}`},
	},
	"POST /Conversations/{ConversationSid}/Messages/{Sid}": {{"Author", "somebody", "Body", "a text", "DateCreated", created2030,
		"DateUpdated", updated2031, "Attributes", `{"a":1}`, "Subject", "a subject", hook, "true"}},
	"DELETE /Conversations/{ConversationSid}/Messages/{Sid}":              {{hook, "true"}},
	"GET /Conversations/{ConversationSid}/Messages":                       {{"Order", "desc", "PageSize", "1", "Page", "0"}},
	"GET /Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts": {{"PageSize", "1", "Page", "0"}},
	"GET /Conversations/{ConversationSid}/Webhooks":                       {{"PageSize", "1", "Page", "0"}},
	"POST /Conversations/{ConversationSid}/Webhooks": {
		{"Target", "webhook", "Configuration.Url", "https://example.com/a", "Configuration.Method", "get", "Configuration.Filters", "onMessageAdded",
			"Configuration.Filters", "onMessageUpdated", "Configuration.ReplayAfter", "3"},
		{"Target", "trigger", "Configuration.Url", "https://example.com/b", "Configuration.Triggers", "help", "Configuration.Triggers", "agent"},
		{"Target", "studio", "Configuration.FlowSid", flowSID},
	},
	"POST /Conversations/{ConversationSid}/Webhooks/{Sid}": {{"Configuration.Url", "https://example.com/c", "Configuration.Method", "get",
		"Configuration.Filters", "onMessageRemoved", "Configuration.Triggers", "x", "Configuration.FlowSid", flowSID}},
	"GET /ParticipantConversations":      {{"Identity", "agent", "PageSize", "1", "Page", "0"}, {"Address", ada}},
	"POST /ConversationWithParticipants": {append(variant{"Participant", `{"identity":"one"}`, "Participant", `{"identity":"two"}`}, conversationForm...), nil},
	"GET /Services":                      {{"PageSize", "1", "Page", "0"}},
	"POST /Services":                     {{"FriendlyName", "a service"}},
	"GET /Configuration/Addresses":       {{"Type", "sms", "PageSize", "1", "Page", "0"}},
	"POST /Configuration/Addresses": {
		{"Type", "sms", "Address", "+15550001111", "FriendlyName", "a friend", "AutoCreation.Enabled", "true", "AutoCreation.Type", "webhook",
			"AutoCreation.ConversationServiceSid", "$service", "AutoCreation.WebhookUrl", "https://example.com/a", "AutoCreation.WebhookMethod", "post",
			"AutoCreation.WebhookFilters", "onMessageAdded", "AutoCreation.WebhookFilters", "onParticipantAdded", "AddressCountry", "CA"},
		{"Type", "sms", "Address", "+15550002222", "AutoCreation.Enabled", "true", "AutoCreation.Type", "studio", "AutoCreation.StudioFlowSid", flowSID,
			"AutoCreation.StudioRetryCount", "3"},
	},
	"POST /Configuration/Addresses/{Sid}": {
		{"FriendlyName", "a friend", "AutoCreation.Enabled", "true", "AutoCreation.Type", "webhook", "AutoCreation.ConversationServiceSid", "$service",
			"AutoCreation.WebhookUrl", "https://example.com/a", "AutoCreation.WebhookMethod", "post", "AutoCreation.WebhookFilters", "onMessageAdded"},
		{"AutoCreation.Enabled", "true", "AutoCreation.Type", "studio", "AutoCreation.StudioFlowSid", flowSID, "AutoCreation.StudioRetryCount", "3"},
	},
	"POST /Configuration/Webhooks": {
		{"Method", "GET", "Filters", "onMessageAdd", "Filters", "onMessageAdded", "PreWebhookUrl", "https://example.com/pre", "PostWebhookUrl", "https://example.com/post", "Target", "flex"},
		{"Method", "post", "Filters", "onMessageAdd", "PreWebhookUrl", "https://example.com/pre", "PostWebhookUrl", "https://example.com/post"},
	},
	// The account's Configuration and a service's are different resources under one key: each takes what it documents.
	"POST /Configuration": {{"DefaultChatServiceSid", "$service", "DefaultMessagingServiceSid", "MG0123456789abcdef0123456789abcdef",
		"DefaultInactiveTimer", "PT1H", "DefaultClosedTimer", "P1D", "DefaultConversationCreatorRoleSid", "$role", "DefaultConversationRoleSid", "$role",
		"DefaultChatServiceRoleSid", "$serviceRole", "ReachabilityEnabled", "true"}},
	"POST /Configuration/Notifications": {{"LogEnabled", "true", "NewMessage.Enabled", "true", "NewMessage.Template", "n ${MESSAGE}", "NewMessage.Sound", "ping",
		"NewMessage.BadgeCountEnabled", "true", "AddedToConversation.Enabled", "true", "AddedToConversation.Template", "a ${CONVERSATION}", "AddedToConversation.Sound", "pong",
		"RemovedFromConversation.Enabled", "true", "RemovedFromConversation.Template", "r", "RemovedFromConversation.Sound", "bing",
		"NewMessage.WithMedia.Enabled", "true", "NewMessage.WithMedia.Template", "m"}},
	"GET /Credentials": {{"PageSize", "1", "Page", "0"}},
	"POST /Credentials": {
		{"Type", "apn", "FriendlyName", "a friend", "Certificate", "c", "PrivateKey", "p", "Sandbox", "true"},
		{"Type", "gcm", "ApiKey", "k"}, {"Type", "fcm", "Secret", "s"},
	},
	"POST /Credentials/{Sid}":            {{"Type", "fcm", "FriendlyName", "a friend", "ApiKey", "k", "Certificate", "c", "PrivateKey", "p", "Sandbox", "false", "Secret", "s"}},
	"GET /Roles":                         {{"PageSize", "1", "Page", "0"}},
	"POST /Roles":                        {{"FriendlyName", "a role", "Type", "conversation", "Permission", "sendMessage", "Permission", "leaveConversation"}},
	"POST /Roles/{Sid}":                  {{"Permission", "sendMessage", "Permission", "leaveConversation"}},
	"GET /Users":                         {{"PageSize", "1", "Page", "0"}},
	"POST /Users":                        {{"Identity", "newcomer", "FriendlyName", "a friend", "Attributes", `{"a":1}`, "RoleSid", "$serviceRole", hook, "true"}},
	"POST /Users/{Sid}":                  {{"FriendlyName", "a friend", "Attributes", `{"a":1}`, "RoleSid", "$serviceRole", hook, "true"}},
	"DELETE /Users/{Sid}":                {{hook, "true"}},
	"GET /Users/{UserSid}/Conversations": {{"PageSize", "1", "Page", "0"}},
	"POST /Users/{UserSid}/Conversations/{ConversationSid}": {{"NotificationLevel", "muted", "LastReadTimestamp", created2030, "LastReadMessageIndex", "0"}},
	"GET /Bindings": {{"BindingType", "fcm", "Identity", "agent", "PageSize", "1", "Page", "0"}},
}

// notEchoed are parameters that an answer does not show, by specOperation.key and name, with the reason.
var notEchoed = map[string]string{
	"POST /Conversations Timers.Inactive":                                                    "shown as the instant at which it runs out, and only while active",
	"POST /Conversations Timers.Closed":                                                      "shown as the instant at which it runs out",
	"POST /Conversations/{Sid} Timers.Inactive":                                              "shown as an instant",
	"POST /Conversations/{Sid} Timers.Closed":                                                "shown as an instant",
	"POST /ConversationWithParticipants Timers.Inactive":                                     "shown as an instant",
	"POST /ConversationWithParticipants Timers.Closed":                                       "shown as an instant",
	"POST /ConversationWithParticipants Participant":                                         "participants are resources of their own",
	"POST /Conversations/{ConversationSid}/Messages Subject":                                 "for e-mail; no part of the resource",
	"POST /Conversations/{ConversationSid}/Messages/{Sid} Subject":                           "for e-mail; no part of the resource",
	"POST /Conversations/{ConversationSid}/Messages ContentVariables":                        "rendered into the body",
	"POST /Conversations/{ConversationSid}/Participants/{Sid} MessagingBinding.ProxyAddress": "null takes it away",
	"POST /Conversations/{ConversationSid}/Webhooks/{Sid} Configuration.Triggers":            "the fixture's target is webhook",
	"POST /Conversations/{ConversationSid}/Webhooks/{Sid} Configuration.FlowSid":             "the fixture's target is webhook",
	"POST /Users/{UserSid}/Conversations/{ConversationSid} LastReadTimestamp":                "no part of the resource",
	"POST /Configuration/Addresses AddressCountry":                                           "of short codes only; the variant's address is none",
	"POST /Credentials Certificate":                                                          "secret",
	"POST /Credentials PrivateKey":                                                           "secret",
	"POST /Credentials ApiKey":                                                               "secret",
	"POST /Credentials Secret":                                                               "secret",
	"POST /Credentials/{Sid} Certificate":                                                    "secret",
	"POST /Credentials/{Sid} PrivateKey":                                                     "secret",
	"POST /Credentials/{Sid} ApiKey":                                                         "secret",
	"POST /Credentials/{Sid} Secret":                                                         "secret",
	"POST /Credentials/{Sid} Sandbox":                                                        "for APN only",
}
