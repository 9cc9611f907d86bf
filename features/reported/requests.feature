Feature: Reported: requests that are read otherwise than they were meant
  What Twilio makes of a request that was written in another form than it takes, as people have met it.

  Background:
    Given account Acme
    And Ada's phone has joined Acme's sandbox

  Scenario: JSON is sent where a form is read, and the answer speaks of a number that stands in it
    Reported in twilio/twilio-csharp#682. Of a body that is no form nothing is read: all its parameters are missing.
    When Acme requests POST /2010-04-01/Accounts/{Acme}/Messages.json with the JSON:
      """
      {"To": "whatsapp:+15558675310", "From": "whatsapp:+14155238886", "Body": "Hello"}
      """
    Then Twilio refuses with 400, code 21604
    And the refusal says "A 'To' phone number is required."
    When Acme creates a conversation with the unique name "support"
    And Acme requests POST /v1/Conversations/support/Participants with the JSON:
      """
      {"Identity": "agent"}
      """
    Then Twilio refuses with 400, code 20001
    And Ada's phone receives nothing

  Scenario Outline: A status callback has <what>, and the message is refused
    Twilio's error page 21609. Addresses of this machine are taken.
    When Acme sends Ada's phone a message with:
      | name           | value |
      | Body           | Hello |
      | StatusCallback | <url> |
    Then Twilio refuses with 400, code 21609
    And Ada's phone receives nothing

    Examples:
      | what                         | url                               |
      | an underscore in its host    | http://my_host.example.com/status |
      | a name that begins with "-"  | http://-crm.example.com/status    |
      | no host                      | /status                           |

  Scenario: Messages are looked for by a year, a month, or a time whose offset has no colon
    Reported in twilio/twilio-oai#21. All of the year, the month, the day or the second is meant.
    Given Acme has no URL for what comes in
    And 24 hours pass
    When Ada's phone sends "Hola"
    Then Acme's message log, where "DateSent" is "2026", shows:
      | body              |
      | Hola              |
      | join acme-sandbox |
    And Acme's message log, where "DateSent<" is "2026-11", shows:
      | body              |
      | Hola              |
      | join acme-sandbox |
    And Acme's message log, where "DateSent" is "2026-11-24T01:00:00.000-0800", shows:
      | body |
      | Hola |
    And Acme's message log, where "DateSent<" is "2026-11-24T00:59:59-0800", shows:
      | body              |
      | join acme-sandbox |
    And Acme's message log, where "DateSent>" is "2026-12", shows:
      | body |
