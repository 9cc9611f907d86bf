package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Handler is the webhook that the sandbox calls when a message comes in. It serves POST and GET on whatever path it is
// mounted at, and is safe for concurrent use. Make it with New, and Close it.
type Handler struct {
	config     Config
	log        *slog.Logger
	signature  signature
	deliveries signature // of Deliveries
	bodies     bodies
	reported   reports
	twilio     *twilio
	queue      *writtenQueue
	serve      func(*Handler, context.Context, webhook) (answer, bool) // of the policy
	dispatcher *dispatcher                                             // nil where the policy queues nothing
	answering  atomic.Int64                                            // webhooks that are being answered
	pace       *pace
}

// New makes a Handler and starts its workers, or says everything that is wrong with the configuration.
func New(config Config) (*Handler, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	publicURL, _ := absoluteURL(config.PublicURL)
	token := []byte(config.AuthToken)
	pace := newPace(config.Clock)
	h := &Handler{
		config:     config,
		pace:       pace,
		log:        config.Logger,
		signature:  signature{token, publicURL},
		deliveries: signature{token, config.deliveriesURL(publicURL)},
		bodies:     make(bodies, largeBodies),
		twilio:     newTwilio(config, pace),
		queue:      &writtenQueue{Queue: config.Queue},
	}
	if config.Queue == nil {
		memory := NewMemoryQueue()
		memory.Clock = config.Clock
		h.queue.Queue = memory
	}
	policy, _ := config.Policy.entry()
	h.serve = policy.serve
	if policy.queued {
		h.dispatcher = newDispatcher(dispatcherConfig{queue: h.queue, pace: pace, workers: config.Workers, log: h.log, work: h.work})
		h.dispatcher.start()
	}
	return h, nil
}

// ServeHTTP answers one webhook: with 405, 413, 403, 400 or 503 what it does not take, and otherwise as the policy says.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.answer()
	defer h.answered()
	a, duplicate := h.receive(w, r)
	h.config.Metrics.Webhook(a.status, duplicate)
	a.write(w)
}

// receive checks the request and hands it to the policy. It reports whether the message was accepted before.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request) (answer, bool) {
	p, refusal := h.read(w, r, &h.signature)
	if refusal != nil {
		return *refusal, false
	}
	if h.config.LogBodies {
		h.log.Info("webhook", "message_sid", p.get("MessageSid"), "body", p.get("Body"))
	}
	return h.serve(h, r.Context(), webhook{p, r.Header.Get(tokenHeader)})
}

// webhook is a webhook that Twilio has signed.
type webhook struct {
	parameters
	token string // I-Twilio-Idempotency-Token; "" for none
}

// acceptTime bounds the storing of a message: Twilio waits 15 s for the answer.
const acceptTime = 5 * time.Second

// tokenHeader is the same on every delivery of one webhook (reference, WhatsApp 2.1).
const tokenHeader = "I-Twilio-Idempotency-Token" //nolint:gosec // the name of a header is no credential

// accept stores a message and answers; the work comes after the answer. It is stored even where the caller has gone away,
// since Twilio need not deliver it again.
func (h *Handler) accept(ctx context.Context, w webhook) (answer, bool) {
	p := w.parameters
	if err := checkInbound(p); err != nil {
		h.log.Warn("webhook refused", "error", err)
		return plain(http.StatusBadRequest, err.Error()), false
	}
	log := h.log.With("message_sid", p.get("MessageSid"))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), acceptTime)
	defer cancel()
	entry, err := newEntry(h.config.AccountSID, w, h.pace.Now())
	accepted := false
	if err == nil {
		accepted, err = h.queue.Accept(ctx, entry)
	}
	if err != nil {
		log.Error("webhook refused: the message could not be stored", "error", err)
		return plain(http.StatusServiceUnavailable, "the message could not be stored"), false
	}
	if !accepted {
		log.Info("duplicate: the message was accepted before")
		return emptyTwiML, true
	}
	log.Info("message accepted")
	h.dispatcher.notify()
	return emptyTwiML, false
}

// answer counts a webhook as one that is being answered, and answered as one that is not any longer.
func (h *Handler) answer() {
	h.pace.begin()
	h.answering.Add(1)
}

func (h *Handler) answered() {
	defer h.pace.end()
	h.answering.Add(-1)
	h.queue.changed.broadcast()
}

// Wait returns when nothing is queued or being worked on, or with the error of ctx. A message that waits for another
// attempt is queued; a dead letter is not.
func (h *Handler) Wait(ctx context.Context) error {
	return h.until(ctx, func() (bool, error) {
		stats, err := h.queue.Stats(ctx)
		return stats.Waiting == 0 && h.answering.Load() == 0, err
	})
}

// Close finishes what is being worked on, at most until ctx ends, and stops the workers. What waits stays in
// Config.Queue; with the Handler's own queue, which ends with it, Close waits for that too. Stop the server first.
func (h *Handler) Close(ctx context.Context) error {
	var err error
	if h.config.Queue == nil {
		err = h.Wait(ctx)
	} else {
		err = h.until(ctx, func() (bool, error) { return h.answering.Load() == 0, nil })
	}
	if h.dispatcher == nil {
		return err
	}
	return errors.Join(err, h.dispatcher.stop(ctx))
}

// until returns when done does: it asks at every change that is made here, and from time to time for those that other processes
// make in a common queue.
func (h *Handler) until(ctx context.Context, done func() (bool, error)) error {
	poll := time.NewTicker(pollTime)
	defer poll.Stop()
	for {
		changed := h.queue.changed.next()
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-poll.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// changes wakes everybody who waits for a change. The zero value is ready.
type changes struct {
	mu      sync.Mutex
	waiting chan struct{} // closed at the next change; nil while nobody waits
}

// next returns a channel that is closed at the next change.
func (c *changes) next() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		c.waiting = make(chan struct{})
	}
	return c.waiting
}

func (c *changes) broadcast() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting != nil {
		close(c.waiting)
		c.waiting = nil
	}
}

// Busy counts the webhooks and jobs under way that do not wait for Config.Clock. Where it is 0, and nobody calls the Handler, nothing
// happens until the Clock gets on.
func (h *Handler) Busy() int { return int(h.pace.busy.Load()) }

// Stats counts what the queue holds.
func (h *Handler) Stats(ctx context.Context) (Stats, error) { return h.queue.Stats(ctx) }
