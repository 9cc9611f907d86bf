package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"github.com/twilio/twilio-go/client"
)

// maxBody is the largest webhook that is read, the limit of Twilio's Functions: 6 MiB.
const maxBody = 6 << 20

// Handler is the webhook that the sandbox calls when a message comes in. It serves POST and GET on whatever path it is
// mounted at, and is safe for concurrent use. Make it with New.
type Handler struct {
	config    Config
	log       *slog.Logger
	signature signature
	twilio    *twilio
	working   sync.WaitGroup
}

// New makes a Handler, or says everything that is wrong with the configuration.
func New(config Config) (*Handler, error) {
	if config.Policy == "" {
		config.Policy = PolicyStandard
	}
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	publicURL, _ := absoluteURL(config.PublicURL)
	return &Handler{
		config:    config,
		log:       config.Logger,
		signature: signature{validator: client.NewRequestValidator(config.AuthToken), publicURL: publicURL},
		twilio:    newTwilio(config),
	}, nil
}

// ServeHTTP answers one webhook. What it does between is said in the package comment.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.receive(w, r).write(w)
}

// receive checks the request and hands it to the policy.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request) answer {
	if r.Method != http.MethodPost && r.Method != http.MethodGet {
		a := plain(http.StatusMethodNotAllowed, "use POST or GET")
		a.header = http.Header{"Allow": {"GET, POST"}}
		return a
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return plain(http.StatusRequestEntityTooLarge, "the request is larger than 6 MiB")
	}
	if err != nil {
		return plain(http.StatusBadRequest, "the request could not be read")
	}
	if !h.signature.valid(r, body) {
		h.log.Warn("webhook refused: X-Twilio-Signature is missing or wrong", "signed_url", redactQuery(h.signature.signedURL(r)))
		return forbidden
	}
	p, err := readParameters(r, body)
	if err != nil {
		return plain(http.StatusBadRequest, "the parameters are not correctly encoded")
	}
	h.working.Add(1)
	defer h.working.Done()
	if h.config.Policy == PolicyClassic {
		return h.classic(r.Context(), p)
	}
	return h.standard(r.Context(), p)
}

// Wait returns when nothing is queued or being worked on, or with the error of ctx.
func (h *Handler) Wait(ctx context.Context) error {
	idle := make(chan struct{})
	go func() {
		h.working.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close waits for what is being worked on, at most until ctx ends. Stop the server first, so that nothing new arrives.
func (h *Handler) Close(ctx context.Context) error {
	return h.Wait(ctx)
}
