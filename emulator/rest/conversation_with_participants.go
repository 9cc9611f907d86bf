package rest

import (
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

func (a *API) conversationWithParticipantsRoutes() [][]route {
	return [][]route{both("POST", "/ConversationWithParticipants", a.createConversationWithParticipants)}
}

type conversationWithParticipantsBody struct {
	conversations.Conversation
	URL   string                            `json:"url"`
	Links conversationWithParticipantsLinks `json:"links"`
}

// conversationWithParticipantsLinks are a conversation's without export.
type conversationWithParticipantsLinks struct {
	Participants string `json:"participants"`
	Messages     string `json:"messages"`
	Webhooks     string `json:"webhooks"`
}

// createConversationWithParticipants answers 201, or 202 when there are participants: they come in the background.
func (a *API) createConversationWithParticipants(in *request) (result, error) {
	var p conversations.ConversationWithParticipantsParams
	if err := a.form(in, &p); err != nil {
		return result{}, err
	}
	c, err := a.conversations.CreateConversationWithParticipants(in.Context(), in.Scope, p)
	links := in.conversation(c).Links
	r := created(conversationWithParticipantsBody{c, in.url("Conversations", c.SID),
		conversationWithParticipantsLinks{links.Participants, links.Messages, links.Webhooks}})
	if len(p.Participant) > 0 {
		r.status = http.StatusAccepted
	}
	return r, err
}
