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

// TuneGarbageCollector makes the garbage collector of this process run when the garbage reaches a quarter of the live heap, and 16 MB
// at least. Go's default is the size of the live heap: an emulator with little in it would collect after every few hundred requests,
// and one that is full would need twice its memory. It changes the whole process, so it is for commands. A process that has GOGC or
// GOMEMLIMIT in its environment should not call it.
func TuneGarbageCollector() {
	setGarbagePercent()
	afterCollection()
}

// afterCollection sets the percentage anew after every collection, each of which finds an object that nobody refers to.
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
