package bridge_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
)

const deliveriesURL = "http://bridge.example.com/deliveries"

// deliveryForm is an event onDeliveryUpdated, as Twilio sends it.
func deliveryForm(status, code string) url.Values {
	form := url.Values{"EventType": {"onDeliveryUpdated"}, "AccountSid": {twiliotest.AccountSID}, "ConversationSid": {"CH00000000000000000000000000000001"}, "MessageSid": {"IM00000000000000000000000000000001"},
		"ParticipantSid": {"MB00000000000000000000000000000001"}, "DeliveryReceiptSid": {"DY00000000000000000000000000000001"}, "ChannelMessageSid": {"SM1"}, "Status": {status}}
	if code != "" {
		form.Set("ErrorCode", code)
	}
	return form
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	other := deliveryForm("failed", "63016")
	other.Set("EventType", "onMessageAdded")
	unsigned := twiliotest.Post(deliveriesURL, deliveryForm("failed", "63016"))
	unsigned.Header.Del("X-Twilio-Signature")
	put := twiliotest.Post(deliveriesURL, deliveryForm("failed", "63016"))
	put.Method = http.MethodPut
	tests := []struct {
		name    string
		request *http.Request
		status  int
		code    int    // of the failure that is told; -1: none is
		why     string // in the log
	}{
		{"window", twiliotest.Post(deliveriesURL, deliveryForm("failed", "63016")), 204, 63016, "window is closed"},
		{"sandbox", twiliotest.Post(deliveriesURL, deliveryForm("undelivered", "63015")), 204, 63015, "must join the sandbox again"},
		{"blocked", twiliotest.Get(deliveriesURL, deliveryForm("failed", "63014")), 204, 63014, "has blocked"},
		{"too fast", twiliotest.Post(deliveriesURL, deliveryForm("failed", "63018")), 204, 63018, "too many"},
		{"another code", twiliotest.Post(deliveriesURL, deliveryForm("failed", "63024")), 204, 63024, "errors/63024"},
		{"no code", twiliotest.Post(deliveriesURL, deliveryForm("failed", "")), 204, 0, "does not say why"},
		{"no number", twiliotest.Post(deliveriesURL, deliveryForm("failed", "many")), 204, 0, "does not say why"},
		{"read", twiliotest.Post(deliveriesURL, deliveryForm("read", "")), 204, -1, ""},
		{"another event", twiliotest.Post(deliveriesURL, other), 204, -1, ""},
		{"unsigned", unsigned, 403, -1, "expected_url=" + deliveriesURL},
		{"signed for the other URL", resigned(deliveryForm("failed", "63016"), webhookURL), 403, -1, ""},
		{"method", put, 405, -1, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			var told []bridge.Undelivered
			_, h := newPair(t, func(c *bridge.Config) {
				c.Logger = slog.New(slog.NewTextHandler(&log, nil))
				c.OnUndelivered = func(u bridge.Undelivered) { told = append(told, u) }
			})
			w := serve(h.Deliveries(), test.request)
			if w.Code != test.status || (w.Code == 204 && w.Body.Len() > 0) {
				t.Errorf("answered %d %q, want %d", w.Code, w.Body, test.status)
			}
			if (len(told) == 0) != (test.code < 0) || !strings.Contains(log.String(), test.why) {
				t.Errorf("told %+v, log %s", told, &log)
			}
			if len(told) == 0 {
				return
			}
			want := bridge.Undelivered{ConversationSID: "CH00000000000000000000000000000001", MessageSID: "IM00000000000000000000000000000001", ParticipantSID: "MB00000000000000000000000000000001", ReceiptSID: "DY00000000000000000000000000000001",
				Status: told[0].Status, ErrorCode: test.code}
			if told[0] != want {
				t.Errorf("told %+v, want %+v", told[0], want)
			}
		})
	}
}

// resigned is a request to the URL of deliveries that was signed for another URL.
func resigned(form url.Values, signedURL string) *http.Request {
	r := twiliotest.Post(deliveriesURL, form)
	r.Header.Set("X-Twilio-Signature", twiliotest.Sign(twiliotest.AuthToken, signedURL, form))
	return r
}

// TestDeliveriesOnce has one failure come many times at once, and as many others as are remembered.
func TestDeliveriesOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	told := map[bridge.Undelivered]int{}
	_, h := newPair(t, func(c *bridge.Config) {
		c.OnUndelivered = func(u bridge.Undelivered) {
			mu.Lock()
			defer mu.Unlock()
			told[u]++
		}
	})
	deliveries := h.Deliveries()
	report := func(receipt string) {
		form := deliveryForm("failed", "63016")
		form.Set("DeliveryReceiptSid", receipt)
		serve(deliveries, twiliotest.Post(deliveriesURL, form))
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { report("DY00000000000000000000000000000001") })
	}
	all.Wait()
	if len(told) != 1 || told[bridge.Undelivered{ConversationSID: "CH00000000000000000000000000000001", MessageSID: "IM00000000000000000000000000000001", ParticipantSID: "MB00000000000000000000000000000001", ReceiptSID: "DY00000000000000000000000000000001", Status: "failed", ErrorCode: 63016}] != 1 {
		t.Errorf("told %v, want one failure once", told)
	}
	report("DY00000000000000000000000000000002")
	report("DY00000000000000000000000000000001")
	if len(told) != 2 {
		t.Errorf("told %v, want two failures", told)
	}
}

// TestDeliveriesURL has the bridge stand behind a proxy.
func TestDeliveriesURL(t *testing.T) {
	t.Parallel()
	const signed = "https://hooks.example.com/twilio/deliveries"
	tests := []struct{ name, public, deliveries, signed string }{
		{"its own URL", webhookURL, signed, signed},
		{"host of the public URL, path of the request", "https://hooks.example.com/whatsapp", "", "https://hooks.example.com/internal"},
		{"nothing is set", "", "", "http://10.0.0.7/internal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, h := newPair(t, func(c *bridge.Config) { c.PublicURL, c.DeliveriesURL = test.public, test.deliveries })
			form := deliveryForm("failed", "63016")
			r := twiliotest.Post("http://10.0.0.7/internal", form)
			r.Header.Set("X-Twilio-Signature", twiliotest.Sign(twiliotest.AuthToken, test.signed, form))
			if w := serve(h.Deliveries(), r); w.Code != http.StatusNoContent {
				t.Errorf("answered %d", w.Code)
			}
		})
	}
}
