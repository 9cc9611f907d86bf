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

// TestDeclarations: what cannot be told apart is refused when the store is opened.
func TestDeclarations(t *testing.T) {
	t.Parallel()
	type doc struct{ Name string }
	name := func(d doc) (string, bool) { return d.Name, true }
	for want, kinds := range map[string][]store.Kind{
		`store: kind "doc" declared twice`: {store.NewTable[doc]("doc").Kind(), store.NewTable[int]("doc").Kind()},
		`store: kind "doc": index 1 has no name of its own ("name")`: {
			store.NewTable[doc]("doc").Ordered("name", name).Unique("name", name).Kind()},
		`store: kind "doc": index 0 has no name of its own ("")`: {store.NewTable[doc]("doc").Unique("", name).Kind()},
	} {
		if _, err := store.NewMemory(kinds...); err == nil || err.Error() != want {
			t.Errorf("NewMemory: %v, want %s", err, want)
		}
	}
	base := store.NewTable[doc]("doc").Ordered("a", name) // a table with a further index leaves the one it is made of alone
	left, right := base.Ordered("left", name), base.Ordered("right", name)
	if l, r := left.Kind().Indexes, right.Kind().Indexes; len(base.Kind().Indexes) != 1 || l[1].Name != "left" || r[1].Name != "right" {
		t.Errorf("indexes %v, %v, %v", base.Kind().Indexes, l, r)
	}
}

func openBenchmark(b *testing.B, kinds ...store.Kind) store.Store {
	b.Helper()
	return openMemory(b, kinds...)
}

func BenchmarkInsert(b *testing.B) { storetest.BenchmarkInsert(b, openBenchmark) }
func BenchmarkUpdate(b *testing.B) { storetest.BenchmarkUpdate(b, openBenchmark) }
func BenchmarkGet(b *testing.B)    { storetest.BenchmarkGet(b, openBenchmark) }
func BenchmarkPage(b *testing.B)   { storetest.BenchmarkPage(b, openBenchmark) }
