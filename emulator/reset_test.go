package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/control"
)

func TestReset(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	emu := emulator.RunT(t, emulator.Config{Clock: clock.State{Frozen: &at}})
	ctx, c := deadline(t), emu.Control()
	before, err := c.ListAccounts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, emu, "c", 3)
	delay(t, emu, time.Millisecond)
	if _, err := c.CreateAccount(ctx, control.NewAccount{SID: "AC" + strings.Repeat("3", 32), AuthToken: "t"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Advance(ctx, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := c.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	accounts, err := c.ListAccounts(ctx)
	if err != nil || len(accounts) != 1 || accounts[0].SID != before[0].SID || accounts[0].Sandbox != before[0].Sandbox {
		t.Errorf("accounts after the reset: %+v, %v, want %+v", accounts, err, before)
	}
	faults, err := c.ListFaults(ctx)
	if err != nil || len(faults) != 0 {
		t.Errorf("faults after the reset: %+v, %v", faults, err)
	}
	exchanges, err := c.ListTraffic(ctx, 0, 0)
	if err != nil || len(exchanges) != 0 {
		t.Errorf("%d exchanges after the reset, %v", len(exchanges), err)
	}
	if shown, err := c.FetchClock(ctx); err != nil || !shown.Now.Equal(at) {
		t.Errorf("clock after the reset: %+v, %v", shown, err)
	}
	if res := create(emu); res.Code != http.StatusCreated {
		t.Errorf("creating a conversation after the reset: %d %s", res.Code, res.Body)
	}
}

func create(emu *emulator.Server) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/v1/Conversations", strings.NewReader(url.Values{"FriendlyName": {"Ada"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(emulator.DefaultAccountSID, emulator.DefaultAuthToken)
	w := httptest.NewRecorder()
	emu.ServeHTTP(w, r)
	return w
}

// Whoever creates conversations while the emulator is reset meets an account, the old one or the new one.
func TestResetWhileInUse(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	done := make(chan struct{})
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if res := create(emu); res.Code != http.StatusCreated {
					t.Errorf("creating a conversation meanwhile: %d %s", res.Code, res.Body)
					return
				}
			}
		})
	}
	for range 100 {
		if err := emu.Control().Reset(deadline(t)); err != nil {
			t.Error(err)
		}
	}
	close(done)
	callers.Wait()
}

// BenchmarkReset shows that a reset costs the same however much there is.
func BenchmarkReset(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		b.Run(fmt.Sprintf("messages=%d", n), func(b *testing.B) {
			emu := emulator.RunT(b, emulator.Config{})
			for b.Loop() {
				b.StopTimer()
				fill(b, emu, "c", n)
				b.StartTimer()
				if err := emu.Control().Reset(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
