package conversations

import (
	"net/http"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
)

func (a *api) conversationWithParticipantsRoutes() [][]rest.Route {
	return [][]rest.Route{both("POST", "/ConversationWithParticipants", a.createConversationWithParticipants)}
}

type conversationWithParticipantsBody struct {
	conversations.Conversation
	URL   rest.URL                          `json:"url"`
	Links conversationWithParticipantsLinks `json:"links"`
}

// conversationWithParticipantsLinks are a conversation's without export.
type conversationWithParticipantsLinks struct {
	Participants rest.URL `json:"participants"`
	Messages     rest.URL `json:"messages"`
	Webhooks     rest.URL `json:"webhooks"`
}

// createConversationWithParticipants answers 201, or 202 when there are participants: they come in the background.
func (a *api) createConversationWithParticipants(in *request) (rest.Result, error) {
	var p conversations.ConversationWithParticipantsParams
	if err := in.Form(&p); err != nil {
		return rest.Result{}, err
	}
	c, err := a.conversations.CreateConversationWithParticipants(in.Context(), in.Scope, p)
	body := in.conversation(c)
	links := body.Links
	r := rest.Created(conversationWithParticipantsBody{c, body.URL,
		conversationWithParticipantsLinks{links.Participants, links.Messages, links.Webhooks}})
	if len(p.Participant) > 0 {
		r.Status = http.StatusAccepted
	}
	return r, err
}
