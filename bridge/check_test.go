package bridge_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

const postWebhookURL = "https://bridge.example.com/deliveries"

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*bridge.Config)
		want   string // the finding that fails, and why; "": none
	}{
		{"all is well", func(*bridge.Config) {}, ""},
		{"incomplete", func(c *bridge.Config) { c.FlowSID = "" }, "configuration: FlowSID is empty"},
		{"wrong token", func(c *bridge.Config) { c.AuthToken = "wrong" }, "credentials of AC00000000000000000000000000000001: refused by Twilio"},
		{"no such flow", func(c *bridge.Config) { c.FlowSID = "FW9" }, "Studio flow FW9: it does not exist"},
		{"nobody there", func(c *bridge.Config) { c.APIURL = "http://127.0.0.1:1" }, "connection refused"},
		{"deliveries", func(c *bridge.Config) { c.DeliveriesURL = postWebhookURL }, ""},
		{"deliveries go elsewhere", func(c *bridge.Config) { c.DeliveriesURL = "https://x.example.com/d" }, `webhook of deliveries: the post-event URL of the account's Conversations webhooks is "` + postWebhookURL + `"`},
		{"draft", func(c *bridge.Config) { c.FlowSID = twiliotest.DraftSID }, `it is "draft"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := twiliotest.New(t)
			fake.RegisterFlow(twiliotest.FlowSID, "published")
			fake.RegisterFlow(twiliotest.DraftSID, "draft")
			fake.TellOfDeliveries(postWebhookURL, "onMessageAdded", "onDeliveryUpdated")
			config := fakeConfig(fake, bridge.PolicyStandard)
			config.Queue = bridge.NewMemoryQueue()
			test.change(&config)
			var failed []string
			for _, f := range bridge.Check(t.Context(), config) {
				if f.Err != nil {
					failed = append(failed, f.What+": "+f.Err.Error())
				}
			}
			got := strings.Join(failed, "\n")
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) || strings.Contains(got, twiliotest.AuthToken) {
				t.Errorf("findings %q, want %q", got, test.want)
			}
		})
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	if err := h.Ready(t.Context()); err != nil {
		t.Errorf("Ready: %v", err)
	}
	fake.Fail(twiliotest.Fault{Op: "create conversation", Times: 1, Status: 401, Code: 20003, Message: "Authenticate"})
	fake.Fail(twiliotest.Fault{Op: "list services", Status: 401, Code: 20003, Message: "Authenticate"})
	first := fake.Hold("create conversation")
	post(t, h, fake.Receive(customer, "Hola"))
	<-first.Reached()
	second := fake.Hold("list participant conversations") // the first call of the next attempt
	first.Release()                                       // it is answered 401
	<-second.Reached()
	if err := h.Ready(t.Context()); err == nil {
		t.Error("ready while Twilio refuses the credentials")
	}
	second.Release()
	settled(t, h)
	if err := h.Ready(t.Context()); err != nil {
		t.Errorf("Ready after Twilio took the credentials: %v", err)
	}
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.Ready(t.Context()); err == nil {
		t.Error("ready after Close")
	}
}

// fullQueue stores nothing while it is full.
type fullQueue struct {
	*bridge.MemoryQueue
	full atomic.Bool
}

func (q *fullQueue) Accept(ctx context.Context, entry bridge.Entry) (bool, error) {
	if q.full.Load() {
		return false, errors.New("disk full")
	}
	return q.MemoryQueue.Accept(ctx, entry)
}

func (q *fullQueue) Ping(context.Context) error {
	if q.full.Load() {
		return errors.New("disk full")
	}
	return nil
}

// TestReadyMeansStored fills the disk, and empties it when nobody writes any more.
func TestReadyMeansStored(t *testing.T) {
	t.Parallel()
	queue := &fullQueue{MemoryQueue: bridge.NewMemoryQueue()}
	queue.full.Store(true)
	fake, h := newPair(t, func(c *bridge.Config) { c.Queue = queue })
	if err := h.Ready(t.Context()); err == nil {
		t.Error("ready before the first message, with a disk that is full")
	}
	queue.full.Store(false)
	if err := h.Ready(t.Context()); err != nil {
		t.Errorf("Ready with room on the disk: %v", err)
	}
	queue.full.Store(true)
	if w := serve(h, twiliotest.Post(webhookURL, fake.Receive(customer, "Hola"))); w.Code != http.StatusServiceUnavailable {
		t.Errorf("answered %d, want 503", w.Code)
	}
	if err := h.Ready(t.Context()); err == nil {
		t.Error("ready after a message that was not stored")
	}
	queue.full.Store(false)
	if err := h.Ready(t.Context()); err != nil {
		t.Errorf("Ready with room on the disk again: %v", err)
	}
}

// TestReadyAgain has Twilio refuse the credentials for a while, and nobody write after that.
func TestReadyAgain(t *testing.T) {
	t.Parallel()
	fake := twiliotest.New(t)
	h := newHandler(t, fakeConfig(fake, bridge.PolicyClassic))
	fake.Fail(twiliotest.Fault{Op: "create conversation", Status: 401, Code: 20003, Message: "Authenticate"})
	fake.Fail(twiliotest.Fault{Op: "list services", Times: 2, Status: 401, Code: 20003, Message: "Authenticate"})
	serve(h, twiliotest.Post(webhookURL, fake.Receive(customer, "Hola")))
	for range 2 {
		if err := h.Ready(t.Context()); err == nil {
			t.Error("ready while the credentials are refused")
		}
	}
	if err := h.Ready(t.Context()); err != nil {
		t.Errorf("Ready when they are taken again: %v", err)
	}
}
