package steps_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cloudforgot/cloudforgot/features/steps"
)

// twilio-go leaves the bodies of errors open, whose watch over the time limit ends with that limit.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.setRequestCancel.func4"))
}

// feature writes a feature file that lies outside the project's own, which are run as a whole.
func feature(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.feature")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return feature(t, string(content))
}

// run runs scenarios and returns the status and what was printed.
func run(o steps.Options) (int, string) {
	var report bytes.Buffer
	o.Output, o.NoColors = &report, true
	if o.Format == "" {
		o.Format = "progress"
	}
	status := steps.Run(o)
	return status, report.String()
}

func contains(t *testing.T, report string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q:\n%s", want, report)
		}
	}
}

func TestFailingFeatureFails(t *testing.T) {
	t.Parallel()
	status, report := run(steps.Options{Paths: []string{testdata(t, "failing.gherkin")}})
	if status != steps.Failed {
		t.Errorf("status %d, want %d", status, steps.Failed)
	}
	contains(t, report,
		"The phone hears what nobody said",
		`Then Ada's phone receives "Good morning, Ada"`,
		`Ada's phone received "You said :Hola.`, `not "Good morning, Ada"`,
		"2 scenarios (1 passed, 1 failed)", "1 skipped")
}

func TestPassingFeaturePasses(t *testing.T) {
	t.Parallel()
	status, report := run(steps.Options{Paths: []string{testdata(t, "passing.gherkin")}})
	if status != steps.Passed {
		t.Errorf("status %d, want %d", status, steps.Passed)
	}
	contains(t, report, "3 scenarios (3 passed)")
	status, report = run(steps.Options{Paths: []string{testdata(t, "passing.gherkin")}, Tags: "@first"})
	if status != steps.Passed {
		t.Errorf("with tags: status %d, want %d", status, steps.Passed)
	}
	contains(t, report, "1 scenarios (1 passed)")
}

func TestUnhandledOperationFails(t *testing.T) {
	t.Parallel()
	status, report := run(steps.Options{Paths: []string{testdata(t, "unhandled.gherkin")}})
	if status != steps.Failed {
		t.Errorf("status %d, want %d", status, steps.Failed)
	}
	contains(t, report,
		"this operation of Twilio's is not emulated: POST /v1/VacuumCleaners",
		"POST https://conversations.twilio.com/v1/VacuumCleaners",
		"Content-Type: application/x-www-form-urlencoded", "and the answer 404",
		"Authorization: (not recorded)")
}

// Every mistake of a scenario is answered with what is wrong and what to do.
func TestStepErrors(t *testing.T) {
	t.Parallel()
	const member = "Given account Acme\nAnd Ada's phone has joined Acme's sandbox\n"
	for _, c := range []struct{ name, steps, want string }{
		{"undefined step", "Given a horse", "1 undefined"},
		{"unknown account", "Then Acme has no conversations", `the scenario knows no account Acme: begin with "Given account Acme"`},
		{"account twice", "Given account Acme\nAnd account Acme", "the scenario has account Acme already"},
		{"unknown phone", member + `When Bob's phone sends "Hola"`, `the scenario knows no phone of Bob: begin with "Given Bob's phone" (known: Ada)`},
		{"unknown phone in a table", member + "And Acme creates conversation \"S\"\nThen Acme's conversation \"S\" has these participants:\n| address |\n| Bob's phone |",
			"the scenario knows no phone of Bob"},
		{"phone twice", "Given Ada's phone\nAnd Ada's phone", "Ada has a phone already"},
		{"joining nowhere", "Given Ada's phone has joined Acme's sandbox", "the scenario knows no account Acme"},
		{"unknown conversation", member + `When the agent closes Acme's conversation "Support"`, `Acme has no conversation "Support"`},
		{"no conversation with the phone", member + "When the agent closes Acme's conversation with Ada's phone", "Acme has 0 conversations with Ada's phone, and 0 closed ones"},
		{"no bridge", member + "Then Acme's bridge was called 1 time", `account Acme has no bridge: begin with "Given account Acme with a standard bridge"`},
		{"bridge not called", "Given account Acme with a standard bridge\nThen Acme's bridge answered 200 text/xml", "Acme's bridge was not called"},
		{"unexpected refusal", member + "When Acme requests GET /v1/Conversations/CH0\nThen Acme has no conversations",
			`Twilio refused GET /v1/Conversations/CH0 with 404, code 20404: The requested resource /Conversations/CH0 was not found`},
		{"unexpected refusal at the end", member + "When Acme requests GET /v1/Conversations/CH0", "Twilio refused GET /v1/Conversations/CH0 with 404, code 20404"},
		{"other refusal", member + "When Acme requests GET /v1/Conversations/CH0\nThen Twilio refuses with 409, code 50416", "with 404, code 20404"},
		{"no refusal", member + "Then Twilio refuses with 404, code 20404", "was not refused"},
		{"refusal not spoken of", member + `Then the refusal says "no"`, "there is no refusal"},
		{"status that is none", member + "And every attempt to create a message fails with 999", "status 999: it must lie between 200 and 599"},
		{"call that does not exist", member + "And the next attempt to bake a cake fails with 500", `no call is named "bake a cake": use create a conversation`},
		{"misspelt fault", member + "And this fault:\n\"\"\"\n{\"stauts\": 500}\n\"\"\"", `unknown field "stauts"`},
		{"fault that is no JSON", member + "And this fault:\n\"\"\"\nstatus: 500\n\"\"\"", "the fault is not what it should be: invalid character"},
		{"two faults", member + "And this fault:\n\"\"\"\n{\"status\": 500}{}\n\"\"\"", "more than one JSON value"},
		{"fault that does nothing", member + "And this fault:\n\"\"\"\n{\"path\": \"/v1/Conversations\"}\n\"\"\"", "the fault does nothing"},
		{"fault without its text", member + "And this fault:", "expected 1 arguments, matched 0"},
		{"table missing", member + "And Acme creates conversation \"S\"\nThen Acme's conversation \"S\" has these messages:", "expected 2 arguments, matched 1"},
		{"unknown column", member + "And Acme creates conversation \"S\"\nThen Acme's conversation \"S\" has these messages:\n| text |", `there is no column "text": use index, author, body, media`},
		{"missing rows", member + "And Acme creates conversation \"S\"\nThen Acme's conversation \"S\" has these messages:\n| body |\n| Hola |", "but there is\n"},
		{"bad server name", member + `And Acme sends what comes in to "My CRM"`, `"My CRM" cannot be the name of a server`},
		{"bridge as endpoint", "Given account Acme with a standard bridge\nAnd endpoint \"acme-bridge\" answers 500", `"acme-bridge" is a server that does not record`},
		{"unknown endpoint", member + "Then endpoint \"crm\" was told nothing", `the scenario knows no endpoint "crm"`},
		{"endpoint status", member + "And endpoint \"crm\" answers 42", "the status must lie between 200 and 599"},
		{"nothing forged", "Then the forger gets 403", "nobody has forged a message yet"},
		{"phone hears nothing", member + `Then Ada's phone receives "Hola"`, "Ada's phone received nothing"},
		{"phone hears something", member + "When Ada's phone sends \"Hola\"\nThen Ada's phone receives nothing", `Ada's phone received "You said :Hola.`},
		{"no membership", member + "When Ada's phone sends \"stop\"\nThen Ada's phone is in Acme's sandbox for 72 hours", "Ada's phone is in no sandbox"},
		{"membership", member + "Then Ada's phone is in no sandbox", "Ada's phone is in the sandbox of account AC"},
		{"debugger", member + "Then Acme's debugger shows 11200", "Acme's debugger shows nothing, not 11200"},
		{"number too large", "Given account Acme\nThen Acme has 99999999999999999999 conversations", "is too large a number"},
		{"time too long", "When 99999999 days pass", "is not a duration"},
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

func TestScenarioThatNeverSettlesFails(t *testing.T) {
	t.Parallel()
	status, report := run(steps.Options{StepTime: 500 * time.Millisecond, Paths: []string{feature(t, `Feature: A webhook that takes longer than anybody waits
Scenario: The bridge cannot be reached
  Given account Acme with a standard bridge
  And Ada's phone has joined Acme's sandbox
  And Acme creates conversation "Support"
  And this fault:
    """
    {"direction": "out", "delay": "2s"}
    """
  When Ada's phone sends "Hola"
`)}})
	if status != steps.Failed {
		t.Errorf("status %d, want %d", status, steps.Failed)
	}
	contains(t, report, "not everything came to rest in time", "what the emulator saw last", "POST https://conversations.twilio.com/v1/Conversations → 201")
}

func TestOptionsThatCannotRun(t *testing.T) {
	t.Parallel()
	passing := testdata(t, "passing.gherkin")
	for _, c := range []struct {
		name    string
		options steps.Options
		want    string
	}{
		{"no such path", steps.Options{Paths: []string{"nowhere.feature"}}, `feature path "nowhere.feature" is not available`},
		{"no such format", steps.Options{Paths: []string{passing}, Format: "shiny"}, `there is no format "shiny": use pretty, progress, junit or cucumber`},
		{"no such tag", steps.Options{Paths: []string{passing}, Tags: "@second"}, `there is no scenario to run`},
		{"no Gherkin", steps.Options{Paths: []string{feature(t, "Once upon a time\n")}}, "test.feature"},
		{"no emulator", steps.Options{Paths: []string{passing}, URL: "http://127.0.0.1:1"}, "no emulator answers at http://127.0.0.1:1"},
		{"no folder features here", steps.Options{}, `feature path "features" is not available`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, report := run(c.options)
			if status != steps.Refused {
				t.Errorf("status %d, want %d", status, steps.Refused)
			}
			contains(t, report, c.want)
		})
	}
}
