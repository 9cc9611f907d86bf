Feature: Reported: what a customer writes is answered wrongly, or by nobody
  Problems that people have reported with "when a message comes in" and with conversations, as they saw them.

  Scenario: My application is deployed, and the customer still hears "You said"
    Reported in several public repositories: nobody has set the URL in the sandbox settings.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Ada's phone receives a text with "You said :Hola."
    And Ada's phone receives nothing
    When Acme sends what comes in to "crm"
    And Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And endpoint "crm" was told:
      | Body |
      | Hola |

  Scenario: The server is down, and the customer hears nothing
    Reported in several public repositories; the debugger has the reason.
    Given account Acme
    And Acme sends what comes in to "http://127.0.0.1:1/whatsapp"
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And Acme's debugger shows 11205

  Scenario: The handler answers 200 with an empty text, and the debugger shows 11200
    Reported in get-convex/twilio#9. An empty document, which the standard bridge answers, has no such entry.
    Given the switch empty_text_plain is 11200
    And account Acme with a classic bridge
    And account Globex with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Bob's phone has joined Globex's sandbox
    When Ada's phone sends "Hola"
    And Bob's phone sends "Hi"
    Then Acme's bridge answered 200 text/plain
    And Acme's debugger shows 11200
    And Globex's bridge answered 200 text/xml
    And Globex's debugger shows nothing

  Scenario: The customer gets two answers: two parts of the application hear of each message
    Reported in IHARC/STEVI#29: the webhook of the sandbox was still set when Conversations had taken over.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    And Acme's conversation "Support" tells "bot" of "onMessageAdded"
    When Ada's phone sends "Hola"
    Then endpoint "bot" was told:
      | Body |
      | Hola |
    And Ada's phone receives a text with "You said :Hola."
    When Acme has no URL for what comes in
    And Ada's phone sends "¿Hola?"
    Then endpoint "bot" was told:
      | Body   |
      | ¿Hola? |
    And Ada's phone receives nothing

  Scenario: A message to a sender with auto-creation is in no conversation
    Reported in IHARC/STEVI#29: the address configuration names a conversation service that was deleted.
    Given account Acme
    And Acme has the sender "whatsapp:+13115552368"
    And Acme requests POST /v1/Services with:
      | name         | value |
      | FriendlyName | Shop  |
    And the answer's "sid" is called "shop"
    And Acme requests POST /v1/Configuration/Addresses with:
      | name                                | value                 |
      | Type                                | whatsapp              |
      | Address                             | whatsapp:+13115552368 |
      | AutoCreation.Enabled                | true                  |
      | AutoCreation.ConversationServiceSid | {shop}                |
    And Acme requests DELETE /v1/Services/{shop}
    And Ada's phone
    When Ada's phone sends "Hola" to "+13115552368"
    Then Acme has no conversations
    And Acme's debugger shows 20404

  Scenario: The bot talks to itself
    Reported of handlers that react to onMessageAdded: their own messages come back to them when they ask for webhooks.
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    And Acme's conversation "Support" tells "bot" of "onMessageAdded"
    When Ada's phone sends "Hola"
    And the agent writes "How can I help?" in Acme's conversation "Support" with webhooks enabled
    Then endpoint "bot" was told:
      | Author      | Source   | Body            |
      | Ada's phone | WHATSAPP | Hola            |
      | agent       | API      | How can I help? |
    When the agent writes "I am here" in Acme's conversation "Support"
    Then endpoint "bot" was told nothing
    And Ada's phone receives "How can I help?"
    And Ada's phone receives "I am here"

  Scenario: The customer has written a long letter, and the account's message has failed
    Reported in chatwoot/chatwoot#2206 and Twilio's support article 360033806753: of more than 1,600 characters the account gets the first
    1,600. Whether the webhook is called, and what a conversation gets, nobody has said: long_text_webhook, long_text_in_conversation.
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a text of 1601 characters
    Then Acme's message log, where "From" is "Ada's phone", shows:
      | status   | error_code | error_message                                                  |
      | failed   | 21617      | The concatenated message body exceeds the 1600 character limit |
      | received |            |                                                                |
    And Acme's debugger shows 21617
    And endpoint "crm" was told:
      | From        | Body | SmsStatus |
      | Ada's phone | *    | received  |
    Given the switch long_text_webhook is none
    When Ada's phone sends a text of 1601 characters
    Then endpoint "crm" was told nothing
    When Ada's phone sends a text of 1600 characters
    Then endpoint "crm" was told:
      | From        | Body | SmsStatus |
      | Ada's phone | *    | received  |
