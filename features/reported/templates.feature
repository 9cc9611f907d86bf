Feature: Reported: templates
  Programs synchronise the templates of an account before they send any, and send them with the wrong variables.

  Scenario: A help desk synchronises templates
    Reported in chatwoot/chatwoot#12277 and #15350 and twilio/twilio-python#619: they are listed with their approvals before one is sent.
    Given account Acme
    When Acme requests GET /content/v1/Content/HXb5b62575e6e4ff6129ad7c8efe1f983e
    Then the answer has:
      | friendly_name         | language | variables        | types                                                              |
      | Appointment Reminders | en       | map[1:12/1 2:3pm] | map[twilio/text:map[body:Your appointment is coming up on {{1}} at {{2}}]] |
    When Acme requests GET /content/v1/Content/HXb5b62575e6e4ff6129ad7c8efe1f983e/ApprovalRequests
    Then the answer has:
      | sid                                | whatsapp |
      | HXb5b62575e6e4ff6129ad7c8efe1f983e | map[allow_category_change:true category:UTILITY content_type:twilio/text name:appointment_reminders rejection_reason: status:approved type:whatsapp] |

  Scenario: A variable that is left out has the template's sample
    Twilio's page of error 21656 says so: a customer should never see {{2}}.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Acme sends Ada's phone a message with:
      | name             | value                              |
      | ContentSid       | HXb5b62575e6e4ff6129ad7c8efe1f983e |
      | ContentVariables | {"1":"24/12"}                      |
    And Acme sends Ada's phone a message with:
      | name       | value                              |
      | ContentSid | HXb5b62575e6e4ff6129ad7c8efe1f983e |
    Then Ada's phone receives "Your appointment is coming up on 24/12 at 3pm"
    And Ada's phone receives "Your appointment is coming up on 12/1 at 3pm"

  Scenario: A variable that is empty is refused
    Twilio's error pages 21656 and 92007: a hole in the text is no message.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Acme sends Ada's phone a message with:
      | name             | value                              |
      | ContentSid       | HXb5b62575e6e4ff6129ad7c8efe1f983e |
      | ContentVariables | {"1":"","2":"3pm"}                 |
    Then Twilio refuses with 400, code 21656
    And Ada's phone receives nothing

  Scenario: Variables without a template are refused
    Twilio's error page 21654.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Acme sends Ada's phone a message with:
      | name             | value     |
      | Body             | Hi        |
      | ContentVariables | {"1":"a"} |
    Then Twilio refuses with 400, code 21654
    And Ada's phone receives nothing

  Scenario: A template that WhatsApp has not approved yet does not arrive on the next day
    Twilio's error page 63016. It is approved five minutes after it was submitted, on the emulator's clock.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Acme requests POST /content/v1/Content with the JSON:
      """
      {"friendly_name": "shipped", "language": "en", "variables": {"1": "4711"}, "types": {"twilio/text": {"body": "Order {{1}} is on its way."}}}
      """
    Then the answer's "sid" is called "shipped"
    When 25 hours pass
    And Acme sends Ada's phone a message with:
      | name       | value     |
      | ContentSid | {shipped} |
    Then Acme's message "Order 4711 is on its way." is:
      | status | error_code |
      | failed | 63016      |
    When Acme requests POST /content/v1/Content/{shipped}/ApprovalRequests/whatsapp with the JSON:
      """
      {"name": "shipped", "category": "UTILITY"}
      """
    Then the answer has:
      | status   |
      | received |
    When 5 minutes pass
    And Acme sends Ada's phone a message with:
      | name             | value        |
      | ContentSid       | {shipped}    |
      | ContentVariables | {"1":"4712"} |
    Then Ada's phone receives "Order 4712 is on its way."

  Scenario: A template that WhatsApp has rejected
    Twilio's error pages 63040 and 63016: in the 24 hours after a customer's message it is sent all the same.
    Given account Acme
    And Acme has the template "offer" that says "Half price for {{1}}!"
    And WhatsApp has rejected Acme's template "offer"
    And Ada's phone has joined Acme's sandbox
    When Acme sends Ada's phone a message with:
      | name             | value       |
      | ContentSid       | {offer}     |
      | ContentVariables | {"1":"Ada"} |
    Then Ada's phone receives "Half price for Ada!"
    When 25 hours pass
    And Acme sends Ada's phone a message with:
      | name       | value   |
      | ContentSid | {offer} |
    Then Acme's message "Half price for sample 1!" is:
      | status | error_code |
      | failed | 63040      |
