package whatsapp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// answer is the parsed answer of a webhook. Reference, WhatsApp 2.5.
type answer struct {
	replies []reply
	// redirect is the URL of the next document, fetched by method: GET or POST.
	redirect, method string
}

// reply is one message to the phone.
type reply struct {
	Body  string
	Media []string // URLs
	// To and From are other numbers than those of the message that is answered; empty: the same.
	To, From string
	// StatusCallback is told of the statuses, by StatusCallbackMethod (GET; empty: POST).
	StatusCallback, StatusCallbackMethod string
}

// problem is an entry of Twilio's debugger.
type problem struct {
	code int
	text string
}

// readAnswer reads an answer by its status and content type: TwiML is obeyed, plain text is sent to the phone, nothing
// is nothing, and everything else is a problem. emptyPlain is the switch empty_text_plain.
func readAnswer(r webhook.Response, emptyPlain EmptyTextPlain) (answer, *problem) {
	if r.Status >= http.StatusBadRequest {
		return answer{}, &problem{11200, fmt.Sprintf("the webhook answered %d %s", r.Status, http.StatusText(r.Status))}
	}
	if r.Truncated {
		return answer{}, &problem{11750, fmt.Sprintf("the webhook answered with more than %d KB", webhook.MaxResponse>>10)}
	}
	body := strings.TrimSpace(string(r.Body))
	if r.Status == http.StatusNoContent || (body == "" && r.ContentType == "") {
		return answer{}, nil
	}
	mediaType, _, err := mime.ParseMediaType(r.ContentType)
	if err != nil {
		return answer{}, &problem{12300, fmt.Sprintf("the webhook answered without a valid Content-Type (%q)", r.ContentType)}
	}
	switch mediaType {
	case "text/xml", "application/xml", "text/html":
		if body == "" {
			return answer{}, nil
		}
		return readTwiML(r.Body)
	case "text/plain":
		if body == "" {
			if emptyPlain != EmptyTextPlainOK {
				return answer{}, &problem{11200, "the webhook answered with empty plain text; an empty TwiML document, <Response/>, says the same without doubt"}
			}
			return answer{}, nil
		}
		return answer{replies: []reply{{Body: strings.ToValidUTF8(string(r.Body), "\ufffd")}}}, nil
	}
	return answer{}, &problem{12300, fmt.Sprintf("the webhook answered with Content-Type %q; Twilio takes TwiML or plain text", mediaType)}
}

// maxReplies bounds the messages of one document.
const maxReplies = 50

// readTwiML reads a messaging document. Verbs of other kinds of documents are skipped with a warning; a document that is
// not well-formed does nothing at all.
func readTwiML(document []byte) (answer, *problem) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(document, []byte("\ufeff"))))
	d.CharsetReader = charsetReader
	var a answer
	var skipped string
	if err := a.document(d, &skipped); err != nil {
		return answer{}, &problem{12100, fmt.Sprintf("the webhook answered with XML that cannot be parsed: %v", err)}
	}
	if skipped != "" {
		return a, &problem{12200, skipped}
	}
	return a, nil
}

// document reads <Response>, around which there may be comments and blanks, and nothing else.
func (a *answer) document(d *xml.Decoder, skipped *string) error {
	inside, done := false, false
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && !done:
			return errors.New("there is no <Response>")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch {
			case done:
				return fmt.Errorf("<%s> stands behind </Response>", t.Name.Local)
			case !inside && t.Name.Local != "Response":
				return fmt.Errorf("it begins with <%s>; TwiML begins with <Response>", t.Name.Local)
			case !inside:
				inside = true
				continue
			}
			if err := a.verb(d, t, skipped); err != nil {
				return err
			}
		case xml.EndElement: // of <Response>, as a verb is read with its end
			inside, done = false, true
		case xml.CharData:
			if !inside && len(bytes.TrimSpace(t)) > 0 {
				return errors.New("there is text outside of <Response>")
			}
		}
	}
}

// charsetReader reads the encodings that a document may declare beside UTF-8. In those of one byte a byte is a character.
func charsetReader(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "us-ascii", "iso-8859-1":
	default:
		return nil, fmt.Errorf("the encoding %q is not known", charset)
	}
	encoded, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	characters := make([]rune, len(encoded))
	for i, b := range encoded {
		characters[i] = rune(b)
	}
	return strings.NewReader(string(characters)), nil
}

// verb reads one child of <Response>. What stands behind a <Redirect> is not reached; of what else is left out, skipped
// tells the last.
func (a *answer) verb(d *xml.Decoder, start xml.StartElement, skipped *string) error {
	var v struct {
		Text  string   `xml:",chardata"`
		Body  *string  `xml:"Body"`
		Media []string `xml:"Media"`

		To             string `xml:"to,attr"`
		From           string `xml:"from,attr"`
		Action         string `xml:"action,attr"`
		StatusCallback string `xml:"statusCallback,attr"`
		Method         string `xml:"method,attr"`
	}
	if err := d.DecodeElement(&v, &start); err != nil {
		return err
	}
	switch name := start.Name.Local; {
	case a.redirect != "":
	case name == "Message" || name == "Sms":
		r := reply{Body: strings.TrimSpace(v.Text), Media: v.Media, To: v.To, From: v.From, StatusCallback: v.StatusCallback}
		if r.StatusCallback == "" && v.Action != "" { // the older name, which has a method of its own
			r.StatusCallback = v.Action
			if strings.EqualFold(v.Method, http.MethodGet) {
				r.StatusCallbackMethod = http.MethodGet
			}
		}
		if v.Body != nil {
			r.Body = strings.TrimSpace(*v.Body)
		}
		switch {
		case r.Body == "" && len(r.Media) == 0:
		case len(a.replies) == maxReplies:
			*skipped = fmt.Sprintf("the webhook answered with more than %d messages: the others are not sent", maxReplies)
		default:
			a.replies = append(a.replies, r)
		}
	case name == "Redirect":
		a.redirect, a.method = strings.TrimSpace(v.Text), http.MethodPost
		if strings.EqualFold(v.Method, http.MethodGet) {
			a.method = http.MethodGet
		}
	default:
		*skipped = fmt.Sprintf("<%s> is not a verb of messaging TwiML and is skipped", name)
	}
	return nil
}
