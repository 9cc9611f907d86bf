package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

const clockLong = `Show and move the emulator's clock, by which memberships expire, timers run and everything is dated.
Real time goes on: the clock is real time and an offset, or it stands still.`

const clockExample = `  # three days pass in a moment: memberships expire, timers fire in their order
  cloudforgot clock advance 72h

  # a test that compares dates
  cloudforgot clock set 2026-11-23T17:00:00Z
  cloudforgot clock freeze`

func (p process) clockCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:     "clock",
		Short:   "Show, move and stop the clock",
		Long:    clockLong,
		Example: clockExample,
	}, p.clockShowCommand(), p.clockAdvanceCommand(), p.clockSetCommand(), p.clockFreezeCommand(true), p.clockFreezeCommand(false))
}

func (p process) clockShowCommand() *cobra.Command {
	return p.onClock(&cobra.Command{
		Use:     "show",
		Short:   "Show the emulator's time",
		Long:    "Show the emulator's time, its difference from real time, and whether it is frozen.",
		Example: "  cloudforgot clock show\n  cloudforgot clock show -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, _ []string) (control.ClockState, error) {
		return client.FetchClock(ctx)
	})
}

func (p process) clockAdvanceCommand() *cobra.Command {
	return p.onClock(&cobra.Command{
		Use:   "advance DURATION",
		Short: "Let time pass",
		Long: `Let time pass: everything that falls due on the way has happened, in its order, when the command returns.
A duration is hours, minutes and seconds, with days in front: 72h, 3d, 1d12h30m, 90s.`,
		Example: "  cloudforgot clock advance 72h\n  cloudforgot clock advance 1d12h",
		Args:    oneArgument("a duration", "72h"),
	}, func(ctx context.Context, client *control.Client, args []string) (control.ClockState, error) {
		d, err := control.ParseDuration(args[0])
		if err != nil {
			return control.ClockState{}, &usageError{err}
		}
		return client.Advance(ctx, d)
	})
}

func (p process) clockSetCommand() *cobra.Command {
	return p.onClock(&cobra.Command{
		Use:   "set INSTANT",
		Short: "Set the time",
		Long: `Set the emulator's time to an instant, written as in RFC 3339. Forwards, everything on the way happens first, as with
advance; backwards, nothing is undone.`,
		Example: "  cloudforgot clock set 2026-11-23T17:00:00Z\n  cloudforgot clock set 2026-11-23T14:00:00-03:00",
		Args:    oneArgument("an instant", "2026-11-23T17:00:00Z"),
	}, func(ctx context.Context, client *control.Client, args []string) (control.ClockState, error) {
		if _, err := time.Parse(time.RFC3339, args[0]); err != nil {
			return control.ClockState{}, badUsage("%q is not an instant: write it like 2026-11-23T17:00:00Z", args[0])
		}
		return client.UpdateClock(ctx, control.ClockChange{Set: args[0]})
	})
}

// clockFreezeCommand is freeze or, with frozen false, resume.
func (p process) clockFreezeCommand(frozen bool) *cobra.Command {
	c := &cobra.Command{
		Use:     "freeze",
		Short:   "Make the clock stand still",
		Long:    "Make the clock stand still, until it is resumed. It can be advanced and set meanwhile.",
		Example: "  cloudforgot clock freeze",
		Args:    noArguments(),
	}
	if !frozen {
		c.Use, c.Short = "resume", "Let a frozen clock run on"
		c.Long = "Let a frozen clock run on from where it stands."
		c.Example = "  cloudforgot clock resume"
	}
	return p.onClock(c, func(ctx context.Context, client *control.Client, _ []string) (control.ClockState, error) {
		return client.Freeze(ctx, frozen)
	})
}

// onClock makes a command of an operation on the clock: it prints the clock afterwards.
func (p process) onClock(c *cobra.Command, operate func(context.Context, *control.Client, []string) (control.ClockState, error)) *cobra.Command {
	return clientCommand(p, c, operate, func(state control.ClockState) error { return p.printLine("%s", clockText(state)) })
}

// clockText is the clock's time, and its difference from real time.
func clockText(state control.ClockState) string {
	text := instant(state.Now)
	if offset, err := time.ParseDuration(state.Offset); err == nil && offset > 0 {
		text += ", " + offset.String() + " ahead of real time"
	} else if err == nil && offset < 0 {
		text += ", " + (-offset).String() + " behind real time"
	}
	if state.Frozen {
		text += ", frozen"
	}
	return text
}
