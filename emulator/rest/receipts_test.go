package rest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// deliveries is a message to phones, whose deliveries are reported by hand.
type deliveries struct {
	*tester
	path         string
	message      reply
	participants []string
}

func newDeliveries(c *tester, phones int) deliveries {
	c.t.Helper()
	c.post("/v1/Conversations", "UniqueName", "c")
	l := deliveries{tester: c}
	for i := range phones {
		l.participants = append(l.participants, c.post("/v1/Conversations/c/Participants", "MessagingBinding.Address",
			"whatsapp:+1555867530"+strconv.Itoa(i), "MessagingBinding.ProxyAddress", sandbox).text("sid"))
	}
	l.message = c.post("/v1/Conversations/c/Messages", "Body", "x")
	l.path = "/v1/Conversations/c/Messages/" + l.message.text("sid")
	return l
}

func (l deliveries) report(phone int, status twilio.Status, code int) {
	l.t.Helper()
	err := l.api.ReportDelivery(l.t.Context(), conversations.DeliveryReport{ConversationSID: l.message.text("conversation_sid"),
		MessageSID: l.message.text("sid"), ParticipantSID: l.participants[phone], Status: status, ErrorCode: code,
		ChannelMessageSID: "SM" + strings.Repeat(strconv.Itoa(phone), 32)})
	if err != nil {
		l.t.Fatal(err)
	}
}

func TestReceiptsGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	l := newDeliveries(c, 2)
	l.report(0, twilio.StatusSent, 0)
	c.advance("2s")
	l.report(0, twilio.StatusRead, 0)
	l.report(1, twilio.StatusFailed, 63015)
	golden(t, "message_delivered", c.get(l.path).body)
	first := c.get(l.path + "/Receipts?PageSize=1").field("delivery_receipts").([]any)[0].(map[string]any)["sid"].(string)
	golden(t, "receipt", c.get(l.path+"/Receipts/"+first).body)
	golden(t, "service_receipts_page", c.get("/v1/Services/"+c.service()+l.path[len("/v1"):]+"/Receipts").body)
}

// The summary counts a read message as delivered and sent too, and no receipt goes back or on from its end.
func TestDeliverySummary(t *testing.T) {
	t.Parallel()
	const sent, delivered, read = twilio.StatusSent, twilio.StatusDelivered, twilio.StatusRead
	const failed, undelivered = twilio.StatusFailed, twilio.StatusUndelivered
	type report struct {
		phone  int
		status twilio.Status
	}
	for name, s := range map[string]struct {
		reports []report
		want    string // total sent delivered read failed undelivered
	}{
		"one sent":                     {[]report{{0, sent}}, "1 all none none none none"},
		"delivered, others sent":       {[]report{{0, delivered}, {1, sent}, {2, sent}}, "3 all some none none none"},
		"all read":                     {[]report{{0, read}, {1, read}, {2, read}}, "3 all all all none none"},
		"one failed":                   {[]report{{0, sent}, {1, failed}}, "2 some none none some none"},
		"all undelivered":              {[]report{{0, undelivered}, {1, undelivered}}, "2 none none none none all"},
		"a late report":                {[]report{{0, delivered}, {0, sent}}, "1 all all none none none"},
		"the same report twice":        {[]report{{0, delivered}, {0, delivered}}, "1 all all none none none"},
		"read after failed":            {[]report{{0, failed}, {0, read}}, "1 none none none all none"},
		"failed after read":            {[]report{{0, read}, {0, failed}}, "1 all all all none none"},
		"undelivered after sent":       {[]report{{0, sent}, {0, undelivered}}, "1 none none none none all"},
		"sent, delivered, read by one": {[]report{{0, sent}, {0, delivered}, {0, read}, {1, sent}}, "2 all some some none none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newDeliveries(newAPI(t, nil), 3)
			for _, r := range s.reports {
				l.report(r.phone, r.status, 0)
			}
			r := l.get(l.path)
			got := strconv.Itoa(int(r.field("delivery.total").(float64)))
			for _, part := range []string{"sent", "delivered", "read", "failed", "undelivered"} {
				got += " " + r.text("delivery."+part)
			}
			if got != s.want {
				t.Errorf("delivery = %s, want %s", got, s.want)
			}
		})
	}
}

// A read receipt moves the phone's read horizon; reports about what is gone change nothing.
func TestReceiptsAndTheirSurroundings(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	l := newDeliveries(c, 1)
	if c.get(l.path).field("delivery") != nil {
		t.Error("there is a summary before the first receipt")
	}
	l.report(0, twilio.StatusRead, 0)
	if p := c.get("/v1/Conversations/c/Participants/" + l.participants[0]); p.field("last_read_message_index") != 0.0 || p.text("last_read_timestamp") == "" {
		t.Errorf("after a read receipt: %s", p.body)
	}
	receipt := c.get(l.path + "/Receipts").field("delivery_receipts").([]any)[0].(map[string]any)["sid"].(string)
	foreign := c.as(foreignSID, authToken)
	for _, path := range []string{l.path + "/Receipts/" + receipt, l.path + "/Receipts"} {
		foreign.refused(foreign.do("GET", path, nil), 404, 20404, "")
	}
	c.refused(c.do("GET", l.path+"/Receipts/DY1", nil), 404, 20404, "")
	if r := c.get(l.path + "/Receipts?PageSize=1000"); r.field("meta.page_size") != 50.0 {
		t.Errorf("page_size = %v, want 50", r.field("meta.page_size"))
	}
	c.del(l.path)
	l.report(0, twilio.StatusRead, 0)
	c.refused(c.do("GET", l.path+"/Receipts/"+receipt, nil), 404, 20404, "")
	c.del("/v1/Conversations/c")
	l.report(0, twilio.StatusRead, 0)
}

// An author who becomes somebody else is another participant; who has left stays the author of their messages.
func TestParticipantOfAMessage(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	agent := c.post("/v1/Conversations/c/Participants", "Identity", "agent").text("sid")
	phone := c.post("/v1/Conversations/c/Participants", "MessagingBinding.Address", ada, "MessagingBinding.ProxyAddress", sandbox).text("sid")
	message := c.post("/v1/Conversations/c/Messages", "Author", "agent", "Body", "x")
	self := "/v1/Conversations/c/Messages/" + message.text("sid")
	if got := message.text("participant_sid"); got != agent {
		t.Errorf("participant_sid = %q, want %s", got, agent)
	}
	if got := c.post(self, "Author", ada).text("participant_sid"); got != phone {
		t.Errorf("participant_sid = %q, want %s", got, phone)
	}
	c.del("/v1/Conversations/c/Participants/" + phone)
	if got := c.post(self, "Body", "y").text("participant_sid"); got != phone {
		t.Errorf("after the participant left, participant_sid = %q, want %s", got, phone)
	}
	if got := c.post(self, "Author", "somebody").field("participant_sid"); got != nil {
		t.Errorf("participant_sid of a stranger = %v, want null", got)
	}
	c.refused(c.try(self, "Subject", strings.Repeat("x", 257)), 400, 20001, "Invalid value for parameter Subject")
}
