package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
)

// caller makes authenticated requests over TCP, as an SDK does.
type caller struct {
	b      *testing.B
	client *http.Client
	base   string
}

func newCaller(b *testing.B, base string) caller {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	b.Cleanup(transport.CloseIdleConnections)
	return caller{b, &http.Client{Transport: transport}, base}
}

func (c caller) do(method, path string, form url.Values) []byte {
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.b.Fatal(err)
	}
	req.SetBasicAuth(emulator.DefaultAccountSID, emulator.DefaultAuthToken)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.client.Do(req)
	if err != nil {
		c.b.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode >= 300 {
		c.b.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, body, err)
	}
	return body
}

// listening is an emulator on a port, with a conversation of n messages.
func listening(b *testing.B, n int) (c caller, conversation string) {
	emu := emulator.RunT(b, emulator.Config{})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	fill(b, emu, "bench", n)
	return newCaller(b, emu.URL), "/v1/Conversations/bench"
}

// bare is a server of bareHandler.
func bare(b *testing.B) caller {
	server := httptest.NewServer(bareHandler())
	b.Cleanup(server.Close)
	return newCaller(b, server.URL)
}

var message = url.Values{"Author": {"agent"}, "Body": {"Good morning, how can I help you?"}}

// BenchmarkRatio prints what an operation costs over TCP, how much a bare handler costs in the same run, and the ratio.
// The two alternate, so that a noisy machine disturbs both alike.
func BenchmarkRatio(b *testing.B) {
	for _, op := range []struct {
		name, method, path string
		form               url.Values
	}{
		{"CreateMessage", "POST", "/Messages", message},
		{"FetchConversation", "GET", "", nil},
		{"ListMessages", "GET", "/Messages?PageSize=50", nil},
	} {
		b.Run(op.name, func(b *testing.B) {
			emu, conversation := listening(b, 100)
			plain := bare(b)
			var ours, theirs stopwatch
			for b.Loop() {
				ours.time(func() { emu.do(op.method, conversation+op.path, op.form) })
				theirs.time(func() { plain.do(op.method, "/v1/Conversations/bench/Messages", op.form) })
			}
			b.ReportMetric(float64(ours.median())/1e3, "µs/op-emulator")
			b.ReportMetric(float64(theirs.median())/1e3, "µs/op-bare")
			b.ReportMetric(float64(ours.median())/float64(theirs.median()), "ratio")
		})
	}
}

// BenchmarkPage shows that a page of 50 costs the same however many messages there are.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			emu, conversation := listening(b, n)
			for b.Loop() {
				emu.do("GET", conversation+"/Messages?PageSize=50", nil)
			}
		})
	}
}
