Feature: Senders of one's own open conversations by themselves
  A registered WhatsApp sender needs no sandbox. Its address configuration says what becomes of a first message: nothing, a
  conversation, one with a webhook, or one with a Studio flow.

  Background:
    Given account Acme
    And Acme has the sender "whatsapp:+13115552368"
    And Acme requests POST /v1/Configuration/Webhooks with:
      | name           | value               |
      | PostWebhookUrl | server audit        |
      | Filters        | onConversationAdded |
      | Filters        | onParticipantAdded  |
      | Filters        | onMessageAdded      |
    And Ada's phone

  Scenario: Without a configuration a message to the sender makes no conversation
    When Ada's phone sends "Hola" to "+13115552368"
    Then Acme has no conversations
    And endpoint "audit" was told nothing
    And Ada's phone receives nothing
    And Acme's message "Hola" is:
      | direction | from        | to                    | status   |
      | inbound   | Ada's phone | whatsapp:+13115552368 | received |

  Scenario: A configuration of type webhook, as Twilio's guide has it
    Given Acme requests POST /v1/Configuration/Addresses with:
      | name                        | value                 |
      | Type                        | whatsapp              |
      | Address                     | whatsapp:+13115552368 |
      | FriendlyName                | My Test Configuration |
      | AutoCreation.Enabled        | true                  |
      | AutoCreation.Type           | webhook               |
      | AutoCreation.WebhookUrl     | server crm            |
      | AutoCreation.WebhookMethod  | POST                  |
      | AutoCreation.WebhookFilters | onParticipantAdded    |
      | AutoCreation.WebhookFilters | onMessageAdded        |
    When Ada's phone sends "Hola" to "+13115552368"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these participants:
      | address     | proxy                 |
      | Ada's phone | whatsapp:+13115552368 |
    And Acme's conversation with Ada's phone has these webhooks:
      | target  | filters                            | url        | method |
      | webhook | onParticipantAdded, onMessageAdded | server crm | POST   |
    And Acme's conversation with Ada's phone has these messages:
      | index | author      | body |
      | 0     | Ada's phone | Hola |
    And endpoint "audit" was told:
      | EventType           | Source   | MessagingBinding.Address | MessagingBinding.ProxyAddress | Body   |
      | onConversationAdded | WHATSAPP | Ada's phone              | whatsapp:+13115552368         | absent |
      | onParticipantAdded  | WHATSAPP | Ada's phone              | whatsapp:+13115552368         | absent |
      | onMessageAdded      | WHATSAPP | absent                   | absent                        | Hola   |
    And endpoint "crm" was told:
      | EventType          |
      | onParticipantAdded |
      | onMessageAdded     |

  Scenario: A configuration of type studio
    Given Acme requests POST /v1/Configuration/Addresses with:
      | name                       | value                              |
      | Type                       | whatsapp                           |
      | Address                    | whatsapp:+13115552368              |
      | AutoCreation.Enabled       | true                               |
      | AutoCreation.Type          | studio                             |
      | AutoCreation.StudioFlowSid | FW0123456789abcdef0123456789abcdef |
    When Ada's phone sends "Hola" to "+13115552368"
    And Ada's phone sends "Otra" to "+13115552368"
    Then Acme's conversation with Ada's phone has these webhooks:
      | target | flow                               |
      | studio | FW0123456789abcdef0123456789abcdef |
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | event          | body |
      | onMessageAdded | Hola |
      | onMessageAdded | Otra |

  Scenario: A configuration of type default, and an agent who answers from the sender
    Given Acme requests POST /v1/Configuration/Addresses with:
      | name                 | value                 |
      | Type                 | whatsapp              |
      | Address              | whatsapp:+13115552368 |
      | AutoCreation.Enabled | true                  |
      | AutoCreation.Type    | default               |
    When Ada's phone sends "Hola" to "+13115552368"
    Then Acme's conversation with Ada's phone has no webhooks
    When the agent writes "Good morning" in Acme's conversation with Ada's phone
    Then Ada's phone receives "Good morning"
    And Acme's message "Good morning" is:
      | from                  | to          | status |
      | whatsapp:+13115552368 | Ada's phone | read   |

  Scenario: A configuration that is switched off makes nothing
    Given Acme requests POST /v1/Configuration/Addresses with:
      | name                 | value                 |
      | Type                 | whatsapp              |
      | Address              | whatsapp:+13115552368 |
      | AutoCreation.Enabled | false                 |
    When Ada's phone sends "Hola" to "+13115552368"
    Then Acme has no conversations

  Scenario: A second message gets into the conversation that there is, and after its end a new one is opened
    Given Acme requests POST /v1/Configuration/Addresses with:
      | name                 | value                 |
      | Type                 | whatsapp              |
      | Address              | whatsapp:+13115552368 |
      | AutoCreation.Enabled | true                  |
    When Ada's phone sends "Hola" to "+13115552368"
    And Ada's phone sends "Otra" to "+13115552368"
    Then Acme has 1 conversation
    When the agent closes Acme's conversation with Ada's phone
    And Ada's phone sends "Otra vez" to "+13115552368"
    Then Acme has 2 conversations
    And Acme's conversation with Ada's phone has these messages:
      | body     |
      | Otra vez |
