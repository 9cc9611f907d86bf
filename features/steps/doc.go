// Package steps lets Gherkin scenarios speak about WhatsApp on Twilio Conversations: accounts, phones, conversations,
// bridges, webhooks and failures. It is for cloudforgot's own features and for the BDD suites of other teams.
//
// It is not a test of Twilio, and it looks into nothing: it uses the emulator through Twilio's API, with twilio-go, and
// through the control API, as every other client does.
//
// A scenario travels like this: godog matches the text of a step → the step's method of [World] uses the SDK or the
// control API → the world settles, which means that nothing is under way in the emulator or a bridge, or the step fails
// after 30 seconds → the next step. Each scenario has an emulator of its own in process, whose clock stands still at
// 2026-11-23 09:00 UTC until time passes, and whose webhooks reach handlers in this process without a port. With
// [Options].URL it is an emulator that runs elsewhere, which is reset for each scenario and has the same clock.
//
// A scenario fails when one of its steps does, when a step is undefined, when Twilio refuses what a step asked for and
// the scenario does not go on with "Then Twilio refuses with …", and when anybody, a bridge too, asks for an operation of
// Twilio's that is not emulated: see [UnhandledError].
//
// # Suites of one's own
//
// In a test of one's own, beside one's own steps:
//
//	suite := godog.TestSuite{
//		ScenarioInitializer: func(sc *godog.ScenarioContext) {
//			world := steps.Register(sc, steps.Options{})
//			sc.Step(`^our shop is open$`, func(ctx context.Context) error {
//				url, err := world.Handle("shop", shop.New(...)) // webhooks reach it by that URL
//				...
//			})
//		},
//		Options: &godog.Options{Paths: []string{"features"}, Strict: true, TestingT: t},
//	}
//	if suite.Run() != 0 {
//		t.Fail()
//	}
//
// [Run] does without godog: it is what the command cloudforgot test does.
//
// # Words
//
// Things have names that begin with a capital letter: account Acme, Ada's phone. {text} stands in double quotes. {count} is a
// number or "no", {duration} is like "72 hours". {policy} is standard or classic, {file} photo, sticker, voice note, song
// (Ogg with Vorbis), video, document or contact card, {state} active, inactive or closed, {status} sent, delivered, read,
// failed or undelivered, {method} GET or POST, {type} a content type, {request} like "GET /v1/Conversations". {switch} and
// {setting} are those of "cloudforgot switches show", with on and off, and durations in words. {change} is redacts, cancels
// or deletes, {verdict} right or wrong, {approval} approved, rejected, paused or disabled, {sealed} signed by Twilio, changed
// on the way, or changed on the way with its hash. {manner} is with credentials, without credentials, with credentials for
// every host or without following redirects. {way} is what a signature is held against: its URL and form, its URL alone, its
// URL and headers, its URL and the form with trimmed values, its URL with https and its form, its URL with a slash behind and
// its form, its URL and form, by another token, or its URL and form, without token. {call} is one of: create a conversation,
// fetch a conversation, delete a conversation, create a webhook, create a participant, create a message, list messages, look
// up a participant, fetch a file, upload a file, list webhooks, fetch a participant, date a message, text the customer.
//
// A {conversation} is "Acme's conversation with Ada's phone", the one that is not closed and holds the phone, or "Acme's
// conversation "Support"", by the name that the scenario has given it, or else by its unique name.
//
// A server, where webhooks go, is a name: of a recording endpoint, which exists from its first mention, or of a handler
// that World.Handle has mounted. Or it is a URL.
//
// In tables "Ada's phone" means its address as the account of its sandbox knows it, "Ada's number" that of its number, "the
// sandbox" the shared number, "account Acme" its SID, "server crm" the URL of that server, and * anything but nothing
// (whatsapp:US.* what begins like that). A table lists everything there is, in order; it may leave out columns, not rows. A
// server's name may be followed by a path, a query or connection overrides: "crm#rc=1&rp=5xx".
//
// "the agent" acts by REST with the credentials of the conversation's account.
//
// # Steps
//
// Accounts:
//
//	account {account}                                         its sandbox's code is acme-sandbox, its URL Twilio's demo reply
//	account {account} with a {policy} bridge                  the same, with a bridge as its URL
//	{account} sends what comes in to {text}                   "when a message comes in": a server, by POST
//	{account} sends what comes in to {text} by {method}
//	{account} has no URL for what comes in
//	{account} sends statuses to {text}                        the sandbox's status callback URL: a server
//	{account} has the sender {text}                           a registered one, "whatsapp:+13115552368"
//	{account} logs in with an API key                         a new one, from now on
//	{account} logs in with its API key and a wrong secret
//	{account} logs in with its token                          again
//	{account}'s API key is revoked
//	{account} has the template {text} that says {text}        with a sample for each of its {{…}}; {its name} is its SID then
//	WhatsApp has {approval} {account}'s template {text}       approved, rejected, paused, disabled
//	{account}'s debugger shows {number}                       and no other code
//	{account}'s debugger shows nothing
//
// Bridges. Settings (columns setting, value, and for a bridge that does not start complaint) are STUDIO_FLOW_SID,
// TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, order, conflict-reply, timer-inactive, timer-closed, public-url and retry-for as of
// "bridge --help", call-timeout and function-timeout:
//
//	account {account} with a {policy} bridge of these settings:
//	{account} cannot start a {policy} bridge of these settings:
//	{account} has the flow of its bridge                      registered in Studio, and published
//	checking the configuration of {account}'s bridge finds:   what, wrong
//	{account}'s bridge was called {count} time(s)             by Twilio, in this scenario
//	{account}'s bridge answered {number} {type}               to the last of these calls
//	{account}'s bridge said {text}                            the body of that answer
//	{account}'s bridge said:                                  the same, behind the step
//	{account}'s bridge answered with these headers:           name, value; there may be others
//	{account}'s bridge answered before its attempt to {call} ended
//	{account}'s bridge has called Twilio:                     call, status, waited, parameters, X-… headers
//	{account}'s bridge has not called Twilio                  both: since the scenario last spoke of that
//	{phone}'s phone sends {text} just before {account}'s bridge attempts to {call}
//	{account}'s bridge has {count} dead letter(s)
//	a dead letter of {account}'s bridge says {text}           its reason contains this
//	the dead letters of {account}'s bridge are replayed
//	{account}'s bridge has counted {count} message(s) as {text}  opened, captured, appended, foreign or dead
//	{account} tells its bridge of deliveries                  by the account's Conversations webhooks
//	{account}'s bridge knows of these failed deliveries:      status, code, why
//	{account}'s bridge knows of no failed delivery
//	{account}'s bridge gets a signed {method} with:           name, value: parameters; not by way of the emulator
//	{phone}'s phone sends a text of {number} characters       too long to be written down
//	{conversation} has that text in {number} messages of {number} characters at most
//	that webhook is answered {number} {type}
//	that webhook is told {text}                               the body of that answer
//	somebody forges a message {text} from {phone}'s phone to {account}'s bridge
//	somebody sends {account}'s bridge a message {text} from {phone}'s phone without a signature
//	{account}'s bridge gets JSON that is {sealed}
//	somebody replays what endpoint {text} was told to {account}'s bridge
//	the forger gets {number}
//
// Phones. A message that a phone received is unread until the scenario speaks of it. The columns of what a phone sends are text,
// to, file; location, label, address; contact, contact number; template button or button, payload; list choice, list id; reply
// to (the text of a message of the chat); forwarded (once, often); ad, ad id, ad url; unsupported (reaction, poll, edit, deletion):
//
//	{phone}'s phone                                           the first has the number +15558675310
//	{phone}'s phone with the number {text}                    "+5511987654321"
//	{phone}'s phone has joined {account}'s sandbox            the confirmation is read
//	{phone}'s phone sends {text}                              also "join acme-sandbox" and "stop"
//	{phone}'s phone sends a {file}
//	{phone}'s phone sends a {file} with the caption {text}
//	{phone}'s phone sends {text} to {text}                    to a registered sender
//	{phone}'s phone sends an album of {number} photos         each comes as a message of its own
//	{phone}'s phone sends:                                    a message for each row
//	a message of the kind {text} is dropped                   and logged: Twilio has no webhook for it
//	{phone}'s phone is offline
//	{phone}'s phone is online again                           it gets what was sent meanwhile
//	{phone}'s phone has blocked the business
//	{phone}'s phone sends no read receipts
//	{account} shows {phone}'s phone that it is typing         a typing indicator, for its newest message
//	{phone}'s phone sees that somebody is typing
//	{phone}'s phone sees nobody typing
//	{phone}'s phone has the username {text}                   it shows no number: its address is its ExternalUserId
//	{phone}'s phone has no username                           it shows its number again
//	the number {text} is an alias of {phone}'s phone          WhatsApp knows the phone by its own number only
//	{phone}'s phone receives a file of type {type}
//	{phone}'s phone receives {text}                           the oldest unread message is this
//	{phone}'s phone receives a text with {text}               the oldest unread message contains this
//	{phone}'s phone receives nothing                          there is no unread message
//	{phone}'s phone is in {account}'s sandbox for {duration}
//	{phone}'s phone is in no sandbox
//
// Time:
//
//	{duration} pass(es)                                       what falls due on the way happens
//	the clock runs                                            from now on, as outside scenarios
//	at the same moment:                                       a step in each row, of a phone or the agent, without a table
//	Twilio refuses {number} of them with {number}, code {number}
//
// What Twilio does not say:
//
//	the switch {switch} is {setting}
//
// Conversations:
//
//	{account} creates conversation {text}                     with that friendly name
//	{account} creates conversation {text} with {phone}'s phone
//	{account} creates a conversation with the unique name {text}
//	{account} calls its conversation with {phone}'s phone {text}
//	the agent makes {conversation} {state}
//	the agent closes {conversation}
//	the agent deletes {conversation}
//	the agent adds {phone}'s phone to {conversation}
//	the agent removes {phone}'s phone from {conversation}
//	{account} has {count} conversation(s)                     closed ones among them
//	{conversation} is {state}
//	{conversation} is gone
//	{conversation} has these participants:                    address, proxy, identity
//
// Messages:
//
//	the agent writes {text} in {conversation}                 without X-Twilio-Webhook-Enabled
//	the agent writes {text} in {conversation} with webhooks enabled
//	the agent writes {number} messages in {conversation}      1, 2, 3 …
//	the agent sends a {file} in {conversation}                uploaded to the Media Content Service first
//	the agent sends a {file} of {number} MB in {conversation}
//	{conversation} has no messages
//	{conversation} has these messages:                        index, author, body, media (content types), attributes.NAME
//	{conversation} has these messages, in any order:
//	{text} stands in {account}'s conversations {count} time(s)
//	reading {conversation} in pages of {number} gives pages of {text}
//	the receipt for {text} in {conversation} says {status}
//	the receipt for {text} in {conversation} says failed with {number}
//
// Programmable Messaging. {text} is the text of an account's message, the newest such. Columns of a log are fields of a
// Message: direction, from, to, body, status, error_code, error_message, num_media, date_sent, messaging_service_sid:
//
//	{account} sends {text} to {phone}'s phone                 from the sandbox number
//	{account} sends {phone}'s phone a message with:           name, value: Body, MediaUrl, ContentSid, StatusCallback …
//	{account}'s message {text} is:                            fetched
//	{account}'s message log shows:                            the latest first
//	{account}'s message log, where {text} is {text}, shows:   To, From, DateSent, DateSent<, DateSent>
//	{account} {change} its message {text}
//	{account}'s message {text} becomes {status}               by hand, with the switch delivery on manual
//	{account}'s message {text} has {count} file(s)
//	{account} deletes the file of its message {text}
//
// Webhooks and Studio:
//
//	{conversation} tells {text} of {text}                     a server, of events ("onMessageAdded, onDeliveryUpdated")
//	{conversation} tells {text} of messages that say {text}   a server, by target trigger
//	{conversation} has these webhooks:                        target, filters, triggers, flow, url, method
//	{conversation} has no webhooks
//	{account} has {count} Studio execution(s)
//	the Studio flow has heard in {conversation}:              event, author, body
//
// Recording endpoints. A webhook is unread until the scenario speaks of it; its signature is checked then:
//
//	endpoint {text} answers {number}                          and nothing else
//	endpoint {text} answers {type}:                           the text behind the step, with 200; {server crm} is a URL
//	endpoint {text} never answers
//	endpoint {text} sets the cookie {text}
//	endpoint {text} was told:                                 columns are parameters, "method" and "Cookie"; absent: not there
//	endpoint {text} was told, in any order:
//	endpoint {text} was told nothing
//	endpoint {text} fetches the file {manner} and gets {number}
//	the signature at endpoint {text} is {verdict} for {way}   of the last webhook, by twilio-go's validator
//
// Failures:
//
//	every attempt to {call} fails with {number}
//	the next attempt to {call} fails with {number}
//	the next attempt to {call} fails with {number} and asks to wait {duration}
//	every attempt to {call} fails at the connection           and has no effect
//	the next attempt to {call} fails at the connection
//	every attempt to {call} is not answered in time           for a bridge with a short call-timeout or function-timeout
//	the next attempt to {call} is not answered in time
//	every attempt to {call} takes its time
//	the answer to the next attempt to {call} is lost          the call itself succeeds
//	this fault:                                               JSON, in the fields of traffic.Fault
//	nothing fails any more
//
// Requests of any kind, and refusals:
//
//	{account} requests {request}                              {Acme} in a path is the SID of the account
//	{account} requests {request} with:                        name, value
//	{account} requests {request} with the JSON:                 and the JSON in triple quotes, of which Twilio reads nothing
//	the answer has:                                           columns are fields of its JSON
//	the answer's {text} is called {text}                      "sid", "shop": {shop} is that, in a path or a table
//	Twilio refuses with {number}, code {number}               what the step before asked for
//	the refusal says {text}
//	the refusal names {conversation}                          by its SID
package steps
