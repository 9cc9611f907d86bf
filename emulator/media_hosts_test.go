package emulator_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/fixtures"
)

// TestMediaIsOnAnotherHostOverTCP fetches MediaUrl0 of a webhook as clients do: one that drops its credentials on the way to
// another host gets the file, and one that takes them along is refused, which is the best known problem with attachments.
func TestMediaIsOnAnotherHostOverTCP(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	received := make(chan string, 1)
	customer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if u := r.PostFormValue("MediaUrl0"); u != "" {
			received <- u
		}
	}))
	t.Cleanup(customer.Close)
	const sid, token, from = emulator.DefaultAccountSID, emulator.DefaultAuthToken, "+15558675310"
	emu := emulator.RunT(t, emulator.Config{Accounts: []emulator.Account{{SID: sid, AuthToken: token,
		JoinCode: emulator.DefaultJoinCode, InboundURL: customer.URL}}})
	if err := emu.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	photo, err := fixtures.Read(fixtures.Photo)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := emu.Control().Join(ctx, from, emulator.DefaultJoinCode); err != nil {
		t.Fatal(err)
	}
	if _, err := emu.Control().SendMessage(ctx, from, control.NewMessage{File: &control.NewFile{Content: photo}}); err != nil {
		t.Fatal(err)
	}
	var mediaURL string
	select {
	case mediaURL = <-received:
	case <-ctx.Done():
		t.Fatal("no webhook has come")
	}
	keeps := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		r.SetBasicAuth(sid, token)
		return nil
	}}
	for _, url := range []string{mediaURL, strings.Replace(mediaURL, "127.0.0.1", "localhost", 1)} {
		for name, c := range map[string]struct {
			client *http.Client
			status int
		}{"net/http's client": {http.DefaultClient, 200}, "a client that keeps its credentials": {keeps, 400}} {
			req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth(sid, token)
			res, err := c.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != c.status || (c.status == 200) != (string(body) == string(photo)) {
				t.Errorf("%s at %s: %d, %d bytes", name, url, res.StatusCode, len(body))
			}
			if res.Request.URL.Hostname() == req.URL.Hostname() {
				t.Errorf("%s at %s was led to the same host", name, url)
			}
		}
	}
}
