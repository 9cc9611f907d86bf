Feature: Reported: a customer cannot be added, or is stuck
  One pair of a phone and a number is in one open conversation.

  Scenario: "A binding for this participant and proxy address already exists"
    Reported to Twilio's support (article 41467875615259) and in many repositories, which read the conversation's SID out of
    the text. Closing that conversation helps.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Old" with Ada's phone
    And Acme creates conversation "New"
    When the agent adds Ada's phone to Acme's conversation "New"
    Then Twilio refuses with 409, code 50416
    And the refusal names Acme's conversation "Old"
    When the agent closes Acme's conversation "Old"
    And the agent adds Ada's phone to Acme's conversation "New"
    Then Acme's conversation "New" has these participants:
      | address     | proxy       |
      | Ada's phone | the sandbox |

  Scenario: The agent is done, and the customer's next question goes to the old conversation
    Reported in techmatters/flex-plugins#40 and in a comment of twilio-professional-services/flex-project-template. A
    conversation that is only inactive wakes up again; nobody tells the customer of either.
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Monday's question"
    And Acme calls its conversation with Ada's phone "Monday"
    When the agent makes Acme's conversation "Monday" inactive
    And Ada's phone sends "Tuesday's question"
    Then Acme has 1 conversation
    And Acme's conversation "Monday" is active
    When the agent closes Acme's conversation "Monday"
    Then Ada's phone receives nothing
    When Ada's phone sends "Wednesday's question"
    Then Acme has 2 conversations
    And Acme's conversation "Monday" has these messages:
      | body               |
      | Monday's question  |
      | Tuesday's question |
    And Acme's conversation with Ada's phone has these messages:
      | body                 |
      | Wednesday's question |

  Scenario: The agent has left the conversation, and the customer cannot be given to anybody
    Reported in the same places: a conversation without agents that was not closed holds the customer.
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme creates a conversation with the unique name "first"
    And the agent adds Ada's phone to Acme's conversation "first"
    And the agent makes Acme's conversation "first" inactive
    And Acme creates conversation "Second"
    When the agent adds Ada's phone to Acme's conversation "Second"
    Then Twilio refuses with 409, code 50416
    When Acme requests POST /v1/Conversations/first with:
      | name  | value  |
      | State | closed |
    And the agent adds Ada's phone to Acme's conversation "Second"
    And Ada's phone sends "Is somebody there?"
    Then Acme's conversation "Second" has these messages:
      | body               |
      | Is somebody there? |
