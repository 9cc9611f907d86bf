package sid

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

var (
	form = regexp.MustCompile(`^[A-Z]{2}[0-9a-f]{32}$`)
	uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

func TestForm(t *testing.T) {
	t.Parallel()
	s := NewSource(0)
	digits := map[byte]bool{}
	for _, prefix := range []string{"AC", "CH", "IM", "MB", "WH", "SM"} {
		for range 100 {
			got := s.New(prefix)
			if !form.MatchString(got) || !strings.HasPrefix(got, prefix) || !Valid(got, prefix) {
				t.Errorf("New(%q) = %q", prefix, got)
			}
			digits[got[2]], digits[got[Length-1]] = true, true
		}
	}
	if len(digits) != 16 {
		t.Errorf("the first and last digits are only %d different ones", len(digits))
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	s := NewSource(0)
	variants := map[byte]bool{}
	for range 200 {
		got := s.Token()
		if !uuid.MatchString(got) {
			t.Fatalf("Token() = %q, want a UUID of version 4 and variant 1", got)
		}
		variants[got[19]] = true
	}
	if len(variants) != 4 {
		t.Errorf("of the digits 8, 9, a and b only %d begin the fourth group", len(variants))
	}
}

// TestSeed holds the first identifiers of a seed: golden files of other packages depend on them.
func TestSeed(t *testing.T) {
	t.Parallel()
	draw := func(seed uint64) []string {
		s := NewSource(seed)
		return []string{s.New("CH"), s.New("IM"), s.Token(), s.New("CH")}
	}
	want := []string{
		"CH1be9bd4f3f78e66a47d28ea4738bb86e", "IM346879252e88e5dbdd4a4525c5bfc132",
		"ca8470d6-7472-480c-b76d-49c8360d0eaf", "CH0a7525e1e05ff5fe122dfc0fe2d508a6",
	}
	if got := draw(1); !slices.Equal(got, want) {
		t.Errorf("seed 1 gives %q, want %q", got, want)
	}
	if !slices.Equal(draw(42), draw(42)) {
		t.Error("one seed gives different SIDs")
	}
	seen := map[string]uint64{}
	for _, seed := range []uint64{0, 0, 1, 2, 42, 1 << 63} {
		for _, id := range draw(seed) {
			if other, twice := seen[id]; twice {
				t.Errorf("seeds %d and %d both give %s", other, seed, id)
			}
			seen[id] = seed
		}
	}
}

func TestUniqueUnderConcurrency(t *testing.T) {
	t.Parallel()
	const goroutines, each = 8, 2000
	s := NewSource(7)
	all := make([][]string, goroutines)
	var done sync.WaitGroup
	for i := range goroutines {
		done.Go(func() {
			for range each {
				all[i] = append(all[i], s.New("SM"), s.Token())
			}
		})
	}
	done.Wait()
	seen := make(map[string]bool, goroutines*each*2)
	for _, list := range all {
		for _, id := range list {
			if seen[id] {
				t.Fatalf("%s was given out twice", id)
			}
			seen[id] = true
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	const digits = "0123456789abcdef0123456789abcdef"
	tests := []struct {
		name     string
		sid      string
		prefixes []string
		want     bool
	}{
		{"the one kind", "CH" + digits, []string{"CH"}, true},
		{"one of several", "CH" + digits, []string{"AC", "CH"}, true},
		{"capital digits", "CH" + strings.ToUpper(digits), []string{"CH"}, true},
		{"another kind", "IM" + digits, []string{"CH", "AC"}, false},
		{"no kind", "CH" + digits, nil, false},
		{"small prefix", "ch" + digits, []string{"CH"}, false},
		{"empty", "", []string{""}, false},
		{"prefix only", "CH", []string{"CH"}, false},
		{"too short", "CH" + digits[1:], []string{"CH"}, false},
		{"too long", "CH" + digits + "0", []string{"CH"}, false},
		{"not a digit", "CH" + digits[1:] + "g", []string{"CH"}, false},
		{"a space", "CH" + digits[1:] + " ", []string{"CH"}, false},
		{"a line end", "CH" + digits[1:] + "\n", []string{"CH"}, false},
		{"NUL", "CH" + digits[1:] + "\x00", []string{"CH"}, false},
		{"the neighbours of the digits", "CH" + digits[:26] + "/:@G`g", []string{"CH"}, false},
		{"34 bytes that are fewer letters", "CH" + digits[2:] + "é", []string{"CH"}, false},
		{"full-width digits", "CH" + strings.Repeat("０", 10) + "00", []string{"CH"}, false},
		{"a UUID", "01234567-89ab-4def-8123-456789abcd", []string{"01"}, false},
		{"empty prefix among the kinds", "CH" + digits, []string{""}, false},
		{"one-letter prefix", "C0" + digits, []string{"C"}, false},
	}
	for _, test := range tests {
		if got := Valid(test.sid, test.prefixes...); got != test.want {
			t.Errorf("%s: Valid(%q, %q) = %t, want %t", test.name, test.sid, test.prefixes, got, test.want)
		}
	}
}

func FuzzValid(f *testing.F) {
	f.Add("CH0123456789abcdef0123456789abcdef", "CH")
	f.Add("", "")
	f.Add("CH0123456789ABCDEF0123456789abcdeg", "CH")
	f.Add("\xff\xff0123456789abcdef0123456789abcdef", "\xff\xff")
	digits := regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
	f.Fuzz(func(t *testing.T, s, prefix string) {
		want := len(prefix) == 2 && len(s) == Length && s[:2] == prefix && digits.MatchString(s[2:])
		if got := Valid(s, "ZZ", prefix); got != (want || (len(s) == Length && s[:2] == "ZZ" && digits.MatchString(s[2:]))) {
			t.Errorf("Valid(%q, %q) = %t", s, prefix, got)
		}
	})
}

func BenchmarkNew(b *testing.B) {
	s := NewSource(1)
	b.ReportAllocs()
	for b.Loop() {
		s.New("CH")
	}
}

func BenchmarkValid(b *testing.B) {
	id := NewSource(1).New("CH")
	b.ReportAllocs()
	for b.Loop() {
		if !Valid(id, "AC", "CH") {
			b.Fatal(id)
		}
	}
}
