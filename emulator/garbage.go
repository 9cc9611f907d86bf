package emulator

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Bounds of the garbage that may pile up before the next collection, in bytes. Between them it is a quarter of what is live.
const (
	leastGarbage = 16 << 20
	mostGarbage  = 256 << 20
)

// TuneGarbageCollector makes the garbage collector of this process run when a quarter of what is live has piled up, and 16 MB at
// the least. By default it runs at as much again: for an emulator that has little in it that is after every few hundred requests, and
// a fifth of their cost; for one that is full it is twice the memory. It is for commands, and changes the whole process; one that has
// GOGC or GOMEMLIMIT in its environment should not call it.
func TuneGarbageCollector() {
	setGarbagePercent()
	afterCollection()
}

// afterCollection sets the percentage anew after every collection: an object that nobody holds is found by each.
func afterCollection() {
	runtime.AddCleanup(new([16]byte), func(struct{}) {
		setGarbagePercent()
		afterCollection()
	}, struct{}{})
}

func setGarbagePercent() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(garbagePercent(live[0].Value.Uint64()))
}

// garbagePercent returns the value of GOGC for a number of live bytes.
func garbagePercent(live uint64) int {
	live = max(live, 1<<20)
	garbage := min(max(live/4, leastGarbage), mostGarbage)
	return max(1, int(garbage*100/live)) //nolint:gosec // at most 1,600
}
