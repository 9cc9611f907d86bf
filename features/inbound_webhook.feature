Feature: When a message comes in
  The sandbox calls the account's URL for each message of a member, signed, and does what the answer says.

  Scenario: A new sandbox answers with Twilio's demo reply
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Ada's phone receives a text with "You said :Hola."
    And Acme has no conversations

  Scenario: Without a URL nobody answers
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And Acme's debugger shows nothing

  Scenario Outline: The webhook comes by <method>, with what Twilio says of a text
    Given account Acme
    And Acme sends what comes in to "crm" by <method>
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola, ¿qué tal? 👋"
    Then endpoint "crm" was told:
      | method   | From        | To          | Body               | AccountSid   | ProfileName | WaId        | NumMedia | MessageType | SmsStatus | MessageSid |
      | <method> | Ada's phone | the sandbox | Hola, ¿qué tal? 👋 | account Acme | Ada         | 15558675310 | 0        | text        | received  | *          |
    And Ada's phone receives nothing

    Examples:
      | method |
      | POST   |
      | GET    |

  Scenario: The webhook comes also for a phone that is in a conversation
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | Body |
      | Hola |
    And Acme's conversation "Support" has these messages:
      | author      | body |
      | Ada's phone | Hola |

  Scenario: TwiML is obeyed
    Given account Acme
    And Acme sends what comes in to "crm"
    And endpoint "crm" answers text/xml:
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <Response><Message>One moment, please</Message><Message><Body>Somebody will be with you</Body></Message></Response>
      """
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Ada's phone receives "One moment, please"
    And Ada's phone receives "Somebody will be with you"
    And Ada's phone receives nothing

  Scenario: Plain text is sent to the phone
    Given account Acme
    And Acme sends what comes in to "crm"
    And endpoint "crm" answers text/plain:
      """
      TypeError: cannot read property of undefined
      """
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Ada's phone receives "TypeError: cannot read property of undefined"

  Scenario: JSON is sent to nobody, and the debugger shows it
    Given account Acme
    And Acme sends what comes in to "crm"
    And endpoint "crm" answers application/json:
      """
      {"status": "ok"}
      """
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And Acme's debugger shows 12300

  Scenario: XML that cannot be parsed does nothing
    Given account Acme
    And Acme sends what comes in to "crm"
    And endpoint "crm" answers text/xml:
      """
      <Response><Message>Hola</Response>
      """
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And Acme's debugger shows 12100

  Scenario: An error is sent to nobody, is not tried again, and the debugger shows it
    Given account Acme
    And Acme sends what comes in to "crm"
    And endpoint "crm" answers 500
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | Body |
      | Hola |
    And Ada's phone receives nothing
    And Acme's debugger shows 11200

  Scenario: A server that cannot be reached
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    And this fault:
      """
      {"direction": "out", "path": "/crm", "drop": true}
      """
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told nothing
    And Ada's phone receives nothing
    And Acme's debugger shows 11205
