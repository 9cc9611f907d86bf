package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// What another program answers counts as no emulator.
func TestStranger(t *testing.T) {
	t.Parallel()
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	if code, _, stderr := execute(t, nil, "clock", "show", "--url", stranger.URL); code != exitUnreachable {
		t.Errorf("exit code %d, want %d: %s", code, exitUnreachable, stderr)
	}
}
