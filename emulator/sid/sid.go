// Package sid makes Twilio's string identifiers: two capital letters that name the kind of resource, and 32 lower-case
// hexadecimal digits.
//
// It gives out identifiers and checks their form. It does not know which exist.
package sid

import (
	cryptorand "crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"sync"
)

// Length of every SID, in bytes.
const Length = 34

// Source gives out SIDs. It may be used from any goroutine.
type Source struct {
	mu  sync.Mutex
	rng *rand.ChaCha8
}

// NewSource returns a source. The same seed other than 0 gives the same SIDs in the same order, so that golden files
// need no scrubbing; seed 0 gives different ones every time.
func NewSource(seed uint64) *Source {
	var key [32]byte
	if seed == 0 {
		_, _ = cryptorand.Read(key[:]) // never fails: it ends the program when the system has no randomness
	} else {
		binary.LittleEndian.PutUint64(key[:], seed)
	}
	return &Source{rng: rand.NewChaCha8(key)}
}

// New returns a new SID with a prefix such as "CH".
func (s *Source) New(prefix string) string {
	var raw [16]byte
	s.mu.Lock()
	binary.BigEndian.PutUint64(raw[:8], s.rng.Uint64())
	binary.BigEndian.PutUint64(raw[8:], s.rng.Uint64())
	s.mu.Unlock()
	var text [Length]byte
	copy(text[:2], prefix)
	hex.Encode(text[2:], raw[:])
	return string(text[:])
}

// Token returns a new identifier in the form of a UUID, as Twilio's I-Twilio-Idempotency-Token has it.
func (s *Source) Token() string {
	h := s.New("")[2:]
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

// Valid reports whether s is a SID of one of the kinds, in either case of the digits, as Twilio accepts it.
func Valid(s string, prefixes ...string) bool {
	if len(s) != Length {
		return false
	}
	for _, c := range []byte(s[2:]) {
		if !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	for _, p := range prefixes {
		if s[:2] == p {
			return true
		}
	}
	return false
}
