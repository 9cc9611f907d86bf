package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestStackAnswersToItsNames: the emulator answers to the names of --allow-host, and to no others.
func TestStackAnswersToItsNames(t *testing.T) {
	t.Parallel()
	s, err := startStack(t.Context(), stackConfig{listen: "localhost:0", allowHosts: []string{"emulator.test"}, logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	for host, want := range map[string]int{"localhost": 200, "emulator.test": 200, "evil.example": 403} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/_emulator/health", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host + s.url[strings.LastIndexByte(s.url, ':'):]
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d %s, want %d", host, res.StatusCode, body, want)
		}
	}
}

func TestStackHosts(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string][]string{
		"127.0.0.1:4155": {"a"}, ":4155": {"a"}, "0.0.0.0:4155": {"a"}, "[::1]:4155": {"a"}, "emulator.test:4155": {"a", "emulator.test"},
	} {
		if got := (stackConfig{listen: listen, allowHosts: []string{"a"}}).hosts(); !slices.Equal(got, want) {
			t.Errorf("--listen %s: %v, want %v", listen, got, want)
		}
	}
}
