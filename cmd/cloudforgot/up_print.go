package main

import (
	"context"
	"strings"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// running is what up prints for programs.
type running struct {
	URL      string            `json:"url"`
	Accounts []control.Account `json:"accounts"`
}

// printUp says where the emulator listens, what to export and what to try.
func (p process) printUp(ctx context.Context, s *stack, flags upFlags) error {
	accounts, err := s.emulator.Control().ListAccounts(ctx)
	if err != nil {
		return err
	}
	return p.print(flags.output, running{URL: s.url, Accounts: accounts}, func() error {
		return p.printStart(s, accounts)
	})
}

func (p process) printStart(s *stack, accounts []control.Account) error {
	style := p.styles()
	rows := make([][]string, 0, 1+3*len(accounts))
	rows = append(rows, []string{"Twilio's API", s.url})
	for _, a := range accounts {
		rows = append(rows, []string{"Account", a.SID}, []string{"  sandbox", "send \"join " + a.Sandbox.JoinCode + "\" to " + strings.TrimPrefix(a.Sandbox.Number, "whatsapp:")},
			[]string{"  inbound URL", a.Sandbox.InboundURL})
	}
	first := accounts[0]
	return p.printText(strings.Join([]string{
		style.heading.Render("cloudforgot " + version() + " is up."),
		"",
		style.table(nil, rows...),
		style.heading.Render("Export this for an SDK, and for the other commands:"),
		"",
		exports(s.url, first).shell("sh"),
		style.heading.Render("Try it in another terminal:"),
		"",
		"cloudforgot phone join --from " + defaultPhone + " " + first.Sandbox.JoinCode,
		"cloudforgot phone send --from " + defaultPhone + ` "Hola"`,
		"",
		style.faint.Render("Ctrl-C stops it."),
		"",
	}, "\n"))
}
