package whatsapp_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Any sequence of joins, stops, messages and steps of the clock keeps one sandbox per phone, 72 hours, and no webhook to
// anyone for a phone that is no member. The model is a map.
func TestMembershipMachine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		type member struct {
			account string
			until   time.Time
		}
		model := map[string]member{}
		codes := map[string]string{"acme-code": acme, "beta-code": beta}
		current := func(phone string) string {
			if m := model[phone]; w.clock.Now().Before(m.until) {
				return m.account
			}
			return ""
		}
		for i := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			phone := rapid.SampledFrom([]string{ada, "+447700900123", "+5491155551234"}).Draw(rt, "phone")
			switch rapid.IntRange(0, 3).Draw(rt, "step") {
			case 0:
				code := rapid.SampledFrom([]string{"acme-code", "beta-code", "no-code"}).Draw(rt, "code")
				w.send(t, phone, "join "+code)
				if account := codes[code]; account != "" {
					model[phone] = member{account, w.clock.Now().Add(72 * time.Hour)}
				}
			case 1:
				w.send(t, phone, "stop")
				delete(model, phone)
			case 2:
				w.send(t, phone, fmt.Sprintf("message %d", i))
				told := w.requests()
				if want := current(phone); (want == "") != (len(told) == 0) || (want != "" && told[0].PostForm.Get("AccountSid") != want) {
					rt.Fatalf("%d webhooks for a phone in %q", len(told), want)
				}
			default:
				hours := rapid.IntRange(1, 80).Draw(rt, "hours")
				if err := w.clock.Advance(context.Background(), time.Duration(hours)*time.Hour, w.outbox.Agenda()); err != nil {
					rt.Fatal(err)
				}
			}
			if told := w.requests(); len(told) != 0 {
				rt.Fatalf("an account was told of %v", told[0].PostForm)
			}
			p, err := w.sandbox.FetchPhone(context.Background(), phone)
			if err != nil {
				rt.Fatal(err)
			}
			if want := current(phone); (p.Membership == nil) != (want == "") || (p.Membership != nil && (p.Membership.AccountSID != want || !p.Membership.ExpiresAt.Equal(model[phone].until))) {
				rt.Fatalf("membership %+v, want %q until %s", p.Membership, want, model[phone].until)
			}
		}
	})
}
