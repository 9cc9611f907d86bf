package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

const flowLong = `Register Studio flows of an account under SIDs of your own choosing, such as the one that your real flow has. They are
kept and not run: an execution records what triggered it.

Until an account has registered a flow, it takes every FlowSid for one. From its first flow on, the others are unknown.`

const flowExample = `  cloudforgot flow add FW0123456789abcdef0123456789abcdef --name Reception
  cloudforgot flow list
  cloudforgot flow remove FW0123456789abcdef0123456789abcdef`

// exampleFlow is the SID in the error for a missing one.
const exampleFlow = "FW0123456789abcdef0123456789abcdef"

func (p process) flowCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:     "flow",
		Short:   "Register Studio flows",
		Long:    flowLong,
		Example: flowExample,
	}, p.flowAddCommand(), p.flowListCommand(), p.flowRemoveCommand())
}

func (p process) flowAddCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "add SID",
		Short:   "Register a flow",
		Long:    "Register a flow of an account, published and without widgets.",
		Example: "  cloudforgot flow add FW0123456789abcdef0123456789abcdef --name Reception",
		Args:    oneArgument("the SID of a flow", exampleFlow),
	}
	name := c.Flags().String("name", "", "`name` of the flow, for people")
	return accountCommand(p, c, func(ctx context.Context, client *control.Client, account control.Account, args []string) (studio.Flow, error) {
		return client.RegisterFlow(ctx, account.SID, studio.NewFlow{SID: args[0], FriendlyName: *name})
	}, func(f studio.Flow) error { return p.printLine("%s is a flow of %s.", f.SID, f.AccountSID) })
}

func (p process) flowListCommand() *cobra.Command {
	return accountCommand(p, &cobra.Command{
		Use:     "list",
		Short:   "List an account's flows",
		Long:    "List the flows that an account has, oldest first: registered here, or made by the Studio API.",
		Example: "  cloudforgot flow list\n  cloudforgot flow list -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, account control.Account, _ []string) ([]studio.Flow, error) {
		return client.ListFlows(ctx, account.SID)
	}, p.printFlows)
}

func (p process) printFlows(flows []studio.Flow) error {
	if len(flows) == 0 {
		p.note("The account has no flow. Until it has registered one, it takes every FlowSid for one.")
		return nil
	}
	rows := make([][]string, len(flows))
	for i, f := range flows {
		rows[i] = []string{f.SID, string(f.Status), instant(f.DateCreated), strings.TrimSpace(f.FriendlyName)}
	}
	return p.printTable([]string{"FLOW", "STATUS", "REGISTERED", "NAME"}, rows...)
}

func (p process) flowRemoveCommand() *cobra.Command {
	return accountCommand(p, &cobra.Command{
		Use:     "remove SID",
		Short:   "Remove a flow",
		Long:    "Remove a flow from its account. Webhooks and addresses that name it stay.",
		Example: "  cloudforgot flow remove FW0123456789abcdef0123456789abcdef",
		Args:    oneArgument("the SID of a flow", exampleFlow),
	}, func(ctx context.Context, client *control.Client, account control.Account, args []string) (none, error) {
		return none{}, client.DeleteFlow(ctx, account.SID, args[0])
	}, printNothing)
}
