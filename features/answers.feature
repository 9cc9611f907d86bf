Feature: What the answer to a webhook makes Twilio do
  Beside what inbound_webhook.feature shows: files, redirects, cookies, connection overrides, and what goes wrong. A problem
  is told to nobody but the debugger.

  Background:
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox

  Scenario: A file that is not what its server says of it is not sent
    Given endpoint "files" answers image/jpeg:
      """
      this is no picture
      """
    And endpoint "crm" answers text/xml:
      """
      <Response><Message><Body>Your invoice</Body><Media>{server files}</Media></Message></Response>
      """
    When Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And Acme's debugger shows 63021
    And Acme's message "Your invoice" is:
      | direction      | status | error_code |
      | outbound-reply | failed | 63021      |

  Scenario: A message with a text and a file, which is fetched first
    Given endpoint "files" answers text/vcard:
      """
      BEGIN:VCARD
      VERSION:3.0
      FN:Grace Hopper
      END:VCARD
      """
    And endpoint "crm" answers text/xml:
      """
      <Response><Message><Body>Ask her</Body><Media>{server files}</Media></Message></Response>
      """
    When Ada's phone sends "Hola"
    Then Ada's phone receives a file of type text/vcard

  Scenario: A redirect fetches the next document, and what stands behind it is not reached
    Given endpoint "crm" answers text/xml:
      """
      <Response><Message>One</Message><Redirect>{server other}</Redirect><Message>Never</Message></Response>
      """
    And endpoint "other" answers text/xml:
      """
      <Response><Message>Two</Message></Response>
      """
    When Ada's phone sends "Hola"
    Then Ada's phone receives "One"
    And Ada's phone receives "Two"
    And Ada's phone receives nothing
    And endpoint "other" was told:
      | method | Body | From        |
      | POST   | Hola | Ada's phone |

  Scenario: Documents that lead to each other come to an end
    Given endpoint "crm" answers text/xml:
      """
      <Response><Redirect>{server crm}</Redirect></Response>
      """
    When Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And Acme's debugger shows 11215

  Scenario: A verb that messages do not have is skipped
    Given endpoint "crm" answers text/xml:
      """
      <Response><Say>Hello</Say><Message>Hello</Message></Response>
      """
    When Ada's phone sends "Hola"
    Then Ada's phone receives "Hello"
    And Acme's debugger shows 12200

  Scenario: A document of another kind does nothing
    Given endpoint "crm" answers text/xml:
      """
      <html><body>Log in first</body></html>
      """
    When Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And Acme's debugger shows 12100

  Scenario: A cookie comes back with what the same phone writes, for four hours
    Given Bob's phone has joined Acme's sandbox
    And endpoint "crm" sets the cookie "session=42"
    When Ada's phone sends "One"
    And Ada's phone sends "Two"
    And Bob's phone sends "Three"
    Then endpoint "crm" was told:
      | Body  | Cookie     |
      | One   |            |
      | Two   | session=42 |
      | Three |            |
    When 4 hours pass
    And Ada's phone sends "Four"
    Then endpoint "crm" was told:
      | Body | Cookie |
      | Four |        |

  Scenario: An answer that takes too long, with a time limit in the URL
    Given endpoint "crm" never answers
    And Acme sends what comes in to "crm#rt=500&tt=1000"
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | Body |
      | Hola |
    And Acme's debugger shows 11205

  Scenario: An error is tried again, with connection overrides in the URL
    Given Acme sends what comes in to "crm#rc=2&rp=5xx"
    And endpoint "crm" answers 503
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | Body | MessageSid |
      | Hola | *          |
      | Hola | *          |
      | Hola | *          |
    And Acme's debugger shows 11200

  Scenario: Only the failures that the URL names are tried again
    Given Acme sends what comes in to "crm#rc=2&rp=5xx"
    And endpoint "crm" answers 404
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | Body |
      | Hola |
    And Acme's debugger shows 11200

  Scenario: Connection overrides that cannot be obeyed
    Given Acme sends what comes in to "crm#rc=99"
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | Body |
      | Hola |
    And Acme's debugger shows 11243
