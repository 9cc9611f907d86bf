Feature: A hook that is asked before
  A pre-action webhook may refuse what is about to happen in an account, or change it. Twilio asks it for what phones do,
  and for REST calls that carry X-Twilio-Webhook-Enabled.

  Background:
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    And Acme requests POST /v1/Configuration/Webhooks with:
      | name          | value        |
      | PreWebhookUrl | server guard |
      | Filters       | onMessageAdd |

  Scenario: It refuses an agent's message
    Given endpoint "guard" answers 403
    When the agent writes "Secret" in Acme's conversation "Support" with webhooks enabled
    Then Twilio refuses with 403, code 50056
    And Acme's conversation "Support" has no messages
    And Ada's phone receives nothing
    And endpoint "guard" was told:
      | EventType    | Body   | Author |
      | onMessageAdd | Secret | agent  |

  Scenario: It refuses what a phone writes, and the conversation never has it
    Given endpoint "guard" answers 500
    When Ada's phone sends "Spam"
    Then Acme's conversation "Support" has no messages
    And endpoint "guard" was told:
      | EventType    | Body | Author      |
      | onMessageAdd | Spam | Ada's phone |

  Scenario: It changes a message
    Given endpoint "guard" answers application/json:
      """
      {"body": "Good morning", "author": "ana"}
      """
    When the agent writes "morning" in Acme's conversation "Support" with webhooks enabled
    Then Acme's conversation "Support" has these messages:
      | index | author | body         |
      | 0     | ana    | Good morning |
    And Ada's phone receives "Good morning"
    And endpoint "guard" was told:
      | EventType    | Body    |
      | onMessageAdd | morning |

  Scenario: It is not asked for REST calls without the header, so a handler that writes back makes no loop
    Given endpoint "guard" answers 403
    When the agent writes "Quietly" in Acme's conversation "Support"
    Then endpoint "guard" was told nothing
    And Acme's conversation "Support" has these messages:
      | author | body    |
      | agent  | Quietly |

  Scenario: A hook that cannot be reached lets everything pass
    Given Acme requests POST /v1/Configuration/Webhooks with:
      | name          | value                     |
      | PreWebhookUrl | http://127.0.0.1:1/nobody |
      | Filters       | onMessageAdd              |
    When the agent writes "Anyway" in Acme's conversation "Support" with webhooks enabled
    Then Acme's conversation "Support" has these messages:
      | author | body   |
      | agent  | Anyway |
