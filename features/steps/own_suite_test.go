package steps_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	twilio "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/features/steps"
)

// shop is an application under test: it opens a conversation for each message and answers in TwiML.
type shop struct{ api *twilio.ApiService }

func (s shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("Body") == "vacuum cleaner" {
		_, _ = s.api.RequestHandler().Post("https://conversations.twilio.com/v1/VacuumCleaners", nil, map[string]any{}, "")
	}
	if _, err := s.api.CreateConversation(new(twilio.CreateConversationParams).SetFriendlyName(r.FormValue("Body"))); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = fmt.Fprint(w, "<Response><Message>We have that</Message></Response>")
}

// runOwn runs a feature with the steps of this package and some of one's own.
func runOwn(t *testing.T, content string) (int, string) {
	t.Helper()
	var report bytes.Buffer
	suite := godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			world := steps.Register(sc, steps.Options{})
			sc.Step(`^the shop of (\w+) is open$`, func(ctx context.Context, account string) error {
				if steps.FromContext(ctx) != world {
					return errors.New("the context has another World")
				}
				requester, err := world.Requester(account)
				if err != nil {
					return err
				}
				_, err = world.Handle("shop", shop{twilio.NewApiServiceWithClient(requester)})
				return err
			})
			sc.Step(`^(\w+)'s phone is known to (\w+)$`, func(ctx context.Context, owner, account string) error {
				address, err := world.Address(owner)
				if err != nil {
					return err
				}
				phone, err := world.Control().FetchPhone(ctx, address)
				if err == nil && phone.ProfileName != owner {
					err = errors.New("the phone belongs to " + phone.ProfileName)
				}
				_, unknown := world.SDK(account)
				return errors.Join(err, unknown)
			})
			sc.Step(`^nobody has written this step$`, func() error { return godog.ErrPending })
		},
		Options: &godog.Options{Format: "progress", Output: &report, NoColors: true, Strict: true, Paths: []string{feature(t, content)}},
	}
	status := suite.Run()
	return status, report.String()
}

const ownFeature = `Feature: A shop
Scenario: A customer asks
  Given account Acme
  And the shop of Acme is open
  And Acme sends what comes in to "shop"
  And Ada's phone has joined Acme's sandbox
  When Ada's phone sends "%s"
  Then Ada's phone receives "We have that"
  And Ada's phone is known to Acme
  And Acme has 1 conversation
`

func TestSuiteOfOnesOwn(t *testing.T) {
	status, report := runOwn(t, fmt.Sprintf(ownFeature, "A lamp"))
	if status != steps.Passed {
		t.Errorf("status %d\n%s", status, report)
	}
}

// An operation that is not emulated fails the scenario when the application under test asks for it, though the
// application does not mind.
func TestUnhandledOperationOfAnApplicationFails(t *testing.T) {
	status, report := runOwn(t, fmt.Sprintf(ownFeature, "vacuum cleaner"))
	if status != steps.Failed {
		t.Errorf("status %d, want %d", status, steps.Failed)
	}
	contains(t, report, `When Ada's phone sends "vacuum cleaner"`, "not emulated: POST /v1/VacuumCleaners")
}

func TestPendingStepFails(t *testing.T) {
	status, report := runOwn(t, "Feature: F\nScenario: S\n  Given nobody has written this step\n")
	if status != steps.Failed {
		t.Errorf("status %d, want %d", status, steps.Failed)
	}
	contains(t, report, "1 pending")
}

func TestInitializeScenario(t *testing.T) {
	suite := godog.TestSuite{ScenarioInitializer: steps.InitializeScenario, Options: &godog.Options{
		Format: "progress", Output: new(bytes.Buffer), Strict: true, Paths: []string{testdata(t, "passing.gherkin")}}}
	if status := suite.Run(); status != steps.Passed {
		t.Errorf("status %d", status)
	}
}

func TestReports(t *testing.T) {
	folder := t.TempDir()
	junit, cucumber := filepath.Join(folder, "junit.xml"), filepath.Join(folder, "cucumber.json")
	status, report := run(steps.Options{Paths: []string{testdata(t, "failing.gherkin")},
		Format: "pretty,junit:" + junit + ",cucumber:" + cucumber})
	if status != steps.Failed {
		t.Errorf("status %d, want %d", status, steps.Failed)
	}
	contains(t, report, "Scenario: The phone hears what nobody said", "1 failed")
	if strings.Contains(report, "makeFuncStub") {
		t.Errorf("the report says where all steps are registered:\n%s", report)
	}

	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Cases    []struct {
			Status string `xml:"status,attr"`
		} `xml:"testsuite>testcase"`
	}
	unmarshal(t, junit, func(data []byte) error { return xml.Unmarshal(data, &suites) })
	if suites.Tests != 2 || suites.Failures != 1 || suites.Errors != 0 || len(suites.Cases) != 2 || suites.Cases[0].Status != "failed" {
		t.Errorf("JUnit reports %+v, want 2 tests, the first of them failed", suites)
	}
	var features []struct{ Elements []struct{ Name string } }
	unmarshal(t, cucumber, func(data []byte) error { return json.Unmarshal(data, &features) })
	if len(features) != 1 || len(features[0].Elements) != 2 {
		t.Errorf("the Cucumber report has %+v, want one feature of two scenarios", features)
	}
}

func TestReportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	status, _ := run(steps.Options{Paths: []string{testdata(t, "passing.gherkin")}, Format: "junit:" + filepath.Join(t.TempDir(), "none", "junit.xml")})
	if status != steps.Refused {
		t.Errorf("status %d, want %d", status, steps.Refused)
	}
}

func unmarshal(t *testing.T, path string, decode func([]byte) error) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := decode(data); err != nil {
		t.Errorf("%s: %v\n%s", path, err, data)
	}
}

// failUnderGoTest names the variable that makes TestFailUnderGoTest run the failing feature.
const failUnderGoTest = "STEPS_FAIL_UNDER_GO_TEST"

// TestFailUnderGoTest fails when it is told to; see TestFailingFeatureFailsGoTest.
func TestFailUnderGoTest(t *testing.T) {
	if os.Getenv(failUnderGoTest) == "" {
		t.Skip("runs in a process of its own")
	}
	steps.Run(steps.Options{Paths: []string{testdata(t, "failing.gherkin")}, Format: "progress", TestingT: t})
}

func TestFailingFeatureFailsGoTest(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFailUnderGoTest$", "-test.v")
	command.Env = append(os.Environ(), failUnderGoTest+"=1")
	out, err := command.CombinedOutput()
	if failed := new(exec.ExitError); !errors.As(err, &failed) || failed.ExitCode() != 1 {
		t.Errorf("the test process ended with %v, want status 1\n%s", err, out)
	}
	for _, want := range []string{"--- FAIL: TestFailUnderGoTest/The_phone_hears_what_nobody_said", "--- PASS: TestFailUnderGoTest/This_one_passes"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the test's output lacks %q:\n%s", want, out)
		}
	}
}
