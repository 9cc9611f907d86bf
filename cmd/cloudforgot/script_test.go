package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cloudforgot": main})
}

// TestScripts runs the command as a user does, in real processes. Each script begins without any variable of the command.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", "atexit_sleep_ms=20") // not a second, with so many processes
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready":    ready,
			"exits":    exits,
			"await":    await,
			"screen":   screen,
			"serve":    serve,
			"value":    value,
			"terminal": terminal,
		},
	})
}

// condition adds [free:ADDRESS], whether nothing listens there, and [component:PROGRAM], which CI must have.
func condition(name string) (bool, error) {
	if address, found := strings.CutPrefix(name, "free:"); found {
		listener, err := net.Listen("tcp", address)
		if err == nil {
			_ = listener.Close()
		}
		return err == nil, nil
	}
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
		for _, name := range []string{"PATH", "HOME", "TMPDIR", "GORACE", "CLOUDFORGOT_URL"} {
			c.Env = append(c.Env, name+"="+ts.Getenv(name))
		}
		return c
	}
	ts.Check(server("new-session", "-d", "-x", "140", "-y", "36", args[0]).Run())
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
// request is a line "METHOD From=... Body=..." of the file requests. With the text "hang" it answers nothing.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	log, err := os.Create(ts.MkAbs("requests"))
	ts.Check(err)
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(log, "%s From=%s Body=%s\n", r.Method, r.FormValue("From"), r.FormValue("Body"))
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
