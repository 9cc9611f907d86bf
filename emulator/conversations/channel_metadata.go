package conversations

import (
	"context"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// FetchChannelMetadata is what links.channel_metadata of a message leads to. Twilio keeps such data for some channels
// only and publishes no form of it, so there is none here: 404/50530, or 404/20404 when there is no such message.
func (a *API) FetchChannelMetadata(ctx context.Context, scope Scope, conversation, messageSID string) error {
	return a.view(ctx, func(tx store.Tx) error {
		if _, _, err := a.message(tx, scope, conversation, messageSID); err != nil {
			return err
		}
		return errChannelMetadataNotFound
	})
}
