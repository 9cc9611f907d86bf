Feature: What an agent writes reaches the phone
  A message of a conversation goes to each phone in it, and its receipt says how far it got.

  Scenario: An agent's answer is sent, delivered and read
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"
    And Acme's conversation with Ada's phone tells "crm" of "onDeliveryUpdated"
    When the agent writes "Good morning, Ada" in Acme's conversation with Ada's phone
    And 1 minute passes
    Then Ada's phone receives "Good morning, Ada"
    And endpoint "crm" was told:
      | EventType         | Status    | ErrorCode |
      | onDeliveryUpdated | sent      |           |
      | onDeliveryUpdated | delivered |           |
      | onDeliveryUpdated | read      |           |
    And the receipt for "Good morning, Ada" in Acme's conversation with Ada's phone says read
    And Acme's bridge was called 1 time
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | body |
      | Hola |

  Scenario: What the phone writes does not come back to it
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    When Ada's phone sends "Hola"
    Then Acme's conversation "Support" has these messages:
      | author      | body |
      | Ada's phone | Hola |
    And Ada's phone receives nothing

  Scenario: Two phones in one conversation hear the agent, and each other
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Bob's phone has joined Acme's sandbox
    And Acme creates conversation "Team" with Ada's phone
    And the agent adds Bob's phone to Acme's conversation "Team"
    When the agent writes "Welcome" in Acme's conversation "Team"
    And Ada's phone sends "Hola"
    Then Bob's phone receives "Welcome"
    And Bob's phone receives "Hola"
    And Ada's phone receives "Welcome"
    And Ada's phone receives nothing

  Scenario Outline: The phone cannot be reached when it <when>
    Given account Acme with a standard bridge
    And account Globex
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"
    And <event>
    And Acme's conversation with Ada's phone tells "crm" of "onDeliveryUpdated"
    When the agent writes "Are you there?" in Acme's conversation with Ada's phone
    Then the receipt for "Are you there?" in Acme's conversation with Ada's phone says failed with 63015
    And endpoint "crm" was told:
      | Status | ErrorCode |
      | failed | 63015     |

    Examples:
      | when                     | event                                   |
      | has left                 | Ada's phone sends "stop"                |
      | joined 72 hours ago      | 72 hours pass                           |
      | moved to another sandbox | Ada's phone sends "join globex-sandbox" |

  Scenario: A phone that never joined cannot be reached
    Given account Acme
    And Ada's phone
    And Acme creates conversation "Sales" with Ada's phone
    When the agent writes "A special offer" in Acme's conversation "Sales"
    Then the receipt for "A special offer" in Acme's conversation "Sales" says failed with 63015
    And Ada's phone receives nothing
