package twilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestErrorIsTwiliosBody(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(InvalidParameter("Order"))
	want := `{"code":20001,"message":"Invalid value for parameter Order","more_info":"https://www.twilio.com/docs/errors/20001","status":400}`
	if string(got) != want || err != nil {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if !IsNotFound(fmt.Errorf("wrapped: %w", NotFound("/X"))) || IsNotFound(ErrInternal) || IsNotFound(errors.New("404")) {
		t.Error("IsNotFound takes other errors for a 404, or a 404 for another error")
	}
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"2015-07-30T20:00:00Z":          "2015-07-30T20:00:00.000Z",
		"2015-07-30T22:00:00.25+02:00":  "2015-07-30T20:00:00.250Z",
		"2015-07-30T20:00:00":           "2015-07-30T20:00:00.000Z",
		"2015-07-30":                    "2015-07-30T00:00:00.000Z",
		"30 July 2015":                  "",
		"":                              "",
		"2015-02-30":                    "",
		"2015-07-30T20:00:00+0200":      "",
		"2015-07-30T20:00:00Z trailing": "",
	} {
		at, err := ParseDate(sent)
		if (err == nil) != (want != "") || err == nil && WebhookDate(at) != want {
			t.Errorf("%q is read as %s, %v, want %q", sent, WebhookDate(at), err, want)
		}
	}
	at := time.Unix(0, 0)
	if err := SetDate(&at, nil, ErrInternal); err != nil || at.Unix() != 0 {
		t.Errorf("a date that was not sent: %v, %v", at, err)
	}
	if err := SetDate(&at, new("x"), ErrPageToken); !errors.Is(err, ErrPageToken) || at.Unix() != 0 {
		t.Errorf("a malformed date: %v, %v", at, err)
	}
}

func TestChannel(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"+15558675310":          ChannelSMS,
		"whatsapp:+15558675310": ChannelWhatsApp,
		"rcs:+15558675310":      ChannelRCS,
		"whatsapp:15558675310":  "",
		"WhatsApp:+15558675310": "",
		"+0555867531":           "",
		"+155586":               "",
		"+1234567890123456":     "",
		"":                      "",
	} {
		channel, ok := Channel(address)
		if channel != want || ok != (want != "") || IsAddress(address) != ok {
			t.Errorf("%q is on channel %q, %v, want %q", address, channel, ok, want)
		}
	}
}
