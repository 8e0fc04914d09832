package oracle

import (
	"context"
	"crypto/md5" //nolint:gosec // the fingerprint of an API key is its MD5: docs.oracle.com apisigningkey.htm
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"

	"github.com/adsops/cloudtop/internal/cloud"
)

// signer adds a signature to requests, and knows on whose behalf.
type signer interface {
	// key returns the id and the private key that requests are signed with now.
	key(ctx context.Context) (id string, private *rsa.PrivateKey, err error)
	// whose returns the tenancy's OCID and the region to begin with.
	whose(ctx context.Context) (tenancy, region string, err error)
}

// heldKey satisfies the SDK's KeyProvider.
type heldKey struct {
	id      string
	private *rsa.PrivateKey
}

func (k heldKey) KeyID() (string, error)                  { return k.id, nil }
func (k heldKey) PrivateRSAKey() (*rsa.PrivateKey, error) { return k.private, nil }

// newSigning returns the turns to sign: for half of the processors. A signature takes a millisecond or more of one, and
// what the clouds answer meanwhile shall not queue behind fifty of them.
func newSigning() chan struct{} { return make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)) }

// sign dates and signs a request (docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm).
func (d *driver) sign(r *http.Request) error {
	id, private, err := d.signer.key(r.Context())
	if err != nil {
		return err
	}
	select {
	case d.signing <- struct{}{}:
		defer func() { <-d.signing }()
	case <-r.Context().Done():
		return cloud.Ended(r.Context(), name, "the signing of a call")
	}
	r.Header.Set("Date", d.now().UTC().Format(http.TimeFormat))
	return common.DefaultRequestSigner(heldKey{id, private}).Sign(r)
}

// readFile reads a file that the credential names.
type readFile func(path string) ([]byte, error)

// user signs with the API key of a user, or with a session token in place of the user.
type user struct {
	values  map[string]string
	private *rsa.PrivateKey
	read    readFile
	now     func() time.Time
}

// newUser checks a credential as far as it can be checked without a call.
func newUser(values map[string]string, read readFile, now func() time.Time) (*user, error) {
	private, err := privateKey(values, read)
	if err != nil {
		return nil, err
	}
	u := &user{values: values, private: private, read: read, now: now}
	if values["security_token_file"] != "" {
		_, err := u.token()
		return u, err
	}
	if values["user"] == "" {
		return nil, authError("the credential has neither a user nor a session token",
			"add user=ocid1.user... to the profile, or run: oci session authenticate")
	}
	got, err := fingerprint(private)
	if want := values["fingerprint"]; err == nil && !strings.EqualFold(got, want) {
		return nil, authError(fmt.Sprintf("the fingerprint %s is not that of the private key, which is %s", want, got),
			"set fingerprint to that of the key (console: your profile, API keys), or use the key that belongs to it")
	}
	return u, nil
}

func (u *user) key(context.Context) (string, *rsa.PrivateKey, error) {
	if u.values["security_token_file"] == "" {
		return strings.Join([]string{u.values["tenancy"], u.values["user"], u.values["fingerprint"]}, "/"), u.private, nil
	}
	token, err := u.token()
	return "ST$" + token, u.private, err
}

func (u *user) whose(context.Context) (tenancy, region string, err error) {
	return u.values["tenancy"], regionName(u.values["region"]), nil
}

// token reads the session token each time: `oci session refresh` writes a new one into the same file.
func (u *user) token() (string, error) {
	path := u.values["security_token_file"]
	data, err := u.read(path)
	if err != nil {
		return "", authError("the session token cannot be read: "+err.Error(), sessionHint(u.values["profile"]))
	}
	token := strings.TrimSpace(string(data))
	claims, err := claimsOf(token)
	if err != nil {
		return "", authError(path+" holds no session token: "+err.Error(), sessionHint(u.values["profile"]))
	}
	if end := time.Unix(claims.Exp, 0); claims.Exp > 0 && !u.now().Before(end) {
		return "", authError("the session token expired at "+end.UTC().Format(time.RFC3339), sessionHint(u.values["profile"]))
	}
	return token, nil
}

func sessionHint(profile string) string {
	if profile == "" {
		profile = defaultProfile
	}
	return "run: oci session authenticate --profile-name " + profile
}

// privateKey returns the key of private_key, else of the file that private_key_file names.
func privateKey(values map[string]string, read readFile) (*rsa.PrivateKey, error) {
	text, from := []byte(values["private_key"]), "the private key"
	if len(text) == 0 {
		path := values["private_key_file"]
		if path == "" {
			return nil, authError("the credential names no private key", "add key_file=... to the profile, or set OCI_CLI_KEY_FILE")
		}
		var err error
		if text, err = read(path); err != nil {
			return nil, authError("the private key cannot be read: "+err.Error(), "put the key there, or mend key_file in the profile")
		}
		from = path
	}
	pass := values["pass_phrase"]
	key, err := common.PrivateKeyFromBytes(text, &pass)
	switch {
	case err == nil && key != nil:
		return key, nil
	case strings.Contains(string(text), "ENCRYPTED") && pass == "":
		return nil, authError(from+" is encrypted, and there is no pass phrase", "add pass_phrase=... to the profile")
	case strings.Contains(string(text), "ENCRYPTED"):
		return nil, authError(from+" does not open with the pass phrase", "mend pass_phrase in the profile")
	}
	return nil, authError(from+" is no RSA private key in PEM form", "point key_file at the private key, not at the public one")
}

// fingerprint returns the fingerprint of an API key: the MD5 of its public key in DER form, as hex pairs.
func fingerprint(key *rsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", err
	}
	sum := md5.Sum(der) //nolint:gosec // see the import
	return colons(sum[:]), nil
}

// colons writes bytes as hex pairs with colons between them.
func colons(b []byte) string {
	pairs := make([]string, len(b))
	for i := range b {
		pairs[i] = hex.EncodeToString(b[i : i+1])
	}
	return strings.Join(pairs, ":")
}

// claims are what a token says of itself.
type claims struct {
	Exp       int64  `json:"exp"`        // seconds since 1970
	Tenant    string `json:"tenant"`     // OCID
	ResTenant string `json:"res_tenant"` // OCID of a resource principal's tenancy
	OpcTenant string `json:"opc-tenant"` // OCID
}

// tenancy returns the tenancy that a token is good for.
func (c claims) tenancy() string {
	for _, id := range []string{c.ResTenant, c.Tenant, c.OpcTenant} {
		if id != "" {
			return id
		}
	}
	return ""
}

// claimsOf reads a JSON web token without checking it: Oracle does.
func claimsOf(token string) (claims, error) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, errors.New("it has not three parts")
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return c, errors.New("its second part is not base64")
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, errors.New("its second part is not JSON")
	}
	return c, nil
}

func authError(detail, hint string) error {
	return &cloud.Error{Kind: cloud.KindAuth, Op: name + ": log in", Detail: detail, Hint: hint}
}
