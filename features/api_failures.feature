Feature: Twilio's API fails while a conversation is being opened
  Opening a conversation takes four calls, and each of them can fail: with a status, without an answer, before it had an effect
  or after. What the published Function does then is its bug list, see classic.feature; the standard bridge leaves nothing
  behind, tells the customer nothing, and loses no message that Twilio will ever take.

  Scenario Outline: The classic bridge, every attempt to <call> <fails>
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> <fails>
    When Ada's phone sends "Hola"
    Then Acme's bridge answered <status> <type>
    And Acme has <left> conversations
    And Ada's phone receives <heard>
    And Acme's debugger shows <alert>
    And Acme has no Studio executions

    Examples: A status
      | call                  | fails          | status | type             | left | heard                          | alert   |
      | create a conversation | fails with 429 | 500    | application/json | no   | nothing                        | 11200   |
      | create a webhook      | fails with 503 | 500    | application/json | 1    | nothing                        | 11200   |
      | create a participant  | fails with 400 | 200    | text/plain       | no   | nothing                        | nothing |
      | create a message      | fails with 401 | 200    | text/plain       | no   | "Error: Unauthorized"          | nothing |
      | create a message      | fails with 429 | 200    | text/plain       | no   | "Error: Too Many Requests"     | nothing |

    Examples: A broken connection
      | call                  | fails                   | status | type             | left | heard                  | alert   |
      | create a conversation | fails at the connection | 500    | application/json | no   | nothing                | 11200   |
      | create a webhook      | fails at the connection | 500    | application/json | 1    | nothing                | 11200   |
      | create a participant  | fails at the connection | 200    | text/plain       | no   | nothing                | nothing |
      | create a message      | fails at the connection | 200    | text/plain       | no   | a text with "Error: "  | nothing |

  Scenario Outline: The classic bridge, every attempt to <call> is not answered: the Function is stopped where it is
    Given account Acme with a classic bridge of these settings:
      | setting          | value |
      | function-timeout | 600ms |
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> is not answered in time
    When Ada's phone sends "Hola"
    Then Acme's bridge answered 504 text/plain
    And Acme has <left> conversations
    And Ada's phone receives nothing
    And Acme's debugger shows 11200
    And Acme has no Studio executions

    Examples:
      | call                  | left |
      | create a conversation | no   |
      | create a webhook      | 1    |
      | create a participant  | 1    |
      | create a message      | 1    |

  Scenario Outline: The classic bridge does not learn that it could <call>
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And the answer to the next attempt to <call> is lost
    When Ada's phone sends "Hola"
    Then Acme's bridge answered <status> <type>
    And Acme has <left> conversations

    Examples:
      | call                  | status | type             | left |
      | create a conversation | 500    | application/json | 1    |
      | create a webhook      | 500    | application/json | 1    |
      | create a participant  | 200    | text/plain       | no   |
      | create a message      | 200    | text/plain       | no   |

  Scenario: The classic bridge is stopped between participant and message: the retry is dropped
    Given account Acme with a classic bridge of these settings:
      | setting          | value |
      | function-timeout | 600ms |
    And Ada's phone has joined Acme's sandbox
    And the next attempt to create a message is not answered in time
    When Ada's phone sends "Hola"
    Then Acme's conversation with Ada's phone has no messages
    When Acme's bridge gets a signed POST with:
      | name | value       |
      | From | Ada's phone |
      | To   | the sandbox |
      | Body | Hola        |
    Then that webhook is answered 200 text/plain
    And Acme's conversation with Ada's phone has no messages

  Scenario Outline: The standard bridge, every attempt to <call> fails with 400: Twilio will never take the message
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> fails with 400
    When Ada's phone sends "Hola"
    Then Acme's bridge answered 200 text/xml
    And Acme's bridge said "<Response/>"
    And Acme has no conversations
    And Acme's bridge has 1 dead letter
    And a dead letter of Acme's bridge says "400/20001 Bad Request"
    And Acme's bridge has counted 1 message as "dead"
    And Ada's phone receives nothing
    And Acme's debugger shows nothing
    And Acme has no Studio executions
    When nothing fails any more
    And Ada's phone sends "Hello?"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body   |
      | Ada's phone | Hello? |
    And Acme's bridge has 1 dead letter

    Examples:
      | call                  |
      | create a conversation |
      | create a webhook      |
      | create a participant  |
      | create a message      |

  @retries
  Scenario Outline: The standard bridge, every attempt to <call> <fails>, until it gives up
    Given account Acme with a standard bridge of these settings:
      | setting      | value |
      | retry-for    | 500ms |
      | call-timeout | 250ms |
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> <fails>
    When Ada's phone sends "Hola"
    Then Acme's bridge answered 200 text/xml
    And Acme has no conversations
    And Acme's bridge has 1 dead letter
    And Ada's phone receives nothing
    And Acme has no Studio executions
    When nothing fails any more
    And the dead letters of Acme's bridge are replayed
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body |
      | Ada's phone | Hola |
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | body |
      | Hola |
    And Acme's bridge has no dead letters

    Examples:
      | call                  | fails                   |
      | create a conversation | fails with 500          |
      | create a webhook      | fails with 401          |
      | create a participant  | fails at the connection |
      | create a message      | is not answered in time |
      | create a conversation | is not answered in time |
      | create a webhook      | fails at the connection |
      | create a participant  | fails with 500          |
      | create a message      | fails with 401          |

  @retries
  Scenario Outline: The standard bridge, the next attempt to <call> <fails>
    Given account Acme with a standard bridge of these settings:
      | setting      | value |
      | call-timeout | 250ms |
    And Ada's phone has joined Acme's sandbox
    And the next attempt to <call> <fails>
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
    And Acme's bridge has counted 1 message as "opened"
    And Acme's bridge has no dead letters
    And Ada's phone receives nothing

    Examples: A status
      | call                  | fails          |
      | create a conversation | fails with 429 |
      | create a conversation | fails with 503 |
      | create a conversation | fails with 500 |
      | create a conversation | fails with 401 |
      | create a webhook      | fails with 429 |
      | create a webhook      | fails with 503 |
      | create a webhook      | fails with 500 |
      | create a webhook      | fails with 401 |
      | create a participant  | fails with 429 |
      | create a participant  | fails with 503 |
      | create a participant  | fails with 500 |
      | create a participant  | fails with 401 |
      | create a message      | fails with 429 |
      | create a message      | fails with 503 |
      | create a message      | fails with 500 |
      | create a message      | fails with 401 |

    Examples: A broken connection
      | call                  | fails                   |
      | create a conversation | fails at the connection |
      | create a webhook      | fails at the connection |
      | create a participant  | fails at the connection |
      | create a message      | fails at the connection |

    Examples: No answer
      | call                  | fails                   |
      | create a conversation | is not answered in time |
      | create a webhook      | is not answered in time |
      | create a participant  | is not answered in time |
      | create a message      | is not answered in time |

    Examples: Twilio says how long to wait
      | call                 | fails                                     |
      | create a participant | fails with 429 and asks to wait 1 second  |
      | create a message     | fails with 429 and asks to wait 1 second  |

  @retries
  Scenario: What Twilio asks to wait for is waited for
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And the next attempt to create a conversation fails with 429 and asks to wait 1 second
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status | waited   |
      | create a conversation | 429    |          |
      | create a conversation | 201    | 1 second |
      | create a participant  | 201    |          |
      | create a webhook      | 201    |          |
      | create a message      | 201    |          |

  @retries
  Scenario Outline: The standard bridge does not learn that it could <call> (<order> first)
    Given account Acme with a standard bridge of these settings:
      | setting | value   |
      | order   | <order> |
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
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | body |
      | Hola |
    And Ada's phone receives nothing

    Examples:
      | call                  | order    |
      | create a conversation | customer |
      | create a webhook      | customer |
      | create a participant  | customer |
      | create a message      | customer |
      | create a webhook      | flow     |
      | create a participant  | flow     |
      | create a conversation | message  |
      | create a webhook      | message  |
      | create a participant  | message  |
      | create a message      | message  |

  Scenario Outline: A slow call loses nothing (<policy> bridge, <call>)
    Given account Acme with a <policy> bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> takes its time
    When Ada's phone sends "Hola"
    And Ada's phone sends "Otra"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body |
      | Ada's phone | Hola |
      | Ada's phone | Otra |
    And Ada's phone receives nothing

    Examples:
      | policy   | call                  |
      | standard | create a conversation |
      | standard | create a participant  |
      | standard | create a webhook      |
      | standard | create a message      |
      | classic  | create a conversation |
      | classic  | create a participant  |
      | classic  | create a webhook      |
      | classic  | create a message      |

  Scenario Outline: The standard bridge answers long before a slow Twilio does (<call>)
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> takes its time
    When Ada's phone sends "Hola"
    Then Acme's bridge answered 200 text/xml
    And Acme's bridge answered before its attempt to <call> ended

    Examples:
      | call                  |
      | create a conversation |
      | create a participant  |
      | create a webhook      |
      | create a message      |
