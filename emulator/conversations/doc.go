// Package conversations is Twilio Conversations: its resources, its rules and its events, for any number of accounts.
//
// It knows no HTTP server. Package rest is one of its callers; the WhatsApp sandbox, Studio and agents are others, and
// all of them add a message through the same door, [API.CreateMessage]. So a rule stands here or nowhere.
//
// A call names its account and Conversation Service in a [Scope], and its form in a params struct whose nil fields were
// not sent. It asks the pre-action webhook, where there is one for it, and does its work in one transaction: rules,
// documents, an [Event], and what follows from the event as [Job] documents. The [Outbox] runs those after the commit, in
// order where order matters: webhooks, Studio, delivery to phones, timers. No transaction and no lock is held while one of
// them runs, nor while a webhook is asked.
//
// A failed call returns an *[twilio.Error], which is also the body that Twilio answers with, and has changed nothing.
//
// One file is one chapter of Twilio's reference (conversations, participants, messages, webhooks, ...); the names of
// the files are the same in package rest.
package conversations
