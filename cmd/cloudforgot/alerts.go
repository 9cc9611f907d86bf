package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

func (p process) alertsCommand() *cobra.Command {
	return clientCommand(p, &cobra.Command{
		Use:   "alerts",
		Short: "Show the debugger",
		Long: "Show the entries of Twilio's debugger, newest last: failures that no API call returns, such as a webhook that could\n" +
			"not be reached (11205) or answered with an error (11200).",
		Example: "  cloudforgot alerts\n  cloudforgot alerts -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, _ []string) ([]control.Alert, error) {
		return client.ListAlerts(ctx, 0, 0)
	}, p.printAlerts)
}

func (p process) printAlerts(alerts []control.Alert) error {
	if len(alerts) == 0 {
		return p.printText("Nothing went wrong.\n")
	}
	rows := make([][]string, len(alerts))
	for i, a := range alerts {
		rows[i] = []string{instant(a.Time), strconv.Itoa(a.Code), a.Text}
	}
	return p.printTable([]string{"TIME", "CODE", "TEXT"}, rows...)
}
