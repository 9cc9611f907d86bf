package conversations

import "github.com/cloudforgot/cloudforgot/emulator/rest"

// channelMetadataRoutes serves links.channel_metadata of a message. Twilio's OpenAPI file does not list it.
func (a *api) channelMetadataRoutes() [][]rest.Route {
	return [][]rest.Route{
		both("GET", "/Conversations/{ConversationSid}/Messages/{MessageSid}/ChannelMetadata", a.fetchChannelMetadata),
	}
}

func (a *api) fetchChannelMetadata(in *request) (rest.Result, error) {
	return rest.Result{}, a.conversations.FetchChannelMetadata(in.Context(), in.Scope, in.Vars["ConversationSid"], in.Vars["MessageSid"])
}
