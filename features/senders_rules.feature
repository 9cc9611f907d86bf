Feature: Who may write from which number
  A registered sender belongs to one account. The sandbox number belongs to all, and cannot open conversations by itself.

  Background:
    Given account Acme
    And account Globex
    And Acme has the sender "whatsapp:+13115552368"

  Scenario: The sandbox number cannot have an address configuration
    When Acme requests POST /v1/Configuration/Addresses with:
      | name                 | value       |
      | Type                 | whatsapp    |
      | Address              | the sandbox |
      | AutoCreation.Enabled | true        |
    Then Twilio refuses with 403, code 50413

  Scenario: Another account's sender cannot be configured
    When Globex requests POST /v1/Configuration/Addresses with:
      | name    | value                 |
      | Type    | whatsapp              |
      | Address | whatsapp:+13115552368 |
    Then Twilio refuses with 403, code 50413

  Scenario: Another account's sender cannot be written from
    Given Ada's phone
    When Globex sends Ada's phone a message with:
      | name | value                 |
      | From | whatsapp:+13115552368 |
      | Body | Hi                    |
    Then Twilio refuses with 400, code 63007

  Scenario: A sender has no sandbox: the phone need not join, but must have written first
    Given Ada's phone
    When Acme sends Ada's phone a message with:
      | name | value                 |
      | From | whatsapp:+13115552368 |
      | Body | A special offer       |
    Then Acme's message "A special offer" is:
      | status | error_code |
      | failed | 63016      |
    When Ada's phone sends "Hola" to "+13115552368"
    And Acme sends Ada's phone a message with:
      | name | value                 |
      | From | whatsapp:+13115552368 |
      | Body | Good morning          |
    Then Ada's phone receives "Good morning"

  Scenario: A phone can be in two conversations at once, by two numbers
    Given Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Sandbox" with Ada's phone
    And Acme requests POST /v1/Configuration/Addresses with:
      | name                 | value                 |
      | Type                 | whatsapp              |
      | Address              | whatsapp:+13115552368 |
      | AutoCreation.Enabled | true                  |
    When Ada's phone sends "To the sandbox"
    And Ada's phone sends "To the sender" to "+13115552368"
    Then Acme has 2 conversations
    And Acme's conversation "Sandbox" has these messages:
      | body           |
      | To the sandbox |

  Scenario Outline: A hook is asked once about a conversation that a message would open, and may refuse all of it (<answer>)
    Given Acme requests POST /v1/Configuration/Addresses with:
      | name                 | value                 |
      | Type                 | whatsapp              |
      | Address              | whatsapp:+13115552368 |
      | AutoCreation.Enabled | true                  |
    And Acme requests POST /v1/Configuration/Webhooks with:
      | name          | value             |
      | PreWebhookUrl | server guard      |
      | Filters       | onConversationAdd |
      | Filters       | onParticipantAdd  |
      | Filters       | onMessageAdd      |
    And endpoint "guard" answers <answer>
    And Ada's phone
    When Ada's phone sends "Hola" to "+13115552368"
    Then endpoint "guard" was told:
      | EventType         | MessageBody | MessagingBinding.Address | MessagingBinding.ProxyAddress |
      | onConversationAdd | Hola        | Ada's phone              | whatsapp:+13115552368         |
    And Acme has <count>

    Examples:
      | answer | count            |
      | 200    | 1 conversation   |
      | 403    | no conversations |
