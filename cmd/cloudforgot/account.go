package main

import (
	"context"
	"fmt"
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
