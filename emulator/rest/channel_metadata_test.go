package rest_test

import "testing"

func TestChannelMetadataIsAbsent(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	for _, path := range []string{"/v1", "/v1/Services/" + c.service()} {
		message := c.post(path+"/Conversations/c/Messages", "Body", "x")
		link := message.text("links.channel_metadata")
		c.refused(c.do("GET", link, nil), 404, 50530, "Channel Metadata not found")
		missing := path + "/Conversations/c/Messages/IM00000000000000000000000000000000/ChannelMetadata"
		c.refused(c.do("GET", missing, nil), 404, 20404, "The requested resource "+missing[len("/v1"):]+" was not found")
		foreign := c.as(foreignSID, authToken)
		foreign.refused(foreign.do("GET", link, nil), 404, 20404, "")
	}
}
