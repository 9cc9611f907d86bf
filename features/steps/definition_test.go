package steps

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// documented returns the forms of the table in the package comment.
func documented(t *testing.T) []string {
	t.Helper()
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(source), "\n// # Steps\n")
	if !found {
		t.Fatal("doc.go has no table of steps")
	}
	var forms []string
	for line := range strings.Lines(table) {
		if row, ok := strings.CutPrefix(line, "//\t"); ok {
			form, _, _ := strings.Cut(row, "  ")
			forms = append(forms, strings.TrimSpace(form))
		}
	}
	return forms
}

func TestTableOfStepsIsComplete(t *testing.T) {
	t.Parallel()
	table := documented(t)
	definitions := newWorld(Options{}).definitions()
	registered := make([]string, 0, len(definitions))
	for _, d := range definitions {
		registered = append(registered, d.form)
		if !slices.Contains(table, d.form) {
			t.Errorf("the package comment does not list the step %q", d.form)
		}
	}
	for _, form := range table {
		if !slices.Contains(registered, form) {
			t.Errorf("the package comment lists a step that does not exist: %q", form)
		}
	}
	if slices.Sort(registered); len(slices.Compact(registered)) != len(table) {
		t.Errorf("the package comment lists %d steps, and there are %d", len(table), len(registered))
	}
}

func TestEveryPlaceholderIsKnownAndDocumented(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words, _, _ := strings.Cut(string(source), "\n// # Steps\n")
	used := map[string]bool{}
	for _, form := range documented(t) {
		for _, found := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(form, -1) {
			used[found[1]] = true
			if placeholders[found[1]] == "" {
				t.Errorf("%q: there is no placeholder {%s}", form, found[1])
			}
		}
	}
	for name := range placeholders {
		if !used[name] {
			t.Errorf("no step uses the placeholder {%s}", name)
		}
		if !strings.Contains(words, "{"+name+"}") && name != "account" && name != "phone" && name != "number" {
			t.Errorf("the package comment does not explain {%s}", name)
		}
	}
	for call := range apiCalls {
		if !strings.Contains(strings.ReplaceAll(words, "\n// ", " "), call) {
			t.Errorf("the package comment does not name the call %q", call)
		}
	}
}

func TestCompile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form, text string
		want       []string // nil: no match
	}{
		{"{account} has {count} conversation(s)", "Acme has 1 conversation", []string{"Acme", "1"}},
		{"{account} has {count} conversation(s)", "Acme has no conversations", []string{"Acme", "no"}},
		{"{account} has {count} conversation(s)", "acme has 1 conversation", nil},
		{"{account} has {count} conversation(s)", "Acme has 1 conversation more", nil},
		{"{duration} pass(es)", "72 hours pass", []string{"72 hours"}},
		{"{duration} pass(es)", "1 minute passes", []string{"1 minute"}},
		{"{duration} pass(es)", "1 fortnight passes", nil},
		{"{conversation} is gone", "Acme's conversation with Ada's phone is gone", []string{"Acme's conversation with Ada's phone"}},
		{"{conversation} is gone", `Acme's conversation "Support" is gone`, []string{`Acme's conversation "Support"`}},
		{"{phone}'s phone sends {text}", `Ada's phone sends ""`, []string{"Ada", ""}},
		{"{unknown} thing", "{unknown} thing", []string{}},
	} {
		found := compile(c.form).FindStringSubmatch(c.text)
		if (found == nil) != (c.want == nil) || found != nil && !slices.Equal(found[1:], c.want) {
			t.Errorf("%q on %q: %q, want %q", c.form, c.text, found, c.want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"72 hours": 72 * time.Hour, "1 minute": time.Minute, "3 days": 72 * time.Hour, "0 seconds": 0,
		"36500 days": 36500 * 24 * time.Hour,
	} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%q = %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "hours", "72", "72 parsecs", "36501 days", "99999999999999999999 hours", "-1 hours", "1.5 hours"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q = %s, want an error", text, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	f.Add("72 hours")
	f.Add("1 minute")
	f.Add("99999999 days")
	f.Fuzz(func(t *testing.T, text string) {
		if d, err := parseDuration(text); err == nil && (d < 0 || d > 100*365*24*time.Hour) {
			t.Errorf("%q = %s", text, d)
		}
	})
}

func FuzzParseCount(f *testing.F) {
	f.Add("no")
	f.Add("17")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := parseCount(text); err == nil && text != "no" && !regexp.MustCompile(`^[+-]?\d+$`).MatchString(text) {
			t.Errorf("%q is a count", text)
		}
	})
}

// A form is matched literally but for its placeholders, whatever it contains.
func FuzzCompile(f *testing.F) {
	f.Add("{account} has {count} conversation(s)")
	f.Add("(s){{text}}[")
	f.Fuzz(func(t *testing.T, form string) {
		if !utf8.ValidString(form) {
			t.Skip("forms are Go source")
		}
		compile(form)
		if !strings.ContainsAny(form, "{}()\n") && !compile(form).MatchString(form) {
			t.Errorf("%q does not match itself", form)
		}
	})
}
