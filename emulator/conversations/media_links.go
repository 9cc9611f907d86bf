package conversations

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/cloudforgot/cloudforgot/emulator/store"
	"github.com/cloudforgot/cloudforgot/emulator/twilio"
)

// linkLife is how long a temporary link to a file works. Reference, Conversations API 5.5.
const linkLife = 300 * time.Second

// linkKeyPair names the key that signs links.
const linkKeyPair = "APKACLOUDFORGOT"

// MediaLink is what makes a link to a file work for a while without credentials: three parameters of its query.
type MediaLink struct {
	Expires   string // seconds since 1970
	Signature string
	KeyPairID string
}

// LinkMedia returns a link to a file of an account that works for 300 seconds of the emulator's clock.
func (a *API) LinkMedia(account Account, mediaSID string) MediaLink {
	expires := strconv.FormatInt(a.now().Add(linkLife).Unix(), 10)
	return MediaLink{Expires: expires, Signature: signLink(account, mediaSID, expires), KeyPairID: linkKeyPair}
}

// FetchLinkedMedia returns the file that a link leads to. The error is 403/20403 when the link is not LinkMedia's or is
// too old, and a 404 when the file is gone.
func (a *API) FetchLinkedMedia(ctx context.Context, mediaSID string, link MediaLink) (f MediaFile, err error) {
	err = a.view(ctx, func(tx store.Tx) error {
		if f, err = mediaWithContent(tx, mediaSID); err != nil {
			return err
		}
		account, err := accounts.Get(tx, f.AccountSID)
		if err != nil {
			return err
		}
		expires, err := strconv.ParseInt(link.Expires, 10, 64)
		valid := hmac.Equal([]byte(link.Signature), []byte(signLink(account, mediaSID, link.Expires)))
		switch {
		case err != nil || !valid || link.KeyPairID != linkKeyPair:
			return twilio.Forbidden("the signature of the link is not valid")
		case a.now().Unix() >= expires:
			return twilio.Forbidden("the link has expired")
		}
		return nil
	})
	if err != nil {
		return MediaFile{}, err
	}
	return f, nil
}

// signLink signs a link with the account's auth token, so that it works in every process on the same state.
func signLink(account Account, mediaSID, expires string) string {
	mac := hmac.New(sha256.New, []byte(account.AuthToken))
	mac.Write([]byte("media\n" + mediaSID + "\n" + expires))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
