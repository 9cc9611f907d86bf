package clock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// plan is an agenda: what is due, and what happened at which time.
type plan struct {
	clock *Clock

	mu    sync.Mutex
	items []item
	log   []string
	fail  string // the name of the item that fails
}

type item struct {
	name string
	due  time.Time
	then []item // due is added to the time at which this item runs
}

var errItem = errors.New("the item failed")

func (p *plan) agenda() Agenda { return Agenda{Next: p.next, Run: p.run} }

func (p *plan) next(context.Context) (time.Time, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.items) == 0 {
		return time.Time{}, false, nil
	}
	return slices.MinFunc(p.items, byDue).due, true, nil
}

func byDue(a, b item) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.name, b.name)) }

// run does what is due, with what it adds for the same time.
func (p *plan) run(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		slices.SortFunc(p.items, byDue)
		now := p.clock.Now()
		if len(p.items) == 0 || p.items[0].due.After(now) {
			return nil
		}
		due := p.items[0]
		if due.name == p.fail {
			return errItem
		}
		p.items = p.items[1:]
		p.log = append(p.log, fmt.Sprintf("%s at %s", due.name, now.Sub(noon)))
		for _, next := range due.then {
			next.due = now.Add(next.due.Sub(time.Time{}))
			p.items = append(p.items, next)
		}
	}
}

// at is an item that is due d after noon; then are due their time after it.
func at(d time.Duration, name string, then ...item) item {
	return item{name: name, due: noon.Add(d), then: then}
}

// after is an item that is due d after the one that causes it.
func after(d time.Duration, name string, then ...item) item {
	return item{name: name, due: time.Time{}.Add(d), then: then}
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		items []item
		by    time.Duration
		want  []string
	}{
		{"nothing waits", nil, time.Hour, nil},
		{"in due order", []item{at(3*time.Minute, "c"), at(time.Minute, "a"), at(2*time.Minute, "b")}, time.Hour,
			[]string{"a at 1m0s", "b at 2m0s", "c at 3m0s"}},
		{"what is due already", []item{at(-time.Hour, "late"), at(0, "now")}, time.Minute, []string{"late at 0s", "now at 0s"}},
		{"by nothing", []item{at(0, "now"), at(1, "soon")}, 0, []string{"now at 0s"}},
		{"up to the end and not beyond", []item{at(time.Hour, "just"), at(time.Hour+1, "beyond")}, time.Hour, []string{"just at 1h0m0s"}},
		{"at one instant", []item{at(time.Minute, "b"), at(time.Minute, "a")}, time.Hour, []string{"a at 1m0s", "b at 1m0s"}},
		{"an item adds one between", []item{at(time.Minute, "a", after(time.Minute, "nested")), at(3*time.Minute, "c")}, time.Hour,
			[]string{"a at 1m0s", "nested at 2m0s", "c at 3m0s"}},
		{"an item adds one at once", []item{at(time.Minute, "a", after(0, "nested", after(0, "deeper")))}, time.Hour,
			[]string{"a at 1m0s", "nested at 1m0s", "deeper at 1m0s"}},
		{"an item adds one at the end", []item{at(time.Minute, "a", after(59*time.Minute, "end", after(0, "and"), after(1, "not")))}, time.Hour,
			[]string{"a at 1m0s", "end at 1h0m0s", "and at 1h0m0s"}},
		{"a chain", []item{at(0, "0", after(time.Minute, "1", after(time.Minute, "2", after(time.Minute, "3"))))}, 2 * time.Minute,
			[]string{"0 at 0s", "1 at 1m0s", "2 at 2m0s"}},
	}
	for _, test := range tests {
		for _, frozen := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/frozen=%t", test.name, frozen), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c := New(State{Frozen: &noon})
					if !frozen {
						c.Resume()
					}
					p := &plan{clock: c, items: slices.Clone(test.items)}
					if err := c.Advance(t.Context(), test.by, p.agenda()); err != nil {
						t.Fatalf("Advance: %v", err)
					}
					if !slices.Equal(p.log, test.want) {
						t.Errorf("ran %q, want %q", p.log, test.want)
					}
					if got := c.Now().Sub(noon); got != test.by {
						t.Errorf("the clock stands %s after noon, want %s", got, test.by)
					}
					if running := c.State().Frozen == nil; running == frozen {
						t.Errorf("the clock runs: %t", running)
					}
				})
			})
		}
	}
}

func TestAdvanceErrors(t *testing.T) {
	t.Parallel()
	items := []item{at(time.Minute, "a"), at(2*time.Minute, "b"), at(3*time.Minute, "c")}
	broken := errors.New("the store is broken")
	tests := []struct {
		name   string
		by     time.Duration
		change func(*plan, *Agenda)
		want   error
		reads  string // part of the error's text
		stays  time.Duration
	}{
		{"an item fails", time.Hour, func(p *plan, _ *Agenda) { p.fail = "b" }, errItem, "", 2 * time.Minute},
		{"Next fails", time.Hour, func(p *plan, a *Agenda) {
			a.Next = func(ctx context.Context) (time.Time, bool, error) {
				if len(p.log) == 1 {
					return time.Time{}, false, broken
				}
				return p.next(ctx)
			}
		}, broken, "", time.Minute},
		{"backwards", -time.Second, func(*plan, *Agenda) {}, nil, "cannot advance by -1s", 0},
		{"beyond what the clock shows", 240 * 365 * 24 * time.Hour, func(*plan, *Agenda) {}, nil, "shows the years 1970 to 2261", 0},
		{"as far as a duration goes", 1<<63 - 1, func(*plan, *Agenda) {}, nil, "shows the years 1970 to 2261", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := New(State{Frozen: &noon})
			p := &plan{clock: c, items: slices.Clone(items)}
			agenda := p.agenda()
			test.change(p, &agenda)
			err := c.Advance(t.Context(), test.by, agenda)
			if err == nil || !errors.Is(err, cmp.Or(test.want, err)) || !strings.Contains(err.Error(), test.reads) {
				t.Errorf("Advance: %v, want %v %s", err, test.want, test.reads)
			}
			if got := c.Now().Sub(noon); got != test.stays {
				t.Errorf("the clock stands %s after noon, want %s", got, test.stays)
			}
			p.fail = "" // and the next Advance goes on from there
			if err := c.Advance(t.Context(), time.Hour, p.agenda()); err != nil || len(p.log) != 3 {
				t.Errorf("a second Advance: %v, ran %q", err, p.log)
			}
		})
	}
}

func TestAdvanceTo(t *testing.T) {
	t.Parallel()
	c := New(State{Frozen: &noon})
	p := &plan{clock: c, items: []item{{name: "a", due: noon.Add(time.Minute)}, {name: "b", due: noon.Add(time.Hour)}}}
	for _, step := range []struct {
		to   time.Time
		want []string
		now  time.Time
	}{
		{noon.Add(-time.Hour), nil, noon},
		{noon.Add(time.Minute), []string{"a"}, noon.Add(time.Minute)},
		{noon.Add(2 * time.Hour), []string{"a", "b"}, noon.Add(2 * time.Hour)},
	} {
		if err := c.AdvanceTo(t.Context(), step.to, p.agenda()); err != nil {
			t.Fatal(err)
		}
		if got := c.Now(); !got.Equal(step.now) || len(p.log) != len(step.want) {
			t.Errorf("AdvanceTo(%s): the clock shows %s, ran %q", step.to, got, p.log)
		}
	}
	var refused *SettingError
	if err := c.AdvanceTo(t.Context(), time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC), p.agenda()); !errors.As(err, &refused) {
		t.Errorf("AdvanceTo a year that the clock does not show: %v", err)
	}
}

func TestStateValidate(t *testing.T) {
	t.Parallel()
	early := time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		state State
		valid bool
	}{
		{State{}, true}, {State{Frozen: &noon}, true}, {State{Frozen: &early}, false}, {State{Offset: time.Hour}, true},
		{State{Offset: 1<<63 - 1}, false}, {State{Offset: -1 << 63}, false}, {State{Offset: 1<<63 - 1, Frozen: &noon}, true},
	} {
		if err := c.state.Validate(); (err == nil) != c.valid {
			t.Errorf("%+v: %v", c.state, err)
		}
	}
}

// TestAdvanceEnds: an agenda that never gets on is stopped by the context, wherever Advance is.
func TestAdvanceEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := New(State{Frozen: &noon})
	runs := 0
	stuck := Agenda{
		Next: func(context.Context) (time.Time, bool, error) { return noon.Add(-time.Hour), true, nil },
		Run: func(context.Context) error {
			if runs++; runs == 5 {
				cancel()
			}
			return nil
		},
	}
	if err := c.Advance(ctx, time.Hour, stuck); !errors.Is(err, context.Canceled) {
		t.Errorf("Advance: %v, want %v", err, context.Canceled)
	}
	if got := c.Now(); !got.Equal(noon) {
		t.Errorf("the clock shows %s, want %s", got, noon)
	}
}

// TestConcurrentAdvance: each Advance waits for the one before, so their sum is what the clock moves by, and no item
// runs twice or out of order.
func TestConcurrentAdvance(t *testing.T) {
	t.Parallel()
	c := New(State{Frozen: &noon})
	p := &plan{clock: c}
	var want []string
	for i := range 100 {
		p.items = append(p.items, at(time.Duration(i)*time.Minute, fmt.Sprintf("%02d", i)))
		want = append(want, fmt.Sprintf("%02d at %s", i, time.Duration(i)*time.Minute))
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := c.Advance(t.Context(), 10*time.Minute, p.agenda()); err != nil {
				t.Errorf("Advance: %v", err)
			}
		})
	}
	all.Wait()
	if !slices.Equal(p.log, want) {
		t.Errorf("ran %q, want %q", p.log, want)
	}
	if got := c.Now().Sub(noon); got != 100*time.Minute {
		t.Errorf("the clock moved by %s, want 1h40m", got)
	}
}

// TestAdvanceWaiting: an Advance that waits for another ends with its context, and Set, Freeze and Now do not wait.
func TestAdvanceWaiting(t *testing.T) {
	t.Parallel()
	c := New(State{Frozen: &noon})
	inside, leave := make(chan struct{}), make(chan struct{})
	waiting := false
	slow := Agenda{
		Next: func(context.Context) (time.Time, bool, error) { return time.Time{}, false, nil },
		Run: func(context.Context) error {
			if !waiting {
				waiting = true
				close(inside)
				<-leave
			}
			return nil
		},
	}
	done := make(chan error)
	go func() { done <- c.Advance(context.WithoutCancel(t.Context()), time.Hour, slow) }()
	<-inside
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Advance(ctx, time.Hour, slow); !errors.Is(err, context.Canceled) {
		t.Errorf("Advance with an ended context: %v", err)
	}
	if err := c.Set(noon.Add(-time.Hour)); err != nil || !c.Now().Equal(noon.Add(-time.Hour)) {
		t.Errorf("Set during an Advance: %v, and the clock shows %s", err, c.Now())
	}
	close(leave)
	if err := <-done; err != nil || !c.Now().Equal(noon.Add(time.Hour)) {
		t.Errorf("Advance: %v, and the clock shows %s; want where it was going", err, c.Now())
	}
}
