Feature: The window, templates, and one message in three seconds
  For 24 hours after a phone has written, anything may be written to it; after that only templates. The sandbox number sends
  one message in three seconds.

  Background:
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone

  Scenario: Free text goes for a day after the phone has written, and joining is writing
    When 23 hours pass
    And the agent writes "In time" in Acme's conversation "Support"
    And 1 hour passes
    And the agent writes "Too late" in Acme's conversation "Support"
    Then Ada's phone receives "In time"
    And Ada's phone receives nothing
    And the receipt for "Too late" in Acme's conversation "Support" says failed with 63016
    When Ada's phone sends "Still there?"
    And the agent writes "Yes!" in Acme's conversation "Support"
    Then Ada's phone receives "Yes!"

  Scenario: Programmable Messaging has the same window
    Given 24 hours pass
    When Acme sends "A special offer" to Ada's phone
    Then Acme's message "A special offer" is:
      | status | error_code | date_sent |
      | failed | 63016      |           |
    And Ada's phone receives nothing

  Scenario: A template goes at any time, in Programmable Messaging
    Given 24 hours pass
    When Acme sends Ada's phone a message with:
      | name             | value                              |
      | ContentSid       | HXb5b62575e6e4ff6129ad7c8efe1f983e |
      | ContentVariables | {"1":"12/1","2":"3pm"}             |
    Then Ada's phone receives "Your appointment is coming up on 12/1 at 3pm"

  Scenario: A template goes at any time, in a conversation
    Given Acme creates a conversation with the unique name "order-4711"
    And the agent closes Acme's conversation "Support"
    And the agent adds Ada's phone to Acme's conversation "order-4711"
    And 24 hours pass
    When Acme requests POST /v1/Conversations/order-4711/Messages with:
      | name             | value                              |
      | Author           | agent                              |
      | ContentSid       | HX229f5a04fd0510ce1b071852155d3e75 |
      | ContentVariables | {"1":"Acme","2":"4711"}            |
    Then Ada's phone receives "Your Acme code is 4711"
    And the receipt for "Your Acme code is 4711" in Acme's conversation "order-4711" says read

  Scenario: The text of a template is no template
    Given 24 hours pass
    When Acme sends "Your Acme code is 4711" to Ada's phone
    Then Acme's message "Your Acme code is 4711" is:
      | status | error_code |
      | failed | 63016      |

  Scenario: A template takes no text beside it
    When Acme sends Ada's phone a message with:
      | name             | value                              |
      | Body             | Hi                                 |
      | ContentSid       | HX229f5a04fd0510ce1b071852155d3e75 |
      | ContentVariables | {"1":"Acme","2":"4711"}            |
    Then Acme's message log, where "From" is "the sandbox", shows:
      | status | error_code |
      | failed | 63030      |

  Scenario: A window can be shorter than a membership, and 63015 comes before 63016
    Given the switch service_window is 1 hour
    And 1 hour passes
    And Acme sends "The window is closed" to Ada's phone
    And 71 hours pass
    And Acme sends "The membership is over" to Ada's phone
    Then Acme's message log, where "From" is "the sandbox", shows:
      | body                   | error_code |
      | The membership is over | 63015      |
      | The window is closed   | 63016      |

  Scenario: A burst is sent late, one message in three seconds
    Given the switch rate_interval is 3 seconds
    When Acme sends "1" to Ada's phone
    And Acme sends "2" to Ada's phone
    And the agent writes "3" in Acme's conversation "Support"
    Then Ada's phone receives "1"
    And Ada's phone receives nothing
    And Acme's message "2" is:
      | status | date_sent |
      | queued |           |
    When 3 seconds pass
    Then Ada's phone receives "2"
    And Ada's phone receives nothing
    When 3 seconds pass
    Then Ada's phone receives "3"

  Scenario: A burst fails with 63018, by switch
    Given the switch rate_interval is 3 seconds
    And the switch rate_over_limit is fail
    When the agent writes "1" in Acme's conversation "Support"
    And the agent writes "2" in Acme's conversation "Support"
    And 3 seconds pass
    And the agent writes "3" in Acme's conversation "Support"
    Then Ada's phone receives "1"
    And Ada's phone receives "3"
    And the receipt for "2" in Acme's conversation "Support" says failed with 63018

  Scenario: What a webhook answers does not wait
    Given the switch rate_interval is 3 seconds
    And Acme sends what comes in to "crm"
    And endpoint "crm" answers text/plain:
      """
      One moment
      """
    When Acme sends "1" to Ada's phone
    And Ada's phone sends "Hola"
    Then Ada's phone receives "1"
    And Ada's phone receives "One moment"
