package emulator_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/clock"
)

// BenchmarkAdvance lets the timers of many conversations run out, each at an instant of its own.
func BenchmarkAdvance(b *testing.B) {
	for _, n := range []int{500, 20_000} {
		b.Run(fmt.Sprintf("timers=%d", n), func(b *testing.B) {
			at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
			emu := emulator.RunT(b, emulator.Config{Clock: clock.State{Frozen: &at}})
			for b.Loop() {
				b.StopTimer()
				for i := range n {
					createTimed(b, emu, time.Duration(i)*time.Second)
				}
				b.StartTimer()
				if _, err := emu.Control().Advance(context.Background(), 8760*time.Hour); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/timer")
		})
	}
}

// createTimed creates a conversation that becomes inactive a week and a moment after its creation.
func createTimed(tb testing.TB, emu *emulator.Server, moment time.Duration) {
	tb.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v1/Conversations",
		strings.NewReader(url.Values{"Timers.Inactive": {fmt.Sprintf("PT%dS", 7*24*3600+int(moment.Seconds()))}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(emulator.DefaultAccountSID, emulator.DefaultAuthToken)
	w := httptest.NewRecorder()
	if emu.ServeHTTP(w, r); w.Code != http.StatusCreated {
		tb.Fatalf("%d %s", w.Code, w.Body)
	}
}
