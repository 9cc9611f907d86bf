package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/bridge"
)

const (
	webhookPath = "/whatsapp"
	// drainTime is how long a stop waits for what has been accepted.
	drainTime = 20 * time.Second
)

// server is the HTTP server around one handler.
type server struct {
	listen  string
	path    string // a second path of the webhook; "": none
	handler *bridge.Handler
	log     *slog.Logger
}

// serve answers webhooks until ctx ends, and then drains.
func serve(ctx context.Context, s server) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return &exitError{exitListen, explainListen(s.listen, err)}
	}
	router := mux.NewRouter()
	router.Handle(webhookPath, s.handler)
	if s.path != "" {
		router.Handle(s.path, s.handler)
	}
	web := &http.Server{
		Handler:           router,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	s.log.Info("listening", "webhook", "http://"+listener.Addr().String()+webhookPath)
	select {
	case err := <-failed:
		return &exitError{exitFailed, err}
	case <-ctx.Done():
	}
	return s.drain(web)
}

// drain stops taking webhooks, then waits for what was accepted.
func (s server) drain(web *http.Server) error {
	s.log.Info("stopping: finishing what was accepted", "at_most", drainTime)
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := errors.Join(web.Shutdown(ctx), s.handler.Close(ctx)); err != nil {
		return &exitError{exitFailed, fmt.Errorf("not everything was finished: %w", err)}
	}
	return nil
}

func explainListen(address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use by another program: stop that, or choose another address with --listen", address)
	}
	return fmt.Errorf("cannot listen on %s: %w", address, err)
}
