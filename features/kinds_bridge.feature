Feature: What the bridge makes of everything that a phone can send
  A first message of any kind opens a conversation. The standard bridge says in words what has no text, and keeps what
  WhatsApp told of it as attributes of the message; the published Function knows nothing but text.

  Scenario Outline: The first message has a <kind>, standard bridge
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends:
      | <kind>  | <detail>  |
      | <value> | <further> |
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body   | attributes.MessageType | attributes.<name> |
      | Ada's phone | <text> | <type>                 | <kept>            |
    And Acme has 1 Studio execution
    And Ada's phone receives nothing

    Examples:
      | kind            | value          | detail    | further  | text                                                                             | type        | name          | kept     |
      | location        | 25.0188, -77.4 | label     | The fort | The fort\nhttps://www.google.com/maps/search/?api=1&query=25.0188%2C-77.4        | location    | Latitude      | 25.0188  |
      | template button | Yes            | payload   | yes_1    | Yes                                                                              | button      | ButtonPayload | yes_1    |
      | button          | Confirm        | payload   | ok_1     | Confirm                                                                          | interactive | ButtonPayload | ok_1     |
      | list choice     | Thursday       | list id   | day_4    | Thursday                                                                         | interactive | ListId        | day_4    |
      | text            | Have a look    | forwarded | often    | Have a look                                                                      | text        | Forwarded     | true     |
      | ad              | 20 % off       | text      | Which?   | Which?                                                                           | text        | ReferralHeadline | 20 % off |

  Scenario: A location in an open conversation is captured, and stands there once
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Where are you?"
    And Ada's phone sends:
      | location       | label    |
      | 25.0188, -77.4 | The fort |
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body                                               |
      | Ada's phone | Where are you?                                     |
      | Ada's phone | The fort\nhttps://maps.google.com/?q=25.0188,-77.4 |

  Scenario: A contact card as the first message, standard bridge
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends:
      | contact      | contact number |
      | Grace Hopper | +15557654321   |
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body | media      | attributes.MessageType |
      | Ada's phone |      | text/vcard | contacts               |

  Scenario: An album as the first messages, standard bridge
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends an album of 3 photos
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body | media      |
      | Ada's phone |      | image/jpeg |
      | Ada's phone |      | image/jpeg |
      | Ada's phone |      | image/jpeg |

  Scenario Outline: The first message has a <kind>, classic bridge
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends:
      | <kind>  | <detail>  |
      | <value> | <further> |
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body   | media | attributes.MessageType |
      | Ada's phone | <text> |       |                        |

    Examples: Of a button nothing is left but its text
      | kind            | value          | detail         | further      | text                                                                                                                                     |
      | location        | 25.0188, -77.4 | label          | The fort     | Empty body, maybe an attachment. Sorry this function doesnt support adding media to the conversation. This should work post private beta |
      | contact         | Grace Hopper   | contact number | +15557654321 | Empty body, maybe an attachment. Sorry this function doesnt support adding media to the conversation. This should work post private beta |
      | template button | Yes            | payload        | yes_1        | Yes                                                                                                                                      |
