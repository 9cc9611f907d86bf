package main

import (
	"context"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/tui"
)

const envLong = `Print what to export so that programs and the other commands of cloudforgot use the running emulator.

The values are those of one account: name it with --account when there are several. Its API key is printed where it came with the
account: by default, or by up --api-key. A secret that Twilio's API or the control API has made is not shown again.`

const envExample = `  # bash, zsh
  eval "$(cloudforgot env)"

  # fish
  cloudforgot env --shell fish | source

  # PowerShell
  cloudforgot env --shell powershell | Out-String | Invoke-Expression

  # for another program
  cloudforgot env -o json`

// envNotes say how programs use the variables.
func envNotes() []string {
	return []string{
		"twilio-go: emulator.RequesterTo(TWILIO_API_URL, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN) returns a client for any of its services.",
		"Others: give the SDK an HTTP client that sends requests for *.twilio.com to TWILIO_API_URL and keeps their Host header, or call",
		"TWILIO_API_URL/v1/... yourself, with the SID and the token, or an API key and its secret, as user and password.",
	}
}

func (p process) envCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "env",
		Short:   "Print what to export for an SDK",
		Long:    envLong,
		Example: envExample,
		Args:    noArguments(),
	}
	shell := choiceFlag(c, "shell", "shell that reads it", "sh", "fish", "powershell")
	return accountCommand(p, c, func(_ context.Context, client *control.Client, account control.Account, _ []string) (exported, error) {
		return exports(client.URL(), account), nil
	}, func(set exported) error {
		text := set.shell(shell.value)
		if isTerminal(p.stdout) { // a pipe gets the values as they are
			text = tui.Clean(text)
		}
		return p.printText(text + "# " + strings.Join(envNotes(), "\n# ") + "\n")
	})
}

// exported are the variables for a program that uses the emulator.
type exported struct {
	AccountSID string `json:"TWILIO_ACCOUNT_SID"`
	AuthToken  string `json:"TWILIO_AUTH_TOKEN"`
	APIKey     string `json:"TWILIO_API_KEY,omitempty"`
	APISecret  string `json:"TWILIO_API_SECRET,omitempty"`
	APIURL     string `json:"TWILIO_API_URL"`
	URL        string `json:"CLOUDFORGOT_URL"`
}

func exports(url string, account control.Account) exported {
	e := exported{AccountSID: account.SID, AuthToken: account.AuthToken, APIURL: url, URL: url}
	if account.APIKey != nil {
		e.APIKey, e.APISecret = account.APIKey.SID, account.APIKey.Secret
	}
	return e
}

// shell writes the variables as commands of a shell: sh, fish or powershell.
func (e exported) shell(shell string) string {
	var text strings.Builder
	for _, v := range [][2]string{{"TWILIO_ACCOUNT_SID", e.AccountSID}, {"TWILIO_AUTH_TOKEN", e.AuthToken},
		{"TWILIO_API_KEY", e.APIKey}, {"TWILIO_API_SECRET", e.APISecret}, {"TWILIO_API_URL", e.APIURL}, {"CLOUDFORGOT_URL", e.URL}} {
		if v[1] == "" { // the account has no API key of its configuration
			continue
		}
		switch shell {
		case "fish":
			text.WriteString("set -gx " + v[0] + " " + quote(v[1], `\'`) + "\n")
		case "powershell":
			text.WriteString("$env:" + v[0] + " = '" + strings.ReplaceAll(v[1], "'", "''") + "'\n")
		default:
			text.WriteString("export " + v[0] + "=" + quote(v[1], `'\''`) + "\n")
		}
	}
	return text.String()
}

// plainWord needs no quotes in sh and fish.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+-]+$`)

// quote puts a value into single quotes where it needs them; apostrophe is the shell's form of one inside.
func quote(value, apostrophe string) string {
	if plainWord.MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", apostrophe) + "'"
}
