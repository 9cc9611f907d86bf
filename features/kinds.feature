Feature: Everything that a phone can send
  What the webhook says of each kind of message, and what a conversation has of it that holds the phone already: its text
  and its file. What else WhatsApp says of it is in the webhook only. Photos and other files are in attachments.feature.

  Background:
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    And Acme creates conversation "Support" with Ada's phone

  Scenario: A place that was picked from the list around
    When Ada's phone sends:
      | location                          | label          | address         |
      | 25.018766403198, -77.395950317383 | Fort Charlotte | Nassau, Bahamas |
    Then endpoint "crm" was told:
      | MessageType | Body | NumMedia | Latitude        | Longitude        | Label          | Address         |
      | location    |      | 0        | 25.018766403198 | -77.395950317383 | Fort Charlotte | Nassau, Bahamas |
    And Acme's conversation "Support" has these messages:
      | author      | body                                                                                         | media |
      | Ada's phone | Fort Charlotte\nNassau, Bahamas\nhttps://maps.google.com/?q=25.018766403198,-77.395950317383 |       |

  Scenario: A place without a name
    When Ada's phone sends:
      | location       |
      | 25.0188, -77.4 |
    Then endpoint "crm" was told:
      | MessageType | Latitude | Longitude | Label  | Address |
      | location    | 25.0188  | -77.4     | absent | absent  |

  Scenario: The card of a contact is a file
    When Ada's phone sends:
      | contact     | contact number |
      | Grace Hopper | +15557654321  |
    Then endpoint "crm" was told:
      | MessageType | Body | NumMedia | MediaContentType0 | MediaUrl0 |
      | contacts    |      | 1        | text/vcard        | *         |
    And Acme's conversation "Support" has these messages:
      | body | media      |
      |      | text/vcard |

  Scenario: The quick reply of a template
    Given Acme sends "Is 10:00 still fine?" to Ada's phone
    When Ada's phone sends:
      | template button | payload     | reply to             |
      | Yes             | confirm_123 | Is 10:00 still fine? |
    Then endpoint "crm" was told:
      | MessageType | Body | ButtonText | ButtonPayload | OriginalRepliedMessageSid | OriginalRepliedMessageSender | Forwarded |
      | button      | Yes  | Yes        | confirm_123   | *                         | the sandbox                  | absent    |
    And Acme's conversation "Support" has these messages:
      | author      | body |
      | Ada's phone | Yes  |

  Scenario: A button of an interactive message, which says that it was not forwarded
    When Ada's phone sends:
      | button  | payload   |
      | Confirm | confirm_1 |
    Then endpoint "crm" was told:
      | MessageType | Body    | ButtonText | ButtonPayload | Forwarded | FrequentlyForwarded |
      | interactive | Confirm | Confirm    | confirm_1     | false     | false               |

  Scenario: A row of a list
    When Ada's phone sends:
      | list choice   | list id  |
      | Next Thursday | day_2026 |
    Then endpoint "crm" was told:
      | MessageType | Body          | ListTitle     | ListId   | ButtonText |
      | interactive | Next Thursday | Next Thursday | day_2026 | absent     |
    And Acme's conversation "Support" has these messages:
      | body          |
      | Next Thursday |

  Scenario: A quoted reply names what it answers, for seven days
    Given Acme sends "Shall we call you?" to Ada's phone
    When 6 days pass
    And Ada's phone sends "join acme-sandbox"
    And Ada's phone sends:
      | text        | reply to           |
      | Yes, please | Shall we call you? |
    Then endpoint "crm" was told:
      | MessageType | Body        | OriginalRepliedMessageSid | OriginalRepliedMessageSender |
      | text        | Yes, please | *                         | the sandbox                  |
    When 2 days pass
    And Ada's phone sends:
      | text            | reply to           |
      | Please call now | Shall we call you? |
    Then endpoint "crm" was told:
      | MessageType | Body            | OriginalRepliedMessageSid | OriginalRepliedMessageSender |
      | text        | Please call now | absent                    | absent                       |

  Scenario: Forwarded messages
    When Ada's phone sends:
      | text               | forwarded |
      | Our own words      |           |
      | A friend said this | once      |
      | Everybody says so  | often     |
    Then endpoint "crm" was told:
      | Body               | Forwarded | FrequentlyForwarded |
      | Our own words      | absent    | absent              |
      | A friend said this | true      | absent              |
      | Everybody says so  | true      | true                |

  Scenario: A chat that began with an advertisement
    When Ada's phone sends:
      | text            | ad               | ad id  | ad url                  |
      | I want to order | Lamps, 20 % off! | ad-815 | https://fb.me/2lamps815 |
    Then endpoint "crm" was told:
      | MessageType | Body            | ReferralHeadline | ReferralSourceId | ReferralSourceUrl       | ReferralSourceType | ReferralNumMedia |
      | text        | I want to order | Lamps, 20 % off! | ad-815           | https://fb.me/2lamps815 | ad                 | 0                |

  Scenario: An album comes as one webhook for each photo
    When Ada's phone sends an album of 3 photos
    Then endpoint "crm" was told:
      | MessageType | NumMedia | MediaContentType0 | MediaUrl1 |
      | image       | 1        | image/jpeg        | absent    |
      | image       | 1        | image/jpeg        | absent    |
      | image       | 1        | image/jpeg        | absent    |
    And Acme's conversation "Support" has these messages:
      | index | media      |
      | 0     | image/jpeg |
      | 1     | image/jpeg |
      | 2     | image/jpeg |

  Scenario Outline: Twilio has no webhook for <kind>, which is dropped and logged
    When Ada's phone sends:
      | unsupported |
      | <kind>      |
    Then a message of the kind "<kind>" is dropped
    And endpoint "crm" was told nothing
    And Acme's conversation "Support" has no messages
    And Ada's phone receives nothing

    Examples:
      | kind     |
      | reaction |
      | poll     |
      | edit     |
      | deletion |
