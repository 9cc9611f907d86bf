package bridge_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/gorilla/mux"

	"github.com/cloudforgot/cloudforgot/bridge"
)

// Mount the handler in a router of your own.
func Example() {
	handler, err := bridge.New(bridge.Config{
		AccountSID: "AC00000000000000000000000000000001",
		AuthToken:  "0123456789abcdef0123456789abcdef",
		FlowSID:    "FW00000000000000000000000000000001",
		PublicURL:  "https://example.com/hooks/whatsapp",
		Logger:     slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	router := mux.NewRouter()
	hooks := router.PathPrefix("/hooks").Subrouter()
	hooks.Handle("/whatsapp", handler).Methods(http.MethodPost, http.MethodGet)

	// Whoever is not Twilio is refused.
	answer := httptest.NewRecorder()
	router.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/hooks/whatsapp", nil))
	fmt.Println(answer.Code)

	// Stop the server first, then let the handler finish what it accepted.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	fmt.Println(handler.Close(ctx))
	// Output:
	// 403
	// <nil>
}
