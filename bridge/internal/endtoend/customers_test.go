package endtoend

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

// publicURL is the URL that Twilio would request, through a proxy before the bridges.
const publicURL = "https://bridge.example.com/whatsapp"

// customer writes messages one after the other. A patient one waits until a flow has heard a message before writing
// the next; an impatient one only until it was accepted.
type customer struct {
	number  string
	texts   []string
	patient bool
}

func newCustomers(n, messages int) []customer {
	all := make([]customer, 0, n)
	for i := range n {
		c := customer{number: fmt.Sprintf("whatsapp:+1555%07d", i), patient: i%2 == 0}
		for m := range messages {
			c.texts = append(c.texts, fmt.Sprintf("customer %d message %d", i, m))
		}
		all = append(all, c)
	}
	return all
}

// write sends the customer's messages through any of the bridges, and delivers each again until it is accepted, as
// Twilio does; some it delivers once more after that.
func (c customer) write(t *testing.T, fake *twiliotest.Server, bridges []*child) {
	for i, text := range c.texts {
		form := fake.Receive(c.number, text)
		c.deliver(t, form, bridges)
		if rand.IntN(10) == 0 {
			c.deliver(t, form, bridges)
		}
		if c.patient {
			poll(t, "message is heard", func() bool { return fake.Heard(c.number, text) })
			if i%7 == 6 {
				fake.Close(c.number) // an agent is done; the next message opens a new conversation
			}
		}
	}
}

func (c customer) deliver(t *testing.T, form url.Values, bridges []*child) {
	poll(t, "webhook is accepted", func() bool {
		target := bridges[rand.IntN(len(bridges))].url()
		if target == "" {
			return false
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
		if err != nil {
			t.Error(err)
			return true
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("X-Twilio-Signature", twiliotest.Sign(twiliotest.AuthToken, publicURL, form))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// poll waits for a condition without sleeping through it.
func poll(t *testing.T, what string, condition func() bool) {
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(3 * time.Minute)
	for !condition() {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Errorf("not before the test ended: %s", what)
			return
		case <-deadline:
			t.Errorf("not within three minutes: %s", what)
			return
		}
	}
}

// drained waits until nothing is queued, and wants no dead letters.
func drained(t *testing.T, queue bridge.Queue) {
	t.Helper()
	poll(t, "queue is empty", func() bool {
		stats, err := queue.Stats(t.Context())
		if err == nil && stats.Dead > 0 {
			t.Errorf("%d dead letters", stats.Dead)
			return true
		}
		return err == nil && stats.Waiting == 0
	})
}

// check wants each message exactly once, in order, and no conversation that is empty, deaf or one too many.
func check(t *testing.T, fake *twiliotest.Server, customers []customer) {
	t.Helper()
	texts, open := map[string][]string{}, map[string]int{}
	for _, c := range fake.Conversations() {
		if len(c.Participants) != 1 || len(c.Webhooks) != 1 || len(c.Messages) == 0 {
			t.Errorf("conversation %s has %d customers, %d flows, %d messages", c.SID, len(c.Participants), len(c.Webhooks), len(c.Messages))
			continue
		}
		number := c.Participants[0].Address
		if c.State != "closed" {
			open[number]++
		}
		for _, m := range c.Messages {
			texts[number] = append(texts[number], m.Body)
		}
	}
	for _, c := range customers {
		if open[c.number] > 1 {
			t.Errorf("%s has %d open conversations", c.number, open[c.number])
		}
		got := texts[c.number]
		if c.patient && !slices.Equal(got, c.texts) {
			t.Errorf("%s: %q\nwant %q", c.number, got, c.texts)
		}
		// Twilio captures what an impatient customer writes while the first message is still on its way.
		if !c.patient && !slices.Equal(sortedCopy(got), sortedCopy(c.texts)) {
			t.Errorf("%s: %q\nwant %q in any order", c.number, got, c.texts)
		}
	}
}

func sortedCopy(texts []string) []string {
	texts = slices.Clone(texts)
	slices.Sort(texts)
	return texts
}

// armChaos lets one call of the bridge in twenty fail, half of those after they had their effect, and slows some down.
func armChaos(fake *twiliotest.Server) {
	for _, fault := range []twiliotest.Fault{
		{Status: 429, Code: 20429, Message: "Too Many Requests"},
		{Status: 500, Code: 20500, Message: "Internal error"},
		{Status: 500, Code: 20500, Message: "Internal error", After: true},
		{Drop: true, After: true},
		{Drop: true},
	} {
		fault.Percent = 1
		for _, op := range twiliotest.Operations() {
			fault.Op = op
			fake.Fail(fault)
		}
	}
	for _, op := range twiliotest.Operations() {
		fake.Fail(twiliotest.Fault{Op: op, Percent: 50, Delay: 6 * time.Millisecond})
	}
}
