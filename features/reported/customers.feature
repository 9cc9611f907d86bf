Feature: Reported: who the customer is
  Since April 2026 a customer is known to a business by an ID of WhatsApp's beside the number, and may have no number at all.

  Scenario: ExternalUserId begins with the customer's country
    Reported in nyaruka/courier#1000 and chatwoot/chatwoot#14436. The bot's own recordings may say ID, which is Indonesia.
    Given account Acme
    And Acme sends what comes in to "bot"
    And Ada's phone with the number "+15558675310"
    And Bia's phone with the number "+5511987654321"
    And Dora's phone with the number "+491701234567"
    And Ada's phone has joined Acme's sandbox
    And Bia's phone has joined Acme's sandbox
    And Dora's phone has joined Acme's sandbox
    When Ada's phone sends "Hello"
    And Bia's phone sends "Olá"
    And Dora's phone sends "Hallo"
    Then endpoint "bot" was told:
      | From                    | WaId          | ExternalUserId |
      | whatsapp:+15558675310   | 15558675310   | whatsapp:US.*  |
      | whatsapp:+5511987654321 | 5511987654321 | whatsapp:BR.*  |
      | whatsapp:+491701234567  | 491701234567  | whatsapp:DE.*  |

  Scenario: ExternalUserId comes with everything that a customer can send
    Reported in dimagi/open-chat-studio#3366, which takes a message without it for a malformed one.
    Given account Acme
    And Acme sends what comes in to "bot"
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends:
      | text | file  | location       | contact      | contact number | template button | button | payload | list choice | list id |
      | Hi   |       |                |              |                |                 |        |         |             |         |
      |      | photo |                |              |                |                 |        |         |             |         |
      |      |       | 25.0188, -77.4 |              |                |                 |        |         |             |         |
      |      |       |                | Grace Hopper | +15557654321   |                 |        |         |             |         |
      |      |       |                |              |                | Yes             |        | yes_1   |             |         |
      |      |       |                |              |                |                 | Yes    | yes_1   |             |         |
      |      |       |                |              |                |                 |        |         | Tuesday     | day_2   |
    Then endpoint "bot" was told:
      | MessageType | ExternalUserId |
      | text        | whatsapp:US.*  |
      | image       | whatsapp:US.*  |
      | location    | whatsapp:US.*  |
      | contacts    | whatsapp:US.*  |
      | button      | whatsapp:US.*  |
      | interactive | whatsapp:US.*  |
      | interactive | whatsapp:US.*  |

  Scenario: ExternalUserId is missing
    Reported in nyaruka/courier#1000, which bears that. Whether Twilio ever leaves it out is not known.
    Given the switch external_user_id is never
    And account Acme
    And Acme sends what comes in to "bot"
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hello"
    Then endpoint "bot" was told:
      | From        | ExternalUserId |
      | Ada's phone | absent         |

  Scenario: The bot takes From for a number, and a customer with a username has none
    Reported in dimagi/open-chat-studio#3322 and chatwoot/chatwoot#13837: From is the ID, and WaId is missing.
    Given account Acme
    And Acme sends what comes in to "bot"
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hello"
    And Ada's phone has the username "ada.lovelace"
    And Ada's phone sends "Do you know me?"
    And Ada's phone has no username
    And Ada's phone sends "And now?"
    Then endpoint "bot" was told:
      | From                  | WaId        | ExternalUserId | ProfileUsername | Body            |
      | whatsapp:+15558675310 | 15558675310 | whatsapp:US.*  | absent          | Hello           |
      | whatsapp:US.*         | absent      | whatsapp:US.*  | ada.lovelace    | Do you know me? |
      | whatsapp:+15558675310 | 15558675310 | whatsapp:US.*  | absent          | And now?        |

  Scenario: The answer goes to the ID
    Reported in freescout-help-desk/freescout#5444, where the API made a number of the ID. Since May 2026 it takes IDs.
    Given account Acme
    And Acme has no URL for what comes in
    And Acme sends statuses to "crm"
    And Ada's phone has joined Acme's sandbox
    And Ada's phone has the username "ada"
    When Acme sends "Hi" to Ada's phone
    Then Ada's phone receives "Hi"
    And endpoint "crm" was told:
      | To            | ChannelToAddress | MessageStatus |
      | whatsapp:US.* | US.*             | sent          |
      | whatsapp:US.* | US.*             | delivered     |
      | whatsapp:US.* | US.*             | read          |

  Scenario: An ID that the business has made up, or has from another business, reaches nobody
    Reported in chatwoot/chatwoot#15537: an ID is of one business only.
    Given account Acme
    And Acme sends statuses to "crm"
    And Ada's phone has joined Acme's sandbox
    And Ada's phone has the username "ada"
    When Acme sends Ada's phone a message with:
      | name | value                            |
      | To   | whatsapp:US.13491208655302741918 |
      | Body | Hi                               |
    Then endpoint "crm" was told:
      | To                               | MessageStatus | ErrorCode |
      | whatsapp:US.13491208655302741918 | failed        | 63015     |
    And Ada's phone receives nothing
    Given account Globex
    When Globex sends "Hi" to Ada's phone
    Then Globex's debugger shows 63015

  Scenario: A customer with a username in a conversation
    The pair of ID and sandbox number is as unique as that of two numbers. How Conversations treats IDs is not documented.
    Given account Acme
    And Acme sends what comes in to "bot"
    And Ada's phone has joined Acme's sandbox
    And Ada's phone has the username "ada"
    And Acme creates conversation "Support" with Ada's phone
    When Ada's phone sends "Hello"
    And the agent writes "Hi Ada" in Acme's conversation "Support"
    Then Ada's phone receives "Hi Ada"
    And the receipt for "Hi Ada" in Acme's conversation "Support" says read
    And Acme's conversation "Support" has these messages:
      | author        | body   |
      | whatsapp:US.* | Hello  |
      | agent         | Hi Ada |
    When Acme creates conversation "Second"
    And the agent adds Ada's phone to Acme's conversation "Second"
    Then Twilio refuses with 409, code 50416

  Scenario: The customer of the conversation takes a username, and the conversation is deaf
    Whether Twilio knows the ID and the number for one customer is not known; the switch says that it does.
    Given account Acme
    And Acme sends what comes in to "bot"
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    When Ada's phone has the username "ada"
    And Ada's phone sends "Hello?"
    Then Acme's conversation "Support" has no messages
    When the agent writes "Are you there?" in Acme's conversation "Support"
    Then Ada's phone receives "Are you there?"
    Given the switch number_binding_captures is on
    When Ada's phone sends "Hello!"
    Then Acme's conversation "Support" has these messages:
      | author       | body           |
      | agent        | Are you there? |
      | Ada's number | Hello!         |

  Scenario: A sender of one's own opens a conversation for a customer with a username
    Reported in chatwoot/chatwoot#13837: the address of the participant is the ID.
    Given account Acme
    And Acme has the sender "whatsapp:+13115552368"
    And Acme requests POST /v1/Configuration/Addresses with:
      | name                 | value                 |
      | Type                 | whatsapp              |
      | Address              | whatsapp:+13115552368 |
      | AutoCreation.Enabled | true                  |
    And Ada's phone has joined Acme's sandbox
    And Ada's phone has the username "ada"
    When Ada's phone sends "Hello" to "+13115552368"
    And Ada's phone sends "Anybody?" to "+13115552368"
    Then Acme's conversation with Ada's phone has these messages:
      | author        | body     |
      | whatsapp:US.* | Hello    |
      | whatsapp:US.* | Anybody? |
    When the agent writes "Yes" in Acme's conversation with Ada's phone
    Then Ada's phone receives "Yes"

  Scenario: The webhook's answer reaches a customer without a number
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    And Ada's phone has the username "ada"
    When Ada's phone sends "Hello"
    Then Ada's phone receives a text with "You said :Hello."
