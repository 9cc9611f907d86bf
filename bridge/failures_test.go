package bridge_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

// openingCalls are the four calls of a new customer's first message.
var openingCalls = []string{"create conversation", "create participant", "create webhook", "create message"}

// eachCall runs a test for each of the four calls, with the customer first and with the message first. OrderFlow differs from
// the former in its conflicts only: see TestOrders.
func eachCall(t *testing.T, test func(t *testing.T, order bridge.Order, op string)) {
	t.Helper()
	for _, order := range []bridge.Order{bridge.OrderCustomer, bridge.OrderMessage} {
		for _, op := range openingCalls {
			t.Run(string(order)+"/"+op, func(t *testing.T) {
				t.Parallel()
				test(t, order, op)
			})
		}
	}
}

// TestPassingFailures lets each call fail in each way once: in the end the message stands there exactly once, and
// nothing else is left.
func TestPassingFailures(t *testing.T) {
	t.Parallel()
	faults := map[string]twiliotest.Fault{
		"429":                     {Status: 429, Code: 20429, Message: "Too Many Requests"},
		"429 with Retry-After":    {Status: 429, Code: 20429, Message: "Too Many Requests", RetryAfter: time.Second},
		"503":                     {Status: 503, Body: "unavailable"},
		"500":                     {Status: 500, Code: 20500, Message: "Internal error"},
		"500 after the fact":      {Status: 500, Code: 20500, Message: "Internal error", After: true},
		"502 without JSON":        {Status: 502, Body: "<html>", After: true},
		"empty answer":            {Status: 201, Body: " ", After: true},
		"dropped":                 {Drop: true},
		"dropped after the fact":  {Drop: true, After: true},
		"too slow":                {Status: 200, Body: "{}", Delay: time.Second, After: true},
		"not authenticated a bit": {Status: 401, Code: 20003, Message: "Authenticate"},
	}
	eachCall(t, func(t *testing.T, order bridge.Order, op string) {
		for name, fault := range faults {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				fake, h := newPair(t, func(c *bridge.Config) {
					c.Order = order
					c.HTTPClient = &http.Client{Transport: &http.Transport{ResponseHeaderTimeout: 300 * time.Millisecond}}
				})
				fault.Op, fault.Times = op, 1
				fake.Fail(fault)
				deliver(t, h, fake.Receive(customer, "Hola"))
				checkBodies(t, fake, []string{"Hola"})
				if c := fake.Conversations(); len(c) == 1 && (len(c[0].Participants) != 1 || len(c[0].Webhooks) != 1) {
					t.Errorf("conversation %+v", c[0])
				}
				checkDead(t, h, 0)
			})
		}
	})
}

// TestLastingFailures lets each call fail for good: nothing is left behind, and the message is a dead letter that can be
// replayed.
func TestLastingFailures(t *testing.T) {
	t.Parallel()
	faults := map[string]twiliotest.Fault{
		"refused":  {Status: 400, Code: 20001, Message: "no"},
		"broken":   {Status: 500, Code: 20500, Message: "Internal error"},
		"vanished": {Status: 404, Code: 20404, Message: "The requested resource was not found"},
	}
	eachCall(t, func(t *testing.T, order bridge.Order, op string) {
		for name, fault := range faults {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				queue := bridge.NewMemoryQueue()
				fake, h := newPair(t, func(c *bridge.Config) { c.Order, c.Queue, c.RetryFor = order, queue, 500*time.Millisecond })
				fault.Op = op
				fake.Fail(fault)
				deliver(t, h, fake.Receive(customer, "Hola"))
				checkBodies(t, fake)
				checkDead(t, h, 1)

				fake.Heal()
				replayAll(t, h, queue)
				checkBodies(t, fake, []string{"Hola"})
				checkDead(t, h, 0)
			})
		}
	})
}

func checkDead(t *testing.T, h *bridge.Handler, want int) {
	t.Helper()
	if s, err := h.Stats(t.Context()); err != nil || s.Dead != want {
		t.Errorf("%d dead letters, %v; want %d", s.Dead, err, want)
	}
}

func replayAll(t *testing.T, h *bridge.Handler, queue bridge.DeadLetters) {
	t.Helper()
	dead, err := queue.ListDead(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dead {
		if d.Reason == "" {
			t.Errorf("dead letter %s does not say why", d.Key)
		}
		if err := queue.Replay(t.Context(), d.Key); err != nil {
			t.Fatal(err)
		}
	}
	settled(t, h)
}

// TestJanitor has the compensation fail too: what could not be deleted is deleted later.
func TestJanitor(t *testing.T) {
	t.Parallel()
	eachCall(t, func(t *testing.T, order bridge.Order, op string) {
		if op == "create conversation" {
			return // there is nothing to delete
		}
		fake, h := newPair(t, func(c *bridge.Config) { c.Order = order })
		fake.Fail(twiliotest.Fault{Op: op, Status: 400, Code: 20001, Message: "no"})
		fake.Fail(twiliotest.Fault{Op: "delete conversation", Times: 1, Status: 500, Code: 20500, Message: "Internal error"})
		deliver(t, h, fake.Receive(customer, "Hola"))
		checkBodies(t, fake)
		checkDead(t, h, 1)
	})
}

// TestJanitorIsPatient has everything about messages fail until the message is given up and for a while after that: the empty
// conversation goes when Twilio works again.
func TestJanitorIsPatient(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t, func(c *bridge.Config) { c.RetryFor = 500 * time.Millisecond })
	for _, op := range []string{"create message", "list messages"} {
		fake.Fail(twiliotest.Fault{Op: op, Status: 500, Code: 20500, Message: "Internal error"})
	}
	post(t, h, fake.Receive(customer, "Hola"))
	waitFor(t, func() bool { s, err := h.Stats(t.Context()); return err == nil && s.Dead == 1 })
	fake.Forget()
	waitFor(t, func() bool { return fake.Made() == 4 }) // the janitor's, which take longer than RetryFor
	fake.Heal()
	settled(t, h)
	checkBodies(t, fake)
	checkDead(t, h, 1)
}

// TestJanitorKeepsWhatIsUsed leaks a conversation that holds the customer, and the customer goes on writing: the
// messages stay, and the flow hears them.
func TestJanitorKeepsWhatIsUsed(t *testing.T) {
	t.Parallel()
	queue := bridge.NewMemoryQueue()
	fake, h := newPair(t, func(c *bridge.Config) { c.Queue = queue })
	fake.Fail(twiliotest.Fault{Op: "create webhook", Times: 1, Status: 400, Code: 20001, Message: "no"})
	fake.Fail(twiliotest.Fault{Op: "delete conversation", Times: 1, Status: 500, Code: 20500, Message: "Internal error"})
	held := fake.Hold("delete conversation")
	post(t, h, fake.Receive(customer, "one"))
	<-held.Reached() // it was empty until now
	second := fake.Receive(customer, "two")
	held.Release()
	deliver(t, h, second)
	replayAll(t, h, queue)
	all := fake.Conversations()
	if len(all) != 1 || len(all[0].Webhooks) != 1 {
		t.Fatalf("conversations %+v", all)
	}
	if got := strings.Join(sorted(bodies(fake)[0]), " "); got != "one two" {
		t.Errorf("messages %q", got)
	}
}

// TestCapturedMeanwhileIsKept has the flow be refused while the customer writes on: the conversation has a message by then,
// and is not deleted.
func TestCapturedMeanwhileIsKept(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	fake.Fail(twiliotest.Fault{Op: "create webhook", Times: 1, Status: 400, Code: 20001, Message: "no"})
	held := fake.Hold("create webhook")
	post(t, h, fake.Receive(customer, "one"))
	<-held.Reached()
	post(t, h, fake.Receive(customer, "two"))
	held.Release()
	settled(t, h)
	checkBodies(t, fake, []string{"two"})
	checkDead(t, h, 1)
	if slices.Contains(fake.Ops(), "delete conversation") {
		t.Error("the conversation was deleted with what the customer wrote")
	}
}

// TestTwoNumbersOfOurs has a customer write to two numbers: each pair has its own conversation, whatever failed before.
func TestTwoNumbersOfOurs(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	const second = "whatsapp:+15550009999"
	fake.RegisterSender(second)
	other := fake.Receive(customer, "two")
	other.Set("To", second)
	deliver(t, h, fake.Receive(customer, "one"))
	fake.Fail(twiliotest.Fault{Op: "create conversation", Times: 1, Status: 500, Code: 20500, Message: "Internal error"})
	deliver(t, h, other)
	checkBodies(t, fake, []string{"one"}, []string{"two"})
}

// TestRetryAfter answers with Retry-After: the same call is made again after that, see TestRetryAfterIsExact.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t)
	fake.Fail(twiliotest.Fault{Op: "create message", Times: 1, Status: 503, Code: 20503, Message: "later", RetryAfter: 2 * time.Second})
	began := time.Now()
	deliver(t, h, fake.Receive(customer, "Hola"))
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("took %s, Retry-After was 2 s", took)
	}
	if got := fake.Ops(); len(got) != 5 || got[3] != "create message" || got[4] != "create message" {
		t.Errorf("calls %q", got)
	}
}
