package features_test

import (
	"bytes"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/features/steps"
)

// paths are the scenarios of this folder and of those below it.
var paths = []string{"."}

func TestFeatures(t *testing.T) {
	t.Parallel()
	var report bytes.Buffer
	if status := steps.Run(steps.Options{Paths: paths, Format: "progress", Output: &report, NoColors: true, Concurrency: 8, TestingT: t}); status != steps.Passed {
		t.Errorf("status %d\n%s", status, report.String())
	}
}

// The same scenarios hold for an emulator that runs elsewhere, as `cloudforgot test --url` has it.
func TestFeaturesOverTCP(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var report bytes.Buffer
	if status := steps.Run(steps.Options{Paths: paths, Format: "progress", Output: &report, NoColors: true, Tags: "~@retries", URL: emu.URL, TestingT: t}); status != steps.Passed {
		t.Errorf("status %d\n%s", status, report.String())
	}
}
