package bridge_test

import (
	"bytes"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

func sorted(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return texts
}

// waitFor polls a condition.
func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it does not happen within 30 seconds")
		}
	}
}

// TestFirstMessagesInARow come before any conversation exists: Twilio captures none, so all must be added, in order.
func TestFirstMessagesInARow(t *testing.T) {
	t.Parallel()
	for name, texts := range map[string][]string{"different": {"one", "two", "three"}, "equal": {"Hola", "Hola", "Hola"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, h := newPair(t)
			forms := receiveAll(fake, texts...)
			for _, form := range forms {
				post(t, h, form)
			}
			settled(t, h)
			checkBodies(t, fake, texts)
		})
	}
}

// TestEqualTextsAroundTheBinding has the same text before and after the conversation took the customer: the two that
// Twilio did not capture are added, the two that it did are not.
func TestEqualTextsAroundTheBinding(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	before := receiveAll(fake, "Hola", "Hola")
	deliver(t, h, before[0])
	after := receiveAll(fake, "Hola", "Hola")
	for _, form := range []int{1, 0} {
		post(t, h, after[form])
	}
	post(t, h, before[1])
	settled(t, h)
	checkBodies(t, fake, []string{"Hola", "Hola", "Hola", "Hola"})
}

// TestEqualTextLongAfterTheBinding has a text that Twilio captured stand in the conversation when an equal one from before
// the binding is delivered late: its date tells that it is not the same message.
func TestEqualTextLongAfterTheBinding(t *testing.T) {
	t.Parallel()
	fake := twiliotest.New(t)
	queue := &shiftedQueue{MemoryQueue: bridge.NewMemoryQueue()}
	config := fakeConfig(fake, bridge.PolicyStandard)
	config.Queue = queue
	h := newHandler(t, config)
	early := fake.Receive(customer, "Hola")
	fake.Advance(10 * time.Second)
	deliver(t, h, fake.Receive(customer, "first"))
	fake.Advance(10 * time.Second)
	late := fake.Receive(customer, "Hola")
	queue.shift = -time.Minute // the early one was accepted before the binding, and its calls failed for a while
	deliver(t, h, early)
	queue.shift = 0
	deliver(t, h, late)
	checkBodies(t, fake, []string{"first", "Hola", "Hola"})
}

// TestClosedWhileTheMessageWaits has Twilio capture a message and somebody close the conversation before the bridge
// comes to it: it does not stand in a second conversation. An equal text long after that is another message.
func TestClosedWhileTheMessageWaits(t *testing.T) {
	t.Parallel()
	for name, shift := range map[string]time.Duration{"bound just now": 0, "bound long ago": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queue := &shiftedQueue{MemoryQueue: bridge.NewMemoryQueue()}
			fake, h := newPair(t, func(c *bridge.Config) { c.Queue = queue })
			deliver(t, h, fake.Receive(customer, "Hola"))
			queue.shift = shift
			waiting := fake.Receive(customer, "Hola")
			fake.Close(customer)
			deliver(t, h, waiting)
			checkBodies(t, fake, []string{"Hola", "Hola"})
			fake.Advance(time.Minute)
			deliver(t, h, fake.Receive(customer, "Hola"))
			checkBodies(t, fake, []string{"Hola", "Hola"}, []string{"Hola"})
		})
	}
}

// TestLateWebhook is of a message that Twilio took in well before the binding: its date tells, not its text.
func TestLateWebhook(t *testing.T) {
	t.Parallel()
	fake := twiliotest.New(t)
	h := newHandler(t, fakeConfig(fake, bridge.PolicyStandard))
	early := fake.Receive(customer, "early")
	fake.Advance(30 * time.Second)
	deliver(t, h, fake.Receive(customer, "first"))
	deliver(t, h, early)
	checkBodies(t, fake, []string{"first", "early"})
	c := fake.Conversations()[0]
	if !c.Messages[1].Created.Before(c.Messages[0].Created) {
		t.Errorf("the message that comes late does not keep its own date: %+v", c.Messages)
	}

	// One that came after the binding and is not to be seen, because a webhook of the account changed it, was captured.
	fake.Advance(30 * time.Second)
	changed := fake.Receive(customer, "changed")
	fake.Edit("changed", "CHANGED")
	deliver(t, h, changed)
	checkBodies(t, fake, []string{"first", "early", "CHANGED"})
}

// TestOpenedByAnAgent joins a conversation that the bridge did not open.
func TestOpenedByAnAgent(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	fake.Open(customer)
	deliver(t, h, fake.Receive(customer, "captured"))
	checkBodies(t, fake, []string{"captured"})
	if hooks := fake.Conversations()[0].Webhooks; len(hooks) != 0 {
		t.Errorf("the flow was put into somebody else's conversation: %+v", hooks)
	}
}

// TestMemoryIsLost delivers messages again to a bridge that remembers nothing, as after a restart without a file.
func TestMemoryIsLost(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	raced := receiveAll(fake, "one", "two")
	post(t, h, raced[0])
	deliver(t, h, raced[1])
	captured := fake.Receive(customer, "three")
	deliver(t, h, captured)
	for _, form := range append(raced, captured) {
		deliver(t, newHandler(t, fakeConfig(fake, bridge.PolicyStandard)), form)
	}
	checkBodies(t, fake, []string{"one", "two", "three"})
}

// TestTwoBridgesWithoutACommonQueue delivers two messages of one customer through bridges that share nothing but Twilio.
func TestTwoBridgesWithoutACommonQueue(t *testing.T) {
	t.Parallel()
	fake, one := newPair(t)
	two := newHandler(t, fakeConfig(fake, bridge.PolicyStandard))
	forms := receiveAll(fake, "one", "two")
	var both sync.WaitGroup
	for i, h := range []*bridge.Handler{one, two} {
		both.Go(func() { serve(h, twiliotest.Post(webhookURL, forms[i])) })
	}
	both.Wait()
	settled(t, one)
	settled(t, two)
	all := bodies(fake)
	if len(all) != 1 || strings.Join(sorted(all[0]), " ") != "one two" {
		t.Errorf("conversations %q", all)
	}
}

func receiveAll(fake *twiliotest.Server, texts ...string) []url.Values {
	forms := make([]url.Values, 0, len(texts))
	for _, text := range texts {
		forms = append(forms, fake.Receive(customer, text))
	}
	return forms
}

// TestForeignBinding is the sandbox's own trap: the number is shared, so another account can hold the pair.
func TestForeignBinding(t *testing.T) {
	t.Parallel()
	const holder = "CHffffffffffffffffffffffffffffffff"
	var log bytes.Buffer
	queue := bridge.NewMemoryQueue()
	fake, h := newPair(t, func(c *bridge.Config) {
		c.Logger, c.Queue, c.ConflictReply = slog.New(slog.NewTextHandler(&log, nil)), queue, "We cannot answer here."
	})
	fake.Fail(twiliotest.Fault{Op: "create participant", Status: 409, Code: 50416,
		Message: "A binding for this participant and proxy address already exists in Conversation " + holder})
	deliver(t, h, fake.Receive(customer, "one"))
	deliver(t, h, fake.Receive(customer, "two"))
	checkBodies(t, fake)
	checkDead(t, h, 2)
	if sent := fake.Sent(customer); !slices.Equal(sent, []string{"We cannot answer here."}) {
		t.Errorf("the customer was told %v, want once", sent)
	}
	for _, want := range []string{"level=ERROR", holder, "ANOTHER ACCOUNT"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log has no %s: %s", want, &log)
		}
	}
	dead, _ := queue.ListDead(t.Context(), 1)
	if len(dead) == 0 || !strings.Contains(dead[0].Reason, "another account") || !strings.Contains(dead[0].Reason, holder) {
		t.Errorf("dead letters %+v", dead)
	}
	fake.Heal()
	replayAll(t, h, queue)
	checkBodies(t, fake, []string{"one", "two"})
}

// TestForeignBindingWithoutItsName is the same where Twilio does not say which conversation it is.
func TestForeignBindingWithoutItsName(t *testing.T) {
	t.Parallel()
	queue := bridge.NewMemoryQueue()
	fake, h := newPair(t, func(c *bridge.Config) { c.Queue = queue })
	fake.Fail(twiliotest.Fault{Op: "create participant", Status: 409, Code: 50416, Message: "A binding for this participant and proxy address already exists"})
	deliver(t, h, fake.Receive(customer, "Hola"))
	checkBodies(t, fake)
	if dead, _ := queue.ListDead(t.Context(), 1); len(dead) != 1 || dead[0].Attempts != 2 || !strings.Contains(dead[0].Reason, "another account") {
		t.Errorf("dead letters %+v", dead)
	}
}
