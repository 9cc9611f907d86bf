// Package emulator is a Twilio account, or several, on your own machine: Conversations, the WhatsApp sandbox with its
// phones, and the webhooks, so that Twilio's SDKs work against it unchanged.
//
// In a test it is ready in process, without a port:
//
//	emu := emulator.RunT(t, emulator.Config{})
//	api := conversations.NewApiServiceWithClient(emu.Requester())  // twilio-go
//	emu.Control().Join(ctx, "+15558675310", emulator.DefaultJoinCode)
//
// There are two ways in and no third: Twilio's API ([Server.Requester], [Server.Client], or HTTP after [Server.Listen])
// and the control API ([Server.Control]), which is the phones, the clock, and all else that Twilio's API cannot do.
//
// What is not emulated answers as Twilio answers for something that does not exist (404 and 20404, or 405 and 20004) and
// is recorded as unhandled. The README lists what is emulated.
//
// This package only assembles: see package conversations for the rules, rest for Twilio's HTTP API, whatsapp for the
// sandbox, control for the control API, store for where the state is.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/clock"
	"github.com/cloudforgot/cloudforgot/emulator/content"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
	"github.com/cloudforgot/cloudforgot/emulator/outbox"
	"github.com/cloudforgot/cloudforgot/emulator/rest"
	restaccounts "github.com/cloudforgot/cloudforgot/emulator/rest/accounts"
	restcontent "github.com/cloudforgot/cloudforgot/emulator/rest/content"
	restconversations "github.com/cloudforgot/cloudforgot/emulator/rest/conversations"
	restmedia "github.com/cloudforgot/cloudforgot/emulator/rest/media"
	restmessaging "github.com/cloudforgot/cloudforgot/emulator/rest/messaging"
	reststudio "github.com/cloudforgot/cloudforgot/emulator/rest/studio"
	"github.com/cloudforgot/cloudforgot/emulator/sid"
	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/studio"
	"github.com/cloudforgot/cloudforgot/emulator/traffic"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// Server is an emulator. Make one with New or RunT.
type Server struct {
	// URL is the address of the emulator ("http://127.0.0.1:4155"), without trailing slash; empty before Listen.
	URL string

	config    Config
	memory    store.Store // to be written to through the outbox only
	outbox    *outbox.Outbox
	clock     *clock.Clock
	api       *conversations.API
	content   *content.API
	sandbox   *whatsapp.Sandbox
	studio    *studio.Studio
	traffic   *traffic.Log
	handler   http.Handler
	http      *http.Server
	inProcess http.RoundTripper // leads to http without a port

	mu      sync.Mutex // guards URL, unused, closed and settler
	unused  map[net.Conn]struct{}
	closed  bool
	settler []func(context.Context) error

	stopped chan struct{} // closed when Close begins
	closing sync.Once
}

// New returns an emulator that is ready for requests in process; Listen opens a port too. Close it when done. The error
// says what is wrong with the Config.
func New(c Config) (*Server, error) {
	c = c.withDefaults()
	if err := errors.Join(c.Clock.Validate(), c.Switches.Validate(), c.browsers().Validate()); err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	s := &Server{config: c, stopped: make(chan struct{}), unused: map[net.Conn]struct{}{}}
	var err error
	if s.memory, err = store.NewMemory(kinds()...); err != nil {
		return nil, err
	}
	s.clock = clock.New(c.Clock)
	sids := sid.NewSource(c.Seed)
	s.traffic = traffic.NewLog(traffic.Config{Keep: c.KeepTraffic, Now: s.clock.Now})
	s.outbox = outbox.New(outbox.Config{Store: s.memory, Clock: s.clock, Logger: c.Logger})
	s.addProducts(sids)
	s.handler = s.newHandler(sids)
	ctx := context.Background() // New's result outlives any
	if err := s.outbox.Update(ctx, s.addAccounts); err != nil {
		return nil, errors.Join(err, s.memory.Close())
	}
	s.outbox.Start(ctx)
	s.serve()
	return s, nil
}

// addProducts makes the rules of Twilio's products.
func (s *Server) addProducts(sids *sid.Source) {
	c, outside := s.config, s.traffic.RoundTripper(s.config.Transport)
	s.api = conversations.New(conversations.Config{Outbox: s.outbox, Clock: s.clock, SIDs: sids, Transport: outside,
		SharedSenders: []string{whatsapp.SandboxNumber}, KeepEvents: c.KeepEvents, Webhooks: c.Webhooks, Logger: c.Logger,
		HidesForeignSID: func(tx store.Tx) (bool, error) { return s.sandbox.HidesForeignSID(tx) },
		HasGroupTexting: func(tx store.Tx, accountSID string) (bool, error) { return s.sandbox.HasGroupTexting(tx, accountSID) },
		DeliveryTiming:  func(tx store.Tx) (outbox.Timing, error) { return s.sandbox.CallbackTiming(tx) },
		MayConfigure: func(tx store.Tx, accountSID, flowSID string) (bool, error) {
			return s.studio.MayConfigure(tx, accountSID, flowSID)
		}})
	s.content = content.New(content.Config{Store: s.outbox, Clock: s.clock, SIDs: sids, ApprovalTime: s.approvalTime})
	s.sandbox = whatsapp.New(whatsapp.Config{Outbox: s.outbox, Conversations: s.api, Content: s.content, Clock: s.clock, SIDs: sids,
		Transport: outside, MediaURL: s.mediaURL, Switches: c.Switches, Logger: c.Logger})
	s.studio = studio.New(studio.Config{Outbox: s.outbox, Conversations: s.api, Clock: s.clock, SIDs: sids, Switches: s.studioSwitches})
}

// newHandler puts Twilio's APIs and the control API behind one handler.
func (s *Server) newHandler(sids *sid.Source) http.Handler {
	c := s.config
	twilio := compressed(s.traffic.Handler(rest.New(rest.Config{Accounts: s.api, SIDs: sids, Browsers: c.browsers(), Logger: c.Logger},
		restconversations.New(s.api), restcontent.New(s.content), restmedia.New(s.api), restmessaging.New(s.sandbox, s.api), restaccounts.New(s.api), reststudio.New(s.studio))))
	controls := control.New(control.Config{Outbox: s.outbox, Conversations: s.api, Content: s.content, Sandbox: s.sandbox, Studio: s.studio, Traffic: s.traffic,
		Clock: s.clock, CreateAccount: s.createAccount, ClockChanged: s.keepClock, Settle: s.Settle, Reset: s.reset,
		URL: s.url, Version: c.Version, Browsers: c.browsers(), Stopped: s.stopped, Logger: c.Logger})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limitBody(w, r, c.BodyTimeout)
		if strings.HasPrefix(r.URL.Path, control.Prefix+"/") {
			controls.ServeHTTP(w, r)
			return
		}
		twilio.ServeHTTP(w, r)
	})
}

// ServeHTTP answers requests to Twilio's API and to the control API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Settle returns when nothing is under way or due: no request, webhook, delivery or flow, and nothing that they cause.
// Jobs for a later time of the clock do not count, nor does a request whose caller has stalled for a second.
func (s *Server) Settle(ctx context.Context) error {
	for {
		before := s.traffic.Seq()
		if err := s.outbox.Settle(ctx); err != nil {
			return err
		}
		if err := s.traffic.Idle(ctx); err != nil {
			return err
		}
		for _, wait := range s.settlers() {
			if err := wait(ctx); err != nil {
				return err
			}
		}
		if s.traffic.Seq() == before && len(s.traffic.UnderWay()) == 0 {
			return s.outbox.Settle(ctx)
		}
	}
}

// SettleWith makes Settle wait for something beside the emulator too, such as a bridge that works on after its answer.
// wait must return when nothing is under way there.
func (s *Server) SettleWith(wait func(context.Context) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settler = append(s.settler, wait)
}

// Activity counts what is under way at one moment, for a test that must know whether the emulator waits for somebody.
type Activity struct {
	// Jobs are those that are due or under way: webhooks, deliveries, flows, timers.
	Jobs int
	// ClockRuns says that the emulator's clock does not stand, so that time brings more of them.
	ClockRuns bool
	traffic.Activity
}

// Activity counts what is under way.
func (s *Server) Activity(ctx context.Context) (Activity, error) {
	jobs, err := s.outbox.Due(ctx)
	return Activity{jobs, s.clock.State().Frozen == nil, s.traffic.Activity()}, err
}

func (s *Server) settlers() []func(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settler
}

func (s *Server) url() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.URL
}

// mediaURL returns the base of the file URLs in webhooks.
func (s *Server) mediaURL() string {
	if url := s.url(); url != "" {
		return url
	}
	return "https://api.twilio.com" // in process: Client leads there
}

// studioSwitches are those of the switches that Studio looks at.
func (s *Server) studioSwitches(tx store.Tx) (studio.Switches, error) {
	set, err := s.sandbox.LookupSwitches(tx)
	return studio.Switches{CheckAtCreate: set.FlowExistsCheck == whatsapp.FlowCheckAtCreate, RefireAfterHandoff: set.StudioRefireAfterHandoff}, err
}

// approvalTime reads the switch template_approval, the time that WhatsApp takes to approve a template.
func (s *Server) approvalTime(tx store.Tx) (time.Duration, error) {
	set, err := s.sandbox.LookupSwitches(tx)
	return time.Duration(set.TemplateApproval), err
}
