package tui

import (
	"slices"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// A message in lines has everything that is in it, and nothing that controls a terminal.
func TestMessageLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		m    whatsapp.Message
		want []string
	}{
		{whatsapp.Message{}, nil},
		{whatsapp.Message{Body: "Hola\r\n\x1b[31m\u202eamigo"}, []string{"Hola", "␛[31mamigo"}},
		{whatsapp.Message{Body: "Look", Media: []whatsapp.File{{Filename: "a\n.pdf", ContentType: "application/pdf", Size: 1200}, {}}},
			[]string{"Look", "[a ↵ .pdf (application/pdf, 1 KB)]", "[file (0 B)]"}},
		{whatsapp.Message{Details: whatsapp.Details{Location: &whatsapp.Location{Latitude: 1, Longitude: -2.5, Label: "Plaza"}}}, []string{"[location Plaza, 1, -2.5]"}},
		{whatsapp.Message{Body: "Yes", Details: whatsapp.Details{ReplyTo: "SM1", Button: &whatsapp.Button{Text: "Yes", Payload: "yes_1"}}},
			[]string{"Yes", "[answers SM1]", "[tapped a button (yes_1)]"}},
		{whatsapp.Message{Body: "Yes", Details: whatsapp.Details{Button: &whatsapp.Button{Text: "Yes", Payload: "Yes"}}}, []string{"Yes", "[tapped a button]"}},
		{whatsapp.Message{Body: "At 9", Details: whatsapp.Details{ListChoice: &whatsapp.ListChoice{ID: "slot_9", Title: "At 9"}}}, []string{"At 9", "[picked from a list (slot_9)]"}},
		{whatsapp.Message{Body: "x", Details: whatsapp.Details{Forwarded: true, FrequentlyForwarded: true, Referral: &whatsapp.Referral{Headline: "Half price"}}},
			[]string{"x", "[forwarded many times]", "[from an advertisement: Half price]"}},
		{whatsapp.Message{Body: "Well?", Sending: whatsapp.Sending{Buttons: []content.Button{{Text: "Yes", Payload: "yes\n1"}, {Text: "Shop", Link: "https://x"},
			{Text: "Small", Option: true, Description: "30 cm"}}}},
			[]string{"Well?", "[button Yes (yes ↵ 1)]", "[button Shop (https://x)]", "[option Small: 30 cm]"}},
	} {
		if got := MessageLines(test.m); !slices.Equal(got, test.want) {
			t.Errorf("%+v in lines: %q, want %q", test.m, got, test.want)
		}
	}
}
