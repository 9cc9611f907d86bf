package steps

import (
	"context"
	"fmt"
	"strings"

	twilio "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator/studio"
)

func (w *World) webhookSteps() []definition {
	return []definition{
		{form: "{conversation} tells {text} of {text}", run: w.TellsOf},
		{form: "{conversation} tells {text} of messages that say {text}", run: w.TellsOfKeyword},
		{form: "{conversation} has these webhooks:", run: w.HasWebhooks},
		{form: "{conversation} has no webhooks", run: w.HasNoWebhooks},
		{form: "{account} has {count} Studio execution(s)", run: w.HasExecutions},
		{form: "the Studio flow has heard in {conversation}:", run: w.FlowHasHeard},
	}
}

// TellsOf adds a scoped webhook with target webhook. The server is one as in SendsWhatComesInBy; events are separated by
// commas.
func (w *World) TellsOf(ctx context.Context, ref, server, events string) error {
	filters := strings.Split(events, ",")
	for i := range filters {
		filters[i] = strings.TrimSpace(filters[i])
	}
	return w.addWebhook(ctx, ref, server, new(twilio.CreateConversationScopedWebhookParams).SetTarget("webhook").SetConfigurationFilters(filters))
}

// TellsOfKeyword adds a scoped webhook with target trigger. The server is one as in SendsWhatComesInBy.
func (w *World) TellsOfKeyword(ctx context.Context, ref, server, keyword string) error {
	return w.addWebhook(ctx, ref, server,
		new(twilio.CreateConversationScopedWebhookParams).SetTarget("trigger").SetConfigurationTriggers([]string{keyword}))
}

func (w *World) addWebhook(ctx context.Context, ref, server string, params *twilio.CreateConversationScopedWebhookParams) error {
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	url, err := w.server(server)
	if err != nil {
		return err
	}
	_, err = c.account.sdk.CreateConversationScopedWebhook(c.sid, params.SetConfigurationUrl(url))
	return w.attempt("adding a webhook to "+ref, err)
}

// HasNoWebhooks checks that a conversation has no scoped webhooks.
func (w *World) HasNoWebhooks(ctx context.Context, ref string) error {
	return w.HasWebhooks(ctx, ref, Table{{"target", "filters", "flow", "url"}})
}

// HasWebhooks compares the scoped webhooks of a conversation, in the order in which they were added. Columns: target,
// filters, triggers (with commas), flow, url, method.
func (w *World) HasWebhooks(ctx context.Context, ref string, table Table) error {
	header, rows, err := table.columns("target", "filters", "triggers", "flow", "url", "method")
	if err != nil {
		return err
	}
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	all, err := c.account.sdk.ListConversationScopedWebhook(c.sid, new(twilio.ListConversationScopedWebhookParams))
	if err != nil {
		return err
	}
	got := make([][]string, len(all))
	for i := range all {
		got[i] = pick(header, map[string]string{"target": deref(all[i].Target),
			"filters": configured(all[i].Configuration, "filters"), "triggers": configured(all[i].Configuration, "triggers"),
			"flow": configured(all[i].Configuration, "flow_sid"), "url": configured(all[i].Configuration, "url"),
			"method": configured(all[i].Configuration, "method")})
	}
	return w.compare(header, rows, got)
}

// configured is a field of a webhook's configuration, lists with commas.
func configured(configuration *any, field string) string {
	if configuration == nil {
		return ""
	}
	fields, _ := (*configuration).(map[string]any)
	switch value := fields[field].(type) {
	case nil:
		return ""
	case []any:
		texts := make([]string, len(value))
		for i := range value {
			texts[i] = fmt.Sprint(value[i])
		}
		return strings.Join(texts, ", ")
	default:
		return fmt.Sprint(value)
	}
}

// HasExecutions checks how many executions of Studio flows an account has.
func (w *World) HasExecutions(ctx context.Context, accountName string, count int) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	all, err := w.control.ListExecutions(ctx, a.SID)
	if err == nil && len(all) != count {
		err = fmt.Errorf("%s has %d Studio executions, not %d", accountName, len(all), count)
	}
	return err
}

// FlowHasHeard compares what the only execution of a conversation was started and resumed by. Columns: event, author,
// body.
func (w *World) FlowHasHeard(ctx context.Context, ref string, table Table) error {
	header, rows, err := table.columns("event", "author", "body")
	if err != nil {
		return err
	}
	c, err := w.conversation(ctx, ref)
	if err != nil {
		return err
	}
	all, err := w.control.ListExecutions(ctx, c.account.SID)
	if err != nil {
		return err
	}
	var here []studio.Execution
	for _, e := range all {
		if e.ConversationSID == c.sid {
			here = append(here, e)
		}
	}
	if len(here) != 1 {
		return fmt.Errorf("%s has %d Studio executions; the step needs one", ref, len(here))
	}
	got := make([][]string, len(here[0].Triggers))
	for i, t := range here[0].Triggers {
		got[i] = pick(header, map[string]string{"event": string(t.Event), "author": t.Author, "body": t.Body})
	}
	return w.compare(header, rows, got)
}
