Feature: Webhooks of a conversation
  A scoped webhook hears of what happens in its conversation: always of what phones do, and of what REST calls do only when
  they carry X-Twilio-Webhook-Enabled.

  Background:
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone

  Scenario: REST calls fire no webhook, unless they ask for it
    Given Acme's conversation "Support" tells "crm" of "onMessageAdded"
    When the agent writes "Quietly" in Acme's conversation "Support"
    Then endpoint "crm" was told nothing
    When the agent writes "Aloud" in Acme's conversation "Support" with webhooks enabled
    Then endpoint "crm" was told:
      | EventType      | Source | Author | Body  | AccountSid   | WebhookType | Index |
      | onMessageAdded | API    | agent  | Aloud | account Acme | webhook     | 1     |

  Scenario: What a phone writes always fires webhooks
    Given Acme's conversation "Support" tells "crm" of "onMessageAdded"
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | method | EventType      | Source   | Author      | Body | ParticipantSid |
      | POST   | onMessageAdded | WHATSAPP | Ada's phone | Hola | *              |

  Scenario: A webhook hears only of the events that it filters for
    Given Acme's conversation "Support" tells "crm" of "onMessageUpdated, onConversationUpdated"
    When Ada's phone sends "Hola"
    And the agent writes "Good morning" in Acme's conversation "Support" with webhooks enabled
    Then endpoint "crm" was told nothing

  Scenario: A webhook hears of a photo without a text
    Given Acme's conversation "Support" tells "crm" of "onMessageAdded"
    When Ada's phone sends a photo
    Then endpoint "crm" was told:
      | EventType      | Author      | Body | Media |
      | onMessageAdded | Ada's phone |      | *     |

  Scenario: A trigger fires on its words, in any case
    Given Acme's conversation "Support" tells "bot" of messages that say "refund"
    When Ada's phone sends "Hola"
    Then endpoint "bot" was told nothing
    When Ada's phone sends "I want a REFUND now"
    Then endpoint "bot" was told:
      | EventType      | Body                | WebhookType |
      | onMessageAdded | I want a REFUND now | trigger     |

  Scenario: A failing webhook is not tried again and disturbs nobody
    Given endpoint "crm" answers 500
    And Acme's conversation "Support" tells "crm" of "onMessageAdded"
    And Acme's conversation "Support" tells "audit" of "onMessageAdded"
    When Ada's phone sends "Hola"
    Then endpoint "crm" was told:
      | Body | RetryCount |
      | Hola | 0          |
    And endpoint "audit" was told:
      | Body |
      | Hola |
    And Acme's conversation "Support" has these messages:
      | body |
      | Hola |

  Scenario: A conversation has five webhooks at most
    Given Acme's conversation "Support" tells "one" of "onMessageAdded"
    And Acme's conversation "Support" tells "two" of "onMessageAdded"
    And Acme's conversation "Support" tells "three" of "onMessageAdded"
    And Acme's conversation "Support" tells "four" of "onMessageAdded"
    And Acme's conversation "Support" tells "five" of "onMessageAdded"
    When Acme's conversation "Support" tells "six" of "onMessageAdded"
    Then Twilio refuses with 400, code 50361

  Scenario: Twilio refuses a filter that does not exist
    When Acme's conversation "Support" tells "crm" of "onMessageEaten"
    Then Twilio refuses with 400, code 50365
    And Acme's conversation "Support" has no webhooks
