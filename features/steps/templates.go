package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/control"
)

func (w *World) templateSteps() []definition {
	return []definition{
		{form: "{account} has the template {text} that says {text}", run: w.HasTemplate},
		{form: "WhatsApp has {approval} {account}'s template {text}", run: w.WhatsAppDecides},
	}
}

// placeholderOf matches the place of a variable in a template.
var placeholderOf = regexp.MustCompile(`\{\{([^{}]+)\}\}`)

// HasTemplate gives an account a template of a text, which WhatsApp has not seen. Its variables have samples: the sample of
// {{1}} is "sample 1". In a path or a table its name in braces is its SID.
func (w *World) HasTemplate(ctx context.Context, accountName, name, text string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"body": text})
	if err != nil {
		return err
	}
	language, samples := "en", map[string]*string{}
	for _, found := range placeholderOf.FindAllStringSubmatch(text, -1) {
		sample := "sample " + found[1]
		samples[found[1]] = &sample
	}
	made, err := w.control.CreateTemplate(ctx, a.SID, control.NewTemplate{Params: content.Params{FriendlyName: &name, Language: &language, Variables: samples,
		Types: map[string]json.RawMessage{"twilio/text": body}}})
	if err != nil {
		return err
	}
	w.named[name] = made.SID
	return nil
}

// WhatsAppDecides approves or rejects a template, in the word of the step.
func (w *World) WhatsAppDecides(ctx context.Context, status, accountName, name string) error {
	a, err := w.account(accountName)
	if err != nil {
		return err
	}
	templateSID, ok := w.named[name]
	if !ok {
		return fmt.Errorf("%s has no template %q", accountName, name)
	}
	_, err = w.control.DecideTemplate(ctx, a.SID, templateSID, content.Decision{Status: status})
	return err
}
