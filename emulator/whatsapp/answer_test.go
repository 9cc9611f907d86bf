package whatsapp

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// Reference, WhatsApp and messaging 2.5, row by row.
func TestReadAnswer(t *testing.T) {
	t.Parallel()
	const xml, plain = "text/xml; charset=utf-8", "text/plain"
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		want                    answer
		problem                 int
	}{
		{"empty TwiML", xml, `<Response/>`, 200, answer{}, 0},
		{"TwiML as HTML", "text/html", `<?xml version="1.0"?><Response></Response>`, 200, answer{}, 0},
		{"message text", xml, `<Response><Message>Hi &amp; bye</Message></Response>`, 200, answer{replies: []reply{{Body: "Hi & bye"}}}, 0},
		{"message body and media", "application/xml", `<Response><Message to="+1"><Body> Hi </Body><Media>https://x/a.png</Media></Message></Response>`, 200,
			answer{replies: []reply{{Body: "Hi", Media: []string{"https://x/a.png"}, To: "+1"}}}, 0},
		{"several media", xml, `<Response><Message><Media>/a</Media><Media>/b</Media></Message></Response>`, 200,
			answer{replies: []reply{{Media: []string{"/a", "/b"}}}}, 0},
		{"status callback", xml, `<Response><Message from="a" statusCallback="/s" action="/a" method="GET">1</Message></Response>`, 200,
			answer{replies: []reply{{Body: "1", From: "a", StatusCallback: "/s"}}}, 0},
		{"action", xml, `<Response><Message action="/a">1</Message><Message action="/a" method="get">2</Message></Response>`, 200,
			answer{replies: []reply{{Body: "1", StatusCallback: "/a"}, {Body: "2", StatusCallback: "/a", StatusCallbackMethod: "GET"}}}, 0},
		{"redirect by GET", xml, `<Response><Redirect method="GET">/next</Redirect></Response>`, 200, answer{redirect: "/next", method: "GET"}, 0},
		{"two messages", xml, `<Response><Message>1</Message><Message>2</Message></Response>`, 200, answer{replies: []reply{{Body: "1"}, {Body: "2"}}}, 0},
		{"redirect ends the document", xml, `<Response><Message>1</Message><Redirect>/next</Redirect><Message>2</Message></Response>`, 200,
			answer{replies: []reply{{Body: "1"}}, redirect: "/next", method: "POST"}, 0},
		{"empty message", xml, `<Response><Message/></Response>`, 200, answer{}, 0},
		{"unknown verb", xml, `<Response><Say>x</Say><Message>1</Message></Response>`, 200, answer{replies: []reply{{Body: "1"}}}, 12200},
		{"not TwiML", xml, `<html/>`, 200, answer{}, 12100},
		{"broken XML sends nothing", xml, `<Response><Message>1</Message>`, 200, answer{}, 12100},
		{"an entity of its own", xml, `<!DOCTYPE r [<!ENTITY a "aaaa">]><Response><Message>&a;</Message></Response>`, 200, answer{}, 12100},
		{"verbs in verbs without end", xml, `<Response>` + strings.Repeat("<Message>", 7000), 200, answer{}, 12100},
		{"verbs in verbs", xml, `<Response>` + strings.Repeat("<Message>", 3000) + strings.Repeat("</Message>", 3000) + `</Response>`, 200, answer{}, 0},
		{"an entity from elsewhere", xml, `<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><Response><Message>&a;</Message></Response>`, 200, answer{}, 12100},
		{"a second root", xml, `<Response/><Message>1</Message>`, 200, answer{}, 12100},
		{"a second document", xml, `<Response/><Response><Message>1</Message></Response>`, 200, answer{}, 12100},
		{"text behind the root", xml, `<Response><Message>1</Message></Response>Warning: x`, 200, answer{}, 12100},
		{"text before the root", xml, `Warning: x <Response><Message>1</Message></Response>`, 200, answer{}, 12100},
		{"comments and blanks around the root", xml, " <!-- a -->\n<Response><Message>1<!-- b -->2</Message></Response>\n<!-- c -->", 200, answer{replies: []reply{{Body: "12"}}}, 0},
		{"a byte order mark", xml, "\ufeff<?xml version=\"1.0\"?><Response><Message>1</Message></Response>", 200, answer{replies: []reply{{Body: "1"}}}, 0},
		{"CDATA", xml, `<Response><Message><![CDATA[a < b & c]]></Message></Response>`, 200, answer{replies: []reply{{Body: "a < b & c"}}}, 0},
		{"a namespace", xml, `<t:Response xmlns:t="urn:x"><t:Message>1</t:Message></t:Response>`, 200, answer{replies: []reply{{Body: "1"}}}, 0},
		{"Latin-1", xml, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Response><Message>caf\xe9</Message></Response>", 200, answer{replies: []reply{{Body: "café"}}}, 0},
		{"ASCII", xml, `<?xml version="1.0" encoding="US-ASCII"?><Response><Message>cafe</Message></Response>`, 200, answer{replies: []reply{{Body: "cafe"}}}, 0},
		{"an unknown encoding", xml, `<?xml version="1.0" encoding="EBCDIC"?><Response><Message>1</Message></Response>`, 200, answer{}, 12100},
		{"too many messages", xml, `<Response>` + strings.Repeat("<Message>1</Message>", maxReplies+1) + `</Response>`, 200,
			answer{replies: slices.Repeat([]reply{{Body: "1"}}, maxReplies)}, 12200},
		{"text as XML", xml, `hello`, 200, answer{}, 12100},
		{"empty XML", xml, ``, 200, answer{}, 0},
		{"plain text is sent", plain, "Error: no", 200, answer{replies: []reply{{Body: "Error: no"}}}, 0},
		{"plain text in Latin-1", plain, "caf\xe9", 200, answer{replies: []reply{{Body: "caf\ufffd"}}}, 0},
		{"empty plain text", plain, "", 200, answer{}, 0},
		{"nothing at all", "", "", 200, answer{}, 0},
		{"no content", "", "", 204, answer{}, 0},
		{"JSON", "application/json", `{}`, 200, answer{}, 12300},
		{"no content type", "", "hello", 200, answer{}, 12300},
		{"client error", plain, "no", 403, answer{}, 11200},
		{"server error", xml, `<Response><Message>1</Message></Response>`, 500, answer{}, 11200},
	} {
		got, p := readAnswer(webhook.Response{Status: c.status, ContentType: c.contentType, Body: []byte(c.body)}, EmptyTextPlainOK)
		code := 0
		if p != nil {
			code = p.code
		}
		if !reflect.DeepEqual(got, c.want) || code != c.problem {
			t.Errorf("%s: %+v and %v, want %+v and %d", c.name, got, p, c.want, c.problem)
		}
	}
}

func FuzzReadTwiML(f *testing.F) {
	for _, seed := range []string{
		`<Response><Message>Hi</Message></Response>`, `<Response><Redirect>/x</Redirect></Response>`, `<Response>`, ``, `<a`,
		`<Response>` + strings.Repeat(`<Message>x</Message>`, 100) + `</Response>`, `<Response><Message><Body><Body>x`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		a, p := readTwiML(document)
		if len(a.replies) > maxReplies {
			t.Errorf("%d replies", len(a.replies))
		}
		if p != nil && p.code == 12100 && (len(a.replies) > 0 || a.redirect != "") {
			t.Errorf("a document that cannot be parsed does %+v", a)
		}
	})
}

func TestParseCommand(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]command{
		"join cloud-forgot": {join: true, code: "cloud-forgot"}, " Join  Cloud-Forgot\n": {join: true, code: "cloud-forgot"},
		"stop": {stop: true}, " STOP ": {stop: true}, "join": {}, "join two words": {}, "joincloud-forgot": {}, "please stop": {}, "": {},
	} {
		if got := parseCommand(body); got != want {
			t.Errorf("parseCommand(%q) = %+v, want %+v", body, got, want)
		}
	}
}

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"+15558675310": "+15558675310", "whatsapp:+15558675310": "+15558675310", " +1 (555) 867-5310 ": "+15558675310",
	} {
		if got, err := ParseNumber(in); err != nil || got != want {
			t.Errorf("ParseNumber(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "15558675310", "+0555867531", "+1", "+whatsapp:+15558675310", "whatsapp:", "+1555867531012345", "+1555é675310"} {
		if got, err := ParseNumber(in); err == nil {
			t.Errorf("ParseNumber(%q) = %q, want an error", in, got)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	f.Add("whatsapp:+15558675310")
	f.Add("+1 (555) 867-5310")
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseNumber(s); err == nil {
			if again, err := ParseNumber(n); err != nil || again != n {
				t.Errorf("ParseNumber(%q) = %q, which is read as %q, %v", s, n, again, err)
			}
		}
	})
}
