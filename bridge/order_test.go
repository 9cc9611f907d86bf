package bridge_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

// TestOrders checks the calls of each order, on success and where another account holds the binding.
func TestOrders(t *testing.T) {
	t.Parallel()
	tests := map[bridge.Order]struct{ success, conflict []string }{
		bridge.OrderCustomer: {
			[]string{"create conversation", "create participant", "create webhook", "create message"},
			[]string{"create conversation", "create participant", "delete conversation"},
		},
		bridge.OrderFlow: {
			[]string{"create conversation", "create webhook", "create participant", "create message"},
			[]string{"create conversation", "create webhook", "create participant", "delete conversation"},
		},
		bridge.OrderMessage: {
			[]string{"create conversation", "create message", "create participant", "create webhook"},
			[]string{"create conversation", "create message", "create participant", "list messages", "delete conversation"},
		},
	}
	for order, test := range tests {
		t.Run(string(order), func(t *testing.T) {
			t.Parallel()
			fake, h := newPair(t, func(c *bridge.Config) { c.Order = order })
			deliver(t, h, fake.Receive(customer, "Hola"))
			checkOps(t, fake, test.success...)
			checkBodies(t, fake, []string{"Hola"})

			fake, h = newPair(t, func(c *bridge.Config) { c.Order = order })
			fake.Fail(twiliotest.Fault{Op: "create participant", Status: 409, Code: 50416,
				Message: "A binding for this participant and proxy address already exists in Conversation CHffffffffffffffffffffffffffffffff"})
			deliver(t, h, fake.Receive(customer, "Hola"))
			checkOps(t, fake, append(test.conflict, "list participant conversations", "fetch conversation")...)
			checkBodies(t, fake)
			checkDead(t, h, 1)
		})
	}
}

// TestSecondMessageMeanwhile has the customer write again just before each of the four calls is done. With OrderMessage the
// messages stand in the order they were written in; otherwise the second can come first once the customer is in.
func TestSecondMessageMeanwhile(t *testing.T) {
	t.Parallel()
	overtaken := map[bridge.Order][]string{bridge.OrderCustomer: {"create webhook", "create message"}}
	eachCall(t, func(t *testing.T, order bridge.Order, op string) {
		fake, h := newPair(t, func(c *bridge.Config) { c.Order = order })
		held := fake.Hold(op)
		post(t, h, fake.Receive(customer, "one"))
		<-held.Reached()
		post(t, h, fake.Receive(customer, "two"))
		held.Release()
		settled(t, h)
		want := []string{"one", "two"}
		if slices.Contains(overtaken[order], op) {
			slices.Reverse(want)
		}
		checkBodies(t, fake, want)
	})
}

// TestPartOfALongMessage has Twilio refuse the second part of a message for good. With OrderMessage nobody can hear the
// first, so it goes; otherwise it has been heard, and stays.
func TestPartOfALongMessage(t *testing.T) {
	t.Parallel()
	long := string(slices.Repeat([]byte("word "), 400))
	for _, order := range []bridge.Order{bridge.OrderCustomer, bridge.OrderMessage} {
		t.Run(string(order), func(t *testing.T) {
			t.Parallel()
			fake, h := newPair(t, func(c *bridge.Config) { c.Order = order })
			fake.Fail(twiliotest.Fault{Op: "create message", Skip: 1, Status: 400, Code: 20001, Message: "no"})
			deliver(t, h, fake.Receive(customer, long))
			checkDead(t, h, 1)
			want := 1
			if order == bridge.OrderMessage {
				want = 0
			}
			if got := len(fake.Conversations()); got != want {
				t.Errorf("%d conversations are left, want %d", got, want)
			}
		})
	}
}

// TestMessageFirstSparesOthers has a message of somebody else come into a conversation before the customer is refused: it
// is not deleted.
func TestMessageFirstSparesOthers(t *testing.T) {
	t.Parallel()
	fake, h := newPair(t, func(c *bridge.Config) { c.Order = bridge.OrderMessage })
	fake.Fail(twiliotest.Fault{Op: "create participant", Status: 400, Code: 20001, Message: "no"})
	held := fake.Hold("create participant")
	post(t, h, fake.Receive(customer, "Hola"))
	<-held.Reached()
	fake.Write("Who is there?")
	held.Release()
	settled(t, h)
	checkBodies(t, fake, []string{"Hola", "Who is there?"})
	checkDead(t, h, 1)
}

// TestMessageFirstIsTakenUp delivers the message again to a bridge that remembers nothing: after the attempt that posted it
// and did not add the customer, and after one that did everything. The bridge may have another order by then.
func TestMessageFirstIsTakenUp(t *testing.T) {
	t.Parallel()
	for _, order := range []bridge.Order{bridge.OrderCustomer, bridge.OrderFlow, bridge.OrderMessage} {
		t.Run(string(order), func(t *testing.T) {
			t.Parallel()
			takeUp(t, order)
		})
	}
}

func takeUp(t *testing.T, order bridge.Order) {
	t.Helper()
	change := func(c *bridge.Config) { c.Order, c.RetryFor = bridge.OrderMessage, time.Nanosecond }
	fake, h := newPair(t, change)
	fake.Fail(twiliotest.Fault{Op: "create participant", Status: 500, Code: 20500, Message: "Internal error"})
	fake.Fail(twiliotest.Fault{Op: "delete conversation", Status: 500, Code: 20500, Message: "Internal error"})
	form := fake.Receive(customer, "Hola")
	deliver(t, h, form)
	fake.Heal()
	for range 2 {
		config := fakeConfig(fake, bridge.PolicyStandard)
		config.Order = order
		deliver(t, newHandler(t, config), form)
		checkBodies(t, fake, []string{"Hola"})
		if c := fake.Conversations()[0]; len(c.Participants) != 1 || len(c.Webhooks) != 1 {
			t.Errorf("conversation %+v", c)
		}
	}
}
