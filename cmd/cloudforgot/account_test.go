package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
)

func TestParseAccounts(t *testing.T) {
	t.Parallel()
	const one, two = "AC00000000000000000000000000000001", "AC00000000000000000000000000000002"
	got, err := parseAccounts([]string{one + ":token1:red-fox", " " + two + ":token2 "})
	if err != nil {
		t.Fatal(err)
	}
	want := []emulator.Account{{SID: one, AuthToken: "token1", JoinCode: "red-fox"}, {SID: two, AuthToken: "token2"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	for _, wrong := range []string{"", one, one + ":", one + ":secret:red-fox:x", "AC1:secret", ":secret", "secret"} {
		_, err := parseAccounts([]string{one + ":token1", wrong})
		if err == nil || !strings.Contains(err.Error(), "value 2") || strings.Contains(err.Error(), ":secret:x") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestAddAPIKeys(t *testing.T) {
	t.Parallel()
	const one, two = "AC00000000000000000000000000000001", "AC00000000000000000000000000000002"
	const key, other = "SK00000000000000000000000000000001", "SK00000000000000000000000000000002"
	for name, c := range map[string]struct {
		accounts []string
		values   []string
		want     [][]emulator.APIKey
		refusal  string
	}{
		"none":                     {accounts: []string{one}, want: [][]emulator.APIKey{nil}},
		"the default account":      {values: []string{key + ":s"}, want: [][]emulator.APIKey{{{SID: key, Secret: "s"}}}},
		"the only account":         {accounts: []string{one}, values: []string{key + ":s", other + ":o"}, want: [][]emulator.APIKey{{{SID: key, Secret: "s"}, {SID: other, Secret: "o"}}}},
		"one of two":               {accounts: []string{one, two}, values: []string{two + ":" + key + ":s"}, want: [][]emulator.APIKey{nil, {{SID: key, Secret: "s"}}}},
		"which of two":             {accounts: []string{one, two}, values: []string{key + ":sesame"}, refusal: "value 1: there are several accounts"},
		"of nobody":                {accounts: []string{one}, values: []string{two + ":" + key + ":sesame"}, refusal: "value 1: there is no account " + two},
		"no secret":                {values: []string{key + ":s", other}, refusal: "value 2: it must be KEY:SECRET"},
		"an empty secret":          {values: []string{key + ":"}, refusal: "value 1: it must be"},
		"no key":                   {values: []string{"SK1:sesame"}, refusal: "value 1: it must be"},
		"an account that is none":  {values: []string{"AC1:" + key + ":sesame"}, refusal: "value 1: it must be"},
		"an account where none is": {values: []string{":" + key + ":sesame:x"}, refusal: "value 1: it must be"},
	} {
		var accounts []emulator.Account
		for _, a := range c.accounts {
			accounts = append(accounts, emulator.Account{SID: a, AuthToken: "t"})
		}
		got, err := addAPIKeys(accounts, c.values)
		if c.refusal != "" {
			if err == nil || !strings.Contains(err.Error(), c.refusal) || strings.Contains(err.Error(), "sesame") {
				t.Errorf("%s: %v, want %q", name, err, c.refusal)
			}
			continue
		}
		var keys [][]emulator.APIKey
		for _, a := range got {
			keys = append(keys, a.APIKeys)
		}
		if err != nil || !reflect.DeepEqual(keys, c.want) {
			t.Errorf("%s: %v, %v", name, keys, err)
		}
	}
}

// FuzzParseAccounts: what is accepted has a SID and a token, and what is refused is not repeated.
func FuzzParseAccounts(f *testing.F) {
	f.Add("AC00000000000000000000000000000001:token:red-fox")
	f.Add("AC00000000000000000000000000000001:token")
	f.Add("::")
	f.Add("")
	refusal := badUsageText(f)
	f.Fuzz(func(t *testing.T, value string) {
		accounts, err := parseAccounts([]string{value})
		if err != nil {
			if err.Error() != refusal {
				t.Errorf("%q is refused with other words: %v", value, err)
			}
			return
		}
		a := accounts[0]
		if !sid.Valid(a.SID, "AC") || a.AuthToken == "" || !strings.Contains(value, a.SID+":"+a.AuthToken) {
			t.Errorf("%q is read as %+v", value, a)
		}
	})
}

func badUsageText(f *testing.F) string {
	f.Helper()
	_, err := parseAccounts([]string{"nonsense"})
	if err == nil {
		f.Fatal("nonsense is accepted")
	}
	return err.Error()
}
