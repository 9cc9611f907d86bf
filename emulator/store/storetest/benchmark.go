package storetest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// sizes are the numbers of documents that are there already: an operation should cost the same with each.
var sizes = []int{1_000, 100_000}

// forSizes runs a benchmark in stores of different size. The ships stand in ports of a thousand berths.
func forSizes(b *testing.B, open func(b *testing.B, kinds ...store.Kind) store.Store, run func(*testing.B, store.Store, int)) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := open(b, ships.Kind(), ports.Kind(), crates.Kind())
			for i := 0; i < size; i += 1000 {
				must(b, s.Update(b.Context(), func(tx store.Tx) error {
					for n := i; n < min(i+1000, size); n++ {
						if err := ships.Put(tx, benchKey(n), benchShip(n)); err != nil {
							return err
						}
					}
					return nil
				}))
			}
			b.ReportAllocs()
			b.ResetTimer()
			run(b, s, size)
			b.StopTimer()
			must(b, s.Close())
		})
	}
}

func must(b *testing.B, err error) {
	if err != nil {
		b.Helper()
		b.Fatal(err)
	}
}

// benchKey is a text like a SID, in no order of n.
func benchKey(n int) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], uint64(n)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(raw[8:], uint64(n))
	return "CH" + hex.EncodeToString(raw[:])
}

func benchShip(n int) ship {
	return ship{Name: "Nina", Call: benchKey(n), Port: fmt.Sprintf("port %d", n/1000), Berth: int64(n % 1000)}
}

// BenchmarkInsert adds one document in an Update of its own, with an entry in a unique and in an ordered index.
func BenchmarkInsert(b *testing.B, open func(b *testing.B, kinds ...store.Kind) store.Store) {
	forSizes(b, open, func(b *testing.B, s store.Store, size int) {
		for n := size; b.Loop(); n++ {
			key, one := benchKey(n), benchShip(n)
			must(b, s.Update(b.Context(), func(tx store.Tx) error { return ships.Put(tx, key, one) }))
		}
	})
}

// BenchmarkUpdate changes one document in an Update of its own; its index keys stay.
func BenchmarkUpdate(b *testing.B, open func(b *testing.B, kinds ...store.Kind) store.Store) {
	forSizes(b, open, func(b *testing.B, s store.Store, size int) {
		for n := 0; b.Loop(); n++ {
			key := benchKey(n % size)
			must(b, s.Update(b.Context(), func(tx store.Tx) error {
				one, err := ships.Get(tx, key)
				if err != nil {
					return err
				}
				one.Name = "Pinta"
				return ships.Put(tx, key, one)
			}))
		}
	})
}

// BenchmarkGet reads one document in a View of its own.
func BenchmarkGet(b *testing.B, open func(b *testing.B, kinds ...store.Kind) store.Store) {
	forSizes(b, open, func(b *testing.B, s store.Store, size int) {
		for n := 0; b.Loop(); n++ {
			key := benchKey(n % size)
			must(b, s.View(b.Context(), func(tx store.Tx) error {
				_, err := ships.Get(tx, key)
				return err
			}))
		}
	})
}

// BenchmarkPage reads a page of 50 from the middle of an ordered index.
func BenchmarkPage(b *testing.B, open func(b *testing.B, kinds ...store.Kind) store.Store) {
	forSizes(b, open, func(b *testing.B, s store.Store, size int) {
		for n := 0; b.Loop(); n++ {
			name := fmt.Sprintf("port %d", n%(size/1000))
			q := store.Query{Index: byBerth, Prefix: store.Prefix(name), From: store.Key(name, store.Ordinal(500)), Limit: 50}
			must(b, s.View(b.Context(), func(tx store.Tx) error {
				found := 0
				for _, err := range ships.Each(tx, q) {
					if err != nil {
						return err
					}
					found++
				}
				if found != q.Limit {
					return fmt.Errorf("found %d documents, want %d", found, q.Limit)
				}
				return nil
			}))
		}
	})
}
