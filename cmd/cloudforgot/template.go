package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/control"
)

const templateLong = `List and make the content templates of an account, and decide on them in WhatsApp's place.

Twilio's Content API makes them too. A template that is submitted for approval there is approved after the switch
template_approval, unless it is approved or rejected here before. Outside the 24 hours after a customer's last message
only approved templates are delivered.`

const templateExample = `  cloudforgot template add --name shipped --sample 1=4711 "Order {{1}} is on its way."
  cloudforgot template add --file template.json --approved
  cloudforgot template list
  cloudforgot template reject HX0123456789abcdef0123456789abcdef --reason "It looks like an advertisement."`

// exampleTemplate is the SID in the error for a missing one.
const exampleTemplate = "HX0123456789abcdef0123456789abcdef"

// maxTemplateFile is the size of a file with a template, in bytes.
const maxTemplateFile = 1 << 20

func (p process) templateCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:     "template",
		Short:   "Make content templates, and approve or reject them",
		Long:    templateLong,
		Example: templateExample,
	}, p.templateListCommand(), p.templateAddCommand(), p.templateApproveCommand(), p.templateRejectCommand())
}

func (p process) templateListCommand() *cobra.Command {
	return accountCommand(p, &cobra.Command{
		Use:     "list",
		Short:   "List an account's templates",
		Long:    "List the templates that an account has, with what WhatsApp says of them.",
		Example: "  cloudforgot template list\n  cloudforgot template list -o json",
		Args:    noArguments(),
	}, func(ctx context.Context, client *control.Client, account control.Account, _ []string) ([]content.Approved, error) {
		return client.ListTemplates(ctx, account.SID)
	}, func(list []content.Approved) error {
		if len(list) == 0 {
			p.note("The account has no template.")
			return nil
		}
		rows := make([][]string, len(list))
		for i, t := range list {
			rows[i] = []string{t.SID, t.Approval.Status, t.Language, strings.TrimSpace(t.FriendlyName)}
		}
		return p.printTable([]string{"TEMPLATE", "APPROVAL", "LANGUAGE", "NAME"}, rows...)
	})
}

func (p process) templateAddCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "add [TEXT]",
		Short: "Make a template",
		Long: "Make a template of a text with placeholders such as {{1}}, or of a file with the JSON that Twilio's Content API takes:\n" +
			"types, variables, language and friendly_name, and sid and status if they are wanted.",
		Example: templateExample,
		Args:    arguments(0, 1, "the text of the template", `"Order {{1}} is on its way."`),
	}
	name := c.Flags().String("name", "", "`name` of the template, for people")
	language := c.Flags().String("language", "en", "`language` of the template")
	samples := c.Flags().StringArray("sample", nil, "sample of a variable, as `VARIABLE=TEXT`, which a message has that leaves the variable out; may be repeated")
	file := c.Flags().String("file", "", "`file` with the template as JSON, - for standard input")
	sid := c.Flags().String("sid", "", "`SID` of the template (default made up)")
	approved := c.Flags().Bool("approved", false, "WhatsApp has approved it")
	return accountCommand(p, c, func(ctx context.Context, client *control.Client, account control.Account, args []string) (content.Approved, error) {
		wanted := control.NewTemplate{Params: content.Params{FriendlyName: name, Language: language}}
		switch {
		case (*file == "") == (len(args) == 0):
			return content.Approved{}, badUsage("a template is made of a text or of a --file")
		case *file != "":
			if err := p.readTemplate(*file, &wanted); err != nil {
				return content.Approved{}, err
			}
		default:
			body, err := json.Marshal(map[string]string{"body": args[0]})
			if err != nil {
				return content.Approved{}, err
			}
			wanted.Types = map[string]json.RawMessage{"twilio/text": body}
		}
		if err := addSamples(*samples, &wanted); err != nil {
			return content.Approved{}, err
		}
		if *sid != "" {
			wanted.SID = *sid
		}
		if *approved {
			wanted.Status = content.StatusApproved
		}
		return client.CreateTemplate(ctx, account.SID, wanted)
	}, func(t content.Approved) error {
		return p.printLine("%s is a template of %s: %s.", t.SID, t.AccountSID, t.Approval.Status)
	})
}

// addSamples gives a template the samples of the command line, VARIABLE=TEXT.
func addSamples(samples []string, wanted *control.NewTemplate) error {
	if len(samples) > 0 && wanted.Variables == nil {
		wanted.Variables = map[string]*string{}
	}
	for _, sample := range samples {
		variable, text, found := strings.Cut(sample, "=")
		if !found {
			return badUsage("--sample %q: write it as VARIABLE=TEXT, such as 1=4711", sample)
		}
		wanted.Variables[variable] = &text
	}
	return nil
}

// readTemplate reads a template from a file.
func (p process) readTemplate(file string, wanted *control.NewTemplate) error {
	from := p.stdin
	if file != "-" {
		opened, err := os.Open(file) //nolint:gosec // the user names the file
		if err != nil {
			return fmt.Errorf("the template cannot be read: %w", err)
		}
		defer func() { _ = opened.Close() }()
		from = opened
	}
	text, err := io.ReadAll(io.LimitReader(from, maxTemplateFile))
	if err != nil {
		return fmt.Errorf("the template cannot be read: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(wanted); err != nil {
		return badUsage("%s is no template as JSON: %v", file, err)
	}
	return nil
}

func (p process) templateApproveCommand() *cobra.Command {
	return p.decideCommand(&cobra.Command{
		Use:     "approve SID",
		Short:   "Approve a template in WhatsApp's place",
		Long:    "Approve a template in WhatsApp's place, at once, whether it was submitted or not.",
		Example: "  cloudforgot template approve " + exampleTemplate,
	}, &content.Decision{Status: content.StatusApproved})
}

func (p process) templateRejectCommand() *cobra.Command {
	decision := content.Decision{Status: content.StatusRejected}
	c := &cobra.Command{
		Use:     "reject SID",
		Short:   "Reject a template in WhatsApp's place",
		Long:    "Reject a template in WhatsApp's place, at once, whether it was submitted or approved before.",
		Example: "  cloudforgot template reject " + exampleTemplate + ` --reason "It looks like an advertisement."`,
	}
	c.Flags().StringVar(&decision.RejectionReason, "reason", "", "`text` of the rejection_reason")
	return p.decideCommand(c, &decision)
}

// decideCommand makes a command that decides on a template in WhatsApp's place.
func (p process) decideCommand(c *cobra.Command, decision *content.Decision) *cobra.Command {
	c.Args = oneArgument("the SID of a template", exampleTemplate)
	sid := ""
	return accountCommand(p, c, func(ctx context.Context, client *control.Client, account control.Account, args []string) (content.Approval, error) {
		sid = args[0]
		return client.DecideTemplate(ctx, account.SID, sid, *decision)
	}, func(a content.Approval) error {
		return p.printLine("%s is %s.", sid, a.Status)
	})
}
