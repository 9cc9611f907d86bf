package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

func (p process) alertsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "alerts",
		Short: "Show the debugger",
		Long: "Show the entries of Twilio's debugger, newest last: what went wrong where no caller can be told, such as a webhook that\n" +
			"could not be reached (11205) or answered with an error (11200).",
		Example: "  cloudforgot alerts\n  cloudforgot alerts -o json",
		Args:    noArguments(),
	}
	url := addURLFlag(c)
	output := outputFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		client, err := url.client()
		if err != nil {
			return err
		}
		alerts, err := client.ListAlerts(c.Context(), 0, 0)
		if err != nil {
			return err
		}
		return p.print(output, alerts, func() error { return p.printAlerts(alerts) })
	}
	return c
}

func (p process) printAlerts(alerts []control.Alert) error {
	if len(alerts) == 0 {
		return p.printText("Nothing went wrong.\n")
	}
	rows := make([][]string, len(alerts))
	for i, a := range alerts {
		rows[i] = []string{instant(a.Time), strconv.Itoa(a.Code), printable(a.Text)}
	}
	return p.printTable([]string{"TIME", "CODE", "TEXT"}, rows...)
}
