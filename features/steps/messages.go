package steps

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	twilio "github.com/twilio/twilio-go/rest/conversations/v1"
)

func (w *World) messageSteps() []definition {
	return []definition{
		{form: "the agent writes {text} in {conversation}", run: w.AgentWrites},
		{form: "the agent writes {text} in {conversation} with webhooks enabled", run: w.AgentWritesAloud},
		{form: "the agent writes {number} messages in {conversation}", run: w.AgentWritesMany},
		{form: "{conversation} has no messages", run: w.HasNoMessages},
		{form: "{conversation} has these messages:", run: w.HasMessages},
		{form: "reading {conversation} in pages of {number} gives pages of {text}", run: w.ReadingPages},
		{form: "the receipt for {text} in {conversation} says {status}", run: w.ReceiptSays},
		{form: "the receipt for {text} in {conversation} says failed with {number}", run: w.ReceiptFailed},
	}
}

// agent is the author of what the agent of an account writes.
const agent = "agent"

// AgentWrites adds a message by REST, without X-Twilio-Webhook-Enabled.
func (w *World) AgentWrites(ctx context.Context, body, ref string) error {
	return w.write(ctx, ref, new(twilio.CreateConversationMessageParams).SetBody(body))
}

// AgentWritesAloud adds a message by REST, with X-Twilio-Webhook-Enabled: true.
func (w *World) AgentWritesAloud(ctx context.Context, body, ref string) error {
	return w.write(ctx, ref, new(twilio.CreateConversationMessageParams).SetBody(body).SetXTwilioWebhookEnabled("true"))
}

// AgentWritesMany adds messages "1", "2" and so on.
func (w *World) AgentWritesMany(ctx context.Context, count int, ref string) error {
	for n := range count {
		if err := w.AgentWrites(ctx, strconv.Itoa(n+1), ref); err != nil || w.refused != nil {
			return err
		}
	}
	return nil
}

func (w *World) write(ctx context.Context, ref string, params *twilio.CreateConversationMessageParams) error {
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	_, err = c.account.sdk.CreateConversationMessage(c.sid, params.SetAuthor(agent))
	return w.attempt("writing in "+ref, err)
}

// HasNoMessages checks that a conversation is empty.
func (w *World) HasNoMessages(ctx context.Context, ref string) error {
	return w.HasMessages(ctx, ref, Table{{"index", "author", "body"}})
}

// HasMessages compares the messages of a conversation, in their order. Columns: index, author, body, media (the types of
// the files). "agent" is the author of what the agent writes.
func (w *World) HasMessages(ctx context.Context, ref string, table Table) error {
	header, rows, err := table.columns("index", "author", "body", "media")
	if err != nil {
		return err
	}
	_, all, err := w.messages(ctx, ref)
	if err != nil {
		return err
	}
	got := make([][]string, len(all))
	for i := range all {
		got[i] = pick(header, map[string]string{"index": strconv.Itoa(all[i].Index), "author": deref(all[i].Author),
			"body": deref(all[i].Body), "media": mediaTypes(all[i].Media)})
	}
	return w.compare(header, rows, got)
}

func (w *World) messages(ctx context.Context, ref string) (reference, []twilio.ConversationsV1ConversationMessage, error) {
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return c, nil, err
	}
	all, err := c.account.sdk.ListConversationMessage(c.sid, new(twilio.ListConversationMessageParams))
	return c, all, err
}

func mediaTypes(media *[]any) string {
	if media == nil {
		return ""
	}
	var types []string
	for _, one := range *media {
		fields, _ := one.(map[string]any)
		types = append(types, fmt.Sprint(fields["content_type"]))
	}
	return strings.Join(types, ", ")
}

// ReadingPages lists the messages of a conversation page by page, by the links that Twilio gives, and compares the lengths
// of the pages ("2, 2, 1"). Each message must be there once, in order.
func (w *World) ReadingPages(ctx context.Context, ref string, size int, lengths string) error {
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	next := fmt.Sprintf("https://conversations.twilio.com/v1/Conversations/%s/Messages?PageSize=%d", c.sid, size)
	var got []string
	last := -1
	for next != "" {
		page, err := w.page(c.account, next)
		if err != nil {
			return err
		}
		for i := range page.Messages {
			if page.Messages[i].Index <= last {
				return fmt.Errorf("message %d came after message %d, on page %d", page.Messages[i].Index, last, len(got)+1)
			}
			last = page.Messages[i].Index
		}
		got = append(got, strconv.Itoa(len(page.Messages)))
		next = deref(page.Meta.NextPageUrl)
	}
	if found := strings.Join(got, ", "); found != lengths {
		return fmt.Errorf("the pages have %s messages, not %s", found, lengths)
	}
	return nil
}

func (w *World) page(a *account, url string) (page twilio.ListConversationMessageResponse, err error) {
	res, err := a.requester.SendRequest("GET", url, nil, nil)
	if err != nil {
		return page, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return page, err
	}
	return page, decode(body, &page)
}

// ReceiptSays checks the status of the receipt for the only phone that a message went to.
func (w *World) ReceiptSays(ctx context.Context, body, ref, status string) error {
	receipt, err := w.receipt(ctx, body, ref)
	if err == nil && deref(receipt.Status) != status {
		err = fmt.Errorf("the receipt for %q says %s (error %d), not %s", body, deref(receipt.Status), receipt.ErrorCode, status)
	}
	return err
}

// ReceiptFailed checks that the receipt for the only phone that a message went to says failed, and why.
func (w *World) ReceiptFailed(ctx context.Context, body, ref string, code int) error {
	receipt, err := w.receipt(ctx, body, ref)
	if err == nil && (deref(receipt.Status) != "failed" || receipt.ErrorCode != code) {
		err = fmt.Errorf("the receipt for %q says %s with error %d, not failed with %d", body, deref(receipt.Status), receipt.ErrorCode, code)
	}
	return err
}

func (w *World) receipt(ctx context.Context, body, ref string) (receipt twilio.ConversationsV1ConversationMessageReceipt, err error) {
	c, all, err := w.messages(ctx, ref)
	if err != nil {
		return receipt, err
	}
	for i := range all {
		if deref(all[i].Body) != body {
			continue
		}
		receipts, err := c.account.sdk.ListConversationMessageReceipt(c.sid, *all[i].Sid, new(twilio.ListConversationMessageReceiptParams))
		if err != nil {
			return receipt, err
		}
		if len(receipts) != 1 {
			return receipt, fmt.Errorf("%q has %d receipts; the step needs one", body, len(receipts))
		}
		return receipts[0], nil
	}
	return receipt, fmt.Errorf("%s has no message %q", ref, body)
}
