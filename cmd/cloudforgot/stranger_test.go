package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestStrangers: what another program answers counts as no emulator, and what an emulator answers is let through.
func TestStrangers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status      int
		contentType string
		body        string
		code        int
	}{
		"a page":                      {200, "text/html", "<html>", exitUnreachable},
		"no type":                     {204, "", "", exitUnreachable},
		"a page that is not there":    {404, "text/plain; charset=utf-8", "404 page not found", exitUnreachable},
		"another API's error":         {404, "application/json", `{"detail":"Not Found"}`, exitUnreachable},
		"an error that is no JSON":    {502, "application/json", "bad gateway", exitUnreachable},
		"an emulator":                 {200, "application/json", `{"now":"2026-11-23T17:00:00Z"}`, exitOK},
		"an emulator that refuses":    {400, "application/json", `{"error":"no"}`, exitUsage},
		"an emulator that has failed": {500, "application/json", `{"error":"no"}`, exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.contentType)
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			}))
			defer server.Close()
			code, _, stderr := execute(t, nil, "clock", "show", "--url", server.URL)
			if code != test.code {
				t.Errorf("exit code %d, want %d: %s", code, test.code, stderr)
			}
		})
	}
}
