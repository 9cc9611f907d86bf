package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

const executionLong = `Show the executions of Studio flows, and end them. Flows are not run: an execution begins with the first message that
reaches its flow, records every other one, and goes on until it is ended here.`

// exampleExecution is the SID in the error for a missing one.
const exampleExecution = "FN0123456789abcdef0123456789abcdef"

const executionExample = `  cloudforgot execution list

  # an agent has the conversation now, as after Send to Flex
  cloudforgot execution handoff FN0123456789abcdef0123456789abcdef

  # the flow has come to its end: the next message starts another execution
  cloudforgot execution end FN0123456789abcdef0123456789abcdef`

func (p process) executionCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:     "execution",
		Short:   "Show and end Studio executions",
		Long:    executionLong,
		Example: executionExample,
	}, p.executionListCommand(), p.executionHandoffCommand(), p.executionEndCommand())
}

func (p process) executionListCommand() *cobra.Command {
	return clientCommand(p, &cobra.Command{
		Use:     "list",
		Short:   "List executions",
		Long:    "List the executions of all accounts, oldest first. With -o json each has the messages that reached it.",
		Example: "  cloudforgot execution list\n  cloudforgot execution list -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, _ []string) ([]studio.Execution, error) {
		return client.ListExecutions(ctx, "")
	}, func(list []studio.Execution) error {
		if len(list) == 0 {
			p.note("No flow has an execution yet.")
			return nil
		}
		return p.printExecutions(list...)
	})
}

func (p process) executionHandoffCommand() *cobra.Command {
	return p.onExecution(&cobra.Command{
		Use:   "handoff SID",
		Short: "Give the conversation to an agent",
		Long: "End an execution as the widget Send to Flex does: messages in its conversation start nothing any more, unless the\n" +
			"switch studio_refire_after_handoff is on.",
		Example: "  cloudforgot execution handoff FN0123456789abcdef0123456789abcdef",
		Args:    oneArgument("the SID of an execution", exampleExecution),
	}, (*control.Client).HandOff)
}

func (p process) executionEndCommand() *cobra.Command {
	return p.onExecution(&cobra.Command{
		Use:     "end SID",
		Short:   "End an execution",
		Long:    "End an execution, as a flow that has come to its end: the next message starts another.",
		Example: "  cloudforgot execution end FN0123456789abcdef0123456789abcdef",
		Args:    oneArgument("the SID of an execution", exampleExecution),
	}, (*control.Client).EndExecution)
}

// onExecution makes a command of an operation on an execution: it prints the execution afterwards.
func (p process) onExecution(c *cobra.Command, operate func(*control.Client, context.Context, string) (studio.Execution, error)) *cobra.Command {
	return clientCommand(p, c, func(ctx context.Context, client *control.Client, args []string) (studio.Execution, error) {
		return operate(client, ctx, args[0])
	}, func(e studio.Execution) error { return p.printExecutions(e) })
}

func (p process) printExecutions(list ...studio.Execution) error {
	rows := make([][]string, len(list))
	for i, e := range list {
		status := e.Status
		if e.HandedOff {
			status += ", handed off"
		}
		rows[i] = []string{e.SID, e.FlowSID, e.ConversationSID, strconv.Itoa(len(e.Triggers)), status}
	}
	return p.printTable([]string{"EXECUTION", "FLOW", "CONVERSATION", "MESSAGES", "STATUS"}, rows...)
}
