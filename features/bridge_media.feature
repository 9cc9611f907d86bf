Feature: Attachments on their way into a conversation
  The first message's attachments are fetched from the messaging API and stored for the conversation before it opens. When that
  cannot be done the text still arrives, and says what is missing.

  Scenario Outline: A <file> as the first message
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends a <file>
    Then Acme's bridge has called Twilio:
      | call                  | status |
      | create a conversation | 201    |
      | fetch a file          | 307    |
      | *                     | 200    |
      | upload a file         | 201    |
      | create a participant  | 201    |
      | create a webhook      | 201    |
      | create a message      | 201    |
    And Acme's conversation with Ada's phone has these messages:
      | author      | body   | media  |
      | Ada's phone | <body> | <type> |
    And the Studio flow has heard in Acme's conversation with Ada's phone:
      | event          | body   |
      | onMessageAdded | <body> |

    Examples:
      | file         | type            | body        |
      | photo        | image/jpeg      |             |
      | sticker      | image/webp      |             |
      | voice note   | audio/ogg       |             |
      | video        | video/mp4       |             |
      | contact card | text/vcard      |             |
      | document     | application/pdf | invoice.pdf |

  Scenario Outline: The text arrives without its photo when every attempt to <call> <fails>
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And every attempt to <call> <fails>
    When Ada's phone sends a photo with the caption "My invoice"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body                                                         | media | attributes.MissingMedia |
      | Ada's phone | My invoice\n[attachment image/jpeg could not be transferred] |       | *                       |
    And Acme's bridge has counted 1 message as "opened"
    And Acme's bridge has no dead letters
    And Ada's phone receives nothing

    Examples:
      | call          | fails          |
      | fetch a file  | fails with 401 |
      | fetch a file  | fails with 403 |
      | fetch a file  | fails with 410 |
      | upload a file | fails with 400 |
      | upload a file | fails with 413 |

  @retries
  Scenario Outline: The photo arrives when the next attempt to <call> <fails>
    Given account Acme with a standard bridge of these settings:
      | setting      | value |
      | call-timeout | 250ms |
    And Ada's phone has joined Acme's sandbox
    And the next attempt to <call> <fails>
    When Ada's phone sends a photo with the caption "My invoice"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body       | media      |
      | Ada's phone | My invoice | image/jpeg |

    Examples:
      | call             | fails                   |
      | fetch a file     | fails with 404          |
      | fetch a file     | fails with 503          |
      | fetch a file     | fails at the connection |
      | fetch a file     | is not answered in time |
      | upload a file    | fails with 500          |
      | upload a file    | fails with 429          |
      | upload a file    | fails at the connection |
      | upload a file    | is not answered in time |

  @retries
  Scenario: A photo that is stored and not attached is not lost, nor there twice
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And the answer to the next attempt to create a message is lost
    When Ada's phone sends a photo
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body | media      |
      | Ada's phone |      | image/jpeg |

  Scenario: A photo that Twilio does not attach: its text arrives, and says so
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And the next attempt to create a message fails with 400
    When Ada's phone sends a photo with the caption "My invoice"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body                                                         | media |
      | Ada's phone | My invoice\n[attachment image/jpeg could not be transferred] |       |

  Scenario Outline: A forged link leads the credentials nowhere (<link>)
    Given account Acme with a standard bridge
    And Ada's phone
    When Acme's bridge gets a signed POST with:
      | name              | value                              |
      | AccountSid        | account Acme                       |
      | From              | Ada's phone                        |
      | To                | the sandbox                        |
      | MessageSid        | MM00000000000000000000000000000001 |
      | Body              | Look                               |
      | NumMedia          | 1                                  |
      | MediaContentType0 | image/jpeg                         |
      | MediaUrl0         | <link>                             |
    Then Acme's bridge has called Twilio:
      | call                  |
      | create a conversation |
      | create a participant  |
      | create a webhook      |
      | create a message      |
    And Acme's conversation with Ada's phone has these messages:
      | body                                                   | media |
      | Look\n[attachment image/jpeg could not be transferred] |       |

    Examples: Another host, another account, no file at all
      | link                                                                                                                                                           |
      | https://evil.example.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM00000000000000000000000000000001/Media/ME00000000000000000000000000000001 |
      | http://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM00000000000000000000000000000001/Media/ME00000000000000000000000000000001    |
      | https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages/MM00000000000000000000000000000001/Media/ME00000000000000000000000000000001   |
      | https://api.twilio.com/2010-04-01/Accounts.json                                                                                                               |
      | file:///etc/passwd                                                                                                                                             |
