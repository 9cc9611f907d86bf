package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue/sqlite"
)

// deadQueue makes a queue in the working directory with dead letters SM1 and SM2.
func deadQueue(t *testing.T) {
	t.Helper()
	q, err := sqlite.Open(t.Context(), "bridge.db", "AC1")
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	data, err := json.Marshal(map[string]any{"Message": map[string]any{"Parameters": map[string][]string{"From": {"whatsapp:+15558675310"}, "Body": {"my words"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"SM1", "SM2"} {
		if _, err := q.Accept(t.Context(), bridge.Entry{Key: key, Lane: key, Accepted: time.Unix(1790000000, 0), Data: data}); err != nil {
			t.Fatal(err)
		}
		job, err := q.Lease(t.Context(), time.Minute)
		if err != nil || job == nil {
			t.Fatalf("Lease: %v, %v", job, err)
		}
		if err := q.Settle(t.Context(), job, bridge.Outcome{Status: bridge.StatusDead, Reason: "no hope for " + key}); err != nil {
			t.Fatal(err)
		}
	}
}

// command runs a command line and returns its exit code, stdout and stderr.
func command(t *testing.T, line string) (int, string, string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), strings.Fields(line), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestDeadLetters(t *testing.T) {
	setEnv(t, nil)
	deadQueue(t)
	steps := []struct {
		line string
		code int
		want []string // in stdout or stderr
		not  string
	}{
		{"dead list", exitOK, []string{"KEY", "SM1", "2026-09-21T14:13:20Z", "no hope for SM2"}, "my words"},
		{"dead list --bodies", exitOK, []string{"my words", "whatsapp:+15558675310"}, ""},
		{"dead list -o json", exitOK, []string{`"key": "SM1"`, `"attempts": 1`}, "my words"},
		{"dead list -o json --bodies", exitOK, []string{`"my words"`}, ""},
		{"dead list -o xml", exitUsage, []string{`"xml"`}, ""},
		{"dead replay", exitUsage, []string{"--all"}, ""},
		{"dead replay SM1 --all", exitUsage, []string{"--all"}, ""},
		{"dead replay SM9 SM1", exitFailed, []string{"1 replayed", "SM9: no dead letter"}, ""},
		{"dead list", exitOK, []string{"SM2"}, "SM1"},
		{"dead discard", exitUsage, []string{"discarded, or use --all"}, ""},
		{"dead discard SM1", exitFailed, []string{"0 discarded", "SM1: no dead letter"}, ""},
		{"dead replay --all", exitOK, []string{"1 replayed"}, ""},
		{"dead list", exitOK, []string{"no dead letters"}, ""},
		{"dead list --queue memory", exitUsage, []string{"memory"}, ""},
		{"dead bury", exitUsage, []string{"bury"}, ""},
	}
	for _, step := range steps {
		code, stdout, stderr := command(t, step.line)
		if code != step.code {
			t.Errorf("bridge %s: exit code %d, want %d; %s", step.line, code, step.code, stderr)
		}
		for _, want := range step.want {
			if !strings.Contains(stdout+stderr, want) {
				t.Errorf("bridge %s: no %q in %q %q", step.line, want, stdout, stderr)
			}
		}
		if step.not != "" && strings.Contains(stdout+stderr, step.not) {
			t.Errorf("bridge %s: %q in %q", step.line, step.not, stdout+stderr)
		}
	}
}

func TestDeadLettersAreDiscarded(t *testing.T) {
	setEnv(t, nil)
	deadQueue(t)
	for _, step := range []struct{ line, want, not string }{
		{"dead discard SM2", "1 discarded", "SM2:"},
		{"dead list --bodies", "SM1", "SM2"},
		{"dead discard --all", "1 discarded", "SM1:"},
		{"dead list", "no dead letters", "SM1"},
		{"dead discard --all", "0 discarded", "SM1"},
	} {
		code, stdout, stderr := command(t, step.line)
		if code != exitOK || !strings.Contains(stdout, step.want) || strings.Contains(stdout+stderr, step.not) {
			t.Errorf("bridge %s: exit code %d, %s%s", step.line, code, stdout, stderr)
		}
	}
}

func TestDeadNeedsTheAccount(t *testing.T) {
	setEnv(t, map[string]string{"TWILIO_ACCOUNT_SID": ""})
	if code, _, stderr := command(t, "dead list"); code != exitUsage || !strings.Contains(stderr, "TWILIO_ACCOUNT_SID") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestCheckCommand(t *testing.T) {
	twilio := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch _, token, _ := r.BasicAuth(); {
		case token != "token":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"code":20003,"message":"Authenticate","status":401}`)
		case r.URL.Path == "/studio/v2/Flows/FW1":
			_, _ = io.WriteString(w, `{"sid":"FW1","status":"published"}`)
		default:
			_, _ = io.WriteString(w, `{"services":[],"meta":{"key":"services"}}`)
		}
	}))
	t.Cleanup(twilio.Close)
	setEnv(t, map[string]string{"TWILIO_API_URL": twilio.URL})
	if code, stdout, stderr := command(t, "--check"); code != exitOK || strings.Count(stdout, "ok ") != 4 {
		t.Errorf("exit code %d, %q, %q; want four findings, all ok", code, stdout, stderr)
	}
	t.Setenv("TWILIO_AUTH_TOKEN", "wrong")
	if code, stdout, stderr := command(t, "--check"); code != exitUsage || !strings.Contains(stdout, "WRONG  credentials of AC1") || stderr == "" {
		t.Errorf("exit code %d, %q, %q; want wrong credentials", code, stdout, stderr)
	}
}
