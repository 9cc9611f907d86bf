package features_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
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

// The same scenarios hold for emulators that run elsewhere, as `cloudforgot test --url` has it. With one emulator they come
// one after the other, so several share them.
func TestFeaturesOverTCP(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.feature")
	below, belowErr := filepath.Glob("*/*.feature")
	if err := errors.Join(err, belowErr); err != nil {
		t.Fatal(err)
	}
	const emulators = 8
	shares := make([][]string, emulators)
	for i, file := range append(files, below...) {
		shares[i%emulators] = append(shares[i%emulators], file)
	}
	for i, share := range shares {
		t.Run(fmt.Sprintf("emulator %d", i+1), func(t *testing.T) {
			t.Parallel()
			overTCP(t, share)
		})
	}
}

func overTCP(t *testing.T, paths []string) {
	t.Helper()
	emu := emulator.RunT(t, emulator.Config{})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var report bytes.Buffer
	if status := steps.Run(steps.Options{Paths: paths, Format: "progress", Output: &report, NoColors: true, Tags: "~@retries", URL: emu.URL, TestingT: t}); status != steps.Passed {
		t.Errorf("status %d\n%s", status, report.String())
	}
}
