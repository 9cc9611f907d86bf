package bridge

import (
	"testing"
	"time"
)

// TestMayRead: what Twilio captures of a location is not documented, so any words with its coordinates are it.
func TestMayRead(t *testing.T) {
	t.Parallel()
	text := parameters{"Body": {"Hola"}}
	location := parameters{"Body": {""}, "Latitude": {"25.0188"}, "Longitude": {"-77.4"}}
	photo := parameters{"Body": {""}, "NumMedia": {"1"}}
	for _, test := range []struct {
		name    string
		message parameters
		body    string
		want    bool
	}{
		{"the same text", text, "Hola", true},
		{"another text", text, "Hola!", false},
		{"a text, and nothing captured", text, "", false},
		{"a location, captured without words", location, "", true},
		{"a location, captured as a link", location, "The fort\nhttps://maps.google.com/?q=25.0188,-77.4", true},
		{"a location, and half of it", location, "25.0188", false},
		{"a location, and another one", location, "https://maps.google.com/?q=25.0189,-77.4", false},
		{"a location, and a text", location, "Where are you?", false},
		{"a photo, captured without words", photo, "", true},
		{"a photo, and a text", photo, "Look", false},
	} {
		m := &inbound{Parameters: test.message}
		if got := m.mayRead(test.body); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

func TestCaptureWait(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		since    time.Duration
		min, max time.Duration
	}{
		"accepted long ago":      {time.Hour, -time.Hour - time.Minute, 0},
		"accepted just now":      {0, 0, dateTolerance},
		"the clock was set back": {-time.Hour, dateTolerance, dateTolerance},
	} {
		if got := captureWait(test.since); got < test.min || got > test.max {
			t.Errorf("%s: %s, want %s to %s", name, got, test.min, test.max)
		}
	}
}
