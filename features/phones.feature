Feature: Phones that are offline, block, or do not say what they read
  How far a message gets depends on the phone, and on how the emulator is told to deliver: at once, as WhatsApp would, or by
  hand. Time is the emulator's own.

  Background:
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    And Acme's conversation "Support" tells "crm" of "onDeliveryUpdated"

  Scenario: A phone that is offline gets its messages when it is back
    Given Ada's phone is offline
    When the agent writes "One" in Acme's conversation "Support"
    And the agent writes "Two" in Acme's conversation "Support"
    Then the receipt for "One" in Acme's conversation "Support" says sent
    And Ada's phone receives nothing
    When 2 hours pass
    And Ada's phone is online again
    Then Ada's phone receives "One"
    And Ada's phone receives "Two"
    And the receipt for "One" in Acme's conversation "Support" says read
    And the receipt for "Two" in Acme's conversation "Support" says read

  Scenario: A phone that has blocked the business cannot be reached
    Given Ada's phone has blocked the business
    When the agent writes "Please come back" in Acme's conversation "Support"
    Then the receipt for "Please come back" in Acme's conversation "Support" says failed with 63014
    And endpoint "crm" was told:
      | Status | ErrorCode |
      | failed | 63014     |
    And Ada's phone receives nothing

  Scenario: Without read receipts delivered is the last that is heard
    Given Ada's phone sends no read receipts
    When the agent writes "Hello" in Acme's conversation "Support"
    Then Ada's phone receives "Hello"
    And endpoint "crm" was told:
      | Status    |
      | sent      |
      | delivered |

  Scenario: A realistic delivery takes seconds
    Given the switch delivery is realistic
    When the agent writes "Hello" in Acme's conversation "Support"
    Then the receipt for "Hello" in Acme's conversation "Support" says sent
    And Ada's phone receives nothing
    When 1 second passes
    Then the receipt for "Hello" in Acme's conversation "Support" says delivered
    And Ada's phone receives "Hello"
    When 5 seconds pass
    Then the receipt for "Hello" in Acme's conversation "Support" says read

  Scenario: A delivery by hand waits for the hand
    Given the switch delivery is manual
    When the agent writes "Hello" in Acme's conversation "Support"
    And 1 hour passes
    Then the receipt for "Hello" in Acme's conversation "Support" says sent
    And Ada's phone receives nothing
    When Acme's message "Hello" becomes delivered
    Then Ada's phone receives "Hello"
    And the receipt for "Hello" in Acme's conversation "Support" says delivered
    When Acme's message "Hello" becomes read
    Then endpoint "crm" was told:
      | Status    |
      | sent      |
      | delivered |
      | read      |

  Scenario: A message that WhatsApp does not deliver in the end
    Given the switch delivery is manual
    When the agent writes "Hello" in Acme's conversation "Support"
    And Acme's message "Hello" becomes undelivered
    Then the receipt for "Hello" in Acme's conversation "Support" says undelivered
    And Ada's phone receives nothing

  Scenario: One of two phones is offline
    Given Bob's phone has joined Acme's sandbox
    And the agent adds Bob's phone to Acme's conversation "Support"
    And Ada's phone is offline
    When the agent writes "Welcome" in Acme's conversation "Support"
    Then Bob's phone receives "Welcome"
    And Ada's phone receives nothing
    And endpoint "crm" was told, in any order:
      | Status    |
      | delivered |
      | read      |
      | sent      |
      | sent      |

  Scenario: A phone with a username shows no number
    Given Acme sends what comes in to "bot"
    And Ada's phone has the username "ada"
    When Ada's phone sends "Hello"
    Then endpoint "bot" was told:
      | From          | WaId   | ProfileUsername |
      | whatsapp:US.* | absent | ada             |

  Scenario: A phone with a username still shows its number to a business that knows it
    Given the switch username_hides_number is unless-recent
    And Acme sends what comes in to "bot"
    And Ada's phone has the username "ada"
    When Ada's phone sends "Hello"
    Then endpoint "bot" was told:
      | From         | WaId | ProfileUsername | Body  |
      | Ada's number | *    | ada             | Hello |

  Scenario: The customer sees that the answer is being typed
    Given account Typist
    And Typist has no URL for what comes in
    And Cleo's phone has joined Typist's sandbox
    And Cleo's phone sends "Are you there?"
    When Typist shows Cleo's phone that it is typing
    Then Cleo's phone sees that somebody is typing
    When Typist sends "Yes" to Cleo's phone
    Then Cleo's phone sees nobody typing
    When Typist shows Cleo's phone that it is typing
    And 25 seconds pass
    Then Cleo's phone sees nobody typing
