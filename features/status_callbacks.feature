Feature: Status callbacks
  A message of Programmable Messaging tells its status callback how far it got: the URL that it names, or that of the
  sandbox. The first status, queued, is in the answer to the request and is told to nobody.

  Background:
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox

  Scenario: Sent, delivered, read
    When Acme sends Ada's phone a message with:
      | name           | value        |
      | Body           | On its way   |
      | StatusCallback | server crm   |
    Then endpoint "crm" was told:
      | method | MessageStatus | SmsStatus | MessageSid | From        | To          | AccountSid   | ApiVersion | ChannelPrefix | ChannelInstallSid | ChannelToAddress | EventType | ErrorCode | StructuredMessage |
      | POST   | sent          | sent      | *          | the sandbox | Ada's phone | account Acme | 2010-04-01 | whatsapp      | *                 | +15558675310     | absent    | absent    | absent            |
      | POST   | delivered     | delivered | *          | the sandbox | Ada's phone | account Acme | 2010-04-01 | whatsapp      | *                 | +15558675310     | absent    | absent    | absent            |
      | POST   | read          | read      | *          | the sandbox | Ada's phone | account Acme | 2010-04-01 | whatsapp      | *                 | +15558675310     | READ      | absent    | absent            |

  Scenario: The URL of the sandbox hears of messages that name none
    Given Acme sends statuses to "status"
    When Acme sends "On its way" to Ada's phone
    And Acme sends Ada's phone a message with:
      | name           | value         |
      | Body           | To another URL |
      | StatusCallback | server crm    |
    Then endpoint "status" was told:
      | MessageStatus |
      | sent          |
      | delivered     |
      | read          |
    And endpoint "crm" was told:
      | MessageStatus |
      | sent          |
      | delivered     |
      | read          |

  Scenario: A template is a structured message
    Given Acme sends statuses to "status"
    And Ada's phone sends no read receipts
    When Acme sends Ada's phone a message with:
      | name             | value                              |
      | ContentSid       | HX229f5a04fd0510ce1b071852155d3e75 |
      | ContentVariables | {"1":"Acme","2":"4711"}            |
    Then Ada's phone receives "Your Acme code is 4711"
    And endpoint "status" was told:
      | MessageStatus | StructuredMessage |
      | sent          | true              |
      | delivered     | true              |

  Scenario: A failure comes with its code, and in words
    Given Ada's phone sends "stop"
    When Acme sends Ada's phone a message with:
      | name           | value      |
      | Body           | Come back  |
      | StatusCallback | server crm |
    Then endpoint "crm" was told:
      | MessageStatus | ErrorCode | ChannelStatusMessage                                                                 |
      | failed        | 63015     | Channel Sandbox can only send messages to phone numbers that have joined the Sandbox |
    And Acme's debugger shows 63015

  Scenario: What a conversation sends has receipts, and no status callbacks
    Given Acme sends statuses to "status"
    And Acme creates conversation "Support" with Ada's phone
    When the agent writes "Good morning" in Acme's conversation "Support"
    Then the receipt for "Good morning" in Acme's conversation "Support" says read
    And endpoint "status" was told nothing

  Scenario: What a webhook answers has status callbacks
    Given Acme sends statuses to "status"
    And Acme sends what comes in to "crm"
    And endpoint "crm" answers text/plain:
      """
      One moment
      """
    When Ada's phone sends "Hola"
    Then endpoint "status" was told:
      | MessageStatus | From        | To          |
      | sent          | the sandbox | Ada's phone |
      | delivered     | the sandbox | Ada's phone |
      | read          | the sandbox | Ada's phone |

  Scenario: A status callback that fails is in the debugger, and the message arrives
    Given Acme sends statuses to "status"
    And endpoint "status" answers 500
    When Acme sends "On its way" to Ada's phone
    Then Ada's phone receives "On its way"
    And Acme's debugger shows 11200
