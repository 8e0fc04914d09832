package gcp

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

const (
	tokenURI  = "https://oauth2.googleapis.com/token"
	grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
)

// signingKey is the private key of a service account. golang.org/x/oauth2 could sign as well, but knows neither our
// clock (simulated worlds have their own) nor the context of a call.
type signingKey struct {
	id, email, audience string
	key                 *rsa.PrivateKey
}

func newSigningKey(f *keyFile) (*signingKey, error) {
	k := &signingKey{id: f.PrivateKeyID, email: f.ClientEmail, audience: f.TokenURI}
	if k.audience == "" {
		k.audience = tokenURI
	}
	if !strings.HasPrefix(k.audience, "https://") || k.email == "" {
		return nil, errors.New("client_email is missing, or token_uri is no https address")
	}
	block, _ := pem.Decode([]byte(f.PrivateKey))
	if block == nil {
		return nil, errors.New("private_key is not PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return nil, errors.New("private_key is damaged")
		}
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok || key.Validate() != nil {
		return nil, errors.New("private_key is not a good RSA key")
	}
	k.key = key
	return k, nil
}

// assertion returns a signed JWT that asks for a token of an hour (RFC 7523; google.aip.dev/auth/4112). It is dated
// back ten seconds, for a clock that is a little ahead.
func (k *signingKey) assertion(now time.Time) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": k.id})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{
		"iss": k.email, "scope": cloudPlatform, "aud": k.audience,
		"iat": now.Add(-10 * time.Second).Unix(), "exp": now.Add(time.Hour - 10*time.Second).Unix(),
	})
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, k.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// signIn gets a token for the service account.
func (t *tokens) signIn(ctx context.Context) (token string, until time.Time, err error) {
	now := t.env.Now()
	assertion, err := t.key.assertion(now)
	if err != nil {
		return "", time.Time{}, &cloud.Error{Kind: cloud.KindAuth, Op: name + ": sign in", Detail: "sign with the service account's key", Err: err}
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"` // seconds
	}
	call := httpx.Call{
		Op: "sign in", Path: t.key.audience, Form: url.Values{"grant_type": {grantType}, "assertion": {assertion}},
	}
	if _, err := t.api.Do(httpx.Common(ctx), call, httpx.Into(&answer)); err != nil {
		return "", time.Time{}, err
	}
	if answer.AccessToken == "" {
		return "", time.Time{}, &cloud.Error{Kind: cloud.KindResponse, Op: name + ": sign in", Detail: "the answer has no access_token"}
	}
	return answer.AccessToken, now.Add(time.Duration(answer.ExpiresIn) * time.Second), nil
}
