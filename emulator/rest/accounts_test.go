package rest_test

import (
	"net/url"
	"strings"
	"testing"

	messaging "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

const accountPath = "https://api.twilio.com/2010-04-01/Accounts/" + accountSID

// A key logs in wherever the token does, for as long as it is not revoked, and its secret is shown once.
func TestAPIKeys(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	created := c.post(accountPath+"/Keys.json", "FriendlyName", "n8n")
	key, secret := created.text("sid"), created.text("secret")
	if !strings.HasPrefix(key, "SK") || len(secret) != 32 || created.text("friendly_name") != "n8n" || created.status != 201 {
		t.Fatalf("created: %d %s", created.status, created.body)
	}
	byKey := c.as(key, secret)
	conversation := byKey.post("/v1/Conversations", "FriendlyName", "by key")
	if conversation.text("account_sid") != accountSID {
		t.Errorf("the conversation of a key belongs to %s", conversation.text("account_sid"))
	}
	message := byKey.post(messagesPath+".json", "To", ada, "From", sandbox, "Body", "by key")
	byKey.get(accountPath + "/Messages/" + message.text("sid") + ".json")
	c.refused(byKey.do("GET", strings.Replace(messagesPath, accountSID, foreignSID, 1)+".json", nil), 404, 20404, "")
	for _, path := range []string{accountPath + "/Keys.json", accountPath + "/Keys/" + key + ".json", accountPath + "/SigningKeys/" + key + ".json"} {
		if r := byKey.get(path); strings.Contains(string(r.body), secret) || !strings.Contains(string(r.body), key) {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	renamed := c.post(accountPath+"/Keys/"+key+".json", "FriendlyName", "n8n, the second")
	if renamed.text("friendly_name") != "n8n, the second" || renamed.field("secret") != nil {
		t.Errorf("renamed: %s", renamed.body)
	}
	c.refused(c.try(accountPath+"/Keys.json", "FriendlyName", strings.Repeat("x", 65)), 400, 20001, "Invalid value for parameter FriendlyName")

	// What is no key, or none any more.
	for _, wrong := range [][2]string{{key, "wrong"}, {key, authToken}, {key, ""}, {accountSID, secret}, {"SK" + strings.Repeat("0", 32), secret}, {"", secret}} {
		c.refused(c.as(wrong[0], wrong[1]).do("GET", "/v1/Conversations", nil), 401, 20003, "Authenticate")
	}
	c.refused(c.as(foreignSID, authToken).do("DELETE", accountPath+"/Keys/"+key+".json", nil), 404, 20404, "")
	c.del(accountPath + "/Keys/" + key + ".json")
	c.refused(byKey.do("GET", "/v1/Conversations", nil), 401, 20003, "Authenticate")
	c.refused(byKey.do("GET", messagesPath+".json", nil), 401, 20003, "Authenticate")
	c.refused(c.do("GET", accountPath+"/Keys/"+key+".json", nil), 404, 20404, "")
}

// What a program asks for to test its connection.
func TestTheAccountItsNumbersAndItsBalance(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	golden(t, "account", c.get(accountPath+".json").body)
	golden(t, "accounts_page", c.get("https://api.twilio.com/2010-04-01/Accounts.json").body)
	golden(t, "balance", c.get(accountPath+"/Balance.json").body)
	golden(t, "numbers_page", c.get(accountPath+"/IncomingPhoneNumbers.json").body)
	c.refused(c.do("GET", strings.Replace(accountPath, accountSID, foreignSID, 1)+".json", nil), 404, 20404,
		"The requested resource /2010-04-01/Accounts/"+foreignSID+".json was not found")
	if r := c.post(accountPath+".json", "FriendlyName", "Acme"); r.text("friendly_name") != "Acme" {
		t.Errorf("renamed: %s", r.body)
	}
	c.refused(c.try(accountPath+".json", "Status", "suspended"), 400, 20001, "")
	for query, want := range map[string]int{"": 1, "?FriendlyName=Acme": 1, "?FriendlyName=Other": 0, "?Status=active": 1, "?Status=closed": 0} {
		r := c.get("https://api.twilio.com/2010-04-01/Accounts.json" + query)
		if list, _ := r.field("accounts").([]any); len(list) != want {
			t.Errorf("%q lists %d accounts, want %d", query, len(list), want)
		}
	}
	c.refused(c.do("GET", "https://api.twilio.com/2010-04-01/Accounts.json?Status=odd", nil), 400, 20001, "Invalid value for parameter Status")
}

// The numbers of an account are its senders of SMS.
func TestIncomingPhoneNumbers(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	for _, address := range []string{"+13115552368", "+18005550100", ownSender, "+4915123456789"} {
		if _, err := c.api.CreateSender(t.Context(), conversations.Sender{AccountSID: accountSID, Address: address}); err != nil {
			t.Fatal(err)
		}
	}
	at := accountPath + "/IncomingPhoneNumbers"
	for query, want := range map[string]string{
		".json":                                 "+13115552368 +18005550100 +4915123456789",
		".json?PhoneNumber=%2B13115552368":      "+13115552368",
		".json?PhoneNumber=311555****":          "+13115552368",
		".json?PhoneNumber=555":                 "+13115552368 +18005550100",
		".json?FriendlyName=%2B18005550100":     "+18005550100",
		".json?Beta=false&Origin=twilio":        "+13115552368 +18005550100 +4915123456789",
		".json?Origin=hosted":                   "",
		"/TollFree.json":                        "+18005550100",
		"/Local.json?PhoneNumber=49":            "+4915123456789",
		"/Mobile.json":                          "",
		".json?PageSize=2":                      "+13115552368 +18005550100",
		".json?PageSize=2&Page=1&PageToken=PA1": "+4915123456789",
	} {
		list, _ := c.get(at + query).field("incoming_phone_numbers").([]any)
		var got []string
		for _, item := range list {
			got = append(got, item.(map[string]any)["phone_number"].(string))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
	numbers, err := c.messagingSDK().ListIncomingPhoneNumber(new(messaging.ListIncomingPhoneNumberParams).SetPageSize(1))
	if err != nil || len(numbers) != 3 {
		t.Fatalf("twilio-go lists %d numbers, %v", len(numbers), err)
	}
	one := c.get(at + "/" + *numbers[0].Sid + ".json")
	if one.text("phone_number") != "+13115552368" || one.field("capabilities.sms") != true || one.text("uri") != strings.TrimPrefix(at, "https://api.twilio.com")+"/"+*numbers[0].Sid+".json" {
		t.Errorf("%s", one.body)
	}
	c.refused(c.do("GET", at+"/PN"+strings.Repeat("0", 32)+".json", nil), 404, 20404, "")
}

// A path without .json is answered in XML, also when it is refused; who follows a URI gets XML again.
func TestPathsWithoutJSONAreXML(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	created := c.post(messagesPath, "To", ada, "From", sandbox, "Body", "<Hola> & \"adiós\"")
	text := string(created.body)
	for _, part := range []string{`<?xml version="1.0" encoding="UTF-8"?>`, "<TwilioResponse><Message><AccountSid>" + accountSID + "</AccountSid>",
		"<Body>&lt;Hola&gt; &amp; &#34;adiós&#34;</Body>", "<NumMedia>0</NumMedia>", "<ErrorCode></ErrorCode>", "<Status>queued</Status>",
		"</Message></TwilioResponse>"} {
		if !strings.Contains(text, part) {
			t.Errorf("the message has no %s: %s", part, text)
		}
	}
	if created.status != 201 || created.header.Get("Content-Type") != "application/xml" || strings.Contains(text, ".json") {
		t.Errorf("%d %s %s", created.status, created.header.Get("Content-Type"), text)
	}
	_, after, _ := strings.Cut(text, "<Uri>")
	uri, _, _ := strings.Cut(after, "</Uri>")
	if followed := c.get("https://api.twilio.com" + uri); !strings.Contains(string(followed.body), "<Message>") {
		t.Errorf("%s leads to %s", uri, followed.body)
	}
	c.post(messagesPath, "To", ada, "From", sandbox, "Body", "another")
	page := string(c.get(messagesPath + "?PageSize=1&To=" + url.QueryEscape(ada)).body)
	for _, part := range []string{"<Messages ", ` page="0"`, ` pagesize="1"`, ` start="0"`, ` nextpageuri="/2010-04-01/Accounts/` + accountSID + `/Messages?To=`, "<Message>", "</Messages>"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page has no %s: %s", part, page)
		}
	}
	if account := string(c.get(accountPath).body); !strings.Contains(account, "<Account>") || !strings.Contains(account, "<Messages>/2010-04-01/Accounts/"+accountSID+"/Messages</Messages>") {
		t.Errorf("the account is %s", account)
	}
	c.refusedInXML(c.try(messagesPath, "From", sandbox, "Body", "x"), 400, 21604, "A 'To' phone number is required.")
	c.refusedInXML(c.as(accountSID, "wrong").do("GET", messagesPath, nil), 401, 20003, "Authenticate")
	c.refusedInXML(c.do("GET", messagesPath+"/SM"+strings.Repeat("0", 32), nil), 404, 20404,
		"The requested resource /2010-04-01/Accounts/"+accountSID+"/Messages/SM"+strings.Repeat("0", 32)+" was not found")
	c.refusedInXML(c.do("GET", accountPath+"/Calls", nil), 404, 20404, "The requested resource /2010-04-01/Accounts/"+accountSID+"/Calls was not found")
	if r := c.do("PUT", "https://api.twilio.com"+uri, nil); r.status != 405 {
		t.Errorf("PUT: %d %s", r.status, r.body)
	}
}

// The old name of messages is refused so that one sees why.
func TestOldSMSMessagesAreRefused(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	const why = "/SMS/Messages is the old name of a resource that is no longer served: use /Messages"
	c.refusedInXML(c.do("GET", accountPath+"/SMS/Messages", nil), 404, 20404, why)
	c.refusedInXML(c.try(accountPath+"/SMS/Messages/SM"+strings.Repeat("0", 32), "Body", ""), 404, 20404, why)
	c.refused(c.try(accountPath+"/SMS/Messages.json", "To", ada), 404, 20404, why)
}
