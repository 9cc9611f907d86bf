package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/signal"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
	"github.com/cloudforgot/cloudforgot/tui"
)

const trafficLong = `List the requests to Twilio's API (in) and the webhooks of the emulator (out), oldest first, with a remark where
there was no answer, a fault was made on purpose, an operation is not emulated, or a body was ignored because it is no form.

With -o json each has its headers and the beginning of its bodies. With --follow there is one JSON object per line.`

const trafficExample = `  cloudforgot traffic

  # as it happens, until Ctrl-C
  cloudforgot traffic --follow

  # only the failures, by jq
  cloudforgot traffic -o json | jq '.[] | select(.status >= 400 or .error)'

  # delete what is recorded
  cloudforgot traffic --clear`

func (p process) trafficCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "traffic",
		Short:   "Show API calls and webhooks",
		Long:    trafficLong,
		Example: trafficExample,
		Args:    noArguments(),
	}
	url := addURLFlag(c)
	follow := c.Flags().Bool("follow", false, "print new requests as they come, until Ctrl-C")
	clear := c.Flags().Bool("clear", false, "delete what is recorded; with --follow, before following")
	output := outputFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		client, err := url.client()
		if err != nil {
			return err
		}
		if *clear {
			if err := client.ClearTraffic(c.Context()); err != nil || !*follow {
				return err
			}
		}
		if *follow {
			return p.followTraffic(c.Context(), client, output)
		}
		list, err := client.ListTraffic(c.Context(), 0, 0)
		if err != nil {
			return err
		}
		return p.print(output, list, func() error { return p.printTraffic(list) })
	}
	return c
}

func (p process) printTraffic(list []traffic.Exchange) error {
	if len(list) == 0 {
		p.note("Nothing is recorded yet.")
	}
	style := p.styles()
	for _, e := range list {
		if err := p.printText(trafficLine(style, e) + "\n"); err != nil {
			return err
		}
	}
	return nil
}

// followTraffic prints the recorded requests and new ones, until Ctrl-C.
func (p process) followTraffic(ctx context.Context, client *control.Client, output *choice) error {
	ctx, stop := signal.NotifyContext(ctx, stopSignals()...)
	defer stop()
	style := p.styles()
	err := client.StreamTraffic(ctx, 0, func(e traffic.Exchange) error {
		if output.value == "json" {
			return p.encodeJSON(e, "")
		}
		return p.printText(trafficLine(style, e) + "\n")
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// trafficLine is one exchange in a line, cleaned. All lines have the same columns, as they also come one by one.
func trafficLine(style styles, e traffic.Exchange) string {
	status := "none"
	if e.Status != 0 {
		status = fmt.Sprint(e.Status)
	}
	line := fmt.Sprintf("%s  %-3s  %-6s  %s  %8s  %s", e.Time.UTC().Format("15:04:05.000"), e.Direction, tui.Clean(e.Method),
		style.status(e.Status, fmt.Sprintf("%-4s", status)), e.Duration.Round(100*time.Microsecond), tui.Clean(target(e)))
	var remarks []string
	if e.Unhandled != "" {
		remarks = append(remarks, "not emulated: "+e.Unhandled)
	}
	if e.Ignored != "" {
		remarks = append(remarks, "ignored: "+e.Ignored)
	}
	if e.Error != "" {
		remarks = append(remarks, "no answer: "+e.Error)
	}
	if e.Fault != "" {
		remarks = append(remarks, e.Fault)
	}
	if len(remarks) == 0 {
		return line
	}
	return line + "  " + style.bad.Render(tui.Clean("("+strings.Join(remarks, ", ")+")"))
}

// target is the path of a request to the emulator, and the URL of a webhook without its password.
func target(e traffic.Exchange) string {
	if u, err := url.Parse(e.URL); err == nil && e.Direction == traffic.In {
		return u.RequestURI()
	}
	return webhook.Redacted(e.URL)
}
