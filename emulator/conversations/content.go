package conversations

import (
	"errors"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// maxVariableValue is the most characters of a variable of a template. Reference, Conversations API 11.
const maxVariableValue = 256

// render sets the Body of a message from a template of its account, and keeps its files and buttons for the phones. Errors: 50526
// for an unknown template, 50527, 50529, 50540–50542.
func (m *messageDoc) render(tx store.Tx, p MessageParams) error {
	rendered, err := content.Render(tx, content.Request{AccountSID: m.AccountSID, SID: *p.ContentSid,
		Variables: twilio.Value(p.ContentVariables), MaxValue: maxVariableValue, Types: content.Conversational()})
	if err != nil {
		return contentError(err)
	}
	m.ContentSID, m.Body = p.ContentSid, rendered.Body
	m.Content = &rendered
	return nil
}

// LookupContent returns what the template of a message said, or nil for a message without one.
func (a *API) LookupContent(tx store.Tx, m Message) (*content.Rendered, error) {
	doc, err := messages.Get(tx, messageDoc{Message: m}.key())
	return doc.Content, err
}

// contentError gives a refusal of a template the code that it has in Conversations.
func contentError(err error) error {
	for reason, refused := range map[error]*twilio.Error{
		content.ErrNoTemplate: errContentSID, content.ErrVariables: errContentVariables, content.ErrTooManyVariables: errContentVariablesTooLong,
		content.ErrKeyTooLong: errContentKeyTooLong, content.ErrValueTooLong: errContentValueTooLong, content.ErrType: errContentType,
	} {
		if errors.Is(err, reason) {
			return refused
		}
	}
	return err
}
