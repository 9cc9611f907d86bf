package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/client"
	services "github.com/twilio/twilio-go/rest/messaging/v1"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const servicesPath = "https://messaging.twilio.com/v1/Services"

// The service that Configuration names can be read, and is in the list.
func TestTheDefaultMessagingService(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	named := c.get("/v1/Configuration").text("default_messaging_service_sid")
	fetched := c.get(servicesPath + "/" + named)
	golden(t, "messaging_service", fetched.body)
	golden(t, "messaging_services_page", c.get(servicesPath).body)
	byPath := c.get("http://localhost/messaging/v1/Services/" + named)
	if byPath.text("url") != "http://localhost/messaging/v1/Services/"+named {
		t.Errorf("by path: %s", byPath.body)
	}
	c.refused(c.do("DELETE", servicesPath+"/"+named, nil), 409, 20409, "")
	c.refused(c.as(foreignSID, authToken).do("GET", servicesPath+"/"+named, nil), 404, 20404, "The requested resource /Services/"+named+" was not found")
	if r := c.post(servicesPath+"/"+named, "FriendlyName", "Desk", "InboundMethod", "get", "StickySender", "false"); r.text("friendly_name") != "Desk" ||
		r.text("inbound_method") != "GET" || r.field("sticky_sender") != false {
		t.Errorf("changed: %s", r.body)
	}
	if r := c.get(servicesPath); r.field("services").([]any)[0].(map[string]any)["friendly_name"] != "Desk" || len(r.field("services").([]any)) != 1 {
		t.Errorf("listed: %s", r.body)
	}
}

// A service has senders, and a message that names it goes out from one of them.
func TestMessagingServicesThroughTwilioGo(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	number, err := c.api.CreateSender(t.Context(), conversations.Sender{AccountSID: accountSID, Address: "+13115552399"})
	if err != nil {
		t.Fatal(err)
	}
	channel, err := c.api.FindSender(t.Context(), ownSender)
	if err != nil {
		t.Fatal(err)
	}
	requester := &client.Client{Credentials: client.NewCredentials(c.user, c.password), HTTPClient: &http.Client{Transport: inMemory(t, c.handler)}}
	sdk := services.NewApiServiceWithClient(requester)
	made, err := sdk.CreateService(new(services.CreateServiceParams).SetFriendlyName("Desk").SetStatusCallback("https://example.com/status"))
	if err != nil {
		t.Fatal(err)
	}
	sid := *made.Sid
	c.refused(c.try(messagesPath+".json", "To", ada, "MessagingServiceSid", sid, "Body", "x"), 400, 21703, "")
	c.refused(c.try(messagesPath+".json", "To", ada, "MessagingServiceSid", "MG"+strings.Repeat("0", 32), "Body", "x"), 400, 21701, "")
	if _, err := sdk.CreatePhoneNumber(sid, new(services.CreatePhoneNumberParams).SetPhoneNumberSid(number.SID)); err != nil {
		t.Fatal(err)
	}
	if _, err := sdk.CreateChannelSender(sid, new(services.CreateChannelSenderParams).SetSid(channel.SID)); err != nil {
		t.Fatal(err)
	}
	c.refused(c.try(servicesPath+"/"+sid+"/PhoneNumbers", "PhoneNumberSid", number.SID), 409, 21710, "")
	c.refused(c.try(servicesPath+"/"+sid+"/PhoneNumbers", "PhoneNumberSid", channel.SID), 400, 20001, "Invalid value for parameter PhoneNumberSid")
	c.refused(c.try(servicesPath+"/"+sid+"/ChannelSenders"), 400, 20001, "Missing required parameter Sid in the post body")
	numbers, err := sdk.ListPhoneNumber(sid, nil)
	if err != nil || len(numbers) != 1 || *numbers[0].PhoneNumber != "+13115552399" || *numbers[0].CountryCode != "US" {
		t.Errorf("numbers: %+v, %v", numbers, err)
	}
	senders, err := sdk.ListChannelSender(sid, nil)
	if err != nil || len(senders) != 1 || *senders[0].Sender != ownSender {
		t.Errorf("senders: %+v, %v", senders, err)
	}
	sent := c.post(messagesPath+".json", "To", ada, "MessagingServiceSid", sid, "Body", "from the pool")
	c.settle()
	if now := c.get(messagesPath + "/" + sent.text("sid") + ".json"); now.text("from") != ownSender || now.text("messaging_service_sid") != sid {
		t.Errorf("sent: %s", now.body)
	}
	if err := sdk.DeleteChannelSender(sid, channel.SID); err != nil {
		t.Fatal(err)
	}
	c.refused(c.do("GET", servicesPath+"/"+sid+"/ChannelSenders/"+channel.SID, nil), 404, 20404, "")
	if err := sdk.DeleteService(sid); err != nil {
		t.Fatal(err)
	}
	c.refused(c.do("GET", servicesPath+"/"+sid, nil), 404, 20404, "")
	c.refused(c.try(messagesPath+".json", "To", ada, "MessagingServiceSid", sid, "Body", "x"), 400, 21701, "")
	list, err := sdk.ListService(nil)
	if err != nil || len(list) != 1 {
		t.Errorf("services: %d, %v", len(list), err)
	}
}

func TestMessagingServicesRefuse(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.refused(c.try(servicesPath), 400, 20001, "Missing required parameter FriendlyName in the post body")
	for name, value := range map[string]string{"FriendlyName": strings.Repeat("x", 65), "InboundRequestUrl": "ftp://x", "FallbackUrl": "x", "StatusCallback": "x",
		"InboundMethod": "PUT", "FallbackMethod": "PUT", "ScanMessageContent": "no", "ValidityPeriod": "36001", "StickySender": "maybe"} {
		form := []string{"FriendlyName", "Desk", name, value}
		c.refused(c.try(servicesPath, form...), 400, 20001, "")
	}
}

// What phones write to the senders of a service is told to the service's URL, and its status callback hears of its messages.
func TestTheURLsOfAMessagingService(t *testing.T) {
	t.Parallel()
	customer := &customerLog{}
	c := newMessaging(t, customer)
	channel, err := c.api.FindSender(t.Context(), ownSender)
	if err != nil {
		t.Fatal(err)
	}
	service := c.post(servicesPath, "FriendlyName", "Desk", "InboundRequestUrl", "https://example.com/in", "StatusCallback", "https://example.com/status").text("sid")
	write := func(text string) {
		t.Helper()
		if _, err := c.phones.Receive(t.Context(), whatsapp.Inbound{From: ada, To: ownSender, Body: text}); err != nil {
			t.Fatal(err)
		}
		c.settle()
	}
	write("before")
	c.post(servicesPath+"/"+service+"/ChannelSenders", "Sid", channel.SID)
	write("after")
	if f := customer.form(0); f.Get("Body") != "after" || f.Get("MessagingServiceSid") != service || f.Get("To") != ownSender || customer.calls[0].path != "in" {
		t.Errorf("the service's URL was told %v", f)
	}
	c.post(servicesPath+"/"+service, "UseInboundWebhookOnNumber", "true")
	write("to the number")
	c.post(messagesPath+".json", "To", ada, "MessagingServiceSid", service, "Body", "x")
	c.settle()
	if f := customer.form(1); f.Get("MessageStatus") == "" || f.Get("MessagingServiceSid") != service || customer.calls[1].path != "status" {
		t.Errorf("the status callback was told %v", f)
	}
	told := len(customer.calls)
	c.post(messagesPath+".json", "To", ada, "MessagingServiceSid", service, "Body", "x", "StatusCallback", "https://example.com/own")
	c.settle()
	if len(customer.calls) == told || customer.calls[told].path != "own" {
		t.Errorf("the message's own status callback was not told: %v", customer.calls[told:])
	}
}
