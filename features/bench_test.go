package features_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/features/steps"
)

// BenchmarkBridge sends messages through emulator and bridge on one machine, over TCP, and reports messages per second,
// how long one takes until nothing is under way any more, and the calls to Twilio that it costs: one for a customer who
// has a conversation, four for a new one.
func BenchmarkBridge(b *testing.B) {
	for _, newCustomers := range []bool{true, false} {
		name := map[bool]string{true: "customer=new", false: "customer=bound"}[newCustomers]
		b.Run(name, func(b *testing.B) {
			emu, phones := bridged(b)
			ctx := context.Background()
			phone := joined(b, phones, 0)
			var took []time.Duration
			calls := 0
			for i := 1; b.Loop(); i++ {
				b.StopTimer()
				if newCustomers {
					phone = joined(b, phones, i)
				}
				before := lastExchange(b, phones)
				b.StartTimer()
				started := time.Now()
				if _, err := phones.SendMessage(ctx, phone, control.NewMessage{Body: "Hola"}); err != nil {
					b.Fatal(err)
				}
				if err := emu.Settle(ctx); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(started))
				b.StopTimer()
				calls += callsSince(b, phones, before)
				b.StartTimer()
			}
			slices.Sort(took)
			b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(calls)/float64(len(took)), "calls/message")
		})
	}
}

// bridged is an emulator on a port whose sandbox calls a bridge on another.
func bridged(b *testing.B) (*emulator.Server, *control.Client) {
	b.Helper()
	front := httptest.NewUnstartedServer(nil)
	front.Start()
	b.Cleanup(front.Close)
	emu := emulator.RunT(b, emulator.Config{Accounts: []emulator.Account{{SID: emulator.DefaultAccountSID, AuthToken: emulator.DefaultAuthToken,
		JoinCode: emulator.DefaultJoinCode, InboundURL: front.URL + "/whatsapp"}}})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	handler, err := bridge.New(bridge.Config{AccountSID: emulator.DefaultAccountSID, AuthToken: emulator.DefaultAuthToken,
		FlowSID: emulator.DefaultFlowSID, APIURL: emu.URL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = handler.Close(context.Background()) })
	front.Config.Handler = handler
	emu.SettleWith(handler.Wait)
	return emu, control.NewClient(emu.URL, nil)
}

// joined returns the n-th phone, a member of the sandbox.
func joined(b *testing.B, c *control.Client, n int) string {
	b.Helper()
	phone := fmt.Sprintf("+1555%07d", n)
	if _, err := c.Join(context.Background(), phone, emulator.DefaultJoinCode); err != nil {
		b.Fatal(err)
	}
	return phone
}

func lastExchange(b *testing.B, c *control.Client) int64 {
	list, err := c.ListTraffic(context.Background(), 0, 0)
	if err != nil {
		b.Fatal(err)
	}
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].Seq
}

// callsSince counts the requests to Twilio's API.
func callsSince(b *testing.B, c *control.Client, after int64) (n int) {
	list, err := c.ListTraffic(context.Background(), after, 0)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range list {
		if e.Direction == traffic.In {
			n++
		}
	}
	return n
}

// BenchmarkFirstMessages runs scenarios of a first message one after the other, each with an emulator and a bridge of its own: what one
// costs a suite.
func BenchmarkFirstMessages(b *testing.B) {
	var text strings.Builder
	text.WriteString("Feature: First messages\n")
	for i := range b.N {
		fmt.Fprintf(&text, `
  Scenario: Customer %d
    Given account Acme with a standard bridge
    And Ada's phone has joined Acme's sandbox
    When Ada's phone sends "Hola"
    Then Acme's conversation with Ada's phone has these messages:
      | author      | body |
      | Ada's phone | Hola |
`, i)
	}
	path := filepath.Join(b.TempDir(), "first.feature")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	var report bytes.Buffer
	b.ResetTimer()
	if status := steps.Run(steps.Options{Paths: []string{path}, Output: &report, NoColors: true}); status != steps.Passed {
		b.Errorf("status %d\n%s", status, report.String())
	}
}
