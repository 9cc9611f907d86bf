Feature: Messages that are sent later, and files
  A messaging service sends at a time that it is given. A file is named by its URL, and fetched before the message is sent.

  Background:
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme requests POST /v1/Conversations
    And the answer's "messaging_service_sid" is called "service"

  Scenario: A messaging service accepts a message, and picks the number
    When Acme sends Ada's phone a message with:
      | name                | value     |
      | MessagingServiceSid | {service} |
      | Body                | Hello     |
    Then the answer has:
      | status   | messaging_service_sid | direction    |
      | accepted | {service}             | outbound-api |
    And Ada's phone receives "Hello"
    And Acme's message "Hello" is:
      | from        | status |
      | the sandbox | read   |

  Scenario: A scheduled message is sent when it is due
    When Acme sends Ada's phone a message with:
      | name                | value                |
      | MessagingServiceSid | {service}            |
      | Body                | Your appointment     |
      | ScheduleType        | fixed                |
      | SendAt              | 2026-11-23T10:00:00Z |
    Then the answer has:
      | status    | date_sent |
      | scheduled |           |
    When 59 minutes pass
    Then Ada's phone receives nothing
    When 1 minute passes
    Then Ada's phone receives "Your appointment"
    And Acme's message "Your appointment" is:
      | status | date_sent                       |
      | read   | Mon, 23 Nov 2026 10:00:00 +0000 |

  Scenario: A scheduled message is canceled
    Given Acme sends Ada's phone a message with:
      | name                | value                |
      | MessagingServiceSid | {service}            |
      | Body                | Your appointment     |
      | ScheduleType        | fixed                |
      | SendAt              | 2026-11-23T10:00:00Z |
    When Acme cancels its message "Your appointment"
    And 2 hours pass
    Then Ada's phone receives nothing
    And Acme's message "Your appointment" is:
      | status   |
      | canceled |

  Scenario Outline: Twilio does not schedule a message <why>
    When Acme sends Ada's phone a message with:
      | name         | value        |
      | <by>         | <whom>       |
      | Body         | Appointment  |
      | ScheduleType | fixed        |
      | SendAt       | <at>         |
    Then Twilio refuses with 400, code <code>

    Examples:
      | why                  | by                  | whom        | at                   | code  |
      | within 15 minutes    | MessagingServiceSid | {service}   | 2026-11-23T09:14:00Z | 35114 |
      | in more than 35 days | MessagingServiceSid | {service}   | 2026-12-29T09:00:00Z | 35114 |
      | without a service    | From                | the sandbox | 2026-11-23T10:00:00Z | 35118 |

  Scenario: A file is fetched and sent
    Given endpoint "files" answers text/vcard:
      """
      BEGIN:VCARD
      VERSION:3.0
      FN:Grace Hopper
      END:VCARD
      """
    When Acme sends Ada's phone a message with:
      | name     | value        |
      | Body     | Ask her      |
      | MediaUrl | server files |
    Then the answer has:
      | status | num_media |
      | queued | 1         |
    And Ada's phone receives a file of type text/vcard
    And Acme's message "Ask her" has 1 file

  Scenario Outline: A file that <how> lets the message fail
    Given endpoint "files" answers <answer>
    When Acme sends Ada's phone a message with:
      | name     | value        |
      | Body     | Look         |
      | MediaUrl | server files |
    Then Acme's message "Look" is:
      | status | error_code |
      | failed | <code>     |
    And Ada's phone receives nothing

    Examples:
      | how          | answer | code  |
      | is not there | 404    | 63019 |
      | is empty     | 200    | 63021 |
