Feature: Webhooks that come twice, or do not arrive
  Twilio may deliver a webhook twice. A customer's message stands in its conversation once.

  Scenario Outline: The webhook of a first message is delivered twice (<policy> bridge)
    Given account Acme with a <policy> bridge
    And Ada's phone has joined Acme's sandbox
    And this fault:
      """
      {"direction": "out", "duplicate": true}
      """
    When Ada's phone sends "Hola"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | index | author      | body |
      | 0     | Ada's phone | Hola |
    And Ada's phone receives nothing

    Examples:
      | policy   |
      | standard |
      | classic  |

  Scenario: A connection that breaks before the bridge answers is not tried again, and the debugger shows it
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And this fault:
      """
      {"direction": "out", "drop": true, "count": 1}
      """
    When Ada's phone sends "Hola"
    Then Acme has no conversations
    And Acme's debugger shows 11205
    When Ada's phone sends "Otra"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body |
      | Ada's phone | Otra |
