package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// setEnv gives the command a whole configuration by environment, and an empty working directory.
func setEnv(t *testing.T, values map[string]string) {
	t.Helper()
	all := map[string]string{"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "STUDIO_FLOW_SID": "FW1",
		"BRIDGE_LISTEN": "127.0.0.1:0", "BRIDGE_POLICY": "", "BRIDGE_PUBLIC_URL": "", "TWILIO_API_URL": "http://127.0.0.1:1"}
	for name, value := range values {
		all[name] = value
	}
	for name, value := range all {
		t.Setenv(name, value)
		if value == "" {
			os.Unsetenv(name)
		}
	}
	t.Chdir(t.TempDir())
}

func TestRefusals(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	tests := []struct {
		name string
		env  map[string]string
		args []string
		code int
		want string
	}{
		{"no flow", map[string]string{"STUDIO_FLOW_SID": ""}, nil, exitUsage, "STUDIO_FLOW_SID"},
		{"no credentials", map[string]string{"TWILIO_AUTH_TOKEN": ""}, nil, exitUsage, "TWILIO_AUTH_TOKEN"},
		{"unknown policy", nil, []string{"--policy", "strict"}, exitUsage, `"strict"`},
		{"unknown flag", nil, []string{"--polcy", "classic"}, exitUsage, "--polcy"},
		{"argument", nil, []string{"start"}, exitUsage, "start"},
		{"port in use", nil, []string{"--listen", listener.Addr().String()}, exitListen, "in use by another program"},
		{"wrong variable", map[string]string{"BRIDGE_WORKERS": "many"}, nil, exitUsage, "BRIDGE_WORKERS"},
		{"log format", nil, []string{"--log-format", "xml"}, exitUsage, `"xml"`},
		{"queue in a folder that is not there", nil, []string{"--queue", "missing/queue.db"}, exitUsage, "missing/queue.db"},
		{"no database", nil, []string{"--queue", "postgres://u:secret-word@127.0.0.1:1/x"}, exitUsage, "--queue"},
		{"webhook on a path of the bridge's own", nil, []string{"--public-url", "https://u:s3cr3t@b.example.com/readyz"}, exitUsage, "/readyz is the bridge's own"},
		{"deliveries on the same path", nil, []string{"--deliveries-url", "https://b.example.com/whatsapp"}, exitUsage, "path of its own"},
		{"deliveries on no path", nil, []string{"--deliveries-url", "https://b.example.com"}, exitUsage, "path of its own"},
		{"deliveries nowhere", nil, []string{"--deliveries-url", "/deliveries"}, exitUsage, "DeliveriesURL"},
		{"unknown order", nil, []string{"--order", "last"}, exitUsage, `"last"`},
		{"no address", nil, []string{"--listen", "nowhere"}, exitListen, "nowhere"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			setEnv(t, test.env)
			var stderr bytes.Buffer
			if code := run(t.Context(), test.args, io.Discard, &stderr); code != test.code || !strings.Contains(stderr.String(), test.want) ||
				strings.Contains(stderr.String(), "secret-word") {
				t.Errorf("exit code %d, stderr %q; want %d and %q", code, &stderr, test.code, test.want)
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	setEnv(t, nil)
	for _, arg := range []string{"--help", "--version"} {
		var stdout bytes.Buffer
		if code := run(t.Context(), []string{arg}, &stdout, io.Discard); code != exitOK || stdout.Len() == 0 {
			t.Errorf("%s: exit code %d, stdout %q", arg, code, &stdout)
		}
	}
}

func TestFlagOverEnvironmentOverFile(t *testing.T) {
	setEnv(t, map[string]string{"BRIDGE_POLICY": "standard", "STUDIO_FLOW_SID": "", "BRIDGE_PUBLIC_URL": ""})
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte("STUDIO_FLOW_SID=FWfile\nBRIDGE_POLICY=file\nBRIDGE_PUBLIC_URL=https://file.example.com/w\nBRIDGE_WORKERS=3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := &options{}
	flags := pflag.NewFlagSet("bridge", pflag.ContinueOnError)
	o.serving(flags)
	if err := flags.Parse([]string{"--public-url", "https://flag.example.com/w"}); err != nil {
		t.Fatal(err)
	}
	if err := o.readEnvironment(flags, file); err != nil {
		t.Fatal(err)
	}
	if o.flowSID != "FWfile" || o.policy != "standard" || o.publicURL != "https://flag.example.com/w" || o.workers != 3 {
		t.Errorf("options %+v", o)
	}
}

// TestDotEnvOfFunctions has the names that Twilio's Functions use in the file, and in the environment, where they are ignored.
func TestDotEnvOfFunctions(t *testing.T) {
	setEnv(t, map[string]string{"TWILIO_ACCOUNT_SID": "", "TWILIO_AUTH_TOKEN": "", "ACCOUNT_SID": "ACother", "AUTH_TOKEN": "other"})
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte("ACCOUNT_SID=ACfile\nAUTH_TOKEN=file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ file, sid, token string }{{file, "ACfile", "file"}, {file + ".missing", "", ""}} {
		o := &options{}
		if err := o.readEnvironment(pflag.NewFlagSet("bridge", pflag.ContinueOnError), test.file); err != nil {
			t.Fatal(err)
		}
		if o.accountSID != test.sid || o.authToken != test.token {
			t.Errorf("%s: %q, %q; want %q, %q", test.file, o.accountSID, o.authToken, test.sid, test.token)
		}
	}
}

// TestServeAndStop runs the whole command: it serves, refuses what is unsigned, and stops with code 0 when asked.
func TestServeAndStop(t *testing.T) {
	setEnv(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"--public-url", "https://bridge.example.com/hooks/in",
			"--deliveries-url", "https://bridge.example.com/hooks/deliveries"}, io.Discard, write)
		write.Close()
	}()
	base := waitForAddress(t, read)
	for _, path := range []string{"/whatsapp", "/hooks/in", "/hooks/deliveries"} {
		if got := post(t, base+path); got != http.StatusForbidden {
			t.Errorf("unsigned POST %s: %d, want 403", path, got)
		}
	}
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ready", "/metrics": `bridge_webhooks_total{status="403"} 2`} {
		if status, body := get(t, base+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET %s: %d %s, want %q in it", path, status, body, want)
		}
	}
	if got := post(t, base+"/other"); got != http.StatusNotFound {
		t.Errorf("POST /other: %d, want 404", got)
	}
	stop()
	select {
	case code := <-done:
		if code != exitOK {
			t.Errorf("exit code %d, want 0", code)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the bridge does not stop")
	}
}

// waitForAddress reads the log until it says where the bridge listens, and drains the rest.
func waitForAddress(t *testing.T, log io.Reader) string {
	t.Helper()
	listening := regexp.MustCompile(`webhook=(http://[^/]+)/whatsapp`)
	var seen []byte
	buffer := make([]byte, 512)
	for {
		n, err := log.Read(buffer)
		seen = append(seen, buffer[:n]...)
		if found := listening.FindSubmatch(seen); found != nil {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return string(found[1])
		}
		if err != nil {
			t.Fatalf("the bridge ended before it listened: %s", seen)
		}
	}
}

func post(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("From=x"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
