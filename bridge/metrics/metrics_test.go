package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/metrics"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m, err := metrics.New(registry)
	if err != nil {
		t.Fatal(err)
	}
	m.Webhook(200, false)
	m.Webhook(200, true)
	m.Message(bridge.ResultForeign, time.Second)
	m.Call("POST /v1/Conversations", 0, time.Second)
	m.Retry()
	m.Media(false)
	m.Undelivered(bridge.Undelivered{ErrorCode: 63016})
	var broken error
	stats := bridge.Stats{Waiting: 3, Dead: 2, Oldest: time.Now().Add(-time.Minute)}
	if err := m.Watch(func(context.Context) (bridge.Stats, error) { return stats, broken }); err != nil {
		t.Fatal(err)
	}
	got := gather(t, registry)
	want := map[string]float64{
		"bridge_webhooks_total 200": 2, "bridge_duplicates_total": 1, "bridge_messages_total foreign": 1, "bridge_retries_total": 1,
		"bridge_media_total false": 1, "bridge_undelivered_total 63016": 1, "bridge_twilio_calls_total POST /v1/Conversations 0": 1, "bridge_queue_waiting": 3, "bridge_queue_dead": 2,
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %v, want %v", name, got[name], value)
		}
	}
	if oldest := got["bridge_queue_oldest_seconds"]; oldest < 59 || oldest > 120 {
		t.Errorf("the oldest entry is %v s old, want 60", oldest)
	}
	broken = errors.New("no database")
	if _, err := registry.Gather(); err == nil {
		t.Error("a scrape succeeds while the queue is gone")
	}
}

func TestTakenNames(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	if _, err := metrics.New(registry); err != nil {
		t.Fatal(err)
	}
	if _, err := metrics.New(registry); err == nil {
		t.Error("the same names were registered twice")
	}
}

// gather returns counters and gauges by name and label values.
func gather(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			name := family.GetName()
			for _, label := range metric.GetLabel() {
				name = fmt.Sprint(name, " ", label.GetValue())
			}
			values[name] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return values
}
