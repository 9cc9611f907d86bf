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
	"slices"
	"sync"
)

// Length of every SID, in bytes.
const Length = 34

// Source gives out SIDs. It may be used from any goroutine. Make one with NewSource.
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

// New returns a new SID. Its prefix is two capital letters, such as "CH".
func (s *Source) New(prefix string) string {
	var text [Length]byte
	copy(text[:2], prefix)
	raw := s.random()
	hex.Encode(text[2:], raw[:])
	return string(text[:])
}

func (s *Source) random() (raw [16]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	binary.BigEndian.PutUint64(raw[:8], s.rng.Uint64())
	binary.BigEndian.PutUint64(raw[8:], s.rng.Uint64())
	return raw
}

// Token returns a new identifier in the form of a random UUID (version 4, variant 1), as Twilio's
// I-Twilio-Idempotency-Token has it.
func (s *Source) Token() string {
	raw := s.random()
	raw[6] = raw[6]&0x0f | 0x40
	raw[8] = raw[8]&0x3f | 0x80
	h := hex.EncodeToString(raw[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Valid reports whether s is a SID of one of the kinds, in either case of the digits, as Twilio accepts it.
func Valid(s string, prefixes ...string) bool {
	if len(s) != Length || !slices.Contains(prefixes, s[:2]) {
		return false
	}
	for _, c := range []byte(s[2:]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}
