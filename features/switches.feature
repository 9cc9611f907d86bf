Feature: What Twilio does not say
  Where nobody knows what Twilio does, a switch decides. The other settings of the switches that no feature speaks of.

  Background:
    Given account Acme
    And Acme sends what comes in to "crm"

  Scenario: join and stop are forwarded to the account
    Given the switch control_messages_forwarded is on
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "stop"
    Then endpoint "crm" was told:
      | Body              |
      | join acme-sandbox |
      | stop              |
    And Ada's phone is in no sandbox

  Scenario: A wrong join code is answered
    Given the switch unknown_join_code_reply is not-connected
    And Ada's phone
    When Ada's phone sends "join acme-sandbax"
    Then Ada's phone receives a text with "is not connected to a Sandbox"
    And endpoint "crm" was told nothing

  Scenario: Joining again does not prolong the membership
    Given the switch rejoin_refreshes_expiry is off
    And Ada's phone has joined Acme's sandbox
    When 70 hours pass
    And Ada's phone sends "join acme-sandbox"
    Then Ada's phone is in Acme's sandbox for 2 hours

  Scenario: A membership of another length
    Given the switch sandbox_ttl is 1 hour
    And Ada's phone has joined Acme's sandbox
    Then Ada's phone is in Acme's sandbox for 1 hour
    When 1 hour passes
    And Ada's phone sends "Hola"
    Then Ada's phone receives a text with "is not connected to a Sandbox"
    And endpoint "crm" was told nothing

  Scenario: The refusal of a pair hides the other account's conversation
    Given the switch foreign_ch_sid_in_50416 is hide
    And account Globex
    And Ada's phone
    And Globex creates conversation "Theirs" with Ada's phone
    And Acme creates conversation "Ours"
    When the agent adds Ada's phone to Acme's conversation "Ours"
    Then Twilio refuses with 409, code 50416
    And the refusal says "A binding for this participant and proxy address already exists"

  Scenario: A conversation that captures late
    Given the switch capture_before_webhook is off
    And the switch capture_delay is 5 seconds
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | Body |
      | Hola |
    And Acme's conversation "Support" has no messages
    When 5 seconds pass
    Then Acme's conversation "Support" has these messages:
      | author      | body |
      | Ada's phone | Hola |

  Scenario: An empty text is a fault of the webhook
    Given the switch empty_text_plain is 11200
    And endpoint "crm" answers text/plain:
      """
      """
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And Acme's debugger shows 11200

  Scenario: The username has the other name, and the enterprise its own ID
    Given the switch username_parameter is username
    And the switch parent_external_user_id is always
    And Ada's phone has joined Acme's sandbox
    And Ada's phone has the username "ada"
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | ExternalUserId | ParentExternalUserId | Username | ProfileUsername |
      | whatsapp:US.*  | whatsapp:US.ENT.*    | ada      | absent          |
