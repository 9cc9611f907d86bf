Feature: Attachments
  A photo has no text. The published Function apologises in the customer's name and loses the file; the standard bridge
  keeps it.

  Scenario: A photo as the first message, standard bridge
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a photo
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body | media      |
      | Ada's phone |      | image/jpeg |
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | event          | body |
      | onMessageAdded |      |
    And Ada's phone receives nothing

  Scenario: A photo with a caption as the first message, standard bridge
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a photo with the caption "My invoice"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body       | media      |
      | Ada's phone | My invoice | image/jpeg |

  Scenario: A photo as the first message, classic bridge
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a photo
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body                                                                                                                                                          | media |
      | Ada's phone | Empty body, maybe an attachment. Sorry this function doesnt support adding media to the conversation. This should work post private beta |       |
    And Acme's bridge answered 200 text/plain
    And Ada's phone receives nothing

  Scenario: A photo with a caption as the first message, classic bridge
    Given account Acme with a classic bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a photo with the caption "My invoice"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body       | media |
      | Ada's phone | My invoice |       |

  Scenario Outline: A photo in an open conversation is captured with its file (<policy> bridge)
    Given account Acme with a <policy> bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    And Ada's phone sends a photo
    And Ada's phone sends a voice note
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | author      | body | media      |
      | Ada's phone | Hola |            |
      | Ada's phone |      | image/jpeg |
      | Ada's phone |      | audio/ogg  |

    Examples:
      | policy   |
      | standard |
      | classic  |

  Scenario Outline: What the webhook says of a <file>
    Given account Acme
    And Acme sends what comes in to "crm"
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a <file>
    Then endpoint "crm" was told:
      | MessageType | NumMedia | MediaContentType0 | MediaUrl0 | Body   |
      | <kind>      | 1        | <type>            | *         | <body> |

    Examples: A document without a caption has its name as text
      | file         | kind     | type            | body        |
      | photo        | image    | image/jpeg      |             |
      | sticker      | sticker  | image/webp      |             |
      | voice note   | audio    | audio/ogg       |             |
      | video        | video    | video/mp4       |             |
      | contact card | contacts | text/vcard      |             |
      | document     | document | application/pdf | invoice.pdf |
