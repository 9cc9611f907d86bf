package main

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cloudforgot/cloudforgot/fixtures/readme"
)

// leaves are the commands that do something, in the order of the help. Cobra's own are not among them.
func leaves(c *cobra.Command) (list []*cobra.Command) {
	if !c.HasSubCommands() {
		return []*cobra.Command{c}
	}
	for _, sub := range c.Commands() {
		list = append(list, leaves(sub)...)
	}
	return list
}

// commandTable has a row for each command: how it is used, what it does, and its first example.
func commandTable(list []*cobra.Command) string {
	text := readme.Row("command", "", "example") + "|---|---|---|\n"
	for _, c := range list {
		usage := strings.TrimPrefix(strings.TrimSuffix(c.UseLine(), " [flags]"), "cloudforgot ")
		example := ""
		for _, line := range strings.Split(c.Example, "\n") {
			if line = strings.TrimSpace(line); strings.Contains(line, c.CommandPath()) {
				example = "`" + line + "`"
				break
			}
		}
		text += readme.Row("`"+usage+"`", c.Short, example)
	}
	return text
}

// variableTable has a row for each variable: the commands whose flag it stands for, what it means, and its default.
func variableTable(list []*cobra.Command) string {
	type entry struct{ commands, usages, defaults []string }
	variables := map[string]*entry{}
	note := func(to *[]string, s string) {
		if s != "" && !slices.Contains(*to, s) {
			*to = append(*to, s)
		}
	}
	for _, c := range list {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !hasVariable(f) {
				return
			}
			e := variables[variable(f)]
			if e == nil {
				e = new(entry)
				variables[variable(f)] = e
			}
			_, usage := pflag.UnquoteUsage(f)
			usage, _, _ = strings.Cut(usage, " [CLOUDFORGOT_")
			note(&e.commands, "`"+strings.TrimPrefix(c.CommandPath(), "cloudforgot ")+"`")
			note(&e.usages, usage)
			if f.DefValue != "" && f.DefValue != "[]" {
				note(&e.defaults, "`"+f.DefValue+"`")
			}
		})
	}
	text := readme.Row("variable", "of", "", "default") + "|---|---|---|---|\n"
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		e := variables[name]
		of := strings.Join(e.commands, ", ")
		if len(e.commands) > 10 {
			of = "every command that has such a flag"
		}
		text += readme.Row("`"+name+"`", of, strings.Join(e.usages, "; "), strings.Join(e.defaults, ", "))
	}
	return text
}

func TestReadmeListsEveryCommand(t *testing.T) {
	t.Parallel()
	p := process{stdout: new(bytes.Buffer), stderr: new(bytes.Buffer), lookupEnv: os.LookupEnv}
	list := leaves(p.rootCommand())
	var kinds strings.Builder
	for _, line := range strings.Split(sendExamples(messageParts(new(cobra.Command), new([]string))), "\n") {
		kinds.WriteString(strings.TrimPrefix(line, "  ") + "\n")
	}
	readme.Check(t, "README.md", "commands", commandTable(list), *update)
	readme.Check(t, "README.md", "kinds", "```sh\n"+kinds.String()+"```\n", *update)
	readme.Check(t, "README.md", "variables", variableTable(list), *update)
}
