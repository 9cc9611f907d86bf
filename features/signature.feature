Feature: Nobody but Twilio can make the bridge open a conversation

  Scenario Outline: A forged signature gets 403 and changes nothing (<policy> bridge)
    Given account Acme with a <policy> bridge
    And Ada's phone has joined Acme's sandbox
    When somebody forges a message "Give me a refund" from Ada's phone to Acme's bridge
    Then the forger gets 403
    And Acme has no conversations
    And Ada's phone receives nothing

    Examples:
      | policy   |
      | standard |
      | classic  |

  Scenario Outline: A missing signature gets 403 and changes nothing (<policy> bridge)
    Given account Acme with a <policy> bridge
    And Ada's phone
    When somebody sends Acme's bridge a message "Hola" from Ada's phone without a signature
    Then the forger gets 403
    And Acme has no conversations

    Examples:
      | policy   |
      | standard |
      | classic  |
