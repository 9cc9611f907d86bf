Feature: Reported: the signature of a webhook is refused, or not checked at all
  X-Twilio-Signature is made of the URL that Twilio requests, the parameters of a POST, and the account's auth token.

  Background:
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox

  Scenario: Behind ngrok every signature is wrong
    Reported in twilio/twilio-node#321, #505 and #924 and in twilio/twilio-python#751: Twilio and the server do not speak of
    the same URL, since a proxy makes http of https. The validator must be given the URL of the settings.
    When Ada's phone sends "Hola"
    Then the signature at endpoint "crm" is wrong for its URL with https and its form
    And the signature at endpoint "crm" is wrong for its URL with a slash behind and its form
    And the signature at endpoint "crm" is right for its URL and form

  Scenario: The bridge answers 403 until the settings have the URL that it was given
    Reported in the same places; the bridge is given that URL as --public-url.
    Given account Globex with a standard bridge
    And Ada's phone has joined Globex's sandbox
    When Globex sends what comes in to "globex-bridge/behind-a-proxy"
    And Ada's phone sends "Hola"
    Then Globex's bridge answered 403 text/plain
    And Globex has no conversations
    And Globex's debugger shows 11200
    When Globex sends what comes in to "globex-bridge"
    And Ada's phone sends "¿Hola?"
    Then Globex's bridge answered 200 text/xml
    And Globex has 1 conversation

  Scenario: The validator is given the headers, or the URL alone
    Reported in twilio/twilio-python#715. It wants the parameters of the form as they came.
    When Ada's phone sends " Hola "
    Then the signature at endpoint "crm" is right for its URL and form
    And the signature at endpoint "crm" is wrong for its URL alone
    And the signature at endpoint "crm" is wrong for its URL and headers
    And the signature at endpoint "crm" is wrong for its URL and the form with trimmed values
    And the signature at endpoint "crm" is wrong for its URL and form, by another token

  Scenario: A webhook by GET has everything in its URL
    Given Acme sends what comes in to "crm?shop=1" by GET
    When Ada's phone sends "Hola, ¿qué tal? 👋"
    Then the signature at endpoint "crm" is right for its URL alone
    And endpoint "crm" was told:
      | method | shop | Body               |
      | GET    | 1    | Hola, ¿qué tal? 👋 |

  Scenario Outline: A webhook of JSON is signed by the hash in its URL (<sealed>)
    The bridge believes the signature, and then misses From and To, which WhatsApp's webhooks have in a form.
    Given account Globex with a standard bridge
    When Globex's bridge gets JSON that is <sealed>
    Then the forger gets <status>
    And Globex has no conversations

    Examples:
      | sealed                           | status |
      | signed by Twilio                 | 400    |
      | changed on the way               | 403    |
      | changed on the way with its hash | 403    |

  Scenario: Connection overrides are not part of the signed URL
    Given Acme sends what comes in to "crm#rc=2&rp=5xx"
    When Ada's phone sends "Hola"
    Then the signature at endpoint "crm" is right for its URL and form

  Scenario: WhatsApp says 11200, and means the signature
    Reported in Yoctol/bottender#815: the server refused the signature, and the debugger says that the document could not be
    had.
    Given endpoint "crm" answers 403
    When Ada's phone sends "Hola"
    Then Ada's phone receives nothing
    And Acme's debugger shows 11200

  Scenario Outline: Without its token a server must refuse everything (<policy> bridge)
    Reported in bmlt-enabled/yap#1589: without a token nothing was checked.
    Given account Globex with a <policy> bridge
    When Ada's phone sends "Hola"
    Then the signature at endpoint "crm" is wrong for its URL and form, without token
    When somebody sends Globex's bridge a message "Hola" from Ada's phone without a signature
    Then the forger gets 403
    And Acme cannot start a <policy> bridge of these settings:
      | setting           | value | complaint          |
      | TWILIO_AUTH_TOKEN |       | AuthToken is empty |

    Examples:
      | policy   |
      | standard |
      | classic  |

  Scenario Outline: Whoever believes X-Forwarded headers takes a webhook that was meant for another server (<policy> bridge)
    Reported in lkaric/nestjs-twilio#81.
    Given Ada's phone sends "Hola"
    And account Globex with a <policy> bridge
    And Globex sends what comes in to "globex-crm"
    And Ada's phone has joined Globex's sandbox
    And Ada's phone sends "Hola"
    When somebody replays what endpoint "globex-crm" was told to Globex's bridge
    Then the forger gets 403
    And Globex has no conversations

    Examples:
      | policy   |
      | standard |
      | classic  |
