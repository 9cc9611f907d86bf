package bridge

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func message(form url.Values) *inbound {
	form.Set("MessageSid", "SM1")
	form.Set("From", "whatsapp:+15558675310")
	form.Set("To", "whatsapp:+14155238886")
	return &inbound{AccountSID: "AC1", Parameters: parameters(form)}
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		form url.Values
		want string
	}{
		{"text", url.Values{"Body": {"Hola"}}, "Hola"},
		{"outer space is the customer's", url.Values{"Body": {" Hola\n"}}, " Hola\n"},
		{"location", url.Values{"Latitude": {"25.018766403198"}, "Longitude": {"-77.395950317383"}},
			"https://www.google.com/maps/search/?api=1&query=25.018766403198%2C-77.395950317383"},
		{"place", url.Values{"Latitude": {"1"}, "Longitude": {"2"}, "Label": {"Café"}, "Address": {"1 Main St"}},
			"Café\n1 Main St\nhttps://www.google.com/maps/search/?api=1&query=1%2C2"},
		{"location that is none", url.Values{"Latitude": {"x&y"}, "Longitude": {"2"}}, "[location x&y, 2]"},
		{"button", url.Values{"Body": {"Confirm"}, "ButtonText": {"Confirm"}, "ButtonPayload": {"confirm_1"}}, "Confirm"},
		{"button without body", url.Values{"ButtonText": {"Confirm"}}, "Confirm"},
		{"list without body", url.Values{"ListTitle": {"First"}, "ListId": {"1"}}, "First"},
		{"unknown kind", url.Values{"MessageType": {"poll"}}, "[poll]"},
		{"nothing", url.Values{"MessageType": {"text"}}, "[message without text]"},
		{"white space", url.Values{"Body": {"  "}}, "[message without text]"},
	}
	for _, test := range tests {
		parts := message(test.form).parts()
		if len(parts) != 1 || parts[0].body != test.want || parts[0].of != 1 {
			t.Errorf("%s: parts %+v, want %q", test.name, parts, test.want)
		}
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	m := message(url.Values{"Body": {"Confirm"}, "ButtonPayload": {"confirm_1"}, "MessageType": {"interactive"}, "Unknown": {"x"}})
	p := m.parts()[0]
	got, err := m.attributes(&p)
	if want := `{"ButtonPayload":"confirm_1","MessageSid":"SM1","MessageType":"interactive"}`; err != nil || got != want {
		t.Errorf("attributes %s, %v; want %s", got, err, want)
	}
	if s := readStamp(&got); s.MessageSid != "SM1" || s.Part != 1 {
		t.Errorf("stamp %+v", s)
	}
}

// TestAttributesFit has more than Twilio keeps: what matters most stays.
func TestAttributesFit(t *testing.T) {
	t.Parallel()
	m := message(url.Values{"Body": {"x"}, "FlowData": {strings.Repeat("é\"", 5000)}, "ButtonPayload": {"confirm_1"}, "WaId": {"1555"}})
	got, err := m.attributes(&part{number: 1, of: 1})
	if err != nil || len(got) > maxAttributes || !strings.Contains(got, "confirm_1") || !strings.Contains(got, "1555") || strings.Contains(got, "FlowData") {
		t.Errorf("attributes of %d bytes: %s, %v", len(got), got, err)
	}
}

func TestReadStamp(t *testing.T) {
	t.Parallel()
	for _, attributes := range []string{"", "{}", "null", "[]", `{"MessageSid":7}`, `"x"`, "{"} {
		if s := readStamp(&attributes); s.MessageSid != "" {
			t.Errorf("%q has the stamp %+v", attributes, s)
		}
	}
	if s := readStamp(nil); s != (stamp{}) {
		t.Errorf("nil has the stamp %+v", s)
	}
}

func TestSplitText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text  string
		first, rest int
		want        []string
	}{
		{"empty", "", 5, 5, nil},
		{"short", "hello", 5, 5, []string{"hello"}},
		{"after a space", "hello big world", 10, 10, []string{"hello big ", "world"}},
		{"no space", "abcdefgh", 5, 5, []string{"abcde", "fgh"}},
		{"space too early", "a bcdefghijk", 10, 10, []string{"a bcdefghi", "jk"}},
		{"first is shorter", "abcdefgh", 2, 5, []string{"ab", "cdefg", "h"}},
		{"surrogates count twice", "👋👋👋", 4, 4, []string{"👋👋", "👋"}},
		{"combined stays together", "abc👩‍👩‍👧d", 6, 9, []string{"abc", "👩‍👩‍👧d"}},
		{"accent stays", "abcde\u0301f", 5, 5, []string{"abcd", "e\u0301f"}},
	}
	for _, test := range tests {
		if got := splitText(test.text, test.first, test.rest); strings.Join(got, "|") != strings.Join(test.want, "|") {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestSplitTextKeepsEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		first, rest := rapid.IntRange(2, 40).Draw(t, "first"), rapid.IntRange(2, 40).Draw(t, "rest")
		pieces := splitText(text, first, rest)
		if strings.Join(pieces, "") != text {
			t.Fatalf("%q became %q", text, pieces)
		}
		for i, piece := range pieces {
			limit := rest
			if i == 0 {
				limit = first
			}
			if n := len(utf16.Encode([]rune(piece))); n > limit || n == 0 {
				t.Fatalf("piece %d of %q has %d characters, limit %d", i, text, n, limit)
			}
		}
	})
}

// FuzzInbound turns any form into messages that Twilio would take.
func FuzzInbound(f *testing.F) {
	f.Add("Body=Hola&NumMedia=0")
	f.Add("Body=&NumMedia=2&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2F&MediaContentType0=image%2Fjpeg")
	f.Add("Latitude=1e999&Longitude=-0&Label=%00&NumMedia=-1")
	f.Add("NumMedia=99999999999999999999&Body=" + strings.Repeat("%F0%9F%91%8B", 2000))
	f.Add("Body=%ff%fe&FlowData=" + strings.Repeat("%22", 3000))
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		m := message(form)
		parts := m.parts()
		if len(parts) == 0 {
			t.Fatal("the message would be lost")
		}
		for i := range parts {
			p := &parts[i]
			if p.media != nil {
				p.missing = "it could not be moved"
			}
			checkPart(t, m, p)
		}
	})
}

func checkPart(t *testing.T, m *inbound, p *part) {
	t.Helper()
	if posted := p.posted(); posted == "" || utf8.RuneCountInString(posted) > maxMessageBody {
		t.Errorf("part %d has %d characters", p.number, utf8.RuneCountInString(posted))
	}
	attributes, err := m.attributes(p)
	if err != nil || len(attributes) > maxAttributes || !json.Valid([]byte(attributes)) {
		t.Errorf("part %d has %d bytes of attributes: %v", p.number, len(attributes), err)
	}
	if s := readStamp(&attributes); s.MessageSid != "SM1" || s.Part != p.number {
		t.Errorf("part %d has the stamp %+v", p.number, s)
	}
}
