package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator"
)

// stopwatch keeps how long each of many turns took.
type stopwatch struct{ turns []time.Duration }

func (s *stopwatch) time(turn func()) {
	started := time.Now()
	turn()
	s.turns = append(s.turns, time.Since(started))
}

func (s *stopwatch) median() time.Duration {
	slices.Sort(s.turns)
	return s.turns[len(s.turns)/2]
}

// fill opens a conversation under a unique name and puts n messages into it, in process.
func fill(tb testing.TB, emu *emulator.Server, name string, n int) {
	tb.Helper()
	post := func(path string, form url.Values) {
		r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(emulator.DefaultAccountSID, emulator.DefaultAuthToken)
		w := httptest.NewRecorder()
		emu.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			tb.Fatalf("POST %s: %d %s", path, w.Code, w.Body)
		}
	}
	post("/v1/Conversations", url.Values{"UniqueName": {name}})
	for range n {
		post("/v1/Conversations/"+name+"/Messages", message)
	}
}
