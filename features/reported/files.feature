Feature: Reported: photos and other files get lost
  Problems that people have reported with files and places, as they saw them, and what the standard bridge does.

  Scenario: The webhook of a photo has no Body, and the handler breaks
    Reported in twilio/twilio-python#603: onMessageAdded of a file without a caption has no parameter Body at all.
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    And Acme's conversation "Support" tells "crm" of "onMessageAdded"
    When Ada's phone sends a photo
    And Ada's phone sends a photo with the caption "My invoice"
    Then endpoint "crm" was told:
      | EventType      | Body       | Media |
      | onMessageAdded | absent     | *     |
      | onMessageAdded | My invoice | *     |

  Scenario Outline: Where the customer is, nobody hears (<policy> bridge)
    Reported in chatwoot/chatwoot#11830: the Body of a location is empty, and the message was dropped.
    Given account Acme with a <policy> bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends:
      | location       |
      | 25.0188, -77.4 |
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body   |
      | Ada's phone | <text> |

    Examples:
      | policy   | text                                                                                                                                     |
      | classic  | Empty body, maybe an attachment. Sorry this function doesnt support adding media to the conversation. This should work post private beta |
      | standard | https://www.google.com/maps/search/?api=1&query=25.0188%2C-77.4                                                                          |

  Scenario: An inbound photo is 404 for a moment
    Reported in chatwoot/chatwoot#15499. Trying again after a while helps, with the credentials.
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    And the switch media_propagation_delay is 2 seconds
    When Ada's phone sends a photo
    Then endpoint "crm" fetches the file with credentials and gets 404
    When 2 seconds pass
    Then endpoint "crm" fetches the file without credentials and gets 401
    And endpoint "crm" fetches the file with credentials and gets 200

  Scenario: An inbound photo is 404 for a moment, and the bridge waits for it
    Reported in chatwoot/chatwoot#15499.
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And the switch media_propagation_delay is 1 second
    And the clock runs
    When Ada's phone sends a photo
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body | media      |
      | Ada's phone |      | image/jpeg |

  Scenario: The account's password is shown to the host of the files, which refuses it
    Reported in chatwoot/chatwoot#15502 and #15504: the client takes the credentials along when it is led to another host.
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a photo
    Then endpoint "crm" fetches the file with credentials for every host and gets 400
    And endpoint "crm" fetches the file with credentials and gets 200

  Scenario: No photo comes through the firewall
    Reported in Abilityai/trinity#1932: only Twilio's API is allowed there, and files are on a second host.
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a photo
    Then endpoint "crm" fetches the file without following redirects and gets 307

  Scenario: The photo's address answers 401
    Reported in twilio/twilio-python#840: the account wants credentials for files.
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a photo
    Then endpoint "crm" fetches the file without credentials and gets 401
    And endpoint "crm" fetches the file with credentials and gets 200

  Scenario: Listing the files of a message that has none
    Reported in twilio/twilio-java#435 as a 404. Here it is an empty list, as Twilio documents it.
    Given account Acme
    And Acme has no URL for what comes in
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    And Ada's phone sends a photo with the caption "My invoice"
    Then Acme's message "Hola" has no files
    And Acme's message "My invoice" has 1 file

  Scenario: The bot starts with the second message when the first is a photo
    Reported in baptisteArno/typebot.io#1246. A trigger waits for words; the Studio flow of the bridge hears the photo.
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a photo
    Then Acme has 1 Studio execution
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | event          | body |
      | onMessageAdded |      |
    When Acme's conversation with Ada's phone tells "bot" of messages that say "hello"
    And Ada's phone sends a photo
    Then endpoint "bot" was told nothing
    When Ada's phone sends "Hello?"
    Then endpoint "bot" was told:
      | Body   |
      | Hello? |

  Scenario Outline: An agent sends <what>, and the customer gets nothing
    Reported in nyaruka/courier#588 and chatwoot/chatwoot#14692, and in Twilio's guide to media on WhatsApp. Twilio takes the file, and the
    receipt says later that WhatsApp did not.
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone
    When the agent sends a <file> in Acme's conversation "Support"
    Then Ada's phone receives nothing
    And the receipt for "" in Acme's conversation "Support" says failed with <code>

    Examples:
      | what                 | file           | code  |
      | a photo of 6 MB      | photo of 6 MB  | 63034 |
      | a video of 17 MB     | video of 17 MB | 63034 |
      | Ogg that is not Opus | song           | 63019 |
