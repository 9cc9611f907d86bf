Feature: Conversations
  The rules of Twilio's Conversations that every application meets sooner or later.

  Background:
    Given account Acme
    And Acme has no URL for what comes in

  Scenario: A unique name belongs to one conversation
    Given Acme creates a conversation with the unique name "order-4711"
    When Acme creates a conversation with the unique name "order-4711"
    Then Twilio refuses with 409, code 50353
    And the refusal says "Conversation with provided unique name already exists"
    And Acme has 1 conversation
    When Acme requests GET /v1/Conversations/order-4711
    Then Acme has 1 conversation

  Scenario: A closed conversation keeps its unique name, a deleted one does not
    Given Acme creates a conversation with the unique name "order-4711"
    And the agent closes Acme's conversation "order-4711"
    When Acme creates a conversation with the unique name "order-4711"
    Then Twilio refuses with 409, code 50353
    When the agent deletes Acme's conversation "order-4711"
    And Acme creates a conversation with the unique name "order-4711"
    Then Acme has 1 conversation

  Scenario: Two accounts may use the same unique name
    Given account Globex
    When Acme creates a conversation with the unique name "order-4711"
    And Globex creates a conversation with the unique name "order-4711"
    Then Acme has 1 conversation
    And Globex has 1 conversation

  Scenario: A closed conversation refuses changes and can be read
    Given Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    And the agent writes "Hello" in Acme's conversation "Support"
    And the agent closes Acme's conversation "Support"
    When the agent writes "One more thing" in Acme's conversation "Support"
    Then Twilio refuses with 409, code 50377
    When Acme's conversation "Support" tells "crm" of "onMessageAdded"
    Then Twilio refuses with 409, code 50377
    When the agent removes Ada's phone from Acme's conversation "Support"
    Then Twilio refuses with 409, code 50377
    When the agent makes Acme's conversation "Support" active
    Then Twilio refuses with 409, code 50377
    And Acme's conversation "Support" is closed
    And Acme's conversation "Support" has these messages:
      | author | body  |
      | agent  | Hello |

  Scenario: A closed conversation captures nothing
    Given Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    And the agent closes Acme's conversation "Support"
    When Ada's phone sends "Hola"
    Then Acme's conversation "Support" has no messages

  Scenario: An inactive conversation captures a message and wakes up
    Given Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    And the agent makes Acme's conversation "Support" inactive
    When Ada's phone sends "Hola"
    Then Acme's conversation "Support" is active
    And Acme's conversation "Support" has these messages:
      | author      | body |
      | Ada's phone | Hola |

  Scenario: The same phone twice in one conversation
    Given Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    When the agent adds Ada's phone to Acme's conversation "Support"
    Then Twilio refuses with 409, code 50416
    And the refusal names Acme's conversation "Support"

  Scenario: The same identity twice in one conversation
    Given Acme creates a conversation with the unique name "order-4711"
    And Acme requests POST /v1/Conversations/order-4711/Participants with:
      | name     | value |
      | Identity | bea   |
    When Acme requests POST /v1/Conversations/order-4711/Participants with:
      | name     | value |
      | Identity | bea   |
    Then Twilio refuses with 409, code 50433
    And Acme's conversation "order-4711" has these participants:
      | identity | address |
      | bea      |         |

  Scenario: Another account's conversation does not exist
    Given account Globex
    And Acme creates a conversation with the unique name "order-4711"
    When Globex requests GET /v1/Conversations/order-4711
    Then Twilio refuses with 404, code 20404
    And the refusal says "The requested resource /Conversations/order-4711 was not found"

  Scenario: A list comes in pages
    Given Acme creates conversation "Support"
    When the agent writes 5 messages in Acme's conversation "Support"
    Then reading Acme's conversation "Support" in pages of 2 gives pages of "2, 2, 1"
    And reading Acme's conversation "Support" in pages of 5 gives pages of "5"
    And reading Acme's conversation "Support" in pages of 100 gives pages of "5"

  Scenario: A page of more than a thousand is refused
    Given Acme creates conversation "Support"
    When Acme requests GET /v1/Conversations?PageSize=1001
    Then Twilio refuses with 400, code 20007

  Scenario: A conversation goes to sleep and closes by its timers
    Given Acme requests POST /v1/Conversations with:
      | name            | value      |
      | UniqueName      | order-4711 |
      | Timers.Inactive | PT1H       |
      | Timers.Closed   | P1D        |
    When 59 minutes pass
    Then Acme's conversation "order-4711" is active
    When 1 minute passes
    Then Acme's conversation "order-4711" is inactive
    When 23 hours pass
    Then Acme's conversation "order-4711" is closed
