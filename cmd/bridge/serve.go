package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cloudforgot/cloudforgot/bridge"
)

const (
	webhookPath = "/whatsapp"
	// drainTime limits the wait for running work when the program stops.
	drainTime = 25 * time.Second
	// readyTime bounds the answer of /readyz.
	readyTime = 3 * time.Second
)

// server is the HTTP server around one handler.
type server struct {
	listen     string
	path       string // a second path of the webhook; "": none
	deliveries string // the path of onDeliveryUpdated; "": none
	handler    *bridge.Handler
	log        *slog.Logger
	registry   *prometheus.Registry
}

// serve answers webhooks until ctx ends, and then drains.
func serve(ctx context.Context, s server) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return errors.Join(&exitError{exitListen, explainListen(s.listen, err)}, s.close(ctx))
	}
	web := &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(listener) }()
	s.log.Info("listening", "webhook", "http://"+listener.Addr().String()+webhookPath)
	select {
	case err := <-failed:
		return errors.Join(&exitError{exitFailed, err}, s.close(ctx))
	case <-ctx.Done():
	}
	s.log.Info("stopping: finishing what is being worked on", "at_most", drainTime)
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := errors.Join(web.Shutdown(stopping), s.handler.Close(stopping)); err != nil {
		return &exitError{exitFailed, fmt.Errorf("not everything was finished: %w", err)}
	}
	return nil
}

// close ends the handler where serving never began or broke off.
func (s server) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	return s.handler.Close(ctx)
}

func (s server) routes() http.Handler {
	router := mux.NewRouter()
	router.Handle(webhookPath, s.handler)
	if s.path != "" {
		router.Handle(s.path, s.handler)
	}
	if s.deliveries != "" {
		router.Handle(s.deliveries, s.handler.Deliveries())
	}
	router.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") }).Methods(http.MethodGet)
	router.HandleFunc("/readyz", s.ready).Methods(http.MethodGet)
	router.Handle("/metrics", promhttp.HandlerFor(s.registry, promhttp.HandlerOpts{})).Methods(http.MethodGet)
	return router
}

// ready answers 503 and why while the bridge cannot do its work.
func (s server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	if err := s.handler.Ready(ctx); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ready\n")
}

// ownPaths are the paths that the program itself answers.
var ownPaths = []string{"/healthz", "/readyz", "/metrics"}

// publicPath returns the path of the public URL where it differs from /whatsapp, so that a proxy need not rewrite it. A
// malformed URL is reported by bridge.New.
func publicPath(publicURL string) (string, error) {
	u, err := url.Parse(publicURL)
	switch {
	case err != nil || strings.Trim(u.Path, "/") == "" || u.Path == webhookPath:
		return "", nil //nolint:nilerr // bridge.New has the error
	case slices.Contains(ownPaths, u.Path):
		return "", fmt.Errorf("--public-url %q: %s is the bridge's own; give the webhook another path, e.g. %s", u.Redacted(), u.Path, webhookPath)
	}
	return u.Path, nil
}

// deliveriesPath returns the path of the URL for deliveries, which must not be used for anything else.
func deliveriesPath(deliveriesURL, publicPath string) (string, error) {
	if deliveriesURL == "" {
		return "", nil
	}
	u, err := url.Parse(deliveriesURL)
	if err != nil {
		return "", errors.New("--deliveries-url is malformed")
	}
	if strings.Trim(u.Path, "/") == "" || slices.Contains(append([]string{webhookPath, publicPath}, ownPaths...), u.Path) {
		return "", fmt.Errorf("--deliveries-url %q needs a path of its own, e.g. /deliveries", u.Redacted())
	}
	return u.Path, nil
}

func explainListen(address string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use by another program: stop that, or choose another address with --listen", address)
	}
	return fmt.Errorf("cannot listen on %s: %w", address, err)
}
