package emulator_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

// ways are the two ways to an emulator.
func ways(t *testing.T, c emulator.Config, try func(*testing.T, *emulator.Server, http.RoundTripper)) {
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		emu := emulator.RunT(t, c)
		try(t, emu, emu.Client().Transport)
	})
	t.Run("over TCP", func(t *testing.T) {
		t.Parallel()
		emu := emulator.RunT(t, c)
		listen(t, emu)
		network := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(emu.URL, "http://"))
		}}
		t.Cleanup(network.CloseIdleConnections)
		try(t, emu, network)
	})
}

func listen(t *testing.T, emu *emulator.Server) {
	t.Helper()
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
}

func settle(t *testing.T, emu *emulator.Server) {
	t.Helper()
	if err := emu.Settle(deadline(t)); err != nil {
		t.Errorf("Settle: %v", err)
	}
}

func newRequest(t *testing.T, method, path string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://conversations.twilio.com"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(emulator.DefaultAccountSID, emulator.DefaultAuthToken)
	return r
}

// delay makes requests take longer, and awaitHit returns when the first of them has come.
func delay(t *testing.T, emu *emulator.Server, d time.Duration) {
	t.Helper()
	if _, err := emu.Control().CreateFault(deadline(t), traffic.Fault{Delay: d}); err != nil {
		t.Fatal(err)
	}
}

func awaitHit(t *testing.T, emu *emulator.Server) {
	t.Helper()
	for {
		faults, err := emu.Control().ListFaults(deadline(t))
		if err != nil || len(faults) != 1 {
			t.Fatal(faults, err)
		}
		if faults[0].Hits > 0 {
			return
		}
	}
}

func TestSettleWhileAnAnswerIsNotRead(t *testing.T) {
	t.Parallel()
	ways(t, emulator.Config{}, func(t *testing.T, emu *emulator.Server, network http.RoundTripper) {
		fill(t, emu, "c", 50)
		res, err := network.RoundTrip(newRequest(t, http.MethodGet, "/v1/Conversations/c/Messages", nil))
		if err != nil {
			t.Fatal(err)
		}
		settle(t, emu)
		_ = res.Body.Close()
	})
}

func TestSettleWhileAnUploadStalls(t *testing.T) {
	t.Parallel()
	ways(t, emulator.Config{}, func(t *testing.T, emu *emulator.Server, network http.RoundTripper) {
		delay(t, emu, time.Millisecond)
		body, upload := io.Pipe()
		ended := make(chan error)
		go func() {
			res, err := network.RoundTrip(newRequest(t, http.MethodPost, "/v1/Conversations", body))
			if err == nil {
				_ = res.Body.Close()
			}
			ended <- err
		}()
		_, _ = upload.Write([]byte("FriendlyName="))
		awaitHit(t, emu)
		settle(t, emu)
		_ = upload.CloseWithError(io.ErrUnexpectedEOF)
		if err := <-ended; err == nil {
			t.Error("an upload that broke off was answered")
		}
	})
}

// roundTrip sends r over network and returns the answer's status and body.
func roundTrip(t *testing.T, network http.RoundTripper, r *http.Request) (status int, body string) {
	t.Helper()
	res, err := network.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

func TestBodyTimeout(t *testing.T) {
	t.Parallel()
	ways(t, emulator.Config{BodyTimeout: 50 * time.Millisecond}, func(t *testing.T, _ *emulator.Server, network http.RoundTripper) {
		body, upload := io.Pipe()
		defer func() { _ = upload.Close() }()
		go func() { _, _ = upload.Write([]byte("FriendlyName=")) }()
		r := newRequest(t, http.MethodPost, "/v1/Conversations", body)
		if status, answer := roundTrip(t, network, r); status != http.StatusBadRequest {
			t.Errorf("an upload that stalls: %d %s", status, answer)
		}
	})
}

// BodyTimeout bounds the upload of a body and not the answer: a request that has sent its body may wait for longer.
func TestBodyTimeoutIsForBodies(t *testing.T) {
	t.Parallel()
	ways(t, emulator.Config{BodyTimeout: time.Millisecond}, func(t *testing.T, emu *emulator.Server, network http.RoundTripper) {
		delay(t, emu, 50*time.Millisecond)
		form := strings.NewReader("FriendlyName=Ada")
		create := newRequest(t, http.MethodPost, "/v1/Conversations", form)
		create.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if status, answer := roundTrip(t, network, create); status != http.StatusCreated {
			t.Errorf("a request that is delayed for longer than its body may take: %d %s", status, answer)
		}
	})
}

// Neither a stream that is never read nor a connection without a request keeps Close from ending well.
func TestCloseWithIdleCallers(t *testing.T) {
	t.Parallel()
	emu, err := emulator.New(emulator.Config{KeepTraffic: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	listen(t, emu)
	fill(t, emu, "c", 8000) // in the log it is more than the buffers of a connection hold
	address := strings.TrimPrefix(emu.URL, "http://")
	for _, ask := range []string{"", "GET /_emulator/traffic/stream?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"} {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		if _, err := io.WriteString(c, ask); err != nil {
			t.Fatal(err)
		}
		if ask != "" {
			if _, err := c.Read(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	started := time.Now()
	if err := emu.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took > 3*time.Second {
		t.Errorf("Close took %s", took)
	}
}

// What Close does not wait for is named.
func TestCloseNamesWhatItGaveUp(t *testing.T) {
	t.Parallel()
	emu, err := emulator.New(emulator.Config{CloseTimeout: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	delay(t, emu, time.Hour)
	failed := make(chan error)
	go func() {
		res, err := emu.Client().Do(newRequest(t, http.MethodGet, "/v1/Services", nil))
		if err == nil {
			_ = res.Body.Close()
		}
		failed <- err
	}()
	awaitHit(t, emu)
	err = emu.Close()
	if err == nil || !strings.Contains(err.Error(), "GET http://conversations.twilio.com/v1/Services") {
		t.Errorf("Close: %v", err)
	}
	if err := <-failed; err == nil {
		t.Error("the request was answered")
	}
	if again := emu.Close(); again != nil {
		t.Errorf("closing again: %v", again)
	}
}

// slowServer answers a webhook when it is released, or never, whatever the context of the request.
type slowServer struct{ called, release chan struct{} }

func (s slowServer) RoundTrip(*http.Request) (*http.Response, error) {
	close(s.called)
	<-s.release
	return nil, io.EOF
}

func TestCloseWaitsForJobs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		limit   time.Duration
		want    string
		patient bool
	}{
		{"a job that ends in time", time.Minute, "", true},
		{"a job that does not", time.Millisecond, "given up after 1ms: job ", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			slow := slowServer{make(chan struct{}), make(chan struct{})}
			emu, err := emulator.New(emulator.Config{Transport: slow, CloseTimeout: c.limit, Accounts: []emulator.Account{{
				SID: emulator.DefaultAccountSID, AuthToken: emulator.DefaultAuthToken, JoinCode: emulator.DefaultJoinCode, InboundURL: "http://example.com/"}}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := emu.Control().Join(deadline(t), phone, emulator.DefaultJoinCode); err != nil {
				t.Fatal(err)
			}
			if _, err := emu.Control().SendMessage(deadline(t), phone, control.NewMessage{Body: "Hola"}); err != nil {
				t.Fatal(err)
			}
			<-slow.called
			closed := make(chan error)
			go func() { closed <- emu.Close() }()
			if c.patient {
				close(slow.release)
			}
			err = <-closed
			if (err != nil) != (c.want != "") || (err != nil && !strings.HasPrefix(err.Error(), c.want)) {
				t.Errorf("Close: %v, want %q", err, c.want)
			}
			if !c.patient {
				close(slow.release)
			}
		})
	}
}
