package rest_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

const cwp = "/v1/ConversationWithParticipants"

func TestConversationWithParticipantsGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	alone := c.post(cwp, "UniqueName", "alone", "Attributes", `{"topic":"feedback"}`, "State", "Inactive", "Timers.Inactive", "PT1M", "Timers.Closed", "PT10M")
	if alone.status != 201 {
		t.Errorf("without participants: status %d, want 201", alone.status)
	}
	golden(t, "conversation_with_participants", alone.body)
	service := "/v1/Services/" + c.service()
	both := c.post(service+"/ConversationWithParticipants", "FriendlyName", "Ada",
		"Participant", `{"messaging_binding":{"address":"`+ada+`","proxy_address":"`+sandbox+`"},"attributes":"{\"vip\":true}"}`,
		"Participant", `{"identity":"agent","date_created":"2026-01-01T00:00:00Z","unknown":1}`)
	if both.status != 202 {
		t.Errorf("with participants: status %d, want 202", both.status)
	}
	golden(t, "service_conversation_with_participants", both.body)
	c.settle()
	golden(t, "conversation_with_participants_page", c.get(service+"/Conversations/"+both.text("sid")+"/Participants").body)
}

func TestConversationWithParticipantsRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "holder")
	pair := func(address string) string {
		return `{"messaging_binding":{"address":"` + address + `","proxy_address":"` + sandbox + `"}}`
	}
	held := ada
	c.post("/v1/Conversations/holder/Participants", "MessagingBinding.Address", held, "MessagingBinding.ProxyAddress", sandbox)
	const free = "whatsapp:+15558675311"
	good := []string{"Participant", `{"identity":"good"}`}
	eleven := slices.Repeat([]string{"Participant", `{"identity":"x"}`}, 11)
	for name, r := range map[string]struct {
		status, code int
		form         []string
	}{
		"too many":            {400, 50426, eleven},
		"no JSON":             {400, 50424, []string{"Participant", "identity=x"}},
		"empty":               {400, 50424, []string{"Participant", ""}},
		"no object":           {400, 50424, []string{"Participant", `["x"]`}},
		"null":                {400, 50424, []string{"Participant", `null`}},
		"more than an object": {400, 50424, []string{"Participant", `{"identity":"x"}{}`}},
		"an empty object":     {400, 50424, []string{"Participant", `{}`}},
		"names of the form":   {400, 50424, []string{"Participant", `{"Identity":"x"}`}},
		"dotted names":        {400, 50424, []string{"Participant", `{"messaging_binding.address":"` + free + `"}`}},
		"a wrong type":        {400, 50424, []string{"Participant", `{"identity":1}`}},
		"a wrong binding":     {400, 50424, []string{"Participant", `{"messaging_binding":"` + free + `"}`}},
		"a null binding":      {400, 50424, []string{"Participant", `{"messaging_binding":null}`}},
		"a wrong proxy":       {400, 50424, []string{"Participant", strings.Replace(pair(free), sandbox, "whatsapp:+13115550000", 1)}},
		"a wrong address":     {400, 50424, []string{"Participant", pair("whatsapp:ada")}},
		"wrong attributes":    {400, 50424, []string{"Participant", `{"identity":"x","attributes":"{"}`}},
		"wrong role":          {400, 50424, []string{"Participant", `{"identity":"x","role_sid":"RL1"}`}},
		"one twice":           {400, 50424, slices.Concat(good, good)},
		"one pair twice":      {409, 50425, []string{"Participant", pair(free), "Participant", pair(free)}},
		"a pair in use":       {409, 50425, slices.Concat(good, []string{"Participant", pair(held)})},
		"one of a group":      {400, 50435, []string{"Participant", `{"messaging_binding":{"address":"+15558675310"}}`}},
		"the conversation":    {409, 50353, slices.Concat(good, []string{"UniqueName", "holder"})},
		"its state":           {400, 50384, slices.Concat(good, []string{"State", "closed"})},
		"its timer":           {400, 50375, slices.Concat(good, []string{"Timers.Inactive", "PT1S"})},
	} {
		t.Log(name)
		c.refused(c.try(cwp, r.form...), r.status, r.code, "")
	}
	c.settle()
	if list, _ := c.get("/v1/Conversations").field("conversations").([]any); len(list) != 1 {
		t.Errorf("refused requests left %v", list)
	}
	if list, _ := c.get("/v1/Users").field("users").([]any); len(list) != 0 {
		t.Errorf("refused requests left the users %v", list)
	}
	ten := slices.Clone(good)
	for i := range 9 {
		ten = append(ten, "Participant", `{"identity":"user `+strconv.Itoa(i)+`"}`)
	}
	c.post(cwp, ten...)
	theirs := strings.Replace(cwp, "/v1", "/v1/Services/"+c.as(foreignSID, authToken).service(), 1)
	c.refused(c.try(theirs, good...), 404, 20404, "")
}
