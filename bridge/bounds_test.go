package bridge

import (
	"strconv"
	"testing"
	"time"
)

// TestReportsAreBounded has more failures than are remembered: the oldest are forgotten, the newest are not.
func TestReportsAreBounded(t *testing.T) {
	t.Parallel()
	var r reports
	u := func(i int) Undelivered { return Undelivered{ReceiptSID: strconv.Itoa(i)} }
	const n = 3 * rememberedReports
	for i := range n {
		if !r.add(u(i)) {
			t.Fatalf("failure %d is new and was not told", i)
		}
	}
	if len(r.known) != rememberedReports {
		t.Errorf("%d are remembered, want %d", len(r.known), rememberedReports)
	}
	if r.add(u(n-1)) || r.add(u(n-rememberedReports)) || !r.add(u(0)) {
		t.Error("it is not the oldest that is forgotten")
	}
}

// TestMemoryQueueForgets the keys of what was done long ago.
func TestMemoryQueueForgets(t *testing.T) {
	t.Parallel()
	q := NewMemoryQueue()
	for i := range remembered + 100 {
		_, _ = q.Accept(t.Context(), Entry{Key: strconv.Itoa(i), Lane: strconv.Itoa(i)})
		job, err := q.Lease(t.Context(), time.Minute)
		if err != nil || job == nil {
			t.Fatalf("Lease: %v, %v", job, err)
		}
		if err := q.Settle(t.Context(), job, Outcome{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(q.known) != remembered || len(q.lanes) != remembered {
		t.Errorf("%d keys and %d lanes are remembered, want %d", len(q.known), len(q.lanes), remembered)
	}
}
