// Package metrics counts what a bridge does, for Prometheus. It is apart from package bridge so that embedding the
// handler does not bring Prometheus along.
//
// Give the result of New to bridge.Config.Metrics, and the handler's Stats to Watch. All names begin with bridge_:
//
//	bridge_webhooks_total{status}                 webhooks answered
//	bridge_duplicates_total                       of these, messages that were accepted before
//	bridge_messages_total{result}                 messages finished: opened, captured, appended, foreign, dead
//	bridge_message_seconds{result}                from acceptance to the end
//	bridge_retries_total                          attempts that have to be made again
//	bridge_media_total{moved}                     attachments
//	bridge_twilio_calls_total{operation,status}   exchanges with Twilio; status 0: no answer
//	bridge_twilio_call_seconds{operation}
//	bridge_undelivered_total{error_code}          messages that did not reach a customer, where OnUndelivered is Undelivered
//	bridge_queue_waiting, bridge_queue_dead       entries, now
//	bridge_queue_oldest_seconds                   how long the oldest has been waiting
package metrics

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// statsTimeout bounds the question to the queue that every scrape asks.
const statsTimeout = 5 * time.Second

// Metrics implements bridge.Metrics.
type Metrics struct {
	registerer     prometheus.Registerer
	webhooks       *prometheus.CounterVec
	duplicates     prometheus.Counter
	messages       *prometheus.CounterVec
	messageSeconds *prometheus.HistogramVec
	retries        prometheus.Counter
	media          *prometheus.CounterVec
	calls          *prometheus.CounterVec
	callSeconds    *prometheus.HistogramVec
	undelivered    *prometheus.CounterVec
}

// New makes the metrics and registers them; it fails when a name is taken there.
func New(registerer prometheus.Registerer) (*Metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "bridge_" + name, Help: help}, labels)
	}
	seconds := func(name, help, label string, buckets []float64) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "bridge_" + name, Help: help, Buckets: buckets}, []string{label})
	}
	single := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "bridge_" + name, Help: help})
	}
	m := &Metrics{
		registerer:     registerer,
		webhooks:       counter("webhooks_total", "Webhooks answered, by HTTP status.", "status"),
		duplicates:     single("duplicates_total", "Webhooks whose message was accepted before."),
		messages:       counter("messages_total", "Messages finished, by what became of them.", "result"),
		messageSeconds: seconds("message_seconds", "Time from acceptance to the end of a message.", "result", []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800}),
		retries:        single("retries_total", "Attempts at a message that have to be made again."),
		media:          counter("media_total", "Attachments, by whether they could be moved.", "moved"),
		calls:          counter("twilio_calls_total", "Exchanges with Twilio; status 0 means no answer.", "operation", "status"),
		callSeconds:    seconds("twilio_call_seconds", "Time of exchanges with Twilio.", "operation", []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}),
		undelivered:    counter("undelivered_total", "Messages that did not reach a customer, by Twilio's error code.", "error_code"),
	}
	all := []prometheus.Collector{m.webhooks, m.duplicates, m.messages, m.messageSeconds, m.retries, m.media, m.calls, m.callSeconds, m.undelivered}
	errs := make([]error, 0, len(all))
	for _, c := range all {
		errs = append(errs, registerer.Register(c))
	}
	return m, errors.Join(errs...)
}

// Webhook implements bridge.Metrics.
func (m *Metrics) Webhook(status int, duplicate bool) {
	m.webhooks.WithLabelValues(strconv.Itoa(status)).Inc()
	if duplicate {
		m.duplicates.Inc()
	}
}

// Message implements bridge.Metrics.
func (m *Metrics) Message(result bridge.Result, took time.Duration) {
	m.messages.WithLabelValues(string(result)).Inc()
	m.messageSeconds.WithLabelValues(string(result)).Observe(took.Seconds())
}

// Call implements bridge.Metrics.
func (m *Metrics) Call(operation string, status int, took time.Duration) {
	m.calls.WithLabelValues(operation, strconv.Itoa(status)).Inc()
	m.callSeconds.WithLabelValues(operation).Observe(took.Seconds())
}

// Retry implements bridge.Metrics.
func (m *Metrics) Retry() { m.retries.Inc() }

// Media implements bridge.Metrics.
func (m *Metrics) Media(moved bool) { m.media.WithLabelValues(strconv.FormatBool(moved)).Inc() }

// Undelivered counts for bridge.Config.OnUndelivered.
func (m *Metrics) Undelivered(u bridge.Undelivered) {
	m.undelivered.WithLabelValues(strconv.Itoa(u.ErrorCode)).Inc()
}

// Watch adds what the queue holds, asked for at every scrape.
func (m *Metrics) Watch(stats func(context.Context) (bridge.Stats, error)) error {
	return m.registerer.Register(&queueCollector{
		stats:   stats,
		waiting: prometheus.NewDesc("bridge_queue_waiting", "Entries that wait or are being worked on.", nil, nil),
		dead:    prometheus.NewDesc("bridge_queue_dead", "Entries that were given up and can be replayed.", nil, nil),
		oldest:  prometheus.NewDesc("bridge_queue_oldest_seconds", "How long the oldest entry has been waiting.", nil, nil),
	})
}

type queueCollector struct {
	stats                 func(context.Context) (bridge.Stats, error)
	waiting, dead, oldest *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (q *queueCollector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- q.waiting
	descriptions <- q.dead
	descriptions <- q.oldest
}

// Collect implements prometheus.Collector. A queue that does not answer makes the scrape fail, which is what an alert
// should see.
func (q *queueCollector) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), statsTimeout)
	defer cancel()
	stats, err := q.stats(ctx)
	if err != nil {
		metrics <- prometheus.NewInvalidMetric(q.waiting, err)
		return
	}
	oldest := 0.0
	if !stats.Oldest.IsZero() {
		oldest = time.Since(stats.Oldest).Seconds()
	}
	metrics <- prometheus.MustNewConstMetric(q.waiting, prometheus.GaugeValue, float64(stats.Waiting))
	metrics <- prometheus.MustNewConstMetric(q.dead, prometheus.GaugeValue, float64(stats.Dead))
	metrics <- prometheus.MustNewConstMetric(q.oldest, prometheus.GaugeValue, oldest)
}
