package steps_test

import (
	"testing"

	"github.com/cloudforgot/cloudforgot/features/steps"
)

// What scenarios about kinds of messages, logs, files, switches, signatures and moments do wrong is told too.
func TestMoreStepErrors(t *testing.T) {
	t.Parallel()
	const member = "Given account Acme\nAnd Ada's phone has joined Acme's sandbox\n"
	const told = "Given account Acme\nAnd Acme sends what comes in to \"crm\"\nAnd Ada's phone has joined Acme's sandbox\nWhen Ada's phone sends \"Hola\"\n"
	for _, c := range []struct{ name, steps, want string }{
		{"unknown switch", "Given the switch gravity is off", `there is no switch "gravity" (known: callback_copies`},
		{"switch that is no word", "Given the switch media_auth is maybe", `the switch media_auth: "maybe" is neither on nor off`},
		{"switch that is no number", "Given the switch webhook_retries is many", `"many" is not a number`},
		{"switch with a word that it does not take", "Given the switch delivery is slow", `delivery: "slow" is none of instant, realistic, manual`},
		{"switch of another step", "Given the switch number_aliases is on", "it cannot be set by this step"},
		{"location", member + "When Ada's phone sends:\n| location |\n| here |", `location "here": it must be a latitude and a longitude`},
		{"column of a message", member + "When Ada's phone sends:\n| taste |\n| salt |", `there is no column "taste": use text, to, file`},
		{"reply to nothing", member + "When Ada's phone sends:\n| text | reply to |\n| Yes | Well? |", `Ada's phone has no message "Well?" to reply to`},
		{"message of two kinds", member + "When Ada's phone sends:\n| file | button |\n| photo | Yes |", "a message is one thing"},
		{"nothing was dropped", member + `Then a message of the kind "poll" is dropped`, `the emulator has dropped no message of the kind "poll"`},
		{"no such message", member + `When Acme redacts its message "Hi"`, `Acme's message log has no message "Hi"`},
		{"status that it cannot have", member + "When Acme sends \"Hi\" to Ada's phone\nAnd Acme's message \"Hi\" becomes delivered", "it cannot become delivered any more"},
		{"no file to delete", member + "When Acme sends \"Hi\" to Ada's phone\nAnd Acme deletes the file of its message \"Hi\"", "has 0 files; the step needs one"},
		{"other number of files", member + "When Acme sends \"Hi\" to Ada's phone\nThen Acme's message \"Hi\" has 1 file", "has 0 files, not 1"},
		{"other log", member + "Then Acme's message log shows:\n| body |", "| join acme-sandbox |"},
		{"endpoint without a file", told + `Then endpoint "crm" fetches the file with credentials and gets 200`, `the last webhook of endpoint "crm" has no MediaUrl0`},
		{"endpoint that was told nothing", member + "And Acme sends what comes in to \"crm\"\nThen the signature at endpoint \"crm\" is right for its URL and form", `endpoint "crm" was told nothing yet`},
		{"unknown way", told + `Then the signature at endpoint "crm" is right for its colour`, `no signature is checked for "its colour" (known: its URL alone`},
		{"wrong verdict", told + `Then the signature at endpoint "crm" is wrong for its URL and form`, "is not wrong for its URL and form"},
		{"parameter that is there", told + "Then endpoint \"crm\" was told:\n| Body |\n| absent |", "| Hola |"},
		{"parameter that is empty is there", "Given account Acme\nAnd Acme sends what comes in to \"crm\"\nAnd Ada's phone has joined Acme's sandbox\nWhen Ada's phone sends a sticker\n" +
			"Then endpoint \"crm\" was told:\n| Body |\n| absent |", "but there is"},
		{"unknown server in an answer", "Given account Acme\nAnd endpoint \"crm\" answers text/xml:\n\"\"\"\n{server My CRM}\n\"\"\"", `"My CRM" cannot be the name of a server`},
		{"other answer", member + "When Acme sends \"Hi\" to Ada's phone\nThen the answer has:\n| status |\n| sent |", "| queued |"},
		{"answer before a request", member + "Then the answer has:\n| status |\n| sent |", "Twilio has answered nothing yet"},
		{"field that is not there", member + "When Acme requests GET /v1/Conversations\nAnd the answer's \"sid\" is called \"shop\"", `the answer has no text "sid"`},
		{"JSON for no bridge", member + "When Acme's bridge gets JSON that is signed by Twilio", "account Acme has no bridge"},
		{"replay of nothing", "Given account Acme with a standard bridge\nWhen somebody replays what endpoint \"crm\" was told to Acme's bridge", `the scenario knows no endpoint "crm"`},
		{"unknown step in a moment", member + "When at the same moment:\n| Ada dances |", `there is no step "Ada dances"`},
		{"step that has no moment", member + "When at the same moment:\n| account Globex |", `"account Globex" cannot happen at the same moment as something else`},
		{"refusal of a moment", member + "And Acme creates conversation \"S\" with Ada's phone\nWhen at the same moment:\n| the agent adds Ada's phone to Acme's conversation \"S\" |\nThen Acme has 1 conversation",
			"with 409, code 50416"},
		{"other number of refusals", member + "And Acme creates conversation \"S\" with Ada's phone\nWhen at the same moment:\n| the agent adds Ada's phone to Acme's conversation \"S\" |\n" +
			"Then Twilio refuses 2 of them with 409, code 50416", "Twilio refused 1 of them, not 2"},
		{"other refusal of a moment", member + "And Acme creates conversation \"S\" with Ada's phone\nWhen at the same moment:\n| the agent adds Ada's phone to Acme's conversation \"S\" |\n" +
			"Then Twilio refuses 1 of them with 404, code 20404", "with 409, code 50416"},
		{"text that stands nowhere", member + `Then "Hola" stands in Acme's conversations 1 time`, `"Hola" stands in Acme's conversations 0 times, not 1`},
		{"other messages in any order", member + "And Acme creates conversation \"S\" with Ada's phone\nAnd the agent writes \"B\" in Acme's conversation \"S\"\n" +
			"Then Acme's conversation \"S\" has these messages, in any order:\n| body |\n| A |", "but there is"},
		{"attribute that is not there", member + "And Acme creates conversation \"S\" with Ada's phone\nAnd the agent writes \"B\" in Acme's conversation \"S\"\n" +
			"Then Acme's conversation \"S\" has these messages:\n| body | attributes.color |\n| B | red |", "| B |  |"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, report := run(steps.Options{Paths: []string{feature(t, "Feature: Mistakes\nScenario: "+c.name+"\n"+c.steps+"\n")}})
			if status != steps.Failed {
				t.Errorf("status %d, want %d", status, steps.Failed)
			}
			contains(t, report, c.want)
		})
	}
}

// Steps of one moment run side by side: what they follow from is theirs, and the rest of the scenario is untouched.
func TestAtTheSameMoment(t *testing.T) {
	t.Parallel()
	status, report := run(steps.Options{Paths: []string{feature(t, `Feature: A moment
Scenario: Both write
  Given account Acme
  And Ada's phone has joined Acme's sandbox
  And Bob's phone has joined Acme's sandbox
  When at the same moment:
    | Ada's phone sends "Hola" |
    | Bob's phone sends "Hi"   |
    | Acme requests GET /v1/Conversations |
  Then Ada's phone receives a text with "You said :Hola."
  And Bob's phone receives a text with "You said :Hi."
`)}})
	if status != steps.Passed {
		t.Errorf("status %d\n%s", status, report)
	}
}
