package bridge_test

import (
	"fmt"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

// BenchmarkNewCustomer and BenchmarkBoundCustomer measure webhook to conversation, before a fake Twilio over TCP and
// with the queue in memory. They report messages per second, how long one takes, and what it costs of calls.
func BenchmarkNewCustomer(b *testing.B) {
	m := newMeasurement(b)
	forms := make([]url.Values, b.N)
	for i := range forms {
		forms[i] = m.fake.Receive(fmt.Sprintf("whatsapp:+1555%07d", i), "Hola")
	}
	m.run(b, forms)
}

func BenchmarkBoundCustomer(b *testing.B) {
	const customers = 50
	m := newMeasurement(b)
	for i := range customers {
		post(b, m.handler, m.fake.Receive(fmt.Sprintf("whatsapp:+1555%07d", i), "first"))
	}
	settled(b, m.handler)
	m.finished.reset()
	forms := make([]url.Values, b.N)
	for i := range forms {
		forms[i] = m.fake.Receive(fmt.Sprintf("whatsapp:+1555%07d", i%customers), fmt.Sprint("message ", i))
	}
	m.run(b, forms)
}

// measurement is a bridge before a fake Twilio, and how long its messages take.
type measurement struct {
	fake     *twiliotest.Server
	handler  *bridge.Handler
	finished *finishTimes
}

func newMeasurement(b *testing.B) *measurement {
	b.Helper()
	m := &measurement{fake: twiliotest.New(b), finished: &finishTimes{}}
	config := fakeConfig(m.fake, bridge.PolicyStandard)
	config.Metrics = m.finished
	m.handler = newHandler(b, config)
	return m
}

func (m *measurement) run(b *testing.B, forms []url.Values) {
	b.Helper()
	m.fake.Forget()
	b.ResetTimer()
	began := time.Now()
	for _, form := range forms {
		post(b, m.handler, form)
	}
	settled(b, m.handler)
	took := time.Since(began)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/took.Seconds(), "messages/s")
	b.ReportMetric(float64(m.fake.Made())/float64(b.N), "calls/message")
	b.ReportMetric(m.finished.percentile(50).Seconds()*1000, "p50-ms")
	b.ReportMetric(m.finished.percentile(99).Seconds()*1000, "p99-ms")
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
