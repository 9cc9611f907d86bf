package emulator_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
)

func TestLongAnswersAreCompressed(t *testing.T) {
	t.Parallel()
	emu := emulator.RunT(t, emulator.Config{})
	fill(t, emu, "c", 100)
	get := func(path, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.SetBasicAuth(emulator.DefaultAccountSID, emulator.DefaultAuthToken)
		r.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		emu.ServeHTTP(w, r)
		return w
	}
	const long, short = "/v1/Conversations/c/Messages?PageSize=100", "/v1/Conversations/c"
	for _, c := range []struct {
		path, accept string
		compressed   bool
	}{
		{long, "gzip", true}, {long, "br, gzip;q=0.5", true}, {long, "gzip;q=0", false}, {long, "identity", false}, {long, "", false}, {short, "gzip", false},
	} {
		w := get(c.path, c.accept)
		body := w.Body.Bytes()
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.compressed {
			t.Errorf("%s with %q: compressed = %v", c.path, c.accept, got)
		} else if got {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if !json.Valid(body) {
			t.Errorf("%s with %q: the body is not JSON", c.path, c.accept)
		}
	}
	list, err := emu.Control().ListTraffic(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if last := list[len(list)-1]; len(last.Response.Body) == 0 || last.Response.Body[0] != '{' {
		t.Errorf("the log holds %q", last.Response.Body)
	}
}
