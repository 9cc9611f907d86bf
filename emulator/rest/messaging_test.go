package rest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twilio/twilio-go/client"
	messaging "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const messagesPath = "https://api.twilio.com/2010-04-01/Accounts/" + accountSID + "/Messages"

// newMessaging is an API whose first account has a sandbox, which Ada has joined, and a registered sender to which she has
// written. The sandbox has no rate.
func newMessaging(t *testing.T, customer http.RoundTripper) *tester {
	t.Helper()
	c := newAPI(t, customer)
	code, empty := "acme-code", ""
	if err := c.addSandbox(whatsapp.SettingsParams{JoinCode: &code, InboundURL: &empty}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.phones.UpdateSwitches(t.Context(), json.RawMessage(`{"rate_interval":"0s"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.api.CreateSender(t.Context(), conversations.Sender{AccountSID: accountSID, Address: ownSender}); err != nil {
		t.Fatal(err)
	}
	for _, in := range []whatsapp.Inbound{{From: ada, Body: "join acme-code"}, {From: ada, To: ownSender, Body: "Hola"}} {
		if _, err := c.phones.Receive(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	c.settle()
	return c
}

const ownSender = "whatsapp:+13115552368"

func (c *tester) messagingSDK() *messaging.ApiService {
	requester := &client.Client{Credentials: client.NewCredentials(c.user, c.password), HTTPClient: &http.Client{Transport: inMemory(c.t, c.handler)}}
	requester.SetAccountSid(c.user)
	return messaging.NewApiServiceWithClient(requester)
}

// The whole life of a message, through twilio-go.
func TestProgrammableMessagesThroughTwilioGo(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	sdk := c.messagingSDK()
	made, err := sdk.CreateMessage((&messaging.CreateMessageParams{}).SetTo(ada).SetFrom(sandbox).SetBody("Your table is ready"))
	if err != nil {
		t.Fatal(err)
	}
	if *made.Status != "queued" || made.DateSent != nil || *made.Direction != "outbound-api" || made.ErrorCode != nil || !strings.HasPrefix(*made.Sid, "SM") {
		t.Errorf("created %+v", made)
	}
	c.settle()
	read, err := sdk.FetchMessage(*made.Sid, nil)
	if err != nil {
		t.Fatal(err)
	}
	if *read.Status != "read" || *read.Body != "Your table is ready" || read.DateSent == nil {
		t.Errorf("fetched status %s, body %q, sent %v", *read.Status, *read.Body, read.DateSent)
	}
	list, err := sdk.ListMessage((&messaging.ListMessageParams{}).SetPageSize(1)) // through all pages
	if err != nil {
		t.Fatal(err)
	}
	var directions []string
	for _, m := range list {
		directions = append(directions, *m.Direction)
	}
	if !slices.Equal(directions, []string{"outbound-api", "inbound", "inbound"}) || *list[0].Sid != *made.Sid {
		t.Errorf("list = %v, the latest first", directions)
	}
	redacted, err := sdk.UpdateMessage(*made.Sid, (&messaging.UpdateMessageParams{}).SetBody(""))
	if err != nil || *redacted.Body != "" {
		t.Errorf("redacted: %v, %v", redacted, err)
	}
	if err := sdk.DeleteMessage(*made.Sid, nil); err != nil {
		t.Error(err)
	}
	if _, err := sdk.FetchMessage(*made.Sid, nil); err == nil {
		t.Error("a deleted message can be fetched")
	}
	thread, err := c.phones.ListMessages(t.Context(), ada, 0, 0)
	if err != nil || thread[len(thread)-1].Body != "Your table is ready" {
		t.Errorf("the phone has lost what was deleted: %+v, %v", thread, err)
	}
}

// Every operation with every parameter, judged by Twilio's OpenAPI file.
func TestProgrammableMessagingConforms(t *testing.T) {
	t.Parallel()
	spec := loadSpecFile(t, "twilio_api_v2010.json")
	c := newMessaging(t, fileServer(t, "image/png", png))
	const base = "/2010-04-01/Accounts/{AccountSid}/Messages"
	judge := func(method, template, path string, form []string, status int) reply {
		t.Helper()
		op := specOperation{method: method, path: template, Operation: spec.Paths.Value(template).GetOperation(method)}
		for name := range op.form() {
			if method == "POST" && !slices.Contains(form, name) {
				t.Errorf("%s %s: the test does not send %s", method, template, name)
			}
		}
		r := c.do(method, path, nil)
		if method == "POST" {
			r = c.try(path, form...)
		}
		if r.status != status {
			t.Fatalf("%s %s: %d %s, want %d", method, path, r.status, r.body, status)
		}
		validate(t, op, status, r.body)
		return r
	}
	account, err := c.api.FetchAccount(t.Context(), accountSID)
	if err != nil {
		t.Fatal(err)
	}
	whole := []string{"To", ada, "From", sandbox, "MessagingServiceSid", account.DefaultMessagingServiceSID, "Body", "x",
		"MediaUrl", "https://files.example.com/a.png", "ContentSid", "", "ContentVariables", "", "StatusCallback", "https://example.com/status",
		"ApplicationSid", "", "MaxPrice", "1", "ProvideFeedback", "true", "Attempt", "1", "ValidityPeriod", "60", "ForceDelivery", "true",
		"ContentRetention", "retain", "AddressRetention", "retain", "SmartEncoded", "true", "PersistentAction", "geo:37.78789,-122.391664|375 Beale St", "TrafficType", "free",
		"ShortenUrls", "false", "ScheduleType", "fixed", "SendAt", "2026-11-23T10:00:00.000-0800", "SendAsMms", "false", "RiskCheck", "enable", "FallbackFrom", ""}
	later := judge("POST", base+".json", messagesPath+".json", whole, 201)
	if later.text("status") != "scheduled" {
		t.Errorf("with SendAt: %s", later.body)
	}
	one, self := base+"/{Sid}.json", messagesPath+"/"+later.text("sid")
	if r := judge("POST", one, self+".json", []string{"Body", "", "Status", "canceled"}, 200); r.text("status") != "canceled" || r.text("body") != "" {
		t.Errorf("canceled and redacted: %s", r.body)
	}
	if later.text("subresource_uris.feedback") == "" {
		t.Errorf("with ProvideFeedback: %s", later.body)
	}
	feedback := base + "/{MessageSid}/Feedback.json"
	for _, outcome := range []string{"confirmed", "unconfirmed"} {
		if r := judge("POST", feedback, self+"/Feedback.json", []string{"Outcome", outcome}, 200); r.text("outcome") != outcome {
			t.Errorf("feedback: %s", r.body)
		}
	}
	c.refused(c.try(self+"/Feedback.json", "Outcome", "perhaps"), 400, 20001, "Invalid value for parameter Outcome")
	now := c.post(messagesPath+".json", "To", ada, "From", ownSender, "Body", "look", "MediaUrl", "https://files.example.com/a.png")
	c.refused(c.try(messagesPath+"/"+now.text("sid")+"/Feedback.json"), 400, 20001, "")
	c.refused(c.try(messagesPath+"/SM00000000000000000000000000000000/Feedback.json"), 404, 20404, "")
	failed := c.post(messagesPath+".json", "To", "whatsapp:+447700900123", "From", sandbox, "Body", "look")
	c.settle()
	for _, sid := range []string{now.text("sid"), failed.text("sid")} {
		judge("GET", one, messagesPath+"/"+sid+".json", nil, 200)
	}
	const filters = "?To=whatsapp%3A%2B15558675310&From=whatsapp%3A%2B13115552368&DateSent=2026-11-23&DateSent%3C=2026-12-01&DateSent%3E=2026-01-01&PageSize=20"
	if r := judge("GET", base+".json", messagesPath+".json"+filters, nil, 200); len(r.field("messages").([]any)) != 1 {
		t.Errorf("filtered list: %s", r.body)
	}
	media := messagesPath + "/" + now.text("sid") + "/Media"
	list := judge("GET", base+"/{MessageSid}/Media.json", media+".json?DateCreated=2026-11-23&DateCreated%3C=2026-12-01&DateCreated%3E=2026-01-01&PageSize=20", nil, 200)
	files := list.field("media_list").([]any)
	if len(files) != 1 {
		t.Fatalf("files: %s", list.body)
	}
	file := media + "/" + files[0].(map[string]any)["sid"].(string) + ".json"
	judge("GET", base+"/{MessageSid}/Media/{Sid}.json", file, nil, 200)
	judge("DELETE", base+"/{MessageSid}/Media/{Sid}.json", file, nil, 204)
	c.refused(c.do("GET", file, nil), 404, 20404, "")
	judge("DELETE", one, messagesPath+"/"+now.text("sid")+".json", nil, 204)
	c.refused(c.do("GET", messagesPath+"/"+now.text("sid")+".json", nil), 404, 20404, "")
}

// What is refused at once, with the code of each rule, in the order of the rules.
func TestProgrammableRefusals(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	long := strings.Repeat("é", 1601)
	for name, tc := range map[string]struct {
		form []string
		code int
	}{
		"nobody to write to":           {[]string{"From", sandbox, "Body", "x"}, 21604},
		"a number that is none":        {[]string{"To", "whatsapp:555", "From", sandbox}, 21211},
		"a doubled prefix":             {[]string{"To", "+whatsapp:+15558675310", "From", sandbox, "Body", "x"}, 21211},
		"no sender":                    {[]string{"To", ada, "Body", "x"}, 21603},
		"two channels":                 {[]string{"To", ada, "From", "+13115550000"}, 21910},
		"two channels, the other way":  {[]string{"To", "+15558675310", "From", sandbox}, 21910},
		"no such sender":               {[]string{"To", ada, "From", "whatsapp:+13115550000"}, 63007},
		"no such number":               {[]string{"To", "+15558675310", "From", "+13115550000"}, 21606},
		"no such service":              {[]string{"To", ada, "MessagingServiceSid", "MG0123456789abcdef0123456789abcdef", "Body", "x"}, 21701},
		"nothing to say":               {[]string{"To", ada, "From", sandbox, "Body", ""}, 21619},
		"too much to say":              {[]string{"To", ada, "From", sandbox, "Body", long}, 21617},
		"no URL of a file":             {[]string{"To", ada, "From", sandbox, "MediaUrl", "/a.png"}, 21620},
		"a URL of a file too long":     {[]string{"To", ada, "From", sandbox, "MediaUrl", "https://x.example/" + strings.Repeat("x", 4000)}, 21620},
		"a label too long":             {[]string{"To", ada, "From", sandbox, "Body", "x", "PersistentAction", "geo:1,1|" + strings.Repeat("x", 1025)}, 20001},
		"no such template":             {[]string{"To", ada, "From", sandbox, "ContentSid", "HX0123456789abcdef0123456789abcdef"}, 21655},
		"variables that are none":      {[]string{"To", ada, "From", sandbox, "ContentSid", whatsapp.TemplateAppointment, "ContentVariables", "x"}, 21656},
		"no host of a status callback": {[]string{"To", ada, "From", sandbox, "Body", "x", "StatusCallback", "http://my_host.example.com/cb"}, 21609},
		"a status callback too long": {[]string{"To", ada, "From", sandbox, "Body", "x", "StatusCallback",
			"https://example.com/" + strings.Repeat("x", 4080)}, 21609},
		"an empty variable":           {[]string{"To", ada, "From", sandbox, "ContentSid", whatsapp.TemplateAppointment, "ContentVariables", `{"1":""}`}, 21656},
		"a long variable":             {[]string{"To", ada, "From", sandbox, "ContentSid", whatsapp.TemplateAppointment, "ContentVariables", `{"1":"` + strings.Repeat("x", 1601) + `"}`}, 21658},
		"variables without template":  {[]string{"To", ada, "From", sandbox, "Body", "x", "ContentVariables", `{"1":"a"}`}, 21654},
		"no URL of a status callback": {[]string{"To", ada, "From", sandbox, "Body", "x", "StatusCallback", "nowhere"}, 21609},
		"too many files":              {append([]string{"To", ada, "From", sandbox}, slices.Repeat([]string{"MediaUrl", "https://x.example/a"}, 11)...), 21623},
		"no place":                    {[]string{"To", ada, "From", sandbox, "Body", "x", "PersistentAction", "geo:91,0"}, 20001},
		"an action of another kind":   {[]string{"To", ada, "From", sandbox, "Body", "x", "PersistentAction", "mailto:x"}, 20001},
		"two places":                  {[]string{"To", ada, "From", sandbox, "Body", "x", "PersistentAction", "geo:1,1", "PersistentAction", "geo:2,2"}, 20001},
		"no time to wait":             {[]string{"To", ada, "From", sandbox, "Body", "x", "ValidityPeriod", "0"}, 20001},
		"too much time to wait":       {[]string{"To", ada, "From", sandbox, "Body", "x", "ValidityPeriod", "36001"}, 20001},
		"a fallback":                  {[]string{"To", ada, "From", sandbox, "Body", "x", "FallbackFrom", "+13115550000"}, 20001},
		"a TwiML application":         {[]string{"To", ada, "From", sandbox, "Body", "x", "ApplicationSid", "AP0123456789abcdef0123456789abcdef"}, 20001},
		"short links":                 {[]string{"To", ada, "From", sandbox, "Body", "x", "ShortenUrls", "true"}, 20001},
		"a text that is not kept":     {[]string{"To", ada, "From", sandbox, "Body", "x", "ContentRetention", "discard"}, 20001},
		"a number that is not kept":   {[]string{"To", ada, "From", sandbox, "Body", "x", "AddressRetention", "obfuscate"}, 20001},
		"a schedule without service":  {[]string{"To", ada, "From", sandbox, "Body", "x", "ScheduleType", "fixed", "SendAt", "2026-11-23T18:00:00Z"}, 35118},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := *c
			c.t = t
			c.refused(c.try(messagesPath+".json", tc.form...), 400, tc.code, "")
		})
	}
	foreign := c.as(foreignSID, authToken)
	c.refused(foreign.try(messagesPath+".json", "To", ada, "From", sandbox, "Body", "x"), 404, 20404, "")
	theirs := strings.ReplaceAll(messagesPath, accountSID, foreignSID)
	c.refused(foreign.try(theirs+".json", "To", ada, "From", ownSender, "Body", "x"), 400, 63007, "")
}

// The pages, filters and bodies of the API of 2010-04-01.
func TestProgrammableList(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	for _, body := range []string{"one", "two"} {
		c.advance("24h")
		if _, err := c.phones.Receive(t.Context(), whatsapp.Inbound{From: ada, To: ownSender, Body: "Hola"}); err != nil {
			t.Fatal(err)
		}
		c.post(messagesPath+".json", "To", ada, "From", ownSender, "Body", body)
		c.settle()
	}
	count := func(query string) int {
		t.Helper()
		return len(c.get(messagesPath + ".json?" + query).field("messages").([]any))
	}
	for query, want := range map[string]int{
		"": 6, "PageSize=4": 4, "To=whatsapp%3A%2B15558675310": 2, "From=whatsapp%3A%2B15558675310": 4,
		"From=whatsapp%3A%2B15558675310&To=whatsapp%3A%2B14155238886": 1, "To=nobody": 0,
		"DateSent=2026-11-23": 2, "DateSent%3E=2026-11-25": 2, "DateSent%3C=2026-11-24": 4,
		"DateSent=2026-11-24T17:00:00Z": 2, "DateSent%3E=2026-11-24T17:00:00Z&DateSent%3C=2026-11-24T17:00:00Z": 2,
	} {
		if got := count(query); got != want {
			t.Errorf("?%s lists %d, want %d", query, got, want)
		}
	}
	for query, name := range map[string]string{"DateSent=yesterday": "DateSent", "PageSize=0": "PageSize", "PageToken=x": "PageToken"} {
		c.refused(c.do("GET", messagesPath+".json?"+query, nil), 400, 20001, "Invalid value for parameter "+name)
	}
	golden(t, "programmable_messages", c.get(messagesPath+".json?To=whatsapp%3A%2B15558675310&PageSize=1").body)
	failed := c.post(messagesPath+".json", "To", "whatsapp:+447700900123", "From", sandbox, "Body", "x").text("sid")
	c.settle()
	golden(t, "programmable_message_failed", c.get(messagesPath+"/"+failed+".json").body)
}

// The whole of the year, month, day or second of a filter belongs to it.
func TestDateFilters(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil) // two messages on the 23rd
	c.advance("24h")
	for range 2 { // and two at 17:00 on the 24th
		if _, err := c.phones.Receive(t.Context(), whatsapp.Inbound{From: ada, To: ownSender, Body: "Hola"}); err != nil {
			t.Fatal(err)
		}
	}
	for filter, want := range map[string]int{
		"=2026": 4, "=2025": 0, "=2026-11": 4, "=2026-12": 0, "=2026-11-24": 2, "=2026-11-24T17:00": 2, "=2026-11-24T17:00:00": 2,
		"%3E=2026": 4, "%3E=2027": 0, "%3E=2026-11": 4, "%3E=2026-12": 0, "%3E=2026-11-24": 2, "%3E=2026-11-25": 0,
		"%3C=2026": 4, "%3C=2025": 0, "%3C=2026-11": 4, "%3C=2026-10": 0, "%3C=2026-11-24": 4, "%3C=2026-11-23": 2,
		"=2026-11-24T09:00:00-0800": 2, "=2026-11-24T09:00:00.000-0800": 2, "=2026-11-24T17:00:00.999Z": 2, "=2026-11-24T09:00:00-0900": 0,
		"%3E=2026-11-24T09:00:00.000-0800": 2, "%3E=2026-11-24T09:00:01-0800": 0,
		"%3C=2026-11-24T09:00:00.000-0800": 4, "%3C=2026-11-24T08:59:59-0800": 2,
	} {
		if got := len(c.get(messagesPath + ".json?DateSent" + filter).field("messages").([]any)); got != want {
			t.Errorf("DateSent%s lists %d, want %d", filter, got, want)
		}
	}
	c.refused(c.do("GET", messagesPath+".json?DateSent%3E=2026-13", nil), 400, 20001, "Invalid value for parameter DateSent>")
	picture := whatsapp.Inbound{From: ada, To: ownSender, File: &whatsapp.InboundFile{Filename: "a.png", Content: []byte(png)}}
	m, err := c.phones.Receive(t.Context(), picture)
	if err != nil {
		t.Fatal(err)
	}
	for filter, want := range map[string]int{"=2026": 1, "=2025-11": 0, "%3C=2026-11-24": 1, "%3E=2026-11-24T09:00:00.000-0800": 1, "%3E=2026-12": 0} {
		if got := len(c.get(messagesPath + "/" + m.SID + "/Media.json?DateCreated" + filter).field("media_list").([]any)); got != want {
			t.Errorf("DateCreated%s lists %d files, want %d", filter, got, want)
		}
	}
}

// fileServer serves one file.
func fileServer(t *testing.T, contentType, content string) http.RoundTripper {
	t.Helper()
	return inMemory(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(content))
	}))
}

// png is the beginning of a picture.
const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"

// A message that is on its way cannot be deleted, and one that has gone cannot be canceled or changed.
func TestProgrammableUpdates(t *testing.T) {
	t.Parallel()
	c := newMessaging(t, nil)
	account, err := c.api.FetchAccount(t.Context(), accountSID)
	if err != nil {
		t.Fatal(err)
	}
	at := c.clock.Now().Add(time.Hour).Format(time.RFC3339)
	waiting := messagesPath + "/" + c.post(messagesPath+".json", "To", ada, "MessagingServiceSid", account.DefaultMessagingServiceSID,
		"Body", "later", "ScheduleType", "fixed", "SendAt", at).text("sid") + ".json"
	c.refused(c.do("DELETE", waiting, nil), 409, 20009, "")
	c.refused(c.try(waiting, "Body", "other"), 400, 20001, "Invalid value for parameter Body")
	c.refused(c.try(waiting, "Status", "sent"), 400, 20001, "Invalid value for parameter Status")
	c.advance("1h")
	if r := c.get(waiting); r.text("status") != "read" || r.text("from") != ownSender {
		t.Errorf("after an hour: %s", r.body)
	}
	c.refused(c.try(waiting, "Status", "canceled"), 400, 30409, "")
	c.refused(c.do("GET", messagesPath+"/SM0123456789abcdef0123456789abcdef.json", nil), 404, 20404, "")
}
