package conversations

import "github.com/cloudforgot/cloudforgot/emulator/store"

// deletedMessage stands where a message was, under the message's key.
type deletedMessage struct{}

var deletedMessages = store.NewTable[deletedMessage]("deleted_message")

// unreadMessages counts the messages above a read horizon; nil for none.
//
// Indexes are given out one after the other, so the count is a subtraction, whatever the conversation's length: of it the
// deleted messages above the horizon are taken away, each of which has left a document. So only a user who is behind in
// a conversation where many messages were deleted costs more than another.
func unreadMessages(tx store.Tx, c conversationDoc, horizon *int64) (*int64, error) {
	if horizon == nil {
		return nil, nil
	}
	unread := max(0, c.NextIndex-1-*horizon)
	if unread == 0 {
		return &unread, nil
	}
	above := store.Query{Prefix: store.Prefix(c.SID), From: store.Key(c.SID, store.OrdinalAfter(*horizon))}
	for _, err := range deletedMessages.Find(tx, above) {
		if err != nil {
			return nil, err
		}
		unread--
	}
	return &unread, nil
}
