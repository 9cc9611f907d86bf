package clock

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestClockProperty: whatever is done to a clock, it goes backwards only by Set and Restore, and what is due runs in
// order and at its time.
func TestClockProperty(t *testing.T) {
	t.Parallel()
	durations := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, int64(time.Second)), rapid.Int64Range(0, int64(1000*time.Hour)))
	draw := func(r *rapid.T, name string) time.Duration { return time.Duration(durations.Draw(r, name)) }
	rapid.Check(t, func(r *rapid.T) {
		rapid.SyncTest(r, func(r *rapid.T) {
			c := New(State{})
			_ = c.Set(noon)
			p := &plan{clock: c}
			last := c.Now()
			r.Repeat(map[string]func(*rapid.T){
				"pass":   func(r *rapid.T) { pass(draw(r, "time")) },
				"freeze": func(*rapid.T) { c.Freeze() },
				"resume": func(*rapid.T) { c.Resume() },
				"keep":   func(*rapid.T) { kept := c.State(); c.Restore(kept) },
				"set": func(r *rapid.T) {
					last = noon.Add(draw(r, "to"))
					if err := c.Set(last); err != nil {
						r.Fatal(err)
					}
				},
				"plan": func(r *rapid.T) {
					p.items = append(p.items, item{name: fmt.Sprint(len(p.items)), due: c.Now().Add(draw(r, "due")),
						then: []item{after(draw(r, "then"), "nested", after(draw(r, "deeper"), "deeper"))}})
				},
				"advance": func(r *rapid.T) { advance(r, c, p, draw(r, "by")) },
				"": func(r *rapid.T) {
					now := c.Now()
					if now.Before(last) {
						r.Fatalf("the clock went back from %s to %s", last, now)
					}
					last = now
				},
			})
		})
	})
}

// advance checks one Advance of a clock, on which in a bubble no other time passes.
func advance(r *rapid.T, c *Clock, p *plan, by time.Duration) {
	start := c.Now()
	var ran []time.Time
	err := c.Advance(context.Background(), by, Agenda{Next: p.next, Run: func(ctx context.Context) error {
		due, waiting, _ := p.next(ctx)
		now := c.Now()
		if waiting && !due.After(now) {
			if due.After(start) && !due.Equal(now) {
				return fmt.Errorf("what is due at %s runs at %s", due, now)
			}
			ran = append(ran, now)
		}
		return p.run(ctx)
	}})
	if err != nil {
		r.Fatalf("Advance: %v", err)
	}
	if !slices.IsSortedFunc(ran, time.Time.Compare) {
		r.Fatalf("ran at %s", ran)
	}
	if got := c.Now().Sub(start); got != by {
		r.Fatalf("Advance(%s) moved the clock by %s", by, got)
	}
	if due, waiting, _ := p.next(context.Background()); waiting && !due.After(c.Now()) {
		r.Fatalf("at %s something is still due since %s", c.Now(), due)
	}
}
