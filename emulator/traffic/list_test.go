package traffic_test

import (
	"math"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/traffic"
)

// TestListBounds lists with the greatest and least numbers there are: List must neither fail nor answer with more than
// was asked for.
func TestListBounds(t *testing.T) {
	t.Parallel()
	const kept, sent = 4, 6
	l := traffic.NewLog(traffic.Config{Keep: kept})
	h := l.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for range sent {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}
	for _, c := range []struct {
		after int64
		limit int
		want  []int64
	}{
		{0, 0, []int64{3, 4, 5, 6}},
		{4, 0, []int64{5, 6}},
		{4, 1, []int64{5}},
		{4, math.MaxInt, []int64{5, 6}},
		{6, 0, nil},
		{7, 1, nil},
		{math.MaxInt64, 0, nil},
		{math.MaxInt64, math.MaxInt, nil},
		{math.MaxInt64 - 1, 2, nil},
		{math.MinInt64, 2, []int64{3, 4}},
		{0, math.MinInt, []int64{3, 4, 5, 6}},
	} {
		list := l.List(c.after, c.limit)
		got := make([]int64, len(list))
		for i, e := range list {
			got[i] = e.Seq
		}
		if len(got) != len(c.want) || (len(got) > 0 && (got[0] != c.want[0] || got[len(got)-1] != c.want[len(c.want)-1])) {
			t.Errorf("List(%d, %d) = %v, want %v", c.after, c.limit, got, c.want)
		}
	}
	if n := len(l.UnderWay()); n != 0 { // takes the lock: it must not be held
		t.Errorf("%d exchanges under way", n)
	}
}
