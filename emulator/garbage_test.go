package emulator

import "testing"

func TestGarbagePercent(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{
		0: 1600, 1 << 20: 1600, 4 << 20: 400, 16 << 20: 100, 32 << 20: 50, 100 << 20: 25, 1 << 30: 25, 1 << 36: 1,
	} {
		if got := garbagePercent(live); got != want {
			t.Errorf("%d MB live: %d %%, want %d", live>>20, got, want)
		}
	}
}
