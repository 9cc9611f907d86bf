package endtoend

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cloudforgot/cloudforgot/bridge"
	"github.com/cloudforgot/cloudforgot/bridge/internal/twiliotest"
	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue"
	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue/postgres"
	"github.com/cloudforgot/cloudforgot/bridge/sqlqueue/sqlite"
)

// The test's program is also the bridge that the tests run as a process: with childListen set it serves.
const (
	childListen = "ENDTOEND_LISTEN"
	childQueue  = "ENDTOEND_QUEUE"
	childAPI    = "ENDTOEND_API"
	childOrder  = "ENDTOEND_ORDER"
)

func TestMain(m *testing.M) {
	if os.Getenv(childListen) == "" {
		os.Exit(m.Run())
	}
	if err := runChild(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runChild is a bridge as cmd/bridge has it, until it is killed or told to stop.
func runChild() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	queue, err := openQueue(ctx, os.Getenv(childQueue))
	if err != nil {
		return err
	}
	defer queue.Close()
	h, err := bridge.New(bridge.Config{
		AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, FlowSID: twiliotest.FlowSID,
		APIURL: os.Getenv(childAPI), Order: bridge.Order(os.Getenv(childOrder)), PublicURL: publicURL, Queue: queue, RetryFor: 10 * time.Minute, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", os.Getenv(childListen))
	if err != nil {
		return err
	}
	web := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
	go func() { _ = web.Serve(listener) }()
	fmt.Println(listener.Addr())
	<-ctx.Done()
	closing, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return errors.Join(web.Shutdown(closing), h.Close(closing))
}

func openQueue(ctx context.Context, where string) (*sqlqueue.Queue, error) {
	if strings.HasPrefix(where, "postgres:") {
		return postgres.Open(ctx, where, twiliotest.AccountSID)
	}
	return sqlite.Open(ctx, where, twiliotest.AccountSID)
}

func sqliteFile(t *testing.T) string { return filepath.Join(t.TempDir(), "queue.db") }

// child is a bridge that runs as a process, and runs again after each kill.
type child struct {
	queue, api string
	order      bridge.Order

	mu      sync.Mutex
	address string // "": it does not run
	command *exec.Cmd
}

// start runs the process and waits until it listens. The address changes with every start, as a port may be taken.
func (c *child) start(t *testing.T) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childListen+"=127.0.0.1:0", childQueue+"="+c.queue, childAPI+"="+c.api, childOrder+"="+string(c.order))
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the bridge does not start: %v", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.command, c.address = command, strings.TrimSpace(address)
}

// end ends the process with a signal and waits for that.
func (c *child) end(t *testing.T, signal os.Signal) {
	t.Helper()
	c.mu.Lock()
	command := c.command
	c.address = ""
	c.mu.Unlock()
	if err := command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil && signal != os.Kill {
		t.Errorf("the bridge did not stop cleanly: %v", err)
	}
}

// url returns the URL of the webhook; "" while the process does not run.
func (c *child) url() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.address == "" {
		return ""
	}
	return "http://" + c.address + "/whatsapp"
}
