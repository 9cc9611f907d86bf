Feature: Twilio's API fails while a conversation is being opened
  Opening a conversation takes four calls, and each of them can fail. What the published Function does then is its bug list;
  the standard bridge leaves nothing behind, tells the customer nothing, and loses no message that Twilio will ever take.

  Scenario Outline: The classic bridge fails to <call>
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> fails with 500
    When Ada's phone sends "Hola"
    Then Acme's bridge answered <status> <type>
    And Acme has <left> conversations
    And Ada's phone receives <heard>
    And Acme's debugger shows <alert>
    And Acme has no Studio executions

    Examples:
      | call                  | status | type             | left | heard                          | alert   |
      | create a conversation | 500    | application/json | no   | nothing                        | 11200   |
      | create a webhook      | 500    | application/json | 1    | nothing                        | 11200   |
      | create a participant  | 200    | text/plain       | no   | nothing                        | nothing |
      | create a message      | 200    | text/plain       | no   | "Error: Internal Server Error" | nothing |

  Scenario: The classic bridge can neither add the message nor clean up
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to create a message fails with 500
    And every attempt to delete a conversation fails with 500
    When Ada's phone sends "Hola"
    Then Ada's phone receives "Error: Internal Server Error"
    And Acme's conversation with Ada's phone has no messages
    When nothing fails any more
    And Ada's phone sends "Hello?"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body   |
      | Ada's phone | Hello? |

  Scenario Outline: The standard bridge may never <call>
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> fails with 400
    When Ada's phone sends "Hola"
    Then Acme's bridge answered 200 text/xml
    And Acme's bridge said "<Response/>"
    And Acme has no conversations
    And Ada's phone receives nothing
    And Acme's debugger shows nothing
    And Acme has no Studio executions
    When nothing fails any more
    And Ada's phone sends "Hello?"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body   |
      | Ada's phone | Hello? |

    Examples:
      | call                  |
      | create a conversation |
      | create a webhook      |
      | create a participant  |
      | create a message      |

  @retries
  Scenario Outline: The standard bridge fails to <call> once
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And the next attempt to <call> fails with <status>
    When Ada's phone sends "Hola"
    Then Acme's bridge answered 200 text/xml
    And Acme's bridge said "<Response/>"
    And Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | index | author      | body |
      | 0     | Ada's phone | Hola |
    And Acme's conversation with Ada's phone has these webhooks:
      | target |
      | studio |
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | body |
      | Hola |
    And Ada's phone receives nothing

    Examples:
      | call                  | status |
      | create a conversation | 500    |
      | create a webhook      | 500    |
      | create a participant  | 500    |
      | create a message      | 500    |
      | create a conversation | 503    |
      | create a webhook      | 429    |

  @retries
  Scenario Outline: The standard bridge does not learn that it could <call>
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And the answer to the next attempt to <call> is lost
    When Ada's phone sends "Hola"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body |
      | Ada's phone | Hola |
    And Acme's conversation with Ada's phone has these webhooks:
      | target |
      | studio |
    And Ada's phone receives nothing

    Examples:
      | call                  |
      | create a conversation |
      | create a webhook      |
      | create a participant  |
      | create a message      |
