package rest

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
)

// What stands in a text stays a text: it can make neither an element nor a document that is malformed.
func FuzzXMLOf(f *testing.F) {
	for _, text := range []string{"Hola", "<Body>&amp;]]></Body>", "a\r\n\tb", "\x00\ufffe", "adiós 👋", ".json", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		resource, err := json.Marshal(map[string]any{"body": text, "list": []string{text, text}, "number": 1e21, "nothing": nil})
		if err != nil {
			t.Fatal(err)
		}
		made, err := xmlOf("Message", resource)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			XMLName xml.Name `xml:"TwilioResponse"`
			Message struct {
				Body, Number, Nothing string
				List                  struct{ List []string }
			}
		}
		if err := xml.Unmarshal(made, &got); err != nil {
			t.Fatalf("%q: %v", made, err)
		}
		want := strings.Map(legal, strings.ToValidUTF8(text, "\ufffd"))
		if strings.Map(legal, got.Message.Body) != want && !strings.Contains(want, "\ufffd") {
			t.Errorf("%q is written as %q", text, got.Message.Body)
		}
		if got.Message.Nothing != "" || got.Message.Number != "1e+21" || len(got.Message.List.List) != 2 {
			t.Errorf("%s", made)
		}
	})
}

// legal replaces the characters that XML cannot have.
func legal(r rune) rune {
	if r == '\t' || r == '\n' || r == '\r' || (r >= 0x20 && r <= 0xd7ff) || (r >= 0xe000 && r <= 0xfffd) || r >= 0x10000 {
		return r
	}
	return '\ufffd'
}

func TestXMLOfAPage(t *testing.T) {
	t.Parallel()
	const page = `{"first_page_uri":"/a?x=1&y=2","items":[{"sid":"SM1","subresource_uris":{"media":"/m.json"},"uri":"/u.json"}],"next_page_uri":null,"page":0}`
	const want = xml.Header + `<TwilioResponse><Items firstpageuri="/a?x=1&amp;y=2" nextpageuri="" page="0"><Item><Sid>SM1</Sid>` +
		`<SubresourceUris><Media>/m</Media></SubresourceUris><Uri>/u</Uri></Item></Items></TwilioResponse>` + "\n"
	if got, err := xmlOf("Item", []byte(page)); err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, wrong := range []string{"", "{", `{"a":[`, `{"a"`} {
		if got, err := xmlOf("Item", []byte(wrong)); err == nil {
			t.Errorf("%q is written as %s", wrong, got)
		}
	}
}
