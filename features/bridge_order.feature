Feature: Which message comes first
  Two messages that a customer writes quickly can both be on their way before there is a conversation. None is lost; and once the
  customer is in the conversation, Twilio itself gives the next index to what the customer writes.

  Scenario Outline: The calls of a new conversation, <order> first
    Given account Acme with a standard bridge of these settings:
      | setting | value   |
      | order   | <order> |
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  |
      | create a conversation |
      | <first>               |
      | <second>              |
      | <third>               |
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | body |
      | Hola |

    Examples:
      | order    | first                | second               | third                |
      | customer | create a participant | create a webhook     | create a message     |
      | flow     | create a webhook     | create a participant | create a message     |
      | message  | create a message     | create a participant | create a webhook     |

  @retries
  Scenario Outline: The customer writes again just before the bridge attempts to <call>, <order> first
    Given account Acme with a standard bridge of these settings:
      | setting | value   |
      | order   | <order> |
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "two" just before Acme's bridge attempts to <call>
    When Ada's phone sends "one"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body    |
      | Ada's phone | <index> |
      | Ada's phone | <next>  |
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | body    |
      | <index> |
      | <next>  |
    And Acme's bridge has counted 1 message as "opened"
    And Acme's bridge has counted 1 message as "<second>"
    And Ada's phone receives nothing

    Examples: Before the customer is in, the bridge adds both, in order
      | call                  | order    | index | next | second   |
      | create a conversation | customer | one   | two  | appended |
      | create a participant  | customer | one   | two  | appended |
      | create a conversation | message  | one   | two  | appended |
      | create a message      | message  | one   | two  | appended |
      | create a participant  | message  | one   | two  | appended |

    Examples: After that Twilio captures the second, and only with the message first it is the second
      | call             | order    | index | next | second   |
      | create a webhook | customer | two   | one  | captured |
      | create a message | customer | two   | one  | captured |
      | create a message | flow     | two   | one  | captured |
      | create a webhook | message  | one   | two  | captured |

  Scenario: The message first, and another account holds the customer: nothing is left behind
    Given account Acme with a standard bridge
    And account Globex with a standard bridge of these settings:
      | setting | value   |
      | order   | message |
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola Acme"
    And Ada's phone has joined Globex's sandbox
    When Ada's phone sends "Hola Globex"
    Then Globex's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | create a message      | 201    |
      | create a participant  | 409    |
      | list messages         | 200    |
      | delete a conversation | 204    |
      | look up a participant | 200    |
      | fetch a conversation  | 404    |
    And Globex has no conversations
    And Globex's bridge has counted 1 message as "foreign"

  Scenario Outline: The message first, and every attempt to <call> fails with 400: nothing is left behind
    Given account Acme with a standard bridge of these settings:
      | setting | value   |
      | order   | message |
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> fails with 400
    And the next attempt to delete a conversation fails with 500
    When Ada's phone sends "Hola"
    Then Acme has no conversations
    And Acme's bridge has 1 dead letter
    When nothing fails any more
    And the dead letters of Acme's bridge are replayed
    Then Acme's conversation with Ada's phone has these messages:
      | body |
      | Hola |

    Examples:
      | call                 |
      | create a message     |
      | create a participant |
      | create a webhook     |
