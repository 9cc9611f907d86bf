package control_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func TestStreams(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	joined := make(chan conversations.Event, 1)
	exchanged := make(chan traffic.Exchange, 1)
	failed := make(chan error, 2)
	go func() {
		failed <- c.StreamEvents(ctx, 0, func(e conversations.Event) error {
			if e.Type == conversations.SandboxJoined {
				joined <- e
			}
			return nil
		})
	}()
	go func() {
		failed <- c.StreamTraffic(ctx, 0, func(e traffic.Exchange) error {
			exchanged <- e
			return nil
		})
	}()
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	res, err := emu.Client().Get("https://conversations.twilio.com/v1/Conversations")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	select {
	case e := <-joined:
		if e.Params.Get("From") != "whatsapp:"+phone {
			t.Errorf("joined event = %+v", e)
		}
	case <-ctx.Done():
		t.Fatal("no event came")
	}
	select {
	case e := <-exchanged:
		if e.Status != 401 || e.URL != "https://conversations.twilio.com/v1/Conversations" {
			t.Errorf("exchange = %+v", e)
		}
	case <-ctx.Done():
		t.Fatal("no exchange came")
	}
	cancel()
	for range 2 {
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("a stream that was left ended with %v", err)
		}
	}
}

func TestCloseEndsStreams(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	must[whatsapp.Phone](t)(c.Join(ctx, phone, emulator.DefaultJoinCode))
	following, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		first := true
		ended <- control.NewClient(emu.URL, nil).StreamEvents(ctx, 0, func(conversations.Event) error {
			if first {
				close(following)
			}
			first = false
			return nil
		})
	}()
	<-following
	if err := emu.Close(); err != nil {
		t.Errorf("close with a stream open: %v", err)
	}
	if err := <-ended; err == nil || ctx.Err() != nil {
		t.Errorf("the stream ended with %v", err)
	}
}
