package twilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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
		"2015-07-30T22:00:00+0200":      "2015-07-30T20:00:00.000Z",
		"2020-12-12T10:53:43.000-0800":  "2020-12-12T18:53:43.000Z",
		"2020-12-12T10:53:43.5-08":      "2020-12-12T18:53:43.500Z",
		"2020-12-12T10:53":              "2020-12-12T10:53:00.000Z",
		"2020-12-12T10:53Z":             "2020-12-12T10:53:00.000Z",
		"2020-12":                       "2020-12-01T00:00:00.000Z",
		"2020":                          "2020-01-01T00:00:00.000Z",
		"2020-13":                       "",
		"20201212":                      "",
		"20":                            "",
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

func TestParsePeriod(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string][2]string{
		"2020":                         {"2020-01-01T00:00:00.000Z", "2021-01-01T00:00:00.000Z"},
		"2020-12":                      {"2020-12-01T00:00:00.000Z", "2021-01-01T00:00:00.000Z"},
		"2020-02":                      {"2020-02-01T00:00:00.000Z", "2020-03-01T00:00:00.000Z"},
		"2020-02-29":                   {"2020-02-29T00:00:00.000Z", "2020-03-01T00:00:00.000Z"},
		"2020-12-12T10:53+01:00":       {"2020-12-12T09:53:00.000Z", "2020-12-12T09:54:00.000Z"},
		"2020-12-12T10:53:43-0800":     {"2020-12-12T18:53:43.000Z", "2020-12-12T18:53:44.000Z"},
		"2020-12-12T10:53:43.250-0800": {"2020-12-12T18:53:43.000Z", "2020-12-12T18:53:44.000Z"},
		"9999":                         {"9999-01-01T00:00:00.000Z", "10000-01-01T00:00:00.000Z"},
	} {
		from, before, err := ParsePeriod(sent)
		if got := [2]string{WebhookDate(from), WebhookDate(before)}; err != nil || got != want {
			t.Errorf("%q is %q, %v, want %q", sent, got, err, want)
		}
	}
	for _, sent := range []string{"", "yesterday", "2021-02-29", "2020-", "2020-12-12T", "2020-12-12T10:53:43-08000"} {
		if from, before, err := ParsePeriod(sent); err == nil {
			t.Errorf("%q is %s to %s", sent, from, before)
		}
	}
}

// A date that is read has a period that it begins, or its second does, and that ends later.
func FuzzParseDate(f *testing.F) {
	for _, sent := range []string{"2020", "2020-12", "2020-12-12", "2020-12-12T10:53:43.000-0800", "2020-12-12T10:53Z", "0000", "9999-12-31T23:59:59.999999999+2359"} {
		f.Add(sent)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		at, err := ParseDate(sent)
		from, before, periodErr := ParsePeriod(sent)
		if (err == nil) != (periodErr == nil) {
			t.Fatalf("%q: ParseDate says %v, ParsePeriod %v", sent, err, periodErr)
		}
		if err == nil && (from.After(at) || !before.After(at)) {
			t.Errorf("%q is %s, and its period %s to %s", sent, at, from, before)
		}
	})
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

		"whatsapp:US.13491208655302741918":        ChannelWhatsApp,
		"whatsapp:BR.aB3":                         ChannelWhatsApp,
		"whatsapp:US.ENT.11815799212886844830":    ChannelWhatsApp,
		"US.13491208655302741918":                 "",
		"rcs:US.13491208655302741918":             "",
		"whatsapp:us.13491208655302741918":        "",
		"whatsapp:USA.1":                          "",
		"whatsapp:US.":                            "",
		"whatsapp:US.ENT.":                        "",
		"whatsapp:US.1-2":                         "",
		"whatsapp:+US.1":                          "",
		"whatsapp:US." + strings.Repeat("1", 129): "",
	} {
		channel, ok := Channel(address)
		if channel != want || ok != (want != "") || IsAddress(address) != ok {
			t.Errorf("%q is on channel %q, %v, want %q", address, channel, ok, want)
		}
		if userID := strings.Contains(address, "."); ok && (IsExternalUserID(address) != userID || IsNumber(address) == userID) {
			t.Errorf("%q: an ID %v, a number %v", address, IsExternalUserID(address), IsNumber(address))
		}
	}
}

// An address is a number or an ID, never both, and bounded.
func FuzzChannel(f *testing.F) {
	for _, seed := range []string{"+15558675310", "whatsapp:+15558675310", "whatsapp:US.13491208655302741918", "whatsapp:US.ENT.1", "rcs:+15558675310", "whatsapp:"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		channel, ok := Channel(address)
		if ok != (IsNumber(address) != IsExternalUserID(address)) || IsNumber(address) && IsExternalUserID(address) {
			t.Errorf("%q: address %v, number %v, ID %v", address, ok, IsNumber(address), IsExternalUserID(address))
		}
		if ok && (len(address) > MaxAddress || IsWhatsApp(address) != (channel == ChannelWhatsApp)) {
			t.Errorf("%q of %d bytes is on %q", address, len(address), channel)
		}
	})
}
