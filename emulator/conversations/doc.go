// Package conversations implements the resources, rules and events of Twilio Conversations, for any number of accounts.
//
// It has no HTTP server. Packages rest, whatsapp, studio and control call it. Messages of the REST API and of phones are both added
// by [API.CreateMessage] or, in a new conversation, by [API.AutoCreate], so every rule is in this package.
//
// A call names its account and Conversation Service in a [Scope], and has its form in a params struct. A nil field of the form
// was not sent. An error is a [twilio.Error], which is also the body of the HTTP answer. A call that returns an error has
// changed nothing. Methods for what Twilio's API cannot do, such as [API.CreateAccount], return an [invalid.Error].
//
// # How a message is created
//
// [API.CreateMessage] takes these steps, as do all changes of conversations, participants and messages, and [API.UpdateUser]:
//
//  1. perform looks for a pre-action webhook that has onMessageAdd in its filters (receivers). Without one, step 4 is next.
//  2. dryRun does step 4 in a transaction and rolls it back, so that an invalid message never reaches the webhook.
//  3. callPreActions calls the webhook, with no transaction open. It may refuse the message, or change fields of it.
//  4. In one transaction, check and addMessage apply the rules and store the message; reactivate restarts the timers of the
//     conversation; emit adds onMessageAdded to the event log and a job to the outbox for each webhook; enqueueDeliveries
//     adds a [DeliveryJob] for each phone.
//  5. After the commit, the outbox runs the jobs: runWebhook calls the webhooks, and package whatsapp delivers to phones.
//
// No transaction and no lock is held while a webhook is called or a job runs. Jobs of one queue run in their order.
//
// # Files
//
// A file is a chapter of Twilio's reference, and has the name of the file with its routes in package rest/conversations:
//
//   - conversations, states (with timers), conversation_with_participants
//   - participants, messaging_binding, group_texting, participant_conversations
//   - messages, receipts, channel_metadata, media, content
//   - users, user_conversations, roles, bindings, credentials, notifications
//   - services, service_configuration, configuration
//   - addresses, auto_creation
//   - webhooks (scoped), configuration_webhooks (global and of services)
//
// The others are about all resources or have none:
//
//   - api: Config, API and Scope; errors: a line for each of Twilio's codes
//   - event: the types and forms of events, the webhooks that each may go to, the event log and alerts
//   - pre_action: changes that a webhook may refuse; webhook_delivery: calls of webhooks; webhook_config: readings of open questions
//   - account, senders: what Twilio has in its Console; api_keys: the keys of an account, and who has sent a request
package conversations
