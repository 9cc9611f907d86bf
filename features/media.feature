Feature: Fetching the files of phones
  A webhook does not carry a file but its address, MediaUrl0. Twilio asks for the account's credentials there, and leads to a
  signed link on another host, which must not be shown them.

  Background:
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox

  Scenario: With credentials, which stay on the first host
    When Ada's phone sends a photo
    Then endpoint "crm" fetches the file with credentials and gets 200

  Scenario: Without credentials
    When Ada's phone sends a photo
    Then endpoint "crm" fetches the file without credentials and gets 401
    When the switch media_auth is off
    Then endpoint "crm" fetches the file without credentials and gets 200

  Scenario: The signed link refuses credentials
    When Ada's phone sends a photo
    Then endpoint "crm" fetches the file with credentials for every host and gets 400
    When the switch media_redirect is off
    Then endpoint "crm" fetches the file with credentials for every host and gets 200

  Scenario: The first host answers with a redirect
    When Ada's phone sends a photo
    Then endpoint "crm" fetches the file without following redirects and gets 307
    When the switch media_redirect is off
    Then endpoint "crm" fetches the file without following redirects and gets 200

  Scenario: A file may come later than its webhook
    Given the switch media_propagation_delay is 3 seconds
    When Ada's phone sends a photo
    Then endpoint "crm" fetches the file with credentials and gets 404
    When 2 seconds pass
    Then endpoint "crm" fetches the file with credentials and gets 404
    When 1 second passes
    Then endpoint "crm" fetches the file with credentials and gets 200

  Scenario: Files are kept until they are deleted
    Given Ada's phone sends a photo with the caption "My invoice"
    When 365 days pass
    Then Acme's message "My invoice" has 1 file
    And endpoint "crm" fetches the file with credentials and gets 200
    When Acme deletes the file of its message "My invoice"
    Then Acme's message "My invoice" has no files
    And endpoint "crm" fetches the file with credentials and gets 404

  Scenario: The file of a conversation is one of its own
    Given Acme creates conversation "Support" with Ada's phone
    When Ada's phone sends a photo with the caption "My invoice"
    And Acme deletes the file of its message "My invoice"
    Then Acme's conversation "Support" has these messages:
      | body       | media      |
      | My invoice | image/jpeg |

  Scenario Outline: An agent sends a <file>
    Given Acme creates conversation "Support" with Ada's phone
    When the agent sends a <file> in Acme's conversation "Support"
    Then Ada's phone receives a file of type <type>
    And Acme's conversation "Support" has these messages:
      | author | media  |
      | agent  | <type> |

    Examples:
      | file       | type            |
      | photo      | image/jpeg      |
      | document   | application/pdf |
      | voice note | audio/ogg       |
