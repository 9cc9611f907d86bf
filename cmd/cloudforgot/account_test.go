package main

import (
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
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
	for _, wrong := range []string{"", one, one + ":", one + ":secret:red-fox:x", "AC1:secret", ":secret", "secret"} {
		_, err := parseAccounts([]string{one + ":token1", wrong})
		if err == nil || !strings.Contains(err.Error(), "value 2") || strings.Contains(err.Error(), ":secret:x") {
			t.Errorf("%q: %v", wrong, err)
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
