Feature: The shared number binds a phone to one conversation, over all accounts
  The sandbox number belongs to everybody. While one account's conversation holds the pair of a phone and that number, no
  other account can have it: until the conversation is closed or deleted, or the phone is removed from it.

  Background:
    Given account Acme with a standard bridge
    And account Globex with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola Acme"
    And Acme calls its conversation with Ada's phone "the holder"
    And Ada's phone has joined Globex's sandbox

  Scenario: The other account's bridge cannot open a conversation, and leaves nothing behind
    When Ada's phone sends "Hola Globex"
    Then Globex's bridge was called 1 time
    And Globex's bridge answered 200 text/xml
    And Globex has no conversations
    And Globex has no Studio executions
    And Ada's phone receives nothing
    And Acme's conversation "the holder" has these messages:
      | body      |
      | Hola Acme |

  Scenario: The refusal names the conversation that holds the pair
    When Globex creates conversation "Support"
    And the agent adds Ada's phone to Globex's conversation "Support"
    Then Twilio refuses with 409, code 50416
    And the refusal names Acme's conversation "the holder"
    When Globex requests GET /v1/Conversations/CH00000000000000000000000000000000
    Then Twilio refuses with 404, code 20404

  Scenario: Closing the conversation releases the pair
    When the agent closes Acme's conversation "the holder"
    And Ada's phone sends "Hola Globex"
    Then Globex has 1 conversation
    And Globex's conversation with Ada's phone has these messages:
      | author      | body        |
      | Ada's phone | Hola Globex |
    And Acme's conversation "the holder" has these messages:
      | body      |
      | Hola Acme |

  Scenario: Deleting the conversation releases the pair
    When the agent deletes Acme's conversation "the holder"
    And Ada's phone sends "Hola Globex"
    Then Globex has 1 conversation
    And Globex's conversation with Ada's phone has these messages:
      | author      | body        |
      | Ada's phone | Hola Globex |
    And Acme's conversation "the holder" is gone
    And Acme has no conversations

  Scenario: Removing the phone from the conversation releases the pair
    When the agent removes Ada's phone from Acme's conversation "the holder"
    And Ada's phone sends "Hola Globex"
    Then Globex has 1 conversation
    And Globex's conversation with Ada's phone has these messages:
      | author      | body        |
      | Ada's phone | Hola Globex |
    And Acme's conversation "the holder" is active
    And Acme's conversation "the holder" has these messages:
      | body      |
      | Hola Acme |

  Scenario: An inactive conversation keeps the pair
    When Globex creates conversation "Support"
    And the agent makes Acme's conversation "the holder" inactive
    And the agent adds Ada's phone to Globex's conversation "Support"
    Then Twilio refuses with 409, code 50416
    And Acme's conversation "the holder" is inactive
