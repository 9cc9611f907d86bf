package bridge

import (
	"strconv"
	"testing"
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
