package steps

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// What godog prints is used as it is, but for two things that it gets wrong.

// registration is the place that godog gives for every step: the loop that registers them all. It is left out of reports.
var registration = regexp.MustCompile(` *(\x1b\[[0-9;]*m)?# run\.go:\d+ -> reflect\.makeFuncStub(\x1b\[0m)?`)

// withoutRegistration is a writer that leaves registrations out, line by line.
type withoutRegistration struct {
	to   io.Writer
	mu   sync.Mutex // guards line
	line []byte     // the beginning of a line
}

// Write keeps what stands behind the last newline until the next call.
func (w *withoutRegistration) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.line = append(w.line, p...)
	end := bytes.LastIndexByte(w.line, '\n') + 1
	_, err := w.to.Write(registration.ReplaceAll(w.line[:end], nil))
	w.line = append(w.line[:0], w.line[end:]...)
	return len(p), err
}

// flush writes what has no newline behind it.
func (w *withoutRegistration) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.to.Write(registration.ReplaceAll(w.line, nil))
	w.line = nil
	return err
}

// The report that godog's format junit writes.
type (
	junitReport struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Time   float64       `xml:"time,attr"` // seconds
		Suites []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Time  float64      `xml:"time,attr"`
		Cases []*junitCase `xml:"testcase"`
	}
	junitCounts struct {
		Tests    int `xml:"tests,attr"`
		Skipped  int `xml:"skipped,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
	}
	junitCase struct {
		Name    string         `xml:"name,attr"`
		Status  string         `xml:"status,attr"`
		Time    float64        `xml:"time,attr"`
		Failure *junitProblem  `xml:"failure"`
		Errors  []junitProblem `xml:"error"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
	}
)

// correctJUnit puts the JUnit reports of a format such as "pretty,junit:FILE" right. godog 0.15.1 takes the status of a
// scenario from the last of its steps in the order of their numbers as texts, so that "9" passed outdoes "10" failed; it
// makes an error of each step that was left out after a failure; and it takes the time of a feature from its last
// scenario, which may have been the first to run.
func correctJUnit(formats string) error {
	for _, format := range strings.Split(formats, ",") {
		file, isJUnit := strings.CutPrefix(format, "junit:")
		if !isJUnit {
			continue
		}
		data, err := os.ReadFile(file) //nolint:gosec // the file that the caller of Run has named, and godog has written
		if err != nil {
			return err
		}
		corrected, err := correctReport(data)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := os.WriteFile(file, corrected, 0o600); err != nil { //nolint:gosec // the same file
			return err
		}
	}
	return nil
}

func correctReport(data []byte) ([]byte, error) {
	var report junitReport
	if err := xml.Unmarshal(data, &report); err != nil {
		return nil, err
	}
	report.Failures, report.Errors = 0, 0
	for _, suite := range report.Suites {
		suite.Failures, suite.Errors = 0, 0
		took := 0.0
		for _, c := range suite.Cases {
			took += c.Time
			c.Errors = slices.DeleteFunc(c.Errors, func(p junitProblem) bool { return p.Type == "skipped" })
			switch {
			case c.Failure != nil:
				c.Status = "failed"
				suite.Failures++
			case len(c.Errors) > 0:
				c.Status = c.Errors[0].Type
				suite.Errors++
			}
		}
		suite.Time = took
		report.Failures += suite.Failures
		report.Errors += suite.Errors
	}
	corrected, err := xml.MarshalIndent(report, "", "  ")
	return append([]byte(xml.Header), corrected...), err
}
