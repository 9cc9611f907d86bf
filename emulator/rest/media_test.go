package rest_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// service is the SID of the account's default service.
func (c *tester) service() string {
	c.t.Helper()
	account, err := c.api.FetchAccount(c.t.Context(), c.user)
	if err != nil {
		c.t.Fatal(err)
	}
	return account.DefaultServiceSID
}

// mcs is the path of the account's files.
func (c *tester) mcs() string {
	return "https://mcs.us1.twilio.com/v1/Services/" + c.service() + "/Media"
}

// upload sends a picture.
func (c *tester) upload(content string) reply {
	c.t.Helper()
	return c.want(2, c.with("Content-Type", "image/jpeg").do("POST", c.mcs()+"?Filename=cat.jpg", strings.NewReader(content)))
}

func TestMediaGolden(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	uploaded := c.upload("picture")
	if uploaded.status != 201 {
		t.Errorf("status = %d, want 201", uploaded.status)
	}
	golden(t, "media_created", uploaded.body)
	self := c.mcs() + "/" + uploaded.text("sid")
	golden(t, "media", c.get(self).body)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.advance("1m")
	golden(t, "message_media", c.post("/v1/Conversations/c/Messages", "MediaSid", uploaded.text("sid")).body)
	golden(t, "media_attached", c.get(self).body)
}

func TestMediaForms(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	form := func(parts ...textproto.MIMEHeader) (string, []byte) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for _, header := range parts {
			part, err := w.CreatePart(header)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(part, "picture"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return w.FormDataContentType(), b.Bytes()
	}
	part := func(disposition, contentType string) textproto.MIMEHeader {
		h := textproto.MIMEHeader{"Content-Disposition": {"form-data; " + disposition}}
		if contentType != "" {
			h.Set("Content-Type", contentType)
		}
		return h
	}
	for _, u := range []struct {
		parts              []textproto.MIMEHeader
		query, name, oftyp string
	}{
		{[]textproto.MIMEHeader{part(`name="file"; filename="a/b.png"`, "image/png")}, "", "b.png", "image/png"},
		{[]textproto.MIMEHeader{part(`name="note"`, ""), part(`name="Media"; filename="x"`, "audio/ogg; codecs=opus")}, "?Filename=y", "y", "audio/ogg; codecs=opus"},
		{[]textproto.MIMEHeader{part(`name="file"`, "")}, "", "", "application/octet-stream"},
	} {
		contentType, body := form(u.parts...)
		r := c.want(2, c.with("Content-Type", contentType).do("POST", c.mcs()+u.query, bytes.NewReader(body)))
		if r.text("content_type") != u.oftyp || r.text("filename") != u.name || r.field("size") != 7.0 || r.field("is_multipart_upstream") != false {
			t.Errorf("%v made %s", u.parts, r.body)
		}
	}
	contentType, body := form(part(`name="other"; filename="x"`, "image/png"))
	c.refused(c.with("Content-Type", contentType).do("POST", c.mcs(), bytes.NewReader(body)), 400, 20001, "Missing required parameter file in the post body")
	contentType, body = form(part(`name="file"`, "image/png"))
	for cut := range len(body) - len("--\r\n") {
		c.refused(c.with("Content-Type", contentType).do("POST", c.mcs(), bytes.NewReader(body[:cut])), 400, 20001, "")
	}
	contentType, body = form(part(`name="file"`, "picture"))
	c.refused(c.with("Content-Type", contentType+"; x").do("POST", c.mcs(), bytes.NewReader(body)), 400, 50511, "")
}

// A refused upload leaves nothing: there is no file, and nothing to collect.
func TestMediaRefusals(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	before := c.jobs()
	jpeg := c.with("Content-Type", "image/jpeg")
	c.refused(jpeg.do("POST", c.mcs(), io.MultiReader(strings.NewReader("pic"), cutShort{})), 400, 20001, "")
	c.refused(jpeg.with("Content-Size", "9").do("POST", c.mcs(), strings.NewReader("picture")), 400, 20001, "")
	c.refused(jpeg.do("POST", c.mcs(), nil), 400, 20001, "")
	c.refused(jpeg.do("POST", c.mcs()+"?Filename="+strings.Repeat("x", 257), strings.NewReader("picture")), 400, 20001, "")
	c.refused(c.with("Content-Type", "picture;").do("POST", c.mcs(), strings.NewReader("picture")), 400, 50511, "Invalid message media content type")
	c.refused(c.with("Content-Type", "multipart/form-data").do("POST", c.mcs(), strings.NewReader("picture")), 400, 20001, "")
	large := httptest.NewRequestWithContext(t.Context(), "POST", c.mcs(), strings.NewReader("x"))
	large.Header.Set("Content-Type", "image/jpeg")
	large.SetBasicAuth(accountSID, authToken)
	large.ContentLength = 200 << 20
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, large)
	c.refused(reply{w.Code, w.Header(), w.Body.Bytes()}, 400, 50512, "Message media size is too large")
	missing := strings.Replace(c.mcs(), c.service(), "IS"+strings.Repeat("0", 32), 1)
	c.refused(jpeg.do("POST", missing, strings.NewReader("picture")), 404, 20404, "")
	if after := c.jobs(); after != before {
		t.Errorf("%d jobs wait after the refusals, %d before", after, before)
	}
	c.with("Content-Type", "").want(2, c.with("Content-Type", "").do("POST", c.mcs(), strings.NewReader("picture")))
}

// jobs says whether something waits for the clock: 1 or 0.
func (c *tester) jobs() int {
	c.t.Helper()
	_, waiting, err := c.outbox.Agenda().Next(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	if waiting {
		return 1
	}
	return 0
}

func TestMediaIsReachable(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	sid := c.upload("picture").text("sid")
	nobody := c.as("", "")
	// By host, the content is on the other host.
	byHost := c.mcs() + "/" + sid
	redirect := c.do("GET", byHost+"/Content", nil)
	if redirect.status != 307 || !strings.HasPrefix(redirect.header.Get("Location"), "https://media.us1.twilio.com/"+sid+"?") {
		t.Errorf("Content answers %d %s", redirect.status, redirect.header.Get("Location"))
	}
	if got := nobody.get(redirect.header.Get("Location")); string(got.body) != "picture" || got.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("the link leads to %q of type %s", got.body, got.header.Get("Content-Type"))
	}
	// By prefix, the content is under another name of this machine, or on the same host where there is none.
	for base, second := range map[string]string{"http://127.0.0.1:4155": "http://localhost:4155", "http://localhost:4155": "http://127.0.0.1:4155"} {
		redirect := c.do("GET", base+"/mcs/v1/Services/"+c.service()+"/Media/"+sid+"/Content", nil)
		link := redirect.header.Get("Location")
		if redirect.status != 307 || !strings.HasPrefix(link, second+"/media/"+sid+"?") {
			t.Errorf("Content under %s answers %d %s", base, redirect.status, link)
		}
		if got := nobody.get(link); string(got.body) != "picture" {
			t.Errorf("the link leads to %q", got.body)
		}
		c.refusesCredentials(link)
	}
	byPath := "http://emulator.test:4155/mcs/v1/Services/" + c.service() + "/Media/" + sid
	if got := c.get(byPath + "/Content"); got.status != 200 || string(got.body) != "picture" {
		t.Errorf("Content under a prefix answers %d %q", got.status, got.body)
	}
	link := c.get(byPath).text("links.content_direct_temporary")
	if !strings.HasPrefix(link, "http://emulator.test:4155/media/"+sid+"?") {
		t.Errorf("link = %s", link)
	}
	if got := nobody.get(link); string(got.body) != "picture" {
		t.Errorf("the link leads to %q", got.body)
	}
	// The relative URLs of the body lead back to it.
	for _, base := range []string{"https://mcs.us1.twilio.com", "http://127.0.0.1:4155/mcs"} {
		if got := c.get(base + c.get(byHost).text("url")).text("sid"); got != sid {
			t.Errorf("url under %s leads to %q", base, got)
		}
	}
}

func TestMediaLinksExpire(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	first, second := c.upload("first").text("sid"), c.upload("second").text("sid")
	link := c.get(c.mcs() + "/" + first).text("links.content_direct_temporary")
	nobody := c.as("", "")
	nobody.get(link)
	c.refusesCredentials(link)
	const invalid = "Forbidden: the signature of the link is not valid"
	for _, forged := range []string{
		strings.Replace(link, first, second, 1), strings.Replace(link, "Expires=", "Expires=9", 1),
		strings.Replace(link, "Signature=", "Signature=A", 1), strings.Replace(link, "Key-Pair-Id=", "Key-Pair-Id=A", 1),
		strings.ReplaceAll(link, "?", "?x="),
	} {
		c.refused(nobody.do("GET", forged, nil), 403, 20403, invalid)
	}
	c.advance("299s")
	nobody.get(link)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations/c/Messages", "MediaSid", first)
	c.advance("1s")
	c.refused(nobody.do("GET", link, nil), 403, 20403, "Forbidden: the link has expired")
	c.del(c.mcs() + "/" + first)
	c.refused(nobody.do("GET", link, nil), 404, 20404, "The requested resource /"+first+" was not found")
	c.refused(nobody.do("GET", "https://media.us1.twilio.com/", nil), 404, 20404, "")
}

// A file waits five minutes for one message, stays as long as it, and goes with it.
func TestMediaLife(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	c.post("/v1/Conversations", "UniqueName", "c")
	c.post("/v1/Conversations", "UniqueName", "d")
	const messages = "/v1/Conversations/c/Messages"
	attached, forgotten := c.upload("attached").text("sid"), c.upload("forgotten").text("sid")
	message := c.post(messages, "MediaSid", attached, "Body", "Look")
	c.refused(c.try("/v1/Conversations/d/Messages", "MediaSid", attached), 409, 50508, "Media already sent with another message")
	c.refused(c.try(messages+"/"+message.text("sid"), "Body", "x"), 400, 50509, "")
	c.advance("4m59s")
	c.get(c.mcs() + "/" + forgotten)
	c.advance("1s")
	c.refused(c.do("GET", c.mcs()+"/"+forgotten, nil), 404, 20404, "")
	c.refused(c.try(messages, "MediaSid", forgotten), 404, 50507, "Media not found")
	c.advance("240h")
	if got := c.get(c.mcs() + "/" + attached); got.text("message_sid") != message.text("sid") || got.text("channel_sid") != message.text("conversation_sid") {
		t.Errorf("the attached file says %s", got.body)
	}
	c.del(messages + "/" + message.text("sid"))
	c.refused(c.do("GET", c.mcs()+"/"+attached, nil), 404, 20404, "")
	c.refused(c.do("GET", c.mcs()+"/"+attached+"/Content", nil), 404, 20404, "")
	gone := c.upload("gone").text("sid")
	c.post("/v1/Conversations/d/Messages", "MediaSid", gone)
	c.del("/v1/Conversations/d")
	c.refused(c.do("GET", c.mcs()+"/"+gone, nil), 404, 20404, "")
	if c.jobs() != 0 {
		t.Error("files that are gone are still to be collected")
	}
}

func TestMediaOfAnotherAccount(t *testing.T) {
	t.Parallel()
	c := newAPI(t, nil)
	foreign := c.as(foreignSID, authToken)
	sid := c.upload("picture").text("sid")
	for _, path := range []string{c.mcs() + "/" + sid, foreign.mcs() + "/" + sid, c.mcs() + "/" + sid + "/Content", foreign.mcs() + "/" + sid + "/Content"} {
		foreign.refused(foreign.do("GET", path, nil), 404, 20404, "")
	}
	foreign.refused(foreign.do("DELETE", c.mcs()+"/"+sid, nil), 404, 20404, "")
	foreign.refused(foreign.with("Content-Type", "image/jpeg").do("POST", c.mcs(), strings.NewReader("x")), 404, 20404, "")
	foreign.post("/v1/Conversations", "UniqueName", "theirs")
	foreign.refused(foreign.try("/v1/Conversations/theirs/Messages", "MediaSid", sid), 404, 50507, "")
	c.refused(c.as("", "").do("GET", c.mcs()+"/"+sid, nil), 401, 20003, "")
	service, err := c.api.CreateService(t.Context(), conversations.Scope{AccountSID: accountSID},
		conversations.CreateServiceParams{FriendlyName: new("Other")})
	if err != nil {
		t.Fatal(err)
	}
	c.post("/v1/Services/"+service.SID+"/Conversations", "UniqueName", "other")
	c.refused(c.try("/v1/Services/"+service.SID+"/Conversations/other/Messages", "MediaSid", sid), 404, 50507, "")
	c.get(c.mcs() + "/" + sid)
}
