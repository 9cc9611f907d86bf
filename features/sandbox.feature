Feature: The sandbox lets in who has joined
  A phone joins a sandbox with its code, stays for 72 hours, and is in one sandbox at a time, over all accounts.

  Scenario: A phone that never joined is told so, and nobody else hears of it
    Given account Acme with a standard bridge
    And Ada's phone
    When Ada's phone sends "Hola"
    Then Ada's phone receives a text with "is not connected to a Sandbox. You need to connect it first by sending join <sandbox name>."
    And Acme's bridge was called no times
    And Acme has no conversations

  Scenario: Joining is confirmed, and is not a message
    Given account Acme with a standard bridge
    And Ada's phone
    When Ada's phone sends "join acme-sandbox"
    Then Ada's phone receives a text with "You are all set! The sandbox can now send/receive messages from whatsapp:+14155238886."
    And Ada's phone is in Acme's sandbox for 72 hours
    And Acme's bridge was called no times
    And Acme has no conversations

  Scenario: A keyboard that begins with a capital joins too
    Given account Acme
    And Ada's phone
    When Ada's phone sends " Join  Acme-Sandbox "
    Then Ada's phone is in Acme's sandbox for 72 hours

  Scenario: A wrong code gets no answer
    Given account Acme with a standard bridge
    And Ada's phone
    When Ada's phone sends "join acme-sandbax"
    Then Ada's phone receives nothing
    And Ada's phone is in no sandbox
    And Acme's bridge was called no times

  Scenario: A wrong code changes nothing for a member
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "join acme-sandbax"
    Then Ada's phone receives nothing
    And Ada's phone is in Acme's sandbox for 72 hours
    And Acme's bridge was called no times

  Scenario: Membership ends after 72 hours, and joining again restores it
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"
    When 71 hours pass
    And Ada's phone sends "Still here"
    Then Ada's phone receives nothing
    And Ada's phone is in Acme's sandbox for 1 hour
    When 1 hour passes
    Then Ada's phone is in no sandbox
    And Ada's phone receives nothing
    When Ada's phone sends "And now?"
    Then Ada's phone receives a text with "Sandbox membership lasts for 72 hours."
    And Acme's conversation with Ada's phone has these messages:
      | body       |
      | Hola       |
      | Still here |
    When Ada's phone sends "join acme-sandbox"
    Then Ada's phone receives a text with "You are all set!"
    When Ada's phone sends "Back again"
    Then Acme has 1 conversation
    And Acme's conversation with Ada's phone has these messages:
      | body       |
      | Hola       |
      | Still here |
      | Back again |
    And Ada's phone receives nothing

  Scenario: Joining again before the end starts the 72 hours anew
    Given account Acme
    And Ada's phone has joined Acme's sandbox
    When 70 hours pass
    And Ada's phone sends "join acme-sandbox"
    Then Ada's phone is in Acme's sandbox for 72 hours

  Scenario: Stop leaves the sandbox
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "stop"
    Then Ada's phone is in no sandbox
    And Ada's phone receives a text with "left the sandbox"
    And Acme's bridge was called no times
    When Ada's phone sends "Hola"
    Then Ada's phone receives a text with "is not connected to a Sandbox"
    And Acme has no conversations

  Scenario: A phone that joins another account's sandbox moves there
    Given account Acme with a standard bridge
    And account Globex with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "join globex-sandbox"
    Then Ada's phone receives a text with "You are all set!"
    And Ada's phone is in Globex's sandbox for 72 hours
    When Ada's phone sends "Hola"
    Then Globex has 1 conversation
    And Globex's conversation with Ada's phone has these messages:
      | author      | body |
      | Ada's phone | Hola |
    And Acme's bridge was called no times
    And Acme has no conversations
