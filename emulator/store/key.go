package store

import (
	"math"
	"slices"
	"strings"
	"time"
)

// separator stands between the parts of a key. Inside a part it is written as escape and a digit, and escape likewise, so
// that no text a user chooses can look like two parts. The order of the parts stays what it was.
const (
	separator = "\x1f"
	escape    = "\x1e"
)

// Key joins the parts of a key so that all keys with the same first parts share the prefix Prefix(those parts...), and
// different parts never make the same key.
func Key(parts ...string) string {
	if slices.ContainsFunc(parts, special) {
		parts = slices.Clone(parts)
		for i, p := range parts {
			parts[i] = part(p)
		}
	}
	return strings.Join(parts, separator)
}

// Prefix is the common beginning of all keys that start with exactly these parts.
func Prefix(parts ...string) string { return Key(parts...) + separator }

// part is a text as it stands between separators.
func part(s string) string {
	if !special(s) {
		return s
	}
	return strings.NewReplacer(escape, escape+"1", separator, escape+"2").Replace(s)
}

// special reports whether a text has a byte that must not stand between separators as it is.
func special(s string) bool {
	return strings.IndexByte(s, separator[0]) >= 0 || strings.IndexByte(s, escape[0]) >= 0
}

// After is the least position behind p.
func After(p string) string { return p + "\x00" }

// Ordinal renders a whole number n ≥ 0 so that the order of the texts is the order of the numbers: its digits behind a letter that says
// how many they are. A negative n is rendered as 0.
func Ordinal(n int64) string {
	var text [20]byte // 63 bits have 19 digits
	n = max(0, n)
	i := len(text)
	for {
		i--
		text[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			break
		}
	}
	i--
	text[i] = byte('a' + len(text) - 2 - i)
	return string(text[i:])
}

// OrdinalAfter renders the number behind n, for a range that begins after n. Behind the greatest number comes itself.
func OrdinalAfter(n int64) string { return Ordinal(min(n, math.MaxInt64-1) + 1) }

// Instant renders a time, in nanoseconds since 1970, so that the order of the texts is the order of the times. Times
// before 1970 are rendered as 1970, and times from 2262 on as the last that 63 bits can hold.
func Instant(t time.Time) string {
	switch seconds := t.Unix(); {
	case seconds < 0:
		return Ordinal(0)
	case seconds >= math.MaxInt64/int64(time.Second):
		return Ordinal(math.MaxInt64)
	}
	return Ordinal(t.UnixNano())
}
