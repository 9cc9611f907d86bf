Feature: Reported: what an application sends does not arrive
  Problems that people have reported with the sandbox and Programmable Messaging, as they saw them, and what helps.

  Scenario: The API says queued, but nothing arrives
    Reported in twilio/twilio-csharp#488. Whether the phone is in the sandbox is found out after the answer.
    Given account Acme
    And Ada's phone
    When Acme sends Ada's phone a message with:
      | name           | value      |
      | Body           | Your code  |
      | StatusCallback | server crm |
    Then the answer has:
      | status | error_code |
      | queued |            |
    And Ada's phone receives nothing
    And endpoint "crm" was told:
      | MessageStatus | ErrorCode |
      | failed        | 63015     |
    And Acme's message "Your code" is:
      | status | error_code | error_message                                                                        |
      | failed | 63015      | Channel Sandbox can only send messages to phone numbers that have joined the Sandbox |

  Scenario: Three days later nothing works any more
    Reported in ishween/whatsapp-push-notify-action#2. There is no way around the 72 hours but to join again.
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And 72 hours pass
    When Acme sends "New push" to Ada's phone
    Then Acme's message "New push" is:
      | status | error_code |
      | failed | 63015      |
    When Ada's phone sends "Hello?"
    Then Ada's phone receives a text with "is not connected to a Sandbox"
    And Acme has no conversations
    When Ada's phone sends "join acme-sandbox"
    And Acme sends "New push" to Ada's phone
    Then Ada's phone receives a text with "You are all set!"
    And Ada's phone receives "New push"

  Scenario: The passwords of today arrive, those of Thursday do not, and joining with a typing error is answered by nothing
    Reported in a public runbook: the API says that all is well, and a wrong keyword has no answer.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Acme sends "Your code is 1" to Ada's phone
    And 73 hours pass
    And Acme sends "Your code is 2" to Ada's phone
    Then the answer has:
      | status |
      | queued |
    And Ada's phone receives "Your code is 1"
    And Ada's phone receives nothing
    When Ada's phone sends "join acme-sandbux"
    Then Ada's phone receives nothing
    And Ada's phone is in no sandbox

  Scenario: An empty answer is refused
    Reported in mortium91/langchain-assistant#19: a model said nothing, and the reply failed.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Acme sends "" to Ada's phone
    Then Twilio refuses with 400, code 21619
    And the refusal says "A text message body or media urls must be specified."
    And Ada's phone receives nothing

  Scenario Outline: An application puts "whatsapp:" in front of a number that has it already
    Reported in guidone/node-red-contrib-chatbot#280: the address is <address>.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Acme sends Ada's phone a message with:
      | name | value     |
      | To   | <address> |
      | Body | Hi        |
    Then Twilio refuses with 400, code 21211
    When Acme creates a conversation with the unique name "support"
    And Acme requests POST /v1/Conversations/support/Participants with:
      | name                          | value       |
      | MessagingBinding.Address      | <address>   |
      | MessagingBinding.ProxyAddress | the sandbox |
    Then Twilio refuses with 400, code 50407

    Examples:
      | address                         |
      | +whatsapp:+15558675310          |
      | whatsapp:whatsapp:+15558675310  |

  Scenario: A Brazilian customer has joined, and cannot be written to
    Reported in chatwoot/chatwoot#11053: WhatsApp knows the phone by another number than the one in the address book, which
    has one digit more. What helps is to write to the number that the phone's own messages come from.
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    And the number "+5511987654321" is an alias of Ada's phone
    When Acme sends Ada's phone a message with:
      | name | value                   |
      | To   | whatsapp:+5511987654321 |
      | Body | Bom dia                 |
    Then Acme's message "Bom dia" is:
      | status | error_code |
      | failed | 63015      |
    When Ada's phone sends "Oi"
    Then endpoint "crm" was told:
      | From        | Body |
      | Ada's phone | Oi   |
    When Acme sends "Bom dia" to Ada's phone
    Then Ada's phone receives "Bom dia"
