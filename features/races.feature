Feature: At the same moment
  One pair of a phone and the sandbox number is in one conversation, whoever asks for it and however many do so at once. A
  loser is told which conversation won.

  Scenario: Two accounts bind a phone at the same moment
    Given account Acme
    And account Globex
    And Ada's phone
    And Acme creates conversation "Sales"
    And Globex creates conversation "Help"
    When at the same moment:
      | the agent adds Ada's phone to Acme's conversation "Sales"  |
      | the agent adds Ada's phone to Globex's conversation "Help" |
    Then Twilio refuses 1 of them with 409, code 50416

  Scenario: One account binds a phone in four conversations at the same moment
    Given account Acme
    And Ada's phone
    And Acme creates conversation "One"
    And Acme creates conversation "Two"
    And Acme creates conversation "Three"
    And Acme creates conversation "Four"
    When at the same moment:
      | the agent adds Ada's phone to Acme's conversation "One"   |
      | the agent adds Ada's phone to Acme's conversation "Two"   |
      | the agent adds Ada's phone to Acme's conversation "Three" |
      | the agent adds Ada's phone to Acme's conversation "Four"  |
    Then Twilio refuses 3 of them with 409, code 50416
    And the refusal names Acme's conversation with Ada's phone

  Scenario: Two first messages of a phone at the same moment, standard bridge: both stand in one conversation
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And this fault:
      """
      {"method": "POST", "path": "/v1/Conversations", "delay": "300ms"}
      """
    When at the same moment:
      | Ada's phone sends "Hola"    |
      | Ada's phone sends "¿Hola?" |
    Then Acme's bridge was called 2 times
    And Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages, in any order:
      | author      | body   |
      | Ada's phone | Hola   |
      | Ada's phone | ¿Hola? |
    And Acme has 1 Studio execution
    And Ada's phone receives nothing

  Scenario: Two first messages of a phone at the same moment, classic bridge: one is lost
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And this fault:
      """
      {"method": "POST", "path": "/v1/Conversations", "delay": "300ms"}
      """
    When at the same moment:
      | Ada's phone sends "Hola" |
      | Ada's phone sends "Hola" |
    Then Acme's bridge was called 2 times
    And Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body |
      | Ada's phone | Hola |
    And Ada's phone receives nothing

  Scenario: Three first messages to a registered sender at the same moment, while a slow hook is asked about each
    Given account Acme
    And Acme has the sender "whatsapp:+13115552368"
    And Acme requests POST /v1/Configuration/Addresses with:
      | name                 | value                 |
      | Type                 | whatsapp              |
      | Address              | whatsapp:+13115552368 |
      | AutoCreation.Enabled | true                  |
    And Acme requests POST /v1/Configuration/Webhooks with:
      | name          | value             |
      | PreWebhookUrl | server guard      |
      | Filters       | onConversationAdd |
    And this fault:
      """
      {"direction": "out", "path": "/guard", "delay": "200ms"}
      """
    And Ada's phone
    When at the same moment:
      | Ada's phone sends "Hola" to "+13115552368"  |
      | Ada's phone sends "¿Hola?" to "+13115552368" |
      | Ada's phone sends "¡Hola!" to "+13115552368" |
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages, in any order:
      | author      | body   |
      | Ada's phone | Hola   |
      | Ada's phone | ¡Hola! |
      | Ada's phone | ¿Hola? |

  Scenario: First messages of three phones at the same moment do not disturb each other
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Bob's phone has joined Acme's sandbox
    And Eve's phone has joined Acme's sandbox
    When at the same moment:
      | Ada's phone sends "I am Ada" |
      | Bob's phone sends "I am Bob" |
      | Eve's phone sends "I am Eve" |
    Then Acme has 3 conversations
    And Acme's conversation with Ada's phone has these messages:
      | body     |
      | I am Ada |
    And Acme's conversation with Bob's phone has these messages:
      | body     |
      | I am Bob |
    And Acme's conversation with Eve's phone has these messages:
      | body     |
      | I am Eve |

  Scenario: The agent closes the conversation while the phone writes: the message stands in one conversation
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"
    And Acme calls its conversation with Ada's phone "Monday"
    And this fault:
      """
      {"direction": "out", "delay": "300ms"}
      """
    When at the same moment:
      | Ada's phone sends "One more thing"            |
      | the agent closes Acme's conversation "Monday" |
    Then Acme's conversation "Monday" is closed
    And "One more thing" stands in Acme's conversations 1 time
