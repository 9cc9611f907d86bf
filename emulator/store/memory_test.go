package store_test

import (
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/store/storetest"
)

func openMemory(t testing.TB, kinds ...store.Kind) store.Store {
	t.Helper()
	s, err := store.NewMemory(kinds...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMemory(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, kinds ...store.Kind) store.Store { return openMemory(t, kinds...) })
}

func openBenchmark(b *testing.B, kinds ...store.Kind) store.Store {
	b.Helper()
	return openMemory(b, kinds...)
}

func BenchmarkInsert(b *testing.B) { storetest.BenchmarkInsert(b, openBenchmark) }
func BenchmarkUpdate(b *testing.B) { storetest.BenchmarkUpdate(b, openBenchmark) }
func BenchmarkGet(b *testing.B)    { storetest.BenchmarkGet(b, openBenchmark) }
func BenchmarkPage(b *testing.B)   { storetest.BenchmarkPage(b, openBenchmark) }
