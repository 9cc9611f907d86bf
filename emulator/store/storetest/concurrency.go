package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func concurrencyTests() []test {
	return []test{
		{"Concurrency/NoLostUpdate", testNoLostUpdate},
		{"Concurrency/OneWinner", testOneWinner},
		{"Concurrency/NoHalfTransaction", testNoHalfTransaction},
		{"Concurrency/CloseWhileBusy", testCloseWhileBusy},
	}
}

const (
	goroutines = 8
	rounds     = 50 // of each goroutine
)

// inParallel runs n functions at once and returns when all have.
func inParallel(n int, fn func(i int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	all.Wait()
}

func testNoLostUpdate(t *testing.T, s store.Store) {
	inParallel(goroutines, func(int) {
		for range rounds {
			err := s.Update(t.Context(), func(tx store.Tx) error {
				p, err := ports.Get(tx, "Cadiz")
				if err != nil && !errors.Is(err, store.ErrNotFound) {
					return err
				}
				p.Ships++
				runtime.Gosched() // let another read in between, if the store does
				return ports.Put(tx, "Cadiz", p)
			})
			if err != nil {
				t.Errorf("Update: %v", err)
			}
		}
	})
	view(t, s, func(tx store.Tx) error {
		if got, err := ports.Get(tx, "Cadiz"); err != nil || got.Ships != goroutines*rounds {
			t.Errorf("after %d increments the counter is %d, %v", goroutines*rounds, got.Ships, err)
		}
		return nil
	})
}

// testOneWinner has several documents race for one unique key, round after round.
func testOneWinner(t *testing.T, s store.Store) {
	for round := range rounds {
		call := fmt.Sprintf("round %d", round)
		results := make([]error, goroutines)
		inParallel(goroutines, func(i int) {
			name := fmt.Sprintf("%d/%d", round, i)
			results[i] = s.Update(t.Context(), func(tx store.Tx) error {
				defer runtime.Gosched() // let another put in before the commit, if the store does
				return ships.Put(tx, name, ship{Name: name, Call: call})
			})
		})
		var winner ship
		view(t, s, func(tx store.Tx) (err error) {
			winner, err = ships.Lookup(tx, byCall, call)
			return err
		})
		winners := 0
		for i, err := range results {
			if err == nil {
				winners++
				if name := fmt.Sprintf("%d/%d", round, i); name != winner.Name {
					t.Errorf("%s was told that it holds %q, but %s does", name, call, winner.Name)
				}
				continue
			}
			expectConflict(t, err, store.ConflictError{Kind: "ship", Index: byCall, IndexKey: call, HeldBy: winner.Name})
		}
		if winners != 1 {
			t.Fatalf("%d of %d hold the unique key %q, want one", winners, goroutines, call)
		}
	}
}

// testNoHalfTransaction moves ships between ports, and keeps count in another kind. No reader may find the two at odds.
func testNoHalfTransaction(t *testing.T, s store.Store) {
	names := []string{"Cadiz", "Palos", "Huelva"}
	const fleet = 12
	update(t, s, func(tx store.Tx) error {
		for i := range fleet {
			if err := ships.Put(tx, store.Ordinal(int64(i)), ship{Port: names[0], Berth: int64(i)}); err != nil {
				return err
			}
		}
		return ports.Put(tx, names[0], port{Ships: fleet})
	})
	var writing atomic.Int64
	writing.Store(goroutines / 2)
	inParallel(goroutines, func(i int) {
		if i%2 == 0 {
			defer writing.Add(-1)
			for n := range rounds {
				sail(t, s, store.Ordinal(int64((i+n*5)%fleet)), names[(i+n)%len(names)], n)
			}
			return
		}
		for reads := 0; reads < rounds || writing.Load() > 0; reads++ {
			if err := s.View(t.Context(), func(tx store.Tx) error { return atOdds(tx, names, fleet) }); err != nil {
				t.Errorf("a View sees half a transaction: %v", err)
				return
			}
		}
	})
	view(t, s, func(tx store.Tx) error { return atOdds(tx, names, fleet) })
}

// sail brings a ship to a port in one Update; every fifth comes to nothing by an error, every seventh by a panic.
func sail(t *testing.T, s store.Store, key, to string, n int) {
	defer func() {
		if p := recover(); p != nil && p != any(errUndo) {
			panic(p)
		}
	}()
	err := s.Update(t.Context(), func(tx store.Tx) error {
		one, err := ships.Get(tx, key)
		if err != nil {
			return err
		}
		from := one.Port
		one.Port = to
		if err := errors.Join(ships.Put(tx, key, one), count(tx, from, -1), count(tx, to, 1)); err != nil {
			return err
		}
		runtime.Gosched()
		switch {
		case n%5 == 4:
			return errors.Join(errUndo, ships.Delete(tx, key))
		case n%7 == 6:
			panic(errUndo)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errUndo) {
		t.Errorf("Update: %v", err)
	}
}

func count(tx store.Tx, name string, change int) error {
	p, err := ports.Get(tx, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	p.Ships += change
	return ports.Put(tx, name, p)
}

// atOdds returns an error unless the ports' counts, the ships by key and the ships by port agree.
func atOdds(tx store.Tx, names []string, fleet int) error {
	at := map[string]int{}
	for one, err := range ships.Each(tx, store.Query{}) {
		if err != nil {
			return err
		}
		at[one.Port]++
	}
	total := 0
	for _, name := range names {
		p, err := ports.Get(tx, name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		indexed, err := keys(tx, store.Query{Index: byBerth, Prefix: store.Prefix(name)})
		if err != nil {
			return err
		}
		if p.Ships != at[name] || len(indexed) != at[name] {
			return fmt.Errorf("%s counts %d ships, %d say they are there, and its index has %d", name, p.Ships, at[name], len(indexed))
		}
		total += p.Ships
	}
	if total != fleet {
		return fmt.Errorf("the ports count %d ships, and there are %d", total, fleet)
	}
	return nil
}

// testCloseWhileBusy closes the store under load: what was answered with success is all there was, and the rest gets
// ErrClosed.
func testCloseWhileBusy(t *testing.T, s store.Store) {
	var done atomic.Int64
	inParallel(goroutines, func(i int) {
		if i == 0 {
			for done.Load() < rounds {
				if err := s.View(t.Context(), func(tx store.Tx) error { _, err := keys(tx, store.Query{}); return err }); err != nil {
					t.Errorf("View before Close: %v", err)
					return
				}
			}
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			return
		}
		for n := 0; ; n++ {
			name := fmt.Sprintf("%d/%d", i, n)
			err := s.Update(t.Context(), func(tx store.Tx) error { return ships.Put(tx, name, ship{Name: name, Call: name}) })
			if err != nil {
				expectError(t, "Update", err, store.ErrClosed)
				return
			}
			done.Add(1)
		}
	})
	expectError(t, "View", s.View(t.Context(), func(store.Tx) error { return nil }), store.ErrClosed)
}
