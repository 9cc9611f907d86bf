package bridge_test

import (
	"fmt"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliofake"
)

// BenchmarkNewCustomer and BenchmarkBoundCustomer measure webhook to conversation, before a fake Twilio over TCP and
// with the queue in memory. They report messages per second, how long one takes, and what it costs of calls.
func BenchmarkNewCustomer(b *testing.B) {
	fake, h, finished := benchmarked(b)
	forms := make([]url.Values, b.N)
	for i := range forms {
		forms[i] = fake.Receive(fmt.Sprintf("whatsapp:+1555%07d", i), "Hola")
	}
	measure(b, fake, h, forms, finished)
}

func BenchmarkBoundCustomer(b *testing.B) {
	const customers = 50
	fake, h, finished := benchmarked(b)
	for i := range customers {
		post(b, h, fake.Receive(fmt.Sprintf("whatsapp:+1555%07d", i), "first"))
	}
	settled(b, h)
	finished.reset()
	forms := make([]url.Values, b.N)
	for i := range forms {
		forms[i] = fake.Receive(fmt.Sprintf("whatsapp:+1555%07d", i%customers), fmt.Sprint("message ", i))
	}
	measure(b, fake, h, forms, finished)
}

func benchmarked(b *testing.B) (*twiliofake.Server, *bridge.Handler, *finishTimes) {
	b.Helper()
	finished := &finishTimes{}
	fake := twiliofake.New(b)
	config := fakeConfig(fake, bridge.PolicyStandard)
	config.Metrics = finished
	return fake, newHandler(b, config), finished
}

func measure(b *testing.B, fake *twiliofake.Server, h *bridge.Handler, forms []url.Values, finished *finishTimes) {
	b.Helper()
	fake.Forget()
	b.ResetTimer()
	began := time.Now()
	for _, form := range forms {
		post(b, h, form)
	}
	settled(b, h)
	took := time.Since(began)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/took.Seconds(), "messages/s")
	b.ReportMetric(float64(fake.Made())/float64(b.N), "calls/message")
	b.ReportMetric(finished.percentile(50).Seconds()*1000, "p50-ms")
	b.ReportMetric(finished.percentile(99).Seconds()*1000, "p99-ms")
}

// finishTimes collects how long messages took.
type finishTimes struct {
	mu    sync.Mutex
	times []time.Duration
}

func (f *finishTimes) Message(_ bridge.Result, took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.times = append(f.times, took)
}

func (*finishTimes) Webhook(int, bool)               {}
func (*finishTimes) Call(string, int, time.Duration) {}
func (*finishTimes) Retry()                          {}
func (*finishTimes) Media(bool)                      {}

func (f *finishTimes) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.times = nil
}

func (f *finishTimes) percentile(p int) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.times) == 0 {
		return 0
	}
	slices.Sort(f.times)
	return f.times[min(len(f.times)*p/100, len(f.times)-1)]
}
