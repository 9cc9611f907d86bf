package conversations

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

const benchAccount = "AC0123456789abcdef0123456789abcdef"

var (
	benchScope = Scope{AccountSID: benchAccount}
	benchText  = "Good morning, how can I help you?"
)

// newBenchAPI returns an API with a conversation "c" of n messages. Webhooks are answered in process.
func newBenchAPI(b *testing.B, n int) *API {
	memory, err := newMemory()
	if err != nil {
		b.Fatal(err)
	}
	still := clock.New(clock.State{})
	a := New(Config{Outbox: outbox.New(outbox.Config{Store: memory, Clock: still}), Clock: still, SIDs: sid.NewSource(1), Transport: answering{},
		SharedSenders: []string{"whatsapp:+14155238886"}})
	ctx, stop := context.WithCancel(context.Background())
	a.outbox.Start(ctx)
	b.Cleanup(func() {
		stop()
		a.outbox.Wait()
	})
	if _, err := a.CreateAccount(ctx, Account{SID: benchAccount, AuthToken: "t"}); err != nil {
		b.Fatal(err)
	}
	name := "c"
	if _, err := a.CreateConversation(ctx, benchScope, ConversationParams{UniqueName: &name}); err != nil {
		b.Fatal(err)
	}
	for range n {
		benchMessage(b, a)
	}
	return a
}

// answering is a transport that answers at once.
type answering struct{}

func (answering) RoundTrip(*http.Request) (*http.Response, error) {
	return httptest.NewRecorder().Result(), nil
}

func benchMessage(b *testing.B, a *API) Message {
	m, err := a.CreateMessage(context.Background(), benchScope, "c", MessageParams{Body: &benchText})
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// BenchmarkScale shows that an operation costs the same in conversations of every length, and what a message takes of
// memory.
func BenchmarkScale(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			before := heap()
			a := newBenchAPI(b, n)
			perMessage := float64(heap()-before) / float64(n)
			benchOperations(b, a, perMessage)
		})
	}
}

func benchOperations(b *testing.B, a *API, perMessage float64) {
	last := benchMessage(b, a)
	ctx := context.Background()
	for _, op := range []struct {
		name string
		do   func() error
	}{
		{"Create", func() error { benchMessage(b, a); return nil }},
		{"Fetch", func() error { _, err := a.FetchMessage(ctx, benchScope, "c", last.SID); return err }},
		{"List", func() error {
			_, err := a.ListMessages(ctx, benchScope, "c", false, twilio.PageQuery{Size: 50})
			return err
		}},
	} {
		b.Run(op.name, func(b *testing.B) {
			for b.Loop() {
				if err := op.do(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(perMessage, "heap-B/message")
		})
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkCreateParticipant adds a phone to a new conversation, with the check that its pair is free.
func BenchmarkCreateParticipant(b *testing.B) {
	a := newBenchAPI(b, 0)
	ctx, proxy := context.Background(), "whatsapp:+14155238886"
	for i := 0; b.Loop(); i++ {
		c, err := a.CreateConversation(ctx, benchScope, ConversationParams{})
		if err != nil {
			b.Fatal(err)
		}
		address := fmt.Sprintf("whatsapp:+1555%07d", i)
		p := CreateParticipantParams{MessagingBinding: BindingParams{Address: &address, ProxyAddress: &proxy}}
		if _, err := a.CreateParticipant(ctx, benchScope, c.SID, p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWebhook adds a message and delivers its webhook, signed, to a server that answers at once.
func BenchmarkWebhook(b *testing.B) {
	a := newBenchAPI(b, 0)
	ctx, target, url := context.Background(), TargetWebhook, "https://example.com/hook"
	if _, err := a.CreateWebhook(ctx, benchScope, "c", WebhookParams{Target: &target,
		Configuration: WebhookConfigurationParams{Url: &url, Filters: []string{string(OnMessageAdded)}}}); err != nil {
		b.Fatal(err)
	}
	scope := benchScope
	scope.WebhookEnabled = true
	for b.Loop() {
		if _, err := a.CreateMessage(ctx, scope, "c", MessageParams{Body: &benchText}); err != nil {
			b.Fatal(err)
		}
		if err := a.outbox.Settle(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
