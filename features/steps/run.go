package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// Options say which scenarios Run runs, and how; Register takes URL and Logger only. The zero Options work.
type Options struct {
	// Paths are feature files ("conflicts.feature", "conflicts.feature:12") and folders of such; none means the folder
	// features.
	Paths []string
	// Format is one of godog's or several with commas: pretty, progress, junit, cucumber. "junit:FILE" writes to a file.
	// Empty means pretty.
	Format string
	// Tags selects scenarios: "@sandbox", "~@slow", "@sandbox && ~@slow". Empty means all.
	Tags string
	// Output gets what Format prints and what is wrong with Options; nil means os.Stdout.
	Output io.Writer
	// URL is that of a running emulator, such as http://127.0.0.1:4155. It is RESET before and after each scenario, and
	// must be able to call 127.0.0.1. Empty means an emulator of its own, in process, for each scenario.
	URL string
	// Concurrency is the number of scenarios that run at once; 0 means as many as there are processors, four at least. With URL,
	// and where the format pretty is asked for, which mixes them up, it is always 1.
	Concurrency int
	// Seed is the order of the scenarios within a feature; 0 means a random one, which is printed.
	Seed int64
	// StepTime bounds one step with all that it causes, in real time; 0 means 30 seconds.
	StepTime time.Duration
	// NoColors takes the colours out of Output.
	NoColors bool
	// TestingT makes each scenario a subtest; without it a failure is in Run's result only.
	TestingT *testing.T
	// Logger gets what emulator and bridges log; nil means nobody.
	Logger *slog.Logger
}

// Exit codes of Run, which are godog's.
const (
	Passed  = 0
	Failed  = 1
	Refused = 2 // the Options are wrong, or there is nothing to run
)

// Run runs scenarios and returns Passed, Failed or Refused. Undefined and pending steps fail.
func Run(o Options) int {
	if o.Output == nil {
		o.Output = os.Stdout
	}
	output := &withoutRegistration{to: o.Output}
	if o.pretty() {
		o.Output = output
	}
	suite := o.suite()
	if err := o.check(suite); err != nil {
		_, _ = fmt.Fprintln(o.Output, err)
		return Refused
	}
	status := suite.Run()
	err := errors.Join(correctJUnit(suite.Options.Format), output.flush())
	if err != nil && status != Refused {
		_, _ = fmt.Fprintln(output.to, err)
		return Refused
	}
	return status
}

// pretty reports whether the format is one for people, which needs the scenarios one after the other.
func (o Options) pretty() bool {
	return o.Format == "" || slices.Contains(strings.Split(o.Format, ","), "pretty")
}

func (o Options) suite() godog.TestSuite {
	paths, format, seed := o.Paths, o.Format, o.Seed
	if len(paths) == 0 {
		paths = []string{"features"}
	}
	if format == "" {
		format = "pretty"
	}
	if seed == 0 {
		seed = -1 // godog's word for a random one
	}
	compiled := patterns()
	return godog.TestSuite{
		Name:                "cloudforgot",
		ScenarioInitializer: func(sc *godog.ScenarioContext) { register(sc, o, compiled) },
		Options: &godog.Options{Paths: paths, Format: format, Tags: o.Tags, Output: o.Output, NoColors: o.NoColors,
			Concurrency: o.concurrency(), Randomize: seed, Strict: true, TestingT: o.TestingT},
	}
}

func (o Options) concurrency() int {
	switch {
	case o.URL != "" || o.pretty():
		return 1
	case o.Concurrency > 0:
		return o.Concurrency
	}
	return max(4, runtime.GOMAXPROCS(0))
}

// check says what is wrong with the options before anything runs.
func (o Options) check(suite godog.TestSuite) error {
	for _, format := range strings.Split(suite.Options.Format, ",") {
		name, _, _ := strings.Cut(format, ":")
		if godog.FindFmt(name) == nil {
			return fmt.Errorf("there is no format %q: use pretty, progress, junit or cucumber, with commas between several", name)
		}
	}
	features, err := suite.RetrieveFeatures()
	if err != nil {
		return err
	}
	scenarios := 0
	for _, f := range features {
		scenarios += len(f.Pickles)
	}
	if scenarios == 0 {
		return fmt.Errorf("there is no scenario to run: paths %s, tags %q", strings.Join(suite.Options.Paths, ", "), o.Tags)
	}
	if o.URL == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err = control.NewClient(o.URL, nil).Health(ctx)
	return err
}

// InitializeScenario gives the steps to a godog suite of one's own, with an emulator in process for each scenario.
func InitializeScenario(sc *godog.ScenarioContext) { Register(sc, Options{}) }

// Register gives the steps to a godog suite of one's own and returns the scenario's World, whose emulator exists from
// the scenario's first step on. A hook or a step that does not have the World gets it with FromContext.
func Register(sc *godog.ScenarioContext, o Options) *World { return register(sc, o, patterns()) }

// patterns are those of all steps, by form.
func patterns() map[string]*regexp.Regexp {
	compiled := map[string]*regexp.Regexp{}
	for _, d := range newWorld(Options{}).definitions() {
		compiled[d.form] = compile(d.form)
	}
	return compiled
}

func register(sc *godog.ScenarioContext, o Options, patterns map[string]*regexp.Regexp) *World {
	w := newWorld(o)
	sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
		return context.WithValue(ctx, worldKey{}, w), w.open(ctx)
	})
	sc.After(func(ctx context.Context, _ *godog.Scenario, failed error) (context.Context, error) {
		err := w.close(ctx)
		switch {
		case failed != nil:
			err = nil // it failed, and what was under way is no news
		case w.refused != nil && !w.refused.expected:
			err = fmt.Errorf("%w%s", w.refused, w.happened())
		}
		return ctx, err
	})
	for _, d := range w.definitions() {
		sc.Step(patterns[d.form], d.handler(w))
	}
	return w
}

type worldKey struct{}

// FromContext returns the World of the scenario that ctx belongs to; nil outside one.
func FromContext(ctx context.Context) *World {
	w, _ := ctx.Value(worldKey{}).(*World)
	return w
}
