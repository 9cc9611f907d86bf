package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

func (w *World) switchSteps() []definition {
	return []definition{
		{form: "the switch {switch} is {setting}", run: w.SwitchIs},
		{form: "the number {text} is an alias of {phone}'s phone", run: w.NumberIsAlias},
	}
}

// SwitchIs sets a switch of the emulator, by its name in the control API: to on or off, to a word, a number, or a duration
// in words.
func (w *World) SwitchIs(ctx context.Context, name, setting string) error {
	set, err := w.control.FetchSwitches(ctx)
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(set)
	if err != nil {
		return err
	}
	var present map[string]any
	if err := decode(encoded, &present); err != nil {
		return err
	}
	value, there := present[name]
	if !there {
		return fmt.Errorf("there is no switch %q%s", name, known(present))
	}
	if value, err = settingOf(value, setting); err != nil {
		return fmt.Errorf("the switch %s: %w", name, err)
	}
	_, err = w.control.UpdateSwitches(ctx, map[string]any{name: value})
	return err
}

// settingOf reads the setting of a switch, which is of the kind that it has now.
func settingOf(present any, setting string) (any, error) {
	switch present.(type) {
	case bool:
		if setting != "on" && setting != "off" {
			return nil, fmt.Errorf("%q is neither on nor off", setting)
		}
		return setting == "on", nil
	case float64:
		n, err := strconv.Atoi(setting)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", setting)
		}
		return n, nil
	case string:
		if d, err := parseDuration(setting); err == nil {
			return d.String(), nil
		}
		return setting, nil
	}
	return nil, fmt.Errorf("it cannot be set by this step")
}

// NumberIsAlias says that WhatsApp knows a phone by its own number when another is written to, as in Brazil, Argentina and
// Mexico.
func (w *World) NumberIsAlias(ctx context.Context, number, owner string) error {
	p, err := w.phone(owner)
	if err != nil {
		return err
	}
	_, err = w.control.UpdateSwitches(ctx, map[string]any{"number_aliases": map[string]string{number: p.number}})
	return err
}
