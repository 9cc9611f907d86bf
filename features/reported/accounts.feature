Feature: Reported: logging in, and what programs ask first
  What automation tools and help desks do before they send anything.

  Scenario: A program logs in with an API key
    Reported in n8n-io/n8n#1782 and dittofeed/dittofeed#1466: a key with its secret, and the account in the path.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    And Acme logs in with an API key
    When Acme sends "Your table is ready" to Ada's phone
    Then Ada's phone receives "Your table is ready"
    When Acme requests GET /2010-04-01/Accounts/{Acme}/Messages.json?PageSize=1
    Then the answer has:
      | page_size |
      | 1         |
    When Acme requests POST /v1/Conversations with:
      | name       | value |
      | UniqueName | desk  |
    Then the answer has:
      | unique_name |
      | desk        |

  Scenario: A secret with a typing error, and a key that was revoked
    Reported in dittofeed/dittofeed#1466. Both look the same from outside.
    Given account Acme
    And Acme logs in with an API key
    When Acme logs in with its API key and a wrong secret
    And Acme requests GET /v1/Conversations
    Then Twilio refuses with 401, code 20003
    When Acme logs in with an API key
    And Acme requests GET /v1/Conversations
    And Acme's API key is revoked
    And Acme requests GET /v1/Conversations
    Then Twilio refuses with 401, code 20003
    When Acme logs in with its token
    And Acme requests GET /v1/Conversations

  Scenario: Webhooks are signed with the token, whoever logs in with a key
    Reported in twilio/twilio-flex-token-validator#18: a validator that was given the secret refuses every webhook.
    Given account Acme
    And Acme sends what comes in to "crm"
    And Acme logs in with an API key
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then the signature at endpoint "crm" is right for its URL and form

  Scenario: A program tests its connection
    Reported in twilio/twilio-node#955, google/osv-scalibr#1058 and chatwoot/chatwoot#15011: the account, its numbers, its balance.
    Given account Acme
    When Acme requests GET /2010-04-01/Accounts/{Acme}.json
    Then the answer has:
      | status | type |
      | active | Full |
    When Acme requests GET /2010-04-01/Accounts/{Acme}/IncomingPhoneNumbers.json
    Then the answer has:
      | incoming_phone_numbers | page |
      | []                     | 0    |
    When Acme requests GET /2010-04-01/Accounts/{Acme}/Balance.json
    Then the answer has:
      | currency |
      | USD      |

  Scenario: The messaging service that the configuration names
    Reported in chatwoot/chatwoot#15011: a help desk lists the services, and sends by one.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When Acme requests GET /v1/Configuration
    And the answer's "default_messaging_service_sid" is called "service"
    And Acme requests GET /messaging/v1/Services/{service}
    Then the answer has:
      | friendly_name                               | usecase    |
      | Default Messaging Service for Conversations | undeclared |
    When Acme sends Ada's phone a message with:
      | name                | value         |
      | MessagingServiceSid | {service}     |
      | Body                | Your order is |
    Then Ada's phone receives "Your order is"
    When Acme sends Ada's phone a message with:
      | name                | value                              |
      | MessagingServiceSid | MG00000000000000000000000000000000 |
      | Body                | Your order is                      |
    Then Twilio refuses with 400, code 21701
