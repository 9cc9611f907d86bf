package main

import (
	"strings"

	"github.com/spf13/cobra"
)

const rootLong = `cloudforgot is a Twilio account and a WhatsApp sandbox on your own machine: conversations, phones,
webhooks and the bridge between them, with no account at Twilio and nothing sent anywhere.

Start it with ` + "`cloudforgot up`" + `, or open ` + "`cloudforgot chat`" + ` and write "Hola". The other commands talk to a running
emulator; --url or CLOUDFORGOT_URL says which (default ` + defaultURL + `).

Environment:
  Every flag has a variable: CLOUDFORGOT_ and the flag's name in capitals, with _ for -. A flag wins, and an
  empty variable counts as none. NO_COLOR switches colour off; without a terminal there is none.

Exit codes:
  0  done
  1  failed
  2  wrong usage: a flag, an argument or a value that is not valid
  3  no emulator answers at the URL`

const rootExample = `  # start the emulator, with the bridge behind its sandbox
  cloudforgot up

  # in another terminal: a phone joins the sandbox and writes
  cloudforgot phone join --from +15558675310 cloud-forgot
  cloudforgot phone send --from +15558675310 "Hola"

  # what happened behind it
  cloudforgot traffic

  # three days later the membership has expired
  cloudforgot clock advance 72h
  cloudforgot phone send --from +15558675310 "Still there?"`

// Groups of the root help.
const (
	groupStart = "start"
	groupDrive = "drive"
	groupOther = "other"
)

func (p process) rootCommand() *cobra.Command {
	root := group(&cobra.Command{
		Use:     "cloudforgot",
		Short:   "WhatsApp on Twilio Conversations, on your own machine",
		Long:    rootLong,
		Example: rootExample,
	})
	root.SilenceErrors, root.SilenceUsage = true, true
	root.PersistentPreRunE = p.readEnvironment
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return explainFlag(err, "") })
	root.AddGroup(&cobra.Group{ID: groupStart, Title: "Start here:"}, &cobra.Group{ID: groupDrive, Title: "Drive a running emulator:"},
		&cobra.Group{ID: groupOther, Title: "Other:"})
	root.SetHelpCommandGroupID(groupOther)
	root.SetCompletionCommandGroupID(groupOther)
	add(root, groupStart, p.upCommand(), p.chatCommand(), p.testCommand())
	add(root, groupDrive, p.phoneCommand(), p.messageCommand(), p.sandboxCommand(), p.senderCommand(), p.keyCommand(), p.templateCommand(), p.flowCommand(),
		p.executionCommand(), p.switchesCommand(), p.clockCommand(), p.trafficCommand(), p.alertsCommand(), p.resetCommand(), p.envCommand())
	add(root, groupOther, p.versionCommand())
	// A command that only has subcommands is runnable, to refuse unknown words, but has no usage line of its own.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1))
	nameVariables(root)
	return root
}

func add(root *cobra.Command, groupID string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = groupID
	}
	root.AddCommand(commands...)
}
