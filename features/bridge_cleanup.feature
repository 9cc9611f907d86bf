Feature: What fails beside the four calls
  The standard bridge also looks conversations up and deletes those that will not be used. When that fails it tries again, and
  what it cannot do now it does later.

  Scenario: What cannot be deleted at once is deleted later
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to create a webhook fails with 400
    And the next attempt to delete a conversation fails with 500
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | create a participant  | 201    |
      | create a webhook      | 400    |
      | list messages         | 200    |
      | delete a conversation | 500    |
      | list messages         | 200    |
      | delete a conversation | 204    |
    And Acme has no conversations
    And Acme's bridge has 1 dead letter

  Scenario: What can never be deleted is a dead letter too, and is deleted when that is replayed
    Given account Acme with a standard bridge of these settings:
      | setting   | value |
      | retry-for | 200ms |
    And Ada's phone has joined Acme's sandbox
    And every attempt to create a participant fails with 400
    And every attempt to delete a conversation fails with 400
    When Ada's phone sends "Hola"
    Then Acme has 1 conversation
    And Acme's bridge has 2 dead letters
    And a dead letter of Acme's bridge says "empty conversation not deleted"
    When nothing fails any more
    And the dead letters of Acme's bridge are replayed
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | body |
      | Hola |
    And Acme's bridge has no dead letters

  @retries
  Scenario Outline: A call that fails while a customer has a conversation: <call> <fails>
    Given account Acme with a standard bridge of these settings:
      | setting      | value |
      | call-timeout | 250ms |
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"
    And the next attempt to <call> <fails>
    When Ada's phone sends "Otra"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | body |
      | Hola |
      | Otra |
    And Acme's bridge has counted 1 message as "captured"
    And Acme's bridge has no dead letters

    Examples:
      | call          | fails                   |
      | list messages | fails with 500          |
      | list messages | fails with 404          |
      | list messages | fails with 429          |
      | list messages | fails with 401          |
      | list messages | fails at the connection |
      | list messages | is not answered in time |

  @retries
  Scenario: Another look at a customer who has a conversation costs two calls
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"
    And the next attempt to list messages fails with 500
    And Acme's bridge has called Twilio:
      | call                  |
      | create a conversation |
      | create a participant  |
      | create a webhook      |
      | create a message      |
    When Ada's phone sends "Otra"
    Then Acme's bridge has called Twilio:
      | call                  | status |
      | list messages         | 500    |
      | look up a participant | 200    |
      | list messages         | 200    |
    And Acme's bridge has counted 1 message as "captured"

  @retries
  Scenario Outline: A call that fails while a conflict is sorted out: <call> <fails>
    Given account Acme with a standard bridge of these settings:
      | setting      | value |
      | call-timeout | 250ms |
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    And the next attempt to <call> <fails>
    When Ada's phone sends "Hola"
    Then Acme has 1 conversation
    And Acme's conversation "Support" has these messages:
      | body |
      | Hola |
    And Acme's bridge has no dead letters

    Examples:
      | call                  | fails                   |
      | look up a participant | fails with 500          |
      | look up a participant | fails with 401          |
      | look up a participant | fails at the connection |
      | look up a participant | is not answered in time |
      | delete a conversation | fails with 503          |
      | delete a conversation | fails with 401          |
      | delete a conversation | fails at the connection |
      | delete a conversation | is not answered in time |
      | list messages         | fails with 500          |
