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

  Scenario: Behind a proxy the signature is that of the public URL
    Given account Acme with a standard bridge of these settings:
      | setting    | value                                        |
      | public-url | https://hooks.example.com:8443/sandbox/in#rc=3 |
    And Ada's phone
    When Acme's bridge gets a signed POST with:
      | name       | value                              |
      | From       | Ada's phone                        |
      | To         | the sandbox                        |
      | MessageSid | SM00000000000000000000000000000001 |
      | Body       | Hola                               |
    Then that webhook is answered 200 text/xml
    And Acme's conversation with Ada's phone has these messages:
      | body |
      | Hola |

  Scenario Outline: A public URL that is not the one in the sandbox settings: 403, and the debugger shows it (<policy> bridge)
    Given account Acme with a <policy> bridge of these settings:
      | setting    | value                              |
      | public-url | https://hooks.example.com/whatsapp |
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Acme's bridge answered 403 text/plain
    And Acme's bridge has not called Twilio
    And Acme's debugger shows 11200
    And Ada's phone receives nothing

    Examples:
      | policy   |
      | standard |
      | classic  |
