package steps

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, s *servers, ctx context.Context, url string) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.RoundTrip(r)
}

// served are servers in process, until the test ends.
func served(t *testing.T) *servers {
	s := newServers(slog.New(slog.DiscardHandler))
	s.serve()
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestServersInProcess(t *testing.T) {
	t.Parallel()
	s := served(t)
	handlers := map[string]http.HandlerFunc{
		"hello": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "hello "+r.URL.Query().Get("name"))
		},
		"teapot": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Pot", "small")
			w.WriteHeader(http.StatusTeapot)
			w.WriteHeader(http.StatusOK)
		},
		"silent": func(http.ResponseWriter, *http.Request) {},
		"broken": func(http.ResponseWriter, *http.Request) { panic("out of order") },
		"hangup": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, h := range handlers {
		if _, err := s.handle(name, h); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		url, body, err string
		status         int
	}{
		{url: s.url("hello") + "?name=Ada", status: 200, body: "hello Ada"},
		{url: s.url("teapot"), status: 418},
		{url: s.url("silent"), status: 200},
		{url: s.url("broken"), err: "EOF"},
		{url: s.url("hangup"), err: "EOF"},
		{url: s.url("nobody"), status: 404, body: "the scenario has no server \"nobody\"\n"},
	} {
		res, err := get(t, s, t.Context(), c.url)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want %q", c.url, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		body, _ := io.ReadAll(res.Body)
		if res.StatusCode != c.status || string(body) != c.body {
			t.Errorf("%s: %d %q, want %d %q", c.url, res.StatusCode, body, c.status, c.body)
		}
	}
	if _, err := s.handle("No Name", http.NotFoundHandler()); err == nil {
		t.Error("a server may be called No Name")
	}
}

// A server that hangs holds nobody up for longer than the request's context.
func TestServerThatHangs(t *testing.T) {
	t.Parallel()
	s := served(t)
	entered, release := make(chan struct{}), make(chan struct{})
	url, err := s.handle("slow", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-release
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	if _, err := get(t, s, ctx, url); err == nil {
		t.Error("the request to a hanging server has an answer")
	}
}

// An application that listens somewhere gets its webhooks over the network.
func TestServerElsewhere(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "app") }))
	defer app.Close()
	s := newServers(slog.New(slog.DiscardHandler))
	res, err := get(t, s, t.Context(), app.URL)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if string(body) != "app" {
		t.Errorf("got %q", body)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

func TestServersOverTCP(t *testing.T) {
	t.Parallel()
	s := newServers(slog.New(slog.DiscardHandler))
	if err := s.listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	url, err := s.handle("hello", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for path, want := range map[string]int{url: 200, s.url("nobody"): 404} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}
