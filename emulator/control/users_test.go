package control_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/twilio/twilio-go/client"
	conversationsdk "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/control"
	"github.com/cloudforgot/cloudforgot/emulator/conversations"
)

// sdk returns twilio-go for the second account.
func sdk(emu *emulator.Server) *conversationsdk.ApiService {
	requester := &client.Client{Credentials: client.NewCredentials(second.SID, second.AuthToken), HTTPClient: emu.Client()}
	requester.SetAccountSid(second.SID)
	return conversationsdk.NewApiServiceWithClient(requester)
}

func TestCreateBinding(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	twilio := sdk(emu)
	service, err := twilio.CreateService((&conversationsdk.CreateServiceParams{}).SetFriendlyName("Other"))
	if err != nil {
		t.Fatal(err)
	}
	credential, err := twilio.CreateCredential((&conversationsdk.CreateCredentialParams{}).SetType("fcm").SetSecret("s"))
	if err != nil {
		t.Fatal(err)
	}
	phone := conversations.CreateBindingParams{Identity: "ada", Endpoint: "phone", BindingType: "FCM", CredentialSID: *credential.Sid}
	made := must[conversations.Binding](t)(c.CreateBinding(ctx, second.SID, control.NewBinding{ServiceSID: *service.Sid, CreateBindingParams: phone}))
	list, err := twilio.ListServiceBinding(*service.Sid, nil)
	if err != nil || len(list) != 1 || *list[0].Sid != made.SID || *list[0].Endpoint != "phone" || *list[0].BindingType != "fcm" ||
		len(*list[0].MessageTypes) != 3 {
		t.Errorf("twilio-go lists %+v, %v", list, err)
	}
	tab := conversations.CreateBindingParams{Identity: "ada", Endpoint: "tab", BindingType: "twilsock", MessageTypes: []string{"new_message", "new_message"}}
	made = must[conversations.Binding](t)(c.CreateBinding(ctx, second.SID, control.NewBinding{CreateBindingParams: tab}))
	if !slices.Equal(made.MessageTypes, []string{"new_message"}) || made.ChatServiceSID == *service.Sid || made.ChatServiceSID == "" {
		t.Errorf("in the default service: %+v", made)
	}
	pigeon, long, nowhere := tab, tab, control.NewBinding{ServiceSID: "IS1", CreateBindingParams: tab}
	pigeon.BindingType, long.Endpoint = "pigeon", strings.Repeat("ü", 1025)
	_, err = c.CreateBinding(ctx, second.SID, control.NewBinding{CreateBindingParams: pigeon})
	wantError(t, err, http.StatusBadRequest, "it must be apn, gcm, fcm or twilsock")
	_, err = c.CreateBinding(ctx, second.SID, control.NewBinding{CreateBindingParams: long})
	wantError(t, err, http.StatusBadRequest, "endpoint has 1025 characters")
	_, err = c.CreateBinding(ctx, second.SID, nowhere)
	wantError(t, err, http.StatusNotFound, `no Conversation Service "IS1"`)
}

func TestReportReachability(t *testing.T) {
	t.Parallel()
	emu, c, ctx := start(t)
	twilio := sdk(emu)
	user, err := twilio.CreateUser((&conversationsdk.CreateUserParams{}).SetIdentity("ada"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = twilio.UpdateServiceConfiguration(*user.ChatServiceSid, (&conversationsdk.UpdateServiceConfigurationParams{}).SetReachabilityEnabled(true))
	if err != nil {
		t.Fatal(err)
	}
	online, notifiable := true, false
	report := control.ReachabilityReport{Reachability: conversations.Reachability{Online: &online, Notifiable: &notifiable}}
	must[conversations.User](t)(c.ReportReachability(ctx, second.SID, "ada", report))
	user, err = twilio.FetchUser(*user.Sid)
	if err != nil || user.IsOnline == nil || !*user.IsOnline || user.IsNotifiable == nil || *user.IsNotifiable {
		t.Errorf("twilio-go fetches %+v, %v: want online and not notifiable", user, err)
	}
	online = false
	report = control.ReachabilityReport{ServiceSID: *user.ChatServiceSid, Reachability: conversations.Reachability{Online: &online}}
	changed := must[conversations.User](t)(c.ReportReachability(ctx, second.SID, *user.Sid, report))
	if *changed.IsOnline || *changed.IsNotifiable {
		t.Errorf("a second report made %+v", changed)
	}
	_, err = c.ReportReachability(ctx, second.SID, "nobody", report)
	wantError(t, err, http.StatusNotFound, `no user "nobody"`)
}
