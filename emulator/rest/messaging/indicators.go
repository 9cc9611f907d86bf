package messaging

import (
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// typingPath is that of Twilio's guide to typing indicators; no OpenAPI file has it.
const typingPath = "/messaging/v2/Indicators/Typing.json"

func (a *api) createTyping(in *rest.Request) (rest.Result, error) {
	var p whatsapp.TypingParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	return rest.OK(map[string]bool{"success": true}), a.sandbox.CreateTyping(in.Context(), in.Account.SID, p)
}
