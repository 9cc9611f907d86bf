package emulator_test

import (
	"errors"
	"testing"

	"github.com/twilio/twilio-go/client"
	conversations "github.com/twilio/twilio-go/rest/conversations/v1"

	"github.com/cloudforgot/cloudforgot/emulator"
	"github.com/cloudforgot/cloudforgot/emulator/whatsapp"
)

// An account may text groups, unless the switch group_texting takes it away.
func TestGroupTextingIsASwitch(t *testing.T) {
	t.Parallel()
	for _, enabled := range []bool{true, false} {
		switches := whatsapp.DefaultSwitches()
		switches.GroupTexting = enabled
		emu := emulator.RunT(t, emulator.Config{Switches: switches})
		api := conversations.NewApiServiceWithClient(emu.Requester())
		c, err := api.CreateConversation(nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = api.CreateConversationParticipant(*c.Sid, new(conversations.CreateConversationParticipantParams).
			SetMessagingBindingAddress("+15558675310"))
		var refused *client.TwilioRestError
		if enabled != (err == nil) || !enabled && (!errors.As(err, &refused) || refused.Code != 50452) {
			t.Errorf("with group texting %v a member of a group: %v", enabled, err)
		}
	}
}
