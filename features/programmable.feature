Feature: Programmable Messaging
  Messages without a conversation: an account sends them from the sandbox number, and finds them in its log, beside what came
  in and what its webhook answered.

  Background:
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox

  Scenario: A message is queued, sent, delivered and read
    When Acme sends "Your order has shipped" to Ada's phone
    Then Ada's phone receives "Your order has shipped"
    And Acme's message "Your order has shipped" is:
      | direction    | from        | to          | status | error_code | num_media | date_sent                       |
      | outbound-api | the sandbox | Ada's phone | read   |            | 0         | Mon, 23 Nov 2026 09:00:00 +0000 |

  Scenario: The log has all that came and went, the latest first
    Given account Acme2
    And Acme sends what comes in to "crm"
    And endpoint "crm" answers text/xml:
      """
      <Response><Message>One moment</Message></Response>
      """
    When 1 hour passes
    And Ada's phone sends "Hola"
    And 1 hour passes
    And Acme sends "Good morning" to Ada's phone
    Then Acme's message log shows:
      | direction      | from        | to          | body              | status   |
      | outbound-api   | the sandbox | Ada's phone | Good morning      | read     |
      | outbound-reply | the sandbox | Ada's phone | One moment        | read     |
      | inbound        | Ada's phone | the sandbox | Hola              | received |
      | inbound        | Ada's phone | the sandbox | join acme-sandbox | received |
    And Acme2's message log shows:
      | body |

  Scenario: What a conversation sends stands in the log too
    Given Acme creates conversation "Support" with Ada's phone
    When the agent writes "Good morning" in Acme's conversation "Support"
    Then Acme's message "Good morning" is:
      | direction    | from        | to          | status |
      | outbound-api | the sandbox | Ada's phone | read   |

  Scenario: The log is narrowed by sender, recipient and day
    Given Bob's phone has joined Acme's sandbox
    And Acme sends "To Ada" to Ada's phone
    And Acme sends "To Bob" to Bob's phone
    And 1 day passes
    And Bob's phone sends "Hi"
    And Acme sends "To Bob again" to Bob's phone
    Then Acme's message log, where "To" is "Bob's phone", shows:
      | body         |
      | To Bob again |
      | To Bob       |
    And Acme's message log, where "From" is "Ada's phone", shows:
      | body              |
      | join acme-sandbox |
    And Acme's message log, where "DateSent" is "2026-11-24", shows:
      | body         |
      | To Bob again |
      | Hi           |
    And Acme's message log, where "DateSent<" is "2026-11-23", shows:
      | body              |
      | To Bob            |
      | To Ada            |
      | join acme-sandbox |
      | join acme-sandbox |
    And Acme's message log, where "DateSent>" is "2026-11-25", shows:
      | body |
    When Acme requests GET /2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json
    Then Twilio refuses with 404, code 20404

  Scenario: A redacted message keeps everything but its text
    Given Acme sends "Your PIN is 1234" to Ada's phone
    When Acme redacts its message "Your PIN is 1234"
    Then Acme's message log, where "From" is "the sandbox", shows:
      | body | status | to          |
      |      | read   | Ada's phone |
    And Ada's phone receives "Your PIN is 1234"

  Scenario: A deleted message is in the log no more
    Given Acme sends "Oops" to Ada's phone
    When Acme deletes its message "Oops"
    Then Acme's message log, where "From" is "the sandbox", shows:
      | body |
    And Ada's phone receives "Oops"

  Scenario: What waits can be canceled and not deleted; what was sent cannot be canceled
    Given the switch rate_interval is 3 seconds
    And Acme sends "First" to Ada's phone
    And Acme sends "Second" to Ada's phone
    When Acme deletes its message "Second"
    Then Twilio refuses with 409, code 20009
    When Acme cancels its message "Second"
    And 1 minute passes
    Then Ada's phone receives "First"
    And Ada's phone receives nothing
    And Acme's message "Second" is:
      | status   | date_sent |
      | canceled |           |
    When Acme cancels its message "First"
    Then Twilio refuses with 400, code 30409

  Scenario Outline: Twilio refuses a message <why>
    When Acme sends Ada's phone a message with:
      | name   | value   |
      | <name> | <value> |
      | <more> | <of it> |
    Then Twilio refuses with 400, code <code>

    Examples:
      | why                                   | name | value                 | more     | of it          | code  |
      | to what is no number                  | To   | whatsapp:+            | Body     | Hi             | 21211 |
      | to a number of another channel        | To   | +15558675310          | Body     | Hi             | 21910 |
      | from a number that is not its own     | From | whatsapp:+13115552368 | Body     | Hi             | 63007 |
      | that is empty                         | Body |                       |          |                | 21619 |
      | with a file that has no URL           | Body | Hi                    | MediaUrl | photo.jpg      | 21620 |
      | with a template that it does not have | Body |                       | ContentSid | HX00000000000000000000000000000000 | 21655 |
