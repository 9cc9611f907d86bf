package bridge

import (
	"net/url"
	"strings"
	"testing"
)

// Customers without a number are accepted by their ID. An ID with letters leaves room for the next parameter's name, so it must be
// said twice.
func TestCustomerAddresses(t *testing.T) {
	t.Parallel()
	const (
		id      = "whatsapp:US.13491208655302741918"
		letters = "whatsapp:US.aB3"
		parent  = "whatsapp:US.ENT.11815799212886844830"
	)
	for _, c := range []struct {
		name, from, to, externalID, parentID string
		ok                                   bool
	}{
		{"a number", "whatsapp:+15558675310", "", id, "", true},
		{"an SMS number", "+15558675310", "", "", "", true},
		{"an ID", id, "", id, "", true},
		{"an ID, not repeated", id, "", "", "", true},
		{"an ID with letters", letters, "", letters, "", true},
		{"an enterprise's ID", parent, "", id, "", true},
		{"an enterprise's ID with letters", "whatsapp:US.ENT.aB3", "", id, "whatsapp:US.ENT.aB3", true},
		{"an ID with letters, not repeated", letters, "", "", "", false},
		{"the next parameter's name and value", id + "Latitude1", "", id, "", false},
		{"the same with both names", "whatsapp:US.1Forwardedfalse", "", "whatsapp:US.1", "", false},
		{"small letters", "whatsapp:us.123", "", "", "", false},
		{"nothing behind the point", "whatsapp:US.", "", "", "", false},
		{"too long", "whatsapp:US." + strings.Repeat("1", 129), "", "", "", false},
		{"a number with a point", "whatsapp:+1.5", "", "", "", false},
		{"a business with an ID", id, id, id, "", false},
		{"a malformed ExternalUserId beside a number", "whatsapp:+15558675310", "", "US-1", "", true},
	} {
		p := newParameters(url.Values{}, url.Values{"From": {c.from}, "To": {"whatsapp:+14155238886"}, "MessageSid": {"SM" + strings.Repeat("0", 32)}})
		for name, value := range map[string]string{"To": c.to, "ExternalUserId": c.externalID, "ParentExternalUserId": c.parentID} {
			if value != "" {
				p[name] = []string{value}
			}
		}
		if err := checkInbound(p); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The lane of a customer stays the same when the customer takes a username.
func TestLaneOfCustomer(t *testing.T) {
	t.Parallel()
	const number, id, to = "whatsapp:+15558675310", "whatsapp:US.13491208655302741918", "whatsapp:+14155238886"
	for _, c := range []struct{ from, externalID, want string }{
		{number, "", number + " " + to},
		{number, id, id + " " + to},
		{id, id, id + " " + to},
		{id, "", id + " " + to},
		{number, "US-1", number + " " + to},
	} {
		p := newParameters(url.Values{}, url.Values{"From": {c.from}, "To": {to}, "ExternalUserId": {c.externalID}})
		if got := lane(p); got != c.want {
			t.Errorf("From %s, ExternalUserId %q: lane %q, want %q", c.from, c.externalID, got, c.want)
		}
	}
}

// Errors for logs name neither a number nor an ID.
func TestCallErrorHidesCustomers(t *testing.T) {
	t.Parallel()
	err := &callError{operation: "create", status: 400, code: 50407, message: "whatsapp:US.13491208655302741918 and whatsapp:+15558675310 are wrong"}
	if got, want := err.Error(), "create: 400/50407 whatsapp:… and whatsapp:+… are wrong"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
