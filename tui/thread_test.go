package tui

import (
	"slices"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

func bodies(list []whatsapp.Message) (texts []string) {
	for _, m := range list {
		texts = append(texts, m.Body)
	}
	return texts
}

// Messages stand by number and once, however they come.
func TestThreadMerge(t *testing.T) {
	t.Parallel()
	var th thread
	th.replace([]whatsapp.Message{wrote(3, "three")})
	th.merge([]whatsapp.Message{wrote(5, "five"), wrote(4, "four")})
	th.merge([]whatsapp.Message{wrote(1, "one"), wrote(3, "three"), wrote(4, "four")})
	if got := bodies(th.shown()); !slices.Equal(got, []string{"one", "three", "four", "five"}) {
		t.Errorf("the thread is %v", got)
	}
	captured := wrote(4, "four")
	captured.ConversationSID = thread1
	th.changed = false
	th.merge([]whatsapp.Message{captured})
	if !th.changed || th.messages[2].ConversationSID != thread1 {
		t.Error("a message does not learn its conversation")
	}
	th.changed = false
	th.merge([]whatsapp.Message{captured})
	if th.changed {
		t.Error("the same news are news again")
	}
}

// A message does not go back on its way: a listing may be older than the stream, and the other way round.
func TestThreadStatus(t *testing.T) {
	t.Parallel()
	var th thread
	th.replace([]whatsapp.Message{got(1, "delivered", "a"), got(2, "sent", "b"), got(3, "sent", "c")})
	th.status(th.messages[0].SID, "sent", 0)
	th.status(th.messages[1].SID, "read", 0)
	th.merge([]whatsapp.Message{got(2, "delivered", "b")})
	if a, b := th.messages[0].Status, th.messages[1].Status; a != "delivered" || b != "read" {
		t.Errorf("statuses are %s and %s, want delivered and read", a, b)
	}
	th.status(th.messages[2].SID, "failed", 63016)
	if m := th.messages[2]; m.Status != "failed" || m.ErrorCode != 63016 || ticks(m) != "✗ 63016" {
		t.Errorf("a failure is kept as %s %d", m.Status, m.ErrorCode)
	}
}

// What never reached the phone stands where its time is, once, and goes with the emulator that lost it.
func TestThreadLost(t *testing.T) {
	t.Parallel()
	var th thread
	th.addUndelivered(got(2, "failed", "lost")) // before the thread is known: the live streams may be quicker
	th.addUndelivered(got(2, "failed", "lost"))
	th.replace([]whatsapp.Message{wrote(1, "one"), wrote(3, "three")})
	if shown := bodies(th.shown()); !slices.Equal(shown, []string{"one", "lost", "three"}) {
		t.Errorf("the thread is %v", shown)
	}
	th.replace([]whatsapp.Message{wrote(9, "another life")})
	if shown := bodies(th.shown()); !slices.Equal(shown, []string{"another life"}) {
		t.Errorf("after a reset the thread is %v", shown)
	}
}

func TestThreadClear(t *testing.T) {
	t.Parallel()
	var th thread
	th.replace([]whatsapp.Message{wrote(1, "one"), wrote(2, "two")})
	th.addUndelivered(got(2, "failed", "lost"))
	th.clear(start().Add(2 * time.Second))
	if !th.empty() {
		t.Errorf("after clear the thread is %v", bodies(th.shown()))
	}
	th.merge([]whatsapp.Message{wrote(1, "one"), wrote(3, "three")})
	if shown := bodies(th.shown()); th.empty() || !slices.Equal(shown, []string{"three"}) {
		t.Errorf("after clear the thread is %v", shown)
	}
}

// The thread is asked for from a little before its end on.
func TestThreadKnown(t *testing.T) {
	t.Parallel()
	var th thread
	if th.known() != (known{}) {
		t.Errorf("an unknown thread is known as %+v", th.known())
	}
	var list []whatsapp.Message
	for seq := int64(1); seq <= refetched+5; seq++ {
		list = append(list, wrote(seq*10, "x"))
	}
	th.replace(list)
	if got, want := th.known(), (known{first: list[0].SID, after: 50}); got != want {
		t.Errorf("known() = %+v, want %+v", got, want)
	}
}
