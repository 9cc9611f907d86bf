package clock

import (
	"encoding/json"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// noon is far from the time in a synctest bubble, which begins in the year 2000.
var noon = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

// pass lets real time pass, in a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }

func TestClock(t *testing.T) {
	t.Parallel()
	set := func(c *Clock, t time.Time) { _ = c.Set(t) }
	tests := []struct {
		name  string
		start State
		steps func(c *Clock)
		want  func(real time.Time) time.Time
	}{
		{"the zero State is real time", State{}, func(*Clock) {}, func(real time.Time) time.Time { return real }},
		{"it runs", State{}, func(*Clock) { pass(time.Hour) }, func(real time.Time) time.Time { return real }},
		{"an offset", State{Offset: -time.Hour}, func(*Clock) { pass(time.Minute) },
			func(real time.Time) time.Time { return real.Add(-time.Hour) }},
		{"set", State{}, func(c *Clock) { set(c, noon); pass(time.Minute) },
			func(time.Time) time.Time { return noon.Add(time.Minute) }},
		{"set backwards", State{Offset: time.Hour}, func(c *Clock) { set(c, noon); set(c, noon.Add(-48*time.Hour)); pass(time.Second) },
			func(time.Time) time.Time { return noon.Add(-48*time.Hour + time.Second) }},
		{"set while frozen", State{}, func(c *Clock) { c.Freeze(); set(c, noon); pass(time.Minute) },
			func(time.Time) time.Time { return noon }},
		{"frozen", State{Offset: time.Hour}, func(c *Clock) { c.Freeze(); pass(time.Minute) },
			func(real time.Time) time.Time { return real.Add(time.Hour - time.Minute) }},
		{"frozen twice", State{}, func(c *Clock) { c.Freeze(); pass(time.Minute); c.Freeze() },
			func(real time.Time) time.Time { return real.Add(-time.Minute) }},
		{"resumed", State{}, func(c *Clock) { c.Freeze(); pass(time.Minute); c.Resume(); pass(time.Second) },
			func(real time.Time) time.Time { return real.Add(-time.Minute) }},
		{"resumed while it runs", State{}, func(c *Clock) { set(c, noon); pass(time.Second); c.Resume() },
			func(time.Time) time.Time { return noon.Add(time.Second) }},
		{"restored", State{Frozen: &noon}, func(c *Clock) { c.Restore(State{}) }, func(real time.Time) time.Time { return real }},
		{"restored backwards", State{Offset: time.Hour}, func(c *Clock) { _ = c.Now(); c.Restore(State{Offset: -time.Hour}) },
			func(real time.Time) time.Time { return real.Add(-time.Hour) }},
		{"starts frozen", State{Frozen: &noon, Offset: 5}, func(*Clock) { pass(time.Minute) }, func(time.Time) time.Time { return noon }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := New(test.start)
				test.steps(c)
				want := test.want(time.Now())
				if got := c.Now(); !got.Equal(want) {
					t.Errorf("Now() = %s, want %s", got, want)
				}
				if got := New(c.State()).Now(); !got.Equal(want) {
					t.Errorf("a clock restored from State() shows %s, want %s", got, want)
				}
			})
		})
	}
}

func TestSetRefuses(t *testing.T) {
	t.Parallel()
	c := New(State{Frozen: &noon})
	for _, at := range []time.Time{{}, time.Unix(-1, 0), time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<60, 0)} {
		if err := c.Set(at); err == nil {
			t.Errorf("Set(%s) succeeded", at)
		}
	}
	if got := c.Now(); !got.Equal(noon) {
		t.Errorf("a refused Set moved the clock to %s", got)
	}
	for _, at := range []time.Time{time.Unix(0, 0), time.Date(2261, 12, 31, 23, 59, 59, 999999999, time.UTC)} {
		if err := c.Set(at); err != nil || !c.Now().Equal(at) {
			t.Errorf("Set(%s): %v, and the clock shows %s", at, err, c.Now())
		}
		c.Resume()
		if now := c.Now(); now.Before(at) {
			t.Errorf("set to %s, the clock runs from %s", at, now)
		}
		c.Freeze()
	}
}

func TestAlwaysUTC(t *testing.T) {
	t.Parallel()
	bogota := time.FixedZone("Bogota", -5*60*60)
	local := noon.In(bogota)
	c := New(State{Frozen: &local})
	check := func(what string) {
		t.Helper()
		if got := c.Now(); got != c.Now().UTC().Round(0) || !got.Equal(noon) {
			t.Errorf("%s: the clock shows %s", what, got)
		}
	}
	check("New")
	c.Restore(State{Frozen: &local})
	check("Restore")
	_ = c.Set(local)
	check("Set")
	c.Resume()
	if got := c.Now(); got.Location() != time.UTC {
		t.Errorf("a running clock shows %s", got)
	}
}

// TestStateIsACopy: who keeps a State cannot turn the clock with it.
func TestStateIsACopy(t *testing.T) {
	t.Parallel()
	at := noon
	c := New(State{Frozen: &at})
	at = at.Add(time.Hour)
	*c.State().Frozen = time.Time{}
	if got := c.Now(); !got.Equal(noon) {
		t.Errorf("the clock shows %s", got)
	}
}

func TestStateJSON(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]State{
		`{"offset":0}`:              {},
		`{"offset":-3600000000000}`: {Offset: -time.Hour},
		`{"offset":0,"frozen":"2026-11-23T12:00:00.000000001Z"}`: {Frozen: new(noon.Add(1))},
	} {
		text, err := json.Marshal(s)
		if err != nil || string(text) != want {
			t.Errorf("State as JSON: %s, %v; want %s", text, err, want)
		}
		var back State
		if err := json.Unmarshal(text, &back); err != nil || back.Offset != s.Offset || (s.Frozen != nil && !back.Frozen.Equal(*s.Frozen)) {
			t.Errorf("State from JSON %s: %+v, %v", text, back, err)
		}
	}
}

func TestUntil(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		frozen bool
		ahead  time.Duration
		want   time.Duration
		runs   bool
	}{
		{"future", false, time.Hour, time.Hour, true},
		{"now", false, 0, 0, true},
		{"past", false, -time.Hour, 0, true},
		{"future, frozen", true, time.Hour, time.Hour, false},
		{"now, frozen", true, 0, 0, true},
		{"past, frozen", true, -time.Hour, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := New(State{Offset: 12345 * time.Second})
				if test.frozen {
					c.Freeze()
				}
				d, runs := c.Until(c.Now().Add(test.ahead))
				if d != test.want || runs != test.runs {
					t.Errorf("Until = %s, %t; want %s, %t", d, runs, test.want, test.runs)
				}
			})
		})
	}
}

// TestUntilIsEnough: a waiter that waits as long as Until says finds the time reached.
func TestUntilIsEnough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(State{})
		_ = c.Set(noon)
		pass(3 * time.Nanosecond)
		at := noon.Add(time.Minute + time.Nanosecond)
		d, _ := c.Until(at)
		pass(d)
		if now := c.Now(); now.Before(at) {
			t.Errorf("after Until the clock shows %s, want %s", now, at)
		}
	})
}

func TestChanged(t *testing.T) {
	t.Parallel()
	c := New(State{})
	for _, test := range []struct {
		name string
		do   func()
		want bool
	}{
		{"Now", func() { c.Now() }, false},
		{"Resume while it runs", c.Resume, false},
		{"Set", func() { _ = c.Set(noon) }, true},
		{"refused Set", func() { _ = c.Set(time.Time{}) }, false},
		{"Freeze", c.Freeze, true},
		{"Freeze again", c.Freeze, false},
		{"Set while frozen", func() { _ = c.Set(noon) }, true},
		{"Resume", c.Resume, true},
		{"Restore", func() { c.Restore(State{}) }, true},
	} {
		changed := c.Changed()
		test.do()
		got := false
		select {
		case <-changed:
			got = true
		default:
		}
		if got != test.want {
			t.Errorf("%s: Changed closed is %t, want %t", test.name, got, test.want)
		}
	}
}

// TestComputerSetBack: when the computer's clock is set back, this one goes on from where it was.
func TestComputerSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(State{})
		c.shown = time.Now().Add(time.Hour).UTC().Round(0) // as if the computer had shown this a moment ago
		before := c.shown
		if got := c.Now(); !got.Equal(before) {
			t.Errorf("Now() = %s, want %s", got, before)
		}
		pass(time.Minute)
		if got := c.Now(); !got.Equal(before.Add(time.Minute)) {
			t.Errorf("a minute later the clock shows %s, want %s", got, before.Add(time.Minute))
		}
		if got := c.State().Offset; got != time.Hour {
			t.Errorf("Offset %s, want 1h", got)
		}
	})
}

// TestConcurrentUse is for the race detector; and as nobody sets the clock, nobody sees it go backwards.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	c := New(State{Offset: time.Hour})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			last := c.Now()
			for range 500 {
				switch i {
				case 0:
					c.Freeze()
				case 1:
					c.Resume()
				case 2:
					_ = c.Changed()
				case 3:
					_ = c.State()
				}
				now := c.Now()
				if now.Before(last) {
					t.Errorf("the clock went back from %s to %s", last, now)
				}
				last = now
			}
		})
	}
	all.Wait()
}
