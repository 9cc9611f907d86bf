// Package bridge turns inbound messages of a WhatsApp sandbox into Twilio Conversations.
//
// An account's own WhatsApp sender creates conversations by itself; the sandbox number cannot, so its "when a message comes in"
// webhook must do it. [Handler] is that webhook: mount it in any router and enter its URL in the sandbox settings, and each
// customer gets a conversation with a Studio flow. It calls Twilio through twilio-go. To run it against an emulator set
// [Config].APIURL or [Config].Client.
//
// It is not a general messaging server: it does not send to customers, and it keeps no history. Once a customer has a
// conversation, Twilio captures every further message itself.
//
// # Policies
//
// [PolicyStandard] stores a message, answers <Response/>, and works after the answer. [PolicyClassic] is the Function
// that Twilio publishes, defects included, for reproducing what that does in production (reference, WhatsApp 8.3).
//
// # How a message passes through
//
//  1. webhook.go: method and size; signature.go: X-Twilio-Signature, or 403; inbound.go: From, To and MessageSid, or 400.
//  2. queue.go: the message is stored in a [Queue], once, and the webhook is answered.
//  3. dispatcher.go: workers lease messages, one at a time per pair of numbers, many pairs at once.
//  4. delivery.go: does a conversation hold the pair?
//     open.go makes one: conversation, customer, flow, message, in an order that can be chosen. join.go sees to it
//     that a bound conversation has the message, which as a rule Twilio has captured (captured.go).
//  5. cleanup.go removes what a failed attempt leaves behind, now or later. A message that cannot be delivered becomes
//     a dead letter, which can be replayed or discarded.
//
// What agents write goes the other way without the bridge. It can be told what did not arrive: see [Handler.Deliveries].
//
// # Exactly once
//
// An attempt can end anywhere, so the next one must find what it did. The conversation that a message opens has a
// UniqueName made of the message; every message that a bridge posts carries the inbound MessageSid in its attributes,
// and a further attempt looks for it before it posts. Attributes hold the inbound parameters under their own names.
package bridge
