package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const switchesExample = `  cloudforgot switches show
  cloudforgot switches set inbound_webhook_when_bound=never
  cloudforgot switches set delivery=realistic sandbox_ttl=1h`

func (p process) switchesCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "switches",
		Short: "Show and change how the emulator behaves where Twilio does not say",
		Long: "Show and change how the emulator behaves where Twilio's behaviour is not documented, or where a test wants it another\n" +
			"way. What each switch does, and the values that it takes, are in the table of switches in emulator/README.md:\n" +
			"https://github.com/cloudforgot/cloudforgot/blob/main/emulator/README.md#switches",
		Example: switchesExample,
	}, p.switchesShowCommand(), p.switchesSetCommand())
}

func (p process) switchesShowCommand() *cobra.Command {
	return clientCommand(p, &cobra.Command{
		Use:     "show",
		Short:   "Show the switches",
		Long:    "Show the switches that are in force.",
		Example: "  cloudforgot switches show\n  cloudforgot switches show -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, _ []string) (whatsapp.Switches, error) {
		return client.FetchSwitches(ctx)
	}, p.printSwitches)
}

func (p process) switchesSetCommand() *cobra.Command {
	return clientCommand(p, &cobra.Command{
		Use:     "set NAME=VALUE...",
		Short:   "Change switches",
		Long:    "Change the switches that are named, and show them all. A value is a word, a number, true or false, a duration, or JSON.",
		Example: switchesExample,
		Args:    arguments(1, 100, "switches to set", "delivery=realistic"),
	}, func(ctx context.Context, client *control.Client, args []string) (whatsapp.Switches, error) {
		known, err := switchFields(whatsapp.Switches{})
		if err != nil {
			return whatsapp.Switches{}, err
		}
		change := map[string]any{}
		for _, arg := range args {
			name, value, found := strings.Cut(arg, "=")
			if !found {
				return whatsapp.Switches{}, badUsage("%q: write a switch as NAME=VALUE, such as delivery=realistic", arg)
			}
			if known[name] == nil {
				return whatsapp.Switches{}, badUsage("there is no switch %q: `cloudforgot switches show` lists them", name)
			}
			if change[name], err = switchValue(known[name], value); err != nil {
				return whatsapp.Switches{}, badUsage("%s: %q %w", name, value, err)
			}
		}
		return client.UpdateSwitches(ctx, change)
	}, p.printSwitches)
}

// switchValue is the value of a switch as it goes into JSON: of the type that another value of the switch has.
func switchValue(like json.RawMessage, s string) (any, error) {
	var of any
	if err := json.Unmarshal(like, &of); err != nil {
		return nil, err
	}
	switch of.(type) {
	case string:
		return s, nil
	case bool:
		if s != "true" && s != "false" {
			return nil, errors.New("is neither true nor false")
		}
	case float64:
		if _, err := strconv.Atoi(s); err != nil {
			return nil, errors.New("is not a whole number")
		}
	default:
		if json.Unmarshal([]byte(s), new(map[string]string)) != nil {
			return nil, errors.New(`is not a JSON object of texts, such as {"+5511987654321":"+551187654321"}`)
		}
	}
	return json.RawMessage(s), nil
}

// switchFields are the values of all switches, as JSON, by their names.
func switchFields(set whatsapp.Switches) (map[string]json.RawMessage, error) {
	encoded, err := json.Marshal(set)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	return fields, json.Unmarshal(encoded, &fields)
}

func (p process) printSwitches(set whatsapp.Switches) error {
	fields, err := switchFields(set)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		rows = append(rows, []string{name, strings.Trim(string(fields[name]), `"`)})
	}
	return p.printTable(nil, rows...)
}
