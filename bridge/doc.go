// Package bridge turns inbound messages of a WhatsApp sandbox into Twilio Conversations.
//
// A WhatsApp sender of one's own can create conversations by itself; the sandbox number cannot, so somebody must
// answer its "when a message comes in" webhook. [Handler] does: mount it in any router, give Twilio its URL, and each
// customer gets a conversation that a Studio flow hears. It calls Twilio through twilio-go and knows nothing of the
// emulator; against the emulator it runs by [Config].APIURL or [Config].Client alone.
//
// It is no general messaging server: it does not send to customers, and it keeps no history.
//
// A request passes through: method and size, X-Twilio-Signature (403), parameters, and then the policy.
// PolicyStandard wants From, To and MessageSid (400) and answers <Response/>; PolicyClassic is the Function that Twilio
// publishes, defects included, for reproducing what that does in production.
package bridge
