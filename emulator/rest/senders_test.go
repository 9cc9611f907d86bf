package rest_test

import (
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// own gives senders to the account of the tests.
func (c *tester) own(addresses ...string) {
	c.t.Helper()
	for _, address := range addresses {
		if _, err := c.api.CreateSender(c.t.Context(), conversations.Sender{AccountSID: c.user, Address: address}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// A WhatsApp proxy must be a sender; a number only where the account lists its numbers.
func TestProxiesMustBeSenders(t *testing.T) {
	t.Parallel()
	const (
		whatsApp, theirs    = "whatsapp:+13115552368", "whatsapp:+13115552369"
		number, otherNumber = "+13115552368", "+13115552369"
	)
	c := newAPI(t, nil)
	c.own(whatsApp)
	c.as(foreignSID, authToken).own(theirs, otherNumber)
	c.post("/v1/Conversations", "UniqueName", "c")
	add := func(address, proxy string) reply {
		return c.try("/v1/Conversations/c/Participants", "MessagingBinding.Address", address, "MessagingBinding.ProxyAddress", proxy)
	}
	c.want(2, add(ada, whatsApp))
	c.want(2, add(ada, sandbox))
	c.refused(add(ada, theirs), 403, 50413, "Account is not authorized to use proxy address")
	c.refused(add(ada, "whatsapp:+13115550000"), 400, 50415, "Proxy address is not WhatsApp enabled sender")
	c.refused(add(theirs, whatsApp), 400, 50407, "Invalid messaging binding address")
	c.want(2, add("+15558675310", number)) // the account lists no numbers yet
	c.refused(add("+15558675311", otherNumber), 403, 50413, "")
	c.own("+13115550001")
	c.refused(add("+15558675312", number), 403, 50413, "")
	c.want(2, add("+15558675312", "+13115550001"))
}

func TestSenders(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.own("whatsapp:+13115552368", "+13115552368")
	for _, r := range []struct {
		sender conversations.Sender
		want   string
	}{
		{conversations.Sender{AccountSID: accountSID, Address: "13115552368"}, "E.164"},
		{conversations.Sender{AccountSID: accountSID, Address: sandbox}, "share"},
		{conversations.Sender{AccountSID: foreignSID, Address: "+13115552368"}, "belongs to account " + accountSID},
		{conversations.Sender{AccountSID: "AC1", Address: "+13115552369"}, "AC1 does not exist"},
		{conversations.Sender{AccountSID: accountSID, Address: "+13115552369", MessagingServiceSID: "MG1"}, "MG1"},
	} {
		if _, err := c.api.CreateSender(t.Context(), r.sender); err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("CreateSender(%+v) = %v, want a text with %q", r.sender, err, r.want)
		}
	}
	if err := c.api.DeleteSender(t.Context(), foreignSID, "+13115552368"); err == nil {
		t.Error("another account took a sender away")
	}
	found, err := c.api.FindSender(t.Context(), "+13115552368")
	if err != nil || found.AccountSID != accountSID {
		t.Errorf("FindSender = %+v, %v", found, err)
	}
	if err := c.api.DeleteSender(t.Context(), accountSID, "+13115552368"); err != nil {
		t.Error(err)
	}
	if _, err := c.api.FindSender(t.Context(), "+13115552368"); !twilio.IsNotFound(err) {
		t.Errorf("FindSender after its deletion: %v", err)
	}
	list, err := c.api.ListSenders(t.Context(), accountSID)
	if err != nil || len(list) != 1 || list[0].Address != "whatsapp:+13115552368" {
		t.Errorf("ListSenders = %+v, %v", list, err)
	}
	if theirs, err := c.api.ListSenders(t.Context(), foreignSID); err != nil || len(theirs) != 0 {
		t.Errorf("ListSenders of another account = %+v, %v", theirs, err)
	}
}
