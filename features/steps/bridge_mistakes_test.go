package steps_test

import (
	"testing"

	"github.com/cloudforgot/cloudforgot/features/steps"
)

// What scenarios about bridges do wrong is told too.
func TestBridgeStepErrors(t *testing.T) {
	t.Parallel()
	const bridged = "Given account Acme with a standard bridge\nAnd Ada's phone has joined Acme's sandbox\n"
	const sent = bridged + "When Ada's phone sends \"Hola\"\n"
	for _, c := range []struct{ name, steps, want string }{
		{"unknown setting", "Given account Acme with a standard bridge of these settings:\n| setting | value |\n| colour | red |", `a bridge has no setting "colour": use STUDIO_FLOW_SID`},
		{"setting that it refuses", "Given account Acme with a standard bridge of these settings:\n| setting | value |\n| retry-for | long |", `retry-for is "long"`},
		{"bridge that does not start", "Given account Acme with a standard bridge of these settings:\n| setting | value |\n| STUDIO_FLOW_SID | |", "FlowSID is empty"},
		{"bridge that starts", "Given account Acme\nThen Acme cannot start a classic bridge of these settings:\n| setting | value | complaint |\n| STUDIO_FLOW_SID | | x |", "the bridge starts"},
		{"other complaint", "Given account Acme\nThen Acme cannot start a standard bridge of these settings:\n| setting | value | complaint |\n| STUDIO_FLOW_SID | | wrong |", `that does not contain "wrong"`},
		{"complaint missing", "Given account Acme\nThen Acme cannot start a standard bridge of these settings:\n| setting | value |\n| STUDIO_FLOW_SID | |", "setting, value and complaint"},
		{"no bridge", "Given account Acme\nThen Acme's bridge has not called Twilio", `begin with "Given account Acme with a standard bridge"`},
		{"other calls", sent + "Then Acme's bridge has not called Twilio", "| create a participant | 201 |"},
		{"calls are told once", sent + "Then Acme's bridge has called Twilio:\n| call | status | waited |\n| * | 201 | |\n| * | 201 | |\n| * | 201 | |\n| * | 201 | |\n" +
			"And Acme's bridge has called Twilio:\n| call |\n| * |", "but there is"},
		{"call that does not exist", bridged + `And Ada's phone sends "Hola" just before Acme's bridge attempts to bake a cake`, `no call is named "bake a cake"`},
		{"nobody attempted", sent + "Then Acme's bridge answered before its attempt to fetch a file ended", "nobody has attempted to fetch a file"},
		{"answered last", "Given account Acme with a classic bridge\nAnd Ada's phone has joined Acme's sandbox\nWhen Ada's phone sends \"Hola\"\n" +
			"Then Acme's bridge answered before its attempt to create a message ended", "had not answered when its attempt to create a message was over"},
		{"no dead letter", sent + "Then Acme's bridge has 1 dead letter", "Acme's bridge has 0 dead letters, not 1"},
		{"dead letter that says something else", bridged + "And every attempt to create a message fails with 400\nWhen Ada's phone sends \"Hola\"\n" +
			`Then a dead letter of Acme's bridge says "rain"`, "400/20001 Bad Request"},
		{"other count", sent + `Then Acme's bridge has counted 1 message as "foreign"`, "map[opened:1]"},
		{"other findings", bridged + "Then checking the configuration of Acme's bridge finds:\n| what |\n| weather |", "| webhook of deliveries |"},
		{"no failed delivery", bridged + "Then Acme's bridge knows of these failed deliveries:\n| code |\n| 63016 |", "but there is"},
		{"no webhook", bridged + `Then that webhook is told "x"`, "no webhook has been sent yet"},
		{"other type", bridged + "When Acme's bridge gets a signed POST with:\n| name | value |\n| From | x |\nThen that webhook is answered 400 text/xml", "the answer is of type text/plain"},
		{"other answer", bridged + "When Acme's bridge gets a signed POST with:\n| name | value |\n| From | x |\nThen that webhook is told \"yes\"", "To is missing"},
		{"other header", sent + "Then Acme's bridge answered with these headers:\n| name | value |\n| Content-Type | text/css |", "| Content-Type | text/xml |"},
		{"other text", bridged + "When Ada's phone sends a text of 2000 characters\nThen Acme's conversation with Ada's phone has that text in 1 messages of 1600 characters at most", "are not the text that was sent"},
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
