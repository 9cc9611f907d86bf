package rest

// channelMetadataRoutes is what links.channel_metadata of a message leads to. Twilio's OpenAPI file does not list it.
func (a *API) channelMetadataRoutes() [][]route {
	return [][]route{
		both("GET", "/Conversations/{ConversationSid}/Messages/{MessageSid}/ChannelMetadata", a.fetchChannelMetadata),
	}
}

func (a *API) fetchChannelMetadata(in *request) (result, error) {
	return result{}, a.conversations.FetchChannelMetadata(in.Context(), in.Scope, in.vars["ConversationSid"], in.vars["MessageSid"])
}
