package rest_test

import (
	"fmt"
	"testing"
)

func TestUserConversationsGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	conversation := c.post("/v1/Conversations", "UniqueName", "ada", "FriendlyName", "Ada", "Attributes", `{"tier":"gold"}`,
		"Timers.Inactive", "PT1H", "Timers.Closed", "PT2H")
	c.post("/v1/Conversations/ada/Participants", "Identity", "agent")
	self := "/v1/Users/agent/Conversations/ada"
	golden(t, "user_conversation", c.get(self).body)
	for range 3 {
		c.post("/v1/Conversations/ada/Messages", "Body", "x")
	}
	updated := c.post(self, "NotificationLevel", "Muted", "LastReadMessageIndex", "0", "LastReadTimestamp", "2026-11-23T16:59:00+01:00")
	golden(t, "user_conversation_updated", updated.body)
	golden(t, "user_conversations_page", c.get("/v1/Users/agent/Conversations").body)
	golden(t, "service_user_conversation", c.get("/v1/Services/"+conversation.text("chat_service_sid")+self[len("/v1"):]).body)
	for _, field := range []string{"url", "links.participant", "links.conversation"} {
		c.get(updated.text(field))
	}
	participant := c.get(updated.text("links.participant"))
	if participant.field("last_read_message_index") != 0.0 || participant.text("last_read_timestamp") != "2026-11-23T15:59:00Z" {
		t.Errorf("the participant has not read: %s", participant.body)
	}
	c.del(self)
	c.refused(c.do("GET", self, nil), 404, 20404, "The requested resource /Users/agent/Conversations/ada was not found")
	c.refused(c.do("DELETE", self, nil), 404, 20404, "")
	c.refused(c.do("GET", "/v1/Conversations/ada/Participants/agent", nil), 404, 20404, "")
	c.get("/v1/Users/agent")
}

func TestUserConversationRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Users", "Identity", "elsewhere")
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations/c/Participants", "Identity", "agent")
	self := "/v1/Users/agent/Conversations/c"
	for _, r := range []struct {
		code        int
		name, value string
	}{
		{50210, "NotificationLevel", "loud"}, {50210, "NotificationLevel", ""},
		{50421, "LastReadMessageIndex", "-1"}, {50421, "LastReadMessageIndex", "one"}, {50421, "LastReadMessageIndex", "9999999999999999999"},
		{20001, "LastReadTimestamp", "yesterday"}, {20001, "LastReadTimestamp", ""},
	} {
		c.refused(c.try(self, "NotificationLevel", "muted", r.name, r.value), 400, r.code, "")
	}
	c.refused(c.try(self, "NotificationLevel", "loud"), 400, 50210, "Invalid notification level")
	if r := c.get(self); r.text("notification_level") != "default" || r.field("last_read_message_index") != nil {
		t.Errorf("the refusals changed %s", r.body)
	}
	for _, path := range []string{"/v1/Users/nobody/Conversations/c", "/v1/Users/elsewhere/Conversations/c", "/v1/Users/agent/Conversations/d"} {
		c.refused(c.do("GET", path, nil), 404, 20404, "")
		c.refused(c.try(path), 404, 20404, "")
		c.refused(c.do("DELETE", path, nil), 404, 20404, "")
	}
	c.refused(c.do("GET", "/v1/Users/nobody/Conversations", nil), 404, 20404, "The requested resource /Users/nobody/Conversations was not found")
	c.post("/v1/Conversations/c", "State", "closed")
	c.refused(c.try(self, "NotificationLevel", "muted"), 409, 50377, "")
	c.refused(c.do("DELETE", self, nil), 409, 50377, "")
	if got := c.get(self).text("conversation_state"); got != "closed" {
		t.Errorf("conversation_state = %q", got)
	}
	if n := len(c.get("/v1/Users/agent/Conversations").items()); n != 1 {
		t.Errorf("%d conversations of the user, want the closed one", n)
	}
}

// unread_messages_count counts the messages above the read horizon, without those that were deleted.
func TestUnreadMessagesCount(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations/c/Participants", "Identity", "agent")
	self, messages := "/v1/Users/agent/Conversations/c", "/v1/Conversations/c/Messages"
	unread := func(when string, want any) {
		t.Helper()
		if got := c.get(self).field("unread_messages_count"); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v unread, want %v", when, got, want)
		}
	}
	unread("no message, no horizon", nil)
	sids := make([]string, 6)
	for i := range sids {
		sids[i] = c.post(messages, "Body", "x").text("sid")
	}
	unread("no horizon", nil)
	for index, want := range map[string]int{"0": 5, "3": 2, "5": 0, "6": 0, "9223372036854775807": 0} {
		c.post(self, "LastReadMessageIndex", index)
		unread("horizon "+index, want)
	}
	c.post(self, "LastReadMessageIndex", "1")
	c.del(messages + "/" + sids[0])
	unread("one deleted below the horizon", 4)
	c.del(messages + "/" + sids[4])
	unread("one deleted above the horizon", 3)
	c.del(messages + "/" + sids[5])
	unread("the last deleted", 2)
	c.post(messages, "Body", "y")
	unread("a further one", 3)
	c.post(self, "LastReadMessageIndex", "4")
	unread("a horizon on a deleted one", 1)
	c.post(self, "LastReadMessageIndex", "null")
	unread("the horizon taken away", nil)
	c.post("/v1/Conversations/c/Participants/agent", "LastReadMessageIndex", "6")
	unread("the horizon set on the participant", 0)
}
