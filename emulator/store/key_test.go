package store_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

func TestKey(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		parts       []string
		key, prefix string
	}{
		{nil, "", "\x1f"},
		{[]string{"a"}, "a", "a\x1f"},
		{[]string{"a", "b"}, "a\x1fb", "a\x1fb\x1f"},
		{[]string{"", ""}, "\x1f", "\x1f\x1f"},
		{[]string{"a\x1fb"}, "a\x1e2b", "a\x1e2b\x1f"},
		{[]string{"a\x1e2", "b"}, "a\x1e12\x1fb", "a\x1e12\x1fb\x1f"},
	} {
		if key, prefix := store.Key(test.parts...), store.Prefix(test.parts...); key != test.key || prefix != test.prefix {
			t.Errorf("Key and Prefix of %q are %q and %q, want %q and %q", test.parts, key, prefix, test.key, test.prefix)
		}
	}
}

// TestKeyProperties: different parts make different keys, a prefix belongs to its parts only, one part keeps its order,
// and the caller's parts stay as they are.
func TestKeyProperties(t *testing.T) {
	t.Parallel()
	text := rapid.StringOfN(rapid.RuneFrom([]rune{'a', 'b', '1', '2', 0x1d, 0x1e, 0x1f, ' '}), 0, 4, -1)
	parts := rapid.SliceOfN(text, 1, 4)
	rapid.Check(t, func(t *rapid.T) {
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		before := slices.Clone(a)
		if key := store.Key(a...); (key == store.Key(b...)) != slices.Equal(a, b) {
			t.Errorf("%q and %q make the keys %q and %q", a, b, key, store.Key(b...))
		}
		begins := len(b) > len(a) && slices.Equal(a, b[:len(a)])
		if strings.HasPrefix(store.Key(b...), store.Prefix(a...)) != begins {
			t.Errorf("the key of %q begins with the prefix of %q: %t", b, a, !begins)
		}
		if strings.Compare(store.Key(a[0]), store.Key(b[0])) != strings.Compare(a[0], b[0]) {
			t.Errorf("%q and %q change places in keys", a[0], b[0])
		}
		if !slices.Equal(a, before) {
			t.Errorf("Key changed its parts from %q to %q", before, a)
		}
	})
}

func TestOrdinalAndInstant(t *testing.T) {
	t.Parallel()
	numbers := []int64{0, 1, 9, 10, 99, 1_000_000_000, math.MaxInt64 - 1, math.MaxInt64}
	for i, n := range numbers {
		text := store.Ordinal(n)
		if len(text) > 20 || (i > 0 && store.Ordinal(numbers[i-1]) >= text) {
			t.Errorf("Ordinal(%d) = %q", n, text)
		}
	}
	if got := store.Ordinal(42); got != "b42" {
		t.Errorf("Ordinal(42) = %q", got)
	}
	for _, n := range []int64{-1, math.MinInt64} {
		if got := store.Ordinal(n); got != store.Ordinal(0) {
			t.Errorf("Ordinal(%d) = %q, want as 0", n, got)
		}
	}
	times := []time.Time{ // each later than the one before, to the eye of Instant
		time.Unix(0, 0), time.Unix(0, 1), time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 3600)),
		time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2262, 5, 1, 0, 0, 0, 0, time.UTC),
	}
	for i, at := range times[1:] {
		if store.Instant(times[i]) >= store.Instant(at) {
			t.Errorf("Instant(%s) is not before Instant(%s)", times[i], at)
		}
	}
	for _, early := range []time.Time{{}, time.Unix(-1, 0), time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if got := store.Instant(early); got != store.Ordinal(0) {
			t.Errorf("Instant(%s) = %q, want 1970", early, got)
		}
	}
	for _, late := range []time.Time{time.Date(2263, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<60, 0)} {
		if got := store.Instant(late); got != store.Ordinal(math.MaxInt64) {
			t.Errorf("Instant(%s) = %q, want the last", late, got)
		}
	}
}
