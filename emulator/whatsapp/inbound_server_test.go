package whatsapp_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/fixtures"
)

// A real server: connections have their phases, and what is hostile is bounded. A small answer that is large when it is
// unpacked, files that redirect for ever, one that leads back to the emulator.
func TestRealServer(t *testing.T) {
	t.Parallel()
	photo := sample(t, fixtures.Photo)
	bomb, document := packed(t, photo), packed(t, []byte("<Response>"))
	stop := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /in/", func(rw http.ResponseWriter, r *http.Request) {
		twiml(`<Response><Message><Media>/`+strings.TrimPrefix(r.URL.Path, "/in/")+`</Media></Message></Response>`)(rw, r)
	})
	mux.HandleFunc("POST /slow", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/xml")
		_, _ = rw.Write([]byte("<Response>"))
		_ = http.NewResponseController(rw).Flush()
		<-stop // the answer has begun, and does not end
	})
	mux.HandleFunc("GET /photo", func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(photo) })
	mux.HandleFunc("GET /loop", func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, "/loop", http.StatusFound) })
	mux.HandleFunc("GET /back", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://api.twilio.com/2010-04-01/x", http.StatusFound)
	})
	mux.HandleFunc("GET /hops/{left}", func(rw http.ResponseWriter, r *http.Request) {
		left, _ := strconv.Atoi(r.PathValue("left"))
		if left == 0 {
			_, _ = rw.Write(photo)
			return
		}
		http.Redirect(rw, r, "/hops/"+strconv.Itoa(left-1), http.StatusFound)
	})
	mux.HandleFunc("GET /bomb", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Encoding", "gzip")
		rw.Header().Set("Content-Type", "image/jpeg")
		_, _ = rw.Write(bomb)
	})
	mux.HandleFunc("POST /bomb", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Encoding", "gzip")
		rw.Header().Set("Content-Type", "text/xml")
		_, _ = rw.Write(document)
	})
	server := httptest.NewServer(mux)
	transport := &http.Transport{}
	t.Cleanup(func() {
		close(stop)
		transport.CloseIdleConnections()
		server.Close()
	})
	for path, want := range map[string]string{
		"/in/photo": "", "/in/loop": "63019 ", "/in/hops/5": "", "/in/hops/6": "63019 ",
		"/in/back": `63019 Head "https://api.twilio.com/2010-04-01/x": the URL leads back to the emulator`, "/in/bomb": "63034 ", "/slow#rt=200": "11205 ", "/bomb": "11750 ",
	} {
		w := joined(t, server.URL+path)
		w.next = transport
		w.send(t, ada, "Hola") // fails by itself when it does not end
		got := strings.Join(w.alerts(t), "; ")
		if !strings.HasPrefix(got, want) || (want == "") != (got == "") {
			t.Errorf("%s: the debugger says %q, want %q", path, got, want)
		}
	}
}

// packed is the beginning of an answer with 16 MB behind it, packed into a few KB.
func packed(t *testing.T, beginning []byte) []byte {
	t.Helper()
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range [][]byte{beginning, make([]byte, 16<<20)} {
		if _, err := z.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return small.Bytes()
}
