package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

// freeAddress is an address at which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := findAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// findAddress finds an address at which nothing listens. Its port is below those that a system gives out for port 0, so
// that nobody else gets it meanwhile.
func findAddress() (address string, err error) {
	for range 100 {
		address = fmt.Sprintf("127.0.0.1:%d", 10000+rand.IntN(20000))
		var listener net.Listener
		if listener, err = net.Listen("tcp", address); err == nil {
			return address, listener.Close()
		}
	}
	return "", err
}

// TestChatAttaches: a chat uses the emulator at its URL, starts its own there or on a free port when none answers, and
// refuses to when the URL was given.
func TestChatAttaches(t *testing.T) {
	t.Parallel()
	logger := slog.New(slog.DiscardHandler)
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	nobody := "http://" + freeAddress(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()

	client, first, err := attach(ctx, chatFlags{url: &urlFlag{nobody}}, logger)
	if err != nil || first == nil || client.URL() != nobody {
		t.Fatalf("where none answers: %v, %v, at %s, not %s", first, err, client.URL(), nobody)
	}
	defer first.stopOwn(ctx, logger)
	if client, own, err := attach(ctx, chatFlags{url: &urlFlag{nobody}}, logger); err != nil || own != nil || client.URL() != nobody {
		t.Errorf("where one answers: %v, %v", own, err)
	}
	client, second, err := attach(ctx, chatFlags{url: &urlFlag{stranger.URL}}, logger)
	if err != nil || second == nil || client.URL() == stranger.URL {
		t.Fatalf("where another program answers: %v, %v", second, err)
	}
	defer second.stopOwn(ctx, logger)
	if _, own, err := attach(ctx, chatFlags{url: &urlFlag{stranger.URL}, urlGiven: true}, logger); err == nil || own != nil {
		t.Errorf("where another program answers and the URL was given: %v, %v", own, err)
	}

	// Its own emulator has its bridge.
	if _, err := client.Join(ctx, defaultPhone, emulator.DefaultJoinCode); err != nil {
		t.Fatal(err)
	}
	sent, err := client.SendMessage(ctx, defaultPhone, control.NewMessage{Body: "Hola"})
	if err != nil {
		t.Fatal(err)
	}
	o := outcome{Message: sent}
	if err := o.await(ctx, client, 20*time.Second); err != nil || o.ConversationSID == "" {
		t.Errorf("the bridge opened no conversation: %+v, %v", o, err)
	}
}

// TestStackRefusals: what cannot be started leaves nothing behind.
func TestStackRefusals(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	bridgeAddress := freeAddress(t)
	for name, c := range map[string]stackConfig{
		"the emulator's port is in use": {listen: taken.Addr().String()},
		"an account that cannot be":     {listen: "127.0.0.1:0", accounts: []emulator.Account{{SID: "AC1", AuthToken: "x"}}},
		"a bridge that cannot be":       {listen: "127.0.0.1:0", policy: "strict"},
	} {
		c.bridge, c.bridgeListen, c.logger = true, bridgeAddress, slog.New(slog.DiscardHandler)
		if s, err := startStack(t.Context(), c); err == nil || s != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
		again, err := new(net.ListenConfig).Listen(t.Context(), "tcp", bridgeAddress)
		if err != nil {
			t.Fatalf("%s: the bridge's port is still open: %v", name, err)
		}
		_ = again.Close()
	}
}

// TestStackStopsInTime: a message that the bridge cannot deliver does not hold up the end, and is not passed over.
func TestStackStopsInTime(t *testing.T) {
	t.Parallel()
	s, err := startStack(t.Context(), stackConfig{listen: "127.0.0.1:0", bridgeListen: "127.0.0.1:0", bridge: true,
		flowSID: emulator.DefaultFlowSID, logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	client := s.emulator.Control()
	if _, err := client.CreateFault(t.Context(), traffic.Fault{Path: "/v1/Conversations", Status: http.StatusServiceUnavailable}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Join(t.Context(), defaultPhone, emulator.DefaultJoinCode); err != nil {
		t.Fatal(err)
	}
	if _, err := client.SendMessage(t.Context(), defaultPhone, control.NewMessage{Body: "Hola"}); err != nil {
		t.Fatal(err)
	}
	// The bridge has the message, and has been refused, when the first such answer is recorded.
	refused := errors.New("refused")
	err = client.StreamTraffic(t.Context(), 0, func(e traffic.Exchange) error {
		if e.Status == http.StatusServiceUnavailable {
			return refused
		}
		return nil
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err = s.stop(ctx)
	if err == nil || !strings.Contains(err.Error(), "messages that had not reached a conversation: 1") {
		t.Errorf("the end says %v", err)
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for listens, want := range map[string]string{"0.0.0.0:4155": "127.0.0.1:4155", "[::]:80": "127.0.0.1:80", "127.0.0.1:1": "127.0.0.1:1", "[::1]:2": "[::1]:2"} {
		address, err := net.ResolveTCPAddr("tcp", listens)
		if err != nil {
			t.Fatal(err)
		}
		if got := reachable(address); got != want {
			t.Errorf("%s is reached by %s, want %s", listens, got, want)
		}
	}
}
