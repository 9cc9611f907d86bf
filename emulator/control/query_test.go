package control_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// lists are the endpoints that take after and limit, and the name of the list in their answers.
var lists = map[string]string{
	"/traffic": "exchanges", "/events": "events", "/alerts": "alerts", "/phones/" + phone + "/messages": "messages",
}

// filled is an emulator in which each of the lists has entries.
func filled(t testing.TB) *emulator.Server {
	t.Helper()
	itself := "https://api.twilio.com/in" // refused, which makes an alert
	emu := emulator.RunT(t, emulator.Config{Accounts: []emulator.Account{{SID: emulator.DefaultAccountSID,
		AuthToken: emulator.DefaultAuthToken, JoinCode: emulator.DefaultJoinCode, InboundURL: itself}}})
	c, ctx := emu.Control(), t.Context()
	_, err := c.Join(ctx, phone, emulator.DefaultJoinCode)
	for range 5 {
		if err == nil {
			_, err = c.SendMessage(ctx, phone, control.NewMessage{Body: "Hola"})
		}
		if err == nil {
			var req *http.Request
			req, err = http.NewRequestWithContext(ctx, "GET", "https://conversations.twilio.com/v1/Services", nil)
			if err == nil {
				_, _, err = fetch(emu, req)
			}
		}
	}
	if err == nil {
		err = c.Settle(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	return emu
}

// fetch sends a request in process and reads the answer.
func fetch(emu *emulator.Server, r *http.Request) (status int, body []byte, err error) {
	res, err := emu.Client().Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// entries lists an endpoint with a query; status is that of the answer.
func entries(t testing.TB, emu *emulator.Server, path, query string) (status int, list []struct{ Seq int64 }) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://emulator/_emulator"+path+"?"+query, nil)
	if err != nil {
		t.Skip("no query that can be sent")
	}
	status, body, err := fetch(emu, req)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string][]struct{ Seq int64 }
	if status == http.StatusOK {
		if err := json.Unmarshal(body, &answer); err != nil || answer[lists[path]] == nil {
			t.Fatalf("GET %s?%s: %s", path, query, body)
		}
	}
	return status, answer[lists[path]]
}

// FuzzListQueries sends any after, limit and account to every list: an answer is a refusal or holds what was asked for, and
// no list is out of order afterwards.
func FuzzListQueries(f *testing.F) {
	for _, n := range []int64{math.MaxInt64, math.MaxInt64 - 1, math.MaxInt32, math.MinInt64, -1, 0, 1, 3} {
		text := strconv.FormatInt(n, 10)
		f.Add(text, "", "")
		f.Add("", text, "")
		f.Add("2", text, emulator.DefaultAccountSID)
		f.Add(text, "9223372036854775807", "")
	}
	f.Add("9223372036854775808", "1e3", "\x00")
	f.Add(" 1", "+1", "%zz")
	f.Add("٣", "0x10", "AC")
	emu := filled(f)
	f.Fuzz(func(t *testing.T, after, limit, account string) {
		query := url.Values{"after": {after}, "limit": {limit}, "account": {account}}.Encode()
		for path := range lists {
			status, list := entries(t, emu, path, query)
			least, most := int64(0), int64(0)
			var err1, err2 error
			if after != "" {
				least, err1 = strconv.ParseInt(after, 10, 64)
			}
			if limit != "" {
				most, err2 = strconv.ParseInt(limit, 10, strconv.IntSize)
			}
			valid := err1 == nil && err2 == nil && least >= 0 && most >= 0
			if valid != (status == http.StatusOK) || (!valid && status != http.StatusBadRequest) {
				t.Errorf("%s?%s: status %d", path, query, status)
			}
			if most > 0 && int64(len(list)) > most {
				t.Errorf("%s?%s: %d entries", path, query, len(list))
			}
			for _, e := range list {
				if e.Seq <= least {
					t.Errorf("%s?%s: entry %d is not above after", path, query, e.Seq)
				}
				least = e.Seq
			}
		}
		for path := range lists { // nothing holds a lock
			if status, list := entries(t, emu, path, ""); status != http.StatusOK || len(list) == 0 {
				t.Errorf("%s afterwards: status %d, %d entries", path, status, len(list))
			}
		}
	})
}

// TestRawQueries sends queries that url.Values cannot make.
func TestRawQueries(t *testing.T) {
	t.Parallel()
	emu := filled(t)
	for path := range lists {
		for query, want := range map[string]int{
			"after=9223372036854775807": 200, "limit=9223372036854775807": 200, "after=1&after=x": 200, "nothing=1": 200,
			"after=9223372036854775808": 400, "limit=99999999999999999999": 400, "after=-1": 400,
			"%zz": 400, "after=%zz": 400, "after=1;limit=2": 400,
		} {
			if status, _ := entries(t, emu, path, query); status != want {
				t.Errorf("GET %s?%s: %d, want %d", path, query, status, want)
			}
		}
	}
	for path, want := range map[string]int{
		"/executions?%zz": 400, "/executions?account=%25": 200, "/executions?account=" + strings.Repeat("A", 100_000): 200,
		"/events/stream?after=x": 400, "/events/stream?after=-1": 400, "/traffic/stream?%zz": 400, "/traffic/stream?after=9223372036854775808": 400,
		"/events/stream?after=9223372036854775807": 200, "/traffic/stream?after=9223372036854775807": 200, "/events/stream": 200, "/traffic/stream?after=": 200,
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://emulator/_emulator"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := emu.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // a stream has no end
		if res.StatusCode != want {
			t.Errorf("GET %.60s: %d, want %d", path, res.StatusCode, want)
		}
	}
	p, err := emu.Control().FetchPhone(t.Context(), phone)
	if err != nil || p.Number != phone {
		t.Errorf("phone afterwards: %+v, %v", p, err)
	}
}

// A malformed query is refused by every endpoint, and so is a body that is not UTF-8.
func TestMalformedEncodings(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	for _, path := range []string{"/health", "/accounts", "/switches", "/faults", "/executions", "/events/stream", "/phones"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "http://emulator/_emulator"+path+"?%zz", nil)
		if err != nil {
			t.Fatal(err)
		}
		if status, body, err := fetch(emu, req); err != nil || status != http.StatusBadRequest || !strings.Contains(string(body), "query is malformed") {
			t.Errorf("GET %s?%%zz: %d %s %v", path, status, body, err)
		}
	}
	for path, body := range map[string]string{
		"/phones/" + phone + "/messages":                         `{"body":"%s"}`,
		"/accounts/" + emulator.DefaultAccountSID + "/templates": `{"language":"en","types":{"twilio/text":{"body":"%s"}}}`,
	} {
		if status, answer := postJSON(t, emu, path, strings.NewReader(fmt.Sprintf(body, "x\xff"))); status != http.StatusBadRequest || !strings.Contains(answer, "UTF-8") {
			t.Errorf("POST %s: %d %s", path, status, answer)
		}
	}
}
