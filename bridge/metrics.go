package bridge

import "time"

// Metrics is told what happens, for counting. Package bridge/metrics is the one for Prometheus; nil counts nothing.
// Methods are called from many goroutines and must not wait.
type Metrics interface {
	// Webhook is one request that was answered, by HTTP status; duplicate says that its message was accepted before.
	Webhook(status int, duplicate bool)
	// Message is one message that is finished, and the time since it was accepted.
	Message(result Result, took time.Duration)
	// Call is one exchange with Twilio: method and route, e.g. "POST /v1/Conversations/{sid}/Messages"; status 0 means
	// that no answer was had.
	Call(operation string, status int, took time.Duration)
	// Retry is one message that has to wait for another attempt.
	Retry()
	// Media is one attachment, moved or not.
	Media(moved bool)
}

// Result is what became of a message.
type Result string

const (
	// ResultOpened opened a conversation and stands first in it.
	ResultOpened Result = "opened"
	// ResultCaptured stood in its conversation already: Twilio captured it, or an earlier attempt had posted it.
	ResultCaptured Result = "captured"
	// ResultAppended came before the conversation took the customer, so it was added to it.
	ResultAppended Result = "appended"
	// ResultForeign is dead because another account holds the customer's binding.
	ResultForeign Result = "foreign"
	// ResultDead was given up and waits for a replay.
	ResultDead Result = "dead"
)

type noMetrics struct{}

func (noMetrics) Webhook(int, bool)               {}
func (noMetrics) Message(Result, time.Duration)   {}
func (noMetrics) Call(string, int, time.Duration) {}
func (noMetrics) Retry()                          {}
func (noMetrics) Media(bool)                      {}
