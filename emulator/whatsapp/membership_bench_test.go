package whatsapp

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// BenchmarkMemberships shows that a message of a phone costs the same however many phones are in sandboxes: a membership is
// looked up, and one that is over is found when its phone writes, not by a sweep.
func BenchmarkMemberships(b *testing.B) {
	for _, n := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprintf("phones=%d", n), func(b *testing.B) {
			s := newBenchSandbox(b, n)
			for _, c := range []struct{ name, phone, account string }{
				{"Member", benchPhone(0), benchAccount}, {"Expired", benchPhone(1), ""},
			} {
				b.Run(c.name, func(b *testing.B) {
					for b.Loop() {
						m, err := s.Receive(context.Background(), Inbound{From: c.phone, Body: "Hola"})
						if err != nil || m.AccountSID != c.account {
							b.Fatalf("%+v, %v", m, err)
						}
					}
				})
			}
		})
	}
}

const benchAccount = "AC0123456789abcdef0123456789abcdef"

func benchPhone(i int) string { return fmt.Sprintf("+1555%07d", i) }

// newBenchSandbox has n phones in the sandbox of an account that wants to hear of nothing; the memberships of every
// second are over.
func newBenchSandbox(b *testing.B, n int) *Sandbox {
	b.Helper()
	memory, err := store.NewMemory(slices.Concat(content.Kinds(), conversations.Kinds(), Kinds(), outbox.Kinds())...)
	if err != nil {
		b.Fatal(err)
	}
	ticking, sids, ctx, nothing := clock.New(clock.State{}), sid.NewSource(1), b.Context(), ""
	code := "bench-code"
	box := outbox.New(outbox.Config{Store: memory, Clock: ticking})
	api := conversations.New(conversations.Config{Outbox: box, Clock: ticking, SIDs: sids, SharedSenders: []string{SandboxNumber}})
	templates := content.New(content.Config{Store: box, Clock: ticking, SIDs: sids,
		ApprovalTime: func(store.Tx) (time.Duration, error) { return 0, nil }})
	s := New(Config{Outbox: box, Conversations: api, Content: templates, Clock: ticking, SIDs: sids})
	if _, err := api.CreateAccount(ctx, conversations.Account{SID: benchAccount, AuthToken: "token"}); err != nil {
		b.Fatal(err)
	}
	err = box.Update(ctx, func(tx store.Tx) error {
		_, err := s.AddSettings(tx, benchAccount, SettingsParams{JoinCode: &code, InboundURL: &nothing})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	now := ticking.Now()
	for i := range n {
		m := Membership{Phone: benchPhone(i), AccountSID: benchAccount, JoinedAt: now, ExpiresAt: now.Add(MembershipLength)}
		if i%2 == 1 {
			m.ExpiresAt = now.Add(-time.Second)
		}
		if err := memory.Update(ctx, func(tx store.Tx) error { return memberships.Put(tx, m.Phone, m) }); err != nil {
			b.Fatal(err)
		}
	}
	running, stop := context.WithCancel(context.Background())
	box.Start(running)
	b.Cleanup(func() {
		stop()
		box.Wait()
		_ = memory.Close()
	})
	return s
}
