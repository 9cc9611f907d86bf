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
		{form: "the agent writes {text} in {conversation}", run: w.AgentWrites, beside: true},
		{form: "the agent writes {text} in {conversation} with webhooks enabled", run: w.AgentWritesAloud},
		{form: "the agent writes {number} messages in {conversation}", run: w.AgentWritesMany},
		{form: "{conversation} has no messages", run: w.HasNoMessages},
		{form: "{conversation} has these messages:", run: w.HasMessages},
		{form: "{conversation} has these messages, in any order:", run: w.HasMessagesInAnyOrder},
		{form: "{text} stands in {account}'s conversations {count} time(s)", run: w.StandsInConversations},
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
// the files), and after "attributes." the name of a field of the attributes. "agent" is the author of what the agent writes.
func (w *World) HasMessages(ctx context.Context, ref string, table Table) error {
	got, err := w.tellMessages(ctx, ref, table)
	if err != nil {
		return err
	}
	return w.compare(table[0], table[1:], got)
}

// HasMessagesInAnyOrder is HasMessages for messages that came at the same moment.
func (w *World) HasMessagesInAnyOrder(ctx context.Context, ref string, table Table) error {
	got, err := w.tellMessages(ctx, ref, table)
	if err != nil {
		return err
	}
	return w.compareInAnyOrder(table[0], table[1:], got)
}

// tellMessages are the messages of a conversation as rows of a table.
func (w *World) tellMessages(ctx context.Context, ref string, table Table) ([][]string, error) {
	if _, _, err := table.withoutAttributes().columns("index", "author", "body", "media"); err != nil {
		return nil, err
	}
	_, all, err := w.messages(ctx, ref)
	if err != nil {
		return nil, err
	}
	got := make([][]string, len(all))
	for i := range all {
		of := map[string]string{"index": strconv.Itoa(all[i].Index), "author": deref(all[i].Author),
			"body": deref(all[i].Body), "media": mediaTypes(all[i].Media)}
		var attributes map[string]any
		if err := decode([]byte(deref(all[i].Attributes)), &attributes); err != nil {
			return nil, err
		}
		for name, value := range attributes {
			of[attributesPrefix+name] = fmt.Sprint(value)
		}
		got[i] = pick(table[0], of)
	}
	return got, nil
}

// StandsInConversations checks how often a text is a message, over all conversations of an account.
func (w *World) StandsInConversations(_ context.Context, body, accountName string, count int) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	all, err := a.sdk.ListConversation(new(twilio.ListConversationParams))
	if err != nil {
		return err
	}
	found := 0
	for i := range all {
		messages, err := a.sdk.ListConversationMessage(*all[i].Sid, new(twilio.ListConversationMessageParams))
		if err != nil {
			return err
		}
		for j := range messages {
			if deref(messages[j].Body) == body {
				found++
			}
		}
	}
	if found != count {
		return fmt.Errorf("%q stands in %s's conversations %d times, not %d", body, accountName, found, count)
	}
	return nil
}

// attributesPrefix begins the name of a column that is a field of a message's attributes.
const attributesPrefix = "attributes."

// withoutAttributes is the header of a table without such columns.
func (t Table) withoutAttributes() Table {
	if len(t) == 0 {
		return t
	}
	var header []string
	for _, name := range t[0] {
		if !strings.HasPrefix(name, attributesPrefix) {
			header = append(header, name)
		}
	}
	return Table{header}
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
