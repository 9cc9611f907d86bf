package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// BenchmarkColdStart takes from the start of `cloudforgot up`, built as a release is, to its first answer.
func BenchmarkColdStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "cloudforgot")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	var took []time.Duration
	for b.Loop() {
		took = append(took, coldStart(b, binary))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
}

func coldStart(b *testing.B, binary string) time.Duration {
	b.Helper()
	command := exec.CommandContext(b.Context(), binary, "up", "--listen", "127.0.0.1:0", "-o", "json")
	command.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CLOUDFORGOT_") })
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		b.StopTimer()
		_ = command.Process.Kill()
		_ = command.Wait()
		b.StartTimer()
	}()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		_, url, found := strings.Cut(lines.Text(), "http://127.0.0.1:")
		if !found {
			continue
		}
		url, _, _ = strings.Cut(url, `"`)
		if _, err := control.NewClient("http://127.0.0.1:"+url, nil).Health(b.Context()); err != nil {
			b.Fatal(err)
		}
		return time.Since(began)
	}
	b.Fatal("the emulator does not say where it is")
	return 0
}
