package whatsapp_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// The attributes of <Message>: whom it is for, whom it is from, and who is told what becomes of it. What cannot be is an
// entry of the debugger, and the other messages of the answer are sent.
func TestAttributesOfMessage(t *testing.T) {
	t.Parallel()
	const marker = `<Message>after</Message>`
	for name, c := range map[string]struct {
		document     string
		ada, grace   []string // what each phone hears
		alert        string   // beginning of the entry of the debugger
		told, method string   // path of the status callbacks, and how they come
	}{
		"none":                           {`<Message>1</Message>`, []string{"1"}, nil, "", "", ""},
		"to another phone":               {`<Message to="whatsapp:` + grace + `">1</Message>`, nil, []string{"1"}, "", "", ""},
		"to, and from a sender":          {`<Message to="whatsapp:` + ada + `" from="` + registered + `">1</Message>`, []string{"1"}, nil, "", "", ""},
		"to nobody":                      {`<Message to="whatsapp:555">1</Message>`, nil, nil, "21211 ", "", ""},
		"to another channel":             {`<Message to="` + ada + `">1</Message>`, nil, nil, "21910 ", "", ""},
		"from a stranger":                {`<Message from="whatsapp:+13115550000">1</Message>`, nil, nil, "63007 ", "", ""},
		"to a phone that has not joined": {`<Message to="whatsapp:+447700900123">1</Message>`, nil, nil, "63015 ", "", ""},
		"status callback":                {`<Message statusCallback="/status">1</Message>`, []string{"1"}, nil, "", "/status", "POST"},
		"action by GET":                  {`<Message action="/status" method="GET">1</Message>`, []string{"1"}, nil, "", "/status", "GET"},
		"no URL":                         {`<Message statusCallback="ftp://x/y">1</Message>`, nil, nil, "21609 ", "", ""},
		"too many files":                 {`<Message>` + strings.Repeat(`<Media>/a.jpg</Media>`, 11) + `</Message>`, nil, nil, "21623 ", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := joined(t, "https://example.com/in")
			w.register(t)
			w.send(t, grace, "join acme-code")
			writesTo(registered)(t, w)
			w.answer = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/in" {
					twiml(`<Response>`+c.document+marker+`</Response>`)(rw, r)
				}
			}
			before := map[string]int{ada: len(w.heard(t, ada)), grace: len(w.heard(t, grace))}
			w.requests()
			w.send(t, ada, "Hola")
			got, want := w.heard(t, ada)[before[ada]:], slices.Concat(c.ada, []string{"after"})
			slices.Sort(got) // messages of two senders have no order
			if !slices.Equal(got, want) {
				t.Errorf("the phone heard %q, want %q", got, want)
			}
			if got := w.heard(t, grace)[before[grace]:]; !slices.Equal(got, c.grace) {
				t.Errorf("the other phone heard %q, want %q", got, c.grace)
			}
			alerts := w.alerts(t)
			if (c.alert == "") != (len(alerts) == 0) || (c.alert != "" && !strings.HasPrefix(alerts[0], c.alert)) {
				t.Errorf("the debugger says %q, want %q", alerts, c.alert)
			}
			var statuses []string
			for _, r := range w.requests() {
				if r.URL.Path == "/in" {
					continue
				}
				if r.URL.Path != c.told || r.Method != c.method {
					t.Errorf("%s %s was requested, want %s %s", r.Method, r.URL.Path, c.method, c.told)
				}
				statuses = append(statuses, r.Form.Get("MessageStatus"))
			}
			if c.told != "" && !slices.Equal(statuses, []string{"sent", "delivered", "read"}) {
				t.Errorf("told of %q", statuses)
			}
		})
	}
}

// A place reaches the phone as one; with a file or a template it is one thing too many. A message that may not wait fails
// when it would have to.
func TestMessageOptions(t *testing.T) {
	t.Parallel()
	action := whatsapp.MessageOptions{PersistentAction: []string{"geo: 37.78789 , -122.391664 | 375 Beale St"}}
	for name, c := range map[string]struct {
		p    whatsapp.MessageParams
		want string
	}{
		"a place":            {whatsapp.MessageParams{Body: ptr("our office"), MessageOptions: action}, "read"},
		"a place and a file": {whatsapp.MessageParams{MediaURL: []string{"https://x.example/a.png"}, MessageOptions: action}, "failed 63030"},
		"a place in a template": {whatsapp.MessageParams{ContentSid: ptr(whatsapp.TemplateVerification),
			ContentVariables: ptr(`{"1":"Acme","2":"1"}`), MessageOptions: action}, "failed 63030"},
	} {
		w := newWorld(t)
		joinAcme(t, w)
		m := w.write(t, whatsapp.SandboxNumber, ada, c.p)
		if got := w.outcome(t, m); got != c.want {
			t.Errorf("%s: it became %q, want %q", name, got, c.want)
		}
		got, err := w.sandbox.FetchMessage(t.Context(), m.SID)
		if err != nil || got.Location == nil || *got.Location != (whatsapp.Location{Latitude: 37.78789, Longitude: -122.391664, Label: "375 Beale St"}) {
			t.Errorf("%s: the place is %+v, %v", name, got.Location, err)
		}
	}
	w := newWorld(t)
	joinAcme(t, w)
	seconds := 6
	validity := whatsapp.MessageOptions{ValidityPeriod: &seconds}
	var made []whatsapp.Message
	for range 4 { // one in three seconds: sent at 0, 3, 6 and 9 seconds
		made = append(made, w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{Body: ptr("x"), MessageOptions: validity}))
	}
	w.advance(t, 30*time.Second)
	var got []string
	for _, m := range made {
		got = append(got, w.outcome(t, m))
	}
	if want := []string{"read", "read", "read", "failed 30036"}; !slices.Equal(got, want) {
		t.Errorf("four messages that may wait six seconds became %q, want %q", got, want)
	}
}
