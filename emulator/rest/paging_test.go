package rest_test

import (
	"net/url"
	"testing"
)

func TestPaging(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations", "UniqueName", "d")
	for i := range 7 {
		c.post("/v1/Conversations/c/Messages", "Body", string(rune('a'+i)))
	}
	bodies := func(r reply) (s string) {
		list, _ := r.field("messages").([]any)
		for _, m := range list {
			s += m.(map[string]any)["body"].(string)
		}
		return s
	}
	first := c.get("/v1/Conversations/c/Messages?Order=desc&PageSize=3")
	if bodies(first) != "gfe" || first.field("meta.previous_page_url") != nil || first.field("meta.page_size") != 3.0 {
		t.Errorf("first page %q, meta %v", bodies(first), first.field("meta"))
	}
	if got := first.text("meta.first_page_url"); got != "https://conversations.twilio.com/v1/Conversations/c/Messages?Order=desc&PageSize=3&Page=0" {
		t.Errorf("first_page_url = %s", got)
	}
	c.post("/v1/Conversations/c/Messages", "Body", "h") // must not shift the next pages
	second := c.get(first.text("meta.next_page_url"))
	third := c.get(second.text("meta.next_page_url"))
	if bodies(second) != "dcb" || bodies(third) != "a" || third.field("meta.next_page_url") != nil || third.field("meta.page") != 2.0 {
		t.Errorf("then %q, %q, meta %v", bodies(second), bodies(third), third.field("meta"))
	}
	if back := c.get(third.text("meta.previous_page_url")); bodies(back) != "dcb" || back.field("meta.page") != 1.0 {
		t.Errorf("back to %q", bodies(back))
	}
	if same := c.get(second.text("meta.url")); bodies(same) != "dcb" {
		t.Errorf("url of the second page leads to %q", bodies(same))
	}
	if alone := c.get("/v1/Conversations/c/Messages?Page=1&PageSize=2"); bodies(alone) != "ab" || alone.field("meta.previous_page_url") != nil {
		t.Errorf("Page without a token shows %q", bodies(alone))
	}
	token := tokenOf(t, first)
	c.refused(c.do("GET", "/v1/Conversations/d/Messages?PageToken="+token, nil), 400, 20001, "")
	c.refused(c.do("GET", "/v1/Conversations?PageToken="+token, nil), 400, 20001, "")
	for _, query := range []string{"PageToken=x", "PageToken=PT", "PageSize=0", "PageSize=-1", "PageSize=x", "Page=-1", "Page=x", "Order=up"} {
		c.refused(c.do("GET", "/v1/Conversations/c/Messages?"+query, nil), 400, 20001, "")
	}
	c.refused(c.do("GET", "/v1/Conversations/c/Messages?PageSize=1001", nil), 400, 20007, "")
	for path, size := range map[string]float64{
		"/v1/Conversations?PageSize=1000": 100, "/v1/Conversations/c/Webhooks?PageSize=50": 5, "/v1/Conversations/c/Webhooks": 5,
		"/v1/ParticipantConversations?Identity=x&PageSize=1000": 50, "/v1/Conversations": 50,
	} {
		if got := c.get(path).field("meta.page_size"); got != size {
			t.Errorf("page_size of %s = %v, want %v", path, got, size)
		}
	}
}

func tokenOf(t *testing.T, r reply) string {
	t.Helper()
	next, err := url.Parse(r.text("meta.next_page_url"))
	if err != nil {
		t.Fatal(err)
	}
	return next.Query().Get("PageToken")
}

func TestConversationsAreListedByActivityStateAndDate(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	names := func(query string) (s string) {
		list, _ := c.get("/v1/Conversations" + query).field("conversations").([]any)
		for _, item := range list {
			s += item.(map[string]any)["unique_name"].(string)
		}
		return s
	}
	c.post("/v1/Conversations", "UniqueName", "a", "DateCreated", "2026-01-01T00:00:00Z")
	c.advance("1m")
	c.post("/v1/Conversations", "UniqueName", "b", "DateCreated", "2026-02-01T00:00:00Z")
	c.advance("1m")
	c.post("/v1/Conversations", "UniqueName", "c", "DateCreated", "2026-03-01T00:00:00Z", "State", "inactive")
	c.advance("1m")
	c.post("/v1/Conversations/a/Messages", "Body", "x")
	for query, want := range map[string]string{
		"": "acb", "?State=active": "ab", "?State=INACTIVE": "c", "?State=closed": "",
		"?StartDate=2026-01-15&EndDate=2026-03-01": "cb", "?StartDate=2026-01-15&State=active": "b", "?EndDate=2026-01-01": "a",
		"?StartDate=2026": "cba", "?EndDate=2026": "cba", "?EndDate=2025": "", "?StartDate=2026-02&EndDate=2026-02": "b",
		"?StartDate=2026-02-01T01:00:00.000%2B0100&EndDate=2026-02-28T23:59:59-0800": "cb", "?EndDate=2026-01-31T16:00:00.000-0800": "ba",
	} {
		if got := names(query); got != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
	}
	c.refused(c.do("GET", "/v1/Conversations?State=open", nil), 400, 20001, "")
	c.refused(c.do("GET", "/v1/Conversations?StartDate=soon", nil), 400, 20001, "")
	c.refused(c.do("GET", "/v1/Conversations?StartDate=2026-02-01&EndDate=2026-01-01", nil), 400, 50396, "")
	c.refused(c.do("GET", "/v1/Conversations?StartDate=2026-02-01T00:00:00Z&EndDate=2026-02-01T00:00:00Z", nil), 400, 50396, "")
	made := c.post("/v1/Conversations", "DateCreated", "2020-12-12T10:53:43.000-0800", "DateUpdated", "2020-12")
	if created, updated := made.text("date_created"), made.text("date_updated"); created != "2020-12-12T18:53:43Z" || updated != "2020-12-01T00:00:00Z" {
		t.Errorf("made on %s, updated on %s", created, updated)
	}
}
