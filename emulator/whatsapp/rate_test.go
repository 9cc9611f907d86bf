package whatsapp_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Messages at any times to any phones, and steps of the clock: never two within the interval, in the order in which they
// were made, and none is lost. What is going to fail does not wait, and takes nobody's turn.
func TestRateQueue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		interval := time.Duration(rapid.IntRange(1, 5000).Draw(rt, "interval in ms")) * time.Millisecond
		w.set(t, fmt.Sprintf(`{"rate_interval":%q}`, interval))
		members := []string{ada, "+447700900123", "+5491155551234"}
		for _, phone := range members {
			w.send(t, phone, "join acme-code")
		}
		var made []whatsapp.Message
		for range rapid.IntRange(1, 20).Draw(rt, "steps") {
			if rapid.Bool().Draw(rt, "time passes") {
				w.advance(t, time.Duration(rapid.IntRange(1, 8000).Draw(rt, "ms"))*time.Millisecond)
				continue
			}
			if rapid.IntRange(0, 4).Draw(rt, "stranger") == 0 {
				if got := w.outcome(t, w.write(t, whatsapp.SandboxNumber, "+819012345678", whatsapp.MessageParams{})); got != "failed 63015" {
					rt.Fatalf("a stranger's message is %s", got)
				}
				continue
			}
			phone := rapid.SampledFrom(members).Draw(rt, "phone")
			made = append(made, w.write(t, whatsapp.SandboxNumber, phone, whatsapp.MessageParams{}))
		}
		w.advance(t, time.Duration(len(made)+1)*interval)
		var last time.Time
		for i, m := range made {
			m, err := w.sandbox.FetchMessage(t.Context(), m.SID)
			if err != nil || m.Status != "read" {
				rt.Fatalf("message %d is %s, %v", i, m.Status, err)
			}
			if i > 0 && m.DateSent.Sub(last) < interval {
				rt.Fatalf("message %d was sent %s after the one before, within %s", i, m.DateSent.Sub(last), interval)
			}
			last = m.DateSent
		}
	})
}

// The rate is one for an account, over all its phones; another account and another sender have their own.
func TestRateIsOfAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t)
	joinAcme(t, w)
	writesTo(registered)(t, w)
	w.send(t, "+447700900123", "join beta-code")
	first := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{})
	second := w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{})
	own := w.write(t, registered, ada, whatsapp.MessageParams{})
	other, err := w.sandbox.CreateMessage(t.Context(), beta, whatsapp.MessageParams{To: ptr("whatsapp:+447700900123"), From: ptr(whatsapp.SandboxNumber), Body: ptr("x")})
	if err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	got := []string{w.outcome(t, first), w.outcome(t, second), w.outcome(t, own), w.outcome(t, other)}
	if want := []string{"read", "queued", "read", "read"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	w.advance(t, 3*time.Second-1)
	if got := w.outcome(t, second); got != "queued" {
		t.Errorf("before three seconds it is %s", got)
	}
	w.advance(t, 1)
	if got := w.outcome(t, second); got != "read" {
		t.Errorf("after three seconds it is %s", got)
	}
}

// With the switch at fail, what is too fast fails with 63018, and does not make the next one too fast.
func TestRateFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set(t, `{"rate_over_limit":"fail"}`)
	joinAcme(t, w)
	var got []string
	for range 3 {
		got = append(got, w.outcome(t, w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{})))
		w.advance(t, 1500*time.Millisecond)
	}
	if want := []string{"read", "failed 63018", "read"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// With a clock that runs, what has to wait is sent when its time has come.
func TestRateWithRunningClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.set(t, `{"rate_interval":"30ms"}`)
	joinAcme(t, w)
	w.clock.Resume()
	made := make([]whatsapp.Message, 4)
	for i := range made {
		made[i] = w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{})
	}
	deadline := time.After(20 * time.Second)
	for next := w.outbox.Committed(); w.outcome(t, made[3]) != "read"; next = w.outbox.Committed() {
		select {
		case <-next:
		case <-deadline:
			t.Fatal("the last message was not sent in 20 seconds")
		}
	}
	var last time.Time
	for i := range made {
		m, err := w.sandbox.FetchMessage(t.Context(), made[i].SID)
		if err != nil || m.Status != "read" || (i > 0 && m.DateSent.Sub(last) < 30*time.Millisecond) {
			t.Errorf("message %d is %s, sent %s after the one before, %v", i, m.Status, m.DateSent.Sub(last), err)
		}
		last = m.DateSent
	}
}

// A message that is canceled while it waits is never sent, and the one behind it takes its turn.
func TestCancelWhileQueued(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	joinAcme(t, w)
	var made []whatsapp.Message
	for range 3 {
		made = append(made, w.write(t, whatsapp.SandboxNumber, ada, whatsapp.MessageParams{}))
	}
	canceled := "canceled"
	if _, err := w.sandbox.UpdateMessage(t.Context(), acme, made[1].SID, whatsapp.MessageUpdate{Status: &canceled}); err != nil {
		t.Fatal(err)
	}
	w.advance(t, 3*time.Second)
	got := []string{w.outcome(t, made[0]), w.outcome(t, made[1]), w.outcome(t, made[2])}
	if want := []string{"read", "canceled", "read"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
