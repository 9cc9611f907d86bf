package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/webhook"
	"github.com/cloudforgot/cloudforgot/features/steps"
)

const testLong = `Run Gherkin features against an emulator and a bridge. PATHS are .feature files, with :LINE for one scenario, and
folders; without any it is the folder "features" here.

Each scenario has an emulator of its own in this process, so nothing needs to run. With --url the scenarios use the
emulator there, one after the other, and RESET it before and after each. CLOUDFORGOT_URL is not taken for it.

A format is pretty, progress, junit or cucumber; several are separated by commas, and :FILE writes one to a file.`

const testExample = `  cloudforgot test

  # one file, one scenario
  cloudforgot test features/first_message.feature
  cloudforgot test features/first_message.feature:12

  # a report for CI beside what is printed
  cloudforgot test --format progress,junit:report.xml

  # by tags
  cloudforgot test --tags "@media && ~@slow"`

// testFormats are the formats of a report.
func testFormats() []string { return []string{"pretty", "progress", "junit", "cucumber"} }

func (p process) testCommand() *cobra.Command {
	var options steps.Options
	c := &cobra.Command{
		Use:     "test [PATHS...]",
		Short:   "Run Gherkin features",
		Long:    testLong,
		Example: testExample,
	}
	url := new(urlFlag)
	c.Flags().StringVar(&url.value, "url", "", "`URL` of a running emulator to reset and use; without, each scenario has its own")
	c.Flags().Lookup("url").Annotations = map[string][]string{ownVariable: {"CLOUDFORGOT_TEST_URL"}}
	c.Flags().StringVar(&options.Tags, "tags", "", "`expression` that the tags of a scenario must meet")
	c.Flags().StringVar(&options.Format, "format", "pretty", "`formats` of the report: "+strings.Join(testFormats(), ", ")+", each with :FILE")
	complete(c, "format", testFormats()...)
	c.RunE = func(c *cobra.Command, args []string) error {
		report := &reportWriter{to: p.stdout}
		options.Paths, options.Output, options.NoColors = args, report, !p.colours(p.stdout)
		if len(args) == 0 {
			options.Paths = []string{"features"}
		}
		if err := checkFormats(options.Format); err != nil {
			return err
		}
		if err := checkPaths(options.Paths); err != nil {
			return err
		}
		if url.value != "" {
			if err := p.testAt(c.Context(), url, &options); err != nil {
				return err
			}
		}
		code := steps.Run(options)
		if report.undefined {
			p.note("cloudforgot has no such step. Its steps: https://github.com/cloudforgot/cloudforgot/blob/main/features/README.md#steps; " +
				"the Go code above is for a suite of your own.")
		}
		if code != exitOK {
			return reportedError(min(code, exitUsage))
		}
		return nil
	}
	return c
}

// reportWriter passes a report on, and notices that steps of it are undefined: godog prints Go code for them.
type reportWriter struct {
	to        io.Writer
	line      []byte // the beginning of a line, as godog may write byte by byte
	undefined bool
}

func (w *reportWriter) Write(text []byte) (int, error) {
	w.line = append(w.line, text...)
	w.undefined = w.undefined || bytes.Contains(w.line, []byte("You can implement step definitions"))
	w.line = w.line[bytes.LastIndexByte(w.line, '\n')+1:]
	return w.to.Write(text)
}

// testAt makes the scenarios use the emulator at a URL.
func (p process) testAt(ctx context.Context, url *urlFlag, options *steps.Options) error {
	client, err := url.client()
	if err != nil {
		return err
	}
	if _, err := client.Health(ctx); err != nil {
		return err
	}
	p.note("The scenarios use the emulator at %s, and reset it.", webhook.Redacted(client.URL()))
	options.URL = client.URL()
	return nil
}

func checkFormats(formats string) error {
	for _, format := range strings.Split(formats, ",") {
		name, _, _ := strings.Cut(format, ":")
		if !slices.Contains(testFormats(), name) {
			return badUsage("--format %q: a format is %s, with :FILE to write it to a file", format, strings.Join(testFormats(), ", "))
		}
	}
	return nil
}

// lineNumber matches the end of a path that names one scenario.
var lineNumber = regexp.MustCompile(`:\d+$`)

func checkPaths(paths []string) error {
	for _, path := range paths {
		_, err := os.Stat(lineNumber.ReplaceAllString(path, ""))
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no file or folder %s: name the .feature files or the folders to run", path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
