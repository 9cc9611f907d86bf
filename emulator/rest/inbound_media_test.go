package rest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

// photo sends a photo from a phone to the account's sandbox and returns its MediaUrl0.
func (c *tester) photo() string {
	c.t.Helper()
	const phone = "+15558675310"
	if _, err := c.phones.FetchSettings(c.t.Context(), accountSID); err != nil {
		code := "cloud-forgot"
		if err := c.addSandbox(whatsapp.SettingsParams{JoinCode: &code}); err != nil {
			c.t.Fatal(err)
		}
	}
	content, err := fixtures.Read(fixtures.Photo)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.phones.Receive(c.t.Context(), whatsapp.Inbound{From: phone, Body: "join cloud-forgot"}); err != nil {
		c.t.Fatal(err)
	}
	m, err := c.phones.Receive(c.t.Context(), whatsapp.Inbound{From: phone, File: &whatsapp.InboundFile{Content: content}})
	if err != nil {
		c.t.Fatal(err)
	}
	return "https://api.twilio.com/2010-04-01/Accounts/" + accountSID + "/Messages/" + m.SID + "/Media/" + m.Media[0].SID
}

// turn changes switches.
func (c *tester) turn(change string) {
	c.t.Helper()
	if _, err := c.phones.UpdateSwitches(c.t.Context(), json.RawMessage(change)); err != nil {
		c.t.Fatal(err)
	}
}

const secondHost = "https://mms.twiliocdn.com/"

// Reference, WhatsApp and messaging 4.1: credentials, then a signed link on a second host that takes none.
func TestInboundMediaIsOnASecondHost(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	at := c.photo()
	nobody := c.as("", "")
	c.refusedInXML(nobody.do("GET", at, nil), 401, 20003, "")
	c.refusedInXML(c.as(foreignSID, authToken).do("GET", at, nil), 404, 20404, "")
	redirect := c.do("GET", at, nil)
	link := redirect.header.Get("Location")
	if redirect.status != 307 || !strings.HasPrefix(link, secondHost+accountSID+"/ME") {
		t.Fatalf("%d %s", redirect.status, link)
	}
	if got := nobody.get(link); got.header.Get("Content-Type") != "image/jpeg" || len(got.body) < 100 {
		t.Errorf("the link leads to %d bytes of type %s", len(got.body), got.header.Get("Content-Type"))
	}
	c.refusesCredentials(link)
	c.refused(nobody.do("GET", strings.Replace(link, "Signature=", "Signature=x", 1), nil), 403, 20403, "")
	c.refused(nobody.do("GET", strings.Replace(link, accountSID, foreignSID, 1), nil), 404, 20404, "")
	c.advance("299s")
	nobody.get(link)
	c.advance("1s")
	c.refused(nobody.do("GET", link, nil), 403, 20403, "Forbidden: the link has expired")
}

// refusesCredentials checks that a link is refused with an Authorization header, as by the network that serves Twilio's files.
func (c *tester) refusesCredentials(link string) {
	c.t.Helper()
	if got := c.do("GET", link, nil); got.status != 400 || got.header.Get("Content-Type") != "application/xml" ||
		!strings.Contains(string(got.body), "<Code>InvalidArgument</Code>") {
		c.t.Errorf("GET %s with credentials: %d %s", link, got.status, got.body)
	}
}

// A client that has only a base URL is led to another name of this machine, and where there is none it stays on the host.
func TestInboundMediaUnderABaseURL(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	path := strings.TrimPrefix(c.photo(), "https://api.twilio.com")
	for base, second := range map[string]string{
		"http://127.0.0.1:4155":     "http://localhost:4155",
		"http://127.0.0.1:4155/api": "http://localhost:4155",
		"http://localhost:4155":     "http://127.0.0.1:4155",
		"http://LOCALHOST:4155/api": "http://127.0.0.1:4155",
		"http://[::1]:4155":         "http://localhost:4155",
		"http://127.0.0.1":          "http://localhost",
		"http://emulator:4155":      "",
		"http://192.0.2.7:4155":     "",
	} {
		redirect := c.do("GET", base+path, nil)
		link := redirect.header.Get("Location")
		want := second
		if want == "" {
			want = base
		}
		if redirect.status != 307 || !strings.HasPrefix(link, want+"/mms/"+accountSID+"/ME") {
			t.Fatalf("%s: %d %s", base, redirect.status, link)
		}
		c.as("", "").get(link)
		if second == "" {
			c.get(link)
		} else {
			c.refusesCredentials(link)
		}
	}
}

func TestInboundMediaSwitches(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	nobody := c.as("", "")
	c.turn(`{"media_redirect": false}`)
	path := c.photo()
	if got := c.get(path); got.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("without a second host: %d %s", got.status, got.header)
	}
	c.refusedInXML(nobody.do("GET", path, nil), 401, 20003, "")
	c.turn(`{"media_auth": false}`)
	nobody.get(path)
	c.get(path)
	c.refusedInXML(nobody.do("GET", strings.Replace(path, "/MM", "/MM0", 1), nil), 404, 20404, "")
	c.refusedInXML(nobody.do("DELETE", path, nil), 401, 20003, "")
	c.refused(nobody.do("GET", path+".json", nil), 401, 20003, "")
	c.turn(`{"media_redirect": true}`)
	nobody.get(nobody.do("GET", path, nil).header.Get("Location"))
	c.turn(`{"media_propagation_delay": "2s"}`)
	path = c.photo()
	c.refusedInXML(c.do("GET", path, nil), 404, 20404, "The requested resource "+strings.TrimPrefix(path, "https://api.twilio.com")+" was not found")
	c.advance("1999ms")
	c.refusedInXML(c.do("GET", path, nil), 404, 20404, "")
	c.advance("1ms")
	if got := c.do("GET", path, nil); got.status != 307 {
		t.Errorf("two seconds later: %d", got.status)
	}
}
