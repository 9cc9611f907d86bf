package conversations

import (
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// A token is refused, or leads to a place within its list; whatever it is, a list is read without going elsewhere.
func FuzzPageToken(f *testing.F) {
	own := listing[roleDoc, Role]{table: roles, query: store.Query{Index: byService, Prefix: store.Prefix("IS1")}}
	other := listing[userDoc, User]{table: users, query: store.Query{Index: byService, Prefix: store.Prefix("IS1")}}
	elsewhere := listing[roleDoc, Role]{table: roles, query: store.Query{Index: byService, Prefix: store.Prefix("IS2")}}
	position := store.Key("IS1", store.Ordinal(1), "RL1")
	f.Add(own.token(forwards, position))
	f.Add(own.token(backwards, position))
	f.Add(own.token("X", position))
	f.Add(other.token(forwards, position))
	f.Add(elsewhere.token(forwards, store.Key("IS2", store.Ordinal(1), "RL1")))
	f.Add("PT")
	f.Add("PT50")
	f.Add("")
	f.Fuzz(func(t *testing.T, token string) {
		direction, at, err := own.parseToken(token)
		if err != nil {
			if codeOf(t, err) != 20001 {
				t.Errorf("%q: %v, want 20001", token, err)
			}
			return
		}
		if (direction != forwards && direction != backwards) || !strings.HasPrefix(at, own.query.Prefix) {
			t.Errorf("%q leads %s to %q, out of the list", token, direction, at)
		}
		if d, p, err := own.parseToken(own.token(direction, at)); d != direction || p != at || err != nil {
			t.Errorf("%q is read as %s %q, and its like as %s %q, %v", token, direction, at, d, p, err)
		}
	})
}

func TestTokensOfOtherListsAreRefused(t *testing.T) {
	t.Parallel()
	own := listing[roleDoc, Role]{table: roles, query: store.Query{Index: byService, Prefix: store.Prefix("IS1")}}
	position := store.Key("IS1", store.Ordinal(1), "RL1")
	if _, at, err := own.parseToken(own.token(forwards, position)); err != nil || at != position {
		t.Errorf("its own token leads to %q, %v", at, err)
	}
	for what, token := range map[string]string{
		"another table":   listing[userDoc, User]{table: users, query: own.query}.token(forwards, position),
		"another index":   listing[roleDoc, Role]{table: roles, query: store.Query{Prefix: own.query.Prefix}}.token(forwards, position),
		"another service": own.token(forwards, store.Key("IS2", store.Ordinal(1), "RL1")),
		"no direction":    own.token("X", position),
		"a number":        "PT50",
		"nothing":         "PT",
	} {
		if _, at, err := own.parseToken(token); codeOf(t, err) != 20001 {
			t.Errorf("a token of %s leads to %q, %v", what, at, err)
		}
	}
}
