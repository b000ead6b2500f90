package export

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/assay-project/assay/internal/fault"
	"github.com/assay-project/assay/internal/org"
)

// LinkTime is how long a link is valid.
const LinkTime = time.Hour

// Links is the pattern of the paths of links, as http.ServeMux has them.
const Links = "/assay/v1/blobs/{account}/{report}/{number}"

// sign returns what proves that a link is one of ours, until a time.
func (e Exporter) sign(k Kept, expires int64) string {
	key := e.Store.Derive("links to reports")
	mac := hmac.New(sha256.New, key[:])
	fmt.Fprintf(mac, "%s/%s/%d until %d", k.Account, k.Report, k.Number, expires)
	return hex.EncodeToString(mac.Sum(nil))
}

// Link returns the path and the query by which anybody may load an object down
// that is kept here, within LinkTime.
func (e Exporter) Link(k Kept, now time.Time) string {
	expires := now.Add(LinkTime).Unix()
	query := url.Values{"expires": {strconv.FormatInt(expires, 10)}, "sig": {e.sign(k, expires)}}
	return fmt.Sprintf("/assay/v1/blobs/%s/%s/%d?%s", k.Account, k.Report, k.Number, query.Encode())
}

// Linked returns the object that a link names, by the values of its path, for
// Open. It is Denied if the link is none of ours or no longer valid.
func (e Exporter) Linked(value func(name string) string, query url.Values, now time.Time) (Kept, error) {
	k := Kept{Report: value("report")}
	var err1, err2, err3 error
	k.Account, err1 = org.ParseAccount(value("account"))
	k.Number, err2 = strconv.ParseInt(value("number"), 10, 64)
	expires, err3 := strconv.ParseInt(query.Get("expires"), 10, 64)
	if err1 != nil || err2 != nil || err3 != nil || !hmac.Equal([]byte(query.Get("sig")), []byte(e.sign(k, expires))) {
		return Kept{}, fault.New(fault.Denied, "The link is not valid.")
	}
	if now.Unix() > expires {
		return Kept{}, fault.New(fault.Denied, "The link was valid for an hour only. Ask for the report again.")
	}
	return k, nil
}
