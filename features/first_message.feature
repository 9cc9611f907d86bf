Feature: The first message opens a conversation
  WhatsApp senders of one's own can create conversations by themselves; the sandbox number cannot. So a bridge answers
  "when a message comes in", and gives each customer a conversation that a Studio flow hears.

  Scenario Outline: The first message opens a conversation (<policy> bridge)
    Given account Acme with a <policy> bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone is active
    And Acme's conversation with Ada's phone has these participants:
      | address     | proxy       | identity |
      | Ada's phone | the sandbox |          |
    And Acme's conversation with Ada's phone has these webhooks:
      | target | filters        | flow                               |
      | studio | onMessageAdded | FW0123456789abcdef0123456789abcdef |
    And Acme's conversation with Ada's phone has these messages:
      | index | author      | body |
      | 0     | Ada's phone | Hola |
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | event          | author      | body |
      | onMessageAdded | Ada's phone | Hola |
    And Acme's bridge answered 200 <type>
    And Acme's bridge said "<answer>"
    And Ada's phone receives nothing
    And Acme's debugger shows nothing

    Examples:
      | policy   | type       | answer      |
      | standard | text/xml   | <Response/> |
      | classic  | text/plain |             |

  Scenario Outline: The second message is captured, not duplicated (<policy> bridge)
    Given account Acme with a <policy> bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    And Ada's phone sends "¿Hay alguien?"
    Then Acme's bridge was called 2 times
    And Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body          |
      | Ada's phone | Hola          |
      | Ada's phone | ¿Hay alguien? |
    And Acme has 1 Studio execution
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | body          |
      | Hola          |
      | ¿Hay alguien? |
    And Ada's phone receives nothing

    Examples:
      | policy   |
      | standard |
      | classic  |

  Scenario: The same words twice are two messages
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    And Ada's phone sends "Hola"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body |
      | Ada's phone | Hola |
      | Ada's phone | Hola |

  Scenario: Each customer has a conversation of their own
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Bob's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    And Bob's phone sends "Hi"
    And Ada's phone sends "Adiós"
    Then Acme has 2 conversations
    And Acme's conversation with Ada's phone has these messages:
      | author      | body  |
      | Ada's phone | Hola  |
      | Ada's phone | Adiós |
    And Acme's conversation with Bob's phone has these messages:
      | author      | body |
      | Bob's phone | Hi   |
    And Acme has 2 Studio executions

  Scenario: A message after the conversation was closed opens a new one
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"
    And Acme calls its conversation with Ada's phone "Monday"
    When the agent closes Acme's conversation "Monday"
    And Ada's phone sends "One more thing"
    Then Acme has 2 conversations
    And Acme's conversation "Monday" is closed
    And Acme's conversation "Monday" has these messages:
      | body |
      | Hola |
    And Acme's conversation with Ada's phone has these messages:
      | body           |
      | One more thing |
