package outbox

import (
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// callback puts the callback of a status of one message.
func (b *bench) callback(t Timing, name string, final bool) {
	b.t.Helper()
	err := b.outbox.Update(b.t.Context(), func(tx store.Tx) error {
		return b.outbox.PutCallback(tx, t, Callback{Queue: "callbacks/1", Args: testJob{name}, Final: final})
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func TestCallbacks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		timing          Timing
		final           bool // is there a final one?
		advance         time.Duration
		at, after, last []string // what ran when all had happened, after the advance, and a minute later
	}{
		"as promised": {Timing{}, true, time.Second, []string{"sent", "delivered", "read"}, nil, nil},
		"late": {Timing{Delay: 5 * time.Second}, true, 5 * time.Second,
			nil, []string{"sent", "delivered", "read"}, nil},
		"not late enough": {Timing{Delay: 5 * time.Second}, true, 4 * time.Second, nil, nil, []string{"sent", "delivered", "read"}},
		"twice": {Timing{Copies: 2}, true, time.Second,
			[]string{"sent", "sent", "delivered", "delivered", "read", "read"}, nil, nil},
		"reversed":           {Timing{Reversed: true}, true, time.Second, []string{"read", "delivered", "sent"}, nil, nil},
		"reversed and twice": {Timing{Reversed: true, Copies: 2}, true, time.Second, []string{"read", "read", "delivered", "delivered", "sent", "sent"}, nil, nil},
		"reversed and late": {Timing{Reversed: true, Delay: time.Minute}, true, time.Minute,
			nil, []string{"read", "delivered", "sent"}, nil},
		"reversed, and the last never comes": {Timing{Reversed: true}, false, OvertakenFor - time.Second,
			nil, nil, []string{"delivered", "sent"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.start(b.log)
			b.callback(c.timing, "sent", false)
			b.callback(c.timing, "delivered", false)
			if c.final {
				b.callback(c.timing, "read", true)
			}
			b.settle()
			b.want(c.at...)
			b.advance(c.advance)
			b.want(append(c.at, c.after...)...)
			b.advance(time.Minute)
			b.want(append(append(c.at, c.after...), c.last...)...)
		})
	}
}
