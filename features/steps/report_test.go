package steps

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// brokenReport is the report of godog 0.15.1 on a scenario whose tenth step failed and whose eleventh was left out.
const brokenReport = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="cloudforgot" tests="3" skipped="0" failures="0" errors="0" time="0.5">
  <testsuite name="F" tests="3" skipped="0" failures="0" errors="0" time="-0.2">
    <testcase name="fails" status="passed" time="0.25">
      <failure message="Step ten: no"></failure>
      <error message="Step eleven" type="skipped"></error>
    </testcase>
    <testcase name="undefined" status="passed" time="0.125"><error message="Step one" type="undefined"></error></testcase>
    <testcase name="passes" status="passed" time="0.125"></testcase>
  </testsuite>
</testsuites>`

const correctedReport = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="cloudforgot" tests="3" skipped="0" failures="1" errors="1" time="0.5">
  <testsuite name="F" tests="3" skipped="0" failures="1" errors="1" time="0.5">
    <testcase name="fails" status="failed" time="0.25">
      <failure message="Step ten: no"></failure>
    </testcase>
    <testcase name="undefined" status="undefined" time="0.125">
      <error message="Step one" type="undefined"></error>
    </testcase>
    <testcase name="passes" status="passed" time="0.125"></testcase>
  </testsuite>
</testsuites>`

func TestCorrectReport(t *testing.T) {
	t.Parallel()
	got, err := correctReport([]byte(brokenReport))
	if err != nil || string(got) != correctedReport {
		t.Errorf("%v\n%s\nwant\n%s", err, got, correctedReport)
	}
	again, err := correctReport(got)
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("correcting a correct report changes it (%v):\n%s", err, again)
	}
	if _, err := correctReport([]byte("not XML")); err == nil {
		t.Error("what is not XML passes for a report")
	}
}

func FuzzCorrectReport(f *testing.F) {
	f.Add([]byte(brokenReport))
	f.Add([]byte("<testsuites><testsuite/></testsuites>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := correctReport(data)
		if err != nil {
			return
		}
		if again, err := correctReport(got); err != nil || !bytes.Equal(again, got) {
			t.Errorf("correcting a correct report changes it (%v):\n%s\n%s", err, got, again)
		}
	})
}

func TestWithoutRegistration(t *testing.T) {
	t.Parallel()
	const line = "    \x1b[32mGiven\x1b[0m account Acme     \x1b[1;30m# run.go:161 -> reflect.makeFuncStub\x1b[0m\n    Then all # ends"
	const want = "    \x1b[32mGiven\x1b[0m account Acme\n    Then all # ends"
	for cut := range len(line) {
		var out strings.Builder
		w := &withoutRegistration{to: &out}
		for _, part := range []string{line[:cut], line[cut:]} {
			if _, err := io.WriteString(w, part); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.flush(); err != nil || out.String() != want {
			t.Errorf("cut at %d: %q, %v; want %q", cut, out.String(), err, want)
		}
	}
}
