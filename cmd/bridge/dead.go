package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// deadLimit is the largest number of dead letters that a command lists or changes.
const deadLimit = 10_000

func newDeadCommand(o *options) *cobra.Command {
	command := &cobra.Command{
		Use:   "dead",
		Short: "Read, replay and discard the messages that could not be delivered",
		Long: `Dead letters are messages that were accepted and could not be put into a conversation within --retry-for, or that
Twilio will never take. They stay in the queue, with what the customer wrote, until they are replayed or discarded. Both can
be done while the bridge runs.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newDeadListCommand(o), newDeadReplayCommand(o), newDeadDiscardCommand(o))
	return command
}

func newDeadListCommand(o *options) *cobra.Command {
	var format string
	var bodies bool
	command := &cobra.Command{
		Use: "list", Short: "List dead letters, oldest first", Args: cobra.NoArgs,
		Example: "  bridge dead list\n  bridge dead list -o json --bodies",
		RunE: func(command *cobra.Command, _ []string) error {
			if format != "table" && format != "json" {
				return fmt.Errorf("--output %q is unknown: use table or json", format)
			}
			return withQueue(command.Context(), o, func(q queue) error {
				dead, err := q.ListDead(command.Context(), deadLimit)
				if err != nil {
					return err
				}
				if format == "json" {
					return writeDeadJSON(command.OutOrStdout(), dead, bodies)
				}
				return writeDeadTable(command.OutOrStdout(), dead, bodies)
			})
		},
	}
	command.Flags().StringVarP(&format, "output", "o", "table", "table or json")
	command.Flags().BoolVar(&bodies, "bodies", false, "show numbers and what the customer wrote")
	return command
}

func newDeadReplayCommand(o *options) *cobra.Command {
	return onDead(o, &cobra.Command{
		Use: "replay [KEY…]", Short: "Let dead letters be delivered again",
		Long:    "The keys are those of `bridge dead list`. A running bridge takes them up within a second.",
		Example: "  bridge dead replay SM00000000000000000000000000000001\n  bridge dead replay --all",
	}, "replayed", queue.Replay)
}

func newDeadDiscardCommand(o *options) *cobra.Command {
	return onDead(o, &cobra.Command{
		Use: "discard [KEY…]", Short: "Give dead letters up for good",
		Long: `What the customer wrote is removed, and cannot be had back. The keys are those of ` + "`bridge dead list`" + `; they stay known for
a while, so that a late delivery of the same message is not taken for a new one.`,
		Example: "  bridge dead discard SM00000000000000000000000000000001\n  bridge dead discard --all",
	}, "discarded", queue.Discard)
}

// onDead makes a command that does something to the dead letters that are named, or to all.
func onDead(o *options, command *cobra.Command, done string, do func(queue, context.Context, string) error) *cobra.Command {
	all := false
	command.Args = func(_ *cobra.Command, args []string) error {
		if all == (len(args) > 0) {
			return fmt.Errorf("name the dead letters to be %s, or use --all", done)
		}
		return nil
	}
	command.RunE = func(command *cobra.Command, keys []string) error {
		return withQueue(command.Context(), o, func(q queue) error {
			if all {
				dead, err := q.ListDead(command.Context(), deadLimit)
				if err != nil {
					return err
				}
				for _, d := range dead {
					keys = append(keys, d.Key)
				}
			}
			n, err := each(keys, func(key string) error { return do(q, command.Context(), key) })
			fmt.Fprintf(command.OutOrStdout(), "%d %s\n", n, done)
			if err != nil {
				return &exitError{exitFailed, err}
			}
			return nil
		})
	}
	command.Flags().BoolVar(&all, "all", false, "every dead letter")
	return command
}

// each does something to every key, and counts where it succeeded.
func each(keys []string, do func(key string) error) (n int, err error) {
	for _, key := range keys {
		if failed := do(key); failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", key, failed))
			continue
		}
		n++
	}
	return n, err
}

// withQueue opens the lasting queue for one command.
func withQueue(ctx context.Context, o *options, do func(queue) error) error {
	if o.accountSID == "" {
		return errors.New("TWILIO_ACCOUNT_SID is not set: it names the queue")
	}
	if o.queue == memoryQueue {
		return errors.New("--queue memory keeps dead letters in the running bridge only, out of reach of this command")
	}
	q, err := o.openQueue(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(q), q.Close())
}

func writeDeadTable(w io.Writer, dead []bridge.DeadLetter, bodies bool) error {
	if len(dead) == 0 {
		_, err := fmt.Fprintln(w, "no dead letters")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "KEY\tACCEPTED\tATTEMPTS\tREASON")
	for _, d := range dead {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", d.Key, d.Accepted.UTC().Format(time.RFC3339), d.Attempts, d.Reason)
		if p := d.Parameters(); bodies && p != nil {
			fmt.Fprintf(table, "\t%s\t\t%q\n", p.Get("From"), p.Get("Body"))
		}
	}
	return table.Flush()
}

// deadJSON is one dead letter on the command line.
type deadJSON struct {
	Key        string     `json:"key"`
	Accepted   time.Time  `json:"accepted"`
	Died       time.Time  `json:"died"`
	Attempts   int        `json:"attempts"`
	Reason     string     `json:"reason"`
	Parameters url.Values `json:"parameters,omitempty"`
}

func writeDeadJSON(w io.Writer, dead []bridge.DeadLetter, bodies bool) error {
	list := make([]deadJSON, 0, len(dead))
	for _, d := range dead {
		one := deadJSON{Key: d.Key, Accepted: d.Accepted.UTC(), Died: d.Died.UTC(), Attempts: d.Attempts, Reason: d.Reason}
		if bodies {
			one.Parameters = d.Parameters()
		}
		list = append(list, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(list)
}
