Feature: Reported: the last status that was heard is not the status of the message
  Reported in twilio-labs/twilio-firebase-extensions#21, twilio/twilio-csharp#633 and djdang3r/whatsapp-api-manager#102: status callbacks come
  late, twice, or one before the other. Twilio promises none of it. What helps is to let a status only go forward, and to ask for the
  message where it matters.

  Background:
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme sends statuses to "crm"

  Scenario: The last that comes says sent, and the message is read
    Given the switch callback_order is reversed
    When Acme sends "Your table is ready" to Ada's phone
    Then endpoint "crm" was told:
      | MessageStatus |
      | read          |
      | delivered     |
      | sent          |
    And Acme's message "Your table is ready" is:
      | status |
      | read   |

  Scenario: Where the last status never comes, those before it have waited for ten seconds
    Given the switch callback_order is reversed
    And Ada's phone sends no read receipts
    When Acme sends "Your table is ready" to Ada's phone
    Then endpoint "crm" was told nothing
    When 10 seconds pass
    Then endpoint "crm" was told:
      | MessageStatus |
      | delivered     |
      | sent          |

  Scenario: Every status comes twice, with the same token
    Given the switch callback_copies is 2
    When Acme sends "Your table is ready" to Ada's phone
    Then endpoint "crm" was told:
      | MessageStatus |
      | sent          |
      | sent          |
      | delivered     |
      | delivered     |
      | read          |
      | read          |

  Scenario: The statuses come when the conversation is over
    Given the switch callback_delay is 5 minutes
    When Acme sends "Your table is ready" to Ada's phone
    Then endpoint "crm" was told nothing
    And Acme's message "Your table is ready" is:
      | status |
      | read   |
    When 5 minutes pass
    Then endpoint "crm" was told:
      | MessageStatus |
      | sent          |
      | delivered     |
      | read          |

  Scenario: A conversation tells of deliveries in the same way, and of everything else in order
    Given the switch callback_order is reversed
    And the switch callback_copies is 2
    And Acme creates conversation "Support" with Ada's phone
    And Acme's conversation "Support" tells "desk" of "onMessageAdded, onDeliveryUpdated"
    When the agent writes "Hi Ada" in Acme's conversation "Support" with webhooks enabled
    And Ada's phone sends "Hi"
    Then endpoint "desk" was told, in any order:
      | EventType         | Body   | Status    |
      | onMessageAdded    | Hi Ada | absent    |
      | onMessageAdded    | Hi     | absent    |
      | onDeliveryUpdated | absent | read      |
      | onDeliveryUpdated | absent | read      |
      | onDeliveryUpdated | absent | delivered |
      | onDeliveryUpdated | absent | delivered |
      | onDeliveryUpdated | absent | sent      |
      | onDeliveryUpdated | absent | sent      |
    And the receipt for "Hi Ada" in Acme's conversation "Support" says read
