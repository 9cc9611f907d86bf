package twilio

import (
	"errors"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

type (
	role struct{ Service string }
	user struct{ Service string }
)

var (
	roles = store.NewTable[role]("role").Ordered("service", func(r role) (string, bool) { return store.Key(r.Service), true })
	users = store.NewTable[user]("user").Ordered("service", func(u user) (string, bool) { return store.Key(u.Service), true })
)

// A token is refused, or leads to a place within its list; whatever it is, a list is read without going elsewhere.
func FuzzPageToken(f *testing.F) {
	own := Listing[role, role]{Table: roles, Query: store.Query{Index: "service", Prefix: store.Prefix("IS1")}}
	other := Listing[user, user]{Table: users, Query: store.Query{Index: "service", Prefix: store.Prefix("IS1")}}
	elsewhere := Listing[role, role]{Table: roles, Query: store.Query{Index: "service", Prefix: store.Prefix("IS2")}}
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
			if !errors.Is(err, ErrPageToken) {
				t.Errorf("%q: %v, want ErrPageToken", token, err)
			}
			return
		}
		if (direction != forwards && direction != backwards) || !strings.HasPrefix(at, own.Query.Prefix) {
			t.Errorf("%q leads %s to %q, out of the list", token, direction, at)
		}
		if d, p, err := own.parseToken(own.token(direction, at)); d != direction || p != at || err != nil {
			t.Errorf("%q is read as %s %q, and its like as %s %q, %v", token, direction, at, d, p, err)
		}
	})
}

func TestTokensOfOtherListsAreRefused(t *testing.T) {
	t.Parallel()
	own := Listing[role, role]{Table: roles, Query: store.Query{Index: "service", Prefix: store.Prefix("IS1")}}
	position := store.Key("IS1", store.Ordinal(1), "RL1")
	if _, at, err := own.parseToken(own.token(forwards, position)); err != nil || at != position {
		t.Errorf("its own token leads to %q, %v", at, err)
	}
	for what, token := range map[string]string{
		"another table":   Listing[user, user]{Table: users, Query: own.Query}.token(forwards, position),
		"another index":   Listing[role, role]{Table: roles, Query: store.Query{Prefix: own.Query.Prefix}}.token(forwards, position),
		"another service": own.token(forwards, store.Key("IS2", store.Ordinal(1), "RL1")),
		"no direction":    own.token("X", position),
		"a number":        "PT50",
		"nothing":         "PT",
	} {
		if _, at, err := own.parseToken(token); !errors.Is(err, ErrPageToken) {
			t.Errorf("a token of %s leads to %q, %v", what, at, err)
		}
	}
}
