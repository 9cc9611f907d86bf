package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
	"github.com/cloudforgot/cloudforgot/emulator/webhook"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

const (
	defaultListen = "127.0.0.1:4155"
	defaultURL    = "http://" + defaultListen
)

// variable is the environment variable of a flag: CLOUDFORGOT_ and the flag's name, unless the flag has one of its own.
func variable(f *pflag.Flag) string {
	if own := f.Annotations[ownVariable]; len(own) > 0 {
		return own[0]
	}
	return "CLOUDFORGOT_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
}

// ownVariable is the annotation of a flag that must not share the variable of its namesakes.
const ownVariable = "cloudforgot_variable"

// hasVariable reports whether a flag may come from the environment: every flag but cobra's own --help.
func hasVariable(f *pflag.Flag) bool { return f.Name != "help" }

// nameVariables ends the help of every flag with its variable.
func nameVariables(c *cobra.Command) {
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if hasVariable(f) {
			f.Usage += " [" + variable(f) + "]"
		}
	})
	for _, sub := range c.Commands() {
		nameVariables(sub)
	}
}

// readEnvironment gives the flags that were not given the values of their variables.
func (p process) readEnvironment(c *cobra.Command, _ []string) error {
	var wrong error
	c.Flags().VisitAll(func(f *pflag.Flag) {
		value, set := p.lookupEnv(variable(f))
		if f.Changed || !set || value == "" || !hasVariable(f) || wrong != nil {
			return
		}
		if err := c.Flags().Set(f.Name, value); err != nil {
			wrong = explainFlag(err, variable(f))
		}
	})
	return wrong
}

// explainFlag says what is wrong with a flag, or with the variable in its place unless that is empty.
func explainFlag(err error, variable string) error {
	var invalid *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			return badUsage("there is no flag -%s", letters)
		}
		return badUsage("there is no flag --%s", unknown.GetSpecifiedName())
	}
	if !errors.As(err, &invalid) {
		return &usageError{err}
	}
	name := "--" + invalid.GetFlag().Name
	if variable != "" {
		name = variable
	}
	wanted := errors.Unwrap(invalid).Error()
	switch invalid.GetFlag().Value.Type() {
	case "bool":
		wanted = "it must be true or false"
	case "int":
		wanted = "it must be a whole number"
	case "uint64":
		wanted = "it must be a whole number, 0 or more"
	case "duration":
		wanted = "it must be a time such as 30s"
	}
	return badUsage("%s %q: %s", name, invalid.GetValue(), wanted)
}

// choice is a flag that takes one of a few words.
type choice struct {
	value string
	words []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.Join(c.words, "|") }

// Set takes one of the words.
func (c *choice) Set(value string) error {
	if !slices.Contains(c.words, value) {
		return fmt.Errorf("it must be %s", strings.Join(c.words, " or "))
	}
	c.value = value
	return nil
}

// choiceFlag adds a flag that takes one of a few words, the first of which is the default.
func choiceFlag(c *cobra.Command, name, usage string, words ...string) *choice {
	v := &choice{value: words[0], words: words}
	c.Flags().Var(v, name, usage)
	complete(c, name, words...)
	return v
}

// complete offers words for a flag in the shell's completion.
func complete(c *cobra.Command, flag string, words ...string) {
	// The only error is a flag that does not exist, and the tests of completion would show it.
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// optionalFlag adds a flag for which not given and empty differ: its value is nil when it was not given.
func optionalFlag(c *cobra.Command, name, usage string) func() *string {
	value := c.Flags().String(name, "", usage)
	return func() *string {
		if !c.Flags().Changed(name) {
			return nil
		}
		return value
	}
}

// optionalBool is optionalFlag for true and false.
func optionalBool(c *cobra.Command, name, usage string) func() *bool {
	value := c.Flags().Bool(name, false, usage)
	return func() *bool {
		if !c.Flags().Changed(name) {
			return nil
		}
		return value
	}
}

// outputFlag adds -o table|json.
func outputFlag(c *cobra.Command) *choice {
	v := &choice{value: "table", words: []string{"table", "json"}}
	c.Flags().VarP(v, "output", "o", "how data is printed")
	complete(c, "output", v.words...)
	return v
}

// urlFlag is the --url of the commands that talk to a running emulator.
type urlFlag struct{ value string }

func addURLFlag(c *cobra.Command) *urlFlag {
	u := new(urlFlag)
	c.Flags().StringVar(&u.value, "url", defaultURL, "`URL` of the running emulator")
	return u
}

// client returns a client of the emulator at the URL, which may lack its scheme.
func (u *urlFlag) client() (*control.Client, error) {
	raw := strings.TrimSuffix(u.value, "/")
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	parsed, err := url.Parse(raw)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" {
		return nil, badUsage("--url %q is not the URL of an emulator: write it like %s", webhook.Redacted(u.value), defaultURL)
	}
	return control.NewClient(raw, nil), nil
}

// phoneNumber checks a number that was typed, with "whatsapp:" or without, and returns it without.
func phoneNumber(typed string) (string, error) {
	number, err := whatsapp.ParseNumber(typed)
	if err != nil {
		return "", &usageError{err}
	}
	return number, nil
}

// phoneName checks how a phone was named: by its number, which is returned without "whatsapp:", by "@username", or by an
// ExternalUserId; the emulator knows whether there is such a phone.
func phoneName(typed string) (string, error) {
	if strings.HasPrefix(typed, "@") || twilio.IsExternalUserID(typed) {
		return typed, nil
	}
	return phoneNumber(typed)
}

const numberUsage = "`number` of the phone, with \"whatsapp:\" or without"

// fromFlag adds --from, the phone that writes; it returns the checked number.
func fromFlag(c *cobra.Command) func() (string, error) {
	from := c.Flags().String("from", "", numberUsage+"; or its @username or ExternalUserId")
	return func() (string, error) {
		if *from == "" {
			return "", missingFlag(c, "from", "the number of the phone, such as +15558675310")
		}
		return phoneName(*from)
	}
}
