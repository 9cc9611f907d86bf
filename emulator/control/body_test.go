package control_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
)

// FuzzBodies sends any body to every endpoint that takes one: none is a failure of the emulator's.
func FuzzBodies(f *testing.F) {
	const account, sid = emulator.DefaultAccountSID, "SM00000000000000000000000000000000"
	endpoints := []string{"/accounts", "/accounts/" + account + "/senders", "/accounts/" + account + "/templates", "/accounts/" + account + "/flows", "/sandboxes/" + account,
		"/phones/" + phone + "/join", "/phones/" + phone + "/messages", "/phones/" + phone + "/albums", "/phones/" + phone + "/behaviour",
		"/messages/" + sid + "/status", "/switches", "/clock", "/faults"}
	for _, body := range []string{
		`{"sid":"AC00000000000000000000000000000003","auth_token":"t","join_code":"a-b"}`, `{"address":"whatsapp:+13115552368"}`,
		`{"sid":"FW00000000000000000000000000000001","definition":{"states":[]},"status":"draft"}`, `{"sid":"","definition":[1]}`,
		`{"inbound_url":"http://a:b@c/#rc=9","inbound_method":"PUT","join_code":"x"}`, `{"code":"cloud-forgot"}`,
		`{"body":"Hola","profile_name":"Ada","reply_to":"SM1"}`, `{"file":{"filename":"a","content":"AAAA"}}`, `{"location":{"latitude":1e308}}`,
		`{"contact":{"name":"x","phone":"+15557654321"}}`, `{"button":{"text":"x"},"list_choice":{"id":"1"}}`, `{"unsupported":"poll"}`,
		`{"files":[{"content":"AAAA"},{"content":"AAAA"}],"body":"x"}`, `{"offline":true,"profile_name":"\u0000"}`, `{"status":"read","error_code":-1}`,
		`{"sandbox_ttl":"-1h"}`, `{"number_aliases":{"+1":"+2"}}`, `{"service_window":9223372036854775807}`, `{"advance":"1h"}`, `{"set":"9999-12-31T23:59:59Z"}`,
		`{"advance":"36500d"}`, `{"set":"0001-01-01T00:00:00Z"}`, `{"frozen":true}`, `{"status":503,"skip":9223372036854775807,"count":9223372036854775807}`, `{"delay":"-1s"}`,
		`{}`, `null`, `[]`, `0`, `""`, ``, `{"body":1}`, "{\"body\":\"\xff\"}", strings.Repeat("[", 20_000),
	} {
		f.Add(body)
	}
	emu := emulator.RunT(f, emulator.Config{})
	f.Fuzz(func(t *testing.T, body string) {
		if strings.Contains(body, "delay") {
			t.Skip("a fault would hold up what follows")
		}
		for _, path := range endpoints {
			if status, answer := postJSON(t, emu, path, strings.NewReader(body)); status >= http.StatusInternalServerError {
				t.Errorf("POST %s %q: %d %s", path, body, status, answer)
			}
		}
		if status, answer := postJSON(t, emu, "/reset", http.NoBody); status != http.StatusOK {
			t.Errorf("reset: %d %s", status, answer)
		}
	})
}
