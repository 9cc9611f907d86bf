Feature: The bridge is told of what did not arrive
  An agent's message that fails does so after Twilio took it. An account that tells its bridge of deliveries sees why.

  Background:
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    And Ada's phone sends "Hola"

  Scenario: Nobody is told unless the account wants it
    Given 72 hours pass
    When the agent writes "Are you still there?" in Acme's conversation with Ada's phone
    Then Acme's bridge knows of no failed delivery

  Scenario: The customer must join the sandbox again
    Given Acme tells its bridge of deliveries
    And 72 hours pass
    When the agent writes "Are you still there?" in Acme's conversation with Ada's phone
    Then the receipt for "Are you still there?" in Acme's conversation with Ada's phone says failed with 63015
    And Acme's bridge knows of these failed deliveries:
      | status | code  | why                                    |
      | failed | 63015 | the customer must join the sandbox again |

  Scenario: The 24-hour window is closed
    Given Acme tells its bridge of deliveries
    And 25 hours pass
    When the agent writes "Are you still there?" in Acme's conversation with Ada's phone
    Then Acme's bridge knows of these failed deliveries:
      | status | code  | why                                                                              |
      | failed | 63016 | the 24-hour window is closed: send a template, or wait until the customer writes |

  Scenario: What arrives is no news
    Given Acme tells its bridge of deliveries
    When the agent writes "Hello Ada" in Acme's conversation with Ada's phone
    Then Ada's phone receives "Hello Ada"
    And Acme's bridge knows of no failed delivery
    And Acme's debugger shows nothing

  Scenario: The event comes twice, and is told once
    Given Acme tells its bridge of deliveries
    And 25 hours pass
    And this fault:
      """
      {"direction": "out", "duplicate": true}
      """
    When the agent writes "Are you still there?" in Acme's conversation with Ada's phone
    Then Acme's bridge knows of these failed deliveries:
      | code  |
      | 63016 |
