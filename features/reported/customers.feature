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
