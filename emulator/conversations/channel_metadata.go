package conversations

import (
	"context"

	"github.com/cloudforgot/cloudforgot/emulator/store"
)

// FetchChannelMetadata is the target of links.channel_metadata of a message. Twilio has such data for some channels only and
// publishes no form of it. The emulator has none: the error is 404/50530, or 404/20404 for an unknown message.
func (a *API) FetchChannelMetadata(ctx context.Context, scope Scope, conversation, messageSID string) error {
	return a.view(ctx, func(tx store.Tx) error {
		if _, _, err := a.message(tx, scope, conversation, messageSID); err != nil {
			return err
		}
		return errChannelMetadataNotFound
	})
}
