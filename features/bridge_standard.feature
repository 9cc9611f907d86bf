Feature: The standard bridge, situation by situation
  What a bridge fit for production does: every message stands in a conversation once, nothing is left behind, and the customer
  hears nothing of failures.

  Scenario: It does not start without a flow or credentials
    Given account Acme
    Then Acme cannot start a standard bridge of these settings:
      | setting            | value | complaint           |
      | STUDIO_FLOW_SID    |       | FlowSID is empty    |
      | TWILIO_ACCOUNT_SID |       | AccountSID is empty |
      | TWILIO_AUTH_TOKEN  |       | AuthToken is empty  |
    And Acme cannot start a standard bridge of these settings:
      | setting    | value     | complaint                                 |
      | order      | backwards | Order "backwards" is unknown              |
      | public-url | whatsapp  | is not an absolute http or https URL      |
      | retry-for  | -1s       | RetryFor and FunctionTimeout must not be negative |

  Scenario: Its configuration can be checked against the account
    Given account Acme with a standard bridge
    Then checking the configuration of Acme's bridge finds:
      | what | wrong                             |
      | *    |                                   |
      | *    |                                   |
      | *    | it does not exist in this account |
      | *    | *                                 |
      | *    |                                   |
    When Acme has the flow of its bridge
    And Acme tells its bridge of deliveries
    Then checking the configuration of Acme's bridge finds:
      | what                                           | wrong |
      | configuration                                  |       |
      | *                                              |       |
      | Studio flow FW0123456789abcdef0123456789abcdef |       |
      | webhook of deliveries                          |       |
      | queue                                          |       |

  Scenario Outline: A webhook without <missing> is refused
    Given account Acme with a standard bridge
    And Ada's phone
    When Acme's bridge gets a signed <method> with:
      | name       | value                              |
      | From       | <from>                             |
      | To         | <to>                               |
      | MessageSid | <message>                          |
      | Body       | Hola                               |
    Then that webhook is answered 400 text/plain
    And that webhook is told "<missing> is missing: From, To and MessageSid are required"
    And Acme's bridge has not called Twilio

    Examples:
      | missing    | method | from        | to          | message                            |
      | From       | POST   |             | the sandbox | SM00000000000000000000000000000001 |
      | To         | POST   | Ada's phone |             | SM00000000000000000000000000000001 |
      | MessageSid | POST   | Ada's phone | the sandbox |                                    |
      | From       | GET    |             | the sandbox | SM00000000000000000000000000000001 |

  Scenario: A new customer costs four calls, and the conversation says whose it is
    Given account Acme with a standard bridge of these settings:
      | setting        | value |
      | timer-inactive | PT1H  |
      | timer-closed   | P1D   |
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status | X-Twilio-Webhook-Enabled | UniqueName | Attributes | Timers.Inactive | Timers.Closed | Configuration.FlowSid              | MessagingBinding.Address | MessagingBinding.ProxyAddress | Author      | Body |
      | create a conversation | 201    | true                     | *          | *          | PT1H            | P1D           |                                    |                          |                               |             |      |
      | create a participant  | 201    |                          |            |            |                 |               |                                    | Ada's phone              | the sandbox                   |             |      |
      | create a webhook      | 201    |                          |            |            |                 |               | FW0123456789abcdef0123456789abcdef |                          |                               |             |      |
      | create a message      | 201    | true                     |            | *          |                 |               |                                    |                          |                               | Ada's phone | Hola |
    And Acme's conversation with Ada's phone has these messages:
      | body | attributes.MessageSid |
      | Hola | *                     |
    And Acme's bridge has counted 1 message as "opened"

  Scenario: A customer who has a conversation costs one call
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"
    And Acme's bridge has called Twilio:
      | call                  |
      | create a conversation |
      | create a participant  |
      | create a webhook      |
      | create a message      |
    When Ada's phone sends "¿Hay alguien?"
    Then Acme's bridge has called Twilio:
      | call          | status |
      | list messages | 200    |
    And Acme's bridge has counted 1 message as "captured"

  Scenario: The same webhook again costs nothing
    Given account Acme with a standard bridge
    And Ada's phone
    And Acme's bridge gets a signed POST with:
      | name                       | value                              |
      | I-Twilio-Idempotency-Token | one                                |
      | From                       | Ada's phone                        |
      | To                         | the sandbox                        |
      | MessageSid                 | SM00000000000000000000000000000001 |
      | Body                       | Hola                               |
    And Acme's bridge has called Twilio:
      | call                  |
      | create a conversation |
      | create a participant  |
      | create a webhook      |
      | create a message      |
    When Acme's bridge gets a signed POST with:
      | name       | value                              |
      | From       | Ada's phone                        |
      | To         | the sandbox                        |
      | MessageSid | SM00000000000000000000000000000001 |
      | Body       | Hola                               |
    Then that webhook is answered 200 text/xml
    And that webhook is told "<Response/>"
    When Acme's bridge gets a signed POST with:
      | name                       | value                              |
      | I-Twilio-Idempotency-Token | one                                |
      | From                       | Ada's phone                        |
      | To                         | the sandbox                        |
      | MessageSid                 | SM00000000000000000000000000000002 |
      | Body                       | Hola                               |
    Then that webhook is answered 200 text/xml
    And Acme's bridge has not called Twilio
    And Acme's conversation with Ada's phone has these messages:
      | body |
      | Hola |

  Scenario: A conversation of an agent that holds the customer is found and used
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | create a participant  | 409    |
      | delete a conversation | 204    |
      | look up a participant | 200    |
      | list messages         | 200    |
      | date a message        | 200    |
      | fetch a participant   | 200    |
    And Acme has 1 conversation
    And Acme's conversation "Support" has these messages:
      | author      | body |
      | Ada's phone | Hola |
    And Acme's conversation "Support" has no webhooks
    And Acme's bridge has counted 1 message as "captured"

  Scenario: Another account holds the customer: the message is a dead letter, the customer is told once, and it can be replayed
    Given account Acme with a standard bridge
    And account Globex with a standard bridge of these settings:
      | setting        | value                                     |
      | conflict-reply | We cannot answer here. Please call us up. |
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola Acme"
    And Acme calls its conversation with Ada's phone "the holder"
    And Ada's phone has joined Globex's sandbox
    When Ada's phone sends "Hola Globex"
    Then Globex's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | create a participant  | 409    |
      | delete a conversation | 204    |
      | look up a participant | 200    |
      | fetch a conversation  | 404    |
      | text the customer     | 201    |
    And Globex's bridge has counted 1 message as "foreign"
    And a dead letter of Globex's bridge says "held by another account"
    And Ada's phone receives "We cannot answer here. Please call us up."
    When Ada's phone sends "¿Hola?"
    Then Globex's bridge has counted 2 messages as "foreign"
    And Ada's phone receives nothing
    And Globex has no conversations
    When the agent closes Acme's conversation "the holder"
    And the dead letters of Globex's bridge are replayed
    Then Globex's conversation with Ada's phone has these messages:
      | body        |
      | Hola Globex |
      | ¿Hola?      |
    And Globex's bridge has no dead letters

  Scenario: Another account holds the customer, and Twilio does not name its conversation
    Given account Acme with a standard bridge
    And account Globex with a standard bridge
    And the switch foreign_ch_sid_in_50416 is hide
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola Acme"
    And Ada's phone has joined Globex's sandbox
    When Ada's phone sends "Hola Globex"
    Then Globex's bridge has counted 1 message as "foreign"
    And Globex has no conversations
    And Ada's phone receives nothing

  Scenario: A text that is too long for one message is split, in order
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And the switch long_text_webhook is whole
    When Ada's phone sends a text of 4000 characters
    Then Acme's conversation with Ada's phone has that text in 3 messages of 1600 characters at most
