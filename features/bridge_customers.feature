Feature: A bridge and customers without a number
  A customer who takes a username shows an ID in place of the number. The bridge opens a conversation for the ID, and knows again
  a customer who has a conversation by the number, as long as it keeps its queue: by ExternalUserId, which stays the same.

  Background:
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox

  Scenario: A customer who never had a number here
    Given Ada's phone has the username "ada"
    When Ada's phone sends "Hello"
    And Ada's phone sends "Are you there?"
    Then Acme's conversation with Ada's phone has these messages:
      | author        | body           | attributes.ExternalUserId | attributes.ProfileUsername | attributes.WaId |
      | whatsapp:US.* | Hello          | whatsapp:US.*             | ada                        |                 |
      | whatsapp:US.* | Are you there? |                           |                            |                 |
    And Acme has 1 conversation
    When the agent writes "I am" in Acme's conversation with Ada's phone
    Then Ada's phone receives "I am"
    And Acme's bridge has counted 1 message as "opened"
    And Acme's bridge has counted 1 message as "captured"

  Scenario: A customer of the conversation takes a username
    Given Ada's phone sends "Hello"
    And Ada's phone sends "It is me"
    When Ada's phone has the username "ada"
    And Ada's phone sends "It is still me"
    And Ada's phone sends "Do you hear me?"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author       | body            | attributes.ExternalUserId |
      | Ada's number | Hello           | whatsapp:US.*             |
      | Ada's number | It is me        |                           |
      | Ada's number | It is still me  | whatsapp:US.*             |
      | Ada's number | Do you hear me? | whatsapp:US.*             |
    And Ada's phone receives nothing
    When the agent writes "I do" in Acme's conversation with Ada's phone
    Then Ada's phone receives "I do"
    And Acme's bridge has counted 2 messages as "appended"

  Scenario: The customer writes the same words with and without a username
    Given Ada's phone sends "Hello"
    And Ada's phone sends "Yes"
    And 1 hour passes
    When Ada's phone has the username "ada"
    And Ada's phone sends "Yes"
    Then Acme's conversation with Ada's phone has these messages:
      | body  |
      | Hello |
      | Yes   |
      | Yes   |

  Scenario: The customer shows the number again
    Given Ada's phone has the username "ada"
    And Ada's phone sends "Hello"
    When Ada's phone has no username
    And Ada's phone sends "Here is my number"
    Then Acme has 1 conversation

  Scenario: Twilio knows that it is the same customer
    Given the switch number_binding_captures is on
    And Ada's phone sends "Hello"
    When Ada's phone has the username "ada"
    And Ada's phone sends "It is still me"
    Then Acme's conversation with Ada's phone has these messages:
      | author       | body           |
      | Ada's number | Hello          |
      | Ada's number | It is still me |

  Scenario: The conversation of the number was closed
    Given Ada's phone sends "Hello"
    And the agent closes Acme's conversation with Ada's phone
    When Ada's phone has the username "ada"
    And Ada's phone sends "Hello again"
    Then Acme has 2 conversations
    And Acme's conversation with Ada's phone has these messages:
      | author        | body        |
      | whatsapp:US.* | Hello again |

  Scenario: The published Function takes the ID as it takes a number, and knows nobody again
    Given account Globex with a classic bridge
    And Bob's phone has joined Globex's sandbox
    And Bob's phone sends "Hello"
    When Bob's phone has the username "bob"
    And Bob's phone sends "It is still me"
    Then Globex has 2 conversations
    And Globex's conversation with Bob's phone has these messages:
      | author        | body           |
      | whatsapp:US.* | It is still me |
