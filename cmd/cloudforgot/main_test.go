package main

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/cloudforgot/cloudforgot/emulator/control"
)

// execute runs a command line in this process, with variables, and returns its exit code and what it wrote.
func execute(t *testing.T, variables map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(args, process{stdin: strings.NewReader(""), stdout: &out, stderr: &err,
		lookupEnv: func(name string) (string, bool) { v, ok := variables[name]; return v, ok }})
	return code, out.String(), err.String()
}

// TestEveryCommandIsDocumented walks the tree: each command has a text, an example that begins with the command, and the
// variable of each flag in its help.
func TestEveryCommandIsDocumented(t *testing.T) {
	t.Parallel()
	p := process{stdout: new(bytes.Buffer), stderr: new(bytes.Buffer), lookupEnv: os.LookupEnv}
	commands := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		commands++
		if c.Short == "" || c.Long == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short %q, long %q", c.CommandPath(), c.Short, c.Long)
		}
		if !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s has no example of itself:\n%s", c.CommandPath(), c.Example)
		}
		for _, line := range strings.Split(c.Long+"\n"+c.Example, "\n") {
			if len(line) > 130 {
				t.Errorf("%s: a line of the help is longer than 130: %s", c.CommandPath(), line)
			}
		}
		usage := c.LocalFlags().FlagUsages()
		for _, line := range strings.Split(usage, "\n") {
			if name, _, flag := strings.Cut(line, "--"); flag && !strings.Contains(line, "--help") && !strings.Contains(line, "[CLOUDFORGOT_") {
				t.Errorf("%s: no variable in the help of %s%s", c.CommandPath(), name, line)
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(p.rootCommand())
	if commands < 20 {
		t.Errorf("%d commands were walked", commands)
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		code int
	}{
		"usage":       {badUsage("no"), exitUsage},
		"unreachable": {&control.UnreachableError{URL: "http://127.0.0.1:1", Err: errors.New("refused")}, exitUnreachable},
		"bad input":   {&control.Error{Status: 400, Message: "no"}, exitUsage},
		"not found":   {&control.Error{Status: 404, Message: "no"}, exitFailed},
		"reported":    {reportedError(2), 2},
		"other":       {fs.ErrNotExist, exitFailed},
		"joined":      {errors.Join(fs.ErrNotExist, badUsage("no")), exitUsage},
	} {
		if got := exitCode(test.err); got != test.code {
			t.Errorf("%s: exit code %d, want %d", name, got, test.code)
		}
	}
}

// The password of a --url is in no message.
func TestURLWithPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://ada:lovelace@127.0.0.1:1", "ftp://ada:lovelace@127.0.0.1:1", "http://ada:love%lovelace@127.0.0.1"} {
		if code, stdout, stderr := execute(t, nil, "clock", "show", "--url", url); code == exitOK || strings.Contains(stdout+stderr, "lovelace") {
			t.Errorf("%s: exit code %d, %s%s", url, code, stdout, stderr)
		}
	}
}

// TestFlagOverVariable also shows that a program that embeds run needs no variables of its process.
func TestFlagOverVariable(t *testing.T) {
	t.Parallel()
	variables := map[string]string{"CLOUDFORGOT_OUTPUT": "json"}
	if code, stdout, _ := execute(t, variables, "version"); code != exitOK || !strings.HasPrefix(stdout, "{") {
		t.Errorf("by variable: exit code %d, %q", code, stdout)
	}
	if code, stdout, _ := execute(t, variables, "version", "-o", "table"); code != exitOK || !strings.HasPrefix(stdout, "cloudforgot ") {
		t.Errorf("by flag: exit code %d, %q", code, stdout)
	}
	variables["CLOUDFORGOT_OUTPUT"] = "xml"
	if code, _, stderr := execute(t, variables, "version"); code != exitUsage || !strings.Contains(stderr, `CLOUDFORGOT_OUTPUT "xml"`) {
		t.Errorf("wrong variable: exit code %d, %q", code, stderr)
	}
}

func TestReadyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "url.txt")
	ready := readyFile(path)
	if err := ready.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before it is ready: %v", err)
	}
	if err := ready.write("http://127.0.0.1:4155"); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "http://127.0.0.1:4155\n" {
		t.Errorf("%q, %v", content, err)
	}
	for range 2 {
		if err := ready.remove(); err != nil {
			t.Error(err)
		}
	}
	for name, content := range map[string]string{"an empty file": "", "one of a killed run": "http://127.0.0.1:1\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := ready.prepare(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := readyFile(t.TempDir()).prepare(t.Context()); err == nil {
		t.Error("a folder is taken for a ready file")
	}
	none := readyFile("")
	if err := errors.Join(none.prepare(t.Context()), none.write("http://127.0.0.1:4155"), none.remove()); err != nil {
		t.Error(err)
	}
}

// TestShellQuoting has a real shell read what env writes.
func TestShellQuoting(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"plain", "http://127.0.0.1:4155", "a b", "it's", `$(id) "x" \n`, "'", "é\ttab"} {
		script := exported{AccountSID: value}.shell("sh") + `printf %s "$TWILIO_ACCOUNT_SID"`
		got, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output()
		if err != nil || string(got) != value {
			t.Errorf("the shell reads %q for %q: %v", got, value, err)
		}
	}
	quoted := exported{AccountSID: "it's"}
	if text := quoted.shell("fish"); !strings.Contains(text, `set -gx TWILIO_ACCOUNT_SID 'it\'s'`) {
		t.Error(text)
	}
	if text := quoted.shell("powershell"); !strings.Contains(text, `$env:TWILIO_ACCOUNT_SID = 'it''s'`) {
		t.Error(text)
	}
}

// What another program answers counts as no emulator.
func TestStranger(t *testing.T) {
	t.Parallel()
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	if code, _, stderr := execute(t, nil, "clock", "show", "--url", stranger.URL); code != exitUnreachable {
		t.Errorf("exit code %d, want %d: %s", code, exitUnreachable, stderr)
	}
}
