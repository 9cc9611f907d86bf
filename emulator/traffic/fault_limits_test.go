package traffic_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

func TestFaultLimits(t *testing.T) {
	t.Parallel()
	l := traffic.NewLog(traffic.Config{})
	for name, f := range map[string]traffic.Fault{
		"method": {Method: strings.Repeat("X", 33), Status: 500},
		"path":   {Path: "/" + strings.Repeat("x", 1024), Status: 500},
		"body":   {Body: strings.Repeat("x", 1<<16+1), Status: 500},
	} {
		if _, err := l.AddFault(f); err == nil || !strings.Contains(err.Error(), "bytes at most") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 1000 {
		if _, err := l.AddFault(traffic.Fault{Path: "/never", Status: 500}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.AddFault(traffic.Fault{Status: 500}); err == nil || !strings.Contains(err.Error(), "clear them") {
		t.Errorf("fault 1001: %v", err)
	}
	l.ClearFaults()
	if _, err := l.AddFault(traffic.Fault{Status: 500}); err != nil {
		t.Errorf("after clearing: %v", err)
	}
}

// Skip and Count together may be more than an int holds.
func TestFaultCountsDoNotOverflow(t *testing.T) {
	t.Parallel()
	l := traffic.NewLog(traffic.Config{})
	if _, err := l.AddFault(traffic.Fault{Status: 503, Skip: 1, Count: math.MaxInt}); err != nil {
		t.Fatal(err)
	}
	h := l.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for i, want := range []int{200, 503, 503} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != want {
			t.Errorf("request %d: %d, want %d", i+1, w.Code, want)
		}
	}
}
