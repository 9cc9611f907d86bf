package twilio

import "testing"

func TestStatusPrecedes(t *testing.T) {
	t.Parallel()
	order := []Status{StatusQueued, StatusSent, StatusDelivered, StatusRead}
	for i, from := range order {
		for j, to := range order {
			if got, want := from.Precedes(to), i < j; got != want {
				t.Errorf("%s precedes %s: %v, want %v", from, to, got, want)
			}
		}
		for _, failure := range []Status{StatusFailed, StatusUndelivered} {
			if got, want := from.Precedes(failure), i < 2; got != want {
				t.Errorf("%s precedes %s: %v, want %v", from, failure, got, want)
			}
			if failure.Precedes(from) {
				t.Errorf("%s precedes %s: a failure ends a message", failure, from)
			}
		}
		if StatusReceived.Precedes(from) || StatusCanceled.Precedes(from) {
			t.Errorf("a message that was received or canceled becomes %s", from)
		}
	}
	if !Status("").Precedes(StatusSent) || !Status("").Precedes(StatusFailed) {
		t.Error("a receipt without a report takes none")
	}
}
