Feature: The published Function, branch by branch
  The classic policy does what the Function of Twilio's guide does, with its defects, so that a team can reproduce what it
  sees in production. The scenarios stand in the order of the Function's own branches.

  Scenario: The flow is not configured
    Given account Acme with a classic bridge of these settings:
      | setting         | value |
      | STUDIO_FLOW_SID |       |
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Acme's bridge has not called Twilio
    And Acme's bridge answered 200 application/json
    And Acme's bridge said:
      """
      {"status":500,"message":"Studio Flow SID is not configured"}
      """
    And Acme's bridge answered with these headers:
      | name                         | value            |
      | Access-Control-Allow-Origin  | *                |
      | Access-Control-Allow-Methods | GET,POST,OPTIONS |
      | Access-Control-Allow-Headers | Content-Type     |
    And Ada's phone receives nothing
    And Acme's debugger shows 12300

  Scenario: Success
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status | X-Twilio-Webhook-Enabled | UniqueName | Target | Configuration.FlowSid              | Configuration.ReplayAfter | Configuration.Filters | MessagingBinding.Address | MessagingBinding.ProxyAddress | Author      | Body | Attributes |
      | create a conversation | 201    | true                     |            |        |                                    |                           |                       |                          |                               |             |      |            |
      | create a webhook      | 201    |                          |            | studio | FW0123456789abcdef0123456789abcdef | 0                         | onMessageAdded        |                          |                               |             |      |            |
      | create a participant  | 201    |                          |            |        |                                    |                           |                       | Ada's phone              | the sandbox                   |             |      |            |
      | create a message      | 201    | true                     |            |        |                                    |                           |                       |                          |                               | Ada's phone | Hola |            |
    And Acme's bridge answered 200 text/plain
    And Acme's bridge said ""
    And Ada's phone receives nothing
    And Acme's debugger shows nothing

  Scenario Outline: A <file> has an empty body
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a <file>
    Then Acme's bridge has called Twilio:
      | call                  | Body                                                                                                                                     | MediaSid |
      | create a conversation |                                                                                                                                          |          |
      | create a webhook      |                                                                                                                                          |          |
      | create a participant  |                                                                                                                                          |          |
      | create a message      | Empty body, maybe an attachment. Sorry this function doesnt support adding media to the conversation. This should work post private beta |          |
    And Acme's bridge answered 200 text/plain
    And Ada's phone receives nothing

    Examples:
      | file         |
      | photo        |
      | contact card |

  Scenario: A location has an empty body
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends:
      | location       |
      | 25.0188, -77.4 |
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body                                                                                                                                     |
      | Ada's phone | Empty body, maybe an attachment. Sorry this function doesnt support adding media to the conversation. This should work post private beta |

  Scenario: A caption arrives without its photo
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a photo with the caption "My invoice"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body       | media |
      | Ada's phone | My invoice |       |
    And Acme's bridge answered 200 text/plain

  Scenario Outline: The parameter Body is absent (<method>)
    Given account Acme with a classic bridge
    And Ada's phone
    When Acme's bridge gets a signed <method> with:
      | name | value       |
      | From | Ada's phone |
      | To   | the sandbox |
    Then that webhook is answered 200 text/plain
    And that webhook is told ""
    And Acme's conversation with Ada's phone has these messages:
      | author      | body      |
      | Ada's phone | undefined |

    Examples:
      | method |
      | POST   |
      | GET    |

  Scenario: The parameter Body comes twice, and becomes an array
    Given account Acme with a classic bridge
    And Ada's phone
    When Acme's bridge gets a signed GET with:
      | name | value       |
      | From | Ada's phone |
      | To   | the sandbox |
      | Body | one         |
      | Body | two         |
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body    |
      | Ada's phone | one,two |

  Scenario: The parameter From is absent
    Given account Acme with a classic bridge
    When Acme's bridge gets a signed POST with:
      | name | value       |
      | To   | the sandbox |
      | Body | Hola        |
    Then Acme's bridge has called Twilio:
      | call                  | status | MessagingBinding.Address |
      | create a conversation | 201    |                          |
      | create a webhook      | 201    |                          |
      | create a participant  | 400    | undefined                |
      | delete a conversation | 204    |                          |
    And that webhook is answered 200 text/plain
    And that webhook is told ""
    And Acme has no conversations

  Scenario: The conversation cannot be created: the message is lost
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to create a conversation fails with 500
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 500    |
    And Acme's bridge answered 500 application/json
    And Acme's bridge said:
      """
      {"message":"Internal Server Error","name":"Error","stack":"Error: Internal Server Error"}
      """
    And Ada's phone receives nothing
    And Acme's debugger shows 11200

  Scenario: The webhook cannot be created: the conversation stays behind, and holds nobody
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And the next attempt to create a webhook fails with 500
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | create a webhook      | 500    |
    And Acme's bridge answered 500 application/json
    And Acme's bridge said:
      """
      {"message":"Internal Server Error","name":"Error","stack":"Error: Internal Server Error"}
      """
    And Acme has 1 conversation
    And Ada's phone receives nothing
    And Acme's debugger shows 11200
    When Ada's phone sends "Hello?"
    Then Acme has 2 conversations
    And Acme's conversation with Ada's phone has these messages:
      | body   |
      | Hello? |

  Scenario: The participant cannot be created: the message is lost, and the caller cannot tell
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to create a participant fails with 500
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status | X-Twilio-Webhook-Enabled |
      | create a conversation | 201    | true                     |
      | create a webhook      | 201    |                          |
      | create a participant  | 500    |                          |
      | delete a conversation | 204    |                          |
    And Acme's bridge answered 200 text/plain
    And Acme's bridge said ""
    And Acme has no conversations
    And Ada's phone receives nothing
    And Acme's debugger shows nothing

  Scenario: The participant cannot be created, and the conversation not deleted: it stays behind
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to create a participant fails with 500
    And every attempt to delete a conversation fails with 500
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | create a webhook      | 201    |
      | create a participant  | 500    |
      | delete a conversation | 500    |
    And Acme's bridge answered 200 text/plain
    And Acme's bridge said ""
    And Acme has 1 conversation
    And Ada's phone receives nothing

  Scenario: Every message after the first is captured, and costs a conversation that is thrown away
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"
    And Acme's bridge has called Twilio:
      | call                  |
      | create a conversation |
      | create a webhook      |
      | create a participant  |
      | create a message      |
    When Ada's phone sends "¿Hay alguien?"
    Then Acme's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | create a webhook      | 201    |
      | create a participant  | 409    |
      | delete a conversation | 204    |
    And Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | body          |
      | Hola          |
      | ¿Hay alguien? |

  Scenario: Another account holds the binding: the message is lost, and nobody is told
    Given account Acme with a classic bridge
    And account Globex with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola Acme"
    When Ada's phone has joined Globex's sandbox
    And Ada's phone sends "Hola Globex"
    Then Globex's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | create a webhook      | 201    |
      | create a participant  | 409    |
      | delete a conversation | 204    |
    And Globex's bridge answered 200 text/plain
    And Globex has no conversations
    And Ada's phone receives nothing

  Scenario: The message cannot be created: the customer gets the error as a text
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to create a message fails with 500
    When Ada's phone sends "Hola"
    Then Acme's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | create a webhook      | 201    |
      | create a participant  | 201    |
      | create a message      | 500    |
      | delete a conversation | 204    |
    And Acme's bridge answered 200 text/plain
    And Acme's bridge said "Error: Internal Server Error"
    And Ada's phone receives "Error: Internal Server Error"
    And Acme has no conversations
    And Acme's debugger shows nothing

  Scenario: The message can neither be created nor the conversation deleted: it holds the customer, without the message
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
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | body   |
      | Hello? |

  Scenario: There are no credentials: the Function never answers, and Twilio gives up
    Given account Acme with a classic bridge of these settings:
      | setting            | value |
      | TWILIO_ACCOUNT_SID |       |
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Acme's bridge has not called Twilio
    And Acme's bridge answered 504 text/plain
    And Acme has no conversations
    And Ada's phone receives nothing
    And Acme's debugger shows 11200
