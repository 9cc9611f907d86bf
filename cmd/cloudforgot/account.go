package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
)

// parseAccounts reads the values of `up --account`. An error never repeats a value, as that holds a token.
func parseAccounts(values []string) ([]emulator.Account, error) {
	var accounts []emulator.Account
	for i, value := range values {
		parts := strings.Split(strings.TrimSpace(value), ":")
		if len(parts) < 2 || len(parts) > 3 || !sid.Valid(parts[0], "AC") || parts[1] == "" {
			return nil, badUsage("--account, value %d: it must be SID:TOKEN or SID:TOKEN:JOIN-CODE, where SID is AC and 32 "+
				"hexadecimal digits, such as %s:secret:red-fox", i+1, emulator.DefaultAccountSID)
		}
		account := emulator.Account{SID: parts[0], AuthToken: parts[1]}
		if len(parts) == 3 {
			account.JoinCode = parts[2]
		}
		accounts = append(accounts, account)
	}
	return accounts, nil
}

// addAPIKeys reads the values of `up --api-key` and gives the keys to their accounts. Without accounts they are the default account's, in
// the place of its documented key. An error never repeats a value, as that holds a secret.
func addAPIKeys(accounts []emulator.Account, values []string) ([]emulator.Account, error) {
	if len(values) == 0 {
		return accounts, nil
	}
	if len(accounts) == 0 {
		accounts = []emulator.Account{emulator.DefaultAccount()}
		accounts[0].APIKeys = nil
	}
	for i, value := range values {
		parts := strings.Split(strings.TrimSpace(value), ":")
		accountSID := ""
		if len(parts) == 3 {
			accountSID, parts = parts[0], parts[1:]
		}
		if len(parts) != 2 || !sid.Valid(parts[0], "SK") || parts[1] == "" || (accountSID != "" && !sid.Valid(accountSID, "AC")) {
			return nil, badUsage("--api-key, value %d: it must be KEY:SECRET or SID:KEY:SECRET, where KEY is SK and 32 hexadecimal digits and SID "+
				"an account, such as %s:secret", i+1, emulator.DefaultAPIKeySID)
		}
		owner := slices.IndexFunc(accounts, func(a emulator.Account) bool { return a.SID == accountSID })
		switch {
		case accountSID == "" && len(accounts) == 1:
			owner = 0
		case accountSID == "":
			return nil, badUsage("--api-key, value %d: there are several accounts: put the SID of one before it, as in SID:KEY:SECRET", i+1)
		case owner < 0:
			return nil, badUsage("--api-key, value %d: there is no account %s", i+1, accountSID)
		}
		accounts[owner].APIKeys = append(accounts[owner].APIKeys, emulator.APIKey{SID: parts[0], Secret: parts[1]})
	}
	return accounts, nil
}

// addAccountFlag adds --account, which names one of the emulator's accounts.
func addAccountFlag(c *cobra.Command) *string {
	return c.Flags().String("account", "", "`SID` of the account; may be left out when there is one only")
}

// fetchAccount returns the chosen account, or the only one. chosen may also have the form of
// `up --account`, as both flags share one variable: its first SID counts.
func fetchAccount(ctx context.Context, client *control.Client, chosen string) (control.Account, error) {
	accounts, err := client.ListAccounts(ctx)
	if err != nil {
		return control.Account{}, err
	}
	chosen, _, _ = strings.Cut(chosen, ",")
	chosen, _, _ = strings.Cut(strings.TrimSpace(chosen), ":")
	known := make([]string, len(accounts))
	for i, a := range accounts {
		if a.SID == chosen || (chosen == "" && len(accounts) == 1) {
			return a, nil
		}
		known[i] = a.SID
	}
	if chosen == "" {
		return control.Account{}, badUsage("the emulator has several accounts: choose one with --account: %s", strings.Join(known, ", "))
	}
	return control.Account{}, fmt.Errorf("there is no account %s in the emulator at %s; it has %s", chosen, webhook.Redacted(client.URL()), strings.Join(known, ", "))
}
