package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cloudforgot/cloudforgot/emulator"
)

// update writes the texts anew that scripts compare with: go test ./cmd/cloudforgot -update.
var update = flag.Bool("update", false, "write what scripts compare with anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cloudforgot": main, "chat-alone": chatAlone})
}

// chatAlone is `cloudforgot chat --log-file log.txt` on a machine where no emulator runs: it looks for one at $ADDRESS, and
// not at the default address, which may be taken.
func chatAlone() {
	p := process{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, lookupEnv: os.LookupEnv}
	err := p.chat(context.Background(), chatFlags{url: &urlFlag{os.Getenv("ADDRESS")}, from: defaultPhone, logFile: "log.txt"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitCode(err))
	}
}

// TestScripts runs the command as a user does, in real processes. Each script begins without any variable of the command.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=20") // not a second, with so many processes
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready":    ready,
			"free":     free,
			"exits":    exits,
			"await":    await,
			"post":     post,
			"screen":   screen,
			"serve":    serve,
			"value":    value,
			"terminal": terminal,
		},
	})
}

// condition adds [component:PROGRAM], which CI must have.
func condition(name string) (bool, error) {
	program, found := strings.CutPrefix(name, "component:")
	if !found {
		return false, fmt.Errorf("unknown condition %s", name)
	}
	_, err := exec.LookPath(program)
	if err != nil && os.Getenv("CLOUDFORGOT_CI") != "" {
		return false, fmt.Errorf("%s is missing, and CLOUDFORGOT_CI is set: %w", program, err)
	}
	return err == nil, nil
}

// deadline is how long the scripts wait for anything; patience how often they look.
const (
	deadline = 30 * time.Second
	patience = 20 * time.Millisecond
)

// until polls a condition.
func until(ts *testscript.TestScript, what string, met func() bool) {
	timeout := time.After(deadline)
	tick := time.NewTicker(patience)
	defer tick.Stop()
	for !met() {
		select {
		case <-tick.C:
		case <-timeout:
			ts.Fatalf("after %s: %s", deadline, what)
		}
	}
}

// ready waits for a ready file: "ready FILE". $CLOUDFORGOT_URL is its content then, and $ADDRESS the host and port.
func ready(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	until(ts, path+" does not appear", func() bool { _, err := os.Stat(path); return err == nil })
	url, found := strings.CutSuffix(ts.ReadFile(path), "\n")
	address, isURL := strings.CutPrefix(url, "http://")
	if !found || !isURL || strings.Contains(url, "\n") {
		ts.Fatalf("the ready file holds %q, not one line with a URL", url)
	}
	ts.Setenv("CLOUDFORGOT_URL", url)
	ts.Setenv("ADDRESS", address)
}

// free finds an address where nothing listens: $ADDRESS, and $CLOUDFORGOT_URL is the URL there.
func free(ts *testscript.TestScript, _ bool, _ []string) {
	address, err := findAddress()
	ts.Check(err)
	ts.Setenv("ADDRESS", address)
	ts.Setenv("CLOUDFORGOT_URL", "http://"+address)
}

// exits runs a program that must end with an exit code: "exits CODE PROGRAM ARGS...".
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if failed := new(exec.ExitError); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// await waits until a file matches: "await FILE PATTERN".
func await(ts *testscript.TestScript, _ bool, args []string) {
	path, pattern := ts.MkAbs(args[0]), regexp.MustCompile(args[1])
	until(ts, args[0]+" does not match "+args[1], func() bool {
		content, err := os.ReadFile(path)
		return err == nil && pattern.Match(content)
	})
}

// terminal runs a shell command in a terminal of 140 by 36, the tmux at $WORK/tmux: "terminal COMMAND".
func terminal(ts *testscript.TestScript, _ bool, args []string) {
	server := func(arguments ...string) *exec.Cmd {
		c := exec.Command("tmux", append([]string{"-u", "-f", os.DevNull, "-S", ts.MkAbs("tmux")}, arguments...)...)
		c.Dir = ts.MkAbs(".")
		c.Env = []string{"LANG=C.UTF-8", "SHELL=/bin/sh"}
		for _, name := range []string{"PATH", "HOME", "TMPDIR", "GORACE", "CLOUDFORGOT_URL", "ADDRESS"} {
			c.Env = append(c.Env, name+"="+ts.Getenv(name))
		}
		return c
	}
	// The server outlives its sessions: a second terminal would find one that is just about to end.
	out, err := server("new-session", "-d", "-x", "140", "-y", "36", args[0], ";", "set-option", "-s", "exit-empty", "off").CombinedOutput()
	if err != nil {
		ts.Fatalf("tmux: %v: %s", err, out)
	}
	ts.Defer(func() { _ = server("kill-server").Run() }) // an error means that it has ended
}

// screen waits until the screen of the terminal matches: "screen PATTERN".
func screen(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[0])
	var last []byte
	defer func() { ts.Logf("the last screen:\n%s", bytes.TrimSpace(last)) }()
	until(ts, "the screen does not match "+args[0], func() bool {
		last, _ = exec.Command("tmux", "-u", "-S", ts.MkAbs("tmux"), "capture-pane", "-p").Output()
		return pattern.Match(last)
	})
}

// serve starts a web server that answers everything with a plain text: "serve TEXT". $INBOUND is its URL, and each
// request is a line of the file requests: method, path, and the parameters by name, each with a blank before and behind it.
// With the text "hang" it answers nothing.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	log, err := os.Create(ts.MkAbs("requests"))
	ts.Check(err)
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := r.Method + " " + r.URL.Path + " "
		_ = r.ParseForm() // what cannot be read is missing in the file
		for _, name := range slices.Sorted(maps.Keys(r.Form)) {
			line += name + "=" + r.Form.Get(name) + " "
		}
		fmt.Fprintln(log, line)
		if args[0] == "hang" {
			<-stop
			return
		}
		fmt.Fprint(w, args[0])
	}))
	ts.Defer(func() {
		close(stop)
		server.Close()
		_ = log.Close()
	})
	ts.Setenv("INBOUND", server.URL)
}

// post sends a message of the default account by Twilio's API: "post FORM [FILE]". What that answers goes into the file.
func post(ts *testscript.TestScript, _ bool, args []string) {
	url := ts.Getenv("CLOUDFORGOT_URL") + "/2010-04-01/Accounts/" + emulator.DefaultAccountSID + "/Messages.json"
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(args[0]))
	ts.Check(err)
	req.SetBasicAuth(emulator.DefaultAccountSID, emulator.DefaultAuthToken)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode != http.StatusCreated {
		ts.Fatalf("%s: %s", res.Status, body)
	}
	if len(args) > 1 {
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
	}
}

// value puts a value of a JSON document in a file into a variable: "value VARIABLE FILE KEY...". A key is the name of a
// field or the number of an element.
func value(ts *testscript.TestScript, _ bool, args []string) {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &v))
	for _, key := range args[2:] {
		switch container := v.(type) {
		case map[string]any:
			v = container[key]
		case []any:
			n, err := strconv.Atoi(key)
			ts.Check(err)
			if n >= len(container) {
				ts.Fatalf("there are %d elements", len(container))
			}
			v = container[n]
		}
		if v == nil {
			ts.Fatalf("there is no %q", key)
		}
	}
	ts.Setenv(args[0], fmt.Sprint(v))
}
